"""办理情况: the figures of a period, every rate as its two numbers."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import figures
from cases.api.shapes import user_of
from cases.figures import Figures
from governance import api, clock, units

SHARES = (
    "on_time_rate", "accuracy", "rework_rate", "grid_rate", "community_rate", "street_rate"
)  # fmt: skip
COUNTS = ("received", "closed", "forced", "suspended", "returned")


class FiguresQuery(serializers.Serializer[Any]):
    since = serializers.DateField(help_text=_("自（含当日）"))
    until = serializers.DateField(help_text=_("至（含当日）"))
    unit = serializers.IntegerField(required=False, help_text=_("只看这个街道或社区"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] < attrs["since"]:
            raise serializers.ValidationError({"until": _t("结束日期须不早于开始日期。")})
        return attrs


class ShareShape(serializers.Serializer[Any]):
    part = serializers.IntegerField(help_text=_("分子"))
    whole = serializers.IntegerField(help_text=_("分母"))


class FiguresShape(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    closed = serializers.IntegerField()
    forced = serializers.IntegerField()
    suspended = serializers.IntegerField()
    returned = serializers.IntegerField()
    on_time_rate = ShareShape()
    accuracy = ShareShape()
    rework_rate = ShareShape()
    grid_rate = ShareShape()
    community_rate = ShareShape()
    street_rate = ShareShape()


class OneShape(FiguresShape):
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)


class ReportShape(serializers.Serializer[Any]):
    level = serializers.CharField(help_text=_("按哪一级辖区分列"))
    total = FiguresShape()
    units = OneShape(many=True)
    departments = OneShape(many=True)


class FiguresOf(APIView):
    permission_classes = [api.needs(figures.PERMISSION)]

    @extend_schema(
        operation_id="figures_retrieve", parameters=[FiguresQuery], responses=ReportShape
    )
    def get(self, request: Request) -> Response:
        """What was received, closed and returned in one's scope."""
        asked = api.asked(request, FiguresQuery)
        user, unit_id = user_of(request), asked.get("unit")
        if unit_id is not None and unit_id not in {unit.pk for unit in figures.units_of(user)}:
            raise Http404  # else the figures of the whole scope would pass for the unit's
        begins, ends = figures.period(asked["since"], asked["until"])
        found = figures.figures(user, begins, ends, now=clock.now(), unit_id=unit_id)
        return Response(
            {
                "level": found.level,
                "total": shown(found.total),
                "units": listed(found.by_unit),
                "departments": listed(found.by_department),
            }
        )


def listed(found: dict[int | None, Figures]) -> list[dict[str, Any]]:
    ordered = sorted(found.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    return [{"id": pk, "name": units.name_of(pk), **shown(row)} for pk, row in ordered]


def shown(row: Figures) -> dict[str, Any]:
    shares = {name: getattr(row, name)._asdict() for name in SHARES}
    return {**{name: getattr(row, name) for name in COUNTS}, **shares}


urls = [path("figures/", FiguresOf.as_view(), name="api_figures")]
