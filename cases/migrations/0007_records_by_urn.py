from django.db import migrations, models


class Migration(migrations.Migration):
    """An invitation names a record by its URN."""

    dependencies = [("cases", "0006_transfers")]

    operations = [
        migrations.AddIndex(model_name="case", index=models.Index(fields=["urn"], name="case_by_urn")),
    ]
