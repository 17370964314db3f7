"""Places: address search among as many house addresses as there are cases, a viewport among 100,000
buildings, an import of 32,239 houses; each beside the same in plain SQL.

What is written before and deleted after comes by COPY without triggers, as the cases do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import psycopg
from django.core.files.base import ContentFile

from bench.loop import person, undone
from bench.measure import Bench, Cost, compared, count_statements, spent
from bench.table import Result
from bench.territory import inside
from bench.world import GridPlace, World
from governance import actor, clock, search, units
from governance.models import User
from grids import addresses, map_layers, place_import
from grids.addresses import Parsed
from grids.models import Building, House
from grids.viewport import Box

S = TypeVar("S")
BUILDINGS, HOUSES = 100_000, 32_239
IMPORTED_INTO = 1_568
LEVELS = ("district_id", "street_id", "community_id", "grid_id")
TABLES = ("grids_house", "grids_building", "grids_address")


def measure(bench: Bench, world: World, admin_url: str, *, repeats: int) -> list[Result]:
    with filled(bench.rows, world, admin_url):
        return [
            *searches(bench, world, repeats),
            viewport(bench, world, repeats),
            imported(bench, world),
        ]


@contextmanager
def filled(rows: int, world: World, admin_url: str) -> Iterator[None]:
    """The addresses and buildings while the block runs."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        empty(admin)
        try:
            admin.execute("DROP INDEX address_search")
            copy_addresses(admin, rows, world)
            admin.execute("SET maintenance_work_mem = '512MB'")
            admin.execute("CREATE INDEX address_search ON grids_address USING gin (search)")
            copy_buildings(admin, world)
            for table in TABLES:
                admin.execute(f"VACUUM (ANALYZE) {table}")
            yield
        finally:
            empty(admin)
            admin.execute(
                "CREATE INDEX IF NOT EXISTS address_search ON grids_address USING gin (search)"
            )


def empty(admin: psycopg.Connection[Any]) -> None:
    for table in TABLES:
        admin.execute(f"DELETE FROM {table}")


def levels(grid: GridPlace) -> tuple[int, int, int, int]:
    return grid.district_id, grid.street_id, grid.community_id, grid.unit_id


def copy_addresses(admin: psycopg.Connection[Any], rows: int, world: World) -> None:
    """Houses of estates: each grid has its own, with as many buildings as it needs."""
    columns = (*LEVELS, "road", "number", "estate", "building", "unit_no", "floor", "room", "key")
    quoted = ", ".join((*columns, "search"))
    names = {grid.unit_id: names_of(grid) for grid in world.grids}
    with (
        admin.cursor() as cursor,
        cursor.copy(f"COPY grids_address ({quoted}) FROM STDIN") as copy,
    ):
        for n in range(rows):
            grid = world.grids[n % len(world.grids)]
            parsed = house(f"{grid.estate}{grid.unit_id % 9 + 1}里", n // len(world.grids))
            words = sorted({*names[grid.unit_id], *search.lexemes(parsed.key)})
            vector = " ".join([*(f"'{word}'" for word in words), *addresses.tokens(parsed)])
            copy.write_row((*levels(grid), *parsed.parts.values(), parsed.key, vector))


def names_of(grid: GridPlace) -> list[str]:
    return search.lexemes(units.name_of(grid.street_id), units.name_of(grid.community_id))


def house(estate: str, n: int) -> Parsed:
    """The n-th house of an estate: six floors, two rooms a floor, three stairwells."""
    rest, room = divmod(n, 12)
    building, unit = divmod(rest, 3)
    return Parsed(
        estate=estate,
        building=f"{building + 1}号楼",
        unit_no=str(unit + 1),
        room=f"{room // 2 + 1}0{room % 2 + 1}",
    )


def copy_buildings(admin: psycopg.Connection[Any], world: World) -> None:
    columns = (
        *LEVELS, "lon", "lat", "code", "estate", "name", "use", "property_company", "is_active",
    )  # fmt: skip
    with (
        admin.cursor() as cursor,
        cursor.copy(f"COPY grids_building ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for n in range(BUILDINGS):
            grid = world.grids[n % len(world.grids)]
            place = n // len(world.grids)
            lon, lat = inside(grid.column, grid.row, place % 11 / 11, place // 11 / 11)
            name = f"{place + 1}号楼"
            estate = f"{grid.estate}{grid.unit_id % 9 + 1}里{grid.unit_id}"
            copy.write_row(
                (*levels(grid), lon, lat, f"b{n}", estate, name, "residential", "", True)
            )


def searches(bench: Bench, world: World, repeats: int) -> list[Result]:
    """Two characters and a whole line, as the district's dispatcher and a clerk search."""
    grid = world.grids[0]
    asked = {
        "address search, two characters, district": (world.district_id, "dispatcher", "{}"),
        "address search, a line, district": (world.district_id, "dispatcher", "{}3号楼2单元501"),
        "address search, two characters, community": (grid.community_id, "clerk", "号楼"),
    }
    found = []
    for name, (unit_id, role, words) in asked.items():
        user = person(world, role, unit_id)
        said = [words.format(place.estate[:2]) for place in world.grids[:: 900 // (repeats * 5)]]
        column = "district_id" if unit_id == world.district_id else "community_id"
        ours, queries = asked_of(bench, user, partial(addresses.search, user), said)
        limit = spent(bench.postmaster, partial(plain_search, bench.plain, column, unit_id), said)
        found.append(compared(bench, name, ours, limit, queries=queries))
    return found


def asked_of(
    bench: Bench, user: User, ask: Callable[[S], object], subjects: Sequence[S]
) -> tuple[Cost, int]:
    """What each costs, and how many statements one takes; the first one warms the memory."""
    found: list[Cost] = []
    queries = 0

    def work() -> None:
        nonlocal queries
        ask(subjects[0])
        queries = count_statements(partial(ask, subjects[0]))
        found.append(spent(bench.postmaster, ask, subjects))

    undone(user, work)
    return found[0], queries


def plain_search(
    connection: psycopg.Connection[Any], column: str, unit_id: int, words: str
) -> None:
    """The same condition, written out."""
    asked: Any = addresses.query(words)
    assert asked is not None
    expression = asked.source_expressions[-1].value
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, key FROM grids_address WHERE {column} = %s AND merged_into_id IS NULL"
            " AND search @@ to_tsquery('simple', %s) LIMIT 200",
            [unit_id, expression],
        )
        cursor.fetchall()


def viewport(bench: Bench, world: World, repeats: int) -> Result:
    """The buildings of nine grids among all, as the district's dispatcher's map asks for them."""
    user = person(world, "dispatcher", world.district_id)
    boxes = [box_at(n % 24, n * 7 % 24) for n in range(repeats * 10)]
    ours, queries = asked_of(bench, user, partial(map_layers.buildings, user), boxes)
    limit = spent(bench.postmaster, partial(plain_viewport, bench.plain, world.district_id), boxes)
    name = f"viewport among {BUILDINGS:,} buildings"
    return compared(bench, name, ours, limit, queries=queries)


def box_at(column: int, row: int) -> Box:
    (west, south), (east, north) = inside(column, row, 0, 0), inside(column + 3, row + 3, 0, 0)
    return Box(west, south, east, north)


def plain_viewport(connection: psycopg.Connection[Any], district_id: int, box: Box) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lon, lat, estate, name, id, use, footprint::text FROM grids_building"
            " WHERE lon IS NOT NULL AND is_active AND district_id = %s"
            " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) LIMIT 2000",
            [district_id, *box],
        )
        cursor.fetchall()


def imported(bench: Bench, world: World) -> Result:
    """As the worker does it, history included; the limit is a COPY of the same rows.
    Processor time is that of a row."""
    with actor.acting(None, "bench"):
        into = list(Building.objects.order_by("pk")[:IMPORTED_INTO])
        user = person(world, "dispatcher", world.district_id)
    admin = User.objects.get(pk=world.one(world.district_id, "system_admin"))
    data = file_of(into)
    found: list[Cost] = []
    queries = 0

    def work() -> None:
        nonlocal queries
        file = ContentFile(data, name="houses.csv")
        job = place_import.jobs.start(admin, file, kind="houses", now=clock.now())
        name, storage = job.file.name, job.file.storage
        place_import.jobs.read(job.pk)
        place_import.jobs.confirm(job, now=clock.now())

        def load() -> None:
            found.append(spent(bench.postmaster, place_import.jobs.load, [job.pk]))

        queries = count_statements(load)
        storage.delete(str(name))
        job.refresh_from_db()
        made = House.objects.filter(building__in=into).count()
        assert (job.made, made) == (HOUSES, HOUSES), (job.made, job.refused)

    undone(user, work)
    ours, limit = found[0], spent(bench.postmaster, partial(plain_import, bench.plain), [into])
    aim = f"{HOUSES / ours.wall * 1e3:,.0f} rows/s; aim: at least 2,000"
    return Result(
        f"import of {HOUSES:,} houses", bench.rows, ours.wall / 1e3, "s", limit.wall / 1e3,
        cpu_ms=ours.cpu / HOUSES, queries=queries, app_ms=ours.app / HOUSES,
        db_ms=ours.db / HOUSES, limit_cpu_ms=limit.cpu / HOUSES, note=aim,
    )  # fmt: skip


def rooms(into: list[Building]) -> Iterator[tuple[Building, str, int, str]]:
    for n in range(HOUSES):
        place = n // len(into)
        floor = place // 6 + 1
        yield into[n % len(into)], str(place % 3 + 1), floor, f"{floor}0{place // 3 % 2 + 1}"


def file_of(into: list[Building]) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["楼栋编号", "单元", "楼层", "房号", "房屋用途", "产权"])
    for building, unit, floor, room in rooms(into):
        lines.writerow([building.code, unit, floor, room, "自住", "个人"])
    return out.getvalue().encode()


def plain_import(connection: psycopg.Connection[Any], into: list[Building]) -> None:
    columns = "building_id, unit_no, floor, room, use, owner_kind, is_active, " + ", ".join(LEVELS)
    with (
        connection.transaction(force_rollback=True),
        connection.cursor() as cursor,
        cursor.copy(f"COPY grids_house ({columns}) FROM STDIN") as copy,
    ):
        for building, unit, floor, room in rooms(into):
            place = [getattr(building, column) for column in LEVELS]
            copy.write_row((building.pk, unit, floor, room, "own", "private", True, *place))
