"""Organisations from a table: known again by their credit code, so that a file can be loaded twice.
One with several licences has several rows.

What a file says of one that is registered is put right, what it leaves empty stays, and so does its
place: organisations move by closing here and opening there. A batch is a few statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from django.db import connection
from django.utils.translation import gettext as _t

from governance import bulk, personal, table_jobs, units
from governance.models import ImportState
from governance.table_files import Row
from governance.table_jobs import BadRow
from grids import geo
from grids.models import Building
from people import access, entities, entity_rows
from people.bulk_rows import COLUMNS, DATA_KEY
from people.entities import Facts
from people.entity_rows import Door, Said
from people.imports import PERMISSION, Alike, Levels, Place, find_houses
from people.licence_imports import Licences
from people.models import Entity, EntityContact, PeopleImport

if TYPE_CHECKING:
    from governance.models import User

CONTACT = {"id": "uuid", "data_key_id": "uuid", "name": "bytea", "phone": "bytea"}
FACTS = ("name", "kind", "staff_count", "place")


class Spot(NamedTuple):
    """Where a row's organisation is, as the columns of its table have it."""

    levels: Levels
    house_id: int | None = None
    building_id: int | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass
class New:
    """An organisation that is yet to be written, and whom to ring there."""

    row: Entity
    contact: dict[str, str]

    def put_right(self, said: Said) -> bool:
        """Whether another row of it says something new."""
        fresh = contact_said(said.facts)
        changed = put(self.row, said) or not fresh.items() <= self.contact.items()
        self.contact |= fresh
        return changed


class Loader(table_jobs.Loader):
    """One batch of a job; of one that is being checked nothing is written."""

    def __init__(self, job: PeopleImport, now: datetime) -> None:
        super().__init__(job)
        self.now, self.writes = now, job.state == ImportState.RUNNING
        self.alike: list[Alike] = []

    def load(self, batch: Sequence[Row]) -> None:
        access.enter(self.by, PERMISSION)
        there = There(self.by, list(self.placed(list(self.understood(batch)))))
        made = changed = 0
        for said, spot in there.placed:
            try:
                is_new, says_more = self.take(said, spot, there)
            except BadRow as error:
                self.refused.append((said.row, str(error)))
            else:
                made += is_new
                changed += says_more and not is_new
        if self.writes:
            write(there.new.values(), there.changed.values())
            there.licences.write(self.now)
        self.made += made
        self.changed += changed

    def take(self, said: Said, spot: Spot, there: There) -> tuple[bool, bool]:
        """Whether an organisation came with the row, and whether anything did. Raises BadRow."""
        code = said.facts.credit_code
        known, new = there.known.get(code), there.new.get(code)
        if known is None and new is None and code in there.elsewhere:
            raise BadRow(entities.taken_elsewhere())
        papers = there.licences.news(said)
        if known is not None:
            row, is_new, says_more = known, False, self.put_right(known, said, there)
        elif new is not None:
            row, is_new, says_more = new.row, False, new.put_right(said)
        else:
            row, is_new, says_more = self.made_of(said.facts, spot), True, True
            there.new[code] = New(row, contact_said(said.facts))
        if papers is not None:
            there.licences.add(row, papers)
        return is_new, says_more or papers is not None

    def understood(self, batch: Sequence[Row]) -> Iterator[Said]:
        for row in batch:
            try:
                yield entity_rows.read(row, self.said(row))
            except BadRow as error:
                self.refused.append((row, str(error)))

    def placed(self, said: Collection[Said]) -> Iterator[tuple[Said, Spot]]:
        """Each row at its place, if the importer works there."""
        doors = {one.door for one in said if one.door}
        houses = find_houses({door for door in doors if door[-1]})
        buildings = find_buildings({door for door in doors if not door[-1]})
        points = [one.point for one in said if one.point]
        grids = dict(zip(points, geo.grids_at(points), strict=True)) if points else {}
        held = access.places(self.by, PERMISSION)
        mine = [(COLUMNS.index(column), value) for column, value in held]
        for one in said:
            found = list(spots(one, houses, buildings, grids))
            inside = [s for s in found if any(s.levels[at] == value for at, value in mine)]
            if len(inside) == 1:
                yield one, inside[0]
            elif inside:
                self.refused.append((one.row, _t("几个社区都有这处地址，请分社区导入。")))
            elif found:
                self.refused.append((one.row, _t("该位置不在您的辖区。")))
            elif one.point:
                self.refused.append((one.row, _t("该位置不在任何网格内。")))
            else:
                self.refused.append((one.row, _t("没有这处楼栋或房屋，请先导入楼栋、房屋。")))

    def made_of(self, facts: Facts, spot: Spot) -> Entity:
        where = dict(zip(COLUMNS, spot.levels, strict=True))
        at = {"house_id": spot.house_id, "building_id": spot.building_id}
        row = Entity(
            registered_at=self.now,
            registered_by=self.by,
            lon=spot.lon,
            lat=spot.lat,
            **where,
            **at,
        )
        entities.put(row, facts)
        return row

    def put_right(self, row: Entity, said: Said, there: There) -> bool:
        """Whether a row says something new of an organisation that is registered."""
        changed, fresh = put(row, said), there.says_new(row, contact_said(said.facts))
        if fresh and self.writes:
            row.contact = entities.contact_of(row.contact, said.facts)
        if changed or fresh:
            there.changed[row.pk] = row
        return changed or fresh


class There:
    """Who is there already of what a batch speaks of, and what comes of it."""

    def __init__(self, by: User, placed: list[tuple[Said, Spot]]) -> None:
        self.placed = placed
        codes = [said.facts.credit_code for said, _spot in placed]
        self.known, self.elsewhere = known_by(by, codes), taken(codes)
        self.licences = Licences([said for said, _spot in placed], self.known.values())
        self.new: dict[str, New] = {}
        self.changed: dict[int, Entity] = {}
        self.contacts: dict[int, dict[str, str]] = {}  # opened when somebody has to compare

    def says_new(self, row: Entity, contact: dict[str, str]) -> bool:
        """Whether this is something new of whom to ring; from now on it is not."""
        if not contact:
            return False
        if row.pk not in self.contacts:
            self.contacts[row.pk] = opened(row.contact)
        known = self.contacts[row.pk]
        fresh = not contact.items() <= known.items()
        known.update(contact)
        return fresh


def put(row: Entity, said: Said) -> bool:
    """Put into an organisation what a row says; what that leaves empty stays."""
    given = said.facts
    facts = replace(
        given,
        kind=given.kind if said.names_kind else row.kind,
        staff_count=row.staff_count if given.staff_count is None else given.staff_count,
        place=given.place or row.place,
    )
    before = [getattr(row, name) for name in FACTS]
    entities.put(row, facts)
    return before != [getattr(row, name) for name in FACTS]


def contact_said(facts: Facts) -> dict[str, str]:
    given = {"name": facts.contact_name, "phone": facts.contact_phone}
    return {name: value for name, value in given.items() if value}


def opened(contact: EntityContact | None) -> dict[str, str]:
    sealed = {"name": contact.name, "phone": contact.phone} if contact else {}
    return {name: value.reveal() for name, value in sealed.items() if value}


def write(new: Collection[New], changed: Collection[Entity]) -> None:
    keys, contacts = [], []
    for one in new:
        if one.contact:
            key = uuid4()
            values = {name: one.contact.get(name, "") for name in ("name", "phone")}
            data_key, sealed = personal.new_row(EntityContact, key, values)
            keys.append(data_key)
            contacts.append([key, data_key[0], *sealed])
            one.row.contact_id = key
    bulk.insert("governance_datakey", DATA_KEY, keys)
    bulk.insert("people_entitycontact", CONTACT, contacts)
    Entity.objects.bulk_create(one.row for one in new)
    for row in changed:
        row.version += 1
    Entity.objects.bulk_update(changed, [*FACTS, "contact", "version"])


def known_by(by: User, codes: Sequence[str]) -> dict[str, Entity]:
    """The open organisations of the importer's units that hold these codes."""
    rows = Entity.objects.select_for_update(of=("self",)).order_by("pk")
    mine = access.within(by, PERMISSION)
    found = rows.filter(mine, credit_code__in=codes, closed_on=None)
    return {row.credit_code: row for row in found.select_related("contact__data_key")}


def taken(codes: Sequence[str]) -> set[str]:
    """Which of these codes an organisation holds today, wherever it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_entities_by_codes(%s::varchar[])", [list(codes)])
        return {code for (code,) in cursor.fetchall()}


def find_buildings(asked: Collection[Door]) -> dict[Door, list[Place]]:
    """The buildings that rows name, by estate and name."""
    names = {(estate, name) for estate, name, _unit, _room in asked}
    rows = Building.objects.filter(
        estate__in={estate for estate, _name in names},
        name__in={name for _estate, name in names},
        is_active=True,
    )
    found: dict[tuple[str, str], list[Place]] = {}
    for estate, name, pk, *levels in rows.values_list("estate", "name", "pk", *COLUMNS):
        found.setdefault((estate, name), []).append(Place(pk, tuple(levels)))
    return {door: found.get(door[:2], []) for door in asked}


def spots(
    said: Said,
    houses: dict[Door, list[Place]],
    buildings: dict[Door, list[Place]],
    grids: dict[tuple[float, float], int | None],
) -> Iterable[Spot]:
    """The places that a row can mean."""
    if said.point:
        if (grid_id := grids[said.point]) is not None:
            chain = units.known()[grid_id].chain
            yield Spot(tuple(chain[column] for column in COLUMNS), None, None, *said.point)
    elif said.door and said.door[-1]:
        yield from (Spot(house.levels, house_id=house.pk) for house in houses.get(said.door, []))
    elif said.door:
        rows = buildings[said.door]
        yield from (Spot(building.levels, building_id=building.pk) for building in rows)
