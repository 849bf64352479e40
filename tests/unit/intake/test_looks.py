"""What a subject says of an email: which button stands first, which records may be meant."""

from __future__ import annotations

import pytest

from intake.enums import Looks
from intake.looks import MOST_NAMES, READ, looks_like, names_in, numbers_in, says_urgent, urns_in


@pytest.mark.parametrize(
    ("subject", "looks"),
    [
        ("Referral - Calloway, Rhys (06.06.2003)", Looks.REFERRAL),
        ("REFERRAL: Calloway", Looks.REFERRAL),
        ("Family referred by school", Looks.REFERRAL),
        ("Merlin 12345", Looks.REFERRAL),
        ("Form 87A attached", Looks.REFERRAL),
        ("Safeguarding concern", Looks.REFERRAL),
        ("Written confirmation of telephone referral today - Calloway", Looks.CONFIRMATION),
        ("Confirming my call this morning", Looks.CONFIRMATION),
        ("RE: URN 0172/09 Calloway - outcome of initial assessment", Looks.UPDATE),
        ("Update on Calloway", Looks.UPDATE),
        ("RE: 0598/09", Looks.UPDATE),
        ("Fwd: URN 12/09", Looks.UPDATE),
        ("Invitation to Initial Child Protection Conference - Calloway family", Looks.CONFERENCE),
        ("RCPC 14 January", Looks.CONFERENCE),
        ("Referral to ICPC", Looks.CONFERENCE),
        ("Mandatory e-learning", Looks.UNCLEAR),
        ("Car park closure", Looks.UNCLEAR),
        ("Preferred supplier", Looks.UNCLEAR),
        ("Updated canteen menu", Looks.UNCLEAR),
        ("Your order 0598/09", Looks.UNCLEAR),
        ("", Looks.UNCLEAR),
    ],
)
def test_what_a_subject_looks_like(subject: str, looks: Looks) -> None:
    assert looks_like(subject) == looks


@pytest.mark.parametrize("subject", ["URGENT referral", "please look immediately", "Emergency", "999 call at school"])
def test_what_says_that_it_is_urgent(subject: str) -> None:
    assert says_urgent(subject)


@pytest.mark.parametrize("subject", ["Referral", "Insurgent", "room 1999", "not so pressing"])
def test_what_does_not(subject: str) -> None:
    assert not says_urgent(subject)


@pytest.mark.parametrize(
    "text",
    ["Dear colleague,\n\nthis is URGENT.", "Please ring urgently.", "They are in immediate danger", "Imminent risk"],
)
def test_the_first_lines_say_it_as_well(text: str) -> None:
    assert says_urgent("Referral", text)
    assert says_urgent("Referral", "a" * (READ - len(text) - 1) + "\n" + text)
    assert not says_urgent("Referral", "a" * READ + "\n" + text)


@pytest.mark.parametrize(
    "text",
    ["for your immediate attention", "Emergency contacts are below", "dial 999", "> URGENT: please reply", ">urgent",
     "Thank you.\n> > this is urgent\n>immediate danger"],
)  # fmt: skip
def test_politeness_and_what_is_quoted_say_nothing(text: str) -> None:
    assert not says_urgent("Referral", text)


def test_what_stands_beside_a_quotation_still_counts() -> None:
    assert says_urgent("Referral", "> When did you see her?\nToday. It is urgent.")


@pytest.mark.parametrize(
    ("text", "urns"),
    [
        ("RE: URN 0598/09 Calloway", ["0598/09"]),
        ("0598 / 09 and 0598/09 and 1187/10", ["0598/09", "1187/10"]),
        ("URN 12/09", ["12/09"]),
        ("urn: 7/10", ["7/10"]),
        ("12/09", []),
        ("born 25/10/2009", []),
        ("born 25/10/09", []),
        ("born 125/10/09", []),
        ("0598/2009", ["0598/2009"]),
        ("0598/091", []),
        ("", []),
    ],
)
def test_the_urns_of_a_text(text: str, urns: list[str]) -> None:
    assert urns_in(text) == urns


def test_the_record_numbers_of_a_text() -> None:
    assert numbers_in("see hgy-2009-1187, HGY-2009-1187 and ENF-2010-00012") == ["HGY-2009-1187", "ENF-2010-00012"]
    assert numbers_in("HGY-09-1187, XHGY-2009-1187, HGY-2009-1") == []


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("Referral - Calloway, Rhys (06.06.2003)", ["Calloway", "Rhys"]),
        ("RE: URN 0172/09 Calloway - outcome of initial assessment", ["Calloway"]),
        ("Invitation to Initial Child Protection Conference - O’Hare-Teasdale family", ["O’Hare-Teasdale"]),
        ("URGENT: Zoë Élan, Zoë", ["Zoë", "Élan"]),
        ("rhys calloway", []),
        ("Referral for Child and Family", []),
    ],
)
def test_the_names_of_a_subject(subject: str, names: list[str]) -> None:
    assert names_in(subject) == names


def test_no_more_names_than_are_looked_for() -> None:
    assert len(names_in("Ashley Belford Corwick Duncombe Elmstow Fenthorpe Garmere Halworth")) == MOST_NAMES
