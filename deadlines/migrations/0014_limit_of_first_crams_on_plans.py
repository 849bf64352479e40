from datetime import date

from django.db import migrations

START = date(2004, 1, 1)
DEFAULT = "CAIT default: no public source fixes it."
# Rule, value in the unit of the rule's clock.
LIMITS = [("CRAM-ON-PLAN", 42)]


def enter(apps, schema_editor):
    limit = apps.get_model("deadlines", "Limit")
    limit.objects.bulk_create(
        limit(rule=rule, value=value, effective_from=START, reason=DEFAULT) for rule, value in LIMITS
    )


def take_out(apps, schema_editor):
    limits = apps.get_model("deadlines", "Limit").objects.filter(created_by_id=None, effective_from=START)
    limits.filter(rule__in=[rule for rule, _ in LIMITS]).delete()


class Migration(migrations.Migration):
    """By when a child who was on a plan before CAIT has a first CRAM."""

    dependencies = [("deadlines", "0013_limit_of_transfers")]

    operations = [migrations.RunPython(enter, take_out)]
