"""How campaigns and their open tasks follow units. Pools, draws and answers stay what they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import campaign_access, campaigns
from cases.models import Campaign, CampaignKind, CampaignState, CampaignTask, TaskState
from governance import following, outbox, units
from governance.following import COLUMNS, Kind, Values
from governance.models import UnitChange
from governance.outbox import Note

if TYPE_CHECKING:
    from governance.models import User

# A campaign lies where it was launched: in no grid.
OF_CAMPAIGN = ("district_id", "street_id", "community_id", "unit_id")
OF_TASK = (*COLUMNS, "unit_id", "about_id")


def going() -> QuerySet[Campaign]:
    return Campaign.objects.exclude(state=CampaignState.ENDED)


def campaign_wanted(values: Values) -> Values:
    """Where its unit is; of one that was split the level above."""
    *levels, unit = values
    heir = units.heir(unit)
    where = tuple(heir.chain.values()) if heir else following.placed((*levels, None))
    own = heir.pk if heir else next((pk for pk in reversed(where) if pk is not None), unit)
    return (*where[:3], own)


def open_tasks() -> QuerySet[CampaignTask]:
    rows = CampaignTask.objects.filter(state=TaskState.OPEN, campaign__state=CampaignState.RUNNING)
    return rows.select_related("campaign")


def task_wanted(values: Values) -> Values:
    """The place has an heir, and whoever checks that does it; who was drawn stays with the unit
    that they were drawn from. For a place that was split the level above answers."""
    *levels, unit, about, kind = values
    place = units.heir(about)
    if place is None:
        where = following.placed(tuple(levels))
        doer = next((pk for pk in reversed(where) if pk is not None), unit)
    else:
        where, doer = tuple(place.chain.values()), campaign_access.doer_of(place)
    if place is None or kind == CampaignKind.SPOT_CHECK:
        doer = units.heir_id(unit) or doer
    return (*where, doer, place.pk if place else about)


def move_tasks(tasks: list[CampaignTask], now: datetime) -> None:
    """To the heirs; of two about the same place the one that came is excused."""
    prefetch_related_objects(tasks, "inspectors")
    made = CampaignTask.objects.filter(campaign__in={task.campaign_id for task in tasks})
    known = set(made.values_list("campaign_id", "unit_id", "about_id"))
    moved: list[CampaignTask] = []
    notes: list[Note] = []
    for task in tasks:
        before = task.about_id
        values = tuple(getattr(task, column) for column in OF_TASK)
        wanted = task_wanted((*values, task.campaign.kind))
        same = (task.campaign_id, *wanted[-2:])
        if same in known and wanted[-2:] != values[-2:]:
            excuse(task, wanted[-1], now)
            continue
        known.add(same)
        for column, value in zip(OF_TASK, wanted, strict=True):
            setattr(task, column, value)
        moved.append(task)
        notes += notes_of(task, before)
    CampaignTask.objects.bulk_update(moved, [column.removesuffix("_id") for column in OF_TASK])
    outbox.tell(notes, now)


def notes_of(task: CampaignTask, before: int) -> list[Note]:
    """Who is to do it now; and who launched it, where the place is no more."""
    found = campaigns.notes(task.campaign, [task], "campaign.task", "1")
    if units.heir(before) is None:
        found.append(campaigns.note(task, ADRIFT, task.campaign.launched_by_id, "1"))
    return found


def excuse(task: CampaignTask, about_id: int, now: datetime) -> None:
    """In the name of who decided the change: the database asks who."""
    note = _t("已随机构调整并入“%(place)s”的任务。") % {"place": units.name_of(about_id)}
    by = decided_by(task)
    outbox.tell(campaigns.notes(task.campaign, [task], "campaign.excused", "1"), now)
    campaigns.end_task(task, TaskState.EXCUSED, note, by, now)


def decided_by(task: CampaignTask) -> User:
    rows = UnitChange.objects.filter(
        unit__in=[task.unit_id, task.about_id], applied_at__isnull=False
    )
    last = rows.select_related("decided_by").order_by("-pk").first()
    return last.decided_by if last else task.campaign.launched_by


ADRIFT = "campaign.adrift"
outbox.SENTENCES[ADRIFT] = _(
    "%(title)s（%(campaign)s）：“%(place)s”已撤销、无承接单位，请核对该任务。"
)
outbox.LINKS[ADRIFT] = outbox.LINKS["campaign.task"]
following.register(
    "campaign", _("进行中的专项行动"), Kind(going, OF_CAMPAIGN, wanted=campaign_wanted)
)
following.register(
    "campaign_task",
    _("未完成的专项行动任务"),
    Kind(
        open_tasks,
        OF_TASK,
        ("campaign__kind",),
        wanted=task_wanted,
        move=move_tasks,
        # of the last two tasks at once the second sees that it is the last (`campaigns.end_task`)
        locks=("self", "campaign"),
    ),
)
