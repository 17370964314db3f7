"""What a case says wrongly is put right: contact, place, item, promise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cases import notifications
from cases.given import Decision
from cases.models import Assignment, Case, Item, State
from governance import search
from governance.models import Timer, Unit
from tests.builders import World, create_unit, create_user, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move, refused
from tests.clients import Program, browser, post_move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def test_a_correction_keeps_old_and_new_and_no_contact(world: World) -> None:
    case = create_case(world, state=State.HANDLING, reporter_phone="13812345678")
    promised = case.promise_due_at

    case = move(
        case,
        "correct",
        by=world.clerk,
        place="军丽园4号楼",
        reporter_phone="13900002222",
        note="楼号有误",
    )

    line = case.transitions.order_by("-pk")[0]
    assert line.details == {"place": ["军丽园3号楼", "军丽园4号楼"], "reporter": True}
    assert case.reporter is not None
    assert case.reporter.phone is not None
    assert case.reporter.phone.reveal() == "13900002222"
    assert case.promise_due_at == promised
    same = {"place": "军丽园4号楼"}
    assert refused(case, "correct", by=world.clerk, **same) == "没有要更正的内容。"
    assert "不能为空" in refused(case, "correct", by=world.clerk, description=" ")


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_case_without_a_point_is_put_into_its_grid(world: World, prefix: str) -> None:
    case = create_case(world, state=State.ACCEPTED)
    due = case.stage_due_at
    client, path = browser(world.clerk), f"{prefix}/cases/{case.number}/correct/"
    page = client.get(path).content.decode()
    options = page.split('name="place_unit_id"')[1].split("</select>")[0]
    assert "军丽园社区" in options
    assert "军丽园第二网格" in options
    assert "春霞里" not in options
    sent = {
        **{"item_id": case.item_id, "description": case.description, "place": case.place},
        **{"note": "住户说在二网格", "version": case.version},
    }

    answer = client.post(path, {**sent, "place_unit_id": world.second_grid.pk})

    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    assert (case.grid, case.community, case.stage_due_at) == (
        world.second_grid,
        world.community,
        due,
    )
    page = client.get(f"{prefix}/cases/{case.number}/").content.decode()
    assert "军丽园第一网格 → 军丽园第二网格" in page
    case = move(case, "correct", by=world.clerk, place_unit_id=world.community.pk, place=None)
    assert (case.grid, case.community) == (None, world.community)
    other = browser(world.outsider)
    assert other.post(path, {**sent, "place_unit_id": world.grid.pk}).status_code == 404


@pytest.mark.parametrize("state", [State.DISPATCHED, State.HANDLING])
def test_what_a_higher_level_took_back_leaves_the_street(world: World, state: State) -> None:
    station = create_unit(kind="department", name="街道综合执法队", parent=world.street)
    worker = create_user(role="handler", unit=station)
    upper: dict[str, Any] = {"remit": "upper", "upper_department": "区城管局"}
    item = create_item(department=world.police, code="0202", name="违法建设", **upper)
    case = create_case(world, state=State.ACCEPTED)
    case = move(case, "dispatch", by=world.dispatcher, department_id=station.pk)
    if state == State.HANDLING:
        case = move(case, "sign", by=worker)

    case = move(case, "correct", by=world.clerk, item_id=item.pk, place=None)

    assert (case.state, case.department_id, case.handler_id) == (State.ACCEPTED, None, None)
    assert not Assignment.objects.open().filter(case=case).exists()
    assert Timer.objects.open().filter(kind="case.stage_overdue", subject_id=case.pk).count() == 1
    assert world.dispatcher.pk in notifications.whose_turn(case)
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "承办部门：街道综合执法队 → —" in page
    words = "该事项已由上级收回，不能交给街道部门。"
    assert refused(case, "whistle", by=world.clerk, department_ids=(station.pk,)) == words
    decided = (Decision(station.pk, "清理", date(2026, 3, 6)),)
    assert refused(case, "consult", by=world.dispatcher, decisions=decided) == words
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    assert case.state == State.JOINT


@pytest.mark.parametrize("prefix", ["", "/m"])
@pytest.mark.parametrize("action", ["whistle", "consult"])
def test_streets_departments_are_not_offered_for_what_was_taken_back(
    world: World, action: str, prefix: str
) -> None:
    station = create_unit(kind="department", name="街道综合执法队", parent=world.street)
    upper: dict[str, Any] = {
        **{"remit": "upper", "upper_department": "区城管局"},
        "dispatch": "manual",
    }
    taken = create_item(department=world.police, code="0202", name="违法建设", **upper)
    handed_up = create_item(department=station, code="0203", name="占道经营", **upper)
    client = browser(world.clerk if action == "whistle" else world.dispatcher)

    def offered(**given: Any) -> set[Unit]:
        case = create_case(world, state=State.ACCEPTED, **given)
        page = client.get(f"{prefix}/cases/{case.number}/{action}/").content.decode()
        form = page.split('name="version"')[1]
        return {unit for unit in (station, world.police, world.sanitation) if unit.name in form}

    assert offered() == {station, world.police, world.sanitation}
    assert offered(item=taken) == {world.police, world.sanitation}
    assert offered(item=handed_up) == {station, world.police, world.sanitation}


def test_an_upper_item_stays_with_the_districts_department(world: World) -> None:
    upper: dict[str, Any] = {"remit": "upper", "upper_department": "区城管局"}
    item = create_item(department=world.police, code="0202", name="违法建设", **upper)
    case = create_case(world, state=State.HANDLING)

    case = move(case, "correct", by=world.clerk, item_id=item.pk, place=None)

    assert (case.state, case.department_id) == (State.HANDLING, world.sanitation.pk)


def test_before_the_answer_a_wrong_number_is_mended_and_nothing_else(world: World) -> None:
    case = create_case(world, state=State.CLOSED, reporter_phone="13900001111")
    paused = create_case(world, state=State.SUSPENDED)
    other = create_item(department=world.police, code="0201", name="井盖缺失")

    form = browser(world.clerk).get(f"/cases/{case.number}/correct/").content.decode()
    assert 'name="reporter_phone"' in form
    for hidden in ("item_id", "place", "lon", "promise_on"):
        assert f'name="{hidden}"' not in form
    case = move(case, "correct", by=world.clerk, reporter_phone="13900002222", place=None)
    assert case.state == State.CLOSED
    assert case.reporter is not None
    assert case.reporter.phone is not None
    assert case.reporter.phone.reveal() == "13900002222"
    assert "不能更正" in refused(case, "correct", by=world.clerk, place="春晖路", item_id=None)
    for wrong in ({"item_id": other.pk}, {"promise_on": date(2026, 3, 20)}):
        given: dict[str, Any] = {"place": None, **wrong}
        assert "不能更正" in refused(paused, "correct", by=world.clerk, **given)
    assert move(paused, "correct", by=world.clerk, place="春晖路").place == "春晖路"


def test_a_place_is_corrected_within_ones_own_scope_and_not_against_a_point(world: World) -> None:

    case = create_case(world, state=State.ACCEPTED)
    placed = create_case(world, state=State.ACCEPTED, lon=117.4, lat=39.1)
    far, near = world.other_grid.pk, world.second_grid.pk
    own: dict[str, Any] = {"by": world.clerk, "place": None}

    assert refused(case, "correct", place_unit_id=far, **own) == "只能选择本辖区的社区、网格。"
    gone = refused(case, "correct", place_unit_id=world.police.pk, **own)
    assert gone == "请从现有社区、网格中选择。"
    assert "请在地图上更正" in refused(placed, "correct", place_unit_id=near, **own)
    page = browser(world.clerk).get(f"/cases/{placed.number}/correct/").content.decode()
    assert "place_unit_id" not in page

    sent = {"version": case.version, "note": "x", "place_unit": near}
    answer = Program(world.clerk).post(f"/cases/{case.number}/correct/", sent)
    assert answer.status_code == 200, answer.content
    case.refresh_from_db()
    assert case.grid == world.second_grid
    again = {"version": case.version, "note": "x", "place_unit": near}
    answer = Program(world.clerk).post(f"/cases/{case.number}/correct/", again)
    assert answer.json()["detail"] == "没有要更正的内容。"


def test_a_place_that_was_wrong_may_be_emptied(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.1)
    same = {"item_id": case.item_id, "description": case.description, "note": "地点不明"}

    assert post_move(world.clerk, case, "correct", **same, place="") == 302

    case.refresh_from_db()
    assert case.place == ""
    assert case.transitions.order_by("-pk")[0].details["place"] == ["军丽园3号楼", ""]
    nowhere = create_case(world)
    assert "须写明地点" in refused(nowhere, "correct", by=world.clerk, place="")


def test_a_correction_keeps_what_an_imported_case_is_found_by(world: World) -> None:
    item = create_item(department=world.police, code="0301", name="占道经营")
    create_item(department=world.sanitation)
    case = create_case(world, extra_words=("SR-778812",))

    case = move(case, "correct", by=world.clerk, description="门口摆摊", item_id=item.pk)
    assert found_by("778812") == found_by("摆摊") == found_by("占道") == [case]
    assert found_by("暴露垃圾") == []
    case = move(case, "accept", by=world.clerk, item_id=Item.objects.get(code="0101").pk)

    assert found_by("778812") == found_by("暴露垃圾") == [case]


def found_by(words: str) -> list[Case]:
    return list(Case.objects.filter(search=search.query(words)))


def test_a_slip_of_the_year_is_no_date(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    far = date(9999, 12, 31)

    assert "两年" in refused(case, "ask_extension", by=world.handler, until=far)
    assert "两年" in refused(case, "correct", by=world.clerk, promise_on=far)
    for past in (date(1, 1, 1), date(2026, 3, 1)):
        assert "早于上报" in refused(case, "correct", by=world.clerk, promise_on=past)


def test_an_accepted_case_is_found_by_its_new_item(world: World) -> None:

    other = create_item(department=world.police, code="0301", name="占道经营", dispatch="manual")
    case = move(create_case(world), "accept", by=world.clerk, item_id=other.pk)

    assert list(Case.objects.filter(search=search.query("占道"))) == [case]
