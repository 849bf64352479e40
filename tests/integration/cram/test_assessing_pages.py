"""The pages of an assessment: begun, answered, given a level, sent, endorsed or returned, read."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from cases.actions import take_person_off
from cases.enums import Level, Part
from cases.models import Action, Case, Entry
from cram import actions
from cram.enums import AssessmentState, Said, Works
from cram.models import Answer, Assessment, Gap
from cram.queries import being_written, last_submitted, sections_of
from deadlines import clock
from pages.words import day
from people.said import PersonSaid
from team import models as team_models
from team.enums import Role
from team.models import User
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk, checked
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


class People(NamedTuple):
    """Two sergeants, and a record with two children and a suspect."""

    team: team_models.Team
    desk: User
    other: User
    case: Case


def people() -> People:
    team = a_team()
    desk, other = an_officer(Role.DESK_SERGEANT, team), an_officer(Role.SUPERVISOR, team)
    adults = [PersonSaid(given_names="Kieran", family_name="Stroud", may_have_harmed=True)]
    case = a_case(team, children=[a_child("Ellis"), a_child("Tia")], adults=adults, by=desk)
    return People(team, desk, other, case)


class Team:
    """A desk sergeant who is signed in, a second sergeant, and their record."""

    def __init__(self, client: Client, those: People) -> None:
        self.client = client
        self.team, self.desk, self.other, self.case = those
        client.force_login(self.desk)

    def page(self, path: str = "", **typed: Any) -> str:
        """A page of the record's CRAM in words; with something typed it is sent."""
        there = f"/cases/{self.case.number}/cram/{path}"
        answer = self.client.post(there, typed, follow=True) if typed else self.client.get(there, follow=True)
        assert answer.status_code == 200, answer
        return unescape(answer.content.decode())

    def words(self, path: str = "", **typed: Any) -> str:
        return " ".join(re.sub(r"<[^>]*>", " ", self.page(path, **typed)).split())

    def fields(self, path: str) -> dict[str, str]:
        """What stands in the form of a page, as a browser would send it."""
        html = self.page(path)
        form = html[html.index('id="answers"') :]
        found = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form))
        found |= dict(re.findall(r'name="([\w-]+)" type="radio" value="(\w+)" checked', form))
        found |= dict(re.findall(r'<textarea[^>]* name="([\w-]+)"[^>]*>([^<]*)</textarea>', form))
        found |= dict(re.findall(r'<input class="govuk-input"[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', form))
        return found

    @property
    def assessment(self) -> Assessment:
        found = being_written(self.case)
        assert found is not None
        return found

    def level(self, **said: str) -> str:
        """What is typed on the page of the level, sent with what stood on it to be read."""
        html = self.page("level/")
        read = re.search(r'name="read" value="([^"]*)"', html)
        return self.words("level/", **said, read=read[1] if read else "")

    def send(self, **level: str) -> Assessment:
        """Through the actions: a level, and sent."""
        assessment = being_written(self.case) or actions.start_assessment(self.case, by=self.desk)
        said: dict[str, Any] = {"level": Level.STANDARD, "rationale": "Little is known.", **level}
        actions.set_level(assessment, **said, by=self.desk)
        return actions.submit_assessment(assessment, sent_without="The researcher is away", by=self.desk)


@pytest.fixture(scope="module")
def built_people(shared: Shared) -> People:
    return shared(people)


@pytest.fixture
def team(client: Client, built_people: People) -> Team:
    return Team(client, own(built_people))


def test_the_plain_case_takes_three_pages(team: Team) -> None:
    assert "There is no CRAM of this record yet" in team.words()
    html = team.page(begin="yes")
    assert html.count("<fieldset") > 20  # everything on one page
    typed = team.fields("answer/all/") | {"level": "standard", "rationale": "Nothing is known yet.", "do": "send"}
    words = team.words("answer/all/", **typed)
    assert "From now on this is the record’s CRAM" in words
    html = team.page("send/")
    version = re.findall(r'name="version" value="(\d+)"', html)[-1]
    assert "The CRAM is sent for endorsement. The next review is due by" in team.words("send/", version=version)
    team.case.refresh_from_db()
    assert team.case.level == "standard"
    assert Answer.objects.count() == 0


def test_answers_are_saved_section_by_section_and_not_known_raises_a_gap(team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    first, second = [each.about.key for each in sections_of(assessment)][:2]
    typed = team.fields(f"answer/{first}/")
    said = sorted(name for name in typed if name.startswith("said-"))
    name = said[0].removeprefix("said-")
    typed |= {said[0]: "not_known", f"note-{name}": "Asked the mother.", f"source-{name}": "Mother", "do": "on"}
    words = team.words(f"answer/{first}/", **typed)
    assert f"Victim: {sections_of(assessment)[1].about.label}" in words
    answer = Answer.objects.get()
    assert (answer.said, answer.note, answer.source) == (Said.NOT_KNOWN, "Asked the mother.", "Mother")
    assert Gap.objects.get().owner == team.desk
    assert "Intelligence gap:" in team.words(f"answer/{first}/")
    again = team.fields(f"answer/{first}/")
    assert again[f"note-{name}"] == "Asked the mother."
    assert again[f"version-{name}"] == "1"
    assert second


def test_two_at_once_neither_loses_a_word(team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    key = sections_of(assessment)[0].about.key
    typed = team.fields(f"answer/{key}/")
    names = sorted(name.removeprefix("said-") for name in typed if name.startswith("said-"))
    one, two = names[:2]
    code = one.split("-", 2)[2]
    person = int(one.split("-")[1])
    theirs = [actions.Answered(code, person=person, said=Said.NO, note="Theirs.")]
    actions.save_answers(assessment, answers=theirs, by=team.other)
    mine = typed | {f"said-{one}": "yes", f"note-{one}": "Mine.", f"said-{two}": "no", f"note-{two}": "Other."}
    html = team.page(f"answer/{key}/", **mine, do="on")
    words = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert f"{team.other} answered meanwhile: No. Theirs." in words
    assert ">Mine.</textarea>" in html
    assert {answer.note for answer in Answer.objects.all()} == {"Theirs.", "Other."}
    version = re.findall(rf'name="version-{one}" value="(\d+)"', html)[0]
    assert version == "1"
    team.page(f"answer/{key}/", **mine | {f"version-{one}": "1", f"version-{two}": "1"}, do="on")
    answer = Answer.objects.get(note="Mine.")
    assert [line.note for line in answer.history.order_by("history_id")] == ["Theirs.", "Mine."]


def test_what_is_wrong_stands_beside_its_question_and_nothing_is_lost(team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    key = sections_of(assessment)[0].about.key
    typed = team.fields(f"answer/{key}/")
    name = next(name.removeprefix("said-") for name in typed if name.startswith("said-"))
    html = team.page(f"answer/{key}/", **typed | {f"source-{name}": "s" * 300, f"note-{name}": "Typed.", "do": "on"})
    assert "Shorten it to 200" in html
    assert ">Typed.</textarea>" in html
    assert "There is a problem" in html
    assert Answer.objects.count() == 0


def test_the_script_saves_as_one_types_and_hears_of_others(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    key = sections_of(assessment)[0].about.key
    typed = team.fields(f"answer/{key}/")
    one = next(name.removeprefix("said-") for name in typed if name.startswith("said-"))
    there = f"/cases/{team.case.number}/cram/answer/{key}/"
    head = {"X-CAIT-Saves-By-Itself": "1"}
    told = team.client.post(there, typed | {f"said-{one}": "yes", f"note-{one}": "Seen."}, headers=head).json()
    assert told["versions"][one] == 1
    assert (told["theirs"], told["kept"]) == ({}, True)
    assert told["saved"].startswith("Saved at ")
    told = team.client.post(there, typed | {f"said-{one}": "no", f"note-{one}": "Older."}, headers=head).json()
    assert list(told["theirs"]) == [one]
    assert Answer.objects.get().note == "Seen."
    # What was refused is not what is kept: it is sent again when the page is left.
    monkeypatch.setattr(actions, "save_answers", refuse)
    told = team.client.post(there, typed, headers=head).json()
    assert (told["kept"], told["saved"], told["left"]) == (False, "Not saved", "Not now")


def refuse(*args: object, **said: object) -> None:
    raise ValidationError("Not now")


@pytest.mark.parametrize("arrived", [True, False])
def test_whoever_leaves_the_page_while_it_saves_loses_nothing(arrived: bool, team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    typed = team.fields("answer/all/")
    one, two = [name.removeprefix("said-") for name in typed if name.startswith("said-")][:2]
    there, head = f"/cases/{team.case.number}/cram/answer/all/", {"X-CAIT-Saves-By-Itself": "1"}
    on_its_way = typed | {f"said-{one}": "yes", f"note-{one}": "Seen.", f"note-{two}": "Mine."}
    on_its_way |= {"level": "standard", "rationale": "He is"}
    if arrived:
        assert team.client.post(there, on_its_way, headers=head).status_code == 200
    elsewhere = actions.Answered(*name_of(two), said=Said.NO, note="Theirs.", version=int(arrived))
    actions.save_answers(assessment, answers=[elsewhere], by=team.other)
    since = on_its_way | {f"note-{one}": "Seen twice.", f"note-{two}": "Mine, once more.", "rationale": "He is safe."}
    assert team.client.post(there, since | {"meanwhile": urlencode(on_its_way)}, headers=head).status_code == 200
    answer = Answer.objects.get(said=Said.YES)
    assert (answer.note, [line.note for line in answer.history.order_by("pk")]) == (
        "Seen twice.",
        ["Seen.", "Seen twice."],
    )
    assert team.assessment.rationale == "He is safe."
    # What a colleague answered meanwhile stays.
    assert Answer.objects.get(said=Said.NO).note == "Theirs."


def name_of(name: str) -> tuple[str, int]:
    """The factor and the child of a question, by what its fields are called."""
    _, child, factor = name.split("-", 2)
    return factor, int(child)


def test_what_is_typed_about_somebody_who_was_taken_off_meanwhile_is_given_back(team: Team) -> None:
    actions.start_assessment(team.case, by=team.desk)
    part = team.case.parts.get(part=Part.SUSPECT)
    key = f"suspect-{part.person_id}"
    about, everything = team.fields(f"answer/{key}/"), team.fields("answer/all/")
    one = next(name.removeprefix("said-") for name in about if name.startswith("said-"))
    child = next(name for name in everything if name.startswith("note-child-"))
    take_person_off(part, reason="It was his brother", by=team.other)
    said = {f"said-{one}": "yes", f"note-{one}": "He was there on Sunday."}
    for head in ({}, {"X-CAIT-Saves-By-Itself": "1"}):
        answer = team.client.post(f"/cases/{team.case.number}/cram/answer/{key}/", about | said, headers=head)
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "somebody was taken off it" in html[html.index('id="not-taken"') :]
        assert "He was there on Sunday." in html
    # On the page with all of them the rest is saved.
    there, said = f"/cases/{team.case.number}/cram/answer/all/", said | {child: "She was at school."}
    told = team.client.post(there, everything | said, headers=head).json()
    assert told["saved"].startswith("Saved at ")
    # In one sentence, after every save: the text stands in the form still.
    assert told["left"] == "what you typed about somebody who is not on the record any more is not saved"
    assert "is not saved: “He was there on Sunday.”" in team.words("answer/all/", **everything | said)
    assert [each.note for each in Answer.objects.all()] == ["She was at school."]


def test_a_level_that_the_answers_contradict_is_answered_in_writing(team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    question = sections_of(assessment)[0].definite[0]
    said = actions.Answered(question.factor.code, *question.about.ids, said=Said.YES, note="Bruises.")
    actions.save_answers(assessment, answers=[said], by=team.desk)
    words = team.words("level/", level="standard", rationale="He is safe with his aunt.")
    assert "The level does not fit the answers" in words
    assert "no risk is identified" in words
    assert "It cannot be sent yet." in team.words("send/")
    words = team.level(level="standard", rationale="He is safe.", challenge_answer="The bruises are old.")
    assert "The level is saved." in words
    assert "Send it" in words


def test_a_review_shows_last_time_beside_now_and_asks_what_is_new(team: Team) -> None:
    assessment = actions.start_assessment(team.case, by=team.desk)
    question = sections_of(assessment)[0].definite[0]
    key, name = question.about.key, f"{question.about.key}-{question.factor.code}"
    said = actions.Answered(question.factor.code, *question.about.ids, said=Said.NO, note="Nothing found.")
    actions.save_answers(assessment, answers=[said], by=team.desk)
    actions.endorse_assessment(team.send(), by=team.other, directions=[_direction(team)])
    words = team.words(begin="yes")
    assert "Directions from the last CRAM: 0 of 1 done" in words
    assert "Find where he sleeps." in words
    typed = team.fields(f"answer/{key}/")
    team.page(f"answer/{key}/", **typed | {f"said-{name}": "yes", f"note-{name}": "Enfield, 2007.", "do": "on"})
    assert "Changed: was No" in team.words(f"answer/{key}/")
    assert "Set the level and say why" in team.words("send/")
    team.page("level/", level="high", rationale="An earlier allegation.")
    assert "no risk is identified" in team.words("send/")
    answered = {"level": "high", "rationale": "An earlier allegation.", "challenge_answer": "It is checked today."}
    team.level(**answered)
    assert "Say what is new" in team.words("send/")
    assert "Nothing is new since the last CRAM." in team.words("new-information/", do="nothing")
    words = team.words("new-information/", do="add", what="Allegation in Enfield", why_not="Told tomorrow")
    assert "Allegation in Enfield" in words
    assert "It cannot be sent yet." not in team.words("send/")
    team.send(**answered)
    team.client.force_login(team.other)
    words = team.words("endorse/")
    assert "Changed: was No" in words
    assert "Nobody was told: Told tomorrow" in words


def test_who_sends_and_who_endorses_see_what_is_new_what_has_ended_and_what_is_missing(team: Team) -> None:
    risk, over = a_risk(team.case, "Kieran Stroud reaching them"), a_managed_risk(team.case, what="A knife at home")
    bail, alarm = (a_measure(risk, what=what, works=Works.YES) for what in ("Bail", "Alarm"))
    actions.endorse_assessment(team.send(), by=team.other)
    review = actions.start_assessment(team.case, by=team.desk)
    checked(alarm, found="Rang when tried")
    actions.end_risk(over, why="The police have it", by=team.desk)
    a_managed_risk(team.case, what="The uncle reaching them")
    a_gap(team.case, question="Where does the uncle live?")
    said: dict[str, Any] = {"level": Level.MEDIUM, "rationale": "Bail holds him.", "challenge_answer": "It holds."}
    actions.set_level(review, **said, nothing_new=True, by=team.desk)
    missing = "esearch was not repeated and 1 control measure was not checked"
    words, html = team.words("send/"), team.page("send/")
    assert 'cait-h1">Ellis' in html  # whose record it is stands above it
    version = re.findall(r'name="version" value="(\d+)"', html)[-1]
    today = day(clock.today())
    facts = (
        f"Research since {today} Research was not repeated.",
        f"Bail: It works. Not checked again since {today}.",
        "Alarm: It works. Rang when tried",
        "The uncle reaching them Managed New",
        "Risk: A knife at home. The police have it",
        "Where does the uncle live? New",
    )
    for each in (*facts, f"R{missing}."):
        assert each in words, each
    assert "Say why it is sent all the same" in team.words("send/", version=version, sent_without=" ")
    away = {"version": version, "sent_without": "The researcher is away"}
    assert "The CRAM is sent for endorsement." in team.words("send/", **away)
    entry = Entry.objects.filter(case=team.case).latest("pk")
    assert f"Sent although r{missing}: The researcher is away" in entry.text
    for measure in (bail, alarm):
        checked(measure, Works.NO, found="He was there again")
    team.client.force_login(team.other)
    why = "Why it was sent without research or a check: The researcher is away"
    words = team.words("endorse/")
    for each in (*facts, why, "Unmanaged since it was sent: Kieran Stroud reaching them"):
        assert each in words, each
    # Read later it stands as it was sent.
    words = team.words(f"{review.number}/")
    for each in (*facts, why, "Kieran Stroud reaching them Managed"):
        assert each in words, each
    assert "He was there again" not in words


def test_a_supervisor_endorses_with_directions_or_returns_with_reasons(team: Team) -> None:
    team.send()
    assert "You sent this CRAM yourself" in team.words("endorse/")
    team.client.force_login(team.other)
    assert "Say what must be put right" in team.words("endorse/", do="return", **{"return-words": ""})
    words = team.words("endorse/", do="return", **{"return-words": "The aunt is not asked about."})
    assert f"The CRAM is returned to {team.desk}" in words
    assert "Returned to be put right The aunt is not asked about." in team.words()
    team.send()
    directed = {"direction-0-what": "See the aunt", "direction-0-owner": str(team.desk.pk)}
    directed |= {"direction-0-due_on": f"{clock.today():%d/%m/%Y}", "endorse-words": "Agreed."}
    team.page("endorse/", do="endorse", **directed)
    last = last_submitted(team.case)
    assert last is not None
    assert last.state == AssessmentState.ENDORSED
    assert Action.objects.get().what == "See the aunt"
    assert "directed by the supervisor" in team.words("1/")
    assert "No CRAM of this record waits for endorsement." in team.words("endorse/")


def test_decisions_and_actions_are_added(team: Team) -> None:
    actions.start_assessment(team.case, by=team.desk)
    typed = {"decision-what": "No arrest tonight", "decision-why": "One sighting.", "decision-not_chosen": "Arrest."}
    words = team.words("decisions/", do="decision", **typed)
    assert "No arrest tonight Why: One sighting. Not chosen: Arrest." in words
    assert "Enter what is to be done" in team.words("decisions/", do="action", **{"action-what": ""})


def test_what_is_not_under_way_cannot_be_written(team: Team) -> None:
    for path in ("answer/all/", "level/", "new-information/", "decisions/", "send/"):
        assert "No CRAM of this record is being written. Begin one here." in team.words(path)
    actions.start_assessment(team.case, by=team.desk)
    assert "began a CRAM of this record" in team.words(begin="yes")
    assert team.client.get(f"/cases/{team.case.number}/cram/answer/child-0/").status_code == 404
    assert team.client.get(f"/cases/{team.case.number}/cram/7/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_questions(
    team: Team, django_assert_max_num_queries: Any
) -> None:
    actions.start_assessment(team.case, by=team.desk)
    with django_assert_max_num_queries(45):
        team.page("answer/all/")


def _direction(team: Team) -> actions.Directed:
    return actions.Directed("Find where he sleeps.", team.desk, clock.today())


def test_a_record_of_nobody_s_children_is_assessed_too(team: Team) -> None:
    case = a_case(team.team, children=[], no_child_because="Adult reporting abuse in childhood", by=team.desk)
    assessment = actions.start_assessment(case, by=team.desk)
    assert [each.about.key for each in sections_of(assessment)] == ["household-0"]
    assert not case.parts.filter(part=Part.CHILD).exists()
