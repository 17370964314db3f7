"""When a person's data is due, and what else goes when it is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.timezone import localdate

from governance import erasure, retention
from governance.erasure import Order
from people.models import ChangeRequest, Household, Leaving, Person, Provenance, Residency


@retention.event("people.Person.left", reads=("people.Residency",))
def left(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Lives nowhere here, and has not since the moment's day. Who was merged into another goes with
    that one."""
    lines = Residency.objects.filter(person=OuterRef("pk"))
    later = lines.filter(Q(ended_on=None) | Q(ended_on__gt=localdate(before)))
    rows: QuerySet[Any] = model._base_manager.filter(Exists(lines), ~Exists(later))
    return rows.filter(merged_into=None)


@retention.event("people.ChangeRequest.decided")
def decided(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(decided_at__lte=before)
    return rows


@retention.event("people.RightsRequest.ended", reads=("people.RightsRequest",))
def answered(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(request__ended_at__lte=before)
    return rows


@retention.event("people.Export.made")
def made(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(made_at__lte=before)
    return rows


@erasure.handler(
    "people.Person",
    touches={
        "people.Person": "UPDATE (document_index, marks, died_on, erased_at)",
        "people.Provenance": "DELETE",
        "people.Residency": "UPDATE (ended_on, leaving)",
        "people.Household": "UPDATE (head_id, ended_on)",
        "people.ChangeRequest": "SELECT",
    },
)
def forget(order: Order) -> None:
    """Nothing finds the person any more, no list shows them, and what waited for a yes is gone.

    Of where they lived stays that somebody did.
    """
    merged = Person.objects.filter(merged_into__in=order.keys, erased_at=None)
    order.also("people.Person", list(merged.values_list("pk", flat=True)))
    requests = ChangeRequest.objects.filter(person__in=order.keys, data_key__destroyed_at=None)
    order.also("people.ChangeRequest", list(requests.values_list("pk", flat=True)))
    rows = Provenance.objects.filter(person__in=order.keys)
    rows._raw_delete(rows.db)
    end_residencies(order)
    Person.objects.filter(pk__in=order.keys).filter(
        Q(erased_at=None) | ~Q(marks=[]) | Q(document_index__isnull=False)
    ).update(document_index=None, marks=[], died_on=None, erased_at=order.now)


def end_residencies(order: Order) -> None:
    """Who is erased while living here leaves the lists; a household ends with its last member."""
    today = localdate(order.now)
    living = Residency.objects.filter(person__in=order.keys, ended_on=None)
    homes = list(living.values_list("household_id", flat=True))
    living.update(ended_on=Greatest(F("began_on"), today), leaving=Leaving.MISTAKE)
    Household.objects.filter(head__in=order.keys).update(head=None)
    others = Residency.objects.filter(household=OuterRef("pk"), ended_on=None)
    Household.objects.filter(~Exists(others), pk__in=homes, ended_on=None).update(
        ended_on=Greatest(F("began_on"), today)
    )
