"""The one door: the grid of a point, the levels without one, the same report sent again."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from cases import intake, opening, submissions
from cases.errors import NotAllowed
from cases.models import Case, Source, State, Submission
from cases.submissions import Conflict
from governance import actor, reference
from governance.models import Message, Timer, User
from tests.areas import draw, place, square
from tests.builders import World, create_world, moment, queries
from tests.case_builders import MONDAY, create_item, report_of
from tests.clients import KEY

NIGHT = moment("2026-02-28 23:30")


def test_a_point_gives_the_whole_chain_of_its_grid(world: World) -> None:
    item = create_item(department=world.sanitation)
    draw(world.grid, square(0, 0))
    draw(world.other_grid, square(1, 0))
    lon, lat = place(1.5, 0.5)

    case, new = intake.open_case(report_of(item, lon=lon, lat=lat), by=world.clerk, now=MONDAY)

    assert new
    assert (case.district, case.street) == (world.district, world.other_street)
    assert (case.community, case.grid) == (world.other_community, world.other_grid)


def test_without_a_grid_it_is_where_the_one_who_reported_works(world: World) -> None:
    item = create_item(department=world.sanitation)
    draw(world.grid, square(0, 0))
    nowhere = dict(zip(("lon", "lat"), place(50, 50), strict=True))

    for report in (report_of(item), report_of(item, **nowhere)):
        by_clerk, _new = intake.open_case(report, by=world.clerk, now=MONDAY)
        by_worker, _new = intake.open_case(report, by=world.grid_worker, now=MONDAY)
        by_dispatcher, _new = intake.open_case(report, by=world.dispatcher, now=MONDAY)
        by_resident, _new = intake.open_case(report, by=None, now=MONDAY)
        found = [
            (case.street, case.community, case.grid)
            for case in (by_clerk, by_worker, by_dispatcher, by_resident)
        ]
        assert found == [
            (world.street, world.community, None),
            (world.street, world.community, None),
            (world.street, None, None),
            (None, None, None),
        ]
        assert by_resident.district == world.district


def test_before_there_is_a_district_nothing_can_be_reported(db: None) -> None:
    with pytest.raises(NotAllowed, match="组织架构"):
        opening.where(None, None)


def test_the_number_is_the_day_here_and_a_running_one(world: World) -> None:
    item = create_item(department=world.sanitation)

    first, _new = intake.open_case(report_of(item), by=world.clerk, now=NIGHT)
    second, _new = intake.open_case(report_of(item), by=world.clerk, now=NIGHT)

    assert re.fullmatch(r"20260228\d{6}", first.number)
    assert int(second.number) == int(first.number) + 1
    assert re.fullmatch(r"\d{8}", first.query_code)


def test_a_worker_takes_a_picture_where_the_item_asks_for_one(world: World) -> None:
    item = create_item(department=world.sanitation, photo_before=True)

    with pytest.raises(NotAllowed, match="照片"):
        intake.open_case(report_of(item, source=Source.WORKER), by=world.grid_worker, now=MONDAY)
    with_picture = report_of(item, source=Source.WORKER)
    intake.open_case(with_picture, by=world.grid_worker, now=MONDAY, photos=1)
    intake.open_case(report_of(item, source=Source.PHONE_CALL), by=world.clerk, now=MONDAY)

    assert Case.objects.count() == 2


def test_whose_turn_it_is_is_told_but_not_who_reported(world: World) -> None:
    item = create_item(department=world.sanitation)
    intake.open_case(report_of(item), by=world.grid_worker, now=MONDAY)
    assert [m.recipient for m in Message.objects.all()] == [world.clerk]

    intake.open_case(report_of(item), by=world.clerk, now=MONDAY)
    assert Message.objects.count() == 1


def test_a_historical_case_makes_no_timer_and_no_message(world: World) -> None:
    item = create_item(department=world.sanitation)
    report = report_of(item, source=Source.IMPORT, promise_due_at=moment("2025-01-10 17:30"))

    case, _new = intake.open_case(report, by=None, now=MONDAY, historical=True)

    assert case.promise_due_at == moment("2025-01-10 17:30")
    assert not Timer.objects.exists()
    assert not Message.objects.exists()


def test_a_reporter_is_sealed_and_none_is_made_of_nothing(world: World) -> None:
    item = create_item(department=world.sanitation)
    told, _new = intake.open_case(
        report_of(item, reporter_name="王小二", reporter_phone="13812345678"), by=None, now=MONDAY
    )
    silent, _new = intake.open_case(report_of(item), by=None, now=MONDAY)

    assert silent.reporter is None
    assert told.reporter is not None
    assert (str(told.reporter.name), str(told.reporter.phone)) == ("王**", "138****5678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text, c::text FROM cases_reporter r, cases_case c")
        stored = str(cursor.fetchall())
    assert "王小二" not in stored
    assert "13812345678" not in stored


def test_the_same_key_is_the_same_case_for_the_same_owner(world: World) -> None:
    item = create_item(department=world.sanitation)
    report = report_of(item, reporter_phone="13812345678")

    def send(by: User | None) -> tuple[Case, bool]:
        return intake.open_case(report, by=by, now=MONDAY, key=KEY)

    first = send(world.clerk)
    again = send(world.clerk)
    others = [send(world.dispatcher), send(None)]

    assert (first[1], again[1]) == (True, False)
    assert again[0] == first[0]
    assert [new for _case, new in others] == [True, True]
    assert Case.objects.count() == 3


def test_the_same_key_for_something_else_is_a_conflict(world: World) -> None:
    item = create_item(department=world.sanitation)
    intake.open_case(report_of(item), by=world.clerk, now=MONDAY, key=KEY)

    for other in (report_of(item, description="另一件事"), report_of(item, reporter_phone="1")):
        with pytest.raises(Conflict):
            intake.open_case(other, by=world.clerk, now=MONDAY, key=KEY)

    assert Case.objects.count() == 1


def test_a_refused_report_leaves_its_key_free(world: World) -> None:
    item = create_item(department=world.sanitation, photo_before=True)
    report = report_of(item, source=Source.WORKER)

    with pytest.raises(NotAllowed):
        intake.open_case(report, by=world.clerk, now=MONDAY, key=KEY)
    case, new = intake.open_case(report, by=world.clerk, now=MONDAY, key=KEY, photos=1)

    assert new
    assert Submission.objects.get().case == case


def test_the_digest_of_a_report_needs_the_secret(world: World, settings: object) -> None:
    """Without a key anybody with the table could try all phone numbers."""
    report = report_of(create_item(department=world.sanitation), reporter_phone="13812345678")
    before = submissions.digest(report.said())

    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]

    assert submissions.digest(report.said()) != before


def test_a_report_costs_as_many_queries_with_three_items_as_with_one(world: World) -> None:
    item = create_item(department=world.sanitation)
    for others in (0, 2):
        for number in range(others):
            create_item(department=world.police, code=f"09{number}", name=f"第{number}项")
        intake.open_case(report_of(item), by=world.clerk, now=MONDAY)
        # as in a request, whose first statement reads the time and what is in memory
        with actor.acting(world.clerk.pk, "desk"), queries(6):
            intake.open_case(report_of(item), by=world.clerk, now=MONDAY)


def test_eight_at_once_with_one_key_are_one_case(committed_db: object) -> None:
    reference.forget()
    world = create_world()
    item = create_item(department=world.sanitation)
    report = report_of(item)
    key = UUID(int=8)

    def send(_number: int) -> tuple[str, bool]:
        try:
            case, new = intake.open_case(report, by=world.clerk, now=MONDAY, key=key)
            return case.number, new
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert len({number for number, _new in answers}) == 1
    assert [new for _number, new in answers].count(True) == 1
    assert Case.objects.get().state == State.REPORTED
