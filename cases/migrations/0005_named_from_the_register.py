import django.db.models.deletion
from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_visits"),
        ("people", "0005_follow_doors"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="reporter",
                    name="person",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                        verbose_name="人员",
                    ),
                ),
                migrations.AddField(
                    model_name="reporterevent",
                    name="person",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.person",
                        verbose_name="人员",
                    ),
                ),
                migrations.AddField(
                    model_name="serviceapplicant",
                    name="person",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                        verbose_name="人员",
                    ),
                ),
            ]
        ),
    ]
