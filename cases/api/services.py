"""办事代办: the guide, the list by keyset, a mandate, its moves and materials."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import access, entrusting, photos, queue, service_items, services, visits
from cases.api import service_shapes as shapes
from cases.api.cases import KEY, idempotency_key
from cases.api.pages import paged, private
from cases.api.photos import JPEG, AsPicture
from cases.api.refusals import BAD, CONFLICT, refusals
from cases.api.shapes import given, user_of
from cases.entrusting import Brought, Mandate
from cases.models import ServiceMaterial, ServiceRequest, ServiceStep
from cases.service_items import ServiceFacts
from cases.service_moves import BY_ACTION, LABELS, ServiceMove
from governance import api, clock, units
from governance.api import OrjsonRenderer

if TYPE_CHECKING:
    from governance.models import User


class ServiceItems(APIView):
    """What can be done for people now: conditions, materials, days, no fee, and the form."""

    permission_classes = [api.needs("service.see")]

    @extend_schema(operation_id="service_items_list", responses=shapes.ServiceItemList)
    def get(self, request: Request) -> Response:
        return Response({"results": [item_of(item) for item in service_items.active()]})


class Services(APIView):
    permission_classes = [api.needs("service.see", post="service.entrust")]

    @extend_schema(
        operation_id="services_list",
        parameters=[shapes.ServiceQuery],
        responses=shapes.ServicePage,
    )
    def get(self, request: Request) -> Response:
        """The requests one may see, the newest first. The applicant is masked."""
        asked, now = api.asked(request, shapes.ServiceQuery), clock.now()
        rows = filtered(services.visible_services(user_of(request)), asked, now)
        found = rows.select_related("applicant__data_key")
        return paged(request, found, asked, lambda line: row(line, now))

    @extend_schema(
        operation_id="services_create",
        parameters=[KEY],
        request=shapes.NewService,
        responses={201: shapes.ServiceReceipt, 400: BAD, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Take a mandate; photos of materials follow to /services/{number}/materials/."""
        key = idempotency_key(request)
        asked, user = given(request, shapes.NewService), user_of(request)
        case = access.case_for(user, asked["case"]) if asked["case"] else None
        with refusals():
            mandate = Mandate(
                item=service_items.asked_for(asked["item"]),
                name=asked["name"],
                phone=asked["phone"],
                answers=asked["answers"],
                materials=tuple(map(Brought, dict.fromkeys(asked["materials"]))),
                grid_id=asked.get("grid"),
                case=case,
                visit=visits.visit_for(user, asked["visit"]) if asked["visit"] else None,
            )
            made = entrusting.entrust(mandate, by=user, now=clock.now(), key=key)
        return Response(receipt(made), status=201)


class OneService(APIView):
    """One request: facts, clock, materials, what one may do now, history. The applicant is masked,
    the answers are not shown: they are revealed, with a reason."""

    permission_classes = [api.needs("service.see")]

    @extend_schema(operation_id="services_retrieve", responses=shapes.ServiceDetail)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        return Response(detail(services.request_for(user, number), user, clock.now()))


class ServiceAct(APIView):
    """One move. Which ones are open, and what they need: `actions` of the request."""

    permission_classes = [api.needs("service.see")]

    @extend_schema(
        operation_id="services_act",
        request=shapes.NewServiceAct,
        responses={200: shapes.ServiceReceipt, 409: CONFLICT},
    )
    def post(self, request: Request, number: str, action: str) -> Response:
        user = user_of(request)
        found = services.request_for(user, number)
        if action not in BY_ACTION:
            raise Http404
        asked = given(request, shapes.NewServiceAct)
        with refusals():
            found = services.take(found, action, by=user, now=clock.now(), **asked)
        return Response(receipt(found))


class ServiceMaterials(APIView):
    """Add a material that was brought, with its photo if one was taken."""

    permission_classes = [api.needs("service.entrust")]
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(
        operation_id="service_materials_create",
        request={"multipart/form-data": shapes.NewMaterial},
        responses={201: shapes.Materials, 400: BAD, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        found = services.request_for(user, number)
        asked = given(request, shapes.NewMaterial)
        brought = [Brought(asked["name"], asked.get("file"))]
        with refusals():
            found = entrusting.bring(found, brought, by=user, now=clock.now())
        return Response(materials(found, user), status=201)


class MaterialPicture(APIView):
    """The photo of a material, as JPEG; the look is written down."""

    permission_classes = [api.needs("service.reveal")]
    renderer_classes = [OrjsonRenderer, AsPicture]

    @extend_schema(operation_id="service_materials_retrieve", responses=JPEG)
    def get(self, request: Request, number: str, key: UUID) -> HttpResponse:
        user = user_of(request)
        found = services.request_for(user, number)
        material = services.picture_of(found, key, by=user, now=clock.now())
        response = photos.download(material.file)
        response.headers["Cache-Control"] = "private, no-store"
        return response


class RevealService(APIView):
    """Applicant and answers in clear, after the look and its reason were written down."""

    permission_classes = [api.needs("service.reveal")]

    @extend_schema(
        operation_id="services_reveal", request=shapes.NewLook, responses=shapes.Revealed
    )
    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        found = services.request_for(user, number)
        reason = given(request, shapes.NewLook)["reason"]
        shown = services.reveal(found, by=user, now=clock.now(), reason=reason)
        return private({"results": [{"title": title, "text": text} for title, text in shown]})


def filtered(
    rows: QuerySet[ServiceRequest], asked: dict[str, Any], now: datetime
) -> QuerySet[ServiceRequest]:
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    if "item" in asked:
        rows = rows.filter(item__code=asked["item"])
    if "unit" in asked:
        rows = rows.filter(queue.unit_condition(asked["unit"]))
    if asked["late"] is not None:
        late = rows.filter(due_at__lt=now)
        rows = late if asked["late"] else rows.exclude(pk__in=late.values("pk"))
    return rows


def item_of(item: ServiceFacts) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.title,
        "department": item.department_id,
        "department_name": units.name_of(item.department_id),
        "conditions": item.conditions,
        "materials": [
            {"name": one.name, "needed": one.needed, "note": one.note} for one in item.materials
        ],
        "days": item.days,
        "unit": item.unit,
        "fee": "none",
        "schema": dict(item.schema),
    }


def receipt(found: ServiceRequest) -> dict[str, Any]:
    return {
        "number": found.number,
        "version": found.version,
        "state": found.state,
        "url": reverse("api_service", args=[found.number]),
    }


def row(found: ServiceRequest, now: datetime) -> dict[str, Any]:
    item, applicant = service_items.facts(found.item_id), found.applicant
    return {
        **receipt(found),
        "item": item.code,
        "item_name": item.title,
        "applicant": applicant.name.masked if applicant.name else "",
        "community": found.community_id,
        "grid": found.grid_id,
        "unit_name": units.name_of(found.grid_id) or units.name_of(found.community_id),
        "department": found.department_id,
        "department_name": units.name_of(found.department_id),
        "entrusted_at": found.entrusted_at,
        "due_at": found.due_at,
        "late": bool(found.due_at and found.due_at < now),
    }


def detail(found: ServiceRequest, user: User, now: datetime) -> dict[str, Any]:
    applicant = found.applicant
    return {
        **row(found, now),
        "phone": applicant.phone.masked if applicant.phone else "",
        "case": found.case.number if found.case else "",
        "visit": (visits.origin(found.visit_id, user) or {}).get("number", ""),
        "entrusted_by": str(found.entrusted_by),
        "accepted_at": found.accepted_at,
        "delivered_at": found.delivered_at,
        "ended_at": found.ended_at,
        "outcome": found.outcome,
        "reason": found.reason,
        "kept": found.kept,
        "satisfied": found.satisfied,
        **materials(found, user),
        "actions": [action(found, move) for move in services.allowed(found, user)],
        "timeline": [step(one) for one in found.steps.select_related("by").order_by("-pk")],
    }


def materials(found: ServiceRequest, user: User) -> dict[str, Any]:
    """What was brought; the addresses of photos are for those who may look at them."""
    reveals = services.may_act(user, found, "service.reveal")
    return {
        "materials": [
            material_of(found, one, reveals=reveals) for one in found.materials.order_by("pk")
        ],
        "missing": services.missing(found),
    }


def material_of(
    found: ServiceRequest, material: ServiceMaterial, *, reveals: bool
) -> dict[str, Any]:
    shown = reveals and bool(material.file)
    args = [found.number, material.uuid]
    return {
        "name": material.name,
        "received_at": material.received_at,
        "url": reverse("api_service_picture", args=args) if shown else "",
    }


def action(found: ServiceRequest, move: ServiceMove) -> dict[str, Any]:
    return {
        "action": move.action.value,
        "label": move.action.label,
        "needs": [need.value for need in move.needs],
        "url": reverse("api_service_act", args=[found.number, move.action.value]),
    }


def step(one: ServiceStep) -> dict[str, Any]:
    return {
        "kind": one.action,
        "label": str(LABELS[one.action]),
        "by": str(one.by) if one.by else _t("系统"),
        "source": "",
        "at": one.at,
        "note": one.note,
    }
