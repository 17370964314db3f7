"""What a map shows besides the grids: stations, and by viewport buildings and facilities.

Plain arrays, a limit a viewport, and how many there are in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance import permissions, units
from governance.models import UnitKind
from grids import access, places, viewport
from grids.models import BuildingUse, FacilityClass, Seat
from grids.viewport import Box

if TYPE_CHECKING:
    from governance.models import User

MOST = 2000
# From which zoom on there is something to be seen.
NEAR = {"stations": 0, "buildings": 16, "facilities": 16, "cases": 14}


@dataclass(frozen=True)
class Layer:
    """A layer that the page offers: where its points come from and where one leads."""

    key: str
    label: str | Promise
    url: str = ""
    prefix: str = ""
    near: int = 0
    checked: bool = False


def offered(user: User, *, shown: frozenset[str]) -> list[Layer]:
    """The layers of a user's map; those in `shown` are switched on at first."""
    found = [
        Layer("grids", pgettext_lazy("several", "网格"), checked="grids" in shown),
        layer("stations", _("网格站"), reverse("grids:stations"), "", shown),
    ]
    for permission, key, label in (
        (access.SEE, "buildings", _("楼栋")),
        (access.FACILITY, "facilities", _("公共部件")),
    ):
        if permissions.may(user, permission):
            prefix = f"/places/{key}/"
            found.append(layer(key, label, reverse(f"grids:{key}"), prefix, shown))
    if permissions.may(user, "case.see"):
        found.append(layer("cases", _("在办事件"), reverse("desk:points"), "/cases/", shown))
    return found


def layer(key: str, label: str | Promise, url: str, prefix: str, shown: frozenset[str]) -> Layer:
    return Layer(key, label, url, prefix, NEAR[key], key in shown)


def stations(user: User, box: Box) -> dict[str, Any]:
    """[lon, lat, name] of the stations of the user's map."""
    territory = access.places(user)
    rows = (
        Seat.objects.filter(unit__kind=UnitKind.STATION, unit__valid_to=None)
        .order_by("unit_id")
        .values_list("lon", "lat", "unit_id", "place")
    )
    known = units.known()
    found = [
        [lon, lat, known[unit_id].name, place]
        for lon, lat, unit_id, place in rows
        if any(getattr(known[unit_id], column) == value for column, value in territory)
        if box.west <= lon <= box.east and box.south <= lat <= box.north
    ]
    return {"points": found[:MOST], "total": len(found)}


def buildings(user: User, box: Box) -> dict[str, Any]:
    """[lon, lat, name, id, use, outline or None] of the buildings in the box."""
    rows = places.buildings(user).filter(viewport.inside(box))
    columns = rows.annotate(outline=Cast(F("footprint"), TextField())).values_list(
        "lon", "lat", "estate", "name", "pk", "use", "outline"
    )
    points = [
        [lon, lat, f"{estate}{name}", pk, use, orjson.Fragment(outline) if outline else None]
        for lon, lat, estate, name, pk, use, outline in columns[:MOST]
    ]
    uses = {use.value: str(use.label) for use in BuildingUse}
    return {"points": points, "total": total(rows, points), "uses": uses}


def facilities(user: User, box: Box) -> dict[str, Any]:
    """[lon, lat, name, id, class] of the facilities in the box."""
    rows = places.facilities(user).filter(viewport.inside(box))
    columns = rows.values_list("lon", "lat", "kind", "code", "pk", "facility_class")
    points = [
        [lon, lat, f"{kind} {code}", pk, facility_class]
        for lon, lat, kind, code, pk, facility_class in columns[:MOST]
    ]
    uses = {one.value: str(one.label) for one in FacilityClass}
    return {"points": points, "total": total(rows, points), "uses": uses}


def total(rows: QuerySet[Any], points: list[Any]) -> int:
    """Counted only where the limit cut something off."""
    return rows.count() if len(points) == MOST else len(points)
