"""Functions that every room uses, and the hint of the inbox."""

from django.db import migrations

# The one clock of the product. A function, so that the test database can shift it.
CLOCK = """
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()';
"""
# Whose register rows the open transaction may see (governance/scope.py); none without a setting.
SCOPE = """
CREATE FUNCTION app_units() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('app.units', true), ''), '{}')::bigint[] $$;
CREATE FUNCTION app_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.user', true), '')::bigint $$;
"""
# A hint to open pages, once a transaction and topic: see governance/events.py.
HINTS = """
CREATE FUNCTION notify_topic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('governance', TG_ARGV[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER notify_inbox AFTER INSERT ON governance_message
    FOR EACH STATEMENT EXECUTE FUNCTION notify_topic('inbox');
"""


class Migration(migrations.Migration):
    replaces = [
        ("governance", "0002_app_now"),
        ("governance", "0003_notify_messages"),
        ("governance", "0007_app_units"),
    ]
    # Those of the libraries while there are few models yet: each step of theirs renders them all.
    dependencies = [
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("governance", "0002_tokens"),
    ]

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION app_now();"),
        migrations.RunSQL(SCOPE, "DROP FUNCTION app_units(); DROP FUNCTION app_user();"),
        migrations.RunSQL(HINTS, "DROP FUNCTION notify_topic CASCADE;"),
    ]
