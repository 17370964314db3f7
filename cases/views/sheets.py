"""The sheet of a grid as it hangs in its station: map, team and figures on one page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET

from cases import access as case_access
from cases.models import OPEN
from governance import clock, permissions, units
from governance.access import StaffRequest, needs
from governance.models import Post, Unit, UnitKind, User
from governance.roles import Role
from grids import access, places, sheet
from grids.models import Hazard, HouseUse, Seat
from people import access as people_access


@needs("grid.see")
@require_GET
def grid_sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """A grid of the user's map, else 404."""
    visible = access.visible_to(request.user).valid(clock.today()).select_related("unit")
    grid = get_object_or_404(visible, unit=pk)
    buildings = places.buildings(request.user).filter(grid=pk)
    context = {
        "unit": grid.unit,
        "kind": grid.get_kind_display(),
        "above": [
            units.name_of(unit_id)
            for unit_id in (grid.unit.district_id, grid.unit.street_id, grid.unit.community_id)
            if unit_id
        ],
        "drawing": sheet.drawing(pk, grid.boundary, buildings),
        "team": team(grid.unit),
        "station": station(grid.unit),
        "figures": figures(request.user, grid.unit),
        "today": clock.today(),
    }
    return render(request, "grids/sheet.html", context)


def team(unit: Unit) -> list[tuple[str, str]]:
    """Who works in the grid, in the order of the roles."""
    posts = Post.objects.valid(clock.today()).filter(unit=unit)
    order = list(Role)
    found = sorted(
        posts.select_related("user", "holder_unit"),
        key=lambda post: (order.index(Role(post.role)), post.pk),
    )
    return [
        (
            str(Role(post.role).label),
            str(post.user or post.member_name or post.holder_unit),
        )
        for post in found
    ]


def station(unit: Unit) -> tuple[str, str] | None:
    """The station of the grid's community and where it is."""
    found = Unit.objects.filter(
        kind=UnitKind.STATION, parent=unit.community_id or 0, valid_to=None
    ).first()
    if found is None:
        return None
    seat = Seat.objects.filter(unit=found).first()
    return found.name, seat.place if seat else ""


def figures(user: User, unit: Unit) -> list[tuple[str, Any]]:
    """How many there are of what, as far as the user may count it."""
    found: list[tuple[str, Any]] = []
    if permissions.may(user, "place.see"):
        houses = places.houses(user).filter(grid=unit)
        rented = houses.filter(use__in=[HouseUse.RENTED, HouseUse.SHARED])
        noted = Hazard.objects.filter(house__in=houses, cleared_at=None)
        found += [
            (_t("楼栋"), places.buildings(user).filter(grid=unit).count()),
            (_t("房屋"), houses.count()),
            (_t("出租房屋"), rented.count()),
            (_t("未消除隐患"), noted.count()),
        ]
    if permissions.may(user, "facility.see"):
        found.append((_t("公共部件"), places.facilities(user).filter(grid=unit).count()))
    if people_access.covers(user, unit, "person.see"):
        found.insert(2, (_t("住户"), people_access.households(user).filter(grid=unit).count()))
    if permissions.may(user, "case.see"):
        rows = case_access.visible_to(user).filter(grid=unit, state__in=OPEN)
        found.append((_t("在办事件"), rows.count()))
    return found
