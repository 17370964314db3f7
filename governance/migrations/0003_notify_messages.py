from django.db import migrations

# A hint to open pages, once a transaction and topic: see governance/events.py.
SQL = """
CREATE FUNCTION notify_topic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('governance', TG_ARGV[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER notify_inbox AFTER INSERT ON governance_message
    FOR EACH STATEMENT EXECUTE FUNCTION notify_topic('inbox');
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_app_now")]

    operations = [
        migrations.RunSQL(SQL, "DROP FUNCTION notify_topic CASCADE;"),
    ]
