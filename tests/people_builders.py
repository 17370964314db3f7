"""Places and people of the small world."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from governance.models import LEVELS, Unit, User
from grids.models import Building, House
from people import registering, support
from people.identifiers import check_character
from people.models import Household, Person, SupportKind, SupportPlan
from people.registering import Details, Registered
from people.support import Member
from tests.builders import World
from tests.case_builders import MONDAY

_numbers = count(1)
TODAY = MONDAY.date()


def create_building(grid: Unit, *, name: str = "", **fields: Any) -> Building:
    return Building.objects.create(
        name=name or f"{next(_numbers)}号楼",
        estate="军丽园",
        **{f"{level}_id": getattr(grid, f"{level}_id") for level in LEVELS},
        **fields,
    )


def create_house(grid: Unit, *, building: Building | None = None, **fields: Any) -> House:
    building = building or create_building(grid)
    where = {f"{level}_id": getattr(building, f"{level}_id") for level in LEVELS}
    return House.objects.create(
        building=building,
        **{"unit_no": "1", "floor": 3, "room": f"30{next(_numbers)}", **where, **fields},
    )


def number(born: str = "19900101", serial: int | None = None) -> str:
    """A resident number that can be real, each of another serial."""
    body = f"120110{born}{(serial if serial is not None else next(_numbers)) % 1000:03d}"
    return body + check_character(body)


def details(**fields: Any) -> Details:
    given = {"name": "王小明", "document_kind": "resident_id", "phone": "13812345678", **fields}
    if given["document_kind"] == "resident_id" and "document_number" not in given:
        given["document_number"] = number()
    return Details(**given)


def create_person(
    world: World,
    house: House | None = None,
    *,
    by: User | None = None,
    household: Household | None = None,
    kind: str = "resident",
    relation: str = "other",
    began_on: date = TODAY,
    **fields: Any,
) -> Registered:
    return registering.register(
        details(**fields),
        house or create_house(world.grid),
        kind=kind,
        relation=relation,
        began_on=began_on,
        household=household,
        by=by or world.grid_worker,
        now=MONDAY,
    )


def create_plan(world: World, person: Person, **fields: Any) -> SupportPlan:
    """A support plan with a step and a family member, agreed on Monday."""
    kind, _new = SupportKind.objects.get_or_create(
        code="test",
        defaults={"name": "试行类别", "name_en": "On trial", "purpose": "看望", "basis": "某法"},
    )
    given = {
        "goal": "每周看望", "basis": "consent", "agreed": "2026-03-01 本人当面同意",
        "team": [Member("grid", world.station_lead), Member("family", name="王女士", phone="138")],
        "by": world.grid_worker, "now": MONDAY,
    }  # fmt: skip
    plan = support.begin(person, kind, **{**given, **fields})
    support.agree_step(plan, "联系助浴", TODAY, by=world.grid_worker, now=MONDAY)
    return plan
