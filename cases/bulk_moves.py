"""One move for many cases: looked at first, made slice by slice, one bad case stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import access, dispatch, workflow
from cases.errors import Changed, NotAllowed
from cases.given import Given
from cases.models import BulkJob, Case, CaseQuerySet
from cases.moves import BY_ACTION, Action
from governance import timers
from governance.models import Timer, User

# What may be done to a selection.
ACTIONS = (Action.ACCEPT, Action.DISPATCH, Action.URGE, Action.SHARE, Action.JOIN)
MOST, SLICE = 2000, 50
TIMER = "case.bulk"
LEFT_ALONE = timedelta(minutes=1)


@dataclass
class Preview:
    """What a move would do to a selection: which cases it takes, and why not the others."""

    cases: list[Case]
    refused: list[tuple[str, str]]


def preview(user: User, numbers: Sequence[str], action: str, now: datetime) -> Preview:
    """Sort a selection into those the user may move so and those not. Numbers that the user does
    not see are left out of both."""
    move = BY_ACTION[action]
    rows = access.visible_to(user).filter(number__in=list(dict.fromkeys(numbers))[:MOST])
    found = Preview([], [])
    for case in rows.order_by("pk"):
        why = workflow.why_not(case, move, user, now)
        if why:
            found.refused.append((case.number, why))
        else:
            found.cases.append(case)
    return found


def judged(
    found: Preview, user: User, action: str, given: dict[str, Any], now: datetime
) -> Preview:
    """The same with what was filled in: a department, a main case or a date may not fit all."""
    loads = dispatch.all_loads() if action == Action.DISPATCH else None
    fields, move = Given(**fields_of(given), loads=loads), BY_ACTION[action]
    fitting = Preview([], list(found.refused))
    for case in found.cases:
        if why := workflow.refusal(case, move, user, now, fields):
            fitting.refused.append((case.number, why))
        else:
            fitting.cases.append(case)
    return fitting


def departments_for(cases: Sequence[Case]) -> set[int]:
    """The departments to which at least one of the cases may be dispatched."""
    return {one.department_id for case in cases for one in dispatch.rank(case, {})}


def fields_of(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of `Given` from what JSON keeps of them."""
    fields = dict(given)
    if "until" in fields:
        fields["until"] = date.fromisoformat(fields["until"])
    return fields


@transaction.atomic
def start(
    user: User, cases: Sequence[Case], action: str, given: dict[str, Any], now: datetime
) -> BulkJob:
    """Write the job. The page that waits for it works it off slice by slice (`work`); should that
    page be closed, the sweep does."""
    job = BulkJob.objects.create(
        by=user,
        action=action,
        given=given,
        cases=[case.pk for case in cases],
        versions=[case.version for case in cases],
        created_at=now,
    )
    timers.start(TIMER, job.pk, now + LEFT_ALONE)
    return job


def refused_for(user: User, job: BulkJob) -> list[tuple[str, str]]:
    """Which cases were not moved, and why; of those that the user still sees."""
    seen = access.visible_to(user).filter(pk__in=job.cases)
    numbers = set(seen.values_list("number", flat=True)) if job.refused else set()
    return [(number, why) for number, why in job.refused if number in numbers]


@transaction.atomic
def work(job_id: int, now: datetime, *, size: int = SLICE) -> BulkJob:
    """Move the next slice; of two who work at once the second waits and goes on after it.

    All its cases are locked first, in the order of their ids, so that two jobs never wait for each
    other.
    """
    job = BulkJob.objects.select_for_update(of=("self",)).select_related("by").get(pk=job_id)
    if job.ended_at is not None:
        return job
    todo = slice_of(job, size)
    list(to_lock(job, todo).select_for_update(of=("self",)).order_by("pk"))
    cases = Case.objects.in_bulk([pk for pk, _version in todo])
    loads = dispatch.all_loads() if job.action == Action.DISPATCH else None
    for pk, version in todo:
        if why := one(job, cases[pk], version, now, loads):
            job.refused.append([cases[pk].number, why])
    job.tried += len(todo)
    if job.tried >= len(job.cases):
        job.ended_at = now
        timers.cancel([job.pk], [TIMER], now)
    job.save(update_fields=["tried", "refused", "ended_at"])
    return job


def slice_of(job: BulkJob, size: int) -> list[tuple[int, int]]:
    """The next cases of a job, each with the version that was looked at."""
    return list(zip(job.cases, job.versions, strict=True))[job.tried : job.tried + size]


def to_lock(job: BulkJob, todo: list[tuple[int, int]]) -> CaseQuerySet:
    """The cases of a slice, and the one that they are joined to."""
    ids = [pk for pk, _version in todo]
    return Case.objects.filter(Q(pk__in=ids) | Q(number=job.given.get("main", "")))


def one(job: BulkJob, case: Case, version: int, now: datetime, loads: dict[int, int] | None) -> str:
    """Move one case and count it in `loads`; returns why it was not moved."""
    given = fields_of(job.given) | {"loads": loads}
    try:
        with transaction.atomic():
            moved = workflow.take(case, job.action, by=job.by, now=now, version=version, **given)
    except (NotAllowed, Changed) as error:
        return str(error)
    if loads is not None and moved.department_id is not None:
        loads[moved.department_id] = loads.get(moved.department_id, 0) + 1
    return ""


@timers.handler(TIMER, _("批量办理"))
def left_alone(due: list[Timer], now: datetime) -> set[int]:
    """Go on with jobs whose page was closed, a slice a knock; what is in anybody's hands waits for
    the next knock, as the sweep never waits for a lock."""
    left = set()
    for timer in due:
        free = BulkJob.objects.select_for_update(skip_locked=True).filter(pk=timer.subject_id)
        job = free.first()
        if job is None or not all_free(job) or work(job.pk, now).ended_at is None:
            left.add(timer.pk)
    return left


def all_free(job: BulkJob) -> bool:
    """Lock the next slice without waiting; False when one of it is busy."""
    wanted = to_lock(job, slice_of(job, SLICE))
    taken = wanted.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    return len(taken.values_list("pk", flat=True)) == wanted.count()
