"""A plan ends when who it is for dies or moves away: whoever registers that need not see the plan,
so the sweep's role ends it. It has to know who was merged into whom, and nothing else of a person.

Open plans of those who are gone already end now.
"""

from django.db import migrations

SEEN = """
GRANT SELECT (id, merged_into_id) ON people_person TO governance_sweep;
CREATE POLICY sweep_reads ON people_person FOR SELECT TO governance_sweep USING (true);
"""
UNSEEN = """
DROP POLICY sweep_reads ON people_person; REVOKE ALL ON people_person FROM governance_sweep;
"""
# As people/support.py does from now on.
ENDED = """
WITH gone AS (
    SELECT plan.id, EXISTS (
        SELECT FROM people_residency AS r
        WHERE r.person_id IN (p.id, p.merged_into_id) AND r.leaving = 'died'
    ) AS died
    FROM people_supportplan AS plan JOIN people_person AS p ON p.id = plan.person_id
    WHERE plan.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM people_residency AS r
        WHERE r.ended_on IS NULL AND r.person_id IN (p.id, p.merged_into_id) AND (
            r.community_id = plan.community_id
            OR plan.community_id IS NULL AND r.street_id = plan.street_id
        )
    )
)
UPDATE people_supportplan AS plan SET ended_at = app_now(),
    ending = CASE WHEN gone.died THEN '本人去世' ELSE '本人已搬离' END
FROM gone WHERE gone.id = plan.id;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0015_walls_of_history")]

    operations = [
        migrations.RunSQL(SEEN, UNSEEN),
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
    ]
