"""The retention role sees the registers whole: whose time has come lives in nobody's unit any more.

What it may write there: governance/grants.py. The role itself: governance/roles.sql.
"""

from django.db import migrations

TABLES = (
    "people_person",
    "people_household",
    "people_residency",
    "people_changerequest",
    "people_provenance",
    "people_merge",
    "people_visit",
    "people_visitwords",
    "people_supportplan",
    "people_planwords",
    "people_teammember",
    "people_supportstep",
    "people_stepwords",
    "people_entity",
    "people_entitycontact",
    "people_tenancy",
    "people_landlord",
    "people_tenantdeclaration",
)
OPEN = "".join(
    f"CREATE POLICY retention ON {table} TO governance_retention USING (true) WITH CHECK (true);"
    for table in TABLES
)
CLOSE = "".join(f"DROP POLICY retention ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("people", "0011_walls_of_entities"), ("governance", "0008_erasures")]

    operations = [migrations.RunSQL(OPEN, CLOSE)]
