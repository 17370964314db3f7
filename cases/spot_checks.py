"""双随机抽查: a campaign whose places and inspectors are drawn (cases/drawing.py).

What it is drawn from and where the seed will come from are published first; once the seed is known
it is drawn, and goes on like any other campaign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _t

from cases import campaign_access, campaigns, drawing, submissions
from cases.campaigns import Plan
from cases.drawing import Drawn, Inspector
from cases.errors import NotAllowed
from cases.models import Campaign, CampaignKind, CampaignState, SpotDraw, SpotPool
from governance import outbox, timers, units
from governance.models import Unit
from governance.outbox import Note

if TYPE_CHECKING:
    from governance.models import User


@dataclass(frozen=True)
class Spot:
    """What a spot check is drawn from, and from which number; both before that number is known."""

    object_ids: tuple[int, ...]
    inspector_unit_ids: tuple[int, ...]
    draw: int
    each: int
    seed_source: str
    seed_at: datetime


@transaction.atomic
def announce(
    plan: Plan, spot: Spot, *, by: User, now: datetime, key: UUID | None = None
) -> Campaign:
    """Publish what a spot check will be drawn from; with a `key` as `campaigns.launch` does. Raises
    NotAllowed, Conflict."""
    if plan.kind != CampaignKind.SPOT_CHECK:
        raise NotAllowed(_t("只有双随机抽查需要公布抽取范围。"))
    if key and (known := submissions.earlier(key, (plan, spot), by=by)):
        return campaigns.the_campaign(known)
    if not spot.seed_source.strip():
        raise NotAllowed(_t("请写明种子来源。"))
    if not now < spot.seed_at < plan.due_at:
        raise NotAllowed(_t("种子公布时间须晚于现在、早于完成期限。"))
    objects = [target.about_id for target in campaigns.targets_of(by, spot.object_ids)]
    inspectors = list(pool_inspectors(by, spot.inspector_unit_ids, objects))
    if not 1 <= spot.draw <= len(objects):
        raise NotAllowed(_t("抽取对象数须为 1 至 %(most)d。") % {"most": len(objects)})
    if not 1 <= spot.each <= len(inspectors):
        said = _t("每个对象的检查人员数须为 1 至 %(most)d。")
        raise NotAllowed(said % {"most": len(inspectors)})
    campaign = campaigns.started(plan, CampaignState.ANNOUNCED, by, now)
    pool = drawing.pool_of(objects, inspectors, draw=spot.draw, each=spot.each)
    SpotPool.objects.create(
        campaign=campaign,
        pool=pool,
        digest=drawing.digest(pool),
        seed_source=spot.seed_source.strip(),
        seed_at=spot.seed_at,
        at=now,
        by=by,
    )
    timers.start(campaigns.DRAW, campaign.pk, spot.seed_at)
    if key:
        submissions.keep(key, by=by, campaign=campaign)
    return campaign


def pool_inspectors(
    by: User, unit_ids: Sequence[int], objects: Sequence[int]
) -> Iterator[Inspector]:
    """Who is in post at these units. Raises NotAllowed for a unit that is not the user's to ask."""
    offered = (*campaign_access.grids_of(by), *campaign_access.departments_of(by))
    if not unit_ids or not {unit.pk for unit in offered} >= set(unit_ids):
        raise NotAllowed(_t("请选择检查人员所在的网格或部门。"))
    places = [units.known()[pk] for pk in objects]
    for user, posts in campaign_access.inspectors_at(unit_ids).items():
        own = {p.pk for p in places if any(campaign_access.does(post, p) for post in posts)}
        yield Inspector(user, posts[0].unit_id, frozenset(own))


@transaction.atomic
def draw(campaign: Campaign, seed: str, *, by: User, now: datetime) -> Campaign:
    """Draw with the published number, and send the inspectors out. Raises NotAllowed."""
    campaign = campaigns.locked(campaign)
    campaigns.check_manager(campaign, by)
    if campaign.state != CampaignState.ANNOUNCED:
        raise NotAllowed(_t("该抽查不在待抽取状态。"))
    pool = campaign.pool
    if now < pool.seed_at:
        raise NotAllowed(_t("种子尚未公布，不能抽取。"))
    if not seed.strip():
        raise NotAllowed(_t("请填写种子。"))
    if campaign.due_at <= now:
        raise NotAllowed(_t("完成期限须晚于现在。"))
    drawn = SpotDraw.objects.create(pool=pool, seed=seed.strip(), at=now, by=by)
    campaign.state, campaign.launched_at = CampaignState.RUNNING, now
    campaign.save(update_fields=["state", "launched_at"])
    timers.cancel([campaign.pk], [campaigns.DRAW], now)
    send_out(campaign, drawing.draw(pool.pool, drawn.seed), now)
    return campaign


def send_out(campaign: Campaign, drawn: Sequence[Drawn], now: datetime) -> None:
    """A task for each object, done by the unit of the first who was drawn for it. The pool is what
    was published: a place or unit that has an heir meanwhile is followed at once."""
    of_unit = {row["id"]: row["unit"] for row in campaign.pool.pool["inspectors"]}
    targets = [campaigns.Target(of_unit[one.inspector_ids[0]], one.object_id) for one in drawn]
    tasks = campaigns.fan_out(campaign, targets, now)
    told: list[Note] = []
    for task, one in zip(tasks, drawn, strict=True):
        task.inspectors.set(one.inspector_ids)
        told += [campaigns.note(task, "campaign.task", user, "1") for user in one.inspector_ids]
    outbox.tell(told, now)
    gone = {pk for target in targets for pk in target if units.known()[pk].valid_to is not None}
    for unit in Unit.objects.filter(pk__in=gone).order_by("pk"):
        units.FOLLOWERS["campaign_task"].follow(unit, now)
