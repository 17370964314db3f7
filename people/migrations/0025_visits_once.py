"""The same form of a visit, sent twice, is one visit: its own id, once for who sent it."""

from django.db import migrations, models


def key() -> models.UUIDField:
    return models.UUIDField(null=True, editable=False)


class Migration(migrations.Migration):
    dependencies = [("people", "0024_births_by_marks_alone")]

    operations = [
        migrations.AddField("visit", "key", key()),
        migrations.AddField("visitevent", "key", key()),
        migrations.AddConstraint(
            "visit",
            models.UniqueConstraint(fields=("by", "key"), name="visit_once_by_key"),
        ),
    ]
