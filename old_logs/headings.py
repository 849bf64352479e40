"""Which row of a sheet is its heading, and what each column says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from old_logs.enums import NAMES, NEEDED, SEVERAL, Says

# A heading stands near the top, below a title or two.
LOOKED_AT = 50
LONGEST_HEADING = 200
# So many columns must be known by name before a row is taken for the heading.
KNOWN_ENOUGH = 3

# How desks head their columns, as `heading_key` writes them.
CALLED: dict[Says, tuple[str, ...]] = {
    says: tuple(" ".join(name.split()) for name in names.split(","))
    for says, names in {
        Says.URN: """
            urn, ref, ref no, reference, reference no, reference number, log no, log number, unique reference
            number, unique ref no, our ref, urn no, urn number, referral no, serial, ref number, urn ref, urn
            ref no, referral ref, urn and ref, serial no, serial number, log ref, referral number, referral urn,
            cait ref, cait ref no, cait no, cait urn, cait reference
        """,
        Says.RECEIVED_ON: """
            date recd, date received, date rec d, date, received, recd, date of referral, referral date, date
            in, date rcvd, received date, date logged, date time, date and time, date time recd, date time
            received, date of call, date referral received, recd date, rec d date, rcvd date, date rec, date of
            receipt, date referred, date of contact, date recd by cait, date rec d by cait, date received by
            cait, date referral recd
        """,
        Says.RECEIVED_TIME: """
            time, time recd, time received, time in, time of referral, time rec d, time referred, time of call,
            time of receipt, time rcvd
        """,
        Says.RECEIVED_BY: """
            recd by, rec d by, received by, taken by, logged by, call taken by, officer, rec by, recd by
            officer, officer receiving, receiving officer, taken by officer
        """,
        Says.METHOD: """
            how received, how recd, method, received via, by, how, means, route, method of referral, how
            referred
        """,
        Says.SOURCE: """
            source, agency, referring agency, from, source of referral, organisation, ref agency, referral from,
            received from, recd from, rec d from, referral source, referring body, referred from, referrer
            agency, agency referring
        """,
        Says.REFERRER: """
            referrer, referred by, name of referrer, caller, informant, referrer name, referrers name, contact
            name, referring person, person referring, referrer s name, name of caller, callers name, caller
            name, name of informant, referred by name
        """,
        Says.CONTACT: """
            contact, contact details, contact no, tel, tel no, telephone, phone, email, referrer contact,
            contact number, phone no, tel email, referrer tel, referrer tel no, referrer phone, referrer
            telephone, referrer email, contact tel, contact tel no, telephone no, telephone number, phone
            number, e mail, referrer contact details, referrer contact no
        """,
        Says.FAMILY_NAME: """
            child surname, surname, family name, last name, childs surname, child s surname, child last name,
            child family name, subject surname, surname s, child surname s, childs surname s, surname of child,
            family, childrens surname, children s surname, victim surname, victims surname, surname of child
            ren, surname of children, subject s surname, childs family name, child s family name
        """,
        Says.GIVEN_NAMES: """
            child forename s, child forename, child forenames, forename, forenames, forename s, first name,
            first names, given name, given names, child first name, child s forename s, childs forename,
            christian name, childs forename s, childs forenames, childs first name, childs first names, first
            name s, forename of child, forenames of children, forename s of child ren, childrens forenames,
            child ren forename s, childs given name, childs given names, child s first name, child s first
            names, child s forename, child s forenames, victim forename, victims forename, given name s
        """,
        Says.CHILD: """
            child, children, child ren, child name, childs name, child s name, name of child, children s names,
            childrens names, name, subject, victim, child name s, full name, childs full name, childs name s,
            child ren s name s, name of child ren, names of children, name s of child ren, child names, childs
            names, children names, children name, children s name, children involved, child children, name of
            children, victim name, victims name, name of victim, subject name, name of subject, child full name,
            child s full name, kids
        """,
        Says.BIRTH: """
            dob, d o b, date of birth, born, age, dob age, age dob, child dob, dob s, dobs, childs dob, date of
            birth age, childs date of birth, childs age, ages, age s, dob s of child ren, dob of child, child s
            dob, childs dob s, child ren dob s, childrens dob, childrens dobs, childrens ages, child age, child
            s age, age of child, date s of birth, birth date, victim dob, dob ages
        """,
        Says.SEX: "m f, sex, gender, f m, sex m f, gender m f, boy girl, childs sex, child s sex, child sex",
        Says.ADDRESS: """
            address, home address, addr, child address, family address, childs address, home addr, childs home
            address, child s address, child s home address, address of child, address of family, family home
        """,
        Says.POSTCODE: "p code, postcode, post code, pcode, pc",
        Says.ALLEGATION: """
            allegation, type, category, nature, type of abuse, concern, offence, abuse type, nature of referral,
            type of referral, category of abuse, crime type, classification, allegations, concerns, allegation
            type, concern type, type of concern, type of allegation, nature of concern, nature of concerns,
            nature of allegation, abuse category, category of concern, alleged offence, reason for referral,
            primary concern
        """,
        Says.CIRCUMSTANCES: """
            brief circs, circs, circumstances, brief circumstances, details, summary, brief details, what
            happened, description, synopsis, details of referral, brief summary, brief description, brief facts,
            details of concern, details of concerns, details of allegation, summary of concern, summary of
            concerns, case details, circumstances of referral, referral details, summary of referral, narrative
        """,
        Says.STRATEGY: """
            strat disc, strat discussion, strategy discussion, strat mtg, strat meeting, strategy, strat,
            strategy meeting, strat disc y n, strategy disc, strat discussion y n, strategy discussion y n,
            strategy discussion held
        """,
        Says.DECISION: """
            decision, outcome, result, disposal, action, action taken, decision outcome, decision made, desk
            decision, ds decision, outcome decision, outcome of referral, final decision, police action
        """,
        Says.DECIDED_BY: """
            ds, decided by, supervisor, sgt, decision by, ds name, authorised by, dec by, desk sgt, desk
            sergeant, desk ds, ds initials, sgts initials, sgt s initials, sergeant, decision maker, authorising
            ds
        """,
        Says.UPDATE_DUE: """
            ss update due, update due, ss update due date, ss due, 14 day date, 14 days, ss update due by,
            update due date, ss update by, 14 day update due
        """,
        Says.UPDATE_RECEIVED: """
            ss update recd, ss update rec d, ss update received, update recd, update received, update rec d, ss
            response, ss reply, ss update, ss recd, ss update date, date of ss update, update from ss, ss update
            rcvd, update rcvd, date update recd, date ss update recd, ss update received date
        """,
        Says.NOTE: "notes, note, remarks, comments, comment, other, other information, further information, misc",
        # Of the file with which CAIT gives rows back.
        Says.LEFT_OUT: "what to put right, row in the old log",
    }.items()
}
BY_NAME = {name: says for says, names in CALLED.items() for name in names}
# Names that say little: beside a column that says the same in so many words, they mean something else. "Name" is the
# caller's where the child has a column, "Date" may be that of the incident, "Serial" counts the rows.
SAY_LITTLE = frozenset(
    name.strip()
    for names in (
        "ref, ref no, ref number, reference, reference no, reference number, serial, serial no, serial number",
        "log no, log number, log ref, our ref, date, date time, date and time, received, recd, date of call, time",
        "officer, sergeant, supervisor, by, how, from, contact, name, full name, subject, victim, age, ages",
        "address, type, category, nature, details, summary, description, action, action taken, police action",
        "outcome, result, disposal, ss update",
    )
    for name in names.split(",")
)
# A column that nobody knows, and that may name further children.
_MORE_CHILDREN = re.compile(
    r"\b(siblings?|sibs|other child(ren)?|(2nd|3rd|4th|second|third|fourth) child|child (\d|two|three|four))\b"
)
_NO_NAMES = re.compile(r"\b(dob|age|ages|born|birth|sex|m f|school|address|plan|cpp?|known|how many|no of|number)\b")


def heading_key(heading: str) -> str:
    """A heading without what differs from one log to the next: "Date rec'd " and "DATE REC’D" are "date recd"."""
    plain = heading.casefold().replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^\w]+|_", " ", plain).split())


@dataclass
class Sheet:
    """One sheet of an old log: where its heading is, and what its columns are called. `heading`: the number of that
    row, None where none was found or the sheet is not part of the log."""

    name: str
    hidden: bool = False
    heading: int | None = None
    headings: list[str] = field(default_factory=list)
    # What each of its columns was taken to say: Says.
    columns: list[str] = field(default_factory=list)
    # The first rows as they are, for whoever says which is the heading: [number, cells].
    first: list[Any] = field(default_factory=list)
    # How many rows are blank, and how many are not.
    blank: int = 0
    rows: int = 0

    @property
    def shown(self) -> str:
        """As a sentence calls it; a CSV file has but one, without a name."""
        return f"sheet “{self.name}”" if self.name else "the file"


def headings_in(sheet: Sheet, number: int) -> list[str]:
    """What the columns of a sheet are called, were the row of that number its heading; as far as its first rows are
    known."""
    if number and number == sheet.heading:
        return sheet.headings
    return next((list(cells) for at, cells in sheet.first if at == number), [])


def known_as(heading: str, remembered: Mapping[str, str]) -> Says | None:
    """What a column of that heading says: as the team said last, or as desks call it. None where nobody knows."""
    if len(heading) > LONGEST_HEADING:
        return None
    key = heading_key(heading)
    if key in remembered:
        return Says(remembered[key])
    return BY_NAME.get(key)


def find_heading(first: Sequence[Sequence[Any]], remembered: Mapping[str, str]) -> int | None:
    """The number of the row that is the heading: the one in which most columns are known by name."""
    best, most = None, KNOWN_ENOUGH - 1
    for number, cells in first:
        known = {says for each in cells if each and (says := known_as(each, remembered))}
        if len(known - set(SEVERAL)) > most and not known.isdisjoint((*NEEDED, *NAMES)):
            best, most = number, len(known - set(SEVERAL))
    return best


def columns_of(headings: Sequence[str], remembered: Mapping[str, str]) -> list[Says]:
    """What each column of a sheet says. Of two that would say the same the one does that says so in so many words,
    else the first; the other is kept as a note, and so is what nobody knows."""
    found = [Says.NOTE] * len(headings)
    for little in (False, True):
        for place, heading in enumerate(headings):
            says = known_as(heading, remembered) if heading else None
            if says is None or _says_little(heading, remembered) is not little:
                continue
            taken = says in found or (little and says in NAMES and not set(NAMES).isdisjoint(found))
            if says in SEVERAL or not taken:
                found[place] = says
    return found


def _says_little(heading: str, remembered: Mapping[str, str]) -> bool:
    key = heading_key(heading)
    return key in SAY_LITTLE and key not in remembered


def named_besides(headings: Sequence[str], columns: Sequence[Says], remembered: Mapping[str, str]) -> list[int]:
    """The columns that say a child's name as another does, and are kept as notes beside it."""
    return [
        place
        for place, heading in enumerate(headings)
        if columns[place] == Says.NOTE
        and known_as(heading, remembered) in NAMES
        and not _says_little(heading, remembered)
    ]


def may_name_more(headings: Sequence[str], columns: Sequence[Says]) -> list[int]:
    """The columns that are kept as notes, and by their heading may name further children."""
    keys = [heading_key(heading[:LONGEST_HEADING]) for heading in headings]
    return [
        place
        for place, key in enumerate(keys)
        if columns[place] == Says.NOTE and _MORE_CHILDREN.search(key) and not _NO_NAMES.search(key)
    ]
