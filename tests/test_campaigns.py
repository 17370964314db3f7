"""专项行动、清单检查: launched, answered place by place, reminded of, ended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from cases import campaign_access, campaign_answers, campaigns, joint_calls, workflow
from cases.campaign_answers import Said
from cases.campaigns import Joint
from cases.errors import NotAllowed
from cases.models import Answer, Campaign, Case, CheckList, Item, JointCall, Question, Source, State
from cases.schemas import BadAnswers
from governance import timers
from governance.models import Timer, Unit, User
from tests.builders import World, create_unit, create_world, kinds_told, moment, shift_clock
from tests.campaign_builders import DAY, FRIDAY, answer, create_check_list, launch, plan, task_of
from tests.case_builders import MONDAY, create_item, picture
from tests.clients import browser

# The life -----------------------------------------------------------------------------------------


def test_from_the_launch_to_the_last_answer(world: World) -> None:
    campaign = launch(world, world.grid, world.sanitation)

    assert campaign.number.startswith("Z20260302")
    assert (campaign.unit, campaign.state, campaign.launched_at) == (
        world.street,
        "running",
        MONDAY,
    )
    task = task_of(campaign, world.grid)
    assert (task.unit, task.grid, task.due_at) == (world.grid, world.grid, FRIDAY)
    assert kinds_told(world.grid_worker) == kinds_told(world.handler) == ["campaign.task"]

    task = answer(world, task, use=Said("居住"), words=Said("无"))
    assert (task.state, task.ended_by, task.ended_at) == ("done", world.grid_worker, MONDAY)
    assert {a.question.code: a.value for a in task.answers.all()} == {
        "exit": "yes",
        "steps": 18,
        "use": "居住",
        "words": "无",
    }
    assert not Case.objects.exists()
    answer(world, task_of(campaign, world.sanitation), world.handler)
    assert kinds_told(world.dispatcher) == ["campaign.complete"]
    assert not Timer.objects.open().filter(kind__startswith="campaign.").exists()

    campaign = campaigns.end(campaign, by=world.dispatcher, now=FRIDAY)
    assert (campaign.state, campaign.ended_at) == ("ended", FRIDAY)


def test_each_no_becomes_a_case_that_goes_the_ordinary_way(world: World) -> None:
    task = task_of(launch(world), world.grid)

    answer(world, task, exit=Said("no", "堆放杂物", (picture(),)))

    found = task.found.get()
    case = found.case
    assert (found.question.code, case.source) == ("exit", Source.CAMPAIGN)  # type: ignore[union-attr]
    assert case.description == "安全出口是否畅通：堆放杂物"
    assert (case.grid, case.place, case.reported_by) == (
        world.grid,
        "军丽园第一网格",
        world.grid_worker,
    )
    assert case.photos.count() == 1
    assert kinds_told(world.clerk)[-1] == "case.turn"
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "专项检查 · 节前消防安全检查" in page
    for action, who in (
        *(("accept", "clerk"), ("dispatch", "dispatcher"), ("sign", "handler")),
        *(("finish", "handler"), ("verify", "grid_leader"), ("close", "clerk")),
    ):
        case = workflow.take(
            *(case, action),
            by=getattr(world, who),
            now=MONDAY,
            department_id=world.sanitation.pk,
            outcome="solved",
            note="已清理",
        )
    assert case.state == State.CLOSED


def test_what_was_found_beside_the_form_becomes_a_case(world: World) -> None:
    task = task_of(launch(world), world.grid)
    item = Item.objects.get()
    found: dict[str, Any] = {"item_id": item.pk, "by": world.grid_worker, "now": MONDAY}

    with pytest.raises(NotAllowed, match="情况"):
        campaign_answers.find(task, words=" ", **found)
    with pytest.raises(NotAllowed, match="其他单位"):
        campaign_answers.find(task, words="楼道有垃圾", **{**found, "by": world.other_grid_worker})
    case = campaign_answers.find(task, words="楼道有垃圾", pictures=[picture()], **found)
    task = answer(world, task)
    campaign_answers.find(task, words="还有一处", **found)

    assert (case.state, case.grid) == (State.REPORTED, world.grid)
    assert task.found.filter(question=None).count() == 2


def test_a_finding_lies_where_the_place_is_whoever_finds_it(world: World) -> None:
    plant = create_unit(kind="workplace", name="五金厂", parent=world.community)
    task = task_of(launch(world, plant), plant)
    task.inspectors.add(world.handler)  # in post at the district's department
    item = Item.objects.get()

    case = campaign_answers.find(
        task, item_id=item.pk, words="堆放杂物", by=world.handler, now=MONDAY
    )

    assert (case.street, case.community, case.grid) == (world.street, world.community, None)
    assert "case.turn" in kinds_told(world.clerk)


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"exit": Said()}, "exit", "请填写"),
        ({"exit": Said("maybe")}, "exit", "选项"),
        ({"exit": Said("no", " ")}, "exit", "情况"),
        ({"steps": Said("十八")}, "steps", "数字"),
        ({"steps": Said(-1)}, "steps", "数字"),
        ({"steps": Said(True)}, "steps", "数字"),
        ({"steps": Said(float("nan"))}, "steps", "数字"),
        ({"use": Said("办公")}, "use", "选项"),
        ({"steps": Said(10**400)}, "steps", "数字"),
        ({"words": Said("一" * 501)}, "words", "500"),
        ({"words": Said("  ")}, "words", "请填写"),
        ({"words": Said("一\0二")}, "words", "不符合"),
        ({"words": Said("一\ud800二")}, "words", "不符合"),
        ({"wish": Said("yes")}, "wish", "没有这个问题"),
    ],
)
def test_a_bad_answer_names_the_question(
    world: World, said: dict[str, Any], field: str, why: str
) -> None:
    task = task_of(launch(world), world.grid)

    with pytest.raises(BadAnswers) as caught:
        answer(world, task, **said)

    assert list(caught.value.faults) == [field]
    assert why in caught.value.faults[field]
    assert not Answer.objects.exists()
    assert not Case.objects.exists()


def test_all_faults_are_told_at_once(world: World) -> None:
    task = task_of(launch(world), world.grid)

    with pytest.raises(BadAnswers) as caught:
        campaign_answers.answer(task, {}, by=world.grid_worker, now=MONDAY)

    assert sorted(caught.value.faults) == ["exit", "steps"]


# Never asked twice --------------------------------------------------------------------------------


def test_what_one_campaign_has_asked_the_next_takes_over(world: World) -> None:
    answer(world, task_of(launch(world), world.grid), steps=Said(21))
    second = task_of(launch(world, now=MONDAY + 10 * DAY, due_at=FRIDAY + 14 * DAY), world.grid)
    later = MONDAY + 11 * DAY
    rows = campaign_answers.asked(second.campaign.check_list_id)

    known = campaign_answers.known_answers(second, rows, later)
    assert {a.question.code: (a.value, a.by) for a in known.values()} == {
        "steps": (21, world.grid_worker)
    }
    campaign_answers.answer(second, {"exit": Said("yes")}, by=world.grid_leader, now=later)

    taken = second.answers.get(question__code="steps")
    assert (taken.value, taken.by, taken.at) == (21, world.grid_worker, MONDAY)
    assert taken.taken_from is not None
    assert taken.taken_from.task.campaign_id != second.campaign_id
    third = task_of(launch(world, now=later, due_at=FRIDAY + 60 * DAY), world.grid)
    # taking over does not make an answer younger
    assert campaign_answers.known_answers(third, rows, MONDAY + 31 * DAY) == {}
    with pytest.raises(BadAnswers):
        campaign_answers.answer(
            third, {"exit": Said("yes")}, by=world.grid_worker, now=MONDAY + 31 * DAY
        )


def test_what_is_known_may_be_corrected_and_is_of_one_place_only(world: World) -> None:
    campaign = launch(world)
    answer(world, task_of(campaign, world.grid), steps=Said(21))
    rows = campaign_answers.asked(campaign.check_list_id)
    assert campaign_answers.known_answers(task_of(campaign, world.second_grid), rows, MONDAY) == {}
    second = task_of(launch(world), world.grid)

    answer(world, second, now=MONDAY + DAY, steps=Said(22))

    corrected = second.answers.get(question__code="steps")
    assert (corrected.value, corrected.taken_from) == (22, None)
    third = task_of(launch(world), world.grid)
    (known,) = campaign_answers.known_answers(third, rows, MONDAY + 2 * DAY).values()
    assert known == corrected


def test_a_no_that_is_taken_over_makes_no_second_case(world: World) -> None:
    Question.objects.filter(code="exit").update(keeps_days=0)
    first = task_of(launch(world), world.grid)
    Question.objects.filter(code="exit").update(keeps_days=30)
    answer(world, first, exit=Said("no", "堆放杂物"))
    second = task_of(launch(world), world.grid)

    campaign_answers.answer(second, {}, by=world.grid_worker, now=MONDAY + DAY)

    assert Case.objects.count() == 1
    assert second.answers.get(question__code="exit").value == "no"


# Time ---------------------------------------------------------------------------------------------


def test_it_reminds_before_and_tells_after(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world, world.grid)
    shift_clock(to=moment("2026-03-06 09:00"))
    timers.sweep()
    assert kinds_told(world.grid_worker) == ["campaign.task", "campaign.remind"]

    shift_clock(to=FRIDAY + timedelta(minutes=1))
    timers.sweep()

    assert kinds_told(world.grid_worker)[-1] == "campaign.overdue"
    assert kinds_told(world.dispatcher) == ["campaign.overdue"]
    task = task_of(campaign, world.grid)
    assert task.overdue_at is not None
    assert answer(world, task, now=FRIDAY + DAY).state == "done"  # late is better than never


def test_nothing_is_told_of_what_is_done_or_ended(world: World) -> None:
    shift_clock(to=MONDAY)
    answer(world, task_of(launch(world, world.grid), world.grid))
    campaigns.end(launch(world, world.grid), by=world.dispatcher, now=MONDAY)
    shift_clock(to=FRIDAY + DAY)

    timers.sweep()

    assert kinds_told(world.grid_worker) == ["campaign.task", "campaign.task"]


def test_the_launcher_reminds_once_a_day(world: World) -> None:
    campaign = launch(world)
    answer(world, task_of(campaign, world.grid))

    assert campaigns.remind(campaign, by=world.dispatcher, now=MONDAY) == 1
    assert campaigns.remind(campaign, by=world.dispatcher, now=MONDAY) == 1

    assert kinds_told(world.grid_worker) == ["campaign.task"]
    # nobody is in post at the second grid: its community's centre hears of it
    assert kinds_told(world.clerk) == ["campaign.task", "campaign.remind"]


def test_a_task_is_excused_with_a_reason(world: World) -> None:
    campaign = launch(world, world.grid)
    task = task_of(campaign, world.grid)

    with pytest.raises(NotAllowed, match="理由"):
        campaigns.excuse(task, reason=" ", by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="岗位"):
        campaigns.excuse(task, reason="已拆除", by=world.clerk, now=MONDAY)
    task = campaigns.excuse(task, reason="已拆除", by=world.dispatcher, now=MONDAY)

    assert (task.state, task.note) == ("excused", "已拆除")
    assert kinds_told(world.grid_worker)[-1] == "campaign.excused"
    with pytest.raises(NotAllowed, match="已完成或免除"):
        answer(world, task)


def test_two_fill_in_the_same_form_at_once(committed_db: Any) -> None:
    world = create_world()
    task = task_of(launch(world, world.grid), world.grid)

    def fill(by: User) -> str:
        try:
            answer(world, task, by, exit=Said("no", "堆放杂物"))
        except NotAllowed:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(fill, [world.grid_worker, world.grid_leader]))

    assert results == ["done", "refused"]
    assert Case.objects.count() == 1


# Who may ------------------------------------------------------------------------------------------


def test_one_asks_in_the_own_territory_only(world: World) -> None:
    with pytest.raises(NotAllowed, match="本辖区"):
        launch(world, world.other_grid)
    with pytest.raises(NotAllowed, match="本辖区"):
        launch(world, world.sanitation, by=world.clerk)  # a community calls them by a whistle
    with pytest.raises(NotAllowed, match="岗位"):
        campaigns.started(plan(world), "running", world.grid_worker, MONDAY)
    with pytest.raises(NotAllowed, match="网格"):
        campaigns.launch(plan(world), [], by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="期限"):
        launch(world, due_at=MONDAY)
    with pytest.raises(NotAllowed, match="清单"):
        launch(world, check_list_id=CheckList.objects.create(name="空").pk)
    with pytest.raises(NotAllowed, match="名称"):
        launch(world, title=" ")
    assert not Campaign.objects.exists()
    assert launch(world, world.grid, by=world.clerk).community == world.community


def test_an_estate_is_checked_by_its_grid(world: World) -> None:
    estate = create_unit(kind="estate", name="军丽一里", parent=world.grid)
    lonely = create_unit(kind="workplace", name="包装厂", parent=world.community)

    campaign = launch(world, estate, lonely)

    assert (task_of(campaign, estate).unit, task_of(campaign, estate).grid) == (world.grid,) * 2
    assert task_of(campaign, lonely).unit == world.community
    answer(world, task_of(campaign, lonely), world.station_lead)


def test_who_sees_what(world: World) -> None:
    above = launch(world, world.grid, world.second_grid, world.sanitation)
    own = launch(world, world.second_grid, by=world.clerk)
    sees = {
        name: (
            set(campaign_access.visible_campaigns(getattr(world, name))) & {above, own},
            campaign_access.visible_tasks(getattr(world, name)).count(),
        )
        for name in (
            *("dispatcher", "supervisor", "clerk", "leader", "station_lead", "grid_worker"),
            *("handler", "police_handler", "outsider", "other_grid_worker", "correspondent"),
        )
    }

    assert sees["dispatcher"] == sees["supervisor"] == ({above, own}, 4)
    assert sees["clerk"] == sees["leader"] == sees["station_lead"] == ({above, own}, 3)
    assert sees["grid_worker"] == sees["handler"] == ({above}, 1)
    for name in ("police_handler", "outsider", "other_grid_worker", "correspondent"):
        assert sees[name] == (set(), 0), name
    with pytest.raises(Http404):
        campaign_access.campaign_for(world.outsider, above.number)
    with pytest.raises(Http404):
        campaign_access.campaign_for(world.dispatcher, "Z\x00")
    with pytest.raises(Http404):
        campaign_access.task_for(world.other_grid_worker, task_of(above, world.grid).pk)


def test_only_who_is_to_do_it_answers(world: World) -> None:
    campaign = launch(world, world.grid, world.sanitation)
    grid, department = task_of(campaign, world.grid), task_of(campaign, world.sanitation)

    for task, by in (
        *((grid, world.clerk), (grid, world.handler), (grid, world.other_grid_worker)),
        *((department, world.grid_worker), (department, world.police_handler)),
    ):
        with pytest.raises(NotAllowed, match="其他单位"):
            answer(world, task, by)
    assert list(campaign_access.to_do(world.grid_worker)) == [grid]
    assert list(campaign_access.to_do(world.station_lead)) == [grid]
    assert list(campaign_access.to_do(world.department_lead)) == [department]
    assert not campaign_access.to_do(world.dispatcher).exists()
    for verb in (campaigns.end, campaigns.remind):
        with pytest.raises(NotAllowed, match="岗位"):
            verb(campaign, by=world.clerk, now=MONDAY)
    campaigns.end(campaign, by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="不在进行中"):
        answer(world, grid)
    with pytest.raises(NotAllowed, match="已结束"):
        campaigns.end(campaign, by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="不在进行中"):
        campaigns.remind(campaign, by=world.dispatcher, now=MONDAY)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "text", "item": True},
        {"kind": "choice"},
        {"kind": "yes_no", "choices": ["甲"]},
        {"kind": "text", "measure": "级"},
    ],
)
def test_the_database_refuses_odd_questions(world: World, fields: dict[str, Any]) -> None:
    create_check_list(world)
    if "item" in fields:
        fields = {**fields, "item": Item.objects.get()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(code="odd", text="问", **fields)


# Joint inspections --------------------------------------------------------------------------------


def test_a_joint_inspection_calls_the_departments_at_once(world: World) -> None:
    create_check_list(world)
    item = Item.objects.get()
    joint = Joint(item.pk, "enforcement", (world.sanitation.pk, world.police.pk))

    campaign = launch(world, world.grid, kind="inspection", joint=joint)

    case = task_of(campaign, world.grid).found.get().case
    assert (case.state, case.is_joint, case.grid) == (State.JOINT, True, world.grid)
    assert {task.department for task in case.tasks.all()} == {world.sanitation, world.police}
    assert all(task.due_at > MONDAY for task in case.tasks.all())
    assert "case.moved" in kinds_told(world.police_handler)
    task = case.tasks.get(department=world.police)
    workflow.take(case, "sign_task", by=world.police_handler, now=MONDAY, task_id=task.pk)


def test_an_item_that_dispatches_itself_is_not_for_a_joint_inspection(world: World) -> None:
    automatic = create_item(department=world.sanitation, code="0102", name="积存垃圾")
    joint = Joint(automatic.pk, "enforcement", (world.police.pk,))

    with pytest.raises(NotAllowed, match="吹哨"):
        launch(world, world.grid, joint=joint)
    assert not Campaign.objects.exists()


# Departments called to many places ----------------------------------------------------------------


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of two, so that five places are three requests."""
    monkeypatch.setattr(campaigns, "AT_ONCE", 2)


def called_to(world: World, number: int) -> Campaign:
    places = [create_unit(kind="grid", parent=world.community) for _n in range(number)]
    item = create_item(department=world.sanitation, code="0102", name="堵塞", dispatch="manual")
    joint = Joint(item.pk, "enforcement", (world.police.pk,))
    return launch(world, *places, joint=joint)


@pytest.mark.usefixtures("few_at_once")
def test_departments_are_called_slice_by_slice(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = called_to(world, 5)
    assert (campaign.tasks.count(), Case.objects.count()) == (5, 2)
    client, address = browser(world.dispatcher), f"/campaigns/{campaign.number}/"
    page = client.get(address).content.decode()
    assert "正在立件并通知部门：2 / 5" in page
    assert f'hx-post="{address}call/"' in page
    assert f'hx-post="{address}call/"' not in browser(world.clerk).get(address).content.decode()
    htmx = {"HX-Request": "true"}
    assert browser(world.clerk).post(f"{address}call/").status_code == 404
    assert browser(world.outsider).post(f"{address}call/").status_code == 404

    half = client.post(f"{address}call/", headers=htmx).content.decode()
    assert "4 / 5" in half
    last = client.post(f"{address}call/", headers=htmx).content.decode()

    assert "均已立件并通知部门" in last
    assert "hx-post" not in last
    assert Case.objects.filter(state=State.JOINT).count() == 5
    assert "正在立件" not in client.get(address).content.decode()
    assert not Timer.objects.open().filter(kind=campaigns.CALL).exists()
    assert client.post(f"{address}call/")["Location"] == address
    assert Case.objects.count() == 5


@pytest.mark.usefixtures("few_at_once")
def test_what_the_page_left_the_sweep_does(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = called_to(world, 5)
    excused = campaign.tasks.order_by("pk")[2]
    campaigns.excuse(excused, reason="拆除", by=world.dispatcher, now=MONDAY)
    for minute in (2, 3, 4):
        shift_clock(to=MONDAY + timedelta(minutes=minute))
        timers.sweep()

    assert Case.objects.filter(state=State.JOINT).count() == 4
    assert JointCall.objects.get().ended_at is not None
    assert excused.found.count() == 0


@pytest.mark.usefixtures("few_at_once")
def test_a_place_that_fails_stops_no_other_and_an_end_stops_all(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = called_to(world, 3)
    Unit.objects.filter(pk=world.police.pk).update(valid_to=MONDAY.date())
    call = joint_calls.work(campaign.joint_call.pk, MONDAY)
    place = campaign.tasks.order_by("pk")[2].about
    assert call.refused == [[place.pk, "请从现有部门中选择。"]]
    page = browser(world.dispatcher).get(f"/campaigns/{campaign.number}/").content.decode()
    assert f"{place.name} 请从现有部门中选择。" in page
    assert Case.objects.count() == 2

    Unit.objects.filter(pk=world.police.pk).update(valid_to=None)
    item = Item.objects.get(code="0102")
    joint = Joint(item.pk, "enforcement", (world.police.pk,))
    places = list(Unit.objects.filter(kind="grid", parent=world.community))[:4]
    ended = campaigns.end(launch(world, *places, joint=joint), by=world.dispatcher, now=MONDAY)
    before = Case.objects.count()
    assert joint_calls.work(ended.joint_call.pk, MONDAY).ended_at == MONDAY
    assert Case.objects.count() == before
