"""One size: everything that is to be measured, in order; reads first, then what writes.

Arguments: rows file quick|full admin_url [names…]; results go to the file as JSON.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bench import cpu, house, loop, marks, places, plain, points, rotation, sweep, web, world
from bench.measure import FULL, QUICK, Bench
from bench.pages import House, page_measures, plain_connection
from bench.people import People
from bench.table import Result, keep
from cases import queue
from governance import actor, clock
from governance.engines import Engines
from governance.models import User

TARGET_MB = 200


def main(arguments: list[str]) -> None:
    house.stop_on_signals()
    rows, file, effort, admin_url, *names = arguments
    at = Engines(
        admin_url,
        settings_url("owner"),
        settings_url("default"),
        settings.REDIS_URL,
    )
    marks.restore(admin_url)
    try:
        results = measure(at, int(rows), quick=effort == "quick", names=names)
    finally:
        marks.restore(admin_url)
    keep(results, Path(file))


def settings_url(alias: str) -> str:
    found = settings.DATABASES[alias]
    account = f"{found['USER']}:{found['PASSWORD']}"
    return f"postgresql://{account}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


def measure(at: Engines, rows: int, *, quick: bool, names: list[str]) -> list[Result]:
    results: list[Result] = []
    postmaster = cpu.postmaster(at.admin_url)

    def wanted(name: str) -> bool:
        return not names or any(part in name for part in names)

    def done(made: list[Result] | Result | str, name: str) -> None:
        if isinstance(made, str):
            print(f"  {name}: skipped, {made}", flush=True)
            return
        for result in made if isinstance(made, list) else [made]:
            results.append(result)
            print(f"  {result.name}: {result.value:.2f} {result.unit}", flush=True)

    with web.serve(at) as served, plain_connection(at.app_url) as connection:
        effort = QUICK if quick else FULL
        bench = Bench(rows, effort, served, postmaster, connection)
        staff = House(bench, at.admin_url, world.read(), People({}))
        measures: dict[str, Callable[[], Result | str]] = {
            "tab counts": lambda: tab_counts(staff),
            **page_measures(staff),
        }
        for name, make in measures.items():
            if wanted(name):
                done(make(), name)
        if wanted("loop"):
            done(loop.measure(bench, staff.world, repeats=3 if quick else 7), "loop")
        if wanted("places"):
            repeats = 3 if quick else 7
            found = places.measure(bench, staff.world, at.admin_url, repeats=repeats)
            done(found, "places")
        megabytes = max(map(cpu.resident_mb, served.workers))
    if wanted("point"):
        done(points.measure(rows, repeats=3 if quick else 7), "point")
    if not names:
        done(memory("web process, resident", rows, megabytes), "memory")
    if wanted("rotation"):
        done(rotation.measure(rows, postmaster), "rotation")
    if wanted("sweep"):
        found, used = sweep.measure(at, rows, postmaster)
        done(found, "sweep")
        both = f"its parent {used.parent:.0f} MB"
        done(memory("worker process, resident", rows, used.child, both), "memory")
    return results


def memory(name: str, rows: int, megabytes: float, note: str = "") -> Result:
    return Result(name, rows, megabytes, "MB", float(TARGET_MB), note=note)


def tab_counts(staff: House) -> Result:
    """All tabs of the district's dispatcher, as every list shows them; in this process."""
    bench, scope = staff.bench, staff.district
    user = User.objects.get(pk=staff.world.one(staff.world.district_id, "dispatcher"))

    def count(_n: int) -> None:
        with actor.acting(user.pk, "desk"), transaction.atomic():
            queue.counts(user, clock.now())

    def told(_n: int) -> None:
        with bench.plain.transaction(), bench.plain.cursor() as cursor:
            plain.counts(cursor, scope)

    subjects = list(range(bench.effort.asks))
    cost = bench.cost(count, subjects, time.process_time)
    limit = bench.cost(told, subjects, time.process_time)
    return Result(
        "tab counts", bench.rows, cost.wall, "ms", limit.wall,
        cpu_ms=cost.cpu, queries=3, p95=cost.p95, app_ms=cost.app, db_ms=cost.db,
        limit_cpu_ms=limit.cpu, budget_ms=12,
    )  # fmt: skip
