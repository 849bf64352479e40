from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """How many duties there are of what has a list of its own, apart from what is freshly late."""

    dependencies = [
        ("cases", "0007_records_by_urn"),
        ("diary", "0011_a_chase_has_the_key_of_its_duty"),
        ("team", "0004_calendar_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("from_before", True), ("state", "open")),
                fields=["kind", "team"],
                name="open_old_duty_by_kind",
            ),
        ),
    ]
