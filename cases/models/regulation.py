"""办理规定: what differs from place to place, as rows that hold from a day on."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.reference import versioned


@tracked()
class Regulation(models.Model):
    """The numbers of the workflow that a place sets itself; the newest row that has begun holds."""

    valid_from = models.DateField(_("自"), unique=True)
    returns_most = models.PositiveSmallIntegerField(
        _("退单上限（次）"), default=2, help_text=_("第几次退单起交督办员裁定")
    )
    reworks_most = models.PositiveSmallIntegerField(
        _("返工上限（次）"), default=2, help_text=_("第几次返工起交督办员裁定")
    )
    extensions_most = models.PositiveSmallIntegerField(_("延期上限（次）"), default=2)
    suspension_days = models.PositiveSmallIntegerField(_("挂账最长（自然日）"), default=90)
    silence_days = models.PositiveSmallIntegerField(
        _("等待反映人（工作日）"), default=3, help_text=_("过期未答复，恢复办理")
    )
    unjoin_hours = models.PositiveSmallIntegerField(_("撤销并案时限（小时）"), default=24)
    reply_hours = models.PositiveSmallIntegerField(_("督办回复时限（工作时）"), default=8)
    share_days = models.PositiveSmallIntegerField(_("共享期限（自然日）"), default=15)
    mediation_days = models.PositiveSmallIntegerField(_("调解期限（自然日）"), default=30)
    suggestion_days = models.PositiveSmallIntegerField(_("建议答复期限（工作日）"), default=15)
    quiet_from = models.TimeField(_("免打扰开始"), default=time(22, 0))
    quiet_to = models.TimeField(_("免打扰结束"), default=time(7, 30))
    callback_percent = models.PositiveSmallIntegerField(_("回访抽样（%）"), default=10)

    class Meta:
        verbose_name = verbose_name_plural = _("办理规定")
        triggers = [versioned("regulation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(returns_most__gt=0, reworks_most__gt=0, reply_hours__gt=0)
                & Q(mediation_days__gt=0),
                name="regulation_has_limits",
            ),
            models.CheckConstraint(
                condition=Q(suggestion_days__gt=0), name="regulation_answers_suggestions"
            ),
            models.CheckConstraint(
                condition=Q(callback_percent__lte=100), name="regulation_share_of_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.valid_from}"
