"""办事代办, on the desk and on the phone: the list, the guide with its form, and a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import (
    access,
    entrusting,
    papers,
    photos,
    service_items,
    service_papers,
    services,
    visits,
)
from cases.entrusting import Mandate
from cases.errors import Changed, NotAllowed
from cases.forms import RevealForm, typed
from cases.models import Case, ServiceRequest, ServiceState, ServiceStep
from cases.schemas import BadAnswers
from cases.service_forms import EntrustForm, MaterialsForm, MoveForm
from cases.service_items import ServiceFacts
from cases.service_moves import BY_ACTION, GOING, LABELS, ServiceAction, ServiceMove
from cases.submissions import Conflict
from governance import clock, permissions, surfaces, units
from governance.access import StaffRequest, needs
from governance.models import User
from governance.surfaces import to
from governance.uploads import BadPicture
from governance.workcalendar import LimitUnit
from people.models import Visit

LONGEST = 100
S = ServiceState
# Moves that do not bring a request on: their forms are folded.
ASIDE = {ServiceAction.ASK, ServiceAction.TERMINATE, ServiceAction.WITHDRAW}
TABS: dict[str, tuple[Any, tuple[ServiceState, ...]]] = {
    "going": (_("在办"), GOING),
    **{state.value: (state.label, (state,)) for state in GOING},
    S.DELIVERED.value: (S.DELIVERED.label, (S.DELIVERED,)),
    S.ARCHIVED.value: (_("待回访"), (S.ARCHIVED,)),
    "ended": (_("已结束"), (S.VISITED, S.TERMINATED, S.WITHDRAWN)),
}


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {**context, "services_url": to(request, "services")}
    return surfaces.show(request, f"services/{template}.html", context, status)


# The list ---------------------------------------------------------------------------------------


@needs("service.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    """Tabs by state, those that are due first in front; of one item when asked."""
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else "going"
    code = request.GET.get("item", "")
    item = next((i for i in service_items.items().values() if i.code == code), None)
    rows = services.visible_services(request.user)
    if item is not None:
        rows = rows.filter(item=item.pk)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    now = clock.now()
    found = (
        rows.filter(state__in=TABS[tab][1])
        .select_related("applicant__data_key")
        .order_by(F("due_at").asc(nulls_last=True), "-pk")[:LONGEST]
    )
    context = {
        "tabs": [tab_link(request, key, tab, code, counts) for key in TABS],
        "tab": tab,
        "rows": [row_of(request, row, late=bool(row.due_at and row.due_at < now)) for row in found],
        "items": [(i.code, i.title, i.code == code) for i in service_items.items().values()],
        "may_entrust": permissions.may(request.user, "service.entrust"),
        "guide_url": to(request, "service_guide"),
    }
    return show(request, "list", context)


def tab_link(
    request: HttpRequest, key: str, active: str, code: str, counts: dict[str, int]
) -> dict[str, Any]:
    label, states = TABS[key]
    asked = {"tab": key, **({"item": code} if code else {})}
    return {
        "label": label,
        "count": sum(counts.get(state, 0) for state in states),
        "url": f"{request.path}?{urlencode(asked)}",
        "active": key == active,
    }


def row_of(request: HttpRequest, row: ServiceRequest, *, late: bool) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": to(request, "service", row.number),
        "item": service_items.facts(row.item_id).title,
        "applicant": row.applicant.name.masked if row.applicant.name else "—",
        "place": units.name_of(row.grid_id or row.community_id),
        "department": units.name_of(row.department_id),
        "state": row.get_state_display(),
        "due_at": row.due_at,
        "late": late,
    }


# Entrusting -------------------------------------------------------------------------------------


@needs("service.see")
@require_GET
def guide(request: StaffRequest) -> HttpResponse:
    """What can be done, by department."""
    case, visit = case_of(request), visit_of(request)
    asked = asked_for(case, visit)
    by_department: dict[int, list[dict[str, Any]]] = {}
    for item in service_items.active():
        url = f"{to(request, 'service_new', item.code)}{asked}"
        entry = {"title": item.title, "url": url, "limit": limit_of(item)}
        by_department.setdefault(item.department_id, []).append(entry)
    groups = [(units.name_of(pk), entries) for pk, entries in by_department.items()]
    return show(request, "guide", {"groups": groups, "case": case, "visit": visit_note(visit)})


@needs("service.entrust")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, code: str) -> HttpResponse:
    """The guide beside the form."""
    item, case, visit = service_items.by_code(code), case_of(request), visit_of(request)
    if item is None:
        raise Http404
    came_from = case or visit
    form = EntrustForm(
        request.POST or None,
        request.FILES or None,
        item=item,
        grids=entrusting.grids_of(request.user),
        reporter=case is not None and case.reporter is not None,
        residents=visits.choices(visits.residents(request.user, visit)) if visit else (),
        initial={"key": uuid4(), "grid": came_from.grid_id if came_from else None},
    )
    if request.method == "POST" and form.is_valid():
        made = entrust(request, item, form, case, visit)
        if made is not None:
            messages.success(request, _t("已接受委托，编号 %(number)s。") % {"number": made.number})
            return redirect(to(request, "service", made.number))
    words = visits.words_of(visit, request.user, clock.now()) if visit else ""
    if visit is not None:
        form.begin(visits.door(visit).place, words)
    context = {
        "item": item,
        "facts": guide_facts(item),
        "form": form,
        "case": case,
        "visit": visit_note(visit),
        "words": words,
        "guide_url": f"{to(request, 'service_guide')}{asked_for(case, visit)}",
    }
    response = show(request, "new", context, status=400 if form.errors else 200)
    if visit is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def case_of(request: StaffRequest) -> Case | None:
    """The case that is handed over, `?case=` of the address; 404 for one that this user may not."""
    number = request.GET.get("case", "")
    if not number:
        return None
    case = access.case_for(request.user, number)
    if not entrusting.may_hand_over(request.user, case):
        raise Http404
    return case


def visit_of(request: StaffRequest) -> Visit | None:
    """The visit at which it was asked for, `?visit=`; 404 for one that this user may not see."""
    number = request.GET.get("visit", "")
    return visits.visit_for(request.user, number) if number else None


def visit_note(visit: Visit | None) -> dict[str, str] | None:
    return {"number": visit.number} if visit else None


def asked_for(case: Case | None, visit: Visit | None) -> str:
    """The query that carries on where a mandate comes from: numbers only."""
    known = {"case": case and case.number, "visit": visit and visit.number}
    query = urlencode({name: number for name, number in known.items() if number})
    return f"?{query}" if query else ""


def entrust(
    request: StaffRequest,
    item: ServiceFacts,
    form: EntrustForm,
    case: Case | None,
    visit: Visit | None,
) -> ServiceRequest | None:
    """The new request; None puts the reason into the form."""
    try:
        mandate = Mandate(
            item=item,
            name=form.cleaned_data["name"],
            phone=form.cleaned_data["phone"],
            answers=form.answers(),
            materials=tuple(form.brought()),
            grid_id=form.grid_id(),
            case=case,
            visit=visit,
            resident_id=form.cleaned_data.get("resident"),
        )
        key = form.cleaned_data["key"]
        return entrusting.entrust(mandate, by=request.user, now=clock.now(), key=key)
    except BadAnswers as error:
        form.blame(dict(error.faults))
    except (NotAllowed, Conflict, BadPicture) as error:
        form.add_error(None, str(error))
    return None


def limit_of(item: ServiceFacts) -> str:
    return f"{item.days} {LimitUnit(item.unit).label}"


def guide_facts(item: ServiceFacts) -> list[tuple[str, str]]:
    return [
        (_t("承办部门"), units.name_of(item.department_id)),
        (_t("受理条件"), item.conditions),
        (_t("办理时限"), limit_of(item)),
        (_t("收费"), _t("不收费")),
    ]


# One request ------------------------------------------------------------------------------------


@needs("service.see")
@require_GET
def page(request: StaffRequest, number: str) -> HttpResponse:
    return page_of(request, services.request_for(request.user, number))


def page_of(
    request: StaffRequest,
    row: ServiceRequest,
    *,
    failed: MoveForm | None = None,
    left: Sequence[tuple[str, str]] = (),
    revealed: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`failed` is a move's form that came back with errors, `left` what was typed in one that is
    offered no more."""
    item = service_items.facts(row.item_id)
    user = request.user
    reveals = services.may_act(user, row, "service.reveal")
    brings = row.state in {S.ENTRUSTED, S.SUPPLEMENT} and services.may_act(
        user, row, "service.entrust"
    )
    context = {
        "number": row.number,
        "typed": left,
        "title": item.title,
        "state": row.get_state_display(),
        "facts": facts_of(row),
        "case": row.case,
        "case_url": case_url(request, row),
        "of_visit": row.visit_id is not None,
        "visit": visits.origin(row.visit_id, user, request.path),
        "guide": guide_facts(item),
        "person": revealed or masked(row),
        "revealed": revealed is not None,
        "reveal_url": to(request, "service_reveal", row.number) if reveals else "",
        "materials": materials_of(request, row, item, reveals=reveals),
        "bring": MaterialsForm(item=item) if brings else None,
        "bring_url": to(request, "service_bring", row.number),
        "papers": papers_of(row, user),
        "paper_choices": [(kind.value, kind.label) for kind in service_papers.kinds_for(user, row)],
        "paper_url": to(request, "service_paper_make", row.number),
        "moves": [move_of(request, row, move, failed) for move in services.allowed(row, user)],
        "steps": [step_of(step) for step in row.steps.select_related("by").order_by("-pk")],
    }
    response = show(request, "request", context, status=status)
    if revealed is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def case_url(request: StaffRequest, row: ServiceRequest) -> str:
    """Where it came from, for who sees it there."""
    sees = row.case is not None and access.sees(request.user, row.case)
    return to(request, "case", row.case.number) if sees and row.case else ""


def facts_of(row: ServiceRequest) -> list[tuple[str, object]]:
    """Label and value; a moment is shown as one by the template."""
    found: list[tuple[str, object]] = [
        (_t("承办部门"), units.name_of(row.department_id)),
        (_t("所在网格"), units.name_of(row.grid_id or row.community_id)),
        (_t("受托人"), str(row.entrusted_by)),
    ]
    if row.outcome:
        found.append((_t("办理结果"), row.get_outcome_display()))
    if row.kept is not None:
        found.append((_t("按期"), _t("是") if row.kept else _t("否")))
    if row.reason:
        found.append((_t("理由"), row.reason))
    if row.satisfied is not None:
        found.append((_t("满意与否"), _t("满意") if row.satisfied else _t("不满意")))
    moments = (
        (_t("委托时间"), row.entrusted_at),
        (_t("受理时间"), row.accepted_at),
        (_t("办理期限"), row.due_at),
        (_t("送达时间"), row.delivered_at),
    )
    return [*found, *((label, at) for label, at in moments if at)]


def masked(row: ServiceRequest) -> list[tuple[str, str]]:
    applicant = row.applicant
    return [
        (_t("姓名"), applicant.name.masked if applicant.name else "—"),
        (_t("电话"), applicant.phone.masked if applicant.phone else "—"),
    ]


def materials_of(
    request: HttpRequest, row: ServiceRequest, item: ServiceFacts, *, reveals: bool
) -> list[dict[str, Any]]:
    """The guide's materials, each with what was brought for it."""
    brought: dict[str, list[dict[str, Any]]] = {}
    for material in row.materials.order_by("pk"):
        shown = reveals and bool(material.file)
        url = to(request, "service_picture", row.number, material.uuid) if shown else ""
        brought.setdefault(material.name, []).append({"at": material.received_at, "url": url})
    listed = [
        {"name": m.name, "needed": m.needed, "note": m.note, "brought": brought.pop(m.name, [])}
        for m in item.materials
    ]
    # brought when the guide still asked for it
    return [
        *listed,
        *({"name": name, "needed": None, "brought": rows} for name, rows in brought.items()),
    ]


def papers_of(row: ServiceRequest, user: User) -> list[dict[str, Any]]:
    """Each names the applicant: without links for who may not see them."""
    links = service_papers.may_open(user, row)
    return [
        {
            "number": paper.number,
            "kind": paper.get_kind_display(),
            "by": str(paper.made_by),
            "at": paper.made_at,
            "url": reverse("desk:service_paper", args=[row.number, paper.pk]) if links else "",
        }
        for paper in service_papers.of_request(row)
    ]


def move_of(
    request: HttpRequest, row: ServiceRequest, move: ServiceMove, failed: MoveForm | None
) -> dict[str, Any]:
    own = failed is not None and failed.prefix == move.action.value
    return {
        "label": move.action.label,
        "why": move.why,
        "url": to(request, "service_act", row.number, move.action.value),
        "form": failed if own else MoveForm(move=move, initial={"version": row.version}),
        "open": own or move.action not in ASIDE,
    }


def step_of(step: ServiceStep) -> dict[str, Any]:
    return {
        "kind": step.action,
        "label": LABELS[step.action],
        "by": str(step.by) if step.by else _t("系统"),
        "at": step.at,
        "note": step.note,
    }


@needs("service.see")
@require_POST
def act(request: StaffRequest, number: str, code: str) -> HttpResponse:
    """Make a move; what is wrong with it stands beside its form, a second actor gets 409."""
    row = services.request_for(request.user, number)
    move = BY_ACTION.get(code)
    if move is None:
        raise Http404
    form = MoveForm(request.POST, move=move)
    status = 400
    if form.is_valid():
        try:
            services.take(row, code, by=request.user, now=clock.now(), **form.cleaned_data)
        except Changed as error:
            row, status = services.request_for(request.user, number), 409
            form.meant(row.version)
            form.add_error(None, str(error))
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _t("已完成：%(action)s。") % {"action": move.action.label})
            return redirect(to(request, "service", number))
    if move in services.allowed(row, request.user):
        return page_of(request, row, failed=form, status=status)
    messages.error(
        request, _t("；").join(str(why) for field in form.errors.values() for why in field)
    )
    return page_of(request, row, left=typed(form), status=status)


@needs("service.entrust")
@require_POST
def bring(request: StaffRequest, number: str) -> HttpResponse:
    """Materials that were brought later."""
    row = services.request_for(request.user, number)
    form = MaterialsForm(request.POST, request.FILES, item=service_items.facts(row.item_id))
    if form.is_valid() and (brought := form.brought()):
        try:
            entrusting.bring(row, brought, by=request.user, now=clock.now())
            messages.success(request, _t("材料已收下。"))
        except (NotAllowed, BadPicture) as error:
            messages.error(request, str(error))
    else:
        messages.error(request, _t("请勾选收到的材料，或附上照片。"))
    return redirect(to(request, "service", number))


@needs("service.reveal")
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """The applicant and the answers in clear, after the look was written down."""
    row = services.request_for(request.user, number)
    form = RevealForm(request.POST)
    if not form.is_valid():
        messages.error(request, _t("请写明查看的事由。"))
        return page_of(request, row, status=400)
    reason = form.cleaned_data["reason"]
    shown = services.reveal(row, by=request.user, now=clock.now(), reason=reason)
    return page_of(request, row, revealed=shown)


@needs("service.reveal")
@require_GET
def picture(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    """The picture of a material; it shows the person's papers, so the look is written down."""
    row = services.request_for(request.user, number)
    material = services.picture_of(row, key, by=request.user, now=clock.now())
    response = photos.download(material.file)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@needs("service.see")
@require_POST
def paper_make(request: StaffRequest, number: str) -> HttpResponse:
    row = services.request_for(request.user, number)
    if not service_papers.kinds_for(request.user, row):
        raise PermissionDenied
    kind = request.POST.get("paper", "")
    try:
        paper = service_papers.make(row, kind, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(to(request, "service", number))
    messages.success(request, _t("已制作：%(number)s。") % {"number": paper.number})
    return redirect("desk:service_paper", number, paper.pk)


@needs("service.see")
@require_GET
def paper(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    """As it would be printed."""
    found = service_papers.opened(request.user, number, key, clock.now())
    context = {
        "sheet": papers.sheet(found),
        "of_service": True,
        "back": reverse("desk:service", args=[number]),
        "file_url": reverse("desk:service_paper_file", args=[number, key]),
    }
    response = render(request, "cases/paper.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@needs("service.see")
@require_GET
def paper_file(request: StaffRequest, number: str, key: UUID) -> HttpResponse:
    return papers.download(service_papers.opened(request.user, number, key, clock.now()))
