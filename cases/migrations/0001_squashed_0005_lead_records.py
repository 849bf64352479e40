"""The tables of this room as 0005_lead_records left them, made in one step: for a new database.

Written by a program from the migrations that it replaces; what is no table is taken from these. A test holds the two
ways of making a database against each other.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.squashing import besides_tables

REPLACED = (
    "0001_the_record",
    "0002_closure",
    "0003_not_said",
    "0004_fewer_indexes",
    "0005_lead_records",
)


class Migration(migrations.Migration):
    replaces = [("cases", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("deadlines", "0001_clock"),
        ("people", "0004_fewer_indexes"),
        ("team", "0003_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        max_length=15,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^[A-Z]{3}-\\d{4}-\\d{4,6}$")],
                        verbose_name="record",
                    ),
                ),
                ("urn", models.CharField(max_length=12, verbose_name="URN")),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "Standard"), ("medium", "Medium"), ("high", "High")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "officer_in_case",
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
                    "supervisor",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="team.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "record",
                "indexes": [
                    models.Index(fields=["team", "-raised_at", "-id"], name="case_by_team_and_time"),
                    models.Index(fields=["-raised_at", "-id"], name="case_by_time"),
                    models.Index(fields=["officer_in_case", "-raised_at", "-id"], name="case_by_officer"),
                    models.Index(
                        condition=models.Q(("officer_in_case__isnull", True), ("state", "open")),
                        fields=["team", "-raised_at", "-id"],
                        name="open_case_of_nobody",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^[A-Z]{3}-\\d{4}-\\d{4,6}$")),
                        name="record_number_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "closed"])), name="case_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["", "standard", "medium", "high"])),
                        name="case_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("state", "open")),
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            _connector="OR",
                        ),
                        name="closed_case_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("child", "Child it is about"),
                            ("other_child", "Other child there"),
                            ("adult", "Adult"),
                            ("suspect", "May have harmed the child"),
                        ],
                        max_length=12,
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("taken_off_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="cases.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "person on a record",
                "ordering": ["place", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "person", "part"), name="part_once_on_a_case"),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", ["child", "other_child", "adult", "suspect"])),
                        name="part_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("referral", "Referral"),
                            ("note", "Note"),
                            ("contact", "Contact or visit"),
                            ("information", "Information received"),
                            ("incident", "Incident"),
                            ("decision", "Decision"),
                            ("action", "Action"),
                            ("shared", "Shared or asked"),
                            ("people", "People"),
                            ("record", "The record itself"),
                        ],
                        max_length=12,
                    ),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "happened",
                    models.CharField(
                        choices=[("at", "at this time"), ("about", "about this time"), ("on", "on this day")],
                        default="at",
                        max_length=5,
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("title", models.CharField(max_length=200, validators=[pages.validators.one_line])),
                ("text", models.TextField(blank=True, default="")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("automatic", models.BooleanField(default=False)),
                ("significant", models.BooleanField(default=False)),
                (
                    "reason",
                    models.CharField(blank=True, default="", max_length=500, validators=[pages.validators.one_line]),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="cases.case"
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="cases.entry",
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, related_name="+", to="people.person")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of the chronology",
                "verbose_name_plural": "chronology",
                "indexes": [
                    models.Index(
                        condition=models.Q(("corrects__isnull", True)),
                        fields=["case", "-happened_at", "-id"],
                        name="entry_by_case_and_time",
                    ),
                    models.Index(
                        condition=models.Q(("corrects__isnull", False)),
                        fields=["corrects", "id"],
                        name="correction_of",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "referral",
                                    "note",
                                    "contact",
                                    "information",
                                    "incident",
                                    "decision",
                                    "action",
                                    "shared",
                                    "people",
                                    "record",
                                ],
                            )
                        ),
                        name="entry_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("happened__in", ["at", "about", "on"])), name="entry_happened_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="entry_has_a_title"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("corrects__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="correction_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAction",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="what is to be done"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due date")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("done", "Done"), ("cancelled", "Not needed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("result", models.TextField(blank=True, default="")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "added_by",
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
            ],
            options={
                "verbose_name": "historical action",
                "verbose_name_plural": "historical actions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCase",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        max_length=15,
                        validators=[django.core.validators.RegexValidator("^[A-Z]{3}-\\d{4}-\\d{4,6}$")],
                        verbose_name="record",
                    ),
                ),
                ("urn", models.CharField(max_length=12, verbose_name="URN")),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "Standard"), ("medium", "Medium"), ("high", "High")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
                    "officer_in_case",
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
                    "supervisor",
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
            ],
            options={
                "verbose_name": "historical record",
                "verbose_name_plural": "historical records",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCasePerson",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("child", "Child it is about"),
                            ("other_child", "Other child there"),
                            ("adult", "Adult"),
                            ("suspect", "May have harmed the child"),
                        ],
                        max_length=12,
                    ),
                ),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("taken_off_at", models.DateTimeField(blank=True, null=True)),
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical person on a record",
                "verbose_name_plural": "historical person on a records",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Numbering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(choices=[("record", "Record"), ("urn", "Urn")], max_length=10)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField()),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="team.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "series", "year"), name="one_numbering_for_each_year"),
                    models.CheckConstraint(
                        condition=models.Q(("series__in", ["record", "urn"])), name="numbering_series_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shared",
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
                (
                    "to_whom",
                    models.CharField(
                        max_length=200, validators=[pages.validators.one_line], verbose_name="name and job"
                    ),
                ),
                ("what", models.TextField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("telephone", "By telephone"),
                            ("email", "By email"),
                            ("meeting", "At a meeting"),
                            ("letter", "By letter or form"),
                            ("in_person", "In person"),
                            ("not_said", "Not said in the old log"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("safeguarding", "To protect a child (Children Act 2004, section 11)"),
                            ("enquiry", "For a section 47 enquiry"),
                            ("crime", "To prevent or detect crime"),
                            ("consent", "The person agreed"),
                            ("court", "A court ordered it"),
                        ],
                        max_length=15,
                    ),
                ),
                ("shared_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shared",
                        to="cases.case",
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, related_name="+", to="people.person")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "information shared",
                "verbose_name_plural": "information shared",
                "indexes": [models.Index(fields=["case", "-shared_at", "-id"], name="shared_by_case")],
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
                        name="shared_partner_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["safeguarding", "enquiry", "crime", "consent", "court"])),
                        name="shared_basis_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what", ""), _negated=True), models.Q(("to_whom", ""), _negated=True)
                        ),
                        name="shared_says_what_and_to_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way__in", ["telephone", "email", "meeting", "letter", "in_person", "not_said"])
                        ),
                        name="shared_way_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Action",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="what is to be done"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due date")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("done", "Done"), ("cancelled", "Not needed")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("result", models.TextField(blank=True, default="")),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "indexes": [
                    models.Index(fields=["case", "due_on", "id"], name="action_by_case"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["owner", "due_on", "id"],
                        name="open_action_by_owner",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "done", "cancelled"])), name="action_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                                ("result", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("result", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_action_says_when_and_what",
                    ),
                ],
            },
        ),
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
                ("history_date", models.DateTimeField()),
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
                        db_index=False,
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
                        db_index=False,
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
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
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
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("among", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("chosen_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("reason", models.TextField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of the lead record",
                "verbose_name_plural": "choices of the lead record",
                "indexes": [models.Index(fields=["child", "-id"], name="lead_by_child")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="lead_has_a_reason"
                    ),
                    models.CheckConstraint(condition=models.Q(("among__len__gte", 2)), name="lead_is_one_of_several"),
                ],
            },
        ),
        migrations.AddField(
            model_name="Case",
            name="people",
            field=models.ManyToManyField(related_name="cases", through="cases.CasePerson", to="people.person"),
        ),
        *besides_tables("cases", REPLACED),
    ]
