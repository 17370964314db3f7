"""Headers of old imports that were no headers but the first person go, out of the history too,
which keeps its seals by a redaction."""

from django.db import migrations

DIGEST = "sha256(convert_to(jsonb_strip_nulls({})::text, 'UTF8'))"
NO_HEADER = "header <> '[]' AND (header::text ~ '[0-9]{7}' OR mapping = '{}')"
CLEARED = """to_jsonb(t) || '{"header": [], "mapping": {}}'"""
FORGET = f"""
UPDATE people_peopleimport SET header = '[]', mapping = '{{}}' WHERE {NO_HEADER};
ALTER TABLE people_peopleimportevent DISABLE TRIGGER USER;
INSERT INTO governance_redaction ("table", row_id, sealed_as, left_as, at)
    SELECT 'people_peopleimportevent', t.pgh_id, {DIGEST.format("to_jsonb(t)")},
        {DIGEST.format(CLEARED)}, now()
    FROM people_peopleimportevent AS t WHERE {NO_HEADER};
UPDATE people_peopleimportevent SET header = '[]', mapping = '{{}}' WHERE {NO_HEADER};
ALTER TABLE people_peopleimportevent ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("people", "0010_without_day_of_death"),
    ]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
