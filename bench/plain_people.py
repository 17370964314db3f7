"""The register's pages in plain SQL, as the owner: what each measure is held against."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg

from people import marks
from people.registering import Details

Cursor = psycopg.Cursor[Any]

LINE = """SELECT r.id, r.person_id, r.kind, r.began_on, r.grid_id, p.name, p.document_number,
 p.phone, k.id, k.wrapped, k.master, h.unit_no, h.room, b.estate, b.name
 FROM people_residency r JOIN people_person p ON p.id = r.person_id
 JOIN governance_datakey k ON k.id = p.data_key_id
 JOIN people_household o ON o.id = r.household_id JOIN grids_house h ON h.id = o.house_id
 JOIN grids_building b ON b.id = h.building_id
 WHERE r.ended_on IS NULL AND r.community_id = %s"""


def lines(cursor: Cursor, community_id: int, after: int = 0) -> object:
    cursor.execute(f"{LINE} AND r.id > %s ORDER BY r.id LIMIT 26", [community_id, after])
    return cursor.fetchall()


def by_document(cursor: Cursor, index: bytes, community_id: int) -> object:
    cursor.execute(
        f"{LINE} AND p.document_index = %s AND p.merged_into_id IS NULL", [community_id, index]
    )
    return cursor.fetchall()


def by_name(cursor: Cursor, name: str, community_id: int) -> object:
    cursor.execute(
        f"{LINE} AND p.marks @> %s::bigint[] AND p.merged_into_id IS NULL LIMIT 50",
        [community_id, sorted(marks.of_name(name))],
    )
    return cursor.fetchall()


def page(
    cursor: Cursor, person_id: str, details: Details, community_id: int, user_id: int
) -> object:
    """The person with home and sources, two searches for twins, the look written and the last."""
    cursor.execute(
        "SELECT * FROM people_person p JOIN governance_datakey k ON k.id = p.data_key_id"
        " WHERE p.id = %s",
        [person_id],
    )
    cursor.fetchall()
    cursor.execute(f"{LINE} AND r.person_id = %s", [community_id, person_id])
    cursor.fetchall()
    cursor.execute(
        "SELECT f.field, f.at, f.source, u.display_name FROM people_provenance f"
        " LEFT JOIN governance_user u ON u.id = f.by_id WHERE f.person_id = %s",
        [person_id],
    )
    cursor.fetchall()
    cursor.execute(
        "SELECT * FROM people_changerequest WHERE person_id = %s AND state = 'waiting'",
        [person_id],
    )
    cursor.fetchall()
    for wanted in (marks.of_name(details.name), {marks.mark("birth", details.birth_date)}):
        cursor.execute(
            f"{LINE} AND p.marks @> %s::bigint[] AND p.merged_into_id IS NULL LIMIT 50",
            [community_id, sorted(wanted)],
        )
        cursor.fetchall()
    cursor.execute(
        "INSERT INTO governance_accessrecord (user_id, at, model, object_id, columns, reason)"
        " VALUES (%s, now(), 'people.Person', %s, '[]', '打开登记')",
        [user_id, person_id],
    )
    cursor.execute(
        "SELECT * FROM governance_accessrecord WHERE model = 'people.Person' AND object_id = %s"
        " ORDER BY id DESC LIMIT 10",
        [person_id],
    )
    return cursor.fetchall()


def visits(cursor: Cursor, community_id: int, since: date) -> object:
    """Who is due by one plan: the first 200, how many, and how many of each grid were visited."""
    due = (
        " FROM people_household o JOIN grids_house h ON h.id = o.house_id"
        " JOIN grids_building b ON b.id = h.building_id"
        " WHERE o.ended_on IS NULL AND o.community_id = %s AND NOT EXISTS (SELECT FROM people_visit"
        " v WHERE v.household_id = o.id AND v.skipped = '' AND v.visited_at >= %s)"
    )
    cursor.execute(
        f"SELECT o.id, b.estate, b.name, h.unit_no, h.floor, h.room {due}"
        " ORDER BY b.estate, b.name, h.unit_no, h.floor, h.room LIMIT 200",
        [community_id, since],
    )
    cursor.fetchall()
    cursor.execute(f"SELECT count(*) {due}", [community_id, since])
    cursor.fetchall()
    cursor.execute(
        "SELECT o.grid_id, count(DISTINCT o.id), count(DISTINCT v.household_id)"
        " FROM people_household o LEFT JOIN people_visit v ON v.household_id = o.id"
        " AND v.skipped = '' AND v.visited_at >= %s"
        " WHERE o.ended_on IS NULL AND o.community_id = %s GROUP BY o.grid_id",
        [since, community_id],
    )
    return cursor.fetchall()
