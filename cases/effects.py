"""What each move changes of a locked case, beside its state: work orders, tasks, clocks, people.

Each effect sets columns of the case (saved by the verb) and writes the rows that hang on it. What
the line of the move should tell besides goes into `done.details`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t

from cases import (
    access,
    deadlines,
    items,
    numbering,
    opening,
    sampling,
    shared,
    stages,
    supervision,
    whistles,
)
from cases.errors import NotAllowed
from cases.given import Given
from cases.items import Limit
from cases.models import (
    Assignment,
    Case,
    CaseShare,
    Consultation,
    Dispute,
    DisputeOutcome,
    Finding,
    Leave,
    LeaveKind,
    Level,
    Outcome,
    Party,
    PauseKind,
    Reporter,
    State,
    Supervision,
    Task,
    TaskStep,
    Whistle,
)
from cases.moves import Action
from cases.needs import open_share
from cases.regulations import regulation
from governance import permissions, timers, units
from governance.permissions import DEPARTMENT
from governance.workcalendar import LimitUnit, calendar

if TYPE_CHECKING:
    from governance.models import User

STEPS = tuple(TaskStep.values)
TASK_TIMER, RECHECK_TIMER, SHARE_TIMER = "case.task_due", "case.recheck_due", "case.share_end"
DISPUTE_TIMER, OBLIGATION_TIMER = "case.dispute_due", "case.obligation_due"


@dataclass
class Done:
    """What a move is made with and what it came to."""

    by: User | None
    now: datetime
    given: Given
    historical: bool = False
    details: dict[str, Any] = field(default_factory=dict)
    # The clock of the state starts anew though the state stays; its limit, where not the item's.
    restart: bool = False
    limit: Limit | None = None


# Intake and dispatch ----------------------------------------------------------------------------


def accept(case: Case, done: Done) -> None:
    """A clerk may put the report under its right item; the promise stays as it was made."""
    given = done.given
    if given.item_id is None:
        return
    done.details["item"] = given.item_id
    if given.item_id != case.item_id:
        opening.active_item(given.item_id)
        done.details["item_before"], case.item_id = case.item_id, given.item_id
        case.search = opening.words_of(case, items.facts(case.item_id))


def dispatch(case: Case, done: Done) -> None:
    department_id = done.given.department_id
    assert department_id is not None
    case.department_id, case.handler = department_id, None
    Assignment.objects.create(case=case, department_id=department_id, assigned_at=done.now)
    done.details |= {"department": department_id, "reasons": list(done.given.reasons)}


def insist(case: Case, done: Done) -> None:
    overrule(case, done)
    dispatch(case, done)


def rule(case: Case, done: Done) -> None:
    case.is_ruled = True
    overrule(case, done)
    dispatch(case, done)


def overrule(case: Case, done: Done) -> None:
    """The department gets it again: its returns were wrong, the dispatch was right."""
    rows = Assignment.objects.filter(case=case, department_id=done.given.department_id)
    rows.filter(returned_at__isnull=False).update(overruled_at=done.now)


def sign(case: Case, done: Done) -> None:
    case.handler = done.by
    Assignment.objects.open().filter(case=case).update(signed_at=done.now)


def send_back(case: Case, done: Done) -> None:
    Assignment.objects.open().filter(case=case).update(returned_at=done.now)
    done.details["department"] = case.department_id
    case.return_count += 1
    case.department = case.handler = None


def pass_up(case: Case, done: Done) -> None:
    """One level up from the post that passes it on, which may stand above the case's level."""
    order = Level.values
    at = max(order.index(case.level), rank_of(done.by))
    if at + 1 >= len(order):
        raise NotAllowed(_t("已在最高层级，不能再上报。"))
    move_level(case, done, order[at + 1])


def hand_down(case: Case, done: Done) -> None:
    move_level(case, done, Level.values[Level.values.index(case.level) - 1])


def move_level(case: Case, done: Done, level: str) -> None:
    done.details["level"] = [case.level, level]
    case.level, done.restart = level, True


def rank_of(by: User | None) -> int:
    posts = [] if by is None else permissions.posts_with(by, "case.pass_up")
    return max((access.level_of(post) for post in posts), default=0)


# Handling ---------------------------------------------------------------------------------------


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


def fail(case: Case, done: Done) -> None:
    reopen_work(case, done)


# Leave: extension and suspension ----------------------------------------------------------------


def ask_extension(case: Case, done: Done) -> None:
    days = calendar()
    assert done.given.until is not None
    until = deadlines.end_of(done.given.until, days)
    if case.stage_due_at is not None and until <= case.stage_due_at:
        raise NotAllowed(_t("延期日期须晚于现在的时限。"))
    most = regulation().extensions_most
    granted = Leave.objects.filter(case=case, kind=LeaveKind.EXTENSION, granted=True)
    if granted.count() >= most:
        raise NotAllowed(_t("该事件已延期 %(most)d 次，不能再申请。") % {"most": most})
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
    if leave.until <= done.now:
        raise NotAllowed(_t("申请的日期已过，请不予批准，由部门重新申请。"))
    decide(case, leave, done, granted=True)
    if leave.kind == LeaveKind.SUSPENSION:
        stages.pause(case, PauseKind.SUSPENSION, State.HANDLING, leave.until, done.now)
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
    stages.pause(case, PauseKind.WAITING, done.details["before"], until, done.now)
    done.details["until"] = until.isoformat()


def resume(case: Case, done: Done) -> None:
    stages.resume(case, done.now)


# Several departments ----------------------------------------------------------------------------


def whistle(case: Case, done: Done) -> None:
    """Call the departments: a task each, with a timer a step."""
    given, now = done.given, done.now
    row = Whistle.objects.create(
        case=case,
        kind=given.whistle_kind,
        level=case.level,
        called_by=done.by,
        called_at=now,
        reason=given.note,
    )
    days = calendar()
    due = {
        step: deadlines.due_at(limit, now, days)
        for step in STEPS
        if (limit := whistles.limit(row.kind, step))
    }
    last = due.get(TaskStep.REPORT, max(due.values()))
    tasks = Task.objects.bulk_create(
        Task(
            case=case,
            whistle=row,
            department_id=department_id,
            what=given.note[:400],
            given_at=now,
            due_at=last,
        )
        for department_id in given.department_ids
    )
    timers.start_many(
        (TASK_TIMER, task.pk, STEPS.index(step), at) for task in tasks for step, at in due.items()
    )
    case.is_joint, case.tasks_open = True, case.tasks_open + len(tasks)
    done.limit = whistles.limit(row.kind, TaskStep.REPORT)
    done.details |= {"whistle": row.kind, "departments": list(given.department_ids)}


def consult(case: Case, done: Done) -> None:
    """Write down who sat together; each decision becomes a task with its date."""
    given, days = done.given, calendar()
    assert given.held_on is not None
    row = Consultation.objects.create(
        case=case,
        held_on=given.held_on,
        participants=given.participants,
        minutes=given.note,
        by=done.by,
        at=done.now,
    )
    tasks = Task.objects.bulk_create(
        Task(
            case=case,
            consultation=row,
            department_id=decision.department_id,
            what=decision.what,
            given_at=done.now,
            due_at=deadlines.end_of(decision.due_on, days),
        )
        for decision in given.decisions
    )
    report = STEPS.index(TaskStep.REPORT)
    timers.start_many((TASK_TIMER, task.pk, report, task.due_at) for task in tasks)
    case.tasks_open += len(tasks)
    case.is_joint = case.is_joint or bool(tasks)
    done.details |= {
        "held_on": given.held_on.isoformat(),
        "participants": given.participants,
        "departments": [task.department_id for task in tasks],
    }


def task_of(case: Case, done: Done) -> Task:
    task = Task.objects.get(pk=done.given.task_id or 0, case=case)
    done.details["department"] = task.department_id
    return task


def open_task_of(case: Case, done: Done) -> Task:
    task = task_of(case, done)
    if not task.is_open:
        raise NotAllowed(_t("该任务已反馈或免除。"))
    return task


def sign_task(case: Case, done: Done) -> None:
    step(case, done, TaskStep.SIGN, "signed_at")


def contact(case: Case, done: Done) -> None:
    step(case, done, TaskStep.CONTACT, "contacted_at")


def arrive(case: Case, done: Done) -> None:
    """Where and when: a position told once, by who stands there."""
    task = step(case, done, TaskStep.ARRIVE, "arrived_at")
    task.arrived_lon, task.arrived_lat = done.given.lon, done.given.lat
    task.save(update_fields=["arrived_lon", "arrived_lat"])
    if done.given.lon is not None and done.given.lat is not None:
        done.details["at"] = [done.given.lon, done.given.lat]


def step(case: Case, done: Done, name: TaskStep, column: str) -> Task:
    """Mark one step, once, and stop the timers up to it."""
    task = open_task_of(case, done)
    if getattr(task, column) is not None:
        raise NotAllowed(_t("该任务已%(step)s。") % {"step": name.label})
    setattr(task, column, done.now)
    task.save(update_fields=[column])
    stop_task_timers([task.pk], done.now, up_to=STEPS.index(name))
    return task


def stop_task_timers(ids: list[int], now: datetime, *, up_to: int = len(STEPS)) -> None:
    for task_id in ids:
        timers.cancel_up_to(task_id, TASK_TIMER, up_to, now)


def report_task(case: Case, done: Done) -> None:
    task = open_task_of(case, done)
    task.reported_at, task.reported_by, task.report = done.now, done.by, done.given.note
    task.save(update_fields=["reported_at", "reported_by", "report"])
    task_ended(case, task, done.now)


def excuse(case: Case, done: Done) -> None:
    task = open_task_of(case, done)
    task.excused_at, task.excuse = done.now, done.given.note[:400]
    task.save(update_fields=["excused_at", "excuse"])
    task_ended(case, task, done.now)


def task_ended(case: Case, task: Task, now: datetime) -> None:
    """The whistle ends with the last of its tasks."""
    stop_task_timers([task.pk], now)
    case.tasks_open -= 1
    left = Task.objects.filter(whistle=task.whistle_id, reported_at=None, excused_at=None)
    if task.whistle_id is not None and not left.exists():
        Whistle.objects.filter(pk=task.whistle_id, ended_at=None).update(ended_at=now)


def score(case: Case, done: Done) -> None:
    task = task_of(case, done)
    if task.reported_at is None:
        raise NotAllowed(_t("该部门还没有反馈，不能评价。"))
    task.score, task.remark = done.given.score, done.given.note[:400]
    task.save(update_fields=["score", "remark"])
    done.details["score"] = task.score


# Inspections ------------------------------------------------------------------------------------


def find(case: Case, done: Done) -> None:
    given = done.given
    party = Party(name=given.party)
    party.save()
    Finding.objects.create(
        case=case, what=given.what, party=party, found_at=done.now, found_by=done.by
    )
    case.findings_open += 1
    done.details["what"] = given.what


def order(case: Case, done: Done) -> None:
    """责令整改通知书: numbered by the issuing department and the year where no number is given."""
    given, days = done.given, calendar()
    assert given.due_on is not None
    assert given.recheck_on is not None
    finding = Finding.objects.get(pk=given.finding_id or 0, case=case)
    finding.order_number = given.order_number or numbering.take(
        "rectification", issuer_of(case, done), deadlines.local_day(done.now, days).year
    )
    if Finding.objects.exclude(pk=finding.pk).filter(order_number=finding.order_number).exists():
        raise NotAllowed(_t("文书编号“%(number)s”已使用。") % {"number": finding.order_number})
    finding.ordered_at, finding.ground = done.now, given.ground
    finding.due_on, finding.recheck_on = given.due_on, given.recheck_on
    finding.save()
    stop_recheck(finding, done.now)
    timers.start(
        RECHECK_TIMER,
        finding.pk,
        deadlines.opening_of(given.recheck_on, days),
    )
    done.details |= {
        "what": finding.what,
        "order": finding.order_number,
        "due_on": given.due_on.isoformat(),
        "recheck_on": given.recheck_on.isoformat(),
    }


def issuer_of(case: Case, done: Done) -> int:
    """The department of who issues the order; without one, that of the case, else the district."""
    own = access.departments_of(done.by, "case.order") if done.by else set()
    return min(own, default=case.department_id or case.district_id)


def stop_recheck(finding: Finding, now: datetime) -> None:
    timers.cancel([finding.pk], [RECHECK_TIMER], now)


def recheck(case: Case, done: Done) -> None:
    finding = Finding.objects.get(pk=done.given.finding_id or 0, case=case)
    if finding.is_mended:
        raise NotAllowed(_t("该问题已整改合格。"))
    finding.rechecked_at, finding.is_mended = done.now, done.given.mended
    finding.recheck = done.given.note[:400]
    finding.save()
    stop_recheck(finding, done.now)
    case.findings_open -= bool(done.given.mended)
    done.details |= {"what": finding.what, "mended": done.given.mended}


# The end ----------------------------------------------------------------------------------------


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


# Duplicates -------------------------------------------------------------------------------------


def join(case: Case, done: Done) -> None:
    """The verb has locked the main case and looked at it (`workflow.locked_main`)."""
    main = Case.objects.get(number=done.given.main)
    end_everything(case, done.details["before"], done.now)
    case.main, case.joined_at, case.outcome = main, done.now, Outcome.DUPLICATE
    case.stage_warn_at = case.stage_due_at = None
    stages.stop(case, done.now)
    done.details["main"] = main.number


def unjoin(case: Case, done: Done) -> None:
    """As it was before: the work order that was withdrawn is open again, the clocks never stood."""
    if case.department_id:
        last = Assignment.objects.filter(case=case, withdrawn_at__isnull=False).order_by("-pk")
        Assignment.objects.filter(pk__in=last.values("pk")[:1]).update(withdrawn_at=None)
    assert case.main is not None
    done.details["main"] = case.main.number
    case.main, case.joined_at, case.outcome = None, None, ""
    stages.refresh(case, done.now, restart=True)


def split(case: Case, done: Done) -> None:
    """A case for each matter, as if it had been reported alone at the same moment."""
    numbers = []
    for given in done.given.parts:
        item = opening.active_item(given.item_id)
        part = Case(
            number=opening.new_number(case.reported_at),
            state=done.details["before"],
            item_id=item.pk,
            description=given.description.strip(),
            parent=case,
            **{name: getattr(case, name) for name in INHERITED},
        )
        part.search = opening.words_of(part, item)
        opening.promise(part, item, None, historical=done.historical)
        opening.start(part, done.now, historical=done.historical)
        numbers.append(part.number)
    done.details["parts"] = numbers


INHERITED = (
    *("place", "lon", "lat", "accuracy_m", "source", "reported_at", "reporter", "reported_by"),
    *("district_id", "street_id", "community_id", "grid_id", "level"),
)


# Getting it moving ------------------------------------------------------------------------------


def urge(case: Case, done: Done) -> None:
    case.urged_at = done.now


def supervise(case: Case, done: Done) -> None:
    given = done.given
    by_id = done.by.pk if done.by else None
    supervision.give([supervision.Order(case, given.severity, given.note, by_id)], done.now)
    done.details["severity"] = given.severity


def reply_supervision(case: Case, done: Done) -> None:
    rows = Supervision.objects.filter(case=case, replied_at=None, ended_at=None)
    waiting = list(rows.order_by("-pk"))
    if not waiting:
        raise NotAllowed(_t("督办均已回复。"))
    for row in waiting:  # one reply answers all that was asked
        row.replied_by, row.replied_at, row.reply = done.by, done.now, done.given.note
    Supervision.objects.bulk_update(waiting, ["replied_by", "replied_at", "reply"])
    timers.cancel([row.pk for row in waiting], [supervision.TIMER], done.now)
    done.details["severity"] = waiting[0].severity


def lift_supervision(case: Case, done: Done) -> None:
    done.details["severity"] = case.severity
    supervision.end(case, done.now)


# Correcting and sharing -------------------------------------------------------------------------


def correct(case: Case, done: Done) -> None:
    """What was wrong is changed, old and new in the line; of who reported only that it changed."""
    given, details = done.given, done.details
    if given.description is not None and given.description != case.description:
        details["description"] = [case.description, given.description]
        case.description = given.description
    if given.place is not None and given.place != case.place:
        details["place"] = [case.place, given.place]
        case.place = given.place
    if given.lon is not None and given.lat is not None:
        correct_point(case, given.lon, given.lat, details)
    if given.item_id is not None and given.item_id != case.item_id:
        details |= {"item_before": case.item_id, "item": given.item_id}
        case.item_id = given.item_id
    if given.reporter_name is not None or given.reporter_phone is not None:
        correct_reporter(case, given, details)
    if not details.keys() - {"before"} and given.promise_on is None:
        raise NotAllowed(_t("没有要更正的内容。"))
    item = items.facts(case.item_id)
    case.search = opening.words_of(case, item)
    if "item" in details:
        recompute_stage(case, done)
    if given.promise_on is not None:
        correct_promise(case, done)


def correct_point(case: Case, lon: float, lat: float, details: dict[str, Any]) -> None:
    if (lon, lat) == (case.lon, case.lat):
        return
    case.lon, case.lat, case.accuracy_m = lon, lat, None
    details["moved"] = True
    grid_id = opening.grid_of(lon, lat)
    if grid_id is None or grid_id == case.grid_id:
        return
    details["grid"] = [case.grid_id, grid_id]
    for column, value in units.known()[grid_id].chain.items():
        setattr(case, column, value)


def correct_reporter(case: Case, given: Given, details: dict[str, Any]) -> None:
    reporter = case.reporter or Reporter()
    if given.reporter_name is not None:
        reporter.name = given.reporter_name
    if given.reporter_phone is not None:
        reporter.phone = given.reporter_phone
    reporter.save()
    case.reporter = reporter
    details["reporter"] = True


def recompute_stage(case: Case, done: Done) -> None:
    """The running stage gets the new item's limit, from when it began; pauses and dates stay."""
    if case.state in deadlines.STAGE_OF and case.state != State.JOINT:
        item = items.facts(case.item_id)
        limit = deadlines.limit_of(item, case.state, rework=bool(case.rework_count))
        stages.set_limit(case, limit)
        done.details |= stages.refresh_stage(case, done.now)


def correct_promise(case: Case, done: Done) -> None:
    assert done.given.promise_on is not None
    to = deadlines.end_of(done.given.promise_on, calendar())
    before, by_id = case.promise_due_at, done.by.pk if done.by else None
    if before is None or not stages.promise_runs(case):
        raise NotAllowed(_t("该事件没有进行中的承诺。"))
    stages.move_promise(case, to, by_id=by_id, reason=done.given.note, now=done.now)
    done.details["promise_due"] = [before.isoformat(), to.isoformat()]


def share(case: Case, done: Done) -> None:
    given, days = done.given, calendar()
    until = done.now + timedelta(days=regulation().share_days)
    if given.until is not None:
        until = deadlines.end_of(given.until, days)
    if until <= done.now:
        raise NotAllowed(_t("日期须在今天之后。"))
    give_share(
        case,
        unit_id=given.unit_id,
        user_id=given.user_id,
        mode=given.mode,
        until=until,
        by=done.by,
        now=done.now,
    )
    done.details |= shared_with(given) | {"mode": given.mode, "until": until.isoformat()}


def unshare(case: Case, done: Done) -> None:
    row = open_share(case, done.given)
    if row is None:
        raise NotAllowed(_t("没有与其共享。"))
    end_share(row, done.now)
    done.details |= shared_with(done.given)


def give_share(case: Case, *, until: datetime, now: datetime, **more: Any) -> None:
    """A share with the timer of its end; `more` is what `shared.share` takes beside."""
    row = shared.share(case, until=until, now=now, **more)
    timers.cancel([row.pk], [SHARE_TIMER], now)
    timers.start(SHARE_TIMER, row.pk, until)


def end_share(row: CaseShare, now: datetime) -> None:
    shared.end(row, now)
    timers.cancel([row.pk], [SHARE_TIMER], now)


def shared_with(given: Given) -> dict[str, Any]:
    return {"unit": given.unit_id} if given.unit_id else {"user": given.user_id}


EFFECTS: Mapping[str, Callable[[Case, Done], None]] = {
    Action.ACCEPT: accept,
    Action.JOIN: join,
    Action.UNJOIN: unjoin,
    Action.SPLIT: split,
    Action.DISPATCH: dispatch,
    Action.INSIST: insist,
    Action.RULE: rule,
    Action.SIGN: sign,
    Action.RETURN: send_back,
    Action.PASS_UP: pass_up,
    Action.HAND_DOWN: hand_down,
    Action.HANDLE_ON_SPOT: finish,
    Action.ASK_EXTENSION: ask_extension,
    Action.ASK_SUSPENSION: ask_suspension,
    Action.GRANT: grant,
    Action.DENY: deny,
    Action.ASK_REPORTER: ask_reporter,
    Action.REPLY: resume,
    Action.RESUME: resume,
    Action.WHISTLE: whistle,
    Action.SIGN_TASK: sign_task,
    Action.CONTACT: contact,
    Action.ARRIVE: arrive,
    Action.REPORT_TASK: report_task,
    Action.EXCUSE: excuse,
    Action.SCORE: score,
    Action.CONCLUDE: finish,
    Action.CONSULT: consult,
    Action.FIND: find,
    Action.ORDER: order,
    Action.RECHECK: recheck,
    Action.FINISH: finish,
    Action.FAIL: fail,
    Action.CLOSE: close,
    Action.FORCE_CLOSE: force_close,
    Action.ANSWER: answer,
    Action.RATE: rate,
    Action.REOPEN: reopen,
    Action.URGE: urge,
    Action.SUPERVISE: supervise,
    Action.REPLY_SUPERVISION: reply_supervision,
    Action.LIFT_SUPERVISION: lift_supervision,
    Action.CORRECT: correct,
    Action.SHARE: share,
    Action.UNSHARE: unshare,
}
