"""`take`, the only function that changes a case's state, by the table of cases/moves.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.translation import gettext as _t

from cases import access, deadlines, dispatch, items, notifications
from cases.dispatch import Reason
from cases.models import (
    Assignment,
    Case,
    Outcome,
    PhotoKind,
    Stage,
    State,
    Transition,
)
from cases.moves import BY_ACTION, MOVES, Action, Move, Need
from governance import actor, outbox, timers
from governance.workcalendar import calendar

if TYPE_CHECKING:
    from governance.models import User

STAGE_TIMERS = ("case.stage_remind", "case.stage_overdue")
PROMISE_TIMERS = ("case.promise_remind", "case.promise_overdue")


class NotAllowed(Exception):
    """The move is against the rules; the sentence says why and what is allowed."""


class Changed(Exception):
    """Somebody else acted on the case since it was read."""


def allowed(case: Case, user: User) -> list[Move]:
    """The moves this user may make on this case now, in the order of the table."""
    return [
        move
        for move in MOVES
        if case.state in move.source
        and access.may_act(user, case, f"case.{move.action}")
        and not (Need.ANOTHER in move.needs and case.handler_id == user.pk)
        and not (Need.SATISFIED in move.needs and case.satisfied is not None)
    ]


@dataclass
class Given:
    """What came with a move."""

    note: str = ""
    department_id: int | None = None
    outcome: str = ""
    satisfied: bool | None = None
    item_id: int | None = None
    reasons: tuple[Reason, ...] = ()
    item_before: int | None = None


@transaction.atomic
def take(
    case: Case,
    action: str,
    *,
    by: User | None,
    now: datetime,
    version: int | None = None,
    historical: bool = False,
    note: str = "",
    department_id: int | None = None,
    outcome: str = "",
    satisfied: bool | None = None,
    item_id: int | None = None,
) -> Case:
    """Make one move: lock, check the table, write, append the line, timers, messages; all or none.

    `by` is None for residents (rate) and for the platform itself. `version` is what the caller saw.
    `historical` records work done elsewhere: no timers, no messages. Returns the case as it is now.
    Raises Changed when the case moved on since `version`, NotAllowed when the table forbids it.
    """
    case = locked(case.pk)
    if version is not None and version != case.version:
        raise Changed(changed_by(case))
    given = Given(note.strip(), department_id, outcome, satisfied, item_id)
    move = _check(case, action, by, given, historical=historical)
    line = _apply(case, move, by=by, now=now, given=given, historical=historical)
    if historical:
        return case
    if action == Action.ACCEPT and (best := dispatch.automatic(case)):
        chosen = Given(department_id=best.department_id, reasons=tuple(best.reasons))
        line = _apply(case, BY_ACTION[Action.DISPATCH], by=None, now=now, given=chosen)
    if line.from_state != line.to_state:
        tell_turn(case, by, now, rework="rework" in line.details)
    return case


@transaction.atomic
def take_past(case: Case, moves: Iterable[tuple[str, datetime, Given]]) -> Case:
    """Moves of work done elsewhere, in turn, each as `take(…, by=None, historical=True)` makes it.

    One lock and one write of the case for all of them. A picture after the work is not asked for.
    """
    case = locked(case.pk)
    lines = []
    for action, at, given in moves:
        move = _check(case, action, None, given, historical=True)
        lines.append(_change(case, move, by=None, now=at, given=given, historical=True))
    save(case)
    Transition.objects.bulk_create(lines)
    return case


def locked(pk: int) -> Case:
    """The case, held until the transaction ends; it remembers how it was, for `save`."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=pk)
    case.was = dict(case.__dict__)
    return case


def save(case: Case) -> None:
    """Write what a move has changed of a locked case: a quarter of its columns."""
    was, now = case.was, case.__dict__
    fields = [f.name for f in Case._meta.concrete_fields if now[f.attname] != was[f.attname]]
    case.save(update_fields=fields)
    case.was = dict(now)


def changed_by(case: Case) -> str:
    """The sentence for the second of two: who moved the case meanwhile."""
    lines = case.transitions.select_related("by").order_by("-pk")
    # what the platform dispatched by itself, it did for who had accepted
    last = lines.exclude(action=Action.DISPATCH, by=None).first()
    who = str(last.by) if last and last.by else _t("系统")
    return _t("该事件已被%(who)s更新，请查看最新情况后再操作。") % {"who": who}


def _check(
    case: Case, action: str, by: User | None, given: Given, *, historical: bool = False
) -> Move:
    """The row of the table, if it allows this case, person and what was given."""
    move = BY_ACTION.get(action)
    if move is None or case.state not in move.source:
        raise NotAllowed(wrong_move(case, action))
    if by is not None and not access.may_act(by, case, f"case.{action}"):
        raise NotAllowed(_t("您的岗位不能对该事件“%(action)s”。") % {"action": move.action.label})
    for need in move.needs:
        if not (historical and need == Need.AFTER_PHOTO):
            NEEDS[need](case, by, given)
    return move


def wrong_move(case: Case, action: str) -> str:
    """“处置中”的事件不能“受理”；现在可以：处置反馈、退单。"""
    possible = _t("、").join(str(m.action.label) for m in MOVES if case.state in m.source)
    label = BY_ACTION[action].action.label if action in BY_ACTION else action
    return _t("“%(state)s”的事件不能“%(action)s”；现在可以：%(possible)s。") % {
        "state": State(case.state).label,
        "action": label,
        "possible": possible or _t("（无）"),
    }


def _need_note(case: Case, by: User | None, given: Given) -> None:
    if not given.note:
        raise NotAllowed(_t("请填写说明。"))


def _need_department(case: Case, by: User | None, given: Given) -> None:
    if given.department_id is None:
        raise NotAllowed(_t("请选择承办部门。"))
    candidates = {c.department_id: c for c in dispatch.rank(case)}
    if given.department_id not in candidates:
        raise NotAllowed(_t("所选部门不在可派遣范围内。"))
    given.reasons = tuple(candidates[given.department_id].reasons)


def _need_outcome(case: Case, by: User | None, given: Given) -> None:
    if given.outcome not in Outcome.values:
        raise NotAllowed(_t("请选择办理结果。"))


def _need_after_photo(case: Case, by: User | None, given: Given) -> None:
    if not items.facts(case.item_id).photo_after or case.state == State.REFUSED:
        return
    # After a rework the picture must be of the new work, not of what failed.
    since = case.stage_began_at if case.rework_count else None
    photos = case.photos.filter(kind=PhotoKind.AFTER)
    if not (photos.filter(added_at__gte=since) if since else photos).exists():
        raise NotAllowed(_t("该事项要求上传处置后照片。"))


def _need_another(case: Case, by: User | None, given: Given) -> None:
    if by is not None and by.pk == case.handler_id:
        raise NotAllowed(_t("经办人不能核查自己处置的事件。"))


def _need_satisfied(case: Case, by: User | None, given: Given) -> None:
    if given.satisfied is None:
        raise NotAllowed(_t("请选择满意或不满意。"))
    if case.satisfied is not None:
        raise NotAllowed(_t("该事件已评价过。"))


NEEDS: Mapping[Need, Callable[[Case, Any, Given], None]] = {
    Need.NOTE: _need_note,
    Need.DEPARTMENT: _need_department,
    Need.OUTCOME: _need_outcome,
    Need.AFTER_PHOTO: _need_after_photo,
    Need.ANOTHER: _need_another,
    Need.SATISFIED: _need_satisfied,
}


def _target(case: Case, move: Move, given: Given) -> State:
    if move.action == Action.RATE and not given.satisfied:
        return State.HANDLING if case.department_id else State.ACCEPTED
    return move.to


def _apply(
    case: Case,
    move: Move,
    *,
    by: User | None,
    now: datetime,
    given: Given,
    historical: bool = False,
) -> Transition:
    """Write a checked move: case, work order, clocks, and the line, which it returns."""
    line = _change(case, move, by=by, now=now, given=given, historical=historical)
    save(case)
    line.save()
    return line


def _change(
    case: Case, move: Move, *, by: User | None, now: datetime, given: Given, historical: bool
) -> Transition:
    """Change case, work order and clocks; returns the line. Saves neither case nor line."""
    before, state = State(case.state), _target(case, move, given)
    rework = state == State.HANDLING and move.action in {Action.FAIL, Action.RATE}
    rework = rework or (move.action == Action.RATE and state == State.ACCEPTED)
    case.state = state
    case.version += 1
    case.rework_count += rework
    if effect := EFFECTS.get(move.action):
        effect(case, by, now, given)
    if state != before or rework:
        # once reworked, handling stays under the limit of rework, also after a return
        _enter_stage(case, now, rework=bool(case.rework_count), historical=historical)
    details = _details(case, move, given, rework=rework)
    return line_of(
        case, move.action, by=by, at=now, before=before, note=given.note, details=details
    )


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


def _details(case: Case, move: Move, given: Given, *, rework: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if move.action == Action.ACCEPT and given.item_id:
        found["item"] = given.item_id
        if given.item_before:
            found["item_before"] = given.item_before
    if move.action == Action.DISPATCH:
        found |= {"department": case.department_id, "reasons": list(given.reasons)}
    if Need.OUTCOME in move.needs:
        found["outcome"] = given.outcome
    if move.action == Action.RATE:
        found["satisfied"] = given.satisfied
    if move.action == Action.CLOSE and case.promise_kept is not None:
        found["promise_kept"] = case.promise_kept
    if rework:
        found["rework"] = case.rework_count
    return found


def _accept(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """A clerk may put the report under its right item; the promise stays as it was made."""
    if given.item_id is None or given.item_id == case.item_id:
        return
    item = items.items().get(given.item_id)
    if item is None or not item.is_active:
        raise NotAllowed(_t("请从事项清单中选择事项。"))
    given.item_before, case.item_id = case.item_id, given.item_id


def _dispatch(case: Case, by: User | None, now: datetime, given: Given) -> None:
    assert given.department_id is not None
    case.department_id, case.handler = given.department_id, None
    Assignment.objects.create(case=case, department_id=given.department_id, assigned_at=now)


def _sign(case: Case, by: User | None, now: datetime, given: Given) -> None:
    case.handler = by
    _open_assignment(case).update(signed_at=now)


def _return(case: Case, by: User | None, now: datetime, given: Given) -> None:
    _open_assignment(case).update(returned_at=now)
    case.department = case.handler = None


def _finish(case: Case, by: User | None, now: datetime, given: Given) -> None:
    case.outcome, case.result, case.handler = given.outcome, given.note, by
    _open_assignment(case).update(finished_at=now)


def _reopen(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """Rework: the same department gets a new work order, signed already."""
    if case.department_id:
        Assignment.objects.create(
            case=case, department_id=case.department_id, assigned_at=now, signed_at=now
        )


def _close(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """The promise is judged at the first close and then frozen: rework does not change it."""
    if case.first_closed_at is None:
        case.first_closed_at = now
        case.promise_kept = deadlines.kept(case.promise_due_at, now)


def _answer(case: Case, by: User | None, now: datetime, given: Given) -> None:
    case.answer, case.satisfied = given.note, None


def _rate(case: Case, by: User | None, now: datetime, given: Given) -> None:
    case.satisfied = given.satisfied
    if not given.satisfied:
        _reopen(case, by, now, given)


EFFECTS: Mapping[str, Callable[[Case, Any, datetime, Given], None]] = {
    Action.ACCEPT: _accept,
    Action.DISPATCH: _dispatch,
    Action.SIGN: _sign,
    Action.RETURN: _return,
    Action.HANDLE_ON_SPOT: _finish,
    Action.FINISH: _finish,
    Action.FAIL: _reopen,
    Action.CLOSE: _close,
    Action.ANSWER: _answer,
    Action.RATE: _rate,
}


def _open_assignment(case: Case) -> models.QuerySet[Assignment]:
    return Assignment.objects.filter(case=case, finished_at=None, returned_at=None)


def _enter_stage(case: Case, now: datetime, *, rework: bool, historical: bool) -> None:
    """Stop the clocks of the stage that ends, start those of the one that begins."""
    item, days = items.facts(case.item_id), calendar()
    clock = deadlines.stage_deadline(item, case.state, now, days, rework=rework)
    set_stage_clock(case, now, clock)
    if historical:
        return
    stopped = STAGE_TIMERS if case.state not in ENDS else (*STAGE_TIMERS, *PROMISE_TIMERS)
    timers.cancel([case.pk], stopped, now)
    if clock:
        timers.start_many(stage_timers(case, clock, item))


def set_stage_clock(case: Case, began: datetime, clock: deadlines.Deadline | None) -> None:
    case.stage_began_at = began
    case.stage_warn_at = clock.warn_at if clock else None
    case.stage_due_at = clock.due_at if clock else None
    case.escalation = 0


# States in which the promise no longer runs.
ENDS = (State.REFUSED, State.CLOSED, State.ANSWERED, State.ARCHIVED)


def stage_timers(
    case: Case, clock: deadlines.Deadline, item: items.ItemFacts
) -> Iterable[tuple[str, int, int, datetime]]:
    """The reminders of a stage and its overdue moment; higher rungs start when that one fires."""
    days = calendar()
    for level, at in enumerate(deadlines.reminders(item, clock, days)):
        yield "case.stage_remind", case.pk, level, at
    yield "case.stage_overdue", case.pk, 0, clock.due_at


def start_promise(case: Case, now: datetime) -> None:
    """The timers of the promise to who reported, counted from the report; not the past ones."""
    item, days = items.facts(case.item_id), calendar()
    if case.promise_due_at is None:
        return
    clock = deadlines.deadline(case.reported_at, case.promise_due_at, days)
    rows = [
        ("case.promise_remind", case.pk, level, at)
        for level, at in enumerate(deadlines.reminders(item, clock, days))
    ]
    rows.append(("case.promise_overdue", case.pk, 0, clock.due_at))
    timers.start_many(row for row in rows if row[3] > now or row[0] == "case.promise_overdue")


def tell_turn(case: Case, by: User | None, now: datetime, *, rework: bool = False) -> None:
    """Tell whose turn it is, but not the one who just acted."""
    kind = "rework" if rework else "turn"
    users = {user for user in notifications.whose_turn(case) if by is None or user != by.pk}
    key = str(case.version)
    outbox.tell([notifications.note(case, kind, user, key) for user in sorted(users)], now)


def stage_of(case: Case) -> Stage | None:
    """The stage whose limit runs now."""
    stage = deadlines.STAGE_OF.get(case.state)
    return Stage.REWORK if stage == Stage.HANDLE and case.rework_count else stage
