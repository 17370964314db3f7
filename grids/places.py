"""The verbs of places: buildings, their houses with the hazards noted in them, facilities.

Each asks the permission where the place lies, checks, and writes. A place lies in the grid that
covers its point; houses lie where their building does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import shapely
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _t

from governance.models import Unit
from grids import access, boundary, geo, viewport
from grids.boundary import BadBoundary
from grids.errors import BadDetails, NotAllowed
from grids.models import (
    Address,
    Building,
    BuildingUse,
    Facility,
    FacilityClass,
    Hazard,
    HazardKind,
    House,
    HouseUse,
    OwnerKind,
)

if TYPE_CHECKING:
    from governance.models import User
    from governance.surfaces import Way
    from grids.models import Grid

MOST_UNITS, MOST_FLOORS, MOST_ROOMS, MOST_HOUSES = 30, 120, 30, 5000
NEAR_METRES = 30
# Rooms above say why houses cannot be given up: (houses, who asks) → a sentence or "".
HINDRANCES: list[Callable[[QuerySet[House], User], str]] = []
# And what they do at the door of a house: (who asks, the house, the surface) → buttons.
WAYS: list[Callable[[User, House, str], list[Way]]] = []


M = TypeVar("M", bound=Model)

# Who sees what ----------------------------------------------------------------------------------


def buildings(user: User) -> QuerySet[Building]:
    """The buildings in use of the user's territory."""
    return Building.objects.filter(access.within(user), is_active=True)


def houses(user: User) -> QuerySet[House]:
    return House.objects.filter(access.within(user), is_active=True)


def facilities(user: User) -> QuerySet[Facility]:
    return Facility.objects.filter(access.within(user, access.FACILITY), is_active=True)


def building_for(user: User, pk: int) -> Building:
    """The building, also one that is no more in use; 404 when it is not this user's to see."""
    return found(Building.objects.select_related("address"), user, pk)


def house_for(user: User, pk: int) -> House:
    return found(House.objects.select_related("building"), user, pk)


def ways(user: User, house: House, surface: str) -> list[Way]:
    """What goes on from here with who lives in a house that is in use."""
    if not house.is_active:
        return []
    return [way for offered in WAYS for way in offered(user, house, surface)]


def facility_for(user: User, pk: int) -> Facility:
    return found(Facility.objects.select_related("owner"), user, pk, access.FACILITY)


def found(rows: QuerySet[M], user: User, pk: int, permission: str = access.SEE) -> M:
    row = rows.filter(access.within(user, permission), pk=pk).first()
    if row is None:
        raise Http404
    return row


# Buildings --------------------------------------------------------------------------------------


@transaction.atomic
def save_building(
    building: Building, *, by: User, now: datetime, permission: str = access.CHANGE
) -> Building:
    """Write a building, new or changed. Without a point it has that of its footprint; its houses
    go with it where it lies. Raises NotAllowed, of which BadDetails names the fields."""
    before = known(Building, building)
    prepare_building(building, before, by, permission)
    building.save()
    if before is not None and access.chain_of(before) != access.chain_of(building):
        building.houses.update(**access.chain_of(building))
    return building


def prepare_building(
    building: Building, before: Building | None, by: User, permission: str = access.CHANGE
) -> None:
    """Check an unsaved building, whose row is `before`, and put it where it lies."""
    may_change(by, before, permission)
    building.name, building.estate = building.name.strip(), building.estate.strip()
    building.code = building.code.strip()
    if before is not None and (before.lon, before.lat) != (building.lon, building.lat):
        building.footprint = building.footprint if moved_along(building) else None
    check_building(building)
    put_levels(building, before, by, permission)
    check_once(building)


def moved_along(building: Building) -> bool:
    """Whether the point lies in the footprint: another point than this has made it wrong."""
    if building.footprint is None or building.lon is None or building.lat is None:
        return building.footprint is not None
    shape = boundary.parse(building.footprint)
    return bool(shapely.intersects_xy(shape, building.lon, building.lat))


def check_building(building: Building) -> None:
    faults = {}
    if not building.name:
        faults["name"] = _t("请填写楼栋名称。")
    if building.use not in BuildingUse.values:
        faults["use"] = _t("请选择用途。")
    for name, most in (("floors", MOST_FLOORS), ("unit_count", MOST_UNITS)):
        if not 0 <= (getattr(building, name) or 0) <= most:
            faults[name] = _t("不能超过 %(most)d。") % {"most": most}
    if building.footprint is not None:
        try:
            shape = boundary.checked(building.footprint)
        except BadBoundary as error:
            faults["footprint"] = str(error)
        else:
            building.footprint = boundary.to_json(shape)
            if building.lon is None:
                inside = shape.representative_point()
                building.lon, building.lat = round(inside.x, 7), round(inside.y, 7)
    if faults:
        raise BadDetails(faults)


def check_once(building: Building) -> None:
    """Raises for a name or a code that another building has, as the database would."""
    others = Building.objects.exclude(pk=building.pk)
    if building.code and others.filter(code=building.code).exists():
        raise BadDetails({"code": _t("该编号已用于另一栋楼。")})
    same = others.filter(
        community=building.community_id, estate=building.estate, name=building.name
    )
    if building.is_active and same.filter(is_active=True).exists():
        raise BadDetails({"name": _t("该小区已有同名楼栋。")})


@dataclass(frozen=True)
class Plan:
    """Units × floors × rooms a floor, numbered 101, 102, 201, … in each unit."""

    units: int
    floors: int
    rooms: int
    first_floor: int = 1

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """(unit, floor, room); a building of one unit names none."""
        names = [str(n) for n in range(1, self.units + 1)] if self.units > 1 else [""]
        floors = range(self.first_floor, self.first_floor + self.floors)
        return [
            (unit, floor, f"{floor}{room:02d}")
            for unit in names
            for floor in floors
            for room in range(1, self.rooms + 1)
        ]


@transaction.atomic
def lay_out(building: Building, plan: Plan, *, by: User, now: datetime) -> int:
    """Make the houses of a plan that are not there yet, in one go; returns how many were made."""
    limits = ((plan.units, MOST_UNITS), (plan.floors, MOST_FLOORS), (plan.rooms, MOST_ROOMS))
    too_many = plan.units * plan.floors * plan.rooms > MOST_HOUSES
    if too_many or plan.first_floor < 1 or any(not 1 <= n <= most for n, most in limits):
        limit = {"units": MOST_UNITS, "floors": MOST_FLOORS, "rooms": MOST_ROOMS}
        raise NotAllowed(
            _t("最多 %(units)d 个单元、%(floors)d 层、每层 %(rooms)d 户，共 5000 户。") % limit
        )
    building = locked_building(building, by)
    there = set(building.houses.filter(is_active=True).values_list("unit_no", "room"))
    where = access.chain_of(building)
    new = [
        House(building=building, unit_no=unit, floor=floor, room=room, **where)
        for unit, floor, room in plan.cells
        if (unit, room) not in there
    ]
    House.objects.bulk_create(new, batch_size=1000)
    building.floors = max(building.floors or 0, plan.first_floor + plan.floors - 1)
    building.unit_count = max(building.unit_count or 0, plan.units)
    building.save(update_fields=["floors", "unit_count"])
    return len(new)


def locked_building(building: Building, by: User) -> Building:
    row = Building.objects.select_for_update().get(pk=building.pk)
    may_change(by, row)
    if not row.is_active:
        raise NotAllowed(_t("该楼栋已停用。"))
    return row


# Houses -----------------------------------------------------------------------------------------


@transaction.atomic
def add_house(
    building: Building,
    *,
    unit_no: str,
    floor: int,
    room: str,
    use: str = HouseUse.OWN,
    owner_kind: str = OwnerKind.UNKNOWN,
    by: User,
    now: datetime,
) -> House:
    """One more house in a building. Raises NotAllowed, BadDetails."""
    building = locked_building(building, by)
    unit_no, room = unit_no.strip(), room.strip()
    if not room:
        raise BadDetails({"room": _t("请填写房号。")})
    if not -9 <= floor <= MOST_FLOORS or floor == 0:
        raise BadDetails({"floor": _t("请填写楼层，地下为负数。")})
    check_kinds(use, owner_kind)
    if building.houses.filter(unit_no=unit_no, room=room, is_active=True).exists():
        raise BadDetails({"room": _t("该单元已有此房号。")})
    return House.objects.create(
        building=building,
        unit_no=unit_no,
        floor=floor,
        room=room,
        use=use,
        owner_kind=owner_kind,
        **access.chain_of(building),
    )


@transaction.atomic
def change_house(house: House, *, use: str, owner_kind: str, by: User, now: datetime) -> House:
    """How a house is used and whose it is, as it was found. Raises NotAllowed, BadDetails."""
    row = locked_house(house, by)
    check_kinds(use, owner_kind)
    row.use, row.owner_kind = use, owner_kind
    row.save(update_fields=["use", "owner_kind"])
    return row


def check_kinds(use: str, owner_kind: str) -> None:
    faults = {}
    if use not in HouseUse.values:
        faults["use"] = _t("请选择房屋用途。")
    if owner_kind not in OwnerKind.values:
        faults["owner_kind"] = _t("请选择产权。")
    if faults:
        raise BadDetails(faults)


def locked_house(house: House, by: User) -> House:
    row = House.objects.select_for_update(of=("self",)).select_related("building").get(pk=house.pk)
    may_change(by, row)
    if not row.is_active:
        raise NotAllowed(_t("该房屋已停用。"))
    return row


@transaction.atomic
def note_hazard(house: House, *, kind: str, note: str, by: User, now: datetime) -> Hazard:
    """A hazard found in a house on an inspection. Raises NotAllowed, BadDetails."""
    row = locked_house(house, by)
    faults = {}
    if kind not in HazardKind.values:
        faults["kind"] = _t("请选择隐患类别。")
    if not note.strip():
        faults["note"] = _t("请写明隐患情况。")
    if faults:
        raise BadDetails(faults)
    return Hazard.objects.create(house=row, kind=kind, note=note.strip(), noted_at=now, noted_by=by)


@transaction.atomic
def clear_hazard(hazard: Hazard, *, by: User, now: datetime) -> Hazard:
    """Seen to be gone. Raises NotAllowed, also when it was cleared before."""
    row = Hazard.objects.select_for_update(of=("self",)).select_related("house").get(pk=hazard.pk)
    may_change(by, row.house)
    if row.cleared_at is not None:
        raise NotAllowed(_t("该隐患已消除。"))
    row.cleared_at, row.cleared_by = now, by
    row.save(update_fields=["cleared_at", "cleared_by"])
    return row


# Facilities -------------------------------------------------------------------------------------


@transaction.atomic
def save_facility(
    facility: Facility, *, by: User, now: datetime, permission: str = access.CHANGE
) -> Facility:
    """Write a facility, new or changed. Raises NotAllowed, BadDetails."""
    prepare_facility(facility, known(Facility, facility), by, permission)
    facility.save()
    return facility


def prepare_facility(
    facility: Facility, before: Facility | None, by: User, permission: str = access.CHANGE
) -> None:
    """Check an unsaved facility, whose row is `before`, and put it where it stands."""
    may_change(by, before, permission)
    facility.code, facility.kind = facility.code.strip(), facility.kind.strip()
    faults = {}
    if not facility.code:
        faults["code"] = _t("请填写部件编码。")
    elif Facility.objects.exclude(pk=facility.pk).filter(code=facility.code).exists():
        faults["code"] = _t("该编码已用于另一部件。")
    if not facility.kind:
        faults["kind"] = _t("请填写部件名称。")
    if facility.facility_class not in FacilityClass.values:
        faults["facility_class"] = _t("请选择大类。")
    if facility.lon is None or facility.lat is None:
        faults["lon"] = _t("请在地图上点选位置。")
    if faults:
        raise BadDetails(faults)
    put_levels(facility, before, by, permission)


def near(
    user: User, lon: float, lat: float, *, within_m: float = NEAR_METRES, most: int = 8
) -> list[tuple[float, Facility]]:
    """The user's facilities around a point with their distances in metres, the nearest first."""
    box = viewport.around(lon, lat, within_m)
    rows = facilities(user).filter(viewport.inside(box))[:200]
    away = [(geo.metres(lon, lat, row.lon, row.lat), row) for row in rows]  # type: ignore[arg-type]
    close = [pair for pair in away if pair[0] <= within_m]
    return sorted(close, key=lambda pair: (pair[0], pair[1].pk))[:most]


# What they share --------------------------------------------------------------------------------


@transaction.atomic
def deactivate(row: Building | House | Facility, *, by: User, now: datetime) -> None:
    """Out of use: pulled down, joined with another, taken away. Its history stays; a building takes
    its houses along. Raises NotAllowed, also while somebody lives there."""
    current = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    may_change(by, current)
    if not current.is_active:
        raise NotAllowed(_t("已经停用。"))
    if not isinstance(current, Facility):
        of = Q(building=current.pk) if isinstance(current, Building) else Q(pk=current.pk)
        inside = House.objects.filter(of, is_active=True)
        for hindrance in HINDRANCES:
            if why := hindrance(inside, by):
                raise NotAllowed(why)
        inside.update(is_active=False)
    current.is_active = False
    current.save(update_fields=["is_active"])


def known(model: Any, row: Any) -> Any:
    """The row as the database has it, locked; None for a new one."""
    if row.pk is None:
        return None
    return model.objects.select_for_update(of=("self",)).get(pk=row.pk)


def may_change(by: User, row: Any, permission: str = access.CHANGE) -> None:
    if row is not None:
        access.check(by, access.chain_of(row), permission)


def put_levels(row: Any, before: Any, by: User, permission: str) -> None:
    """By the point; a place that is there and has none, or whose lies in no grid, stays in its
    community. Raises NotAllowed where the user may not."""
    if (row.lon is None) != (row.lat is None):
        raise BadDetails({"lon": _t("经度、纬度须同时填写。")})
    if row.lon is not None and not (abs(row.lon) <= 180 and abs(row.lat) <= 90):
        raise BadDetails({"lon": _t("坐标不在地球上。")})
    point = None if row.lon is None else (row.lon, row.lat)
    kept = before and (before.grid_id if point is None else before.community_id)
    where = access.levels(by, point, kept or getattr(before, "community_id", None))
    access.check(by, where, permission)
    for column, value in where.items():
        setattr(row, column, value)


def settle_ground(grid: Grid) -> None:
    """A territory was drawn: what lies on it is the grid's, and what does so no more is not.

    Asks the territories as they are now: what memory holds is older than this transaction.
    """
    shape = boundary.parse(grid.boundary)
    shapely.prepare(shape)
    box = viewport.Box(*shape.bounds)
    index: geo.Index | None = None
    for model in (Address, Building, Facility):
        rows: Any = model._default_manager
        near_by = rows.filter(Q(grid=grid.unit_id) | viewport.inside(box), lon__isnull=False)
        astray = [
            (pk, (lon, lat))
            for pk, lon, lat, grid_id in near_by.values_list("pk", "lon", "lat", "grid_id")
            if bool(shapely.intersects_xy(shape, lon, lat)) != (grid_id == grid.unit_id)
        ]
        if astray:
            index = index or geo.load()
            settle(model, astray, index)


def settle(
    model: type[Any], astray: list[tuple[int, tuple[float, float]]], index: geo.Index
) -> None:
    """Give these rows the levels of the grid at their point; outside every grid they lose theirs
    and keep their community."""
    into = geo.covering(index, [point for _pk, point in astray])
    for grid_id in set(into):
        ids = [pk for (pk, _point), to in zip(astray, into, strict=True) if to == grid_id]
        unit = Unit.objects.get(pk=grid_id) if grid_id else None
        where = access.chain_of(unit) if unit else {"grid_id": None}
        model.objects.filter(pk__in=ids).update(**where)
        if model is Building:
            House.objects.filter(building__in=ids).update(**where)
