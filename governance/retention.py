"""The keeping of personal data as a file that runs: retention.toml, and its check."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db.models import Field, GenericIPAddressField

from governance.history import HistoryRow
from governance.personal import EncryptedTextField

KEYS = {"purpose", "basis", "keep", "from", "erase"}
ERASURES = {"destroy_key", "clear", "delete_row"}
KEEP = re.compile(r"\d+ (days|months|years)")
# Column names that speak of a person wherever they stand; bare "name" is a thing's name here.
TELLING = re.compile(
    r"(username|display_name|member_name|real_name|phone|mobile|email|id_number|password"
    r"|birth|gender|(^|_)sex$|contact|reporter_name)"
)


@lru_cache(maxsize=1)
def policies() -> dict[str, dict[str, str]]:
    """Column label ("app.Model.field") → its policy, as retention.toml has it."""
    with settings.RETENTION_FILE.open("rb") as file:
        return tomllib.load(file)


def personal_columns() -> set[str]:
    """The labels of our columns that hold personal data; history rows follow their model."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in {"governance", "grids", "people", "cases", "community"}
        and not issubclass(model, HistoryRow)
        for field in model._meta.concrete_fields
        if is_personal(field)
    }


def is_personal(field: Field[Any, Any]) -> bool:
    if isinstance(field, EncryptedTextField | GenericIPAddressField):
        return True
    text = field.get_internal_type() in {"CharField", "TextField", "EmailField"}
    return text and bool(TELLING.search(field.name))


@register("governance")
def check_retention(**_kwargs: Any) -> list[CheckMessage]:
    """E001 a personal column without policy, E002 a policy without column, E003 a faulty policy."""
    known, named = personal_columns(), policies()
    return [*_missing(known - named.keys()), *_gone(named.keys() - known), *_faulty(named)]


def _missing(labels: Iterable[str]) -> list[CheckMessage]:
    return [
        Error(
            f"{label} holds personal data and has no policy in retention.toml.",
            hint=f'["{label}"]\npurpose = ""\nbasis = ""\nkeep = "3 years"\nfrom = ""\n'
            'erase = "clear"',
            id="governance.E001",
        )
        for label in sorted(labels)
    ]


def _gone(labels: Iterable[str]) -> list[CheckMessage]:
    return [
        Error(f"retention.toml names {label}, which is no personal column.", id="governance.E002")
        for label in sorted(labels)
    ]


def _faulty(named: dict[str, dict[str, str]]) -> list[CheckMessage]:
    return [
        Error(f"The policy of {label} in retention.toml is incomplete.", id="governance.E003")
        for label, policy in named.items()
        if policy.keys() != KEYS
        or policy["erase"] not in ERASURES
        or not KEEP.fullmatch(policy["keep"])
        or not all(policy.values())
    ]
