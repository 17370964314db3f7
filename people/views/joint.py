"""联户单位, on desk and phone: the list, forming one, its households and its head."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, units
from governance.access import StaffRequest, needs
from governance.surfaces import show, to
from people import access, joint, person_page
from people.errors import NotAllowed
from people.forms import first_fault
from people.models import Household, JointMember, JointUnit, Residency
from people.tenancy_forms import HeadForm, JointForm
from people.views.persons import house_search, next_url
from people.visits import grids_of

PAGE = 50


@needs("joint.see")
@require_GET
def listing(request: StaffRequest) -> HttpResponse:
    user, asked = request.user, request.GET
    rows = joint.visible_joint_units(user)
    grid = asked.get("grid", "")
    if grid.isdecimal():
        rows = rows.filter(grid=int(grid))
    if asked.get("after", "").isdecimal():
        rows = rows.filter(pk__gt=int(asked["after"]))
    here = Q(members__ended_on=None, members__household__ended_on=None)
    found = list(rows.annotate(size=Count("members", filter=here)).order_by("pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    heads = joint.heads(found[:PAGE])
    context = {
        "rows": [
            {
                "url": to(request, "people:joint_unit", row.pk),
                "name": row.name,
                "grid": units.name_of(row.grid_id),
                "head": str(heads.get(row.head_id, "—")),
                "size": row.size,
            }
            for row in found[:PAGE]
        ],
        "grids": [(pk, name, str(pk) == grid) for pk, name in grids_of(user, joint.SEE)],
        "filtered": bool(grid),
        "next_url": next_url(request, more) if more else "",
        "new_url": to(request, "people:joint_where") if may_form(request) else "",
        "back_url": to(request, "people:list"),
    }
    return show(request, "people/joint.html", context)


def may_form(request: StaffRequest) -> bool:
    return bool(access.places(request.user, joint.PERMISSION))


def choices(request: StaffRequest, words: str, **where: Any) -> list[Household]:
    """Free households in the houses that the words name."""
    houses = list(house_search(request.user, words, joint.PERMISSION).values_list("pk", flat=True))
    rows = joint.free_households(request.user).filter(house__in=houses, **where)
    return list(rows.select_related("house__building").order_by("house", "pk"))


@needs("joint.form")
@require_GET
def where(request: StaffRequest) -> HttpResponse:
    """The household with which a unit begins: that of its head."""
    words = request.GET.get("q", "").strip().replace("\x00", "")
    found = choices(request, words) if words else []
    context = {
        "words": words,
        "houses": [
            {
                "name": str(row.house),
                "grid": units.name_of(row.grid_id),
                "use": row.house.get_use_display(),
                "url": to(request, "people:joint_new", row.pk),
            }
            for row in found
        ],
        "list_url": to(request, "people:joint"),
    }
    return show(request, "people/houses.html", context)


@needs("joint.form")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, household: int) -> HttpResponse:
    rows = joint.free_households(request.user).filter(pk=household)
    home = rows.select_related("house__building").first()
    if home is None:
        raise Http404
    living = home.residencies.filter(ended_on=None).select_related("person__data_key")
    homes = {row.pk: row for row in living.order_by("pk")}
    form = JointForm(request.POST or None, homes=named(homes.values()))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            unit = joint.form(homes[given["head"]], given["name"], by=request.user, now=clock.now())
        except NotAllowed as error:
            form.blame(error)
        else:
            messages.success(request, _t("已成立联户单位，请加入其他住户。"))
            return redirect(to(request, "people:joint_unit", unit.pk))
    context = {
        "form": form,
        "house": person_page.line_of(home.house, home.grid_id),
        "back_url": to(request, "people:joint_where"),
    }
    return show(request, "people/joint_new.html", context, 400 if form.errors else 200)


def named(homes: Any) -> list[tuple[int, str]]:
    return [(row.pk, f"{row.person} · {row.get_relation_display()}") for row in homes]


@needs("joint.see")
@require_GET
def page(request: StaffRequest, pk: int) -> HttpResponse:
    unit = joint.joint_unit_for(request.user, pk)
    words = request.GET.get("q", "").strip().replace("\x00", "")
    may_change = access.covers(request.user, unit, joint.PERMISSION)
    found = choices(request, words, grid=unit.grid_id) if words and may_change else []
    living = list(joint.living_in(unit))
    head = next((row for row in living if row.person_id == unit.head_id), None)
    context = {
        "unit": unit,
        "grid": units.name_of(unit.grid_id),
        "head": str(head.person) if head else "",
        "head_url": to(request, "people:person", unit.head_id) if head else "",
        "members": [
            {
                "house": str(row.household.house),
                "since": row.began_on,
                "url": to(request, "people:joint_release", row.pk) if may_change else "",
            }
            for row in joint.members(unit)
        ],
        "words": words,
        "found": [
            {"house": str(row.house), "url": to(request, "people:joint_admit", pk, row.pk)}
            for row in found
        ],
        "may_change": may_change,
        "head_form": HeadForm(homes=named(living)),
        "urls": {
            "head": to(request, "people:joint_head", pk),
            "dissolve": to(request, "people:joint_dissolve", pk),
        },
        "back_url": to(request, "people:joint"),
    }
    return show(request, "people/joint_unit.html", context)


@needs("joint.form")
@require_POST
def admit(request: StaffRequest, pk: int, household: int) -> HttpResponse:
    unit = joint.joint_unit_for(request.user, pk)
    home = access.households(request.user, joint.PERMISSION).filter(pk=household).first()
    if home is None:
        raise Http404
    try:
        joint.admit(unit, home, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已加入联户单位。"))
    return redirect(to(request, "people:joint_unit", pk))


@needs("joint.form")
@require_POST
def release(request: StaffRequest, pk: int) -> HttpResponse:
    rows = JointMember.objects.filter(unit__in=joint.visible_joint_units(request.user), pk=pk)
    row = rows.select_related("unit", "household").first()
    if row is None:
        raise Http404
    try:
        joint.release(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已退出联户单位。"))
    return redirect(to(request, "people:joint_unit", row.unit_id))


@needs("joint.form")
@require_POST
def head(request: StaffRequest, pk: int) -> HttpResponse:
    unit = joint.joint_unit_for(request.user, pk)
    homes: dict[int, Residency] = {row.pk: row for row in joint.living_in(unit)}
    form = HeadForm(request.POST, homes=named(homes.values()))
    if form.is_valid():
        home = homes[form.cleaned_data["head"]]
        try:
            joint.name_head(unit, home, by=request.user, now=clock.now())
        except NotAllowed as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _t("已保存。"))
    else:
        messages.error(request, first_fault([form]))
    return redirect(to(request, "people:joint_unit", pk))


@needs("joint.form")
@require_POST
def dissolve(request: StaffRequest, pk: int) -> HttpResponse:
    unit: JointUnit = joint.joint_unit_for(request.user, pk)
    try:
        joint.dissolve(unit, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(to(request, "people:joint_unit", pk))
    messages.success(request, _t("已撤销联户单位。"))
    return redirect(to(request, "people:joint"))
