"""The clock of a service request: its limit from acceptance, standing still while it waits."""

from __future__ import annotations

from datetime import datetime

from cases import deadlines
from cases.models import ServicePause, ServiceRequest, ServiceState
from cases.service_moves import RUNNING
from governance import timers
from governance.models import Timer
from governance.workcalendar import Calendar, calendar

OVERDUE, RECOMPUTE = "service.overdue", "service.recompute"


def due_moment(request: ServiceRequest, days: Calendar | None = None) -> datetime:
    """When an accepted request is due: its limit from acceptance, moved by the pauses since. Who
    asks for many gives the calendar."""
    assert request.accepted_at is not None
    assert request.limit_days is not None
    days = days or calendar()
    due = days.add(request.accepted_at, request.limit_days, request.limit_unit)
    since, ended = request.accepted_at, request.pauses.all()  # prefetched where it is of many
    pauses = [(p.began_at, p.ended_at) for p in ended if p.ended_at and p.began_at >= since]
    return deadlines.moved(due, request.limit_unit, sorted(pauses), (), days)


def run(request: ServiceRequest) -> None:
    """Let the clock run on, or begin."""
    request.due_at = due_moment(request)
    timers.start(OVERDUE, request.pk, request.due_at)


def recompute(request: ServiceRequest, now: datetime) -> None:
    """The due moment of a locked, running request by the calendar as it is now."""
    due = due_moment(request)
    if due != request.due_at:
        stop(request, now)
        run(request)
        request.save(update_fields=["due_at"])


def moving() -> int:
    """How many running requests would have another due moment by the calendar as it is now."""
    running = ServiceRequest.objects.filter(state__in=RUNNING, overdue_at=None)
    rows, days = running.prefetch_related("pauses"), calendar()
    return sum(due_moment(request, days) != request.due_at for request in rows)


def recompute_all(now: datetime) -> None:
    """Each running request by a timer of its own, as the cases are."""
    waiting = Timer.objects.open().filter(kind=RECOMPUTE).values("subject_id")
    running = ServiceRequest.objects.filter(state__in=RUNNING).exclude(pk__in=waiting)
    ids = running.order_by("pk").values_list("pk", flat=True)
    timers.start_many((RECOMPUTE, pk, 0, now) for pk in ids)


def stop(request: ServiceRequest, now: datetime) -> None:
    request.due_at = None
    timers.cancel([request.pk], [OVERDUE], now)


def resumed(request: ServiceRequest, now: datetime) -> ServiceState:
    """End the pause; the state that goes on."""
    pause = ServicePause.objects.get(request=request, ended_at=None)
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    return ServiceState(pause.state)
