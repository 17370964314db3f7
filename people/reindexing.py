"""What people are found by, made again: under another index key, or after a change of people/marks.

Under the role of retention, which sees the register whole and may write these two columns.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from governance import scope
from people.models import Person
from people.registering import index

BATCH = 200


def reindex() -> int:
    """Of everybody who was not erased; returns how many."""
    done, last = 0, UUID(int=0)
    while found := reindex_batch(last):
        done, last = done + len(found), found[-1]
    return done


@transaction.atomic
def reindex_batch(after: UUID) -> list[UUID]:
    with scope.system(scope.RETENTION):
        rows = Person.objects.filter(pk__gt=after, erased_at=None).select_related("data_key")
        found = list(rows.order_by("pk").select_for_update(of=("self",))[:BATCH])
        for person in found:
            index(person)
        Person.objects.bulk_update(found, ["document_index", "marks"])
    return [person.pk for person in found]
