"""An import looks for a thousand people at a time: nothing of their marks may be pending."""

import django.contrib.postgres.indexes
from django.db import migrations

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_imports"),
    ]

    operations = [
        Together(
            [
                migrations.RemoveIndex(
                    model_name="person",
                    name="person_marks",
                ),
                migrations.AddIndex(
                    model_name="person",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["marks"], name="person_marks"
                    ),
                ),
            ]
        ),
    ]
