"""Intelligence gaps: who finds out by when, what was found out, and nothing twice (HMIC 2010, AFI 1)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cases.enums import Level
from cases.models import Case, Entry
from cram import actions
from cram.enums import GapState, Said
from cram.managing import gaps_of
from cram.models import Gap
from cram.paper import as_it_was
from deadlines.calendar import ONE_DAY
from diary.models import DutyState, Notice
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from tests.factories.assessing import an_assessment, answered, submitted
from tests.factories.managing import a_gap, a_risk
from tests.factories.team import a_team, an_officer
from tests.integration.cram.follows import (
    days,
    duties_of,
    last_entry,
    later,
    owner_of,
    refused,
    system,
    the_duty,
    wrong_with,
)

pytestmark = pytest.mark.django_db


def test_a_gap_is_a_duty_of_who_finds_out_by_the_day_that_was_chosen(case: Case) -> None:
    officer = an_officer(Role.RESEARCHER)
    gap = a_gap(case, owner=officer, due_on=days(9))
    duty = the_duty(gap)
    assert (duty.owner, duty.due_on) == (officer, days(9))
    assert "chosen" in duty.reckoned.why.sentence()
    assert last_entry(case).title == "Not known: Which other children can he reach?"
    assert wrong_with(case) == []


def test_a_gap_raised_by_hand_while_a_cram_is_written_is_part_of_it(case: Case) -> None:
    assert a_gap(case).raised_in is None
    assessment = an_assessment(case)
    assert a_gap(case, question="Who has a key?").raised_in == assessment


def test_the_same_is_not_asked_twice_while_it_is_open() -> None:
    gap = a_gap()
    with pytest.raises(ValidationError, match="raised this gap on"):
        a_gap(gap.case, question=" which other children CAN he reach? ")
    assert Gap.objects.count() == len(duties_of(gap)) == 1
    actions.drop_gap(gap, reason="He is in custody", by=system())
    a_gap(gap.case)  # it matters again


def test_a_gap_is_for_somebody_of_the_team_and_not_for_a_day_that_is_over(case: Case) -> None:
    elsewhere = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    said = {"question": "Who?", "owner": an_officer(Role.INVESTIGATOR), "due_on": days(1)}
    assert "holds no role" in refused("owner", actions.raise_gap_on, case, **said | {"owner": elsewhere})
    assert "today" in refused("due_on", actions.raise_gap_on, case, **said | {"due_on": days(-1)})
    assert "need to know" in refused("question", actions.raise_gap_on, case, **said | {"question": " "})


def test_another_date_is_another_duty_and_the_first_says_why_it_ended() -> None:
    gap = a_gap(due_on=days(2))
    gap = actions.change_gap(gap, owner=owner_of(gap), due_on=days(7), reason="The school is shut", by=system())
    first, second = duties_of(gap)
    assert (first.state, first.ended_why, first.due_on) == (
        DutyState.CANCELLED,
        "Another date: The school is shut",
        days(2),
    )
    assert (second.state, second.due_on, second.owner, second.cycle) == (DutyState.OPEN, days(7), gap.owner, 1)
    assert wrong_with(gap.case) == []


@pytest.mark.parametrize("moves", [True, False])
def test_a_gap_given_to_somebody_else_is_theirs_and_they_are_told(moves: bool) -> None:
    gap, other = a_gap(due_on=days(2)), an_officer(Role.INVESTIGATOR)
    due_on = days(3) if moves else gap.due_on
    gap = actions.change_gap(gap, owner=other, due_on=due_on, reason="On leave", by=system())
    duty = the_duty(gap)
    assert (duty.owner, duty.due_on) == (other, due_on)
    assert Notice.objects.filter(duty=duty, to_person=other).count() == 1
    assert len(duties_of(gap)) == 1 + moves
    assert wrong_with(gap.case) == []


def test_a_late_gap_can_be_given_to_somebody_else_and_stays_late() -> None:
    gap = a_gap(due_on=days(1))
    due_on = gap.due_on
    later(9)
    other = an_officer(Role.INVESTIGATOR)
    actions.change_gap(gap, owner=other, due_on=due_on, reason="On leave", by=system())
    assert the_duty(gap).due_on == due_on
    assert "today" in refused("due_on", actions.change_gap, gap, owner=other, due_on=due_on + ONE_DAY, reason="Leave")


def test_a_cram_that_was_sent_says_whose_a_gap_was_and_by_when_until_it_is_written_again(
    case: Case, client: Client
) -> None:
    gap = a_gap(case, due_on=days(5))
    assessment, before, other = submitted(case, Level.MEDIUM), owner_of(gap), an_officer(Role.PCLO)
    client.force_login(other)
    later(1)
    actions.change_gap(gap, owner=other, due_on=days(9), reason="On leave", by=system())
    a_risk(case)

    def stands() -> tuple[list[tuple[User | None, date]], int, bool]:
        assessment.refresh_from_db()
        then = as_it_was(assessment)
        page = client.get(reverse("cram:assessment", args=[case.number, assessment.number])).content.decode()
        when = "were when it was sent." in page, "stand as they are now." in page
        assert len(set(when)) == 2
        return [(each.owner, each.due_on) for each in then["gaps"]], len(then["risks"]), when[1]

    assert stands() == ([(before, days(4))], 0, False)
    actions.return_assessment(assessment, words="Which children?", by=an_officer(Role.SUPERVISOR))
    assert stands() == ([(other, days(9))], 1, True)


def test_of_two_who_change_a_gap_the_second_reads_what_the_first_did() -> None:
    gap, first = a_gap(), an_officer(Role.SUPERVISOR, name="Nandra")
    version = version_of(gap)
    actions.change_gap(gap, owner=owner_of(gap), due_on=days(8), reason="Shut", version=version, by=first)
    with pytest.raises(ChangedMeanwhile, match="Nandra changed this"):
        actions.change_gap(gap, owner=owner_of(gap), due_on=days(9), reason="Shut", version=version, by=system())
    assert the_duty(gap).due_on == days(8)


def test_a_change_sent_twice_changes_once() -> None:
    gap = a_gap()
    for _ in range(2):
        gap = actions.change_gap(gap, owner=owner_of(gap), due_on=days(8), reason="Shut", by=system())
    assert len(duties_of(gap)) == 2
    assert Entry.objects.filter(case=gap.case, title__startswith="Not known, changed").count() == 1


def test_an_answer_ends_the_gap_and_its_duty_once() -> None:
    gap, officer = a_gap(), an_officer(Role.RESEARCHER, name="Duarte")
    ended = actions.answer_gap(gap, resolution="A boy of 5, in Edmonton", by=officer)
    assert (ended.state, ended.ended_by, ended.resolution) == (GapState.ANSWERED, officer, "A boy of 5, in Edmonton")
    (duty,) = duties_of(gap)
    assert duty.state == DutyState.SATISFIED
    for again in (actions.answer_gap, actions.drop_gap):
        said = {"resolution" if again is actions.answer_gap else "reason": "Another"}
        with pytest.raises(ChangedMeanwhile, match=r"Duarte answered this on .*: “A boy of 5, in Edmonton”"):
            again(gap, **said, by=system())
    assert Entry.objects.filter(case=gap.case, title__startswith="Answered:").count() == 1


def test_a_gap_that_nobody_needs_any_more_ends_with_the_reason() -> None:
    gap = actions.drop_gap(a_gap(), reason="He is in custody", by=system())
    assert (gap.state, duties_of(gap)[0].state) == (GapState.NOT_NEEDED, DutyState.CANCELLED)
    assert "Say why" in refused("reason", actions.drop_gap, a_gap(gap.case, question="Who?"), reason=" ")


def test_a_gap_says_which_answer_raised_it(case: Case) -> None:
    assessment = an_assessment(case)
    answered(assessment, Said.NOT_KNOWN, by=an_officer(Role.DESK_SERGEANT))
    by_hand = a_gap(case)
    factor = assessment.matrix.factors.get(code=Gap.objects.exclude(factor="").get().factor)
    shown = {row.gap.pk: (row.factor, row.about) for row in gaps_of(case)}
    assert shown.pop(by_hand.pk) == ("", "")
    assert list(shown.values()) == [(factor.name, str(case.people.get()))]
