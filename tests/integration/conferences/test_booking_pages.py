"""The record's tab of conferences, one conference, and the forms with which it is booked, moved and prepared."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases.enums import Part
from cases.models import Case, CasePerson
from conferences.actions import cancel_conference, change_conference, decide_attendance
from conferences.enums import Attending, ConferenceKind, ConferenceState
from conferences.models import Conference
from conferences.queries import children_at
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences
from intake.models import Message
from people.births import Birth
from referrals.actions import record_strategy
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import WEEK, a_conference, a_review, children_on, decided, held, on_a_plan
from tests.factories.deciding import a_closed_case, as_discussed
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
THEN = datetime(2010, 4, 6, 10, 0, tzinfo=LONDON)
INVITED = """Dear colleague,

The conference is on Tuesday 6 April 2010 at 10am to 11.30am, at Fernley Civic Centre, room 4. Chair: Ms G Teasdale.
"""


@pytest.fixture
def pclo(client: Client) -> User:
    """Who is signed in: the conference officer of Haringey."""
    return signed_in(client, Role.PCLO)


def signed_in(client: Client, role: Role, **other: Any) -> User:
    move_time_to(NOW)
    user = an_officer(role, **other)
    client.force_login(user)
    return user


def system() -> User:
    return User.objects.system()


def page_of(client: Client, name: str, *args: Any, **asked: Any) -> str:
    answer = client.get(reverse(f"conferences:{name}", args=args), asked)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def send(client: Client, address: str, **typed: Any) -> str:
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def value(html: str, name: str) -> str:
    """What stands in a field of a form."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*?value="([^"]*)"', html)
    found = found or re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?([^<]*)<', html)
    return found[1] if found else ""


def chosen(html: str, name: str) -> list[str]:
    """The radios, ticks or options of a field that are chosen."""
    ticked = re.findall(rf'<input[^>]*name="{name}"[^>]*value="(\w*)"[^>]*checked', html)
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.S)
    return ticked + (re.findall(r'value="(\w*)" selected', select[0]) if select else [])


def as_typed(case: Case, **other: Any) -> dict[str, Any]:
    """The form as somebody fills it."""
    return {
        "kind": "initial",
        "starts_at": "6/4/2010 10:00",
        "lasts": "120",
        "place": "Fernley Civic Centre, room 4",
        "chair": "Ms G Teasdale",
        "agencies": "School\r\nGP",
        "children": [child.pk for child in children_on(case)],
        "pclo": "",
        "initiated_on": "",
        "discussed_on": "",
        **other,
    }


def an_invitation(subject: str = "Initial Child Protection Conference", text: str = INVITED, **said: Any) -> Message:
    return pass_to_conferences(a_message(subject=subject, text=text, **said), by=system())


# --- the tab and the page ------------------------------------------------------------------------


def test_the_tab_begins_with_what_is_booked_and_what_is_missing(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    empty = page_of(client, "of_record", case.number)
    assert "No conference is booked. Book one as soon as its date is known" in empty
    assert 'aria-current="page" href="/cases/' in empty
    later = a_review(case, starts_at=THEN + 8 * WEEK)
    first = a_conference(case, starts_at=THEN, pclo=pclo)
    over = a_conference(case, kind=ConferenceKind.TRANSFER_IN, starts_at=THEN + WEEK)
    cancel_conference(over, why="Withdrawn by them", by=system())
    move_time_to(datetime(2010, 3, 31, 9, 0, tzinfo=LONDON))
    html = page_of(client, "of_record", case.number)
    told = words(html)
    places = [html.index(f'id="conference-{each.pk}"') for each in (first, later)]
    assert places == sorted(places)
    assert places[1] < html.index('id="plans-h"') < html.index("Withdrawn by them")
    assert f"Conference officer: {pclo}." in told
    assert "Missing. 29 March 2010 2 days late" in told
    assert "Missing. 31 March 2010 due today" in told
    assert "rule CRAM-BEFORE-INITIAL" in told
    assert reverse("cram:research", args=[case.number]) in html
    assert f"/conferences/{first.number}/report/" in html
    # Whoever may not brief is not led there, nor may a PCLO decide.
    assert f"/conferences/{first.number}/brief/" not in html
    assert "Decide whether police attend" not in told
    assert f"/conferences/{first.number}/move/" in html
    signed_in(client, Role.INSPECTOR)
    html = page_of(client, "of_record", case.number)
    assert f"/conferences/{first.number}/brief/" in html
    assert f"/conferences/{later.number}/attendance/" in html
    signed_in(client, Role.REVIEWER)
    html = page_of(client, "of_record", case.number)
    assert "Book a conference" not in html
    assert f"/conferences/{first.number}/move/" not in html


def test_what_was_held_stands_with_what_was_decided_or_what_is_missing(client: Client, pclo: User) -> None:
    move_time_to(NOW)
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    first = on_a_plan(case, starts_at=NOW + timedelta(hours=2))
    html = page_of(client, "of_record", case.number)
    assert "Rhys Calloway: a child protection plan begins (neglect)" in html
    second = a_review(case, starts_at=NOW + timedelta(hours=9))
    move_time_to(second.starts_at)
    told = words(page_of(client, "of_record", case.number))
    assert "It has begun, and nobody has recorded yet who attended." in told
    assert "Record who attended" in told
    held(second, missed="late_notice", missed_why="It came on the day")
    over = words(page_of(client, "conference", case.number, second.number))
    assert over.count("Not done before the conference") == 5
    assert "steps are missing" not in over
    html = page_of(client, "of_record", case.number)
    assert "The invitation came too late" in words(html)
    assert f"/conferences/{second.number}/outcome/" in html
    assert f"/conferences/{first.number}/outcome/" not in html


def test_conferences_about_its_children_on_other_records_are_shown_as_far_as_one_may_open_them(
    client: Client, pclo: User
) -> None:
    case, other, far = a_case(), a_case(), a_case(a_team("BRN", "Barnet CAIT"))
    child = children_on(case)[0]
    for each in (other, far):
        CasePerson.objects.create(case=each, person=child, part=Part.CHILD, place=9)
    there = a_conference(other, starts_at=THEN, place="Fernley")
    hidden = a_conference(far, starts_at=THEN, place="Elsewhere Hall")
    html = page_of(client, "of_record", case.number)
    assert f"Prepared on {other.number}." in html
    assert f"/cases/{other.number}/conferences/{there.number}/" in html
    assert f"/cases/{case.number}/conferences/{there.number}/" not in html
    assert "Barnet CAIT also has a conference about a child of this record" in html
    assert "Elsewhere Hall" not in html
    assert far.number not in html
    cancel_conference(hidden, why="Withdrawn", by=system())
    assert "Barnet CAIT" not in page_of(client, "of_record", case.number)


def test_a_conference_from_its_booking_on(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway", birth=Birth.on(date(2003, 6, 6)))])
    message = an_invitation()
    conference = a_conference(
        case,
        starts_at=THEN,
        lasts=90,
        agencies="School\nGP",
        initiated_on=date(2010, 3, 8),
        message=message,
        by=pclo,
    )
    told = words(page_of(client, "conference", case.number, conference.number))
    for said in (
        "Initial conference, Tuesday 6 April 2010",
        "10am to 11:30am",
        "Rhys Calloway, 6",
        "School GP",
    ):
        assert said in told, said
    assert "After its time: it was to be held by Monday 29 March 2010" in told
    assert "15 working days from Mon 8 Mar 2010" in told
    assert "Before the conference: 5 steps are missing" in told
    assert "from the invitation by email" in told
    assert "Police attend every initial conference" in told
    Message.objects.filter(pk=message.pk).update(protected=True)
    assert "an email that you cannot read" in page_of(client, "conference", case.number, conference.number)
    without = a_conference(case, kind=ConferenceKind.PRE_BIRTH, starts_at=THEN)
    assert "No strategy discussion is entered" in page_of(client, "conference", case.number, without.number)
    review = a_review(case, starts_at=THEN + 8 * WEEK, pclo=pclo)
    assert "15 working days" not in page_of(client, "conference", case.number, review.number)
    clash = a_review(a_case(), starts_at=THEN + 8 * WEEK, pclo=pclo)
    html = page_of(client, "conference", case.number, review.number)
    assert f"{pclo} also has a review conference on {clash.case.number}" in html
    decide_attendance(review, attending=Attending.REPORT_ONLY, why="The school goes", by=system())
    told = words(page_of(client, "conference", case.number, review.number))
    assert "A report is sent instead. The school goes decided by" in told
    assert "Not needed: a report is sent instead" in told
    cancel_conference(review, why="Withdrawn", by=system())
    html = page_of(client, "conference", case.number, review.number)
    assert "This conference was cancelled on" in html
    assert "Move to another time" not in html


def test_no_conference_is_found_on_another_record_or_by_another_team(client: Client, pclo: User) -> None:
    conference = a_conference()
    other = a_case()
    names = ("conference", "change", "move", "cancel")
    for name in names:
        assert client.get(reverse(f"conferences:{name}", args=[other.number, conference.number])).status_code == 404
    client.force_login(an_officer(Role.INSPECTOR, a_team("BRN")))
    for name in (*names[1:], "decide_attendance", "brief"):
        address = reverse(f"conferences:{name}", args=[conference.case.number, conference.number])
        assert client.get(address).status_code == client.post(address, {}).status_code == 404
    for name in ("of_record", "book"):
        assert client.get(reverse(f"conferences:{name}", args=[other.number])).status_code == 404


def test_the_tab_asks_as_often_however_many_conferences_there_are(client: Client, pclo: User) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(client, "of_record", case.number)
        return len(asked)

    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    decided(held(a_conference(case, starts_at=NOW - timedelta(hours=30)), attended_by=pclo))
    a_review(case, pclo=pclo)
    ask()
    few = ask()
    a_review(case, starts_at=THEN, pclo=pclo)
    held(a_review(case, starts_at=NOW - WEEK), attended_by=pclo)
    assert ask() == few
    assert few <= 45


# --- to book -------------------------------------------------------------------------------------


def test_a_conference_is_booked_by_hand(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    here = reverse("conferences:book", args=[case.number])
    form = page_of(client, "book", case.number)
    assert chosen(form, "children") == [str(child.pk) for child in children_on(case)]
    assert chosen(form, "pclo") == [str(pclo.pk)]
    assert value(form, "lasts") == "120"
    assert "Book it all the same" not in form
    told = send(client, here, **as_typed(case, pclo=pclo.pk, initiated_on="8/3/2010"))
    assert "Initial conference on 6 April 2010, 10am is booked, with its five steps." in told
    booked = Conference.objects.get()
    assert (booked.starts_at, booked.agencies, booked.pclo, booked.booked_by) == (THEN, "School\nGP", pclo, pclo)
    assert (booked.initiated_on, booked.discussed_on) == (date(2010, 3, 8), None)
    again = send(client, here, **as_typed(case))
    assert "booked this conference on 10 March 2010, 10am already" in again
    assert Conference.objects.count() == 1


def test_what_was_typed_stays_whatever_is_wrong(client: Client, pclo: User) -> None:
    case = a_case()
    here = reverse("conferences:book", args=[case.number])
    wrong = {
        "kind": ("", "Select the type of conference"),
        "starts_at": ("tomorrow", "Add the time, like 15:20 or 3:20pm"),
        "lasts": ("5", "must be 15 or more"),
        "place": ("", "Enter where it is held"),
        "chair": ("", "Enter who chairs it"),
        "children": ([], "Select the children it is about"),
        "pclo": ("999999", "from the list"),
        "initiated_on": ("31/2/2010", "There is no 31 February 2010"),
        "discussed_on": ("soon", "Enter the date like"),
    }
    typed = as_typed(case, agencies="What I typed and must not lose")
    html = send(client, here, **{**typed, **{name: said for name, (said, _) in wrong.items()}})
    for name, (_, sentence) in wrong.items():
        assert sentence in html, name
    assert "What I typed and must not lose" in html
    assert value(html, "starts_at") == "tomorrow"
    # What only the action knows stands beside its field too.
    html = send(client, here, **{**typed, "starts_at": "6/4/2014 10:00"})
    assert "This is more than two years away. Check the year" in html
    html = send(client, here, **{**typed, "kind": "review", "initiated_on": "8/3/2010"})
    assert "Only an initial conference follows a strategy discussion" in html
    assert not Conference.objects.exists()


def test_a_clash_of_the_officer_is_shown_before_it_is_saved(client: Client, pclo: User) -> None:
    other = a_conference(starts_at=THEN + timedelta(hours=2), pclo=pclo)
    case = a_case()
    here = reverse("conferences:book", args=[case.number])
    html = send(client, here, **as_typed(case, pclo=pclo.pk))
    assert (
        f"{pclo} is booked already: an initial conference on {other.case.number}, 6 April 2010, midday to 2pm" in html
    )
    assert "Book it all the same" in html
    assert Conference.objects.count() == 1
    send(client, here, **as_typed(case, pclo=pclo.pk, anyway="on"))
    booked = Conference.objects.get(case=case)
    move = reverse("conferences:move", args=[case.number, booked.number])
    typed = {"lasts": "60", "place": "Annexe", "why": "No room", "version": version_of(booked)}
    html = send(client, move, **typed, starts_at="6/4/2010 11:30")
    assert f"{pclo} is booked already: an initial conference on {other.case.number}" in html
    assert "Move it all the same" in html
    assert value(html, "place") == "Annexe"
    told = send(client, move, **typed, starts_at="6/4/2010 10:20")
    assert "It is moved to 6 April 2010, 10:20am" in told


def test_the_discussions_of_the_record_are_offered_and_left_out_of_a_review(client: Client, pclo: User) -> None:
    case = a_case(received_at=NOW - timedelta(hours=40))
    for hours in (30, 3):
        record_strategy(case, **as_discussed(held_at=NOW - timedelta(hours=hours)), by=system())
    form = page_of(client, "book", case.number)
    offered = {name: value(form, name) for name in ("initiated_on", "discussed_on")}
    assert offered == {"initiated_on": "9 March 2010", "discussed_on": "10 March 2010"}
    send(client, reverse("conferences:book", args=[case.number]), **as_typed(case, kind="review", **offered))
    booked = Conference.objects.get()
    assert (booked.kind, booked.initiated_on, booked.discussed_on) == (ConferenceKind.REVIEW, None, None)


def test_the_form_begins_with_what_the_invitation_says(client: Client, pclo: User) -> None:
    case, message = a_case(), an_invitation("ICPC, Calloway")
    form = page_of(client, "book", case.number, message=message.pk)
    assert chosen(form, "kind") == ["initial"]
    assert value(form, "starts_at") == "6 April 2010, 10am"
    assert (value(form, "lasts"), value(form, "chair")) == ("90", "Ms G Teasdale")
    assert value(form, "place") == "Fernley Civic Centre, room 4"
    assert "Not found in it: who else is invited." in words(form)
    look = AccessLog.objects.get(object_type="intake.message", object_id=message.pk)
    assert look.detail == {"records": [case.pk]}
    here = f"{reverse('conferences:book', args=[case.number])}?message={message.pk}"
    # Everything can be put right.
    send(client, here, **as_typed(case, starts_at="7/4/2010 14:00"))
    booked = Conference.objects.get()
    assert (booked.message, booked.starts_at) == (message, datetime(2010, 4, 7, 14, 0, tzinfo=LONDON))
    html = page_of(client, "book", case.number, message=message.pk)
    assert "This cannot be done." in html
    assert "booked a conference from this email" in html
    theirs = pass_to_conferences(a_message(a_team("BRN")), by=system())
    for pk in (theirs.pk, "nonsense", 10**30, "²"):
        assert client.get(reverse("conferences:book", args=[case.number]), {"message": pk}).status_code == 404


def test_an_invitation_that_says_hardly_anything_leaves_the_form_empty(client: Client, pclo: User) -> None:
    email = EmailMessage(policy=SMTP)
    email["From"], email["Subject"] = "cp@fernley.example", "Hello"
    email.set_content("See the calendar. On 6 April 2010.")
    email.add_attachment("BEGIN:VCALENDAR\r\nnonsense", subtype="calendar", filename="invite.ics")
    message = pass_to_conferences(a_message(raw=email.as_bytes()), by=system())
    form = page_of(client, "book", a_case().number, message=message.pk)
    assert value(form, "starts_at") == "Tuesday 6 April 2010"
    assert chosen(form, "kind") == []
    assert "1 attachment came" in form


def test_on_a_closed_record_nothing_is_booked(client: Client, pclo: User) -> None:
    case = a_closed_case()
    assert "This cannot be done." in page_of(client, "book", case.number)
    told = page_of(client, "of_record", case.number)
    assert "No conference is booked." in told
    assert "Book a conference" not in told


# --- to change, move, cancel, decide, brief ------------------------------------------------------


def test_a_booked_conference_is_changed_moved_and_cancelled_on_pages_of_their_own(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    conference = a_conference(case, starts_at=THEN, pclo=pclo, agencies="School")
    args = [case.number, conference.number]
    form = page_of(client, "change", *args)
    assert (value(form, "agencies"), value(form, "place")) == ("School", conference.place)
    assert 'name="initiated_on"' in form
    tia = children_on(case)[1]
    typed = as_typed(case, children=[tia.pk], pclo=pclo.pk, place="Annexe", version=version_of(conference))
    assert "The conference is changed." in send(client, reverse("conferences:change", args=args), **typed)
    assert [child.pk for child in children_at(conference)] == [tia.pk]
    conference.refresh_from_db()
    form = page_of(client, "move", *args)
    assert value(form, "starts_at") == "6 April 2010, 10am"
    typed = {"starts_at": "13/4/2010 14:00", "lasts": "60", "place": "Annexe", "why": ""}
    typed |= {"version": version_of(conference)}
    assert "Say why it is moved" in send(client, reverse("conferences:move", args=args), **typed)
    told = send(client, reverse("conferences:move", args=args), **{**typed, "why": "No room"})
    assert "It is moved to 13 April 2010, 2pm, and its dates with it." in told
    conference.refresh_from_db()
    typed = {"why": "Withdrawn", "version": version_of(conference)}
    told = send(client, reverse("conferences:cancel", args=args), **typed)
    assert "The initial conference on 13 April 2010, 2pm is cancelled." in told
    conference.refresh_from_db()
    assert (conference.state, conference.cancelled_why) == (ConferenceState.CANCELLED, "Withdrawn")
    for name in ("change", "move", "cancel"):
        html = page_of(client, name, *args)
        assert "This cannot be done." in html
        assert "This conference was cancelled on" in html


def test_of_two_at_once_the_second_loses_nothing_and_can_send_again(client: Client, pclo: User) -> None:
    conference = a_review(starts_at=THEN, pclo=pclo)
    case, args = conference.case, [conference.case.number, conference.number]
    version = version_of(conference)
    forms = {
        "change": as_typed(case, place="What I typed", pclo=pclo.pk),
        "move": {"starts_at": "13/4/2010 14:00", "lasts": "60", "place": "Annexe", "why": "What I typed"},
        "cancel": {"why": "What I typed"},
    }
    frayne = an_officer(Role.DESK_SERGEANT, name="Frayne")
    change_conference(conference, chair="Mr P Okafor", pclo=pclo, version=version, by=frayne)
    for name, typed in forms.items():
        html = send(client, reverse(f"conferences:{name}", args=args), **typed, version=version)
        assert "Frayne changed this while you had it open" in html, name
        assert "What I typed" in html
        now = int(value(html, "version"))
        assert now > version
    signed_in(client, Role.SUPERVISOR)
    sergeants = {
        "decide_attendance": {"attending": "going", "why": "What I typed"},
        "brief": {"words": "What I typed"},
    }
    for name, typed in sergeants.items():
        html = send(client, reverse(f"conferences:{name}", args=args), **typed, version=version)
        assert "while you had it open" in html, name
        assert "What I typed" in html
        send(client, reverse(f"conferences:{name}", args=args), **typed, version=value(html, "version"))
    conference.refresh_from_db()
    assert (conference.attending, conference.briefing) == (Attending.GOING, "What I typed")


def test_what_a_supervisor_decides_and_briefs_says_what_is_still_missing(client: Client) -> None:
    signed_in(client, Role.SUPERVISOR)
    initial, review = a_conference(), a_review()
    html = page_of(client, "decide_attendance", initial.case.number, initial.number)
    assert "This cannot be done." in html
    assert "Police attend every initial conference" in html
    args = [review.case.number, review.number]
    told = words(page_of(client, "brief", *args))
    assert "Police report: not started." in told
    here = reverse("conferences:decide_attendance", args=args)
    html = send(client, here, attending="", why="", version=version_of(review))
    assert "Select whether police attend" in html
    assert "Say why" in html
    told = send(client, here, attending="report_only", why="The school goes", version=version_of(review))
    assert "It is decided: a report is sent instead." in told
    html = page_of(client, "brief", *args)
    assert "nobody is briefed" in html
    assert chosen(page_of(client, "decide_attendance", *args), "attending") == ["report_only"]
    for name in ("decide_attendance", "brief"):
        client.force_login(an_officer(Role.PCLO))
        assert client.get(reverse(f"conferences:{name}", args=args)).status_code == 403
