"""An assessment as paper: whole, tagged, marked on every sheet, as it was when it was sent, and logged as a print."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from audit.events import Look
from audit.models import AccessLog
from cases.enums import Level, Part
from cram.actions import (
    Directed,
    add_assessment_action,
    add_decision,
    add_new_information,
    check_measure,
    endorse_assessment,
    identify_risk,
    record_searches,
    return_assessment,
    save_answers,
    set_level,
    set_measure,
    submit_assessment,
)
from cram.actions.assessing import Answered
from cram.enums import Approach, Said, System, Works
from cram.models import Assessment
from cram.paper import paper_of
from cram.queries import sections_of
from deadlines import clock
from deadlines.calendar import ONE_DAY
from pages.papers import paper
from people.births import Birth
from people.said import PersonSaid
from referrals.actions import log_referral
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessment, submitted
from tests.factories.referrals import a_case, a_child, as_received
from tests.factories.team import a_team, an_officer
from tests.integration.cram.test_timeline import RECEIVED, later
from tests.papers import wrong_with

pytestmark = pytest.mark.django_db


def words_of(pdf: bytes) -> str:
    """Every word of it, with single spaces between them."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def printed(client: Client, assessment: Assessment) -> bytes:
    address = reverse("cram:assessment_pdf", args=[assessment.case.number, assessment.number])
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


@pytest.fixture
def sergeant(client: Client) -> User:
    later()
    user = an_officer(Role.DESK_SERGEANT, name="Nandra")
    client.force_login(user)
    return user


def a_whole_review(sergeant: User) -> Assessment:
    """A review with something under every heading, sent six weeks after the first CRAM."""
    home = "14 Marl Road, N17"
    said = as_received(
        children=[
            a_child("Ellis", "Brannock", birth=Birth.on(RECEIVED.date() - timedelta(days=1600)), address=home),
            a_child("Tia", "Brannock", address=home),
        ],
        adults=[PersonSaid("Kieran", "Stroud", may_have_harmed=True)],
        referrer_name="Gwendolyn Teasdale",
        referrer_job="Play therapist",
        protected=True,
    )
    case = log_referral(a_team(), **said, by=sergeant).referral.case
    supervisor, officer = an_officer(Role.SUPERVISOR, name="Ellison"), an_officer(Role.INVESTIGATOR, name="Osei")
    first = an_assessment(case, by=sergeant)
    answer_all(first, sergeant)
    set_level(
        first, level=Level.MEDIUM, rationale="He is bailed away", challenge_answer="Bail holds him", by=sergeant
    )
    submit_assessment(first, by=sergeant)
    later(0, 15)
    first.refresh_from_db()
    endorse_assessment(
        first,
        words="Find where he sleeps",
        directions=[Directed("Find where he sleeps", officer, today())],
        by=supervisor,
    )
    later(41)
    review = an_assessment(case, by=sergeant)
    stroud = case.parts.get(part=Part.SUSPECT).person
    risk = identify_risk(case, what="Kieran Stroud reaches the children", person=stroud, by=sergeant)
    owner = {"owner": officer, "from_on": today(), "check_on": today() + 7 * ONE_DAY}
    alarm = set_measure(
        risk,
        approach=Approach.REDUCE,
        what="Alarm at the flat",
        works=Works.YES,
        found="Tested",
        **owner,
        by=sergeant,
    )
    identify_risk(case, what="There is no heating", by=sergeant)
    record_searches(
        case,
        searches=[(System.PNC, True, "Assault, 2006"), (System.MERLIN, False, "")],
        people=[stroud],
        searched_at=clock.now(),
        by=sergeant,
    )
    answer_all(review, sergeant, first=False)
    add_decision(
        review,
        what="Joint visit on Monday",
        why="The door was not opened",
        not_chosen="Waiting for the conference",
        by=sergeant,
    )
    add_assessment_action(
        review, what="Second opinion on the arm", owner=officer, due_on=today() + ONE_DAY, by=sergeant
    )
    add_new_information(review, what="A man outside the home", why_not="It would show who told us", by=sergeant)
    against = "The conference decides on Monday; he is in custody until then"
    set_level(
        review, level=Level.MEDIUM, rationale="Bail holds\nuntil 18 January", challenge_answer=against, by=sergeant
    )
    submit_assessment(review, sent_without="The researcher is away", by=sergeant)
    later(42)
    check_measure(alarm, works=Works.NO, found="The battery is flat", next_on=today() + ONE_DAY, by=sergeant)
    review.refresh_from_db()
    return review


def answer_all(assessment: Assessment, by: User, *, first: bool = True) -> None:
    """Every third factor not known, every second yes; the last of each section not asked the first time."""
    answers = []
    for section in sections_of(assessment):
        for place, question in enumerate(section.questions[:-1] if first else section.questions):
            said = [Said.YES, Said.NO, Said.NOT_KNOWN if place < 6 else Said.NO][place % 3]
            person, address = section.about.ids
            now = question.now.version if question.now else 0
            if not first and place == 1:
                said = Said.YES
            answers.append(
                Answered(
                    question.factor.code,
                    person,
                    address,
                    said,
                    "As the school told us",
                    "Ms Adeyemi, head teacher",
                    now,
                )
            )
    save_answers(assessment, answers=answers, by=by)


def today() -> Any:
    return clock.today()


def test_everything_of_a_review_stands_on_it(sergeant: User, client: Client) -> None:
    review = a_whole_review(sergeant)
    pdf = printed(client, review)
    if keep := os.environ.get("KEEP_PDF"):
        Path(keep).write_bytes(pdf)
    words = words_of(pdf)
    for each in EVERYTHING:
        assert each in words, each
    # A measure that was found to fail after it was sent stands as it was then; the timeline goes on until now.
    assert "The battery is flat" not in words
    assert "No longer managed: Kieran Stroud reaches the children" in words
    # Who called is protected.
    assert "Teasdale" not in words
    assert "therapist" not in words
    # The page of it says the same of the record as it was then.
    page = client.get(reverse("cram:assessment", args=[review.case.number, review.number])).content.decode()
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(page)))
    for each in THEN:
        assert each in shown, each
    assert "The battery is flat" not in shown


THEN = (
    "PNC (Police National Computer): Assault, 2006",
    "Research was not repeated for: Ellis Brannock (in no system); Tia Brannock (in no system)",
    "Why it was sent without research or a check: The researcher is away",
    "Kieran Stroud reaches the children Managed",
    "There is no heating Unmanaged",
    "Alarm at the flat",
    "It works. Tested",
)
EVERYTHING = (
    *THEN,
    "CRAM review 2",
    "Children: Ellis Brannock, 4; Tia Brannock",
    "May have harmed a child: Kieran Stroud",
    "It waits for endorsement",
    "illustrative",
    "Bail holds until 18 January",
    "a risk has no control measure that works: There is no heating",
    "The conference decides on Monday; he is in custody until then",
    "No control measure.",
    "Control measure: Alarm at the flat",
    "finds out by",
    "Joint visit on Monday",
    "Why: The door was not opened",
    "Not chosen: Waiting for the conference",
    "Action: Second opinion on the arm",
    "New since 3 December 2009, and who was told",
    "Nobody was told: It would show who told us",
    "Victim: Ellis Brannock",
    "Suspect: Kieran Stroud",
    "Household: 14 Marl Road, N17",
    "Risk factors",
    "What may indicate vulnerability",
    "(changed)",
    "Not yet asked",
    "As the school told us Ms Adeyemi, head teacher.",
    "MERLIN (children who came to notice): Nothing found",
    "No supervisor has endorsed or returned it yet.",
    "Risk medium since 3 December 2009; 2 risks are unmanaged",
    "CRAM review sent for endorsement, level medium",
)


def test_each_sheet_is_marked_twice_and_says_what_it_is_of(sergeant: User, client: Client) -> None:
    review = submitted(a_case(), by=sergeant)
    sheets = PdfReader(BytesIO(printed(client, review))).pages
    for number, sheet in enumerate(sheets, 1):
        words = re.sub(r"\s+", " ", sheet.extract_text())
        assert words.count(settings.PROTECTIVE_MARKING) == 2
        assert f"Record {review.case.number}, URN {review.case.urn}. Printed by {sergeant}, 3 December 2009" in words
        assert f"Page {number} of {len(sheets)}" in words


def test_it_is_tagged_and_has_a_title_a_language_and_words_for_its_picture(sergeant: User, client: Client) -> None:
    review = submitted(a_case(), by=sergeant)
    drawn = printed(client, review)
    assert wrong_with(drawn) == []
    pdf = PdfReader(BytesIO(drawn))
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata is not None
    assert pdf.metadata.title == f"First CRAM 1 of record {review.case.number}"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    tags = every_tag(root["/StructTreeRoot"])
    kinds = {str(tag.get("/S")) for tag in tags}
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    (figure,) = (tag for tag in tags if tag.get("/S") == "/Figure")
    assert str(figure["/Alt"]).startswith("Picture of the risk from 3 December 2009")


def every_tag(tag: Any) -> list[Any]:
    tag = tag.get_object()
    if isinstance(tag, list):
        return [found for each in tag for found in every_tag(each)]
    if not isinstance(tag, dict):
        return []
    return [tag, *(every_tag(tag["/K"]) if "/K" in tag else [])]


def test_one_that_is_still_written_says_so(sergeant: User, client: Client) -> None:
    words = words_of(printed(client, an_assessment(a_case(), by=sergeant)))
    assert "It is still being written" in words
    assert "Not set yet." in words
    assert "No level is set yet" in words


def test_what_supervisors_said_stands_on_it(sergeant: User, client: Client) -> None:
    supervisor = an_officer(Role.SUPERVISOR, name="Ellison")
    assessment = submitted(a_case(), by=sergeant)
    return_assessment(assessment, words="What of the father?", by=supervisor)
    assert "It was returned to be put right" in words_of(printed(client, assessment))
    submit_assessment(assessment, by=sergeant)
    officer = an_officer(Role.INVESTIGATOR)
    asked = [Directed("Find where he sleeps", officer, today() + ONE_DAY)]
    endorse_assessment(assessment, words="Well seen", directions=asked, by=supervisor)
    words = words_of(printed(client, assessment))
    for each in ("Returned by DC Alex Ellison", "What of the father?", "Endorsed by DC Alex Ellison", "Well seen"):
        assert each in words, each
    assert "Direction: Find where he sleeps" in words


def test_the_look_is_logged_as_a_print(sergeant: User, client: Client) -> None:
    review = submitted(a_case(), by=sergeant)
    printed(client, review)
    look = AccessLog.objects.latest("pk")
    assert (look.how, look.case_id, look.by_id) == (Look.PRINT, review.case_id, sergeant.pk)
    assert look.detail == {"page": "cram:assessment_pdf"}


def test_one_that_is_not_of_the_record_is_not_found(sergeant: User, client: Client) -> None:
    case = a_case()
    assert client.get(reverse("cram:assessment_pdf", args=[case.number, 1])).status_code == 404


def test_as_many_queries_however_long_the_record(sergeant: User) -> None:
    def queries(assessment: Assessment) -> int:
        assessment = Assessment.objects.select_related("case", "previous", "matrix").get(pk=assessment.pk)
        with CaptureQueriesContext(connection) as captured:
            context = paper_of(assessment)
            lists = ("risks_ended", "measures_ended", "gaps", "gaps_ended", "decided", "given", "new_information")
            for name in (*lists, "searches"):
                list(context[name])
        return len(captured)

    def more(number: int) -> None:
        risk = identify_risk(case, what=f"Risk {number}", by=sergeant)
        checks = {"from_on": today(), "check_on": today() + ONE_DAY, "works": Works.YES, "found": "Seen"}
        set_measure(risk, approach=Approach.REDUCE, what="Bail", owner=sergeant, **checks, by=sergeant)
        people = [part.person for part in case.parts.select_related("person")]
        record_searches(
            case, searches=[(System.PNC, True, f"{number}")], people=people, searched_at=clock.moment(), by=sergeant
        )
        add_decision(review, what=f"Visit {number}", why="To see", by=sergeant)
        add_new_information(review, what=f"News {number}", why_not="It is theirs", by=sergeant)
        add_assessment_action(review, what=f"Do {number}", owner=sergeant, due_on=today(), by=sergeant)

    case = a_case()
    submitted(case, by=sergeant)
    later(1)
    review = an_assessment(case, by=sergeant)
    answer_all(review, sergeant)
    more(0)
    few = queries(review)
    for number in range(1, 4):
        more(number)
    answer_all(review, sergeant, first=False)
    assert queries(review) == few


def test_nothing_is_fetched_for_a_paper(sergeant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever somebody typed is words; and a paper that asked for something would not be drawn at all."""
    monkeypatch.setattr("pages.papers.render_to_string", lambda name, *_, **__: PICTURE if "html" in name else "")
    with pytest.raises(ValueError, match="A paper is whole in itself"):
        paper("a.html", {}, request=RequestFactory().get("/"))


PICTURE = '<html lang="en"><title>x</title><img alt="x" src="http://127.0.0.1:9/a.png">'


def test_what_was_typed_is_words_on_paper(sergeant: User, client: Client) -> None:
    case = a_case()
    identify_risk(case, what='<img src="file:///etc/passwd"> & \ufffe more', by=sergeant)
    words = words_of(printed(client, submitted(case, Level.HIGH, by=sergeant, challenge_answer="It is")))
    assert '<img src="file:///etc/passwd"> & more' in words
