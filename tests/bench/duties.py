"""Open duties among the bare records of `tests.bench.figures`, for the queue pages: one on each ninth record, with
the child whose name stands in its row, and twenty times as many that have ended."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

# At most so many statements of its own has a queue page, however many duties there are.
MOST_STATEMENTS = 8
OPEN_EACH, ENDED = 9, 20

LEVEL = """
UPDATE cases_case SET level = (ARRAY['standard', 'medium', 'high'])[1 + id %% 3]
WHERE id %% %(each)s = 0 AND id %% 4 > 0
"""
PERSON = """
INSERT INTO people_person (id, given_names, family_name, name_key, sex, birth_known, born_earliest, born_latest)
SELECT id, (ARRAY['Rhys', 'Nia', 'Tia', 'Ellis', 'Molly'])[1 + id %% 5],
       (ARRAY['Calloway', 'Brannock', 'Vellacott', 'Quenby'])[1 + id %% 4], '', '', 'exact',
       DATE '2016-01-01' + (id %% 3000)::int, DATE '2016-01-01' + (id %% 3000)::int
FROM cases_case WHERE id %% %(each)s = 0
"""
CHILD = """
INSERT INTO cases_caseperson (case_id, person_id, part, place, added_at)
SELECT id, id, 'child', 0, raised_at FROM cases_case WHERE id %% %(each)s = 0
"""
# Those of a record that is open; due from twenty days ago until in sixty. One in forty is the inspector's own.
OPEN = """
INSERT INTO diary_duty (case_id, team_id, kind, subject, cycle, about, state, owner_id, owner_role, due_on, late_from,
                        due, from_before, raised_at, ended_why, held_why)
SELECT c.id, c.team_id, k.code, 0, 0, '', 'open', CASE WHEN c.id / %(each)s %% 40 = 0 THEN %(owner)s END, k.role,
       d.day, ((d.day + 1)::timestamp AT TIME ZONE 'Europe/London'), k.due::jsonb, FALSE,
       %(now)s::timestamptz - interval '30 days', '', ''
FROM cases_case c
JOIN unnest(%(codes)s::text[], %(roles)s::text[], %(dues)s::text[]) WITH ORDINALITY AS k (code, role, due, place)
    ON k.place = 1 + c.id / %(each)s %% %(kinds)s
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz::date - 20 + (c.id / %(each)s %% 80)::int AS day) d
WHERE c.id %% %(each)s = 0
"""
OVER = """
INSERT INTO diary_duty (case_id, team_id, kind, subject, cycle, about, state, owner_role, due_on, late_from, due,
                        from_before, raised_at, ended_at, ended_by_id, ended_why, held_why)
SELECT c.id, c.team_id, k.code, n, 0, '', 'satisfied', k.role, c.raised_at::date + 14,
       c.raised_at + interval '15 days', k.due::jsonb, FALSE, c.raised_at, c.raised_at + interval '12 days',
       %(by)s, 'Done', ''
FROM cases_case c
CROSS JOIN generate_series(1, %(ended)s) AS n
JOIN unnest(%(codes)s::text[], %(roles)s::text[], %(dues)s::text[]) WITH ORDINALITY AS k (code, role, due, place)
    ON k.place = 1 + n %% %(kinds)s
WHERE c.id %% %(each)s = 0
"""


def fill(cursor: Any, *, now: datetime, owner: int, by: int) -> None:
    """All of it; what is poured in is right by how it is made, so nothing is checked meanwhile. `owner`: whose some
    of them are; `by`: who did those that have ended."""
    from deadlines import rules
    from referrals.duties import ALLOCATION, SUPERVISION, UPDATE

    kinds = {ALLOCATION: rules.ALLOCATION, UPDATE: rules.SS_UPDATE, SUPERVISION: rules.SUPERVISION_NEXT}
    asked = {"each": OPEN_EACH, "ended": ENDED, "now": now, "owner": owner, "by": by, "kinds": len(kinds)}
    asked |= {"codes": [kind.code for kind in kinds], "roles": [kind.owner_role.value for kind in kinds]}
    asked["dues"] = [json.dumps(rule.due(now).to_json()) for rule in kinds.values()]
    cursor.execute("SET session_replication_role = replica")
    for statement in (LEVEL, PERSON, CHILD, OPEN, OVER):
        cursor.execute(statement, asked)
    cursor.execute("RESET session_replication_role")
    for table in ("cases_case", "people_person", "cases_caseperson", "diary_duty"):
        cursor.execute(f"VACUUM (ANALYZE) {table}")
