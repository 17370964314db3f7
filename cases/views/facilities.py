"""A public facility with the cases about it, on the desk and on the phone; and those near a
report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_POST

from cases import facilities
from cases.forms import SimilarForm
from governance import units
from governance.access import StaffRequest, needs
from grids import access, places
from grids.models import FacilityClass
from grids.views.place_pages import boundary_url


@needs("facility.see")
@require_GET
def facility(request: StaffRequest, pk: int) -> HttpResponse:
    on_phone = request.path.startswith("/m/")
    row = places.facility_for(request.user, pk)
    names = "phone_places" if on_phone else "places"
    facts = [
        (_t("部件编码"), row.code),
        (_t("大类"), FacilityClass(row.facility_class).label),
        (_t("权属（主管）单位"), units.name_of(row.owner_id)),
        (_t("所在网格"), units.name_of(row.grid_id) or _t("不在任何网格内")),
        (_t("位置说明"), row.place),
    ]
    may = row.is_active and access.covers(request.user, access.chain_of(row))
    context = {
        "base": "base_phone.html" if on_phone else "base.html",
        "on_phone": on_phone,
        "title": f"{row.kind} {row.code}",
        "facility": row,
        "facts": [(label, value) for label, value in facts if value],
        "point": {"lon": row.lon, "lat": row.lat},
        "boundary_url": boundary_url(row.grid_id),
        "back_url": reverse(f"{names}:facilities"),
        "edit_url": reverse(f"{names}:facility_edit", args=[pk]) if may else "",
        "end_url": reverse(f"{names}:facility_end", args=[pk]) if may else "",
        **facilities.history(row, request.user, "/m/cases/" if on_phone else "/cases/"),
    }
    return render(request, "places/facility.html", context)


@needs("case.report")
@require_POST
def near(request: StaffRequest) -> HttpResponse:
    """The facilities within 30 m of the point of a report. By POST: places stay out of URLs."""
    form = SimilarForm(request.POST)
    form.is_valid()
    lon, lat = form.cleaned_data.get("lon"), form.cleaned_data.get("lat")
    found = [] if lon is None or lat is None else facilities.near(request.user, lon, lat)
    context = {"facilities": found, "chosen": request.POST.get("facility", "")}
    return render(request, "includes/near_facilities.html", context)
