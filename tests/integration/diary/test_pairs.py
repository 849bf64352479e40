"""One review for two clocks (HMIC 2010, AFI 4)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cases.actions import assign_case
from cases.models import Case
from deadlines import clock, rules
from diary import kinds
from diary.kinds import DutyKind, register
from diary.models import Duty, DutyState
from diary.pairs import offered_with, pairs_of
from diary.steps import raise_duty
from oversight.counting import bring_up_to_date
from referrals.actions import supervise
from referrals.enums import DecisionKind
from team.enums import Role
from team.models import User
from team.permissions import Permission
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decided_case
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

# A review on another clock, as the CRAM's.
OTHER = DutyKind(
    code="other_review",
    label="Review the CRAM",
    owner_role=Role.SUPERVISOR,
    view="workbench:case",
    permission=Permission.SUPERVISE_RECORDS,
    do="Start review",
    review=True,
)


@pytest.fixture(autouse=True)
def another_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
    register(OTHER)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:00:00+00:00")


def the_handbooks() -> Case:
    """A CRAM submitted on 14 December 2009, so a review on 25 January; a supervision on 21 December after two others,
    so the next on 18 January."""
    move_time_to(moment("2009-12-12"))
    case = a_decided_case(DecisionKind.POLICE)
    officer = an_officer(Role.INVESTIGATOR, case.team)
    assign_case(case, officer_in_case=officer, supervisor=None, by=User.objects.system())
    raise_duty(OTHER, case, rules.CRAM_REVIEW.due(moment("2009-12-14")), by=User.objects.system())
    for on in ("2009-12-13", "2009-12-21"):
        move_time_to(moment(on))
        reviewed(case)
    return case


def reviewed(case: Case, together_with: Duty | None = None) -> None:
    supervise(
        case,
        found=f"As of {clock.now()}",
        directions="Interview",
        reviewed_at=clock.now(),
        together_with=together_with,
        by=an_officer(Role.SUPERVISOR, case.team),
    )


def open_duty(case: Case, kind: str) -> Duty:
    return Duty.objects.get(case=case, kind=kind, state=DutyState.OPEN)


def test_the_handbooks_two_reviews_are_offered_as_one_by_the_earlier_date() -> None:
    case = the_handbooks()
    supervision, other = open_duty(case, "supervision"), open_duty(case, OTHER.code)
    assert (str(supervision.due_on), str(other.due_on)) == ("2010-01-18", "2010-01-25")
    pair = pairs_of([case.pk])[case.pk]
    assert (pair.first, pair.second, str(pair.by)) == (supervision, other, "2010-01-18")
    assert offered_with(supervision) == (OTHER, other.due_on, pair.by)
    offered = offered_with(other)
    assert offered is not None
    assert offered.kind.code == "supervision"


def test_eight_days_apart_they_stay_two() -> None:
    case = the_handbooks()
    other = open_duty(case, OTHER.code)
    Duty.objects.filter(pk=other.pk).update(due_on=other.due_on + timedelta(days=1))
    assert pairs_of([case.pk]) == {}
    assert offered_with(other) is None


def test_one_review_answers_both_and_says_so() -> None:
    case = the_handbooks()
    other = open_duty(case, OTHER.code)
    move_time_to(moment("2010-01-18"))
    reviewed(case, together_with=other)
    answered = Duty.objects.get(case=case, kind="supervision", answered_with=other)
    assert (answered.state, answered.ended_why) == (DutyState.SATISFIED, "Answered with: Review the CRAM")
    assert str(open_duty(case, "supervision").due_on) == "2010-02-15"


def test_what_was_not_offered_together_is_refused() -> None:
    case, elsewhere = the_handbooks(), the_handbooks()
    move_time_to(moment("2010-01-18"))
    with pytest.raises(ValidationError, match="not due close enough"):
        reviewed(case, together_with=open_duty(elsewhere, OTHER.code))
    assert not Duty.objects.filter(answered_with__isnull=False).exists()


def test_the_page_of_one_offers_the_other(client: Client) -> None:
    case = the_handbooks()
    client.force_login(an_officer(Role.SUPERVISOR, case.team))
    page = client.get(reverse("referrals:supervise", args=[case.number])).content.decode()
    assert "One review answers both" in page
    assert "Monday 18 January 2010" in page


def test_the_queue_says_so_on_both(client: Client) -> None:
    case = the_handbooks()
    client.force_login(an_officer(Role.SUPERVISOR, case.team))
    page = client.get("/queues/").content.decode()
    assert page.count("One review answers both") == 2


def test_the_saved_reviews_are_counted(client: Client) -> None:
    case = the_handbooks()
    move_time_to(moment("2010-01-18"))
    reviewed(case, together_with=open_duty(case, OTHER.code))
    client.force_login(an_officer(Role.INSPECTOR, case.team))
    said = "Since 1 December 2009 no one review answered two."
    assert said in client.get("/oversight/").content.decode()
    bring_up_to_date()
    page = client.get("/oversight/").content.decode()
    link = r'<b><a class="govuk-link" href="([^"]*)">(\d)<.*?review was spared</b>'
    ((address, number),) = re.findall(link, page, re.S)
    listed = client.get(unescape(address)).content.decode()
    assert (number, '<b id="listed">1 ' in listed, case.number in listed) == ("1", True, True)
