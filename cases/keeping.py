"""When the personal data of cases, services and suggestions is due, and what goes with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet

from cases.models import (
    OPEN,
    Case,
    Notice,
    Paper,
    Photo,
    ServiceMaterial,
    State,
    Submission,
    Transition,
)
from governance import erasure, retention, search
from governance.erasure import Order

# How each model reaches its case; several cases for who reported, or answers for, more than one.
OF_CASE = {
    "cases.Case": "pk",
    "cases.Finding": "case",
    "cases.Dispute": "case",
    "cases.DisputeParty": "dispute__case",
    "cases.MediationSession": "dispute__case",
    "cases.Obligation": "dispute__case",
}
OF_CASES = {"cases.Reporter": "reporter", "cases.Party": "findings__party"}
AT_REST = (State.ARCHIVED, State.ANSWERED, State.REFUSED)
OF_REQUEST = {"cases.ServiceRequest": ""}
OF_SUGGESTION = {"cases.Suggestion": ""}
OF_TASK = {"cases.CampaignTask": ""}


@retention.event("cases.Case.over", reads=("cases.Case", "cases.Transition", "cases.Finding"))
def over(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Of cases that are archived, answered or refused, and nothing happened since the moment."""
    return of_cases(model, at_rest(before))


@retention.event("cases.Case.closed", reads=("cases.Case", "cases.Dispute", "cases.Finding"))
def closed(model: type[Model], before: datetime) -> QuerySet[Any]:
    """Of cases that were first closed by the moment, and are not open again."""
    return of_cases(model, Case.objects.filter(first_closed_at__lte=before).exclude(state__in=OPEN))


def at_rest(before: datetime) -> QuerySet[Case]:
    """Whether or not somebody thought of archiving them; what is joined or split comes to rest with
    its other parts."""
    later = Transition.objects.filter(case=OuterRef("pk"), at__gt=before)
    old = Case.objects.filter(reported_at__lte=before)  # cheap, and most of a running deployment
    return old.filter(~Exists(later), state__in=AT_REST)


def of_cases(model: type[Model], cases: QuerySet[Case]) -> QuerySet[Any]:
    """The rows of the model that belong to these cases, and to no other one."""
    label = model._meta.label
    rows: QuerySet[Any] = model._base_manager.all()
    if label in OF_CASES:
        own = Case.objects.filter(**{OF_CASES[label]: OuterRef("pk")})
        return rows.filter(Exists(own), ~Exists(own.exclude(pk__in=cases.values("pk"))))
    return rows.filter(**{f"{OF_CASE.get(label, 'case')}__in": cases.values("pk")})


@retention.event("cases.ServiceRequest.ended", reads=("cases.ServiceRequest",))
def ended(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = OF_REQUEST.get(model._meta.label, "request__")
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}ended_at__lte": before})
    return rows


@retention.event("cases.Suggestion.answered", reads=("cases.Suggestion",))
def answered(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = OF_SUGGESTION.get(model._meta.label, "suggestion__")
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}answered_at__lte": before})
    return rows


@retention.event("cases.CampaignTask.ended", reads=("cases.CampaignTask",))
def done(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = OF_TASK.get(model._meta.label, "task__")
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}ended_at__lte": before})
    return rows


# What goes with it ------------------------------------------------------------------------------


@erasure.handler("cases.Case", touches={"cases.Case": "UPDATE (search)", "cases.Item": "SELECT"})
def find_by_number_only(order: Order) -> None:
    """The words are gone, and so is what they were found by."""
    rows = Case.objects.filter(pk__in=order.keys)
    for pk, number, item in rows.values_list("pk", "number", "item__name"):
        Case.objects.filter(pk=pk).update(search=search.vector(number, item))


@erasure.handler(
    "cases.Reporter",
    touches={
        "cases.Case": "SELECT",
        "cases.Notice": "DELETE",
        "cases.Submission": "DELETE",
        "cases.Photo": "SELECT",
    },
)
def forget_reporter(order: Order) -> None:
    """What waits to be sent to them, the receipt of what they sent, and the pictures they took."""
    cases = list(Case.objects.filter(reporter__in=order.keys).values_list("pk", flat=True))
    unsent = Notice.objects.filter(case__in=cases, sent_at=None)
    unsent._raw_delete(unsent.db)
    receipts = Submission.objects.filter(case__in=cases)
    receipts._raw_delete(receipts.db)
    theirs = Photo.objects.filter(case__in=cases, added_by=None)
    order.also("cases.Photo", list(theirs.values_list("pk", flat=True)))


@erasure.handler(
    "cases.ServiceApplicant",
    touches={
        "cases.ServiceRequest": "SELECT",
        "cases.ServiceMaterial": "SELECT",
        "cases.Paper": "SELECT",
    },
)
def forget_applicant(order: Order) -> None:
    """The pictures of what they brought, and the papers that name them."""
    papers = Paper.objects.filter(service__applicant__in=order.keys, data_key__destroyed_at=None)
    order.also("cases.Paper", list(papers.values_list("pk", flat=True)))
    rows = ServiceMaterial.objects.filter(request__applicant__in=order.keys).exclude(file="")
    order.also("cases.ServiceMaterial", list(rows.values_list("pk", flat=True)))
