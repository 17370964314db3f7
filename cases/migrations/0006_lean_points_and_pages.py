from django.db import migrations

# The index of the map: of open cases only, with all that a viewport shows, so that the table itself
# is not read. Room in the pages for the steps of the ladder, which touch no index; a table that
# changes this much is vacuumed long before a fifth of it is dead.
SQL = """
DROP INDEX case_point;
CREATE INDEX case_point ON cases_case USING gist (point(lon, lat))
    INCLUDE (id, lon, lat, number, state, item_id, stage_warn_at, stage_due_at,
             district_id, street_id, community_id, grid_id, department_id, reported_by_id)
    WHERE lon IS NOT NULL AND state IN ('reported', 'accepted', 'dispatched', 'handling',
                                        'finished', 'verified', 'closed');
ALTER TABLE cases_case SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.02);
"""
UNDO = """
DROP INDEX case_point;
CREATE INDEX case_point ON cases_case USING gist (point(lon, lat))
    INCLUDE (id, lon, lat, state, item_id, stage_due_at,
             district_id, street_id, community_id, grid_id, department_id)
    WHERE lon IS NOT NULL;
ALTER TABLE cases_case RESET (fillfactor, autovacuum_vacuum_scale_factor,
    autovacuum_analyze_scale_factor);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_quiet_escalation")]

    operations = [migrations.RunSQL(SQL, UNDO)]
