"""The API of the cases, as a program sees it: the pages' verbs, scopes and sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from cases.api import shapes
from cases.models import Case, Photo, State
from governance import timers
from governance.models import User
from tests.areas import draw, place, square
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import KEY, Program, broken_upload, copy, upload

PHONE = "13812345678"


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def body(item_id: int, **fields: Any) -> dict[str, Any]:
    return {"item": item_id, "description": "楼前有一堆垃圾", "place": "军丽园3号楼", **fields}


def key(text: object = KEY) -> dict[str, str]:
    return {"Idempotency-Key": str(text)}


def problem(answer: Any) -> tuple[int, str, str]:
    """(status, the end of the type, the sentence), of a problem document."""
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    return answer.status_code, found["type"].rpartition(":")[2], found["detail"]


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


# The list ---------------------------------------------------------------------------------------


def test_the_list_is_the_own_territory_s_newest_first(world: World) -> None:
    older, newer = create_case(world), create_case(world, grid=world.second_grid)
    other = create_case(world, grid=world.other_grid, by=world.outsider)
    sent = create_case(world, state=State.DISPATCHED)

    assert numbers(Program(world.clerk).get("/cases/")) == [
        sent.number,
        newer.number,
        older.number,
    ]
    assert numbers(Program(world.grid_worker).get("/cases/")) == [sent.number, older.number]
    assert numbers(Program(world.handler).get("/cases/")) == [sent.number]
    assert numbers(Program(world.police_handler).get("/cases/")) == []
    assert numbers(Program(world.outsider).get("/cases/")) == [other.number]


def test_administrators_see_no_case(world: World) -> None:
    case = create_case(world)

    for role in ("system_admin", "security_admin", "audit_admin"):
        program = Program(world.holder(role))
        for path in ("/cases/", f"/cases/{case.number}/"):
            refused = (403, "permission_denied", "您的岗位没有此项权限。")
            assert problem(program.get(path)) == refused


def test_without_a_token_there_is_nothing(world: World) -> None:
    create_case(world)
    program = Program(world.clerk)

    for path in ("/cases/", "/items/"):
        assert program.client.get(f"/api/v1{path}").status_code == 401


def test_a_row_holds_plain_values(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)

    (row,) = Program(world.clerk).get("/cases/").json()["results"]

    assert row == {
        "number": case.number,
        "url": f"/api/v1/cases/{case.number}/",
        "item": case.item_id,
        "item_name": "暴露垃圾",
        "description": "楼前有一堆垃圾",
        "place": "军丽园3号楼",
        "community": world.community.pk,
        "grid": world.grid.pk,
        "unit_name": "军丽园第一网格",
        "state": "dispatched",
        "department": world.sanitation.pk,
        "department_name": "环卫所",
        "stage_due_at": "2026-03-02T06:30:00+00:00",
        "light": "green",
        "escalation": 0,
        "source": "phone_call",
        "reported_at": "2026-03-02T01:00:00+00:00",
    }
    assert set(row) == set(shapes.CaseRow().fields)


def test_filters(world: World) -> None:
    item = create_item(department=world.sanitation, dispatch="manual")
    cover = create_item(department=world.police, code="0201", name="井盖缺失", dispatch="manual")
    tuesday = moment("2026-03-03 09:00")
    a = create_case(world, item=item)
    b = create_case(world, item=item, state=State.HANDLING)
    c = create_case(world, item=cover, grid=world.second_grid, source="public", now=tuesday)
    create_case(world, item=cover, grid=world.other_grid, by=world.outsider)
    program = Program(world.clerk)

    for query, found in (
        ("state=reported", [c, a]),
        ("state=handling", [b]),
        ("source=public", [c]),
        ("q=井盖", [c]),
        ("q=没有", []),
        ("since=2026-03-03T00:00:00%2B08:00", [c]),
        ("since=2026-03-04", []),
        (f"unit={world.community.pk}", [c, b, a]),
        (f"unit={world.grid.pk}", [b, a]),
        (f"unit={world.sanitation.pk}", [b]),
        (f"unit={world.other_grid.pk}", []),
        ("unit=999999", []),
        (f"item={item.pk}", [b, a]),
        (f"item_class={item.item_class_id}", [c, b, a]),
        ("item_class=999999", []),
        ("state=reported&source=phone_call", [a]),
        # beyond the numbers of the database
        (f"unit={10**30}", []),
        (f"item={10**30}", []),
        (f"after={10**30}", [c, b, a]),
    ):
        assert numbers(program.get(f"/cases/?{query}")) == [case.number for case in found], query


def test_a_malformed_parameter_is_a_400_that_names_it(world: World) -> None:
    create_case(world)
    program = Program(world.clerk)

    for query in (
        "since=2026-03-02T00:00:00%2B22:28",
        "since=2026-03-02T00:00:00+22:28",
        "since=2026-13-02",
        "since=0001-01-01T00:00:00%2B13:00",
        "since=9999-12-31T23:59:59-13:00",
        "since=gestern",
        "state=done",
        "after=x",
        "after=-1",
        "limit=0",
        "limit=101",
        "unit=x",
        "item=1.5",
        "q=%00",
        "source=fax",
    ):
        answer = program.get(f"/cases/?{query}")
        assert problem(answer) == (400, "invalid", "所交内容有误。"), query
        assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_pages_by_keyset_hold_each_case_once(world: World) -> None:
    made = [create_case(world, description=f"第{n}件").number for n in range(5)]
    create_case(world, grid=world.other_grid, by=world.outsider)
    program = Program(world.clerk)
    path, seen = "/cases/?limit=2&state=reported", []

    for _page in range(3):
        answer = program.get(path)
        seen += numbers(answer)
        create_case(world, state=State.ACCEPTED)  # what comes meanwhile moves no row
        path = (answer.json()["next"] or "").removeprefix("http://testserver/api/v1")

    assert seen == made[::-1]
    assert path == ""


def test_the_list_makes_as_many_queries_for_one_row_as_for_three(world: World) -> None:
    program = Program(world.clerk)

    for rows in (1, 3):
        for _n in range(rows - Case.objects.count()):
            create_case(world)
        program.get("/cases/")
        with queries(8):
            found = program.get("/cases/?q=垃圾")
        assert len(numbers(found)) == rows


# One case ---------------------------------------------------------------------------------------


def test_a_case_with_its_clocks_moves_photos_and_history(world: World) -> None:
    shift_clock(to=moment("2026-03-02 12:00"))
    case = create_case(world, state=State.HANDLING, reporter_name="王小二", reporter_phone=PHONE)
    program = Program(world.handler)
    photo = program.send(f"/cases/{case.number}/photos/", file=upload(), kind="after").json()

    answer = program.get(f"/cases/{case.number}/")

    found = answer.json()
    assert set(found) == set(shapes.CaseDetail().fields)
    assert (found["state"], found["version"], found["department_name"]) == ("handling", 3, "环卫所")
    assert found["reporter"] == {
        "name_masked": "王**",
        "phone_masked": "138****5678",
        "email_masked": "",
    }
    assert PHONE not in answer.content.decode()
    assert found["photos"] == [photo]
    assert [(c["label"], c["light"], c["text"]) for c in found["clocks"]] == [
        ("处置时限", "green", "剩 1 天 5 小时"),
        ("对外承诺", "green", "剩 3 天 5 小时"),
    ]
    assert [(a["action"], a["needs"]) for a in found["actions"]] == [
        ("return", ["note"]),
        ("ask_extension", ["note", "until"]),
        ("ask_suspension", ["note", "until"]),
        ("ask_reporter", ["note"]),
        ("find", ["what_found"]),
        ("finish", ["outcome", "note", "after_photo"]),
    ]
    assert [(t["kind"], t["by"], t["source"]) for t in found["timeline"]] == [
        ("sign", "部门处置员", "指挥台"),
        ("dispatch", "派遣员", "指挥台"),
        ("accept", "社区专干", "指挥台"),
        ("report", "社区专干", "指挥台"),
    ]


def test_no_such_case(world: World) -> None:
    create_case(world)
    program = Program(world.clerk)

    for number in ("20260302999999", "x", "%00", "-", "%F0%9F%98%80"):
        missing = (404, "not_found", "没有此内容，或不在您的范围内。")
        assert problem(program.get(f"/cases/{number}/")) == missing


def test_a_case_elsewhere_is_not_there(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    photo = Program(world.handler).send(f"/cases/{case.number}/photos/", file=upload()).json()

    for stranger in (world.outsider, world.other_grid_worker, world.police_handler):
        program = Program(stranger)
        answers = [
            program.get(f"/cases/{case.number}/"),
            program.post(f"/cases/{case.number}/return/", {"version": 3, "note": "x"}),
            program.send(f"/cases/{case.number}/photos/", file=upload()),
            program.get(photo["url"].removeprefix("/api/v1")),
            program.get(photo["thumb_url"].removeprefix("/api/v1")),
        ]
        assert [answer.status_code for answer in answers] == [404] * 5

    assert Photo.objects.count() == 1


def test_a_case_costs_as_many_queries_with_three_photos_as_with_one(world: World) -> None:
    case = create_case(world, state=State.HANDLING, reporter_phone=PHONE)
    program = Program(world.handler)

    for photos in (1, 3):
        for _n in range(photos - Photo.objects.count()):
            program.send(f"/cases/{case.number}/photos/", file=upload())
        with queries(12):
            found = program.get(f"/cases/{case.number}/")
        assert len(found.json()["photos"]) == photos


# Reporting --------------------------------------------------------------------------------------


def test_a_report_makes_a_case_in_the_grid_of_its_point(world: World) -> None:
    draw(world.grid, square(0, 0))
    draw(world.second_grid, square(1, 0))
    item = create_item(department=world.sanitation)
    lon, lat = place(1.5, 0.5)
    report = body(item.pk, lon=lon, lat=lat, accuracy_m=12, reporter_phone=PHONE)

    answer = Program(world.dispatcher).post("/cases/", report, **key())

    case = Case.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "number": case.number,
        "version": 0,
        "state": "reported",
        "url": f"/api/v1/cases/{case.number}/",
    }
    assert (case.grid, case.community, case.source) == (world.second_grid, world.community, "api")
    assert (case.reported_by, case.accuracy_m) == (world.dispatcher, 12)
    assert case.reporter is not None
    assert case.reporter.phone.reveal() == PHONE
    assert case.transitions.get().source == "api"


def test_the_same_report_again_is_the_same_case(world: World) -> None:
    item = create_item(department=world.sanitation)
    program = Program(world.clerk)

    answers = [program.post("/cases/", body(item.pk), **key()) for _n in range(3)]
    other = Program(world.dispatcher).post("/cases/", body(item.pk), **key())

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert other.status_code == 201  # a key is its owner's
    assert Case.objects.count() == 2


def test_the_key_of_another_report_is_refused(world: World) -> None:
    item = create_item(department=world.sanitation)
    program = Program(world.clerk)
    program.post("/cases/", body(item.pk), **key())

    answer = program.post("/cases/", body(item.pk, description="另一件事"), **key())

    assert problem(answer) == (409, "key_used", "该编号已用于另一次提交，内容不同。")
    assert Case.objects.count() == 1


def test_a_report_without_its_key_is_told_which(world: World) -> None:
    item = create_item(department=world.sanitation)
    program = Program(world.clerk)

    for headers in ({}, key("one")):
        status, code, said = problem(program.post("/cases/", body(item.pk), **headers))
        assert (status, code) == (400, "idempotency_key")
        assert "Idempotency-Key" in said

    assert not Case.objects.exists()


def test_a_malformed_report_is_a_400(world: World) -> None:
    item = create_item(department=world.sanitation)
    program = Program(world.clerk)
    here = {"lon": 117.3, "lat": 39}

    for fields, wrong in (
        ({"item": None}, "item"),
        ({"description": " "}, "description"),
        ({"description": "长" * 2001}, "description"),
        ({"description": "\x00"}, "description"),
        ({"place": ""}, "place"),
        ({"lon": 117.3}, "non_field_errors"),
        ({**here, "lon": 181}, "lon"),
        ({**here, "lon": "NaN"}, "lon"),
        ({**here, "lat": "Infinity"}, "lat"),
        ({**here, "accuracy_m": 10**12}, "accuracy_m"),
        ({"reporter_phone": "no number"}, "reporter_phone"),
    ):
        answer = program.post("/cases/", body(item.pk, **fields), **key())
        assert problem(answer)[:2] == (400, "invalid")
        assert list(answer.json()["errors"]) == [wrong]

    assert not Case.objects.exists()


def test_an_item_that_may_not_be_reported_is_refused(world: World) -> None:
    retired = create_item(department=world.sanitation, is_active=False)
    program = Program(world.clerk)

    for item_id in (retired.pk, 999_999):
        answer = program.post("/cases/", body(item_id), **key())
        assert problem(answer) == (409, "not_allowed", "请从事项清单中选择事项。")


# Moves ------------------------------------------------------------------------------------------

STORY: list[tuple[str, str, dict[str, Any], str]] = [
    ("accept", "clerk", {}, "accepted"),
    ("dispatch", "dispatcher", {"department": "sanitation"}, "dispatched"),
    ("sign", "handler", {}, "handling"),
    ("finish", "handler", {"outcome": "solved", "note": "已清理"}, "finished"),
    ("verify", "grid_worker", {}, "verified"),
    ("close", "clerk", {}, "closed"),
    ("answer", "clerk", {"note": "已清理完毕"}, "answered"),
    ("rate", "clerk", {"satisfied": True}, "answered"),
    ("archive", "clerk", {}, "archived"),
]


def test_a_case_goes_its_whole_way(world: World) -> None:
    case = create_case(world)

    for version, (action, who, given, state) in enumerate(STORY):
        sent = {**given, "version": version}
        if "department" in sent:
            sent["department"] = getattr(world, sent["department"]).pk
        answer = Program(getattr(world, who)).post(f"/cases/{case.number}/{action}/", sent)
        assert answer.status_code == 200, answer.content
        assert (answer.json()["state"], answer.json()["version"]) == (state, version + 1)

    case.refresh_from_db()
    assert (case.outcome, case.answer, case.satisfied) == ("solved", "已清理完毕", True)
    lines = case.transitions.exclude(action="report").values_list("source", flat=True)
    assert set(lines) == {"api"}


def test_the_second_of_two_is_told_who_was_first(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    move(case, "finish", by=world.department_lead)
    shift_clock(to=MONDAY + timedelta(days=3))
    timers.sweep()  # what the clock marks moves nothing
    assert case.transitions.filter(action="overdue").exists()

    answer = Program(world.handler).post(
        f"/cases/{case.number}/return/", {"version": 3, "note": "不是我们的"}
    )

    said = "该事件已被部门负责人更新，请查看最新情况后再操作。"
    assert problem(answer) == (409, "changed", said)
    case.refresh_from_db()
    assert case.state == State.FINISHED


def test_a_move_against_the_rules_says_what_is_possible(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    answer = Program(world.clerk).post(f"/cases/{case.number}/accept/", {"version": 3})

    said = "“处置中”的事件不能“受理”；现在可以：退单、处置反馈。"
    assert problem(answer) == (409, "not_allowed", said)


def test_a_post_without_the_permission_is_told_so(world: World) -> None:
    case = create_case(world)

    answer = Program(world.leader).post(f"/cases/{case.number}/accept/", {"version": 0})

    assert problem(answer) == (409, "not_allowed", "您的岗位不能对该事件“受理”。")


def test_wrong_acts(world: World) -> None:
    case = create_case(world)
    retired = create_item(department=world.police, code="0999", name="旧事项", is_active=False)
    program = Program(world.clerk)

    for action, sent, status, code in (
        ("explode", {"version": 0}, 404, "not_found"),
        ("report", {"version": 0}, 404, "not_found"),
        ("accept", {}, 400, "invalid"),
        ("accept", {"version": "x"}, 400, "invalid"),
        ("accept", [], 400, "invalid"),
        ("accept", {"version": 0, "item": 999_999}, 409, "not_allowed"),
        ("accept", {"version": 0, "item": retired.pk}, 409, "not_allowed"),
        ("refuse", {"version": 0}, 409, "not_allowed"),
    ):
        answer = program.post(f"/cases/{case.number}/{action}/", sent)
        assert problem(answer)[:2] == (status, code)

    case.refresh_from_db()
    assert (case.state, case.version) == (State.REPORTED, 0)


def test_a_slip_in_a_row_of_a_list_names_the_row(world: World) -> None:
    case = create_case(world)
    parts = [{"item": case.item_id, "description": "一堆"}, {"item": case.item_id}]

    answer = Program(world.clerk).post(
        f"/cases/{case.number}/split/", {"version": 0, "parts": parts}
    )

    assert problem(answer)[:2] == (400, "invalid")
    assert list(answer.json()["errors"]["parts"]) == ["1"]


def test_problems_are_in_the_caller_s_language(world: World) -> None:
    case = create_case(world)

    answer = Program(world.clerk, language="en").get(f"/cases/{case.number}/")
    missing = Program(world.clerk, language="en").get("/cases/1/")

    assert answer["Content-Language"] == "en"
    assert answer.json()["item_name"] == "Item 0101"
    assert missing["Content-Language"] == "en"


# Photos -----------------------------------------------------------------------------------------


def test_a_photo_is_kept_clean_and_fetched_again(world: World) -> None:
    case = create_case(world)
    program = Program(world.grid_worker)

    answer = program.send(f"/cases/{case.number}/photos/", file=upload(), kind="before")

    assert answer.status_code == 201
    photo = Photo.objects.get()
    url = f"/api/v1/photos/{photo.uuid}/"
    assert answer.json() == {
        "uuid": str(photo.uuid),
        "kind": "before",
        "task": None,
        "leave": None,
        "added_at": "2026-03-02T01:00:00+00:00",
        "public": False,
        "url": url,
        "thumb_url": f"{url}thumb/",
    }
    assert (photo.added_by, photo.width, photo.height) == (world.grid_worker, 60, 40)
    for path in (url, f"{url}thumb/"):
        fetched = program.get(path.removeprefix("/api/v1"), Accept="image/jpeg")
        assert fetched["Content-Type"] == "image/jpeg"
        assert fetched["Cache-Control"] == "private, max-age=86400"
        assert b"".join(fetched.streaming_content)[:2] == b"\xff\xd8"


def test_the_same_picture_again_is_the_same_photo(world: World) -> None:
    case = create_case(world)
    program, same = Program(world.grid_worker), upload()

    first, second = (
        program.send(f"/cases/{case.number}/photos/", file=copy(same)) for _n in range(2)
    )

    assert first.json() == second.json()
    assert Photo.objects.count() == 1


def test_what_is_no_picture_is_refused(world: World) -> None:
    case = create_case(world)

    answer = Program(world.clerk).send(f"/cases/{case.number}/photos/", file=broken_upload())

    said = "“photo.jpg”：不是可识别的图片，请上传 JPEG、PNG 或 WebP。"
    assert problem(answer) == (400, "bad_picture", said)
    assert not Photo.objects.exists()


def test_who_may_only_look_adds_no_photo(world: World) -> None:
    case = create_case(world)

    for who in ("leader", "supervisor", "co_opted"):
        program = Program(world.holder(who))
        assert program.get(f"/cases/{case.number}/").status_code == 200
        answer = program.send(f"/cases/{case.number}/photos/", file=upload())
        assert problem(answer)[:2] == (403, "permission_denied")


def test_who_reported_elsewhere_sees_the_case_but_adds_no_photo(world: World) -> None:
    case = create_case(world, by=world.outsider)
    program = Program(world.outsider)

    assert program.get(f"/cases/{case.number}/").status_code == 200
    answer = program.send(f"/cases/{case.number}/photos/", file=upload())
    assert problem(answer)[:2] == (403, "permission_denied")


def test_a_malformed_upload_is_a_400(world: World) -> None:
    case = create_case(world)
    program = Program(world.clerk)

    for fields in ({}, {"file": "text"}, {"file": upload(), "kind": "other"}):
        answer = program.send(f"/cases/{case.number}/photos/", **fields)
        assert problem(answer)[:2] == (400, "invalid")


def test_no_such_photo_is_a_problem_even_for_who_wants_a_picture(world: World) -> None:
    answer = Program(world.clerk).get(f"/photos/{uuid4()}/", Accept="image/jpeg")

    assert problem(answer)[:2] == (404, "not_found")


# Items and the schema ---------------------------------------------------------------------------


@pytest.fixture
def catalogue(world: World) -> User:
    create_item(department=world.sanitation, joint=(world.police,))
    create_item(
        department=world.police,
        code="0201",
        name="井盖缺失",
        limits={"handle": (4, "working_hours")},
    )
    create_item(department=world.police, code="0999", name="旧事项", is_active=False)
    return world.grid_guide


def test_items_tell_class_department_and_limits(world: World, catalogue: User) -> None:
    found = Program(catalogue).get("/items/").json()["results"]

    assert [item["code"] for item in found] == ["0101", "0201"]
    assert set(found[0]) == set(shapes.Item().fields)
    assert found[0]["item_class_name"] == "市容环境"
    assert found[0]["department_name"] == "环卫所"
    assert found[0]["joint_departments"] == [world.police.pk]
    assert found[1]["limits"] == [{"stage": "handle", "amount": 4, "unit": "working_hours"}]


def test_items_are_found_by_words_class_and_department(world: World, catalogue: User) -> None:
    program = Program(catalogue)

    def codes(query: str) -> list[str]:
        return [item["code"] for item in program.get(f"/items/?{query}").json()["results"]]

    assert codes("q=乱倒垃圾") == ["0101"]
    assert codes(f"department={world.police.pk}") == ["0201"]
    assert codes("item_class=999999") == []
    assert problem(program.get("/items/?department=x"))[:2] == (400, "invalid")


def test_the_schema_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")

    printed = capsys.readouterr().out
    for operation in (
        "cases_list",
        "cases_create",
        "cases_act",
        "case_photos_create",
        "items_list",
        "services_create",
        "disputes_agree",
        "case_papers_create",
        "service_papers_create",
        "reviews_end",
        "callbacks_record",
        "dispatch_rules_try",
    ):
        assert f"operationId: {operation}\n" in printed
