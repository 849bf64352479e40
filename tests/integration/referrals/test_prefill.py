"""What an email puts into the form of a referral: who is named, where it comes from, and that the form takes it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cases.enums import Part
from cases.models import CasePerson
from deadlines import clock
from intake.actions import set_aside_message
from intake.enums import UseKind
from intake.models import Message, Use
from pages.words import moment
from people.models import Person
from people.said import name_key
from referrals.models import Referral
from referrals.prefill import MOST_PEOPLE, from_email
from team.enums import Role
from team.models import User
from tests.factories.deciding import an_approved_address
from tests.factories.mail import a_message
from tests.factories.team import a_team, an_officer
from tests.integration.referrals.test_logging_form import beside, shown

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parents[2] / "data" / "mailbox"
# Their day: some of the children are grown up today.
RECEIVED = datetime(2010, 1, 7, 9, 30, tzinfo=UTC)
ABOUT = re.compile(r"Referral - (\w+), (\w+) \((\d\d)\.(\d\d)\.(\d{4})\)")
TRAINING = "Mandatory e-learning"


def filled(text: str = "Nothing.", subject: str = TRAINING, **said: Any) -> QueryDict:
    """What an email of these words puts into the form."""
    return from_email(a_message(text=text, subject=subject, received_at=RECEIVED, **said))


def people(typed: QueryDict, prefix: str) -> list[tuple[str, str, str, str]]:
    """The rows of children, or of adults, in which somebody stands: first names, family name, birth, address."""
    rows = []
    for row in range(int(str(typed[f"{prefix}-TOTAL_FORMS"]))):
        fields = ("given_names", "family_name", "birth", "address")
        values = tuple(typed.get(f"{prefix}-{row}-{name}", "") for name in fields)
        if any(values):
            rows.append((values[0], values[1], values[2], values[3]))
    return rows


def children(text: str = "Nothing.", subject: str = TRAINING) -> list[tuple[str, str, str]]:
    """The children that an email of these words names, without their addresses."""
    return [row[:3] for row in people(filled(text, subject), "children")]


def html_mail(html: str, subject: str = TRAINING) -> Message:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "g.teasdale@fernley.example", "cait@police.example", subject
    mail["Message-ID"] = "<html@fernley.example>"
    mail.set_content(html, subtype="html")
    return a_message(raw=mail.as_bytes(), received_at=RECEIVED)


# --- the samples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*-referral.eml")), ids=lambda file: file.stem)
def test_of_a_sample_the_child_is_found_with_birth_and_address(file: Path) -> None:
    message = a_message(raw=file.read_bytes(), received_at=RECEIVED)
    about = ABOUT.match(message.subject)
    assert about
    family, given, *born = about.groups()
    typed = from_email(message)
    [(first, last, birth, address)] = people(typed, "children")
    assert (first, last, birth) == (given, family, "/".join(born))
    assert re.search(r"\d", address)
    assert re.search(r", London [A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$", address), address
    assert people(typed, "adults") == []
    assert typed["circumstances"] == message.text
    assert "Dear colleague" in typed["circumstances"]


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*-confirms.eml")), ids=lambda file: file.stem)
def test_of_a_written_confirmation_the_child_stands_in_the_text_alone(file: Path) -> None:
    message = a_message(raw=file.read_bytes(), received_at=RECEIVED)
    [(given, family, birth, address)] = people(from_email(message), "children")
    assert message.subject.endswith(f"- {family}")
    assert f"{given} {family.upper()}, DOB {birth}, of {address.split(',')[0]}" in " ".join(message.text.split())


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*-noise.eml")), ids=lambda file: file.stem)
def test_of_what_is_about_nobody_nobody_is_found(file: Path) -> None:
    typed = from_email(a_message(raw=file.read_bytes(), received_at=RECEIVED))
    assert people(typed, "children") == people(typed, "adults") == []
    assert (typed["children-TOTAL_FORMS"], typed["adults-TOTAL_FORMS"]) == ("1", "1")


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Re: Rhys CALLOWAY, DOB 06/06/2003.", ("Rhys", "Calloway", "06/06/2003")),
        ("Rhys Calloway (DOB 6.6.2003) was seen.", ("Rhys", "Calloway", "6.6.2003")),
        ("Rhys Calloway, born on 6-6-2003, was seen.", ("Rhys", "Calloway", "6-6-2003")),
        ("Rhys Calloway, d.o.b. 6/6/03", ("Rhys", "Calloway", "6/6/2003")),
        ("Rhys Calloway\nDate of birth: 06/06/2003", ("Rhys", "Calloway", "06/06/2003")),
        ("Rhys Owen CALLOWAY DOB: 06/06/2003", ("Rhys Owen", "Calloway", "06/06/2003")),
        ("RHYS CALLOWAY, DOB 06/06/2003", ("Rhys", "Calloway", "06/06/2003")),
        ("Niamh O'CONNOR, DOB 06/06/2003", ("Niamh", "O'Connor", "06/06/2003")),
        ("Niamh O’CONNOR, DOB 06/06/2003", ("Niamh", "O’Connor", "06/06/2003")),
        ("Niamh O'Connor, DOB 06/06/2003", ("Niamh", "O'Connor", "06/06/2003")),
        ("Mary-Jane DAY-AHMED, DOB 06/06/2003", ("Mary-Jane", "Day-Ahmed", "06/06/2003")),
        ("Aidan McDonald, DOB 06/06/2003", ("Aidan", "McDonald", "06/06/2003")),
        ("Zoë BRÖNTE, DOB 06/06/2003", ("Zoë", "Brönte", "06/06/2003")),
        ("Élodie Ångström, DOB 06/06/2003", ("Élodie", "Ångström", "06/06/2003")),
        ("The child Rhys Calloway, DOB 06/06/2003", ("Rhys", "Calloway", "06/06/2003")),
        ("Child Rhys Calloway, DOB 06/06/2003", ("Rhys", "Calloway", "06/06/2003")),
        ("Name: Rhys Calloway\nDOB: 06/06/2003", ("Rhys", "Calloway", "06/06/2003")),
    ],
)
def test_a_child_is_found_however_the_text_writes_it(text: str, found: tuple[str, str, str]) -> None:
    assert children(text) == [found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Łukasz NOWAK, DOB 06/06/2003", ("Łukasz", "Nowak")),
        ("Ayşe Şahbaz, DOB 06/06/2003", ("Ayşe", "Şahbaz")),
        ("Ömer ŞAHBAZ, DOB 06/06/2003", ("Ömer", "Şahbaz")),
        ("Živa Čapková, DOB 06/06/2003", ("Živa", "Čapková")),
    ],
)
def test_a_turkish_or_polish_name_is_found_too(text: str, found: tuple[str, str]) -> None:
    assert [child[:2] for child in children(text)] == [found]


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Referral - Calloway, Rhys (06.06.2003)", ("Rhys", "Calloway", "06.06.2003")),
        ("Referral - Calloway, Rhys (06.06.2003) URGENT", ("Rhys", "Calloway", "06.06.2003")),
        ("FW: Calloway, Rhys Owen (6/6/2003)", ("Rhys Owen", "Calloway", "6/6/2003")),
        ("Referral - O'Connor, Niamh (06.06.2003)", ("Niamh", "O'Connor", "06.06.2003")),
        ("Referral - Day-Ahmed, Mary-Jane (06.06.2003)", ("Mary-Jane", "Day-Ahmed", "06.06.2003")),
        ("Referral - Şahbaz, Ömer (06.06.2003)", ("Ömer", "Şahbaz", "06.06.2003")),
        ("Referral - van der Meer, Anouk (06.06.2003)", ("Anouk", "van der Meer", "06.06.2003")),
    ],
)
def test_a_child_is_found_in_the_subject(subject: str, found: tuple[str, str, str]) -> None:
    assert children(subject=subject) == [found]


def test_a_name_in_capitals_in_the_subject_is_written_as_one_in_the_text() -> None:
    assert children(subject="Referral - CALLOWAY, Rhys (06.06.2003)") == [("Rhys", "Calloway", "06.06.2003")]


@pytest.mark.parametrize("before", ["Referral", "URGENT", "Referral for", "Re", "New referral"])
def test_the_words_before_a_name_in_the_subject_are_no_part_of_it(before: str) -> None:
    assert children(subject=f"{before} Calloway, Rhys (06.06.2003)") == [("Rhys", "Calloway", "06.06.2003")]


def test_who_stands_in_subject_and_text_is_one_child_as_the_text_says() -> None:
    found = people(
        filled("Rhys CALLOWAY, DOB 06/06/2003, of 22 Tidewell House, N17 0ZZ.", "Calloway, Rhys (06.06.2003)"),
        "children",
    )
    assert found == [("Rhys", "Calloway", "06/06/2003", "22 Tidewell House, N17 0ZZ")]


def test_several_children_stand_in_the_order_of_the_text_and_who_is_in_the_subject_alone_last() -> None:
    text = "Tia CALLOWAY, DOB 01/02/2005, and Rhys CALLOWAY, DOB 06/06/2003, both of 22 Tidewell House."
    found = children(text, "Referral - Vane, Zoltan (02.03.2004)")
    assert found == [
        ("Tia", "Calloway", "01/02/2005"),
        ("Rhys", "Calloway", "06/06/2003"),
        ("Zoltan", "Vane", "02.03.2004"),
    ]


def test_the_number_of_children_is_the_number_of_rows() -> None:
    typed = filled("Tia CALLOWAY, DOB 01/02/2005. Rhys CALLOWAY, DOB 06/06/2003.")
    assert (typed["children-TOTAL_FORMS"], typed["adults-TOTAL_FORMS"]) == ("2", "1")


def test_more_people_than_a_family_has_are_not_put_into_the_form() -> None:
    text = "\n".join(f"Rhys Calloway{each}, DOB 0{each}/06/2003." for each in "abcdefgh")
    assert len(children(text)) == 0  # no dates
    many = "abcdefghijklmnopqrstuvwxyz"
    text = "\n".join(f"Rhys Calloway{each}, DOB {on}/06/2003." for on, each in enumerate(many, 1))
    assert [family for _, family, _ in children(text)] == [f"Calloway{each}" for each in many[:MOST_PEOPLE]]


def test_a_grown_up_is_an_adult_and_no_child() -> None:
    text = "Rhys CALLOWAY, DOB 06/06/2003. Mother: Shelley CALLOWAY, DOB 02/03/1980, of 22 Tidewell House, N17 0ZZ."
    typed = filled(text)
    assert [row[:3] for row in people(typed, "children")] == [("Rhys", "Calloway", "06/06/2003")]
    assert people(typed, "adults") == [("Shelley", "Calloway", "02/03/1980", "22 Tidewell House, N17 0ZZ")]


def test_a_grown_up_whose_year_has_two_figures_is_not_put_among_the_children() -> None:
    typed = filled("Rhys CALLOWAY, DOB 06/06/03. Mother: Shelley CALLOWAY, DOB 02/03/80.")
    assert [row[0] for row in people(typed, "children")] == ["Rhys"]


def test_who_is_grown_up_is_reckoned_on_the_day_of_receipt() -> None:
    assert people(filled("Rhys CALLOWAY, DOB 08/01/1992."), "adults") == []
    assert len(people(filled("Rhys CALLOWAY, DOB 07/01/1992."), "adults")) == 1


def test_who_is_named_without_a_birth_is_not_put_into_the_form() -> None:
    typed = filled("Rhys CALLOWAY was seen by Gwen TEASDALE on 06/01/2010.")
    assert people(typed, "children") == people(typed, "adults") == []


@pytest.mark.parametrize("birth", ["31/02/2003", "06/13/2003", "06/06/2050", "06/06/2011", "00/00/2003"])
def test_a_birth_that_cannot_be_is_left_out_and_the_child_stays(birth: str) -> None:
    assert children(f"Rhys CALLOWAY, DOB {birth}.") == [("Rhys", "Calloway", "")]


def test_an_address_of_several_lines_becomes_one() -> None:
    text = "Rhys CALLOWAY, DOB 06/06/2003, of Flat 4\nTidewell House,\n  Lordship Lane, London N17 0ZZ. He was seen."
    [(*_, address)] = people(filled(text), "children")
    assert address == "Flat 4, Tidewell House, Lordship Lane, London N17 0ZZ"


def test_what_follows_a_name_and_is_no_address_is_not_taken_for_one() -> None:
    [(*_, address)] = people(filled("Rhys CALLOWAY, DOB 06/06/2003, came in late. At N17 0ZZ."), "children")
    assert address == ""


def test_a_child_in_a_table_of_a_web_mail_is_found() -> None:
    row = "<tr><td>{}</td><td>{}</td></tr>"
    html = (
        "<html><body><table>"
        + row.format("Child", "Rhys CALLOWAY")
        + row.format("Born", "06/06/2003")
        + "</table><p>Came in late.</p></body></html>"
    )
    assert [each[:3] for each in people(from_email(html_mail(html)), "children")] == [
        ("Rhys", "Calloway", "06/06/2003")
    ]


def test_too_long_a_name_is_cut_to_what_the_form_takes() -> None:
    typed = filled(f"Rhys {'C' + 'a' * 120} {'L' + 'o' * 120}, DOB 06/06/2003.")
    [(given, family, birth, _)] = people(typed, "children")
    assert (len(given), len(family), birth) == (80, 80, "06/06/2003")
    assert family.startswith("Loo")


# --- everything else -----------------------------------------------------------------------------


def test_team_moment_and_sender_come_from_the_email() -> None:
    message = a_message(a_team("ENF"), received_at=RECEIVED, sender="Gillian Teasdale <g.teasdale@fernley.example>")
    typed = from_email(message)
    assert (typed["message"], typed["message_uses"]) == (str(message.pk), "0")
    assert (typed["team"], typed["method"]) == (str(a_team("ENF").pk), "email")
    assert typed["received_at"] == moment(RECEIVED) == "7 January 2010, 9:30am"
    assert (typed["referrer_name"], typed["referrer_email"]) == ("Gillian Teasdale", "g.teasdale@fernley.example")


def test_nothing_is_said_for_the_sergeant_that_an_email_cannot_say() -> None:
    typed = filled("Rhys CALLOWAY, DOB 06/06/2003. Physical abuse.", "URGENT referral")
    assert {"categories", "urgent", "protected", "source", "rang_back"} & set(typed) == set()


def test_it_comes_from_social_services_where_one_of_their_approved_addresses_is() -> None:
    an_approved_address(address="manager@Borough.example")
    assert filled(sender="Sevgi Arikan <s.arikan@borough.EXAMPLE>")["source"] == "social_services"


@pytest.mark.parametrize(
    "sender", ["a@fernley.example", "a@borough.example.fernley.example", "a@myborough.example", "borough.example"]
)
def test_who_only_looks_like_social_services_is_not_taken_for_them(sender: str) -> None:
    an_approved_address(address="manager@borough.example")
    assert "source" not in filled(sender=sender)


def test_another_teams_social_services_are_not_ours() -> None:
    an_approved_address(a_team("ENF"), address="manager@borough.example")
    assert "source" not in filled(sender="a@borough.example")


@pytest.mark.parametrize(
    ("sender", "source"),
    [
        ("Fernley Primary School <office@fernley.example>", "school"),
        ("Gillian Teasdale <g.teasdale@fernley.haringey.sch.uk>", "school"),
        ("Little Herons Nursery <hello@herons.example>", "school"),
        ("Gillian Teasdale <g.teasdale@TIDEWELL-ACADEMY.example>", "school"),
        ("North Tidewell Hospital <ward7@tidewell.example>", "health"),
        ("Ward 7 <nurse@tidewell.example>", "health"),
        ("Gillian Teasdale <g.teasdale@tidewell.nhs.uk>", "health"),
        ("Community Midwives <post@tidewell.example>", "health"),
        ("Tidewell Probation <duty@tidewell.example>", "probation"),
    ],
)
def test_where_it_comes_from_is_guessed_by_what_its_sender_is_called(sender: str, source: str) -> None:
    assert filled(sender=sender)["source"] == source


@pytest.mark.parametrize(
    "sender",
    [
        "Edward Teasdale <e.teasdale@tidewell.example>",
        "Gillian Howard <g.howard@tidewell.example>",
        "A colleague <post@tidewell.example>",
        "Gillian Teasdale <g.teasdale@tidewell.example>",
    ],
)
def test_a_name_that_only_holds_such_a_word_says_nothing_of_where_it_comes_from(sender: str) -> None:
    assert "source" not in filled("Seen at school, and in hospital.", "From the school nurse", sender=sender)


def test_an_approved_address_of_social_services_says_more_than_a_name() -> None:
    an_approved_address(address="manager@borough.example")
    assert filled(sender="School Attendance Team <a@borough.example>")["source"] == "social_services"


def test_a_guessed_source_stands_in_the_form_and_can_be_changed(client: Client) -> None:
    message = a_message(sender="Fernley School <office@fernley.example>", received_at=RECEIVED)
    form = opened(client, message)
    assert form["source"] == ["school"]
    log_it(client, form, source="health")
    assert Referral.objects.get().source == "health"


def test_without_a_sender_no_source_is_guessed() -> None:
    message = a_message(raw=b"Subject: Nothing\r\n\r\nNothing.\r\n", received_at=RECEIVED)
    typed = from_email(message)
    assert (typed["referrer_name"], typed["referrer_email"]) == ("", "")
    assert "source" not in typed


def test_a_text_is_cut_to_what_the_form_takes() -> None:
    typed = filled("word " * 5000)
    assert len(typed["circumstances"]) == 20_000


def test_an_email_of_which_something_was_made_says_how_much() -> None:
    message = a_message()
    set_aside_message(message, reason="Training", by=User.objects.system())
    assert from_email(message)["message_uses"] == "1"


# --- what the form makes of it -------------------------------------------------------------------


def opened(client: Client, message: Message) -> dict[str, list[str]]:
    """What a browser would send of the form that an email fills."""
    client.force_login(an_officer(Role.DESK_SERGEANT))
    answer = client.get(reverse("referrals:log"), {"message": message.pk})
    assert answer.status_code == 200
    return shown(answer.content.decode())


def log_it(client: Client, form: dict[str, Any], **chosen: Any) -> str:
    """The page that follows when what no email can say is added."""
    chosen = {"categories": ["physical"], "urgent": "no", "source": "school", **chosen}
    answer = client.post(reverse("referrals:log"), {**form, **chosen, "do": "log"}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("file", ["000-referral.eml", "017-referral.eml", "018-referral.eml", "003-confirms.eml"])
def test_the_form_is_taken_when_only_harm_urgency_and_source_are_added(client: Client, file: str) -> None:
    message = a_message(raw=(SAMPLES / file).read_bytes(), received_at=RECEIVED)
    [(given, family, birth, address)] = people(from_email(message), "children")
    page = log_it(client, opened(client, message))
    assert "The referral is logged" in page
    logged = Referral.objects.get()
    assert (logged.method, logged.source, logged.received_at) == ("email", "school", RECEIVED)
    assert (logged.referrer_name, logged.referrer_email) == (message.from_name, message.from_address)
    assert logged.circumstances == message.text
    child = Person.objects.get()
    on, month, year = map(int, birth.split("/"))
    assert (child.given_names, child.family_name) == (given, family)
    assert child.birth.earliest == child.birth.latest == date(year, month, on)
    assert str(child.residences.get().address) == address
    assert (Use.objects.get().kind, Use.objects.get().case) == (UseKind.REFERRAL, logged.case)


def test_children_and_adults_are_on_the_record_as_what_they_are(client: Client) -> None:
    text = "Rhys CALLOWAY, DOB 06/06/2003. Mother: Shelley ORME, DOB 02/03/1980. Tia CALLOWAY, DOB 07/06/2004."
    log_it(client, opened(client, a_message(text=text, subject="Referral", received_at=RECEIVED)))
    parts = CasePerson.objects.select_related("person").order_by("place")
    assert [(part.person.full_name, part.part) for part in parts] == [
        ("Rhys Calloway", Part.CHILD),
        ("Tia Calloway", Part.CHILD),
        ("Shelley Orme", Part.ADULT),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Dear colleague,\n\nRhys CALLOWAY, DOB 31/02/2003, of 22 Tidewell House, N17 0ZZ.",
        f"Rhys {'C' + 'a' * 120} {'L' + 'o' * 120}, DOB 06/06/2003.",
        "Rhys CALLOWAY, DOB 06/06/2003.\n" + "line\n" * 5000,
        "Rhys CALLOWAY, DOB 06/06/2003.\n" + "ö" * 25_000,
        f"Rhys CALLOWAY, DOB 06/06/2003, of {'Tidewell ' * 18}N17 0ZZ.",
        "Rhys CALLOWAY, DOB 06/06/2003. <script>alert(1)</script> & “quotes” \u202e",
    ],
    ids=["birth", "name", "lines", "letters", "address", "signs"],
)
def test_whatever_is_in_an_email_the_form_that_it_fills_is_taken(client: Client, text: str) -> None:
    page = log_it(client, opened(client, a_message(text=text, received_at=RECEIVED, subject="Referral")))
    assert "The referral is logged" in page
    assert name_key(Person.objects.get().given_names).startswith("rhys")


@pytest.mark.parametrize(
    "received",
    [
        datetime(2009, 10, 25, 0, 30, 41, tzinfo=UTC),
        datetime(2009, 10, 25, 1, 30, 41, tzinfo=UTC),
        datetime(2009, 7, 1, 23, 0, tzinfo=UTC),
        datetime(2010, 1, 7, 12, 0, tzinfo=UTC),
        datetime(2010, 1, 7, 0, 0, 59, tzinfo=UTC),
    ],
    ids=["first 1:30", "second 1:30", "midnight in summer", "midday", "midnight"],
)
def test_the_moment_of_receipt_stays_the_same_to_the_minute(client: Client, received: datetime) -> None:
    log_it(client, opened(client, a_message(received_at=received)))
    assert Referral.objects.get().received_at == received.replace(second=0)


def test_what_came_just_now_is_taken(client: Client) -> None:
    log_it(client, opened(client, a_message(text=f"Rhys CALLOWAY, DOB 06/06/{clock.today().year - 6}.")))
    assert Referral.objects.get().received_at <= clock.moment()


def test_of_what_says_nothing_the_form_asks_for_everything(client: Client) -> None:
    form = opened(client, a_message(raw=b"X-Mailer: none\r\n\r\n", received_at=RECEIVED))
    page = log_it(client, form)
    assert Referral.objects.count() == 0
    assert beside(page, "circumstances") == "Enter what the caller said happened"
    assert beside(page, "no_child_because").startswith("Name a child")


@pytest.mark.parametrize(
    "sender",
    ["Gillian Teasdale <g.teasdale@mailhost>", f"Gillian <{'g' * 300}@fernley.example>", "Gillian <gillian>"],
)
def test_a_sender_whose_address_is_none_does_not_stop_the_form(client: Client, sender: str) -> None:
    raw = f"From: {sender}\r\nSubject: Referral\r\n\r\nRhys CALLOWAY, DOB 06/06/2003.\r\n".encode()
    page = log_it(client, opened(client, a_message(raw=raw, received_at=RECEIVED)))
    assert beside(page, "referrer_email") == ""
    assert Referral.objects.count() == 1
