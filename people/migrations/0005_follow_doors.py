"""Who lives behind a door goes with it.

When units are merged or split, the sweep moves what is open (people/following.py): here it may do
so for lettings, entities and joint units as well. When a building alone comes to lie in another
grid, because its point or a boundary was drawn anew, grids/ knows nothing of people: a trigger on
its houses lets what is open behind them follow in the same statement, past the walls.
"""

from django.db import migrations

LEVELS = ("district_id", "street_id", "community_id", "grid_id")
MOVED = ", ".join(LEVELS)
OPEN = {
    "people_tenancy": "state <> 'ended'",
    "people_housecode": "ended_at IS NULL",
    "people_tenantdeclaration": "state = 'waiting'",
    "people_entity": "closed_on IS NULL",
    "people_jointunit": "ended_on IS NULL",
}
NEW_TO_IT = ("people_housecode", "people_tenantdeclaration", "people_jointunit")
SWEEP = "".join(
    [
        *(
            f"GRANT SELECT ON {table} TO governance_sweep;"
            f"CREATE POLICY sweep_reads ON {table} FOR SELECT TO governance_sweep USING (true);"
            for table in NEW_TO_IT
        ),
        *(
            f"GRANT UPDATE ({MOVED}) ON {table} TO governance_sweep;"
            f"CREATE POLICY sweep_follows ON {table} FOR UPDATE TO governance_sweep"
            f" USING ({still}) WITH CHECK ({still});"
            f"GRANT INSERT ON {table}event TO governance_sweep;"
            f"GRANT USAGE ON SEQUENCE {table}event_pgh_id_seq TO governance_sweep;"
            for table, still in OPEN.items()
        ),
        "GRANT UPDATE (name) ON people_jointunit TO governance_sweep;",
    ]
)
UNDO = "".join(
    [
        "REVOKE UPDATE (name) ON people_jointunit FROM governance_sweep;",
        *(
            f"DROP POLICY sweep_follows ON {table};"
            f"REVOKE UPDATE ({MOVED}) ON {table} FROM governance_sweep;"
            f"REVOKE ALL ON {table}event FROM governance_sweep;"
            for table in OPEN
        ),
        *(
            f"DROP POLICY sweep_reads ON {table}; REVOKE SELECT ON {table} FROM governance_sweep;"
            for table in NEW_TO_IT
        ),
    ]
)

# Where the grid itself became another, its rows are the sweep's: they may be very many.
ASTRAY = """
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    LEFT JOIN governance_unit AS u ON u.id = o.grid_id
    {join}
    WHERE n.grid_id IS DISTINCT FROM o.grid_id AND u.successor_id IS NULL AND {still}
"""
TO = f"({MOVED}) = (" + ", ".join(f"n.{level}" for level in LEVELS) + ")"


def follow(table: str, still: str, join: str = "") -> str:
    return f"UPDATE {table} AS t SET {TO} {ASTRAY.format(join=join, still=still)};"


HOUSEHOLDS = "JOIN people_household AS h ON h.house_id = n.id"
PERSONS = f"{HOUSEHOLDS} JOIN people_residency AS r ON r.household_id = h.id AND r.ended_on IS NULL"
FOLLOW = "\n".join(
    [
        follow("people_household", "t.house_id = n.id AND t.ended_on IS NULL"),
        follow("people_residency", "t.household_id = h.id AND t.ended_on IS NULL", HOUSEHOLDS),
        follow("people_visit", "t.household_id = h.id AND h.ended_on IS NULL", HOUSEHOLDS),
        follow(
            "people_changerequest", "t.person_id = r.person_id AND t.state = 'waiting'", PERSONS
        ),
        follow("people_supportplan", "t.person_id = r.person_id AND t.ended_at IS NULL", PERSONS),
        follow("people_tenancy", "t.house_id = n.id AND t.state <> 'ended'"),
        follow("people_housecode", "t.house_id = n.id AND t.ended_at IS NULL"),
        follow("people_tenantdeclaration", "t.house_id = n.id AND t.state = 'waiting'"),
        follow("people_entity", "t.house_id = n.id AND t.closed_on IS NULL"),
    ]
)
# Most changes of a house or a building move none.
STAYED = """IF NOT EXISTS (
    SELECT FROM new_rows AS n JOIN old_rows AS o USING (id) WHERE n.grid_id IS DISTINCT FROM o.grid_id
) THEN RETURN NULL; END IF;"""
TRIGGERS = f"""
CREATE FUNCTION people_follow_houses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
{STAYED}
{FOLLOW}
RETURN NULL;
END $$;
CREATE TRIGGER people_follow AFTER UPDATE ON grids_house
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION people_follow_houses();
CREATE FUNCTION people_follow_buildings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
{STAYED}
{follow("people_entity", "t.building_id = n.id AND t.closed_on IS NULL")}
RETURN NULL;
END $$;
CREATE TRIGGER people_follow AFTER UPDATE ON grids_building
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION people_follow_buildings();
"""
GONE = """
DROP TRIGGER people_follow ON grids_house; DROP FUNCTION people_follow_houses();
DROP TRIGGER people_follow ON grids_building; DROP FUNCTION people_follow_buildings();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0004_marks_without_workers")]

    operations = [migrations.RunSQL(SWEEP, UNDO), migrations.RunSQL(TRIGGERS, GONE)]
