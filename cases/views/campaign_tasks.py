"""One task of a campaign, on the desk and on the phone: filled in, corrected, excused, given on."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST

from cases import (
    campaign_access,
    campaign_answers,
    campaign_page,
    campaigns,
    corrections,
    replacements,
)
from cases.campaign_forms import (
    AnswerForm,
    CorrectForm,
    ExcuseForm,
    FoundForm,
    ReplaceForm,
)
from cases.errors import NotAllowed
from cases.models import (
    CampaignState,
    CampaignTask,
    CheckListQuestion,
    TaskState,
)
from cases.schemas import BadAnswers
from cases.submissions import Conflict
from cases.views import campaigns as pages
from governance import clock, units
from governance.access import StaffRequest, needs
from governance.surfaces import surface, to
from governance.uploads import BadPicture


@needs("campaign.see", post="campaign.answer")
@require_http_methods(["GET", "POST"])
def task(request: StaffRequest, pk: int) -> HttpResponse:
    """The form to fill in, or what was filled in."""
    row = campaign_access.task_for(request.user, pk)
    if request.method == "GET":
        return task_page(request, row)
    form = answer_form(row, clock.now(), request)
    if form.is_valid():
        try:
            campaign_answers.answer(
                row,
                form.said(),
                by=request.user,
                now=clock.now(),
                note=form.cleaned_data["note"],
            )
        except BadAnswers as error:
            form.blame(error.faults)
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            return answered(request, row)
    row.refresh_from_db()  # somebody else may have filled it in meanwhile
    return task_page(request, row, answers=form, status=400)


def answered(request: StaffRequest, row: CampaignTask) -> HttpResponse:
    found = row.found.count()
    said = _t("已提交。")
    if found:
        said = _t("已提交，%(n)d 个问题已上报为事件。") % {"n": found}
    messages.success(request, said)
    return redirect(to(request, "campaign_task", row.pk))


def answer_form(row: CampaignTask, now: datetime, request: HttpRequest | None = None) -> AnswerForm:
    rows = campaign_answers.asked(row.campaign.check_list_id)
    known = campaign_answers.known_answers(row, rows, now)
    if request is None:
        return AnswerForm(rows=rows, known=known)
    return AnswerForm(request.POST, request.FILES, rows=rows, known=known)


def task_page(
    request: StaffRequest,
    row: CampaignTask,
    *,
    answers: AnswerForm | None = None,
    found: FoundForm | None = None,
    excuse_form: ExcuseForm | None = None,
    replacing: ReplaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, clock.now()
    running = row.campaign.state == CampaignState.RUNNING
    going = running and row.state == TaskState.OPEN
    does = running and campaign_access.may_answer(user, row)
    asked = campaign_answers.asked(row.campaign.check_list_id)
    form = (answers or answer_form(row, now)) if going and does else None
    context = {
        "row": pages.task_row(request, row, now),
        "title": row.campaign.title,
        "brief": row.campaign.brief,
        "campaign_url": to(request, "campaign", row.campaign.number),
        "facts": task_facts(row),
        "form": form,
        "error": answers.non_field_errors() if answers is not None and form is None else [],
        "answers": answers_of(request, row, asked),
        "note": row.note,
        "findings": campaign_page.findings(user, CampaignTask.objects.filter(pk=row.pk)),
        "case_prefix": "/m/cases/" if surface(request) == "phone" else "/cases/",
        "found_form": (found or FoundForm(initial={"key": uuid.uuid4()}))
        if does and row.state != TaskState.EXCUSED
        else None,
        "found_open": found is not None,
        "found_url": to(request, "campaign_found", row.pk),
        "excuse_form": (excuse_form or ExcuseForm())
        if going and campaign_access.may_manage(user, row.campaign)
        else None,
        "excuse_open": excuse_form is not None,
        "excuse_url": to(request, "campaign_excuse", row.pk),
        "replace_form": replacing or replace_form(request, row, going=going),
        "replace_open": replacing is not None,
        "replace_url": to(request, "campaign_replace", row.pk),
    }
    return pages.show(request, "task", context, status=status)


def answers_of(
    request: StaffRequest, row: CampaignTask, asked: list[CheckListQuestion]
) -> list[dict[str, Any]]:
    """What was filled in; for who may, with the address at which an answer is put right."""
    running = row.campaign.state == CampaignState.RUNNING and row.state == TaskState.DONE
    corrects = running and campaign_access.may_correct(request.user, row)
    found = campaign_page.answers_of(row, asked)
    for one in found:
        url = to(request, "campaign_correct", row.pk, one["question"]) if corrects else ""
        one["correct_url"] = url
    return found


def replace_form(
    request: StaffRequest, row: CampaignTask, data: Any = None, *, going: bool
) -> ReplaceForm | None:
    """For who runs a spot check of which an inspector has left."""
    if not going or not campaign_access.may_manage(request.user, row.campaign):
        return None
    left = [(user.pk, str(user)) for user in replacements.who_left(row)]
    return ReplaceForm(data, left=left) if left else None


@needs("campaign.launch")
@require_POST
def replace(request: StaffRequest, pk: int) -> HttpResponse:
    """The next of the pool goes for an inspector who has left."""
    row = campaign_access.task_for(request.user, pk)
    form = replace_form(request, row, request.POST, going=True)
    if form is None:
        messages.error(request, _t("只能递补已离岗的检查人员。"))
        return redirect(to(request, "campaign_task", pk))
    if form.is_valid():
        left, reason = form.cleaned_data["left"], form.cleaned_data["reason"]
        try:
            made = replacements.replace(row, left, reason=reason, by=request.user, now=clock.now())
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("已由%(who)s递补。") % {"who": made.came})
            return redirect(to(request, "campaign_task", pk))
    return task_page(request, row, replacing=form, status=400)


@needs("campaign.see")
@require_http_methods(["GET", "POST"])
def correct(request: StaffRequest, pk: int, code: str) -> HttpResponse:
    """Put one answer right, with the reason; the first one stays in the history."""
    row = campaign_access.task_for(request.user, pk)
    asked = campaign_answers.asked(row.campaign.check_list_id)
    question = next((one for one in asked if one.question.code == code), None)
    if question is None or not campaign_access.may_correct(request.user, row):
        raise Http404
    form = CorrectForm(request.POST or None, request.FILES or None, row=question)
    if request.method == "POST" and form.is_valid():
        try:
            corrections.correct(
                row,
                code,
                form.said()[code],
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=clock.now(),
            )
        except BadAnswers as error:
            form.blame(error.faults)
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("已更正。"))
            return redirect(to(request, "campaign_task", pk))
    standing = [one for one in campaign_page.answers_of(row, asked) if one["question"] == code]
    context = {
        "form": form,
        "row": pages.task_row(request, row, clock.now()),
        "standing": standing[0] if standing else None,
        "back_url": to(request, "campaign_task", pk),
    }
    return pages.show(request, "correct", context, status=400 if form.errors else 200)


def task_facts(row: CampaignTask) -> list[tuple[str, object]]:
    drawn = _t("、").join(str(user) for user in row.inspectors.order_by("pk"))
    found: list[tuple[str, object]] = [
        (_t("检查对象"), units.name_of(row.about_id)),
        (_t("所在网格、社区"), pages.within(row)),
        (_t("承担单位"), units.name_of(row.unit_id) if row.unit_id != row.about_id else ""),
        (_t("检查人员"), drawn),
        (_t("状态"), pages.state_of(row)),
        (_t("完成期限"), row.due_at),
        (_t("经办人"), str(row.ended_by) if row.ended_by else ""),
        (_t("完成时间"), row.ended_at),
    ]
    return [(label, value) for label, value in found if value]


@needs("campaign.answer")
@require_POST
def found_beside(request: StaffRequest, pk: int) -> HttpResponse:
    """Report what the form does not ask about."""
    row = campaign_access.task_for(request.user, pk)
    form = FoundForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            case = campaign_answers.find(
                row,
                item_id=form.cleaned_data["item"],
                words=form.cleaned_data["words"],
                pictures=form.cleaned_data["photos"],
                by=request.user,
                now=clock.now(),
                key=form.cleaned_data["key"],
            )
        except (NotAllowed, Conflict) as error:
            form.add_error(None, str(error))
        except BadPicture as error:
            form.add_error("photos", str(error))
        else:
            messages.success(request, _t("已上报，编号 %(number)s。") % {"number": case.number})
            return redirect(to(request, "campaign_task", pk))
    return task_page(request, row, found=form, status=400)


@needs("campaign.launch")
@require_POST
def excuse(request: StaffRequest, pk: int) -> HttpResponse:
    row = campaign_access.task_for(request.user, pk)
    form = ExcuseForm(request.POST)
    if form.is_valid():
        try:
            campaigns.excuse(
                row, reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
            )
        except NotAllowed as error:
            form.add_error(None, str(error))
            messages.error(request, str(error))
        else:
            messages.success(request, _t("任务已免除。"))
            return redirect(to(request, "campaign_task", pk))
    return task_page(request, row, excuse_form=form, status=400)
