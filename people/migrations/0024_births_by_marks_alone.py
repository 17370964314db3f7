"""Whom a batch of an import may mean, by the index of marks alone.

Without statistics, as in the first minute of a first import, PostgreSQL took the index of documents,
which has the same condition, and read everybody once a day of birth: a second a batch at 13,000
people, five at 60,000.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION people_by_births(wanted bigint[])
RETURNS TABLE (birth bigint, id uuid, marks bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    SELECT w.mark, p.id, p.marks
    FROM unnest(wanted) AS w (mark) CROSS JOIN LATERAL (
        SELECT q.id, q.marks, q.merged_into_id FROM people_person AS q
        WHERE q.marks @> ARRAY[w.mark] {inside} OFFSET 0
    ) AS p
    WHERE p.merged_into_id IS NULL AND (
        SELECT true FROM people_residency AS r
        WHERE r.person_id = p.id AND r.ended_on IS NULL
            AND ARRAY[r.district_id, r.street_id, r.community_id, r.grid_id] && (SELECT app_units())
        LIMIT 1
    );
$$;
"""
NEW = FUNCTION.format(inside="")
OLD = FUNCTION.format(inside="AND q.merged_into_id IS NULL")


class Migration(migrations.Migration):
    dependencies = [("people", "0023_visit_plans_end")]

    operations = [migrations.RunSQL(NEW, OLD)]
