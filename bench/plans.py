"""The plans of the register's pages, as the application's role behind the second wall.

Every statement that a page sends is sent again, with all that a function of the database runs for
it, and PostgreSQL's auto_explain tells the plans of the slow ones (ANALYZE, BUFFERS).
Arguments: rows admin_url milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.errors import Diagnostic

from bench import house, marks, world
from bench.people import People
from bench.registers import URL, of_scope
from bench.residents import Town
from bench.web import CSRF, Ask

LEFT_OUT = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def main(arguments: list[str]) -> None:
    rows, admin_url, slower_than_ms = arguments
    explained = Explained(admin_url, slower_than_ms)
    for name, ask in pages(int(rows), admin_url).items():
        statements = sent(ask)
        print(f"\n=== {name}: {len(statements)} statements\n", flush=True)
        for plan in explained.again(statements):
            print(plan + "\n", flush=True)


def pages(rows: int, admin_url: str) -> dict[str, Ask]:
    """What the clerk of the scope opens."""
    known = world.read()
    town = Town(rows, known)
    session = People({}).session(known.one(town.community_id, "clerk"))
    with psycopg.connect(admin_url) as admin:
        until = datetime.fromisoformat(marks.read(admin)["until"])
        one = town.tell(next(islice(of_scope(town), 1)), until)
        row = admin.execute(
            "SELECT person_id FROM people_residency WHERE id = %s", [one.number]
        ).fetchone()
        assert row
    found = {
        "list of 25": "",
        "deep page": f"?after={rows * 9 // 10}",
        "list of 25, tenants": "?kind=tenant",
        "list of 25, a grid": f"?grid={one.grid.unit_id}",
        "open a person": f"{row[0]}/",
        "houses": "houses/?q=1号楼",
        "today's visits": "visits/",
        "support plans": "plans/",
        "joint households": "joint/",
        "tenancies": "tenancies/",
        "entities": "entities/",
        "weekly sheets": "sheets/",
    }
    asks = {name: Ask(f"{URL}{path}", session) for name, path in found.items()}
    words = {
        "find by document": one.details.document_number,
        "find by the last four": one.details.document_number[-4:],
        "find by two characters of a name": one.details.name[:2],
        "find by a whole name": one.details.name,
    }
    return asks | {name: Ask(URL, session, {"q": text}, status=200) for name, text in words.items()}


def sent(ask: Ask) -> list[str]:
    """The statements of one request, with their values."""
    client = Client(headers={"host": house.HOST})
    client.cookies["sessionid"], client.cookies["csrftoken"] = ask.session, CSRF
    with CaptureQueriesContext(connection) as captured:
        if ask.body is None:
            response = client.get(ask.path, secure=True)
        else:
            response = client.post(ask.path, {**ask.body}, secure=True)
    assert response.status_code == ask.expected, (ask, response.status_code)
    said = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(LEFT_OUT)]


class Explained:
    """A superuser's session that takes on the application's role: only so may auto_explain load."""

    def __init__(self, admin_url: str, slower_than_ms: str) -> None:
        self.told: list[str] = []
        self.session: psycopg.Connection[Any] = psycopg.connect(admin_url, autocommit=True)
        self.session.add_notice_handler(self.hear)
        role = settings.DATABASES["default"]["USER"]
        for command in (
            "LOAD 'auto_explain'",
            f"SET auto_explain.log_min_duration = '{slower_than_ms}ms'",
            "SET auto_explain.log_analyze = on",
            "SET auto_explain.log_buffers = on",
            "SET auto_explain.log_nested_statements = on",
            "SET client_min_messages = log",
            f'SET ROLE "{role}"',
        ):
            self.session.execute(command)

    def hear(self, said: Diagnostic) -> None:
        self.told.append(said.message_primary or "")

    def again(self, statements: list[str]) -> list[str]:
        """The plans of the slow ones; what they wrote is taken back."""
        self.told.clear()
        with self.session.transaction(force_rollback=True):
            for statement in statements:
                self.session.execute(statement.encode())
        return [text for text in self.told if "plan:" in text]
