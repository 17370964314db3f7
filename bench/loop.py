"""The closed loop: a whistle with ten departments, a thousand cases dispatched at once, what a
report may repeat, five hundred dispatch rules; each beside the same work in plain SQL or Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median
from typing import Any

import psycopg
from django.db import transaction

from bench import plain
from bench.table import Result
from bench.world import World
from cases import bulk_moves, duplicates, rules, workflow
from cases.models import Case, DispatchRule, State
from cases.rules import Facts, Rule
from governance import actor, clock, reference
from governance.models import User

CALLED, SELECTED, RULES = 10, 1_000, 500


class Undo(Exception):
    """Ends the transaction: what was made was for this measure only."""


@dataclass
class Spent:
    """Milliseconds: wall, and of this process's processor."""

    wall: float
    cpu: float


def spent(work: Callable[[], Any]) -> Spent:
    began, used = time.perf_counter(), time.process_time()
    work()
    return Spent((time.perf_counter() - began) * 1e3, (time.process_time() - used) * 1e3)


def undone(by: User | None, work: Callable[[], None]) -> None:
    """The work in one transaction that is rolled back."""
    try:
        with actor.acting(by.pk if by else None, "bench"), transaction.atomic():
            clock.now()
            work()
            raise Undo
    except Undo:
        reference.forget()


def measure(
    rows: int, world: World, connection: psycopg.Connection[Any], *, repeats: int
) -> list[Result]:
    return [
        whistle(rows, world, connection, repeats),
        bulk_dispatch(rows, world, connection),
        repeated(rows, world, connection, repeats),
        many_rules(rows, repeats),
    ]


def person(world: World, role: str, unit_id: int) -> User:
    return User.objects.get(pk=world.one(unit_id, role))


def whistle(rows: int, world: World, connection: psycopg.Connection[Any], repeats: int) -> Result:
    """Called from the dispatcher's hands; the limit writes as many tasks and timers."""
    by = person(world, "dispatcher", world.district_id)
    called = tuple(dict.fromkeys(item.department_id for item in world.items))[:CALLED]
    cases = list(Case.objects.filter(state=State.ACCEPTED, level="community")[: repeats * 4])
    found: list[Spent] = []

    def work() -> None:
        found.extend(spent(partial(call, case)) for case in cases)

    def call(case: Case) -> None:
        workflow.take(
            case,
            "whistle",
            by=by,
            now=clock.now(),
            whistle_kind="hard",
            department_ids=called,
            note="联合处置",
        )

    undone(by, work)
    limit = [spent(partial(plain_whistle, connection, case.pk, called)).wall for case in cases]
    wall, cpu = median(s.wall for s in found), median(s.cpu for s in found)
    name = f"whistle, {len(called)} departments"
    return Result(name, rows, wall, "ms", median(limit), cpu_ms=cpu)


def plain_whistle(
    connection: psycopg.Connection[Any], case_id: int, called: tuple[int, ...]
) -> None:
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_whistle (case_id, kind, level, called_at, reason)"
            " VALUES (%s, 'hard', 'community', now(), '联合处置') RETURNING id",
            [case_id],
        )
        row = cursor.fetchone()
        cursor.execute(
            "INSERT INTO cases_task (case_id, whistle_id, department_id, what, given_at, due_at,"
            " report, excuse, remark) SELECT %s, %s, unnest(%s::bigint[]), '联合处置', now(),"
            " now() + interval '5 days', '', '', '' RETURNING id",
            [case_id, row and row[0], list(called)],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO governance_timer (kind, subject_id, level, due_at, knock_at, attempts,"
            " last_error) SELECT 'case.task_due', id, step, now(), now(), 0, ''"
            " FROM unnest(%s::bigint[]) id, generate_series(0, 3) step",
            [ids],
        )
        cursor.execute("UPDATE cases_case SET state = 'joint' WHERE id = %s", [case_id])


def bulk_dispatch(rows: int, world: World, connection: psycopg.Connection[Any]) -> Result:
    """In the slices that the page asks for; the cases are closed ones put back to be dispatched."""
    by = person(world, "dispatcher", world.district_id)
    department = world.items[0].department_id
    closed = Case.objects.filter(state=State.ARCHIVED, return_count=0, rework_count=0)
    ids = list(closed.order_by("-pk").values_list("pk", flat=True)[:SELECTED])
    found: list[Spent] = []

    def work() -> None:
        now = clock.now()
        ready = Case.objects.filter(pk__in=ids)
        ready.update(state=State.ACCEPTED, department=None, handler=None)
        cases = list(ready.order_by("pk"))
        job = bulk_moves.start(by, cases, "dispatch", {"department_id": department}, now)
        while job.ended_at is None:
            found.append(spent(lambda: bulk_moves.work(job.pk, now)))
            job.refresh_from_db()
        print(f"    {len(job.refused)} of {len(cases)} refused {job.refused[:1]}", flush=True)

    undone(by, work)
    limit = spent(lambda: plain_dispatch(connection, ids, department))
    name = f"bulk dispatch of {len(ids):,}"
    wall, cpu = sum(s.wall for s in found), sum(s.cpu for s in found)
    note = "aim: under 30 s"
    return Result(name, rows, wall / 1e3, "s", limit.wall / 1e3, cpu_ms=cpu, note=note)


def plain_dispatch(connection: psycopg.Connection[Any], ids: list[int], department: int) -> None:
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        for case_id in ids:
            cursor.execute(
                "INSERT INTO cases_assignment (case_id, department_id, assigned_at)"
                " VALUES (%s, %s, now())",
                [case_id, department],
            )
            cursor.execute(
                "UPDATE cases_case SET state = 'dispatched', department_id = %s,"
                " version = version + 1 WHERE id = %s",
                [department, case_id],
            )


def repeated(rows: int, world: World, connection: psycopg.Connection[Any], repeats: int) -> Result:
    """What each of some open cases may repeat, as the district's dispatcher sees it."""
    by = person(world, "dispatcher", world.district_id)
    cases = list(Case.objects.filter(state=State.REPORTED).exclude(lon=None)[: repeats * 10])
    found: list[Spent] = []

    def work() -> None:
        found.extend(spent(partial(duplicates.of_case, case, by)) for case in cases)

    undone(by, work)

    def told(case: Case) -> None:
        assert case.lon is not None
        assert case.lat is not None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, item_id, state, description, place, lon, lat, reported_at"
                " FROM cases_case WHERE lon IS NOT NULL AND state = ANY(%s)"
                " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) LIMIT 200",
                [
                    plain.OPEN_STATES,
                    *(case.lon - 0.0012, case.lat - 0.0009),
                    *(case.lon + 0.0012, case.lat + 0.0009),
                ],
            )
            cursor.fetchall()

    limit = [spent(partial(told, case)).wall for case in cases]
    wall, cpu = median(s.wall for s in found), median(s.cpu for s in found)
    return Result("duplicate search", rows, wall, "ms", median(limit), cpu_ms=cpu, queries=2)


def many_rules(rows: int, repeats: int) -> Result:
    """All rules tried on a case; the limit compares one field of each in a bare loop."""
    case = Case.objects.filter(state=State.ACCEPTED).first()
    assert case is not None
    found: list[Spent] = []
    limit: list[float] = []

    def work() -> None:
        DispatchRule.objects.all().delete()
        DispatchRule.objects.bulk_create(
            DispatchRule(
                name=f"规则{n}",
                order=n,
                department_id=case.department_id or case.district_id,
                mode="manual",
                words=[f"词语{n}"],
                unit_id=case.district_id,
                source=case.source,
                valid_from=date(2026, 1, 1),
            )
            for n in range(RULES)
        )
        reference.forget()
        facts, known = rules.facts_of(case), rules.rules()
        for _repeat in range(repeats * 20):
            found.append(spent(lambda: rules.tried(facts)))
            limit.append(spent(lambda: bare(known, facts)).wall)

    undone(None, work)
    wall, cpu = median(s.wall for s in found), median(s.cpu for s in found)
    name = f"{RULES} dispatch rules"
    return Result(name, rows, wall, "ms", median(limit), cpu_ms=cpu, queries=0)


def bare(known: tuple[Rule, ...], facts: Facts) -> list[bool]:
    return [any(word in facts.words for word in rule.words) for rule in known]
