from django.db import migrations

# As deadlines.schedules: the first chase some days after the decision, the others a number of days apart.
CHASE_ON = """
CREATE FUNCTION cait_chase_on(started date, first_after integer, apart integer, number integer) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT started + first_after + (number - 1) * apart $$
"""
CHASES_FALLEN = """
CREATE FUNCTION cait_chases_fallen(started date, first_after integer, apart integer, by date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN by < started + first_after THEN 0 ELSE (by - started - first_after) / apart + 1 END $$
"""


class Migration(migrations.Migration):
    """Which chases have fallen, and when: for the sweep, which raises many at once."""

    dependencies = [("deadlines", "0005_limits_of_deciding")]

    operations = [
        migrations.RunSQL(CHASE_ON, "DROP FUNCTION cait_chase_on(date, integer, integer, integer)"),
        migrations.RunSQL(CHASES_FALLEN, "DROP FUNCTION cait_chases_fallen(date, integer, integer, date)"),
    ]
