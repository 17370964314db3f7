"""Many rows into a table in one statement, for the set-based verbs.

Models and `bulk_create` were most of what a sweep cost in Python (`make bench`). What they would
check the callers guarantee, and the database's constraints still hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

Types = Mapping[str, str]


def insert(table: str, types: Types, rows: Sequence[Sequence[Any]]) -> None:
    """INSERT these rows; `types` names each column's SQL type in the order of a row's values."""
    if rows:
        columns = ", ".join(types)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {source('r', types)}",
                [packed(types, rows)],
            )


def source(name: str, types: Types) -> str:
    """For a FROM clause: the rows of the next parameter, made by `packed`, under this name.

    One JSON text: arrays would be quoted value by value in Python.
    """
    columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
    return f"json_to_recordset(%s::json) AS {name}({columns})"


def packed(types: Types, rows: Sequence[Sequence[Any]]) -> str:
    """The rows as `source` reads them."""
    return orjson.dumps([dict(zip(types, row, strict=True)) for row in rows]).decode()


def coded(value: bytes | None) -> str | None:
    """A bytea as `packed` can say it."""
    return None if value is None else f"\\x{value.hex()}"
