"""A death ends all that was the person's, also where who approves it sees nothing: the sweep's role
does it, and of whom a death was granted alone.

It may end a household in which nobody lives any more, and a letting of who rented a house and died
there, with nobody left who rents it.

What a death that was granted already left open in other communities ends now.
"""

from django.db import migrations

# A death was granted of this person, or of the registration into which this one was merged.
GRANTED = """EXISTS (
    SELECT FROM people_changerequest AS c
    JOIN people_person AS p ON c.person_id IN (p.id, p.merged_into_id)
    WHERE p.id = {person} AND c.kind = 'death' AND c.state = 'granted'
)"""
LIVES = """EXISTS (
    SELECT FROM people_residency AS r WHERE r.household_id = {home} AND r.ended_on IS NULL
)"""
RENTED = """EXISTS (
    SELECT FROM people_residency AS r JOIN people_household AS h ON h.id = r.household_id
    WHERE h.house_id = people_tenancy.house_id AND r.kind = 'tenant' AND {so}
)"""
WALLS = f"""
-- Not of people_changerequest itself: a policy that asks its own table would ask without end.
CREATE FUNCTION people_death_granted(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT {GRANTED.format(person="person")};
$$;
GRANT UPDATE (ended_on, leaving) ON people_residency TO governance_sweep;
CREATE POLICY sweep_buries ON people_residency FOR UPDATE TO governance_sweep
    USING (ended_on IS NULL) WITH CHECK (leaving = 'died' AND people_death_granted(person_id));
GRANT UPDATE (head_id, ended_on) ON people_household TO governance_sweep;
CREATE POLICY sweep_ends ON people_household FOR UPDATE TO governance_sweep
    USING (ended_on IS NULL) WITH CHECK (NOT {LIVES.format(home="people_household.id")});
GRANT UPDATE (state, decided_at, answer) ON people_changerequest TO governance_sweep;
CREATE POLICY sweep_lapses ON people_changerequest FOR UPDATE TO governance_sweep
    USING (state = 'waiting') WITH CHECK (state = 'lapsed' AND people_death_granted(person_id));
GRANT UPDATE (state, ended_on) ON people_tenancy TO governance_sweep;
CREATE POLICY sweep_ends ON people_tenancy FOR UPDATE TO governance_sweep
    USING (state <> 'ended')
    WITH CHECK (
        state = 'ended' AND {RENTED.format(so="r.leaving = 'died'")}
        AND NOT {RENTED.format(so="r.ended_on IS NULL")}
    );
"""
UNWALLED = """
DROP POLICY sweep_ends ON people_tenancy;
REVOKE UPDATE (state, ended_on) ON people_tenancy FROM governance_sweep;
DROP POLICY sweep_lapses ON people_changerequest;
REVOKE UPDATE (state, decided_at, answer) ON people_changerequest FROM governance_sweep;
DROP POLICY sweep_ends ON people_household;
REVOKE UPDATE (head_id, ended_on) ON people_household FROM governance_sweep;
DROP POLICY sweep_buries ON people_residency;
REVOKE UPDATE (ended_on, leaving) ON people_residency FROM governance_sweep;
DROP FUNCTION people_death_granted(uuid);
"""
# What was registered before the yes; who was registered anew since then lives.
LEFT_BEHIND = f"""
WITH dead AS (
    SELECT p.id, max(c.decided_at) AS at, max(r.ended_on) AS died_on
    FROM people_changerequest AS c
    JOIN people_residency AS r ON r.person_id = c.person_id AND r.leaving = 'died'
    JOIN people_person AS p ON c.person_id IN (p.id, p.merged_into_id)
    WHERE c.kind = 'death' AND c.state = 'granted'
    GROUP BY p.id
)
UPDATE people_residency AS r SET ended_on = greatest(r.began_on, dead.died_on), leaving = 'died'
FROM dead WHERE dead.id = r.person_id AND r.ended_on IS NULL AND EXISTS (
    SELECT FROM people_residencyevent AS e WHERE e.pgh_obj_id = r.id AND e.pgh_created_at <= dead.at
);
UPDATE people_household AS h SET head_id = NULL
WHERE h.ended_on IS NULL AND {GRANTED.format(person="h.head_id")} AND NOT EXISTS (
    SELECT FROM people_residency AS r WHERE r.person_id = h.head_id AND r.ended_on IS NULL
);
UPDATE people_household AS h SET ended_on = (
    SELECT max(r.ended_on) FROM people_residency AS r WHERE r.household_id = h.id
)
WHERE h.ended_on IS NULL AND NOT {LIVES.format(home="h.id")} AND EXISTS (
    SELECT FROM people_residency AS r WHERE r.household_id = h.id AND r.leaving = 'died'
);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0021_plans_wait")]

    operations = [
        migrations.RunSQL(WALLS, UNWALLED),
        migrations.RunSQL(LEFT_BEHIND, migrations.RunSQL.noop),
    ]
