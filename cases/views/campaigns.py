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
    deadlines,
    joint_calls,
    spot_checks,
)
from cases.campaign_forms import (
    DrawForm,
    LaunchForm,
    PlanForm,
    SpotForm,
)
from cases.campaign_page import Progress
from cases.errors import NotAllowed
from cases.models import (
    Campaign,
    CampaignKind,
    CampaignState,
    CampaignTask,
    JointCall,
    TaskState,
)
from cases.submissions import Conflict
from governance import clock, permissions, surfaces, units
from governance.access import StaffRequest, needs, record_look
from governance.surfaces import surface, to

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
