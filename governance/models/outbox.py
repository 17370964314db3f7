"""What people are told: a message in the inbox, and its deliveries over other channels."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet["Message"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)


class Message(models.Model):
    """A line in somebody's inbox; the text is made from kind and params in the reader's language.

    Params never hold personal data: a case's number, an item, a state, a time.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="inbox", verbose_name=_("收件人")
    )
    kind = models.CharField(_("种类"), max_length=40)
    params = models.JSONField(_("内容"), default=dict)
    dedupe_key = models.CharField(_("去重键"), max_length=100)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("站内消息")
        indexes = [
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="message_unread"),
            models.Index(fields=["recipient", "-id"], name="message_inbox"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "dedupe_key"], name="message_said_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


S = TypeVar("S", bound="Sending")


class SendingQuerySet(models.QuerySet[S]):
    def to_send(self, now: datetime) -> Self:
        """Neither sent nor given up, their time has come, and nobody holds a lease on them."""
        return self.filter(sent_at=None, failed_at=None, next_try_at__lte=now).filter(
            Q(leased_until=None) | Q(leased_until__lte=now)
        )

    def failed(self) -> Self:
        return self.filter(failed_at__isnull=False)


class Sending(models.Model):
    """What leaves the house once: leased, tried with back-off, sent or given up visibly
    (governance/sending.py). Each kind has a partial index on what is still to be sent."""

    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    next_try_at = models.DateTimeField(_("下次发送"))
    leased_until = models.DateTimeField(_("占用至"), null=True, blank=True)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)
    failed_at = models.DateTimeField(_("放弃时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=300, blank=True)

    class Meta:
        abstract = True


class DeliveryQuerySet(SendingQuerySet["Delivery"]):
    pass


class Delivery(Sending):
    """One message over one channel."""

    message = models.ForeignKey(
        Message, models.CASCADE, related_name="deliveries", verbose_name=_("消息")
    )
    channel = models.CharField(_("渠道"), max_length=20)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("对外发送")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="delivery_to_send",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_a_channel")
        ]

    def __str__(self) -> str:
        return f"{self.channel} #{self.message_id}"
