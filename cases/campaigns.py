"""专项行动: launched, fanned out to places, reminded of, ended.

Filling in: campaign_answers.py. A spot check (双随机) is announced and drawn first: spot_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import (
    campaign_access,
    campaign_cases,
    deadlines,
    needs,
    opening,
    submissions,
    workflow,
)
from cases.campaign_access import doers, launching_post, may_manage
from cases.errors import NotAllowed
from cases.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    CampaignTask,
    Case,
    CheckList,
    JointCall,
    Submission,
    TaskState,
)
from cases.moves import Action
from cases.regulations import regulation
from governance import outbox, timers, units
from governance.outbox import Note
from governance.workcalendar import calendar

if TYPE_CHECKING:
    from governance.models import User

REMIND, OVERDUE, DRAW = "campaign.remind", "campaign.overdue", "campaign.draw"
TASK_TIMERS = (REMIND, OVERDUE)
CALL = "campaign.call"
MOST_TASKS = 2000
# To how many places departments are called in one request (some 35 statements each), and when the
# sweep goes on with the others.
AT_ONCE = 20
LEFT_ALONE = timedelta(minutes=1)

outbox.SENTENCES.update(
    {
        "campaign.task": _("%(title)s（%(campaign)s）：请完成“%(place)s”的任务，%(due)s 截止。"),
        REMIND: _("%(title)s（%(campaign)s）：“%(place)s”的任务尚未完成，%(due)s 截止。"),
        OVERDUE: _("%(title)s（%(campaign)s）：“%(place)s”的任务已超期（%(due)s）。"),
        "campaign.excused": _("%(title)s（%(campaign)s）：“%(place)s”的任务已免除。"),
        DRAW: _("%(title)s（%(campaign)s）：种子已公布，可以抽取。"),
        "campaign.complete": _("%(title)s（%(campaign)s）的任务已全部完成。"),
    }
)
outbox.READERS["place"] = lambda pk: units.name_of(int(pk))
for _kind in ("campaign.task", REMIND, OVERDUE, "campaign.excused"):
    outbox.LINKS[_kind] = lambda params: reverse("desk:campaign_task", args=[params["task"]])
for _kind in (DRAW, "campaign.complete"):
    outbox.LINKS[_kind] = lambda params: reverse("desk:campaign", args=[params["campaign"]])


@dataclass(frozen=True)
class Plan:
    """What is asked, and by when."""

    title: str
    brief: str
    check_list_id: int
    due_at: datetime
    kind: str = CampaignKind.CAMPAIGN


class Target(NamedTuple):
    """Who does it, and about which place."""

    unit_id: int
    about_id: int


@dataclass(frozen=True)
class Joint:
    """联合检查: the departments that are called to each place, for a case of this item."""

    item_id: int
    whistle_kind: str
    department_ids: tuple[int, ...]


# Launching --------------------------------------------------------------------------------------


def due_moment(day: date, now: datetime) -> datetime:
    """The end of the last day of a campaign. Raises NotAllowed for a slip of the year."""
    needs.not_too_far(day, now)
    return deadlines.end_of(day, calendar())


def targets_of(user: User, ids: Iterable[int]) -> list[Target]:
    """The tasks for these grids, departments, estates and workplaces.

    Raises NotAllowed for one that is not the user's to ask.
    """
    offered = {
        unit.pk: unit
        for unit in (
            *campaign_access.grids_of(user),
            *campaign_access.places_of(user),
            *campaign_access.departments_of(user),
        )
    }
    chosen = list(dict.fromkeys(ids))
    if not chosen or len(chosen) > MOST_TASKS:
        raise NotAllowed(
            _t("请选择网格、部门或检查对象，最多 %(most)d 个。") % {"most": MOST_TASKS}
        )
    if not offered.keys() >= set(chosen):
        raise NotAllowed(_t("只能选择本辖区的网格、检查对象和部门。"))
    return [Target(campaign_access.doer_of(offered[pk]), pk) for pk in chosen]


@transaction.atomic
def launch(
    plan: Plan,
    unit_ids: Iterable[int],
    *,
    by: User,
    now: datetime,
    joint: Joint | None = None,
    key: UUID | None = None,
) -> Campaign:
    """Fan a campaign out to grids, departments, estates and workplaces; with `joint` each place
    becomes a case to which the departments are called: the first at once, those beyond what one
    request bears afterwards (cases/joint_calls.py). With a `key` (made by the client) the same sent
    again is the same campaign. Raises NotAllowed, or Conflict for a key used for something else."""
    if plan.kind == CampaignKind.SPOT_CHECK:
        raise NotAllowed(_t("双随机抽查须先公布抽取范围。"))
    ids = list(unit_ids)
    if key and (known := submissions.earlier(key, (plan, ids, joint), by=by)):
        return the_campaign(known)
    targets = targets_of(by, ids)
    campaign = started(plan, CampaignState.RUNNING, by, now)
    tasks = fan_out(campaign, targets, now)
    if joint is not None:
        begin_calls(campaign, tasks, joint, by, now)
    if key:
        submissions.keep(key, by=by, campaign=campaign)
    return campaign


def the_campaign(known: Submission) -> Campaign:
    assert known.campaign is not None  # what was said is a campaign's
    return known.campaign


def started(plan: Plan, state: str, by: User, now: datetime) -> Campaign:
    """The checked new row. Raises NotAllowed."""
    post = launching_post(by)
    if post is None:
        raise NotAllowed(_t("您的岗位不能发起专项行动。"))
    if not plan.title.strip() or not plan.brief.strip():
        raise NotAllowed(_t("请填写名称和要求。"))
    if plan.due_at <= now:
        raise NotAllowed(_t("完成期限须晚于现在。"))
    lists = CheckList.objects.filter(pk=plan.check_list_id, is_active=True)
    if not lists.exclude(rows=None).exists():
        raise NotAllowed(_t("请选择启用中的、有问题的检查清单。"))
    running = state == CampaignState.RUNNING
    return Campaign.objects.create(
        number=f"Z{opening.new_number(now)}",
        title=plan.title.strip(),
        kind=plan.kind,
        brief=plan.brief.strip(),
        check_list_id=plan.check_list_id,
        state=state,
        unit_id=post.unit_id,
        district_id=post.district_id,
        street_id=post.street_id,
        community_id=post.community_id,
        launched_by=by,
        launched_at=now if running else None,
        due_at=plan.due_at,
    )


def fan_out(campaign: Campaign, targets: Iterable[Target], now: datetime) -> list[CampaignTask]:
    """The tasks with their timers; who is to do them is told."""
    tasks = CampaignTask.objects.bulk_create(
        CampaignTask(
            campaign=campaign,
            unit_id=target.unit_id,
            about_id=target.about_id,
            due_at=campaign.due_at,
            **units.known()[target.about_id].chain,
        )
        for target in targets
    )
    remind_at = warn_at(campaign)
    due = ((REMIND, remind_at), (OVERDUE, campaign.due_at))
    timers.start_many((kind, task.pk, 0, at) for task in tasks for kind, at in due)
    if campaign.kind != CampaignKind.SPOT_CHECK:  # who was drawn is told by the draw
        outbox.tell(notes(campaign, tasks, "campaign.task", "1"), now)
    return tasks


def warn_at(campaign: Campaign) -> datetime:
    """When most of the time is over: the reminder, and the yellow light."""
    began = campaign.launched_at or campaign.due_at
    return deadlines.share(began, campaign.due_at, regulation().yellow_percent, calendar())


def begin_calls(
    campaign: Campaign, tasks: Sequence[CampaignTask], joint: Joint, by: User, now: datetime
) -> None:
    """Call the departments to the first places; the others have a timer, should nobody look on."""
    first = tasks[:AT_ONCE]
    for task in first:
        call_departments(task, joint, by, now)
    call = JointCall.objects.create(
        campaign=campaign,
        item_id=joint.item_id,
        whistle_kind=joint.whistle_kind,
        departments=list(joint.department_ids),
        created_at=now,
        tried=len(first),
        ended_at=now if len(first) == len(tasks) else None,
    )
    if call.ended_at is None:
        timers.start(CALL, call.pk, now + LEFT_ALONE)


def call_departments(task: CampaignTask, joint: Joint, by: User, now: datetime) -> Case:
    """A case for the place, accepted as it comes from above, and the whistle."""
    campaign = task.campaign
    words = _t("%(what)s：%(found)s") % {"what": campaign.title, "found": campaign.brief}
    case = campaign_cases.open_found(task, None, joint.item_id, words, (), by, now)
    case = workflow.take(case, Action.ACCEPT, by=None, now=now)
    return workflow.take(
        case,
        Action.WHISTLE,
        by=by,
        now=now,
        whistle_kind=joint.whistle_kind,
        department_ids=joint.department_ids,
        note=words,
    )


# Running it -------------------------------------------------------------------------------------


@transaction.atomic
def excuse(task: CampaignTask, *, reason: str, by: User, now: datetime) -> CampaignTask:
    """Take a task away, with the reason; who was to do it is told. Raises NotAllowed."""
    task = locked_task(task)
    check_manager(task.campaign, by)
    if not reason.strip():
        raise NotAllowed(_t("请写明免除的理由。"))
    outbox.tell(notes(task.campaign, [task], "campaign.excused", "1"), now)
    end_task(task, TaskState.EXCUSED, reason, by, now)
    return task


@transaction.atomic
def remind(campaign: Campaign, *, by: User, now: datetime) -> int:
    """Tell who has not answered yet, once a day; returns how many tasks are open."""
    campaign = locked(campaign)
    check_manager(campaign, by)
    if campaign.state != CampaignState.RUNNING:
        raise NotAllowed(_t("该行动不在进行中。"))
    left = list(campaign.tasks.filter(state=TaskState.OPEN).prefetch_related("inspectors"))
    day = deadlines.local_day(now, calendar()).isoformat()
    outbox.tell(notes(campaign, left, REMIND, day), now)
    return len(left)


@transaction.atomic
def end(campaign: Campaign, *, by: User, now: datetime) -> Campaign:
    """No more answers; what is open stays as not done. Raises NotAllowed."""
    check_manager(campaign, by)
    open_ones = CampaignTask.objects.filter(campaign=campaign.pk, state=TaskState.OPEN)
    left = open_ones.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    ids = list(left)  # the tasks first, then the campaign, as whoever answers does
    campaign = locked(campaign)
    if campaign.state == CampaignState.ENDED:
        raise NotAllowed(_t("该行动已结束。"))
    timers.cancel(ids, TASK_TIMERS, now)
    timers.cancel([campaign.pk], [DRAW], now)
    campaign.state, campaign.ended_at = CampaignState.ENDED, now
    campaign.save(update_fields=["state", "ended_at"])
    return campaign


def locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)


def locked_task(task: CampaignTask, states: Sequence[str] = (TaskState.OPEN,)) -> CampaignTask:
    """The task of a running campaign, held until the transaction ends. Raises NotAllowed."""
    task = CampaignTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    # read after the lock was got: who ends the campaign takes the locks of its open tasks first
    if task.campaign.state != CampaignState.RUNNING:
        raise NotAllowed(_t("该行动不在进行中。"))
    if task.state not in states:
        raise NotAllowed(_t("该任务已完成或免除。"))
    return task


def check_manager(campaign: Campaign, by: User) -> None:
    if not may_manage(by, campaign):
        raise NotAllowed(_t("您的岗位不能管理该行动。"))


def end_task(task: CampaignTask, state: str, note: str, by: User, now: datetime) -> None:
    task.state, task.note, task.ended_by, task.ended_at = state, note.strip(), by, now
    task.save(update_fields=["state", "note", "ended_by", "ended_at"])
    timers.cancel([task.pk], TASK_TIMERS, now)
    campaign = locked(task.campaign)  # of the last two at once, the second sees that it is the last
    if not campaign.tasks.filter(state=TaskState.OPEN).exists():
        params = {"campaign": campaign.number, "title": campaign.title}
        key = f"campaign.complete:{campaign.pk}"
        outbox.tell([Note(campaign.launched_by_id, "campaign.complete", key, params)], now)


# Messages ---------------------------------------------------------------------------------------


def whose(task: CampaignTask) -> list[int]:
    """Who is to do a task: who was drawn, else who is in post where it is to be done."""
    drawn = [user.pk for user in task.inspectors.all()]
    return drawn or doers(task.unit_id, task.community_id)


def notes(campaign: Campaign, tasks: Iterable[CampaignTask], kind: str, key: str) -> list[Note]:
    """A message for each who is to do one of these tasks."""
    for task in tasks:
        task.campaign = campaign
    return [note(task, kind, user, key) for task in tasks for user in whose(task)]


def note(task: CampaignTask, kind: str, user_id: int, key: str) -> Note:
    """A message without any personal data: which campaign, which place, by when."""
    params = {
        "campaign": task.campaign.number,
        "title": task.campaign.title,
        "task": str(task.pk),
        "place": str(task.about_id),
        "due": task.due_at.isoformat(),
    }
    return Note(user_id, kind, f"{kind}:{task.pk}:{key}", params)
