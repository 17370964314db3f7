"""An import of buildings or houses (the way of the job: governance/table_jobs.py).

A building is known again by its code, else by estate and name in its community; a house by
building, unit and room: a file can be loaded twice. Lists of houses often name who lives there: of
a row nothing is kept but what a mapped column says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import bulk, table_jobs, timers, units
from governance.models import LEVELS, ImportState, UnitCode, UnitKind
from governance.table_files import Row
from governance.table_jobs import BadRow, Columns, TableJobs
from grids import access, addresses, geo, place_columns
from grids.addresses import Parsed
from grids.models import Address, Building, House, ImportKind, PlaceImport, RefusedRow
from grids.place_columns import BuildingRow, HouseRow

PERMISSION = "place.import"
Levels = dict[str, int | None]
COLUMNS = tuple(f"{level}_id" for level in LEVELS)


ABANDON, FORGET = "grids.import_abandon", "grids.import_forget"


class PlaceJobs(TableJobs[PlaceImport, "Loader"]):
    model, permission = PlaceImport, PERMISSION
    abandons, forgets = ABANDON, FORGET

    def columns(self, job: PlaceImport) -> Columns:
        return place_columns.COLUMNS[job.kind]

    def missing(self, job: PlaceImport) -> list[str]:
        return [*super().missing(job), *place_columns.missing(job.kind, job.mapping)]

    def loader(self, job: PlaceImport) -> Loader:
        return Loader(job)

    def keep_sample(self, job: PlaceImport, rows: Sequence[Row]) -> None:
        job.sample = [[row.line, kept(job, row.cells)] for row in rows]

    def keep_findings(self, job: PlaceImport, loader: Loader) -> None:
        RefusedRow.objects.bulk_create(
            RefusedRow(job=job, line=row.line, cells=kept(job, row.cells), why=why[:400])
            for row, why in loader.refused
        )

    def delete_findings(self, job: PlaceImport, now: datetime) -> None:
        job.refused_rows.all().delete()

    @transaction.atomic
    def set_mapping(self, job: PlaceImport, mapping: Mapping[str, str]) -> PlaceImport:
        """Where other columns mean something now, the worker reads the first rows again."""
        seen = set(job.mapping.values())
        job = super().set_mapping(job, mapping)
        if set(job.mapping.values()) != seen:
            job.state = ImportState.UPLOADED
            job.save(update_fields=["state"])
        return job

    def ended(self, job: PlaceImport) -> None:
        super().ended(job)
        PlaceImport.objects.filter(pk=job.pk).update(sample=[])

    def preview(self, job: PlaceImport) -> list[tuple[Row, str]]:
        """What is kept of the first rows, with what is wrong with each, "" for nothing: tried, and
        taken back."""
        rows = [Row(line, cells) for line, cells in job.sample]
        if self.missing(job):
            return [(row, "") for row in rows]
        loader = Loader(job)
        with transaction.atomic():
            loader.load([Row(row.line, padded(job, row.cells)) for row in rows])
            transaction.set_rollback(True)
        faults = {row.line: why for row, why in loader.refused}
        return [(row, faults.get(row.line, "")) for row in rows]


jobs = PlaceJobs()
timers.handler(ABANDON, _("删除没有完成的楼栋房屋导入"))(jobs.abandon_due)
timers.handler(FORGET, _("删除楼栋房屋导入中被拒绝的行"))(jobs.forget_due)


def mapped(job: PlaceImport) -> list[str]:
    """The columns that mean something, in the order of the file."""
    meant = set(job.mapping.values())
    return [name for name in job.header if name in meant]


def kept(job: PlaceImport, cells: Sequence[str]) -> list[str]:
    """What of a row is kept."""
    said = dict(zip(job.header, cells, strict=True))
    return [said[name] for name in mapped(job)]


def padded(job: PlaceImport, cells: Sequence[str]) -> list[str]:
    """What is kept of a row, as wide as the file."""
    said = dict(zip(mapped(job), cells, strict=True))
    return [said.get(name, "") for name in job.header]


# Rows to places ---------------------------------------------------------------------------------


class Loader(table_jobs.Loader):
    def __init__(self, job: PlaceImport) -> None:
        super().__init__(job)
        self.kind = job.kind

    def load(self, batch: Sequence[Row]) -> None:
        if self.kind == ImportKind.BUILDINGS:
            self.load_buildings(self.understood(batch, place_columns.building_row))
        else:
            self.load_houses(self.understood(batch, place_columns.house_row))

    def understood(
        self, batch: Sequence[Row], shape: Callable[[Mapping[str, str]], Any]
    ) -> list[tuple[Row, Any]]:
        found = []
        for row in batch:
            try:
                found.append((row, shape(self.said(row))))
            except BadRow as error:
                self.refused.append((row, str(error)))
        return found

    # buildings

    def load_buildings(self, rows: list[tuple[Row, BuildingRow]]) -> None:
        placed = self.placed(rows)
        by_code, by_name = self.known_buildings(placed)
        lines = self.address_ids(placed)
        new: dict[tuple[Any, ...], Building] = {}
        changed: dict[int, Building] = {}
        moved: set[int] = set()
        for row, said, where in placed:
            key = (where["community_id"], said.estate, said.name)
            building = (by_code.get(said.code) if said.code else None) or by_name.get(key)
            twin = by_name.get(key)
            if building is not None and twin is not None and twin is not building:
                self.refused.append((row, _t("该小区已有同名楼栋，编号不同")))
                continue
            if building is not None and said.code and building.code not in {"", said.code}:
                self.refused.append((row, _t("该小区已有同名楼栋，编号不同")))
                continue
            if building is None:
                building = Building(estate=said.estate, name=said.name, **where)
                self.apply(building, said, where, lines)
                new[key] = building
                self.made += 1
            else:
                before = access.chain_of(building)
                if building.pk is None:  # a line of this very batch said so before
                    self.apply(building, said, where, lines)
                elif self.apply(building, said, where, lines):
                    changed[building.pk] = building
                    self.changed += 1
                    if access.chain_of(building) != before:
                        moved.add(building.pk)
            by_name[key] = building
            if said.code:
                by_code[said.code] = building
        Building.objects.bulk_create(new.values())
        fields = [*BUILDING_FIELDS, *(level for level in LEVELS), "address"]
        Building.objects.bulk_update(changed.values(), fields, batch_size=500)
        for pk in moved:
            House.objects.filter(building=pk).update(**access.chain_of(changed[pk]))

    def placed(self, rows: list[tuple[Row, BuildingRow]]) -> list[tuple[Row, BuildingRow, Levels]]:
        """Each row where it lies, if the importer works there."""
        points = [said.point for _row, said in rows if said.point]
        grids = dict(zip(points, geo.grids_at(points), strict=True)) if points else {}
        names, known = self.community_ids(rows), units.known()
        found = []
        for row, said in rows:
            community = names.get(said.community) if said.community else None
            if said.community and community is None:
                self.refused.append((row, _t("没有社区“%(name)s”") % {"name": said.community}))
                continue
            grid_id = grids.get(said.point) if said.point else None
            if grid_id is not None:
                where = known[grid_id].chain
            else:
                where = access.without_grid(self.by, community, pointed=said.point is not None)
            if not access.covers(self.by, where, PERMISSION):
                self.refused.append((row, _t("该位置不在您的辖区内")))
                continue
            found.append((row, said, where))
        return found

    def community_ids(self, rows: list[tuple[Row, BuildingRow]]) -> dict[str, int]:
        """Communities by name or official code; a name that two have is nobody's."""
        asked = {said.community for _row, said in rows if said.community}
        if not asked:
            return {}
        codes = UnitCode.objects.filter(code__in=asked, valid_to=None)
        found = dict(codes.values_list("code", "unit_id"))
        named: dict[str, list[int]] = defaultdict(list)
        for name, units_so_named in addresses.unit_names().items():
            if name in asked:
                named[name] = [u.pk for u in units_so_named if u.kind == UnitKind.COMMUNITY]
        return {name: pks[0] for name, pks in named.items() if len(pks) == 1} | found

    def known_buildings(
        self, placed: list[tuple[Row, BuildingRow, Levels]]
    ) -> tuple[dict[str, Building], dict[tuple[Any, ...], Building]]:
        """What is there already, by code and by (community, estate, name)."""
        codes = {said.code for _row, said, _where in placed if said.code}
        communities = {where["community_id"] for _row, _said, where in placed}
        estates = {said.estate for _row, said, _where in placed}
        names = {said.name for _row, said, _where in placed}
        here = Q(community__in=communities - {None})
        if None in communities:
            here |= Q(community=None)
        rows = Building.objects.filter(
            Q(code__in=codes) | here & Q(estate__in=estates, name__in=names), is_active=True
        )
        found = [
            row
            for row in rows.select_for_update(of=("self",)).order_by("pk")
            if access.covers(self.by, access.chain_of(row), PERMISSION)
        ]
        by_code = {row.code: row for row in found if row.code}
        return by_code, {(row.community_id, row.estate, row.name): row for row in found}

    def apply(
        self,
        building: Building,
        said: BuildingRow,
        where: Levels,
        lines: dict[tuple[int | None, str], int],
    ) -> bool:
        """Put into a building what the row says; whether that changed it."""
        values: dict[str, Any] = {"estate": said.estate, "name": said.name}
        for name in ("code", "use", "property_company"):
            if getattr(said, name):
                values[name] = getattr(said, name)
        for name in ("floors", "unit_count"):
            if getattr(said, name) is not None:
                values[name] = getattr(said, name)
        if said.point:
            values |= {"lon": said.point[0], "lat": said.point[1], **where}
            if said.footprint or (building.lon, building.lat) != said.point:
                values["footprint"] = said.footprint
        elif said.community:
            values |= where if building.community_id != where["community_id"] else {}
        if said.address:
            values["address_id"] = lines.get((where["community_id"], said.address))
        differ = {name: value for name, value in values.items() if getattr(building, name) != value}
        for name, value in differ.items():
            setattr(building, name, value)
        return bool(differ)

    def address_ids(
        self, placed: list[tuple[Row, BuildingRow, Levels]]
    ) -> dict[tuple[int | None, str], int]:
        """(community, line) → its standard address, made where there is none."""
        parsed: dict[tuple[int | None, str], tuple[Parsed, BuildingRow, Levels]] = {}
        for _row, said, where in placed:
            if said.address and (read := addresses.parse(said.address)).key:
                parsed.setdefault((where["community_id"], said.address), (read, said, where))
        keys = {(line[0], read.key) for line, (read, _said, _where) in parsed.items()}
        known = self.known_addresses(keys)
        new: dict[tuple[int | None, str], Address] = {}
        for line, (read, said, where) in parsed.items():
            key = (line[0], read.key)
            if key not in known and key not in new:
                new[key] = addresses.unsaved(read, where, said.point)
        Address.objects.bulk_create(new.values())
        known |= {key: row.pk for key, row in new.items()}
        return {line: known[line[0], read.key] for line, (read, _s, _w) in parsed.items()}

    def known_addresses(
        self, keys: Iterable[tuple[int | None, str]]
    ) -> dict[tuple[int | None, str], int]:
        rows = Address.objects.filter(key__in={key for _pk, key in keys}, merged_into=None)
        return {
            (community, key): pk
            for pk, community, key in rows.values_list("pk", "community_id", "key")
        }

    # houses

    def load_houses(self, rows: list[tuple[Row, HouseRow]]) -> None:
        by_code, by_name = self.buildings_of(rows)
        pairs: list[tuple[Row, HouseRow, Building]] = []
        for row, said in rows:
            try:
                pairs.append((row, said, self.building_of(said, by_code, by_name)))
            except BadRow as error:
                self.refused.append((row, str(error)))
        ids = {building.pk for _row, _said, building in pairs}
        rooms = {said.room for _row, said, _building in pairs}
        there = House.objects.filter(building__in=ids, room__in=rooms, is_active=True)
        known = {(h.building_id, h.unit_no, h.room): h for h in there.order_by("pk")}
        new: list[House] = []
        changed: dict[int, House] = {}
        for _row, said, building in pairs:
            key = (building.pk, said.unit_no, said.room)
            house = known.get(key)
            if house is None:
                house = known[key] = new_house(said, building)
                new.append(house)
                self.made += 1
            elif put(house, said) and house.pk is not None:
                changed[house.pk] = house
                self.changed += 1
        bulk.insert("grids_house", NEW_HOUSE, [values_of(house) for house in new])
        House.objects.bulk_update(changed.values(), ["floor", "use", "owner_kind"], batch_size=500)

    def buildings_of(
        self, rows: list[tuple[Row, HouseRow]]
    ) -> tuple[dict[str, Building], dict[tuple[str, str], list[Building]]]:
        codes = {said.building_code for _row, said in rows if said.building_code}
        estates = {said.estate for _row, said in rows}
        names = {said.building for _row, said in rows if said.building}
        found = Building.objects.filter(
            Q(code__in=codes) | Q(estate__in=estates, name__in=names),
            access.within(self.by, PERMISSION),
            is_active=True,
        ).defer("footprint")
        by_name: dict[tuple[str, str], list[Building]] = defaultdict(list)
        for row in found.order_by("pk"):
            by_name[row.estate, row.name].append(row)
        return {row.code: row for row in found if row.code}, by_name

    def building_of(
        self,
        said: HouseRow,
        by_code: Mapping[str, Building],
        by_name: Mapping[tuple[str, str], list[Building]],
    ) -> Building:
        """The building that a row names. Raises BadRow."""
        if said.building_code:
            if said.building_code not in by_code:
                raise BadRow(_t("没有编号为“%(code)s”的楼栋") % {"code": said.building_code})
            return by_code[said.building_code]
        found = by_name.get((said.estate, said.building), [])
        if said.community:
            found = [row for row in found if units.name_of(row.community_id) == said.community]
        if not found:
            name = {"name": f"{said.estate}{said.building}"}
            raise BadRow(_t("没有楼栋“%(name)s”，请先登记或导入楼栋") % name)
        if len(found) > 1:
            raise BadRow(_t("几个社区都有这栋楼，请给出社区或楼栋编号"))
        return found[0]


BUILDING_FIELDS = (
    *("code", "estate", "name", "use", "floors", "unit_count", "property_company"),
    *("lon", "lat", "footprint"),
)


NEW_HOUSE = {
    "building_id": "bigint",
    "unit_no": "varchar",
    "floor": "smallint",
    "room": "varchar",
    "use": "varchar",
    "owner_kind": "varchar",
    "is_active": "boolean",
    **dict.fromkeys(COLUMNS, "bigint"),
}


def values_of(house: House) -> list[Any]:
    """The columns of NEW_HOUSE: written in one statement a batch, models cost twice as much."""
    return [getattr(house, column) for column in NEW_HOUSE]


def new_house(said: HouseRow, building: Building) -> House:
    where = {column: getattr(building, column) for column in COLUMNS}
    house = House(
        building=building, unit_no=said.unit_no, room=said.room, floor=said.floor, **where
    )
    put(house, said)
    return house


def put(house: House, said: HouseRow) -> bool:
    """What the row says of a house; whether that changed it."""
    values: dict[str, Any] = {"floor": said.floor}
    if said.use:
        values["use"] = said.use
    if said.owner_kind:
        values["owner_kind"] = said.owner_kind
    differ = {name: value for name, value in values.items() if getattr(house, name) != value}
    for name, value in differ.items():
        setattr(house, name, value)
    return bool(differ)
