from importlib import import_module

from django.db import migrations

what_changed = import_module("oversight.migrations.0002_what_changed")
TABLE, OF_A_RECORD = "conferences_coregroup", what_changed.OF_A_RECORD


class Migration(migrations.Migration):
    """A core group of which nothing is recorded stands in the way of closure, which the figures count."""

    dependencies = [
        ("oversight", "0003_signed_reports_stay"),
        ("conferences", "0001_conferences_plans_and_reports"),
    ]

    operations = [
        migrations.RunSQL(what_changed.writing_down(TABLE, OF_A_RECORD), what_changed.taken_away(TABLE)),
    ]
