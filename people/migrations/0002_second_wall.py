"""Row-level security on the registers: without the setting of the transaction nothing is there.

Policies hold for the application's role; the owner's functions below look past them, each for one
narrow question. `= ANY` on bigint is leakproof, so an index on a level is still used.
"""

from django.db import migrations

LEVELS = ("district", "street", "community", "grid")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"{level}_id = ANY ({UNITS})" for level in LEVELS)
LOCATED = ("people_household", "people_residency", "people_changerequest")
# A person is where the person lives; one who was merged away is where the one that stays lives.
LIVES = """EXISTS (
    SELECT FROM people_residency AS r
    WHERE r.ended_on IS NULL AND r.person_id IN (people_person.id, people_person.merged_into_id)
)"""
# Of the rows of people_person that the policy above lets be seen.
KNOWN = "EXISTS (SELECT FROM people_person AS p WHERE p.id = person_id)"
OF_PERSONS = ("people_provenance", "people_merge")
SOMEWHERE = f"cardinality({UNITS}) > 0"


def wall(table: str, using: str, check: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY own_units ON {table} USING ({using}) WITH CHECK ({check});"
    )


WALLS = "".join(
    [
        *(wall(table, INSIDE, INSIDE) for table in LOCATED),
        wall("people_person", LIVES, SOMEWHERE),
        *(wall(table, KNOWN, SOMEWHERE) for table in OF_PERSONS),
    ]
)
FUNCTIONS = """
-- Whose document this is, wherever the person lives: the id alone, for who holds the document.
CREATE FUNCTION people_by_document(wanted bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM people_person
    WHERE document_index = wanted AND merged_into_id IS NULL
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
"""
UNDO = "".join(
    f"DROP POLICY own_units ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in (*LOCATED, "people_person", *OF_PERSONS)
)
GONE = "DROP FUNCTION people_by_document(bytea); DROP FUNCTION people_by_marks(bigint[], integer);"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("governance", "0007_app_units")]

    operations = [
        migrations.RunSQL(WALLS, UNDO),
        migrations.RunSQL(FUNCTIONS, GONE),
    ]
