"""The outside world of the channels: a gateway and a mail server on this machine that misbehave on
demand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, NamedTuple


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Gateway:
    """What came in, what was taken (once a key), and how the next posts are met, in turn."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    taken: dict[str, Got] = field(default_factory=dict)
    # "ok" | "slow" | "drips" | "hangs up" | "refuses" (a robot's 200) | a status, with Retry-After
    moods: list[str | tuple[int, str]] = field(default_factory=list)
    patience: float = 0.6

    @property
    def texts(self) -> list[str]:
        return [got.content["text"] for got in self.taken.values()]

    @property
    def phones(self) -> list[str]:
        return [got.content["phone"] for got in self.taken.values()]


def handler_of(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.path, headers, body)
            gateway.got.append(got)
            mood = gateway.moods.pop(0) if gateway.moods else "ok"
            if mood == "hangs up":
                return
            if isinstance(mood, tuple):
                self.answer(mood[0], body, {"Retry-After": mood[1]} if mood[1] else {})
                return
            if mood == "refuses":
                self.answer(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
                return
            gateway.taken.setdefault(got.key, got)  # a repeat is answered and not sent again
            if mood == "slow":
                time.sleep(gateway.patience)
            if mood == "drips":
                self.drip()
                return
            self.answer(200, b'{"errcode": 0}')

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            """Errors echo what was sent, as unkind gateways do."""
            try:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def drip(self) -> None:
            """A byte before each time-out, for longer than one waits."""
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                for _byte in range(9):
                    self.wfile.write(b" ")
                    time.sleep(gateway.patience / 6)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Gateway]:
    gateway = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(gateway))
    server.daemon_threads = False  # closing waits for those who are still dripping
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# A mail server ----------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """What a mail server took, each as (to whom, the message), and how it meets the next ones."""

    port: int = 0
    took: list[tuple[str, EmailMessage]] = field(default_factory=list)
    # "ok" | "slow" | "drips" | "hangs up" | "refuses" (whom it is to) | the code for the message
    moods: list[str | int] = field(default_factory=list)
    patience: float = 0.6

    @property
    def texts(self) -> list[str]:
        return [str(message.get_content()).strip() for _to, message in self.took]


def mail_handler_of(mailbox: Mailbox) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            mood = mailbox.moods.pop(0) if mailbox.moods else "ok"
            with suppress(OSError):  # who called has gone
                self.talk(mood)

        def talk(self, mood: str | int) -> None:
            if mood == "drips":
                self.drip()
            self.say("220 mail.example")
            to = ""
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                    refused = mood == "refuses"
                    self.say(f"550 <{to}> is nobody here" if refused else "250 ok")
                elif verb == "DATA":
                    if mood == "hangs up":
                        return
                    self.take(to, mood)
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def take(self, to: str, mood: str | int) -> None:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            if isinstance(mood, int):
                self.say(f"{mood} not now, {to}")
                return
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(message, EmailMessage)
            mailbox.took.append((to, message))
            if mood == "slow":
                time.sleep(mailbox.patience)
            self.say("250 taken")

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def drip(self) -> None:
            """A line before each time-out of a socket, for longer than one waits."""
            for _line in range(6):
                self.say("220-wait")
                time.sleep(mailbox.patience / 6)

    return Handler


@contextmanager
def mail_running() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    server = ThreadingTCPServer(("127.0.0.1", 0), mail_handler_of(mailbox))
    mailbox.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
