"""Measuring one kind of request: wall time and processor time, beside plain SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import cpu, house
from bench.table import Result
from bench.web import CSRF, Ask, Web

S = TypeVar("S")
WARM = 12  # both workers must have read their references and opened their connections


@dataclass(frozen=True)
class Effort:
    """How much is repeated: the median of the blocks is told."""

    blocks: int
    size: int

    @property
    def asks(self) -> int:
        return WARM + self.blocks * self.size

    @property
    def needed(self) -> int:
        """Subjects of one measure: for the requests, for plain SQL, and for counting queries."""
        return 2 * self.asks + COUNTED


COUNTED = 2
FULL, QUICK = Effort(5, 80), Effort(2, 40)


@dataclass(frozen=True)
class Cost:
    """Of one request or piece of work, in milliseconds."""

    wall: float
    p95: float
    app: float
    db: float

    @property
    def cpu(self) -> float:
        return self.app + self.db


@dataclass(frozen=True)
class Measure(Generic[S]):
    """What is asked of a subject through HTTP, and the same in plain SQL."""

    name: str
    subjects: Sequence[S]
    ask: Callable[[S], Ask]
    plain: Callable[[psycopg.Cursor[Any], S], object]
    budget_ms: float | None = None
    note: Callable[[bytes], str] = lambda body: ""
    once: bool = False  # a subject can be asked once only: a change of state


@dataclass
class Bench:
    """Where one run measures."""

    rows: int
    effort: Effort
    web: Web
    postmaster: int
    plain: psycopg.Connection[Any]

    def run(self, measure: Measure[S]) -> Result:
        effort = self.effort
        subjects = cycle(measure.subjects, effort.needed, once=measure.once)
        asked, told = subjects[: effort.asks], subjects[effort.asks : 2 * effort.asks]
        body = b""

        def ask(subject: S) -> None:
            nonlocal body
            _took, body = self.web.send(measure.ask(subject))

        def tell(subject: S) -> None:
            with self.plain.transaction(), self.plain.cursor() as cursor:
                measure.plain(cursor, subject)

        workers = self.web.workers
        cost = self.cost(ask, asked, lambda: cpu.seconds(workers))
        limit = self.cost(tell, told, time.process_time)
        return Result(
            name=measure.name,
            rows=self.rows,
            value=cost.wall,
            unit="ms",
            limit=limit.wall,
            cpu_ms=cost.cpu,
            queries=count_queries([measure.ask(s) for s in subjects[-COUNTED:]]),
            p95=cost.p95,
            app_ms=cost.app,
            db_ms=cost.db,
            limit_cpu_ms=limit.cpu,
            budget_ms=measure.budget_ms,
            note=measure.note(body),
        )

    def cost(
        self, work: Callable[[S], object], subjects: Sequence[S], own: Callable[[], float]
    ) -> Cost:
        """Do it for each subject; `own` is the processor time of the side that asks."""
        for subject in subjects[:WARM]:
            work(subject)
        walls: list[float] = []
        app: list[float] = []
        database: list[float] = []
        for block in range(self.effort.blocks):
            first = WARM + block * self.effort.size
            before = own(), cpu.server_seconds(self.postmaster)
            for subject in subjects[first : first + self.effort.size]:
                began = time.perf_counter()
                work(subject)
                walls.append((time.perf_counter() - began) * 1000)
            after = own(), cpu.server_seconds(self.postmaster)
            app.append((after[0] - before[0]) * 1000 / self.effort.size)
            database.append((after[1] - before[1]) * 1000 / self.effort.size)
        return Cost(median(walls), quantiles(walls, n=20)[-1], median(app), median(database))


def compared(
    bench: Bench, name: str, ours: Cost, limit: Cost, *, queries: int, note: str = ""
) -> Result:
    """What was done in this process, beside the same in plain SQL or Python."""
    return Result(
        name, bench.rows, ours.wall, "ms", limit.wall, cpu_ms=ours.cpu, queries=queries,
        p95=ours.p95, app_ms=ours.app, db_ms=ours.db, limit_cpu_ms=limit.cpu, note=note,
    )  # fmt: skip


def spent(postmaster: int, work: Callable[[S], object], subjects: Sequence[S]) -> Cost:
    """Do it once for each subject, in this process."""
    walls: list[float] = []
    before = time.process_time(), cpu.server_seconds(postmaster)
    for subject in subjects:
        began = time.perf_counter()
        work(subject)
        walls.append((time.perf_counter() - began) * 1000)
    after = time.process_time(), cpu.server_seconds(postmaster)
    app, database = ((b - a) * 1000 / len(subjects) for a, b in zip(before, after, strict=True))
    p95 = quantiles(walls, n=20)[-1] if len(walls) > 1 else walls[0]
    return Cost(median(walls), p95, app, database)


def cycle(subjects: Sequence[S], count: int, *, once: bool) -> list[S]:
    """As many subjects as needed, again from the start where that is possible."""
    if once:
        assert len(subjects) >= count, (len(subjects), count)
        return list(subjects[:count])
    return [subjects[n % len(subjects)] for n in range(count)]


def count_queries(asks: Sequence[Ask]) -> int:
    """The statements of the last request; the ones before warm the memory of this process."""
    for ask in asks:
        client = Client(headers={"host": house.HOST, **ask.headers})
        client.cookies["sessionid"] = ask.session
        client.cookies["csrftoken"] = CSRF
        with CaptureQueriesContext(connection) as captured:
            if ask.body is None:
                response = client.get(ask.path, secure=True)
            else:
                response = client.post(ask.path, {**ask.body}, secure=True)
        assert response.status_code == ask.expected, (ask, response.status_code)
    said = [query["sql"] for query in captured.captured_queries]
    return sum(sql not in {"BEGIN", "COMMIT"} for sql in said)


def count_statements(work: Callable[[], object]) -> int:
    """Those of work done inside a transaction of ours, where its own transactions are parts; it is
    no slower for being watched."""
    count = 0

    def watch(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        count += not str(sql).startswith(("SAVEPOINT", "RELEASE"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        work()
    return count
