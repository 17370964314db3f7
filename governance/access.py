"""Guards of views: every view says which permission it asks; a test fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from governance import permissions
from governance.models import AccessRecord, User


class StaffRequest(HttpRequest):
    """A request behind `needs`: somebody is logged in."""

    user: User


View = Callable[..., HttpResponseBase]
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


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

        wrapped = login_required(guarded)
        wrapped.permission, wrapped.by_method = code, asked  # type: ignore[attr-defined]
        return wrapped

    return guard


def for_everyone(view: V) -> V:
    """A view that residents reach without a log-in: said in the open."""
    view.permission = "everyone"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """A view for anybody with an account: their own password, messages, language."""
    wrapped = login_required(view)
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
