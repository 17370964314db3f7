"""Buildings, with the plan of their houses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock, permissions, units
from governance.access import StaffRequest, needs
from grids import access, building_page, places
from grids.models import (
    Building,
    BuildingUse,
    Hazard,
)
from grids.place_forms import (
    BuildingFilter,
    BuildingForm,
    NewHouseForm,
    PlanForm,
)
from grids.views import place_pages as pages


@needs("place.see")
@require_GET
@vary_on_headers("HX-Request")
def buildings(request: StaffRequest) -> HttpResponse:
    """The buildings of one's own territory; those outside every grid stand under a tab."""
    tab = "no_grid" if request.GET.get("tab") == "no_grid" else "all"
    form = BuildingFilter(
        request.GET or None,
        places=access.places(request.user, "place.see"),
        initial={"tab": tab},
    )
    mine = places.buildings(request.user)
    rows = chosen(mine.filter(grid=None) if tab == "no_grid" else mine, form)
    page = building_page.page(
        rows, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    outside = mine.filter(grid=None).count()
    context = {
        "form": form,
        "tabs": [
            {"label": _t("全部楼栋"), "url": request.path, "active": tab == "all"},
            {
                "label": _t("不在任何网格内"),
                "url": f"{request.path}?tab=no_grid",
                "active": tab == "no_grid",
                "count": outside,
            },
        ],
        "tab": tab,
        "rows": [
            {**row, "url": pages.to(request, "building", row["pk"])}
            for row in building_page.summaries(page.rows)
        ],
        "new_url": pages.to(request, "building_new"),
        "import_url": import_url(request),
        "next_url": pages.address_of(request, after=page.next_key),
        "previous_url": pages.address_of(request, before=page.previous_key),
    }
    return pages.show(request, "buildings", context, part="table")


def import_url(request: StaffRequest) -> str:
    """Imports are the desk's."""
    may = permissions.may(request.user, "place.import") and not pages.on_phone(request)
    return reverse("places:imports") if may else ""


def chosen(rows: QuerySet[Building], form: BuildingFilter) -> QuerySet[Building]:
    """What the filters leave; a value that does not fit is left out, and the form says so."""
    form.is_valid()
    asked = form.cleaned_data if form.is_bound else {}
    for word in (asked.get("q") or "").split():
        rows = rows.filter(Q(estate__icontains=word) | Q(name__icontains=word) | Q(code=word))
    if asked.get("use"):
        rows = rows.filter(use=asked["use"])
    if unit := units.known().get(asked.get("unit") or 0):
        rows = rows.filter(**{f"{unit.kind}_id": unit.pk})
    if asked.get("hazards"):
        rows = rows.filter(pk__in=Hazard.objects.filter(cleared_at=None).values("house__building"))
    return rows


@needs("place.see")
@require_GET
def building(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.building_for(request.user, pk)
    return building_page_of(request, row)


def building_page_of(
    request: StaffRequest, row: Building, failed: dict[str, BaseForm] | None = None
) -> HttpResponse:
    stairwells, legend = building_page.plan(row)
    may = row.is_active and access.covers(request.user, access.chain_of(row))
    forms = {"plan": PlanForm(), "house": NewHouseForm(), **(failed or {})}
    context = {
        "building": row,
        "title": str(row),
        "facts": building_facts(row),
        "point": row.lon is not None and {"lon": row.lon, "lat": row.lat},
        "boundary_url": pages.boundary_url(row.grid_id),
        "units": [
            {
                "title": building_page.unit_title(one.name),
                "floors": [
                    (floor, [cell and house_link(request, cell) for cell in cells])
                    for floor, cells in one.floors
                ],
            }
            for one in stairwells
        ],
        "legend": legend,
        "may": may,
        "plan_form": forms["plan"],
        "house_form": forms["house"],
        "open": next(iter(failed or {}), ""),
        "edit_url": pages.to(request, "building_edit", row.pk),
        "plan_url": pages.to(request, "building_plan", row.pk),
        "house_url": pages.to(request, "house_new", row.pk),
        "end_url": pages.to(request, "building_end", row.pk),
    }
    return pages.show(request, "building", context, status=400 if failed else 200)


def building_facts(row: Building) -> list[tuple[str, Any]]:
    facts = [
        (_t("小区"), row.estate),
        (_t("所在网格"), pages.place_of(row)),
        (_t("标准地址"), str(row.address or "")),
        (_t("用途"), BuildingUse(row.use).label),
        (_t("层数"), row.floors),
        (_t("单元数"), row.unit_count),
        (_t("物业公司"), row.property_company),
        (_t("编号"), row.code),
    ]
    return [(label, value) for label, value in facts if value]


def house_link(request: HttpRequest, cell: dict[str, Any]) -> dict[str, Any]:
    return {**cell, "url": pages.to(request, "house", cell["pk"])}


@needs("place.register")
@require_http_methods(["GET", "POST"])
def building_new(request: StaffRequest) -> HttpResponse:
    return pages.edit(request, BuildingForm, None, "building")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def building_edit(request: StaffRequest, pk: int) -> HttpResponse:
    return pages.edit(request, BuildingForm, places.building_for(request.user, pk), "building")


@needs("place.register")
@require_POST
def building_plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Lay out units, floors and rooms in one go."""
    row = places.building_for(request.user, pk)
    form = PlanForm(request.POST)
    if form.is_valid():
        made = pages.tell(
            request,
            form,
            lambda: places.lay_out(row, form.plan(), by=request.user, now=clock.now()),
        )
        if made is not None:
            messages.success(request, _t("已新增 %(n)d 户。") % {"n": made})
            return redirect(pages.to(request, "building", pk))
    return building_page_of(request, row, {"plan": form})


@needs("place.register")
@require_POST
def house_new(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.building_for(request.user, pk)
    form = NewHouseForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        made = pages.tell(
            request,
            form,
            lambda: places.add_house(row, **given, by=request.user, now=clock.now()),
        )
        if made is not None:
            messages.success(request, _t("已保存。"))
            return redirect(pages.to(request, "building", pk))
    return building_page_of(request, row, {"house": form})


@needs("place.register")
@require_POST
def building_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.building_for(request.user, pk)
    return pages.end(
        request, row, pages.to(request, "building", pk), pages.to(request, "buildings")
    )
