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
    callback_days = models.PositiveSmallIntegerField(_("回访期限（工作日）"), default=3)
    yellow_percent = models.PositiveSmallIntegerField(
        _("黄灯起点（时限的百分比）"), default=80, help_text=_("对此后开始的阶段")
    )
    review_reworks = models.PositiveSmallIntegerField(
        _("追责：返工次数"), default=2, help_text=_("返工达到这一次数的事件可以追责")
    )
    review_days = models.PositiveSmallIntegerField(
        _("追责：说明期限（自然日）"), default=3, help_text=_("责任人未说明的，期满方可处理")
    )
    service_visit_days = models.PositiveSmallIntegerField(_("代办送达后回访（自然日）"), default=7)
    obligation_days = models.PositiveSmallIntegerField(
        _("协议履行回访期（自然日）"),
        default=30,
        help_text=_("最后一项履行期限之后，调解单位仍可查看事件"),
    )
    obligation_again_days = models.PositiveSmallIntegerField(
        _("协议未履行再访（自然日）"), default=7
    )

    class Meta:
        verbose_name = verbose_name_plural = _("办理规定")
        triggers = [versioned("regulation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(returns_most__gt=0, reworks_most__gt=0, reply_hours__gt=0)
                & Q(mediation_days__gt=0),
                name="regulation_has_limits",
                violation_error_message=_("退单上限、返工上限、督办回复时限、调解期限须大于 0。"),
            ),
            models.CheckConstraint(
                condition=Q(suggestion_days__gt=0),
                name="regulation_answers_suggestions",
                violation_error_message=_("建议答复期限须大于 0。"),
            ),
            models.CheckConstraint(
                condition=Q(callback_percent__lte=100),
                name="regulation_share_of_100",
                violation_error_message=_("回访抽样须在 0 至 100 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(yellow_percent__gt=0, yellow_percent__lt=100),
                name="regulation_yellow_before_red",
                violation_error_message=_("黄灯起点须在 1 至 99 之间。"),
            ),
            models.CheckConstraint(
                condition=Q(review_reworks__gt=0, obligation_again_days__gt=0),
                name="regulation_counts_from_one",
                violation_error_message=_("追责的返工次数、协议未履行再访的天数须大于 0。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.valid_from}"
