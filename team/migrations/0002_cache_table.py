from django.core.management import call_command
from django.db import migrations


def make(apps, schema_editor):
    # Django's own definition of the table, for every cache that the settings keep in the database.
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """The table in which failed sign-ins are counted: with it, `migrate` alone makes a database that works."""

    dependencies = [("team", "0001_accounts_and_roles")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop), migrations.RunSQL("", "DROP TABLE cache")]
