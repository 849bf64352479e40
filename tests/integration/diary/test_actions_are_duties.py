"""What somebody has to do on a record by a date is a duty: none is silently late (HMIC 2010, AFI 2)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases.actions import add_action, ask_closure, cancel_action, change_action, complete_action
from cases.api.shapes import ActionOut
from cases.closure import ends_undone, in_the_way
from cases.enums import Court
from cases.models import Action, Case
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.actions import give_duty, put_duties_right
from diary.checking import findings_of
from diary.duties import ACTION
from diary.models import Duty, DutyState, Notice, Waker, Watch
from diary.nightly import _take_from_who_left
from diary.steps import cancel_duty
from diary.sweep import sweep
from team.actions import give_role
from team.enums import Role
from team.history import with_version
from team.models import Membership, User
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred

pytestmark = pytest.mark.django_db
RAISED, OWNED = import_module("diary.migrations.0014_actions_are_duties").Migration.operations


def system() -> User:
    return User.objects.system()


def in_days(number: int) -> Any:
    return clock.today() + number * ONE_DAY


def later(number: int) -> None:
    move_time_to(clock.now() + number * ONE_DAY)


def an_action(case: Case | None = None, owner: User | None = None, **other: Any) -> Action:
    said = {"what": "Ring the school", "due_on": in_days(3), "owner": owner or an_officer(Role.INVESTIGATOR)}
    return add_action(case or a_case(), **said | other, by=system())


def duties_of(action: Action) -> list[Duty]:
    return list(Duty.objects.filter(kind="action", subject=action.pk).order_by("cycle"))


def the_duty(action: Action) -> Duty:
    (duty,) = [each for each in duties_of(action) if each.state == DutyState.OPEN]
    return duty


def wrong_with(case: Case) -> list[str]:
    return [each.words for each in findings_of(case) if each.kind == "action"]


def test_an_action_is_a_duty_of_its_owner_by_its_date_until_it_has_ended() -> None:
    action, other = an_action(), an_officer(Role.PCLO)
    case, first = action.case, the_duty(action)
    assert (first.owner, first.due_on, first.about) == (action.owner, action.due_on, "Ring the school")
    why = first.reckoned.why.sentence()
    assert "(action set); rule ACTION [HMIC 2010, AFI 2; CAIT default]" in why
    change_action(action, owner=other, due_on=in_days(9), reason="He is away", by=system())
    before, now = duties_of(action)
    assert (before.state, before.ended_why.startswith("Another date: ")) == (DutyState.CANCELLED, True)
    assert (now.owner, now.due_on, now.state) == (other, in_days(9), DutyState.OPEN)
    assert Notice.objects.get(duty=now, kind="given").to_person == other
    same = an_action(case)
    change_action(same, owner=other, due_on=same.due_on, reason="He is away", by=system())
    assert [each.owner for each in duties_of(same)] == [other]  # its date stays, and so does the duty
    assert wrong_with(case) == []
    complete_action(action, result="She is well", by=other)
    cancel_action(same, result="They rang us", by=other)
    assert [(each.state, each.ended_why) for each in duties_of(action)[1:]] == [(DutyState.SATISFIED, "Done")]
    assert [(each.state, each.ended_why) for each in duties_of(same)] == [(DutyState.CANCELLED, "Not needed")]
    assert wrong_with(case) == []


def test_whoever_is_given_the_duty_does_the_action(client: Client) -> None:
    action, kestrel, brown = an_action(), an_officer(Role.PCLO, name="Kestrel"), an_officer(Role.INVESTIGATOR)
    sergeant = an_officer(Role.SUPERVISOR, name="Nandra")

    def given(to: User | None) -> Action:
        give_duty(the_duty(action), to=to, why="On leave", by=sergeant)
        action.refresh_from_db()
        return action

    assert given(kestrel).owner == the_duty(action).owner == kestrel
    assert action.history.latest("history_id").history_user == sergeant
    given(brown)
    Membership.objects.filter(user=brown).update(to_on=in_days(0))
    later(1)
    _take_from_who_left(system())
    action.refresh_from_db()
    assert (action.owner, the_duty(action).owner, action.whose) == (None, None, "Any investigator")
    assert ActionOut(with_version(Action.objects.filter(pk=action.pk)).get()).data["owner"] is None
    assert wrong_with(action.case) == []
    client.force_login(sergeant)
    args = [action.case.number]
    page = client.get(reverse("cases:actions_page", args=args)).content.decode()
    assert f'id="action-{action.pk}"' in page
    for name in ("complete_action", "cancel_action", "change_action"):
        page += client.get(reverse(f"cases:{name}", args=[*args, action.pk])).content.decode()
    assert page.count("Any investigator") == 3  # the form to change it asks who
    assert "None" not in page
    change_action(action, owner=kestrel, due_on=action.due_on, reason="She is back", by=sergeant)
    assert the_duty(action).owner == kestrel


def test_the_check_finds_what_is_missing_and_who_it_is_with() -> None:
    action, other = an_action(), an_officer(Role.INVESTIGATOR)
    cancel_duty(ACTION, action.case, why="Lost", subject=action.pk, by=system())
    (wrong,) = wrong_with(action.case)
    assert wrong.startswith("Missing: Do an action")
    inspector = an_officer(Role.INSPECTOR)
    put_duties_right(action.case, by=inspector)
    duty = the_duty(action)
    assert (duty.owner, duty.due_on, duty.about) == (action.owner, action.due_on, action.what)
    duty.owner = other
    duty.save()
    (wrong,) = wrong_with(action.case)
    assert wrong.startswith("Its own page names somebody else: ")
    put_duties_right(action.case, by=inspector)
    assert the_duty(action).owner == action.owner
    assert wrong_with(action.case) == []


def test_a_late_one_is_told_and_stands_once_on_every_page(client: Client) -> None:
    sergeant = an_officer(Role.SUPERVISOR)
    action = an_action(due_on=in_days(0))
    owner, case = action.owner, action.case
    later(2)
    sweep(woken_by=Waker.COMMAND)
    told = Notice.objects.filter(duty=the_duty(action), kind="late").order_by("number")
    assert [(each.to_person, each.to_role) for each in told] == [(owner, "investigator"), (None, "supervisor")]
    client.force_login(sergeant)
    asked = {"by": "late", "kind": "action"}
    assert client.get(reverse("diary:queues"), asked).content.decode().count("Ring the school") == 1
    page = client.get(reverse("workbench:case", args=[case.number])).content.decode()
    assert (page.count(">Ring the school</a>"), page.count("Do an action")) == (1, 0)
    page = client.get(reverse("referrals:supervise", args=[case.number])).content.decode()
    assert (page.count("Ring the school"), page.count("Do an action")) == (1, 0)
    assert owner is not None
    client.force_login(owner)
    page = client.get(reverse("workbench:today")).content.decode()
    assert page.count('<span class="cait-sub">Ring the school</span>') == 1
    assert f"{reverse('cases:actions_page', args=[case.number])}#action-{action.pk}" in page


def test_it_stands_in_the_way_of_closure_once_and_does_not_end_undone() -> None:
    action = an_action()
    found = [each.what for each in in_the_way(action.case) if each.view == "cases:actions_page"]
    assert found == ["1 action still to do"]
    assert "Do an action" not in ends_undone(action.case)
    with pytest.raises(ValidationError, match="1 action still to do"):
        ask_closure(action.case, outcome="Nobody was hurt", court=Court.NONE, by=system())


def test_whoever_took_the_record_over_has_what_nobody_of_their_team_can_do() -> None:
    case = a_case()
    theirs, free = an_action(case), an_action(case, what="See the aunt")
    give_duty(the_duty(free), to=None, why="On leave", by=an_officer(Role.SUPERVISOR))
    sergeant = an_officer(Role.SUPERVISOR, team := a_team("ENF"))
    both = an_officer(Role.INVESTIGATOR)
    stays = an_action(case, both, what="See the school")
    give_role(both, team=team, role=Role.INVESTIGATOR, from_on=clock.today(), by=system())
    dates = [each.due_on for each in (theirs, free, stays)]
    case = transferred(case, team, by=sergeant)
    for action, owner in ((theirs, sergeant), (free, None), (stays, both)):
        action.refresh_from_db()
        assert (action.owner, the_duty(action).owner, the_duty(action).team) == (owner, owner, team)
        assert len(duties_of(action)) == 1
    assert [each.due_on for each in (theirs, free, stays)] == dates
    assert wrong_with(case) == []


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_was_open_before_actions_were_duties_becomes_one() -> None:
    case = a_case()
    action, ended = an_action(case), an_action(case, what="See the aunt")
    complete_action(ended, result="Seen", by=system())
    owner = action.owner
    run(RAISED.reverse_sql)
    (duty,) = duties_of(action)
    assert (duty.state, Watch.objects.filter(duty=duty).exists()) == (DutyState.CANCELLED, False)
    run(RAISED.sql)
    before, duty = duties_of(action)
    assert (before, duty.state, duty.owner, duty.cycle) == (before, DutyState.OPEN, owner, 1)
    assert wrong_with(case) == []
    assert (duty.reckoned.why, duty.late_from) == (before.reckoned.why, before.late_from)
    line = duty.history.get()
    assert (line.history_type, line.history_user, line.about) == ("+", system(), "Ring the school")
    assert len(duties_of(ended)) == 1
    give_duty(duty, to=None, why="On leave", by=an_officer(Role.SUPERVISOR))
    run(OWNED.reverse_sql)
    action.refresh_from_db()
    assert action.owner == system()  # who set it
