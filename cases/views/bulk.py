"""批量办理 on the desk: choose in the list, look at what will change, watch it done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cases import bulk_moves, queue
from cases.act_forms import day_field, departments
from cases.forms import FilterForm
from cases.models import BulkJob, Case, ShareMode
from cases.moves import BY_ACTION, Action
from cases.views.partials import partial
from governance import clock, permissions
from governance.access import StaffRequest, needs
from governance.widgets import Select


class BulkForm(forms.Form):
    """What one move asks for, once for the whole selection."""

    def __init__(self, *args: Any, action: str, cases: Sequence[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if action in {Action.DISPATCH, Action.SHARE}:
            label, offered = _("部门"), departments()
            if action == Action.DISPATCH:
                label, fitting = _("承办部门"), bulk_moves.departments_for(cases)
                offered = [(pk, name) for pk, name in offered if pk in fitting]
            self.fields["department"] = forms.TypedChoiceField(
                label=label, choices=offered, coerce=int, widget=Select
            )
        if action == Action.SHARE:
            self.fields["mode"] = forms.ChoiceField(
                label=_("方式"), choices=ShareMode.choices, widget=Select
            )
            self.fields["until"] = day_field(_("截止日期（不填则按规定）"), required=False)
        if action == Action.JOIN:
            self.fields["main"] = forms.CharField(label=_("并入的事件"), max_length=20)
        self.fields["note"] = forms.CharField(
            label=_("说明"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
        )
        self.action = action

    def given(self) -> dict[str, Any]:
        """The fields of `Given`, as JSON keeps them."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        if "department" in found:
            name = "department_id" if self.action == Action.DISPATCH else "unit_id"
            found[name] = found.pop("department")
        if "until" in found:
            found["until"] = found["until"].isoformat()
        return found


def action_of(request: StaffRequest) -> str:
    action = request.POST.get("action", "")
    if action not in bulk_moves.ACTIONS or not permissions.may(request.user, f"case.{action}"):
        raise Http404
    return action


@needs("case.see")
@require_POST
def bulk_preview(request: StaffRequest) -> HttpResponse:
    """How many of the selection will change, and which will not and why; then the form. What is
    filled in may not fit all of them: then the same is said once more before anything begins."""
    action = action_of(request)
    asked = numbers(request)
    if not asked:
        messages.error(request, _t("请先选择事件；筛选条件有误的，请先改正。"))
        return redirect(list_of(request))
    now = clock.now()
    found = bulk_moves.preview(request.user, asked, action, now)
    asked = [case.number for case in found.cases]
    started = "confirmed" in request.POST
    form = BulkForm(request.POST if started else None, action=action, cases=found.cases)
    if started and form.is_valid():
        found = bulk_moves.judged(found, request.user, action, form.given(), now)
        known = set(request.POST.get("agreed", "").split())
        if found.cases and known.issuperset(number for number, _why in found.refused):
            job = bulk_moves.start(request.user, found.cases, action, form.given(), now)
            return redirect("desk:bulk_job", job.pk)
    context = {
        "numbers": asked,
        "form": form,
        "action": action,
        "label": BY_ACTION[action].action.label,
        "cases": found.cases,
        "refused": found.refused,
        "query": request.POST.get("query", ""),
        "list_url": list_of(request),
    }
    status = 400 if form.errors else 200
    return render(request, "cases/bulk.html", context, status=status)


def numbers(request: StaffRequest) -> list[str]:
    """The chosen cases; with "all", every one that the list's filters find, and none by a filter
    that means nothing: left out, it would take the whole tab."""
    if "all" not in request.POST:
        chosen = [*request.POST.getlist("number"), *request.POST.get("numbers", "").split()]
        return chosen[: bulk_moves.MOST]
    query = QueryDict(request.POST.get("query", ""))
    form = FilterForm(query, user=request.user)
    if not form.is_valid():
        return []
    tab = queue.BY_KEY.get(query.get("tab", "")) or queue.tabs_for(request.user)[0]
    rows = form.filters().apply(queue.rows(request.user, tab, clock.now()))
    return list(rows.order_by("-pk").values_list("number", flat=True)[: bulk_moves.MOST])


def list_of(request: StaffRequest) -> str:
    """The list that the selection was made in, as it was filtered."""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return f"{reverse('desk:queue')}?{query}" if query else reverse("desk:queue")


@needs("case.see")
@require_http_methods(["GET", "POST"])
def bulk_job(request: StaffRequest, pk: int) -> HttpResponse:
    """How far a job is; each POST moves the next slice, and the page sends one after another."""
    job = get_object_or_404(BulkJob, pk=pk, by=request.user)
    if request.method == "POST":
        job = bulk_moves.work(job.pk, clock.now())
    context = {
        "job": job,
        "label": BY_ACTION[job.action].action.label,
        "total": len(job.cases),
        "moved": job.tried - len(job.refused),
        "refused": bulk_moves.refused_for(request.user, job),
    }
    return render(request, partial(request, "cases/bulk_job.html", "progress"), context)
