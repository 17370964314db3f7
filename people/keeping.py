"""When a person's data is due, and what else goes when it is erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.timezone import localdate

from governance import clearing, erasure, retention
from governance.erasure import Order
from people.models import (
    ChangeRequest,
    ChangeState,
    Household,
    Leaving,
    PeopleImport,
    Person,
    Provenance,
    Residency,
    SupportPlan,
    SupportStep,
    TeamMember,
    Visit,
)


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


@retention.event("people.Visit.made", reads=("people.Visit",))
def visited(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(visit__visited_at__lte=before)
    return rows


PLAN = {"people.PlanWords": "plan", "people.StepWords": "step__plan"}


@retention.event("people.SupportPlan.ended", reads=("people.SupportPlan", "people.SupportStep"))
def plan_ended(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = f"{PLAN[model._meta.label]}__" if model is not SupportPlan else ""
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}ended_at__lte": before})
    return rows


@erasure.handler(
    "people.SupportPlan",
    touches={
        "people.SupportPlanEvent": "SELECT, UPDATE (person_id, kind_id, basis, ending)",
        "people.SupportPlan": "SELECT, DELETE",
        "people.SupportStep": "SELECT, DELETE",
        "people.TeamMember": "SELECT, DELETE",
        "people.StepWords": "SELECT, DELETE",
        "people.PlanWords": "SELECT, DELETE",
    },
)
def delete_plan(order: Order) -> None:
    """All that hangs on a plan; of its history stays that there was one, not whose nor why."""
    steps = SupportStep.objects.filter(plan__in=order.keys)
    team = TeamMember.objects.filter(plan__in=order.keys)
    words = (
        ("people.PlanWords", SupportPlan.objects.filter(pk__in=order.keys).values("words")),
        ("people.StepWords", steps.values("words")),
    )
    keys = [(label, [row["words"] for row in rows]) for label, rows in words]
    named = team.filter(name__isnull=False).values_list("pk", flat=True)
    for label, found in [*keys, ("people.TeamMember", list(named))]:
        order.also(label, found)
    plans = SupportPlan.objects.filter(pk__in=order.keys)
    for rows in (steps, team, plans):  # a plan's last line of history is to be cleared as well
        rows._raw_delete(rows.db)
    for label, found in keys:  # what points to them goes in the same transaction
        sealed = apps.get_model(label)._base_manager.filter(pk__in=found)
        sealed._raw_delete(sealed.db)
    clearing.clear_history(
        SupportPlan, order.keys, ["person", "kind", "basis", "ending"], order.now
    )


@retention.event("people.TeamMember.left", reads=("people.SupportPlan",))
def left_team(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Left the team, or the plan is over."""
    over = Q(until__lte=before) | Q(plan__ended_at__lte=before)
    rows: QuerySet[Any] = model._base_manager.filter(over, name__isnull=False)
    return rows


@retention.event("people.Entity.closed", reads=("people.Entity",))
def closed(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Of an organisation that is gone, or that named somebody else since."""
    gone = Q(entity__closed_on__lte=localdate(before)) | Q(entity=None)
    rows: QuerySet[Any] = model._base_manager.filter(gone)
    return rows


@retention.event("people.Tenancy.ended", reads=("people.Tenancy",))
def let(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Of a letting that ended, or that has another landlord since."""
    gone = Q(tenancy__ended_on__lte=localdate(before)) | Q(tenancy=None)
    rows: QuerySet[Any] = model._base_manager.filter(gone)
    return rows


@retention.event("people.Inspection.made")
def inspected(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(at__lte=before)
    return rows


@retention.event("people.JointUnit.ended")
def dissolved(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(ended_on__lte=localdate(before))
    return rows


FORGOTTEN = timedelta(days=150)


@retention.event("people.TenantDeclaration.decided")
def declared(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Decided; or nobody came to check it for so long that nobody will."""
    forgotten = Q(decided_at=None, declared_at__lte=before - FORGOTTEN)
    rows: QuerySet[Any] = model._base_manager.filter(Q(decided_at__lte=before) | forgotten)
    return rows


@retention.event("people.Sheet.made")
@retention.event("people.Export.made")
def made(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(made_at__lte=before)
    return rows


@retention.event("people.Export.asked")
def asked(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(asked_at__lte=before)
    return rows


@retention.event("people.PeopleImport.uploaded", reads=("people.PeopleImport",))
def uploaded(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = "created_at" if model is PeopleImport else "job__created_at"
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}__lte": before})
    return rows


@retention.event("people.PeopleImport.ended", reads=("people.PeopleImport",))
def import_ended(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(job__ended_at__lte=before)
    return rows


@erasure.handler(
    "people.Person",
    touches={
        "people.Person": "UPDATE (document_index, marks, erased_at)",
        "people.Provenance": "DELETE",
        "people.Residency": "UPDATE (ended_on, leaving)",
        "people.Household": "UPDATE (head_id, ended_on)",
        "people.ChangeRequest": "SELECT, UPDATE (state, decided_at)",
        "people.SupportPlan": "SELECT, UPDATE (ended_at, ending)",
        "people.SupportStep": "SELECT",
        "people.TeamMember": "SELECT",
        "people.Visit": "SELECT",
    },
)
def forget(order: Order) -> None:
    """Nothing finds the person any more, no list shows them, and what waited for a yes is gone.

    Of where they lived stays that somebody did.
    """
    Person.objects.filter(pk__in=order.keys).filter(
        Q(erased_at=None) | ~Q(marks=[]) | Q(document_index__isnull=False)
    ).update(document_index=None, marks=[], erased_at=order.now)
    merged = Person.objects.filter(merged_into__in=order.keys, erased_at=None)
    order.also("people.Person", list(merged.values_list("pk", flat=True)))
    requests = ChangeRequest.objects.filter(person__in=order.keys)
    requests.filter(state=ChangeState.WAITING).update(
        state=ChangeState.LAPSED, decided_at=order.now
    )
    requests = requests.filter(data_key__destroyed_at=None)
    order.also("people.ChangeRequest", list(requests.values_list("pk", flat=True)))
    rows = Provenance.objects.filter(person__in=order.keys)
    rows._raw_delete(rows.db)
    end_plans(order)
    forget_visits(order)
    end_residencies(order)


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


def end_plans(order: Order) -> None:
    """With what they say, and who helped; what was agreed for a person goes with the person."""
    plans = SupportPlan.objects.filter(person__in=order.keys)
    plans.filter(ended_at=None).update(ended_at=order.now, ending=clearing.GONE)
    keys = list(plans.values_list("pk", "words"))
    order.also("people.PlanWords", [words for _pk, words in keys])
    steps = SupportStep.objects.filter(plan__in=[pk for pk, _words in keys])
    order.also("people.StepWords", list(steps.values_list("words", flat=True)))
    team = TeamMember.objects.filter(plan__in=[pk for pk, _words in keys], name__isnull=False)
    order.also("people.TeamMember", list(team.values_list("pk", flat=True)))


def forget_visits(order: Order) -> None:
    """What was said at the door of a household of which nobody else is left."""
    homes = Residency.objects.filter(person__in=order.keys).values("household")
    others = Residency.objects.filter(
        household=OuterRef("household"), person__erased_at=None
    ).exclude(person__in=order.keys)
    visits = Visit.objects.filter(~Exists(others), household__in=homes, words__isnull=False)
    order.also("people.VisitWords", list(visits.values_list("words", flat=True)))
