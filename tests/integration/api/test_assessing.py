"""Assessments over the API: what is read of one, and what two programs at once do not do to each other."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from audit.events import Look
from audit.models import AccessLog
from cram.actions import endorse_assessment, save_answers
from cram.actions.assessing import Answered
from cram.enums import Said, Works
from cram.models import Answer, Gap, Measure, Risk, Search
from deadlines import clock
from deadlines.calendar import ONE_DAY
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.assessing import WHY, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.managing import a_measure, a_risk
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.assessing import an_answer_to, begun, in_a_day, sent
from tests.integration.api.described import operation
from tests.integration.api.prepared import prepared, said_wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Program:
    a_team()
    return Program(an_officer(Role.DESK_SERGEANT))


def read(program: Program, name: str, *args: Any, **asked: Any) -> Any:
    answer = program.get(name, *args, **asked)
    assert answer.status_code == 200, answer.content[:500]
    return answer.json()


def test_an_assessment_is_given_with_everything_that_stands_in_it(desk: Program) -> None:
    it = prepared()
    found = read(desk, "assessment", it.assessment_id)
    assert (found["case"], found["number"], found["kind"], found["state"]) == (it.number, 1, "first", "endorsed")
    assert (found["level"], found["rationale"], found["matrix"]) == ("medium", WHY, "1.0")
    assert found["endorsed_by"] == {"id": it.other.pk, "name": it.other.get_full_name()}
    (child,) = found["sections"]
    assert (child["category"], child["person"], child["about"]) == ("victim", it.child.pk, "Rhys Calloway")
    first, second, third, *_ = child["questions"]
    assert (first["answer"]["said"], first["answer"]["note"], first["before"]) == (
        "yes",
        "As the school told us",
        None,
    )
    assert (second["answer"]["said"], second["answer"]["version"]) == ("no", 2)
    assert third["answer"] is None
    assert first["factor"]["definite"] is True
    assert first["factor"]["definition"]
    assert [each["what"] for each in found["decisions"]] == ["Joint visit"]
    (news,) = found["new_information"]
    assert (news["what"], news["shared"]["to_whom"]) == ("A man outside", "Head")
    assert [(each["outcome"], each["words"]) for each in found["endorsements"]] == [("endorsed", "Well seen")]
    then = found["as_it_was"]
    (risk,) = then["risks"]
    (measure,) = risk["measures"]
    assert (then["then"], then["since"]) == (found["submitted_at"], None)
    assert (risk["person"], risk["unmanaged"]) == (it.child.pk, False)
    assert (measure["owner"]["id"], measure["works"], measure["checked_again"]) == (it.desk.pk, "yes", True)
    assert [each["system"] for each in then["searches"]] == ["pnc"]
    assert [(each["state"], each["ended_by"]["id"]) for each in then["gaps_ended"]] == [("answered", it.desk.pk)]
    assert [then[name] for name in ("gaps", "risks_ended", "measures_ended", "not_searched")] == [[]] * 4


def test_the_paper_of_an_assessment_is_given_too(desk: Program) -> None:
    waits, theirs = submitted(a_case()), submitted(a_case(a_team("ENF")))
    asks = {"Accept": "application/pdf"}
    answer = desk.client.get(reverse("api:assessment_pdf", args=[waits.pk]), headers=asks)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert set(operation("assessment_pdf", "get")["responses"]["200"]["content"]) == {"application/pdf"}
    words = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages)
    assert f"Printed by {desk.user}" in " ".join(words.split())
    look = AccessLog.objects.latest("pk")
    assert (look.case_id, look.how, look.detail) == (waits.case_id, Look.PRINT, {"page": "api:assessment_pdf"})
    wrong = desk.client.get(reverse("api:assessment_pdf", args=[theirs.pk]), headers=asks)
    assert (wrong.status_code, wrong["Content-Type"]) == (404, "application/problem+json")


def test_gaps_risks_and_research_of_a_record_are_given(desk: Program) -> None:
    it = prepared()
    (gap,) = read(desk, "gaps", it.number)["results"]
    assert (gap["state"], gap["person"], gap["owner"]["id"]) == ("answered", it.child.pk, it.desk.pk)
    (risk,) = read(desk, "risks", it.number)["results"]
    assert (risk["risk"]["person"], risk["unmanaged"]) == (it.child.pk, False)
    (measure,) = risk["measures"]
    assert (measure["manages"], measure["measure"]["works"], len(measure["checks"])) == (True, "yes", 1)
    (asked,) = read(desk, "research", it.number)["results"]
    assert (asked["state"], asked["systems"], asked["people"]) == ("done", ["pnc"], [it.child.pk])
    (search,) = read(desk, "searches", it.number)["results"]
    assert (search["system"], search["found"], search["request"]) == ("pnc", False, asked["id"])


def test_assessments_are_narrowed(desk: Program) -> None:
    waits, other, enfield = submitted(a_case()), begun(), submitted(a_case(a_team("ENF")))
    assert [each["id"] for each in read(desk, "assessments")["results"]] == [other.pk, waits.pk]
    for asked in ({"state": "submitted"}, {"case": waits.case.number}, {"kind": "first", "state": "submitted"}):
        assert [each["id"] for each in read(desk, "assessments", **asked)["results"]] == [waits.pk], asked
    assert read(desk, "assessments", kind="review")["results"] == []
    said_wrong(desk.get("assessments", case=enfield.case.number), 404)
    said_wrong(desk.get("assessment", enfield.pk), 404)
    command = Program(an_officer(Role.COMMAND))
    assert [each["id"] for each in read(command, "assessments", team="ENF")["results"]] == [enfield.pk]


def test_the_assessments_of_one_record_are_a_look_at_that_record(desk: Program) -> None:
    case = a_case()
    before = AccessLog.objects.count()
    read(desk, "assessments", case=case.number)
    (look,) = AccessLog.objects.order_by("pk")[before:]
    assert (look.object_type, look.case_id) == ("cases.case", case.pk)


def test_an_assessment_is_read_with_as_many_statements_however_much_stands_in_it(desk: Program) -> None:
    it = prepared()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            for name in ("gaps", "risks", "research", "searches"):
                read(desk, name, it.number)
            read(desk, "assessment", it.assessment_id)
        return len(captured)

    few = statements()
    for number in range(3):
        by = an_officer(Role.DESK_SERGEANT)
        number_of = {"what": f"Risk {number}", "by": by}
        a_measure(a_risk(it.case, **number_of), works="yes", by=by)  # type: ignore[arg-type]
        searched = [{"system": "cris", "found": True, "result": f"{number}"}]
        Program(by).post("searches", it.number, searches=searched, searched_at=clock.moment().isoformat())
    assert statements() == few


def test_of_two_at_once_neither_overwrites_the_other(desk: Program) -> None:
    assessment, theirs = begun(), an_officer(Role.INVESTIGATOR)
    child = assessment.case.parts.get().person_id
    answered(assessment, Said.NO, by=theirs)
    mine = [an_answer_to(assessment), an_answer_to(assessment, factor=assessment.matrix.factors.all()[1].code)]
    found = desk.post("answers", assessment.pk, answers=mine).json()
    assert found["saved"] == 1
    (kept,) = found["theirs"]
    assert (kept["said"], kept["version"], kept["answered_by"]["id"]) == ("no", 1, theirs.pk)
    again = [{**mine[0], "version": kept["version"]}]
    assert desk.post("answers", assessment.pk, answers=again).json() == {"saved": 1, "theirs": []}
    assert Answer.objects.get(assessment=assessment, factor__code=mine[0]["factor"], person=child).said == "yes"


def test_not_known_raises_the_gap_that_was_said(desk: Program) -> None:
    assessment, officer = begun(), an_officer(Role.INVESTIGATOR)
    gap = {"gap_question": "Since when?", "gap_owner": officer.pk, "gap_due_on": in_a_day(3)}
    said = an_answer_to(assessment, said="not_known", **gap)
    assert desk.post("answers", assessment.pk, answers=[said]).status_code == 200
    raised = Gap.objects.get()
    assert (raised.question, raised.owner, raised.due_on.isoformat()) == ("Since when?", officer, in_a_day(3))
    stranger = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    wrong = said_wrong(desk.post("answers", assessment.pk, answers=[{**said, "gap_owner": stranger.pk}]))
    assert set(wrong["answers"]["0"]) == {"gap_owner"}


def test_a_factor_that_is_not_asked_is_refused(desk: Program) -> None:
    assessment = begun()
    for other in ({"factor": "nothing"}, {"person": 2**40}, {"address": 1}):
        said = [an_answer_to(assessment, **other)]
        assert "Open the section again" in said_wrong(desk.post("answers", assessment.pk, answers=said))["detail"]
    assert not Answer.objects.exists()


def test_a_second_level_and_a_second_endorsement_are_409(desk: Program) -> None:
    assessment = begun()
    level = {"level": "standard", "rationale": WHY, "version": version_of(assessment)}
    assert desk.post("level", assessment.pk, **level).status_code == 200
    said_wrong(desk.post("level", assessment.pk, **{**level, "level": "high"}), 409)
    waits, first = sent(), an_officer(Role.SUPERVISOR)
    version = version_of(waits)
    endorse_assessment(waits, by=first)
    said = said_wrong(desk.post("endorse_assessment", waits.pk, version=version), 409)
    assert f"{first} endorsed this CRAM" in said["detail"]
    said_wrong(desk.post("answers", waits.pk, answers=[an_answer_to(waits)]), 409)


def test_nobody_endorses_their_own(desk: Program) -> None:
    waits = submitted(a_case(), by=desk.user)
    said = said_wrong(desk.post("endorse_assessment", waits.pk, version=version_of(waits)))
    assert said["detail"] == "You sent this CRAM yourself, or set its level. Another sergeant endorses it."


def test_a_supervisor_directs_what_is_done(desk: Program) -> None:
    waits, officer = sent(), an_officer(Role.INVESTIGATOR)
    directed = [{"what": "Find where he sleeps", "owner": officer.pk, "due_on": in_a_day()}]
    found = desk.post("endorse_assessment", waits.pk, version=version_of(waits), directions=directed).json()
    assert found["state"] == "endorsed"
    assert [(each["action"]["what"], each["by_supervisor"]) for each in found["actions"]] == [
        ("Find where he sleeps", True)
    ]
    stranger = [{**directed[0], "owner": an_officer(Role.INVESTIGATOR, a_team("ENF")).pk}]
    again = sent()
    said = said_wrong(desk.post("endorse_assessment", again.pk, version=version_of(again), directions=stranger))
    assert set(said["directions"]["0"]) == {"owner"}


def test_what_contradicts_the_level_is_answered_before_it_is_sent(desk: Program) -> None:
    assessment = begun()
    a_risk(assessment.case, "No heating")
    desk.post("level", assessment.pk, level="standard", rationale=WHY, version=version_of(assessment))
    against = read(desk, "assessment", assessment.pk)["against"]
    assert against == ["a risk has no control measure that works: No heating"]
    said = said_wrong(desk.post("submit_assessment", assessment.pk, version=version_of(assessment)))
    assert "No heating" in said["detail"]
    answer = {"level": "standard", "rationale": WHY, "challenge_answer": "It is August"}
    desk.post("level", assessment.pk, **answer, version=version_of(assessment))
    found = desk.post("submit_assessment", assessment.pk, version=version_of(assessment)).json()
    assert (found["state"], found["challenged"]) == ("submitted", against)


def test_a_duty_of_another_record_is_answered_by_no_review(desk: Program) -> None:
    assessment, other = begun(), a_case().duties.earliest("pk")
    said = desk.post("submit_assessment", assessment.pk, version=version_of(assessment), together_with=other.pk)
    assert set(said_wrong(said)) == {"detail", "together_with"}


def test_what_belongs_to_another_record_is_not_taken(desk: Program) -> None:
    case, stranger = a_case(), a_case().people.get()
    assert set(said_wrong(desk.post("risks", case.number, what="x", person=stranger.pk))) == {"detail", "person"}
    wrong = said_wrong(desk.post("risks", case.number, what="x", children=[stranger.pk]))
    assert set(wrong) == {"detail", "children"}
    search = {"searches": [{"system": "pnc", "found": False}], "searched_at": clock.moment().isoformat()}
    assert set(said_wrong(desk.post("searches", case.number, **search, people=[stranger.pk]))) == {"detail", "people"}
    assert set(said_wrong(desk.post("searches", case.number, **search, request=1))) == {"detail", "request"}
    assessment = begun()
    shared = desk.post("new_information", assessment.pk, what="x", shared=1)
    assert set(said_wrong(shared)) == {"detail", "shared"}
    measure = a_measure()
    said_wrong(desk.post("end_measure", case.number, measure.pk, why="x"), 404)
    assert not Search.objects.exists()


def test_a_check_that_somebody_else_has_made_is_409(desk: Program) -> None:
    measure = a_measure()
    said = {"works": "no", "found": "Broken", "next_on": in_a_day(), "seen": 0}
    args = measure.case.number, measure.pk
    found = desk.post("check_measure", *args, **said).json()
    assert (found["measure"]["works"], found["manages"]) == ("no", False)
    said_wrong(desk.post("check_measure", *args, **{**said, "works": "yes"}), 409)
    seen = found["checks"][0]["id"]
    assert desk.post("check_measure", *args, **{**said, "works": "yes", "seen": seen}).status_code == 201
    assert Measure.objects.get(pk=measure.pk).works == "yes"


def test_a_risk_is_to_the_children_that_were_sent_and_a_measure_is_changed_once_by_what_was_read(
    desk: Program,
) -> None:
    case = a_case()
    child = case.people.get().pk
    risk = desk.post("risks", case.number, what="No heating", children=[child]).json()
    assert (risk["risk"]["children"], risk["check_overdue_since"]) == ([child], None)
    measure = a_measure(Risk.objects.get(), works=Works.YES)
    move_time_to(clock.now() + 40 * ONE_DAY)
    (risk,) = read(desk, "risks", case.number)["results"]
    (found,) = risk["measures"]
    assert (risk["check_overdue_since"], found["check_overdue"]) == (found["measure"]["check_on"], True)
    said = {"owner": desk.user.pk, "until": None, "check_on": found["measure"]["check_on"], "reason": "On leave"}
    said["version"] = found["measure"]["version"]
    wrong = said_wrong(desk.patch("measure", case.number, measure.pk, **{**said, "check_on": in_a_day(9)}), 400)
    assert "check it first" in str(wrong)
    changed = desk.patch("measure", case.number, measure.pk, **said).json()
    assert (changed["measure"]["owner"]["id"], changed["measure"]["until"]) == (desk.user.pk, None)
    assert changed["check_overdue"] is True
    said_wrong(desk.patch("measure", case.number, measure.pk, **{**said, "until": in_a_day(20)}), 409)


def test_a_constable_accepts_no_risk() -> None:
    risk = a_risk()
    program = Program(an_officer(Role.INVESTIGATOR))
    accepts = {"approach": "accept", "what": "Known", "owner": program.user.pk, "from_on": clock.today().isoformat()}
    accepts |= {"check_on": in_a_day(), "works": "yes", "found": "It is small"}
    args = risk.case.number, risk.pk
    assert "endorse assessments" in said_wrong(program.post("set_measure", *args, **accepts), 403)["detail"]
    sergeant = Program(an_officer(Role.SUPERVISOR))
    assert sergeant.post("set_measure", *args, **accepts).status_code == 201


def test_the_pages_and_a_program_see_each_other_s_answers(desk: Program) -> None:
    assessment = begun()
    said = an_answer_to(assessment)
    desk.post("answers", assessment.pk, answers=[said])
    typed = Answered(said["factor"], person=said["person"], said=Said.NO, version=0)
    saved = save_answers(assessment, answers=[typed], by=User.objects.system())
    assert [each.answered_by for each in saved.theirs] == [desk.user]
