"""The keeping of personal data as a file that runs: retention.toml, its events, and its check.

A room registers when the keeping of something begins to run out:

    @retention.event("cases.Case.over", reads=("cases.Transition",))
    def over(model: type[Model], before: datetime) -> QuerySet: ...

which gives the rows of `model` whose event lies at or before a moment. What is due is erased by
governance/expiry.py.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db.models import (
    Field,
    FileField,
    GenericIPAddressField,
    JSONField,
    Model,
    QuerySet,
    TextField,
)
from django.utils.timezone import localtime

from governance.history import HistoryRow
from governance.personal import EncryptedTextField

KEYS = {"purpose", "basis", "keep", "from", "event", "erase"}
APPS = {"governance", "grids", "people", "cases", "community"}
EXEMPT = "not personal"
FREE = 200  # signs: what is that long holds whatever somebody writes
ERASURES = {"destroy_key", "clear", "delete_row"}
KEEP = re.compile(r"\d+ (days|months|years)")
# Column names that speak of a person wherever they stand; bare "name" is a thing's name here.
TELLING = re.compile(
    r"(username|display_name|member_name|real_name|phone|mobile|email|id_number|password"
    r"|birth|gender|(^|_)sex$|contact|reporter_name)"
)

Policy = dict[str, str]
Rows = Callable[[type[Model], datetime], "QuerySet[Any]"]


@dataclass(frozen=True)
class Event:
    """From when on something is kept: `rows(model, before)`, and the models that this reads."""

    rows: Rows
    reads: tuple[str, ...]


EVENTS: dict[str, Event] = {}


def event(code: str, *, reads: tuple[str, ...] = ()) -> Callable[[Rows], Rows]:
    """Register the event of this code; `reads` are labels of models beside the policy's own."""

    def register_event(rows: Rows) -> Rows:
        EVENTS[code] = Event(rows, reads)
        return rows

    return register_event


@lru_cache(maxsize=1)
def document() -> dict[str, Policy]:
    with settings.RETENTION_FILE.open("rb") as file:
        return tomllib.load(file)


def policies() -> dict[str, Policy]:
    """Column label ("app.Model.field") → its policy, as retention.toml has it."""
    return {label: policy for label, policy in document().items() if label != EXEMPT}


def policies_of(model: str) -> dict[str, Policy]:
    """Column name → policy of one model's columns."""
    found = ((label.rpartition("."), policy) for label, policy in policies().items())
    return {name: policy for (owner, _dot, name), policy in found if owner == model}


def kept_since(keep: str, now: datetime) -> datetime:
    """What began before this moment has been kept for so long ("2 years") by now."""
    number, unit = keep.split()
    if unit == "days":
        return now - timedelta(days=int(number))
    local = localtime(now)
    months = local.year * 12 + local.month - 1 - int(number) * {"months": 1, "years": 12}[unit]
    # a day that the month has not becomes its 28th: kept a little longer, never shorter
    try:
        return local.replace(year=months // 12, month=months % 12 + 1)
    except ValueError:
        return local.replace(year=months // 12, month=months % 12 + 1, day=28)


def personal_columns() -> set[str]:
    """The labels of our columns that hold personal data, or may: free texts, JSON, files. History
    rows follow their model."""
    return {label for label, field in columns().items() if is_personal(field)}


def columns() -> dict[str, Field[Any, Any]]:
    return {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models()
        if model._meta.app_label in APPS and not issubclass(model, HistoryRow)
        for field in model._meta.concrete_fields
    }


def is_personal(field: Field[Any, Any]) -> bool:
    if isinstance(
        field, EncryptedTextField | GenericIPAddressField | TextField | JSONField | FileField
    ):
        return True
    text = field.get_internal_type() in {"CharField", "TextField", "EmailField"}
    words = text and not field.choices and (field.max_length or 0) >= FREE
    return words or (text and bool(TELLING.search(field.name)))


@register("governance")
def check_retention(**_kwargs: Any) -> list[CheckMessage]:
    """E001 a personal column without policy, E002 a policy without column, E003 a faulty policy,
    E004 an event that nobody registered, E005 one key that is to be destroyed at two times."""
    named = policies()
    known = named.keys() | document().get(EXEMPT, {}).keys()
    return [
        *_missing(personal_columns() - known),
        *_gone(known - columns().keys()),
        *_faulty(named),
        *_never(named),
        *_torn(named),
    ]


def _missing(labels: Iterable[str]) -> list[CheckMessage]:
    return [
        Error(
            f"{label} holds personal data and has no policy in retention.toml.",
            hint=f'["{label}"]\npurpose = ""\nbasis = ""\nkeep = "3 years"\nfrom = ""\n'
            f'event = ""\nerase = "clear"\n\nor a line below ["{EXEMPT}"] that says why not.',
            id="governance.E001",
        )
        for label in sorted(labels)
    ]


def _gone(labels: Iterable[str]) -> list[CheckMessage]:
    return [
        Error(f"retention.toml names {label}, which is no column.", id="governance.E002")
        for label in sorted(labels)
    ]


def _faulty(named: dict[str, Policy]) -> list[CheckMessage]:
    return [
        Error(f"The policy of {label} in retention.toml is incomplete.", id="governance.E003")
        for label, policy in named.items()
        if not is_whole(policy)
    ]


def is_whole(policy: Policy) -> bool:
    return (
        policy.keys() == KEYS
        and policy["erase"] in ERASURES
        and bool(KEEP.fullmatch(policy["keep"]))
        and all(policy.values())
    )


def _never(named: dict[str, Policy]) -> list[CheckMessage]:
    return [
        Error(
            f"The event of {label} in retention.toml is not registered: {policy['event']}.",
            id="governance.E004",
        )
        for label, policy in named.items()
        if is_whole(policy) and policy["event"] not in EVENTS
    ]


def _torn(named: dict[str, Policy]) -> list[CheckMessage]:
    """All columns of a row are sealed with one key: what goes earlier must be cleared instead."""
    times: dict[str, set[tuple[str, str]]] = {}
    for label, policy in named.items():
        if is_whole(policy) and policy["erase"] == "destroy_key":
            times.setdefault(label.rpartition(".")[0], set()).add((policy["event"], policy["keep"]))
    return [
        Error(
            f"The columns of {model} share a key, and retention.toml destroys it at two times.",
            hint='Of those that go earlier: erase = "clear".',
            id="governance.E005",
        )
        for model, found in times.items()
        if len(found) > 1
    ]
