"""Rows with level columns follow when units are moved, merged or split, also those of rooms above.

A row goes with the lowest unit it names: to the one that this was merged into, and to where that
hangs now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from governance import units
from governance.models import LEVELS, Unit
from grids.models import Address, Building, Facility, House

COLUMNS = tuple(f"{level}_id" for level in LEVELS)
Chain = tuple[int | None, ...]
PLACES: tuple[type[Model], ...] = (Address, Building, House, Facility)


def in_unit(model: type[Model], unit: Unit) -> QuerySet[Any]:
    """The rows that lie in a unit, in one merged into it, or in a grid that hangs below it now."""
    if unit.kind not in LEVELS:
        return model._default_manager.none()
    below = Unit.objects.within(unit).filter(kind=LEVELS[-1]).values("pk")
    here = Q(**{unit.kind: unit.pk}) | Q(**{f"{unit.kind}__successor": unit.pk})
    return model._default_manager.filter(here | Q(grid__in=below))


def follow_rows(model: type[Model], unit: Unit) -> int:
    """Give the rows of a table that lie in a changed unit its present levels; how many moved."""
    found = in_unit(model, unit).order_by().values_list(*COLUMNS).distinct()
    moved = 0
    for old in list(found):
        new = present(old)
        if new != old:
            rows = model._default_manager.filter(**dict(zip(COLUMNS, old, strict=True)))
            moved += rows.update(**dict(zip(COLUMNS, new, strict=True)))
    return moved


def present(old: Chain) -> Chain:
    """Where what lay in these units lies now. The part of a split unit that a row without a grid
    belongs to nobody can know: it stays with the old one."""
    lowest = next((pk for pk in reversed(old) if pk is not None), 0)
    place = Unit.objects.filter(pk=lowest).first()
    while place is not None and place.successor is not None:
        place = place.successor
    return tuple(getattr(place, column) for column in COLUMNS) if place else old


def count(unit: Unit) -> int:
    return sum(in_unit(model, unit).count() for model in PLACES)


def follow(unit: Unit, now: datetime) -> None:
    for model in PLACES:
        follow_rows(model, unit)


units.FOLLOWERS["places"] = units.Follower(_("地址、楼栋、房屋与部件"), count, follow)
