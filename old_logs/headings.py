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
    Says.URN: (
        "urn",
        "ref",
        "ref no",
        "reference",
        "reference no",
        "reference number",
        "log no",
        "log number",
        "unique reference number",
        "unique ref no",
        "our ref",
        "urn no",
        "urn number",
        "referral no",
        "serial",
        "ref number",
        "urn ref",
        "urn ref no",
        "referral ref",
    ),
    Says.RECEIVED_ON: (
        "date recd",
        "date received",
        "date rec d",
        "date",
        "received",
        "recd",
        "date of referral",
        "referral date",
        "date in",
        "date rcvd",
        "received date",
        "date logged",
        "date time",
        "date and time",
        "date time recd",
        "date time received",
        "date of call",
        "date referral received",
    ),
    Says.RECEIVED_TIME: ("time", "time recd", "time received", "time in", "time of referral", "time rec d"),
    Says.RECEIVED_BY: ("recd by", "rec d by", "received by", "taken by", "logged by", "call taken by", "officer"),
    Says.METHOD: ("how received", "how recd", "method", "received via", "by", "how", "means", "route"),
    Says.SOURCE: ("source", "agency", "referring agency", "from", "source of referral", "organisation", "ref agency"),
    Says.REFERRER: (
        "referrer",
        "referred by",
        "name of referrer",
        "caller",
        "informant",
        "referrer name",
        "referrers name",
        "contact name",
    ),
    Says.CONTACT: (
        "contact",
        "contact details",
        "contact no",
        "tel",
        "tel no",
        "telephone",
        "phone",
        "email",
        "referrer contact",
        "contact number",
        "phone no",
        "tel email",
    ),
    Says.FAMILY_NAME: (
        "child surname",
        "surname",
        "family name",
        "last name",
        "childs surname",
        "child s surname",
        "child last name",
        "child family name",
        "subject surname",
        "surname s",
        "child surname s",
        "childs surname s",
        "surname of child",
    ),
    Says.GIVEN_NAMES: (
        "child forename s",
        "child forename",
        "child forenames",
        "forename",
        "forenames",
        "forename s",
        "first name",
        "first names",
        "given name",
        "given names",
        "child first name",
        "child s forename s",
        "childs forename",
        "christian name",
        "childs forename s",
        "childs forenames",
        "childs first name",
        "childs first names",
        "first name s",
    ),
    Says.CHILD: (
        "child",
        "children",
        "child ren",
        "child name",
        "childs name",
        "child s name",
        "name of child",
        "children s names",
        "childrens names",
        "name",
        "subject",
        "victim",
        "child name s",
        "full name",
        "childs full name",
        "childs name s",
        "child ren s name s",
        "name of child ren",
        "names of children",
        "name s of child ren",
    ),
    Says.BIRTH: (
        "dob",
        "d o b",
        "date of birth",
        "born",
        "age",
        "dob age",
        "age dob",
        "child dob",
        "dob s",
        "dobs",
        "childs dob",
        "date of birth age",
        "childs date of birth",
        "childs age",
    ),
    Says.SEX: ("m f", "sex", "gender", "f m"),
    Says.ADDRESS: ("address", "home address", "addr", "child address", "family address", "childs address"),
    Says.POSTCODE: ("p code", "postcode", "post code", "pcode", "pc"),
    Says.ALLEGATION: (
        "allegation",
        "type",
        "category",
        "nature",
        "type of abuse",
        "concern",
        "offence",
        "abuse type",
        "nature of referral",
        "type of referral",
        "category of abuse",
        "crime type",
        "classification",
    ),
    Says.CIRCUMSTANCES: (
        "brief circs",
        "circs",
        "circumstances",
        "brief circumstances",
        "details",
        "summary",
        "brief details",
        "what happened",
        "description",
        "synopsis",
        "details of referral",
    ),
    Says.STRATEGY: (
        "strat disc",
        "strat discussion",
        "strategy discussion",
        "strat mtg",
        "strat meeting",
        "strategy",
        "strat",
        "strategy meeting",
        "strat disc y n",
    ),
    Says.DECISION: ("decision", "outcome", "result", "disposal", "action", "action taken", "decision outcome"),
    Says.DECIDED_BY: ("ds", "decided by", "supervisor", "sgt", "decision by", "ds name", "authorised by", "dec by"),
    Says.UPDATE_DUE: ("ss update due", "update due", "ss update due date", "ss due", "14 day date", "14 days"),
    Says.UPDATE_RECEIVED: (
        "ss update recd",
        "ss update rec d",
        "ss update received",
        "update recd",
        "update received",
        "update rec d",
        "ss response",
        "ss reply",
        "ss update",
        "ss recd",
    ),
    Says.NOTE: ("notes", "note", "remarks", "comments", "comment", "other"),
    # Of the file with which CAIT gives rows back.
    Says.LEFT_OUT: ("what to put right", "row in the old log"),
}
BY_NAME = {name: says for says, names in CALLED.items() for name in names}


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
    """What each column of a sheet says. Of two that would say the same the first does; the other is kept as a note,
    and so is what nobody knows."""
    found: list[Says] = []
    for heading in headings:
        says = (known_as(heading, remembered) or Says.NOTE) if heading else Says.NOTE
        found.append(Says.NOTE if says in found and says not in SEVERAL else says)
    return found
