"""One boundary: read from GeoJSON, checked, mended, written again."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from grids import geo

DECIMALS = 7  # a centimetre
POLYGON = 3  # GEOS' number of the type
# What GEOS says is wrong with a polygon.
REASONS = {
    "Self-intersection": _("自相交"),
    "Ring Self-intersection": _("环自相交"),
    "Hole lies outside shell": _("内洞在外环之外"),
    "Holes are nested": _("内洞相套"),
    "Nested shells": _("外环相套"),
    "Interior is disconnected": _("内部不连通"),
    "Duplicate Rings": _("环重复"),
    "Too few points in geometry component": _("点数太少"),
    "Invalid Coordinate": _("坐标无效"),
}
REASON = re.compile(r"(?P<what>[^\[]+)(\[(?P<where>[^\]]+)\])?")


class BadBoundary(Exception):
    """No territory can be made of it; the text says why."""


class Repair(NamedTuple):
    """How an invalid boundary was mended: areas in m², `dropped` lines and points left over."""

    boundary: MultiPolygon
    reason: str
    before: float
    after: float
    dropped: int

    def __str__(self) -> str:
        text = _t("%(reason)s；已修复，面积 %(before).0f → %(after).0f 平方米") % self._asdict()
        if not self.dropped:
            return text
        return text + _t("，舍去 %(dropped)d 处线或点") % self._asdict()


def parse(raw: object) -> MultiPolygon:
    """A GeoJSON Polygon or MultiPolygon, to 7 decimals; perhaps invalid. Raises BadBoundary."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise BadBoundary(_t("应为面（Polygon 或 MultiPolygon），不是 %(kind)s") % {"kind": kind})
    try:
        geometry = shapely.force_2d(shapely.from_geojson(orjson.dumps(raw)))
    except (shapely.GEOSException, orjson.JSONEncodeError) as error:
        raise BadBoundary(_t("读不出坐标：%(error)s") % {"error": error}) from error
    if geometry.is_empty:
        raise BadBoundary(_t("没有坐标"))
    west, south, east, north = geometry.bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise BadBoundary(_t("坐标不是经纬度，请先换算为 WGS 84 经纬度"))
    return rounded(geometry)


def read(text: str) -> MultiPolygon:
    """A valid one from WKT or GeoJSON, as tables hold it. Raises BadBoundary."""
    try:
        raw = (
            orjson.loads(text)
            if text.lstrip().startswith("{")
            else orjson.loads(shapely.to_geojson(shapely.from_wkt(text)))
        )
    except (shapely.GEOSException, orjson.JSONDecodeError) as error:
        raise BadBoundary(_t("应为 WKT 或 GeoJSON")) from error
    return checked(raw)


def rounded(geometry: BaseGeometry) -> MultiPolygon:
    """To 7 decimals, so that neighbours keep common corners; a valid geometry stays valid."""
    near = shapely.transform(geometry, lambda points: np.round(points, DECIMALS))
    if geometry.is_valid and not near.is_valid:
        near = shapely.set_precision(geometry, 10**-DECIMALS)
    return areas_of(near)


def areas_of(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry; what has no area is left out."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon([part for part in parts if shapely.get_type_id(part) == POLYGON])


def fault(boundary: MultiPolygon) -> str:
    """What is wrong with the boundary and where, "" when nothing is: 自相交 @ 117.3 39.1"""
    if boundary.is_valid:
        return _t("没有面积") if boundary.is_empty else ""
    found = REASON.match(shapely.is_valid_reason(boundary))
    assert found is not None
    reason = str(REASONS.get(found["what"], found["what"]))
    if not found["where"]:
        return reason
    lon, lat = (round(float(number), DECIMALS) for number in found["where"].split())
    return f"{reason} @ {lon} {lat}"


def repair(boundary: MultiPolygon) -> Repair:
    """Make an invalid boundary valid, keeping every area it encloses. Raises BadBoundary."""
    mended = shapely.make_valid(boundary, method="structure", keep_collapsed=True)
    kept = rounded(mended)
    if kept.is_empty or not kept.is_valid:
        raise BadBoundary(_t("%(reason)s，无法修复") % {"reason": fault(boundary)})
    parts: NDArray[Any] = shapely.get_parts(shapely.get_parts(mended))
    dropped = int((shapely.get_type_id(parts) != POLYGON).sum())
    return Repair(kept, fault(boundary), geo.area_m2(boundary), geo.area_m2(kept), dropped)


def checked(raw: object) -> MultiPolygon:
    """A boundary that can be a territory. Raises BadBoundary."""
    boundary = parse(raw)
    if reason := fault(boundary):
        raise BadBoundary(reason)
    return boundary


def to_json(boundary: BaseGeometry) -> dict[str, Any]:
    """The GeoJSON MultiPolygon that the database keeps."""
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(areas_of(boundary)))
    return found
