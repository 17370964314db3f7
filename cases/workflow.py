"""`take`, the only function that changes a case's state, by the table of cases/moves.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _t

from cases import (
    access,
    dispatch,
    feedback,
    needs,
    notifications,
    sampling,
    stages,
    supervision,
)
from cases.effects import EFFECTS, correcting, ending, leave
from cases.effects.done import Done
from cases.errors import Changed, NotAllowed
from cases.given import Given
from cases.models import AT_WORK, PAUSED, Assignment, Case, Outcome, Severity, State, Transition
from cases.moves import BY_ACTION, FORWARD, MOVES, Action, Move, Need
from cases.regulations import regulation
from governance import actor, outbox

if TYPE_CHECKING:
    from governance.models import User

AT_DEPARTMENT = (State.DISPATCHED, State.HANDLING)
REWORKS = {Action.FAIL, Action.RATE, Action.REOPEN}


def allowed(case: Case, user: User, now: datetime) -> list[Move]:
    """The moves this user may make on this case now, in the order of the table."""
    return [
        move
        for move in MOVES
        if case.state in move.source
        and may(case, move, user)
        and not any(needs.unmet(need, case, user, now) for need in move.needs)
    ]


def may(case: Case, move: Move, user: User) -> bool:
    """Whether one of the user's posts lets them make this move on this case."""
    permission = f"case.{move.action}"
    if move.of_task:
        return bool(access.departments_of(user, permission) & task_departments(case))
    if access.may_act(user, case, permission, at_level=move.at_level):
        return True
    if move.action in BY_REPORTER and case.reported_by_id == user.pk:
        return True
    return (
        move.action in HELPING
        and access.helps(user, case)
        and bool(access.departments_of(user, permission))
    )


# What whoever of the staff reported the case may do beside those of the table of permissions, as a
# resident may on the page of the code.
BY_REPORTER = {Action.REPLY}
# What somebody may do to whom the case is shared for helping.
HELPING = {Action.FIND}


def task_departments(case: Case) -> set[int]:
    """The departments with an open task at this case; asked once a case in hand."""
    if not case.tasks_open:
        return set()
    known: set[int] | None = case.__dict__.get("_task_departments")
    if known is None:
        rows = case.tasks.filter(reported_at=None, excused_at=None)
        known = case.__dict__["_task_departments"] = set(
            rows.values_list("department_id", flat=True)
        )
    return known


@transaction.atomic
def take(
    case: Case,
    action: str,
    *,
    by: User | None,
    now: datetime,
    version: int | None = None,
    historical: bool = False,
    **fields: Any,
) -> Case:
    """Make one move: lock, check the table, write, append the line, timers, messages; all or none.

    `by` is None for residents (rate, reply, urge) and for the platform itself. `version` is what
    the caller saw. `historical` records work done elsewhere: no timers, no messages. `fields` are
    those of `Given`. Returns the case as it is now. Raises Changed when the case moved on since
    `version`, NotAllowed when the table forbids it.
    """
    given = Given(**fields)
    given.note = given.note.strip()
    main = locked_main(case, given, by) if action == Action.JOIN else None
    if action == Action.RATE and case.main_id is not None:
        locked(case.main_id)  # the main case first, as whoever closes or answers it does
    case = locked(case.pk)
    if version is not None and version != case.version:
        raise Changed(changed_by(case))
    move = check(case, action, by, now, given, historical=historical)
    line = apply(case, move, by=by, now=now, given=given, historical=historical)
    if historical:
        return case
    feedback.tell_reporter(case, line, now)
    if action == Action.ACCEPT:
        line = dispatch_at_once(case, now) or line
    if main is not None:
        line_of(
            main, "joined", by=by, at=now, before=main.state, details={"part": case.number}
        ).save()
    follow(case, move, by, now, given)
    if line.from_state != line.to_state or action in TURNS:
        tell_turn(case, by, now, rework="rework" in line.details)
    notifications.tell_moved(case, action, line.details, by, now)
    if action in SENT and not notifications.department_posts(case):
        alarm(case, [case.department_id], now)
    if action == Action.SUPERVISE and case.severity == Severity.RED:
        feedback.post_to_robots([(case, "red", str(line.pk))], now)
    return case


def dispatch_at_once(case: Case, now: datetime) -> Transition | None:
    """Send a case on to the department that is certain; where that has nobody in post, to the next
    that has, and tell who dispatches: an absence must not swallow a case."""
    choice = dispatch.automatic(case)
    if choice.absent:
        alarm(case, [candidate.department_id for candidate in choice.absent], now)
    if (best := choice.chosen) is None:
        return None
    given = Given(
        department_id=best.department_id,
        reasons=tuple(best.reasons),
        handler_id=best.handler_id,
    )
    return apply(case, BY_ACTION[Action.DISPATCH], by=None, now=now, given=given)


def alarm(case: Case, departments: list[int | None], now: datetime) -> None:
    """Nobody is in post at these departments: a line, and word to who dispatches."""
    details = {"departments": departments}
    line_of(case, "unstaffed", by=None, at=now, before=case.state, details=details).save()
    notifications.tell_unstaffed(case, now)


def lose_department(case: Case, now: datetime) -> None:
    """Of a locked case: its department is no more and nobody succeeds it. Work order and leave end,
    what was at the department waits to be dispatched anew, and who dispatches is told."""
    if case.state in PAUSED and stages.before_pause(case) in AT_DEPARTMENT:
        case = take(case, Action.RESUME, by=None, now=now)
        case = locked(case.pk)
    before, lost = State(case.state), case.department_id
    Assignment.objects.open().filter(case=case).update(withdrawn_at=now)
    case.department = case.handler = None
    case.version += 1
    if before in AT_DEPARTMENT:
        case.state = State.ACCEPTED
        if case.leave:
            leave.void_leave(case, now)
        stages.enter(case, now, historical=False)
    save(case)
    tell_dissolved(case, lost, before, now)
    if case.state != before:
        tell_turn(case, None, now)


def tell_dissolved(case: Case, unit_id: int | None, before: str, now: datetime) -> None:
    """A line, and the alarm to who can call in another department."""
    details = {"departments": [unit_id]}
    line_of(case, "dissolved", by=None, at=now, before=before, details=details).save()
    notifications.tell_dissolved(case, unit_id, now)


SENT = {Action.DISPATCH, Action.INSIST, Action.RULE}
# Moves after which it is somebody else's turn though the state stays.
TURNS = {Action.PASS_UP, Action.HAND_DOWN}


@transaction.atomic
def take_past(case: Case, moves: Iterable[tuple[str, datetime, Given]]) -> Case:
    """Moves of work done elsewhere, in turn, each as `take(…, by=None, historical=True)` makes it.

    One lock and one write of the case for all of them. A picture after the work is not asked for.
    """
    case = locked(case.pk)
    lines = []
    for action, at, given in moves:
        move = check(case, action, None, at, given, historical=True)
        lines.append(change(case, move, Done(None, at, given, historical=True)))
    save(case)
    Transition.objects.bulk_create(lines)
    return case


def locked(pk: int) -> Case:
    """The case, held until the transaction ends; it remembers how it was, for `save`."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=pk)
    case.was = dict(case.__dict__)
    return case


def locked_main(case: Case, given: Given, by: User | None) -> Case | None:
    """The case to join to, both locked in the order of their ids, so that two who join at once do
    not wait for each other. Raises NotAllowed for one that cannot take another in."""
    if not given.main or (by is not None and not may(case, BY_ACTION[Action.JOIN], by)):
        return None  # `check` says so
    main = main_of(given, by)
    ids = sorted({case.pk, main.pk})
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    main.refresh_from_db()
    check_main(case, main)
    return main


def main_of(given: Given, by: User | None) -> Case:
    """Raises NotAllowed for a number that there is not, or not for this user."""
    main = Case.objects.filter(number=given.main).first() if given.main.isalnum() else None
    if main is None or (by is not None and not access.sees(by, main)):
        raise NotAllowed(_t("没有找到事件 %(number)s。") % {"number": given.main})
    return main


def check_main(case: Case, main: Case) -> None:
    """Raises NotAllowed where one cannot take the other in."""
    if main.pk == case.pk:
        raise NotAllowed(_t("不能并入自己。"))
    if main.state not in AT_WORK or main.parent_id == case.pk:
        raise NotAllowed(_t("事件 %(number)s 不在办理中，不能并入。") % {"number": main.number})
    if case.joined.exists():
        raise NotAllowed(_t("已有其他事件并入本事件，不能再并入别的事件。"))


def save(case: Case) -> None:
    """Write what a move has changed of a locked case: a quarter of its columns."""
    was, now = case.was, case.__dict__
    fields = [f.name for f in Case._meta.concrete_fields if now[f.attname] != was[f.attname]]
    case.save(update_fields=fields)
    case.was = dict(now)


def changed_by(case: Case) -> str:
    """The sentence for the second of two: who moved the case meanwhile."""
    lines = case.transitions.select_related("by").filter(action__in=Action.values).order_by("-pk")
    # what the platform dispatched by itself, it did for who had accepted; marks of the clock, and
    # the orders that go with them, are no moves
    moves = lines.exclude(action=Action.DISPATCH, by=None)
    last = moves.exclude(action=Action.SUPERVISE, source="sweep").first()
    who = str(last.by) if last and last.by else _t("系统")
    if last and last.source == "public":
        who = _t("反映人")
    return _t("该事件已被%(who)s更新，请查看最新情况后再操作。") % {"who": who}


def check(
    case: Case, action: str, by: User | None, now: datetime, given: Given, *, historical: bool
) -> Move:
    """The row of the table, if it allows this case, person and what was given."""
    move = BY_ACTION.get(action)
    if move is None or case.state not in move.source:
        raise NotAllowed(wrong_move(case, action, now))
    if by is not None and not may(case, move, by):
        raise NotAllowed(_t("您的岗位不能对该事件“%(action)s”。") % {"action": move.action.label})
    for need in move.needs:
        if not (historical and need == Need.AFTER_PHOTO):
            needs.check(need, case, by, now, given)
    if move.of_task and by is not None:
        own_task(case, move, by, given)
    return move


def why_not(case: Case, move: Move, user: User, now: datetime) -> str:
    """Why a move is not offered to somebody now."""
    if case.state not in move.source:
        return wrong_move(case, move.action, now)
    if not may(case, move, user):
        return _t("您的岗位不能对该事件“%(action)s”。") % {"action": move.action.label}
    unmet = (needs.unmet(need, case, user, now) for need in move.needs)
    return next(filter(None, unmet), "")


def refusal(case: Case, move: Move, user: User, now: datetime, given: Given) -> str:
    """Why a move would not be made with what is given, "" where it would be; changes nothing."""
    given = replace(given)  # the checks write down what they find
    try:
        if move.action == Action.JOIN and given.main:
            check_main(case, main_of(given, user))
        check(case, move.action, user, now, given, historical=False)
    except NotAllowed as error:
        return str(error)
    return ""


def own_task(case: Case, move: Move, by: User, given: Given) -> None:
    own = access.departments_of(by, f"case.{move.action}")
    if not case.tasks.filter(pk=given.task_id or 0, department__in=own).exists():
        raise NotAllowed(_t("这是其他部门的任务。"))


def wrong_move(case: Case, action: str, now: datetime) -> str:
    """“处置中”的事件不能“受理”；现在可以：退单、处置反馈。"""
    onward = [move for move in MOVES if case.state in move.source and move.action in FORWARD]
    open_now = [m for m in onward if not any(needs.unmet(n, case, None, now) for n in m.needs)]
    possible = _t("、").join(str(move.action.label) for move in open_now)
    label = BY_ACTION[action].action.label if action in BY_ACTION else action
    return _t("“%(state)s”的事件不能“%(action)s”；现在可以：%(possible)s。") % {
        "state": State(case.state).label,
        "action": label,
        "possible": possible or _t("（无）"),
    }


def target(case: Case, move: Move, given: Given) -> State:
    """The state that a move leads to, here and now."""
    rules = regulation()
    if move.action in REWORKS and not (move.action == Action.RATE and given.satisfied):
        if move.action == Action.RATE and case.main_id is not None:
            return State.JOINED
        if case.rework_count + 1 >= rules.reworks_most:
            return State.REFERRED
        return State.HANDLING if case.department_id else State.ACCEPTED
    if move.action == Action.RETURN and case.return_count + 1 >= rules.returns_most:
        return State.REFERRED
    if move.action == Action.GRANT and case.leave == "suspension":
        return State.SUSPENDED
    if move.action == Action.UNJOIN:
        last = case.transitions.filter(action=Action.JOIN).order_by("-pk")[0]
        state = State(last.from_state)
        return state if case.department_id or state not in AT_DEPARTMENT else State.ACCEPTED
    if move.back:
        return stages.before_pause(case)
    if move.action == Action.CORRECT and correcting.is_recalled(case, given):
        return State.ACCEPTED
    return State(case.state) if move.to is None else move.to


def apply(
    case: Case,
    move: Move,
    *,
    by: User | None,
    now: datetime,
    given: Given,
    historical: bool = False,
) -> Transition:
    """Write a checked move: case, work order, clocks, and the line, which it returns."""
    line = change(case, move, Done(by, now, given, historical=historical))
    save(case)
    line.save()
    return line


def change(case: Case, move: Move, done: Done) -> Transition:
    """Change case, work order and clocks; returns the line. Saves neither case nor line."""
    dissatisfied = move.action == Action.RATE and not done.given.satisfied
    rework = move.action in REWORKS and (move.action != Action.RATE or dissatisfied)
    if rework:
        ending.catch_up(case)
    before, case.state = State(case.state), target(case, move, done.given)
    rework = rework and case.state != State.JOINED
    case.version += 1
    case.rework_count += rework
    done.details["before"] = before.value
    if effect := EFFECTS.get(move.action):
        effect(case, done)
    if case.leave and case.state != before:
        leave.void_leave(case, done.now)
    if case.severity and case.state not in AT_WORK:
        supervision.end(case, done.now)
    if (case.state != before or rework or done.restart) and not runs_on(move, case.state):
        stages.enter(case, done.now, historical=done.historical, limit=done.limit)
    del done.details["before"]
    if rework:
        done.details["rework"] = case.rework_count
    needs.forget(case)
    return line_of(
        case,
        move.action,
        by=done.by,
        at=done.now,
        before=before,
        note=done.given.note,
        details=done.details,
    )


def runs_on(move: Move, state: str) -> bool:
    """Whether the stage goes on or stands still across this move: its effect saw to the clocks."""
    return move.back or state in PAUSED or state == State.JOINED


def follow(case: Case, move: Move, by: User | None, now: datetime, given: Given) -> None:
    """What a move of one case brings for those joined to it, and for the case it is a part of."""
    if move.action in {Action.CLOSE, Action.FORCE_CLOSE, Action.ANSWER, Action.REFUSE}:
        for other in case.joined.select_for_update(of=("self",)).order_by("pk"):
            follow_main(other, case, move.action, by, now, given)
    if case.state == State.SPLIT:
        for part in case.parts.order_by("pk"):
            tell_turn(part, by, now)
    if case.state == State.JOINED and move.action == Action.RATE:
        assert case.main_id is not None
        reopen_main(case.main_id, now, given)
    if case.parent_id is not None and case.state not in AT_WORK:
        close_parent(case.parent_id, now)


def follow_main(
    case: Case, main: Case, action: str, by: User | None, now: datetime, given: Given
) -> None:
    """A joined case is closed, answered or refused with the one that it was joined to; after a
    rework it is answered anew, with the second result."""
    case.was = dict(case.__dict__)
    before = case.state
    answered = before in {State.ANSWERED, State.ARCHIVED} and action == Action.ANSWER
    if action in {Action.CLOSE, Action.FORCE_CLOSE}:
        ending.judge(case, now)
    elif before == State.JOINED or answered:
        case.state = State.ANSWERED if action == Action.ANSWER else State.REFUSED
        case.answer, case.satisfied = given.note, None
        case.version += 1
        details = {"main": main.number}
        line = line_of(case, action, by=by, at=now, before=before, note=given.note, details=details)
        line.save()
        if action == Action.ANSWER:
            sampling.draw(case, now)
        feedback.tell_reporter(case, line, now)
    save(case)
    if case.parent_id is not None and case.state in {State.ANSWERED, State.REFUSED}:
        close_parent(case.parent_id, now)


def reopen_main(main_id: int, now: datetime, given: Given) -> None:
    """Who reported a duplicate is not satisfied: the case itself is worked on again."""
    main = locked(main_id)
    if main.state in BY_ACTION[Action.REOPEN].source:
        note = given.note or _t("并入事件的反映人不满意。")
        take(main, Action.REOPEN, by=None, now=now, note=note)


# Of a whole whose parts came out differently (facts.md "Outcomes"): what was only explained keeps
# it from counting as solved, so that splitting raises no rate; what went to the law is in no rate;
# helped and solved both count. What was a duplicate or not ours says nothing of the rest, and
# speaks only where nothing else was done.
WEAKEST_FIRST = (
    *(Outcome.EXPLAINED, Outcome.LAW, Outcome.HELPED, Outcome.SOLVED),
    *(Outcome.DUPLICATE, Outcome.NOT_OURS),
)


def close_parent(parent_id: int, now: datetime) -> None:
    """A split case closes by itself when all its parts have; with the weakest of their outcomes."""
    parent = locked(parent_id)
    parts = list(Case.objects.filter(parent=parent).values_list("state", "outcome", "result"))
    going = {*AT_WORK, State.JOINED, State.SPLIT}
    if parent.state != State.SPLIT or any(state in going for state, _o, _r in parts):
        return
    # a part that was refused has none: it was not ours
    found = {outcome or Outcome.NOT_OURS for _state, outcome, _result in parts}
    parent.outcome = min(found, key=WEAKEST_FIRST.index)
    parent.result = "\n".join(result for _state, _outcome, result in parts if result)[:2000]
    before, parent.state = parent.state, State.CLOSED
    parent.version += 1
    ending.judge(parent, now)
    if parent.severity:
        supervision.end(parent, now)
    stages.enter(parent, now, historical=False)
    save(parent)
    details = {} if parent.promise_kept is None else {"promise_kept": parent.promise_kept}
    line_of(parent, Action.CLOSE, by=None, at=now, before=before, details=details).save()
    tell_turn(parent, None, now)
    follow(parent, BY_ACTION[Action.CLOSE], None, now, Given())


def append(case: Case, action: str, *, by: User | None, at: datetime, before: str) -> None:
    """Write a line of the case's history."""
    line_of(case, action, by=by, at=at, before=before).save()


def line_of(
    case: Case,
    action: str,
    *,
    by: User | None,
    at: datetime,
    before: str,
    note: str = "",
    details: dict[str, Any] | None = None,
) -> Transition:
    """A line of the case's history, unsaved."""
    source = str((actor.current() or {}).get("source", ""))
    return Transition(
        case=case,
        action=action,
        from_state=before,
        to_state=case.state,
        by=by,
        at=at,
        source=source,
        note=note,
        details=details or {},
    )


def tell_turn(case: Case, by: User | None, now: datetime, *, rework: bool = False) -> None:
    """Tell whose turn it is, but not the one who just acted."""
    kind = "rework" if rework else "turn"
    users = {user for user in notifications.whose_turn(case) if by is None or user != by.pk}
    key = str(case.version)
    outbox.tell([notifications.note(case, kind, user, key) for user in sorted(users)], now)
