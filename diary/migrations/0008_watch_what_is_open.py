from django.db import migrations

# Of what is late already only the step that has come is told, not all at once. What an old log brought in was late before CAIT knew of it: nobody is told of it again and again.
WATCH = """
INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why)
SELECT id, greatest(fallen - 1, 0), late_from, ''
FROM diary_duty CROSS JOIN LATERAL (
    SELECT count(*) AS fallen FROM unnest(ARRAY[0, 24, 72, 336]) AS hours
    WHERE late_from + make_interval(hours => hours) <= cait_now()
) AS steps
WHERE state = 'open' AND NOT from_before
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Every duty that is open already is watched like a new one."""

    dependencies = [("diary", "0007_telling")]

    operations = [migrations.RunSQL(WATCH, migrations.RunSQL.noop)]
