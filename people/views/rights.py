"""个人信息权利 on the desk and on the phone: take in, verify, hand out a copy, answer."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, units
from governance.access import StaffRequest, needs
from governance.models import User
from governance.surfaces import show, to
from people import access, copies, rights
from people.errors import NotAllowed
from people.models import ENDED, RightKind, RightsRequest, RightState
from people.rights_forms import DONE, REFUSED, DeskAskForm, EndForm, VerifyForm

PAGE = 100
LABELS = ("name", "document_number", "phone", "words")


@needs("right.erase")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """Those to answer first, by their limit; then those that are."""
    rows = rights.visible(request.user)
    to_do = list(rows.exclude(state__in=ENDED).order_by("due_at", "pk")[:PAGE])
    done = list(rows.filter(state__in=ENDED).order_by("-ended_at", "-pk")[:PAGE])
    now = clock.now()
    context = {
        "rows": [row_of(request, row, now) for row in [*to_do, *done]],
        "new_url": to(request, "rights:new") if rights.own_communities(request.user) else "",
    }
    return show(request, "people/rights.html", context)


def row_of(request: HttpRequest, row: RightsRequest, now: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": to(request, "rights:request", row.number),
        "kind": row.get_kind_display(),
        "name": str(row.claimant),
        "place": units.name_of(row.community_id),
        "state": row.get_state_display(),
        "due_at": None if row.state in ENDED else row.due_at,
        "late": row.overdue_at is not None or (row.state not in ENDED and row.due_at <= now),
    }


@needs("right.handle")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    places = rights.own_communities(request.user)
    form = DeskAskForm(request.POST or None, places=places, initial={"key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            row = rights.ask(form.claim(), by=request.user, now=clock.now(), key=key)
        except NotAllowed as error:
            form.blame(error)
        else:
            said = _t("已登记，编号 %(number)s，查询码 %(code)s，请告知本人。")
            messages.success(request, said % {"number": row.number, "code": row.query_code})
            return redirect(to(request, "rights:request", row.number))
    context = {"form": form, "list_url": to(request, "rights:list"), "days": rights.DAYS}
    return show(request, "people/right_new.html", context, 400 if form.errors else 200)


@needs("right.erase")
@require_GET
def page(request: StaffRequest, number: str) -> HttpResponse:
    return opened(request, rights.request_for(request.user, number))


def opened(
    request: StaffRequest,
    row: RightsRequest,
    *,
    clear: dict[str, str] | None = None,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    user, to_do = request.user, row.state not in ENDED
    steps = list(row.steps.select_related("by").order_by("pk"))  # what comes next looks elsewhere
    answers = outcomes(user, row) if to_do else []
    end_form = forms.get("end") or EndForm(initial={"done": answers[0] if answers else ""})
    end_form.offer(answers)
    handles = access.covers(user, row, rights.HANDLE)
    verified = row.verified_at is not None
    fits = row.kind in copies.KINDS and verified and row.state != RightState.REFUSED
    context = {
        "row": row,
        "place": units.name_of(row.community_id),
        "claimant": claimant(row, clear),
        "revealed": clear is not None,
        "reveal_url": to(request, "rights:reveal", row.number) if handles else "",
        "verify": forms.get("verify") or VerifyForm(),
        "verify_url": url(request, "verify", row, handles and not verified and to_do),
        "copy_url": url(request, "copy", row, handles and fits),
        "end": end_form,
        "end_url": url(request, "end", row, answers),
        "final": row.kind == RightKind.ERASE and DONE in answers,
        "second": row.kind == RightKind.ERASE,
        "person_url": person_url(request, row),
        "erased": row.kind == RightKind.ERASE and row.state == RightState.DONE,
        "holdings": [held.title for held in rights.holdings(row)] if verified and handles else [],
        # what was answered may speak of the person: in clear with the rest, after the look
        "answer": clear.get("answer", "") if clear else str(row.claimant.answer or ""),
        "refused": row.state == RightState.REFUSED,
        "complain": rights.WHERE_TO_COMPLAIN,
        "steps": steps,
        "list_url": to(request, "rights:list"),
    }
    response = show(request, "people/right.html", context, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def url(request: HttpRequest, name: str, row: RightsRequest, allowed: object) -> str:
    return to(request, f"rights:{name}", row.number) if allowed else ""


def outcomes(user: User, row: RightsRequest) -> list[str]:
    """What this user may answer now: done, once it is verified, erasing by another one than who
    verified; refusing is the clerk's at any time."""
    erases = row.kind == RightKind.ERASE
    does = access.covers(user, row, rights.ERASE if erases else rights.HANDLE)
    second = not erases or row.verified_by_id != user.pk
    found = [DONE] if row.state == RightState.VERIFIED and does and second else []
    return [*found, REFUSED] if access.covers(user, row, rights.HANDLE) else found


def claimant(row: RightsRequest, clear: dict[str, str] | None) -> list[tuple[str, str]]:
    """Masked, or in clear after the look was written down."""
    labels = {field.name: str(field.verbose_name) for field in row.claimant._meta.fields}
    given = {name: sealed for name in LABELS if (sealed := getattr(row.claimant, name))}
    return [
        (labels[name], clear[name] if clear else sealed.masked) for name, sealed in given.items()
    ]


def person_url(request: StaffRequest, row: RightsRequest) -> str:
    """To the person's page, for who sees that person."""
    if row.person_id is None or not access.persons(request.user).filter(pk=row.person_id).exists():
        return ""
    return to(request, "people:person", row.person_id)


@needs("right.handle")
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """To make sure who asks, one must read what they said: the look is written down."""
    row = rights.request_for(request.user, number)
    try:
        clear = rights.reveal(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(to(request, "rights:request", number))
    return opened(request, row, clear=clear)


@needs("right.handle")
@require_POST
def verify(request: StaffRequest, number: str) -> HttpResponse:
    row, form = rights.request_for(request.user, number), VerifyForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            rights.verify(row, by=request.user, now=clock.now(), **given)
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已核验身份。"))
            return redirect(to(request, "rights:request", number))
    return opened(request, row, status=400, verify=form)


@needs("right.handle")
@require_POST
def copy(request: StaffRequest, number: str) -> HttpResponse:
    """All that is held: a page to print, or JSON to hand over."""
    row = rights.request_for(request.user, number)
    try:
        made = copies.make(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(to(request, "rights:request", number))
    if request.POST.get("form") == "json":
        response = HttpResponse(
            orjson.dumps(made, option=orjson.OPT_INDENT_2), content_type="application/json"
        )
        response.headers["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
    else:
        for one in made["held"]:
            for look in one["looks"]:
                look["columns"] = copies.columns_of(one["model"], look["columns"])
        context = {"made": made, "row": row, "back_url": to(request, "rights:request", number)}
        response = show(request, "people/copy.html", {**context, "at": clock.now()})
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("right.erase")
@require_POST
def end(request: StaffRequest, number: str) -> HttpResponse:
    row, form = rights.request_for(request.user, number), EndForm(request.POST)
    if form.is_valid():
        verb = rights.finish if form.cleaned_data["done"] else rights.refuse
        try:
            verb(row, answer=form.cleaned_data["answer"], by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已答复。"))
            return redirect(to(request, "rights:request", number))
    return opened(request, row, status=400, end=form)
