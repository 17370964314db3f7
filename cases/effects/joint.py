"""Several departments on one case: whistles and consultations, their tasks step by step."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _t

from cases import deadlines, whistles
from cases.effects.done import Done
from cases.errors import NotAllowed
from cases.models import Case, Consultation, Task, TaskStep, Whistle
from governance import timers
from governance.workcalendar import calendar

STEPS = tuple(TaskStep.values)
TASK_TIMER = "case.task_due"


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
