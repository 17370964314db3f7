"""A merge names what the row that stays took over, and nobody is merged into who is merged away.

Null where nothing was written of it: the sealed history of earlier merges stays as it is.
"""

from django.db import migrations, models

# Past the walls: where the other row was merged is nobody's unit any more. FOR SHARE makes two
# merges that cross wait for each other instead of closing a circle that nobody sees.
STAYS = """
CREATE FUNCTION people_merged_into_who_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    beyond uuid;
BEGIN
    SELECT merged_into_id INTO beyond FROM people_person WHERE id = NEW.merged_into_id FOR SHARE;
    IF beyond IS NOT NULL THEN
        RAISE EXCEPTION 'person % is merged into another itself', NEW.merged_into_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER people_merge BEFORE UPDATE OF merged_into_id ON people_person
    FOR EACH ROW WHEN (
        NEW.merged_into_id IS NOT NULL AND NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id
    )
    EXECUTE FUNCTION people_merged_into_who_stays();
"""
GONE = "DROP TRIGGER people_merge ON people_person; DROP FUNCTION people_merged_into_who_stays();"


class Migration(migrations.Migration):
    dependencies = [("people", "0007_marks_index")]

    operations = [
        migrations.AddField(
            model_name="merge",
            name="taken",
            field=models.JSONField(null=True, verbose_name="随之补充的信息"),
        ),
        migrations.AddField(
            model_name="mergeevent",
            name="taken",
            field=models.JSONField(null=True, verbose_name="随之补充的信息"),
        ),
        migrations.RunSQL(STAYS, GONE),
    ]
