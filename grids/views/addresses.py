"""Standard addresses: searched by any part, kept, merged."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from governance import clock, permissions, units
from governance.access import StaffRequest, needs
from grids import access, addresses, places
from grids.errors import NotAllowed
from grids.models import (
    Address,
)
from grids.views import place_pages as pages

MOST = 100


@needs("place.see", post=access.CHANGE)
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
    return pages.show(request, "addresses", context, part="results")


def address_keep(request: StaffRequest, words: str, parsed: addresses.Parsed) -> HttpResponse:
    try:
        row, new = addresses.save(parsed, by=request.user, now=clock.now())
    except NotAllowed as error:
        messages.error(request, str(error))
        return redirect(f"{pages.to(request, 'addresses')}?{urlencode({'q': words})}")
    messages.success(request, _t("已登记标准地址。") if new else _t("该地址已经登记。"))
    return redirect(pages.to(request, "address", row.pk))


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
        "place": pages.place_of(one),
        "url": pages.to(request, "address", one.pk),
    }


def address_for(request: StaffRequest, pk: int) -> Address:
    return places.found(Address.objects.select_related("merged_into"), request.user, pk)


@needs("place.see")
@require_GET
def address(request: StaffRequest, pk: int) -> HttpResponse:
    """An address, what stands there, and what may be the same door."""
    row = address_for(request, pk)
    if row.merged_into_id:
        return redirect(pages.to(request, "address", row.merged_into_id))
    here = places.buildings(request.user).filter(address=row)
    houses = places.houses(request.user).filter(address=row).select_related("building")
    may = access.covers(request.user, access.chain_of(row))
    context = {
        "title": row.key,
        "address": row,
        "facts": [(_t("所在网格"), pages.place_of(row))],
        "point": row.lon is not None and {"lon": row.lon, "lat": row.lat},
        "boundary_url": pages.boundary_url(row.grid_id),
        "here": [
            *(
                (str(one), pages.to(request, "building", one.pk))
                for one in here.order_by("pk")[:MOST]
            ),
            *(
                (str(one), pages.to(request, "house", one.pk))
                for one in houses.order_by("pk")[:MOST]
            ),
        ],
        "alike": [address_row(request, one) for one in addresses.alike(row, request.user)],
        "merge_url": pages.to(request, "address_merge", row.pk) if may else "",
    }
    return pages.show(request, "address", context)


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
    return redirect(pages.to(request, "address", pk))
