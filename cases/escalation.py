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

from cases import (
    deadlines,
    disputes,
    feedback,
    items,
    notifications,
    shared,
    stages,
    supervision,
    workflow,
)
from cases.effects import ending, inspection, joint, sharing
from cases.models import (
    AT_WORK,
    OPEN,
    PAUSED,
    Case,
    CaseShare,
    Dispute,
    Finding,
    Level,
    Obligation,
    Severity,
    Supervision,
    Task,
)
from cases.moves import Action
from cases.stages import ENDS
from cases.supervision import Order
from governance import bulk, outbox, timers
from governance.models import Timer
from governance.outbox import Note
from governance.workcalendar import calendar

Judge = Callable[[Timer, Case], bool]
# What the clock of a stage needs of a case: a third of its columns, without its words.
NEEDED = (
    "number", "version", "state", "item", "street", "community", "district", "grid", "department",
    "handler", "stage_due_at", "level", "severity",
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
    return case.state in OPEN and case.stage_due_at is not None


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
        # with the moment: a ladder that was changed may remind a second time
        for note in to_whose_turn(
            case, "stage_remind", f"{case.version}:{timer.level}:{timer.due_at.isoformat()}"
        )
    ]
    record(lines, notes, now)
    return busy


def to_whose_turn(case: Case, kind: str, key: str) -> Iterator[Note]:
    assert case.stage_due_at is not None
    when = case.stage_due_at.isoformat()
    for user in notifications.reminded(case):
        yield notifications.note(case, kind, user, key, due=when)


@timers.handler("case.stage_overdue", _("阶段超期升级"))
def climb(due: list[Timer], now: datetime) -> set[int]:
    """Level 0 marks the case overdue; each level tells who answers there and starts the next."""
    live, busy = claim(due, of_this_stage)
    lines: list[Line] = []
    notes: list[Note] = []
    following: list[tuple[str, int, int, datetime]] = []
    reached: dict[int, list[int]] = defaultdict(list)
    orders: list[Order] = []
    for timer, case in live:
        made = rung(timer, case, now)
        lines += made[0]
        notes += made[1]
        following += made[2]
        reached[timer.level + 1].append(case.pk)
        orders += ordered_by_ladder(timer, case)
    for level, ids in sorted(reached.items()):  # of two steps at once the higher one stays
        Case.objects.filter(pk__in=ids).update(escalation=level)
    supervise(orders, lines, notes, now)
    record(lines, notes, now)
    timers.start_many(following)
    feedback.post_to_robots(reached_district(live), now)
    return busy


def reached_district(live: list[tuple[Timer, Case]]) -> Iterator[tuple[Case, str, str]]:
    """The cases whose ladder takes them to the district now."""
    for timer, case in live:
        steps = items.facts(case.item_id).steps
        if timer.level < len(steps) and steps[timer.level].to == Level.DISTRICT:
            yield case, "district", f"{case.version}:{timer.level}:{timer.pk}"


def ordered_by_ladder(timer: Timer, case: Case) -> list[Order]:
    """The supervision order that goes with this step of the ladder, if it may still be given."""
    steps = items.facts(case.item_id).steps
    severity = steps[timer.level].severity if timer.level < len(steps) else ""
    if case.state not in AT_WORK:  # what is done is not to be supervised, only to be told
        return []
    if not supervision.may_follow(severity, case.severity):
        return []
    case.severity = severity  # a second step in the same sweep follows this one
    return [Order(case, severity)]


def supervise(orders: list[Order], lines: list[Line], notes: list[Note], now: datetime) -> None:
    """Give the clock's orders: of two for one case only the higher one."""
    if not orders:
        return
    last = {order.case.pk: order for order in orders}
    supervision.give(list(last.values()), now)
    for order in last.values():
        case = order.case
        Case.objects.filter(pk=case.pk).update(severity=order.severity)
        lines.append(line(case, "supervise", now, severity=order.severity))
        key = f"{case.pk}:{now.isoformat()}:{order.severity}"
        notes += [
            notifications.note(case, "moved", user, key, action="supervise")
            for user in sorted({*notifications.supervised(case, {})})
        ]
    red = [order.case for order in last.values() if order.severity == Severity.RED]
    feedback.post_to_robots(
        [(case, "red", f"{case.version}:{now.isoformat()}") for case in red], now
    )


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
    """The promise concerns those whose turn it is and those who answer for the community; a broken
    one climbs by the item's ladder, as a stage does, until the case is closed."""
    live, busy = claim(due, of_the_promise, OF_PROMISE)
    lines: list[Line] = []
    notes: list[Note] = []
    following: list[tuple[str, int, int, datetime]] = []
    reached: dict[int, list[int]] = defaultdict(list)
    for timer, case in live:
        assert case.promise_due_at is not None
        when = case.promise_due_at.isoformat()
        people = {*notifications.whose_turn(case), *notifications.answerable(case, "community")}
        details: dict[str, object] = {}
        if kind == "promise_overdue":
            steps, above = items.facts(case.item_id).steps, timer.level + 1
            reached[above].append(case.pk)
            if above < len(steps):
                at = deadlines.after(case.promise_due_at, steps[above].after, calendar())
                following.append(("case.promise_overdue", case.pk, above, at))
            if 0 < timer.level < len(steps):
                details["level"] = level = steps[timer.level].to
                people = {*notifications.answerable(case, level)}
        lines.append(line(case, kind, now, **details))
        notes += [
            notifications.note(
                case, kind, user, f"{timer.level}:{timer.due_at.isoformat()}:{when}", due=when
            )
            for user in sorted(people)
        ]
    for above, ids in sorted(reached.items()):  # of two steps at once the higher one stays
        Case.objects.filter(pk__in=ids).update(promise_escalation=above)
    record(lines, notes, now)
    timers.start_many(following)
    return busy


@timers.handler(stages.RESUME, _("暂停到期恢复"))
def resume(due: list[Timer], now: datetime) -> set[int]:
    """A pause has come to its date: the case goes on by itself."""
    live, busy = claim(due, lambda timer, case: case.state in PAUSED, EVERYTHING)
    for _timer, case in live:
        workflow.take(case, Action.RESUME, by=None, now=now)
    return busy


@timers.handler(supervision.TIMER, _("督办逾期未回复"))
def unanswered(due: list[Timer], now: datetime) -> set[int]:
    """An order without a reply climbs; red goes on to the leaders of the district."""
    rows = {
        row.pk: row
        for row in Supervision.objects.filter(pk__in=[timer.subject_id for timer in due])
    }
    live, busy = claim_for(due, {pk: row.case_id for pk, row in rows.items()})
    lines: list[Line] = []
    notes: list[Note] = []
    orders: list[Order] = []
    posts: list[tuple[Case, str, str]] = []
    for timer, case in live:
        row = rows[timer.subject_id]
        # paused, it starts anew when the case goes on (supervision.resume)
        if row.replied_at or row.ended_at or case.state not in AT_WORK or case.state in PAUSED:
            continue
        lines.append(line(case, "supervision_due", now, severity=row.severity))
        key = f"{row.pk}"
        notes += [
            notifications.note(case, "supervision_due", user, key)
            for user in notifications.answerable(case, "street")
        ]
        above = supervision.above(case.severity or row.severity)
        if row.severity == case.severity and above:
            orders.append(Order(case, above))
        elif not above:
            notes += [
                notifications.note(case, "supervision_due", user, f"{key}:red")
                for user in notifications.answerable(case, "district")
            ]
            posts.append((case, "district", f"supervision:{row.pk}"))
    supervise(orders, lines, notes, now)
    record(lines, notes, now)
    feedback.post_to_robots(posts, now)
    return busy


def claim_for(
    due: list[Timer], case_of: dict[int, int]
) -> tuple[list[tuple[Timer, Case]], set[int]]:
    """As `claim`, for timers whose subject hangs on a case."""
    cases = Case.objects.select_for_update(skip_locked=True, of=("self",))
    free = cases.in_bulk({case_of[t.subject_id] for t in due if t.subject_id in case_of})
    known = [timer for timer in due if timer.subject_id in case_of]
    live = [(t, free[case_of[t.subject_id]]) for t in known if case_of[t.subject_id] in free]
    return live, {t.pk for t in known if case_of[t.subject_id] not in free}


@timers.handler(joint.TASK_TIMER, _("联办任务到期"))
def task_due(due: list[Timer], now: datetime) -> set[int]:
    """A called department has let a step of its task pass: a line, and word to both sides."""
    rows = {row.pk: row for row in Task.objects.filter(pk__in=[timer.subject_id for timer in due])}
    live, busy = claim_for(due, {pk: row.case_id for pk, row in rows.items()})
    lines: list[Line] = []
    notes: list[Note] = []
    for timer, case in live:
        task, step = rows[timer.subject_id], joint.STEPS[timer.level]
        if not task.is_open:
            continue
        lines.append(line(case, "task_due", now, department=task.department_id, step=step))
        told = {
            *notifications.called(case, {"department": task.department_id}),
            *notifications.callers(case, {}),
        }
        notes += [
            notifications.note(case, "task_due", user, f"{task.pk}:{timer.level}", step=step)
            for user in sorted(told)
        ]
    record(lines, notes, now)
    return busy


@timers.handler(inspection.RECHECK_TIMER, _("整改复查到期"))
def recheck_due(due: list[Timer], now: datetime) -> set[int]:
    rows = {
        row.pk: row for row in Finding.objects.filter(pk__in=[timer.subject_id for timer in due])
    }
    live, busy = claim_for(due, {pk: row.case_id for pk, row in rows.items()})
    lines: list[Line] = []
    notes: list[Note] = []
    for timer, case in live:
        finding = rows[timer.subject_id]
        if finding.is_mended:
            continue
        lines.append(line(case, "recheck_due", now, what=finding.what))
        told = {*notifications.whose_turn(case), *filter(None, [finding.found_by_id])}
        key = f"{finding.pk}:{finding.recheck_on}"
        notes += [notifications.note(case, "recheck_due", user, key) for user in sorted(told)]
    record(lines, notes, now)
    return busy


@timers.handler(sharing.SHARE_TIMER, _("事件共享到期"))
def share_ends(due: list[Timer], now: datetime) -> set[int]:
    """The permission that guardian carries goes with the share; nobody sees the case since its
    minute anyway (cases/shared.py)."""
    ids = [timer.subject_id for timer in due]
    case_of = dict(CaseShare.objects.filter(pk__in=ids).values_list("pk", "case_id"))
    live, busy = claim_for(due, case_of)
    claimed = [timer.subject_id for timer, _case in live]
    # read again: who holds the case may have given the share another end
    ended = CaseShare.objects.filter(pk__in=claimed, ended_at=None, until__lte=now)
    for row in ended.select_related("case"):
        shared.end(row, now)
    return busy


@timers.handler(ending.DISPUTE_TIMER, _("调解到期"))
def dispute_due(due: list[Timer], now: datetime) -> set[int]:
    """A mediation has come to its date without an end: its mediators are told."""
    rows = Dispute.objects.in_bulk([timer.subject_id for timer in due])
    live, busy = claim_for(due, {pk: row.case_id for pk, row in rows.items()})
    lines: list[Line] = []
    notes: list[Note] = []
    for timer, case in live:
        if not case.dispute_open:
            continue
        lines.append(line(case, "dispute_due", now))
        key = str(timer.subject_id)
        notes += to_mediators(rows[timer.subject_id], case, "dispute_due", key)
    record(lines, notes, now)
    return busy


@timers.handler(disputes.OBLIGATION_TIMER, _("协议履行到期"))
def obligation_due(due: list[Timer], now: datetime) -> set[int]:
    """The day of a promise has come: somebody is to go and see whether it was kept."""
    found = Obligation.objects.select_related("dispute")
    rows = found.in_bulk([timer.subject_id for timer in due])
    live, busy = claim_for(due, {pk: row.dispute.case_id for pk, row in rows.items()})
    lines: list[Line] = []
    notes: list[Note] = []
    for timer, case in live:
        row = rows[timer.subject_id]
        if row.fulfilled_at is not None:
            continue
        lines.append(line(case, "obligation_due", now))
        key = f"{row.pk}:{timer.due_at:%Y%m%d}"  # it comes again while it is not kept
        notes += to_mediators(row.dispute, case, "obligation_due", key)
    record(lines, notes, now)
    return busy


def to_mediators(dispute: Dispute, case: Case, kind: str, key: str) -> list[Note]:
    people = disputes.to_tell(dispute, case)
    return [notifications.note(case, kind, user, key) for user in people]
