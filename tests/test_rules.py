"""Dispatch rules, what an absence does, what is inconsistent, and limits that change."""

from __future__ import annotations

import contextlib
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases import dispatch, notifications, rules
from cases.models import Case, DispatchRule, Item, Ladder, State
from governance import timers
from governance.models import Message, Timer, Unit, User
from tests.builders import World, create_unit, create_user, moment, queries, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser
from tests.test_services import create_service_item


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def create_rule(department: Unit, **fields: Any) -> DispatchRule:
    number = DispatchRule.objects.count() + 1
    given = {"name": f"规则{number}", "order": number, "mode": "automatic", **fields}
    return DispatchRule.objects.create(department=department, valid_from=date(2026, 1, 1), **given)


# Which rule fires -------------------------------------------------------------------------------


def test_a_rule_sends_a_case_elsewhere(world: World) -> None:
    create_item(department=world.sanitation, dispatch="manual")
    create_rule(world.police, words=["打架", "斗殴"], name="治安")
    quiet, fight = create_case(world), create_case(world, description="楼下有人打架")

    assert move(quiet, "accept", by=world.clerk).state == State.ACCEPTED
    fight = move(fight, "accept", by=world.clerk)

    assert (fight.state, fight.department) == (State.DISPATCHED, world.police)
    reasons = fight.transitions.order_by("-pk")[0].details["reasons"]
    assert "派遣规则：治安" in [dispatch.sentence(reason) for reason in reasons]


def test_a_rule_that_only_suggests_asks_the_dispatcher(world: World) -> None:
    create_item(department=world.sanitation, dispatch="automatic")
    create_rule(world.police, mode="manual")
    case = create_case(world)

    assert dispatch.rank(case)[0].name == "派出所"
    # the item itself would be certain of its own department
    assert move(case, "accept", by=world.clerk).state == State.ACCEPTED


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"words": ["路灯"]}, "words"),
        ({"source": "public"}, "source"),
        ({"hours": "outside"}, "hours"),
        ({"hours": "working"}, ""),
        ({"grid_kind": "dedicated"}, "grid_kind"),
        ({"valid_to": date(2026, 2, 1)}, "dates"),
    ],
)
def test_every_condition_must_hold(world: World, fields: dict[str, Any], why: str) -> None:
    create_rule(world.police, **fields)
    case = create_case(world)

    (rule,) = rules.rules()
    assert rules.unmet(rule, rules.facts_of(case)) == why


def test_conditions_of_item_class_and_place(world: World) -> None:
    case = create_case(world)
    other = create_item(department=world.police, code="0301", name="占道经营")
    for fields in (
        {"item": case.item},
        {"item_class": case.item.item_class},
        {"unit": world.street},
        {"item": other},
        {"unit": world.other_street},
    ):
        create_rule(world.police, **fields)

    found = [rules.unmet(rule, rules.facts_of(case)) for rule in rules.rules()]

    assert found == ["", "", "", "item", "unit"]


def test_no_rule_brings_down_what_a_higher_level_took_back(world: World) -> None:
    """Also one that is not about the item itself, which the configuration check cannot know."""
    local = create_unit(kind="department", name="街道城管所", parent=world.street)
    lead = create_unit(kind="department", name="街道规划所", parent=world.street)
    for unit in (local, lead):
        create_user(role="handler", unit=unit)
    taken = create_item(department=lead, joint=(local,), remit="upper", upper_department="规划局")
    create_rule(local, item_class=taken.item_class, name="街道先办")
    create_rule(local, name="都归街道")
    case = create_case(world, item=taken)

    assert local.pk not in {one.department_id for one in dispatch.rank(case)}
    case = move(case, "accept", by=world.clerk)
    # its own department hands it up
    assert (case.state, case.department) == (State.DISPATCHED, lead)
    tried = rules.tried(rules.facts_of(case))
    assert {verdict.why for verdict in tried} == {"上级收回的事项不能派给街道部门"}


def test_the_page_says_which_fired_and_why_the_others_did_not(world: World) -> None:
    item = create_item(department=world.sanitation)
    asking = {"source": "phone_call", "hours": "outside", "grid_kind": "dedicated"}
    create_rule(world.police, words=["打架"], name="治安", **asking)
    create_rule(world.sanitation, item=item, name="垃圾")
    create_rule(world.police, item=item, name="白写的")
    asked: dict[str, str | int] = {
        "item": item.pk,
        "words": "垃圾",
        "source": "public",
        "at": "2026-03-02T10:00",
    }

    html = browser(world.dispatcher).post("/dispatch-rules/", asked).content.decode()

    assert "适用规则：垃圾" in html
    assert "专属网格 · 打架 · 电话 · 工作时间外" in html
    assert "来源不符" in html
    assert "排在前面的规则已适用" in html
    assert "从不适用：排在前面的“垃圾”已把这些事件派给环卫所。" in html
    assert "适用规则" not in browser(world.system_admin).get("/dispatch-rules/").content.decode()
    assert browser(world.clerk).get("/dispatch-rules/").status_code == 403


def test_five_hundred_rules_cost_no_query(world: World) -> None:
    DispatchRule.objects.bulk_create(
        DispatchRule(
            name=f"规则{n}",
            order=n,
            department=world.police,
            mode="manual",
            words=[f"词{n:03d}"],
            valid_from=date(2026, 1, 1),
        )
        for n in range(500)
    )
    case = create_case(world, description="词499")
    from governance import actor

    with actor.acting(None, "desk"):
        assert [rule.name for rule in rules.holding(rules.facts_of(case))] == ["规则499"]
        with queries(0):
            assert rules.tried(rules.facts_of(case))[499].fires


# A post of the department -----------------------------------------------------------------------


@pytest.fixture
def named(world: World) -> User:
    """A second handler at the police, whose post a rule names."""
    named = create_user(role="handler", unit=world.police, name="李警官")
    create_item(department=world.sanitation, dispatch="manual")
    create_rule(world.police, name="治安", post=named.posts.get())
    return named


def turns(user: User) -> list[str]:
    return list(Message.objects.filter(recipient=user).values_list("kind", flat=True))


def test_a_rule_may_name_a_post_whose_holder_is_told(world: World, named: User) -> None:
    case = move(create_case(world), "accept", by=world.clerk)

    assert (case.department, case.handler) == (world.police, named)
    assert (turns(named), turns(world.police_handler)) == (["case.turn"], [])
    html = browser(world.dispatcher).get(f"/cases/{case.number}/").content.decode()
    assert "派遣规则：治安，指定部门处置员" in html
    assert "指定李警官签收" in html
    # the others of the department see it wait, and may sign
    assert case.number in browser(world.police_handler).get("/?tab=mine").content.decode()
    shift_clock(to=case.stage_due_at)
    timers.sweep()
    assert "case.stage_overdue" in turns(world.police_handler)
    assert move(case, "sign", by=world.police_handler).handler == world.police_handler


def test_a_dispatcher_who_follows_the_rule_names_the_post_too(world: World, named: User) -> None:
    DispatchRule.objects.update(mode="manual")
    case = move(create_case(world), "accept", by=world.clerk)
    assert case.state == State.ACCEPTED
    form = browser(world.dispatcher).get(f"/cases/{case.number}/dispatch/").content.decode()
    assert "派出所 · 李警官" in form

    other = move(create_case(world), "accept", by=world.clerk)
    case = move(case, "dispatch", by=world.dispatcher, department_id=world.police.pk)
    other = move(other, "dispatch", by=world.dispatcher, department_id=world.sanitation.pk)

    assert (case.handler, other.handler) == (named, None)
    assert move(case, "return", by=named).handler is None


@pytest.mark.parametrize("gone", ["post", "user"])
def test_a_post_that_nobody_holds_falls_to_the_department(
    world: World, named: User, gone: str
) -> None:
    if gone == "post":
        named.posts.update(valid_to=date(2026, 2, 1))
    else:
        User.objects.filter(pk=named.pk).update(is_active=False)

    case = move(create_case(world), "accept", by=world.clerk)

    assert (case.department, case.handler) == (world.police, None)
    assert turns(world.police_handler) == ["case.turn"]
    reasons = case.transitions.order_by("-pk")[0].details["reasons"]
    assert "指定岗位无人在岗，由部门签收" in [dispatch.sentence(reason) for reason in reasons]
    assert "治安: 指定的岗位无人在岗，由部门签收。" in checked()
    page = browser(world.dispatcher).get("/dispatch-rules/").content.decode()
    assert "岗位空缺，由部门签收" in page


def test_who_left_after_the_dispatch_leaves_it_to_the_department(world: World, named: User) -> None:
    case = move(create_case(world), "accept", by=world.clerk)
    named.posts.update(valid_to=date(2026, 3, 1))

    assert notifications.whose_turn(case) == [world.police_handler.pk]


def test_a_department_without_anybody_falls_to_the_next_and_says_so(
    world: World, named: User
) -> None:
    create_rule(world.sanitation, name="其次")
    User.objects.filter(pk__in=[named.pk, world.police_handler.pk]).update(is_active=False)

    case = move(create_case(world), "accept", by=world.clerk)

    assert (case.department, case.handler) == (world.sanitation, None)
    assert "case.unstaffed" in turns(world.dispatcher)


def test_the_trial_and_the_form_of_a_rule_with_a_post(world: World, named: User) -> None:
    item = Item.objects.get()
    asked: dict[str, Any] = {"item": item.pk, "source": "public", "at": "2026-03-02T10:00"}
    tried = browser(world.dispatcher).post("/dispatch-rules/", asked).content.decode()
    assert "适用规则：治安，派给派出所 · 部门处置员 李警官" in tried

    admin, path = browser(world.system_admin), "/admin/cases/dispatchrule/add/"
    html = admin.get(path).content.decode()
    assert "派出所 · 部门处置员 · 李警官" in html
    assert "军丽园社区 ·" not in html
    form = {
        **{"name": "卫生", "order": 5, "department": world.sanitation.pk, "mode": "manual"},
        **{"valid_from": "2026-01-01", "post": named.posts.get().pk},
    }
    assert "该岗位不在所选部门" in admin.post(path, form).content.decode()
    form["post"] = world.handler.posts.get().pk
    assert admin.post(path, {**form, "_confirmed": "1"}).status_code == 302
    assert DispatchRule.objects.get(name="卫生").post == world.handler.posts.get()


# Absence ----------------------------------------------------------------------------------------


def test_an_absence_never_swallows_a_case(world: World) -> None:
    empty = create_unit(kind="department", name="空缺的所", parent=world.district)
    create_item(department=empty, joint=(world.police,), dispatch="automatic")
    case = create_case(world)
    Message.objects.all().delete()

    case = move(case, "accept", by=world.clerk)

    assert (case.state, case.department) == (State.DISPATCHED, world.police)
    kinds = Message.objects.filter(recipient=world.dispatcher).values_list("kind", flat=True)
    assert "case.unstaffed" in kinds
    assert case.transitions.filter(action="unstaffed").exists()


def test_a_dispatch_by_hand_to_where_nobody_is_raises_the_alarm_too(world: World) -> None:
    empty = create_unit(kind="department", name="空缺的所", parent=world.district)
    item = create_item(department=empty, dispatch="manual")
    case = create_case(world, item=item, state=State.ACCEPTED)
    Message.objects.all().delete()

    case = move(case, "dispatch", by=world.dispatcher)

    assert (case.state, case.department) == (State.DISPATCHED, empty)
    told = Message.objects.filter(kind="case.unstaffed").values_list("recipient", flat=True)
    assert set(told) == {world.dispatcher.pk, world.supervisor.pk}
    assert case.transitions.get(action="unstaffed").details == {"departments": [empty.pk]}


def test_a_handler_who_left_swallows_no_case(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    assert notifications.whose_turn(case) == [world.handler.pk]

    world.handler.posts.update(valid_to=date(2026, 3, 1))
    assert notifications.whose_turn(case) == [world.department_lead.pk]
    assert notifications.department(case, {}) == [world.department_lead.pk]

    world.department_lead.posts.update(valid_to=date(2026, 3, 1))
    assert notifications.whose_turn(case) == []  # it climbs; who left hears of it no more


def test_events_go_to_the_territory_first_components_to_the_owner(world: World) -> None:
    local = create_unit(kind="department", name="街道综合执法队", parent=world.street)
    create_user(role="handler", unit=local)
    for form, first in (("event", local), ("component", world.sanitation)):
        item = create_item(
            department=world.sanitation,
            joint=(local,),
            form=form,
            code=f"09{len(form)}",
            name=f"事项{form}",
        )
        case = create_case(world, item=item)
        assert dispatch.rank(case)[0].department_id == first.pk, form


# What is inconsistent ---------------------------------------------------------------------------


def checked() -> str:
    said = StringIO()
    with pytest.raises(CommandError, match="处不一致"):
        call_command("check_config", stdout=said)
    return said.getvalue()


def test_what_is_consistent_is_said_so(world: World) -> None:
    create_item(department=world.sanitation)
    assert "东丽区: 区级没有督办员或领导，对平台的意见无人答复。" in checked()
    create_user(role="supervisor", unit=world.district)
    said = StringIO()
    call_command("check_config", stdout=said)

    assert said.getvalue().strip() == "配置一致。"


def test_what_is_inconsistent_is_named(world: World) -> None:
    local = create_unit(kind="department", name="街道城管所", parent=world.street)
    create_item(
        department=local,
        joint=(local,),
        remit="upper",
        upper_department="规划局",
        limits={"accept": (2, "working_hours")},
    )
    ladder = Ladder.objects.get()
    ladder.steps.filter(step=1).update(step=5, to="community")
    ladder.steps.filter(to="district").update(to="street")
    Ladder.objects.create(code="empty", name="空阶梯")
    create_rule(world.sanitation)
    create_rule(world.police)
    other = create_unit(kind="department", name="街道执法队", parent=world.street)
    create_rule(other, item=Item.objects.get())
    User.objects.filter(pk=world.police_handler.pk).update(is_active=False)

    said = checked()

    for sentence in (
        "0101 暴露垃圾: 主责部门“街道城管所”没有在岗人员。",
        "主责部门又列为配合部门。",
        "规则3: 上级收回的事项不能派给街道部门。",
        "缺少“handle”时限。",
        "一般: 级次不连续，应从 0 起逐级加一。",
        "没有升级到区级。",
        "空阶梯: 没有升级步骤，超期后无人知晓。",
        "规则2: 从不适用",
        "规则2: 派给的部门没有在岗人员。",
    ):
        assert sentence in said, sentence


def test_what_is_dissolved_and_still_named_is_inconsistent(world: World) -> None:
    create_user(role="supervisor", unit=world.district)
    gone = create_unit(kind="department", name="旧执法队", parent=world.district)
    item = create_item(department=world.sanitation, joint=(gone, world.police))
    create_service_item(gone)
    create_service_item(gone, code="old", name="停办事项", is_active=False)
    create_rule(world.police, unit=world.second_grid, item=item)
    create_rule(world.police, unit=world.second_grid, valid_to=date(2026, 2, 1))
    said = StringIO()
    with contextlib.suppress(CommandError):
        call_command("check_config", stdout=said)
    assert "撤销" not in said.getvalue()

    Unit.objects.filter(pk__in=[gone.pk, world.second_grid.pk]).update(valid_to=date(2026, 3, 1))

    assert [line for line in checked().splitlines() if "撤销" in line] == [
        "0101 暴露垃圾: 配合部门“旧执法队”已撤销。",
        "senior-card 老年优待证: 承办部门已撤销。",
        "规则1: 所限的辖区“军丽园第二网格”已撤销，规则不再适用。",
    ]


# Limits that change -----------------------------------------------------------------------------


def limits_form(case: Case, **amounts: int) -> dict[str, Any]:
    """The administrator's form of an item, with other amounts."""
    item = case.item
    rows = list(item.limits.order_by("pk"))
    form = {
        **{
            name: getattr(item, name)
            for name in ("name", "name_en", "form", "remit", "admission", "closing", "dispatch")
        },
        "item_class": item.item_class_id,
        "department": item.department_id,
        "ladder": item.ladder_id,
        "source": item.source,
        "words": "垃圾",
        "is_active": "on",
        "limits-TOTAL_FORMS": len(rows),
        "limits-INITIAL_FORMS": len(rows),
    }
    for n, row in enumerate(rows):
        form |= {
            f"limits-{n}-id": row.pk,
            f"limits-{n}-item": item.pk,
            f"limits-{n}-stage": row.stage,
            f"limits-{n}-amount": amounts.get(row.stage, row.amount),
            f"limits-{n}-unit": row.unit,
        }
    return form


def test_a_changed_limit_says_first_how_many_cases_it_moves(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    extended = create_case(world, state=State.HANDLING)
    extended = move(extended, "ask_extension", by=world.handler, until=date(2026, 3, 6))
    extended = move(extended, "grant", by=world.dispatcher)
    create_case(world, state=State.FINISHED)
    admin, path = browser(world.system_admin), f"/admin/cases/item/{case.item_id}/change/"
    form = limits_form(case, handle=3)

    asked = admin.post(path, form)
    assert "会使 2 件在办事件的阶段时限重算" in asked.content.decode()
    assert case.item.limits.get(stage="handle").amount == 1
    assert not Timer.objects.open().filter(kind="item.limits").exists()
    assert admin.post(path, {**form, "_confirmed": "1"}).status_code == 302
    timers.sweep()

    case.refresh_from_db()
    assert case.stage_due_at == moment("2026-03-05 17:30")
    assert case.promise_due_at == moment("2026-03-05 17:30")
    extended.refresh_from_db()
    assert extended.stage_due_at == moment("2026-03-06 17:30")
    assert case.transitions.order_by("-pk")[0].action == "relimit"


def test_a_removed_limit_leaves_no_case_escalated(world: World) -> None:
    """Zammad #4353: a ticket stayed escalated for ever."""
    case = create_case(world, state=State.HANDLING)
    now = shift_clock(to=moment("2026-03-04 09:00"))
    timers.sweep()
    case.refresh_from_db()
    assert case.escalation == 1
    case.item.limits.filter(stage="handle").delete()

    timers.ensure("item.limits", case.item_id, now)
    timers.sweep()

    case.refresh_from_db()
    assert (case.stage_due_at, case.escalation) == (None, 0)
    running = Timer.objects.open().filter(subject_id=case.pk, kind="case.stage_overdue")
    assert not running.exists()
