from django.db import migrations, models

import deadlines.clock
from audit.append_only import only_added, refuse_change


class Migration(migrations.Migration):
    initial = True

    # cait_moment() stands in the defaults.
    dependencies = [("deadlines", "0001_clock")]

    operations = [
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("by_id", models.BigIntegerField()),
                ("how", models.CharField(max_length=20)),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("case_id", models.BigIntegerField(null=True)),
                ("team_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "Who looked at what",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="access_by_time"),
                    models.Index(fields=["by_id", "-at", "-id"], name="access_by_person"),
                    models.Index(fields=["team_id", "-at", "-id"], name="access_by_team"),
                    models.Index(fields=["object_type", "object_id", "-at", "-id"], name="access_by_object"),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)),
                        fields=["case_id", "-at", "-id"],
                        name="access_by_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("by_id", models.BigIntegerField(null=True)),
                ("event", models.CharField(max_length=40)),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("case_id", models.BigIntegerField(null=True)),
                ("team_id", models.BigIntegerField(null=True)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "Who did what",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="audit_event_by_time"),
                    models.Index(fields=["by_id", "-at", "-id"], name="audit_event_by_person"),
                    models.Index(fields=["team_id", "-at", "-id"], name="audit_event_by_team"),
                    models.Index(fields=["object_type", "object_id", "-at", "-id"], name="audit_event_by_object"),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)),
                        fields=["case_id", "-at", "-id"],
                        name="audit_event_by_case",
                    ),
                ],
            },
        ),
        refuse_change(),
        only_added("audit_auditevent"),
        only_added("audit_accesslog"),
    ]
