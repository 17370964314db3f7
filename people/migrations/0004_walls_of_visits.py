"""Row-level security on visits and support plans: visits by place, a plan by its team alone."""

from django.db import migrations

LEVELS = ("district", "street", "community", "grid")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"{level}_id = ANY ({UNITS})" for level in LEVELS)
SOMEWHERE = f"cardinality({UNITS}) > 0"

FUNCTIONS = """
CREATE SEQUENCE people_visit_number;
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
"""
# Just made, a plan has no team yet: its maker sees it.
PLAN = "people_in_team(id) OR made_by_id = app_user() AND NOT people_has_team(id)"


def wall(table: str, using: str, check: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY own_units ON {table} USING ({using}) WITH CHECK ({check});"
    )


def words_of(words: str, row: str) -> str:
    """Words are seen with the row that they belong to, and written before it."""
    seen = f"EXISTS (SELECT FROM {row} AS r WHERE r.words_id = {words}.id)"
    return wall(words, seen, SOMEWHERE)


# Who is in the team of a plan sees whose plan it is; no list of people shows them.
HELPED = """EXISTS (
    SELECT FROM people_supportplan AS p
    WHERE p.ended_at IS NULL AND p.person_id = people_person.id AND people_in_team(p.id)
)"""
LIVES = """EXISTS (
    SELECT FROM people_residency AS r
    WHERE r.ended_on IS NULL AND r.person_id IN (people_person.id, people_person.merged_into_id)
)"""
IN_TEAM = "people_in_team(plan_id)"
TABLES = (
    *("people_visit", "people_visitwords", "people_supportplan", "people_planwords"),
    *("people_teammember", "people_supportstep", "people_stepwords"),
)
WALLS = "".join(
    [
        wall("people_visit", INSIDE, INSIDE),
        words_of("people_visitwords", "people_visit"),
        wall("people_supportplan", PLAN, f"({INSIDE}) OR people_in_team(id)"),
        words_of("people_planwords", "people_supportplan"),
        wall(
            "people_teammember",
            f"user_id = app_user() OR {IN_TEAM}",
            f"{IN_TEAM} OR NOT people_has_team(plan_id)",
        ),
        wall("people_supportstep", IN_TEAM, IN_TEAM),
        words_of("people_stepwords", "people_supportstep"),
        f"ALTER POLICY own_units ON people_person USING ({LIVES} OR {HELPED});",
    ]
)
# The sweep reads whose reminder is due, and ends plans that nobody renewed; no word of any.
READS = (
    *("people_visit", "people_household", "people_residency", "people_supportplan"),
    *("people_supportstep", "people_teammember"),
)
SWEEP = "".join(
    f"GRANT SELECT ON {table} TO governance_sweep;"
    f"CREATE POLICY sweep_reads ON {table} FOR SELECT TO governance_sweep USING (true);"
    for table in READS
) + (
    "GRANT SELECT ON governance_user TO governance_sweep;"
    "GRANT UPDATE (ended_at, ending) ON people_supportplan TO governance_sweep;"
    "CREATE POLICY sweep_ends ON people_supportplan FOR UPDATE TO governance_sweep"
    " USING (true) WITH CHECK (ended_at IS NOT NULL);"
    "GRANT INSERT ON people_supportplanevent TO governance_sweep;"
    "GRANT USAGE ON SEQUENCE people_supportplanevent_pgh_id_seq TO governance_sweep;"
)
UNDO = (
    f"ALTER POLICY own_units ON people_person USING ({LIVES});"
    + "".join(
        f"DROP POLICY sweep_reads ON {t}; REVOKE ALL ON {t} FROM governance_sweep;" for t in READS
    )
    + "DROP POLICY sweep_ends ON people_supportplan;"
    + "REVOKE ALL ON governance_user, people_supportplanevent FROM governance_sweep;"
    + "".join(
        f"DROP POLICY own_units ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        for table in TABLES
    )
)
GONE = (
    "DROP FUNCTION people_plan_counts(bigint, integer); DROP FUNCTION people_has_team(bigint);"
    "DROP FUNCTION people_in_team(bigint); DROP SEQUENCE people_visit_number;"
)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_visits_and_support")]

    operations = [
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.RunSQL(WALLS + SWEEP, UNDO),
    ]
