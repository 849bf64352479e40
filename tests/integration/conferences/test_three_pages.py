"""The four things a conference officer does most often: each begins at the list of the week or of the invitations,
and takes three pages at most, each linked from the one before."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from conferences.enums import ConferenceState, CoreGroupState, Outcome, ReportState, Section, Sharing
from conferences.models import Conference, CoreGroup, Item, OutcomeFor, Report
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences
from team.enums import Role
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_core_group_of_yesterday, children_on, that_began
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import an_officer

pytestmark = pytest.mark.django_db

MOST = 3
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)


@pytest.fixture
def pclo(client: Client) -> User:
    move_time_to(NOW)
    user = an_officer(Role.PCLO)
    client.force_login(user)
    return user


def walked(client: Client, *addresses: str) -> str:
    """The last of some pages, each of which the one before leads to; three at most."""
    assert len(addresses) <= MOST
    page = ""
    for address in addresses:
        links = [each.partition("#")[0] for each in re.findall(r'href="([^"]+)"', page)]
        assert not page or address in links, f"{address} is not linked"
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = unescape(answer.content.decode())
    return page


def of(name: str, conference: Conference) -> str:
    return reverse(f"conferences:{name}", args=[conference.case.number, conference.number])


def filled_in(page: str) -> dict[str, str]:
    """What a form holds when it is opened: of the plain fields, and of what is chosen."""
    form = re.findall(r'<form method="post".*?</form>', page, re.S)[-1]
    values = {}
    for field in re.findall(r"<input [^>]*>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', field))
        if said.get("type") not in ("radio", "checkbox") or " checked" in field:
            values[said["name"]] = said.get("value", "")
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S):
        values[name] = text.strip()
    return values


def test_an_invitation_becomes_a_booking(client: Client, pclo: User) -> None:
    case = a_case(children=[a_child("Rhys", "Vane")])
    email = pass_to_conferences(
        a_message(subject=f"Invitation to Initial Child Protection Conference, {case.urn}"), by=User.objects.system()
    )
    book = f"{reverse('conferences:book', args=[case.number])}?message={email.pk}"
    page = walked(
        client, reverse("conferences:invitations"), reverse("conferences:invitation", args=[email.pk]), book
    )
    assert "Filled in from the email" in page
    child = str(children_on(case)[0].pk)
    said = {"kind": "initial", "children": child, "starts_at": "4/2/2010 10:00", "lasts": "120"}
    said |= {"place": "Fernley Civic Centre", "chair": "Ms G Teasdale"}
    client.post(book, {**filled_in(page), **said})
    assert Conference.objects.get().message == email


def test_a_report_is_begun_decided_and_sent_for_endorsement(client: Client, pclo: User) -> None:
    conference = a_conference(pclo=pclo, starts_at=NOW + timedelta(days=4))
    submitted(conference.case)
    report = of("report", conference)
    walked(client, reverse("conferences:conferences"), report)
    # Beginning it takes what the record holds, and who may read what is said on the same page.
    assert client.post(report, {"do": "start"})["Location"] == report
    page = walked(client, report)
    item = Item.objects.filter(section=Section.CHILDREN).earliest("pk")
    kept = {f"reads-{item.pk}": Sharing.CHAIR_ONLY, f"why-{item.pk}": "Her address is not known to him"}
    assert client.post(report, {**filled_in(page), **kept, "do": "decide"})["Location"].partition("?")[0] == report
    item.refresh_from_db()
    assert item.sharing == Sharing.CHAIR_ONLY
    page = walked(client, reverse("conferences:conferences"), report, of("submit_report", conference))
    client.post(of("submit_report", conference), filled_in(page))
    assert Report.objects.get().state == ReportState.SUBMITTED


def test_who_attended_and_what_was_decided_is_recorded(client: Client, pclo: User) -> None:
    conference = that_began(pclo=pclo)
    page = walked(client, reverse("conferences:conferences"), of("attended", conference))
    answer = client.post(of("attended", conference), {**filled_in(page), "who": str(pclo.pk)})
    assert Conference.objects.get(pk=conference.pk).state == ConferenceState.HELD
    # The third page is the next without a click.
    assert answer["Location"] == of("outcome", conference)
    page = client.get(answer["Location"]).content.decode()
    (child,) = children_on(conference.case)
    said = {
        f"outcome-{child.pk}": Outcome.PLAN,
        f"category-{child.pk}": "neglect",
        f"police_view-{child.pk}": "agreed",
    }
    client.post(of("outcome", conference), {**filled_in(page), **said})
    assert OutcomeFor.objects.get().outcome == Outcome.PLAN


def test_what_a_core_group_said_is_recorded(client: Client, pclo: User) -> None:
    group = a_core_group_of_yesterday()
    record = reverse("conferences:record_core_group", args=[group.case.number, group.number])
    of_record = reverse("conferences:of_record", args=[group.case.number])
    page = walked(client, reverse("conferences:conferences"), of_record, record)
    client.post(record, {**filled_in(page), "who": str(pclo.pk), "note": "The plan goes on."})
    assert CoreGroup.objects.get().state == CoreGroupState.HELD
