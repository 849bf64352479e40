import django.db.models.deletion
from django.db import migrations, models

from audit.append_only import only_added


class Migration(migrations.Migration):
    """On which records it was told where somebody lives, what else they are called, what they are to somebody."""

    dependencies = [
        ("audit", "0001_append_only_tables"),
        ("cases", "0009_restricted_records"),
        ("people", "0004_fewer_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ToldOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "other_name",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.othername",
                    ),
                ),
                (
                    "relationship",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.relationship",
                    ),
                ),
                (
                    "residence",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.residence",
                    ),
                ),
            ],
            options={
                "verbose_name": "what was told on a record",
                "verbose_name_plural": "what was told on records",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("residence__isnull", False)),
                        fields=("residence", "case"),
                        name="residence_told_once_on_a_record",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("other_name__isnull", False)),
                        fields=("other_name", "case"),
                        name="other_name_told_once_on_a_record",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("relationship__isnull", False)),
                        fields=("relationship", "case"),
                        name="relationship_told_once_on_a_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("other_name__isnull", True),
                                ("relationship__isnull", True),
                                ("residence__isnull", False),
                            ),
                            models.Q(
                                ("other_name__isnull", False),
                                ("relationship__isnull", True),
                                ("residence__isnull", True),
                            ),
                            models.Q(
                                ("other_name__isnull", True),
                                ("relationship__isnull", False),
                                ("residence__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="told_is_one_thing",
                    ),
                ],
            },
        ),
        only_added("cases_toldon"),
    ]
