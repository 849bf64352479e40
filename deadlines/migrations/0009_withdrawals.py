from django.db import migrations, models

import deadlines.clock


class Migration(migrations.Migration):
    """What was taken back before its date, and why: its own row is gone by then."""

    dependencies = [("deadlines", "0008_who_entered_bank_holidays")]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        blank=True, help_text="Code of the rule; empty for a bank holiday.", max_length=40
                    ),
                ),
                ("row_id", models.BigIntegerField(help_text="The number that the row had.")),
                ("words", models.CharField(max_length=200)),
                ("on", models.DateField(help_text="From when the limit was to apply; the day of the bank holiday.")),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField(db_default=deadlines.clock.CaitNow(), editable=False)),
                ("created_by_id", models.BigIntegerField(editable=False)),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "row_id"), name="deadlines_withdrawn_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="deadlines_withdrawn_for_a_reason"
                    ),
                ],
            },
        ),
    ]
