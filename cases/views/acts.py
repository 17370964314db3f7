"""The page of a case and its moves, on the desk and on the phone: what is offered, the form of a
move, the move itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t

from cases import (
    access,
    case_page,
    dispatch,
    duplicates,
    facilities,
    feedback,
    items,
    papers,
    photos,
    reviews,
    texts,
    visits,
    workflow,
)
from cases.act_forms import PROVED, ActionForm
from cases.errors import Changed, NotAllowed
from cases.forms import typed
from cases.matters import BESIDE_ROWS, dispute, kept, matters
from cases.models import Case, PhotoKind, State
from cases.moves import BY_ACTION, FORWARD, Action, Move
from cases.views.partials import partial
from governance import clock, units
from governance.access import StaffRequest
from governance.models import User
from governance.uploads import BadPicture
from grids import geo


def page_context(
    request: StaffRequest,
    case: Case,
    prefix: str,
    failed: ActionForm | None = None,
    *,
    revealed: bool = False,
) -> dict[str, Any]:
    """What the page of a case shows; `failed` is a move's form that came back with errors."""
    user, now = request.user, clock.now()
    lines = case_page.lines(case)
    happened = {line.action for line in lines}
    offered = [move for move in workflow.allowed(case, user, now) if move.action not in BESIDE_ROWS]
    offered.sort(key=lambda move: move.action in STYLES)
    hanging = matters(case, user, now, happened, prefix)
    beside, photos_left = case_page.beside(hanging, case_page.photos(case, user))
    makes = papers.kinds_for(user, case)
    return {
        "case": case_page.facts(case),
        "papers": kept(case, user) if papers.LINE in happened else [],
        "paper_choices": papers.choices(makes, beside["findings"]) if makes else [],
        "dispute": dispute(case, user, happened, prefix),
        "clocks": case_page.clocks(case, now),
        "actions": [button(case, move, prefix) for move in offered if move.action in FORWARD],
        "other_actions": [
            button(case, move, prefix) for move in offered if move.action not in FORWARD
        ],
        "review_url": review_url(case, user, prefix),
        "reviews": reviews_of(case, user, prefix) if reviews.OPENED in happened else [],
        "similar_url": similar_url(case, offered, prefix),
        "failed": failed and dialog(failed, prefix, opened=True),
        "reporter": case_page.reporter(case, user, revealed=revealed),
        "photos": photos_left,
        "reports": [
            {
                **report,
                "photos": [
                    case_page.photo_of(photo, publishes=False) for photo in report["photos"]
                ],
            }
            for report in case_page.reports(case, user, happened)
        ],
        "timeline": case_page.timeline(lines),
        "nearby": case_page.nearby(case, user, prefix),
        "facility": facilities.of_case(case, user, prefix),
        "visit": visits.origin(case.visit_id, user, prefix),
        "point": case_page.point(case),
        "boundary_url": boundary_url(case),
        **beside,
    }


def review_url(case: Case, user: User, prefix: str) -> str:
    """Where a closed case that went wrong is opened for review: the desk's."""
    wanted = reviews.grounds(case) and access.may_act(user, case, reviews.PERMISSION)
    return reverse("desk:review_new", args=[case.number]) if wanted and prefix == "/cases/" else ""


def reviews_of(case: Case, user: User, prefix: str) -> list[dict[str, Any]]:
    """The reviews of this case that the user may read, the own one among them."""
    room = "phone" if prefix.startswith("/m/") else "desk"
    rows = reviews.visible_to(user).filter(case=case).select_related("answerable")
    return [
        {
            "url": reverse(f"{room}:review", args=[row.pk]),
            "ground": row.get_ground_display(),
            "answerable": str(row.answerable),
            "waits": row.answerable_id == user.pk and row.replied_at is None and not row.ended_at,
        }
        for row in rows
    ]


def similar_url(case: Case, offered: list[Move], prefix: str) -> str:
    """Where the page asks for what a new case may repeat, while it can be joined."""
    joins = any(move.action == Action.JOIN for move in offered)
    wanted = case.state == State.REPORTED and joins
    return f"{prefix}{case.number}/similar/" if wanted else ""


# Forms too long for a dialog open as a page.
LONG = {Action.CORRECT, Action.SPLIT, Action.CONSULT, Action.WHISTLE}


def button(case: Case, move: Move, prefix: str) -> dict[str, Any]:
    """What opens the form of a move."""
    return {
        "code": move.action.value,
        "label": label_of(move),
        "style": STYLES.get(move.action, "outline-primary"),
        "url": f"{prefix}{case.number}/{move.action}/",
        # the form opens for the case as the page shows it, or not at all
        "opens": f"{prefix}{case.number}/{move.action}/?version={case.version}",
        "long": move.action in LONG,
    }


def label_of(move: Move) -> Any:
    """Staff write down what the reporter told them."""
    return _t("代录评价") if move.action == Action.RATE else move.action.label


SUGGESTED = 5
STYLES = dict.fromkeys(
    ("refuse", "return", "fail", "deny", "force_close", "join", "unjoin"), "outline-danger"
)


def dialog(form: ActionForm, prefix: str, *, opened: bool = False) -> dict[str, Any]:
    """The form of a move with what is shown beside its fields."""
    move, case = form.move, form.case
    facts = items.facts(case.item_id)
    hints = {
        "accept": (_t("立案条件"), facts.admission),
        "finish": (_t("结案条件"), facts.closing),
        "verify": (_t("结案条件"), facts.closing),
    }
    name, condition = hints.get(move.action, ("", ""))
    return {
        **button(case, move, prefix),
        "form": form,
        "version": case.version,
        "hint": _t("%(name)s：%(text)s") % {"name": name, "text": condition} if condition else "",
        "open": opened,
        "candidates": candidates(form),
        "other_departments": others(form),
        "texts": texts.offered(case, move.action) if "note" in form.fields else [],
        "frames": feedback.frames(case, move.action),
        "repeats": repeats(form, prefix),
        "back": f"{prefix}{case.number}/",
    }


def repeats(form: ActionForm, prefix: str) -> list[dict[str, Any]]:
    """The open cases that this one may repeat, with the reasons."""
    return [repeat(found, prefix) for found in form.repeats]


def show_repeats(request: StaffRequest, found: list[duplicates.Found], prefix: str) -> HttpResponse:
    """The part of a page that shows them."""
    context = {"repeats": [repeat(one, prefix) for one in found]}
    return render(request, "includes/similar.html", context)


def repeat(found: duplicates.Found, prefix: str) -> dict[str, Any]:
    return {
        "number": found.number,
        "url": f"{prefix}{found.number}/",
        "item": items.facts(found.item_id).title,
        "state": State(found.state).label,
        "description": found.description,
        "place": found.place,
        "reasons": [duplicates.sentence(reason) for reason in found.reasons],
    }


def candidates(form: ActionForm) -> list[dict[str, Any]]:
    """The best departments with their reasons; the rest stand in a select."""
    return [
        {
            "department": " · ".join(filter(None, (c.name, c.handler))),
            "reasons": [dispatch.sentence(reason) for reason in c.reasons],
            "load": "",
            "value": c.department_id,
        }
        for c in form.candidates[:SUGGESTED]
    ]


def others(form: ActionForm) -> list[tuple[int, str]]:
    """The departments that are not suggested."""
    return [(c.department_id, c.name) for c in form.candidates[SUGGESTED:]]


def boundary_url(case: Case) -> str:
    if case.grid_id is None:
        return ""
    return f"{reverse('grids:boundaries')}?{urlencode({'unit': case.grid_id})}"


def do_act(
    request: StaffRequest, number: str, code: str, prefix: str, templates: str
) -> HttpResponse:
    """The form of a move, and the move: back to the case, or the page with what was wrong."""
    case = access.case_for(request.user, number)
    move = BY_ACTION.get(code)
    if move is None:
        raise Http404
    if request.method == "GET":
        return show_form(request, case, move, prefix, templates)
    form = ActionForm(request.POST, request.FILES, move=move, case=case, user=request.user)
    status, overtaken = 400, ""
    if form.is_valid():
        try:
            case = move_on(request, case, form)
        except NotAllowed as error:
            form.add_error(None, str(error))
            status = 409
        except BadPicture as error:
            form.add_error("photos", str(error))
        except Changed as error:
            status, overtaken = 409, str(error)
        else:
            messages.success(request, done(case, move))
            # a department that sent a case back sees it no more
            there = access.sees(request.user, case)
            return redirect(f"{prefix}{number}/" if there else prefix_home(prefix))
    case = form.case = access.case_for(request.user, number)
    left = typed(form)
    if move not in workflow.allowed(case, request.user, clock.now()):
        faults = [str(fault) for field in form.errors.values() for fault in field]
        if overtaken or left:
            detail = overtaken or _t("；").join(faults)
            shown = {"detail": detail, "url": f"{prefix}{number}/", "typed": left}
            return render(request, "409.html", shown, status=409)
        messages.error(request, _t("；").join(faults))
        return render(
            request, f"{templates}/case.html", page_context(request, case, prefix), status=status
        )
    if overtaken:  # sent once more, with the new version, it is meant
        form.add_error(None, overtaken)
        if left:
            form.add_error(None, _t("您填写的内容还在下面，核对后可以再次提交。"))
        if request.FILES:
            form.add_error(None, _t("照片须重新选择。"))
    if move.action in LONG:
        context = {"action": dialog(form, prefix), **form_context(case)}
        return render(request, f"{templates}/act.html", context, status=status)
    context = page_context(request, case, prefix, failed=form)
    return render(request, f"{templates}/case.html", context, status=status)


def show_form(
    request: StaffRequest, case: Case, move: Move, prefix: str, templates: str
) -> HttpResponse:
    """The form of a move: as a dialog for the page that asks by htmx, else as a page of its own."""
    now, seen = clock.now(), request.GET.get("version", "")
    refused = ""
    if move not in workflow.allowed(case, request.user, now):
        refused = workflow.why_not(case, move, request.user, now)
    if seen.isdecimal() and int(seen) != case.version:
        refused = workflow.changed_by(case)
    if refused:
        messages.error(request, refused)
        return lead_to(request, f"{prefix}{case.number}/")
    about = {name: request.GET[key] for key, name in ABOUT.items() if key in request.GET}
    form = ActionForm(move=move, case=case, user=request.user, initial=about)
    context = {"action": dialog(form, prefix, opened=True), **form_context(case)}
    return render(request, partial(request, f"{templates}/act.html", "dialog"), context)


def lead_to(request: StaffRequest, url: str) -> HttpResponse:
    """Another page, also for who asked for a part of this one."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


# What a button says of the row that its move is about.
ABOUT = {"task": "task", "finding": "finding_id", "unit": "unit_id", "user": "user_id"}


def form_context(case: Case) -> dict[str, Any]:
    return {
        "case": case_page.facts(case),
        "point": case_page.point(case),
        "boundary_url": reverse("grids:boundaries"),
        "map_extent": geo.extent({("grid_id", case.grid_id)} if case.grid_id else ()),
    }


def done(case: Case, move: Move) -> str:
    """What was done, also where the platform went on by itself."""
    if move.action == Action.ACCEPT and case.department_id:
        name = units.name_of(case.department_id)
        return _t("已受理，并自动派遣给%(department)s。") % {"department": name}
    return _t("已完成：%(action)s。") % {"action": move.action.label}


def move_on(request: StaffRequest, case: Case, form: ActionForm) -> Case:
    """Pictures and move together: neither without the other."""
    now, files = clock.now(), form.cleaned_data.get("photos", [])
    given, action, by = form.given(), form.move.action, request.user
    with photos.beside(files):
        if action not in PROVED:  # the move may ask for them
            for file in files:
                task_id = given.get("task_id")
                photos.add(case, file, kind=PhotoKind.AFTER, by=by, now=now, task_id=task_id)
        case = workflow.take(case, action, by=by, now=now, **given)
        if action in PROVED:  # they go with the request that it makes
            for file in files:
                photos.add(case, file, kind=PhotoKind.PROOF, by=by, now=now)
        return case


def prefix_home(prefix: str) -> str:
    return reverse("phone:tasks") if prefix.startswith("/m/") else reverse("desk:queue")
