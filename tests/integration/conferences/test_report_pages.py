"""The pages on which a police report is written, endorsed and sent: nothing typed is lost, two are kept apart."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.enums import Kind
from conferences import actions
from conferences.actions import add_recipient, assemble_report, change_item, keep_from, submit_report
from conferences.enums import RecipientKind, ReportState, Section, Sharing
from conferences.models import Conference, Item, Recipient, Report
from conferences.report_queries import items_of, kept_state, recipients_of
from deadlines.clock import LONDON
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference
from tests.factories.reports import (
    ANALYSIS,
    FACT,
    a_recipient,
    a_report,
    a_submitted_report,
    a_whole_report,
    an_item,
    sent,
)
from tests.factories.team import a_team, an_officer
from tests.integration.conferences.test_report_assembling import told

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


@pytest.fixture
def officer(client: Client) -> User:
    user = an_officer(Role.PCLO, name="Adeyemi")
    client.force_login(user)
    return user


def system() -> User:
    return User.objects.system()


def address(name: str, conference: Conference, *more: int) -> str:
    return reverse(f"conferences:{name}", args=[conference.case.number, conference.number, *more])


def words(answer: Any) -> str:
    """What stands in the page, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def as_chosen(items: list[Item], **other: dict[int, str]) -> dict[str, Any]:
    """What the page of a report sends where nothing is touched. `reads`, `why`: by the item's id, what is."""
    data: dict[str, Any] = {"do": "decide"}
    for item in items:
        data[f"reads-{item.pk}"] = other.get("reads", {}).get(item.pk, item.sharing)
        data[f"why-{item.pk}"] = other.get("why", {}).get(item.pk, item.why)
        data[f"version-{item.pk}"] = item.version  # type: ignore[attr-defined]
    return data


def test_a_report_is_begun_with_what_the_record_holds(client: Client, officer: User, prepared: Conference) -> None:
    told(prepared.case, Kind.INCIDENT, "Arrested for assault")
    here = address("report", prepared)
    assert "There is no report to this conference yet." in words(client.get(here))
    page = words(client.post(here, {"do": "start"}, follow=True))
    report = prepared.reports.get()
    assert (report.started_by, report.state) == (officer, ReportState.DRAFT)
    # The child, why and the level are shared; the arrest, the referral and the rationale wait to be cleared.
    assert "6 items were taken from the record: say who may read each." in page
    assert "3 shared, 0 with the chair only, 3 withheld" in page
    assert "Chronology (" in page
    assert "Chronology ()" not in page
    assert "Of the withheld 2 items wait for somebody to say whether they may be shared." in page
    assert page.index(" Facts ") < page.index(" Opinion ") < page.index("What Ms G Teasdale will read")
    told(prepared.case, Kind.INCIDENT, "Arrested again")
    there = words(client.get(address("assemble", prepared)))
    assert "Arrested again" in there
    assert "Arrested for assault" not in there
    assert "1 item was taken" in words(client.post(address("assemble", prepared), follow=True))
    assert "Everything that the record holds for the report is in it already." in words(
        client.post(address("assemble", prepared), follow=True)
    )


def test_what_is_chosen_is_saved_and_what_is_wrong_stands_beside_it(
    client: Client, officer: User, conference: Conference
) -> None:
    report = a_report(conference)
    one, two = an_item(report, "One."), an_item(report, "Two.")
    here = address("report", conference)
    items = items_of(report)
    wrong = as_chosen(items, reads={one.pk: "withheld", two.pk: "chair_only"}, why={two.pk: "A refuge"})
    answer = client.post(here, wrong)
    page = answer.content.decode()
    assert "One.: Say why it is not shared with everybody" in words(answer)
    assert f'href="#why-{one.pk}"' in page
    assert 'value="A refuge"' in page
    assert "<title>Error: " in page
    assert report.items.filter(sharing=Sharing.SHARED).count() == 2
    # With a reason it is saved; so is what is left out.
    right = as_chosen(items, reads={one.pk: "left_out", two.pk: "chair_only"}, why={two.pk: "A refuge"})
    page = words(client.post(here, right, follow=True))
    assert "Saved: 2 items were changed." in page
    assert "0 shared, 1 with the chair only, 0 withheld ; 1 left out." in page
    assert "Confidential annex, for the chair only" in page
    # Something that is no choice, a reason of two lines, and no version at all: each is told, none is a crash.
    for bad in ({f"reads-{two.pk}": "everybody"}, {f"why-{two.pk}": "a\u2028b"}, {f"why-{two.pk}": "x" * 301}):
        assert "There is a problem" in words(client.post(here, as_chosen(items_of(report)) | bad)), bad
    version = {f"version-{two.pk}": "9" * 30, f"reads-{two.pk}": "withheld"}
    assert "somebody else has changed it meanwhile" in words(client.post(here, as_chosen(items_of(report)) | version))


def test_of_two_who_choose_at_once_the_second_reads_the_first(
    client: Client, officer: User, conference: Conference
) -> None:
    report = a_report(conference)
    one, two = an_item(report, "One."), an_item(report, "Two.")
    opened = items_of(report)
    change_item(one, sharing=Sharing.CHAIR_ONLY, why="Theirs", by=system())
    mine = as_chosen(opened, reads={one.pk: "withheld", two.pk: "withheld"}, why={one.pk: "Mine", two.pk: "Too"})
    answer = client.post(address("report", conference), mine)
    page = answer.content.decode()
    assert "it is shown as it is now. You had chosen “withheld, Mine”." in words(answer)
    # Theirs is what is chosen now: whoever does not look and sends it again leaves it as it is.
    assert f'id="reads-{one.pk}-chair_only" name="reads-{one.pk}" type="radio" value="chair_only" checked' in page
    assert 'value="Theirs"' in page
    two.refresh_from_db()
    assert two.sharing == Sharing.WITHHELD
    hidden = dict(re.findall(r'name="((?:version|was|why)-\d+)"[^>]*value="([^"]*)"', page))
    client.post(address("report", conference), mine | hidden | {f"reads-{one.pk}": "chair_only"})
    one.refresh_from_db()
    assert (one.sharing, one.why) == (Sharing.CHAIR_ONLY, "Theirs")
    # Choosing again is meant.
    client.post(address("report", conference), mine | hidden | {f"why-{one.pk}": "Mine"})
    one.refresh_from_db()
    assert (one.sharing, one.why) == (Sharing.WITHHELD, "Mine")


def test_what_was_typed_for_a_report_that_was_sent_meanwhile_stands_on_the_page(
    client: Client, officer: User, prepared: Conference
) -> None:
    report = a_whole_report(prepared)
    item, *_ = opened = items_of(report)
    submit_report(report, by=system())
    mine = as_chosen(opened, reads={item.pk: "withheld"}, why={item.pk: "Words that took long"})
    answer = client.post(address("report", prepared), mine)
    assert "sent this version for endorsement" in words(answer)
    assert 'value="Words that took long"' in answer.content.decode()
    said = {"section": "view", "text": "A long view", "reads": "shared"}
    answer = client.post(address("add_item", prepared), said)
    assert "sent this version for endorsement" in words(answer)
    assert "A long view" in words(answer)


def test_an_item_is_added_changed_and_kept_from_somebody(
    client: Client, officer: User, conference: Conference
) -> None:
    report = a_report(conference)
    father = a_recipient(conference)
    add = address("add_item", conference)
    assert 'value="view" selected' in client.get(add, {"part": "view"}).content.decode()
    assert "Enter what the report says" in words(client.post(add, {"section": "view", "reads": "shared"}))
    said = {"section": "chronology", "text": "He came back.", "source": "CAD", "happened_on": "9/3/2010"}
    assert "Say why it is not shared" in words(client.post(add, {**said, "reads": "withheld"}))
    client.post(add, {**said, "reads": "shared"})
    item = report.items.get()
    assert (item.text, item.happened_on.isoformat() if item.happened_on else "") == ("He came back.", "2010-03-09")
    here = address("item", conference, item.pk)
    form = {"do": "words", "words-text": "He came back at night.", "words-source": "CAD"}
    form |= {"words-happened_on": "9/3/2010", "words-reads": "chair_only", "words-why": "A refuge"}
    opened_on = version_of(item)
    answer = client.post(here, {**form, "words-version": opened_on}, follow=True)
    assert f"#item-{item.pk}" in answer.redirect_chain[0][0]
    item.refresh_from_db()
    assert (item.text, item.sharing, item.why) == ("He came back at night.", "chair_only", "A refuge")
    answer = client.post(here, {**form, "words-text": "Mine", "words-version": opened_on})
    assert "changed this while you had it open" in words(answer)
    assert ">\nMine</textarea>" in answer.content.decode()
    assert f'value="{version_of(item)}"' in answer.content.decode()
    # From whom it is kept, and two who say so at once.
    seen = kept_state(item)
    keep = {"do": "keep", "keep-seen": seen, f"keep-kept-{father.pk}": "on"}
    assert "Say why it is kept from them" in words(client.post(here, keep))
    keep |= {f"keep-why-{father.pk}": "He must not find her"}
    client.post(here, keep)
    assert [kept.why for kept in item.kept_from.all()] == ["He must not find her"]
    answer = client.post(here, {**keep, f"keep-why-{father.pk}": "Another reason"})
    assert "Somebody changed from whom this item is kept" in words(answer)
    assert "Another reason" in answer.content.decode()
    change_item(item, sharing=Sharing.SHARED, by=system())
    assert "Not for Mr K Stroud, father: He must not find her" in words(client.get(address("report", conference)))
    his = words(client.get(address("report", conference), {"for": father.pk})).split("will read")[1]
    assert "He came back at night." not in his


def test_who_gets_it_is_added_and_taken_off(client: Client, officer: User, conference: Conference) -> None:
    assert "Nothing is written yet" in words(client.get(address("recipients", conference)))
    answer = client.post(address("add_recipient", conference), {"kind": "family", "name": "", "email": "x"})
    assert "Enter their name and job" in words(answer)
    assert "Enter the email address like name@example.com" in words(answer)
    said = {"kind": "family", "name": "Mr K Stroud, father", "email": "k@example.org"}
    assert "Mr K Stroud, father gets a copy." in words(
        client.post(address("add_recipient", conference), said, follow=True)
    )
    assert "They get the report already" in words(client.post(address("add_recipient", conference), said))
    father = Recipient.objects.get(conference=conference, kind=RecipientKind.FAMILY)
    chair = Recipient.objects.get(conference=conference, kind=RecipientKind.CHAIR)
    assert "This cannot be done." in words(client.get(address("take_off_recipient", conference, chair.pk)))
    assert "gets no copy" in words(client.post(address("take_off_recipient", conference, father.pk), follow=True))
    assert "was taken off" in words(client.post(address("take_off_recipient", conference, father.pk)))


def test_it_goes_from_hand_to_hand(
    client: Client, officer: User, monkeypatch: pytest.MonkeyPatch, conference: Conference
) -> None:
    monkeypatch.setattr(actions.issuing, "drawn", lambda *_, **__: b"%PDF-")
    report = a_report(conference, by=officer)
    an_item(report, by=officer)
    page = words(client.get(address("submit_report", conference)))
    assert "What still stops it" in page
    assert "The CRAM before this conference is not done." in page
    assert 'type="submit" data-prevent' not in client.get(address("submit_report", conference)).content.decode()
    an_item(report, ANALYSIS, Section.ANALYSIS, by=officer)
    secret = an_item(report, "Her new address.", sharing=Sharing.WITHHELD, why="A refuge", by=officer)
    father = a_recipient(conference)
    keep_from(report.items.get(text=FACT), kept={father.pk: "He must not know who called"}, by=officer)
    submitted(conference.case)
    version = version_of(report)
    assert "is sent for endorsement" in words(
        client.post(address("submit_report", conference), {"version": version}, follow=True)
    )
    # The officer reads why not; a sergeant reads what each will read, and what nobody does.
    assert client.get(address("endorse_report", conference)).status_code == 403
    client.force_login(sergeant := an_officer(Role.SUPERVISOR))
    page = words(client.get(address("endorse_report", conference)))
    his = page.split("What Mr K Stroud, father (parent or carer) will read")[1]
    assert f"Kept from them: {FACT} He must not know who called" in his
    assert f"{secret.text} Withheld: A refuge" in his
    here = address("endorse_report", conference)
    assert "Say what must be put right" in words(client.post(here, {"do": "return", "return-words": ""}))
    client.post(here, {"do": "return", "return-words": "Say since when"})
    client.force_login(officer)
    assert "Returned to be put right Say since when" in words(client.get(address("report", conference)))
    client.post(address("submit_report", conference))
    client.force_login(sergeant)
    assert "It can be sent." in words(client.post(here, {"do": "endorse", "endorse-words": "Good"}, follow=True))
    assert "Nothing is left to do." in words(client.get(here))
    client.force_login(officer)
    page = words(client.get(address("send_report", conference)))
    assert "He must not know who called" in page
    assert secret.text not in page
    assert "Select how it goes to Mr K Stroud, father" in words(
        client.post(address("send_report", conference), {"basis": "safeguarding"})
    )
    ways = {f"way-{each.pk}": "letter" for each in recipients_of(conference)}
    page = words(client.post(address("send_report", conference), {**ways, "basis": "safeguarding"}, follow=True))
    assert "2 copies are made and kept." in page
    assert "Copy 2 Mr K Stroud, father Police report" in page
    # What was sent is read, and the next version begins from it.
    assert "Save who may read what" not in page
    page = words(client.post(address("report", conference), {"do": "start"}, follow=True))
    assert "Version 2 of the report is begun." in page
    assert "This is an earlier version." in words(client.get(address("report", conference), {"version": 1}))
    assert client.get(address("report", conference), {"version": 7}).status_code == 404


def test_nobody_endorses_their_own_on_the_page(client: Client) -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    client.force_login(sergeant)
    report = a_submitted_report(by=sergeant)
    page = words(client.get(address("endorse_report", report.conference)))
    assert "You cannot endorse or return it. You began this report" in page
    answer = client.post(address("endorse_report", report.conference), {"do": "endorse", "endorse-words": "Mine"})
    assert "Another sergeant or the inspector endorses it" in words(answer)
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


def test_what_has_changed_on_the_record_is_marked(client: Client, officer: User, prepared: Conference) -> None:
    from cases.actions import correct_entry

    entry = told(prepared.case, Kind.INCIDENT, "Seen in the lane")
    report = a_report(prepared)
    assemble_report(report, by=system())
    move_time_to(NOW + timedelta(hours=1))
    said: dict[str, Any] = {
        "title": "It was his brother",
        "text": "As it was.",
        "happened_at": NOW,
        "reason": "Misread",
    }
    correct_entry(entry, **said, significant=True, by=system())
    submitted(prepared.case, "high", challenge_answer="He is back")
    page = words(client.get(address("report", prepared)))
    assert "Corrected in the chronology since. It now says: “It was his brother. As it was.”" in page
    assert page.count("From a CRAM before the last one.") == 2
    item = Item.objects.get(drawn_from__startswith=f"entry-{entry.pk}")
    assert "Corrected in the chronology since It was his brother" in words(
        client.get(address("item", prepared, item.pk))
    )


def test_a_long_report_is_gone_through_part_by_part_with_as_many_queries(
    client: Client, officer: User, conference: Conference
) -> None:
    report = a_report(conference)
    an_item(report, ANALYSIS, Section.ANALYSIS)
    first = an_item(report, "Fact 0.")

    def queries(**asked: Any) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address("report", conference), asked)
        return len(captured), words(answer)

    queries()
    few, page = queries()
    assert "Parts of the report" not in page
    father = a_recipient(conference)
    for number in range(1, 61):
        an_item(report, f"Fact {number}.")
    keep_from(first, kept={father.pk: "He must not know"}, by=system())
    many, page = queries()
    assert many <= few + 1  # whose it is that an item is kept from
    assert "What police know, in order of time (61)" in page
    form, preview = page.split("will read", 1)
    assert "Fact 59." in form
    assert "Fact 60." not in form  # the last stands on the next page: a browser may not send so many fields
    assert "Items 1 to 60 Items 61" in form
    assert ANALYSIS not in form
    assert ANALYSIS in preview
    _, page = queries(part="analysis")
    assert ANALYSIS in page.split("will read", 1)[0]
    (last,) = (item for item in items_of(report) if item.text == "Fact 60.")
    for asked in ({"page": "2"}, {"item": last.pk}, {"page": "99"}):
        _, page = queries(part="chronology", **asked)
        form = page.split("will read", 1)[0]
        assert "Fact 60." in form
        assert "Fact 59." not in form
    # What was sent is saved, also where its item has moved to another page since.
    client.post(address("report", conference), as_chosen([last], reads={last.pk: "left_out"}))
    last.refresh_from_db()
    assert last.left_out
    _, page = queries(part="gossip", page="²")
    assert "Fact 59." in page.split("will read", 1)[0]


PAGES = (
    *("report", "assemble", "add_item", "recipients", "add_recipient", "submit_report", "endorse_report"),
    *("send_report", "preview", "annex", "speaking_note"),
)


def test_an_outsider_knows_of_nothing_and_others_may_not_write_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, endorsed_report: Report
) -> None:
    monkeypatch.setattr(actions.issuing, "drawn", lambda *_, **__: b"%PDF-")
    conference = endorsed_report.conference
    item, chair = endorsed_report.items.earliest("pk"), recipients_of(conference)[0]
    sent(endorsed_report)
    pages = [address(name, conference) for name in PAGES]
    pages += [address("item", conference, item.pk), address("take_off_recipient", conference, chair.pk)]
    pages += [address("copy", conference, 1)]
    for role, team, status in ((Role.PCLO, a_team("ENF"), 404), (Role.INVESTIGATOR, a_team(), 403)):
        client.force_login(an_officer(role, team))
        assert {url: client.get(url).status_code for url in pages} == dict.fromkeys(pages, status)
        assert {client.post(url).status_code for url in pages} <= {status, 405}
    # Nor is an item or a copy found by the number of another conference.
    client.force_login(an_officer(Role.PCLO))
    other = a_conference(conference.case)
    add_recipient(other, kind=RecipientKind.CHILD, name="Rhys", by=system())
    for name, pk in (("item", item.pk), ("take_off_recipient", chair.pk), ("copy", 1)):
        assert client.get(address(name, other, pk)).status_code == 404


def test_whoever_sent_a_report_for_endorsement_is_not_asked_to_endorse_it(
    client: Client, submitted_report: Report
) -> None:
    case = submitted_report.conference.case
    here = f"/cases/{case.number}/conferences/{submitted_report.conference.number}/report/"
    for user, offered in ((an_officer(Role.PCLO, case.team), False), (an_officer(Role.SUPERVISOR, case.team), True)):
        client.force_login(user)
        assert ("Endorse or return" in client.get(here).content.decode()) is offered
