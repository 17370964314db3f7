"""How a row leaves the house: taken under a lease, tried with back-off, given up visibly.

Each row is a `Sending` (governance/models/outbox.py). The other side may get a row twice, when a
worker dies between sending and marking: every channel sends a key that is the same on every try.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from governance import actor, clock
from governance.models import Sending, SendingQuerySet

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8

S = TypeVar("S", bound=Sending)
Round = Callable[[], int]
# What other rooms send beside the outbox; each sends what is ready and returns how much went out.
ROUNDS: dict[str, Round] = {}


class Later(Exception):
    """Not before `at`; nothing was sent, so it is not counted as a try."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at.isoformat())
        self.at = at


class NotTaken(Exception):
    """The other side did not take it; the words hold neither address nor text."""

    def __init__(self, what: str, *, retry_after: timedelta = timedelta()) -> None:
        super().__init__(what)
        self.retry_after = retry_after


def sends(name: str) -> Callable[[Round], Round]:
    """Register a round of sending, to be knocked for as the outbox is."""

    def register(deliver: Round) -> Round:
        ROUNDS[name] = deliver
        return deliver

    return register


def deliver_all() -> int:
    """One round of everything registered."""
    sent = 0
    for name, deliver in ROUNDS.items():
        with actor.acting(None, name):
            sent += deliver()
    return sent


@transaction.atomic
def lease(rows: SendingQuerySet[S], limit: int) -> list[S]:
    """Take rows that nobody holds; a worker that dies lets go of them when the lease ends."""
    now = clock.now()
    taken = list(
        rows.to_send(now)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("next_try_at", "pk")[:limit]
    )
    ids = [row.pk for row in taken]
    rows.model._default_manager.filter(pk__in=ids).update(leased_until=now + LEASE)
    for row in taken:
        row.leased_until = now + LEASE
    return taken


def renew(row: Sending) -> bool:
    """Hold the lease from now on; False when a slow channel let it run out and another took it."""
    mine = type(row)._default_manager.filter(pk=row.pk, leased_until=row.leased_until, sent_at=None)
    return bool(mine.update(leased_until=clock.now() + LEASE))


def attempt(row: S, send: Callable[[S], None]) -> bool:
    """Try one; on failure wait longer each time, and give up visibly after MAX_ATTEMPTS."""
    attempts = row.attempts + 1
    own = type(row)._default_manager.filter(pk=row.pk)
    try:
        send(row)
    except Later as later:
        own.update(next_try_at=later.at, leased_until=None)
        return False
    except Exception as error:
        now = clock.now()
        log.warning("%s %s failed: %s", row._meta.model_name, row.pk, type(error).__name__)
        wait = timedelta(seconds=30 * 2**attempts)
        if isinstance(error, NotTaken):
            wait = max(wait, error.retry_after)
        own.update(
            attempts=attempts,
            last_error=f"{type(error).__name__}: {error}"[:300],
            next_try_at=now + wait,
            leased_until=None,
            failed_at=now if attempts >= MAX_ATTEMPTS else None,
        )
        return False
    own.update(attempts=attempts, sent_at=clock.now(), leased_until=None, last_error="")
    return True


def retry(known: SendingQuerySet[S], rows: Iterable[S], now: datetime) -> int:
    """Give failed rows another round."""
    ids = [row.pk for row in rows]
    again = known.failed().filter(pk__in=ids)
    return again.update(failed_at=None, attempts=0, next_try_at=now)
