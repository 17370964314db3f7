"""Which units are the police's: those that are named so, until an administrator says otherwise."""

from django.db import migrations, models

from governance.together import Together


NAMED = """
UPDATE governance_unit SET is_police = true
WHERE kind IN ('department', 'station', 'area', 'team') AND name ~ '公安|派出所|警';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="unit",
                    name="is_police",
                    field=models.BooleanField(
                        blank=True,
                        help_text="其工作人员经本人同意，才能加入帮扶计划的团队。",
                        null=True,
                        verbose_name="公安机关",
                    ),
                ),
                migrations.AddField(
                    model_name="unitevent",
                    name="is_police",
                    field=models.BooleanField(
                        blank=True,
                        help_text="其工作人员经本人同意，才能加入帮扶计划的团队。",
                        null=True,
                        verbose_name="公安机关",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
    ]
