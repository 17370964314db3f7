"""When units are moved or merged, open cases follow in the background; closed ones keep the unit
of their day."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import OPEN, Case, CaseQuerySet
from governance import timers, units
from governance.models import LEVELS, Timer, Unit
from governance.units import Follower

TIMER = "case.follow_unit"
CHUNK = 500
COLUMNS = tuple(f"{level}_id" for level in LEVELS)


def open_in(unit: Unit) -> CaseQuerySet:
    """The open cases that lie in a unit, or in one that was merged into it."""
    query = Q()
    for level in LEVELS:
        query |= Q(**{level: unit.pk}) | Q(**{f"{level}__successor": unit.pk})
    below = Unit.objects.within(unit).values("pk")
    return Case.objects.filter(query | Q(grid__in=below), state__in=OPEN)


def follow(unit: Unit, now: datetime) -> None:
    """Let the sweep move them: it may be many, and one may be in somebody's hands."""
    if not Timer.objects.open().filter(kind=TIMER, subject_id=unit.pk).exists():
        timers.start(TIMER, unit.pk, now)


@timers.handler(TIMER, _("事件随单位调整"))
def move_cases(due: list[Timer], now: datetime) -> set[int]:
    """Move what is free, a chunk at a time; knock again while anything is left."""
    left: set[int] = set()
    for timer in due:
        unit = Unit.objects.get(pk=timer.subject_id)
        if move_chunk(unit):
            left.add(timer.pk)
    return left


def move_chunk(unit: Unit) -> bool:
    """Give up to CHUNK free cases their unit's present chain; whether more are left."""
    wanted = open_in(unit).select_related("grid", "community__successor")
    astray = [case.pk for case in wanted if chain_of(case) != present(case)]
    chosen = Case.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk__in=astray[:CHUNK]
    )
    moved = list(chosen.select_related("grid", "community__successor"))
    for case in moved:
        for column, value in zip(COLUMNS, chain_of(case), strict=True):
            setattr(case, column, value)
    Case.objects.bulk_update(moved, COLUMNS)
    return len(moved) < len(astray)


Chain = tuple[int | None, ...]


def present(case: Case) -> Chain:
    return tuple(getattr(case, column) for column in COLUMNS)


def chain_of(case: Case) -> Chain:
    """The chain of the unit where the case lies, or of the one that it was merged into."""
    place = case.grid or case.community or case.street
    if place is not None and place.successor is not None:
        place = place.successor
    return tuple(getattr(place, column) for column in COLUMNS) if place else present(case)


units.FOLLOWERS["cases"] = Follower(
    label=_("在办事件"), count=lambda unit: open_in(unit).count(), follow=follow
)
