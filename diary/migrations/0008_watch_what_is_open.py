from django.db import migrations

# What an old log brought in was late before CAIT knew of it: nobody is told of it again and again.
WATCH = """
INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why)
SELECT id, 0, late_from, '' FROM diary_duty WHERE state = 'open' AND NOT from_before
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Every duty that is open already is watched like a new one."""

    dependencies = [("diary", "0007_telling")]

    operations = [migrations.RunSQL(WATCH, migrations.RunSQL.noop)]
