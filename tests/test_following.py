"""Units change; their open cases follow in the background, the closed ones stay as they were."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, transaction

from cases import (
    access,
    campaign_access,
    campaign_answers,
    campaigns,
    configuration,
    disputes,
    items,
    services,
    spot_checks,
    suggestions,
    workflow,
)
from cases.models import Assignment, Case, CaseUnitPermission, DispatchRule, State, Task
from governance import clock, following, scope, timers, units
from governance.engines import Engines
from governance.models import Message, Post, Timer, Unit, UnitChange, User
from people import access as people_access
from people import changes, support, visits
from people.models import Household, SupportKind, SupportPlan, Visit, VisitPlan
from tests.areas import draw, place, square
from tests.builders import (
    SINCE,
    World,
    create_unit,
    create_user,
    create_world,
    kinds_told,
    queries,
    shift_clock,
)
from tests.campaign_builders import DRAWN_AT, GOOD, SEED_AT, launch, task_of
from tests.campaign_builders import plan as plan_of
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person
from tests.test_services import create_service_item, handling
from tests.test_suggestions import collect


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
    assert "case.followed" in kinds_told(newcomer)
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
    assert "case.dissolved" in kinds_told(world.dispatcher)
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
    assert "case.moved" in kinds_told(world.clerk)


def test_a_task_of_a_split_department_waits_for_who_called(world: World) -> None:
    case = whistle(world, world.sanitation)
    split(world, world.sanitation, "清扫所", "清运所")

    assert Task.objects.get(case=case).department == world.sanitation
    assert "case.dissolved" in kinds_told(world.clerk)
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
    assert "case.dissolved" in kinds_told(world.clerk)


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


def test_a_case_in_somebodys_hands_follows_when_it_is_free(committed_db: Engines) -> None:
    world = create_world()
    heir = create_unit(kind="department", name="城市管理局", parent=world.district)
    held, free = (create_case(world, state=State.HANDLING) for _ in range(2))
    units.decide(change(world, kind="merge", unit=world.sanitation, into=heir), clock.now())
    with psycopg.connect(committed_db.app_url) as other:
        other.execute("SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE", [held.pk])
        timers.sweep()

        free.refresh_from_db()
        held.refresh_from_db()
        assert (free.department, held.department) == (heir, world.sanitation)
    follow()

    held.refresh_from_db()
    assert held.department == heir


def test_the_administrator_sees_what_will_follow(world: World, heir: Unit) -> None:
    create_case(world, state=State.HANDLING)
    create_person(world)
    page = browser(world.system_admin).post(
        "/admin/governance/unitchange/add/",
        {
            "kind": "merge",
            "unit": world.sanitation.pk,
            "into": heir.pk,
            "effective": clock.today().isoformat(),
            "reason": "机构改革",
        },
    )
    assert '<th scope="row">在办事件（承办部门）</th><td>1</td>' in page.text
    assert '<th scope="row">事项的主责、配合部门</th><td>1</td>' in page.text
    assert '<th scope="row">住户、居住登记、走访与帮扶</th><td>0</td>' in page.text


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
    assert "unit.adrift" in kinds_told(world.dispatcher)


# Services and suggestions -------------------------------------------------------------------------


def test_a_service_goes_to_the_heir_of_its_department_and_is_delivered(
    world: World, heir: Unit, newcomer: User
) -> None:
    request, done = handling(world), handling(world)
    services.take(done, "terminate", by=world.handler, now=MONDAY, note="本人放弃")
    row = change(world, kind="merge", unit=world.sanitation, into=heir)
    assert dict(units.preview(row).lines)["未办结的办事代办"] == 1
    units.decide(row, clock.now())
    follow()

    request.refresh_from_db()
    done.refresh_from_db()
    assert (request.department, done.department) == (heir, world.sanitation)
    assert "service.turn" in kinds_told(newcomer)
    request = services.take(request, "deliver", by=anew(newcomer), now=MONDAY, outcome="done")
    page = browser(newcomer).get(f"/services/{request.number}/").text
    assert "随机构调整" in page
    assert "环卫所 → 城市管理局" in page


def test_a_service_follows_its_community_to_the_successors_clerk(world: World) -> None:
    into = create_unit(kind="community", name="军秀园社区", parent=world.other_street)
    clerk = create_user(role="clerk", unit=into, username="new_clerk")
    request = handling(world)
    merge(world, world.community, into)

    request.refresh_from_db()
    assert (request.street, request.community, request.grid) == (
        world.other_street,
        into,
        world.grid,
    )
    assert services.visible_services(clerk).filter(pk=request.pk).exists()
    assert services.may_act(clerk, request, "service.handle")


def test_a_service_of_a_split_department_is_the_clerks(world: World) -> None:
    shift_clock(to=MONDAY)
    request = handling(world)
    split(world, world.sanitation, "清扫所", "清运所")

    assert kinds_told(world.clerk) == ["service.turn"]
    services.take(request, "deliver", by=anew(world.clerk), now=MONDAY, outcome="done")


def test_a_suggestion_goes_to_the_heir_that_answers(world: World, heir: Unit) -> None:
    shift_clock(to=MONDAY)
    row, answered = collect(world), collect(world)
    suggestions.answer(answered, outcome="adopted", text="照办", by=world.clerk, now=MONDAY)
    suggestions.reassign(row, unit_id=world.sanitation.pk, note="", by=world.clerk, now=MONDAY)
    merge(world, world.sanitation, heir)

    row.refresh_from_db()
    newcomer = User.objects.get(username="new_handler")
    assert row.unit == heir
    assert suggestions.visible_suggestions(newcomer).filter(pk=row.pk).exists()
    assert kinds_told(newcomer) == ["suggestion.received"]
    assert row.steps.order_by("-pk")[0].note == "随机构调整：环卫所 → 城市管理局"
    suggestions.answer(row, outcome="adopted", text="照办", by=newcomer, now=MONDAY)


def test_a_suggestion_follows_its_community(world: World) -> None:
    shift_clock(to=MONDAY)
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    clerk = create_user(role="clerk", unit=into, username="new_clerk")
    row, answered = collect(world), collect(world)
    suggestions.answer(answered, outcome="adopted", text="照办", by=world.clerk, now=MONDAY)
    merge(world, world.community, into)

    row.refresh_from_db()
    answered.refresh_from_db()
    assert (row.unit, row.community, row.grid) == (into, into, world.grid)
    assert (answered.unit, answered.community) == (world.community, world.community)
    assert kinds_told(clerk) == ["suggestion.received"]
    suggestions.answer(row, outcome="adopted", text="照办", by=clerk, now=MONDAY)
    page = browser(clerk).get(f"/suggestions/{row.number}/").text
    assert "系统" in page


@pytest.mark.parametrize("number", [1, 3])
def test_moving_suggestions_takes_as_many_statements_for_one_as_for_three(
    world: World, number: int
) -> None:
    shift_clock(to=MONDAY)
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    for _ in range(number):
        collect(world)
    units.decide(change(world, kind="merge", unit=world.community, into=into), clock.now())
    Timer.objects.exclude(kind="suggestion.follow_unit").delete()

    with queries(28):
        timers.sweep()


# Campaigns ----------------------------------------------------------------------------------------


def test_the_task_of_a_merged_grid_is_done_by_who_works_there_now(world: World) -> None:
    shift_clock(to=MONDAY)
    new = create_unit(kind="grid", name="军秀园第一网格", parent=world.other_community)
    worker = create_user(role="grid_worker", unit=new, username="new_worker")
    campaign = launch(world, world.grid)
    row = change(world, kind="merge", unit=world.grid, into=new)
    assert dict(units.preview(row).lines)["未完成的专项行动任务"] == 1
    units.decide(row, clock.now())
    follow()

    task = campaign.tasks.get()
    assert (task.unit, task.about, task.community) == (new, new, world.other_community)
    assert kinds_told(worker) == ["campaign.task"]
    assert campaign_access.to_do(anew(world.grid_worker)).filter(pk=task.pk).exists()
    assert campaign_answers.answer(task, GOOD, by=worker, now=MONDAY).state == "done"


def test_a_grid_that_has_its_own_task_is_asked_once(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world)
    done = task_of(campaign, world.second_grid)
    merge(world, world.grid, world.second_grid)

    old = task_of(campaign, world.grid)
    assert (old.state, old.ended_by) == ("excused", world.system_admin)
    assert old.note == "已随机构调整并入“军丽园第二网格”的任务。"
    assert not Timer.objects.open().filter(kind__startswith="campaign.", subject_id=old.pk)
    campaign_answers.answer(done, GOOD, by=anew(world.grid_worker), now=MONDAY)
    assert "campaign.complete" in kinds_told(world.dispatcher)


def test_a_communitys_campaign_is_run_by_its_successor(world: World) -> None:
    shift_clock(to=MONDAY)
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    clerk = create_user(role="clerk", unit=into, username="new_clerk")
    going, ended = (launch(world, by=world.clerk) for _ in range(2))
    campaigns.end(ended, by=world.clerk, now=MONDAY)
    merge(world, world.community, into)

    going.refresh_from_db()
    ended.refresh_from_db()
    assert (going.unit, going.community, going.street) == (into, into, world.street)
    assert (ended.unit, ended.community) == (world.community, world.community)
    assert ended.tasks.filter(community=world.community).count() == 2
    assert campaign_access.visible_campaigns(clerk).filter(pk=going.pk).exists()
    assert campaigns.remind(going, by=clerk, now=MONDAY) == 2
    campaigns.end(going, by=clerk, now=MONDAY)


def test_the_task_of_a_merged_department_goes_to_the_heir(
    world: World, heir: Unit, newcomer: User
) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world, world.sanitation)
    merge(world, world.sanitation, heir)

    task = campaign.tasks.get()
    assert (task.unit, task.about) == (heir, heir)
    campaign_answers.answer(task, GOOD, by=newcomer, now=MONDAY)


def test_an_estate_that_moves_is_checked_by_its_new_grid(world: World) -> None:
    shift_clock(to=MONDAY)
    estate = create_unit(kind="estate", name="军丽花园", parent=world.grid)
    campaign = launch(world, estate)
    row = change(world, kind="move", unit=estate, into=world.other_grid)
    units.decide(row, clock.now())
    follow()

    task = campaign.tasks.get()
    assert (task.unit, task.about, task.grid) == (world.other_grid, estate, world.other_grid)
    campaign_answers.answer(task, GOOD, by=anew(world.other_grid_worker), now=MONDAY)


def test_the_task_of_a_split_grid_is_the_communitys_and_who_launched_it_is_told(
    world: World,
) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world, world.grid)
    split(world, world.grid, "军丽园东网格", "军丽园西网格")

    task = campaign.tasks.get()
    assert (task.unit, task.about, task.grid) == (world.community, world.grid, None)
    assert "campaign.adrift" in kinds_told(world.dispatcher)
    assert "campaign.task" in kinds_told(world.station_lead)
    campaign_answers.answer(task, GOOD, by=anew(world.station_lead), now=MONDAY)


def test_what_was_drawn_from_a_pool_follows_what_was_merged_since(world: World) -> None:
    shift_clock(to=MONDAY)
    spot = spot_checks.Spot(
        object_ids=(world.grid.pk, world.second_grid.pk),
        inspector_unit_ids=(world.sanitation.pk,),
        draw=2,
        each=1,
        seed_source="福利彩票双色球",
        seed_at=SEED_AT,
    )
    campaign = spot_checks.announce(
        plan_of(world, kind="spot_check"), spot, by=world.dispatcher, now=MONDAY
    )
    pool = campaign.pool.pool
    merge(world, world.grid, world.second_grid)
    shift_clock(to=DRAWN_AT)
    spot_checks.draw(campaign, "01 02 03", by=world.dispatcher, now=DRAWN_AT)
    follow()

    campaign.pool.refresh_from_db()
    assert campaign.pool.pool == pool
    assert sorted(campaign.tasks.values_list("state", flat=True)) == ["excused", "open"]
    task = campaign.tasks.get(state="open")
    assert (task.about, task.unit) == (world.second_grid, world.sanitation)
    inspector = task.inspectors.get()
    campaign_answers.answer(task, GOOD, by=inspector, now=DRAWN_AT)


@pytest.mark.parametrize("number", [1, 3])
def test_moving_tasks_takes_as_many_statements_for_one_as_for_three(
    world: World, number: int
) -> None:
    shift_clock(to=MONDAY)
    new = create_unit(kind="grid", name="军秀园第一网格", parent=world.other_community)
    create_user(role="grid_worker", unit=new, username="new_worker")
    for _ in range(number):
        launch(world, world.grid)
    units.decide(change(world, kind="merge", unit=world.grid, into=new), clock.now())
    Timer.objects.exclude(kind="campaign_task.follow_unit").delete()

    with queries(29):
        timers.sweep()


@pytest.mark.parametrize("number", [1, 3])
def test_moving_households_takes_as_many_statements_for_one_as_for_three(
    world: World, number: int
) -> None:
    shift_clock(to=MONDAY)
    for _ in range(number):
        create_person(world)
    row = change(world, kind="merge", unit=world.grid, into=world.second_grid)
    units.decide(row, clock.now())
    Timer.objects.exclude(kind="people.follow_unit").delete()

    with queries(41):
        timers.sweep()


# The configuration --------------------------------------------------------------------------------


def test_items_rules_and_service_items_name_the_heir(world: World, heir: Unit) -> None:
    item = create_item(department=world.sanitation, joint=(world.police,))
    joint = create_item(
        department=world.police, code="0102", name="乱停车", joint=(world.sanitation, heir)
    )
    service = create_service_item(world.sanitation)
    post = Post.objects.get(user=world.handler)
    rule = DispatchRule.objects.create(
        name="垃圾归环卫",
        item=item,
        department=world.sanitation,
        unit=world.community,
        post=post,
        mode="automatic",
        valid_from=SINCE,
    )
    row = change(world, kind="merge", unit=world.sanitation, into=heir)
    lines = dict(units.preview(row).lines)
    names = ("事项的主责、配合部门", "派遣规则", "办事事项的承办部门")
    assert [lines[name] for name in names] == [2, 1, 1]
    units.decide(row, clock.now())
    follow()

    item.refresh_from_db()
    service.refresh_from_db()
    rule.refresh_from_db()
    assert (item.department, service.department, rule.department) == (heir, heir, heir)
    assert list(joint.joint.all()) == [heir]
    assert items.facts(joint.pk).joint_ids == (heir.pk,)
    assert rule.post is not None
    assert (rule.post.unit, rule.post.user) == (heir, world.handler)
    assert not [fault for fault in configuration.faults() if "撤销" in fault.what]
    case = workflow.take(create_case(world, item=item), "accept", by=anew(world.clerk), now=MONDAY)
    assert (case.state, case.department, case.handler) == (
        State.DISPATCHED,
        heir,
        world.handler,
    )


def test_what_a_split_leaves_is_named_by_the_check(world: World) -> None:
    create_item(department=world.sanitation)
    create_item(department=world.police, code="0102", name="乱停车", joint=(world.sanitation,))
    create_service_item(world.sanitation)
    split(world, world.sanitation, "清扫所", "清运所")

    found = [tuple(fault) for fault in configuration.faults() if "撤销" in fault.what]
    assert found == [
        ("0101 暴露垃圾", "主责部门已撤销。"),
        ("0102 乱停车", "配合部门“环卫所”已撤销。"),
        ("senior-card 老年优待证", "承办部门已撤销。"),
    ]


# The registers ------------------------------------------------------------------------------------


def monthly(world: World) -> VisitPlan:
    """Visits that the station lead planned for the first grid."""
    return visits.plan(
        world.grid,
        name="每月走访",
        aims=["care"],
        every_weeks=4,
        begins_on=TODAY,
        ends_on=None,
        by=world.station_lead,
        now=MONDAY,
    )


def test_who_lives_in_a_merged_grid_is_seen_by_who_works_there_now(world: World) -> None:
    shift_clock(to=MONDAY)
    new = create_unit(kind="grid", name="军秀园第一网格", parent=world.other_community)
    worker = create_user(role="grid_worker", unit=new, username="new_worker")
    lead = create_user(role="station_lead", unit=world.other_community, username="new_lead")
    home = create_person(world)
    gone = create_person(world, create_house(world.grid)).residency
    Household.objects.filter(pk=gone.household_id).update(ended_on=TODAY)
    visits.visit(home.residency.household, aims=["care"], by=world.grid_worker, now=MONDAY)
    monthly(world)
    asked = changes.ask(
        home.person,
        "death",
        reason="上门核对",
        by=world.grid_worker,
        now=MONDAY,
        died_on=TODAY.isoformat(),
    )
    kind = SupportKind.objects.create(
        code="test", name="试行", name_en="Trial", purpose="看望", basis="老年人权益保障法"
    )
    support.begin(
        home.person,
        kind,
        goal="每周看望",
        basis="consent",
        agreed="本人当面同意",
        team=(),
        by=world.grid_worker,
        now=MONDAY,
    )
    row = change(world, kind="merge", unit=world.grid, into=new)
    lines = dict(units.preview(row).lines)
    # two residencies, a household, a visit, a request, a plan of support
    assert (lines["住户、居住登记、走访与帮扶"], lines["走访计划"]) == (6, 1)
    units.decide(row, clock.now())
    follow()

    levels = (world.other_street.pk, world.other_community.pk, new.pk)
    assert people_access.persons(worker).filter(pk=home.person.pk).exists()
    assert visits.visible(worker).count() == 1
    assert visits.today(worker, TODAY) == []  # it was visited
    assert list(changes.waiting(lead)) == [asked]
    assert VisitPlan.objects.values_list("grid", flat=True).get() == new.pk
    with scope.system(scope.SWEEP):
        for model in (Visit, SupportPlan):
            found = model.objects.values_list("street", "community", "grid")
            assert list(found) == [levels]
        kept = Household.objects.get(pk=gone.household_id)
        assert kept.grid_id == world.grid.pk


def test_households_of_a_split_grid_are_the_communitys(world: World) -> None:
    shift_clock(to=MONDAY)
    home = create_person(world)
    monthly(world)
    split(world, world.grid, "军丽园东网格", "军丽园西网格")

    assert people_access.persons(anew(world.clerk)).filter(pk=home.person.pk).exists()
    found = Message.objects.filter(recipient=world.clerk, kind="unit.adrift")
    assert sorted((row.params["rows"], row.params["count"]) for row in found) == [
        ("people", "2"),  # the household and who lives in it
        ("visit_plan", "1"),
    ]
    assert VisitPlan.objects.get().grid == world.grid
    page = browser(world.clerk).get("/inbox/").text
    assert "“军丽园第一网格”已拆分：住户、居住登记、走访与帮扶 2 条改由本级负责，请核对。" in page


def test_the_sweep_may_write_the_levels_of_open_rows_alone(world: World) -> None:
    home = create_person(world)
    rows = type(home.residency).objects.filter(pk=home.residency.pk)
    for written in ({"kind": "tenant"}, {"began_on": TODAY}):
        with pytest.raises(ProgrammingError), transaction.atomic(), scope.system(scope.SWEEP):
            rows.update(**written)
