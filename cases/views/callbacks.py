"""回访: the list of calls to be made, and a small form for each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_POST

from cases import access, callbacks, items
from cases.errors import NotAllowed
from cases.forms import CallBackForm
from cases.models import CallBack
from governance import clock
from governance.access import StaffRequest, needs

LONGEST = 50


@needs("case.call_back")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """The open calls, those that are due first in front."""
    return page(request)


@needs("case.call_back")
@require_POST
def record(request: StaffRequest, pk: int) -> HttpResponse:
    call_back = callbacks.open_for(request.user).filter(pk=pk).first()
    if call_back is None:
        raise Http404
    form = form_for(call_back, request.POST)
    if form.is_valid():
        try:
            callbacks.record(call_back, by=request.user, now=clock.now(), **form.cleaned_data)
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("回访已记录。"))
            return redirect("desk:callbacks")
    return page(request, failed=form, status=400)


def page(
    request: StaffRequest, failed: CallBackForm | None = None, status: int = 200
) -> HttpResponse:
    rows = callbacks.open_for(request.user).select_related("case").order_by("due_at", "pk")
    now = clock.now()
    context = {
        "rows": [
            row_of(row, failed, late=row.due_at < now)
            for row in rows[:LONGEST]
            if access.may_act(request.user, row.case, callbacks.PERMISSION)
        ]
    }
    return render(request, "cases/callbacks.html", context, status=status)


def row_of(row: CallBack, failed: CallBackForm | None, *, late: bool) -> dict[str, Any]:
    own = failed is not None and failed.prefix == prefix_of(row)
    return {
        "number": row.case.number,
        "url": reverse("desk:case", args=[row.case.number]),
        "item": items.facts(row.case.item_id).title,
        "answer": row.case.answer,
        "due_at": row.due_at,
        "late": late,
        "form": failed if own else form_for(row),
        "record_url": reverse("desk:callback", args=[row.pk]),
    }


def prefix_of(row: CallBack) -> str:
    return f"call{row.pk}"


def form_for(row: CallBack, data: Any = None) -> CallBackForm:
    """Several stand on one page: each has its own names."""
    return CallBackForm(data, prefix=prefix_of(row))
