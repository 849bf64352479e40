"""What an email says, put into the form of a referral by rules of thumb: whoever logs it checks each field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict

from cases.enums import Partner
from cases.policies import check_is_child
from deadlines.clock import london_date
from diary.chasing import ladder
from intake.models import Message
from pages.words import moment
from people.births import check_birth, read_birth
from people.said import name_key
from referrals.enums import Method, Source

MOST_PEOPLE = 6
LONGEST_TEXT = 20_000  # as the form takes it

_DAY = r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]['’\w-]*"
# As in the subject: Wilson, Frank (25.10.2000)
_FAMILY_FIRST = re.compile(rf"({_WORD}(?: {_WORD}){{0,2}}),\s*({_WORD}(?: {_WORD}){{0,2}})\s*\(\s*({_DAY})\s*\)")
# As in the text: Frank WILSON, DOB 25/10/2000, of Studio 55j …
_BORN = r"(?i:d\.?o\.?b\.?|date of birth|born)\s*(?:on\b)?\s*:?"
_NAME_THEN_BIRTH = re.compile(rf"({_CAPITAL}(?:[ \t]+{_CAPITAL}){{1,3}})\s*[,(]?\s*{_BORN}\s*({_DAY})")
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_ADDRESS = re.compile(
    rf"\A\s*\)?\s*[,;.]?\s*(?:of|at|living at|address:?)\s+((?s:.{{4,180}}?)(?:\b{_POSTCODE}\b|(?=\.\s|\n\s*\n)))"
)


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
    if _is_from_social_services(message):
        typed["source"] = str(Source.SOCIAL_SERVICES)
    typed["referrer_name"] = message.from_name[:120]
    typed["referrer_email"] = message.from_address
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


_LABELS = {"child", "name", "re", "baby", "patient", "mother", "father", "sibling", "brother", "sister", "pupil"}


def _in_text(text: str) -> Iterator[Named]:
    for each in _NAME_THEN_BIRTH.finditer(text):
        *given, family = each[1].split()
        if len(given) > 1 and given[0].casefold() in _LABELS:
            given = given[1:]
        address = _ADDRESS.match(text[each.end() : each.end() + 250])
        yield Named(
            " ".join(map(_cased, given)), _cased(family), each[2], _on_one_line(address[1]) if address else ""
        )


def _in_subject(subject: str) -> Iterator[Named]:
    for family, given, birth in _FAMILY_FIRST.findall(subject):
        yield Named(given, family.rpartition("- ")[2], birth)


def _cased(name: str) -> str:
    """WILSON as Wilson, O'CONNOR as O'Connor; a name in mixed letters as it stands."""
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), name) if name.isupper() and len(name) > 1 else name


def _on_one_line(address: str) -> str:
    """Its lines one behind the other, a comma between."""
    lines = (" ".join(line.split()).strip(" ,.") for line in address.split("\n"))
    return ", ".join(filter(None, lines))
