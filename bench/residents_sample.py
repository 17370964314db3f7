"""One side of the proof for people: make the sample in this database and print every row of it.

Arguments: verbs|writer admin_url count until.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import dict_row

from bench import residents, world
from bench.residents import SEALED, Town
from governance import actor
from governance.models import DataKey, User
from governance.personal import decrypt, unwrap
from grids.models import House
from people import registering

# What is random or of the clock; persons are told apart by the order they came in.
LEFT_OUT = {"pgh_id", "pgh_created_at", "pgh_transaction"}
PERSONS = ("id", "person_id", "head_id", "pgh_obj_id")
TABLES = {
    "people_person": "registered_at, document_index",
    "people_household": "id",
    "people_residency": "id",
    "people_provenance": "at, person_id, field",
    "people_personevent": "registered_at, pgh_id",
    "people_householdevent": "pgh_obj_id, pgh_id",
    "people_residencyevent": "pgh_obj_id, pgh_id",
}
NO_IDS = {"people_provenance"}


def main(arguments: list[str]) -> None:
    how, admin_url, count, until = arguments
    numbers, moment = range(1, int(count) + 1), datetime.fromisoformat(until)
    town = Town(int(count), world.read())
    with psycopg.connect(admin_url, autocommit=True) as connection:
        residents.write_houses(connection, town)
    if how == "verbs":
        register(town, numbers, moment)
    else:
        residents.write(admin_url, numbers, total=int(count), until=moment)
    with psycopg.connect(admin_url, row_factory=dict_row) as connection:
        found = {table: dump(connection, table, order) for table, order in TABLES.items()}
    sys.stdout.write(orjson.dumps(found).decode())


def register(town: Town, numbers: range, until: datetime) -> None:
    """人来登记, one by one, by the clerk of the place at the desk."""
    users = User.objects.in_bulk()
    for number in numbers:
        one = town.tell(number, until)
        with actor.acting(one.registered_by, "desk"):
            registering.register(
                one.details,
                House.objects.select_related("building").get(pk=one.house_id),
                kind=one.kind,
                relation=one.relation,
                began_on=one.began_on,
                by=users[one.registered_by],
                now=one.registered_at,
            )


def dump(
    connection: psycopg.Connection[dict[str, Any]], table: str, order: str
) -> list[dict[str, Any]]:
    """Rows in clear, sorted by what both sides must have alike."""
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
    numbers = order_of_persons(connection)
    said = [shown(row, numbers) for row in rows]
    left_out = LEFT_OUT | ({"id"} if table in NO_IDS else set())
    cut = [{k: v for k, v in row.items() if k not in left_out} for row in said]
    if table in NO_IDS:
        cut.sort(key=lambda row: (row["person_id"], row["field"]))
    return cut


def order_of_persons(connection: psycopg.Connection[dict[str, Any]]) -> dict[UUID, int]:
    """Person → the residency that came with the person."""
    rows = connection.execute("SELECT person_id, min(id) AS at FROM people_residency GROUP BY 1")
    return {row["person_id"]: row["at"] for row in rows}


def shown(row: dict[str, Any], numbers: dict[UUID, int]) -> dict[str, Any]:
    """The row without what is random: sealed columns opened with the row's own key."""
    found = {k: v.hex() if isinstance(v, bytes) else v for k, v in row.items()}
    if "data_key_id" in row:
        key = unwrap(DataKey.objects.get(pk=row["data_key_id"]))
        place = row.get("pgh_obj_id", row["id"])
        for column in SEALED:
            if row[column]:
                bound = f"people_person.{column}:{place}".encode()
                found[column] = decrypt(key, row[column], bound).decode()
        found["data_key_id"] = "opened"
    for column in PERSONS:
        if isinstance(row.get(column), UUID):
            found[column] = numbers[row[column]]
    return found
