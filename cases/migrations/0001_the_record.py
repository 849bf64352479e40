import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.append_only import only_added


class Migration(migrations.Migration):
    initial = True

    # cait_now() stands in the defaults; audit brings the trigger.
    dependencies = [
        ("deadlines", "0001_clock"),
        ("audit", "0001_append_only_tables"),
        ("people", "0001_people"),
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
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
            },
        ),
        migrations.AddField(
            model_name="case",
            name="people",
            field=models.ManyToManyField(related_name="cases", through="cases.CasePerson", to="people.person"),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of the chronology",
                "verbose_name_plural": "chronology",
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
                ("history_date", models.DateTimeField(db_index=True)),
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
                    "ended_by",
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
                    "history_user",
                    models.ForeignKey(
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
                        db_index=True,
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
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
                (
                    "officer_in_case",
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
                    "supervisor",
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
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                ("history_date", models.DateTimeField(db_index=True)),
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
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "information shared",
                "verbose_name_plural": "information shared",
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
        migrations.AddConstraint(
            model_name="caseperson",
            constraint=models.UniqueConstraint(fields=("case", "person", "part"), name="part_once_on_a_case"),
        ),
        migrations.AddConstraint(
            model_name="caseperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__in", ["child", "other_child", "adult", "suspect"])), name="part_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["team", "-raised_at", "-id"], name="case_by_team_and_time"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-raised_at", "-id"], name="case_by_time"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["officer_in_case", "-raised_at", "-id"], name="case_by_officer"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("officer_in_case__isnull", True), ("state", "open")),
                fields=["team", "-raised_at", "-id"],
                name="open_case_of_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^[A-Z]{3}-\\d{4}-\\d{4,6}$")), name="record_number_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "closed"])), name="case_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["", "standard", "medium", "high"])), name="case_level_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("state", "open")),
                    models.Q(("closed_at__isnull", False), ("state", "closed")),
                    _connector="OR",
                ),
                name="closed_case_says_when",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("corrects__isnull", True)),
                fields=["case", "-happened_at", "-id"],
                name="entry_by_case_and_time",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("corrects__isnull", False)), fields=["corrects", "id"], name="correction_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("happened__in", ["at", "about", "on"])), name="entry_happened_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="entry_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("corrects__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="correction_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="numbering",
            constraint=models.UniqueConstraint(fields=("team", "series", "year"), name="one_numbering_for_each_year"),
        ),
        migrations.AddConstraint(
            model_name="numbering",
            constraint=models.CheckConstraint(
                condition=models.Q(("series__in", ["record", "urn"])), name="numbering_series_is_known"
            ),
        ),
        migrations.AddIndex(
            model_name="shared",
            index=models.Index(fields=["case", "-shared_at", "-id"], name="shared_by_case"),
        ),
        migrations.AddConstraint(
            model_name="shared",
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
                name="shared_partner_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shared",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["telephone", "email", "meeting", "letter", "in_person"])),
                name="shared_way_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shared",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis__in", ["safeguarding", "enquiry", "crime", "consent", "court"])),
                name="shared_basis_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shared",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("what", ""), _negated=True), models.Q(("to_whom", ""), _negated=True)),
                name="shared_says_what_and_to_whom",
            ),
        ),
        # Facts stay: what was recorded can be added to, never changed.
        only_added("cases_historicalcase"),
        only_added("cases_historicalcaseperson"),
        only_added("cases_historicalaction"),
        only_added("cases_entry"),
        only_added("cases_entry_people"),
        only_added("cases_shared"),
        only_added("cases_shared_people"),
    ]
