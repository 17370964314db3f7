"""Campaigns by another system: /api/v1/campaigns/ and their tasks."""

from __future__ import annotations

from typing import Any

from cases.campaign_answers import Said
from cases.models import Campaign, CampaignTask, Case, Item, Source, State
from tests.builders import World, shift_clock
from tests.campaign_builders import (
    DRAWN_AT,
    FRIDAY,
    SEED_AT,
    answer,
    create_check_list,
    launch,
    task_of,
)
from tests.case_builders import MONDAY
from tests.clients import KEY, Program

ONCE = {"Idempotency-Key": str(KEY)}


def problem(answer: Any) -> str:
    """The code of a problem document."""
    return str(answer.json()["type"].rpartition(":")[2])


def asked_by_program(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "title": "节前消防安全检查",
        "brief": "逐个网格检查",
        "check_list": create_check_list(world).name,
        "due_on": "2026-03-06",
        **fields,
    }


def test_a_program_launches_reminds_excuses_and_ends(world: World) -> None:
    shift_clock(to=MONDAY)
    program = Program(world.dispatcher)
    body = asked_by_program(world, units=[world.grid.pk, world.second_grid.pk])

    made = program.post("/campaigns/", body, **ONCE)
    again = program.post("/campaigns/", body, **ONCE)

    assert made.status_code == 201, made.content
    assert again.json()["number"] == made.json()["number"]
    campaign = Campaign.objects.get()
    assert (campaign.number, campaign.due_at) == (made.json()["number"], FRIDAY)
    other = program.post("/campaigns/", {**body, "title": "别的"}, **ONCE)
    assert problem(other) == "key_used"
    path, task = f"/campaigns/{campaign.number}/", task_of(campaign, world.grid)
    excused = program.post(f"/campaigns/tasks/{task.pk}/excuse/", {"reason": "拆除"})
    assert (excused.status_code, excused.json()["state"]) == (200, "excused")
    assert program.post(f"{path}remind/", {}).json() == {"open": 1}
    assert program.post(f"{path}end/", {}).json()["state"] == "ended"
    assert problem(program.post(f"{path}end/", {})) == "not_allowed"


def test_a_program_calls_departments_to_each_place(world: World) -> None:
    shift_clock(to=MONDAY)
    create_check_list(world)
    item = Item.objects.get(code="0101")
    joint = {"item": item.pk, "departments": [world.police.pk]}
    body = asked_by_program(world, units=[world.grid.pk], joint=joint, kind="inspection")

    made = Program(world.dispatcher).post("/campaigns/", body, **ONCE)

    assert made.status_code == 201, made.content
    case = Case.objects.get()
    assert (case.state, case.source) == (State.JOINT, Source.CAMPAIGN)


def test_a_program_reports_what_was_found_beside_the_form(world: World) -> None:
    task = task_of(launch(world), world.grid)
    item = Item.objects.get(code="0101")
    program, path = Program(world.grid_worker), f"/campaigns/tasks/{task.pk}/found/"
    body = {"item": item.pk, "description": "楼道堆放杂物"}

    first, second = program.post(path, body, **ONCE), program.post(path, body, **ONCE)

    assert first.status_code == 201, first.content
    assert first.json()["number"] == second.json()["number"] == Case.objects.get().number
    assert problem(program.post(path, body)) == "idempotency_key"


def test_a_program_draws_a_spot_check_and_replaces_who_left(world: World) -> None:
    shift_clock(to=MONDAY)
    program = Program(world.dispatcher)
    body = asked_by_program(
        world,
        objects=[world.grid.pk, world.second_grid.pk],
        inspector_units=[world.sanitation.pk, world.police.pk],
        draw=1,
        each=1,
        seed_source="3 月 3 日收盘点数",
        seed_at=SEED_AT.isoformat(),
    )

    made = program.post("/campaigns/spot-checks/", body, **ONCE)
    assert made.status_code == 201, made.content
    path = f"/campaigns/{made.json()['number']}/draw/"
    assert problem(program.post(path, {"seed": "3345"})) == "not_allowed"
    shift_clock(to=DRAWN_AT)
    assert program.post(path, {"seed": "3345"}).json()["state"] == "running"
    task = CampaignTask.objects.get()
    stays = task.inspectors.get()
    refused = program.post(
        f"/campaigns/tasks/{task.pk}/replace/", {"left": stays.pk, "reason": "调离"}
    )
    assert problem(refused) == "not_allowed"
    stays.posts.update(valid_to=MONDAY)
    came = program.post(
        f"/campaigns/tasks/{task.pk}/replace/", {"left": stays.pk, "reason": "调离"}
    )
    assert came.status_code == 200, came.content
    assert task.inspectors.get() != stays


def test_a_program_may_not_what_its_user_may_not(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign, worker = launch(world), Program(world.grid_worker)
    body = asked_by_program(world, units=[world.grid.pk])

    assert worker.post("/campaigns/", body, **ONCE).status_code == 403
    assert worker.post(f"/campaigns/{campaign.number}/end/", {}).status_code == 403
    unknown = Program(world.dispatcher).post("/campaigns/", {**body, "check_list": "无"}, **ONCE)
    assert (unknown.status_code, problem(unknown)) == (409, "not_allowed")
    assert Program(world.outsider).post(f"/campaigns/{campaign.number}/end/", {}).status_code in (
        403,
        404,
    )


def test_a_task_is_answered_by_a_program(world: World) -> None:
    shift_clock(to=MONDAY)
    answer(world, task_of(launch(world), world.grid), steps=Said(21))
    campaign = launch(world)
    task = task_of(campaign, world.grid)
    program = Program(world.grid_worker)
    form = program.get(f"/campaigns/tasks/{task.pk}/").json()
    assert [one["code"] for one in form["questions"]] == ["exit", "steps", "use", "words"]
    assert form["questions"][0]["choices"] == ["yes", "no", "na"]
    assert form["questions"][1]["known"]["value"] == 21
    path = f"/campaigns/tasks/{task.pk}/"

    wrong = program.post(path, {"answers": {"exit": {"value": "maybe"}}})
    assert (wrong.status_code, wrong.json()["answers"]) == (400, {"exit": "请从所列选项中选择。"})
    assert program.post(path, {"answers": {"exit": {}}}).status_code == 400
    assert program.post(path, {"answers": {"\ud800": {"value": "yes"}}}).status_code == 400
    said = {"answers": {"exit": {"value": "no", "remark": "堆放杂物"}}, "note": "已告知"}
    done = program.post(path, said).json()
    assert program.post(path, said).status_code == 409

    case = Case.objects.get()
    assert (done["state"], done["cases"]) == ("done", [case.number])
    assert [one["answer"] for one in done["answers"]] == ["否", "21 级"]
    found = Program(world.dispatcher).get(f"/campaigns/{campaign.number}/").json()
    assert found["progress"] == {"done": 1, "of": 2, "late": 0}
    assert found["found"] == {"total": 1, "closed": 0, "cases": [case.number]}
    assert found["summary"][0]["counts"] == {"no": 1}
    assert found["summary"][1] == {
        **{"question": "steps", "answered": 1, "of": 2, "taken_over": 1, "counts": {}},
        "total": 21,
    }


def test_programs_list_campaigns_page_by_page_within_their_scope(world: World) -> None:
    numbers = [launch(world).number for _ in range(3)]
    program = Program(world.dispatcher)

    first = program.get("/campaigns/?limit=2").json()
    rest = program.get(first["next"].partition("/api/v1")[2]).json()

    shown = [row["number"] for row in [*first["results"], *rest["results"]]]
    assert shown == numbers[::-1]
    assert rest["next"] is None
    assert program.get("/campaigns/?state=ended").json()["results"] == []
    stranger = Program(world.other_grid_worker)
    assert stranger.get("/campaigns/").json()["results"] == []
    assert stranger.get(f"/campaigns/{numbers[0]}/").status_code == 404
    pk = CampaignTask.objects.first().pk  # type: ignore[union-attr]
    assert stranger.get(f"/campaigns/tasks/{pk}/").status_code == 404
    assert stranger.post(f"/campaigns/tasks/{pk}/", {"answers": {}}).status_code == 404
    assert Program(world.correspondent).get("/campaigns/").status_code == 403
