"""What was erased: certificates without contents, and the marks left in the sealed history."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import CurrentTransaction, TransactionId


class ErasureCertificate(models.Model):
    """That something about one object was erased: when, by whom, under which policy; nothing of
    what it was. A restore does it again by these (governance/erasure.py)."""

    uuid = models.UUIDField(_("证明编号"), unique=True, default=uuid.uuid4, editable=False)
    model = models.CharField(_("对象类别"), max_length=60)
    object_id = models.CharField(_("对象"), max_length=40)
    key = models.UUIDField(_("数据密钥"), null=True, unique=True)
    columns = models.JSONField(_("字段"), default=list)
    policy = models.CharField(_("依据"), max_length=120)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"))
    transaction = TransactionId(_("事务"), db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("删除证明")
        indexes = [models.Index(fields=["model", "object_id"], name="certificate_of_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class Redaction(models.Model):
    """A sealed row out of which something was erased: its digest before, which the seal goes on to
    cover, and after, by which a later change is still found (governance/seals.py)."""

    table = models.CharField(_("表"), max_length=63)
    row_id = models.BigIntegerField(_("行"))
    sealed_as = models.BinaryField(_("删除前摘要"), max_length=32)
    left_as = models.BinaryField(_("删除后摘要"), max_length=32)
    at = models.DateTimeField(_("时间"))
    transaction = TransactionId(_("事务"), db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("审计脱敏")
        indexes = [models.Index(fields=["table", "row_id", "id"], name="redaction_of_row")]

    def __str__(self) -> str:
        return f"{self.table} #{self.row_id}"
