"""Around every request: who acts, in which language, how long a session may idle, and the page for
what may not be asked like that."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _t

from governance import actor, api, passwords, permissions

Respond = Callable[[HttpRequest], HttpResponse]
TOUCH_SECONDS = 300
# Reachable with a password that is due for change.
OPEN_PATHS = ("/password/", "/logout/", "/i18n/", "/static/", "/healthz", "/readyz", "/report/")


def source_of(path: str) -> str:
    """The surface a path belongs to, as history and timeline call it."""
    for prefix, source in (
        ("/api/", "api"),
        ("/admin/", "admin"),
        ("/m/", "phone"),
        ("/report/", "public"),
    ):
        if path.startswith(prefix):
            return source
    return "desk"


class ActorMiddleware:
    """Every transaction of the request is recorded as this user's, from this surface."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # the user, not the session's word: a password changed elsewhere has ended the session
        user_id = request.user.pk if SESSION_KEY in request.session else None
        with actor.acting(user_id, source_of(request.path)):
            return self.get_response(request)


class LanguageMiddleware:
    """The chosen cookie, else (API) what the caller asks for, else Chinese.

    Never the browser's guess: many an office computer says en-US.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self.language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def language_of(self, request: HttpRequest) -> str:
        known = dict(settings.LANGUAGES)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if cookie in known:
            return cookie
        if request.path.startswith("/api/") and "Accept-Language" in request.headers:
            return translation.get_language_from_request(request)
        return settings.LANGUAGE_CODE


class SessionAgeMiddleware:
    """Moves the session's end while it is used, writing it at most every five minutes, and sooner
    for administrators; and sends those whose password is due to change it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            if time.time() - request.session.get("touched", 0) > TOUCH_SECONDS:
                request.session["touched"] = int(time.time())
                if permissions.may(request.user, "admin.enter"):
                    request.session.set_expiry(settings.ADMIN_SESSION_AGE)
            if not request.path.startswith(OPEN_PATHS) and self.must_change(request):
                return self.turn_away(request)
        return self.get_response(request)

    def turn_away(self, request: HttpRequest) -> HttpResponse:
        """A page is sent on; a program, which cannot read the form, is told."""
        if request.path.startswith("/api/"):
            said = _t("密码已到期，请先登录网页修改密码。")
            return api.plain_problem(HTTPStatus.FORBIDDEN, "password_due", said)
        return redirect(reverse("password_change"))

    def must_change(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and passwords.expired(request.user)


class NotAllowedMiddleware:
    """Django has no handler for a method that an address does not answer; a browser would show a
    page of its own."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.path.startswith("/api/"):
            return response
        page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        page.headers["Allow"] = response.headers["Allow"]
        return page
