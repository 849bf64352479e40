"""How desks write things in a log, and what it means: decisions, sources, kinds of harm, "as above", "nk"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from referrals.enums import Category, DecisionKind, Method, Source

# The same as in the row above.
DITTO = frozenset(
    {'"', "”", "“", "〃", "''", "’’", "'", ",,", "do", "do.", "ditto", "as above", "same", "same as above"}
)
DITTO |= {"a/a", "as abv", "ditto.", "as above.", '""', '-"-', '--"--', "see above", "sab"}
NOT_KNOWN = frozenset({"nk", "n/k", "n.k.", "not known", "unknown", "?", "??", "???", "-", "--", "unk", "tbc", "tba"})
NOT_KNOWN |= {"n/a", "na", "none", "nil", "not given", "not recorded", "blank", "x", "not stated"}
# Of an update from Social Services: it has not come.
NOT_YET = NOT_KNOWN | {
    "no",
    "n",
    "not yet",
    "awaited",
    "outstanding",
    "o/s",
    "pending",
    "chased",
    "not received",
    "nyr",
}

SOURCES: tuple[tuple[str, Source], ...] = (
    (r"probation|youth offending|\byot\b|\byos\b", Source.PROBATION),
    (
        r"merlin|form 78|\bppd\b|\bppu\b|police|\bcid\b|\bpc\b|\bcrimint\b|sapphire|\bcsu\b|cait\b|british transport",
        Source.POLICE,
    ),
    (
        r"hospital|health|\bgp\b|doctor|midwi|nurse|paediatric|a&e|\bnhs\b|\bpct\b|clinic|camhs|ambulance|surgery",
        Source.HEALTH,
    ),
    (r"school|nursery|college|teacher|educat|academy|playgroup|children'?s centre", Source.SCHOOL),
    (r"nspcc|childline|barnardo|charity|voluntary|women'?s aid|refuge|samaritan|home-?start", Source.VOLUNTARY),
    (
        r"cyps|children.{0,5} (&|and) young|social (services|care|work)|first "
        r"response|\bss\b|\bcsc\b|\bedt\b|duty team|childrens serv|children's serv|\bmash\b",
        Source.SOCIAL_SERVICES,
    ),
    (r"^(the )?(child|victim|self|subject)( (him|her)self)?$|self.?referral", Source.CHILD),
    (r"mother|father|parent|grand|aunt|uncle|family|sibling|brother|sister|relative|\bmum\b|\bdad\b", Source.FAMILY),
    (r"public|anon|neighbour|\bmop\b|crimestoppers|member of", Source.PUBLIC),
)
METHODS: tuple[tuple[str, Method], ...] = (
    (r"merlin|form 78|crimint|\bcad\b|police system", Method.POLICE_SYSTEM),
    (r"e-?mail", Method.EMAIL),
    (r"\btel\b|phone|call|rang", Method.TELEPHONE),
    (r"person|counter|visit|front office|walk", Method.IN_PERSON),
    (r"letter|form|post|fax", Method.LETTER),
)
# Working Together: to see or hear another be ill-treated is emotional abuse; to make a child ill is physical.
CATEGORIES: tuple[tuple[str, Category], ...] = (
    (r"sex|rape|indecen|groom|\bcse\b", Category.SEXUAL),
    (r"physical|\bnai\b|injur|bruis|(?<!sexual )assault|fabricat|induced|hit|fractur|burn|shak", Category.PHYSICAL),
    (r"neglect|home alone|left alone|abandon|unfit", Category.NEGLECT),
    (r"emotion|\bdv\b|domestic", Category.EMOTIONAL),
)
# A caller who asked not to be named.
PROTECTED = re.compile(r"\banon|confidential|not (to )?be (named|disclosed)|do not disclose|protect", re.I)


class Decided(NamedTuple):
    """What a log says was decided: the kind, None where it is still to be decided; and to whom it was passed."""

    kind: DecisionKind | None
    passed_to: str = ""


_SS = r"(?:ss|social services|social care|cyps|csc|local authority|la)"
_SOCIAL_SERVICES = re.compile(
    rf"^{_SS}$|\b{_SS}\W+(?:only|single|lead|to deal)|single\W+(?:agency\W+)*{_SS}\b|only\W+{_SS}\b", re.I
)
_JOINT = re.compile(r"\bjoint\b|\bs\.? ?47\b|section 47", re.I)
_POLICE = re.compile(
    r"single agency|\bpolice\b.*\b(only|single|lead|invest)|\bpolice$|\bsa police|crime report|investigat", re.I
)
_STRATEGY = re.compile(r"\bstrat", re.I)
_NOTHING = re.compile(r"\bnfa\b|no further|no police action|no action", re.I)
_INFORMATION = re.compile(r"\binfo(rmation)?\b|for info|intel only|noted|record only", re.I)
_PASSED = re.compile(
    r"^(?:transfer(?:red)?|pass(?:ed)?(?: on)?|referred|refer|sent|fwd|forwarded|tfr|trf|t/f)\b\W*(?:on "
    r")?(?:to\b)?\W*(?P<whom>.*)$",
    re.I,
)


@lru_cache(maxsize=2000)
def read_decision(text: str) -> Decided | None:
    """What was decided, in the words of a log: "SS only", "Joint s47", "Transfer to Enfield CAIT", "Strat meeting".
    None for words that say nothing CAIT knows."""
    plain = " ".join(text.split())
    if passed := _PASSED.match(plain):
        return Decided(DecisionKind.PASSED_ON, passed["whom"].strip()[:200] or "not said in the old log")
    if _NOTHING.search(plain):
        return Decided(DecisionKind.INFORMATION)
    if _SOCIAL_SERVICES.search(plain):
        return Decided(DecisionKind.SOCIAL_SERVICES)
    if _STRATEGY.search(plain):
        return Decided(None)
    if _JOINT.search(plain):
        return Decided(DecisionKind.JOINT)
    if _POLICE.search(plain):
        return Decided(DecisionKind.POLICE)
    if _INFORMATION.search(plain):
        return Decided(DecisionKind.INFORMATION)
    return None


@lru_cache(maxsize=2000)
def read_source(text: str) -> Source:
    """Where a referral came from; what nobody knows is "Other", and its words are kept."""
    return next((source for pattern, source in SOURCES if re.search(pattern, text, re.I)), Source.OTHER)


@lru_cache(maxsize=2000)
def read_method(text: str, source: str) -> Method:
    """How a referral reached the team, as far as the log says it anywhere."""
    for said in (text, source):
        for pattern, method in METHODS if said is text else METHODS[:1]:
            if re.search(pattern, said, re.I):
                return method
    return Method.NOT_SAID


@lru_cache(maxsize=2000)
def read_categories(text: str) -> tuple[Category, ...]:
    """The kinds of harm that an allegation names; "not clear yet" where it names none."""
    named = tuple(category for pattern, category in CATEGORIES if re.search(pattern, text, re.I))
    return named or (Category.UNCLEAR,)
