"""What happens when the time of a campaign's tasks runs out, and when a seed has become known."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import campaigns
from cases.models import Campaign, CampaignState, CampaignTask, TaskState
from governance import outbox, timers
from governance.models import Timer
from governance.outbox import Note


def claim(due: list[Timer]) -> tuple[list[CampaignTask], set[int]]:
    """Lock the timers' tasks: (the open ones that are free, ids of the timers of busy ones)."""
    rows = CampaignTask.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.select_related("campaign").prefetch_related("inspectors")
    free = rows.in_bulk({timer.subject_id for timer in due})
    going = [
        task
        for task in free.values()
        if task.state == TaskState.OPEN and task.campaign.state == CampaignState.RUNNING
    ]
    return going, {timer.pk for timer in due if timer.subject_id not in free}


@timers.handler(campaigns.REMIND, _("专项行动临期提醒"))
def remind(due: list[Timer], now: datetime) -> set[int]:
    going, busy = claim(due)
    told = [
        campaigns.note(task, campaigns.REMIND, user, "timer")
        for task in going
        for user in campaigns.whose(task)
    ]
    outbox.tell(told, now)
    return busy


@timers.handler(campaigns.OVERDUE, _("专项行动超期"))
def overdue(due: list[Timer], now: datetime) -> set[int]:
    """Word to who was to do it, and to who launched it."""
    going, busy = claim(due)
    late = [task for task in going if task.due_at <= now]
    CampaignTask.objects.filter(pk__in=[task.pk for task in late], overdue_at=None).update(
        overdue_at=now
    )
    told = [
        campaigns.note(task, campaigns.OVERDUE, user, "timer")
        for task in late
        for user in sorted({*campaigns.whose(task), task.campaign.launched_by_id})
    ]
    outbox.tell(told, now)
    return busy


@timers.handler(campaigns.DRAW, _("双随机抽取提醒"))
def draw(due: list[Timer], now: datetime) -> set[int]:
    """The seed is public: who announced the spot check draws it."""
    waiting = Campaign.objects.filter(
        pk__in=[timer.subject_id for timer in due], state=CampaignState.ANNOUNCED
    )
    told = []
    for campaign in waiting:
        params = {"campaign": campaign.number, "title": campaign.title}
        key = f"{campaigns.DRAW}:{campaign.pk}"
        told.append(Note(campaign.launched_by_id, campaigns.DRAW, key, params))
    outbox.tell(told, now)
    return set()
