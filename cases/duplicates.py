"""Open cases that a report may repeat, ranked, each with the reasons that a clerk reads.

By place (30 m, 100 m), item, time and words. Never by who reported: there is no list of what one
person has reported (issue "Duplicates").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import access, items
from cases.models import AT_WORK, Case
from governance import search
from grids import geo

if TYPE_CHECKING:
    from governance.models import User

NEAR, AROUND = 30, 100  # metres
MOST, SHOWN = 200, 8
LEAST = 40
SINCE = timedelta(days=60)
STATES = [str(state) for state in AT_WORK]
SENTENCES: Mapping[str, str | Promise] = {
    "near": _("相距 %(m)d 米"),
    "item": _("同一事项"),
    "class": _("同一大类"),
    "lately": _("%(days)d 天内上报"),
    "words": _("描述相近 %(percent)d%%"),
}


@dataclass(frozen=True)
class Sought:
    """What is looked for: a case, or a report that is being typed."""

    item_id: int | None
    words: str
    lon: float | None
    lat: float | None
    community_id: int | None
    at: datetime
    case_id: int = 0


@dataclass
class Found:
    """A case that it may repeat."""

    number: str
    item_id: int
    state: str
    description: str
    place: str
    score: float
    reasons: list[tuple[str, dict[str, Any]]]


def sentence(reason: tuple[str, dict[str, Any]]) -> str:
    """A reason in the active language."""
    code, facts = reason
    return str(SENTENCES[code]) % facts


def of_case(case: Case, user: User) -> list[Found]:
    """What a case may repeat, among those that the user sees, the likeliest first."""
    words = f"{case.description} {case.place}"
    sought = Sought(
        case.item_id, words, case.lon, case.lat, case.community_id, case.reported_at, case.pk
    )
    return candidates(sought, user)


def candidates(sought: Sought, user: User) -> list[Found]:
    rows = access.visible_to(user).filter(pk__in=ids_near(sought)).exclude(pk=sought.case_id)
    asked = set(search.lexemes(sought.words))
    columns = ("number", "item_id", "state", "description", "place", "lon", "lat", "reported_at")
    found = [judge(sought, asked, row) for row in rows.values(*columns)]
    likely = [one for one in found if one.score >= LEAST]
    return sorted(likely, key=lambda one: (-one.score, one.number))[:SHOWN]


def ids_near(sought: Sought) -> list[int]:
    """Open cases around the point by the GiST index, and of those that have no point the newest of
    the community; without a point, the newest of the community, wherever they lie in it. Of the
    community only items of the same class: another one is no repetition by its words alone."""
    alike = [item.pk for item in items.items().values() if item.class_id == asked_class(sought)]
    community = [sought.community_id, alike, STATES, MOST]
    if sought.lon is None or sought.lat is None:
        return _ids(IN_COMMUNITY.format(""), community)
    east, north = geo.degrees(AROUND, sought.lat)
    box = [sought.lon - east, sought.lat - north, sought.lon + east, sought.lat + north]
    without_point = IN_COMMUNITY.format(" AND lon IS NULL")
    return _ids(f"({IN_BOX}) UNION ALL ({without_point})", [*box, STATES, MOST, *community])


IN_BOX = (
    "SELECT id FROM cases_case WHERE lon IS NOT NULL"
    " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) AND state = ANY(%s) LIMIT %s"
)
IN_COMMUNITY = (
    "SELECT id FROM cases_case WHERE community_id = %s AND item_id = ANY(%s)"
    " AND state = ANY(%s){} ORDER BY id DESC LIMIT %s"
)


def asked_class(sought: Sought) -> int | None:
    return class_of(sought.item_id) if sought.item_id in items.items() else None


def _ids(sql: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def judge(sought: Sought, asked: set[str], row: dict[str, Any]) -> Found:
    """Points for each thing in common; at LEAST of them it is shown."""
    shown = {name: row[name] for name in ("number", "item_id", "state", "description", "place")}
    found = Found(**shown, score=0, reasons=[])
    for points, code, facts in in_common(sought, asked, row):
        found.score += points
        found.reasons.append((code, facts))
    return found


def in_common(
    sought: Sought, asked: set[str], row: dict[str, Any]
) -> Iterator[tuple[float, str, dict[str, Any]]]:
    if sought.lon is not None and sought.lat is not None and row["lon"] is not None:
        away = geo.metres(sought.lon, sought.lat, row["lon"], row["lat"])
        if away <= AROUND:
            yield (40 if away <= NEAR else 25), "near", {"m": round(away)}
    if sought.item_id == row["item_id"]:
        yield 30, "item", {}
    elif sought.item_id and class_of(sought.item_id) == class_of(row["item_id"]):
        yield 10, "class", {}
    apart = abs(sought.at - row["reported_at"])
    if apart <= SINCE:
        days = max(1, -(-apart // timedelta(days=1)))
        yield 10 if days <= 3 else 5 if days <= 14 else 0, "lately", {"days": days}
    said = set(search.lexemes(f"{row['description']} {row['place']}"))
    alike = len(asked & said) / len(asked | said) if asked | said else 0
    if alike >= 0.15:
        yield 40 * alike, "words", {"percent": round(100 * alike)}


def class_of(item_id: int) -> int:
    return items.facts(item_id).class_id
