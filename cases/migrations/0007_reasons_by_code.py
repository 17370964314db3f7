from django.db import migrations

# Reasons are kept by code since, so that each reads them in the own language; what was kept as
# text in the dispatcher's language cannot be read so.
SQL = """
UPDATE cases_transition SET details = details - 'reasons'
WHERE action = 'dispatch' AND jsonb_typeof(details -> 'reasons' -> 0) = 'string'
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_lean_points_and_pages")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
