"""Made-up grids: cells of a bent checkerboard, so that borders are shared and nothing is square."""

from __future__ import annotations

from math import sin

Point = tuple[float, float]

EDGE_PARTS = 4
WEST, SOUTH = 117.30, 39.00
WIDE, HIGH = 0.004, 0.003  # degrees a cell: about 345 by 333 metres


def bent(x: float, y: float) -> Point:
    """A point of the checkerboard (x and y in cells) as longitude and latitude."""
    lon = WEST + WIDE * (x + 0.15 * sin(1.7 * y))
    lat = SOUTH + HIGH * (y + 0.15 * sin(1.3 * x))
    return lon, lat


def cell(column: int, row: int) -> dict[str, object]:
    """The GeoJSON MultiPolygon of a cell; neighbours share their vertices to the last digit."""
    steps = [part / EDGE_PARTS for part in range(EDGE_PARTS)]
    ring: list[Point] = [(column + s, row) for s in steps]
    ring += [(column + 1, row + s) for s in steps]
    ring += [(column + 1 - s, row + 1) for s in steps]
    ring += [(column, row + 1 - s) for s in steps]
    corners = [[round(n, 7) for n in bent(x, y)] for x, y in (*ring, ring[0])]
    return {"type": "MultiPolygon", "coordinates": [[corners]]}


def inside(column: int, row: int, u: float, v: float) -> Point:
    """A point of a cell, `u` and `v` from 0 to 1; kept off the border."""
    lon, lat = bent(column + 0.1 + 0.8 * u, row + 0.1 + 0.8 * v)
    return round(lon, 6), round(lat, 6)


def place_of(number: int) -> Point:
    """Column and row of the n-th of 900 grids: 10 streets of 10 communities of 3 by 3 grids."""
    street, rest = divmod(number, 90)
    community, grid = divmod(rest, 9)
    return community * 3 + grid % 3, street * 3 + grid // 3
