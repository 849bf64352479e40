"""What reading the police report with fresh eyes found: each defect once, so that it stays away."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases.actions import add_person, correct_entry
from cases.enums import Kind, Part
from conferences import actions
from conferences.actions import (
    assemble_report,
    change_conference,
    change_item,
    decide_attendance,
    endorse_report,
    keep_from,
    return_report,
    send_report,
    start_report,
    submit_report,
    take_off_recipient,
)
from conferences.assembling import NOT_CLEARED, THIRD_PARTY, draw
from conferences.enums import Attending, Paper, RecipientKind, ReportState, Section, Sharing, StepKind
from conferences.models import Conference, Copy, Item, Report
from conferences.queries import steps_done
from conferences.report_papers import drawn, read_by, speaking_note
from conferences.report_queries import goes_to, items_of, recipients_of, without_copy
from cram.actions import save_answers
from cram.actions.assessing import Answered
from cram.enums import Category, Said
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings
from diary.models import Duty, DutyState
from people.enums import Relation
from people.models import Relationship
from people.said import PersonSaid
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from tests.factories.assessing import a_factor, an_assessment, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_review, children_on
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import (
    ANALYSIS,
    a_prepared_conference,
    a_recipient,
    a_report,
    a_submitted_report,
    a_whole_report,
    an_endorsed_report,
    an_item,
    as_sent,
    endorsed,
    sent,
)
from tests.factories.team import an_officer
from tests.integration.conferences.test_report_assembling import told
from tests.integration.cram.test_pdf import words_of

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


@pytest.fixture
def no_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions.issuing, "drawn", lambda *_, number, **__: f"%PDF- copy {number}".encode())


def system() -> User:
    return User.objects.system()


def changed(conference: Conference, **other: Any) -> Conference:
    return change_conference(conference, **other, by=system())


@pytest.mark.usefixtures("no_papers")
def test_what_the_endorser_read_is_not_changed_behind_their_back(client: Client) -> None:
    case = a_case(children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")])
    one, two = children_on(case)
    conference = a_prepared_conference(case, review=True, children=[one])
    teacher = a_recipient(conference, "Ms A Adeyemi, head teacher", kind=RecipientKind.PROFESSIONAL)
    with pytest.raises(ValidationError) as refused:
        changed(conference, chair="ms a adeyemi, HEAD teacher")
    assert set(refused.value.message_dict) == {"chair"}
    report = a_submitted_report(conference)
    for state, sentence in ((ReportState.SUBMITTED, "waits for endorsement"), (ReportState.ENDORSED, "is endorsed")):
        if state == ReportState.ENDORSED:
            endorsed(report)
        for what in ({"chair": "Mr N Other"}, {"children": [one, two]}):
            with pytest.raises(ValidationError, match=r"(returned|next version) first"):
                changed(conference, **what)
        changed(conference, place=f"Room {state}")  # nobody reads there where it is held
        with pytest.raises(ValidationError, match=f"The report {sentence}, and says whether police attend"):
            decide_attendance(conference, attending=Attending.REPORT_ONLY, why="Nothing new", by=system())
    assert [each.name for each in recipients_of(conference)] == ["Ms G Teasdale", teacher.name]
    # What was sent is over: a new chair gets the next version, and other children have to be told of.
    sent(report)
    assert without_copy(conference) == []
    changed(conference, chair="Mr N Other")
    (chair, _) = recipients_of(conference)
    assert (chair.name, without_copy(conference)) == ("Mr N Other", [chair])
    client.force_login(an_officer(Role.PCLO))
    for name in ("conference", "recipients", "report"):
        assert "Mr N Other has no copy of the police report." in page_of(name, conference, client), name
    html = page_of("recipients", conference, client)
    assert html.count("Copy sent on") == html.count("No copy yet") == 1
    assert StepKind.REPORT in steps_done(conference)
    changed(conference, children=[one, two])
    has_to_be_sent_again(conference, "It is about other children than when the report was sent", client)
    # Once it is sent again, everybody has it and nothing is due.
    sent(endorsed(submit_report(start_report(conference, by=system()), by=system())))
    conference.refresh_from_db()
    assert (without_copy(conference), conference.report_again, conference.report_again_at) == ([], "", None)
    assert {StepKind.REPORT, StepKind.ENDORSEMENT} <= set(steps_done(conference))
    assert findings([case.pk]) == []


def has_to_be_sent_again(conference: Conference, why: str, client: Client) -> None:
    """The report and its endorsement are to be done again: the duty is open from now on, and the pages say why."""
    conference.refresh_from_db()
    assert not {StepKind.REPORT, StepKind.ENDORSEMENT} & set(steps_done(conference))
    (duty,) = Duty.objects.filter(kind="conference_report", subject=conference.pk, state=DutyState.OPEN)
    assert conference.report_again_at is not None
    assert duty.raised_at >= conference.report_again_at
    assert findings([conference.case_id]) == []
    assert f"{why}. Version 1 was sent; the next one is not begun" in page_of("conference", conference, client)
    assert f"A new version has to be sent.</b> {why}." in page_of("report", conference, client)


@pytest.mark.usefixtures("no_papers")
def test_whether_police_attend_is_decided_before_a_report_goes_out_and_what_was_sent_says_it(client: Client) -> None:
    """HMIC 2010, AFI 8: a report that is sent instead asks for any concern to be brought to the sergeant."""
    review = a_review()
    move_time_to(review.starts_at - timedelta(days=2))
    submitted(review.case)
    report = a_whole_report(review)
    with pytest.raises(ValidationError, match="not decided whether police attend"):
        submit_report(report, by=system())
    client.force_login(an_officer(Role.PCLO))
    assert "not decided whether police attend" in page_of("report", review, client)
    decide_attendance(review, attending=Attending.GOING, why="He is home again", by=system())
    sent(endorsed(submit_report(report, by=system())))
    # Said again for another reason it changes nothing of what was sent.
    decide_attendance(review, attending=Attending.GOING, why="The chair asks for it", by=system())
    assert StepKind.REPORT in steps_done(review)
    decide_attendance(review, attending=Attending.REPORT_ONLY, why="Nobody is free", by=system())
    has_to_be_sent_again(review, "Whether police attend was decided anew since it was sent", client)
    # It is due at once, and late from the next midnight, however near the conference is.
    duty = Duty.objects.get(kind="conference_report", subject=review.pk, state=DutyState.OPEN)
    assert (duty.due_on, duty.late_from > clock.moment()) == (clock.today(), True)


def test_what_a_factor_says_of_a_suspect_is_not_shared_by_itself() -> None:
    suspect = PersonSaid("Peter", "Coach", relation=Relation.OTHER, may_have_harmed=True)
    case = a_case(adults=[suspect])
    conference, cram = a_conference(case), an_assessment(case)
    factor = a_factor(cram, Category.SUSPECT)
    person = case.people.get(given_names="Peter")
    save_answers(cram, answers=[Answered(factor.code, person=person.pk, said=Said.YES)], by=system())
    submitted(case, challenge_answer="He is held")
    (risk,) = [each for each in draw(conference) if each.section == Section.RISK]
    assert risk.text == f"{factor.name} (Peter Coach)."
    assert (risk.sharing, risk.why) == (Sharing.WITHHELD, NOT_CLEARED)


def test_another_family_is_not_told_of_and_nothing_typed_is_shared_by_itself() -> None:
    mother = PersonSaid("Shelley", "Brannock", relation=Relation.MOTHER)
    neighbour = PersonSaid("Winifred", "Oakes", relation=Relation.OTHER)
    case = a_case(children=[a_child("Ellis", "Brannock")], adults=[mother, neighbour])
    said = a_child("Marlon", "Oakes")
    marlon = add_person(case, part=Part.OTHER_CHILD, said=said, on=NOW.date(), by=system())
    neighbour_now = case.people.get(given_names="Winifred")
    Relationship.objects.create(person=neighbour_now, relation=Relation.MOTHER, to=marlon, recorded_by=system())
    told(case, Kind.INCIDENT, "Arrested for assault")
    items = draw(a_conference(case, children=children_on(case)[:1]))
    assert {(each.text, each.why) for each in items if each.section == Section.HOUSEHOLD} == {
        ("Shelley Brannock, mother of Ellis Brannock.", ""),
        ("Winifred Oakes, adult.", THIRD_PARTY),
        ("Marlon Oakes, another child.", THIRD_PARTY),
    }
    (arrest,) = [each for each in items if each.text.startswith("Arrested")]
    assert (arrest.sharing, arrest.why) == (Sharing.WITHHELD, NOT_CLEARED)


def test_the_head_of_a_paper_names_those_children_alone_of_whom_its_reader_reads() -> None:
    case = a_case(children=[a_child("Ellis", "Brannock"), a_child("Xerxes", "Brannock")])
    conference = a_conference(case)
    father = a_recipient(conference)
    report = a_report(conference)
    assemble_report(report, by=system())
    item = Item.objects.get(report=report, section=Section.CHILDREN, text__startswith="Xerxes")
    keep_from(item, kept={father.pk: "Not his child"}, by=system())
    chair, his = goes_to(items_of(report), recipients_of(conference))
    words = words_of(drawn(report, his, Paper.REPORT, printed_by=system()))
    assert "Ellis Brannock" in words
    assert "Xerxes" not in words
    both = read_by(report, chair, Paper.REPORT, children=children_on(case))["children"]
    assert both == ["Ellis Brannock", "Xerxes Brannock"]


def test_what_is_kept_from_somebody_is_remembered_when_they_get_it_again() -> None:
    conference = a_prepared_conference()
    father = a_recipient(conference)
    report = a_whole_report(conference)
    item = an_item(report, "She has a new telephone.")
    keep_from(item, kept={father.pk: "He must not find her"}, by=system())
    take_off_recipient(father, by=system())
    # Nobody was asked about him, and so nothing is said of him.
    keep_from(item, kept={recipients_of(conference)[0].pk: "Not yet"}, by=system())
    endorsed(submit_report(report, by=system()))
    report = start_report(conference, by=system())
    again = a_recipient(conference, father.name.upper())
    assert (again.pk, again.taken_off_at, again.name) == (father.pk, None, father.name.upper())
    *_, goes = goes_to(items_of(report), recipients_of(conference))
    assert goes.recipient == father
    assert item.text not in [each.text for each in goes.report]
    # Also where he takes the chair.
    take_off_recipient(again, by=system())
    changed(conference, chair=father.name)
    (goes,) = goes_to(items_of(report), recipients_of(conference))
    assert (goes.recipient.kind, goes.recipient) == (RecipientKind.CHAIR, father)
    assert item.text not in [each.text for each in goes.report]


def test_nobody_endorses_the_words_they_wrote_in_a_version_before() -> None:
    wrote, sends, another = (an_officer(Role.SUPERVISOR) for _ in range(3))
    conference = a_prepared_conference()
    report = a_report(conference)
    an_item(report, by=wrote)
    an_item(report, ANALYSIS, Section.ANALYSIS)
    endorsed(submit_report(report, by=sends))
    second = submit_report(start_report(conference, by=system()), by=system())
    for own in (wrote, sends):
        with pytest.raises(ValidationError, match="Another sergeant or the inspector endorses it"):
            endorse_report(second, by=own)
    assert endorse_report(second, by=another)


def test_a_correction_since_it_was_sent_for_endorsement_stops_it(client: Client) -> None:
    conference = a_prepared_conference()
    entry = told(conference.case, Kind.INCIDENT, "Seen in the lane")
    report = a_whole_report(conference)
    assemble_report(report, by=system())
    item = Item.objects.get(drawn_from=f"entry-{entry.pk}")
    right: dict[str, Any] = {"text": "", "happened_at": NOW, "reason": "Misread", "significant": True, "by": system()}
    submit_report(report, by=system())
    correct_entry(entry, title="It was his brother", **right)
    sergeant = an_officer(Role.SUPERVISOR)
    client.force_login(sergeant)
    sentence = "The record says something else since about “Seen in the lane As it was.”."
    with pytest.raises(ValidationError, match=f"{sentence} Return it"):
        endorse_report(report, by=sergeant)
    assert f"It cannot be endorsed yet.</b> {sentence}" in page_of("endorse_report", conference, client)
    return_report(report, words="Put it right", by=sergeant)
    change_item(item, text="His brother was seen", source="CAD", happened_on=NOW.date(), by=system())
    endorsed(submit_report(report, by=system()))
    correct_entry(entry, title="It was nobody", **right)
    sentence = "The record says something else since about “His brother was seen”. Begin the next version"
    with pytest.raises(ValidationError, match=sentence):
        send_report(report, **as_sent(report), by=system())
    client.force_login(an_officer(Role.PCLO))
    assert f"It cannot be sent.</b> {sentence}" in page_of("send_report", conference, client)


def page_of(name: str, conference: Conference, client: Client) -> str:
    answer = client.get(reverse(f"conferences:{name}", args=[conference.case.number, conference.number]))
    return str(answer.content.decode())


def test_saving_the_page_leaves_what_somebody_else_decided_meanwhile(client: Client) -> None:
    conference = a_conference()
    report = a_report(conference)
    one, two = an_item(report, "One."), an_item(report, "Two.")
    client.force_login(an_officer(Role.PCLO))
    page = page_of("report", conference, client)
    sent_back = dict(re.findall(r'name="((?:version|was|why)-\d+)"[^>]*value="([^"]*)"', page))
    assert sent_back[f"was-{one.pk}"] == "shared"
    change_item(one, sharing=Sharing.WITHHELD, why="Theirs", by=system())
    mine = {f"reads-{one.pk}": "shared", f"reads-{two.pk}": "withheld", "do": "decide"}
    address = reverse("conferences:report", args=[conference.case.number, conference.number])
    answer = client.post(address, sent_back | mine | {f"why-{two.pk}": "Mine"})
    assert answer.status_code == 302  # nobody has to choose: the two did not touch the same item
    rows = Item.objects.filter(report=report).order_by("pk")
    assert [(item.sharing, item.why) for item in rows] == [("withheld", "Theirs"), ("withheld", "Mine")]


def test_copies_are_drawn_while_nobody_waits_for_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    report = an_endorsed_report()
    conference = report.conference
    outside, within = len(connection.savepoint_ids), []

    def draws(*_: Any, number: int, **__: Any) -> bytes:
        within.append(len(connection.savepoint_ids) - outside)
        if len(within) == 1:
            changed(conference, place="Another room")
        return f"%PDF- copy {number}".encode()

    monkeypatch.setattr(actions.issuing, "drawn", draws)
    with pytest.raises(ChangedMeanwhile, match="none of them went out"):
        sent(report)
    assert (Copy.objects.count(), Report.objects.get().state) == (0, ReportState.ENDORSED)
    assert [copy.number for copy in sent(report)] == [1]
    assert within == [0, 0]


def test_the_speaking_note_tells_the_level_where_it_may_be_said(rf: Any) -> None:
    report = a_report()
    assemble_report(report, by=system())
    level = Item.objects.get(report=report, drawn_from__endswith="-level")

    def words() -> str:
        return words_of(speaking_note(report, items_of(report), printed_by=system(), request=rf.get("/")))

    assert "Level of risk: standard." in words()
    change_item(level, sharing=Sharing.WITHHELD, why="Not yet", by=system())
    assert "standard" not in words()
