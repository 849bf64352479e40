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
DITTO |= {"-do-", "- do -", "a/a", "as abv", "ditto.", "as above.", '""', '-"-', '--"--', "see above", "sab"}
NOT_KNOWN = frozenset({"nk", "n/k", "n.k.", "not known", "unknown", "?", "??", "???", "-", "--", "unk", "tbc", "tba"})
NOT_KNOWN |= {"n/a", "na", "none", "nil", "not given", "not recorded", "blank", "x", "not stated"}
# A child may be called so: Do and Na are names, as they are in no other writing.
NAMES_ALL_THE_SAME = frozenset({"Do", "DO", "Na"})
# What Excel shows in place of what a formula should have given.
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
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
    (
        r"mother\b|father\b|parent|\bgrand|\baunt|uncle|family|sibling|brother|sister|relative|\bmum\b|\bdad\b",
        Source.FAMILY,
    ),
    (r"\bpublic|\banon|neighbour|\bmop\b|crimestoppers|member of", Source.PUBLIC),
)
METHODS: tuple[tuple[str, Method], ...] = (
    (r"merlin|form 78|crimint|\bcad\b|police system", Method.POLICE_SYSTEM),
    (r"e-?mail", Method.EMAIL),
    (r"\btel\b|phone|\bcall|\brang\b", Method.TELEPHONE),
    (r"person|counter|visit|front office|walk", Method.IN_PERSON),
    (r"letter|\bform\b|\bpost|\bfax", Method.LETTER),
)
# Working Together: to see or hear another be ill-treated is emotional abuse; to make a child ill is physical.
CATEGORIES: tuple[tuple[str, Category], ...] = (
    (r"\bsex|\brap(?:e[ds]?|ist)\b|indecen|\bgroom|\bcse\b", Category.SEXUAL),
    (
        r"physical|\bnai\b|injur|bruis|(?<!sexual )(?<!sexually )(?<!indecent )(?<!indecently )assault|fabricat|"
        r"induced|\bhit|fractur|\bburn(?:s|t|ed|ing)?\b|\bshak(?:e|en|ing)\b",
        Category.PHYSICAL,
    ),
    (r"neglect|home alone|left alone|abandon|unfit", Category.NEGLECT),
    (r"emotion|\bdv\b|domestic", Category.EMOTIONAL),
)
# A caller who asked not to be named, as it stands beside the caller; and as it is told elsewhere. A child protection
# adviser and the Public Protection Desk are none.
PROTECTED = re.compile(
    r"\banon|confidential|do not disclose|\bprotected\b|"
    r"protect (?:the |his |her |their )?(?:caller|name|identity|source)|"
    r"(?:\bnot|n['’]t) (?:\w+ ){0,3}(?:named|identified|disclosed)|withh[eo]ld",
    re.I,
)
ASKS_NOT_TO_BE_NAMED = re.compile(
    r"(?:remain|stay|be|keep \w+ name) anonymous|anonymity|(?:\bnot|n['’]t) (?:\w+ ){0,3}be (?:named|identified)",
    re.I,
)


class Decided(NamedTuple):
    """What a log says was decided: the kind, None where it is still to be decided; and to whom it was passed."""

    kind: DecisionKind | None
    passed_to: str = ""


_SS = r"(?:ss|social services|social care|social workers?|cyps|csc|local authority|la)"
_DOES = r"(?:only|single|alone|lead|leading|dealing|visit\w*|assess\w*|investigat\w*|enquir\w*|deal|follow)"
_SOCIAL_SERVICES = re.compile(
    rf"^{_SS}$|\b{_SS}\W+(?:(?:to|will|are|is)\W+)*{_DOES}\b|single\W+(?:agency\W+)*{_SS}\b|only\W+{_SS}\b", re.I
)
_NAMES_SOCIAL_SERVICES = re.compile(rf"\b{_SS}\b", re.I)
_JOINT = re.compile(r"\bjoint(?:ly)?\b", re.I)
_SECTION_47 = re.compile(r"\bs\.? ?47\b|section 47", re.I)
_POLICE = re.compile(
    r"\bsingle agency(?=\W*(?:$|police|sa\b|cait|enquir|investigat|crime|s\.? ?47|section 47))|\bsa police|"
    r"(?:police|cait)\W+(?:to\W+|will\W+)?(?:only|single|alone|lead|deal|investigat|enquir)|"
    r"^police$|only\W+police|investigat|crime report",
    re.I,
)
# Not decided, or not so.
_UNSURE = re.compile(r"\?|\bnot\b|n['’]t\b|\bif\b|\bawait|\bpending|\bconsider", re.I)
_STRATEGY = re.compile(r"\bstrat", re.I)
_NOTHING = re.compile(r"\bnfa\b|no further|no police action|no action", re.I)
_INFORMATION = re.compile(
    r"^info(rmation)?\W*$|\binfo(rmation)? only|\bfor info|intel only|^noted\b|record only", re.I
)
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
    strategy = bool(_STRATEGY.search(plain))
    if not strategy and _UNSURE.search(plain):
        return None
    if not strategy and (passed := _PASSED.match(plain)):
        whom = passed["whom"].strip()
        if _SOCIAL_SERVICES.search(whom):  # who deal with it alone from then on, and are asked for updates
            return Decided(DecisionKind.SOCIAL_SERVICES)
        if _NAMES_SOCIAL_SERVICES.search(whom) or _JOINT.search(whom):
            return None  # whether they deal with it alone, and owe an update, is not plain
        return Decided(DecisionKind.PASSED_ON, whom[:200] or "not said in the old log")
    decided = _who_investigates(plain)
    if strategy:
        said = bool(decided) or bool(_NOTHING.search(plain))
        return None if said else Decided(None)
    if _NOTHING.search(plain):
        if not decided:
            return Decided(DecisionKind.INFORMATION)
        # "NFA police, SS only" is one decision, "NFA, joint s47" are two.
        return Decided(DecisionKind.SOCIAL_SERVICES) if decided == {DecisionKind.SOCIAL_SERVICES} else None
    if not decided and _INFORMATION.search(plain):
        return None if _NAMES_SOCIAL_SERVICES.search(plain) else Decided(DecisionKind.INFORMATION)
    return Decided(decided.pop()) if len(decided) == 1 else None


def _who_investigates(plain: str) -> set[DecisionKind]:
    """Everybody who is to, in the words of a decision: more than one where they contradict each other."""
    found = set()
    if _SOCIAL_SERVICES.search(plain):
        found.add(DecisionKind.SOCIAL_SERVICES)
    without = _SOCIAL_SERVICES.sub("", plain)
    if _JOINT.search(without):
        return found | {DecisionKind.JOINT}
    if _POLICE.search(without):
        found.add(DecisionKind.POLICE)
        if _NAMES_SOCIAL_SERVICES.search(without):
            found.add(DecisionKind.SOCIAL_SERVICES)
    elif not found and _SECTION_47.search(without):
        found.add(DecisionKind.JOINT)
    return found


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
