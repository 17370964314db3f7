"""The verb that writes a territory; and how territories follow when units are merged."""

from __future__ import annotations

from datetime import datetime

import shapely
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import units
from governance.models import Unit, UnitKind
from governance.units import NotAllowed
from grids import boundary, places
from grids.models import Grid, GridKind


@transaction.atomic
def save(grid: Grid) -> Grid:
    """Write a territory, its boundary to 7 decimals; what lies on it becomes the grid's. Raises
    NotAllowed or BadBoundary."""
    if grid.unit.kind != UnitKind.GRID:
        raise NotAllowed(
            _t("“%(unit)s”是%(kind)s，只有网格才有边界。")
            % {"unit": grid.unit, "kind": grid.unit.get_kind_display()}
        )
    if grid.dedicated_kind and grid.kind != GridKind.DEDICATED:
        raise NotAllowed(_t("只有专属网格才有专属类别。"))
    grid.boundary = boundary.to_json(boundary.checked(grid.boundary))
    grid.save()
    places.settle_ground(grid)
    return grid


def count(unit: Unit) -> int:
    return Grid.objects.filter(unit=unit).count()


def follow(unit: Unit, now: datetime) -> None:
    """A grid that was merged into another gives it its ground. (A split one is drawn anew.)"""
    merged = Grid.objects.filter(unit__successor=unit, valid_to=None).select_related("unit")
    gone = list(merged.order_by("pk"))
    if not gone:
        return
    first = gone[0]
    kept = Grid.objects.filter(unit=unit).first() or Grid(
        unit=unit,
        kind=first.kind,
        dedicated_kind=first.dedicated_kind,
        valid_from=first.unit.valid_to or first.valid_from,
    )
    parts = [boundary.parse(grid.boundary) for grid in (kept, *gone) if grid.boundary]
    kept.boundary = boundary.to_json(shapely.union_all(parts))
    save(kept)
    for grid in gone:
        grid.valid_to = max(grid.unit.valid_to or grid.valid_from, grid.valid_from)
        grid.save(update_fields=["valid_to"])


units.FOLLOWERS["grids"] = units.Follower(_("网格边界"), count, follow)
