"""Of several open records of a child one leads: on it the child's reviews hang, and on no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from cases import actions
from cases.enums import Part, State
from cases.leading import leaders, leads_of, led_by, to_choose
from cases.models import Case, CasePerson, Closure, Entry, Lead
from deadlines import clock
from diary.checking import findings
from diary.models import Duty, DutyState
from people.models import Person
from people.said import PersonSaid
from referrals.actions import log_referral
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import assessed
from tests.factories.deciding import a_decided_case, a_decision, asked_to_close
from tests.factories.referrals import a_child, as_received
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

WHY = "Everything new comes in here"


def by_cait() -> User:
    return User.objects.system()


def a_sergeant(**other: Any) -> User:
    return an_officer(Role.SUPERVISOR, **other)


def known(person: Person) -> PersonSaid:
    """Somebody who is known already, as they are said again."""
    return PersonSaid(given_names=person.given_names, family_name=person.family_name, same_as=person.pk)


def the_child(case: Case) -> Person:
    return Person.objects.filter(parts__case=case, parts__part=Part.CHILD).earliest("parts__place")


def another_of(child: Person, *others: PersonSaid, **other: Any) -> Case:
    """One more open record of a child."""
    return a_decided_case(children=[known(child), *others], **other)


def two() -> tuple[Case, Case, Person]:
    """Two open records of one child, the older first."""
    case = a_decided_case()
    child = the_child(case)
    return case, another_of(child), child


def two_assessed() -> tuple[Case, Case, Person]:
    first, second, child = two()
    assessed(first)
    assessed(second)
    return first, second, child


def choose(case: Case, child: Person, **other: Any) -> Lead:
    said: dict[str, Any] = {"reason": WHY, "by": by_cait(), **other}
    return actions.choose_lead(case, child=child, **said)


def closed(case: Case) -> Case:
    return actions.agree_closure(asked_to_close(case), by=a_sergeant(team=case.team)).case


def reopened(case: Case) -> Case:
    return actions.reopen_case(case, reason="New facts", by=by_cait())


def taken_off(case: Case, child: Person) -> None:
    part = CasePerson.objects.get(case=case, person=child)
    actions.take_person_off(part, reason="Somebody else", by=by_cait())


def reviews(*cases: Case) -> list[int]:
    """How many reviews are open on each record; and whatever the check finds wrong is nothing."""
    assert findings([case.pk for case in cases]) == []
    open_ones = Duty.objects.filter(kind="cram_review", state=DutyState.OPEN)
    return [open_ones.filter(case=case).count() for case in cases]


def newest(case: Case) -> Entry:
    return case.entries.latest("id")


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


# --- which leads ---------------------------------------------------------------------------------


def test_a_record_alone_leads() -> None:
    case = a_decided_case()
    assert (leaders([case.pk]), led_by(case), leads_of(case), to_choose(case)) == ({}, [], [], [])


def test_until_somebody_chooses_the_oldest_open_record_leads() -> None:
    first, second, child = two()
    third = another_of(child)
    assert leaders([first.pk, second.pk, third.pk]) == {second.pk: [first], third.pk: [first]}
    closed_one = closed(_ready(first))
    assert leaders([closed_one.pk, second.pk, third.pk]) == {third.pk: [second]}


def _ready(case: Case) -> Case:
    assessed(case)
    return case


def test_what_is_chosen_leads_and_the_last_choice_counts() -> None:
    first, second, child = two()
    choose(second, child)
    assert leaders([first.pk, second.pk]) == {first.pk: [second]}
    choose(first, child)
    assert leaders([first.pk, second.pk]) == {second.pk: [first]}


def test_a_choice_counts_while_its_record_is_open_and_about_the_child() -> None:
    first, second, child = two()
    third = another_of(child, a_child())
    choose(second, child)
    choose(third, child)
    taken_off(third, child)
    assert leaders([first.pk, second.pk, third.pk]) == {first.pk: [second]}
    closed(_ready(second))
    assert leaders([first.pk, second.pk, third.pk]) == {}
    reopened(second)
    assert leaders([first.pk, second.pk, third.pk]) == {first.pk: [second]}


def test_a_record_that_leads_for_one_of_its_children_is_led_by_none() -> None:
    first, second, child = two()
    other = a_decided_case()
    sibling = the_child(other)
    both = a_decided_case(children=[known(child), known(sibling)])
    assert leaders([first.pk, second.pk, other.pk, both.pk]) == {second.pk: [first], both.pk: [first, other]}
    choose(both, sibling)
    assert leaders([first.pk, second.pk, other.pk, both.pk]) == {second.pk: [first], other.pk: [both]}


def test_who_is_on_a_record_in_another_part_has_no_lead_there() -> None:
    first, second = a_decided_case(), a_decided_case()
    child = the_child(first)
    actions.add_person(second, part=Part.OTHER_CHILD, said=known(child), on=clock.today(), by=by_cait())
    assert leaders([first.pk, second.pk]) == {}
    assert leads_of(second) == []


def test_of_many_records_no_more_is_asked_than_of_one() -> None:
    first, second, child = two()
    counts = []
    for cases in ([second.pk], [first.pk, second.pk, another_of(child).pk, *(each.pk for each in two()[:2])]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            leaders(cases)
        counts.append(len(asked))
    assert counts == [4, 4]


# --- the reviews hang on it ----------------------------------------------------------------------


def test_the_reviews_of_a_child_with_two_open_records_hang_on_the_lead_record_only() -> None:
    first, second, child = two_assessed()
    assert reviews(first, second) == [1, 0]
    choose(second, child)
    assert reviews(first, second) == [0, 1]
    ended = Duty.objects.get(case=first, kind="cram_review")
    assert ended.state == DutyState.CANCELLED
    choose(first, child)
    assert reviews(first, second) == [1, 0]


def test_the_review_of_a_lead_record_that_closes_passes_on_and_comes_back() -> None:
    first, second, _ = two_assessed()
    closed(first)
    assert reviews(first, second) == [0, 1]
    reopened(first)
    assert reviews(first, second) == [1, 0]


def test_the_review_passes_on_when_the_child_is_taken_off_and_comes_back_with_the_child() -> None:
    first, second, child = two()
    actions.add_person(first, part=Part.CHILD, said=a_child("Tia"), on=clock.today(), by=by_cait())
    assessed(first)
    assessed(second)
    assert reviews(first, second) == [1, 0]
    taken_off(first, child)
    assert reviews(first, second) == [1, 1]
    actions.add_person(second, part=Part.CHILD, said=a_child("Zak"), on=clock.today(), by=by_cait())
    taken_off(second, child)
    actions.add_person(first, part=Part.CHILD, said=known(child), on=clock.today(), by=by_cait())
    assert reviews(first, second) == [1, 1]


def test_a_child_who_comes_to_a_record_takes_its_review_to_the_one_that_leads() -> None:
    older = a_decided_case()
    first, second, child = two()
    for each in (older, first, second):
        assessed(each)
    assert reviews(older, first, second) == [1, 1, 0]
    actions.add_person(older, part=Part.CHILD, said=known(child), on=clock.today(), by=by_cait())
    assert reviews(older, first, second) == [1, 0, 0]


def test_a_new_referral_of_the_child_moves_no_review() -> None:
    first, second, child = two_assessed()
    third = another_of(child)
    assert reviews(first, second, third) == [1, 0, 0]
    assessed(third)
    assert reviews(first, second, third) == [1, 0, 0]


# --- the choice ----------------------------------------------------------------------------------


def test_whom_to_choose_for_is_asked_until_somebody_does_and_again_with_another_record() -> None:
    first, second, child = two()
    assert to_choose(first) == to_choose(second) == [child]
    choose(second, child)
    assert to_choose(first) == to_choose(second) == []
    third = another_of(child)
    assert to_choose(first) == to_choose(second) == to_choose(third) == [child]
    closed(_ready(third))
    assert to_choose(first) == to_choose(third) == []


def test_a_choice_is_told_on_every_record_and_is_one_event() -> None:
    first, second, child = two()
    by = a_sergeant()
    events = AuditEvent.objects.count()
    lead = choose(second, child, by=by)
    assert (newest(second).title, newest(second).text) == (
        f"Reviews of {child} hang on this record",
        f"It is the lead record of the child’s open records. Why: {WHY}",
    )
    assert (newest(first).title, newest(first).text) == (
        f"Reviews of {child} hang on record {second}",
        f"That is the lead record of the child’s open records. Why: {WHY}",
    )
    assert [list(newest(each).people.all()) for each in (first, second)] == [[child], [child]]
    event = AuditEvent.objects.latest("id")
    assert (AuditEvent.objects.count(), event.event, event.by_id) == (events + 1, "LEAD_CHOSEN", by.pk)
    assert (event.case_id, event.detail) == (second.pk, {"child": child.pk, "records": [first.pk, second.pk]})
    assert (lead.chosen_by, lead.reason, lead.among) == (by, WHY, [first.pk, second.pk])


def test_another_teams_record_is_told_without_number_or_reason() -> None:
    first, _, child = two()
    theirs = another_of(child, team=a_team("ENF"))
    choose(first, child)
    told = newest(theirs)
    assert told.title == f"Reviews of {child} hang on a record of Team HGY"
    assert told.text.endswith("The reason stands on it: ask Team HGY.")
    assert first.number not in told.title + told.text
    assert WHY not in told.text


def test_the_same_choice_sent_twice_is_taken_once() -> None:
    _, second, child = two()
    by = a_sergeant()
    lead = choose(second, child, seen=0, by=by)
    events = AuditEvent.objects.count()
    assert choose(second, child, seen=0, by=by) == lead
    assert (Lead.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_who_chooses_second_reads_what_the_first_chose() -> None:
    first, second, child = two()
    other = a_sergeant()
    lead = choose(second, child, seen=0, by=other)
    with pytest.raises(ChangedMeanwhile, match=f"{other} chose a lead record for {child} on ") as refused:
        choose(first, child, seen=0, by=a_sergeant())
    assert WHY in refused.value.happened
    assert Lead.objects.get() == lead
    choose(first, child, seen=lead.pk, by=a_sergeant())
    assert led_by(second) == [first]


def test_only_a_record_about_the_child_with_others_beside_it_can_lead() -> None:
    first, second, child = two()
    stranger = a_decided_case()
    said = f"Record {stranger} is not about {child}. Choose another record or another child"
    assert refusal(lambda: choose(stranger, child)) == said
    alone = f"{the_child(stranger)} is on no other open record, so reviews hang on {stranger} anyway."
    assert refusal(lambda: choose(stranger, the_child(stranger))) == alone
    assert refusal(lambda: choose(first, child, reason=" ")) == "Say why, or what came of it"
    closed(_ready(second))
    assert refusal(lambda: choose(second, child)).startswith(f"Record {second} is closed")
    assert not Lead.objects.exists()


def test_who_cannot_say_who_works_on_the_record_cannot_make_it_lead() -> None:
    first, _, child = two()
    for by in (an_officer(Role.INVESTIGATOR), an_officer(Role.COMMAND), a_sergeant(team=a_team("ENF"))):
        with pytest.raises(NotAllowed):
            choose(first, child, by=by)


def test_a_choice_is_never_changed() -> None:
    first, _, child = two()
    choose(first, child)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Lead.objects.update(reason="Another")
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Lead.objects.all().delete()


# --- the pages -----------------------------------------------------------------------------------


def page(client: Client, name: str, case: Case) -> str:
    answer = client.get(reverse(name, args=[case.number]))
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def signed_in(client: Client, role: Role = Role.SUPERVISOR, **other: Any) -> User:
    user = an_officer(role, **other)
    client.force_login(user)
    return user


@pytest.mark.parametrize("name", ["workbench:case", "cases:people"])
def test_the_record_says_where_the_reviews_hang(client: Client, name: str) -> None:
    first, second, child = two()
    signed_in(client)
    told, here = page(client, name, second), page(client, name, first)
    link = f'<a class="govuk-link" href="/cases/{first}/">{first}</a>'
    assert f"Reviews of <b>{child}</b> hang on {link} (the lead record)." in told
    assert f"Reviews of <b>{child}</b> hang on this record (the lead record). Also open: " in here
    assert "Nobody has chosen yet" in told
    assert f'href="/cases/{second}/lead/">Choose the lead record' in told
    choose(second, child)
    assert "Nobody has chosen" not in page(client, name, second)
    another_of(child)
    assert "There is another open record since it was chosen" in page(client, name, second)


def test_a_record_alone_says_nothing_of_it(client: Client) -> None:
    case = a_decided_case()
    signed_in(client)
    assert "lead record" not in page(client, "workbench:case", case)
    assert "reviews hang on it anyway" in page(client, "cases:choose_lead", case)


@pytest.mark.parametrize("name", ["workbench:case", "cases:people", "cases:choose_lead"])
def test_another_teams_record_is_not_named(client: Client, name: str) -> None:
    theirs = a_decided_case(team=a_team("ENF"))
    child = the_child(theirs)
    ours = another_of(child)
    signed_in(client)
    told = page(client, name, ours)
    assert "another team’s record (the lead record): ask the duty sergeant of Team ENF" in told
    assert str(theirs) not in told
    choose(ours, child)
    told = page(client, name, ours)
    assert "hang on this record" in told
    assert "Another open record is with Team ENF: ask its duty sergeant." in told
    assert str(theirs) not in told


def test_after_logging_the_sergeant_is_asked_which_leads(client: Client) -> None:
    first, second, child = two()
    signed_in(client, Role.DESK_SERGEANT)
    told = page(client, "referrals:logged", second)
    assert f"<b>{child} is on another open record too.</b>" in told
    assert f'href="/cases/{second}/lead/">Choose which record leads' in told
    signed_in(client, Role.OFFICE_MANAGER)
    assert "A sergeant chooses which record leads" in page(client, "referrals:logged", second)
    choose(first, child)
    assert "on another open record too" not in page(client, "referrals:logged", second)


def send(client: Client, case: Case, /, **typed: Any) -> Any:
    return client.post(reverse("cases:choose_lead", args=[case.number]), {"reason": WHY, "seen": 0, **typed})


def test_the_lead_record_is_chosen_on_its_page(client: Client) -> None:
    first, second, child = two()
    by = signed_in(client)
    form = page(client, "cases:choose_lead", second)
    assert f'type="hidden" name="child" value="{child.pk}"' in form
    assert f"{first}, raised on " in form
    answer = send(client, second, child=child.pk, case=second.pk)
    assert (answer.status_code, answer.url) == (302, f"/cases/{second}/")
    assert (led_by(first), Lead.objects.get().chosen_by) == ([second], by)
    # Somebody who had it open since before reads what was chosen, and loses nothing.
    signed_in(client)
    again = unescape(send(client, first, child=child.pk, case=first.pk, reason="The first of them").content.decode())
    assert f"{by} chose a lead record for {child}" in again
    assert "The first of them" in again
    assert f'name="seen" value="{Lead.objects.get().pk}"' in again


def test_of_siblings_each_is_asked_about(client: Client) -> None:
    first = a_decided_case(children=[a_child("Ellis"), a_child("Tia")])
    children = [part.person for part in first.parts.all()]
    second = a_decided_case(children=[known(each) for each in children])
    signed_in(client)
    form = page(client, "cases:choose_lead", second)
    assert "Whose reviews?" in form
    answer = send(client, second, child=children[0].pk, case=first.pk)
    assert answer.url == f"/cases/{second}/lead/"
    answer = send(client, second, child=children[1].pk, case=first.pk, seen=Lead.objects.latest("pk").pk)
    assert answer.url == f"/cases/{second}/"
    assert (led_by(second), to_choose(second)) == ([first], [])


def test_what_is_missing_is_said(client: Client) -> None:
    _, second, child = two()
    signed_in(client)
    answer = unescape(send(client, second, child=child.pk, reason="").content.decode())
    assert "Select the record that leads" in answer
    assert "Say why this record leads" in answer
    stranger = a_decided_case()
    assert send(client, second, child=child.pk, case=stranger.pk).status_code == 200
    assert not Lead.objects.exists()


# --- at once -------------------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[BaseException | None]:
    """What each of some acts raised, all begun in the same moment on connections of their own."""
    start = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> BaseException | None:
        try:
            start.wait(30)
            act()
        except Exception as raised:
            return raised
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.mark.django_db(transaction=True)
def test_two_linked_records_are_closed_and_opened_again_at_once_without_a_deadlock() -> None:
    first, second, child = two_assessed()
    third = another_of(child)
    assessed(third)
    sergeant = a_sergeant()
    for _ in range(3):
        asked: list[Closure] = [asked_to_close(each) for each in (second, first)]
        done = at_once(*(lambda each=each: actions.agree_closure(each, by=sergeant) for each in asked))
        assert done == [None, None]
        assert reviews(first, second, third) == [0, 0, 1]
        assert at_once(lambda: reopened(second), lambda: reopened(first)) == [None, None]
        assert reviews(first, second, third) == [1, 0, 0]
        for each in (first, second):  # opened again, it is decided again
            a_decision(each)


@pytest.mark.django_db(transaction=True)
def test_whatever_is_done_at_once_to_linked_records_leaves_one_review() -> None:
    first, second, child = two_assessed()
    other = a_decided_case()
    assessed(other)
    closure, sergeant = asked_to_close(first), a_sergeant()
    said = as_received(children=[known(child)])
    done = at_once(
        lambda: actions.agree_closure(closure, by=sergeant),
        lambda: choose(second, child),
        lambda: actions.add_person(other, part=Part.CHILD, said=known(child), on=clock.today(), by=by_cait()),
        lambda: log_referral(a_team(), **said, by=by_cait()),
    )
    # Whoever chose after the closure and before anything else came was told that there is no other record.
    assert [each for each in done if not (each is None or isinstance(each, ValidationError))] == []
    records = Case.objects.filter(parts__person=child, state=State.OPEN).order_by("pk")
    assert findings([case.pk for case in records]) == []
    led = leaders([case.pk for case in records])
    assert len({each.pk for theirs in led.values() for each in theirs}) == 1
    assert not Duty.objects.filter(case=first, state=DutyState.OPEN).exists()
