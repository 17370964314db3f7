"""A change of the configuration says before saving what it moves; and what it moves follows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from cases import items, recomputing, regulations, workflow
from cases.models import Case, DispatchRule, Item, Ladder, LadderStep, Regulation, State
from governance import actor, timers, workcalendar
from governance.models import CalendarDay, Message, Timer, WorkingHours
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY, WAY, create_case, create_item, move
from tests.clients import browser
from tests.test_cases_admin import errors, form_of

CONFIRMED = {"_confirmed": "1"}


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def sweep(at: str = "") -> None:
    if at:
        shift_clock(to=moment(at))
    while timers.sweep():
        pass


def said(answer: Any) -> str:
    """What is said before saving; the page that asks."""
    assert answer.status_code == 200
    html: str = answer.content.decode()
    assert 'name="_confirmed"' in html
    assert "成功" not in html
    return html


def extended(world: World) -> Case:
    case = create_case(world, state=State.HANDLING)
    case = move(case, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    return move(case, "grant", by=world.dispatcher)


def running(case: Case, kind: str) -> list[tuple[int, datetime]]:
    rows = Timer.objects.open().filter(subject_id=case.pk, kind=kind)
    return list(rows.order_by("level").values_list("level", "due_at"))


# The calendar -----------------------------------------------------------------------------------

DAY = "/admin/governance/calendarday/add/"
REST = {"day": "2026-03-03", "kind": "rest", "name": "停工", "spans": "null"}


def test_a_day_off_says_first_how_many_cases_it_moves(world: World) -> None:
    case, long = create_case(world, state=State.HANDLING), extended(world)
    # its stage is due today, and its promise alone is moved
    accepted = create_case(world, state=State.ACCEPTED)
    paused = create_case(world, state=State.SUSPENDED)
    done = create_case(world, state=State.CLOSED)
    due, promise = case.stage_due_at, case.promise_due_at
    client = browser(world.system_admin)

    assert "2 件在办事件的时限随之重算" in said(client.post(DAY, REST))

    assert not CalendarDay.objects.filter(day="2026-03-03").exists()
    assert not Timer.objects.filter(kind="calendar.recompute").exists()
    assert workcalendar.calendar().works(date(2026, 3, 3))
    assert client.post(DAY, {**REST, **CONFIRMED}).status_code == 302
    assert not workcalendar.calendar().works(date(2026, 3, 3))
    sweep()
    for row in (case, long, accepted, paused, done):
        row.refresh_from_db()
    assert (due, case.stage_due_at) == (moment("2026-03-03 17:30"), moment("2026-03-04 17:30"))
    assert (promise, case.promise_due_at) == (
        moment("2026-03-05 17:30"),
        moment("2026-03-06 17:30"),
    )
    assert long.stage_due_at == moment("2026-03-06 17:30")  # the date that was granted
    assert paused.stage_due_at is None
    assert done.transitions.filter(action="recompute").count() == 0


def test_hours_are_asked_about_and_a_day_that_moves_nothing_is_not(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    client, path = browser(world.system_admin), "/admin/governance/workinghours/add/"
    hours = {"valid_from": "2026-03-01", "spans": '[["09:00", "12:00"], ["14:00", "18:00"]]'}

    assert "1 件在办事件的时限随之重算" in said(client.post(path, hours))
    assert not WorkingHours.objects.filter(valid_from="2026-03-01").exists()
    assert client.post(path, {**hours, **CONFIRMED}).status_code == 302
    sweep()
    case.refresh_from_db()
    assert case.stage_due_at == moment("2026-03-03 18:00")

    assert client.post(DAY, {**REST, "day": "2026-09-01"}).status_code == 302


def test_who_may_not_change_the_calendar_is_not_asked(world: World) -> None:
    create_case(world, state=State.HANDLING)
    assert browser(world.audit_admin).post(DAY, REST).status_code == 403


def test_to_count_costs_as_many_queries_for_three_cases_as_for_one(world: World) -> None:
    for number in (1, 3):
        while Case.objects.count() < number:
            create_case(world, state=State.HANDLING)
        # as in a request, whose first statement reads the time and what is in memory
        with actor.acting(None, "desk"), queries(4):
            assert recomputing.moving() == 0


# The ladder -------------------------------------------------------------------------------------


def test_a_ladder_says_first_how_many_cases_it_moves_and_sets_their_timers(world: World) -> None:
    case, long = create_case(world, state=State.HANDLING), extended(world)
    paused = create_case(world, state=State.SUSPENDED)
    other = create_item(department=world.police, code="0201", name="井盖缺失")
    Item.objects.filter(pk=other.pk).update(
        ladder=Ladder.objects.create(code="urgent", name="紧急", remind_percent=[50])
    )
    create_case(world, item=other)
    ladder = Ladder.objects.get(code="normal")
    path = f"/admin/cases/ladder/{ladder.pk}/change/"
    client = browser(world.system_admin)
    form = form_of(world.system_admin, path) | {"remind_percent": "40、80"}
    overdue = running(case, "case.stage_overdue")

    assert "2 件在办事件的临期提醒和下一级升级随之重排" in said(client.post(path, form))

    assert Ladder.objects.get(code="normal").remind_percent == [80]
    assert items.facts(case.item_id).remind_percent == (80,)
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    sweep()
    # seven hours of work on Monday and 7.5 on Tuesday: 40 % is 5.8 h of them, 80 % is 11.6
    assert running(case, "case.stage_remind") == [
        (0, moment("2026-03-02 16:18")),
        (1, moment("2026-03-03 14:36")),
    ]
    assert running(case, "case.stage_overdue") == overdue
    assert len(running(case, "case.promise_remind")) == 2
    long.refresh_from_db()
    assert long.stage_due_at == moment("2026-03-06 17:30")
    assert len(running(long, "case.stage_remind")) == 2
    assert running(paused, "case.stage_remind") == []
    sweep("2026-03-12 08:30")  # the pause has ended
    assert len(running(paused, "case.stage_remind")) == 2


def test_a_reminder_that_was_said_is_said_again_where_the_ladder_says_so(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    sweep("2026-03-03 15:00")  # past the 80 %
    assert reminded(world) == 1

    change_ladder(remind_percent=[95])
    sweep()
    sweep("2026-03-03 17:00")

    assert reminded(world) == 2
    assert case.transitions.filter(action="remind").count() == 2


def reminded(world: World) -> int:
    return Message.objects.filter(recipient=world.handler, kind="case.stage_remind").count()


def change_ladder(**changed: Any) -> None:
    Ladder.objects.update(**changed)
    recomputing.change_ladder(Item.objects.values_list("pk", flat=True), MONDAY)


def test_what_was_reached_stays_and_the_next_rung_moves(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    sweep("2026-03-03 17:30")
    case.refresh_from_db()
    assert case.escalation == 1
    assert running(case, "case.stage_overdue") == [(1, moment("2026-03-05 09:00"))]

    LadderStep.objects.filter(step=1).update(after=2)
    LadderStep.objects.filter(step=0).update(to="street")
    change_ladder()
    sweep()

    case.refresh_from_db()
    assert case.escalation == 1
    assert case.transitions.filter(action="escalate").count() == 1
    assert running(case, "case.stage_overdue") == [(1, moment("2026-03-04 10:30"))]
    sweep("2026-03-04 10:30")
    case.refresh_from_db()
    assert case.escalation == 2


def test_a_broken_promise_follows_another_ladder(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    sweep("2026-03-05 17:30")
    case.refresh_from_db()
    assert case.promise_escalation == 1
    assert running(case, "case.promise_overdue") == [(1, moment("2026-03-09 09:00"))]

    LadderStep.objects.filter(step=1).update(after=2)
    change_ladder()
    sweep()

    assert running(case, "case.promise_overdue") == [(1, moment("2026-03-06 10:30"))]
    LadderStep.objects.all().delete()
    change_ladder()
    sweep()
    assert running(case, "case.promise_overdue") == []


def test_another_ladder_of_an_item_moves_its_cases(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    urgent = Ladder.objects.create(code="urgent", name="紧急", remind_percent=[])
    path = f"/admin/cases/item/{case.item_id}/change/"
    form = form_of(world.system_admin, path) | {"ladder": urgent.pk}
    client = browser(world.system_admin)

    assert "1 件在办事件的临期提醒" in said(client.post(path, form))
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    sweep()

    assert running(case, "case.stage_remind") == running(case, "case.promise_remind") == []


@pytest.mark.parametrize("state", WAY)
def test_an_unchanged_ladder_and_calendar_move_nothing(world: World, state: str) -> None:
    case = create_case(world, state=state)
    sweep("2026-03-03 16:00")

    assert recomputing.to_retime([case.item_id], moment("2026-03-03 16:00")) == {}
    assert recomputing.to_move(items.facts(case.item_id)) == []
    assert recomputing.moving() == 0
    sweep("2026-03-13 16:00")
    assert recomputing.to_retime([case.item_id], moment("2026-03-13 16:00")) == {}
    assert recomputing.moving() == 0


# A limit changes while the case stands still ----------------------------------------------------


def test_a_limit_that_was_changed_meanwhile_holds_when_the_case_goes_on(world: World) -> None:
    paused, waiting = create_case(world, state=State.SUSPENDED), create_case(world)
    waiting = move(waiting, "ask_reporter", by=world.clerk)
    path = f"/admin/cases/item/{paused.item_id}/change/"
    stages = list(paused.item.limits.order_by("pk").values_list("stage", flat=True))
    changed = {
        f"limits-{stages.index(stage)}-amount": amount
        for stage, amount in (("handle", 3), ("accept", 4))
    }
    form = form_of(world.system_admin, path) | changed
    client = browser(world.system_admin)

    assert "会使 2 件在办事件的阶段时限重算" in said(client.post(path, form))
    client.post(path, {**form, **CONFIRMED})
    sweep()

    paused.refresh_from_db()
    assert (paused.stage_amount, paused.stage_due_at) == (3, None)
    assert paused.transitions.order_by("-pk")[0].action == "relimit"
    waiting = move(waiting, "reply", by=None, now=moment("2026-03-02 11:00"))
    # four hours to accept; none had gone when it was asked
    assert waiting.stage_due_at == moment("2026-03-02 16:30")
    paused = move(paused, "resume", by=world.dispatcher, now=moment("2026-03-04 09:00"))
    # to Thursday's close were 30 h of work when it stood still
    assert paused.stage_due_at == moment("2026-03-09 17:30")
    assert recomputing.to_move(items.facts(paused.item_id)) == []


def test_an_extension_outlives_a_limit_that_was_changed_while_it_stood_still(world: World) -> None:
    case = extended(world)
    case = move(case, "ask_suspension", by=world.handler, until=date(2026, 3, 4))
    case = move(case, "grant", by=world.dispatcher, now=moment("2026-03-02 10:00"))
    case.item.limits.filter(stage="handle").update(amount=2)
    timers.ensure(recomputing.LIMITS, case.item_id, MONDAY)
    sweep()

    sweep("2026-03-04 08:30")

    case.refresh_from_db()
    # 36 h of work were left to the date that was granted
    assert (case.state, case.stage_amount) == (State.HANDLING, 2)
    assert case.stage_due_at == moment("2026-03-10 16:00")


# Dispatch rules ---------------------------------------------------------------------------------

RULE = "/admin/cases/dispatchrule/add/"


def test_a_rule_says_first_how_many_cases_get_another_candidate(world: World) -> None:
    create_case(world)
    create_case(world, state=State.ACCEPTED, description="楼下有人打架")
    sent = create_case(world, state=State.DISPATCHED, description="楼下有人打架")
    form = {
        **{"name": "治安", "order": 5, "department": world.police.pk, "mode": "manual"},
        **{"valid_from": "2026-01-01", "words": "打架"},
    }
    client = browser(world.system_admin)

    html = said(client.post(RULE, form))

    assert "1 件尚未派遣的事件，首选的部门或岗位随之改变。" in html
    assert "已派遣的事件留在原部门。" in html
    assert not DispatchRule.objects.exists()
    assert client.post(RULE, {**form, **CONFIRMED}).status_code == 302
    sent.refresh_from_db()
    assert sent.department == world.sanitation

    path = f"/admin/cases/dispatchrule/{DispatchRule.objects.get().pk}/change/"
    named = world.police_handler.posts.get().pk
    assert "1 件尚未派遣的事件" in said(client.post(path, {**form, "post": named}))
    html = said(client.post(path, {**form, "name": "治安类"}))
    assert "尚未派遣的事件，首选的部门和岗位都不变。" in html
    assert DispatchRule.objects.get().name == "治安"


# 办理规定 ---------------------------------------------------------------------------------------


def test_a_regulation_says_first_what_will_hold(world: World) -> None:
    create_case(world)
    returned = create_case(world, state=State.DISPATCHED)
    move(returned, "return", by=world.handler)
    client, path = browser(world.system_admin), "/admin/cases/regulation/add/"
    form = form_of(world.system_admin, path) | {"valid_from": "2026-03-02", "returns_most": 3}

    html = said(client.post(path, form))

    assert "自 2026-03-02 起：退单上限（次） 2 → 3。" in html
    assert "2 件在办事件此后的办理适用" in html
    assert "其中 1 件的下一次退单或返工" in html
    assert not Regulation.objects.exists()
    assert regulations.regulation().returns_most == 2
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    assert regulations.regulation().returns_most == 3

    later = form | {"valid_from": "2026-06-01", "silence_days": 5}
    assert "自 2026-06-01 起：等待反映人（工作日） 3 → 5。" in said(client.post(path, later))
    # the row of March has taken its place: nothing to say
    assert client.post(path, form | {"valid_from": "2025-01-01"}).status_code == 302


def test_another_yellow_holds_for_the_stages_that_begin_from_then_on(world: World) -> None:
    before = create_case(world, state=State.HANDLING)
    client, path = browser(world.system_admin), "/admin/cases/regulation/add/"
    form = form_of(world.system_admin, path) | {"valid_from": "2026-03-02", "yellow_percent": 50}
    assert "黄灯起点须在 1 至 99 之间" in errors(client.post(path, form | {"yellow_percent": 100}))

    html = said(client.post(path, form))
    assert "黄灯起点（时限的百分比） 80 → 50。" in html
    assert "已开始的阶段，黄灯起点不变。" in html
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302

    after = create_case(world, state=State.HANDLING)
    assert before.stage_warn_at == moment("2026-03-03 14:36")
    assert after.stage_warn_at == moment("2026-03-03 08:45")
    recomputing.recompute_case(workflow.locked(before.pk), MONDAY)
    before.refresh_from_db()
    assert before.stage_warn_at == moment("2026-03-03 14:36")
