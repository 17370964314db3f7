"""个人信息权利: residents ask about their own data without an account, and read what came of it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods

from governance import clock, rates, units
from governance.access import after_proof, for_everyone
from governance.rates import TooOften
from people import rights
from people.errors import NotAllowed
from people.models import ENDED, RightsRequest, RightState
from people.rights_forms import AskForm, QueryForm

PROVED = "proved_rights"
owned = after_proof(PROVED, "public_rights:query")


@for_everyone
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; its answer is a number and a code."""
    form = AskForm(request.POST or None, places=rights.communities(), initial={"key": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "right", limit=10, minutes=10, now=clock.now())
        except TooOften:
            form.add_error(None, _t("提交太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid() and (row := asked(form)):
            prove(request, row.number)
            return redirect("public_rights:receipt", row.number)
    context = {"form": form, "days": rights.DAYS}
    return render(request, "public/right.html", context, status=status)


def asked(form: AskForm) -> RightsRequest | None:
    try:
        return rights.ask(form.claim(), by=None, now=clock.now(), key=form.cleaned_data["key"])
    except NotAllowed as error:
        form.blame(error)
        return None


def prove(request: HttpRequest, number: str) -> None:
    """This visitor has shown to be who asked: remembered in the session, never in an address."""
    proved = request.session.get(PROVED, [])
    request.session[PROVED] = [*(n for n in proved if n != number), number][-20:]


@for_everyone
@require_GET
@owned
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    row = rights.proved(number)
    context = {
        "number": row.number,
        "query_code": row.query_code,
        "progress_url": reverse("public_rights:progress", args=[row.number]),
    }
    return render(request, "public/receipt.html", context)


@for_everyone
@require_http_methods(["GET", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """Number and code lead to the progress page; guesses are counted."""
    form = QueryForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "query", limit=10, minutes=10, now=clock.now())
        except TooOften:
            form.add_error(None, _t("查询太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid():
            number = form.cleaned_data["number"].strip().upper()
            if rights.proves(number, form.cleaned_data["code"].strip()):
                prove(request, number)
                return redirect("public_rights:progress", number)
            form.add_error(None, _t("编号或查询码不对，请核对后再试。"))
    return render(request, "public/query.html", {"form": form}, status=status)


@for_everyone
@require_GET
@owned
def progress(request: HttpRequest, number: str) -> HttpResponse:
    row = rights.proved(number)
    context = {
        "number": row.number,
        "kind": row.get_kind_display(),
        "place": units.name_of(row.community_id),
        "state": row.get_state_display(),
        "received_at": row.received_at,
        "due_at": None if row.state in ENDED else row.due_at,
        "answer": rights.said(row, "answer"),
        "ended_at": row.ended_at,
        "refused": row.state == RightState.REFUSED,
        "complain": rights.WHERE_TO_COMPLAIN,
        "to_verify": row.state == RightState.RECEIVED,
    }
    response = render(request, "public/right_progress.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
