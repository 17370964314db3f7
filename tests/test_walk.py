"""Every address, by every method it answers, as everybody: its own word and the permission table
say who comes in. Whose rows one sees is other tests' matter: the addresses name nothing that is
there, so who may come in meets a 404 at most."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from governance import access, actor, permissions
from governance.permissions import TABLE
from governance.roles import Role
from tests.builders import World, create_user
from tests.routes import EVERYONE, NO_ONE, SIGNED_IN, Route, asked, routes

ROUTES = list(routes())
NOBODY, IDLE = "nobody", "without a post"
PEOPLE = [NOBODY, IDLE, *Role.values]
LOGINS = ("/login/", "/admin/login/")


def person(world: World, who: str) -> Any:
    if who == NOBODY:
        return AnonymousUser()
    if who == Role.SPONSOR:  # mostly a unit, without a log-in
        return create_user(role=who, unit=world.grid)
    return create_user() if who == IDLE else world.holder(who)


def may(user: Any, code: str, route: Route) -> bool:
    """What the declaration means for somebody; a page of the admin lies behind its door."""
    if route.in_admin and code != EVERYONE and not permissions.may(user, "admin.enter"):
        return False
    if code in {EVERYONE, NO_ONE}:
        return code == EVERYONE
    return bool(user.is_authenticated) if code == SIGNED_IN else permissions.may(user, code)


def answer(route: Route, method: str, user: Any, *, welcome: bool) -> Any:
    """What the view says; what it would have written is taken back."""
    request = asked(route, method, user)
    # The API's refusals spoil their transaction; elsewhere a refusal comes before anything is read.
    kept = transaction.atomic() if welcome or route.in_api else nullcontext()
    try:
        with kept:
            response = route.view(request, *route.match.args, **route.match.kwargs)
            if welcome:
                transaction.set_rollback(True)
    except PermissionDenied:
        return HttpResponse(status=403)
    except Http404:
        return HttpResponse(status=404)
    return response


def is_refused(response: Any) -> bool:
    if response.status_code != 302:
        return response.status_code in {401, 403}
    target = urlsplit(response.headers["Location"])
    return target.path in LOGINS and "next=" in target.query


def fault(route: Route, method: str, user: Any) -> str | None:
    """What is wrong with how somebody is met; None: nothing."""
    code = route.asks(method)
    if code not in {*TABLE, EVERYONE, SIGNED_IN, NO_ONE}:
        return f"{method} {route.pattern}: not decided"
    welcome = may(user, code, route)
    met = answer(route, method, user, welcome=welcome)
    if welcome == is_refused(met):
        return f"{method} {route.pattern}: {met.status_code}, asks {code}"
    return None


def test_every_address_says_what_it_answers_and_whom_it_is_for() -> None:
    assert len(ROUTES) > 1000
    assert [route.pattern for route in ROUTES if route.match.func is not route.view] == []
    assert [route.pattern for route in ROUTES if not route.methods] == []
    undecided = [
        f"{method} {route.pattern}"
        for route in ROUTES
        for method in route.methods
        if route.asks(method) not in {*TABLE, EVERYONE, SIGNED_IN, NO_ONE}
    ]
    assert undecided == []


@pytest.mark.parametrize("who", PEOPLE)
def test_the_walk(world: World, who: str) -> None:
    user = person(world, who)
    with actor.acting(user.pk, "desk"):
        faults = [fault(route, method, user) for route in ROUTES for method in route.methods]

    assert len(faults) > 1500
    assert [one for one in faults if one] == []


def test_a_wrong_guard_would_be_found(world: World) -> None:
    def said(view: Any) -> str | None:
        return fault(Route("inbox/", view, "inbox"), "GET", world.clerk)

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def closed(request: HttpRequest) -> HttpResponse:
        raise PermissionDenied

    open_to_many = access.needs("case.see")(page)
    assert said(open_to_many) is None
    open_to_many.permission = "case.dispatch"  # type: ignore[attr-defined]
    assert said(open_to_many) == "GET inbox/: 200, asks case.dispatch"
    assert said(access.needs("case.see")(closed)) == "GET inbox/: 403, asks case.see"
    assert said(page) == "GET inbox/: not decided"
    assert Route("inbox/", page, "inbox").methods == []


def test_what_is_sent_to_a_page_may_ask_for_more_than_to_see_it() -> None:
    guarded = access.needs("export.see", post="person.export")(lambda request: HttpResponse())
    route = Route("exports/", guarded, "list")

    assert (route.asks("GET"), route.asks("POST")) == ("export.see", "person.export")
    with pytest.raises(AssertionError):
        access.needs("person.export", post="export.see")
