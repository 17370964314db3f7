"""What was reported twice is joined, what is two things is split."""

from __future__ import annotations

import pytest

from cases import duplicates
from cases.given import Part
from cases.models import Case, Outcome, State
from governance.models import Timer
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move, near, refused, told
from tests.clients import Program, browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


# Duplicates ---------------------------------------------------------------------------------------


def test_duplicates_are_ranked_with_reasons(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.0)
    close = near(world, case, 20)
    far = near(world, case, 80, description="路灯不亮")
    create_case(world, lon=117.5, lat=39.0)  # elsewhere
    create_case(world, lon=117.4, lat=39.0, state=State.CLOSED)  # no longer open
    hidden = near(world, case, 10)
    Case.objects.filter(pk=hidden.pk).update(street=world.other_street, community=None)
    Case.objects.filter(pk=hidden.pk).update(reported_by=None, district=world.other_street)

    found = duplicates.of_case(case, world.clerk)

    assert [one.number for one in found] == [close.number, far.number]
    said = [duplicates.sentence(reason) for reason in found[0].reasons]
    assert said == ["相距 20 米", "同一事项", "1 天内上报", "描述相近 100%"]
    html = browser(world.clerk).get(f"/cases/{case.number}/join/").content.decode()
    assert "相距 20 米 · 同一事项" in html


def test_without_a_point_the_same_item_in_the_same_community(world: World) -> None:
    case = create_case(world)
    same = create_case(world)
    create_case(world, grid=world.other_grid, by=world.outsider)

    assert [one.number for one in duplicates.of_case(case, world.clerk)] == [same.number]


def test_a_case_with_a_point_and_one_without_are_matched(world: World) -> None:
    """A resident telephones about what a worker has pinned on the map, or the other way round."""
    pinned = create_case(world, lon=117.4, lat=39.0)
    told = create_case(world)
    other = create_item(department=world.police, code="0201", name="井盖缺失")
    create_case(world, item=other, description="井盖不见了", place="春晖路")
    create_case(world, grid=world.other_grid, by=world.outsider)

    for case, repeated in ((pinned, told), (told, pinned)):
        assert [one.number for one in duplicates.of_case(case, world.clerk)] == [repeated.number]


def test_all_who_reported_it_are_answered_and_each_rates(world: World) -> None:
    main = create_case(world, state=State.HANDLING)
    other = move(create_case(world), "join", by=world.clerk, main=main.number)
    assert (other.state, other.outcome, other.main) == (State.JOINED, Outcome.DUPLICATE, main)
    assert not Timer.objects.open().filter(subject_id=other.pk).exists()
    for action, who in (
        ("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk"), ("answer", "clerk"),
    ):  # fmt: skip
        main = move(main, action, by=getattr(world, who), note="已清运")

    other.refresh_from_db()
    assert (other.state, other.answer, other.promise_kept) == (State.ANSWERED, "已清运", True)
    move(main, "rate", by=None, satisfied=True)
    other = move(other, "rate", by=None, satisfied=False, note="我门前的没清")

    main.refresh_from_db()
    assert other.state == State.JOINED
    assert (main.state, main.rework_count) == (State.HANDLING, 1)
    assert main.transitions.order_by("-pk")[0].note == "我门前的没清"


def test_joining_has_its_limits(world: World) -> None:
    main, case = create_case(world), create_case(world)
    assert refused(case, "join", by=world.clerk, main=case.number) == "不能并入自己。"
    assert "请选择" in refused(case, "join", by=world.clerk, main="")
    closed = create_case(world, state=State.CLOSED)
    assert "不在办理中" in refused(case, "join", by=world.clerk, main=closed.number)
    case = move(case, "join", by=world.clerk, main=main.number)
    third = create_case(world)
    assert "不在办理中" in refused(third, "join", by=world.clerk, main=case.number)
    assert "已有其他事件" in refused(main, "join", by=world.clerk, main=third.number)
    late = moment("2026-03-03 09:01")
    assert "24 小时" in refused(case, "unjoin", by=world.clerk, now=late)


def test_a_refusal_of_the_main_case_refuses_the_joined(world: World) -> None:
    main = create_case(world)
    other = move(create_case(world), "join", by=world.clerk, main=main.number)

    move(main, "refuse", by=world.clerk, note="不属于本级")

    other.refresh_from_db()
    assert (other.state, other.answer) == (State.REFUSED, "不属于本级")


# Split --------------------------------------------------------------------------------------------


def test_the_whole_closes_when_all_its_parts_have(world: World) -> None:
    case = create_case(world, reporter_phone="13812345678")
    case = move(case, "split", by=world.clerk)
    one, two = Case.objects.filter(parent=case).order_by("pk")
    assert (one.state, one.reporter, one.promise_due_at) == (
        State.REPORTED,
        case.reporter,
        case.promise_due_at,
    )

    one = move(one, "handle_on_spot", by=world.grid_worker)
    move(one, "close", by=world.clerk)
    case.refresh_from_db()
    assert case.state == State.SPLIT
    move(two, "refuse", by=world.clerk)

    case.refresh_from_db()
    assert (case.state, case.outcome, case.promise_kept) == (State.CLOSED, "solved", True)
    assert case.transitions.order_by("-pk")[0].by is None
    assert told(world.clerk)[-1] == "turn"


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("solved", "helped"), "helped"),
        (("solved", "explained"), "explained"),
        (("law", "solved"), "law"),
        (("law", "explained"), "explained"),
        (("explained", ""), "explained"),
        (("", ""), "not_ours"),
    ],
)
def test_a_whole_has_the_weakest_outcome_of_its_parts(
    world: World, parts: tuple[str, str], whole: str
) -> None:
    case = move(create_case(world), "split", by=world.clerk)
    for part, outcome in zip(case.parts.order_by("pk"), parts, strict=True):
        if outcome:
            done = move(part, "handle_on_spot", by=world.grid_worker, outcome=outcome)
            move(done, "close", by=world.clerk)
        else:
            move(part, "refuse", by=world.clerk)

    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, whole)
    paper = browser(world.clerk).post(f"/cases/{case.number}/papers/", {"paper": "completion_note"})
    assert paper.status_code == 302
    assert case.papers.filter(kind="completion_note").exists()


def test_a_split_needs_two_parts_under_items_of_the_list(world: World) -> None:
    case = create_case(world)
    assert "2 至 10" in refused(case, "split", by=world.clerk, parts=(Part(case.item_id, "一"),))
    parts = (Part(case.item_id, "一"), Part(0, "二"))
    assert "事项清单" in refused(case, "split", by=world.clerk, parts=parts)
    blank = (Part(case.item_id, "一"), Part(case.item_id, " "))
    assert "情况" in refused(case, "split", by=world.clerk, parts=blank)
    assert Case.objects.count() == 1


def test_what_is_being_typed_may_have_been_reported(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.0)
    typed = {"item": case.item_id, "lon": 117.4001, "lat": 39.0, "description": "一堆垃圾"}

    html = browser(world.clerk).post("/cases/similar/", typed).content.decode()

    assert "同一事项" in html
    assert f"/cases/{case.number}/" in html
    for odd in ({"item": "x"}, {"item": 0}, {"lon": "NaN", "item": case.item_id}):
        assert browser(world.clerk).post("/cases/similar/", odd).status_code == 200
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert f'hx-get="/cases/{case.number}/similar/"' in page
    near(world, case)
    asked = browser(world.clerk).get(f"/cases/{case.number}/similar/").content.decode()
    assert "相距 20 米" in asked


def test_on_the_phone_the_candidates_and_the_nearby_open_there(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.0)
    other = near(world, case)
    client, here = browser(world.clerk), f"/m/cases/{case.number}/"
    typed = {"item": case.item_id, "lon": 117.4001, "lat": 39.0, "description": "一堆垃圾"}

    page = client.get(here).content.decode()
    assert f'href="/m/cases/{other.number}/"' in page
    assert "20 米" in page
    assert f'hx-get="{here}similar/"' in page
    assert f'href="/m/cases/{other.number}/"' in client.get(f"{here}similar/").content.decode()
    assert 'hx-post="/m/cases/similar/"' in client.get("/m/report/").content.decode()
    html = client.post("/m/cases/similar/", typed).content.decode()
    assert f'href="/m/cases/{other.number}/"' in html
    assert 'href="/cases/' not in html
    assert browser(world.outsider).get(f"{here}similar/").status_code == 404


def test_a_program_asks_what_a_case_may_repeat(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.0)
    other = near(world, case)

    found = Program(world.clerk).get(f"/cases/{case.number}/similar/").json()

    assert [one["number"] for one in found["similar"]] == [other.number]
    assert found["similar"][0]["reasons"][0] == "相距 20 米"
    assert [(one["number"], one["distance"]) for one in found["nearby"]] == [
        (other.number, "20 米")
    ]
    assert Program(world.outsider).get(f"/cases/{case.number}/similar/").status_code == 404


def test_nobody_joins_to_a_case_they_do_not_see(world: World) -> None:
    case = create_case(world)
    hidden = create_case(world, grid=world.other_grid, by=world.outsider)

    for number in (hidden.number, "20260302999999", "x'"):
        assert "没有找到" in refused(case, "join", by=world.clerk, main=number)


def test_a_split_closes_with_the_part_that_was_joined_elsewhere(world: World) -> None:
    main = create_case(world, state=State.VERIFIED)
    whole = move(create_case(world), "split", by=world.clerk)
    one, two = Case.objects.filter(parent=whole).order_by("pk")
    move(one, "join", by=world.clerk, main=main.number)
    move(two, "refuse", by=world.clerk)
    whole.refresh_from_db()
    assert whole.state == State.SPLIT

    for action in ("close", "answer"):
        main = move(main, action, by=world.clerk)

    whole.refresh_from_db()
    assert whole.state == State.CLOSED


def test_a_duplicate_that_is_reopened_goes_its_own_way(world: World) -> None:
    main = create_case(world, state=State.VERIFIED)
    other = move(create_case(world), "join", by=world.clerk, main=main.number)
    for action in ("close", "answer"):
        main = move(main, action, by=world.clerk)

    other = move(other, "reopen", by=world.clerk)

    assert (other.state, other.main) == (State.ACCEPTED, None)
