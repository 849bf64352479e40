import django.contrib.auth.validators
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import deadlines.clock
import pages.validators
import team.models
from audit.append_only import only_added


class Migration(migrations.Migration):
    initial = True

    # cait_now() stands in the defaults; audit brings the trigger.
    dependencies = [("deadlines", "0001_clock"), ("audit", "0001_append_only_tables")]

    operations = [
        # For the constraint that nobody holds a role twice at once; a trusted extension: the owner may create it.
        BtreeGistExtension(),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "username",
                    models.CharField(
                        max_length=150,
                        validators=[
                            django.contrib.auth.validators.ASCIIUsernameValidator(
                                message="Use only letters a to z, figures and the signs . - _ + @, without spaces"
                            )
                        ],
                        verbose_name="user name",
                    ),
                ),
                (
                    "rank",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Police staff"),
                            ("DC", "Detective Constable"),
                            ("A/DS", "Acting Detective Sergeant"),
                            ("DS", "Detective Sergeant"),
                            ("DI", "Detective Inspector"),
                            ("DCI", "Detective Chief Inspector"),
                            ("D/Supt", "Detective Superintendent"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("given_names", models.CharField(blank=True, max_length=80, validators=[pages.validators.one_line])),
                ("family_name", models.CharField(max_length=80, validators=[pages.validators.one_line])),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("is_active", models.BooleanField(default=True)),
                ("must_change_password", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitNow())),
            ],
            options={
                "verbose_name": "account",
                "indexes": [models.Index(fields=["family_name", "given_names", "id"], name="user_by_name")],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"),
                        name="user_name_is_unique",
                        violation_error_message="Another account has this user name. Choose another.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("username__regex", "^[A-Za-z0-9_.@+-]+$")), name="user_name_is_ascii"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rank__in", ["", "DC", "A/DS", "DS", "DI", "DCI", "D/Supt"])),
                        name="user_rank_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalUser",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "username",
                    models.CharField(
                        max_length=150,
                        validators=[
                            django.contrib.auth.validators.ASCIIUsernameValidator(
                                message="Use only letters a to z, figures and the signs . - _ + @, without spaces"
                            )
                        ],
                        verbose_name="user name",
                    ),
                ),
                (
                    "rank",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Police staff"),
                            ("DC", "Detective Constable"),
                            ("A/DS", "Acting Detective Sergeant"),
                            ("DS", "Detective Sergeant"),
                            ("DI", "Detective Inspector"),
                            ("DCI", "Detective Chief Inspector"),
                            ("D/Supt", "Detective Superintendent"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("given_names", models.CharField(blank=True, max_length=80, validators=[pages.validators.one_line])),
                ("family_name", models.CharField(max_length=80, validators=[pages.validators.one_line])),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("is_active", models.BooleanField(default=True)),
                ("must_change_password", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField(db_default=deadlines.clock.CaitNow())),
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
                "verbose_name": "historical account",
                "verbose_name_plural": "historical accounts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=3, unique=True)),
                ("name", models.CharField(max_length=80, unique=True, validators=[pages.validators.one_line])),
                (
                    "kind",
                    models.CharField(
                        choices=[("cait", "Child Abuse Investigation Team"), ("command", "Command")],
                        default="cait",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z]{3}$")), name="team_code_is_three_capitals"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["cait", "command"])), name="team_kind_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalMembership",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "role",
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
                (
                    "posting",
                    models.CharField(
                        choices=[("posted", "Posted here"), ("loan", "On loan from another team")],
                        default="posted",
                        max_length=10,
                    ),
                ),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200, validators=[pages.validators.one_line])),
                ("end_reason", models.CharField(blank=True, max_length=200, validators=[pages.validators.one_line])),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
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
                    "user",
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
                "verbose_name": "historical role",
                "verbose_name_plural": "historical roles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
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
                (
                    "posting",
                    models.CharField(
                        choices=[("posted", "Posted here"), ("loan", "On loan from another team")],
                        default="posted",
                        max_length=10,
                    ),
                ),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200, validators=[pages.validators.one_line])),
                ("end_reason", models.CharField(blank=True, max_length=200, validators=[pages.validators.one_line])),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="team.team"
                    ),
                ),
            ],
            options={
                "verbose_name": "role",
                "indexes": [models.Index(fields=["team", "role"], name="membership_by_team")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
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
                        name="membership_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("posting__in", ["posted", "loan"])), name="membership_posting_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="membership_ends_after_it_begins",
                        violation_error_message="The last day must not be before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("posting", "loan"), _negated=True), ("to_on__isnull", False), _connector="OR"
                        ),
                        name="loan_has_an_end",
                        violation_error_message="A loan must have a last day.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        expressions=[
                            (models.F("user"), "="),
                            (models.F("team"), "="),
                            (models.F("role"), "="),
                            (
                                team.models.DaysOf(
                                    models.F("from_on"),
                                    models.F("to_on"),
                                    django.contrib.postgres.fields.ranges.RangeBoundary(True, True),
                                ),
                                "&&",
                            ),
                        ],
                        name="no_role_twice_at_once",
                        violation_error_message="This person already has this role in this team on some of these days.",
                    ),
                ],
            },
        ),
        # What was known of an account or a role at a moment is evidence.
        only_added("team_historicaluser"),
        only_added("team_historicalmembership"),
    ]
