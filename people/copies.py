"""The copy of what is held about somebody: one readable document, and the same as JSON.

Everything in clear, where each field came from, where they live and lived, what was asked to be
changed, what was said at their door, agreed with them and declared by them, and everybody who
looked, exports included.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t

from governance import scope, units
from governance.access import record_look
from governance.models import AccessRecord, PersonalRow, User
from governance.personal import EncryptedTextField
from grids.models import House
from people import changes, rights
from people import holdings as held
from people.errors import NotAllowed
from people.identifiers import Sex
from people.models import (
    ChangeRequest,
    Person,
    RightKind,
    RightsAction,
    RightsRequest,
    RightState,
)
from people.rights import Holding

if TYPE_CHECKING:
    from uuid import UUID

KINDS = (RightKind.SEE, RightKind.COPY)
Facts = list[dict[str, Any]]


@transaction.atomic
def make(row: RightsRequest, *, by: User, now: datetime) -> dict[str, Any]:
    """All that is held about the claimant; the look is written down on each object.

    Raises NotAllowed before the identity was verified, and for requests of another kind.
    """
    rights.may(by, row, rights.HANDLE)
    if row.kind not in KINDS or row.verified_at is None or row.state == RightState.REFUSED:
        raise NotAllowed(_t("核验身份后，查阅、复制请求才能制作副本。"))
    holdings = rights.holdings(row)
    found = []
    if row.person_id is not None:
        keys = rights.registrations(row.person_id)
        found += [of_person(key) for key in keys]
        visited, lines = held.visits_of(keys)
        found[0]["lines"] = [*lines, *held.lettings_of(keys), *held.headships_of(keys)]
        holdings = [*held.plans_of(keys), *held.requests_of(keys), *visited, *holdings]
    found += [told for one in holdings if (told := of_holding(one))["facts"]]
    for one in found:
        columns = [fact["column"] for fact in one["facts"]]
        record_look(
            by,
            model=one["model"],
            object_id=one["id"],
            columns=columns,
            reason=row.number,
            now=now,
        )
    rights.enter(by)  # what was copied lay elsewhere
    rights.write_line(row, RightsAction.COPY, by, now)
    return {"number": row.number, "made_at": localtime(now).isoformat(), "held": found}


def of_person(key: UUID) -> dict[str, Any]:
    """Past the wall of units: the one who asks may live in none of them any more."""
    with scope.system(scope.RETENTION):
        person = Person.objects.select_related("data_key").get(pk=key)
        said = {row.field: row for row in person.provenance.order_by("pk")}
        homes = list(person.residencies.select_related("household").order_by("began_on", "pk"))
        waiting = [
            {"change": row.get_kind_display(), "asked_at": day(row.asked_at), "reason": row.reason}
            for row in person.changes.filter(state="waiting").order_by("asked_at")
        ]
    names = User.objects.in_bulk([row.by_id for row in said.values() if row.by_id])
    kind = {"label": _t("证件种类"), "value": str(person.get_document_kind_display())}
    facts = [{"column": "document_kind", **kind}, *facts_of(person)]
    for fact in facts:
        if source := said.get(fact["column"]):
            who = str(names.get(source.by_id or 0, "—"))
            fact |= {"source": f"{who} · {day(source.at)}", "surface": source.source}
    houses = House.objects.select_related("building").in_bulk([h.household.house_id for h in homes])
    return {
        "model": "people.Person",
        "id": str(key),
        "title": _t("人口登记"),
        "facts": facts,
        "homes": [
            {
                "place": f"{units.name_of(home.grid_id)} {houses[home.household.house_id]}",
                "kind": home.get_kind_display(),
                "relation": home.get_relation_display(),
                "began_on": home.began_on.isoformat(),
                "ended_on": home.ended_on.isoformat() if home.ended_on else "",
            }
            for home in homes
        ],
        "waiting": waiting,
        "looks": looks("people.Person", key),
    }


def of_holding(one: Holding) -> dict[str, Any]:
    model = apps.get_model(one.label)
    with scope.system(scope.RETENTION):
        row = model._base_manager.select_related("data_key").get(pk=one.key)
        facts = facts_of(row)
    if isinstance(row, ChangeRequest):
        facts = [*facts, *words_of(row)]
    return {
        "model": one.label,
        "id": str(one.key),
        "title": one.title,
        "facts": facts,
        "looks": looks(one.label, one.key),
    }


def words_of(row: ChangeRequest) -> Facts:
    """Why it was asked for, and what was answered: these are not sealed."""
    labels = {field.name: str(field.verbose_name) for field in row._meta.concrete_fields}
    return [
        {"column": name, "label": labels[name], "value": value}
        for name in ("reason", "answer")
        if (value := getattr(row, name))
    ]


def facts_of(row: PersonalRow) -> Facts:
    """Every sealed field that holds something, in clear."""
    found: Facts = []
    for field in row._meta.concrete_fields:
        if isinstance(field, EncryptedTextField) and (sealed := getattr(row, field.name)):
            value = sealed.reveal()
            if not value:  # its key was destroyed
                continue
            if field.name == "sex":
                value = str(Sex(value).label)
            if isinstance(row, ChangeRequest):
                value = changes.as_text(value)
            found.append({"column": field.name, "label": str(field.verbose_name), "value": value})
    return found


def looks(label: str, key: object) -> Facts:
    """Who looked, the latest first: name, post and reason, as the person may know."""
    rows = AccessRecord.objects.filter(model=label, object_id=str(key))
    return [
        {"at": day(row.at), "by": str(row.user), "columns": row.columns, "reason": row.reason}
        for row in rows.select_related("user").order_by("-pk")
    ]


def day(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"


def columns_of(label: str, names: Iterable[str]) -> list[str]:
    """The columns of a look as one reads them."""
    model = apps.get_model(label)
    known = {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
    return [known.get(name, name) for name in names]
