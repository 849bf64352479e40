"""What was typed into a form that is refused: at a desk that is shared it may be somebody else's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases.models import Case, Entry
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

TYPED = "He was seen at the school"


@pytest.fixture
def case() -> Case:
    return a_case()


def refused(user: User, address: str, came_from: str = "") -> str:
    """The page after somebody sent a form whose token does not fit."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    answer = client.post(address, {"text": TYPED}, headers={"Referer": came_from} if came_from else {})
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "Your form was not saved" in html
    return html


def test_it_is_shown_to_whoever_may_open_the_form_themselves(case: Case) -> None:
    address, before = reverse("cases:add_entry", args=[case.number]), Entry.objects.count()
    theirs, others = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR, a_team("ENF"))
    assert TYPED in refused(theirs, address)
    assert AccessLog.objects.filter(case_id=case.pk, by_id=theirs.pk).exists()
    assert TYPED not in refused(others, address)
    # The record may be read, and nothing may be written on it.
    assert TYPED not in refused(an_officer(Role.AUDITOR), address)
    # What only takes forms is shown to whoever may open the page on which the form stood.
    only_takes = reverse("diary:read_notices")
    page = f"http://testserver{address}"
    assert TYPED in refused(theirs, only_takes, page)
    for user, came_from in ((others, page), (theirs, ""), (theirs, "http://elsewhere.example/")):
        assert TYPED not in refused(user, only_takes, came_from)
    assert Entry.objects.count() == before
