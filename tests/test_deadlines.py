"""Clocks as pure rules: when a stage, a reminder, a rung and the promise are due, how they look."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cases import deadlines
from cases.deadlines import Deadline
from cases.items import ItemFacts, Limit, Step
from cases.models import State
from governance.workcalendar import Calendar
from tests.builders import moment

# Thursday and Friday of that week off, the Sunday before them worked.
CALENDAR = Calendar(
    zone=ZoneInfo("Asia/Shanghai"),
    exceptions={
        date(2026, 3, 1): True,
        date(2026, 3, 5): False,
        date(2026, 3, 6): False,
    },
)
MONDAY = moment("2026-03-02 09:00")


def item(**limits: tuple[int, str]) -> ItemFacts:
    """An item of these limits: reminded at 50 % and 80 %, climbing in three steps."""
    return ItemFacts(
        pk=1,
        code="0101",
        name="暴露垃圾",
        name_en="Rubbish",
        class_id=1,
        class_name="市容环境",
        class_name_en="City appearance",
        form="event",
        remit="basic",
        upper_department="",
        admission="",
        closing="",
        department_id=1,
        joint_ids=(),
        automatic=True,
        photo_before=False,
        photo_after=False,
        is_active=True,
        words=(),
        limits={stage: Limit(*limit) for stage, limit in limits.items()},
        remind_percent=(50, 80),
        steps=(
            Step(Limit(0, "working_hours"), "community"),
            Step(Limit(8, "working_hours"), "street"),
            Step(Limit(2, "working_days"), "district"),
        ),
    )


HANDLED = item(handle=(1, "working_days"), promise=(3, "working_days"))


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        ((2, "working_hours"), "2026-03-02 09:00", "2026-03-02 11:00"),
        ((4, "working_hours"), "2026-03-02 09:00", "2026-03-02 14:30"),  # over noon
        ((4, "working_hours"), "2026-03-02 16:30", "2026-03-03 11:30"),  # over night
        ((4, "working_hours"), "2026-03-04 16:30", "2026-03-09 11:30"),  # over the days off
        ((4, "working_hours"), "2026-03-02 23:00", "2026-03-03 14:00"),  # at night: next morning
        ((4, "working_hours"), "2026-03-01 09:00", "2026-03-01 14:30"),  # a Sunday that is worked
        ((1, "working_days"), "2026-03-02 09:00", "2026-03-03 17:30"),
        ((1, "working_days"), "2026-03-04 09:00", "2026-03-09 17:30"),
        ((3, "working_days"), "2026-03-02 23:59", "2026-03-09 17:30"),
        ((1, "natural_days"), "2026-03-02 09:00", "2026-03-03 17:30"),
        ((3, "natural_days"), "2026-03-02 09:00", "2026-03-09 17:30"),  # ends on a rest day
        ((2, "urgent_hours"), "2026-03-07 23:00", "2026-03-08 01:00"),  # around the clock
    ],
)
def test_when_a_limit_ends(limit: tuple[int, str], start: str, due: str) -> None:
    assert deadlines.due_at(Limit(*limit), moment(start), CALENDAR) == moment(due)


def test_the_clock_of_a_stage_turns_yellow_at_eighty_percent_of_its_working_time() -> None:
    clock = deadlines.stage_deadline(
        item(accept=(2, "working_hours")), State.REPORTED, MONDAY, CALENDAR
    )

    assert clock == Deadline(MONDAY, moment("2026-03-02 10:36"), moment("2026-03-02 11:00"))


def test_days_off_do_not_use_up_the_time_before_the_warning() -> None:
    wednesday = moment("2026-03-04 08:30")  # half of the 15 hours, before the days off

    clock = deadlines.stage_deadline(HANDLED, State.HANDLING, wednesday, CALENDAR)

    assert clock is not None
    # 80 % of the 15 hours: 7.5 on Wednesday, 4.5 on Monday
    assert clock.warn_at == moment("2026-03-09 14:30")


def test_an_urgent_span_at_night_is_shared_as_it_passes() -> None:
    start, due = moment("2026-03-07 20:00"), moment("2026-03-08 06:00")

    assert deadlines.share(start, due, 80, CALENDAR) == moment("2026-03-08 04:00")


def test_an_urgent_span_over_a_night_is_shared_by_its_office_hours() -> None:
    start, due = moment("2026-03-02 16:00"), moment("2026-03-03 16:00")

    # 7.5 office hours within; 6 of them have passed: 1.5 on Monday, 4.5 on Tuesday
    assert deadlines.share(start, due, 80, CALENDAR) == moment("2026-03-03 14:30")


@pytest.mark.parametrize("state", [s for s in State if s not in deadlines.STAGE_OF])
def test_states_without_a_clock(state: State) -> None:
    every = item(**dict.fromkeys(("accept", "handle", "verify", "rework"), (1, "working_days")))

    assert deadlines.stage_deadline(every, state, MONDAY, CALENDAR) is None


def test_an_item_without_a_limit_starts_no_clock() -> None:
    assert deadlines.stage_deadline(item(), State.HANDLING, MONDAY, CALENDAR) is None
    assert deadlines.promise_due(item(), MONDAY, CALENDAR) is None


def test_rework_has_a_limit_of_its_own_or_that_of_handling() -> None:
    own = item(handle=(5, "working_days"), rework=(2, "working_hours"))

    def due(facts: ItemFacts, *, rework: bool) -> datetime | None:
        clock = deadlines.stage_deadline(facts, State.HANDLING, MONDAY, CALENDAR, rework=rework)
        return clock.due_at if clock else None

    assert due(own, rework=True) == moment("2026-03-02 11:00")
    assert due(own, rework=False) == moment("2026-03-11 17:30")
    assert due(HANDLED, rework=True) == moment("2026-03-03 17:30")


def test_the_promise_counts_from_the_report() -> None:
    assert deadlines.promise_due(HANDLED, MONDAY, CALENDAR) == moment("2026-03-09 17:30")


def test_reminders_at_the_ladder_s_shares() -> None:
    clock = deadlines.deadline(MONDAY, moment("2026-03-02 11:00"), CALENDAR)

    assert list(deadlines.reminders(HANDLED, clock, CALENDAR)) == [
        moment("2026-03-02 10:00"),
        moment("2026-03-02 10:36"),
    ]


def test_the_ladder_climbs_from_the_moment_it_was_due() -> None:
    assert deadlines.climbs(HANDLED, moment("2026-03-02 11:00"), CALENDAR) == [
        (moment("2026-03-02 11:00"), "community"),
        (moment("2026-03-03 11:30"), "street"),
        (moment("2026-03-04 17:30"), "district"),
    ]


WARN, DUE = moment("2026-03-02 10:36"), moment("2026-03-02 11:00")


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("2026-03-02 10:35", "green"),
        ("2026-03-02 10:36", "yellow"),
        ("2026-03-02 11:00", "yellow"),
        ("2026-03-02 11:01", "red"),
    ],
)
def test_the_light(now: str, light: str) -> None:
    assert deadlines.light(WARN, DUE, moment(now)) == light


def test_lights_without_a_warning_and_without_a_clock() -> None:
    assert deadlines.light(None, DUE, WARN) == "green"
    assert deadlines.light(WARN, None, WARN) == ""


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-02-28 08:00", "剩 2 天 3 小时"),
        ("2026-03-01 11:00", "剩 1 天 0 小时"),
        ("2026-03-02 08:15", "剩 2 小时 45 分"),
        ("2026-03-02 10:20", "剩 40 分"),
        ("2026-03-02 11:00", "剩 0 分"),
        ("2026-03-02 11:40", "超期 40 分"),
        ("2026-03-04 13:00", "超期 2 天 2 小时"),
    ],
)
def test_what_is_left(now: str, left: str) -> None:
    with translation.override("zh-hans"):
        assert deadlines.left(DUE, moment(now)) == left


def test_a_promise_is_kept_up_to_the_minute() -> None:
    assert deadlines.kept(DUE, DUE) is True
    assert deadlines.kept(DUE, moment("2026-03-02 11:01")) is False
    assert deadlines.kept(None, DUE) is None
