from django.db import migrations

NUMBERS = "CREATE SEQUENCE cases_number;"
# The index of the map: of open cases only, with all that a viewport shows, so that the table itself
# is not read. Room in the pages for the steps of the ladder, which touch no index; a table that
# changes this much is vacuumed long before a fifth of it is dead.
POINTS = """
CREATE INDEX case_point ON cases_case USING gist (point(lon, lat))
    INCLUDE (id, lon, lat, number, state, item_id, stage_warn_at, stage_due_at,
             district_id, street_id, community_id, grid_id, department_id, reported_by_id)
    WHERE lon IS NOT NULL AND state IN (
        'reported', 'accepted', 'referred', 'dispatched', 'handling', 'joint', 'suspended',
        'waiting', 'finished', 'verified', 'closed');
ALTER TABLE cases_case SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02);
"""
# Every change of a case writes a line, so the lines tell that there was one.
HINTS = """
CREATE TRIGGER notify_cases AFTER INSERT ON cases_transition
    FOR EACH STATEMENT EXECUTE FUNCTION notify_topic('cases');
"""


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0002_number_and_point"),
        ("cases", "0003_notify_case_changes"),
        ("cases", "0006_lean_points_and_pages"),
        ("cases", "0007_reasons_by_code"),
        ("cases", "0010_limits_of_running_stages"),
    ]
    dependencies = [("cases", "0001_tables"), ("governance", "0003_clock_and_scope")]

    operations = [
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE cases_number;"),
        migrations.RunSQL(POINTS, "DROP INDEX case_point;"),
        migrations.RunSQL(HINTS, "DROP TRIGGER IF EXISTS notify_cases ON cases_transition;"),
    ]
