import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
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
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Names that are like each other; a trusted extension: the owner may create it.
        TrigramExtension(),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    models.CharField(max_length=200, validators=[pages.validators.one_line], verbose_name="address"),
                ),
                ("key", models.CharField(max_length=200, unique=True)),
                (
                    "numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"),
                        name="address_by_likeness",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["numbers"], name="address_by_number"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="address_is_not_empty"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPerson",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "given_names",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=80,
                        validators=[pages.validators.one_line],
                        verbose_name="first names",
                    ),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, default="", max_length=80, validators=[pages.validators.one_line]),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("", "Not known")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "birth_known",
                    models.CharField(
                        choices=[
                            ("exact", "date of birth"),
                            ("approximate", "only about when"),
                            ("unborn", "not yet born"),
                            ("unknown", "not known"),
                        ],
                        default="unknown",
                        max_length=12,
                    ),
                ),
                ("born_earliest", models.DateField(blank=True, null=True)),
                ("born_latest", models.DateField(blank=True, null=True)),
                ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected date of birth")),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
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
            ],
            options={
                "verbose_name": "historical person",
                "verbose_name_plural": "historical people",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "given_names",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=80,
                        validators=[pages.validators.one_line],
                        verbose_name="first names",
                    ),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, default="", max_length=80, validators=[pages.validators.one_line]),
                ),
                ("name_key", models.CharField(editable=False, max_length=500)),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "Female"), ("male", "Male"), ("", "Not known")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "birth_known",
                    models.CharField(
                        choices=[
                            ("exact", "date of birth"),
                            ("approximate", "only about when"),
                            ("unborn", "not yet born"),
                            ("unknown", "not known"),
                        ],
                        default="unknown",
                        max_length=12,
                    ),
                ),
                ("born_earliest", models.DateField(blank=True, null=True)),
                ("born_latest", models.DateField(blank=True, null=True)),
                ("expected_on", models.DateField(blank=True, null=True, verbose_name="expected date of birth")),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("name_key", name="gin_trgm_ops"),
                        name="person_by_like_name",
                    ),
                    models.Index(fields=["born_earliest", "born_latest"], name="person_by_birth"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_names", ""), _negated=True),
                            models.Q(("family_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="person_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["female", "male", ""])), name="person_sex_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("birth_known", "exact"),
                                ("born_earliest__isnull", False),
                                ("born_latest", models.F("born_earliest")),
                                ("born_latest__isnull", False),
                                ("expected_on__isnull", True),
                            ),
                            models.Q(
                                ("birth_known", "approximate"),
                                ("born_earliest__isnull", False),
                                ("born_latest__gte", models.F("born_earliest")),
                                ("born_latest__isnull", False),
                                ("expected_on__isnull", True),
                            ),
                            models.Q(
                                ("birth_known", "unborn"),
                                ("born_earliest__isnull", True),
                                ("born_latest__isnull", True),
                                ("expected_on__isnull", False),
                            ),
                            models.Q(
                                ("birth_known", "unknown"),
                                ("born_earliest__isnull", True),
                                ("born_latest__isnull", True),
                                ("expected_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="birth_says_what_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OtherName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "given_names",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=80,
                        validators=[pages.validators.one_line],
                        verbose_name="first names",
                    ),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, default="", max_length=80, validators=[pages.validators.one_line]),
                ),
                ("name_key", models.CharField(editable=False, max_length=500)),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="other_names",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "other name",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("name_key", name="gin_trgm_ops"),
                        name="other_name_by_like_name",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_names", ""), _negated=True),
                            models.Q(("family_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="other_name_is_one",
                    ),
                    models.UniqueConstraint(fields=("person", "given_names", "family_name"), name="other_name_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Relationship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("mother", "Mother"),
                            ("father", "Father"),
                            ("step_parent", "Step-parent"),
                            ("parents_partner", "Parent’s partner"),
                            ("sibling", "Brother or sister"),
                            ("half_sibling", "Half-brother or half-sister"),
                            ("grandparent", "Grandparent"),
                            ("relative", "Other relative"),
                            ("foster_carer", "Foster carer"),
                            ("carer", "Other carer"),
                            ("professional", "Works with the child"),
                            ("other", "Somebody else"),
                            ("unknown", "Not known"),
                        ],
                        max_length=20,
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relationships",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relationships_to",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "relationship",
                "indexes": [models.Index(fields=["person", "to", "-id"], name="relationship_of_two")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "relation__in",
                                [
                                    "mother",
                                    "father",
                                    "step_parent",
                                    "parents_partner",
                                    "sibling",
                                    "half_sibling",
                                    "grandparent",
                                    "relative",
                                    "foster_carer",
                                    "carer",
                                    "professional",
                                    "other",
                                    "unknown",
                                ],
                            )
                        ),
                        name="relation_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("to")), _negated=True),
                        name="nobody_is_related_to_themselves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Residence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField()),
                ("recorded_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                (
                    "address",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="residences", to="people.address"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residences",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "residence",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "address", "from_on"), name="residence_once_a_day")
                ],
            },
        ),
        # Facts stay: what was recorded can be added to, never changed.
        only_added("people_historicalperson"),
        only_added("people_residence"),
        only_added("people_othername"),
        only_added("people_address"),
        only_added("people_relationship"),
    ]
