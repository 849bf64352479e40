"""What comes in and how soon the desk deals with it: each measure against a recount by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.actions import add_person, agree_closure, take_person_off
from cases.enums import Part
from cases.models import Case, CasePerson
from deadlines import clock
from deadlines.calendar import add_months
from deadlines.clock import LONDON, london_date
from diary.models import Duty
from oversight.measures import referrals as measures
from oversight.models import Changed
from people.said import PersonSaid
from referrals.actions import confirm_referral, triage_referral
from referrals.enums import Category, DecisionKind, Held, Method, Source
from referrals.models import Decision, Referral, Strategy
from team.models import User
from tests.factories.assessing import assessed
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decision, a_strategy, asked_to_close
from tests.factories.old_logs import a_row, an_old_log, brought_in, referral_of
from tests.factories.referrals import a_child, a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.oversight.counting_by_hand import Counted, done_in_time, found, team_then
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# Of the children that come back: the same day of the year before is within 12 months, the day before it is not.
A_YEAR_BEFORE = datetime(2009, 1, 12, 10, 0, tzinfo=LONDON)
TOO_LONG_BEFORE = datetime(2009, 1, 11, 23, 59, tzinfo=LONDON)
# A Tuesday.
BACK = datetime(2010, 1, 12, 9, 0, tzinfo=LONDON)
NOW = datetime(2010, 1, 20, 12, 0, tzinfo=LONDON)


@dataclass
class World:
    first: Referral  # of Rhys, a year before
    forgotten: Referral  # of Ellis, more than a year before
    back: Referral  # of Rhys again; everything in time, joint
    again: Referral  # of Rhys, late, joint, decided again
    undone: Referral  # of Ellis: nothing was done about it
    elsewhere: Referral  # of Rhys, in Enfield, just now
    passed: Referral  # with Enfield by now; Rhys was taken off it
    beside: Referral  # closed before anything was late; Rhys was there too
    old: Referral  # of an old log, the day alone
    undecided: Referral  # of an old log, with its time


def the_same(said: PersonSaid, referral: Referral) -> PersonSaid:
    part = CasePerson.objects.get(case=referral.case, part=Part.CHILD)
    return PersonSaid(said.given_names, said.family_name, same_as=part.person_id)


def received(at: datetime, **other: Any) -> Referral:
    """A referral that was logged ten minutes after it was received."""
    move_time_to(at + 10 * MINUTE)
    return a_referral(received_at=at, **other)


def triaged(referral: Referral, at: datetime) -> None:
    move_time_to(at)
    triage_referral(referral, urgent=False, what_next="", reason="No injury", by=User.objects.system())


def build() -> World:
    by, enfield = User.objects.system(), a_team("ENF")
    rhys, ellis = PersonSaid("Rhys", "Calloway"), PersonSaid("Ellis", "Brannock")
    forgotten = received(TOO_LONG_BEFORE, children=[ellis])
    first = received(A_YEAR_BEFORE, children=[rhys], categories=[Category.NEGLECT, Category.EMOTIONAL])
    rhys, ellis = the_same(rhys, first), the_same(ellis, forgotten)

    back = received(BACK, children=[rhys], urgent=True, method=Method.TELEPHONE, source=Source.FAMILY, protected=True)
    triaged(back, BACK + 30 * MINUTE)
    move_time_to(BACK + HOUR)
    a_strategy(back.case, held_at=BACK + 45 * MINUTE)
    meeting = {"how": Held.MEETING, "supervisor": an_officer("supervisor", back.team)}
    a_strategy(back.case, held_at=BACK + 50 * MINUTE, decided="Both visit", **meeting)
    a_decision(back.case, kind=DecisionKind.JOINT)
    assessed(back.case)
    move_time_to(BACK + 25 * HOUR)
    confirm_referral(back, confirmed_at=BACK + 24 * HOUR, confirmed_how="By email", by=by)

    undone = received(BACK + 6 * HOUR, children=[ellis], urgent=True, method=Method.TELEPHONE)
    # By the end of the next working day, 14 January.
    again = received(datetime(2010, 1, 13, 23, 30, tzinfo=LONDON), children=[rhys], source=Source.HEALTH)
    passed = received(datetime(2010, 1, 14, 9, 30, tzinfo=LONDON), children=[rhys, a_child("Kit")])
    part = CasePerson.objects.get(case=passed.case, person=rhys.same_as)
    take_person_off(part, reason="It was a cousin", by=by)
    triaged(passed, datetime(2010, 1, 14, 10, 0, tzinfo=LONDON))
    a_decision(passed.case, kind=DecisionKind.SOCIAL_SERVICES)
    triaged(again, datetime(2010, 1, 18, 9, 0, tzinfo=LONDON))
    a_strategy(again.case)
    a_decision(again.case, kind=DecisionKind.JOINT)
    assessed(again.case)

    # Telephoned on a Monday morning, and closed in the evening, before anything was late.
    beside = received(datetime(2010, 1, 18, 10, 0, tzinfo=LONDON), method=Method.TELEPHONE)
    add_person(beside.case, part=Part.OTHER_CHILD, said=rhys, on=clock.today(), by=by)
    triaged(beside, datetime(2010, 1, 18, 11, 0, tzinfo=LONDON))
    a_decision(beside.case)
    agree_closure(asked_to_close(beside.case), by=an_officer("supervisor", beside.case.team))

    move_time_to(datetime(2010, 1, 19, 10, 0, tzinfo=LONDON))
    taken = transferred(passed.case, enfield)
    # Numbers that CAIT itself has given to none.
    old_row = {"on": "12/01/2009"}
    rows = (a_row(urn="0901/09", time="", **old_row), a_row(urn="0902/09", decision="", **old_row))
    log = brought_in(an_old_log(*rows))
    move_time_to(datetime(2010, 1, 20, 9, 0, tzinfo=LONDON))
    a_decision(taken, kind=DecisionKind.POLICE, reason="The mother tells of a blow")
    a_decision(again.case, kind=DecisionKind.POLICE, reason="Social Services have closed")
    elsewhere = received(NOW - HOUR, team=enfield, children=[rhys], method=Method.TELEPHONE)
    move_time_to(NOW)
    old, undecided = referral_of(log), referral_of(log, 3)
    return World(first, forgotten, back, again, undone, elsewhere, passed, beside, old, undecided)


@pytest.fixture(scope="module")
def built(shared: Shared) -> World:
    return shared(build)


@pytest.fixture
def world(built: World) -> World:
    return own(built)


def every_referral() -> list[Referral]:
    return list(Referral.objects.select_related("team", "case"))


def test_referrals_by_where_they_come_from_unless_the_caller_is_protected(world: World) -> None:
    facts = found(measures.RECEIVED).facts
    assert facts == {
        Counted(r.pk, r.team.code, "protected" if r.protected else r.source, london_date(r.received_at))
        for r in every_referral()
    }
    of = {each.subject: each for each in facts}
    assert of[world.back.pk] == Counted(world.back.pk, "HGY", "protected", date(2010, 1, 12))
    assert of[world.passed.pk].team == "HGY"
    assert of[world.old.pk].on == date(2009, 1, 12)
    assert len(of) == 10


def test_each_kind_of_harm_of_a_referral(world: World) -> None:
    facts = found(measures.BY_CATEGORY).facts
    assert facts == {
        Counted(r.pk, r.team.code, each, london_date(r.received_at))
        for r in every_referral()
        for each in r.categories
    }
    assert {each.part for each in facts if each.subject == world.first.pk} == {"neglect", "emotional"}


def test_referrals_by_day_and_hour_in_london(world: World) -> None:
    facts = found(measures.BY_HOUR).facts
    assert facts == {
        Counted(r.pk, r.team.code, f"{there.isoweekday()}-{there.hour:02}", there.date())
        for r in every_referral()
        if "," in r.received_words  # the time as well as the day
        for there in [r.received_at.astimezone(LONDON)]
    }
    parts = {each.subject: each.part for each in facts}
    assert (parts[world.back.pk], parts[world.again.pk], parts[world.undecided.pk]) == ("2-09", "3-23", "1-15")
    assert world.old.pk not in parts
    summer = datetime(2009, 7, 1, 23, 30, tzinfo=LONDON)
    Referral.objects.filter(pk=world.elsewhere.pk).update(received_at=summer)
    parts = {each.subject: each.part for each in found(measures.BY_HOUR).facts}
    assert parts[world.elsewhere.pk] == "3-23"


def referred_before() -> set[Counted]:
    """Every referral, and whether a child that its record is about was referred in the 12 months before."""
    on: dict[int, set[int]] = {}
    for part in CasePerson.objects.filter(part=Part.CHILD, taken_off_at=None):
        on.setdefault(part.case_id, set()).add(part.person_id)
    facts = set()
    for each in every_referral():
        day = london_date(each.received_at)
        before = [
            other
            for other in every_referral()
            if (other.received_at, other.pk) < (each.received_at, each.pk)
            and on.get(other.case_id, set()) & on.get(each.case_id, set())
            and london_date(other.received_at) >= add_months(day, -12)
        ]
        facts.add(Counted(each.pk, each.team.code, "", day, bool(before)))
    return facts


def again_of(facts: set[Counted]) -> set[int]:
    return {each.subject for each in facts if each.counted}


def test_who_was_referred_before_in_the_12_months_before(world: World) -> None:
    facts = found(measures.AGAIN).facts
    assert facts == referred_before()
    assert again_of(facts) == {world.back.pk, world.again.pk, world.elsewhere.pk}


def counted_anew() -> set[int]:
    return set(Changed.objects.values_list("case_id", flat=True))


@pytest.fixture
def counted_so_far(world: World) -> None:
    Changed.objects.all()._raw_delete(using="default")


def test_what_changes_on_one_record_makes_the_others_of_its_children_count_anew(
    world: World, counted_so_far: None
) -> None:
    """Of whatever changed the facts, the record is written down."""

    def follows(*changed: Referral) -> None:
        now = found(measures.AGAIN).facts
        assert now == referred_before()
        assert {each.case_id for each in changed} == {
            Referral.objects.get(pk=pk).case_id for pk in again_of(before) ^ again_of(now)
        }
        assert {each.case_id for each in changed} <= counted_anew()
        Changed.objects.all()._raw_delete(using="default")

    by = User.objects.system()
    before = found(measures.AGAIN).facts
    # It was received a day earlier than was thought, and then not.
    Referral.objects.filter(pk=world.first.pk).update(received_at=TOO_LONG_BEFORE)
    follows(world.back)
    before = found(measures.AGAIN).facts
    Referral.objects.filter(pk=world.first.pk).update(received_at=A_YEAR_BEFORE)
    follows(world.back)

    before = found(measures.AGAIN).facts
    rhys = CasePerson.objects.get(case=world.first.case, part=Part.CHILD)
    CasePerson.objects.filter(pk=rhys.pk).update(taken_off_at=clock.now())
    follows(world.back)
    before = found(measures.AGAIN).facts
    CasePerson.objects.filter(pk=rhys.pk).update(taken_off_at=None)
    follows(world.back)

    before = found(measures.AGAIN).facts
    ellis = CasePerson.objects.get(case=world.forgotten.case, part=Part.CHILD)
    CasePerson.objects.filter(pk=rhys.pk).update(person=ellis.person)
    follows(world.back, world.first, world.undone)
    before = found(measures.AGAIN).facts
    CasePerson.objects.filter(pk=rhys.pk).update(part=Part.ADULT)
    follows(world.first, world.undone)

    before = found(measures.AGAIN).facts
    add_person(
        world.first.case,
        part=Part.CHILD,
        said=the_same(PersonSaid("Ellis", "Brannock"), world.undone),
        on=clock.today(),
        by=by,
    )
    follows(world.first, world.undone)


def test_a_referral_that_is_dealt_with_leaves_the_others_of_its_children_alone(
    world: World, counted_so_far: None
) -> None:
    triage_referral(world.elsewhere, urgent=False, what_next="", reason="No injury", by=User.objects.system())
    assert counted_anew() == {world.elsewhere.case_id}


def test_a_referral_that_comes_or_goes_by_itself_makes_them_count_anew(world: World, counted_so_far: None) -> None:
    """As rows that are put there by hand do, or taken away: the people of the record are there without it."""
    others = {each.case_id for each in (world.first, world.back, world.again, world.elsewhere)}
    Referral.objects.filter(pk=world.first.pk)._raw_delete(using="default")
    assert again_of(found(measures.AGAIN).facts) == {world.again.pk, world.elsewhere.pk}
    assert counted_anew() >= others
    Changed.objects.all()._raw_delete(using="default")
    world.first.save(force_insert=True)
    assert world.back.pk in again_of(found(measures.AGAIN).facts)
    assert counted_anew() >= others


def test_each_decision_counts_for_the_team_that_made_it(world: World) -> None:
    facts = found(measures.DECIDED).facts
    assert facts == {
        Counted(each.pk, team_then(each.case, each.recorded_at), each.kind, london_date(each.decided_at))
        for each in Decision.objects.select_related("case")
    }
    of_passed = Decision.objects.filter(case=world.passed.case).order_by("number").values_list("pk", flat=True)
    assert [(f.team, f.part) for pk in of_passed for f in facts if f.subject == pk] == [
        ("HGY", "social_services"),
        ("ENF", "police"),
    ]
    assert {f.on for f in facts if f.subject == Decision.objects.get(case=world.old.case).pk} == {date(2009, 1, 12)}


def how_it_went(facts: set[Counted], kind: str) -> dict[int, tuple[date, bool]]:
    """By the record: the day on which a duty counts, and whether it was done in time."""
    case = dict(Duty.objects.filter(kind=kind).values_list("pk", "case_id"))
    return {case[each.subject]: (each.on, each.counted) for each in facts}


def duties_of(kind: str) -> list[Duty]:
    return list(Duty.objects.filter(kind=kind).select_related("team"))


def test_triage_in_time_and_how_long_it_took(world: World) -> None:
    facts, minutes = found(measures.TRIAGED)
    urgent = {r.case_id: "urgent" if r.urgent else "other" for r in every_referral()}
    assert facts == done_in_time(duties_of("triage"), until=NOW, part=urgent)
    went = how_it_went(facts, "triage")
    assert went[world.back.case_id] == (date(2010, 1, 12), True)
    assert went[world.again.case_id] == (date(2010, 1, 14), False)
    assert went[world.undone.case_id] == (date(2010, 1, 12), False)
    assert not {world.elsewhere.case_id, world.undecided.case_id, world.old.case_id} & set(went)
    took = {Duty.objects.get(pk=pk).case_id: taken for pk, taken in minutes.items()}
    assert (took[world.back.case_id], took[world.undone.case_id]) == (30, None)
    assert took[world.again.case_id] == (3 * 24 + 33) * 60 + 30


def test_what_is_due_at_a_moment_is_late_from_then_on(world: World) -> None:
    duty = Duty.objects.get(case=world.elsewhere.case, kind="triage")
    assert found(measures.TRIAGED, until=duty.late_from - MINUTE).facts.isdisjoint({_late(duty)})
    assert _late(duty) in found(measures.TRIAGED, until=duty.late_from).facts
    Duty.objects.filter(pk=duty.pk).update(
        state="satisfied", ended_at=duty.late_from, ended_by=User.objects.system(), ended_why="Triaged"
    )
    assert _late(duty) in found(measures.TRIAGED, until=duty.late_from).facts


def _late(duty: Duty) -> Counted:
    return Counted(duty.pk, duty.team.code, "other", duty.due_on, False)


def test_telephone_referrals_confirmed_in_time(world: World) -> None:
    facts = found(measures.CONFIRMED).facts
    assert facts == done_in_time(duties_of("confirmation"), until=NOW)
    assert how_it_went(facts, "confirmation") == {
        world.back.case_id: (date(2010, 1, 13), True),
        world.undone.case_id: (date(2010, 1, 13), False),
    }
    assert Duty.objects.get(case=world.beside.case, kind="confirmation").state == "cancelled"


def test_joint_enquiries_and_how_soon_they_were_discussed(world: World) -> None:
    facts, minutes = found(measures.DISCUSSED)
    by_hand, took = set(), {}
    for case in Case.objects.filter(referral__old_urn=""):
        joint = Decision.objects.filter(case=case, kind=DecisionKind.JOINT).order_by("number").first()
        if joint is None:
            continue
        held = min(Strategy.objects.filter(case=case).values_list("held_at", flat=True))
        by_hand.add(Counted(joint.pk, team_then(case, joint.recorded_at), "", london_date(joint.decided_at)))
        took[joint.pk] = (held - case.referral.received_at) / MINUTE
    assert facts == by_hand
    assert minutes == {pk: pytest.approx(taken, abs=1) for pk, taken in took.items()}
    assert 45 in minutes.values()
    assert len(minutes) == 2
    # It cannot have taken less than no time, whatever was typed.
    Referral.objects.filter(pk=world.back.pk).update(received_at=BACK + 46 * MINUTE, logged_at=BACK + HOUR)
    assert 0 in found(measures.DISCUSSED).minutes.values()


def test_strategy_discussions_in_which_a_supervisor_took_part(world: World) -> None:
    facts = found(measures.SUPERVISED).facts
    assert facts == {
        Counted(
            each.pk,
            team_then(each.case, each.recorded_at),
            each.how,
            london_date(each.held_at),
            each.supervisor is not None,
        )
        for each in Strategy.objects.select_related("case", "supervisor")
    }
    assert sorted((each.part, each.counted) for each in facts) == [
        ("meeting", True),
        ("telephone", False),
        ("telephone", False),
    ]


def test_first_crams_in_time_and_how_long_they_took(world: World) -> None:
    facts, minutes = found(measures.ASSESSED)
    assert facts == done_in_time(duties_of("first_cram"), until=NOW)
    went = how_it_went(facts, "first_cram")
    assert went[world.back.case_id] == (date(2010, 1, 12), True)
    assert went[world.again.case_id] == (date(2010, 1, 14), False)
    assert went[world.first.case_id] == (date(2009, 1, 13), False)
    assert world.elsewhere.case_id not in went
    took = {Duty.objects.get(pk=pk).case_id: taken for pk, taken in minutes.items()}
    assert 60 <= (took[world.back.case_id] or 0) < 70
    assert took[world.first.case_id] is None
