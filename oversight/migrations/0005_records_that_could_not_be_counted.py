import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A record whose facts cannot be worked out is set aside, and holds up no other."""

    dependencies = [
        ("cases", "0007_records_by_urn"),
        ("oversight", "0004_core_groups_changed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Uncounted",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("why", models.CharField(max_length=100)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "record that could not be counted",
                "verbose_name_plural": "records that could not be counted",
            },
        ),
    ]
