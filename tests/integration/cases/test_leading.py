"""Of several open records of a child one leads: on it the child's reviews hang, and on no other."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from cases import actions
from cases.enums import Part
from cases.leading import leaders, leads_of, led_by, to_choose
from cases.models import Case, Lead
from deadlines import clock
from diary.models import Duty, DutyState
from team.enums import Role
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed
from tests.factories.assessing import assessed
from tests.factories.deciding import a_decided_case
from tests.factories.referrals import a_child
from tests.factories.team import a_team, an_officer
from tests.integration.cases.leads import (
    WHY,
    Pair,
    a_sergeant,
    another_of,
    by_cait,
    choose,
    closed,
    known,
    newest,
    refusal,
    reopened,
    reviews,
    taken_off,
    the_child,
    two,
    two_assessed,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built_pair(shared: Shared, built_decided: Case) -> Pair:
    """Younger than the record of another child that stands beside it."""
    return shared(two)


@pytest.fixture
def pair(built_pair: Pair) -> Pair:
    """Two open records of one child, the older first."""
    return own(built_pair)


@pytest.fixture(scope="module")
def built_assessed_pair(shared: Shared) -> Pair:
    return shared(two_assessed)


@pytest.fixture
def assessed_pair(built_assessed_pair: Pair) -> Pair:
    return own(built_assessed_pair)


# --- which leads ---------------------------------------------------------------------------------


def test_a_record_alone_leads(decided: Case) -> None:
    assert (leaders([decided.pk]), led_by(decided), leads_of(decided), to_choose(decided)) == ({}, [], [], [])


def test_until_somebody_chooses_the_oldest_open_record_leads(pair: Pair) -> None:
    first, second, child = pair
    third = another_of(child)
    assert leaders([first.pk, second.pk, third.pk]) == {second.pk: [first], third.pk: [first]}
    closed_one = closed(_ready(first))
    assert leaders([closed_one.pk, second.pk, third.pk]) == {third.pk: [second]}


def _ready(case: Case) -> Case:
    assessed(case)
    return case


def test_what_is_chosen_leads_and_the_last_choice_counts(pair: Pair) -> None:
    first, second, child = pair
    choose(second, child)
    assert leaders([first.pk, second.pk]) == {first.pk: [second]}
    choose(first, child)
    assert leaders([first.pk, second.pk]) == {second.pk: [first]}


def test_a_choice_counts_while_its_record_is_open_and_about_the_child(pair: Pair) -> None:
    first, second, child = pair
    third = another_of(child, a_child())
    choose(second, child)
    choose(third, child)
    taken_off(third, child)
    assert leaders([first.pk, second.pk, third.pk]) == {first.pk: [second]}
    closed(_ready(second))
    assert leaders([first.pk, second.pk, third.pk]) == {}
    reopened(second)
    assert leaders([first.pk, second.pk, third.pk]) == {first.pk: [second]}


def test_a_record_that_leads_for_one_of_its_children_is_led_by_none(pair: Pair, decided: Case) -> None:
    first, second, child = pair
    sibling = the_child(decided)
    both = a_decided_case(children=[known(child), known(sibling)])
    assert leaders([first.pk, second.pk, decided.pk, both.pk]) == {second.pk: [first], both.pk: [first, decided]}
    choose(both, sibling)
    assert leaders([first.pk, second.pk, decided.pk, both.pk]) == {second.pk: [first], decided.pk: [both]}


def test_who_is_on_a_record_in_another_part_has_no_lead_there(decided: Case) -> None:
    second = a_decided_case()
    child = the_child(decided)
    actions.add_person(second, part=Part.OTHER_CHILD, said=known(child), on=clock.today(), by=by_cait())
    assert leaders([decided.pk, second.pk]) == {}
    assert leads_of(second) == []


def test_of_many_records_no_more_is_asked_than_of_one(pair: Pair) -> None:
    first, second, child = pair
    counts = []
    for cases in ([second.pk], [first.pk, second.pk, another_of(child).pk, *(each.pk for each in two()[:2])]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            leaders(cases)
        counts.append(len(asked))
    assert counts == [4, 4]


# --- the reviews hang on it ----------------------------------------------------------------------


def test_the_reviews_of_a_child_with_two_open_records_hang_on_the_lead_record_only(assessed_pair: Pair) -> None:
    first, second, child = assessed_pair
    assert reviews(first, second) == [1, 0]
    choose(second, child)
    assert reviews(first, second) == [0, 1]
    ended = Duty.objects.get(case=first, kind="cram_review")
    assert ended.state == DutyState.CANCELLED
    choose(first, child)
    assert reviews(first, second) == [1, 0]


def test_the_review_of_a_lead_record_that_closes_passes_on_and_comes_back(assessed_pair: Pair) -> None:
    first, second, _ = assessed_pair
    closed(first)
    assert reviews(first, second) == [0, 1]
    reopened(first)
    assert reviews(first, second) == [1, 0]


def test_the_review_passes_on_when_the_child_is_taken_off_and_comes_back_with_the_child(pair: Pair) -> None:
    first, second, child = pair
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


def test_a_child_who_comes_to_a_record_takes_its_review_to_the_one_that_leads(decided: Case, pair: Pair) -> None:
    first, second, child = pair
    for each in (decided, first, second):
        assessed(each)
    assert reviews(decided, first, second) == [1, 1, 0]
    actions.add_person(decided, part=Part.CHILD, said=known(child), on=clock.today(), by=by_cait())
    assert reviews(decided, first, second) == [1, 0, 0]


def test_a_new_referral_of_the_child_moves_no_review(assessed_pair: Pair) -> None:
    first, second, child = assessed_pair
    third = another_of(child)
    assert reviews(first, second, third) == [1, 0, 0]
    assessed(third)
    assert reviews(first, second, third) == [1, 0, 0]


# --- the choice ----------------------------------------------------------------------------------


def test_whom_to_choose_for_is_asked_until_somebody_does_and_again_with_another_record(pair: Pair) -> None:
    first, second, child = pair
    assert to_choose(first) == to_choose(second) == [child]
    choose(second, child)
    assert to_choose(first) == to_choose(second) == []
    third = another_of(child)
    assert to_choose(first) == to_choose(second) == to_choose(third) == [child]
    closed(_ready(third))
    assert to_choose(first) == to_choose(third) == []


def test_a_choice_is_told_on_every_record_and_is_one_event(pair: Pair) -> None:
    first, second, child = pair
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


def test_another_teams_record_is_told_without_number_or_reason(pair: Pair) -> None:
    first, _, child = pair
    theirs = another_of(child, team=a_team("ENF"))
    choose(first, child)
    told = newest(theirs)
    assert told.title == f"Reviews of {child} hang on a record of Team HGY"
    assert told.text.endswith("The reason stands on it: ask Team HGY.")
    assert first.number not in told.title + told.text
    assert WHY not in told.text


def test_the_same_choice_sent_twice_is_taken_once(pair: Pair) -> None:
    _, second, child = pair
    by = a_sergeant()
    lead = choose(second, child, seen=0, by=by)
    events = AuditEvent.objects.count()
    assert choose(second, child, seen=0, by=by) == lead
    assert (Lead.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_who_chooses_second_reads_what_the_first_chose(pair: Pair) -> None:
    first, second, child = pair
    other = a_sergeant()
    lead = choose(second, child, seen=0, by=other)
    with pytest.raises(ChangedMeanwhile, match=f"{other} chose a lead record for {child} on ") as refused:
        choose(first, child, seen=0, by=a_sergeant())
    assert WHY in refused.value.happened
    assert Lead.objects.get() == lead
    choose(first, child, seen=lead.pk, by=a_sergeant())
    assert led_by(second) == [first]


def test_only_a_record_about_the_child_with_others_beside_it_can_lead(pair: Pair, decided: Case) -> None:
    first, second, child = pair
    said = f"Record {decided} is not about {child}. Choose another record or another child"
    assert refusal(lambda: choose(decided, child)) == said
    alone = f"{the_child(decided)} is on no other open record, so reviews hang on {decided} anyway."
    assert refusal(lambda: choose(decided, the_child(decided))) == alone
    assert refusal(lambda: choose(first, child, reason=" ")) == "Say why, or what came of it"
    closed(_ready(second))
    assert refusal(lambda: choose(second, child)).startswith(f"Record {second} is closed")
    assert not Lead.objects.exists()


def test_who_cannot_say_who_works_on_the_record_cannot_make_it_lead(pair: Pair) -> None:
    first, _, child = pair
    for by in (an_officer(Role.INVESTIGATOR), an_officer(Role.COMMAND), a_sergeant(team=a_team("ENF"))):
        with pytest.raises(NotAllowed):
            choose(first, child, by=by)


def test_a_choice_is_never_changed(pair: Pair) -> None:
    first, _, child = pair
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
def test_the_record_says_where_the_reviews_hang(client: Client, name: str, pair: Pair) -> None:
    first, second, child = pair
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


def test_a_record_alone_says_nothing_of_it(client: Client, decided: Case) -> None:
    signed_in(client)
    assert "lead record" not in page(client, "workbench:case", decided)
    assert "reviews hang on it anyway" in page(client, "cases:choose_lead", decided)


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


def test_after_logging_the_sergeant_is_asked_which_leads(client: Client, pair: Pair) -> None:
    first, second, child = pair
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


def test_the_lead_record_is_chosen_on_its_page(client: Client, pair: Pair) -> None:
    first, second, child = pair
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


def test_what_is_missing_is_said(client: Client, pair: Pair, decided: Case) -> None:
    _, second, child = pair
    signed_in(client)
    answer = unescape(send(client, second, child=child.pk, reason="").content.decode())
    assert "Select the record that leads" in answer
    assert "Say why this record leads" in answer
    assert send(client, second, child=child.pk, case=decided.pk).status_code == 200
    assert not Lead.objects.exists()
