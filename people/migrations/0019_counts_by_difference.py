"""Figures of plans from which no small one follows: neither by itself, nor as what one unit's has
over those of the units below it.

From the grids upward a unit's figure is one where it is large enough, and where what is left of it
outside the figures below is nothing or large enough as well.
"""

from django.db import migrations

# Of rows of `{rows}` in a partition of their kind: enough, and enough beside what is told already.
TOLD = """(
    {level} IS NOT NULL
    AND sum(n) OVER of_{name} >= least_n
    AND coalesce(sum(n) FILTER (WHERE NOT told) OVER of_{name}, 0) NOT BETWEEN 1 AND least_n - 1
)"""
GRID, COMMUNITY, STREET = (
    TOLD.format(level=f"{name}_id", name=name) for name in ("grid", "community", "street")
)
PLACES = "kind_id, street_id, community_id, grid_id, n"
COUNTS = f"""
CREATE OR REPLACE FUNCTION people_plan_counts(unit bigint, least_n integer)
RETURNS TABLE (kind bigint, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH cells AS (
        SELECT kind_id, street_id, community_id, grid_id, count(*) AS n, false AS told
        FROM people_supportplan
        WHERE ended_at IS NULL AND unit IN (district_id, street_id, community_id, grid_id)
            AND unit = ANY (app_units())
        GROUP BY kind_id, street_id, community_id, grid_id
    ), grids AS (
        SELECT {PLACES}, unit IS DISTINCT FROM grid_id AND {GRID} AS told FROM cells
        WINDOW of_grid AS (PARTITION BY kind_id, grid_id)
    ), communities AS (
        SELECT {PLACES}, told OR unit IS DISTINCT FROM community_id
            AND unit IS DISTINCT FROM grid_id AND {COMMUNITY} AS told FROM grids
        WINDOW of_community AS (PARTITION BY kind_id, community_id)
    ), streets AS (
        SELECT {PLACES}, told OR unit NOT IN (
            coalesce(street_id, 0), coalesce(community_id, 0), coalesce(grid_id, 0)
        ) AND {STREET} AS told FROM communities
        WINDOW of_street AS (PARTITION BY kind_id, street_id)
    )
    SELECT kind_id, sum(n)::bigint FROM streets GROUP BY kind_id
    HAVING sum(n) >= least_n
        AND coalesce(sum(n) FILTER (WHERE NOT told), 0) NOT BETWEEN 1 AND least_n - 1;
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION people_plan_counts(unit bigint, least_n integer)
RETURNS TABLE (kind bigint, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT kind_id, count(*) FROM people_supportplan
    WHERE ended_at IS NULL AND unit IN (district_id, street_id, community_id, grid_id)
        AND unit = ANY (app_units())
    GROUP BY kind_id HAVING count(*) >= least_n;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0018_officers_by_consent")]

    operations = [migrations.RunSQL(COUNTS, BEFORE)]
