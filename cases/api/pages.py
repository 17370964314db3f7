"""Lists by keyset, the newest first, and answers that no cache keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api_views import PageQuery

__all__ = ["PageQuery", "paged", "private"]
M = TypeVar("M", bound=Model)


def paged(
    request: Request,
    rows: QuerySet[M],
    asked: dict[str, Any],
    shown: Callable[[M], dict[str, Any]],
) -> Response:
    """The rows before the key `after`, and the address of the next page, or None."""
    ordered = rows.order_by("-pk")
    if "after" in asked:
        ordered = ordered.filter(pk__lt=asked["after"])
    limit: int = asked["limit"]
    found = list(ordered[: limit + 1])
    following = None
    if len(found) > limit:
        query = urlencode({**request.query_params.dict(), "after": found[limit - 1].pk})
        following = request.build_absolute_uri(f"{request.path}?{query}")
    return Response({"results": [shown(row) for row in found[:limit]], "next": following})


def private(body: object) -> Response:
    """Personal data in clear: for this caller, now."""
    response = Response(body)
    response.headers["Cache-Control"] = "no-store"
    return response
