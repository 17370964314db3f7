"""办理情况: what was done in a period, counted by hand and by the platform."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import figures
from cases.figures import Figures, Report, Share
from cases.models import Case, State
from governance.models import Unit, User
from tests.builders import World, create_user, moment, shift_clock
from tests.case_builders import create_case, move
from tests.clients import Program, browser

MARCH, APRIL = moment("2026-03-01 00:00"), moment("2026-04-01 00:00")
NOW = moment("2026-03-31 12:00")


def at(text: str) -> datetime:
    return moment(f"2026-03-{text}")


@pytest.fixture(autouse=True)
def end_of_march(db: None) -> None:
    shift_clock(to=NOW)


def counted(user: User, **asked: Any) -> Report:
    asked = {"since": MARCH, "until": APRIL, "now": NOW, **asked}
    return figures.figures(user, asked.pop("since"), asked.pop("until"), **asked)


def walk(case: Case, *steps: tuple[str, User, str], **given: Any) -> Case:
    for action, by, when in steps:
        case = move(case, action, by=by, now=at(when), **given)
    return case


@pytest.fixture
def march(world: World) -> World:
    """The six cases of a month in the first community: see each."""
    w = world
    # closed on the day, by the department that it was sent to at first
    walk(
        create_case(w, now=at("02 09:00")),
        ("accept", w.clerk, "02 09:10"),
        ("dispatch", w.dispatcher, "02 09:20"),
        ("sign", w.handler, "02 09:30"),
        ("finish", w.handler, "02 10:00"),
        ("verify", w.grid_worker, "02 10:30"),
        ("close", w.clerk, "02 11:00"),
    )
    # sent wrongly, sent back, sent to another; late; then reworked
    case = walk(
        create_case(w, now=at("02 09:00")),
        ("accept", w.clerk, "02 09:10"),
        ("dispatch", w.dispatcher, "02 09:20"),
        ("return", w.handler, "02 10:00"),
    )
    case = move(case, "dispatch", by=w.dispatcher, now=at("02 11:00"), department_id=w.police.pk)
    walk(
        case,
        ("sign", w.police_handler, "02 11:10"),
        ("finish", w.police_handler, "10 10:00"),
        ("verify", w.grid_worker, "10 10:30"),
        ("close", w.clerk, "10 11:00"),
        ("answer", w.clerk, "10 12:00"),
    )
    move(case, "rate", by=w.clerk, now=at("10 15:00"), satisfied=False)
    # sent back wrongly: the dispatcher insists; closed by force, in time
    walk(
        create_case(w, now=at("03 09:00")),
        ("accept", w.clerk, "03 09:10"),
        ("dispatch", w.dispatcher, "03 09:20"),
        ("return", w.handler, "03 10:00"),
        ("insist", w.dispatcher, "03 10:30"),
        ("force_close", w.leader, "03 11:00"),
    )
    # solved on the spot by who works the grid
    walk(
        create_case(w, by=w.grid_worker, now=at("04 09:00")),
        ("handle_on_spot", w.grid_worker, "04 09:10"),
        ("close", w.clerk, "04 11:00"),
    )
    # passed up and solved by the street's means; in the other grid
    walk(
        create_case(w, grid=w.second_grid, now=at("05 09:00")),
        ("accept", w.clerk, "05 09:10"),
        ("pass_up", w.clerk, "05 09:20"),
        ("dispatch", w.dispatcher, "05 09:30"),
        ("sign", w.handler, "05 09:40"),
        ("finish", w.handler, "05 10:00"),
        ("verify", w.clerk, "05 10:30"),
        ("close", w.clerk, "05 11:00"),
    )
    # suspended; its clock stands still, and it is not late
    walk(
        create_case(w, now=at("06 09:00")),
        ("accept", w.clerk, "06 09:10"),
        ("dispatch", w.dispatcher, "06 09:20"),
        ("sign", w.handler, "06 09:30"),
        ("ask_suspension", w.handler, "06 10:00"),
        ("grant", w.dispatcher, "06 10:10"),
    )
    return world


WHOLE = Figures(
    received=6,
    closed=5,
    forced=1,
    suspended=1,
    due=5,
    on_time=3,  # not the late one, nor that closed by force
    reworked=1,
    solved=3,  # not the one that is worked on again
    in_grid=1,
    in_community=2,
    in_street=3,
    dispatched=7,
    accurate=6,
    returned=2,
)


def test_a_month_counted_by_hand(march: World) -> None:
    found = counted(march.supervisor)

    assert found.level == "community"
    assert found.total == WHOLE
    assert found.by_unit == {march.community.pk: WHOLE}
    assert found.total.on_time_rate == Share(3, 5)
    assert found.total.on_time_rate.percent == 60.0
    assert found.total.accuracy == Share(6, 7)
    assert found.total.accuracy.percent == 85.7
    assert found.total.rework_rate == Share(1, 5)


def test_by_department_each_answers_for_what_it_got(march: World) -> None:
    found = counted(march.supervisor).by_department

    sanitation, police = found[march.sanitation.pk], found[march.police.pk]
    assert (sanitation.dispatched, sanitation.accurate, sanitation.returned) == (6, 5, 2)
    assert (police.dispatched, police.accurate, police.returned) == (1, 1, 0)
    assert (police.closed, police.reworked, police.on_time_rate) == (1, 1, Share(0, 1))
    assert sanitation.suspended == 1
    assert found[None].in_grid == 1  # who solved it on the spot is no department


def test_a_community_is_parted_by_grid_a_district_by_street(march: World) -> None:
    w = march
    inside = counted(w.supervisor, unit_id=w.community.pk)
    assert (inside.level, inside.total) == ("grid", WHOLE)
    assert inside.by_unit[w.second_grid.pk].in_street == 1
    assert inside.by_unit[w.second_grid.pk].in_community == 0
    assert inside.by_unit[w.grid.pk].received == 5
    assert counted(w.leader).level == "grid"

    chief = create_user(role="supervisor", unit=w.district)
    create_case(w, grid=w.other_grid, by=w.outsider, now=at("09 09:00"))
    above = counted(chief)
    assert above.level == "street"
    assert above.by_unit[w.street.pk] == WHOLE
    assert above.by_unit[w.other_street.pk].received == 1
    assert above.total.received == 7


def test_everybody_counts_in_the_own_scope_alone(march: World) -> None:
    w = march
    stranger = create_user(role="leader", unit=w.other_community)
    lead_of_police = create_user(role="department_lead", unit=w.police)

    assert counted(stranger).total == Figures()
    assert counted(stranger, unit_id=w.community.pk).total == Figures()
    # the return of another department is not the police's, though it has the case now
    assert counted(lead_of_police).by_department.keys() == {w.police.pk}
    own = counted(w.department_lead)
    assert own.by_department.keys() == {w.sanitation.pk}
    assert (own.total.dispatched, own.total.returned) == (6, 2)
    for nobody in (w.grid_worker, w.handler, w.clerk, w.system_admin):
        assert browser(nobody).get("/figures/").status_code == 403


def test_what_is_not_due_yet_and_what_is_overdue(world: World) -> None:
    create_case(world, now=at("02 09:00"))  # promised by the 4th, and nobody did anything
    create_case(world, now=at("31 09:00"))  # due in April
    create_case(world, now=at("31 09:00"), state=State.CLOSED)  # closed before it is due

    assert counted(world.supervisor).total.on_time_rate == Share(0, 1)
    later = counted(
        world.supervisor, until=moment("2026-05-01 00:00"), now=moment("2026-04-20 09:00")
    )
    assert later.total.on_time_rate == Share(1, 3)


def test_a_refused_report_was_never_to_be_closed(world: World) -> None:
    create_case(world, now=at("02 09:00"), state=State.REFUSED)

    found = counted(world.supervisor).total

    assert (found.received, found.closed, found.due) == (1, 0, 0)


@pytest.mark.parametrize("rows", [1, 3])
def test_two_statements_however_many_cases_and_units(world: World, rows: int) -> None:
    for grid in (world.grid, world.second_grid, world.grid)[:rows]:
        create_case(world, grid=grid, state=State.HANDLING, now=at("02 09:00"))
    counted(world.leader)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = counted(world.leader)

    assert (found.total.received, found.total.dispatched) == (rows, rows)
    assert len(asked) == 2


def test_the_page_shows_both_numbers_of_a_rate_and_how_it_comes_about(march: World) -> None:
    page = browser(march.supervisor).get("/figures/").content.decode()

    for shown in ("60.0%", "3/5", "85.7%", "6/7", "军丽园社区", "环卫所", "无承办部门", "口径"):
        assert shown in page
    assert '<a class="side-link" href="/figures/" aria-current="page">' in page
    february = browser(march.supervisor).get("/figures/?since=2026-02-01&until=2026-02-28")
    assert "60.0%" not in february.content.decode()


@pytest.mark.parametrize(
    "query", ["since=x", "since=2026-03-02&until=2026-03-01", "unit=x", "until=2026-13-01"]
)
def test_a_period_that_is_none_is_said_beside_its_field(world: World, query: str) -> None:
    answer = browser(world.supervisor).get(f"/figures/?{query}")

    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()


def test_all_that_time_is(march: World) -> None:
    page = browser(march.supervisor).get("/figures/?since=0001-01-01&until=9999-12-31")

    assert "85.7%" in page.content.decode()


def test_a_unit_of_others_is_not_offered(world: World) -> None:
    client = browser(world.supervisor)
    page = client.get("/figures/").content.decode()

    assert "春霞里" not in page
    assert client.get(f"/figures/?unit={world.other_community.pk}").status_code == 400


def test_the_file_has_every_number_in_a_column_and_no_formula(march: World) -> None:
    Unit.objects.filter(pk=march.police.pk).update(name="=派出所")

    answer = browser(march.supervisor).get("/figures/?since=2026-03-01&format=csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].endswith('"figures-20260301-20260331.csv"')
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    titles, total = rows[0], rows[1]
    assert dict(zip(titles, total, strict=True)) == {
        "分类": "合计",
        "单位": "",
        "收到": "6",
        "结案": "5",
        "按期结案率（分子）": "3",
        "按期结案率（分母）": "5",
        "强制结案": "1",
        "挂账中": "1",
        "退单": "2",
        "准确派遣率（分子）": "6",
        "准确派遣率（分母）": "7",
        "返工率（分子）": "1",
        "返工率（分母）": "5",
        "不出网格（分子）": "1",
        "不出网格（分母）": "3",
        "不出村（社区）（分子）": "2",
        "不出村（社区）（分母）": "3",
        "不出乡（街道）（分子）": "3",
        "不出乡（街道）（分母）": "3",
    }
    assert ["按部门", "'=派出所"] in [row[:2] for row in rows]


def test_a_program_gets_the_same(march: World) -> None:
    program = Program(march.supervisor)

    found = program.get("/figures/?since=2026-03-01&until=2026-03-31").json()

    assert found["total"]["accuracy"] == {"part": 6, "whole": 7}
    assert [row["name"] for row in found["units"]] == ["军丽园社区"]
    assert {row["name"]: row["returned"] for row in found["departments"]}["环卫所"] == 2
    assert found["departments"][-1]["id"] is None
    for wrong in ("", "?since=2026-03-01", "?since=2026-03-02&until=2026-03-01"):
        assert program.get(f"/figures/{wrong}").status_code == 400
    month = "since=2026-03-01&until=2026-03-31"
    for other in (march.sanitation.pk, march.other_community.pk, 999999):
        assert program.get(f"/figures/?{month}&unit={other}").status_code == 404
    assert program.get(f"/figures/?{month}&unit={march.community.pk}").status_code == 200
    assert (
        Program(march.clerk).get("/figures/?since=2026-03-01&until=2026-03-31").status_code == 403
    )
