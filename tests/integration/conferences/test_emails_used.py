"""An email that moves or cancels a conference, brings its minutes or leaves nothing to do is dealt with thereby."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from conferences import actions
from conferences.emails import waiting
from conferences.enums import ConferenceState, EmailUse
from conferences.models import Conference, EmailUsed
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences, put_back_message
from intake.models import Message
from team.enums import Role
from team.history import version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, that_was_held
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

HERE = "/conferences/invitations/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
THEN = datetime(2010, 2, 4, 10, 0, tzinfo=LONDON)
LATER = datetime(2010, 2, 11, 14, 0, tzinfo=LONDON)
system = User.objects.system


@pytest.fixture
def pclo(client: Client) -> User:
    move_time_to(NOW)
    user = an_officer(Role.PCLO)
    client.force_login(user)
    return user


def with_calendar(
    subject: str = "Conference", text: str = "See the calendar.", *, method: str = "REQUEST", **said: str
) -> Message:
    """An email with a calendar that was passed on."""
    email = EmailMessage(policy=SMTP)
    email["From"], email["Subject"] = "Gillian Teasdale <cp@fernley.example>", subject
    email.set_content(text)
    event = {"UID": "0400-77@fernley", "DTSTART": "20100204T100000Z", "DTEND": "20100204T120000Z", **said}
    lines = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT"]
    lines += [*(f"{name}:{each}" for name, each in event.items()), "END:VEVENT", "END:VCALENDAR"]
    email.add_attachment("\r\n".join(lines), subtype="calendar", filename="invite.ics")
    return pass_to_conferences(a_message(raw=email.as_bytes()), by=system())


def an_update(**said: str) -> Message:
    """The same meeting a week later, of which the words tell both times."""
    text = "The conference of Thursday 4 February 2010 at 10am is now on Thursday 11 February 2010 at 2pm."
    moved = {"DTSTART": "20100211T140000Z", "DTEND": "20100211T153000Z", "LOCATION": "Annexe", "SEQUENCE": "1"}
    return with_calendar("Updated", text, **{**moved, **said})


def an_email(**said: Any) -> Message:
    return pass_to_conferences(a_message(**said), by=system())


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    html = unescape(answer.content.decode())
    return html[html.index("<main") : html.index("</main>")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def emails_waiting(user: User) -> list[int]:
    return sorted(use.message_id for use in waiting(user))


def ways(html: str) -> list[str]:
    """What the page offers to do with the email, in its order."""
    return re.findall(r'href="/cases/([^"]*)\?message=\d+"', html)


def of(conference: Conference, name: str) -> str:
    return reverse(f"conferences:{name}", args=[conference.case.number, conference.number])


def test_an_update_of_its_calendar_offers_to_move_the_conference(client: Client, pclo: User) -> None:
    case, other = a_case(children=[a_child("Rhys", "Vane")]), a_case(children=[a_child("Tia", "Penrose")])
    invited = with_calendar("ICPC")
    conference = a_conference(case, starts_at=THEN, message=invited)
    assert conference.calendar_uid == "0400-77@fernley"
    email = an_update()
    assert emails_waiting(pclo) == [email.pk]
    # Neither a name nor a number is in it: its calendar leads to the conference.
    html = page(client, f"{HERE}{email.pk}/")
    here = f"{case.number}/conferences"
    assert ways(html) == [f"{here}/1/move/", f"{here}/1/cancel/", f"{here}/book/"]
    assert re.search(r'class="govuk-button"[^>]*href="[^"]*/move/', html)
    assert "it is moved to 11 February 2010, 2pm." in words(html)
    assert other.number not in html
    where = f"{of(conference, 'move')}?message={email.pk}"
    form = page(client, where)
    for said in ('value="11 February 2010, 2pm"', 'value="90"', 'value="Annexe"', "By the email “"):
        assert said in form, said
    typed = {"starts_at": "11/2/2010 14:00", "lasts": "90", "place": "Annexe", "why": "The chair is ill"}
    assert client.post(where, {**typed, "version": version_of(conference)}).status_code == 302
    conference.refresh_from_db()
    assert (conference.starts_at, conference.place) == (LATER, "Annexe")
    told = case.entries.filter(title__contains="moved from").latest("pk").text
    assert told == "The chair is ill\n\nBy an email, received 14 January 2010, midday."
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.detail["message"]) == ("CONFERENCE_MOVED", email.pk)
    assert emails_waiting(pclo) == []
    assert "Moved: initial conference, 11 February 2010, 2pm" in words(page(client, f"{HERE}{email.pk}/"))
    assert "Moved: initial conference" in words(page(client, HERE))
    assert "Moved by an email of 14 January 2010" in words(page(client, of(conference, "conference")))


def test_a_cancelled_calendar_offers_to_cancel_and_leaves_no_invitation_behind(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Vane")])
    invited = with_calendar("ICPC")
    conference = a_conference(case, starts_at=THEN, message=invited)
    email = with_calendar("Off", method="CANCEL")
    html = page(client, f"{HERE}{email.pk}/")
    assert "it is cancelled." in words(html)
    assert re.search(r'class="govuk-button"[^>]*href="[^"]*/cancel/', html)
    where = f"{of(conference, 'cancel')}?message={email.pk}"
    client.post(where, {"why": "The family has moved", "version": version_of(conference)})
    conference.refresh_from_db()
    assert conference.state == ConferenceState.CANCELLED
    # The first email is dealt with too: nobody is to book what Social Services have cancelled.
    assert emails_waiting(pclo) == []
    assert "initial conference, 4 February 2010, 10am" in words(page(client, f"{HERE}{invited.pk}/"))
    # A calendar of a conference that is over leads nowhere.
    assert ways(page(client, f"{HERE}{an_update().pk}/")) == []


def test_words_alone_lead_to_the_family_and_its_minutes(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Vane")])
    over, booked = that_was_held(case), a_conference(case, starts_at=THEN)
    email = an_email(subject="Minutes of the ICPC - Vane", text="They are attached. Held on 13 January 2010 at 10am.")
    here = f"{case.number}/conferences"
    html = page(client, f"{HERE}{email.pk}/")
    assert ways(html) == [f"{here}/2/move/", f"{here}/2/cancel/", f"{here}/1/minutes/", f"{here}/book/"]
    # The words may tell of the old time: it is not filled in.
    (field,) = re.findall(
        r'<input [^>]*name="starts_at"[^>]*>', page(client, f"{of(booked, 'move')}?message={email.pk}")
    )
    assert "value=" not in field
    where = f"{of(over, 'minutes')}?message={email.pk}"
    assert 'value="14 January 2010"' in page(client, where)
    typed = {"received_on": "14/1/2010", "agree": "agree", "version": version_of(over)}
    assert client.post(where, typed).status_code == 302
    over.refresh_from_db()
    assert over.minutes_on == date(2010, 1, 14)
    used = EmailUsed.objects.get()
    assert (used.message, used.use, used.conference, used.used_by) == (email, EmailUse.MINUTES, over, pclo)
    assert emails_waiting(pclo) == []


def test_whoever_books_and_does_not_check_minutes_is_not_led_there(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Vane")])
    that_was_held(case)
    email = an_email(subject="Minutes - Vane")
    assert "These are its minutes" in page(client, f"{HERE}{email.pk}/")
    client.force_login(an_officer(Role.OFFICE_MANAGER))
    told = page(client, f"{HERE}{email.pk}/")
    assert "No minutes yet." in told
    assert "These are its minutes" not in told


def test_an_email_that_leaves_nothing_to_do_says_why(client: Client, pclo: User) -> None:
    email = an_email(subject="New telephone number")
    here = f"{HERE}{email.pk}/"
    assert "Say why there is nothing to do" in client.post(here, {"why": " "}).content.decode()
    assert emails_waiting(pclo) == [email.pk]
    assert client.post(here, {"why": "Only a new number"}, follow=True).redirect_chain[-1][0] == HERE
    assert emails_waiting(pclo) == []
    assert "Nothing to do: Only a new number" in words(page(client, HERE))
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.detail) == ("CONFERENCE_EMAIL_SET_ASIDE", {"why": "Only a new number"})
    assert "dealt with already" in client.post(here, {"why": "Again"}).content.decode()
    # Put back and passed on once more, it waits again.
    move_time_to(NOW + timedelta(hours=1))
    put_back_message(email, reason="It is a new time, too", by=system())
    assert emails_waiting(pclo) == []
    pass_to_conferences(email, by=system())
    assert emails_waiting(pclo) == [email.pk]
    assert f'href="{here}">Deal with it' in page(client, HERE)
    assert "Nothing is to be done</button>" in page(client, here)
    # So does one from which a conference was booked before.
    a_conference(starts_at=THEN, message=email)
    assert emails_waiting(pclo) == []
    assert "Deal with it" not in page(client, HERE)
    assert "Nothing is to be done</button>" not in page(client, here)
    move_time_to(NOW + timedelta(hours=2))
    put_back_message(email, reason="It is about his sister, too", by=system())
    pass_to_conferences(email, by=system())
    assert emails_waiting(pclo) == [email.pk]
    assert client.post(here, {"why": "She is on it"}).status_code == 302
    assert emails_waiting(pclo) == []
    # From the mailbox, whoever handles it passes it on with that.
    direct = a_message(subject="Newsletter")
    client.force_login(an_officer(Role.OFFICE_MANAGER))
    client.post(f"{HERE}{direct.pk}/", {"why": "A newsletter"})
    assert direct.uses.conferences().exists()


def test_a_calendar_that_cannot_be_told_from_another_is_not_kept(pclo: User) -> None:
    """It stands in nobody's way, and leads to no other family."""
    for uid, kept_as in (("x" * 301, ""), ("0400\u200b-\a77@fernley", "0400-77@fernley")):
        conference = a_conference(starts_at=THEN, message=with_calendar("ICPC", UID=uid))
        assert conference.calendar_uid == kept_as
        actions.move_conference(conference, starts_at=LATER, why="Ill", message=an_update(UID=uid), by=pclo)
    kept = a_conference(starts_at=THEN, message=with_calendar("ICPC", UID="x" * 300))
    assert kept.calendar_uid == "x" * 300


def test_of_a_record_that_another_team_has_by_now_it_is_only_said_who(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Vane")])
    invited = with_calendar("ICPC")
    conference = a_conference(case, starts_at=THEN, message=invited)
    email = an_update()
    actions.move_conference(conference, starts_at=LATER, why="Ill", message=email, by=pclo)
    transferred(case)
    for url in (HERE, f"{HERE}{invited.pk}/", f"{HERE}{email.pk}/"):
        told = words(page(client, url))
        assert "a conference, record with Team ENF now" in told, url
        assert case.number not in told
        assert "initial conference" not in told
    assert "11 February 2010" not in words(page(client, HERE))


def test_whose_email_it_is_and_who_may(pclo: User) -> None:
    conference = a_conference(starts_at=THEN, by=pclo)
    acts: list[Callable[[Message], Any]] = [
        lambda email: actions.move_conference(conference, starts_at=LATER, why="New", message=email, by=pclo),
        lambda email: actions.cancel_conference(conference, why="New", message=email, by=pclo),
    ]
    not_passed_on, theirs = a_message(), pass_to_conferences(a_message(a_team("BRN")), by=system())
    for act in acts:
        for email in (not_passed_on, theirs):
            with pytest.raises(NotAllowed):
                act(email)
    with pytest.raises(ValidationError, match="came to another team"):
        actions.cancel_conference(conference, why="New", message=theirs, by=system())
    for who in (an_officer(Role.INVESTIGATOR), an_officer(Role.PCLO, a_team("BRN"))):
        with pytest.raises(NotAllowed):
            actions.set_aside_email(an_email(), why="New", by=who)
    assert not EmailUsed.objects.exists()


def test_a_program_says_by_which_email(pclo: User) -> None:
    program = Program(pclo)

    def sent(name: str, conference: Conference, **said: Any) -> Any:
        return program.post(name, conference.pk, **said, version=version_of(conference))

    case = a_case()
    conference, email = a_conference(case, starts_at=THEN), an_update(UID="other@fernley")
    moved = sent("move_conference", conference, starts_at=LATER.isoformat(), why="Ill", message=email.pk)
    assert moved.status_code == 200
    conference.refresh_from_db()
    # What was booked by hand is known by its calendar from now on.
    assert conference.calendar_uid == "other@fernley"
    said: dict[str, Any]
    for name, it, said in (
        ("cancel_conference", conference, {"why": "Off"}),
        ("check_minutes", that_was_held(case), {"received_on": "2010-01-14", "agree": True}),
    ):
        assert sent(name, it, **said, message=999_999).status_code == 400
        assert sent(name, it, **said, message=an_email().pk).status_code == 200
    last = an_email()
    assert program.post("set_aside_email", last.pk, why="A circular").status_code == 200
    assert program.post("set_aside_email", last.pk, why="A circular").status_code == 409
    assert list(EmailUsed.objects.order_by("pk").values_list("use", flat=True)) == list(EmailUse.values)
    assert emails_waiting(pclo) == []
