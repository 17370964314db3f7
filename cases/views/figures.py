"""办理情况: the figures of a period on one table, by unit and by department, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from cases import figures
from cases.figures import Figures, Report, Share
from governance import clock, tables, units
from governance.access import StaffRequest, needs
from governance.models import UnitKind, User
from governance.widgets import Select

COLUMNS: tuple[tuple[str, str | Promise], ...] = (
    ("received", _("收到")),
    ("closed", pgettext_lazy("figures", "结案")),
    ("on_time_rate", _("按期结案率")),
    ("forced", _("强制结案")),
    ("suspended", _("挂账中")),
    ("returned", pgettext_lazy("figures", "退单")),
    ("accuracy", _("准确派遣率")),
    ("rework_rate", _("返工率")),
    ("grid_rate", _("不出网格")),
    ("community_rate", _("不出村（社区）")),
    ("street_rate", _("不出乡（街道）")),
)


class PeriodForm(forms.Form):
    """From a day to a day, both included; this month to today where nothing is asked."""

    since = forms.DateField(
        label=_("开始日期"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("结束日期"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    unit = forms.TypedChoiceField(
        label=_("单位"), required=False, coerce=int, empty_value=None, widget=Select
    )

    def __init__(self, data: Mapping[str, Any], user: User, today: date) -> None:
        month = {"since": today.replace(day=1).isoformat(), "until": today.isoformat()}
        super().__init__({**month, **{name: value for name, value in data.items() if value}})
        choices = [(unit.pk, unit.name) for unit in figures.units_of(user)]
        self.fields["unit"].choices = [("", _("全部")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _t("结束日期须不早于开始日期。"))
        return found


@needs(figures.PERMISSION)
@require_GET
def page(request: StaffRequest) -> HttpResponse:
    today = clock.today()
    form = PeriodForm(request.GET.dict(), request.user, today)
    if not form.is_valid():
        return render(request, "cases/figures.html", {"form": form}, status=400)
    report = counted(request.user, form)
    parts = (by_unit(report), by_department(report))
    if request.GET.get("format") == tables.CSV:
        return as_file(form, report)
    query = {name: value for name, value in form.data.items() if name in form.fields and value}
    context = {
        "form": form,
        "columns": [label for _name, label in COLUMNS],
        "total": cells(report.total),
        "sections": [
            {"title": title, "rows": [(name, cells(row)) for name, row in rows]}
            for title, rows in zip((_t("按辖区"), _t("按部门")), parts, strict=True)
        ],
        "notes": NOTES,
        "file_url": f"{request.path}?{urlencode({**query, 'format': tables.CSV})}",
    }
    return render(request, "cases/figures.html", context)


def counted(user: User, form: PeriodForm) -> Report:
    asked = form.cleaned_data
    begins, ends = figures.period(asked["since"], asked["until"])
    return figures.figures(user, begins, ends, now=clock.now(), unit_id=asked["unit"])


def by_unit(report: Report) -> list[tuple[str, Figures]]:
    nowhere = _t("未落%(level)s") % {"level": UnitKind(report.level).label}
    return named(report.by_unit, nowhere)


def by_department(report: Report) -> list[tuple[str, Figures]]:
    return named(report.by_department, _t("无承办部门"))


def named(found: Mapping[int | None, Figures], nobody: str) -> list[tuple[str, Figures]]:
    """In the order of the units; what belongs to none of them stands last."""
    ordered = sorted(found.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    return [(units.name_of(pk) or nobody, row) for pk, row in ordered]


def cells(row: Figures) -> list[tuple[str | Promise, Any]]:
    """Label and value; a share keeps its two numbers."""
    return [(label, getattr(row, name)) for name, label in COLUMNS]


def as_file(form: PeriodForm, report: Report) -> HttpResponse:
    """Every number in a column of its own, so that it can be added up again."""
    asked = form.cleaned_data
    name = f"figures-{asked['since']:%Y%m%d}-{asked['until']:%Y%m%d}.csv"
    return HttpResponse(
        tables.as_csv(lines(report)),
        content_type=tables.MIME[tables.CSV],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def lines(report: Report) -> Iterator[list[str]]:
    yield [_t("分类"), _t("单位"), *titles()]
    yield [_t("合计"), "", *numbers(report.total)]
    for title, rows in ((_t("按辖区"), by_unit(report)), (_t("按部门"), by_department(report))):
        for name, row in rows:
            yield [title, name, *numbers(row)]


def titles() -> Iterator[str]:
    for name, label in COLUMNS:
        if isinstance(getattr(Figures(), name), Share):
            yield _t("%(rate)s（分子）") % {"rate": label}
            yield _t("%(rate)s（分母）") % {"rate": label}
        else:
            yield str(label)


def numbers(row: Figures) -> Iterator[str]:
    for name, _label in COLUMNS:
        value = getattr(row, name)
        yield from map(str, value if isinstance(value, Share) else [value])


# How each number comes about, under the table.
NOTES: tuple[tuple[str | Promise, str | Promise], ...] = (
    (_("收到"), _("期内上报的事件。")),
    (_("结案"), _("期内首次结案的事件，含强制结案；返工后再结案不重复计。")),
    (
        _("按期结案率"),
        _(
            "期内到期（对外承诺）且按期结案的 ÷ 期内到期应结案的；未到期的不计，"
            "到期未结的计入分母。强制结案不算按期；挂账、待补充期间时限停止，不计入。"
        ),
    ),
    (_("强制结案"), _("单位负责人强制结案的，单列，不算解决。")),
    (_("挂账中"), _("现在挂账的，不算结案，不算解决。")),
    (_("退单"), _("期内部门退回的工单，按退单部门计。")),
    (
        _("准确派遣率"),
        _("期内派遣后未被退单、或退单被驳回的 ÷ 期内派遣的工单；返工不另计派遣。"),
    ),
    (_("返工率"), _("期内结案的事件中返过工的 ÷ 期内结案的。")),
    (
        _("不出网格、不出村、不出乡"),
        _(
            "分母为期内结案且结果为解决、救助的（强制结案除外）；不出网格：未经部门，由网格"
            "自行处置；不出村（社区）：在社区一级解决；不出乡（街道）：在社区或街道解决。"
        ),
    ),
)
