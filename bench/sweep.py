"""10,000 due among 1,000,000 open timers: a real Celery worker, one process and two; beside one
SQL statement a batch that writes the same rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import cpu, extra, house
from bench.table import Result
from governance import processes, tasks
from governance.celery import app
from governance.engines import Engines

DUE, OPEN, WARM, BATCH = 10_000, 1_000_000, 1_000, 500
PATIENCE_SECONDS = 300
# First the one row that a sweep writes when it has ended: to look for due timers reads every entry
# of the index that was fired since the last VACUUM, and would be most of what is measured.
WAITING = (
    "SELECT NOT EXISTS (SELECT FROM governance_heartbeat WHERE name = 'sweep' AND at > %s)"
    " OR EXISTS (SELECT FROM governance_timer WHERE knock_at <= now() AND fired_at IS NULL"
    " AND cancelled_at IS NULL AND parked_at IS NULL)"
)


@dataclass
class Memory:
    """Megabytes resident: the child that works, and the parent that listens."""

    child: float = 0.0
    parent: float = 0.0


def measure(at: Engines, rows: int, postmaster: int) -> tuple[list[Result], Memory]:
    """Rounds of their own cases each: plain SQL, one process, two processes."""
    numbers = extra.write_working(at.admin_url, 3 * DUE + 2 * WARM)
    with psycopg.connect(at.admin_url, autocommit=True) as connection:
        fill(connection, rows)
        parts = [numbers[n * DUE : (n + 1) * DUE] for n in range(3)]
        warm = [numbers[3 * DUE : 3 * DUE + WARM], numbers[3 * DUE + WARM :]]
        limit, limit_cpu = plain(connection, at, parts[0], postmaster)
        memory, found = Memory(), []
        for count in (1, 2):
            with worker(at, count) as master:
                run(connection, warm[count - 1], count)
                result = timed(connection, parts[count], count, master, postmaster)
                result.rows, result.limit, result.limit_cpu_ms = rows, limit, limit_cpu
                result.ratio = result.value / limit
                found.append(result)
                memory.child = max(map(cpu.resident_mb, cpu.children(master)))
                memory.parent = cpu.resident_mb(master)
    return found, memory


def fill(connection: psycopg.Connection[Any], rows: int) -> None:
    """Everything known is not due; open ones of later levels make up the million."""
    connection.execute("SET session_replication_role = replica")
    connection.execute(
        "UPDATE governance_timer SET knock_at = now() + interval '30 days'"
        " WHERE fired_at IS NULL AND cancelled_at IS NULL"
    )
    levels = -(-OPEN // rows)
    connection.execute(
        "INSERT INTO governance_timer (kind, subject_id, level, due_at, knock_at, attempts,"
        " last_error) SELECT 'case.promise_remind', c, 10 + l, at, at, 0, ''"
        " FROM generate_series(1, %s) c, generate_series(1, %s) l,"
        " LATERAL (SELECT now() + interval '1 day' + random() * interval '30 days' AS at) t"
        " LIMIT %s",
        [rows, levels, OPEN],
    )
    connection.execute("VACUUM (ANALYZE) governance_timer")
    connection.execute("CHECKPOINT")


def make_due(connection: psycopg.Connection[Any], cases: range) -> None:
    """The overdue moment of these cases' stage is now: level 0, the fullest work.

    (Triggers rest on this connection. With the moment itself left in the past, the higher levels
    would be due at once as well.)
    """
    connection.execute(
        "UPDATE cases_case SET stage_due_at = now() WHERE id BETWEEN %s AND %s",
        [cases[0], cases[-1]],
    )
    done = connection.execute(
        "UPDATE governance_timer SET due_at = now(), knock_at = now()"
        " WHERE subject_id BETWEEN %s AND %s AND kind = 'case.stage_overdue'"
        " AND level = 0 AND fired_at IS NULL",
        [cases[0], cases[-1]],
    ).rowcount
    assert done == len(cases), done
    connection.execute("VACUUM governance_timer, cases_case")


def written(connection: psycopg.Connection[Any], cases: range) -> tuple[int, ...]:
    """Fired timers, lines, messages, and next timers of these cases."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM governance_timer WHERE subject_id BETWEEN %(a)s AND %(b)s"
        " AND kind = 'case.stage_overdue' AND level = 0 AND fired_at IS NOT NULL),"
        " (SELECT count(*) FROM cases_transition WHERE case_id BETWEEN %(a)s AND %(b)s"
        " AND action IN ('overdue', 'escalate')),"
        " (SELECT count(*) FROM governance_message WHERE"
        " split_part(dedupe_key, ':', 1)::bigint BETWEEN %(a)s AND %(b)s"
        " AND kind IN ('case.stage_overdue', 'case.escalated')),"
        " (SELECT count(*) FROM governance_timer WHERE subject_id BETWEEN %(a)s AND %(b)s"
        " AND kind = 'case.stage_overdue' AND level = 1)",
        {"a": cases[0], "b": cases[-1]},
    ).fetchone()
    assert row
    return tuple(row)


# The product ------------------------------------------------------------------------------------


@contextmanager
def worker(at: Engines, count: int) -> Iterator[int]:
    """A Celery worker with so many processes; its pid."""
    app.control.purge()
    python = house.inside("")[0]
    options = ["--concurrency", str(count), "--loglevel", "WARNING", "--without-mingle"]
    child = processes.start(
        "worker",
        [python, "-m", "celery", "-A", "governance", "worker", *options],
        log=house.HOME / "worker.log",
        env=house.environment(at),
    )
    try:
        deadline = time.monotonic() + 60
        while not app.control.ping(timeout=0.5):
            assert child.is_alive, child.last_lines(20)
            assert time.monotonic() < deadline, "the worker does not answer"
        yield child.process.pid
    finally:
        processes.stop([child])


def run(connection: psycopg.Connection[Any], cases: range, count: int) -> float:
    """Make these due, knock once for each process, wait until all are fired; seconds."""
    make_due(connection, cases)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    began = time.perf_counter()
    for _process in range(count):
        tasks.sweep.delay()
    deadline = began + PATIENCE_SECONDS
    while connection.execute(WAITING, row).fetchone() == (True,):
        assert time.perf_counter() < deadline, "the sweep does not end"
        time.sleep(0.02)
    return time.perf_counter() - began


def timed(
    connection: psycopg.Connection[Any], cases: range, count: int, master: int, postmaster: int
) -> Result:
    children = cpu.children(master)
    before = cpu.seconds(children), cpu.server_seconds(postmaster)
    seconds = run(connection, cases, count)
    after = cpu.seconds(children), cpu.server_seconds(postmaster)
    fired, lines, messages, following = written(connection, cases)
    assert fired == len(cases), (fired, len(cases))
    app_ms, db_ms = ((b - a) * 1000 / fired for a, b in zip(before, after, strict=True))
    return Result(
        name=f"sweep, {count} worker process{'es' if count > 1 else ''}",
        rows=0,
        value=fired / seconds,
        unit="timers/s",
        cpu_ms=app_ms + db_ms,
        app_ms=app_ms,
        db_ms=db_ms,
        note=f"{lines} lines, {messages} messages, {following} next timers",
    )


# The limit --------------------------------------------------------------------------------------

ONE_STATEMENT = """
WITH due AS (
    SELECT id, subject_id FROM governance_timer
    WHERE knock_at <= now() AND fired_at IS NULL AND cancelled_at IS NULL AND parked_at IS NULL
    ORDER BY knock_at LIMIT 500 FOR UPDATE SKIP LOCKED
), fired AS (
    UPDATE governance_timer t SET fired_at = now() FROM due WHERE t.id = due.id
), work AS (
    UPDATE cases_case c SET escalation = 1 FROM due WHERE c.id = due.subject_id
    RETURNING c.id, c.number, c.state, c.item_id, c.handler_id, c.community_id, c.stage_due_at
), lines AS (
    INSERT INTO cases_transition
        (case_id, action, from_state, to_state, at, source, note, details)
    SELECT id, action, state, state, now(), 'sweep', '', '{}'
    FROM work, (VALUES ('overdue'), ('escalate')) v (action)
), told AS (
    INSERT INTO governance_message (recipient_id, kind, params, dedupe_key, created_at)
    SELECT who, kind, jsonb_build_object('number', number, 'item', item_id, 'state', state,
        'due', stage_due_at), work.id || ':' || kind, now()
    FROM work, LATERAL (
        SELECT handler_id, 'case.stage_overdue' UNION ALL
        SELECT user_id, 'case.escalated' FROM governance_post
        WHERE unit_id = community_id AND role = 'leader') v (who, kind)
    ON CONFLICT DO NOTHING RETURNING id, recipient_id
), sent AS (
    INSERT INTO governance_delivery (message_id, channel, attempts, next_try_at, last_error)
    SELECT told.id, 'email', 0, now(), '' FROM told
    JOIN governance_user u ON u.id = recipient_id AND u.email <> ''
), next AS (
    INSERT INTO governance_timer
        (kind, subject_id, level, due_at, knock_at, attempts, last_error)
    SELECT 'case.stage_overdue', id, 1, stage_due_at + interval '30 days',
        now() + interval '30 days', 0, '' FROM work
)
SELECT count(*) FROM due
"""


def plain(
    connection: psycopg.Connection[Any], at: Engines, cases: range, postmaster: int
) -> tuple[float, float]:
    """The same rows by one statement a batch: (timers a second, milliseconds of CPU a timer)."""
    make_due(connection, cases)
    with psycopg.connect(at.app_url, autocommit=True) as own:
        before = time.process_time() + cpu.server_seconds(postmaster)
        began = time.perf_counter()
        while own.execute(ONE_STATEMENT).fetchone() != (0,):
            pass
        seconds = time.perf_counter() - began
        used = time.process_time() + cpu.server_seconds(postmaster) - before
    fired, *_others = written(connection, cases)
    assert fired == len(cases), (fired, len(cases))
    return fired / seconds, used * 1000 / fired
