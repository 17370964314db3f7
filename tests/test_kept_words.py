"""What somebody typed comes back when another was first, and no half row is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cases import services, suggestions
from cases.models import Case, Item, State, Task
from governance.models import User
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import browser
from tests.test_services import entrust
from tests.test_suggestions import collect


@pytest.fixture(autouse=True)
def _monday(db: None) -> None:
    shift_clock(to=MONDAY)


def send(user: User, path: str, given: dict[str, Any], status: int) -> str:
    answer = browser(user).post(path, given)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def parts(**more: Any) -> dict[str, Any]:
    item = Item.objects.get().pk
    return {
        "part_0_item": item,
        "part_0_words": "东门口的垃圾",
        "part_1_item": item,
        "part_1_words": "西门口的异味",
        **more,
    }


def meeting(**more: Any) -> dict[str, Any]:
    return {"held_on": "2026-03-02", "participants": "环卫所、派出所", "note": "纪要全文", **more}


# Another was first ------------------------------------------------------------------------------


def test_a_split_that_was_overtaken_comes_back_whole_and_can_be_sent_again(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    path, seen = f"/cases/{case.number}/split/", case.version
    given = parts(part_2_item=Item.objects.get().pk, part_2_words="楼道的堆物")
    case = move(case, "urge", by=world.dispatcher)

    html = send(world.clerk, path, {**given, "version": seen}, 409)

    assert "该事件已被" in html
    assert "您填写的内容还在下面，核对后可以再次提交。" in html
    assert all(words in html for words in ("东门口的垃圾", "西门口的异味", "楼道的堆物"))
    assert f'name="version" value="{case.version}"' in html
    send(world.clerk, path, {**given, "version": case.version}, 302)
    assert Case.objects.exclude(pk=case.pk).count() == 3


def test_a_meeting_that_was_overtaken_comes_back_with_its_rows(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    path, seen = f"/m/cases/{case.number}/consult/", case.version
    move(case, "urge", by=world.clerk)
    given = meeting(
        decision_0_department=world.police.pk,
        decision_0_what="查处占道",
        decision_0_due_on="2026-03-06",
        version=seen,
    )

    html = send(world.dispatcher, path, given, 409)

    assert all(words in html for words in ("环卫所、派出所", "纪要全文", "查处占道", "2026-03-06"))
    assert f'<option value="{world.police.pk}" selected>' in html


def test_what_cannot_be_sent_again_is_there_to_be_copied(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    seen = case.version
    move(case, "dispatch", by=world.dispatcher, department_id=world.sanitation.pk)
    move(case, "force_close", by=world.leader, outcome="explained", note="拆迁范围")
    given = meeting(decision_0_department=world.police.pk, decision_0_what="查处占道", version=seen)

    html = send(world.dispatcher, f"/cases/{case.number}/consult/", given, 409)

    assert "内容已有变化，这次没有保存" in html
    for words in ("环卫所、派出所", "纪要全文", "派出所", "查处占道"):
        assert f"readonly>{words}</textarea>" in html
    # nor is it lost where the form was not whole
    html = send(world.dispatcher, f"/cases/{case.number}/consult/", {**given, "held_on": ""}, 409)
    assert "readonly>纪要全文</textarea>" in html


def test_the_second_at_a_mandate_keeps_the_words(world: World) -> None:
    request = entrust(world)
    path = f"/services/{request.number}/"
    given = {"terminate-version": request.version, "terminate-note": "申请人已搬走"}
    services.take(request, "accept", by=world.handler, now=MONDAY)

    html = send(world.handler, f"{path}terminate/", given, 409)

    assert html.count("该委托已被他人更新") == 1
    assert "申请人已搬走</textarea>" in html
    request.refresh_from_db()
    assert f'name="terminate-version" value="{request.version}"' in html
    send(world.handler, f"{path}terminate/", {**given, "terminate-version": request.version}, 302)

    html = send(world.handler, f"{path}start/", {"start-version": 2, "start-note": "已联系"}, 409)
    assert html.count("该委托已被他人更新") == 1
    assert "readonly>已联系</textarea>" in html


def test_a_refused_move_of_a_mandate_says_why_once(world: World) -> None:
    request = entrust(world, materials=())

    html = send(world.handler, f"/services/{request.number}/accept/", {"accept-version": 1}, 400)

    why = re.search(r'class="errorlist nonfield"[^>]*>\s*<li>(.*?)</li>', html)
    assert why is not None
    assert "居民身份证" in why[1]
    assert html.count(why[1]) == 1


def test_the_second_who_answers_a_suggestion_keeps_the_words(world: World) -> None:
    row = collect(world)
    suggestions.answer(row, by=world.clerk, now=MONDAY, outcome="adopted", text="已安排。")

    given = {"answer-outcome": "declined", "answer-text": "经勘察无法安装，原因如下"}
    html = send(world.dispatcher, f"/suggestions/{row.number}/answer/", given, 400)

    assert "该建议已经答复或已转为事件。" in html
    assert "readonly>经勘察无法安装，原因如下</textarea>" in html


# Half a row -------------------------------------------------------------------------------------


def test_half_a_decision_is_an_error_and_not_left_out(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    path = f"/cases/{case.number}/consult/"
    given = meeting(
        version=case.version,
        decision_1_department=world.police.pk,
        decision_1_due_on="2026-03-06",
        decision_2_what="清运",
    )

    html = send(world.dispatcher, path, given, 400)

    assert "请写明分工 2 的任务。" in html
    assert "请选择分工 3 的部门。" in html
    assert not Task.objects.exists()


def test_half_a_part_is_an_error_and_not_left_out(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    path, item = f"/cases/{case.number}/split/", Item.objects.get().pk
    given = parts(version=case.version, part_1_item="", part_2_item=item)

    html = send(world.clerk, path, given, 400)

    assert "请为第 2 件选择事项。" in html
    assert "请写明第 3 件的情况。" in html
    assert "第 1 件的情况。" not in html
    assert Case.objects.count() == 1
