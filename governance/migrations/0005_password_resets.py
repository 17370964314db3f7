"""A reset of a password is begun by one administrator and confirmed by one of another kind."""

import django.db.models.deletion
import governance.history
import pghistory.utils
from django.conf import settings
from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_police_units"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="PasswordReset",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "begun_as",
                            models.CharField(
                                choices=[
                                    ("leader", "书记"),
                                    ("co_opted", "兼职委员"),
                                    ("clerk", "社区专干"),
                                    ("dispatcher", "派遣员"),
                                    ("supervisor", "督办员"),
                                    ("station_lead", "网格站长"),
                                    ("grid_leader", "网格长"),
                                    ("grid_worker", "专职网格员"),
                                    ("grid_guide", "网格指导员"),
                                    ("correspondent", "网格信息员"),
                                    ("household_head", "联户长"),
                                    ("sponsor", "包保单位"),
                                    ("department_lead", "部门负责人"),
                                    ("handler", "部门处置员"),
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全管理员"),
                                    ("audit_admin", "审计管理员"),
                                ],
                                max_length=20,
                                verbose_name="申请人职责",
                            ),
                        ),
                        ("begun_at", models.DateTimeField(verbose_name="申请时间")),
                        (
                            "confirmed_as",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("leader", "书记"),
                                    ("co_opted", "兼职委员"),
                                    ("clerk", "社区专干"),
                                    ("dispatcher", "派遣员"),
                                    ("supervisor", "督办员"),
                                    ("station_lead", "网格站长"),
                                    ("grid_leader", "网格长"),
                                    ("grid_worker", "专职网格员"),
                                    ("grid_guide", "网格指导员"),
                                    ("correspondent", "网格信息员"),
                                    ("household_head", "联户长"),
                                    ("sponsor", "包保单位"),
                                    ("department_lead", "部门负责人"),
                                    ("handler", "部门处置员"),
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全管理员"),
                                    ("audit_admin", "审计管理员"),
                                ],
                                max_length=20,
                                verbose_name="确认人职责",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        (
                            "begun_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resets",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "密码重置",
                        "verbose_name_plural": "密码重置",
                    },
                ),
                migrations.CreateModel(
                    name="PasswordResetEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_transaction",
                            governance.history.TransactionId(
                                db_default=governance.history.CurrentTransaction(),
                                db_index=True,
                                editable=False,
                                verbose_name="事务",
                            ),
                        ),
                        ("pgh_context", pghistory.utils.JSONField(null=True)),
                        ("id", models.BigIntegerField()),
                        (
                            "begun_as",
                            models.CharField(
                                choices=[
                                    ("leader", "书记"),
                                    ("co_opted", "兼职委员"),
                                    ("clerk", "社区专干"),
                                    ("dispatcher", "派遣员"),
                                    ("supervisor", "督办员"),
                                    ("station_lead", "网格站长"),
                                    ("grid_leader", "网格长"),
                                    ("grid_worker", "专职网格员"),
                                    ("grid_guide", "网格指导员"),
                                    ("correspondent", "网格信息员"),
                                    ("household_head", "联户长"),
                                    ("sponsor", "包保单位"),
                                    ("department_lead", "部门负责人"),
                                    ("handler", "部门处置员"),
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全管理员"),
                                    ("audit_admin", "审计管理员"),
                                ],
                                max_length=20,
                                verbose_name="申请人职责",
                            ),
                        ),
                        ("begun_at", models.DateTimeField(verbose_name="申请时间")),
                        (
                            "confirmed_as",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("leader", "书记"),
                                    ("co_opted", "兼职委员"),
                                    ("clerk", "社区专干"),
                                    ("dispatcher", "派遣员"),
                                    ("supervisor", "督办员"),
                                    ("station_lead", "网格站长"),
                                    ("grid_leader", "网格长"),
                                    ("grid_worker", "专职网格员"),
                                    ("grid_guide", "网格指导员"),
                                    ("correspondent", "网格信息员"),
                                    ("household_head", "联户长"),
                                    ("sponsor", "包保单位"),
                                    ("department_lead", "部门负责人"),
                                    ("handler", "部门处置员"),
                                    ("system_admin", "系统管理员"),
                                    ("security_admin", "安全管理员"),
                                    ("audit_admin", "审计管理员"),
                                ],
                                max_length=20,
                                verbose_name="确认人职责",
                            ),
                        ),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        (
                            "begun_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.passwordreset",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "密码重置 · 历史",
                        "verbose_name_plural": "密码重置 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.AddConstraint(
                    model_name="passwordreset",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("begun_by", models.F("user")), _negated=True),
                        name="reset_is_not_begun_by_its_owner",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="passwordreset",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_as", ""), ("confirmed_at", None), ("confirmed_by", None)
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("withdrawn_at", None),
                                models.Q(("confirmed_by", models.F("user")), _negated=True),
                                models.Q(("confirmed_by", models.F("begun_by")), _negated=True),
                                models.Q(("confirmed_as", models.F("begun_as")), _negated=True),
                                models.Q(("confirmed_as", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reset_is_confirmed_by_another_kind",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="passwordreset",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("withdrawn_at", None)),
                        fields=("user",),
                        name="reset_one_open_a_user",
                    ),
                ),
            ]
        ),
    ]
