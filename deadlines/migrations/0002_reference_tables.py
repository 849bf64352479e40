from django.db import migrations, models

import deadlines.clock


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0001_clock"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankHoliday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(unique=True)),
                ("name", models.CharField(max_length=100)),
            ],
            options={
                "ordering": ["on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("on__iso_week_day__lte", 5)),
                        name="deadlines_bank_holiday_on_a_weekday",
                        violation_error_message="Enter the substitute day: a bank holiday is a Monday to Friday.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(help_text="Code of the rule, such as SS-UPDATE.", max_length=40)),
                ("value", models.PositiveSmallIntegerField()),
                (
                    "counted_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("last", "the last strategy discussion"),
                            ("initiating", "the strategy discussion that initiated section 47 enquiries"),
                        ],
                        help_text="Initial conference only: which strategy discussion starts the limit.",
                        max_length=20,
                    ),
                ),
                ("effective_from", models.DateField(help_text="Applies to events on this London date and after it.")),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField(db_default=deadlines.clock.CaitNow(), editable=False)),
                ("created_by_id", models.BigIntegerField(editable=False, null=True)),
            ],
            options={
                "ordering": ["rule", "effective_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "effective_from"),
                        name="deadlines_limit_once_a_day",
                        violation_error_message="This limit already has a value from that date.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gt", 0), ("rule", "BRIEFING"), _connector="OR"),
                        name="deadlines_limit_above_zero",
                        violation_error_message="The limit must be more than 0.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counted_from__in", ["last", "initiating"]), ("rule", "INITIAL-CONFERENCE")),
                            models.Q(models.Q(("rule", "INITIAL-CONFERENCE"), _negated=True), ("counted_from", "")),
                            _connector="OR",
                        ),
                        name="deadlines_limit_counted_from",
                        violation_error_message="Say which strategy discussion starts the limit.",
                    ),
                ],
            },
        ),
    ]
