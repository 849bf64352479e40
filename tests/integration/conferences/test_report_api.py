"""The police report over the API: what is its own. Each act by itself: `api/test_acting`."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conferences.actions import change_item
from conferences.enums import Section
from conferences.models import ConferenceChild, Copy
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.conferences import a_conference
from tests.factories.referrals import a_case
from tests.factories.reports import (
    ANALYSIS,
    FACT,
    a_prepared_conference,
    a_recipient,
    a_report,
    a_whole_report,
    an_item,
)
from tests.factories.team import an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import said_wrong

pytestmark = pytest.mark.django_db


def test_a_report_goes_all_the_way_and_each_copy_has_its_number() -> None:
    pclo, sergeant = Program(an_officer(Role.PCLO)), Program(an_officer(Role.SUPERVISOR))
    pk = a_prepared_conference().pk
    said_wrong(pclo.get("report", pk), 404)
    begun = pclo.post("report", pk).json()
    assert (begun["number"], begun["state"], begun["items"]) == (1, "draft", [])
    assert len(begun["missing"]) == 2
    child = ConferenceChild.objects.filter(conference=pk).earliest("pk").child_id
    sent: dict[str, Any] = {"section": "chronology", "text": FACT, "source": "CAD", "happened_on": "2009-12-01"}
    assert pclo.post("add_item", pk, **sent, about=child).status_code == 201
    assert set(said_wrong(pclo.post("add_item", pk, **{**sent, "text": "x", "source": ""}))) == {"detail", "source"}
    elsewhere = a_case().people.get().pk
    assert set(said_wrong(pclo.post("add_item", pk, **sent, about=elsewhere))) == {"detail", "about"}
    whole = pclo.post("add_item", pk, section="analysis", text=ANALYSIS).json()
    assert (whole["missing"], [item["text"] for item in whole["items"]]) == ([], [FACT, ANALYSIS])
    submitted = pclo.post("submit_report", pk, version=whole["version"]).json()
    said_wrong(pclo.post("add_item", pk, section="analysis", text="More"), 409)
    said_wrong(pclo.post("endorse_report", pk, version=submitted["version"]), 403)
    endorsed = sergeant.post("endorse_report", pk, version=submitted["version"], words="Well put").json()
    assert [(each["outcome"], each["words"]) for each in endorsed["endorsements"]] == [("endorsed", "Well put")]
    (chair,) = endorsed["recipients"]
    sending: dict[str, Any] = {"basis": "safeguarding", "version": endorsed["version"]}
    strange = [{"recipient": 999_999, "way": "email"}]
    said = said_wrong(pclo.post("send_report", pk, ways=strange, **sending))
    assert said["ways"] == {"0": {"recipient": ["Nobody with this number gets the report."]}}
    done = pclo.post("send_report", pk, ways=[{"recipient": chair["id"], "way": "email"}], **sending).json()
    assert (done["state"], done["on_time"]) == ("sent", True)
    assert [(each["number"], each["recipient"], each["paper"]) for each in done["copies"]] == [
        (1, chair["name"], "report")
    ]
    assert Copy.objects.get().digest == done["copies"][0]["digest"]


def test_whoever_does_not_write_reports_does_not_read_what_is_withheld() -> None:
    report = a_report(a_conference())
    for role in (Role.INVESTIGATOR, Role.RESEARCHER, Role.REVIEWER, Role.OFFICE_MANAGER):
        said = said_wrong(Program(an_officer(role)).get("report", report.conference_id), 403)
        assert said["detail"].startswith("You cannot write police reports")


def test_a_change_of_an_item_leaves_what_it_does_not_name() -> None:
    program = Program(an_officer(Role.PCLO))
    item = an_item(a_report(a_conference()))
    args = [item.report.conference_id, item.pk]

    def changed(**sent: Any) -> dict[str, Any]:
        item.refresh_from_db()
        answer = program.patch("item", *args, **sent, version=version_of(item))
        assert answer.status_code == 200, answer.json()
        (found,) = answer.json()["items"]
        return dict(found)

    made = changed(text="They were called by a neighbour.")
    assert (made["text"], made["source"]) == ("They were called by a neighbour.", "CAD")
    made = changed(sharing="chair_only", why="It names who told us")
    assert (made["sharing"], made["text"]) == ("chair_only", "They were called by a neighbour.")
    made = changed(left_out=True)
    assert (made["left_out"], made["sharing"], made["why"]) == (True, "chair_only", "It names who told us")
    item.refresh_from_db()
    wrong = program.patch("item", *args, sharing="withheld", why="", version=version_of(item))
    assert set(said_wrong(wrong)) == {"detail", "why"}
    other = an_item()
    said_wrong(program.patch("item", args[0], other.pk, left_out=True, version=version_of(other)), 404)


def test_what_is_wrong_with_one_of_several_stands_at_its_place() -> None:
    program = Program(an_officer(Role.PCLO))
    report = a_whole_report(a_conference())
    pk = report.conference_id
    father = a_recipient(report.conference)
    (fact, analysis) = program.get("report", pk).json()["items"]
    right = {"item": fact["id"], "sharing": "withheld", "why": "It names who told us", "version": fact["version"]}
    silent = {"item": analysis["id"], "sharing": "withheld", "version": analysis["version"]}
    said = said_wrong(program.post("decide_sharing", pk, decisions=[right, silent]))
    assert {place: set(wrong) for place, wrong in said["decisions"].items()} == {"1": {"why"}}
    said = said_wrong(program.post("decide_sharing", pk, decisions=[{**right, "item": an_item().pk}]))
    assert {place: set(wrong) for place, wrong in said["decisions"].items()} == {"0": {"item"}}
    # Somebody was first with one of them.
    item = report.items.get(pk=analysis["id"])
    change_item(item, text="It was said anew.", by=User.objects.system())
    done = program.post("decide_sharing", pk, decisions=[right, {**silent, "why": "An opinion"}]).json()
    assert done == {"saved": 1, "theirs": [analysis["id"]]}
    # From whom an item is kept.
    keep: dict[str, Any] = {"kept": [{"recipient": father.pk, "why": "It says where they live"}], "seen": ""}
    stranger = {"recipient": 999_999, "why": "Nobody"}
    said = said_wrong(program.put("keep_from", pk, fact["id"], **{**keep, "kept": [*keep["kept"], stranger]}))
    assert {place: set(wrong) for place, wrong in said["kept"].items()} == {"1": {"recipient"}}
    made = program.put("keep_from", pk, fact["id"], **keep).json()
    found = next(each for each in made["items"] if each["id"] == fact["id"])
    assert found["kept_from"] == [{"recipient": father.pk, "why": "It says where they live"}]
    said_wrong(program.put("keep_from", pk, fact["id"], **keep), 409)
    made = program.put("keep_from", pk, fact["id"], kept=[], seen=found["kept_seen"]).json()
    assert next(each for each in made["items"] if each["id"] == fact["id"])["kept_from"] == []


def test_a_report_is_read_with_as_many_statements_however_long_it_is() -> None:
    program = Program(an_officer(Role.PCLO))
    report = a_whole_report(a_conference())

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert program.get("report", report.conference_id).status_code == 200
        return len(asked)

    few = statements()
    for number in range(4):
        an_item(report, f"Fact {number}")
        an_item(report, f"Opinion {number}", Section.RISK)
        a_recipient(report.conference, f"Recipient {number}")
    assert statements() == few
