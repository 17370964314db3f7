"""When a limit ends: working hours and days, natural days, urgent hours.

Days are counted as the Civil Code (民法典) counts them: the day of receipt is not counted
(art. 201), a period ends at the close of business of its last day, and when the last natural day is
a rest day, with the next working day (art. 203). Hours run from the moment itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance import timers
from governance.models import CalendarDay, CalendarYear, DayKind, Timer, WorkingHours
from governance.reference import Reference

Spans = tuple[tuple[time, time], ...]
RECOMPUTE = "calendar.recompute"
OFFICE: Spans = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))


class LimitUnit(models.TextChoices):
    URGENT_MINUTES = "urgent_minutes", _("紧急分钟")
    URGENT_HOURS = "urgent_hours", _("紧急工作时")
    WORKING_HOURS = "working_hours", _("工作时")
    WORKING_DAYS = "working_days", _("工作日")
    NATURAL_DAYS = "natural_days", _("自然日")


@dataclass(frozen=True)
class Calendar:
    """The deployment's working time; days without an entry follow their weekday."""

    zone: ZoneInfo
    exceptions: dict[date, bool] = field(default_factory=dict)  # day → does it work
    own_spans: dict[date, Spans] = field(default_factory=dict)
    hours: tuple[tuple[date, Spans], ...] = ()  # from a date on, sorted
    years: frozenset[int] = frozenset()

    def works(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < 5)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that year are not published yet."""
        return day.year not in self.years

    def spans(self, day: date) -> Spans:
        """The spans of working time of a day, () on a rest day."""
        if not self.works(day):
            return ()
        if day in self.own_spans:
            return self.own_spans[day]
        at = bisect_right(self.hours, day, key=lambda row: row[0])
        return self.hours[at - 1][1] if at else OFFICE

    def add(self, start: datetime, amount: int, unit: str) -> datetime:
        """The moment at which a limit of `amount` units that began at `start` (aware) ends."""
        if unit == LimitUnit.URGENT_MINUTES:
            return start + timedelta(minutes=amount)
        if unit == LimitUnit.URGENT_HOURS:
            return start + timedelta(hours=amount)
        if unit == LimitUnit.WORKING_HOURS:
            return self.after(start, timedelta(hours=amount))
        day = start.astimezone(self.zone).date()
        if unit == LimitUnit.NATURAL_DAYS:
            day += timedelta(days=amount)
        else:
            for _step in range(amount):
                day = self.next_working_day(day)
        return self.close_of(day if self.spans(day) else self.next_working_day(day))

    def after(self, start: datetime, working: timedelta) -> datetime:
        """The moment by which that much working time has passed since `start`."""
        for begin, end in self.stretches(start):
            if working <= end - begin:
                return begin + working
            working -= end - begin
        raise OverflowError  # pragma: no cover -- stretches() never ends

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments."""
        total = timedelta()
        for begin, finish in self.stretches(start):
            if begin >= end:
                return total
            total += min(finish, end) - begin
        raise OverflowError  # pragma: no cover -- stretches() never ends

    def stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time from `start` on, without end; aware."""
        day = start.astimezone(self.zone).date()
        while True:
            for begin, end in self.spans(day):
                opens = datetime.combine(day, begin, self.zone)
                closes = datetime.combine(day, end, self.zone)
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def next_working_day(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.spans(day):
            day += timedelta(days=1)
        return day

    def close_of(self, day: date) -> datetime:
        return datetime.combine(day, self.spans(day)[-1][1], self.zone)


def parse_spans(spans: list[list[str]]) -> Spans:
    return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)


def load() -> Calendar:
    """The calendar as the database has it."""
    days = list(CalendarDay.objects.values_list("day", "kind", "spans"))
    hours = WorkingHours.objects.order_by("valid_from").values_list("valid_from", "spans")
    return Calendar(
        zone=ZoneInfo(settings.TIME_ZONE),
        exceptions={day: kind == DayKind.WORK for day, kind, _spans in days},
        own_spans={day: parse_spans(spans) for day, _kind, spans in days if spans},
        hours=tuple((since, parse_spans(spans)) for since, spans in hours if spans),
        years=frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )


calendar = Reference("calendar", load)


class Follower(NamedTuple):
    """What has due moments by the calendar: how many of it its present state would move, and how
    they are set going to be computed again. The rooms above name them here."""

    label: str | Promise
    moving: Callable[[], int]
    recompute: Callable[[datetime], None]


FOLLOWERS: dict[str, Follower] = {}


def changed(now: datetime) -> None:
    """Days or hours were edited: open deadlines are computed again, in the background."""
    timers.ensure(RECOMPUTE, 0, now)


@timers.handler(RECOMPUTE, _("日历变更"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    """Each row by a timer of its own: one that is busy must not hold up the others."""
    for follower in FOLLOWERS.values():
        follower.recompute(now)
    return set()
