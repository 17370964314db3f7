"""The map of the grids, and its boundaries."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import condition, require_GET

from governance.access import StaffRequest, needs
from governance.models import Unit
from grids import maps


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
    return render(request, "grids/map.html", {"units": maps.places(rows), "boundary_url": url})


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
