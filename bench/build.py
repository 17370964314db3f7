"""Making the database of a size: organisation by the verbs, cases by COPY; kept while it fits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from bench import house, marks, proof
from governance import engines
from governance.engines import Engines

PROCESSES = 2
# Their indexes are made after the load: a third of the time of keeping them up row by row.
LOADED = (
    "cases_case", "cases_caseevent", "cases_transition", "cases_assignment",
    "cases_assignmentevent", "cases_reporter", "cases_reporterevent",
    "governance_timer", "governance_message", "governance_delivery", "governance_datakey",
)  # fmt: skip
LOADED_OF_PEOPLE = (
    "grids_building", "grids_house", "people_person", "people_personevent", "people_household",
    "people_householdevent", "people_residency", "people_residencyevent", "people_provenance",
    "governance_datakey",
)  # fmt: skip


def say(text: str) -> None:
    print(text, flush=True)


def base(running: Engines) -> str:
    """The database with the organisation and no case yet; its name."""
    name = f"bench_base_{house.schema_digest()}"
    if house.exists(running, name):
        return name
    house.drop_like(running, "bench_base_", keep=name)
    engines.drop_database(running, "bench_making")
    made = house.in_database(engines.create_database(running, "bench_making"), "bench_making")
    say("organisation: 900 grids, catalogue, users …")
    house.manage(made, "migrate", "--verbosity", "0")
    house.child(made, house.inside("organisation"))
    house.rename(running, "bench_making", name)
    return name


def proved(running: Engines, base_name: str, sample: str, of: str, *writers: str) -> None:
    """A sample's proof, once for each version of the rules. Raises proof.NotEqual."""
    mark = house.HOME / f"proved-{of}"
    digest = house.rules_digest(sample, *writers)
    if mark.exists() and mark.read_text() == digest:
        return
    said = proof.prove(running, base_name, sample, of)
    say(f"proof: {said}")
    mark.write_text(digest)


def database(running: Engines, rows: int) -> Engines:
    """The database with that many cases, built now or before."""
    base_name = base(running)
    proved(running, base_name, "sample", "cases")
    return built(running, base_name, Load("cases", "bench", rows, fill))


def registers(running: Engines, rows: int) -> Engines:
    """The database with that many people and no case, built now or before."""
    base_name = base(running)
    proved(running, base_name, "residents_sample", "people", "residents")
    load = Load("people", "bench_people", rows, fill_registers, ("residents",))
    return built(running, base_name, load)


class Load(NamedTuple):
    """What is loaded: how many of what, by whom; `writers` are modules beside those of all."""

    what: str
    prefix: str
    rows: int
    fill: Callable[[Engines, int], None]
    writers: tuple[str, ...] = ()


def built(running: Engines, base_name: str, load: Load) -> Engines:
    """The database of a load, from the organisation; kept while its writers stay."""
    kind = f"{load.prefix}_{load.rows}"
    name = f"{kind}_{house.schema_digest(*load.writers)}"
    at = house.in_database(running, name)
    if house.exists(running, name):
        return at
    house.drop_like(running, f"{kind}_", keep=name)
    began = time.monotonic()
    engines.drop_database(running, "bench_filling")
    engines.create_database(running, "bench_filling", template=base_name)
    filling = house.in_database(running, "bench_filling")
    with quiet(running):
        load.fill(filling, load.rows)
    house.rename(running, "bench_filling", name)
    with psycopg.connect(at.admin_url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database()) / 1e9").fetchone()
    assert row
    say(f"{load.rows:,} {load.what} built in {time.monotonic() - began:.0f} s, {row[0]:.1f} GB")
    return at


@contextmanager
def quiet(running: Engines) -> Iterator[None]:
    """Autovacuum rests during the load; one VACUUM follows it."""
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        try:
            connection.execute("ALTER SYSTEM SET autovacuum = off")
            connection.execute("SELECT pg_reload_conf()")
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET autovacuum")
            connection.execute("SELECT pg_reload_conf()")


def fill(at: Engines, rows: int) -> None:
    with psycopg.connect(at.admin_url, autocommit=True) as connection:
        indexes = drop_indexes(connection, LOADED)
        timed(f"{rows:,} cases by COPY", lambda: copy(at, rows, "writer"))
        timed("indexes", lambda: make_indexes(at, indexes))
        finish(connection)
        timed("VACUUM", lambda: connection.execute("VACUUM (FREEZE, ANALYZE)"))
        connection.execute("CHECKPOINT")
        marks.keep(connection, rows)


def fill_registers(at: Engines, rows: int) -> None:
    with psycopg.connect(at.admin_url, autocommit=True) as connection:
        indexes = drop_indexes(connection, LOADED_OF_PEOPLE)
        timed(f"{rows:,} people by COPY", lambda: copy(at, rows, "residents"))
        timed("indexes", lambda: make_indexes(at, indexes))
        marks.follow(connection, "people_household", "people_residency")
        timed("VACUUM", lambda: connection.execute("VACUUM (FREEZE, ANALYZE)"))
        connection.execute("CHECKPOINT")
        marks.keep(connection, rows, marks.KEYS_OF_PEOPLE)


def timed(name: str, work: Any) -> None:
    began = time.monotonic()
    work()
    say(f"  {name}: {time.monotonic() - began:.0f} s")


def drop_indexes(connection: psycopg.Connection[Any], tables: Sequence[str]) -> list[str]:
    """Drop what is not a key or a constraint; returns how to make them again."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [list(tables)],
    ).fetchall()
    for name, _made in found:
        connection.execute(f"DROP INDEX {name}")
    return [made for _name, made in found]


def make_indexes(at: Engines, indexes: list[str]) -> None:
    def make(statement: str) -> None:
        with psycopg.connect(at.admin_url, autocommit=True) as connection:
            connection.execute("SET maintenance_work_mem = '512MB'")
            connection.execute(statement)

    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(make, indexes))


def copy(at: Engines, rows: int, writer: str) -> None:
    """Each process writes a stretch of the time."""
    until = datetime.now().astimezone().isoformat()
    children = []
    for process in range(PROCESSES):
        first = rows * process // PROCESSES + 1
        last = rows * (process + 1) // PROCESSES
        numbers = map(str, (first, last, rows, process, PROCESSES))
        command = house.inside(writer, at.admin_url, *numbers, until)
        children.append(subprocess.Popen(command, cwd=house.ROOT, env=house.environment(at)))
    try:
        codes = [child.wait() for child in children]
    finally:
        for child in children:
            child.terminate()
    if any(codes):
        raise SystemExit("the writer failed, see above")


def finish(connection: psycopg.Connection[Any]) -> None:
    """Sequences, deliveries, and timers that a sweep would have fired long ago."""
    marks.set_sequences(connection)
    marks.address_messages(connection)
    connection.execute(
        "UPDATE governance_timer SET fired_at = due_at WHERE due_at < now() AND fired_at IS NULL"
    )
