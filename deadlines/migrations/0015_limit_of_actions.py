from datetime import date

from django.db import migrations

START = date(2004, 1, 1)
DEFAULT = "CAIT default: no public source fixes it."
# Rule, value in the unit of the rule's clock.
LIMITS = [("ACTION", 5)]


def enter(apps, schema_editor):
    limit = apps.get_model("deadlines", "Limit")
    limit.objects.bulk_create(
        limit(rule=rule, value=value, effective_from=START, reason=DEFAULT) for rule, value in LIMITS
    )


def take_out(apps, schema_editor):
    limits = apps.get_model("deadlines", "Limit").objects.filter(created_by_id=None, effective_from=START)
    limits.filter(rule__in=[rule for rule, _ in LIMITS]).delete()


class Migration(migrations.Migration):
    """By when an action is offered to be done."""

    dependencies = [("deadlines", "0014_limit_of_first_crams_on_plans")]

    operations = [migrations.RunPython(enter, take_out)]
