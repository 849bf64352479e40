"""What a program reads: shape and values, pages of lists, filters, and for whom there is nothing to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from knox.models import AuthToken

from audit.events import Look
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
from referrals.enums import Category, Method, Source
from team.actions import close_account, end_role, reset_password, withdraw_role, withdraw_tokens
from team.enums import Role
from team.models import User
from tests.factories.deciding import a_decided_case, a_triaged_case, an_answer, judged
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child, a_referral
from tests.factories.team import a_team, a_user, an_officer
from tests.integration.api.asking import Program
from tests.integration.api.prepared import CALLER, READS, Prepared, another_person, prepared, said_wrong

pytestmark = pytest.mark.django_db

TEAM = {"code": "HGY", "name": "Team HGY"}


def officer(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.get_full_name()}


def utc(at: Any) -> str | None:
    """A moment as CAIT gives it."""
    return None if at is None else at.astimezone(clock.UTC).isoformat().replace("+00:00", "Z")


def read(program: Program, name: str, *args: Any, **asked: Any) -> Any:
    answer = program.get(name, *args, **asked)
    assert answer.status_code == 200, (name, answer.content[:500])
    assert answer["Content-Type"] == "application/json"
    return answer.json()


def an_investigator(team: str = "HGY") -> Program:
    return Program(an_officer(Role.INVESTIGATOR, a_team(team)))


def at_the_desk() -> Program:
    return Program(an_officer(Role.DESK_SERGEANT))


# --- shape and values ----------------------------------------------------------------------------


def patterns(found: list[Any]) -> list[Any]:
    return [p for each in found for p in (patterns(each.url_patterns) if hasattr(each, "url_patterns") else [each])]


def test_every_address_that_is_read_is_tested_here() -> None:
    assert {p.name for p in patterns(resources) if hasattr(p.callback.cls, "get")} == set(READS)


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
                "notices",
                "people",
            )
        },
    }


def test_a_referral_is_given_as_it_was_received() -> None:
    it = prepared()
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


def test_a_record_is_given_with_who_is_on_it() -> None:
    it = prepared()
    line = read(an_investigator(), "cases")["results"][0]
    assert line == {
        "number": it.number,
        "urn": it.referral.urn,
        "team": TEAM,
        "state": "open",
        "level": "medium",
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


def test_the_chronology_is_given_with_each_correction_beside_what_it_corrects() -> None:
    it = prepared()
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


def test_actions_and_what_was_shared_are_given() -> None:
    it = prepared()
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


def test_discussions_decisions_updates_and_closure_are_given() -> None:
    it = prepared()
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


def test_a_duty_is_given_with_the_reason_for_its_date() -> None:
    it = prepared()
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


def test_somebody_is_given_with_every_record_that_one_may_open() -> None:
    it = prepared()
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
    }
    command = Program(an_officer(Role.COMMAND))
    records = read(command, "person", it.child.pk)["records"]
    assert {each["case"] for each in records} == {it.number, elsewhere.number}


def test_an_email_is_given_with_what_was_made_of_it() -> None:
    it = prepared()
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


# --- lists ---------------------------------------------------------------------------------------


def pages(program: Program, name: str, *args: Any, **asked: Any) -> list[list[Any]]:
    """Every page of a list, each next one by the address that the one before gave."""
    found: list[list[Any]] = []
    answer = program.get(name, *args, **asked)
    while len(found) < 9:
        assert answer.status_code == 200, answer.content[:300]
        page = answer.json()
        assert set(page) == {"results", "next"}
        found.append(page["results"])
        if page["next"] is None:
            return found
        assert page["next"].startswith("http://testserver/api/v1/")
        answer = program.client.get(page["next"].removeprefix("http://testserver"))
    raise AssertionError("there is no end")


def test_a_long_chronology_is_read_to_its_end_by_next_and_nothing_is_there_twice() -> None:
    case, by = a_case(), User.objects.system()
    at = case.raised_at
    for number in range(104):  # many at the same moment
        add_entry(
            case, kind=Kind.NOTE, title=f"Nr {number}", text="x", happened_at=at - timedelta(number // 9), by=by
        )
    found = pages(an_investigator(), "chronology", case.number)
    assert [len(page) for page in found] == [50, 50, 5]
    rows = [each for page in found for each in page]
    assert len({each["id"] for each in rows}) == 105
    order = [(each["entry"]["happened_at"], each["id"]) for each in rows]
    assert order == sorted(order, reverse=True)


def test_the_filters_go_on_with_next() -> None:
    case, by = a_case(), User.objects.system()
    for number in range(102):
        kind = Kind.NOTE if number % 2 else Kind.CONTACT
        add_entry(case, kind=kind, title=f"Nr {number}", text="x", happened_at=case.raised_at, by=by)
    found = pages(an_investigator(), "chronology", case.number, kind="note", significant="false")
    assert [len(page) for page in found] == [50, 1]
    assert {each["kind"] for page in found for each in page} == {"note"}


def test_exactly_one_page_has_no_next() -> None:
    case, by = a_case(), User.objects.system()
    for number in range(49):
        add_entry(case, kind=Kind.NOTE, title=f"Nr {number}", text="x", happened_at=case.raised_at, by=by)
    (page,) = pages(an_investigator(), "chronology", case.number)
    assert len(page) == 50


def test_referrals_records_duties_and_people_are_read_to_their_end() -> None:
    cases = [a_case(received_at=clock.moment() - timedelta(minutes=each % 7)) for each in range(51)]
    program = an_investigator()
    for name, key in (("referrals", "case"), ("cases", "number"), ("duties", "id"), ("people", "person")):
        found = pages(program, name, **({"kind": "triage"} if name == "duties" else {}))
        assert [len(page) for page in found] == [50, 1], name
        assert len({str(each[key]) for page in found for each in page}) == 51, name
    received = [each["received_at"] for page in pages(program, "referrals") for each in page]
    assert received == sorted(received, reverse=True)
    late = [each["late_from"] for page in pages(program, "duties") for each in page]
    assert late == sorted(late)
    numbers = [each["number"] for page in pages(program, "cases") for each in page]
    assert numbers == [case.number for case in reversed(cases)]


def test_the_mailbox_is_read_to_its_end_the_oldest_first() -> None:
    start = clock.moment() - timedelta(hours=2)
    ids = [a_message(received_at=start + timedelta(seconds=each // 2)).pk for each in range(51)]
    found = pages(at_the_desk(), "intake")
    assert [len(page) for page in found] == [50, 1]
    assert [each["id"] for page in found for each in page] == ids


@pytest.mark.parametrize("name", ["referrals", "cases", "duties", "people", "intake"])
@pytest.mark.parametrize("after", ["x", "W10", "WyJ4IiwgMSwgMl0", "é", "A" * 5000])
def test_a_damaged_next_is_refused(name: str, after: str) -> None:
    said_wrong(at_the_desk().get(name, after=after))


def test_the_next_of_another_list_is_refused() -> None:
    for _ in range(51):
        a_case()
    program = at_the_desk()
    following = urlsplit(program.get("referrals").json()["next"]).query
    assert said_wrong(program.client.get(f"{reverse('api:duties')}?{following}"))["detail"]


def numbers(program: Program, name: str, key: str, *args: Any, **asked: Any) -> list[Any]:
    return [each[key] for each in read(program, name, *args, **asked)["results"]]


def test_the_log_is_narrowed_as_its_page_is() -> None:
    program = at_the_desk()
    day = clock.today()
    phoned = a_case(
        method=Method.TELEPHONE, source=Source.POLICE, urgent=True, categories=[Category.NEGLECT],
        children=[a_child("Ottoline", "Quennell")],
    )  # fmt: skip
    old = a_case(received_at=clock.moment() - 9 * ONE_DAY)
    triaged, decided = a_triaged_case(), a_decided_case()

    def found(**asked: Any) -> set[str]:
        return set(numbers(program, "referrals", "case", **asked))

    everything = {each.number for each in (phoned, old, triaged, decided)}
    assert found() == everything
    assert found(q="Quennell") == found(q=phoned.number) == found(q=phoned.urn) == {phoned.number}
    assert found(source="police") == found(urgent="yes") == found(category="neglect") == {phoned.number}
    assert found(unconfirmed="true") == {phoned.number}
    assert found(urgent="no") == everything - {phoned.number}
    assert found(progress="triaged") == {triaged.number}
    assert found(decision="information") == {decided.number}
    assert found(to_on=(day - ONE_DAY).isoformat()) == {old.number}
    assert found(from_on=day.isoformat(), to_on=day.isoformat()) == everything - {old.number}
    assert found(from_on=day.isoformat(), urgent="yes") == {phoned.number}


def test_records_are_narrowed_as_their_page_is() -> None:
    desk = an_officer(Role.DESK_SERGEANT)
    program, mine, nobodys = Program(desk), a_case(), a_case()
    assign_case(mine, officer_in_case=desk, supervisor=None, by=desk)
    elsewhere = a_case(a_team("ENF"))
    assert numbers(program, "cases", "number", officer="me") == [mine.number]
    assert numbers(program, "cases", "number", officer="nobody") == [nobodys.number]
    assert numbers(program, "cases", "number", state="closed") == []
    assert len(numbers(program, "cases", "number", state="open")) == 2
    command = Program(an_officer(Role.COMMAND))
    assert numbers(command, "cases", "number", team="ENF") == [elsewhere.number]
    assert len(numbers(command, "cases", "number")) == 3


def test_the_chronology_is_narrowed_as_its_page_is() -> None:
    it = prepared()
    program, day = an_investigator(), clock.today()

    def found(**asked: Any) -> list[int]:
        return numbers(program, "chronology", "id", it.number, **asked)

    assert found(kind="contact") == [it.entry.pk]
    assert it.entry.pk in found(person=it.child.pk, significant="true")
    assert it.entry.pk not in found(person=it.adult.pk)
    assert it.entry.pk in found(from_on=day.isoformat(), to_on=day.isoformat())
    assert found(from_on=(day + ONE_DAY).isoformat()) == []


def test_duties_are_narrowed_as_the_queue_is() -> None:
    desk = an_officer(Role.DESK_SERGEANT)
    program, late, urgent = Program(desk), a_case(received_at=clock.moment() - 30 * ONE_DAY), a_case(urgent=True)
    phoned = a_case(method=Method.TELEPHONE)
    assert set(numbers(program, "duties", "case", by="late")) == {late.number}
    assert set(numbers(program, "duties", "case", kind="triage")) == {late.number, urgent.number, phoned.number}
    assert numbers(program, "duties", "case", kind="confirmation") == [phoned.number]
    assert set(numbers(program, "duties", "case", case=urgent.number)) == {urgent.number}
    assert numbers(program, "duties", "case", whose="my_records") == []
    assign_case(late, officer_in_case=desk, supervisor=None, by=desk)
    assert set(numbers(program, "duties", "case", whose="my_records")) == {late.number}


def test_the_mailbox_is_narrowed() -> None:
    program = at_the_desk()
    waiting, urgent = a_message(), a_message(Importance="high", subject="URGENT: a child")
    aside = set_aside_message(a_message(), reason="Training", by=User.objects.system())
    assert urgent.urgent
    assert numbers(program, "intake", "id") == [waiting.pk, urgent.pk, aside.pk]
    assert numbers(program, "intake", "id", state="waiting") == [waiting.pk, urgent.pk]
    assert numbers(program, "intake", "id", state="waiting", urgent="true") == [urgent.pk]
    assert numbers(program, "intake", "id", urgent="false") == [waiting.pk, urgent.pk, aside.pk]


def test_people_are_found_by_their_name() -> None:
    program = at_the_desk()
    case = a_case(children=[a_child("Ottoline", "Quennell")])
    a_case()
    (found,) = read(program, "people", q="quennell ottoline")["results"]
    assert found["records"][0]["case"] == case.number
    assert said_wrong(program.get("people", q="q"))["detail"]


@pytest.mark.parametrize("by", ["urn", "number"])
def test_people_are_found_by_the_urn_and_the_number_of_a_record_as_the_description_says(by: str) -> None:
    it = prepared()
    a_case()
    words = it.case.urn if by == "urn" else it.number
    found = read(at_the_desk(), "people", q=words)["results"]
    assert {each["person"]["id"] for each in found} == {it.child.pk, it.adult.pk}


def test_people_are_found_by_their_address_as_the_description_says() -> None:
    child = PersonSaid("Ottoline", "Quennell", address="22 Tidewell House, London N17 0ZZ")
    case = a_case(children=[child])
    found = read(at_the_desk(), "people", q="22 Tidewell House")["results"]
    assert [each["records"][0]["case"] for each in found] == [case.number]


def test_the_access_log_names_nobody_who_was_not_shown() -> None:
    child = PersonSaid("Ottoline", "Quennell", address="22 Tidewell House, London N17 0ZZ")
    a_case(children=[child])
    found = read(at_the_desk(), "people", q="22 Tidewell House")["results"]
    assert AccessLog.objects.latest("pk").detail.get("people", []) == [each["person"]["id"] for each in found]


WRONG_FILTERS = [
    *[("referrals", name, "banana") for name in ("progress", "source", "category", "urgent", "decision")],
    *[("referrals", name, "banana") for name in ("from_on", "to_on", "unconfirmed", "team", "colour")],
    *[("cases", name, "banana") for name in ("state", "officer", "colour", "team")],
    *[("duties", name, "banana") for name in ("whose", "by", "kind", "level", "officer", "case", "colour")],
    *[("intake", name, "banana") for name in ("state", "urgent", "colour")],
    ("people", "colour", "banana"),
    ("people", "q", "x" * 101),
    *[("chronology", name, "banana") for name in ("kind", "person", "from_on", "significant", "colour")],
]


@pytest.mark.parametrize(("name", "what", "value"), WRONG_FILTERS)
def test_a_wrong_or_unknown_filter_is_refused_by_its_name(name: str, what: str, value: str) -> None:
    args = [a_case().number] if name == "chronology" else []
    said = said_wrong(at_the_desk().get(name, *args, **{what: value}))
    assert set(said) == {"detail", what}
    assert said[what]
    assert all(isinstance(each, str) and each for each in said[what])


@pytest.mark.parametrize("name", ["actions", "shared", "strategies", "decisions"])
def test_what_a_list_cannot_be_narrowed_by_is_refused(name: str) -> None:
    """A filter that is taken and not used would give everything for something."""
    said = said_wrong(at_the_desk().get(name, a_case().number, state="open"))
    assert set(said) == {"detail", "state"}


def test_a_team_that_one_does_not_see_is_no_filter() -> None:
    a_case(a_team("ENF"))
    user = an_officer(Role.DESK_SERGEANT)
    said = said_wrong(Program(user).get("referrals", team="ENF"))
    assert set(said) == {"detail", "team"}


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


def test_what_stands_on_a_record_is_read_with_as_many_statements_however_much_it_is() -> None:
    it = prepared()
    program = at_the_desk()
    names = ["chronology", "actions", "shared", "case", "strategies", "decisions", "updates", "closure"]
    few = {name: statements(program, name, it.number) for name in names}
    grown_record(it.case)
    assert {name: statements(program, name, it.number) for name in names} == few
    assert few.pop("closure") <= 16  # each room says what stands in the way
    assert max(few.values()) <= 15, few


def test_a_list_is_read_with_as_many_statements_however_long_it_is() -> None:
    prepared()
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


def test_a_search_for_people_takes_as_many_statements_however_many_it_finds() -> None:
    prepared()
    program = at_the_desk()
    statements(program, "people", q="calloway")
    few = statements(program, "people", q="calloway")
    grown_lists()
    assert len(read(program, "people", q="calloway")["results"]) > 3
    assert statements(program, "people", q="calloway") == few
    assert few <= 15


def test_one_thing_is_read_with_few_statements() -> None:
    it = prepared()
    program = at_the_desk()
    few = {name: statements(program, name, *it.args(name)) for name in ("referral", "message", "duty", "person")}
    assert max(few.values()) <= 15, few


# --- the access log ------------------------------------------------------------------------------

ON_RECORD = {name for name, what in READS.items() if what == "number"}
ON_RECORD |= {"duty", "assessment", "conference", "plan", "report"}
OF_WHAT = {
    "referrals": "referrals.referral",
    "intake": "intake.message",
    "message": "intake.message",
    "cases": "cases.case",
    "assessments": "cram.assessment",
    "conferences": "conferences.conference",
    "plans": "conferences.plan",
    "duties": "diary.duty",
    "notices": "diary.notice",
    "people": "people.person",
    "person": "people.person",
}


def test_each_look_is_one_row_of_the_access_log() -> None:
    it = prepared()
    program = at_the_desk()
    names = sorted(set(READS) - {"way_in"})
    before = AccessLog.objects.count()
    for name in names:
        read(program, name, *it.args(name))
    rows = list(AccessLog.objects.order_by("pk")[before:])
    assert [row.detail["page"] for row in rows] == [f"api:{name}" for name in names]
    for name, row in zip(names, rows, strict=True):
        assert (row.by_id, row.how, row.team_id) == (program.user.pk, Look.API, a_team().pk), name
        if name in ON_RECORD:
            assert (row.object_type, row.object_id, row.case_id) == ("cases.case", it.case.pk, it.case.pk), name
        else:
            about = {"message": it.message.pk, "person": it.child.pk}.get(name)
            assert (row.object_type, row.object_id, row.case_id) == (OF_WHAT[name], about, None), name


def test_the_duties_of_one_record_are_a_look_at_that_record() -> None:
    case = a_case()
    program = an_investigator()
    before = AccessLog.objects.count()
    read(program, "duties", case=case.number)
    (row,) = AccessLog.objects.order_by("pk")[before:]
    assert (row.object_type, row.object_id, row.how) == ("cases.case", case.pk, Look.API)


def test_the_access_log_says_by_what_a_list_was_narrowed_and_whom_it_showed() -> None:
    it = prepared()
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


def test_a_refused_look_is_none() -> None:
    it = prepared()
    before = AccessLog.objects.count()
    auditor = Program(an_officer(Role.AUDITOR))
    for name in sorted(set(READS) - {"way_in"}):
        assert auditor.get(name, *it.args(name)).status_code in (403, 404), name
    program = at_the_desk()
    assert program.client.get(reverse("api:case", args=["HGY-1999-0001"])).status_code == 404
    assert program.get("cases", state="banana").status_code == 400
    assert AccessLog.objects.count() == before


# --- protected callers ---------------------------------------------------------------------------

# What a protected caller is known by. Their kind of work too: "Health" would say who it is. No fewer figures: four
# may stand in the millionths of any moment.
TELLING = [*CALLER.values(), "Teasdale", "7946 0991", "health"]


def without_the_matrix(found: dict[str, Any]) -> dict[str, Any]:
    """What is read but for what the matrix asks of every child: it names health, whoever called."""
    for section in found.get("sections", []):
        for question in section["questions"]:
            question.pop("factor")
    return found


def everything_read(program: Program, it: Prepared, leave_out: set[str]) -> dict[str, str]:
    read_whole = {}
    for name in set(READS) - leave_out:
        answer = program.get(name, *it.args(name))
        if answer.status_code == 200:
            read_whole[name] = json.dumps(without_the_matrix(answer.json()), ensure_ascii=False).casefold()
    found = program.get("people", q="Calloway")
    read_whole["people by name"] = json.dumps(found.json(), ensure_ascii=False).casefold()
    known = program.post("known_already", people=[{"given_names": "Rhys", "family_name": "Calloway"}])
    assert known.json()["results"][0]
    read_whole["known already"] = json.dumps(known.json(), ensure_ascii=False).casefold()
    return read_whole


def test_of_a_protected_caller_nothing_is_told_anywhere() -> None:
    it = prepared(protected=True)
    it.message.refresh_from_db()
    assert it.message.protected
    for role in (Role.INVESTIGATOR, Role.DESK_SERGEANT, Role.OFFICE_MANAGER, Role.COMMAND):
        # The email itself is read by those alone who may know the caller.
        mail = {"message", "intake"} if role == Role.DESK_SERGEANT else set()
        read_whole = everything_read(Program(an_officer(role)), it, mail)
        assert {"referral", "referrals", "case", "chronology", "people by name", "known already"} <= set(read_whole)
        told = {(name, each) for name, said in read_whole.items() for each in TELLING if each.casefold() in said}
        assert told == set(), role
        referral = Program(an_officer(role)).get("referral", it.number).json()
        assert (referral["protected"], referral["source"], referral["caller"]) == (True, None, None), role


def test_where_nobody_is_protected_the_same_is_told() -> None:
    """So that the test above can fail."""
    it = prepared()
    read_whole = everything_read(at_the_desk(), it, set())
    told = {each for said in read_whole.values() for each in TELLING if each.casefold() in said}
    assert told == set(TELLING)


def test_a_protected_caller_is_not_found_by_where_they_come_from() -> None:
    prepared(protected=True)
    program = at_the_desk()
    assert numbers(program, "referrals", "case", source="health") == []
    assert numbers(program, "referrals", "case", q="Teasdale") == []
    assert len(numbers(program, "referrals", "case")) == 1


def test_the_email_of_a_protected_caller_is_not_there_for_who_may_not_know_them() -> None:
    it = prepared(protected=True)
    manager, desk = Program(an_officer(Role.OFFICE_MANAGER)), at_the_desk()
    assert manager.get("message", it.message.pk).status_code == 404
    assert numbers(manager, "intake", "id") == [it.waiting.pk]
    assert read(desk, "message", it.message.pk)["protected"] is True


# --- who may read --------------------------------------------------------------------------------


def test_nothing_of_another_team_is_there() -> None:
    it = prepared()
    before = AccessLog.objects.count()
    program = Program(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    for name, what in READS.items():
        if what:
            said_wrong(program.get(name, *it.args(name)), 404)
    assert AccessLog.objects.count() == before
    for name in ("referrals", "cases", "duties", "people", "intake"):
        assert read(program, name)["results"] == [], name
    assert read(program, "people", q="Calloway")["results"] == []
    assert read(program, "people", q=it.number)["results"] == []
    assert read(program, "referrals", q=it.referral.urn)["results"] == []
    said_wrong(program.get("duties", case=it.number), 404)


def test_what_does_not_exist_is_answered_as_what_one_may_not_see() -> None:
    it = prepared()
    program = Program(an_officer(Role.DESK_SERGEANT, a_team("ENF")))
    nothing = program.client.get(reverse("api:case", args=["HGY-1999-0001"]))
    hidden = program.get("case", it.number)
    assert (nothing.status_code, nothing.content) == (hidden.status_code, hidden.content)


def test_whose_role_it_is_not_reads_whose_it_is() -> None:
    it = prepared()
    investigator = an_investigator()
    said = said_wrong(investigator.get("intake"), 403)
    assert said["detail"].startswith("You cannot handle the team’s mailbox")
    assert "Referral Desk Detective Sergeant" in said["detail"]
    auditor = Program(an_officer(Role.AUDITOR))
    for name in ("referrals", "cases", "duties", "people", "person"):
        assert said_wrong(auditor.get(name, *it.args(name)), 403)["detail"].startswith("You cannot open records")


def close(user: User) -> None:
    close_account(user, by=User.objects.system())


def end_token(user: User) -> None:
    AuthToken.objects.filter(user=user).update(expiry=clock.now() - timedelta(seconds=1))


def first_password(user: User) -> None:
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])


def by_system(act: Callable[..., Any]) -> Callable[[User], Any]:
    return lambda user: act(user, by=User.objects.system())


def take_role(user: User) -> None:
    withdraw_role(user.memberships.get(), reason="Given by mistake", by=User.objects.system())


@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (close, 401),
        (end_token, 401),
        (by_system(withdraw_tokens), 401),
        (by_system(reset_password), 401),
        (first_password, 403),
        (take_role, 403),
    ],
)
def test_who_may_no_longer_is_told_so(happens: Callable[[User], Any], status: int) -> None:
    program = an_investigator()
    assert program.get("cases").status_code == 200
    before = AccessLog.objects.count()
    happens(program.user)
    answer = program.get("cases")
    said = said_wrong(answer, status)
    assert len(said["detail"].split()) > 1
    if status == 401:
        assert answer["WWW-Authenticate"] == "Token"
    assert AccessLog.objects.count() == before


def test_a_token_that_has_ended_is_still_there_after_it_was_refused() -> None:
    program = an_investigator()
    end_token(program.user)
    said_wrong(program.get("cases"), 401)
    assert AuthToken.objects.filter(user=program.user).count() == 1


def test_who_never_had_a_role_or_has_it_no_more_reads_no_record() -> None:
    a_case()
    yesterday = clock.today() - ONE_DAY
    for user in (a_user(), an_officer(Role.INVESTIGATOR, from_on=yesterday - ONE_DAY, to_on=yesterday)):
        said = said_wrong(Program(user).get("cases"), 403)
        assert "no role" in said["detail"]


def test_a_role_that_ends_today_is_held_today() -> None:
    user = an_officer(Role.INVESTIGATOR)
    end_role(user.memberships.get(), last_day=clock.today(), reason="Moved", by=User.objects.system())
    assert Program(user).get("cases").status_code == 200


def test_with_a_session_the_same_holds() -> None:
    user = an_officer(Role.INVESTIGATOR)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("api:cases")).status_code == 200
    first_password(user)
    assert "first password" in said_wrong(client.get(reverse("api:cases")), 403)["detail"]
    for name in ("api:way_in", "api-schema"):
        with transaction.atomic():
            assert "first password" in said_wrong(client.get(reverse(name)), 403)["detail"]
    close(user)
    said_wrong(client.get(reverse("api:cases")), 401)


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


def test_of_more_people_with_one_name_than_are_shown_a_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench import searching

    desk = Program(an_officer(Role.DESK_SERGEANT))
    for _ in range(3):
        a_case(children=[a_child("Rhys", "Quennell")])
    monkeypatch.setattr(searching, "MOST", 2)
    said = said_wrong(desk.get("people", q="Quennell"))
    assert set(said) == {"detail", "q"}
    assert "Add another of their names" in said["q"][0]


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


def test_the_tabs_of_a_record_count_what_they_lead_to() -> None:
    from cases.queries import actions_to_do, chronology, heading, shared_on

    case = prepared().case
    counts = heading(case)["counts"]
    assert counts["entries_told"] == chronology(case).count()
    assert counts["actions_to_do"] == actions_to_do(case).count()
    assert counts["times_shared"] == shared_on(case).count()
