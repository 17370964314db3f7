"""Two who meet at one case: the sweep and a job, a resident and the centre, an end and its delay.

Each meeting is arranged: one side stands still with its locks until the database says that the
other waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from threading import Event
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from cases import access, bulk_moves, workflow
from cases.effects.sharing import SHARE_TIMER
from cases.models import BulkJob, Case, CaseShare, State
from governance import clock, reference, timers
from governance.engines import Engines
from governance.models import Timer
from people import access as people
from people import changes
from tests.builders import World, create_world, moment, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move
from tests.clients import browser
from tests.people_builders import create_person
from tests.test_admin_editing import fields

PATIENCE = 10  # seconds until a meeting that does not come about fails its test


@pytest.fixture
def there(committed_db: Engines) -> World:
    reference.forget()
    shift_clock(to=MONDAY)
    return create_world()


class Meeting:
    """Where one side stands still: it says that it is there, and goes on when it may."""

    def __init__(self) -> None:
        self.reached, self.may_go = Event(), Event()

    def stand(self) -> None:
        self.reached.set()
        assert self.may_go.wait(PATIENCE)


@contextmanager
def side(act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """The other side, in a thread with a connection of its own; it has ended at the end."""

    def acting() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
            return act()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(acting)
        yield future
        future.result(PATIENCE)


def until_somebody_waits(given: Engines, besides: Future[Any]) -> None:
    """For a lock; the side that is to wait has not ended meanwhile."""
    ask = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    began = monotonic()
    with psycopg.connect(given.owner_url, autocommit=True) as watcher:
        while not watcher.execute(ask).fetchone()[0]:  # type: ignore[index]
            assert not besides.done(), besides.result()
            assert monotonic() - began < PATIENCE


def hold(
    monkeypatch: pytest.MonkeyPatch, kind: str, meeting: Meeting, *, before: bool = False
) -> None:
    """Let the sweep stand still as it fires these timers: before or after it has done its work, in
    any case with its locks."""
    known = timers.HANDLERS[kind]

    def fire(due: list[Timer], now: datetime) -> set[int]:
        if before:
            meeting.stand()
        busy = known.fire(due, now)
        if not before:
            meeting.stand()
        return busy

    monkeypatch.setitem(timers.HANDLERS, kind, timers.Handler(known.label, fire))


# A bulk job beside the sweep --------------------------------------------------------------------


def dispatching(world: World, cases: list[Case]) -> BulkJob:
    given = {"department_id": world.sanitation.pk}
    found = bulk_moves.preview(
        world.dispatcher, [case.number for case in cases], "dispatch", MONDAY
    )
    return bulk_moves.start(world.dispatcher, found.cases, "dispatch", given, MONDAY)


def test_a_bulk_job_waits_for_the_sweep_that_holds_its_case(
    there: World, committed_db: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [create_case(there, state=State.ACCEPTED) for _n in range(3)]
    job = dispatching(there, cases)
    late = shift_clock(to=moment("2026-03-02 11:00"))  # their dispatch is overdue
    Timer.objects.filter(kind=bulk_moves.TIMER).update(knock_at=moment("2026-03-02 12:00"))
    sweeping = Meeting()
    hold(monkeypatch, "case.stage_overdue", sweeping)

    with side(timers.sweep):
        assert sweeping.reached.wait(PATIENCE)
        with side(lambda: bulk_moves.work(job.pk, late)) as working:
            until_somebody_waits(committed_db, working)
            sweeping.may_go.set()

    job.refresh_from_db()
    assert (job.tried, job.refused, job.ended_at) == (3, [], late)
    for case in cases:
        case.refresh_from_db()
        assert (case.state, case.escalation) == (State.DISPATCHED, 0)
        actions = set(case.transitions.values_list("action", flat=True))
        assert {"overdue", "dispatch"} <= actions
        assert (
            Timer.objects.open().filter(subject_id=case.pk, kind="case.stage_overdue").count() == 1
        )


def test_the_sweep_does_not_wait_for_a_case_of_a_job_and_loses_none(
    there: World, committed_db: Engines
) -> None:
    cases = [create_case(there, state=State.ACCEPTED) for _n in range(3)]
    job = dispatching(there, cases)
    shift_clock(to=moment("2026-03-02 09:02"))  # the page of the job was closed
    with psycopg.connect(committed_db.app_url) as somebody:
        somebody.execute("SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE", [cases[1].pk])
        with side(timers.sweep):
            pass  # it ends although somebody has the case in hand
        job.refresh_from_db()
        assert (job.tried, job.ended_at) == (0, None)

    shift_clock(to=moment("2026-03-02 09:03"))
    timers.sweep()

    job.refresh_from_db()
    assert (job.tried, job.refused) == (3, [])
    assert Case.objects.filter(state=State.DISPATCHED).count() == 3


def test_the_page_of_a_job_and_the_sweep_go_on_with_it_once(
    there: World, committed_db: Engines
) -> None:
    cases = [create_case(there, state=State.ACCEPTED) for _n in range(3)]
    job = dispatching(there, cases)
    late = shift_clock(to=moment("2026-03-02 09:02"))
    with transaction.atomic():
        BulkJob.objects.select_for_update().get(pk=job.pk)  # the page has it
        with side(timers.sweep):
            pass
        bulk_moves.work(job.pk, late)

    timers.sweep()
    job.refresh_from_db()
    assert (job.tried, job.refused) == (3, [])
    for case in cases:
        assert case.transitions.filter(action="dispatch").count() == 1


# A duplicate is rated while its main case is closed ---------------------------------------------


def test_a_duplicate_is_rated_beside_the_closing_of_its_main_case(
    there: World, committed_db: Engines
) -> None:
    main = create_case(there, state=State.HANDLING)
    first, second = create_case(there), create_case(there)
    for duplicate in (first, second):
        move(duplicate, "join", by=there.clerk, main=main.number)
    for action, who in (("finish", there.handler), ("verify", there.grid_worker)):
        main = move(main, action, by=who)
    main = move(move(main, "close", by=there.clerk), "answer", by=there.clerk)
    move(first, "rate", by=None, satisfied=False)  # it is worked on again
    main.refresh_from_db()
    assert main.state == State.HANDLING
    for action, who in (("finish", there.handler), ("verify", there.grid_worker)):
        main = move(main, action, by=who)

    second.refresh_from_db()

    def rate() -> Case:
        return workflow.take(second, "rate", by=None, now=MONDAY, satisfied=False)

    with ExitStack() as rating, transaction.atomic():
        workflow.locked(main.pk)  # as a verb begins
        until_somebody_waits(committed_db, rating.enter_context(side(rate)))
        workflow.take(main, "close", by=there.clerk, now=MONDAY)  # and takes its duplicates along

    for case in (main, first, second):
        case.refresh_from_db()
    assert main.state == State.CLOSED
    assert (first.state, second.state) == (State.JOINED, State.JOINED)
    main = move(main, "answer", by=there.clerk)
    for case in (first, second):
        case.refresh_from_db()
        assert (case.state, case.satisfied) == (State.ANSWERED, None)


# A share is extended at the moment it ends ------------------------------------------------------


def shared(world: World) -> Case:
    case = create_case(world)
    case = move(
        case, "share", by=world.clerk, unit_id=None, user_id=world.police_handler.pk,
        until=date(2026, 3, 3),
    )  # fmt: skip
    shift_clock(to=moment("2026-03-03 17:29"))
    timers.sweep()  # of the case's own clocks none is due together with the share
    shift_clock(to=moment("2026-03-03 17:30"))
    return case


def extend(world: World, case: Case) -> Callable[[], Case]:
    reader, until = world.police_handler.pk, date(2026, 3, 6)
    return lambda: workflow.take(
        case, "share", by=world.clerk, now=clock.now(), user_id=reader, until=until
    )


def open_ends(case: Case) -> list[datetime]:
    """The ends of the shares that are open, each with its timer."""
    rows = dict(CaseShare.objects.filter(case=case, ended_at=None).values_list("pk", "until"))
    running = Timer.objects.open().filter(kind=SHARE_TIMER)
    assert dict(running.values_list("subject_id", "due_at")) == rows
    return list(rows.values())


def test_a_share_extended_while_the_sweep_comes_to_end_it_goes_on(
    there: World, committed_db: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shared(there)
    sweeping = Meeting()
    hold(monkeypatch, SHARE_TIMER, sweeping, before=True)

    with side(timers.sweep):
        assert sweeping.reached.wait(PATIENCE)  # it holds the timer, and not yet the case
        with side(extend(there, case)) as extending:
            until_somebody_waits(committed_db, extending)
            sweeping.may_go.set()

    assert open_ends(case) == [moment("2026-03-06 17:30")]
    assert CaseShare.objects.count() == 1
    assert access.sees(there.police_handler, case)
    shift_clock(to=moment("2026-03-06 17:30"))
    timers.sweep()
    assert open_ends(case) == []
    assert not access.sees(there.police_handler, case)


def test_a_share_extended_just_after_the_sweep_ended_it_begins_anew(
    there: World, committed_db: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shared(there)
    sweeping = Meeting()
    hold(monkeypatch, SHARE_TIMER, sweeping)

    with side(timers.sweep):
        assert sweeping.reached.wait(PATIENCE)  # it has ended the share, unsaid yet
        with side(extend(there, case)) as extending:
            until_somebody_waits(committed_db, extending)
            sweeping.may_go.set()

    assert open_ends(case) == [moment("2026-03-06 17:30")]
    assert CaseShare.objects.exclude(ended_at=None).count() == 1
    assert access.sees(there.police_handler, case)


# Two leads and one person -----------------------------------------------------------------------


def test_two_merges_that_cross_do_not_close_a_circle(there: World, committed_db: Engines) -> None:
    """Granted at the same moment, one into the other and the other into the one."""
    with transaction.atomic():
        plain: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
        one, other = (create_person(there, **plain).person for _ in range(2))
        given: Any = {"reason": "同一人", "by": there.grid_worker, "now": MONDAY}
        first = changes.ask(one, "merge", into=other, **given)
        second = changes.ask(other, "merge", into=one, **given)
    meeting = Meeting()

    def grant() -> None:
        with transaction.atomic():
            changes.decide(first, granted=True, by=there.station_lead, now=MONDAY)
            meeting.stand()

    def grant_as_well() -> list[str]:
        with transaction.atomic():
            outcome = changes.decide_many([second], granted=True, by=there.clerk, now=MONDAY)
        return [why for _request, why in outcome]

    with side(grant):
        assert meeting.reached.wait(PATIENCE)
        with side(grant_as_well) as late:
            until_somebody_waits(committed_db, besides=late)
            meeting.may_go.set()
            (why,) = late.result(PATIENCE)
    assert "已并入另一登记" in why
    with transaction.atomic():
        assert list(people.persons(there.clerk)) == [other]


# A duplicate is joined while its stage is found overdue -----------------------------------------


@pytest.mark.parametrize("before", [1, 0])
def test_a_case_joined_while_its_timer_fires_climbs_no_further(
    there: World, committed_db: Engines, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    main, duplicate = create_case(there, state=State.HANDLING), create_case(there)
    shift_clock(to=moment("2026-03-02 10:50"))
    timers.sweep()  # reminds, so that nothing else is due together with the end of the stage
    late = shift_clock(to=moment("2026-03-02 11:00"))  # nobody accepted it
    sweeping = Meeting()
    hold(monkeypatch, "case.stage_overdue", sweeping, before=bool(before))

    def join() -> Case:
        return workflow.take(
            duplicate, "join", by=there.clerk, now=late, main=main.number, note="重复反映"
        )

    with side(timers.sweep):
        assert sweeping.reached.wait(PATIENCE)  # it holds the timer, or all that it has done
        with side(join) as joining:
            until_somebody_waits(committed_db, joining)
            sweeping.may_go.set()

    duplicate.refresh_from_db()
    assert (duplicate.state, duplicate.main_id) == (State.JOINED, main.pk)
    own = Timer.objects.open().filter(subject_id=duplicate.pk)
    assert not own.filter(kind__startswith="case.stage").exists()
    assert not own.filter(kind__startswith="case.promise").exists()
    said = list(duplicate.transitions.order_by("pk").values_list("action", flat=True))
    fired = [] if before else ["overdue", "escalate"]
    assert said == ["report", "remind", *fired, "join"]
    shift_clock(to=moment("2026-03-05 16:00"))  # past all rungs and the promise
    while timers.sweep():
        pass
    assert list(duplicate.transitions.order_by("pk").values_list("action", flat=True)) == said


# Two administrators -----------------------------------------------------------------------------


def test_who_saves_while_another_is_saving_does_not_undo_it(
    there: World, committed_db: Engines
) -> None:
    item = create_item(department=there.sanitation)
    client, path = browser(there.system_admin), f"/admin/cases/item/{item.pk}/change/"
    shown = fields(client.get(path))
    with psycopg.connect(committed_db.app_url) as another:
        another.execute("UPDATE cases_item SET closing = '现场无垃圾' WHERE id = %s", [item.pk])
        with side(lambda: client.post(path, {**shown, "name_en": "Rubbish"})) as saving:
            until_somebody_waits(committed_db, saving)
            another.commit()

    assert "本条内容已被更新，请核对后重新保存。" in saving.result().text
    item.refresh_from_db()
    assert item.closing == "现场无垃圾"
