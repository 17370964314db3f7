"""Loading the service items from their data file; rows known again by code, so twice-safe."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from cases import catalogue, schemas
from cases.catalogue import BadCatalogue, Done
from cases.models import ServiceItem
from governance.models import Unit

FILE = Path(__file__).parent / "data" / "services.toml"
PLAIN = ("name", "name_en", "conditions", "days", "unit")


@transaction.atomic
def load(path: Path, parent: Unit) -> Done:
    """Write departments (under `parent`, where they are not there yet) and service items."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    done = Done()
    departments = {
        row["code"]: catalogue.department(row, parent, done) for row in data["department"]
    }
    made = [item(row, departments) for row in data["item"]]
    ServiceItem.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*PLAIN, "materials", "schema", "department"],
    )
    done.items = len(made)
    return done


def item(row: dict[str, Any], departments: dict[str, Unit]) -> ServiceItem:
    """The unsaved item of an entry. Raises BadCatalogue for what is missing, unknown or odd."""
    try:
        schema = schemas.closed(row["schema"])
        made = ServiceItem(
            code=row["code"],
            **{name: row[name] for name in PLAIN},
            department=departments[row["department"]],
            materials=[material(one) for one in row["materials"]],
            schema=schema,
        )
    except KeyError as error:
        raise BadCatalogue(f"{row.get('code', '?')} {row.get('name', '')}: {error}") from error
    if why := schemas.complaint(schema):
        raise BadCatalogue(f"{row['code']} {row['name']}: {why}")
    return made


def material(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "needed": row.get("needed", True),
        "note": row.get("note", ""),
    }
