"""The tables of this room as 0010_what_a_duty_is_about left them, made in one step: for a new database.

Written by a program from the migrations that it replaces; what is no table is taken from these. A test holds the two
ways of making a database against each other.
"""

import datetime

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.squashing import besides_tables

REPLACED = (
    "0001_heartbeat",
    "0002_duties",
    "0003_chasing",
    "0004_from_before",
    "0005_fewer_indexes",
    "0006_fresh_duties",
    "0007_telling",
    "0008_watch_what_is_open",
    "0009_days_of_duties_can_be_read",
    "0010_what_a_duty_is_about",
)


class Migration(migrations.Migration):
    replaces = [("diary", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0004_fewer_indexes"),
        ("deadlines", "0006_chases_in_sql"),
        ("team", "0004_calendar_addresses"),
    ]

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
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("subject", models.BigIntegerField(default=0)),
                ("cycle", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("satisfied", "Done"), ("cancelled", "Fell away")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "owner_role",
                    models.CharField(
                        choices=[
                            ("desk_sergeant", "Referral Desk Detective Sergeant"),
                            ("supervisor", "Supervising Detective Sergeant"),
                            ("investigator", "Detective Constable"),
                            ("pclo", "Police Conference Liaison Officer"),
                            ("researcher", "Researcher"),
                            ("office_manager", "Office Manager"),
                            ("inspector", "Detective Inspector"),
                            ("command", "Command manager"),
                            ("reviewer", "Continuous Improvement Team reviewer"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("due_on", models.DateField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("late_from", models.DateTimeField()),
                ("due", models.JSONField()),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.CharField(blank=True, default="", max_length=300)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="cases.case",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="team.team"
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                (
                    "held_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_why",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("from_before", models.BooleanField(db_default=False, default=False)),
                (
                    "answered_with",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="diary.duty",
                    ),
                ),
                ("about", models.CharField(blank=True, db_default="", default="", max_length=300)),
            ],
            options={
                "verbose_name": "duty",
                "verbose_name_plural": "duties",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["team", "late_from", "id"],
                        name="open_duty_by_team",
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["owner", "late_from", "id"],
                        name="open_duty_by_owner",
                    ),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["late_from", "id"], name="open_duty_by_time"
                    ),
                    models.Index(
                        condition=models.Q(("from_before", False), ("state", "open")),
                        fields=["team", "late_from", "id"],
                        name="open_fresh_duty_by_team",
                    ),
                    models.Index(
                        condition=models.Q(("answered_with__isnull", False)),
                        fields=["team", "ended_at"],
                        name="duty_answered_with",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "kind", "subject", "cycle"), name="duty_exactly_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "satisfied", "cancelled"])),
                        name="duty_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "owner_role__in",
                                [
                                    "desk_sergeant",
                                    "supervisor",
                                    "investigator",
                                    "pclo",
                                    "researcher",
                                    "office_manager",
                                    "inspector",
                                    "command",
                                    "reviewer",
                                    "auditor",
                                    "administrator",
                                ],
                            )
                        ),
                        name="duty_owner_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                                ("ended_why", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("ended_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_duty_says_when_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_at__isnull", True), ("held_by__isnull", True), ("held_why", "")),
                            models.Q(
                                ("held_at__isnull", False),
                                ("held_by__isnull", False),
                                models.Q(("held_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="held_duty_says_by_whom_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_with__isnull", True),
                            models.Q(
                                ("state", "satisfied"), models.Q(("answered_with", models.F("id")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="duty_is_answered_with_another_that_was_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_on__range", (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))),
                            (
                                "late_from__range",
                                (
                                    datetime.datetime(1900, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    datetime.datetime(2999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                                ),
                            ),
                            models.Q(
                                ("due_at__isnull", True),
                                (
                                    "due_at__range",
                                    (
                                        datetime.datetime(1900, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                        datetime.datetime(2999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                                    ),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="duty_days_can_be_read",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDuty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("subject", models.BigIntegerField(default=0)),
                ("cycle", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("satisfied", "Done"), ("cancelled", "Fell away")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "owner_role",
                    models.CharField(
                        choices=[
                            ("desk_sergeant", "Referral Desk Detective Sergeant"),
                            ("supervisor", "Supervising Detective Sergeant"),
                            ("investigator", "Detective Constable"),
                            ("pclo", "Police Conference Liaison Officer"),
                            ("researcher", "Researcher"),
                            ("office_manager", "Office Manager"),
                            ("inspector", "Detective Inspector"),
                            ("command", "Command manager"),
                            ("reviewer", "Continuous Improvement Team reviewer"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("due_on", models.DateField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("late_from", models.DateTimeField()),
                ("due", models.JSONField()),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.CharField(blank=True, default="", max_length=300)),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="team.team",
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                (
                    "held_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_why",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("from_before", models.BooleanField(db_default=False, default=False)),
                (
                    "answered_with",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="diary.duty",
                    ),
                ),
                ("about", models.CharField(blank=True, db_default="", default="", max_length=300)),
            ],
            options={
                "verbose_name": "historical duty",
                "verbose_name_plural": "historical duties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Chase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.CharField(
                        choices=[
                            ("social_services", "Social Services"),
                            ("health", "Health"),
                            ("school", "School or nursery"),
                            ("probation", "Probation"),
                            ("housing", "Housing"),
                            ("police", "Another police unit"),
                            ("voluntary", "Voluntary organisation"),
                            ("other", "Another organisation or person"),
                        ],
                        max_length=20,
                    ),
                ),
                ("started_on", models.DateField()),
                ("first_after", models.PositiveSmallIntegerField()),
                ("apart", models.PositiveSmallIntegerField()),
                ("raised", models.PositiveIntegerField(default=0)),
                ("next_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Waiting until the answer is judged"),
                            ("ended", "Ended"),
                            ("set_aside", "Could not be checked"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("set_aside_at", models.DateTimeField(blank=True, null=True)),
                ("set_aside_why", models.CharField(blank=True, default="", max_length=100)),
                (
                    "duty",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chase", to="diary.duty"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["next_on", "id"], name="running_chase"
                    ),
                    models.Index(condition=models.Q(("state", "set_aside")), fields=["id"], name="chase_set_aside"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "partner__in",
                                [
                                    "social_services",
                                    "health",
                                    "school",
                                    "probation",
                                    "housing",
                                    "police",
                                    "voluntary",
                                    "other",
                                ],
                            )
                        ),
                        name="chase_partner_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "paused", "ended", "set_aside"])),
                        name="chase_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("apart__gte", 1)), name="chases_are_a_day_apart_or_more"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_on__range", (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))),
                            ("started_on__range", (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))),
                        ),
                        name="chase_days_can_be_read",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("set_aside_at__isnull", False), ("state", "set_aside")),
                            models.Q(models.Q(("state", "set_aside"), _negated=True), ("set_aside_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="chase_set_aside_says_since_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRung",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "partner",
                    models.CharField(
                        choices=[
                            ("social_services", "Social Services"),
                            ("health", "Health"),
                            ("school", "School or nursery"),
                            ("probation", "Probation"),
                            ("housing", "Housing"),
                            ("police", "Another police unit"),
                            ("voluntary", "Voluntary organisation"),
                            ("other", "Another organisation or person"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="step")),
                (
                    "to_whom",
                    models.CharField(
                        max_length=120, validators=[pages.validators.one_line], verbose_name="who reads it"
                    ),
                ),
                (
                    "address",
                    models.EmailField(
                        max_length=254,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+\\.)+[A-Za-z]{2,}\\Z",
                                "Enter an email address of plain letters and figures, like duty.desk@borough.example",
                            )
                        ],
                        verbose_name="email address",
                    ),
                ),
                ("approved_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="team.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical address of a partner",
                "verbose_name_plural": "historical addresses of partners",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Rung",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.CharField(
                        choices=[
                            ("social_services", "Social Services"),
                            ("health", "Health"),
                            ("school", "School or nursery"),
                            ("probation", "Probation"),
                            ("housing", "Housing"),
                            ("police", "Another police unit"),
                            ("voluntary", "Voluntary organisation"),
                            ("other", "Another organisation or person"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="step")),
                (
                    "to_whom",
                    models.CharField(
                        max_length=120, validators=[pages.validators.one_line], verbose_name="who reads it"
                    ),
                ),
                (
                    "address",
                    models.EmailField(
                        max_length=254,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+\\.)+[A-Za-z]{2,}\\Z",
                                "Enter an email address of plain letters and figures, like duty.desk@borough.example",
                            )
                        ],
                        verbose_name="email address",
                    ),
                ),
                ("approved_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="team.team"
                    ),
                ),
            ],
            options={
                "verbose_name": "address of a partner",
                "verbose_name_plural": "addresses of partners",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("team", "partner", "number"),
                        name="one_address_on_each_step",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "partner__in",
                                [
                                    "social_services",
                                    "health",
                                    "school",
                                    "probation",
                                    "housing",
                                    "police",
                                    "voluntary",
                                    "other",
                                ],
                            )
                        ),
                        name="rung_partner_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="rungs_begin_at_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="ended_rung_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField()),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("written", "Written"),
                            ("overtaken", "Overtaken by the next"),
                            ("dropped", "Not needed any more"),
                        ],
                        db_default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "duty",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="diary.duty",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="step_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("duty", "number"), name="step_exactly_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "written", "overtaken", "dropped"])),
                        name="step_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("to_whom", models.CharField(max_length=120)),
                ("address", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("title", models.CharField(max_length=200)),
                ("written_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "To be sent"),
                            ("sent", "Sent"),
                            ("withdrawn", "Not sent, no longer needed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("problem", models.CharField(blank=True, default="", max_length=100)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "rung",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diary.rung"),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mail", to="diary.step"
                    ),
                ),
            ],
            options={
                "verbose_name": "email",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["next_try_at", "id"], name="mail_to_send"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "withdrawn"])), name="mail_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="sent_mail_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(unique=True)),
                ("began_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("records", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "nightly check",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="check_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("address", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "To be sent"),
                            ("sent", "Sent"),
                            ("withdrawn", "Not sent, no longer needed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("problem", models.CharField(blank=True, default="", max_length=100)),
                ("on", models.DateField()),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "daily email",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["next_try_at", "id"], name="digest_to_send"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "on"), name="one_digest_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "withdrawn"])),
                        name="digest_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="sent_digest_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("late", "Late"),
                            ("given", "Given to you"),
                            ("outage", "Due dates were not checked"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("desk_sergeant", "Referral Desk Detective Sergeant"),
                            ("supervisor", "Supervising Detective Sergeant"),
                            ("investigator", "Detective Constable"),
                            ("pclo", "Police Conference Liaison Officer"),
                            ("researcher", "Researcher"),
                            ("office_manager", "Office Manager"),
                            ("inspector", "Detective Inspector"),
                            ("command", "Command manager"),
                            ("reviewer", "Continuous Improvement Team reviewer"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("since", models.DateTimeField(blank=True, null=True)),
                (
                    "words",
                    models.CharField(blank=True, default="", max_length=1000, validators=[pages.validators.one_line]),
                ),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "duty",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="diary.duty",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="team.team"
                    ),
                ),
                (
                    "to_person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("to_person__isnull", False)),
                        fields=["to_person", "-id"],
                        name="notice_by_person",
                    ),
                    models.Index(
                        condition=models.Q(("to_person__isnull", True)),
                        fields=["team", "to_role", "-id"],
                        name="notice_by_role",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("duty", "kind", "number"), name="notice_exactly_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "outage")), fields=("team", "since"), name="outage_told_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["late", "given", "outage"])), name="notice_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "to_role__in",
                                [
                                    "",
                                    "desk_sergeant",
                                    "supervisor",
                                    "investigator",
                                    "pclo",
                                    "researcher",
                                    "office_manager",
                                    "inspector",
                                    "command",
                                    "reviewer",
                                    "auditor",
                                    "administrator",
                                ],
                            )
                        ),
                        name="notice_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_person__isnull", False), models.Q(("to_role", ""), _negated=True), _connector="OR"
                        ),
                        name="notice_says_to_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("duty__isnull", True),
                                ("kind", "outage"),
                                ("since__isnull", False),
                                models.Q(("words", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", "outage"), _negated=True),
                                ("duty__isnull", False),
                                ("since__isnull", True),
                                ("words", ""),
                            ),
                            _connector="OR",
                        ),
                        name="notice_is_of_a_duty_or_of_an_outage",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticesRead",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("up_to", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "notices read",
                "verbose_name_plural": "notices read",
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "duty",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="watch",
                        serialize=False,
                        to="diary.duty",
                    ),
                ),
                ("told", models.PositiveSmallIntegerField(default=0)),
                ("tell_at", models.DateTimeField(null=True)),
                ("set_aside_at", models.DateTimeField(blank=True, null=True)),
                ("set_aside_why", models.CharField(blank=True, default="", max_length=100)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("set_aside_at__isnull", True), ("tell_at__isnull", False)),
                        fields=["tell_at", "duty"],
                        name="watch_to_tell",
                    ),
                    models.Index(
                        condition=models.Q(("set_aside_at__isnull", False)), fields=["duty"], name="watch_set_aside"
                    ),
                ],
            },
        ),
        *besides_tables("diary", REPLACED),
    ]
