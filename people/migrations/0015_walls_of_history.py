"""What the database recorded of the registers stands behind the second wall as well.

A trigger writes there whoever acts. Nobody of the application reads what was in a row: only the
auditor's pages open it, for who changed which row when (grants.py leaves no other column). The role
that seals reads it whole; the retention role takes out what is erased.
"""

from django.db import migrations

TABLES = (
    *("people_person", "people_household", "people_residency", "people_changerequest"),
    *("people_merge", "people_visit", "people_supportplan", "people_supportstep"),
    *("people_teammember", "people_entity", "people_licence", "people_tenancy"),
    *("people_housecode", "people_tenantdeclaration", "people_jointunit", "people_jointmember"),
)
OPENED = """
CREATE FUNCTION app_audit_page() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.audit_page', true), '') = 'on' $$;
"""
WALLS = "".join(
    f"""
ALTER TABLE {table}event ENABLE ROW LEVEL SECURITY;
CREATE POLICY recorded ON {table}event FOR INSERT WITH CHECK (true);
CREATE POLICY audit_page ON {table}event FOR SELECT USING (app_audit_page());
CREATE POLICY sealing ON {table}event FOR SELECT TO governance_audit USING (true);
CREATE POLICY retention ON {table}event TO governance_retention USING (true) WITH CHECK (true);
"""
    for table in TABLES
)
GONE = "".join(
    f"""
DROP POLICY recorded ON {table}event; DROP POLICY audit_page ON {table}event;
DROP POLICY sealing ON {table}event; DROP POLICY retention ON {table}event;
ALTER TABLE {table}event DISABLE ROW LEVEL SECURITY;
"""
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("people", "0014_walls_of_claimants")]

    operations = [
        migrations.RunSQL(OPENED, "DROP FUNCTION app_audit_page();"),
        migrations.RunSQL(WALLS, GONE),
    ]
