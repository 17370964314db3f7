"""Suggestions of residents: the list by keyset, and collecting one under its own key."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import suggestions
from cases.api import shapes
from cases.api.cases import CONFLICT, KEY, following, idempotency_key
from cases.api.shapes import given, user_of
from cases.errors import NotAllowed
from cases.models import Subject, Suggestion, SuggestionSource
from cases.submissions import Conflict
from cases.suggestions import Said
from governance import api, clock, units
from governance.api import Problem


class Suggestions(APIView):
    permission_classes = [api.needs("suggestion.see", post=suggestions.COLLECT)]

    @extend_schema(
        operation_id="suggestions_list",
        parameters=[shapes.SuggestionQuery],
        responses=shapes.SuggestionPage,
    )
    def get(self, request: Request) -> Response:
        """The suggestions one may see, the newest first, without who made them."""
        asked = api.asked(request, shapes.SuggestionQuery)
        rows = suggestions.visible_suggestions(user_of(request)).order_by("-pk")
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        if "after" in asked:
            rows = rows.filter(pk__lt=asked["after"])
        page = list(rows[: asked["limit"] + 1])
        more = len(page) > asked["limit"]
        page = page[: asked["limit"]]
        key = str(page[-1].pk) if more else ""
        return Response({"results": [row_of(row) for row in page], "next": following(request, key)})

    @extend_schema(
        operation_id="suggestions_create",
        parameters=[KEY],
        request=shapes.NewSuggestion,
        responses={201: shapes.SuggestionReceipt, 200: shapes.SuggestionReceipt, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Collect one. 200: it was collected before. The code is for who made it."""
        key = idempotency_key(request)
        said = said_of(given(request, shapes.NewSuggestion))
        try:
            row, new = suggestions.collect(said, by=user_of(request), now=clock.now(), key=key)
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        except Conflict as error:
            raise Problem(409, "key_used", str(error)) from error
        return Response(receipt(row), status=201 if new else 200)


def said_of(asked: dict[str, Any]) -> Said:
    return Said(
        subject=Subject.COMMUNITY,
        kind=asked["kind"],
        words=asked["words"],
        source=SuggestionSource.API,
        unit_id=asked.get("unit"),
        name=asked["name"],
        phone=asked["phone"],
    )


def receipt(row: Suggestion) -> dict[str, Any]:
    return {
        "number": row.number,
        "query_code": row.query_code,
        "state": row.state,
        "due_at": row.due_at,
    }


def row_of(row: Suggestion) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "words": row.words,
        "source": row.source,
        "street": row.street_id,
        "community": row.community_id,
        "grid": row.grid_id,
        "unit": row.unit_id,
        "unit_name": units.name_of(row.unit_id),
        "state": row.state,
        "outcome": row.outcome,
        "answer": row.answer,
        "received_at": row.received_at,
        "due_at": row.due_at,
        "answered_at": row.answered_at,
        "overdue": row.overdue_at is not None,
        "published": row.published,
    }
