import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import deadlines.clock
from audit.append_only import only_added


class Migration(migrations.Migration):
    """On which of several open records the reviews of a child hang."""

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0004_fewer_indexes"),
        ("people", "0004_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("among", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("chosen_at", models.DateTimeField(db_default=deadlines.clock.CaitMoment())),
                ("reason", models.TextField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of the lead record",
                "verbose_name_plural": "choices of the lead record",
                "indexes": [models.Index(fields=["child", "-id"], name="lead_by_child")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="lead_has_a_reason"
                    ),
                    models.CheckConstraint(condition=models.Q(("among__len__gte", 2)), name="lead_is_one_of_several"),
                ],
            },
        ),
        # Who chose what stays.
        only_added("cases_lead"),
    ]
