import django.contrib.postgres.fields
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
        ("cases", "0001_the_record"),
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalReferral",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("urn_year", models.PositiveSmallIntegerField()),
                ("urn_serial", models.PositiveIntegerField()),
                ("token", models.UUIDField(db_index=True)),
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
                        choices=[("logged", "To triage"), ("triaged", "Triaged")], default="logged", max_length=10
                    ),
                ),
                ("triaged_at", models.DateTimeField(blank=True, null=True)),
                ("triage_urgent", models.BooleanField(blank=True, null=True)),
                ("triage_next", models.TextField(blank=True, default="")),
                ("triage_reason", models.TextField(blank=True, default="")),
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
                    "confirmed_by",
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
                    "logged_by",
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
                (
                    "triaged_by",
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
                        choices=[("logged", "To triage"), ("triaged", "Triaged")], default="logged", max_length=10
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "logged_by",
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
                (
                    "triaged_by",
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
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "urn_year", "urn_serial"), name="urn_is_unique"),
                    models.CheckConstraint(condition=models.Q(("urn_serial__gte", 1)), name="urn_begins_at_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["email", "telephone", "in_person", "police_system", "letter"])
                        ),
                        name="referral_method_is_known",
                    ),
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
                            models.Q(
                                ("progress", "logged"),
                                ("triage_reason", ""),
                                ("triage_urgent__isnull", True),
                                ("triaged_at__isnull", True),
                                ("triaged_by__isnull", True),
                            ),
                            models.Q(
                                ("progress", "triaged"),
                                ("triage_urgent__isnull", False),
                                ("triaged_at__isnull", False),
                                ("triaged_by__isnull", False),
                                models.Q(("triage_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="triaged_referral_says_by_whom_and_why",
                    ),
                ],
            },
        ),
        # Facts stay: what was recorded can be added to, never changed.
        only_added("referrals_historicalreferral"),
    ]
