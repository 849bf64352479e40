"""What desks mean by the words of a log; and that words which are not plain are nobody's to guess."""

from __future__ import annotations

import pytest

from old_logs.wordings import (
    ASKS_NOT_TO_BE_NAMED,
    DITTO,
    NOT_KNOWN,
    PROTECTED,
    Decided,
    read_categories,
    read_decision,
    read_method,
    read_source,
)
from referrals.enums import Category, DecisionKind, Method, Source

DECISIONS = {
    DecisionKind.JOINT: "Joint s47|JOINT|s47|S 47|Joint s.47 enquiry|Section 47 joint|Joint with SS|Joint SS/police|"
    "Police & SS joint|Joint investigation with SS",
    DecisionKind.POLICE: "Single agency - police|single agency|SA police|Police only|Police to investigate|police|"
    "Single agency s47 police|s47 single agency police|Crime report|Under investigation",
    DecisionKind.SOCIAL_SERVICES: "SS only|ss|SS lead|CYPS to deal|Single agency - SS|SS single agency|s47 SS only|"
    "Section 47 - SS single agency|SS to investigate|Social services to investigate|NFA police - SS only|"
    "No police action - SS to deal|Referred to SS|Passed to CYPS|Local authority only|Social care only|SS to visit",
    DecisionKind.INFORMATION: "NFA|NFA police|No further action|Info only|For info|Information only|Noted|Intel only",
}


@pytest.mark.parametrize(
    ("text", "kind"), [(text, kind) for kind, texts in DECISIONS.items() for text in texts.split("|")]
)
def test_a_decision_is_known_in_the_words_of_desks(text: str, kind: DecisionKind) -> None:
    assert read_decision(text) == Decided(kind)
    assert read_decision(f" {text.upper()}\n") == Decided(kind)


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("Transfer to Enfield CAIT", "Enfield CAIT"),
        ("tfr Enfield", "Enfield"),
        ("Passed on to Sapphire", "Sapphire"),
        ("fwd to NSPCC", "NSPCC"),
        ("Sent", "not said in the old log"),
    ],
)
def test_what_was_passed_on_says_to_whom(text: str, whom: str) -> None:
    assert read_decision(text) == Decided(DecisionKind.PASSED_ON, whom)


@pytest.mark.parametrize("text", ["Strat meeting", "Strat disc", "Refer to strat meeting", "Awaiting strat mtg"])
def test_a_strategy_meeting_is_no_decision_yet(text: str) -> None:
    assert read_decision(text) == Decided(None)


@pytest.mark.parametrize(
    "text",
    ["dunno", "Lunch", "=cmd|' /C calc'!A0", "Not joint", "Joint s47?", "If SS agree, joint", "NFA, joint s47",
     "Awaiting info", "More information required", "SS & police", "Police and SS", "Single agency - health",
     "Strat meeting - joint s47", "NFA - strat disc held", "Police visit", "Not investigated", "Pending",
     "police lead, SS to assist"],
)  # fmt: skip
def test_words_that_say_two_things_or_none_are_left_to_a_person(text: str) -> None:
    assert read_decision(text) is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("CYPS First Response", Source.SOCIAL_SERVICES),
        ("Haringey Children & Young People's Service", Source.SOCIAL_SERVICES),
        ("North Middlesex Hospital A&E", Source.HEALTH),
        ("Whittington Health", Source.HEALTH),
        ("GP", Source.HEALTH),
        ("MERLIN / Form 78", Source.POLICE),
        ("PPD Tottenham", Source.POLICE),
        ("School", Source.SCHOOL),
        ("Probation", Source.PROBATION),
        ("NSPCC", Source.VOLUNTARY),
        ("Grandmother", Source.FAMILY),
        ("Step-father", Source.FAMILY),
        ("Maternal aunt", Source.FAMILY),
        ("Self", Source.CHILD),
        ("Member of public", Source.PUBLIC),
        ("Anon", Source.PUBLIC),
        ("Taunton office", Source.OTHER),
        ("Canonbury office", Source.OTHER),
        ("Lodger", Source.OTHER),
    ],
)
def test_a_source_is_known_by_its_words_and_not_by_letters_inside_another(text: str, source: Source) -> None:
    assert read_source(text) == source


@pytest.mark.parametrize(
    ("text", "source", "method"),
    [
        ("e-mail", "", Method.EMAIL),
        ("Tel", "", Method.TELEPHONE),
        ("rang in", "", Method.TELEPHONE),
        ("Grange visit", "", Method.IN_PERSON),
        ("Front counter", "", Method.IN_PERSON),
        ("fax", "", Method.LETTER),
        ("informed", "", Method.NOT_SAID),
        ("", "MERLIN / Form 78", Method.POLICE_SYSTEM),
        ("", "School by telephone", Method.NOT_SAID),
        ("", "", Method.NOT_SAID),
    ],
)
def test_how_it_was_received_is_said_where_the_log_says_it(text: str, source: str, method: Method) -> None:
    assert read_method(text, source) == method


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("Physical - non accidental injury ?", (Category.PHYSICAL,)),
        ("hit by father", (Category.PHYSICAL,)),
        ("Fabricated illness concern", (Category.PHYSICAL,)),
        ("Neglect / left home alone", (Category.NEGLECT,)),
        ("DV in household, child present", (Category.EMOTIONAL,)),
        ("Sexual assault by family member", (Category.SEXUAL,)),
        ("Indecent assault", (Category.SEXUAL,)),
        ("Sexually assaulted", (Category.SEXUAL,)),
        ("Neglect and physical", (Category.PHYSICAL, Category.NEGLECT)),
        ("Raped", (Category.SEXUAL,)),
        ("Cruelty", (Category.UNCLEAR,)),
        ("Scrape to knee", (Category.UNCLEAR,)),
        ("Seen at North Middlesex", (Category.UNCLEAR,)),
        ("White powder found", (Category.UNCLEAR,)),
        ("Moved from Burnley", (Category.UNCLEAR,)),
        ("", (Category.UNCLEAR,)),
    ],
)
def test_an_allegation_names_its_kinds_of_harm_and_no_letters_inside_another_word_do(
    text: str, categories: tuple[Category, ...]
) -> None:
    assert read_categories(text) == categories


@pytest.mark.parametrize(
    "text",
    ["anon", "ANONYMOUS", "Mrs Quill (wishes to remain anonymous)", "does not want to be named", "confidential",
     "Protected", "name withheld", "doesn't wish to be identified", "do not disclose", "not to be named",
     "protect identity"],
)  # fmt: skip
def test_a_caller_who_asked_not_to_be_named_is_protected_in_any_words(text: str) -> None:
    assert PROTECTED.search(text)


@pytest.mark.parametrize(
    "text", ["Public Protection Desk", "Child Protection adviser", "Canon Park School", "Mrs Quill"]
)
def test_whoever_protects_children_is_no_protected_caller(text: str) -> None:
    assert not PROTECTED.search(text)


def test_what_is_told_elsewhere_of_a_caller_who_asks_not_to_be_named_counts() -> None:
    assert ASKS_NOT_TO_BE_NAMED.search("The neighbour wishes to remain anonymous.")
    assert ASKS_NOT_TO_BE_NAMED.search("She does not want to be named")
    assert not ASKS_NOT_TO_BE_NAMED.search("An anonymous letter reached the school.")


def test_words_for_the_same_and_for_not_known_are_small_letters_and_not_the_same() -> None:
    assert {each.lower() for each in DITTO | NOT_KNOWN} == DITTO | NOT_KNOWN
    assert not DITTO & NOT_KNOWN
