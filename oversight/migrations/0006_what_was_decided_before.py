from django.db import migrations

# Whether a review was held in time is told by the conferences of the child before it, on whichever record; and one of
# these counts only where it decided something.
OF_AN_OUTCOME = """
    SELECT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id
    UNION
    SELECT m.case_id
    FROM changed c
    JOIN conferences_conferencechild k ON k.child_id = c.child_id
    JOIN conferences_conference m ON m.id = k.conference_id
"""
AS_BEFORE = "SELECT DISTINCT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id"


def asking(cases: str) -> str:
    """The function of the triggers that are there."""
    return f"""
        CREATE OR REPLACE FUNCTION oversight_of_conferences_outcomefor() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO oversight_changed (case_id) {cases};
            RETURN NULL;
        END $$;
    """


class Migration(migrations.Migration):
    """What was decided about a child makes their other conferences count otherwise as well."""

    dependencies = [("oversight", "0005_records_that_could_not_be_counted")]

    operations = [migrations.RunSQL(asking(OF_AN_OUTCOME), asking(AS_BEFORE))]
