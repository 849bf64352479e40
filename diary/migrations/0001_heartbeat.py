from django.db import migrations, models

import deadlines.clock


class Migration(migrations.Migration):
    initial = True

    # cait_now() stands in the defaults.
    dependencies = [("deadlines", "0001_clock")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "waker",
                    models.CharField(
                        choices=[("beat", "the worker, woken by beat"), ("command", "the command `manage.py sweep`")],
                        max_length=10,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("succeeded_at", models.DateTimeField(db_default=deadlines.clock.CaitNow())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("waker__in", ["beat", "command"])), name="waker_is_known"
                    )
                ],
            },
        ),
    ]
