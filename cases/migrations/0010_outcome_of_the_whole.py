"""A split case that closed while its parts came out differently had no outcome: the weakest of
theirs, as cases/workflow.py gives it now."""

from django.db import migrations

WEAKEST = """
UPDATE cases_case AS whole SET outcome = weakest.outcome
FROM (
    SELECT DISTINCT ON (parent_id) parent_id, outcome
    FROM (
        SELECT parent_id, coalesce(nullif(outcome, ''), 'not_ours') AS outcome
        FROM cases_case WHERE parent_id IS NOT NULL
    ) AS part
    ORDER BY parent_id, array_position(
        ARRAY['explained', 'law', 'helped', 'solved', 'duplicate', 'not_ours'], outcome::text
    )
) AS weakest
WHERE whole.id = weakest.parent_id AND whole.outcome = ''
AND whole.state IN ('closed', 'answered', 'archived')
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_taken_answers_follow")]

    operations = [migrations.RunSQL(WEAKEST, migrations.RunSQL.noop)]
