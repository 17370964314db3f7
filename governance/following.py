"""How rows follow when units are moved, merged or split: in the background, chunk by chunk.

A room registers kinds of rows: which columns name units, which rows are still open, and where a row
belongs today. Counting for the preview, the timer, the locks and the word to the centre are here.
Closed rows are of no kind: they keep the unit of their day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from governance import outbox, permissions, scope, timers, units
from governance.models import LEVELS, Timer, Unit
from governance.outbox import Note
from governance.permissions import CENTRE

CHUNK = 500
# Rows lie in few different places: so many of these are looked for in one go.
PLACES = 50
COLUMNS = tuple(f"{level}_id" for level in LEVELS)
ADRIFT = "unit.adrift"

Values = tuple[Any, ...]
# A row, and the unit that it lay in until that was split.
Lost = tuple[Any, int]

outbox.SENTENCES[ADRIFT] = _("“%(unit_name)s”已拆分：%(rows)s %(count)s 条改由本级负责，请核对。")
outbox.READERS["unit_name"] = lambda pk: units.name_of(int(pk))
outbox.READERS["rows"] = lambda name: str(units.FOLLOWERS[name].label)


def stay(unit_id: int, now: datetime) -> None:
    """What names a unit that nobody succeeds stays as it is."""


@dataclass(frozen=True)
class Kind:
    """One kind of open rows.

    `wanted` gets the values of `columns` and `more` and returns those that `columns` should have;
    after `move` a row has them, or is open no more. `behind` is called once for a unit that nobody
    succeeds, when its rows have found their places.
    """

    rows: Callable[[], QuerySet[Any]]
    columns: tuple[str, ...] = COLUMNS
    more: tuple[str, ...] = ()
    wanted: Callable[[Values], Values] = field(default=lambda values: placed(values))
    move: Callable[[list[Any], datetime], None] | None = None
    behind: Callable[[int, datetime], None] = stay
    locks: tuple[str, ...] = ("self",)
    # The system role that sees these rows, where the application's own does not.
    role: str = ""

    def acting(self) -> AbstractContextManager[None]:
        return scope.system(self.role) if self.role else nullcontext()

    def naming(self, ids: set[int]) -> QuerySet[Any]:
        query = Q()
        for column in self.columns:
            query |= Q(**{f"{column}__in": ids})
        return self.rows().filter(query).order_by()


# Where rows belong ------------------------------------------------------------------------------


def placed(levels: Values) -> Values:
    """The level ids of where a row belongs: of the lowest of its units that there still is, or that
    has an heir; so what lay in a unit that was split goes to the level above."""
    for pk in reversed(levels):
        if pk is not None and (heir := units.heir(pk)) is not None:
            return tuple(heir.chain.values())
    return levels


def stranded(levels: Values) -> int | None:
    """The lowest of a row's units when nobody succeeds it; else None."""
    lowest = next((pk for pk in reversed(levels) if pk is not None), None)
    return lowest if lowest is not None and units.heir(lowest) is None else None


def levels_of(row: Any) -> Values:
    return tuple(getattr(row, column, None) for column in COLUMNS)


def heir_or_same(unit_id: int | None) -> int | None:
    """For what waits for a decision when nobody succeeds its unit."""
    return units.heir_id(unit_id) or unit_id


def named(values: Values) -> Values:
    """`Kind.wanted` of rows that name units without regard to place."""
    return tuple(heir_or_same(value) for value in values)


# Moving -----------------------------------------------------------------------------------------


def register(
    name: str, label: str | Promise, *kinds: Kind, timer: str = "", on_move: bool = True
) -> None:
    """Let the rows of these kinds follow, under one line of the preview and one timer."""
    timer = timer or f"{name}.follow_unit"

    def count(unit: Unit) -> int:
        return sum(counted(kind, unit.pk) for kind in kinds)

    def follow(unit: Unit, now: datetime) -> None:
        timers.ensure(timer, unit.pk, now)

    def fire(due: list[Timer], now: datetime) -> set[int]:
        left: set[int] = set()
        for one in due:
            ids = involved(one.subject_id)
            lost: list[Lost] = []
            unsettled = [kind for kind in kinds if settle(kind, ids, lost, now)]
            tell_adrift(name, lost, now)
            if unsettled:
                left.add(one.pk)
                continue
            for pk in sorted(ids):
                if units.heir(pk) is None:
                    for kind in kinds:
                        kind.behind(pk, now)
        return left

    timers.handler(timer, format_lazy(_("{rows}随单位调整"), rows=label))(fire)
    units.FOLLOWERS[name] = units.Follower(label, count, follow, on_move)


def counted(kind: Kind, unit_id: int) -> int:
    with transaction.atomic():  # a role is taken on for a transaction
        ids = involved(unit_id)
        with kind.acting():
            return kind.naming(ids).count()


def involved(unit_id: int) -> set[int]:
    """The unit and all that were merged into it, also by way of others."""
    before: dict[int, list[int]] = {}
    for unit in units.known().values():
        if unit.successor_id is not None:
            before.setdefault(unit.successor_id, []).append(unit.pk)
    found, waiting = {unit_id}, [unit_id]
    while waiting:
        new = set(before.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def settle(kind: Kind, ids: set[int], lost: list[Lost], now: datetime) -> bool:
    """Move a chunk of the free rows that are not where they belong; whether more are left. What had
    to go to a level above is added to `lost`."""
    with kind.acting():
        wrong = astray(kind, ids)
        if wrong is None:
            return False
        locked = wrong.select_for_update(skip_locked=True, of=kind.locks)
        rows = list(locked.order_by("pk")[:CHUNK])
        before = [(row, stranded(levels_of(row)), depth(row)) for row in rows]
        if kind.move is None:
            rewrite(rows, kind.columns, kind.wanted)
        elif rows:
            kind.move(rows, now)
        left = astray(kind, ids) is not None
    lost += [(row, unit) for row, unit, deep in before if unit and depth(row) < deep]
    return left


def rewrite(
    rows: Sequence[Any], columns: Sequence[str], wanted: Callable[[Values], Values]
) -> None:
    """Write what is wanted, in one statement."""
    for row in rows:
        values = wanted(tuple(getattr(row, column) for column in columns))
        for column, value in zip(columns, values, strict=True):
            setattr(row, column, value)
    if rows:
        type(rows[0])._default_manager.bulk_update(rows, [c.removesuffix("_id") for c in columns])


def astray(kind: Kind, ids: set[int]) -> QuerySet[Any] | None:
    """The rows naming these units that are not where they belong; None when all are."""
    found = kind.naming(ids).values_list(*kind.columns, *kind.more).distinct()
    wrong = [
        values for values in found if tuple(kind.wanted(values)) != values[: len(kind.columns)]
    ]
    if not wrong:
        return None
    query = Q()
    for values in wrong[:PLACES]:
        query |= Q(**dict(zip((*kind.columns, *kind.more), values, strict=True)))
    return kind.rows().filter(query)


# What a split leaves without a place ------------------------------------------------------------


def depth(row: Any) -> int:
    """How far down the levels a row lies."""
    return max((n for n, pk in enumerate(levels_of(row)) if pk is not None), default=-1)


def tell_adrift(name: str, lost: Sequence[Lost], now: datetime) -> None:
    """Word to the centre of the level that has them now: how many, of which kind, from where."""
    found = Counter((unit, centre_of(row)) for row, unit in lost)
    first = f"{lost[0][0]._meta.model_name}{lost[0][0].pk}" if lost else ""  # each chunk is told of
    notes = []
    for (unit, users), number in found.items():
        params = {"rows": name, "unit_name": str(unit), "count": str(number)}
        key = f"{ADRIFT}:{name}:{unit}:{first}"
        notes += [Note(user, ADRIFT, key, params) for user in users]
    outbox.tell(notes, now)


def centre_of(row: Any) -> tuple[int, ...]:
    """Who is in post at the centre of the lowest level of a row that has somebody."""
    for pk in reversed(levels_of(row)[:-1]):
        if pk is not None and (users := permissions.at(pk, sorted(CENTRE))):
            return tuple(users)
    return ()
