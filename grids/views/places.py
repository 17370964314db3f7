"""Buildings, houses, addresses and facilities, on the desk and on the phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock, permissions, units
from governance.access import StaffRequest, needs
from governance.partials import partial
from grids import access, addresses, building_page, geo, places
from grids.errors import BadDetails, NotAllowed
from grids.models import (
    Address,
    Building,
    BuildingUse,
    Facility,
    FacilityClass,
    Hazard,
    House,
    HouseUse,
    OwnerKind,
)
from grids.place_forms import (
    BuildingFilter,
    BuildingForm,
    FacilityFilter,
    FacilityForm,
    HazardForm,
    HouseForm,
    NewHouseForm,
    PlanForm,
)

MOST = 100


def on_phone(request: HttpRequest) -> bool:
    return request.path.startswith("/m/")


def to(request: HttpRequest, name: str, *args: object) -> str:
    """Where a page of places is on the surface that asks."""
    return reverse(f"{'phone_places' if on_phone(request) else 'places'}:{name}", args=args)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200, part: str = ""
) -> HttpResponse:
    context = {
        **context,
        "base": "base_phone.html" if on_phone(request) else "base.html",
        "on_phone": on_phone(request),
        "places_url": to(request, "buildings"),
        "addresses_url": to(request, "addresses"),
        "facilities_url": to(request, "facilities"),
        "may_change": permissions.may(request.user, access.CHANGE),
    }
    name = f"places/{template}.html"
    return render(request, partial(request, name, part) if part else name, context, status=status)


def tell(request: HttpRequest, form: BaseForm, verb: Callable[[], Any]) -> Any:
    """Do it; None puts the reasons into the form."""
    try:
        return verb()
    except BadDetails as error:
        for name, why in error.faults.items():
            form.add_error(name if name in form.fields else None, why)
    except NotAllowed as error:
        form.add_error(None, str(error))
    return None


def address_of(request: HttpRequest, **key: str) -> str:
    """The same list from another key on; "" without one."""
    if not all(key.values()):
        return ""
    kept = {k: v for k, v in request.GET.items() if v and k not in {"after", "before"}}
    return f"{request.path}?{urlencode({**kept, **key})}"


# Buildings --------------------------------------------------------------------------------------


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
            {**row, "url": to(request, "building", row["pk"])}
            for row in building_page.summaries(page.rows)
        ],
        "new_url": to(request, "building_new"),
        "import_url": import_url(request),
        "next_url": address_of(request, after=page.next_key),
        "previous_url": address_of(request, before=page.previous_key),
    }
    return show(request, "buildings", context, part="table")


def import_url(request: StaffRequest) -> str:
    """Imports are the desk's."""
    may = permissions.may(request.user, "place.import") and not on_phone(request)
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
        "boundary_url": boundary_url(row.grid_id),
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
        "edit_url": to(request, "building_edit", row.pk),
        "plan_url": to(request, "building_plan", row.pk),
        "house_url": to(request, "house_new", row.pk),
        "end_url": to(request, "building_end", row.pk),
    }
    return show(request, "building", context, status=400 if failed else 200)


def building_facts(row: Building) -> list[tuple[str, Any]]:
    facts = [
        (_t("小区"), row.estate),
        (_t("所在网格"), place_of(row)),
        (_t("标准地址"), str(row.address or "")),
        (_t("用途"), BuildingUse(row.use).label),
        (_t("层数"), row.floors),
        (_t("单元数"), row.unit_count),
        (_t("物业公司"), row.property_company),
        (_t("编号"), row.code),
    ]
    return [(label, value) for label, value in facts if value]


def place_of(row: Any) -> str:
    """Community and grid in words."""
    community = units.name_of(row.community_id) or units.name_of(row.district_id)
    return f"{community} · {units.name_of(row.grid_id) or _t('不在任何网格内')}"


def boundary_url(grid_id: int | None) -> str:
    return f"{reverse('grids:boundaries')}?{urlencode({'unit': grid_id})}" if grid_id else ""


def house_link(request: HttpRequest, cell: dict[str, Any]) -> dict[str, Any]:
    return {**cell, "url": to(request, "house", cell["pk"])}


@needs("place.register")
@require_http_methods(["GET", "POST"])
def building_new(request: StaffRequest) -> HttpResponse:
    return edit(request, BuildingForm, None, "building")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def building_edit(request: StaffRequest, pk: int) -> HttpResponse:
    return edit(request, BuildingForm, places.building_for(request.user, pk), "building")


def edit(
    request: StaffRequest,
    shape: type[BuildingForm] | type[FacilityForm],
    row: Building | Facility | None,
    name: str,
) -> HttpResponse:
    """The form of a building or a facility with a map, and what it sends."""
    form = shape(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        save: Any = places.save_building if name == "building" else places.save_facility
        kept = tell(request, form, lambda: save(form.instance, by=request.user, now=clock.now()))
        if kept is not None:
            messages.success(request, _t("已保存。"))
            return redirect(kept_url(request, name, kept.pk))
    titles = {
        "building": (_t("登记楼栋"), _t("修改楼栋")),
        "facility": (_t("登记部件"), _t("修改部件")),
    }
    own = access.places(request.user, access.CHANGE)
    context = {
        "form": form,
        "title": titles[name][row is not None],
        "back_url": kept_url(request, name, row.pk)
        if row
        else to(request, "buildings" if name == "building" else "facilities"),
        "boundary_url": reverse("grids:boundaries"),
        "map_extent": geo.extent(own),
    }
    return show(request, "edit", context, status=400 if form.errors else 200)


def kept_url(request: HttpRequest, name: str, pk: int) -> str:
    if name == "building":
        return to(request, "building", pk)
    return reverse(f"{'phone' if on_phone(request) else 'desk'}:facility", args=[pk])


@needs("place.register")
@require_POST
def building_plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Lay out units, floors and rooms in one go."""
    row = places.building_for(request.user, pk)
    form = PlanForm(request.POST)
    if form.is_valid():
        made = tell(
            request,
            form,
            lambda: places.lay_out(row, form.plan(), by=request.user, now=clock.now()),
        )
        if made is not None:
            messages.success(request, _t("已新增 %(n)d 户。") % {"n": made})
            return redirect(to(request, "building", pk))
    return building_page_of(request, row, {"plan": form})


@needs("place.register")
@require_POST
def house_new(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.building_for(request.user, pk)
    form = NewHouseForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        made = tell(
            request,
            form,
            lambda: places.add_house(row, **given, by=request.user, now=clock.now()),
        )
        if made is not None:
            messages.success(request, _t("已保存。"))
            return redirect(to(request, "building", pk))
    return building_page_of(request, row, {"house": form})


@needs("place.register")
@require_POST
def building_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.building_for(request.user, pk)
    return end(request, row, to(request, "building", pk), to(request, "buildings"))


def end(request: StaffRequest, row: Any, back: str, home: str) -> HttpResponse:
    """Take a place out of use."""
    try:
        places.deactivate(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _t("已停用。"))
    return redirect(home)


# Houses -----------------------------------------------------------------------------------------


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
            (_t("所在网格"), place_of(row)),
        ],
        "hazards": [
            {
                "kind": one.get_kind_display(),
                "note": one.note,
                "noted_at": one.noted_at,
                "noted_by": str(one.noted_by),
                "cleared_at": one.cleared_at,
                "clear_url": to(request, "hazard_clear", one.pk) if may else "",
            }
            for one in noted
        ],
        "may": may,
        "form": forms["house"],
        "hazard_form": forms["hazard"],
        "change_url": to(request, "house_change", row.pk),
        "hazard_url": to(request, "hazard_new", row.pk),
        "end_url": to(request, "house_end", row.pk),
        "back_url": to(request, "building", row.building_id),
    }
    return show(request, "house", context, status=400 if failed else 200, part="dialog")


@needs("place.register")
@require_POST
def house_change(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    form = HouseForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    if given and tell(
        request,
        form,
        lambda: places.change_house(row, **given, by=request.user, now=clock.now()),
    ):
        messages.success(request, _t("已保存。"))
        return redirect(to(request, "building", row.building_id))
    return house_page(request, row, {"house": form})


@needs("place.register")
@require_POST
def hazard_new(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    form = HazardForm(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    if given and tell(
        request,
        form,
        lambda: places.note_hazard(row, **given, by=request.user, now=clock.now()),
    ):
        messages.success(request, _t("已登记隐患。"))
        return redirect(to(request, "building", row.building_id))
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
    return redirect(to(request, "building", hazard.house.building_id))


@needs("place.register")
@require_POST
def house_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.house_for(request.user, pk)
    back = to(request, "building", row.building_id)
    return end(request, row, back, back)


# Addresses --------------------------------------------------------------------------------------


@needs("place.see")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def address_search(request: StaffRequest) -> HttpResponse:
    """Search by any part, with how the line was read; POST keeps it as a standard address."""
    words = (request.POST if request.method == "POST" else request.GET).get("q", "")[:200]
    parsed = addresses.parse(words)
    if request.method == "POST":
        return address_keep(request, words, parsed)
    context = {
        "words": words,
        "parsed": parsed_facts(parsed) if words.strip() else None,
        "may_keep": bool(parsed.key) and permissions.may(request.user, access.CHANGE),
        "found": [address_row(request, one) for one in addresses.search(request.user, words)],
    }
    return show(request, "addresses", context, part="results")


def address_keep(request: StaffRequest, words: str, parsed: addresses.Parsed) -> HttpResponse:
    try:
        row, new = addresses.save(parsed, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(f"{to(request, 'addresses')}?{urlencode({'q': words})}")
    messages.success(request, _t("已登记标准地址。") if new else _t("该地址已经登记。"))
    return redirect(to(request, "address", row.pk))


def parsed_facts(parsed: addresses.Parsed) -> dict[str, Any]:
    labels = [
        (_t("所在单位"), units.name_of(parsed.unit_id)),
        (_t("道路"), parsed.road),
        (_t("门牌号"), parsed.number),
        (_t("小区"), parsed.estate),
        (_t("楼栋"), parsed.building),
        (_t("单元"), parsed.unit_no),
        (_t("楼层"), parsed.floor),
        (_t("房号"), parsed.room),
    ]
    return {
        "key": parsed.key,
        "parts": [(label, value) for label, value in labels if value],
        "rest": parsed.rest,
        "percent": round(100 * parsed.confidence),
    }


def address_row(request: HttpRequest, one: Address) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "key": one.key,
        "place": place_of(one),
        "url": to(request, "address", one.pk),
    }


def address_for(request: StaffRequest, pk: int) -> Address:
    return places.found(Address.objects.select_related("merged_into"), request.user, pk)


@needs("place.see")
@require_GET
def address(request: StaffRequest, pk: int) -> HttpResponse:
    """An address, what stands there, and what may be the same door."""
    row = address_for(request, pk)
    if row.merged_into_id:
        return redirect(to(request, "address", row.merged_into_id))
    here = places.buildings(request.user).filter(address=row)
    houses = places.houses(request.user).filter(address=row).select_related("building")
    may = access.covers(request.user, access.chain_of(row))
    context = {
        "title": row.key,
        "address": row,
        "facts": [(_t("所在网格"), place_of(row))],
        "point": row.lon is not None and {"lon": row.lon, "lat": row.lat},
        "boundary_url": boundary_url(row.grid_id),
        "here": [
            *((str(one), to(request, "building", one.pk)) for one in here.order_by("pk")[:MOST]),
            *((str(one), to(request, "house", one.pk)) for one in houses.order_by("pk")[:MOST]),
        ],
        "alike": [address_row(request, one) for one in addresses.alike(row, request.user)],
        "merge_url": to(request, "address_merge", row.pk) if may else "",
    }
    return show(request, "address", context)


@needs("place.register")
@require_POST
def address_merge(request: StaffRequest, pk: int) -> HttpResponse:
    """This address stays; the one that is named goes into it."""
    row = address_for(request, pk)
    other = request.POST.get("other", "")
    gone = address_for(request, int(other) if other.isascii() and other.isdecimal() else 0)
    try:
        addresses.merge(gone, row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("已合并，原有引用已转到本地址。"))
    return redirect(to(request, "address", pk))


# Facilities -------------------------------------------------------------------------------------


@needs("place.see")
@require_GET
@vary_on_headers("HX-Request")
def facilities(request: StaffRequest) -> HttpResponse:
    form = FacilityFilter(request.GET or None)
    rows = places.facilities(request.user)
    form.is_valid()
    asked = form.cleaned_data if form.is_bound else {}
    for word in (asked.get("q") or "").split():
        rows = rows.filter(
            Q(kind__icontains=word) | Q(code__startswith=word) | Q(place__icontains=word)
        )
    if asked.get("facility_class"):
        rows = rows.filter(facility_class=asked["facility_class"])
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.order_by("pk")[: building_page.PAGE + 1])
    shown = found[: building_page.PAGE]
    context = {
        "form": form,
        "rows": [
            {
                "url": kept_url(request, "facility", row.pk),
                "code": row.code,
                "kind": row.kind,
                "facility_class": FacilityClass(row.facility_class).label,
                "owner": units.name_of(row.owner_id),
                "place": row.place,
                "grid": place_of(row),
            }
            for row in shown
        ],
        "new_url": to(request, "facility_new"),
        "next_url": address_of(request, after=str(shown[-1].pk)) if len(found) > len(shown) else "",
    }
    return show(request, "facilities", context, part="table")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def facility_new(request: StaffRequest) -> HttpResponse:
    return edit(request, FacilityForm, None, "facility")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def facility_edit(request: StaffRequest, pk: int) -> HttpResponse:
    return edit(request, FacilityForm, places.facility_for(request.user, pk), "facility")


@needs("place.register")
@require_POST
def facility_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.facility_for(request.user, pk)
    return end(request, row, kept_url(request, "facility", pk), to(request, "facilities"))
