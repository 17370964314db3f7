"""走访: whose turn it is, one visit for several aims, what was promised, and the sheets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404

from governance import timers
from governance.models import Message, Timer, User
from people import access, registering, sheets, visits
from people.errors import BadDetails, NotAllowed
from people.models import Household, Visit, VisitPlan
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY
from tests.people_builders import TODAY, create_building, create_house, create_person

pytestmark = pytest.mark.django_db


def home(world: World, **house: Any) -> Household:
    return create_person(world, create_house(world.grid, **house)).residency.household


def plan(world: World, **fields: Any) -> VisitPlan:
    given = {
        "name": "每月走访", "aims": ["care", "safety"], "every_weeks": 4,
        "begins_on": TODAY, "ends_on": None, "by": world.station_lead, "now": MONDAY,
    }  # fmt: skip
    return visits.plan(fields.pop("unit", world.community), **{**given, **fields})


def make(household: Household, by: User, **fields: Any) -> Visit:
    return visits.visit(household, **{"aims": ["care"], "by": by, "now": MONDAY, **fields})


def list_of(user: User, day: date = TODAY) -> list[tuple[str, tuple[str, ...], bool]]:
    found = visits.today(user, day)
    return [(str(turn.household.house), turn.reasons, turn.follow_up) for turn in found]


def test_the_days_list_is_by_building_and_floor_and_says_why(world: World) -> None:
    building = create_building(world.grid, name="1号楼")
    high = home(world, building=building, floor=5, room="501")
    low = home(world, building=building, floor=1, room="101")
    assert list_of(world.grid_worker) == []
    plan(world)
    assert [turn.household for turn in visits.today(world.grid_worker, TODAY)] == [low, high]
    make(low, world.grid_worker)
    assert list_of(world.grid_worker) == [("军丽园1号楼 1-501", ("每月走访",), False)]
    # four weeks on it is its turn again, not a day sooner
    assert len(list_of(world.grid_worker, TODAY + timedelta(days=27))) == 1
    assert len(list_of(world.grid_worker, TODAY + timedelta(days=28))) == 2
    assert list_of(world.other_grid_worker) == []


def test_a_skipped_visit_leaves_the_household_on_the_list(world: World) -> None:
    household = home(world)
    plan(world)
    make(household, world.grid_worker, skipped="absent")
    assert len(list_of(world.grid_worker)) == 1
    (coverage,) = visits.coverage(world.grid_worker, TODAY)
    assert (coverage.households, coverage.visited) == (1, 0)
    make(household, world.grid_worker)
    (coverage,) = visits.coverage(world.grid_worker, TODAY)
    assert (coverage.households, coverage.visited) == (1, 1)


def test_a_visit_for_an_occasion_is_asked_for_once(world: World) -> None:
    household = home(world)
    begins = TODAY + timedelta(days=3)
    plan(world, every_weeks=None, begins_on=begins, ends_on=begins + timedelta(days=6), name="节前")
    assert list_of(world.grid_worker) == []
    assert list_of(world.grid_worker, begins)[0][1] == ("节前",)
    shift_clock(to=MONDAY + timedelta(days=4))
    make(household, world.grid_worker, now=MONDAY + timedelta(days=4))
    assert list_of(world.grid_worker, begins + timedelta(days=5)) == []
    assert list_of(world.grid_worker, begins + timedelta(days=7)) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"aims": []}, "aims"),
        ({"aims": ["watching"]}, "aims"),
        ({"every_weeks": None}, "ends_on"),
        ({"every_weeks": 0}, "every_weeks"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
    ],
)
def test_a_plan_that_cannot_be(world: World, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadDetails) as caught:
        plan(world, **fields)
    assert field in caught.value.faults


def test_who_may_not_plan_or_visit(world: World) -> None:
    household = home(world)
    for unit, by in (
        (world.community, world.grid_worker),
        (world.other_community, world.station_lead),
        (world.sanitation, world.station_lead),
    ):
        with pytest.raises(NotAllowed, match="岗位"):
            plan(world, unit=unit, by=by)
    for user in (world.other_grid_worker, world.handler, world.police_handler):
        with pytest.raises(NotAllowed, match="岗位"):
            make(household, user)
        assert not visits.visible(user).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"aims": []}, "aims"),
        ({"skipped": "lazy"}, "skipped"),
        ({"note": "长" * 2001}, "note"),
        ({"follow_up_on": TODAY}, "follow_up_on"),
        ({"follow_up_on": TODAY + timedelta(days=400)}, "follow_up_on"),
    ],
)
def test_a_visit_that_cannot_be(world: World, fields: dict[str, Any], field: str) -> None:
    household = home(world)
    with pytest.raises(BadDetails) as caught:
        make(household, world.grid_worker, **fields)
    assert field in caught.value.faults


def test_what_was_promised_is_reminded_of_and_kept(world: World) -> None:
    household = home(world)
    first = make(household, world.grid_worker, note="燃气软管老化", aims=["care", "safety"],
                 follow_up_on=TODAY + timedelta(days=3))  # fmt: skip
    later = make(household, world.grid_worker, follow_up_on=TODAY + timedelta(days=9))
    assert first.number.startswith("V20260302")
    assert str(visits.as_text(first)) == "关心走访、安全提醒"

    day = TODAY + timedelta(days=3)
    shift_clock(to=moment(f"{day} 08:01"))
    timers.sweep()
    told = Message.objects.filter(kind="visit.follow_up", recipient=world.grid_worker)
    assert [message.params for message in told] == [{"number": first.number}]
    assert list_of(world.grid_worker, day) == [(str(household.house), (), True)]

    make(household, world.grid_worker, now=moment(f"{day} 10:00"))
    access.enter(world.grid_worker)
    first.refresh_from_db()
    later.refresh_from_db()
    assert first.followed_at is not None
    assert later.followed_at is None
    assert list_of(world.grid_worker, day) == []
    assert list_of(world.grid_worker, TODAY + timedelta(days=9)) != []


def test_who_moved_away_is_not_visited(world: World) -> None:
    done = create_person(world)
    household = done.residency.household
    plan(world)
    make(household, world.grid_worker, follow_up_on=TODAY + timedelta(days=1))
    registering.move_out(done.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    assert not Timer.objects.open().filter(kind="visit.follow_up").exists()
    shift_clock(to=moment(f"{TODAY + timedelta(days=1)} 09:00"))
    timers.sweep()
    assert not Message.objects.filter(kind="visit.follow_up").exists()
    assert list_of(world.grid_worker, TODAY + timedelta(days=30)) == []
    household.refresh_from_db()
    with pytest.raises(NotAllowed):
        make(household, world.grid_worker)


def test_the_weeks_sheet_is_the_platforms_and_its_words_the_workers(world: World) -> None:
    household = home(world)
    make(household, world.grid_worker)
    make(household, world.grid_worker, skipped="absent")
    home(world)
    monday = MONDAY + timedelta(days=7)
    assert sheets.write("week", monday) == 4  # a sheet a grid
    assert sheets.write("week", monday) == 0  # written once
    sheet = sheets.visible(world.grid_worker).get()
    assert (sheet.begins_on, sheet.ends_on) == (date(2026, 3, 2), date(2026, 3, 8))
    told = {row["name"]: (row["value"], row["of"]) for row in sheet.figures}
    assert told["visits"] == (1, None)
    assert told["covered"] == (1, 2)
    assert told["skipped"] == (1, None)
    assert told["came"] == (2, None)
    assert sheets.visible(world.station_lead).count() == 2
    assert not sheets.visible(world.handler).exists()

    sheets.comment(sheet, " 本周正常 ", by=world.grid_worker, now=monday)
    sheet.refresh_from_db()
    assert (sheet.comment, sheet.commented_by) == ("本周正常", world.grid_worker)
    with pytest.raises(NotAllowed):
        sheets.comment(sheet, "代写", by=world.other_grid_worker, now=monday)
    with pytest.raises(BadDetails):
        sheets.comment(sheet, "长" * 1001, by=world.grid_worker, now=monday)
    assert sheets.visible(world.station_lead).filter(comment="").count() == 1


@pytest.mark.parametrize(
    ("period", "today", "expected"),
    [
        ("week", date(2026, 3, 2), (date(2026, 2, 23), date(2026, 3, 1))),
        ("week", date(2026, 3, 8), (date(2026, 2, 23), date(2026, 3, 1))),
        ("month", date(2026, 3, 1), (date(2026, 2, 1), date(2026, 2, 28))),
        ("month", date(2026, 1, 15), (date(2025, 12, 1), date(2025, 12, 31))),
    ],
)
def test_periods(period: str, today: date, expected: tuple[date, date]) -> None:
    assert sheets.last_period(period, today) == expected


def test_a_visit_is_found_by_who_sees_it(world: World) -> None:
    row = make(home(world), world.grid_worker, note="一切正常")
    assert visits.visible(world.clerk).get() == row
    (one,) = visits.history(world.clerk, row.household)
    assert one.words is not None
    assert one.words.note.reveal() == "一切正常"
    with pytest.raises(Http404):
        access.person_for(world.outsider, row.household.residencies.get().person_id)
