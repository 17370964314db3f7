"""A register of people: its pages through HTTP, the walls around a list, and an import.

Arguments: rows file quick|full admin_url [names…]; results go to the file as JSON. What is asked in
plain SQL is asked as the owner, for whom there is no row-level security: that is the limit.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models.sql.compiler import SQLCompiler

from bench import cpu, house, marks, plain_people, run, web, world
from bench.measure import FULL, QUICK, Bench, Cost, Measure, compared, count_statements, spent
from bench.pages import plain_connection
from bench.people import People
from bench.residents import FAMILY, Resident, Town, Writer, address_of
from bench.table import Result, keep
from bench.web import Ask
from governance import actor, clock, scope
from governance.engines import Engines
from governance.models import LEVELS, Unit, User
from people import access, registering
from people.import_jobs import jobs
from people.marks import document_index
from people.models import VisitPlan
from people.views.persons import PAGE

URL = "/people/"
NAMES_OF_EACH = 40
IMPORTED, IMPORTED_QUICK = 12_000, 3_000


class Known(NamedTuple):
    """One of the scope, by whose page, number or name is asked."""

    pk: str
    resident: Resident


@dataclass
class Desk:
    """Who asks: the clerk of the community with 60,000, and whom for."""

    bench: Bench
    town: Town
    clerk: User
    session: str
    known: list[Known]
    until: datetime

    @property
    def unit_id(self) -> int:
        return self.town.community_id


def main(arguments: list[str]) -> None:
    house.stop_on_signals()
    rows, file, effort, admin_url, *names = arguments
    at = Engines(admin_url, run.settings_url("owner"), run.settings_url("default"),
                 settings.REDIS_URL)  # fmt: skip
    marks.restore_people(admin_url)
    try:
        results = measure(at, int(rows), quick=effort == "quick", names=names)
    finally:
        marks.restore_people(admin_url)
    keep(results, Path(file))


def measure(at: Engines, rows: int, *, quick: bool, names: list[str]) -> list[Result]:
    results = []
    postmaster = cpu.postmaster(at.admin_url)
    with web.serve(at) as served, plain_connection(at.owner_url) as plain:
        bench = Bench(rows, QUICK if quick else FULL, served, postmaster, plain)
        desk = seat(bench, at.admin_url)
        imported = IMPORTED_QUICK if quick else IMPORTED
        measures: dict[str, Callable[[], Result]] = {
            "registers: list of 25": lambda: listing(desk),
            "registers: deep page": lambda: deep_page(desk),
            "registers: list of 25, row-level security": lambda: walled(desk),
            "registers: open a person": lambda: opening(desk),
            "registers: find by document": lambda: by_document(desk),
            "registers: find by two characters of a name": lambda: by_name(desk, 2),
            "registers: find by a whole name": lambda: by_name(desk, 3),
            "registers: whose document, whole district": lambda: whose(desk),
            "registers: today's visits": lambda: visiting(desk),
            "registers: import of people": lambda: importing(desk, at.admin_url, imported),
        }
        for name, make in measures.items():
            if not names or any(part in name for part in names):
                results.append(result := make())
                result.name = name
                print(f"  {name}: {result.value:,.2f} {result.unit}", flush=True)
    return results


def seat(bench: Bench, admin_url: str) -> Desk:
    known = world.read()
    town = Town(bench.rows, known)
    clerk = User.objects.get(pk=known.one(town.community_id, "clerk"))
    with psycopg.connect(admin_url) as admin:
        until = datetime.fromisoformat(marks.read(admin)["until"])
        wanted = list(islice(of_scope(town), bench.effort.needed))
        rows = admin.execute(
            "SELECT id, person_id::text FROM people_residency WHERE id = ANY(%s)", [wanted]
        ).fetchall()
    found = [Known(pk, town.tell(number, until)) for number, pk in rows]
    Random(3).shuffle(found)
    return Desk(bench, town, clerk, People({}).session(clerk.pk), found, until)


def of_scope(town: Town) -> Iterator[int]:
    """The numbers of some who live in the scope, from all the years."""
    households = Random(5).sample(range(town.households), min(town.households, 40_000))
    for household in households:
        if town.house_of(household) < town.in_scope:
            yield household * FAMILY + 1


# Lists ------------------------------------------------------------------------------------------


def listing(desk: Desk) -> Result:
    ask = Ask(URL, desk.session)
    return desk.bench.run(
        Measure(
            "", [0], lambda _n: ask, lambda cursor, _n: plain_people.lines(cursor, desk.unit_id)
        )
    )


def deep_page(desk: Desk) -> Result:
    """From a registration on that is nine tenths down the list."""
    keys = [desk.town.persons * part // 1000 for part in range(880, 960, 2)]
    return desk.bench.run(
        Measure(
            "",
            keys,
            lambda key: Ask(f"{URL}?after={key}", desk.session),
            lambda cursor, key: plain_people.lines(cursor, desk.unit_id, key),
        )
    )


def walled(desk: Desk) -> Result:
    """The very statement of the list, as the application's role behind the second wall; the limit
    is the same as the owner, who has none."""
    with actor.acting(desk.clerk.pk, "bench"), transaction.atomic():
        rows = access.residencies(desk.clerk).order_by("pk")
        joined = rows.select_related("person__data_key", "household__house__building")[: PAGE + 1]
        compiler: SQLCompiler = joined.query.get_compiler("default")
        statement, given = compiler.as_sql()
    subjects = list(range(desk.bench.effort.asks))

    def inside(_n: int) -> None:
        with actor.acting(desk.clerk.pk, "bench"), transaction.atomic():
            access.enter(desk.clerk)
            with connection.cursor() as cursor:
                cursor.execute(statement, given)
                cursor.fetchall()

    def outside(_n: int) -> None:
        with desk.bench.plain.transaction(), desk.bench.plain.cursor() as cursor:
            cursor.execute(statement, given)
            cursor.fetchall()

    return both(desk.bench, inside, outside, subjects, queries=3)


def both(
    bench: Bench,
    product: Callable[[Any], object],
    plain: Callable[[Any], object],
    subjects: list[Any],
    *,
    queries: int,
) -> Result:
    """Of this process: the product's way and the plain one."""
    cost = bench.cost(product, subjects, time.process_time)
    limit = bench.cost(plain, subjects, time.process_time)
    return compared(bench, "", cost, limit, queries=queries)


# One person -------------------------------------------------------------------------------------


def opening(desk: Desk) -> Result:
    """With the look that is written down, and who may be registered twice."""
    return desk.bench.run(
        Measure(
            "",
            desk.known,
            lambda one: Ask(f"{URL}{one.pk}/", desk.session),
            lambda cursor, one: plain_people.page(cursor, one.pk, one.resident.details,
                                                  desk.unit_id, desk.clerk.pk),
            once=True,
        )
    )  # fmt: skip


def by_document(desk: Desk) -> Result:
    """As typed into the search box of the page; the limit looks into the unique index."""

    def told(cursor: psycopg.Cursor[Any], one: Known) -> None:
        plain_people.by_document(cursor, index_of(one), desk.unit_id)

    def ask(one: Known) -> Ask:
        return search(desk, one.resident.details.document_number)

    return desk.bench.run(Measure("", desk.known, ask, told))


def by_name(desk: Desk, characters: int) -> Result:
    """Names that somebody of the scope has."""
    names = {one.resident.details.name for one in desk.known}
    long = sorted(name for name in names if len(name) == 3)
    asked = list(dict.fromkeys(name[:characters] for name in long))[:NAMES_OF_EACH]
    return desk.bench.run(
        Measure(
            "",
            asked,
            lambda name: search(desk, name),
            lambda cursor, name: plain_people.by_name(cursor, name, desk.unit_id),
        )
    )


def search(desk: Desk, words: str) -> Ask:
    return Ask(URL, desk.session, {"q": words}, status=200)


def index_of(one: Known) -> bytes:
    index = document_index(one.resident.details.document_number)
    assert index
    return index


def whose(desk: Desk) -> Result:
    """Who holds a document, wherever they live: what every registration asks first."""

    def product(one: Known) -> None:
        with actor.acting(desk.clerk.pk, "bench"), transaction.atomic():
            access.enter(desk.clerk)
            assert registering.by_document(one.resident.details.document_number)

    def told(one: Known) -> None:
        with desk.bench.plain.transaction(), desk.bench.plain.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM people_person WHERE document_index = %s AND merged_into_id IS NULL",
                [index_of(one)],
            )
            assert cursor.fetchone()

    return both(desk.bench, product, told, desk.known[: desk.bench.effort.asks], queries=3)


def visiting(desk: Desk) -> Result:
    """The day on which every household of the scope is due."""
    unit = Unit.objects.get(pk=desk.unit_id)
    day = desk.until.date()
    with transaction.atomic():
        scope.enter([desk.unit_id])
        plan = VisitPlan.objects.create(
            name="每月走访", aims=["care"], every_weeks=4, begins_on=day, made_by=desk.clerk,
            made_at=desk.until, **{f"{level}_id": getattr(unit, f"{level}_id") for level in LEVELS},
        )  # fmt: skip
    ask = Ask(f"{URL}visits/", desk.session)
    try:
        return desk.bench.run(
            Measure(
                "",
                [0],
                lambda _n: ask,
                lambda cursor, _n: plain_people.visits(cursor, desk.unit_id, day),
                note=lambda body: f"{desk.town.in_scope:,} households due, 200 listed",
            )
        )
    finally:
        with transaction.atomic():
            scope.enter([desk.unit_id])
            plan.delete()


# Import -----------------------------------------------------------------------------------------


def importing(desk: Desk, admin_url: str, count: int) -> Result:
    """A file of families for empty houses of the scope, loaded as the worker does it; the limit is
    a COPY of the rows that come of it, sealed before, without a trigger."""
    first = desk.town.next_number
    half = [desk.town.tell(number, desk.until) for number in range(first, first + 2 * count)]
    product, copied = half[:count], half[count:]
    with actor.acting(desk.clerk.pk, "import"):
        file = ContentFile(file_of(desk.town, product).encode(), name="people.csv")
        job = jobs.start(desk.clerk, file, now=clock.now())
        jobs.read(job.pk)
        job.refresh_from_db()
        jobs.check(job, now=clock.now())
        tried = spent(desk.bench.postmaster, jobs.load, [job.pk])
        jobs.confirm(job, now=clock.now(), holds_alike=False)
        found: list[Cost] = []
        queries = count_statements(
            lambda: found.append(spent(desk.bench.postmaster, jobs.load, [job.pk]))
        )
        job.refresh_from_db()
    assert (job.state, job.made) == ("done", count), (job.state, job.made, job.refused, job.error)
    ours, writer = found[0], Writer()
    sealing = spent(desk.bench.postmaster, writer.write, copied)
    limit = spent(desk.bench.postmaster, partial(copy, admin_url), [writer])
    return Result(
        "", desk.bench.rows, count / ours.wall * 1e3, "rows/s", count / limit.wall * 1e3,
        cpu_ms=ours.cpu / count, queries=queries, app_ms=ours.app / count, db_ms=ours.db / count,
        limit_cpu_ms=limit.cpu / count,
        note=f"{count:,} rows; tried before at {count / tried.wall * 1e3:,.0f} rows/s;"
        f" sealing them alone {1e3 / sealing.wall:,.0f} rows/s",
    )  # fmt: skip


def file_of(town: Town, residents: list[Resident]) -> str:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(
        ["姓名", "证件号码", "电话", "小区", "楼栋", "单元", "房号", "居住类别", "与户主关系",
         "来此日期"]
    )  # fmt: skip
    for one in residents:
        said, where = one.details, address_of(town, one.house_id - 1)
        lines.writerow(
            [said.name, said.document_number, said.phone, *where, one.kind, one.relation,
             one.began_on]
        )  # fmt: skip
    return out.getvalue()


def copy(admin_url: str, writer: Writer) -> None:
    with psycopg.connect(admin_url) as admin:
        admin.execute("SET session_replication_role = replica")
        writer.send(admin)
