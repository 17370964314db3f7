"""A case knows how many levels have heard that its promise was broken, as it does of its stage."""

from django.db import migrations, models

from governance.together import Together

# The next level's timer says it; where the clock stands still, or the ladder is at its end, the
# lines that the sweep wrote do.
HEARD = """
UPDATE cases_case AS c SET promise_escalation = coalesce(
    (SELECT max(t.level) FROM governance_timer AS t
     WHERE t.kind = 'case.promise_overdue' AND t.subject_id = c.id
       AND t.fired_at IS NULL AND t.cancelled_at IS NULL),
    lines.number)
FROM (
    SELECT case_id, count(*) AS number FROM cases_transition
    WHERE action = 'promise_overdue' GROUP BY case_id
) AS lines
WHERE lines.case_id = c.id AND c.first_closed_at IS NULL
"""


def level() -> models.SmallIntegerField:
    return models.SmallIntegerField("承诺升级级次", default=0)


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_close_and_answer")]

    operations = [
        Together(
            [
                migrations.AddField("case", "promise_escalation", level()),
                migrations.AddField("caseevent", "promise_escalation", level()),
            ]
        ),
        migrations.RunSQL(HEARD, migrations.RunSQL.noop),
    ]
