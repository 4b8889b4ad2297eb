"""Two characters that a Chinese word begins with are a word of the search index now: every document is made anew."""

from django.db import migrations


def begin_anew(apps, schema_editor):
    """Where the index has no place in the journal, ``guanxi migrate`` has a job take up all records."""
    apps.get_model("journal", "Cursor").objects.filter(consumer="search").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("engine", "0032_aggregates"),
        ("journal", "0003_moments"),
    ]

    operations = [migrations.RunPython(begin_anew, migrations.RunPython.noop, elidable=True)]
