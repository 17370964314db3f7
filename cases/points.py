"""Open cases as points of a map's viewport, by the GiST index, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from cases import access, deadlines, items
from cases.models import OPEN, Case

if TYPE_CHECKING:
    from governance.models import User

MOST = 5000


@dataclass(frozen=True)
class Box:
    """A viewport: west, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


def parse(text: str) -> Box | None:
    """The box of "w,s,e,n"; None for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return Box(west, south, east, north) if west < east and south < north else None


def within(box: Box, user: User, now: datetime) -> dict[str, Any]:
    """{"points": [[lon, lat, number, light, item], …], "more": whether MOST was not enough}."""
    inside = RawSQL(
        "point(lon, lat) <@ box(point(%s, %s), point(%s, %s))",
        (box.west, box.south, box.east, box.north),
        output_field=BooleanField(),
    )
    rows = Case.objects.filter(
        access.territory(user), inside, lon__isnull=False, state__in=OPEN
    ).values_list("lon", "lat", "number", "item_id", "stage_warn_at", "stage_due_at")
    found = [
        (lon, lat, number, deadlines.light(warn, due, now), items.facts(item_id).title)
        for lon, lat, number, item_id, warn, due in rows[: MOST + 1]
    ]
    return {"points": found[:MOST], "more": len(found) > MOST}
