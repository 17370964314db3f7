"""The workflow as stories: the whole way, the wrong moves, rework, two people at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.forms import ChoiceField

from cases import moves, needs, notifications, queue, workflow, workflow_table
from cases.act_forms import ActionForm
from cases.errors import Changed, NotAllowed
from cases.matters import BESIDE_ROWS
from cases.models import Assignment, Case, Outcome, State, Transition
from cases.moves import MOVES, Action, Move, Need
from governance import permissions
from governance.models import Message, Post, Timer, Unit, User
from tests.builders import World, create_user, moment
from tests.case_builders import MONDAY, create_case, create_item, filled_in, move
from tests.clients import browser
from tests.situations import SITUATIONS, Situation

HAPPY = [
    ("accept", "clerk", State.ACCEPTED),
    ("dispatch", "dispatcher", State.DISPATCHED),
    ("sign", "handler", State.HANDLING),
    ("finish", "handler", State.FINISHED),
    ("verify", "grid_worker", State.VERIFIED),
    ("close", "clerk", State.CLOSED),
    ("answer", "clerk", State.ANSWERED),
    ("rate", "clerk", State.ANSWERED),
    ("archive", "clerk", State.ARCHIVED),
]
RETURNED = [
    *HAPPY[:2],
    ("return", "handler", State.ACCEPTED),
    ("insist", "dispatcher", State.DISPATCHED),
    HAPPY[2],
    ("return", "department_lead", State.REFERRED),
    ("rule", "supervisor", State.DISPATCHED),
    *HAPPY[2:4],
]
FAILED = [*HAPPY[:4], ("fail", "grid_worker", State.HANDLING), *HAPPY[3:5]]
REFUSED = [("refuse", "clerk", State.REFUSED), ("archive", "clerk", State.ARCHIVED)]
ON_SPOT = [("handle_on_spot", "grid_worker", State.VERIFIED), *HAPPY[5:7]]


@pytest.mark.parametrize("story", [HAPPY, RETURNED, FAILED, REFUSED, ON_SPOT])
def test_story(world: World, story: list[tuple[str, str, State]]) -> None:
    case = create_case(world)

    for action, who, expected in story:
        case = move(case, action, by=getattr(world, who))
        assert case.state == expected

    lines = case.transitions.order_by("pk").values_list("action", "to_state")
    assert list(lines) == [("report", "reported"), *((a, s.value) for a, _who, s in story)]


@pytest.mark.parametrize("state", State)
def test_only_the_moves_of_the_table_are_made(world: World, state: State) -> None:
    case = create_case(world, state=state)
    wrong = [row.action for row in MOVES if state not in row.source]

    for action in wrong:
        with pytest.raises(NotAllowed, match="现在可以"):
            workflow.take(case, action, by=world.clerk, now=MONDAY)

    assert Case.objects.get(pk=case.pk).state == state


def test_a_wrong_move_names_what_is_allowed(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)

    with pytest.raises(NotAllowed) as refused:
        workflow.take(case, "accept", by=world.clerk, now=MONDAY)

    assert str(refused.value) == "“待结案”的事件不能“受理”；现在可以：结案。"


@pytest.mark.parametrize("action", [a for a in Action if a != Action.REPORT])
def test_nobody_outside_the_unit_moves_a_case(world: World, action: Action) -> None:
    case = create_case(world, state=moves.BY_ACTION[action].source[0])
    strangers = (world.outsider, world.other_grid_worker, world.police_handler, world.system_admin)

    for stranger in strangers:
        with pytest.raises(NotAllowed, match="岗位"):
            move(case, action, by=stranger)


ASKED = [
    (row, need)
    for row in MOVES
    for need in row.needs
    if need in needs.CHECKS and need not in {Need.RETURNED}
]


@pytest.mark.parametrize(("move_row", "need"), ASKED)
def test_what_a_move_needs_is_asked_for(world: World, move_row: Move, need: Need) -> None:
    """Everything but one thing is given; where that one thing is a state, another test tells."""
    create_item(department=world.sanitation, dispatch="manual", photo_after=True)
    case = create_case(world, state=STANDS.get(move_row.action, move_row.source[0]))
    case = prepared(world, case, move_row)
    given: dict[str, Any] = {}
    for other in move_row.needs:
        if other != need:
            given |= filled_in(other, case, MONDAY)
    for name in filled_in(need, case, MONDAY):
        given.pop(name, None)

    with pytest.raises(NotAllowed):
        workflow.take(case, move_row.action, by=None, now=MONDAY, **given)


STANDS = {
    Action.RECHECK: State.HANDLING,
    Action.EXCUSE: State.JOINT,
    Action.SCORE: State.JOINT,
    Action.ORDER: State.HANDLING,
}


def prepared(world: World, case: Case, row: Move) -> Case:
    """The case with what hangs on it when a move like this is made."""
    if Need.TASK in row.needs and not case.is_joint:
        case = move(case, "whistle", by=world.dispatcher)
    if Need.FINDING in row.needs:
        case = move(case, "find", by=world.grid_worker)
    if Need.SUPERVISED in row.needs or Need.UNDER_SUPERVISION in row.needs:
        case = move(case, "supervise", by=world.supervisor)
    if Need.LEAVE in row.needs:
        case = move(case, "ask_extension", by=world.handler)
    if Need.RETURNED in row.needs:
        case = move(case, "dispatch", by=world.dispatcher)
        case = move(case, "return", by=world.handler)
    return case


WORKING = (
    *("clerk", "dispatcher", "supervisor", "leader", "station_lead", "grid_leader", "grid_worker"),
    *("correspondent", "household_head", "department_lead", "handler", "police_handler"),
)
RED = tuple((("supervise", "supervisor"),) * 3)
# Where a case stands beside the situations of the moves: what was asked, given or answered already.
STANDING = (
    *{(place.state, place.way): place for place in SITUATIONS.values()}.values(),
    Situation(State.SUSPENDED, "handler", (("supervise", "supervisor"),)),
    Situation(State.HANDLING, "handler", RED),
    Situation(State.HANDLING, "handler", (*RED, ("reply_supervision", "handler"))),
    Situation(
        State.HANDLING, "handler", (("ask_extension", "handler"), ("grant", "dispatcher")) * 2
    ),
    Situation(State.HANDLING, "dispatcher", (("ask_suspension", "handler"), ("wait", ""))),
    Situation(State.DISPATCHED, "dispatcher", (("return", "handler"), ("dissolve", ""))),
    Situation(State.ACCEPTED, "clerk", (("pass_up", "clerk"),)),
    Situation(State.ACCEPTED, "clerk", (("pass_up", "clerk"), ("pass_up", "dispatcher"))),
    Situation(State.ANSWERED, "clerk", (("rate", "clerk"),)),
    Situation(State.HANDLING, "clerk", (("urge", "clerk"),)),
)


@pytest.mark.parametrize("place", STANDING, ids=lambda place: f"{place.state} {place.way}")
def test_what_is_offered_can_be_done(world: World, place: Situation) -> None:
    """Wherever a case stands: the form has what it asks one to choose from, and filled in it is no
    vain one. (Of moves beside a row, each row offers its own.)"""
    now = MONDAY
    case = create_case(world, state=place.state)
    for action, who in place.way:
        if action == "wait":
            now = MONDAY + timedelta(days=30)
        elif action == "dissolve":
            Unit.objects.filter(pk=world.sanitation.pk).update(valid_to=MONDAY.date())
        else:
            until: dict[str, Any] = {"until": MONDAY.date() + timedelta(days=10 + case.version)}
            asked = until if action.startswith("ask_") else {}
            case = move(case, action, by=getattr(world, who), **asked)
    above = create_user(role="dispatcher", unit=world.district, username="above")
    case.refresh_from_db()
    offered: dict[Move, list[User]] = {}
    for user in (*(getattr(world, who) for who in WORKING), above):
        for row in workflow.allowed(Case.objects.get(pk=case.pk), user, now):
            if row.action not in BESIDE_ROWS:
                offered.setdefault(row, []).append(user)
    assert offered
    for row, users in offered.items():
        user = users[-1]  # who stands highest
        form = ActionForm(move=row, case=case, user=user)
        for field in form.fields.values():
            if isinstance(field, ChoiceField) and field.required:
                choices: Any = field.choices
                assert [value for value, _label in choices if value], row.action
        fresh = [one.department_id for one in form.candidates if not one.returned]
        given: dict[str, Any] = {"department_id": fresh[0]} if fresh else {}
        given |= {"department_ids": (world.police.pk,)} if "departments" in form.fields else {}
        with transaction.atomic():
            move(Case.objects.get(pk=case.pk), row.action, by=user, now=now, **given)
            transaction.set_rollback(True)


def test_an_answered_order_is_not_answered_twice_nor_red_topped(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    for severity in ("plain", "red"):
        case = move(case, "supervise", by=world.supervisor, severity=severity)
    assert offers(case, world.handler, "reply_supervision")
    assert not offers(case, world.supervisor, "supervise")

    case = move(case, "reply_supervision", by=world.handler)

    assert not offers(case, world.handler, "reply_supervision")
    page = browser(world.handler).get(f"/cases/{case.number}/").content.decode()
    assert f"/cases/{case.number}/reply_supervision/" not in page
    case = move(case, "lift_supervision", by=world.supervisor)
    assert offers(case, world.supervisor, "supervise")


def offers(case: Case, user: User, action: str) -> bool:
    return action in {row.action for row in workflow.allowed(case, user, MONDAY)}


def test_the_handler_does_not_verify_the_own_work(world: World) -> None:
    case = create_case(world, state=State.FINISHED)
    Case.objects.filter(pk=case.pk).update(handler=world.grid_worker)

    with pytest.raises(NotAllowed, match="自己处置"):
        workflow.take(case, "verify", by=world.grid_worker, now=MONDAY)


def test_automatic_dispatch_follows_acceptance(world: World) -> None:
    create_item(department=world.sanitation, dispatch="automatic")
    case = create_case(world)

    case = move(case, "accept", by=world.clerk)

    assert case.state == State.DISPATCHED
    assert case.department == world.sanitation
    line = case.transitions.order_by("-pk")[0]
    assert (line.action, line.by) == ("dispatch", None)
    assert line.details["reasons"] == [["lead", {}], ["load", {"load": 0}]]


def test_what_was_dispatched_at_once_waits_for_no_dispatcher(world: World) -> None:
    case = create_case(world, item=create_item(department=world.sanitation, dispatch="automatic"))
    move(case, "accept", by=world.clerk)

    told = Message.objects.filter(params__number=case.number, params__state="accepted")
    assert not told.exists()
    assert Message.objects.filter(recipient=world.handler, params__number=case.number).exists()
    # who comes too late reads who it was: the clerk, not the platform that went on for them
    with pytest.raises(Changed, match=str(world.clerk)):
        workflow.take(case, "refuse", by=world.dispatcher, now=MONDAY, version=0, note="重复")


def test_a_department_without_staff_is_not_chosen_automatically(world: World) -> None:
    create_item(department=world.sanitation, dispatch="automatic")
    case = create_case(world)
    User.objects.filter(pk__in=[world.handler.pk, world.department_lead.pk]).update(is_active=False)

    case = move(case, "accept", by=world.clerk)

    assert case.state == State.ACCEPTED


def test_the_clerk_puts_a_report_under_its_item_on_accepting(world: World) -> None:
    other = create_item(department=world.police, code="0301", name="占道经营")
    case = create_case(world)

    case = move(case, "accept", by=world.clerk, item_id=other.pk)

    assert case.item == other
    assert case.department == world.police


def test_the_second_of_two_is_told_who_was_first(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    seen = case.version

    move(case, "finish", by=world.handler, version=seen)
    with pytest.raises(Changed, match="部门处置员"):
        workflow.take(case, "return", by=world.department_lead, now=MONDAY, version=seen, note="x")

    assert Case.objects.get(pk=case.pk).state == State.FINISHED


def test_the_promise_is_judged_at_the_first_close_and_stays(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)

    case = move(case, "close", by=world.clerk, now=moment("2026-03-05 17:30"))
    assert case.promise_kept is True
    move(case, "answer", by=world.clerk)
    case = move(case, "rate", by=None, satisfied=False, note="没清干净")
    for action, who in (("finish", "handler"), ("verify", "grid_worker"), ("close", "clerk")):
        case = move(case, action, by=getattr(world, who), now=moment("2026-04-01 10:00"))

    assert case.promise_kept is True
    assert case.first_closed_at == moment("2026-03-05 17:30")


def test_a_minute_after_the_promise_is_late(world: World) -> None:
    case = create_case(world, state=State.VERIFIED)

    case = move(case, "close", by=world.clerk, now=moment("2026-03-05 17:31"))

    assert case.promise_kept is False


def test_a_dissatisfied_resident_reopens_the_same_case(world: World) -> None:
    case = create_case(world, state=State.ANSWERED)

    case = move(case, "rate", by=None, satisfied=False, note="又堆起来了", now=MONDAY)

    assert (case.state, case.rework_count) == (State.HANDLING, 1)
    assert case.department == world.sanitation
    assert Assignment.objects.filter(case=case, finished_at=None).count() == 1
    assert Case.objects.count() == 1


def test_rework_of_what_was_handled_on_the_spot_goes_to_the_dispatcher(world: World) -> None:
    case = create_case(world)
    for action, who, _state in ON_SPOT:
        case = move(case, action, by=getattr(world, who))

    case = move(case, "rate", by=None, satisfied=False)

    assert (case.state, case.rework_count) == (State.ACCEPTED, 1)


def test_rework_wants_a_new_picture(world: World) -> None:
    create_item(department=world.sanitation, dispatch="manual", photo_after=True)
    case = create_case(world, state=State.FINISHED)
    case = move(case, "fail", by=world.grid_worker, now=moment("2026-03-03 09:00"))

    with pytest.raises(NotAllowed, match="照片"):
        workflow.take(
            case, "finish", by=world.handler, now=MONDAY, outcome="solved", note="再次清理"
        )


def test_clocks_start_and_stop_with_the_stages(world: World) -> None:
    case = create_case(world)
    open_timers = Timer.objects.open().filter(subject_id=case.pk)
    assert sorted(open_timers.values_list("kind", flat=True)) == [
        "case.promise_overdue",
        "case.promise_remind",
        "case.stage_overdue",
        "case.stage_remind",
    ]
    assert case.stage_due_at == moment("2026-03-02 11:00")

    case = move(case, "accept", by=world.clerk, now=moment("2026-03-02 10:00"))
    assert case.stage_due_at == moment("2026-03-02 12:00")

    for action, who, _state in HAPPY[1:6]:
        case = move(case, action, by=getattr(world, who))
    assert case.state == State.CLOSED
    kinds = set(open_timers.values_list("kind", flat=True))
    assert kinds == {"case.stage_overdue", "case.stage_remind"}  # of the answer that is owed

    case = move(case, "answer", by=world.clerk, note="已清理")
    assert case.stage_due_at is None
    assert not open_timers.exists()


def test_a_failing_move_leaves_nothing(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    before = (Transition.objects.count(), Timer.objects.open().count())

    with pytest.raises(NotAllowed):
        workflow.take(case, "finish", by=world.handler, now=MONDAY, outcome="solved", note=" ")

    assert (Transition.objects.count(), Timer.objects.open().count()) == before


def test_the_printed_table_is_the_documented_one(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("workflow")

    printed = capsys.readouterr().out
    documented = Path("docs/workflow.md").read_text(encoding="utf-8")
    assert printed.strip() == documented.strip()
    assert all(str(action.label) in documented for action in Action)
    assert workflow_table.HEAD in documented


def test_outcomes_are_those_of_the_field(world: World) -> None:
    case = create_case(world, state=State.HANDLING)

    for outcome in ("", "fixed"):
        with pytest.raises(NotAllowed, match="办理结果"):
            workflow.take(case, "finish", by=world.handler, now=MONDAY, note="x", outcome=outcome)

    assert [o.value for o in Outcome] == [
        "solved",
        "helped",
        "explained",
        "law",
        "duplicate",
        "not_ours",
    ]


# Whose turn it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", notifications.TURN)
def test_who_is_told_that_it_is_their_turn_may_do_something(state: State) -> None:
    waited_for = {m.action for m in MOVES if state in m.source and m.action in queue.TASKS}
    can = [permissions.TABLE[f"case.{action}"].roles for action in waited_for]

    told = {role for _column, roles in notifications.TURN[state] for role in roles}

    assert told <= frozenset().union(*can)


def test_to_verify_is_asked_who_may_verify(world: World) -> None:
    """Nobody is in post in the grid, nor at the community's window."""
    case = create_case(world, state=State.HANDLING)
    street_clerk = create_user(role="clerk", unit=world.street)
    Post.objects.filter(role__in=["clerk", "grid_worker", "grid_leader"]).exclude(
        user=street_clerk
    ).delete()

    case = move(case, "finish", by=world.handler)

    assert notifications.whose_turn(case) == [street_clerk.pk]


def test_of_a_case_in_no_community_is_told_who_can_take_charge(world: World) -> None:
    """The district's centre has nobody in post; the clerks of its communities see the case."""
    case = create_case(world)
    Case.objects.filter(pk=case.pk).update(street=None, community=None, grid=None)
    case.refresh_from_db()
    assert notifications.whose_turn(case) == [world.dispatcher.pk]
    Post.objects.filter(user=world.dispatcher).delete()

    told = notifications.whose_turn(case)

    assert told == sorted([world.clerk.pk, world.outsider.pk])
    assert notifications.callers(case, {}) == told
    for user in User.objects.filter(pk__in=told):
        assert workflow.may(case, moves.BY_ACTION["accept"], user)
    case.level = "street"  # no longer theirs to dispatch
    case.state = State.ACCEPTED
    assert notifications.whose_turn(case) == []
