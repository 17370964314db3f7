"""When the personal data of cases, services and suggestions is due, and what goes with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Exists, F, Func, JSONField, Model, OuterRef, Q, QuerySet, Value, When

from cases.models import (
    OPEN,
    AnswerKind,
    Case,
    Notice,
    Paper,
    Photo,
    Question,
    ServiceMaterial,
    State,
    Submission,
    Transition,
)
from governance import clearing, erasure, retention, search
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
# The keys of a move's details under which somebody's words stand.
WORDS = ("description", "place", "what")
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


@retention.event("cases.BulkJob.ended")
def moved(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(ended_at__lte=before)
    return rows


@retention.event("cases.CampaignTask.ended", reads=("cases.CampaignTask", "cases.Question"))
def done(model: type[Model], before: datetime) -> QuerySet[Any]:
    path = OF_TASK.get(model._meta.label, "task__")
    rows: QuerySet[Any] = model._base_manager.filter(**{f"{path}ended_at__lte": before})
    return rows


# What is taken out of JSON ----------------------------------------------------------------------


def without_words(_key: str) -> Any:
    """A move's details without what somebody wrote; statistics go on reading the rest."""
    template = "(%(expressions)s - ARRAY['" + "', '".join(WORDS) + "'])"
    return Func(F("details"), template=template, output_field=JSONField())


def without_text(_key: str) -> Any:
    """An answer in words; a number, a choice, a yes or no stays in the count."""
    in_words = Question.objects.filter(pk=OuterRef("question"), kind=AnswerKind.TEXT)
    gone = Value(clearing.GONE, output_field=JSONField())
    return Choose(When(Exists(in_words), then=gone), default=F("value"), output_field=JSONField())


clearing.OWN |= {
    "cases.Transition.details": (without_words, Q(details__has_any_keys=WORDS)),
    "cases.Answer.value": (
        without_text,
        Q(question__kind=AnswerKind.TEXT) & ~Q(value=clearing.GONE),
    ),
}


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
