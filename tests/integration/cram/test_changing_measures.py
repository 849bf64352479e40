"""A control measure is given to somebody else, lasts to another day, or is checked on another (HMIC 2010, AFI 1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cram import actions
from cram.enums import Approach, Works
from cram.models import Measure, Risk
from diary.models import DutyState, Notice
from pages.words import day
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.permissions import NotAllowed
from tests.factories.managing import a_measure, a_risk
from tests.factories.team import a_team, an_officer
from tests.integration.cram.follows import days, duties_of, last_entry, later, refused, system, the_duty, wrong_with

pytestmark = pytest.mark.django_db


def as_it_is(measure: Measure, **other: Any) -> dict[str, Any]:
    said = {"owner": measure.owner, "until": measure.until, "check_on": measure.check_on, "reason": "Bail extended"}
    return said | other


def changed(measure: Measure, **other: Any) -> Measure:
    return actions.change_measure(measure, **as_it_is(measure, **other), by=system())


def test_another_last_day_leaves_the_check_and_the_risk_as_they_are() -> None:
    measure = a_measure(until=days(20), check_on=days(9), works=Works.YES)
    measure = changed(measure, until=days(50))
    assert (measure.until, the_duty(measure).due_on, len(duties_of(measure))) == (days(50), days(9), 1)
    told = last_entry(measure.case)
    assert told.title == f"Control measure changed: {measure.what}"
    assert f"Its last day is {day(days(50))}. Bail extended" in told.text
    assert not Risk.objects.unmanaged().exists()
    measure = changed(measure, until=None)
    assert "It has no last day." in last_entry(measure.case).text
    assert wrong_with(measure.case) == []


@pytest.mark.parametrize("moves", [True, False])
def test_whoever_is_given_it_has_its_check_and_is_told(moves: bool) -> None:
    measure, other = a_measure(check_on=days(9)), an_officer(Role.PCLO)
    before = measure.owner
    measure = changed(measure, owner=other, check_on=days(12 if moves else 9))
    assert (measure.owner, the_duty(measure).owner, the_duty(measure).due_on) == (other, other, measure.check_on)
    assert Notice.objects.filter(duty=the_duty(measure), to_person=other).count() == 1
    if moves:
        first = duties_of(measure)[0]
        assert (first.owner, first.state, first.ended_why) == (
            before,
            DutyState.CANCELLED,
            "Another date: Bail extended",
        )
    assert measure.history.count() == 2
    assert wrong_with(measure.case) == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("until", {"until": -1}),
        ("check_on", {"check_on": -1}),
        ("check_on", {"check_on": 21}),
        ("check_on", {"until": 5}),
        ("check_on", {"until": None, "check_on": 400}),
        ("reason", {"until": 30, "reason": " "}),
        ("owner", {"owner": "elsewhere"}),
    ],
)
def test_what_is_changed_fits_together(field: str, said: dict[str, Any]) -> None:
    measure = a_measure(until=days(20), check_on=days(9))
    other = {name: days(to) if isinstance(to, int) else to for name, to in said.items()}
    if "owner" in said:
        other["owner"] = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    assert refused(field, actions.change_measure, measure, **as_it_is(measure, **other))
    assert measure.history.count() == 1


def test_a_late_check_stays_late_and_what_has_run_out_does_not_begin_again() -> None:
    measure = a_measure(until=days(20), check_on=days(2), works=Works.YES)
    later(5)
    late, other = days(-3), an_officer(Role.INVESTIGATOR)
    measure = changed(measure, owner=other, until=days(30))
    assert (measure.check_on, the_duty(measure).due_on, the_duty(measure).owner) == (late, late, other)
    # No other date waves it away: somebody looks.
    other_day = refused("check_on", actions.change_measure, measure, **as_it_is(measure, check_on=days(10)))
    assert f"should have been checked by {day(late)}: check it first" in other_day
    later(31)
    with pytest.raises(ValidationError, match="ran out on"):
        changed(measure, until=days(60), check_on=days(10))
    assert changed(measure, owner=an_officer(Role.PCLO)).owner != other
    assert Risk.objects.unmanaged().exists()
    actions.end_measure(measure, why="It ran out", by=system())
    with pytest.raises(ChangedMeanwhile, match="ended this control measure on"):
        changed(measure, until=days(60))


def test_until_when_a_risk_is_accepted_is_said_by_a_sergeant() -> None:
    measure = a_measure(approach=Approach.ACCEPT, what="Accepted", works=Works.YES, until=None)
    by = an_officer(Role.INVESTIGATOR)
    with pytest.raises(NotAllowed, match="You cannot endorse assessments"):
        actions.change_measure(measure, **as_it_is(measure, check_on=days(30)), by=by)
    actions.change_measure(measure, **as_it_is(measure, owner=by), by=by)  # who looks is another matter
    measure.refresh_from_db()
    actions.change_measure(measure, **as_it_is(measure, check_on=days(30)), by=an_officer(Role.SUPERVISOR))


def test_of_two_who_change_it_the_second_reads_what_the_first_did_and_loses_nothing(client: Client) -> None:
    measure = a_measure(a_risk(what="The door"), until=days(20), check_on=days(9))
    sergeant = an_officer(Role.SUPERVISOR, name="Frayne")
    client.force_login(sergeant)
    page = reverse("cram:change_measure", args=[measure.case.number, measure.pk])
    form = client.get(page).content.decode()
    assert f'value="{day(days(9))}"' in form
    assert "The door, to every child" in form

    def sent(until: date, version: int) -> str:
        typed = {"owner": measure.owner_id, "until": day(until), "check_on": day(days(9)), "reason": "What I typed"}
        return client.post(page, {**typed, "version": version}, follow=True).content.decode()

    version = version_of(measure)
    assert "The control measure is changed." in sent(days(30), version)
    again = sent(days(40), version)
    assert "Frayne changed this while you had it open" in again
    assert "What I typed" in again
    measure.refresh_from_db()
    assert measure.until == days(30)
    risks = client.get(reverse("cram:risks", args=[measure.case.number])).content.decode()
    assert f'href="{page}"' in risks
    actions.end_measure(measure, why="He broke it", by=system())
    assert "This cannot be done." in client.get(page).content.decode()
