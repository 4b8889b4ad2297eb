"""The index of the calendar tells whose records fall on which day, without opening them."""

from django.db import migrations, models


def rebuild(apps, schema_editor):
    # PostgreSQL sorts empty values last, the lists sort them smallest.
    first = "close_on NULLS FIRST" if schema_editor.connection.vendor == "postgresql" else "close_on"
    schema_editor.execute('DROP INDEX "opp_close"')
    schema_editor.execute(
        f'CREATE INDEX "opp_close" ON "sales_opportunity" ({first}, id, owner_id, deleted_at) WHERE deleted_at IS NULL'
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0007_sums_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(
                    model_name="opportunity",
                    name="opp_close",
                ),
                migrations.AddIndex(
                    model_name="opportunity",
                    index=models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["close_on", "id", "owner", "deleted_at"],
                        name="opp_close",
                    ),
                ),
            ],
            database_operations=[migrations.RunPython(rebuild, migrations.RunPython.noop)],
        ),
    ]
