"""What the sweep may write when units are merged: in which units open rows lie, and no more."""

from django.db import migrations

LEVELS = "district_id, street_id, community_id, grid_id"
# Those that are still open; the others keep the unit of their day.
OPEN = {
    "people_household": "ended_on IS NULL",
    "people_residency": "ended_on IS NULL",
    "people_visit": "true",
    "people_changerequest": "state = 'waiting'",
    "people_supportplan": "ended_at IS NULL",
}
FOLLOW = (
    "GRANT SELECT ON people_changerequest TO governance_sweep;"
    "CREATE POLICY sweep_reads ON people_changerequest FOR SELECT TO governance_sweep USING (true);"
) + "".join(
    f"GRANT UPDATE ({LEVELS}) ON {table} TO governance_sweep;"
    f"CREATE POLICY sweep_follows ON {table} FOR UPDATE TO governance_sweep"
    f" USING ({still}) WITH CHECK ({still});"
    f"GRANT INSERT ON {table}event TO governance_sweep;"
    f"GRANT USAGE ON SEQUENCE {table}event_pgh_id_seq TO governance_sweep;"
    for table, still in OPEN.items()
)
UNDO = (
    "".join(
        f"DROP POLICY sweep_follows ON {table}; REVOKE UPDATE ({LEVELS}) ON {table} FROM governance_sweep;"
        for table in OPEN
    )
    + (
        "DROP POLICY sweep_reads ON people_changerequest;"
        "REVOKE ALL ON people_changerequest FROM governance_sweep;"
    )
    + "".join(
        f"REVOKE ALL ON {table}event FROM governance_sweep;"
        for table in OPEN
        if table != "people_supportplan"
    )
)


class Migration(migrations.Migration):
    dependencies = [("people", "0006_by_documents")]

    operations = [migrations.RunSQL(FOLLOW, UNDO)]
