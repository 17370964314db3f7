"""Importing buildings and houses on the desk: upload, say what the columns are, look, wait."""

from __future__ import annotations

from collections.abc import Iterator
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

from governance import clock, import_pages, permissions
from governance.access import StaffRequest, needs
from governance.import_pages import MappingForm, Refused
from governance.models import WAITING, ImportState
from governance.partials import partial
from governance.table_jobs import NotAllowed
from grids import access, place_columns, place_import
from grids.models import ImportKind, PlaceImport
from grids.place_import import jobs


class UploadForm(import_pages.UploadForm):
    kind = forms.ChoiceField(label=_("内容"), choices=ImportKind.choices, widget=forms.RadioSelect)
    field_order = ("kind", "file")


@needs("place.import")
@require_http_methods(["GET", "POST"])
def listing(request: StaffRequest) -> HttpResponse:
    """The own imports, and the form that begins one."""
    form = UploadForm(
        request.POST or None, request.FILES or None, initial={"kind": ImportKind.BUILDINGS}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = jobs.start(request.user, given["file"], kind=given["kind"], now=clock.now())
        except NotAllowed as error:
            form.add_error("file", str(error))
        else:
            return redirect("places:import", job.pk)
    rows = jobs.of(request.user).order_by("-pk")[: import_pages.LISTED]
    status = 400 if form.errors else 200
    seen = permissions.may(request.user, access.SEE)
    context = {
        "form": form,
        "jobs": rows,
        "kinds": ImportKind.choices,
        "places_url": reverse("places:buildings") if seen else "",
    }
    return render(request, "places/imports.html", context, status=status)


@needs("place.import")
@require_GET
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty file whose header is understood."""
    if kind not in ImportKind.values:
        raise Http404
    return import_pages.template(kind, place_columns.COLUMNS[kind])


def own(request: StaffRequest, pk: int) -> PlaceImport:
    """An import of the user's own, or 404."""
    return get_object_or_404(jobs.of(request.user), pk=pk)


@needs("place.import")
@require_GET
@vary_on_headers("HX-Request")
def job(request: StaffRequest, pk: int) -> HttpResponse:
    """How far it is; before it begins, what the columns are taken for and the first rows."""
    row = own(request, pk)
    if answer := import_pages.turned(request, row):
        return answer
    template = partial(request, "places/import.html", "progress")
    return render(request, template, job_context(row))


def job_context(row: PlaceImport, form: MappingForm | None = None) -> dict[str, Any]:
    ready = row.state == ImportState.READY
    shown = jobs.preview(row) if ready else []
    refused = row.refused_rows.order_by("pk")[: import_pages.REFUSED_SHOWN] if row.refused else []
    return {
        "job": row,
        "waiting": row.state in WAITING,
        "ready": ready,
        "form": (form or MappingForm(job=row, columns=jobs.columns(row))) if ready else None,
        "columns": place_import.mapped(row),
        "missing": jobs.missing(row) if ready else [],
        "preview": [(line, fault) for line, fault in shown],
        "faults": sum(bool(fault) for _line, fault in shown),
        "refused": [(one.line, one.why) for one in refused],
    }


@needs("place.import")
@require_POST
def mapping(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what the columns are, and see what then comes of the first rows."""
    row = own(request, pk)
    form = MappingForm(request.POST, job=row, columns=jobs.columns(row))
    if not form.is_valid():
        return render(request, "places/import.html", job_context(row, form), status=400)
    try:
        jobs.set_mapping(row, form.mapping())
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("places:import", pk)


@needs("place.import")
@require_POST
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        jobs.confirm(own(request, pk), now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("places:import", pk)


@needs("place.import")
@require_GET
def refused(request: StaffRequest, pk: int) -> HttpResponseBase:
    row = own(request, pk)
    return import_pages.refused_file(row, place_import.mapped(row), refused_rows(row))


def refused_rows(row: PlaceImport) -> Iterator[Refused]:
    for one in row.refused_rows.order_by("pk").iterator():
        yield one.line, one.cells, one.why
