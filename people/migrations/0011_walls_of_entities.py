"""Row-level security on entities, lettings and joint units: by place, as people are.

A tenant without an account writes one row and reads none: the code of the house says which.
"""

from django.db import migrations

LEVELS = ("district", "street", "community", "grid")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"{level}_id = ANY ({UNITS})" for level in LEVELS)
SOMEWHERE = f"cardinality({UNITS}) > 0"
LOCATED = (
    *("people_entity", "people_tenancy", "people_housecode"),
    *("people_tenantdeclaration", "people_jointunit"),
)
# Seen with the row that they belong to, and written before it.
SEALED = (
    ("people_entitycontact", "people_entity", "contact_id"),
    ("people_landlord", "people_tenancy", "landlord_id"),
)
# Seen, and written, with the row that they point to.
PARTS = (
    ("people_licence", "people_entity", "entity_id"),
    ("people_inspection", "people_entity", "entity_id"),
    ("people_jointmember", "people_jointunit", "unit_id"),
)
TABLES = (*LOCATED, *(table for table, _row, _column in (*SEALED, *PARTS)))

FUNCTIONS = """
-- Which house a code speaks of today: all that a visitor without an account may ask.
CREATE FUNCTION people_house_of_code(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT house_id FROM people_housecode WHERE code = wanted AND ended_at IS NULL;
$$;
"""


def wall(table: str, using: str, check: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY own_units ON {table} USING ({using}) WITH CHECK ({check});"
    )


def seen_with(table: str, row: str, column: str) -> str:
    return f"EXISTS (SELECT FROM {row} AS r WHERE r.{column} = {table}.id)"


def part_of(table: str, row: str, column: str) -> str:
    return f"EXISTS (SELECT FROM {row} AS r WHERE r.id = {table}.{column})"


WALLS = "".join(
    [
        *(wall(table, INSIDE, INSIDE) for table in LOCATED),
        *(wall(one[0], seen_with(*one), SOMEWHERE) for one in SEALED),
        *(wall(one[0], part_of(*one), part_of(*one)) for one in PARTS),
        "CREATE POLICY by_code ON people_tenantdeclaration FOR INSERT WITH CHECK (",
        "state = 'waiting' AND house_id =",
        " people_house_of_code(nullif(current_setting('app.house_code', true), '')));",
    ]
)
# The sweep reads which licence and which lease is about to end.
READS = ("people_entity", "people_licence", "people_tenancy")
SWEEP = "".join(
    f"GRANT SELECT ON {table} TO governance_sweep;"
    f"CREATE POLICY sweep_reads ON {table} FOR SELECT TO governance_sweep USING (true);"
    for table in READS
)
UNDO = (
    "".join(
        f"DROP POLICY sweep_reads ON {t}; REVOKE ALL ON {t} FROM governance_sweep;" for t in READS
    )
    + "DROP POLICY by_code ON people_tenantdeclaration;"
    + "".join(
        f"DROP POLICY own_units ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        for table in TABLES
    )
)


class Migration(migrations.Migration):
    dependencies = [("people", "0010_entities_and_tenancies"), ("governance", "0007_app_units")]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION people_house_of_code(text);"),
        migrations.RunSQL(WALLS + SWEEP, UNDO),
    ]
