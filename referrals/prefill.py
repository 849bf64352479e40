"""What an email says, put into the form of a referral by rules of thumb: whoever logs it checks each field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from cases.enums import Partner
from cases.policies import check_is_child
from deadlines.clock import london_date
from diary.chasing import ladder
from intake.looks import is_no_name
from intake.models import Message
from pages.validators import LONGEST_TEXT
from pages.words import moment
from people.births import check_birth, read_birth
from people.said import name_key
from referrals.enums import Method, Source

MOST_PEOPLE = 20  # as the form takes them

_DAY = r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
# As in the subject: Wilson, Frank (25.10.2000)
_FAMILY_FIRST = re.compile(rf"((?:{_WORD} ){{0,4}}{_WORD}),\s*({_WORD}(?: {_WORD}){{0,2}})\s*\(\s*({_DAY})\s*\)")
# As in the text: Frank WILSON, DOB 25/10/2000, of Studio 55j … The label is looked for, and the name in the little
# that stands before it: text of any length, from anybody, is read in one go.
_BORN = re.compile(rf"(?i:\bd\.?o\.?b\b\.?|\bdate of birth|\bborn)\s{{0,3}}(?:on\b\s{{0,3}})?:?\s{{0,3}}({_DAY})")
_NAME_BEFORE = re.compile(rf"((?:{_WORD}[ \t]{{1,3}}){{0,4}}{_WORD})[\s,(]{{0,4}}\Z")
LONGEST_NAME = 300
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_BEFORE_ADDRESS = r"\A\s{0,3}\)?\s{0,3}[,;.]?\s{0,3}(?:of|at|living at|address:?)\s{1,3}"
_ADDRESS = re.compile(rf"{_BEFORE_ADDRESS}((?s:.{{4,180}}?)(?:\b{_POSTCODE}\b|(?=\.\s|\n\s{{0,9}}\n)))")


@dataclass
class Named:
    """Somebody whom an email names, with a birth."""

    given: str
    family: str
    birth: str
    address: str = ""


def from_email(message: Message) -> QueryDict:
    """What is typed into the form to begin with, with which email it is and how much was made of it so far."""
    on = london_date(message.received_at)
    children, adults = [], []
    for named in _named(message):
        named.birth = _with_century(named.birth, on)
        try:
            birth = read_birth(named.birth, on=on)
            check_birth(birth, on=on)
        except ValidationError:
            named.birth = ""  # it cannot be: the desk reads it in the text
            children.append(named)
            continue
        try:
            check_is_child(birth, on=on)
            children.append(named)
        except ValidationError:
            adults.append(named)
    typed = QueryDict(mutable=True)
    typed["message"], typed["message_uses"] = str(message.pk), str(message.uses.count())
    typed["team"], typed["method"] = str(message.team_id), str(Method.EMAIL)
    typed["received_at"] = moment(message.received_at)
    if source := _source(message):
        typed["source"] = str(source)
    typed["referrer_name"] = message.from_name[:120]
    typed["referrer_email"] = _address(message.from_address)
    typed["circumstances"] = message.text[:LONGEST_TEXT]
    for prefix, people in (("children", children), ("adults", adults)):
        typed[f"{prefix}-TOTAL_FORMS"] = str(max(len(people), 1))
        typed[f"{prefix}-INITIAL_FORMS"] = "0"
        for row, named in enumerate(people):
            typed[f"{prefix}-{row}-given_names"] = named.given[:80]
            typed[f"{prefix}-{row}-family_name"] = named.family[:80]
            typed[f"{prefix}-{row}-birth"] = named.birth
            typed[f"{prefix}-{row}-address"] = named.address[:200]
    return typed


# What the name or the address of a sender says of where it comes from.
_SOURCES = (
    (Source.SCHOOL, r"school|nursery|academy|\.sch\.|college|playgroup"),
    (Source.HEALTH, r"hospital|\bward\b|\bnhs\b|midwi|health visitor|surgery|clinic|paediatric"),
    (Source.PROBATION, r"probation"),
)


def _source(message: Message) -> Source | None:
    """Where it comes from, as far as its sender shows it."""
    if _is_from_social_services(message):
        return Source.SOCIAL_SERVICES
    said = f"{message.from_name} {message.from_address}"
    return next((source for source, sign in _SOURCES if re.search(sign, said, re.I)), None)


def _is_from_social_services(message: Message) -> bool:
    """Whether it comes from where one of their approved addresses is."""
    approved = {rung.address.rpartition("@")[2].lower() for rung in ladder(message.team, Partner.SOCIAL_SERVICES)}
    return message.from_address.rpartition("@")[2].lower() in approved


def _named(message: Message) -> list[Named]:
    """Everybody who is named with a birth, each once, in the text's order; who stands in the subject alone, last."""
    found: dict[str, Named] = {}
    for named in [*_in_text(message.text[:LONGEST_TEXT]), *_in_subject(message.subject)]:
        found.setdefault(name_key(named.given, named.family), named)
    return list(found.values())[:MOST_PEOPLE]


# Words before a name that are none; those of a subject are in `intake.looks`.
_LABELS = {"child", "name", "re", "baby", "patient", "mother", "father", "sibling", "brother", "sister", "pupil"}
# Small words within a family name.
_PARTICLES = {"van", "der", "den", "de", "du", "da", "la", "le", "von", "bin", "bint", "al", "el", "ap"}


def _in_text(text: str) -> Iterator[Named]:
    for born in _BORN.finditer(text):
        before = _NAME_BEFORE.search(text[max(born.start() - LONGEST_NAME, 0) : born.start()])
        name = _name_at_the_end(before[1].split()) if before else []
        if not name:
            continue
        *given, family = map(_cased, name)
        address = _ADDRESS.match(text[born.end() : born.end() + 250])
        yield Named(" ".join(given), family, born[1], _on_one_line(address[1]) if address else "")


def _in_subject(subject: str) -> Iterator[Named]:
    for family, given, birth in _FAMILY_FIRST.findall(subject):
        if names := _name_at_the_end(family.split()):
            yield Named(" ".join(map(_cased, given.split())), " ".join(map(_cased, names)), birth)


def _name_at_the_end(words: list[str]) -> list[str]:
    """The last words that may be a name: with a capital, and no label before it. "a referral for Frank WILSON"."""
    name: list[str] = []
    for word in reversed(words):
        plain = word.casefold()
        if word not in _PARTICLES and (not word[:1].isupper() or plain in _LABELS or _is_no_name(plain)):
            break
        name.insert(0, word)
    return name


def _is_no_name(word: str) -> bool:
    return is_no_name(word) and word not in _MONTHS


# Names of months are names of people too.
_MONTHS = {"april", "may", "june", "august"}


def _with_century(birth: str, on: date) -> str:
    """A year of two figures in full: the latest that is not after the day of receipt."""
    head, year = birth[:-2], birth[-2:]
    if not re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]", head):
        return birth
    return f"{head}{'20' if 2000 + int(year) <= on.year else '19'}{year}"


def _address(address: str) -> str:
    """The sender's address, where the form takes it."""
    try:
        return str(forms.EmailField(required=False, max_length=254).clean(address))
    except ValidationError:
        return ""


def _cased(name: str) -> str:
    """WILSON as Wilson, O'CONNOR as O'Connor; a name in mixed letters as it stands."""
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), name) if name.isupper() and len(name) > 1 else name


def _on_one_line(address: str) -> str:
    """Its lines one behind the other, a comma between."""
    lines = (" ".join(line.split()).strip(" ,.") for line in address.split("\n"))
    return ", ".join(filter(None, lines))
