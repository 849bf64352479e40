"""People and the records they are on: the list, and the page of one child or adult, among what one may open."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from cases.actions import take_person_off
from cases.models import Case, CasePerson
from deadlines import clock
from deadlines.clock import LONDON
from people.births import Birth
from people.enums import Relation, Sex
from people.models import Person
from people.said import PersonSaid
from people.steps import relate
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case
from tests.factories.referrals import a_case, a_child, aged
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/people/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def investigator(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    return signed_in(client, Role.INVESTIGATOR)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def by_cait() -> User:
    return User.objects.system()


def page(client: Client, of: Person | str = HERE) -> str:
    answer = client.get(of if isinstance(of, str) else f"{HERE}{of.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(html: str) -> dict[str, str]:
    """The words of each row of the list, by the number of its record, in their order."""
    found = re.findall(r'<tr role="row">(.*?)</tr>', html.partition("<tbody")[2], re.S)
    return {re.findall(r'href="/cases/([A-Z]{3}-\d{4}-\d+)/"', row)[0]: words(row) for row in found}


def following(html: str) -> str:
    found = re.search(r'href="([^"]*)" rel="next"', html)
    return found[1] if found else ""


def told(html: str) -> dict[str, str]:
    """What the summary of a person's page says, by its key."""
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", html, re.S)
    return {words(key): words(value) for key, value in pairs}


def records(html: str) -> dict[str, str]:
    """The words about each record of a person's page, by its number, in their order."""
    part = html.partition('id="records-h"')[2]
    found = re.findall(r"<li>(.*?)</li>", part, re.S)
    return {re.findall(r'href="/cases/([A-Z]{3}-\d{4}-\d+)/"', row)[0]: words(row) for row in found}


def heading(html: str) -> str:
    return words(re.findall(r"<h1.*?</h1>", html, re.S)[0])


def look() -> AccessLog:
    """The one look at people that is logged."""
    return AccessLog.objects.get(object_type="people.person")


def child_of(case: Case) -> Person:
    return case.parts.order_by("place")[0].person


def asks(client: Client, url: str) -> int:
    """How many questions a page puts to the database, once everything is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


# --- the list ------------------------------------------------------------------------------------


def test_read_to_the_end_each_record_is_there_once_the_latest_first(client: Client, investigator: User) -> None:
    made = [a_case() for _ in range(60)]
    for number, case in enumerate(made):  # three of each moment, in another order than they were raised
        Case.objects.filter(pk=case.pk).update(raised_at=NOW - (number * 7 % 20) * MINUTE)
    pages, url = [], HERE
    while url:
        html = page(client, url)
        pages.append(list(rows(html)))
        url = HERE + following(html) if following(html) else ""
    by_hand = sorted(Case.objects.all(), key=lambda case: (case.raised_at, case.pk), reverse=True)
    assert [len(each) for each in pages] == [25, 25, 10]
    assert [number for each in pages for number in each] == [case.number for case in by_hand]


def test_from_a_later_page_one_comes_back_to_the_newest(client: Client, investigator: User) -> None:
    for _ in range(26):
        a_case()
    first = page(client)
    assert 'rel="prev"' not in first
    second = page(client, HERE + following(first))
    assert following(second) == ""
    back = re.search(r'href="([^"]*)" rel="prev"', second)
    assert back
    assert rows(page(client, HERE + back[1])) == rows(first)


def test_exactly_one_page_has_no_next_one(client: Client, investigator: User) -> None:
    for _ in range(25):
        a_case()
    html = page(client)
    assert len(rows(html)) == 25
    assert following(html) == ""


@pytest.mark.parametrize("after", ["nonsense", "🙂", "W10"])
def test_a_damaged_address_of_a_page_is_refused(client: Client, investigator: User, after: str) -> None:
    assert client.get(HERE, {"after": after}).status_code == 400


def test_a_row_says_who_is_on_the_record_how_old_and_as_what(client: Client, investigator: User) -> None:
    case = a_case(
        children=[a_child("Ellis", "Brannock", birth=aged(4)), a_child("Tia", "Brannock")],
        adults=[a_child("Kieran", "Stroud", may_have_harmed=True)],
    )
    html = page(client)
    row = rows(html)[case.number]
    assert row.startswith(f"{case.urn} {case.number} Ellis Brannock, 4")
    assert re.search(r"Ellis Brannock, 4 \w+.* Tia Brannock \w+.* Kieran Stroud ", row)
    assert "14 January 2010" in row
    for part in case.parts.select_related("person"):
        assert f'<a class="govuk-link" href="/people/{part.person_id}/">{part.person.full_name}' in html
    assert "Ellis Brannock, 4 child Tia Brannock child Kieran Stroud may have harmed the child" in row


def test_whoever_was_taken_off_is_not_listed_with_the_record(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child("Ellis", "Brannock")], adults=[a_child("Kieran", "Stroud")])
    assert "Kieran Stroud" in rows(page(client))[case.number]
    take_person_off(case.parts.get(person__family_name="Stroud"), reason="Another Kieran", by=by_cait())
    row = rows(page(client))[case.number]
    assert "Ellis Brannock" in row
    assert "Stroud" not in row


def test_a_record_on_which_nobody_is_named_says_so(client: Client, investigator: User) -> None:
    case = a_case()
    CasePerson.objects.filter(case=case).update(taken_off_at=NOW)
    assert "nobody is named" in rows(page(client))[case.number]


def test_a_closed_record_is_marked(client: Client, investigator: User) -> None:
    closed, open_one = a_closed_case(), a_case()
    found = rows(page(client))
    assert f"{closed.number}, closed" in found[closed.number]
    assert "closed" not in found[open_one.number]


def test_the_people_of_another_team_are_not_listed(client: Client, investigator: User) -> None:
    ours = a_case()
    a_case(a_team("BRN"), children=[a_child("Nia", "Vellacott")])
    html = page(client)
    assert list(rows(html)) == [ours.number]
    assert "Vellacott" not in html
    assert "Team" not in words(re.findall(r"<thead.*?</thead>", html, re.S)[0])


def test_the_command_sees_every_team_and_of_which_each_record_is(client: Client) -> None:
    signed_in(client, Role.COMMAND)
    ours, theirs = a_case(), a_case(a_team("BRN", "Barnet CAIT"))
    found = rows(page(client))
    assert set(found) == {ours.number, theirs.number}
    assert "Barnet CAIT" in found[theirs.number]
    assert "Barnet CAIT" not in found[ours.number]


def test_where_there_is_nobody_the_page_says_where_people_come_from(client: Client, investigator: User) -> None:
    assert "Nobody is on a record that you may open." in page(client)


def test_the_list_leads_to_the_search(client: Client, investigator: User) -> None:
    html = page(client)
    assert re.search(r'<form[^>]*role="search"[^>]*action="/search/"[^>]*method="get"', html)
    assert 'name="q"' in html


def test_a_look_at_the_list_is_logged_with_whom_it_showed_and_without_a_name(
    client: Client, investigator: User
) -> None:
    first = a_case(children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")])
    second = a_case(children=[a_child("Nia", "Vellacott")])
    a_case(a_team("BRN"))
    page(client)
    row = look()
    shown = sorted(part.person_id for case in (first, second) for part in case.parts.all())
    assert len(shown) == 3
    assert row.detail == {"people": shown, "records": sorted([first.pk, second.pk])}
    assert (row.by_id, row.how, row.object_id, row.team_id) == (investigator.pk, "page", None, a_team().pk)
    assert no_name_in(row)


def no_name_in(row: AccessLog) -> bool:
    said = json.dumps(row.detail) + row.reason
    return not any(name in said for name in ("Ellis", "Tia", "Brannock", "Nia", "Vellacott", "Shelley"))


def test_the_log_holds_only_what_stands_on_the_page_that_was_read(client: Client, investigator: User) -> None:
    cases = [a_case() for _ in range(26)]
    for number, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(raised_at=NOW + number * MINUTE)
    page(client, HERE + following(page(client)))
    second = AccessLog.objects.filter(object_type="people.person").order_by("-pk")[0]
    assert second.detail == {"people": [child_of(cases[0]).pk], "records": [cases[0].pk]}


def test_questions_to_the_database_do_not_grow_with_the_records(client: Client, investigator: User) -> None:
    for _ in range(3):
        a_case()
    few = asks(client, HERE)
    for _ in range(27):
        a_case(children=[a_child(), a_child()], adults=[a_child()])
    assert len(rows(page(client))) == 25
    assert asks(client, HERE) == few


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_open_no_records_sees_no_people(client: Client, role: Role) -> None:
    signed_in(client, role)
    child = child_of(a_case())
    assert client.get(HERE).status_code == 403
    assert client.get(f"{HERE}{child.pk}/").status_code == 403
    assert not AccessLog.objects.filter(object_type="people.person").exists()


def test_the_pages_only_answer_questions(client: Client, investigator: User) -> None:
    assert client.post(HERE).status_code == 405
    assert client.post(f"{HERE}{child_of(a_case()).pk}/").status_code == 405


# --- one person ----------------------------------------------------------------------------------


def test_a_page_says_who_somebody_is(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway", birth=Birth.on(clock.london_date(NOW - 6 * 366 * DAY)), sex=Sex.MALE)
    child = child_of(a_case(children=[said]))
    html = page(client, child)
    assert heading(html) == "Rhys Calloway, 6"
    assert told(html)["Born"] == child.birth.words()
    assert "2004" in told(html)["Born"]
    assert told(html)["Sex"] == "Male"
    assert told(html)["Said to live at"] == "not known"
    assert "Also called" not in told(html)
    assert "Related to" not in told(html)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (a_child("", "Aldous", birth=Birth.due(NOW.date() + 30 * DAY)), "Unborn baby Aldous, due 13 February 2010"),
        (PersonSaid(given_names="Martin"), "Martin (family name not known)"),
        (a_child("Rhys", "Calloway"), "Rhys Calloway"),
    ],
    ids=["not yet born", "without a family name", "of unknown age"],
)
def test_what_is_not_known_of_somebody_is_not_made_up(
    client: Client, investigator: User, said: Any, title: str
) -> None:
    html = page(client, child_of(a_case(children=[said])))
    assert heading(html) == title
    assert "Sex" not in told(html)
    assert told(html)["Born"] != ""


def test_a_name_is_shown_as_it_was_typed_and_is_never_a_tag(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child("<b>Rhys</b>", "O'Hara & Sons")])
    for url in (HERE, f"{HERE}{child_of(case).pk}/"):
        raw = client.get(url).content.decode()
        assert "<b>Rhys" not in raw
        assert "&lt;b&gt;Rhys&lt;/b&gt; O&#x27;Hara &amp; Sons" in raw


def test_other_names_are_told_and_each_once(client: Client, investigator: User) -> None:
    child = child_of(a_case(children=[a_child("Rhys", "Calloway")]))
    for family_name in ("Penrose", "Penrose", "Tamblyn"):
        a_case(children=[a_child("Rhys", family_name, same_as=child.pk)])
    html = page(client, child)
    assert heading(html) == "Rhys Calloway"
    assert told(html)["Also called"] == "Rhys Penrose Rhys Tamblyn"


def test_every_address_is_told_the_latest_first_with_its_day(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway", address="22 Tidewell House, London N17 0ZZ")
    move_time_to(NOW - 30 * DAY)
    child = child_of(a_case(children=[said]))
    move_time_to(NOW)
    a_case(children=[replace(said, address="9 Fore Court, London N9 0AA", same_as=child.pk)])
    lives = told(page(client, child))["Said to live at"]
    assert lives == (
        "9 Fore Court, London N9 0AA said on 14 January 2010 "
        "22 Tidewell House, London N17 0ZZ said on 15 December 2009"
    )


def test_a_relationship_is_told_on_both_pages_and_leads_to_the_other(client: Client, investigator: User) -> None:
    case = a_case(
        children=[a_child("Ellis", "Brannock")],
        adults=[a_child("Shelley", "Brannock", relation=Relation.MOTHER)],
    )
    child = child_of(case)
    mother = case.people.get(given_names="Shelley")
    assert told(page(client, mother))["Related to"] == "Mother of Ellis Brannock"
    assert told(page(client, child))["Related to"] == "Shelley Brannock : mother"
    assert f'href="/people/{child.pk}/">Ellis Brannock' in page(client, mother)
    assert f'href="/people/{mother.pk}/">Shelley Brannock' in page(client, child)


def test_of_two_people_what_was_said_last_is_told(client: Client, investigator: User) -> None:
    case = a_case(
        children=[a_child("Ellis", "Brannock")],
        adults=[a_child("Shelley", "Brannock", relation=Relation.MOTHER)],
    )
    relate([(case.people.get(given_names="Shelley"), Relation.STEP_PARENT, child_of(case))], by=by_cait())
    assert told(page(client, child_of(case)))["Related to"] == "Shelley Brannock : step-parent"


def test_whoever_may_have_harmed_a_child_is_marked_beside_what_they_are(client: Client, investigator: User) -> None:
    adults = [
        a_child("Shelley", "Brannock", relation=Relation.MOTHER),
        a_child("Kieran", "Stroud", relation=Relation.STEP_PARENT, may_have_harmed=True),
    ]
    case = a_case(children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")], adults=adults)
    child, suspect = case.people.get(given_names="Ellis"), case.people.get(given_names="Kieran")
    related = told(page(client, child))["Related to"]
    assert "Kieran Stroud : step-parent, may have harmed the child" in related
    assert related.count("may have harmed") == 1
    # On their own page it is said of others, not of the children.
    assert "may have harmed" not in told(page(client, suspect))["Related to"]
    relate([(child, Relation.RELATIVE, suspect)], by=by_cait())
    assert "of Kieran Stroud , may have harmed the child" in told(page(client, child))["Related to"]


def test_that_somebody_may_have_harmed_is_not_told_from_a_record_one_may_not_open(
    client: Client, investigator: User
) -> None:
    adult = a_child("Kieran", "Stroud", relation=Relation.STEP_PARENT)
    ours = a_case(children=[a_child("Ellis", "Brannock")], adults=[adult])
    child, other = child_of(ours), ours.people.get(given_names="Kieran")
    theirs = a_case(
        a_team("BRN"),
        children=[a_child("Ellis", "Brannock", same_as=child.pk)],
        adults=[replace(adult, same_as=other.pk, may_have_harmed=True)],
    )
    assert theirs.parts.filter(person=other).exists()
    assert told(page(client, child))["Related to"] == "Kieran Stroud : step-parent"
    signed_in(client, Role.COMMAND)
    assert "may have harmed the child" in told(page(client, child))["Related to"]


def test_relations_to_people_whom_one_may_not_see_are_not_told(client: Client, investigator: User) -> None:
    case = a_case(
        children=[a_child("Ellis", "Brannock")],
        adults=[a_child("Shelley", "Brannock", relation=Relation.MOTHER)],
    )
    child = child_of(case)
    theirs = a_case(a_team("BRN"), children=[a_child("Nia", "Vellacott")], adults=[a_child("Kieran", "Stroud")])
    relate([(theirs.people.get(family_name="Stroud"), Relation.FATHER, child)], by=by_cait())
    relate([(child, Relation.HALF_SIBLING, theirs.people.get(family_name="Vellacott"))], by=by_cait())
    html = page(client, child)
    assert told(html)["Related to"] == "Shelley Brannock : mother"
    assert "Stroud" not in html
    assert "Vellacott" not in html
    assert look().detail["people"] == [case.people.get(given_names="Shelley").pk]
    signed_in(client, Role.COMMAND)
    related = told(page(client, child))["Related to"]
    for said in ("Shelley Brannock : mother", "Kieran Stroud : father", "of Nia Vellacott"):
        assert said in related


def test_only_the_records_one_may_open_are_told(client: Client, investigator: User) -> None:
    said = a_child("Rhys", "Calloway")
    older = a_case(children=[said])
    child = child_of(older)
    theirs = a_case(a_team("BRN", "Barnet CAIT"), children=[replace(said, same_as=child.pk)])
    Case.objects.filter(pk=older.pk).update(raised_at=NOW - DAY)
    newer = a_case(children=[replace(said, same_as=child.pk)])
    html = page(client, child)
    assert list(records(html)) == [newer.number, older.number]
    assert words(html.partition('id="records-h">')[2].partition("</h2>")[0]) == "2 records"
    assert theirs.number not in html
    assert "Barnet" not in html
    signed_in(client, Role.COMMAND)
    found = records(page(client, child))
    assert set(found) == {newer.number, older.number, theirs.number}
    assert "Barnet CAIT" in found[theirs.number]


def test_a_record_is_told_with_the_part_and_how_far_it_has_come(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")], received_at=NOW - DAY)
    told_of = records(page(client, child_of(case)))[case.number]
    for said in (case.urn, " Child; ", "received 13 January 2010", "physical", "open,"):
        assert said in told_of, said
    assert "taken off" not in told_of
    closed = a_closed_case()
    assert "; closed 14 January 2010" in records(page(client, child_of(closed)))[closed.number]


def test_who_was_taken_off_is_still_found_and_marked(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child("Ellis", "Brannock")], adults=[a_child("Kieran", "Stroud")])
    part = case.parts.get(person__family_name="Stroud")
    take_person_off(part, reason="Another Kieran", by=by_cait())
    assert "taken off 14 January 2010" in records(page(client, part.person))[case.number]
    assert "taken off" not in records(page(client, child_of(case)))[case.number]


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 19, "9" * 40])
def test_a_person_whom_nobody_knows_is_not_found(client: Client, investigator: User, pk: str) -> None:
    assert client.get(f"{HERE}{pk}/").status_code == 404


def test_a_person_of_another_team_is_not_found_and_no_look_is_logged(client: Client, investigator: User) -> None:
    theirs = child_of(a_case(a_team("BRN"), children=[a_child("Nia", "Vellacott")]))
    answer = client.get(f"{HERE}{theirs.pk}/")
    assert answer.status_code == 404
    assert "Vellacott" not in answer.content.decode()
    assert not AccessLog.objects.filter(object_type="people.person").exists()


def test_who_is_on_no_record_is_not_found(client: Client, investigator: User) -> None:
    case = a_case(children=[a_child(), a_child("Tia", "Brannock")])
    part = case.parts.get(person__family_name="Brannock")
    assert client.get(f"{HERE}{part.person_id}/").status_code == 200
    CasePerson.objects.filter(pk=part.pk).delete()
    assert client.get(f"{HERE}{part.person_id}/").status_code == 404


def test_a_look_at_somebody_is_logged_with_what_it_showed_and_without_a_name(
    client: Client, investigator: User
) -> None:
    case = a_case(
        children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")],
        adults=[a_child("Shelley", "Brannock", relation=Relation.MOTHER)],
    )
    mother = case.people.get(given_names="Shelley")
    children = sorted(each.pk for each in case.people.exclude(pk=mother.pk))
    page(client, mother)
    row = look()
    assert (row.by_id, row.how, row.object_id) == (investigator.pk, "page", mother.pk)
    assert row.detail == {"records": [case.pk], "people": children}
    assert no_name_in(row)


def test_questions_about_somebody_do_not_grow_with_records_names_and_relations(
    client: Client, investigator: User
) -> None:
    said = a_child("Rhys", "Calloway", address="1 Fore Court")
    child = child_of(a_case(children=[said], adults=[a_child(relation=Relation.MOTHER)]))
    url = f"{HERE}{child.pk}/"
    few = asks(client, url)
    for number in range(30):
        again = replace(said, same_as=child.pk, given_names=f"Rhys {number}", address=f"{number + 2} Fore Court")
        a_case(children=[again], adults=[a_child(relation=Relation.RELATIVE)])
    html = page(client, child)
    assert len(records(html)) == 31
    assert told(html)["Related to"].count("other relative") == 30
    assert asks(client, url) == few
