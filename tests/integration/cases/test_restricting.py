"""Restricted records: who may open one, who says so, and what becomes of what others had to do on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AccessLog, AuditEvent
from cases import actions
from cases.actions import (
    add_action,
    assign_case,
    change_action,
    end_restriction,
    name_officer,
    restrict_case,
    take_name_off,
)
from cases.enums import Part
from cases.models import Case, NamedOfficer, Restriction
from cases.queries import nobodys_records, officers_for, people_on
from cases.reading import Restricted, open_case
from cases.restricting import hidden_in, named_on, whom_to_ask
from deadlines import clock
from diary.actions import give_duty
from diary.checking import findings
from diary.models import Duty, DutyState
from people.enums import Relation
from people.said import PersonSaid
from referrals.actions import triage_referral
from referrals.known import known_already
from referrals.queries import desk_counts
from team.enums import Role
from team.models import User
from team.once import counted
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case, a_child
from tests.factories.restricting import a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer
from tests.integration.api.asking import Program

pytestmark = pytest.mark.django_db

WHY = "Her teacher may have harmed her."


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


@pytest.fixture
def sergeant() -> User:
    return an_officer(Role.SUPERVISOR, name="Nandra")


@pytest.fixture
def inspector() -> User:
    return an_officer(Role.INSPECTOR, name="Castell")


@pytest.fixture
def case(sergeant: User, inspector: User) -> Case:
    return restrict_case(a_case(), reason=WHY, officers=[inspector], by=sergeant)


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


# --- who opens it --------------------------------------------------------------------------------


def test_those_named_open_it_and_nobody_else(case: Case, sergeant: User, inspector: User) -> None:
    assert [each.officer for each in named_on(case)] == [inspector, sergeant]
    assert sees(sergeant, case)
    assert sees(inspector, case)
    for role in (Role.SUPERVISOR, Role.INSPECTOR, Role.INVESTIGATOR, Role.COMMAND, Role.REVIEWER):
        stranger = an_officer(role)
        assert not sees(stranger, case), role
        assert case in Case.objects.hidden_from(stranger)
    assert case not in Case.objects.hidden_from(sergeant)
    assert case.history.latest("history_id").restricted


def test_being_named_takes_the_place_of_no_role(case: Case, sergeant: User) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    name_officer(case, officer=officer, reason="Interviews her on Monday", by=sergeant)
    assert sees(officer, case)
    membership = officer.memberships.get()
    membership.to_on = membership.from_on
    membership.withdrawn_at = clock.moment()
    membership.save()
    officer.forget_roles()
    assert not sees(officer, case)


def test_a_colleague_reads_whom_to_ask_and_nothing_else(case: Case, client: Client, inspector: User) -> None:
    client.force_login(an_officer(Role.INVESTIGATOR))
    answer = client.get(reverse("workbench:case", args=[case.number]))
    assert answer.status_code == 403
    said = answer.content.decode()
    assert f"Record {case} is restricted" in said
    assert "If a child may be in danger now, ring them at once" in said
    assert "administrator" not in said
    assert "Castell" in said
    assert "Nandra" in said
    assert WHY not in said
    assert case.urn not in said
    for part in case.parts.select_related("person"):
        assert part.person.family_name not in said
    assert not AccessLog.objects.filter(case_id=case.pk).exists()


def test_to_another_team_it_does_not_exist(case: Case, client: Client) -> None:
    client.force_login(an_officer(Role.SUPERVISOR, a_team("ENF")))
    assert client.get(reverse("workbench:case", args=[case.number])).status_code == 404


def test_whoever_can_name_somebody_else_is_asked(case: Case, sergeant: User, inspector: User) -> None:
    assert whom_to_ask([case]) == {case.pk: f"{inspector} or {sergeant}"}
    for user in (sergeant, inspector):
        membership = user.memberships.get()
        membership.withdrawn_at = clock.moment()
        membership.save()
    assert whom_to_ask([case]) == {case.pk: "the command"}
    command = an_officer(Role.COMMAND)
    name_officer(case, officer=command, reason="Nobody else is left", by=command)
    assert whom_to_ask([case]) == {case.pk: str(command)}
    assert whom_to_ask([]) == {}


def test_of_several_records_each_is_named_once(case: Case, sergeant: User, inspector: User) -> None:
    other = restrict_case(a_case(), reason="As the other", officers=[inspector], by=sergeant)
    assert hidden_in([case, other]) == f"{inspector} or {sergeant}"
    assert hidden_in([]) == ""


def test_a_program_reads_whom_to_ask(case: Case) -> None:
    with pytest.raises(Restricted, match=r"is restricted: only those named on it can open it. Ask .*Castell"):
        open_case(case.number, by=an_officer(Role.SUPERVISOR), page="api:case")


# --- restricting ---------------------------------------------------------------------------------


def test_somebody_who_can_end_it_is_named(sergeant: User) -> None:
    case = a_case()
    said = refusal(lambda: restrict_case(case, reason=WHY, officers=[], by=sergeant))
    assert (
        said == "Name the inspector or somebody of the command too: one of them must be able to end the restriction"
    )
    case.refresh_from_db()
    assert not case.restricted
    assert not Restriction.objects.exists()
    restrict_case(case, reason=WHY, officers=[an_officer(Role.COMMAND)], by=sergeant)


def test_whoever_works_on_it_is_named(sergeant: User, inspector: User) -> None:
    case, officer = a_case(), an_officer(Role.INVESTIGATOR, name="Kestrel")
    assign_case(case, officer_in_case=officer, supervisor=sergeant, by=inspector)
    said = refusal(lambda: restrict_case(case, reason=WHY, officers=[inspector], by=sergeant))
    assert (
        said == f"{officer} is officer in case of this record. Name them, or say first that somebody else works on it"
    )
    case = restrict_case(case, reason=WHY, officers=[inspector, officer], by=sergeant)
    assert sees(officer, case)


def test_only_whose_role_opens_records_is_named(sergeant: User, inspector: User) -> None:
    for stranger in (an_officer(Role.AUDITOR), an_officer(Role.SUPERVISOR, a_team("ENF"))):
        said = refusal(lambda: restrict_case(a_case(), reason=WHY, officers=[inspector, stranger], by=sergeant))  # noqa: B023
        assert said.startswith(f"{stranger} holds no role today that opens records")


def test_it_is_restricted_once_and_with_a_reason(case: Case, sergeant: User, inspector: User) -> None:
    said = refusal(lambda: restrict_case(case, reason="Again", officers=[inspector], by=inspector))
    assert said.startswith(f"{sergeant} restricted this record on ")
    assert WHY in said
    assert "Say why" in refusal(lambda: restrict_case(a_case(), reason=" ", officers=[inspector], by=sergeant))
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(case=case, reason="Twice", began_by=sergeant)
    with pytest.raises(IntegrityError), transaction.atomic():
        NamedOfficer.objects.create(case=case, officer=sergeant, reason="Twice", named_by=sergeant)


def test_what_others_had_to_do_goes_to_those_named(sergeant: User, inspector: User) -> None:
    case, officer = a_case(), an_officer(Role.INVESTIGATOR)
    action = add_action(case, what="See the school", owner=officer, due_on=clock.today(), by=sergeant)
    triage = Duty.objects.get(case=case, kind="triage", state=DutyState.OPEN)
    give_duty(triage, to=(other := an_officer(Role.SUPERVISOR)), why="She is on duty", by=sergeant)
    case = restrict_case(case, reason=WHY, officers=[inspector], by=sergeant)
    action.refresh_from_db()
    triage.refresh_from_db()
    # Nobody who is named is an investigator, or at the desk.
    assert action.owner == triage.owner == sergeant
    assert [each.words for each in findings([case.pk])] == []
    said = refusal(lambda: give_duty(triage, to=other, why="She is on duty", by=sergeant))
    assert said == f"{other} is not named on this restricted record, so cannot open it. Name them first"
    said = refusal(lambda: change_action(action, owner=officer, due_on=action.due_on, reason="Hers", by=sergeant))
    assert "is not named on this restricted record" in said
    give_duty(triage, to=inspector, why="He is named", by=sergeant)


def test_only_those_named_are_offered_work_on_it(case: Case, sergeant: User, inspector: User) -> None:
    an_officer(Role.INVESTIGATOR)
    assert set(officers_for(case)) == {sergeant, inspector}
    officer = an_officer(Role.INVESTIGATOR)
    said = refusal(lambda: assign_case(case, officer_in_case=officer, supervisor=None, by=sergeant))
    assert said.endswith("Name them first")
    name_officer(case, officer=officer, reason="Officer in case", by=sergeant)
    assign_case(case, officer_in_case=officer, supervisor=None, by=sergeant)


# --- who is named --------------------------------------------------------------------------------


def test_naming_somebody_twice_and_taking_them_off_twice(case: Case, sergeant: User, inspector: User) -> None:
    officer = an_officer(Role.INVESTIGATOR)
    named = name_officer(case, officer=officer, reason="Interviews her", by=sergeant)
    said = refusal(lambda: name_officer(case, officer=officer, reason="Interviews her", by=inspector))
    assert said.startswith(f"{sergeant} named {officer} on ")
    take_name_off(named, reason="Has moved on", by=sergeant)
    assert not sees(officer, case)
    said = refusal(lambda: take_name_off(named, reason="Has moved on", by=inspector))
    assert said.startswith(f"{sergeant} took {officer} off on ")
    name_officer(case, officer=officer, reason="Is back", by=sergeant)
    assert sees(officer, case)


def test_the_last_who_can_end_it_and_whoever_works_on_it_stay(case: Case, sergeant: User, inspector: User) -> None:
    last = named_on(case).get(officer=inspector)
    assert "Name another inspector first" in refusal(lambda: take_name_off(last, reason="Away", by=sergeant))
    assign_case(case, officer_in_case=None, supervisor=sergeant, by=inspector)
    named = named_on(case).get(officer=sergeant)
    assert "is supervisor of this record" in refusal(lambda: take_name_off(named, reason="Away", by=inspector))


def test_a_colleague_who_is_not_named_names_nobody(case: Case) -> None:
    with pytest.raises(NotAllowed):
        name_officer(case, officer=an_officer(Role.INVESTIGATOR), reason="Mine", by=an_officer(Role.SUPERVISOR))
    with pytest.raises(NotAllowed):
        end_restriction(case, reason="Mine", by=an_officer(Role.INSPECTOR))
    with pytest.raises(NotAllowed):
        end_restriction(case, reason="Mine", by=an_officer(Role.COMMAND))


def test_the_command_names_somebody_without_opening_it(case: Case, client: Client, sergeant: User) -> None:
    command, officer = an_officer(Role.COMMAND), an_officer(Role.SUPERVISOR)
    client.force_login(command)
    page = client.get(reverse("cases:restricted_records")).content.decode()
    assert case.number in page
    assert "Castell" in page
    address = reverse("cases:name_on_restricted", args=[case.number])
    page = client.get(address).content.decode()
    for part in case.parts.select_related("person"):
        assert part.person.family_name not in page
    assert WHY not in page
    answer = client.post(address, {"officer": officer.pk, "reason": "Both are away tonight"})
    assert answer.status_code == 302
    assert sees(officer, case)
    assert not sees(command, case)
    assert client.get(reverse("workbench:case", args=[case.number])).status_code == 403
    event = AuditEvent.objects.get(event="OFFICER_NAMED", case_id=case.pk)
    assert (event.by_id, event.detail) == (command.pk, {"person": officer.pk})
    client.force_login(sergeant)
    assert "Both are away tonight" in client.get(reverse("cases:restriction", args=[case.number])).content.decode()


def test_an_open_record_is_not_found_among_the_restricted(client: Client) -> None:
    case = a_case()
    client.force_login(an_officer(Role.COMMAND))
    assert "No record is restricted." in client.get(reverse("cases:restricted_records")).content.decode()
    assert client.get(reverse("cases:name_on_restricted", args=[case.number])).status_code == 404


# --- its end -------------------------------------------------------------------------------------


def test_after_its_end_the_team_opens_it_again(case: Case, sergeant: User, inspector: User) -> None:
    colleague = an_officer(Role.INVESTIGATOR)
    with pytest.raises(NotAllowed):
        end_restriction(case, reason="It was not he", by=sergeant)
    case = end_restriction(case, reason="It was not he", by=inspector)
    assert sees(colleague, case)
    assert not named_on(case).exists()
    assert "not restricted" in refusal(lambda: end_restriction(case, reason="Twice", by=inspector))
    assert "not restricted" in refusal(
        lambda: name_officer(case, officer=colleague, reason="Late", by=sergeant),
    )
    again = restrict_case(case, reason="It was he", officers=[inspector], by=sergeant)
    assert not sees(colleague, again)


# --- with another team ---------------------------------------------------------------------------


def test_a_transferred_record_stays_restricted(case: Case, sergeant: User, inspector: User) -> None:
    there = a_receiver(a_team("ENF"))
    head = an_officer(Role.INSPECTOR, a_team("ENF"))
    command = an_officer(Role.COMMAND)
    name_officer(case, officer=command, reason="Oversees it", by=sergeant)
    transfer = a_transfer(case, a_team("ENF"), by=sergeant)
    assert not sees(there, case)
    case = actions.accept_transfer(transfer, by=there).case
    assert case.restricted
    assert {each.officer for each in named_on(case)} == {there, head, command}
    assert sees(there, case)
    assert sees(head, case)
    assert not sees(an_officer(Role.INVESTIGATOR, a_team("ENF")), case)
    assert not sees(sergeant, case)


def test_what_is_to_be_done_on_it_is_somebodys_there_who_is_named(
    case: Case, sergeant: User, inspector: User
) -> None:
    """A desk sergeant of the sender is named, and so none of it was anybody's by name; there none is."""
    name_officer(case, officer=an_officer(Role.DESK_SERGEANT), reason="Logged it", by=sergeant)
    for duty in Duty.objects.filter(case=case, state=DutyState.OPEN):
        give_duty(duty, to=None, why="As any other", by=inspector)
    there, head = a_receiver(a_team("ENF")), an_officer(Role.INSPECTOR, a_team("ENF"))
    an_officer(Role.DESK_SERGEANT, a_team("ENF"))
    case = actions.accept_transfer(a_transfer(case, a_team("ENF"), by=sergeant), by=there).case
    assert {each.officer for each in named_on(case)} == {there, head}
    owners = [duty.owner for duty in Duty.objects.filter(case=case, state=DutyState.OPEN)]
    assert len(owners) > 1
    assert set(owners) == {there}
    assert findings([case.pk]) == []


def test_who_is_called_as_somebody_on_it_is_not_warned_where_they_would_accept_it(case: Case, sergeant: User) -> None:
    there = a_receiver(a_team("ENF"))
    an_officer(Role.INSPECTOR, a_team("ENF"))
    transfer = a_transfer(case, a_team("ENF"), by=sergeant)
    person = case.people.get()
    User.objects.filter(pk=there.pk).update(given_names=person.given_names, family_name=person.family_name)
    there.refresh_from_db()
    said = refusal(lambda: actions.accept_transfer(transfer, by=there))
    assert said == f"Somebody else in Team ENF must accept this record. Ask {sergeant} about it"
    assert not sees(there, case)


# --- its pages -----------------------------------------------------------------------------------


def test_the_page_restricts_names_takes_off_and_ends(client: Client, sergeant: User, inspector: User) -> None:
    case = a_case()
    client.force_login(sergeant)
    address = reverse("cases:restriction", args=[case.number])
    page = client.get(address).content.decode()
    assert "Everybody whose role opens records" in page
    # The inspector is chosen already.
    assert re.search(rf'value="{inspector.pk}"[^>]* checked', page)
    answer = client.post(address, {"reason": "", "officers": []})
    said = answer.content.decode()
    assert "Say why it is restricted" in said
    answer = client.post(address, {"reason": WHY, "officers": [inspector.pk]}, follow=True)
    page = answer.content.decode()
    assert "From now on only those named can open this record." in page
    assert "Restricted to 2 people" in page
    assert "Restricted: those named" in page
    assert "End the restriction" not in page
    officer = an_officer(Role.INVESTIGATOR, name="Kestrel")
    answer = client.post(address, {"officer": officer.pk, "reason": "Interviews her"}, follow=True)
    assert "may open this record now" in answer.content.decode()
    named = named_on(case).get(officer=officer)
    off = reverse("cases:take_name_off", args=[case.number, named.pk])
    assert "can no longer open this record" in client.get(off).content.decode()
    client.post(off, {"reason": "Has moved on"})
    assert not sees(officer, case)
    page = client.get(address).content.decode()
    assert "Kestrel could open it from" in page
    client.force_login(inspector)
    end = reverse("cases:end_restriction", args=[case.number])
    client.post(end, {"reason": "It was not he"})
    case.refresh_from_db()
    assert not case.restricted
    page = client.get(address).content.decode()
    assert "It was not he" in page


def test_what_is_written_on_the_record(case: Case, sergeant: User) -> None:
    entry = case.entries.get(title="Restricted to those named")
    assert WHY in entry.text
    assert entry.recorded_by == sergeant
    event = AuditEvent.objects.get(event="CASE_RESTRICTED")
    assert event.case_id == case.pk
    assert WHY not in str(event.detail)


def test_numbers_on_today_are_those_of_the_lists_they_open(case: Case, sergeant: User) -> None:
    a_case()
    stranger = an_officer(Role.DESK_SERGEANT)
    for user, number in ((stranger, 1), (sergeant, 2)):
        assert desk_counts(a_team(), user=user).to_triage == number
        assert counted(nobodys_records(a_team(), user=user)) == (number,)
        mine = Case.objects.visible_to(user).filter(officer_in_case=None)
        assert len(mine) == number


# --- what is known of people by both -------------------------------------------------------------

HOME = "22 Tidewell House, London N17"


@pytest.mark.parametrize("days", [0, 3])
def test_what_is_told_again_on_an_open_record_is_read_there(days: int) -> None:
    """Whoever has that record must know where the child lives, though it was told on a restricted one before."""
    mother = PersonSaid(given_names="Tanya", family_name="Quarrendon", relation=Relation.MOTHER, address=HOME)
    secret = a_case(children=[a_child("Rhys", "Quarrendon", address=HOME)], adults=[mother])
    child, adult = secret.people.get(given_names="Rhys"), secret.people.get(given_names="Tanya")
    called = PersonSaid(given_names="Reece", family_name="Quarrendon", same_as=child.pk)
    actions.add_person(secret, part=Part.OTHER_CHILD, said=called, on=clock.today(), by=an_officer(Role.INVESTIGATOR))
    a_restricted_case(case=secret)
    move_time_to(clock.now() + timedelta(hours=24 * days, minutes=5))
    again = PersonSaid(**{**vars(mother), "same_as": adult.pk})
    case = a_case(children=[a_child("Reece", "Quarrendon", address=HOME, same_as=child.pk)], adults=[again])
    of_child, of_adult = people_on(case, today=clock.today())
    assert [str(home.address) for home in of_child.addresses] == [HOME]
    assert str(of_adult.addresses[0].address) == HOME
    assert of_adult.relation == "mother"
    colleague = an_officer(Role.INVESTIGATOR)
    (known,) = known_already([PersonSaid(given_names="Reece", family_name="Quarrendon")], user=colleague).matches
    assert [match.person for match in known] == [child]


def test_where_they_went_is_not_told_on_their_other_record() -> None:
    case = a_case(children=[a_child("Rhys", "Quarrendon", address=HOME)])
    child = case.people.get()
    secret = a_case(children=[a_child("Rhys", "Quarrendon", address="9 Marram Walk, Ware SG12", same_as=child.pk)])
    a_restricted_case(case=secret)
    (shown,) = people_on(case, today=clock.today())
    assert [str(home.address) for home in shown.addresses] == [HOME]


def test_why_details_are_put_right_stays_on_the_restricted_record() -> None:
    shown = a_case(children=[a_child("Rhys", "Quarrendon")])
    child = shown.people.get()
    secret = a_case(children=[a_child("Rhys", "Quarrendon", same_as=child.pk)])
    secret = a_restricted_case(case=secret)
    said = PersonSaid(given_names="Reece", family_name="Quarrendon")
    by = secret.restrictions.get().began_by
    actions.change_person(child, case=secret, said=said, reason="His teacher told us", on=clock.today(), by=by)
    entry = shown.entries.latest("pk")
    assert entry.title == "Details of Rhys Quarrendon put right on another record"
    assert entry.text == "Before: first names Rhys."
    assert "His teacher told us" in secret.entries.latest("pk").text


# --- nobody who is on it -------------------------------------------------------------------------


def test_nobody_who_is_called_as_somebody_on_it_is_named(client: Client, sergeant: User, inspector: User) -> None:
    suspect = an_officer(Role.INSPECTOR, name="Pyke")
    man = PersonSaid(given_names=suspect.given_names, family_name="Pyke", may_have_harmed=True)
    case = a_case(adults=[man])
    client.force_login(sergeant)
    page = client.get(reverse("cases:restriction", args=[case.number])).content.decode()
    assert f'value="{inspector.pk}"' in page
    assert f'value="{suspect.pk}"' not in page
    said = refusal(lambda: restrict_case(case, reason=WHY, officers=[inspector, suspect], by=sergeant))
    assert said == f"{suspect} is called as somebody on this record, so cannot open it. Choose another"
    case = restrict_case(case, reason=WHY, officers=[inspector], by=sergeant)
    assert "is called as somebody" in refusal(
        lambda: name_officer(case, officer=suspect, reason="He asks for it", by=inspector)
    )
    suspect.memberships.update(team=a_team("ENF"))
    transfer = a_transfer(case, a_team("ENF"), by=sergeant)
    head = an_officer(Role.INSPECTOR, a_team("ENF"))
    actions.accept_transfer(transfer, by=head)
    assert [each.officer for each in named_on(case)] == [head]


def test_that_somebody_named_is_called_as_one_who_came_to_it_later_is_said(
    case: Case, client: Client, sergeant: User, inspector: User
) -> None:
    client.force_login(sergeant)
    where, said = reverse("cases:restriction", args=[case.number]), "<b>is called as somebody on this record</b>"
    assert said not in client.get(where).content.decode()
    suspect = PersonSaid(inspector.given_names, inspector.family_name)
    actions.add_person(case, part=Part.SUSPECT, said=suspect, on=clock.today(), by=sergeant)
    page = client.get(where).content.decode()
    assert page.count(said) == 1
    assert f"<b>{inspector}</b> {said}" in page


def test_a_team_in_which_nobody_could_end_it_does_not_take_it_over(case: Case, sergeant: User) -> None:
    transfer = a_transfer(case, a_team("ENF"), by=sergeant)
    there = a_receiver(a_team("ENF"))
    assert "Ask the command" in refusal(lambda: actions.accept_transfer(transfer, by=there))
    case.refresh_from_db()
    assert case.team == a_team()


def test_whoever_cannot_be_taken_off_is_said_before(case: Case, client: Client, sergeant: User) -> None:
    client.force_login(sergeant)
    named = named_on(case).get(officer__family_name="Castell")
    page = client.get(reverse("cases:take_name_off", args=[case.number, named.pk])).content.decode()
    assert "Name another inspector first" in page


def test_the_command_sees_who_can_no_longer_open_one(case: Case, client: Client, sergeant: User) -> None:
    membership = sergeant.memberships.get()
    membership.withdrawn_at = clock.moment()
    membership.save()
    client.force_login(an_officer(Role.COMMAND))
    page = client.get(reverse("cases:restricted_records")).content.decode()
    assert page.count("(can no longer open it)") == 1


# --- who does it, and who is told ----------------------------------------------------------------


def test_what_nobody_named_has_the_role_for_is_one_of_theirs(sergeant: User, inspector: User) -> None:
    an_officer(Role.INVESTIGATOR)
    an_officer(Role.DESK_SERGEANT)
    case = restrict_case(a_case(), reason=WHY, officers=[inspector], by=sergeant)
    owners = {duty.kind: duty.owner for duty in Duty.objects.filter(case=case, state=DutyState.OPEN)}
    assert len(owners) > 1
    assert set(owners.values()) == {sergeant}
    # And what is raised later.
    before = set(Duty.objects.values_list("pk", flat=True))
    triage_referral(case.referral, urgent=True, reason="Fresh injury", what_next="", by=sergeant)
    later = Duty.objects.filter(case=case, state=DutyState.OPEN).exclude(pk__in=before)
    assert {duty.owner for duty in later} == {sergeant}
    assert [each.words for each in findings([case.pk])] == []
    # Where somebody named holds the role, it stays that role's.
    officer = an_officer(Role.INVESTIGATOR)
    other = restrict_case(a_case(), reason=WHY, officers=[inspector, officer], by=an_officer(Role.DESK_SERGEANT))
    assert Duty.objects.get(case=other, kind="triage", state=DutyState.OPEN).owner is None


def test_whoever_is_named_is_told_on_today(case: Case, client: Client, inspector: User, sergeant: User) -> None:
    client.force_login(inspector)
    page = client.get("/").content.decode()
    assert f"You can open restricted record {case}" in page
    assert f"{sergeant} named you" in page
    client.force_login(sergeant)
    assert "You can open restricted record" not in client.get("/").content.decode()
    client.force_login(an_officer(Role.INSPECTOR))
    assert "You can open restricted record" not in client.get("/").content.decode()


def test_the_list_of_records_says_what_it_leaves_out(case: Case, client: Client, sergeant: User) -> None:
    colleague = an_officer(Role.INVESTIGATOR)
    client.force_login(colleague)
    ask = whom_to_ask([case])[case.pk]
    page = client.get(reverse("cases:records")).content.decode()
    assert f"1 record is restricted and not in this list: {case.urn}. Ask {ask}." in page
    assert case.number not in page
    answer = Program(colleague).get("cases")
    assert answer.json()["left_out"] == [{"urn": case.urn, "ask": ask}]
    for number in range(6):
        restrict_case(a_case(), reason=str(number), officers=[an_officer(Role.INSPECTOR)], by=sergeant)
    page = client.get(reverse("cases:records")).content.decode()
    assert "7 records are restricted and not in this list. Ask the command." in page
    client.force_login(sergeant)
    assert "not in this list" not in client.get(reverse("cases:records")).content.decode()
