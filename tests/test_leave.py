"""Extension and suspension: what is asked for, until when, and how both clocks follow."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from cases.models import Case, Leave, Pause, Regulation, State
from governance import timers, workcalendar
from governance.models import CalendarDay
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move, refused, sweep, told
from tests.clients import browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def test_an_extension_is_asked_for_in_time_and_shows_both_dates(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    promised = case.promise_due_at

    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    assert told(world.dispatcher)[-1] == "ask_extension"
    case = move(case, "grant", by=world.dispatcher)

    assert told(world.handler)[-1] == "grant"
    assert case.promise_first_at == promised
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert re.search(r"原期限 <s>.*03-05 17:30.*</s>", html)
    leave = Leave.objects.get(case=case)
    assert (leave.granted, leave.asked_by, leave.decided_by) == (
        True,
        world.handler,
        world.dispatcher,
    )


def test_an_extension_has_its_limits(world: World) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), extensions_most=1)
    case = create_case(world, state=State.HANDLING)

    earlier = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 3))
    late = refused(
        case,
        "ask_extension",
        by=world.handler,
        now=moment("2026-03-04 09:00"),
        until=date(2026, 3, 9),
    )
    past = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 2))
    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 4))
    twice = refused(case, "ask_suspension", by=world.handler)
    case = move(case, "grant", by=world.dispatcher)
    again = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 9))

    assert earlier == "延期日期须晚于现在的时限。"
    assert late == "已超过处置时限，不能再申请延期。"
    assert past == "日期须在今天之后。"
    assert twice == "已有待审批的申请，请先审批。"
    assert again == "该事件已延期 1 次，不能再申请。"


def test_a_request_that_nobody_decided_in_time_is_asked_anew(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_suspension", by=world.handler, until=date(2026, 3, 4))

    late = moment("2026-03-05 09:00")
    assert "日期已过" in refused(case, "grant", by=world.dispatcher, now=late)
    case = move(case, "deny", by=world.dispatcher, now=late)

    assert case.leave == ""
    assert refused(case, "grant", by=world.dispatcher) == "没有待审批的申请。"
    too_long = refused(case, "ask_suspension", by=world.handler, until=date(2026, 7, 1))
    assert too_long == "挂账最长 90 天。"


def test_a_pause_across_a_holiday_with_a_make_up_day(world: World) -> None:
    """国庆: 1-7 October off, Saturday the 10th worked. Twelve hours of work were left."""
    for day in range(1, 8):
        CalendarDay.objects.update_or_create(day=date(2026, 10, day), defaults={"kind": "rest"})
    CalendarDay.objects.update_or_create(day=date(2026, 10, 10), defaults={"kind": "work"})
    now = shift_clock(to=moment("2026-09-30 11:30"))
    case = create_case(world, state=State.HANDLING, now=now)
    assert case.stage_due_at == moment("2026-10-08 17:30")
    case = move(case, "ask_suspension", by=world.handler, now=now, until=date(2026, 10, 5))
    case = move(case, "grant", by=world.dispatcher, now=now)

    # the day named is a holiday: it goes on with the next working day
    sweep("2026-10-08 08:29")
    case.refresh_from_db()
    assert case.state == State.SUSPENDED
    sweep("2026-10-08 08:30")
    case.refresh_from_db()

    assert case.state == State.HANDLING
    assert case.stage_due_at == moment("2026-10-09 14:30")
    assert case.promise_due_at == moment("2026-10-12 14:30")


def test_what_was_late_when_it_was_suspended_stays_late(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    late = sweep("2026-03-04 09:00")
    case = move(case, "ask_suspension", by=world.handler, now=late, until=date(2026, 3, 9))
    case = move(case, "grant", by=world.dispatcher, now=late)
    sweep("2026-03-09 08:30")
    case.refresh_from_db()

    assert case.stage_due_at == moment("2026-03-03 17:30")
    assert case.escalation >= 1


def test_the_limit_changed_while_it_was_suspended(world: World) -> None:
    """The running stage keeps the limit it began with, and the pause is not lost (GLPI #6902)."""
    case = create_case(world, state=State.SUSPENDED)
    case.item.limits.filter(stage="handle").update(amount=9)

    sweep("2026-03-12 08:30")
    case.refresh_from_db()

    assert case.state == State.HANDLING
    assert case.stage_amount == 1
    # 9:00 on Monday to its end were 14.5 h of work
    assert case.stage_due_at == moment("2026-03-13 17:00")


def test_a_calendar_change_keeps_pause_and_extension(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    case = move(case, "grant", by=world.dispatcher)
    paused = create_case(world, state=State.SUSPENDED)
    sweep("2026-03-12 08:30")
    before = Case.objects.get(pk=paused.pk).stage_due_at

    CalendarDay.objects.update_or_create(
        day=date(2026, 3, 3), defaults={"kind": "rest", "edited": True}
    )
    workcalendar.changed(shift_clock(by=timedelta()))
    timers.sweep()
    timers.sweep()

    case.refresh_from_db()
    assert case.stage_due_at == moment("2026-03-06 17:30")  # the date that was granted
    paused.refresh_from_db()
    # Tuesday's hours are Wednesday's now: as much of them was left when the pause began
    assert paused.stage_due_at == before
    assert Pause.objects.get(case=paused).ended_at is not None


def test_a_promise_is_judged_as_it_stands_after_the_pause(world: World) -> None:
    case = create_case(world, state=State.SUSPENDED)

    later = moment("2026-03-10 09:00")
    case = move(case, "force_close", by=world.leader, now=later)

    assert case.promise_due_at is not None
    assert case.promise_due_at > later
    assert case.promise_kept is True
