"""Is it up, and can it work: answers for load balancers and monitoring."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min

from governance import clock
from governance.models import Heartbeat, Timer

LATE = timedelta(seconds=120)


def report() -> tuple[bool, dict[str, Any]]:
    """(ready, facts). Not ready without the database or with a sweep late by more than 120 s;
    without the broker the pages go on: degraded, but ready."""
    try:
        facts = database_facts()
    except DatabaseError as error:
        return False, {"status": "unavailable", "database": type(error).__name__}
    broker = broker_answers()
    late = facts.pop("late")
    status = "unavailable" if late else "ok" if broker else "degraded"
    return not late, {"status": status, "broker": "ok" if broker else "unreachable", **facts}


def database_facts() -> dict[str, Any]:
    """The last sweep and the oldest due timer, in seconds ago (None: none)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    now = clock.now()
    swept = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    oldest = Timer.objects.due(now).aggregate(oldest=Min("knock_at"))["oldest"]
    return {
        "database": "ok",
        "last_sweep_seconds_ago": int((now - swept).total_seconds()) if swept else None,
        "oldest_due_timer_seconds": int((now - oldest).total_seconds()) if oldest else None,
        "parked_timers": Timer.objects.parked().count(),
        "late": swept is None or now - swept > LATE,
    }


def broker_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
