"""Disputes as a program sees them: the page's verbs, scopes and sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import disputes
from cases.api import dispute_shapes as shapes
from cases.models import Case, Dispute, State, Track
from governance.models import AccessRecord
from tests.builders import World, queries, shift_clock
from tests.case_builders import MONDAY, create_case
from tests.clients import KEY, Program
from tests.test_api_services import problem
from tests.test_disputes import NAME, NUMBER, OTHER, opened, settle, with_parties


@pytest.fixture
def case(world: World) -> Case:
    shift_clock(to=MONDAY)
    return create_case(world, state=State.HANDLING, place="军丽园3号楼")


def cases_of(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["case"] for row in answer.json()["results"]]


def test_a_dispute_goes_its_whole_way(world: World, case: Case) -> None:
    program, path = Program(world.handler), f"/cases/{case.number}/dispute/"
    assert problem(program.get(path))[:2] == (404, "not_found")

    def post(verb: str, **body: Any) -> Any:
        answer = program.post(f"{path}{verb}/", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    post("open", request="请求停止噪声", mediators=[world.handler.pk])
    for name, side in ((NAME, "applicant"), (OTHER, "respondent")):
        post("party", name=name, side=side, phone=NUMBER)
    ids = [row["id"] for row in program.get(path).json()["parties"]]
    post("correct", party=ids[0], phone="13800000000")
    for party in ids:
        post("consent", party=party, agrees=True)
    held = "2026-03-02T08:30:00+08:00"
    post("session", held_at=held, place="楼下", minutes="各自陈述", present=ids)
    to_police = {"track": "administrative", "unit": world.police.pk, "note": "涉及治安"}
    post("hand-over", **to_police, mediators=[world.police_handler.pk])
    owed = {"party": ids[1], "what": "加装隔音垫", "due_on": "2026-03-09"}
    done = post("agree", written=True, terms="十点后不放音乐", obligations=[owed])
    (obligation,) = done["obligations"]
    post("visit", obligation=obligation["id"], fulfilled=True, note="已装")
    found = post("court", on="2026-03-02")

    assert set(found) == set(shapes.DisputeDetail().fields)
    assert (found["outcome"], found["track"]) == ("agreed_written", "administrative")
    assert found["mediators"] == [{"id": world.police_handler.pk, "name": "民警"}]
    assert found["parties"][0]["phone"] == "138****0000"
    assert found["sessions"][0]["present"] == sorted(ids)
    assert found["obligations"][0]["fulfilled_at"] == "2026-03-02T01:00:00+00:00"
    assert found["court_confirmed_on"] == "2026-03-02"
    said = program.get(path).content.decode()
    for secret in (NAME, OTHER, NUMBER):
        assert secret not in said
    lines = case.transitions.filter(action__startswith="dispute").values_list("source", flat=True)
    assert set(lines) == {"api"}


def test_who_refuses_ends_it_and_is_told_of_other_ways(world: World, case: Case) -> None:
    _applicant, respondent = with_parties(case, world.handler, agree=False)
    body = {"party": str(respondent.pk), "agrees": False}

    answer = Program(world.handler).post(f"/cases/{case.number}/dispute/consent/", body)

    assert answer.json()["outcome"] == "refused"
    assert "人民法院" in answer.json()["other_ways"]


def test_a_refusal_says_why_and_a_slip_names_its_field(world: World, case: Case) -> None:
    program, path = Program(world.handler), f"/cases/{case.number}/dispute/"
    assert problem(program.post(f"{path}end/", {"outcome": "failed", "note": "x"})) == (
        409,
        "not_allowed",
        "该事件没有登记纠纷。",
    )
    opened(case, world.handler)

    refused: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("open", {"request": "再来"}, "该事件已登记纠纷。"),
        ("agree", {"written": True, "terms": "好"}, "请先登记双方当事人。"),
        ("consent", {"party": str(KEY), "agrees": True}, "请选择本纠纷的当事人。"),
        ("hand-over", {"track": "judicial", "note": "x"}, "行政调解、司法调解须选择主持单位。"),
        ("visit", {"obligation": 1, "fulfilled": True, "note": "x"}, "请选择履行事项。"),
        ("court", {"on": "2026-03-02"}, "只有书面调解协议可以申请司法确认。"),
    )
    for verb, body, said in refused:
        assert problem(program.post(f"{path}{verb}/", body)) == (409, "not_allowed", said)
    slips: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("party", {"name": NAME}, "side"),
        ("party", {"name": NAME, "side": "applicant", "phone": "x"}, "phone"),
        ("consent", {"party": "x", "agrees": True}, "party"),
        ("session", {"held_at": "gestern", "place": "a", "minutes": "b", "present": []}, "held_at"),
        ("end", {"outcome": "agreed_oral", "note": "x"}, "outcome"),
        ("agree", {"written": True, "terms": "好", "obligations": [{}]}, "obligations"),
        ("court", {"on": "2026-02-30"}, "on"),
    )
    for verb, body, field in slips:
        answer = program.post(f"{path}{verb}/", body)
        assert problem(answer)[:2] == (400, "invalid")
        assert list(answer.json()["errors"]) == [field]
    assert program.post(f"{path}fly/", {}).status_code == 404


def test_a_dispute_is_for_those_who_mediate_it(world: World, case: Case) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    path = f"/cases/{case.number}/dispute/"
    calls: tuple[Callable[[Program], Any], ...] = (
        lambda program: program.get(path),
        lambda program: program.post(f"{path}end/", {"outcome": "failed", "note": "不成"}),
        lambda program: program.post(f"{path}parties/{applicant.pk}/", {"reason": "看看"}),
    )

    for who, status in (
        ("outsider", 404),
        ("police_handler", 404),
        ("other_grid_worker", 404),
        ("leader", 403),
        ("supervisor", 403),
        ("correspondent", 403),
    ):
        program = Program(getattr(world, who))
        assert [problem(call(program))[0] for call in calls] == [status] * 3, who

    assert Dispute.objects.get().ended_at is None
    assert not AccessRecord.objects.exists()


def test_a_party_is_revealed_for_a_reason(world: World, case: Case) -> None:
    applicant, _respondent = with_parties(case, world.handler)
    program = Program(world.handler)
    path = f"/cases/{case.number}/dispute/parties/{applicant.pk}/"

    without = program.post(path, {})
    shown = program.post(path, {"reason": "通知到场"})

    assert list(without.json()["errors"]) == ["reason"]
    assert shown.json() == {"name": NAME, "phone": NUMBER}
    assert shown["Cache-Control"] == "no-store"
    look = AccessRecord.objects.get()
    assert (look.model, look.reason) == ("cases.DisputeParty", f"{case.number} 通知到场")
    missing = f"/cases/{case.number}/dispute/parties/{KEY}/"
    assert program.post(missing, {"reason": "x"}).status_code == 404


def test_the_list_says_that_there_is_a_dispute_and_not_what_is_said_in_it(
    world: World, case: Case
) -> None:
    with_parties(case, world.handler)
    settle(case, world.handler)
    second = create_case(world)
    to_police: dict[str, Any] = {
        "track": Track.ADMINISTRATIVE,
        "track_unit_id": world.police.pk,
    }
    opened(second, world.clerk, **to_police)
    elsewhere = create_case(world, grid=world.other_grid, by=world.outsider)
    opened(elsewhere, world.outsider)
    leader = Program(world.leader)

    for query, found in (
        ("", [second, case]),
        ("open=true", [second]),
        ("open=false", [case]),
        ("track=administrative", [second]),
        ("outcome=agreed_written", [case]),
        (f"unit={world.grid.pk}", [second, case]),
        (f"unit={world.sanitation.pk}", [case]),
        (f"unit={world.other_grid.pk}", []),
    ):
        assert cases_of(leader.get(f"/disputes/?{query}")) == [one.number for one in found], query
    answer = leader.get("/disputes/?limit=1")
    assert "夜间" not in answer.content.decode()
    assert set(answer.json()["results"][0]) == set(shapes.DisputeRow().fields)
    rest = leader.get(answer.json()["next"].removeprefix("http://testserver/api/v1"))
    assert cases_of(rest) == [case.number]
    assert cases_of(Program(world.outsider).get("/disputes/")) == [elsewhere.number]
    assert cases_of(Program(world.police_handler).get("/disputes/")) == [second.number]
    assert problem(Program(world.system_admin).get("/disputes/"))[0] == 403
    bad = leader.get("/disputes/?track=fast")
    assert list(bad.json()["errors"]) == ["track"]


def test_lists_and_pages_make_as_many_queries_for_one_row_as_for_three(
    world: World, case: Case
) -> None:
    program = Program(world.handler)
    applicant, respondent = with_parties(case, world.handler)

    def grow() -> None:
        opened(create_case(world, state=State.HANDLING), world.handler)
        disputes.hold_session(
            case,
            by=world.handler,
            now=MONDAY,
            held_at=MONDAY - timedelta(hours=1),
            place="调解室",
            minutes="记录",
            present_ids=[applicant.pk, respondent.pk],
        )

    grow()
    for path in ("/disputes/", f"/cases/{case.number}/dispute/"):
        program.get(path)
        with CaptureQueriesContext(connection) as before:
            program.get(path)
        count = len(before)
        grow()
        grow()
        program.get(path)
        with queries(count):
            program.get(path)
