"""New people with where they live, many in a handful of statements: what `registering` writes one
by one. Their keys first, then they, then their homes: only then are they seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import connection

from governance import actor, bulk, personal
from governance.models import LEVELS
from people import plan_homes, registering
from people.models import Person, Relation
from people.registering import Details

if TYPE_CHECKING:
    from governance.models import User

COLUMNS = tuple(f"{level}_id" for level in LEVELS)
DATA_KEY = {"id": "uuid", "wrapped": "bytea", "master": "varchar"}
SEALED = tuple(name for name in Details.__dataclass_fields__ if name != "document_kind")
PERSON = {
    "id": "uuid",
    "data_key_id": "uuid",
    **dict.fromkeys(SEALED, "bytea"),
    "document_kind": "varchar",
    "document_index": "bytea",
    "marks": "bigint[]",
    "version": "integer",
    "registered_at": "timestamptz",
    "registered_by_id": "bigint",
}
HOUSEHOLD = {
    "id": "bigint",
    "house_id": "bigint",
    "head_id": "uuid",
    "number": "varchar",
    "began_on": "date",
    **dict.fromkeys(COLUMNS, "bigint"),
}
RESIDENCY = {
    "person_id": "uuid",
    "household_id": "bigint",
    "kind": "varchar",
    "relation": "varchar",
    "began_on": "date",
    "leaving": "varchar",
    **dict.fromkeys(COLUMNS, "bigint"),
}
SAID = {"person_id": "uuid", "fields": "varchar[]"}
PROVENANCE = f"""
INSERT INTO people_provenance (person_id, field, by_id, at, source)
SELECT r.person_id, said.field, %s, %s, %s
FROM {bulk.source("r", SAID)}, unnest(r.fields) AS said (field)
"""
HEADS = {"id": "bigint", "head_id": "uuid"}
TAKE_HEADS = f"""
UPDATE people_household AS h SET head_id = r.head_id
FROM {bulk.source("r", HEADS)} WHERE h.id = r.id
"""
NEW_IDS = """
SELECT nextval(pg_get_serial_sequence('people_household', 'id')) FROM generate_series(1, %s)
"""


@dataclass
class Home:
    """A household of a house; `pk` None for one that is yet to be written."""

    house_id: int
    levels: tuple[int | None, ...]
    began_on: date
    pk: int | None = None
    head: UUID | None = None
    number: str | None = None  # what a file calls it in its house


class Writer:
    """What a batch adds."""

    def __init__(self, by: User, now: datetime) -> None:
        self.by, self.now = by, now
        self.keys: list[list[Any]] = []
        self.persons: list[list[Any]] = []
        self.said: list[list[Any]] = []
        self.homes: list[Home] = []  # new ones
        self.headed: list[Home] = []  # that were there, and have a head now
        self.residencies: list[tuple[Home, UUID, str, str, date]] = []

    def add_person(self, details: Details) -> UUID:
        known = vars(details)
        key = uuid4()
        data_key, sealed = personal.new_row(Person, key, {name: known[name] for name in SEALED})
        index, found = registering.marks_of(known)
        self.keys.append(data_key)
        self.persons.append(
            [
                key,
                data_key[0],
                *sealed,
                details.document_kind,
                bulk.coded(index),
                found,
                1,
                self.now,
                self.by.pk,
            ]
        )
        self.said.append([key, [name for name, value in known.items() if value]])
        return key

    def settle(self, person: UUID, home: Home, kind: str, relation: str, began_on: date) -> None:
        self.residencies.append((home, person, kind, relation, began_on))
        if relation == Relation.HEAD:
            home.head = person
            if home.pk is not None:
                self.headed.append(home)

    def save(self) -> None:
        bulk.insert("governance_datakey", DATA_KEY, self.keys)
        bulk.insert("people_person", PERSON, self.persons)
        self.save_homes()
        bulk.insert(
            "people_residency",
            RESIDENCY,
            [
                [person, home.pk, kind, relation, began_on, "", *home.levels]
                for home, person, kind, relation, began_on in self.residencies
            ],
        )
        fresh = {key for key, *_rest in self.persons}
        plan_homes.came([one for _, one, *_ in self.residencies if one not in fresh], self.now)
        self.save_sources()

    def save_homes(self) -> None:
        if self.homes:
            with connection.cursor() as cursor:
                cursor.execute(NEW_IDS, [len(self.homes)])
                for home, (key,) in zip(self.homes, cursor.fetchall(), strict=True):
                    home.pk = key
        rows = [[h.pk, h.house_id, h.head, h.number, h.began_on, *h.levels] for h in self.homes]
        bulk.insert("people_household", HOUSEHOLD, rows)
        if self.headed:
            heads = [[home.pk, home.head] for home in self.headed]
            with connection.cursor() as cursor:
                cursor.execute(TAKE_HEADS, [bulk.packed(HEADS, heads)])

    def save_sources(self) -> None:
        if self.said:
            source = str((actor.current() or {}).get("source", ""))
            with connection.cursor() as cursor:
                said = bulk.packed(SAID, self.said)
                cursor.execute(PROVENANCE, [self.by.pk, self.now, source, said])
