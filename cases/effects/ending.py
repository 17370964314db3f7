"""The end of the work: handled, closed, closed by force, answered, rated; and rework."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases import deadlines, sampling, stages
from cases.effects.done import Done
from cases.effects.joint import stop_task_timers
from cases.models import Assignment, Case, Dispute, DisputeOutcome, State, Task, Whistle
from governance import following, permissions, timers, units
from governance.permissions import DEPARTMENT

DISPUTE_TIMER = "case.dispute_due"


def finish(case: Case, done: Done) -> None:
    given = done.given
    case.outcome, case.result, case.handler = given.outcome, given.note, done.by
    case.solved_level = case.level
    Assignment.objects.open().filter(case=case).update(finished_at=done.now)
    done.details["outcome"] = given.outcome


def reopen_work(case: Case, done: Done) -> None:
    """Rework: the same department gets a new work order, signed already."""
    if case.department_id and case.state == State.HANDLING:
        if case.handler_id not in permissions.at(case.department_id, DEPARTMENT):
            case.handler = None  # who concluded a whistle is not who handles
        Assignment.objects.create(
            case=case,
            department_id=case.department_id,
            assigned_at=done.now,
            signed_at=done.now,
        )


def catch_up(case: Case) -> None:
    """A closed case kept the units of its day; worked on again, it is where they are today."""
    levels = following.placed(following.levels_of(case))
    for column, value in zip(following.COLUMNS, levels, strict=True):
        setattr(case, column, value)
    case.department_id = units.heir_id(case.department_id)


def fail(case: Case, done: Done) -> None:
    reopen_work(case, done)


def close(case: Case, done: Done) -> None:
    """The promise is judged at the first close and then frozen: rework does not change it."""
    judge(case, done.now)
    if case.promise_kept is not None:
        done.details["promise_kept"] = case.promise_kept


def judge(case: Case, now: datetime) -> None:
    if case.first_closed_at is None:
        case.first_closed_at = now
        case.promise_kept = deadlines.kept(case.promise_due_at, now)


def force_close(case: Case, done: Done) -> None:
    """Everything that hangs on the case ends with it; the statistics say what it was."""
    given, now = done.given, done.now
    case.is_forced = True
    case.outcome, case.result, case.solved_level = given.outcome, given.note, case.level
    done.details["outcome"] = given.outcome
    end_everything(case, done.details["before"], now)
    close(case, done)


def end_everything(case: Case, before: str, now: datetime) -> None:
    """Work order, tasks, whistle, leave and pause of a case that ends without them."""
    Assignment.objects.open().filter(case=case).update(withdrawn_at=now)
    if case.tasks_open:
        rows = Task.objects.filter(case=case, reported_at=None, excused_at=None)
        stop_task_timers(list(rows.values_list("pk", flat=True)), now)
        rows.update(excused_at=now)
        Whistle.objects.filter(case=case, ended_at=None).update(ended_at=now)
        case.tasks_open = 0
    if case.dispute_open:
        end_dispute(case, DisputeOutcome.FAILED, now)
    if before in {State.SUSPENDED, State.WAITING}:
        case.pauses.filter(ended_at=None).update(ended_at=now)
        timers.cancel([case.pk], [stages.RESUME], now)
        if case.promise_due_at is not None and case.first_closed_at is None:
            stages.compute_promise(case)  # it stood still, and is judged as it stands now


def end_dispute(case: Case, outcome: str, now: datetime, **more: Any) -> None:
    """Of a locked case, saved by the caller: the mediation ends, its clock stops."""
    rows = Dispute.objects.filter(case=case, ended_at=None)
    timers.cancel(list(rows.values_list("pk", flat=True)), [DISPUTE_TIMER], now)
    rows.update(outcome=outcome, ended_at=now, **more)
    case.dispute_open = False


def answer(case: Case, done: Done) -> None:
    case.answer, case.satisfied = done.given.note, None
    if not done.historical:
        sampling.draw(case, done.now)


def rate(case: Case, done: Done) -> None:
    case.satisfied = done.given.satisfied
    done.details["satisfied"] = done.given.satisfied
    if not done.given.satisfied:
        reopen_work(case, done)


def reopen(case: Case, done: Done) -> None:
    """A duplicate that is worked on by itself goes its own way from now on."""
    case.satisfied = case.main = case.joined_at = None
    reopen_work(case, done)
