"""One row of an old log: what it says, and what of it cannot be taken as it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError

from cases.policies import check_is_child
from deadlines.clock import london_midnight
from old_logs.enums import Says
from old_logs.headings import Sheet
from old_logs.wordings import (
    DITTO,
    NOT_KNOWN,
    NOT_YET,
    PROTECTED,
    read_categories,
    read_decision,
    read_method,
    read_source,
)
from pages.forms import in_london, read_day, read_time
from pages.validators import LONGEST_TEXT
from pages.words import day
from people.births import Birth, check_birth, read_birth
from people.enums import Sex
from people.said import PersonSaid
from referrals.enums import Category, DecisionKind, Method, Source
from referrals.models import read_urn
from referrals.policies import FIRST_YEAR, LONGEST_THAT_TELLS_NOTHING

# As the columns of the database.
LONGEST_URN, LONGEST_NAME, LONGEST_ADDRESS = 40, 80, 200
LONGEST = {Says.REFERRER: 120, Says.CONTACT: 254, Says.SOURCE: 200, Says.DECIDED_BY: 120}
LONGEST_VALUE = 300


class Wrong(NamedTuple):
    """What is wrong with one cell, for whoever mends it. `says`: which column; empty for the row as a whole."""

    says: str
    value: str
    sentence: str


@dataclass
class OldReferral:
    """A row of an old log, read: what becomes of it in CAIT."""

    urn: str
    key: str
    # Year and serial, where the URN is written as CAIT writes one.
    number: tuple[int, int] | None
    received_at: datetime
    received_on: date
    day_alone: bool
    source: Source
    method: Method
    referrer_name: str
    referrer_job: str
    telephone: str
    email: str
    protected: bool
    children: list[PersonSaid]
    no_child_because: str
    circumstances: str
    categories: tuple[Category, ...]
    told: str
    # Nothing was decided; or it was said that a strategy meeting is to be held.
    decision: DecisionKind | None
    decision_words: str
    passed_to: str
    decided_by: str
    to_decide: bool
    answered_at: datetime | None


@dataclass
class Checked:
    """What became of the check: the referral where nothing stands in its way, what does, and what a person should
    know although it does not."""

    wrong: list[Wrong] = field(default_factory=list)
    remarks: list[Wrong] = field(default_factory=list)
    referral: OldReferral | None = None


# What a row says, by column; and what stands in the columns that are kept as notes, each with its heading.
Said = dict[str, str]
Notes = list[tuple[str, str]]


def said_by(cells: Sequence[str], columns: Sequence[Says], headings: Sequence[str]) -> tuple[Said, Notes]:
    """The cells of a row by what their columns say. A cell beyond the last heading is a note without one."""
    said: Said = {}
    notes: Notes = []
    for place, text in enumerate(cells):
        if not text:
            continue
        says = columns[place] if place < len(columns) else Says.NOTE
        if says is Says.NOTE:
            notes.append((headings[place] if place < len(headings) else "", text))
        elif says is not Says.LEFT_OUT:
            said[says] = text
    return said, notes


def repeat_above(cells: list[str], above: Sequence[str]) -> list[int]:
    """Put what stands above in place of "as above" and ditto marks. The places where nothing stands above."""
    missing = []
    for place, text in enumerate(cells):
        if text and len(text) <= 14 and text.lower() in DITTO:
            if place < len(above) and above[place]:
                cells[place] = above[place]
            else:
                missing.append(place)
    return missing


def urn_key(urn: str) -> str:
    """A URN as it is compared: 0598/09, 598/2009 and "598 / 09" are one."""
    if number := read_urn(urn):
        return f"{number[1]}/{number[0]}"
    return "".join(urn.split()).casefold()


def check_row(said: Said, notes: Notes, *, today: date, where: str) -> Checked:
    """Read a row. `where`: its sheet and row, in words; `today`: in London, nothing has been received after it."""
    checked = Checked()
    urn = _urn(said, checked)
    received = _received(said, today, checked)
    decided = _decided(said, checked)
    circumstances = said.get(Says.CIRCUMSTANCES) or said.get(Says.ALLEGATION, "")
    if not circumstances:
        checked.wrong.append(
            Wrong(Says.CIRCUMSTANCES, "", "It is not said what happened. Write at least what is alleged.")
        )
    elif len(circumstances) > LONGEST_TEXT:
        sentence = f"This is longer than the {LONGEST_TEXT:,} characters that CAIT holds. Shorten it."
        checked.wrong.append(Wrong(Says.CIRCUMSTANCES, circumstances[:LONGEST_VALUE], sentence))
    for says, most in LONGEST.items():
        if len(said.get(says, "")) > most:
            sentence = f"This is longer than {most} characters. Shorten it, or move it into what happened."
            checked.wrong.append(Wrong(says, said[says][:LONGEST_VALUE], sentence))
    on = received[1] if received else None
    children, because = _children(said, on, checked)
    answered_at = _answered(said, decided, received, today, checked)
    referrer = _known(said.get(Says.REFERRER, ""))
    protected = bool(PROTECTED.search(said.get(Says.REFERRER, "") + " " + said.get(Says.CONTACT, "")))
    _check_caller_is_left_out(said, notes, referrer if protected else "", checked)
    if checked.wrong or received is None:
        return checked
    contact = _line(_known(said.get(Says.CONTACT, "")))
    is_email = "@" in contact
    source_words = _line(said.get(Says.SOURCE, ""))
    allegation = said.get(Says.ALLEGATION, "")
    received_at, on, day_alone = received
    checked.referral = OldReferral(
        urn=urn,
        key=urn_key(urn),
        number=_number(urn, on, today),
        received_at=received_at,
        received_on=on,
        day_alone=day_alone,
        source=read_source(source_words) if source_words else Source.OTHER,
        method=read_method(said.get(Says.METHOD, ""), source_words),
        referrer_name=_line(referrer),
        referrer_job=source_words,
        telephone="" if is_email else contact[:60],
        email=contact if is_email else "",
        protected=protected,
        children=children,
        no_child_because=because,
        circumstances=circumstances,
        categories=read_categories(allegation) if allegation else (Category.UNCLEAR,),
        told=_told(said, notes, where, several=len(children) != 1, protected=protected, remarks=checked.remarks),
        decision=decided[0],
        decision_words=said.get(Says.DECISION, ""),
        passed_to=_line(decided[1]),
        decided_by=_line(_known(said.get(Says.DECIDED_BY, ""))) or "not said",
        to_decide=decided[2],
        answered_at=answered_at,
    )
    return checked


# --- URN -----------------------------------------------------------------------------------------


def _urn(said: Said, checked: Checked) -> str:
    urn = " ".join(said.get(Says.URN, "").split())
    if not urn or urn.lower() in NOT_KNOWN or urn.lower() in DITTO:
        checked.wrong.append(
            Wrong(Says.URN, urn, "There is no URN. Write the number that the log gave the referral.")
        )
    elif len(urn) > LONGEST_URN or _unseen(urn):
        sentence = f"This is no URN: it is longer than {LONGEST_URN} characters, or holds some that cannot be seen."
        checked.wrong.append(Wrong(Says.URN, urn[:LONGEST_VALUE], sentence))
    return urn


def _number(urn: str, on: date, today: date) -> tuple[int, int] | None:
    """The number that CAIT can take over as its own: one of a year that there has been, and that is the referral's
    own or the one beside it."""
    number = read_urn(urn)
    if number is None or number[1] < 1 or number[0] > today.year or abs(number[0] - on.year) > 1:
        return None
    return number


# --- when it was received ------------------------------------------------------------------------

_ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d:\d\d))?$", re.A)
_SAYS_NO_DAY = re.compile(r"yesterday|today|tomorrow|last |this ", re.I)
DATES_LIKE = "Write it like 2 December 2009 or 2/12/2009."


@lru_cache(maxsize=20_000)
def _day(text: str) -> tuple[date, str] | str:
    """The date that is written, and the time where one is written with it; or the sentence that says it is none."""
    if found := _ISO.match(text):
        try:
            return date(int(found[1]), int(found[2]), int(found[3])), found[4] or ""
        except ValueError:
            return f"There is no such day. {DATES_LIKE}"
    if _SAYS_NO_DAY.search(text):
        return f"“{text[:40]}” does not say which day. {DATES_LIKE}"
    try:
        return read_day(text), ""
    except ValidationError as wrong:
        why = wrong.messages[0]
    if found := re.match(r"^(.+?)[\s,]+(?:at\s+)?(\d{1,2}[:.]\d\d(?:\s*[ap]m)?|\d{4}\s*hrs)$", text, re.I):
        try:
            return read_day(found[1]), found[2]
        except ValidationError:
            pass
    return f"{why.rstrip('.')}." if re.search(r"\d", text) and "Enter the date" not in why else DATES_LIKE


@lru_cache(maxsize=5000)
def _time(text: str) -> time | None:
    plain = re.sub(r"\s*(hrs?|h)\.?$", "", text.strip(), flags=re.I)
    if re.fullmatch(r"\d{3}", plain):  # 0930 that a spreadsheet made a number of
        plain = f"0{plain}"
    try:
        return read_time(plain)
    except ValidationError:
        return None


def _received(said: Said, today: date, checked: Checked) -> tuple[datetime, date, bool] | None:
    """The moment, its London date, and whether the log gives the day alone."""
    text = said.get(Says.RECEIVED_ON, "")
    if not text or text.lower() in NOT_KNOWN:
        sentence = f"The date received is missing. {DATES_LIKE}"
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, sentence))
        return None
    read = _day(text)
    if isinstance(read, str):
        sentence = f"The date received cannot be read. {read}"
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text[:LONGEST_VALUE], sentence))
        return None
    on, with_it = read
    if on > today:
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, "The date received is in the future. Check the year."))
        return None
    if on.year < FIRST_YEAR:
        sentence = f"CAIT holds referrals from {FIRST_YEAR} on. Check the year; leave older ones out."
        checked.wrong.append(Wrong(Says.RECEIVED_ON, text, sentence))
        return None
    at = said.get(Says.RECEIVED_TIME, "") or with_it
    if not at or at.lower() in NOT_KNOWN:
        return london_midnight(on), on, True
    clock_time = _time(at)
    if clock_time is None:
        sentence = "The time received cannot be read. Write it like 15:20, or leave it empty."
        checked.wrong.append(Wrong(Says.RECEIVED_TIME, at[:LONGEST_VALUE], sentence))
        return None
    try:
        return _moment(on, clock_time), on, False
    except ValidationError as wrong:
        checked.wrong.append(Wrong(Says.RECEIVED_TIME, at, f"{wrong.messages[0]}."))
        return None


def _moment(on: date, at: time) -> datetime:
    return in_london(on, at, "")


# --- children ------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"\s*(?:/|;|\n|&|\+|,|\band\b)\s*", re.I)
_BETWEEN_WHOLE = re.compile(r"\s*(?:/|;|\n|&|\+|\band\b)\s*", re.I)
_NO_CHILD = re.compile(r"^(?:no child(?:ren)?|none named|no named child)\b[\s:,;.\-–—]*(?P<why>.*)$", re.I | re.S)
_UNBORN = frozenset({"unborn", "unborn baby", "baby", "u/b", "ub", "unborn child"})
_SEXES = {"f": Sex.FEMALE, "female": Sex.FEMALE, "girl": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE, "boy": Sex.MALE}


def _children(said: Said, on: date | None, checked: Checked) -> tuple[list[PersonSaid], str]:
    """Everybody the row names as a child; or why none can be named."""
    given_cell, family_cell = said.get(Says.GIVEN_NAMES, ""), said.get(Says.FAMILY_NAME, "")
    whole = said.get(Says.CHILD, "")
    for text in (given_cell, family_cell, whole):
        if none := _NO_CHILD.match(text):
            why = _line(none["why"]) or "The old log says that no child is named"
            return [], why[:300]
    names = _names(given_cell, family_cell, checked) if given_cell or family_cell else _whole_names(whole)
    if names is None:
        return [], ""
    if not names:
        sentence = (
            "No child is named. Write the name; or, where none can be named, write “no child” and why, like “no "
            "child: "
            "an adult tells of their own childhood”."
        )
        checked.wrong.append(
            Wrong(Says.GIVEN_NAMES if not whole else Says.CHILD, given_cell or family_cell or whole, sentence)
        )
    address = _address(said, checked)
    # Without the day it was received nobody's age is known.
    births = _births(said.get(Says.BIRTH, "") if on else "", len(names), on, checked)
    sexes = _sexes(said.get(Says.SEX, ""), len(names))
    children = []
    for (given, family), birth, sex in zip(names, births, sexes, strict=True):
        if given.lower() in _UNBORN:
            given = "" if birth.expected and family else "Unborn baby"
        if not (given or family):
            continue
        if len(given) > LONGEST_NAME or len(family) > LONGEST_NAME or re.search(r"\d", given + family):
            sentence = (
                "This is no name: it has figures in it, or is very long. Write first names and family name alone."
            )
            checked.wrong.append(Wrong(Says.GIVEN_NAMES, f"{given} {family}"[:LONGEST_VALUE], sentence))
            continue
        children.append(PersonSaid(given_names=given, family_name=family, birth=birth, sex=sex, address=address))
    return children, ""


def _names(given_cell: str, family_cell: str, checked: Checked) -> list[tuple[str, str]] | None:
    """First names and family name of each; None where it is not plain which belong together."""
    given = [_line(_known(each)) for each in _BETWEEN.split(given_cell) if each] or [""]
    family = [_line(_known(each)) for each in _BETWEEN.split(family_cell) if each] or [""]
    if len(family) == 1:
        names = [(each, family[0]) for each in given]
    elif len(family) == len(given):
        names = list(zip(given, family, strict=True))
    elif len(given) == 1:  # Smith / Jones: two names of one child
        names = [(given[0], _line(family_cell))]
    else:
        sentence = (
            "It is not plain which family name is whose. Write one family name, or as many as there are first names."
        )
        checked.wrong.append(Wrong(Says.FAMILY_NAME, family_cell[:LONGEST_VALUE], sentence))
        return None
    return [each for each in names if any(each)]


def _whole_names(cell: str) -> list[tuple[str, str]]:
    """ "Rhys Calloway", "CALLOWAY Rhys", "Calloway, Rhys"; several with a stroke, an "and" or a line between them."""
    names = []
    for each in _BETWEEN_WHOLE.split(cell):
        plain = _line(_known(each))
        if not plain:
            continue
        family, comma, given = plain.partition(",")
        if comma:
            names.append((given.strip(), family.strip()))
            continue
        words = plain.split()
        capitals = [word for word in words if len(word) > 1 and word.isupper()]
        if capitals and len(capitals) < len(words) and words[: len(capitals)] == capitals:
            names.append((" ".join(words[len(capitals) :]), " ".join(capitals)))
        else:
            names.append((" ".join(words[:-1]) or words[0], words[-1] if len(words) > 1 else ""))
    if len(names) > 1 and names[-1][1]:  # "Rhys and Ann Calloway"
        names = [(given, family or names[-1][1]) for given, family in names]
    return names


def _address(said: Said, checked: Checked) -> str:
    address, postcode = _line(_known(said.get(Says.ADDRESS, ""))), _line(_known(said.get(Says.POSTCODE, "")))
    if postcode and postcode.casefold() not in address.casefold():
        address = f"{address}, {postcode}" if address else postcode
    if len(address) > LONGEST_ADDRESS:
        sentence = f"The address is longer than {LONGEST_ADDRESS} characters. Shorten it."
        checked.wrong.append(Wrong(Says.ADDRESS, address[:LONGEST_VALUE], sentence))
    return address


def _births(cell: str, children: int, on: date | None, checked: Checked) -> list[Birth]:
    """The birth of each child. One date for several is nobody's: it is kept as a note, and a person is told."""
    unknown = [Birth()] * children
    if not cell or cell.lower() in NOT_KNOWN or not children or on is None:
        return unknown
    if children == 1:
        return [_birth(cell, on, checked)]
    parts = [each for each in re.split(r"\s*(?:;|\n|&|\+|,|\s/\s|\band\b)\s*", cell) if each]
    if len(parts) == children:
        return [_birth(each, on, checked) for each in parts]
    sentence = "There are several children, and it is not plain whose birth this is. It is kept as a note."
    checked.remarks.append(Wrong(Says.BIRTH, cell[:LONGEST_VALUE], sentence))
    return unknown


_TWO_FIGURES = re.compile(r"^(?P<day>\d{1,2}[/.\- ]\w{1,9}[/.\- ])(?P<year>\d\d)$", re.A)
_IN_FIGURES = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$", re.A)


def _birth(text: str, on: date, checked: Checked) -> Birth:
    if text.lower() in NOT_KNOWN:
        return Birth()
    plain = re.sub(r"^(dob|d\.o\.b\.?|born)\b[\s:]*", "", text, flags=re.I)
    if short := _TWO_FIGURES.match(plain):
        plain = f"{short['day']}{_century(int(short['year']), on)}"
    try:
        if found := _IN_FIGURES.match(plain):
            birth = Birth.on(date(int(found[3]), int(found[2]), int(found[1])))
        elif found := _ISO.match(plain):
            birth = Birth.on(date(int(found[1]), int(found[2]), int(found[3])))
        else:
            birth = read_birth(plain, on=on)
        check_birth(birth, on=on)
    except (ValidationError, ValueError) as wrong:
        why = wrong.messages[0] if isinstance(wrong, ValidationError) else "There is no such day"
        sentence = f"{why.rstrip('.')}. The birth is left open, and what the log says is kept as a note."
        checked.remarks.append(Wrong(Says.BIRTH, text[:LONGEST_VALUE], sentence))
        return Birth()
    try:
        check_is_child(birth, on=on)
    except ValidationError:
        sentence = (
            "Whoever was born then was an adult when the referral was received. Check the year. Where an adult "
            "tells of "
            "their own childhood, write “no child” and why in place of the name."
        )
        checked.wrong.append(Wrong(Says.BIRTH, text[:LONGEST_VALUE], sentence))
    return birth


def _century(figures: int, on: date) -> int:
    """A year of two figures is that in which a child was born who is under 18 now."""
    return next((year for year in (2000 + figures, 1900 + figures) if 0 <= on.year - year <= 18), 2000 + figures)


def _sexes(cell: str, children: int) -> list[str]:
    """One sex for several children is nobody's: what the log says is kept as a note."""
    parts = [_SEXES.get(each.strip().lower(), Sex.UNKNOWN) for each in _BETWEEN.split(cell) if each]
    if len(parts) == children:
        return [str(each) for each in parts]
    return [str(Sex.UNKNOWN)] * children


# --- what was decided ----------------------------------------------------------------------------


def _decided(said: Said, checked: Checked) -> tuple[DecisionKind | None, str, bool]:
    """The kind, whom it was passed to, and whether somebody looked at it and it is still to be decided."""
    text = said.get(Says.DECISION, "")
    if not text or text.lower() in NOT_KNOWN:
        return None, "", False
    decided = read_decision(text)
    if decided is None:
        sentence = (
            "CAIT does not know this decision. Write one of: Joint s47; Single agency police; SS only; Transfer "
            "to …; "
            "Info only; Strat meeting; or leave it empty, and it is decided in CAIT."
        )
        checked.wrong.append(Wrong(Says.DECISION, text[:LONGEST_VALUE], sentence))
        return None, "", False
    return decided.kind, decided.passed_to, decided.kind is None


def _answered(
    said: Said,
    decided: tuple[DecisionKind | None, str, bool],
    received: tuple[datetime, date, bool] | None,
    today: date,
    checked: Checked,
) -> datetime | None:
    """When Social Services answered, where they alone were to deal with it and the log says that they did."""
    text = said.get(Says.UPDATE_RECEIVED, "")
    if decided[0] != DecisionKind.SOCIAL_SERVICES or not text or text.lower() in NOT_YET:
        return None
    read = _day(text)
    if isinstance(read, str):
        sentence = (
            "It cannot be read when Social Services’ update came. Write the date; or leave it empty if it has "
            "not come, "
            "and CAIT asks for it."
        )
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text[:LONGEST_VALUE], sentence))
        return None
    if read[0] > today:
        sentence = "The date of Social Services’ update is in the future. Check the year."
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text, sentence))
        return None
    if received is None:
        return None
    if read[0] < received[1]:
        sentence = "Social Services’ update is dated before the referral was received. Check both dates."
        checked.wrong.append(Wrong(Says.UPDATE_RECEIVED, text, sentence))
        return None
    return max(received[0], london_midnight(read[0]))


# --- words ---------------------------------------------------------------------------------------

_TOLD: tuple[Says, ...] = (
    Says.RECEIVED_BY,
    Says.METHOD,
    Says.SOURCE,
    Says.ALLEGATION,
    Says.STRATEGY,
    Says.DECISION,
    Says.DECIDED_BY,
)
_TOLD += (Says.UPDATE_DUE, Says.UPDATE_RECEIVED)


def _told(said: Said, notes: Notes, where: str, *, several: bool, protected: bool, remarks: list[Wrong]) -> str:
    """Whatever else the row says, a line each, for the chronology; never who called."""
    lines = [f"From the old log, {where}."]
    noted = {each.says for each in remarks}
    for says in (Says.RECEIVED_ON, *_TOLD, Says.BIRTH, Says.SEX):
        if says == Says.SOURCE and protected:
            continue
        if says == Says.RECEIVED_ON or (says in (Says.BIRTH, Says.SEX) and not (several or says in noted)):
            continue
        if text := said.get(says):
            lines.append(f"{says.label}: {shown(text)}")
    lines += [f"{heading or 'Without a heading'}: {shown(text)}" for heading, text in notes]
    return "\n".join(lines)


@lru_cache(maxsize=20_000)
def shown(text: str) -> str:
    """What stands in a cell as a person reads it: a date of Excel's is "2 December 2009"."""
    if len(text) in (10, 16) and (found := _ISO.match(text)):
        try:
            on = day(date(int(found[1]), int(found[2]), int(found[3])))
        except ValueError:
            return text
        return f"{on}, {found[4]}" if found[4] else on
    return text


def _check_caller_is_left_out(said: Said, notes: Notes, referrer: str, checked: Checked) -> None:
    """What everybody on the record reads does not tell who a protected caller is."""
    name = " ".join(PROTECTED.sub("", referrer).split()).strip(" -–,:;()")
    if len(name) <= LONGEST_THAT_TELLS_NOTHING:
        return
    read = [(Says.CIRCUMSTANCES, said.get(Says.CIRCUMSTANCES, "")), *((Says.NOTE, text) for _, text in notes)]
    for says, text in read:
        if name.casefold() in " ".join(text.split()).casefold():
            sentence = f"This tells who the caller is, who asked not to be named: “{name}”. Take it out."
            checked.wrong.append(Wrong(says, text[:LONGEST_VALUE], sentence))


def _known(text: str) -> str:
    return "" if text.strip().lower() in NOT_KNOWN else text


_PLAIN = re.compile(r"[ -~]*")


def _line(text: str) -> str:
    """One line, without what cannot be seen."""
    plain = " ".join(text.split())
    return plain if _PLAIN.fullmatch(plain) else "".join(each for each in plain if not _unseen(each))


def _unseen(text: str) -> bool:
    return any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") for each in text)


def is_total(cells: Sequence[str]) -> bool:
    """A row that counts the others."""
    first = next((each for each in cells if each), "")
    return bool(re.match(r"^(sub|grand)?[\s-]*totals?\b|^count\b", first, re.I)) and sum(map(bool, cells)) <= 4


def is_heading_again(cells: Sequence[str], sheet: Sheet) -> bool:
    """The heading, repeated further down as on each printed page."""
    filled = [(place, each) for place, each in enumerate(cells) if each]
    same = sum(1 for place, each in filled if place < len(sheet.headings) and sheet.headings[place] == each)
    return same >= 3 and same * 2 > len(filled)


def as_mapping(wrong: Sequence[Wrong]) -> list[Mapping[str, str]]:
    """As they are kept with the row."""
    return [{"says": str(each.says), "value": each.value, "wrong": each.sentence} for each in wrong]
