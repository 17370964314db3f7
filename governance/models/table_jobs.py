"""A file of rows on its way into a register: what its columns mean, and how far it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("正在读取")
    READY = "ready", _("待确认")
    CHECKING = "checking", _("正在检查")
    CHECKED = "checked", _("已检查，待确认")
    RUNNING = "running", _("正在导入")
    DONE = "done", _("已完成")
    FAILED = "failed", _("未能导入")


# Work for the worker.
WAITING = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.RUNNING)
# They move with every batch: what the batch wrote has its own history.
COUNTERS = ("read", "made", "changed", "same", "refused")


class TableJob(models.Model):
    """Uploaded, read by a worker, looked at, confirmed, then loaded batch by batch
    (governance/table_jobs.py)."""

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
        abstract = True


def waiting_index(name: str) -> models.Index:
    return models.Index(fields=["id"], condition=Q(state__in=WAITING), name=name)


def counts_every_row(name: str) -> models.CheckConstraint:
    counted = F("made") + F("changed") + F("same") + F("refused")
    return models.CheckConstraint(condition=Q(read=counted), name=name)
