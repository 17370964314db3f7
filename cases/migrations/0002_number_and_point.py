from django.db import migrations

SQL = """
CREATE SEQUENCE cases_number;
CREATE INDEX case_point ON cases_case USING gist (point(lon, lat))
    INCLUDE (id, lon, lat, state, item_id, stage_due_at,
             district_id, street_id, community_id, grid_id, department_id)
    WHERE lon IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(SQL, "DROP INDEX case_point; DROP SEQUENCE cases_number;"),
    ]
