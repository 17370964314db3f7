"""What hangs on a case: leave, pauses, tasks, orders, duplicates, parts, shares; who is told."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from cases import access, duplicates, notifications, shared, workflow
from cases.errors import NotAllowed
from cases.given import Decision, Part
from cases.models import (
    Assignment,
    Case,
    CaseShare,
    CaseUnitPermission,
    CaseUserPermission,
    Finding,
    Item,
    Leave,
    Outcome,
    Pause,
    Regulation,
    State,
    Supervision,
    Task,
    Whistle,
)
from governance import search, timers, workcalendar
from governance.models import CalendarDay, Message, Timer, Unit, User
from tests.builders import World, create_unit, create_user, moment, shift_clock
from tests.case_builders import MONDAY, WAY, create_case, create_item, move, report_of
from tests.clients import Program, browser


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def sweep(at: str) -> datetime:
    now = shift_clock(to=moment(at))
    timers.sweep()
    return now


def told(user: User) -> list[str]:
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return [row.params.get("action", row.kind.removeprefix("case.")) for row in rows]


def refused(case: Case, action: str, *, by: User | None, **given: Any) -> str:
    """The sentence with which a move is refused."""
    with pytest.raises(NotAllowed) as error:
        move(case, action, by=by, **given)
    return str(error.value)


# Returns ----------------------------------------------------------------------------------------


def test_a_return_counts_against_the_dispatch_unless_it_was_overruled(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)
    case = move(case, "return", by=world.handler, note="不属于环卫所")
    assert "坚持派遣" in refused(case, "dispatch", by=world.dispatcher)

    case = move(case, "insist", by=world.dispatcher, note="属于清单主责")

    first, second = Assignment.objects.filter(case=case).order_by("pk")
    assert first.returned_at is not None
    assert first.overruled_at is not None
    assert second.returned_at is None
    assert case.department == world.sanitation


def test_how_many_returns_is_the_places_own_rule(world: World) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), returns_most=1)
    case = create_case(world, state=State.DISPATCHED)

    case = move(case, "return", by=world.handler)

    assert case.state == State.REFERRED
    assert told(world.supervisor)[-1] == "turn"
    assert "岗位" in refused(case, "rule", by=world.dispatcher)
    case = move(case, "rule", by=world.supervisor, department_id=world.police.pk)
    assert "裁定" in refused(case, "return", by=world.police_handler)


# Extension and suspension -----------------------------------------------------------------------


def test_an_extension_is_asked_for_in_time_and_shows_both_dates(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    promised = case.promise_due_at

    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    assert told(world.dispatcher)[-1] == "ask_extension"
    case = move(case, "grant", by=world.dispatcher)

    assert told(world.handler)[-1] == "grant"
    assert case.promise_first_at == promised
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert re.search(r"原期限 <s>.*03-05 17:30.*</s>", html)
    leave = Leave.objects.get(case=case)
    assert (leave.granted, leave.asked_by, leave.decided_by) == (
        True,
        world.handler,
        world.dispatcher,
    )


def test_an_extension_has_its_limits(world: World) -> None:
    Regulation.objects.create(valid_from=date(2026, 1, 1), extensions_most=1)
    case = create_case(world, state=State.HANDLING)

    earlier = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 3))
    late = refused(
        case,
        "ask_extension",
        by=world.handler,
        now=moment("2026-03-04 09:00"),
        until=date(2026, 3, 9),
    )
    past = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 2))
    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 4))
    twice = refused(case, "ask_suspension", by=world.handler)
    case = move(case, "grant", by=world.dispatcher)
    again = refused(case, "ask_extension", by=world.handler, until=date(2026, 3, 9))

    assert earlier == "延期日期须晚于现在的时限。"
    assert late == "已超过处置时限，不能再申请延期。"
    assert past == "日期须在今天之后。"
    assert twice == "已有待审批的申请，请先审批。"
    assert again == "该事件已延期 1 次，不能再申请。"


def test_a_request_that_nobody_decided_in_time_is_asked_anew(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_suspension", by=world.handler, until=date(2026, 3, 4))

    late = moment("2026-03-05 09:00")
    assert "日期已过" in refused(case, "grant", by=world.dispatcher, now=late)
    case = move(case, "deny", by=world.dispatcher, now=late)

    assert case.leave == ""
    assert refused(case, "grant", by=world.dispatcher) == "没有待审批的申请。"
    too_long = refused(case, "ask_suspension", by=world.handler, until=date(2026, 7, 1))
    assert too_long == "挂账最长 90 天。"


def test_a_pause_across_a_holiday_with_a_make_up_day(world: World) -> None:
    """国庆: 1-7 October off, Saturday the 10th worked. Twelve hours of work were left."""
    for day in range(1, 8):
        CalendarDay.objects.update_or_create(day=date(2026, 10, day), defaults={"kind": "rest"})
    CalendarDay.objects.update_or_create(day=date(2026, 10, 10), defaults={"kind": "work"})
    now = shift_clock(to=moment("2026-09-30 11:30"))
    case = create_case(world, state=State.HANDLING, now=now)
    assert case.stage_due_at == moment("2026-10-08 17:30")
    case = move(case, "ask_suspension", by=world.handler, now=now, until=date(2026, 10, 5))
    case = move(case, "grant", by=world.dispatcher, now=now)

    # the day named is a holiday: it goes on with the next working day
    sweep("2026-10-08 08:29")
    case.refresh_from_db()
    assert case.state == State.SUSPENDED
    sweep("2026-10-08 08:30")
    case.refresh_from_db()

    assert case.state == State.HANDLING
    assert case.stage_due_at == moment("2026-10-09 14:30")
    assert case.promise_due_at == moment("2026-10-12 14:30")


def test_what_was_late_when_it_was_suspended_stays_late(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    late = sweep("2026-03-04 09:00")
    case = move(case, "ask_suspension", by=world.handler, now=late, until=date(2026, 3, 9))
    case = move(case, "grant", by=world.dispatcher, now=late)
    sweep("2026-03-09 08:30")
    case.refresh_from_db()

    assert case.stage_due_at == moment("2026-03-03 17:30")
    assert case.escalation >= 1


def test_the_limit_changed_while_it_was_suspended(world: World) -> None:
    """The running stage keeps the limit it began with, and the pause is not lost (GLPI #6902)."""
    case = create_case(world, state=State.SUSPENDED)
    case.item.limits.filter(stage="handle").update(amount=9)

    sweep("2026-03-12 08:30")
    case.refresh_from_db()

    assert case.state == State.HANDLING
    assert case.stage_amount == 1
    # 9:00 on Monday to its end were 14.5 h of work
    assert case.stage_due_at == moment("2026-03-13 17:00")


def test_a_calendar_change_keeps_pause_and_extension(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    case = move(case, "grant", by=world.dispatcher)
    paused = create_case(world, state=State.SUSPENDED)
    sweep("2026-03-12 08:30")
    before = Case.objects.get(pk=paused.pk).stage_due_at

    CalendarDay.objects.update_or_create(
        day=date(2026, 3, 3), defaults={"kind": "rest", "edited": True}
    )
    workcalendar.changed(shift_clock(by=timedelta()))
    timers.sweep()
    timers.sweep()

    case.refresh_from_db()
    assert case.stage_due_at == moment("2026-03-06 17:30")  # the date that was granted
    paused.refresh_from_db()
    # Tuesday's hours are Wednesday's now: as much of them was left when the pause began
    assert paused.stage_due_at == before
    assert Pause.objects.get(case=paused).ended_at is not None


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
    assert post(world.grid_leader, case, "reply", note="不是我报的") == 409
    assert post(reporter, case, "reply", note="3 号楼") == 302

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


# Up and down ------------------------------------------------------------------------------------


def test_what_was_passed_up_is_in_the_hands_above(world: World) -> None:
    above = create_user(role="dispatcher", unit=world.district)
    case = create_case(world, state=State.ACCEPTED)

    case = move(case, "pass_up", by=world.clerk, note="社区无执法权，已劝阻两次")
    assert case.level == "street"
    assert "岗位" in refused(case, "pass_up", by=world.clerk)
    case = move(case, "pass_up", by=world.dispatcher)
    assert "岗位" in refused(case, "dispatch", by=world.dispatcher)
    assert told(above)[-1] == "turn"
    assert refused(case, "pass_up", by=above) == "已在最高层级，不能再上报。"
    case = move(case, "hand_down", by=above)
    case = move(case, "dispatch", by=world.dispatcher)
    case = move(case, "sign", by=world.handler)
    case = move(case, "finish", by=world.handler)

    # solved by the street, verified where it arose
    assert case.solved_level == "street"
    assert move(case, "verify", by=world.grid_worker).state == State.VERIFIED


def test_what_a_higher_level_took_back_is_not_handed_down(world: World) -> None:
    item = create_item(
        department=world.sanitation,
        code="0301",
        name="违法建设",
        dispatch="manual",
        remit="upper",
        upper_department="规划和自然资源局",
    )
    local = create_unit(kind="department", name="街道城管所", parent=world.street)
    case = create_case(world, item=item, state=State.ACCEPTED)
    case = move(case, "pass_up", by=world.dispatcher)

    above = create_user(role="dispatcher", unit=world.district)
    assert "上级收回" in refused(case, "hand_down", by=above)
    assert "范围" in refused(case, "dispatch", by=above, department_id=local.pk)


# Whistle, consultation, inspection --------------------------------------------------------------


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


# Supervision ------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", [None, "force_close", "join"])
def test_what_was_not_mended_is_looked_at_again(world: World, then: str | None) -> None:
    """Whatever becomes of the case meanwhile."""
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker)
    case = move(case, "order", by=world.handler)
    if then:
        case = move(case, then, by=world.leader if then == "force_close" else world.clerk)
    sweep("2026-03-10 09:01")
    assert told(world.grid_worker).count("recheck_due") == 1
    day = moment("2026-03-10 10:00")
    no: dict[str, Any] = {"mended": False, "by": world.grid_worker, "now": day}
    assert "再次复查日期" in refused(case, "recheck", **no)
    assert "再次复查日期" in refused(case, "recheck", **no, recheck_on=day.date())
    case = move(case, "recheck", **no, recheck_on=date(2026, 3, 17))

    sweep("2026-03-17 09:01")
    assert told(world.grid_worker).count("recheck_due") == 2
    line = case.transitions.filter(action="recheck").get()
    assert line.details["recheck_on"] == "2026-03-17"
    move(case, "recheck", by=world.grid_worker, mended=True, now=moment("2026-03-17 10:00"))
    sweep("2026-04-01 09:00")
    assert told(world.grid_worker).count("recheck_due") == 2
    assert Finding.objects.get().is_mended


def test_a_failed_re_check_on_the_phone_asks_for_the_next_day(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "find", by=world.grid_worker)
    finding = Finding.objects.get()
    sent = {"finding_id": finding.pk, "mended": "0", "note": "通道仍堵塞"}

    assert post(world.grid_worker, case, "recheck", **sent) == 409
    assert post(world.grid_worker, case, "recheck", **sent, recheck_on="2026-03-09") == 302

    finding.refresh_from_db()
    assert (finding.is_mended, finding.recheck_on) == (False, date(2026, 3, 9))
    html = browser(world.grid_worker).get(f"/m/cases/{case.number}/").content.decode()
    assert "复查日期 2026-03-09" in html


def test_no_level_twice_and_no_yellow_after_red(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "supervise", by=world.supervisor, severity="red")
    assert told(world.department_lead)[-1] == "supervise"

    for severity in ("red", "yellow", "plain"):
        assert "不能重复" in refused(case, "supervise", by=world.supervisor, severity=severity)
    case = move(case, "lift_supervision", by=world.supervisor)
    assert case.severity == ""
    assert move(case, "supervise", by=world.supervisor, severity="plain").severity == "plain"


def test_an_unanswered_order_climbs_by_itself(world: World) -> None:
    above = create_user(role="leader", unit=world.district)
    case = create_case(world, state=State.HANDLING)
    move(case, "supervise", by=world.supervisor)

    seen = []
    for at in ("2026-03-03 09:30", "2026-03-04 10:30", "2026-03-05 11:30"):
        sweep(at)
        case.refresh_from_db()
        seen.append(case.severity)

    assert seen == ["yellow", "red", "red"]
    assert list(Supervision.objects.values_list("severity", "by")) == [
        ("plain", world.supervisor.pk),
        ("yellow", None),
        ("red", None),
    ]
    assert "supervision_due" in told(above)
    case = move(case, "reply_supervision", by=world.handler, note="明日办结")
    assert refused(case, "reply_supervision", by=world.handler) == "督办均已回复。"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_an_order_stands_still_with_its_case(world: World, when: str) -> None:
    """Eight hours to reply: of one that was given an hour before the pause, seven are left."""
    case = create_case(world, state=State.HANDLING)
    hour = {"now": moment("2026-03-02 10:00")}
    if when == "before":
        case = move(case, "supervise", by=world.supervisor)
    case = move(case, "ask_suspension", by=world.handler, **hour)
    case = move(case, "grant", by=world.dispatcher, **hour)
    if when == "meanwhile":
        case = move(case, "supervise", by=world.supervisor, now=moment("2026-03-03 10:00"))
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "回复期限 已暂停" in html
    sweep("2026-03-11 17:00")
    case.refresh_from_db()
    assert (case.state, case.severity) == (State.SUSPENDED, "plain")

    case = move(case, "resume", by=world.dispatcher, now=moment("2026-03-12 09:00"))

    worked = workcalendar.calendar().worked
    order = Supervision.objects.get()
    left = worked(moment("2026-03-12 09:00"), order.due_at)
    assert left == timedelta(hours=7 if when == "before" else 8)
    sweep(f"{localtime(order.due_at) + timedelta(minutes=1):%Y-%m-%d %H:%M}")
    case.refresh_from_db()
    assert case.severity == "yellow"


def test_an_order_that_was_past_due_before_the_pause_does_not_climb_after_it(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "supervise", by=world.supervisor, severity="red")
    at = {"now": sweep("2026-03-04 17:00")}
    assert case.transitions.filter(action="supervision_due").count() == 1
    case = move(case, "ask_reporter", by=world.handler, **at)
    move(case, "reply", by=world.clerk, now=moment("2026-03-05 09:00"))

    sweep("2026-03-12 17:00")
    assert case.transitions.filter(action="supervision_due").count() == 1


def test_the_ladder_gives_orders(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case.item.ladder.steps.filter(step=0).update(severity="plain")
    case.item.ladder.steps.filter(step=1).update(severity="yellow")

    sweep("2026-03-03 17:30")
    case.refresh_from_db()
    assert case.severity == "plain"
    sweep("2026-03-05 09:00")
    case.refresh_from_db()

    assert case.severity == "yellow"
    assert Supervision.objects.filter(case=case, by=None).count() == 2
    assert case.transitions.filter(action="supervise", by=None).count() == 2


# Duplicates -------------------------------------------------------------------------------------


def near(world: World, case: Case, metres: float = 20, **fields: Any) -> Case:
    """Another case so far to the east of one."""
    assert case.lon is not None
    return create_case(
        world, lon=case.lon + metres / 86_000, lat=case.lat, reporter_phone="13900001111", **fields
    )


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


# Split ------------------------------------------------------------------------------------------


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


# Forced close, correction, sharing --------------------------------------------------------------


def test_a_forced_close_is_shown_as_what_it_is(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    case = move(case, "force_close", by=world.leader, outcome="explained", note="拆迁范围")

    assert (case.state, case.is_forced, case.tasks_open) == (State.CLOSED, True, 0)
    assert not Timer.objects.open().filter(kind="case.task_due").exists()
    html = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "解释说明 · 强制结案" in html


def test_a_correction_keeps_old_and_new_and_no_contact(world: World) -> None:
    case = create_case(world, state=State.HANDLING, reporter_phone="13812345678")
    promised = case.promise_due_at

    case = move(
        case,
        "correct",
        by=world.clerk,
        place="军丽园4号楼",
        reporter_phone="13900002222",
        note="楼号有误",
    )

    line = case.transitions.order_by("-pk")[0]
    assert line.details == {"place": ["军丽园3号楼", "军丽园4号楼"], "reporter": True}
    assert case.reporter is not None
    assert case.reporter.phone is not None
    assert case.reporter.phone.reveal() == "13900002222"
    assert case.promise_due_at == promised
    same = {"place": "军丽园4号楼"}
    assert refused(case, "correct", by=world.clerk, **same) == "没有要更正的内容。"
    assert "不能为空" in refused(case, "correct", by=world.clerk, description=" ")


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_a_case_without_a_point_is_put_into_its_grid(world: World, prefix: str) -> None:
    case = create_case(world, state=State.ACCEPTED)
    due = case.stage_due_at
    client, path = browser(world.clerk), f"{prefix}/cases/{case.number}/correct/"
    page = client.get(path).content.decode()
    options = page.split('name="place_unit_id"')[1].split("</select>")[0]
    assert "军丽园社区" in options
    assert "军丽园第二网格" in options
    assert "春霞里" not in options
    sent = {
        **{"item_id": case.item_id, "description": case.description, "place": case.place},
        **{"note": "住户说在二网格", "version": case.version},
    }

    answer = client.post(path, {**sent, "place_unit_id": world.second_grid.pk})

    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    assert (case.grid, case.community, case.stage_due_at) == (
        world.second_grid,
        world.community,
        due,
    )
    page = client.get(f"{prefix}/cases/{case.number}/").content.decode()
    assert "军丽园第一网格 → 军丽园第二网格" in page
    case = move(case, "correct", by=world.clerk, place_unit_id=world.community.pk, place=None)
    assert (case.grid, case.community) == (None, world.community)
    other = browser(world.outsider)
    assert other.post(path, {**sent, "place_unit_id": world.grid.pk}).status_code == 404


@pytest.mark.parametrize("state", [State.DISPATCHED, State.HANDLING])
def test_what_a_higher_level_took_back_leaves_the_street(world: World, state: State) -> None:
    station = create_unit(kind="department", name="街道综合执法队", parent=world.street)
    worker = create_user(role="handler", unit=station)
    upper: dict[str, Any] = {"remit": "upper", "upper_department": "区城管局"}
    item = create_item(department=world.police, code="0202", name="违法建设", **upper)
    case = create_case(world, state=State.ACCEPTED)
    case = move(case, "dispatch", by=world.dispatcher, department_id=station.pk)
    if state == State.HANDLING:
        case = move(case, "sign", by=worker)

    case = move(case, "correct", by=world.clerk, item_id=item.pk, place=None)

    assert (case.state, case.department_id, case.handler_id) == (State.ACCEPTED, None, None)
    assert not Assignment.objects.open().filter(case=case).exists()
    assert Timer.objects.open().filter(kind="case.stage_overdue", subject_id=case.pk).count() == 1
    assert world.dispatcher.pk in notifications.whose_turn(case)
    page = browser(world.clerk).get(f"/cases/{case.number}/").content.decode()
    assert "承办部门：街道综合执法队 → —" in page
    words = "该事项已由上级收回，不能交给街道部门。"
    assert refused(case, "whistle", by=world.clerk, department_ids=(station.pk,)) == words
    decided = (Decision(station.pk, "清理", date(2026, 3, 6)),)
    assert refused(case, "consult", by=world.dispatcher, decisions=decided) == words
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    assert case.state == State.JOINT


@pytest.mark.parametrize("prefix", ["", "/m"])
@pytest.mark.parametrize("action", ["whistle", "consult"])
def test_streets_departments_are_not_offered_for_what_was_taken_back(
    world: World, action: str, prefix: str
) -> None:
    station = create_unit(kind="department", name="街道综合执法队", parent=world.street)
    upper: dict[str, Any] = {
        **{"remit": "upper", "upper_department": "区城管局"},
        "dispatch": "manual",
    }
    taken = create_item(department=world.police, code="0202", name="违法建设", **upper)
    handed_up = create_item(department=station, code="0203", name="占道经营", **upper)
    client = browser(world.clerk if action == "whistle" else world.dispatcher)

    def offered(**given: Any) -> set[Unit]:
        case = create_case(world, state=State.ACCEPTED, **given)
        page = client.get(f"{prefix}/cases/{case.number}/{action}/").content.decode()
        form = page.split('name="version"')[1]
        return {unit for unit in (station, world.police, world.sanitation) if unit.name in form}

    assert offered() == {station, world.police, world.sanitation}
    assert offered(item=taken) == {world.police, world.sanitation}
    assert offered(item=handed_up) == {station, world.police, world.sanitation}


def test_an_upper_item_stays_with_the_districts_department(world: World) -> None:
    upper: dict[str, Any] = {"remit": "upper", "upper_department": "区城管局"}
    item = create_item(department=world.police, code="0202", name="违法建设", **upper)
    case = create_case(world, state=State.HANDLING)

    case = move(case, "correct", by=world.clerk, item_id=item.pk, place=None)

    assert (case.state, case.department_id) == (State.HANDLING, world.sanitation.pk)


def test_before_the_answer_a_wrong_number_is_mended_and_nothing_else(world: World) -> None:
    case = create_case(world, state=State.CLOSED, reporter_phone="13900001111")
    paused = create_case(world, state=State.SUSPENDED)
    other = create_item(department=world.police, code="0201", name="井盖缺失")

    form = browser(world.clerk).get(f"/cases/{case.number}/correct/").content.decode()
    assert 'name="reporter_phone"' in form
    for hidden in ("item_id", "place", "lon", "promise_on"):
        assert f'name="{hidden}"' not in form
    case = move(case, "correct", by=world.clerk, reporter_phone="13900002222", place=None)
    assert case.state == State.CLOSED
    assert case.reporter is not None
    assert case.reporter.phone is not None
    assert case.reporter.phone.reveal() == "13900002222"
    assert "不能更正" in refused(case, "correct", by=world.clerk, place="春晖路", item_id=None)
    for wrong in ({"item_id": other.pk}, {"promise_on": date(2026, 3, 20)}):
        given: dict[str, Any] = {"place": None, **wrong}
        assert "不能更正" in refused(paused, "correct", by=world.clerk, **given)
    assert move(paused, "correct", by=world.clerk, place="春晖路").place == "春晖路"


def test_a_place_is_corrected_within_ones_own_scope_and_not_against_a_point(world: World) -> None:
    from tests.clients import Program

    case = create_case(world, state=State.ACCEPTED)
    placed = create_case(world, state=State.ACCEPTED, lon=117.4, lat=39.1)
    far, near = world.other_grid.pk, world.second_grid.pk
    own: dict[str, Any] = {"by": world.clerk, "place": None}

    assert refused(case, "correct", place_unit_id=far, **own) == "只能选择本辖区的社区、网格。"
    gone = refused(case, "correct", place_unit_id=world.police.pk, **own)
    assert gone == "请从现有社区、网格中选择。"
    assert "请在地图上更正" in refused(placed, "correct", place_unit_id=near, **own)
    page = browser(world.clerk).get(f"/cases/{placed.number}/correct/").content.decode()
    assert "place_unit_id" not in page

    sent = {"version": case.version, "note": "x", "place_unit": near}
    answer = Program(world.clerk).post(f"/cases/{case.number}/correct/", sent)
    assert answer.status_code == 200, answer.content
    case.refresh_from_db()
    assert case.grid == world.second_grid
    again = {"version": case.version, "note": "x", "place_unit": near}
    answer = Program(world.clerk).post(f"/cases/{case.number}/correct/", again)
    assert answer.json()["detail"] == "没有要更正的内容。"


def test_a_share_shows_one_case_until_its_minute(world: World) -> None:
    case, other = create_case(world), create_case(world)
    reader = world.police_handler
    assert access.visible_to(reader).count() == 0

    move(case, "share", by=world.clerk, user_id=reader.pk, unit_id=None, until=date(2026, 3, 4))

    assert list(access.visible_to(reader)) == [case]
    assert CaseUserPermission.objects.count() == 1
    client = browser(reader)
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert client.get(f"/cases/{other.number}/").status_code == 404
    shift_clock(to=moment("2026-03-04 17:30"))
    assert list(access.visible_to(reader)) == []
    sweep("2026-03-04 17:30")
    assert CaseUserPermission.objects.count() == 0
    assert CaseShare.objects.get().ended_at is not None


def test_a_share_with_a_department_is_for_those_who_hold_a_post_there(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="help")
    assert told(world.police_handler) == ["share"]
    assert access.sees(world.police_handler, case)
    assert access.helps(world.police_handler, case)
    case = move(case, "find", by=world.police_handler)
    assert Finding.objects.count() == 1

    # a permission without its share gives nothing, nor a share without its permission
    CaseUnitPermission.objects.all().delete()
    CaseShare.objects.update(mode="read")
    assert not access.sees(world.police_handler, case)
    case = move(case, "unshare", by=world.clerk, unit_id=world.police.pk)
    assert shared.of_case(case) == []
    assert "没有与其共享" in refused(case, "unshare", by=world.clerk)


def test_a_history_that_names_more_people_asks_no_more_often(world: World) -> None:
    case = create_case(world)
    client, counts = browser(world.clerk), []
    for lot in range(2):
        for n in range(1 + 2 * lot):
            reader = create_user(role="handler", unit=world.police, name=f"读者{lot}{n}")
            case = move(case, "share", by=world.clerk, user_id=reader.pk, unit_id=None)
        client.get(f"/cases/{case.number}/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/cases/{case.number}/").content.decode()
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert "读者12" in page


def test_a_share_tells_of_no_other_case(world: World) -> None:
    main, other, whole = (create_case(world) for _ in range(3))
    move(other, "join", by=world.clerk, main=main.number)
    move(whole, "split", by=world.clerk)
    for shown, hidden in ((main, other), (whole.parts.order_by("pk")[0], whole)):
        move(shown, "share", by=world.clerk, unit_id=world.police.pk)
        address, link = f"/cases/{shown.number}/", f'href="/cases/{hidden.number}/"'

        assert link in browser(world.clerk).get(address).content.decode()
        assert link not in browser(world.police_handler).get(address).content.decode()


def test_a_share_given_again_has_the_new_end(world: World) -> None:
    case = create_case(world)
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, mode="help")
    case = move(case, "share", by=world.clerk, unit_id=world.police.pk, until=date(2026, 3, 3))

    row = CaseShare.objects.get()
    assert (row.mode, row.until) == ("read", moment("2026-03-03 17:30"))
    assert not access.helps(world.police_handler, case)
    both = {"unit_id": world.police.pk, "user_id": world.handler.pk}
    assert "一个部门或一个人" in refused(case, "share", by=world.clerk, **both)
    assert "在用" in refused(case, "share", by=world.clerk, unit_id=None, user_id=0)


def test_a_share_is_ended_also_when_its_department_or_person_is_gone(world: World) -> None:
    case = create_case(world)
    move(case, "share", by=world.clerk, unit_id=world.police.pk)
    reader = create_user()
    case = move(case, "share", by=world.clerk, unit_id=None, user_id=reader.pk)
    Unit.objects.filter(pk=world.police.pk).update(valid_to="2026-03-01")
    User.objects.filter(pk=reader.pk).update(is_active=False)

    assert post(world.clerk, case, "unshare", unit_id=world.police.pk) == 302
    assert post(world.clerk, case, "unshare", user_id=reader.pk) == 302

    assert not CaseShare.objects.filter(ended_at=None).exists()
    assert post(world.clerk, case, "unshare", user_id=reader.pk) == 409
    assert "现有部门" in refused(case, "share", by=world.clerk, unit_id=world.police.pk)


def test_a_dissolved_department_is_not_insisted_upon(world: World) -> None:
    case = create_case(world, state=State.DISPATCHED)
    case = move(case, "return", by=world.handler)
    Unit.objects.filter(pk=world.sanitation.pk).update(valid_to="2026-03-01")

    said = refused(case, "insist", by=world.dispatcher)

    assert said == "退单的部门已撤销，不能坚持派遣，请改派其他部门。"
    assert move(case, "dispatch", by=world.dispatcher, department_id=world.police.pk).department


def test_a_place_that_was_wrong_may_be_emptied(world: World) -> None:
    case = create_case(world, lon=117.4, lat=39.1)
    same = {"item_id": case.item_id, "description": case.description, "note": "地点不明"}

    assert post(world.clerk, case, "correct", **same, place="") == 302

    case.refresh_from_db()
    assert case.place == ""
    assert case.transitions.order_by("-pk")[0].details["place"] == ["军丽园3号楼", ""]
    nowhere = create_case(world)
    assert "须写明地点" in refused(nowhere, "correct", by=world.clerk, place="")


def test_a_correction_keeps_what_an_imported_case_is_found_by(world: World) -> None:
    item = create_item(department=world.police, code="0301", name="占道经营")
    create_item(department=world.sanitation)
    case = create_case(world, extra_words=("SR-778812",))

    case = move(case, "correct", by=world.clerk, description="门口摆摊", item_id=item.pk)
    assert found_by("778812") == found_by("摆摊") == found_by("占道") == [case]
    assert found_by("暴露垃圾") == []
    case = move(case, "accept", by=world.clerk, item_id=Item.objects.get(code="0101").pk)

    assert found_by("778812") == found_by("暴露垃圾") == [case]


def found_by(words: str) -> list[Case]:
    return list(Case.objects.filter(search=search.query(words)))


# The forms --------------------------------------------------------------------------------------


def post(user: User, case: Case, action: str, **fields: Any) -> int:
    case.refresh_from_db()
    path = f"/cases/{case.number}/{action}/"
    return browser(user).post(path, {"version": case.version, **fields}).status_code


def test_the_long_forms_speak_for_themselves(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    item = Item.objects.get()
    parts = {
        "part_0_item": item.pk,
        "part_0_words": "垃圾",
        "part_1_item": item.pk,
        "part_1_words": "异味",
    }
    assert post(world.clerk, case, "split", **{**parts, "part_1_words": ""}) == 400
    assert post(world.clerk, case, "correct", item_id=item.pk, description=case.description) == 400
    changed = {"item_id": item.pk, "description": "两堆垃圾", "place": case.place, "note": "细化"}
    assert post(world.clerk, case, "correct", **changed) == 302
    meeting = {
        "held_on": "2026-03-02",
        "participants": "环卫所",
        "note": "纪要",
        "decision_0_department": world.police.pk,
        "decision_0_what": "查处",
        "decision_0_due_on": "2026-03-06",
    }
    assert post(world.dispatcher, case, "consult", **meeting) == 302
    assert Task.objects.get().what == "查处"
    task = Task.objects.get()
    answer = browser(world.police_handler).get(f"/cases/{case.number}/report_task/?task={task.pk}")
    assert f'name="task" value="{task.pk}"' in answer.content.decode()
    assert post(world.police_handler, case, "report_task", task=task.pk, note="已查处") == 302
    called = {"whistle_kind": "hard", "departments": [world.police.pk], "note": "联合处置"}
    assert post(world.clerk, case, "whistle", **called) == 302
    share = {"username": "handler", "mode": "read", "unit_id": ""}
    assert post(world.clerk, case, "share", **share) == 302
    assert CaseShare.objects.get().user == world.handler
    nobody = {"username": "nobody", "mode": "read", "unit_id": ""}
    assert post(world.clerk, case, "share", **nobody) == 409
    second = create_case(world, state=State.ACCEPTED)
    assert post(world.clerk, second, "split", **parts) == 302
    third = create_case(world)
    assert post(world.clerk, third, "join", main="", main_typed=case.number) == 302


def test_the_api_makes_the_moves_too(world: World) -> None:
    from tests.clients import Program

    case = create_case(world, state=State.ACCEPTED)
    program = Program(world.clerk)
    called = {"whistle_kind": "hard", "departments": [world.police.pk], "note": "x", "version": 1}
    answer = program.post(f"/cases/{case.number}/whistle/", called)
    assert answer.json()["state"] == "joint"
    found = program.get(f"/cases/{case.number}/").json()
    assert [task["department"] for task in found["tasks"]] == ["派出所"]
    other = create_case(world)
    parts = [{"item": case.item_id, "description": word} for word in ("甲", "乙")]
    answer = program.post(f"/cases/{other.number}/split/", {"version": 0, "parts": parts})
    assert answer.json()["state"] == "split"
    meeting = {
        "version": 2,
        "held_on": "2026-03-02",
        "participants": "甲",
        "note": "乙",
        "decisions": [{"department": world.police.pk, "what": "丙", "due_on": "2026-03-09"}],
    }
    answer = Program(world.dispatcher).post(f"/cases/{case.number}/consult/", meeting)
    assert answer.status_code == 200
    assert workflow.task_departments(Case.objects.get(pk=case.pk)) == {world.police.pk}
    assert report_of(case.item).item_id == case.item_id


def test_orders_end_with_the_case_and_may_be_given_again_in_rework(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)
    case = move(case, "supervise", by=world.supervisor)
    for action in ("close", "answer"):
        case = move(case, action, by=world.clerk)
    assert case.severity == ""
    case = move(case, "rate", by=None, satisfied=False)

    assert move(case, "supervise", by=world.supervisor, severity="plain").severity == "plain"
    assert (
        not Timer.objects.open()
        .filter(kind="case.supervision_due")
        .exclude(subject_id=Supervision.objects.order_by("-pk")[0].pk)
    )


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


# What a reader of the code found --------------------------------------------------------------


def test_a_case_with_open_tasks_is_neither_handled_on_the_spot_nor_split(world: World) -> None:
    case = create_case(world, state=State.ACCEPTED)
    decided = (Decision(world.police.pk, "查处", date(2026, 3, 5)),)
    case = move(case, "consult", by=world.dispatcher, decisions=decided)

    assert "还有 1 项任务" in refused(case, "handle_on_spot", by=world.grid_worker)
    assert "还有 1 项任务" in refused(case, "split", by=world.clerk)


def test_a_promise_is_judged_as_it_stands_after_the_pause(world: World) -> None:
    case = create_case(world, state=State.SUSPENDED)

    later = moment("2026-03-10 09:00")
    case = move(case, "force_close", by=world.leader, now=later)

    assert case.promise_due_at is not None
    assert case.promise_due_at > later
    assert case.promise_kept is True


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


def test_rework_after_a_whistle_is_the_departments_not_the_callers(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "whistle", by=world.clerk, department_ids=(world.police.pk,))
    case = move(case, "report_task", by=world.police_handler)
    case = move(case, "conclude", by=world.clerk)
    assert case.handler == world.clerk
    case = move(case, "fail", by=world.grid_worker)

    assert case.handler is None
    assert told(world.handler)[-1] == "rework"


def test_a_duplicate_that_is_reopened_goes_its_own_way(world: World) -> None:
    main = create_case(world, state=State.VERIFIED)
    other = move(create_case(world), "join", by=world.clerk, main=main.number)
    for action in ("close", "answer"):
        main = move(main, action, by=world.clerk)

    other = move(other, "reopen", by=world.clerk)

    assert (other.state, other.main) == (State.ACCEPTED, None)


def test_orders_end_when_a_case_is_joined_or_refused(world: World) -> None:
    case = move(create_case(world), "supervise", by=world.supervisor)
    case = move(case, "refuse", by=world.clerk)

    assert case.severity == ""
    assert not Supervision.objects.filter(ended_at=None).exists()
    assert not Timer.objects.open().filter(kind="case.supervision_due").exists()


def test_a_slip_of_the_year_is_no_date(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    far = date(9999, 12, 31)

    assert "两年" in refused(case, "ask_extension", by=world.handler, until=far)
    assert "两年" in refused(case, "correct", by=world.clerk, promise_on=far)
    for past in (date(1, 1, 1), date(2026, 3, 1)):
        assert "早于上报" in refused(case, "correct", by=world.clerk, promise_on=past)


def test_a_timer_that_another_one_of_the_same_sweep_made_void_does_not_fire(
    world: World,
) -> None:
    """A limit is lengthened just as the stage goes overdue: no ladder for what is not late."""
    case = create_case(world, state=State.HANDLING)
    case.item.limits.filter(stage="handle").update(amount=9)
    timers.ensure("item.limits", case.item_id, moment("2026-03-03 17:29"))

    sweep("2026-03-03 17:30")

    case.refresh_from_db()
    assert case.escalation == 0
    assert case.stage_due_at == moment("2026-03-13 17:30")
    assert not case.transitions.filter(action="overdue").exists()


def test_an_accepted_case_is_found_by_its_new_item(world: World) -> None:

    other = create_item(department=world.police, code="0301", name="占道经营", dispatch="manual")
    case = move(create_case(world), "accept", by=world.clerk, item_id=other.pk)

    assert list(Case.objects.filter(search=search.query("占道"))) == [case]
