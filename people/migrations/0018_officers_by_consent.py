"""An officer who is in a plan's team without the person's consent, in another role, leaves it."""

from django.db import migrations

LEAVE = """
UPDATE people_teammember AS m SET until = app_now()
FROM people_supportplan AS p
WHERE p.id = m.plan_id AND m.until IS NULL AND NOT p.officer_agreed AND m.role <> 'lead'
    AND EXISTS (
        SELECT FROM governance_post AS post
        JOIN governance_unit AS u ON u.id = post.unit_id AND u.is_police
        WHERE post.user_id = m.user_id AND (post.valid_to IS NULL OR post.valid_to > app_now()::date)
    );
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0017_plans_ask_and_keep_in_touch"),
        ("governance", "0004_police_units"),
    ]

    operations = [migrations.RunSQL(LEAVE, migrations.RunSQL.noop)]
