"""What the record holds for the police report to a conference: facts with their source, and the CRAM.

Whoever is asked about a child reads on: what names an address or another family, what was typed for police or told by
others, what police systems hold and what the CRAM says of somebody is drawn as not for everybody, until somebody has
read it for this conference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cases.enums import Happened, Kind, Part
from cases.queries import OnRecord, chronology, entries_narrowed, names_of, people_on, told
from conferences.enums import Section, Sharing
from conferences.models import Conference
from conferences.queries import children_at, cram_for
from conferences.report_policies import NOT_CLEARED
from cram.enums import GapState, System
from cram.managing import answered_yes, gaps_of, risks_of
from cram.models import Assessment, Search
from deadlines import clock
from deadlines.clock import london_date
from pages.words import day, uncapitalised
from people.enums import BirthKnown, Relation
from people.models import Person, Relationship

LONGEST_SOURCE = 200
ADDRESS = "An address. Say who else may read it"
THIRD_PARTY = "Not of the family: not cleared for sharing yet"
FROM_OTHERS = f"Somebody else told us: {uncapitalised(NOT_CLEARED)}"
REFERRAL = "It could show who referred the child"
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
        *_children(children, people, conference, today),
        *_household(children, people, conference),
        _reason(conference),
        *_chronology(conference),
        *_searches(conference),
        *_cram(conference, today),
    ]


# --- who it is about -----------------------------------------------------------------------------


def _children(children: list[Person], people: list[OnRecord], conference: Conference, today: date) -> Iterator[Drawn]:
    on_record = {each.person.pk: each for each in people}
    source = f"Record {conference.case.number}"
    for child in children:
        text = f"{child.with_age(today)}{_born(child)}."
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
    rows = entries_narrowed(chronology(conference.case), significant=True).filter(kind__in=TOLD)
    for each in told(rows.order_by("happened_at", "pk")):
        entry, now = each.entry, each.now
        is_referral = entry.kind == Kind.REFERRAL
        if not now.significant or (entry.automatic and not is_referral):
            continue
        people = {person.pk for person in now.people.all()}
        text = "\n".join(filter(None, [f"{now.title}{_roughly(now.happened)}", now.text]))
        # A correction has no source of its own: what is known is known from where the entry was.
        source = "" if is_referral else entry.source or now.source
        yield Drawn(
            f"entry-{entry.pk}",
            Section.CHRONOLOGY,
            text,
            (source or f"Chronology of record {conference.case.number}")[:LONGEST_SOURCE],
            happened_on=london_date(now.happened_at),
            about=next(iter(people)) if len(people) == 1 else None,
            why=REFERRAL if is_referral else FROM_OTHERS if source else NOT_CLEARED,
            corrected_by=now.pk if each.corrections else None,
        )


def _roughly(happened: str) -> str:
    return " (about then)" if happened == Happened.ABOUT else ""


def _searches(conference: Conference) -> Iterator[Drawn]:
    """What police systems hold: nobody outside the police reads it until it is cleared."""
    rows = Search.objects.filter(case=conference.case, found=True).prefetch_related("people")
    for each in rows.order_by("searched_at", "pk"):
        people = list(each.people.all())
        yield Drawn(
            f"search-{each.pk}",
            Section.CONVICTIONS if each.system in CONVICTIONS else Section.INTELLIGENCE,
            each.result,
            f"{System(each.system).short}, searched on {day(london_date(each.searched_at))}",
            about=people[0].pk if len(people) == 1 else None,
            why=NOT_CLEARED,
        )


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
