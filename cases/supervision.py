"""督办 as rules: which order may follow which, by when it is answered, and what the clock gives.

facts.md "Cases": a record of its own with level, author, reason, deadline and reply; the same level
does not repeat, yellow does not follow red, cancelling resets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import PAUSED, Case, Severity, Supervision
from cases.regulations import regulation
from governance import timers
from governance.workcalendar import LimitUnit, calendar

TIMER = "case.supervision_due"
ORDER: Sequence[str] = Severity.values


def may_follow(severity: str, present: str) -> bool:
    """Whether an order of this level may be given to a case under `present` ("" for none)."""
    return severity in ORDER and (not present or ORDER.index(severity) > ORDER.index(present))


def may_rise(present: str) -> bool:
    """Whether there is a level above the present one."""
    return present != ORDER[-1]


def above(severity: str) -> str:
    """The next level; "" above red."""
    at = ORDER.index(severity) + 1
    return ORDER[at] if at < len(ORDER) else ""


def reply_due(now: datetime) -> datetime:
    return calendar().add(now, regulation().reply_hours, LimitUnit.WORKING_HOURS)


@dataclass(frozen=True)
class Order:
    """An order to be given to a locked case."""

    case: Case
    severity: str
    reason: str = ""
    by_id: int | None = None


def give(orders: Sequence[Order], now: datetime) -> None:
    """Write the orders and start the timers of their replies, those of a paused case when it goes
    on (`resume`). Sets each case's level, unsaved."""
    due = reply_due(now)
    rows = Supervision.objects.bulk_create(
        Supervision(
            case=order.case,
            severity=order.severity,
            by_id=order.by_id,
            at=now,
            reason=order.reason,
            due_at=due,
        )
        for order in orders
    )
    timers.start_many((TIMER, row.pk, 0, due) for row in rows if row.case.state not in PAUSED)
    for order in orders:
        order.case.severity = order.severity


def pause(case: Case, now: datetime) -> None:
    """The case stands still with leave, or waits for who reported: its orders do not climb."""
    rows = Supervision.objects.filter(case=case, replied_at=None, ended_at=None)
    timers.cancel(list(rows.values_list("pk", flat=True)), [TIMER], now)


def resume(case: Case, began: datetime, now: datetime) -> None:
    """After a pause that began then, what waited for a reply has as much working time left as it
    had; what was past due when it began has climbed already."""
    if not case.severity:
        return
    days = calendar()
    rows = list(
        Supervision.objects.filter(case=case, replied_at=None, ended_at=None, due_at__gt=began)
    )
    for row in rows:
        row.due_at = days.after(now, days.worked(max(began, row.at), row.due_at))
    Supervision.objects.bulk_update(rows, ["due_at"])
    timers.cancel([row.pk for row in rows], [TIMER], now)
    timers.start_many((TIMER, row.pk, 0, row.due_at) for row in rows)


def end(case: Case, now: datetime) -> None:
    """The orders are lifted, or the case has come to its close: no reply is waited for any more,
    and every level may be given again."""
    rows = Supervision.objects.filter(case=case, ended_at=None)
    timers.cancel(list(rows.values_list("pk", flat=True)), [TIMER], now)
    rows.update(ended_at=now)
    case.severity = ""
