from django.db import migrations

NOW = "CREATE FUNCTION cait_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()'"
# Moves with cait_now(), and goes on within a transaction.
MOMENT = """
CREATE FUNCTION cait_moment() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT cait_now() + (clock_timestamp() - now())'
"""


class Migration(migrations.Migration):
    """The one clock: the SQL functions every "now" that matters comes from."""

    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(NOW, "DROP FUNCTION cait_now()"),
        migrations.RunSQL(MOMENT, "DROP FUNCTION cait_moment()"),
    ]
