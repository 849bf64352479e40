"""What a calendar that came with an email says in plain words: about what, when in London, where, who asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from intake.calendars import LONGEST, MOST_EVENTS, Meeting, meetings, told

ZONE = [
    "BEGIN:VTIMEZONE", "TZID:Customized Time Zone",
    "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
    "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
]  # fmt: skip
BETWEEN = "BEGIN:VALARM", "TRIGGER:-PT15M", "DESCRIPTION:Reminder", "END:VALARM"


def calendar(*said: str, method: str = "REQUEST", zone: list[str] | None = None) -> str:
    """A calendar with one event of which this is said."""
    event = ["BEGIN:VEVENT", *said, *BETWEEN, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", f"METHOD:{method}", *(zone or []), *event, "END:VCALENDAR"])


def when(*said: str, zone: list[str] | None = None) -> str:
    (event,) = told(calendar(*said, zone=zone))
    return next(line for line in event.split("\n") if line.startswith("When: ")).removeprefix("When: ")


def what(*said: str, method: str = "REQUEST") -> str:
    (event,) = told(calendar(*said, method=method))
    return event.split("\n")[0]


def test_an_invitation_in_plain_words() -> None:
    said = calendar(
        "SUMMARY:Initial Child Protection Conference\\, Calloway family",
        "DTSTART:20100114T140000Z",
        "DTEND:20100114T160000Z",
        "LOCATION:Room 2\\nCivic Centre",
        'ORGANIZER;CN="Arikan: S":mailto:s.arikan@borough.example',
        "DESCRIPTION:Please bring your report.",
    )
    assert told(said) == [
        "– A calendar invitation –\n"
        "About: Initial Child Protection Conference, Calloway family\n"
        "When: Thursday 14 January 2010, 2pm to 4pm London time\n"
        "Where: Room 2 Civic Centre\n"
        "Organiser: Arikan: S, s.arikan@borough.example"
    ]
    assert told(said, with_words=True)[0].endswith("\n\nPlease bring your report.")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (["DTSTART:20100714T140000Z", "DTEND:20100714T150000Z"], "Wednesday 14 July 2010, 3pm to 4pm London time"),
        (["DTSTART;TZID=Europe/London:20100714T140000"], "Wednesday 14 July 2010, 2pm London time"),
        (["DTSTART;TZID=GMT Standard Time:20100714T140000"], "Wednesday 14 July 2010, 2pm London time"),
        (["DTSTART;TZID=GMT Standard Time:20100114T140000"], "Thursday 14 January 2010, 2pm London time"),
        (
            ["DTSTART;TZID=Europe/Paris:20100714T140000", "DTEND;TZID=Europe/Paris:20100714T153000"],
            "Wednesday 14 July 2010, 1pm to 2:30pm London time (2pm in Europe/Paris)",
        ),
        (
            ["DTSTART;TZID=/example.org/2010_1/Europe/Paris:20100714T140000"],
            "Wednesday 14 July 2010, 1pm London time (2pm in /example.org/2010_1/Europe/Paris)",
        ),
        (
            ["DTSTART;TZID=Asia/Kolkata:20100115T013000"],
            "Thursday 14 January 2010, 8pm London time (1:30am in Asia/Kolkata)",
        ),
        (["DTSTART:20100114T140000Z", "DURATION:PT1H30M"], "Thursday 14 January 2010, 2pm to 3:30pm London time"),
        (
            ["DTSTART:20100114T233000Z", "DTEND:20100115T003000Z"],
            "Thursday 14 January 2010, 11:30pm to Friday 15 January 2010, 12:30am London time",
        ),
        # In the hour that the clocks repeat.
        (
            ["DTSTART:20101031T003000Z", "DTEND:20101031T013000Z"],
            "Sunday 31 October 2010, 1:30am BST to 1:30am GMT London time",
        ),
        (["DTSTART:20100114T140000Z", "DTEND:20100114T130000Z"], "Thursday 14 January 2010, 2pm London time"),
        (["DTSTART;VALUE=DATE:20100114"], "Thursday 14 January 2010, all day"),
        (["DTSTART;VALUE=DATE:20100114", "DTEND;VALUE=DATE:20100115"], "Thursday 14 January 2010, all day"),
        (
            ["DTSTART;VALUE=DATE:20100114", "DTEND;VALUE=DATE:20100116"],
            "Thursday 14 January 2010 to Friday 15 January 2010, all day",
        ),
        (
            ["DTSTART:20100114T140000", "DTEND:20100114T150000"],
            "Thursday 14 January 2010, 2pm to 3pm (it names no time zone: the time where it is held)",
        ),
        (
            ["DTSTART;TZID=Nowhere:20100328T013000"],
            "Sunday 28 March 2010, 1:30am (by the time of “Nowhere”, which CAIT does not know)",
        ),
        (["DTSTART:20100231T140000Z"], "it says “20100231T140000Z”, which cannot be read"),
        (["DTSTART:00010101T000000Z"], "it says “00010101T000000Z”, which cannot be read"),
        (["DTSTART:00000101T000000Z"], "it says “00000101T000000Z”, which cannot be read"),
        (["DTSTART;TZID=Asia/Kolkata:00010101T000000"], "it says “00010101T000000”, which cannot be read"),
        (["DTSTART:99991231T235959Z"], "Friday 31 December 9999, 11:59pm London time"),
        (["DTSTART:tomorrow"], "it says “tomorrow”, which cannot be read"),
        (["SUMMARY:Conference"], "it does not say"),
        (["DTSTART:20100114T140000Z", "DURATION:P9999W"], "Thursday 14 January 2010, 2pm to"),
        (["DTSTART:99991231T140000Z", "DURATION:P9999W"], "Friday 31 December 9999, 2pm London time"),
    ],
)
def test_when_it_is_in_london(said: list[str], words: str) -> None:
    assert when(*said).startswith(words)


@pytest.mark.parametrize("name", ["../../etc/passwd", "Europe", "/", "..", "x" * 400, "Europe/London\x00", "."])
def test_a_zone_that_is_none_is_said(name: str) -> None:
    assert "which CAIT does not know" in when(f"DTSTART;TZID={name}:20100114T140000")


@pytest.mark.parametrize(
    ("day", "hour"), [("20100114", "1pm"), ("20100327", "1pm"), ("20100328", "1pm"), ("20100714", "1pm"),
                      ("20101031", "1pm"), ("20101225", "1pm")],
)  # fmt: skip
def test_a_zone_that_only_the_calendar_describes_is_read_as_it_says(day: str, hour: str) -> None:
    """It is Paris: always an hour ahead of London, as both change their clocks in the same night."""
    said = when(f"DTSTART;TZID=Customized Time Zone:{day}T140000", zone=ZONE)
    assert f", {hour} London time (2pm in Customized Time Zone)" in said


def test_two_calendars_may_describe_a_zone_of_the_same_name_in_two_ways() -> None:
    said = "DTSTART;TZID=Customized Time Zone:20100114T140000"
    far = [line.replace("TZOFFSETTO:+0100", "TZOFFSETTO:-0500") for line in ZONE]
    assert [", 1pm London" in when(said, zone=ZONE), ", 7pm London" in when(said, zone=far)] == [True, True]
    assert ", 1pm London" in when(said, zone=ZONE)


@pytest.mark.parametrize(
    "broken", ["FREQ=SECONDLY", "FREQ=YEARLY", "FREQ=YEARLY;BYDAY=SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=9SU;BYMONTH=99"]
)
def test_a_zone_described_in_a_way_that_is_not_worked_out_is_said(broken: str) -> None:
    zone = [f"RRULE:{broken}" if line.startswith("RRULE") else line for line in ZONE]
    assert "which CAIT does not know" in when("DTSTART;TZID=Customized Time Zone:20100114T140000", zone=zone)


def test_that_it_is_cancelled_moved_or_an_answer_is_said_first() -> None:
    start = "DTSTART:20100114T140000Z"
    assert what(start) == "– A calendar invitation –"
    assert what(start, "SEQUENCE:0") == "– A calendar invitation –"
    assert what(start, method="CANCEL") == "– A calendar invitation: IT IS CANCELLED –"
    assert what(start, "STATUS:CANCELLED") == "– A calendar invitation: IT IS CANCELLED –"
    assert what(start, "SEQUENCE:2") == "– A calendar invitation: it was changed, and may have moved –"
    assert what(start, "ATTENDEE;PARTSTAT=DECLINED;CN=S Arikan:mailto:s.arikan@borough.example", method="REPLY") == (
        "– An answer to a calendar invitation, from S Arikan, s.arikan@borough.example: They decline –"
    )
    assert what(start, method="COUNTER").endswith("they propose another time or place –")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;COUNT=4", "It is repeated: every week, or as the invitation says."),
        ("FREQ=SECONDLY;COUNT=999999999", "It is repeated as the invitation says."),
        ("nonsense", "It is repeated as the invitation says."),
    ],
)
def test_that_it_is_repeated_is_said_and_never_worked_out(rule: str, words: str) -> None:
    assert told(calendar("DTSTART:20100114T140000Z", f"RRULE:{rule}"))[0].endswith(words)


def test_one_of_a_series_is_said_to_be_one() -> None:
    said = told(calendar("DTSTART:20100114T140000Z", "RECURRENCE-ID:20100114T100000Z"))[0]
    assert "It is one of a series" in said


def test_lines_that_are_folded_or_end_otherwise_are_read() -> None:
    folded = calendar("SUMMARY:Initial Child Pro\r\n tection Conf\r\n\terence", "DTSTART:20100114T140000Z")
    for said in (folded, folded.replace("\r\n", "\n"), folded.replace("\r\n", "\r"), folded.lower()):
        assert "initial child protection conference" in told(said)[0].lower()


@pytest.mark.parametrize(
    "broken", ["", "nonsense", "BEGIN:VCALENDAR\r\nEND:VCALENDAR", "END:VEVENT\r\n" * 50, "BEGIN:VEVENT", "\x00" * 99]
)
def test_of_a_calendar_without_an_event_nothing_is_told(broken: str) -> None:
    assert told(broken) == []


def test_a_calendar_that_was_cut_is_told_as_far_as_it_goes() -> None:
    whole = calendar("SUMMARY:Conference", "DTSTART:20100114T140000Z", "LOCATION:Room 2", zone=ZONE)
    for end in range(len(whole)):
        told(whole[:end])
    assert "About: Conference" in told(whole[: whole.index("LOCATION")])[0]


def test_of_very_many_events_the_first_are_told_and_that_is_said() -> None:
    said = told("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * 500)
    assert len(said) == MOST_EVENTS + 1
    assert said[-1] == f"The calendar has 500 events. The first {MOST_EVENTS} are told."


@pytest.mark.parametrize(
    "bomb",
    ["BEGIN:VEVENT\n", "BEGIN:VCALENDAR\n", 'SUMMARY;a="', ";a=b", "SUMMARY:a\n ", "\\", "END:VEVENT\n", ":", '"',
     "BEGIN:VTIMEZONE\nTZID:a\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY="
     "-1SU;BYMONTH=10\nEND:STANDARD\n", "BEGIN:VEVENT\nDTSTART;TZID=a:20100101T000000\nEND:VEVENT\n"],
)  # fmt: skip
def test_whatever_a_calendar_is_made_of_it_is_read_in_no_time(bomb: str) -> None:
    began = time.monotonic()
    told("SUMMARY" + bomb * (2 * LONGEST // len(bomb)))
    told(bomb * (2 * LONGEST // len(bomb)))
    assert time.monotonic() - began < 3


# --- for a form ----------------------------------------------------------------------------------


def test_an_invitation_for_a_form() -> None:
    said = calendar(
        "SUMMARY:Review conference",
        "DTSTART;TZID=GMT Standard Time:20100714T140000",
        "DURATION:PT90M",
        "LOCATION:Room 2\\nCivic Centre",
        'ORGANIZER;CN="Arikan: S":mailto:s.arikan@borough.example',
    )
    assert meetings(said) == [
        Meeting(
            starts_at=datetime(2010, 7, 14, 13, 0, tzinfo=UTC),
            ends_at=datetime(2010, 7, 14, 14, 30, tzinfo=UTC),
            summary="Review conference",
            location="Room 2 Civic Centre",
            organiser="Arikan: S, s.arikan@borough.example",
        )
    ]


JULY = datetime(2010, 7, 14, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "starts_at", "at_home"),
    [
        (["DTSTART:20100714T130000Z"], JULY, False),
        (["DTSTART;TZID=Customized Time Zone:20100714T150000"], JULY, False),  # as the calendar describes it
        (["DTSTART:20100714T140000"], JULY, True),
        (["DTSTART;TZID=Moon:20100714T140000"], None, False),
        (["DTSTART;VALUE=DATE:20100714"], None, False),
        (["DTSTART:nonsense"], None, False),
        (["DTSTART;TZID=America/New_York:00010101T000000", "DTEND:99991231T235959Z"], None, False),
        (["DTSTART;TZID=Asia/Kolkata:00010101T000000"], None, False),
        (["SUMMARY:When?"], None, False),
    ],
)
def test_when_for_a_form_is_a_moment_or_nothing(said: list[str], starts_at: datetime | None, at_home: bool) -> None:
    (meeting,) = meetings(calendar(*said, zone=ZONE))
    assert (meeting.starts_at, meeting.at_home) == (starts_at, at_home)
    assert meeting.ends_at is None


def test_what_ends_before_it_begins_has_no_end() -> None:
    (meeting,) = meetings(calendar("DTSTART:20100714T130000Z", "DTEND:20100714T120000Z"))
    assert (meeting.starts_at, meeting.ends_at) == (JULY, None)


def test_an_answer_is_no_meeting_and_what_is_cancelled_says_so() -> None:
    begins = "DTSTART:20100714T130000Z"
    assert meetings(calendar(begins, method="REPLY")) == meetings(calendar(begins, method="COUNTER")) == []
    assert [each.is_cancelled for each in meetings(calendar(begins, method="CANCEL"))] == [True]
    assert [each.is_cancelled for each in meetings(calendar(begins, "STATUS:CANCELLED"))] == [True]
    assert [each.is_cancelled for each in meetings(calendar(begins))] == [False]
    assert len(meetings("\r\n".join(["BEGIN:VCALENDAR", *["BEGIN:VEVENT", begins, "END:VEVENT"] * 9]))) == MOST_EVENTS
