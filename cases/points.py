"""Open cases as points of a map's viewport, by the GiST index, as plain arrays."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q

from cases import access, items
from cases.conditions import where
from cases.models import OPEN

if TYPE_CHECKING:
    from governance.models import User
    from grids.viewport import Box

MOST = 5000


# The colour of a clock as deadlines.light() gives it.
SQL = """
SELECT lon, lat, number, CASE
    WHEN stage_due_at IS NULL THEN ''
    WHEN stage_due_at < %s THEN 'red'
    WHEN stage_warn_at <= %s THEN 'yellow'
    ELSE 'green' END, item_id
FROM cases_case
WHERE lon IS NOT NULL AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) AND {scope}
LIMIT %s
"""


def within(box: Box, user: User, now: datetime) -> dict[str, Any]:
    """What the map draws: [lon, lat, number, light, item id] a case, and the titles of the items.

    "more" tells that MOST were not all. Written by hand: 4,000 points a move of the map.
    """
    scope, params = where(access.territory(user) & Q(state__in=OPEN))
    edges = [box.west, box.south, box.east, box.north]
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(scope=scope), [now, now, *edges, *params, MOST + 1])
        found = cursor.fetchall()
    titles = {str(pk): items.facts(pk).title for pk in {row[4] for row in found}}
    return {"points": found[:MOST], "items": titles, "more": len(found) > MOST}
