"""Starting, stopping and firing timers. The sweep never waits for a lock.

A room registers what happens when a kind of timer is due:

    @timers.handler("case.remind", _("临期提醒"))
    def remind(due: list[Timer], now: datetime) -> set[int]: ...

A handler locks its subjects with SKIP LOCKED, re-checks them, writes mark, history, messages and
the next level's timer, and returns the ids of the timers whose subjects were busy: those are
knocked on again. What it returns nothing about is fired. Handlers work on sets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise

from governance import actor, bulk, clock
from governance.models import Heartbeat, Timer

log = logging.getLogger(__name__)

BATCH = 500
BUSY_AGAIN = timedelta(seconds=5)
MAX_ATTEMPTS = 5
MAX_SKEW = timedelta(seconds=60)

Fire = Callable[[list[Timer], datetime], set[int]]


@dataclass(frozen=True)
class Handler:
    label: str | Promise
    fire: Fire


HANDLERS: dict[str, Handler] = {}


class ClockSkew(Exception):
    """The clocks of this machine and of the database differ by more than a minute."""


def handler(kind: str, label: str | Promise) -> Callable[[Fire], Fire]:
    """Register what happens when timers of this kind are due."""

    def register(fire: Fire) -> Fire:
        HANDLERS[kind] = Handler(label, fire)
        return fire

    return register


def start(kind: str, subject_id: int, due_at: datetime, *, level: int = 0) -> Timer:
    """One open timer a kind, subject and level: the database refuses a second."""
    return Timer.objects.create(
        kind=kind, subject_id=subject_id, level=level, due_at=due_at, knock_at=due_at
    )


def ensure(kind: str, subject_id: int, due_at: datetime) -> None:
    """Start one, or knock sooner on the open one, also when that one was parked.

    When a sweep is firing the open one just now, this waits for it and starts the next: what that
    run may have missed is done again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_timer AS known"
            " (kind, subject_id, level, due_at, knock_at, attempts, last_error)"
            " VALUES (%s, %s, 0, %s, %s, 0, '') ON CONFLICT (subject_id, kind, level)"
            " WHERE fired_at IS NULL AND cancelled_at IS NULL"
            " DO UPDATE SET knock_at = least(known.knock_at, excluded.knock_at),"
            " parked_at = NULL, attempts = 0",
            [kind, subject_id, due_at, due_at],
        )


NEW = {
    "kind": "varchar",
    "subject_id": "bigint",
    "level": "smallint",
    "due_at": "timestamptz",
    "knock_at": "timestamptz",
    "attempts": "smallint",
    "last_error": "varchar",
}


def start_many(rows: Iterable[tuple[str, int, int, datetime]]) -> None:
    """The set form of `start`: (kind, subject id, level, due at)."""
    bulk.insert("governance_timer", NEW, [(*row, row[3], 0, "") for row in rows])


def cancel(subject_ids: Sequence[int], kinds: Sequence[str], now: datetime) -> int:
    """Stop the open timers of these kinds; returns how many there were."""
    timers = Timer.objects.open().filter(subject_id__in=subject_ids, kind__in=kinds)
    return timers.update(cancelled_at=now)


def cancel_up_to(subject_id: int, kind: str, level: int, now: datetime) -> int:
    """Stop the open timers of one subject up to a level; returns how many there were."""
    timers = Timer.objects.open().filter(subject_id=subject_id, kind=kind, level__lte=level)
    return timers.update(cancelled_at=now)


def sweep(*, limit: int | None = None) -> int:
    """Fire what is due, batch by batch, each in one transaction; returns how many fired.

    Time is the database's. Raises ClockSkew when the machine's clock is more than a minute off.
    """
    check_clocks()
    fired = 0
    with actor.acting(None, "sweep"):
        while limit is None or fired < limit:
            done, claimed = sweep_batch(BATCH if limit is None else min(BATCH, limit - fired))
            fired += done
            if not claimed:
                break
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": clock.now()})
    return fired


def check_clocks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(timezone.now() - cursor.fetchone()[0])
    if skew > MAX_SKEW:
        raise ClockSkew(f"application and database clocks differ by {skew}")


@transaction.atomic
def sweep_batch(size: int) -> tuple[int, int]:
    """Claim up to `size` due timers and fire them; returns (fired, claimed)."""
    now = clock.now()
    ready = Timer.objects.due(now).select_for_update(skip_locked=True).order_by("knock_at")
    claimed = list(ready.only("kind", "subject_id", "level", "due_at", "attempts")[:size])
    fired: list[int] = []
    for number, (kind, due) in enumerate(by_kind(claimed).items()):
        # what an earlier kind of this batch did may have cancelled timers of this one
        fired += fire(kind, still_open(due) if number else due, now)
    # what a timer set off may have cancelled the very timer, as a verb does that ends a pause
    Timer.objects.filter(pk__in=fired, cancelled_at=None).update(fired_at=now)
    return len(fired), len(claimed)


def still_open(due: list[Timer]) -> list[Timer]:
    ids = set(
        Timer.objects.filter(pk__in=[timer.pk for timer in due], cancelled_at=None).values_list(
            "pk", flat=True
        )
    )
    return [timer for timer in due if timer.pk in ids]


def by_kind(claimed: list[Timer]) -> dict[str, list[Timer]]:
    """The claimed timers a kind, the kind that was due first in front: a reminder before what it
    reminds of."""
    found: dict[str, list[Timer]] = {}
    for timer in claimed:
        found.setdefault(timer.kind, []).append(timer)
    return found


def fire(kind: str, due: list[Timer], now: datetime) -> list[int]:
    """The ids of those that fired; of a set that raises, each alone, so that only the bad waits."""
    if not due:
        return []
    try:
        with transaction.atomic():
            busy = HANDLERS[kind].fire(due, now)
    except Exception as error:
        if len(due) > 1:
            return [fired for timer in due for fired in fire(kind, [timer], now)]
        log.exception("timer %s of kind %s failed", due[0].pk, kind)
        put_off(due[0], error, now)
        return []
    Timer.objects.filter(pk__in=busy).update(knock_at=now + BUSY_AGAIN)
    return [timer.pk for timer in due if timer.pk not in busy]


def put_off(timer: Timer, error: Exception, now: datetime) -> None:
    """Knock again later, each time later; after MAX_ATTEMPTS park it, which raises an alarm."""
    attempts = timer.attempts + 1
    Timer.objects.filter(pk=timer.pk).update(
        attempts=attempts,
        knock_at=now + timedelta(seconds=30 * 2**attempts),
        last_error=f"{type(error).__name__}: {error}"[:300],
        parked_at=now if attempts >= MAX_ATTEMPTS else None,
    )


def release(timers: Iterable[Timer], now: datetime) -> int:
    """Let parked timers be tried again at once."""
    ids = [timer.pk for timer in timers]
    return (
        Timer.objects.parked().filter(pk__in=ids).update(parked_at=None, attempts=0, knock_at=now)
    )
