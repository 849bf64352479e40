from datetime import date

from django.db import migrations

START = date(2004, 1, 1)
WORKING_TOGETHER_2010 = date(2010, 4, 1)

DEFAULT = "CAIT default: no public source fixes it."
HMIC = "HMIC, Inspection of progress, Haringey, 17 March 2010, area for improvement {}."
WORKING_TOGETHER = "Working Together to Safeguard Children."
PRACTICE = "Practice seen in public London documents."

# Rule, value in the unit of the rule's clock, reason.
LIMITS = [
    ("TRIAGE-URGENT", 1, DEFAULT),
    ("TRIAGE-OTHER", 1, DEFAULT),
    ("PHONE-CONFIRMATION", 1, DEFAULT),
    ("CRAM-FIRST", 24, DEFAULT),
    ("CHILD-SEEN", 24, DEFAULT),
    ("SS-UPDATE", 14, HMIC.format(2)),
    ("SS-CHASE", 7, DEFAULT),
    ("INFORMATION-REQUEST", 5, DEFAULT),
    ("CRAM-REVIEW", 42, HMIC.format(1)),
    ("CRAM-BEFORE-INITIAL", 3, DEFAULT),
    ("CRAM-BEFORE-REVIEW", 6, DEFAULT),
    ("ENDORSEMENT", 1, DEFAULT),
    ("REPORT-BEFORE-INITIAL", 2, PRACTICE),
    ("REPORT-BEFORE-REVIEW", 5, PRACTICE),
    ("BRIEFING", 0, DEFAULT),
    ("DEBRIEF", 1, DEFAULT),
    ("CONFERENCE-OUTCOME", 1, DEFAULT),
    ("CORE-GROUP-FIRST", 10, WORKING_TOGETHER),
    ("CORE-GROUP-NEXT", 42, PRACTICE),
    ("REVIEW-CONFERENCE-FIRST", 3, WORKING_TOGETHER),
    ("REVIEW-CONFERENCE-NEXT", 6, WORKING_TOGETHER),
    ("ALLOCATION", 1, DEFAULT),
    ("SUPERVISION-FIRST", 24, DEFAULT),
    ("SUPERVISION-SECOND", 7, DEFAULT),
    ("SUPERVISION-NEXT", 28, DEFAULT),
    ("ONE-REVIEW", 7, DEFAULT),
    ("S46-END", 72, "Children Act 1989, section 46(6)."),
]

# Which strategy discussion starts the 15 working days.
INITIAL_CONFERENCE = [
    (START, "last", WORKING_TOGETHER),
    (WORKING_TOGETHER_2010, "initiating", "Working Together to Safeguard Children, March 2010."),
]


def enter(apps, schema_editor):
    limit = apps.get_model("deadlines", "Limit")
    limit.objects.bulk_create(
        [limit(rule=rule, value=value, effective_from=START, reason=reason) for rule, value, reason in LIMITS]
        + [
            limit(rule="INITIAL-CONFERENCE", value=15, counted_from=which, effective_from=day, reason=reason)
            for day, which, reason in INITIAL_CONFERENCE
        ]
    )


def take_out(apps, schema_editor):
    limits = apps.get_model("deadlines", "Limit").objects.filter(created_by_id=None)
    limits.filter(effective_from=START).delete()
    limits.filter(rule="INITIAL-CONFERENCE", effective_from=WORKING_TOGETHER_2010).delete()


class Migration(migrations.Migration):
    """The limits of the handbook, for events from 2004 (the first year of the calendar)."""

    dependencies = [("deadlines", "0003_bank_holidays")]

    operations = [migrations.RunPython(enter, take_out)]
