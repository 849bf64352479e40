from django.db import migrations, models

import pages.validators

WHY = {"blank": True, "default": "", "max_length": 300, "validators": [pages.validators.one_line]}
WHAT_ELSE = {"blank": True, "default": "", "verbose_name": "what else was decided"}


class Migration(migrations.Migration):
    """What a conference decided besides what became of each child; and why a report that was sent is written again."""

    dependencies = [("conferences", "0001_conferences_plans_and_reports")]

    operations = [
        operation
        for model in ("conference", "historicalconference")
        for operation in (
            migrations.AddField(model, "also_decided", models.TextField(**WHAT_ELSE)),
            migrations.AddField(model, "report_again", models.CharField(**WHY)),
            migrations.AddField(model, "report_again_at", models.DateTimeField(blank=True, null=True)),
        )
    ] + [
        migrations.AddConstraint(
            "conference",
            models.CheckConstraint(
                name="report_to_be_written_again_says_why",
                condition=models.Q(report_again_at__isnull=True, report_again="")
                | models.Q(report_again_at__isnull=False) & ~models.Q(report_again=""),
            ),
        ),
    ]
