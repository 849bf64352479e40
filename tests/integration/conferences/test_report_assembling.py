"""What the record holds for a police report: each with its source, once, and nothing shared that could harm."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from audit.models import AccessLog
from cases.actions import add_entry, correct_entry
from cases.enums import Happened, Kind, Level
from cases.models import Case, Entry
from conferences.actions import assemble_report, change_item, submit_report
from conferences.assembling import OTHER_RECORD, draw, of_other_records
from conferences.enums import Paper, ReportState, Section, Sharing
from conferences.models import Conference, Item, Report
from conferences.report_papers import drawn
from conferences.report_queries import goes_to, items_of, recipients_of, stale
from cram.actions import record_searches, set_level, submit_assessment
from cram.enums import Said, System, Works
from deadlines import clock
from deadlines.clock import LONDON
from people.births import Birth
from people.enums import Relation
from people.said import PersonSaid
from people.steps import record_people
from referrals.enums import Source
from team.actions import give_role
from team.enums import Role
from team.models import User
from tests.factories.assessing import an_assessment, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, children_on
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import ANALYSIS, a_report, an_item
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred

pytestmark = pytest.mark.django_db

# A Wednesday.
NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOME, REFUGE = "14 Marl Road, N17", "3 Hidden Yard, N15"
CALLER: dict[str, Any] = {"referrer_name": "Gwendolyn Teasdale", "referrer_job": "Play therapist", "protected": True}


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def system() -> User:
    return User.objects.system()


def a_family() -> Case:
    """Two children, their mother with them, a suspect elsewhere, and a neighbour; a caller who is protected."""
    return a_case(
        children=[
            a_child("Ellis", "Brannock", birth=Birth.on(date(2005, 5, 3)), address=REFUGE),
            a_child("Tia", "Brannock", address=REFUGE),
        ],
        adults=[
            PersonSaid("Shelley", "Brannock", relation=Relation.MOTHER, address=REFUGE),
            PersonSaid("Kieran", "Stroud", relation=Relation.PARTNER, address=HOME, may_have_harmed=True),
            PersonSaid("Winifred", "Oakes", relation=Relation.OTHER, address="16 Marl Road, N17"),
        ],
        source=Source.HEALTH,
        circumstances="I saw the marks at my play session on Monday.",
        **CALLER,
    )


def told(case: Case, kind: Kind, title: str, **other: Any) -> Entry:
    said: dict[str, Any] = {"text": "As it was.", "happened_at": clock.moment(), "significant": True, **other}
    return add_entry(case, kind=kind, title=title, **said, by=system())


def a_whole_record() -> Conference:
    """A record with something of all that a report is taken from."""
    case = a_family()
    conference = a_conference(case, chair="Ms P Quill", initiated_on=date(2010, 3, 3), discussed_on=date(2010, 3, 8))
    told(case, Kind.INCIDENT, "Arrested for assault", happened_at=NOW - timedelta(days=9))
    told(case, Kind.INFORMATION, "Seen with him", source="Ms Adeyemi, head teacher", happened=Happened.ABOUT)
    told(case, Kind.NOTE, "Not of weight", significant=False)
    told(case, Kind.DECISION, "Bail", text="Why: she is afraid")
    suspect = case.people.get(given_names="Kieran")
    said: dict[str, Any] = {"people": [suspect], "searched_at": clock.moment(), "by": system()}
    found = [(System.PNC, True, "Assault, 2006"), (System.CRIMINT, True, "Seen at a refuge"), (System.CAD, False, "")]
    record_searches(case, searches=found, **said)
    cram = an_assessment(case)
    answered(cram, Said.YES)
    answered(cram, Said.YES, number=1, note="")
    answered(cram, Said.NO, number=2)
    a_managed_risk(case, what="Kieran Stroud reaching the children")
    a_measure(a_risk(case, "No heating"), works=Works.DOUBT)
    a_gap(case)
    against: dict[str, Any] = {"challenge_answer": "Bail holds him", "rationale": "Bail holds him"}
    set_level(cram, level=Level.MEDIUM, **against, by=system())
    submit_assessment(cram, by=system())
    return conference


def test_everything_of_the_record_is_drawn_with_its_source_and_nothing_shared_that_could_harm() -> None:
    conference = a_whole_record()
    case = conference.case
    report = a_report(conference)
    count = assemble_report(report, by=system()).items
    items = items_of(report)
    assert len(items) == count
    by_text = {item.text: item for item in items}
    by = {section: [item for item in items if item.section == section] for section in Section}
    # The children: who reads where they live is said for each.
    assert [(item.text, item.sharing) for item in by[Section.CHILDREN]] == [
        ("Ellis Brannock, 4, born on 3 May 2005.", Sharing.SHARED),
        (f"Ellis Brannock lives at {REFUGE}, as known since 10 March 2010.", Sharing.CHAIR_ONLY),
        ("Tia Brannock.", Sharing.SHARED),
        (f"Tia Brannock lives at {REFUGE}, as known since 10 March 2010.", Sharing.CHAIR_ONLY),
    ]
    assert [(item.text, item.sharing) for item in by[Section.HOUSEHOLD]] == [
        ("Shelley Brannock, mother of Ellis Brannock and Tia Brannock; lives with the children.", "shared"),
        ("Kieran Stroud, partner of a parent of Ellis Brannock and Tia Brannock; lives elsewhere.", "shared"),
        ("It is alleged that Kieran Stroud has harmed a child.", "withheld"),
        ("Winifred Oakes, adult; lives elsewhere.", "withheld"),
    ]
    assert by[Section.REASON][0].text == (
        "Social Services have called this initial conference. A strategy discussion was held on 3 March 2010, the "
        "last one on 8 March 2010."
    )
    # Facts that are significant, in the order of time; no decision, which says what somebody thought.
    assert [(item.text.split("\n")[0], item.source, item.sharing) for item in by[Section.CHRONOLOGY]] == [
        ("Arrested for assault", f"Chronology of record {case.number}", Sharing.WITHHELD),
        (f"Referral {case.urn}: Physical", f"Chronology of record {case.number}", Sharing.WITHHELD),
        ("Seen with him (about then)", "Ms Adeyemi, head teacher", Sharing.WITHHELD),
    ]
    for section, what, source in (
        (Section.CONVICTIONS, "Assault, 2006", "PNC, searched on 10 March 2010"),
        (Section.INTELLIGENCE, "Seen at a refuge", "CRIMINT, searched on 10 March 2010"),
    ):
        (item,) = by[section]
        assert (item.text, item.source, item.sharing, item.why) == (
            what,
            source,
            "withheld",
            "Not cleared for sharing yet",
        )
        assert item.about == case.people.get(given_names="Kieran")
    # What the CRAM says of somebody waits to be cleared; what was answered “no” is no risk.
    assert [item.sharing for item in by[Section.RISK]] == [Sharing.WITHHELD, Sharing.WITHHELD]
    assert by[Section.RISK][0].text.endswith("(Ellis Brannock). As the school told us")
    (strength,) = by[Section.STRENGTHS]
    assert strength.text.startswith("Bail: no contact with the children, until ")
    assert [(item.text, item.sharing) for item in by[Section.ANALYSIS]] == [
        ("Police assess the risk to the children as medium.", "shared"),
        ("Why: Bail holds him", "withheld"),
        ("Not known yet: Which other children can he reach?", "withheld"),
    ]
    assert by[Section.VIEW] == []
    # Who called stands nowhere, nor what they are; nor does anything of the referral go out by itself.
    everything = " ".join(f"{item.text} {item.source} {item.why}" for item in items)
    for word in ("Teasdale", "therapist", "protected", "caller"):
        assert word not in everything
    assert by_text["Tia Brannock."].about == children_on(case)[1]
    assert {line.history_user for item in items for line in item.history.all()} == {system()}


def test_what_was_taken_once_is_not_taken_again_nor_overwritten() -> None:
    conference = a_whole_record()
    report = a_report(conference)
    assemble_report(report, by=system())
    first, second = Item.objects.get(text__startswith="Arrested for assault"), items_of(report)[2]
    change_item(first, text="In my words", source="CRIS", happened_on=NOW.date(), by=system())
    change_item(second, left_out=True, by=system())
    before = {item.pk: (item.text, item.left_out, item.sharing) for item in items_of(report)}
    with pytest.raises(ValidationError, match="is in it already"):
        assemble_report(report, by=system())
    told(conference.case, Kind.INCIDENT, "Arrested again")
    assert assemble_report(report, by=system()).items == 1
    after = {item.pk: (item.text, item.left_out, item.sharing) for item in items_of(report)}
    assert before.items() <= after.items()
    (new,) = set(after) - set(before)
    assert after[new][0].startswith("Arrested again")


def test_what_was_corrected_since_stops_it_until_somebody_has_looked() -> None:
    conference = a_conference()
    report = a_report(conference)
    entry = told(conference.case, Kind.INCIDENT, "Seen in the lane")
    put_right: dict[str, Any] = {
        "title": "Seen in the street",
        "text": "As it was.",
        "happened_at": NOW,
        "reason": "Misread",
    }
    first = correct_entry(entry, **put_right, significant=True, by=system())
    assemble_report(report, by=system())
    item = Item.objects.get(drawn_from__startswith=f"entry-{entry.pk}")
    # What is believed now, not what was written first.
    assert (item.text, item.drawn_from) == ("Seen in the street\nAs it was.", f"entry-{entry.pk}-{first.pk}")
    an_item(report, ANALYSIS, Section.ANALYSIS)
    submitted(conference.case)
    move_time_to(NOW + timedelta(hours=1))
    correct_entry(entry, **{**put_right, "title": "It was his brother"}, significant=True, by=system())
    with pytest.raises(ValidationError, match="1 item was corrected in the chronology since"):
        submit_report(report, by=system())
    # To say who may read it is not to have read what it says now.
    change_item(item, sharing=Sharing.CHAIR_ONLY, why="A refuge", by=system())
    with pytest.raises(ValidationError, match="corrected in the chronology since"):
        submit_report(report, by=system())
    item = change_item(item, text="His brother was seen", source="CAD", happened_on=NOW.date(), by=system())
    assemble_report(report, by=system())  # the CRAM, but not the entry a second time
    assert Item.objects.filter(drawn_from__startswith=f"entry-{entry.pk}").count() == 1
    submit_report(report, by=system())


def test_what_comes_from_an_older_cram_stops_it_until_somebody_has_looked() -> None:
    conference = a_conference()
    case = conference.case
    submitted(case, Level.STANDARD)
    report = a_report(conference)
    assemble_report(report, by=system())
    move_time_to(NOW + timedelta(days=1))
    newer = submitted(case, Level.HIGH, challenge_answer="He is back")
    with pytest.raises(ValidationError, match="2 items come from a CRAM before the last one"):
        submit_report(report, by=system())
    assert assemble_report(report, by=system()).items == 2
    level, why = Item.objects.filter(report=report, drawn_from__startswith="cram-").exclude(
        drawn_from__startswith=f"cram-{newer.pk}-"
    )
    change_item(level, left_out=True, by=system())
    change_item(why, text="He stayed away", source="", by=system())
    submit_report(report, by=system())


def test_children_are_as_old_as_at_the_conference_and_where_one_has_moved_is_put_right(client: Client) -> None:
    born = Birth.on(date(2005, 3, 20))
    case = a_case(children=[a_child("Ellis", "Brannock", birth=born, address=REFUGE)])
    conference = a_conference(case)
    (child,) = children_on(case)
    report = a_report(conference)
    assemble_report(report, by=system())
    assert Item.objects.filter(report=report, text="Ellis Brannock, 5, born on 20 March 2005.").exists()
    before = Item.objects.get(report=report, drawn_from__startswith="home-")
    assert stale(report, items_of(report)).items == frozenset()
    move_time_to(NOW + timedelta(days=1))
    said = PersonSaid("Ellis", "Brannock", birth=born, address=HOME, same_as=child.pk)
    record_people([said], on=clock.today(), by=system())
    assert stale(report, items_of(report)).moved == {before.pk}
    with pytest.raises(ValidationError, match="1 item says where a child lives, which was said anew since"):
        submit_report(report, by=system())
    client.force_login(an_officer(Role.PCLO))
    here = reverse("conferences:report", args=[case.number, conference.number])
    item = reverse("conferences:item", args=[case.number, conference.number, before.pk])
    for address in (here, item):
        assert "Where they live was said anew since" in client.get(address).content.decode(), address
    # Whoever puts the words right has seen it; it is not taken a second time.
    now = change_item(before, text=f"Ellis lives at {HOME}", source="Mother", by=system())
    assert stale(report, items_of(report)).items == frozenset()
    assert now.drawn_from not in ("", before.drawn_from)
    with pytest.raises(ValidationError, match="is in it already"):
        assemble_report(report, by=system())


def test_an_earlier_record_of_the_child_is_drawn_withheld_by_its_urn_and_only_so_much(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every referral has a record of its own: what an earlier one holds, closed or not, is not forgotten."""
    born = Birth.on(date(2005, 5, 3))
    before = a_case(children=[a_child("Ellis", "Brannock", birth=born)])
    (child,) = children_on(before)
    # Also whoever works in both teams draws nothing of the other's: everybody in this one reads the report.
    strangers = a_case(
        enfield := a_team("ENF"), children=[PersonSaid("Ellis", "Brannock", birth=born, same_as=child.pk)]
    )
    told(strangers, Kind.INCIDENT, "Seen in Enfield")
    arrest = told(before, Kind.INCIDENT, "Arrested for assault", happened_at=NOW - timedelta(days=2))
    told(before, Kind.INFORMATION, "Seen with him", source="Ms Adeyemi, head teacher", happened_at=NOW - DAY)
    told(before, Kind.DECISION, "Bail")
    said: dict[str, Any] = {"people": [child], "searched_at": clock.moment(), "by": system()}
    record_searches(before, searches=[(System.CRIMINT, True, "Seen at a refuge")], **said)
    Case.objects.filter(pk=before.pk).update(state="closed", closed_at=clock.moment())
    a_case(children=[PersonSaid("Ellis", "Brannock", birth=born, same_as=child.pk)])
    case = a_case(children=[PersonSaid("Ellis", "Brannock", birth=born, same_as=child.pk)])
    conference, pclo = a_conference(case), an_officer(Role.PCLO)
    give_role(pclo, team=enfield, role=Role.PCLO, from_on=clock.today(), by=system())
    report = a_report(conference)
    client.force_login(pclo)
    here = reverse("conferences:assemble", args=[case.number, conference.number])
    page = client.get(here).content.decode()
    assert "Arrested for assault" in page
    assert "Seen in Enfield" not in page
    assemble_report(report, by=pclo)
    named = f", URN {before.urn}, record {before.number}"
    items = {item.text: item for item in Item.objects.filter(report=report, source__endswith=named)}
    assert {(item.section, item.sharing) for item in items.values()} == {
        (Section.CHRONOLOGY, Sharing.WITHHELD),
        (Section.INTELLIGENCE, Sharing.WITHHELD),
    }
    assert {text.partition("\n")[0] for text in items if "referral" not in text.casefold()} == {
        "Arrested for assault",
        "Seen with him",
        "Seen at a refuge",
    }
    assert items["Arrested for assault\nAs it was."].why == OTHER_RECORD
    assert items["Seen with him\nAs it was."].source == f"Ms Adeyemi, head teacher{named}"
    # Each is a look at that record, and what is corrected there is told.
    assert AccessLog.objects.filter(case_id=before.pk, by_id=pclo.pk).count() == 2
    put_right: dict[str, Any] = {
        "title": "His brother was",
        "text": "",
        "happened_at": NOW,
        "reason": "Misread",
        "significant": True,
    }
    Case.objects.filter(pk=before.pk).update(state="open", closed_at=None)
    correct_entry(arrest, **put_right, by=system())
    assert set(stale(report, items_of(report)).corrected) == {items["Arrested for assault\nAs it was."].pk}
    # Only so much of them: where more is said, and where it is.
    monkeypatch.setattr("conferences.assembling.MOST_OF_OTHERS", 1)
    page = client.get(here).content.decode()
    assert f"not taken. Read there what matters, and add it by hand: {before.number}." in page
    others = of_other_records(conference, pclo)
    assert (len(others.drawn), len(others.cases)) == (2, 2), "of one of them nothing was left"
    # That record goes to Enfield: what was withheld of it is not shown here any more, nor what is put right there.
    arrested = items["Arrested for assault\nAs it was."]
    change_item(items["Seen with him\nAs it was."], sharing=Sharing.SHARED, by=pclo)
    address = reverse("conferences:item", args=[case.number, conference.number, arrested.pk])
    assert client.get(address).status_code == 200
    transferred(before, enfield)
    assert {item.text.partition("\n")[0] for item in items_of(report) if item.source.endswith(named)} == {
        "Seen with him"
    }
    assert client.get(address).status_code == 404
    assert stale(report, items_of(report)).corrected == {}
    Report.objects.filter(pk=report.pk).update(state=ReportState.OVERTAKEN)
    address = reverse("conferences:report", args=[case.number, conference.number])
    again = client.post(address, {"do": "start"}, follow=True).content.decode()
    assert "with another team now, and not taken over: ask that team." in again
    assert not Item.objects.filter(report__number=2, source__endswith=named).exists()


def test_a_source_that_is_protected_comes_on_no_paper_whatever_is_cleared() -> None:
    """Somebody clears everything that was taken from the record: still nobody reads who called."""
    conference = a_conference(a_family(), chair="Ms P Quill")
    report = a_report(conference)
    assemble_report(report, by=system())
    for item in Item.objects.filter(report=report):
        change_item(item, sharing=Sharing.SHARED, by=system())
    (goes,) = goes_to(items_of(report), recipients_of(conference))
    pdf = drawn(report, goes, Paper.REPORT, printed_by=system())
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "I saw the marks" in words
    assert "Teasdale" not in words
    assert "therapist" not in words
    assert "caller" not in words


def test_as_many_queries_however_long_the_record() -> None:
    def queries() -> int:
        fresh = Conference.objects.select_related("case", "team").get(pk=conference.pk)
        with CaptureQueriesContext(connection) as captured:
            draw(fresh)
        return len(captured)

    conference = a_whole_record()
    case = conference.case
    few = queries()
    suspect = case.people.get(given_names="Kieran")
    for number in range(3):
        told(case, Kind.INCIDENT, f"Arrested {number}")
        said: dict[str, Any] = {"people": [suspect], "searched_at": clock.moment(), "by": system()}
        record_searches(case, searches=[(System.PNC, True, f"Theft {number}")], **said)
        a_managed_risk(case, what=f"Risk {number}")
        a_gap(case, question=f"What of {number}?")
    assert queries() == few
