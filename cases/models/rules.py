"""派遣规则: when a case is such, it goes there; rows that the administrator edits, with dates."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Source
from cases.models.catalogue import DispatchMode, Item, ItemClass
from governance.history import tracked
from governance.models import Post, Unit
from governance.reference import versioned
from grids.models import GridKind


class Hours(models.TextChoices):
    ANY = "", _("不限")
    WORKING = "working", _("工作时间内")
    OUTSIDE = "outside", _("工作时间外")


@tracked()
class DispatchRule(models.Model):
    """Every condition that is given must hold; of the rules that hold, the first in order fires."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=100)
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("事项")
    )
    item_class = models.ForeignKey(
        ItemClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("大类")
    )
    grid_kind = models.CharField(_("网格类型"), max_length=20, choices=GridKind.choices, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("辖区")
    )
    words = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("描述含有（任一）"),
        default=list,
        blank=True,
    )
    source = models.CharField(_("来源"), max_length=12, choices=Source.choices, blank=True)
    hours = models.CharField(_("上报时段"), max_length=10, choices=Hours.choices, blank=True)
    department = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("派给部门")
    )
    # Who is told first; the department signs as well, and alone where nobody holds the post.
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("指定岗位")
    )
    mode = models.CharField(_("方式"), max_length=20, choices=DispatchMode.choices)
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("派遣规则")
        triggers = [versioned("rules")]
        constraints = [
            models.CheckConstraint(
                condition=Q(item=None) | Q(item_class=None),
                name="rule_of_item_or_of_class",
                violation_error_message=_("事项和大类只填一项。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="rule_ends_after_it_began",
                violation_error_message=_("结束须晚于开始。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
