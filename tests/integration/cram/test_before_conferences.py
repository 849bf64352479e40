"""A CRAM before every conference, and what plans and core groups do to the dates of CRAMs (HMIC 2010, AFI 1)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client

from cases.actions import add_person, take_person_off
from cases.enums import Part
from cases.models import Case, CasePerson
from conferences.actions import book_conference, cancel_core_group, end_plan, withdraw_plan
from conferences.enums import PlanEnd, StepKind
from conferences.models import Plan
from conferences.queries import steps_done
from cram import duties
from cram.actions import submit_assessment
from cram.enums import AssessmentKind
from cram.timeline import timeline_of
from deadlines import clock, rules
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState, Watch
from diary.pairs import pair_of
from diary.steps import cancel_duty, pass_to, raise_again
from team.enums import Role
from tests.factories.assessing import WITHOUT, an_assessed_case, an_assessment, assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_conference,
    a_core_group,
    a_plan,
    a_review,
    as_booked,
    decided,
    held,
    on_a_plan,
)
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_child
from tests.factories.team import an_officer
from tests.integration.cases.leads import another_of, choose, known, the_child
from tests.integration.cram.test_two_clocks import open_duty, reviewed_on_both_clocks, reviewing, system

pytestmark = pytest.mark.django_db

# A Monday; and an initial conference on the Tuesday after Easter, before which the CRAM is due on Tuesday 30 March.
NOW = datetime(2010, 3, 1, 10, 0, tzinfo=LONDON)
HELD = datetime(2010, 4, 6, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
(FIRST_CRAMS,) = import_module("old_logs.migrations.0002_first_crams_of_plans_before").Migration.operations


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def open_kinds(case: Case) -> dict[str, date]:
    return dict(Duty.objects.filter(case=case, state=DutyState.OPEN).values_list("kind", "due_on"))


# --- which it is, and by when --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "sent_at", "on_time"),
    [
        (0, datetime(2010, 3, 30, 23, 0, tzinfo=LONDON), True),
        (0, datetime(2010, 3, 31, 0, 30, tzinfo=LONDON), False),
        # The review was due on 18 March already: the CRAM answers that too, and is late for it.
        (25, datetime(2010, 3, 19, 10, 0, tzinfo=LONDON), False),
    ],
)
def test_it_is_on_time_by_the_date_of_its_conference_and_of_the_review_that_it_answers_too(
    days_ago: int, sent_at: datetime, on_time: bool
) -> None:
    move_time_to(NOW - days_ago * DAY)
    case = an_assessed_case()
    conference = a_conference(case, starts_at=HELD)
    move_time_to(sent_at)
    sent = submitted(case)
    assert (sent.kind, sent.on_time) == (AssessmentKind.CONFERENCE, on_time)
    assert StepKind.CRAM in steps_done(conference)
    # Any CRAM restarts the clock of the reviews.
    assert open_kinds(case)["cram_review"] == sent_at.date() + 42 * DAY
    assert "conference_cram" not in open_kinds(case)
    assert findings_of(case) == []


def test_one_that_is_further_off_than_a_review_waits_for_it_and_a_first_cram_stays_one() -> None:
    case = an_assessed_case()
    a_review(case, starts_at=NOW + 43 * DAY)
    assert submitted(case).kind == AssessmentKind.REVIEW
    assert "conference_cram" in open_kinds(case)
    move_time_to(NOW + DAY)
    assert an_assessment(case, kind=AssessmentKind.CONFERENCE).kind == AssessmentKind.CONFERENCE  # if it is said
    conference = a_conference(starts_at=HELD)
    assert submitted(conference.case).kind == AssessmentKind.FIRST
    assert StepKind.CRAM in steps_done(conference)
    assert findings_of(conference.case) == []


def test_its_pages_say_before_which_conference_it_is(client: Client) -> None:
    case, by = an_assessed_case(), an_officer(Role.INSPECTOR)
    client.force_login(by)

    def words(address: str = f"/cases/{case.number}/cram/") -> str:
        html = unescape(client.get(address).content.decode())
        return " ".join(re.sub(r"<[^>]*>", " ", html[html.index("<main") :]).split())

    assert "Begin a review" in words()
    a_conference(case, starts_at=HELD)
    page = words()
    assert "Begin the CRAM before the conference on 6 April 2010" in page
    assert "CRAM before a conference (initial conference, 6 April 2010) :" in page.replace("):", ") :")
    an_assessment(case)
    assert "CRAM before the conference on 6 April 2010, under way" in words()
    assert "CRAM before the conference on 6 April 2010, Matrix" in words(f"/cases/{case.number}/cram/send/")
    move_time_to(datetime(2010, 3, 31, 10, 0, tzinfo=LONDON))
    said = [each for row in timeline_of(case).rows for each in row.said]
    assert "CRAM before a conference not done by 30 March 2010 (initial conference, 6 April 2010)" in said
    late = submitted(case)
    assert late.on_time is False
    # Counted on a line of its own, which leads to its own list.
    page = words("/cram/quality/")
    assert "CRAM before a conference 1 0 of 1 1 not" in page
    assert "First CRAM 1 1 of 1" in page
    html = unescape(client.get("/cram/quality/").content.decode())
    assert 'href="/cram/quality/list/?which=on_time&met=no&cram=conference' in html
    listed = words("/cram/quality/list/?which=on_time&met=no&cram=conference")
    assert listed.count(case.number) == 1
    assert case.number not in words("/cram/quality/list/?which=on_time&met=no&cram=review")


# --- plans and core groups -----------------------------------------------------------------------


def test_a_child_on_a_plan_whose_record_is_of_an_old_log_has_a_cram_due_until_the_plan_is_withdrawn() -> None:
    case = an_old_referral().case
    plan = a_plan(case)
    assert "first_cram" not in open_kinds(case)
    duty = open_duty(case, "plan_cram")
    assert duty.due_on == (NOW + 42 * DAY).date()
    assert "a child on a plan, known" in duty.reckoned.why.sentence()
    # There are hundreds on the first day: nobody is told ever higher up that they are late.
    assert (duty.from_before, Watch.objects.filter(duty=duty).exists()) == (True, False)
    assert findings_of(case) == []
    withdraw_plan(plan, why="It was their cousin", by=system())
    duty.refresh_from_db()
    assert (duty.state, duty.ended_why) == (DutyState.CANCELLED, "No child of it is on a plan any more")
    assert findings_of(case) == []
    # Recorded again, and assessed: done, and reviewed from now on.
    plan = a_plan(case)
    first = submitted(case)
    assert (first.kind, first.on_time) == (AssessmentKind.FIRST, True)
    assert set(open_kinds(case)) & {"first_cram", "plan_cram", "cram_review"} == {"cram_review"}
    withdraw_plan(plan, why="It was their cousin", by=system())
    assert findings_of(case) == []


def test_of_a_plan_that_begins_in_cait_the_first_cram_is_due_within_the_day_and_told() -> None:
    case = an_old_referral().case
    before = a_plan(case)
    brother = add_person(case, part=Part.CHILD, said=a_child("Tam"), on=clock.today(), by=system())
    conference = a_conference(case, children=[brother])
    decided(held(conference))
    duty = open_duty(case, "first_cram")
    plan = brother.plans.get()
    assert (duty.due_at, duty.from_before) == (plan.recorded_at + DAY, False)
    assert "plan_cram" not in open_kinds(case)
    assert findings_of(case) == []
    end_plan(plan, to_on=clock.today(), end=PlanEnd.MOVED, note="By telephone", by=system())
    assert open_duty(case, "plan_cram").reckoned.why.started == clock.london_date(before.recorded_at)
    assert findings_of(case) == []


def test_a_plan_of_another_area_that_began_since_the_record_came_is_as_new_as_one_that_was_decided_here() -> None:
    case = an_old_referral().case
    move_time_to(NOW + 2 * 365 * DAY)
    plan = a_plan(case, from_on=clock.today() - 3 * DAY)
    duty = open_duty(case, "first_cram")
    assert (duty.due_at, Watch.objects.filter(duty=duty).exists()) == (plan.recorded_at + DAY, True)
    assert "plan_cram" not in open_kinds(case)
    assert findings_of(case) == []


def as_before_the_upgrade(case: Case, plan: Plan) -> Duty:
    """Every record of an old log with a plan had its first CRAM due within the day."""
    cancel_duty(duties.ON_PLAN, case, why="Lost", by=system())
    if (duty := Duty.objects.filter(case=case, kind="first_cram", state=DutyState.OPEN).first()) is not None:
        return duty
    due = rules.CRAM_FIRST.due_or_at_once(plan.recorded_at, event=duties.ON_A_PLAN)
    return raise_again(duties.FIRST, case, due, by=system())


def test_the_first_crams_of_before_are_counted_anew_at_the_upgrade_and_leave_nothing_for_the_first_night() -> None:
    old, named, other, new = (an_old_referral().case for _ in range(4))
    before = {case.pk: as_before_the_upgrade(case, a_plan(case)) for case in (old, named)}
    before[other.pk] = as_before_the_upgrade(other, a_plan(other))
    assessed(another_of(the_child(other)))
    cancel_duty(duties.FIRST, other, why="Lost", by=system())
    before[other.pk] = as_before_the_upgrade(other, the_child(other).plans.get())
    before[new.pk] = as_before_the_upgrade(new, a_plan(new, from_on=clock.today()))
    pass_to(before[named.pk], officer := an_officer(Role.SUPERVISOR), system())
    every = (old, named, other, new)
    assert [bool(findings_of(case)) for case in every] == [True, True, True, False]
    with connection.cursor() as cursor:
        cursor.execute(FIRST_CRAMS.sql)
    assert [findings_of(case) for case in every] == [[], [], [], []]
    assert [open_kinds(case).get("plan_cram") for case in every] == [(NOW + 42 * DAY).date()] * 2 + [None, None]
    duty, by_name = (open_duty(case, "plan_cram") for case in (old, named))
    assert (duty.from_before, by_name.from_before, by_name.owner) == (True, False, officer)
    assert duty.history.get().history_user == before[old.pk].history.first().history_user == system()
    ended = before[other.pk]
    ended.refresh_from_db()
    assert (ended.state, ended.ended_why[:19], hasattr(ended, "watch")) == ("cancelled", "Not due any more: i", False)
    with connection.cursor() as cursor:
        cursor.execute(FIRST_CRAMS.reverse_sql)
    assert [[*{"first_cram", "plan_cram"} & set(open_kinds(case))] for case in every] == [["first_cram"]] * 4
    assert Watch.objects.filter(duty__in=before.values()).count() == 4
    with connection.cursor() as cursor:
        cursor.execute(FIRST_CRAMS.sql)
    assert [findings_of(case) for case in every] == [[], [], [], []]


def test_a_child_who_was_assessed_on_another_record_has_no_first_cram_due_on_an_old_one() -> None:
    old, other = an_old_referral().case, an_old_referral().case
    child = the_child(old)
    add_person(other, part=Part.CHILD, said=known(child), on=clock.today(), by=system())
    a_plan(old, child=child)

    def with_one() -> list[bool]:
        assert findings_of(old) + findings_of(other) == []
        return ["plan_cram" in open_kinds(each) for each in (old, other)]

    # On the record that leads alone, whichever that is.
    assert with_one() == [True, False]
    choose(other, child)
    assert with_one() == [False, True]
    ended = Duty.objects.get(case=old, kind="plan_cram")
    assert ended.ended_why == "Its children have a CRAM on another record, or have it due there"
    choose(old, child)
    # A record that was received has its own first CRAM, which is the child's.
    received = another_of(child, a_child("Tam"))
    assert with_one() == [True, False]
    assessed(received)
    assert with_one() == [False, False]
    # Of a child who was somebody else there is none.
    part = CasePerson.objects.get(case=received, person=child)
    take_person_off(part, reason="It was their cousin", by=system())
    assert with_one() == [True, False]


def test_a_core_group_brings_the_review_of_the_record_that_leads_forward_and_of_no_other() -> None:
    first = an_assessed_case()
    second = another_of(the_child(first))
    assessed(second)
    assert ("cram_review" in open_kinds(first), "cram_review" in open_kinds(second)) == (True, False)
    # The plan is carried on the record that does not lead, and so are its core groups.
    a_plan(second)
    group = a_core_group(second, NOW + 10 * DAY)
    assert open_duty(first, "cram_review").due_on == (NOW + 10 * DAY).date()
    assert "cram_review" not in open_kinds(second)
    cancel_core_group(group, why="The school is closed", by=system())
    assert open_duty(first, "cram_review").due_on == (NOW + 42 * DAY).date()
    assert findings_of(first) + findings_of(second) == []


def test_reviews_that_were_brought_forward_are_a_pair_by_their_new_dates() -> None:
    case = reviewed_on_both_clocks()  # it is 18 January, the supervision is due; the review on 25 January
    a_plan(case)
    group = a_core_group(case, datetime(2010, 1, 5, 10, 0, tzinfo=LONDON))
    review = open_duty(case, "cram_review")
    assert (review.due_on, pair_of(review)) == (clock.today(), pair_of(open_duty(case, "supervision")))
    pair = pair_of(review)
    assert pair is not None
    assert pair.by == clock.today()
    cancel_core_group(group, why="It was another family’s", by=system())
    a_core_group(case, datetime(2010, 1, 20, 10, 0, tzinfo=LONDON))
    supervision = open_duty(case, "supervision")
    assert open_duty(case, "cram_review").due_on == date(2010, 1, 20)
    submit_assessment(
        reviewing(case), sent_without=WITHOUT, together_with=supervision, by=an_officer(Role.SUPERVISOR)
    )
    # One review for both: the core group is after it, and so the next is brought to that again.
    following = (open_duty(case, "supervision").due_on, open_duty(case, "cram_review").due_on)
    assert following == (date(2010, 2, 15), date(2010, 1, 20))
    assert findings_of(case) == []


def test_a_conference_of_two_records_is_assessed_on_the_one_that_prepares_it() -> None:
    first = an_assessed_case()
    second = another_of(the_child(first))
    assessed(second)
    book_conference(second, **as_booked(second, starts_at=HELD), by=system())
    assert "conference_cram" in open_kinds(second)
    assert "conference_cram" not in open_kinds(first)
    move_time_to(NOW + DAY)
    sent = submitted(second)
    assert (sent.kind, sent.on_time) == (AssessmentKind.CONFERENCE, True)
    assert findings_of(first) + findings_of(second) == []
    on_a_plan(first)  # and what follows hangs on the record that leads
    assert findings_of(first) + findings_of(second) == []
