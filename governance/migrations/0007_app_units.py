from django.db import migrations

# Whose register rows the open transaction may see (governance/scope.py); none without a setting.
CREATE = """
CREATE FUNCTION app_units() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('app.units', true), ''), '{}')::bigint[] $$;
CREATE FUNCTION app_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.user', true), '')::bigint $$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_sign_ins")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION app_units(); DROP FUNCTION app_user()")]
