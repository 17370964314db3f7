"""The demo's organisations: shops, schools, plants and offices, with licences of which some run out
soon, and inspections. They come in by the product's own importer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count, cycle
from typing import NamedTuple

from django.utils.timezone import localdate

from cases.demo import loading
from cases.demo.neighbours import Neighbours
from cases.demo.organisation import GridPlace
from cases.demo.people import MARK
from cases.demo.territory import Use, points_in
from governance import actor
from grids.models import House, HouseUse
from people import entities
from people.entities import Facts, Papers, Spot
from people.identifiers import credit_check
from people.import_jobs import jobs
from people.models import (
    Entity,
    EntityEnd,
    EntityKind,
    ImportKind,
    InspectionResult,
    LicenceKind,
)

PHONES = 154_2000_0000
AREA = "990000"  # of nobody, as in the people's numbers


class Sort(NamedTuple):
    """What there is in a community: called, of which kind, how large, with which licence."""

    name: str
    kind: str
    staff: int
    licence: str
    code: str  # the registrar and the type, GB 32100


SHOPS = (
    Sort("便民超市", EntityKind.SOLE_TRADER, 4, LicenceKind.FOOD, "92"),
    Sort("早点铺", EntityKind.SOLE_TRADER, 3, LicenceKind.FOOD, "92"),
    Sort("理发店", EntityKind.SOLE_TRADER, 3, LicenceKind.HEALTH, "92"),
    Sort("大药房", EntityKind.ENTERPRISE, 6, LicenceKind.MEDICINE, "91"),
    Sort("幼儿园", EntityKind.INSTITUTION, 38, LicenceKind.SCHOOL, "12"),
    Sort("卫生服务站", EntityKind.INSTITUTION, 12, LicenceKind.MEDICINE, "12"),
    Sort("家政服务有限公司", EntityKind.ENTERPRISE, 22, LicenceKind.BUSINESS, "91"),
    Sort("旅馆", EntityKind.ENTERPRISE, 9, LicenceKind.SPECIAL, "91"),
    Sort("养老驿站", EntityKind.SOCIAL, 8, LicenceKind.FIRE, "52"),
    Sort("五金店", EntityKind.SOLE_TRADER, 2, LicenceKind.BUSINESS, "92"),
    Sort("志愿服务队", EntityKind.SOCIAL, 30, LicenceKind.OTHER, "51"),
)
PLANTS = (
    Sort("机械加工有限公司", EntityKind.ENTERPRISE, 85, LicenceKind.FIRE, "91"),
    Sort("物流有限公司", EntityKind.ENTERPRISE, 60, LicenceKind.BUSINESS, "91"),
    Sort("涂料有限公司", EntityKind.ENTERPRISE, 40, LicenceKind.HAZARDOUS, "91"),
)
FIELDS = (Sort("蔬菜种植专业合作社", EntityKind.COLLECTIVE, 18, LicenceKind.BUSINESS, "93"),)
SORTS = {Use.HOMES: SHOPS, Use.PARK: PLANTS, Use.FARM: FIELDS}
PLACES = {
    Use.HOMES: ("东侧沿街底商", "南门西侧", "配套公建一层", "小区服务中心内"),
    Use.PARK: ("1 号厂房", "3 号厂房", "仓储区北侧"),
    Use.FARM: ("机耕路东侧", "大棚区管理房"),
}
# Days from today to the end of the licence; None: without an end.
ENDS = (420, 18, None, 700, 6, 250, -9, 1200, 27, 90)
HEAD = (
    *("统一社会信用代码", "单位名称", "单位类型", "从业人数", "联系人", "联系电话"),
    *("小区", "楼栋", "单元", "房号", "经度", "纬度", "位置说明"),
    *("证照种类", "证照编号", "发证日期", "有效期至"),
)
NOTES = {
    InspectionResult.GOOD: "证照齐全，消防器材有效。",
    InspectionResult.FIXED: "灭火器压力不足一具，当场更换。",
    InspectionResult.PROBLEMS: "安全出口堆放货物，限三日内清理。",
}


@dataclass
class Firm:
    """One invented organisation, its licences, and what took the place of the first of them."""

    serial: int
    grid: GridPlace
    spot: Spot
    facts: Facts
    papers: list[Papers]
    renewed: Papers | None


class Registrar:
    """Numbers organisations and their papers: no two alike."""

    def __init__(self) -> None:
        self.serials, self.ends = count(1), cycle(ENDS)

    def register(self, near: Neighbours, total: int) -> None:
        """So many organisations in a community, which its clerk loads; then what happens there."""
        firms = list(self.invent(near, total))
        loading.load(
            jobs,
            near.clerk,
            f"{near.place.unit.name}单位{MARK}.csv",
            (HEAD, chain.from_iterable(map(lines, firms))),
            kind=ImportKind.ENTITIES,
            now=near.at(60),
            tell=lambda _rows: None,
            unseen=True,
        )
        known = entities.visible_entities(near.clerk).prefetch_related("licences")
        rows = {row.credit_code: row for row in known}
        for firm in firms:
            live(near, firm, rows[firm.facts.credit_code])

    def invent(self, near: Neighbours, total: int) -> Iterator[Firm]:
        """Grid by grid in turn."""
        spots = [self.spots(grid, near.chance) for grid in near.place.grids]
        for number, (grid, places) in zip(
            range(total), cycle(zip(near.place.grids, spots, strict=True))
        ):
            round_ = number // len(spots)
            sorts: Sequence[Sort] = SORTS[grid.use]
            sort = sorts[round_ % len(sorts)]
            yield self.one(near, grid, sort, next(places), round_ // len(sorts) + 1)

    def spots(self, grid: GridPlace, chance: random.Random) -> Iterator[Spot]:
        """The shops of the grid, then points of the map."""
        rows = House.objects.filter(grid=grid.unit, use=HouseUse.COMMERCIAL)
        for house in rows.select_related("building").order_by("pk"):
            yield Spot(house=house)
        for lon, lat in points_in(grid.area, chance):
            yield Spot(lon=lon, lat=lat)

    def one(self, near: Neighbours, grid: GridPlace, sort: Sort, spot: Spot, turn: int) -> Firm:
        serial, chance = next(self.serials), near.chance
        short = grid.unit.name.removesuffix(MARK).removesuffix("网格")
        body = f"{sort.code}{AREA}YS{serial:07d}"
        body = body.replace("S", "5")  # no letter of the alphabet of GB 32100
        place = "" if spot.house else chance.choice(PLACES[grid.use]) + MARK
        facts = Facts(
            credit_code=body + credit_check(body),
            name=f"{short}{sort.name}{turn if turn > 1 else ''}{MARK}",
            kind=sort.kind,
            staff_count=max(1, sort.staff + chance.randint(-1, 3)),
            place=place,
            contact_name=near.inventor.name(1980, near.inventor.sex()) + MARK,
            contact_phone=str(PHONES + serial),
        )
        return Firm(serial, grid, spot, facts, *self.papers(sort, serial, localdate(near.now)))

    def papers(self, sort: Sort, serial: int, today: date) -> tuple[list[Papers], Papers | None]:
        """The one that its trade asks for, and the business licence; what renewed the first."""
        days = next(self.ends)
        expires = today + timedelta(days=days) if days is not None else None
        issued = (expires or today) - timedelta(days=5 * 365)
        known = [Papers(sort.licence, f"演示{today.year}第{serial:04d}号", issued, expires)]
        trades = sort.kind in {EntityKind.ENTERPRISE, EntityKind.SOLE_TRADER}
        if trades and sort.licence != LicenceKind.BUSINESS:
            known.append(Papers(LicenceKind.BUSINESS, f"演示{serial:06d}", issued))
        if days is None or not 0 < days < 10 or serial % 3:
            return known, None
        later = expires and expires + timedelta(days=3 * 365)
        return known, Papers(sort.licence, f"演示{today.year}换{serial:04d}号", today, later)


def lines(firm: Firm) -> Iterator[tuple[object, ...]]:
    """A row a licence."""
    facts, spot, house = firm.facts, firm.spot, firm.spot.house
    door: tuple[object, ...] = ("", "", "", "", spot.lon, spot.lat)
    if house is not None:
        door = (house.building.estate, house.building.name, house.unit_no, house.room, "", "")
    for papers in firm.papers:
        yield (
            facts.credit_code,
            facts.name,
            EntityKind(facts.kind).label,
            facts.staff_count,
            facts.contact_name,
            facts.contact_phone,
            *door,
            facts.place,
            LicenceKind(papers.kind).label,
            papers.number,
            papers.issued_on,
            papers.expires_on,
        )


def live(near: Neighbours, firm: Firm, row: Entity) -> None:
    """A licence is renewed, somebody inspects, some move away: by the verbs, as people would."""
    with actor.acting(near.clerk.pk, "desk"):
        if firm.renewed is not None:
            old = {one.number: one for one in row.licences.all()}[firm.papers[0].number]
            entities.renew_licence(old, firm.renewed, by=near.clerk, now=near.at(1))
    if firm.serial % 2:
        inspect(near, firm.grid, row, firm.serial)
    if firm.serial % 17 == 0:
        with actor.acting(near.clerk.pk, "desk"):
            end, moment = EntityEnd.MOVED, near.at(2)
            entities.close(row, end, on=localdate(moment), by=near.clerk, now=moment)


def inspect(near: Neighbours, grid: GridPlace, row: Entity, serial: int) -> None:
    results = list(NOTES)
    result = results[0] if serial % 3 else results[serial // 3 % len(results)]
    with actor.acting(grid.worker.pk, "phone"):
        moment = near.at(near.chance.randint(1, 50))
        entities.inspect(row, result, NOTES[result], by=grid.worker, now=moment)
