"""What a foreign file's columns and values mean here: a TOML file, checked before a row is read.

docs/boston311.toml is an example with every key explained.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _t

from cases import items
from cases.models import Outcome
from governance.models import UnitCode, UnitKind

REQUIRED = ("number", "opened", "closed", "category")
OPTIONAL = ("target", "on_time", "department", "place", "lon", "lat", "result", "answer")
KEYS = (
    "source", "zone", "time_format", "as_of", "columns", "nowhere", "on_time", "items",
    "default_item", "departments", "outcomes", "default_outcome",
)  # fmt: skip
SOURCE_LENGTH = 33  # Submission.owner is "import:<source>"


class BadMapping(Exception):
    """Says what is wrong with the mapping; nothing was read."""


@dataclass(frozen=True)
class Meaning:
    """A checked mapping: codes are ids, values are spelt as `plain` leaves them."""

    source: str
    zone: ZoneInfo
    columns: Mapping[str, str]  # what → the column that holds it
    description: tuple[str, ...]  # the columns that together describe the request
    items: Mapping[str, int]
    time_format: str = ""  # as for strptime; "" is ISO 8601
    default_item: int | None = None
    departments: Mapping[str, int] = field(default_factory=dict)
    on_time: Mapping[str, bool] = field(default_factory=dict)
    outcomes: tuple[tuple[str, str], ...] = ()  # (what the result says, outcome), first wins
    default_outcome: str = Outcome.SOLVED
    nowhere: frozenset[tuple[float, float]] = frozenset()  # (lon, lat) that mean "not known"
    as_of: datetime | None = None

    @property
    def owner(self) -> str:
        """Whose numbers the file's are, in `Submission`."""
        return f"import:{self.source}"


def plain(text: object) -> str:
    """A text with single spaces."""
    return " ".join(str(text).split())


def load(path: Path, *, zone: str = "") -> Meaning:
    """The mapping of a TOML file; `zone` goes before the file's. Raises BadMapping."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(_t("映射文件不是 TOML：%(error)s") % {"error": error}) from error
    try:
        return meaning_of(data, zone)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadMapping(_t("映射文件有误：%(error)s") % {"error": error}) from error


def meaning_of(data: dict[str, Any], zone: str) -> Meaning:
    columns = dict(data.get("columns", {}))
    description = tuple(columns.pop("description", ()))
    check(data, columns)
    items_by_code = {item.code: item.pk for item in items.items().values() if item.is_active}
    codes = {plain(value): code for value, code in data.get("items", {}).items()}
    default = data.get("default_item")
    known("items", [*codes.values(), *([default] if default else [])], items_by_code)
    outcomes = tuple(data.get("outcomes", {}).items())
    default_outcome = data.get("default_outcome", Outcome.SOLVED)
    known("outcomes", [*(out for _said, out in outcomes), default_outcome], Outcome.values)
    own_zone = zone_of(zone or data.get("zone") or settings.TIME_ZONE)
    return Meaning(
        source=data["source"],
        zone=own_zone,
        columns=columns,
        description=description,
        items={value: items_by_code[code] for value, code in codes.items()},
        time_format=data.get("time_format", ""),
        default_item=items_by_code[default] if default else None,
        departments=departments(data.get("departments", {})),
        on_time={plain(value): bool(kept) for value, kept in data.get("on_time", {}).items()},
        outcomes=outcomes,
        default_outcome=default_outcome,
        nowhere=frozenset((float(lon), float(lat)) for lon, lat in data.get("nowhere", [])),
        as_of=as_of(data["as_of"], own_zone) if "as_of" in data else None,
    )


def check(data: dict[str, Any], columns: dict[str, str]) -> None:
    if strange := [key for key in data if key not in KEYS]:
        raise BadMapping(_t("映射文件不认识的键：%(keys)s") % {"keys": _t("、").join(strange)})
    if strange := [key for key in columns if key not in (*REQUIRED, *OPTIONAL)]:
        raise BadMapping(_t("[columns] 不认识的键：%(keys)s") % {"keys": _t("、").join(strange)})
    if missing := [key for key in REQUIRED if not columns.get(key)]:
        raise BadMapping(_t("[columns] 缺少：%(keys)s") % {"keys": _t("、").join(missing)})
    if not 0 < len(data.get("source", "")) <= SOURCE_LENGTH:
        raise BadMapping(_t("source 须为 1 至 %(n)d 个字") % {"n": SOURCE_LENGTH})


def known(table: str, codes: Iterable[str], there: Iterable[str]) -> None:
    if unknown := sorted(set(codes) - set(there)):
        raise BadMapping(
            _t("[%(table)s] 没有这些代码：%(codes)s")
            % {"table": table, "codes": _t("、").join(unknown)}
        )


def departments(codes: dict[str, str]) -> dict[str, int]:
    rows = UnitCode.objects.filter(
        code__in=codes.values(), valid_to=None, unit__kind=UnitKind.DEPARTMENT
    )
    ids = dict(rows.values_list("code", "unit_id"))
    known("departments", codes.values(), ids)
    return {plain(value): ids[code] for value, code in codes.items()}


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name. Raises BadMapping."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadMapping(_t("没有时区 %(name)s") % {"name": name}) from error


def as_of(value: object, zone: ZoneInfo) -> datetime:
    """When the file was drawn, from TOML's date-time or a text; aware."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
