"""Who is known already: whoever is like enough is shown with every earlier referral, of one's own teams alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import CasePerson
from deadlines import clock
from people.births import Birth
from people.models import OtherName, Person
from people.said import PersonSaid
from referrals.known import Known, known_already
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.integration.referrals.test_logging_form import a_form, at_the_desk, beside, lost, send, words_of

pytestmark = pytest.mark.django_db

BORN = Birth.on(date(2020, 6, 6))
HOME = "22 Tidewell House, London N17"


def on_record(given_names: str, family_name: str, **said: Any) -> Person:
    """Somebody whom a referral of Haringey named."""
    team = said.pop("team", None)
    case = a_case(team, children=[a_child(given_names, family_name, **said)])
    return Person.objects.get(parts__case=case)


def look_up(*said: PersonSaid, user: User | None = None) -> Known:
    return known_already(said, user=user or an_officer(Role.DESK_SERGEANT))


def found(given_names: str, family_name: str = "", **said: Any) -> list[str]:
    """The names of those who are shown for one person."""
    (matches,) = look_up(PersonSaid(given_names=given_names, family_name=family_name, **said)).matches
    return [str(match.person) for match in matches]


def why(given_names: str, family_name: str = "", **said: Any) -> tuple[list[str], bool]:
    """For what reasons the one who is shown is shown, and whether it is probably the same person."""
    (matches,) = look_up(PersonSaid(given_names=given_names, family_name=family_name, **said)).matches
    (match,) = matches
    return match.reasons, match.probable


# --- who is like enough --------------------------------------------------------------------------


def test_the_same_name_is_found() -> None:
    on_record("Rhys", "Calloway")
    assert found("rhys", "CALLOWAY") == ["Rhys Calloway"]
    assert why("Rhys", "Calloway")[0] == ["Same name"]


def test_a_name_that_is_written_another_way_is_found() -> None:
    on_record("Rhys", "Calloway")
    assert found("Rhys", "Callaway") == ["Rhys Calloway"]
    assert why("Rhys", "Callaway")[0] == ["Name is like: Rhys Callaway"]


def test_names_in_the_other_order_are_found() -> None:
    on_record("Rhys", "Calloway")
    assert found("Calloway", "Rhys") == ["Rhys Calloway"]


def test_another_name_of_somebody_is_found() -> None:
    person = on_record("Rhys", "Calloway")
    OtherName.objects.create(
        person=person, given_names="Reece", family_name="Vane", recorded_by=User.objects.system()
    )
    assert found("Reece", "Vane") == ["Rhys Calloway"]


def test_the_same_birth_with_another_name_is_found() -> None:
    on_record("Rhys", "Calloway", birth=BORN)
    assert found("Rhys", "Parker", birth=BORN) == ["Rhys Calloway"]
    reasons, _ = why("Rhys", "Parker", birth=BORN)
    assert "Same date of birth, 6 June 2020" in reasons
    assert found("Rhys", "Parker", birth=Birth.on(date(2020, 6, 7))) == []


def test_the_same_birth_alone_shows_nobody_of_quite_another_name() -> None:
    on_record("Rhys", "Calloway", birth=BORN)
    assert found("Ottoline", "Vane", birth=BORN) == []


def test_an_address_that_is_written_another_way_is_the_same() -> None:
    on_record("Rhys", "Calloway", address=HOME)
    assert found("Rhys", "Calder", address="22 TIDEWELL HOUSE; LONDON, N17.") == ["Rhys Calloway"]
    reasons, _ = why("Rhys", "Calder", address="22 TIDEWELL HOUSE; LONDON, N17.")
    assert "Same address" in reasons
    assert found("Rhys", "Calder") == []


def test_somebody_at_the_same_address_whose_birth_fits_is_probably_the_same() -> None:
    on_record("Rhys", "Calloway", address=HOME, birth=BORN)
    assert why("Rhys", "Callaway", address=HOME, birth=Birth.between(date(2020, 1, 1), date(2020, 12, 31)))[1]
    assert not why("Rhys", "Callaway", address=HOME, birth=Birth.on(date(1999, 1, 1)))[1]


def test_an_address_is_shown_with_who_lives_there_whoever_is_asked_about() -> None:
    case = a_case(children=[a_child("Rhys", "Calloway", address=HOME)])
    known = look_up(PersonSaid(given_names="Ottoline", address="22, Tidewell Hse, London N17"))
    (place,) = known.places
    assert [str(person) for person in place.people] == ["Rhys Calloway"]
    assert [referral.case_id for referral in place.referrals] == [case.pk]
    assert known.people == [person.pk for person in place.people]


def test_an_unborn_child_is_found_before_and_after_the_birth() -> None:
    due = Birth.due(clock.today() + timedelta(days=60))
    on_record("", "Aldous", birth=due)
    assert found("", "Aldous", birth=due) == ["Unborn baby Aldous"]
    assert found("Mia", "Aldous", birth=Birth.on(clock.today())) == ["Unborn baby Aldous"]


def test_another_birth_is_said_and_does_not_hide_anybody() -> None:
    on_record("Rhys", "Calloway", birth=BORN)
    reasons, probable = why("Rhys", "Calloway", birth=Birth.on(date(1999, 1, 1)))
    assert reasons == ["Same name", "But another birth: 6 June 2020"]
    assert not probable


def test_nobody_like_it_is_nobody() -> None:
    on_record("Rhys", "Calloway")
    assert found("Ottoline", "Vane") == []


def test_the_likeliest_comes_first() -> None:
    on_record("Rhys", "Callander")
    on_record("Rhys", "Callaway")
    on_record("Rhys", "Calloway", birth=BORN)
    assert found("Rhys", "Calloway", birth=BORN)[0] == "Rhys Calloway"


def test_each_match_has_every_earlier_referral_the_newest_first() -> None:
    newest = a_referral(children=[a_child("Rhys", "Calloway")], received_at=clock.now() - timedelta(days=1))
    person = Person.objects.get()
    oldest = a_referral(
        children=[a_child("Rhys", "Calloway", same_as=person.pk)], received_at=clock.now() - timedelta(days=9)
    )
    (matches,) = look_up(PersonSaid(given_names="Rhys", family_name="Calloway")).matches
    assert [match.person for match in matches] == [person]
    assert matches[0].referrals == [newest, oldest]


def test_each_person_gets_their_own_matches() -> None:
    on_record("Rhys", "Calloway")
    on_record("Ottoline", "Vane")
    known = look_up(*(PersonSaid(given_names=given) for given in ("Ottoline Vane", "Nobody", "Rhys Calloway")))
    assert [[str(m.person) for m in each] for each in known.matches] == [["Ottoline Vane"], [], ["Rhys Calloway"]]


# --- who may be shown ----------------------------------------------------------------------------


def test_nobody_is_shown_who_is_on_another_teams_records_alone() -> None:
    on_record("Rhys", "Calloway", birth=BORN, address=HOME, team=a_team("ENF"))
    known = look_up(PersonSaid(given_names="Rhys", family_name="Calloway", birth=BORN, address=HOME))
    assert (known.matches, known.places) == ([[]], [])
    chief = an_officer(Role.COMMAND)
    theirs = look_up(PersonSaid(given_names="Rhys", family_name="Calloway"), user=chief)
    assert len(theirs.matches[0]) == 1


def test_another_name_that_is_known_to_another_team_alone_shows_nobody() -> None:
    person = on_record("Rhys", "Calloway", team=a_team("ENF"))
    OtherName.objects.create(
        person=person, given_names="Reece", family_name="Vane", recorded_by=User.objects.system()
    )
    assert found("Reece", "Vane") == []


def test_somebody_on_records_of_two_teams_is_shown_with_our_referrals_alone() -> None:
    person = on_record("Rhys", "Calloway", team=a_team("ENF"))
    ours = a_referral(children=[a_child("Rhys", "Calloway", same_as=person.pk)])
    (matches,) = look_up(PersonSaid(given_names="Rhys", family_name="Calloway")).matches
    assert [referral.pk for referral in matches[0].referrals] == [ours.pk]


def test_whoever_was_taken_off_every_record_is_not_shown() -> None:
    person = on_record("Rhys", "Calloway", address=HOME)
    CasePerson.objects.filter(person=person).update(taken_off_at=clock.now())
    known = look_up(PersonSaid(given_names="Rhys", family_name="Calloway", address=HOME))
    assert (known.matches, known.places) == ([[]], [])


def test_whoever_was_taken_off_does_not_live_at_a_known_address() -> None:
    case = a_case(children=[a_child("Rhys", "Calloway", address=HOME), a_child("Ottoline", "Vane", address=HOME)])
    CasePerson.objects.filter(case=case, person__given_names="Rhys").update(taken_off_at=clock.now())
    (place,) = look_up(PersonSaid(given_names="Nobody", address=HOME)).places
    assert [str(person) for person in place.people] == ["Ottoline Vane"]


# --- how many queries ----------------------------------------------------------------------------


def queries_for(*said: PersonSaid) -> int:
    user = an_officer(Role.DESK_SERGEANT)
    assert user.roles_today
    with CaptureQueriesContext(connection) as captured:
        known_already(said, user=user)
    return sum("SAVEPOINT" not in each["sql"] for each in captured.captured_queries)


def test_the_number_of_queries_does_not_grow_with_the_people_typed() -> None:
    on_record("Rhys", "Calloway", birth=BORN, address=HOME)
    one = PersonSaid(given_names="Rhys", family_name="Calloway", birth=BORN, address=HOME)
    many = [PersonSaid(given_names="Rhys", family_name=f"Callow{n}", birth=BORN, address=HOME) for n in range(12)]
    assert queries_for(one) == queries_for(one, *many)


def test_the_number_of_queries_does_not_grow_with_the_matches() -> None:
    person = on_record("Rhys", "Calloway", birth=BORN, address=HOME)
    said = PersonSaid(given_names="Rhys", family_name="Calloway", birth=BORN, address=HOME)
    few = queries_for(said)
    for number in range(6):
        on_record(f"Rhys{'y' * number}", "Calloway", birth=BORN, address=f"{HOME} flat {number}")
        a_referral(children=[a_child("Rhys", "Calloway", same_as=person.pk)])
    assert len(look_up(said).matches[0]) == 5
    assert queries_for(said) == few


# --- the answer, on the form ---------------------------------------------------------------------


def rhys_and_a_form(client: Client) -> tuple[Person, dict[str, Any]]:
    person = on_record("Rhys", "Calloway")
    at_the_desk(client)
    return person, a_form(children=[{"given_names": "Rhys", "family_name": "Callaway"}])


def test_it_must_be_said_whether_it_is_the_same_before_it_is_logged(client: Client) -> None:
    _, form = rhys_and_a_form(client)
    page = send(client, form)
    said = "Say whether Rhys Callaway is somebody who is known already"
    assert beside(page, "children-0-same_as") == said
    assert "Is Rhys Callaway one of these?" in page
    assert lost(form, page) == {}
    assert Referral.objects.count() == 1


def test_it_is_said_together_with_whatever_else_is_wrong(client: Client) -> None:
    _, form = rhys_and_a_form(client)
    page = send(client, form | {"urgent": "", "children-0-birth": "31/2/2009"})
    assert beside(page, "children-0-same_as")
    assert beside(page, "urgent")
    assert beside(page, "children-0-birth")


def test_the_same_person_is_on_both_records_and_the_other_name_is_kept(client: Client) -> None:
    person, form = rhys_and_a_form(client)
    send(client, form | {"children-0-same_as": str(person.pk)})
    assert Person.objects.count() == 1
    assert CasePerson.objects.filter(person=person).values("case").distinct().count() == 2
    person.refresh_from_db()
    assert str(person) == "Rhys Calloway"
    assert [str(other) for other in person.other_names.all()] == ["Rhys Callaway"]


def test_none_of_these_makes_somebody_new(client: Client) -> None:
    person, form = rhys_and_a_form(client)
    send(client, form | {"children-0-same_as": "new"})
    assert Referral.objects.count() == 2
    assert sorted(str(each) for each in Person.objects.all()) == ["Rhys Callaway", "Rhys Calloway"]
    assert CasePerson.objects.filter(person=person).count() == 1


def test_the_answer_stays_when_the_form_is_shown_again(client: Client) -> None:
    person, form = rhys_and_a_form(client)
    for answer in (str(person.pk), "new"):
        form = form | {"children-0-same_as": answer, "urgent": ""}
        assert lost(form, send(client, form)) == {}


def test_an_adult_is_asked_about_as_well(client: Client) -> None:
    a_case(adults=[a_child("Shelley", "Brannock")])
    at_the_desk(client)
    form = a_form(
        children=[{"given_names": "Zoltan"}], adults=[{"given_names": "Shelley", "family_name": "Brannock"}]
    )
    assert "Say whether Shelley Brannock is somebody" in beside(send(client, form), "adults-0-same_as")


def test_whoever_is_like_nobody_is_not_asked_about(client: Client) -> None:
    at_the_desk(client)
    send(client, a_form())
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("forged", ["theirs", "0", "999999999", "99999999999999999999", "-1", "x"])
def test_a_forged_answer_reaches_nobody_whom_one_may_not_know_of(client: Client, forged: str) -> None:
    theirs = on_record("Rhys", "Calloway", team=a_team("ENF"))
    at_the_desk(client)
    form = a_form(children=[{"given_names": "Rhys", "family_name": "Calloway"}])
    page = send(client, form | {"children-0-same_as": str(theirs.pk) if forged == "theirs" else forged})
    assert a_team("ENF").name not in words_of(page)
    assert CasePerson.objects.filter(person=theirs).count() == 1
    assert not theirs.other_names.exists()
    assert Person.objects.filter(parts__case__team=a_team()).exclude(pk=theirs.pk).count() <= 1


def test_a_forged_answer_beside_true_matches_is_asked_about_again(client: Client) -> None:
    _, form = rhys_and_a_form(client)
    theirs = on_record("Ottoline", "Vane", team=a_team("ENF"))
    page = send(client, form | {"children-0-same_as": str(theirs.pk)})
    assert beside(page, "children-0-same_as")
    assert CasePerson.objects.filter(person=theirs).count() == 1


def test_the_same_answer_for_two_children_is_refused(client: Client) -> None:
    person, _ = rhys_and_a_form(client)
    twins = [{"given_names": "Rhys", "family_name": "Calloway", "same_as": str(person.pk)}] * 2
    page = send(client, a_form(children=twins))
    assert "Two of the people are said to be the same known person" in page
    assert Referral.objects.count() == 1


def test_earlier_referrals_stand_beside_the_question(client: Client) -> None:
    earlier = a_referral(children=[a_child("Rhys", "Calloway")], circumstances="Bruises seen at nursery.")
    at_the_desk(client)
    page = send(client, a_form(), "check")
    assert "1 earlier referral" in page
    assert earlier.urn in page
    assert "Bruises seen at nursery." in page


def test_nothing_of_another_team_stands_beside_the_question(client: Client) -> None:
    person = on_record("Rhys", "Calloway", team=a_team("ENF"))
    theirs = a_referral(a_team("ENF"), children=[a_child("Rhys", "C", same_as=person.pk)], circumstances="A secret.")
    a_referral(children=[a_child("Rhys", "Calloway", same_as=person.pk)])
    at_the_desk(client)
    page = send(client, a_form(), "check")
    assert "Is Rhys Calloway one of these?" in page
    assert "A secret." not in page
    assert theirs.case.number not in page
