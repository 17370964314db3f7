"""What happens to a service request when its clocks run out: word of it, and a visit to be made."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import service_clock, services
from cases.models import ServiceRequest, ServiceState
from cases.service_moves import OVERDUE, RUNNING
from governance import outbox, timers
from governance.models import Timer
from governance.outbox import Note


def claim(due: list[Timer]) -> tuple[list[ServiceRequest], set[int]]:
    """Lock the timers' requests: (the free ones, ids of the timers whose request is busy)."""
    rows = ServiceRequest.objects.select_for_update(skip_locked=True, of=("self",))
    free = rows.in_bulk({timer.subject_id for timer in due})
    return list(free.values()), {timer.pk for timer in due if timer.subject_id not in free}


@timers.handler(service_clock.OVERDUE, _("办事代办超期"))
def overdue(due: list[Timer], now: datetime) -> set[int]:
    """A line, and word to whose turn it is and to the lead of the grid station."""
    free, busy = claim(due)
    notes: list[Note] = []
    for request in free:
        if request.state not in RUNNING or request.due_at is None or request.due_at > now:
            continue
        when = request.due_at.isoformat()
        if request.overdue_at is None:
            request.overdue_at = request.due_at
            request.save(update_fields=["overdue_at"])
        services.write_line(request, OVERDUE, None, now, before=request.state, note="")
        told = {*services.whose_turn(request), *services.station_leads(request)}
        notes += [
            services.note(request, service_clock.OVERDUE, user, when, due=when)
            for user in sorted(told)
        ]
    outbox.tell(notes, now)
    return busy


@timers.handler(services.VISIT, _("办事代办回访"))
def visit(due: list[Timer], now: datetime) -> set[int]:
    """Some days after delivery: who took the mandate asks whether it helped. Where it is not
    archived yet, the department is reminded of that: no visit is written down before."""
    free, busy = claim(due)
    kinds = {
        ServiceState.DELIVERED: ("service.turn", services.whose_turn),
        ServiceState.ARCHIVED: (services.VISIT, services.entrusted),
    }
    notes = [
        services.note(request, kind, user, "visit")
        for request in free
        if request.state in kinds
        for kind, people in [kinds[ServiceState(request.state)]]
        for user in people(request)
    ]
    outbox.tell(notes, now)
    return busy


@timers.handler(service_clock.RECOMPUTE, _("重算代办期限"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    free, busy = claim(due)
    for request in free:
        if request.state in RUNNING and request.overdue_at is None:
            service_clock.recompute(request, now)
    return busy
