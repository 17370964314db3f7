"""How long a plan waits for who moved out and may move in again near by, by its kind."""

from typing import Any

from django.db import migrations, models

FIELD: dict[str, Any] = {
    "help_text": "期内在本社区重新登记居住的，计划继续；0 为搬离时即结束。",
    "null": True,
    "verbose_name": "搬离后保留（自然日）",
}


def wait_days(**more: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(**FIELD, **more)


class Migration(migrations.Migration):
    dependencies = [("people", "0020_walls_of_what_is_asked")]

    operations = [
        migrations.AddField("supportkind", "wait_days", wait_days(default=15)),
        # the default comes second: a new column adds nothing to what the history has sealed
        migrations.AddField("supportkindevent", "wait_days", wait_days()),
        migrations.AlterField("supportkindevent", "wait_days", wait_days(default=15)),
        migrations.AddConstraint(
            model_name="supportkind",
            constraint=models.CheckConstraint(
                condition=models.Q(("wait_days__isnull", False), ("wait_days__lte", 366)),
                name="support_kind_waits_a_year_at_most",
                violation_error_message="搬离后最多保留 366 天。",
            ),
        ),
    ]
