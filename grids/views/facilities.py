"""Public facilities (部件)."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import units
from governance.access import StaffRequest, needs
from grids import building_page, places
from grids.models import (
    FacilityClass,
)
from grids.place_forms import (
    FacilityFilter,
    FacilityForm,
)
from grids.views import place_pages as pages


@needs("facility.see")
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
                "url": pages.kept_url(request, "facility", row.pk),
                "code": row.code,
                "kind": row.kind,
                "facility_class": FacilityClass(row.facility_class).label,
                "owner": units.name_of(row.owner_id),
                "place": row.place,
                "grid": pages.place_of(row),
            }
            for row in shown
        ],
        "new_url": pages.to(request, "facility_new"),
        "next_url": pages.address_of(request, after=str(shown[-1].pk))
        if len(found) > len(shown)
        else "",
    }
    return pages.show(request, "facilities", context, part="table")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def facility_new(request: StaffRequest) -> HttpResponse:
    return pages.edit(request, FacilityForm, None, "facility")


@needs("place.register")
@require_http_methods(["GET", "POST"])
def facility_edit(request: StaffRequest, pk: int) -> HttpResponse:
    return pages.edit(request, FacilityForm, places.facility_for(request.user, pk), "facility")


@needs("place.register")
@require_POST
def facility_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = places.facility_for(request.user, pk)
    return pages.end(
        request, row, pages.kept_url(request, "facility", pk), pages.to(request, "facilities")
    )
