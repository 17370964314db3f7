"""Loading the item catalogue from its data file; rows known again by code, so twice-safe."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from cases.models import Item, ItemClass, ItemLimit, Ladder, LadderStep
from governance import clock, units
from governance.models import CodeScheme, Unit, UnitCode, UnitKind

FILE = Path(__file__).parent / "data" / "catalogue.toml"


class BadCatalogue(Exception):
    """Names the entry and the fault; nothing was written."""


@dataclass
class Done:
    departments: int = 0
    items: int = 0


@transaction.atomic
def load(path: Path, parent: Unit) -> Done:
    """Write departments (under `parent`), ladders, classes and items of a TOML file."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    done = Done()
    departments = {row["code"]: department(row, parent, done) for row in data["department"]}
    ladders = {row["code"]: ladder(row) for row in data["ladder"]}
    classes = {row["code"]: item_class(row) for row in data["class"]}
    for row in data["item"]:
        try:
            item(row, classes, departments, ladders)
        except KeyError as error:
            raise BadCatalogue(f"{row.get('code', '?')} {row.get('name', '')}: {error}") from error
        done.items += 1
    return done


def department(row: dict[str, Any], parent: Unit, done: Done) -> Unit:
    known = UnitCode.objects.filter(scheme=CodeScheme.LOCAL, code=row["code"], valid_to=None)
    if found := known.select_related("unit").first():
        return found.unit
    today = clock.today()
    unit = units.create(kind=UnitKind.DEPARTMENT, name=row["name"], parent=parent, valid_from=today)
    UnitCode.objects.create(unit=unit, scheme=CodeScheme.LOCAL, code=row["code"], valid_from=today)
    done.departments += 1
    return unit


def ladder(row: dict[str, Any]) -> Ladder:
    percent = [round(share * 100) for share in row["remind_at"]]
    made, _new = Ladder.objects.update_or_create(
        code=row["code"], defaults={"name": row["name"], "remind_percent": percent}
    )
    for number, step in enumerate(row["steps"]):
        LadderStep.objects.update_or_create(ladder=made, step=number, defaults=step)
    return made


def item_class(row: dict[str, Any]) -> ItemClass:
    made, _new = ItemClass.objects.update_or_create(
        code=row["code"], defaults={"name": row["name"], "name_en": row["name_en"]}
    )
    return made


def item(
    row: dict[str, Any],
    classes: dict[str, ItemClass],
    departments: dict[str, Unit],
    ladders: dict[str, Ladder],
) -> Item:
    plain = (
        "name", "name_en", "form", "words", "remit", "admission", "closing", "dispatch",
        "photo_before", "photo_after", "source",
    )  # fmt: skip
    made, _new = Item.objects.update_or_create(
        code=row["code"],
        defaults={
            **{name: row[name] for name in plain},
            "item_class": classes[row["class"]],
            "upper_department": row["upper"],
            "department": departments[row["department"]],
            "ladder": ladders[row["ladder"]],
        },
    )
    made.joint.set(departments[code] for code in row["joint"])
    for stage, limit in row["limits"].items():
        ItemLimit.objects.update_or_create(item=made, stage=stage, defaults=limit)
    return made
