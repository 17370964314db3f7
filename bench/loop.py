"""The closed loop: a whistle with ten departments, a thousand cases dispatched at once, what a
report may repeat, five hundred dispatch rules, the figures of a month; each beside the same work in
plain SQL or Python."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from django.db import transaction

from bench import plain
from bench.measure import Bench, Cost, compared, count_statements, spent
from bench.table import Result
from bench.world import World
from cases import bulk_moves, duplicates, figures, rules, workflow
from cases.models import BulkJob, Case, DispatchRule, State
from cases.rules import Facts, Rule
from governance import actor, clock, reference
from governance.models import User

CALLED, SELECTED, RULES, MONTH = 10, 1_000, 500, timedelta(days=30)


class Undo(Exception):
    """Ends the transaction: what was made was for this measure only."""


def undone(by: User | None, work: Callable[[], None]) -> None:
    """The work in one transaction that is rolled back."""
    try:
        with actor.acting(by.pk if by else None, "bench"), transaction.atomic():
            clock.now()
            work()
            raise Undo
    except Undo:
        reference.forget()


def measure(bench: Bench, world: World, *, repeats: int) -> list[Result]:
    return [
        whistle(bench, world, repeats),
        bulk_dispatch(bench, world),
        repeated(bench, world, repeats),
        many_rules(bench, repeats),
        month(bench, world, repeats),
    ]


def person(world: World, role: str, unit_id: int) -> User:
    return User.objects.get(pk=world.one(unit_id, role))


def whistle(bench: Bench, world: World, repeats: int) -> Result:
    """Called from the dispatcher's hands; the limit writes as many tasks and timers."""
    by = person(world, "dispatcher", world.district_id)
    called = tuple(dict.fromkeys(item.department_id for item in world.items))[:CALLED]
    ready = Case.objects.filter(state=State.ACCEPTED, level="community").order_by("pk")
    first, second, *cases = ready[: repeats * 4 + 2]
    found: list[Cost] = []
    queries = 0

    def work() -> None:
        nonlocal queries
        call(first)  # warms the memory of this process
        queries = count_statements(partial(call, second))
        found.append(spent(bench.postmaster, call, cases))

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
    limit = spent(bench.postmaster, lambda case: plain_whistle(bench.plain, case.pk, called), cases)
    return compared(bench, f"whistle, {len(called)} departments", found[0], limit, queries=queries)


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


def bulk_dispatch(bench: Bench, world: World) -> Result:
    """In the slices that the page asks for; the cases are closed ones put back to be dispatched.
    Processor time and statements are those of a case."""
    by = person(world, "dispatcher", world.district_id)
    department = world.items[0].department_id
    closed = Case.objects.filter(state=State.ARCHIVED, return_count=0, rework_count=0)
    chosen = closed.order_by("-pk").values_list("pk", flat=True)
    ids, others = list(chosen[:SELECTED]), list(chosen[SELECTED : SELECTED + bulk_moves.SLICE])
    found: list[Cost] = []
    queries, slices, seconds = 0, 0, 0.0

    def begun(selected: list[int]) -> BulkJob:
        ready = Case.objects.filter(pk__in=selected)
        ready.update(state=State.ACCEPTED, department=None, handler=None)
        given = {"department_id": department}
        return bulk_moves.start(by, list(ready.order_by("pk")), "dispatch", given, clock.now())

    def work() -> None:
        nonlocal queries, slices, seconds
        job = begun(ids)
        slices = -(-len(ids) // bulk_moves.SLICE)
        began = time.perf_counter()
        found.append(
            spent(bench.postmaster, lambda _n: bulk_moves.work(job.pk, clock.now()), range(slices))
        )
        seconds = time.perf_counter() - began
        job.refresh_from_db()
        assert job.ended_at, (job.tried, len(ids))
        assert not job.refused, job.refused[:1]
        counted = begun(others)
        asked = count_statements(lambda: bulk_moves.work(counted.pk, clock.now()))
        queries = -(-asked // bulk_moves.SLICE)

    undone(by, work)
    limit = spent(bench.postmaster, lambda _n: plain_dispatch(bench.plain, ids, department), [0])
    ours, each = found[0], slices / len(ids)
    name = f"bulk dispatch of {len(ids):,}"
    note = (
        f"aim: under 30 s; {slices} slices shown as they end, the median after {ours.wall:.0f} ms"
    )
    return Result(
        name, bench.rows, seconds, "s", limit.wall / 1e3, cpu_ms=ours.cpu * each,
        queries=queries, app_ms=ours.app * each, db_ms=ours.db * each,
        limit_cpu_ms=limit.cpu / len(ids), note=note,
    )  # fmt: skip


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


def repeated(bench: Bench, world: World, repeats: int) -> Result:
    """What each of some open cases may repeat, as the district's dispatcher sees it."""
    by = person(world, "dispatcher", world.district_id)
    open_ones = Case.objects.filter(state=State.REPORTED).exclude(lon=None).order_by("pk")
    first, second, *cases = open_ones[: repeats * 10 + 2]
    found: list[Cost] = []
    queries = 0

    def work() -> None:
        nonlocal queries
        duplicates.of_case(first, by)
        queries = count_statements(lambda: duplicates.of_case(second, by))
        found.append(spent(bench.postmaster, lambda case: duplicates.of_case(case, by), cases))

    undone(by, work)

    def told(case: Case) -> None:
        assert case.lon is not None
        assert case.lat is not None
        with bench.plain.cursor() as cursor:
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

    limit = spent(bench.postmaster, told, cases)
    return compared(bench, "duplicate search", found[0], limit, queries=queries)


def many_rules(bench: Bench, repeats: int) -> Result:
    """All rules tried on a case; the limit compares one field of each in a bare loop."""
    case = Case.objects.filter(state=State.ACCEPTED).first()
    assert case is not None
    found: list[Cost] = []
    queries = 0

    def work() -> None:
        nonlocal queries
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
        queries, times = count_statements(lambda: rules.tried(facts)), range(repeats * 20)
        found.append(spent(bench.postmaster, lambda _n: rules.tried(facts), times))
        found.append(spent(bench.postmaster, lambda _n: bare(known, facts), times))

    undone(None, work)
    return compared(bench, f"{RULES} dispatch rules", *found, queries=queries)


def bare(known: tuple[Rule, ...], facts: Facts) -> list[bool]:
    return [any(word in facts.words for word in rule.words) for rule in known]


def month(bench: Bench, world: World, repeats: int) -> Result:
    """办理情况 of the whole district, of months that end on different days."""
    by = person(world, "dispatcher", world.district_id)
    found: list[Cost] = []
    queries = 0

    def asked(now: datetime, n: int) -> tuple[datetime, datetime]:
        return now - MONTH - timedelta(days=20 * n), now - timedelta(days=20 * n)

    def work() -> None:
        nonlocal queries
        now = clock.now()

        def ask(n: int) -> None:
            figures.figures(by, *asked(now, n), now=now)

        ask(0)
        queries = count_statements(lambda: ask(0))
        found.append(spent(bench.postmaster, ask, range(repeats)))

    undone(by, work)
    now = datetime.now().astimezone()

    def told(n: int) -> None:
        with bench.plain.transaction(), bench.plain.cursor() as cursor:
            plain.figures(cursor, world.district_id, *asked(now, n))

    limit = spent(bench.postmaster, told, range(repeats))
    return compared(bench, "figures of a month", found[0], limit, queries=queries)
