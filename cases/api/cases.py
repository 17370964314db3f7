"""Cases: the list by keyset, one case, a report under its own key, the moves of the workflow."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _t
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import (
    access,
    case_page,
    deadlines,
    duplicates,
    facilities,
    intake,
    items,
    moves,
    needs,
    queue,
    visits,
    workflow,
)
from cases.api import shapes
from cases.api.photos import photo_of
from cases.api.shapes import given, user_of
from cases.errors import Changed, NotAllowed
from cases.intake import Report
from cases.matters import matters
from cases.models import Case, Source
from cases.submissions import Conflict
from governance import api, clock, units
from governance.api import Problem

if TYPE_CHECKING:
    from governance.models import User

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    description="A UUID made by the caller: the same sent again is not made a second time.",
)
CONFLICT = OpenApiResponse(description="not_allowed, changed or key_used: see `detail`")


class Cases(APIView):
    permission_classes = [api.needs("case.see", post="case.report")]

    @extend_schema(
        operation_id="cases_list", parameters=[shapes.CaseQuery], responses=shapes.CasePage
    )
    def get(self, request: Request) -> Response:
        """The cases one may see, the newest first."""
        asked = api.asked(request, shapes.CaseQuery)
        rows = filters(asked).apply(access.visible_to(user_of(request)))
        after = str(asked.get("after", ""))
        page = queue.page(rows, by_due=False, after=after, before="", size=asked["limit"])
        now = clock.now()
        results = [row(line, now) for line in page.lines]
        return Response({"results": results, "next": following(request, page.next_key)})

    @extend_schema(
        operation_id="cases_create",
        parameters=[KEY],
        request=shapes.NewCase,
        responses={201: shapes.Receipt, 200: shapes.Receipt, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Report; photos follow to /cases/{number}/photos/. 200: it was reported before."""
        key = idempotency_key(request)
        report = report_of(given(request, shapes.NewCase), user_of(request))
        try:
            case, new = intake.open_case(report, by=user_of(request), now=clock.now(), key=key)
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        except Conflict as error:
            raise Problem(409, "key_used", str(error)) from error
        return Response(receipt(case), status=201 if new else 200)


class OneCase(APIView):
    """One case: facts, clocks, what one may do now, photos, history. The reporter is masked."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(operation_id="cases_retrieve", responses=shapes.CaseDetail)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        return Response(detail(access.case_for(user, number), user, clock.now()))


class Act(APIView):
    """One move of the workflow. Which ones are open, and what they need: `actions` of the case."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(
        operation_id="cases_act",
        request=shapes.NewAct,
        responses={200: shapes.Receipt, 409: CONFLICT},
    )
    def post(self, request: Request, number: str, action: str) -> Response:
        user = user_of(request)
        case = access.case_for(user, number)
        if action not in moves.BY_ACTION:
            raise Http404
        body = shapes.NewAct(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            case = workflow.take(case, action, by=user, now=clock.now(), **body.given())
        except Changed as error:
            raise Problem(409, "changed", str(error)) from error
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        return Response(receipt(case))


class SimilarTo(APIView):
    """The open cases that this one may repeat, the likeliest first, each with its reasons; and
    those within 100 m, the nearest first."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(operation_id="cases_similar", responses=shapes.SimilarCases)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        case = access.case_for(user, number)
        found = duplicates.of_case(case, user)
        return Response(
            {
                "similar": [similar(one) for one in found],
                "nearby": case_page.nearby(case, user, API_CASES),
            }
        )


def similar(found: duplicates.Found) -> dict[str, Any]:
    return {
        "number": found.number,
        "url": reverse("api_case", args=[found.number]),
        "item": found.item_id,
        "item_name": items.facts(found.item_id).title,
        "state": found.state,
        "description": found.description,
        "place": found.place,
        "score": round(found.score),
        "reasons": [duplicates.sentence(reason) for reason in found.reasons],
    }


def idempotency_key(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        said = _t("请在请求头 Idempotency-Key 中给出本次提交的 UUID，重发时用同一个。")
        raise Problem(400, "idempotency_key", said) from None


def report_of(asked: dict[str, Any], user: User) -> Report:
    return Report(
        item_id=asked["item"],
        description=asked["description"],
        source=Source.API,
        place=asked["place"],
        lon=asked.get("lon"),
        lat=asked.get("lat"),
        accuracy_m=asked.get("accuracy_m"),
        facility_id=asked.get("facility"),
        visit=visits.visit_for(user, asked["visit"]) if asked["visit"] else None,
        reporter_name=asked["reporter_name"],
        reporter_phone=asked["reporter_phone"],
        reporter_email=asked["reporter_email"],
    )


def filters(asked: dict[str, Any]) -> queue.Filters:
    same = ("item", "item_class", "state", "unit", "source", "since")
    chosen = {name: asked[name] for name in same if name in asked}
    return queue.Filters(words=asked.get("q", ""), **chosen)


def following(request: Request, key: str) -> str | None:
    """The address of the next page; None on the last one."""
    if not key:
        return None
    query = urlencode({**request.query_params.dict(), "after": key})
    return request.build_absolute_uri(f"{request.path}?{query}")


def row(line: queue.Line, now: datetime) -> dict[str, Any]:
    return {
        "number": line.number,
        "url": reverse("api_case", args=[line.number]),
        "item": line.item_id,
        "item_name": items.facts(line.item_id).title,
        "description": line.description,
        "place": line.place,
        "community": line.community_id,
        "grid": line.grid_id,
        "unit_name": units.name_of(line.grid_id) or units.name_of(line.community_id),
        "state": line.state,
        "department": line.department_id,
        "department_name": units.name_of(line.department_id),
        "stage_due_at": line.due_at,
        "light": deadlines.light(line.warn_at, line.due_at, now),
        "escalation": line.escalation,
        "source": line.source,
        "reported_at": line.reported_at,
    }


def receipt(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "version": case.version,
        "state": case.state,
        "url": reverse("api_case", args=[case.number]),
    }


API_CASES = "/api/v1/cases/"


def detail(case: Case, user: User, now: datetime) -> dict[str, Any]:
    lines = case_page.lines(case)
    happened = {line.action for line in lines}
    shown = [photo_of(photo) for photo in case.photos.order_by("pk")]
    beside, _left = case_page.beside(matters(case, user, now, happened, API_CASES), shown)
    return {
        **receipt(case),
        **beside,
        "item": case.item_id,
        "item_name": items.facts(case.item_id).title,
        "description": case.description,
        "place": case.place,
        "point": case_page.point(case),
        "street": case.street_id,
        "community": case.community_id,
        "grid": case.grid_id,
        "department": case.department_id,
        "department_name": units.name_of(case.department_id),
        "source": case.source,
        "reported_at": case.reported_at,
        "escalation": case.escalation,
        "rework_count": case.rework_count,
        "outcome": case.outcome,
        "result": case.result,
        "answer": case.answer,
        "satisfied": case.satisfied,
        "promise_due_at": case.promise_due_at,
        "promise_kept": case.promise_kept,
        "promise_first_at": case.promise_first_at,
        "level": case.level,
        "solved_level": case.solved_level,
        "severity": case.severity,
        "forced": case.is_forced,
        "clocks": case_page.clocks(case, now),
        "actions": [action(case, move) for move in workflow.allowed(case, user, now)],
        "facility": facilities.of_case(case, user),
        "visit": (visits.origin(case.visit_id, user) or {}).get("number", ""),
        "reporter": reporter(case, user),
        "photos": shown,
        "reports": [
            {**report, "photos": [photo_of(photo) for photo in report["photos"]]}
            for report in case_page.reports(case, user, happened)
        ],
        "timeline": case_page.timeline(lines),
    }


def action(case: Case, move: moves.Move) -> dict[str, Any]:
    return {
        "action": move.action.value,
        "label": move.action.label,
        "needs": [need.value for need in move.needs if need in needs.CHECKS],
        "url": reverse("api_case_act", args=[case.number, move.action.value]),
    }


def reporter(case: Case, user: User) -> dict[str, Any] | None:
    """Masked always: who needs the clear text asks for it on the page, with a reason."""
    shown = case_page.reporter(case, user)
    return shown and {name: shown[name] for name in ("name_masked", "phone_masked", "email_masked")}
