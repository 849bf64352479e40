import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
from audit.append_only import only_added


class Migration(migrations.Migration):
    """Reviews of an investigation."""

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0004_fewer_indexes"),
        ("diary", "0006_fresh_duties"),
        ("referrals", "0005_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Supervision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reviewed_at", models.DateTimeField(verbose_name="reviewed")),
                ("found", models.TextField()),
                ("directions", models.TextField()),
                ("next_due_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "began_with",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diary.duty"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supervisions",
                        to="cases.case",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.entry"
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-id"], name="supervision_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("found", ""), _negated=True), models.Q(("directions", ""), _negated=True)
                        ),
                        name="supervision_says_what_is_to_be_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reviewed_at__lte", models.F("recorded_at"))),
                        name="supervision_reviewed_before_recorded",
                    ),
                ],
            },
        ),
        # What was recorded is added to, never changed.
        only_added("referrals_supervision"),
    ]
