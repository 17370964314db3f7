"""Imports of people: what a file says lies sealed, and is its importer's alone to see."""

import django.db.models.deletion
import django.db.models.expressions
import governance.history
import governance.personal
import pghistory.utils
import uuid
from django.conf import settings
from django.db import migrations, models

from governance.together import Together


MINE = "EXISTS (SELECT FROM people_peopleimport AS j WHERE {} AND j.by_id = app_user())"
# The words of a file are written before their job is.
WALLS = """
ALTER TABLE people_importwords ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_import ON people_importwords
    USING ({words}) WITH CHECK (app_user() IS NOT NULL);
ALTER TABLE people_importedrows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_import ON people_importedrows USING ({rows}) WITH CHECK ({rows});
CREATE POLICY retention ON people_importwords TO governance_retention
    USING (true) WITH CHECK (true);
CREATE POLICY retention ON people_importedrows TO governance_retention
    USING (true) WITH CHECK (true);
-- People of the transaction's units who were born on one of these days, with what they are found
-- by: whom a batch of an import may mean. Day by day through the index of marks, and person by
-- person (OFFSET, LIMIT): all at once would compare everybody with every day.
CREATE FUNCTION people_by_births(wanted bigint[])
RETURNS TABLE (birth bigint, id uuid, marks bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
    SELECT w.mark, p.id, p.marks
    FROM unnest(wanted) AS w (mark) CROSS JOIN LATERAL (
        SELECT q.id, q.marks FROM people_person AS q
        WHERE q.marks @> ARRAY[w.mark] AND q.merged_into_id IS NULL OFFSET 0
    ) AS p
    WHERE (
        SELECT true FROM people_residency AS r
        WHERE r.person_id = p.id AND r.ended_on IS NULL
            AND ARRAY[r.district_id, r.street_id, r.community_id, r.grid_id] && (SELECT app_units())
        LIMIT 1
    );
$$;
""".format(
    words=MINE.format("j.words_id = people_importwords.id"),
    rows=MINE.format("j.id = people_importedrows.job_id"),
)
UNDO = """
DROP FUNCTION people_by_births(bigint[]);
DROP POLICY retention ON people_importedrows; DROP POLICY retention ON people_importwords;
DROP POLICY own_import ON people_importedrows; DROP POLICY own_import ON people_importwords;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("people", "0005_follow_doors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="ImportWords",
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
                            "sample",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="前几行"
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
                        "verbose_name": "导入文件的内容",
                        "verbose_name_plural": "导入文件的内容",
                    },
                ),
                migrations.CreateModel(
                    name="PeopleImport",
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
                        (
                            "file",
                            models.FileField(blank=True, upload_to="imports/", verbose_name="文件"),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("header", models.JSONField(default=list, verbose_name="表头")),
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
                        ("alike", models.PositiveIntegerField(default=0, verbose_name="疑似重复")),
                        (
                            "holds_alike",
                            models.BooleanField(default=True, verbose_name="疑似重复的先不导入"),
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
                        (
                            "words",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="job",
                                to="people.importwords",
                                verbose_name="文件内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人口导入",
                        "verbose_name_plural": "人口导入",
                    },
                ),
                migrations.CreateModel(
                    name="ImportedRows",
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
                        ("first_line", models.PositiveIntegerField(verbose_name="首行")),
                        (
                            "rows",
                            governance.personal.EncryptedTextField(
                                blank=True, mask="hidden", null=True, verbose_name="行"
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
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="people.peopleimport",
                                verbose_name="导入",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "导入中待核对的行",
                        "verbose_name_plural": "导入中待核对的行",
                    },
                ),
                migrations.CreateModel(
                    name="PeopleImportEvent",
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
                        (
                            "file",
                            models.FileField(blank=True, upload_to="imports/", verbose_name="文件"),
                        ),
                        ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("header", models.JSONField(default=list, verbose_name="表头")),
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
                        ("alike", models.PositiveIntegerField(default=0, verbose_name="疑似重复")),
                        (
                            "holds_alike",
                            models.BooleanField(default=True, verbose_name="疑似重复的先不导入"),
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
                                to="people.peopleimport",
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
                                to="people.importwords",
                                verbose_name="文件内容",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "人口导入 · 历史",
                        "verbose_name_plural": "人口导入 · 历史",
                        "abstract": False,
                    },
                ),
                migrations.AddIndex(
                    model_name="peopleimport",
                    index=models.Index(
                        condition=models.Q(("state__in", ("uploaded", "checking", "running"))),
                        fields=["id"],
                        name="people_import_waiting",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="peopleimport",
                    constraint=models.CheckConstraint(
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
                        name="people_import_counts_every_row",
                    ),
                ),
            ]
        ),
        migrations.RunSQL(WALLS, UNDO),
    ]
