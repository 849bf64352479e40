from django.db import migrations

# What a line of history keeps of a duty.
KEPT = (
    "id, case_id, team_id, kind, subject, cycle, about, state, owner_id, owner_role, due_on, due_at, late_from, due, "
    "from_before, raised_at, ended_at, ended_by_id, ended_why, answered_with_id, held_at, held_by_id, held_why"
)
CAIT = "(SELECT id FROM team_user WHERE username = 'cait')"

RAISE = """
WITH wanted AS (
    SELECT action.*, record.team_id, (action.added_at AT TIME ZONE 'Europe/London')::date AS added_on,
        (action.due_on + 1)::timestamp AT TIME ZONE 'Europe/London' AS late_from
    FROM cases_action AS action JOIN cases_case AS record ON record.id = action.case_id
    WHERE action.state = 'open' AND record.state = 'open'
), raised AS (
    INSERT INTO diary_duty (
        case_id, team_id, kind, subject, cycle, about, state, owner_id, owner_role, due_on, late_from, due,
        from_before, raised_at, ended_why, held_why
    )
    SELECT case_id, team_id, 'action', id,
        (SELECT count(*) FROM diary_duty AS before
         WHERE before.case_id = wanted.case_id AND before.kind = 'action' AND before.subject = wanted.id),
        what, 'open', owner_id, 'investigator', due_on, late_from,
        jsonb_build_object(
            'due_on', due_on, 'late_from', late_from, 'due_at', NULL, 'do_by', NULL, 'short_notice', FALSE,
            'why', jsonb_build_object(
                'rule', 'ACTION', 'name', 'action done', 'source', 'HMIC 2010, AFI 2; CAIT default',
                'value', greatest(due_on - added_on, 0), 'clock', 'days', 'direction', 'after',
                'event', 'action set', 'started', added_on, 'counted', due_on, 'left_out', '[]'::jsonb,
                'notes', jsonb_build_array('the date was chosen by whoever wrote it down')
            )
        ),
        FALSE, cait_moment(), '', ''
    FROM wanted
    RETURNING {kept}
), watched AS (
    INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why) SELECT id, 0, late_from, '' FROM raised
)
INSERT INTO diary_historicalduty ({kept}, history_date, history_type, history_user_id)
SELECT {kept}, cait_moment(), '+', {cait} FROM raised
"""

BACK = """
WITH ended AS (
    UPDATE diary_duty SET state = 'cancelled', ended_at = cait_moment(), ended_by_id = {cait},
        ended_why = 'It stands with the actions of the record'
    WHERE kind = 'action' AND state = 'open'
    RETURNING {kept}
), unwatched AS (
    DELETE FROM diary_watch USING ended WHERE duty_id = ended.id
)
INSERT INTO diary_historicalduty ({kept}, history_date, history_type, history_user_id)
SELECT {kept}, cait_moment(), '~', {cait} FROM ended
"""


class Migration(migrations.Migration):
    """Each open action of an open record is a duty of whoever does it; one that is late already is told by the next
    sweep.

    Back: the duties fall away; and what is nobody's by name goes to whoever set it, because before this each action
    had an owner.
    """

    dependencies = [
        ("cases", "0008_actions_of_nobody_by_name"),
        ("deadlines", "0001_clock"),
        ("diary", "0013_supervisors_are_told_of_unmanaged_risks"),
    ]

    operations = [
        migrations.RunSQL(RAISE.format(kept=KEPT, cait=CAIT), BACK.format(kept=KEPT, cait=CAIT)),
        migrations.RunSQL(
            migrations.RunSQL.noop, "UPDATE cases_action SET owner_id = added_by_id WHERE owner_id IS NULL"
        ),
    ]
