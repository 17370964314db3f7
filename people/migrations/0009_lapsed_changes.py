"""What waits for a yes about somebody who is gone has ended: also what was left behind so far, which
nobody could decide any more."""

from django.db import migrations, models

STATES = [
    ("waiting", "待审批"),
    ("granted", "已同意"),
    ("refused", "不同意"),
    ("lapsed", "已失效"),
]
LEFT_BEHIND = """
UPDATE people_changerequest AS c
SET state = 'lapsed', decided_at = now(), answer = '此人已离开，申请随之失效。'
WHERE state = 'waiting' AND NOT EXISTS (
    SELECT FROM people_residency AS r WHERE r.person_id = c.person_id AND r.ended_on IS NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0008_merge_takes_over")]

    operations = [
        migrations.AlterField(
            model_name=model,
            name="state",
            field=models.CharField(
                choices=STATES, default="waiting", max_length=12, verbose_name="状态"
            ),
        )
        for model in ("changerequest", "changerequestevent")
    ] + [migrations.RunSQL(LEFT_BEHIND, migrations.RunSQL.noop)]
