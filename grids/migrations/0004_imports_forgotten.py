"""What old imports of places left behind goes: refused rows, first rows, and headers that were
rows. The history keeps its seals: each text that is taken out leaves a redaction."""

from django.db import migrations

DIGEST = "sha256(convert_to(jsonb_strip_nulls({})::text, 'UTF8'))"
NO_HEADER = "(header::text ~ '[0-9]{7}' OR mapping = '{}')"
# An import that waits is read again, for it keeps less of the first rows now.
FORGET = f"""
DELETE FROM grids_refusedrow;
UPDATE grids_placeimport SET header = '[]', mapping = '{{}}' WHERE {NO_HEADER};
UPDATE grids_placeimport
    SET sample = '[]', state = CASE state WHEN 'ready' THEN 'uploaded' ELSE state END
    WHERE sample <> '[]';
ALTER TABLE grids_placeimportevent DISABLE TRIGGER USER;
INSERT INTO governance_redaction ("table", row_id, sealed_as, left_as, at)
    SELECT 'grids_placeimportevent', t.pgh_id, {DIGEST.format("to_jsonb(t)")},
        {
    DIGEST.format(
        '''(to_jsonb(t) - 'sample') || CASE WHEN '''
        + NO_HEADER
        + '''
            THEN '{"header": [], "mapping": {}}'::jsonb ELSE '{}' END'''
    )
}, now()
    FROM grids_placeimportevent AS t;
UPDATE grids_placeimportevent SET header = '[]', mapping = '{{}}' WHERE {NO_HEADER};
ALTER TABLE grids_placeimportevent ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("grids", "0003_import_states"),
    ]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="placeimportevent", name="sample"),
    ]
