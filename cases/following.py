"""How open cases follow units: where they lie, and the departments that are at work on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import notifications, workflow
from cases.effects import joint, sharing
from cases.models import (
    OPEN,
    Assignment,
    Case,
    CaseQuerySet,
    CaseShare,
    Dispute,
    Obligation,
    ShareMode,
    State,
    Task,
    Transition,
)
from cases.moves import Action
from governance import following, outbox, permissions, units
from governance.following import COLUMNS, Kind, Values
from governance.models import LEVELS
from governance.permissions import DEPARTMENT
from grids import geo

# A joined case and one in parts come back with the others: they are not over yet.
UNENDED = (*OPEN, State.JOINED, State.SPLIT)
FOLLOWED = "followed"  # the action of the line in the case's history
WITH_CASE = ("self", "case")  # the verbs lock the case before what hangs on it


def unended() -> CaseQuerySet:
    return Case.objects.filter(state__in=UNENDED)


def heirs(values: Values) -> Values:
    """The departments that stand for these; None for one that nobody succeeds."""
    return tuple(units.heir_id(value) for value in values)


# Where they lie ---------------------------------------------------------------------------------


def move_places(cases: list[Case], now: datetime) -> None:
    """Up to date; what lay in a unit that was split goes by its point to the grid that is there
    now, else to the level above, with a line."""
    lost = [case for case in cases if following.stranded(following.levels_of(case))]
    before = {case.pk: lowest(case) for case in lost}
    by_point = grids_by_point(lost)
    for case in cases:
        grid_id = by_point.get(case.pk)
        levels = (
            units.known()[grid_id].chain.values()
            if grid_id
            else following.placed(following.levels_of(case))
        )
        for column, value in zip(COLUMNS, levels, strict=True):
            setattr(case, column, value)
    Case.objects.bulk_update(cases, LEVELS)
    write_lines([(case, {"lies": [before[case.pk], lowest(case)]}) for case in lost], now)


def grids_by_point(cases: Iterable[Case]) -> dict[int, int]:
    """Case → the grid that covers its point today, for those where there is one."""
    points = [(c.pk, c.lon, c.lat) for c in cases if c.lon is not None and c.lat is not None]
    found = geo.grids_at([(lon, lat) for _pk, lon, lat in points])
    return {pk: grid for (pk, _lon, _lat), grid in zip(points, found, strict=True) if grid}


def lowest(case: Case) -> int | None:
    return next((pk for pk in reversed(following.levels_of(case)) if pk is not None), None)


def write_lines(rows: Iterable[tuple[Case, dict[str, Any]]], now: datetime) -> None:
    """A line in the history of each case, with what followed: [from, to]."""
    Transition.objects.bulk_create(
        workflow.line_of(case, FOLLOWED, by=None, at=now, before=case.state, details=details)
        for case, details in rows
    )


def tell(rows: Iterable[tuple[Case, int]], now: datetime) -> None:
    """Who is in post at the department that has a case now learns of it, once a case."""
    outbox.tell(
        [
            notifications.note(case, "followed", user, str(unit_id))
            for case, unit_id in sorted(set(rows), key=lambda row: (row[0].pk, row[1]))
            for user in permissions.at(unit_id, sorted(DEPARTMENT))
        ],
        now,
    )


# Who works on them ------------------------------------------------------------------------------


def with_department() -> CaseQuerySet:
    return unended().filter(department__isnull=False)


def move_departments(cases: list[Case], now: datetime) -> None:
    """The case and its open work order go to the department's heir; where there is none, the case
    waits to be dispatched anew."""
    moved: list[Case] = []
    before: dict[int, int] = {}
    for case in cases:
        assert case.department_id is not None
        before[case.pk] = case.department_id
        heir = units.heir_id(case.department_id)
        if heir is None:
            case.was = dict(case.__dict__)
            workflow.lose_department(case, now)
        else:
            case.department_id = heir
            moved.append(case)
    Case.objects.bulk_update(moved, ["department"])
    orders = list(Assignment.objects.open().filter(case__in=moved, department__in=before.values()))
    for order in orders:
        order.department_id = heir_of(order.department_id)
    Assignment.objects.bulk_update(orders, ["department"])
    pairs = [(case, heir_of(before[case.pk])) for case in moved]
    write_lines([(case, {"led": [before[case.pk], to]}) for case, to in pairs], now)
    tell([(case, to) for case, to in pairs if case.state in workflow.AT_DEPARTMENT], now)


def heir_of(unit_id: int) -> int:
    """The department that stands for one; itself where nobody does."""
    return units.heir_id(unit_id) or unit_id


def open_tasks() -> QuerySet[Task]:
    rows = Task.objects.filter(reported_at=None, excused_at=None, case__state__in=OPEN)
    return rows.select_related("case")


def move_tasks(tasks: list[Task], now: datetime) -> None:
    """To the heir. A whistle calls a department once: where the heir was called as well, the task
    of the one that was merged is excused."""
    cases = {task.case_id: task.case for task in tasks}
    for case in cases.values():
        case.was = dict(case.__dict__)
    whistles = {task.whistle_id for task in tasks if task.whistle_id}
    rows = Task.objects.filter(whistle__in=whistles)
    called: set[tuple[int | None, int]] = set(rows.values_list("whistle_id", "department_id"))
    moved, lines = [], []
    for task in tasks:
        task.case, before = cases[task.case_id], task.department_id
        call = (task.whistle_id, heir_of(before))
        if call in called:
            excuse(task, now)
            continue
        if task.whistle_id is not None:
            called.add(call)
        task.department_id = heir_of(before)
        moved.append(task)
        lines.append((task.case, {"tasked": [before, task.department_id]}))
    Task.objects.bulk_update(moved, ["department"])
    write_lines(lines, now)
    tell([(task.case, task.department_id) for task in moved], now)


def excuse(task: Task, now: datetime) -> None:
    """Nobody has to do it twice; who called learns of it when it was the last one."""
    case, lost = task.case, task.department_id
    heir = units.name_of(heir_of(lost))
    note = _t("已并入“%(heir)s”，由其统一反馈。") % {"heir": heir}
    task.excused_at, task.excuse = now, note
    task.save(update_fields=["excused_at", "excuse"])
    joint.task_ended(case, task, now)
    workflow.save(case)
    details = {"department": lost}
    workflow.line_of(
        case, Action.EXCUSE, by=None, at=now, before=case.state, note=note, details=details
    ).save()
    if not case.tasks_open:
        key, action = f"{task.pk}:excused", Action.EXCUSE.value
        told = notifications.callers(case, details)
        outbox.tell([notifications.note(case, "moved", u, key, action=action) for u in told], now)


def tell_task_lost(unit_id: int, now: datetime) -> None:
    """Of a department that was split: who called it excuses the task and calls another."""
    rows = open_tasks().filter(department=unit_id)
    for case in {task.case_id: task.case for task in rows.order_by("pk")}.values():
        workflow.tell_dissolved(case, unit_id, case.state, now)


def open_shares() -> QuerySet[CaseShare]:
    rows = CaseShare.objects.filter(ended_at=None, unit__isnull=False)
    return rows.select_related("case")


def move_shares(shares: list[CaseShare], now: datetime) -> None:
    """Each ends, and the heir gets one until the same date, with the permissions that go with it;
    one that it has already is widened by it."""
    lines = []
    for row in shares:
        assert row.unit_id is not None
        heir = heir_of(row.unit_id)
        sharing.end_share(row, now)
        if row.until <= now:
            continue
        own = CaseShare.objects.filter(case=row.case_id, unit=heir, ended_at=None).first()
        both = [row, own] if own else [row]
        helps = any(one.mode == ShareMode.HELP for one in both)
        sharing.give_share(
            row.case,
            unit_id=heir,
            user_id=None,
            mode=ShareMode.HELP if helps else ShareMode.READ,
            until=max(one.until for one in both),
            by=row.by,
            now=now,
        )
        lines.append((row.case, {"let_in": [row.unit_id, heir]}))
    write_lines(lines, now)
    tell([(case, details["let_in"][1]) for case, details in lines], now)


def open_disputes() -> QuerySet[Dispute]:
    """Also those that ended with something still to be kept: the unit that mediated goes and
    looks."""
    to_keep = Obligation.objects.filter(fulfilled_at=None).values("dispute")
    rows = Dispute.objects.filter(Q(ended_at=None) | Q(pk__in=to_keep))
    return rows.filter(track_unit__isnull=False).select_related("case")


def move_disputes(disputes: list[Dispute], now: datetime) -> None:
    """The heir mediates; where there is none, the centre names another unit."""
    lines = []
    for row in disputes:
        assert row.track_unit_id is not None
        before, row.track_unit_id = row.track_unit_id, units.heir_id(row.track_unit_id)
        if row.track_unit_id is None:
            workflow.tell_dissolved(row.case, before, row.case.state, now)
        lines.append((row.case, {"mediating": [before, row.track_unit_id]}))
    Dispute.objects.bulk_update(disputes, ["track_unit"])
    write_lines(lines, now)
    tell([(row.case, row.track_unit_id) for row in disputes if row.track_unit_id], now)


following.register("case", _("在办事件"), Kind(unended, move=move_places), timer="case.follow_unit")
following.register(
    "case_department",
    _("在办事件（承办部门）"),
    Kind(with_department, ("department_id",), wanted=heirs, move=move_departments),
    on_move=False,
)
following.register(
    "case_task",
    _("未完成的联办任务"),
    Kind(
        open_tasks,
        ("department_id",),
        wanted=following.named,
        move=move_tasks,
        behind=tell_task_lost,
        locks=WITH_CASE,
    ),
    on_move=False,
)
following.register(
    "case_share",
    _("未到期的事件共享"),
    Kind(open_shares, ("unit_id",), wanted=following.named, move=move_shares, locks=WITH_CASE),
    on_move=False,
)
following.register(
    "dispute",
    _("调解中的纠纷"),
    Kind(open_disputes, ("track_unit_id",), wanted=heirs, move=move_disputes, locks=WITH_CASE),
    on_move=False,
)
