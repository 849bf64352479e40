from django.db import migrations, models

import deadlines.clock

# FOR EACH STATEMENT, so that a statement which finds no row is refused too. Not django-pgtrigger: its protection can
# be switched off from Python and does not see TRUNCATE.
REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are only ever added; % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_accesslog
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
-- ALWAYS: also for a session that says it is a replica.
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER only_added;
ALTER TABLE audit_accesslog ENABLE ALWAYS TRIGGER only_added;
"""
ALLOW = """
DROP TRIGGER only_added ON audit_accesslog;
DROP TRIGGER only_added ON audit_auditevent;
DROP FUNCTION audit_refuse_change();
"""


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
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("page", "Opened the page"),
                            ("export", "Downloaded"),
                            ("print", "Printed"),
                            ("api", "Read by a program"),
                        ],
                        max_length=10,
                    ),
                ),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("case_id", models.BigIntegerField(null=True)),
                ("team_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="access_by_time"),
                    models.Index(fields=["by_id", "-at", "-id"], name="access_by_person"),
                    models.Index(fields=["team_id", "-at", "-id"], name="access_by_team"),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)),
                        fields=["case_id", "-at", "-id"],
                        name="access_by_case",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["page", "export", "print", "api"])),
                        name="access_how_is_known",
                    )
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
        migrations.RunSQL(REFUSE, ALLOW),
    ]
