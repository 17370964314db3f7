"""What the pages of buildings show: a page of the list, and the plan of floors and rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import pgettext, pgettext_lazy

from governance import units
from grids.models import Building, BuildingUse, Hazard, House, HouseUse

PAGE = 25
ORDER = ("estate", "name", "pk")
# One letter a cell, so that colour never speaks alone.
LETTERS = {
    HouseUse.OWN: pgettext_lazy("one letter: how a house is used", "自"),
    HouseUse.RENTED: pgettext_lazy("one letter: how a house is used", "租"),
    HouseUse.SHARED: pgettext_lazy("one letter: how a house is used", "群"),
    HouseUse.EMPTY: pgettext_lazy("one letter: how a house is used", "空"),
    HouseUse.COMMERCIAL: pgettext_lazy("one letter: how a house is used", "商"),
}


# The list ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    rows: list[Building]
    next_key: str
    previous_key: str


def page(rows: QuerySet[Building], *, after: str, before: str) -> Page:
    """A page by estate and name, after or before a building's id."""
    key, back = (before, True) if before else (after, False)
    at = rows.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() else None
    if at is not None:
        rows = rows.filter(beyond(at, back=back))
    order = [f"-{name}" for name in ORDER] if back else list(ORDER)
    found = list(rows.defer("footprint").order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if back:
        found.reverse()
    last, first = (str(found[-1].pk), str(found[0].pk)) if found else ("", "")
    return Page(
        found,
        next_key=last if more or back else "",
        previous_key=first if (more if back else at is not None) else "",
    )


def beyond(at: Building, *, back: bool) -> Q:
    """The buildings that stand after one in the list, or before it."""
    step = "lt" if back else "gt"
    return (
        Q(**{f"estate__{step}": at.estate})
        | Q(estate=at.estate) & Q(**{f"name__{step}": at.name})
        | Q(estate=at.estate, name=at.name) & Q(**{f"pk__{step}": at.pk})
    )


def summaries(rows: Sequence[Building]) -> list[dict[str, Any]]:
    """The rows of a page with their houses counted: two queries, however many rows."""
    ids = [row.pk for row in rows]
    houses = House.objects.filter(building__in=ids, is_active=True).order_by()
    counted = houses.values_list("building_id", "use").annotate(Count("pk"))
    uses: dict[int, dict[str, int]] = defaultdict(dict)
    for building_id, use, count in counted:
        uses[building_id][use] = count
    noted = Hazard.objects.filter(house__building__in=ids, cleared_at=None).order_by()
    hazards = dict(noted.values_list("house__building_id").annotate(Count("pk")))
    return [summary(row, uses[row.pk], hazards.get(row.pk, 0)) for row in rows]


def summary(row: Building, uses: dict[str, int], hazards: int) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "estate": row.estate,
        "name": row.name,
        "place": units.name_of(row.grid_id) or units.name_of(row.community_id),
        "in_grid": row.grid_id is not None,
        "use": BuildingUse(row.use).label,
        "floors": row.floors,
        "houses": sum(uses.values()),
        "rented": uses.get(HouseUse.RENTED, 0) + uses.get(HouseUse.SHARED, 0),
        "empty": uses.get(HouseUse.EMPTY, 0),
        "hazards": hazards,
    }


# The plan ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """A stairwell: its floors from the top down, each with a cell a column, None for no room."""

    name: str
    floors: list[tuple[int, list[dict[str, Any] | None]]]


def plan(building: Building) -> tuple[list[Unit], list[dict[str, Any]]]:
    """The units of a building, and how many houses are used how."""
    rows = building.houses.filter(is_active=True).order_by("unit_no", "floor", "room")
    houses = list(rows)
    noted = Hazard.objects.filter(house__building=building, cleared_at=None).order_by()
    hazards = dict(noted.values_list("house_id").annotate(Count("pk")))
    by_unit: dict[str, list[House]] = defaultdict(list)
    for house in houses:
        by_unit[house.unit_no].append(house)
    names = sorted(by_unit, key=lambda name: (len(name), name))
    return [unit(name, by_unit[name], hazards) for name in names], legend(houses)


def unit(name: str, houses: Sequence[House], hazards: dict[int, int]) -> Unit:
    """Rooms that end the same stand in one column, as they do in the house."""
    columns = {tail: n for n, tail in enumerate(sorted({tail_of(h) for h in houses}, key=rank))}
    floors: dict[int, list[dict[str, Any] | None]] = {}
    for house in houses:
        row = floors.setdefault(house.floor, [None] * len(columns))
        row[columns[tail_of(house)]] = cell(house, hazards.get(house.pk, 0))
    return Unit(name, sorted(floors.items(), reverse=True))


def tail_of(house: House) -> str:
    """What is left of a room's number without its floor: 1203 → 03."""
    return house.room.removeprefix(str(house.floor)) or house.room


def rank(tail: str) -> tuple[int, str]:
    return len(tail), tail


def cell(house: House, hazards: int) -> dict[str, Any]:
    use = HouseUse(house.use)
    return {
        "pk": house.pk,
        "room": house.room,
        "use": use.value,
        "label": use.label,
        "letter": LETTERS[use],
        "hazards": hazards,
    }


def legend(houses: Iterable[House]) -> list[dict[str, Any]]:
    counts: dict[str, int] = defaultdict(int)
    for house in houses:
        counts[house.use] += 1
    return [
        {"use": use.value, "label": use.label, "letter": LETTERS[use], "count": counts[use]}
        for use in HouseUse
    ]


def unit_title(name: str) -> str:
    return pgettext("a stairwell", "%(name)s 单元") % {"name": name} if name else ""
