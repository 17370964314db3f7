"""联合检查: the departments are called to the places of a campaign slice by slice, as a request
bears no more; the campaign's page works the slices off, and the sweep where it was closed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import campaigns
from cases.campaigns import Joint
from cases.errors import NotAllowed
from cases.models import CampaignState, CampaignTask, JointCall, TaskState
from governance import timers
from governance.models import Timer


@transaction.atomic
def work(call_id: int, now: datetime) -> JointCall:
    """Call the departments to the next places; of two who work at once the second waits and goes
    on after it. A place where they cannot be called stops no other; none is called any more once
    the campaign has ended, nor to a place that was excused."""
    rows = JointCall.objects.select_for_update(of=("self",))
    call = rows.select_related("campaign__launched_by").get(pk=call_id)
    if call.ended_at is not None:
        return call
    going = call.campaign.state == CampaignState.RUNNING
    tasks = call.campaign.tasks.order_by("pk")
    todo = tasks[call.tried : call.tried + campaigns.AT_ONCE] if going else ()
    for task in todo:
        if task.state != TaskState.EXCUSED and (why := one(call, task, now)):
            call.refused.append([task.about_id, why])
    call.tried += len(todo)
    if call.tried >= tasks.count() or not going:
        call.ended_at = now
        timers.cancel([call.pk], [campaigns.CALL], now)
    call.save(update_fields=["tried", "refused", "ended_at"])
    return call


def one(call: JointCall, task: CampaignTask, now: datetime) -> str:
    """Call them to one place; returns why they were not called."""
    joint = Joint(call.item_id, call.whistle_kind, tuple(call.departments))
    task.campaign = call.campaign
    try:
        with transaction.atomic():
            campaigns.call_departments(task, joint, call.campaign.launched_by, now)
    except NotAllowed as error:
        return str(error)
    return ""


@timers.handler(campaigns.CALL, _("联合检查通知部门"))
def left_alone(due: list[Timer], now: datetime) -> set[int]:
    """Go on with calls whose page was closed, a slice a knock; one in anybody's hands waits for the
    next knock, as the sweep never waits for a lock."""
    left = set()
    for timer in due:
        free = JointCall.objects.select_for_update(skip_locked=True).filter(pk=timer.subject_id)
        if free.first() is None or work(timer.subject_id, now).ended_at is None:
            left.add(timer.pk)
    return left
