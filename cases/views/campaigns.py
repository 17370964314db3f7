"""专项行动, on the desk and on the phone: the lists, launching, one campaign, and its tasks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson
from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import (
    campaign_access,
    campaign_answers,
    campaign_page,
    campaigns,
    corrections,
    deadlines,
    joint_calls,
    replacements,
    spot_checks,
)
from cases.campaign_forms import (
    AnswerForm,
    CorrectForm,
    DrawForm,
    ExcuseForm,
    FoundForm,
    LaunchForm,
    PlanForm,
    ReplaceForm,
    SpotForm,
)
from cases.campaign_page import Progress
from cases.errors import NotAllowed
from cases.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    CampaignTask,
    CheckListQuestion,
    JointCall,
    TaskState,
)
from cases.schemas import BadAnswers
from cases.submissions import Conflict
from governance import clock, permissions, surfaces, units
from governance.access import StaffRequest, needs, record_look
from governance.surfaces import surface, to
from governance.uploads import BadPicture

LONGEST = 100
TABS: dict[str, Any] = {
    "todo": _("待我完成"),
    "running": _("进行中的行动"),
    "ended": _("已结束的行动"),
}
GOING = (CampaignState.ANNOUNCED, CampaignState.RUNNING)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**context, "campaigns_url": to(request, "campaigns")}
    return surfaces.show(request, f"campaigns/{template}.html", context, status)


# The lists --------------------------------------------------------------------------------------


@needs("campaign.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """What one has to fill in, and the campaigns one sees with how far they are."""
    user, now = request.user, clock.now()
    answers = permissions.may(user, campaign_access.ANSWER)
    offered = [key for key in TABS if key != "todo" or answers]
    asked = request.GET.get("tab", "")
    tab = asked if asked in offered else offered[0]
    seen = campaign_access.visible_campaigns(user)
    parts = {"running": seen.filter(state__in=GOING), "ended": seen.exclude(state__in=GOING)}
    mine = campaign_access.to_do(user)
    rows = [] if tab == "todo" else list(parts[tab].order_by("due_at", "-pk")[:LONGEST])
    far = campaign_page.progress(user, rows, now) if rows else {}
    context = {
        "tabs": [
            {
                "label": TABS[key],
                "count": (mine if key == "todo" else parts[key]).count(),
                "url": f"{request.path}?tab={key}",
                "active": key == tab,
            }
            for key in offered
        ],
        "tab": tab,
        "tasks": tasks_of(request, mine, now) if tab == "todo" else [],
        "rows": [row_of(request, row, far.get(row.pk, Progress())) for row in rows],
        "new_url": launching(request, "campaign_new"),
        "spot_url": launching(request, "campaign_spot"),
    }
    return show(request, "list", context)


def launching(request: StaffRequest, name: str) -> str:
    """The address for who may launch, else ""."""
    return to(request, name) if campaign_access.launching_post(request.user) else ""


def row_of(request: HttpRequest, row: Campaign, far: Progress) -> dict[str, Any]:
    return {
        "url": to(request, "campaign", row.number),
        "number": row.number,
        "title": row.title,
        "kind": row.get_kind_display(),
        "unit": units.name_of(row.unit_id),
        "state": row.get_state_display(),
        "due_at": row.due_at,
        "progress": far,
    }


def tasks_of(
    request: HttpRequest, rows: QuerySet[CampaignTask], now: datetime
) -> list[dict[str, Any]]:
    found = rows.select_related("campaign").order_by("due_at", "pk")[:LONGEST]
    return [task_row(request, task, now) for task in found]


def task_row(request: HttpRequest, task: CampaignTask, now: datetime) -> dict[str, Any]:
    late = task.state == TaskState.OPEN and task.due_at < now
    return {
        "url": to(request, "campaign_task", task.pk),
        "campaign": task.campaign.title,
        "kind": task.campaign.get_kind_display(),
        "about": units.name_of(task.about_id),
        "grid": within(task),
        "unit": units.name_of(task.unit_id),
        "state": state_of(task),
        "done": task.state == TaskState.DONE,
        "due_at": task.due_at,
        "late": late,
        "light": "red" if late else "",
        "left": deadlines.left(task.due_at, now) if task.state == TaskState.OPEN else "",
        "ended_at": task.ended_at,
    }


def state_of(task: CampaignTask) -> str:
    """The task's state in words; of a campaign that has ended, what is open stays undone."""
    undone = task.state == TaskState.OPEN and task.campaign.state == CampaignState.ENDED
    return _t("未完成") if undone else task.get_state_display()


def within(task: CampaignTask) -> str:
    """Where the place lies: its grid, of a grid the community."""
    above = (task.grid_id, task.community_id, task.street_id)
    return units.name_of(next((pk for pk in above if pk and pk != task.about_id), None))


# Launching --------------------------------------------------------------------------------------


@needs("campaign.launch")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """A campaign or an inspection by check-list."""
    form = LaunchForm(request.POST or None, user=request.user, initial={"key": uuid.uuid4()})
    made, now = None, clock.now()
    if request.method == "POST" and form.is_valid():
        try:
            made = campaigns.launch(
                form.plan(now),
                form.unit_ids(),
                by=request.user,
                now=now,
                joint=form.joint(),
                key=form.cleaned_data["key"],
            )
        except (NotAllowed, Conflict) as error:
            form.add_error(None, str(error))
    return launched(request, form, made, _t("发起行动"))


@needs("campaign.launch")
@require_http_methods(["GET", "POST"])
def new_spot(request: StaffRequest) -> HttpResponse:
    """双随机: publish the pool and the source of the seed."""
    form = SpotForm(request.POST or None, user=request.user, initial={"key": uuid.uuid4()})
    made, now = None, clock.now()
    if request.method == "POST" and form.is_valid():
        try:
            key = form.cleaned_data["key"]
            made = spot_checks.announce(
                form.plan(now), form.spot(), by=request.user, now=now, key=key
            )
        except (NotAllowed, Conflict) as error:
            form.add_error(None, str(error))
    return launched(request, form, made, _t("公布双随机抽查"))


def launched(
    request: StaffRequest, form: PlanForm, made: Campaign | None, title: str
) -> HttpResponse:
    if made is not None:
        messages.success(request, _t("已发起，编号 %(number)s。") % {"number": made.number})
        return redirect(to(request, "campaign", made.number))
    context = {"form": form, "title": title}
    return show(request, "new", context, status=400 if form.errors else 200)


# One campaign -----------------------------------------------------------------------------------


def tasks_seen(request: StaffRequest, campaign: Campaign) -> QuerySet[CampaignTask]:
    return campaign_access.visible_tasks(request.user).filter(campaign=campaign.pk)


@needs("campaign.see")
@require_GET
def page(request: StaffRequest, number: str) -> HttpResponse:
    return page_of(request, campaign_access.campaign_for(request.user, number))


def page_of(
    request: StaffRequest, row: Campaign, *, failed: DrawForm | None = None, status: int = 200
) -> HttpResponse:
    """Progress by grid in a list and on the map, what was answered and found; the draw."""
    user, now = request.user, clock.now()
    tasks = tasks_seen(request, row)
    far = campaign_page.progress(user, [row], now).get(row.pk, Progress())
    states = campaign_page.grid_states(tasks, now)
    listed = tasks.select_related("campaign").order_by(
        F("state").desc(), "due_at", "community", "grid", "pk"
    )[: campaign_page.LISTED]
    manages = campaign_access.may_manage(user, row) and row.state != CampaignState.ENDED
    spot = row.kind == CampaignKind.SPOT_CHECK
    context = {
        "row": row_of(request, row, far),
        "facts": facts_of(row),
        "brief": row.brief,
        "progress": far,
        "tasks": [task_row(request, task, now) for task in listed],
        "areas_url": to(request, "campaign_areas", row.number) if states else "",
        "legend": campaign_page.legend(states),
        "summary": campaign_page.summary(tasks, campaign_answers.asked(row.check_list_id), far.of),
        "findings": campaign_page.findings(user, tasks),
        "case_prefix": "/m/cases/" if surface(request) == "phone" else "/cases/",
        "csv_url": to(request, "campaign_answers", row.number),
        "draw": campaign_page.draw_facts(row) if spot else None,
        "draw_form": (failed or DrawForm()) if may_draw(row, now, manages=manages) else None,
        "draw_url": to(request, "campaign_draw", row.number),
        "remind_url": to(request, "campaign_remind", row.number)
        if manages and row.state == CampaignState.RUNNING
        else "",
        "end_url": to(request, "campaign_end", row.number) if manages else "",
        "call": call_of(request, row, manages=manages),
    }
    return show(request, "campaign", context, status=status)


def call_of(request: HttpRequest, row: Campaign, *, manages: bool) -> dict[str, Any] | None:
    """How far the calling of the departments is, while or where there is something to say of it."""
    call = JointCall.objects.filter(campaign=row.pk).first()
    if call is None or (call.ended_at is not None and not call.refused):
        return None
    return {
        "tried": call.tried,
        "total": row.tasks.count(),
        "ended": call.ended_at is not None,
        "refused": [(units.name_of(pk), why) for pk, why in call.refused],
        "url": to(request, "campaign_call", row.number) if manages and not call.ended_at else "",
    }


@needs("campaign.launch")
@require_POST
def call(request: StaffRequest, number: str) -> HttpResponse:
    """Call the departments to the next places; the page sends one such request after another."""
    row = campaign_access.campaign_for(request.user, number)
    found = JointCall.objects.filter(campaign=row.pk).first()
    if found is None or not campaign_access.may_manage(request.user, row):
        raise Http404
    joint_calls.work(found.pk, clock.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(to(request, "campaign", number))
    far = call_of(request, row, manages=True)
    return render(request, "campaigns/call.html", {"call": far, "done": far is None})


def may_draw(row: Campaign, now: datetime, *, manages: bool) -> bool:
    return manages and row.state == CampaignState.ANNOUNCED and row.pool.seed_at <= now


def facts_of(row: Campaign) -> list[tuple[str, object]]:
    """Label and value; a moment is shown as one by the template."""
    found: list[tuple[str, object]] = [
        (_t("类型"), row.get_kind_display()),
        (_t("状态"), row.get_state_display()),
        (_t("检查清单"), row.check_list.name),
        (_t("发起单位"), units.name_of(row.unit_id)),
        (_t("发起人"), str(row.launched_by)),
        (_t("发起时间"), row.launched_at),
        (_t("完成期限"), row.due_at),
        (_t("结束时间"), row.ended_at),
    ]
    return [(label, value) for label, value in found if value]


@needs("campaign.see")
@require_GET
def areas(request: StaffRequest, number: str) -> HttpResponse:
    """The campaign's grids for the map, coloured by how far they are."""
    row = campaign_access.campaign_for(request.user, number)
    states = campaign_page.grid_states(tasks_seen(request, row), clock.now())
    found = campaign_page.areas(request.user, states)
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(orjson.dumps(found), "application/geo+json", headers=headers)


@needs("campaign.see")
@require_GET
def answers_file(request: StaffRequest, number: str) -> HttpResponse:
    """Every task with its answers as a table; the export is written down."""
    row = campaign_access.campaign_for(request.user, number)
    asked = campaign_answers.asked(row.check_list_id)
    record_look(
        request.user,
        model="cases.Answer",
        object_id=row.pk,
        columns=[one.question.code for one in asked],
        reason=row.number,
        now=clock.now(),
    )
    text = campaign_page.csv_of(campaign_page.table(tasks_seen(request, row), asked))
    headers = {
        "Content-Disposition": f'attachment; filename="{row.number}.csv"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(text.encode(), "text/csv; charset=utf-8", headers=headers)


@needs("campaign.launch")
@require_POST
def draw(request: StaffRequest, number: str) -> HttpResponse:
    """Draw with the number that was published."""
    row = campaign_access.campaign_for(request.user, number)
    form = DrawForm(request.POST)
    if form.is_valid():
        try:
            spot_checks.draw(row, form.cleaned_data["seed"], by=request.user, now=clock.now())
        except NotAllowed as error:
            messages.error(request, str(error))
            return page_of(request, row, failed=form, status=400)
        messages.success(request, _t("已抽取，检查人员已收到通知。"))
        return redirect(to(request, "campaign", number))
    return page_of(request, row, failed=form, status=400)


@needs("campaign.launch")
@require_POST
def remind(request: StaffRequest, number: str) -> HttpResponse:
    row = campaign_access.campaign_for(request.user, number)
    try:
        count = campaigns.remind(row, by=request.user, now=clock.now())
        messages.success(request, _t("已提醒，尚有 %(n)d 项任务未完成。") % {"n": count})
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect(to(request, "campaign", number))


@needs("campaign.launch")
@require_POST
def end(request: StaffRequest, number: str) -> HttpResponse:
    row = campaign_access.campaign_for(request.user, number)
    try:
        campaigns.end(row, by=request.user, now=clock.now())
        messages.success(request, _t("行动已结束。"))
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect(to(request, "campaign", number))


# A task -----------------------------------------------------------------------------------------


@needs("campaign.see")
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
        except (NotAllowed, BadPicture) as error:
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
        "row": task_row(request, row, now),
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
    return show(request, "task", context, status=status)


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
        except (NotAllowed, BadPicture) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("已更正。"))
            return redirect(to(request, "campaign_task", pk))
    standing = [one for one in campaign_page.answers_of(row, asked) if one["question"] == code]
    context = {
        "form": form,
        "row": task_row(request, row, clock.now()),
        "standing": standing[0] if standing else None,
        "back_url": to(request, "campaign_task", pk),
    }
    return show(request, "correct", context, status=400 if form.errors else 200)


def task_facts(row: CampaignTask) -> list[tuple[str, object]]:
    drawn = _t("、").join(str(user) for user in row.inspectors.order_by("pk"))
    found: list[tuple[str, object]] = [
        (_t("检查对象"), units.name_of(row.about_id)),
        (_t("所在网格、社区"), within(row)),
        (_t("承担单位"), units.name_of(row.unit_id) if row.unit_id != row.about_id else ""),
        (_t("检查人员"), drawn),
        (_t("状态"), state_of(row)),
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
        except (NotAllowed, Conflict, BadPicture) as error:
            form.add_error(None, str(error))
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
