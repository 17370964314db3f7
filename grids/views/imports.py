"""Importing buildings and houses on the desk: upload, say what the columns are, look, wait."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock
from governance.access import StaffRequest, needs
from governance.partials import partial
from governance.widgets import Select
from grids import place_columns, place_import
from grids.errors import NotAllowed
from grids.models import WAITING, ImportKind, ImportState, PlaceImport

LISTED = 30
REFUSED_SHOWN = 20
BOM = "\ufeff"  # so that Excel reads UTF-8


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("内容"), choices=ImportKind.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("文件（CSV 或 XLSX，第一行为表头）"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class MappingForm(forms.Form):
    """A select a thing that a row can say; its choices are the file's columns."""

    def __init__(self, *args: Any, job: PlaceImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("（无）")), *((name, name) for name in job.header)]
        for what, column in place_columns.COLUMNS[job.kind].items():
            self.fields[what] = forms.ChoiceField(
                label=str(column.label),
                choices=choices,
                required=column.needed,
                widget=Select,
                initial=job.mapping.get(what, ""),
            )

    def clean(self) -> dict[str, Any]:
        chosen = [name for name in self.cleaned_data.values() if name]
        if twice := sorted({name for name in chosen if chosen.count(name) > 1}):
            said = {"names": _t("、").join(twice)}
            raise forms.ValidationError(_t("一列只能对应一项：%(names)s") % said)
        return self.cleaned_data


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
            job = place_import.start(request.user, given["kind"], given["file"], now=clock.now())
        except NotAllowed as error:
            form.add_error("file", str(error))
        else:
            return redirect("places:import", job.pk)
    rows = PlaceImport.objects.filter(by=request.user).order_by("-pk")[:LISTED]
    status = 400 if form.errors else 200
    return render(request, "places/imports.html", {"form": form, "jobs": rows}, status=status)


def own(request: StaffRequest, pk: int) -> PlaceImport:
    """An import of the user's own, or 404."""
    return get_object_or_404(PlaceImport, pk=pk, by=request.user)


@needs("place.import")
@require_GET
@vary_on_headers("HX-Request")
def job(request: StaffRequest, pk: int) -> HttpResponse:
    """How far it is; before it begins, what the columns are taken for and the first rows."""
    row = own(request, pk)
    was = request.GET.get("was", row.state)
    if was != row.state and row.state not in WAITING:  # the page around the progress changes too
        return HttpResponse(headers={"HX-Refresh": "true"})
    template = partial(request, "places/import.html", "progress")
    return render(request, template, job_context(row))


def job_context(row: PlaceImport, form: MappingForm | None = None) -> dict[str, Any]:
    ready = row.state == ImportState.READY
    shown = place_import.preview(row) if ready else []
    refused = row.refused_rows.order_by("pk")[:REFUSED_SHOWN] if row.refused else []
    return {
        "job": row,
        "waiting": row.state in WAITING,
        "ready": ready,
        "form": (form or MappingForm(job=row)) if ready else None,
        "missing": place_columns.missing(row.kind, row.mapping) if ready else [],
        "preview": [(line, fault) for line, fault in shown],
        "faults": sum(bool(fault) for _line, fault in shown),
        "refused": [(one.line, one.why) for one in refused],
    }


@needs("place.import")
@require_POST
def mapping(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what the columns are, and see what then comes of the first rows."""
    row = own(request, pk)
    form = MappingForm(request.POST, job=row)
    if not form.is_valid():
        return render(request, "places/import.html", job_context(row, form), status=400)
    try:
        place_import.set_mapping(row, {k: v for k, v in form.cleaned_data.items() if v})
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("places:import", pk)


@needs("place.import")
@require_POST
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        place_import.confirm(own(request, pk), now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("places:import", pk)


@needs("place.import")
@require_GET
def refused(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The rows that were not taken, as they were, each with its line and the reason."""
    row = own(request, pk)
    name = f'attachment; filename="refused-{row.pk}.csv"'
    return StreamingHttpResponse(
        refused_lines(row),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def refused_lines(row: PlaceImport) -> Iterator[str]:
    yield BOM + line_of([*row.header, _t("行号"), _t("拒绝原因")])
    for one in row.refused_rows.order_by("pk").iterator():
        yield line_of([*one.cells, one.line, one.why])


def line_of(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
