from django.db import migrations

# The tables from which facts are worked out, and how the records of changed rows are found.
OF_A_RECORD = "SELECT DISTINCT case_id FROM changed"
# Whether a referral is a re-referral hangs on the earlier ones of its children: who is put on a record or taken off
# makes their other records count otherwise, and so does when a referral was received.
OF_THE_CHILD = """
    SELECT case_id FROM changed
    UNION
    SELECT o.case_id FROM changed c JOIN cases_caseperson o ON o.person_id = c.person_id AND o.part = 'child'
    WHERE c.part = 'child'
    UNION
    SELECT p.case_id FROM changed c JOIN conferences_plan p ON p.child_id = c.person_id
"""
OF_A_REFERRAL = """
    SELECT case_id FROM changed
    UNION
    SELECT o.case_id
    FROM changed c
    JOIN cases_caseperson p ON p.case_id = c.case_id AND p.part = 'child'
    JOIN cases_caseperson o ON o.person_id = p.person_id AND o.part = 'child'
    WHERE TG_OP <> 'UPDATE'
"""
# A referral is changed often, but hardly ever when it was received; so is a row of who is on a record, but hardly ever
# to be about somebody else.
OF_ONE_ROW = """
    CREATE FUNCTION oversight_of_received_at() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO oversight_changed (case_id)
        SELECT DISTINCT o.case_id
        FROM cases_caseperson p JOIN cases_caseperson o ON o.person_id = p.person_id AND o.part = 'child'
        WHERE p.case_id = NEW.case_id AND p.part = 'child';
        RETURN NULL;
    END $$;
    CREATE TRIGGER oversight_received_at AFTER UPDATE ON referrals_referral FOR EACH ROW
    WHEN (OLD.received_at IS DISTINCT FROM NEW.received_at) EXECUTE FUNCTION oversight_of_received_at();

    CREATE FUNCTION oversight_of_somebody_else() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO oversight_changed (case_id)
        SELECT case_id FROM cases_caseperson WHERE person_id = OLD.person_id
        UNION SELECT OLD.case_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER oversight_somebody_else AFTER UPDATE ON cases_caseperson FOR EACH ROW
    WHEN ((OLD.person_id, OLD.part, OLD.case_id) IS DISTINCT FROM (NEW.person_id, NEW.part, NEW.case_id))
    EXECUTE FUNCTION oversight_of_somebody_else();
"""
WITHOUT_THEM = """
    DROP TRIGGER oversight_received_at ON referrals_referral;
    DROP FUNCTION oversight_of_received_at();
    DROP TRIGGER oversight_somebody_else ON cases_caseperson;
    DROP FUNCTION oversight_of_somebody_else();
"""
# Whether a child on a plan was assessed is told by all records that are about them.
OF_A_CRAM = """
    SELECT case_id FROM changed
    UNION
    SELECT p.case_id
    FROM changed c
    JOIN cases_caseperson k ON k.case_id = c.case_id
    JOIN conferences_plan p ON p.child_id = k.person_id
    WHERE c.submitted_at IS NOT NULL
"""
# Whether a child was on a plan before, and whether another conference is to come after one that was adjourned, is told
# by the plans and conferences of the child on whichever record.
OF_A_PLAN = """
    SELECT case_id FROM changed
    UNION
    SELECT p.case_id FROM changed c JOIN conferences_plan p ON p.child_id = c.child_id
    UNION
    SELECT m.case_id
    FROM changed c
    JOIN conferences_conferencechild k ON k.child_id = c.child_id
    JOIN conferences_conference m ON m.id = k.conference_id
"""
OF_A_CONFERENCE = """
    SELECT case_id FROM changed
    UNION
    SELECT m.case_id
    FROM changed c
    JOIN conferences_conferencechild k ON k.conference_id = c.id
    JOIN conferences_conferencechild o ON o.child_id = k.child_id
    JOIN conferences_conference m ON m.id = o.conference_id
"""
OF_A_CHILD_OF_IT = """
    SELECT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id
    UNION
    SELECT m.case_id
    FROM changed c
    JOIN conferences_conferencechild o ON o.child_id = c.child_id
    JOIN conferences_conference m ON m.id = o.conference_id
"""
TABLES = {
    "cases_case": "SELECT id FROM changed",
    "cases_caseperson": OF_THE_CHILD,
    "cases_closure": OF_A_RECORD,
    "cases_action": OF_A_RECORD,
    "cases_transfer": OF_A_RECORD,
    "referrals_referral": OF_A_REFERRAL,
    "referrals_decision": OF_A_RECORD,
    "referrals_strategy": OF_A_RECORD,
    "referrals_answer": OF_A_RECORD,
    "referrals_supervision": OF_A_RECORD,
    "diary_duty": OF_A_RECORD,
    "diary_mail": OF_A_RECORD,
    "cram_assessment": OF_A_CRAM,
    "cram_gap": OF_A_RECORD,
    "cram_risk": OF_A_RECORD,
    "cram_measure": OF_A_RECORD,
    "cram_measurecheck": "SELECT DISTINCT m.case_id FROM changed c JOIN cram_measure m ON m.id = c.measure_id",
    "conferences_conference": OF_A_CONFERENCE,
    "conferences_conferencechild": OF_A_CHILD_OF_IT,
    "conferences_stepdone": (
        "SELECT DISTINCT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id"
    ),
    "conferences_plan": OF_A_PLAN,
    "conferences_categoryfrom": (
        "SELECT DISTINCT p.case_id FROM changed c JOIN conferences_plan p ON p.id = c.plan_id"
    ),
    "conferences_report": (
        "SELECT DISTINCT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id"
    ),
    "conferences_outcomefor": (
        "SELECT DISTINCT m.case_id FROM changed c JOIN conferences_conference m ON m.id = c.conference_id"
    ),
    "people_person": "SELECT DISTINCT p.case_id FROM changed c JOIN cases_caseperson p ON p.person_id = c.id",
    "people_residence": (
        "SELECT DISTINCT p.case_id FROM changed c JOIN cases_caseperson p ON p.person_id = c.person_id"
    ),
}
WHEN = {"insert": "NEW", "update": "NEW", "delete": "OLD"}


def writing_down(table: str, cases: str) -> str:
    """The function and the triggers of a table: once for each statement, however many rows it changes."""
    triggers = "".join(
        f"""
        CREATE TRIGGER oversight_{when} AFTER {when.upper()} ON {table}
        REFERENCING {which} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION oversight_of_{table}();
        """
        for when, which in WHEN.items()
    )
    return f"""
        CREATE FUNCTION oversight_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO oversight_changed (case_id) {cases};
            RETURN NULL;
        END $$;
        {triggers}
    """


def taken_away(table: str) -> str:
    triggers = "".join(f"DROP TRIGGER oversight_{when} ON {table};" for when in WHEN)
    return f"{triggers} DROP FUNCTION oversight_of_{table}();"


class Migration(migrations.Migration):
    """Whatever changes a record, that it changed is written down for the figures, in the same transaction."""

    dependencies = [
        ("oversight", "0001_summaries"),
        ("cases", "0007_records_by_urn"),
        ("conferences", "0001_conferences_plans_and_reports"),
        ("cram", "0003_assessments_that_are_thrown_away"),
        ("diary", "0010_what_a_duty_is_about"),
        ("people", "0004_fewer_indexes"),
        ("referrals", "0006_supervision"),
    ]

    operations = [
        *(migrations.RunSQL(writing_down(table, cases), taken_away(table)) for table, cases in TABLES.items()),
        migrations.RunSQL(OF_ONE_ROW, WITHOUT_THEM),
    ]
