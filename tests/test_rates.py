"""How often a visitor may come: counted in the database, addresses never stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from governance import rates
from governance.models import RateWindow
from tests.builders import moment

NOON = moment("2026-06-01 12:00")


def request(address: str = "203.0.113.7") -> HttpRequest:
    return RequestFactory().get("/report/", REMOTE_ADDR=address)


def come(times: int, *, minutes_later: float = 0, what: str = "report", **who: str) -> int:
    """How many of so many tries were let in."""
    let_in = 0
    for _try in range(times):
        try:
            now = NOON + timedelta(minutes=minutes_later)
            rates.count(request(**who), what, limit=3, minutes=10, now=now)
        except rates.TooOften:
            continue
        let_in += 1
    return let_in


def test_beyond_the_limit_one_waits_for_the_next_window(db: None) -> None:
    assert come(5) == 3
    assert come(1, minutes_later=9.9) == 0
    assert come(5, minutes_later=10) == 3


def test_each_visitor_and_each_deed_counts_alone(db: None) -> None:
    assert come(3) == 3

    assert come(1, address="203.0.113.8") == 1
    assert come(1, what="query") == 1
    assert come(1) == 0


def test_a_window_may_be_longer_than_an_hour(db: None) -> None:
    for hours in (0, 5):
        now = NOON + timedelta(hours=hours)
        rates.count(request(), "report", limit=2, minutes=1440, now=now)

    with pytest.raises(rates.TooOften):
        rates.count(request(), "report", limit=2, minutes=1440, now=NOON + timedelta(hours=11))


def test_no_address_is_stored(db: None) -> None:
    come(1)

    row = RateWindow.objects.get()
    assert len(row.key) == 64
    assert "203.0.113.7" not in row.key
    assert row.hits == 1


def test_only_our_own_nginx_may_name_the_visitor(settings: Settings) -> None:
    named = RequestFactory().get("/report/", headers={"x-real-ip": "203.0.113.8"})

    settings.BEHIND_NGINX = False
    assert rates.visitor(named) == rates.visitor(request("127.0.0.1"))
    settings.BEHIND_NGINX = True
    assert rates.visitor(named) == rates.visitor(request("203.0.113.8"))


def test_old_windows_are_forgotten(db: None) -> None:
    come(1)
    come(1, minutes_later=60)

    assert rates.forget_old(NOON + timedelta(days=1, minutes=30)) == 1
    assert RateWindow.objects.get().window == NOON + timedelta(minutes=60)
