"""专项行动、清单检查、双随机: launched, answered place by place, drawn, ended."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from cases import (
    campaign_access,
    campaign_answers,
    campaign_page,
    campaigns,
    corrections,
    drawing,
    joint_calls,
    replacements,
    spot_checks,
    workflow,
)
from cases.campaign_answers import Said
from cases.campaigns import Joint, Plan
from cases.errors import NotAllowed
from cases.models import (
    Answer,
    Campaign,
    CampaignCase,
    CampaignTask,
    Case,
    CheckList,
    CheckListQuestion,
    Item,
    JointCall,
    Question,
    Source,
    SpotDraw,
    State,
)
from cases.schemas import BadAnswers
from cases.spot_checks import Spot
from governance import reference, timers
from governance.models import AccessRecord, Timer, Unit, User
from governance.uploads import BadPicture
from tests.areas import draw as draw_area
from tests.areas import square
from tests.builders import (
    World,
    create_unit,
    create_user,
    create_world,
    kinds_told,
    moment,
    shift_clock,
)
from tests.case_builders import MONDAY, create_item, move, picture
from tests.clients import KEY, Program, browser, upload

DAY = timedelta(days=1)
FRIDAY = moment("2026-03-06 17:30")
SEED_AT = moment("2026-03-03 15:00")
DRAWN_AT = moment("2026-03-03 16:00")


def create_check_list(world: World, name: str = "节前消防检查") -> CheckList:
    """An exit that must be free, a number of extinguishers that is kept, a kind of use, words."""
    item = Item.objects.filter(code="0101").first() or create_item(
        department=world.sanitation, dispatch="manual"
    )
    made, _new = CheckList.objects.get_or_create(name=name)
    asked: tuple[tuple[dict[str, Any], bool], ...] = (
        ({"code": "exit", "text": "安全出口是否畅通", "kind": "yes_no", "item": item}, True),
        (
            {
                **{"code": "steps", "text": "楼梯台阶数", "kind": "number", "measure": "级"},
                "keeps_days": 30,
            },
            True,
        ),
        ({"code": "use", "text": "用途", "kind": "choice", "choices": ["居住", "经营"]}, False),
        ({"code": "words", "text": "其他情况", "kind": "text"}, False),
    )
    for order, (fields, required) in enumerate(asked):
        question, _new = Question.objects.get_or_create(code=fields["code"], defaults=fields)
        CheckListQuestion.objects.get_or_create(
            check_list=made, question=question, defaults={"order": order, "required": required}
        )
    return made


def plan(world: World, **fields: Any) -> Plan:
    check_list = create_check_list(world)
    return Plan(
        **{
            "title": "节前消防安全检查",
            "brief": "逐个网格检查，发现问题当场上报。",
            "check_list_id": check_list.pk,
            "due_at": FRIDAY,
            **fields,
        }
    )


def launch(world: World, *units: Unit, by: User | None = None, **fields: Any) -> Campaign:
    now = fields.pop("now", MONDAY)
    joint = fields.pop("joint", None)
    ids = [unit.pk for unit in units or (world.grid, world.second_grid)]
    by = by or world.dispatcher
    return campaigns.launch(plan(world, **fields), ids, by=by, now=now, joint=joint)


def task_of(campaign: Campaign, about: Unit) -> CampaignTask:
    return campaign.tasks.get(about=about)


GOOD = {"exit": Said("yes"), "steps": Said(18)}


def answer(
    world: World, task: CampaignTask, by: User | None = None, now: datetime = MONDAY, **said: Said
) -> CampaignTask:
    return campaign_answers.answer(task, {**GOOD, **said}, by=by or world.grid_worker, now=now)


# The life ---------------------------------------------------------------------------------------


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


# Never asked twice ------------------------------------------------------------------------------


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


# Time -------------------------------------------------------------------------------------------


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


# Who may ----------------------------------------------------------------------------------------


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


# Joint inspections ------------------------------------------------------------------------------


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


# The draw ---------------------------------------------------------------------------------------


def test_the_draw_is_the_one_that_the_docstring_tells() -> None:
    inspectors = [
        drawing.Inspector(5, 3, frozenset({12})),
        drawing.Inspector(9, 4, frozenset()),
        drawing.Inspector(7, 3, frozenset({12})),
    ]
    pool = drawing.pool_of([17, 12, 30], inspectors, draw=2, each=2)

    assert drawing.canonical(pool) == (
        '{"draw":2,"each":2,"inspectors":[{"id":5,"own":[12],"unit":3},{"id":7,"own":[12],"unit":3},'
        '{"id":9,"own":[],"unit":4}],"objects":[12,17,30]}'
    )
    first = drawing.draw(pool, "3204.56")
    assert first == drawing.draw(pool, "3204.56")
    order = sorted([12, 17, 30], key=lambda pk: drawing.sha256(f"3204.56:{pk}"))
    assert [one.object_id for one in first] == order[:2]
    assert len({drawing.draw(pool, str(seed))[0].object_id for seed in range(20)}) == 3
    for seed in range(20):
        for one in drawing.draw(pool, str(seed)):
            # of 5, 7 and 9 only 9 is not of the place's own unit
            assert one.object_id != 12 or 9 in one.inspector_ids


def spot(world: World, **fields: Any) -> Spot:
    return Spot(
        **{
            "object_ids": tuple(unit.pk for unit in workplaces(world)),
            "inspector_unit_ids": (world.sanitation.pk, world.police.pk, world.grid.pk),
            "draw": 2,
            "each": 2,
            "seed_source": "3 月 3 日上证综指收盘点数",
            "seed_at": SEED_AT,
            **fields,
        }
    )


def workplaces(world: World) -> list[Unit]:
    known = list(Unit.objects.filter(kind="workplace").order_by("pk"))
    return known or [
        create_unit(kind="workplace", name=f"企业{number}", parent=world.grid)
        for number in range(5)
    ]


def announce(world: World, **fields: Any) -> Campaign:
    asked = plan(world, kind="spot_check", title="双随机抽查")
    return spot_checks.announce(asked, spot(world, **fields), by=world.dispatcher, now=MONDAY)


def test_a_spot_check_is_announced_then_drawn_then_done(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = announce(world)
    pool = campaign.pool
    assert campaign.state == "announced"
    assert drawing.digest(pool.pool) == pool.digest
    assert not campaign.tasks.exists()
    for user, seen in ((world.handler, True), (world.grid_worker, True), (world.clerk, False)):
        assert (campaign in campaign_access.visible_campaigns(user)) is seen
    with pytest.raises(NotAllowed, match="尚未公布"):
        spot_checks.draw(campaign, "3204.56", by=world.dispatcher, now=MONDAY)
    shift_clock(to=SEED_AT + timedelta(minutes=1))
    timers.sweep()
    assert kinds_told(world.dispatcher) == ["campaign.draw"]

    campaign = spot_checks.draw(campaign, " 3204.56 ", by=world.dispatcher, now=DRAWN_AT)

    tasks = {task.about_id: task for task in campaign.tasks.all()}
    drawn = drawing.draw(pool.pool, "3204.56")
    assert set(tasks) == {one.object_id for one in drawn}
    grid_people = {world.grid_worker.pk, world.grid_leader.pk}
    for one in drawn:
        inspectors = set(tasks[one.object_id].inspectors.values_list("pk", flat=True))
        assert inspectors == set(one.inspector_ids)
        assert not inspectors & grid_people  # the workplaces lie in their own grid
    with pytest.raises(NotAllowed, match="待抽取"):
        spot_checks.draw(campaign, "1", by=world.dispatcher, now=DRAWN_AT)
    task = tasks[drawn[0].object_id]
    inspector = User.objects.get(pk=drawn[0].inspector_ids[0])
    assert kinds_told(inspector)[0] == "campaign.task"
    everybody = {world.handler, world.department_lead, world.police_handler, world.grid_worker}
    for other in everybody - set(task.inspectors.all()):
        with pytest.raises(NotAllowed, match="其他单位或人员"):
            answer(world, task, other)
    assert task in campaign_access.to_do(inspector)
    answer(world, task, inspector, exit=Said("no", "锁闭"))
    assert Case.objects.get().grid == world.grid


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"seed_source": " "}, "种子来源"),
        ({"seed_at": MONDAY}, "晚于现在"),
        ({"seed_at": FRIDAY + DAY}, "早于完成期限"),
        ({"draw": 6}, "1 至 5"),
        ({"each": 9}, "检查人员数"),
        ({"object_ids": ()}, "检查对象"),
        ({"inspector_unit_ids": ()}, "检查人员所在"),
        ({"inspector_unit_ids": (0,)}, "检查人员所在"),
    ],
)
def test_an_odd_pool_is_refused(world: World, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        announce(world, **fields)
    assert not Campaign.objects.exists()


def test_a_spot_check_is_not_launched_and_a_campaign_not_drawn(world: World) -> None:
    with pytest.raises(NotAllowed, match="抽取范围"):
        launch(world, kind="spot_check")
    with pytest.raises(NotAllowed, match="双随机"):
        spot_checks.announce(plan(world), spot(world), by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="待抽取"):
        spot_checks.draw(launch(world), "1", by=world.dispatcher, now=MONDAY)
    campaign = announce(world)
    with pytest.raises(NotAllowed, match="请填写种子"):
        spot_checks.draw(campaign, " ", by=world.dispatcher, now=DRAWN_AT)
    with pytest.raises(NotAllowed, match="期限"):
        spot_checks.draw(campaign, "1", by=world.dispatcher, now=FRIDAY + DAY)
    with pytest.raises(NotAllowed, match="岗位"):
        spot_checks.draw(campaign, "1", by=world.clerk, now=DRAWN_AT)
    campaigns.end(campaign, by=world.dispatcher, now=DRAWN_AT)
    assert not SpotDraw.objects.exists()
    assert not Timer.objects.open().filter(kind=campaigns.DRAW).exists()


def test_who_left_before_the_draw_leaves_a_task_to_excuse(world: World) -> None:
    extra = create_user(role="handler", unit=world.police)
    campaign = announce(world, inspector_unit_ids=(world.police.pk,), draw=1, each=2)
    User.objects.filter(pk=extra.pk).update(is_active=False)

    campaign = spot_checks.draw(campaign, "7", by=world.dispatcher, now=DRAWN_AT)

    task = campaign.tasks.get()
    assert task.inspectors.count() == 2
    answer(world, task, world.police_handler)


def test_a_picture_that_is_none_leaves_nothing(world: World) -> None:
    task = task_of(launch(world), world.grid)
    bad = picture()
    bad.seek(0)
    bad.truncate(10)

    with pytest.raises(BadPicture):
        answer(world, task, exit=Said("no", "堵塞", (picture(), bad)))

    task.refresh_from_db()
    assert (task.state, Case.objects.count()) == ("open", 0)


# A wrong answer ---------------------------------------------------------------------------------


def correct(
    task: CampaignTask,
    code: str,
    said: Said,
    *,
    by: User,
    now: datetime = MONDAY + DAY,
    **more: Any,
) -> Answer:
    return corrections.correct(task, code, said, by=by, now=now, **{"reason": "看错了", **more})


def test_a_wrong_answer_is_put_right_and_the_first_one_kept(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world)
    task = answer(world, task_of(campaign, world.grid), exit=Said("no", "堆放杂物"))
    case = Case.objects.get()

    later = correct(task, "exit", Said("yes"), by=world.grid_worker)
    correct(task, "steps", Said(21), by=world.dispatcher, reason="复核")

    assert (later.corrects.value, later.reason) == ("no", "看错了")  # type: ignore[union-attr]
    assert task.answers.count() == 4
    assert {a.question.code: a.value for a in task.answers.standing()} == {
        "exit": "yes",
        "steps": 21,
    }
    asked = campaign_answers.asked(campaign.check_list_id)
    exit_row, steps_row = campaign_page.summary(campaign.tasks.all(), asked, 2)[:2]
    assert (exit_row.counts, exit_row.answered, steps_row.total) == ({"yes": 1}, 1, 21)
    rows = list(campaign_page.table(campaign.tasks.all(), asked))
    assert rows[1][5:7] == ["是", 21]
    # the case stays what it is, and knows
    assert Case.objects.get() == case
    line = case.transitions.get(action="answer_corrected")
    assert line.note == "安全出口是否畅通：是\n看错了"
    assert "检查答案更正" in browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    # and back again: no second case
    correct(task, "exit", Said("no", "确有杂物"), by=world.grid_worker)
    assert Case.objects.get() == case


def test_a_hazard_that_was_overlooked_becomes_its_case(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))

    correct(task, "exit", Said("no", "后门锁闭", (picture(),)), by=world.grid_worker)

    case = Case.objects.get()
    assert (case.description, case.photos.count()) == ("安全出口是否畅通：后门锁闭", 1)
    assert task.found.get().case == case


def test_what_was_corrected_is_what_the_next_campaign_knows(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    correct(task, "steps", Said(21), by=world.grid_worker)
    second = task_of(launch(world, title="台阶普查"), world.grid)

    known = campaign_answers.known_answers(
        second, campaign_answers.asked(second.campaign.check_list_id), MONDAY + DAY
    )

    assert [one.value for one in known.values()] == [21]


def test_what_was_taken_over_follows_the_correction(world: World) -> None:
    first = answer(world, task_of(launch(world, title="台阶普查"), world.grid))
    second, ended = (task_of(launch(world), world.grid) for _campaign in range(2))
    for task in (second, ended):
        campaign_answers.answer(task, {"exit": Said("yes")}, by=world.grid_worker, now=MONDAY + DAY)
    campaigns.end(ended.campaign, by=world.dispatcher, now=MONDAY + DAY)

    for value in (21, 22):
        correct(first, "steps", Said(value), by=world.grid_worker, reason="数错了")

    def now_and_before(task: CampaignTask) -> list[object]:
        rows = task.answers.filter(question__code="steps").order_by("pk")
        return list(rows.values_list("value", flat=True))

    assert now_and_before(second) == [18, 21, 22]
    stands = second.answers.standing().get(question__code="steps")
    assert stands.taken_from == first.answers.standing().get(question__code="steps")
    assert now_and_before(ended) == [18]  # what it counted when it ended
    page = browser(world.grid_worker).get(f"/campaigns/tasks/{second.pk}/").content.decode()
    assert "沿用自“台阶普查”" in page
    assert "数错了" in page


def test_who_may_correct_what_and_when(world: World) -> None:
    campaign = launch(world)
    task, untouched = task_of(campaign, world.grid), task_of(campaign, world.second_grid)
    worker = world.grid_worker
    with pytest.raises(NotAllowed, match="已完成或免除"):
        correct(untouched, "steps", Said(1), by=world.dispatcher)
    task = answer(world, task)
    for by in (world.grid_leader, world.clerk, world.outsider):
        with pytest.raises(NotAllowed, match="填写人和发起单位"):
            correct(task, "steps", Said(1), by=by)
    for code, said, reason, why in (
        ("steps", Said(19), " ", "更正的理由"),
        ("steps", Said(18), "错", "没有变化"),
        ("use", Said("居住"), "错", "没有可更正的答案"),
        ("nothing", Said(1), "错", "没有可更正的答案"),
    ):
        with pytest.raises(NotAllowed, match=why):
            correct(task, code, said, by=worker, reason=reason)
    for said in (Said("no"), Said("maybe"), Said(None)):
        with pytest.raises(BadAnswers):
            correct(task, "exit", said, by=worker)
    campaigns.end(campaign, by=world.dispatcher, now=MONDAY + DAY)
    with pytest.raises(NotAllowed, match="不在进行中"):
        correct(task, "steps", Said(19), by=worker)
    assert task.answers.count() == 2


def test_an_answer_is_corrected_once_at_a_time_and_only_with_a_reason(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    first = task.answers.get(question__code="steps")
    correct(task, "steps", Said(19), by=world.grid_worker)
    same = {"task": task, "question": first.question, "about": world.grid, "by": world.clerk}
    for more in ({"corrects": first, "reason": "再改"}, {"reason": "无"}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.create(value=1, at=MONDAY, **same, **more)


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_an_answer_is_corrected_on_its_page(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    task = answer(world, task_of(launch(world), world.grid))
    client, page = browser(world.grid_worker), f"{prefix}/campaigns/tasks/{task.pk}/"
    path = f"{page}correct/steps/"
    assert path in client.get(page).content.decode()
    form = client.get(path).content.decode()
    assert "18 级" in form
    assert "更正的理由" in form

    assert client.post(path, {"answer_steps": "19"}).status_code == 400
    assert client.post(path, {"answer_steps": "-1", "reason": "数错"}).status_code == 400
    done = client.post(path, {"answer_steps": "19", "reason": "数错"})

    assert done["Location"] == page
    shown = client.get(page).content.decode()
    assert "19 级" in shown
    assert "<s>18 级</s>" in shown
    assert "数错" in shown
    assert path not in browser(world.grid_leader).get(page).content.decode()
    for user in (world.grid_leader, world.outsider):
        assert browser(user).get(path).status_code == 404
        assert browser(user).post(path, {"answer_steps": "1", "reason": "x"}).status_code == 404
    assert client.get(f"{page}correct/nothing/").status_code == 404


def test_a_program_corrects_an_answer(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    program, path = Program(world.grid_worker), f"/campaigns/tasks/{task.pk}/answers/steps/"

    assert program.post(path, {"value": 19}).status_code == 400
    assert program.post(path, {"value": -1, "reason": "数错"}).json()["answers"].keys() == {"steps"}
    found = program.post(path, {"value": 19, "reason": "数错"})

    assert found.status_code == 200, found.content
    row = next(one for one in found.json()["answers"] if one["question"] == "steps")
    assert (row["answer"], row["reason"]) == ("19 级", "数错")
    assert [(was["answer"], was["reason"]) for was in row["earlier"]] == [("18 级", "数错")]
    leader = Program(world.grid_leader).post(path, {"value": 1, "reason": "x"})
    assert leader.status_code == 409
    assert Program(world.outsider).post(path, {"value": 1, "reason": "x"}).status_code == 404


# From another system ----------------------------------------------------------------------------


ONCE = {"Idempotency-Key": str(KEY)}


def problem(answer: Any) -> str:
    """The code of a problem document."""
    return str(answer.json()["type"].rpartition(":")[2])


def asked_by_program(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "title": "节前消防安全检查",
        "brief": "逐个网格检查",
        "check_list": create_check_list(world).name,
        "due_on": "2026-03-06",
        **fields,
    }


def test_a_program_launches_reminds_excuses_and_ends(world: World) -> None:
    shift_clock(to=MONDAY)
    program = Program(world.dispatcher)
    body = asked_by_program(world, units=[world.grid.pk, world.second_grid.pk])

    made = program.post("/campaigns/", body, **ONCE)
    again = program.post("/campaigns/", body, **ONCE)

    assert made.status_code == 201, made.content
    assert again.json()["number"] == made.json()["number"]
    campaign = Campaign.objects.get()
    assert (campaign.number, campaign.due_at) == (made.json()["number"], FRIDAY)
    other = program.post("/campaigns/", {**body, "title": "别的"}, **ONCE)
    assert problem(other) == "key_used"
    path, task = f"/campaigns/{campaign.number}/", task_of(campaign, world.grid)
    excused = program.post(f"/campaigns/tasks/{task.pk}/excuse/", {"reason": "拆除"})
    assert (excused.status_code, excused.json()["state"]) == (200, "excused")
    assert program.post(f"{path}remind/", {}).json() == {"open": 1}
    assert program.post(f"{path}end/", {}).json()["state"] == "ended"
    assert problem(program.post(f"{path}end/", {})) == "not_allowed"


def test_a_program_calls_departments_to_each_place(world: World) -> None:
    shift_clock(to=MONDAY)
    create_check_list(world)
    item = Item.objects.get(code="0101")
    joint = {"item": item.pk, "departments": [world.police.pk]}
    body = asked_by_program(world, units=[world.grid.pk], joint=joint, kind="inspection")

    made = Program(world.dispatcher).post("/campaigns/", body, **ONCE)

    assert made.status_code == 201, made.content
    case = Case.objects.get()
    assert (case.state, case.source) == (State.JOINT, Source.CAMPAIGN)


def test_a_program_reports_what_was_found_beside_the_form(world: World) -> None:
    task = task_of(launch(world), world.grid)
    item = Item.objects.get(code="0101")
    program, path = Program(world.grid_worker), f"/campaigns/tasks/{task.pk}/found/"
    body = {"item": item.pk, "description": "楼道堆放杂物"}

    first, second = program.post(path, body, **ONCE), program.post(path, body, **ONCE)

    assert first.status_code == 201, first.content
    assert first.json()["number"] == second.json()["number"] == Case.objects.get().number
    assert problem(program.post(path, body)) == "idempotency_key"


def test_a_program_draws_a_spot_check_and_replaces_who_left(world: World) -> None:
    shift_clock(to=MONDAY)
    program = Program(world.dispatcher)
    body = asked_by_program(
        world,
        objects=[world.grid.pk, world.second_grid.pk],
        inspector_units=[world.sanitation.pk, world.police.pk],
        draw=1,
        each=1,
        seed_source="3 月 3 日收盘点数",
        seed_at=SEED_AT.isoformat(),
    )

    made = program.post("/campaigns/spot-checks/", body, **ONCE)
    assert made.status_code == 201, made.content
    path = f"/campaigns/{made.json()['number']}/draw/"
    assert problem(program.post(path, {"seed": "3345"})) == "not_allowed"
    shift_clock(to=DRAWN_AT)
    assert program.post(path, {"seed": "3345"}).json()["state"] == "running"
    task = CampaignTask.objects.get()
    stays = task.inspectors.get()
    refused = program.post(
        f"/campaigns/tasks/{task.pk}/replace/", {"left": stays.pk, "reason": "调离"}
    )
    assert problem(refused) == "not_allowed"
    stays.posts.update(valid_to=MONDAY)
    came = program.post(
        f"/campaigns/tasks/{task.pk}/replace/", {"left": stays.pk, "reason": "调离"}
    )
    assert came.status_code == 200, came.content
    assert task.inspectors.get() != stays


def test_a_program_may_not_what_its_user_may_not(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign, worker = launch(world), Program(world.grid_worker)
    body = asked_by_program(world, units=[world.grid.pk])

    assert worker.post("/campaigns/", body, **ONCE).status_code == 403
    assert worker.post(f"/campaigns/{campaign.number}/end/", {}).status_code == 403
    unknown = Program(world.dispatcher).post("/campaigns/", {**body, "check_list": "无"}, **ONCE)
    assert (unknown.status_code, problem(unknown)) == (409, "not_allowed")
    assert Program(world.outsider).post(f"/campaigns/{campaign.number}/end/", {}).status_code in (
        403,
        404,
    )


# An inspector who left --------------------------------------------------------------------------


def drawn(world: World, **fields: Any) -> Campaign:
    campaign = announce(world, **fields)
    return spot_checks.draw(campaign, "3204.56", by=world.dispatcher, now=DRAWN_AT)


def test_the_next_of_the_pool_goes_for_one_who_left(world: World) -> None:
    shift_clock(to=DRAWN_AT)
    extra = [create_user(role="handler", unit=world.police) for _n in range(3)]
    units = (world.police.pk, world.sanitation.pk)
    campaign = drawn(world, inspector_unit_ids=units, draw=1, each=2)
    task = campaign.tasks.get()
    order = drawing.order_of(campaign.pool.pool, "3204.56", task.about_id)
    first, second = order[:2]
    assert set(task.inspectors.values_list("pk", flat=True)) == {first, second}
    gone = User.objects.get(pk=first)
    given: dict[str, Any] = {"reason": "调离", "by": world.dispatcher, "now": DRAWN_AT}
    with pytest.raises(NotAllowed, match="已离岗"):
        replacements.replace(task, first, **given)
    User.objects.filter(pk__in=[first, order[2]]).update(is_active=False)  # the third left as well

    row = replacements.replace(task, first, **given)

    assert (row.left, row.came_id, row.reason) == (gone, order[3], "调离")
    assert set(task.inspectors.values_list("pk", flat=True)) == {second, order[3]}
    assert "campaign.task" in kinds_told(row.came)
    assert campaign_page.holds(campaign, "3204.56")
    facts = campaign_page.draw_facts(campaign)["done"]["replacements"]
    assert [(one["left"], one["came"]) for one in facts] == [(str(gone), str(row.came))]
    answer(world, task, row.came)
    assert len(extra) == 3


def test_nobody_is_chosen_and_nobody_else_replaces(world: World) -> None:
    shift_clock(to=DRAWN_AT)
    campaign = drawn(world, inspector_unit_ids=(world.police.pk,), draw=1, each=1)
    task, police = campaign.tasks.get(), world.police_handler
    given: dict[str, Any] = {"reason": "调离", "now": DRAWN_AT}
    User.objects.filter(pk=police.pk).update(is_active=False)
    with pytest.raises(NotAllowed, match="岗位"):
        replacements.replace(task, police.pk, by=world.clerk, **given)
    with pytest.raises(NotAllowed, match="理由"):
        replacements.replace(task, police.pk, by=world.dispatcher, now=DRAWN_AT, reason=" ")
    with pytest.raises(NotAllowed, match="请免除该任务"):
        replacements.replace(task, police.pk, by=world.dispatcher, **given)
    plain = task_of(launch(world), world.grid)
    with pytest.raises(NotAllowed, match="已离岗"):
        replacements.replace(plain, world.grid_worker.pk, by=world.dispatcher, **given)


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_an_inspector_is_replaced_on_the_page(world: World, prefix: str) -> None:
    shift_clock(to=DRAWN_AT)
    units = (world.police.pk, world.sanitation.pk)
    campaign = drawn(world, inspector_unit_ids=units, draw=1, each=1)
    task = campaign.tasks.get()
    gone = task.inspectors.get()
    client, page = browser(world.dispatcher), f"{prefix}/campaigns/tasks/{task.pk}/"
    assert "递补" not in client.get(page).content.decode()
    early = client.post(f"{page}replace/", {"left": gone.pk, "reason": "调离"}, follow=True)
    assert "只能递补已离岗" in early.content.decode()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert "递补离岗的检查人员" in client.get(page).content.decode()
    assert "递补" not in browser(world.clerk).get(page).content.decode()

    assert client.post(f"{page}replace/", {"left": gone.pk}).status_code == 400
    assert client.post(f"{page}replace/", {"left": 0, "reason": "x"}).status_code == 400
    done = client.post(f"{page}replace/", {"left": gone.pk, "reason": "调离"})

    assert done["Location"] == page
    came = task.replacements.get().came
    assert str(came) in client.get(page).content.decode()
    assert "调离" in client.get(f"{prefix}/campaigns/{campaign.number}/").content.decode()
    outsider = browser(world.outsider).post(f"{page}replace/", {"left": gone.pk})
    assert outsider.status_code == 404


# Departments called to many places --------------------------------------------------------------


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


# The pages --------------------------------------------------------------------------------------


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
    assert "提交" not in browser(world.grid_worker).get(closed).content.decode()


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


def test_a_spot_check_on_its_pages(world: World) -> None:
    shift_clock(to=MONDAY)
    places = workplaces(world)
    asked = {
        "title": "双随机抽查",
        "check_list": create_check_list(world).pk,
        "due_on": "2026-03-06",
        "brief": "检查消防",
        "places": [unit.pk for unit in places],
        "inspector_units": [world.sanitation.pk, world.police.pk],
        "draw": 2,
        "each": 1,
        "seed_source": "上证综指",
        "seed_at": "2026-03-03T15:00",
        "key": str(KEY),
    }
    client = browser(world.dispatcher)
    assert client.post("/campaigns/spot-check/", {**asked, "draw": 9}).status_code == 400
    made = client.post("/campaigns/spot-check/", asked)
    assert client.post("/campaigns/spot-check/", asked)["Location"] == made["Location"]
    address = made["Location"]
    page = client.get(address).content.decode()
    campaign = Campaign.objects.get()
    assert campaign.pool.digest in page
    assert "复算一致" in page
    assert f"{address}draw/" not in page
    early = client.post(f"{address}draw/", {"seed": "3204.56"})
    assert early.status_code == 400
    shift_clock(to=DRAWN_AT)
    assert client.post(f"{address}draw/", {}).status_code == 400

    client.post(f"{address}draw/", {"seed": "3204.56"})

    page = client.get(address).content.decode()
    assert "3204.56" in page
    assert "按种子复算，与各任务一致" in page
    drawn, task = {one.about_id for one in campaign.tasks.all()}, campaign.tasks.all()[0]
    other = next(place for place in places if place.pk not in drawn)
    CampaignTask.objects.filter(pk=task.pk).update(about=other)
    assert "与各任务不一致" in client.get(address).content.decode()
    inspector = task.inspectors.get()
    assert str(inspector) in browser(inspector).get(f"/campaigns/tasks/{task.pk}/").content.decode()


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


# The API ----------------------------------------------------------------------------------------


def test_a_task_is_answered_by_a_program(world: World) -> None:
    shift_clock(to=MONDAY)
    answer(world, task_of(launch(world), world.grid), steps=Said(21))
    campaign = launch(world)
    task = task_of(campaign, world.grid)
    program = Program(world.grid_worker)
    form = program.get(f"/campaigns/tasks/{task.pk}/").json()
    assert [one["code"] for one in form["questions"]] == ["exit", "steps", "use", "words"]
    assert form["questions"][0]["choices"] == ["yes", "no", "na"]
    assert form["questions"][1]["known"]["value"] == 21
    path = f"/campaigns/tasks/{task.pk}/"

    wrong = program.post(path, {"answers": {"exit": {"value": "maybe"}}})
    assert (wrong.status_code, wrong.json()["answers"]) == (400, {"exit": "请从所列选项中选择。"})
    assert program.post(path, {"answers": {"exit": {}}}).status_code == 400
    assert program.post(path, {"answers": {"\ud800": {"value": "yes"}}}).status_code == 400
    said = {"answers": {"exit": {"value": "no", "remark": "堆放杂物"}}, "note": "已告知"}
    done = program.post(path, said).json()
    assert program.post(path, said).status_code == 409

    case = Case.objects.get()
    assert (done["state"], done["cases"]) == ("done", [case.number])
    assert [one["answer"] for one in done["answers"]] == ["否", "21 级"]
    found = Program(world.dispatcher).get(f"/campaigns/{campaign.number}/").json()
    assert found["progress"] == {"done": 1, "of": 2, "late": 0}
    assert found["found"] == {"total": 1, "closed": 0, "cases": [case.number]}
    assert found["summary"][0]["counts"] == {"no": 1}
    assert found["summary"][1] == {
        **{"question": "steps", "answered": 1, "of": 2, "taken_over": 1, "counts": {}},
        "total": 21,
    }


def test_programs_list_campaigns_page_by_page_within_their_scope(world: World) -> None:
    numbers = [launch(world).number for _ in range(3)]
    program = Program(world.dispatcher)

    first = program.get("/campaigns/?limit=2").json()
    rest = program.get(first["next"].partition("/api/v1")[2]).json()

    shown = [row["number"] for row in [*first["results"], *rest["results"]]]
    assert shown == numbers[::-1]
    assert rest["next"] is None
    assert program.get("/campaigns/?state=ended").json()["results"] == []
    stranger = Program(world.other_grid_worker)
    assert stranger.get("/campaigns/").json()["results"] == []
    assert stranger.get(f"/campaigns/{numbers[0]}/").status_code == 404
    pk = CampaignTask.objects.first().pk  # type: ignore[union-attr]
    assert stranger.get(f"/campaigns/tasks/{pk}/").status_code == 404
    assert stranger.post(f"/campaigns/tasks/{pk}/", {"answers": {}}).status_code == 404
    assert Program(world.correspondent).get("/campaigns/").status_code == 403


# The admin --------------------------------------------------------------------------------------


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
