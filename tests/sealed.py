"""What is sealed in a whole database, and what a key that is left still opens of it; and how a
text may lie in a file."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from django.apps import apps

from governance import clearing, personal
from governance.models import DataKey, PersonalRow
from governance.personal import EncryptedTextField
from tests.stack import Stack


def keys(stack: Stack) -> list[bytes]:
    """The data keys that are left, unwrapped by the master keys that the stack has."""
    rows = stack.sql("SELECT id, wrapped, master FROM governance_datakey WHERE wrapped <> ''")
    return [
        personal.unwrap(DataKey(id=key, wrapped=wrapped, master=master))
        for key, wrapped, master in rows
    ]


def values(stack: Stack) -> Iterator[tuple[bytes, bytes]]:
    """(what is sealed, the place it is bound to), of all rows and of all that the history kept."""
    for model in apps.get_models():
        if not issubclass(model, PersonalRow) or model._meta.abstract:
            continue
        history = clearing.histories().get(model._meta.label)
        tables = [(model._meta.db_table, "id")]
        if history is not None:
            tables.append((history._meta.db_table, "pgh_obj_id"))
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                for table, key in tables:
                    for pk, sealed in stack.sql(found(table, key, field.attname)):
                        yield bytes(sealed), field.place(model(id=UUID(str(pk))))


def found(table: str, key: str, column: str) -> str:
    return f'SELECT "{key}", "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'


def opened(stack: Stack) -> tuple[set[str], int]:
    """What any key opens of anything, and how many values no key opens."""
    known, clear, shut = keys(stack), set(), 0
    for sealed, place in values(stack):
        texts = [text for key in known if (text := attempt(key, sealed, place)) is not None]
        clear.update(texts)
        shut += not texts
    return clear, shut


def attempt(key: bytes, sealed: bytes, place: bytes) -> str | None:
    try:
        return personal.decrypt(key, sealed, place).decode()
    except personal.Unreadable:
        return None


# As it may lie in a file ------------------------------------------------------------------------


def spellings(text: str) -> set[bytes]:
    """The text in UTF-8, as JSON and addresses escape it, in hexadecimal, and within base64."""
    raw = text.encode()
    escaped = json.dumps(text)[1:-1]
    return {
        raw,
        text.encode("utf-16-le"),
        escaped.encode(),
        escaped.lower().encode(),
        quote(text).encode(),
        quote(text).lower().encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        *in_base64(raw),
    }


def in_base64(raw: bytes) -> Iterator[bytes]:
    """The letters that are the same whatever stands before and behind it."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        begin = (before * 8 + 5) // 6
        end = (before + len(raw)) * 8 // 6
        yield from (whole[begin:end], whole[begin:end].translate(URL_SAFE))


URL_SAFE = bytes.maketrans(b"+/", b"-_")


def told_in(folder: Path, marked: dict[str, str]) -> dict[str, list[str]]:
    """File → the marked texts that lie in it, however spelt."""
    wanted = {name: spellings(text) for name, text in marked.items()}
    told = {}
    for path in sorted(folder.rglob("*") if folder.is_dir() else [folder]):
        if path.is_file():
            content = path.read_bytes()
            names = [name for name, ways in wanted.items() if any(way in content for way in ways)]
            if names:
                told[str(path)] = names
    return told
