"""When a stage and the promise end, and how a clock looks: pure rules over the working calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _t

from cases.items import ItemFacts, Limit
from cases.models import Stage, State
from governance.workcalendar import Calendar

# The stage whose limit runs while a case is in a state; states not named here have no clock.
STAGE_OF: dict[str, Stage] = {
    State.REPORTED: Stage.ACCEPT,
    State.ACCEPTED: Stage.DISPATCH,
    State.DISPATCHED: Stage.SIGN,
    State.HANDLING: Stage.HANDLE,
    State.FINISHED: Stage.VERIFY,
}
YELLOW_PERCENT = 80  # facts.md: green to 80 %, yellow to 100 %, red beyond


@dataclass(frozen=True)
class Deadline:
    """A running clock: when it began, when it turns yellow, when it is due."""

    began_at: datetime
    warn_at: datetime
    due_at: datetime


def due_at(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    """The moment at which a limit that began at `start` (aware) ends."""
    return calendar.add(start, limit.amount, limit.unit)


def stage_deadline(
    item: ItemFacts, state: str, start: datetime, calendar: Calendar, *, rework: bool = False
) -> Deadline | None:
    """The clock that starts when a case enters `state`; None where the item sets no limit."""
    stage = STAGE_OF.get(state)
    if rework and stage == Stage.HANDLE:
        stage = Stage.REWORK
    limit = item.limit(stage) if stage else None
    return deadline(start, due_at(limit, start, calendar), calendar) if limit else None


def deadline(start: datetime, due: datetime, calendar: Calendar) -> Deadline:
    return Deadline(start, share(start, due, YELLOW_PERCENT, calendar), due)


def promise_due(item: ItemFacts, start: datetime, calendar: Calendar) -> datetime | None:
    """When what is promised to who reported at `start` is due; None where nothing is promised."""
    limit = item.limit(Stage.PROMISE)
    return due_at(limit, start, calendar) if limit else None


def reminders(item: ItemFacts, deadline: Deadline, calendar: Calendar) -> Iterator[datetime]:
    """When to remind: the ladder's shares of the limit's working time."""
    for percent in item.remind_percent:
        yield share(deadline.began_at, deadline.due_at, percent, calendar)


def share(start: datetime, due: datetime, percent: int, calendar: Calendar) -> datetime:
    """The moment by which that share of the span has passed.

    Of its working time, so that a week of holidays does not use it up; of plain time where the
    span lies wholly outside office hours, as an urgent one may.
    """
    working = calendar.worked(start, due)
    if not working:
        return start + (due - start) * percent / 100
    return calendar.after(start, working * percent / 100)


def climbs(item: ItemFacts, due: datetime, calendar: Calendar) -> list[tuple[datetime, str]]:
    """(when, level of unit) for each rung of the item's ladder, counted from the due moment."""
    return [(after(due, step.after, calendar), step.to) for step in item.steps]


def after(due: datetime, limit: Limit, calendar: Calendar) -> datetime:
    return due if not limit.amount else due_at(limit, due, calendar)


def light(warn_at: datetime | None, due: datetime | None, now: datetime) -> str:
    """Is "green", "yellow" from 80 % of the limit's working time on, "red" past due; "" without."""
    if due is None:
        return ""
    if now > due:
        return "red"
    return "yellow" if warn_at is not None and now >= warn_at else "green"


def left(due: datetime, now: datetime) -> str:
    """剩 2 天 3 小时 / 超期 40 分: as the page's script goes on counting."""
    minutes = int(abs(due - now).total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60
    if days:
        span = _t("%(d)d 天 %(h)d 小时") % {"d": days, "h": hours % 24}
    elif hours:
        span = _t("%(h)d 小时 %(m)d 分") % {"h": hours, "m": minutes % 60}
    else:
        span = _t("%(m)d 分") % {"m": minutes}
    return (_t("剩 %(t)s") if due >= now else _t("超期 %(t)s")) % {"t": span}


def kept(due: datetime | None, closed_at: datetime) -> bool | None:
    """Whether a promise was kept: closed no later than due; None without a promise."""
    return None if due is None else closed_at <= due
