"""An answer that was wrong is put right, and the first one kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases import campaign_answers, campaign_page, campaigns, corrections
from cases.campaign_answers import Said
from cases.errors import NotAllowed
from cases.models import Answer, CampaignTask, Case
from cases.schemas import BadAnswers
from governance.models import User
from tests.builders import World, shift_clock
from tests.campaign_builders import DAY, answer, launch, task_of
from tests.case_builders import MONDAY, picture
from tests.clients import Program, browser


def correct(
    task: CampaignTask,
    code: str,
    said: Said,
    *,
    by: User,
    now: datetime = MONDAY + DAY,
    **more: Any,
) -> Answer:
    return corrections.correct(task, code, said, by=by, now=now, **{"reason": "看错了", **more})


def test_a_wrong_answer_is_put_right_and_the_first_one_kept(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = launch(world)
    task = answer(world, task_of(campaign, world.grid), exit=Said("no", "堆放杂物"))
    case = Case.objects.get()

    later = correct(task, "exit", Said("yes"), by=world.grid_worker)
    correct(task, "steps", Said(21), by=world.dispatcher, reason="复核")

    assert (later.corrects.value, later.reason) == ("no", "看错了")  # type: ignore[union-attr]
    assert task.answers.count() == 4
    assert {a.question.code: a.value for a in task.answers.standing()} == {
        "exit": "yes",
        "steps": 21,
    }
    asked = campaign_answers.asked(campaign.check_list_id)
    exit_row, steps_row = campaign_page.summary(campaign.tasks.all(), asked, 2)[:2]
    assert (exit_row.counts, exit_row.answered, steps_row.total) == ({"yes": 1}, 1, 21)
    rows = list(campaign_page.table(campaign.tasks.all(), asked))
    assert rows[1][5:7] == ["是", 21]
    # the case stays what it is, and knows
    assert Case.objects.get() == case
    line = case.transitions.get(action="answer_corrected")
    assert line.note == "安全出口是否畅通：是\n看错了"
    assert "检查答案更正" in browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    # and back again: no second case
    correct(task, "exit", Said("no", "确有杂物"), by=world.grid_worker)
    assert Case.objects.get() == case


def test_a_hazard_that_was_overlooked_becomes_its_case(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))

    correct(task, "exit", Said("no", "后门锁闭", (picture(),)), by=world.grid_worker)

    case = Case.objects.get()
    assert (case.description, case.photos.count()) == ("安全出口是否畅通：后门锁闭", 1)
    assert task.found.get().case == case


def test_what_was_corrected_is_what_the_next_campaign_knows(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    correct(task, "steps", Said(21), by=world.grid_worker)
    second = task_of(launch(world, title="台阶普查"), world.grid)

    known = campaign_answers.known_answers(
        second, campaign_answers.asked(second.campaign.check_list_id), MONDAY + DAY
    )

    assert [one.value for one in known.values()] == [21]


def test_what_was_taken_over_follows_the_correction(world: World) -> None:
    first = answer(world, task_of(launch(world, title="台阶普查"), world.grid))
    second, ended = (task_of(launch(world), world.grid) for _campaign in range(2))
    for task in (second, ended):
        campaign_answers.answer(task, {"exit": Said("yes")}, by=world.grid_worker, now=MONDAY + DAY)
    campaigns.end(ended.campaign, by=world.dispatcher, now=MONDAY + DAY)

    for value in (21, 22):
        correct(first, "steps", Said(value), by=world.grid_worker, reason="数错了")

    def now_and_before(task: CampaignTask) -> list[object]:
        rows = task.answers.filter(question__code="steps").order_by("pk")
        return list(rows.values_list("value", flat=True))

    assert now_and_before(second) == [18, 21, 22]
    stands = second.answers.standing().get(question__code="steps")
    assert stands.taken_from == first.answers.standing().get(question__code="steps")
    assert now_and_before(ended) == [18]  # what it counted when it ended
    page = browser(world.grid_worker).get(f"/campaigns/tasks/{second.pk}/").content.decode()
    assert "沿用自“台阶普查”" in page
    assert "数错了" in page


def test_who_may_correct_what_and_when(world: World) -> None:
    campaign = launch(world)
    task, untouched = task_of(campaign, world.grid), task_of(campaign, world.second_grid)
    worker = world.grid_worker
    with pytest.raises(NotAllowed, match="已完成或免除"):
        correct(untouched, "steps", Said(1), by=world.dispatcher)
    task = answer(world, task)
    for by in (world.grid_leader, world.clerk, world.outsider):
        with pytest.raises(NotAllowed, match="填写人和发起单位"):
            correct(task, "steps", Said(1), by=by)
    for code, said, reason, why in (
        ("steps", Said(19), " ", "更正的理由"),
        ("steps", Said(18), "错", "没有变化"),
        ("use", Said("居住"), "错", "没有可更正的答案"),
        ("nothing", Said(1), "错", "没有可更正的答案"),
    ):
        with pytest.raises(NotAllowed, match=why):
            correct(task, code, said, by=worker, reason=reason)
    for said in (Said("no"), Said("maybe"), Said(None)):
        with pytest.raises(BadAnswers):
            correct(task, "exit", said, by=worker)
    campaigns.end(campaign, by=world.dispatcher, now=MONDAY + DAY)
    with pytest.raises(NotAllowed, match="不在进行中"):
        correct(task, "steps", Said(19), by=worker)
    assert task.answers.count() == 2


def test_an_answer_is_corrected_once_at_a_time_and_only_with_a_reason(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    first = task.answers.get(question__code="steps")
    correct(task, "steps", Said(19), by=world.grid_worker)
    same = {"task": task, "question": first.question, "about": world.grid, "by": world.clerk}
    for more in ({"corrects": first, "reason": "再改"}, {"reason": "无"}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.create(value=1, at=MONDAY, **same, **more)


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_an_answer_is_corrected_on_its_page(world: World, prefix: str) -> None:
    shift_clock(to=MONDAY)
    task = answer(world, task_of(launch(world), world.grid))
    client, page = browser(world.grid_worker), f"{prefix}/campaigns/tasks/{task.pk}/"
    path = f"{page}correct/steps/"
    assert path in client.get(page).content.decode()
    form = client.get(path).content.decode()
    assert "18 级" in form
    assert "更正的理由" in form

    assert client.post(path, {"answer_steps": "19"}).status_code == 400
    assert client.post(path, {"answer_steps": "-1", "reason": "数错"}).status_code == 400
    done = client.post(path, {"answer_steps": "19", "reason": "数错"})

    assert done["Location"] == page
    shown = client.get(page).content.decode()
    assert "19 级" in shown
    assert "<s>18 级</s>" in shown
    assert "数错" in shown
    assert path not in browser(world.grid_leader).get(page).content.decode()
    for user in (world.grid_leader, world.outsider):
        assert browser(user).get(path).status_code == 404
        assert browser(user).post(path, {"answer_steps": "1", "reason": "x"}).status_code == 404
    assert client.get(f"{page}correct/nothing/").status_code == 404


def test_a_program_corrects_an_answer(world: World) -> None:
    task = answer(world, task_of(launch(world), world.grid))
    program, path = Program(world.grid_worker), f"/campaigns/tasks/{task.pk}/answers/steps/"

    assert program.post(path, {"value": 19}).status_code == 400
    assert program.post(path, {"value": -1, "reason": "数错"}).json()["answers"].keys() == {"steps"}
    found = program.post(path, {"value": 19, "reason": "数错"})

    assert found.status_code == 200, found.content
    row = next(one for one in found.json()["answers"] if one["question"] == "steps")
    assert (row["answer"], row["reason"]) == ("19 级", "数错")
    assert [(was["answer"], was["reason"]) for was in row["earlier"]] == [("18 级", "数错")]
    leader = Program(world.grid_leader).post(path, {"value": 1, "reason": "x"})
    assert leader.status_code == 409
    assert Program(world.outsider).post(path, {"value": 1, "reason": "x"}).status_code == 404
