from django.db import migrations, models

KINDS = ("late", "Late"), ("given", "Given to you"), ("outage", "Due dates were not checked")
MORE = ("unmanaged", "A control measure fails, and nothing manages its risk")


class Migration(migrations.Migration):
    """A supervisor is told that a control measure fails and that nothing else manages its risk."""

    dependencies = [("diary", "0012_what_has_a_list_of_its_own")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=[*KINDS[:2], MORE, KINDS[2]], max_length=10),
        ),
        migrations.RemoveConstraint(model_name="notice", name="notice_kind_is_known"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["late", "given", "unmanaged", "outage"]), name="notice_kind_is_known"
            ),
        ),
    ]
