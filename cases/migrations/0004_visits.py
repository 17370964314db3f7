import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from governance.together import Together


# The sheets of a grid count what was made of its visits; more of a case they do not read.
COUNTED = """
GRANT SELECT (visit_id) ON cases_case, cases_servicerequest TO governance_sweep;
"""
UNCOUNTED = """
REVOKE SELECT (visit_id) ON cases_case, cases_servicerequest FROM governance_sweep;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_dated_catalogue"),
        ("governance", "0003_clock_and_scope"),
        ("grids", "0002_place_points"),
        ("people", "0003_support_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="case",
                    name="visit",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="people.visit",
                        verbose_name="来自走访",
                    ),
                ),
                migrations.AddField(
                    model_name="caseevent",
                    name="visit",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.visit",
                        verbose_name="来自走访",
                    ),
                ),
                migrations.AddField(
                    model_name="servicerequest",
                    name="visit",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_requests",
                        to="people.visit",
                        verbose_name="来自走访",
                    ),
                ),
                migrations.AddField(
                    model_name="servicerequestevent",
                    name="visit",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="people.visit",
                        verbose_name="来自走访",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="source",
                    field=models.CharField(
                        choices=[
                            ("public", "随手拍"),
                            ("phone_call", "电话"),
                            ("walk_in", "来访"),
                            ("worker", "网格员上报"),
                            ("visit", "走访"),
                            ("campaign", "专项检查"),
                            ("api", "接口"),
                            ("suggestion", "建议转办"),
                            ("import", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                migrations.AlterField(
                    model_name="caseevent",
                    name="source",
                    field=models.CharField(
                        choices=[
                            ("public", "随手拍"),
                            ("phone_call", "电话"),
                            ("walk_in", "来访"),
                            ("worker", "网格员上报"),
                            ("visit", "走访"),
                            ("campaign", "专项检查"),
                            ("api", "接口"),
                            ("suggestion", "建议转办"),
                            ("import", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                migrations.AlterField(
                    model_name="dispatchrule",
                    name="source",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("public", "随手拍"),
                            ("phone_call", "电话"),
                            ("walk_in", "来访"),
                            ("worker", "网格员上报"),
                            ("visit", "走访"),
                            ("campaign", "专项检查"),
                            ("api", "接口"),
                            ("suggestion", "建议转办"),
                            ("import", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                migrations.AlterField(
                    model_name="dispatchruleevent",
                    name="source",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("public", "随手拍"),
                            ("phone_call", "电话"),
                            ("walk_in", "来访"),
                            ("worker", "网格员上报"),
                            ("visit", "走访"),
                            ("campaign", "专项检查"),
                            ("api", "接口"),
                            ("suggestion", "建议转办"),
                            ("import", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                migrations.AddIndex(
                    model_name="case",
                    index=models.Index(
                        condition=models.Q(("visit__isnull", False)),
                        fields=["visit"],
                        name="case_of_visit",
                    ),
                ),
                migrations.AddIndex(
                    model_name="servicerequest",
                    index=models.Index(
                        condition=models.Q(("visit__isnull", False)),
                        fields=["visit"],
                        name="service_of_visit",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(COUNTED, UNCOUNTED),
    ]
