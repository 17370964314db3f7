"""建议, on the desk and on the phone: the list with its counts, the form, and one suggestion."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import items, suggestions
from cases.errors import NotAllowed
from cases.forms import RevealForm, typed
from cases.models import Suggestion, SuggestionAction, SuggestionState, SuggestionStep
from cases.submissions import Conflict
from cases.suggestion_forms import CollectForm, HandOverForm, PublicAnswerForm, ReassignForm
from cases.suggestions import Tally
from governance import clock, surfaces, units
from governance.access import StaffRequest, needs
from governance.models import User
from governance.surfaces import to

LONGEST = 100
S = SuggestionState
TABS: dict[str, tuple[Any, tuple[SuggestionState, ...]]] = {
    "waiting": (S.RECEIVED.label, (S.RECEIVED,)),
    "answered": (S.ANSWERED.label, (S.ANSWERED,)),
    "all": (_("全部"), tuple(S)),
}
PERIODS = {"month": _("本月"), "year": _("本年"), "all": _("全部时间")}


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**context, "suggestions_url": to(request, "suggestions")}
    return surfaces.show(request, f"suggestions/{template}.html", context, status)


# The list ---------------------------------------------------------------------------------------


@needs("suggestion.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """What is to answer, what is due first in front; and how many were collected and answered."""
    asked, period = request.GET.get("tab", ""), request.GET.get("period", "")
    tab = asked if asked in TABS else "waiting"
    period = period if period in PERIODS else "year"
    rows = suggestions.visible_suggestions(request.user)
    found = suggestions.tallies(rows, since(period, clock.now()))
    context = {
        "tabs": tab_links(request, tab, period, rows),
        "tab": tab,
        "rows": [row_of(request, row) for row in ordered(rows, tab)[:LONGEST]],
        "periods": [(key, label, key == period) for key, label in PERIODS.items()],
        "tallies": [
            {"unit": units.name_of(pk) or _t("未落社区"), "tally": tally}
            for pk, tally in sorted(found.items(), key=lambda pair: pair[0] or 0)
        ],
        "total": suggestions.total(found.values()) if found else Tally(),
        "new_url": to(request, "suggestion_new"),
    }
    return show(request, "list", context)


def since(period: str, now: datetime) -> datetime | None:
    """When a period began, here; None for all time."""
    today = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0, day=1)
    return {"month": today, "year": today.replace(month=1)}.get(period)


def ordered(rows: QuerySet[Suggestion], tab: str) -> QuerySet[Suggestion]:
    found = rows.filter(state__in=TABS[tab][1])
    return found.order_by("due_at", "pk") if tab == "waiting" else found.order_by("-pk")


def tab_links(
    request: HttpRequest, active: str, period: str, rows: QuerySet[Suggestion]
) -> list[dict[str, Any]]:
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return [
        {
            "label": label,
            "count": sum(counts.get(state, 0) for state in states),
            "url": f"{request.path}?{urlencode({'tab': key, 'period': period})}",
            "active": key == active,
        }
        for key, (label, states) in TABS.items()
    ]


def row_of(request: HttpRequest, row: Suggestion) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": to(request, "suggestion", row.number),
        "kind": row.get_kind_display(),
        "words": row.words,
        "place": units.name_of(row.grid_id or row.community_id or row.street_id or row.district_id),
        "unit": units.name_of(row.unit_id),
        "state": row.get_state_display(),
        "outcome": row.get_outcome_display(),
        "due_at": row.due_at if row.state == S.RECEIVED else None,
        "late": row.overdue_at is not None,
        "published": row.published,
    }


# Collecting -------------------------------------------------------------------------------------


@needs("suggestion.collect")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    form = CollectForm(
        request.POST or None,
        places=suggestions.places(request.user),
        initial={"key": uuid.uuid4(), "source": request.GET.get("source", "")},
    )
    if request.method == "POST" and form.is_valid() and (row := collected(request.user, form)):
        said = _t("已登记，编号 %(number)s，查询码 %(code)s，请告诉提建议的人。")
        messages.success(request, said % {"number": row.number, "code": row.query_code})
        return redirect(to(request, "suggestion", row.number))
    return show(request, "new", {"form": form}, status=400 if form.errors else 200)


def collected(user: User, form: CollectForm) -> Suggestion | None:
    """The suggestion of a valid form; None puts the reason into the form."""
    said = form.said(form.cleaned_data["source"])
    key = form.cleaned_data["key"]
    try:
        row, _new = suggestions.collect(said, by=user, now=clock.now(), key=key)
    except (NotAllowed, Conflict) as error:
        form.add_error(None, str(error))
        return None
    return row


# One suggestion ---------------------------------------------------------------------------------


@needs("suggestion.see")
@require_GET
def page(request: StaffRequest, number: str) -> HttpResponse:
    return page_of(request, suggestions.suggestion_for(request.user, number))


def page_of(
    request: StaffRequest,
    row: Suggestion,
    *,
    failed: forms.Form | None = None,
    left: Sequence[tuple[str, str]] = (),
    revealed: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`failed` is a form that came back with errors, `left` what was typed in one that is offered
    no more."""
    user = request.user
    reveals = row.contributor is not None and suggestions.may_act(user, row, suggestions.REVEAL)
    context = {
        "row": row_of(request, row),
        "typed": left,
        "facts": facts_of(row),
        "answer": row.answer,
        "person": person(row, revealed),
        "reveal_url": to(request, "suggestion_reveal", row.number)
        if reveals and revealed is None
        else "",
        "case": case_link(request, row),
        "verbs": [
            verb_of(request, row, verb, failed) for verb in VERBS if offered(user, row, verb)
        ],
        "publish_url": to(request, "suggestion_act", row.number, "publish")
        if row.state == S.ANSWERED and suggestions.may_answer(user, row)
        else "",
        "steps": [step_of(step) for step in row.steps.select_related("by").order_by("-pk")],
    }
    response = show(request, "page", context, status=status)
    if revealed is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def step_of(step: SuggestionStep) -> dict[str, Any]:
    nobody = _t("居民本人") if step.action == SuggestionAction.COLLECT else _t("系统")
    return {
        "kind": step.action,
        "label": step.get_action_display(),
        "by": str(step.by) if step.by else nobody,
        "at": step.at,
        "note": step.note,
    }


def facts_of(row: Suggestion) -> list[tuple[str, object]]:
    """Label and value; a moment is shown as one by the template."""
    found: list[tuple[str, object]] = [
        (_t("类别"), row.get_kind_display()),
        (
            _t("所在网格"),
            units.name_of(row.grid_id or row.community_id or row.street_id or row.district_id),
        ),
        (_t("来源"), row.get_source_display()),
        (_t("登记人"), str(row.author) if row.author else _t("居民本人")),
        (_t("答复单位"), units.name_of(row.unit_id)),
        (_t("收到时间"), row.received_at),
        (_t("答复期限"), row.due_at),
    ]
    if row.outcome:
        found.append((_t("答复结果"), row.get_outcome_display()))
    if row.answered_at:
        found += [(_t("答复人"), str(row.answered_by)), (_t("答复时间"), row.answered_at)]
    return found


def person(row: Suggestion, revealed: tuple[str, str] | None) -> list[tuple[str, str]]:
    """Name and phone, masked or as just revealed; nothing for who told nothing."""
    one = row.contributor
    if one is None:
        return []
    sealed = (one.name, one.phone)
    shown = revealed or tuple(value.masked if value else "" for value in sealed)
    return list(zip((_t("姓名"), _t("电话")), (text or "—" for text in shown), strict=True))


def case_link(request: HttpRequest, row: Suggestion) -> dict[str, str] | None:
    if row.case is None:
        return None
    url = to(request, "case", row.case.number)
    return {"number": row.case.number, "url": url}


VERBS: dict[str, tuple[Any, str]] = {
    "answer": (_("答复"), suggestions.ANSWER),
    "hand_over": (_("转为事件"), suggestions.HAND_OVER),
    "reassign": (_("转交答复"), suggestions.REASSIGN),
}


def offered(user: User, row: Suggestion, verb: str) -> bool:
    return row.state == S.RECEIVED and suggestions.may_act(user, row, VERBS[verb][1])


def form_for(verb: str, row: Suggestion, data: Any = None) -> forms.Form:
    if verb == "answer":
        return PublicAnswerForm(data, prefix=verb)
    if verb == "reassign":
        return ReassignForm(data, prefix=verb, targets=suggestions.targets(row))
    guessed = items.guess(row.words)
    return HandOverForm(data, prefix=verb, initial={"item_id": guessed.pk if guessed else ""})


def verb_of(
    request: HttpRequest, row: Suggestion, verb: str, failed: forms.Form | None
) -> dict[str, Any]:
    own = failed is not None and failed.prefix == verb
    return {
        "label": VERBS[verb][0],
        "url": to(request, "suggestion_act", row.number, verb),
        "form": failed if own else form_for(verb, row),
        "open": own or (failed is None and verb == "answer"),
    }


@needs("suggestion.see")
@require_POST
def act(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """Answer, hand over, pass on, publish; what is wrong with it stands beside its form."""
    row = suggestions.suggestion_for(request.user, number)
    if verb == "publish":
        return publish(request, row)
    if verb not in VERBS:
        raise Http404
    form = form_for(verb, row, request.POST)
    if form.is_valid():
        do = getattr(suggestions, verb)
        try:
            do(row, by=request.user, now=clock.now(), **form.cleaned_data)
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("已完成：%(action)s。") % {"action": VERBS[verb][0]})
            return after(request, number)
    row = suggestions.suggestion_for(request.user, number)
    if offered(request.user, row, verb):
        return page_of(request, row, failed=form, status=400)
    faults = form.non_field_errors() or [_t("该建议已经答复或已转为事件。")]
    messages.error(request, _t("；").join(map(str, faults)))
    return page_of(request, row, left=typed(form), status=400)


def after(request: StaffRequest, number: str) -> HttpResponse:
    """Back to it; to the list when it went to where this user does not look."""
    still = suggestions.visible_suggestions(request.user).filter(number=number).exists()
    return redirect(to(request, "suggestion", number) if still else to(request, "suggestions"))


def publish(request: StaffRequest, row: Suggestion) -> HttpResponse:
    shown = request.POST.get("shown") == "1"
    try:
        suggestions.publish(row, shown=shown, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已公开。") if shown else _t("已撤回公开。"))
    return redirect(to(request, "suggestion", row.number))


@needs("suggestion.reveal")
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """Who made it in clear, after the look was written down."""
    row = suggestions.suggestion_for(request.user, number)
    form = RevealForm(request.POST)
    if not form.is_valid():
        messages.error(request, _t("请写明查看的事由。"))
        return page_of(request, row, status=400)
    reason = form.cleaned_data["reason"]
    shown = suggestions.reveal(row, by=request.user, now=clock.now(), reason=reason)
    return page_of(request, row, revealed=shown)
