"""Campaigns of the small world: check lists, launches, answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases import campaign_answers, campaigns, spot_checks
from cases.campaign_answers import Said
from cases.campaigns import Plan
from cases.models import Campaign, CampaignTask, CheckList, CheckListQuestion, Item, Question
from cases.spot_checks import Spot
from governance.models import Unit, User
from tests.builders import World, create_unit, moment
from tests.case_builders import MONDAY, create_item

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


def drawn(world: World, **fields: Any) -> Campaign:
    campaign = announce(world, **fields)
    return spot_checks.draw(campaign, "3204.56", by=world.dispatcher, now=DRAWN_AT)
