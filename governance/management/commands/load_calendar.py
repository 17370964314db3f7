from datetime import date, timedelta
from typing import Any

import chinese_calendar
from django.core.management.base import BaseCommand
from django.db import transaction

from governance import actor, clock, workcalendar
from governance.models import CalendarDay, CalendarYear, DayKind

SOURCE = "国务院办公厅节假日安排（chinesecalendar {version}）"
FIRST, LAST = 2004, max(chinese_calendar.holidays).year


class Command(BaseCommand):
    help = "Loads public holidays and make-up working days; days edited by hand are left alone."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with actor.acting(None, "command"):
            days = self.renew()
            source = SOURCE.format(version=getattr(chinese_calendar, "__version__", ""))
            CalendarYear.objects.bulk_create(
                (CalendarYear(year=year, source=source) for year in range(FIRST, LAST + 1)),
                ignore_conflicts=True,
            )
        self.stdout.write(f"years={FIRST}-{LAST} new_days={len(days)}")

    def renew(self) -> list[CalendarDay]:
        """Days that were published anew replace those of an earlier loading."""
        loaded = CalendarDay.objects.filter(edited=False)
        fresh = {(row.day, row.kind): row for row in published()}
        known = set(loaded.values_list("day", "kind"))
        if gone := known - fresh.keys():
            loaded.filter(day__in=[day for day, _kind in gone]).delete()
        kept = set(CalendarDay.objects.values_list("day", flat=True))
        days = [row for row in fresh.values() if row.day not in kept]
        CalendarDay.objects.bulk_create(days)
        if gone or (days and known):
            workcalendar.changed(clock.now())
        return days


# As the State Council's office calls them; the library has English names.
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利七十周年纪念日",
}


def published() -> list[CalendarDay]:
    """The days that are not what their weekday says."""
    rows = []
    day = date(FIRST, 1, 1)
    while day.year <= LAST:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5):
            _on_holiday, name = chinese_calendar.get_holiday_detail(day)
            kind = DayKind.WORK if works else DayKind.REST
            name = NAMES.get(name or "", name or "")
            rows.append(CalendarDay(day=day, kind=kind, name=name, edited=False))
        day += timedelta(days=1)
    return rows
