"""What a page of the admin showed of a row, so that saving it undoes nobody's change meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core import signing
from django.utils.crypto import salted_hmac

SALT = "governance.shown"
FIELD = "_shown"  # of the page's form


class Shown(NamedTuple):
    """A digest of each part of the page, and the last line of its log."""

    parts: dict[str, str]
    logged: int


class Outdated(NamedTuple):
    """Why a form is not saved; of each field that would undo a change, what is stored."""

    sentence: str
    stored: dict[str, str]


def parts(form: Any, formsets: Iterable[Any]) -> dict[str, str]:
    """Of each field of the row, and of each row beside it: what is stored, whatever was sent."""
    own = {name: digest(value) for name, value in stored(form).items()}
    rows = {key(row): digest(stored(row)) for one in formsets for row in one.initial_forms}
    return own | rows


def key(row: Any) -> str:
    return f"{row.prefix.rpartition('-')[0]}-{row.instance.pk}"


def stored(form: Any) -> dict[str, object]:
    given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: plain(value) for name, value in given.items()}


def plain(value: Any) -> object:
    """Of many rows, which; the database gives them in no order."""
    if isinstance(value, list) and all(hasattr(one, "pk") for one in value):
        return sorted(one.pk for one in value)
    return getattr(value, "pk", value)


def digest(value: object) -> str:
    return salted_hmac(SALT, repr(value)).hexdigest()[:16]


def write(seen: Shown) -> str:
    return signing.dumps(seen, salt=SALT, compress=True)


def read(text: str) -> Shown | None:
    try:
        return Shown(*signing.loads(text, salt=SALT))
    except signing.BadSignature:
        return None
