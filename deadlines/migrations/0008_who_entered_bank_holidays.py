from django.db import migrations, models

import deadlines.clock


class Migration(migrations.Migration):
    """When a bank holiday was entered, by whom and why, as with a limit."""

    dependencies = [("deadlines", "0007_limits_of_lateness")]

    operations = [
        migrations.AddField(
            model_name="bankholiday",
            name="created_at",
            field=models.DateTimeField(db_default=deadlines.clock.CaitNow(), editable=False),
        ),
        migrations.AddField(
            model_name="bankholiday",
            name="created_by_id",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="bankholiday",
            name="reason",
            field=models.TextField(blank=True, default=""),
        ),
    ]
