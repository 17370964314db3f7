import django.db.models.deletion
import governance.history
import governance.models.workcalendar
import governance.together
import pghistory.utils
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("governance", "0001_initial"),
        ("governance", "0005_posts_follow_active_users"),
        ("governance", "0006_sign_ins"),
        ("governance", "0008_erasures"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        governance.together.Together(
            operations=[
                migrations.CreateModel(
                    name="CalendarDay",
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
                        ("day", models.DateField(unique=True, verbose_name="日期")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("work", "工作日（调休）"), ("rest", "休息日")],
                                max_length=10,
                                verbose_name="性质",
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                        (
                            "spans",
                            models.JSONField(
                                blank=True,
                                help_text="空则按通用工时。",
                                null=True,
                                validators=[governance.models.workcalendar.check_spans],
                                verbose_name="当日时段",
                            ),
                        ),
                        (
                            "edited",
                            models.BooleanField(
                                default=True,
                                help_text="再次装载国务院放假安排时不覆盖。",
                                verbose_name="人工维护",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "日历日",
                        "verbose_name_plural": "日历日",
                    },
                ),
                migrations.CreateModel(
                    name="CalendarYear",
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
                            "year",
                            models.PositiveSmallIntegerField(unique=True, verbose_name="年份"),
                        ),
                        ("source", models.CharField(max_length=100, verbose_name="来源")),
                    ],
                    options={
                        "verbose_name": "已公布年份",
                        "verbose_name_plural": "已公布年份",
                    },
                ),
                migrations.CreateModel(
                    name="DataKey",
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
                        ("wrapped", models.BinaryField(verbose_name="密钥密文")),
                        (
                            "master",
                            models.CharField(
                                db_default="", default="", max_length=16, verbose_name="主密钥"
                            ),
                        ),
                        (
                            "destroyed_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="销毁时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "数据密钥",
                        "verbose_name_plural": "数据密钥",
                    },
                ),
                migrations.CreateModel(
                    name="Heartbeat",
                    fields=[
                        (
                            "name",
                            models.CharField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="任务",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="最近运行")),
                    ],
                    options={
                        "verbose_name": "后台心跳",
                        "verbose_name_plural": "后台心跳",
                    },
                ),
                migrations.CreateModel(
                    name="PartyOrganisation",
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
                            "form",
                            models.CharField(
                                choices=[
                                    ("working_committee", "党工委"),
                                    ("committee", "党委"),
                                    ("general_branch", "党总支"),
                                    ("branch", "党支部"),
                                    ("group", "党小组"),
                                    ("member_household", "党员中心户"),
                                ],
                                max_length=20,
                                verbose_name="组织形式",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="名称")),
                        (
                            "unit",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="organisation",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "党组织",
                        "verbose_name_plural": "党组织",
                    },
                ),
                migrations.CreateModel(
                    name="ReferenceVersion",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("version", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "verbose_name": "参照数据版本",
                        "verbose_name_plural": "参照数据版本",
                    },
                ),
                migrations.CreateModel(
                    name="WorkingHours",
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
                        ("valid_from", models.DateField(unique=True, verbose_name="起用日期")),
                        (
                            "spans",
                            models.JSONField(
                                validators=[governance.models.workcalendar.check_spans],
                                verbose_name="工作时段",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工作时间",
                        "verbose_name_plural": "工作时间",
                    },
                ),
                migrations.CreateModel(
                    name="User",
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
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(max_length=40, unique=True, verbose_name="用户名"),
                        ),
                        ("display_name", models.CharField(max_length=40, verbose_name="姓名")),
                        (
                            "email",
                            models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱"),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("zh-hans", "简体中文"), ("en", "English")],
                                default="zh-hans",
                                max_length=10,
                                verbose_name="界面语言",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "password_changed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="密码更新时间"
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "用户",
                        "verbose_name_plural": "用户",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("is_superuser", False)), name="no_superuser"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessRecord",
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
                        ("model", models.CharField(max_length=60, verbose_name="对象类别")),
                        ("object_id", models.CharField(max_length=40, verbose_name="对象")),
                        ("columns", models.JSONField(default=list, verbose_name="字段")),
                        ("reason", models.CharField(max_length=200, verbose_name="事由")),
                        (
                            "transaction",
                            governance.history.TransactionId(
                                db_default=governance.history.CurrentTransaction(),
                                editable=False,
                                verbose_name="事务",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="查看人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "查看记录",
                        "verbose_name_plural": "查看记录",
                        "indexes": [
                            models.Index(fields=["model", "object_id"], name="access_of_object"),
                            models.Index(fields=["at"], name="access_at"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDayEvent",
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
                        ("day", models.DateField(verbose_name="日期")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("work", "工作日（调休）"), ("rest", "休息日")],
                                max_length=10,
                                verbose_name="性质",
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                        (
                            "spans",
                            models.JSONField(
                                blank=True,
                                help_text="空则按通用工时。",
                                null=True,
                                validators=[governance.models.workcalendar.check_spans],
                                verbose_name="当日时段",
                            ),
                        ),
                        (
                            "edited",
                            models.BooleanField(
                                default=True,
                                help_text="再次装载国务院放假安排时不覆盖。",
                                verbose_name="人工维护",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.calendarday",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "日历日 · 历史",
                        "verbose_name_plural": "日历日 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CalendarYearEvent",
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
                        ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                        ("source", models.CharField(max_length=100, verbose_name="来源")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.calendaryear",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "已公布年份 · 历史",
                        "verbose_name_plural": "已公布年份 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ErasureCertificate",
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
                            "uuid",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                unique=True,
                                verbose_name="证明编号",
                            ),
                        ),
                        ("model", models.CharField(max_length=60, verbose_name="对象类别")),
                        ("object_id", models.CharField(max_length=40, verbose_name="对象")),
                        ("key", models.UUIDField(null=True, unique=True, verbose_name="数据密钥")),
                        ("columns", models.JSONField(default=list, verbose_name="字段")),
                        ("policy", models.CharField(max_length=120, verbose_name="依据")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "transaction",
                            governance.history.TransactionId(
                                db_default=governance.history.CurrentTransaction(),
                                editable=False,
                                verbose_name="事务",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "删除证明",
                        "verbose_name_plural": "删除证明",
                        "indexes": [
                            models.Index(
                                fields=["model", "object_id"], name="certificate_of_object"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
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
                        ("kind", models.CharField(max_length=40, verbose_name="种类")),
                        ("params", models.JSONField(default=dict, verbose_name="内容")),
                        ("dedupe_key", models.CharField(max_length=100, verbose_name="去重键")),
                        ("created_at", models.DateTimeField(verbose_name="时间")),
                        (
                            "read_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="阅读时间"),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="inbox",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="收件人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "站内消息",
                        "verbose_name_plural": "站内消息",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("read_at", None)),
                                fields=["recipient"],
                                name="message_unread",
                            ),
                            models.Index(fields=["recipient", "-id"], name="message_inbox"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("recipient", "dedupe_key"), name="message_said_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
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
                        ("channel", models.CharField(max_length=20, verbose_name="渠道")),
                        (
                            "message",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="governance.message",
                                verbose_name="消息",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "对外发送",
                        "verbose_name_plural": "对外发送",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("failed_at", None), ("sent_at", None)),
                                fields=["next_try_at"],
                                name="delivery_to_send",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("message", "channel"), name="delivery_once_a_channel"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PastPassword",
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
                        ("password", models.CharField(max_length=128)),
                        ("used_until", models.DateTimeField()),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="past_passwords",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "曾用密码",
                        "verbose_name_plural": "曾用密码",
                    },
                ),
                migrations.CreateModel(
                    name="Post",
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
                            "role",
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
                                verbose_name="角色",
                            ),
                        ),
                        (
                            "member_name",
                            models.CharField(blank=True, max_length=40, verbose_name="无账号成员"),
                        ),
                        ("valid_from", models.DateField(verbose_name="任职日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="离任日期"),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "holder_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts_held",
                                to="governance.unit",
                                verbose_name="包保单位",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "岗位",
                        "verbose_name_plural": "岗位",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("holder_unit", None),
                                        ("member_name", ""),
                                        ("user__isnull", False),
                                    ),
                                    models.Q(
                                        ("holder_unit", None),
                                        ("user", None),
                                        models.Q(("member_name", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("holder_unit__isnull", False),
                                        ("member_name", ""),
                                        ("user", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="post_has_exactly_one_holder",
                                violation_error_message="岗位须且只能由一名用户、一名无账号成员或一个单位担任。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="post_ends_after_it_begins",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("user__isnull", False), ("valid_to", None)),
                                fields=("role", "unit", "user"),
                                name="post_once_while_held",
                                violation_error_message="该用户已在此单位担任此角色。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RateWindow",
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
                        ("key", models.CharField(max_length=64)),
                        ("window", models.DateTimeField()),
                        ("hits", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "verbose_name": "访问频次",
                        "verbose_name_plural": "访问频次",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("key", "window"), name="rate_once_a_window"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Redaction",
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
                        ("table", models.CharField(max_length=63, verbose_name="表")),
                        ("row_id", models.BigIntegerField(verbose_name="行")),
                        ("sealed_as", models.BinaryField(max_length=32, verbose_name="删除前摘要")),
                        ("left_as", models.BinaryField(max_length=32, verbose_name="删除后摘要")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "transaction",
                            governance.history.TransactionId(
                                db_default=governance.history.CurrentTransaction(),
                                editable=False,
                                verbose_name="事务",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "审计脱敏",
                        "verbose_name_plural": "审计脱敏",
                        "indexes": [
                            models.Index(fields=["table", "row_id", "id"], name="redaction_of_row")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Seal",
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
                        ("table", models.CharField(max_length=63, verbose_name="表")),
                        ("after", governance.history.TransactionId(verbose_name="起")),
                        ("before", governance.history.TransactionId(verbose_name="止")),
                        ("rows", models.BigIntegerField(verbose_name="行数")),
                        ("digest", models.BinaryField(max_length=32, verbose_name="摘要")),
                        ("chain", models.BinaryField(max_length=32, verbose_name="链值")),
                        ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
                    ],
                    options={
                        "verbose_name": "审计封存",
                        "verbose_name_plural": "审计封存",
                        "indexes": [models.Index(fields=["table", "-id"], name="seal_of_table")],
                    },
                ),
                migrations.CreateModel(
                    name="SignIn",
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
                            "deed",
                            models.CharField(
                                choices=[
                                    ("in", "登录"),
                                    ("out", "退出"),
                                    ("failed", "密码错误"),
                                    ("locked", "锁定"),
                                ],
                                max_length=10,
                                verbose_name="事项",
                            ),
                        ),
                        ("at", models.DateTimeField(db_index=True, verbose_name="时间")),
                        (
                            "address",
                            models.GenericIPAddressField(null=True, verbose_name="来源地址"),
                        ),
                        (
                            "transaction",
                            governance.history.TransactionId(
                                db_default=governance.history.CurrentTransaction(),
                                editable=False,
                                verbose_name="事务",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "登录记录",
                        "verbose_name_plural": "登录记录",
                    },
                ),
                migrations.CreateModel(
                    name="Timer",
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
                        ("kind", models.CharField(max_length=40, verbose_name="种类")),
                        ("subject_id", models.BigIntegerField(verbose_name="对象")),
                        ("level", models.SmallIntegerField(default=0, verbose_name="级次")),
                        ("due_at", models.DateTimeField(verbose_name="到期时间")),
                        ("knock_at", models.DateTimeField(verbose_name="下次处理")),
                        (
                            "fired_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="触发时间"),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="取消时间"),
                        ),
                        (
                            "parked_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="搁置时间"),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(default=0, verbose_name="失败次数"),
                        ),
                        (
                            "last_error",
                            models.CharField(blank=True, max_length=300, verbose_name="最近错误"),
                        ),
                    ],
                    options={
                        "verbose_name": "计时器",
                        "verbose_name_plural": "计时器",
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("cancelled_at", None), ("fired_at", None), ("parked_at", None)
                                ),
                                fields=["knock_at"],
                                name="timer_sweep",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("cancelled_at", None),
                                    ("fired_at", None),
                                    ("parked_at__isnull", False),
                                ),
                                fields=["parked_at"],
                                name="timer_parked",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("cancelled_at", None), ("fired_at", None)),
                                fields=("subject_id", "kind", "level"),
                                name="timer_one_open_a_subject",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fired_at", None), ("cancelled_at", None), _connector="OR"
                                ),
                                name="timer_fired_or_cancelled",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
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
                                    ("district", "区（县）"),
                                    ("street", "街道（乡镇）"),
                                    ("community", "社区（村）"),
                                    ("grid", "网格"),
                                    ("estate", "小区"),
                                    ("workplace", "单位"),
                                    ("member_household", "党员中心户"),
                                    ("department", "职能部门"),
                                    ("station", "网格站"),
                                    ("area", "片区"),
                                    ("team", "队伍"),
                                ],
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="名称")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="失效日期"),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                editable=False,
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
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="区",
                            ),
                        ),
                        (
                            "grid",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="governance.unit",
                                verbose_name="上级单位",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="predecessors",
                                to="governance.unit",
                                verbose_name="承接单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位",
                        "verbose_name_plural": "单位",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="unit_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent__isnull", False), ("kind", "district"), _connector="OR"
                                ),
                                name="unit_only_a_district_is_a_root",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("parent", "kind", "name"),
                                name="unit_name_once_under_a_parent",
                                violation_error_message="上级单位下已有同名同类单位。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostEvent",
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
                            "role",
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
                                verbose_name="角色",
                            ),
                        ),
                        (
                            "member_name",
                            models.CharField(blank=True, max_length=40, verbose_name="无账号成员"),
                        ),
                        ("valid_from", models.DateField(verbose_name="任职日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="离任日期"),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.post",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "holder_unit",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="包保单位",
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
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "岗位 · 历史",
                        "verbose_name_plural": "岗位 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PartyOrganisationEvent",
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
                            "form",
                            models.CharField(
                                choices=[
                                    ("working_committee", "党工委"),
                                    ("committee", "党委"),
                                    ("general_branch", "党总支"),
                                    ("branch", "党支部"),
                                    ("group", "党小组"),
                                    ("member_household", "党员中心户"),
                                ],
                                max_length=20,
                                verbose_name="组织形式",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="名称")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.partyorganisation",
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
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "党组织 · 历史",
                        "verbose_name_plural": "党组织 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UnitChange",
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
                                    ("move", "调整隶属"),
                                    ("merge", "合并"),
                                    ("split", "拆分"),
                                ],
                                max_length=10,
                                verbose_name="变更",
                            ),
                        ),
                        (
                            "parts",
                            models.JSONField(blank=True, default=list, verbose_name="拆分方案"),
                        ),
                        ("effective", models.DateField(verbose_name="生效日期")),
                        ("reason", models.CharField(max_length=200, verbose_name="依据")),
                        ("decided_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "applied_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="执行时间"),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="目标单位",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位变更",
                        "verbose_name_plural": "单位变更",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("into__isnull", False), ("kind", "split"), _connector="OR"
                                ),
                                name="unit_change_has_a_target",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnitChangeEvent",
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
                                    ("move", "调整隶属"),
                                    ("merge", "合并"),
                                    ("split", "拆分"),
                                ],
                                max_length=10,
                                verbose_name="变更",
                            ),
                        ),
                        (
                            "parts",
                            models.JSONField(blank=True, default=list, verbose_name="拆分方案"),
                        ),
                        ("effective", models.DateField(verbose_name="生效日期")),
                        ("reason", models.CharField(max_length=200, verbose_name="依据")),
                        ("decided_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "applied_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="执行时间"),
                        ),
                        (
                            "decided_by",
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
                            "into",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="目标单位",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.unitchange",
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
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位变更 · 历史",
                        "verbose_name_plural": "单位变更 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UnitCode",
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
                            "scheme",
                            models.CharField(
                                choices=[
                                    ("statistics", "统计用区划代码"),
                                    ("grid", "网格编码"),
                                    ("police", "公安社区编码"),
                                    ("local", "本地编码"),
                                ],
                                max_length=20,
                                verbose_name="编码方案",
                            ),
                        ),
                        ("code", models.CharField(max_length=30, verbose_name="代码")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="失效日期"),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="codes",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位代码",
                        "verbose_name_plural": "单位代码",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("scheme", "code"),
                                name="unit_code_unique_while_valid",
                                violation_error_message="该编码方案下已有此代码。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnitCodeEvent",
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
                            "scheme",
                            models.CharField(
                                choices=[
                                    ("statistics", "统计用区划代码"),
                                    ("grid", "网格编码"),
                                    ("police", "公安社区编码"),
                                    ("local", "本地编码"),
                                ],
                                max_length=20,
                                verbose_name="编码方案",
                            ),
                        ),
                        ("code", models.CharField(max_length=30, verbose_name="代码")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="失效日期"),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.unitcode",
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
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位代码 · 历史",
                        "verbose_name_plural": "单位代码 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UnitEvent",
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
                                    ("district", "区（县）"),
                                    ("street", "街道（乡镇）"),
                                    ("community", "社区（村）"),
                                    ("grid", "网格"),
                                    ("estate", "小区"),
                                    ("workplace", "单位"),
                                    ("member_household", "党员中心户"),
                                    ("department", "职能部门"),
                                    ("station", "网格站"),
                                    ("area", "片区"),
                                    ("team", "队伍"),
                                ],
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="名称")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="失效日期"),
                        ),
                        (
                            "community",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
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
                                editable=False,
                                null=True,
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
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="网格",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="上级单位",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.unit",
                            ),
                        ),
                        (
                            "street",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="街道",
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="承接单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位 · 历史",
                        "verbose_name_plural": "单位 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UserEvent",
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
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        ("username", models.CharField(max_length=40, verbose_name="用户名")),
                        ("display_name", models.CharField(max_length=40, verbose_name="姓名")),
                        (
                            "email",
                            models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱"),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("zh-hans", "简体中文"), ("en", "English")],
                                default="zh-hans",
                                max_length=10,
                                verbose_name="界面语言",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "password_changed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="密码更新时间"
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "用户 · 历史",
                        "verbose_name_plural": "用户 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WorkingHoursEvent",
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
                        ("valid_from", models.DateField(verbose_name="起用日期")),
                        (
                            "spans",
                            models.JSONField(
                                validators=[governance.models.workcalendar.check_spans],
                                verbose_name="工作时段",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="governance.workinghours",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工作时间 · 历史",
                        "verbose_name_plural": "工作时间 · 历史",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
