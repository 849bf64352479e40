import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators

LINE = {"blank": True, "default": "", "max_length": 300, "validators": [pages.validators.one_line]}
USES = [
    ("moved", "Moved"),
    ("cancelled", "Cancelled"),
    ("minutes", "Minutes"),
    ("nothing", "Nothing to do"),
]


class Migration(migrations.Migration):
    """What came of an email to conferences but for a booking; and what the calendar of an invitation is called."""

    dependencies = [
        ("conferences", "0002_decided_besides_and_report_again"),
        ("intake", "0003_attachments_of_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("conference", "calendar_uid", models.CharField(**LINE)),
        migrations.AddField("historicalconference", "calendar_uid", models.CharField(**LINE)),
        migrations.AddIndex(
            "conference",
            models.Index(
                fields=["calendar_uid"], name="conference_by_calendar", condition=~models.Q(calendar_uid="")
            ),
        ),
        migrations.CreateModel(
            "EmailUsed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("use", models.CharField(choices=USES, max_length=10)),
                ("why", models.CharField(**LINE)),
                ("used_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "conference",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emails_used",
                        to="conferences.conference",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="used_for_conferences",
                        to="intake.message",
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "use of an email to conferences",
                "constraints": [
                    models.CheckConstraint(
                        name="email_use_is_known", condition=models.Q(use__in=[use for use, _ in USES])
                    ),
                    models.CheckConstraint(
                        name="email_is_about_a_conference_or_says_why_not",
                        condition=models.Q(use="nothing", conference__isnull=True) & ~models.Q(why="")
                        | ~models.Q(use="nothing") & models.Q(conference__isnull=False, why=""),
                    ),
                ],
            },
        ),
    ]
