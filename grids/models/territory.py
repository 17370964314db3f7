"""The territory of grid units: one area each, dated."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import Unit
from governance.reference import versioned


class GridKind(models.TextChoices):
    COMPREHENSIVE = "comprehensive", _("综合网格")
    DEDICATED = "dedicated", _("专属网格")


class DedicatedKind(models.TextChoices):
    GOVERNMENT = "government", _("党政机关")
    HOSPITAL = "hospital", _("医院")
    SCHOOL = "school", _("学校")
    ENTERPRISE = "enterprise", _("企业")
    PARK = "park", _("园区")
    MALL = "mall", _("商圈")
    MARKET = "market", _("市场")
    SIGHT = "sight", _("景区")


class GridQuerySet(models.QuerySet["Grid"]):
    def valid(self, on: date) -> Self:
        """The territories that hold on this day, of units that exist on it."""
        query = Q()
        for prefix in ("", "unit__"):
            query &= Q(**{f"{prefix}valid_from__lte": on})
            query &= Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gt": on})
        return self.filter(query)

    def within(self, unit: Unit) -> Self:
        """The territories of the unit itself and of all below it."""
        return self.filter(unit__in=Unit.objects.within(unit))


@tracked()
class Grid(models.Model):
    """The area of a unit of kind grid; its codes are the unit's. Written by grids/territory.py."""

    unit = models.OneToOneField(
        Unit, models.PROTECT, related_name="territory", verbose_name=_("网格单位")
    )
    kind = models.CharField(
        _("网格类型"), max_length=20, choices=GridKind.choices, default=GridKind.COMPREHENSIVE
    )
    dedicated_kind = models.CharField(
        _("专属类别"), max_length=20, choices=DedicatedKind.choices, blank=True
    )
    # GeoJSON MultiPolygon, WGS 84 longitude and latitude, valid, at most 7 decimals.
    boundary = models.JSONField(_("边界"))
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = GridQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("网格")
        triggers = [versioned("grids")]
        constraints = [
            models.CheckConstraint(
                condition=Q(boundary__contains={"type": "MultiPolygon"}),
                name="grid_boundary_is_a_multipolygon",
                violation_error_message=_("边界应为面（MultiPolygon）。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=GridKind.DEDICATED) | Q(dedicated_kind=""),
                name="grid_only_a_dedicated_one_is_of_a_kind",
                violation_error_message=_("只有专属网格才有专属类别。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="grid_ends_after_it_begins",
                violation_error_message=_("失效日期不能早于生效日期。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)
