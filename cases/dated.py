"""Which rows of the configuration hold on a day."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import TypeVar

from cases.models.catalogue import Dated

D = TypeVar("D", bound=Dated)


def holds(row: Dated, day: date) -> bool:
    begun = row.valid_from is None or row.valid_from <= day
    return begun and (row.valid_to is None or day < row.valid_to)


def in_force(rows: Iterable[D], day: date, of: Callable[[D], Hashable]) -> list[D]:
    """For each thing that the rows speak of, the newest that has begun by the day; none where that
    one has ended."""
    newest: dict[Hashable, D] = {}
    for row in sorted(rows, key=lambda row: row.valid_from or date.min):
        if row.valid_from is None or row.valid_from <= day:
            newest[of(row)] = row
    return [row for row in newest.values() if holds(row, day)]


def days_ahead(rows: Iterable[Dated], day: date) -> list[date]:
    """The days after this one on which a row begins or ends, the next first."""
    days = {edge for row in rows for edge in (row.valid_from, row.valid_to)}
    return sorted(edge for edge in days if edge is not None and edge > day)
