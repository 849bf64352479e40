"""Booking a conference, changing, moving and cancelling it, whether police attend, and the briefing: the actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEvent
from cases.enums import Part
from cases.models import CasePerson
from conferences import actions
from conferences.clashes import TRAVEL, clash_in_words, clashes, clashing
from conferences.enums import Attending, ConferenceKind, ConferenceState, RecipientKind
from conferences.models import Conference
from conferences.queries import children_at
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings_of
from diary.models import Duty, DutyState
from intake.actions import pass_to_conferences
from intake.enums import State, UseKind
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.conferences import WEEK, a_conference, a_review, as_booked, children_on, held
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
THEN = datetime(2010, 4, 6, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def refused(act: Any, *args: Any, **said: Any) -> dict[str, list[str]]:
    """What an action says when it refuses, by field; and nothing of it is there."""
    before = AuditEvent.objects.count(), Conference.objects.count()
    with pytest.raises(ValidationError) as wrong:
        act(*args, by=system(), **said)
    assert before == (AuditEvent.objects.count(), Conference.objects.count())
    found = wrong.value
    return found.message_dict if hasattr(found, "error_dict") else {"": found.messages}


def test_what_was_booked_is_there_as_it_was_said_and_in_the_chronology() -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    officer, by = an_officer(Role.PCLO), an_officer(Role.OFFICE_MANAGER)
    booked = actions.book_conference(
        case,
        **as_booked(case, starts_at=THEN, lasts=90, agencies="School\nGP", pclo=officer),
        initiated_on=date(2010, 3, 8),
        discussed_on=date(2010, 3, 9),
        by=by,
    )
    booked.refresh_from_db()
    assert (booked.number, booked.state, booked.attending) == (1, ConferenceState.BOOKED, Attending.GOING)
    assert (booked.starts_at, booked.lasts, booked.pclo, booked.booked_by) == (THEN, 90, officer, by)
    assert [str(child) for child in children_at(booked)] == ["Rhys Calloway", "Tia Calloway"]
    assert [(each.kind, each.name) for each in booked.recipients.all()] == [(RecipientKind.CHAIR, "Ms G Teasdale")]
    entry = case.entries.latest("pk")
    assert entry.title == "Initial conference booked for 6 April 2010, 10am"
    assert "Rhys Calloway, Tia Calloway" in entry.text
    assert a_conference(case, kind=ConferenceKind.REVIEW).number == 2
    assert findings_of(case) == []


def test_what_cannot_be_booked_is_refused_beside_its_field() -> None:
    case, elsewhere = a_case(), a_case()
    said = as_booked(case, starts_at=THEN)
    cousin, strangers = children_on(elsewhere), an_officer(Role.PCLO, a_team("BRN"))
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("starts_at", {"starts_at": NOW + 120 * WEEK}),
        ("starts_at", {"starts_at": NOW - 60 * WEEK}),
        ("children", {"children": []}),
        ("children", {"children": [*said["children"], *cousin]}),
        ("pclo", {"pclo": strangers}),
        ("pclo", {"pclo": an_officer(Role.INVESTIGATOR)}),
        ("initiated_on", {"kind": ConferenceKind.REVIEW, "initiated_on": NOW.date()}),
        ("initiated_on", {"initiated_on": date(2010, 4, 7)}),
        ("initiated_on", {"discussed_on": NOW.date()}),
        ("discussed_on", {"initiated_on": date(2010, 3, 9), "discussed_on": date(2010, 3, 8)}),
        ("discussed_on", {"initiated_on": date(2010, 3, 9), "discussed_on": date(2010, 4, 7)}),
        ("lasts", {"lasts": 10_000_000}),
        ("place", {"place": "Room\n2"}),
        ("place", {"place": ""}),
        ("chair", {"chair": "x" * 201}),
        ("kind", {"kind": "party"}),
    ]
    for field, other in wrong:
        assert set(refused(actions.book_conference, case, **{**said, **other})) == {field}, other
    assert not Duty.objects.filter(case=case, kind__startswith="conference").exists()
    # Whoever was taken off the record is no child of it any more; another child there is.
    part = CasePerson.objects.get(case=case)
    CasePerson.objects.filter(pk=part.pk).update(part=Part.OTHER_CHILD)
    assert a_conference(case).state == ConferenceState.BOOKED
    CasePerson.objects.filter(pk=part.pk).update(taken_off_at=NOW)
    assert "is not a child on this record" in refused(actions.book_conference, case, **said)["children"][0]


@pytest.mark.parametrize("kind", [ConferenceKind.PRE_BIRTH, ConferenceKind.TRANSFER_IN])
def test_police_attend_every_first_conference_here(kind: ConferenceKind) -> None:
    conference = a_conference(kind=kind)
    assert conference.attending == Attending.GOING
    assert not Duty.objects.filter(case=conference.case, kind="conference_attending").exists()
    said = {"attending": Attending.REPORT_ONLY, "why": "Nobody is free"}
    assert "Police attend every initial conference" in refused(actions.decide_attendance, conference, **said)[""][0]


def test_a_form_that_is_sent_twice_books_one_conference() -> None:
    case, by = a_case(), an_officer(Role.PCLO)
    said = as_booked(case, starts_at=THEN)
    actions.book_conference(case, **said, by=by)
    assert f"{by} booked this conference on 10 March 2010" in refused(actions.book_conference, case, **said)[""][0]


def test_an_invitation_is_passed_on_with_what_is_booked_from_it_and_books_once_on_a_record() -> None:
    case, manager, officer = a_case(), an_officer(Role.OFFICE_MANAGER), an_officer(Role.PCLO)
    message = a_message()
    with pytest.raises(NotAllowed):  # it was not passed to conferences
        a_conference(case, message=message, by=officer)
    a_conference(case, message=message, by=manager)
    message.refresh_from_db()
    assert message.state == State.DEALT_WITH
    assert [use.kind for use in message.uses.all()] == [UseKind.CONFERENCE]
    said = as_booked(case, starts_at=THEN, message=message)
    assert f"{manager} booked a conference from this email" in refused(actions.book_conference, case, **said)[""][0]
    # It may be about another family too; and again where that conference was cancelled.
    assert a_conference(message=message, by=officer).message == message
    assert message.uses.count() == 1
    actions.cancel_conference(Conference.objects.get(case=case), why="Withdrawn", by=system())
    assert a_conference(case, message=message, starts_at=THEN, by=officer).number == 2
    theirs = pass_to_conferences(a_message(a_team("BRN")), by=system())
    said = as_booked(case, starts_at=THEN + WEEK, message=theirs)
    assert "came to another team" in refused(actions.book_conference, case, **said)[""][0]
    with pytest.raises(NotAllowed):
        a_conference(case, starts_at=THEN + WEEK, message=theirs, by=officer)


def test_at_short_notice_everything_is_due_at_once() -> None:
    conference = a_conference(starts_at=NOW + timedelta(hours=26))
    duties = Duty.objects.filter(case=conference.case, subject=conference.pk, kind__startswith="conference_")
    due = dict(duties.values_list("kind", "due_on"))
    assert due["conference_research"] == due["conference_cram"] == due["conference_report"] == NOW.date()
    assert "short notice" in duties.get(kind="conference_cram").reckoned.why.sentence()


def test_what_is_changed_is_in_the_chronology_and_its_duties_follow_the_officer() -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    first, second = an_officer(Role.PCLO), an_officer(Role.PCLO)
    conference = a_conference(case, pclo=first)
    _, tia = children_on(case)
    changed = actions.change_conference(
        conference, children=[tia], place="Annexe", chair="Mr P Okafor", pclo=second, by=system()
    )
    assert [child.pk for child in children_at(changed)] == [tia.pk]
    assert [each.name for each in changed.recipients.filter(taken_off_at=None)] == ["Mr P Okafor"]
    assert Duty.objects.get(kind="conference_report").owner == second
    words = case.entries.latest("pk").text
    for said in ("Place: Annexe", "Chair: Mr P Okafor", f"Conference officer: {second}", "Children: Tia Calloway"):
        assert said in words, said
    assert refused(actions.change_conference, changed, pclo=second) == {
        "": ["Nothing has changed. Change something, or go back to the conference."]
    }
    assert set(refused(actions.change_conference, changed, children=[], pclo=second)) == {"children"}
    elsewhere = children_on(a_case())
    assert set(refused(actions.change_conference, changed, children=elsewhere, pclo=second)) == {"children"}
    assert findings_of(case) == []


def test_of_two_at_once_the_second_is_told_what_the_first_did() -> None:
    conference = a_review()
    version, by = version_of(conference), an_officer(Role.DESK_SERGEANT, name="Frayne")
    actions.move_conference(conference, starts_at=THEN + WEEK, why="No room", version=version, by=by)
    later = {"version": version, "by": system()}
    acts: list[tuple[Any, dict[str, Any]]] = [
        (actions.change_conference, {"place": "Annexe"}),
        (actions.move_conference, {"starts_at": THEN, "why": "No room"}),
        (actions.cancel_conference, {"why": "Withdrawn"}),
        (actions.decide_attendance, {"attending": Attending.GOING, "why": "He is home"}),
        (actions.brief_officer, {"words": "Ask who is there"}),
    ]
    for act, said in acts:
        with pytest.raises(ChangedMeanwhile, match="Frayne"):
            act(conference, **said, **later)
    actions.brief_officer(conference, words="Ask who is there", by=by)
    with pytest.raises(ChangedMeanwhile, match="Frayne gave the briefing"):
        actions.brief_officer(conference, words="Ask who is there", by=system())
    actions.cancel_conference(conference, why="Withdrawn by Social Services", by=by)
    with pytest.raises(ChangedMeanwhile, match="Withdrawn by Social Services"):
        actions.cancel_conference(conference, why="Again", by=system())
    assert Conference.objects.get(pk=conference.pk).cancelled_why == "Withdrawn by Social Services"


def test_what_is_moved_cancelled_decided_or_briefed_says_why_or_what() -> None:
    conference = a_review()
    wrong: list[tuple[Any, dict[str, Any], str]] = [
        (actions.move_conference, {"starts_at": THEN, "why": " "}, "why"),
        (actions.move_conference, {"starts_at": conference.starts_at, "why": "No room"}, "starts_at"),
        (actions.move_conference, {"starts_at": NOW + 120 * WEEK, "why": "No room"}, "starts_at"),
        (actions.move_conference, {"starts_at": THEN, "why": "No room", "place": ""}, "place"),
        (actions.cancel_conference, {"why": ""}, "why"),
        (actions.cancel_conference, {"why": "x" * 301}, "cancelled_why"),
        (actions.decide_attendance, {"attending": Attending.UNDECIDED, "why": "?"}, "attending"),
        (actions.decide_attendance, {"attending": Attending.REPORT_ONLY, "why": " "}, "why"),
        (actions.brief_officer, {"words": " "}, "words"),
    ]
    for act, said, field in wrong:
        assert set(refused(act, conference, **said)) == {field}, said
    actions.decide_attendance(conference, attending=Attending.REPORT_ONLY, why="The school goes", by=system())
    assert "nobody is briefed" in refused(actions.brief_officer, conference, words="Ask")[""][0]
    over = held(a_conference(starts_at=NOW + timedelta(hours=1)))
    assert "who attended" in refused(actions.move_conference, over, starts_at=THEN, why="No room")[""][0]
    assert not Duty.objects.filter(case=over.case, kind="conference_research", state=DutyState.OPEN).exists()


@pytest.mark.parametrize(
    ("role", "books", "supervises"),
    [
        (Role.PCLO, True, False),
        (Role.OFFICE_MANAGER, True, False),
        (Role.SUPERVISOR, True, True),
        (Role.INVESTIGATOR, False, False),
        (Role.RESEARCHER, False, False),
        (Role.REVIEWER, False, False),
    ],
)
def test_who_books_and_who_decides_and_briefs(role: Role, books: bool, supervises: bool) -> None:
    conference, by = a_review(), an_officer(role)
    outsider = an_officer(role, a_team("BRN"), name="Outsider") if role != Role.REVIEWER else by
    acts: list[tuple[bool, Any, dict[str, Any]]] = [
        (books, actions.change_conference, {"place": "Annexe"}),
        (supervises, actions.decide_attendance, {"attending": Attending.GOING, "why": "He is home"}),
    ]
    for is_allowed, act, said in acts:
        with pytest.raises(NotAllowed):
            act(conference, **said, by=outsider)
        if is_allowed:
            act(conference, **said, by=by)
        else:
            with pytest.raises(NotAllowed):
                act(conference, **said, by=by)


def test_a_clash_leaves_half_an_hour_to_get_there_and_tells_an_outsider_no_more_than_the_team() -> None:
    officer, other = an_officer(Role.PCLO), an_officer(Role.PCLO)
    first = a_conference(starts_at=THEN, lasts=60, pclo=officer)
    second = a_conference(starts_at=THEN + timedelta(minutes=89), lasts=60, pclo=officer)
    at = THEN + timedelta(minutes=60)
    assert clashes(officer, at, 30) == [first, second]
    assert clashes(officer, at + timedelta(minutes=30), 15) == [second]
    assert clashes(officer, THEN - TRAVEL - timedelta(minutes=60), 60) == []
    assert clashes(officer, THEN - timedelta(minutes=600), 600, besides=first) == []
    assert clashes(other, at, 30) == clashes(None, at, 30) == []
    third = a_conference(starts_at=at, pclo=other)
    assert clashing([first, second, third]) == {first.pk: [second], second.pk: [first]}
    assert first.case.number in clash_in_words(first, user=officer)
    hidden = clash_in_words(first, user=an_officer(Role.PCLO, a_team("BRN")))
    assert hidden == "a conference of Team HGY, 6 April 2010, 10am to 11am"
    actions.cancel_conference(second, why="Withdrawn", by=system())
    assert clashes(officer, at, 30) == [first]
    assert clock.now() == NOW
