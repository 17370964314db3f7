"""A house: who holds it and how it is used, and what was found wrong there."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock
from governance.access import StaffRequest, needs
from governance.surfaces import surface
from grids import access, places
from grids.errors import NotAllowed
from grids.models import (
    Hazard,
    House,
    HouseUse,
    OwnerKind,
)
from grids.place_forms import (
    HazardForm,
    HouseForm,
)
from grids.views import place_pages as pages


@needs("place.see")
@require_GET
@vary_on_headers("HX-Request")
def house(request: StaffRequest, pk: int) -> HttpResponse:
    """A house as a dialog over the plan, or as a page of its own."""
    return house_page(request, places.house_for(request.user, pk))


def house_page(
    request: StaffRequest, row: House, failed: dict[str, BaseForm] | None = None
) -> HttpResponse:
    may = row.is_active and access.covers(request.user, access.chain_of(row))
    forms: dict[str, BaseForm] = {
        "house": HouseForm(initial={"use": row.use, "owner_kind": row.owner_kind}),
        "hazard": HazardForm(),
        **(failed or {}),
    }
    noted = row.hazards.select_related("noted_by", "cleared_by").order_by("-pk")
    context = {
        "house": row,
        "title": str(row),
        "facts": [
            (_t("房屋用途"), HouseUse(row.use).label),
            (_t("产权"), OwnerKind(row.owner_kind).label),
            (_t("所在网格"), pages.place_of(row)),
        ],
        "ways": places.ways(request.user, row, surface(request)),
        "hazards": [
            {
                "kind": one.get_kind_display(),
                "note": one.note,
                "noted_at": one.noted_at,
                "noted_by": str(one.noted_by),
                "cleared_at": one.cleared_at,
                "clear_url": pages.to(request, "hazard_clear", one.pk) if may else "",
            }
            for one in noted
        ],
        "may": may,
        "form": forms["house"],
        "hazard_form": forms["hazard"],
        "change_url": pages.to(request, "house_change", row.pk),
        "hazard_url": pages.to(request, "hazard_new", row.pk),
        "end_url": pages.to(request, "house_end", row.pk),
        "back_url": pages.to(request, "building", row.building_id),
    }
    return pages.show(request, "house", context, status=400 if failed else 200, part="dialog")


@needs("place.register")
@require_POST
def house_change(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    form = HouseForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    if given and pages.tell(
        request,
        form,
        lambda: places.change_house(row, **given, by=request.user, now=clock.now()),
    ):
        messages.success(request, _t("已保存。"))
        return redirect(pages.to(request, "building", row.building_id))
    return house_page(request, row, {"house": form})


@needs("place.register")
@require_POST
def hazard_new(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    form = HazardForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    if given and pages.tell(
        request,
        form,
        lambda: places.note_hazard(row, **given, by=request.user, now=clock.now()),
    ):
        messages.success(request, _t("已登记隐患。"))
        return redirect(pages.to(request, "building", row.building_id))
    return house_page(request, row, {"hazard": form})


@needs("place.register")
@require_POST
def hazard_clear(request: StaffRequest, pk: int) -> HttpResponse:
    hazard = Hazard.objects.filter(pk=pk, house__in=places.houses(request.user)).first()
    if hazard is None:
        raise Http404
    try:
        places.clear_hazard(hazard, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("隐患已消除。"))
    return redirect(pages.to(request, "building", hazard.house.building_id))


@needs("place.register")
@require_POST
def house_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    back = pages.to(request, "building", row.building_id)
    return pages.end(request, row, back, back)
