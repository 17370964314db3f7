"""Disputes: the list by keyset, one dispute for those who mediate it, and a verb an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import access, disputes, items, queue
from cases.api import dispute_shapes as shapes
from cases.api.pages import paged, private
from cases.api.refusals import CONFLICT, refusals
from cases.api.service_shapes import NewLook
from cases.api.shapes import given, user_of
from cases.models import AGREED, Case, Dispute, DisputeParty
from governance import api, clock, units


class Disputes(APIView):
    """The disputes of the cases one may see, the newest first; without what was said in them."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(
        operation_id="disputes_list",
        parameters=[shapes.DisputeQuery],
        responses=shapes.DisputePage,
    )
    def get(self, request: Request) -> Response:
        asked = api.asked(request, shapes.DisputeQuery)
        rows = filtered(disputes.visible_disputes(user_of(request)), asked)
        return paged(request, rows.select_related("case"), asked, row)


class OneDispute(APIView):
    """The dispute of a case, for those who may mediate it. The parties are masked."""

    permission_classes = [api.needs(disputes.PERMISSION)]

    @extend_schema(operation_id="disputes_retrieve", responses=shapes.DisputeDetail)
    def get(self, request: Request, number: str) -> Response:
        return Response(detail(dispute_of(case_for(request, number))))


class RevealParty(APIView):
    """A party in clear, after the look and its reason were written down."""

    permission_classes = [api.needs(disputes.PERMISSION)]

    @extend_schema(operation_id="disputes_reveal", request=NewLook, responses=shapes.PartyRevealed)
    def post(self, request: Request, number: str, key: UUID) -> Response:
        case = case_for(request, number)
        if not dispute_of(case).parties.filter(pk=key).exists():
            raise Http404
        reason, user = given(request, NewLook)["reason"], user_of(request)
        party = disputes.reveal(case, by=user, now=clock.now(), party_id=key, reason=reason)
        return private(
            {name: sealed.reveal() if sealed else "" for name, sealed in sealed_of(party)}
        )


class DisputeVerb(APIView):
    """One verb of cases/disputes.py; the answer is the dispute as it is then."""

    permission_classes = [api.needs(disputes.PERMISSION)]
    shape: ClassVar[type[shapes.VerbShape]]
    verb: ClassVar[Callable[..., object]]

    def post(self, request: Request, number: str) -> Response:
        case = case_for(request, number)
        body = self.shape(data=request.data)
        body.is_valid(raise_exception=True)
        with refusals():
            type(self).verb(case, by=user_of(request), now=clock.now(), **body.given())
        return Response(detail(dispute_of(case)), status=201)


def view_of(name: str, shape: type[shapes.VerbShape], verb: Callable[..., object]) -> Any:
    """The view of a verb, described for the schema under an operation of its own."""
    described = extend_schema_view(
        post=extend_schema(
            operation_id=f"disputes_{name}",
            request=shape,
            responses={201: shapes.DisputeDetail, 409: CONFLICT},
        )
    )
    members = {"shape": shape, "verb": staticmethod(verb), "__doc__": verb.__doc__}
    view: Any = type(f"Dispute{name.title()}", (DisputeVerb,), members)
    return described(view).as_view()


def case_for(request: Request, number: str) -> Case:
    """As on the page: who sees the case and may not mediate it is told so."""
    user = user_of(request)
    case = access.case_for(user, number)
    if not disputes.may_mediate(user, case):
        raise PermissionDenied
    return case


def dispute_of(case: Case) -> Dispute:
    found = Dispute.objects.filter(case=case).select_related("case").first()
    if found is None:
        raise Http404
    return found


def filtered(rows: QuerySet[Dispute], asked: dict[str, Any]) -> QuerySet[Dispute]:
    if asked["open"] is not None:
        rows = rows.filter(ended_at__isnull=asked["open"])
    for name in ("track", "outcome"):
        if name in asked:
            rows = rows.filter(**{name: asked[name]})
    if "unit" in asked:
        cases = Case.objects.filter(queue.unit_condition(asked["unit"]))
        rows = rows.filter(case__in=cases)
    return rows


def row(dispute: Dispute) -> dict[str, Any]:
    case = dispute.case
    return {
        "case": case.number,
        "url": reverse("api_dispute", args=[case.number]),
        "item_name": items.facts(case.item_id).title,
        "community": case.community_id,
        "unit_name": units.name_of(case.grid_id) or units.name_of(case.community_id),
        "track": dispute.track,
        "track_unit": dispute.track_unit_id,
        "track_unit_name": units.name_of(dispute.track_unit_id),
        "opened_at": dispute.opened_at,
        "due_at": dispute.due_at,
        "outcome": dispute.outcome,
        "ended_at": dispute.ended_at,
    }


def detail(dispute: Dispute) -> dict[str, Any]:
    told = dispute.ended_at is not None and dispute.outcome not in AGREED
    parties = dispute.parties.select_related("data_key").order_by("side", "added_at", "pk")
    return {
        **row(dispute),
        "request": dispute.request,
        "mediators": [
            {"id": user.pk, "name": str(user)} for user in dispute.mediators.order_by("pk")
        ],
        "terms": dispute.terms,
        "court_confirmed_on": dispute.court_confirmed_on,
        "other_ways": str(disputes.OTHER_WAYS) if told else "",
        "parties": [party_of(party) for party in parties],
        "sessions": sessions(dispute),
        "obligations": obligations(dispute),
    }


def sealed_of(party: DisputeParty) -> list[tuple[str, Any]]:
    return [("name", party.name), ("phone", party.phone)]


def party_of(party: DisputeParty) -> dict[str, Any]:
    return {
        "id": str(party.pk),
        "side": party.side,
        **{name: sealed.masked if sealed else "" for name, sealed in sealed_of(party)},
        "consent": party.consent,
        "consent_at": party.consent_at,
    }


def sessions(dispute: Dispute) -> list[dict[str, Any]]:
    rows = dispute.sessions.select_related("by").prefetch_related("present")
    return [
        {
            "held_at": held.held_at,
            "place": held.place,
            "minutes": held.minutes,
            "present": sorted(str(party.pk) for party in held.present.all()),
            "by": str(held.by),
        }
        for held in rows.order_by("held_at", "pk")
    ]


def obligations(dispute: Dispute) -> list[dict[str, Any]]:
    return [
        {
            "id": owed.pk,
            "party": str(owed.party_id),
            "what": owed.what,
            "due_on": owed.due_on,
            "fulfilled_at": owed.fulfilled_at,
            "visited_at": owed.visited_at,
            "visit": owed.visit,
        }
        for owed in dispute.obligations.order_by("due_on", "pk")
    ]


# address → (name of the operation, shape of the body, verb)
VERBS: dict[str, tuple[str, type[shapes.VerbShape], Callable[..., object]]] = {
    "open": ("open", shapes.NewDispute, disputes.open_dispute),
    "party": ("party", shapes.NewParty, disputes.add_party),
    "correct": ("correct", shapes.PartyCorrection, disputes.correct_party),
    "consent": ("consent", shapes.NewConsent, disputes.consent),
    "session": ("session", shapes.NewSession, disputes.hold_session),
    "hand-over": ("hand_over", shapes.NewHandOver, disputes.hand_over),
    "agree": ("agree", shapes.NewAgreement, disputes.agree),
    "end": ("end", shapes.NewEnd, disputes.end_without),
    "visit": ("visit", shapes.NewVisit, disputes.fulfil),
    "court": ("court", shapes.NewCourtDate, disputes.confirm_by_court),
}
urls = [
    path("disputes/", Disputes.as_view(), name="api_disputes"),
    path("cases/<str:number>/dispute/", OneDispute.as_view(), name="api_dispute"),
    path(
        "cases/<str:number>/dispute/parties/<uuid:key>/",
        RevealParty.as_view(),
        name="api_dispute_reveal",
    ),
    *(
        path(
            f"cases/<str:number>/dispute/{address}/",
            view_of(name, shape, verb),
            name=f"api_dispute_{name}",
        )
        for address, (name, shape, verb) in VERBS.items()
    ),
]
