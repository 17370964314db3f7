"""Which grid a point lies in, and how large and how far things are.

Each process keeps the territories valid today in a search tree; the tree is built anew when a grid
or a unit has changed, by whichever process, or when the day has: never older than the transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import cos, hypot, radians, sin
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.db.models import TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from governance import clock, units
from governance.reference import Reference, versions
from grids.models import Grid

# WGS 84; CGCS2000 differs by a tenth of a millimetre.
EQUATOR = 6_378_137.0
SQUARED = 0.00669437999014  # eccentricity²
ECCENTRICITY = SQUARED**0.5
NOWHERE = np.iinfo(np.int64).max


class Index(NamedTuple):
    """The territories by ascending unit id, and the tree over them."""

    unit_ids: NDArray[np.int64]
    areas: NDArray[Any]
    tree: shapely.STRtree


def load() -> Index:
    """The index as the database has it now."""
    rows = Grid.objects.valid(clock.today()).order_by("unit_id")
    found = list(rows.values_list("unit_id", Cast("boundary", TextField())))
    unit_ids = np.array([unit_id for unit_id, _ in found], dtype=np.int64)
    areas = np.empty(len(found), dtype=object)
    areas[:] = shapely.from_geojson([text for _, text in found], on_invalid="warn")
    shapely.prepare(areas)
    # The first question builds what later ones only read: threads must not meet it half-built.
    shapely.intersects(areas, shapely.point_on_surface(areas))
    return Index(unit_ids, areas, shapely.STRtree(areas))


def today_and_units() -> object:
    """What the index depends on beside the grids themselves: the day, and units that end."""
    return clock.today(), versions().get("units")


index = Reference("grids", load, also=today_and_units)


def grid_at(lon: float, lat: float) -> int | None:
    """The unit id of the grid that covers the point; on a common border the lowest; else None."""
    return grids_at([(lon, lat)])[0]


def grids_at(points: Sequence[tuple[float, float]]) -> list[int | None]:
    """`grid_at` of many points (longitude, latitude), in one go."""
    return covering(index(), points)


def covering(known: Index, points: Sequence[tuple[float, float]]) -> list[int | None]:
    """The same, asked of an index in hand."""
    where = np.asarray(points, dtype=float).reshape(-1, 2)
    asked: Any = shapely.points(where)
    point, area = known.tree.query(asked)
    covers = shapely.intersects(known.areas[area], asked[point])
    lowest = np.full(len(asked), NOWHERE, dtype=np.int64)
    np.minimum.at(lowest, point[covers], known.unit_ids[area[covers]])
    return [None if unit_id == NOWHERE else unit_id for unit_id in lowest.tolist()]


def area_m2(geometry: BaseGeometry) -> float:
    """The area of a geometry in longitude and latitude, on the ellipsoid.

    Lambert's cylindrical equal-area projection with the authalic latitude: exact but for sides,
    taken straight in it: 5 millionths for a square of 1 km at 45°, less for shorter sides.
    """
    return float(shapely.area(shapely.transform(geometry, equal_area)))


def equal_area(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude as metres on a plane where areas are true (shapes are not)."""
    lon, sine = np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))
    part = np.arctanh(ECCENTRICITY * sine) / ECCENTRICITY
    zone = (1 - SQUARED) * (sine / (1 - SQUARED * sine**2) + part)
    return np.column_stack([EQUATOR * lon, EQUATOR / 2 * zone])


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The distance of two points by the ellipsoid's radii halfway: to 0.1 % within 100 km."""
    middle = radians((lat + other_lat) / 2)
    bend = 1 - SQUARED * sin(middle) ** 2
    east = radians(other_lon - lon) * cos(middle) * EQUATOR / bend**0.5
    north = radians(other_lat - lat) * EQUATOR * (1 - SQUARED) / bend**1.5
    return hypot(east, north)


def degrees(m: float, lat: float) -> tuple[float, float]:
    """How many degrees (east, north) make `m` metres at a latitude; a little too wide."""
    north = m / (EQUATOR * (1 - SQUARED)) * 57.29577951308232
    return north / max(cos(radians(lat)), 0.01), north


def extent(places: Collection[tuple[str, int]] = ()) -> str:
    """West, south, east, north as "w,s,e,n" for a map to open on; "" without any territory.

    Of the grids in these places, as posts name them: ("community_id", 7); else of all grids.
    """
    areas = index().areas
    if places:
        facts = units.known()
        chains = [facts[unit_id] for unit_id in index().unit_ids.tolist()]
        own = [any(getattr(unit, column) == value for column, value in places) for unit in chains]
        areas = areas[own] if any(own) else areas
    return ",".join(f"{edge:.5f}" for edge in shapely.total_bounds(areas)) if len(areas) else ""
