"""The measures of risk, conferences and records, each recounted by hand on a small world; and how time and other
records change them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.models import Q

from cases.actions import agree_closure
from cases.enums import ClosureState, TransferState
from cases.models import Case, Closure, Transfer
from conferences.actions import Decided, correct_outcome, withdraw_plan
from conferences.enums import ConferenceState, Outcome
from conferences.figures import ATTENDANCE_TARGET
from conferences.models import CategoryFrom, Conference, OutcomeFor, Plan, StepDone
from cram.actions import endorse_assessment
from cram.enums import Works
from cram.models import Assessment, Gap, Measure, Risk
from cram.turns import Risks
from deadlines import clock
from deadlines.clock import london_date
from deadlines.periods import months_until
from diary.kinds import kinds
from diary.models import Duty, DutyState
from oversight.counting import bring_up_to_date
from oversight.enums import Period, Shape
from oversight.measures import BY_CODE, closing, conferences, records, risk
from oversight.measures.records import KINDS, NOBODY
from oversight.models import Changed, Fact
from people.said import PersonSaid
from referrals.models import Referral
from team.enums import Role
from team.history import save_as
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_core_group, children_on, decided, held
from tests.factories.figures import kept, worked_out
from tests.factories.managing import a_measure, a_risk
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.factories.transferring import transferred
from tests.integration.oversight.four_months import (
    DAYS,
    NOW,
    World,
    day,
    facts,
    four_months,
    lasting,
)
from tests.integration.oversight.recounted import (
    OF_ITS_OWN,
    Then,
    check_conferences,
    check_in_the_way,
    check_plans,
    done_in_time,
    lasted,
    of_months,
    said,
    unmanaged_then,
    was_overdue,
)
from tests.shared import Shared, undone

pytestmark = pytest.mark.django_db

MEASURES = (*risk.MEASURES, *conferences.MEASURES, *records.MEASURES, *closing.MEASURES)
MONTHS = months_until(london_date(NOW), 13)


@pytest.fixture(scope="module")
def world(shared: Shared) -> World:
    return shared(build)


def build() -> World:
    built = four_months()
    bring_up_to_date()
    return built


# --- what lasts ----------------------------------------------------------------------------------


def test_what_lasted_at_the_end_of_each_day(world: World) -> None:
    then = Then()
    duties, gaps = list(Duty.objects.all()), list(Gap.objects.all())
    risks = {case.pk: Risks(case) for case in Case.objects.filter(risks__isnull=False).distinct()}
    rows = {each.code: facts(each.code) for each in MEASURES if each.period == Period.AT_END}
    assert all(rows.values())

    def overdue(on: date, fits: Callable[[Duty], bool], part: str | None = None) -> set[tuple[int, str, int, int]]:
        late = [each for each in duties if fits(each) and was_overdue(each, on)]
        return {
            (each.case_id, each.kind if part is None else part, each.pk, then.team(each.case_id, on)) for each in late
        }

    for on in DAYS:
        assert lasting(rows["overdue"], on) == overdue(on, lambda each: not each.from_before), on
        assert lasting(rows["overdue_from_old_logs"], on) == overdue(on, lambda each: each.from_before), on
        assert lasting(rows["overdue_gaps"], on) == overdue(on, lambda each: each.kind == "gap", part=""), on
        assert lasting(rows["open_gaps"], on) == {
            (each.case_id, "factor" if each.factor else "hand", each.pk, then.team(each.case_id, on))
            for each in gaps
            if lasted(each.raised_at, each.ended_at, on)
        }, on
        assert lasting(rows["unmanaged_risks"], on) == unmanaged_then(then, risks, on), on
        lines = [line for case in then.lines if (line := then.at_end(case, on)) and line.state == "open"]
        assert {(case, part, team) for case, part, _, team in lasting(rows["open_records"], on)} == {
            (line.id, line.level or "none", line.team_id) for line in lines
        }, on


def test_the_days_on_which_a_risk_was_unmanaged(world: World) -> None:
    """Before its control measure was set, after its last day, between two measures, and with another team; not
    on the record while it was closed."""
    one = Risk.objects.filter(case=world.cases["moved"]).earliest("pk")
    checked, until_march = (Risk.objects.get(case=world.cases["closed"], what=what) for what in WHATS)

    def spans(of: Risk) -> list[tuple[int, date, date | None]]:
        return sorted((f.team_id, f.on, f.until) for f in facts("unmanaged_risks") if f.subject == of.pk)

    here, there = (team.pk for team in world.teams)
    assert spans(one) == [
        (here, day(0), day(2)),
        (here, day(10), day(14)),
        (here, day(20), day(21)),
        (there, day(21), None),
    ]
    assert spans(checked) == [(here, day(0), day(3)), (here, day(6), day(12))]
    assert spans(until_march) == [(here, day(65), None)]
    # Late from the day after, until it was given another day.
    late = sorted((f.team_id, f.on, f.until) for f in facts("overdue_gaps") if f.case_id == one.case_id)
    assert late == [(here, day(6), day(8)), (here, day(13), day(15)), (there, day(24), None)]


WHATS = ("The uncle reaching the children", "Managed until 12 March, when the record is closed")


def test_what_lasts_now_is_what_the_pages_say_now(world: World) -> None:
    def now(code: str) -> set[int]:
        return {each.subject for each in facts(code) if each.until is None}

    open_risks = Risk.objects.unmanaged().filter(case__state="open")
    assert now("unmanaged_risks") == set(open_risks.values_list("pk", flat=True)) != set()
    late = Duty.objects.filter(state=DutyState.OPEN, late_from__lte=clock.now())
    assert now("overdue") == set(late.filter(from_before=False).values_list("pk", flat=True)) != set()
    assert now("overdue_from_old_logs") == set(late.filter(from_before=True).values_list("pk", flat=True)) != set()
    assert {each.team_id for each in facts("overdue") if each.until is None} == {team.pk for team in world.teams}


def test_open_records_by_officer(world: World) -> None:
    open_now = Case.objects.filter(state="open")
    assert Counter((each.team_id, each.part) for each in facts("open_by_officer")) == Counter(
        (case.team_id, str(case.officer_in_case_id or NOBODY)) for case in open_now
    )
    officer = world.case("investigation").officer_in_case
    assert officer
    assert records.BY_OFFICER.names({str(officer.pk)}) == {NOBODY: "Nobody", str(officer.pk): str(officer)}


# --- what happens --------------------------------------------------------------------------------


def test_duties_done_in_time(world: World) -> None:
    of_each = [(each, in_time) for each in Duty.objects.all() if (in_time := done_in_time(each))]
    then = Then()
    by_hand = sorted((duty.case_id, then.team_of(duty), duty.kind, *in_time) for duty, in_time in of_each)
    assert said("duties_in_time") == by_hand
    assert {in_time for *_, in_time in by_hand} == {True, False}
    assert Duty.objects.count() > len(by_hand)
    reviews = [(case, team, "", *rest) for case, team, kind, *rest in by_hand if kind == "cram_review"]
    assert said("reviews_in_time") == reviews != []
    initials = {each.pk: "review" if each.kind == "review" else "initial" for each in Conference.objects.all()}
    assert said("conference_crams_in_time") == sorted(
        (duty.case_id, then.team_of(duty), initials[duty.subject], *in_time)
        for duty, in_time in of_each
        if duty.kind == "conference_cram"
    )
    assert {part for _, _, part, *_ in said("conference_crams_in_time")} == {"initial", "review"}


def test_first_crams_by_level(world: World) -> None:
    then = Then()
    first = Assessment.objects.filter(kind="first", submitted_at__isnull=False)
    by_hand = []
    for each in first:
        assert each.first_submitted_at
        team = then.at(each.case_id, each.first_submitted_at).team_id
        by_hand.append((each.case_id, team, then.level_sent(each), london_date(each.first_submitted_at), True))
    assert said("first_cram_levels") == sorted(by_hand)
    assert {level for _, _, level, *_ in by_hand} == {"standard", "high"}
    # Sent here, though the record is with another team by now.
    here, there = world.teams
    assert world.case("moved").team == there
    assert (world.cases["moved"].pk, here.pk) in {row[:2] for row in by_hand}
    # With the level that it had when it was sent, though another is put right later.
    row = first.get(case=world.cases["assessed"])
    row.level = "standard"
    save_as(row, User.objects.system())
    bring_up_to_date()
    assert said("first_cram_levels") == sorted(by_hand)


def test_records_that_were_raised_closed_and_opened_again(world: World) -> None:
    then = Then()
    old = set(Referral.objects.exclude(old_urn="").values_list("case_id", flat=True))
    assert said("records_raised") == sorted(
        (
            pk,
            lines[0].team_id,
            "old_log" if pk in old else "cait",
            london_date(lines[0].history_date),
            True,
        )
        for pk, lines in then.lines.items()
    )
    here = world.teams[0].pk
    closed = world.case("closed")
    agreed = Closure.objects.get(state=ClosureState.AGREED)
    assert said("records_closed") == [(closed.pk, here, "standard", day(18), True)]
    assert agreed.answered_at
    assert facts("records_closed")[0].minutes == pytest.approx(18 * 24 * 60, abs=1)
    assert said("closures_refused") == [(closed.pk, here, "", day(18), so) for so in (False, True)]
    assert said("records_reopened") == [(closed.pk, here, "", day(65), True)]


def test_records_that_were_transferred(world: World) -> None:
    """Two were, another waits for an answer."""
    here, there = world.teams
    went = sorted([(world.cases["moved"].pk, day(21)), (world.cases["handed over"].pk, day(40))])
    assert said("records_taken_over") == [(pk, there.pk, str(here.pk), on, True) for pk, on in went]
    assert said("records_handed_over") == [(pk, here.pk, str(there.pk), on, True) for pk, on in went]
    assert Transfer.objects.filter(state=TransferState.ASKED).exists()
    assert closing.TAKEN_OVER.names({str(here.pk)}) == {str(here.pk): str(here)}


def test_a_transfer_moves_no_figure_of_a_month_before(world: World) -> None:
    """Neither what happened, nor what was late or on a plan at its end; from then on it is the other team's."""
    here, there = world.teams
    may = date(2010, 5, 31)
    move_time_to(NOW + timedelta(days=29))
    for sent in Assessment.objects.filter(state="submitted").select_related("case"):
        endorse_assessment(sent, by=an_officer(Role.SUPERVISOR, sent.case.team))
    bring_up_to_date()
    were = of_months(may)
    going = [world.case(name) for name in ("family", "again", "investigation")]
    for case in going:
        transferred(case, there)
    move_time_to(NOW + timedelta(days=40))
    bring_up_to_date()
    assert of_months(may) == were
    assert kept() == worked_out()
    check_plans()

    stayed = {row[0] for row in were if row[0] in OF_A_TEAM and row[2] == here.pk}
    assert stayed == {"duties_in_time", "plans_begun", "repeat_plans"}
    for code in ("on_plans", "overdue"):
        assert any(row[0] == code and row[1] == may and row[-1] == here.pk for row in were), code
        gone = [each for each in facts(code) if each.case_id in {case.pk for case in going}]
        assert {each.team_id for each in gone if each.until is None} == {there.pk}, code


OF_A_TEAM = ("duties_in_time", "plans_begun", "repeat_plans")


# --- conferences and plans -----------------------------------------------------------------------


def test_conferences_are_counted_as_their_own_page_counts_them(world: World) -> None:
    found = check_conferences(world)
    assert all(found.values()), found
    assert {each.part for each in facts("conferences_missed")} == {"sickness", "clash"}
    assert conferences.ATTENDED.target == ATTENDANCE_TARGET
    assert Conference.objects.filter(state=ConferenceState.CANCELLED).exists()


def test_of_a_month_it_is_told_how_many_conferences_are_not_recorded_yet(world: World) -> None:
    """Beside the attendance, which counts those alone that are."""
    over = Conference.objects.exclude(state=ConferenceState.CANCELLED).filter(starts_at__lt=NOW)
    assert said("conferences_recorded") == sorted(
        (each.case_id, each.team_id, each.kind, london_date(each.starts_at), each.state == ConferenceState.HELD)
        for each in over
    )
    forgotten = Conference.objects.get(case=world.cases["forgotten"])
    assert [each.counted for each in facts("conferences_recorded") if each.subject == forgotten.pk] == [False]
    held(forgotten)
    bring_up_to_date()
    assert [each.counted for each in facts("conferences_recorded") if each.subject == forgotten.pk] == [True]
    assert kept() == worked_out()


def test_a_report_that_came_when_a_conference_had_begun_was_not_there(world: World) -> None:
    """Nor one that was sent before the conference was prepared anew."""
    review = Conference.objects.get(case=world.cases["family"], kind="review")
    sent_at = review.reports.get().sent_at
    assert sent_at
    began = sent_at - timedelta(minutes=5)
    Conference.objects.filter(pk=review.pk).update(starts_at=began)
    bring_up_to_date()
    assert check_conferences(world)["review_report"] == 0
    StepDone.objects.filter(kind="cram").update(done_at=clock.now())
    bring_up_to_date()
    assert check_conferences(world)["on_time"] == 0


def test_plans_are_counted_as_the_register_counts_them(world: World) -> None:
    assert check_plans() == {"neglect", "emotional", "physical", "sexual"}


def test_what_is_put_right_of_a_plan_counts(world: World) -> None:
    """Another category from the same day, and plans that were recorded by mistake."""
    plan = Plan.objects.running().get(case=world.cases["again"])
    by = User.objects.system()
    CategoryFrom.objects.create(plan=plan, category="neglect", from_on=plan.from_on, recorded_by=by)
    Plan.objects.filter(case=world.cases["before"]).update(withdrawn_at=clock.now(), withdrawn_why="By mistake")
    bring_up_to_date()
    assert check_plans() == {"neglect", "emotional"}
    assert [each.counted for each in facts("repeat_plans") if each.subject == plan.pk] == [False]
    withdraw_plan(plan, why="It was another child", by=by)
    bring_up_to_date()
    check_plans()
    of_plans = ["on_plans", "plans_begun", "repeat_plans", "on_plans_assessed"]
    assert not Fact.objects.filter(measure__in=of_plans, subject=plan.pk).exists()
    assert kept() == worked_out()


def test_repeat_plans_how_long_they_last_and_who_was_assessed(world: World) -> None:
    that_count = Plan.objects.filter(withdrawn_at=None)
    again = {each.pk for each in that_count if each.case == world.cases["again"]}
    assert {(each.subject, each.counted) for each in facts("repeat_plans")} == {
        (each.pk, each.pk in again) for each in that_count
    }
    assert len(again) == 1
    lengths = {each.subject: (each.minutes or 0) // (24 * 60) for each in facts("plans_ended")}
    assert lengths == {each.pk: (each.to_on - each.from_on).days for each in that_count if each.to_on}
    assessed = {each.subject: each.counted for each in facts("on_plans_assessed")}
    family = world.cases["family"].pk
    assert assessed == {each.pk: each.case_id == family for each in that_count if not each.to_on}
    assert set(assessed.values()) == {True, False}


# --- closure -------------------------------------------------------------------------------------


def test_what_stands_in_the_way_is_what_closing_says(world: World) -> None:
    Duty.objects.filter(case=world.cases["investigation"], kind="supervision").update(kind="of_long_ago")
    a_core_group(Plan.objects.running().filter(case__state="open").earliest("pk").case)
    late = a_measure(a_risk(world.cases["family"], "The door"), works=Works.YES, until=None)
    Measure.objects.filter(pk=late.pk).update(check_on=london_date(NOW) - timedelta(days=1))
    bring_up_to_date()
    seen = set().union(*check_in_the_way().values())
    assert not {*OF_ITS_OWN.values(), "adjourned", "cram_under_way", "first_cram", "gap", "triage"} - seen
    assert {each.part for each in facts("can_be_closed")} == {"asked", "not_asked"}


def test_a_record_that_is_closed_counts_no_more_among_what_is_so_now(world: World) -> None:
    asked = Closure.objects.get(state=ClosureState.ASKED)
    lasting_now = [each.code for each in MEASURES if each.lasts]
    there = Q(case=asked.case_id, measure__in=lasting_now, until=None)
    assert Fact.objects.filter(there).exists()
    a_measure(a_risk(asked.case), works=Works.YES, until=day(115), check_on=day(115))
    agree_closure(asked, by=an_officer(Role.INSPECTOR))
    bring_up_to_date()
    assert not Fact.objects.filter(there).exists()
    # Nor when nothing manages the risk any more that was managed when it was closed.
    move_time_to(NOW + timedelta(days=3))
    bring_up_to_date()
    assert not Fact.objects.filter(there).exists()
    assert kept() == worked_out()


def test_a_record_that_was_raised_after_the_moment_has_an_age(world: World) -> None:
    """The clock was put back: it is not older than it can be."""
    case = world.case("again")
    Case.objects.filter(pk=case.pk).update(raised_at=NOW + timedelta(days=2))
    bring_up_to_date()
    assert [each.part for each in facts("open_by_age") if each.case_id == case.pk] == ["0"]


# --- time, and other records ---------------------------------------------------------------------


def test_time_alone_changes_what_is_counted(world: World) -> None:
    """A control measure runs out; a duty becomes late; the hour of a conference comes."""
    moved = world.case("moved")
    at = Risk.objects.filter(case=moved).earliest("pk")
    a_measure(at, what="A refuge again", works=Works.YES, until=day(116), check_on=day(116))
    a_conference(world.case("untouched"), starts_at=NOW + timedelta(days=2, hours=1))
    bring_up_to_date()
    assert not Changed.objects.exists()

    def figures() -> tuple[int, int, int]:
        rows = Fact.objects.filter(until=None)
        unmanaged = rows.filter(measure="unmanaged_risks", subject=at.pk).count()
        waiting = rows.filter(measure="conferences_unrecorded").count()
        return unmanaged, waiting, rows.filter(measure="overdue").count()

    found = [figures()]
    for number in range(1, 6):
        move_time_to(NOW + timedelta(days=number))
        bring_up_to_date()
        found.append(figures())
        assert kept() == worked_out(), number
    # As the first day is `day(114)`.
    assert [unmanaged for unmanaged, _, _ in found] == [0, 0, 0, 1, 1, 1]
    assert [waiting - found[0][1] for _, waiting, _ in found] == [0, 0, 0, 1, 1, 1]
    assert found[-1][2] > found[0][2]


def test_what_happens_on_another_record_of_the_child_counts(world: World) -> None:
    """A plan there makes another a repeat; a CRAM there is one of the child on a plan; a conference there comes after
    one that was adjourned."""
    before, again = world.case("before"), world.case("again")

    def counts(code: str, case: Case) -> list[bool]:
        bring_up_to_date()
        assert kept() == worked_out()
        return [each.counted for each in facts(code) if each.case_id == case.pk]

    assert counts("on_plans_assessed", again) == [False]
    submitted(before)
    assert counts("on_plans_assessed", again) == [True]
    Plan.objects.filter(case=before).update(withdrawn_at=clock.now(), withdrawn_why="By mistake")
    assert counts("repeat_plans", again) == [False]
    # Assessed where the plan is carried, whatever the child is there.
    family = world.case("family")
    family.parts.update(part="other_child")
    assert counts("on_plans_assessed", family) == [True]


def test_what_follows_a_conference_that_was_adjourned(world: World) -> None:
    """Another is booked on another record of the child, and held; or what was decided is put right."""
    adjourned = world.case("adjourned")
    there = Fact.objects.filter(measure="in_the_way", case=adjourned, part="adjourned")
    assert there.exists()
    same = PersonSaid(given_names="Rhys", same_as=children_on(adjourned)[0].pk)
    with undone():
        outcome = OutcomeFor.objects.get(conference__case=adjourned)
        no_plan = Decided(outcome.child, Outcome.NO_PLAN)
        correct_outcome(outcome, decided=no_plan, why="They decided", by=User.objects.system())
        bring_up_to_date()
        assert not there.exists()
    another = a_conference(a_case(children=[same]))
    bring_up_to_date()
    assert kept() == worked_out()
    assert not there.exists()
    decided(held(another), Outcome.NO_PLAN)
    bring_up_to_date()
    assert kept() == worked_out()
    assert not there.exists()
    check_in_the_way()


# --- in words ------------------------------------------------------------------------------------


def test_every_kind_of_duty_is_counted() -> None:
    assert set(KINDS) == set(kinds())
    named = records.kinds_named({"gap", "something"})
    assert named == {"gap": "Find out what is not known", "something": "something"}


def test_every_measure_says_what_it_counts(world: World) -> None:
    assert len({each.code for each in MEASURES}) == len(MEASURES)
    for each in MEASURES:
        assert BY_CODE[each.code] is each
        assert len(each.code) <= 30
        assert (each.question[-1], each.definition[-1]) == ("?", "."), each.code
        assert bool(each.was and each.of) == (each.shape == Shape.SHARE), each.code
        parts = {fact.part for fact in facts(each.code)}
        assert parts, each.code
        assert bool(each.by) == (parts != {""}), each.code
        if not callable(each.parts):
            assert parts <= set(each.parts) | {""}, each.code
        assert all(each.names(parts).values())
