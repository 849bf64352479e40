from django.db import migrations, models

KINDS = ("late", "Late"), ("given", "Given to you"), ("outage", "Due dates were not checked")
MORE = ("unmanaged", "A control measure fails or has ended, and nothing manages its risk")

KNOWN = """
ALTER TABLE diary_notice DROP CONSTRAINT notice_kind_is_known,
    ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({kinds})) {also}
"""
# Back: what was told stays, and the release before asks only of what it writes itself.
FORWARD = KNOWN.format(kinds="'late', 'given', 'unmanaged', 'outage'", also="")
BACK = KNOWN.format(kinds="'late', 'given', 'outage'", also="NOT VALID")


class Migration(migrations.Migration):
    """A supervisor is told that a control measure fails and that nothing else manages its risk."""

    dependencies = [("diary", "0012_what_has_a_list_of_its_own")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=[*KINDS[:2], MORE, KINDS[2]], max_length=10),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[
                migrations.RemoveConstraint(model_name="notice", name="notice_kind_is_known"),
                migrations.AddConstraint(
                    model_name="notice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(kind__in=["late", "given", "unmanaged", "outage"]),
                        name="notice_kind_is_known",
                    ),
                ),
            ],
        ),
    ]
