"""双随机: who was drawn and has left since is replaced by the next of the published pool."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _t

from cases import campaign_access, campaigns, drawing
from cases.errors import NotAllowed
from cases.models import CampaignKind, CampaignTask, SpotReplacement
from governance import outbox

if TYPE_CHECKING:
    from governance.models import User


def who_left(task: CampaignTask) -> list[User]:
    """The inspectors of a spot check's task who hold no post to inspect from any more."""
    if task.campaign.kind != CampaignKind.SPOT_CHECK:
        return []
    in_office = campaign_access.in_office()
    return [user for user in task.inspectors.order_by("pk") if user.pk not in in_office]


@transaction.atomic
def replace(
    task: CampaignTask, left_id: int, *, reason: str, by: User, now: datetime
) -> SpotReplacement:
    """Send the next of the pool, in the order that the seed gave for this object, for one who has
    left: nobody chooses. Raises NotAllowed."""
    task = campaigns.locked_task(task)
    campaigns.check_manager(task.campaign, by)
    if not reason.strip():
        raise NotAllowed(_t("请填写递补的理由。"))
    if left_id not in {user.pk for user in who_left(task)}:
        raise NotAllowed(_t("只能递补已离岗的检查人员。"))
    came_id = next_of(task)
    if came_id is None:
        raise NotAllowed(_t("抽取范围内没有可递补的在岗人员，请免除该任务。"))
    row = SpotReplacement.objects.create(
        task=task, left_id=left_id, came_id=came_id, reason=reason.strip(), at=now, by=by
    )
    task.inspectors.remove(left_id)
    task.inspectors.add(came_id)
    outbox.tell([campaigns.note(task, "campaign.task", came_id, f"replaced:{row.pk}")], now)
    return row


def next_of(task: CampaignTask) -> int | None:
    """The first in the object's order who is in office and neither goes there nor ever did."""
    pool = task.campaign.pool
    ranked = drawing.order_of(pool.pool, pool.draw.seed, task.about_id)
    known = {user.pk for user in task.inspectors.all()}
    known |= set(task.replacements.values_list("left", flat=True))
    in_office = campaign_access.in_office()
    return next((pk for pk in ranked if pk in in_office and pk not in known), None)
