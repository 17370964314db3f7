"""What lies in a part of the map: the condition that the GiST indexes of points answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, Q, Value

from grids import geo


class Box(NamedTuple):
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


def around(lon: float, lat: float, m: float) -> Box:
    """The square around a point, a little too wide."""
    east, north = geo.degrees(m, lat)
    return Box(lon - east, lat - north, lon + east, lat + north)


class Inside(Func):
    """point(lon, lat) <@ box: written as the index is."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        sql = "point({}, {}) <@ box(point({}, {}), point({}, {}))"
        return sql.format(*(part for part, _params in parts)), [
            value for _part, params in parts for value in params
        ]


def inside(box: Box) -> Q:
    """The condition on a model with lon and lat; with is_active=True the index serves it."""
    return Q(Inside(F("lon"), F("lat"), *map(Value, box)), lon__isnull=False)
