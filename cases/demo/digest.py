"""A digest of what the demo says, by names instead of ids: the same seed gives the same one.

Left out is what a machine or the clock adds: serial numbers, query codes, keys, sealed bytes,
messages, and what the sweep did at whatever moment it ran.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Substr

from cases.models import Assignment, Case, Photo, Transition
from governance import scope
from governance.models import PartyOrganisation, Post, Unit, UnitCode, UnitKind, User
from grids.models import Building, Facility, Grid, Hazard, House
from people.models import (
    ChangeRequest,
    Entity,
    Export,
    Inspection,
    JointMember,
    Licence,
    Person,
    Residency,
    RightsRequest,
    Sheet,
    Tenancy,
    TenantDeclaration,
    Visit,
    VisitPlan,
)

LEVELS = tuple(f"{level}__name" for level in ("district", "street", "community", "grid"))


@transaction.atomic
def digest() -> str:
    """64 hexadecimal digits."""
    found = hashlib.sha256()
    for rows in (*tables(), *registers()):
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


def registers() -> Iterator[Iterable[tuple[Any, ...]]]:
    """What lies behind the second wall. Of what is sealed the names and numbers are opened."""
    districts = Unit.objects.filter(kind=UnitKind.DISTRICT)
    scope.enter(districts.values_list("pk", flat=True))
    rows = Residency.objects.order_by("pk").select_related("person__data_key")
    yield ((*sealed(row.person), row.kind, row.relation, row.began_on) for row in rows)
    where = ("household__house__building__estate", "household__house__building__name")
    door = (*where, "household__house__unit_no", "household__house__room")
    yield of(Residency, *door, "ended_on", "leaving")
    yield of(Visit, *door, "aims", "visited_at", "by__username", "skipped", "follow_up_on")
    yield of(VisitPlan, "name", "aims", "every_weeks", "begins_on", "ends_on")
    yield of(JointMember, "unit__name", *door, "began_on", "ended_on")
    yield of(Sheet, "grid__name", "period", "begins_on", "figures", "comment")
    yield of(Entity, "credit_code", "name", "kind", "staff_count", "place", "lon", "closing")
    yield of(Licence, "entity__name", "kind", "number", "issued_on", "expires_on", "ended_on")
    yield of(Inspection, "entity__name", "at", "by__username", "result", "note")
    house = ("house__building__estate", "house__building__name", "house__room")
    yield of(Tenancy, *house, "began_on", "until", "state", "ended_on", "declared_by")
    yield (
        TenantDeclaration.objects.order_by("declared_at").values_list(
            *(*house, "began_on", "until", "state", "reason")
        )
    )
    asked = ChangeRequest.objects.order_by("asked_at")
    yield asked.values_list("kind", "reason", "asked_at", "state", "answer")
    yield of(Export, "fields", "is_clear", "form", "reason", "asked_at", "state")
    yield of(RightsRequest, "kind", "state", "received_at", "due_at", "proof")


def sealed(person: Person) -> tuple[str, ...]:
    fields = (person.name, person.document_number, person.birth_date, person.phone)
    return tuple(field.reveal() if field else "" for field in fields)


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
