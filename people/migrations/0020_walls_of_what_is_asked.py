"""The second wall around the rest: the visits that are planned, the sheets of a grid, and what is
asked about people, exports and requests about their own data. And around their histories.

    by place     sheets; plans of visits, which who works below one sees as well
    and by user  an export: seen by who asked for it, wherever they are in post
    by number    a request for one's own data: seen by the claimant, whose session has proved it

What came with a key, and with which code a number is proved, are asked by who has no account: the
owner's functions answer each of these narrow questions. The sweep writes sheets, makes and deletes
the files of exports, watches the limits of requests, and moves what is open when units are merged.

Without a wall stay the kinds of plans, which are a catalogue, and the jobs of imports, which count
rows: what stood in the files has its own (0006).
"""

from django.db import migrations

LEVELS = ("district_id", "street_id", "community_id", "grid_id")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"{level} = ANY ({UNITS})" for level in LEVELS)
LOWEST = f"coalesce({', '.join(reversed(LEVELS))})"
NUMBER = "number = nullif(current_setting('app.rights_number', true), '')"
WITH_REQUEST = "EXISTS (SELECT FROM people_rightsrequest AS r WHERE r.id = request_id)"
MOVED = ", ".join(LEVELS)

FUNCTIONS = """
-- The transaction's units and those above them.
CREATE FUNCTION people_units_above() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(DISTINCT above.id)
    FROM governance_unit AS u, unnest(
        ARRAY[u.district_id, u.street_id, u.community_id, u.grid_id]
    ) AS above (id)
    WHERE u.id = ANY (app_units()) AND above.id IS NOT NULL;
$$;
-- Which request came with this key, which who sent it has made and nobody else knows.
CREATE FUNCTION people_right_of_key(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT number FROM people_rightsrequest WHERE key = wanted;
$$;
-- What a visitor has to know beside the number: the code alone, to compare.
CREATE FUNCTION people_right_code(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT query_code FROM people_rightsrequest WHERE number = wanted;
$$;
"""
GONE = """
DROP FUNCTION people_right_code(text); DROP FUNCTION people_right_of_key(uuid);
DROP FUNCTION people_units_above();
"""

TABLES = (
    *("people_visitplan", "people_sheet", "people_export"),
    *("people_rightsrequest", "people_rightsstep"),
)
TRACKED = TABLES[:-1]
WALLS = f"""
{"".join(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;" for table in TABLES)}
CREATE POLICY own_units ON people_visitplan USING ({INSIDE}) WITH CHECK ({INSIDE});
CREATE POLICY from_above ON people_visitplan FOR SELECT
    USING ({LOWEST} = ANY ((SELECT people_units_above())::bigint[]));
CREATE POLICY own_units ON people_sheet USING ({INSIDE}) WITH CHECK ({INSIDE});
CREATE POLICY own_units ON people_export
    USING ({INSIDE} OR asked_by_id = app_user()) WITH CHECK ({INSIDE});
CREATE POLICY own_units ON people_rightsrequest USING ({INSIDE}) WITH CHECK ({INSIDE});
CREATE POLICY by_number ON people_rightsrequest FOR SELECT USING ({NUMBER});
CREATE POLICY asked ON people_rightsrequest FOR INSERT
    WITH CHECK (state = 'received' AND received_by_id IS NULL AND {NUMBER});
CREATE POLICY with_request ON people_rightsstep USING ({WITH_REQUEST}) WITH CHECK ({WITH_REQUEST});
"""
UNWALLED = f"""
DROP POLICY with_request ON people_rightsstep;
DROP POLICY asked ON people_rightsrequest; DROP POLICY by_number ON people_rightsrequest;
DROP POLICY own_units ON people_rightsrequest; DROP POLICY own_units ON people_export;
DROP POLICY own_units ON people_sheet;
DROP POLICY from_above ON people_visitplan; DROP POLICY own_units ON people_visitplan;
{"".join(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in TABLES)}
"""

# Locking a row asks for its UPDATE policy: a timer has to find its row in whatever state it is.
SWEEP = f"""
{"".join(f"GRANT SELECT ON {table} TO governance_sweep;" for table in TABLES)}
{"".join(f"GRANT INSERT ON {table}event TO governance_sweep;" for table in TRACKED)}
{
    "".join(
        f"CREATE POLICY sweep_reads ON {table} FOR SELECT TO governance_sweep USING (true);"
        for table in TRACKED
    )
}
GRANT UPDATE ({MOVED}) ON people_visitplan TO governance_sweep;
CREATE POLICY sweep_follows ON people_visitplan FOR UPDATE TO governance_sweep
    USING (true) WITH CHECK (true);
GRANT INSERT ON people_sheet TO governance_sweep;
CREATE POLICY sweep_writes ON people_sheet FOR INSERT TO governance_sweep
    WITH CHECK (comment = '');
GRANT UPDATE (state, rows, made_at, file, deleted_at) ON people_export TO governance_sweep;
CREATE POLICY sweep_makes ON people_export FOR UPDATE TO governance_sweep
    USING (true) WITH CHECK (state IN ('ready', 'failed', 'gone'));
GRANT UPDATE ({MOVED}, due_at, overdue_at) ON people_rightsrequest TO governance_sweep;
CREATE POLICY sweep_watches ON people_rightsrequest FOR UPDATE TO governance_sweep
    USING (true) WITH CHECK (state NOT IN ('done', 'refused'));
GRANT INSERT ON people_rightsstep TO governance_sweep;
"""
UNSWEPT = f"""
DROP POLICY sweep_watches ON people_rightsrequest; DROP POLICY sweep_makes ON people_export;
DROP POLICY sweep_writes ON people_sheet; DROP POLICY sweep_follows ON people_visitplan;
{"".join(f"DROP POLICY sweep_reads ON {table};" for table in TRACKED)}
{"".join(f"REVOKE ALL ON {table}event FROM governance_sweep;" for table in TRACKED)}
{"".join(f"REVOKE ALL ON {table} FROM governance_sweep;" for table in TABLES)}
"""

KEPT = ("people_sheet", "people_export", "people_rightsrequest")
RETENTION = "".join(
    f"CREATE POLICY retention ON {table} TO governance_retention USING (true) WITH CHECK (true);"
    for table in KEPT
)
UNKEPT = "".join(f"DROP POLICY retention ON {table};" for table in KEPT)

HISTORY = "".join(
    f"""
ALTER TABLE {table}event ENABLE ROW LEVEL SECURITY;
CREATE POLICY recorded ON {table}event FOR INSERT WITH CHECK (true);
CREATE POLICY audit_page ON {table}event FOR SELECT USING (app_audit_page());
CREATE POLICY sealing ON {table}event FOR SELECT TO governance_audit USING (true);
CREATE POLICY retention ON {table}event TO governance_retention USING (true) WITH CHECK (true);
"""
    for table in TRACKED
)
OPEN_HISTORY = "".join(
    f"""
DROP POLICY recorded ON {table}event; DROP POLICY audit_page ON {table}event;
DROP POLICY sealing ON {table}event; DROP POLICY retention ON {table}event;
ALTER TABLE {table}event DISABLE ROW LEVEL SECURITY;
"""
    for table in TRACKED
)


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("people", "0019_counts_by_difference"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.RunSQL(WALLS, UNWALLED),
        migrations.RunSQL(SWEEP, UNSWEPT),
        migrations.RunSQL(RETENTION, UNKEPT),
        migrations.RunSQL(HISTORY, OPEN_HISTORY),
    ]
