"""The demo's campaigns: a fire-safety check over all grids, a survey that takes over what is known,
and a spot check that was drawn. By the verbs, as people would."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from cases import campaign_answers, campaigns, deadlines, items, spot_checks
from cases.campaign_answers import Said
from cases.campaigns import Plan
from cases.demo.organisation import GridPlace, Organisation
from cases.models import (
    Campaign,
    CampaignKind,
    CampaignTask,
    CheckList,
    CheckListQuestion,
    Question,
)
from cases.spot_checks import Spot
from governance import actor
from governance.models import Unit, UnitKind, User
from governance.workcalendar import calendar

DAY = timedelta(days=1)
# code → what is asked; `item` is the code of the item of the case that a "no" becomes.
QUESTIONS: dict[str, dict[str, Any]] = {
    "fire-exit": {"text": "安全出口、疏散通道是否畅通", "kind": "yes_no", "item": "0503"},
    "fire-equipment": {"text": "灭火器、消火栓是否完好有效", "kind": "yes_no", "item": "0507"},
    "e-bikes": {"text": "楼道内是否没有电动自行车停放充电", "kind": "yes_no", "item": "0504"},
    "extinguishers": {"text": "灭火器数量", "kind": "number", "measure": "具", "keeps_days": 180},
    "steps": {"text": "出入口台阶数", "kind": "number", "measure": "级", "keeps_days": 365},
    "ramp": {"text": "无障碍坡道", "kind": "choice", "choices": ["有", "无", "在建"]},
    "words": {"text": "其他情况", "kind": "text"},
}
LISTS: dict[str, tuple[str, ...]] = {
    "节前消防安全检查": (*("fire-exit", "fire-equipment", "e-bikes", "extinguishers", "words"),),
    "无障碍设施普查": ("steps", "ramp", "extinguishers", "words"),
}
OPTIONAL = {"words", "ramp"}
REMARKS = ("杂物堆放，已当场提醒，需复查。", "两具压力不足，需更换。", "现场有一辆正在充电。")
FIRE, SURVEY = LISTS


def run(made: Organisation, now: datetime, chance: random.Random, *, finds: bool) -> int:
    """Returns how many campaigns there are. Without `finds` nothing is wrong anywhere, and no case
    comes of them."""
    lists = {name: check_list(name, codes) for name, codes in LISTS.items()}
    grids = [grid for community in made.communities for grid in community.grids]
    chance.shuffle(grids)
    survey(made, lists[SURVEY], grids, now)
    fire_safety(made, lists[FIRE], grids, now, finds=finds)
    spot_check(made, lists[FIRE], now)
    return Campaign.objects.count()


def check_list(name: str, codes: tuple[str, ...]) -> CheckList:
    known = {item.code: item.pk for item in items.items().values()}
    made = CheckList.objects.create(name=name)
    for order, code in enumerate(codes):
        fields = {**QUESTIONS[code], "item_id": known.get(QUESTIONS[code].get("item", ""))}
        fields.pop("item", None)
        question, _new = Question.objects.get_or_create(code=code, defaults=fields)
        CheckListQuestion.objects.create(
            check_list=made, question=question, order=order, required=code not in OPTIONAL
        )
    return made


def survey(made: Organisation, asked: CheckList, grids: list[GridPlace], now: datetime) -> Campaign:
    """Ended: all but two have answered."""
    began = now - 40 * DAY
    campaign = launch(made, "无障碍设施普查", asked, grids, began, now - 20 * DAY)
    for number, grid in enumerate(grids[:-2]):
        said = {
            "steps": Said(3 + number % 9),
            "ramp": Said(("有", "无", "在建")[number % 3]),
            "extinguishers": Said(6 + number % 5),
        }
        answer(campaign, grid, said, working(began, number, now))
    with actor.acting(made.dispatchers[0].pk, "desk"):
        return campaigns.end(campaign, by=made.dispatchers[0], now=now - 19 * DAY)


def fire_safety(
    made: Organisation, asked: CheckList, grids: list[GridPlace], now: datetime, *, finds: bool
) -> None:
    """Running: half have answered, the extinguishers as they were counted by the survey."""
    began = now - 6 * DAY
    community = made.communities[0]
    everywhere = launch(made, "节前消防安全检查", asked, grids, began, now + 4 * DAY)
    for number, grid in enumerate(grids[: len(grids) // 2]):
        said = {code: Said("yes") for code in ("fire-exit", "fire-equipment", "e-bikes")}
        if finds and number % 6 == 5:
            wrong = number // 6 % 3
            said[list(said)[wrong]] = Said("no", REMARKS[wrong])
        answer(everywhere, grid, said, working(now - 4 * DAY, number, now))
    # One of a community's own, whose day has passed.
    by = community.clerks[0]
    title = "楼道堆物清理回头看"
    local = launch(made, title, asked, community.grids, began, now - 3 * DAY, by=by)
    answer(local, community.grids[0], {c: Said("yes") for c in list(QUESTIONS)[:3]}, now - 4 * DAY)


def spot_check(made: Organisation, asked: CheckList, now: datetime) -> None:
    """Drawn two days ago from the estates and the plant, by people of three departments."""
    kinds = (UnitKind.ESTATE, UnitKind.WORKPLACE)
    places = Unit.objects.filter(kind__in=kinds).order_by("pk").values_list("pk", flat=True)
    units = [
        unit for unit in made.departments.values() if unit.code in {"fire", "emergency", "gas-heat"}
    ]
    by = made.dispatchers[0]
    plan = Plan(
        title="消防安全双随机抽查",
        brief="对小区、企业随机抽查，检查人员随机派出，结果公开。",
        check_list_id=asked.pk,
        due_at=end_of(now + 3 * DAY),
        kind=CampaignKind.SPOT_CHECK,
    )
    spot = Spot(
        object_ids=tuple(places),
        inspector_unit_ids=tuple(one.unit.pk for one in units),
        draw=min(3, len(places)),
        each=2,
        seed_source="抽取前一交易日上证综合指数收盘点数（演示）",
        seed_at=now - 3 * DAY,
    )
    with actor.acting(by.pk, "desk"):
        campaign = spot_checks.announce(plan, spot, by=by, now=now - 5 * DAY)
        campaign = spot_checks.draw(campaign, "3876.54", by=by, now=now - 2 * DAY)
    task = campaign.tasks.order_by("pk")[0]
    inspector = task.inspectors.order_by("pk")[0]
    said = {code: Said("yes") for code in ("fire-exit", "fire-equipment", "e-bikes")}
    fill(task, {**said, "extinguishers": Said(12)}, inspector, now - DAY)


def launch(
    made: Organisation,
    title: str,
    asked: CheckList,
    grids: list[GridPlace],
    began: datetime,
    due: datetime,
    *,
    by: User | None = None,
) -> Campaign:
    by = by or made.dispatchers[0]
    plan = Plan(
        title=title,
        brief="请按清单逐项检查，已有答案核对即可；发现问题当场提醒，写明情况后自动上报。",
        check_list_id=asked.pk,
        due_at=end_of(due),
    )
    ids = [grid.unit.pk for grid in grids]
    with actor.acting(by.pk, "desk"):
        return campaigns.launch(plan, ids, by=by, now=began)


def answer(campaign: Campaign, grid: GridPlace, said: dict[str, Said], at: datetime) -> None:
    """What the worker did not count anew is taken over; where nothing is known, it is counted."""
    task = campaign.tasks.get(about=grid.unit)
    rows = campaign_answers.asked(campaign.check_list_id)
    known = campaign_answers.known_answers(task, rows, at)
    wanted = {row.question.code for row in rows if row.question_id not in known and row.required}
    counted = {code: Said(8) for code in wanted - said.keys()}
    fill(task, {**counted, **said}, grid.worker, at)


def fill(task: CampaignTask, said: dict[str, Said], by: User, at: datetime) -> None:
    with actor.acting(by.pk, "phone"):
        campaign_answers.answer(task, said, by=by, now=at)


def working(began: datetime, number: int, now: datetime) -> datetime:
    """One after another, in working hours, none later than now."""
    return min(calendar().after(began, timedelta(minutes=11 * number)), now)


def end_of(at: datetime) -> datetime:
    return deadlines.end_of(localtime(at).date(), calendar())
