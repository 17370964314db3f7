"""Telling people: `tell()` writes inbox lines and deliveries in the business transaction.

Nothing leaves from a request: the worker leases unsent deliveries, sends, and marks them. A channel
is an object with `address(user)` and `send(address, subject, text, key)`; SMS or WeCom are one
class each, added to CHANNELS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import translation
from django.utils.functional import Promise

from governance import bulk, clock
from governance.models import Delivery, User

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8


class Channel(Protocol):
    def address(self, user: User) -> str:
        """Where this user is reached, or ""."""

    def send(self, address: str, subject: str, text: str, key: str) -> None:
        """Send or raise; `key` is the same on every try: the other side can drop repeats by it."""


class Email:
    def address(self, user: User) -> str:
        return user.email

    def send(self, address: str, subject: str, text: str, key: str) -> None:
        headers = {"Message-ID": f"<{key}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>"}
        EmailMessage(subject, text, to=[address], headers=headers).send()


CHANNELS: dict[str, Channel] = {"email": Email()}
# The columns of a user that channels read; any other would be a query a user.
REACHED_BY = ("email",)

# kind → a sentence with %(name)s places, translated when it is read
SENTENCES: dict[str, str | Promise] = {}
# param name → how its stored value reads in the active language
READERS: dict[str, Callable[[str], str]] = {}
LINKS: dict[str, Callable[[Mapping[str, str]], str]] = {}


@dataclass(frozen=True)
class Note:
    """What one person is to be told; the same `dedupe_key` is told to a person only once."""

    recipient_id: int
    kind: str
    dedupe_key: str
    params: Mapping[str, str] = field(default_factory=dict)


class Places(dict[str, str]):
    """A place that an older message does not know reads as a dash: it must not break an inbox."""

    def __missing__(self, name: str) -> str:
        return "—"


def sentence(kind: str, params: Mapping[str, str]) -> str:
    """The message in the active language; an unknown kind reads as its own name."""
    if kind not in SENTENCES:
        return kind
    return str(SENTENCES[kind]) % Places(
        {name: READERS[name](value) if name in READERS else value for name, value in params.items()}
    )


def link(kind: str, params: Mapping[str, str]) -> str:
    """Where the message leads, or ""."""
    return LINKS[kind](params) if kind in LINKS else ""


NEW = {"recipient_id": "bigint", "kind": "text", "params": "jsonb", "dedupe_key": "text"}
WAYS = {"user_id": "bigint", "channel": "text"}
# Both in one statement; a line said before has its deliveries already.
TELL = f"""
WITH said AS (
    INSERT INTO governance_message (recipient_id, kind, params, dedupe_key, created_at)
    SELECT recipient_id, kind, params, dedupe_key, %s FROM {bulk.source("note", NEW)}
    ON CONFLICT DO NOTHING RETURNING id, recipient_id
)
INSERT INTO governance_delivery (message_id, channel, attempts, next_try_at, last_error)
SELECT said.id, way.channel, 0, %s, ''
FROM said JOIN {bulk.source("way", WAYS)} ON way.user_id = said.recipient_id
"""


def tell(notes: Iterable[Note], now: datetime) -> None:
    """Write the inbox lines and, for recipients with an address, their deliveries. Set-based."""
    rows = [(note.recipient_id, note.kind, note.params, note.dedupe_key) for note in notes]
    if not rows:
        return
    ways = channels_of({row[0] for row in rows})
    with connection.cursor() as cursor:
        cursor.execute(TELL, [now, bulk.packed(NEW, rows), now, bulk.packed(WAYS, ways)])


def channels_of(user_ids: set[int]) -> list[tuple[int, str]]:
    """(user, channel) for each way in which an active one of them can be reached outside."""
    users = User.objects.filter(pk__in=user_ids, is_active=True).only(*REACHED_BY)
    return [
        (user.pk, name)
        for user in users
        for name, channel in CHANNELS.items()
        if channel.address(user)
    ]


def deliver(*, limit: int = 200) -> int:
    """Send what waits, each under a lease; returns how many went out."""
    sent = 0
    for delivery in lease(limit):
        if renew(delivery):
            sent += attempt(delivery)
    return sent


@transaction.atomic
def lease(limit: int) -> list[Delivery]:
    """Take deliveries that nobody holds; a worker that dies lets go of them when the lease ends."""
    now = clock.now()
    taken = list(
        Delivery.objects.to_send(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("message__recipient")
        .order_by("next_try_at")[:limit]
    )
    ids = [delivery.pk for delivery in taken]
    Delivery.objects.filter(pk__in=ids).update(leased_until=now + LEASE)
    for delivery in taken:
        delivery.leased_until = now + LEASE
    return taken


def renew(delivery: Delivery) -> bool:
    """Hold the lease from now on; False when a slow channel let it run out and another took it."""
    held = Delivery.objects.filter(pk=delivery.pk, leased_until=delivery.leased_until, sent_at=None)
    return bool(held.update(leased_until=clock.now() + LEASE))


def attempt(delivery: Delivery) -> bool:
    """Try one; on failure wait longer each time, and give up visibly after MAX_ATTEMPTS."""
    message = delivery.message
    attempts = delivery.attempts + 1
    row = Delivery.objects.filter(pk=delivery.pk)
    try:
        with translation.override(message.recipient.language):
            text = sentence(message.kind, message.params)
            channel = CHANNELS[delivery.channel]
            address = channel.address(message.recipient)
            if not address:  # or an e-mail to nobody would count as sent
                raise LookupError("no address")
            channel.send(address, text, text, f"delivery-{delivery.pk}")
    except Exception as error:
        now = clock.now()
        log.warning("delivery %s failed: %s", delivery.pk, type(error).__name__)
        row.update(
            attempts=attempts,
            last_error=f"{type(error).__name__}: {error}"[:300],
            next_try_at=now + timedelta(seconds=30 * 2**attempts),
            leased_until=None,
            failed_at=now if attempts >= MAX_ATTEMPTS else None,
        )
        return False
    row.update(attempts=attempts, sent_at=clock.now(), leased_until=None, last_error="")
    return True


def retry(deliveries: Iterable[Delivery], now: datetime) -> int:
    """Give failed deliveries another round."""
    ids = [delivery.pk for delivery in deliveries]
    return (
        Delivery.objects.failed()
        .filter(pk__in=ids)
        .update(failed_at=None, attempts=0, next_try_at=now)
    )
