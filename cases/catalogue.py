"""Loading the item catalogue from its data file; rows known again by code, so twice-safe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from cases import catalogue_file
from cases.catalogue_file import known
from cases.models import Item, ItemClass, ItemLimit, Ladder, LadderStep
from governance import clock, units
from governance.models import CodeScheme, Unit, UnitCode, UnitKind

FILE = Path(__file__).parent / "data" / "catalogue.toml"
PLAIN = (
    "name", "name_en", "form", "words", "remit", "admission", "closing", "dispatch",
    "photo_before", "photo_after", "source",
)  # fmt: skip
LINKS = ("item_class", "upper_department", "department", "ladder")


@dataclass
class Done:
    departments: int = 0
    items: int = 0


@transaction.atomic
def load(path: Path, parent: Unit) -> Done:
    """Write departments (under `parent`), ladders, classes and items of a TOML file. Raises
    BadCatalogue."""
    data = catalogue_file.read(path, catalogue_file.CATALOGUE)
    done = Done()
    departments = {row["code"]: department(row, parent, done) for row in data["department"]}
    ladders = {row["code"]: ladder(row) for row in data["ladder"]}
    classes = {row["code"]: item_class(row) for row in data["class"]}
    made = [item(row, classes, departments, ladders) for row in data["item"]]
    Item.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["code"], update_fields=[*PLAIN, *LINKS]
    )
    for row, written in zip(data["item"], made, strict=True):
        written.joint.set(known(departments, code, row, "joint") for code in row["joint"])
    ItemLimit.objects.bulk_create(
        (
            ItemLimit(item=written, stage=stage, **limit)
            for row, written in zip(data["item"], made, strict=True)
            for stage, limit in row["limits"].items()
        ),
        update_conflicts=True,
        unique_fields=["item", "stage", "valid_from"],
        update_fields=["amount", "unit"],
    )
    done.items = len(made)
    return done


def department(row: dict[str, Any], parent: Unit, done: Done) -> Unit:
    carried = UnitCode.objects.filter(scheme=CodeScheme.LOCAL, code=row["code"], valid_to=None)
    if found := carried.select_related("unit").first():
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
        LadderStep.objects.update_or_create(
            ladder=made, step=number, valid_from=None, defaults=step
        )
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
    """The unsaved item of an entry. Raises BadCatalogue for a code that is unknown."""
    return Item(
        **{name: row[name] for name in ("code", *PLAIN)},
        item_class=known(classes, row["class"], row, "class"),
        upper_department=row["upper"],
        department=known(departments, row["department"], row, "department"),
        ladder=known(ladders, row["ladder"], row, "ladder"),
    )
