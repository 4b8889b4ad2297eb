"""PostgreSQL sorts empty values last, the lists sort them smallest: indexes in the lists' own order. SQLite needs none."""

from django.db import migrations

INDEXES = (
    ("sales_opportunity", "opp_amount", "amount NULLS FIRST, id"),
    ("sales_opportunity", "opp_close", "close_on NULLS FIRST, id"),
)


def rebuild(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, name, columns in INDEXES:
        schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')
        schema_editor.execute(f'CREATE INDEX "{name}" ON "{table}" ({columns}) WHERE deleted_at IS NULL')


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0002_owner_index"),
    ]

    operations = [
        migrations.RunPython(rebuild, migrations.RunPython.noop),
    ]
