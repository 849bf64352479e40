"""The pages on which a referral is decided: what they show, and refuse beside its field; nothing typed is lost."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from cases.actions import assign_case
from cases.models import Case
from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Duty, DutyState, Mail
from pages.words import day, moment
from referrals.actions import judge_update
from referrals.enums import DecisionKind, Held, Judgement, Progress
from referrals.models import Answer, Decision, Referral, Strategy
from team.enums import Role
from team.models import User
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_decision,
    a_strategy,
    a_triaged_case,
    an_answer,
    an_approved_address,
    an_open_update,
    judged,
)
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TYPED = "What I typed and must not lose"
PAGES = ["record_strategy", "decide", "social_services", "record_update", "judge"]


@pytest.fixture(scope="module")
def built(shared: Shared) -> tuple[User, Case]:
    return shared(lambda: (an_officer(Role.DESK_SERGEANT, name="Nandra"), of_yesterday()))


@pytest.fixture
def sergeant(client: Client, built: tuple[User, Case]) -> User:
    """Who is signed in, in Haringey."""
    user, _ = own(built)
    client.force_login(user)
    return user


@pytest.fixture
def case(built: tuple[User, Case]) -> Case:
    """Triaged, and received long enough ago for every typed time."""
    _, case = own(built)
    return case


def signed_in(client: Client, role: Role, **other: Any) -> User:
    user = an_officer(role, **other)
    client.force_login(user)
    return user


def of_yesterday(**other: Any) -> Case:
    """A triaged record whose referral was received long enough ago for every typed time."""
    return a_triaged_case(received_at=clock.now() - DAY, **other)


def as_typed(when: datetime) -> str:
    return f"{when.astimezone(LONDON):%d/%m/%Y %H:%M}"


def page_of(client: Client, name: str, case: Case, **asked: Any) -> str:
    answer = client.get(reverse(f"referrals:{name}", args=[case.number]), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client: Client, name: str, case: Case, **typed: Any) -> str:
    answer = client.post(reverse(f"referrals:{name}", args=[case.number]), typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def wrong(page: str) -> list[str]:
    """The fields beside which something is said."""
    return sorted(set(re.findall(r'id="id_(\w+)_error"', page)))


def said_beside(page: str, field: str) -> str:
    found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</p>', page, re.S)
    assert found, f"nothing is said beside {field}"
    return re.sub(r"<[^>]*>", "", found[1]).strip()


def a_strategy_typed(**other: Any) -> dict[str, Any]:
    return {
        "how": "telephone",
        "held_at": as_typed(clock.now()),
        "police": "DS Frayne",
        "social_services": "S Arikan",
        "supervisor": "none",
        "enquiry": "none",
        "decided": "Social Services visit today",
        "reason": "No crime alleged",
        **other,
    }


def a_decision_typed(**other: Any) -> dict[str, Any]:
    return {
        "kind": "information",
        "reason": "The school is content",
        "decided_at": as_typed(clock.now()),
        "seen": 0,
        **other,
    }


def an_update_typed(**other: Any) -> dict[str, Any]:
    return {
        "received_at": as_typed(clock.now()),
        "way": "email",
        "from_whom": "S Arikan, social worker",
        "text": "Seen at home, well.",
        **other,
    }


# --- strategy discussions ------------------------------------------------------------------------


def test_a_discussion_is_recorded_and_told_on_the_page_of_the_decision(
    case: Case, client: Client, sergeant: User
) -> None:
    page = send(client, "record_strategy", case, **a_strategy_typed(how="meeting", health="Dr Orme"))
    assert "The strategy discussion is recorded." in page
    strategy = Strategy.objects.get()
    assert (strategy.how, strategy.supervisor, strategy.recorded_by) == (Held.MEETING, None, sergeant)
    decide = page_of(client, "decide", case)
    assert "Social Services visit today" in decide
    assert f"<b>Meeting</b>, {moment(strategy.held_at)}" in decide


def test_whoever_decides_goes_on_from_the_discussion_to_the_decision(
    case: Case, client: Client, sergeant: User
) -> None:
    there = reverse("referrals:record_strategy", args=[case.number])
    answer = client.post(there, a_strategy_typed(), follow=True)
    assert answer.redirect_chain == [(reverse("referrals:decide", args=[case.number]), 302)]
    assert "The strategy discussion is recorded. Now decide what is done." in unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("role", "make"),
    [(Role.DESK_SERGEANT, a_decided_case), (Role.DESK_SERGEANT, a_case), (Role.INVESTIGATOR, a_triaged_case)],
    ids=["decided", "not triaged", "no sergeant"],
)
def test_whoever_has_nothing_to_decide_goes_back_to_the_record(client: Client, role: Role, make: Any) -> None:
    signed_in(client, role)
    case = make(received_at=clock.now() - DAY)
    there = reverse("referrals:record_strategy", args=[case.number])
    answer = client.post(there, a_strategy_typed(), follow=True)
    assert answer.redirect_chain == [(reverse("workbench:case", args=[case.number]), 302)]
    page = unescape(answer.content.decode())
    assert "The strategy discussion is recorded, here and in the chronology." in page


def test_a_supervisor_who_took_part_is_chosen_by_name(case: Case, client: Client, sergeant: User) -> None:
    other = an_officer(Role.INVESTIGATOR, name="Lindley")
    page = page_of(client, "record_strategy", case)
    choices = re.findall(r'<option value="([^"]*)"', page)
    assert str(sergeant.pk) in choices
    assert "none" in choices
    assert str(other.pk) not in choices
    send(client, "record_strategy", case, **a_strategy_typed(supervisor=sergeant.pk))
    assert Strategy.objects.get().supervisor == sergeant


def test_whether_a_supervisor_took_part_must_be_said(case: Case, client: Client, sergeant: User) -> None:
    for supervisor in ("", an_officer(Role.INVESTIGATOR).pk):
        page = send(client, "record_strategy", case, **a_strategy_typed(supervisor=supervisor, reason=TYPED))
        assert wrong(page) == ["supervisor"]
        assert TYPED in page
    assert not Strategy.objects.exists()


def test_an_empty_discussion_is_refused_beside_every_field_that_must_be_said(client: Client, sergeant: User) -> None:
    page = send(client, "record_strategy", of_yesterday(), how="")
    expected = ["decided", "enquiry", "held_at", "how", "police", "reason", "social_services", "supervisor"]
    assert wrong(page) == expected


@pytest.mark.parametrize("agency", ["police", "social_services"])
def test_without_police_or_social_services_no_discussion_is_recorded(
    client: Client, sergeant: User, agency: str
) -> None:
    page = send(client, "record_strategy", of_yesterday(), **a_strategy_typed(**{agency: "  ", "reason": TYPED}))
    assert wrong(page) == [agency]
    assert TYPED in page
    assert not Strategy.objects.exists()


@pytest.mark.parametrize("days", [2, -2])
def test_a_discussion_in_the_future_or_before_receipt_is_refused_beside_its_time(
    client: Client, sergeant: User, days: int
) -> None:
    at = as_typed(clock.now() + days * DAY)
    page = send(client, "record_strategy", of_yesterday(), **a_strategy_typed(held_at=at, decided=TYPED))
    assert wrong(page) == ["held_at"]
    assert "This is in the future" in page or "This is before the referral was received" in page
    assert TYPED in page
    assert at in page


def test_a_discussion_sent_twice_is_told_and_recorded_once(case: Case, client: Client, sergeant: User) -> None:
    typed = a_strategy_typed(decided=TYPED)
    send(client, "record_strategy", case, **typed)
    page = send(client, "record_strategy", case, **typed)
    assert f"{sergeant} recorded this discussion on " in page
    assert TYPED in page
    assert Strategy.objects.count() == 1


def test_discussions_before_are_told_on_the_form(case: Case, client: Client, sergeant: User) -> None:
    a_strategy(case, how=Held.MEETING, held_at=clock.now() - HOUR)
    assert f"meeting, {moment(clock.now() - HOUR)}" in page_of(client, "record_strategy", case)


# --- decisions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "follows"),
    [
        ("police", "Decided: Police single agency. Now give the investigation to an officer."),
        ("joint", "Decided: Joint section 47 enquiry. Now give the investigation to an officer."),
        ("information", "Decided: Information only."),
        ("passed_on", "Decided: passed to Sapphire unit. Tell them, and record what you pass on under Shared."),
    ],
)
def test_a_decision_says_what_follows(case: Case, client: Client, sergeant: User, kind: str, follows: str) -> None:
    a_strategy(case)
    passed_to = "Sapphire unit" if kind == "passed_on" else ""
    page = send(client, "decide", case, **a_decision_typed(kind=kind, passed_to=passed_to))
    assert follows in page
    assert Decision.objects.get().decided_by == sergeant


def test_where_there_is_an_officer_nobody_is_told_to_give_it_to_one(
    case: Case, client: Client, sergeant: User
) -> None:
    assign_case(case, officer_in_case=an_officer(Role.INVESTIGATOR), supervisor=None, by=sergeant)
    page = send(client, "decide", case, **a_decision_typed(kind="police"))
    assert "Decided: Police single agency." in page
    assert "Now give the investigation to an officer." not in page


def test_whom_an_email_asks_and_by_when_is_said(client: Client, sergeant: User) -> None:
    an_approved_address()
    case = of_yesterday()
    assert "an email asks Manager 1 for an update the same day" in page_of(client, "decide", case)
    page = send(client, "decide", case, **a_decision_typed(kind="social_services"))
    due = Duty.objects.get(case=case, kind="update").due_on
    assert f"Decided: Social Services only. An email asks Manager 1 for an update by {day(due)}." in page
    assert "No email could be written" not in page


def test_that_no_email_could_be_written_is_said(case: Case, client: Client, sergeant: User) -> None:
    assert "no address of theirs is approved, so no email can go." in page_of(client, "decide", case)
    page = send(client, "decide", case, **a_decision_typed(kind="social_services"))
    assert "No email could be written to Social Services: no address of theirs is approved." in page


def test_an_email_is_held_back_with_the_decision_and_that_is_said(client: Client, sergeant: User) -> None:
    an_approved_address()
    case = of_yesterday()
    assert 'name="hold_why"' in page_of(client, "decide", case)
    page = send(client, "decide", case, **a_decision_typed(kind="social_services", hold_why="He is their manager"))
    assert "Decided: Social Services only." in page
    assert "No email is sent to Social Services: emails are held back on this record." in page
    assert "An email asks" not in page
    assert "No email could be written" not in page
    duty = Duty.objects.get(case=case, kind="update")
    assert (duty.held_by, duty.held_why) == (sergeant, "He is their manager")
    assert not Mail.objects.exists()
    page = page_of(client, "social_services", case)
    assert "<b>Emails held back.</b>" in page
    assert "“He is their manager”" in page
    assert ">Send emails again</a>" in page
    assert "Next chase" not in page


def test_that_emails_are_held_back_is_said_before_the_next_decision(client: Client, sergeant: User) -> None:
    an_approved_address()
    case = of_yesterday()
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, hold_why="He is their manager", by=sergeant)
    a_decision(case, by=sergeant)
    page = page_of(client, "decide", case)
    assert f"no email is sent: {sergeant} held them back, because “He is their manager”" in page
    assert "an email asks Manager 1" not in page
    page = send(client, "decide", case, **a_decision_typed(kind="social_services", seen=2))
    assert "No email is sent to Social Services: emails are held back on this record." in page
    assert Duty.objects.get(case=case, kind="update", state=DutyState.OPEN).held_why == "He is their manager"


def test_an_empty_decision_is_refused_beside_every_field_that_must_be_said(client: Client, sergeant: User) -> None:
    assert wrong(send(client, "decide", of_yesterday(), seen=0)) == ["decided_at", "kind", "reason"]
    assert not Decision.objects.exists()


REFUSED: list[tuple[dict[str, str], str, str]] = [
    (
        {"kind": "joint"},
        "kind",
        "A joint enquiry is agreed in a strategy discussion with Social Services, and none before it that agreed",
    ),
    ({"hold_why": "He is there"}, "hold_why", "An email is sent for “Social Services only” alone."),
    ({"hold_why": "x" * 301, "kind": "social_services"}, "hold_why", "must be 300 characters or fewer"),
    ({"hold_why": "a\nb", "kind": "social_services"}, "hold_why", "line"),
    ({"kind": "passed_on"}, "passed_to", "Enter the unit or team it is passed to"),
    ({"passed_to": "Sapphire"}, "passed_to", "You named a unit or team, but "),
    ({"passed_to": "x" * 201, "kind": "passed_on"}, "passed_to", "must be 200 characters or fewer"),
    ({"kind": "gossip"}, "kind", "from the list"),
]


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(
    case: Case, client: Client, sergeant: User
) -> None:
    failed = Wrong()
    for typed, field, says in REFUSED:
        with tried(failed, typed):
            page = send(client, "decide", case, **a_decision_typed(reason=TYPED, not_chosen="A visit", **typed))
            assert wrong(page) == [field]
            assert says in said_beside(page, field)
            assert TYPED in page
            assert "A visit" in page
            assert not Decision.objects.exists()
    assert failed == {}


@pytest.mark.parametrize("days", [2, -2])
def test_a_decision_in_the_future_or_before_receipt_is_refused_beside_its_time(
    client: Client, sergeant: User, days: int
) -> None:
    at = as_typed(clock.now() + days * DAY)
    page = send(client, "decide", of_yesterday(), **a_decision_typed(decided_at=at, reason=TYPED))
    assert wrong(page) == ["decided_at"]
    assert TYPED in page


def test_before_triage_the_page_says_so_and_has_no_form(client: Client, sergeant: User) -> None:
    case = a_case(received_at=clock.now() - DAY)
    page = page_of(client, "decide", case)
    assert "This cannot be done." in page
    assert "Triage the referral first" in page
    assert 'name="reason"' not in page
    page = send(client, "decide", case, **a_decision_typed(reason=TYPED))
    assert "Triage the referral first" in page
    assert TYPED in page


def test_a_closed_record_is_decided_no_more(client: Client, sergeant: User) -> None:
    case = a_closed_case()
    for name in ("decide", "record_strategy", "record_update"):
        page = page_of(client, name, case)
        assert f"Record {case} is closed, so nothing can be added to it." in page
        assert '<form method="post" class="cait-fields"' not in page


def test_the_second_who_decides_is_told_loses_nothing_and_may_send_it_again(
    case: Case, client: Client, sergeant: User
) -> None:
    other = an_officer(Role.SUPERVISOR, name="Tull")
    opened = page_of(client, "decide", case)
    assert re.search(r'name="seen" value="0"', opened)
    a_decision(case, kind=DecisionKind.POLICE, reason="He admits it", decided_at=clock.now() - HOUR, by=other)
    page = send(client, "decide", case, **a_decision_typed(reason=TYPED))
    recorded_at = Decision.objects.get().recorded_at
    assert f"{other} recorded a decision on {moment(recorded_at)}, while you had this open: " in page
    assert "Police single agency, because: “He admits it”" in page
    assert TYPED in page
    assert Decision.objects.count() == 1
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    page = send(client, "decide", case, **a_decision_typed(reason=TYPED, seen=seen[1]))
    assert "Decided: Information only." in page
    assert Decision.objects.get(number=2).reason == TYPED


def test_a_decision_sent_twice_is_told_and_taken_once(case: Case, client: Client, sergeant: User) -> None:
    typed = a_decision_typed(reason=TYPED)
    send(client, "decide", case, **typed)
    page = send(client, "decide", case, **typed)
    assert f"{sergeant} recorded a decision on {moment(Decision.objects.get().recorded_at)}" in page
    assert TYPED in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    page = send(client, "decide", case, **{**typed, "seen": seen[1]})
    assert wrong(page) == ["kind"]
    assert said_beside(page, "kind").endswith(
        f"{sergeant} decided so on {moment(Decision.objects.get().decided_at)} already. Add what is new to the "
        "chronology"
    )
    assert TYPED in page
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "x", "9" * 30])
def test_a_damaged_number_of_the_last_decision_decides_nothing_and_loses_nothing(
    case: Case, client: Client, sergeant: User, seen: str
) -> None:
    a_decision(case, decided_at=clock.now() - HOUR)
    page = send(client, "decide", case, **a_decision_typed(reason=TYPED, seen=seen))
    assert TYPED in page
    assert Decision.objects.count() == 1


def test_what_was_decided_and_told_before_stands_on_the_page(case: Case, client: Client, sergeant: User) -> None:
    a_decision(case, kind=DecisionKind.SOCIAL_SERVICES, reason="They know him", decided_at=clock.now() - HOUR)
    judged(an_answer(case, text="A new bruise"), Judgement.CHANGED)
    page = page_of(client, "decide", case)
    assert "<b>Social Services only</b>" in page
    assert "They know him" in page
    assert "A new bruise" in page
    assert "Your decision takes the place of the last one" in page


# --- updates -------------------------------------------------------------------------------------


def test_a_sergeant_who_records_an_update_goes_on_to_judge_it(case: Case, client: Client, sergeant: User) -> None:
    answer = client.post(reverse("referrals:record_update", args=[case.number]), an_update_typed(), follow=True)
    there = reverse("referrals:judge", args=[case.number])
    assert answer.redirect_chain == [(f"{there}?answer={Answer.objects.get().pk}", 302)]
    page = unescape(answer.content.decode())
    assert f'name="answer" value="{Answer.objects.get().pk}"' in page
    assert "Now judge whether circumstances have changed." in page
    assert "Seen at home, well." in page
    assert "it came unasked" in page


def test_a_sergeant_goes_on_to_the_update_just_recorded_and_not_to_one_that_waits(
    case: Case, client: Client, sergeant: User
) -> None:
    an_answer(case, text="The first one", received_at=clock.now() - HOUR)
    page = send(client, "record_update", case, **an_update_typed())
    assert "Seen at home, well." in page
    assert "The first one" not in page
    assert f'name="answer" value="{Answer.objects.latest("pk").pk}"' in page
    assert "2 updates wait to be judged." in page


def test_an_office_manager_records_an_update_and_is_told_who_judges(client: Client) -> None:
    manager, case = signed_in(client, Role.OFFICE_MANAGER), of_yesterday()
    answer = client.post(reverse("referrals:record_update", args=[case.number]), an_update_typed(), follow=True)
    assert answer.redirect_chain == [(reverse("referrals:social_services", args=[case.number]), 302)]
    page = unescape(answer.content.decode())
    assert "A sergeant judges whether circumstances have changed." in page
    assert "Not judged yet." in page
    assert reverse("referrals:judge", args=[case.number]) not in page
    assert Answer.objects.get().recorded_by == manager
    typed = {"judgement": "unchanged", "reason": "x", "answer": Answer.objects.get().pk}
    assert client.post(reverse("referrals:judge", args=[case.number]), typed).status_code == 403
    assert Answer.objects.get().judgement == ""


def test_an_empty_update_is_refused_beside_every_field(client: Client, sergeant: User) -> None:
    page = send(client, "record_update", of_yesterday(), way="")
    assert wrong(page) == ["from_whom", "received_at", "text", "way"]
    assert not Answer.objects.exists()


@pytest.mark.parametrize("days", [2, -2])
def test_an_update_in_the_future_or_before_receipt_is_refused_beside_its_time(
    client: Client, sergeant: User, days: int
) -> None:
    at = as_typed(clock.now() + days * DAY)
    page = send(client, "record_update", of_yesterday(), **an_update_typed(received_at=at, text=TYPED))
    assert wrong(page) == ["received_at"]
    assert TYPED in page


def test_an_update_sent_twice_is_told_and_recorded_once(case: Case, client: Client, sergeant: User) -> None:
    typed = an_update_typed(text=TYPED)
    send(client, "record_update", case, **typed)
    page = send(client, "record_update", case, **typed)
    assert f"{sergeant} recorded this update on " in page
    assert TYPED in page
    assert Answer.objects.count() == 1


# --- judged --------------------------------------------------------------------------------------


def test_changed_circumstances_lead_to_the_decision(client: Client, sergeant: User) -> None:
    answer = an_answer(an_open_update().case)
    sent = client.post(
        reverse("referrals:judge", args=[answer.case.number]),
        {"judgement": "changed", "reason": "A new bruise", "answer": answer.pk},
        follow=True,
    )
    assert sent.redirect_chain == [(reverse("referrals:decide", args=[answer.case.number]), 302)]
    assert "Judged: circumstances have changed. Now decide again what is done." in unescape(sent.content.decode())
    assert Referral.objects.get(case=answer.case).progress == Progress.TRIAGED


@pytest.mark.parametrize(
    ("judgement", "says"),
    [
        ("unchanged", "Judged: circumstances have not changed. Social Services are not chased any more."),
        ("no_answer", "Judged: it does not answer what we asked. Social Services are still asked, and chased."),
    ],
)
def test_any_other_judgement_leads_back_to_the_record(
    client: Client, sergeant: User, judgement: str, says: str
) -> None:
    answer = an_answer(an_open_update().case)
    page = send(client, "judge", answer.case, judgement=judgement, reason="The aunt", answer=answer.pk)
    assert says in page
    answer.refresh_from_db()
    assert (answer.judgement, answer.judged_by) == (judgement, sergeant)


def test_where_another_update_waits_that_is_said(client: Client, sergeant: User) -> None:
    case = an_open_update().case
    first, second = an_answer(case, text="One"), an_answer(case, text="Two")
    page = send(client, "judge", case, judgement="no_answer", reason="The aunt", answer=first.pk)
    assert "Judged: it does not answer what we asked. Another update waits to be judged." in page
    page = send(client, "judge", case, judgement="unchanged", reason="The aunt", answer=second.pk)
    assert "Judged: circumstances have not changed. Social Services are not chased any more." in page


def test_after_an_update_that_answers_nothing_they_are_still_chased_whatever_it_says(
    client: Client, sergeant: User
) -> None:
    duty = an_open_update(received_at=clock.now() - DAY)
    answer = an_answer(duty.case, received_at=clock.now() - HOUR)
    page = send(client, "judge", duty.case, judgement="unchanged", reason="The aunt", answer=answer.pk)
    assert "Judged: circumstances have not changed. Social Services are still asked, and chased." in page


def test_the_update_that_has_waited_longest_is_judged_first(case: Case, client: Client, sergeant: User) -> None:
    second = an_answer(case, text="Second", received_at=clock.now() - HOUR)
    first = an_answer(case, text="First", received_at=clock.now() - 2 * HOUR)
    page = page_of(client, "judge", case)
    assert "First" in page
    assert f'name="answer" value="{first.pk}"' in page
    send(client, "judge", case, judgement="unchanged", reason="x", answer=first.pk)
    assert f'name="answer" value="{second.pk}"' in page_of(client, "judge", case)


def test_what_nobody_asked_for_cannot_be_judged_as_no_answer(client: Client, sergeant: User) -> None:
    answer = an_answer(of_yesterday())
    assert 'value="no_answer"' not in page_of(client, "judge", answer.case)
    page = send(client, "judge", answer.case, judgement="no_answer", reason=TYPED, answer=answer.pk)
    assert wrong(page) == ["judgement"]
    assert TYPED in page
    asked = an_answer(an_open_update().case)
    assert 'value="no_answer"' in page_of(client, "judge", asked.case)


def test_an_empty_judgement_is_refused_beside_its_fields(client: Client, sergeant: User) -> None:
    answer = an_answer(of_yesterday())
    assert wrong(send(client, "judge", answer.case, answer=answer.pk)) == ["judgement", "reason"]


def test_the_second_who_judges_is_told_who_did_and_loses_nothing(client: Client, sergeant: User) -> None:
    answer, other = an_answer(an_open_update().case), an_officer(Role.SUPERVISOR, name="Tull")
    judge_update(answer, judgement=Judgement.UNCHANGED, reason="The aunt has them", by=other)
    page = send(client, "judge", answer.case, judgement="changed", reason=TYPED, answer=answer.pk)
    assert f"{other} judged this update on " in page
    assert "No: circumstances have not changed, because: “The aunt has them”" in page
    assert TYPED in page
    assert Referral.objects.get(case=answer.case).progress == Progress.DECIDED


def test_with_nothing_to_judge_the_page_says_so(client: Client, sergeant: User) -> None:
    page = page_of(client, "judge", of_yesterday())
    assert "No update waits to be judged." in page
    assert 'name="reason"' not in page


def test_the_update_of_another_record_is_not_judged_here(case: Case, client: Client, sergeant: User) -> None:
    other = an_answer(of_yesterday())
    page = send(client, "judge", case, judgement="unchanged", reason="x", answer=other.pk)
    assert "No update waits to be judged." in page
    other.refresh_from_db()
    assert other.judgement == ""


# --- what Social Services were asked -------------------------------------------------------------


def test_what_was_asked_and_told_stands_on_one_page(client: Client, sergeant: User) -> None:
    an_approved_address()
    duty = an_open_update(received_at=clock.now() - DAY)
    page = page_of(client, "social_services", duty.case)
    assert f">Update due {day(duty.due_on)}</h2>" in page
    assert "<b>Request is being sent.</b>" in page
    assert duty.reckoned.why.sentence() in page
    assert "step1@borough.example" in page
    assert reverse("referrals:record_update", args=[duty.case.number]) in page
    answer = an_answer(duty.case)
    page = page_of(client, "social_services", duty.case)
    assert "<b>Answered, to be judged.</b>" in page
    assert "Not judged yet." in page
    assert reverse("referrals:judge", args=[duty.case.number]) in page
    judged(answer)
    page = page_of(client, "social_services", duty.case)
    assert "Answered unasked." in page
    assert "Update due" not in page
    assert f">Asked on {day(duty.raised_at)}</h2>" in page
    assert "No: circumstances have not changed." in page
    assert "Not judged yet." not in page


def test_where_nothing_was_asked_the_page_says_so(client: Client, sergeant: User) -> None:
    page = page_of(client, "social_services", of_yesterday())
    assert "Social Services are asked for nothing on this record." in page
    assert "Nothing is recorded yet." in page
    assert "no address of Social Services is approved for Team HGY" in page


def test_a_closed_record_is_read_and_offers_nothing_to_do(client: Client, sergeant: User) -> None:
    case = a_closed_case()
    page = page_of(client, "social_services", case)
    assert reverse("referrals:record_update", args=[case.number]) not in page


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_an_outsider_does_not_even_find_the_page(case: Case, client: Client, name: str) -> None:
    signed_in(client, Role.DESK_SERGEANT, team=a_team("ENF"))
    url = reverse(f"referrals:{name}", args=[case.number])
    assert client.get(url).status_code == 404
    assert client.post(url, {}).status_code in (404, 405)
    assert client.get(reverse(f"referrals:{name}", args=["HGY-1999-0001"])).status_code == 404


@pytest.mark.parametrize(
    ("role", "name", "typed"),
    [
        (Role.INVESTIGATOR, "decide", a_decision_typed),
        (Role.OFFICE_MANAGER, "decide", a_decision_typed),
        (Role.INVESTIGATOR, "judge", dict),
        (Role.COMMAND, "decide", a_decision_typed),
        (Role.COMMAND, "record_strategy", a_strategy_typed),
        (Role.COMMAND, "record_update", an_update_typed),
        (Role.COMMAND, "judge", dict),
    ],
)
def test_whoever_may_not_is_refused_the_page_and_what_they_send(
    case: Case, client: Client, role: Role, name: str, typed: Any
) -> None:
    signed_in(client, role)
    url = reverse(f"referrals:{name}", args=[case.number])
    assert client.get(url).status_code == 403
    answer = client.post(url, typed())
    assert answer.status_code == 403
    assert "You cannot " in unescape(answer.content.decode())
    assert (Decision.objects.count(), Strategy.objects.count(), Answer.objects.count()) == (0, 0, 0)


def test_the_command_reads_what_social_services_were_asked(client: Client) -> None:
    duty = an_open_update()
    signed_in(client, Role.COMMAND)
    page = page_of(client, "social_services", duty.case)
    assert f">Update due {day(duty.due_on)}</h2>" in page
    assert "<b>Not sent: no address is approved.</b>" in page
    assert reverse("referrals:record_update", args=[duty.case.number]) not in page
    assert "Hold the emails back" not in page


def test_each_look_is_logged_with_its_page(case: Case, client: Client, sergeant: User) -> None:
    for name in PAGES:
        page_of(client, name, case)
        look = AccessLog.objects.latest("id")
        assert (look.by_id, look.case_id, look.detail) == (sergeant.pk, case.pk, {"page": f"referrals:{name}"})


# --- the overview of the record ------------------------------------------------------------------


def overview(client: Client, case: Case) -> str:
    answer = client.get(reverse("workbench:case", args=[case.number]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_record_says_how_far_its_referral_is(client: Client, sergeant: User) -> None:
    case = a_case(received_at=clock.now() - DAY)
    link = f'href="{reverse("referrals:decide", args=[case.number])}"'
    assert "Not triaged yet." in overview(client, case)
    triaged = of_yesterday()
    assert "Not decided yet." in overview(client, triaged)
    a_decision(triaged, kind=DecisionKind.PASSED_ON, passed_to="Sapphire unit", by=sergeant)
    page = overview(client, triaged)
    assert (
        f'Decided: <b>Passed to another unit or team</b>, Sapphire unit. <span class="cait-soft">{sergeant}' in page
    )
    assert ">Decide again</a>" in page
    judged(an_answer(triaged), Judgement.CHANGED)
    assert "To be decided again." in overview(client, triaged)
    assert f"{link}>Decide" not in overview(client, case)


def test_whoever_cannot_decide_has_no_link_to_it(case: Case, client: Client) -> None:
    signed_in(client, Role.INVESTIGATOR)
    page = overview(client, case)
    assert ">Decide</a>" not in page
    assert ">Strategy discussion</a>" in page
