"""办事代办: what is done for people at their door, its guide and form as data, and each request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from governance.history import append_only, tracked
from governance.models import Unit
from governance.models.personal import PersonalRow
from governance.personal import EncryptedTextField
from governance.reference import versioned
from governance.workcalendar import LimitUnit
from people.models import Person, Visit


@tracked()
class ServiceItem(models.Model):
    """A thing that is done for people: who may ask, what they bring, how long it takes."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=120)
    department = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("承办部门")
    )
    conditions = models.TextField(_("受理条件"), max_length=1000)
    # [{"name": …, "needed": true, "note": …}]
    materials = models.JSONField(_("所需材料"), default=list)
    days = models.PositiveSmallIntegerField(_("办理时限"))
    unit = models.CharField(_("单位"), max_length=20, choices=LimitUnit.choices)
    # The form: the part of JSON Schema that cases/schemas.py describes.
    schema = models.JSONField(_("表单"), default=dict)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("办事事项")
        triggers = [versioned("services")]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gt=0),
                name="service_item_has_a_limit",
                violation_error_message=_("时限须大于 0。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ServiceState(models.TextChoices):
    ENTRUSTED = "entrusted", _("委托")
    ACCEPTED = "accepted", _("已受理")
    HANDLING = "handling", _("办理")
    SUPPLEMENT = "supplement", _("补正")
    DELIVERED = "delivered", _("送达")
    ARCHIVED = "archived", _("已归档")
    VISITED = "visited", _("已回访")
    TERMINATED = "terminated", _("终止")
    WITHDRAWN = "withdrawn", _("撤回")


class ServiceOutcome(models.TextChoices):
    DONE = "done", _("已办成")
    REFUSED = "refused", _("不符合条件")
    REFERRED = "referred", _("转其他单位")


class ServiceApplicant(PersonalRow):
    """For whom it is done, and what they answered: sealed with one key, erased together."""

    name = EncryptedTextField(_("姓名"), mask="name")
    phone = EncryptedTextField(_("电话"), mask="phone")
    # The answers to the form as one JSON text; never shown masked, only revealed.
    answers = EncryptedTextField(_("填写内容"), mask="phone")
    # From whose registration name and phone were copied, as with cases.Reporter.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("申请人")

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked()
class ServiceRequest(models.Model):
    """One request, from the mandate to the visit; changed only by cases/services.py."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    version = models.PositiveIntegerField(default=1)
    item = models.ForeignKey(
        ServiceItem, models.PROTECT, related_name="requests", verbose_name=_("办事事项")
    )
    state = models.CharField(_("状态"), max_length=12, choices=ServiceState.choices)
    applicant = models.OneToOneField(
        ServiceApplicant, models.PROTECT, related_name="request", verbose_name=_("申请人")
    )
    # handed over from a report or a dispute: who asked for it did not tell it twice
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="service_requests", verbose_name=_("来自事件")
    )
    # asked for at the own door; read by cases/visits.py alone
    visit = models.ForeignKey(
        Visit,
        models.PROTECT,
        null=True,
        related_name="service_requests",
        db_index=False,
        verbose_name=_("来自走访"),
    )
    district = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("区")
    )
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )
    department = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("承办部门")
    )
    entrusted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("受托人")
    )
    entrusted_at = models.DateTimeField(_("委托时间"))
    accepted_at = models.DateTimeField(_("受理时间"), null=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    # The limit as it was on acceptance: the due moment follows from it and the pauses.
    limit_days = models.PositiveSmallIntegerField(_("办理时限"), null=True)
    limit_unit = models.CharField(_("单位"), max_length=20, choices=LimitUnit.choices, blank=True)
    # None before acceptance, while paused, and once delivered: then `kept` says how it ended.
    due_at = models.DateTimeField(_("办理期限"), null=True)
    kept = models.BooleanField(_("按期"), null=True)
    overdue_at = models.DateTimeField(_("超期时间"), null=True)
    outcome = models.CharField(
        _("办理结果"), max_length=12, choices=ServiceOutcome.choices, blank=True
    )
    # Why it was refused, terminated or withdrawn.
    reason = models.TextField(_("理由"), max_length=2000, blank=True)
    satisfied = models.BooleanField(_("满意与否"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("办事代办")
        indexes = [
            models.Index(fields=["state", "due_at"], name="service_state_due"),
            models.Index(
                fields=["visit"], condition=Q(visit__isnull=False), name="service_of_visit"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at=None, limit_days=None, limit_unit="")
                | Q(accepted_at__isnull=False, limit_days__gt=0) & ~Q(limit_unit=""),
                name="service_limit_since_acceptance",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(state__in=["accepted", "handling"]),
                name="service_clock_runs_at_work",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["terminated", "withdrawn"]) | ~Q(reason=""),
                name="service_ends_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@tracked()
class ServicePause(models.Model):
    """补正: the clock stands still until what is missing was brought."""

    request = models.ForeignKey(
        ServiceRequest, models.PROTECT, related_name="pauses", verbose_name=_("办事代办")
    )
    # The state that goes on when the pause ends.
    state = models.CharField(_("暂停前状态"), max_length=12, choices=ServiceState.choices)
    began_at = models.DateTimeField(_("开始"))
    ended_at = models.DateTimeField(_("结束"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("补正暂停")
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at=None), name="service_pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="service_pause_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.request_id} {self.began_at}"


def material_path(material: Any, filename: str) -> str:
    return f"services/{material.uuid.hex[:2]}/{material.uuid}.jpg"


@tracked()
class ServiceMaterial(models.Model):
    """A material that was brought; its picture, if one was taken, is private as the answers are."""

    uuid = models.UUIDField(unique=True, editable=False)
    request = models.ForeignKey(
        ServiceRequest, models.PROTECT, related_name="materials", verbose_name=_("办事代办")
    )
    name = models.CharField(_("材料"), max_length=60)
    received_at = models.DateTimeField(_("收到时间"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("收件人")
    )
    file = models.FileField(_("图片"), upload_to=material_path, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("办事材料")

    def __str__(self) -> str:
        return f"{self.name} #{self.request_id}"


@append_only
class ServiceStep(models.Model):
    """A line of the request's history, only ever appended."""

    request = models.ForeignKey(
        ServiceRequest, models.PROTECT, related_name="steps", verbose_name=_("办事代办")
    )
    action = models.CharField(_("动作"), max_length=20)
    from_state = models.CharField(
        _("原状态"), max_length=12, choices=ServiceState.choices, blank=True
    )
    to_state = models.CharField(_("新状态"), max_length=12, choices=ServiceState.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("办事经过")

    def __str__(self) -> str:
        return f"{self.action} #{self.request_id}"
