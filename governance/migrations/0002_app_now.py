from django.db import migrations

# The one clock of the product. A function, so that the test database can shift it.
CREATE = """
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()';
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION app_now()")]
