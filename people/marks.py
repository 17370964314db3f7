"""What a person is found by without being readable: blind indexes, as 64-bit numbers.

The whole document number and its last four, the whole phone and its last four, the birth date (to
propose duplicates), the whole name, and its character pairs. Each is an HMAC under a key that only
the application has; an erased person has none. Who was registered before one of these kinds was
there gets it by `manage.py reindex_people`; until then only the order of names suffers.
"""

from __future__ import annotations

from collections.abc import Iterable

from governance import personal
from people.identifiers import plain

TAIL = 4


def mark(kind: str, text: str) -> int:
    """A 64-bit number for a value of a kind."""
    index = personal.blind_index(f"people.Person {kind}", text)
    return int.from_bytes(index[:8], "big", signed=True)


def document_index(number: str) -> bytes | None:
    """The exact index of a document's number; None for none."""
    return personal.blind_index("people.Person document_number", number) if number else None


def of_name(name: str) -> set[int]:
    """Pairs of neighbouring characters; a single character stands alone."""
    text = plain(name)
    pairs = [text[n : n + 2] for n in range(len(text) - 1)] or [text]
    return {mark("name", pair) for pair in pairs if pair}


def whole_name(name: str) -> int:
    """By which who is called just so comes before whose name only has these characters."""
    return mark("whole name", plain(name))


def of_number(kind: str, number: str) -> set[int]:
    """A number whole, and its last four."""
    text = plain(number)
    if not text:
        return set()
    return {mark(kind, text), mark(f"{kind} tail", text[-TAIL:])}


def of_person(
    *, name: str, document_number: str, birth_date: str, phones: Iterable[str]
) -> list[int]:
    """All marks of a person, sorted."""
    found = of_name(name) | {whole_name(name)} | of_number("document", document_number)
    for phone in phones:
        found |= of_number("phone", phone)
    if birth_date:
        found.add(mark("birth", birth_date))
    return sorted(found)
