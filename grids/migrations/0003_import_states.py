"""Two more steps on the way of an import: tried, and looked at."""

from django.conf import settings
from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0002_place_points"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.RemoveIndex(
                    model_name="placeimport",
                    name="place_import_waiting",
                ),
                migrations.AlterField(
                    model_name="placeimport",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("uploaded", "正在读取"),
                            ("ready", "待确认"),
                            ("checking", "正在检查"),
                            ("checked", "已检查，待确认"),
                            ("running", "正在导入"),
                            ("done", "已完成"),
                            ("failed", "未能导入"),
                        ],
                        default="uploaded",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                migrations.AlterField(
                    model_name="placeimportevent",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("uploaded", "正在读取"),
                            ("ready", "待确认"),
                            ("checking", "正在检查"),
                            ("checked", "已检查，待确认"),
                            ("running", "正在导入"),
                            ("done", "已完成"),
                            ("failed", "未能导入"),
                        ],
                        default="uploaded",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                migrations.AddIndex(
                    model_name="placeimport",
                    index=models.Index(
                        condition=models.Q(("state__in", ("uploaded", "checking", "running"))),
                        fields=["id"],
                        name="place_import_waiting",
                    ),
                ),
            ]
        ),
    ]
