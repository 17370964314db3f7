"""批量办理: one move for a selection of cases, its progress and what did not go."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import tracked


@tracked()
class BulkJob(models.Model):
    """Who wanted what done with which cases; each is moved by the one verb, in a savepoint."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    action = models.CharField(_("动作"), max_length=20)
    given = models.JSONField(_("内容"), default=dict)
    # Case ids, and the version that was looked at: one that changed meanwhile is left alone.
    cases = ArrayField(models.BigIntegerField(), verbose_name=_("事件"))
    versions = ArrayField(models.IntegerField(), verbose_name=_("版本"))
    created_at = models.DateTimeField(_("提交时间"))
    ended_at = models.DateTimeField(_("完成时间"), null=True)
    # How many of the cases were tried; [number, sentence] of those that were not moved.
    tried = models.PositiveIntegerField(_("已处理"), default=0)
    refused = models.JSONField(_("未办理"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("批量办理")

    def __str__(self) -> str:
        return f"{self.action} × {len(self.cases)}"
