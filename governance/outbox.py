"""Telling people: `tell()` writes inbox lines and deliveries in the business transaction.

Nothing leaves from a request: the worker leases unsent deliveries, sends, and marks them. A channel
is an object with `address(user)` and `send(address, subject, text, key)`; SMS or WeCom are one
class each, added to CHANNELS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance import bulk, sending
from governance.models import Delivery, User


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
CHANNEL_LABELS: dict[str, str | Promise] = {"email": _("电子邮件")}
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
            sent += sending.attempt(delivery, send)
    return sent


def lease(limit: int) -> list[Delivery]:
    """Take deliveries that nobody holds."""
    return sending.lease(Delivery.objects.select_related("message__recipient"), limit)


def renew(delivery: Delivery) -> bool:
    return sending.renew(delivery)


def send(delivery: Delivery) -> None:
    message = delivery.message
    with translation.override(message.recipient.language):
        text = sentence(message.kind, message.params)
    channel = CHANNELS[delivery.channel]
    address = channel.address(message.recipient)
    if not address:  # or an e-mail to nobody would count as sent
        raise LookupError("no address")
    channel.send(address, text, text, f"delivery-{delivery.pk}")


def retry(deliveries: Iterable[Delivery], now: datetime) -> int:
    """Give failed deliveries another round."""
    return sending.retry(Delivery.objects.all(), deliveries, now)
