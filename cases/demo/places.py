"""The demo's buildings with their houses, public facilities, hazards, and where stations are.

As many as in one real place; all drawn from the invented territory, none of them anybody's home.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, count, islice
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely import Polygon

from cases.demo import loading
from cases.demo.organisation import CommunityPlace, GridPlace, Organisation, share_out
from cases.demo.people import MARK
from cases.demo.profiles import Profile
from cases.demo.territory import EAST, NORTH, Use, geojson, points_in
from cases.models import OPEN, Case
from governance.models import Unit, UnitKind, User
from governance.roles import Role
from grids import access, addresses
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
    ImportKind,
    OwnerKind,
    Seat,
)
from grids.place_import import jobs

WEIGHTS = {Use.HOMES: 8, Use.FARM: 1, Use.PARK: 3}
SLAB = (48.0, 13.0)  # metres: a block of flats of three stairwells
APART = (72.0, 40.0)
NUMERALS = "一二三四五六七八九十"
ESTATES = {Use.HOMES: "{}{}里", Use.FARM: "{}农场{}区", Use.PARK: "{}产业园{}区"}
USES = {
    HouseUse.OWN: 68,
    HouseUse.RENTED: 17,
    HouseUse.EMPTY: 10,
    HouseUse.COMMERCIAL: 3,
    HouseUse.SHARED: 2,
}
OWNERS = {
    OwnerKind.PRIVATE: 88,
    OwnerKind.ENTITY: 3,
    OwnerKind.PUBLIC: 4,
    OwnerKind.UNKNOWN: 5,
}
FACILITIES = (
    (FacilityClass.UTILITY, "0101", "路灯", "power"),
    (FacilityClass.UTILITY, "0102", "雨水井盖", "water"),
    (FacilityClass.UTILITY, "0103", "消火栓", "fire"),
    (FacilityClass.APPEARANCE, "0301", "果皮箱", "sanitation"),
    (FacilityClass.TRAFFIC, "0201", "交通标志牌", "traffic"),
    (FacilityClass.GREEN, "0401", "行道树", "greening"),
)
HAZARDS = (
    (HazardKind.FIRE, "楼道堆放杂物，占用疏散通道"),
    (HazardKind.GAS, "燃气胶管老化，无安全装置"),
    (HazardKind.ELECTRIC, "私拉电线给电动自行车充电"),
    (HazardKind.STRUCTURE, "外墙空鼓，有脱落风险"),
)
BUILDING_HEAD = (
    *("编号", "小区", "楼栋", "用途", "层数", "单元数"),
    *("物业公司", "地址", "经度", "纬度"),
)
HOUSE_HEAD = ("楼栋编号", "单元", "楼层", "房号", "房屋用途", "产权")
HAZARDOUS = 250  # one house in so many
LINKED = 12
# What is wrong with a thing, at the end of an item's name: 公交站亭站牌破损.
FAULT = re.compile(
    "(破损|缺失|缺损|缺株|损坏|损伤|不亮|不清|管理不善|故障|垂落|脏污|松动|塌陷|倾斜|堵塞|丢失|移位"
    "|污损|脱落|满溢|、)+.*$"
)
# The class of a thing, by the department that mends it.
CLASSES = {
    "sanitation": FACILITIES[3][:2],
    "traffic": FACILITIES[4][:2],
    "greening": FACILITIES[5][:2],
}


Say = Callable[[str], object]


class Block(NamedTuple):
    """Where a building is to stand, and in which estate."""

    grid: GridPlace
    estate: str
    area: Polygon
    number: int


def build(
    made: Organisation, profile: Profile, now: datetime, chance: random.Random, say: Say
) -> None:
    """Buildings and houses by the product's own importer, which tells how far it is; hazards,
    facilities and seats beside them."""
    blocks = list(drawn(made, profile))
    planned = [building(block, chance) for block in blocks]
    rooms = list(all_houses(planned, profile.houses, chance))
    load(ImportKind.BUILDINGS, BUILDING_HEAD, list(map(building_line, planned)), now, say)
    load(ImportKind.HOUSES, HOUSE_HEAD, list(map(house_line, rooms)), now, say)
    draw_footprints(planned)
    give_addresses(made.communities[0].grids[0].unit)
    workers = {block.grid.unit.pk: block.grid.worker.pk for block in blocks}
    Hazard.objects.bulk_create(hazards(workers, now, chance))
    Facility.objects.bulk_create(facilities(made, chance))
    Seat.objects.bulk_create(seats(made, chance))


def load(
    kind: ImportKind, head: loading.Cells, lines: Sequence[loading.Cells], now: datetime, say: Say
) -> None:
    """By the system administrator."""
    by, name = User.objects.get(username=Role.SYSTEM_ADMIN), f"{kind.label}.csv"

    def tell(rows: int) -> None:
        say(f"{kind.label} {rows} / {len(lines)}")

    loading.load(jobs, by, name, (head, lines), kind=kind, now=now, tell=tell)


def building_line(row: Building) -> tuple[object, ...]:
    use = BuildingUse(row.use).label
    line = f"{row.estate}{row.name}"
    what = (row.code, row.estate, row.name, use, row.floors, row.unit_count)
    return (*what, row.property_company, line, row.lon, row.lat)


def house_line(row: House) -> tuple[object, ...]:
    use, owner = HouseUse(row.use).label, OwnerKind(row.owner_kind).label
    return row.building.code, row.unit_no, row.floor, row.room, use, owner


def draw_footprints(planned: Sequence[Building]) -> None:
    """What a table has no column for."""
    drawn = {row.code: row.footprint for row in planned}
    rows = list(Building.objects.filter(code__in=drawn))
    for row in rows:
        row.footprint = drawn[row.code]
    Building.objects.bulk_update(rows, ["footprint"], batch_size=500)


def drawn(made: Organisation, profile: Profile) -> Iterator[Block]:
    """The blocks of all grids; the more homes, the more of them."""
    estates = [pair for community in made.communities for pair in estates_of(community)]
    shares = share_out(profile.buildings, [WEIGHTS[grid.use] for grid, _name in estates])
    for (grid, name), share in zip(estates, shares, strict=True):
        for number, area in enumerate(slots(grid.area, share), start=1):
            yield Block(grid, name, area, number)


def estates_of(community: CommunityPlace) -> Iterator[tuple[GridPlace, str]]:
    """An estate a grid: 军丽园一里, 军丽园二里, … and the farms and parks."""
    numerals = {use: iter(NUMERALS) for use in Use}
    for grid in community.grids:
        yield grid, ESTATES[grid.use].format(community.short, next(numerals[grid.use])) + MARK


def slots(ground: Polygon, wanted: int) -> list[Polygon]:
    """So many rectangles in rows around the middle of the ground, closer together where there is
    room for too few."""
    inside = ground.buffer(-0.0003)
    shapely.prepare(inside)
    squeeze = 1.0
    while len(found := rows(inside, squeeze)) < wanted:
        squeeze *= 0.8
    middle = inside.centroid
    nearest = sorted(range(len(found)), key=lambda at: found[at].distance(middle))[:wanted]
    return [found[at] for at in sorted(nearest)]


def rows(inside: Any, squeeze: float) -> list[Polygon]:
    west, south, east, north = inside.bounds
    step_x, step_y = APART[0] * squeeze / EAST, APART[1] * squeeze / NORTH
    half_x, half_y = SLAB[0] * squeeze / EAST / 2, SLAB[1] * squeeze / NORTH / 2
    y, x = (
        part.ravel()
        for part in np.meshgrid(
            np.arange(south + step_y / 2, north, step_y),
            np.arange(west + step_x / 2, east, step_x),
            indexing="ij",
        )
    )
    low_x, low_y = np.round(x - half_x, 7), np.round(y - half_y, 7)
    high_x, high_y = np.round(x + half_x, 7), np.round(y + half_y, 7)
    blocks = shapely.box(low_x, low_y, high_x, high_y)
    return list(blocks[shapely.contains(inside, blocks)])


def building(block: Block, chance: random.Random) -> Building:
    """Named and used as its grid is; unsaved."""
    unit, middle = block.grid.unit, block.area.centroid
    return Building(
        code=f"{unit.pk:05d}{block.number:04d}",
        estate=block.estate,
        name=f"{block.number}号楼",
        footprint=geojson(block.area),
        use=use_of(block.grid.use, chance),
        lon=round(middle.x, 7),
        lat=round(middle.y, 7),
        property_company=f"和顺物业{MARK}" if block.grid.use == Use.HOMES else "",
        **access.chain_of(unit),
    )


def use_of(use: Use, chance: random.Random) -> str:
    if use == Use.HOMES:
        return chance.choices(
            [BuildingUse.RESIDENTIAL, BuildingUse.COMMERCIAL, BuildingUse.PUBLIC], [94, 4, 2]
        )[0]
    return BuildingUse.INDUSTRIAL if use == Use.PARK else BuildingUse.PUBLIC


def give_addresses(grid: Unit) -> None:
    """A standard address to each house of a grid. (Not of all: 30,000 lines of text would keep
    whoever starts the demo waiting.)"""
    rows = list(House.objects.filter(grid=grid).select_related("building").order_by("pk"))
    made = [address_of(row) for row in rows]
    Address.objects.bulk_create(made)
    for row, address in zip(rows, made, strict=True):
        row.address = address
    House.objects.bulk_update(rows, ["address"], batch_size=500)


def address_of(row: House) -> Address:
    building = row.building
    inside = f"{row.unit_no}单元{row.room}室" if row.unit_no else f"{row.room}室"
    parsed = addresses.parse(f"{building.estate}{building.name}{inside}")
    return addresses.unsaved(parsed, access.chain_of(row), (building.lon or 0, building.lat or 0))


# Houses -----------------------------------------------------------------------------------------


def all_houses(buildings: Sequence[Building], total: int, chance: random.Random) -> Iterator[House]:
    """Exactly so many, unsaved, in the buildings where people live."""
    homes = [row for row in buildings if row.use == BuildingUse.RESIDENTIAL]
    shares = share_out(total, [chance.choice((12, 18, 24, 24, 36)) for _row in homes])
    for row, share in zip(homes, shares, strict=True):
        yield from houses_of(row, share, chance)


def houses_of(row: Building, total: int, chance: random.Random) -> Iterator[House]:
    """Two rooms a floor in each stairwell, filled from the ground up."""
    stairwells = max(1, min(3, total // 12))
    row.unit_count, row.floors = stairwells, ceil(total / (2 * stairwells))
    where = access.chain_of(row)
    cells = (
        (str(unit), floor, f"{floor}{room:02d}")
        for floor in count(1)
        for unit in range(1, stairwells + 1)
        for room in (1, 2)
    )
    for unit_no, floor, room in islice(cells, total):
        use = chance.choices(list(USES), list(USES.values()))[0]
        yield House(
            building=row,
            unit_no=unit_no if stairwells > 1 else "",
            floor=floor,
            room=room,
            use=HouseUse.OWN if use == HouseUse.COMMERCIAL and floor > 1 else use,
            owner_kind=chance.choices(list(OWNERS), list(OWNERS.values()))[0],
            **where,
        )


def hazards(workers: dict[int, int], now: datetime, chance: random.Random) -> Iterator[Hazard]:
    """Noted on inspections of the last months, most of them cleared."""
    for house in House.objects.order_by("pk")[7::HAZARDOUS]:
        kind, note = chance.choice(HAZARDS)
        noted = now - timedelta(days=chance.randint(1, 60), minutes=chance.randint(0, 400))
        worker = workers[house.grid_id or 0]
        cleared = noted + timedelta(days=chance.randint(1, 12))
        gone = cleared < now and chance.random() < 0.6
        yield Hazard(
            house=house,
            kind=kind,
            note=note,
            noted_at=noted,
            noted_by_id=worker,
            cleared_at=cleared if gone else None,
            cleared_by_id=worker if gone else None,
        )


# Facilities and stations ------------------------------------------------------------------------


def facilities(made: Organisation, chance: random.Random) -> Iterator[Facility]:
    """One of each kind in every grid; a lamp and a manhole more among homes."""
    owners = {department.code: department.unit for department in made.departments.values()}
    serials = count(1)
    for grid in chain.from_iterable(community.grids for community in made.communities):
        kinds = FACILITIES + FACILITIES[:2] if grid.use == Use.HOMES else FACILITIES
        for kind, (lon, lat) in zip(kinds, points_in(grid.area, chance), strict=False):
            yield facility(kind, next(serials), grid.unit, owners, lon, lat)


def facility(
    kind: tuple[FacilityClass, str, str, str],
    serial: int,
    grid: Unit,
    owners: dict[str, Unit],
    lon: float,
    lat: float,
) -> Facility:
    facility_class, code, name, owner = kind
    return Facility(
        code=f"120110{code}{serial:06d}",
        facility_class=facility_class,
        kind=f"{name}{MARK}",
        owner=owners.get(owner),
        lon=lon,
        lat=lat,
        **access.chain_of(grid),
    )


def seats(made: Organisation, chance: random.Random) -> Iterator[Seat]:
    """Each station in the first grid of its community; the street's own in the first of all."""
    homes = {community.unit.pk: community.grids[0] for community in made.communities}
    stations = Unit.objects.filter(kind=UnitKind.STATION).order_by("pk")
    for station in stations:
        grid = homes.get(station.parent_id or 0, made.communities[0].grids[0])
        lon, lat = next(points_in(grid.area, chance))
        where = f"{grid.unit.name.removesuffix(MARK)}内{MARK}"
        yield Seat(unit=station, lon=lon, lat=lat, place=where)


def link_cases(made: Organisation) -> int:
    """Some open cases are about a facility, which stands where they were reported."""
    owners = {department.code: department.unit for department in made.departments.values()}
    codes = {pk: department.code for pk, department in made.departments.items()}
    rows = Case.objects.filter(state__in=OPEN, grid__isnull=False, item__form="component")
    chosen = list(rows.exclude(lon=None).select_related("grid", "item").order_by("pk")[:LINKED])
    for number, case in enumerate(chosen):
        owner = codes.get(case.item.department_id, "")
        facility_class, code = CLASSES.get(owner, FACILITIES[0][:2])
        thing = FAULT.sub("", case.item.name) or case.item.name
        assert case.grid is not None
        assert case.lon is not None
        assert case.lat is not None
        kind = (facility_class, code, thing[:30], owner)
        row = facility(kind, 900_000 + number, case.grid, owners, case.lon, case.lat)
        row.save()
        Case.objects.filter(pk=case.pk).update(facility=row)
    return len(chosen)
