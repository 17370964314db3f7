"""When a stage and the promise end, and how a clock looks: pure rules over the working calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _t

from cases.items import ItemFacts, Limit
from cases.models import Stage, State
from governance.workcalendar import Calendar, LimitUnit

# The stage whose limit runs while a case is in a state; states not named here have no clock.
STAGE_OF: dict[str, Stage] = {
    State.REPORTED: Stage.ACCEPT,
    State.ACCEPTED: Stage.DISPATCH,
    State.REFERRED: Stage.RULE,
    State.DISPATCHED: Stage.SIGN,
    State.HANDLING: Stage.HANDLE,
    State.JOINT: Stage.JOINT,
    State.FINISHED: Stage.VERIFY,
    State.VERIFIED: Stage.CLOSE,
    State.CLOSED: Stage.ANSWER,
}
YELLOW_PERCENT = 80  # where a place sets no other; facts.md: yellow to 100 %, red beyond


Span = tuple[datetime, datetime]
# "" is the unit of a promise whose moment another system had set.
WORKING = {LimitUnit.WORKING_HOURS, LimitUnit.WORKING_DAYS, ""}


@dataclass(frozen=True)
class Deadline:
    """A running clock: when it began, when it turns yellow, when it is due; and when it stood."""

    began_at: datetime
    warn_at: datetime
    due_at: datetime
    pauses: Sequence[Span] = ()


def due_at(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    """The moment at which a limit that began at `start` (aware) ends."""
    return calendar.add(start, limit.amount, limit.unit)


def limit_of(item: ItemFacts, state: str, *, rework: bool = False) -> Limit | None:
    """The item's limit for what a case in `state` waits for; None where it sets none."""
    stage = STAGE_OF.get(state)
    if rework and stage == Stage.HANDLE:
        stage = Stage.REWORK
    return item.limit(stage) if stage else None


def stage_deadline(
    item: ItemFacts, state: str, start: datetime, calendar: Calendar, *, rework: bool = False
) -> Deadline | None:
    """The clock that starts when a case enters `state`; None where the item sets no limit."""
    limit = limit_of(item, state, rework=rework)
    return deadline(start, due_at(limit, start, calendar), calendar) if limit else None


def deadline(
    start: datetime,
    due: datetime,
    calendar: Calendar,
    pauses: Sequence[Span] = (),
    *,
    yellow: int = YELLOW_PERCENT,
) -> Deadline:
    return Deadline(start, share(start, due, yellow, calendar, pauses), due, pauses)


def moved(
    due: datetime, unit: str, pauses: Sequence[Span], dates: Sequence[Span], calendar: Calendar
) -> datetime:
    """Where a due moment lies after what happened to it, in the order of time.

    `pauses` are (began, ended); `dates` are (when it was decided, the new due moment): a pause
    before the decision no longer moves it, one after it does.
    """
    happened = [(began, ended, None) for began, ended in pauses]
    decided = [(at, at, to) for at, to in dates]
    for began, ended, to in sorted([*happened, *decided], key=lambda event: event[0]):
        due = to or shifted(due, unit, began, ended, calendar)
    return due


def shifted(
    due: datetime, unit: str, began: datetime, ended: datetime, calendar: Calendar
) -> datetime:
    """A due moment after a pause: what was left when it began is left when it ends.

    Working limits keep their working time, the others plain time (natural days end on a working
    day, Civil Code art. 203). What was overdue already stays as it was.
    """
    if due <= began:
        return due
    if unit in WORKING:
        return calendar.after(ended, calendar.worked(began, due))
    later = due + (ended - began)
    if unit == LimitUnit.NATURAL_DAYS:
        return end_of(local_day(later, calendar), calendar)
    return later


def local_day(moment: datetime, calendar: Calendar) -> date:
    return moment.astimezone(calendar.zone).date()


def end_of(day: date, calendar: Calendar) -> datetime:
    """The close of business of a day, or of the next working day."""
    return calendar.close_of(day if calendar.spans(day) else calendar.next_working_day(day))


def opening_of(day: date, calendar: Calendar) -> datetime:
    """The moment at which work begins on a day, or on the next working day."""
    midnight = datetime.combine(day, time.min, calendar.zone)
    return next(calendar.stretches(midnight))[0]


def promise_due(item: ItemFacts, start: datetime, calendar: Calendar) -> datetime | None:
    """When what is promised to who reported at `start` is due; None where nothing is promised."""
    limit = item.limit(Stage.PROMISE)
    return due_at(limit, start, calendar) if limit else None


def reminders(item: ItemFacts, deadline: Deadline, calendar: Calendar) -> Iterator[datetime]:
    """When to remind: the ladder's shares of the limit's working time."""
    for percent in item.remind_percent:
        yield share(deadline.began_at, deadline.due_at, percent, calendar, deadline.pauses)


def share(
    start: datetime, due: datetime, percent: int, calendar: Calendar, pauses: Sequence[Span] = ()
) -> datetime:
    """The moment by which that share of the span has passed, the pauses left out.

    Of its working time, so that a week of holidays does not use it up; of plain time where the
    span lies wholly outside office hours, as an urgent one may.
    """
    going = list(between(start, due, pauses))
    working = [calendar.worked(began, ended) for began, ended in going]
    wanted = sum(working, timedelta()) * percent / 100
    if not wanted:
        return start + (due - start) * percent / 100
    for (began, _ended), span in zip(going, working, strict=True):
        if wanted <= span:
            return calendar.after(began, wanted)
        wanted -= span
    return due


def between(start: datetime, due: datetime, pauses: Sequence[Span]) -> Iterator[Span]:
    """The stretches from `start` to `due` in which the clock ran."""
    for began, ended in sorted(pauses):
        if began >= due:
            break
        yield start, began
        start = ended
    if start < due:
        yield start, due


def climbs(item: ItemFacts, due: datetime, calendar: Calendar) -> list[tuple[datetime, str]]:
    """(when, level of unit) for each rung of the item's ladder, counted from the due moment."""
    return [(after(due, step.after, calendar), step.to) for step in item.steps]


def after(due: datetime, limit: Limit, calendar: Calendar) -> datetime:
    return due if not limit.amount else due_at(limit, due, calendar)


def light(warn_at: datetime | None, due: datetime | None, now: datetime) -> str:
    """Is "green", "yellow" from the warning on, "red" past due; "" without."""
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
