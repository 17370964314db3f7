"""What a change of the calendar, of an item's limits or of a ladder moves: counted beforehand, and
moved afterwards, by the sweep. Pauses, extensions and dates that were decided are never lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, time

from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext_lazy as _

from cases import deadlines, items, service_clock, stages, suggestion_clock
from cases.escalation import EVERYTHING, claim, line, record
from cases.models import OPEN, PAUSED, Case, CaseQuerySet, Pause, Source, State
from governance import timers, workcalendar
from governance.models import Timer
from governance.workcalendar import Follower

CHUNK = 500
MOVED = (
    *("stage_warn_at", "stage_due_at", "stage_began_at", "escalation"),
    *("promise_due_at", "promise_first_at", "promise_escalation"),
)
# What the clocks of a case ask of it.
CLOCKS = (
    *("state", "item", "source", "reported_at", "rework_count", "stage_amount", "stage_unit"),
    *("stage_began_at", "stage_warn_at", "stage_due_at", "escalation"),
    *("promise_amount", "promise_unit", "promise_first_at", "promise_due_at"),
    *("promise_escalation", "first_closed_at"),
)


def with_clocks() -> CaseQuerySet:
    """A historical import has none."""
    return Case.objects.open().exclude(source=Source.IMPORT)


# The calendar changes ---------------------------------------------------------------------------


def moving() -> int:
    """How many open cases would have another due moment by the calendar as it is now."""
    touched = stages.touched()
    cases = with_clocks().exclude(state__in=PAUSED).only(*CLOCKS)
    return sum(stages.would_move(case, untouched=case.pk not in touched) for case in cases)


def recompute_all(now: datetime) -> None:
    """Every open case is to be computed again."""
    waiting = Timer.objects.open().filter(kind="case.recompute").values("subject_id")
    ids = with_clocks().exclude(pk__in=waiting).order_by("pk").values_list("pk", flat=True)
    timers.start_many(("case.recompute", pk, 0, now) for pk in ids)


workcalendar.FOLLOWERS["cases"] = Follower(_("在办事件"), moving, recompute_all)
workcalendar.FOLLOWERS["services"] = Follower(
    _("办理中的代办"), service_clock.moving, service_clock.recompute_all
)
workcalendar.FOLLOWERS["suggestions"] = Follower(
    _("待答复的建议"), suggestion_clock.moving, suggestion_clock.recompute_all
)


@timers.handler("case.recompute", _("重算时限"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    """The stage's and the promise's due moments by the calendar as it is now; both dates stand in
    the case's history. A stage that is no longer overdue comes down from its ladder."""
    live, busy = claim(due, lambda timer, case: case.state in OPEN, EVERYTHING)
    for _timer, case in live:
        recompute_case(case, now)
    return busy


def recompute_case(case: Case, now: datetime) -> None:
    """Move the deadlines of one locked case, if they move at all, and what hangs on them; reminders
    and rungs may move although the deadlines stay."""
    if case.state in PAUSED:
        return
    if moved := stages.refresh(case, now):
        case.save(update_fields=MOVED)
        record([line(case, "recompute", now, **moved)], [], now)
    retime(case, running_timers([case.pk])[case.pk], now)


# The limits of an item change -------------------------------------------------------------------

LIMITS = "item.limits"
DAY = "item.day"


def change_item(item_id: int, now: datetime) -> None:
    """The rows of an item are others: its open cases follow, today and on each day on which one of
    its rows begins or ends."""
    timers.ensure(LIMITS, item_id, now)
    change_ladder([item_id], now)


def await_next_day(item_id: int, now: datetime) -> None:
    """Knock when the next row of an item, or of its ladder, begins or ends."""
    if coming := items.ahead(item_id, localdate(now)):
        timers.ensure(DAY, item_id, make_aware(datetime.combine(coming[0][0], time.min)))


@timers.handler(DAY, _("事项的新规定开始"))
def day_has_come(due: list[Timer], now: datetime) -> set[int]:
    # fired already: what waits for the day after next is a timer of its own
    Timer.objects.filter(pk__in=[timer.pk for timer in due]).update(fired_at=now)
    for timer in due:
        change_item(timer.subject_id, now)
    return set()


def to_move(item: items.ItemFacts) -> list[int]:
    """The cases whose stage has another limit than the item has, also one that stands still. A
    whistle has its own, and a date that was granted stays."""
    rows = with_clocks().filter(item=item.pk).exclude(state=State.JOINT)
    columns = ("pk", "state", "rework_count", "stage_amount", "stage_unit")
    found = list(rows.values_list(*columns))
    before = before_pause([pk for pk, state, *_rest in found if state in PAUSED])
    return [
        pk
        for pk, state, reworks, amount, unit in found
        if differs(limit_in(item, before.get(pk, state), reworks), amount, unit)
        if before.get(pk, state) in deadlines.STAGE_OF
    ]


def before_pause(ids: Collection[int]) -> dict[int, str]:
    """Case → the state that goes on when its pause ends."""
    rows = Pause.objects.filter(case__in=ids, ended_at=None)
    return dict(rows.values_list("case_id", "state"))


def limit_in(item: items.ItemFacts, state: str, reworks: int) -> items.Limit | None:
    return deadlines.limit_of(item, state, rework=bool(reworks))


def differs(limit: items.Limit | None, amount: int | None, unit: str) -> bool:
    return (limit.amount, limit.unit) != (amount, unit) if limit else amount is not None


@timers.handler(LIMITS, _("事项时限变更"))
def limits_changed(due: list[Timer], now: datetime) -> set[int]:
    """Give the stages of an item their new limits, a chunk at a time: pauses, extensions and the
    promise stay; a limit that is gone takes its overdue mark along."""
    left: set[int] = set()
    for timer in due:
        ids = to_move(items.facts(timer.subject_id))
        moved = free(ids)
        before = before_pause([case.pk for case in moved if case.state in PAUSED])
        for case in moved:
            relimit(case, before.get(case.pk, case.state), now)
        if len(moved) < len(ids):
            left.add(timer.pk)
    return left


def free(ids: list[int]) -> list[Case]:
    """The first of these cases, locked; not those in anybody's hands."""
    rows = Case.objects.select_for_update(skip_locked=True, of=("self",))
    return list(rows.filter(pk__in=ids[:CHUNK]))


def relimit(case: Case, state: str, now: datetime) -> None:
    """Give a case its limit of the state that runs, or goes on after the pause: then the clock,
    which stands still, is set by it when it does."""
    limit = limit_in(items.facts(case.item_id), state, case.rework_count)
    stages.set_limit(case, limit)
    moved = {} if case.state in PAUSED else stages.refresh_stage(case, now)
    case.save(update_fields=[*MOVED, "stage_amount", "stage_unit"])
    record([line(case, "relimit", now, **moved)], [], now)


# A ladder changes -------------------------------------------------------------------------------

LADDER = "item.ladder"
RUNGS = ("case.stage_overdue", "case.promise_overdue")
BY_LADDER = ("case.stage_remind", "case.promise_remind", *RUNGS)
Key = tuple[str, int, datetime]


def change_ladder(item_ids: Collection[int], now: datetime) -> None:
    """The ladder of these items is another: the timers of their open cases follow."""
    for item_id in sorted(item_ids):
        timers.ensure(LADDER, item_id, now)
        await_next_day(item_id, now)


def to_retime(item_ids: Collection[int], now: datetime) -> dict[int, Case]:
    """The cases of these items whose reminders ahead or next rung are not those of the ladder."""
    rows = with_clocks().filter(item__in=item_ids).exclude(state__in=PAUSED).only(*CLOCKS)
    cases = {case.pk: case for case in rows}
    running, touched = running_timers(cases), stages.touched()
    return {
        pk: case
        for pk, case in cases.items()
        if by_ladder(case, now, untouched=pk not in touched)
        != {key for key in running[pk] if key[2] > now or key[0] in RUNGS}
    }


def running_timers(ids: Collection[int]) -> dict[int, dict[Key, int]]:
    """Case → what its ladder set going → the timer."""
    rows = Timer.objects.open().filter(subject_id__in=list(ids), kind__in=BY_LADDER)
    found: dict[int, dict[Key, int]] = defaultdict(dict)
    for pk, subject_id, kind, level, at in rows.values_list(
        "pk", "subject_id", "kind", "level", "due_at"
    ):
        found[subject_id][kind, level, at] = pk
    return found


def by_ladder(case: Case, now: datetime, *, untouched: bool = False) -> set[Key]:
    """The timers that the ladder wants of a case now."""
    clock = stages.stage_clock(case, untouched=untouched)
    rows = stages.ahead(case, clock, now) if clock else []
    if stages.promise_runs(case):
        rows += stages.promise_ahead(case, now)
    return {(kind, level, at) for kind, _pk, level, at in rows}


@timers.handler(LADDER, _("升级阶梯变更"))
def ladder_changed(due: list[Timer], now: datetime) -> set[int]:
    """Set the reminders and the next rung of an item's open cases anew, a chunk at a time; what was
    reached already stays."""
    left: set[int] = set()
    for timer in due:
        ids = sorted(to_retime([timer.subject_id], now))
        moved = free(ids)
        running = running_timers([case.pk for case in moved])
        for case in moved:
            retime(case, running[case.pk], now)
        if len(moved) < len(ids):
            left.add(timer.pk)
    return left


def retime(case: Case, running: dict[Key, int], now: datetime) -> None:
    wanted = by_ladder(case, now)
    gone = [pk for key, pk in running.items() if key not in wanted]
    Timer.objects.filter(pk__in=gone).update(cancelled_at=now)
    new = sorted(wanted - running.keys())
    timers.start_many((kind, case.pk, level, at) for kind, level, at in new)
