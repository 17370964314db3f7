"""The case, what is sent to departments of it, and everything that happened to it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.catalogue import Item, Severity
from governance.history import append_only, tracked
from governance.models import LEVELS, PersonalRow, Unit
from governance.personal import EncryptedTextField
from governance.reference import versioned
from governance.workcalendar import LimitUnit
from grids.models import Facility
from people.models import Person, Visit


class State(models.TextChoices):
    REPORTED = "reported", _("待受理")
    REFUSED = "refused", _("不予受理")
    ACCEPTED = "accepted", _("待派遣")
    REFERRED = "referred", _("待裁定")
    DISPATCHED = "dispatched", _("待签收")
    HANDLING = "handling", _("处置中")
    JOINT = "joint", _("联合处置")
    SUSPENDED = "suspended", _("已挂账")
    WAITING = "waiting", _("待补充")
    FINISHED = "finished", _("待核查")
    VERIFIED = "verified", _("待结案")
    CLOSED = "closed", _("待回告")
    ANSWERED = "answered", _("已回告")
    ARCHIVED = "archived", _("已归档")
    JOINED = "joined", _("已并案")
    SPLIT = "split", _("已拆分")


# The clocks stand still, until a date at the longest.
PAUSED = (State.SUSPENDED, State.WAITING)
# Still before the first close: somebody has to do something by a time.
AT_WORK = (
    State.REPORTED,
    State.ACCEPTED,
    State.REFERRED,
    State.DISPATCHED,
    State.HANDLING,
    State.JOINT,
    *PAUSED,
    State.FINISHED,
    State.VERIFIED,
)


# Work left for somebody: also the answer to who reported.
OPEN = (*AT_WORK, State.CLOSED)


CROSSED = "(OLD.state IN ({0})) <> (NEW.state IN ({0}))".format(
    ", ".join(f"'{state}'" for state in OPEN)
)


class Level(models.TextChoices):
    """Which level's centre has the case in hand, the lowest first."""

    COMMUNITY = "community", _("社区")
    STREET = "street", _("街道")
    DISTRICT = "district", _("区级")


class LeaveKind(models.TextChoices):
    """What a department asks leave for."""

    EXTENSION = "extension", _("延期")
    SUSPENSION = "suspension", _("挂账")


class Outcome(models.TextChoices):
    """三到位一处理, and the two ways in which a case turns out not to be one (facts.md)."""

    SOLVED = "solved", _("解决")
    HELPED = "helped", _("救助")
    EXPLAINED = "explained", _("解释说明")
    LAW = "law", _("依法处理")
    DUPLICATE = "duplicate", _("重复")
    NOT_OURS = "not_ours", _("不属于本级")


class Source(models.TextChoices):
    PUBLIC = "public", _("随手拍")
    PHONE_CALL = "phone_call", _("电话")
    WALK_IN = "walk_in", _("来访")
    WORKER = "worker", _("网格员上报")
    VISIT = "visit", _("走访")
    CAMPAIGN = "campaign", _("专项检查")
    API = "api", _("接口")
    SUGGESTION = "suggestion", _("建议转办")
    IMPORT = "import", _("历史导入")


def new_query_code() -> str:
    """Eight digits that only who reported knows, beside the number."""
    return f"{secrets.randbelow(10**8):08d}"


@tracked()
class Reporter(PersonalRow):
    """Who reported, as far as they told: sealed, masked, erased by destroying the row's key."""

    name = EncryptedTextField(_("姓名"), mask="name")
    phone = EncryptedTextField(_("电话"), mask="phone")
    email = EncryptedTextField(_("电子邮箱"), mask="email")
    # From whose registration name and phone were copied: who asks for theirs gets these too.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("反映人")

    def __str__(self) -> str:
        return str(self.name or _("匿名"))


def period_index(name: str, *columns: str) -> BrinIndex:
    """Several times a stretch, as one straggler must not make a stretch seem to hold months."""
    classes = ["timestamptz_minmax_multi_ops"] * len(columns)
    return BrinIndex(fields=columns, name=name, opclasses=classes, pages_per_range=32)


class CaseQuerySet(models.QuerySet["Case"]):
    def at_work(self) -> Self:
        return self.filter(state__in=AT_WORK)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, now: datetime) -> Self:
        """Open, and past the limit of the present stage."""
        return self.open().filter(stage_due_at__lt=now)


# Each step of the ladder is a line of the case's history already.
@tracked(exclude=("search", "version"), quiet=("escalation", "promise_escalation"))
class Case(models.Model):
    """One matter from report to archive. Only `workflow.take` and `intake.open_case` write it."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    version = models.PositiveIntegerField(_("版本"), default=0)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices)
    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name=_("事项"))
    description = models.TextField(_("情况描述"), max_length=2000)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(_("定位误差（米）"), null=True, blank=True)
    # What it is about, where that is a public facility (部件).
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
        verbose_name=_("公共部件"),
    )
    # At whose door it was found; read by cases/visits.py alone, as the registers have their wall.
    visit = models.ForeignKey(
        Visit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
        verbose_name=_("来自走访"),
    )
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices)
    reported_at = models.DateTimeField(_("上报时间"))
    reporter = models.ForeignKey(
        Reporter, models.PROTECT, null=True, blank=True, verbose_name=_("反映人")
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("上报人"),
    )
    query_code = models.CharField(_("查询码"), max_length=8, default=new_query_code)

    # Where it is: an id a level, so that "mine" is an equality that every index can lead with.
    district = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", db_index=False, verbose_name=_("区")
    )
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("网格")
    )
    department = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("承办部门"),
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,  # it lured the planner away from the department's index
        verbose_name=_("经办人"),
    )

    level = models.CharField(
        _("办理层级"), max_length=12, choices=Level.choices, default=Level.COMMUNITY
    )
    # 小事不出村、大事不出乡: at which level it was solved.
    solved_level = models.CharField(_("解决层级"), max_length=12, choices=Level.choices, blank=True)

    # The clock of the present stage: its limit as it was set when the stage began, and the moments
    # that follow from it, the pauses and the leave given. No moments while it is paused.
    stage_amount = models.PositiveSmallIntegerField(_("阶段时限（数）"), null=True)
    stage_unit = models.CharField(
        _("阶段时限（单位）"), max_length=20, choices=LimitUnit.choices, blank=True
    )
    stage_began_at = models.DateTimeField(_("阶段开始"), null=True)
    stage_warn_at = models.DateTimeField(_("临期起点"), null=True)
    stage_due_at = models.DateTimeField(_("阶段时限"), null=True)
    escalation = models.SmallIntegerField(_("升级级次"), default=0)
    # The promise to who reported, judged at the first close and then frozen. No limit where another
    # system had set the moment. `promise_first_at` is what was promised first, once it was moved.
    promise_amount = models.PositiveSmallIntegerField(_("承诺时限（数）"), null=True)
    promise_unit = models.CharField(
        _("承诺时限（单位）"), max_length=20, choices=LimitUnit.choices, blank=True
    )
    promise_first_at = models.DateTimeField(_("原承诺时限"), null=True)
    promise_due_at = models.DateTimeField(_("承诺时限"), null=True)
    first_closed_at = models.DateTimeField(_("首次结案"), null=True)
    promise_escalation = models.SmallIntegerField(_("承诺升级级次"), default=0)
    promise_kept = models.BooleanField(_("按期结案"), null=True)

    outcome = models.CharField(_("办理结果"), max_length=12, choices=Outcome.choices, blank=True)
    result = models.TextField(_("办理情况"), max_length=2000, blank=True)
    answer = models.TextField(_("回告内容"), max_length=2000, blank=True)
    satisfied = models.BooleanField(_("满意"), null=True)
    rework_count = models.PositiveSmallIntegerField(_("返工次数"), default=0)
    return_count = models.PositiveSmallIntegerField(_("退单次数"), default=0)
    is_ruled = models.BooleanField(_("经裁定"), default=False)
    is_forced = models.BooleanField(_("强制结案"), default=False)
    # What hangs on the case now, as lists and moves ask for it.
    leave = models.CharField(_("待批申请"), max_length=12, choices=LeaveKind.choices, blank=True)
    severity = models.CharField(_("督办级别"), max_length=8, choices=Severity.choices, blank=True)
    urged_at = models.DateTimeField(_("催办时间"), null=True)
    is_joint = models.BooleanField(_("多部门办理"), default=False)
    tasks_open = models.PositiveSmallIntegerField(_("未完成任务"), default=0)
    findings_open = models.PositiveSmallIntegerField(_("未整改的检查发现"), default=0)
    dispute_open = models.BooleanField(_("纠纷调解中"), default=False)
    # A duplicate lives on in its main case; a part came out of its parent.
    main = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="joined", verbose_name=_("并入事件")
    )
    joined_at = models.DateTimeField(_("并案时间"), null=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="parts", verbose_name=_("拆分自")
    )
    # Character pairs of number, words and place (governance/search.py).
    search = SearchVectorField(editable=False, default="")

    objects = CaseQuerySet.as_manager()
    # How a locked case was when it was read: what a move changed is written, and no more.
    was: dict[str, Any]

    class Meta:
        verbose_name = verbose_name_plural = _("事件")
        # the departments called to a case see it while it is open (cases/shared.py)
        triggers = [
            versioned(
                "shares", pgtrigger.Update, pgtrigger.Condition(f"NEW.is_joint AND {CROSSED}")
            )
        ]
        indexes = [
            *(
                models.Index(fields=[column, "-id"], name=f"case_of_{column}")
                for column in (*LEVELS, "department")
            ),
            # For tab counts and for what is due next: one scope, all facts in the index.
            *(
                models.Index(
                    fields=[column, "stage_due_at"],
                    include=[
                        *("id", "state", "stage_warn_at", "handler", "grid", "community"),
                        *("level", "leave", "severity"),
                    ],
                    condition=Q(state__in=OPEN),
                    name=f"case_work_{column}",
                )
                for column in (*LEVELS, "department")
            ),
            models.Index(fields=["reported_by", "-id"], name="case_reported_by"),
            models.Index(
                fields=["facility", "-id"],
                condition=Q(facility__isnull=False),
                name="case_of_facility",
            ),
            models.Index(fields=["visit"], condition=Q(visit__isnull=False), name="case_of_visit"),
            GinIndex(fields=["search"], name="case_search", fastupdate=True),
            # For the figures of a period: cases come in by time and close soon after, so that a
            # note of the times in each stretch of the table finds them, and costs a write nothing.
            period_index("case_times", "reported_at", "first_closed_at", "promise_due_at"),
            models.Index(fields=["id"], condition=Q(state=State.SUSPENDED), name="case_suspended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lon=None, lat=None)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="case_point_is_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(promise_kept=None) | Q(first_closed_at__isnull=False),
                name="case_promise_judged_at_close",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.HANDLING, State.DISPATCHED])
                | Q(department__isnull=False),
                name="case_at_a_department_has_one",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.JOINED) | Q(main__isnull=False, joined_at__isnull=False),
                name="case_joined_to_one",
            ),
            models.CheckConstraint(
                condition=Q(main=None) | ~Q(main=F("id")), name="case_not_joined_to_itself"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=PAUSED) | Q(stage_due_at=None),
                name="case_paused_has_no_deadline",
            ),
            models.CheckConstraint(
                condition=Q(stage_amount=None, stage_unit="")
                | Q(stage_amount__gt=0) & ~Q(stage_unit=""),
                name="case_stage_limit_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@append_only
class Transition(models.Model):
    """A line of the case's history, only ever appended: a move, a reminder, an escalation."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="transitions", verbose_name=_("事件")
    )
    action = models.CharField(_("动作"), max_length=20)
    from_state = models.CharField(_("原状态"), max_length=12, choices=State.choices, blank=True)
    to_state = models.CharField(_("新状态"), max_length=12, choices=State.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"))
    source = models.CharField(_("来自"), max_length=12, blank=True)
    note = models.TextField(_("说明"), max_length=2000, blank=True)
    # Facts of the move: the department with the reasons it was ranked by, the outcome, a level.
    details = models.JSONField(_("细节"), default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("事件经过")
        indexes = [models.Index(fields=["action", "at"], name="transition_action_at")]

    def __str__(self) -> str:
        return f"{self.action} #{self.case_id}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def open(self) -> Self:
        return self.filter(finished_at=None, returned_at=None, withdrawn_at=None)


@tracked()
class Assignment(models.Model):
    """工单: what one department gets of a case, from dispatch to its end."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="assignments", verbose_name=_("事件")
    )
    department = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("部门"))
    assigned_at = models.DateTimeField(_("派遣时间"))
    signed_at = models.DateTimeField(_("签收时间"), null=True)
    finished_at = models.DateTimeField(_("办结时间"), null=True)
    returned_at = models.DateTimeField(_("退单时间"), null=True)
    # The dispatcher or the supervisor sent it to the same department again: the return was wrong.
    # A return that was not overruled counts against 准确派遣率.
    overruled_at = models.DateTimeField(_("退单被驳回时间"), null=True)
    # Ended without the department: joined to another case, closed by force.
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("工单")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(finished_at=None, returned_at=None, withdrawn_at=None),
                name="assignment_one_open_lead_a_case",
            )
        ]
        indexes = [period_index("assignment_times", "assigned_at", "returned_at")]

    def __str__(self) -> str:
        return f"{self.case_id} → {self.department_id}"


class PhotoKind(models.TextChoices):
    BEFORE = "before", _("处置前")
    AFTER = "after", _("处置后")
    PROOF = "proof", _("证明")


def photo_path(photo: Any, filename: str) -> str:
    return f"cases/{photo.uuid.hex[:2]}/{photo.uuid}.jpg"


def thumb_path(photo: Any, filename: str) -> str:
    return f"cases/{photo.uuid.hex[:2]}/{photo.uuid}.thumb.jpg"


@tracked()
class Photo(models.Model):
    """A re-encoded picture; public only after somebody ticked that no person is visible."""

    uuid = models.UUIDField(unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="photos", verbose_name=_("事件"))
    # What a called department shows of its own work (cases/models/joint.py).
    task = models.ForeignKey(
        "cases.Task", models.PROTECT, null=True, related_name="photos", verbose_name=_("联办任务")
    )
    # What a request for more time is proved with; never for residents.
    leave = models.ForeignKey(
        "cases.Leave", models.PROTECT, null=True, related_name="photos", verbose_name=_("申请")
    )
    kind = models.CharField(_("类别"), max_length=10, choices=PhotoKind.choices)
    file = models.FileField(_("图片"), upload_to=photo_path)
    thumb = models.FileField(_("缩略图"), upload_to=thumb_path)
    sha256 = models.CharField(_("校验值"), max_length=64)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("上传时间"))
    no_person_visible = models.BooleanField(_("画面中无可识别的人"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("照片")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sha256", "leave"], nulls_distinct=False, name="photo_once_a_case"
            ),
            models.CheckConstraint(
                condition=Q(kind=PhotoKind.PROOF, leave__isnull=False, task=None)
                | ~Q(kind=PhotoKind.PROOF) & Q(leave=None),
                name="photo_proof_of_a_request",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PhotoKind.PROOF) | Q(no_person_visible=False),
                name="photo_proof_is_private",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Submission(models.Model):
    """The client's own id of what it sends: a report, a mandate, a campaign. Sent eight times, it
    makes one of them and eight equal answers."""

    key = models.UUIDField()
    owner = models.CharField(max_length=40)  # "public" or "user:<id>"
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey("cases.ServiceRequest", models.PROTECT, null=True, related_name="+")
    campaign = models.ForeignKey("cases.Campaign", models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("上报回执")
        constraints = [
            models.UniqueConstraint(fields=["key", "owner"], name="submission_once_an_owner")
        ]

    def __str__(self) -> str:
        return str(self.key)
