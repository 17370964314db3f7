import cases.models.case
import cases.models.papers
import cases.models.services
import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import governance.history
import governance.personal
import governance.together
import pghistory.utils
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_initial"),
        ("cases", "0004_history_names"),
        ("cases", "0005_quiet_escalation"),
        ("cases", "0008_handler_without_index"),
        ("cases", "0009_whole_loop"),
        ("cases", "0011_dispatch_rules"),
        ("cases", "0012_bulk_jobs"),
        ("cases", "0013_feedback"),
        ("cases", "0014_papers"),
        ("cases", "0015_reviews"),
        ("cases", "0016_item_model"),
        ("cases", "0017_services"),
        ("cases", "0018_disputes"),
        ("cases", "0019_called_read_on"),
        ("cases", "0020_suggestions"),
        ("cases", "0021_campaigns"),
        ("cases", "0022_rules"),
        ("cases", "0023_services"),
        ("cases", "0024_facility"),
        ("cases", "0030_task_photos"),
        ("cases", "0031_promises_kept"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("governance", "0002_tokens"),
        ("grids", "0001_tables"),
    ]

    operations = [
        governance.together.Together(
            operations=[
                migrations.CreateModel(
                    name="CheckList",
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
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                    ],
                    options={
                        "verbose_name": "检查清单",
                        "verbose_name_plural": "检查清单",
                    },
                ),
                migrations.CreateModel(
                    name="ItemClass",
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
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=80, verbose_name="英文名称")),
                    ],
                    options={
                        "verbose_name": "事项大类",
                        "verbose_name_plural": "事项大类",
                    },
                ),
                migrations.CreateModel(
                    name="ItemModel",
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
                        ("trained_at", models.DateTimeField(verbose_name="训练时间")),
                        ("cases", models.PositiveIntegerField(verbose_name="训练用事件数")),
                        ("tested", models.PositiveIntegerField(verbose_name="检验用事件数")),
                        ("accuracy", models.FloatField(verbose_name="首选准确率")),
                        ("accuracy_top3", models.FloatField(verbose_name="前三准确率")),
                        ("weights", models.BinaryField()),
                    ],
                    options={
                        "verbose_name": "事项建议模型",
                        "verbose_name_plural": "事项建议模型",
                    },
                ),
                migrations.CreateModel(
                    name="Ladder",
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
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        (
                            "remind_percent",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                default=list,
                                size=None,
                                verbose_name="临期提醒（时限的百分比）",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "升级阶梯",
                        "verbose_name_plural": "升级阶梯",
                    },
                ),
                migrations.CreateModel(
                    name="ServicePause",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="暂停前状态",
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="开始")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束")),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pauses",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "补正暂停",
                        "verbose_name_plural": "补正暂停",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("request",),
                                name="service_pause_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="service_pause_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assignment",
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
                        ("assigned_at", models.DateTimeField(verbose_name="派遣时间")),
                        ("signed_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        ("returned_at", models.DateTimeField(null=True, verbose_name="退单时间")),
                        (
                            "overruled_at",
                            models.DateTimeField(null=True, verbose_name="退单被驳回时间"),
                        ),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工单",
                        "verbose_name_plural": "工单",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("finished_at", None),
                                    ("returned_at", None),
                                    ("withdrawn_at", None),
                                ),
                                fields=("case",),
                                name="assignment_one_open_lead_a_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BulkJob",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        ("given", models.JSONField(default=dict, verbose_name="内容")),
                        (
                            "cases",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None, verbose_name="事件"
                            ),
                        ),
                        (
                            "versions",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None, verbose_name="版本"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="提交时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("tried", models.PositiveIntegerField(default=0, verbose_name="已处理")),
                        ("refused", models.JSONField(default=list, verbose_name="未办理")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "批量办理",
                        "verbose_name_plural": "批量办理",
                    },
                ),
                migrations.CreateModel(
                    name="BulkJobEvent",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        ("given", models.JSONField(default=dict, verbose_name="内容")),
                        (
                            "cases",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None, verbose_name="事件"
                            ),
                        ),
                        (
                            "versions",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None, verbose_name="版本"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="提交时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("tried", models.PositiveIntegerField(default=0, verbose_name="已处理")),
                        ("refused", models.JSONField(default=list, verbose_name="未办理")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.bulkjob",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "批量办理 · 历史",
                        "verbose_name_plural": "批量办理 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CallBack",
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
                        ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                        ("due_at", models.DateTimeField(verbose_name="回访期限")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="回访时间")),
                        (
                            "result",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("satisfied", "满意"),
                                    ("dissatisfied", "不满意"),
                                    ("unreached", "未接通"),
                                ],
                                max_length=12,
                                verbose_name="回访结果",
                            ),
                        ),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="回访记录"),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="回访人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="call_backs",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "回访",
                        "verbose_name_plural": "回访",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at", None)),
                                fields=["due_at"],
                                name="call_back_open",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("done_at", None)),
                                fields=("case",),
                                name="call_back_one_open_a_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at", None), ("result", "")),
                                    models.Q(
                                        ("done_at__isnull", False),
                                        models.Q(("result", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="call_back_done_has_a_result",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
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
                            "number",
                            models.CharField(max_length=20, unique=True, verbose_name="编号"),
                        ),
                        ("title", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("campaign", "专项行动"),
                                    ("inspection", "清单检查"),
                                    ("spot_check", "双随机抽查"),
                                ],
                                max_length=12,
                                verbose_name="类型",
                            ),
                        ),
                        ("brief", models.TextField(max_length=2000, verbose_name="要求")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("announced", "待抽取"),
                                    ("running", "进行中"),
                                    ("ended", "已结束"),
                                ],
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("launched_at", models.DateTimeField(null=True, verbose_name="发起时间")),
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "community",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "launched_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="发起单位",
                            ),
                        ),
                        (
                            "check_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campaigns",
                                to="cases.checklist",
                                verbose_name="检查清单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专项行动",
                        "verbose_name_plural": "专项行动",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("launched_at", None), ("state", "announced")),
                                    models.Q(("launched_at__isnull", False), ("state", "running")),
                                    ("state", "ended"),
                                    _connector="OR",
                                ),
                                name="campaign_runs_since_its_launch",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "ended"), ("ended_at", None), _connector="XOR"
                                ),
                                name="campaign_ended_at_a_moment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "announced"), _negated=True),
                                    ("kind", "spot_check"),
                                    _connector="OR",
                                ),
                                name="campaign_only_a_spot_check_is_drawn",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignTask",
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
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "待完成"),
                                    ("done", "已完成"),
                                    ("excused", "已免除"),
                                ],
                                default="open",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="说明"),
                        ),
                        (
                            "about",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="检查对象",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="cases.campaign",
                                verbose_name="专项行动",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "inspectors",
                            models.ManyToManyField(
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="检查人员",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="承担单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行动任务",
                        "verbose_name_plural": "行动任务",
                        "indexes": [
                            models.Index(
                                fields=["unit", "state", "due_at"], name="campaign_task_of_unit"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("campaign", "unit", "about"),
                                name="campaign_task_once_a_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at", None), ("ended_by", None), ("state", "open")
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="campaign_task_ended_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "excused"), _negated=True),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="campaign_task_excused_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignTaskEvent",
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
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "待完成"),
                                    ("done", "已完成"),
                                    ("excused", "已免除"),
                                ],
                                default="open",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="说明"),
                        ),
                        (
                            "about",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="检查对象",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.campaign",
                                verbose_name="专项行动",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.campaigntask",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="承担单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行动任务 · 历史",
                        "verbose_name_plural": "行动任务 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Case",
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
                            "number",
                            models.CharField(max_length=20, unique=True, verbose_name="编号"),
                        ),
                        ("version", models.PositiveIntegerField(default=0, verbose_name="版本")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("description", models.TextField(max_length=2000, verbose_name="情况描述")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="地点"),
                        ),
                        ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                        ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                        (
                            "accuracy_m",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="定位误差（米）"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("public", "随手拍"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "网格员上报"),
                                    ("campaign", "专项检查"),
                                    ("api", "接口"),
                                    ("suggestion", "建议转办"),
                                    ("import", "历史导入"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        ("reported_at", models.DateTimeField(verbose_name="上报时间")),
                        (
                            "query_code",
                            models.CharField(
                                default=cases.models.case.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                default="community",
                                max_length=12,
                                verbose_name="办理层级",
                            ),
                        ),
                        (
                            "solved_level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                max_length=12,
                                verbose_name="解决层级",
                            ),
                        ),
                        (
                            "stage_amount",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="阶段时限（数）"
                            ),
                        ),
                        (
                            "stage_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="阶段时限（单位）",
                            ),
                        ),
                        (
                            "stage_began_at",
                            models.DateTimeField(null=True, verbose_name="阶段开始"),
                        ),
                        ("stage_warn_at", models.DateTimeField(null=True, verbose_name="临期起点")),
                        ("stage_due_at", models.DateTimeField(null=True, verbose_name="阶段时限")),
                        (
                            "escalation",
                            models.SmallIntegerField(default=0, verbose_name="升级级次"),
                        ),
                        (
                            "promise_amount",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="承诺时限（数）"
                            ),
                        ),
                        (
                            "promise_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="承诺时限（单位）",
                            ),
                        ),
                        (
                            "promise_first_at",
                            models.DateTimeField(null=True, verbose_name="原承诺时限"),
                        ),
                        (
                            "promise_due_at",
                            models.DateTimeField(null=True, verbose_name="承诺时限"),
                        ),
                        (
                            "first_closed_at",
                            models.DateTimeField(null=True, verbose_name="首次结案"),
                        ),
                        ("promise_kept", models.BooleanField(null=True, verbose_name="按期结案")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("solved", "解决"),
                                    ("helped", "救助"),
                                    ("explained", "解释说明"),
                                    ("law", "依法处理"),
                                    ("duplicate", "重复"),
                                    ("not_ours", "不属于本级"),
                                ],
                                max_length=12,
                                verbose_name="办理结果",
                            ),
                        ),
                        (
                            "result",
                            models.TextField(blank=True, max_length=2000, verbose_name="办理情况"),
                        ),
                        (
                            "answer",
                            models.TextField(blank=True, max_length=2000, verbose_name="回告内容"),
                        ),
                        ("satisfied", models.BooleanField(null=True, verbose_name="满意")),
                        (
                            "rework_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="返工次数"),
                        ),
                        (
                            "return_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="退单次数"),
                        ),
                        ("is_ruled", models.BooleanField(default=False, verbose_name="经裁定")),
                        ("is_forced", models.BooleanField(default=False, verbose_name="强制结案")),
                        (
                            "leave",
                            models.CharField(
                                blank=True,
                                choices=[("extension", "延期"), ("suspension", "挂账")],
                                max_length=12,
                                verbose_name="待批申请",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="督办级别",
                            ),
                        ),
                        ("urged_at", models.DateTimeField(null=True, verbose_name="催办时间")),
                        ("is_joint", models.BooleanField(default=False, verbose_name="多部门办理")),
                        (
                            "tasks_open",
                            models.PositiveSmallIntegerField(default=0, verbose_name="未完成任务"),
                        ),
                        (
                            "findings_open",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="未整改的检查发现"
                            ),
                        ),
                        (
                            "dispute_open",
                            models.BooleanField(default=False, verbose_name="纠纷调解中"),
                        ),
                        ("joined_at", models.DateTimeField(null=True, verbose_name="并案时间")),
                        (
                            "search",
                            django.contrib.postgres.search.SearchVectorField(
                                default="", editable=False
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "facility",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="grids.facility",
                                verbose_name="公共部件",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "handler",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "main",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joined",
                                to="cases.case",
                                verbose_name="并入事件",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="cases.case",
                                verbose_name="拆分自",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上报人",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="cases.reporter",
                                verbose_name="反映人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件",
                        "verbose_name_plural": "事件",
                        "indexes": [
                            models.Index(fields=["district", "-id"], name="case_of_district"),
                            models.Index(fields=["street", "-id"], name="case_of_street"),
                            models.Index(fields=["community", "-id"], name="case_of_community"),
                            models.Index(fields=["grid", "-id"], name="case_of_grid"),
                            models.Index(fields=["department", "-id"], name="case_of_department"),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "reported",
                                            "accepted",
                                            "referred",
                                            "dispatched",
                                            "handling",
                                            "joint",
                                            "suspended",
                                            "waiting",
                                            "finished",
                                            "verified",
                                            "closed",
                                        ),
                                    )
                                ),
                                fields=["district", "stage_due_at"],
                                include=(
                                    "id",
                                    "state",
                                    "stage_warn_at",
                                    "handler",
                                    "grid",
                                    "community",
                                    "level",
                                    "leave",
                                    "severity",
                                ),
                                name="case_work_district",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "reported",
                                            "accepted",
                                            "referred",
                                            "dispatched",
                                            "handling",
                                            "joint",
                                            "suspended",
                                            "waiting",
                                            "finished",
                                            "verified",
                                            "closed",
                                        ),
                                    )
                                ),
                                fields=["street", "stage_due_at"],
                                include=(
                                    "id",
                                    "state",
                                    "stage_warn_at",
                                    "handler",
                                    "grid",
                                    "community",
                                    "level",
                                    "leave",
                                    "severity",
                                ),
                                name="case_work_street",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "reported",
                                            "accepted",
                                            "referred",
                                            "dispatched",
                                            "handling",
                                            "joint",
                                            "suspended",
                                            "waiting",
                                            "finished",
                                            "verified",
                                            "closed",
                                        ),
                                    )
                                ),
                                fields=["community", "stage_due_at"],
                                include=(
                                    "id",
                                    "state",
                                    "stage_warn_at",
                                    "handler",
                                    "grid",
                                    "community",
                                    "level",
                                    "leave",
                                    "severity",
                                ),
                                name="case_work_community",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "reported",
                                            "accepted",
                                            "referred",
                                            "dispatched",
                                            "handling",
                                            "joint",
                                            "suspended",
                                            "waiting",
                                            "finished",
                                            "verified",
                                            "closed",
                                        ),
                                    )
                                ),
                                fields=["grid", "stage_due_at"],
                                include=(
                                    "id",
                                    "state",
                                    "stage_warn_at",
                                    "handler",
                                    "grid",
                                    "community",
                                    "level",
                                    "leave",
                                    "severity",
                                ),
                                name="case_work_grid",
                            ),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            "reported",
                                            "accepted",
                                            "referred",
                                            "dispatched",
                                            "handling",
                                            "joint",
                                            "suspended",
                                            "waiting",
                                            "finished",
                                            "verified",
                                            "closed",
                                        ),
                                    )
                                ),
                                fields=["department", "stage_due_at"],
                                include=(
                                    "id",
                                    "state",
                                    "stage_warn_at",
                                    "handler",
                                    "grid",
                                    "community",
                                    "level",
                                    "leave",
                                    "severity",
                                ),
                                name="case_work_department",
                            ),
                            models.Index(fields=["reported_by", "-id"], name="case_reported_by"),
                            models.Index(
                                condition=models.Q(("facility__isnull", False)),
                                fields=["facility", "-id"],
                                name="case_of_facility",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                fastupdate=True, fields=["search"], name="case_search"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
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
                                name="case_point_is_on_earth",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("promise_kept", None),
                                    ("first_closed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="case_promise_judged_at_close",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["handling", "dispatched"]), _negated=True
                                    ),
                                    ("department__isnull", False),
                                    _connector="OR",
                                ),
                                name="case_at_a_department_has_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "joined"), _negated=True),
                                    models.Q(("joined_at__isnull", False), ("main__isnull", False)),
                                    _connector="OR",
                                ),
                                name="case_joined_to_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("main", None),
                                    models.Q(("main", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="case_not_joined_to_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ("suspended", "waiting")), _negated=True
                                    ),
                                    ("stage_due_at", None),
                                    _connector="OR",
                                ),
                                name="case_paused_has_no_deadline",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("stage_amount", None), ("stage_unit", "")),
                                    models.Q(
                                        ("stage_amount__gt", 0),
                                        models.Q(("stage_unit", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_stage_limit_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CallBackEvent",
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
                        ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
                        ("due_at", models.DateTimeField(verbose_name="回访期限")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="回访时间")),
                        (
                            "result",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("satisfied", "满意"),
                                    ("dissatisfied", "不满意"),
                                    ("unreached", "未接通"),
                                ],
                                max_length=12,
                                verbose_name="回访结果",
                            ),
                        ),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="回访记录"),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="回访人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.callback",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "回访 · 历史",
                        "verbose_name_plural": "回访 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AssignmentEvent",
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
                        ("assigned_at", models.DateTimeField(verbose_name="派遣时间")),
                        ("signed_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        ("returned_at", models.DateTimeField(null=True, verbose_name="退单时间")),
                        (
                            "overruled_at",
                            models.DateTimeField(null=True, verbose_name="退单被驳回时间"),
                        ),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.assignment",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工单 · 历史",
                        "verbose_name_plural": "工单 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CaseShare",
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
                            "for_dispute",
                            models.BooleanField(default=False, verbose_name="因调解共享"),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("read", "查看"), ("help", "协助")],
                                max_length=8,
                                verbose_name="方式",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="共享时间")),
                        ("until", models.DateTimeField(verbose_name="截止时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="提前结束")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件共享",
                        "verbose_name_plural": "事件共享",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("unit", None), ("user", None), _connector="XOR"
                                ),
                                name="share_with_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("until__gt", models.F("at"))),
                                name="share_ends_later",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case", "unit", "user", "for_dispute"),
                                name="share_once_a_case",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseShareEvent",
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
                            "for_dispute",
                            models.BooleanField(default=False, verbose_name="因调解共享"),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("read", "查看"), ("help", "协助")],
                                max_length=8,
                                verbose_name="方式",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="共享时间")),
                        ("until", models.DateTimeField(verbose_name="截止时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="提前结束")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.caseshare",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件共享 · 历史",
                        "verbose_name_plural": "事件共享 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CaseUnitPermission",
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
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="cases.case"
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.group"
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件共享（部门授权）",
                        "verbose_name_plural": "事件共享（部门授权）",
                        "abstract": False,
                        "unique_together": {("group", "permission", "content_object")},
                    },
                ),
                migrations.CreateModel(
                    name="CaseUserPermission",
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
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="cases.case"
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件共享（人员授权）",
                        "verbose_name_plural": "事件共享（人员授权）",
                        "abstract": False,
                        "unique_together": {("user", "permission", "content_object")},
                    },
                ),
                migrations.CreateModel(
                    name="CampaignEvent",
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
                        ("number", models.CharField(max_length=20, verbose_name="编号")),
                        ("title", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("campaign", "专项行动"),
                                    ("inspection", "清单检查"),
                                    ("spot_check", "双随机抽查"),
                                ],
                                max_length=12,
                                verbose_name="类型",
                            ),
                        ),
                        ("brief", models.TextField(max_length=2000, verbose_name="要求")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("announced", "待抽取"),
                                    ("running", "进行中"),
                                    ("ended", "已结束"),
                                ],
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("launched_at", models.DateTimeField(null=True, verbose_name="发起时间")),
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "launched_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.campaign",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="发起单位",
                            ),
                        ),
                        (
                            "check_list",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.checklist",
                                verbose_name="检查清单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专项行动 · 历史",
                        "verbose_name_plural": "专项行动 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CheckListEvent",
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
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.checklist",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查清单 · 历史",
                        "verbose_name_plural": "检查清单 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CheckListQuestion",
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
                        ("order", models.PositiveSmallIntegerField(verbose_name="顺序")),
                        ("required", models.BooleanField(default=True, verbose_name="必答")),
                        (
                            "check_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rows",
                                to="cases.checklist",
                                verbose_name="检查清单",
                            ),
                        ),
                        (
                            "question",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.question",
                                verbose_name="问题",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "清单问题",
                        "verbose_name_plural": "清单问题",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("check_list", "question"),
                                name="check_list_asks_a_question_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consultation",
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
                        ("held_on", models.DateField(verbose_name="会商日期")),
                        ("participants", models.CharField(max_length=400, verbose_name="参加单位")),
                        ("minutes", models.TextField(max_length=4000, verbose_name="会商纪要")),
                        ("at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consultations",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会商",
                        "verbose_name_plural": "会商",
                    },
                ),
                migrations.CreateModel(
                    name="ConsultationEvent",
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
                        ("held_on", models.DateField(verbose_name="会商日期")),
                        ("participants", models.CharField(max_length=400, verbose_name="参加单位")),
                        ("minutes", models.TextField(max_length=4000, verbose_name="会商纪要")),
                        ("at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.consultation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会商 · 历史",
                        "verbose_name_plural": "会商 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Contributor",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "建议人",
                        "verbose_name_plural": "建议人",
                    },
                ),
                migrations.CreateModel(
                    name="Dispute",
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
                        ("request", models.TextField(max_length=2000, verbose_name="调解请求")),
                        (
                            "track",
                            models.CharField(
                                choices=[
                                    ("people", "人民调解"),
                                    ("administrative", "行政调解"),
                                    ("judicial", "司法调解"),
                                ],
                                max_length=16,
                                verbose_name="调解方式",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="登记时间")),
                        ("due_at", models.DateTimeField(verbose_name="调解期限")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("agreed_written", "达成书面协议"),
                                    ("agreed_oral", "达成口头协议"),
                                    ("failed", "调解不成"),
                                    ("withdrawn", "撤回申请"),
                                    ("refused", "当事人不同意调解"),
                                ],
                                max_length=16,
                                verbose_name="调解结果",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="调解结束")),
                        (
                            "terms",
                            models.TextField(blank=True, max_length=4000, verbose_name="协议内容"),
                        ),
                        (
                            "court_confirmed_on",
                            models.DateField(null=True, verbose_name="申请司法确认日期"),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dispute",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "mediators",
                            models.ManyToManyField(
                                related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="调解员"
                            ),
                        ),
                        (
                            "track_unit",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="主持单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "矛盾纠纷",
                        "verbose_name_plural": "矛盾纠纷",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_at", None)),
                                fields=["opened_at"],
                                name="dispute_open",
                            ),
                            models.Index(fields=["ended_at"], name="dispute_ended"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("outcome", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="dispute_ended_has_an_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("outcome__in", ("agreed_written", "agreed_oral")),
                                        _negated=True,
                                    ),
                                    models.Q(("terms", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="dispute_agreed_has_terms",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("court_confirmed_on", None),
                                    ("outcome", "agreed_written"),
                                    _connector="OR",
                                ),
                                name="dispute_court_confirms_in_writing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisputeEvent",
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
                        ("request", models.TextField(max_length=2000, verbose_name="调解请求")),
                        (
                            "track",
                            models.CharField(
                                choices=[
                                    ("people", "人民调解"),
                                    ("administrative", "行政调解"),
                                    ("judicial", "司法调解"),
                                ],
                                max_length=16,
                                verbose_name="调解方式",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="登记时间")),
                        ("due_at", models.DateTimeField(verbose_name="调解期限")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("agreed_written", "达成书面协议"),
                                    ("agreed_oral", "达成口头协议"),
                                    ("failed", "调解不成"),
                                    ("withdrawn", "撤回申请"),
                                    ("refused", "当事人不同意调解"),
                                ],
                                max_length=16,
                                verbose_name="调解结果",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="调解结束")),
                        (
                            "terms",
                            models.TextField(blank=True, max_length=4000, verbose_name="协议内容"),
                        ),
                        (
                            "court_confirmed_on",
                            models.DateField(null=True, verbose_name="申请司法确认日期"),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.dispute",
                            ),
                        ),
                        (
                            "track_unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="主持单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "矛盾纠纷 · 历史",
                        "verbose_name_plural": "矛盾纠纷 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="DisputeParty",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("applicant", "申请人"), ("respondent", "被申请人")],
                                max_length=12,
                                verbose_name="身份",
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        ("added_at", models.DateTimeField(verbose_name="登记时间")),
                        ("consent", models.BooleanField(null=True, verbose_name="同意调解")),
                        (
                            "consent_at",
                            models.DateTimeField(null=True, verbose_name="表示意见时间"),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parties",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "纠纷当事人",
                        "verbose_name_plural": "纠纷当事人",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("consent", None), ("consent_at", None)),
                                    models.Q(
                                        ("consent__isnull", False), ("consent_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="dispute_party_consent_has_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DisputePartyEvent",
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
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, serialize=False),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("applicant", "申请人"), ("respondent", "被申请人")],
                                max_length=12,
                                verbose_name="身份",
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        ("added_at", models.DateTimeField(verbose_name="登记时间")),
                        ("consent", models.BooleanField(null=True, verbose_name="同意调解")),
                        (
                            "consent_at",
                            models.DateTimeField(null=True, verbose_name="表示意见时间"),
                        ),
                        (
                            "data_key",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.disputeparty",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "纠纷当事人 · 历史",
                        "verbose_name_plural": "纠纷当事人 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
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
                        ("what", models.CharField(max_length=400, verbose_name="检查发现")),
                        ("found_at", models.DateTimeField(verbose_name="检查时间")),
                        (
                            "order_number",
                            models.CharField(blank=True, max_length=40, verbose_name="文书编号"),
                        ),
                        ("ordered_at", models.DateTimeField(null=True, verbose_name="责令时间")),
                        (
                            "ground",
                            models.CharField(blank=True, max_length=400, verbose_name="法律依据"),
                        ),
                        ("due_on", models.DateField(null=True, verbose_name="整改期限")),
                        ("recheck_on", models.DateField(null=True, verbose_name="复查日期")),
                        ("rechecked_at", models.DateTimeField(null=True, verbose_name="复查时间")),
                        ("is_mended", models.BooleanField(null=True, verbose_name="整改合格")),
                        (
                            "recheck",
                            models.CharField(blank=True, max_length=400, verbose_name="复查情况"),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "found_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="cases.party",
                                verbose_name="责任主体",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查发现",
                        "verbose_name_plural": "检查发现",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("order_number", ""), _negated=True),
                                fields=("order_number",),
                                name="finding_order_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("order_number", ""),
                                    models.Q(
                                        ("due_on__isnull", False),
                                        ("ordered_at__isnull", False),
                                        ("recheck_on__isnull", False),
                                        models.Q(("ground", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="finding_order_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Item",
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
                        ("code", models.CharField(max_length=20, unique=True, verbose_name="编码")),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=120, verbose_name="英文名称")),
                        (
                            "form",
                            models.CharField(
                                choices=[("component", "部件"), ("event", "事件")],
                                max_length=20,
                                verbose_name="形态",
                            ),
                        ),
                        (
                            "words",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="常用说法",
                            ),
                        ),
                        (
                            "remit",
                            models.CharField(
                                choices=[
                                    ("basic", "基本履职"),
                                    ("support", "配合履职"),
                                    ("upper", "上级收回"),
                                ],
                                max_length=20,
                                verbose_name="履职类别",
                            ),
                        ),
                        (
                            "upper_department",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="上级牵头部门"
                            ),
                        ),
                        ("admission", models.CharField(max_length=300, verbose_name="立案条件")),
                        ("closing", models.CharField(max_length=300, verbose_name="结案条件")),
                        (
                            "dispatch",
                            models.CharField(
                                choices=[("automatic", "自动派遣"), ("manual", "人工派遣")],
                                max_length=20,
                                verbose_name="派遣方式",
                            ),
                        ),
                        (
                            "photo_before",
                            models.BooleanField(default=False, verbose_name="上报须附照片"),
                        ),
                        (
                            "photo_after",
                            models.BooleanField(default=False, verbose_name="办结须附照片"),
                        ),
                        ("source", models.CharField(max_length=400, verbose_name="依据")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="主责部门",
                            ),
                        ),
                        (
                            "joint",
                            models.ManyToManyField(
                                blank=True,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="配合部门",
                            ),
                        ),
                        (
                            "item_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="cases.itemclass",
                                verbose_name="大类",
                            ),
                        ),
                        (
                            "ladder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="cases.ladder",
                                verbose_name="升级阶梯",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事项",
                        "verbose_name_plural": "事项",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("remit", "basic"),
                                    models.Q(("upper_department", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="item_of_upper_remit_names_who_leads",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DispatchRule",
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
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        (
                            "order",
                            models.PositiveSmallIntegerField(default=100, verbose_name="顺序"),
                        ),
                        (
                            "grid_kind",
                            models.CharField(
                                blank=True,
                                choices=[("comprehensive", "综合网格"), ("dedicated", "专属网格")],
                                max_length=20,
                                verbose_name="网格类型",
                            ),
                        ),
                        (
                            "words",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="描述含有（任一）",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("public", "随手拍"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "网格员上报"),
                                    ("campaign", "专项检查"),
                                    ("api", "接口"),
                                    ("suggestion", "建议转办"),
                                    ("import", "历史导入"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        (
                            "hours",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "不限"),
                                    ("working", "工作时间内"),
                                    ("outside", "工作时间外"),
                                ],
                                max_length=10,
                                verbose_name="上报时段",
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("automatic", "自动派遣"), ("manual", "人工派遣")],
                                max_length=20,
                                verbose_name="方式",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="自")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="派给部门",
                            ),
                        ),
                        (
                            "post",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.post",
                                verbose_name="指定岗位",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="辖区",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "item_class",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.itemclass",
                                verbose_name="大类",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "派遣规则",
                        "verbose_name_plural": "派遣规则",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("item", None), ("item_class", None), _connector="OR"
                                ),
                                name="rule_of_item_or_of_class",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="rule_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DispatchRuleEvent",
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
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "order",
                            models.PositiveSmallIntegerField(default=100, verbose_name="顺序"),
                        ),
                        (
                            "grid_kind",
                            models.CharField(
                                blank=True,
                                choices=[("comprehensive", "综合网格"), ("dedicated", "专属网格")],
                                max_length=20,
                                verbose_name="网格类型",
                            ),
                        ),
                        (
                            "words",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="描述含有（任一）",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("public", "随手拍"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "网格员上报"),
                                    ("campaign", "专项检查"),
                                    ("api", "接口"),
                                    ("suggestion", "建议转办"),
                                    ("import", "历史导入"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        (
                            "hours",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "不限"),
                                    ("working", "工作时间内"),
                                    ("outside", "工作时间外"),
                                ],
                                max_length=10,
                                verbose_name="上报时段",
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("automatic", "自动派遣"), ("manual", "人工派遣")],
                                max_length=20,
                                verbose_name="方式",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="自")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="派给部门",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.dispatchrule",
                            ),
                        ),
                        (
                            "post",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.post",
                                verbose_name="指定岗位",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="辖区",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "item_class",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.itemclass",
                                verbose_name="大类",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "派遣规则 · 历史",
                        "verbose_name_plural": "派遣规则 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ItemClassEvent",
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
                            "code",
                            models.SlugField(db_index=False, max_length=40, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=80, verbose_name="英文名称")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.itemclass",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事项大类 · 历史",
                        "verbose_name_plural": "事项大类 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ItemLimit",
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
                            "stage",
                            models.CharField(
                                choices=[
                                    ("accept", "受理"),
                                    ("dispatch", "派遣"),
                                    ("rule", "裁定"),
                                    ("sign", "签收"),
                                    ("handle", "处置"),
                                    ("rework", "返工"),
                                    ("joint", "联合处置"),
                                    ("verify", "核查"),
                                    ("promise", "对外承诺"),
                                ],
                                max_length=20,
                                verbose_name="阶段",
                            ),
                        ),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="limits",
                                to="cases.item",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "时限",
                        "verbose_name_plural": "时限",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("item", "stage"), name="item_limit_once_a_stage"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="item_limit_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ItemLimitEvent",
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
                            "stage",
                            models.CharField(
                                choices=[
                                    ("accept", "受理"),
                                    ("dispatch", "派遣"),
                                    ("rule", "裁定"),
                                    ("sign", "签收"),
                                    ("handle", "处置"),
                                    ("rework", "返工"),
                                    ("joint", "联合处置"),
                                    ("verify", "核查"),
                                    ("promise", "对外承诺"),
                                ],
                                max_length=20,
                                verbose_name="阶段",
                            ),
                        ),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.itemlimit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "时限 · 历史",
                        "verbose_name_plural": "时限 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="JointCall",
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
                            "whistle_kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="吹哨类别",
                            ),
                        ),
                        (
                            "departments",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                size=None,
                                verbose_name="到场部门",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="提交时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("tried", models.PositiveIntegerField(default=0, verbose_name="已处理")),
                        ("refused", models.JSONField(default=list, verbose_name="未办理")),
                        (
                            "campaign",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint_call",
                                to="cases.campaign",
                                verbose_name="专项行动",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联合检查通知",
                        "verbose_name_plural": "联合检查通知",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("departments", []), _negated=True),
                                name="joint_call_calls_somebody",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JointCallEvent",
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
                            "whistle_kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="吹哨类别",
                            ),
                        ),
                        (
                            "departments",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                size=None,
                                verbose_name="到场部门",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="提交时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("tried", models.PositiveIntegerField(default=0, verbose_name="已处理")),
                        ("refused", models.JSONField(default=list, verbose_name="未办理")),
                        (
                            "campaign",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.campaign",
                                verbose_name="专项行动",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.jointcall",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联合检查通知 · 历史",
                        "verbose_name_plural": "联合检查通知 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ItemEvent",
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
                        ("code", models.CharField(max_length=20, verbose_name="编码")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=120, verbose_name="英文名称")),
                        (
                            "form",
                            models.CharField(
                                choices=[("component", "部件"), ("event", "事件")],
                                max_length=20,
                                verbose_name="形态",
                            ),
                        ),
                        (
                            "words",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="常用说法",
                            ),
                        ),
                        (
                            "remit",
                            models.CharField(
                                choices=[
                                    ("basic", "基本履职"),
                                    ("support", "配合履职"),
                                    ("upper", "上级收回"),
                                ],
                                max_length=20,
                                verbose_name="履职类别",
                            ),
                        ),
                        (
                            "upper_department",
                            models.CharField(
                                blank=True, max_length=60, verbose_name="上级牵头部门"
                            ),
                        ),
                        ("admission", models.CharField(max_length=300, verbose_name="立案条件")),
                        ("closing", models.CharField(max_length=300, verbose_name="结案条件")),
                        (
                            "dispatch",
                            models.CharField(
                                choices=[("automatic", "自动派遣"), ("manual", "人工派遣")],
                                max_length=20,
                                verbose_name="派遣方式",
                            ),
                        ),
                        (
                            "photo_before",
                            models.BooleanField(default=False, verbose_name="上报须附照片"),
                        ),
                        (
                            "photo_after",
                            models.BooleanField(default=False, verbose_name="办结须附照片"),
                        ),
                        ("source", models.CharField(max_length=400, verbose_name="依据")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="主责部门",
                            ),
                        ),
                        (
                            "item_class",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.itemclass",
                                verbose_name="大类",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.item",
                            ),
                        ),
                        (
                            "ladder",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.ladder",
                                verbose_name="升级阶梯",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事项 · 历史",
                        "verbose_name_plural": "事项 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="LadderEvent",
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
                            "code",
                            models.SlugField(db_index=False, max_length=40, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        (
                            "remind_percent",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                default=list,
                                size=None,
                                verbose_name="临期提醒（时限的百分比）",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.ladder",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "升级阶梯 · 历史",
                        "verbose_name_plural": "升级阶梯 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="LadderStep",
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
                        ("step", models.PositiveSmallIntegerField(verbose_name="级次")),
                        ("after", models.PositiveSmallIntegerField(verbose_name="超期后")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "to",
                            models.CharField(
                                choices=[
                                    ("community", "社区（村）"),
                                    ("street", "街道（乡镇）"),
                                    ("district", "区（县）"),
                                ],
                                max_length=20,
                                verbose_name="升级到",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="同时督办",
                            ),
                        ),
                        (
                            "ladder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="cases.ladder",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "升级步骤",
                        "verbose_name_plural": "升级步骤",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("ladder", "step"), name="ladder_step_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LadderStepEvent",
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
                        ("step", models.PositiveSmallIntegerField(verbose_name="级次")),
                        ("after", models.PositiveSmallIntegerField(verbose_name="超期后")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "to",
                            models.CharField(
                                choices=[
                                    ("community", "社区（村）"),
                                    ("street", "街道（乡镇）"),
                                    ("district", "区（县）"),
                                ],
                                max_length=20,
                                verbose_name="升级到",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="同时督办",
                            ),
                        ),
                        (
                            "ladder",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.ladder",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.ladderstep",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "升级步骤 · 历史",
                        "verbose_name_plural": "升级步骤 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Leave",
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
                            "kind",
                            models.CharField(
                                choices=[("extension", "延期"), ("suspension", "挂账")],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="理由")),
                        ("until", models.DateTimeField(verbose_name="申请至")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        ("granted", models.BooleanField(null=True, verbose_name="准予")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leaves",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "延期与挂账申请",
                        "verbose_name_plural": "延期与挂账申请",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("decided_at", None)),
                                fields=("case",),
                                name="leave_one_open_a_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted", None),
                                    ("decided_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="leave_granted_by_a_decision",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LeaveEvent",
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
                            "kind",
                            models.CharField(
                                choices=[("extension", "延期"), ("suspension", "挂账")],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="理由")),
                        ("until", models.DateTimeField(verbose_name="申请至")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        ("granted", models.BooleanField(null=True, verbose_name="准予")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.leave",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "延期与挂账申请 · 历史",
                        "verbose_name_plural": "延期与挂账申请 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="MediationSession",
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
                        ("held_at", models.DateTimeField(verbose_name="调解时间")),
                        ("place", models.CharField(max_length=200, verbose_name="调解地点")),
                        ("minutes", models.TextField(max_length=4000, verbose_name="调解笔录")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                        (
                            "present",
                            models.ManyToManyField(
                                related_name="+", to="cases.disputeparty", verbose_name="到场当事人"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "调解记录",
                        "verbose_name_plural": "调解记录",
                    },
                ),
                migrations.CreateModel(
                    name="MediationSessionEvent",
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
                        ("held_at", models.DateTimeField(verbose_name="调解时间")),
                        ("place", models.CharField(max_length=200, verbose_name="调解地点")),
                        ("minutes", models.TextField(max_length=4000, verbose_name="调解笔录")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.mediationsession",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "调解记录 · 历史",
                        "verbose_name_plural": "调解记录 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                            "attempts",
                            models.PositiveSmallIntegerField(default=0, verbose_name="尝试次数"),
                        ),
                        ("next_try_at", models.DateTimeField(verbose_name="下次发送")),
                        (
                            "leased_until",
                            models.DateTimeField(blank=True, null=True, verbose_name="占用至"),
                        ),
                        (
                            "sent_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="发出时间"),
                        ),
                        (
                            "failed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="放弃时间"),
                        ),
                        (
                            "last_error",
                            models.CharField(blank=True, max_length=300, verbose_name="最近错误"),
                        ),
                        ("kind", models.CharField(max_length=40, verbose_name="种类")),
                        ("params", models.JSONField(default=dict, verbose_name="内容")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("sms", "短信"),
                                    ("email", "电子邮件"),
                                    ("wecom", "企业微信"),
                                ],
                                max_length=20,
                                verbose_name="渠道",
                            ),
                        ),
                        (
                            "dedupe_key",
                            models.CharField(max_length=100, unique=True, verbose_name="去重键"),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="时间")),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "对外通知",
                        "verbose_name_plural": "对外通知",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("failed_at", None), ("sent_at", None)),
                                fields=["next_try_at"],
                                name="notice_to_send",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Obligation",
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
                        ("what", models.CharField(max_length=400, verbose_name="履行内容")),
                        ("due_on", models.DateField(verbose_name="履行期限")),
                        ("fulfilled_at", models.DateTimeField(null=True, verbose_name="履行时间")),
                        ("visited_at", models.DateTimeField(null=True, verbose_name="回访时间")),
                        (
                            "visit",
                            models.CharField(blank=True, max_length=400, verbose_name="回访情况"),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to="cases.disputeparty",
                                verbose_name="履行人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "协议履行",
                        "verbose_name_plural": "协议履行",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fulfilled_at", None),
                                    ("visited_at", models.F("fulfilled_at")),
                                    _connector="OR",
                                ),
                                name="obligation_fulfilled_was_visited",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ObligationEvent",
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
                        ("what", models.CharField(max_length=400, verbose_name="履行内容")),
                        ("due_on", models.DateField(verbose_name="履行期限")),
                        ("fulfilled_at", models.DateTimeField(null=True, verbose_name="履行时间")),
                        ("visited_at", models.DateTimeField(null=True, verbose_name="回访时间")),
                        (
                            "visit",
                            models.CharField(blank=True, max_length=400, verbose_name="回访情况"),
                        ),
                        (
                            "dispute",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.dispute",
                                verbose_name="矛盾纠纷",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.disputeparty",
                                verbose_name="履行人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.obligation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "协议履行 · 历史",
                        "verbose_name_plural": "协议履行 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PaperTemplate",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("disposal_sheet", "处置单"),
                                    ("acceptance_notice", "受理告知书"),
                                    ("rectification_order", "责令整改通知书"),
                                    ("mediation_agreement", "调解协议书"),
                                    ("mandate", "委托书"),
                                    ("completion_note", "办结单"),
                                    ("service_mandate", "代办委托书"),
                                    ("service_notice", "代办受理告知书"),
                                ],
                                max_length=20,
                                verbose_name="文书",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "file",
                            models.FileField(
                                upload_to=cases.models.papers.template_path,
                                verbose_name="Word 模板",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="自")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                    ],
                    options={
                        "verbose_name": "文书模板",
                        "verbose_name_plural": "文书模板",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_active", True)),
                                fields=("kind", "valid_from"),
                                name="paper_template_one_a_day",
                                violation_error_message="该文书在这一天已有启用的模板。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaperTemplateEvent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("disposal_sheet", "处置单"),
                                    ("acceptance_notice", "受理告知书"),
                                    ("rectification_order", "责令整改通知书"),
                                    ("mediation_agreement", "调解协议书"),
                                    ("mandate", "委托书"),
                                    ("completion_note", "办结单"),
                                    ("service_mandate", "代办委托书"),
                                    ("service_notice", "代办受理告知书"),
                                ],
                                max_length=20,
                                verbose_name="文书",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "file",
                            models.FileField(
                                upload_to=cases.models.papers.template_path,
                                verbose_name="Word 模板",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="自")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.papertemplate",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "文书模板 · 历史",
                        "verbose_name_plural": "文书模板 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Party",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="责任主体"
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "责任主体",
                        "verbose_name_plural": "责任主体",
                    },
                ),
                migrations.CreateModel(
                    name="FindingEvent",
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
                        ("what", models.CharField(max_length=400, verbose_name="检查发现")),
                        ("found_at", models.DateTimeField(verbose_name="检查时间")),
                        (
                            "order_number",
                            models.CharField(blank=True, max_length=40, verbose_name="文书编号"),
                        ),
                        ("ordered_at", models.DateTimeField(null=True, verbose_name="责令时间")),
                        (
                            "ground",
                            models.CharField(blank=True, max_length=400, verbose_name="法律依据"),
                        ),
                        ("due_on", models.DateField(null=True, verbose_name="整改期限")),
                        ("recheck_on", models.DateField(null=True, verbose_name="复查日期")),
                        ("rechecked_at", models.DateTimeField(null=True, verbose_name="复查时间")),
                        ("is_mended", models.BooleanField(null=True, verbose_name="整改合格")),
                        (
                            "recheck",
                            models.CharField(blank=True, max_length=400, verbose_name="复查情况"),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "found_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.finding",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.party",
                                verbose_name="责任主体",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查发现 · 历史",
                        "verbose_name_plural": "检查发现 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PartyEvent",
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
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, serialize=False),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="责任主体"
                            ),
                        ),
                        (
                            "data_key",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.party",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "责任主体 · 历史",
                        "verbose_name_plural": "责任主体 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Pause",
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
                            "kind",
                            models.CharField(
                                choices=[("suspension", "挂账"), ("waiting", "等待反映人")],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="暂停前状态",
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="开始")),
                        ("until", models.DateTimeField(verbose_name="最迟恢复")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束")),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pauses",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "暂停计时",
                        "verbose_name_plural": "暂停计时",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case",),
                                name="pause_one_open_a_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at", None),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="pause_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PauseEvent",
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
                            "kind",
                            models.CharField(
                                choices=[("suspension", "挂账"), ("waiting", "等待反映人")],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="暂停前状态",
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="开始")),
                        ("until", models.DateTimeField(verbose_name="最迟恢复")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束")),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.pause",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "暂停计时 · 历史",
                        "verbose_name_plural": "暂停计时 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Photo",
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
                        ("uuid", models.UUIDField(editable=False, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("before", "处置前"),
                                    ("after", "处置后"),
                                    ("proof", "证明"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                upload_to=cases.models.case.photo_path, verbose_name="图片"
                            ),
                        ),
                        (
                            "thumb",
                            models.FileField(
                                upload_to=cases.models.case.thumb_path, verbose_name="缩略图"
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                        ("width", models.PositiveIntegerField(verbose_name="宽")),
                        ("height", models.PositiveIntegerField(verbose_name="高")),
                        ("added_at", models.DateTimeField(verbose_name="上传时间")),
                        (
                            "no_person_visible",
                            models.BooleanField(default=False, verbose_name="画面中无可识别的人"),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "leave",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.leave",
                                verbose_name="申请",
                            ),
                        ),
                        (
                            "task",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="cases.task",
                                verbose_name="联办任务",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "照片",
                        "verbose_name_plural": "照片",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "sha256", "leave"),
                                name="photo_once_a_case",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind", "proof"), ("leave__isnull", False), ("task", None)
                                    ),
                                    models.Q(
                                        models.Q(("kind", "proof"), _negated=True), ("leave", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="photo_proof_of_a_request",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "proof"), _negated=True),
                                    ("no_person_visible", False),
                                    _connector="OR",
                                ),
                                name="photo_proof_is_private",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PromiseMove",
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
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="理由")),
                        ("due_from", models.DateTimeField(verbose_name="原期限")),
                        ("due_to", models.DateTimeField(verbose_name="新期限")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promise_moves",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "承诺变更",
                        "verbose_name_plural": "承诺变更",
                    },
                ),
                migrations.CreateModel(
                    name="PromiseMoveEvent",
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
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="理由")),
                        ("due_from", models.DateTimeField(verbose_name="原期限")),
                        ("due_to", models.DateTimeField(verbose_name="新期限")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.promisemove",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "承诺变更 · 历史",
                        "verbose_name_plural": "承诺变更 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Question",
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
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("text", models.CharField(max_length=200, verbose_name="问题")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("yes_no", "是否"),
                                    ("number", "数值"),
                                    ("choice", "选择"),
                                    ("text", "文字"),
                                ],
                                max_length=8,
                                verbose_name="答案类型",
                            ),
                        ),
                        (
                            "choices",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="选项",
                            ),
                        ),
                        (
                            "measure",
                            models.CharField(blank=True, max_length=10, verbose_name="计量单位"),
                        ),
                        (
                            "keeps_days",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="答案有效天数"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.item",
                                verbose_name="答“否”时生成的事项",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查问题",
                        "verbose_name_plural": "检查问题",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("item", None), ("kind", "yes_no"), _connector="OR"
                                ),
                                name="question_case_of_a_no",
                                violation_error_message="只有“是否”类的问题可以生成事件。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "choice"), ("choices", []), _connector="XOR"
                                ),
                                name="question_choices_to_choose",
                                violation_error_message="“选择”类的问题须写明选项，其他问题不填。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("measure", ""), ("kind", "number"), _connector="OR"
                                ),
                                name="question_measure_of_a_number",
                                violation_error_message="只有“数值”类的问题有计量单位。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckListQuestionEvent",
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
                        ("order", models.PositiveSmallIntegerField(verbose_name="顺序")),
                        ("required", models.BooleanField(default=True, verbose_name="必答")),
                        (
                            "check_list",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.checklist",
                                verbose_name="检查清单",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.checklistquestion",
                            ),
                        ),
                        (
                            "question",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.question",
                                verbose_name="问题",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "清单问题 · 历史",
                        "verbose_name_plural": "清单问题 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CampaignCase",
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
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="found",
                                to="cases.campaigntask",
                                verbose_name="行动任务",
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="found_by",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "question",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.question",
                                verbose_name="问题",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行动发现",
                        "verbose_name_plural": "行动发现",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("question__isnull", False)),
                                fields=("task", "question"),
                                name="campaign_case_once_a_question",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
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
                        ("value", models.JSONField(verbose_name="答案")),
                        (
                            "remark",
                            models.CharField(blank=True, max_length=400, verbose_name="情况说明"),
                        ),
                        ("at", models.DateTimeField(verbose_name="填写时间")),
                        (
                            "reason",
                            models.CharField(blank=True, max_length=400, verbose_name="更正的理由"),
                        ),
                        (
                            "about",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="检查对象",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="填写人",
                            ),
                        ),
                        (
                            "corrects",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrected_by",
                                to="cases.answer",
                                verbose_name="更正",
                            ),
                        ),
                        (
                            "taken_from",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.answer",
                                verbose_name="沿用自",
                            ),
                        ),
                        (
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="cases.campaigntask",
                                verbose_name="行动任务",
                            ),
                        ),
                        (
                            "question",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.question",
                                verbose_name="问题",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "答案",
                        "verbose_name_plural": "答案",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("taken_from", None)),
                                fields=["about", "question", "-at"],
                                name="answer_about_a_place",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("corrects", None)),
                                fields=("task", "question"),
                                name="answer_once_a_task",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("corrects", None), ("reason", "")),
                                    models.Q(
                                        ("corrects__isnull", False),
                                        ("taken_from", None),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="answer_corrected_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuestionEvent",
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
                            "code",
                            models.SlugField(db_index=False, max_length=40, verbose_name="代码"),
                        ),
                        ("text", models.CharField(max_length=200, verbose_name="问题")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("yes_no", "是否"),
                                    ("number", "数值"),
                                    ("choice", "选择"),
                                    ("text", "文字"),
                                ],
                                max_length=8,
                                verbose_name="答案类型",
                            ),
                        ),
                        (
                            "choices",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="选项",
                            ),
                        ),
                        (
                            "measure",
                            models.CharField(blank=True, max_length=10, verbose_name="计量单位"),
                        ),
                        (
                            "keeps_days",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="答案有效天数"
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                                verbose_name="答“否”时生成的事项",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.question",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查问题 · 历史",
                        "verbose_name_plural": "检查问题 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Regulation",
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
                        ("valid_from", models.DateField(unique=True, verbose_name="自")),
                        (
                            "returns_most",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="第几次退单起交督办员裁定",
                                verbose_name="退单上限（次）",
                            ),
                        ),
                        (
                            "reworks_most",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="第几次返工起交督办员裁定",
                                verbose_name="返工上限（次）",
                            ),
                        ),
                        (
                            "extensions_most",
                            models.PositiveSmallIntegerField(
                                default=2, verbose_name="延期上限（次）"
                            ),
                        ),
                        (
                            "suspension_days",
                            models.PositiveSmallIntegerField(
                                default=90, verbose_name="挂账最长（自然日）"
                            ),
                        ),
                        (
                            "silence_days",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="过期未答复，恢复办理",
                                verbose_name="等待反映人（工作日）",
                            ),
                        ),
                        (
                            "unjoin_hours",
                            models.PositiveSmallIntegerField(
                                default=24, verbose_name="撤销并案时限（小时）"
                            ),
                        ),
                        (
                            "reply_hours",
                            models.PositiveSmallIntegerField(
                                default=8, verbose_name="督办回复时限（工作时）"
                            ),
                        ),
                        (
                            "share_days",
                            models.PositiveSmallIntegerField(
                                default=15, verbose_name="共享期限（自然日）"
                            ),
                        ),
                        (
                            "mediation_days",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="调解期限（自然日）"
                            ),
                        ),
                        (
                            "suggestion_days",
                            models.PositiveSmallIntegerField(
                                default=15, verbose_name="建议答复期限（工作日）"
                            ),
                        ),
                        (
                            "quiet_from",
                            models.TimeField(
                                default=datetime.time(22, 0), verbose_name="免打扰开始"
                            ),
                        ),
                        (
                            "quiet_to",
                            models.TimeField(
                                default=datetime.time(7, 30), verbose_name="免打扰结束"
                            ),
                        ),
                        (
                            "callback_percent",
                            models.PositiveSmallIntegerField(
                                default=10, verbose_name="回访抽样（%）"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办理规定",
                        "verbose_name_plural": "办理规定",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reply_hours__gt", 0),
                                    ("returns_most__gt", 0),
                                    ("reworks_most__gt", 0),
                                    ("mediation_days__gt", 0),
                                ),
                                name="regulation_has_limits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("suggestion_days__gt", 0)),
                                name="regulation_answers_suggestions",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("callback_percent__lte", 100)),
                                name="regulation_share_of_100",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegulationEvent",
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
                        ("valid_from", models.DateField(verbose_name="自")),
                        (
                            "returns_most",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="第几次退单起交督办员裁定",
                                verbose_name="退单上限（次）",
                            ),
                        ),
                        (
                            "reworks_most",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="第几次返工起交督办员裁定",
                                verbose_name="返工上限（次）",
                            ),
                        ),
                        (
                            "extensions_most",
                            models.PositiveSmallIntegerField(
                                default=2, verbose_name="延期上限（次）"
                            ),
                        ),
                        (
                            "suspension_days",
                            models.PositiveSmallIntegerField(
                                default=90, verbose_name="挂账最长（自然日）"
                            ),
                        ),
                        (
                            "silence_days",
                            models.PositiveSmallIntegerField(
                                default=3,
                                help_text="过期未答复，恢复办理",
                                verbose_name="等待反映人（工作日）",
                            ),
                        ),
                        (
                            "unjoin_hours",
                            models.PositiveSmallIntegerField(
                                default=24, verbose_name="撤销并案时限（小时）"
                            ),
                        ),
                        (
                            "reply_hours",
                            models.PositiveSmallIntegerField(
                                default=8, verbose_name="督办回复时限（工作时）"
                            ),
                        ),
                        (
                            "share_days",
                            models.PositiveSmallIntegerField(
                                default=15, verbose_name="共享期限（自然日）"
                            ),
                        ),
                        (
                            "mediation_days",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="调解期限（自然日）"
                            ),
                        ),
                        (
                            "suggestion_days",
                            models.PositiveSmallIntegerField(
                                default=15, verbose_name="建议答复期限（工作日）"
                            ),
                        ),
                        (
                            "quiet_from",
                            models.TimeField(
                                default=datetime.time(22, 0), verbose_name="免打扰开始"
                            ),
                        ),
                        (
                            "quiet_to",
                            models.TimeField(
                                default=datetime.time(7, 30), verbose_name="免打扰结束"
                            ),
                        ),
                        (
                            "callback_percent",
                            models.PositiveSmallIntegerField(
                                default=10, verbose_name="回访抽样（%）"
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.regulation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办理规定 · 历史",
                        "verbose_name_plural": "办理规定 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Reporter",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "email",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="email", null=True, verbose_name="电子邮箱"
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "反映人",
                        "verbose_name_plural": "反映人",
                    },
                ),
                migrations.CreateModel(
                    name="CaseEvent",
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
                        ("number", models.CharField(max_length=20, verbose_name="编号")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("description", models.TextField(max_length=2000, verbose_name="情况描述")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="地点"),
                        ),
                        ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                        ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                        (
                            "accuracy_m",
                            models.PositiveIntegerField(
                                blank=True, null=True, verbose_name="定位误差（米）"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("public", "随手拍"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "网格员上报"),
                                    ("campaign", "专项检查"),
                                    ("api", "接口"),
                                    ("suggestion", "建议转办"),
                                    ("import", "历史导入"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        ("reported_at", models.DateTimeField(verbose_name="上报时间")),
                        (
                            "query_code",
                            models.CharField(
                                default=cases.models.case.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                default="community",
                                max_length=12,
                                verbose_name="办理层级",
                            ),
                        ),
                        (
                            "solved_level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                max_length=12,
                                verbose_name="解决层级",
                            ),
                        ),
                        (
                            "stage_amount",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="阶段时限（数）"
                            ),
                        ),
                        (
                            "stage_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="阶段时限（单位）",
                            ),
                        ),
                        (
                            "stage_began_at",
                            models.DateTimeField(null=True, verbose_name="阶段开始"),
                        ),
                        ("stage_warn_at", models.DateTimeField(null=True, verbose_name="临期起点")),
                        ("stage_due_at", models.DateTimeField(null=True, verbose_name="阶段时限")),
                        (
                            "escalation",
                            models.SmallIntegerField(default=0, verbose_name="升级级次"),
                        ),
                        (
                            "promise_amount",
                            models.PositiveSmallIntegerField(
                                null=True, verbose_name="承诺时限（数）"
                            ),
                        ),
                        (
                            "promise_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="承诺时限（单位）",
                            ),
                        ),
                        (
                            "promise_first_at",
                            models.DateTimeField(null=True, verbose_name="原承诺时限"),
                        ),
                        (
                            "promise_due_at",
                            models.DateTimeField(null=True, verbose_name="承诺时限"),
                        ),
                        (
                            "first_closed_at",
                            models.DateTimeField(null=True, verbose_name="首次结案"),
                        ),
                        ("promise_kept", models.BooleanField(null=True, verbose_name="按期结案")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("solved", "解决"),
                                    ("helped", "救助"),
                                    ("explained", "解释说明"),
                                    ("law", "依法处理"),
                                    ("duplicate", "重复"),
                                    ("not_ours", "不属于本级"),
                                ],
                                max_length=12,
                                verbose_name="办理结果",
                            ),
                        ),
                        (
                            "result",
                            models.TextField(blank=True, max_length=2000, verbose_name="办理情况"),
                        ),
                        (
                            "answer",
                            models.TextField(blank=True, max_length=2000, verbose_name="回告内容"),
                        ),
                        ("satisfied", models.BooleanField(null=True, verbose_name="满意")),
                        (
                            "rework_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="返工次数"),
                        ),
                        (
                            "return_count",
                            models.PositiveSmallIntegerField(default=0, verbose_name="退单次数"),
                        ),
                        ("is_ruled", models.BooleanField(default=False, verbose_name="经裁定")),
                        ("is_forced", models.BooleanField(default=False, verbose_name="强制结案")),
                        (
                            "leave",
                            models.CharField(
                                blank=True,
                                choices=[("extension", "延期"), ("suspension", "挂账")],
                                max_length=12,
                                verbose_name="待批申请",
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="督办级别",
                            ),
                        ),
                        ("urged_at", models.DateTimeField(null=True, verbose_name="催办时间")),
                        ("is_joint", models.BooleanField(default=False, verbose_name="多部门办理")),
                        (
                            "tasks_open",
                            models.PositiveSmallIntegerField(default=0, verbose_name="未完成任务"),
                        ),
                        (
                            "findings_open",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="未整改的检查发现"
                            ),
                        ),
                        (
                            "dispute_open",
                            models.BooleanField(default=False, verbose_name="纠纷调解中"),
                        ),
                        ("joined_at", models.DateTimeField(null=True, verbose_name="并案时间")),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "facility",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.facility",
                                verbose_name="公共部件",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "handler",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "main",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="并入事件",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="拆分自",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.case",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上报人",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.reporter",
                                verbose_name="反映人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件 · 历史",
                        "verbose_name_plural": "事件 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ReporterEvent",
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
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, serialize=False),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "email",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="email", null=True, verbose_name="电子邮箱"
                            ),
                        ),
                        (
                            "data_key",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.reporter",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "反映人 · 历史",
                        "verbose_name_plural": "反映人 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Review",
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
                            "ground",
                            models.CharField(
                                choices=[
                                    ("late", "超期结案"),
                                    ("reworked", "多次返工"),
                                    ("forced", "强制结案"),
                                ],
                                max_length=10,
                                verbose_name="事由",
                            ),
                        ),
                        ("findings", models.TextField(max_length=2000, verbose_name="查明情况")),
                        ("opened_at", models.DateTimeField(verbose_name="提起时间")),
                        (
                            "reply",
                            models.TextField(blank=True, max_length=2000, verbose_name="本人说明"),
                        ),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="说明时间")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cleared", "不予追责"),
                                    ("reminded", "提醒谈话"),
                                    ("corrected", "责令改正"),
                                    ("criticised", "通报批评"),
                                ],
                                max_length=12,
                                verbose_name="处理结果",
                            ),
                        ),
                        (
                            "result",
                            models.TextField(blank=True, max_length=2000, verbose_name="处理意见"),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "answerable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="责任人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提起人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "责任追究",
                        "verbose_name_plural": "责任追究",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case", "answerable"),
                                name="review_one_open_a_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("verdict", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("verdict", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="review_ends_with_a_verdict",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewEvent",
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
                            "ground",
                            models.CharField(
                                choices=[
                                    ("late", "超期结案"),
                                    ("reworked", "多次返工"),
                                    ("forced", "强制结案"),
                                ],
                                max_length=10,
                                verbose_name="事由",
                            ),
                        ),
                        ("findings", models.TextField(max_length=2000, verbose_name="查明情况")),
                        ("opened_at", models.DateTimeField(verbose_name="提起时间")),
                        (
                            "reply",
                            models.TextField(blank=True, max_length=2000, verbose_name="本人说明"),
                        ),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="说明时间")),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cleared", "不予追责"),
                                    ("reminded", "提醒谈话"),
                                    ("corrected", "责令改正"),
                                    ("criticised", "通报批评"),
                                ],
                                max_length=12,
                                verbose_name="处理结果",
                            ),
                        ),
                        (
                            "result",
                            models.TextField(blank=True, max_length=2000, verbose_name="处理意见"),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "answerable",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="责任人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提起人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.review",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "责任追究 · 历史",
                        "verbose_name_plural": "责任追究 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Serial",
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
                        ("kind", models.SlugField(max_length=20, verbose_name="文书")),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        ("last", models.PositiveIntegerField(default=0, verbose_name="最后编号")),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "文书编号",
                        "verbose_name_plural": "文书编号",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "unit", "year"), name="serial_once_a_year"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServiceApplicant",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "answers",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="填写内容"
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请人",
                        "verbose_name_plural": "申请人",
                    },
                ),
                migrations.CreateModel(
                    name="ServiceItem",
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
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=120, verbose_name="英文名称")),
                        ("conditions", models.TextField(max_length=1000, verbose_name="受理条件")),
                        ("materials", models.JSONField(default=list, verbose_name="所需材料")),
                        ("days", models.PositiveSmallIntegerField(verbose_name="办理时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        ("schema", models.JSONField(default=dict, verbose_name="表单")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事事项",
                        "verbose_name_plural": "办事事项",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("days__gt", 0)), name="service_item_has_a_limit"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServiceItemEvent",
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
                            "code",
                            models.SlugField(db_index=False, max_length=40, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=120, verbose_name="英文名称")),
                        ("conditions", models.TextField(max_length=1000, verbose_name="受理条件")),
                        ("materials", models.JSONField(default=list, verbose_name="所需材料")),
                        ("days", models.PositiveSmallIntegerField(verbose_name="办理时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        ("schema", models.JSONField(default=dict, verbose_name="表单")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.serviceitem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事事项 · 历史",
                        "verbose_name_plural": "办事事项 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ServiceMaterial",
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
                        ("uuid", models.UUIDField(editable=False, unique=True)),
                        ("name", models.CharField(max_length=60, verbose_name="材料")),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                upload_to=cases.models.services.material_path,
                                verbose_name="图片",
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="materials",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事材料",
                        "verbose_name_plural": "办事材料",
                    },
                ),
                migrations.CreateModel(
                    name="ServiceRequest",
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
                            "number",
                            models.CharField(max_length=20, unique=True, verbose_name="编号"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("entrusted_at", models.DateTimeField(verbose_name="委托时间")),
                        ("accepted_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                        ("delivered_at", models.DateTimeField(null=True, verbose_name="送达时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "limit_days",
                            models.PositiveSmallIntegerField(null=True, verbose_name="办理时限"),
                        ),
                        (
                            "limit_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        ("due_at", models.DateTimeField(null=True, verbose_name="办理期限")),
                        ("kept", models.BooleanField(null=True, verbose_name="按期")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("done", "已办成"),
                                    ("refused", "不符合条件"),
                                    ("referred", "转其他单位"),
                                ],
                                max_length=12,
                                verbose_name="办理结果",
                            ),
                        ),
                        (
                            "reason",
                            models.TextField(blank=True, max_length=2000, verbose_name="理由"),
                        ),
                        ("satisfied", models.BooleanField(null=True, verbose_name="满意与否")),
                        (
                            "applicant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="cases.serviceapplicant",
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="service_requests",
                                to="cases.case",
                                verbose_name="来自事件",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "entrusted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="受托人",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="cases.serviceitem",
                                verbose_name="办事事项",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事代办",
                        "verbose_name_plural": "办事代办",
                        "indexes": [
                            models.Index(fields=["state", "due_at"], name="service_state_due")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("accepted_at", None),
                                        ("limit_days", None),
                                        ("limit_unit", ""),
                                    ),
                                    models.Q(
                                        ("accepted_at__isnull", False),
                                        ("limit_days__gt", 0),
                                        models.Q(("limit_unit", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="service_limit_since_acceptance",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("due_at", None),
                                    ("state__in", ["accepted", "handling"]),
                                    _connector="OR",
                                ),
                                name="service_clock_runs_at_work",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["terminated", "withdrawn"]), _negated=True
                                    ),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="service_ends_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServicePauseEvent",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="暂停前状态",
                            ),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="开始")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.servicepause",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "补正暂停 · 历史",
                        "verbose_name_plural": "补正暂停 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ServiceMaterialEvent",
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
                        ("uuid", models.UUIDField(editable=False)),
                        ("name", models.CharField(max_length=60, verbose_name="材料")),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                upload_to=cases.models.services.material_path,
                                verbose_name="图片",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.servicematerial",
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事材料 · 历史",
                        "verbose_name_plural": "办事材料 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Paper",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("disposal_sheet", "处置单"),
                                    ("acceptance_notice", "受理告知书"),
                                    ("rectification_order", "责令整改通知书"),
                                    ("mediation_agreement", "调解协议书"),
                                    ("mandate", "委托书"),
                                    ("completion_note", "办结单"),
                                    ("service_mandate", "代办委托书"),
                                    ("service_notice", "代办受理告知书"),
                                ],
                                max_length=20,
                                verbose_name="文书",
                            ),
                        ),
                        ("number", models.CharField(max_length=100, verbose_name="文书编号")),
                        (
                            "file",
                            models.FileField(
                                upload_to=cases.models.papers.paper_path, verbose_name="文件"
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                        (
                            "content",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="内容"
                            ),
                        ),
                        ("made_at", models.DateTimeField(verbose_name="制作时间")),
                        (
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="papers",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "finding",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="papers",
                                to="cases.finding",
                                verbose_name="检查发现",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="制作人",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="papers",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "文书",
                        "verbose_name_plural": "文书",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "number"), name="paper_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("case__isnull", False),
                                        ("service", None),
                                        models.Q(
                                            ("kind__in", ("service_mandate", "service_notice")),
                                            _negated=True,
                                        ),
                                    ),
                                    models.Q(
                                        ("case", None),
                                        ("finding", None),
                                        ("kind__in", ("service_mandate", "service_notice")),
                                        ("service__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="paper_of_a_case_or_a_service",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServiceRequestEvent",
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
                        ("number", models.CharField(max_length=20, verbose_name="编号")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("entrusted_at", models.DateTimeField(verbose_name="委托时间")),
                        ("accepted_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                        ("delivered_at", models.DateTimeField(null=True, verbose_name="送达时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "limit_days",
                            models.PositiveSmallIntegerField(null=True, verbose_name="办理时限"),
                        ),
                        (
                            "limit_unit",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        ("due_at", models.DateTimeField(null=True, verbose_name="办理期限")),
                        ("kept", models.BooleanField(null=True, verbose_name="按期")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("done", "已办成"),
                                    ("refused", "不符合条件"),
                                    ("referred", "转其他单位"),
                                ],
                                max_length=12,
                                verbose_name="办理结果",
                            ),
                        ),
                        (
                            "reason",
                            models.TextField(blank=True, max_length=2000, verbose_name="理由"),
                        ),
                        ("satisfied", models.BooleanField(null=True, verbose_name="满意与否")),
                        (
                            "applicant",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.serviceapplicant",
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="来自事件",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="承办部门",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "entrusted_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="受托人",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.serviceitem",
                                verbose_name="办事事项",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.servicerequest",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事代办 · 历史",
                        "verbose_name_plural": "办事代办 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ServiceStep",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        (
                            "from_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="原状态",
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("entrusted", "委托"),
                                    ("accepted", "已受理"),
                                    ("handling", "办理"),
                                    ("supplement", "补正"),
                                    ("delivered", "送达"),
                                    ("archived", "已归档"),
                                    ("visited", "已回访"),
                                    ("terminated", "终止"),
                                    ("withdrawn", "撤回"),
                                ],
                                max_length=12,
                                verbose_name="新状态",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="说明"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="cases.servicerequest",
                                verbose_name="办事代办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "办事经过",
                        "verbose_name_plural": "办事经过",
                    },
                ),
                migrations.CreateModel(
                    name="SpotPool",
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
                        ("pool", models.JSONField(verbose_name="抽取范围")),
                        ("digest", models.CharField(max_length=64, verbose_name="校验值")),
                        ("seed_source", models.CharField(max_length=200, verbose_name="种子来源")),
                        ("seed_at", models.DateTimeField(verbose_name="种子公布时间")),
                        ("at", models.DateTimeField(verbose_name="公布时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="公布人",
                            ),
                        ),
                        (
                            "campaign",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pool",
                                to="cases.campaign",
                                verbose_name="双随机抽查",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "抽取范围",
                        "verbose_name_plural": "抽取范围",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("seed_source", ""), _negated=True),
                                    ("seed_at__gt", models.F("at")),
                                ),
                                name="spot_pool_before_its_seed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SpotDraw",
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
                        ("seed", models.CharField(max_length=100, verbose_name="种子")),
                        ("at", models.DateTimeField(verbose_name="抽取时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="抽取人",
                            ),
                        ),
                        (
                            "pool",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draw",
                                to="cases.spotpool",
                                verbose_name="抽取范围",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "抽取",
                        "verbose_name_plural": "抽取",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("seed", ""), _negated=True),
                                name="spot_draw_has_a_seed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SpotReplacement",
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
                        ("reason", models.CharField(max_length=400, verbose_name="理由")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "came",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="递补人员",
                            ),
                        ),
                        (
                            "left",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="离岗人员",
                            ),
                        ),
                        (
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replacements",
                                to="cases.campaigntask",
                                verbose_name="行动任务",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "检查人员递补",
                        "verbose_name_plural": "检查人员递补",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("task", "left"), name="spot_replaced_once"
                            ),
                            models.UniqueConstraint(
                                fields=("task", "came"), name="spot_replaces_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("left", models.F("came")), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                ),
                                name="spot_replaced_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StandardText",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("text", models.TextField(max_length=2000, verbose_name="文本")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "标准文本",
                        "verbose_name_plural": "标准文本",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("item", "action", "name"),
                                name="standard_text_once",
                                nulls_distinct=False,
                                violation_error_message="已有同名的标准文本。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StandardTextEvent",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("text", models.TextField(max_length=2000, verbose_name="文本")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "item",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.item",
                                verbose_name="事项",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.standardtext",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "标准文本 · 历史",
                        "verbose_name_plural": "标准文本 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Submission",
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
                        ("key", models.UUIDField()),
                        ("owner", models.CharField(max_length=40)),
                        ("digest", models.CharField(max_length=64)),
                        (
                            "campaign",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.campaign",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="cases.servicerequest",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "上报回执",
                        "verbose_name_plural": "上报回执",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "owner"), name="submission_once_an_owner"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Suggestion",
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
                            "number",
                            models.CharField(max_length=20, unique=True, verbose_name="编号"),
                        ),
                        (
                            "query_code",
                            models.CharField(
                                default=cases.models.case.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        ("key", models.UUIDField(null=True, unique=True, verbose_name="提交键")),
                        (
                            "subject",
                            models.CharField(
                                choices=[("community", "社区事务"), ("platform", "平台本身")],
                                max_length=10,
                                verbose_name="对象",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("environment", "环境卫生"),
                                    ("facilities", "公共设施"),
                                    ("safety", "公共安全"),
                                    ("service", "便民服务"),
                                    ("culture", "文体活动"),
                                    ("burden", "基层负担"),
                                    ("fault", "使用故障"),
                                    ("feature", "功能改进"),
                                    ("other", "其他建议"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("words", models.TextField(max_length=2000, verbose_name="内容")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("public", "居民网页"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "走访收集"),
                                    ("staff", "工作人员"),
                                    ("api", "接口"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "待答复"),
                                    ("answered", "已答复"),
                                    ("handed_over", "已转事件"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "due_days",
                            models.PositiveSmallIntegerField(verbose_name="答复时限（工作日）"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="答复期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("adopted", "采纳"),
                                    ("partly", "部分采纳"),
                                    ("declined", "未采纳"),
                                    ("explained", "解释说明"),
                                ],
                                max_length=10,
                                verbose_name="答复结果",
                            ),
                        ),
                        (
                            "answer",
                            models.TextField(blank=True, max_length=2000, verbose_name="答复内容"),
                        ),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        ("published", models.BooleanField(default=False, verbose_name="公开")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suggestion",
                                to="cases.case",
                                verbose_name="转成的事件",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "contributor",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="suggestion",
                                to="cases.contributor",
                                verbose_name="建议人",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="答复单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "建议",
                        "verbose_name_plural": "建议",
                        "indexes": [
                            models.Index(
                                fields=["subject", "state", "due_at"], name="suggestion_to_answer"
                            ),
                            models.Index(
                                condition=models.Q(("published", True)),
                                fields=["-answered_at"],
                                name="suggestion_published",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("burden", "fault", "feature", "other")),
                                        ("subject", "platform"),
                                    ),
                                    models.Q(
                                        (
                                            "kind__in",
                                            (
                                                "environment",
                                                "facilities",
                                                "safety",
                                                "service",
                                                "culture",
                                                "other",
                                            ),
                                        ),
                                        ("subject", "community"),
                                    ),
                                    _connector="OR",
                                ),
                                name="suggestion_kind_of_its_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""),
                                        ("answered_at", None),
                                        ("answered_by", None),
                                        ("case", None),
                                        ("outcome", ""),
                                        ("state", "received"),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("case", None),
                                        ("state", "answered"),
                                        models.Q(("outcome", ""), _negated=True),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("case__isnull", False),
                                        ("outcome", ""),
                                        ("state", "handed_over"),
                                    ),
                                    _connector="OR",
                                ),
                                name="suggestion_answered_in_words",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("subject", "platform"), _negated=True),
                                    ("contributor", None),
                                    _connector="OR",
                                ),
                                name="suggestion_on_platform_names_no_resident",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("author", None), ("subject", "platform"), _negated=True
                                    ),
                                    models.Q(("community", None), ("grid", None), ("street", None)),
                                    _connector="OR",
                                ),
                                name="suggestion_unsigned_tells_no_post",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("published", False),
                                    models.Q(("state", "answered"), ("subject", "community")),
                                    _connector="OR",
                                ),
                                name="suggestion_published_with_its_answer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SuggestionEvent",
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
                        ("number", models.CharField(max_length=20, verbose_name="编号")),
                        (
                            "query_code",
                            models.CharField(
                                default=cases.models.case.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        ("key", models.UUIDField(null=True, verbose_name="提交键")),
                        (
                            "subject",
                            models.CharField(
                                choices=[("community", "社区事务"), ("platform", "平台本身")],
                                max_length=10,
                                verbose_name="对象",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("environment", "环境卫生"),
                                    ("facilities", "公共设施"),
                                    ("safety", "公共安全"),
                                    ("service", "便民服务"),
                                    ("culture", "文体活动"),
                                    ("burden", "基层负担"),
                                    ("fault", "使用故障"),
                                    ("feature", "功能改进"),
                                    ("other", "其他建议"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("words", models.TextField(max_length=2000, verbose_name="内容")),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("public", "居民网页"),
                                    ("phone_call", "电话"),
                                    ("walk_in", "来访"),
                                    ("worker", "走访收集"),
                                    ("staff", "工作人员"),
                                    ("api", "接口"),
                                ],
                                max_length=12,
                                verbose_name="来源",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "待答复"),
                                    ("answered", "已答复"),
                                    ("handed_over", "已转事件"),
                                ],
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "due_days",
                            models.PositiveSmallIntegerField(verbose_name="答复时限（工作日）"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="答复期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("adopted", "采纳"),
                                    ("partly", "部分采纳"),
                                    ("declined", "未采纳"),
                                    ("explained", "解释说明"),
                                ],
                                max_length=10,
                                verbose_name="答复结果",
                            ),
                        ),
                        (
                            "answer",
                            models.TextField(blank=True, max_length=2000, verbose_name="答复内容"),
                        ),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        ("published", models.BooleanField(default=False, verbose_name="公开")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="转成的事件",
                            ),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="社区",
                            ),
                        ),
                        (
                            "contributor",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.contributor",
                                verbose_name="建议人",
                            ),
                        ),
                        (
                            "district",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.suggestion",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="答复单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "建议 · 历史",
                        "verbose_name_plural": "建议 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SuggestionStep",
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
                            "action",
                            models.CharField(
                                choices=[
                                    ("collect", "收到建议"),
                                    ("reassign", "转交答复"),
                                    ("answer", "答复"),
                                    ("hand_over", "转为事件"),
                                    ("publish", "公开建议"),
                                    ("withdraw", "撤回公开"),
                                    ("overdue", "超期"),
                                ],
                                max_length=12,
                                verbose_name="动作",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="说明"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "suggestion",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="cases.suggestion",
                                verbose_name="建议",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "建议经过",
                        "verbose_name_plural": "建议经过",
                    },
                ),
                migrations.CreateModel(
                    name="Supervision",
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
                            "severity",
                            models.CharField(
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="级别",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="督办时间")),
                        (
                            "reason",
                            models.TextField(blank=True, max_length=2000, verbose_name="督办要求"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="回复期限")),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="回复时间")),
                        (
                            "reply",
                            models.TextField(blank=True, max_length=2000, verbose_name="回复"),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="终止时间")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supervisions",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "replied_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "督办",
                        "verbose_name_plural": "督办",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case", "severity"),
                                name="supervision_once_a_level",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupervisionEvent",
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
                            "severity",
                            models.CharField(
                                choices=[
                                    ("plain", "普通督办"),
                                    ("yellow", "黄牌督办"),
                                    ("red", "红牌督办"),
                                ],
                                max_length=8,
                                verbose_name="级别",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="督办时间")),
                        (
                            "reason",
                            models.TextField(blank=True, max_length=2000, verbose_name="督办要求"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="回复期限")),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="回复时间")),
                        (
                            "reply",
                            models.TextField(blank=True, max_length=2000, verbose_name="回复"),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="终止时间")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.supervision",
                            ),
                        ),
                        (
                            "replied_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "督办 · 历史",
                        "verbose_name_plural": "督办 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Task",
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
                        ("what", models.CharField(max_length=400, verbose_name="任务")),
                        ("given_at", models.DateTimeField(verbose_name="下达时间")),
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("signed_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("contacted_at", models.DateTimeField(null=True, verbose_name="联系时间")),
                        ("arrived_at", models.DateTimeField(null=True, verbose_name="到场时间")),
                        ("arrived_lon", models.FloatField(null=True, verbose_name="到场经度")),
                        ("arrived_lat", models.FloatField(null=True, verbose_name="到场纬度")),
                        ("reported_at", models.DateTimeField(null=True, verbose_name="反馈时间")),
                        (
                            "report",
                            models.TextField(blank=True, max_length=2000, verbose_name="反馈"),
                        ),
                        ("excused_at", models.DateTimeField(null=True, verbose_name="免除时间")),
                        (
                            "excuse",
                            models.CharField(blank=True, max_length=400, verbose_name="免除理由"),
                        ),
                        ("score", models.PositiveSmallIntegerField(null=True, verbose_name="评分")),
                        (
                            "remark",
                            models.CharField(blank=True, max_length=400, verbose_name="评语"),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="cases.consultation",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "whistle",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="cases.whistle",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联办任务",
                        "verbose_name_plural": "联办任务",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("excused_at", None), ("reported_at", None)),
                                fields=["department", "case"],
                                name="task_open_of_department",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("whistle", None), ("consultation", None), _connector="XOR"
                                ),
                                name="task_of_one_call",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reported_at", None), ("excused_at", None), _connector="OR"
                                ),
                                name="task_ends_one_way",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("score", None),
                                    models.Q(("score__gte", 1), ("score__lte", 5)),
                                    _connector="OR",
                                ),
                                name="task_score_1_to_5",
                            ),
                            models.UniqueConstraint(
                                fields=("whistle", "department"),
                                name="task_once_a_department_and_whistle",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PhotoEvent",
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
                        ("uuid", models.UUIDField(editable=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("before", "处置前"),
                                    ("after", "处置后"),
                                    ("proof", "证明"),
                                ],
                                max_length=10,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(
                                upload_to=cases.models.case.photo_path, verbose_name="图片"
                            ),
                        ),
                        (
                            "thumb",
                            models.FileField(
                                upload_to=cases.models.case.thumb_path, verbose_name="缩略图"
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                        ("width", models.PositiveIntegerField(verbose_name="宽")),
                        ("height", models.PositiveIntegerField(verbose_name="高")),
                        ("added_at", models.DateTimeField(verbose_name="上传时间")),
                        (
                            "no_person_visible",
                            models.BooleanField(default=False, verbose_name="画面中无可识别的人"),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "leave",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.leave",
                                verbose_name="申请",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.photo",
                            ),
                        ),
                        (
                            "task",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.task",
                                verbose_name="联办任务",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "照片 · 历史",
                        "verbose_name_plural": "照片 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Transition",
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
                        ("action", models.CharField(max_length=20, verbose_name="动作")),
                        (
                            "from_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="原状态",
                            ),
                        ),
                        (
                            "to_state",
                            models.CharField(
                                choices=[
                                    ("reported", "待受理"),
                                    ("refused", "不予受理"),
                                    ("accepted", "待派遣"),
                                    ("referred", "待裁定"),
                                    ("dispatched", "待签收"),
                                    ("handling", "处置中"),
                                    ("joint", "联合处置"),
                                    ("suspended", "已挂账"),
                                    ("waiting", "待补充"),
                                    ("finished", "待核查"),
                                    ("verified", "待结案"),
                                    ("closed", "待回告"),
                                    ("answered", "已回告"),
                                    ("archived", "已归档"),
                                    ("joined", "已并案"),
                                    ("split", "已拆分"),
                                ],
                                max_length=12,
                                verbose_name="新状态",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "source",
                            models.CharField(blank=True, max_length=12, verbose_name="来自"),
                        ),
                        (
                            "note",
                            models.TextField(blank=True, max_length=2000, verbose_name="说明"),
                        ),
                        ("details", models.JSONField(default=dict, verbose_name="细节")),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transitions",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件经过",
                        "verbose_name_plural": "事件经过",
                        "indexes": [
                            models.Index(fields=["action", "at"], name="transition_action_at")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Whistle",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                max_length=12,
                                verbose_name="吹哨层级",
                            ),
                        ),
                        ("called_at", models.DateTimeField(verbose_name="吹哨时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="需解决的问题")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "called_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="whistles",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "吹哨",
                        "verbose_name_plural": "吹哨",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case",),
                                name="whistle_one_open_a_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaskEvent",
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
                        ("what", models.CharField(max_length=400, verbose_name="任务")),
                        ("given_at", models.DateTimeField(verbose_name="下达时间")),
                        ("due_at", models.DateTimeField(verbose_name="完成期限")),
                        ("signed_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("contacted_at", models.DateTimeField(null=True, verbose_name="联系时间")),
                        ("arrived_at", models.DateTimeField(null=True, verbose_name="到场时间")),
                        ("arrived_lon", models.FloatField(null=True, verbose_name="到场经度")),
                        ("arrived_lat", models.FloatField(null=True, verbose_name="到场纬度")),
                        ("reported_at", models.DateTimeField(null=True, verbose_name="反馈时间")),
                        (
                            "report",
                            models.TextField(blank=True, max_length=2000, verbose_name="反馈"),
                        ),
                        ("excused_at", models.DateTimeField(null=True, verbose_name="免除时间")),
                        (
                            "excuse",
                            models.CharField(blank=True, max_length=400, verbose_name="免除理由"),
                        ),
                        ("score", models.PositiveSmallIntegerField(null=True, verbose_name="评分")),
                        (
                            "remark",
                            models.CharField(blank=True, max_length=400, verbose_name="评语"),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.consultation",
                            ),
                        ),
                        (
                            "department",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="部门",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.task",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "whistle",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.whistle",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联办任务 · 历史",
                        "verbose_name_plural": "联办任务 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WhistleEvent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("community", "社区"),
                                    ("street", "街道"),
                                    ("district", "区级"),
                                ],
                                max_length=12,
                                verbose_name="吹哨层级",
                            ),
                        ),
                        ("called_at", models.DateTimeField(verbose_name="吹哨时间")),
                        ("reason", models.TextField(max_length=2000, verbose_name="需解决的问题")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "called_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="cases.case",
                                verbose_name="事件",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.whistle",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "吹哨 · 历史",
                        "verbose_name_plural": "吹哨 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WhistleLimit",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="吹哨类别",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("sign", "签收"),
                                    ("contact", "先行联系"),
                                    ("arrive", "到场"),
                                    ("report", "反馈"),
                                ],
                                max_length=12,
                                verbose_name="环节",
                            ),
                        ),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "吹哨时限",
                        "verbose_name_plural": "吹哨时限",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "step"), name="whistle_limit_once_a_step"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="whistle_limit_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WhistleLimitEvent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("hard", "综合解决难题"),
                                    ("enforcement", "综合执法"),
                                    ("emergency", "应急处置"),
                                ],
                                max_length=12,
                                verbose_name="吹哨类别",
                            ),
                        ),
                        (
                            "step",
                            models.CharField(
                                choices=[
                                    ("sign", "签收"),
                                    ("contact", "先行联系"),
                                    ("arrive", "到场"),
                                    ("report", "反馈"),
                                ],
                                max_length=12,
                                verbose_name="环节",
                            ),
                        ),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="时限")),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("urgent_minutes", "紧急分钟"),
                                    ("urgent_hours", "紧急工作时"),
                                    ("working_hours", "工作时"),
                                    ("working_days", "工作日"),
                                    ("natural_days", "自然日"),
                                ],
                                max_length=20,
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="cases.whistlelimit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "吹哨时限 · 历史",
                        "verbose_name_plural": "吹哨时限 · 历史",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
