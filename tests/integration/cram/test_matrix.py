"""Versions of the matrix: what the first one asks, how the next is drafted, compared and published, and that no
assessment ever changes by it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from audit.events import Event
from audit.models import AuditEvent
from cases.models import Case
from cram.actions import (
    add_factor,
    change_factor,
    discard_matrix,
    draft_matrix,
    publish_matrix,
    set_level,
    start_assessment,
    submit_assessment,
    take_factor_out,
)
from cram.enums import Category, Said, VersionState
from cram.matrix import compare, groups_of, seen
from cram.models import Answer, Assessment, Factor, Version
from cram.queries import matrix_in_force, sections_of
from deadlines.clock import LONDON
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from tests.factories.assessing import answered
from tests.factories.clock import move_time_to
from tests.factories.matrix import (
    NEW,
    SEEDED,
    a_changed_matrix,
    a_drafted_matrix,
    a_version_to_come,
    added,
    as_said,
    changed,
)
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
TODAY = NOW.date()
TOMORROW = TODAY + DAY


@pytest.fixture
def command() -> User:
    move_time_to(NOW)
    return an_officer(Role.COMMAND, name="Castell")


def refusal(act: Any, *args: Any, **said: Any) -> str:
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        act(*args, **said)
    return " ".join(refused.value.messages)


def seeded() -> Version:
    return Version.objects.get(number=SEEDED)


# --- the first one -------------------------------------------------------------------------------


def test_the_first_version_is_plainly_no_forces_own_form() -> None:
    version = seeded()
    assert version.state == VersionState.PUBLISHED
    assert version.from_on == date(2004, 1, 1)
    assert "illustrative" in version.about
    assert "not the form of any police force" in version.about


def test_the_first_version_asks_what_the_public_examples_name() -> None:
    factors = list(seeded().factors.all())
    assert 20 <= len(factors) <= 26
    asked = {factor.code for factor in factors if factor.definite}
    assert asked >= {"on_plan", "weapon_injury", "sexualised_behaviour", "unexplained_injury", "repeated_injuries"}
    assert asked >= {"violent_or_sexual_history", "earlier_allegations", "connected_to_plans", "domestic_abuse"}
    assert asked >= {"substance_misuse", "co_sleeping", "neglect", "mental_ill_health", "poor_accommodation"}
    assert Counter(factor.category for factor in factors) == {"victim": 14, "suspect": 5, "household": 6}


def test_three_factors_may_indicate_vulnerability_and_are_kept_apart() -> None:
    groups = {group.key: group for group in groups_of(seeded())}
    assert [factor.code for factor in groups["may-indicate"].factors] == [
        "disability",
        "private_fostering",
        "home_education",
    ]
    assert list(groups) == ["victim", "suspect", "household", "may-indicate"]


def test_every_factor_carries_its_definition_evidence_and_source() -> None:
    """The force was asked for these under Freedom of Information and could not answer (handbook section 3)."""
    for factor in seeded().factors.all():
        factor.clean_fields()
        assert factor.question.endswith("?")
        assert all((factor.definition, factor.evidence, factor.source))


# --- what the database refuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cram_version SET about = 'Ours' WHERE number = '1.0'",
        "UPDATE cram_version SET state = 'draft', from_on = NULL, published_at = NULL WHERE number = '1.0'",
        "DELETE FROM cram_version WHERE number = '1.0'",
        "UPDATE cram_factor SET question = 'Is it so?' WHERE code = 'neglect'",
        "DELETE FROM cram_factor WHERE code = 'neglect'",
        "UPDATE cram_factor SET version_id = {draft} WHERE version_id = {published} AND code = 'neglect'",
        "UPDATE cram_factor SET version_id = {published} WHERE version_id = {draft} AND code = 'mine'",
        "INSERT INTO cram_factor (version_id, code, category, definite, name, question, definition, evidence, "
        "source, place) VALUES ({published}, 'mine', 'victim', true, 'n', 'q', 'd', 'e', 's', 1)",
    ],
)
def test_the_database_refuses_every_change_of_a_published_version(statement: str) -> None:
    draft = Version.objects.create(number="1.1", about="Drafted in SQL")
    said = {name: str(NEW[name]) for name in ("category", "name", "question", "definition", "evidence", "source")}
    Factor.objects.create(version=draft, code="mine", place=1, **said)
    before = list(Factor.objects.values_list())
    statement = statement.format(draft=draft.pk, published=seeded().pk)
    refused = pytest.raises(DatabaseError, match="published version of the matrix never changes")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Factor.objects.values_list()) == before


# --- publishing changes no assessment ------------------------------------------------------------


def everything_stored() -> list[list[tuple[Any, ...]]]:
    """Every answer and every assessment, field by field, and each line of their history."""
    models = (Answer, Assessment, Answer.history.model, Assessment.history.model)
    return [list(model._base_manager.order_by("pk").values_list()) for model in models]


def as_shown(assessment: Assessment) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What a page shows of an assessment: each question as it was asked, with its answer."""
    again = Assessment.objects.select_related("case", "previous").get(pk=assessment.pk)
    return [
        (section.about.key, [(each.factor.code, each.factor.question, each.said) for each in section.questions])
        for section in sections_of(again)
    ]


def test_publishing_a_version_changes_no_stored_assessment(command: User, sent: Assessment, case: Case) -> None:
    writing = start_assessment(case, by=User.objects.system())
    for number, said in enumerate((Said.YES, Said.NO, Said.NOT_KNOWN)):
        answered(writing, said, number=number)
    stored, shown = everything_stored(), [as_shown(sent), as_shown(writing)]
    draft = draft_matrix(number="1.1", reason="A review calls for it", by=command)
    changed(draft, "on_plan", question="Is there a plan?")
    take_factor_out(draft, code="weapon_injury", by=command)
    added(draft)
    publish_matrix(draft, from_on=TOMORROW, by=command)
    move_time_to(NOW + DAY)
    assert matrix_in_force() == draft
    assert everything_stored() == stored
    assert [as_shown(sent), as_shown(writing)] == shown


def test_an_assessment_is_answered_on_its_own_version_and_the_next_is_begun_on_the_new_one(
    command: User, case: Case
) -> None:
    first = start_assessment(case, by=User.objects.system())
    answered(first, Said.YES)
    draft = a_drafted_matrix()
    changed(draft, "on_plan", question="Is there a plan?")
    added(draft)
    publish_matrix(draft, from_on=TOMORROW, by=command)
    assert start_assessment(a_case(), by=User.objects.system()).matrix == seeded()
    move_time_to(NOW + DAY)
    answered(first, Said.NO, number=1)
    assert "seen_at_school" not in {code for _, asked in as_shown(first) for code, _, _ in asked}
    assert start_assessment(a_case(), by=User.objects.system()).matrix == draft


def test_a_review_lays_answers_on_two_versions_side_by_side(command: User, case: Case) -> None:
    first = start_assessment(case, by=User.objects.system())
    answered(first, Said.YES)
    said: Any = {"level": "high", "rationale": "There is a plan, and he is back", "challenge_answer": "It is managed"}
    submit_assessment(set_level(first, **said, by=User.objects.system()), by=User.objects.system())
    draft = a_drafted_matrix()
    changed(draft, "on_plan", question="Is there a plan?")
    added(draft)
    publish_matrix(draft, from_on=TOMORROW, by=command)
    move_time_to(NOW + DAY)
    review = start_assessment(case, by=User.objects.system())
    asked = {each.factor.code: each for section in sections_of(review) for each in section.questions}
    assert asked["on_plan"].factor.question == "Is there a plan?"
    assert asked["on_plan"].before is not None
    assert asked["on_plan"].before.factor.question != "Is there a plan?"
    assert asked["seen_at_school"].before is None
    assert asked["seen_at_school"].said == Said.NOT_ASKED


# --- drafting ------------------------------------------------------------------------------------


def test_a_draft_is_a_copy_of_the_newest_published_version(command: User) -> None:
    draft = draft_matrix(number="1.1", reason="A review calls for it", by=command)
    leave_out = {"id", "version_id"}
    fields = [field.attname for field in Factor._meta.concrete_fields if field.attname not in leave_out]
    assert list(draft.factors.values_list(*fields)) == list(seeded().factors.values_list(*fields))
    assert (draft.based_on, draft.about, draft.drafted_by) == (seeded(), seeded().about, command)
    assert not compare(draft).differs
    assert matrix_in_force() == seeded()


def test_one_version_is_drafted_at_a_time_and_sending_it_twice_makes_one(command: User) -> None:
    draft_matrix(number="1.1", reason="A review calls for it", by=command)
    said = refusal(draft_matrix, number="1.2", reason="Another", by=command)
    assert "Castell drafted version 1.1 on 14 January 2010" in said
    assert Version.objects.count() == 2


@pytest.mark.parametrize(
    ("number", "said"),
    [("1.0", "Enter a number after it"), ("0.9", "Enter a number after it"), ("two", "such as 1.1"), ("", "such as")],
)
def test_versions_are_numbered_one_after_another(command: User, number: str, said: str) -> None:
    assert said in refusal(draft_matrix, number=number, reason="A review", by=command)


def test_after_one_nine_comes_one_ten(command: User) -> None:
    changed(draft_matrix(number="1.9", reason="A review", by=command))
    publish_matrix(Version.objects.get(number="1.9"), from_on=TOMORROW, by=command)
    assert draft_matrix(number="1.10", reason="A review", by=command).number == "1.10"


def test_a_draft_says_why_there_is_a_new_version(command: User) -> None:
    assert refusal(draft_matrix, number="1.1", reason=" ", by=command) == "Say why there is a new version"


def test_of_two_who_change_a_factor_the_second_reads_what_the_first_did(command: User) -> None:
    draft = a_drafted_matrix()
    factor = Factor.objects.get(version=draft, code="neglect")
    opened_on = version_of(factor)
    changed(draft, "neglect", by=command, name="Lasting neglect")
    said = as_said(factor, name="Neglect at home", version=opened_on)
    with pytest.raises(ChangedMeanwhile, match=r"Castell changed this .* became Lasting neglect"):
        change_factor(draft, **said, by=command)
    with pytest.raises(ChangedMeanwhile, match="Castell changed this"):
        take_factor_out(draft, code="neglect", version=opened_on, by=command)
    assert Factor.objects.get(version=draft, code="neglect").name == "Lasting neglect"


def test_the_category_of_a_factor_stays_once_it_was_published(command: User) -> None:
    draft = a_drafted_matrix()
    factor = Factor.objects.get(version=draft, code="neglect")
    said = refusal(change_factor, draft, **as_said(factor), category=Category.VICTIM, by=command)
    assert "A published version asks “neglect” of each household" in said
    take_factor_out(draft, code="neglect", by=command)
    again = as_said(factor, category=Category.VICTIM)
    assert "give a factor about somebody else another code" in refusal(add_factor, draft, **again, by=command)
    mine = added(draft)
    assert change_factor(draft, **as_said(mine), category=Category.SUSPECT, by=command).category == Category.SUSPECT


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"code": "neglect"}, "The draft has a factor with this code already: Neglect"),
        ({"code": "Seen at school"}, "small letters"),
        ({"definition": " "}, "Say it: what it means"),
        ({"evidence": ""}, "Say it: evidence base"),
        ({"source": ""}, "Say it: source"),
        ({"place": 0}, "The place must be between 1 and"),
        ({"name": "Seen\nat school"}, "Take out line breaks"),
    ],
)
def test_a_factor_is_whole_and_has_a_code_of_its_own(command: User, other: dict[str, Any], said: str) -> None:
    draft = a_drafted_matrix()
    assert said in refusal(add_factor, draft, **{"code": "seen_at_school", **NEW, **other}, by=command)
    assert draft.factors.count() == seeded().factors.count()


def test_a_draft_is_thrown_away_whole_and_stays_in_the_history(command: User) -> None:
    draft = a_drafted_matrix()
    changed(draft)
    discard_matrix(draft, seen=seen(draft), by=command)
    assert list(Version.objects.all()) == [seeded()]
    assert not Factor.objects.exclude(version=seeded()).exists()
    assert Factor.history.filter(name="Neglect or a chaotic way of life, of any kind").exists()
    said = refusal(discard_matrix, draft, by=command)
    assert "Castell threw this draft away on 14 January 2010" in said
    assert "threw this draft away" in refusal(added, draft)


def test_a_draft_that_somebody_changed_meanwhile_is_not_thrown_away_or_published(command: User) -> None:
    draft = a_changed_matrix()
    opened_on = seen(draft)
    changed(draft, by=command)
    for act in (
        lambda: discard_matrix(draft, seen=opened_on, by=command),
        lambda: publish_matrix(draft, from_on=TOMORROW, seen=opened_on, by=command),
    ):
        with pytest.raises(ChangedMeanwhile, match="Castell changed “Neglect"):
            act()
    # So too where the last thing done to it was to take a factor out.
    opened_on = seen(draft)
    take_factor_out(draft, code="neglect", by=command)
    with pytest.raises(ChangedMeanwhile, match="Castell changed “Neglect"):
        publish_matrix(draft, from_on=TOMORROW, seen=opened_on, by=command)


# --- publishing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (TODAY, "tomorrow at the earliest"),
        (TODAY - DAY, "tomorrow at the earliest"),
        (date(2011, 1, 15), "Enter a day by 14 January 2011"),
    ],
)
def test_a_version_is_published_from_tomorrow_on_and_within_a_year(command: User, on: date, said: str) -> None:
    draft = a_changed_matrix()
    assert said in refusal(publish_matrix, draft, from_on=on, by=command)
    assert Version.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_a_version_whose_day_has_not_come_is_only_followed_by_another(command: User) -> None:
    first = a_version_to_come(TOMORROW + DAY)
    assert "was published by" in refusal(changed, first)
    assert "Version 1.1 was published" in refusal(publish_matrix, first, from_on=TOMORROW, by=command)
    assert "Version 1.1 was published" in refusal(discard_matrix, first, by=command)
    draft = a_drafted_matrix()
    assert (draft.number, draft.based_on) == ("1.2", first)
    changed(draft, name="Neglected")
    for on in (TOMORROW, TOMORROW + DAY):
        assert "Version 1.1 begins on 16 January 2010" in refusal(publish_matrix, draft, from_on=on, by=command)
    publish_matrix(draft, from_on=TOMORROW + 2 * DAY, by=command)
    in_force = []
    for days in range(4):
        move_time_to(NOW + days * DAY)
        in_force.append(str(matrix_in_force()).removeprefix("Matrix version "))
    assert in_force == ["1.0", "1.0", "1.1", "1.2"]


def test_a_draft_that_says_nothing_new_is_not_published(command: User) -> None:
    assert "There is nothing to publish" in refusal(publish_matrix, a_drafted_matrix(), from_on=TOMORROW, by=command)


def test_a_version_asks_about_children_suspects_and_households(command: User) -> None:
    draft = a_drafted_matrix()
    for code in draft.factors.filter(category=Category.SUSPECT).values_list("code", flat=True):
        take_factor_out(draft, code=code, by=command)
    assert "asks nothing definite about the suspect" in refusal(publish_matrix, draft, from_on=TOMORROW, by=command)


def test_what_is_done_to_the_matrix_belongs_to_no_record_and_no_team(command: User) -> None:
    draft = a_drafted_matrix(command)
    changed(draft, by=command)
    take_factor_out(draft, code="missing", by=command)
    publish_matrix(draft, from_on=TOMORROW, by=command)
    events = AuditEvent.objects.filter(by_id=command.pk).order_by("pk")
    assert [(each.event, each.case_id, each.team_id, each.detail) for each in events] == [
        (Event.MATRIX_DRAFTED, None, None, {"version": "1.1"}),
        (Event.FACTOR_CHANGED, None, None, {"version": "1.1", "factor": "neglect"}),
        (Event.FACTOR_TAKEN_OUT, None, None, {"version": "1.1", "factor": "missing"}),
        (Event.MATRIX_PUBLISHED, None, None, {"version": "1.1", "from_on": "2010-01-15"}),
    ]


# --- comparing -----------------------------------------------------------------------------------


def test_a_draft_is_compared_with_the_version_before_word_by_word() -> None:
    draft = a_drafted_matrix()
    added(draft)
    take_factor_out(draft, code="missing", by=User.objects.system())
    changed(draft, "neglect", question="Are the children in this household neglected?", definite=False)
    found = compare(draft)
    assert [factor.code for factor in found.added] == ["seen_at_school"]
    assert [factor.code for factor in found.taken_out] == ["missing"]
    (change,) = found.changed
    assert [field.label for field in change.fields] == ["Question", "Kind"]
    question = change.fields[0]
    assert [piece.text for piece in question.now if piece.only_here] == ["neglected?"]
    assert "".join(piece.text for piece in question.before) == change.before.question
    assert found.same == seeded().factors.count() - 2
