"""What an invitation by email says of a conference: read where it can be, left empty and said where it cannot."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from conferences.enums import ConferenceKind
from conferences.invitations import READ, Invitation, read_invitation
from deadlines.clock import LONDON
from intake.models import Message, Source
from intake.reading import read_message

# A Monday.
RECEIVED = datetime(2010, 1, 4, 9, 0, tzinfo=UTC)


def read(text: str, subject: str = "Invitation", calendar: str = "") -> Invitation:
    """What is read of an email that nobody has kept."""
    email = EmailMessage(policy=SMTP)
    email["From"], email["Subject"] = "Gillian Teasdale <g.teasdale@fernley.example>", subject
    email.set_content(text)
    if calendar:
        email.add_attachment(calendar, subtype="calendar", filename="invite.ics")
    raw = email.as_bytes()
    said = read_message(raw)
    message = Message(subject=said.subject, text=said.text, received_at=RECEIVED)
    Source(message=message, raw=raw)
    return read_invitation(message)


def london(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2010, month, day, hour, minute, tzinfo=LONDON)


WHOLE = """Dear colleague,

You are invited to a conference about Tia Vellacott (06/06/2003), on Tuesday 12 January 2010 at 2.30pm to 4pm,
in room 4, Fernley Civic Centre. Please send your report a week before.

Chaired by Ms. G. Teasdale.
Agencies invited: Elm Row School; health visitor, GP
"""


def test_a_whole_invitation_is_read_from_its_words() -> None:
    assert read(WHOLE, "Invitation to Initial Child Protection Conference - Vellacott family") == Invitation(
        kind=ConferenceKind.INITIAL,
        starts_at=london(1, 12, 14, 30),
        lasts=90,
        place="room 4, Fernley Civic Centre",
        chair="Ms. G. Teasdale",
        agencies="Elm Row School\nhealth visitor\nGP",
    )


def test_a_calendar_counts_before_the_words() -> None:
    lines = [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "SUMMARY:RCPC Vellacott",
        "DTSTART:20100714T130000Z",
        "DTEND:20100714T150000Z",
        "LOCATION:Room 2\\, Annexe",
        "ORGANIZER;CN=Sefa Arikan:mailto:s.arikan@fernley.example",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    said = read(WHOLE, calendar="\r\n".join(lines))
    assert (said.kind, said.starts_at, said.lasts) == (ConferenceKind.REVIEW, london(7, 14, 14), 120)
    assert (said.place, said.chair) == ("Room 2, Annexe", "Ms. G. Teasdale")
    assert said.notes == ["The calendar was sent by Sefa Arikan, s.arikan@fernley.example."]
    cancelled = read("", calendar="\r\n".join(lines).replace("REQUEST", "CANCEL"))
    assert "it is cancelled" in cancelled.notes[0]
    at_home = read("", calendar="\r\n".join(lines).replace("00Z", "00"))
    assert at_home.starts_at == london(7, 14, 13)
    assert "names no time zone" in at_home.notes[0]
    second = ["BEGIN:VEVENT", "DTSTART:20100715T130000Z", "END:VEVENT"]
    several = read("", calendar="\r\n".join([*lines[:-1], *second, lines[-1]]))
    assert several.starts_at == london(7, 14, 14)
    assert "several dates" in several.notes[0]


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("ICPC Vane", "", ConferenceKind.INITIAL),
        ("RCPC Vane", "", ConferenceKind.REVIEW),
        ("Review Child Protection Conference", "", ConferenceKind.REVIEW),
        ("Initial pre-birth conference, baby Vane", "", ConferenceKind.PRE_BIRTH),
        ("Conference, unborn baby Vane", "", ConferenceKind.PRE_BIRTH),
        ("RCPC, unborn baby Vane", "", ConferenceKind.REVIEW),
        ("Transfer-in conference, Vane", "", ConferenceKind.TRANSFER_IN),
        ("Conference", "An initial child protection conference is called.", ConferenceKind.INITIAL),
        ("Conference", "The Review CP Conference is called.", ConferenceKind.REVIEW),
        ("Conference", "The RCPC will be on Monday.", ConferenceKind.REVIEW),
        # A word alone says nothing: "please review", "our initial view".
        ("Conference", "Please review the papers before the conference. Our initial view is attached.", None),
        ("Conference", "", None),
    ],
)
def test_the_type_of_conference(subject: str, text: str, kind: ConferenceKind | None) -> None:
    said = read(text, subject)
    assert said.kind == kind
    assert ("the type of conference" in said.not_read) == (kind is None)


@pytest.mark.parametrize(
    ("text", "starts_at", "lasts"),
    [
        ("on 12th January 2010, 14:30 - 16:00 hrs", london(1, 12, 14, 30), 90),
        ("Date: 12/01/2010\nTime: 10am\nPlace: Annexe", london(1, 12, 10), None),
        ("Tuesday the 12 of January 2010, from 12 noon until 1.15pm", london(1, 12, 12), 75),
        ("on Tues 12 Jan 2010 at 1430hrs", london(1, 12, 14, 30), None),
        # The same said twice is one date, and birthdays are none.
        ("12.1.2010 10am. Born 6.6.2003. As said: Tuesday 12 January 2010 at 10am", london(1, 12, 10), None),
        ("14 July 2010 at 10am", london(7, 14, 10), None),
        # Over before it begins, or for days: no length.
        ("12 January 2010 10am to 9am", london(1, 12, 10), None),
        ("12 January 2010", "Tuesday 12 January 2010", None),
        ("12 January 2010 at 10am, or 13 January 2010 at 10am", None, None),
        ("31 February 2010 at 10am", None, None),
        ("28 March 2010 at 1:30am", None, None),
        ("12 January at 10am", None, None),
        ("in the new year", None, None),
    ],
)
def test_the_date_and_time(text: str, starts_at: datetime | str | None, lasts: int | None) -> None:
    said = read(f"It is held {text}.")
    assert (said.starts_at, said.lasts) == (starts_at, lasts)
    assert ("the date and time" in said.not_read) == (starts_at is None)


def test_what_is_to_be_looked_at_is_said() -> None:
    assert "Add the time" in read("On 12 January 2010").notes[0]
    assert "several dates" in read("12 January 2010 at 10am or 13 January 2010 at 10am").notes[0]
    assert "is not the day of the week" in read("On Wednesday 12 January 2010 at 10am").notes[0]


@pytest.mark.parametrize(
    ("text", "place", "chair"),
    [
        ("12 January 2010 at 10am at the Civic Centre. Chair: Glen Hale.", "the Civic Centre", "Glen Hale"),
        ("Venue: 2 High Rd; Annexe\nIndependent chair - Dr P. Okafor, Fernley", "2 High Rd", "Dr P. Okafor, Fernley"),
        ("Please chair the car park: none. The place is not known.", "", ""),
    ],
)
def test_place_and_chair(text: str, place: str, chair: str) -> None:
    said = read(text)
    assert (said.place, said.chair) == (place, chair)
    assert said.not_read[-1] == "who else is invited"


def test_agencies_may_stand_in_a_list() -> None:
    assert read("Invited:\n- Elm Row School\n* GP\n\nRegards").agencies == "Elm Row School\nGP"
    assert len(read(f"Invited: {'x, ' * 60}").agencies.split("\n")) == 30


def test_an_email_that_says_nothing_is_read_as_nothing() -> None:
    said = read("\x00 \x1b", "")
    assert said == Invitation(not_read=said.not_read)
    assert len(said.not_read) == 5


@pytest.mark.parametrize(
    "text", ["12 January 2010 ", "chair: ", "review ", "invited:\n- x\n", " ", "review" + " " * 3990]
)
def test_no_text_takes_long_to_read(text: str) -> None:
    long = (text * READ)[:READ]
    begun = time.process_time()
    read(long)
    assert time.process_time() - begun < 1
