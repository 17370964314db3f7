"""专项行动: launched, filled in place by place, ended. Each "no" becomes a case by the one door.

A spot check (双随机) is announced first: its pool and the source of its seed are published, then it
is drawn (cases/drawing.py) and goes on like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO, TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import (
    campaign_access,
    deadlines,
    drawing,
    intake,
    needs,
    opening,
    photos,
    questions,
    workflow,
)
from cases.campaign_access import doers, launching_post, may_answer, may_manage
from cases.drawing import Drawn, Inspector
from cases.errors import NotAllowed
from cases.intake import Report
from cases.models import (
    Answer,
    Campaign,
    CampaignCase,
    CampaignKind,
    CampaignState,
    CampaignTask,
    Case,
    CheckList,
    CheckListQuestion,
    PhotoKind,
    Question,
    Source,
    SpotDraw,
    SpotPool,
    TaskState,
)
from cases.moves import Action
from cases.schemas import BadAnswers
from governance import outbox, timers, units
from governance.outbox import Note
from governance.workcalendar import calendar

if TYPE_CHECKING:
    from governance.models import User

REMIND, OVERDUE, DRAW = "campaign.remind", "campaign.overdue", "campaign.draw"
TASK_TIMERS = (REMIND, OVERDUE)
MOST_TASKS = 2000

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


@dataclass(frozen=True)
class Spot:
    """What a spot check is drawn from, and from which number; both before that number is known."""

    object_ids: tuple[int, ...]
    inspector_unit_ids: tuple[int, ...]
    draw: int
    each: int
    seed_source: str
    seed_at: datetime


@dataclass(frozen=True)
class Said:
    """One answer as it is given."""

    value: object = None
    remark: str = ""
    pictures: Sequence[IO[bytes]] = field(default=())


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
    plan: Plan, unit_ids: Iterable[int], *, by: User, now: datetime, joint: Joint | None = None
) -> Campaign:
    """Fan a campaign out to grids, departments, estates and workplaces; with `joint` each place
    becomes a case at once, to which the departments are called. Raises NotAllowed."""
    if plan.kind == CampaignKind.SPOT_CHECK:
        raise NotAllowed(_t("双随机抽查须先公布抽取范围。"))
    targets = targets_of(by, unit_ids)
    campaign = started(plan, CampaignState.RUNNING, by, now)
    tasks = fan_out(campaign, targets, now)
    if joint is not None:
        for task in tasks:
            call_departments(task, joint, by, now)
    return campaign


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
    return deadlines.share(began, campaign.due_at, deadlines.YELLOW_PERCENT, calendar())


def call_departments(task: CampaignTask, joint: Joint, by: User, now: datetime) -> Case:
    """A case for the place, accepted as it comes from above, and the whistle."""
    campaign = task.campaign
    words = _t("%(what)s：%(found)s") % {"what": campaign.title, "found": campaign.brief}
    case = open_found(task, None, joint.item_id, words, (), by, now)
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


# The draw ---------------------------------------------------------------------------------------


@transaction.atomic
def announce(plan: Plan, spot: Spot, *, by: User, now: datetime) -> Campaign:
    """Publish what a spot check will be drawn from. Raises NotAllowed."""
    if plan.kind != CampaignKind.SPOT_CHECK:
        raise NotAllowed(_t("只有双随机抽查需要公布抽取范围。"))
    if not spot.seed_source.strip():
        raise NotAllowed(_t("请写明种子来源。"))
    if not now < spot.seed_at < plan.due_at:
        raise NotAllowed(_t("种子公布时间须晚于现在、早于完成期限。"))
    objects = [target.about_id for target in targets_of(by, spot.object_ids)]
    inspectors = list(pool_inspectors(by, spot.inspector_unit_ids, objects))
    if not 1 <= spot.draw <= len(objects):
        raise NotAllowed(_t("抽取对象数须为 1 至 %(most)d。") % {"most": len(objects)})
    if not 1 <= spot.each <= len(inspectors):
        said = _t("每个对象的检查人员数须为 1 至 %(most)d。")
        raise NotAllowed(said % {"most": len(inspectors)})
    campaign = started(plan, CampaignState.ANNOUNCED, by, now)
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
    timers.start(DRAW, campaign.pk, spot.seed_at)
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
    campaign = locked(campaign)
    check_manager(campaign, by)
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
    timers.cancel([campaign.pk], [DRAW], now)
    send_out(campaign, drawing.draw(pool.pool, drawn.seed), now)
    return campaign


def send_out(campaign: Campaign, drawn: Sequence[Drawn], now: datetime) -> None:
    """A task for each object, done by the unit of the first who was drawn for it."""
    of_unit = {row["id"]: row["unit"] for row in campaign.pool.pool["inspectors"]}
    targets = [Target(of_unit[one.inspector_ids[0]], one.object_id) for one in drawn]
    tasks = fan_out(campaign, targets, now)
    told: list[Note] = []
    for task, one in zip(tasks, drawn, strict=True):
        task.inspectors.set(one.inspector_ids)
        told += [note(task, "campaign.task", user, "1") for user in one.inspector_ids]
    outbox.tell(told, now)


# Filling in -------------------------------------------------------------------------------------


def asked(check_list_id: int) -> list[CheckListQuestion]:
    """The questions of a form, in their order."""
    rows = CheckListQuestion.objects.filter(check_list=check_list_id).select_related("question")
    return list(rows.order_by("order", "pk"))


def known_answers(
    task: CampaignTask, rows: Sequence[CheckListQuestion], now: datetime
) -> dict[int, Answer]:
    """Question id → the newest answer about the same place that is still good, in whatever
    campaign it was given: what has been answered is not asked again."""
    keep = {row.question_id: row.question.keeps_days for row in rows if row.question.keeps_days}
    if not keep:
        return {}
    since = now - timedelta(days=max(keep.values()))
    answers = Answer.objects.filter(
        about=task.about_id, question__in=keep, taken_from=None, at__gte=since, at__lte=now
    )
    newest = answers.exclude(task=task.pk).order_by("question", "-at", "-pk").distinct("question")
    found = newest.select_related("by", "task__campaign", "question")
    return {
        answer.question_id: answer
        for answer in found
        if now - answer.at <= timedelta(days=keep[answer.question_id])
    }


def answer(
    task: CampaignTask, said: Mapping[str, Said], *, by: User, now: datetime, note: str = ""
) -> CampaignTask:
    """Fill in the form: `said` by the code of the question. What is still known is taken over where
    nothing is said; each new "no" becomes the case that its question names.

    Raises NotAllowed, of which BadAnswers names the questions, and uploads.BadPicture.
    """
    with photos.all_or_nothing():
        task = locked_task(task)
        if not may_answer(by, task):
            raise NotAllowed(_t("这是其他单位或人员的任务。"))
        rows = asked(task.campaign.check_list_id)
        given, taken = sorted_out(rows, said, known_answers(task, rows, now))
        Answer.objects.bulk_create(
            [
                *(new_answer(task, question, one, by, now) for question, one in given),
                *(copy_of(known, task) for known in taken),
            ]
        )
        for question, one in given:
            if one.value == questions.NO and question.item_id is not None:
                words = _t("%(what)s：%(found)s") % {
                    "what": question.text,
                    "found": one.remark.strip(),
                }
                open_found(task, question, question.item_id, words, one.pictures, by, now)
        end_task(task, TaskState.DONE, note, by, now)
    return task


Given = list[tuple[Question, Said]]


def sorted_out(
    rows: Sequence[CheckListQuestion], said: Mapping[str, Said], known: Mapping[int, Answer]
) -> tuple[Given, list[Answer]]:
    """(what is said anew, what is taken over). Raises BadAnswers."""
    faults: dict[str, str] = {}
    given: Given = []
    taken: list[Answer] = []
    for row in rows:
        question, one = row.question, said.get(row.question.code, Said())
        if one.value not in (None, ""):
            if why := questions.fault(question, one.value) or wordless(question, one):
                faults[question.code] = why
            given.append((question, one))
        elif row.question_id in known:
            taken.append(known[row.question_id])
        elif row.required:
            faults[question.code] = _t("请填写此项。")
    for code in said.keys() - {row.question.code for row in rows}:
        faults[code] = _t("清单中没有这个问题。")
    if faults:
        raise BadAnswers(faults)
    return given, taken


def wordless(question: Question, one: Said) -> str:
    """Who gets the case must know what is wrong."""
    silent = one.value == questions.NO and question.item_id is not None and not one.remark.strip()
    return _t("答“否”的，请写明发现的情况。") if silent else ""


def new_answer(task: CampaignTask, question: Question, one: Said, by: User, at: datetime) -> Answer:
    return Answer(
        task=task,
        question=question,
        about_id=task.about_id,
        value=one.value,
        remark=one.remark.strip(),
        by=by,
        at=at,
    )


def copy_of(known: Answer, task: CampaignTask) -> Answer:
    return Answer(
        task=task,
        question_id=known.question_id,
        about_id=task.about_id,
        value=known.value,
        remark=known.remark,
        by_id=known.by_id,
        at=known.at,
        taken_from=known,
    )


def find(
    task: CampaignTask,
    *,
    item_id: int,
    words: str,
    by: User,
    now: datetime,
    pictures: Sequence[IO[bytes]] = (),
) -> Case:
    """What was found beside the form becomes a case as well, also after the form was filled in.

    Raises NotAllowed and uploads.BadPicture.
    """
    with photos.all_or_nothing():
        task = locked_task(task, states=(TaskState.OPEN, TaskState.DONE))
        if not may_answer(by, task):
            raise NotAllowed(_t("这是其他单位或人员的任务。"))
        if not words.strip():
            raise NotAllowed(_t("请写明发现的情况。"))
        return open_found(task, None, item_id, words.strip(), pictures, by, now)


def open_found(
    task: CampaignTask,
    question: Question | None,
    item_id: int,
    words: str,
    pictures: Sequence[IO[bytes]],
    by: User,
    now: datetime,
) -> Case:
    """Through the door that every case comes in by."""
    report = Report(
        item_id=item_id,
        description=words[:2000],
        source=Source.CAMPAIGN,
        place=units.name_of(task.about_id),
        # not where the inspector is in post: a place may hang on its community, and on no grid
        unit_id=task.grid_id or task.community_id or task.street_id or task.district_id,
    )
    case, _new = intake.open_case(report, by=by, now=now, photos=len(pictures))
    for picture in pictures:
        photos.add(case, picture, kind=PhotoKind.BEFORE, by=by, now=now)
    CampaignCase.objects.create(task=task, question=question, case=case)
    return case


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
