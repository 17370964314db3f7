"""What the pages of places share, on the desk and on the phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t

from governance import clock, permissions, units
from governance.access import StaffRequest
from governance.partials import partial
from grids import access, geo, places
from grids.errors import BadDetails, NotAllowed
from grids.models import (
    Building,
    Facility,
)
from grids.place_forms import (
    BuildingForm,
    FacilityForm,
)


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
        "sees_doors": permissions.may(request.user, access.SEE),
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


def place_of(row: Any) -> str:
    """Community and grid in words."""
    community = units.name_of(row.community_id) or units.name_of(row.district_id)
    return f"{community} · {units.name_of(row.grid_id) or _t('不在任何网格内')}"


def boundary_url(grid_id: int | None) -> str:
    return f"{reverse('grids:boundaries')}?{urlencode({'unit': grid_id})}" if grid_id else ""


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


def end(request: StaffRequest, row: Any, back: str, home: str) -> HttpResponse:
    """Take a place out of use."""
    try:
        places.deactivate(row, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _t("已停用。"))
    return redirect(home)
