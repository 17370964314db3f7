"""How territories lie beside each other: overlaps, and gaps that nobody looks after."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids import geo

LEAST_M2 = 1.0  # borders drawn to a centimetre differ by less
# A strip between grids that is open at its ends is a gap up to this width: a road with pavements
# and green that both sides left to the other. What is wider may be a river, or nobody's on purpose.
STRIP_M = 30.0
TOUCH_M = 0.02  # borders drawn to a centimetre miss each other by less


class Overlap(NamedTuple):
    """Ground that two grids (unit ids, ascending) both claim."""

    first: int
    second: int
    m2: float


class Gap(NamedTuple):
    """Ground between grids (unit ids, ascending) that none claims; a point in it."""

    around: tuple[int, ...]
    m2: float
    lon: float
    lat: float


def near(index: geo.Index, unit_ids: set[int]) -> geo.Index:
    """The part of an index that lies in the rectangle around these units' territories, and as far
    beside it as a strip is wide."""
    mine = index.areas[np.isin(index.unit_ids, list(unit_ids))]
    if not len(mine):
        return part(index, np.array([], dtype=np.int64))
    west, south, east, north = shapely.total_bounds(mine)
    x, y = geo.degrees(STRIP_M, (south + north) / 2)
    return part(index, index.tree.query(shapely.box(west - x, south - y, east + x, north + y)))


def part(index: geo.Index, chosen: NDArray[np.int64]) -> geo.Index:
    chosen = np.sort(chosen)
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
    """What is left out between the territories, 1 m² or more, largest first.

    Holes of any size, and strips between two grids or more up to STRIP_M wide; a hole with a mouth
    no wider is one too. No outline of the whole is known, so it is had by closing: the union grown
    by half a strip and shrunk again by as much, holes filled. Less the union, that leaves the
    gaps. Corners stay pointed in both steps, so that a straight strip is measured to its very end
    and an inner corner is no gap; where borders run apart, what is narrow enough counts.
    """
    if not len(index.areas):
        return []
    step = np.array(geo.degrees(1, float(np.mean(shapely.total_bounds(index.areas)[1::2]))))
    union = shapely.transform(shapely.union_all(index.areas), lambda points: points / step)
    grown = shapely.buffer(union, STRIP_M / 2, join_style="mitre", mitre_limit=2)
    closed = shapely.buffer(filled(grown), -STRIP_M / 2, join_style="mitre", mitre_limit=2)
    left_out = shapely.difference(filled(closed), union, grid_size=TOUCH_M / 100)
    parts = shapely.get_parts(left_out)
    holes = shapely.contains(filled(union), shapely.point_on_surface(parts))
    pieces = shapely.transform(parts, lambda points: points * step)
    found = [
        (gap_at(index, piece, float(m2)), hole)
        for piece, m2, hole in zip(pieces, areas_m2(pieces), holes, strict=True)
        if m2 >= LEAST_M2
    ]
    between = (gap for gap, hole in found if hole or len(gap.around) > 1)
    return sorted(between, key=lambda gap: -gap.m2)


def filled(area: BaseGeometry) -> BaseGeometry:
    """Without its holes."""
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(area))))


def gap_at(index: geo.Index, piece: BaseGeometry, m2: float) -> Gap:
    touching = index.tree.query(piece, predicate="dwithin", distance=geo.degrees(TOUCH_M, 0)[1])
    around, inside = index.unit_ids[touching], shapely.point_on_surface(piece)
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
