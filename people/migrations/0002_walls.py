"""Row-level security on the registers: without the setting of the transaction nothing is there.

Policies hold for the application's role; the owner's functions below look past them, each for one
narrow question. `= ANY` on bigint is leakproof, so an index on a level is still used.

    by place        people, households, residencies, visits, entities, tenancies, joint units
    by its team     a support plan and all that hangs on it
    with its row    words and contacts: seen with the row they belong to, written before it
    by code         a tenant without an account writes one declaration, and reads none

The sweep reads whose reminder is due and moves open rows when units are merged; the retention role
sees all, as whose time has come lives in nobody's unit any more (what it may write there:
governance/grants.py). The roles themselves: governance/roles.sql.
"""

from django.db import migrations

LEVELS = ("district", "street", "community", "grid")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"{level}_id = ANY ({UNITS})" for level in LEVELS)
SOMEWHERE = f"cardinality({UNITS}) > 0"
IN_TEAM = "people_in_team(plan_id)"
# Of the rows of people_person that its own policy lets be seen.
KNOWN = "EXISTS (SELECT FROM people_person AS p WHERE p.id = person_id)"
# A person is where the person lives; one who was merged away is where the one that stays lives. Who
# is in the team of a plan sees whose plan it is; no list of people shows them.
PERSON = """EXISTS (
    SELECT FROM people_residency AS r
    WHERE r.ended_on IS NULL AND r.person_id IN (people_person.id, people_person.merged_into_id)
) OR EXISTS (
    SELECT FROM people_supportplan AS p
    WHERE p.ended_at IS NULL AND p.person_id = people_person.id AND people_in_team(p.id)
)"""
# Just made, a plan has no team yet: its maker sees it.
PLAN = "people_in_team(id) OR made_by_id = app_user() AND NOT people_has_team(id)"

LOCATED = (
    *("people_household", "people_residency", "people_changerequest", "people_visit"),
    *("people_entity", "people_tenancy", "people_housecode"),
    *("people_tenantdeclaration", "people_jointunit"),
)
OF_PERSONS = ("people_provenance", "people_merge")
# (table, the row it is seen with, that row's column)
WORDS = (
    ("people_visitwords", "people_visit", "words_id"),
    ("people_planwords", "people_supportplan", "words_id"),
    ("people_stepwords", "people_supportstep", "words_id"),
    ("people_entitycontact", "people_entity", "contact_id"),
    ("people_landlord", "people_tenancy", "landlord_id"),
)
# (table, the row it points to, its own column): seen and written with that row
PARTS = (
    ("people_licence", "people_entity", "entity_id"),
    ("people_inspection", "people_entity", "entity_id"),
    ("people_jointmember", "people_jointunit", "unit_id"),
)

FUNCTIONS = """
CREATE SEQUENCE people_visit_number;
CREATE SEQUENCE people_rights_number;
-- Whose document this is, wherever the person lives: the id alone, for who holds the document.
CREATE FUNCTION people_by_document(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM people_person
    WHERE document_index = wanted AND merged_into_id IS NULL
        AND cardinality(app_units()) > 0;
$$;
-- The same of many, for imports.
CREATE FUNCTION people_by_documents(wanted bytea[]) RETURNS TABLE (document bytea, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT document_index, p.id FROM people_person AS p
    WHERE document_index = ANY (wanted) AND merged_into_id IS NULL
        AND cardinality(app_units()) > 0;
$$;
-- People of the transaction's units with all these marks. `@>` on arrays is not leakproof: under
-- row-level security it could not use its index.
CREATE FUNCTION people_by_marks(wanted bigint[], most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id FROM people_person AS p
    WHERE p.marks @> wanted AND p.merged_into_id IS NULL AND EXISTS (
        SELECT FROM people_residency AS r
        WHERE r.person_id = p.id AND r.ended_on IS NULL
            AND ARRAY[r.district_id, r.street_id, r.community_id, r.grid_id] && app_units()
    )
    LIMIT most;
$$;
-- Whether who asks is in a plan's team today; the owner looks, as the tables' own policies ask this.
CREATE FUNCTION people_in_team(plan bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM people_teammember
        WHERE plan_id = plan AND until IS NULL AND user_id = app_user()
    );
$$;
CREATE FUNCTION people_has_team(plan bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM people_teammember WHERE plan_id = plan);
$$;
-- Open plans of a kind in one of the transaction's units, where there are enough of them.
CREATE FUNCTION people_plan_counts(unit bigint, least_n integer)
RETURNS TABLE (kind bigint, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT kind_id, count(*) FROM people_supportplan
    WHERE ended_at IS NULL AND unit IN (district_id, street_id, community_id, grid_id)
        AND unit = ANY (app_units())
    GROUP BY kind_id HAVING count(*) >= least_n;
$$;
-- Which house a code speaks of today: all that a visitor without an account may ask.
CREATE FUNCTION people_house_of_code(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT house_id FROM people_housecode WHERE code = wanted AND ended_at IS NULL;
$$;
"""
GONE = """
DROP FUNCTION people_house_of_code(text); DROP FUNCTION people_plan_counts(bigint, integer);
DROP FUNCTION people_has_team(bigint); DROP FUNCTION people_in_team(bigint);
DROP FUNCTION people_by_marks(bigint[], integer); DROP FUNCTION people_by_documents(bytea[]);
DROP FUNCTION people_by_document(bytea);
DROP SEQUENCE people_rights_number; DROP SEQUENCE people_visit_number;
"""


def wall(table: str, using: str, check: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY own_units ON {table} USING ({using}) WITH CHECK ({check});"
    )


def seen_with(table: str, row: str, column: str) -> str:
    seen = f"EXISTS (SELECT FROM {row} AS r WHERE r.{column} = {table}.id)"
    return wall(table, seen, SOMEWHERE)


def part_of(table: str, row: str, column: str) -> str:
    inside = f"EXISTS (SELECT FROM {row} AS r WHERE r.id = {table}.{column})"
    return wall(table, inside, inside)


WALLS = "".join(
    [
        *(wall(table, INSIDE, INSIDE) for table in LOCATED),
        wall("people_person", PERSON, SOMEWHERE),
        *(wall(table, KNOWN, SOMEWHERE) for table in OF_PERSONS),
        wall("people_supportplan", PLAN, f"({INSIDE}) OR people_in_team(id)"),
        wall(
            "people_teammember",
            f"user_id = app_user() OR {IN_TEAM}",
            f"{IN_TEAM} OR NOT people_has_team(plan_id)",
        ),
        wall("people_supportstep", IN_TEAM, IN_TEAM),
        *(seen_with(*one) for one in WORDS),
        *(part_of(*one) for one in PARTS),
        "CREATE POLICY by_code ON people_tenantdeclaration FOR INSERT WITH CHECK (",
        "state = 'waiting' AND house_id =",
        " people_house_of_code(nullif(current_setting('app.house_code', true), '')));",
    ]
)

# The sweep reads whose reminder is due, and ends plans that nobody renewed; no word of any.
READS = (
    *("people_visit", "people_household", "people_residency", "people_changerequest"),
    *("people_supportplan", "people_supportstep", "people_teammember"),
    *("people_entity", "people_licence", "people_tenancy"),
)
# When units are merged it moves what is still open; the rest keeps the unit of its day.
OPEN = {
    "people_household": "ended_on IS NULL",
    "people_residency": "ended_on IS NULL",
    "people_visit": "true",
    "people_changerequest": "state = 'waiting'",
    "people_supportplan": "ended_at IS NULL",
}
MOVED = ", ".join(f"{level}_id" for level in LEVELS)
SWEEP = "".join(
    [
        *(
            f"GRANT SELECT ON {table} TO governance_sweep;"
            f"CREATE POLICY sweep_reads ON {table} FOR SELECT TO governance_sweep USING (true);"
            for table in READS
        ),
        *(
            f"GRANT UPDATE ({MOVED}) ON {table} TO governance_sweep;"
            f"CREATE POLICY sweep_follows ON {table} FOR UPDATE TO governance_sweep"
            f" USING ({still}) WITH CHECK ({still});"
            f"GRANT INSERT ON {table}event TO governance_sweep;"
            f"GRANT USAGE ON SEQUENCE {table}event_pgh_id_seq TO governance_sweep;"
            for table, still in OPEN.items()
        ),
        "GRANT SELECT ON governance_user TO governance_sweep;",
        "GRANT UPDATE (ended_at, ending) ON people_supportplan TO governance_sweep;",
        "CREATE POLICY sweep_ends ON people_supportplan FOR UPDATE TO governance_sweep",
        " USING (true) WITH CHECK (ended_at IS NOT NULL);",
    ]
)

KEPT = (
    *("people_person", "people_household", "people_residency", "people_changerequest"),
    *("people_provenance", "people_merge", "people_visit", "people_visitwords"),
    *("people_supportplan", "people_planwords", "people_teammember"),
    *("people_supportstep", "people_stepwords", "people_entity", "people_entitycontact"),
    *("people_tenancy", "people_landlord", "people_tenantdeclaration"),
)
RETENTION = "".join(
    f"CREATE POLICY retention ON {table} TO governance_retention USING (true) WITH CHECK (true);"
    for table in KEPT
)
TABLES = (
    *(*LOCATED, *OF_PERSONS, "people_person", "people_supportplan", "people_teammember"),
    *("people_supportstep", *(table for table, _row, _column in (*WORDS, *PARTS))),
)
UNDO = "".join(
    [
        *(f"DROP POLICY retention ON {table};" for table in KEPT),
        "DROP POLICY sweep_ends ON people_supportplan;",
        *(
            f"DROP POLICY sweep_follows ON {table};"
            f"REVOKE ALL ON {table}event FROM governance_sweep;"
            for table in OPEN
        ),
        *(
            f"DROP POLICY sweep_reads ON {table}; REVOKE ALL ON {table} FROM governance_sweep;"
            for table in READS
        ),
        "REVOKE ALL ON governance_user FROM governance_sweep;",
        "DROP POLICY by_code ON people_tenantdeclaration;",
        *(
            f"DROP POLICY own_units ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
            for table in TABLES
        ),
    ]
)


class Migration(migrations.Migration):
    replaces = [
        ("people", "0002_second_wall"),
        ("people", "0004_walls_of_visits"),
        ("people", "0006_by_documents"),
        ("people", "0007_following"),
        ("people", "0011_walls_of_entities"),
        ("people", "0012_retention_role"),
    ]
    dependencies = [("people", "0001_tables"), ("governance", "0003_clock_and_scope")]

    operations = [
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.RunSQL(WALLS, UNDO),
        migrations.RunSQL(SWEEP + RETENTION, migrations.RunSQL.noop),
    ]
