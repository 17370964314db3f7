"""What load balancers and monitoring are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from governance import clock, timers
from governance.engines import Engines
from governance.models import Heartbeat, Timer
from tests.builders import shift_clock
from tests.conftest import point_at


@pytest.fixture
def swept(db: None) -> None:
    timers.sweep()


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_alive(client: Client) -> None:
    """Without the `db` fixture: it must not ask the database."""
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready(client: Client, swept: None) -> None:
    assert ready(client) == (
        200,
        {
            "status": "ok",
            "broker": "ok",
            "database": "ok",
            "last_sweep_seconds_ago": 0,
            "oldest_due_timer_seconds": None,
            "parked_timers": 0,
        },
    )


def test_without_the_broker_the_pages_go_on(client: Client, swept: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    status, facts = ready(client)

    assert (status, facts["status"], facts["broker"]) == (200, "degraded", "unreachable")


def test_a_late_sweep_is_no_service(client: Client, swept: None) -> None:
    shift_clock(by=timedelta(seconds=120))
    assert ready(client)[0] == 200

    shift_clock(by=timedelta(seconds=1))

    status, facts = ready(client)
    assert (status, facts["status"], facts["last_sweep_seconds_ago"]) == (503, "unavailable", 121)


def test_never_swept_is_no_service(client: Client, db: None) -> None:
    Heartbeat.objects.all().delete()

    assert ready(client)[0] == 503


def test_what_waits_and_what_is_parked_is_told(client: Client, swept: None) -> None:
    now = clock.now()
    timers.start("test.note", 1, now - timedelta(seconds=40))
    timers.start("test.note", 2, now)
    Timer.objects.filter(subject_id=2).update(parked_at=now)

    _status, facts = ready(client)

    assert (facts["oldest_due_timer_seconds"], facts["parked_timers"]) == (40, 1)


def test_a_database_that_is_gone_is_told_and_does_not_break_the_answer(
    client: Client, committed_db: Engines
) -> None:
    name = str(connections["default"].settings_dict["NAME"])
    point_at("there_is_no_such_database")
    connections["default"].settings_dict["OPTIONS"]["pool"]["timeout"] = 1
    try:
        status, facts = ready(client)
        alive = client.get("/healthz").status_code
    finally:
        connections["default"].settings_dict["OPTIONS"]["pool"]["timeout"] = 10
        point_at(name)

    assert (status, facts["status"]) == (503, "unavailable")
    assert alive == 200
