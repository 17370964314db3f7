"""法人单位, on desk and phone: the list, one organisation, and the verbs of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, permissions, units
from governance.access import StaffRequest, needs, record_look
from governance.models import User
from governance.surfaces import DESK, show, surface, to
from grids import geo
from grids.models import Building
from people import access, entities
from people.entities import Spot
from people.entity_forms import (
    CloseForm,
    CorrectEntityForm,
    FactsForm,
    InspectForm,
    LicenceForm,
    PointForm,
)
from people.errors import NotAllowed
from people.forms import Blaming, RevealForm, first_fault
from people.imports import PERMISSION as IMPORT
from people.models import Entity, EntityKind, ImportKind, Licence
from people.views.persons import house_for, house_search, next_url
from people.visits import grids_of

PAGE = 25
BUILDINGS = 10
HISTORY = 10
DUE = ("soon", "over")


@needs("entity.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """The organisations of one's own units; a name and a code are no secret and stand in the
    address."""
    user, today, asked = request.user, clock.today(), request.GET
    rows = entities.visible_entities(user).select_related("house__building", "building")
    kind, grid, due = asked.get("kind", ""), asked.get("grid", ""), asked.get("due", "")
    words, closed = asked.get("q", "").strip().replace("\x00", ""), asked.get("closed", "")
    rows = rows.exclude(closed_on=None) if closed else rows.filter(closed_on=None)
    if words:
        rows = entities.search(rows, words)
    if kind in EntityKind.values:
        rows = rows.filter(kind=kind)
    if grid.isdecimal():
        rows = rows.filter(grid=int(grid))
    if due in DUE:
        rows = rows.filter(pk__in=due_licences(due, today).values("entity"))
    if asked.get("after", "").isdecimal():
        rows = rows.filter(pk__gt=int(asked["after"]))
    found = list(entities.with_dates(rows).order_by("pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    context = {
        "rows": [row_of(request, row, today) for row in found[:PAGE]],
        "words": words,
        "kinds": [(c, label, c == kind) for c, label in EntityKind.choices],
        "grids": [(pk, name, str(pk) == grid) for pk, name in grids_of(user, entities.SEE)],
        "dues": [("soon", _t("30 天内到期"), due == "soon"), ("over", _t("已到期"), due == "over")],
        "closed": bool(closed),
        "filtered": bool(words or kind or grid or due or closed),
        "next_url": next_url(request, more) if more else "",
        "where_url": to(request, "people:entity_where") if may_register(user) else "",
        "import_url": import_url(request),
        "back_url": to(request, "people:list"),
    }
    return show(request, "people/entities.html", context)


def import_url(request: StaffRequest) -> str:
    """Where files are brought in; only on the desk."""
    may = permissions.may(request.user, IMPORT) and surface(request) == DESK
    return f"{reverse('people:imports')}?kind={ImportKind.ENTITIES}" if may else ""


def due_licences(due: str, today: date) -> QuerySet[Licence]:
    rows = Licence.objects.filter(ended_on=None)
    if due == "over":
        return rows.filter(expires_on__lt=today)
    return rows.filter(expires_on__range=(today, today + entities.NOTICE))


def may_register(user: User) -> bool:
    return bool(access.places(user, entities.PERMISSION))


def row_of(request: HttpRequest, row: Any, today: date) -> dict[str, Any]:
    return {
        "url": to(request, "people:entity", row.pk),
        "name": row.name,
        "code": row.credit_code,
        "kind": row.get_kind_display(),
        "place": place_of(row),
        "inspected_at": row.inspected_at,
        "ends_on": row.ends_on,
        "due": due_of(row.ends_on, today),
    }


def place_of(row: Entity) -> str:
    """House or building, what was said of the place, and the grid."""
    parts = (row.house or row.building or "", row.place, units.name_of(row.grid_id))
    return " · ".join(str(part) for part in parts if part)


def due_of(last: date | None, today: date) -> str:
    """ "over", "soon" or "" for a licence's last day."""
    if last is None or last > today + entities.NOTICE:
        return ""
    return "over" if last < today else "soon"


# Registering ------------------------------------------------------------------------------------


@needs("entity.register")
@require_GET
def where(request: StaffRequest) -> HttpResponse:
    """A building or a house in which somebody works."""
    user, words = request.user, request.GET.get("q", "").strip().replace("\x00", "")
    new = to(request, "people:entity_new")
    buildings = building_search(user, words) if words else []
    houses = house_search(user, words, entities.PERMISSION) if words else []
    context = {
        "words": words,
        "places": [
            *(place_choice(row, row.get_use_display(), f"{new}?building={row.pk}")
              for row in buildings),
            *(place_choice(row, row.get_use_display(), f"{new}?house={row.pk}") for row in houses),
        ],
        "point_url": new,
        "back_url": to(request, "people:entities"),
    }  # fmt: skip
    return show(request, "people/entity_where.html", context)


def place_choice(row: Any, use: str, url: str) -> dict[str, str]:
    return {"name": str(row), "grid": units.name_of(row.grid_id), "use": use, "url": url}


def building_search(user: User, words: str) -> QuerySet[Building]:
    """Every word is part of the estate or the beginning of the building's name."""
    rows = Building.objects.filter(access.within(user, entities.PERMISSION), is_active=True)
    for word in words.split():
        rows = rows.filter(Q(estate__contains=word) | Q(name__startswith=word))
    return rows.order_by("estate", "name")[:BUILDINGS]


@needs("entity.register")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """An organisation in a house or a building, else at a point of the map."""
    user, spot = request.user, spot_of(request)
    here = spot.house or spot.building
    form: FactsForm = (FactsForm if here else PointForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if here is None:
            spot = Spot(lon=form.cleaned_data["lon"], lat=form.cleaned_data["lat"])
        try:
            row = entities.register(form.facts(), spot, by=user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已登记单位。"))
            return redirect(to(request, "people:entity", row.pk))
    context = {
        "form": form,
        "here": str(here or ""),
        "map_extent": geo.extent(access.places(user, entities.PERMISSION)),
        "boundary_url": reverse("public:areas"),
        "back_url": to(request, "people:entity_where"),
    }
    return show(request, "people/entity_new.html", context, 400 if form.errors else 200)


def spot_of(request: StaffRequest) -> Spot:
    """The house or building of the address; 404 where the user registers nothing."""
    house, building = request.GET.get("house", ""), request.GET.get("building", "")
    if house.isdecimal():
        return Spot(house=house_for(request.user, int(house), entities.PERMISSION))
    if building.isdecimal():
        rows = Building.objects.filter(
            access.within(request.user, entities.PERMISSION), pk=int(building), is_active=True
        )
        if (found := rows.first()) is not None:
            return Spot(building=found)
        raise Http404
    return Spot()


# One organisation -------------------------------------------------------------------------------


@needs("entity.see")
@require_GET
def page(request: StaffRequest, pk: int) -> HttpResponse:
    row = entities.entity_for(request.user, pk)
    return show(request, "people/entity.html", page_context(request, row))


def page_context(
    request: StaffRequest,
    row: Entity,
    *,
    revealed: bool = False,
    reveal: RevealForm | None = None,
    failed: Mapping[str, Blaming] = MappingProxyType({}),
) -> dict[str, Any]:
    """`failed` are forms that come back as they were typed, by what they are for."""
    user, today, contact = request.user, clock.today(), row.contact
    may_change = row.closed_on is None and access.covers(user, row, entities.PERMISSION)
    may_look = contact is not None and access.covers(user, row, entities.REVEAL)
    inspections = row.inspections.select_related("by").order_by("-at", "-pk")[:HISTORY]
    shown = []
    if contact is not None:
        sealed = ((_t("联系人"), contact.name), (_t("联系电话"), contact.phone))
        shown = [(label, v.reveal() if revealed else v.masked) for label, v in sealed if v]
    return {
        "entity": row,
        "place": place_of(row),
        "contact": shown,
        "revealed": revealed,
        "reveal": reveal or RevealForm(user=request.user),
        "reveal_url": to(request, "people:entity_reveal", row.pk) if may_look else "",
        "licences": [
            licence_of(request, one, today, may_change=may_change, failed=failed)
            for one in row.licences.filter(ended_on=None).order_by("expires_on", "pk")
        ],
        "former": list(row.licences.exclude(ended_on=None).order_by("-ended_on", "-pk")[:HISTORY]),
        "inspections": list(inspections),
        "may_change": may_change,
        "forms": {
            "correct": CorrectEntityForm(
                auto_id="id_correct_%s", initial=row.__dict__ | {"version": row.version}
            ),
            "licence": LicenceForm(auto_id="id_licence_%s"),
            "inspect": InspectForm(auto_id="id_inspect_%s"),
            "close": CloseForm(auto_id="id_close_%s"),
            **failed,
        },
        "urls": {verb: to(request, "people:entity_act", row.pk, verb) for verb in VERBS},
        "back_url": to(request, "people:entities"),
    }


def licence_of(
    request: HttpRequest,
    row: Licence,
    today: date,
    *,
    may_change: bool,
    failed: Mapping[str, Blaming],
) -> dict[str, Any]:
    return {
        "row": row,
        "due": due_of(row.expires_on, today),
        "renew_url": to(request, "people:licence_renew", row.pk) if may_change else "",
        "end_url": to(request, "people:licence_end", row.pk) if may_change else "",
        "form": failed.get(f"renew{row.pk}")
        or LicenceForm(
            auto_id=f"id_renew{row.pk}_%s", initial={"kind": row.kind, "number": row.number}
        ),
    }


@needs("entity.reveal")
@require_POST
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Whom to ring, in clear, after the look was written down with its reason."""
    row = entities.entity_for(request.user, pk)
    if row.contact is None:
        raise Http404
    form = RevealForm(request.POST, user=request.user)
    if not form.is_valid():
        context = page_context(request, row, reveal=form)
        return show(request, "people/entity.html", context, 400)
    record_look(
        request.user,
        model="people.EntityContact",
        object_id=row.contact.pk,
        columns=[name for name in ("name", "phone") if getattr(row.contact, name)],
        reason=form.reason(),
        now=clock.now(),
    )
    response = show(request, "people/entity.html", page_context(request, row, revealed=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def correct(row: Entity, form: CorrectEntityForm, **more: Any) -> None:
    entities.correct(row, form.facts(), version=form.cleaned_data["version"], **more)


def add_licence(row: Entity, form: LicenceForm, **more: Any) -> None:
    entities.add_licence(row, form.papers(), **more)


def inspect(row: Entity, form: InspectForm, **more: Any) -> None:
    entities.inspect(row, form.cleaned_data["result"], form.cleaned_data["note"], **more)


def close(row: Entity, form: CloseForm, **more: Any) -> None:
    entities.close(row, form.cleaned_data["closing"], on=form.cleaned_data["on"], **more)


VERBS: dict[str, tuple[type[Blaming], Callable[..., None]]] = {
    "correct": (CorrectEntityForm, correct),
    "licence": (LicenceForm, add_licence),
    "inspect": (InspectForm, inspect),
    "close": (CloseForm, close),
}


@needs("entity.register")
@require_POST
def act(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    row = entities.entity_for(request.user, pk)
    if verb not in VERBS:
        raise Http404
    kind, do = VERBS[verb]
    return done(request, row, kind(request.POST, auto_id=f"id_{verb}_%s"), do, row, verb)


@needs("entity.register")
@require_POST
def licence_renew(request: StaffRequest, pk: int) -> HttpResponse:
    """Another paper in its place."""
    row = licence_for(request.user, pk)

    def renew(old: Licence, form: LicenceForm, **more: Any) -> None:
        entities.renew_licence(old, form.papers(), **more)

    form = LicenceForm(request.POST, auto_id=f"id_renew{pk}_%s")
    return done(request, row.entity, form, renew, row, f"renew{pk}")


@needs("entity.register")
@require_POST
def licence_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = licence_for(request.user, pk)

    def end(old: Licence, _form: Blaming, **more: Any) -> None:
        entities.end_licence(old, **more)

    return done(request, row.entity, Blaming(request.POST), end, row, "")


def licence_for(user: User, pk: int) -> Licence:
    rows = Licence.objects.filter(pk=pk, entity__in=entities.visible_entities(user))
    found = rows.select_related("entity").first()
    if found is None:
        raise Http404
    return found


def done(
    request: StaffRequest,
    entity: Entity,
    form: Blaming,
    do: Callable[..., None],
    subject: Any,
    name: str,
) -> HttpResponse:
    """Do it with the form, and back to the page with a word on what came of it; a form of that
    name comes back as it was typed."""
    if form.is_valid():
        try:
            do(subject, form, by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已保存。"))
            return redirect(to(request, "people:entity", entity.pk))
    fresh = entities.entity_for(request.user, entity.pk)
    context = page_context(request, fresh, failed={name: form} if name else {})
    if not (name and context["may_change"]):  # it has no place there
        messages.error(request, first_fault([form]))
    return show(request, "people/entity.html", context, 400)
