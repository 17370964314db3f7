"""Supervision orders: given by people and by the ladder, answered, looked at again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.timezone import localtime

from cases.models import Finding, State, Supervision
from governance import workcalendar
from governance.models import Timer
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move, refused, sweep, told
from tests.clients import browser, post_move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.mark.parametrize("then", [None, "force_close", "join"])
def test_what_was_not_mended_is_looked_at_again(world: World, then: str | None) -> None:
    """Whatever becomes of the case meanwhile."""
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker)
    case = move(case, "order", by=world.handler)
    if then:
        case = move(case, then, by=world.leader if then == "force_close" else world.clerk)
    sweep("2026-03-10 09:01")
    assert told(world.grid_worker).count("recheck_due") == 1
    day = moment("2026-03-10 10:00")
    no: dict[str, Any] = {"mended": False, "by": world.grid_worker, "now": day}
    assert "再次复查日期" in refused(case, "recheck", **no)
    assert "再次复查日期" in refused(case, "recheck", **no, recheck_on=day.date())
    case = move(case, "recheck", **no, recheck_on=date(2026, 3, 17))

    sweep("2026-03-17 09:01")
    assert told(world.grid_worker).count("recheck_due") == 2
    line = case.transitions.filter(action="recheck").get()
    assert line.details["recheck_on"] == "2026-03-17"
    move(case, "recheck", by=world.grid_worker, mended=True, now=moment("2026-03-17 10:00"))
    sweep("2026-04-01 09:00")
    assert told(world.grid_worker).count("recheck_due") == 2
    assert Finding.objects.get().is_mended


def test_a_failed_re_check_on_the_phone_asks_for_the_next_day(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker)
    finding = Finding.objects.get()
    sent = {"finding_id": finding.pk, "mended": "0", "note": "通道仍堵塞"}

    assert post_move(world.grid_worker, case, "recheck", **sent) == 409
    assert post_move(world.grid_worker, case, "recheck", **sent, recheck_on="2026-03-09") == 302

    finding.refresh_from_db()
    assert (finding.is_mended, finding.recheck_on) == (False, date(2026, 3, 9))
    html = browser(world.grid_worker).get(f"/m/cases/{case.number}/").content.decode()
    assert "复查日期 2026-03-09" in html


def test_no_level_twice_and_no_yellow_after_red(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "supervise", by=world.supervisor, severity="red")
    assert told(world.department_lead)[-1] == "supervise"

    for severity in ("red", "yellow", "plain"):
        assert "不能重复" in refused(case, "supervise", by=world.supervisor, severity=severity)
    case = move(case, "lift_supervision", by=world.supervisor)
    assert case.severity == ""
    assert move(case, "supervise", by=world.supervisor, severity="plain").severity == "plain"


def test_an_unanswered_order_climbs_by_itself(world: World) -> None:
    above = create_user(role="leader", unit=world.district)
    case = create_case(world, state=State.HANDLING)
    move(case, "supervise", by=world.supervisor)

    seen = []
    for at in ("2026-03-03 09:30", "2026-03-04 10:30", "2026-03-05 11:30"):
        sweep(at)
        case.refresh_from_db()
        seen.append(case.severity)

    assert seen == ["yellow", "red", "red"]
    assert list(Supervision.objects.values_list("severity", "by")) == [
        ("plain", world.supervisor.pk),
        ("yellow", None),
        ("red", None),
    ]
    assert "supervision_due" in told(above)
    case = move(case, "reply_supervision", by=world.handler, note="明日办结")
    assert refused(case, "reply_supervision", by=world.handler) == "督办均已回复。"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_an_order_stands_still_with_its_case(world: World, when: str) -> None:
    """Eight hours to reply: of one that was given an hour before the pause, seven are left."""
    case = create_case(world, state=State.HANDLING)
    hour = {"now": moment("2026-03-02 10:00")}
    if when == "before":
        case = move(case, "supervise", by=world.supervisor)
    case = move(case, "ask_suspension", by=world.handler, **hour)
    case = move(case, "grant", by=world.dispatcher, **hour)
    if when == "meanwhile":
        case = move(case, "supervise", by=world.supervisor, now=moment("2026-03-03 10:00"))
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "回复期限 已暂停" in html
    sweep("2026-03-11 17:00")
    case.refresh_from_db()
    assert (case.state, case.severity) == (State.SUSPENDED, "plain")

    case = move(case, "resume", by=world.dispatcher, now=moment("2026-03-12 09:00"))

    worked = workcalendar.calendar().worked
    order = Supervision.objects.get()
    left = worked(moment("2026-03-12 09:00"), order.due_at)
    assert left == timedelta(hours=7 if when == "before" else 8)
    sweep(f"{localtime(order.due_at) + timedelta(minutes=1):%Y-%m-%d %H:%M}")
    case.refresh_from_db()
    assert case.severity == "yellow"


def test_an_order_that_was_past_due_before_the_pause_does_not_climb_after_it(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "supervise", by=world.supervisor, severity="red")
    at = {"now": sweep("2026-03-04 17:00")}
    assert case.transitions.filter(action="supervision_due").count() == 1
    case = move(case, "ask_reporter", by=world.handler, **at)
    move(case, "reply", by=world.clerk, now=moment("2026-03-05 09:00"))

    sweep("2026-03-12 17:00")
    assert case.transitions.filter(action="supervision_due").count() == 1


def test_the_ladder_gives_orders(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case.item.ladder.steps.filter(step=0).update(severity="plain")
    case.item.ladder.steps.filter(step=1).update(severity="yellow")

    sweep("2026-03-03 17:30")
    case.refresh_from_db()
    assert case.severity == "plain"
    sweep("2026-03-05 09:00")
    case.refresh_from_db()

    assert case.severity == "yellow"
    assert Supervision.objects.filter(case=case, by=None).count() == 2
    assert case.transitions.filter(action="supervise", by=None).count() == 2


def test_orders_end_with_the_case_and_may_be_given_again_in_rework(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)
    case = move(case, "supervise", by=world.supervisor)
    for action in ("close", "answer"):
        case = move(case, action, by=world.clerk)
    assert case.severity == ""
    case = move(case, "rate", by=None, satisfied=False)

    assert move(case, "supervise", by=world.supervisor, severity="plain").severity == "plain"
    assert (
        not Timer.objects.open()
        .filter(kind="case.supervision_due")
        .exclude(subject_id=Supervision.objects.order_by("-pk")[0].pk)
    )


def test_orders_end_when_a_case_is_joined_or_refused(world: World) -> None:
    case = move(create_case(world), "supervise", by=world.supervisor)
    case = move(case, "refuse", by=world.clerk)

    assert case.severity == ""
    assert not Supervision.objects.filter(ended_at=None).exists()
    assert not Timer.objects.open().filter(kind="case.supervision_due").exists()
