"""Time passes: reminders, overdue marks, the ladder, the promise; and the calendar changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.management import call_command

from cases import case_page
from cases.models import Case, State
from governance import clock, timers, workcalendar
from governance.models import CalendarDay, Message, Timer, User
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def at(text: str) -> int:
    """The sweep knocks at this moment; returns how many timers fired."""
    shift_clock(to=moment(text))
    return timers.sweep()


def lines(case: Case) -> list[str]:
    """What the clock wrote into the history of a case, in order."""
    found = case.transitions.filter(source="sweep").order_by("pk")
    return [" ".join([row.action, *map(str, row.details.values())]) for row in found]


def told(user: User) -> list[str]:
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return [row.kind.removeprefix("case.") for row in rows]


def open_timers(case: Case) -> list[tuple[str, int, datetime]]:
    rows = Timer.objects.open().filter(subject_id=case.pk).order_by("kind", "level")
    return [(row.kind.removeprefix("case."), row.level, row.due_at) for row in rows]


def due(case: Case) -> tuple[datetime | None, datetime | None]:
    case.refresh_from_db()
    return case.stage_due_at, case.promise_due_at


# The ladder -------------------------------------------------------------------------------------


def test_a_case_that_nobody_accepts_climbs_to_street_and_district(world: World) -> None:
    above = create_user(role="supervisor", unit=world.district)
    case = create_case(world)

    assert at("2026-03-02 10:35") == 0
    assert at("2026-03-02 10:36") == 1
    assert told(world.clerk) == ["stage_remind"]

    assert at("2026-03-02 11:00") == 1
    assert told(world.clerk) == ["stage_remind", "stage_overdue"]
    assert told(world.leader) == ["escalated"]
    assert told(world.supervisor) == []

    assert at("2026-03-03 11:29") == 0
    assert at("2026-03-03 11:30") == 1
    assert told(world.supervisor) == ["escalated"]
    assert told(world.dispatcher) == ["escalated"]
    assert told(above) == []

    at("2026-03-04 17:30")
    assert told(above) == ["escalated"]
    case.refresh_from_db()
    assert (case.state, case.escalation, case.version) == (State.REPORTED, 3, 0)
    assert lines(case)[:5] == [
        "remind 0",
        "overdue",
        "escalate community",
        "escalate street",
        "escalate district",
    ]


def test_each_case_climbs_in_its_own_street(world: World) -> None:
    there = create_user(role="leader", unit=world.other_community)
    case = create_case(world, grid=world.other_grid, by=world.outsider)
    create_case(world, state=State.ANSWERED)
    Message.objects.all().delete()

    at("2026-03-02 11:00")

    assert told(there) == ["escalated"]
    assert told(world.outsider) == ["stage_overdue"]
    assert told(world.leader) == told(world.clerk) == told(world.supervisor) == []
    assert lines(case) == ["overdue", "escalate community"]


@pytest.mark.parametrize(
    ("state", "due_at", "whose"),
    [
        (State.ACCEPTED, "2026-03-02 11:00", "dispatcher"),  # nobody has assigned it
        (State.DISPATCHED, "2026-03-02 14:30", "handler"),  # nobody has signed for it
        (State.HANDLING, "2026-03-03 17:30", "handler"),
        (State.FINISHED, "2026-03-03 17:30", "grid_worker"),
    ],
)
def test_every_stage_goes_overdue(world: World, state: State, due_at: str, whose: str) -> None:
    case = create_case(world, state=state)
    Message.objects.all().delete()

    at(due_at)

    assert lines(case)[-2:] == ["overdue", "escalate community"]
    assert "stage_overdue" in told(getattr(world, whose))
    assert "escalated" in told(world.leader)
    assert told(world.outsider) == told(world.police_handler) == []


def test_a_message_says_what_where_and_by_when_and_no_more(world: World) -> None:
    case = create_case(world, reporter_name="王小二", reporter_phone="13812345678")

    at("2026-03-02 11:00")

    message = Message.objects.get(recipient=world.leader)
    assert message.params == {
        "number": case.number,
        "item": str(case.item_id),
        "state": "reported",
        "level": "community",
        "due": "2026-03-02T03:00:00+00:00",
    }


def test_a_sweep_that_comes_late_makes_up_for_every_step_once(world: World) -> None:
    case = create_case(world)

    at("2026-03-04 17:31")
    at("2026-03-04 17:32")

    ladder = ["overdue", "escalate community", "escalate street", "escalate district"]
    assert [text for text in lines(case) if not text.startswith("promise")] == ladder
    assert told(world.supervisor) == ["escalated"]


def test_a_case_acted_on_meanwhile_is_left_alone(world: World) -> None:
    case = create_case(world)
    case = move(case, "accept", by=world.clerk, now=moment("2026-03-02 10:30"))
    Message.objects.all().delete()

    assert at("2026-03-02 11:30") == 0

    assert lines(case) == []
    assert not Message.objects.exists()
    at("2026-03-02 14:00")  # the stage of dispatching has a clock of its own
    assert lines(case) == ["overdue", "escalate community"]


def test_the_next_stage_starts_at_the_foot_of_the_ladder(world: World) -> None:
    case = create_case(world)
    at("2026-03-03 11:30")
    case.refresh_from_db()
    assert case.escalation == 2

    case = move(case, "accept", by=world.clerk, now=moment("2026-03-03 11:40"))

    assert case.escalation == 0
    assert at("2026-03-03 12:00") == 0


def test_without_staff_above_the_nearest_who_answers_is_told(world: World) -> None:
    world.leader.posts.update(valid_to="2026-01-01")
    create_case(world)

    at("2026-03-02 11:00")

    assert told(world.supervisor) == ["escalated"]


def test_a_dry_run_only_says_what_is_due(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    case = create_case(world)
    shift_clock(to=moment("2026-03-02 11:00"))

    call_command("sweep", "--dry-run")

    assert lines(case) == []
    assert "阶段超期" in capsys.readouterr().out


@pytest.mark.parametrize("state", [State.VERIFIED, State.CLOSED])
def test_what_waits_to_be_closed_or_answered_climbs_like_any_stage(
    world: World, state: State
) -> None:
    above = create_user(role="supervisor", unit=world.district)
    case = create_case(world, state=state)
    Message.objects.all().delete()

    at("2026-03-04 17:30")

    assert told(world.clerk)[0] == "stage_overdue"
    for who in (world.leader, world.supervisor, above):
        assert "escalated" in told(who), who
    case.refresh_from_db()
    assert case.escalation == 3


def test_a_timer_that_another_one_of_the_same_sweep_made_void_does_not_fire(
    world: World,
) -> None:
    """A limit is lengthened just as the stage goes overdue: no ladder for what is not late."""
    case = create_case(world, state=State.HANDLING)
    case.item.limits.filter(stage="handle").update(amount=9)
    timers.ensure("item.limits", case.item_id, moment("2026-03-03 17:29"))

    at("2026-03-03 17:30")

    case.refresh_from_db()
    assert case.escalation == 0
    assert case.stage_due_at == moment("2026-03-13 17:30")
    assert not case.transitions.filter(action="overdue").exists()


# The promise ------------------------------------------------------------------------------------


def test_the_promise_is_reminded_of_and_marked_when_broken(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    Message.objects.all().delete()

    at("2026-03-05 17:30")

    assert [text for text in lines(case) if text.startswith("promise")] == [
        "promise_remind",
        "promise_overdue",
    ]
    assert "promise_overdue" in told(world.handler)
    assert "promise_overdue" in told(world.leader)


def test_a_broken_promise_climbs_until_the_case_is_closed(world: World) -> None:
    above = create_user(role="supervisor", unit=world.district)
    case = create_case(world, state=State.HANDLING)
    kept = create_case(world, state=State.HANDLING)
    at("2026-03-05 17:30")
    move(kept, "force_close", by=world.leader, outcome="solved", note="当面办结", now=clock.now())
    Message.objects.all().delete()

    at("2026-03-09 09:00")  # eight working hours later
    assert "promise_overdue" in told(world.supervisor)
    assert "promise_overdue" not in told(world.leader)  # heard of it a level before
    assert "promise_overdue" not in told(above)
    declare("2026-03-04", "rest")  # the promise moves; broken it is all the same
    at("2026-03-10 17:30")

    assert "promise_overdue" in told(above)
    assert "promise_overdue" not in told(world.leader)
    assert [text for text in lines(case) if text.startswith("promise_overdue")] == [
        "promise_overdue",
        "promise_overdue street",  # once, though the date moved
        "promise_overdue district",
    ]
    climbed = case.transitions.filter(action="promise_overdue").order_by("pk").last()
    assert climbed is not None
    assert case_page.timeline([climbed])[0]["note"] == "升级到区（县）"
    assert sum(text.startswith("promise_overdue") for text in lines(kept)) == 1


def test_a_promise_that_got_another_date_and_is_broken_again_begins_at_the_foot(
    world: World,
) -> None:
    case = create_case(world, state=State.HANDLING)
    at("2026-03-09 09:00")
    case = move(case, "correct", by=world.clerk, promise_on=date(2026, 3, 11), now=clock.now())
    Message.objects.all().delete()

    at("2026-03-11 17:30")

    assert "promise_overdue" in told(world.leader)
    assert "promise_overdue" not in told(world.supervisor)
    assert lines(case).count("promise_overdue") == 2


@pytest.mark.parametrize("state", [State.REFUSED, State.ANSWERED])
def test_a_case_that_ended_keeps_no_clock(world: World, state: State) -> None:
    case = create_case(world, state=state)

    assert open_timers(case) == []
    at("2026-03-30 09:00")
    assert lines(case) == []


def test_rework_has_its_own_clock_and_leaves_the_promise_as_it_was(world: World) -> None:
    item = create_item(
        department=world.sanitation,
        dispatch="manual",
        limits={
            "handle": (5, "working_days"),
            "rework": (4, "working_hours"),
            "promise": (9, "working_days"),
        },
    )
    case = create_case(world, item=item, state=State.FINISHED)
    promised = case.promise_due_at

    case = move(case, "fail", by=world.grid_worker)
    assert case.stage_due_at == moment("2026-03-02 14:30")

    for action, who in (("return", "handler"), ("insist", "dispatcher"), ("sign", "handler")):
        case = move(case, action, by=getattr(world, who))
    assert case.stage_due_at == moment("2026-03-02 14:30")  # a return does not make it first work
    assert case.promise_due_at == promised


# The calendar changes ---------------------------------------------------------------------------

TUESDAY = "2026-03-03"


def declare(day: str, kind: str) -> None:
    """As the administrator does it."""
    CalendarDay.objects.update_or_create(day=day, defaults={"kind": kind, "edited": True})
    workcalendar.changed(MONDAY)
    timers.sweep()


@pytest.fixture
def handled(world: World) -> Case:
    """Due on Tuesday, promised for Thursday."""
    return create_case(world, state=State.HANDLING)


def test_open_deadlines_follow_the_calendar_both_ways(world: World, handled: Case) -> None:
    stage, promise = "2026-03-03 17:30", "2026-03-05 17:30"
    assert due(handled) == (moment(stage), moment(promise))

    declare(TUESDAY, "rest")
    assert due(handled) == (moment("2026-03-04 17:30"), moment("2026-03-06 17:30"))

    declare(TUESDAY, "work")
    assert due(handled) == (moment(stage), moment(promise))

    assert open_timers(handled) == [
        ("promise_overdue", 0, moment(promise)),
        ("promise_remind", 0, moment("2026-03-05 10:06")),
        ("stage_overdue", 0, moment(stage)),
        ("stage_remind", 0, moment("2026-03-03 14:36")),
    ]


def test_both_dates_stand_in_the_history(world: World, handled: Case) -> None:
    declare(TUESDAY, "rest")

    line = case_page.timeline(case_page.lines(handled))[0]

    assert (line["label"], line["by"], line["kind"]) == ("日历变更，时限重算", "系统", "clock")
    assert line["note"] == (
        "阶段时限：2026-03-03 17:30 → 2026-03-04 17:30\n"
        "对外承诺：2026-03-05 17:30 → 2026-03-06 17:30"
    )


def test_a_change_that_moves_nothing_writes_nothing(world: World, handled: Case) -> None:
    before = open_timers(handled)

    declare("2026-03-20", "rest")

    assert lines(handled) == []
    assert open_timers(handled) == before


def test_a_case_no_longer_overdue_comes_down_and_may_run_out_again(
    world: World, handled: Case
) -> None:
    at("2026-03-03 17:30")
    handled.refresh_from_db()
    assert handled.escalation == 1

    declare(TUESDAY, "rest")
    handled.refresh_from_db()
    assert (handled.escalation, handled.stage_due_at) == (0, moment("2026-03-04 17:30"))

    at("2026-03-04 17:30")
    handled.refresh_from_db()
    assert handled.escalation == 1
    assert told(world.handler).count("stage_overdue") == 2


def test_a_case_still_overdue_stays_where_it_has_climbed_to(world: World) -> None:
    case = create_case(world)  # due on Monday at eleven
    at("2026-03-03 11:30")

    declare("2026-03-02", "rest")

    case.refresh_from_db()
    assert case.stage_due_at == moment("2026-03-03 10:30")
    assert case.escalation == 2
    assert ("stage_overdue", 2, moment("2026-03-05 17:30")) in open_timers(case)


def test_the_promise_of_a_case_that_waits_for_closing_moves_too(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)

    declare(TUESDAY, "rest")

    assert due(case)[1] == moment("2026-03-06 17:30")
    assert ("promise_overdue", 0, moment("2026-03-06 17:30")) in open_timers(case)


def test_a_judged_promise_is_frozen(world: World) -> None:
    case = create_case(world, state=State.ANSWERED)
    case = move(case, "rate", by=None, satisfied=False)
    assert case.promise_kept is True

    declare(TUESDAY, "rest")

    assert due(case) == (moment("2026-03-04 17:30"), moment("2026-03-05 17:30"))


def test_the_promise_stays_that_of_the_item_reported(world: World) -> None:
    case = create_case(world)
    quick = create_item(
        department=world.police,
        code="0301",
        name="占道经营",
        dispatch="manual",
        limits={"dispatch": (1, "working_days"), "promise": (1, "working_days")},
    )
    case = move(case, "accept", by=world.clerk, item_id=quick.pk)
    assert case.promise_due_at == moment("2026-03-05 17:30")

    declare(TUESDAY, "rest")

    assert due(case) == (moment("2026-03-04 17:30"), moment("2026-03-06 17:30"))


def test_only_cases_at_work_are_computed_again(world: World, handled: Case) -> None:
    ended: list[Any] = [create_case(world, state=s) for s in (State.REFUSED, State.CLOSED)]
    before = [due(case) for case in ended]

    declare(TUESDAY, "rest")

    assert [due(case) for case in ended] == before
    assert [lines(case) for case in ended] == [[], []]
    assert lines(handled) != []
