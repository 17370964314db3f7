"""How often a visitor without an account may do a thing: counted in the database, so that it holds
over all web processes and without Redis. Visitors are keyed hashes, never stored addresses."""

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


def visitor(request: HttpRequest) -> str:
    """Who asks, as a keyed hash; behind our nginx the address it saw: nobody else may name it."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_NGINX:
        address = request.headers.get("X-Real-IP", address)
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()


def count(request: HttpRequest, what: str, *, limit: int, minutes: int, now: datetime) -> None:
    """Count one more; raises TooOften beyond `limit` in the present window of `minutes`."""
    seconds = minutes * 60
    window = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    key = hashlib.sha256(f"{what}:{visitor(request)}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO governance_ratewindow AS known (key, "window", hits) VALUES (%s, %s, 1)'
            ' ON CONFLICT (key, "window") DO UPDATE SET hits = known.hits + 1 RETURNING hits',
            [key, window],
        )
        hits = cursor.fetchone()[0]
    if hits > limit:
        raise TooOften


def forget_old(now: datetime) -> int:
    """Windows of more than a day ago say nothing any more."""
    return RateWindow.objects.filter(window__lt=now - timedelta(days=1)).delete()[0]
