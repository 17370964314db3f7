"""Exports of people on the desk: asked for, decided, downloaded by who asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from governance import clock, permissions, tables, units
from governance.access import StaffRequest, needs
from governance.models import User
from governance.widgets import Select
from people import access, exports
from people.errors import NotAllowed
from people.forms import Blaming
from people.models import Export, ExportForm, ExportState

PAGE = 100


class AskForm(Blaming):
    unit_id = forms.TypedChoiceField(label=_("范围"), coerce=int, widget=Select)
    fields_ = forms.MultipleChoiceField(label=_("字段"), widget=forms.CheckboxSelectMultiple)
    is_clear = forms.BooleanField(
        label=_("导出完整信息（不勾选则脱敏，只显示首尾）"), required=False
    )
    form = forms.ChoiceField(label=_("格式"), choices=ExportForm.choices, widget=Select)
    reason = forms.CharField(
        label=_("用途"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, chosen = self.fields["unit_id"], self.fields["fields_"]
        assert isinstance(unit, forms.TypedChoiceField)
        assert isinstance(chosen, forms.MultipleChoiceField)
        unit.choices = exports.scopes(user)
        chosen.choices = list(exports.labels().items())


class DecideForm(Blaming):
    granted = forms.TypedChoiceField(
        label=_("审批"),
        choices=[("1", _("同意")), ("0", _("不同意"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(label=_("意见（不同意时必填）"), max_length=400, required=False)


@needs(exports.SEE, post=exports.EXPORT)
@require_http_methods(["GET", "POST"])
def listing(request: StaffRequest) -> HttpResponse:
    """One's own exports and those to approve; below, the form that asks for one."""
    user = request.user
    asks = permissions.may(user, exports.EXPORT)
    form = AskForm(request.POST or None, user=user) if asks else None
    if form is not None and request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        fields = given.pop("fields_")
        try:
            exports.ask(by=user, now=clock.now(), fields=fields, **given)
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已提交，等待审批。"))
            return redirect("exports:list")
    return listed(request, form)


def listed(
    request: StaffRequest, form: AskForm | None, decided: tuple[int, DecideForm] | None = None
) -> HttpResponse:
    rows = exports.visible(request.user).order_by("-pk")[:PAGE]
    faulty = bool(decided or (form and form.errors))
    context = {
        "rows": [row_of(request.user, row, decided) for row in rows],
        "form": form,
        "open": bool(form and form.errors),
    }
    return render(request, "people/exports.html", context, status=400 if faulty else 200)


def row_of(user: User, row: Export, decided: tuple[int, DecideForm] | None) -> dict[str, Any]:
    mine = row.asked_by_id == user.pk
    decides = (
        row.state == ExportState.ASKED and not mine and access.covers(user, row, exports.APPROVE)
    )
    asked_again = decided is not None and decided[0] == row.pk
    form = decided[1] if decided and asked_again else DecideForm(auto_id=f"id_{row.pk}_%s")
    names = exports.labels()
    ready = mine and row.state == ExportState.READY
    return {
        "number": row.number,
        "unit": units.name_of(row.unit_id),
        "fields": [names[name] for name in row.fields],
        "is_clear": row.is_clear,
        "form_label": row.get_form_display(),
        "reason": row.reason,
        "state": row.get_state_display(),
        "asked_by": str(row.asked_by),
        "asked_at": row.asked_at,
        "decided_by": str(row.decided_by or ""),
        "answer": row.answer,
        "rows": row.rows,
        "until": row.made_at + exports.KEPT if row.made_at and ready else None,
        "file_url": reverse("exports:file", args=[row.pk]) if ready else "",
        "decide_url": reverse("exports:decide", args=[row.pk]) if decides else "",
        "decide": form,
        "open": asked_again,
    }


@needs(exports.APPROVE)
@require_POST
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = exports.export_for(request.user, pk), DecideForm(request.POST)
    if form.is_valid():
        try:
            exports.decide(row, by=request.user, now=clock.now(), **form.cleaned_data)
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已审批。"))
            return redirect("exports:list")
    asks = permissions.may(request.user, exports.EXPORT)
    return listed(request, AskForm(user=request.user) if asks else None, (pk, form))


@needs(exports.SEE)
@require_POST
def file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Never by an address alone: a download is a look."""
    row = exports.export_for(request.user, pk)
    try:
        found = exports.hand_out(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect("exports:list")
    response = FileResponse(
        found.open("rb"),
        as_attachment=True,
        filename=f"{row.number}.{row.form}",
        content_type=tables.MIME[row.form],
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
