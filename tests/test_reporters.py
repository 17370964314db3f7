"""Who reported is asked, may urge, and hears of delay and result: residents, staff, programs."""

from __future__ import annotations

from datetime import date

import pytest

from cases.models import State
from governance.models import Message, User
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, WAY, create_case, move, told
from tests.clients import Program, browser, post_move


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def test_a_question_reaches_the_reporter_on_the_page_of_the_code(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_reporter", by=world.handler, note="请问在几号楼？")
    client = browser()
    client.post("/report/query/", {"number": case.number, "code": case.query_code})
    path = f"/report/progress/{case.number}/"

    html = client.get(path).content.decode()
    assert "请问在几号楼？" in html
    assert client.post(f"{path}reply/", {"note": ""}).status_code == 400
    client.post(f"{path}reply/", {"note": "3 号楼"})

    case.refresh_from_db()
    assert case.state == State.HANDLING
    line = case.transitions.order_by("-pk")[0]
    assert (line.action, line.by, line.note) == ("reply", None, "3 号楼")
    assert told(world.handler)[-1] == "turn"


def heard(user: User) -> list[tuple[str, str]]:
    """(number, what) of the cases that somebody reported, as their inbox has it."""
    rows = Message.objects.filter(recipient=user, kind__startswith="case.told_").order_by("pk")
    return [(row.params["number"], row.kind.removeprefix("case.told_")) for row in rows]


@pytest.mark.parametrize("source", ["worker", "visit", "campaign", "api"])
def test_staff_hear_of_what_they_reported(world: World, source: str) -> None:
    case = create_case(world, by=world.household_head, source=source)
    for action, who in (*WAY[State.CLOSED], ("answer", "clerk")):
        case = move(case, action, by=getattr(world, who))
    refusal = create_case(world, by=world.household_head, source=source)
    move(refusal, "refuse", by=world.clerk, note="属于物业自管，请联系物业")

    told_of = [(case.number, "accepted"), (case.number, "answered"), (refusal.number, "refused")]
    assert heard(world.household_head) == told_of
    inbox = browser(world.household_head).get("/m/inbox/").content.decode()
    assert f"您上报的暴露垃圾（{case.number}）已受理。" in inbox
    assert f'href="/m/cases/{refusal.number}/"' in inbox
    page = browser(world.household_head).get(f"/m/cases/{refusal.number}/").content.decode()
    assert "属于物业自管，请联系物业" in page  # there, and not in the message
    assert "物业" not in inbox


def test_who_wrote_a_call_down_or_acted_or_has_left_is_told_nothing(world: World) -> None:
    create_case(world, by=world.correspondent, state=State.ANSWERED)  # of a call
    own = create_case(world, by=world.clerk, source="worker")
    move(own, "accept", by=world.clerk)
    gone = create_case(world, by=world.correspondent, source="worker")
    world.correspondent.is_active = False
    world.correspondent.save()
    move(gone, "accept", by=world.clerk)

    assert heard(world.correspondent) == heard(world.clerk) == []


def test_staff_whose_report_was_joined_hear_of_delay_and_result(world: World) -> None:
    main = create_case(world, state=State.HANDLING)
    other = create_case(world, by=world.correspondent, source="worker")
    move(other, "join", by=world.clerk, main=main.number)
    move(main, "ask_extension", by=world.handler, until=date(2026, 3, 20))
    move(main, "grant", by=world.dispatcher)
    for action, who in WAY[State.ANSWERED][len(WAY[State.HANDLING]) :]:
        move(main, action, by=getattr(world, who))

    kinds = [kind for number, kind in heard(world.correspondent) if number == other.number]
    assert kinds == ["joined", "extended", "answered"]


@pytest.mark.parametrize("who", ["grid_worker", "correspondent"])
def test_staff_answer_what_they_are_asked_about_their_report(world: World, who: str) -> None:
    reporter = getattr(world, who)
    case = create_case(world, by=reporter, source="worker")
    for action, by in WAY[State.HANDLING]:
        case = move(case, action, by=getattr(world, by))
    move(case, "ask_reporter", by=world.handler, note="请问在几号楼？")

    phone = browser(reporter)
    assert f'data-row="{case.number}"' in phone.get("/m/").content.decode()
    assert f'href="/m/cases/{case.number}/"' in phone.get("/m/inbox/").content.decode()
    page = phone.get(f"/m/cases/{case.number}/").content.decode()
    assert "请问在几号楼？" in page
    assert f"/m/cases/{case.number}/reply/" in page
    assert post_move(world.grid_leader, case, "reply", note="不是我报的") == 409
    assert post_move(reporter, case, "reply", note="3 号楼") == 302

    case.refresh_from_db()
    assert case.state == State.HANDLING
    line = case.transitions.order_by("-pk")[0]
    assert (line.action, line.by, line.note) == ("reply", reporter, "3 号楼")
    assert heard(reporter) == [(case.number, "accepted"), (case.number, "asked")]
    assert told(world.handler)[-1] == "turn"


def test_a_program_answers_what_it_is_asked(world: World) -> None:
    case = create_case(world, by=world.correspondent, source="api")
    case = move(case, "ask_reporter", by=world.clerk, note="请问在几号楼？")
    program = Program(world.correspondent)

    offered = program.get(f"/cases/{case.number}/").json()["actions"]
    assert [action["action"] for action in offered] == ["reply"]
    said = {"version": case.version, "note": "3 号楼"}
    assert program.post(f"/cases/{case.number}/reply/", said).status_code == 200
    case.refresh_from_db()
    assert case.state == State.REPORTED


def test_a_reporter_urges_once_a_stage(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    client = browser()
    client.post("/report/query/", {"number": case.number, "code": case.query_code})
    path = f"/report/progress/{case.number}/"
    assert "催办" in client.get(path).content.decode()

    client.post(f"{path}urge/")
    assert told(world.handler)[-1] == "urge"
    assert "等得有点久" not in client.get(path).content.decode()
    again = client.post(f"{path}urge/", follow=True)

    assert "本阶段已催办过。" in again.content.decode()
    case.refresh_from_db()
    later = moment("2026-03-02 10:00")
    case = move(case, "finish", by=world.handler, now=later)
    assert move(case, "urge", by=world.clerk, now=later).urged_at == later
