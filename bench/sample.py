"""One side of the proof: make the sample in this database and print every row of it.

Arguments: verbs|writer admin_url count until.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import orjson
import psycopg

from bench import verbs, world, writer
from cases.models import Case, Reporter

# What is random or of the clock and not of the case: everything else is compared.
LEFT_OUT = {"pgh_id", "pgh_created_at", "pgh_transaction", "reporter_id", "query_code"}
TABLES = {
    "cases_case": "id",
    "cases_transition": "case_id, id",
    "cases_assignment": "id",
    "cases_caseevent": "pgh_obj_id, pgh_id",
    "cases_assignmentevent": "pgh_obj_id, pgh_id",
    "governance_timer": "subject_id, kind, level",
    "governance_message": "dedupe_key, recipient_id",
    "governance_delivery": "message_id, channel",
}
NO_IDS = {"cases_transition", "governance_timer", "governance_message", "governance_delivery"}


def main(arguments: list[str]) -> None:
    how, admin_url, count, until = arguments
    moment = datetime.fromisoformat(until)
    if how == "verbs":
        verbs.make(int(count), moment, world.read())
    else:
        writer.write(admin_url, range(1, int(count) + 1), total=int(count), until=moment)
    sys.stdout.write(orjson.dumps(dump(admin_url)).decode())


def dump(admin_url: str) -> dict[str, list[dict[str, Any]]]:
    """Every table as rows of plain values; reporters opened with their keys."""
    found: dict[str, list[dict[str, Any]]] = {"reporters": reporters()}
    with psycopg.connect(admin_url) as connection:
        for table, order in TABLES.items():
            left_out = LEFT_OUT | ({"id", "message_id"} if table in NO_IDS else set())
            rows = connection.execute(
                f"SELECT to_jsonb(t) FROM {table} t ORDER BY {order}"
            ).fetchall()
            found[table] = [{k: v for k, v in row.items() if k not in left_out} for (row,) in rows]
    return found


def reporters() -> list[dict[str, Any]]:
    """Who reported each case, and whether the history holds the sealed values as they are."""
    events = {
        row.pgh_obj_id: (bytes(row.name or b""), bytes(row.phone or b""), row.data_key_id)
        for row in Reporter.pgh_event_model.objects.all()  # type: ignore[attr-defined]
    }
    found: list[dict[str, Any]] = []
    for case in Case.objects.select_related("reporter__data_key").order_by("pk"):
        row = case.reporter
        if row is None:
            found.append({"number": case.number, "reporter": None})
            continue
        sealed = tuple(bytes(row.__dict__[c] or b"") for c in ("name", "phone"))
        clear = [value.reveal() if value else "" for value in (row.name, row.phone)]
        same = events[row.pk] == (*sealed, row.data_key_id)
        found.append({"number": case.number, "reporter": clear, "history": same})
    return found
