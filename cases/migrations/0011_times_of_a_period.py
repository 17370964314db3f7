from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

from governance.together import Together

MULTI = "timestamptz_minmax_multi_ops"


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_outcome_of_the_whole")]

    operations = [
        Together(
            [
                migrations.AddIndex(
                    model_name="assignment",
                    index=BrinIndex(
                        fields=["assigned_at", "returned_at"],
                        name="assignment_times",
                        opclasses=[MULTI] * 2,
                        pages_per_range=32,
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=BrinIndex(
                        fields=["reported_at", "first_closed_at", "promise_due_at"],
                        name="case_times",
                        opclasses=[MULTI] * 3,
                        pages_per_range=32,
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("state", "suspended")),
                        fields=["id"],
                        name="case_suspended",
                    ),
                ),
            ]
        ),
    ]
