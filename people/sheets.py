"""周分析、月汇总: written by the platform from what was recorded, only commented by the worker.

A figure is a function of a grid and two moments; rooms above register theirs by name, as the cases
do. Each sheet is written once, after its period is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, scope, units
from governance.models import UnitKind
from people import access
from people.errors import BadDetails, NotAllowed
from people.models import Household, Period, Residency, Sheet, Visit

if TYPE_CHECKING:
    from governance.models import User

SEE, PERMISSION = "visit.see", "visit.make"
Count = Callable[[int, datetime, datetime], int]


@dataclass(frozen=True)
class Figure:
    """What a sheet tells of a grid; a rate with what it is of."""

    label: str | Promise
    count: Count
    of: Count | None = None


def visits_made(grid_id: int, began: datetime, ended: datetime) -> int:
    return _visits(grid_id, began, ended).filter(skipped="").count()


def households_visited(grid_id: int, began: datetime, ended: datetime) -> int:
    rows = _visits(grid_id, began, ended).filter(skipped="")
    return rows.values("household").distinct().count()


def visits_skipped(grid_id: int, began: datetime, ended: datetime) -> int:
    return _visits(grid_id, began, ended).exclude(skipped="").count()


def _visits(grid_id: int, began: datetime, ended: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(grid=grid_id, visited_at__gte=began, visited_at__lt=ended)


def follow_ups_due(grid_id: int, began: datetime, ended: datetime) -> int:
    """Promised for the period."""
    return _promised(grid_id, began, ended).count()


def follow_ups_kept(grid_id: int, began: datetime, ended: datetime) -> int:
    return _promised(grid_id, began, ended).exclude(followed_at=None).count()


def _promised(grid_id: int, began: datetime, ended: datetime) -> QuerySet[Visit]:
    first, after = local_day(began), local_day(ended)
    rows = Visit.objects.filter(grid=grid_id, follow_up_on__gte=first, follow_up_on__lt=after)
    return rows.filter(household__ended_on=None)


def households(grid_id: int, began: datetime, ended: datetime) -> int:
    rows = Household.objects.filter(grid=grid_id, began_on__lt=local_day(ended))
    return rows.exclude(ended_on__lt=local_day(began)).count()


def came(grid_id: int, began: datetime, ended: datetime) -> int:
    first, after = local_day(began), local_day(ended)
    rows = Residency.objects.filter(grid=grid_id, began_on__gte=first, began_on__lt=after)
    return rows.count()


def left(grid_id: int, began: datetime, ended: datetime) -> int:
    first, after = local_day(began), local_day(ended)
    rows = Residency.objects.filter(grid=grid_id, ended_on__gte=first, ended_on__lt=after)
    return rows.exclude(leaving="mistake").count()


FIGURES: dict[str, Figure] = {
    "visits": Figure(_("走访"), visits_made),
    "covered": Figure(_("走访户数"), households_visited, households),
    "skipped": Figure(_("未走访成"), visits_skipped),
    "kept": Figure(_("按约回访"), follow_ups_kept, follow_ups_due),
    "came": Figure(_("新来登记"), came),
    "left": Figure(_("离开注销"), left),
}


def local_day(moment: datetime) -> date:
    return moment.astimezone(get_default_timezone()).date()


def last_period(period: str, today: date) -> tuple[date, date]:
    """The first and last day of the last week (Monday on) or month that is over."""
    if period == Period.WEEK:
        last = today - timedelta(days=today.weekday() + 1)
        return last - timedelta(days=6), last
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


@transaction.atomic
def write(period: str, now: datetime) -> int:
    """The sheets of the last period, for each grid that has none yet; returns how many."""
    first, last = last_period(period, local_day(now))
    zone = get_default_timezone()
    began = datetime.combine(first, time.min, zone)
    ended = datetime.combine(last + timedelta(days=1), time.min, zone)
    grids = [
        unit
        for unit in units.known().values()
        if unit.kind == UnitKind.GRID and unit.valid_to is None
    ]
    with scope.system(scope.SWEEP):
        known = Sheet.objects.filter(period=period, begins_on=first)
        there = set(known.values_list("grid_id", flat=True))
        rows = [
            Sheet(
                period=period, begins_on=first, ends_on=last, made_at=now,
                figures=figures(unit.pk, began, ended), **unit.chain,
            )
            for unit in grids
            if unit.pk not in there
        ]  # fmt: skip
        return len(Sheet.objects.bulk_create(rows, batch_size=500))


def figures(grid_id: int, began: datetime, ended: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "value": figure.count(grid_id, began, ended),
            "of": figure.of(grid_id, began, ended) if figure.of else None,
        }
        for name, figure in FIGURES.items()
    ]


def visible(user: User) -> QuerySet[Sheet]:
    """The sheets of the user's units."""
    access.enter(user, SEE)
    return Sheet.objects.filter(access.within(user, SEE))


@transaction.atomic
def comment(sheet: Sheet, text: str, *, by: User, now: datetime) -> Sheet:
    """The worker's words; the figures stay the platform's. Raises NotAllowed, BadDetails."""
    access.enter(by, PERMISSION)
    found = Sheet.objects.select_for_update().filter(pk=sheet.pk).first()
    if found is None or not access.covers(by, found, PERMISSION):
        raise NotAllowed(_t("您的岗位不能为该网格填写说明。"))
    if len(text.strip()) > COMMENT_MOST:
        raise BadDetails({"comment": _t("说明不超过 %(most)d 字。") % {"most": COMMENT_MOST}})
    found.comment, found.commented_by, found.commented_at = text.strip(), by, now
    found.save(update_fields=["comment", "commented_by", "commented_at"])
    return found


COMMENT_MOST = 1000


def write_all() -> int:
    """What the nightly task does."""
    now = clock.now()
    return sum(write(period, now) for period in Period.values)
