"""追责: a case opened for review, on the desk; on the phone as well the answer of who is asked and
the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access, items, reviews
from cases.errors import NotAllowed
from cases.models import Ground, Review, Verdict
from governance import clock, surfaces
from governance.access import StaffRequest, needs
from governance.models import User
from governance.surfaces import to
from governance.widgets import Select

LONGEST = 100


class OpenForm(forms.Form):
    ground = forms.ChoiceField(label=_("事由"), widget=Select)
    answerable = forms.ModelChoiceField(
        label=_("责任人"), queryset=User.objects.none(), empty_label=_("（请选择）")
    )
    findings = forms.CharField(
        label=_("查明情况"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )


class ReplyForm(forms.Form):
    text = forms.CharField(label=_("本人说明"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class EndForm(forms.Form):
    verdict = forms.ChoiceField(label=_("处理结果"), choices=Verdict.choices, widget=Select)
    result = forms.CharField(
        label=_("处理意见"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )


@needs("case.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """One's own, and for who reviews those of the cases that one sees; the open ones in front."""
    rows = reviews.visible_to(request.user).select_related("case", "answerable")
    context = {"rows": [row_of(request, row) for row in rows[:LONGEST]]}
    return surfaces.show(request, "cases/reviews.html", context)


def row_of(request: StaffRequest, row: Review) -> dict[str, Any]:
    return {
        "url": to(request, "review", row.pk),
        "number": row.case.number,
        "item": items.facts(row.case.item_id).title,
        "ground": row.get_ground_display(),
        "answerable": str(row.answerable),
        "opened_at": row.opened_at,
        "replied_at": row.replied_at,
        "verdict": row.get_verdict_display() if row.verdict else "",
    }


@needs("case.review")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    grounds = reviews.grounds(case)
    if not grounds or not access.may_act(request.user, case, reviews.PERMISSION):
        messages.error(request, _t("该事件没有可追责的事由。"))
        return redirect("desk:case", number)
    form = OpenForm(request.POST or None)
    form.fields["ground"].choices = [  # type: ignore[attr-defined]
        (ground.value, Ground(ground).label) for ground in grounds
    ]
    people = reviews.people(case).exclude(pk=request.user.pk)
    form.fields["answerable"].queryset = people  # type: ignore[attr-defined]
    if form.is_valid() and (
        row := attempted(
            form,
            lambda: reviews.open_review(
                case, by=request.user, now=clock.now(), **form.cleaned_data
            ),
        )
    ):
        messages.success(request, _t("已提起追责，责任人会收到消息。"))
        return redirect("desk:review", row.pk)
    context = {"form": form, "number": number, "url": request.path}
    return render(request, "cases/review_new.html", context, status=400 if form.errors else 200)


def attempted(form: forms.Form, verb: Callable[[], Review]) -> Review | None:
    """What the verb made; a refusal becomes an error of the form."""
    try:
        return verb()
    except NotAllowed as error:
        form.add_error(None, str(error))
        return None


def review_for(request: StaffRequest, pk: int) -> Review:
    row = reviews.visible_to(request.user).select_related("case").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@needs("case.see")
@require_GET
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    row = review_for(request, pk)
    return show(request, row, ReplyForm(), EndForm())


def show(
    request: StaffRequest, row: Review, replying: ReplyForm, ending: EndForm, status: int = 200
) -> HttpResponse:
    open_now = row.ended_at is None
    mine = row.answerable_id == request.user.pk
    ends = access.may_act(request.user, row.case, reviews.PERMISSION) and not mine
    ends_from = reviews.ends_from(row)
    early = clock.now() < ends_from
    context = {
        "row": row,
        "shown": row_of(request, row),
        "list_url": to(request, "reviews"),
        "case_url": to(request, "case", row.case.number)
        if access.sees(request.user, row.case)
        else "",
        "reply_url": to(request, "review_reply", row.pk),
        "end_url": to(request, "review_end", row.pk),
        "reply_form": replying if open_now and mine and row.replied_at is None else None,
        "end_form": ending if open_now and ends and (ending.is_bound or not early) else None,
        "ends_from": ends_from if open_now and ends and early else None,
    }
    return surfaces.show(request, "cases/review.html", context, status)


@needs("case.see")
@require_POST
def reply(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = review_for(request, pk), ReplyForm(request.POST)
    now = clock.now()
    if form.is_valid() and attempted(
        form, lambda: reviews.reply(row, text=form.cleaned_data["text"], by=request.user, now=now)
    ):
        messages.success(request, _t("已提交说明。"))
        return redirect(to(request, "review", pk))
    return show(request, row, form, EndForm(), 400)


@needs("case.review")
@require_POST
def end(request: StaffRequest, pk: int) -> HttpResponse:
    row, form = review_for(request, pk), EndForm(request.POST)
    now = clock.now()
    if form.is_valid() and attempted(
        form, lambda: reviews.end(row, by=request.user, now=now, **form.cleaned_data)
    ):
        messages.success(request, _t("追责已办结。"))
        return redirect(to(request, "review", pk))
    return show(request, row, ReplyForm(), form, 400)
