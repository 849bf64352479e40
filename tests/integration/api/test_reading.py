"""What a program reads: shape and values, the number of statements, and for whom there is nothing to read.

The record is made once for all of them; what is read where there is nothing else: `test_reading_lists.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cait.urls import resources
from cases.actions import add_action, add_entry, assign_case, correct_entry, share_information
from cases.enums import Basis, Kind, Partner, Way
from cases.models import Case
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.models import Duty
from intake.actions import set_aside_message
from people.births import Birth
from people.said import PersonSaid
from referrals.enums import Method
from team.enums import Role
from team.models import User
from tests.factories.deciding import a_triaged_case, an_answer, judged
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, a_user, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import CALLER, PAPERS, READS, Prepared, another_person, prepared, said_wrong
from tests.integration.api.reading import (
    TEAM,
    an_investigator,
    at_the_desk,
    numbers,
    officer,
    read,
    utc,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(shared: Shared) -> Prepared:
    return shared(prepared)


@pytest.fixture
def it(built: Prepared) -> Prepared:
    return own(built)


# --- shape and values ----------------------------------------------------------------------------


def patterns(found: list[Any]) -> list[Any]:
    return [p for each in found for p in (patterns(each.url_patterns) if hasattr(each, "url_patterns") else [each])]


def test_every_address_that_is_read_is_tested_here() -> None:
    assert {p.name for p in patterns(resources) if hasattr(p.callback.cls, "get")} == set(READS) | PAPERS


def test_the_way_in_says_where_everything_is() -> None:
    found = read(Program(a_user()), "way_in")
    assert found == {
        "schema": "http://testserver/api/schema/",
        **{
            each: f"http://testserver/api/v1/{each}/"
            for each in (
                "intake",
                "referrals",
                "cases",
                "assessments",
                "conferences",
                "plans",
                "duties",
                "figures",
                "notices",
                "people",
                "transfers",
            )
        },
    }


def test_a_referral_is_given_as_it_was_received(it: Prepared) -> None:
    line = read(at_the_desk(), "referrals")["results"][0]
    assert line == {
        "case": it.number,
        "urn": it.referral.urn,
        "team": TEAM,
        "received_at": utc(it.referral.received_at),
        "logged_at": utc(it.referral.logged_at),
        "method": "telephone",
        "source": "health",
        "protected": False,
        "urgent": True,
        "categories": ["physical"],
        "children": ["Rhys Calloway, 6"],
        "progress": "decided",
        "decision": "social_services",
    }
    whole = read(at_the_desk(), "referral", it.number)
    rhys, tanya = whole.pop("as_given")
    assert {name: rhys[name] for name in ("child", "shown", "address", "sex", "relation", "person")} == {
        "child": True,
        "shown": "Rhys Calloway, 6",
        "address": "4 Elm Row",
        "sex": "male",
        "relation": "",
        "person": it.child.pk,
    }
    assert (tanya["child"], tanya["relation"], tanya["may_have_harmed"], tanya["birth"]) == (
        False, "mother", False, "not known",
    )  # fmt: skip
    assert whole == {
        **line,
        "old_urn": "",
        "caller": {**CALLER, "rang_back": False},
        "no_child_because": "",
        "circumstances": "A bruise on the left arm.",
        **dict.fromkeys(["will_be_lost", "who_has_child", "other_children", "whereabouts", "done_so_far"], ""),
        "logged_by": officer(it.desk),
        "confirmed_at": utc(it.referral.confirmed_at),
        "confirmed_by": officer(it.desk),
        "confirmed_how": "Letter",
        "triaged_at": utc(it.referral.triaged_at),
        "triaged_by": officer(it.desk),
        "triage_urgent": False,
        "triage_next": "Ring them",
        "triage_reason": "Old bruise",
    }


def test_a_record_is_given_with_who_is_on_it(it: Prepared) -> None:
    line = read(an_investigator(), "cases")["results"][0]
    assert line == {
        "number": it.number,
        "urn": it.referral.urn,
        "team": TEAM,
        "state": "open",
        "level": "medium",
        "restricted": False,
        "officer_in_case": officer(it.desk),
        "supervisor": officer(it.other),
        "raised_at": utc(it.case.raised_at),
        "closed_at": None,
        "children": ["Rhys Calloway, 6"],
    }
    whole = read(an_investigator(), "case", it.number)
    people = whole.pop("people")
    del line["children"]
    assert whole == {**line, "version": it.case.history.latest("history_id").history_id}
    assert [(each["part"], each["age"], each["relation"], each["addresses"]) for each in people] == [
        ("child", "6", "", ["4 Elm Row"]),
        ("adult", "", "mother", ["4 Elm Row"]),
    ]
    assert [each["id"] for each in people] == list(it.case.parts.values_list("pk", flat=True))
    born = it.child.birth.earliest
    assert born
    day = born.isoformat()
    assert people[0]["person"] == {
        "id": it.child.pk,
        "name": "Rhys Calloway",
        "given_names": "Rhys",
        "family_name": "Calloway",
        "sex": "male",
        "birth": {
            "known": "exact", "earliest": day, "latest": day, "expected": None, "words": it.child.birth.words(),
        },
    }  # fmt: skip


def test_the_chronology_is_given_with_each_correction_beside_what_it_corrects(it: Prepared) -> None:
    told = read(an_investigator(), "chronology", it.number)
    assert told["next"] is None
    (entry,) = [each for each in told["results"] if each["id"] == it.entry.pk]
    correction = it.entry.corrections.get()
    assert entry == {
        "id": it.entry.pk,
        "kind": "contact",
        "source": "The mother",
        "automatic": False,
        "entry": {
            "id": it.entry.pk,
            "title": "Rang the mother",
            "text": "No reply",
            "happened_at": utc(it.entry.happened_at),
            "happened": "at",
            "significant": True,
            "people": [it.child.pk],
            "recorded_at": utc(it.entry.recorded_at),
            "recorded_by": officer(it.desk),
            "reason": "",
        },
        "corrections": [
            {
                "id": correction.pk,
                "title": "Rang the aunt",
                "text": "No reply",
                "happened_at": utc(correction.happened_at),
                "happened": "at",
                "significant": True,
                "people": [it.child.pk],
                "recorded_at": utc(correction.recorded_at),
                "recorded_by": officer(it.other),
                "reason": "Misheard",
            }
        ],
    }
    assert {each["automatic"] for each in told["results"] if each["id"] != it.entry.pk} == {True}


def test_actions_and_what_was_shared_are_given(it: Prepared) -> None:
    assert read(an_investigator(), "actions", it.number) == {
        "results": [
            {
                "id": it.action.pk,
                "what": "Visit",
                "owner": officer(it.desk),
                "due_on": it.action.due_on.isoformat(),
                "state": "done",
                "added_at": utc(it.action.added_at),
                "added_by": officer(it.other),
                "ended_at": utc(it.action.ended_at),
                "ended_by": officer(it.desk),
                "result": "Nobody in",
                "version": it.action.history.latest("history_id").history_id,
            }
        ],
        "next": None,
    }
    assert read(an_investigator(), "shared", it.number) == {
        "results": [
            {
                "id": it.shared.pk,
                "partner": "school",
                "to_whom": "Head",
                "what": "That he was seen",
                "way": "email",
                "basis": "crime",
                "shared_at": utc(it.shared.shared_at),
                "people": [it.child.pk],
                "recorded_at": utc(it.shared.recorded_at),
                "recorded_by": officer(it.desk),
            }
        ],
        "next": None,
    }


def test_discussions_decisions_updates_and_closure_are_given(it: Prepared) -> None:
    program = an_investigator()
    (strategy,) = read(program, "strategies", it.number)["results"]
    row = it.case.strategies.get()
    assert strategy == {
        "id": row.pk,
        "how": "telephone",
        "held_at": utc(row.held_at),
        "took_part": {"police": "DS Frayne", "social_services": "S Arikan, team manager"},
        "supervisor": officer(it.other),
        "enquiry": "joint",
        "decided": "Social Services visit today",
        "reason": "No crime alleged",
        "recorded_at": utc(row.recorded_at),
        "recorded_by": officer(it.desk),
    }
    (decision,) = read(program, "decisions", it.number)["results"]
    decided = it.case.decisions.get()
    assert decision == {
        "number": 1,
        "kind": "social_services",
        "reason": "No crime",
        "not_chosen": "",
        "passed_to": "",
        "decided_at": utc(decided.decided_at),
        "decided_by": officer(it.desk),
        "decided_by_name": "",
        "recorded_at": utc(decided.recorded_at),
    }
    updates = read(program, "updates", it.number)
    (asked,) = updates["asked"]
    assert set(asked) == {"duty", "state", "due_on", "progress", "next_on"}
    assert (asked["duty"], asked["due_on"], asked["next_on"]) == (it.duty.pk, it.duty.due_on.isoformat(), None)
    assert asked["state"] == it.duty.state != "open"
    assert updates["results"] == [
        {
            "id": it.answer.pk,
            "received_at": utc(it.answer.received_at),
            "way": "email",
            "from_whom": "S Arikan, social worker",
            "text": "Seen at home, well.",
            "came": it.answer.came,
            "after_chases": 0,
            "recorded_at": utc(it.answer.recorded_at),
            "recorded_by": officer(it.desk),
            "judgement": "unchanged",
            "reason": "Nothing new",
            "judged_at": utc(it.answer.judged_at),
            "judged_by": officer(it.desk),
        }
    ]
    closures = read(program, "closure", it.number)
    assert closures == {
        "in_the_way": [],
        "ends_undone": ["Check that a control measure works", "CRAM review"],
        "results": [
            {
                "id": it.closure.pk,
                "state": "refused",
                "outcome": "Seen well",
                "court": "none",
                "asked_at": utc(it.closure.asked_at),
                "asked_by": officer(it.desk),
                "answered_at": utc(it.closure.answered_at),
                "answered_by": officer(it.other),
                "answer": "The aunt is not seen",
            }
        ],
    }


def test_closure_names_everything_that_stands_in_the_way() -> None:
    case = a_case()
    said = read(an_investigator(), "closure", case.number)
    assert said["in_the_way"]
    assert all(isinstance(each, str) and each for each in said["in_the_way"])
    assert said["results"] == []


def test_a_duty_is_given_with_the_reason_for_its_date(it: Prepared) -> None:
    ended = read(an_investigator(), "duty", it.duty.pk)
    reckoned = it.duty.reckoned
    assert ended == {
        "id": it.duty.pk,
        "case": it.number,
        "urn": it.referral.urn,
        "team": TEAM,
        "kind": "update",
        "label": ended["label"],
        "about": "",
        "state": it.duty.state,
        "owner": officer(it.duty.owner) if it.duty.owner else None,
        "owner_role": it.duty.owner_role,
        "due_on": it.duty.due_on.isoformat(),
        "due_at": utc(it.duty.due_at),
        "late_from": utc(it.duty.late_from),
        "do_by": reckoned.do_by.isoformat() if reckoned.do_by else None,
        "why": reckoned.why.sentence(),
        "raised_at": utc(it.duty.raised_at),
        "ended_at": utc(it.duty.ended_at),
        "ended_by": officer(it.desk),
        "ended_why": it.duty.ended_why,
        "held_at": None,
        "held_by": None,
        "held_why": "",
        "answered_with": None,
        "late_by_hours": None,
        "told": [],
    }
    assert ended["label"]
    assert "14 days" in ended["why"]
    assert it.duty.pk not in [each["id"] for each in read(an_investigator(), "duties")["results"]]
    case = a_case()
    (triage,) = read(an_investigator(), "duties", case=case.number, kind="triage")["results"]
    assert set(triage) == set(ended)
    assert (triage["case"], triage["kind"], triage["state"]) == (case.number, "triage", "open")


def test_somebody_is_given_with_every_record_that_one_may_open(it: Prepared) -> None:
    elsewhere = a_case(a_team("ENF"), children=[PersonSaid("Rhys", "Calloway", same_as=it.child.pk)])
    assert list(elsewhere.people.all()) == [it.child]
    lines = read(an_investigator(), "people")["results"]
    (line,) = [each for each in lines if each["person"]["id"] == it.child.pk]
    assert {**line, "person": 0} == {
        "person": 0,
        "age": "6",
        "other_names": [],
        "address": "4 Elm Row",
        "records": [{"case": it.number, "urn": it.referral.urn, "part": "child", "taken_off_at": None}],
    }
    whole = read(an_investigator(), "person", it.child.pk)
    assert whole == {
        **line,
        "version": it.child.history.latest("history_id").history_id,
        "addresses": ["4 Elm Row"],
        "relations": [{"person": it.adult.pk, "relation": "mother", "to": it.child.pk}],
        "not_shown": "",
    }
    command = Program(an_officer(Role.COMMAND))
    records = read(command, "person", it.child.pk)["records"]
    assert {each["case"] for each in records} == {it.number, elsewhere.number}


def test_an_email_is_given_with_what_was_made_of_it(it: Prepared) -> None:
    lines = read(at_the_desk(), "intake")["results"]
    assert [each["id"] for each in lines] == [it.message.pk, it.waiting.pk]
    use = it.message.uses.get()
    assert lines[0] == {
        "id": it.message.pk,
        "team": TEAM,
        "received_at": utc(it.message.received_at),
        "from_name": "Gwendolyn Teasdale",
        "from_address": "gwendolyn@clinic.example",
        "subject": "About Rhys",
        "urgent": False,
        "state": "dealt_with",
        "uses": [
            {
                "kind": "information",
                "case": it.number,
                "reason": "",
                "used_at": utc(use.used_at),
                "used_by": officer(it.desk),
            }
        ],
    }
    assert read(at_the_desk(), "message", it.message.pk) == {
        **lines[0],
        "to": "cait.haringey@police.example",
        "sent_at": utc(it.message.sent_at),
        "text": it.message.text,
        "attachments": [],
        "problems": it.message.problems,
        "protected": False,
        "copy_of": None,
    }
    set_aside_message(it.waiting, reason="Training", by=it.desk)
    (use_of_none,) = read(at_the_desk(), "message", it.waiting.pk)["uses"]
    assert (use_of_none["kind"], use_of_none["case"], use_of_none["reason"]) == ("set_aside", None, "Training")


# --- narrowed ------------------------------------------------------------------------------------


def test_the_chronology_is_narrowed_as_its_page_is(it: Prepared) -> None:
    program, day = an_investigator(), clock.today()

    def found(**asked: Any) -> list[int]:
        return numbers(program, "chronology", "id", it.number, **asked)

    assert found(kind="contact") == [it.entry.pk]
    assert it.entry.pk in found(person=it.child.pk, significant="true")
    assert it.entry.pk not in found(person=it.adult.pk)
    assert it.entry.pk in found(from_on=day.isoformat(), to_on=day.isoformat())
    assert found(from_on=(day + ONE_DAY).isoformat()) == []


def test_people_are_found_by_the_urn_and_the_number_of_a_record_as_the_description_says(it: Prepared) -> None:
    program = at_the_desk()
    a_case()
    for words in (it.case.urn, it.number):
        found = read(program, "people", q=words)["results"]
        assert {each["person"]["id"] for each in found} == {it.child.pk, it.adult.pk}, words


# --- the number of statements --------------------------------------------------------------------


def statements(program: Program, name: str, *args: Any, **asked: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        read(program, name, *args, **asked)
    return sum(not each["sql"].startswith(("SAVEPOINT", "RELEASE")) for each in captured.captured_queries)


def grown_record(case: Case) -> None:
    """More of everything, by others and for others."""
    for number in range(4):
        by = an_officer(Role.SUPERVISOR)
        person = another_person(case, f"Grown{number}")
        entry = add_entry(
            case, kind=Kind.NOTE, title=f"Nr {number}", text="x", happened_at=clock.now(), people=[person], by=by
        )
        for turn in range(2):
            correct_entry(entry, title=f"{turn}", text="y", happened_at=clock.now(), reason="Misheard", by=by)
        add_action(case, what=f"Visit {number}", owner=by, due_on=clock.today(), by=an_officer(Role.INVESTIGATOR))
        share_information(
            case, partner=Partner.HEALTH, to_whom="GP", what=f"{number}", way=Way.EMAIL, basis=Basis.CRIME,
            shared_at=clock.now(), people=[person], by=by,
        )  # fmt: skip
        judged(an_answer(case, text=f"All well {number}"))


def grown_lists() -> None:
    for number in range(4):
        officers = an_officer(Role.INVESTIGATOR), an_officer(Role.SUPERVISOR)
        case = a_case(
            children=[a_child("Rhys", f"Calloway{number}", address=f"{number} Elm Row"), a_child("Reece")],
            method=Method.TELEPHONE,
        )
        assign_case(case, officer_in_case=officers[0], supervisor=officers[1], by=User.objects.system())
        set_aside_message(a_message(), reason="Training", by=an_officer(Role.DESK_SERGEANT))
        a_message()


def test_what_stands_on_a_record_is_read_with_as_many_statements_however_much_it_is(it: Prepared) -> None:
    program = at_the_desk()
    names = ["chronology", "actions", "shared", "case", "strategies", "decisions", "updates", "closure"]
    few = {name: statements(program, name, it.number) for name in names}
    grown_record(it.case)
    assert {name: statements(program, name, it.number) for name in names} == few
    assert few.pop("closure") <= 16  # each room says what stands in the way
    assert max(few.values()) <= 15, few


def test_a_list_is_read_with_as_many_statements_however_long_it_is(it: Prepared) -> None:
    program = at_the_desk()
    a_case()
    names = ["referrals", "cases", "duties", "people", "intake"]
    for name in names:
        statements(program, name)
    few = {name: statements(program, name) for name in names}
    grown_lists()
    assert min(len(read(program, name)["results"]) for name in names) > 3
    assert {name: statements(program, name) for name in names} == few
    assert max(few.values()) <= 15, few


def test_a_search_for_people_takes_as_many_statements_however_many_it_finds(it: Prepared) -> None:
    program = at_the_desk()
    statements(program, "people", q="calloway")
    few = statements(program, "people", q="calloway")
    grown_lists()
    assert len(read(program, "people", q="calloway")["results"]) > 3
    assert statements(program, "people", q="calloway") == few
    assert few <= 15


def test_one_thing_is_read_with_few_statements(it: Prepared) -> None:
    program = at_the_desk()
    few = {name: statements(program, name, *it.args(name)) for name in ("referral", "message", "duty", "person")}
    assert max(few.values()) <= 15, few


# --- the access log ------------------------------------------------------------------------------


def test_the_access_log_says_by_what_a_list_was_narrowed_and_whom_it_showed(it: Prepared) -> None:
    program = at_the_desk()
    read(program, "referrals", source="health", urgent="yes")
    assert AccessLog.objects.latest("pk").detail["filters"] == ["source", "urgent"]
    read(program, "people", q="Calloway")
    row = AccessLog.objects.latest("pk")
    assert row.detail["people"] == sorted([it.child.pk, it.adult.pk])
    assert row.detail["records"] == [it.case.pk]
    read(program, "intake", state="waiting")
    assert AccessLog.objects.latest("pk").detail["messages"] == [it.waiting.pk]


def test_the_way_in_and_the_description_look_at_nothing() -> None:
    program = Program(a_user())
    before = AccessLog.objects.count()
    read(program, "way_in")
    assert program.client.get(reverse("api-schema")).status_code == 200
    assert AccessLog.objects.count() == before


# --- who may read --------------------------------------------------------------------------------


def test_what_does_not_exist_is_answered_as_what_one_may_not_see(it: Prepared) -> None:
    program = Program(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    nothing = program.client.get(reverse("api:case", args=["HGY-1999-0001"]))
    hidden = program.get("case", it.number)
    assert (nothing.status_code, nothing.content) == (hidden.status_code, hidden.content)


def test_whose_role_it_is_not_reads_whose_it_is(it: Prepared) -> None:
    investigator = an_investigator()
    said = said_wrong(investigator.get("intake"), 403)
    assert said["detail"].startswith("You cannot handle the team’s mailbox")
    assert "Referral Desk Detective Sergeant" in said["detail"]
    auditor = Program(an_officer(Role.AUDITOR))
    for name in ("referrals", "cases", "duties", "people", "person"):
        assert said_wrong(auditor.get(name, *it.args(name)), 403)["detail"].startswith("You cannot open records")


def test_a_duty_that_ended_is_no_row_of_the_queue_but_can_be_read() -> None:
    case = a_triaged_case()
    done = Duty.objects.get(case=case, kind="triage")
    program = an_investigator()
    assert done.pk not in numbers(program, "duties", "id", case=case.number)
    assert read(program, "duty", done.pk)["state"] == "satisfied"


def test_an_unborn_child_and_an_age_are_given_as_well_as_they_are_known() -> None:
    due = clock.today() + 30 * ONE_DAY
    case = a_referral(children=[a_child(birth=Birth.due(due)), a_child("Reece")]).case
    unborn, unknown = [each["person"]["birth"] for each in read(an_investigator(), "case", case.number)["people"]]
    assert (unborn["known"], unborn["expected"], unborn["earliest"]) == ("unborn", due.isoformat(), None)
    assert (unknown["known"], unknown["expected"], unknown["latest"]) == ("unknown", None, None)


def test_who_can_be_given_a_record_is_listed_with_what_they_may() -> None:
    case, sergeant = a_case(), an_officer(Role.SUPERVISOR)
    constable, elsewhere = an_officer(Role.INVESTIGATOR), an_officer(Role.INVESTIGATOR, a_team("ENF"))
    rows = {each["id"]: each for each in Program(sergeant).get("officers", case.number).json()["results"]}
    assert rows[sergeant.pk]["may_supervise"] is True
    assert rows[constable.pk] == {
        "id": constable.pk,
        "name": str(constable),
        "roles": ["investigator"],
        "may_supervise": False,
    }
    assert elsewhere.pk not in rows


def test_the_tabs_of_a_record_count_what_they_lead_to(it: Prepared) -> None:
    from cases.queries import actions_to_do, chronology, heading, shared_on

    case = it.case
    counts = heading(case)["counts"]
    assert counts["entries_told"] == chronology(case).count()
    assert counts["actions_to_do"] == actions_to_do(case).count()
    assert counts["times_shared"] == shared_on(case).count()
