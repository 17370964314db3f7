"""When a plan of visits was given up."""

from django.db import migrations, models

from governance.together import Together


def ended_at() -> models.DateTimeField:
    return models.DateTimeField("停止时间", blank=True, null=True)


class Migration(migrations.Migration):
    dependencies = [("people", "0022_deaths_everywhere")]

    operations = [
        Together(
            [
                migrations.AddField("visitplan", "ended_at", ended_at()),
                migrations.AddField("visitplanevent", "ended_at", ended_at()),
            ]
        ),
    ]
