from django.db import migrations

TABLES = ("building", "facility")
CREATE = "".join(
    f"CREATE INDEX {table}_point ON grids_{table} USING gist (point(lon, lat))"
    " INCLUDE (id) WHERE lon IS NOT NULL AND is_active;"
    for table in TABLES
)
DROP = "".join(f"DROP INDEX {table}_point;" for table in TABLES)


class Migration(migrations.Migration):
    replaces = [("grids", "0004_place_points")]
    dependencies = [("grids", "0001_tables")]

    operations = [migrations.RunSQL(CREATE, DROP)]
