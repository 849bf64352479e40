import datetime

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.append_only import only_added


class Migration(migrations.Migration):
    """Chasing a partner: the ladder, the steps, the outbox; and duties that are held back."""

    dependencies = [
        ("deadlines", "0006_chases_in_sql"),
        ("audit", "0001_append_only_tables"),
        ("cases", "0002_closure"),
        ("diary", "0002_duties"),
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
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
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
            ],
            options={
                "verbose_name": "email",
            },
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
            ],
            options={
                "verbose_name": "address of a partner",
                "verbose_name_plural": "addresses of partners",
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
            ],
        ),
        migrations.AddField(
            model_name="duty",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="duty",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="held_why",
            field=models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
        ),
        migrations.AddField(
            model_name="historicalduty",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="historicalduty",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalduty",
            name="held_why",
            field=models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["late_from", "id"], name="open_duty_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddField(
            model_name="chase",
            name="duty",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="chase", to="diary.duty"
            ),
        ),
        migrations.AddField(
            model_name="historicalrung",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalrung",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="historicalrung",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="historicalrung",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="team.team",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="case",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
        ),
        migrations.AddField(
            model_name="rung",
            name="approved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rung",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rung",
            name="team",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="team.team"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="rung",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="diary.rung"),
        ),
        migrations.AddField(
            model_name="step",
            name="duty",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="diary.duty"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="step",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="mail", to="diary.step"
            ),
        ),
        migrations.AddIndex(
            model_name="chase",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["next_on", "id"], name="running_chase"
            ),
        ),
        migrations.AddIndex(
            model_name="chase",
            index=models.Index(condition=models.Q(("state", "set_aside")), fields=["id"], name="chase_set_aside"),
        ),
        migrations.AddConstraint(
            model_name="chase",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="chase",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["running", "paused", "ended", "set_aside"])),
                name="chase_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chase",
            constraint=models.CheckConstraint(
                condition=models.Q(("apart__gte", 1)), name="chases_are_a_day_apart_or_more"
            ),
        ),
        migrations.AddConstraint(
            model_name="chase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_on__range", (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))),
                    ("started_on__range", (datetime.date(1900, 1, 1), datetime.date(2999, 12, 31))),
                ),
                name="chase_days_can_be_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="chase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("set_aside_at__isnull", False), ("state", "set_aside")),
                    models.Q(models.Q(("state", "set_aside"), _negated=True), ("set_aside_at__isnull", True)),
                    _connector="OR",
                ),
                name="chase_set_aside_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("team", "partner", "number"),
                name="one_address_on_each_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="rungs_begin_at_one"),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="ended_rung_says_by_whom",
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="step_waiting"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("duty", "number"), name="step_exactly_once"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "written", "overtaken", "dropped"])),
                name="step_state_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_try_at", "id"], name="mail_to_send"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "withdrawn"])), name="mail_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="sent_mail_says_when",
            ),
        ),
        # What was recorded is added to, never changed.
        only_added("diary_historicalrung"),
    ]
