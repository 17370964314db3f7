"""Several departments at one case: the whistle (吹哨报到) and the consultation (会商) with their
tasks, and what a joint inspection (联合检查) found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case, Level
from cases.models.catalogue import Dated, ends_after_it_began, lasts, once_from_a_day
from governance.history import tracked
from governance.models import PersonalRow, Unit
from governance.personal import EncryptedTextField
from governance.reference import versioned
from governance.workcalendar import LimitUnit


class WhistleKind(models.TextChoices):
    HARD = "hard", _("综合解决难题")
    ENFORCEMENT = "enforcement", _("综合执法")
    EMERGENCY = "emergency", _("应急处置")


class TaskStep(models.TextChoices):
    """What a called department does, in this order."""

    SIGN = "sign", _("签收")
    CONTACT = "contact", _("先行联系")
    ARRIVE = "arrive", _("到场")
    REPORT = "report", pgettext_lazy("step of a task", "反馈")


@tracked()
class WhistleLimit(Dated):
    """How long a called department has for a step, counted from the whistle."""

    kind = models.CharField(_("吹哨类别"), max_length=12, choices=WhistleKind.choices)
    step = models.CharField(_("环节"), max_length=12, choices=TaskStep.choices)
    amount = models.PositiveSmallIntegerField(_("时限"))
    unit = models.CharField(_("单位"), max_length=20, choices=LimitUnit.choices)

    class Meta:
        verbose_name = verbose_name_plural = _("吹哨时限")
        triggers = [versioned("whistles")]
        constraints = [
            once_from_a_day("kind", "step", name="whistle_limit_once_a_step_from_a_day"),
            ends_after_it_began("whistle_limit_ends_after_it_began"),
            lasts("whistle_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_step_display()}"


@tracked()
class Whistle(models.Model):
    """A unit calls several departments to one case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistles", verbose_name=_("事件"))
    kind = models.CharField(_("类别"), max_length=12, choices=WhistleKind.choices)
    level = models.CharField(_("吹哨层级"), max_length=12, choices=Level.choices)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    called_at = models.DateTimeField(_("吹哨时间"))
    reason = models.TextField(_("需解决的问题"), max_length=2000)
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("吹哨")
        triggers = [versioned("shares")]  # a called department sees the case (cases/shared.py)
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="whistle_one_open_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.case_id}"


@tracked()
class Consultation(models.Model):
    """会商: who sat together about a hard case, and what was decided; decisions become tasks."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="consultations", verbose_name=_("事件")
    )
    held_on = models.DateField(_("会商日期"))
    participants = models.CharField(_("参加单位"), max_length=400)
    minutes = models.TextField(_("会商纪要"), max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("会商")

    def __str__(self) -> str:
        return f"{self.held_on} #{self.case_id}"


@tracked()
class Task(models.Model):
    """What one department has to do at a case beside its lead: called by a whistle, or decided by a
    consultation. Ends with its report, or excused."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks", verbose_name=_("事件"))
    whistle = models.ForeignKey(Whistle, models.PROTECT, null=True, related_name="tasks")
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="tasks")
    department = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("部门"))
    what = models.CharField(_("任务"), max_length=400)
    given_at = models.DateTimeField(_("下达时间"))
    due_at = models.DateTimeField(_("完成期限"))
    signed_at = models.DateTimeField(_("签收时间"), null=True)
    contacted_at = models.DateTimeField(_("联系时间"), null=True)
    arrived_at = models.DateTimeField(_("到场时间"), null=True)
    arrived_lon = models.FloatField(_("到场经度"), null=True)
    arrived_lat = models.FloatField(_("到场纬度"), null=True)
    reported_at = models.DateTimeField(_("反馈时间"), null=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    report = models.TextField(_("反馈"), max_length=2000, blank=True)
    excused_at = models.DateTimeField(_("免除时间"), null=True)
    excuse = models.CharField(_("免除理由"), max_length=400, blank=True)
    score = models.PositiveSmallIntegerField(_("评分"), null=True)
    remark = models.CharField(_("评语"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("联办任务")
        triggers = [versioned("shares")]
        indexes = [
            models.Index(
                fields=["department", "case"],
                condition=Q(reported_at=None, excused_at=None),
                name="task_open_of_department",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(whistle=None) ^ Q(consultation=None), name="task_of_one_call"
            ),
            models.CheckConstraint(
                condition=Q(reported_at=None) | Q(excused_at=None), name="task_ends_one_way"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="task_score_1_to_5"
            ),
            models.UniqueConstraint(
                fields=["whistle", "department"], name="task_once_a_department_and_whistle"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} #{self.case_id}"

    @property
    def is_open(self) -> bool:
        return self.reported_at is None and self.excused_at is None


@tracked()
class Party(PersonalRow):
    """Who has to answer for what was found: a shop, a firm or a person, sealed like a person."""

    name = EncryptedTextField(_("责任主体"), mask="name")

    class Meta:
        verbose_name = verbose_name_plural = _("责任主体")

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked()
class Finding(models.Model):
    """One thing that an inspection found, and who has to answer for it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="findings", verbose_name=_("事件"))
    what = models.CharField(_("检查发现"), max_length=400)
    party = models.ForeignKey(Party, models.PROTECT, verbose_name=_("责任主体"))
    found_at = models.DateTimeField(_("检查时间"))
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # 责令整改通知书: a number, a ground in law, a date, and a look at what became of it.
    order_number = models.CharField(_("文书编号"), max_length=40, blank=True)
    ordered_at = models.DateTimeField(_("责令时间"), null=True)
    ground = models.CharField(_("法律依据"), max_length=400, blank=True)
    due_on = models.DateField(_("整改期限"), null=True)
    recheck_on = models.DateField(_("复查日期"), null=True)
    rechecked_at = models.DateTimeField(_("复查时间"), null=True)
    is_mended = models.BooleanField(_("整改合格"), null=True)
    recheck = models.CharField(_("复查情况"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检查发现")
        constraints = [
            models.UniqueConstraint(
                fields=["order_number"],
                condition=~Q(order_number=""),
                name="finding_order_number_once",
            ),
            models.CheckConstraint(
                condition=Q(order_number="")
                | Q(ordered_at__isnull=False, due_on__isnull=False, recheck_on__isnull=False)
                & ~Q(ground=""),
                name="finding_order_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} #{self.case_id}"
