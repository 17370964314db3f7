"""What the page of a person shows: masked, unless the look was written down with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t

from governance import units
from people.identifiers import Sex
from people.models import Person, Residency

if TYPE_CHECKING:
    from grids.models import House

SHOWN = (
    *("name", "document_number", "birth_date", "sex"),
    *("phone", "other_phone", "contact_name", "contact_phone"),
)


def facts(person: Person, *, revealed: bool) -> list[tuple[Any, str, Any]]:
    """(label, value, who said it) for each field that holds something."""
    said = {row.field: row for row in person.provenance.select_related("by")}
    labels = {field.name: field.verbose_name for field in person._meta.fields}
    found = []
    for name in SHOWN:
        sealed = getattr(person, name)
        if not sealed:
            continue
        label = labels[name]
        value = clear(name, sealed.reveal()) if revealed else sealed.masked
        found.append((label, value, said.get(name)))
    return [(_t("证件种类"), person.get_document_kind_display(), None), *found]


def clear(name: str, value: str) -> str:
    return str(Sex(value).label) if name == "sex" else value


def place(residency: Residency) -> str:
    """Where a residency is."""
    return line_of(residency.household.house, residency.grid_id)


def line_of(house: House, grid_id: int | None) -> str:
    """Building and room, then the grid: where a line is cut off, the room still stands."""
    return " · ".join(part for part in (str(house), units.name_of(grid_id)) if part)
