"""Imports of organisations: what a file is about, and which credit codes are held anywhere."""

from django.db import migrations, models

# The codes alone: whoever holds them may be where the importer sees nothing.
BY_CODES = """
CREATE FUNCTION people_entities_by_codes(wanted varchar[]) RETURNS SETOF varchar
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT credit_code FROM people_entity
    WHERE credit_code = ANY (wanted) AND closed_on IS NULL AND cardinality(app_units()) > 0;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0011_headers"),
    ]

    operations = [
        migrations.AddField(
            model_name="peopleimport",
            name="kind",
            field=models.CharField(
                choices=[("people", "人口"), ("entities", "法人单位")],
                default="people",
                max_length=12,
                verbose_name="内容",
            ),
        ),
        migrations.RunSQL(BY_CODES, "DROP FUNCTION people_entities_by_codes(varchar[])"),
    ]
