"""The index of the calendar tells whose records fall on which day, without opening them."""

from django.db import migrations, models


def rebuild(apps, schema_editor):
    # PostgreSQL sorts empty values last, the lists sort them smallest.
    first = "due_on NULLS FIRST" if schema_editor.connection.vendor == "postgresql" else "due_on"
    schema_editor.execute('DROP INDEX "task_calendar"')
    schema_editor.execute(
        f'CREATE INDEX "task_calendar" ON "collaboration_task" ({first}, id, owner_id, deleted_at) WHERE deleted_at IS NULL'
    )


class Migration(migrations.Migration):
    dependencies = [
        ("collaboration", "0003_empty_smallest"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(
                    model_name="task",
                    name="task_calendar",
                ),
                migrations.AddIndex(
                    model_name="task",
                    index=models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["due_on", "id", "owner", "deleted_at"],
                        name="task_calendar",
                    ),
                ),
            ],
            database_operations=[migrations.RunPython(rebuild, migrations.RunPython.noop)],
        ),
    ]
