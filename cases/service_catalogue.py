"""Loading the service items from their data file; rows known again by code, so twice-safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction

from cases import catalogue, catalogue_file, schemas
from cases.catalogue import Done
from cases.catalogue_file import BadCatalogue
from cases.models import ServiceItem
from governance.models import Unit

FILE = Path(__file__).parent / "data" / "services.toml"
PLAIN = ("name", "name_en", "conditions", "days", "unit")


@transaction.atomic
def load(path: Path, parent: Unit) -> Done:
    """Write departments (under `parent`, where they are not there yet) and service items. Raises
    BadCatalogue."""
    data = catalogue_file.read(path, catalogue_file.SERVICES)
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
    """The unsaved item of an entry. Raises BadCatalogue for what is unknown or odd."""
    schema = schemas.closed(row["schema"])
    if why := schemas.complaint(schema):
        raise BadCatalogue(f"{row['code']} {row['name']}: schema: {why}")
    return ServiceItem(
        code=row["code"],
        **{name: row[name] for name in PLAIN},
        department=catalogue_file.known(departments, row["department"], row, "department"),
        materials=[material(one) for one in row["materials"]],
        schema=schema,
    )


def material(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "needed": row.get("needed", True),
        "note": row.get("note", ""),
    }
