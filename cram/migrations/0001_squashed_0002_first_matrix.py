"""The tables of this room as 0002_first_matrix left them, made in one step: for a new database.

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
    "0001_the_matrix_and_assessments",
    "0002_first_matrix",
)


class Migration(migrations.Migration):
    replaces = [("cram", name) for name in REPLACED]

    initial = True

    dependencies = [
        ("cases", "0004_fewer_indexes"),
        ("people", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        max_length=10,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^\\d+\\.\\d+$")],
                        verbose_name="version",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=10
                    ),
                ),
                ("about", models.TextField()),
                ("drafted_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cram.version",
                    ),
                ),
                (
                    "drafted_by",
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
                    "published_by",
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
                "verbose_name": "version of the matrix",
                "verbose_name_plural": "versions of the matrix",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "published"])), name="version_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("from_on__isnull", True), ("published_at__isnull", True), ("state", "draft")),
                            models.Q(
                                ("from_on__isnull", False), ("published_at__isnull", False), ("state", "published")
                            ),
                            _connector="OR",
                        ),
                        name="published_version_says_from_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("from_on__isnull", False)),
                        fields=("from_on",),
                        name="one_version_from_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("state",), name="one_draft_at_a_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Factor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=40, validators=[django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$")]
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[("victim", "Victim"), ("suspect", "Suspect"), ("household", "Household")],
                        max_length=10,
                    ),
                ),
                ("definite", models.BooleanField(default=True)),
                ("name", models.CharField(max_length=120, validators=[pages.validators.one_line])),
                ("question", models.CharField(max_length=300, validators=[pages.validators.one_line])),
                ("definition", models.TextField()),
                ("evidence", models.TextField(verbose_name="evidence base")),
                ("source", models.CharField(max_length=300, validators=[pages.validators.one_line])),
                ("place", models.PositiveSmallIntegerField()),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factors",
                        to="cram.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "factor",
                "ordering": ["place", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="factor_once_in_a_version"),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["victim", "suspect", "household"])),
                        name="factor_category_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[a-z][a-z0-9_]*$")), name="factor_code_is_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "First CRAM"),
                            ("review", "CRAM review"),
                            ("conference", "CRAM before a conference"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("under_way", "Under way"),
                            ("submitted", "Waiting for endorsement"),
                            ("returned", "Returned to be put right"),
                            ("endorsed", "Endorsed"),
                        ],
                        default="under_way",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "Standard"), ("medium", "Medium"), ("high", "High")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("rationale", models.TextField(blank=True, default="")),
                (
                    "challenged",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("challenge_answer", models.TextField(blank=True, default="")),
                ("nothing_new", models.BooleanField(default=False)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("endorsed_at", models.DateTimeField(blank=True, null=True)),
                ("on_time", models.BooleanField(blank=True, null=True)),
                ("research_repeated", models.BooleanField(blank=True, null=True)),
                ("measures_checked", models.BooleanField(blank=True, null=True)),
                ("sharing_answered", models.BooleanField(blank=True, null=True)),
                ("endorsed_in_time", models.BooleanField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="cases.case",
                    ),
                ),
                (
                    "endorsed_by",
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
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cram.assessment",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
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
                    "matrix",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cram.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "assessment",
                "indexes": [
                    models.Index(
                        condition=models.Q(("submitted_at__isnull", False)),
                        fields=["case", "-submitted_at", "-id"],
                        name="assessment_by_case",
                    ),
                    models.Index(
                        condition=models.Q(("submitted_at__isnull", False)),
                        fields=["submitted_at", "case"],
                        name="assessment_by_time",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="assessments_are_numbered"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("under_way", "returned"))),
                        fields=("case",),
                        name="one_assessment_is_written_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["first", "review", "conference"])),
                        name="assessment_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["under_way", "submitted", "returned", "endorsed"])),
                        name="assessment_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["", "standard", "medium", "high"])),
                        name="assessment_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "under_way"), ("submitted_at__isnull", True), ("submitted_by__isnull", True)
                            ),
                            models.Q(
                                models.Q(("state", "under_way"), _negated=True),
                                ("submitted_at__isnull", False),
                                ("submitted_by__isnull", False),
                                models.Q(("level", ""), _negated=True),
                                models.Q(("rationale", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="submitted_assessment_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("endorsed_at__isnull", False), ("endorsed_by__isnull", False), ("state", "endorsed")
                            ),
                            models.Q(
                                models.Q(("state", "endorsed"), _negated=True),
                                ("endorsed_at__isnull", True),
                                ("endorsed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="endorsed_assessment_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("endorsed_by__isnull", True),
                            models.Q(("endorsed_by", models.F("submitted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_endorses_their_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAnswer",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "said",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("no", "No"),
                            ("not_known", "Not known"),
                            ("not_asked", "Not yet asked"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="evidence")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("answered_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "address",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.address",
                    ),
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
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.assessment",
                    ),
                ),
                (
                    "factor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.factor",
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
                "verbose_name": "historical answer",
                "verbose_name_plural": "historical answers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalGap",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "question",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="what we need to know"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="by")),
                ("factor", models.CharField(blank=True, default="", max_length=40)),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Not known yet"),
                            ("answered", "Answered"),
                            ("not_needed", "No longer needed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("resolution", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "address",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.address",
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
                (
                    "raised_by",
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
                    "raised_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical intelligence gap",
                "verbose_name_plural": "historical intelligence gaps",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalResearchRequest",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "systems",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("cris", "CRIS (crime reports)"),
                                ("merlin", "MERLIN (children who came to notice)"),
                                ("crimint", "CRIMINT (intelligence)"),
                                ("pnc", "PNC (Police National Computer)"),
                                ("pnd", "INI / PND (other forces)"),
                                ("visor", "ViSOR (dangerous offenders)"),
                                ("cad", "CAD (calls to the police)"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                ("why", models.TextField()),
                ("since", models.DateField(blank=True, null=True)),
                ("due_on", models.DateField(verbose_name="by")),
                ("asked_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "To do"), ("done", "Done"), ("not_needed", "Not needed")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
            ],
            options={
                "verbose_name": "historical request for research",
                "verbose_name_plural": "historical requests for research",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRisk",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "what",
                    models.CharField(max_length=300, validators=[pages.validators.one_line], verbose_name="risk"),
                ),
                ("identified_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
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
                    "identified_by",
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
                    "identified_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.assessment",
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
                "verbose_name": "historical risk",
                "verbose_name_plural": "historical risks",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ResearchRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "systems",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("cris", "CRIS (crime reports)"),
                                ("merlin", "MERLIN (children who came to notice)"),
                                ("crimint", "CRIMINT (intelligence)"),
                                ("pnc", "PNC (Police National Computer)"),
                                ("pnd", "INI / PND (other forces)"),
                                ("visor", "ViSOR (dangerous offenders)"),
                                ("cad", "CAD (calls to the police)"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                ("why", models.TextField()),
                ("since", models.DateField(blank=True, null=True)),
                ("due_on", models.DateField(verbose_name="by")),
                ("asked_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "To do"), ("done", "Done"), ("not_needed", "Not needed")],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="research_requests",
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
                ("people", models.ManyToManyField(blank=True, related_name="+", to="people.person")),
            ],
            options={
                "verbose_name": "request for research",
                "verbose_name_plural": "requests for research",
                "indexes": [models.Index(fields=["case", "-id"], name="research_request_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "done", "not_needed"])),
                        name="request_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("systems__contained_by", ["cris", "merlin", "crimint", "pnc", "pnd", "visor", "cad"]),
                            models.Q(("systems", []), _negated=True),
                        ),
                        name="request_names_systems",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ended_request_says_when_and_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "not_needed"), _negated=True),
                            models.Q(("ended_why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="needless_request_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(max_length=300, validators=[pages.validators.one_line], verbose_name="risk"),
                ),
                ("identified_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
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
                    "identified_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "identified_in",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="cram.assessment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "risk",
                "indexes": [
                    models.Index(fields=["case", "id"], name="risk_by_case"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["identified_at", "id"],
                        name="present_risk",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("what", ""), _negated=True), name="risk_says_what"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("ended_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_risk_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "approach",
                    models.CharField(
                        choices=[
                            ("remove", "Removes the risk"),
                            ("avoid", "Keeps the child away from the risk"),
                            ("reduce", "Reduces the risk"),
                            ("accept", "The risk is accepted, with a reason"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="control measure"
                    ),
                ),
                (
                    "carried_out_by",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("from_on", models.DateField(verbose_name="from")),
                ("until", models.DateField(blank=True, null=True)),
                ("check_on", models.DateField(verbose_name="to be checked by")),
                (
                    "works",
                    models.CharField(
                        choices=[
                            ("yes", "It works"),
                            ("doubt", "In doubt"),
                            ("no", "It does not work"),
                            ("unchecked", "Not checked yet"),
                        ],
                        default="unchecked",
                        max_length=10,
                    ),
                ),
                ("set_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "set_in",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="cram.assessment",
                    ),
                ),
                (
                    "risk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="cram.risk",
                    ),
                ),
            ],
            options={
                "verbose_name": "control measure",
                "indexes": [
                    models.Index(fields=["risk", "id"], name="measure_by_risk"),
                    models.Index(fields=["case", "id"], name="measure_by_case"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approach__in", ["remove", "avoid", "reduce", "accept"])),
                        name="measure_approach_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("works__in", ["yes", "doubt", "no", "unchecked"])),
                        name="measure_works_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("what", ""), _negated=True), name="measure_says_what"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), ("until__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="measure_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("ended_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_measure_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalMeasure",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "approach",
                    models.CharField(
                        choices=[
                            ("remove", "Removes the risk"),
                            ("avoid", "Keeps the child away from the risk"),
                            ("reduce", "Reduces the risk"),
                            ("accept", "The risk is accepted, with a reason"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="control measure"
                    ),
                ),
                (
                    "carried_out_by",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("from_on", models.DateField(verbose_name="from")),
                ("until", models.DateField(blank=True, null=True)),
                ("check_on", models.DateField(verbose_name="to be checked by")),
                (
                    "works",
                    models.CharField(
                        choices=[
                            ("yes", "It works"),
                            ("doubt", "In doubt"),
                            ("no", "It does not work"),
                            ("unchecked", "Not checked yet"),
                        ],
                        default="unchecked",
                        max_length=10,
                    ),
                ),
                ("set_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
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
                    "set_by",
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
                    "set_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.assessment",
                    ),
                ),
                (
                    "risk",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.risk",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical control measure",
                "verbose_name_plural": "historical control measures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "system",
                    models.CharField(
                        choices=[
                            ("cris", "CRIS (crime reports)"),
                            ("merlin", "MERLIN (children who came to notice)"),
                            ("crimint", "CRIMINT (intelligence)"),
                            ("pnc", "PNC (Police National Computer)"),
                            ("pnd", "INI / PND (other forces)"),
                            ("visor", "ViSOR (dangerous offenders)"),
                            ("cad", "CAD (calls to the police)"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateField(blank=True, null=True)),
                ("found", models.BooleanField()),
                ("result", models.TextField()),
                ("searched_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
                        to="cram.assessment",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
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
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="searches",
                        to="cram.researchrequest",
                    ),
                ),
                (
                    "searched_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "search of a police system",
                "verbose_name_plural": "searches of police systems",
                "indexes": [models.Index(fields=["case", "-searched_at", "-id"], name="search_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("system__in", ["cris", "merlin", "crimint", "pnc", "pnd", "visor", "cad"])
                        ),
                        name="search_system_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("found", True), _negated=True),
                            models.Q(("result", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="search_says_what_it_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("searched_at__lte", models.F("recorded_at"))),
                        name="searched_before_it_is_recorded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalVersion",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        max_length=10,
                        validators=[django.core.validators.RegexValidator("^\\d+\\.\\d+$")],
                        verbose_name="version",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=10
                    ),
                ),
                ("about", models.TextField()),
                ("drafted_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "drafted_by",
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
                    "published_by",
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
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical version of the matrix",
                "verbose_name_plural": "historical versions of the matrix",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFactor",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=40, validators=[django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$")]
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[("victim", "Victim"), ("suspect", "Suspect"), ("household", "Household")],
                        max_length=10,
                    ),
                ),
                ("definite", models.BooleanField(default=True)),
                ("name", models.CharField(max_length=120, validators=[pages.validators.one_line])),
                ("question", models.CharField(max_length=300, validators=[pages.validators.one_line])),
                ("definition", models.TextField()),
                ("evidence", models.TextField(verbose_name="evidence base")),
                ("source", models.CharField(max_length=300, validators=[pages.validators.one_line])),
                ("place", models.PositiveSmallIntegerField()),
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
                    "version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical factor",
                "verbose_name_plural": "historical factors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAssessment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "First CRAM"),
                            ("review", "CRAM review"),
                            ("conference", "CRAM before a conference"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("under_way", "Under way"),
                            ("submitted", "Waiting for endorsement"),
                            ("returned", "Returned to be put right"),
                            ("endorsed", "Endorsed"),
                        ],
                        default="under_way",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "Standard"), ("medium", "Medium"), ("high", "High")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("rationale", models.TextField(blank=True, default="")),
                (
                    "challenged",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("challenge_answer", models.TextField(blank=True, default="")),
                ("nothing_new", models.BooleanField(default=False)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("endorsed_at", models.DateTimeField(blank=True, null=True)),
                ("on_time", models.BooleanField(blank=True, null=True)),
                ("research_repeated", models.BooleanField(blank=True, null=True)),
                ("measures_checked", models.BooleanField(blank=True, null=True)),
                ("sharing_answered", models.BooleanField(blank=True, null=True)),
                ("endorsed_in_time", models.BooleanField(blank=True, null=True)),
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
                    "endorsed_by",
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
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.assessment",
                    ),
                ),
                (
                    "started_by",
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
                    "submitted_by",
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
                    "matrix",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cram.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical assessment",
                "verbose_name_plural": "historical assessments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Decided",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=300, validators=[pages.validators.one_line])),
                ("why", models.TextField()),
                ("not_chosen", models.TextField(blank=True, default="")),
                ("decided_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decided",
                        to="cram.assessment",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "indexes": [models.Index(fields=["assessment", "id"], name="decided_by_assessment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what", ""), _negated=True), models.Q(("why", ""), _negated=True)
                        ),
                        name="decided_says_what_and_why",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Direction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by_supervisor", models.BooleanField(default=False)),
                (
                    "action",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.action"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directions",
                        to="cram.assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "direction",
                "indexes": [models.Index(fields=["assessment", "id"], name="direction_by_assessment")],
            },
        ),
        migrations.CreateModel(
            name="Endorsement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(choices=[("endorsed", "Endorsed"), ("returned", "Returned")], max_length=10),
                ),
                ("words", models.TextField(blank=True, default="")),
                ("given_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endorsements",
                        to="cram.assessment",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "endorsement",
                "indexes": [models.Index(fields=["assessment", "id"], name="endorsement_by_assessment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["endorsed", "returned"])),
                        name="endorsement_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "returned"), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="return_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "said",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("no", "No"),
                            ("not_known", "Not known"),
                            ("not_asked", "Not yet asked"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="evidence")),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=200, validators=[pages.validators.one_line]),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("answered_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "address",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.address",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="cram.assessment",
                    ),
                ),
                (
                    "factor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cram.factor",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assessment", "factor", "person", "address"),
                        name="factor_answered_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("said__in", ["yes", "no", "not_known", "not_asked"])),
                        name="answer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person__isnull", True), ("address__isnull", True), _connector="OR"),
                        name="answer_is_about_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "question",
                    models.CharField(
                        max_length=300, validators=[pages.validators.one_line], verbose_name="what we need to know"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="by")),
                ("factor", models.CharField(blank=True, default="", max_length=40)),
                ("raised_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Not known yet"),
                            ("answered", "Answered"),
                            ("not_needed", "No longer needed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("resolution", models.TextField(blank=True, default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "address",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.address",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gaps",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_in",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gaps",
                        to="cram.assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "intelligence gap",
                "indexes": [models.Index(fields=["case", "state", "due_on", "id"], name="gap_by_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "answered", "not_needed"])),
                        name="gap_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("question", ""), _negated=True), name="gap_says_what"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open"), models.Q(("factor", ""), _negated=True)),
                        fields=("case", "factor", "person", "address"),
                        name="one_open_gap_of_a_factor",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                                ("resolution", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("resolution", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_gap_says_when_and_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasureCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "works",
                    models.CharField(
                        choices=[
                            ("yes", "It works"),
                            ("doubt", "In doubt"),
                            ("no", "It does not work"),
                            ("unchecked", "Not checked yet"),
                        ],
                        max_length=10,
                    ),
                ),
                ("found", models.TextField()),
                ("next_on", models.DateField()),
                ("checked_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measure_checks",
                        to="cram.assessment",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="cram.measure",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of a control measure",
                "indexes": [models.Index(fields=["measure", "-id"], name="check_by_measure")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("works__in", ["yes", "doubt", "no"])), name="check_says_whether_it_works"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("found", ""), _negated=True), name="check_says_what_was_found"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NewInformation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.TextField()),
                ("why_not", models.TextField(blank=True, default="")),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="new_information",
                        to="cram.assessment",
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
                    "shared",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.shared",
                    ),
                ),
            ],
            options={
                "verbose_name": "new information",
                "indexes": [models.Index(fields=["assessment", "id"], name="new_information_by_assessment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("shared__isnull", False), ("why_not", "")),
                                models.Q(("shared__isnull", True), models.Q(("why_not", ""), _negated=True)),
                                _connector="OR",
                            ),
                            models.Q(("what", ""), _negated=True),
                        ),
                        name="new_information_is_shared_or_says_why_not",
                    )
                ],
            },
        ),
        *besides_tables("cram", REPLACED),
    ]
