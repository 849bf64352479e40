"""What is due on restricted records: whoever is not named reads how much, how much of it is late and whom to ask, and
nothing else of them (ADR 34)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from audit.models import AccessLog
from cases.actions import name_officer, restrict_case
from cases.models import Case
from deadlines import clock
from deadlines.clock import london_at
from diary import giving, nightly, queries
from diary.actions import give_duty
from diary.digests import NOTHING, write_digests
from diary.models import Check, Digest, Duty, DutyState, Notice, NoticeKind, Waker
from diary.notices import notices_of, told_to, unread
from diary.steps import pass_to
from diary.sweep import dates_checked, sweep
from diary.telling import tell_given
from diary.withheld import asked, withheld
from team.actions import make_calendar_address
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_ready_case, asked_to_close
from tests.factories.referrals import a_child
from tests.factories.restricting import WHY_RESTRICTED
from tests.factories.team import a_team, an_officer
from tests.factories.telling import sweep_at
from tests.integration.api.asking import Program
from tests.integration.diary.read_queue import DAY, HERE, NOW, due_tomorrow, late, page_of, rows, words
from tests.integration.diary.test_queue_asks import filled
from tests.rules.test_statements import statements

pytestmark = pytest.mark.django_db

TODAY, GIVE = "/", "/queues/give/"
WHY = "DC Hallam is at court"
# What nobody reads who is not named: the child, what was said of her, what is due and why the record is restricted.
OF_THE_RECORD = ("Vellacott", "red mark", WHY_RESTRICTED)
ASK = "DC Alex Castell or DC Alex Nandra"
ONE_LATE = f"1 duty, which is late, is on a restricted record that you cannot open. Ask {ASK}."


@pytest.fixture
def sergeant() -> User:
    """Who restricts the record, on that Thursday."""
    move_time_to(NOW)
    return an_officer(Role.SUPERVISOR, name="Nandra")


@pytest.fixture
def inspector(sergeant: User) -> User:
    return an_officer(Role.INSPECTOR, name="Castell")


@pytest.fixture
def desk(sergeant: User) -> User:
    """Whose role the duty is for, and who is not named."""
    return an_officer(Role.DESK_SERGEANT, name="Oakes")


@pytest.fixture
def duty(sergeant: User, inspector: User) -> Duty:
    """Late for days, the one thing that is due on a record to which those two are named."""
    found = late(children=[a_child("Nia", "Vellacott")])
    restrict_case(found.case, reason=WHY_RESTRICTED, officers=[inspector], by=sergeant)
    return Duty.objects.get(pk=found.pk)


def read_as(client: Client, user: User, url: str = HERE, **asked: Any) -> str:
    client.force_login(user)
    return page_of(client, url, **asked)


def said(page: str) -> str:
    """What is said of restricted records."""
    found = re.search(r'<p [^>]*id="withheld">(.*?)</p>', page, re.DOTALL)
    return words(found[1]).strip() if found else ""


def nothing_of_it(page: str, duty: Duty) -> None:
    for each in (*OF_THE_RECORD, duty.case.number, duty.case.urn):
        assert each not in page, each


# --- the queue, Today and programs ---------------------------------------------------------------


@pytest.mark.parametrize("url", [HERE, TODAY])
def test_who_is_not_named_reads_how_much_is_late_and_whom_to_ask(
    client: Client, duty: Duty, desk: User, url: str
) -> None:
    page = read_as(client, desk, url)
    assert said(page) == ONE_LATE
    nothing_of_it(page, duty)


@pytest.mark.parametrize("url", [HERE, TODAY])
def test_the_command_is_led_to_which_records_are_restricted(client: Client, duty: Duty, url: str) -> None:
    page = read_as(client, an_officer(Role.COMMAND), url)
    assert said(page) == (
        "1 duty, which is late, is on a restricted record that you cannot open. See who is named on it ."
    )
    assert 'href="/cases/restricted/"' in page
    nothing_of_it(page, duty)


def test_another_inspector_reads_of_it_on_today(client: Client, duty: Duty) -> None:
    """Told by role, the inspector who is not named would hear nothing of what has been late for days."""
    other = an_officer(Role.INSPECTOR, name="Farr")
    sweep(woken_by=Waker.COMMAND)
    assert Notice.objects.filter(duty=duty, to_role=Role.INSPECTOR).exists()
    page = read_as(client, other, TODAY)
    assert said(page) == ONE_LATE
    assert "Told to you" not in page


@pytest.mark.parametrize("url", [HERE, TODAY])
def test_who_is_named_reads_the_duty_and_no_such_line(client: Client, duty: Duty, sergeant: User, url: str) -> None:
    pass_to(duty, sergeant, sergeant)
    page = read_as(client, sergeant, url)
    assert said(page) == ""
    assert "Vellacott" in page


def test_nothing_is_said_where_nothing_is_withheld(client: Client, desk: User, duty: Duty) -> None:
    elsewhere = an_officer(Role.DESK_SERGEANT, a_team("BRN"))
    assert said(read_as(client, elsewhere)) == ""
    Duty.objects.filter(pk=duty.pk).update(
        state=DutyState.SATISFIED, ended_at=NOW, ended_by=desk, ended_why="Triaged"
    )
    assert said(read_as(client, desk)) == ""


def test_more_of_it_is_said_in_one_sentence(desk: User, duty: Duty, sergeant: User, inspector: User) -> None:
    soon = due_tomorrow()
    restrict_case(soon.case, reason=WHY_RESTRICTED, officers=[inspector], by=sergeant)
    found = withheld(desk, now=NOW)
    assert found.words == "2 duties, 1 of them late, are on restricted records that you cannot open."
    assert found.ask == ASK
    assert withheld(desk, now=NOW - 20 * DAY).words == "2 duties are on restricted records that you cannot open."
    assert withheld(desk, now=NOW + 20 * DAY).words == (
        "2 duties, all late, are on restricted records that you cannot open."
    )


def test_a_filter_does_not_tell_what_is_due_on_it(client: Client, desk: User, duty: Duty) -> None:
    """Were it narrowed by kind or level, whoever tried each would know what the record says."""
    for chosen in ({"kind": "update"}, {"kind": "triage"}, {"level": "high"}, {"whose": "mine"}, {"by": "today"}):
        assert said(read_as(client, desk, **chosen)) == ONE_LATE, chosen


def test_it_is_of_the_team_that_is_asked_for(client: Client, duty: Duty) -> None:
    a_team("BRN")
    command = an_officer(Role.COMMAND)
    assert said(read_as(client, command, team="HGY")).startswith("1 duty, which is late,")
    assert said(read_as(client, command, team="BRN")) == ""


def test_a_program_reads_the_same(duty: Duty, desk: User, sergeant: User) -> None:
    program = Program(desk)
    answer = program.get("duties").json()
    assert answer["results"] == []
    assert answer["withheld"] == {"duties": 1, "late": 1, "ask": ASK}
    assert program.get("duty", duty.pk).status_code == 404
    refused = program.get("duties", case=duty.case.number)
    assert refused.status_code == 403
    nothing_of_it(unescape(refused.content.decode()).replace(duty.case.number, ""), duty)
    named = Program(sergeant).get("duties").json()
    assert [each["id"] for each in named["results"]] == [duty.pk]
    assert named["withheld"] == {"duties": 0, "late": 0, "ask": ""}


def test_numbers_beside_it_leave_it_out_as_their_lists_do(
    client: Client, duty: Duty, desk: User, inspector: User
) -> None:
    """The one in the navigation too, which stands on every page."""
    pass_to(duty, desk, inspector)
    assert dates_checked(desk).late == 0
    assert rows(read_as(client, desk, whose="mine", by="late")) == []
    pass_to(duty, inspector, desk)
    assert dates_checked(inspector).late == 1
    assert rows(read_as(client, inspector, whose="mine", by="late")) == [duty.pk]


def test_a_calendar_leaves_it_out(client: Client, duty: Duty, desk: User) -> None:
    ours = late()
    answer = client.get(f"/calendar/{make_calendar_address(by=desk)}.ics")
    assert ours.case.number in answer.content.decode()
    nothing_of_it(answer.content.decode(), duty)


def test_it_is_found_by_the_few_records_that_are_restricted(duty: Duty, desk: User) -> None:
    """Every queue and every Today ask it: no list of duties is read for it."""
    filled()
    statement, values = asked(desk, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        found = "\n".join(line for (line,) in cursor.fetchall())
    assert "restricted_case" in found, found
    assert "Seq Scan on diary_duty" not in found, found


def test_who_asks_for_nothing_else_asks_once(client: Client, duty: Duty, desk: User, sergeant: User) -> None:
    """What is withheld is found with what is counted; whom to ask takes one more."""
    elsewhere = an_officer(Role.DESK_SERGEANT, a_team("BRN"))
    took = {}
    for user in (elsewhere, desk, sergeant):
        client.force_login(user)
        page_of(client)
        took[user] = statements(client, HERE)
    assert took[desk] == took[elsewhere] + 1 <= 8
    assert took[sergeant] <= 8  # one of them who is named, of those that are offered


# --- who is told ---------------------------------------------------------------------------------


def test_what_was_told_is_read_by_those_named_alone(client: Client, duty: Duty, desk: User, inspector: User) -> None:
    sweep(woken_by=Waker.COMMAND)
    for role in (Role.DESK_SERGEANT, Role.SUPERVISOR, Role.INSPECTOR):
        stranger = an_officer(role)
        assert not notices_of(stranger, now=NOW).exists(), role
        assert unread(stranger, now=NOW, most=3) == []
        page = read_as(client, stranger, "/queues/notices/")
        nothing_of_it(page, duty)
        assert Program(stranger).get("notices").json()["results"] == []
    assert [each.duty for each in notices_of(inspector, now=NOW)] == [duty]
    assert "Vellacott" in read_as(client, inspector, "/queues/notices/")


def test_what_somebody_was_given_they_read_no_more_of_when_it_is_restricted(
    client: Client, desk: User, sergeant: User, inspector: User
) -> None:
    given = late(children=[a_child("Nia", "Vellacott")])
    pass_to(given, desk, sergeant)
    tell_given(given, desk)
    assert Notice.objects.filter(to_person=desk, kind=NoticeKind.GIVEN).count() == 2
    restrict_case(given.case, reason=WHY_RESTRICTED, officers=[inspector], by=sergeant)
    for url in (TODAY, HERE, "/queues/notices/"):
        nothing_of_it(read_as(client, desk, url), given)


def test_the_email_of_the_day_counts_it_for_those_named_alone(
    duty: Duty, desk: User, sergeant: User, inspector: User
) -> None:
    pass_to(duty, inspector, sergeant)
    also_by_role = late()
    restrict_case(also_by_role.case, reason=WHY_RESTRICTED, officers=[desk, inspector], by=sergeant)
    other_desk = an_officer(Role.DESK_SERGEANT)
    for user in (desk, sergeant, inspector, other_desk):
        user.email = f"{user.username}@police.example"
        user.save(update_fields=["email"])
    move_time_to(london_at(NOW.date() + DAY, 6))
    write_digests()
    told = {digest.person: digest.subject for digest in Digest.objects.select_related("person")}
    assert told[other_desk] == told[sergeant] == NOTHING
    assert "1" in told[desk]
    assert "1" in told[inspector]


# --- giving it to somebody -----------------------------------------------------------------------


def offered(page: str) -> str:
    return page.split('id="id_to"')[1].split("</select>")[0]


def test_those_named_alone_are_offered_for_it(client: Client, duty: Duty, desk: User, sergeant: User) -> None:
    page = read_as(client, sergeant)
    assert "Castell" in offered(page)
    assert "Nandra" in offered(page)
    assert "Oakes" not in offered(page)
    late()
    assert "Oakes" in offered(read_as(client, sergeant))  # for the other one


def test_who_is_not_named_is_refused_with_the_reason(client: Client, duty: Duty, desk: User, sergeant: User) -> None:
    client.force_login(sergeant)
    page = page_of(client, GIVE, duty=f"{duty.pk}-{sergeant.pk}", to=desk.pk, why=WHY)
    refused = f"{desk} is not named on this restricted record, so cannot open it. Name them first"
    assert refused in page
    with pytest.raises(ValidationError, match="is not named on this restricted record"):
        give_duty(duty, to=desk, why=WHY, by=sergeant)
    answer = Program(sergeant).post("give_duty", duty.pk, to=desk.username, why=WHY)
    assert (answer.status_code, answer.json()["to"]) == (400, [refused])
    assert Duty.objects.get(pk=duty.pk).owner == sergeant


def test_who_is_not_named_gives_nothing_of_it(client: Client, duty: Duty, desk: User, inspector: User) -> None:
    ours = late()
    client.force_login(desk)
    sent = {"duty": [f"{duty.pk}-0", f"{ours.pk}-0"], "to": desk.pk, "why": WHY, "back": ""}
    page = unescape(client.post(GIVE, sent).content.decode())
    assert ours.case.urn in page
    nothing_of_it(page, duty)
    client.post(GIVE, {**sent, "sure": "1"})
    assert Duty.objects.get(pk=duty.pk).owner != desk
    assert duty.case_id not in {
        case for look in AccessLog.objects.filter(by_id=desk.pk) for case in look.detail.get("records", ())
    }
    assert Program(desk).post("give_duty", duty.pk, to=desk.username, why=WHY).status_code == 404


def test_the_list_of_colleagues_names_whoever_can_do_one_of_several(
    duty: Duty, desk: User, sergeant: User, inspector: User
) -> None:
    people = giving.colleagues([duty.team_id])
    able = [each.user for each in giving.can_be_given(people, [duty])]
    assert set(able) == {sergeant, inspector}
    ours = late()
    ours.case = Case.objects.get(pk=ours.case_id)
    assert {desk, sergeant} <= {each.user for each in giving.can_be_given(people, [duty, ours])}


def told_of(duty: Duty) -> list[User | str]:
    """Who was told by name, or by which role, in the order of the steps."""
    rows = Notice.objects.filter(duty=duty.pk, kind=NoticeKind.LATE).select_related("to_person")
    return [each.to_person or each.to_role for each in rows.order_by("number")]


def test_that_it_stays_late_is_told_somebody_who_is_named(sergeant: User, inspector: User, desk: User) -> None:
    """None of the records has a supervisor; there are colleagues with every role."""
    for role in (Role.SUPERVISOR, Role.INSPECTOR, Role.DESK_SERGEANT):
        an_officer(role)
    leaving = an_officer(Role.DESK_SERGEANT)
    by_desk, by_sergeant, left = late(), late(), late()
    for found, by in ((by_desk, desk), (by_sergeant, sergeant), (left, leaving)):
        restrict_case(found.case, reason=WHY_RESTRICTED, officers=[inspector], by=by)
    leaving.memberships.update(withdrawn_at=clock.moment())
    sweep_at(NOW + 4 * DAY)
    assert told_of(by_desk) == [Role.DESK_SERGEANT, inspector, Role.INSPECTOR]
    assert told_of(by_sergeant) == [sergeant, Role.SUPERVISOR, Role.INSPECTOR]
    assert told_of(left) == [inspector, inspector, Role.INSPECTOR]


def test_where_no_inspector_is_named_the_one_of_the_command_who_is_is_told(sergeant: User) -> None:
    command, officer = an_officer(Role.COMMAND), an_officer(Role.INVESTIGATOR)
    an_officer(Role.INSPECTOR)
    found = late()
    restrict_case(found.case, reason=WHY_RESTRICTED, officers=[command, officer], by=sergeant)
    sweep_at(found.late_from + 20 * DAY)
    assert told_of(found) == [sergeant, Role.SUPERVISOR, command, Role.COMMAND]
    assert Notice.objects.visible_to(command).filter(told_to(command), duty=found.pk).count() == 2


# --- nobody's ------------------------------------------------------------------------------------


def left_to(owner: User | None, duty: Duty) -> Any:
    """As somebody had it when their name, their account or their role ended."""
    still = Duty.objects.filter(pk=duty.pk)
    still.update(owner=owner)
    return still


def test_it_is_nobodys_where_nobody_named_holds_its_role(duty: Duty, desk: User, sergeant: User) -> None:
    """A desk sergeant is there, but cannot open it."""
    assert duty.owner == sergeant
    assert left_to(None, duty).filter(queries.nobodys()).exists()
    assert not left_to(sergeant, duty).filter(queries.nobodys()).exists()


def test_by_role_it_is_theirs_who_are_named_and_hold_it(desk: User, sergeant: User, inspector: User) -> None:
    found = late()
    restrict_case(found.case, reason=WHY_RESTRICTED, officers=[desk, inspector], by=sergeant)
    still = Duty.objects.filter(pk=found.pk)
    assert not still.filter(queries.nobodys()).exists()
    assert left_to(an_officer(Role.DESK_SERGEANT), found).filter(queries.nobodys()).exists()  # who is not named


def test_it_goes_to_nobody_who_may_not_open_it_nor_back_to_a_role_that_nobody_named_holds(
    duty: Duty, desk: User, sergeant: User, inspector: User
) -> None:
    pass_to(duty, desk, sergeant)
    assert duty.owner == sergeant
    give_duty(duty, to=inspector, why=WHY, by=sergeant)
    said = "Nobody named on this restricted record can do it as Referral Desk"
    with pytest.raises(ValidationError, match=said) as refused:
        give_duty(duty, to=None, why=WHY, by=sergeant)
    assert list(refused.value.error_dict) == ["to"]
    name_officer(duty.case, officer=desk, reason=WHY, by=sergeant)
    assert give_duty(duty, to=None, why=WHY, by=sergeant).owner is None


def test_what_falls_to_nobody_named_is_somebodys_the_night_after(
    duty: Duty, desk: User, sergeant: User, inspector: User
) -> None:
    """Their role ended: by name, and as the one who held the role."""
    name_officer(duty.case, officer=desk, reason=WHY, by=sergeant)
    for whose in (desk, None):
        left_to(whose, duty)
        desk.memberships.update(withdrawn_at=clock.moment())
        nightly.check_when_due()
        duty.refresh_from_db()
        assert duty.owner == sergeant
        desk.memberships.update(withdrawn_at=None)
        Check.objects.all().delete()
    told = duty.case.entries.filter(title__startswith="Given to DC Alex Nandra").order_by("pk")
    assert [each.text for each in told] == [
        "DC Alex Oakes cannot do it any more in Team HGY.",
        "Nobody who is named can do it as Referral Desk Detective Sergeant in Team HGY.",
    ]
    # What nobody named can do stays so, and nothing is told of it each night.
    for each in (sergeant, inspector):
        each.memberships.update(role=Role.REVIEWER)
    left_to(None, duty)
    nightly.check_when_due()
    duty.refresh_from_db()
    assert duty.owner is None
    assert told.count() == 2


def test_who_asked_for_its_closure_is_not_the_one_who_has_to_answer(inspector: User) -> None:
    """The desk sergeant who asked holds no role that agrees; of those named the inspector can."""
    asks = an_officer(Role.DESK_SERGEANT)
    case = restrict_case(a_ready_case(), reason=WHY_RESTRICTED, officers=[inspector], by=asks)
    asked_to_close(case, by=asks)
    assert Duty.objects.get(case=case, kind="closure", state=DutyState.OPEN).owner == inspector
