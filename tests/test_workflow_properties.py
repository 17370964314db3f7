"""Whatever moves are made by whom and when: one state, clocks that follow from what is stored,
timers that match the state, and a history that leads to where the case stands."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import needs, stages, workflow
from cases.errors import NotAllowed
from cases.models import PAUSED, Case, PromiseMove, State
from cases.moves import BY_ACTION, MOVES, Move
from governance import actor, clock, reference, timers
from governance.models import Timer, User
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY, WAY, create_case, create_item, move

CAST = (
    *("clerk", "dispatcher", "supervisor", "leader", "handler", "department_lead"),
    *("grid_worker", "police_handler"),
)
# Which of the moves that anybody is offered, and how many minutes later than the one before.
STEPS = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from((0, 1, 47, 480, 1500, 9000))),
    min_size=5,
    max_size=25,
)
STARTS = st.sampled_from(sorted(WAY))


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(start=STARTS, steps=STEPS, satisfied=st.booleans())
def test_any_sequence_of_allowed_moves_keeps_the_invariants(
    world: World, start: str, steps: list[tuple[int, int]], *, satisfied: bool
) -> None:
    reference.forget()
    with transaction.atomic():
        walk(world, start, steps, satisfied=satisfied)
        transaction.set_rollback(True)
    reference.forget()


def walk(world: World, start: str, steps: list[tuple[int, int]], *, satisfied: bool) -> None:
    shift_clock(to=MONDAY)
    create_item(department=world.sanitation, joint=(world.police,), dispatch="manual")
    case = create_case(world, state=start, reporter_phone="13812345678")
    for which, minutes in steps:
        shift_clock(by=timedelta(minutes=minutes))
        timers.sweep()
        with actor.acting(None, "test"):
            case = step(Case.objects.get(pk=case.pk), which, satisfied=satisfied)
            for every in Case.objects.all():
                check(every)


def step(case: Case, which: int, *, satisfied: bool) -> Case:
    """One of the moves that somebody is offered, or nothing."""
    now = clock.now()
    people = User.objects.filter(username__in=CAST).order_by("pk")
    offered: list[tuple[User | None, Move]] = [
        (by, row) for by in people for row in workflow.allowed(case, by, now)
    ]
    offered += [(None, row) for row in of_the_resident(case, now)]
    if not offered:
        return case
    by, row = offered[which % len(offered)]
    given = {"satisfied": satisfied} if row.action == "rate" else {}
    before = (case.version, case.state)
    try:
        return move(case, row.action, by=by, now=now, **given)
    except NotAllowed:  # a rule about what was given, such as a date that has passed
        case = Case.objects.get(pk=case.pk)
        assert (case.version, case.state) == before
        return case


def of_the_resident(case: Case, now: datetime) -> list[Move]:
    """What who reported may do on the page of the case: urge, reply, rate."""
    rows = [BY_ACTION[action] for action in ("urge", "reply", "rate")]
    return [
        row
        for row in rows
        if case.state in row.source
        and not any(needs.unmet(need, case, None, now) for need in row.needs)
    ]


def check(case: Case) -> None:
    """The invariants of one case."""
    stands = case.state in PAUSED
    open_pauses = case.pauses.filter(ended_at=None).count()
    assert open_pauses == stands
    running = Timer.objects.open().filter(subject_id=case.pk)
    assert running.filter(kind="case.resume").count() == stands
    follows(case)
    if case.stage_due_at is None:
        assert not running.filter(kind__in=stages.STAGE_TIMERS).exists()
    else:
        # the ladder of the test's item has three rungs
        climbing = running.filter(kind="case.stage_overdue").count()
        assert climbing == (case.escalation < 3), (case.state, case.escalation)
    if stands or case.state in stages.ENDS or case.first_closed_at is not None:
        assert not running.filter(kind__in=stages.PROMISE_TIMERS).exists() or rework(case)
    tasks = case.tasks.filter(reported_at=None, excused_at=None).count()
    assert tasks == case.tasks_open
    assert case.findings.exclude(is_mended=True).count() == case.findings_open
    assert case.leaves.filter(decided_at=None).count() == bool(case.leave)
    open_orders = case.assignments.open().count()
    assert open_orders <= 1
    if case.state in {State.DISPATCHED, State.HANDLING}:
        assert open_orders == 1
    replays(case)


def rework(case: Case) -> bool:
    return case.rework_count > 0


def follows(case: Case) -> None:
    """Elapsed is wall time without the pauses, in working time: the deadline is what the limit, its
    beginning, the pauses and the dates granted make of it."""
    assert stage_due(case) == case.stage_due_at, case.state
    if case.promise_due_at is not None and case.state not in PAUSED and stages.promise_runs(case):
        assert promise_due(case) == case.promise_due_at, case.state
    if case.first_closed_at is not None:
        judged = case.promise_due_at
        assert case.promise_kept == (judged is None or case.first_closed_at <= judged)


# The deadlines once more, by counting minutes; nothing here asks the code under test -------------

ZONE = ZoneInfo("Asia/Shanghai")
DAWN = datetime(2026, 3, 2, tzinfo=ZONE)
OFFICE = [(time(8, 30), time(12)), (time(13, 30), time(17, 30))]
Decided = list[tuple[int, int]]  # the minute of the decision, and the date that it set


def minute_of(moment: datetime) -> int:
    return round((moment - DAWN) / timedelta(minutes=1))


def moment_of(minute: int) -> datetime:
    return DAWN + timedelta(minutes=minute)


def working_minutes() -> list[int]:
    """Each minute in which somebody works, for ten months from the first Monday of March."""
    found: list[int] = []
    for n in range(300):
        day = DAWN.date() + timedelta(days=n)
        for begin, end in OFFICE if chinese_calendar.is_workday(day) else ():
            opens, closes = (datetime.combine(day, at, ZONE) for at in (begin, end))
            found += range(minute_of(opens), minute_of(closes))
    return found


WORKING = working_minutes()


def minutes_between(begin: int, end: int) -> int:
    return bisect_left(WORKING, end) - bisect_left(WORKING, begin)


def minutes_of(began: datetime, amount: int, unit: str) -> int:
    """The working minutes of a limit; days end at the close of business."""
    if unit == "working_hours":
        return 60 * amount
    assert unit == "working_days", unit
    day = began.astimezone(ZONE).date()
    for _n in range(amount):
        day += timedelta(days=1)
        while not chinese_calendar.is_workday(day):
            day += timedelta(days=1)
    close = minute_of(datetime.combine(day, OFFICE[-1][1], ZONE))
    return minutes_between(minute_of(began), close)


def counted_down(began: datetime, left: int, pauses: list[range], decided: Decided) -> datetime:
    """Minute by minute: one less for each in which somebody works and the clock runs; a decision
    sets anew what is left."""
    decided, due = sorted(decided), -1
    for minute in WORKING[bisect_left(WORKING, minute_of(began)) :]:
        while decided and decided[0][0] <= minute:
            at, until = decided.pop(0)
            left, due = minutes_between(at, until), -1
        if due < 0 and not any(minute in pause for pause in pauses):
            left -= 1
            due = minute + 1 if left == 0 else -1
        if due >= 0 and not decided:
            return moment_of(due)
    raise AssertionError("it is never due")


def paused(case: Case, since: datetime) -> list[range]:
    rows = case.pauses.filter(began_at__gte=since, ended_at__isnull=False)
    spans = rows.values_list("began_at", "ended_at")
    return [range(minute_of(begin), minute_of(end)) for begin, end in spans if end]


def stage_due(case: Case) -> datetime | None:
    began, amount = case.stage_began_at, case.stage_amount
    if amount is None or began is None or case.state not in WITH_A_CLOCK:
        return None
    granted = case.leaves.filter(kind="extension", granted=True, decided_at__gte=began)
    decided = [
        (minute_of(at), minute_of(until))
        for at, until in granted.values_list("decided_at", "until")
        if at
    ]
    left = minutes_of(began, amount, case.stage_unit)
    return counted_down(began, left, paused(case, began), decided)


WITH_A_CLOCK = [
    *("reported", "accepted", "referred", "dispatched", "handling", "joint", "finished"),
    *("verified", "closed"),
]


def promise_due(case: Case) -> datetime:
    assert case.promise_amount is not None
    began = case.reported_at
    moves = PromiseMove.objects.filter(case=case).values_list("at", "due_to")
    decided = [(minute_of(at), minute_of(to)) for at, to in moves]
    left = minutes_of(began, case.promise_amount, case.promise_unit)
    return counted_down(began, left, paused(case, began), decided)


def replays(case: Case) -> None:
    """Each line begins where the one before it ended; the last one ends where the case is; and the
    table knows every step."""
    state = ""
    for line in case.transitions.order_by("pk"):
        if line.action == "report" or (case.parent_id and not state):
            state = line.to_state
            continue
        assert line.from_state == state, (line.action, state)
        if line.action in BY_ACTION and line.from_state != line.to_state:
            row = BY_ACTION[line.action]
            others = {to for _when, to in row.unless}
            followed = line.details.get("main") is not None or line.by_id is None
            known = row.back or line.to_state in {row.to, *others} or followed
            assert known, (line.action, line.from_state, line.to_state)
        state = line.to_state
    assert not state or state == case.state


def test_every_state_of_the_table_is_reached_by_a_move() -> None:
    reached = {row.to for row in MOVES if row.to} | {to for row in MOVES for _w, to in row.unless}

    assert set(State) - reached == {State.REPORTED}
