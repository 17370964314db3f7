"""What the pages of imports share: the forms, when the page turns, the file of refused rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import tables
from governance.models import WAITING, TableJob
from governance.table_jobs import Columns
from governance.widgets import Select

LISTED = 30
REFUSED_SHOWN = 20
BOM = "\ufeff"  # so that Excel reads UTF-8
Refused = tuple[int, Sequence[str], str]  # line, cells, why


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("文件（CSV 或 XLSX，第一行为表头）"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class MappingForm(forms.Form):
    """A select a thing that a row can say; its choices are the file's columns."""

    def __init__(self, *args: Any, job: TableJob, columns: Columns, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("（无）")), *((name, name) for name in job.header)]
        for what, column in columns.items():
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

    def mapping(self) -> dict[str, str]:
        return {what: name for what, name in self.cleaned_data.items() if name}


def turned(request: HttpRequest, job: TableJob) -> HttpResponse | None:
    """The page around the progress changes when the worker is through with a step."""
    was = request.GET.get("was", job.state)
    if was != job.state and job.state not in WAITING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return None


def refused_file(
    job: TableJob, header: Sequence[str], rows: Iterable[Refused]
) -> StreamingHttpResponse:
    """The rows that were not taken, as they were, each with its line and the reason."""
    return StreamingHttpResponse(
        refused_lines(header, rows),
        content_type=tables.MIME[tables.CSV],
        headers={
            "Content-Disposition": f'attachment; filename="refused-{job.pk}.csv"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def refused_lines(header: Sequence[str], rows: Iterable[Refused]) -> Iterator[str]:
    yield BOM + line_of([*header, _t("行号"), _t("拒绝原因")])
    for line, cells, why in rows:
        yield line_of([*cells, str(line), why])


def check_writable(path: Path | None) -> None:
    """Raises OSError for a file that could not be written once all is loaded."""
    if path is not None:
        new = not path.exists()
        path.open("a", encoding="utf-8").close()
        if new:
            path.unlink()


def template(name: str, columns: Columns) -> HttpResponse:
    """An empty file whose header is understood."""
    return HttpResponse(
        BOM + line_of(column.called[0] for column in columns.values()),
        content_type=tables.MIME[tables.CSV],
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def line_of(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(tables.harmless(cell) for cell in cells)
    return out.getvalue()
