"""Whose these documents are, for imports: a guarded function, as `people_by_document` is."""

from django.db import migrations

CREATE = """
CREATE FUNCTION people_by_documents(wanted bytea[]) RETURNS TABLE (document bytea, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT document_index, p.id FROM people_person AS p
    WHERE document_index = ANY (wanted) AND merged_into_id IS NULL
        AND cardinality(app_units()) > 0;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_support_kinds")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION people_by_documents(bytea[])")]
