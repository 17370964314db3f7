"""Importing people and organisations on the desk: upload, say what columns are, look, wait."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock, import_pages
from governance.access import StaffRequest, needs
from governance.import_pages import MappingForm
from governance.models import WAITING, ImportState, User
from governance.partials import partial
from governance.table_jobs import KEPT, NotAllowed
from people import access, import_jobs, import_rows
from people.import_jobs import Finding, jobs
from people.imports import PERMISSION
from people.models import ImportKind, PeopleImport

SHOWN = 20


class UploadForm(import_pages.UploadForm):
    kind = forms.ChoiceField(label=_("内容"), choices=ImportKind.choices, widget=forms.RadioSelect)
    field_order = ("kind", "file")


@needs(PERMISSION)
@require_http_methods(["GET", "POST"])
def listing(request: StaffRequest) -> HttpResponse:
    """The own imports, and the form that begins one."""
    kind = request.GET.get("kind", ImportKind.PEOPLE)
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": kind})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = jobs.start(request.user, given["file"], kind=given["kind"], now=clock.now())
        except NotAllowed as error:
            form.add_error("file", str(error))
        else:
            return redirect("people:import", job.pk)
    rows = jobs.of(request.user).order_by("-pk")[: import_pages.LISTED]
    status = 400 if form.errors else 200
    context = {"form": form, "jobs": rows, "kinds": ImportKind.choices}
    return render(request, "people/imports.html", context, status=status)


@needs(PERMISSION)
@require_GET
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty file whose header is understood."""
    if kind not in ImportKind.values:
        raise Http404
    return import_pages.template(kind, import_jobs.KINDS[kind].columns)


def own(request: StaffRequest, pk: int) -> PeopleImport:
    """An import of the user's own, or 404."""
    row = get_object_or_404(jobs.of(request.user), pk=pk)
    jobs.enter(row)
    return row


@needs(PERMISSION)
@require_GET
@vary_on_headers("HX-Request")
def job(request: StaffRequest, pk: int) -> HttpResponse:
    """How far it is; before it is confirmed, what its columns are, and what comes of it."""
    row = own(request, pk)
    if answer := import_pages.turned(request, row):
        return answer
    return render(request, partial(request, "people/import.html", "progress"), context_of(row))


def context_of(row: PeopleImport, form: MappingForm | None = None) -> dict[str, Any]:
    waiting = row.state in WAITING
    open_ = row.state in (ImportState.READY, ImportState.CHECKED)
    found = [] if waiting else list(import_jobs.findings(row))
    return {
        "job": row,
        "waiting": waiting,
        "open": open_,
        "checked": row.state == ImportState.CHECKED,
        "takes": row.total - row.refused,
        "over": row.state == ImportState.DONE,
        "form": (form or MappingForm(job=row, columns=jobs.columns(row))) if open_ else None,
        "missing": jobs.missing(row) if open_ else [],
        "sample": jobs.sample(row) if open_ else [],
        "refused": list(islice(((one.line, one.why) for one in found if one.why), SHOWN)),
        "alike": alike(row, list(islice((one for one in found if one.person), SHOWN))),
        "kept_days": KEPT.days,
    }


def alike(row: PeopleImport, found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Rows beside whom they look like, masked; a link where the user sees that person."""
    seen = seen_by(row.by, {one.person for one in found})
    at = row.header.index(row.mapping["name"]) if "name" in row.mapping else None
    return [
        {
            "line": one.line,
            "name": import_rows.MASKS["name"](one.cells[at]) if at is not None else "",
            "score": one.score,
            "reasons": one.reasons,
            "url": reverse("people:person", args=[one.person]) if one.person in seen else "",
        }
        for one in found
    ]


def seen_by(user: User, keys: set[str]) -> set[str]:
    if not keys:
        return set()
    rows = access.persons(user).filter(pk__in=keys)
    return {str(key) for key in rows.values_list("pk", flat=True)}


@needs(PERMISSION)
@require_POST
def mapping(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what the columns are, and have all rows tried by it."""
    row = own(request, pk)
    form = MappingForm(request.POST, job=row, columns=jobs.columns(row))
    if not form.is_valid():
        return render(request, "people/import.html", context_of(row, form), status=400)
    try:
        jobs.check(jobs.set_mapping(row, form.mapping()), now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("people:import", pk)


@needs(PERMISSION)
@require_POST
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    holds = request.POST.get("alike") != "take"
    try:
        jobs.confirm(own(request, pk), now=clock.now(), holds_alike=holds)
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("people:import", pk)


@needs(PERMISSION)
@require_POST
def refused(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Never by an address alone: a download is a look."""
    row = own(request, pk)
    found = import_jobs.hand_out(row, by=request.user, now=clock.now())
    return import_pages.refused_file(
        row, row.header, ((one.line, one.cells, one.why) for one in found)
    )
