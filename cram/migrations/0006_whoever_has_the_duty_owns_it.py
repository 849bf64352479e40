from django.db import migrations

# What a line of history keeps of each.
GAP = (
    *("id", "case_id", "question", "owner_id", "due_on", "factor", "person_id", "address_id", "raised_in_id"),
    *("raised_at", "raised_by_id", "state", "resolution", "ended_at", "ended_by_id"),
)
MEASURE = (
    *("id", "case_id", "risk_id", "approach", "what", "carried_out_by", "owner_id", "from_on", "until", "check_on"),
    *("works", "set_in_id", "set_at", "set_by_id", "ended_at", "ended_by_id", "ended_why"),
)


FOLLOW = """
WITH given AS (
    UPDATE cram_{table} AS owned SET owner_id = duty.owner_id
    FROM diary_duty AS duty
    WHERE duty.case_id = owned.case_id AND duty.kind = '{kind}' AND duty.subject = owned.id
      AND duty.state = 'open' AND duty.owner_id IS DISTINCT FROM owned.owner_id
    RETURNING {returned}
)
INSERT INTO cram_historical{table} ({kept}, history_date, history_type, history_user_id)
SELECT {kept}, cait_moment(), '~', (SELECT id FROM team_user WHERE username = 'cait') FROM given
"""


def follow(table: str, kind: str, columns: tuple[str, ...]) -> str:
    """The duty was given last, so it is right: the gap or the measure follows it, with a line of history by CAIT."""
    kept, returned = ", ".join(columns), ", ".join(f"owned.{name}" for name in columns)
    return FOLLOW.format(table=table, kind=kind, kept=kept, returned=returned)


class Migration(migrations.Migration):
    """Where the duty of a gap or a control measure was given to somebody, that was still its old owner's.

    Back: what is nobody's by name goes to whoever wrote it, because before this migration each had an owner.
    """

    dependencies = [
        ("cram", "0005_one_owner_and_which_children"),
        ("deadlines", "0001_clock"),
        ("diary", "0011_a_chase_has_the_key_of_its_duty"),
    ]

    operations = [
        migrations.RunSQL(
            follow("gap", "gap", GAP), "UPDATE cram_gap SET owner_id = raised_by_id WHERE owner_id IS NULL"
        ),
        migrations.RunSQL(
            follow("measure", "check_measure", MEASURE),
            "UPDATE cram_measure SET owner_id = set_by_id WHERE owner_id IS NULL",
        ),
    ]
