"""出租房, on desk and phone: what waits for a check, the lettings, a house with its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, units
from governance.access import StaffRequest, needs, record_look
from governance.surfaces import show, to
from grids.models import House
from people import access, person_page, tenancies
from people.entities import NOTICE
from people.errors import NotAllowed
from people.forms import APART, Blaming, RevealForm, first_fault
from people.models import Tenancy, TenancyState, TenantDeclaration
from people.tenancy_forms import ConfirmForm, EndLettingForm, LettingForm, RefuseForm
from people.views.entities import due_of
from people.views.persons import (
    Home,
    choices_of,
    house_for,
    house_search,
    households_of,
    next_url,
)
from people.visits import grids_of

PAGE = 25
MOST = 100


@needs("tenancy.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """What tenants declared and waits for a check; then the lettings that are open."""
    user, today, asked = request.user, clock.today(), request.GET
    grid, due, state = asked.get("grid", ""), asked.get("due", ""), asked.get("state", "")
    rows = tenancies.visible_tenancies(user).exclude(state=TenancyState.ENDED)
    if state in TenancyState.values:
        rows = tenancies.visible_tenancies(user).filter(state=state)
    if grid.isdecimal():
        rows = rows.filter(grid=int(grid))
    if due == "over":
        rows = rows.filter(until__lt=today)
    elif due == "soon":
        rows = rows.filter(until__range=(today, today + NOTICE))
    if asked.get("after", "").isdecimal():
        rows = rows.filter(pk__gt=int(asked["after"]))
    found = list(rows.select_related("house__building").order_by("pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    context = {
        "waiting": [
            {
                "url": to(request, "people:declaration", row.pk),
                "name": str(row),
                "house": place_of(row.house),
                "at": row.declared_at,
            }
            for row in tenancies.waiting(user)[:MOST]
        ],
        "rows": [row_of(request, row, today) for row in found[:PAGE]],
        "grids": [(pk, name, str(pk) == grid) for pk, name in grids_of(user, tenancies.SEE)],
        "states": [(c, label, c == state) for c, label in TenancyState.choices],
        "dues": [("soon", _t("30 天内到期"), due == "soon"), ("over", _t("已到期"), due == "over")],
        "filtered": bool(grid or due or state),
        "next_url": next_url(request, more) if more else "",
        "houses_url": to(request, "people:tenancy_houses"),
        "back_url": to(request, "people:list"),
    }
    return show(request, "people/tenancies.html", context)


def place_of(house: House) -> str:
    return person_page.line_of(house, house.grid_id)


def row_of(request: HttpRequest, row: Tenancy, today: date) -> dict[str, Any]:
    is_open = row.state != TenancyState.ENDED
    return {
        "url": to(request, "people:tenancy", row.pk),
        "house": place_of(row.house),
        "state": row.get_state_display(),
        "began_on": row.began_on,
        "until": row.until,
        "due": due_of(row.until, today) if is_open else "",
    }


# A house ----------------------------------------------------------------------------------------


@needs("tenancy.register")
@require_GET
def houses(request: StaffRequest) -> HttpResponse:
    """The house that is let, or whose code somebody asks for."""
    words = request.GET.get("q", "").strip().replace("\x00", "")
    found = house_search(request.user, words, tenancies.PERMISSION) if words else []
    context = {
        "words": words,
        "houses": [
            {
                "name": str(row),
                "grid": units.name_of(row.grid_id),
                "use": row.get_use_display(),
                "url": to(request, "people:tenancy_house", row.pk),
            }
            for row in found
        ],
        "list_url": to(request, "people:tenancies"),
    }
    return show(request, "people/houses.html", context)


@needs("tenancy.register")
@require_http_methods(["GET", "POST"])
def house(request: StaffRequest, pk: int) -> HttpResponse:
    """The code of a house, who rents there, and the landlord's registration."""
    user = request.user
    row = house_for(user, pk, tenancies.PERMISSION)
    form = LettingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = tenancies.register(row, form.lessor(user), form.stay(), by=user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已登记租住。"))
            return redirect(to(request, "people:tenancy", made.pk))
    now_open = tenancies.visible_tenancies(user).filter(house=row)
    letting = now_open.exclude(state=TenancyState.ENDED).select_related("house__building").first()
    code = tenancies.code_of(user, row)
    page = reverse("rent:declare", args=[code]) if code else ""
    context = {
        "house": place_of(row),
        "use": row.get_use_display(),
        "code": code,
        "public_url": request.build_absolute_uri(page) if code else "",
        "code_url": to(request, "people:tenancy_code", pk),
        "letting": row_of(request, letting, clock.today()) if letting else None,
        "form": form,
        "tenants": tenants_of(request, row),
        "back_url": to(request, "people:tenancies"),
    }
    return show(request, "people/tenancy_house.html", context, 400 if form.errors else 200)


def tenants_of(request: StaffRequest, row: House) -> list[dict[str, Any]]:
    return [
        {
            "name": str(home.person),
            "since": home.began_on,
            "url": to(request, "people:person", home.person_id),
        }
        for home in tenancies.tenants(request.user, row)
    ]


@needs("tenancy.register")
@require_POST
def code(request: StaffRequest, pk: int) -> HttpResponse:
    row = house_for(request.user, pk, tenancies.PERMISSION)
    had = tenancies.code_of(request.user, row)
    tenancies.renew_code(row, by=request.user, now=clock.now())
    said = _t("已生成新的房屋码，原来的已失效。") if had else _t("已生成房屋码。")
    messages.success(request, said)
    return redirect(to(request, "people:tenancy_house", pk))


# A letting --------------------------------------------------------------------------------------


@needs("tenancy.see")
@require_GET
def page(request: StaffRequest, pk: int) -> HttpResponse:
    row = tenancies.tenancy_for(request.user, pk)
    return show(request, "people/tenancy.html", page_context(request, row))


def page_context(
    request: StaffRequest,
    row: Tenancy,
    *,
    revealed: bool = False,
    reveal: RevealForm | None = None,
    failed: Mapping[str, Blaming] = MappingProxyType({}),
) -> dict[str, Any]:
    """`failed` are forms that come back as they were typed, by what they are for."""
    is_open = row.state != TenancyState.ENDED
    may_change = is_open and access.covers(request.user, row, tenancies.PERMISSION)
    initial = {"began_on": row.began_on, "until": row.until}
    return {
        "tenancy": row,
        "house": place_of(row.house),
        "house_url": to(request, "people:tenancy_house", row.house_id),
        "due": due_of(row.until, clock.today()) if is_open else "",
        "landlord": landlord_of(request, row, revealed=revealed),
        "revealed": revealed,
        "reveal": reveal or RevealForm(user=request.user),
        "reveal_url": to(request, "people:tenancy_reveal", row.pk) if row.landlord else "",
        "tenants": tenants_of(request, row.house) if is_open else [],
        "may_check": may_change and row.state == TenancyState.DECLARED,
        "may_change": may_change,
        "forms": {
            "correct": LettingForm(auto_id="id_correct_%s", initial=initial),
            "end": EndLettingForm(auto_id="id_end_%s"),
            **failed,
        },
        "urls": {verb: to(request, "people:tenancy_act", row.pk, verb) for verb in VERBS},
        "back_url": to(request, "people:tenancies"),
    }


def landlord_of(request: HttpRequest, row: Tenancy, *, revealed: bool) -> dict[str, str] | None:
    """Name, phone and page of who lets; who moved away from one's units is not seen."""
    if row.landlord_person is not None:
        url = to(request, "people:person", row.landlord_person.pk)
        return {"name": str(row.landlord_person), "phone": "", "url": url}
    if row.landlord_entity is not None:
        url = to(request, "people:entity", row.landlord_entity.pk)
        return {"name": str(row.landlord_entity), "phone": "", "url": url}
    if row.landlord is None:
        return None
    name, phone = row.landlord.name, row.landlord.phone
    if revealed:
        return {"name": name.reveal(), "phone": phone.reveal() if phone else "", "url": ""}
    return {"name": str(row.landlord), "phone": phone.masked if phone else "", "url": ""}


@needs("tenancy.see")
@require_POST
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """The landlord in clear, after the look was written down with its reason."""
    row = tenancies.tenancy_for(request.user, pk)
    form = RevealForm(request.POST, user=request.user)
    if not form.is_valid() or row.landlord is None:
        context = page_context(request, row, reveal=form)
        return show(request, "people/tenancy.html", context, 400)
    record_look(
        request.user,
        model="people.Landlord",
        object_id=row.landlord.pk,
        columns=["name", "phone"],
        reason=form.reason(),
        now=clock.now(),
    )
    response = show(request, "people/tenancy.html", page_context(request, row, revealed=True))
    response.headers["Cache-Control"] = "no-store"
    return response


def check(row: Tenancy, _form: Blaming, **more: Any) -> None:
    tenancies.check(row, **more)


def correct(row: Tenancy, form: LettingForm, **more: Any) -> None:
    tenancies.correct(row, form.lessor(more["by"]), form.stay(), **more)


def end(row: Tenancy, form: EndLettingForm, **more: Any) -> None:
    given = form.cleaned_data
    tenancies.end(row, on=given["on"], tenants_left=given["tenants_left"], **more)


VERBS: dict[str, tuple[type[Blaming], Callable[..., None]]] = {
    "check": (Blaming, check),
    "correct": (LettingForm, correct),
    "end": (EndLettingForm, end),
}


@needs("tenancy.register")
@require_POST
def act(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    row = tenancies.tenancy_for(request.user, pk)
    if verb not in VERBS:
        raise Http404
    kind, do = VERBS[verb]
    form = kind(request.POST, auto_id=f"id_{verb}_%s")
    if form.is_valid():
        try:
            do(row, form, by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已保存。"))
            return redirect(to(request, "people:tenancy", pk))
    context = page_context(request, tenancies.tenancy_for(request.user, pk), failed={verb: form})
    if verb == "check" or not context["may_change"]:  # it has no place there
        messages.error(request, first_fault([form]))
    return show(request, "people/tenancy.html", context, 400)


# What a tenant declared -------------------------------------------------------------------------


@needs("tenancy.see")
@require_GET
def declaration(request: StaffRequest, key: UUID) -> HttpResponse:
    """Masked; what was said is read on the doorstep, which is a look that is written down."""
    row = tenancies.declaration_for(request.user, key)
    return show(request, "people/declaration.html", declaration_context(request, row))


def declaration_context(
    request: StaffRequest,
    row: TenantDeclaration,
    confirming: ConfirmForm | None = None,
    refusing: RefuseForm | None = None,
) -> dict[str, Any]:
    number = row.document_number
    return {
        "declaration": row,
        "house": place_of(row.house),
        "document": number.masked if number else "—",
        "phone": row.phone.masked if row.phone else "—",
        "may_change": access.covers(request.user, row, tenancies.PERMISSION),
        "confirming": confirming,
        "refusing": refusing or RefuseForm(),
        "open_url": to(request, "people:declaration_open", row.pk),
        "confirm_url": to(request, "people:declaration_confirm", row.pk),
        "refuse_url": to(request, "people:declaration_refuse", row.pk),
        "back_url": to(request, "people:tenancies"),
    }


@needs("tenancy.register")
@require_POST
def declaration_open(request: StaffRequest, key: UUID) -> HttpResponse:
    """What was declared in clear, as a form to put right what is not so."""
    row = tenancies.declaration_for(request.user, key)
    record_look(
        request.user,
        model="people.TenantDeclaration",
        object_id=key,
        columns=["name", "document_number", "phone"],
        reason=_t("上门核对租住申报"),
        now=clock.now(),
    )
    said = tenancies.said(row)
    names = ("name", "document_kind", "document_number", "phone")
    initial = {name: getattr(said, name) for name in names}
    known = initial | {"began_on": row.began_on, "until": row.until}
    asked, _homes = households(request, row)
    form = ConfirmForm(initial=known, **asked)
    return in_clear(request, declaration_context(request, row, form), 200)


def households(request: StaffRequest, row: TenantDeclaration) -> tuple[dict[str, Any], list[Home]]:
    """What the form asks of the households of the house, and these."""
    homes = households_of(request, row.house)
    usual = tenancies.usual_household(request.user, row.house)
    return {"homes": choices_of(homes), "usual": str(usual or APART)}, homes


def in_clear(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    response = show(request, "people/declaration.html", context, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("tenancy.register")
@require_POST
def declaration_confirm(request: StaffRequest, key: UUID) -> HttpResponse:
    row = tenancies.declaration_for(request.user, key)
    asked, homes = households(request, row)
    form = ConfirmForm(request.POST, **asked)
    if form.is_valid():
        try:
            done = tenancies.confirm(
                row,
                form.details(),
                form.stay(),
                household=form.among(home.household for home in homes),
                relation=form.cleaned_data["relation"],
                lessor=form.lessor(),
                by=request.user,
                now=clock.now(),
            )
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已核对，登记为租住。") + done.warning)
            return redirect(to(request, "people:person", done.person.pk))
    return in_clear(request, declaration_context(request, row, form), 400)


@needs("tenancy.register")
@require_POST
def declaration_refuse(request: StaffRequest, key: UUID) -> HttpResponse:
    row = tenancies.declaration_for(request.user, key)
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            tenancies.refuse(row, form.cleaned_data["reason"], by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已记为不属实。"))
            return redirect(to(request, "people:tenancies"))
    context = declaration_context(request, row, refusing=form)
    return show(request, "people/declaration.html", context, 400)
