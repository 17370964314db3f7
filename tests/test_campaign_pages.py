"""Campaigns on the desk, the phone and in the admin."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import campaign_answers, campaigns
from cases.campaign_answers import Said
from cases.models import Campaign, CampaignCase, CampaignTask, Case, Item, Question, Source, State
from governance import reference
from governance.models import AccessRecord
from tests.areas import draw as draw_area
from tests.areas import square
from tests.builders import World, create_unit, create_world, shift_clock
from tests.campaign_builders import (
    DAY,
    FRIDAY,
    GOOD,
    answer,
    create_check_list,
    launch,
    plan,
    task_of,
)
from tests.case_builders import MONDAY, create_item, move
from tests.clients import KEY, broken_upload, browser, upload

# The pages ----------------------------------------------------------------------------------------


def filled(**fields: Any) -> dict[str, Any]:
    return {"answer_exit": "yes", "answer_steps": "18", **fields}


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_form_is_filled_in_on_the_desk_and_on_the_phone(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    task = task_of(launch(world), world.grid)
    client = browser(world.grid_worker)
    address = f"{prefix}/campaigns/tasks/{task.pk}/"
    listing = client.get(f"{prefix}/campaigns/").content.decode()
    assert address in listing
    page = client.get(address).content.decode()
    assert page.index("安全出口是否畅通") < page.index("楼梯台阶数")
    assert "逐个网格检查" in page

    wrong = client.post(address, filled(answer_exit="no", answer_steps="-3"))
    assert wrong.status_code == 400
    silent = client.post(address, filled(answer_exit="no"))
    assert silent.status_code == 400
    assert "请写明发现的情况" in silent.content.decode()
    found = {"answer_exit": "no", "remark_exit": "堆放杂物"}
    unclear = client.post(address, filled(**found, photo_exit=broken_upload("模糊.jpg")))
    question = unclear.content.decode().partition("安全出口是否畅通")[2].partition("楼梯台阶数")[0]
    assert "“模糊.jpg”：不是可识别的图片" in question
    assert "照片没有保留，请重新选择（1 张）。" in question
    done = client.post(
        address,
        filled(answer_exit="no", remark_exit="堆放杂物", photo_exit=upload(), note="已告知"),
    )

    assert done["Location"] == address
    case = Case.objects.get()
    assert (case.photos.count(), case.source) == (1, Source.CAMPAIGN)
    page = client.get(address).content.decode()
    assert f"{prefix}/cases/{case.number}/" in page
    assert "18 级" in page
    assert "已告知" in page
    again = client.post(address, filled())
    assert again.status_code == 400
    assert "已完成或免除" in again.content.decode()
    assert address not in client.get(f"{prefix}/campaigns/").content.decode()


def test_the_form_shows_what_is_known_and_who_said_it(world: World) -> None:
    shift_clock(to=MONDAY)
    answer(world, task_of(launch(world, title="台阶普查"), world.grid), steps=Said(21))
    second = task_of(launch(world), world.grid)
    client = browser(world.grid_worker)
    address = f"/campaigns/tasks/{second.pk}/"
    page = client.get(address).content.decode()
    assert "21 级" in page
    assert "在“台阶普查”中已填" in page

    client.post(address, {"answer_exit": "yes", "answer_steps": ""})

    assert "沿用自“台阶普查”" in client.get(address).content.decode()
    summary = browser(world.dispatcher).get(f"/campaigns/{second.campaign.number}/")
    assert "沿用已有答案 1 项" in summary.content.decode()


def launch_form(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "title": "节前检查",
        "kind": "inspection",
        "check_list": create_check_list(world).pk,
        "due_on": "2026-03-06",
        "brief": "逐个检查",
        "communities": [world.community.pk],
        "key": str(uuid4()),
        **fields,
    }


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_campaign_is_launched_on_the_page(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    client = browser(world.dispatcher)
    asked = launch_form(world, grids=[world.grid.pk], departments=[world.police.pk])
    address = f"{prefix}/campaigns/new/"
    assert address in client.get(f"{prefix}/campaigns/").content.decode()
    page = client.get(address).content.decode()
    assert "军丽园社区" in page
    assert "春霞里社区" not in page

    few = {**asked, "communities": [], "grids": [], "key": str(uuid4())}
    assert client.post(address, few).status_code == 302
    empty = client.post(address, {**asked, "communities": [], "grids": [], "departments": []})
    assert empty.status_code == 400
    assert client.post(address, {**asked, "grids": [world.other_grid.pk]}).status_code == 400
    past = client.post(address, {**asked, "due_on": "2026-02-27"})
    assert "完成期限须晚于现在" in past.content.decode()
    assert client.post(address, {**asked, "due_on": "0001-01-01"}).status_code == 400
    for slip in ("2062-03-06", "9999-12-31"):
        refused = client.post(address, {**asked, "due_on": slip})
        assert (refused.status_code, "日期超出两年" in refused.content.decode()) == (400, True)
    lonely = client.post(address, {**asked, "joint_departments": [world.police.pk]})
    assert "联合检查须选择事项" in lonely.content.decode()
    done = client.post(address, asked)

    campaign = Campaign.objects.latest("pk")
    assert done["Location"] == f"{prefix}/campaigns/{campaign.number}/"
    assert {task.about for task in campaign.tasks.all()} == {
        world.grid,
        world.second_grid,
        world.police,
    }
    assert campaign.due_at == FRIDAY


def test_no_department_of_a_street_is_called_to_what_a_higher_level_took_back(
    world: World,
) -> None:
    shift_clock(to=MONDAY)
    local = create_unit(kind="department", name="街道城管所", parent=world.street)
    item = create_item(
        department=world.sanitation,
        code="0901",
        name="违法建设",
        dispatch="manual",
        remit="upper",
        upper_department="规划和自然资源局",
    )
    asked = launch_form(world, joint_departments=[local.pk], joint_item=item.pk)
    client = browser(world.dispatcher)

    refused = client.post("/campaigns/new/", {**asked, "joint_kind": "enforcement"})

    assert refused.status_code == 400
    assert "该事项已由上级收回" in refused.content.decode()
    assert not Campaign.objects.exists()


def test_a_joint_inspection_is_launched_on_the_page(world: World) -> None:
    shift_clock(to=MONDAY)
    asked = launch_form(world, joint_departments=[world.police.pk], joint_kind="emergency")
    asked["joint_item"] = Item.objects.get().pk

    browser(world.dispatcher).post("/campaigns/new/", asked)

    assert Case.objects.filter(state=State.JOINT, whistles__kind="emergency").count() == 2


def test_a_campaign_s_page_counts_with_both_numbers(world: World) -> None:
    shift_clock(to=MONDAY)
    draw_area(world.grid, square(0, 0))
    draw_area(world.second_grid, square(1, 0))
    third = create_unit(kind="grid", name="军丽园第三网格", parent=world.community)
    campaign = launch(world, world.grid, world.second_grid, third, world.sanitation)
    answer(world, task_of(campaign, world.grid), exit=Said("no", "堆放杂物"), use=Said("经营"))
    answer(world, task_of(campaign, world.sanitation), world.handler, steps=Said(21.5))
    campaigns.excuse(task_of(campaign, third), reason="拆迁", by=world.dispatcher, now=MONDAY)
    shift_clock(to=FRIDAY + DAY)
    client = browser(world.dispatcher)
    address = f"/campaigns/{campaign.number}/"

    page = client.get(address).content.decode()
    for figure in (
        *("完成 2 / 3", "超期 1 项", "已答 2 / 3", "是 1 / 2", "否 1 / 2", "不涉及 0 / 2"),
        *("合计 39.5 级", "平均 19.8 级", "经营 1 / 1", "已办结 0 / 1"),
    ):
        assert figure in page, figure
    move(Case.objects.get(), "split", by=world.clerk)  # its parts are open
    assert "已办结 0 / 1" in client.get(address).content.decode()
    drawn = client.get(f"{address}areas.geojson").json()["features"]
    fills = {feature["id"]: feature["properties"]["fill"] for feature in drawn}
    assert fills == {world.grid.pk: "#17693a", world.second_grid.pk: "#a8201a"}
    seen = browser(world.grid_worker).get(address).content.decode()
    assert "完成 1 / 1" in seen
    assert "第二网格" not in seen
    listed = client.get("/campaigns/?tab=running").content.decode()
    assert "完成 2 / 3" in listed


def test_the_table_is_harmless_in_a_spreadsheet(world: World) -> None:
    campaign = launch(world)
    task = task_of(campaign, world.grid)
    campaign_answers.answer(
        task, {**GOOD, "words": Said("=1+1")}, by=world.grid_worker, now=MONDAY, note="+86"
    )

    response = browser(world.dispatcher).get(f"/campaigns/{campaign.number}/answers.csv")

    text = response.content.decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert lines[0][:2] == ["检查对象", "承担单位"]
    assert lines[1][4:] == ["'+86", "是", "18", "", "'=1+1"]
    assert lines[2][2] == "待完成"
    assert AccessRecord.objects.get().reason == campaign.number


def test_a_stranger_gets_404(world: World) -> None:
    campaign = launch(world)
    task, address = task_of(campaign, world.grid), f"/campaigns/{campaign.number}/"
    for user in (world.outsider, world.other_grid_worker):
        client = browser(user)
        for path in (address, f"{address}areas.geojson", f"{address}answers.csv"):
            assert client.get(path).status_code == 404, path
        assert client.get(f"/campaigns/tasks/{task.pk}/").status_code == 404
    outsider = browser(world.outsider)
    for path in ("draw/", "remind/", "end/"):
        assert outsider.post(f"{address}{path}").status_code == 404, path
    assert outsider.post(f"/campaigns/tasks/{task.pk}/excuse/").status_code == 404
    stranger = browser(world.other_grid_worker)
    assert stranger.post(f"/campaigns/tasks/{task.pk}/found/").status_code == 404
    assert stranger.post(f"/campaigns/tasks/{task.pk}/", filled()).status_code == 404
    assert browser(world.correspondent).get("/campaigns/").status_code == 403
    assert browser(world.grid_worker).get("/campaigns/new/").status_code == 403
    assert browser(world.clerk).post(f"/campaigns/tasks/{task.pk}/", filled()).status_code == 403


def test_running_a_campaign_on_its_page(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world)
    task, address = task_of(campaign, world.second_grid), f"/campaigns/{campaign.number}/"
    client, below = browser(world.dispatcher), browser(world.clerk)
    assert f"{address}end/" in client.get(address).content.decode()
    assert f"{address}end/" not in below.get(address).content.decode()

    below.post(f"{address}end/")
    below.post(f"{address}remind/")
    assert below.post(f"/campaigns/tasks/{task.pk}/excuse/", {"reason": "拆除"}).status_code == 400
    assert client.post(f"/campaigns/tasks/{task.pk}/excuse/", {}).status_code == 400
    client.post(f"/campaigns/tasks/{task.pk}/excuse/", {"reason": "拆除"})
    page = client.post(f"{address}remind/", follow=True).content.decode()
    assert "尚有 1 项任务未完成" in page
    client.post(f"{address}end/")

    campaign.refresh_from_db()
    assert campaign.state == "ended"
    assert campaign.number in client.get("/campaigns/?tab=ended").content.decode()
    closed = f"/campaigns/tasks/{task_of(campaign, world.grid).pk}/"
    assert ">提交</button>" not in browser(world.grid_worker).get(closed).content.decode()


def test_a_finding_beside_the_form_on_the_page(world: World) -> None:
    task = task_of(launch(world), world.grid)
    client, address = browser(world.grid_worker), f"/m/campaigns/tasks/{task.pk}/"
    item = Item.objects.get()

    assert client.post(f"{address}found/", {"item": item.pk}).status_code == 400
    done = client.post(
        f"{address}found/",
        {"item": item.pk, "words": "楼道有垃圾", "photos": upload(), "key": str(KEY)},
    )

    assert done["Location"] == address
    case = Case.objects.get()
    assert case.photos.count() == 1
    assert case.number in client.get(address).content.decode()


def test_what_is_sent_twice_is_done_once(world: World) -> None:
    shift_clock(to=MONDAY)
    client, worker = browser(world.dispatcher), browser(world.grid_worker)
    address, asked = "/campaigns/new/", launch_form(world)
    assert 'name="key" value="' in client.get(address).content.decode()

    first, second = (client.post(address, asked) for _n in range(2))
    campaign = Campaign.objects.get()
    assert first["Location"] == second["Location"] == f"/campaigns/{campaign.number}/"
    assert campaign.tasks.count() == 2
    other = client.post(address, {**asked, "title": "另一次"})
    assert (other.status_code, "已用于另一次提交" in other.content.decode()) == (400, True)
    assert client.post(address, {**asked, "key": "x"}).status_code == 400

    path = f"/campaigns/tasks/{task_of(campaign, world.grid).pk}/found/"
    found = {"item": Item.objects.get().pk, "words": "楼道有垃圾", "key": str(KEY)}
    for _n in range(2):
        assert worker.post(path, {**found, "photos": upload()}).status_code == 302
    assert Case.objects.get().photos.count() == 1
    assert worker.post(path, {**found, "words": "别的"}).status_code == 400
    assert CampaignCase.objects.count() == 1


def test_a_launch_sent_from_two_windows_at_once_is_one(committed_db: object) -> None:
    reference.forget()
    world = create_world()
    asked, ids, key = plan(world), [world.grid.pk], uuid4()

    def send(_n: int) -> str:
        try:
            made = campaigns.launch(asked, ids, by=world.dispatcher, now=MONDAY, key=key)
            return made.number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(send, range(4)))

    assert numbers == {Campaign.objects.get().number}
    assert CampaignTask.objects.count() == 1


@pytest.mark.parametrize("prefix", ["", "/m"])
@pytest.mark.parametrize(
    ("path", "who"),
    [("", "grid_worker"), ("?tab=running", "dispatcher"), ("task", "dispatcher")],
)
def test_lists_make_as_many_queries_for_three_as_for_one(
    world: World, prefix: str, path: str, who: str
) -> None:
    shift_clock(to=MONDAY)
    counted = []
    client = browser(getattr(world, who))
    for more in (1, 2):
        for _ in range(more):
            campaign = launch(world, world.grid, world.second_grid)
        address = f"{campaign.number}/" if path == "task" else path
        client.get(f"{prefix}/campaigns/{address}")  # what is kept in memory is read once
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{prefix}/campaigns/{address}")
        counted.append(len(captured))

    assert counted[0] == counted[1]


def test_the_page_makes_as_many_queries_for_three_tasks_as_for_one(world: World) -> None:
    shift_clock(to=MONDAY)
    client, counted = browser(world.dispatcher), []
    for about in (world.grid,), (world.grid, world.second_grid, world.sanitation):
        campaign = launch(world, *about)
        for task, by in zip(
            campaign.tasks.order_by("pk"),
            (world.grid_worker, world.station_lead, world.handler),
            strict=False,
        ):
            answer(world, task, by, exit=Said("no", "堵"))
        client.get(f"/campaigns/{campaign.number}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/campaigns/{campaign.number}/")
        counted.append(len(captured))

    assert counted[0] == counted[1]


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_the_pages_stand_empty(world: World, prefix: str) -> None:
    for user in (world.grid_worker, world.dispatcher, world.handler):
        for tab in ("todo", "running", "ended", "odd"):
            assert browser(user).get(f"{prefix}/campaigns/?tab={tab}").status_code == 200
    assert "没有待完成的任务" in browser(world.handler).get("/campaigns/").content.decode()


def test_messages_lead_to_the_task(world: World) -> None:
    shift_clock(to=MONDAY)
    task = task_of(launch(world), world.grid)

    page = browser(world.grid_worker).get("/m/inbox/", follow=True).content.decode()

    assert f"/m/campaigns/tasks/{task.pk}/" in page
    assert "请完成“军丽园第一网格”的任务" in page


# The admin ----------------------------------------------------------------------------------------


def test_questions_and_lists_are_kept_in_the_admin(world: World) -> None:
    create_check_list(world)
    client = browser(world.system_admin)
    add = "/admin/cases/question/add/"
    asked = {"code": "alarm", "text": "报警器", "kind": "choice", "keeps_days": 0}

    refused = client.post(add, asked)
    assert "须写明选项" in refused.content.decode()
    assert client.post(add, {**asked, "choices": "有、" + "一" * 41}).status_code == 200
    assert client.post(add, {**asked, "choices": "有、无"}).status_code == 302
    question = Question.objects.get(code="alarm")
    assert question.choices == ["有", "无"]
    changed = {"text": "报警器有无", "kind": "text", "choices": "有、无、坏", "keeps_days": 3}
    client.post(f"/admin/cases/question/{question.pk}/change/", changed)
    question.refresh_from_db()
    assert (question.text, question.kind, question.keeps_days) == ("报警器有无", "choice", 3)
    assert browser(world.security_admin).get(add).status_code == 403


def test_a_list_that_was_asked_keeps_its_questions(world: World) -> None:
    check_list = create_check_list(world)
    client = browser(world.system_admin)
    address = f"/admin/cases/checklist/{check_list.pk}/change/"
    assert 'name="rows-0-order"' in client.get(address).content.decode()
    launch(world)

    page = client.get(address).content.decode()
    assert 'name="rows-0-order"' not in page
    assert "安全出口是否畅通" in page
    client.post(address, {"name": "新名称", "rows-TOTAL_FORMS": 0, "rows-INITIAL_FORMS": 0})

    check_list.refresh_from_db()
    assert (check_list.name, check_list.is_active, check_list.rows.count()) == ("新名称", False, 4)
