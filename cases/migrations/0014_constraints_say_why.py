"""What a constraint refuses, it says in a sentence; the database keeps it as it is."""

from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_promise_climbs"),
        ("governance", "0005_password_resets"),
    ]

    operations = [
        Together(
            [
                migrations.AlterConstraint(
                    model_name="checklistquestion",
                    name="check_list_asks_a_question_once",
                    constraint=models.UniqueConstraint(
                        fields=("check_list", "question"),
                        name="check_list_asks_a_question_once",
                        violation_error_message="清单中已有此问题。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="dispatchrule",
                    name="rule_of_item_or_of_class",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("item", None), ("item_class", None), _connector="OR"),
                        name="rule_of_item_or_of_class",
                        violation_error_message="事项和大类只填一项。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="dispatchrule",
                    name="rule_ends_after_it_began",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="rule_ends_after_it_began",
                        violation_error_message="结束须晚于开始。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="item",
                    name="item_of_upper_remit_names_who_leads",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("remit", "basic"),
                            models.Q(("upper_department", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="item_of_upper_remit_names_who_leads",
                        violation_error_message="配合履职、上级收回的事项须写明上级牵头部门。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="itemlimit",
                    name="item_limit_positive",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)),
                        name="item_limit_positive",
                        violation_error_message="时限须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="itemlimit",
                    name="item_limit_once_a_stage_from_a_day",
                    constraint=models.UniqueConstraint(
                        fields=("item", "stage", "valid_from"),
                        name="item_limit_once_a_stage_from_a_day",
                        nulls_distinct=False,
                        violation_error_message="同一天起已有一行。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="ladderreminder",
                    name="ladder_reminder_once_from_a_day",
                    constraint=models.UniqueConstraint(
                        fields=("ladder", "valid_from"),
                        name="ladder_reminder_once_from_a_day",
                        nulls_distinct=False,
                        violation_error_message="同一天起已有一行。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="ladderreminder",
                    name="ladder_reminder_begins",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("valid_from__isnull", False)),
                        name="ladder_reminder_begins",
                        violation_error_message="请填写自哪一天起。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="ladderstep",
                    name="ladder_step_once_from_a_day",
                    constraint=models.UniqueConstraint(
                        fields=("ladder", "step", "valid_from"),
                        name="ladder_step_once_from_a_day",
                        nulls_distinct=False,
                        violation_error_message="同一天起已有一行。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="regulation",
                    name="regulation_has_limits",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("reply_hours__gt", 0),
                            ("returns_most__gt", 0),
                            ("reworks_most__gt", 0),
                            ("mediation_days__gt", 0),
                        ),
                        name="regulation_has_limits",
                        violation_error_message="退单上限、返工上限、督办回复时限、调解期限须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="regulation",
                    name="regulation_answers_suggestions",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("suggestion_days__gt", 0)),
                        name="regulation_answers_suggestions",
                        violation_error_message="建议答复期限须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="regulation",
                    name="regulation_share_of_100",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("callback_percent__lte", 100)),
                        name="regulation_share_of_100",
                        violation_error_message="回访抽样须在 0 至 100 之间。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="regulation",
                    name="regulation_counts_from_one",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("obligation_again_days__gt", 0), ("review_reworks__gt", 0)
                        ),
                        name="regulation_counts_from_one",
                        violation_error_message="追责的返工次数、协议未履行再访的天数须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="serviceitem",
                    name="service_item_has_a_limit",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("days__gt", 0)),
                        name="service_item_has_a_limit",
                        violation_error_message="时限须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="whistlelimit",
                    name="whistle_limit_positive",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)),
                        name="whistle_limit_positive",
                        violation_error_message="时限须大于 0。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="whistlelimit",
                    name="whistle_limit_once_a_step_from_a_day",
                    constraint=models.UniqueConstraint(
                        fields=("kind", "step", "valid_from"),
                        name="whistle_limit_once_a_step_from_a_day",
                        nulls_distinct=False,
                        violation_error_message="同一天起已有一行。",
                    ),
                ),
            ]
        )
    ]
