"""Finding a person: exactly by document or phone, by their last four, or by part of a name; and who
may be registered twice. Within one's own units only, through one guarded function of the database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _t

from people import access, marks
from people.identifiers import plain
from people.models import Person, Residency
from people.registering import details_of

if TYPE_CHECKING:
    from governance.models import User

MOST = 50
READ = 200  # names that are read where pairs may lie apart


def find(user: User, words: str, most: int = MOST) -> list[UUID]:
    """The ids of up to `most` people of the user's units that the words name.

    Digits are a number, whole or its last four; anything else is part of a name, of which a single
    character is too little. Who is called just so comes first.
    """
    access.enter(user)
    text = plain(words)
    if not text:
        return []
    if any(character.isdigit() for character in text):
        kinds = (
            ("document tail", "phone tail") if len(text) == marks.TAIL else ("document", "phone")
        )
        found = [by_marks({marks.mark(kind, text)}, most) for kind in kinds]
        return list(dict.fromkeys(key for keys in found for key in keys))[:most]
    if len(text) < 2:
        return []
    called = by_marks({marks.whole_name(text)}, most)
    if len(called) < most:
        called += by_pairs(text, most)
    return list(dict.fromkeys(called))[:most]


def by_pairs(text: str, most: int) -> list[UUID]:
    """Whose name has the characters; of more than two the pairs may lie apart in a longer name, so
    those that the pairs found are read."""
    if len(text) == 2:
        return by_marks(marks.of_name(text), most)
    keys = by_marks(marks.of_name(text), READ)
    rows = Person.objects.filter(pk__in=keys).select_related("data_key")
    named = {row.pk for row in rows if text in plain(row.name.reveal())}
    return [key for key in keys if key in named]


def by_marks(wanted: Collection[int], most: int) -> list[UUID]:
    with connection.cursor() as cursor:
        query = "SELECT * FROM people_by_marks(%s::bigint[], %s)"
        cursor.execute(query, [sorted(wanted), most])
        return [key for (key,) in cursor.fetchall()]


@dataclass(frozen=True)
class Twin:
    """Somebody who may be the same person: how likely, and why."""

    person: Person
    score: int
    reasons: tuple[str, ...]


def twins(person: Person, user: User) -> list[Twin]:
    """Who of the user's units may be registered a second time, the likeliest first.

    A score of 100 is a document's; else 40 for the name, 30 for the birth date, 20 for living in
    the same house, 10 for a phone; from 60 on it is proposed.
    """
    access.enter(user)
    known = details_of(person)
    name, born = marks.of_name(known["name"]), known["birth_date"]
    pools = [by_marks(name, MOST)]
    if born:
        pools.append(by_marks({marks.mark("birth", born)}, MOST))
    keys = {key for pool in pools for key in pool} - {person.pk}
    houses = houses_of({person.pk, *keys})
    found = []
    for other in Person.objects.filter(pk__in=keys).select_related("data_key").order_by("pk"):
        shared = houses[person.pk] & houses[other.pk]
        twin = compare(known, details_of(other), shared, other)
        if twin.score >= PROPOSED:
            found.append(twin)
    return sorted(found, key=lambda twin: -twin.score)


PROPOSED = 60


def compare(known: dict[str, str], other: dict[str, str], shared: set[int], row: Person) -> Twin:
    phones = {known["phone"], known["other_phone"]} & {other["phone"], other["other_phone"]} - {""}
    weighed = (
        (100, known["document_number"] and known["document_number"] == other["document_number"],
         _t("证件号码相同")),
        (40, plain(known["name"]) == plain(other["name"]), _t("姓名相同")),
        (30, known["birth_date"] and known["birth_date"] == other["birth_date"],
         _t("出生日期相同")),
        (20, bool(shared), _t("住在同一房屋")),
        (10, bool(phones), _t("电话相同")),
    )  # fmt: skip
    fitting = [(points, why) for points, holds, why in weighed if holds]
    score = min(100, sum(points for points, _why in fitting))
    different = known["document_number"] and other["document_number"] and not weighed[0][1]
    if different:  # two documents are two people, whatever else is alike
        return Twin(row, 0, (_t("证件号码不同"),))
    return Twin(row, score, tuple(why for _points, why in fitting))


def houses_of(keys: Collection[UUID]) -> dict[UUID, set[int]]:
    """Where each of these people lives today."""
    found: dict[UUID, set[int]] = {key: set() for key in keys}
    rows = Residency.objects.filter(person__in=keys, ended_on=None)
    for key, house_id in rows.values_list("person", "household__house"):
        found[key].add(house_id)
    return found
