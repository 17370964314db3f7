"""走访, on desk and phone: today's list, one form for several aims, plans, coverage, the sheets."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, permissions, units
from governance.access import StaffRequest, needs, record_look
from governance.models import Unit
from governance.surfaces import show, surface, to
from people import access, person_page, sheets, visits
from people.errors import NotAllowed
from people.forms import RevealForm
from people.models import Household, Sheet, Visit, VisitPlan
from people.visit_forms import CommentForm, PlanForm, VisitForm

COVERED_WEEKS = 13
LONGEST = 200


@needs("visit.see")
@require_GET
def today(request: StaffRequest) -> HttpResponse:
    """Who is to be visited, by building and floor; and how much of each grid was."""
    user, day = request.user, clock.today()
    grids, may = visits.grids_of(user), permissions.may(user, visits.PERMISSION)
    asked = request.GET.get("grid", "")
    grid_id = int(asked) if asked.isdecimal() and int(asked) in dict(grids) else None
    turns = visits.today(user, day, grid_id, LONGEST)
    full = len(turns) == LONGEST
    count = visits.how_many(user, day, grid_id) if full else len(turns)
    context = {
        "buildings": [
            {"name": name, "turns": [turn_of(request, turn, may=may) for turn in found]}
            for name, found in groupby(turns, key=lambda t: str(t.household.house.building))
        ],
        "count": count,
        "more": count > LONGEST,
        "grids": [(pk, name, pk == grid_id) for pk, name in grids],
        "coverage": coverage_of(user, day - timedelta(weeks=COVERED_WEEKS)),
        "weeks": COVERED_WEEKS,
        "plans_url": to(request, "people:visit_plans"),
        "sheets_url": to(request, "people:sheets"),
        "list_url": to(request, "people:list") if permissions.may(user, "person.see") else "",
    }
    return show(request, "people/visits_today.html", context)


def turn_of(request: HttpRequest, turn: visits.Turn, *, may: bool) -> dict[str, Any]:
    house = turn.household.house
    return {
        "place": f"{house.unit_no}-{house.room}" if house.unit_no else house.room,
        "floor": house.floor,
        "url": to(request, "people:visit_new", turn.household.pk) if may else "",
        "last": turn.last,
        "reasons": turn.reasons,
        "follow_up": turn.follow_up,
        "agreed": turn.agreed,
    }


def coverage_of(user: Any, since: Any) -> list[dict[str, Any]]:
    return [
        {
            "grid": units.name_of(row.grid_id),
            "visited": row.visited,
            "households": row.households,
            "percent": round(100 * row.visited / row.households),
        }
        for row in visits.coverage(user, since)
    ]


@needs("visit.make")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, household: int) -> HttpResponse:
    """One form for all that a visit was for."""
    user, now = request.user, clock.now()
    row = household_for(request, household)
    form = VisitForm(request.POST or None, initial={"key": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            made = visits.visit(row, **form.given(), by=user, now=now)
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已记录，编号 %(number)s。") % {"number": made.number})
            return redirect(to(request, "people:visit", made.number))
    context = {
        "form": form,
        "place": place_of(row),
        "members": members_of(request, row),
        "history": history_of(request, row),
        "back_url": to(request, "people:visits"),
    }
    return show(request, "people/visit_new.html", context, 400 if form.errors else 200)


def household_for(request: StaffRequest, pk: int) -> Household:
    rows = access.households(request.user, visits.PERMISSION).filter(pk=pk)
    found = rows.select_related("house__building").first()
    if found is None:
        raise Http404
    return found


def place_of(row: Household) -> str:
    return person_page.line_of(row.house, row.grid_id)


def members_of(request: StaffRequest, row: Household) -> list[dict[str, Any]]:
    """Who lives there, masked; their pages for who sees people."""
    if not permissions.may(request.user, "person.see"):
        return []
    homes = row.residencies.filter(ended_on=None).select_related("person__data_key")
    return [
        {
            "name": str(home.person),
            "relation": home.get_relation_display(),
            "url": to(request, "people:person", home.person_id),
        }
        for home in homes.order_by("pk")
    ]


def history_of(request: StaffRequest, row: Household) -> list[dict[str, Any]]:
    rows = list(visits.history(request.user, row))
    made = visits.made(request.user, [visit.pk for visit in rows], surface(request))
    return [entry_of(request, visit, made[visit.pk]) for visit in rows]


def entry_of(request: HttpRequest, row: Visit, made: list[visits.Made]) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": to(request, "people:visit", row.number),
        "at": row.visited_at,
        "by": str(row.by),
        "aims": visits.as_text(row),
        "skipped": row.get_skipped_display(),
        "follow_up_on": row.follow_up_on,
        "kept": row.followed_at is not None,
        "made": made,
    }


@needs("visit.see")
@require_GET
def page(request: StaffRequest, number: str) -> HttpResponse:
    """A visit, what became of it, and how it goes on. What was said stands there for who wrote it
    down; others see it by `reveal`."""
    row = visit_for(request, number)
    reason = _t("查看走访 %(number)s") % {"number": number}
    return opened(request, row, reason if row.by_id == request.user.pk else "")


@needs("visit.see")
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """The visit with what was said, after the look was written down with its reason."""
    row = visit_for(request, number)
    form = RevealForm(request.POST, user=request.user)
    if not form.is_valid():
        return opened(request, row, form=form)
    return opened(request, row, form.reason())


def visit_for(request: StaffRequest, number: str) -> Visit:
    rows = visits.visible(request.user).select_related("by", "words__data_key")
    row = rows.filter(number=number).first() if number.isalnum() else None
    if row is None:
        raise Http404
    return row


def opened(
    request: StaffRequest, row: Visit, reason: str = "", form: RevealForm | None = None
) -> HttpResponse:
    """What was said is shown with a reason, which is a look that is written down."""
    note, hidden = "", row.words is not None
    if row.words is not None and reason:
        record_look(
            request.user,
            model="people.VisitWords",
            object_id=row.words_id,
            columns=["note"],
            reason=reason,
            now=clock.now(),
        )
        note, hidden = row.words.note.reveal() if row.words.note else "", False
    home = Household.objects.select_related("house__building").get(pk=row.household_id)
    made = visits.made(request.user, [row.pk], surface(request))
    context = {
        **entry_of(request, row, made[row.pk]),
        "place": place_of(home),
        "note": note,
        "reveal": form or RevealForm(user=request.user),
        "reveal_url": to(request, "people:visit_reveal", row.number) if hidden else "",
        "ways": visits.ways(request.user, row, note, surface(request)),
        "again_url": to(request, "people:visit_new", row.household_id),
        "ended": home.ended_on is not None,
        "back_url": to(request, "people:visits"),
    }
    response = show(request, "people/visit.html", context, 400 if form else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


# Plans ------------------------------------------------------------------------------------------


@needs("visit.see", post=visits.PLAN)
@require_http_methods(["GET", "POST"])
def plans(request: StaffRequest) -> HttpResponse:
    """The plans that hold here; a new one for who may."""
    user = request.user
    may = permissions.may(user, visits.PLAN)
    form = PlanForm(request.POST or None, user=user) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        given = form.given()
        unit = Unit.objects.get(pk=given.pop("unit"))
        try:
            visits.plan(unit, **given, by=user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已制定走访计划。"))
            return redirect(to(request, "people:visit_plans"))
    context = {
        "form": form,
        "plans": [plan_of(request, row) for row in visits.plans(user, clock.today())],
        "back_url": to(request, "people:visits"),
    }
    return show(request, "people/visit_plans.html", context, 400 if form and form.errors else 200)


@needs("visit.plan")
@require_POST
def plan_end(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        row = visits.end_plan(pk, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已停止走访计划：%(name)s。") % {"name": row.name})
    return redirect(to(request, "people:visit_plans"))


def plan_of(request: StaffRequest, row: VisitPlan) -> dict[str, Any]:
    where = next(filter(None, (row.grid_id, row.community_id, row.street_id, row.district_id)))
    return {
        "name": row.name,
        "unit": units.name_of(where),
        "aims": visits.as_text(row),
        "weeks": row.every_weeks,
        "begins_on": row.begins_on,
        "ends_on": row.ends_on,
        "end_url": to(request, "people:visit_plan_end", row.pk)
        if access.covers(request.user, row, visits.PLAN)
        else "",
    }


# Sheets -----------------------------------------------------------------------------------------


@needs("visit.see")
@require_GET
def sheet_list(request: StaffRequest) -> HttpResponse:
    rows = sheets.visible(request.user).order_by("-begins_on", "period", "grid")[:LONGEST]
    context = {
        "sheets": [
            {
                "title": str(row),
                "grid": units.name_of(row.grid_id),
                "commented": bool(row.comment),
                "url": to(request, "people:sheet", row.pk),
            }
            for row in rows
        ],
        "back_url": to(request, "people:visits"),
    }
    return show(request, "people/sheets.html", context)


@needs("visit.see", post=sheets.PERMISSION)
@require_http_methods(["GET", "POST"])
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """The figures, and the worker's words; printable."""
    row = sheets.visible(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    form = CommentForm(request.POST or None, initial={"comment": row.comment})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["comment"]
        try:
            sheets.comment(row, given, by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已保存说明。"))
            return redirect(to(request, "people:sheet", pk))
    context = {
        "sheet": row,
        "grid": units.name_of(row.grid_id),
        "figures": figures_of(row),
        "form": form if access.covers(request.user, row, sheets.PERMISSION) else None,
        "back_url": to(request, "people:sheets"),
    }
    return show(request, "people/sheet.html", context, 400 if form.errors else 200)


def figures_of(row: Sheet) -> list[dict[str, Any]]:
    """As they were computed; a figure that is computed no more keeps its name."""
    return [
        {
            "label": sheets.FIGURES[told["name"]].label
            if told["name"] in sheets.FIGURES
            else told["name"],
            "value": told["value"],
            "of": told["of"],
        }
        for told in row.figures
    ]
