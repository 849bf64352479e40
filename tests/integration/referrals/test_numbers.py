"""The URN: per team and year, in sequence, without a gap or a repeat, whoever logs at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cases.models import Case
from deadlines import clock
from referrals.actions import log_referral
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_referral, as_received
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_fifty_numbers_in_a_row() -> None:
    team, desk = a_team(), an_officer(Role.DESK_SERGEANT)

    def log(number: int) -> tuple[int, str]:
        try:
            by = User.objects.get(pk=desk.pk)
            if number % 5 == 0:  # one in five is refused half way: its number must not be lost
                with pytest.raises(ValidationError):
                    log_referral(team, **as_received(circumstances=""), by=by)
            logged = log_referral(team, **as_received(), by=by).referral
            return logged.urn_serial, logged.case.number
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        given = list(pool.map(log, range(50)))
    year = clock.today().year
    assert sorted(serial for serial, _ in given) == list(range(1, 51))
    assert sorted(number for _, number in given) == [f"HGY-{year}-{n:04}" for n in range(1, 51)]
    in_order = Referral.objects.order_by("logged_at").values_list("urn_serial", flat=True)
    assert list(in_order) == list(range(1, 51))


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_logged_once() -> None:
    team, desk, token = a_team(), an_officer(Role.DESK_SERGEANT), uuid4()

    def log(_: int) -> tuple[int, bool]:
        try:
            logged = log_referral(team, **as_received(token=token), by=User.objects.get(pk=desk.pk))
            return logged.referral.pk, logged.just_now
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(log, range(8)))
    assert len({pk for pk, _ in answers}) == 1
    assert sorted(just_now for _, just_now in answers) == [False] * 7 + [True]
    assert (Referral.objects.count(), Case.objects.count()) == (1, 1)
    assert a_referral().urn_serial == 2


def test_each_team_counts_for_itself() -> None:
    assert a_referral(a_team("HGY")).urn_serial == 1
    assert a_referral(a_team("ENF")).urn_serial == 1
    assert a_referral(a_team("HGY")).urn_serial == 2
    year = clock.today().year
    assert sorted(Case.objects.values_list("number", flat=True)) == [
        f"ENF-{year}-0001",
        f"HGY-{year}-0001",
        f"HGY-{year}-0002",
    ]


def test_a_refused_referral_uses_no_number() -> None:
    with pytest.raises(ValidationError):
        a_referral(children=[])
    assert a_referral().urn == f"0001/{clock.today().year % 100:02}"
