"""Timers: once, in order, whatever fails or is busy, and however many sweep at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from governance import clock, timers
from governance.engines import Engines
from governance.models import Heartbeat, Timer, Unit, UnitChange
from tests.builders import create_unit, create_user, moment, shift_clock
from tests.engines import ROOT, environment

NOON = moment("2026-06-01 12:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def noon(db: None) -> datetime:
    return shift_clock(to=NOON)


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A handler that notes the subjects of "test.note" as they fire."""
    noted: list[int] = []

    def note(due: list[Timer], now: datetime) -> set[int]:
        noted.extend(timer.subject_id for timer in due)
        return set()

    register(monkeypatch, "test.note", note)
    return noted


def register(
    monkeypatch: pytest.MonkeyPatch, kind: str, fire: Callable[[list[Timer], datetime], set[int]]
) -> None:
    monkeypatch.setitem(timers.HANDLERS, kind, timers.Handler(kind, fire))


def test_what_is_due_fires_once(noon: datetime, fired: list[int]) -> None:
    timers.start("test.note", 1, NOON)
    timers.start("test.note", 2, NOON + timedelta(seconds=1))

    assert [timers.sweep(), timers.sweep()] == [1, 0]

    assert fired == [1]
    assert Timer.objects.get(subject_id=1).fired_at == NOON
    assert Timer.objects.get(subject_id=2).fired_at is None


def test_the_oldest_fires_first(noon: datetime, fired: list[int]) -> None:
    timers.start_many(
        ("test.note", subject, 0, NOON - HOUR * hours)
        for subject, hours in [(1, 2), (2, 3), (3, 1)]
    )

    timers.sweep()

    assert fired == [2, 1, 3]


def test_a_sweep_may_be_limited(noon: datetime, fired: list[int]) -> None:
    timers.start_many(("test.note", subject, 0, NOON) for subject in range(5))

    assert timers.sweep(limit=2) == 2

    assert len(fired) == 2


def test_many_batches(noon: datetime, fired: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "BATCH", 3)
    timers.start_many(("test.note", subject, 0, NOON) for subject in range(8))

    assert timers.sweep() == 8

    assert sorted(fired) == list(range(8))


def test_a_poisoned_row_is_parked_and_the_others_go_on(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def write(due: list[Timer], now: datetime) -> set[int]:
        for timer in due:
            if timer.subject_id == 13:
                raise ValueError("无此事件")
            written.append(timer.subject_id)
        return set()

    register(monkeypatch, "test.poison", write)
    timers.start_many(("test.poison", subject, 0, NOON) for subject in (12, 13, 14))
    attempts = []
    for _round in range(7):
        timers.sweep()
        attempts.append(Timer.objects.get(subject_id=13).attempts)
        shift_clock(by=HOUR)

    assert attempts == [1, 2, 3, 4, 5, 5, 5]
    poisoned = Timer.objects.get(subject_id=13)
    assert poisoned.last_error == "ValueError: 无此事件"
    assert (poisoned.fired_at, poisoned.parked_at) == (None, NOON + 4 * HOUR)
    assert set(Timer.objects.exclude(subject_id=13).values_list("fired_at", flat=True)) == {NOON}
    assert Timer.objects.parked().get() == poisoned


def test_a_failure_waits_longer_each_time(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, "test.poison", lambda due, now: {1 // 0})
    timers.start("test.poison", 1, NOON)
    waits = []
    for _round in range(4):
        now = clock.now()
        timers.sweep()
        waits.append(int((Timer.objects.get().knock_at - now).total_seconds()))
        shift_clock(by=timedelta(seconds=waits[-1]))

    assert waits == [60, 120, 240, 480]


def test_what_a_failing_handler_wrote_is_undone(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_and_fail(due: list[Timer], now: datetime) -> set[int]:
        Heartbeat.objects.create(name="half", at=now)
        raise ValueError

    register(monkeypatch, "test.half", write_and_fail)
    timers.start("test.half", 1, NOON)

    timers.sweep()

    assert Timer.objects.get().attempts == 1
    assert not Heartbeat.objects.filter(name="half").exists()


def test_a_kind_that_nobody_handles_is_parked_too(noon: datetime, fired: list[int]) -> None:
    timers.start("test.gone", 1, NOON)
    timers.start("test.note", 2, NOON)

    assert timers.sweep() == 1

    assert Timer.objects.get(kind="test.gone").attempts == 1


def test_a_parked_one_is_released(noon: datetime, fired: list[int]) -> None:
    timer = timers.start("test.note", 1, NOON)
    Timer.objects.update(parked_at=NOON, attempts=5)
    assert timers.sweep() == 0

    assert timers.release([timer], NOON) == 1

    assert timers.sweep() == 1
    assert fired == [1]


def test_a_busy_subject_is_knocked_on_again(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = {7}
    register(monkeypatch, "test.busy", lambda due, now: {t.pk for t in due if t.subject_id in busy})
    timers.start_many(("test.busy", subject, 0, NOON) for subject in (6, 7))

    assert timers.sweep() == 1

    waiting = Timer.objects.get(subject_id=7)
    assert (waiting.fired_at, waiting.attempts) == (None, 0)
    assert waiting.knock_at == NOON + timedelta(seconds=5)
    busy.clear()
    shift_clock(by=timedelta(seconds=5))
    assert timers.sweep() == 1


def test_a_cancelled_one_never_fires(noon: datetime, fired: list[int]) -> None:
    timers.start_many(("test.note", subject, 0, NOON) for subject in (1, 2))
    timers.start("test.other", 1, NOON + HOUR)

    assert timers.cancel([1], ["test.note"], NOON) == 1

    timers.sweep()
    assert fired == [2]
    assert Timer.objects.get(kind="test.other").cancelled_at is None


def test_one_open_timer_a_subject_kind_and_level(noon: datetime, fired: list[int]) -> None:
    timers.start("test.note", 1, NOON)
    timers.start("test.note", 1, NOON, level=1)
    with pytest.raises(IntegrityError, match="timer_one_open_a_subject"), transaction.atomic():
        timers.start("test.note", 1, NOON)

    timers.sweep()

    assert timers.start("test.note", 1, NOON).pk


def test_a_clock_that_is_off_stops_the_sweep(
    noon: datetime, fired: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    timers.start("test.note", 1, NOON)
    ahead = timezone.now() + timedelta(seconds=90)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    with pytest.raises(timers.ClockSkew):
        timers.sweep()

    assert fired == []


def test_the_sweep_leaves_its_heartbeat(noon: datetime) -> None:
    timers.sweep()

    assert Heartbeat.objects.get(name="sweep").at == NOON


def test_a_dry_run_only_tells(
    noon: datetime, fired: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    timers.start("test.note", 1, NOON)
    timers.start("test.gone", 1, NOON)

    call_command("sweep", "--dry-run")

    assert capsys.readouterr().out == ("test.gone (—): 1\ntest.note (test.note): 1\nparked=0\n")
    assert fired == []


# Really at once ---------------------------------------------------------------------------------


def in_threads(number: int, work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connections["default"].close()

    threads = [Thread(target=run) for _thread in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_sweeps_at_once_fire_each_timer_once(
    committed_db: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired: list[int] = []
    sweepers: set[int] = set()

    def note(due: list[Timer], now: datetime) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.02)")
            sweepers.add(cursor.fetchone()[0])
        fired.extend(timer.subject_id for timer in due)
        return set()

    register(monkeypatch, "test.note", note)
    monkeypatch.setattr(timers, "BATCH", 50)
    now = clock.now()
    timers.start_many(("test.note", subject, 0, now - HOUR) for subject in range(1000))

    in_threads(2, timers.sweep)

    assert len(sweepers) == 2
    assert sorted(fired) == list(range(1000))
    assert Timer.objects.filter(fired_at__isnull=False).count() == 1000


SWEEPER = """
import django
django.setup()
from django.db import connection
from governance import timers

@timers.handler("test.slow", "slow")
def write(due, now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")
        for timer in due:
            cursor.execute("INSERT INTO test_fired VALUES (%s)", [timer.subject_id])
    return set()

timers.BATCH = 20
print("ready", flush=True)
timers.sweep()
"""


def test_a_killed_sweep_loses_nothing_and_nothing_fires_twice(committed_db: Engines) -> None:
    with psycopg.connect(committed_db.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE test_fired (subject_id bigint)")
    timers.start_many(("test.slow", subject, 0, clock.now()) for subject in range(1000))
    env = {**os.environ, **environment(committed_db)}

    def sweeper() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SWEEPER]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE)

    victim, other = sweeper(), sweeper()
    assert victim.stdout is not None
    assert victim.stdout.readline() == b"ready\n"
    time.sleep(0.3)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL  # it was at work
    victim.stdout.close()
    assert other.wait(60) == 0
    assert sweeper_finishes(sweeper())

    with connection.cursor() as cursor:
        cursor.execute("SELECT subject_id FROM test_fired")
        counted = Counter(subject for (subject,) in cursor.fetchall())
    assert counted == Counter(range(1000))
    assert not Timer.objects.open().exists()
    if other.stdout:
        other.stdout.close()


def sweeper_finishes(child: subprocess.Popen[bytes]) -> bool:
    child.communicate(timeout=60)
    return child.returncode == 0


def test_a_locked_subject_is_skipped_not_waited_for(committed_db: Engines) -> None:
    district = create_unit(kind="district", name="东丽区")
    streets = [create_unit(kind="street", name=name, parent=district) for name in "甲乙丙"]
    village = create_unit(kind="community", name="某社区", parent=streets[0])
    hamlet = create_unit(kind="community", name="邻社区", parent=streets[0])
    user = create_user()
    for unit in (village, hamlet):
        change = UnitChange.objects.create(
            kind="move",
            unit=unit,
            into=streets[1],
            effective=clock.today(),
            reason="调整",
            decided_by=user,
            decided_at=clock.now(),
        )
        timers.start("unit.change", change.pk, clock.now())
    with psycopg.connect(committed_db.app_url) as other:
        other.execute("SELECT 1 FROM governance_unit WHERE id = %s FOR UPDATE", [village.pk])

        began = time.monotonic()
        timers.sweep()

        assert time.monotonic() - began < 2
        assert Unit.objects.get(pk=hamlet.pk).parent_id == streets[1].pk
        assert Unit.objects.get(pk=village.pk).parent_id == streets[0].pk

    shift_clock(by=timedelta(seconds=6))
    timers.sweep()
    assert Unit.objects.get(pk=village.pk).parent_id == streets[1].pk
    assert Timer.objects.filter(kind="unit.change", attempts=0).count() == 2


def test_a_timer_that_another_sweep_holds_is_skipped(
    committed_db: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, "test.note", lambda due, now: set())
    timers.start_many(("test.note", subject, 0, clock.now()) for subject in (1, 2))
    with psycopg.connect(committed_db.app_url) as other:
        other.execute("SELECT 1 FROM governance_timer WHERE subject_id = 1 FOR UPDATE")

        assert timers.sweep() == 1

    assert timers.sweep() == 1


def test_a_start_waits_for_the_run_that_it_may_have_missed(
    committed_db: Engines,
) -> None:
    timers.ensure("test.recompute", 0, clock.now())
    with psycopg.connect(committed_db.app_url) as sweep:
        sweep.execute("UPDATE governance_timer SET fired_at = now()")
        thread = Thread(target=ensure_and_close)
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
        sweep.commit()
        thread.join()

    assert (Timer.objects.open().count(), Timer.objects.count()) == (1, 2)


def ensure_and_close() -> None:
    timers.ensure("test.recompute", 0, clock.now())
    connections["default"].close()
