"""What the record holds for the police report to a conference: facts with their source, and the CRAM; and what the
other records of its children hold.

Whoever is asked about a child reads on: what names an address or another family, what was typed for police or told by
others, what police systems hold and what the CRAM says of somebody is drawn as not for everybody, until somebody has
read it for this conference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from audit.recording import record_access_to_each
from cases.enums import Happened, Kind, Part
from cases.models import Case, CasePerson, Entry
from cases.queries import OnRecord, chronology, entries_narrowed, names_of, people_on, told
from conferences.enums import Section, Sharing
from conferences.models import Conference, ConferenceChild
from conferences.queries import children_at, cram_for
from conferences.report_policies import NOT_CLEARED
from cram.enums import GapState, System
from cram.managing import answered_yes, gaps_of, risks_of
from cram.models import Assessment, Search
from deadlines import clock
from deadlines.clock import london_date
from pages.words import count, day, uncapitalised
from people.enums import BirthKnown, Relation
from people.models import Person, Relationship
from team.models import User

LONGEST_SOURCE = 200
ADDRESS = "An address. Say who else may read it"
THIRD_PARTY = "Not of the family: not cleared for sharing yet"
FROM_OTHERS = f"Somebody else told us: {uncapitalised(NOT_CLEARED)}"
OTHER_RECORD = f"Of another record: {uncapitalised(NOT_CLEARED)}"
REFERRAL = "It could show who referred the child"
# So many entries, and so many searches, of the other records of the children: the newest.
MOST_OF_OTHERS = 40
# What the chronology tells as facts. What was decided, and what CAIT notes of itself, is not told to a conference.
TOLD = (Kind.REFERRAL, Kind.INCIDENT, Kind.CONTACT, Kind.INFORMATION, Kind.NOTE)
# Where what a system holds stands in the report.
CONVICTIONS = (System.PNC,)
# Who belongs to a child's family or household, whatever their address.
FAMILY = frozenset(Relation) - {Relation.PROFESSIONAL, Relation.OTHER, Relation.UNKNOWN}
# What somebody is to a child, before the child's name.
SAID = {
    **{relation: f"{relation.words} of" for relation in FAMILY},
    Relation.PARTNER: "partner of a parent of",
    Relation.RELATIVE: "relative of",
    Relation.CARER: "carer of",
    Relation.PROFESSIONAL: "works with",
}


@dataclass(frozen=True)
class Drawn:
    """An item as it is taken from the record. `key`: which row it comes from, the same each time; `drawn_from`: with
    the correction that it takes up."""

    key: str
    section: Section
    text: str
    source: str = ""
    happened_on: date | None = None
    about: int | None = None
    why: str = ""
    only_chair: bool = False
    corrected_by: int | None = None

    @property
    def sharing(self) -> Sharing:
        if self.only_chair:
            return Sharing.CHAIR_ONLY
        return Sharing.WITHHELD if self.why else Sharing.SHARED

    @property
    def drawn_from(self) -> str:
        return f"{self.key}-{self.corrected_by}" if self.corrected_by else self.key


def draw(conference: Conference) -> list[Drawn]:
    """Everything that the record holds for the report, in the order in which it is read. A fixed number of queries,
    however long the record."""
    today = clock.today()
    people = people_on(conference.case, today=today)
    children = children_at(conference)
    return [
        *_children(children, people, conference),
        *_household(children, people, conference),
        _reason(conference),
        *_chronology(conference),
        *_searches(conference),
        *_cram(conference, today),
    ]


# --- who it is about -----------------------------------------------------------------------------


def _children(children: list[Person], people: list[OnRecord], conference: Conference) -> Iterator[Drawn]:
    """Each as old as on the day of the conference, as the head of the paper has them."""
    on_record = {each.person.pk: each for each in people}
    on = london_date(conference.starts_at)
    source = f"Record {conference.case.number}"
    for child in children:
        text = f"{child.with_age(on)}{_born(child)}."
        yield Drawn(f"child-{child.pk}", Section.CHILDREN, text, source, about=child.pk)
        row = on_record.get(child.pk)
        if row is not None and row.addresses:
            # Where a child lives may be a refuge: who reads it is said for each recipient (handbook section 2).
            home = row.addresses[0]
            text = f"{child} lives at {home.address}, as known since {day(home.from_on)}."
            yield Drawn(
                f"home-{child.pk}-{home.pk}",
                Section.CHILDREN,
                text,
                source,
                about=child.pk,
                why=ADDRESS,
                only_chair=True,
            )


def _born(child: Person) -> str:
    if child.birth_known == BirthKnown.EXACT and child.born_earliest:
        return f", born on {day(child.born_earliest)}"
    return ""


def _household(children: list[Person], people: list[OnRecord], conference: Conference) -> Iterator[Drawn]:
    """Who else is on the record. Family is whoever is of the family of one of the children whom the conference is
    about, or lives with them: another family's child, and its parents, are not."""
    about = {child.pk for child in children}
    homes = {each.addresses[0].address_id for each in people if each.person.pk in about and each.addresses}
    seen: set[int] = set()
    for each in people:
        if each.person.pk in about or each.person.pk in seen:
            continue  # somebody may be on the record in two parts
        seen.add(each.person.pk)
        at_home = bool(each.addresses) and each.addresses[0].address_id in homes
        parts = {row.part.part for row in people if row.person.pk == each.person.pk}
        is_to = {row.to_id: row for row in each.relations if row.to_id in about}  # what was said last of each child
        said = _relation(list(is_to.values()), parts)
        text = f"{each.person}, {said}{_lives(each, homes)}."
        is_family = at_home or any(Relation(row.relation) in FAMILY for row in is_to.values())
        yield Drawn(
            f"person-{each.person.pk}",
            Section.HOUSEHOLD,
            text,
            f"Record {conference.case.number}",
            about=each.person.pk,
            why="" if is_family else THIRD_PARTY,
        )
        if Part.SUSPECT in parts:
            # By itself: who they are may be known to everybody there while this is not, and must not be yet.
            text = f"It is alleged that {each.person} has harmed a child."
            source = f"Record {conference.case.number}"
            key = f"suspect-{each.person.pk}"
            yield Drawn(key, Section.HOUSEHOLD, text, source, about=each.person.pk, why=NOT_CLEARED)


def _relation(is_to: list[Relationship], parts: set[str]) -> str:
    """What somebody is to the children of the conference; what they are to others is left to the record."""
    said: dict[Relation, list[str]] = defaultdict(list)
    for row in is_to:
        if row.relation in SAID:
            said[Relation(row.relation)].append(str(row.to))
    if said:
        return " and ".join(f"{SAID[relation]} {names_of(children)}" for relation, children in said.items())
    return "another child" if Part.OTHER_CHILD in parts or Part.CHILD in parts else "adult"


def _lives(each: OnRecord, homes: set[int]) -> str:
    """Never where somebody lives, only whether with the children."""
    if not each.addresses or not homes:
        return ""
    return "; lives with the children" if each.addresses[0].address_id in homes else "; lives elsewhere"


def _reason(conference: Conference) -> Drawn:
    text = f"Social Services have called this {uncapitalised(conference.get_kind_display())}."
    if conference.initiated_on:
        text += f" A strategy discussion was held on {day(conference.initiated_on)}"
        if conference.discussed_on and conference.discussed_on != conference.initiated_on:
            text += f", the last one on {day(conference.discussed_on)}"
        text += "."
    return Drawn("reason", Section.REASON, text, "Invitation to the conference")


# --- what happened -------------------------------------------------------------------------------


def _chronology(conference: Conference) -> Iterator[Drawn]:
    """What is significant as it is believed now: an entry that was corrected as it was put right. The referral tells
    where it came from, and so its source is not drawn at all. Nothing that was typed is shared by itself, whoever it
    is known from: somebody reads it for this conference first. What CAIT writes by itself of other acts is left to
    the record: what was searched, for one, is drawn from the searches."""
    rows = _facts(chronology(conference.case))
    yield from _told(rows.order_by("happened_at", "pk"), f"Chronology of record {conference.case.number}")


def _facts(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    rows = entries_narrowed(rows, significant=True).filter(kind__in=TOLD)
    return rows.exclude(~Q(kind=Kind.REFERRAL), automatic=True)


def _told(entries: Iterable[Entry], on_own: str = "") -> Iterator[Drawn]:
    """`on_own`: how the chronology is called where it is that of the conference's record."""
    for each in told(entries):
        entry, now = each.entry, each.now
        is_referral = entry.kind == Kind.REFERRAL
        if not now.significant:
            continue
        people = {person.pk for person in now.people.all()}
        text = "\n".join(filter(None, [f"{now.title}{_roughly(now.happened)}", now.text]))
        # A correction has no source of its own: what is known is known from where the entry was.
        source = "" if is_referral else entry.source or now.source
        yield Drawn(
            f"entry-{entry.pk}",
            Section.CHRONOLOGY,
            text,
            (source or on_own)[:LONGEST_SOURCE] if on_own else _of_other(source or "Chronology", entry.case),
            happened_on=london_date(now.happened_at),
            about=next(iter(people)) if len(people) == 1 else None,
            why=REFERRAL if is_referral else FROM_OTHERS if source else NOT_CLEARED if on_own else OTHER_RECORD,
            corrected_by=now.pk if each.corrections else None,
        )


def _roughly(happened: str) -> str:
    return " (about then)" if happened == Happened.ABOUT else ""


def _searches(conference: Conference) -> Iterator[Drawn]:
    """What police systems hold: nobody outside the police reads it until it is cleared."""
    rows = Search.objects.filter(case=conference.case, found=True).prefetch_related("people")
    yield from _found(rows.order_by("searched_at", "pk"), is_own=True)


def _found(searches: Iterable[Search], *, is_own: bool) -> Iterator[Drawn]:
    for each in searches:
        people = list(each.people.all())
        source = f"{System(each.system).short}, searched on {day(london_date(each.searched_at))}"
        yield Drawn(
            f"search-{each.pk}",
            Section.CONVICTIONS if each.system in CONVICTIONS else Section.INTELLIGENCE,
            each.result,
            source if is_own else _of_other(source, each.case),
            about=people[0].pk if len(people) == 1 else None,
            why=NOT_CLEARED if is_own else OTHER_RECORD,
        )


# --- the other records of the children -----------------------------------------------------------


@dataclass(frozen=True)
class Others:
    """What was drawn from other records (`cases`), and by the number of each that has more how many older facts of
    it were left."""

    cases: list[Case] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def more(self) -> str:
        """In words what was left; empty where nothing was."""
        if not self.left:
            return ""
        what = count(sum(self.left.values()), "older fact of another record is", "older facts of other records are")
        return f"{what} not taken. Read there what matters, and add it by hand: {', '.join(self.left)}."


def of_other_records(conference: Conference, user: User) -> Others:
    """Every referral has a record of its own: what the other records of the children, open or closed, say of what
    happened and of what police systems hold; of those that somebody may open, the newest. All of it is withheld until
    it is cleared. Whoever reads the record reads its report: so nothing is drawn from the records of another team, or
    from a restricted one, whoever draws it. A fixed number of queries, however many records."""
    children = ConferenceChild.objects.filter(conference=conference).values("child")
    parts = CasePerson.objects.filter(person__in=children, part=Part.CHILD, taken_off_at=None)
    rows = Case.objects.visible_to(user).filter(team=conference.case.team_id, pk__in=parts.values("case"))
    rows = rows.filter(restricted=False).exclude(pk=conference.case_id)
    if not (cases := list(rows.order_by("pk"))):
        return Others()
    facts = _facts(Entry.objects.filter(case__in=cases, corrects=None)).select_related("case")
    found = Search.objects.filter(case__in=cases, found=True).select_related("case")
    newest = list(facts.order_by("-happened_at", "-pk")[:MOST_OF_OTHERS])
    searches = list(found.prefetch_related("people").order_by("-searched_at", "-pk")[:MOST_OF_OTHERS])
    drawn = Counter([each.case_id for each in newest] + [each.case_id for each in searches])
    left = _by_record(facts) + _by_record(found) - drawn
    more = {case.number: left[case.pk] for case in cases if left[case.pk]}
    return Others(cases, [*_told(reversed(newest)), *_found(reversed(searches), is_own=False)], more)


def _by_record(rows: QuerySet[Any]) -> Counter[int]:
    """How many there are of each record (id)."""
    return Counter(dict(rows.order_by().values_list("case").annotate(rows=Count("pk"))))


def look_at_others(conference: Conference, others: Others, *, by: User) -> None:
    """What other records hold is read for a report: that is a look at each of them, in the caller's transaction."""
    record_access_to_each(others.cases, by=by, detail={"conference": conference.number})


def _of_other(source: str, case: Case) -> str:
    """A source with the record that it stands on, which is never cut off."""
    record = f", URN {case.urn}, record {case.number}"
    return source[: LONGEST_SOURCE - len(record)] + record


# --- the CRAM ------------------------------------------------------------------------------------


def _cram(conference: Conference, today: date) -> list[Drawn]:
    """The CRAM before the conference: nothing of an earlier one, which says what is not so any more."""
    cram = cram_for(conference)
    if cram is None:
        return []
    return [*_risks(cram), *_measures(conference, cram, today), *_analysis(conference, cram)]


def _source(cram: Assessment) -> str:
    return f"CRAM {cram.number}, {day(london_date(cram.submitted_at))}" if cram.submitted_at else "CRAM"


def _risks(cram: Assessment) -> Iterator[Drawn]:
    """What was answered “yes”: a factor may say what somebody did before, and so none is shared by itself."""
    for each in answered_yes(cram):
        about = each.person or each.address
        # A household is the children's: its address stands among the children, or does not.
        named = f" ({each.person})" if each.person else " (the household)" if about else ""
        text = f"{each.factor.name}{named}."
        note = each.note.strip()
        yield Drawn(
            f"cram-{cram.pk}-answer-{each.pk}",
            Section.RISK,
            f"{text} {note}" if note else text,
            _source(cram),
            about=each.person_id,
            why=NOT_CLEARED,
        )


def _measures(conference: Conference, cram: Assessment, today: date) -> Iterator[Drawn]:
    for risk in risks_of(conference.case, today=today, present=True):
        for each in risk.measures:
            if each.manages:
                until = f", until {day(each.measure.until)}" if each.measure.until else ""
                does = f"{each.measure.get_approach_display()}: {risk.risk.what}"
                yield Drawn(
                    f"cram-{cram.pk}-measure-{each.measure.pk}",
                    Section.STRENGTHS,
                    f"{each.measure.what}{until}. {does}.",
                    _source(cram),
                    why=NOT_CLEARED,
                )


def _analysis(conference: Conference, cram: Assessment) -> Iterator[Drawn]:
    level = cram.get_level_display().lower()
    yield Drawn(
        f"cram-{cram.pk}-level",
        Section.ANALYSIS,
        f"Police assess the risk to the children as {level}.",
        _source(cram),
    )
    if cram.rationale:
        yield Drawn(
            f"cram-{cram.pk}-rationale",
            Section.ANALYSIS,
            f"Why: {cram.rationale}",
            _source(cram),
            why=NOT_CLEARED,
        )
    for gap in gaps_of(conference.case, state=GapState.OPEN):
        yield Drawn(
            f"cram-{cram.pk}-gap-{gap.gap.pk}",
            Section.ANALYSIS,
            f"Not known yet: {gap.gap.question}",
            _source(cram),
            why=NOT_CLEARED,
        )
