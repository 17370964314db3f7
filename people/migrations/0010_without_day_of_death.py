"""The day of a death is the day on which a residency ended, and goes from the person's row and from
its history. The history is sealed: a row that had one leaves behind what it had been sealed as."""

from django.db import migrations

from governance.together import Together

DIGEST = "sha256(convert_to(jsonb_strip_nulls({})::text, 'UTF8'))"
MARK = f"""
INSERT INTO governance_redaction ("table", row_id, sealed_as, left_as, at)
SELECT 'people_personevent', t.pgh_id, {DIGEST.format("to_jsonb(t)")},
    {DIGEST.format("to_jsonb(t) - 'died_on'")}, now()
FROM people_personevent AS t WHERE t.died_on IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("people", "0009_lapsed_changes"),
    ]

    operations = [
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        Together(
            [
                migrations.RemoveField(model_name="person", name="died_on"),
                migrations.RemoveField(model_name="personevent", name="died_on"),
            ]
        ),
    ]
