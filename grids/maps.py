"""What a map shows: boundaries as GeoJSON within one's scope, and the units beside it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely

from governance import clock, units
from governance.models import LEVELS, Unit, User
from governance.reference import Reference, versions
from grids import access, geo

DECIMALS = 6  # a decimetre: finer than any screen
LISTED = 300  # grids in the list beside the map; beyond that only the units above them

Outlines = dict[int, orjson.Fragment]


class Row(NamedTuple):
    """A grid on the map, with its unit's level ids."""

    unit_id: int
    name: str
    kind: str
    district_id: int | None
    street_id: int | None
    community_id: int | None


@dataclass(frozen=True)
class Place:
    """A unit in the list beside the map; `count` of its grids, None for a grid."""

    id: int
    name: str
    level: int
    count: int | None


def load_outlines() -> Outlines:
    index = geo.index()
    shown = shapely.transform(index.areas, lambda points: np.round(points, DECIMALS))
    texts = shapely.to_geojson(shown)
    pairs = zip(index.unit_ids.tolist(), texts, strict=True)
    return {unit_id: orjson.Fragment(text) for unit_id, text in pairs}


_outlines = Reference("grids", load_outlines, also=geo.today_and_units)


def rows(user: User, unit: Unit | None = None) -> list[Row]:
    """The grids on the user's map, of one unit if given, by the ids of their levels."""
    grids = access.visible_to(user).valid(clock.today())
    if unit is not None:
        grids = grids.within(unit)
    chain = ("unit__district_id", "unit__street_id", "unit__community_id")
    found = grids.order_by(*chain, "unit_id")
    return [Row(*row) for row in found.values_list("unit_id", "unit__name", "kind", *chain)]


def collection(found: Iterable[Row]) -> dict[str, Any]:
    """The rows as a GeoJSON FeatureCollection, for orjson."""
    outlines = _outlines()
    # A grid drawn since this transaction began is in the rows but not yet in memory.
    known = (row for row in found if row.unit_id in outlines)
    features = [feature(row, outlines[row.unit_id]) for row in known]
    return {"type": "FeatureCollection", "features": features}


def feature(row: Row, outline: orjson.Fragment) -> dict[str, Any]:
    properties = {
        "id": row.unit_id,
        "name": row.name,
        "kind": row.kind,
        "community": units.name_of(row.community_id),
        "units": [pk for pk in (row.district_id, row.street_id, row.community_id) if pk],
    }
    return {"type": "Feature", "id": row.unit_id, "properties": properties, "geometry": outline}


def fingerprint(user: User, unit_id: str) -> str:
    """The ETag of what `collection` would give: the territory, the tree, the day, the scope."""
    known = versions()
    facts = (
        known.get("grids"),
        known.get("units"),
        clock.today(),
        sorted(access.places(user)),
        unit_id,
    )
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:24]}"'


def places(found: list[Row]) -> list[Place]:
    """The rows' units from the district down, each before what lies below it."""
    counts = Counter(
        pk for row in found for pk in (row.district_id, row.street_id, row.community_id) if pk
    )
    listed: dict[int, Place] = {}
    for row in found:
        above = (row.district_id, row.street_id, row.community_id)
        for level, pk in enumerate(above, start=1):
            if pk and pk not in listed:
                listed[pk] = Place(pk, units.name_of(pk), level, counts[pk])
        if len(found) <= LISTED:
            listed[row.unit_id] = Place(row.unit_id, row.name, len(LEVELS), None)
    return list(listed.values())


def load_communities() -> dict[int, orjson.Fragment]:
    """The outline of each community: its grids joined."""
    index, members = geo.index(), defaultdict(list)
    for place, unit_id in enumerate(index.unit_ids.tolist()):
        members[units.known()[unit_id].community_id or unit_id].append(place)
    joined = {pk: shapely.union_all(index.areas[places]) for pk, places in members.items()}
    shown = shapely.transform(list(joined.values()), lambda points: np.round(points, DECIMALS))
    texts = shapely.to_geojson(shown).tolist()
    return {pk: orjson.Fragment(text) for pk, text in zip(joined, texts, strict=True)}


_communities = Reference("grids", load_communities, also=geo.today_and_units)


def public_collection() -> dict[str, Any]:
    """What residents see of the territory: the communities' outlines and names."""
    features = [
        {
            "type": "Feature",
            "id": pk,
            "properties": {"name": units.name_of(pk)},
            "geometry": outline,
        }
        for pk, outline in _communities().items()
    ]
    return {"type": "FeatureCollection", "features": features}


def public_fingerprint() -> str:
    """The ETag of `public_collection`."""
    known = versions()
    facts = (known.get("grids"), known.get("units"), clock.today())
    return f'"{hashlib.sha256(repr(facts).encode()).hexdigest()[:24]}"'
