"""Live hints: what a page hears, how often, and that it costs no database connection."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, aclosing
from functools import partial

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client

from governance import events
from governance.events import Listener, Subscriber
from tests.builders import World
from tests.stack import Stack, wait_until
from tests.test_journeys import report

pytestmark = pytest.mark.xdist_group("stack")

# In this process -----------------------------------------------------------------------------


def test_a_synchronous_server_has_no_stream(world: World, client: Client) -> None:
    client.force_login(world.clerk)

    answer = client.get("/events/")

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_stranger_hears_nothing(db: None, client: Client) -> None:
    assert client.get("/events/").headers["Location"].startswith("/login/")


def test_nobody_between_may_keep_or_hold_back_the_stream(world: World) -> None:
    client = AsyncClient()
    client.force_login(world.clerk)

    answer = async_to_sync(client.get)("/events/")

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rhythm in hundredths of a second."""
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    monkeypatch.setattr(events, "PAUSE", 0.2)


def test_many_hints_make_one_event(quick: None) -> None:
    async def story() -> None:
        page = Subscriber()
        for _ in range(100):
            page.tell("cases")
        page.tell("inbox")

        assert await page.within(0.01) == ["cases", "inbox"]
        assert await page.within(0.01) == []

    asyncio.run(story())


def test_a_page_is_told_once_a_while_and_kept_awake_in_between(quick: None) -> None:
    async def story() -> None:
        listener = silent(Listener())
        async with aclosing(events.stream(listener)) as said:
            assert await anext(said) == b": open\n\n"
            assert await anext(said) == b": still here\n\n"
            listener.announce("cases")
            assert await anext(said) == b'data: ["cases"]\n\n'
            for _ in range(3):
                listener.announce("cases")
            began = asyncio.get_running_loop().time()
            assert await anext(said) == b'data: ["cases"]\n\n'
            assert asyncio.get_running_loop().time() - began >= 0.19

    asyncio.run(story())


def test_a_stream_ends_so_that_the_log_in_is_asked_again(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        monkeypatch.setattr(events, "LIFETIME", 0.3)
        listener = silent(Listener())

        said = [part async for part in events.stream(listener)]

        assert set(said) == {b": open\n\n", b": still here\n\n"}
        assert listener.subscribers == set()

    asyncio.run(story())


def test_the_listener_comes_back_and_says_that_something_may_be_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        listener = Listener(first_wait=0.01)
        page = listener.subscribe()
        assert await page.within(5) == ["*"]
        notify("inbox")
        assert await page.within(5) == ["inbox"]

        with monkeypatch.context() as unreachable:
            hang_up()
            unreachable.setattr(settings, "LISTEN_URL", "postgresql://app@127.0.0.1:1/none")
            assert await page.within(0.1) == []
        assert await page.within(5) == ["*"]
        notify("cases")
        assert await page.within(5) == ["cases"]

    asyncio.run(story())


def hang_up() -> None:
    with psycopg.connect(settings.LISTEN_URL, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'governance events' AND datname = current_database()"
        )


def notify(topic: str) -> None:
    with psycopg.connect(settings.LISTEN_URL, autocommit=True) as other:
        other.execute("SELECT pg_notify('governance', %s)", [topic])


def silent(listener: Listener) -> Listener:
    """One that hears only what the test says."""
    listener.task = asyncio.create_task(asyncio.sleep(60))
    return listener


# On the real server --------------------------------------------------------------------------


@pytest.mark.stack
def test_one_acts_and_another_hears(stack: Stack) -> None:
    with stack.visitor("handler").listening() as heard:
        wait_until(partial(listens, stack))

        report(stack.visitor(), "路边有人乱倒垃圾")

        assert any("cases" in topics for topics in heard)


def listens(stack: Stack) -> bool:
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'governance events'"
    return bool(stack.one(f"{count} AND datname = current_database()") == 1)


@pytest.mark.stack
def test_a_transaction_with_many_lines_is_one_hint(stack: Stack) -> None:
    number, _code = report(stack.visitor(), "楼下乱倒垃圾")
    clerk = stack.visitor("clerk")
    with psycopg.connect(stack.engines.app_url, autocommit=True) as ear:
        ear.execute("LISTEN governance")

        clerk.act(number, "accept")  # and the automatic dispatch with it

        hints = [hint.payload for hint in ear.notifies(timeout=5, stop_after=2)]
        assert sorted(hints) == ["cases", "inbox"]
        assert list(ear.notifies(timeout=0.2)) == []


@pytest.mark.stack
def test_open_pages_hold_no_database_connection(stack: Stack) -> None:
    clerk = stack.visitor("clerk")
    with ExitStack() as pages:
        for _ in range(12):  # three times what the pool has
            pages.enter_context(clerk.listening())

        assert clerk.get("/").status == 200
        assert listens(stack)
    wait_until(lambda: clerk.get("/").status == 200)
