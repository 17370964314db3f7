"""Changing the master key: every data key is wrapped again, in batches, while readers run.

The steps around it: governance/keys.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from governance import personal
from governance.models import DataKey

BATCH = 500


@dataclass
class Rotated:
    """Data keys wrapped again, those that none of our keys opens, and those still to do."""

    done: int = 0
    unreadable: int = 0
    left: int = 0


def behind() -> QuerySet[DataKey]:
    """The data keys that another key than the current one wraps."""
    return DataKey.objects.filter(destroyed_at=None).exclude(master=personal.master_name())


def rotate() -> Rotated:
    """Wrap every data key by the current master key, batch by batch; may be stopped and called
    again. What somebody else has locked comes in a further round, while rounds get on."""
    total = Rotated()
    while True:
        done, total.unreadable = rotate_round()
        total.done += done
        total.left = behind().count()
        if not done or total.left <= total.unreadable:
            return total


def rotate_round() -> tuple[int, int]:
    """Once through the table: (how many were wrapped again, how many no key of ours opens)."""
    done = unreadable = 0
    last: UUID | None = UUID(int=0)
    while last is not None:
        last, wrapped, unknown = rotate_batch(last)
        done, unreadable = done + wrapped, unreadable + unknown
    return done, unreadable


@transaction.atomic
def rotate_batch(after: UUID) -> tuple[UUID | None, int, int]:
    """The next rows by id: (the last one or None, how many were wrapped again, how many not)."""
    rows = behind().filter(pk__gt=after).order_by("pk").select_for_update(skip_locked=True)
    found = list(rows[:BATCH])
    if not found:
        return None, 0, 0
    opened = [row for row in found if rewrapped(row)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_datakey k SET wrapped = n.wrapped, master = %s"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS n (id, wrapped) WHERE k.id = n.id",
            [personal.master_name(), [row.pk for row in opened], [row.wrapped for row in opened]],
        )
    return found[-1].pk, len(opened), len(found) - len(opened)


def rewrapped(row: DataKey) -> bool:
    try:
        personal.wrap(row, personal.unwrap(row))
    except personal.Unreadable:
        return False
    return True
