"""What hangs on a case: returns, what goes up and comes down, the end by force; forms and API."""

from __future__ import annotations

from datetime import date

import pytest

from cases import workflow
from cases.models import Assignment, Case, CaseShare, Item, Regulation, State, Task
from governance.models import Timer, Unit
from tests.builders import World, create_unit, create_user, shift_clock
from tests.case_builders import (
    MONDAY,
    create_case,
    create_item,
    move,
    refused,
    told,
)
from tests.clients import Program, browser, post_move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


# Returns ------------------------------------------------------------------------------------------


def test_a_return_counts_against_the_dispatch_unless_it_was_overruled(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)
    case = move(case, "return", by=world.handler, note="不属于环卫所")
    assert "坚持派遣" in refused(case, "dispatch", by=world.dispatcher)

    case = move(case, "insist", by=world.dispatcher, note="属于清单主责")

    first, second = Assignment.objects.filter(case=case).order_by("pk")
    assert first.returned_at is not None
    assert first.overruled_at is not None
    assert second.returned_at is None
    assert case.department == world.sanitation


def test_how_many_returns_is_the_places_own_rule(world: World) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), returns_most=1)
    case = create_case(world, state=State.DISPATCHED)

    case = move(case, "return", by=world.handler)

    assert case.state == State.REFERRED
    assert told(world.supervisor)[-1] == "turn"
    assert "岗位" in refused(case, "rule", by=world.dispatcher)
    case = move(case, "rule", by=world.supervisor, department_id=world.police.pk)
    assert "裁定" in refused(case, "return", by=world.police_handler)


def test_a_dissolved_department_is_not_insisted_upon(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)
    case = move(case, "return", by=world.handler)
    Unit.objects.filter(pk=world.sanitation.pk).update(valid_to="2026-03-01")

    said = refused(case, "insist", by=world.dispatcher)

    assert said == "退单的部门已撤销，不能坚持派遣，请改派其他部门。"
    assert move(case, "dispatch", by=world.dispatcher, department_id=world.police.pk).department


# Up and down --------------------------------------------------------------------------------------


def test_what_was_passed_up_is_in_the_hands_above(world: World) -> None:
    above = create_user(role="dispatcher", unit=world.district)
    case = create_case(world, state=State.ACCEPTED)

    case = move(case, "pass_up", by=world.clerk, note="社区无执法权，已劝阻两次")
    assert case.level == "street"
    assert "岗位" in refused(case, "pass_up", by=world.clerk)
    case = move(case, "pass_up", by=world.dispatcher)
    assert "岗位" in refused(case, "dispatch", by=world.dispatcher)
    assert told(above)[-1] == "turn"
    assert refused(case, "pass_up", by=above) == "已在最高层级，不能再上报。"
    case = move(case, "hand_down", by=above)
    case = move(case, "dispatch", by=world.dispatcher)
    case = move(case, "sign", by=world.handler)
    case = move(case, "finish", by=world.handler)

    # solved by the street, verified where it arose
    assert case.solved_level == "street"
    assert move(case, "verify", by=world.grid_worker).state == State.VERIFIED


def test_what_a_higher_level_took_back_is_not_handed_down(world: World) -> None:
    item = create_item(
        department=world.sanitation,
        code="0301",
        name="违法建设",
        dispatch="manual",
        remit="upper",
        upper_department="规划和自然资源局",
    )
    local = create_unit(kind="department", name="街道城管所", parent=world.street)
    case = create_case(world, item=item, state=State.ACCEPTED)
    case = move(case, "pass_up", by=world.dispatcher)

    above = create_user(role="dispatcher", unit=world.district)
    assert "上级收回" in refused(case, "hand_down", by=above)
    assert "范围" in refused(case, "dispatch", by=above, department_id=local.pk)


# By force -----------------------------------------------------------------------------------------


def test_a_forced_close_is_shown_as_what_it_is(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    case = move(case, "force_close", by=world.leader, outcome="explained", note="拆迁范围")

    assert (case.state, case.is_forced, case.tasks_open) == (State.CLOSED, True, 0)
    assert not Timer.objects.open().filter(kind="case.task_due").exists()
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "解释说明 · 强制结案" in html
    assert "按期结案" not in html


# The forms ----------------------------------------------------------------------------------------


def test_the_long_forms_speak_for_themselves(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    item = Item.objects.get()
    parts = {
        "part_0_item": item.pk,
        "part_0_words": "垃圾",
        "part_1_item": item.pk,
        "part_1_words": "异味",
    }
    assert post_move(world.clerk, case, "split", **{**parts, "part_1_words": ""}) == 400
    same = {"item_id": item.pk, "description": case.description}
    assert post_move(world.clerk, case, "correct", **same) == 400
    changed = {"item_id": item.pk, "description": "两堆垃圾", "place": case.place, "note": "细化"}
    assert post_move(world.clerk, case, "correct", **changed) == 302
    meeting = {
        "held_on": "2026-03-02",
        "participants": "环卫所",
        "note": "纪要",
        "decision_0_department": world.police.pk,
        "decision_0_what": "查处",
        "decision_0_due_on": "2026-03-06",
    }
    assert post_move(world.dispatcher, case, "consult", **meeting) == 302
    assert Task.objects.get().what == "查处"
    task = Task.objects.get()
    answer = browser(world.police_handler).get(f"/cases/{case.number}/report_task/?task={task.pk}")
    assert f'name="task" value="{task.pk}"' in answer.content.decode()
    assert post_move(world.police_handler, case, "report_task", task=task.pk, note="已查处") == 302
    called = {"whistle_kind": "hard", "departments": [world.police.pk], "note": "联合处置"}
    assert post_move(world.clerk, case, "whistle", **called) == 302
    share = {"username": "handler", "mode": "read", "unit_id": ""}
    assert post_move(world.clerk, case, "share", **share) == 302
    assert CaseShare.objects.get().user == world.handler
    nobody = {"username": "nobody", "mode": "read", "unit_id": ""}
    assert post_move(world.clerk, case, "share", **nobody) == 409
    second = create_case(world, state=State.ACCEPTED)
    assert post_move(world.clerk, second, "split", **parts) == 302
    third = create_case(world)
    assert post_move(world.clerk, third, "join", main="", main_typed=case.number) == 302


def test_the_api_makes_the_moves_too(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    program = Program(world.clerk)
    called = {"whistle_kind": "hard", "departments": [world.police.pk], "note": "x", "version": 1}
    answer = program.post(f"/cases/{case.number}/whistle/", called)
    assert answer.json()["state"] == "joint"
    found = program.get(f"/cases/{case.number}/").json()
    assert [task["department"] for task in found["tasks"]] == ["派出所"]
    other = create_case(world)
    parts = [{"item": case.item_id, "description": word} for word in ("甲", "乙")]
    answer = program.post(f"/cases/{other.number}/split/", {"version": 0, "parts": parts})
    assert answer.json()["state"] == "split"
    meeting = {
        "version": 2,
        "held_on": "2026-03-02",
        "participants": "甲",
        "note": "乙",
        "decisions": [{"department": world.police.pk, "what": "丙", "due_on": "2026-03-09"}],
    }
    answer = Program(world.dispatcher).post(f"/cases/{case.number}/consult/", meeting)
    assert answer.status_code == 200
    assert workflow.task_departments(Case.objects.get(pk=case.pk)) == {world.police.pk}
