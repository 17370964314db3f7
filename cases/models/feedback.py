"""What leaves the house about a case, and the calls that ask reporters whether they are content."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, State
from governance.history import tracked
from governance.models import Sending, SendingQuerySet


class NoticeChannel(models.TextChoices):
    SMS = "sms", _("短信")
    EMAIL = "email", _("电子邮件")
    WECOM = "wecom", _("企业微信")


class NoticeQuerySet(SendingQuerySet["Notice"]):
    pass


class Notice(Sending):
    """One message to who reported, or one post to a unit's group.

    The text is made when it is sent. Params never hold personal data: a number, an item, a date, a
    line of the case's history; phone number and address stay sealed with the reporter until then.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices", verbose_name=_("事件"))
    kind = models.CharField(_("种类"), max_length=40)
    params = models.JSONField(_("内容"), default=dict)
    channel = models.CharField(_("渠道"), max_length=20, choices=NoticeChannel.choices)
    # The other side gets it too, and drops repeats by it.
    dedupe_key = models.CharField(_("去重键"), max_length=100, unique=True)
    created_at = models.DateTimeField(_("时间"))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("对外通知")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="notice_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.case_id}"


class CallBackResult(models.TextChoices):
    SATISFIED = "satisfied", _("满意")
    DISSATISFIED = "dissatisfied", _("不满意")
    UNREACHED = "unreached", _("未接通")


class CallBackQuerySet(models.QuerySet["CallBack"]):
    def open(self) -> Self:
        """Still to be made; of a case that is worked on again there is nothing to ask yet."""
        return self.filter(done_at=None, case__state__in=[State.ANSWERED, State.ARCHIVED])


@tracked()
class CallBack(models.Model):
    """回访: a call to who reported, drawn when the case was answered."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="call_backs", verbose_name=_("事件")
    )
    drawn_at = models.DateTimeField(_("抽取时间"))
    due_at = models.DateTimeField(_("回访期限"))
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("回访人"),
    )
    done_at = models.DateTimeField(_("回访时间"), null=True)
    result = models.CharField(
        _("回访结果"), max_length=12, choices=CallBackResult.choices, blank=True
    )
    note = models.TextField(_("回访记录"), max_length=2000, blank=True)

    objects = CallBackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("回访")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="call_back_open")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(done_at=None), name="call_back_one_open_a_case"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, result="") | Q(done_at__isnull=False) & ~Q(result=""),
                name="call_back_done_has_a_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{self.case_id}"
