"""Who a protected caller is, no program is told."""

from __future__ import annotations

import pytest

from oversight.counting import bring_up_to_date
from team.enums import Role
from tests.factories.team import an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import Prepared, with_everything
from tests.integration.api.reading import (
    TELLING,
    at_the_desk,
    everything_read,
    numbers,
    read,
    read_as_described,
)
from tests.shared import Shared, own

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("protected caller"),
]  # to build it once


@pytest.fixture(scope="module")
def built(shared: Shared) -> Prepared:
    return shared(with_everything, protected=True)


@pytest.fixture
def it(built: Prepared) -> Prepared:
    return own(built)


def test_of_a_protected_caller_nothing_is_told_anywhere(it: Prepared) -> None:
    it.message.refresh_from_db()
    assert it.message.protected
    bring_up_to_date()
    for role in (Role.INVESTIGATOR, Role.DESK_SERGEANT, Role.OFFICE_MANAGER, Role.COMMAND):
        # The email itself is read by those alone who may know the caller.
        mail = {"message", "intake"} if role == Role.DESK_SERGEANT else set()
        read_whole = everything_read(Program(an_officer(role)), it, mail)
        assert {"referral", "referrals", "case", "chronology", "people by name", "known already"} <= set(read_whole)
        told = {(name, each) for name, said in read_whole.items() for each in TELLING if each.casefold() in said}
        assert told == set(), role
        if "figure" in read_whole:
            assert "a caller who is protected" in read_whole["figure"], role
        referral = Program(an_officer(role)).get("referral", it.number).json()
        assert (referral["protected"], referral["source"], referral["caller"]) == (True, None, None), role


def test_a_protected_caller_is_not_found_by_where_they_come_from(it: Prepared) -> None:
    program = at_the_desk()
    assert numbers(program, "referrals", "case", source="health") == []
    assert numbers(program, "referrals", "case", q="Teasdale") == []
    assert len(numbers(program, "referrals", "case")) == 1


def test_the_email_of_a_protected_caller_is_not_there_for_who_may_not_know_them(it: Prepared) -> None:
    manager, desk = Program(an_officer(Role.OFFICE_MANAGER)), at_the_desk()
    assert manager.get("message", it.message.pk).status_code == 404
    assert numbers(manager, "intake", "id") == [it.waiting.pk]
    assert read(desk, "message", it.message.pk)["protected"] is True


def test_what_is_read_is_as_it_says(it: Prepared) -> None:
    read_as_described(it)
