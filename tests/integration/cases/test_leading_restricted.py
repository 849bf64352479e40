"""Which of a child's open records leads, where one of them is restricted: chosen by somebody who is named on it, for
others would take its reviews off it unseen (ADR 34)."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.leading import led_by
from cases.models import Case, Lead
from cases.restricting import whom_to_ask
from team.models import User
from tests.factories.deciding import a_decided_case
from tests.factories.referrals import a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team
from tests.integration.cases.leads import (
    WHY,
    Pair,
    a_sergeant,
    another_of,
    choose,
    known,
    refusal,
    reviews,
    two,
    two_assessed,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


def refused(case: Case, child: Any) -> str:
    ask = whom_to_ask([case])[case.pk]
    said = f"Another open record of {child} is restricted, so only somebody who is named on it chooses which leads. "
    return f"{said}Ask {ask}."


@pytest.fixture(scope="module")
def built_pair(shared: Shared) -> Pair:
    return shared(two_assessed)


@pytest.fixture
def pair(built_pair: Pair) -> Pair:
    """Two open records of one child, the older first, both with a CRAM."""
    return own(built_pair)


def test_who_is_not_named_takes_no_reviews_off_a_restricted_record_nor_puts_any_on_it(pair: Pair) -> None:
    first, second, child = pair
    named, stranger = a_sergeant(), a_sergeant()
    a_restricted_case(case=first, by=named)
    assert refusal(lambda: choose(second, child, by=stranger)) == refused(first, child)
    assert not Lead.objects.exists()
    assert reviews(first, second) == [1, 0]
    choose(second, child, by=named)
    assert reviews(first, second) == [0, 1]
    # Nor back to a third, once it does not lead.
    third = another_of(child)
    assert refusal(lambda: choose(third, child, by=stranger)) == refused(first, child)


def test_a_restricted_record_of_another_team_is_as_well(pair: Pair) -> None:
    ours, _, child = pair
    theirs = another_of(child, team=a_team("ENF"))
    a_restricted_case(case=theirs)
    assert refusal(lambda: choose(ours, child, by=a_sergeant())) == refused(theirs, child)


def test_one_that_is_about_another_child_stops_nobody(pair: Pair) -> None:
    first, second, child = pair
    a_restricted_case(case=a_decided_case())
    choose(second, child, by=a_sergeant())
    assert led_by(first) == [second]


# --- the page ------------------------------------------------------------------------------------


def signed_in(client: Client, user: User | None = None) -> User:
    user = user or a_sergeant()
    client.force_login(user)
    return user


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_the_page_says_so_before_it_asks_and_takes_nothing(client: Client) -> None:
    first, second, child = two()
    named = a_sergeant()
    a_restricted_case(case=second, by=named)
    address = reverse("cases:choose_lead", args=[first.number])
    signed_in(client)
    typed = {"child": child.pk, "case": first.pk, "reason": WHY, "seen": 0}
    for answer in (client.get(address), client.post(address, typed)):
        page = words(answer)
        assert f"This cannot be done.</b> {refused(second, child)}" in page
        assert "Why this one?" not in page
        assert second.number not in page
    assert not Lead.objects.exists()
    signed_in(client, named)
    page = words(client.get(address))
    assert "restricted, so only" not in page
    assert client.post(address, typed).status_code == 302
    assert led_by(second) == [first]


def test_of_siblings_those_are_asked_about_of_whom_no_record_is_restricted(client: Client) -> None:
    first = a_decided_case(children=[a_child("Ellis"), a_child("Tia")])
    ellis, tia = (part.person for part in first.parts.order_by("place"))
    second = a_decided_case(children=[known(ellis), known(tia)])
    secret = another_of(tia)
    a_restricted_case(case=secret)
    signed_in(client)
    address = reverse("cases:choose_lead", args=[first.number])
    page = words(client.get(address))
    assert refused(secret, tia) in page
    assert "This cannot be done" not in page
    assert f'type="hidden" name="child" value="{ellis.pk}"' in page
    assert secret.number not in page
    typed = {"case": second.pk, "reason": WHY, "seen": 0}
    assert client.post(address, {**typed, "child": tia.pk}).status_code == 200
    assert not Lead.objects.exists()
    # And nobody is led back to choose what they cannot.
    answer = client.post(address, {**typed, "child": ellis.pk})
    assert (answer.status_code, answer["Location"]) == (302, reverse("workbench:case", args=[first.number]))
