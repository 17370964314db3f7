"""追责: a case that went wrong, opened for review: findings, who answers, the reply, the result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from governance.history import tracked


class Ground(models.TextChoices):
    LATE = "late", _("超期结案")
    REWORKED = "reworked", _("多次返工")
    FORCED = "forced", _("强制结案")


class Verdict(models.TextChoices):
    CLEARED = "cleared", _("不予追责")
    REMINDED = "reminded", _("提醒谈话")
    CORRECTED = "corrected", _("责令改正")
    CRITICISED = "criticised", _("通报批评")


@tracked()
class Review(models.Model):
    """Who is asked reads and answers it; the platform keeps it and decides nothing."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews", verbose_name=_("事件"))
    ground = models.CharField(_("事由"), max_length=10, choices=Ground.choices)
    findings = models.TextField(_("查明情况"), max_length=2000)
    answerable = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("责任人")
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提起人")
    )
    opened_at = models.DateTimeField(_("提起时间"))
    reply = models.TextField(_("本人说明"), max_length=2000, blank=True)
    replied_at = models.DateTimeField(_("说明时间"), null=True)
    verdict = models.CharField(_("处理结果"), max_length=12, choices=Verdict.choices, blank=True)
    result = models.TextField(_("处理意见"), max_length=2000, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("办结时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("责任追究")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "answerable"],
                condition=Q(ended_at=None),
                name="review_one_open_a_person",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, verdict="") | Q(ended_at__isnull=False) & ~Q(verdict=""),
                name="review_ends_with_a_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} #{self.case_id}"
