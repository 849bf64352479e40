import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.append_only import only_added

OWNER = models.ForeignKey(
    blank=True,
    db_index=False,
    null=True,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to=settings.AUTH_USER_MODEL,
)


class Migration(migrations.Migration):
    """A gap and a control measure may be nobody's by name, as their duty may; and a risk says to which children it
    is, or to every child."""

    dependencies = [
        ("cram", "0004_sent_without"),
        ("people", "0004_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(model_name="gap", name="owner", field=OWNER),
        migrations.AlterField(model_name="measure", name="owner", field=OWNER),
        migrations.AddField(
            model_name="risk",
            name="children",
            field=models.ManyToManyField(blank=True, related_name="+", to="people.person"),
        ),
        only_added("cram_risk_children"),
    ]
