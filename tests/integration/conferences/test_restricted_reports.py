"""What a police report took from a record that is restricted by now: it is not shown, nor sent, nor taken over; what
went out stands where it went from (ADR 34)."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import add_entry, correct_entry
from cases.enums import Kind
from cases.models import Case
from conferences.actions import assemble_report, change_item
from conferences.assembling import of_other_records
from conferences.enums import ReportState, Sharing
from conferences.models import Item, Report
from conferences.report_queries import goes_to, items_of, recipients_of, stale
from deadlines.clock import LONDON
from people.models import Person
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, children_on
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import a_report
from tests.factories.restricting import a_restricted_case
from tests.factories.team import an_officer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TELLS = ("Marlpit", "Sandpiper")


def another_record(child: Person) -> Case:
    return a_case(children=[a_child("Quill", "Abner", same_as=child.pk)])


def words_of(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def told(words: str) -> list[str]:
    """What of the restricted record stands there."""
    return [each for each in TELLS if each in words]


def test_nothing_is_taken_into_a_report_from_a_restricted_record_nor_stays_that_was(client: Client) -> None:
    move_time_to(NOW)
    pclo, sergeant = an_officer(Role.PCLO), an_officer(Role.SUPERVISOR)
    before = a_case(children=[a_child("Quillon", "Abernethy")])
    (child,) = children_on(before)
    for title in ("Seen at Marlpit Hall", "Sandpiper spoke to her"):
        said: dict[str, Any] = {
            "kind": Kind.INCIDENT,
            "title": title,
            "text": "",
            "happened_at": NOW - HOUR,
            "significant": True,
        }
        add_entry(before, **said, by=User.objects.system())
    case = another_record(child)
    report = a_report(a_conference(case, starts_at=NOW + 20 * DAY))
    assemble_report(report, by=pclo)
    marlpit = next(item for item in items_of(report) if "Marlpit" in item.text)
    change_item(marlpit, sharing=Sharing.SHARED, by=pclo)
    a_restricted_case(pclo, case=before, by=sergeant)

    # On the page, in what goes out and over the API there is nothing of it, for whoever reads; but that it is so.
    assert [item.text for item in items_of(report) if told(item.text)] == []
    (goes, *_) = goes_to(items_of(report), recipients_of(report.conference))
    assert "Marlpit" not in " ".join(item.text for item in goes.report)
    here = (case.number, report.conference.number)
    client.force_login(sergeant)
    html = words_of(client.get(reverse("conferences:report", args=here)))
    assert "items came from a restricted record, and are not shown. Ask " in html
    assert told(html) == []
    assert "Marlpit" not in words_of(Program(sergeant).get("report", report.conference.pk))
    assert client.get(reverse("conferences:item", args=[*here, marlpit.pk])).status_code == 404
    # What is put right there is not told here either.
    entry = before.entries.get(title="Seen at Marlpit Hall")
    said = {"title": "Seen elsewhere", "text": "", "happened_at": NOW - HOUR, "reason": "Misread"}
    correct_entry(entry, **said, significant=True, by=pclo)
    assert stale(report, [*Item.objects.filter(report=report)]).corrected == {}
    # Nothing more is taken from it, nor taken over into the next version, whoever does it.
    assert of_other_records(report.conference, pclo).cases == []
    Report.objects.filter(pk=report.pk).update(state=ReportState.OVERTAKEN)
    client.force_login(pclo)
    begun = words_of(client.post(reverse("conferences:report", args=here), {"do": "start"}, follow=True))
    assert "came from a restricted record, and are not shown. Ask " in begun
    assert not Item.objects.filter(report__number=2, text__contains="Marlpit").exists()


def test_what_went_out_already_stands_where_it_went_from() -> None:
    move_time_to(NOW)
    before = a_case(children=[a_child("Quillon", "Abernethy")])
    said: dict[str, Any] = {
        "kind": Kind.INCIDENT,
        "title": "Seen",
        "text": "",
        "happened_at": NOW - HOUR,
        "significant": True,
    }
    add_entry(before, **said, by=User.objects.system())
    report = a_report(a_conference(another_record(children_on(before)[0]), starts_at=NOW + 20 * DAY))
    assemble_report(report, by=an_officer(Role.PCLO))
    seen = next(item for item in items_of(report) if item.text == "Seen")
    withheld = {item.pk for item in items_of(report) if item.source.endswith(before.number)} - {seen.pk}
    change_item(seen, sharing=Sharing.SHARED, by=User.objects.system())
    # As `send_report` leaves it, without the papers.
    Report.objects.filter(pk=report.pk).update(
        state=ReportState.SENT,
        submitted_at=NOW,
        submitted_by=an_officer(Role.PCLO),
        endorsed_at=NOW,
        endorsed_by=an_officer(Role.SUPERVISOR),
        sent_at=NOW,
        sent_by=an_officer(Role.PCLO),
    )
    report.refresh_from_db()
    a_restricted_case(case=before)
    there = {item.pk for item in items_of(report)}
    assert seen.pk in there
    assert withheld
    assert not there & withheld
