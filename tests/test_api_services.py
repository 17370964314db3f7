"""办事代办 as a program sees it: the pages' verbs, scopes and sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.api import service_shapes as shapes
from cases.models import ServiceRequest
from governance.models import AccessRecord
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case
from tests.clients import KEY, Program, broken_upload, upload
from tests.test_services import ANSWERS, SCHEMA, create_service_item, entrust, handling, take

NAME, NUMBER = "李老太", "13912345678"


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def body(**fields: Any) -> dict[str, Any]:
    return {"item": "senior-card", "name": NAME, "phone": NUMBER, "answers": ANSWERS, **fields}


def problem(answer: Any) -> tuple[int, str, str]:
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    return answer.status_code, found["type"].rpartition(":")[2], found["detail"]


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


def test_the_guide_holds_what_a_form_is_made_of(world: World) -> None:
    create_service_item(world.sanitation)
    create_service_item(world.police, code="old", name="旧事项", is_active=False)

    (item,) = Program(world.grid_worker).get("/service-items/").json()["results"]

    assert set(item) == set(shapes.ServiceItemShape().fields)
    assert (item["code"], item["fee"], item["days"]) == ("senior-card", "none", 5)
    assert item["schema"] == SCHEMA
    assert item["materials"][0] == {"name": "居民身份证", "needed": True, "note": "原件"}
    assert Program(world.correspondent).get("/service-items/").status_code == 403


def test_a_request_goes_its_whole_way(world: World) -> None:
    create_service_item(world.sanitation)
    worker, handler = Program(world.grid_worker), Program(world.handler)
    asked = body(materials=["居住证"], grid=world.grid.pk)

    made = worker.post("/services/", asked)

    assert made.status_code == 201, made.content
    number, path = made.json()["number"], f"/services/{made.json()['number']}/"
    assert handler.get(path).json()["missing"] == ["居民身份证"]
    brought = worker.send(f"{path}materials/", name="居民身份证", file=upload())
    assert brought.status_code == 201, brought.content
    assert brought.json()["missing"] == []
    way: list[tuple[Program, str, dict[str, Any], str]] = [
        (handler, "accept", {}, "accepted"),
        (handler, "start", {}, "handling"),
        (handler, "ask", {"note": "缺照片"}, "supplement"),
        (worker, "supplement", {}, "handling"),
        (worker, "deliver", {"outcome": "done"}, "delivered"),
        (handler, "archive", {}, "archived"),
        (worker, "visit", {"satisfied": True}, "visited"),
    ]
    for version, (who, action, sent, state) in enumerate(way, start=1):
        answer = who.post(f"{path}{action}/", {"version": version, **sent})
        assert answer.status_code == 200, answer.content
        assert (answer.json()["state"], answer.json()["version"]) == (state, version + 1)
    found = ServiceRequest.objects.get(number=number)
    assert (found.grid, found.satisfied, found.kept) == (world.grid, True, True)


def test_a_request_with_its_clock_materials_and_history(world: World) -> None:
    request = handling(world)
    program = Program(world.handler)

    answer = program.get(f"/services/{request.number}/")

    found = answer.json()
    assert set(found) == set(shapes.ServiceDetail().fields)
    assert (found["state"], found["applicant"], found["phone"]) == (
        "handling",
        "李**",
        "139****5678",
    )
    for secret in (NAME, NUMBER, ANSWERS["birth_date"]):
        assert secret not in answer.content.decode()
    assert [(row["action"], row["needs"]) for row in found["actions"]] == [
        ("deliver", ["outcome"]),
        ("ask", ["note"]),
        ("terminate", ["note"]),
    ]
    assert [row["kind"] for row in found["timeline"]] == ["start", "accept", "entrust"]
    assert found["due_at"] == "2026-03-09T09:30:00+00:00"


def test_a_bad_answer_names_the_field_in_the_caller_s_language(world: World) -> None:
    create_service_item(world.sanitation)
    program = Program(world.grid_worker)

    for sent, named in (
        (body(answers={"kind": "新办"}), {"answers": {"birth_date": ["请填写此项。"]}}),
        (
            body(answers={**ANSWERS, "floor": 61, "x": 1}),
            {
                "answers": {
                    "floor": ["不能大于 60。"],
                    "non_field_errors": ["填写的内容不符合要求。"],
                }
            },
        ),
    ):
        answer = program.post("/services/", sent)
        assert problem(answer) == (400, "invalid", "所交内容有误。")
        assert answer.json()["errors"] == named
    for sent, name in (
        (body(name="长" * 41), "name"),
        (body(phone="x"), "phone"),
        (body(answers=[]), "answers"),
        (body(grid="x"), "grid"),
    ):
        answer = program.post("/services/", sent)
        assert list(answer.json()["errors"]) == [name]
    for sent, said in (
        (body(item="fly"), "请从办事事项中选择在办的事项。"),
        (body(materials=["船票"]), "办事指南中没有这项材料。"),
        (body(grid=world.other_grid.pk), "请选择本辖区的网格。"),
    ):
        assert problem(program.post("/services/", sent)) == (409, "not_allowed", said)
    english = Program(world.grid_worker, language="en").post("/services/", body(answers={}))
    assert english.json()["errors"]["answers"]["kind"] == ["Please fill this in."]
    assert not ServiceRequest.objects.exists()


def test_a_case_is_handed_over_without_a_second_telling(world: World) -> None:
    create_service_item(world.sanitation)
    case = create_case(world, reporter_name=NAME, reporter_phone=NUMBER)
    sent = {"item": "senior-card", "answers": ANSWERS, "case": case.number}

    made = Program(world.grid_worker).post("/services/", sent)

    assert made.status_code == 201, made.content
    found = Program(world.clerk).get(f"/services/{made.json()['number']}/").json()
    assert (found["case"], found["applicant"]) == (case.number, "李**")
    assert Program(world.outsider).post("/services/", sent).status_code == 404
    nobody = Program(world.grid_worker).post("/services/", {**sent, "case": ""})
    assert list(nobody.json()["errors"]) == ["name", "phone"]


def test_what_comes_too_late_or_from_the_wrong_post_is_refused(world: World) -> None:
    request = entrust(world)
    path = f"/services/{request.number}/"
    handler = Program(world.handler)
    take(world, request, "accept", "department_lead")

    late = handler.post(f"{path}terminate/", {"version": 1, "note": "搬走"})

    said = "该委托已被他人更新，请查看最新情况后再操作。"
    assert problem(late) == (409, "changed", said)
    for program, action, sent, status in (
        (Program(world.grid_worker), "start", {"version": 2}, 409),
        (handler, "start", {}, 400),
        (handler, "start", {"version": 2, "outcome": "bad"}, 400),
        (handler, "fly", {"version": 2}, 404),
        (handler, "terminate", {"version": 2}, 409),
    ):
        assert problem(program.post(f"{path}{action}/", sent))[0] == status
    assert problem(handler.post("/services/", body()))[:2] == (403, "permission_denied")
    bad = Program(world.grid_worker).send(f"{path}materials/", name="居民身份证", file=upload())
    assert problem(bad)[:2] == (409, "not_allowed")


def test_another_unit_s_request_is_not_there(world: World) -> None:
    request = entrust(world)
    path = f"/services/{request.number}/"

    for who in (world.outsider, world.other_grid_worker, world.police_handler):
        program = Program(who)
        assert numbers(program.get("/services/")) == []
        for answer in (
            program.get(path),
            program.post(f"{path}withdraw/", {"version": 1, "note": "x"}),
            program.post(f"{path}reveal/", {"reason": "看看"}),
        ):
            assert problem(answer)[:2] == (404, "not_found")
        status = program.send(f"{path}materials/", name="居住证").status_code
        assert status == (403 if who == world.police_handler else 404)
    for role in ("correspondent", "system_admin"):
        program = Program(world.holder(role))
        assert problem(program.get("/services/"))[:2] == (403, "permission_denied")
        assert problem(program.get(path))[:2] == (403, "permission_denied")
    assert not AccessRecord.objects.exists()


def test_the_applicant_is_revealed_for_a_reason(world: World) -> None:
    request = entrust(world, materials=[])
    worker, handler = Program(world.grid_worker), Program(world.handler)
    path = f"/services/{request.number}/"
    photo = worker.send(f"{path}materials/", name="居民身份证", file=upload())

    without = handler.post(f"{path}reveal/", {"reason": " "})

    assert list(without.json()["errors"]) == ["reason"]
    assert not AccessRecord.objects.exists()
    shown = handler.post(f"{path}reveal/", {"reason": "核对年龄"})
    assert shown["Cache-Control"] == "no-store"
    assert {"title": "姓名", "text": NAME} in shown.json()["results"]
    assert {"title": "出生日期", "text": "1950-05-01"} in shown.json()["results"]
    look = AccessRecord.objects.get()
    assert (look.user, look.reason) == (world.handler, f"{request.number} 核对年龄")
    (material,) = photo.json()["materials"]
    picture = material["url"].removeprefix("/api/v1")
    fetched = handler.get(picture, Accept="image/jpeg")
    assert fetched["Cache-Control"] == "private, no-store"
    assert b"".join(fetched.streaming_content)[:2] == b"\xff\xd8"
    assert AccessRecord.objects.count() == 2
    assert handler.get(f"{path}materials/{KEY}/").status_code == 404
    # who sees the request and not the person
    for answer in (
        Program(world.leader).post(f"{path}reveal/", {"reason": "x"}),
        Program(world.leader).get(picture),
    ):
        assert problem(answer)[:2] == (403, "permission_denied")
    (seen,) = Program(world.leader).get(path).json()["materials"]
    assert seen["url"] == ""


def test_what_is_no_picture_is_refused(world: World) -> None:
    request = entrust(world, materials=[])
    path = f"/services/{request.number}/materials/"

    answer = Program(world.grid_worker).send(path, name="居住证", file=broken_upload())

    assert problem(answer)[:2] == (400, "bad_picture")
    assert not request.materials.exists()


def test_filters_and_pages(world: World) -> None:
    first = handling(world)
    create_service_item(world.police, code="permit", name="养犬登记", schema=SCHEMA)
    second, third = entrust(world), entrust(world)
    program = Program(world.clerk)
    shift_clock(to=MONDAY + timedelta(days=10))

    for query, found in (
        ("", [third, second, first]),
        ("state=handling", [first]),
        ("item=senior-card", [third, second, first]),
        ("item=permit", []),
        (f"unit={world.grid.pk}", [third, second, first]),
        (f"unit={world.police.pk}", []),
        (f"unit={10**30}", []),
        ("late=true", [first]),
        ("late=false", [third, second]),
    ):
        wanted = [one.number for one in found]
        assert numbers(program.get(f"/services/?{query}")) == wanted, query
    for query in ("state=gone", "limit=0", "after=x", "unit=x", "item=a b"):
        answer = program.get(f"/services/?{query}")
        assert list(answer.json()["errors"]) == [query.partition("=")[0]]
    page = program.get("/services/?limit=2").json()
    rest = program.get(page["next"].removeprefix("http://testserver/api/v1")).json()
    assert [row["number"] for row in page["results"] + rest["results"]] == [
        one.number for one in (third, second, first)
    ]
    assert rest["next"] is None
    assert set(page["results"][0]) == set(shapes.ServiceRow().fields)


def test_the_list_makes_as_many_queries_for_one_row_as_for_three(world: World) -> None:
    program = Program(world.clerk)

    for rows in (1, 3):
        for _n in range(rows - ServiceRequest.objects.count()):
            entrust(world)
        program.get("/services/")
        with queries(8):
            found = program.get("/services/")
        assert len(numbers(found)) == rows


def test_late_is_judged_by_the_clock(world: World) -> None:
    request = handling(world)
    shift_clock(to=moment("2026-03-09 18:00"))

    assert Program(world.handler).get(f"/services/{request.number}/").json()["late"] is True
