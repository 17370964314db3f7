"""Units change; their open cases follow in the background, the closed ones stay as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import access, disputes, workflow
from cases.models import Assignment, Case, CaseUnitPermission, State, Task
from governance import clock, following, timers, units
from governance.models import Message, Timer, Unit, UnitChange, User
from tests.areas import draw, place, square
from tests.builders import World, create_unit, create_user, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser


def change(world: World, **fields: object) -> UnitChange:
    return UnitChange(
        effective=clock.today(), reason="区划调整", decided_by=world.system_admin, **fields
    )


def merge(world: World, unit: Unit, into: Unit) -> None:
    units.decide(change(world, kind="merge", unit=unit, into=into), clock.now())
    follow()


def split(world: World, unit: Unit, *names: str, children: list[list[int]] | None = None) -> None:
    parts = [
        {"name": name, "children": given}
        for name, given in zip(names, children or [[] for _ in names], strict=True)
    ]
    units.decide(change(world, kind="split", unit=unit, parts=parts), clock.now())
    follow()


def follow() -> None:
    """The sweep knocks until nothing is left to move."""
    for _ in range(4):
        timers.sweep()
        shift_clock(by=timedelta(seconds=10))


def anew(user: User) -> User:
    """The user as the next request finds them."""
    return User.objects.get(pk=user.pk)


def told(user: User) -> list[str]:
    return list(Message.objects.filter(recipient=user).values_list("kind", flat=True))


def chain(case: Case) -> tuple[int | None, int | None, int | None]:
    case.refresh_from_db()
    return case.street_id, case.community_id, case.grid_id


def test_open_cases_follow_a_grid_that_moves(world: World) -> None:
    open_case = create_case(world, state=State.HANDLING)
    closed = create_case(world, state=State.ANSWERED)

    row = change(world, kind="move", unit=world.grid, into=world.other_community)
    units.decide(row, clock.now())
    timers.sweep()

    moved = (world.other_street.pk, world.other_community.pk, world.grid.pk)
    assert chain(open_case) == moved
    assert chain(closed) == (world.street.pk, world.community.pk, world.grid.pk)


def test_open_cases_of_a_merged_community_go_to_its_successor(world: World) -> None:
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    in_grid = create_case(world)
    without = create_case(world)
    Case.objects.filter(pk=without.pk).update(grid=None)

    row = change(world, kind="merge", unit=world.community, into=into)
    assert dict(units.preview(row).lines)["在办事件"] == 2
    units.decide(row, clock.now())
    timers.sweep()

    assert chain(in_grid) == (world.street.pk, into.pk, world.grid.pk)
    assert chain(without) == (world.street.pk, into.pk, None)


def test_many_cases_move_chunk_by_chunk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "CHUNK", 2)
    cases = [create_case(world) for _ in range(3)]
    row = change(world, kind="move", unit=world.grid, into=world.other_community)
    units.decide(row, clock.now())

    timers.sweep()
    assert sum(chain(case)[1] == world.other_community.pk for case in cases) == 2
    shift_clock(by=timedelta(seconds=10))
    timers.sweep()

    assert all(chain(case)[1] == world.other_community.pk for case in cases)


# Departments --------------------------------------------------------------------------------------


@pytest.fixture
def heir(world: World) -> Unit:
    """The department that 环卫所 is merged into, with somebody of its own."""
    unit = create_unit(kind="department", name="城市管理局", parent=world.district)
    create_user(role="handler", unit=unit, username="new_handler", name="城管队员")
    return unit


@pytest.fixture
def newcomer(heir: Unit) -> User:
    return User.objects.get(username="new_handler")


def test_a_case_in_hand_goes_to_the_heir_and_is_finished_there(
    world: World, heir: Unit, newcomer: User
) -> None:
    case = create_case(world, state=State.HANDLING)
    signed_for = create_case(world, state=State.DISPATCHED)
    row = change(world, kind="merge", unit=world.sanitation, into=heir)
    assert dict(units.preview(row).lines)["在办事件（承办部门）"] == 2

    units.decide(row, clock.now())
    follow()

    for one in (case, signed_for):
        one.refresh_from_db()
        assert one.department == heir
        assert one.assignments.get().department == heir
        line = one.transitions.get(action="followed")
        assert line.details == {"led": [world.sanitation.pk, heir.pk]}
        assert access.visible_to(anew(newcomer)).filter(pk=one.pk).exists()
    assert "case.followed" in told(newcomer)
    workflow.take(signed_for, "sign", by=anew(newcomer), now=MONDAY)
    finished = move(case, "finish", by=anew(world.handler))
    assert finished.state == State.FINISHED
    assert "承办部门：环卫所 → 城市管理局" in browser(world.clerk).get(
        f"/cases/{case.number}/"
    ).text  # fmt: skip


def test_closed_cases_keep_their_department_and_go_to_the_heir_when_reopened(
    world: World, heir: Unit
) -> None:
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    case = create_case(world, state=State.ANSWERED)
    merge(world, world.sanitation, heir)
    merge(world, world.community, into)

    case.refresh_from_db()
    assert (case.department, case.community) == (world.sanitation, world.community)
    case = workflow.take(case, "rate", by=None, now=MONDAY, satisfied=False)
    assert (case.state, case.department, case.community) == (State.HANDLING, heir, into)
    assert Assignment.objects.open().get(case=case).department == heir


def test_merged_twice_before_the_sweep_ends_at_the_last(world: World, heir: Unit) -> None:
    last = create_unit(kind="department", name="综合执法局", parent=world.district)
    case = create_case(world, state=State.HANDLING)
    for unit, into in ((world.sanitation, heir), (heir, last)):
        units.decide(change(world, kind="merge", unit=unit, into=into), clock.now())
    follow()

    case.refresh_from_db()
    assert case.department == last
    assert move(case, "finish", by=anew(world.handler)).state == State.FINISHED


def test_a_department_that_only_moves_keeps_its_cases(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    row = change(world, kind="move", unit=world.sanitation, into=world.street)
    assert "在办事件（承办部门）" not in dict(units.preview(row).lines)
    units.decide(row, clock.now())
    follow()

    case.refresh_from_db()
    assert (case.department, case.state) == (world.sanitation, State.HANDLING)
    assert not case.transitions.filter(action="followed").exists()


@pytest.mark.parametrize("state", [State.DISPATCHED, State.HANDLING, State.SUSPENDED])
def test_a_department_that_is_split_leaves_its_cases_to_be_dispatched_anew(
    world: World, state: State
) -> None:
    case = create_case(world, state=state)

    split(world, world.sanitation, "清扫所", "清运所")

    case.refresh_from_db()
    assert (case.state, case.department, case.handler) == (State.ACCEPTED, None, None)
    assert case.stage_due_at is not None
    assert case.assignments.get().withdrawn_at is not None
    assert case.transitions.get(action="dissolved").details == {
        "departments": [world.sanitation.pk]
    }
    assert "case.dissolved" in told(world.dispatcher)
    part = Unit.objects.get(name="清运所")
    case = workflow.take(
        case, "dispatch", by=anew(world.dispatcher), now=MONDAY, department_id=part.pk
    )
    assert workflow.take(case, "sign", by=anew(world.handler), now=MONDAY).department == part


def test_a_case_at_the_check_only_loses_its_split_department(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    joined = create_case(world, state=State.HANDLING)
    main = create_case(world)
    workflow.take(joined, "join", by=world.clerk, now=MONDAY, main=main.number)

    split(world, world.sanitation, "清扫所", "清运所")

    case.refresh_from_db()
    assert (case.state, case.department) == (State.FINISHED, None)
    case = move(case, "fail", by=anew(world.grid_worker))
    assert case.state == State.ACCEPTED
    joined = move(joined, "unjoin", by=anew(world.clerk))
    assert joined.state == State.ACCEPTED


def test_a_joined_case_comes_back_to_the_heir(world: World, heir: Unit) -> None:
    joined, main = create_case(world, state=State.HANDLING), create_case(world)
    workflow.take(joined, "join", by=world.clerk, now=MONDAY, main=main.number)
    merge(world, world.sanitation, heir)

    joined = move(joined, "unjoin", by=anew(world.clerk))

    assert (joined.state, joined.department) == (State.HANDLING, heir)
    assert Assignment.objects.open().get(case=joined).department == heir


def whistle(world: World, *departments: Unit) -> Case:
    case = create_case(world, state=State.ACCEPTED)
    ids = tuple(unit.pk for unit in departments)
    return move(case, "whistle", by=world.clerk, department_ids=ids)


def test_the_task_of_a_whistle_goes_to_the_heir(world: World, heir: Unit, newcomer: User) -> None:
    case = whistle(world, world.sanitation, world.police)
    merge(world, world.sanitation, heir)

    task = case.tasks.get(department=heir)
    assert case.transitions.get(action="followed").details == {
        "tasked": [world.sanitation.pk, heir.pk]
    }
    assert access.visible_to(anew(newcomer)).filter(pk=case.pk).exists()
    case = workflow.take(
        case, "report_task", by=anew(newcomer), now=MONDAY, task_id=task.pk, note="已清运"
    )
    assert case.tasks_open == 1


def test_a_whistle_to_both_asks_the_heir_once(world: World) -> None:
    case = whistle(world, world.sanitation, world.police)
    merge(world, world.sanitation, world.police)

    case.refresh_from_db()
    task = case.tasks.get(department=world.sanitation)
    assert (case.tasks_open, task.excuse) == (1, "已并入“派出所”，由其统一反馈。")
    assert case.whistles.get().ended_at is None
    own = case.tasks.get(department=world.police)
    case = workflow.take(
        case, "report_task", by=anew(world.handler), now=MONDAY, task_id=own.pk, note="已办"
    )
    assert case.tasks_open == 0
    assert move(case, "conclude", by=anew(world.clerk)).state == State.FINISHED


def test_the_last_task_excused_so_ends_the_whistle(world: World) -> None:
    case = whistle(world, world.sanitation, world.police)
    own = case.tasks.get(department=world.police)
    move(case, "report_task", by=world.police_handler, task_id=own.pk)

    merge(world, world.sanitation, world.police)

    case.refresh_from_db()
    assert (case.tasks_open, case.whistles.get().ended_at is not None) == (0, True)
    assert "case.moved" in told(world.clerk)


def test_a_task_of_a_split_department_waits_for_who_called(world: World) -> None:
    case = whistle(world, world.sanitation)
    split(world, world.sanitation, "清扫所", "清运所")

    assert Task.objects.get(case=case).department == world.sanitation
    assert "case.dissolved" in told(world.clerk)
    assert case.transitions.filter(action="dissolved").count() == 1
    case = move(case, "excuse", by=anew(world.clerk))
    assert case.tasks_open == 0


def share(world: World, case: Case, unit: Unit, mode: str = "help") -> None:
    workflow.take(case, "share", by=world.clerk, now=clock.now(), unit_id=unit.pk, mode=mode)


def test_a_share_goes_to_the_heir_with_its_permissions(
    world: World, heir: Unit, newcomer: User
) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.ACCEPTED)
    share(world, case, world.sanitation)
    until = case.shares.get().until
    assert not access.visible_to(anew(newcomer)).exists()

    merge(world, world.sanitation, heir)

    row = case.shares.get(ended_at=None)
    assert (row.unit, row.mode, row.until) == (heir, "help", until)
    assert access.helps(anew(newcomer), case)
    names = set(CaseUnitPermission.objects.values_list("group__name", flat=True))
    assert names == {f"unit:{heir.pk}"}
    shift_clock(to=until + timedelta(minutes=1))
    timers.sweep()
    assert not access.visible_to(anew(newcomer)).exists()
    assert not CaseUnitPermission.objects.exists()


def test_a_share_with_both_becomes_the_wider_one(world: World) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.ACCEPTED)
    share(world, case, world.sanitation)
    share(world, case, world.police, "read")
    merge(world, world.sanitation, world.police)

    row = case.shares.get(ended_at=None)
    assert (row.unit, row.mode) == (world.police, "help")


def hosted(world: World, case: Case) -> None:
    """A dispute that 环卫所 mediates."""
    disputes.open_dispute(
        case,
        by=world.clerk,
        now=MONDAY,
        request="停止占用楼道",
        track="administrative",
        track_unit_id=world.sanitation.pk,
    )


def test_a_dispute_is_mediated_by_the_heir(world: World, heir: Unit, newcomer: User) -> None:
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.ACCEPTED)
    hosted(world, case)
    merge(world, world.sanitation, heir)

    case.refresh_from_db()
    assert case.dispute.track_unit == heir
    assert disputes.may_mediate(anew(newcomer), case)
    disputes.add_party(case, by=anew(newcomer), now=MONDAY, name="张三", side="applicant")


def test_a_dispute_of_a_split_unit_is_the_centres_again(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    hosted(world, case)
    split(world, world.sanitation, "清扫所", "清运所")

    case.refresh_from_db()
    assert case.dispute.track_unit is None
    assert "case.dissolved" in told(world.clerk)


@pytest.mark.parametrize("number", [1, 3])
def test_moving_departments_takes_as_many_statements_for_one_as_for_three(
    world: World, heir: Unit, number: int
) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    for _ in range(number):
        create_case(world, item=item, state=State.HANDLING)
    units.decide(change(world, kind="merge", unit=world.sanitation, into=heir), clock.now())
    Timer.objects.exclude(kind="case_department.follow_unit").delete()

    with queries(30):
        timers.sweep()


# Grids and communities ----------------------------------------------------------------------------


def test_communities_merged_twice_end_at_the_last(world: World) -> None:
    second = create_unit(kind="community", name="军秀园社区", parent=world.street)
    third = create_unit(kind="community", name="军祥园社区", parent=world.street)
    case = create_case(world)
    Case.objects.filter(pk=case.pk).update(grid=None)
    for unit, into in ((world.community, second), (second, third)):
        units.decide(change(world, kind="merge", unit=unit, into=into), clock.now())
    follow()

    assert chain(case) == (world.street.pk, third.pk, None)
    assert access.visible_to(anew(world.clerk)).filter(pk=case.pk).exists()
    workflow.take(case, "accept", by=anew(world.clerk), now=MONDAY)


def test_a_grid_that_is_split_gives_its_cases_to_the_centre_or_to_where_their_point_lies(
    world: World,
) -> None:
    draw(world.second_grid, square(0, 0))
    with_point = create_case(world)
    without = create_case(world, state=State.FINISHED)
    closed = create_case(world, state=State.ARCHIVED)
    lon, lat = place(0.5, 0.5)
    Case.objects.filter(pk=with_point.pk).update(lon=lon, lat=lat)

    split(world, world.grid, "军丽园东网格", "军丽园西网格")

    assert chain(with_point)[2] == world.second_grid.pk
    assert chain(without) == (world.street.pk, world.community.pk, None)
    assert chain(closed)[2] == world.grid.pk
    said = Message.objects.get(recipient=world.clerk, kind="unit.adrift")
    assert said.params == {"rows": "case", "unit_name": str(world.grid.pk), "count": "1"}
    line = without.transitions.get(action="followed")
    assert line.details == {"lies": [world.grid.pk, world.community.pk]}
    assert move(without, "verify", by=anew(world.clerk)).state == State.VERIFIED


def test_a_community_that_is_split_leaves_what_lay_in_no_grid_to_the_street(
    world: World,
) -> None:
    in_grid, without = create_case(world), create_case(world)
    Case.objects.filter(pk=without.pk).update(grid=None)

    split(
        world,
        world.community,
        "军丽园东社区",
        "军丽园西社区",
        children=[[world.grid.pk], [world.second_grid.pk]],
    )

    east = Unit.objects.get(name="军丽园东社区")
    assert chain(in_grid) == (world.street.pk, east.pk, world.grid.pk)
    assert chain(without) == (world.street.pk, None, None)
    assert "unit.adrift" in told(world.dispatcher)
