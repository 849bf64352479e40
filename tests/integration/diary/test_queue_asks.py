"""The number in the navigation, and what it and the queue ask of the database."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from deadlines import rules
from diary import queries
from diary.kinds import kind_of
from diary.models import Duty
from diary.pairs import reviews
from diary.steps import raise_duty
from diary.sweep import MOST_LATE, dates_checked
from referrals import duties
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_open_update
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_child
from tests.factories.team import a_team, an_officer
from tests.integration.diary.test_queue_filters import DAY, HERE, NOW, late, owned, page_of, signed_in
from tests.rules.test_statements import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def sergeant(client: Client) -> User:
    return signed_in(client, Role.DESK_SERGEANT)


# --- in the navigation ---------------------------------------------------------------------------


def in_navigation(page: str) -> str:
    found = re.search(r'<span class="cait-nav__n">([^<]*)<span class="govuk-visually-hidden"> late</span>', page)
    return found[1] if found else ""


def test_the_navigation_says_how_many_of_mine_are_late(client: Client, sergeant: User) -> None:
    assert in_navigation(page_of(client, "/")) == ""
    late()
    owned(late(), an_officer(Role.INVESTIGATOR))
    owned(late(), sergeant)
    an_open_update(received_at=NOW)
    Duty.objects.filter(case=an_old_referral(decision="").case).update(late_from=NOW - DAY)
    for url in ("/", HERE, "/people/"):
        assert in_navigation(page_of(client, url)) == "2"


def test_the_number_is_that_of_the_list_of_mine(client: Client) -> None:
    there = a_team("BRN")
    for role, team in ((Role.DESK_SERGEANT, None), (Role.INSPECTOR, there), (Role.COMMAND, None)):
        user = signed_in(client, role, team)
        late()
        late(there)
        owned(late(), user)
        owned(late(there), user)
        found = queries.narrowed(
            Duty.objects.visible_to(user), user=user, now=NOW, whose="mine", by="late", began="cait"
        )
        assert dates_checked(user).late == found.count() > 0


def test_beyond_ninety_nine_it_stops_counting(client: Client, sergeant: User) -> None:
    case = late().case
    due = rules.PHONE_CONFIRMATION.due(NOW - 20 * DAY)
    for subject in range(MOST_LATE):
        raise_duty(duties.CONFIRMATION, case, due, subject=subject, by=User.objects.system())
    assert dates_checked(sergeant).late == MOST_LATE + 1
    assert in_navigation(page_of(client)) == "99+"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_opens_no_records_has_no_number(client: Client, role: Role) -> None:
    user = signed_in(client, role)
    owned(late(), user)
    assert dates_checked(user).late == 0


# --- what it asks of the database ----------------------------------------------------------------


def two_reviews(duty: Duty) -> Duty:
    """Two reviews of its record that one review answers: whether it does takes a limit, which is asked for too."""
    for code in reviews():
        kind = kind_of(code)
        assert kind is not None
        raise_duty(kind, duty.case, rules.CRAM_REVIEW.due(NOW - DAY), by=User.objects.system())
    return duty


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.INSPECTOR, Role.COMMAND])
def test_the_queue_takes_eight_statements_however_it_is_narrowed(client: Client, role: Role) -> None:
    user = signed_in(client, role)
    duty = two_reviews(late(children=[a_child("Rhys"), a_child("Tia")]))
    an_open_update(received_at=NOW)
    team = {"team": "HGY"} if role == Role.COMMAND else {}
    officer = {"officer": an_officer(Role.INVESTIGATOR).pk}
    assert page_of(client).count("One review answers both") == 2
    for asked in (
        {},
        team,
        {"why": duty.pk},
        {"whose": "nobodys", "level": "none", **team, **officer, "why": duty.pk},
    ):
        assert 3 <= statements(client, HERE, **asked) <= 8, (user, asked)


@pytest.mark.parametrize("role", [Role.DESK_SERGEANT, Role.COMMAND])
def test_a_row_reads_nothing_by_itself_whatever_it_says(client: Client, role: Role) -> None:
    signed_in(client, role)
    officer, lead = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR)
    before = statements(client, HERE)
    duty = owned(late(children=[a_child("Rhys"), a_child("Tia")]), officer)
    Case.objects.filter(pk=duty.case_id).update(officer_in_case=lead, level="high")
    Duty.objects.filter(pk=an_open_update(received_at=NOW).pk).update(held_at=NOW, held_by=officer, held_why="x")
    an_open_update(received_at=NOW - 20 * DAY)
    an_old_referral(decision="")
    page = page_of(client)
    for said in (str(officer), f"officer in case: {lead.get_short_name()}", "Emails held back", "from the old log"):
        assert said in page
    assert statements(client, HERE) == before


FILL = """
INSERT INTO cases_case (number, urn, team_id, state, level, raised_at)
SELECT 'ZZZ-2009-' || lpad(n::text, 5, '0'), 'x', CASE WHEN n %% 10 = 0 THEN %(ours)s ELSE %(other)s END, 'open', '',
    cait_now()
FROM generate_series(1, 6000) AS n;
INSERT INTO diary_duty (case_id, team_id, kind, subject, cycle, state, owner_role, due_on, late_from, due,
    from_before, raised_at, ended_at, ended_by_id, ended_why, held_why)
SELECT id, team_id, (ARRAY['triage', 'update', 'allocation', 'supervision', 'cram_review'])[1 + id / 40 %% 5], 0, 0,
    CASE WHEN id %% 40 = 0 THEN 'open' ELSE 'satisfied' END, 'desk_sergeant',
    '2010-01-01', cait_now() - make_interval(mins => id::int), due.due, false, cait_now(),
    CASE WHEN id %% 40 = 0 THEN NULL ELSE cait_now() END, CASE WHEN id %% 40 = 0 THEN NULL ELSE %(by)s END,
    CASE WHEN id %% 40 = 0 THEN '' ELSE 'Done' END, ''
FROM cases_case CROSS JOIN (SELECT due FROM diary_duty LIMIT 1) AS due WHERE number LIKE 'ZZZ-%%';
ANALYZE cases_case; ANALYZE diary_duty;
"""


def plan_of(rows: QuerySet[Any]) -> str:
    sql, values = rows.order_by("late_from", "id")[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def filled() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"ours": a_team().pk, "other": a_team("BRN").pk, "by": User.objects.system().pk})


def test_the_number_in_the_navigation_is_read_by_indexes(client: Client, sergeant: User) -> None:
    owned(late(), sergeant)
    filled()
    with CaptureQueriesContext(connection) as captured:
        dates_checked(sergeant)
    (asked,) = [each["sql"] for each in captured if "diary_duty" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked}")
        found = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search(r"open_duty_by_owner", found), found
    assert re.search(r"open_(fresh_)?duty_by_team", found), found
    assert "Seq Scan on diary_duty" not in found, found


def test_the_rows_are_read_by_an_index_of_open_duties_and_no_further_than_the_page(
    client: Client, sergeant: User
) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    for days in (9, 10, 11):
        owned(late(days=days), officer)
    filled()
    visible = queries.rows_of_queue().visible_to(sergeant)
    by_team = r"Index (Only )?Scan using open_(fresh_)?duty_by_team on diary_duty"
    asked: list[tuple[dict[str, Any], str]] = [
        ({}, by_team),
        ({"began": "cait"}, by_team),
        ({"by": "late", "kind": ["triage", "update"]}, rf"{by_team}|open_duty_by_kind"),
        ({"by": "late", "kind": ["update"]}, "open_duty_by_kind"),
        ({"level": "high"}, by_team),
        ({"level": "none"}, by_team),
        ({"whose": "nobodys"}, by_team),
        ({"whose": "mine"}, rf"{by_team}|open_duty_by_owner"),
        ({"officer": officer.pk}, rf"{by_team}|open_duty_by_owner"),
    ]
    for filters, wanted in asked:
        found = plan_of(queries.narrowed(visible, user=sergeant, now=NOW, **filters))
        assert re.search(wanted, found), (filters, found)
        assert "Seq Scan on diary_duty" not in found, (filters, found)
