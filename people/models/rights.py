"""What somebody asks about their own data: to see, copy, correct or erase it (PIPL 44-50)."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.history import append_only, tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models.places import Located
from people.models.persons import Person


def new_query_code() -> str:
    """Eight digits that only who asked knows, beside the number."""
    return f"{secrets.randbelow(10**8):08d}"


class RightKind(models.TextChoices):
    SEE = "see", _("查阅个人信息")
    COPY = "copy", _("复制个人信息")
    CORRECT = "correct", _("更正个人信息")
    ERASE = "erase", _("删除个人信息")


class RightState(models.TextChoices):
    RECEIVED = "received", _("待核验身份")
    VERIFIED = "verified", _("待办理")
    DONE = "done", _("已办理")
    REFUSED = "refused", _("未予办理")


ENDED = (RightState.DONE, RightState.REFUSED)


class Proof(models.TextChoices):
    DOCUMENT = "document", _("当面出示证件")
    CALL_BACK = "call_back", _("按登记的电话回拨")


class Claimant(PersonalRow):
    """Who asks, and in which words; what they were answered. Sealed with one key."""

    name = EncryptedTextField(_("姓名"), mask="name")
    document_number = EncryptedTextField(_("证件号码"), mask="document")
    phone = EncryptedTextField(_("电话"), mask="phone")
    words = EncryptedTextField(_("请求内容"), mask="hidden")
    answer = EncryptedTextField(_("答复"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("权利请求人")

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked(walled=True)
class RightsRequest(Located):
    """One request from receipt to answer; written by people/rights.py alone."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    query_code = models.CharField(_("查询码"), max_length=8, default=new_query_code)
    # Made from the client's own id and whose it is: sent twice, it is one request.
    key = models.UUIDField(_("提交键"), null=True, unique=True)
    kind = models.CharField(_("请求"), max_length=8, choices=RightKind.choices)
    claimant = models.OneToOneField(
        Claimant, models.PROTECT, related_name="request", verbose_name=_("请求人")
    )
    # The number of a case, a suggestion or a service that they made, when it is about that.
    about = models.CharField(_("相关编号"), max_length=20, blank=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=RightState.choices, default=RightState.RECEIVED
    )
    received_at = models.DateTimeField(_("收到时间"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # The limit as it was on receipt: the due moment follows from it.
    due_days = models.PositiveSmallIntegerField(_("办理时限（工作日）"))
    due_at = models.DateTimeField(_("办理期限"))
    overdue_at = models.DateTimeField(_("超期时间"), null=True)
    proof = models.CharField(_("核验方式"), max_length=10, choices=Proof.choices, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("核验人"),
    )
    verified_at = models.DateTimeField(_("核验时间"), null=True)
    # Whose data it is about, of the register; nobody where they are not registered.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("人员")
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("答复人"),
    )
    ended_at = models.DateTimeField(_("答复时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("个人信息权利请求")
        indexes = [models.Index(fields=["state", "due_at"], name="right_to_answer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="received", verified_at=None, proof="", person=None)
                | Q(state="verified", verified_at__isnull=False) & ~Q(proof="")
                | Q(state="done", verified_at__isnull=False) & ~Q(proof="")
                | Q(state="refused"),
                name="right_done_for_who_was_verified",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, ended_at__isnull=False, ended_by__isnull=False)
                | ~Q(state__in=ENDED) & Q(ended_at=None, ended_by=None),
                name="right_ended_by_somebody",
            ),
            # what cannot be undone takes two pairs of eyes
            models.CheckConstraint(
                condition=~Q(kind="erase", state="done") | ~Q(verified_by=models.F("ended_by")),
                name="right_erased_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RightsAction(models.TextChoices):
    RECEIVE = "receive", _("收到请求")
    VERIFY = "verify", _("核验身份")
    COPY = "copy", _("制作副本")
    DONE = "done", _("办理完毕")
    REFUSE = "refuse", _("不予办理")
    OVERDUE = "overdue", _("超期")


@append_only
class RightsStep(models.Model):
    """A line of a request's history, only ever appended."""

    request = models.ForeignKey(
        RightsRequest, models.PROTECT, related_name="steps", verbose_name=_("权利请求")
    )
    action = models.CharField(_("动作"), max_length=8, choices=RightsAction.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("权利请求经过")

    def __str__(self) -> str:
        return f"{self.action} #{self.request_id}"
