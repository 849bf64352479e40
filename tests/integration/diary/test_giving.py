"""Giving several duties to somebody: what is said before, that all go or none, and two who do it at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit.events import Event
from audit.models import AccessLog, AuditEvent
from cases.models import Case, Entry
from deadlines.clock import LONDON
from diary import giving
from diary.actions import give_duty
from diary.models import Duty, DutyState, Notice, NoticeKind
from diary.queue_views import NOTHING_TICKED
from team.actions import give_role, withdraw_role
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_closed_case, an_open_update
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.telling import cram_set_aside

pytestmark = pytest.mark.django_db

HERE, THERE = "/queues/", "/queues/give/"
TRIAGE = {"kind": "triage"}
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
WHY = "DC Hallam is at court until 22 January"


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey, on that Thursday."""
    move_time_to(NOW)
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


@pytest.fixture
def kestrel() -> User:
    """A supervisor to whom it can be given."""
    return an_officer(Role.SUPERVISOR, name="Kestrel")


def triage(**other: Any) -> Duty:
    """A duty that a sergeant can do."""
    case = cram_set_aside(a_case(received_at=NOW - timedelta(days=10), **other))
    return Duty.objects.get(case=case, kind="triage")


def picked(*duties: Duty) -> list[str]:
    return [f"{duty.pk}-{duty.owner_id or 0}" for duty in duties]


def sent(client: Client, duties: list[str], **typed: Any) -> Any:
    return client.post(THERE, {"duty": duties, "why": WHY, "back": "by=late", **typed})


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def told(answer: Any) -> str:
    return words(text(answer))


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)


def owners(*duties: Duty) -> list[int | None]:
    return [Duty.objects.get(pk=duty.pk).owner_id for duty in duties]


# --- on the queue --------------------------------------------------------------------------------


def test_each_row_can_be_selected_and_carries_who_has_it(client: Client, sergeant: User, kestrel: User) -> None:
    nobodys, hers = triage(), triage()
    Duty.objects.filter(pk=hers.pk).update(owner=kestrel)
    page = text(client.get(HERE, TRIAGE))
    values = re.findall(r'name="duty" type="checkbox" value="([^"]*)" form="give"', page)
    assert set(values) == {f"{nobodys.pk}-0", f"{hers.pk}-{kestrel.pk}"}
    assert f"Select Triage the referral, {hers.case.urn}" in page
    assert f'<option value="{kestrel.pk}">{kestrel}, 1 by name</option>' in page
    assert f'<option value="{sergeant.pk}">{sergeant}, 0 by name</option>' in page
    assert page.index(f"{sergeant}, 0") < page.index(f"{kestrel}, 1")
    assert '<option value="role">Whoever holds the role</option>' in page


def test_only_who_can_do_something_of_the_page_is_offered(client: Client, sergeant: User, kestrel: User) -> None:
    constable, reviewer = an_officer(Role.INVESTIGATOR), an_officer(Role.REVIEWER)
    duty = triage()
    assert str(constable) not in text(client.get(HERE, TRIAGE)).split('id="id_to"')[1].split("</select>")[0]
    assert str(constable) not in text(client.get(THERE, {"duty": duty.pk})).split("<select")[1].split("</select>")[0]
    an_open_update(received_at=NOW)
    offered = text(client.get(HERE, {"kind": ["triage", "update"]})).split('id="id_to"')[1].split("</select>")[0]
    assert str(constable) in offered
    assert str(reviewer) not in offered


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.COMMAND, Role.REVIEWER])
def test_who_gives_nothing_away_selects_nothing(client: Client, role: Role) -> None:
    move_time_to(NOW)
    client.force_login(an_officer(role))
    duty = triage()
    page = text(client.get(HERE))
    assert 'name="duty"' not in page
    assert 'id="give"' not in page
    assert client.get(THERE, {"duty": duty.pk}).status_code == 403
    assert sent(client, picked(duty), to="role", sure="yes").status_code == 403


def test_in_a_team_where_one_gives_nothing_nothing_is_selected(client: Client, sergeant: User) -> None:
    there = a_team("BRN")
    give_role(sergeant, team=there, role=Role.INVESTIGATOR, from_on=NOW.date(), by=User.objects.system())
    ours = triage()
    theirs = Duty.objects.get(case=a_case(there, received_at=NOW), kind="triage")
    page = text(client.get(HERE, TRIAGE))
    assert f'id="duty-{theirs.pk}"' in page
    assert re.findall(r'name="duty" type="checkbox" value="(\d+)-', page) == [str(ours.pk)]
    assert NOTHING_TICKED in told(sent(client, picked(theirs), to="role"))


# --- what will follow ----------------------------------------------------------------------------


def test_the_page_says_what_will_follow_and_nothing_has_changed(
    client: Client, sergeant: User, kestrel: User
) -> None:
    duties = [triage(children=[a_child("Nia", "Vellacott")]), triage()]
    events = AuditEvent.objects.count()
    page = text(sent(client, picked(*duties), to=kestrel.pk))
    said = words(page)
    assert f"Give 2 duties to {kestrel}" in said
    assert "Their due dates stay as they are." in said
    assert f"{kestrel} is told on Today" in said
    assert "Nia Vellacott" in said
    assert set(hidden(page, "duty")) == set(picked(*duties))
    assert (hidden(page, "to"), hidden(page, "back")) == ([str(kestrel.pk)], ["by=late"])
    assert f'value="{WHY}"' in page
    assert 'name="sure" value="yes"' in page
    assert owners(*duties) == [None, None]
    assert AuditEvent.objects.count() == events
    look = AccessLog.objects.latest("pk")
    wanted = {"page": "diary:give_duties", "records": sorted(duty.case_id for duty in duties)}
    assert (look.by_id, look.object_type, look.detail) == (sergeant.pk, "diary.duty", wanted)


def test_it_can_be_shown_by_its_address_too(client: Client, sergeant: User, kestrel: User) -> None:
    duty = triage()
    page = text(client.get(THERE, {"duty": duty.pk, "to": kestrel.pk}))
    assert f"Give 1 duty to {kestrel}" in page
    assert "Do not give it</a>" in page
    assert "There is a problem" not in page
    assert "Give 1 duty to somebody" in text(client.get(THERE, {"duty": duty.pk}))
    client.get(THERE, {"duty": str(duty.pk), "to": str(kestrel.pk), "why": WHY, "sure": "yes"})
    assert owners(duty) == [None]


def test_they_are_given_in_one_go(client: Client, sergeant: User, kestrel: User) -> None:
    duties = [triage() for _ in range(3)]
    dates = [(duty.due_on, duty.late_from) for duty in duties]
    answer = sent(client, picked(*duties), to=kestrel.pk, sure="yes")
    assert (answer.status_code, answer["Location"]) == (302, "/queues/?by=late")
    assert owners(*duties) == [kestrel.pk] * 3
    assert f"3 duties are given to {kestrel}. Their dates stay as they are." in told(client.get(answer["Location"]))
    assert [(d.due_on, d.late_from) for d in Duty.objects.filter(owner=kestrel).order_by("pk")] == dates
    given = AuditEvent.objects.filter(event=Event.DUTY_GIVEN)
    assert {(event.object_id, event.by_id) for event in given} == {(duty.pk, sergeant.pk) for duty in duties}
    assert Notice.objects.filter(kind=NoticeKind.GIVEN, to_person=kestrel).count() == 3
    entry = Entry.objects.filter(case=duties[0].case).latest("pk")
    assert (entry.title, entry.text) == (f"Given to {kestrel}: triage the referral", f"Why: {WHY}")


def test_one_is_given_back_to_whoever_holds_the_role(client: Client, sergeant: User, kestrel: User) -> None:
    duty = triage()
    Duty.objects.filter(pk=duty.pk).update(owner=kestrel)
    duty.refresh_from_db()
    page = told(sent(client, picked(duty), to="role"))
    assert "Give 1 duty back to whoever holds the role" in page
    answer = client.post(THERE, {"duty": picked(duty), "why": WHY, "to": "role", "sure": "yes"})
    assert answer["Location"] == HERE
    assert owners(duty) == [None]
    title = "Given back to the role of Referral Desk Detective Sergeant: triage the referral"
    assert Entry.objects.filter(case=duty.case).latest("pk").title == title
    assert "1 duty is given back to whoever holds the role. Its date stays as it is." in told(client.get(HERE))


# --- what cannot go ------------------------------------------------------------------------------


def test_what_somebody_cannot_do_is_named_and_left_out(client: Client, sergeant: User) -> None:
    constable = an_officer(Role.INVESTIGATOR)
    cannot, can = triage(), an_open_update(received_at=NOW)
    page = text(sent(client, picked(cannot, can), to=constable.pk))
    assert f"Give 1 duty to {constable}" in page
    assert f"{constable} cannot do this in {a_team()}. Choose somebody else" in page
    assert hidden(page, "duty") == picked(can)
    assert hidden(page, "other") == picked(cannot)
    again = text(sent(client, picked(can), other=picked(cannot), to=constable.pk, again="yes"))
    assert set(hidden(again, "duty")) == set(picked(cannot, can))
    assert f'value="{WHY}"' in again
    assert sent(client, hidden(page, "duty"), to=constable.pk, sure="yes").status_code == 302
    assert owners(cannot, can) == [None, constable.pk]


def test_where_none_can_go_there_is_no_button(client: Client, sergeant: User, kestrel: User) -> None:
    ended, hers = triage(), triage()
    Duty.objects.filter(pk=ended.pk).update(
        state=DutyState.SATISFIED, ended_at=NOW, ended_by=sergeant, ended_why="Triaged"
    )
    Duty.objects.filter(pk=hers.pk).update(owner=kestrel)
    closed = Duty.objects.filter(case=a_closed_case()).earliest("pk")
    page = text(sent(client, picked(ended, hers, closed), to=kestrel.pk, sure="yes"))
    assert f"None of these can be given to {kestrel}" in page
    assert f"{sergeant} ended this on 14 January 2010, midday: Triaged." in page
    assert f"{kestrel} has it already" in page
    assert "is closed, so nothing can be added" in page
    assert 'name="sure"' not in page
    assert hidden(page, "duty") == [f"{hers.pk}-{kestrel.pk}"]  # the others go to nobody


def test_where_somebody_can_do_none_another_is_chosen_on_that_page(
    client: Client, sergeant: User, kestrel: User
) -> None:
    constable = an_officer(Role.INVESTIGATOR)
    duties = [triage(), triage()]
    page = text(sent(client, picked(*duties), to=constable.pk))
    assert f"None of these can be given to {constable}" in page
    assert set(hidden(page, "duty")) == set(picked(*duties))
    assert f'value="{WHY}"' in page
    offered = page.split("<select")[1].split("</select>")[0]
    assert f'value="{kestrel.pk}"' in offered
    assert f'value="{constable.pk}"' not in offered
    assert hidden(page, "to") == []
    assert f"Give 2 duties to {kestrel}" in text(sent(client, hidden(page, "duty"), to=kestrel.pk))


def test_of_another_team_s_nothing_is_said(client: Client, sergeant: User, kestrel: User) -> None:
    theirs = Duty.objects.get(case=a_case(a_team("BRN"), children=[a_child("Nia")]), kind="triage")
    page = text(sent(client, [*picked(theirs), "999999"], to=kestrel.pk, sure="yes"))
    assert NOTHING_TICKED in page
    assert theirs.case.urn not in page
    assert owners(theirs) == [None]
    stranger = an_officer(Role.SUPERVISOR, theirs.team)
    page = text(sent(client, picked(triage()), to=stranger.pk, sure="yes"))
    assert "Choose who to give them to" in page
    assert str(stranger) not in page


@pytest.mark.parametrize("duties", [[], ["x"], ["-1"], ["1-"], ["9" * 30], ["1-2-3"], ["²"]])
def test_nothing_selected_says_so(client: Client, sergeant: User, duties: list[str]) -> None:
    assert NOTHING_TICKED in text(sent(client, duties, to="role", sure="yes"))
    assert "No duty is selected" in text(client.get(THERE, {"duty": duties}))


def test_where_none_is_selected_the_queue_stands_there_with_all_that_was_typed(
    client: Client, sergeant: User, kestrel: User
) -> None:
    duty = triage()
    page = text(sent(client, [], to=kestrel.pk))
    assert "<title>Error: Queues" in page
    assert f'<a href="#pick-{duty.pk}">{NOTHING_TICKED}</a>' in page
    assert f'id="pick-{duty.pk}"' in page
    assert 'aria-describedby="duty_error"' in page
    assert f'<option value="{kestrel.pk}" selected>' in page
    assert f'name="why" type="text" autocomplete="off" value="{WHY}"' in page
    assert '<input type="hidden" name="back" value="by=late">' in page
    assert 'href="/queues/?by=today"' in page  # its links lead away from the page that was sent
    assert page.count('<a class="moj-filter__tag" href="/queues/?">') == 1


def test_why_a_date_is_that_date_opens_and_closes_with_all_that_was_typed(
    client: Client, sergeant: User, kestrel: User
) -> None:
    first, second = triage(), triage()
    address = re.escape(f'name="open" value="{second.pk}"')
    assert re.search(
        rf'<button [^>]*form="give" formaction="/queues/give/#duty-{second.pk}" {address}', text(client.get(HERE))
    )
    events = AuditEvent.objects.count()
    page = text(sent(client, picked(first), to=kestrel.pk, open=second.pk))
    assert f'id="why-{second.pk}"' in page
    assert re.findall(r'value="([^"]*)" form="give" checked', page) == picked(first)
    assert f'<option value="{kestrel.pk}" selected>' in page
    assert f'value="{WHY}"' in page
    assert 'name="open" value="0"' in page
    assert "There is a problem" not in page
    page = text(sent(client, picked(first), open="0"))
    assert 'id="why-' not in page
    assert re.findall(r'value="([^"]*)" form="give" checked', page) == picked(first)
    assert AuditEvent.objects.count() == events


def test_no_more_are_given_than_stand_on_a_page(client: Client, sergeant: User, kestrel: User) -> None:
    duty = triage()
    many = [*picked(duty), *(str(duty.pk + number) for number in range(1, giving.MOST_GIVEN + 1))]
    page = text(sent(client, many, to=kestrel.pk, sure="yes"))
    assert "At most 50 are given at a time" in page
    assert owners(duty) == [None]


# --- what was not said ---------------------------------------------------------------------------


def test_who_to_is_asked_for_and_what_was_typed_is_kept(client: Client, sergeant: User, kestrel: User) -> None:
    duty = triage()
    page = text(sent(client, picked(duty), to=""))
    assert "Choose who to give them to" in page
    assert hidden(page, "duty") == picked(duty)
    assert f'value="{WHY}"' in page
    page = text(sent(client, picked(duty), to=kestrel.pk, again="yes"))
    assert "There is a problem" not in page
    assert f'value="{kestrel.pk}" selected' in page


@pytest.mark.parametrize("why", ["", "  ", "x" * 301, "one\ntwo"])
def test_nothing_is_given_without_a_reason_of_one_line(
    client: Client, sergeant: User, kestrel: User, why: str
) -> None:
    duty = triage()
    page = text(sent(client, picked(duty), to=kestrel.pk, why=why, sure="yes"))
    assert "There is a problem" in page
    assert "something changed while you had this open" not in page
    assert owners(duty) == [None]
    # Who comes from the queue without one is asked, and has made no mistake yet.
    assert "There is a problem" not in text(sent(client, picked(duty), to=kestrel.pk, why=""))


def test_the_way_back_leads_nowhere_else(client: Client, sergeant: User, kestrel: User) -> None:
    for back in ("//evil.example", "https://evil.example/?x=1", "javascript:alert(1)", "x" * 9000):
        answer = sent(client, picked(triage()), to=kestrel.pk, sure="yes", back=back)
        assert answer["Location"].startswith("/queues/?")
        assert len(answer["Location"]) < 3000


# --- two at once ---------------------------------------------------------------------------------


def test_where_a_colleague_was_quicker_none_is_given_and_it_is_said_which(
    client: Client, sergeant: User, kestrel: User
) -> None:
    other = an_officer(Role.INSPECTOR, name="Tull")
    first, second = triage(), triage()
    seen = picked(first, second)
    give_duty(first, to=other, why="Mine", by=other)
    page = text(sent(client, seen, to=kestrel.pk, sure="yes"))
    said = words(page)
    assert "Nothing is given yet: something changed while you had this open" in said
    happened = f"Triage the referral, {first.case.urn}: {other} gave it to {other} while you had this open."
    assert f"{happened} If it should still go to {kestrel}, choose the button again." in said
    assert second.case.urn not in said.split("Read below")[0]
    assert f'value="{WHY}"' in page
    assert owners(first, second) == [other.pk, None]
    assert set(hidden(page, "duty")) == {f"{first.pk}-{other.pk}", f"{second.pk}-0"}
    assert sent(client, hidden(page, "duty"), to=kestrel.pk, sure="yes").status_code == 302
    assert owners(first, second) == [kestrel.pk] * 2


def test_what_a_colleague_ended_meanwhile_is_read_before_the_rest_goes(
    client: Client, sergeant: User, kestrel: User
) -> None:
    first, second = triage(), triage()
    Duty.objects.filter(pk=first.pk).update(
        state=DutyState.SATISFIED, ended_at=NOW, ended_by=kestrel, ended_why="Triaged"
    )
    page = text(sent(client, picked(first, second), to=kestrel.pk, sure="yes"))
    assert "Nothing is given yet" in page
    assert f"{kestrel} ended this on" in page
    assert owners(second) == [None]
    assert sent(client, hidden(page, "duty"), to=kestrel.pk, sure="yes").status_code == 302
    assert owners(second) == [kestrel.pk]


def test_who_lost_the_role_meanwhile_gives_nothing(client: Client, sergeant: User, kestrel: User) -> None:
    duty = triage()
    withdraw_role(sergeant.memberships.get(), reason="Posted away", by=User.objects.system())
    assert sent(client, picked(duty), to=kestrel.pk, sure="yes").status_code == 403
    assert owners(duty) == [None]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_some_of_the_same_one_waits_and_both_are_whole() -> None:
    """In whichever order each has selected them: no deadlock, and of the shared ones the second says who has them."""
    duties = [Duty.objects.get(case=a_case(), kind="triage") for _ in range(6)]
    givers = [an_officer(Role.DESK_SERGEANT), an_officer(Role.INSPECTOR)]
    to = [an_officer(Role.SUPERVISOR) for _ in givers]
    seen = dict.fromkeys([duty.pk for duty in duties], 0)
    mine = [duties[:4], list(reversed(duties[2:]))]

    def give(number: int) -> set[int]:
        """Which were refused."""
        try:
            giving.give_all(mine[number], to=to[number], why=WHY, seen=seen, by=givers[number])
        except giving.NotGiven as wrong:
            return set(wrong.refused)
        finally:
            connection.close()
        return set()

    with ThreadPoolExecutor(2) as pool:
        refused = list(pool.map(give, (0, 1)))
    assert sorted(refused, key=len) == [set(), {duty.pk for duty in duties[2:4]}]
    winner = refused.index(set())
    assert set(Duty.objects.filter(owner=to[winner])) == set(mine[winner])
    assert not Duty.objects.filter(owner=to[1 - winner]).exists()
    assert Case.objects.filter(entries__title__startswith="Given to").count() == 4
