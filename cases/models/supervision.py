"""督办: an order to get a case moving, with a level, a date and a reply."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import Severity
from governance.history import tracked


@tracked()
class Supervision(models.Model):
    """One order. The same level is not given twice and yellow does not follow red, until the orders
    so far are cancelled (facts.md "Cases")."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="supervisions", verbose_name=_("事件")
    )
    severity = models.CharField(_("级别"), max_length=8, choices=Severity.choices)
    # None: the clock gave it, from the ladder of the item or because the one before had no reply.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("督办时间"))
    reason = models.TextField(_("督办要求"), max_length=2000, blank=True)
    due_at = models.DateTimeField(_("回复期限"))
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    replied_at = models.DateTimeField(_("回复时间"), null=True)
    reply = models.TextField(_("回复"), max_length=2000, blank=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("督办")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "severity"],
                condition=Q(ended_at=None),
                name="supervision_once_a_level",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_severity_display()} #{self.case_id}"
