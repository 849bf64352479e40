"""The children that a row of an old log names, with their births, sexes and address."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError

from cases.policies import check_is_child
from old_logs.dates import ISO
from old_logs.enums import Says
from old_logs.said import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_VALUE,
    LONGEST_WHY,
    Checked,
    Said,
    Wrong,
    known,
    line,
)
from old_logs.wordings import (
    NAMES_ALL_THE_SAME,
    NOT_KNOWN,
)
from people.births import Birth, check_birth, read_birth
from people.enums import Sex
from people.said import PersonSaid

_BETWEEN = re.compile(r"\s*(?:/|;|\n|&|\+|,|\band\b)\s*", re.I)
_BETWEEN_WHOLE = re.compile(r"\s*(?:/|;|\n|&|\+|\band\b)\s*", re.I)
_NO_CHILD = re.compile(
    r"^(?:no (?:named )?child(?:ren)?(?: (?:is |was |are |were )?(?:named|identified|given))?|none named)\b"
    r"[\s:,;.\-–—]*(?P<why>.*)$",
    re.I | re.S,
)
_UNBORN = frozenset({"unborn", "unborn baby", "baby", "u/b", "ub", "unborn child"})
# "n/k" and "u/b" are not two children; nor is "b/o Sarah", the baby of Sarah.
_STROKES = re.compile(r"\b([nu])/([kab])\b", re.I)
_BABY_OF = re.compile(r"\bb/o\b", re.I)
# What names nobody, or not one child alone: figures, signs, formulas, whoever else there is; two names of one; a
# mother, whose baby is meant; adults; letters that were read in the wrong alphabet; and rows that were crossed out.
_NOBODY = re.compile(
    r"[\d=#@|<>{}()\[\]*?\\�]|[ÃÂÅÄ][\x80-\xbf€‚„…†‡‰Š‹ŒŽ“”•–—™š›œžŸ]|â€|"
    r"\s(?:or|n[eé]e)\s|^child \w$|"
    r"\b(?:sib(?:ling)?s?|brothers?|sisters?|others|twins?|triplets|kids|children|family|various|"
    r"above|unknown|unnamed|tba|tbc|withheld|aka|alias|of|adults?|mother|father|parents?|mum|dad|mrs|mr|male|female|"
    r"void|cancelled|error|duplicate)\b",
    re.I,
)
NO_NAME = (
    "This is not the name of one child. Write first names and family name alone, or nk for a name that is not known; "
    "several children with a stroke between them."
)
NOT_PLAIN = "It is not plain where one name ends and the next begins. Write a stroke between children."
SEXES = {"f": Sex.FEMALE, "female": Sex.FEMALE, "girl": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE, "boy": Sex.MALE}


def read_children(said: Said, on: date | None, checked: Checked) -> tuple[list[PersonSaid], str]:
    """Everybody the row names as a child; or why none can be named."""
    given_cell, family_cell = said.get(Says.GIVEN_NAMES, ""), said.get(Says.FAMILY_NAME, "")
    whole = said.get(Says.CHILD, "")
    for text in (given_cell, family_cell, whole):
        if none := _NO_CHILD.match(text):
            why = line(none["why"]) or "The old log says that no child is named"
            if len(why) > LONGEST_WHY:
                sentence = f"This is longer than {LONGEST_WHY} characters. Shorten it, or move it into what happened."
                checked.wrong.append(Wrong(Says.GIVEN_NAMES, text[:LONGEST_VALUE], sentence))
            return [], why[:LONGEST_WHY]
    if family_cell and whole and not given_cell:  # a column for the family name, and one for the children
        given_cell = re.sub(rf"\b{re.escape(family_cell)}\b,?", "", whole, flags=re.I).strip()
    if given_cell or family_cell:
        names = _names(given_cell, family_cell, checked)
    else:
        names = _whole_names(whole, checked)
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
        if given.lower() in _UNBORN and birth.expected and family:
            given = ""
        elif given.lower() in _UNBORN and given.lower() != "baby":
            given = "Unborn baby"
        if not (given or family):
            continue
        if len(given) > LONGEST_NAME or len(family) > LONGEST_NAME or _NOBODY.search(f"{given} {family}"):
            checked.wrong.append(Wrong(Says.GIVEN_NAMES, f"{given} {family}"[:LONGEST_VALUE], NO_NAME))
            continue
        children.append(PersonSaid(given_names=given, family_name=family, birth=birth, sex=sex, address=address))
    return children, ""


def _names(given_cell: str, family_cell: str, checked: Checked) -> list[tuple[str, str]] | None:
    """First names and family name of each; None where it is not plain which belong together."""
    given, family = _parts(given_cell), _parts(family_cell)
    if len(family) == 1:
        names = [(each, family[0]) for each in given]
    elif len(family) == len(given):
        names = list(zip(given, family, strict=True))
    elif len(given) == 1:  # Smith / Jones: two names of one child
        names = [(given[0], line(family_cell))]
    else:
        sentence = (
            "It is not plain which family name is whose. Write one family name, or as many as there are first names."
        )
        checked.wrong.append(Wrong(Says.FAMILY_NAME, family_cell[:LONGEST_VALUE], sentence))
        return None
    return [each for each in names if any(each)]


def _parts(cell: str, between: re.Pattern[str] = _BETWEEN) -> list[str]:
    """The names in a cell, each empty where it is not known; one that is empty where there are none."""
    cell = _BABY_OF.sub("baby of", cell)
    plain = _STROKES.sub(lambda found: (found[1] + found[2]).lower(), cell) if "/" in cell else cell
    parts = [each for each in between.split(plain) if each]
    return [line(each if each.strip() in NAMES_ALL_THE_SAME else known(each)) for each in parts] or [""]


def _whole_names(cell: str, checked: Checked) -> list[tuple[str, str]] | None:
    """ "Rhys Calloway", "CALLOWAY Rhys", "Calloway, Rhys"; several with a stroke, an "and" or a line between them.
    None where a comma may part a name or two children."""
    parts = [each for each in _parts(cell, _BETWEEN_WHOLE) if each]
    if sentence := _not_plain(parts):
        checked.wrong.append(Wrong(Says.CHILD, cell[:LONGEST_VALUE], sentence))
        return None
    names = []
    for plain in parts:
        family, comma, given = (each.strip() for each in plain.partition(","))
        if comma:
            names.append((given, family))
            continue
        words = plain.split()
        capitals = [word for word in words if _CAPITALS.fullmatch(word)]
        if plain.lower() in _UNBORN:
            names.append((plain, ""))
        elif capitals and len(capitals) < len(words) and words[: len(capitals)] == capitals:
            names.append((" ".join(words[len(capitals) :]), " ".join(capitals)))
        else:
            names.append((" ".join(words[:-1]) or words[0], words[-1] if len(words) > 1 else ""))
    if len(names) > 1:  # "Rhys and Ann Calloway"; "CALLOWAY, Rhys and Ann"
        shared = names[-1][1] or (names[0][1] if "," in parts[0] else "")
        names = [(given, family or shared) for given, family in names]
    return names


def _not_plain(parts: list[str]) -> str:
    """Why the names in a cell are not plain, in a sentence; empty where they are."""
    capitals = [[bool(_CAPITALS.fullmatch(word)) for word in part.replace(",", " ").split()] for part in parts]
    alone = [each == [True] for each in capitals]
    if any(alone) and any(any(each) and not all(each) for each in capitals):  # "Ann QUILL / JONES"
        return NOT_PLAIN
    for part, are in zip(parts, capitals, strict=True):
        family, comma, given = (each.strip() for each in part.partition(","))
        if comma:
            # "Calloway, Rhys"; not "Ann Smith, Ben Smith", "Smith, Ann, Ben", nor "Ann, Ben and Cara": who stands
            # first in that is no family, unless it is in capitals.
            several = "," in given or (" " in family and " " in given)
            shared = len(parts) > 1 and "," not in parts[-1]
            if several or (shared and (" " in parts[-1] or not all(map(_CAPITALS.fullmatch, family.split())))):
                return NOT_PLAIN
        elif are not in (sorted(are), sorted(are, reverse=True)) and not _NOBODY.search(part):  # "Van der BERG Anna"
            return "It is not plain which is the family name. Write it last, or first with a comma behind it."
    return ""


# CALLOWAY, O'BRIEN, McDONALD
_CAPITALS = re.compile(r"(?:Ma?c)?[^\Wa-z\d_][^a-z\d]+")


def _address(said: Said, checked: Checked) -> str:
    address, postcode = line(known(said.get(Says.ADDRESS, ""))), line(known(said.get(Says.POSTCODE, "")))
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
    # "3 and 5 months" may be 3 years, or 3 months.
    bare = any(each.isdigit() for each in parts) and any(re.search(r"\d\s*[mwd]", each, re.I) for each in parts)
    if len(parts) == children and not bare:
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
        elif found := ISO.match(plain):
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
    """A year of two figures is that in which a child was born who is under 18 now; or whatever lies nearer."""
    years = (2000 + figures, 1900 + figures)
    nearer = years[0] if years[0] <= on.year + 10 else years[1]
    return next((year for year in years if 0 <= on.year - year <= 18), nearer)


def _sexes(cell: str, children: int) -> list[str]:
    """One sex for several children is nobody's: what the log says is kept as a note."""
    parts = [SEXES.get(each.strip().lower(), Sex.UNKNOWN) for each in _BETWEEN.split(cell) if each]
    if len(parts) == children:
        return [str(each) for each in parts]
    return [str(Sex.UNKNOWN)] * children
