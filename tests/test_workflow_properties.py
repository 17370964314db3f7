"""Whatever moves are made by whom and when: one state, clocks that follow from what is stored,
timers that match the state, and a history that leads to where the case stands."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import stages, workflow
from cases.errors import NotAllowed
from cases.models import PAUSED, Case, State
from cases.moves import BY_ACTION, MOVES
from governance import clock, reference, timers
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
    max_examples=60,
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
        case = step(Case.objects.get(pk=case.pk), which, satisfied=satisfied)
        for every in Case.objects.all():
            check(every)


def step(case: Case, which: int, *, satisfied: bool) -> Case:
    """One of the moves that somebody is offered, or nothing."""
    now = clock.now()
    people = User.objects.filter(username__in=CAST).order_by("pk")
    offered = [(by, row) for by in people for row in workflow.allowed(case, by, now)]
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


def check(case: Case) -> None:
    """The invariants of one case."""
    paused = case.state in PAUSED
    open_pauses = case.pauses.filter(ended_at=None).count()
    assert open_pauses == paused
    running = Timer.objects.open().filter(subject_id=case.pk)
    assert running.filter(kind="case.resume").count() == paused
    follows(case)
    if case.stage_due_at is None:
        assert not running.filter(kind__in=stages.STAGE_TIMERS).exists()
    else:
        # the ladder of the test's item has three rungs
        climbing = running.filter(kind="case.stage_overdue").count()
        assert climbing == (case.escalation < 3), (case.state, case.escalation)
    if paused or case.state in stages.ENDS or case.first_closed_at is not None:
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
    clock = None if case.state in PAUSED else stages.stage_clock(case)
    assert (clock and clock.due_at) == case.stage_due_at, case.state
    if case.first_closed_at is not None:
        judged = case.promise_due_at
        assert case.promise_kept == (judged is None or case.first_closed_at <= judged)


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
