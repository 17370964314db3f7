"""Leaving the database as it was built: whatever came after the load goes again.

The highest keys at the end of the load stand in the database's comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import psycopg

# Children before parents.
KEYS = {
    "governance_delivery": "id", "governance_message": "id", "governance_timer": "id",
    "cases_transition": "id", "cases_assignmentevent": "pgh_id", "cases_assignment": "id",
    "cases_submission": "id", "cases_caseevent": "pgh_id", "cases_reporterevent": "pgh_id",
    "cases_case": "id",
}  # fmt: skip
KEYS_OF_PEOPLE = {
    "governance_accessrecord": "id", "people_provenance": "id", "people_residencyevent": "pgh_id",
    "people_householdevent": "pgh_id", "people_personevent": "pgh_id", "people_residency": "id",
    "people_household": "id",
}  # fmt: skip


def keep(connection: psycopg.Connection[Any], rows: int, keys: Mapping[str, str] = KEYS) -> None:
    """Write the marks down; `until` is when the load ended."""
    highest = {}
    for table, key in keys.items():
        row = connection.execute(f"SELECT COALESCE(max({key}), 0) FROM {table}").fetchone()
        assert row
        highest[table] = row[0]
    said = orjson.dumps({"rows": rows, "until": datetime.now().astimezone(), "highest": highest})
    row = connection.execute("SELECT current_database()").fetchone()
    assert row
    connection.execute(f"COMMENT ON DATABASE {row[0]} IS '{said.decode()}'")


def read(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = current_database()"
    ).fetchone()
    assert row
    found: dict[str, Any] = orjson.loads(row[0])
    return found


def restore(admin_url: str) -> None:
    """Delete what was added since the load, without triggers, and vacuum."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        highest = read(connection)["highest"]
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "CREATE TEMP TABLE gone AS SELECT r.id, r.data_key_id FROM cases_reporter r"
            " JOIN cases_case c ON c.reporter_id = r.id WHERE c.id > %s",
            [highest["cases_case"]],
        )
        removed = remove(connection, highest, KEYS)
        connection.execute("DELETE FROM cases_reporter r USING gone g WHERE r.id = g.id")
        connection.execute(
            "DELETE FROM governance_datakey k USING gone g WHERE k.id = g.data_key_id"
        )
        if removed:
            connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def restore_people(admin_url: str) -> None:
    """The same for a register: who was imported, and the looks."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        highest = read(connection)["highest"]
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "CREATE TEMP TABLE gone AS SELECT p.id, p.data_key_id FROM people_person p"
            " JOIN people_residency r ON r.person_id = p.id WHERE r.id > %s",
            [highest["people_residency"]],
        )
        removed = remove(connection, highest, KEYS_OF_PEOPLE)
        for table in ("people_importedrows", "people_peopleimport", "people_importwords"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM governance_timer WHERE kind LIKE 'people.import%'")
        connection.execute("DELETE FROM people_person p USING gone g WHERE p.id = g.id")
        connection.execute(
            "DELETE FROM governance_datakey k USING gone g WHERE k.id = g.data_key_id"
        )
        if removed:
            connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def remove(
    connection: psycopg.Connection[Any], highest: Mapping[str, int], keys: Mapping[str, str]
) -> int:
    """Delete what has a higher key; how many rows that were."""
    return sum(
        connection.execute(f"DELETE FROM {table} WHERE {key} > %s", [highest[table]]).rowcount
        for table, key in keys.items()
    )


def address_messages(connection: psycopg.Connection[Any]) -> None:
    """Deliveries for the recipients with an e-mail address, as `outbox.address` makes them."""
    connection.execute(
        "INSERT INTO governance_delivery"
        " (message_id, channel, attempts, next_try_at, last_error)"
        " SELECT m.id, 'email', 0, m.created_at, '' FROM governance_message m"
        " JOIN governance_user u ON u.id = m.recipient_id AND u.email <> ''"
        " WHERE NOT EXISTS (SELECT FROM governance_delivery d WHERE d.message_id = m.id)"
    )


def set_sequences(connection: psycopg.Connection[Any]) -> None:
    """After rows with ids of their own: the next ones come behind them."""
    follow(connection, "cases_case", "cases_assignment")
    connection.execute(
        "SELECT setval('cases_number', greatest(max(id), (SELECT last_value FROM cases_number)))"
        " FROM cases_case"
    )


def follow(connection: psycopg.Connection[Any], *tables: str) -> None:
    """The tables' own sequences go on behind the highest id."""
    for table in tables:
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )
