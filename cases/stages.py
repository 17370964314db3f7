"""The two clocks of a case as they run: started, stopped, paused, and computed again.

What a clock shows follows from what is stored: the limit as it was set, when it began, the pauses,
and the dates that were decided. So a change of the calendar, of a limit, of item or place loses
none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases import deadlines, items
from cases.deadlines import Deadline, Span
from cases.items import Limit
from cases.models import PAUSED, Case, Leave, LeaveKind, Pause, PromiseMove, Source, Stage, State
from cases.regulations import regulation
from governance import timers
from governance.workcalendar import calendar

STAGE_TIMERS = ("case.stage_remind", "case.stage_overdue")
PROMISE_TIMERS = ("case.promise_remind", "case.promise_overdue")
RESUME = "case.resume"
# States in which the promise no longer runs; of the stages only the answer does.
ENDS = (
    State.REFUSED,
    State.CLOSED,
    State.ANSWERED,
    State.ARCHIVED,
    State.JOINED,
)
Row = tuple[str, int, int, datetime]


def stage_of(case: Case) -> Stage | None:
    """The stage whose limit runs now."""
    stage = deadlines.STAGE_OF.get(case.state)
    return Stage.REWORK if stage == Stage.HANDLE and case.rework_count else stage


def enter(case: Case, now: datetime, *, historical: bool, limit: Limit | None = None) -> None:
    """Stop the clocks of the stage that ends, start those of the one that begins.

    `limit` stands in for the item's, as that of a whistle does. Once reworked, handling stays under
    the limit of rework, also after a return.
    """
    item = items.facts(case.item_id)
    limit = limit or deadlines.limit_of(item, case.state, rework=bool(case.rework_count))
    if case.source == Source.IMPORT and case.state == State.CLOSED:
        limit = None  # who reported it elsewhere was answered there
    clock = started(limit, now) if limit else None
    set_limit(case, limit)
    set_clock(case, now, clock)
    if historical:
        return
    stop(case, now)
    if clock:
        timers.start_many(stage_timers(case, clock, item))


def started(limit: Limit, now: datetime) -> Deadline:
    """The clock of a limit that begins now."""
    days = calendar()
    due = deadlines.due_at(limit, now, days)
    return deadlines.deadline(now, due, days, yellow=regulation().yellow_percent)


def stop(case: Case, now: datetime) -> None:
    """Cancel what no longer runs in the state that the case is in now."""
    ended = case.state in ENDS or case.state in PAUSED
    timers.cancel([case.pk], (*STAGE_TIMERS, *PROMISE_TIMERS) if ended else STAGE_TIMERS, now)


def set_limit(case: Case, limit: Limit | None) -> None:
    case.stage_amount = limit.amount if limit else None
    case.stage_unit = limit.unit if limit else ""


def set_clock(case: Case, began: datetime, clock: Deadline | None) -> None:
    case.stage_began_at = began
    case.stage_warn_at = clock.warn_at if clock else None
    case.stage_due_at = clock.due_at if clock else None
    case.escalation = 0


def stage_timers(case: Case, clock: Deadline, item: items.ItemFacts) -> Iterable[Row]:
    """The reminders of a stage and its overdue moment; higher rungs start when that one fires."""
    days = calendar()
    for level, at in enumerate(deadlines.reminders(item, clock, days)):
        yield "case.stage_remind", case.pk, level, at
    yield "case.stage_overdue", case.pk, 0, clock.due_at


# The promise ------------------------------------------------------------------------------------


def promise_ahead(case: Case, now: datetime) -> list[Row]:
    """The timers of the promise to who reported, counted from the report: the reminders that lie
    ahead, and the rung that comes next."""
    assert case.promise_due_at is not None
    item, days = items.facts(case.item_id), calendar()
    clock = deadlines.deadline(case.reported_at, case.promise_due_at, days)
    shares = enumerate(deadlines.reminders(item, clock, days))
    rows = [("case.promise_remind", case.pk, level, at) for level, at in shares if at > now]
    return rows + next_rung("case.promise_overdue", case, case.promise_escalation, clock.due_at)


def promise_runs(case: Case) -> bool:
    """Until the first close it can be kept, broken or moved; then it is frozen."""
    judged = case.first_closed_at is not None
    return not judged and case.promise_due_at is not None and case.state not in ENDS


# Pauses -----------------------------------------------------------------------------------------


def pause(case: Case, kind: str, before: str, until: datetime, now: datetime) -> None:
    """Let both clocks of a case, whose state is a paused one already, stand still."""
    Pause.objects.create(case=case, kind=kind, state=before, began_at=now, until=until)
    case.stage_warn_at = case.stage_due_at = None
    stop(case, now)
    timers.start(RESUME, case.pk, until)


def resume(case: Case, now: datetime) -> None:
    """End the pause and let the clocks go on; the case is in its former state already."""
    Pause.objects.filter(case=case, ended_at=None).update(ended_at=now)
    timers.cancel([case.pk], [RESUME], now)
    refresh(case, now, restart=True)


def before_pause(case: Case) -> State:
    """The state that goes on when the open pause ends."""
    return State(Pause.objects.get(case=case, ended_at=None).state)


# Computing again --------------------------------------------------------------------------------

Moved = dict[str, list[str]]


def refresh(case: Case, now: datetime, *, restart: bool = False) -> Moved:
    """Compute both clocks of a locked case anew and start the timers of what moved, or with
    `restart` all of them. Returns what moved, as {"stage_due": [old, new], "promise_due": [old,
    new]} in ISO form. Saves nothing of the case."""
    if case.state in PAUSED:
        return {}
    return refresh_stage(case, now) | refresh_promise(case, now, restart=restart)


def refresh_stage(case: Case, now: datetime) -> Moved:
    """A stage that is no longer overdue comes down from its ladder."""
    old, level = case.stage_due_at, case.escalation
    clock = stage_clock(case)
    if (clock and clock.due_at) == old and case.stage_warn_at is not None:
        return {}
    set_clock(case, case.stage_began_at or case.reported_at, clock)
    timers.cancel([case.pk], STAGE_TIMERS, now)
    if clock is None:
        return {"stage_due": [old.isoformat(), ""]} if old else {}
    case.escalation = level if clock.due_at <= now else 0
    timers.start_many(ahead(case, clock, now))
    return {"stage_due": [old.isoformat() if old else "", clock.due_at.isoformat()]}


def ahead(case: Case, clock: Deadline, now: datetime) -> list[Row]:
    """The timers of a running stage by its ladder: the reminders that lie ahead, and the rung that
    comes next."""
    of_stage = stage_timers(case, clock, items.facts(case.item_id))
    rows = [row for row in of_stage if row[0] == "case.stage_remind" and row[3] > now]
    return rows + next_rung("case.stage_overdue", case, case.escalation, clock.due_at)


def next_rung(kind: str, case: Case, level: int, due: datetime) -> list[Row]:
    """The timer of the level that hears next of a deadline that `level` of them have heard of."""
    rungs = deadlines.climbs(items.facts(case.item_id), due, calendar())
    moments = [due, *(at for at, _to in rungs[1:])]
    return [(kind, case.pk, level, moments[level])] if level < len(moments) else []


def would_move(case: Case, *, untouched: bool) -> bool:
    """Whether `refresh` would move a clock of this case, which is not to be saved; `untouched` says
    that it had no pause, extension or moved promise, so that none is asked for."""
    if case.state in PAUSED:
        return False
    clock, promised = stage_clock(case, untouched=untouched), case.promise_due_at
    if (clock and clock.due_at) != case.stage_due_at:
        return True
    return promise_runs(case) and compute_promise(case, untouched=untouched) != promised


def touched() -> set[int]:
    """The cases at work whose clocks were moved by a pause, an extension or a decision."""
    at_work = Case.objects.at_work().values("pk")
    rows = (
        Pause.objects.all(),
        Leave.objects.filter(kind=LeaveKind.EXTENSION, granted=True),
        PromiseMove.objects.all(),
    )
    return {
        pk
        for found in rows
        for pk in found.filter(case__in=at_work).values_list("case_id", flat=True)
    }


def stage_clock(case: Case, *, untouched: bool = False) -> Deadline | None:
    """The clock of the running stage, as what is stored about it says."""
    if case.stage_amount is None or case.state not in deadlines.STAGE_OF:
        return None
    days, began = calendar(), case.stage_began_at or case.reported_at
    first = days.add(began, case.stage_amount, case.stage_unit)
    pauses = [] if untouched else pauses_since(case, began)
    dates = [] if untouched else extensions_since(case, began)
    due = deadlines.moved(first, case.stage_unit, pauses, dates, days)
    return deadlines.deadline(began, due, days, pauses, yellow=regulation().yellow_percent)


def pauses_since(case: Case, began: datetime) -> list[Span]:
    rows = Pause.objects.filter(case=case, began_at__gte=began, ended_at__isnull=False)
    return [(start, end) for start, end in rows.values_list("began_at", "ended_at") if end]


def extensions_since(case: Case, began: datetime) -> list[Span]:
    """(decided at, new due moment) of the extensions granted in this stage."""
    rows = Leave.objects.filter(
        case=case, kind=LeaveKind.EXTENSION, granted=True, decided_at__gte=began
    )
    return [(at, until) for at, until in rows.values_list("decided_at", "until") if at]


def refresh_promise(case: Case, now: datetime, *, restart: bool = False) -> Moved:
    """The promise moves until it is judged; then it is frozen. One that is no longer broken comes
    down from its ladder."""
    old = case.promise_due_at
    if old is None or not promise_runs(case):
        return {}
    new = compute_promise(case)
    if restart or new != old:
        timers.cancel([case.pk], PROMISE_TIMERS, now)
        if new > now:
            case.promise_escalation = 0
        timers.start_many(promise_ahead(case, now))
    return {"promise_due": [old.isoformat(), new.isoformat()]} if new != old else {}


def compute_promise(case: Case, *, untouched: bool = False) -> datetime:
    """Set the promise of a case that has one to what its limit, the pauses and the recorded moves
    make of it; returns the moment."""
    assert case.promise_due_at is not None
    days, first = calendar(), case.promise_first_at or case.promise_due_at
    if case.promise_amount is not None:
        first = days.add(case.reported_at, case.promise_amount, case.promise_unit)
    moves = PromiseMove.objects.filter(case=case).order_by("at").values_list("at", "due_to")
    dates = [] if untouched else list(moves)
    pauses = [] if untouched else pauses_since(case, case.reported_at)
    new = deadlines.moved(first, case.promise_unit, pauses, dates, days)
    case.promise_due_at = new
    case.promise_first_at = first if new != first else None
    return new


def move_promise(
    case: Case, to: datetime, *, by_id: int | None, reason: str, now: datetime
) -> None:
    """Give a running promise another date, with its reason; both dates are kept."""
    assert case.promise_due_at is not None
    PromiseMove.objects.create(
        case=case,
        at=now,
        by_id=by_id,
        reason=reason,
        due_from=case.promise_due_at,
        due_to=to,
    )
    refresh_promise(case, now)
