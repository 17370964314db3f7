"""Every address of the product: what it answers, and whom it is for by its own declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import getclosurevars
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import ResolverMatch, URLResolver, get_resolver, resolve
from django_htmx.middleware import HtmxDetails

from governance.admin_site import TableAdmin
from governance.permissions import ADMINISTRATORS, TABLE
from governance.roles import Role

# Of each kind of argument a value that names nothing; the last two are of Django's admin.
ARGUMENT = re.compile(r"<(int|str|slug|uuid|path):\w+>")
NOTHING = {"int": "0", "str": "0", "slug": "x", "path": "0", "uuid": str(UUID(int=0))}
EXPRESSION = re.compile(r"\^?\(\?P<(app_label|url)>[^)]*\)/?\$")
NAMED = {"app_label": "governance/", "url": "nothing/"}
EVERYONE, SIGNED_IN, NO_ONE = "everyone", "signed in", "no one"

# Django's pages of the admin that belong to no model say nothing of themselves.
OF_THE_SITE: dict[str | None, str] = {
    "index": "admin.enter",
    "app_list": "admin.enter",
    "login": "admin.enter",
    "password_change": "admin.enter",
    "password_change_done": "admin.enter",
    "jsi18n": "admin.enter",
    "logout": EVERYONE,
    "view_on_site": "admin.enter",
    "autocomplete": "user.see",  # of the field that QUERY names
    None: "admin.enter",  # where nothing else answers
}
QUERY = {"autocomplete": "?app_label=governance&model_name=post&field_name=user"}
# What was decided about units stays as it was decided.
KEPT = {"governance.unitchange"}


@dataclass(frozen=True)
class Route:
    pattern: str
    view: Any
    name: str | None
    model: str = ""  # of a page of the admin

    @property
    def in_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def in_api(self) -> bool:
        return hasattr(self.view, "cls")

    @property
    def is_plain(self) -> bool:
        """Nothing is to be filled in."""
        return "<" not in self.pattern

    @cached_property
    def path(self) -> str:
        """The address, with its arguments filled in."""
        path = ARGUMENT.sub(lambda found: NOTHING[found[1]], self.pattern)
        return "/" + EXPRESSION.sub(lambda found: NAMED[found[1]], path)

    @cached_property
    def match(self) -> ResolverMatch:
        return resolve(self.path)

    @cached_property
    def methods(self) -> list[str]:
        """What it answers, by its own word; none for a view that takes whatever comes."""
        if self.in_admin:
            return ["GET", "POST"]
        if self.in_api:
            known = [name for name in self.view.cls.http_method_names if name != "head"]
            return [name.upper() for name in known if hasattr(self.view.cls, name)]
        return [name for name in said_by(self.view) if name not in {"HEAD", "OPTIONS"}]

    def asks(self, method: str) -> str | None:
        """A permission of the table, or one of the words above. None: it does not say."""
        if self.in_admin:
            return self.admin_asks(method)
        guards = self.view.cls.permission_classes if self.in_api else [self.view]
        said = [
            getattr(guard, "by_method", {}).get(method) or getattr(guard, "permission", None)
            for guard in guards
        ]
        return said[0] if said and all(said) else None

    def admin_asks(self, method: str) -> str | None:
        """A model's page names who sees and who changes; nobody deletes."""
        if not self.model:
            return OF_THE_SITE.get(self.name)
        page = admin.site.get_model_admin(apps.get_model(self.model))
        assert isinstance(page, TableAdmin), page
        changes = page.change or NO_ONE
        kind = (self.name or "").rpartition("_")[2]
        if self.name is None:  # the short address of a change page
            return "admin.enter"
        if self.name == "auth_user_password_change":
            return "user.reset"
        if kind == "add":
            return changes
        if kind == "change" and method == "POST":
            return NO_ONE if self.model in KEPT else changes
        return NO_ONE if kind == "delete" else page.see


def said_by(view: Any) -> list[str]:
    """The methods that a class of Django's handles, or that `require_http_methods` lets through."""
    if made := getattr(view, "view_class", None):
        return [name.upper() for name in made.http_method_names if hasattr(made, name)]
    while view is not None:
        if said := getclosurevars(view).nonlocals.get("request_method_list"):
            return list(said)
        view = getattr(view, "__wrapped__", None)
    return []


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Route]:
    labels = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": model._meta.label_lower
        for model in admin.site._registry
    }
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, pattern)
        else:
            model = labels.get("/".join(pattern.split("/")[:3]) + "/", "")
            yield Route(pattern, entry.callback, entry.name, model)


def routes_under(prefix: str) -> list[str]:
    """The patterns of a part of the addresses, without what they begin with."""
    known = (route.pattern for route in routes())
    return [pattern.removeprefix(prefix) for pattern in known if pattern.startswith(prefix)]


def shape(route: str) -> str:
    """An address with what stands for a row as one sign."""
    return re.sub(r"[<{][^>}]*[>}]", "*", route)


def asked(route: Route, method: str, user: Any) -> HttpRequest:
    """A request for it, as the middleware hands it on."""
    query = QUERY.get(route.name or "", "") if route.in_admin else ""
    request = RequestFactory().generic(method, route.path + query)
    request.user, request.session = user, SessionStore()
    request.resolver_match = route.match
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    request.csp_nonce = "nonce"  # type: ignore[attr-defined]
    return request


# Pages ------------------------------------------------------------------------------------------

# What needs no argument and is yet no page: for machines, for scripts, or one that only leads on.
NO_PAGES = {
    *("/healthz", "/readyz", "/events/", "/home/", "/cases/items/", "/map/points/"),
    *("/grids/boundaries.geojson", "/report/areas.geojson"),
    *("/grids/layers/stations/", "/grids/layers/buildings/", "/grids/layers/facilities/"),
}


def pages() -> list[tuple[str, str]]:
    """(who, address) of every page outside the admin that needs no argument: the first role that
    may open it, "" for nobody."""
    return [
        (first(route.asks("GET") or ""), route.path)
        for route in routes()
        if route.is_plain and "GET" in route.methods and not route.in_api and not route.in_admin
        if route.path not in NO_PAGES
    ]


def admin_pages(*, alike: bool = True) -> list[tuple[str, str]]:
    """The lists of the admin, and its forms for something new; without those that are alike, one
    list of each kind."""
    found, kinds = [("system_admin", "/admin/")], set()
    for route in routes():
        kind = (route.name or "").rpartition("_")[2]
        code = route.asks("GET") if route.model and kind in {"changelist", "add"} else NO_ONE
        if code in TABLE:
            page = admin.site.get_model_admin(apps.get_model(route.model))
            base = type(page).__bases__[0] if kind == "changelist" else route.model
            if (base, kind) in kinds and not alike:
                continue
            kinds.add((base, kind))
            roles = [role for role in Role if role in TABLE[code].roles & ADMINISTRATORS]
            found.append((roles[0].value, route.path))
    return found


def first(code: str) -> str:
    if code not in TABLE:
        return "" if code == EVERYONE else Role.CLERK.value
    return next(role.value for role in Role if role in TABLE[code].roles)
