"""What Today tells of the desk: urgent emails on top, what runs out within hours first, invitations of late."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog
from deadlines import clock
from diary.models import Duty
from intake.actions import pass_to_conferences, put_back_message, set_aside_message
from intake.models import Message
from referrals.enums import DecisionKind, Method
from team.actions import give_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decided_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    return signed_in(client, Role.DESK_SERGEANT)


def signed_in(client: Client, role: Role, **other: Any) -> User:
    user = an_officer(role, **other)
    client.force_login(user)
    return user


def today(client: Client) -> str:
    """The page below its frame."""
    answer = client.get(reverse("workbench:today"))
    assert answer.status_code == 200
    return unescape(answer.content.decode()).partition("<main")[2]


def by_cait() -> User:
    return User.objects.system()


# --- urgent emails -------------------------------------------------------------------------------


def on_top(client: Client) -> list[str]:
    """The subjects of the emails in the first box of the page."""
    box = today(client).partition('id="urgent-h"')[2].partition("</section>")[0]
    return re.findall(r'<li><a class="govuk-link" href="[^"]*">(.*?)</a>', box)


def test_urgent_emails_that_wait_stand_on_top_with_the_oldest_first(client: Client, sergeant: User) -> None:
    now = clock.now()
    message = a_message(subject="URGENT later", received_at=now - HOUR)
    a_message(subject="Referral")
    text = today(client)
    assert "An email says it is urgent</h2>" in text
    assert f'href="{reverse("referrals:message", args=[message.pk])}">URGENT later</a>' in text
    a_message(subject="URGENT earlier", received_at=now - 2 * HOUR)
    set_aside_message(a_message(subject="URGENT and done"), reason="Training", by=by_cait())
    text = today(client)
    assert "These emails say they are urgent</h2>" in text
    assert text.index("These emails say they are urgent") < text.index("of my duties late")
    assert on_top(client) == ["URGENT earlier", "URGENT later"]


def test_where_no_email_is_urgent_today_has_no_box_for_it(client: Client, sergeant: User) -> None:
    a_message(subject="Referral")
    assert "urgent-h" not in today(client)


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.INVESTIGATOR, Role.COMMAND, Role.AUDITOR])
def test_whoever_does_not_handle_mail_is_told_of_no_urgent_email(client: Client, role: Role) -> None:
    signed_in(client, role)
    a_message(subject="URGENT referral")
    text = today(client)
    assert "URGENT" not in text
    assert "urgent-h" not in text


def test_urgent_emails_are_those_of_the_team_for_which_one_works(client: Client, sergeant: User) -> None:
    give_role(sergeant, team=a_team("ENF"), role=Role.SUPERVISOR, from_on=clock.today(), by=by_cait())
    a_message(subject="URGENT ours")
    a_message(a_team("ENF"), subject="URGENT theirs")
    for code, name in (("HGY", "ours"), ("ENF", "theirs")):
        client.post(reverse("team:change"), {"team": a_team(code).pk})
        assert on_top(client) == [f"URGENT {name}"]


def test_each_email_that_today_names_is_in_the_access_log(client: Client, sergeant: User) -> None:
    urgent = [a_message(subject=f"URGENT {number}") for number in range(2)]
    a_message(subject="Waits")
    today(client)
    row = AccessLog.objects.get(by_id=sergeant.pk)
    assert row.detail == {"messages": sorted(each.pk for each in urgent)}


def test_where_today_names_no_email_none_is_in_the_access_log(client: Client, sergeant: User) -> None:
    a_message(subject="Waits")
    today(client)
    assert not AccessLog.objects.filter(by_id=sergeant.pk).exists()


def test_how_many_emails_wait_leads_to_the_mailbox_of_the_team(client: Client, sergeant: User) -> None:
    a_message(subject="Waits")
    a_message(a_team("ENF"), subject="Theirs")
    assert re.search(
        rf'">1</span> <a class="govuk-link" href="{reverse("referrals:mailbox")}\?team=HGY">email waits</a>',
        today(client),
    )


# --- what is due of me ---------------------------------------------------------------------------


def due_of_me(client: Client) -> list[tuple[str, str]]:
    """What is due, and on which record, in the order of the page."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', today(client).partition("What I have to do next</h2>")[2], re.S)
    words = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows if 'data-label="Due"' in row]
    found = []
    for row in words:
        if urn := re.search(r"\d{4,6}/\d\d", row):
            found.append((row[: urn.start()].rstrip(" ,"), urn[0]))
    return found


def test_what_runs_out_within_hours_stands_first_before_what_is_late_for_days(client: Client) -> None:
    now = clock.now()
    signed_in(client, Role.DESK_SERGEANT, from_on=(now - 60 * DAY).date())
    move_time_to(now - 30 * DAY)
    late = [cram_set_aside(a_decided_case(method=Method.TELEPHONE)) for _ in range(12)]
    move_time_to(now)
    confirmations = Duty.objects.filter(kind="confirmation", case__in=late)
    assert confirmations.filter(late_from__lt=now, due_at=None).count() == 12
    urgent, other = a_referral(urgent=True), a_referral(urgent=False)  # the one by the hour, the other by the day
    for each in (urgent, other):
        cram_set_aside(each.case)
    found = due_of_me(client)
    assert len(found) == 10
    assert found[0] == ("Triage the referral", urgent.urn)
    assert found[1:] == [("Get the telephone referral in writing", case.urn) for case in late[:9]]
    assert other.urn not in [urn for _, urn in found]


def test_of_what_runs_out_within_hours_the_next_to_run_out_stands_first(client: Client, sergeant: User) -> None:
    now = clock.now()
    other = a_case(urgent=False, received_at=now - 9 * HOUR)
    earlier, later = a_case(urgent=True, received_at=now - HOUR), a_case(urgent=True, received_at=now - 2 * HOUR)
    for each in (earlier, later):
        cram_set_aside(each)
    # Of the last both its triage, by the end of the day after, and its first CRAM, within 24 hours.
    assert due_of_me(client) == [
        ("Triage the referral", later.urn),
        ("Triage the referral", earlier.urn),
        ("First CRAM", other.urn),
        ("Triage the referral", other.urn),
    ]


# --- invitations ---------------------------------------------------------------------------------


def invitations(client: Client) -> int:
    """How many invitations of late Today tells of."""
    found = re.search(
        rf'">(\d+)</span> <a class="govuk-link" href="{reverse("conferences:invitations")}">'
        r"invitations? to conferences this week</a>",
        today(client),
    )
    return int(found[1]) if found else 0


def an_invitation(**said: Any) -> Message:
    return pass_to_conferences(a_message(subject="Invitation to Conference", **said), by=by_cait())


def test_today_tells_of_the_invitations_of_the_last_week(client: Client) -> None:
    now = clock.now()
    signed_in(client, Role.PCLO, from_on=(now - 60 * DAY).date())
    move_time_to(now - 8 * DAY)
    an_invitation()
    move_time_to(now)
    assert invitations(client) == 0
    move_time_to(now - 6 * DAY)
    early = an_invitation()
    move_time_to(now)
    assert invitations(client) == 1
    an_invitation()
    an_invitation(team=a_team("ENF"))
    a_message(subject="Invitation to Conference")
    assert invitations(client) == 2
    put_back_message(early, reason="Of a child", by=by_cait())
    assert invitations(client) == 1


def test_whoever_opens_no_records_is_told_of_no_invitation(client: Client) -> None:
    an_invitation()
    signed_in(client, Role.AUDITOR)
    assert "to conferences this week" not in today(client)


# --- who has no officer --------------------------------------------------------------------------


def test_investigations_that_need_an_officer_stand_before_what_needs_none(client: Client, sergeant: User) -> None:
    a_decided_case(kind=DecisionKind.POLICE)
    a_decided_case(kind=DecisionKind.INFORMATION)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", today(client)))
    assert "1 investigation needs an officer of 2 open records without one" in page
    queue = reverse("diary:queues") + "?kind=allocation"
    assert f'href="{queue}"' in today(client)
    assert unescape(client.get(queue).content.decode()).count('id="duty-') == 1
    signed_in(client, Role.INVESTIGATOR)
    assert "an officer of" not in re.sub(r"<[^>]+>", " ", today(client))
