"""What every endpoint of the API shares: tokens, JSON, problem documents, permissions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from knox import auth
from rest_framework import authentication, exceptions
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance import actor, permissions

PROBLEM = "application/problem+json"
TITLES = {
    HTTPStatus.BAD_REQUEST: _("请求有误"),
    HTTPStatus.UNAUTHORIZED: _("未认证"),
    HTTPStatus.FORBIDDEN: _("无权操作"),
    HTTPStatus.NOT_FOUND: _("未找到"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("方法不允许"),
    HTTPStatus.NOT_ACCEPTABLE: _("格式不支持"),
    HTTPStatus.CONFLICT: _("状态冲突"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("不支持的内容类型"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("系统出错"),
}


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        # the errors of a list are keyed by the number of its row
        options = orjson.OPT_NON_STR_KEYS
        return b"" if data is None else orjson.dumps(data, default=str, option=options)


class OrjsonParser(BaseParser):
    """JSON of any depth: what is nested too deep is said, where Python's own would fail."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            said = _t("不是有效的 JSON（第 %(line)d 行第 %(column)d 列）。") % place
            raise exceptions.ParseError(said) from error


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """Knox's tokens (kept as digests); the transaction learns who acts."""

    def authenticate(self, request: Request) -> Any:
        try:
            found = super().authenticate(request)
        except UnicodeDecodeError:  # knox reads as UTF-8 what came as ISO 8859-1
            raise exceptions.AuthenticationFailed from None
        if found is not None:
            actor.become(found[0].pk)
        return found


class SessionAuthentication(authentication.SessionAuthentication):
    """That of a page's scripts; what it misses is said, and is no matter of posts."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            said = _t("缺少防伪标记（CSRF）或已失效，请刷新页面后再试；程序调用请改用令牌。")
            raise Problem(HTTPStatus.FORBIDDEN, "csrf_failed", said) from None


def needs(code: str, *, post: str = "") -> type[BasePermission]:
    """The API's side of `access.needs`: a permission class that asks the table."""
    asked = permissions.by_method(code, post)

    class Needs(BasePermission):
        permission, by_method = code, asked

        def has_permission(self, request: Request, view: Any) -> bool:
            return permissions.may(request.user, asked.get(request.method or "", code))

    return Needs


class SignedIn(IsAuthenticated):
    """For anybody with an account: said in the open, as `access.signed_in` does."""

    permission = "signed in"


def asked(request: Request, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
    """The query's parameters, checked for their shape: a malformed one is a 400, never a 500."""
    query = serializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


class Problem(exceptions.APIException):
    """An error with a machine-readable `code` and extra members of the problem document."""

    def __init__(self, status: int, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail=detail, code=code)
        self.status_code, self.members = status, members


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Errors as RFC 9457 problem documents, in the language of the caller."""
    from rest_framework import views  # noqa: PLC0415 -- it reads settings that name this module

    if isinstance(error, Http404):
        error = exceptions.NotFound(_t("没有此内容，或不在您的范围内。"))
    elif isinstance(error, (PermissionDenied, exceptions.PermissionDenied)):
        error = exceptions.PermissionDenied(_t("您的岗位没有此项权限。"))
    elif isinstance(error, exceptions.AuthenticationFailed):
        error.detail = exceptions.ErrorDetail(_t("令牌无效或已过期。"), "authentication_failed")
    elif isinstance(error, exceptions.NotAuthenticated):
        error.detail = exceptions.ErrorDetail(_t("请先登录，或提供令牌。"), "not_authenticated")
    response = views.exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    fields = error.detail if isinstance(error.detail, (dict, list)) else None
    detail = _t("所交内容有误。") if fields is not None else error.detail
    codes = "invalid" if fields is not None else error.get_codes()
    response.data = {
        "type": f"urn:governance:problem:{codes}",
        "title": title(response.status_code),
        "status": response.status_code,
        "detail": str(detail),
        **({"errors": fields} if fields is not None else {}),
        **getattr(error, "members", {}),
    }
    response.content_type = PROBLEM
    request = context["request"]  # whatever the answer would have been written in
    request.accepted_renderer, request.accepted_media_type = OrjsonRenderer(), PROBLEM
    return response


TEXT = {"type": "string"}
PROBLEM_SHAPE = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        **{"type": TEXT, "title": TEXT, "detail": TEXT, "status": {"type": "integer"}},
        "errors": {"description": "field → sentences, for what was malformed"},
    },
}


def with_problems(result: dict[str, Any], **_kwargs: object) -> dict[str, Any]:
    """The schema says of every operation that whatever else it answers is a problem document."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SHAPE
    said = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path in result["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answer["content"] = {PROBLEM: said}
            answer = {"description": "RFC 9457", "content": {PROBLEM: said}}
            operation["responses"].setdefault("default", answer)
    return result


def title(status: int) -> str:
    """The status in the language of the caller."""
    known = HTTPStatus(status)
    return str(TITLES.get(known, known.phrase))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """What is refused before a view has it, such as a body that is too large."""
    if request.path.startswith("/api/"):
        return plain_problem(HTTPStatus.BAD_REQUEST, "bad_request", _t("所交内容过大或有误。"))
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """An address that nothing answers to: a problem document below /api/, else the page."""
    if request.path.startswith("/api/"):
        return plain_problem(HTTPStatus.NOT_FOUND, "not_found", _t("没有此地址。"))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        said = _t("系统出错，已记录；请稍后再试。")
        return plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", said)
    # without the context processors: they may be what failed
    body = render_to_string("500.html", {"request": request})
    return HttpResponse(body, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def plain_problem(status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    members = {
        "type": f"urn:governance:problem:{code}",
        "title": title(status),
        "status": status.value,
        "detail": detail,
    }
    return HttpResponse(orjson.dumps(members), status=status, content_type=PROBLEM)
