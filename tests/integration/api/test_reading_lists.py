"""Lists that a program reads: page by page, and narrowed as their pages are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from audit.events import Look
from audit.models import AccessLog
from cases.actions import add_entry, assign_case
from cases.enums import Kind
from deadlines import clock
from deadlines.calendar import ONE_DAY
from intake.actions import set_aside_message
from people.said import PersonSaid
from referrals.enums import Category, Method, Source
from team.enums import Role
from team.models import User
from tests.factories.deciding import a_decided_case, a_triaged_case
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.integration.api.prepared import said_wrong
from tests.integration.api.reading import (
    an_investigator,
    at_the_desk,
    numbers,
    pages,
    read,
)

pytestmark = pytest.mark.django_db


def test_a_long_chronology_is_read_to_its_end_by_next_and_nothing_is_there_twice() -> None:
    case, by, program = a_case(), User.objects.system(), an_investigator()

    def some(numbers: range) -> None:
        for number in numbers:  # many at the same moment
            at, kind = case.raised_at - timedelta(number // 9), Kind.NOTE if number % 2 else Kind.CONTACT
            add_entry(case, kind=kind, title=f"Nr {number}", text="x", happened_at=at, by=by)

    some(range(49))
    (page,) = pages(program, "chronology", case.number)  # exactly one page has no next
    assert len(page) == 50
    some(range(49, 104))
    found = pages(program, "chronology", case.number)
    assert [len(page) for page in found] == [50, 50, 5]
    rows = [each for page in found for each in page]
    assert len({each["id"] for each in rows}) == 105
    order = [(each["entry"]["happened_at"], each["id"]) for each in rows]
    assert order == sorted(order, reverse=True)
    # The filters go on with next.
    found = pages(program, "chronology", case.number, kind="note", significant="false")
    assert [len(page) for page in found] == [50, 2]
    assert {each["kind"] for page in found for each in page} == {"note"}


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
    # The next of another list is refused.
    following = urlsplit(program.get("referrals").json()["next"]).query
    assert said_wrong(program.client.get(f"{reverse('api:duties')}?{following}"))["detail"]


def test_the_mailbox_is_read_to_its_end_the_oldest_first() -> None:
    start = clock.moment() - timedelta(hours=2)
    ids = [a_message(received_at=start + timedelta(seconds=each // 2)).pk for each in range(51)]
    found = pages(at_the_desk(), "intake")
    assert [len(page) for page in found] == [50, 1]
    assert [each["id"] for page in found for each in page] == ids


def test_a_damaged_next_is_refused() -> None:
    program, wrong = at_the_desk(), Wrong()
    for name in ("referrals", "cases", "duties", "people", "intake"):
        for after in ("x", "W10", "WyJ4IiwgMSwgMl0", "é", "A" * 5000):
            with tried(wrong, name, after):
                said_wrong(program.get(name, after=after))
    assert wrong == {}


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


def test_a_wrong_or_unknown_filter_is_refused_by_its_name() -> None:
    program, number, wrong = at_the_desk(), a_case().number, Wrong()
    for name, what, value in WRONG_FILTERS:
        with tried(wrong, name, what):
            said = said_wrong(program.get(name, *([number] if name == "chronology" else []), **{what: value}))
            assert set(said) == {"detail", what}
            assert said[what]
            assert all(isinstance(each, str) and each for each in said[what])
    assert wrong == {}


def test_what_a_list_cannot_be_narrowed_by_is_refused() -> None:
    """A filter that is taken and not used would give everything for something."""
    program, number = at_the_desk(), a_case().number
    for name in ("actions", "shared", "strategies", "decisions"):
        assert set(said_wrong(program.get(name, number, state="open"))) == {"detail", "state"}, name


def test_a_team_that_one_does_not_see_is_no_filter() -> None:
    a_case(a_team("ENF"))
    user = an_officer(Role.DESK_SERGEANT)
    said = said_wrong(Program(user).get("referrals", team="ENF"))
    assert set(said) == {"detail", "team"}


def test_the_duties_of_one_record_are_a_look_at_that_record() -> None:
    case = a_case()
    program = an_investigator()
    before = AccessLog.objects.count()
    read(program, "duties", case=case.number)
    (row,) = AccessLog.objects.order_by("pk")[before:]
    assert (row.object_type, row.object_id, row.how) == ("cases.case", case.pk, Look.API)


def test_of_more_people_with_one_name_than_are_shown_a_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench import searching

    desk = Program(an_officer(Role.DESK_SERGEANT))
    for _ in range(3):
        a_case(children=[a_child("Rhys", "Quennell")])
    monkeypatch.setattr(searching, "MOST", 2)
    said = said_wrong(desk.get("people", q="Quennell"))
    assert set(said) == {"detail", "q"}
    assert "Add another of their names" in said["q"][0]
