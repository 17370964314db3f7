"""What happens to a case when its clocks run out: remind, mark overdue, climb level by level.

Handlers of the sweep: they work on sets, lock cases with SKIP LOCKED, and check again that the
timer still speaks of the case's present stage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import deadlines, items, notifications, workflow
from cases.models import AT_WORK, Case, Source
from cases.workflow import ENDS, PROMISE_TIMERS, STAGE_TIMERS
from governance import bulk, outbox, timers
from governance.models import Timer
from governance.outbox import Note
from governance.workcalendar import calendar

Judge = Callable[[Timer, Case], bool]
# What the clock of a stage needs of a case: a third of its columns, without its words.
NEEDED = (
    "number", "version", "state", "item", "street", "community", "district", "grid", "department",
    "handler", "stage_due_at",
)  # fmt: skip
EVERYTHING: tuple[str, ...] = ()
OF_PROMISE = (*NEEDED, "promise_due_at", "first_closed_at")


def claim(
    due: list[Timer], still: Judge, columns: tuple[str, ...] = NEEDED
) -> tuple[list[tuple[Timer, Case]], set[int]]:
    """Lock the timers' cases: (those that still hold, with their case), (ids of busy ones)."""
    subjects = {timer.subject_id for timer in due}
    cases = Case.objects.select_for_update(skip_locked=True, of=("self",)).only(*columns)
    free = cases.in_bulk(subjects)
    live = [
        (timer, free[timer.subject_id])
        for timer in due
        if timer.subject_id in free and still(timer, free[timer.subject_id])
    ]
    return live, {timer.pk for timer in due if timer.subject_id not in free}


def of_this_stage(timer: Timer, case: Case) -> bool:
    return case.state in AT_WORK and case.stage_due_at is not None


def late(case: Case, now: datetime) -> bool:
    """Past due: to remind of it would say less than what is said now."""
    return case.stage_due_at is not None and case.stage_due_at <= now


def of_the_promise(timer: Timer, case: Case) -> bool:
    running = case.state not in ENDS and case.first_closed_at is None
    return running and case.promise_due_at is not None


Line = tuple[Any, ...]
LINE = {
    "case_id": "bigint",
    "action": "varchar",
    "from_state": "varchar",
    "to_state": "varchar",
    "at": "timestamptz",
    "source": "varchar",
    "note": "text",
    "details": "jsonb",
}


def line(case: Case, action: str, now: datetime, **details: object) -> Line:
    return case.pk, action, case.state, case.state, now, "sweep", "", details


def record(lines: list[Line], notes: list[Note], now: datetime) -> None:
    bulk.insert("cases_transition", LINE, lines)
    outbox.tell(notes, now)


@timers.handler("case.stage_remind", _("阶段临期提醒"))
def remind(due: list[Timer], now: datetime) -> set[int]:
    live, busy = claim(due, lambda timer, case: of_this_stage(timer, case) and not late(case, now))
    lines = [line(case, "remind", now, level=timer.level) for timer, case in live]
    notes = [
        note
        for timer, case in live
        for note in to_whose_turn(case, "stage_remind", f"{case.version}:{timer.level}")
    ]
    record(lines, notes, now)
    return busy


def to_whose_turn(case: Case, kind: str, key: str) -> Iterator[Note]:
    assert case.stage_due_at is not None
    when = case.stage_due_at.isoformat()
    for user in notifications.whose_turn(case):
        yield notifications.note(case, kind, user, key, due=when)


@timers.handler("case.stage_overdue", _("阶段超期升级"))
def climb(due: list[Timer], now: datetime) -> set[int]:
    """Level 0 marks the case overdue; each level tells who answers there and starts the next."""
    live, busy = claim(due, of_this_stage)
    lines: list[Line] = []
    notes: list[Note] = []
    following: list[tuple[str, int, int, datetime]] = []
    reached: dict[int, list[int]] = defaultdict(list)
    for timer, case in live:
        made = rung(timer, case, now)
        lines += made[0]
        notes += made[1]
        following += made[2]
        reached[timer.level + 1].append(case.pk)
    for level, ids in sorted(reached.items()):  # of two steps at once the higher one stays
        Case.objects.filter(pk__in=ids).update(escalation=level)
    record(lines, notes, now)
    timers.start_many(following)
    return busy


Rung = tuple[list[Line], list[Note], list[tuple[str, int, int, datetime]]]


def rung(timer: Timer, case: Case, now: datetime) -> Rung:
    """What one step of the ladder writes: lines, messages, and the timer of the next step."""
    assert case.stage_due_at is not None
    steps = items.facts(case.item_id).steps
    when = case.stage_due_at.isoformat()
    # with the moment: a deadline that the calendar moved may run out a second time
    key = f"{case.version}:{timer.level}:{when}"
    lines: list[Line] = []
    notes: list[Note] = []
    if timer.level == 0:
        lines.append(line(case, "overdue", now))
        notes += to_whose_turn(case, "stage_overdue", key)
    if timer.level < len(steps):
        level = steps[timer.level].to
        lines.append(line(case, "escalate", now, level=level))
        notes += [
            notifications.note(case, "escalated", user, key, level=level, due=when)
            for user in notifications.answerable(case, level)
        ]
    above = timer.level + 1
    if above >= len(steps):
        return lines, notes, []
    at = deadlines.after(case.stage_due_at, steps[above].after, calendar())
    return lines, notes, [("case.stage_overdue", case.pk, above, at)]


@timers.handler("case.promise_remind", _("承诺临期提醒"))
def remind_of_promise(due: list[Timer], now: datetime) -> set[int]:
    return speak_of_promise(due, now, "promise_remind")


@timers.handler("case.promise_overdue", _("承诺超期"))
def promise_broken(due: list[Timer], now: datetime) -> set[int]:
    return speak_of_promise(due, now, "promise_overdue")


def speak_of_promise(due: list[Timer], now: datetime, kind: str) -> set[int]:
    """The promise concerns those whose turn it is and those who answer for the community."""
    live, busy = claim(due, of_the_promise, OF_PROMISE)
    lines = [line(case, kind, now) for _timer, case in live]
    notes = []
    for timer, case in live:
        assert case.promise_due_at is not None
        when = case.promise_due_at.isoformat()
        people = {*notifications.whose_turn(case), *notifications.answerable(case, "community")}
        notes += [
            notifications.note(case, kind, user, f"{timer.level}:{when}", due=when)
            for user in sorted(people)
        ]
    record(lines, notes, now)
    return busy


@timers.handler("calendar.recompute", _("日历变更"))
def calendar_changed(due: list[Timer], now: datetime) -> set[int]:
    """Every case at work is to be computed again, each by a timer of its own: one busy case must
    not hold up the others."""
    waiting = Timer.objects.open().filter(kind="case.recompute").values("subject_id")
    at_work = Case.objects.at_work().exclude(source=Source.IMPORT).exclude(pk__in=waiting)
    ids = at_work.order_by("pk").values_list("pk", flat=True)
    timers.start_many(("case.recompute", pk, 0, now) for pk in ids)
    return set()


@timers.handler("case.recompute", _("重算时限"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    """The stage's and the promise's due moments by the calendar as it is now; both dates stand in
    the case's history. A stage that is no longer overdue comes down from its ladder."""
    live, busy = claim(due, lambda timer, case: case.state in AT_WORK, EVERYTHING)
    for _timer, case in live:
        recompute_case(case, now)
    return busy


def recompute_case(case: Case, now: datetime) -> None:
    """Move the deadlines of one locked case and start their timers anew, if they move at all."""
    moved = recompute_stage(case, now) | recompute_promise(case, now)
    if not moved:
        return
    case.save(update_fields=["stage_warn_at", "stage_due_at", "promise_due_at", "escalation"])
    record([line(case, "recompute", now, **moved)], [], now)


Moved = dict[str, list[str]]


def recompute_stage(case: Case, now: datetime) -> Moved:
    item, days, old = items.facts(case.item_id), calendar(), case.stage_due_at
    began = case.stage_began_at or case.reported_at
    clock = deadlines.stage_deadline(item, case.state, began, days, rework=bool(case.rework_count))
    if clock is None or old is None or clock.due_at == old:
        return {}
    level = case.escalation if clock.due_at <= now else 0
    workflow.set_stage_clock(case, began, clock)
    case.escalation = level
    timers.cancel([case.pk], STAGE_TIMERS, now)
    ahead = [row for row in workflow.stage_timers(case, clock, item) if row[3] > now]
    timers.start_many(row for row in ahead if row[0] == "case.stage_remind")
    climbs = [clock.due_at, *(at for at, _to in deadlines.climbs(item, clock.due_at, days)[1:])]
    if level < len(climbs):
        timers.start("case.stage_overdue", case.pk, climbs[level], level=level)
    return {"stage_due": [old.isoformat(), clock.due_at.isoformat()]}


def recompute_promise(case: Case, now: datetime) -> Moved:
    """The promise moves until it is judged; then it is frozen."""
    old = case.promise_due_at
    if case.first_closed_at is not None or old is None:
        return {}
    new = deadlines.promise_due(promised_item(case), case.reported_at, calendar())
    if new is None or new == old:
        return {}
    case.promise_due_at = new
    timers.cancel([case.pk], PROMISE_TIMERS, now)
    workflow.start_promise(case, now)
    return {"promise_due": [old.isoformat(), new.isoformat()]}


def promised_item(case: Case) -> items.ItemFacts:
    """The item that the promise was made by: the one reported, whatever it was accepted as."""
    accepted = case.transitions.filter(action="accept").order_by("pk").first()
    return items.facts((accepted and accepted.details.get("item_before")) or case.item_id)
