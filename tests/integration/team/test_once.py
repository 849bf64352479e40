"""Reads that are put together once give what they give when they are put together anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from cases.enums import State
from cases.models import Case
from deadlines import clock
from team import once
from team.enums import Role
from team.models import Membership, Team, User
from team.once import Once, counted, put_together_once
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db


def _open_in(user: User, team: Team, since: datetime) -> QuerySet[Case]:
    return Case.objects.visible_to(user).filter(team=team, raised_at__gte=since).select_related("team").order_by("pk")


def test_each_reads_their_own_with_the_same_statement() -> None:
    read, since = put_together_once(_open_in), clock.london_midnight(clock.today())
    here, there = a_case(), a_case(team=a_team("ENF"))
    for case in (here, there):
        user = an_officer(Role.DESK_SERGEANT, team=case.team)
        found = read(user, case.team, since)
        assert found == list(_open_in(user, case.team, since)) == [case]
        with CaptureQueriesContext(connection) as asked:
            assert found[0].team == case.team
        assert not asked.captured_queries
    assert len(read.kept) == 1


def test_another_teams_records_stay_out_of_sight() -> None:
    read, since = put_together_once(_open_in), clock.london_midnight(clock.today())
    elsewhere = a_case(team=a_team("ENF"))
    assert read(an_officer(Role.DESK_SERGEANT, team=a_team()), elsewhere.team, since) == []
    assert read(an_officer(Role.COMMAND), elsewhere.team, since) == [elsewhere]
    assert len(read.kept) == 2


def test_a_role_that_is_taken_back_counts_at_once() -> None:
    read, since, case = put_together_once(_open_in), clock.london_midnight(clock.today()), a_case()
    user = an_officer(Role.DESK_SERGEANT)
    assert read(user, case.team, since) == [case]
    Membership.objects.filter(user=user).update(withdrawn_at=clock.now())
    user.forget_roles()
    with CaptureQueriesContext(connection) as asked:
        assert read(user, case.team, since) == []
    # The roles alone were read: of no team nothing is asked.
    assert len(asked.captured_queries) == 1
    assert counted(read.asked(user, case.team, since)) == (0,)


@pytest.mark.parametrize("role", list(Role))
def test_the_statement_is_that_of_the_orm(role: Role) -> None:
    user, now = an_officer(role), clock.now()
    read = put_together_once(_open_in)
    for team in (a_team(), a_team("ENF")):
        try:
            statement, values = _open_in(user, team, now).query.sql_with_params()
        except EmptyResultSet:
            assert read(user, team, now) == []
            continue
        assert read.asked(user, team, now) == (statement, list(values))


def test_rows_come_as_they_were_asked_for() -> None:
    case = a_case()

    def numbers(state: State) -> QuerySet[Case, Any]:
        return Case.objects.filter(state=state).values_list("number", "restricted")

    def named(number: str) -> QuerySet[Case, Any]:
        return Case.objects.filter(number=number).values("number")

    def several(number: str) -> QuerySet[Case, Any]:
        return numbers(State.CLOSED).union(Case.objects.filter(number=number).values_list("number", "restricted"))

    read = put_together_once(numbers)
    assert read(State.OPEN) == [(case.number, False)]
    assert read(State.CLOSED) == []
    assert len(read.kept) == 2
    assert put_together_once(named)(case.number) == [{"number": case.number}]
    assert put_together_once(several)(case.number) == [(case.number, False)]


def test_a_list_of_ids_is_one_value_however_long() -> None:
    cases = [a_case(), a_case(), a_case()]

    def of(ids: list[int], *, texts: tuple[str, ...]) -> QuerySet[Case]:
        return Case.objects.filter(Q(pk__one_of=ids) | Q(number__in=texts)).order_by("pk")

    read = put_together_once(of)
    assert read([], texts=("",)) == []
    assert read([cases[0].pk], texts=("",)) == cases[:1]
    assert read([each.pk for each in cases], texts=("",)) == cases
    assert len(read.kept) == 1
    assert read([cases[0].pk], texts=(cases[1].number, cases[2].number)) == cases
    assert len(read.kept) == 2


def test_what_is_worked_out_from_a_value_is_refused() -> None:
    def since_that_day(moment: datetime) -> QuerySet[Case]:
        return Case.objects.filter(raised_at__gte=clock.london_midnight(clock.london_date(moment)))

    def beginning(with_what: str) -> QuerySet[Case]:
        return Case.objects.filter(number__startswith=with_what)

    def older(pk: int) -> QuerySet[Case]:
        return Case.objects.filter(pk__lt=pk + 1_000)

    for build, value in ((since_that_day, clock.now()), (beginning, "HGY"), (older, 12)):
        with pytest.raises(RuntimeError, match="worked out"):
            put_together_once(build)(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        put_together_once(older)(1.5)  # type: ignore[arg-type]


def test_what_looks_at_a_value_is_found_in_tests() -> None:
    """`conftest.py` has each statement held against that of the ORM."""

    def later(day: date) -> QuerySet[Case]:
        rows = Case.objects.order_by("pk")
        return rows.filter(closed_at__date=day) if day.year > 2000 else rows

    assert Once.is_checked
    with pytest.raises(RuntimeError, match="Another statement"):
        put_together_once(later)(date(2009, 12, 2))


def test_no_more_is_kept_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "MOST_KEPT", 2)
    case = a_case()

    def numbered(numbers: tuple[str, ...]) -> QuerySet[Case]:
        return Case.objects.filter(number__in=numbers)

    read = put_together_once(numbered)
    for length in range(1, 6):
        assert read((case.number, *(f"HGY-2009-{number:04}" for number in range(1, length)))) == [case]
        assert 1 <= len(read.kept) <= 2


def test_several_are_counted_in_one_statement() -> None:
    user = an_officer(Role.DESK_SERGEANT)
    a_case(), a_case()
    read, long_ago, now = put_together_once(_open_in), clock.london_midnight(date(2009, 12, 2)), clock.now()
    asked = [read.asked(user, a_team(), since) for since in (long_ago, clock.london_day_end(clock.london_date(now)))]
    with CaptureQueriesContext(connection) as captured:
        assert counted(*asked) == (2, 0)
    assert len(captured.captured_queries) == 1


def test_a_closed_account_reads_nothing() -> None:
    read, since, case = put_together_once(_open_in), clock.london_midnight(clock.today()), a_case()
    user = an_officer(Role.DESK_SERGEANT)
    assert read(user, case.team, since) == [case]
    user.is_active = False
    assert read(user, case.team, since) == []
