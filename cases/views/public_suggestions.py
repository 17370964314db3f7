"""提建议: residents suggest without an account, read the answer with number and code, and read what
others suggested and the community answered."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods

from cases import suggestions
from cases.errors import NotAllowed
from cases.models import Suggestion, SuggestionState
from cases.submissions import Conflict
from cases.suggestion_forms import SuggestForm
from cases.views.public import owned, prove
from governance import clock, rates, units
from governance.access import for_everyone
from governance.rates import TooOften

NEWEST = 50


@for_everyone
@require_http_methods(["GET", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    """The form; its answer is a number and a code, as for a report."""
    places = suggestions.communities()
    form = SuggestForm(request.POST or None, places=places, initial={"key": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 400
        try:
            rates.count(request, "suggest", limit=10, minutes=10, now=clock.now())
        except TooOften:
            form.add_error(None, _t("提交太频繁，请过十分钟再试。"))
            status = 429
        if form.is_valid() and (row := collected(form)):
            prove(request, row)
            return redirect("public:suggest_receipt", row.number)
    return render(request, "public/suggest.html", {"form": form}, status=status)


def collected(form: SuggestForm) -> Suggestion | None:
    """The suggestion of a valid form; None puts the reason into the form."""
    key = form.cleaned_data["key"]
    try:
        row, _new = suggestions.collect(form.said(), by=None, now=clock.now(), key=key)
    except (NotAllowed, Conflict) as error:
        form.add_error(None, str(error))
        return None
    return row


@for_everyone
@require_GET
@owned
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    row = get_object_or_404(Suggestion, number=number)
    context = {
        "number": row.number,
        "query_code": row.query_code,
        "progress_url": reverse("public:suggestion", args=[row.number]),
    }
    return render(request, "public/receipt.html", context)


@for_everyone
@require_GET
@owned
def progress(request: HttpRequest, number: str) -> HttpResponse:
    """What became of it; one that became a case leads to the case's own page."""
    row = get_object_or_404(Suggestion, number=number)
    case_url = ""
    if row.case is not None:
        prove(request, row.case)
        case_url = reverse("public:progress", args=[row.case.number])
    context = {
        "number": row.number,
        "kind": row.get_kind_display(),
        "words": row.words,
        "place": units.name_of(row.grid_id or row.community_id or row.district_id),
        "received_at": row.received_at,
        "due_at": row.due_at if row.state == SuggestionState.RECEIVED else None,
        "state": row.get_state_display(),
        "outcome": row.get_outcome_display(),
        "answer": row.answer,
        "answered_at": row.answered_at,
        "case_url": case_url,
    }
    return render(request, "public/suggestion.html", context)


@for_everyone
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What was published, of all communities or of one, the newest answers first."""
    chosen = request.GET.get("community", "")
    community_id = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    rows = suggestions.published(community_id)[:NEWEST]
    context = {
        "rows": [entry(row) for row in rows],
        "communities": [(pk, name, pk == community_id) for pk, name in suggestions.communities()],
    }
    return render(request, "public/suggestions.html", context)


def entry(row: Suggestion) -> dict[str, Any]:
    """Without number, contributor and author."""
    return {
        "kind": row.get_kind_display(),
        "place": units.name_of(row.community_id or row.street_id or row.district_id),
        "words": row.words,
        "outcome": row.get_outcome_display(),
        "answer": row.answer,
        "answered_at": row.answered_at,
    }
