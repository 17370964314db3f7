"""Which grid is this point in, among 14,400: the product's way beside bare shapely."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

import numpy as np
import shapely
from django.db import transaction

from bench.organisation import SINCE
from bench.table import Result
from bench.territory import Point, cell, inside
from governance import actor, clock
from governance.models import Unit
from grids import geo
from grids.models import Grid

SIDE = 120  # 120 × 120 grids
FAR = 1_000  # east of the grids that have cases
MANY = 100_000


class Undo(Exception):
    """Ends the transaction: the grids were for this measure only."""


def measure(rows: int, *, repeats: int) -> list[Result]:
    """In one transaction, as in a request; rolled back at the end."""
    found: list[Result] = []
    try:
        with actor.acting(None, "bench"), transaction.atomic():
            make_grids()
            geo.index.version = None
            clock.now()
            found = [single(rows, repeats), bulk(rows, repeats)]
            raise Undo
    except Undo:
        geo.index.version = None
    return found


def make_grids() -> None:
    """The 900 with cases, and as many more elsewhere as make 14,400."""
    community = Unit.objects.filter(kind="community").first()
    assert community
    missing = SIDE * SIDE - Grid.objects.count()
    units = Unit.objects.bulk_create(
        Unit(
            kind="grid",
            name=f"远{n}",
            parent=community,
            district_id=community.district_id,
            street_id=community.street_id,
            community_id=community.pk,
            valid_from=SINCE,
        )
        for n in range(missing)
    )
    Grid.objects.bulk_create(
        Grid(unit=unit, boundary=cell(FAR + n % SIDE, n // SIDE), valid_from=SINCE)
        for n, unit in enumerate(units)
    )


def points(count: int) -> list[Point]:
    rng = Random(7)
    rows = (SIDE * SIDE - 900) // SIDE
    return [
        inside(FAR + rng.randrange(SIDE), rng.randrange(rows), rng.random(), rng.random())
        for _ in range(count)
    ]


def microseconds(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """The median of wall and of processor time."""
    walls, cpus = [], []
    for _ in range(repeats):
        began, used = time.perf_counter(), time.process_time()
        work()
        walls.append((time.perf_counter() - began) * 1e6)
        cpus.append((time.process_time() - used) * 1e6)
    return median(walls), median(cpus)


def single(rows: int, repeats: int) -> Result:
    asked = points(2_000)
    geo.grid_at(*asked[0])
    tree, ids = geo.index().tree, geo.index().unit_ids

    def product() -> None:
        for lon, lat in asked:
            assert geo.grid_at(lon, lat)

    def bare() -> None:
        for lon, lat in asked:
            assert ids[tree.query(shapely.Point(lon, lat), predicate="intersects")[0]]

    ours, cpu = microseconds(product, repeats)
    theirs, _cpu = microseconds(bare, repeats)
    count = len(asked)
    return Result(
        "point → grid, 14,400 grids", rows, ours / count, "µs", theirs / count,
        cpu_ms=cpu / count / 1000, queries=0,
    )  # fmt: skip


def bulk(rows: int, repeats: int) -> Result:
    asked = points(MANY)
    tree = geo.index().tree
    places = np.array(asked)

    def bare() -> None:
        tree.query(shapely.points(places), predicate="intersects")

    ours, cpu = microseconds(lambda: geo.grids_at(asked), repeats)
    theirs, _cpu = microseconds(bare, repeats)
    name = "100,000 points → grids"
    return Result(name, rows, ours / 1000, "ms", theirs / 1000, cpu_ms=cpu / 1000, queries=0)
