"""The map of the grids, and its boundaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import condition, require_GET

from governance.access import StaffRequest, needs
from governance.models import Unit, User
from grids import map_layers, maps, viewport
from grids.viewport import Box


def chosen_unit(request: HttpRequest) -> Unit | None:
    """The unit that the address asks for with ?unit=, or None for all; else 404."""
    chosen = request.GET.get("unit", "")
    if not chosen:
        return None
    return get_object_or_404(Unit, pk=int(chosen) if chosen.isascii() and chosen.isdigit() else 0)


@needs("grid.see")
@require_GET
def map_page(request: StaffRequest) -> HttpResponse:
    rows = maps.rows(request.user, chosen_unit(request))
    query = request.GET.urlencode()
    url = reverse("grids:boundaries") + (f"?{query}" if query else "")
    shown = frozenset({"grids", "stations", "buildings"})
    context = {
        "units": maps.places(rows),
        "boundary_url": url,
        "layers": map_layers.offered(request.user, shown=shown),
    }
    return render(request, "grids/map.html", context)


def fingerprint(request: StaffRequest) -> str:
    return maps.fingerprint(request.user, request.GET.get("unit", ""))


@needs("grid.see")
@require_GET
@condition(etag_func=fingerprint)
def boundaries(request: StaffRequest) -> HttpResponse:
    """The grids on the user's map as GeoJSON; 304 while neither they nor the scope have changed."""
    found = maps.collection(maps.rows(request.user, chosen_unit(request)))
    headers = {"Cache-Control": "private, no-cache"}
    return HttpResponse(orjson.dumps(found), "application/geo+json", headers=headers)


@needs("grid.see")
@require_GET
def stations(request: StaffRequest) -> HttpResponse:
    return layer(request, map_layers.stations)


@needs("place.see")
@require_GET
def buildings(request: StaffRequest) -> HttpResponse:
    return layer(request, map_layers.buildings)


@needs("facility.see")
@require_GET
def facilities(request: StaffRequest) -> HttpResponse:
    return layer(request, map_layers.facilities)


def layer(request: StaffRequest, found: Callable[[User, Box], dict[str, Any]]) -> HttpResponse:
    """What a layer shows in a viewport: ?bbox=west,south,east,north."""
    box = viewport.parse(request.GET.get("bbox", ""))
    if box is None:
        detail = _t("bbox 须为“西,南,东,北”四个经纬度。")
        return HttpResponse(orjson.dumps({"detail": detail}), "application/json", status=400)
    return HttpResponse(orjson.dumps(found(request.user, box)), "application/json")
