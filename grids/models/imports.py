"""An import of buildings or houses: the file, what its columns mean, how far it is, what was
refused."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import append_only, tracked


class ImportKind(models.TextChoices):
    BUILDINGS = "buildings", _("楼栋")
    HOUSES = "houses", _("房屋")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("正在读取")
    READY = "ready", _("待确认")
    RUNNING = "running", _("正在导入")
    DONE = "done", _("已完成")
    FAILED = "failed", _("读取失败")


# Work for the worker.
WAITING = (ImportState.UPLOADED, ImportState.RUNNING)


# The counters move with every batch: what the batch wrote has its own history.
@tracked(quiet=("read", "made", "changed", "same", "refused"))
class PlaceImport(models.Model):
    """Uploaded, read by a worker, looked at, confirmed, then loaded batch by batch."""

    kind = models.CharField(_("内容"), max_length=12, choices=ImportKind.choices)
    state = models.CharField(
        _("状态"), max_length=12, choices=ImportState.choices, default=ImportState.UPLOADED
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    # Gone when the import has ended: the rows are in the register, the refused ones kept beside.
    file = models.FileField(_("文件"), upload_to="imports/", blank=True)
    file_name = models.CharField(_("文件名"), max_length=200)
    header = models.JSONField(_("表头"), default=list)
    # The first rows with what is wrong with each, as the page shows them.
    sample = models.JSONField(_("预览"), default=list)
    mapping = models.JSONField(_("列对应"), default=dict)
    created_at = models.DateTimeField(_("上传时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True)
    ended_at = models.DateTimeField(_("完成时间"), null=True)
    total = models.PositiveIntegerField(_("总行数"), default=0)
    read = models.PositiveIntegerField(_("已读"), default=0)
    made = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("更新"), default=0)
    same = models.PositiveIntegerField(_("未变"), default=0)
    refused = models.PositiveIntegerField(_("拒绝"), default=0)
    error = models.CharField(_("原因"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("楼栋房屋导入")
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=WAITING), name="place_import_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("made") + F("changed") + F("same") + F("refused")),
                name="place_import_counts_every_row",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.file_name}"


@append_only
class RefusedRow(models.Model):
    """A row of the file that was not taken, and why."""

    job = models.ForeignKey(
        PlaceImport, models.PROTECT, related_name="refused_rows", verbose_name=_("导入")
    )
    line = models.PositiveIntegerField(_("行"))
    cells = models.JSONField(_("内容"))
    why = models.CharField(_("原因"), max_length=400)

    class Meta:
        verbose_name = verbose_name_plural = _("被拒绝的行")

    def __str__(self) -> str:
        return f"{self.line} · {self.why}"
