"""The visit (走访) that a case or a service came from: where its door is, what was said there, and
which resident asked.

The door is filled in where the work begins. Of the people behind it nothing goes over but who the
worker names: copied from seal to seal, the look written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _t

from cases.errors import NotAllowed
from governance import permissions
from governance.access import record_look
from governance.surfaces import DESK, PHONE
from people import access, visits
from people.models import Relation, Residency, Visit

if TYPE_CHECKING:
    from governance.models import User

REVEAL = "person.reveal"


@dataclass(frozen=True)
class Door:
    """Where a visit was, as a report says it."""

    place: str
    lon: float | None
    lat: float | None
    unit_id: int | None


def visit_for(user: User, number: str) -> Visit:
    """The visit with its house, or 404 when it is not this user's to see."""
    rows = visits.visible(user).filter(number=number)
    rows = rows.select_related("household__house__building", "words__data_key")
    # the database would not even compare an address with a NUL in it
    found = rows.first() if number.isalnum() else None
    if found is None:
        raise Http404
    return found


def check(visit: Visit, by: User | None) -> None:
    """Raises NotAllowed for a visit that is not this user's to see."""
    if by is None or not access.covers(by, visit, visits.SEE):
        raise NotAllowed(_t("没有这次走访，或不在您的辖区。"))


def door(visit: Visit) -> Door:
    """Of a visit with its house."""
    house = visit.household.house
    place = house.building
    levels = (visit.grid_id, visit.community_id, visit.street_id, visit.district_id)
    return Door(str(house), place.lon, place.lat, next(filter(None, levels), None))


def words_of(visit: Visit, by: User, now: datetime) -> str:
    """What was said, in clear, after the look was written down; "" where nothing was."""
    if visit.words is None or not visit.words.note:
        return ""
    record_look(
        by,
        model="people.VisitWords",
        object_id=visit.words_id,
        columns=["note"],
        reason=_t("转办走访 %(number)s") % {"number": visit.number},
        now=now,
    )
    said: str = visit.words.note.reveal()
    return said


# Who asked --------------------------------------------------------------------------------------


def residents(user: User, visit: Visit) -> list[Residency]:
    """Who lives behind the door today, the head of the household in front; nobody for who may not
    know them."""
    if not permissions.may(user, REVEAL):
        return []
    access.enter(user, REVEAL)
    rows = Residency.objects.filter(
        access.within(user, REVEAL), household=visit.household_id, ended_on=None
    )
    rows = rows.select_related("person__data_key")
    return sorted(rows, key=lambda row: (row.relation != Relation.HEAD, row.pk))


def choices(rows: list[Residency]) -> list[tuple[int, str]]:
    """To pick one by, the names masked."""
    return [(row.pk, f"{row.person} · {row.get_relation_display()}") for row in rows]


@dataclass(frozen=True)
class Named:
    """A resident in clear, to be sealed anew; `person_id` is their registration."""

    name: str
    phone: str
    person_id: UUID


def person_of(visit: Visit, residency_id: int, by: User, now: datetime) -> Named:
    """The name and phone of a resident that the worker named, for a seal of their own; the look is
    written down. Raises NotAllowed for whoever does not live there."""
    found = next((row for row in residents(by, visit) if row.pk == residency_id), None)
    if found is None:
        raise NotAllowed(_t("请从该户的住户中选择。"))
    person = found.person
    record_look(
        by,
        model="people.Person",
        object_id=person.pk,
        columns=["name", "phone"],
        reason=_t("转办走访 %(number)s") % {"number": visit.number},
        now=now,
    )
    phone = person.phone or person.other_phone
    name = person.name.reveal() if person.name else ""
    return Named(name, phone.reveal() if phone else "", person.pk)


# Where it came from -----------------------------------------------------------------------------


def origin(visit_id: int | None, user: User, prefix: str = "") -> dict[str, Any] | None:
    """The number and page of the visit that something came from; None for who may not open it."""
    if visit_id is None or not permissions.may(user, visits.SEE):
        return None
    rows = visits.visible(user).filter(pk=visit_id)
    number = rows.values_list("number", flat=True).first()
    return {"number": number, "url": url_of(number, prefix)} if number else None


def url_of(number: str, prefix: str) -> str:
    surface = PHONE if prefix.startswith("/m/") else DESK
    space = "people_phone" if surface == PHONE else "people"
    return reverse(f"{space}:visit", args=[number])
