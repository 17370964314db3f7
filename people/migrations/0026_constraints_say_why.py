"""What a constraint refuses, it says in a sentence; the database keeps it as it is."""

from django.conf import settings
from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0006_constraints_say_why"),
        ("grids", "0005_constraints_say_why"),
        ("people", "0025_visits_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AlterConstraint(
                    model_name="entity",
                    name="entity_point_is_on_earth",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat", None), ("lon", None)),
                            models.Q(
                                ("lat__gte", -90),
                                ("lat__lte", 90),
                                ("lon__gte", -180),
                                ("lon__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="entity_point_is_on_earth",
                        violation_error_message="经度、纬度须同时填写，且在地球上。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="supportkind",
                    name="support_kind_is_reviewed_before_it_ends",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("lasts_months__gte", models.F("review_months")),
                            ("review_months__gt", 0),
                        ),
                        name="support_kind_is_reviewed_before_it_ends",
                        violation_error_message="评估间隔至少一个月，且不长于自动结束的期限。",
                    ),
                ),
            ]
        )
    ]
