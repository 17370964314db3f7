"""Papers, reviews, call-backs and the dispatch rules as a program sees them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cases import reviews, word
from cases.api.papers import PaperShape
from cases.api.reviews import CallBackShape, ReviewShape
from cases.models import CallBack, Case, DispatchRule, Paper, Review, State
from governance import reference
from governance.models import AccessRecord
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import KEY, Program
from tests.test_api_services import problem
from tests.test_papers import order, words
from tests.test_services import entrust


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.fixture
def case(world: World) -> Case:
    return create_case(
        world, state=State.HANDLING, reporter_name="张三丰", reporter_phone="13812345678"
    )


@pytest.fixture
def late(world: World) -> Case:
    """Closed a week after it was promised."""
    case = create_case(world, state=State.VERIFIED)
    return move(case, "close", by=world.clerk, now=moment("2026-03-12 10:00"))


# Papers -----------------------------------------------------------------------------------------


def test_a_paper_is_made_listed_and_fetched(world: World, case: Case) -> None:
    program, path = Program(world.handler), f"/cases/{case.number}/papers/"
    finding = order(case, world.handler)

    plain = program.post(path, {"kind": "disposal_sheet"})
    ordered = program.post(path, {"kind": "rectification_order", "finding": finding.pk})

    assert plain.status_code == ordered.status_code == 201
    assert set(plain.json()) == set(PaperShape().fields)
    assert ordered.json()["number"] == finding.order_number
    assert program.get(path).json()["results"] == [plain.json(), ordered.json()]
    url = ordered.json()["url"].removeprefix("/api/v1")
    file = program.get(url, Accept=word.MIME)
    said = words(b"".join(file.streaming_content))
    assert "某某商店" in said
    assert AccessRecord.objects.filter(model="cases.Paper").count() == 1


def test_a_paper_is_for_those_who_see_the_case(world: World, case: Case) -> None:
    path = f"/cases/{case.number}/papers/"
    mandate = Program(world.clerk).post(path, {"kind": "mandate"}).json()
    url = mandate["url"].removeprefix("/api/v1")

    for who in ("outsider", "police_handler"):
        program = Program(getattr(world, who))
        for answer in (
            program.get(path),
            program.post(path, {"kind": "mandate"}),
            program.get(url),
        ):
            assert problem(answer)[:2] == (404, "not_found")
    leader = Program(world.leader)
    (row,) = leader.get(path).json()["results"]
    assert (row["number"], row["url"]) == (mandate["number"], "")
    assert problem(leader.get(url))[:2] == (403, "permission_denied")
    assert problem(leader.post(path, {"kind": "mandate"}))[:2] == (403, "permission_denied")
    assert program.get(f"{path}{KEY}/").status_code == 404
    for sent, status in (
        ({"kind": "poem"}, 400),
        ({"kind": "service_mandate"}, 400),
        ({"kind": "rectification_order"}, 409),
        ({"kind": "mediation_agreement", "finding": 10**12}, 409),
    ):
        assert problem(Program(world.clerk).post(path, sent))[0] == status
    assert Paper.objects.count() == 1


def test_papers_of_a_service_request(world: World) -> None:
    request = entrust(world)
    program, path = Program(world.grid_worker), f"/services/{request.number}/papers/"

    early = program.post(path, {"kind": "service_notice"})
    made = program.post(path, {"kind": "service_mandate"})

    assert problem(early) == (409, "not_allowed", "受理以后才能制作代办受理告知书。")
    assert made.status_code == 201
    assert program.get(path).json()["results"] == [made.json()]
    file = program.get(made.json()["url"].removeprefix("/api/v1"))
    assert "李老太" in words(b"".join(file.streaming_content))
    url = made.json()["url"].removeprefix("/api/v1")
    for who, status in (("outsider", 404), ("leader", 403)):
        answers = [Program(getattr(world, who)).get(url)]
        answers.append(Program(getattr(world, who)).post(path, {"kind": "service_mandate"}))
        assert [problem(answer)[0] for answer in answers] == [status] * 2
    assert Path(Paper.objects.get().file.path).exists()


# Reviews ----------------------------------------------------------------------------------------


def test_a_review_from_the_case_to_the_result(world: World, late: Case) -> None:
    supervisor, handler = Program(world.supervisor), Program(world.handler)
    body = {"ground": "late", "findings": "六日未到场", "answerable": world.handler.pk}

    made = supervisor.post(f"/cases/{late.number}/reviews/", body)

    assert made.status_code == 201, made.content
    assert set(made.json()) == set(ReviewShape().fields)
    path = f"/reviews/{made.json()['id']}/"
    (mine,) = handler.get("/reviews/?mine=true").json()["results"]
    assert mine["findings"] == "六日未到场"
    early = supervisor.post(f"{path}end/", {"verdict": "reminded", "result": "提醒"})
    assert problem(early)[:2] == (409, "not_allowed")
    assert "3 日" in early.json()["detail"]
    assert handler.post(f"{path}reply/", {"text": "缺配件"}).json()["reply"] == "缺配件"
    ended = supervisor.post(f"{path}end/", {"verdict": "cleared", "result": "属实"})
    assert (ended.json()["verdict"], ended.json()["result"]) == ("cleared", "属实")
    for query, found in (("open=true", 0), ("open=false", 1), ("ground=forced", 0)):
        assert len(supervisor.get(f"/reviews/?{query}").json()["results"]) == found, query


def test_a_review_is_for_the_reviewer_and_the_one_asked(world: World, late: Case) -> None:
    path = f"/cases/{late.number}/reviews/"
    body = {"ground": "late", "findings": "查明", "answerable": world.handler.pk}
    for who, status in (("clerk", 403), ("outsider", 403), ("handler", 403)):
        assert problem(Program(getattr(world, who)).post(path, body))[0] == status
    supervisor = Program(world.supervisor)
    for change, status in (
        ({"answerable": world.outsider.pk}, 409),
        ({"ground": "forced"}, 409),
        ({"ground": "bad"}, 400),
        ({"findings": " "}, 400),
    ):
        assert problem(supervisor.post(path, body | change))[0] == status
    elsewhere = create_case(world, grid=world.other_grid, by=world.outsider)
    assert problem(supervisor.post(f"/cases/{elsewhere.number}/reviews/", body))[0] == 404
    number = supervisor.post(path, body).json()["id"]

    for who in ("department_lead", "clerk", "outsider"):
        program = Program(getattr(world, who))
        assert program.get("/reviews/").json()["results"] == []
        assert problem(program.get(f"/reviews/{number}/"))[0] == 404
        assert problem(program.post(f"/reviews/{number}/reply/", {"text": "x"}))[0] == 404
    reply = supervisor.post(f"/reviews/{number}/reply/", {"text": "x"})
    assert problem(reply) == (409, "not_allowed", "只有责任人本人可以说明。")


def test_reviews_make_as_many_queries_for_one_row_as_for_three(world: World) -> None:
    program = Program(world.supervisor)

    for rows in (1, 3):
        for _n in range(rows - Review.objects.count()):
            case = move(create_case(world, state=State.HANDLING), "force_close", by=world.leader)
            reviews.open_review(
                case,
                ground="forced",
                findings="查明",
                answerable=world.handler,
                by=world.supervisor,
                now=MONDAY,
            )
        program.get("/reviews/")
        with queries(8):
            found = program.get("/reviews/")
        assert len(found.json()["results"]) == rows


# Call-backs -------------------------------------------------------------------------------------


def draw_call(case: Case, *, due: timedelta = timedelta(days=1)) -> CallBack:
    CallBack.objects.filter(case=case).delete()
    return CallBack.objects.create(case=case, drawn_at=MONDAY, due_at=MONDAY + due)


def test_a_call_is_written_down_and_discontent_reopens_the_case(world: World) -> None:
    case = create_case(world, state=State.ANSWERED)
    call, program = draw_call(case), Program(world.clerk)

    (row,) = program.get("/callbacks/").json()["results"]

    assert set(row) == set(CallBackShape().fields)
    assert (row["id"], row["case"]) == (call.pk, case.number)
    path = f"/callbacks/{call.pk}/"
    mute = program.post(path, {"result": "dissatisfied"})
    assert problem(mute) == (409, "not_allowed", "不满意的，请写明原因。")
    done = program.post(path, {"result": "dissatisfied", "note": "又堆上了"})
    assert done.json()["result"] == "dissatisfied"
    case.refresh_from_db()
    assert case.state == State.HANDLING
    assert program.get("/callbacks/").json()["results"] == []
    assert problem(program.post(path, {"result": "satisfied"}))[0] == 404


def test_calls_of_elsewhere_are_not_there(world: World) -> None:
    call = draw_call(create_case(world, state=State.ANSWERED), due=-timedelta(hours=1))
    body = {"result": "satisfied"}

    assert problem(Program(world.outsider).post(f"/callbacks/{call.pk}/", body))[0] == 404
    assert Program(world.outsider).get("/callbacks/").json()["results"] == []
    for who in ("handler", "leader", "grid_worker"):
        program = Program(getattr(world, who))
        assert problem(program.get("/callbacks/"))[0] == 403
        assert problem(program.post(f"/callbacks/{call.pk}/", body))[0] == 403
    clerk = Program(world.clerk)
    assert len(clerk.get("/callbacks/?late=true").json()["results"]) == 1
    bad = clerk.post(f"/callbacks/{call.pk}/", {"result": "bad"})
    assert list(bad.json()["errors"]) == ["result"]


# Dispatch rules ---------------------------------------------------------------------------------


def test_a_rule_is_tried_and_says_why_it_does_not_fire(world: World) -> None:
    case = create_case(world)
    for order_, (name, words_) in enumerate((("河道", ["河"]), ("其余", []))):
        DispatchRule.objects.create(
            name=name,
            order=order_,
            words=words_,
            department=world.police,
            mode="automatic",
            valid_from="2020-01-01",
        )
    reference.forget()
    program = Program(world.dispatcher)
    body = {"item": case.item_id, "unit": world.grid.pk, "words": "楼前有垃圾"}

    found = program.post("/dispatch-rules/try/", body).json()["results"]

    assert [(row["name"], row["fires"], row["why"]) for row in found] == [
        ("河道", False, "描述中没有所列词语"),
        ("其余", True, ""),
    ]
    assert found[1]["department_name"] == "派出所"
    for change, field in (({"item": 10**9}, "item"), ({"unit": 10**9}, "unit")):
        answer = program.post("/dispatch-rules/try/", body | change)
        assert list(answer.json()["errors"]) == [field]
    assert problem(Program(world.clerk).post("/dispatch-rules/try/", body))[0] == 403
