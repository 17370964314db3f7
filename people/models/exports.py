"""An export of people: asked with a reason, approved by a second person, gone after seven days."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import Unit
from grids.models.places import Located


class ExportState(models.TextChoices):
    ASKED = "asked", _("待审批")
    REFUSED = "refused", _("不同意")
    GRANTED = "granted", _("正在生成")
    READY = "ready", _("可下载")
    FAILED = "failed", _("未能生成")
    GONE = "gone", _("已删除")


class ExportForm(models.TextChoices):
    XLSX = "xlsx", _("Excel 表格")
    CSV = "csv", _("CSV 文本")


def export_path(export: Any, filename: str) -> str:
    return f"exports/{uuid.uuid4()}.{export.form}"


@tracked(walled=True)
class Export(Located):
    """One export, from the asking to the deletion of its file; written by people/exports.py."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("范围"))
    fields = models.JSONField(_("字段"), default=list)
    is_clear = models.BooleanField(_("完整信息"), default=False)
    form = models.CharField(_("格式"), max_length=4, choices=ExportForm.choices)
    reason = models.CharField(_("用途"), max_length=400)
    state = models.CharField(
        _("状态"), max_length=8, choices=ExportState.choices, default=ExportState.ASKED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("审批人"),
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    answer = models.CharField(_("审批意见"), max_length=400, blank=True)
    made_at = models.DateTimeField(_("生成时间"), null=True)
    rows = models.PositiveIntegerField(_("人数"), default=0)
    file = models.FileField(_("文件"), upload_to=export_path, blank=True)
    deleted_at = models.DateTimeField(_("删除时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("人口导出")
        indexes = [models.Index(fields=["state", "asked_at"], name="export_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="export_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None)
                | ~Q(state="asked") & Q(decided_by__isnull=False),
                name="export_made_when_approved",
            ),
            models.CheckConstraint(
                condition=Q(state="ready") | Q(file=""), name="export_has_a_file_only_while_ready"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How records of looks and the file itself name it."""
        return f"DC{self.pk:06d}"
