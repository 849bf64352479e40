"""How well reviews are done and what is missing from the records: each measure against a recount by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from cases.enums import CHILDREN, Part, State
from cases.models import Case, CasePerson
from cram.actions import endorse_assessment, return_assessment
from cram.models import Assessment
from deadlines.clock import LONDON, london_date
from diary.models import Duty, DutyState
from oversight.measures import Measure
from oversight.measures import quality as measures
from oversight.models import Changed
from people.births import Birth
from people.enums import BirthKnown
from people.models import Person, Residence
from people.said import PersonSaid
from referrals.actions import supervise
from referrals.enums import INVESTIGATED, DecisionKind, Method, Progress
from referrals.models import Referral
from team.models import User
from tests.factories.assessing import assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, a_decision, an_investigation, as_supervised
from tests.factories.managing import a_managed_risk, checked
from tests.factories.old_logs import an_old_referral
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.researching import searched
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.oversight.counting_by_hand import Counted, done_in_time, found, team_then
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# A Saturday, on which investigations are allocated; the 42-day review of what is sent on Monday is due 25 January.
ALLOCATED = datetime(2009, 12, 12, 10, 0, tzinfo=LONDON)
NOW = datetime(2010, 2, 8, 12, 0, tzinfo=LONDON)


@dataclass
class World:
    supervised: Case  # in time, then late, then with the CRAM review
    unsupervised: Case
    decided_again: Case  # before it had to be supervised
    first: Assessment  # endorsed at once
    review: Assessment  # well done, endorsed late
    poor: Assessment  # of the same record, in Enfield by then; returned and sent again, it waits
    children: Case
    closed: Case
    telephoned: Case
    old: Case


def on(month: int, day: int, hour: int = 10, *, year: int = 2010) -> None:
    move_time_to(datetime(year, month, day, hour, tzinfo=LONDON))


def build() -> World:
    by, team = User.objects.system(), a_team("HGY")
    move_time_to(ALLOCATED)
    supervised, unsupervised, decided_again = (an_investigation(team=team) for _ in range(3))
    case = a_case(team)
    closed = a_closed_case(team)
    a_decision(decided_again, kind=DecisionKind.INFORMATION, reason="It was a fall", by=by)
    sergeant = an_officer("supervisor", team)

    def reviewed(together_with: Duty | None = None) -> None:
        supervise(supervised, **as_supervised(), together_with=together_with, by=sergeant)

    on(12, 13, 9, year=2009)
    reviewed()
    on(12, 14, year=2009)
    assessed(supervised)
    first = endorse_assessment(submitted(case), by=sergeant).assessment
    on(12, 21, year=2009)
    reviewed()
    on(1, 18)
    reviewed(Duty.objects.get(case=supervised, kind="cram_review", state=DutyState.OPEN))

    on(1, 20)
    risk = a_managed_risk(case)
    searched(case)
    review = submitted(case)  # it does not look at the control measure
    on(1, 27)
    review = endorse_assessment(review, by=sergeant).assessment
    on(1, 28)
    case = transferred(case, a_team("ENF"))
    on(2, 1)
    poor = submitted(case)
    on(2, 2)
    return_assessment(poor, words="Who was told of the move?", by=an_officer("supervisor", case.team))
    checked(risk.measures.get(), next_on=date(2010, 2, 20))
    on(2, 3)
    poor = submitted(case)

    on(2, 5)
    said = [
        a_child("Ellis", birth=Birth.on(date(2003, 6, 6)), address="22 Tidewell House, London N17 0ZZ"),
        a_child("Tia", birth=Birth.between(date(2004, 1, 1), date(2004, 12, 31))),
        a_child("Kit"),
        a_child("", birth=Birth.due(date(2010, 6, 9))),
        a_child("Jo"),
    ]
    adults = [PersonSaid("Shelley", "Brannock")]
    children = a_case(team, children=said, adults=adults)
    of = {part.person.given_names: part for part in CasePerson.objects.filter(case=children)}
    for name, part in (("Ellis", Part.OTHER_CHILD), ("Shelley", Part.SUSPECT)):
        CasePerson.objects.create(case=children, person=of[name].person, part=part, place=9)
    CasePerson.objects.create(case=children, person=Person.objects.get(parts__case=case), part=Part.OTHER_CHILD)
    CasePerson.objects.filter(pk=of["Jo"].pk).update(taken_off_at=NOW)
    telephoned = a_referral(team, method=Method.TELEPHONE).case
    old = an_old_referral(a_team("BRN")).case
    move_time_to(NOW)
    return World(supervised, unsupervised, decided_again, first, review, poor, children, closed, telephoned, old)


@pytest.fixture(scope="module")
def built(shared: Shared) -> World:
    return shared(build)


@pytest.fixture
def world(built: World) -> World:
    return own(built)


def test_supervisions_in_time(world: World) -> None:
    facts = found(measures.SUPERVISED).facts
    duties = Duty.objects.filter(kind="supervision").select_related("team")
    assert facts == done_in_time(duties, until=NOW)
    case = dict(duties.values_list("pk", "case_id"))
    of = {(case[each.subject], each.on, each.counted) for each in facts}
    supervised, unsupervised = world.supervised.pk, world.unsupervised.pk
    assert of == {
        (supervised, date(2009, 12, 13), True),
        (supervised, date(2009, 12, 20), False),
        (supervised, date(2010, 1, 18), True),
        (unsupervised, date(2009, 12, 13), False),
    }


def test_reviews_spared(world: World) -> None:
    facts = found(measures.SPARED).facts
    (spared,) = Duty.objects.exclude(answered_with=None)
    assert facts == {Counted(spared.pk, "HGY", "", date(2010, 1, 18))}


def recounted(field: str, at: str) -> set[Counted]:
    facts = set()
    for each in Assessment.objects.select_related("case"):
        when, answer = getattr(each, at), getattr(each, field)
        if when is not None and answer is not None:
            facts.add(Counted(each.pk, team_then(each.case, when), each.kind, london_date(when), answer))
    return facts


def test_crams_endorsed_in_time(world: World) -> None:
    facts = found(measures.ENDORSED).facts
    assert facts == recounted("endorsed_in_time", "endorsed_at")
    of = {each.subject: each for each in facts}
    assert of[world.first.pk] == Counted(world.first.pk, "HGY", "first", date(2009, 12, 14), True)
    # What was done before the record was transferred stays with who did it.
    assert of[world.review.pk] == Counted(world.review.pk, "HGY", "review", date(2010, 1, 27), False)
    assert world.poor.pk not in of


def test_how_well_reviews_are_done(world: World) -> None:
    said: dict[str, dict[int, bool]] = {}
    for measure in (measures.RESEARCHED, measures.CHECKED, measures.SHARED):
        facts = found(measure).facts
        assert facts == recounted(measure.code, "first_submitted_at")
        said[measure.code] = {each.subject: each.counted for each in facts}
        assert {each.subject: (each.team, each.on) for each in facts} == {
            world.review.pk: ("HGY", date(2010, 1, 20)),
            world.poor.pk: ("ENF", date(2010, 2, 1)),  # though it was sent again
        }
    assert said["research_repeated"] == {world.review.pk: True, world.poor.pk: False}
    assert not said["measures_checked"][world.review.pk]
    assert said["sharing_answered"] == {world.review.pk: True, world.poor.pk: True}
    Assessment.objects.filter(pk=world.poor.pk).update(sharing_answered=False, kind="conference")
    (poor,) = (each for each in found(measures.SHARED).facts if each.subject == world.poor.pk)
    assert (poor.part, poor.counted) == ("conference", False)


def children_there() -> dict[tuple[int, int], CasePerson]:
    """Of each child on an open record the first row; by the record and the person."""
    rows = CasePerson.objects.filter(part__in=CHILDREN, taken_off_at=None, case__state=State.OPEN)
    there: dict[tuple[int, int], CasePerson] = {}
    for row in rows.select_related("case__team", "person").order_by("pk"):
        if row.person.birth_known != BirthKnown.UNBORN:
            there.setdefault((row.case_id, row.person_id), row)
    return there


def as_counted(row: CasePerson, so: bool) -> Counted:
    return Counted(row.pk, row.case.team.code, "", london_date(row.case.raised_at), so)


def of_record(measure: Measure, case: Case) -> dict[str, bool]:
    """By the first names of each child on a record whether they count."""
    names = dict(CasePerson.objects.filter(case=case).values_list("pk", "person__given_names"))
    return {names[each.subject]: each.counted for each in found(measure).facts if each.subject in names}


def test_dates_of_birth_of_the_children_on_open_records(world: World) -> None:
    assert found(measures.BIRTHS).facts == {
        as_counted(row, row.person.birth_known == BirthKnown.EXACT) for row in children_there().values()
    }
    assert of_record(measures.BIRTHS, world.children) == {"Ellis": True, "Tia": False, "Kit": False, "Rhys": False}
    assert of_record(measures.BIRTHS, world.closed) == {}
    Changed.objects.all()._raw_delete(using="default")
    kit = Person.objects.get(parts__case=world.children, given_names="Kit")
    Person.objects.filter(pk=kit.pk).update(
        birth_known="exact", born_earliest=date(2002, 1, 1), born_latest=date(2002, 1, 1)
    )
    assert set(Changed.objects.values_list("case_id", flat=True)) == {world.children.pk}
    assert of_record(measures.BIRTHS, world.children)["Kit"]


def test_addresses_of_the_children_on_open_records(world: World) -> None:
    assert found(measures.ADDRESSES).facts == {
        as_counted(row, row.person.residences.exists()) for row in children_there().values()
    }
    assert of_record(measures.ADDRESSES, world.children) == {
        "Ellis": True,
        "Tia": False,
        "Kit": False,
        "Rhys": False,
    }
    Changed.objects.all()._raw_delete(using="default")
    lived = Residence.objects.get(
        person__parts__case=world.children, person__given_names="Ellis", person__parts__part="child"
    )
    kit = Person.objects.get(parts__case=world.children, given_names="Kit")
    Residence.objects.create(person=kit, address=lived.address, from_on=lived.from_on, recorded_by=lived.recorded_by)
    assert set(Changed.objects.values_list("case_id", flat=True)) == {world.children.pk}
    assert of_record(measures.ADDRESSES, world.children)["Kit"]


def test_what_is_missing_from_open_records(world: World) -> None:
    by_hand = set()
    for referral in Referral.objects.filter(case__state=State.OPEN).select_related("case__team"):
        case = referral.case
        investigated = referral.progress == Progress.DECIDED and referral.decision in INVESTIGATED
        missing = {
            "officer": investigated and case.officer_in_case_id is None,
            "no_officer": not investigated and case.officer_in_case_id is None,
            "level": not case.level,
            "confirmation": referral.needs_confirmation,
        }
        on = london_date(case.raised_at)
        by_hand |= {Counted(case.pk, case.team.code, part, on) for part, so in missing.items() if so}
    facts = found(measures.MISSING).facts
    assert facts == by_hand

    def missing_from(case: Case) -> set[str]:
        return {each.part for each in facts if each.subject == case.pk}

    assert missing_from(world.supervised) == set()
    assert missing_from(world.unsupervised) == {"level"}
    assert missing_from(world.telephoned) == {"no_officer", "level", "confirmation"}
    assert missing_from(world.old) == {"officer", "level"}
    assert missing_from(world.closed) == set()
