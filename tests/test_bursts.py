"""Bursts: who opens many people within an hour is reported, once an hour, to who guards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from governance import bursts, outbox, tasks
from governance.access import record_look
from governance.models import Message, User
from tests.builders import World, create_unit, create_user, create_world, queries, shift_clock
from tests.case_builders import MONDAY

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    """The small world, on Monday at nine, where five an hour are many."""
    settings.BURST_PEOPLE = 5
    shift_clock(to=MONDAY)
    return create_world()


def look(user: User, *numbers: int, at: Any = MONDAY, model: str = "people.Person") -> None:
    for number in numbers:
        record_look(user, model=model, object_id=number, columns=[], reason="走访", now=at)


def told() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=bursts.KIND).order_by("pk")
    return [(row.recipient.username, outbox.sentence(row.kind, row.params)) for row in rows]


def test_as_many_as_are_usual_are_no_burst(world: World) -> None:
    look(world.clerk, *range(5))
    look(world.clerk, *range(5))  # the same five again
    look(world.grid_worker, *range(5))
    assert bursts.watch(MONDAY) == 0
    assert told() == []


def test_one_more_is_reported_once_an_hour(world: World) -> None:
    look(world.clerk, *range(6))
    assert bursts.watch(MONDAY) == 1
    assert told() == [
        ("security_admin", "账号 clerk（社区专干）一小时内查看了 6 人的个人信息，请核实。")
    ]
    bursts.watch(MONDAY + MINUTE)
    assert len(told()) == 1

    later = MONDAY + 61 * MINUTE
    assert bursts.watch(later) == 0
    look(world.clerk, *range(6), at=later)
    bursts.watch(later)
    assert len(told()) == 2


def test_who_reported_and_who_applied_are_people_too(world: World) -> None:
    look(world.handler, 1, 2, 3)
    look(world.handler, 1, 2, 3, model="cases.Reporter")
    assert bursts.watch(MONDAY) == 1


def test_only_the_district_of_who_looks_is_told(world: World) -> None:
    elsewhere = create_unit(kind="district", name="河西区")
    other = create_user(role="security_admin", unit=elsewhere, username="other_admin")
    look(world.clerk, *range(6))
    bursts.watch(MONDAY)
    assert [name for name, _said in told()] == ["security_admin"]
    # nobody is told of themself, and somebody must be told
    look(other, *range(6))
    bursts.watch(MONDAY)
    assert [name for name, _said in told()] == ["security_admin"] * 2


def test_of_somebody_without_a_post_all_are_told(world: World) -> None:
    elsewhere = create_unit(kind="district", name="河西区")
    create_user(role="security_admin", unit=elsewhere, username="other_admin")
    look(create_user(username="left"), *range(6))
    bursts.watch(MONDAY)
    assert {name for name, _said in told()} == {"security_admin", "other_admin"}


def test_the_minute_and_the_command_watch(world: World) -> None:
    look(world.clerk, *range(6))
    assert tasks.watch() == 1
    Message.objects.all().delete()
    call_command("sweep")
    assert len(told()) == 1


def test_watching_costs_one_query_when_all_is_quiet(world: World) -> None:
    look(world.clerk, *range(3))
    with transaction.atomic(), queries(1):
        bursts.watch(MONDAY)
