"""Closing and answering have limits of their own; what waits for them now gets its clock."""

from django.db import migrations, models

from governance.together import Together

STAGES = [
    ("accept", "受理"),
    ("dispatch", "派遣"),
    ("rule", "裁定"),
    ("sign", "签收"),
    ("handle", "处置"),
    ("rework", "返工"),
    ("joint", "联合处置"),
    ("verify", "核查"),
    ("close", "结案"),
    ("answer", "回告"),
    ("promise", "对外承诺"),
]
# As after a change of these items: the sweep gives their cases the new limits (cases/recomputing.py).
WAITING = """
INSERT INTO governance_timer (kind, subject_id, level, due_at, knock_at, attempts, last_error)
SELECT 'item.limits', i.id, 0, now(), now(), 0, '' FROM cases_item AS i
WHERE EXISTS (
    SELECT FROM cases_case AS c
    WHERE c.item_id = i.id AND c.state IN ('verified', 'closed') AND c.source <> 'import'
)
ON CONFLICT DO NOTHING
"""


def stage() -> models.CharField:
    return models.CharField("阶段", choices=STAGES, max_length=20)


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_times_of_a_period")]

    operations = [
        Together(
            [
                migrations.AlterField("itemlimit", "stage", stage()),
                migrations.AlterField("itemlimitevent", "stage", stage()),
            ]
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
