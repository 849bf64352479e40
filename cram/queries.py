"""Reads of the record's assessments that pages and actions share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from cases.enums import Part
from cases.leading import leaders, stands_of
from cases.learned import HOME, kept_off
from cases.models import Case, CasePerson
from cases.protection import NONE, Protection, protections_of
from cases.receipt import received_at
from cases.restricting import named_on
from cram.enums import BEING_WRITTEN, AssessmentKind, Category, Said
from cram.models import Answer, Assessment, Factor, Version
from deadlines import clock
from deadlines.schedules import is_near
from diary.models import Duty
from people.models import Address, Person, Residence
from team.models import User
from team.permissions import Permission, may


def submitted(case: Case) -> QuerySet[Assessment]:
    """The assessments of a record that count, the last first: also one that was returned and is put right."""
    rows = Assessment.objects.filter(case=case, submitted_at__isnull=False)
    return rows.select_related("matrix", "submitted_by", "endorsed_by").order_by("-submitted_at", "-pk")


def last_submitted(case: Case) -> Assessment | None:
    """The record's last CRAM, of whatever kind; None before its first."""
    return submitted(case).first()


def being_written(case: Case) -> Assessment | None:
    """The assessment that somebody is working on, or that was returned; there is one at most."""
    rows = Assessment.objects.filter(case=case, state__in=BEING_WRITTEN)
    return rows.select_related("case", "matrix", "previous", "started_by", "submitted_by").first()


@dataclass(frozen=True)
class About:
    """Whom or what a section asks about: one child, one suspect, or one household.

    Of a household `address`; neither where nobody knows where the children live.
    """

    category: Category
    person: Person | None = None
    address: Address | None = None

    @property
    def key(self) -> str:
        """As it stands in an address of the page: "child-12", "suspect-3", "household-7", "household-0"."""
        if self.category == Category.HOUSEHOLD:
            return f"household-{self.address.pk if self.address else 0}"
        return f"{'child' if self.category == Category.VICTIM else 'suspect'}-{self.person.pk if self.person else 0}"

    @property
    def label(self) -> str:
        """ "Ellis Brannock"; "14 Marl Road, N17"; "where the children live (address not known)"."""
        if self.category == Category.HOUSEHOLD:
            return str(self.address) if self.address else "where the children live (address not known)"
        return str(self.person)

    @property
    def ids(self) -> tuple[int | None, int | None]:
        return (self.person.pk if self.person else None, self.address.pk if self.address else None)


def asked_about(case: Case) -> list[About]:
    """Whom a record's factors are asked about: each child it is about, each suspect, each household in which one of
    the children lives."""
    rows = CasePerson.objects.filter(case=case, taken_off_at=None, part__in=[Part.CHILD, Part.SUSPECT])
    parts = list(rows.select_related("person").order_by("place", "pk"))
    children = [part.person for part in parts if part.part == Part.CHILD]
    found = [About(Category.VICTIM, person=child) for child in children]
    found += [About(Category.SUSPECT, person=part.person) for part in parts if part.part == Part.SUSPECT]
    latest = Residence.objects.exclude(kept_off(case, HOME)).filter(person__in=children).select_related("address")
    lives: dict[int, Address] = {}
    for residence in latest.order_by("from_on", "pk"):
        lives[residence.person_id] = residence.address
    homes = list(dict.fromkeys(lives[child.pk] for child in children if child.pk in lives))
    found += [About(Category.HOUSEHOLD, address=home) for home in homes]
    return found if homes else [*found, About(Category.HOUSEHOLD)]


Key = tuple[str, int | None, int | None]


def key_of(answer: Answer) -> Key:
    """Which factor, by its code, about which person or address: the same in every version of the matrix."""
    return answer.factor.code, answer.person_id, answer.address_id


def answers_of(assessment: Assessment | None) -> dict[Key, Answer]:
    """The answers of an assessment by what they answer; none of no assessment."""
    if assessment is None:
        return {}
    rows = Answer.objects.filter(assessment=assessment)
    return {key_of(answer): answer for answer in rows.select_related("factor", "answered_by", "person", "address")}


@dataclass(frozen=True)
class Question:
    """One factor about one person or household: the answer now, if there is one, and the one of last time."""

    factor: Factor
    about: About
    now: Answer | None = None
    before: Answer | None = None

    @property
    def said(self) -> Said:
        return Said(self.now.said) if self.now else Said.NOT_ASKED

    @property
    def is_asked(self) -> bool:
        return self.said != Said.NOT_ASKED

    @property
    def is_changed(self) -> bool:
        """On a review: answered, and otherwise than last time."""
        before = self.before.said if self.before else Said.NOT_ASKED
        return self.is_asked and before not in (Said.NOT_ASKED, self.said)

    @property
    def is_first_answer(self) -> bool:
        """On a review: answered, and not asked last time, or new in this version of the matrix."""
        return self.is_asked and (self.before is None or self.before.said == Said.NOT_ASKED)


@dataclass(frozen=True)
class Section:
    """The factors about one person or household, the definite ones apart from what may indicate vulnerability."""

    about: About
    questions: list[Question] = field(default_factory=list)

    @property
    def definite(self) -> list[Question]:
        return [each for each in self.questions if each.factor.definite]

    @property
    def may_indicate(self) -> list[Question]:
        return [each for each in self.questions if not each.factor.definite]

    @property
    def asked(self) -> int:
        return sum(each.is_asked for each in self.questions)


def sections_of(assessment: Assessment) -> list[Section]:
    """Everything that an assessment asks, on the version of the matrix it was begun on. Six queries at most.

    While it is being written, about whoever is on the record now; also about whoever was answered of, now or, with
    “yes” or “not known”, last time, and has been taken off since. Afterwards only what was answered.
    """
    factors = list(Factor.objects.filter(version=assessment.matrix_id))
    now, before = answers_of(assessment), answers_of(assessment.previous)
    about = asked_about(assessment.case) if assessment.is_being_written else []
    # What was a risk, or not known, does not vanish because the family has moved or somebody is taken off.
    standing = [each for each in before.values() if each.said in (Said.YES, Said.NOT_KNOWN)]
    answered = [*now.values(), *(standing if assessment.is_being_written else [])]
    return [
        Section(
            each,
            [
                Question(factor, each, now.get((factor.code, *each.ids)), before.get((factor.code, *each.ids)))
                for factor in factors
                if factor.category == each.category
            ],
        )
        for each in _also_answered(about, answered)
    ]


def _also_answered(about: Iterable[About], answers: Iterable[Answer]) -> Iterator[About]:
    places = {Category.VICTIM: 0, Category.SUSPECT: 1, Category.HOUSEHOLD: 2}
    found = {(each.category, each.ids): each for each in about}
    for answer in answers:
        each = About(Category(answer.factor.category), answer.person, answer.address)
        found.setdefault((each.category, each.ids), each)
    yield from sorted(found.values(), key=lambda each: places[each.category])


def matrix_in_force() -> Version | None:
    """The version on which an assessment is begun today."""
    return Version.objects.in_force(clock.today())


def kind_of_next(case: Case) -> AssessmentKind:
    """What the next CRAM of a record that has one is: before a conference that is booked within the days between two
    reviews, the one for it; else a review (HMIC 2010, AFI 1)."""
    on = protections_of([case.pk]).get(case.pk, NONE).conference_on
    is_before_conference = on is not None and is_near(on, clock.today())
    return AssessmentKind.CONFERENCE if is_before_conference else AssessmentKind.REVIEW


def reviewed_elsewhere(cases: Collection[int]) -> dict[int, list[Case]]:
    """Of each of some open records (ids) that is not reviewed itself: the records on which the reviews of all its
    children hang. One that leads is reviewed only from its first CRAM on, and one of an old log has none due: until
    it has one, no record leaves its reviews to it. Six queries at most."""
    led = leaders(cases)
    leading = {case.pk for them in led.values() for case in them}
    if not leading:
        return {}
    rows = Assessment.objects.filter(case__in=leading, submitted_at__isnull=False)
    reviewed = {*rows.values_list("case", flat=True), *received_at(leading)}
    return {case: them for case, them in led.items() if all(each.pk in reviewed for each in them)}


@dataclass(frozen=True)
class DueForPlan:
    """That a record of an old log has a first CRAM due because of a child on a plan: since when that is known, and
    whether on one that was there before the record came to CAIT."""

    since: datetime
    before_cait: bool


def due_for_plans(cases: Collection[int], protected: Mapping[int, Protection]) -> dict[int, DueForPlan]:
    """Which of some open records (ids) of old logs that have no CRAM have one due, by what protects their children
    (handbook section 2). A child with one on any open record has none due, and of several records without the one
    that leads has it. A new plan comes before those that were there before. Three queries at most."""
    plans = {case: protected.get(case, NONE).plans for case in cases}
    stands = stands_of({plan.child for theirs in plans.values() for plan in theirs})
    records = {pk for each in stands.values() for pk in each.records}
    assessed = set()
    if records:
        rows = Assessment.objects.filter(case__in=records, submitted_at__isnull=False)
        assessed = set(rows.values_list("case", flat=True))
    found = {}
    for case, theirs in plans.items():
        without = [
            plan
            for plan in theirs
            if stands[plan.child].leads == case and not assessed.intersection(stands[plan.child].records)
        ]
        for before_cait in (True, False):
            # Since the first of them, also where that has ended: what was due does not become due later.
            alike = [plan for plan in without if plan.before_cait == before_cait]
            if any(plan.running for plan in alike):
                found[case] = DueForPlan(min(plan.at for plan in alike), before_cait)
    return found


def whose_work(assessment: Assessment) -> set[int]:
    """Who did an assessment (ids): whoever ever sent it, and who set its level as it is. None of them endorses it."""
    found, before = set(), None
    for line in assessment.history.order_by("history_id"):
        found.add(line.submitted_by_id)
        if (line.level, line.rationale) != before:
            before, set_by = (line.level, line.rationale), line.history_user_id
    return {*found, set_by} - {None} if before is not None else found


def whose_work_waits(duty: Duty) -> set[int]:
    """Of the duty to endorse one: who did it (ids)."""
    return whose_work(Assessment.objects.get(pk=duty.subject))


def endorser_of(assessment: Assessment) -> User | None:
    """To whom the endorsement falls by name: the record's supervisor, unless it is their own work."""
    supervisor, case = assessment.case.supervisor, assessment.case
    if supervisor is None or supervisor.pk in whose_work(assessment):
        return None
    return supervisor if may(supervisor, Permission.ENDORSE_ASSESSMENTS, team=case.team) else None


def writer_of(assessment: Assessment) -> User | None:
    """To whom it falls by name to put a returned assessment right: whoever sent it, unless they are not named on its
    restricted record."""
    case, sent = assessment.case, assessment.submitted_by
    return None if case.restricted and not named_on(case).filter(officer=sent).exists() else sent
