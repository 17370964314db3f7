"""What the application's database role may do: everything but alter tables and history.

Applied by `migrate` each time, as the owner, so that a new table is never forgotten.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connections

from governance.history import APPENDED
from governance.seals import append_only_models


def apply(alias: str) -> None:
    """Grant the application's role its rights on every table; no-op with a single role."""
    role = settings.DATABASES["default"]["USER"]
    connection = connections[alias]
    if not role or role == connection.settings_dict["USER"]:
        return
    name = connection.ops.quote_name(role)
    append_only = {model._meta.db_table for model in [*append_only_models(), *APPENDED]}
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {name}")
            rights = "SELECT, INSERT" if table in append_only else "SELECT, INSERT, UPDATE, DELETE"
            cursor.execute(f"GRANT {rights} ON {quoted} TO {name}")
