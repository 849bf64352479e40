"""The answers of an assessment: saved as one works, beside what others save, and what “not known” raises."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from cases.models import Case, Entry
from cram.actions import Answered, Saved, save_answers
from cram.enums import Category, GapState, Said
from cram.models import Answer, Assessment, Gap
from cram.queries import answers_of
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from people.models import Residence
from team.enums import Role
from team.models import User
from tests.factories.assessing import a_factor, an_assessment, answered
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Monday.
MONDAY = datetime(2009, 11, 16, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)


def a_constable(**other: Any) -> User:
    return an_officer(Role.INVESTIGATOR, **other)


def the_answer(assessment: Assessment) -> Answer:
    return Answer.objects.get(assessment=assessment)


# --- answered ------------------------------------------------------------------------------------


def test_an_answer_is_kept_with_its_evidence_its_source_and_who_gave_it(begun: Assessment) -> None:
    by = a_constable()
    assert answered(begun, Said.YES, by=by, source="Ms Orme, head").saved == 1
    answer = the_answer(begun)
    assert (answer.said, answer.note, answer.source) == (Said.YES, "As the school told us", "Ms Orme, head")
    assert (answer.version, answer.answered_by) == (1, by)
    assert answer.history.get().history_user == by
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.detail) == ("ASSESSMENT_ANSWERED", {"assessment": 1, "answers": 1})


def test_what_is_as_it_was_is_not_saved_again_and_what_was_not_asked_not_at_all(begun: Assessment) -> None:
    answered(begun, Said.NO)
    events = AuditEvent.objects.count()
    assert answered(begun, Said.NO).saved == 0
    assert answered(begun, Said.NO, version=0) == Saved(0)  # a form that is sent twice
    assert answered(begun, Said.NOT_ASKED, number=1, note="").saved == 0
    assert (the_answer(begun).version, AuditEvent.objects.count()) == (1, events)


def test_of_two_at_once_neither_overwrites_the_other_and_the_second_reads_the_first(begun: Assessment) -> None:
    first, second = a_constable(), a_constable()
    answered(begun, Said.YES, by=first, note="Seen by the nurse")
    child, codes = begun.case.people.get().pk, [a_factor(begun, number=n).code for n in (0, 1)]
    typed = [Answered(code, person=child, said=Said.NO, note="Asked the mother") for code in codes]
    saved = save_answers(begun, answers=typed, by=second)
    assert saved.saved == 1  # what nobody else had answered is saved all the same
    assert [(each.said, each.note, each.answered_by) for each in saved.theirs] == [
        (Said.YES, "Seen by the nurse", first)
    ]
    now = Answer.objects.get(assessment=begun, factor__code=codes[0])
    assert (now.said, now.version) == (Said.YES, 1)
    again = Answered(codes[0], person=child, said=Said.NO, note="Asked the mother", version=1)
    assert save_answers(begun, answers=[again], by=second) == Saved(1)
    now.refresh_from_db()
    assert (now.said, now.version, now.answered_by) == (Said.NO, 2, second)


def test_what_the_matrix_does_not_ask_or_not_about_them_is_refused(case: Case) -> None:
    elsewhere = a_case()
    assessment = an_assessment(case)
    child, code = case.people.get().pk, a_factor(assessment).code
    for wrong in (
        Answered("no_such_factor", person=child, said=Said.YES),
        Answered(code, person=elsewhere.people.get().pk, said=Said.YES),
        Answered(code, said=Said.YES),
        Answered(a_factor(assessment, Category.SUSPECT).code, person=child, said=Said.YES),
    ):
        with pytest.raises(ValidationError, match="Open the section again"):
            save_answers(assessment, answers=[wrong], by=User.objects.system())
    assert not Answer.objects.exists()


def test_an_answer_is_one_of_four_and_about_one() -> None:
    assessment = an_assessment(a_case(children=[a_child(address="4 Elm Row")]))
    lives_at = Residence.objects.get().address_id
    with pytest.raises(ValidationError, match="is not a valid choice"):
        answered(assessment, "perhaps")  # type: ignore[arg-type]
    answered(assessment, Said.YES)
    for change in ({"said": "perhaps"}, {"address": lives_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.update(**change)


# --- what is not known ---------------------------------------------------------------------------


def test_not_known_raises_one_gap_with_an_owner_and_a_date_and_an_answer_ends_it() -> None:
    move_time_to(MONDAY)
    assessment, owner = an_assessment(a_case()), a_constable()
    case = assessment.case
    answered(assessment, Said.NOT_KNOWN, gap_question="Who saw the mark first?", gap_owner=owner)
    gap = Gap.objects.get(case=case)
    assert (gap.question, gap.owner, gap.state, gap.raised_in) == (
        "Who saw the mark first?",
        owner,
        GapState.OPEN,
        assessment,
    )
    duty = Duty.objects.get(case=case, kind="gap")
    assert (duty.subject, duty.owner, duty.due_on) == (gap.pk, owner, gap.due_on)
    assert str(gap.due_on) == "2009-11-23"  # five working days are offered
    assert ", chosen on " in duty.reckoned.why.sentence()
    answered(assessment, Said.NOT_KNOWN, note="Asked the head again")
    assert Gap.objects.filter(case=case).count() == 1
    answered(assessment, Said.NO, note="The nurse looked")
    gap.refresh_from_db()
    duty.refresh_from_db()
    assert (gap.state, gap.resolution) == (GapState.ANSWERED, "No. The nurse looked")
    assert (duty.state, duty.ended_why) == (DutyState.SATISFIED, "Answered")
    titles = Entry.objects.filter(case=case, title__contains="Who saw the mark").values_list("title", flat=True)
    assert list(titles) == ["Not known: Who saw the mark first?", "Answered: Who saw the mark first?"]
    answered(assessment, Said.NOT_KNOWN)  # and not known again is another
    assert (Gap.objects.filter(case=case, state=GapState.OPEN).count(), findings_of(case)) == (1, [])


def test_where_nothing_is_said_the_question_is_the_factors_and_whoever_answers_finds_out(begun: Assessment) -> None:
    by = a_constable()
    answered(begun, Said.NOT_KNOWN, by=by)
    gap = Gap.objects.get()
    assert (gap.question, gap.owner, gap.factor) == (
        a_factor(begun).question,
        by,
        a_factor(begun).code,
    )


def test_not_yet_asked_raises_nothing(begun: Assessment) -> None:
    answered(begun, Said.NOT_ASKED)
    assert (the_answer(begun).said, Gap.objects.count()) == (Said.NOT_ASKED, 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"gap_due_on": (MONDAY - DAY).date()}, "due_on"), ({"gap_owner": "elsewhere"}, "owner")],
)
def test_a_gap_that_cannot_be_is_refused_and_nothing_is_saved(wrong: dict[str, Any], field: str) -> None:
    move_time_to(MONDAY)
    assessment = an_assessment(a_case())
    if wrong.get("gap_owner"):
        wrong = {"gap_owner": a_constable(team=a_team("ENF"))}
    with pytest.raises(ValidationError) as refused:
        answered(assessment, Said.NOT_KNOWN, **wrong)
    assert list(refused.value.message_dict) == [field]
    assert (Answer.objects.count(), Gap.objects.count()) == (0, 0)


def test_the_database_holds_one_open_gap_of_a_factor_about_one_person(begun: Assessment) -> None:
    answered(begun, Said.NOT_KNOWN)
    as_it_is = Gap.objects.values().get()
    with pytest.raises(IntegrityError, match="one_open_gap_of_a_factor"), transaction.atomic():
        Gap.objects.bulk_create([Gap(**{name: value for name, value in as_it_is.items() if name != "id"})])


def test_the_answers_of_one_are_found_by_what_they_answer(begun: Assessment) -> None:
    answered(begun, Said.YES)
    factor, child = a_factor(begun), begun.case.people.get()
    assert answers_of(begun) == {(factor.code, child.pk, None): the_answer(begun)}
    assert answers_of(None) == {}
