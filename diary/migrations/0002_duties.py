import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
from audit.append_only import only_added


class Migration(migrations.Migration):
    # cait_now() stands in the defaults; audit brings the trigger.
    dependencies = [
        ("deadlines", "0001_clock"),
        ("audit", "0001_append_only_tables"),
        ("cases", "0001_the_record"),
        ("diary", "0001_heartbeat"),
        ("team", "0002_cache_table"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                "verbose_name": "historical duty",
                "verbose_name_plural": "historical duties",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
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
                ],
            },
        ),
        # Facts stay: what was recorded can be added to, never changed.
        only_added("diary_historicalduty"),
    ]
