import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import governance.history
import governance.personal
import governance.together
import people.models.exports
import people.models.rights
import pghistory.utils
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("people", "0001_initial"),
        ("people", "0003_visits_and_support"),
        ("people", "0010_entities_and_tenancies"),
        ("people", "0013_rights"),
        ("people", "0014_exports"),
    ]

    initial = True

    dependencies = [
        ("governance", "0002_tokens"),
        ("grids", "0001_tables"),
    ]

    operations = [
        governance.together.Together(
            operations=[
                migrations.CreateModel(
                    name="ChangeRequest",
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
                                    ("document", "更正证件"),
                                    ("death", "死亡登记"),
                                    ("merge", "合并重复登记"),
                                ],
                                max_length=12,
                                verbose_name="变更",
                            ),
                        ),
                        (
                            "before",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="变更前"
                            ),
                        ),
                        (
                            "after",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="变更后"
                            ),
                        ),
                        ("reason", models.CharField(max_length=400, verbose_name="理由")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "待审批"),
                                    ("granted", "已同意"),
                                    ("refused", "不同意"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        (
                            "answer",
                            models.CharField(blank=True, max_length=400, verbose_name="审批意见"),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
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
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
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
                            "into",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "变更申请",
                        "verbose_name_plural": "变更申请",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "waiting")),
                                fields=("person", "kind"),
                                name="change_one_waiting_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("state", "waiting")),
                                    models.Q(
                                        models.Q(("state", "waiting"), _negated=True),
                                        ("decided_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="change_decided_when_it_is",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("into__isnull", False), ("kind", "merge")),
                                    models.Q(
                                        models.Q(("kind", "merge"), _negated=True), ("into", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="change_merges_into_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Claimant",
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
                            "document_number",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="document", null=True, verbose_name="证件号码"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "words",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="请求内容"
                            ),
                        ),
                        (
                            "answer",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="答复"
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
                        "verbose_name": "权利请求人",
                        "verbose_name_plural": "权利请求人",
                    },
                ),
                migrations.CreateModel(
                    name="EntityContact",
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
                                blank=True, mask="name", null=True, verbose_name="联系人"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="联系电话"
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
                        "verbose_name": "单位联系人",
                        "verbose_name_plural": "单位联系人",
                    },
                ),
                migrations.CreateModel(
                    name="Entity",
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
                        ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                        ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                        (
                            "credit_code",
                            models.CharField(max_length=18, verbose_name="统一社会信用代码"),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="单位名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("enterprise", "企业"),
                                    ("sole_trader", "个体工商户"),
                                    ("institution", "事业单位"),
                                    ("government", "机关"),
                                    ("social", "社会组织"),
                                    ("collective", "农民专业合作社、集体经济组织"),
                                    ("other", "其他单位"),
                                ],
                                max_length=12,
                                verbose_name="单位类型",
                            ),
                        ),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="位置说明"),
                        ),
                        (
                            "staff_count",
                            models.PositiveIntegerField(null=True, verbose_name="从业人数"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        ("closed_on", models.DateField(null=True, verbose_name="停业日期")),
                        (
                            "closing",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cancelled", "注销、停业"),
                                    ("moved", "迁出"),
                                    ("mistake", "登记有误"),
                                ],
                                max_length=12,
                                verbose_name="停业原因",
                            ),
                        ),
                        (
                            "building",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entities",
                                to="grids.building",
                                verbose_name="楼栋",
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
                            "house",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entities",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
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
                            "contact",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entity",
                                to="people.entitycontact",
                                verbose_name="联系人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "法人单位",
                        "verbose_name_plural": "法人单位",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_on", None)),
                                fields=["district", "id"],
                                name="entity_of_district",
                            ),
                            models.Index(
                                condition=models.Q(("closed_on", None)),
                                fields=["street", "id"],
                                name="entity_of_street",
                            ),
                            models.Index(
                                condition=models.Q(("closed_on", None)),
                                fields=["community", "id"],
                                name="entity_of_community",
                            ),
                            models.Index(
                                condition=models.Q(("closed_on", None)),
                                fields=["grid", "id"],
                                name="entity_of_grid",
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
                                name="entity_point_is_on_earth",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_on", None)),
                                fields=("credit_code",),
                                name="entity_once_a_code",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("credit_code__regex", "^[0-9A-Z]{18}$")),
                                name="entity_code_has_18_signs",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="entity_has_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("building", None), ("house__isnull", False), ("lon", None)
                                    ),
                                    models.Q(
                                        ("building__isnull", False), ("house", None), ("lon", None)
                                    ),
                                    models.Q(
                                        ("building", None), ("house", None), ("lon__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="entity_is_in_one_place",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_on", None), ("closing", "")),
                                    models.Q(
                                        ("closed_on__isnull", False),
                                        models.Q(("closing", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="entity_closes_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EntityEvent",
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
                        ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                        ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                        (
                            "credit_code",
                            models.CharField(max_length=18, verbose_name="统一社会信用代码"),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="单位名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("enterprise", "企业"),
                                    ("sole_trader", "个体工商户"),
                                    ("institution", "事业单位"),
                                    ("government", "机关"),
                                    ("social", "社会组织"),
                                    ("collective", "农民专业合作社、集体经济组织"),
                                    ("other", "其他单位"),
                                ],
                                max_length=12,
                                verbose_name="单位类型",
                            ),
                        ),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="位置说明"),
                        ),
                        (
                            "staff_count",
                            models.PositiveIntegerField(null=True, verbose_name="从业人数"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        ("closed_on", models.DateField(null=True, verbose_name="停业日期")),
                        (
                            "closing",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cancelled", "注销、停业"),
                                    ("moved", "迁出"),
                                    ("mistake", "登记有误"),
                                ],
                                max_length=12,
                                verbose_name="停业原因",
                            ),
                        ),
                        (
                            "building",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.building",
                                verbose_name="楼栋",
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
                            "contact",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.entitycontact",
                                verbose_name="联系人",
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
                            "house",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.entity",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
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
                        "verbose_name": "法人单位 · 历史",
                        "verbose_name_plural": "法人单位 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Export",
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
                        ("fields", models.JSONField(default=list, verbose_name="字段")),
                        ("is_clear", models.BooleanField(default=False, verbose_name="完整信息")),
                        (
                            "form",
                            models.CharField(
                                choices=[("xlsx", "Excel 表格"), ("csv", "CSV 文本")],
                                max_length=4,
                                verbose_name="格式",
                            ),
                        ),
                        ("reason", models.CharField(max_length=400, verbose_name="用途")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "待审批"),
                                    ("refused", "不同意"),
                                    ("granted", "正在生成"),
                                    ("ready", "可下载"),
                                    ("failed", "未能生成"),
                                    ("gone", "已删除"),
                                ],
                                default="asked",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        (
                            "answer",
                            models.CharField(blank=True, max_length=400, verbose_name="审批意见"),
                        ),
                        ("made_at", models.DateTimeField(null=True, verbose_name="生成时间")),
                        ("rows", models.PositiveIntegerField(default=0, verbose_name="人数")),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                upload_to=people.models.exports.export_path,
                                verbose_name="文件",
                            ),
                        ),
                        ("deleted_at", models.DateTimeField(null=True, verbose_name="删除时间")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
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
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审批人",
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
                                verbose_name="范围",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人口导出",
                        "verbose_name_plural": "人口导出",
                        "indexes": [
                            models.Index(fields=["state", "asked_at"], name="export_by_state")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="export_approved_by_a_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_by", None), ("state", "asked")),
                                    models.Q(
                                        models.Q(("state", "asked"), _negated=True),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="export_made_when_approved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "ready"), ("file", ""), _connector="OR"
                                ),
                                name="export_has_a_file_only_while_ready",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExportEvent",
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
                        ("fields", models.JSONField(default=list, verbose_name="字段")),
                        ("is_clear", models.BooleanField(default=False, verbose_name="完整信息")),
                        (
                            "form",
                            models.CharField(
                                choices=[("xlsx", "Excel 表格"), ("csv", "CSV 文本")],
                                max_length=4,
                                verbose_name="格式",
                            ),
                        ),
                        ("reason", models.CharField(max_length=400, verbose_name="用途")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "待审批"),
                                    ("refused", "不同意"),
                                    ("granted", "正在生成"),
                                    ("ready", "可下载"),
                                    ("failed", "未能生成"),
                                    ("gone", "已删除"),
                                ],
                                default="asked",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        (
                            "answer",
                            models.CharField(blank=True, max_length=400, verbose_name="审批意见"),
                        ),
                        ("made_at", models.DateTimeField(null=True, verbose_name="生成时间")),
                        ("rows", models.PositiveIntegerField(default=0, verbose_name="人数")),
                        (
                            "file",
                            models.FileField(
                                blank=True,
                                upload_to=people.models.exports.export_path,
                                verbose_name="文件",
                            ),
                        ),
                        ("deleted_at", models.DateTimeField(null=True, verbose_name="删除时间")),
                        (
                            "asked_by",
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
                            "decided_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审批人",
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
                                to="people.export",
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
                                verbose_name="范围",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人口导出 · 历史",
                        "verbose_name_plural": "人口导出 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="HouseCode",
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
                        ("code", models.CharField(max_length=8, verbose_name="房屋码")),
                        ("made_at", models.DateTimeField(verbose_name="生成时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="失效时间")),
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
                            "house",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="codes",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="生成人",
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
                        "verbose_name": "房屋码",
                        "verbose_name_plural": "房屋码",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("house",),
                                name="house_code_one_a_house",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("code",),
                                name="house_code_of_one_house",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code__regex", "^[0-9]{8}$")),
                                name="house_code_has_8_digits",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HouseCodeEvent",
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
                        ("code", models.CharField(max_length=8, verbose_name="房屋码")),
                        ("made_at", models.DateTimeField(verbose_name="生成时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="失效时间")),
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
                            "house",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="生成人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.housecode",
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
                        "verbose_name": "房屋码 · 历史",
                        "verbose_name_plural": "房屋码 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Household",
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
                        ("began_on", models.DateField(verbose_name="入住日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="搬离日期")),
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
                            "house",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="households",
                                to="grids.house",
                                verbose_name="房屋",
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
                            "head",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="户主",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "住户",
                        "verbose_name_plural": "住户",
                        "indexes": [models.Index(fields=["grid", "id"], name="household_of_grid")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    ("ended_on__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="household_ends_after_it_begins",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Inspection",
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
                        ("at", models.DateTimeField(verbose_name="检查时间")),
                        (
                            "result",
                            models.CharField(
                                choices=[
                                    ("good", "未发现问题"),
                                    ("fixed", "当场整改"),
                                    ("problems", "发现问题"),
                                    ("closed", "未营业"),
                                ],
                                max_length=12,
                                verbose_name="检查结果",
                            ),
                        ),
                        (
                            "note",
                            models.CharField(blank=True, max_length=400, verbose_name="检查情况"),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="检查人",
                            ),
                        ),
                        (
                            "entity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="inspections",
                                to="people.entity",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位检查",
                        "verbose_name_plural": "单位检查",
                        "indexes": [
                            models.Index(fields=["entity", "-at"], name="inspection_of_entity")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JointMember",
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
                        ("began_on", models.DateField(verbose_name="加入日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="退出日期")),
                        (
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint_members",
                                to="people.household",
                                verbose_name="住户",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="people.jointunit",
                                verbose_name="联户单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联户成员",
                        "verbose_name_plural": "联户成员",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)),
                                fields=("household",),
                                name="joint_member_of_one_unit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    ("ended_on__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="joint_member_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JointUnit",
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
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("began_on", models.DateField(verbose_name="成立日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="撤销日期")),
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
                            "head",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="联户长",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联户单位",
                        "verbose_name_plural": "联户单位",
                        "indexes": [models.Index(fields=["grid", "id"], name="joint_unit_of_grid")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)),
                                fields=("grid", "name"),
                                name="joint_unit_once_a_grid",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="joint_unit_has_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on", None),
                                    ("ended_on__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="joint_unit_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JointMemberEvent",
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
                        ("began_on", models.DateField(verbose_name="加入日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="退出日期")),
                        (
                            "household",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.household",
                                verbose_name="住户",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.jointmember",
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
                                to="people.jointunit",
                                verbose_name="联户单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联户成员 · 历史",
                        "verbose_name_plural": "联户成员 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Landlord",
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
                                blank=True, mask="name", null=True, verbose_name="房东姓名"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="房东电话"
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
                        "verbose_name": "房东",
                        "verbose_name_plural": "房东",
                    },
                ),
                migrations.CreateModel(
                    name="Licence",
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
                                    ("business", "营业执照"),
                                    ("food", "食品经营许可证"),
                                    ("health", "卫生许可证"),
                                    ("fire", "消防安全检查意见书"),
                                    ("special", "特种行业许可证"),
                                    ("hazardous", "危险化学品经营许可证"),
                                    ("medicine", "药品经营、医疗机构许可证"),
                                    ("school", "办学许可证"),
                                    ("other", "其他证照"),
                                ],
                                max_length=12,
                                verbose_name="证照种类",
                            ),
                        ),
                        ("number", models.CharField(max_length=60, verbose_name="证照编号")),
                        ("issued_on", models.DateField(verbose_name="发证日期")),
                        ("expires_on", models.DateField(null=True, verbose_name="有效期至")),
                        ("ended_on", models.DateField(null=True, verbose_name="失效日期")),
                        (
                            "entity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="licences",
                                to="people.entity",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="people.licence",
                                verbose_name="原证照",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "证照",
                        "verbose_name_plural": "证照",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)),
                                fields=("entity", "kind", "number"),
                                name="licence_once_an_entity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_on", None),
                                    ("expires_on__gte", models.F("issued_on")),
                                    _connector="OR",
                                ),
                                name="licence_expires_after_it_is_issued",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number", ""), _negated=True),
                                name="licence_has_a_number",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("replaces", models.F("pk")), _negated=True),
                                name="licence_does_not_replace_itself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LicenceEvent",
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
                                    ("business", "营业执照"),
                                    ("food", "食品经营许可证"),
                                    ("health", "卫生许可证"),
                                    ("fire", "消防安全检查意见书"),
                                    ("special", "特种行业许可证"),
                                    ("hazardous", "危险化学品经营许可证"),
                                    ("medicine", "药品经营、医疗机构许可证"),
                                    ("school", "办学许可证"),
                                    ("other", "其他证照"),
                                ],
                                max_length=12,
                                verbose_name="证照种类",
                            ),
                        ),
                        ("number", models.CharField(max_length=60, verbose_name="证照编号")),
                        ("issued_on", models.DateField(verbose_name="发证日期")),
                        ("expires_on", models.DateField(null=True, verbose_name="有效期至")),
                        ("ended_on", models.DateField(null=True, verbose_name="失效日期")),
                        (
                            "entity",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.entity",
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
                                to="people.licence",
                            ),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.licence",
                                verbose_name="原证照",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "证照 · 历史",
                        "verbose_name_plural": "证照 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
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
                            "moved",
                            models.JSONField(default=list, verbose_name="随之转移的居住登记"),
                        ),
                        (
                            "ended",
                            models.JSONField(default=list, verbose_name="随之注销的居住登记"),
                        ),
                        ("at", models.DateTimeField(verbose_name="合并时间")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "into",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merges",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="重复登记",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "合并记录",
                        "verbose_name_plural": "合并记录",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at", None)),
                                fields=("person",),
                                name="merge_once_a_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("into")), _negated=True),
                                name="merge_of_two_persons",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Person",
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
                            "document_kind",
                            models.CharField(
                                choices=[
                                    ("resident_id", "居民身份证"),
                                    ("hk_macao_permit", "港澳居民居住证"),
                                    ("taiwan_permit", "台湾居民居住证"),
                                    ("foreign_permit", "外国人永久居留身份证"),
                                    ("passport", "护照"),
                                    ("none", "暂无证件"),
                                ],
                                max_length=20,
                                verbose_name="证件种类",
                            ),
                        ),
                        (
                            "document_number",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="document", null=True, verbose_name="证件号码"
                            ),
                        ),
                        (
                            "birth_date",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="出生日期"
                            ),
                        ),
                        (
                            "sex",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="性别"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "other_phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="其他电话"
                            ),
                        ),
                        (
                            "contact_name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="联系人"
                            ),
                        ),
                        (
                            "contact_phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="联系人电话"
                            ),
                        ),
                        ("document_index", models.BinaryField(null=True)),
                        (
                            "marks",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "died_on",
                            models.DateField(blank=True, null=True, verbose_name="死亡日期"),
                        ),
                        ("erased_at", models.DateTimeField(null=True, verbose_name="删除时间")),
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
                            "merged_into",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人员",
                        "verbose_name_plural": "人员",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["marks"], name="person_marks"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("merged_into", None)),
                                fields=("document_index",),
                                name="person_once_a_document",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("document_kind", "none"), _negated=True),
                                    ("document_index", None),
                                    _connector="OR",
                                ),
                                name="person_without_document_has_no_number",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("merged_into", models.F("pk")), _negated=True),
                                name="person_not_merged_into_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("erased_at", None),
                                    models.Q(("document_index", None), ("marks", [])),
                                    _connector="OR",
                                ),
                                name="person_erased_is_found_by_nothing",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MergeEvent",
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
                            "moved",
                            models.JSONField(default=list, verbose_name="随之转移的居住登记"),
                        ),
                        (
                            "ended",
                            models.JSONField(default=list, verbose_name="随之注销的居住登记"),
                        ),
                        ("at", models.DateTimeField(verbose_name="合并时间")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
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
                                to="people.merge",
                            ),
                        ),
                        (
                            "undone_by",
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
                            "into",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="重复登记",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "合并记录 · 历史",
                        "verbose_name_plural": "合并记录 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="JointUnitEvent",
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
                        ("began_on", models.DateField(verbose_name="成立日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="撤销日期")),
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
                                to="people.jointunit",
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
                            "head",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="联户长",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联户单位 · 历史",
                        "verbose_name_plural": "联户单位 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="HouseholdEvent",
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
                        ("began_on", models.DateField(verbose_name="入住日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="搬离日期")),
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
                            "house",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.household",
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
                            "head",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="户主",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "住户 · 历史",
                        "verbose_name_plural": "住户 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ChangeRequestEvent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("document", "更正证件"),
                                    ("death", "死亡登记"),
                                    ("merge", "合并重复登记"),
                                ],
                                max_length=12,
                                verbose_name="变更",
                            ),
                        ),
                        (
                            "before",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="变更前"
                            ),
                        ),
                        (
                            "after",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="变更后"
                            ),
                        ),
                        ("reason", models.CharField(max_length=400, verbose_name="理由")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "待审批"),
                                    ("granted", "已同意"),
                                    ("refused", "不同意"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        (
                            "answer",
                            models.CharField(blank=True, max_length=400, verbose_name="审批意见"),
                        ),
                        (
                            "asked_by",
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
                                to="people.changerequest",
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
                            "into",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "变更申请 · 历史",
                        "verbose_name_plural": "变更申请 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PersonEvent",
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
                            "document_kind",
                            models.CharField(
                                choices=[
                                    ("resident_id", "居民身份证"),
                                    ("hk_macao_permit", "港澳居民居住证"),
                                    ("taiwan_permit", "台湾居民居住证"),
                                    ("foreign_permit", "外国人永久居留身份证"),
                                    ("passport", "护照"),
                                    ("none", "暂无证件"),
                                ],
                                max_length=20,
                                verbose_name="证件种类",
                            ),
                        ),
                        (
                            "document_number",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="document", null=True, verbose_name="证件号码"
                            ),
                        ),
                        (
                            "birth_date",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="出生日期"
                            ),
                        ),
                        (
                            "sex",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="性别"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        (
                            "other_phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="其他电话"
                            ),
                        ),
                        (
                            "contact_name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="联系人"
                            ),
                        ),
                        (
                            "contact_phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="联系人电话"
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        (
                            "died_on",
                            models.DateField(blank=True, null=True, verbose_name="死亡日期"),
                        ),
                        ("erased_at", models.DateTimeField(null=True, verbose_name="删除时间")),
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
                            "merged_into",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.person",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人员 · 历史",
                        "verbose_name_plural": "人员 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PlanWords",
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
                            "goal",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="目标"
                            ),
                        ),
                        (
                            "agreed",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="同意的记录"
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
                        "verbose_name": "帮扶计划内容",
                        "verbose_name_plural": "帮扶计划内容",
                    },
                ),
                migrations.CreateModel(
                    name="Provenance",
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
                        ("field", models.CharField(max_length=30, verbose_name="字段")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("source", models.CharField(max_length=12, verbose_name="来自")),
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="provenance",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "信息来源",
                        "verbose_name_plural": "信息来源",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "field"), name="provenance_once_a_field"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Residency",
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
                                    ("resident", "常住"),
                                    ("floating", "流动"),
                                    ("tenant", "租住"),
                                ],
                                max_length=12,
                                verbose_name="居住类别",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("head", "户主"),
                                    ("spouse", "配偶"),
                                    ("child", "子女"),
                                    ("parent", "父母"),
                                    ("grandchild", "孙辈"),
                                    ("relative", "其他亲属"),
                                    ("other", "非亲属"),
                                ],
                                default="other",
                                max_length=12,
                                verbose_name="与户主关系",
                            ),
                        ),
                        ("began_on", models.DateField(verbose_name="来此日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="离开日期")),
                        (
                            "leaving",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("moved", "搬离"),
                                    ("died", "死亡"),
                                    ("mistake", "登记有误"),
                                ],
                                max_length=12,
                                verbose_name="离开原因",
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
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="residencies",
                                to="people.household",
                                verbose_name="住户",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="residencies",
                                to="people.person",
                                verbose_name="人员",
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
                        "verbose_name": "居住登记",
                        "verbose_name_plural": "居住登记",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_on", None)),
                                fields=["district", "id"],
                                name="residency_of_district",
                            ),
                            models.Index(
                                condition=models.Q(("ended_on", None)),
                                fields=["street", "id"],
                                name="residency_of_street",
                            ),
                            models.Index(
                                condition=models.Q(("ended_on", None)),
                                fields=["community", "id"],
                                name="residency_of_community",
                            ),
                            models.Index(
                                condition=models.Q(("ended_on", None)),
                                fields=["grid", "id"],
                                name="residency_of_grid",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)),
                                fields=("person", "household"),
                                name="residency_once_a_household",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_on", None), ("leaving", "")),
                                    models.Q(
                                        ("ended_on__gte", models.F("began_on")),
                                        models.Q(("leaving", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="residency_ends_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ResidencyEvent",
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
                                    ("resident", "常住"),
                                    ("floating", "流动"),
                                    ("tenant", "租住"),
                                ],
                                max_length=12,
                                verbose_name="居住类别",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("head", "户主"),
                                    ("spouse", "配偶"),
                                    ("child", "子女"),
                                    ("parent", "父母"),
                                    ("grandchild", "孙辈"),
                                    ("relative", "其他亲属"),
                                    ("other", "非亲属"),
                                ],
                                default="other",
                                max_length=12,
                                verbose_name="与户主关系",
                            ),
                        ),
                        ("began_on", models.DateField(verbose_name="来此日期")),
                        ("ended_on", models.DateField(null=True, verbose_name="离开日期")),
                        (
                            "leaving",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("moved", "搬离"),
                                    ("died", "死亡"),
                                    ("mistake", "登记有误"),
                                ],
                                max_length=12,
                                verbose_name="离开原因",
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
                            "household",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.household",
                                verbose_name="住户",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.residency",
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
                        "verbose_name": "居住登记 · 历史",
                        "verbose_name_plural": "居住登记 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="RightsRequest",
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
                                default=people.models.rights.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        ("key", models.UUIDField(null=True, unique=True, verbose_name="提交键")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("see", "查阅个人信息"),
                                    ("copy", "复制个人信息"),
                                    ("correct", "更正个人信息"),
                                    ("erase", "删除个人信息"),
                                ],
                                max_length=8,
                                verbose_name="请求",
                            ),
                        ),
                        (
                            "about",
                            models.CharField(blank=True, max_length=20, verbose_name="相关编号"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "待核验身份"),
                                    ("verified", "待办理"),
                                    ("done", "已办理"),
                                    ("refused", "未予办理"),
                                ],
                                default="received",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "due_days",
                            models.PositiveSmallIntegerField(verbose_name="办理时限（工作日）"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="办理期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "proof",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("document", "当面出示证件"),
                                    ("call_back", "按登记的电话回拨"),
                                ],
                                max_length=10,
                                verbose_name="核验方式",
                            ),
                        ),
                        ("verified_at", models.DateTimeField(null=True, verbose_name="核验时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        (
                            "claimant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="people.claimant",
                                verbose_name="请求人",
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
                                verbose_name="答复人",
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
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                        (
                            "received_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "verified_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核验人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "个人信息权利请求",
                        "verbose_name_plural": "个人信息权利请求",
                        "indexes": [
                            models.Index(fields=["state", "due_at"], name="right_to_answer")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("person", None),
                                        ("proof", ""),
                                        ("state", "received"),
                                        ("verified_at", None),
                                    ),
                                    models.Q(
                                        ("state", "verified"),
                                        ("verified_at__isnull", False),
                                        models.Q(("proof", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("state", "done"),
                                        ("verified_at__isnull", False),
                                        models.Q(("proof", ""), _negated=True),
                                    ),
                                    ("state", "refused"),
                                    _connector="OR",
                                ),
                                name="right_done_for_who_was_verified",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("ended_by__isnull", False),
                                        ("state__in", ("done", "refused")),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ("done", "refused")), _negated=True),
                                        ("ended_at", None),
                                        ("ended_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="right_ended_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "erase"), ("state", "done"), _negated=True),
                                    models.Q(("verified_by", models.F("ended_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="right_erased_by_a_second_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsRequestEvent",
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
                                default=people.models.rights.new_query_code,
                                max_length=8,
                                verbose_name="查询码",
                            ),
                        ),
                        ("key", models.UUIDField(null=True, verbose_name="提交键")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("see", "查阅个人信息"),
                                    ("copy", "复制个人信息"),
                                    ("correct", "更正个人信息"),
                                    ("erase", "删除个人信息"),
                                ],
                                max_length=8,
                                verbose_name="请求",
                            ),
                        ),
                        (
                            "about",
                            models.CharField(blank=True, max_length=20, verbose_name="相关编号"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "待核验身份"),
                                    ("verified", "待办理"),
                                    ("done", "已办理"),
                                    ("refused", "未予办理"),
                                ],
                                default="received",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        (
                            "due_days",
                            models.PositiveSmallIntegerField(verbose_name="办理时限（工作日）"),
                        ),
                        ("due_at", models.DateTimeField(verbose_name="办理期限")),
                        ("overdue_at", models.DateTimeField(null=True, verbose_name="超期时间")),
                        (
                            "proof",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("document", "当面出示证件"),
                                    ("call_back", "按登记的电话回拨"),
                                ],
                                max_length=10,
                                verbose_name="核验方式",
                            ),
                        ),
                        ("verified_at", models.DateTimeField(null=True, verbose_name="核验时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        (
                            "claimant",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.claimant",
                                verbose_name="请求人",
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
                                verbose_name="答复人",
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
                            "person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.rightsrequest",
                            ),
                        ),
                        (
                            "received_by",
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
                            "verified_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核验人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "个人信息权利请求 · 历史",
                        "verbose_name_plural": "个人信息权利请求 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="RightsStep",
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
                                    ("receive", "收到请求"),
                                    ("verify", "核验身份"),
                                    ("copy", "制作副本"),
                                    ("done", "办理完毕"),
                                    ("refuse", "不予办理"),
                                    ("overdue", "超期"),
                                ],
                                max_length=8,
                                verbose_name="动作",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="people.rightsrequest",
                                verbose_name="权利请求",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "权利请求经过",
                        "verbose_name_plural": "权利请求经过",
                    },
                ),
                migrations.CreateModel(
                    name="Sheet",
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
                            "period",
                            models.CharField(
                                choices=[("week", "周分析"), ("month", "月汇总")],
                                max_length=8,
                                verbose_name="周期",
                            ),
                        ),
                        ("begins_on", models.DateField(verbose_name="自")),
                        ("ends_on", models.DateField(verbose_name="至")),
                        ("figures", models.JSONField(default=list, verbose_name="数据")),
                        ("made_at", models.DateTimeField(verbose_name="生成时间")),
                        (
                            "comment",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="网格员说明"
                            ),
                        ),
                        ("commented_at", models.DateTimeField(null=True, verbose_name="说明时间")),
                        (
                            "commented_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                    ],
                    options={
                        "verbose_name": "周分析、月汇总",
                        "verbose_name_plural": "周分析、月汇总",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("grid", "period", "begins_on"),
                                name="sheet_once_a_grid_and_period",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("begins_on"))),
                                name="sheet_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetEvent",
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
                            "period",
                            models.CharField(
                                choices=[("week", "周分析"), ("month", "月汇总")],
                                max_length=8,
                                verbose_name="周期",
                            ),
                        ),
                        ("begins_on", models.DateField(verbose_name="自")),
                        ("ends_on", models.DateField(verbose_name="至")),
                        ("figures", models.JSONField(default=list, verbose_name="数据")),
                        ("made_at", models.DateTimeField(verbose_name="生成时间")),
                        (
                            "comment",
                            models.TextField(
                                blank=True, max_length=1000, verbose_name="网格员说明"
                            ),
                        ),
                        ("commented_at", models.DateTimeField(null=True, verbose_name="说明时间")),
                        (
                            "commented_by",
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
                                to="people.sheet",
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
                        "verbose_name": "周分析、月汇总 · 历史",
                        "verbose_name_plural": "周分析、月汇总 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="StepWords",
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
                            "what",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="措施"
                            ),
                        ),
                        (
                            "result",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="结果"
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
                        "verbose_name": "帮扶措施内容",
                        "verbose_name_plural": "帮扶措施内容",
                    },
                ),
                migrations.CreateModel(
                    name="SupportKind",
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
                        ("code", models.SlugField(max_length=30, unique=True, verbose_name="代码")),
                        ("name", models.CharField(max_length=40, unique=True, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=80, verbose_name="英文名称")),
                        ("purpose", models.CharField(max_length=200, verbose_name="目的")),
                        ("basis", models.CharField(max_length=200, verbose_name="法律依据")),
                        (
                            "review_months",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="几个月评估一次"
                            ),
                        ),
                        (
                            "lasts_months",
                            models.PositiveSmallIntegerField(
                                default=12, verbose_name="几个月后自动结束"
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                    ],
                    options={
                        "verbose_name": "帮扶类别",
                        "verbose_name_plural": "帮扶类别",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lasts_months__gte", models.F("review_months")),
                                    ("review_months__gt", 0),
                                ),
                                name="support_kind_is_reviewed_before_it_ends",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupportKindEvent",
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
                            models.SlugField(db_index=False, max_length=30, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="名称")),
                        ("name_en", models.CharField(max_length=80, verbose_name="英文名称")),
                        ("purpose", models.CharField(max_length=200, verbose_name="目的")),
                        ("basis", models.CharField(max_length=200, verbose_name="法律依据")),
                        (
                            "review_months",
                            models.PositiveSmallIntegerField(
                                default=3, verbose_name="几个月评估一次"
                            ),
                        ),
                        (
                            "lasts_months",
                            models.PositiveSmallIntegerField(
                                default=12, verbose_name="几个月后自动结束"
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.supportkind",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶类别 · 历史",
                        "verbose_name_plural": "帮扶类别 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SupportPlan",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("consent", "本人同意"),
                                    ("guardian", "监护人同意"),
                                    ("statutory", "法定职责"),
                                ],
                                max_length=12,
                                verbose_name="依据",
                            ),
                        ),
                        (
                            "officer_agreed",
                            models.BooleanField(default=False, verbose_name="同意民警参加"),
                        ),
                        ("began_on", models.DateField(verbose_name="开始日期")),
                        ("review_on", models.DateField(verbose_name="评估日期")),
                        ("ends_on", models.DateField(verbose_name="结束日期")),
                        ("made_at", models.DateTimeField(verbose_name="制定时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="已结束")),
                        (
                            "ending",
                            models.CharField(blank=True, max_length=200, verbose_name="结束原因"),
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
                            "kind",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="people.supportkind",
                                verbose_name="帮扶类别",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="制定人",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="people.person",
                                verbose_name="人员",
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
                            "words",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plan",
                                to="people.planwords",
                                verbose_name="内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶计划",
                        "verbose_name_plural": "帮扶计划",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("person", "kind"),
                                name="support_plan_one_open_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("began_on__lte", models.F("review_on")),
                                    ("review_on__lte", models.F("ends_on")),
                                ),
                                name="support_plan_is_reviewed_before_it_ends",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ending", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("ending", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="support_plan_ends_with_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupportPlanEvent",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("consent", "本人同意"),
                                    ("guardian", "监护人同意"),
                                    ("statutory", "法定职责"),
                                ],
                                max_length=12,
                                verbose_name="依据",
                            ),
                        ),
                        (
                            "officer_agreed",
                            models.BooleanField(default=False, verbose_name="同意民警参加"),
                        ),
                        ("began_on", models.DateField(verbose_name="开始日期")),
                        ("review_on", models.DateField(verbose_name="评估日期")),
                        ("ends_on", models.DateField(verbose_name="结束日期")),
                        ("made_at", models.DateTimeField(verbose_name="制定时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="已结束")),
                        (
                            "ending",
                            models.CharField(blank=True, max_length=200, verbose_name="结束原因"),
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
                            "kind",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.supportkind",
                                verbose_name="帮扶类别",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="制定人",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="人员",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.supportplan",
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
                            "words",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.planwords",
                                verbose_name="内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶计划 · 历史",
                        "verbose_name_plural": "帮扶计划 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SupportStep",
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
                        ("due_on", models.DateField(verbose_name="完成日期")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="已完成")),
                        (
                            "done_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="people.supportplan",
                                verbose_name="帮扶计划",
                            ),
                        ),
                        (
                            "words",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="step",
                                to="people.stepwords",
                                verbose_name="内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶措施",
                        "verbose_name_plural": "帮扶措施",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("done_at", None), ("done_by", None)),
                                    models.Q(
                                        ("done_at__isnull", False), ("done_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="support_step_done_by_somebody",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupportStepEvent",
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
                        ("due_on", models.DateField(verbose_name="完成日期")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="已完成")),
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
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.supportstep",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.supportplan",
                                verbose_name="帮扶计划",
                            ),
                        ),
                        (
                            "words",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.stepwords",
                                verbose_name="内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶措施 · 历史",
                        "verbose_name_plural": "帮扶措施 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="TeamMember",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("lead", "牵头人"),
                                    ("community", "社区责任人"),
                                    ("grid", "网格责任人"),
                                    ("family", "家属或监护人"),
                                    ("helper", "帮扶人"),
                                    ("officer", "民警"),
                                ],
                                max_length=12,
                                verbose_name="职责",
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
                        ("since", models.DateTimeField(verbose_name="加入时间")),
                        ("until", models.DateTimeField(null=True, verbose_name="退出时间")),
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="team",
                                to="people.supportplan",
                                verbose_name="帮扶计划",
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
                        "verbose_name": "帮扶团队",
                        "verbose_name_plural": "帮扶团队",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("role__in", ("lead", "community", "grid")), ("until", None)
                                ),
                                fields=("plan", "role"),
                                name="team_one_of_each_that_answers",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("until", None), ("user__isnull", False)),
                                fields=("plan", "user"),
                                name="team_each_user_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("user__isnull", False),
                                    ("name__isnull", False),
                                    _connector="OR",
                                ),
                                name="team_member_is_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeamMemberEvent",
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
                            "role",
                            models.CharField(
                                choices=[
                                    ("lead", "牵头人"),
                                    ("community", "社区责任人"),
                                    ("grid", "网格责任人"),
                                    ("family", "家属或监护人"),
                                    ("helper", "帮扶人"),
                                    ("officer", "民警"),
                                ],
                                max_length=12,
                                verbose_name="职责",
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
                        ("since", models.DateTimeField(verbose_name="加入时间")),
                        ("until", models.DateTimeField(null=True, verbose_name="退出时间")),
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
                                to="people.teammember",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.supportplan",
                                verbose_name="帮扶计划",
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
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "帮扶团队 · 历史",
                        "verbose_name_plural": "帮扶团队 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Tenancy",
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
                        ("began_on", models.DateField(verbose_name="起租日期")),
                        ("until", models.DateField(null=True, verbose_name="租期至")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("declared", "已申报"),
                                    ("confirmed", "已核对"),
                                    ("ended", "已结束"),
                                ],
                                default="declared",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "declared_by",
                            models.CharField(
                                choices=[("public", "租户自行申报"), ("worker", "工作人员登记")],
                                max_length=12,
                                verbose_name="登记来源",
                            ),
                        ),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                        ("ended_on", models.DateField(null=True, verbose_name="退租日期")),
                        (
                            "checked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
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
                            "house",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tenancies",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "landlord",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tenancy",
                                to="people.landlord",
                                verbose_name="房东",
                            ),
                        ),
                        (
                            "landlord_entity",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.entity",
                                verbose_name="房东（单位）",
                            ),
                        ),
                        (
                            "landlord_person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.person",
                                verbose_name="房东（人口）",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
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
                        "verbose_name": "租住登记",
                        "verbose_name_plural": "租住登记",
                        "indexes": [models.Index(fields=["grid", "id"], name="tenancy_of_grid")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "ended"), _negated=True),
                                fields=("house",),
                                name="tenancy_one_open_a_house",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("landlord", None), ("landlord_entity", None)),
                                    models.Q(("landlord", None), ("landlord_person", None)),
                                    models.Q(("landlord_entity", None), ("landlord_person", None)),
                                    _connector="OR",
                                ),
                                name="tenancy_has_one_landlord",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("declared_by", "public"),
                                    ("landlord_person__isnull", False),
                                    ("landlord_entity__isnull", False),
                                    ("landlord__isnull", False),
                                    _connector="OR",
                                ),
                                name="tenancy_of_a_worker_names_the_landlord",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until", None),
                                    ("until__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="tenancy_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("checked_at", None), ("checked_by", None)),
                                    models.Q(
                                        ("checked_at__isnull", False), ("checked_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="tenancy_checked_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "confirmed"), _negated=True),
                                    ("checked_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="tenancy_confirmed_was_checked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_on__gte", models.F("began_on")), ("state", "ended")
                                    ),
                                    models.Q(
                                        models.Q(("state", "ended"), _negated=True),
                                        ("ended_on", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="tenancy_ended_on_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TenancyEvent",
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
                        ("began_on", models.DateField(verbose_name="起租日期")),
                        ("until", models.DateField(null=True, verbose_name="租期至")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("declared", "已申报"),
                                    ("confirmed", "已核对"),
                                    ("ended", "已结束"),
                                ],
                                default="declared",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "declared_by",
                            models.CharField(
                                choices=[("public", "租户自行申报"), ("worker", "工作人员登记")],
                                max_length=12,
                                verbose_name="登记来源",
                            ),
                        ),
                        ("registered_at", models.DateTimeField(verbose_name="登记时间")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                        ("ended_on", models.DateField(null=True, verbose_name="退租日期")),
                        (
                            "checked_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
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
                            "house",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "landlord",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.landlord",
                                verbose_name="房东",
                            ),
                        ),
                        (
                            "landlord_entity",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.entity",
                                verbose_name="房东（单位）",
                            ),
                        ),
                        (
                            "landlord_person",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.person",
                                verbose_name="房东（人口）",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.tenancy",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
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
                        "verbose_name": "租住登记 · 历史",
                        "verbose_name_plural": "租住登记 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="TenantDeclaration",
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
                        ("key", models.UUIDField(editable=False, unique=True)),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "document_kind",
                            models.CharField(
                                choices=[
                                    ("resident_id", "居民身份证"),
                                    ("hk_macao_permit", "港澳居民居住证"),
                                    ("taiwan_permit", "台湾居民居住证"),
                                    ("foreign_permit", "外国人永久居留身份证"),
                                    ("passport", "护照"),
                                    ("none", "暂无证件"),
                                ],
                                max_length=20,
                                verbose_name="证件种类",
                            ),
                        ),
                        (
                            "document_number",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="document", null=True, verbose_name="证件号码"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        ("began_on", models.DateField(verbose_name="起租日期")),
                        ("until", models.DateField(null=True, verbose_name="租期至")),
                        ("declared_at", models.DateTimeField(verbose_name="申报时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "待核对"),
                                    ("confirmed", "已核对"),
                                    ("refused", "不属实"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="不属实的理由"
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
                            "data_key",
                            models.OneToOneField(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.datakey",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
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
                            "house",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="declarations",
                                to="grids.house",
                                verbose_name="房屋",
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
                            "tenancy",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="declarations",
                                to="people.tenancy",
                                verbose_name="租住登记",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "租住申报",
                        "verbose_name_plural": "租住申报",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["grid", "declared_at"],
                                name="declaration_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until", None),
                                    ("until__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="declaration_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("decided_at", None),
                                        ("decided_by", None),
                                        ("state", "waiting"),
                                        ("tenancy", None),
                                    ),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        ("state", "confirmed"),
                                        ("tenancy__isnull", False),
                                        ("decided_at__isnull", False),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("state", "refused"),
                                        ("tenancy", None),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="declaration_decided_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TenantDeclarationEvent",
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
                        ("key", models.UUIDField(editable=False)),
                        (
                            "name",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="name", null=True, verbose_name="姓名"
                            ),
                        ),
                        (
                            "document_kind",
                            models.CharField(
                                choices=[
                                    ("resident_id", "居民身份证"),
                                    ("hk_macao_permit", "港澳居民居住证"),
                                    ("taiwan_permit", "台湾居民居住证"),
                                    ("foreign_permit", "外国人永久居留身份证"),
                                    ("passport", "护照"),
                                    ("none", "暂无证件"),
                                ],
                                max_length=20,
                                verbose_name="证件种类",
                            ),
                        ),
                        (
                            "document_number",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="document", null=True, verbose_name="证件号码"
                            ),
                        ),
                        (
                            "phone",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="phone", null=True, verbose_name="电话"
                            ),
                        ),
                        ("began_on", models.DateField(verbose_name="起租日期")),
                        ("until", models.DateField(null=True, verbose_name="租期至")),
                        ("declared_at", models.DateTimeField(verbose_name="申报时间")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "待核对"),
                                    ("confirmed", "已核对"),
                                    ("refused", "不属实"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                        (
                            "reason",
                            models.CharField(
                                blank=True, max_length=200, verbose_name="不属实的理由"
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
                            "decided_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
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
                            "house",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.tenantdeclaration",
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
                            "tenancy",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.tenancy",
                                verbose_name="租住登记",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "租住申报 · 历史",
                        "verbose_name_plural": "租住申报 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
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
                            "aims",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("care", "关心走访"),
                                        ("check", "核对登记"),
                                        ("safety", "安全提醒"),
                                        ("service", "代办服务"),
                                        ("support", "帮扶计划"),
                                        ("follow_up", "回头看"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                                verbose_name="走访目的",
                            ),
                        ),
                        ("visited_at", models.DateTimeField(verbose_name="走访时间")),
                        (
                            "skipped",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("absent", "家中无人"),
                                    ("declined", "本户谢绝"),
                                    ("unsuitable", "时间不便"),
                                ],
                                max_length=12,
                                verbose_name="未走访原因",
                            ),
                        ),
                        (
                            "follow_up_on",
                            models.DateField(blank=True, null=True, verbose_name="回访日期"),
                        ),
                        ("followed_at", models.DateTimeField(null=True, verbose_name="已回访")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="走访人",
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
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="people.household",
                                verbose_name="住户",
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
                            "words",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visit",
                                to="people.visitwords",
                                verbose_name="走访记录",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "走访",
                        "verbose_name_plural": "走访",
                        "indexes": [
                            models.Index(
                                fields=["household", "-visited_at"], name="visit_of_household"
                            ),
                            models.Index(fields=["grid", "-visited_at"], name="visit_of_grid"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("aims", []), _negated=True),
                                name="visit_has_an_aim",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("followed_at", None),
                                    ("follow_up_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="visit_followed_what_was_to_be",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VisitPlan",
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
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "aims",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("care", "关心走访"),
                                        ("check", "核对登记"),
                                        ("safety", "安全提醒"),
                                        ("service", "代办服务"),
                                        ("support", "帮扶计划"),
                                        ("follow_up", "回头看"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                                verbose_name="走访目的",
                            ),
                        ),
                        (
                            "every_weeks",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="每几周一次"
                            ),
                        ),
                        ("begins_on", models.DateField(verbose_name="开始日期")),
                        (
                            "ends_on",
                            models.DateField(blank=True, null=True, verbose_name="结束日期"),
                        ),
                        ("made_at", models.DateTimeField(verbose_name="制定时间")),
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
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="制定人",
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
                        "verbose_name": "走访计划",
                        "verbose_name_plural": "走访计划",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("every_weeks__gt", 0),
                                    models.Q(("ends_on__isnull", False), ("every_weeks", None)),
                                    _connector="OR",
                                ),
                                name="visit_plan_repeats_or_ends",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None),
                                    ("ends_on__gte", models.F("begins_on")),
                                    _connector="OR",
                                ),
                                name="visit_plan_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("aims", []), _negated=True),
                                name="visit_plan_has_an_aim",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VisitPlanEvent",
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
                            "aims",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("care", "关心走访"),
                                        ("check", "核对登记"),
                                        ("safety", "安全提醒"),
                                        ("service", "代办服务"),
                                        ("support", "帮扶计划"),
                                        ("follow_up", "回头看"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                                verbose_name="走访目的",
                            ),
                        ),
                        (
                            "every_weeks",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="每几周一次"
                            ),
                        ),
                        ("begins_on", models.DateField(verbose_name="开始日期")),
                        (
                            "ends_on",
                            models.DateField(blank=True, null=True, verbose_name="结束日期"),
                        ),
                        ("made_at", models.DateTimeField(verbose_name="制定时间")),
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
                            "made_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="制定人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.visitplan",
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
                        "verbose_name": "走访计划 · 历史",
                        "verbose_name_plural": "走访计划 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="VisitWords",
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
                            "note",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="走访记录"
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
                        "verbose_name": "走访记录",
                        "verbose_name_plural": "走访记录",
                    },
                ),
                migrations.CreateModel(
                    name="VisitEvent",
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
                            "aims",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("care", "关心走访"),
                                        ("check", "核对登记"),
                                        ("safety", "安全提醒"),
                                        ("service", "代办服务"),
                                        ("support", "帮扶计划"),
                                        ("follow_up", "回头看"),
                                    ],
                                    max_length=12,
                                ),
                                size=None,
                                verbose_name="走访目的",
                            ),
                        ),
                        ("visited_at", models.DateTimeField(verbose_name="走访时间")),
                        (
                            "skipped",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("absent", "家中无人"),
                                    ("declined", "本户谢绝"),
                                    ("unsuitable", "时间不便"),
                                ],
                                max_length=12,
                                verbose_name="未走访原因",
                            ),
                        ),
                        (
                            "follow_up_on",
                            models.DateField(blank=True, null=True, verbose_name="回访日期"),
                        ),
                        ("followed_at", models.DateTimeField(null=True, verbose_name="已回访")),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="走访人",
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
                            "household",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.household",
                                verbose_name="住户",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="people.visit",
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
                            "words",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="people.visitwords",
                                verbose_name="走访记录",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "走访 · 历史",
                        "verbose_name_plural": "走访 · 历史",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
