"""延期、挂账、等待反映人: what is asked for, granted or refused, and what then stands still."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _t

from cases import deadlines, stages, supervision
from cases.effects.done import Done
from cases.errors import NotAllowed
from cases.models import Case, Leave, LeaveKind, PauseKind, State
from cases.regulations import regulation
from governance.workcalendar import LimitUnit, calendar


def ask_extension(case: Case, done: Done) -> None:
    days = calendar()
    assert done.given.until is not None
    until = deadlines.end_of(done.given.until, days)
    if case.stage_due_at is not None and until <= case.stage_due_at:
        raise NotAllowed(_t("延期日期须晚于现在的时限。"))
    ask(case, done, LeaveKind.EXTENSION, until)


def ask_suspension(case: Case, done: Done) -> None:
    """It goes on at the opening of the day named."""
    days = calendar()
    assert done.given.until is not None
    most = regulation().suspension_days
    if done.given.until > deadlines.local_day(done.now, days) + timedelta(days=most):
        raise NotAllowed(_t("挂账最长 %(most)d 天。") % {"most": most})
    ask(case, done, LeaveKind.SUSPENSION, deadlines.opening_of(done.given.until, days))


def ask(case: Case, done: Done, kind: LeaveKind, until: datetime) -> None:
    Leave.objects.create(
        case=case,
        kind=kind,
        asked_by=done.by,
        asked_at=done.now,
        reason=done.given.note,
        until=until,
    )
    case.leave = kind
    done.details["until"] = until.isoformat()


def grant(case: Case, done: Done) -> None:
    leave = Leave.objects.get(case=case, decided_at=None)
    decide(case, leave, done, granted=True)
    if leave.kind == LeaveKind.SUSPENSION:
        pause(case, done, PauseKind.SUSPENSION, State.HANDLING, leave.until)
        return
    old = case.stage_due_at
    done.details |= stages.refresh_stage(case, done.now)
    if old is not None and stages.promise_runs(case):
        done.details |= promise_follows(case, leave, old, done)


def promise_follows(case: Case, leave: Leave, old: datetime, done: Done) -> dict[str, list[str]]:
    """The promise gains the working time that the stage gained, never less than its new end."""
    assert case.promise_due_at is not None
    days, before = calendar(), case.promise_due_at
    gained = days.worked(old, leave.until)
    to = max(days.after(before, gained), leave.until)
    by_id = done.by.pk if done.by else None
    stages.move_promise(case, to, by_id=by_id, reason=leave.reason, now=done.now)
    return {"promise_due": [before.isoformat(), to.isoformat()]}


def deny(case: Case, done: Done) -> None:
    decide(case, Leave.objects.get(case=case, decided_at=None), done, granted=False)


def decide(case: Case, leave: Leave, done: Done, *, granted: bool | None) -> None:
    leave.decided_by, leave.decided_at, leave.granted = done.by, done.now, granted
    leave.save(update_fields=["decided_by", "decided_at", "granted"])
    case.leave = ""
    done.details |= {"leave": leave.kind, "until": leave.until.isoformat()}


def void_leave(case: Case, now: datetime) -> None:
    """The case went on before anybody decided."""
    Leave.objects.filter(case=case, decided_at=None).update(decided_at=now)
    case.leave = ""


def ask_reporter(case: Case, done: Done) -> None:
    until = calendar().add(done.now, regulation().silence_days, LimitUnit.WORKING_DAYS)
    pause(case, done, PauseKind.WAITING, done.details["before"], until)
    done.details["until"] = until.isoformat()


def pause(case: Case, done: Done, kind: PauseKind, before: str, until: datetime) -> None:
    """Both clocks of the case stand still, and those of the replies to its supervision. A task goes
    on: its date was set by those who sat together, or by a whistle, for the department alone
    (a consultation may well be held about what keeps a case suspended)."""
    stages.pause(case, kind, before, until, done.now)
    supervision.pause(case, done.now)


def resume(case: Case, done: Done) -> None:
    began = case.pauses.get(ended_at=None).began_at
    stages.resume(case, done.now)
    supervision.resume(case, began, done.now)
