"""A gap and a control measure have one owner: whoever has the duty, wherever it was given (HMIC 2010, AFI 1)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cram import actions
from cram.duties import GAP
from cram.models import Gap, Measure
from deadlines import rules
from diary.actions import give_duty, put_duties_right
from diary.models import Notice
from diary.nightly import _take_from_who_left
from diary.steps import cancel_duty, raise_again
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import Membership, User
from tests.factories.managing import a_gap, a_measure, a_risk, checked
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.cram.follows import days, duties_of, later, system, the_duty, wrong_with

pytestmark = pytest.mark.django_db
# What the migration of what was given before does.
FOLLOW = import_module("cram.migrations.0006_whoever_has_the_duty_owns_it").Migration.operations
BOTH = pytest.mark.parametrize("made", [a_gap, a_measure])


def given(thing: Gap | Measure, to: User | None) -> None:
    give_duty(the_duty(thing), to=to, why="On leave", by=an_officer(Role.SUPERVISOR, name="Nandra"))
    thing.refresh_from_db()


@BOTH
def test_whoever_is_given_the_duty_owns_what_it_is_about(made: Any, client: Client) -> None:
    thing, kestrel = made(), an_officer(Role.PCLO, name="Kestrel")
    before, version = thing.owner, version_of(thing)
    given(thing, kestrel)
    assert thing.owner == the_duty(thing).owner == kestrel
    assert thing.history.latest("history_id").history_user.family_name == "Nandra"
    assert wrong_with(thing.case) == []
    client.force_login(kestrel)
    page = client.get(reverse("cram:gaps" if made is a_gap else "cram:risks", args=[thing.case.number]))
    assert str(kestrel) in page.content.decode()
    assert str(before) not in page.content.decode()
    # Whoever has the form open reads who has it by now.
    said: dict[str, Any] = {"owner": before, "reason": "Shut", "version": version, "by": system()}
    act: Any = actions.change_gap
    if isinstance(thing, Gap):
        said |= {"due_on": thing.due_on}
    else:
        act, said = actions.change_measure, said | {"until": thing.until, "check_on": thing.check_on}
    with pytest.raises(ChangedMeanwhile, match=r"Nandra changed this while you had it open .*owner: .*Kestrel"):
        act(thing, **said)


def test_what_comes_after_stays_with_whoever_was_given_it() -> None:
    gap, measure, other = a_gap(due_on=days(2)), a_measure(), an_officer(Role.PCLO)
    for thing in (gap, measure):
        given(thing, other)
    actions.change_gap(gap, owner=other, due_on=days(7), reason="The school is shut", by=system())
    checked(measure)
    for thing in (gap, measure):
        assert the_duty(thing).owner == other
        assert len(duties_of(thing)) == 2


@BOTH
def test_what_nobody_has_by_name_any_more_is_anybodys_until_somebody_takes_it(made: Any, client: Client) -> None:
    thing, brown = made(), an_officer(Role.INVESTIGATOR, name="Brown")
    given(thing, brown)
    Membership.objects.filter(user=brown).update(to_on=days(0))
    later(1)
    _take_from_who_left(system())
    thing.refresh_from_db()
    assert (thing.owner, the_duty(thing).owner, thing.whose) == (None, None, "Any investigator")
    assert wrong_with(thing.case) == []
    sergeant = an_officer(Role.SUPERVISOR)
    client.force_login(sergeant)
    names = ("gaps", "answer_gap", "change_gap") if made is a_gap else ("risks", "check_measure", "change_measure")
    for name in names:
        args = [thing.case.number] + ([thing.pk] if "_" in name else [])
        page = client.get(reverse(f"cram:{name}", args=args)).content.decode()
        assert ("Any investigator" in page) == (not name.startswith("change_"))
        assert "None" not in page
    given(thing, sergeant)
    assert thing.owner == sergeant
    assert wrong_with(thing.case) == []


@BOTH
def test_the_check_finds_a_duty_that_is_with_somebody_else_and_puts_it_right(made: Any) -> None:
    thing, other = made(), an_officer(Role.INVESTIGATOR)
    duty = the_duty(thing)
    duty.owner = other  # as it was before the one followed the other
    duty.save()
    (wrong,) = wrong_with(thing.case)
    assert wrong.startswith("Its own page names somebody else: ")
    put_duties_right(thing.case, by=an_officer(Role.INSPECTOR))
    assert the_duty(thing).owner == thing.owner
    assert Notice.objects.filter(duty=duty, to_person=thing.owner).count() == 1
    assert wrong_with(thing.case) == []


def test_a_duty_whose_date_and_owner_are_both_wrong_is_put_right_at_once() -> None:
    gap = a_gap()
    cancel_duty(GAP, gap.case, why="Lost", subject=gap.pk, by=system())
    due, other = rules.GAP.chosen(days(30), gap.raised_at), an_officer(Role.INVESTIGATOR)
    raise_again(GAP, gap.case, due, owner=other, subject=gap.pk, about=gap.question, by=system())
    assert len(wrong_with(gap.case)) == 2
    put_duties_right(gap.case, by=an_officer(Role.INSPECTOR))
    assert (the_duty(gap).owner, the_duty(gap).due_on) == (gap.owner, gap.due_on)
    assert wrong_with(gap.case) == []


def test_whoever_took_the_record_over_has_what_nobody_of_their_team_can_do() -> None:
    case = a_case()
    gap, measure, free = a_gap(case), a_measure(a_risk(case)), a_gap(case, question="Who has a key?")
    given(free, None)
    sergeant = an_officer(Role.SUPERVISOR, team := a_team("ENF"))
    case = transferred(case, team, by=sergeant)
    for thing in (gap, measure, free):
        thing.refresh_from_db()
    assert (gap.owner, measure.owner, free.owner) == (sergeant, sergeant, None)
    assert wrong_with(case) == []


@BOTH
def test_what_was_given_before_the_one_followed_the_other_follows_now(made: Any) -> None:
    thing, other = made(), an_officer(Role.INVESTIGATOR)
    duty, before = the_duty(thing), thing.owner
    same = made()
    duty.owner = other
    duty.save()
    with connection.cursor() as cursor:
        for each in FOLLOW:
            cursor.execute(each.sql)
    thing.refresh_from_db()
    assert thing.owner == other
    newest, first = thing.history.order_by("-history_id")
    assert (newest.owner, newest.history_type, newest.history_user, first.owner) == (other, "~", system(), before)
    assert same.history.count() == 1
    given(thing, None)
    with connection.cursor() as cursor:
        for each in FOLLOW:
            cursor.execute(each.reverse_sql)
    thing.refresh_from_db()
    assert thing.owner == system()  # who wrote it
