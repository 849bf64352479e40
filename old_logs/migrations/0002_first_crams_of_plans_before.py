from django.db import migrations

# What a line of history keeps of a duty.
KEPT = (
    "id, case_id, team_id, kind, subject, cycle, about, state, owner_id, owner_role, due_on, due_at, late_from, due, "
    "from_before, raised_at, ended_at, ended_by_id, ended_why, answered_with_id, held_at, held_by_id, held_why"
)
CAIT = "(SELECT id FROM team_user WHERE username = 'cait')"
LATER = "Due later now: the plan was there before the record came to CAIT"
ELSEWHERE = "Not due any more: its children have a CRAM on another record, or have it due there"

WORDS = {
    "kept": KEPT,
    "of_duty": ", ".join(f"duty.{name}" for name in KEPT.split(", ")),
    "cait": CAIT,
    "later": LATER,
    "elsewhere": ELSEWHERE,
}

# As `cram.queries.due_for_plans`: which records of old logs have the first CRAM of a child on a plan due, and since
# when that plan is known. `is_new`: it began after the record came.
SETTLE = """
WITH old AS (
    SELECT record.id AS case_id, record.team_id, (record.raised_at AT TIME ZONE 'Europe/London')::date AS came_on
    FROM cases_case AS record
    WHERE record.state = 'open'
      AND EXISTS (
          SELECT FROM diary_duty AS duty
          WHERE duty.case_id = record.id AND duty.kind = 'first_cram' AND duty.state = 'open'
      )
      AND NOT EXISTS (
          SELECT FROM referrals_referral AS referral
          WHERE referral.case_id = record.id AND referral.old_urn = ''
      )
), child AS (
    SELECT old.case_id, old.came_on, part.person_id
    FROM old JOIN cases_caseperson AS part USING (case_id)
    WHERE part.part = 'child' AND part.taken_off_at IS NULL
), stands AS (
    SELECT part.person_id, record.id AS case_id, record.raised_at, EXISTS (
        SELECT FROM cram_assessment AS assessment
        WHERE assessment.case_id = record.id AND assessment.submitted_at IS NOT NULL
    ) AS assessed
    FROM cases_caseperson AS part JOIN cases_case AS record ON record.id = part.case_id
    WHERE part.part = 'child' AND part.taken_off_at IS NULL AND record.state = 'open'
      AND part.person_id IN (SELECT person_id FROM child)
), leads AS (
    SELECT DISTINCT ON (stands.person_id) stands.person_id, stands.case_id
    FROM stands
    LEFT JOIN cases_lead AS lead ON lead.child_id = stands.person_id AND lead.case_id = stands.case_id
    ORDER BY stands.person_id, lead.id DESC NULLS LAST, stands.raised_at, stands.case_id
), wanted AS (
    SELECT DISTINCT ON (case_id) case_id, is_new, since, (since AT TIME ZONE 'Europe/London')::date AS known_on
    FROM (
        SELECT child.case_id, plan.begun_at_id IS NOT NULL OR plan.from_on >= child.came_on AS is_new,
            min(plan.recorded_at) AS since
        FROM child
        JOIN leads USING (person_id, case_id)
        JOIN conferences_plan AS plan ON plan.child_id = child.person_id
        WHERE plan.withdrawn_at IS NULL
          AND NOT EXISTS (SELECT FROM stands WHERE stands.person_id = child.person_id AND stands.assessed)
        GROUP BY 1, 2
        HAVING bool_or(plan.to_on IS NULL)
    ) AS alike
    ORDER BY case_id, is_new DESC
), ended AS (
    UPDATE diary_duty AS duty SET state = 'cancelled', ended_at = cait_moment(), ended_by_id = {cait},
        ended_why = CASE WHEN wanted.case_id IS NULL THEN '{elsewhere}' ELSE '{later}' END
    FROM old LEFT JOIN wanted USING (case_id)
    WHERE duty.case_id = old.case_id AND duty.kind = 'first_cram' AND duty.state = 'open'
      AND wanted.is_new IS NOT TRUE
    RETURNING {of_duty}
), unwatched AS (
    DELETE FROM diary_watch USING ended WHERE duty_id = ended.id
), dated AS (
    SELECT ended.case_id, ended.team_id, ended.owner_id, known_on, value, known_on + value AS due_on,
        (known_on + value + 1)::timestamp AT TIME ZONE 'Europe/London' AS late_from
    FROM ended
    JOIN wanted USING (case_id)
    CROSS JOIN LATERAL (
        SELECT value::int FROM deadlines_limit
        WHERE rule = 'CRAM-ON-PLAN' AND effective_from <= known_on ORDER BY effective_from DESC LIMIT 1
    ) AS in_force
), raised AS (
    INSERT INTO diary_duty (
        case_id, team_id, kind, subject, cycle, about, state, owner_id, owner_role, due_on, late_from, due,
        from_before, raised_at, ended_why, held_why
    )
    SELECT case_id, team_id, 'plan_cram', 0,
        (SELECT count(*) FROM diary_duty AS before
         WHERE before.case_id = dated.case_id AND before.kind = 'plan_cram' AND before.subject = 0),
        '', 'open', owner_id, 'supervisor', due_on, late_from,
        jsonb_build_object(
            'due_on', due_on, 'late_from', late_from, 'due_at', NULL, 'do_by', NULL, 'short_notice', FALSE,
            'why', jsonb_build_object(
                'rule', 'CRAM-ON-PLAN', 'name', 'first CRAM of a child who was on a plan before CAIT',
                'source', 'HMIC 2010, AFI 1; CAIT default', 'value', value, 'clock', 'days',
                'direction', 'after', 'event', 'a child on a plan, known', 'started', known_on,
                'counted', due_on, 'left_out', '[]'::jsonb, 'notes', '[]'::jsonb
            )
        ),
        owner_id IS NULL, cait_moment(), '', ''
    FROM dated
    RETURNING {kept}
), watched AS (
    INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why)
    SELECT id, 0, late_from, '' FROM raised WHERE owner_id IS NOT NULL
)
INSERT INTO diary_historicalduty ({kept}, history_date, history_type, history_user_id)
SELECT {kept}, cait_moment(), '~', {cait} FROM ended
UNION ALL
SELECT {kept}, cait_moment(), '+', {cait} FROM raised
"""

BACK = """
WITH ended AS (
    UPDATE diary_duty SET state = 'cancelled', ended_at = cait_moment(), ended_by_id = {cait},
        ended_why = 'The first CRAM is due again as it was before'
    WHERE kind = 'plan_cram' AND state = 'open'
    RETURNING {kept}
), unwatched AS (
    DELETE FROM diary_watch USING ended WHERE duty_id = ended.id
), opened AS (
    UPDATE diary_duty AS duty SET state = 'open', ended_at = NULL, ended_by_id = NULL, ended_why = ''
    FROM cases_case AS record
    WHERE record.id = duty.case_id AND record.state = 'open' AND duty.kind = 'first_cram'
      AND duty.state = 'cancelled' AND duty.ended_why IN ('{later}', '{elsewhere}')
      AND NOT EXISTS (
          SELECT FROM cram_assessment AS assessment
          WHERE assessment.case_id = record.id AND assessment.submitted_at IS NOT NULL
      )
      AND NOT EXISTS (
          SELECT FROM diary_duty AS later
          WHERE later.case_id = duty.case_id AND later.kind = 'first_cram' AND later.cycle > duty.cycle
      )
    RETURNING {of_duty}
), watched AS (
    INSERT INTO diary_watch (duty_id, told, tell_at, set_aside_why) SELECT id, 0, late_from, '' FROM opened
)
INSERT INTO diary_historicalduty ({kept}, history_date, history_type, history_user_id)
SELECT {kept}, cait_moment(), '~', {cait} FROM (SELECT * FROM ended UNION ALL SELECT * FROM opened) AS changed
"""


class Migration(migrations.Migration):
    """Of a child who was on a plan before the record came to CAIT the first CRAM is due in the time of a review, and of
    one with a CRAM on another record none is: what was raised before that was so is ended, and raised anew.

    It stands in this room because it reads plans and referrals, which know nothing of each other.
    """

    dependencies = [
        ("old_logs", "0001_old_logs"),
        ("cases", "0007_records_by_urn"),
        ("conferences", "0003_emails_used"),
        ("cram", "0006_whoever_has_the_duty_owns_it"),
        ("deadlines", "0014_limit_of_first_crams_on_plans"),
        ("diary", "0012_what_has_a_list_of_its_own"),
        ("referrals", "0006_supervision"),
    ]

    operations = [migrations.RunSQL(SETTLE.format(**WORDS), BACK.format(**WORDS))]
