"""The organisation as plain ids, for stories: read once, then no query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from bench.territory import place_of
from cases import dispatch, items
from cases.dispatch import Reason
from cases.items import ItemFacts
from cases.models import Case
from governance import units
from governance.models import Post, Unit, UnitKind


@dataclass(frozen=True)
class GridPlace:
    unit_id: int
    community_id: int
    street_id: int
    district_id: int
    column: int
    row: int
    estate: str


@dataclass(frozen=True)
class World:
    district_id: int
    grids: list[GridPlace]
    holders: dict[tuple[int, str], list[int]]  # (unit, role) → users
    items: list[ItemFacts]
    item_weights: list[float]  # cumulative
    # (item, department) → why a dispatcher would send it there, but for the department's load
    reasons: dict[tuple[int, int], list[Reason]]

    def one(self, unit_id: int, role: str, pick: int = 0) -> int:
        found = self.holders[unit_id, role]
        return found[pick % len(found)]


def read() -> World:
    holders: dict[tuple[int, str], list[int]] = defaultdict(list)
    for unit_id, role, user_id in Post.objects.order_by("pk").values_list(
        "unit_id", "role", "user_id"
    ):
        holders[unit_id, role].append(user_id or 0)
    district = Unit.objects.get(kind=UnitKind.DISTRICT).pk
    listed = sorted(items.items().values(), key=lambda item: item.code)
    return World(
        district_id=district,
        grids=read_grids(),
        holders=dict(holders),
        items=listed,
        item_weights=list(accumulate(weights(len(listed)))),
        reasons=read_reasons(district, listed),
    )


def read_grids() -> list[GridPlace]:
    rows = Unit.objects.filter(kind=UnitKind.GRID).order_by("pk")
    columns = ("pk", "community_id", "street_id", "district_id")
    found = []
    for number, (pk, community, street, district) in enumerate(rows.values_list(*columns)):
        column, row = map(int, place_of(number))
        estate = units.name_of(community).removesuffix("社区")
        found.append(GridPlace(pk, community or 0, street or 0, district or 0, column, row, estate))
    return found


def weights(count: int) -> list[float]:
    """Some things are reported every hour, others once a month."""
    shares = [1 / (rank + 3) for rank in range(count)]
    Random(20261122).shuffle(shares)
    return shares


def read_reasons(district_id: int, listed: list[ItemFacts]) -> dict[tuple[int, int], list[Reason]]:
    """As the dispatcher's own ranking gives them; the last one says the load."""
    found = {}
    for item in listed:
        for candidate in dispatch.rank(Case(item_id=item.pk, district_id=district_id)):
            found[item.pk, candidate.department_id] = candidate.reasons[:-1]
    return found
