"""Two approve an address at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from cases.enums import Partner
from diary.actions import approve_address
from diary.chasing import ladder
from diary.models import Rung
from team.enums import Role
from team.models import User
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_approve_on_one_step_at_once_one_address_stands() -> None:
    team, inspectors = a_team(), [an_officer(Role.INSPECTOR) for _ in range(4)]

    def approve(by: User) -> int:
        try:
            address = f"{by.username}@borough.example"
            partner = Partner.SOCIAL_SERVICES
            return approve_address(team, partner=partner, number=1, to_whom="Manager", address=address, by=by).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(approve, inspectors))
    assert len(made) == Rung.objects.count() == 4
    assert len(ladder(team, Partner.SOCIAL_SERVICES)) == 1
