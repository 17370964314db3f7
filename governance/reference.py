"""Small tables kept in each process's memory: units, items, the calendar, the territory.

A trigger raises the table's version on any change, also by raw SQL; a transaction learns all
versions with its first statement (governance/actor.py), so a cached value is never older than the
transaction that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import pgtrigger
from django.db import DEFAULT_DB_ALIAS, connection, connections

T = TypeVar("T")
VERSIONS = "SELECT COALESCE(json_object_agg(name, version), '{}') FROM governance_referenceversion"
_all: list[Reference[object]] = []
_aside: ContextVar[dict[Any, Any] | None] = ContextVar("aside", default=None)


ANY_CHANGE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


def versioned(
    name: str, on: Any = ANY_CHANGE, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """The trigger for `Meta.triggers` of a model that the reference `name` is loaded from; with a
    condition on OLD and NEW, for each row of which it is true."""
    return pgtrigger.Trigger(
        name=f"version_{name}",
        level=pgtrigger.Row if condition else pgtrigger.Statement,
        condition=condition,
        when=pgtrigger.After,
        operation=on,
        func=pgtrigger.Func(  # type: ignore[no-untyped-call]
            "INSERT INTO governance_referenceversion AS known (name, version)"
            f" VALUES ('{name}', 1) ON CONFLICT (name) DO UPDATE SET version = known.version + 1;"
            " RETURN NULL;"
        ),
    )


def versions() -> dict[str, int]:
    """Name → version, as of the open transaction's first statement, else as of now."""
    # Asked often: the proxy `connection` would be looked through three times.
    database: Any = connections[DEFAULT_DB_ALIAS]
    known: dict[str, int] | None = getattr(database, "versions", None)
    if known is not None and database.in_atomic_block:
        return known
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS)
        found = cursor.fetchone()[0]
    return parse_versions(found)


def parse_versions(found: Any) -> dict[str, int]:
    known: dict[str, int] = json.loads(found) if isinstance(found, str) else found
    return known


class Reference(Generic[T]):
    """`Reference("units", load)`: calling it returns what `load()` made of the newest version.

    `also` may give a second thing that the value depends on, such as the day.
    """

    def __init__(
        self, name: str, load: Callable[[], T], also: Callable[[], object] = lambda: None
    ) -> None:
        self.name, self.load, self.also = name, load, also
        self.version: tuple[int, object] | None = None
        self.value: T
        _all.append(self)  # type: ignore[arg-type]

    def __call__(self) -> T:
        if (own := _aside.get()) is not None:
            if self not in own:
                own[self] = self.load()
            return own[self]  # type: ignore[no-any-return]
        version = versions().get(self.name, 0), self.also()
        if version != self.version:
            self.value = self.load()
            self.version = version
        return self.value


@contextmanager
def aside() -> Iterator[None]:
    """Within, values are read anew as the open transaction sees them, and kept for this block only:
    what it wrote may be taken back, and is nobody else's to see."""
    token = _aside.set({})
    try:
        yield
    finally:
        _aside.reset(token)


def forget() -> None:
    """Drop every cached value: after a rollback (tests) versions may come again with other rows."""
    for reference in _all:
        reference.version = None
