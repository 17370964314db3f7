"""对平台的意见: staff say what burdens them or does not work, the district answers, all read it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST

from cases import suggestions
from cases.errors import NotAllowed
from cases.intake import Conflict
from cases.models import Suggestion, SuggestionState
from cases.suggestion_forms import AnswerForm, OpinionForm
from cases.views.suggestions import show
from governance import clock
from governance.access import StaffRequest, needs
from governance.models import User
from governance.surfaces import to

NEWEST = 100


@needs("platform.suggest")
@require_http_methods(["GET", "POST"])
def page(request: StaffRequest) -> HttpResponse:
    """The form, and below it what was said so far with its answers."""
    initial = {"key": uuid.uuid4(), "signed": True}
    form = OpinionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and (row := sent(request.user, form)):
        messages.success(request, _t("已收到，编号 %(number)s。") % {"number": row.number})
        return redirect(to(request, "opinions"))
    return page_of(request, form, status=400 if form.errors else 200)


def sent(user: User, form: OpinionForm) -> Suggestion | None:
    """What a valid form says; None puts the reason into the form."""
    key, signed = form.cleaned_data["key"], form.cleaned_data["signed"]
    try:
        row, _new = suggestions.collect(
            form.said(), by=user, now=clock.now(), key=key, signed=signed
        )
    except (NotAllowed, Conflict) as error:
        form.add_error(None, str(error))
        return None
    return row


def page_of(
    request: StaffRequest,
    form: OpinionForm,
    *,
    failed: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = suggestions.visible_opinions(request.user)
    newest = rows.select_related("author").order_by("-pk")[:NEWEST]
    context = {
        "form": form,
        "opinions_url": to(request, "opinions"),
        "received": rows.count(),
        "answered": rows.filter(state=SuggestionState.ANSWERED).count(),
        "rows": [row_of(request, row, failed) for row in newest],
    }
    return show(request, "opinions", context, status=status)


def row_of(request: StaffRequest, row: Suggestion, failed: AnswerForm | None) -> dict[str, Any]:
    """Who signed it is shown to who answers, and to the author."""
    answers = suggestions.may_answer(request.user, row)
    own = row.author_id == request.user.pk
    own_form = failed is not None and failed.prefix == row.number
    is_open = row.state == SuggestionState.RECEIVED
    by = str(row.author) if row.author else _t("未署名")
    return {
        "number": row.number,
        "kind": row.get_kind_display(),
        "words": row.words,
        "by": by if answers or own else "",
        "received_at": row.received_at,
        "due_at": row.due_at if is_open else None,
        "late": is_open and row.overdue_at is not None,
        "state": row.get_state_display(),
        "outcome": row.get_outcome_display(),
        "answer": row.answer,
        "answered_at": row.answered_at,
        "answer_url": to(request, "opinion_answer", row.number) if answers and is_open else "",
        "form": failed if own_form else AnswerForm(prefix=row.number) if answers else None,
        "open": own_form,
    }


@needs("platform.answer")
@require_POST
def answer(request: StaffRequest, number: str) -> HttpResponse:
    row = suggestions.opinion_for(request.user, number)
    form = AnswerForm(request.POST, prefix=number)
    if form.is_valid():
        try:
            suggestions.answer(row, by=request.user, now=clock.now(), **form.cleaned_data)
        except NotAllowed as error:
            form.add_error(None, str(error))
            messages.error(request, str(error))
        else:
            messages.success(request, _t("已答复。"))
            return redirect(to(request, "opinions"))
    blank = OpinionForm(initial={"key": uuid.uuid4(), "signed": True})
    return page_of(request, blank, failed=form, status=400)
