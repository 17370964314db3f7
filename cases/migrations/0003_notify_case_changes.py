from django.db import migrations

# Every change of a case writes a line, so the lines tell that there was one.
SQL = """
CREATE TRIGGER notify_cases AFTER INSERT ON cases_transition
    FOR EACH STATEMENT EXECUTE FUNCTION notify_topic('cases');
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_number_and_point"), ("governance", "0003_notify_messages")]

    operations = [
        migrations.RunSQL(SQL, "DROP TRIGGER IF EXISTS notify_cases ON cases_transition;"),
    ]
