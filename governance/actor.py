"""Who acts in the present request or task: written into each transaction for the history rows.

The database reads it from the setting that django-pghistory's triggers copy into every history row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection
from psycopg.pq import TransactionStatus

from governance import reference

if TYPE_CHECKING:
    from governance.database.base import DatabaseWrapper

Actor = dict[str, object]
_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current() -> Actor | None:
    """{"user": id or None, "source": "desk" | "api" | "sweep" | …}, or None outside any surface."""
    return _actor.get()


def announce(database: DatabaseWrapper) -> None:
    """Tell the open transaction who acts; note the time it began and the reference versions.

    Where `pgtrigger.ignore` is not set, each trigger raises and catches an error for each row: a
    history row then costs ten times as much, and more the longer the transaction is. Parallel
    workers would cost a count among a million cases twice the processor for the same wait.
    """
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_metadata', %s, true),"
            " set_config('pgtrigger.ignore', '{}', true),"
            " set_config('max_parallel_workers_per_gather', '0', true),"
            f" app_now(), ({reference.VERSIONS})",
            [json.dumps(current()) if current() else ""],
        )
        *_, database.began_at, found = cursor.fetchone()
    database.versions = reference.parse_versions(found)


@contextmanager
def acting(user_id: int | None, source: str) -> Iterator[None]:
    """Everything written within is recorded as done by this user from this surface."""
    token = _actor.set({"user": user_id, "source": source})
    inside = connection.in_atomic_block
    try:
        if inside:
            announce(connection)  # type: ignore[arg-type]
        yield
    finally:
        _actor.reset(token)
        if inside:
            hand_back(connection)  # type: ignore[arg-type]


def hand_back(database: DatabaseWrapper) -> None:
    """The open transaction goes on as before `acting`: under its own actor, reading afresh."""
    session = database.connection
    if session is not None and session.info.transaction_status == TransactionStatus.INTRANS:
        announce(database)
    database.began_at = database.versions = None


def become(user_id: int) -> None:
    """The API learns from the token who acts when its transaction is open already."""
    _actor.set({**(current() or {"source": "api"}), "user": user_id})
    if connection.in_atomic_block:
        announce(connection)  # type: ignore[arg-type]
