"""The same work in plain SQL on one connection: what each measure is held against."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import orjson
import psycopg

from cases.models import OPEN
from cases.queue import COLUMNS
from governance import personal

Cursor = psycopg.Cursor[Any]

OPEN_STATES = [str(state) for state in OPEN]
LINE = ", ".join("id" if column == "pk" else column for column in COLUMNS)
ACTOR = "SELECT set_config('pghistory.context_metadata', %s, true)"


class Scope(NamedTuple):
    """What a user sees, by one column; and the states that wait for that user."""

    column: str
    unit_id: int
    waits: list[str]


def counts(cursor: Cursor, scope: Scope) -> object:
    """All tabs in one aggregate over the index of open cases."""
    cursor.execute(
        "SELECT count(*) FILTER (WHERE state = ANY(%s)),"
        " count(*) FILTER (WHERE state = 'reported'),"
        " count(*) FILTER (WHERE state = 'accepted'),"
        " count(*) FILTER (WHERE stage_warn_at <= now() AND stage_due_at >= now()),"
        " count(*) FILTER (WHERE stage_due_at < now()),"
        " count(*) FILTER (WHERE grid_id IS NULL)"
        f" FROM cases_case WHERE {scope.column} = %s AND state = ANY(%s)",
        [scope.waits, scope.unit_id, OPEN_STATES],
    )
    return cursor.fetchone()


def lines(cursor: Cursor, scope: Scope, size: int, before: int | None = None) -> object:
    """A page of the newest, from a key on."""
    cursor.execute(
        f"SELECT {LINE} FROM cases_case WHERE {scope.column} = %s AND id < %s"
        " ORDER BY id DESC LIMIT %s",
        [scope.unit_id, before or 2**62, size + 1],
    )
    return cursor.fetchall()


def waiting(cursor: Cursor, scope: Scope, size: int) -> object:
    """A page of what waits for the user, by what is due first."""
    cursor.execute(
        f"SELECT {LINE} FROM cases_case WHERE {scope.column} = %s AND state = ANY(%s)"
        " ORDER BY stage_due_at, id LIMIT %s",
        [scope.unit_id, scope.waits, size + 1],
    )
    return cursor.fetchall()


def found(cursor: Cursor, scope: Scope, query: str) -> object:
    cursor.execute(
        f"SELECT {LINE} FROM cases_case WHERE {scope.column} = %s"
        " AND search @@ to_tsquery('simple', %s) ORDER BY id DESC LIMIT 26",
        [scope.unit_id, query],
    )
    return cursor.fetchall()


def case_page(cursor: Cursor, number: str) -> object:
    """The case with all that its page shows."""
    cursor.execute("SELECT * FROM cases_case WHERE number = %s", [number], binary=True)
    names = [column.name for column in cursor.description or ()]
    row = dict(zip(names, cursor.fetchone() or (), strict=True))
    cursor.execute(
        "SELECT t.*, u.display_name FROM cases_transition t"
        " LEFT JOIN governance_user u ON u.id = t.by_id WHERE case_id = %s ORDER BY t.id DESC",
        [row["id"]],
    )
    cursor.fetchall()
    cursor.execute(
        "SELECT * FROM cases_reporter r JOIN governance_datakey k ON k.id = r.data_key_id"
        " WHERE r.id = %s",
        [row["reporter_id"]],
    )
    cursor.fetchall()
    cursor.execute("SELECT * FROM cases_photo WHERE case_id = %s ORDER BY id", [row["id"]])
    cursor.fetchall()
    lon, lat, way = row["lon"], row["lat"], 0.0012
    cursor.execute(
        "SELECT id, lon, lat, number, item_id, state FROM cases_case WHERE lon IS NOT NULL"
        " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) AND state = ANY(%s)",
        [lon - way, lat - way, lon + way, lat + way, OPEN_STATES],
    )
    return cursor.fetchall()


def viewport(cursor: Cursor, box: tuple[float, float, float, float], district: int) -> object:
    west, south, east, north = box
    cursor.execute(
        "SELECT lon, lat, number, state, item_id FROM cases_case WHERE lon IS NOT NULL"
        " AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) AND district_id = %s"
        " AND state = ANY(%s) LIMIT 5001",
        [west, south, east, north, district, OPEN_STATES],
    )
    return orjson.dumps(cursor.fetchall())


FIGURES = """
SELECT street_id, department_id, count(*) FILTER (WHERE received),
 count(*) FILTER (WHERE closed), count(*) FILTER (WHERE closed AND is_forced),
 count(*) FILTER (WHERE closed AND rework_count > 0), count(*) FILTER (WHERE due),
 count(*) FILTER (WHERE due AND promise_kept AND NOT is_forced),
 count(*) FILTER (WHERE closed AND NOT is_forced AND outcome IN ('solved', 'helped')
  AND solved_level = 'community' AND department_id IS NULL),
 count(*) FILTER (WHERE closed AND NOT is_forced AND outcome IN ('solved', 'helped')
  AND solved_level = 'community'),
 count(*) FILTER (WHERE closed AND NOT is_forced AND outcome IN ('solved', 'helped')
  AND solved_level IN ('community', 'street'))
FROM (
 SELECT *, reported_at >= %(since)s AND reported_at < %(until)s AS received,
  first_closed_at >= %(since)s AND first_closed_at < %(until)s AS closed,
  promise_due_at >= %(since)s AND promise_due_at < %(until)s AS due
 FROM cases_case
 WHERE district_id = %(district)s AND (reported_at >= %(since)s AND reported_at < %(until)s
  OR first_closed_at >= %(since)s AND first_closed_at < %(until)s
  OR promise_due_at >= %(since)s AND promise_due_at < %(until)s)
) one GROUP BY 1, 2
"""
ORDERS = """
SELECT street_id, work.department_id, count(*), count(*) FILTER (WHERE returned_at IS NULL)
FROM cases_assignment work JOIN cases_case one ON one.id = case_id
WHERE district_id = %(district)s AND assigned_at >= %(since)s AND assigned_at < %(until)s
GROUP BY 1, 2
"""


def figures(cursor: Cursor, district: int, since: datetime, until: datetime) -> object:
    """A month of the district by street and department; every work order stands for its line."""
    facts = {"district": district, "since": since, "until": until}
    cursor.execute(FIGURES, facts)
    cursor.fetchall()
    cursor.execute(ORDERS, facts)
    return cursor.fetchall()


# Writing ----------------------------------------------------------------------------------------


class Reported(NamedTuple):
    """What a plain report inserts."""

    item_id: int
    description: str
    place: str
    lon: float
    lat: float
    chain: tuple[int, int, int, int]  # district, street, community, grid
    by: int
    search: str


def report(cursor: Cursor, said: Reported) -> None:
    """The rows of one report: receipt, sealed reporter, case, line, four timers, a message."""
    now = datetime.now().astimezone()
    cursor.execute(ACTOR, [orjson.dumps({"user": said.by, "source": "desk"}).decode()])
    key, row, receipt = personal.new_data_key(), uuid4(), uuid4()  # one that opens: rotated later
    cursor.execute(
        "INSERT INTO cases_submission (key, owner, digest) VALUES (%s, %s, %s)"
        " ON CONFLICT (key, owner) DO NOTHING",
        [receipt, f"user:{said.by}", "0" * 64],
    )
    cursor.execute(
        "INSERT INTO governance_datakey (id, wrapped, master) VALUES (%s, %s, %s)",
        [key.pk, key.wrapped, key.master],
    )
    cursor.execute(
        "INSERT INTO cases_reporter (id, data_key_id, name, phone) VALUES (%s, %s, %s, %s)",
        [row, key.pk, os.urandom(38), os.urandom(40)],
    )
    cursor.execute(
        "INSERT INTO cases_case (number, version, state, item_id, description, place, lon, lat,"
        " source, reported_at, reporter_id, reported_by_id, query_code, district_id, street_id,"
        " community_id, grid_id, stage_began_at, stage_warn_at, stage_due_at, escalation,"
        " promise_due_at, promise_escalation, outcome, result, answer, rework_count,"
        " return_count, level, solved_level, stage_unit, promise_unit, is_ruled, is_forced,"
        " is_joint, leave, severity,"
        " tasks_open, findings_open, dispute_open, search)"
        " VALUES (to_char(now(), 'YYYYMMDD') || nextval('cases_number'), 0,"
        " 'reported', %s, %s, %s, %s, %s, 'phone_call', %s, %s, %s, '12345678', %s, %s, %s, %s,"
        " %s, %s, %s, 0, %s, 0, '', '', '', 0, 0, 'community', '', '', '', false, false, false,"
        " '', '', 0, 0, false, %s::tsvector) RETURNING id, number",
        [
            said.item_id, said.description, said.place, said.lon, said.lat, now, row, said.by,
            *said.chain, now, now + timedelta(hours=1), now + timedelta(hours=2),
            now + timedelta(days=3), said.search,
        ],
    )  # fmt: skip
    case_id, number = cursor.fetchone() or (0, "")
    line(cursor, case_id, "report", "", "reported", said.by, now)
    timers(cursor, case_id, now, ("stage_remind", "stage_overdue"))
    timers(cursor, case_id, now, ("promise_remind", "promise_overdue"))
    message(cursor, case_id, number, said.by, now)
    cursor.execute("UPDATE cases_submission SET case_id = %s WHERE key = %s", [case_id, receipt])


def line(
    cursor: Cursor, case_id: int, action: str, before: str, after: str, by: int | None, now: Any
) -> None:
    cursor.execute(
        "INSERT INTO cases_transition (case_id, action, from_state, to_state, by_id, at, source,"
        " note, details) VALUES (%s, %s, %s, %s, %s, %s, 'desk', '', '{}')",
        [case_id, action, before, after, by, now],
    )


def timers(cursor: Cursor, case_id: int, now: datetime, kinds: tuple[str, str]) -> None:
    soon, late = now + timedelta(hours=1), now + timedelta(hours=2)
    cursor.execute(
        "INSERT INTO governance_timer (kind, subject_id, level, due_at, knock_at, attempts,"
        " last_error) VALUES (%s, %s, 0, %s, %s, 0, ''), (%s, %s, 0, %s, %s, 0, '')",
        [f"case.{kinds[0]}", case_id, soon, soon, f"case.{kinds[1]}", case_id, late, late],
    )


def stop_timers(cursor: Cursor, case_id: int, now: datetime) -> None:
    cursor.execute(
        "UPDATE governance_timer SET cancelled_at = %s WHERE subject_id = %s AND kind = ANY(%s)"
        " AND fired_at IS NULL AND cancelled_at IS NULL",
        [now, case_id, ["case.stage_remind", "case.stage_overdue"]],
    )


def message(cursor: Cursor, case_id: int, number: str, to: int, now: datetime) -> None:
    params = orjson.dumps({"number": number, "item": "1", "state": "reported"}).decode()
    cursor.execute(
        "INSERT INTO governance_message (recipient_id, kind, params, dedupe_key, created_at)"
        " VALUES (%s, 'case.turn', %s, %s, %s) ON CONFLICT DO NOTHING",
        [to, params, f"{case_id}:turn:{uuid4()}", now],
    )


class Worked(NamedTuple):
    """A case at a stage, for a plain move."""

    case_id: int
    number: str
    version: int
    user_id: int
    item_id: int
    department_id: int


def finish(cursor: Cursor, case: Worked) -> None:
    """处置反馈: lock, work order, case, line, clocks, a message."""
    now = datetime.now().astimezone()
    cursor.execute(ACTOR, [orjson.dumps({"user": case.user_id, "source": "desk"}).decode()])
    cursor.execute("SELECT * FROM cases_case WHERE id = %s FOR UPDATE", [case.case_id])
    cursor.fetchone()
    cursor.execute(
        "UPDATE cases_assignment SET finished_at = %s WHERE case_id = %s"
        " AND finished_at IS NULL AND returned_at IS NULL",
        [now, case.case_id],
    )
    move(cursor, case.case_id, "finished", now, "outcome = 'solved', result = '已处理'")
    line(cursor, case.case_id, "finish", "handling", "finished", case.user_id, now)
    stop_timers(cursor, case.case_id, now)
    timers(cursor, case.case_id, now, ("stage_remind", "stage_overdue"))
    message(cursor, case.case_id, case.number, case.user_id, now)


def accept(cursor: Cursor, case: Worked) -> None:
    """受理 with its automatic dispatch: two moves, the departments' loads, three messages."""
    now = datetime.now().astimezone()
    cursor.execute(ACTOR, [orjson.dumps({"user": case.user_id, "source": "desk"}).decode()])
    cursor.execute("SELECT * FROM cases_case WHERE id = %s FOR UPDATE", [case.case_id])
    cursor.fetchone()
    move(cursor, case.case_id, "accepted", now, "handler_id = NULL")
    line(cursor, case.case_id, "accept", "reported", "accepted", case.user_id, now)
    cursor.execute(
        "SELECT department_id, count(*) FROM cases_assignment"
        " WHERE finished_at IS NULL AND returned_at IS NULL GROUP BY 1"
    )
    cursor.fetchall()
    cursor.execute(
        "INSERT INTO cases_assignment (case_id, department_id, assigned_at) VALUES (%s, %s, %s)",
        [case.case_id, case.department_id, now],
    )
    move(cursor, case.case_id, "dispatched", now, f"department_id = {case.department_id}")
    line(cursor, case.case_id, "dispatch", "accepted", "dispatched", None, now)
    stop_timers(cursor, case.case_id, now)
    timers(cursor, case.case_id, now, ("stage_remind", "stage_overdue"))
    for _recipient in range(3):
        message(cursor, case.case_id, case.number, case.user_id, now)


def move(cursor: Cursor, case_id: int, state: str, now: datetime, also: str) -> None:
    cursor.execute(
        f"UPDATE cases_case SET state = %s, version = version + 1, stage_began_at = %s,"
        f" stage_warn_at = %s, stage_due_at = %s, escalation = 0, {also} WHERE id = %s",
        [state, now, now + timedelta(hours=1), now + timedelta(hours=2), case_id],
    )
