from django.db import migrations, models


class Migration(migrations.Migration):
    """A review says why it is sent although research was not repeated, or control measures were not checked."""

    dependencies = [
        ("cram", "0003_assessments_that_are_thrown_away"),
    ]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="sent_without",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="historicalassessment",
            name="sent_without",
            field=models.TextField(blank=True, default=""),
        ),
    ]
