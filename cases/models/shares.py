"""A case shared with one department or one person, until a date.

CaseShare is the truth; django-guardian carries the object permission, in tables with a real
foreign key (its generic rows outlive a deleted object and then speak of the next one of that id).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from cases.models.case import Case
from governance.history import tracked
from governance.models import Unit
from governance.reference import versioned


class ShareMode(models.TextChoices):
    READ = "read", _("查看")
    HELP = "help", _("协助")


@tracked()
class CaseShare(models.Model):
    """Who else sees this case, as what, and until when."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="shares", verbose_name=_("事件"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("部门")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("人员"),
    )
    # Given with a mediation, and ended with it: what the centre shares besides stays.
    for_dispute = models.BooleanField(_("因调解共享"), default=False)
    mode = models.CharField(_("方式"), max_length=8, choices=ShareMode.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("共享时间"))
    until = models.DateTimeField(_("截止时间"))
    ended_at = models.DateTimeField(_("提前结束"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("事件共享")
        triggers = [versioned("shares")]
        constraints = [
            models.CheckConstraint(condition=Q(unit=None) ^ Q(user=None), name="share_with_one"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="share_ends_later"),
            models.UniqueConstraint(
                fields=["case", "unit", "user", "for_dispute"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="share_once_a_case",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.case_id} → {self.unit_id or self.user_id}"


class CaseUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Case, models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = verbose_name_plural = _("事件共享（人员授权）")


class CaseUnitPermission(GroupObjectPermissionBase):
    """guardian knows no units: a group of the unit's name stands for it, without members."""

    content_object = models.ForeignKey(Case, models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = verbose_name_plural = _("事件共享（部门授权）")
