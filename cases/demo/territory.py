"""An invented territory where 军粮城街道 lies: an outline divided without gap or overlap.

A convex outline in metres is halved again and again, by weight, along its shorter side; all borders
are then noded together, bent a little, and rounded to the 7 decimals that boundaries are kept with,
so that neighbours share every corner.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from cases.demo.profiles import Profile

T = TypeVar("T")
SEED = 120110008
CENTRE_LON, CENTRE_LAT = 117.42, 39.05
NORTH = 111_000.0  # metres a degree
EAST = 111_320.0 * math.cos(math.radians(CENTRE_LAT))
DECIMALS = 7
OUTLINE = (
    (-4700, -2600), (-2600, -3650), (1900, -3850), (4300, -2700), (4900, 300), (3700, 2900),
    (400, 3800), (-3000, 3300), (-4850, 800),
)  # fmt: skip
BEND = 200  # metres between the points of a border


class Use(StrEnum):
    HOMES = "homes"
    FARM = "farm"
    PARK = "park"


# Square kilometres that a grid is to have; what is left over goes to the homes.
WANTED = {Use.FARM: 1.5, Use.PARK: 1.4}


@dataclass(frozen=True)
class Plot:
    """The ground of one grid: the number of its community and its own within it, from 0."""

    community: int
    number: int
    use: Use
    area: Polygon


def plots(profile: Profile) -> list[Plot]:
    """The grids of all communities, community by community."""
    chance = random.Random(SEED)  # noqa: S311 -- invented, not secret
    outline = Polygon(OUTLINE)
    homes = home_km2(profile, outline)
    shares = [uses(share) for share in profile.communities]
    weights = [sum(WANTED.get(use, homes) for use in share) for share in shares]
    drawn: list[tuple[int, int, Use, Polygon]] = []
    for community, ground in enumerate(divide(outline, weights, chance)):
        parts = divide(ground, [WANTED.get(use, homes) for use in shares[community]], chance)
        for number, (use, part) in enumerate(zip(shares[community], parts, strict=True)):
            drawn.append((community, number, use, part))
    areas = bent([part for *_rest, part in drawn])
    return [
        Plot(community, number, use, area)
        for (community, number, use, _part), area in zip(drawn, areas, strict=True)
    ]


def outline(drawn: Sequence[Plot]) -> Polygon:
    """The street's own border."""
    whole = shapely.coverage_union_all([plot.area for plot in drawn])
    (polygon,) = shapely.get_parts(whole)
    assert isinstance(polygon, Polygon)
    return polygon


def uses(share: Sequence[int]) -> list[Use]:
    return [use for use, count in zip(Use, share, strict=True) for _ in range(count)]


def home_km2(profile: Profile, ground: Polygon) -> float:
    """What is left for a grid of homes when farms and parks have what they want."""
    all_uses = [use for share in profile.communities for use in uses(share)]
    wanted = sum(WANTED.get(use, 0) for use in all_uses)
    return (ground.area / 1e6 - wanted) / all_uses.count(Use.HOMES)


def divide(ground: Polygon, weights: Sequence[float], chance: random.Random) -> list[Polygon]:
    """One part of the ground for each weight, in their order; areas go by weight."""
    if len(weights) == 1:
        return [ground]
    middle = halfway(weights)
    first, second = cut(ground, sum(weights[:middle]) / sum(weights), chance)
    return [
        *divide(first, weights[:middle], chance),
        *divide(second, weights[middle:], chance),
    ]


def halfway(weights: Sequence[float]) -> int:
    """Where to break the list so that both sides weigh about the same."""
    half = sum(weights) / 2
    return min(range(1, len(weights)), key=lambda at: abs(sum(weights[:at]) - half))


def cut(ground: Polygon, share: float, chance: random.Random) -> tuple[Polygon, Polygon]:
    """Two convex parts, the first with `share` of the area, cut across the longer side."""
    angle = long_axis(ground) + math.radians(chance.uniform(-6, 6))
    low, high = -20_000.0, 20_000.0
    for _step in range(45):  # to a thousandth of a millimetre
        offset = (low + high) / 2
        if ground.intersection(half_plane(angle, offset)).area < share * ground.area:
            low = offset
        else:
            high = offset
    plane = half_plane(angle, low)
    first, second = ground.intersection(plane), ground.difference(plane)
    assert isinstance(first, Polygon)
    assert isinstance(second, Polygon)
    return first, second


def long_axis(ground: Polygon) -> float:
    """The direction of the longer side, as an angle."""
    box = shapely.minimum_rotated_rectangle(ground)
    assert isinstance(box, Polygon)
    (ax, ay), (bx, by), (cx, cy) = box.exterior.coords[:3]
    one, other = (bx - ax, by - ay), (cx - bx, cy - by)
    east, north = max(one, other, key=lambda side: math.hypot(*side))
    return math.atan2(north, east) % math.pi


def half_plane(angle: float, offset: float) -> Polygon:
    """All points whose way along the angle is less than the offset, as far as it matters."""
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    corners = [(offset, -4e4), (offset, 4e4), (-4e4, 4e4), (-4e4, -4e4)]
    return Polygon([tuple(along * way + across * side) for way, side in corners])


def bent(parts: Sequence[Polygon]) -> list[Polygon]:
    """The same parts in degrees, with common borders that bend together."""
    borders = shapely.union_all([part.exterior for part in parts], grid_size=0.001)
    lines = shapely.transform(shapely.segmentize(borders, BEND), bend)
    found = list(shapely.polygonize(list(shapely.get_parts(lines))).geoms)
    tree = shapely.STRtree(found)
    marks = shapely.transform([shapely.point_on_surface(part) for part in parts], bend)
    at = {int(mark): int(face) for mark, face in tree.query(marks, predicate="within").T}
    assert sorted(at.values()) == list(range(len(parts)))
    return [found[at[mark]] for mark in range(len(parts))]


def bend(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from the centre as longitude and latitude, along gentle waves."""
    x, y = points[:, 0], points[:, 1]
    east = x + 170 * np.sin(y / 1900 + 0.7) + 45 * np.sin(y / 620)
    north = y + 150 * np.sin(x / 2300) + 40 * np.sin(x / 710 + 1.3)
    degrees = np.column_stack([CENTRE_LON + east / EAST, CENTRE_LAT + north / NORTH])
    rounded: NDArray[np.float64] = np.round(degrees, DECIMALS)
    return rounded


def points_in(area: Polygon, chance: random.Random) -> Iterator[tuple[float, float]]:
    """Points well inside an area, without end."""
    inside = area.buffer(-0.0003)
    shapely.prepare(inside)
    west, south, east, north = inside.bounds
    while True:
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        if shapely.intersects_xy(inside, lon, lat):
            yield round(lon, 6), round(lat, 6)


def geojson(area: Polygon) -> dict[str, Any]:
    """The GeoJSON MultiPolygon of an area."""
    return {"type": "MultiPolygon", "coordinates": [[[list(p) for p in area.exterior.coords]]]}
