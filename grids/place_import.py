"""An import of buildings or houses: uploaded, read, looked at, confirmed, then loaded by a worker.

A building is known again by its code, else by estate and name in its community; a house by
building, unit and room: a file can be loaded twice. A batch is a transaction with the counters of
how far it is, so that a worker that is killed goes on where it was.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _t

from governance import actor, bulk, clock, permissions, units
from governance.models import LEVELS, UnitCode, UnitKind
from grids import access, addresses, geo, place_columns, place_tables
from grids.addresses import Parsed
from grids.errors import NotAllowed
from grids.models import (
    WAITING,
    Address,
    Building,
    House,
    ImportKind,
    ImportState,
    PlaceImport,
    RefusedRow,
)
from grids.place_columns import BadRow, BuildingRow, HouseRow
from grids.place_tables import BadFile, Row

if TYPE_CHECKING:
    from governance.models import User

log = logging.getLogger(__name__)
PERMISSION = "place.import"
MAX_BYTES = 30 * 1024 * 1024
BATCH = 1000
SAMPLE = 10
PATIENCE = 200.0  # seconds of a worker's task, which is ended at 300
S = ImportState
Levels = dict[str, int | None]
COLUMNS = tuple(f"{level}_id" for level in LEVELS)


# The way of a job -------------------------------------------------------------------------------


def start(user: User, kind: str, file: File[bytes], *, now: datetime) -> PlaceImport:
    """Keep the file; the worker reads it next. Raises NotAllowed."""
    if not permissions.may(user, PERMISSION):
        raise NotAllowed(_t("您的岗位不能批量导入。"))
    name = (file.name or "").rsplit("/", 1)[-1][-200:]
    if not name.lower().endswith((".csv", ".xlsx")):
        raise NotAllowed(_t("请上传 CSV 或 XLSX 文件。"))
    if file.size > MAX_BYTES:
        raise NotAllowed(_t("文件超过 30 MB，请分成几个文件。"))
    job = PlaceImport(kind=kind, by=user, file_name=name, created_at=now)
    suffix = name.rsplit(".", 1)[-1].lower()
    job.file.save(f"{kind}.{suffix}", file, save=False)
    job.save()
    return job


@transaction.atomic
def read(job_id: int) -> None:
    """Header, number of rows, the first rows, and what the columns may mean."""
    job = locked(job_id, S.UPLOADED)
    if job is None:
        return
    try:
        with job.file.open("rb") as file, place_tables.reading(file, job.file_name) as table:
            first = list(islice(table.rows, SAMPLE))
            job.header, job.total = table.header, len(first) + sum(1 for _row in table.rows)
    except BadFile as error:
        fail(job, str(error))
        return
    job.mapping = place_columns.guessed(job.kind, job.header)
    job.sample = [[row.line, row.cells] for row in first]
    job.state = S.READY
    job.save(update_fields=["header", "total", "mapping", "sample", "state"])


def fail(job: PlaceImport, why: str) -> None:
    job.state, job.error, job.ended_at = S.FAILED, why[:400], clock.now()
    job.save(update_fields=["state", "error", "ended_at"])
    forget_file(job)


def forget_file(job: PlaceImport) -> None:
    """The rows are in the register, the refused ones beside the job."""
    name, storage = job.file.name, job.file.storage
    PlaceImport.objects.filter(pk=job.pk).update(file="")
    if name:
        transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def set_mapping(job: PlaceImport, mapping: Mapping[str, str]) -> PlaceImport:
    """What the columns mean, as somebody looked at it. Raises NotAllowed."""
    current = PlaceImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if current.state != S.READY:
        raise NotAllowed(_t("导入已经开始，不能再改。"))
    known = place_columns.COLUMNS[current.kind]
    current.mapping = {
        what: name for what, name in mapping.items() if what in known and name in current.header
    }
    current.save(update_fields=["mapping"])
    return current


@transaction.atomic
def confirm(job: PlaceImport, *, now: datetime) -> PlaceImport:
    """Let the worker load it. Raises NotAllowed."""
    current = PlaceImport.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if current.state != S.READY:
        raise NotAllowed(_t("导入已经开始，不能再改。"))
    if lacking := place_columns.missing(current.kind, current.mapping):
        raise NotAllowed(_t("请指明这些列：%(names)s") % {"names": _t("、").join(lacking)})
    current.state, current.started_at = S.RUNNING, now
    current.save(update_fields=["state", "started_at"])
    return current


def run_waiting(*, patience: float = PATIENCE) -> int:
    """What beat knocks for: read and load what waits; returns how many jobs ended or were read."""
    until = time.monotonic() + patience
    waiting = PlaceImport.objects.filter(state__in=WAITING).order_by("pk")
    found = list(waiting.values_list("pk", "state", "by_id"))
    for job_id, state, user_id in found:
        with actor.acting(user_id, "import"):
            try:
                read(job_id) if state == S.UPLOADED else load(job_id, until=until)
            except Exception:
                log.exception("import %s of places failed", job_id)
                give_up(job_id)
    return len(found)


def give_up(job_id: int) -> None:
    with transaction.atomic():
        job = PlaceImport.objects.select_for_update(of=("self",)).get(pk=job_id)
        fail(job, _t("导入出错，已停在第 %(n)d 行，请联系系统管理员。") % {"n": job.read})


def load(job_id: int, *, until: float | None = None) -> None:
    """Load the rows that are left, batch by batch, until done or `until` (monotonic seconds)."""
    job = PlaceImport.objects.get(pk=job_id)
    if job.state != S.RUNNING:
        return
    with job.file.open("rb") as file, place_tables.reading(file, job.file_name) as table:
        rows = islice(table.rows, job.read, None)
        done = job.read
        while until is None or time.monotonic() < until:
            batch = list(islice(rows, BATCH))
            if not load_batch(job_id, batch, done):
                return
            done += len(batch)


@transaction.atomic
def load_batch(job_id: int, batch: Sequence[Row], done: int) -> bool:
    """One batch; False when it was the last, or another worker has the job in hand."""
    job = locked(job_id, S.RUNNING, read=done)
    if job is None:
        return False
    if batch:
        take_in(job, batch)
    ended = len(batch) < BATCH
    if ended:
        job.state, job.ended_at = S.DONE, clock.now()
    counters = ("read", "made", "changed", "same", "refused", "state", "ended_at")
    job.save(update_fields=counters)
    if ended:
        forget_file(job)
    return not ended


def locked(job_id: int, state: str, **more: Any) -> PlaceImport | None:
    """The job in this state, locked; None when it is not so, or in another worker's hands."""
    rows = PlaceImport.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("by").filter(pk=job_id, state=state, **more).first()


def take_in(job: PlaceImport, batch: Sequence[Row]) -> None:
    """Write a batch and count it; what cannot be is refused with its reason."""
    loader = Loader(job)
    try:
        with transaction.atomic():
            loader.load(batch)
    except (IntegrityError, DataError):  # somebody else wrote one of these just now
        loader = Loader(job)
        for row in batch:
            one_by_one(loader, row)
    RefusedRow.objects.bulk_create(
        RefusedRow(job=job, line=row.line, cells=row.cells, why=why[:400])
        for row, why in loader.refused
    )
    job.read += len(batch)
    job.made += loader.made
    job.changed += loader.changed
    job.same += len(batch) - loader.made - loader.changed - len(loader.refused)
    job.refused += len(loader.refused)


def one_by_one(loader: Loader, row: Row) -> None:
    try:
        with transaction.atomic():
            loader.load([row])
    except (IntegrityError, DataError) as error:
        loader.refused.append((row, str(error).splitlines()[0]))


def preview(job: PlaceImport) -> list[tuple[Row, str]]:
    """The first rows with what is wrong with each, "" for nothing: tried, and taken back."""
    rows = [Row(line, cells) for line, cells in job.sample]
    if place_columns.missing(job.kind, job.mapping):
        return [(row, "") for row in rows]
    loader = Loader(job)
    with transaction.atomic():
        loader.load(rows)
        transaction.set_rollback(True)
    faults = {row.line: why for row, why in loader.refused}
    return [(row, faults.get(row.line, "")) for row in rows]


# Rows to places ---------------------------------------------------------------------------------


class Loader:
    """Writes rows of one job: a few statements a batch, however many rows."""

    def __init__(self, job: PlaceImport) -> None:
        self.job, self.by = job, job.by
        self.at = {job.header.index(name): what for what, name in job.mapping.items()}
        self.made = self.changed = 0
        self.refused: list[tuple[Row, str]] = []

    def load(self, batch: Sequence[Row]) -> None:
        if self.job.kind == ImportKind.BUILDINGS:
            self.load_buildings(self.understood(batch, place_columns.building_row))
        else:
            self.load_houses(self.understood(batch, place_columns.house_row))

    def understood(
        self, batch: Sequence[Row], shape: Callable[[Mapping[str, str]], Any]
    ) -> list[tuple[Row, Any]]:
        found = []
        for row in batch:
            said = {what: row.cells[at] for at, what in self.at.items()}
            try:
                found.append((row, shape(said)))
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
            if (building.lon, building.lat) != said.point:
                values["footprint"] = None
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
