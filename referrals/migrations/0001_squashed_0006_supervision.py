"""The tables of this room as 0006_supervision left them, made in one step: for a new database.

Written by a program from the migrations that it replaces; what is no table is taken from these. A test holds the two
ways of making a database against each other.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
import pages.validators
from audit.squashing import besides_tables

REPLACED = (
    "0001_referrals_and_drafts",
    "0002_deciding",
    "0003_undecided_referrals",
    "0004_old_logs",
    "0005_fewer_indexes",
    "0006_supervision",
)


class Migration(migrations.Migration):
    replaces = [("referrals", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0004_fewer_indexes"),
        ("deadlines", "0001_clock"),
        ("diary", "0006_fresh_duties"),
        ("team", "0003_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalReferral",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("urn_year", models.PositiveSmallIntegerField()),
                ("urn_serial", models.PositiveIntegerField()),
                ("token", models.UUIDField()),
                ("logged_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("telephone", "Telephone"),
                            ("in_person", "In person"),
                            ("police_system", "Police system, such as MERLIN"),
                            ("letter", "Letter or form"),
                            ("not_said", "Not said in the old log"),
                        ],
                        max_length=15,
                        verbose_name="how it reached us",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("social_services", "Social Services"),
                            ("health", "Health"),
                            ("school", "School or nursery"),
                            ("police", "Another police unit"),
                            ("probation", "Probation"),
                            ("family", "Family member"),
                            ("child", "The child"),
                            ("public", "Member of the public"),
                            ("voluntary", "Voluntary organisation"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "referrer_name",
                    models.CharField(blank=True, default="", max_length=120, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_job",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_telephone",
                    models.CharField(blank=True, default="", max_length=60, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_email",
                    models.CharField(blank=True, default="", max_length=254, validators=[pages.validators.one_line]),
                ),
                ("rang_back", models.BooleanField(default=False)),
                ("protected", models.BooleanField(default=False)),
                ("as_given", models.JSONField(blank=True, default=list)),
                (
                    "no_child_because",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("circumstances", models.TextField()),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("physical", "Physical"),
                                ("emotional", "Emotional"),
                                ("sexual", "Sexual"),
                                ("neglect", "Neglect"),
                                ("unclear", "Not clear yet"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "will_be_lost",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("urgent", models.BooleanField()),
                ("who_has_child", models.TextField(blank=True, default="")),
                ("other_children", models.TextField(blank=True, default="")),
                ("whereabouts", models.TextField(blank=True, default="")),
                ("done_so_far", models.TextField(blank=True, default="")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_how",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                (
                    "progress",
                    models.CharField(
                        choices=[("logged", "To triage"), ("triaged", "To decide"), ("decided", "Decided")],
                        default="logged",
                        max_length=10,
                    ),
                ),
                ("triaged_at", models.DateTimeField(blank=True, null=True)),
                ("triage_urgent", models.BooleanField(blank=True, null=True)),
                ("triage_next", models.TextField(blank=True, default="")),
                ("triage_reason", models.TextField(blank=True, default="")),
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
                    "confirmed_by",
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
                    "logged_by",
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
                (
                    "triaged_by",
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
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("joint", "Joint section 47 enquiry"),
                            ("police", "Police single agency"),
                            ("social_services", "Social Services only"),
                            ("passed_on", "Passed to another unit or team"),
                            ("information", "Information only"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "old_urn",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=40,
                        validators=[pages.validators.one_line],
                        verbose_name="URN in the old log",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical referral",
                "verbose_name_plural": "historical referrals",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("saved_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("typed", models.JSONField(default=dict)),
                (
                    "shown",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "shown_records",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                "verbose_name": "half-typed referral",
                "indexes": [models.Index(fields=["team", "begun_at"], name="draft_by_team")],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("urn_year", models.PositiveSmallIntegerField()),
                ("urn_serial", models.PositiveIntegerField()),
                ("token", models.UUIDField(unique=True)),
                ("logged_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("telephone", "Telephone"),
                            ("in_person", "In person"),
                            ("police_system", "Police system, such as MERLIN"),
                            ("letter", "Letter or form"),
                            ("not_said", "Not said in the old log"),
                        ],
                        max_length=15,
                        verbose_name="how it reached us",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("social_services", "Social Services"),
                            ("health", "Health"),
                            ("school", "School or nursery"),
                            ("police", "Another police unit"),
                            ("probation", "Probation"),
                            ("family", "Family member"),
                            ("child", "The child"),
                            ("public", "Member of the public"),
                            ("voluntary", "Voluntary organisation"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "referrer_name",
                    models.CharField(blank=True, default="", max_length=120, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_job",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_telephone",
                    models.CharField(blank=True, default="", max_length=60, validators=[pages.validators.one_line]),
                ),
                (
                    "referrer_email",
                    models.CharField(blank=True, default="", max_length=254, validators=[pages.validators.one_line]),
                ),
                ("rang_back", models.BooleanField(default=False)),
                ("protected", models.BooleanField(default=False)),
                ("as_given", models.JSONField(blank=True, default=list)),
                (
                    "no_child_because",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("circumstances", models.TextField()),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("physical", "Physical"),
                                ("emotional", "Emotional"),
                                ("sexual", "Sexual"),
                                ("neglect", "Neglect"),
                                ("unclear", "Not clear yet"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "will_be_lost",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                ("urgent", models.BooleanField()),
                ("who_has_child", models.TextField(blank=True, default="")),
                ("other_children", models.TextField(blank=True, default="")),
                ("whereabouts", models.TextField(blank=True, default="")),
                ("done_so_far", models.TextField(blank=True, default="")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_how",
                    models.CharField(blank=True, default="", max_length=300, validators=[pages.validators.one_line]),
                ),
                (
                    "progress",
                    models.CharField(
                        choices=[("logged", "To triage"), ("triaged", "To decide"), ("decided", "Decided")],
                        default="logged",
                        max_length=10,
                    ),
                ),
                ("triaged_at", models.DateTimeField(blank=True, null=True)),
                ("triage_urgent", models.BooleanField(blank=True, null=True)),
                ("triage_next", models.TextField(blank=True, default="")),
                ("triage_reason", models.TextField(blank=True, default="")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referral", to="cases.case"
                    ),
                ),
                (
                    "confirmed_by",
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
                    "logged_by",
                    models.ForeignKey(
                        db_index=False,
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
                (
                    "triaged_by",
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
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("joint", "Joint section 47 enquiry"),
                            ("police", "Police single agency"),
                            ("social_services", "Social Services only"),
                            ("passed_on", "Passed to another unit or team"),
                            ("information", "Information only"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "old_urn",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=40,
                        validators=[pages.validators.one_line],
                        verbose_name="URN in the old log",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "-received_at", "-id"], name="referral_by_team_received"),
                    models.Index(fields=["team", "-logged_at", "-id"], name="referral_by_team_logged"),
                    models.Index(fields=["-received_at", "-id"], name="referral_by_received"),
                    models.Index(fields=["-logged_at", "-id"], name="referral_by_logged"),
                    models.Index(
                        condition=models.Q(("progress", "logged")),
                        fields=["team", "-received_at", "-id"],
                        name="referral_to_triage",
                    ),
                    models.Index(
                        condition=models.Q(("confirmed_at__isnull", True), ("method", "telephone")),
                        fields=["team", "-received_at", "-id"],
                        name="referral_to_confirm",
                    ),
                    models.Index(
                        condition=models.Q(("progress", "triaged")),
                        fields=["team", "-received_at", "-id"],
                        name="referral_to_decide",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "urn_year", "urn_serial"), name="urn_is_unique"),
                    models.CheckConstraint(condition=models.Q(("urn_serial__gte", 1)), name="urn_begins_at_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "source__in",
                                [
                                    "social_services",
                                    "health",
                                    "school",
                                    "police",
                                    "probation",
                                    "family",
                                    "child",
                                    "public",
                                    "voluntary",
                                    "other",
                                ],
                            )
                        ),
                        name="referral_source_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("categories__contained_by", ["physical", "emotional", "sexual", "neglect", "unclear"]),
                            models.Q(("categories", []), _negated=True),
                        ),
                        name="referral_categories_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("circumstances", ""), _negated=True), name="referral_says_what_happened"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("received_at__lte", models.F("logged_at"))),
                        name="referral_received_before_logged",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True), ("confirmed_by__isnull", True), ("confirmed_how", "")
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("method", "telephone"),
                                models.Q(("confirmed_how", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="confirmed_referral_was_telephoned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision__in", ["", "joint", "police", "social_services", "passed_on", "information"])
                        ),
                        name="referral_decision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("progress", "decided"), _negated=True),
                            models.Q(("decision", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decided_referral_says_how",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("old_urn", ""), _negated=True),
                        fields=("old_urn", "team"),
                        name="old_urn_is_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["email", "telephone", "in_person", "police_system", "letter", "not_said"])
                        ),
                        name="referral_method_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("progress", "logged"),
                                ("triage_reason", ""),
                                ("triage_urgent__isnull", True),
                                ("triaged_at__isnull", True),
                                ("triaged_by__isnull", True),
                            ),
                            models.Q(
                                ("progress__in", ["triaged", "decided"]),
                                ("triage_urgent__isnull", False),
                                ("triaged_at__isnull", False),
                                ("triaged_by__isnull", False),
                                models.Q(("triage_reason", ""), _negated=True),
                            ),
                            models.Q(
                                ("progress__in", ["triaged", "decided"]),
                                ("triage_reason", ""),
                                ("triage_urgent__isnull", True),
                                ("triaged_at__isnull", True),
                                ("triaged_by__isnull", True),
                                models.Q(("old_urn", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="triaged_referral_says_by_whom_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("received_at", models.DateTimeField()),
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
                    "from_whom",
                    models.CharField(
                        max_length=200, validators=[pages.validators.one_line], verbose_name="name and job"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "came",
                    models.CharField(
                        choices=[
                            ("unasked", "Unasked"),
                            ("on_request", "On request"),
                            ("chased", "After a chase"),
                            ("not_said", "Before CAIT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("after_chases", models.PositiveIntegerField(default=0)),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "No: circumstances have not changed"),
                            ("changed", "Yes: it must be decided again"),
                            ("no_answer", "It does not answer what we asked: go on chasing"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="cases.case",
                    ),
                ),
                (
                    "duty",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="diary.duty",
                    ),
                ),
                (
                    "judged_by",
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
                "verbose_name": "update from Social Services",
                "verbose_name_plural": "updates from Social Services",
                "indexes": [models.Index(fields=["case", "-received_at", "-id"], name="answer_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), models.Q(("from_whom", ""), _negated=True)
                        ),
                        name="answer_says_what_and_from_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("after_chases__gte", 1), ("came", "chased")),
                            models.Q(models.Q(("came", "chased"), _negated=True), ("after_chases", 0)),
                            _connector="OR",
                        ),
                        name="answer_after_which_chase",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("judged_at__isnull", True),
                                ("judged_by__isnull", True),
                                ("judgement", ""),
                                ("reason", ""),
                            ),
                            models.Q(
                                ("judged_at__isnull", False),
                                ("judged_by__isnull", False),
                                models.Q(("judgement", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="judged_answer_says_by_whom_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way__in", ["telephone", "email", "meeting", "letter", "in_person", "not_said"])
                        ),
                        name="answer_way_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("came__in", ["unasked", "on_request", "chased", "not_said"]),
                            ("judgement__in", ["", "unchanged", "changed", "no_answer"]),
                        ),
                        name="answer_words_are_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joint", "Joint section 47 enquiry"),
                            ("police", "Police single agency"),
                            ("social_services", "Social Services only"),
                            ("passed_on", "Passed to another unit or team"),
                            ("information", "Information only"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("not_chosen", models.TextField(blank=True, default="")),
                (
                    "passed_to",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("decided_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="cases.case",
                    ),
                ),
                (
                    "decided_by",
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
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.entry"
                    ),
                ),
                (
                    "decided_by_name",
                    models.CharField(blank=True, default="", max_length=120, validators=[pages.validators.one_line]),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="decisions_follow_each_other"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["joint", "police", "social_services", "passed_on", "information"])
                        ),
                        name="decision_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="decision_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "passed_on"), models.Q(("passed_to", ""), _negated=True)),
                            models.Q(models.Q(("kind", "passed_on"), _negated=True), ("passed_to", "")),
                            _connector="OR",
                        ),
                        name="passed_on_says_to_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by__isnull", False), ("decided_by_name", "")),
                            models.Q(("decided_by__isnull", True), models.Q(("decided_by_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="decision_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAnswer",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("received_at", models.DateTimeField()),
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
                    "from_whom",
                    models.CharField(
                        max_length=200, validators=[pages.validators.one_line], verbose_name="name and job"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "came",
                    models.CharField(
                        choices=[
                            ("unasked", "Unasked"),
                            ("on_request", "On request"),
                            ("chased", "After a chase"),
                            ("not_said", "Before CAIT"),
                        ],
                        max_length=12,
                    ),
                ),
                ("after_chases", models.PositiveIntegerField(default=0)),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("judged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "No: circumstances have not changed"),
                            ("changed", "Yes: it must be decided again"),
                            ("no_answer", "It does not answer what we asked: go on chasing"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, default="")),
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
                    "duty",
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
                    "judged_by",
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
                    "recorded_by",
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
                "verbose_name": "historical update from Social Services",
                "verbose_name_plural": "historical updates from Social Services",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Strategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[("telephone", "Telephone discussion"), ("meeting", "Meeting")], max_length=10
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("took_part", models.JSONField()),
                (
                    "enquiry",
                    models.CharField(
                        choices=[
                            ("joint", "Police and Social Services together"),
                            ("police", "Police alone"),
                            ("social_services", "Social Services alone"),
                            ("none", "No section 47 enquiry"),
                        ],
                        max_length=20,
                        verbose_name="section 47 enquiry",
                    ),
                ),
                ("decided", models.TextField(verbose_name="what was agreed")),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="strategies",
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
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
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
            ],
            options={
                "verbose_name": "strategy discussion",
                "indexes": [models.Index(fields=["case", "-held_at", "-id"], name="strategy_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["telephone", "meeting"])), name="strategy_how_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("enquiry__in", ["joint", "police", "social_services", "none"])),
                        name="strategy_enquiry_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                        ),
                        name="strategy_says_what_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("took_part__has_keys", ["police", "social_services"])),
                        name="strategy_with_social_services",
                    ),
                ],
            },
        ),
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
        *besides_tables("referrals", REPLACED),
    ]
