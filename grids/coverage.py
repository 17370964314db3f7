"""How territories lie beside each other: overlaps, and gaps that nobody looks after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids import geo

LEAST_M2 = 1.0  # borders drawn to a centimetre differ by less


class Overlap(NamedTuple):
    """Ground that two grids (unit ids, ascending) both claim."""

    first: int
    second: int
    m2: float


class Gap(NamedTuple):
    """Ground enclosed by grids (unit ids, ascending) and claimed by none; a point in it."""

    around: tuple[int, ...]
    m2: float
    lon: float
    lat: float


def near(index: geo.Index, unit_ids: set[int]) -> geo.Index:
    """The part of an index that lies in the rectangle around these units' territories."""
    mine = index.areas[np.isin(index.unit_ids, list(unit_ids))]
    window = shapely.box(*shapely.total_bounds(mine)) if len(mine) else shapely.Point()
    chosen = np.sort(index.tree.query(window))
    areas = index.areas[chosen]
    return geo.Index(index.unit_ids[chosen], areas, shapely.STRtree(areas))


def overlaps(index: geo.Index) -> list[Overlap]:
    """The pairs of territories that overlap by 1 m² or more, largest first."""
    one, other = index.tree.query(index.areas, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = areas_m2(shapely.intersection(index.areas[one], index.areas[other]))
    found = [
        Overlap(int(index.unit_ids[a]), int(index.unit_ids[b]), float(m2))
        for a, b, m2 in zip(one, other, common, strict=True)
        if m2 >= LEAST_M2
    ]
    return sorted(found, key=lambda overlap: -overlap.m2)


def gaps(index: geo.Index) -> list[Gap]:
    """The holes of 1 m² or more in the union of the territories, largest first."""
    holes = np.array(list(holes_of(shapely.union_all(index.areas))), dtype=object)
    found = [
        gap_at(index, hole, float(m2))
        for hole, m2 in zip(holes, areas_m2(holes), strict=True)
        if m2 >= LEAST_M2
    ]
    return sorted(found, key=lambda gap: -gap.m2)


def holes_of(union: BaseGeometry) -> Iterator[BaseGeometry]:
    for area in shapely.get_parts(union):
        yield from map(shapely.Polygon, shapely.get_rings(area)[1:])


def gap_at(index: geo.Index, hole: BaseGeometry, m2: float) -> Gap:
    around = index.unit_ids[index.tree.query(hole, predicate="intersects")]
    inside = shapely.point_on_surface(hole)
    return Gap(tuple(sorted(around.tolist())), m2, round(inside.x, 6), round(inside.y, 6))


def neighbours(index: geo.Index, unit_id: int) -> list[tuple[int, float]]:
    """The grids that touch this one, with the m² that both claim (0.0 for a clean border)."""
    own = index.areas[index.unit_ids == unit_id]
    if not len(own):
        return []
    beside = np.sort(index.tree.query(own[0], predicate="intersects"))
    common = areas_m2(shapely.intersection(own[0], index.areas[beside]))
    pairs = zip(index.unit_ids[beside].tolist(), common.tolist(), strict=True)
    return [(other, m2 if m2 >= LEAST_M2 else 0.0) for other, m2 in pairs if other != unit_id]


def areas_m2(geometries: NDArray[Any]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = shapely.area(shapely.transform(geometries, geo.equal_area))
    return found
