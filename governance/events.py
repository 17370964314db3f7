"""Live hints as server-sent events: that cases or messages changed, never which or whose.

Triggers NOTIFY a topic once a committing transaction. One LISTEN connection a process passes it on
to the open pages, and each page fetches again what it may see. A lost hint does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import suppress

import orjson
import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import connections, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from governance.access import StaffRequest, signed_in

log = logging.getLogger(__name__)

EVERYTHING = "*"  # "look yourself": nobody knows what was missed
HEARTBEAT = 15.0
# At most one event in this time, whatever goes on.
PAUSE = 1.0
# Then the browser connects again, and whether it is still logged in is asked again.
LIFETIME = 900.0
LONGEST_WAIT = 30.0


class Subscriber:
    """One open page and the topics it has not been told yet."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.woken = asyncio.Event()

    def tell(self, topic: str) -> None:
        self.topics.add(topic)
        self.woken.set()

    async def within(self, seconds: float) -> list[str]:
        """The topics that are waiting, or come within the time; empty if there were none."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), seconds)
        self.woken.clear()
        topics, self.topics = sorted(self.topics), set()
        return topics


class Listener:
    """This process's LISTEN connection and those who hear of what it says."""

    def __init__(self, first_wait: float = 0.5) -> None:
        self.subscribers: set[Subscriber] = set()
        self.first_wait = first_wait
        self.task: asyncio.Task[None] | None = None

    def subscribe(self) -> Subscriber:
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.run())
        subscriber = Subscriber()
        self.subscribers.add(subscriber)
        return subscriber

    def announce(self, topic: str) -> None:
        for subscriber in self.subscribers:
            subscriber.tell(topic)

    async def run(self) -> None:
        """Listen for ever; without the database try again, each time a little later."""
        wait = self.first_wait
        while True:
            try:
                async with await connect() as connection:
                    await connection.execute("LISTEN governance")
                    wait = self.first_wait
                    self.announce(EVERYTHING)
                    async for hint in connection.notifies():
                        self.announce(hint.payload)
            except psycopg.Error as error:
                log.warning("live hints: %s, again in %s s", type(error).__name__, wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


async def connect() -> psycopg.AsyncConnection:
    """A session of our own: a pool or PgBouncer would hand the LISTEN to somebody else."""
    return await psycopg.AsyncConnection.connect(
        settings.LISTEN_URL,
        autocommit=True,
        application_name="governance events",
        connect_timeout=5,
        keepalives_idle=30,
    )


listener = Listener()


@signed_in
@transaction.non_atomic_requests
@require_GET
def events(request: StaffRequest) -> HttpResponseBase:
    """The stream; 204 under WSGI, where it would hold a worker for ever: then the page polls."""
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(
        stream(listener), content_type="text/event-stream", headers=headers
    )


async def stream(listener: Listener) -> AsyncGenerator[bytes, None]:
    """Topics as a JSON list an event, and a comment now and then, so that no proxy hangs up."""
    # What the middleware read the session with would stay taken for as long as the page is open.
    await sync_to_async(connections.close_all)()
    clock = asyncio.get_running_loop().time
    ends = clock() + LIFETIME
    subscriber = listener.subscribe()
    try:
        yield b": open\n\n"
        while clock() < ends:
            if topics := await subscriber.within(HEARTBEAT):
                yield b"data: " + orjson.dumps(topics) + b"\n\n"
                await asyncio.sleep(PAUSE)
            else:
                yield b": still here\n\n"
    finally:
        listener.subscribers.discard(subscriber)
