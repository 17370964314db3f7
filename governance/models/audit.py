"""Looks at personal data, seals over the history, and the versions of what stays in memory."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import CurrentTransaction, TransactionId


class AccessRecord(models.Model):
    """Somebody looked at personal data, or exported: who, when, what, and the reason given."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("查看人")
    )
    at = models.DateTimeField(_("时间"))
    model = models.CharField(_("对象类别"), max_length=60)
    object_id = models.CharField(_("对象"), max_length=40)
    columns = models.JSONField(_("字段"), default=list)
    reason = models.CharField(_("事由"), max_length=200)
    transaction = TransactionId(_("事务"), db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("查看记录")
        indexes = [
            models.Index(fields=["model", "object_id"], name="access_of_object"),
            models.Index(fields=["at"], name="access_at"),  # the last hour's, governance/bursts.py
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class SignInDeed(models.TextChoices):
    IN = "in", _("登录")
    OUT = "out", _("退出")
    FAILED = "failed", _("密码错误")
    LOCKED = "locked", _("锁定")


class SignIn(models.Model):
    """Somebody entered, left, failed or was locked out; no user where no account had that name."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("用户"),
    )
    deed = models.CharField(_("事项"), max_length=10, choices=SignInDeed.choices)
    at = models.DateTimeField(_("时间"), db_index=True)
    address = models.GenericIPAddressField(_("来源地址"), null=True)
    transaction = TransactionId(_("事务"), db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("登录记录")

    def __str__(self) -> str:
        return f"{self.deed} #{self.pk}"


class Seal(models.Model):
    """A link of the chain: the digest of one table's rows of finished transactions.

    Covers the rows with `after` < transaction < `before`; chained to the seal before it.
    """

    table = models.CharField(_("表"), max_length=63)
    after = TransactionId(_("起"))
    before = TransactionId(_("止"))
    rows = models.BigIntegerField(_("行数"))
    digest = models.BinaryField(_("摘要"), max_length=32)
    chain = models.BinaryField(_("链值"), max_length=32)
    sealed_at = models.DateTimeField(_("封存时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("审计封存")
        indexes = [models.Index(fields=["table", "-id"], name="seal_of_table")]

    def __str__(self) -> str:
        return f"{self.table} #{self.pk}"


class ReferenceVersion(models.Model):
    """Raised by a trigger whenever rows of a reference table change (governance/reference.py)."""

    name = models.CharField(max_length=40, primary_key=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("参照数据版本")

    def __str__(self) -> str:
        return self.name


class RateWindow(models.Model):
    """How often one public visitor (a keyed hash, never an address) did one thing in a window."""

    key = models.CharField(max_length=64)
    window = models.DateTimeField()
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("访问频次")
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_once_a_window")]

    def __str__(self) -> str:
        return f"{self.window:%Y-%m-%d %H:%M}"
