"""A digest of what the demo says, by names instead of ids: the same seed gives the same one.

Left out is what a machine or the clock adds: serial numbers, query codes, keys, sealed bytes,
messages, and what the sweep did at whatever moment it ran.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Substr

from cases.models import Assignment, Case, Photo, Transition
from governance.models import PartyOrganisation, Post, Unit, UnitCode, User
from grids.models import Building, Facility, Grid, Hazard, House

LEVELS = tuple(f"{level}__name" for level in ("district", "street", "community", "grid"))


def digest() -> str:
    """64 hexadecimal digits."""
    found = hashlib.sha256()
    for rows in tables():
        for row in rows:
            found.update(repr(plain(row)).encode())
    return found.hexdigest()


def tables() -> Iterator[QuerySet[Any, Any]]:
    yield of(Unit, "kind", "name", "parent__name", "valid_from", "valid_to")
    yield of(UnitCode, "unit__name", "scheme", "code", "valid_from")
    yield of(PartyOrganisation, "unit__name", "form", "name")
    yield of(User, "username", "display_name", "language", "is_active")
    yield of(
        *(Post, "role", "unit__name", "user__username", "member_name", "holder_unit__name"),
        "valid_from",
    )
    yield of(Grid, "unit__name", "kind", "dedicated_kind", "boundary", "valid_from")
    yield of(Building, "estate", "name", "use", "lon", "lat", "floors", "grid__name")
    yield of(House, "building__estate", "building__name", "unit_no", "room", "use", "owner_kind")
    yield of(Facility, "code", "kind", "lon", "lat", "grid__name")
    yield of(Hazard, "house__room", "kind", "noted_at", "cleared_at")
    yield of(Case, day=Substr("number", 1, 8)).values_list(
        *("day", "version", "state", "item__code", "description", "place", "lon", "lat"),
        *("accuracy_m", "source", "reported_at", "reported_by__username", *LEVELS),
        *("department__name", "handler__username", "stage_began_at", "stage_warn_at"),
        *("stage_due_at", "promise_due_at", "first_closed_at", "promise_kept", "outcome"),
        *("result", "answer", "satisfied", "rework_count"),
    )
    yield (
        Transition.objects.exclude(source="sweep")
        .order_by("case_id", "pk")
        .values_list(
            *("case__description", "action", "from_state", "to_state", "by__username", "at"),
            *("source", "note", "details"),
        )
    )
    yield (
        Assignment.objects.order_by("case_id", "pk").values_list(
            *("case__description", "department__name", "assigned_at", "signed_at"),
            *("finished_at", "returned_at"),
        )
    )
    yield (
        Photo.objects.order_by("case_id", "pk").values_list(
            *("uuid", "case__description", "kind", "sha256", "width", "height"),
            *("added_by__username", "added_at", "no_person_visible"),
        )
    )


def of(model: Any, *columns: str, **extra: Any) -> QuerySet[Any, Any]:
    """The rows of a model in the order in which they were made."""
    rows: QuerySet[Any, Any] = model.objects.order_by("pk").annotate(**extra)
    return rows.values_list(*columns)


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Ids within a line's details are another database's; the case names the department."""
    return tuple(
        {k: v for k, v in cell.items() if k != "department"} if isinstance(cell, dict) else cell
        for cell in row
    )
