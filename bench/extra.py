"""Cases at work at a department on top of those built: for moves and sweeps; gone after the run."""

from __future__ import annotations

from datetime import datetime

import psycopg

from bench import marks, writer


def until(admin_url: str) -> datetime:
    """When the load ended."""
    with psycopg.connect(admin_url) as connection:
        return datetime.fromisoformat(marks.read(connection)["until"])


def write_working(admin_url: str, count: int) -> range:
    """Write cases in 处置中, numbered after all there are; returns their ids."""
    with psycopg.connect(admin_url) as connection:
        row = connection.execute(
            "SELECT greatest((SELECT max(id) FROM cases_case),"
            " (SELECT last_value FROM cases_number))"
        ).fetchone()
        assert row
        first = int(row[0]) + 1
    numbers = range(first, first + count)
    writer.write(
        admin_url, numbers, total=first, until=datetime.now().astimezone(), working_from=first
    )
    with psycopg.connect(admin_url) as connection:
        marks.set_sequences(connection)
    return numbers
