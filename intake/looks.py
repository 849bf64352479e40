"""What an email looks like and whom it names, so that the likeliest button stands first. Nothing is decided by it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from intake.cares import is_by_program
from intake.enums import Looks

# In this order: an invitation or a confirmation also speaks of a referral.
_SIGNS = (
    (Looks.CONFERENCE, r"\b(icpc|rcpc)\b|\bconference\b"),
    (Looks.CONFIRMATION, r"\bconfirm(s|ation|ing)?\b.*\b(referral|call|telephone|phone)|\bwritten confirmation\b"),
    (
        Looks.UPDATE,
        r"\bupdate\b|\boutcome\b|\binitial assessment\b|\bcore assessment\b|^\s*(re|fw|fwd)\s*:.*\d{2,6}/\d\d\b",
    ),
    (Looks.REFERRAL, r"\brefer(ral|red|s)?\b|\bmerlin\b|\bsafeguarding (concern|alert)\b|\bform 87a\b"),
)
_URGENT = re.compile(
    r"(?<!not )(?<!non[ -])\b(urgent|urgently|immediate|immediately|emergency|999|in danger)\b", re.I
)
# In the text only what is no politeness: "your immediate attention" is in every newsletter.
_URGENT_IN_TEXT = re.compile(
    r"(?<!not )(?<!non[ -])\b(urgent|urgently|(immediate|imminent) (danger|risk|harm))\b", re.I
)
# What an answer quotes, as Outlook does; what is forwarded is what the email is about.
_ANSWER = re.compile(r"\s*re\s*:(?!\s*(?:fw|fwd)\s*:)", re.I)
_OLDER = re.compile(r"^-+ ?original message ?-+$|^_{10,}$|^from: [^\n]*\n+(?:sent|date): ", re.I | re.M)
READ = 2000
# 0598/09, not a date like 25/10/2009 or 25/10/09; "URN 12/09" where it says that it is one.
# HGY/0598/09 is one as well; and behind the word another sign may part it.
_URN = re.compile(r"(?<!\d)(?<!\d/)(\d{3,6})\s?/\s?((?:20)?\d{2})(?![\d/])", re.I | re.A)
_AFTER_ITS_NAME = re.compile(
    r"\burns?\W{0,3}(?:(?:no|number)\b\W{0,3})?(?:[a-z]{3}\W)?(\d{1,6})\s?[/.\\–-]\s?((?:20)?\d{2})(?![\d/]|[.-]\d)",
    re.I | re.A,
)
_NUMBER = re.compile(r"\b[A-Z]{3}-\d{4}-\d{4,6}\b")
_NAME = re.compile(r"[^\W\d_][^\W\d_]*(?:['’-][^\W\d_]+)*")
# Words of a subject that are no names, whatever their capitals.
_WORDS = """
the and for from with about our your this that re fw fwd urn ref reference referral referrals referred urgent please
see child children young person baby unborn family families case conference initial review protection plan invitation
invite icpc rcpc meeting core group written confirmation confirm telephone call today yesterday outcome assessment
section enquiry strategy discussion update information report form police social services team school hospital nursery
health visitor midwife merlin safeguarding concern alert january february march april may june july august september
october november december monday tuesday wednesday thursday friday saturday sunday minutes reminder overdue asked
answer received notification request new old copy first second third response
"""
_NO_NAMES = frozenset(_WORDS.split())
MOST_NAMES = 6


def looks_like(subject: str, attachments: Iterable[dict[str, Any]] = ()) -> Looks:
    """What an email is: an invitation, where a calendar came with it; else from its subject."""
    if any(is_calendar(str(each["name"]), str(each["type"])) for each in attachments):
        return Looks.CONFERENCE
    if is_by_program(subject):  # which gives back the subject of what it answers
        return Looks.UNCLEAR
    return next((looks for looks, sign in _SIGNS if re.search(sign, subject, re.I)), Looks.UNCLEAR)


def is_calendar(name: str, kind: str) -> bool:
    """Whether an attachment is a calendar, as an invitation has it."""
    return kind in ("text/calendar", "application/ics") or name.lower().endswith(".ics")


def says_urgent(subject: str, text: str = "") -> bool:
    """Whether whoever wrote it says that it is urgent, in the subject or the first lines; not what they quote."""
    if is_by_program(subject):
        return False
    own = "\n".join(line for line in text[:READ].split("\n") if not line.startswith(">"))
    if _ANSWER.match(subject):
        own = _OLDER.split(own, maxsplit=1)[0]
    return bool(_URGENT.search(subject) or _URGENT_IN_TEXT.search(own))


def urns_in(text: str) -> list[str]:
    """The URNs that a text names, as they stand there without spaces, in their order, each once."""
    named = [each for pattern in (_URN, _AFTER_ITS_NAME) for each in pattern.finditer(text)]
    return list(dict.fromkeys(f"{each[1]}/{each[2]}" for each in sorted(named, key=lambda each: each.start(1))))


def numbers_in(text: str) -> list[str]:
    """The record numbers that a text names."""
    return list(dict.fromkeys(_NUMBER.findall(text.upper())))


def is_no_name(word: str) -> bool:
    """Whether a word is one that subjects are made of, and no name, whatever its capitals."""
    return word.casefold() in _NO_NAMES


def names_in(subject: str) -> list[str]:
    """Words of a subject that may be names of people: with a capital, and no word that such subjects are made of."""
    words = [
        word
        for word in _NAME.findall(re.sub(r"\b[A-Z]{3}-\d{4}-\d{4,6}\b", " ", subject, flags=re.I))
        if word[:1].isupper() and len(word) > 2
    ]
    return list(dict.fromkeys(word for word in words if not is_no_name(word)))[:MOST_NAMES]
