"""What a constraint refuses, it says in a sentence; the database keeps it as it is."""

from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("governance", "0005_password_resets"),
    ]

    operations = [
        Together(
            [
                migrations.AlterConstraint(
                    model_name="post",
                    name="post_ends_after_it_begins",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="post_ends_after_it_begins",
                        violation_error_message="离任日期早于任职日期。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="unit",
                    name="unit_ends_after_it_begins",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="unit_ends_after_it_begins",
                        violation_error_message="失效日期不能早于生效日期。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="unit",
                    name="unit_only_a_district_is_a_root",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", False), ("kind", "district"), _connector="OR"
                        ),
                        name="unit_only_a_district_is_a_root",
                        violation_error_message="除区（县）外，单位都有上级单位。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="unitchange",
                    name="unit_change_has_a_target",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("into__isnull", False), ("kind", "split"), _connector="OR"
                        ),
                        name="unit_change_has_a_target",
                        violation_error_message="调整隶属、合并须写明目标单位。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="user",
                    name="no_superuser",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("is_superuser", False)),
                        name="no_superuser",
                        violation_error_message="不设超级用户。",
                    ),
                ),
            ]
        )
    ]
