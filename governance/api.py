"""What every endpoint of the API shares: tokens, JSON, problem documents, permissions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _t
from knox import auth
from rest_framework import exceptions, views
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from governance import actor, permissions


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """Knox's tokens (kept as digests); the transaction learns who acts."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is not None:
            actor.become(found[0].pk)
        return found


def needs(code: str) -> type[BasePermission]:
    """The API's side of `access.needs`: a permission class that asks the table."""
    assert code in permissions.TABLE, code

    class Needs(BasePermission):
        permission = code

        def has_permission(self, request: Request, view: Any) -> bool:
            return permissions.may(request.user, code)

    return Needs


class Problem(exceptions.APIException):
    """An error with a machine-readable `code` and extra members of the problem document."""

    def __init__(self, status: int, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail=detail, code=code)
        self.status_code, self.members = status, members


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Errors as RFC 9457 problem documents, in the language of the caller."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(_t("没有此内容，或不在您的范围内。"))
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(_t("您的岗位没有此项权限。"))
    response = views.exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    fields = error.detail if isinstance(error.detail, (dict, list)) else None
    detail = _t("所交内容有误。") if fields is not None else error.detail
    codes = "invalid" if fields is not None else error.get_codes()
    response.data = {
        "type": f"urn:governance:problem:{codes}",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": str(detail),
        **({"errors": fields} if fields is not None else {}),
        **getattr(error, "members", {}),
    }
    response.content_type = "application/problem+json"
    return response
