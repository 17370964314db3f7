from django.db import migrations

# The limit that runs is kept with the case from now on: for those at work, that of their item. A
# promise that did not come from the item (an import) keeps its moment.
LIMITS = """
UPDATE cases_case c SET stage_amount = l.amount, stage_unit = l.unit
FROM cases_itemlimit l
WHERE l.item_id = c.item_id AND c.stage_due_at IS NOT NULL AND l.stage = CASE
    WHEN c.state = 'handling' AND c.rework_count > 0 AND EXISTS (
        SELECT 1 FROM cases_itemlimit own WHERE own.item_id = c.item_id AND own.stage = 'rework')
    THEN 'rework'
    ELSE CASE c.state WHEN 'reported' THEN 'accept' WHEN 'accepted' THEN 'dispatch'
        WHEN 'dispatched' THEN 'sign' WHEN 'handling' THEN 'handle' WHEN 'finished' THEN 'verify'
    END END;
UPDATE cases_case c SET promise_amount = l.amount, promise_unit = l.unit
FROM cases_itemlimit l
WHERE l.item_id = COALESCE(
        (SELECT (t.details ->> 'item_before')::bigint FROM cases_transition t
         WHERE t.case_id = c.id AND t.action = 'accept' ORDER BY t.id LIMIT 1), c.item_id)
    AND l.stage = 'promise' AND c.promise_due_at IS NOT NULL AND c.first_closed_at IS NULL
    AND c.source <> 'import';
-- the index below is not made while checks of these rows are put off to the end
SET CONSTRAINTS ALL IMMEDIATE;
"""
# Open cases on the map: the new states among them.
POINTS = """
DROP INDEX case_point;
CREATE INDEX case_point ON cases_case USING gist (point(lon, lat))
    INCLUDE (id, lon, lat, number, state, item_id, stage_warn_at, stage_due_at,
             district_id, street_id, community_id, grid_id, department_id, reported_by_id)
    WHERE lon IS NOT NULL AND state IN {states};
"""
BEFORE = "('reported', 'accepted', 'dispatched', 'handling', 'finished', 'verified', 'closed')"
NOW = (
    "('reported', 'accepted', 'referred', 'dispatched', 'handling', 'joint', 'suspended',"
    " 'waiting', 'finished', 'verified', 'closed')"
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_whole_loop")]

    operations = [
        migrations.RunSQL(LIMITS, migrations.RunSQL.noop),
        migrations.RunSQL(POINTS.format(states=NOW), POINTS.format(states=BEFORE)),
    ]
