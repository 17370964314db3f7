"""Whistle, consultation and inspection: several departments at one case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cases import access
from cases.given import Decision
from cases.models import State, Task, Whistle
from governance.models import Message, Timer, User
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move, refused, sweep, told
from tests.clients import browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def test_a_whistle_ends_when_all_have_reported_or_were_excused(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    called = (world.sanitation.pk, world.police.pk)
    case = move(case, "whistle", by=world.clerk, department_ids=called)
    mine, other = Task.objects.filter(case=case).order_by("pk")
    assert told(world.police_handler) == ["whistle"]

    # each acts on the own task only, and sees this case and nothing else
    client = browser(world.police_handler)
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert list(access.visible_to(world.police_handler)) == [case]
    assert "其他部门" in refused(case, "report_task", by=world.police_handler, task_id=mine.pk)
    case = move(case, "sign_task", by=world.police_handler, task_id=other.pk)
    assert "已签收" in refused(case, "sign_task", by=world.police_handler, task_id=other.pk)
    case = move(case, "arrive", by=world.police_handler, task_id=other.pk, lon=117.4, lat=39.1)
    case = move(case, "report_task", by=world.police_handler, task_id=other.pk, note="已劝离")
    assert "还有 1 项任务" in refused(case, "conclude", by=world.clerk)
    assert "反馈" in refused(case, "score", by=world.clerk, task_id=mine.pk)
    case = move(case, "excuse", by=world.clerk, task_id=mine.pk, note="与环卫无关")
    assert Whistle.objects.get(case=case).ended_at is not None
    case = move(case, "score", by=world.clerk, task_id=other.pk, score=4, note="来得快")

    other.refresh_from_db()
    assert (other.arrived_lon, other.report, other.score, other.remark) == (
        117.4,
        "已劝离",
        4,
        "来得快",
    )
    assert told(world.clerk)[-1] == "report_task"

    # it still reads what becomes of the case, but has no more to do there
    police = User.objects.get(pk=world.police_handler.pk)
    assert list(access.visible_to(police)) == [case]
    assert not access.helps(police, case)
    case = move(case, "conclude", by=world.clerk)
    assert case.state == State.FINISHED
    case = move(move(case, "verify", by=world.grid_worker), "close", by=world.clerk)
    assert access.visible_to(police).count() == 1
    move(case, "answer", by=world.clerk)
    assert access.visible_to(police).count() == 0


def test_a_called_department_that_lets_a_step_pass_is_told_and_the_caller_too(
    world: World,
) -> None:
    case = create_case(world, state=State.ACCEPTED)
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    Message.objects.all().delete()

    sweep("2026-03-02 10:00")  # an hour to sign

    assert told(world.police_handler) == ["task_due"]
    assert told(world.clerk) == ["task_due"]
    lines = case.transitions.filter(action="task_due")
    assert [line.details["step"] for line in lines] == ["sign"]
    task = Task.objects.get(case=case)
    move(case, "report_task", by=world.police_handler, task_id=task.pk)
    assert not Timer.objects.open().filter(kind="case.task_due").exists()


def test_a_consultation_gives_tasks_with_dates(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    case = move(
        case,
        "consult",
        by=world.dispatcher,
        decisions=(Decision(world.police.pk, "查处占道摊贩", date(2026, 3, 5)),),
    )

    task = Task.objects.get(case=case)
    assert (task.what, task.due_at) == ("查处占道摊贩", moment("2026-03-05 17:30"))
    assert "还有 1 项任务" in refused(case, "finish", by=world.handler)
    assert told(world.police_handler) == ["consult"]
    future = refused(case, "consult", by=world.dispatcher, held_on=date(2026, 3, 9))
    assert future == "会商日期不能晚于今天。"
    past = refused(
        case,
        "consult",
        by=world.dispatcher,
        decisions=(Decision(world.police.pk, "x", date(2026, 3, 1)),),
    )
    assert past == "分工的完成日期不能早于今天。"


def test_a_task_is_reported_while_the_reporter_is_asked(world: World) -> None:
    """Its clock goes on meanwhile, so its department must not be held up."""
    case = create_case(world, state=State.HANDLING)
    looking = Decision(world.police.pk, "查监控", date(2026, 3, 4))
    case = move(case, "consult", by=world.dispatcher, decisions=(looking,))
    case = move(case, "ask_reporter", by=world.handler)

    assert "现在可以" in refused(case, "consult", by=world.dispatcher, decisions=(looking,))
    case = move(case, "sign_task", by=world.police_handler)
    case = move(case, "report_task", by=world.police_handler)

    assert (case.state, case.tasks_open) == (State.WAITING, 0)


def test_a_re_check_whose_day_comes_after_the_close_is_written_down(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker)
    case = move(case, "order", by=world.handler)
    for action, who in (("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk")):
        case = move(case, action, by=getattr(world, who))
    now = sweep("2026-03-10 08:30")
    assert "recheck_due" in told(world.grid_worker)

    case = move(case, "recheck", by=world.grid_worker, now=now)

    assert (case.state, case.findings_open) == (State.CLOSED, 0)
    assert case.promise_kept


def test_an_order_has_a_number_a_ground_and_a_re_check(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker, party="李四副食店")
    case = move(case, "find", by=world.grid_worker, what="电线私拉乱接")
    case = move(case, "order", by=world.handler)
    second = case.findings.order_by("pk")[1]
    assert second.order_number == "环卫所责改〔2026〕1号"
    first = case.findings.order_by("pk")[0]
    taken = refused(
        case, "order", by=world.handler, finding_id=first.pk, order_number=second.order_number
    )
    assert "已使用" in taken
    case = move(case, "order", by=world.handler, finding_id=first.pk)
    assert case.findings.order_by("pk")[0].order_number == "环卫所责改〔2026〕2号"

    Message.objects.all().delete()
    sweep("2026-03-10 08:30")
    assert told(world.grid_worker) == ["recheck_due", "recheck_due"]
    now = moment("2026-03-10 09:00")
    no: dict[str, Any] = {"mended": False, "recheck_on": date(2026, 3, 17)}
    case = move(case, "recheck", by=world.grid_worker, finding_id=first.pk, now=now, **no)
    assert case.findings_open == 2
    case = move(case, "recheck", by=world.grid_worker, finding_id=first.pk, now=now)
    assert case.findings_open == 1
    assert "合格" in refused(case, "recheck", by=world.grid_worker, finding_id=first.pk)
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "李四副食店" not in html
    assert "李***" in html


def test_a_case_with_open_tasks_is_neither_handled_on_the_spot_nor_split(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    decided = (Decision(world.police.pk, "查处", date(2026, 3, 5)),)
    case = move(case, "consult", by=world.dispatcher, decisions=decided)

    assert "还有 1 项任务" in refused(case, "handle_on_spot", by=world.grid_worker)
    assert "还有 1 项任务" in refused(case, "split", by=world.clerk)


def test_rework_after_a_whistle_is_the_departments_not_the_callers(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    case = move(case, "report_task", by=world.police_handler)
    case = move(case, "conclude", by=world.clerk)
    assert case.handler == world.clerk
    case = move(case, "fail", by=world.grid_worker)

    assert case.handler is None
    assert told(world.handler)[-1] == "rework"
