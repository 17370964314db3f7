"""Guards of views: every view says which permission it asks; a test fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from governance import permissions
from governance.models import AccessRecord, User
from governance.surfaces import page_of


class StaffRequest(HttpRequest):
    """A request behind `needs`: somebody is logged in."""

    user: User


View = Callable[..., HttpResponseBase]
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def log_in_first(view: View) -> View:
    """Nobody comes in without an account, and then one is back on one's page. Who asked for a part
    of it is sent there whole, or the log-in would stand inside the page; `unsent` has the log-in
    page say what becomes of a form (static/js/drafts.js)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        response = redirect_to_login(page_of(request))
        url = f"{response.url}&unsent=1" if request.method == "POST" else response.url
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Redirect": url})
        return redirect(url)

    return guarded


def needs(code: str, *, post: str = "") -> Callable[[View], View]:
    """Log in first (302), and hold a post that gives the permission (else 403); `post` names what a
    POST asks for where that is more than to see the page."""
    asked = permissions.by_method(code, post)

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not permissions.may(request.user, asked.get(request.method or "", code)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        wrapped = log_in_first(guarded)
        wrapped.permission, wrapped.by_method = code, asked  # type: ignore[attr-defined]
        return wrapped

    return guard


def for_everyone(view: V) -> V:
    """A view that residents reach without a log-in: said in the open."""
    view.permission = "everyone"  # type: ignore[attr-defined]
    return view


def after_proof(kept: str, query: str) -> Callable[[View], View]:
    """Residents prove by number and code what is theirs, and the session keeps it under this name:
    whom it does not know (any more) is asked for them, by whatever number."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, number: str) -> HttpResponseBase:
            if number in request.session.get(kept, []):
                return view(request, number)
            said = "unsent" if request.method == "POST" else "expired"
            return redirect(f"{reverse(query)}?{said}=1")

        return guarded

    return guard


def signed_in(view: View) -> View:
    """A view for anybody with an account: their own password, messages, language."""
    wrapped = log_in_first(view)
    wrapped.permission = "signed in"  # type: ignore[attr-defined]
    return wrapped


def record_look(
    user: User, *, model: str, object_id: object, columns: list[str], reason: str, now: datetime
) -> AccessRecord:
    """Write down a look at personal data before it is shown."""
    return AccessRecord.objects.create(
        user=user, at=now, model=model, object_id=str(object_id), columns=columns, reason=reason
    )


def record_looks(
    user: User, seen: Iterable[tuple[str, object, list[str]]], *, reason: str, now: datetime
) -> None:
    """The same of many objects on one page: (model, object id, the columns shown)."""
    AccessRecord.objects.bulk_create(
        AccessRecord(
            user=user, at=now, model=model, object_id=str(key), columns=columns, reason=reason
        )
        for model, key, columns in seen
    )
