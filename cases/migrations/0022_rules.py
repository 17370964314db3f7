import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0021_campaigns"),
        ("governance", "0006_sign_ins"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="dispatchrule",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="dispatchrule",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="dispatchrule",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="dispatchrule",
            name="post",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.post",
                verbose_name="指定岗位",
            ),
        ),
        migrations.AddField(
            model_name="dispatchruleevent",
            name="post",
            field=models.ForeignKey(
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
        pgtrigger.migrations.AddTrigger(
            model_name="dispatchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "cases_dispatchruleevent" ("department_id", "grid_kind", "hours", "id", "item_class_id", "item_id", "mode", "name", "order", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_id", "source", "unit_id", "valid_from", "valid_to", "words") VALUES (NEW."department_id", NEW."grid_kind", NEW."hours", NEW."id", NEW."item_class_id", NEW."item_id", NEW."mode", NEW."name", NEW."order", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."post_id", NEW."source", NEW."unit_id", NEW."valid_from", NEW."valid_to", NEW."words"); RETURN NULL;',
                    hash="d13aa1654e7f461213927c5f75e9c528b26c98b5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_83981",
                    table="cases_dispatchrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispatchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "cases_dispatchruleevent" ("department_id", "grid_kind", "hours", "id", "item_class_id", "item_id", "mode", "name", "order", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_id", "source", "unit_id", "valid_from", "valid_to", "words") VALUES (NEW."department_id", NEW."grid_kind", NEW."hours", NEW."id", NEW."item_class_id", NEW."item_id", NEW."mode", NEW."name", NEW."order", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."post_id", NEW."source", NEW."unit_id", NEW."valid_from", NEW."valid_to", NEW."words"); RETURN NULL;',
                    hash="5603467928707ee6b8e1c30d651f165198c5de81",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_11758",
                    table="cases_dispatchrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispatchrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "cases_dispatchruleevent" ("department_id", "grid_kind", "hours", "id", "item_class_id", "item_id", "mode", "name", "order", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "post_id", "source", "unit_id", "valid_from", "valid_to", "words") VALUES (OLD."department_id", OLD."grid_kind", OLD."hours", OLD."id", OLD."item_class_id", OLD."item_id", OLD."mode", OLD."name", OLD."order", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."post_id", OLD."source", OLD."unit_id", OLD."valid_from", OLD."valid_to", OLD."words"); RETURN NULL;',
                    hash="754b2a7160da44a7220dec7d0874c0e2572dce52",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a3002",
                    table="cases_dispatchrule",
                    when="AFTER",
                ),
            ),
        ),
    ]
