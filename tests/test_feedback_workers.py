"""Several workers send at once, over rows that are really committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Thread

import pytest
from django.db import connections
from pytest_django import Settings

from cases import feedback
from cases.models import Notice, State
from governance.engines import Engines
from tests import gateway as gateways
from tests.builders import create_world, moment, shift_clock
from tests.case_builders import MONDAY, create_case
from tests.gateway import Gateway


def workers(number: int) -> None:
    """So many at once, each until nothing is left for it."""

    def work() -> None:
        try:
            while feedback.deliver():
                pass
        finally:
            connections["default"].close()

    threads = [Thread(target=work) for _thread in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def waiting(gateway: Gateway, settings: Settings, number: int) -> None:
    settings.SMS_URL, settings.SMS_SECRET = gateway.url, "secret"
    shift_clock(to=MONDAY)
    world = create_world()
    for _case in range(number):
        create_case(world, state=State.ACCEPTED, reporter_phone="13812345678")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with gateways.running() as running:
        yield running


def test_each_message_goes_out_once(
    committed_db: Engines, settings: Settings, gateway: Gateway
) -> None:
    waiting(gateway, settings, 12)

    workers(3)

    assert set(Counter(got.key for got in gateway.got).values()) == {1}
    assert len(gateway.got) == 12
    assert not Notice.objects.filter(sent_at=None).exists()


def test_together_they_keep_to_the_number_a_minute(
    committed_db: Engines, settings: Settings, gateway: Gateway
) -> None:
    waiting(gateway, settings, 12)
    settings.SMS_PER_MINUTE = 5
    shift_clock(to=moment("2026-03-02 09:05:01"))

    workers(3)

    assert len(gateway.got) == 5
    later = Notice.objects.filter(sent_at=None)
    assert set(later.values_list("attempts", "next_try_at")) == {(0, moment("2026-03-02 09:06"))}
