"""The API of the territory: boundaries, and the grid at a point."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from governance import units
from governance.api import needs
from governance.models import CodeScheme, UnitCode
from grids import access, geo, maps, places
from grids.models import Grid
from grids.views.desk import chosen_unit


class Point(serializers.Serializer[dict[str, float]]):
    lon = serializers.FloatField(min_value=-180, max_value=180, help_text=_("WGS 84 经度"))
    lat = serializers.FloatField(min_value=-90, max_value=90, help_text=_("WGS 84 纬度"))


@extend_schema(
    summary=_("网格边界（GeoJSON）"),
    description=_("本人地图范围内今日有效的网格；`unit` 只取某单位之下的网格。"),
    parameters=[OpenApiParameter("unit", OpenApiTypes.INT, description=_("单位编号"))],
    responses=OpenApiTypes.OBJECT,
)
@api_view(["GET"])
@permission_classes([needs("grid.see")])
def grids(request: Request) -> Response:
    rows = maps.rows(request.user, chosen_unit(request._request))  # type: ignore[arg-type]
    return Response(maps.collection(rows))


FOUND = inline_serializer(
    "GridFound",
    {
        "id": serializers.IntegerField(),
        "name": serializers.CharField(),
        "code": serializers.CharField(allow_blank=True),
        "kind": serializers.CharField(),
        "community": serializers.CharField(allow_blank=True),
    },
    allow_null=True,
)


@extend_schema(
    summary=_("某点所在网格"),
    description=_("该点不在任何网格内，或所在网格不在本人范围内时，`grid` 为 null。"),
    parameters=[Point],
    responses=inline_serializer("GridAt", {"grid": FOUND}),
)
@api_view(["GET"])
@permission_classes([needs("grid.see")])
def grid_at(request: Request) -> Response:
    point = Point(data=request.query_params)
    point.is_valid(raise_exception=True)
    unit_id = geo.grid_at(**point.validated_data)
    visible = access.visible_to(request.user)  # type: ignore[arg-type]
    here = visible.filter(unit_id=unit_id or 0).select_related("unit").defer("boundary")
    grid = here.first()
    return Response({"grid": found(grid) if grid else None})


def found(grid: Grid) -> dict[str, object]:
    code = UnitCode.objects.filter(unit=grid.unit, scheme=CodeScheme.GRID, valid_to=None).first()
    return {
        "id": grid.unit_id,
        "name": grid.unit.name,
        "code": code.code if code else "",
        "kind": grid.kind,
        "community": units.name_of(grid.unit.community_id),
    }


NEAR = inline_serializer(
    "FacilityNear",
    {
        "id": serializers.IntegerField(),
        "code": serializers.CharField(),
        "kind": serializers.CharField(),
        "metres": serializers.IntegerField(),
    },
)


@extend_schema(
    summary=_("某点附近的公共部件"),
    description=_("30 米以内、本人可见的在用部件，由近及远；上报事件时以 `facility` 指明。"),
    parameters=[Point],
    responses=inline_serializer("FacilitiesNear", {"results": serializers.ListField(child=NEAR)}),
)
@api_view(["GET"])
@permission_classes([needs("facility.see")])
def facilities_near(request: Request) -> Response:
    point = Point(data=request.query_params)
    point.is_valid(raise_exception=True)
    found = places.near(request.user, **point.validated_data)  # type: ignore[arg-type]
    results = [
        {"id": row.pk, "code": row.code, "kind": row.kind, "metres": round(away)}
        for away, row in found
    ]
    return Response({"results": results})


urlpatterns = [
    path("grids/", grids, name="grids"),
    path("grids/at/", grid_at, name="grid_at"),
    path("facilities/near/", facilities_near, name="facilities_near"),
]
