"""Small territories near 117.3° E, 39.0° N: a step is 0.001°, about 87 m × 111 m."""

from __future__ import annotations

from typing import Any

from governance.models import Unit
from grids import territory
from grids.models import Grid
from tests.builders import SINCE

WEST, SOUTH, STEP = 117.3, 39.0, 0.001
Ring = list[list[float]]


def ring(x: float, y: float, width: float = 1, height: float = 1) -> Ring:
    """A closed rectangle, in steps from 117.3, 39.0."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return [[*place(*corner)] for corner in corners]


def place(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point given in steps."""
    return round(WEST + x * STEP, 7), round(SOUTH + y * STEP, 7)


def area(*polygons: list[Ring]) -> dict[str, Any]:
    """A MultiPolygon; each polygon is its outer ring and its holes."""
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def square(x: float, y: float, width: float = 1, height: float = 1) -> dict[str, Any]:
    return area([ring(x, y, width, height)])


def draw(unit: Unit, boundary: dict[str, Any], **fields: Any) -> Grid:
    """Give a grid unit its territory, by the product's own verb."""
    return territory.save(Grid(unit=unit, boundary=boundary, **{"valid_from": SINCE, **fields}))
