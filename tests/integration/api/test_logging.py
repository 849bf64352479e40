"""A program logs a referral: once, whole or not at all, and never somebody twice without a word."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog, AuditEvent
from cases.models import Case, CasePerson
from deadlines import clock
from diary.models import Duty
from intake.actions import set_aside_message
from intake.enums import State
from people.births import Birth
from people.enums import BirthKnown
from people.models import Person
from people.said import PersonSaid
from referrals.models import Referral
from team.enums import Role
from tests.factories.mail import a_message
from tests.factories.referrals import a_case
from tests.factories.rows import everything
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.integration.api.prepared import CALLER, as_sent, said_wrong
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

RHYS = {"given_names": "Rhys", "family_name": "Calloway"}


@pytest.fixture(scope="module")
def whoever_logs(shared: Shared) -> Program:
    return shared(lambda: Program(an_officer(Role.DESK_SERGEANT)))


@pytest.fixture
def desk(whoever_logs: Program) -> Program:
    return own(whoever_logs)


def log(program: Program, **other: Any) -> Any:
    return program.post("referrals", **as_sent(**other))


def logged(program: Program, **other: Any) -> tuple[Any, Referral]:
    answer = log(program, **other)
    assert answer.status_code == 201, answer.json()
    return answer.json(), Referral.objects.get(case__number=answer.json()["case"])


def refused(program: Program, status: int = 400, /, **other: Any) -> dict[str, Any]:
    """What is wrong with it; nothing of it is saved."""
    before = everything(looks=False)
    said = said_wrong(log(program, **other), status)
    assert everything(looks=False) == before
    return said


def beside(said: dict[str, Any], name: str, place: int) -> Any:
    """What is wrong with one of several, in a list or by their place; with none of the others anything is."""
    wrong = said[name]
    if isinstance(wrong, list):
        assert [index for index, each in enumerate(wrong) if each] == [place]
        return wrong[place]
    assert list(wrong) == [str(place)]
    return wrong[str(place)]


# --- well ----------------------------------------------------------------------------------------


def test_the_smallest_referral(desk: Program) -> None:
    said, referral = logged(desk)
    assert (said["urn"], said["case"], said["progress"]) == (referral.urn, referral.case.number, "logged")
    assert (referral.team, referral.logged_by, referral.method, referral.source) == (
        a_team(), desk.user, "email", "school",
    )  # fmt: skip
    assert (referral.urgent, referral.protected, referral.rang_back) == (False, False, False)
    (part,) = referral.case.parts.select_related("person")
    assert (part.part, part.person.full_name) == ("child", "Rhys Calloway")
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.by_id, event.case_id) == ("REFERRAL_LOGGED", desk.user.pk, referral.case_id)
    (entry,) = referral.case.entries.all()
    assert (entry.automatic, entry.recorded_by) == (True, desk.user)
    assert {duty.kind for duty in Duty.objects.filter(case=referral.case)} == {"triage", "first_cram"}


def test_the_fullest_referral(desk: Program) -> None:
    message = a_message()
    texts = {
        "circumstances": "First line.\r\nSecond line: “he fell”.\rThird.",
        "who_has_child": "His grandmother",
        "other_children": "A baby",
        "whereabouts": "At work",
        "done_so_far": "Rang Social Services",
        "will_be_lost": "The bedding",
    }
    received_at = clock.moment() - timedelta(hours=3)
    children = [
        {**RHYS, "birth": "2020-06-06", "sex": "male", "address": "22 Tidewell House, N17", "same_as": ""},
        {"given_names": "", "family_name": "Orme", "birth": f"due {clock.today().year + 1}-01-09", "sex": ""},
    ]
    adults = [
        {"given_names": "Shelley", "family_name": "Quennell", "birth": "1984", "sex": "female", "relation": "mother"},
        {"given_names": "Bram", "relation": "parents_partner", "may_have_harmed": True},
    ]
    said, referral = logged(
        desk, method="telephone", source="health", received_at=received_at.isoformat(), children=children,
        adults=adults, categories=["physical", "neglect"], urgent=True, rang_back=True, protected=True,
        message=message.pk, message_uses=0, another=False, no_child_because="", **texts, **CALLER,
    )  # fmt: skip
    for name, value in {**texts, **CALLER}.items():
        assert getattr(referral, name) == value.replace("\r\n", "\n").replace("\r", "\n"), name
    assert (referral.urgent, referral.protected, referral.rang_back) == (True, True, True)
    assert (referral.received_at, referral.categories) == (received_at, ["physical", "neglect"])
    parts = list(referral.case.parts.select_related("person").order_by("place"))
    assert [(each.part, each.person.given_names) for each in parts] == [
        ("child", "Rhys"), ("child", ""), ("adult", "Shelley"), ("suspect", "Bram"),
    ]  # fmt: skip
    assert next(each["shown"].split(",")[0] for each in said["as_given"]) == "Rhys Calloway"
    assert (said["source"], said["caller"]) == (None, None)
    message.refresh_from_db()
    assert (message.state, message.protected) == (State.DEALT_WITH, True)
    assert message.uses.get().case == referral.case
    assert {duty.kind for duty in Duty.objects.filter(case=referral.case)} == {"triage", "confirmation", "first_cram"}


def test_a_moment_is_taken_with_any_offset_and_given_in_utc(desk: Program) -> None:
    said, referral = logged(desk, received_at="2026-06-01T11:52:00+01:00")
    assert said["received_at"] == "2026-06-01T10:52:00Z"
    assert referral.received_at.astimezone(clock.UTC).hour == 10


def test_the_same_sent_twice_is_logged_once(desk: Program) -> None:
    sent = as_sent()
    first = desk.post("referrals", **sent)
    assert first.status_code == 201
    acts, rows = AuditEvent.objects.count(), everything(looks=False)
    second = desk.post("referrals", **sent)
    assert second.status_code == 200
    assert second.json() == first.json()
    assert (Referral.objects.count(), AuditEvent.objects.count()) == (1, acts)
    assert everything(looks=False) == rows


def test_the_same_sent_twice_is_logged_once_also_where_its_email_may_not_be_read_any_more() -> None:
    """The email of a protected caller is no longer one's own once it is logged; what it was logged as is."""
    message = a_message()
    manager = Program(an_officer(Role.OFFICE_MANAGER))
    sent = as_sent(protected=True, message=message.pk, message_uses=0)
    assert manager.post("referrals", **sent).status_code == 201
    again = manager.post("referrals", **sent)
    assert again.status_code == 200, again.json()
    assert Referral.objects.count() == 1


def test_a_token_that_somebody_else_logged_with_says_who_did_it(desk: Program) -> None:
    sent = as_sent()
    assert desk.post("referrals", **sent).status_code == 201
    other = Program(an_officer(Role.DESK_SERGEANT))
    before = everything(looks=False)
    sent["children"] = [{**RHYS, "same_as": "new"}]
    said = said_wrong(other.post("referrals", **sent), 409)
    assert str(desk.user) in said["detail"]
    assert Referral.objects.get().urn in said["detail"]
    assert everything(looks=False) == before


def test_the_token_of_another_team_gives_its_referral_to_nobody() -> None:
    """What is told of a referral that one may not see is nothing."""
    sent = as_sent()
    enfield = Program(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    assert enfield.post("referrals", **{**sent, "team": "ENF"}).status_code == 201
    theirs = Referral.objects.get()
    answer = Program(an_officer(Role.DESK_SERGEANT)).post("referrals", **sent)
    assert answer.status_code in (400, 409)
    assert theirs.case.number not in answer.content.decode()
    assert Referral.objects.count() == 1


# --- known already -------------------------------------------------------------------------------


def a_known_child(team: str = "HGY") -> Person:
    child = PersonSaid("Rhys", "Calloway", birth=Birth.on(clock.today().replace(year=2020, day=1)))
    return a_case(a_team(team), children=[child]).people.get()


def test_somebody_who_may_be_known_is_told_before_anything_is_logged(desk: Program) -> None:
    known = a_known_child()
    case = known.cases.get()
    said = refused(desk, children=[{"given_names": "Zebedee", "family_name": "Quist"}, RHYS])
    rhys = beside(said, "children", 1)
    assert "adults" not in said
    assert rhys["same_as"] == ["Say whether Rhys Calloway is somebody who is known already"]
    assert len(rhys["known"]) == 1
    match = rhys["known"][0]
    assert match["person"]["name"] == "Rhys Calloway"
    assert match["referrals"][0]["case"] == case.number
    assert "Same name" in match["reasons"]


def test_who_they_may_be_is_told_in_the_same_shape_as_by_known_already(desk: Program) -> None:
    """A program reads `known` as it reads the answer to its own question: numbers, true and null as such."""
    a_known_child()
    asked = desk.post("known_already", people=[RHYS])
    assert asked.status_code == 200
    assert beside(refused(desk, children=[RHYS]), "children", 0)["known"] == asked.json()["results"][0]


def test_an_adult_who_may_be_known_is_told_beside_the_adult(desk: Program) -> None:
    a_case(adults=[PersonSaid("Tanya", "Quennell")])
    said = refused(desk, adults=[{"given_names": "Tanya", "family_name": "Quennell"}])
    assert "children" not in said
    assert beside(said, "adults", 0)["known"]


def test_that_somebody_was_looked_up_is_on_record_although_nothing_was_logged(desk: Program) -> None:
    known = a_known_child()
    before = AccessLog.objects.count()
    refused(desk, children=[RHYS])
    (row,) = AccessLog.objects.order_by("pk")[before:]
    assert row.detail["people"] == [known.pk]
    assert row.detail["records"] == [known.cases.get().pk]


def test_the_same_person_is_one_and_a_new_one_another(desk: Program) -> None:
    known = a_known_child()
    _, same = logged(desk, children=[{**RHYS, "same_as": str(known.pk)}])
    assert list(same.case.people.all()) == [known]
    _, new = logged(desk, children=[{**RHYS, "same_as": "new"}])
    assert known not in new.case.people.all()
    assert Person.objects.filter(given_names="Rhys").count() == 2


def test_same_as_may_be_sent_as_a_number(desk: Program) -> None:
    known = a_known_child()
    _, same = logged(desk, children=[{**RHYS, "same_as": known.pk}])
    assert list(same.case.people.all()) == [known]


def test_same_as_somebody_whom_one_may_not_see_is_refused(desk: Program) -> None:
    known = a_known_child("ENF")
    said = beside(refused(desk, children=[{**RHYS, "same_as": str(known.pk)}]), "children", 0)
    assert said == beside(refused(desk, children=[{**RHYS, "same_as": "999999999"}]), "children", 0)
    assert said["same_as"] == ["Nobody with this number is like Rhys Calloway"]


def test_same_as_somebody_who_is_not_among_the_matches_is_refused(desk: Program) -> None:
    """A slip of the pen would put a child on a stranger's history, and hide the match."""
    stranger = a_case(children=[PersonSaid("Wilhelmina", "Quill")]).people.get()
    wrong = {**RHYS, "same_as": str(stranger.pk)}
    said = beside(refused(desk, children=[wrong]), "children", 0)
    assert said["same_as"] == ["Nobody with this number is like Rhys Calloway"]
    known = a_known_child()
    said = beside(refused(desk, children=[wrong]), "children", 0)
    assert said["same_as"] == ["Say whether Rhys Calloway is somebody who is known already"]
    assert [each["person"]["id"] for each in said["known"]] == [known.pk]


def test_a_token_that_is_sent_again_with_something_else_is_refused(desk: Program) -> None:
    sent, wrong = as_sent(children=[RHYS]), Wrong()
    assert desk.post("referrals", **sent).status_code == 201
    before = everything(looks=False)
    for other in (
        {"protected": True},
        {"urgent": True},
        {"circumstances": "Another bruise."},
        {"referrer_name": "G Teasdale"},
        {"whereabouts": "At work until six"},
        {"children": [{"given_names": "Wilhelmina", "family_name": "Quill"}]},
        {"children": [RHYS, {"given_names": "Wilhelmina", "family_name": "Quill"}]},
    ):
        with tried(wrong, other):
            said = said_wrong(desk.post("referrals", **{**sent, **other}), 409)
            assert Referral.objects.get().urn in said["detail"]
            assert "says something else" in said["detail"]
            assert everything(looks=False) == before
    assert wrong == {}
    assert desk.post("referrals", **sent).status_code == 200


def test_two_who_are_said_to_be_one_are_refused(desk: Program) -> None:
    known = a_known_child()
    same = {**RHYS, "same_as": str(known.pk)}
    assert "same known person" in refused(desk, children=[same, same])["detail"]


@pytest.mark.parametrize("same_as", ["NEW", "-1", "1.5", "x", "٣", "9" * 19, None, [], {}])
def test_same_as_that_is_no_number_is_refused_beside_the_child(desk: Program, same_as: Any) -> None:
    assert set(beside(refused(desk, children=[{**RHYS, "same_as": same_as}]), "children", 0)) == {"same_as"}


def test_known_already_asks_without_logging_anything(desk: Program) -> None:
    known = a_known_child()
    a_known_child("ENF")
    before, looks = everything(looks=False), AccessLog.objects.count()
    answer = desk.post("known_already", people=[{"given_names": "Zebedee", "family_name": "Quist"}, RHYS])
    assert answer.status_code == 200, answer.json()
    nobody, matches = answer.json()["results"]
    assert nobody == []
    (match,) = matches
    assert set(match) == {"person", "probable", "reasons", "addresses", "referrals"}
    assert (match["person"]["id"], match["probable"], match["addresses"]) == (known.pk, False, [])
    assert [each["case"] for each in match["referrals"]] == [known.cases.get().number]
    assert everything(looks=False) == before
    (row,) = AccessLog.objects.order_by("pk")[looks:]
    assert (row.how, row.object_type, row.detail["people"]) == ("api", "people.person", [known.pk])


def test_who_is_known_is_read_with_as_many_statements_however_much_is_known(desk: Program) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.post("known_already", people=[RHYS]).status_code == 200
        return sum(not each["sql"].startswith(("SAVEPOINT", "RELEASE")) for each in captured.captured_queries)

    known = a_known_child()
    statements()
    few = statements()
    for _ in range(3):
        a_case(children=[PersonSaid("Rhys", "Calloway", same_as=known.pk)])
        a_known_child()
    assert statements() == few


def test_known_already_for_nobody_and_for_who_sees_no_records(desk: Program) -> None:
    assert set(said_wrong(desk.post("known_already", people=[]))) == {"detail", "people"}
    assert set(said_wrong(desk.post("known_already"))) == {"detail", "people"}
    said_wrong(Program(an_officer(Role.AUDITOR)).post("known_already", people=[RHYS]), 403)


def test_forty_people_may_be_asked_about_and_no_more(desk: Program) -> None:
    many = [{"given_names": f"Nr{each}", "family_name": "Sprottle"} for each in range(41)]
    assert desk.post("known_already", people=many[:40]).status_code == 200
    assert set(said_wrong(desk.post("known_already", people=many))) == {"detail", "people"}


# --- births --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "known"),
    [("6 years", "approximate"), ("9 months", "approximate"), ("", "unknown"), ("2020-06-06", "exact")],
)
def test_a_birth_is_read_as_well_as_it_is_known(desk: Program, birth: str, known: str) -> None:
    _, referral = logged(desk, children=[{**RHYS, "birth": birth}])
    assert referral.case.people.get().birth.known == known


def test_an_unborn_child_is_named(desk: Program) -> None:
    due = clock.today().replace(day=28)
    _, referral = logged(desk, children=[{**RHYS, "birth": f"due {due.isoformat()}"}])
    birth = referral.case.people.get().birth
    assert (birth.known, birth.expected) == (BirthKnown.UNBORN, due)


def test_a_birth_is_read_as_of_the_day_of_receipt(desk: Program) -> None:
    _, referral = logged(desk, received_at="2020-06-01T10:00:00Z", children=[{**RHYS, "birth": "6 years"}])
    birth = referral.case.people.get().birth
    assert birth.earliest
    assert birth.earliest.year == 2013


@pytest.mark.parametrize("birth", ["six or so", "2020-13-40", "1850-01-01", "2099-01-01", "1980-01-01", "40 years"])
def test_a_wrong_birth_stands_beside_the_right_child(desk: Program, birth: str) -> None:
    said = refused(desk, children=[{"given_names": "Zebedee"}, {**RHYS, "birth": birth}])
    wrong = beside(said, "children", 1)
    assert set(wrong) == {"birth"}
    assert all(isinstance(each, str) and each for each in wrong["birth"])


def test_an_adult_of_any_age_is_none_of_the_children(desk: Program) -> None:
    _, referral = logged(desk, adults=[{"given_names": "Tanya", "birth": "40 years"}])
    assert CasePerson.objects.get(case=referral.case, part="adult").person.birth.known == "approximate"


# --- what cannot be used -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_at", "words"),
    [
        ("2126-01-01T00:00:00Z", "Check the year"),
        ("2026-01-14T10:52:00", "Add the offset"),
        ("0001-01-01T00:00:00Z", "Check the year"),
        ("0001-01-01T00:00:00+14:00", "Check the year"),
        ("9999-12-31T23:59:59-14:00", "Check the year"),
        ("1999-01-01T00:00:00Z", "Check the year"),
        ("14/1/2026 10:52", ""),
        ("2026-01-14", ""),
        ("", ""),
        (None, ""),
        (5, ""),
        ([], ""),
        ({}, ""),
        ("2026-02-30T00:00:00Z", ""),
        ("2026-01-01T00:00:00+99:00", ""),
    ],
)
def test_a_moment_that_cannot_be_is_refused(desk: Program, received_at: Any, words: str) -> None:
    said = refused(desk, received_at=received_at)
    assert set(said) == {"detail", "received_at"}
    assert words in said["received_at"][0]


def test_what_is_received_in_the_future_is_refused(desk: Program) -> None:
    said = refused(desk, received_at=(clock.moment() + timedelta(minutes=2)).isoformat())
    assert "This is in the future" in said["received_at"][0]


REQUIRED = ["token", "team", "received_at", "method", "source", "circumstances", "categories", "urgent"]


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_is_named(desk: Program, name: str) -> None:
    sent = as_sent()
    del sent[name]
    before = everything()
    said = said_wrong(desk.post("referrals", **sent))
    assert set(said) == {"detail", name}
    assert everything() == before


def test_everything_that_is_missing_is_named_at_once(desk: Program) -> None:
    assert set(said_wrong(desk.post("referrals"))) == {"detail", *REQUIRED}


LINES = ["no_child_because", "will_be_lost", "referrer_name", "referrer_job", "referrer_telephone"]
TEXTS = ["circumstances", "who_has_child", "other_children", "whereabouts", "done_so_far"]


UNUSABLE: list[tuple[str, Any]] = [
    ("circumstances", ""),
    ("circumstances", "  \n "),
    ("circumstances", None),
    ("circumstances", ["x"]),
    ("method", ""),
    ("method", "pigeon"),
    ("method", None),
    ("method", ["email"]),
    ("source", "heaven"),
    ("urgent", "perhaps"),
    ("urgent", None),
    ("urgent", []),
    ("token", "x"),
    ("token", None),
    ("token", "0" * 31),
    ("team", ""),
    ("team", "XXX"),
    ("team", "HGYX"),
    ("team", None),
    ("team", 5),
    ("categories", []),
    ("categories", None),
    ("categories", "physical"),
    ("categories", ["cruel"]),
    ("categories", ["physical"] * 6),
    ("children", None),
    ("children", {}),
    ("children", "Rhys"),
    ("adults", None),
    ("adults", 5),
    ("message", "x"),
    ("message", 0),
    ("message", -1),
    ("message", 2**63),
    ("message", 10**4000),
    ("message_uses", -1),
    ("message_uses", 2**31),
    ("referrer_email", "no address"),
    ("referrer_email", f"{'x' * 250}@y.example"),
    ("protected", "perhaps"),
    ("another", 7),
    ("protectd", True),
    ("case", "HGY-2026-0001"),
    ("draft_version", 1),
    ("by", 1),
    *[(name, "x" * 301) for name in LINES],
    *[(name, f"bell\x07{each}") for each, name in enumerate(LINES)],
    *[(name, "two\nlines") for name in LINES],
    *[(name, "turned\u202eround") for name in LINES],
    *[(name, "NUL\0") for name in (*LINES, *TEXTS)],
    *[(name, "half \ud800") for name in (*LINES, *TEXTS, "referrer_email", "method", "token", "team")],
    *[(name, "x" * 20_001) for name in TEXTS],
]


def test_what_cannot_be_used_is_refused_beside_its_field(desk: Program) -> None:
    wrong = Wrong()
    for name, value in UNUSABLE:
        with tried(wrong, name, value):
            said = refused(desk, **{**({"message_uses": 0} if name == "message" else {}), name: value})
            assert set(said) == {"detail", name}
            assert all(isinstance(each, str) and each for each in said[name]), said
    assert wrong == {}


def test_text_of_twenty_thousand_characters_is_taken(desk: Program) -> None:
    _, referral = logged(desk, circumstances="x" * 20_000)
    assert len(referral.circumstances) == 20_000


UNUSABLE_OF_A_CHILD: list[tuple[str, Any]] = [
    ("given_names", "Rhys\0"),
    ("given_names", "Rh\nys"),
    ("given_names", "\ud800"),
    ("given_names", "x" * 201),
    ("family_name", "x\u200by"),
    ("family_name", ["Calloway"]),
    ("sex", "boy"),
    ("sex", "\udfff"),
    ("birth", "\ud800"),
    ("birth", "6\0years"),
    ("birth", "x" * 61),
    ("address", "4 Elm\nRow"),
    ("address", "x" * 201),
    ("relation", "mother"),  # of a child there is none
    ("may_have_harmed", True),
    ("surname", "Calloway"),
]


def test_what_cannot_be_used_of_a_child_stands_beside_that_child(desk: Program) -> None:
    wrong = Wrong()
    for name, value in UNUSABLE_OF_A_CHILD:
        with tried(wrong, name, value):
            said = refused(desk, children=[{"given_names": "Zebedee"}, {**RHYS, name: value}])
            assert set(said) == {"detail", "children"}
            assert set(beside(said, "children", 1)) == {name}
    assert wrong == {}


def test_what_is_wrong_with_one_of_several_has_one_shape(desk: Program) -> None:
    """Whether somebody is known already or wrong."""
    a_known_child()
    wrong = [
        refused(desk, children=[{"given_names": "Zebedee"}, child])["children"]
        for child in (RHYS, {**RHYS, "birth": "six or so"})
    ]
    assert type(wrong[0]) is type(wrong[1])
    assert len(wrong[0]) == len(wrong[1])


@pytest.mark.parametrize("somebody", [{}, {"given_names": "", "family_name": "  "}, None, "Rhys", [], 5])
def test_nobody_is_no_child(desk: Program, somebody: Any) -> None:
    assert beside(refused(desk, children=[somebody]), "children", 0)


def test_twenty_children_are_taken_and_twenty_one_refused(desk: Program) -> None:
    many = [{"given_names": f"Nr{each}", "same_as": "new"} for each in range(21)]
    said = refused(desk, children=many)
    assert set(said) == {"detail", "children"}
    assert said["detail"]
    _, referral = logged(desk, children=many[:20])
    assert referral.case.people.count() == 20


def test_it_is_clear_or_it_is_not(desk: Program) -> None:
    said = refused(desk, categories=["unclear", "physical"])
    assert "Not clear yet" in json.dumps(said, ensure_ascii=False)
    logged(desk, categories=["unclear"])


def test_a_kind_of_harm_that_is_named_twice_is_one(desk: Program) -> None:
    answer = log(desk, categories=["physical", "physical"])
    if answer.status_code == 201:
        assert answer.json()["categories"] == ["physical"]
    else:
        assert set(said_wrong(answer)) == {"detail", "categories"}


def test_a_child_is_named_or_it_is_said_why_none_can_be(desk: Program) -> None:
    assert set(refused(desk, children=[])) == {"detail", "no_child_because"}
    assert set(refused(desk, no_child_because="An adult tells of long ago")) == {"detail", "no_child_because"}
    _, referral = logged(desk, children=[], no_child_because="An adult tells of long ago")
    assert referral.case.people.count() == 0


def test_a_team_in_which_one_has_no_role_is_refused_and_not_told_apart_from_one_that_there_is_not(
    desk: Program,
) -> None:
    a_team("ENF")
    theirs, none = refused(desk, team="ENF")["team"], refused(desk, team="QQQ")["team"]
    assert theirs[0].replace("ENF", "QQQ") == none[0]


def test_who_logs_for_no_team_is_told_who_does() -> None:
    said = refused(Program(an_officer(Role.INVESTIGATOR)), 403)
    assert said["detail"].startswith("You cannot log referrals")


def test_a_protected_caller_is_not_named_in_what_everybody_reads(desk: Program) -> None:
    for name in TEXTS:
        said = refused(desk, protected=True, **CALLER, **{name: "She is gwendolyn  teasdale, and afraid."})
        assert set(said) == {"detail", name}
        assert "tells who the caller is" in said[name][0]


# --- with an email -------------------------------------------------------------------------------


def test_an_email_that_there_is_not_is_none(desk: Program) -> None:
    assert set(refused(desk, message=999_999_999, message_uses=0)) == {"detail", "message"}


def test_an_email_of_another_team_is_none(desk: Program) -> None:
    theirs = a_message(a_team("ENF"))
    assert set(refused(desk, message=theirs.pk, message_uses=0)) == {"detail", "message"}
    theirs.refresh_from_db()
    assert theirs.state == State.WAITING


def test_an_email_is_logged_once_unless_it_tells_of_another_family(desk: Program) -> None:
    message = a_message()
    logged(desk, message=message.pk, message_uses=0)
    again = {"message": message.pk, "message_uses": 1, "children": [{"given_names": "Zebedee"}]}
    said = refused(desk, **again)
    assert set(said) == {"detail", "another"}
    assert str(desk.user) in said["another"][0]
    _, second = logged(desk, **again, another=True)
    assert [use.case_id for use in message.uses.order_by("pk")][1] == second.case_id


def test_who_has_not_seen_what_a_colleague_made_of_the_email_is_told(desk: Program) -> None:
    message = a_message()
    colleague = an_officer(Role.DESK_SERGEANT)
    set_aside_message(message, reason="Training", by=colleague)
    said = refused(desk, 409, message=message.pk, message_uses=0)
    assert str(colleague) in said["detail"]
    assert "Training" in said["detail"]
    assert "What you typed" not in said["detail"]
    logged(desk, message=message.pk, message_uses=1)


def test_the_whole_email_of_a_protected_caller_is_refused(desk: Program) -> None:
    message = a_message(text="She hit him.")
    said = refused(desk, protected=True, message=message.pk, message_uses=0, circumstances=message.text)
    assert set(said) == {"detail", "circumstances"}


def test_an_email_that_one_may_not_read_any_more_is_none() -> None:
    message = a_message()
    message.protected = True
    message.save(update_fields=["protected"])
    manager = Program(an_officer(Role.OFFICE_MANAGER))
    assert set(refused(manager, message=message.pk, message_uses=0)) == {"detail", "message"}


def test_nothing_is_saved_where_the_last_step_refuses(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The email is marked as used last of all: what was saved before it goes with it."""
    copy_of = a_message(message_id="<same@fernley.example>")
    copy = a_message(raw=bytes(copy_of.source.raw))
    assert copy.state == State.COPY
    said = refused(desk, message=copy.pk, message_uses=0)
    assert "second copy" in said["detail"]
    assert (Case.objects.count(), Person.objects.count()) == (0, 0)


def test_the_answer_to_a_list_instead_of_a_referral(desk: Program) -> None:
    before = everything()
    for sent in ([], "x", 5, None, True, [as_sent()]):
        answer = desk.client.post(reverse("api:referrals"), json.dumps(sent), content_type="application/json")
        assert said_wrong(answer)["detail"]
    assert everything() == before


def test_a_draft_with_the_same_token_stays_with_who_types_it(desk: Program) -> None:
    from referrals.actions import save_draft

    key, typist = uuid4(), an_officer(Role.DESK_SERGEANT)
    save_draft(a_team(), key=key, typed={}, by=typist)
    said = refused(desk, 409, token=str(key))
    assert str(typist) in said["detail"]
