"""The pages on which the matrix is read, and on which the command drafts, compares and publishes a version."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cram.matrix import seen
from cram.models import Assessment, Version
from deadlines.clock import LONDON
from team.enums import Role
from team.history import version_of
from tests.factories.clock import move_time_to
from tests.factories.matrix import NEW, a_changed_matrix, a_drafted_matrix, a_version_to_come, as_said, changed
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
HERE = "/cram/matrix/"


@pytest.fixture
def signed_in(client: Client) -> Client:
    move_time_to(NOW)
    client.force_login(an_officer(Role.COMMAND, name="Castell"))
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_a_version_is_drafted_changed_compared_and_published_on_its_pages(signed_in: Client) -> None:
    page = words(signed_in.get(f"{HERE}draft/"))
    assert "The draft begins as a copy of version 1.0" in page
    about = "The matrix of our own force"
    answer = signed_in.post(f"{HERE}draft/", {"number": "1.1", "reason": "A review", "about": about}, follow=True)
    assert "Version 1.1 is drafted" in words(answer)
    draft = Version.objects.get(number="1.1")
    assert draft.about == about

    neglect = draft.factors.get(code="neglect")
    said = as_said(neglect, name="Lasting neglect", definite="yes", version=version_of(neglect))
    answer = signed_in.post(f"{HERE}1.1/neglect/change/", said, follow=True)
    assert "“Lasting neglect” is changed in version 1.1" in words(answer)
    added_said = {**NEW, "definite": "no", "code": "seen_at_school"}
    assert "is added to version 1.1" in words(signed_in.post(f"{HERE}1.1/add/", added_said, follow=True))
    missing = {"version": version_of(draft.factors.get(code="missing"))}
    assert "is taken out" in words(signed_in.post(f"{HERE}1.1/missing/take-out/", missing, follow=True))

    compared = signed_in.get(f"{HERE}1.1/compare/")
    assert "1 added, 1 taken out, 1 changed, 23 as before" in words(compared)
    assert "<ins>Lasting</ins>" in compared.content.decode()
    assert "1 added, 1 taken out, 1 changed" in words(signed_in.get(f"{HERE}1.1/throw-away/"))

    confirm = words(signed_in.get(f"{HERE}1.1/publish/"))
    assert "No assessment changes" in confirm
    assert "1 added, 1 taken out, 1 changed" in confirm
    published = signed_in.post(f"{HERE}1.1/publish/", {"from_on": "tomorrow", "seen": seen(draft)}, follow=True)
    assert "assessments are begun on it from 15 January 2010" in words(published)
    assert "Not in force yet" in words(published)
    assert draft.factors.get(code="seen_at_school").definite is False


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(signed_in: Client) -> None:
    draft = a_changed_matrix()
    answer = signed_in.post(f"{HERE}1.1/publish/", {"from_on": "today", "seen": seen(draft)})
    assert "The first day can be tomorrow at the earliest" in words(answer)
    answer = signed_in.post(f"{HERE}1.1/add/", {**NEW, "definite": "yes", "code": "Not One"})
    assert "small letters" in words(answer)
    assert 'value="Not One"' in answer.content.decode()


def test_who_reads_anothers_change_can_send_theirs_again(signed_in: Client) -> None:
    draft = a_drafted_matrix()
    factor = draft.factors.get(code="neglect")
    said = as_said(factor, name="Neglect at home", definite="yes", version=version_of(factor))
    changed(draft, name="Lasting neglect")
    answer = signed_in.post(f"{HERE}1.1/neglect/change/", said)
    assert "became Lasting neglect" in words(answer)
    now = re.search(r'name="version" value="(\d+)"', answer.content.decode())
    assert now
    signed_in.post(f"{HERE}1.1/neglect/change/", {**said, "version": now[1]})
    assert draft.factors.get(code="neglect").name == "Neglect at home"


@pytest.mark.parametrize("page", ["publish", "throw-away", "add", "neglect/change", "neglect/take-out"])
def test_a_published_version_says_that_it_stays(signed_in: Client, page: str) -> None:
    a_version_to_come()
    for number in ("1.0", "1.1"):
        assert f"Version {number} was published" in words(signed_in.get(f"{HERE}{number}/{page}/"))


def test_everybody_who_sees_records_reads_the_matrix_and_only_the_command_is_offered_more(client: Client) -> None:
    client.force_login(an_officer(Role.RESEARCHER))
    a_drafted_matrix()
    for page in (HERE, f"{HERE}1.0/", f"{HERE}1.1/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert not re.search(r"draft/\"|publish/\"|change/\"|take-out/\"|add/\"", answer.content.decode())
    page = words(client.get(f"{HERE}1.0/"))
    assert "Kept apart from the definite factors: none of these is a risk by itself." in page
    assert "Children Act 1989, s66 (private fostering)" in page
    assert client.get(f"{HERE}1.0/compare/").status_code == 200
    assert client.get(f"{HERE}9.9/").status_code == 404
    for shape in ("x", "1", "1.0.0", f"{'9' * 20}.1", "1.0%0a"):
        assert client.get(f"{HERE}{shape}/").status_code == 404
        assert client.get(f"{HERE}{shape}/neglect/change/").status_code == 404


def test_the_pages_ask_no_more_questions_of_the_database_for_more_factors(
    signed_in: Client, django_assert_max_num_queries: Any
) -> None:
    a_changed_matrix()
    for page in (HERE, f"{HERE}1.1/", f"{HERE}1.1/compare/", f"{HERE}1.1/publish/"):
        with django_assert_max_num_queries(25):
            signed_in.get(page)


def test_the_oversight_page_leads_to_the_matrix(signed_in: Client) -> None:
    assert f'href="{HERE}"' in signed_in.get("/oversight/").content.decode()


def test_a_question_leads_to_its_factor_in_the_version_it_is_asked_on(client: Client, begun: Assessment) -> None:
    case = begun.case
    a_version_to_come()
    client.force_login(an_officer(Role.SUPERVISOR, case.team))
    child = case.parts.filter(part="child").earliest("pk").person_id
    page = client.get(reverse("cram:answer", args=[case.number, f"child-{child}"])).content.decode()
    assert f'href="{HERE}1.0/#factor-on_plan"' in page
    assert 'id="factor-on_plan"' in client.get(f"{HERE}1.0/").content.decode()
