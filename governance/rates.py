"""How often a thing may be done, by a visitor without an account or over a channel: counted in the
database, so that it holds over all processes and without Redis. Visitors are keyed hashes, never
stored addresses."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from governance.models import RateWindow


class TooOften(Exception):
    """Come back later."""


def address_of(request: HttpRequest) -> str:
    """Where a request came from; behind our nginx as it saw it: nobody else may name it."""
    address: str = request.META.get("REMOTE_ADDR", "")
    return request.headers.get("X-Real-IP", address) if settings.BEHIND_NGINX else address


def visitor(request: HttpRequest) -> str:
    """Who asks, as a keyed hash."""
    address = address_of(request).encode()
    return hmac.new(settings.SECRET_KEY.encode(), address, hashlib.sha256).hexdigest()


def count(request: HttpRequest, what: str, *, limit: int, minutes: int, now: datetime) -> None:
    """Count one more; raises TooOften beyond `limit` in the present window of `minutes`."""
    if hit(f"{what}:{visitor(request)}", window_of(minutes * 60, now)) > limit:
        raise TooOften


def window_of(seconds: int, now: datetime) -> datetime:
    """When the present window of so many seconds began."""
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def hit(what: str, window: datetime) -> int:
    """Count one more in this window; returns how many there are now."""
    key = hashlib.sha256(what.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO governance_ratewindow AS known (key, "window", hits) VALUES (%s, %s, 1)'
            ' ON CONFLICT (key, "window") DO UPDATE SET hits = known.hits + 1 RETURNING hits',
            [key, window],
        )
        hits: int = cursor.fetchone()[0]
    return hits


def forget_old(now: datetime) -> int:
    """Windows of more than a day ago say nothing any more."""
    return RateWindow.objects.filter(window__lt=now - timedelta(days=1)).delete()[0]
