"""When the clocks of a case stand still, and what was asked and decided about its dates."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, LeaveKind, State
from governance.history import tracked


class PauseKind(models.TextChoices):
    SUSPENSION = "suspension", _("挂账")
    WAITING = "waiting", _("等待反映人")


@tracked()
class Pause(models.Model):
    """A stretch in which both clocks of a case stand still: stored, never deducted from a limit."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="pauses", verbose_name=_("事件"))
    kind = models.CharField(_("类别"), max_length=12, choices=PauseKind.choices)
    # The state that goes on when the pause ends.
    state = models.CharField(_("暂停前状态"), max_length=12, choices=State.choices)
    began_at = models.DateTimeField(_("开始"))
    until = models.DateTimeField(_("最迟恢复"))
    ended_at = models.DateTimeField(_("结束"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("暂停计时")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="pause_one_open_a_case"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="pause_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.case_id}"


@tracked()
class Leave(models.Model):
    """延期、挂账: asked for by the department with reason and date, decided by who dispatched."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="leaves", verbose_name=_("事件"))
    kind = models.CharField(_("类别"), max_length=12, choices=LeaveKind.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("申请时间"))
    reason = models.TextField(_("理由"), max_length=2000)
    until = models.DateTimeField(_("申请至"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    # None while nobody has decided, and where the case went on without a decision.
    granted = models.BooleanField(_("准予"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("延期与挂账申请")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(decided_at=None), name="leave_one_open_a_case"
            ),
            models.CheckConstraint(
                condition=Q(granted=None) | Q(decided_at__isnull=False),
                name="leave_granted_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.case_id}"


@tracked()
class PromiseMove(models.Model):
    """The promise was given another date: by an extension, or by a correction with its reason."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="promise_moves", verbose_name=_("事件")
    )
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("理由"), max_length=2000)
    due_from = models.DateTimeField(_("原期限"))
    due_to = models.DateTimeField(_("新期限"))

    class Meta:
        verbose_name = verbose_name_plural = _("承诺变更")

    def __str__(self) -> str:
        return f"#{self.case_id} {self.due_from} → {self.due_to}"
