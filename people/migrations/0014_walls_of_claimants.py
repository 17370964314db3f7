"""A second wall around who asks for their rights: seen by who handles the request where it lies, and
by the claimant, whose session has proved the number. And what retention clears of units' records."""

from django.db import migrations

LEVELS = ("district", "street", "community", "grid")
UNITS = "coalesce((SELECT app_units()), '{}')"
INSIDE = " OR ".join(f"r.{level}_id = ANY ({UNITS})" for level in LEVELS)
WALLS = f"""
ALTER TABLE people_claimant ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_request ON people_claimant USING (EXISTS (
    SELECT FROM people_rightsrequest AS r WHERE r.claimant_id = people_claimant.id
    AND ({INSIDE} OR r.number = nullif(current_setting('app.rights_number', true), ''))
)) WITH CHECK (true);
CREATE POLICY retention ON people_claimant TO governance_retention USING (true) WITH CHECK (true);
CREATE POLICY retention ON people_inspection TO governance_retention
    USING (true) WITH CHECK (true);
CREATE POLICY retention ON people_jointunit TO governance_retention USING (true) WITH CHECK (true);
"""
UNDO = """
DROP POLICY retention ON people_jointunit; DROP POLICY retention ON people_inspection;
DROP POLICY retention ON people_claimant; DROP POLICY with_request ON people_claimant;
ALTER TABLE people_claimant DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0013_household_numbers")]

    operations = [migrations.RunSQL(WALLS, UNDO)]
