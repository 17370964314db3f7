"""租户自行申报: a public page by the code of the house. What is sent waits for a worker's check."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods

from governance import clock, rates
from governance.access import for_everyone
from governance.rates import TooOften
from people import tenancies
from people.errors import NotAllowed
from people.tenancy_forms import CodeForm, DeclareForm


@for_everyone
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Type in the code that the landlord or the worker gave."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("rent:declare", form.cleaned_data["code"])
    return render(request, "public/rent_code.html", {"form": form}, status=status_of(form))


def status_of(form: CodeForm | DeclareForm) -> int:
    return 400 if form.errors else 200


@for_everyone
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, code: str) -> HttpResponse:
    """The tenant's form. Every look for a code counts, right or wrong: none is found by trying."""
    now = clock.now()
    try:
        rates.count(request, "rent code", limit=30, minutes=10, now=now)
    except TooOften:
        return refused(request, _t("操作太频繁，请过十分钟再试。"), 429)
    house = tenancies.house_of(code) if len(code) == tenancies.CODE_DIGITS else None
    if house is None:
        return refused(request, _t("房屋码不对或已更换，请向房东或网格员索取。"), 404)
    form = DeclareForm(request.POST or None, initial={"key": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "rent", limit=10, minutes=10, now=now)
        except TooOften:
            form.add_error(None, _t("提交太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid():
            given = form.cleaned_data
            try:
                tenancies.declare(code, form.details(), form.stay(), key=given["key"], now=now)
            except NotAllowed as error:
                form.blame(error)
            else:
                return redirect("rent:received")
    context = {"form": form, "house": str(house)}
    return render(request, "public/rent.html", context, status=status)


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    form = CodeForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, why)
    return render(request, "public/rent_code.html", {"form": form}, status=status)


@for_everyone
@require_GET
def received(request: HttpRequest) -> HttpResponse:
    return render(request, "public/rent_received.html")
