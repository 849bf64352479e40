import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
from audit.append_only import only_added


class Migration(migrations.Migration):
    """A request to close a record, and what was answered."""

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0001_the_record"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalClosure",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("asked_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("outcome", models.TextField()),
                (
                    "court",
                    models.CharField(
                        choices=[
                            ("none", "There was none"),
                            ("concluded", "It is concluded"),
                            ("under_way", "It is not concluded yet"),
                        ],
                        max_length=10,
                        verbose_name="court case",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting for an answer"),
                            ("agreed", "Agreed"),
                            ("refused", "Not agreed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical request to close a record",
                "verbose_name_plural": "historical requests to close a record",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("outcome", models.TextField()),
                (
                    "court",
                    models.CharField(
                        choices=[
                            ("none", "There was none"),
                            ("concluded", "It is concluded"),
                            ("under_way", "It is not concluded yet"),
                        ],
                        max_length=10,
                        verbose_name="court case",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting for an answer"),
                            ("agreed", "Agreed"),
                            ("refused", "Not agreed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True, default="")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to close a record",
                "verbose_name_plural": "requests to close a record",
                "indexes": [models.Index(fields=["case", "-id"], name="closure_by_case")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")), fields=("case",), name="one_request_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "agreed", "refused", "withdrawn"])),
                        name="closure_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("court__in", ["none", "concluded"])), name="closure_after_the_court_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome", ""), _negated=True), name="closure_says_what_came_of_it"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("state", "asked"),
                            ),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="answered_closure_says_when_and_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "agreed"), _negated=True),
                            models.Q(("answered_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="closure_is_agreed_by_another",
                    ),
                ],
            },
        ),
        # What was recorded is added to, never changed.
        only_added("cases_historicalclosure"),
    ]
