import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import governance.history
import governance.together
import pghistory.utils
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("grids", "0001_initial"),
        ("grids", "0002_history_names"),
        ("grids", "0003_places"),
        ("grids", "0005_imports_and_seats"),
    ]

    initial = True

    dependencies = [
        ("governance", "0002_tokens"),
    ]

    operations = [
        governance.together.Together(
            operations=[
                migrations.CreateModel(
                    name="Address",
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
                        ("road", models.CharField(blank=True, max_length=60, verbose_name="道路")),
                        (
                            "number",
                            models.CharField(blank=True, max_length=20, verbose_name="门牌号"),
                        ),
                        (
                            "estate",
                            models.CharField(blank=True, max_length=60, verbose_name="小区"),
                        ),
                        (
                            "building",
                            models.CharField(blank=True, max_length=20, verbose_name="楼栋"),
                        ),
                        (
                            "unit_no",
                            models.CharField(blank=True, max_length=10, verbose_name="单元"),
                        ),
                        ("floor", models.CharField(blank=True, max_length=10, verbose_name="楼层")),
                        ("room", models.CharField(blank=True, max_length=20, verbose_name="房号")),
                        ("key", models.CharField(max_length=200, verbose_name="标准地址")),
                        (
                            "search",
                            django.contrib.postgres.search.SearchVectorField(editable=False),
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
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="grids.address",
                                verbose_name="并入",
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
                        "verbose_name": "标准地址",
                        "verbose_name_plural": "标准地址",
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["search"], name="address_search"
                            )
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
                                name="address_point_is_on_earth",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("merged_into", None)),
                                fields=("community", "key"),
                                name="address_once_a_community",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key", ""), _negated=True),
                                name="address_says_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("merged_into", models.F("pk")), _negated=True),
                                name="address_not_merged_into_itself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AddressEvent",
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
                        ("road", models.CharField(blank=True, max_length=60, verbose_name="道路")),
                        (
                            "number",
                            models.CharField(blank=True, max_length=20, verbose_name="门牌号"),
                        ),
                        (
                            "estate",
                            models.CharField(blank=True, max_length=60, verbose_name="小区"),
                        ),
                        (
                            "building",
                            models.CharField(blank=True, max_length=20, verbose_name="楼栋"),
                        ),
                        (
                            "unit_no",
                            models.CharField(blank=True, max_length=10, verbose_name="单元"),
                        ),
                        ("floor", models.CharField(blank=True, max_length=10, verbose_name="楼层")),
                        ("room", models.CharField(blank=True, max_length=20, verbose_name="房号")),
                        ("key", models.CharField(max_length=200, verbose_name="标准地址")),
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
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.address",
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
                                to="grids.address",
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
                        "verbose_name": "标准地址 · 历史",
                        "verbose_name_plural": "标准地址 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Building",
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
                        ("code", models.CharField(blank=True, max_length=40, verbose_name="编号")),
                        (
                            "estate",
                            models.CharField(blank=True, max_length=60, verbose_name="小区"),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="楼栋")),
                        ("footprint", models.JSONField(blank=True, null=True, verbose_name="轮廓")),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("residential", "住宅"),
                                    ("commercial", "商业"),
                                    ("office", "办公"),
                                    ("industrial", "工业"),
                                    ("public", "公共"),
                                    ("mixed", "混合"),
                                ],
                                default="residential",
                                max_length=12,
                                verbose_name="用途",
                            ),
                        ),
                        (
                            "floors",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="层数"
                            ),
                        ),
                        (
                            "unit_count",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="单元数"
                            ),
                        ),
                        (
                            "property_company",
                            models.CharField(blank=True, max_length=80, verbose_name="物业公司"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                        (
                            "address",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="buildings",
                                to="grids.address",
                                verbose_name="标准地址",
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
                        "verbose_name": "楼栋",
                        "verbose_name_plural": "楼栋",
                        "indexes": [
                            models.Index(
                                fields=["community", "estate", "name"], name="building_of_community"
                            ),
                            models.Index(
                                fields=["grid", "estate", "name"], name="building_of_grid"
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
                                name="building_point_is_on_earth",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("code", ""), _negated=True),
                                fields=("code",),
                                name="building_code_is_unique",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_active", True)),
                                fields=("community", "estate", "name"),
                                name="building_once_an_estate",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BuildingEvent",
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
                        ("code", models.CharField(blank=True, max_length=40, verbose_name="编号")),
                        (
                            "estate",
                            models.CharField(blank=True, max_length=60, verbose_name="小区"),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="楼栋")),
                        ("footprint", models.JSONField(blank=True, null=True, verbose_name="轮廓")),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("residential", "住宅"),
                                    ("commercial", "商业"),
                                    ("office", "办公"),
                                    ("industrial", "工业"),
                                    ("public", "公共"),
                                    ("mixed", "混合"),
                                ],
                                default="residential",
                                max_length=12,
                                verbose_name="用途",
                            ),
                        ),
                        (
                            "floors",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="层数"
                            ),
                        ),
                        (
                            "unit_count",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="单元数"
                            ),
                        ),
                        (
                            "property_company",
                            models.CharField(blank=True, max_length=80, verbose_name="物业公司"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                        (
                            "address",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.address",
                                verbose_name="标准地址",
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
                                to="grids.building",
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
                        "verbose_name": "楼栋 · 历史",
                        "verbose_name_plural": "楼栋 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Facility",
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
                            "code",
                            models.CharField(max_length=40, unique=True, verbose_name="部件编码"),
                        ),
                        (
                            "facility_class",
                            models.CharField(
                                choices=[
                                    ("utility", "公用设施"),
                                    ("traffic", "道路交通"),
                                    ("appearance", "市容环境"),
                                    ("green", "园林绿化"),
                                    ("other", "其他部件"),
                                ],
                                max_length=12,
                                verbose_name="大类",
                            ),
                        ),
                        ("kind", models.CharField(max_length=40, verbose_name="名称")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="位置说明"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
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
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="governance.unit",
                                verbose_name="权属（主管）单位",
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
                        "verbose_name": "公共部件",
                        "verbose_name_plural": "公共部件",
                        "indexes": [
                            models.Index(fields=["community", "id"], name="facility_of_community")
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
                                name="facility_point_is_on_earth",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("lon__isnull", False)),
                                name="facility_has_a_point",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FacilityEvent",
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
                        ("code", models.CharField(max_length=40, verbose_name="部件编码")),
                        (
                            "facility_class",
                            models.CharField(
                                choices=[
                                    ("utility", "公用设施"),
                                    ("traffic", "道路交通"),
                                    ("appearance", "市容环境"),
                                    ("green", "园林绿化"),
                                    ("other", "其他部件"),
                                ],
                                max_length=12,
                                verbose_name="大类",
                            ),
                        ),
                        ("kind", models.CharField(max_length=40, verbose_name="名称")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="位置说明"),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
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
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="governance.unit",
                                verbose_name="权属（主管）单位",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="grids.facility",
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
                        "verbose_name": "公共部件 · 历史",
                        "verbose_name_plural": "公共部件 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Grid",
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
                                choices=[("comprehensive", "综合网格"), ("dedicated", "专属网格")],
                                default="comprehensive",
                                max_length=20,
                                verbose_name="网格类型",
                            ),
                        ),
                        (
                            "dedicated_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("government", "党政机关"),
                                    ("hospital", "医院"),
                                    ("school", "学校"),
                                    ("enterprise", "企业"),
                                    ("park", "园区"),
                                    ("mall", "商圈"),
                                    ("market", "市场"),
                                    ("sight", "景区"),
                                ],
                                max_length=20,
                                verbose_name="专属类别",
                            ),
                        ),
                        ("boundary", models.JSONField(verbose_name="边界")),
                        ("valid_from", models.DateField(verbose_name="生效日期")),
                        (
                            "valid_to",
                            models.DateField(blank=True, null=True, verbose_name="失效日期"),
                        ),
                        (
                            "unit",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="territory",
                                to="governance.unit",
                                verbose_name="网格单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "网格",
                        "verbose_name_plural": "网格",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("boundary__contains", {"type": "MultiPolygon"})
                                ),
                                name="grid_boundary_is_a_multipolygon",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "dedicated"), ("dedicated_kind", ""), _connector="OR"
                                ),
                                name="grid_only_a_dedicated_one_is_of_a_kind",
                                violation_error_message="只有专属网格才有专属类别。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_to", None),
                                    ("valid_to__gte", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="grid_ends_after_it_begins",
                                violation_error_message="失效日期不能早于生效日期。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GridEvent",
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
                                choices=[("comprehensive", "综合网格"), ("dedicated", "专属网格")],
                                default="comprehensive",
                                max_length=20,
                                verbose_name="网格类型",
                            ),
                        ),
                        (
                            "dedicated_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("government", "党政机关"),
                                    ("hospital", "医院"),
                                    ("school", "学校"),
                                    ("enterprise", "企业"),
                                    ("park", "园区"),
                                    ("mall", "商圈"),
                                    ("market", "市场"),
                                    ("sight", "景区"),
                                ],
                                max_length=20,
                                verbose_name="专属类别",
                            ),
                        ),
                        ("boundary", models.JSONField(verbose_name="边界")),
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
                                to="grids.grid",
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
                                verbose_name="网格单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "网格 · 历史",
                        "verbose_name_plural": "网格 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Hazard",
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
                                    ("fire", "消防"),
                                    ("gas", "燃气"),
                                    ("electric", "用电"),
                                    ("structure", "房屋结构"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("note", models.CharField(max_length=400, verbose_name="情况")),
                        ("noted_at", models.DateTimeField(verbose_name="发现时间")),
                        (
                            "cleared_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="消除时间"),
                        ),
                        (
                            "cleared_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认消除",
                            ),
                        ),
                        (
                            "noted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发现人",
                            ),
                        ),
                        (
                            "house",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hazards",
                                to="grids.house",
                                verbose_name="房屋",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "房屋隐患",
                        "verbose_name_plural": "房屋隐患",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cleared_at", None), ("cleared_by", None)),
                                    models.Q(
                                        ("cleared_at__gte", models.F("noted_at")),
                                        ("cleared_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="hazard_cleared_by_somebody_after_it_was_noted",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="House",
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
                            "unit_no",
                            models.CharField(blank=True, max_length=10, verbose_name="单元"),
                        ),
                        ("floor", models.SmallIntegerField(verbose_name="楼层")),
                        ("room", models.CharField(max_length=20, verbose_name="房号")),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("own", "自住"),
                                    ("rented", "出租"),
                                    ("shared", "群租"),
                                    ("empty", "空置"),
                                    ("commercial", "商用"),
                                ],
                                default="own",
                                max_length=12,
                                verbose_name="房屋用途",
                            ),
                        ),
                        (
                            "owner_kind",
                            models.CharField(
                                choices=[
                                    ("private", "个人"),
                                    ("entity", "单位"),
                                    ("public", "公房"),
                                    ("unknown", "不详"),
                                ],
                                default="unknown",
                                max_length=12,
                                verbose_name="产权",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                        (
                            "address",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="houses",
                                to="grids.address",
                                verbose_name="标准地址",
                            ),
                        ),
                        (
                            "building",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="houses",
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
                        "verbose_name": "房屋",
                        "verbose_name_plural": "房屋",
                        "indexes": [
                            models.Index(fields=["grid", "id"], name="house_of_grid"),
                            models.Index(fields=["community", "id"], name="house_of_community"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_active", True)),
                                fields=("building", "unit_no", "room"),
                                name="house_once_a_building",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("room", ""), _negated=True),
                                name="house_has_a_room",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HazardEvent",
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
                                    ("fire", "消防"),
                                    ("gas", "燃气"),
                                    ("electric", "用电"),
                                    ("structure", "房屋结构"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                                verbose_name="类别",
                            ),
                        ),
                        ("note", models.CharField(max_length=400, verbose_name="情况")),
                        ("noted_at", models.DateTimeField(verbose_name="发现时间")),
                        (
                            "cleared_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="消除时间"),
                        ),
                        (
                            "cleared_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认消除",
                            ),
                        ),
                        (
                            "noted_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发现人",
                            ),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="grids.hazard",
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
                    ],
                    options={
                        "verbose_name": "房屋隐患 · 历史",
                        "verbose_name_plural": "房屋隐患 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="HouseEvent",
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
                            "unit_no",
                            models.CharField(blank=True, max_length=10, verbose_name="单元"),
                        ),
                        ("floor", models.SmallIntegerField(verbose_name="楼层")),
                        ("room", models.CharField(max_length=20, verbose_name="房号")),
                        (
                            "use",
                            models.CharField(
                                choices=[
                                    ("own", "自住"),
                                    ("rented", "出租"),
                                    ("shared", "群租"),
                                    ("empty", "空置"),
                                    ("commercial", "商用"),
                                ],
                                default="own",
                                max_length=12,
                                verbose_name="房屋用途",
                            ),
                        ),
                        (
                            "owner_kind",
                            models.CharField(
                                choices=[
                                    ("private", "个人"),
                                    ("entity", "单位"),
                                    ("public", "公房"),
                                    ("unknown", "不详"),
                                ],
                                default="unknown",
                                max_length=12,
                                verbose_name="产权",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                        (
                            "address",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="grids.address",
                                verbose_name="标准地址",
                            ),
                        ),
                        (
                            "building",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
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
                                to="grids.house",
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
                        "verbose_name": "房屋 · 历史",
                        "verbose_name_plural": "房屋 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PlaceImport",
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
                                choices=[("buildings", "楼栋"), ("houses", "房屋")],
                                max_length=12,
                                verbose_name="内容",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("uploaded", "正在读取"),
                                    ("ready", "待确认"),
                                    ("running", "正在导入"),
                                    ("done", "已完成"),
                                    ("failed", "读取失败"),
                                ],
                                default="uploaded",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(blank=True, upload_to="imports/", verbose_name="文件"),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("header", models.JSONField(default=list, verbose_name="表头")),
                        ("sample", models.JSONField(default=list, verbose_name="预览")),
                        ("mapping", models.JSONField(default=dict, verbose_name="列对应")),
                        ("created_at", models.DateTimeField(verbose_name="上传时间")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("total", models.PositiveIntegerField(default=0, verbose_name="总行数")),
                        ("read", models.PositiveIntegerField(default=0, verbose_name="已读")),
                        ("made", models.PositiveIntegerField(default=0, verbose_name="新增")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="更新")),
                        ("same", models.PositiveIntegerField(default=0, verbose_name="未变")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="拒绝")),
                        (
                            "error",
                            models.CharField(blank=True, max_length=400, verbose_name="原因"),
                        ),
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
                        "verbose_name": "楼栋房屋导入",
                        "verbose_name_plural": "楼栋房屋导入",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ("uploaded", "running"))),
                                fields=["id"],
                                name="place_import_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "read",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("made"), "+", models.F("changed")
                                                ),
                                                "+",
                                                models.F("same"),
                                            ),
                                            "+",
                                            models.F("refused"),
                                        ),
                                    )
                                ),
                                name="place_import_counts_every_row",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlaceImportEvent",
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
                                choices=[("buildings", "楼栋"), ("houses", "房屋")],
                                max_length=12,
                                verbose_name="内容",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("uploaded", "正在读取"),
                                    ("ready", "待确认"),
                                    ("running", "正在导入"),
                                    ("done", "已完成"),
                                    ("failed", "读取失败"),
                                ],
                                default="uploaded",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "file",
                            models.FileField(blank=True, upload_to="imports/", verbose_name="文件"),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("header", models.JSONField(default=list, verbose_name="表头")),
                        ("sample", models.JSONField(default=list, verbose_name="预览")),
                        ("mapping", models.JSONField(default=dict, verbose_name="列对应")),
                        ("created_at", models.DateTimeField(verbose_name="上传时间")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("total", models.PositiveIntegerField(default=0, verbose_name="总行数")),
                        ("read", models.PositiveIntegerField(default=0, verbose_name="已读")),
                        ("made", models.PositiveIntegerField(default=0, verbose_name="新增")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="更新")),
                        ("same", models.PositiveIntegerField(default=0, verbose_name="未变")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="拒绝")),
                        (
                            "error",
                            models.CharField(blank=True, max_length=400, verbose_name="原因"),
                        ),
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
                                to="grids.placeimport",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "楼栋房屋导入 · 历史",
                        "verbose_name_plural": "楼栋房屋导入 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="RefusedRow",
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
                        ("line", models.PositiveIntegerField(verbose_name="行")),
                        ("cells", models.JSONField(verbose_name="内容")),
                        ("why", models.CharField(max_length=400, verbose_name="原因")),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refused_rows",
                                to="grids.placeimport",
                                verbose_name="导入",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "被拒绝的行",
                        "verbose_name_plural": "被拒绝的行",
                    },
                ),
                migrations.CreateModel(
                    name="Seat",
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
                        ("lon", models.FloatField(verbose_name="经度")),
                        ("lat", models.FloatField(verbose_name="纬度")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="地址"),
                        ),
                        (
                            "unit",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="seat",
                                to="governance.unit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "单位驻地",
                        "verbose_name_plural": "单位驻地",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lat__gte", -90),
                                    ("lat__lte", 90),
                                    ("lon__gte", -180),
                                    ("lon__lte", 180),
                                ),
                                name="seat_is_on_earth",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SeatEvent",
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
                        ("lon", models.FloatField(verbose_name="经度")),
                        ("lat", models.FloatField(verbose_name="纬度")),
                        (
                            "place",
                            models.CharField(blank=True, max_length=200, verbose_name="地址"),
                        ),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="history_rows",
                                to="grids.seat",
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
                        "verbose_name": "单位驻地 · 历史",
                        "verbose_name_plural": "单位驻地 · 历史",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
