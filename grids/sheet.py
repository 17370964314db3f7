"""The map of one grid as an SVG drawing, for the sheet on the wall of its station."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from django.db.models import QuerySet
from shapely.geometry.base import BaseGeometry

from grids import boundary, geo
from grids.models import Building

WIDTH, HEIGHT, MARGIN = 760.0, 520.0, 16.0
LETTER = 11.0
MOST = 600


@dataclass(frozen=True)
class Drawing:
    """Paths and places in the drawing's own units."""

    width: float
    height: float
    outline: str
    neighbours: list[str]
    buildings: list[str]
    labels: list[tuple[float, float, str]]


class Plane:
    """Longitude and latitude to the drawing: equal scale both ways, north up."""

    def __init__(self, shape: BaseGeometry) -> None:
        west, south, east, north = shape.bounds
        squeeze = cos(radians((south + north) / 2))
        width, height = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
        self.scale = min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height)
        self.squeeze, self.west, self.north = squeeze, west, north
        self.left = (WIDTH - width * self.scale) / 2
        self.top = (HEIGHT - height * self.scale) / 2

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = self.left + (lon - self.west) * self.squeeze * self.scale
        y = self.top + (self.north - lat) * self.scale
        return round(x, 1), round(y, 1)

    def path(self, shape: BaseGeometry) -> str:
        """The rings of an area as an SVG path."""
        parts = []
        for polygon in shapely.get_parts(shape):
            for ring in [polygon.exterior, *polygon.interiors]:
                points = [self.at(lon, lat) for lon, lat in ring.coords]
                parts.append("M" + "L".join(f"{x} {y}" for x, y in points) + "Z")
        return "".join(parts)


def drawing(unit_id: int, raw: object, buildings: QuerySet[Building]) -> Drawing:
    """A grid with what is beside it and the buildings in it."""
    shape = boundary.parse(raw)
    plane = Plane(shape)
    rows = buildings.exclude(lon=None).order_by("estate", "name", "pk")
    columns = rows.values_list("name", "lon", "lat", "footprint")[:MOST]
    placed = [(name, plane.at(lon, lat), footprint) for name, lon, lat, footprint in columns]  # type: ignore[arg-type]
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        outline=plane.path(shape),
        neighbours=[plane.path(area) for area in beside(unit_id, shape)],
        buildings=[block(plane, point, footprint) for _name, point, footprint in placed],
        labels=apart((point, name) for name, point, _footprint in placed),
    )


def beside(unit_id: int, shape: BaseGeometry) -> Iterable[BaseGeometry]:
    """The territories that touch this one."""
    index = geo.index()
    for place in index.tree.query(shape.buffer(0.001)):
        if int(index.unit_ids[place]) != unit_id:
            yield index.areas[place]


def block(plane: Plane, point: tuple[float, float], footprint: Any) -> str:
    """A building's outline; a small square where none is known."""
    if footprint:
        return plane.path(boundary.parse(footprint))
    x, y = point
    return f"M{x - 4} {y - 4}h8v8h-8z"


def apart(
    named: Iterable[tuple[tuple[float, float], str]],
) -> list[tuple[float, float, str]]:
    """The names that do not lie over one another; the others are left out."""
    taken: list[tuple[float, float, float]] = []
    shown = []
    for (x, y), name in named:
        half = LETTER * len(name) / 2
        clear = all(
            abs(x - other_x) > half + other_half or abs(y - other_y) > LETTER + 2
            for other_x, other_y, other_half in taken
        )
        if clear:
            taken.append((x, y, half))
            shown.append((x, round(y - 7, 1), name))
    return shown
