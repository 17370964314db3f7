"""When a limit ends. Dates are those of the State Council's plan for 2026."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from governance import clock, timers, workcalendar
from governance.models import CalendarDay, CalendarYear, Timer, WorkingHours
from governance.models.workcalendar import check_spans
from governance.workcalendar import Calendar
from tests.builders import World, moment, shift_clock
from tests.case_builders import create_case
from tests.clients import browser


@pytest.fixture
def calendar(db: None) -> Calendar:
    """As `manage.py load_calendar` filled the test database."""
    return workcalendar.calendar()


def add(calendar: Calendar, start: str, amount: int, unit: str) -> str:
    return f"{calendar.add(moment(start), amount, unit).astimezone(calendar.zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02 09:00", 2, "2026-03-02 11:00"),
        ("2026-03-02 11:00", 2, "2026-03-02 14:30"),  # across lunch
        ("2026-03-02 12:30", 1, "2026-03-02 14:30"),  # began at lunch
        ("2026-03-02 06:00", 1, "2026-03-02 09:30"),  # before the office opens
        ("2026-03-02 08:30", 7, "2026-03-02 17:00"),
        ("2026-03-02 10:00", 6, "2026-03-02 17:30"),  # ends exactly at closing
        ("2026-03-02 16:30", 2, "2026-03-03 09:30"),  # overnight
        ("2026-03-06 16:30", 2, "2026-03-09 09:30"),  # over the week-end
        ("2026-03-07 10:00", 1, "2026-03-09 09:30"),  # began on a Saturday
        ("2026-09-30 16:30", 2, "2026-10-08 09:30"),  # National Day, 1 to 7 October
        ("2026-10-09 16:30", 2, "2026-10-10 09:30"),  # Saturday 10 October is worked
        ("2026-09-19 10:00", 1, "2026-09-20 09:30"),  # Sunday 20 September is worked
        ("2026-02-14 16:30", 2, "2026-02-24 09:30"),  # Spring Festival, after a worked Saturday
    ],
)
def test_working_hours(calendar: Calendar, start: str, hours: int, end: str) -> None:
    assert add(calendar, start, hours, "working_hours") == end


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", 1, "2026-03-03 17:30"),  # the day of receipt is not counted
        ("2026-03-02 23:00", 1, "2026-03-03 17:30"),
        ("2026-03-06 09:00", 1, "2026-03-09 17:30"),
        ("2026-03-07 09:00", 1, "2026-03-09 17:30"),
        ("2026-03-02 09:00", 5, "2026-03-09 17:30"),
        ("2026-09-29 09:00", 3, "2026-10-09 17:30"),  # 30 September, 8 and 9 October
        ("2026-09-30 09:00", 3, "2026-10-10 17:30"),  # the make-up Saturday counts
        ("2026-02-13 09:00", 2, "2026-02-24 17:30"),  # 14 February is worked, 15 to 23 rest
        ("2026-03-07 09:00", 0, "2026-03-09 17:30"),  # at once, on a rest day
    ],
)
def test_working_days(calendar: Calendar, start: str, days: int, end: str) -> None:
    assert add(calendar, start, days, "working_days") == end


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", 3, "2026-03-05 17:30"),
        ("2026-03-02 09:00", 5, "2026-03-09 17:30"),  # Saturday: the next working day
        ("2026-09-24 09:00", 7, "2026-10-08 17:30"),  # 1 October
        ("2026-09-10 09:00", 10, "2026-09-20 17:30"),  # a Sunday that is worked
        ("2026-02-06 09:00", 10, "2026-02-24 17:30"),
    ],
)
def test_natural_days(calendar: Calendar, start: str, days: int, end: str) -> None:
    assert add(calendar, start, days, "natural_days") == end


def test_urgent_hours_know_no_rest(calendar: Calendar) -> None:
    assert add(calendar, "2026-02-16 23:30", 2, "urgent_hours") == "2026-02-17 01:30"


def test_2026_has_248_working_days(calendar: Calendar) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]

    assert sum(calendar.works(day) for day in days) == 248
    assert [day.isoformat() for day in days if calendar.works(day) and day.weekday() > 4] == [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ]


def test_a_year_without_published_holidays_is_provisional(calendar: Calendar) -> None:
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert calendar.is_provisional(date(2027, 1, 1))


def test_a_day_may_have_hours_of_its_own(db: None) -> None:
    CalendarDay.objects.filter(day="2026-09-20").update(spans=[["09:00", "12:00"]])
    calendar = workcalendar.calendar()

    assert add(calendar, "2026-09-19 10:00", 1, "working_hours") == "2026-09-20 10:00"
    assert add(calendar, "2026-09-18 10:00", 1, "working_days") == "2026-09-20 12:00"


def test_office_hours_change_from_a_date(db: None) -> None:
    WorkingHours.objects.create(valid_from="2026-06-01", spans=[["09:00", "17:00"]])
    calendar = workcalendar.calendar()

    assert add(calendar, "2026-05-29 17:00", 1, "working_hours") == "2026-06-01 09:30"
    assert add(calendar, "2026-06-01 09:00", 8, "working_hours") == "2026-06-01 17:00"
    assert add(calendar, "2026-05-28 09:00", 1, "working_days") == "2026-05-29 17:30"


def test_an_edited_calendar_is_seen_at_once(calendar: Calendar) -> None:
    assert calendar.works(date(2026, 3, 3))

    CalendarDay.objects.create(day="2026-03-03", kind="rest", name="停工")

    assert not workcalendar.calendar().works(date(2026, 3, 3))


@pytest.mark.parametrize(
    "spans",
    [
        "09:00-17:00",
        [["09:00"]],
        [["09:00", "25:00"]],
        [["12:00", "09:00"]],
        [["09:00", "12:00"], ["11:00", "17:00"]],
        [["13:00", "17:00"], ["08:00", "12:00"]],
        [9],
    ],
)
def test_nonsense_hours_are_refused(spans: object) -> None:
    with pytest.raises(ValidationError):
        check_spans(spans)


def test_good_hours_are_not_refused() -> None:
    check_spans([["08:30", "12:00"], ["13:30", "17:30"]])


# Properties -------------------------------------------------------------------------------------


def test_what_is_added_was_worked(calendar: Calendar) -> None:
    chosen = random.Random(2026)
    for _round in range(300):
        start = moment("2026-01-01 00:00") + timedelta(minutes=chosen.randrange(500_000))
        span = timedelta(minutes=chosen.randrange(1, 6_000))

        assert calendar.worked(start, calendar.after(start, span)) == span


@pytest.mark.parametrize("unit", ["urgent_hours", "working_hours", "working_days", "natural_days"])
def test_later_starts_and_longer_limits_never_end_earlier(calendar: Calendar, unit: str) -> None:
    chosen = random.Random(2027)
    for _round in range(200):
        start = moment("2026-01-01 00:00") + timedelta(minutes=chosen.randrange(500_000))
        later = start + timedelta(minutes=chosen.randrange(5_000))
        amount = chosen.randrange(1, 40)

        end = calendar.add(start, amount, unit)
        assert start < end
        assert end <= calendar.add(later, amount, unit)
        assert end <= calendar.add(start, amount + 1, unit)


def test_time_worked_adds_up(calendar: Calendar) -> None:
    chosen = random.Random(2028)
    for _round in range(100):
        first, middle, last = sorted(
            moment("2026-09-01 00:00") + timedelta(minutes=chosen.randrange(80_000))
            for _moment in range(3)
        )

        whole = calendar.worked(first, last)
        assert whole == calendar.worked(first, middle) + calendar.worked(middle, last)


# Loading and changing ---------------------------------------------------------------------------


def test_loading_again_leaves_edited_days_alone_and_renews_the_others(db: None) -> None:
    edited = CalendarDay.objects.create(day="2026-03-03", kind="rest", name="停工")
    CalendarDay.objects.filter(day="2026-10-01").delete()
    CalendarDay.objects.create(day="2026-03-04", kind="rest", name="错载", edited=False)
    CalendarDay.objects.filter(day="2026-10-10").update(kind="rest", edited=True)

    call_command("load_calendar", stdout=None)

    assert CalendarDay.objects.get(day="2026-03-03") == edited
    assert CalendarDay.objects.get(day="2026-10-01").kind == "rest"
    assert not CalendarDay.objects.filter(day="2026-03-04").exists()
    assert CalendarDay.objects.get(day="2026-10-10").kind == "rest"
    assert Timer.objects.filter(kind="calendar.recompute").count() == 1


def test_loading_again_without_news_recomputes_nothing(db: None) -> None:
    call_command("load_calendar", stdout=None)

    assert not Timer.objects.exists()


def test_a_change_is_computed_again_once(db: None) -> None:
    workcalendar.changed(clock.now())
    workcalendar.changed(clock.now())

    timer = Timer.objects.get()
    assert (timer.kind, timer.subject_id, timer.due_at) == (
        "calendar.recompute",
        0,
        clock.now(),
    )


def test_a_change_after_one_was_computed_is_computed_too(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []

    def compute(due: list[Timer], now: datetime) -> set[int]:
        computed.append(len(due))
        return set()

    handler = timers.Handler("日历", compute)
    monkeypatch.setitem(timers.HANDLERS, "calendar.recompute", handler)
    workcalendar.changed(clock.now())
    timers.sweep()

    workcalendar.changed(clock.now())
    timers.sweep()

    assert computed == [1, 1]


def test_a_change_wakes_a_parked_computation(db: None) -> None:
    workcalendar.changed(clock.now())
    Timer.objects.update(parked_at=clock.now(), attempts=5)

    workcalendar.changed(clock.now())

    assert Timer.objects.due(clock.now()).count() == 1


def test_a_year_without_published_holidays_is_said(world: World) -> None:
    CalendarYear.objects.filter(year__gt=2026).delete()
    shift_clock(to=moment("2026-12-30 09:00"))
    client = browser(world.system_admin)
    note = "2027 年的节假日安排尚未录入"

    assert note in client.get("/admin/governance/calendarday/").content.decode()
    case = create_case(world, now=moment("2026-12-30 09:00"))
    page = f"/cases/{case.number}/"
    assert case.promise_due_at is not None
    assert case.promise_due_at.year == 2027
    assert "该年节假日尚未公布" in browser(world.clerk).get(page).content.decode()
    CalendarYear.objects.create(year=2027, source="国务院办公厅")
    assert note not in client.get("/admin/governance/calendarday/").content.decode()
    assert "该年节假日尚未公布" not in browser(world.clerk).get(page).content.decode()
