"""How a record comes to another borough's team: who asks, who answers, what goes with it and what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from cases import actions
from cases.actions import assign_case
from cases.closure import before_transfer, in_the_way
from cases.enums import Kind, TransferState
from cases.models import Action, Case, Transfer
from cases.transfer_states import TRANSITIONS, Transition, diagram
from deadlines import clock
from diary.actions import give_duty, release_chases
from diary.checking import findings
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, MailState, Notice, Watch
from diary.notices import notices_of
from diary.outbox import send_due
from diary.sweep import Waker, sweep
from referrals.actions import decide_referral, triage_referral
from referrals.enums import DecisionKind
from referrals.models import Referral
from referrals.queries import desk_counts, in_the_log, log_lines, narrowed
from referrals.suggestions import looked_for
from team.enums import Role
from team.models import User
from team.permissions import NotAllowed, Permission
from tests.factories.assessing import an_assessment, submitted
from tests.factories.clock import move_time_to
from tests.factories.deciding import (
    a_closed_case,
    a_decided_case,
    a_triaged_case,
    an_approved_address,
    an_investigation,
    an_open_update,
    as_decided,
    asked_to_close,
)
from tests.factories.mail import a_message
from tests.factories.managing import a_gap, a_managed_risk
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_receiver, a_transfer, transferred
from tests.integration.api.asking import Program
from workbench.searching import searched

pytestmark = pytest.mark.django_db

WHY = "The family moved to Enfield on Monday."


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def open_duties(case: Case) -> dict[tuple[str, int, int], Duty]:
    rows = Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("team", "owner")
    return {(duty.kind, duty.subject, duty.cycle): duty for duty in rows}


def dates(duties: dict[tuple[str, int, int], Duty]) -> dict[tuple[str, int, int], Any]:
    return {key: (duty.due_on, duty.due_at, duty.late_from, duty.due) for key, duty in duties.items()}


def wrong(case: Case) -> list[str]:
    return [each.words for each in findings([case.pk])]


def newest(case: Case) -> Any:
    return case.entries.latest("id")


# --- asking --------------------------------------------------------------------------------------


def test_until_it_is_accepted_nothing_changes_but_that_an_answer_is_due() -> None:
    sergeant, receiver = an_officer(Role.DESK_SERGEANT), a_receiver()
    case = a_triaged_case()
    before = dates(open_duties(case))
    transfer = actions.ask_transfer(case, to_team=a_team("ENF"), reason=WHY, by=sergeant)

    after = open_duties(case)
    duty = after.pop(("transfer", 0, 0))
    assert dates(after) == before
    assert (duty.team, duty.owner_role, duty.owner) == (a_team(), Role.SUPERVISOR, None)
    assert duty.reckoned.why.rule == "TRANSFER-ANSWER"
    assert duty.reckoned.why.started == clock.london_date(transfer.asked_at)
    assert wrong(case) == []
    assert newest(case).title == "Transfer to Team ENF asked for"
    assert newest(case).text == WHY
    assert not Case.objects.visible_to(receiver).exists()
    assert [each.what for each in in_the_way(case) if each.view == "cases:transfer"] == [
        "The transfer to Team ENF waits for an answer"
    ]

    words = refusal(lambda: actions.ask_transfer(case, to_team=a_team("ENF"), reason="Again", by=sergeant))
    assert f"{sergeant} asked on" in words
    assert "transfer this record to Team ENF" in words


def test_only_another_borough_s_team_that_can_answer_is_asked() -> None:
    case, sergeant = a_case(), an_officer(Role.SUPERVISOR)
    nobody_there = a_team("BRN")
    an_officer(Role.INVESTIGATOR, nobody_there)
    an_officer(Role.COMMAND)
    for team in (a_team(), nobody_there, a_team("CAC")):
        with pytest.raises(ValidationError) as refused:
            actions.ask_transfer(case, to_team=team, reason=WHY, by=sergeant)
        assert set(refused.value.message_dict) == {"to_team"}
    a_receiver()
    assert "Say why" in refusal(lambda: actions.ask_transfer(case, to_team=a_team("ENF"), reason=" ", by=sergeant))
    with pytest.raises(NotAllowed):
        actions.ask_transfer(case, to_team=a_team("ENF"), reason=WHY, by=an_officer(Role.INVESTIGATOR))
    closed = a_closed_case()
    assert "is closed" in refusal(
        lambda: actions.ask_transfer(closed, to_team=a_team("ENF"), reason=WHY, by=sergeant)
    )
    assert not Transfer.objects.exists()


def test_what_is_half_done_is_finished_by_those_who_began_it_before_asking_and_before_accepting() -> None:
    a_receiver()
    case, by = a_decided_case(), an_officer(Role.SUPERVISOR)
    an_assessment(case)
    with_a_request = a_decided_case()
    asked_to_close(with_a_request)
    waiting = submitted(a_case()).case
    said = {
        case: "A CRAM is under way",
        with_a_request: "A request to close the record waits for an answer",
        waiting: "A CRAM is not endorsed",
    }
    for of, what in said.items():
        assert [each.what for each in before_transfer(of)] == [what]
        ask = refusal(partial(actions.ask_transfer, of, to_team=a_team("ENF"), reason=WHY, by=by))
        assert ask == f"Team HGY must finish something before this record can be transferred. {what}."

    transfer = a_transfer()
    an_assessment(transfer.case)
    assert "A CRAM is under way." in refusal(lambda: actions.accept_transfer(transfer, by=a_receiver()))
    # Asked, it cannot be closed either.
    assert "The transfer to Team ENF waits" in refusal(lambda: asked_to_close(a_transfer(a_decided_case()).case))


# --- answering -----------------------------------------------------------------------------------


def test_whoever_is_asked_declines_and_whoever_asked_takes_it_back_each_with_a_reason() -> None:
    case, receiver, sergeant = a_case(), a_receiver(), an_officer(Role.SUPERVISOR)
    first = a_transfer(case, by=sergeant)
    with pytest.raises(NotAllowed):
        actions.decline_transfer(first, answer="No", by=sergeant)
    with pytest.raises(NotAllowed):
        actions.withdraw_transfer(first, answer="No", by=receiver)
    assert "Say why" in refusal(lambda: actions.decline_transfer(first, answer="", by=receiver))
    actions.decline_transfer(first, answer="They live in Hackney.", by=receiver)
    duty = Duty.objects.get(case=case, kind="transfer")
    assert (duty.state, duty.ended_why, duty.team) == (DutyState.SATISFIED, "Answered", a_team())
    assert (newest(case).title, newest(case).text) == (
        "Team ENF did not accept the record",
        "They live in Hackney.",
    )
    assert f"{receiver} did not accept this record for Team ENF on" in refusal(
        lambda: actions.accept_transfer(first, by=receiver)
    )

    second = a_transfer(case)
    other = an_officer(Role.DESK_SERGEANT)
    actions.withdraw_transfer(second, answer="They are back.", by=other)
    duty = Duty.objects.get(case=case, kind="transfer", cycle=1)
    assert (duty.state, duty.ended_why) == (DutyState.CANCELLED, "The request was withdrawn")
    assert "withdrew the request" in refusal(lambda: actions.accept_transfer(second, by=receiver))
    assert Case.objects.get(pk=case.pk).team == a_team()
    assert wrong(case) == []
    assert list(AuditEvent.objects.filter(case_id=case.pk).order_by("-pk").values_list("event", flat=True)[:4]) == [
        "TRANSFER_WITHDRAWN",
        "TRANSFER_ASKED",
        "TRANSFER_DECLINED",
        "TRANSFER_ASKED",
    ]


def test_the_picture_in_the_documents_is_the_table() -> None:
    text = Path("docs/states.md").read_text(encoding="utf-8")
    (picture,) = [each for each in text.split("```mermaid\n") if "ask_transfer" in each]
    assert picture.split("```")[0] == diagram()


@pytest.mark.parametrize("answered", [each for each in TRANSITIONS if each.before])
def test_what_is_answered_is_not_answered_again(answered: Transition) -> None:
    receiver, sender = a_receiver(), an_officer(Role.SUPERVISOR)
    by = {Permission.ANSWER_TRANSFERS: receiver, Permission.TRANSFER_RECORDS: sender}
    transfer = a_transfer()
    getattr(actions, answered.action)(transfer, answer="So it is", by=by[answered.permission])
    transfer.refresh_from_db()
    assert transfer.state == answered.after
    again = [each for each in TRANSITIONS if each.before]
    for each in again:
        gone = answered.after == TransferState.ACCEPTED and each.permission == Permission.TRANSFER_RECORDS
        with pytest.raises(NotAllowed if gone else ValidationError):
            getattr(actions, each.action)(transfer, answer="Again", by=by[each.permission])


def test_whoever_works_in_both_teams_does_not_answer_their_own_request() -> None:
    from team.actions import give_role

    both = a_receiver()
    give_role(both, team=a_team(), role=Role.SUPERVISOR, from_on=clock.today(), by=User.objects.system())
    transfer = a_transfer(by=both)
    for answer in (actions.accept_transfer, actions.decline_transfer):
        assert "You asked to transfer this record" in refusal(partial(answer, transfer, answer="No", by=both))
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.update(state="accepted", answered_by=both, answered_at=clock.now())


@pytest.mark.parametrize(
    "said",
    [
        {"state": "declined", "answer": ""},
        {"state": "asked", "answer": "No"},
        {"state": "lost"},
        {"reason": ""},
        {"to_team": "from_team"},
    ],
)
def test_the_database_refuses_what_must_never_be(said: dict[str, Any]) -> None:
    transfer = a_transfer()
    by = {"answered_by": a_receiver(), "answered_at": clock.now()} if "state" in said else {}
    if said.get("to_team"):
        said = {"to_team": transfer.from_team}
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(**said | by)
    a_twin = Transfer.objects.get(pk=transfer.pk)
    a_twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        a_twin.save()


# --- what goes with it ---------------------------------------------------------------------------


def test_everything_that_is_open_goes_with_it_by_its_dates_and_is_somebody_s_there() -> None:
    officer, supervisor = an_officer(Role.INVESTIGATOR), an_officer(Role.SUPERVISOR)
    case = an_investigation(officer, supervisor)
    action = actions.add_action(case, what="Visit", owner=officer, due_on=clock.today(), by=supervisor)
    a_gap(case, owner=officer)
    a_managed_risk(case)
    ended = set(Duty.objects.filter(case=case).exclude(state=DutyState.OPEN).values_list("pk", flat=True))
    transfer = a_transfer(case, by=supervisor)
    before, watches = open_duties(case), dict(Watch.objects.values_list("duty", "tell_at"))
    assert before["supervision", 0, 0].owner == supervisor
    assert wrong(case) == []

    receiver = a_receiver()
    actions.accept_transfer(transfer, answer="We know them.", by=receiver)
    case = Case.objects.get(pk=case.pk)
    assert (case.team, case.officer_in_case, case.supervisor) == (a_team("ENF"), None, None)
    after = open_duties(case)
    # Nobody has the investigation, so it is allocated anew; what the sender had to do for the transfer is done.
    allocation = after.pop(("allocation", 0, 1))
    assert allocation.reckoned.why.rule == "ALLOCATION"
    assert dates(after) == {
        key: value for key, value in dates(before).items() if key[0] not in ("supervision", "transfer")
    }
    assert {duty.team for duty in after.values()} == {allocation.team} == {a_team("ENF")}
    assert {duty.kind: duty.owner for duty in after.values()} == {
        "first_cram": None,
        "action": receiver,
        "gap": receiver,
        "check_measure": receiver,
    }
    assert {watch: at for watch, at in watches.items() if Watch.objects.filter(pk=watch).exists()} == {
        duty.pk: watches[duty.pk] for duty in after.values()
    }
    stayed = Duty.objects.filter(case=case).exclude(state=DutyState.OPEN)
    assert {duty.team for duty in stayed} == {a_team()}
    assert ended < set(stayed.values_list("pk", flat=True))
    assert wrong(case) == []

    assert Action.objects.get(pk=action.pk).owner == receiver
    entry = newest(case)
    assert (entry.kind, entry.significant) == (Kind.DECISION, True)
    assert entry.title == "Record transferred from Team HGY to Team ENF"
    for words in (
        f"{supervisor} asked on ",
        WHY,
        f"{receiver} accepted it for Team ENF. We know them.",
        f"Officer in case until now: {officer}. Supervisor until now: {supervisor}. 1 action now for {receiver}.",
        "The number, the URN and every date are kept.",
    ):
        assert words in entry.text
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.by_id, event.case_id, event.team_id) == (
        "CASE_TRANSFERRED",
        receiver.pk,
        case.pk,
        a_team("ENF").pk,
    )
    # It is worked on there as on any other, and no longer here.
    theirs = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    assign_case(case, officer_in_case=theirs, supervisor=receiver, by=receiver)
    assert wrong(case) == []
    with pytest.raises(NotAllowed):
        actions.add_action(case, what="Visit", owner=officer, due_on=clock.today(), by=officer)
    # And it can come back, also after the other team has decided anew.
    for kind in (DecisionKind.INFORMATION, DecisionKind.POLICE):
        decide_referral(case, **as_decided(kind=kind, reason="Anew"), by=receiver)
        assert wrong(case) == []
    back = transferred(case, a_team(), by=an_officer(Role.INSPECTOR))
    assert back.team == a_team()
    assert wrong(case) == []


def test_whoever_works_in_both_teams_stays_and_so_does_the_supervision() -> None:
    from team.actions import give_role

    both = an_officer(Role.INVESTIGATOR)
    give_role(both, team=a_team("ENF"), role=Role.INVESTIGATOR, from_on=clock.today(), by=User.objects.system())
    case = an_investigation(both, an_officer(Role.SUPERVISOR))
    before = open_duties(case)
    case = transferred(case)
    assert (case.officer_in_case, case.supervisor) == (both, None)
    after = open_duties(case)
    assert dates(after) == dates(before)
    assert after["supervision", 0, 0].owner is None
    assert wrong(case) == []


# --- what Social Services are asked --------------------------------------------------------------


def test_no_email_goes_to_the_other_borough_s_social_services_before_somebody_has_looked() -> None:
    first = an_approved_address(a_team())
    duty = an_open_update()
    (mail,) = Mail.objects.filter(step__duty=duty)
    assert (mail.rung, mail.state) == (first, MailState.QUEUED)
    case = transferred(duty.case)
    duty.refresh_from_db()
    assert (duty.team, duty.held_why) == (
        a_team("ENF"),
        "The record came from Team HGY: see whom to ask, then let the emails go.",
    )
    chase = Chase.objects.get(duty=duty)
    assert chase.state == ChaseState.RUNNING
    sent: list[EmailMessage] = []
    move_time_to(clock.now() + timedelta(days=15))
    sweep(woken_by=Waker.COMMAND)
    send_due(deliver=sent.append)
    assert sent == []
    assert wrong(case) == []

    sergeant = a_receiver()
    theirs = an_approved_address(a_team("ENF"), address="enfield@borough.example")
    release_chases(duty, why="Enfield’s Social Services have it", by=sergeant)
    send_due(deliver=sent.append)
    (message,) = sent
    assert message.to == [theirs.address]
    assert "Team ENF" in message.body
    assert "Team HGY" not in message.body
    assert case.urn in message.subject


def test_whom_another_borough_never_asked_is_asked_first_and_not_reminded() -> None:
    """The ladder of the new team begins at its first address, whatever was sent to the other borough's."""
    an_approved_address(a_team())
    theirs = [
        an_approved_address(a_team("ENF"), number, address=f"enfield{number}@b.example") for number in (1, 2, 3)
    ]
    duty = an_open_update()
    sent: list[EmailMessage] = []
    send_due(deliver=sent.append)
    began = clock.moment()
    for days in (14, 21):
        move_time_to(began + timedelta(days=days))
        sweep(woken_by=Waker.COMMAND)
        send_due(deliver=sent.append)
    assert len(sent) == 3
    transferred(duty.case)
    del sent[:]
    duty.refresh_from_db()
    sergeant = a_receiver()
    for days in (28, 35, 42):
        move_time_to(began + timedelta(days=days))
        sweep(woken_by=Waker.COMMAND)
        if days == 28:
            release_chases(duty, why="Enfield’s Social Services have it", by=sergeant)
        send_due(deliver=sent.append)
    assert [each.to for each in sent] == [[theirs[0].address], [theirs[0].address], [theirs[1].address]]
    assert "still" not in sent[0].body
    assert "reminder" not in sent[0].body
    assert "still" in sent[1].body


def test_what_is_done_since_is_not_told_to_whoever_logged_it() -> None:
    program, theirs = Program(an_officer(Role.INVESTIGATOR)), Program(a_receiver())
    stays, case = a_case(), transferred()
    triage_referral(case.referral, urgent=True, what_next="Visit", reason="No injury", by=User.objects.system())
    rows = {row["case"]: row for row in program.get("referrals").json()["results"]}
    assert (rows[case.number]["progress"], rows[case.number]["decision"]) == (None, None)
    assert (rows[stays.number]["progress"], rows[stays.number]["decision"]) == ("logged", "")
    assert theirs.get("referral", case.number).json()["progress"] == "triaged"


def test_an_email_that_was_written_and_not_sent_is_written_anew_for_the_new_team() -> None:
    an_approved_address(a_team())
    duty = an_open_update()
    transferred(duty.case)
    sergeant, sent = a_receiver(), list[EmailMessage]()
    release_chases(Duty.objects.get(pk=duty.pk), why="Enfield’s Social Services have it", by=sergeant)
    send_due(deliver=sent.append)
    assert sent == []  # nobody in Enfield has approved an address
    theirs = an_approved_address(a_team("ENF"), address="enfield@borough.example")
    move_time_to(clock.now() + timedelta(hours=2))
    send_due(deliver=sent.append)
    (message,) = sent
    assert message.to == [theirs.address]
    assert "Team ENF" in message.body
    assert "Team HGY" not in message.body


# --- where it is found ---------------------------------------------------------------------------


def test_the_receiver_finds_it_and_the_log_of_the_sender_says_where_it_went() -> None:
    ours, theirs = an_officer(Role.DESK_SERGEANT), a_receiver()
    case = a_triaged_case()
    duty = Duty.objects.get(case=case, kind="decision")
    give_duty(duty, to=ours, why="You know them", by=an_officer(Role.SUPERVISOR))
    assert desk_counts(a_team(), user=an_officer(Role.DESK_SERGEANT)).to_decide == 1
    assert Notice.objects.filter(pk__in=notices_of(ours, now=clock.now())).count() == 1
    name = str(case.people.get())
    transferred(case)

    today = clock.today()
    for words in (case.number, case.urn):
        assert [each.case for each in searched(words, user=theirs, today=today).referrals] == [case]
    assert searched(name, user=theirs, today=today).people
    assert not searched(name, user=ours, today=today).people

    # Its own log keeps it, with where it is and nothing of what is done there.
    rows = Referral.objects.visible_to(ours)
    (line,) = log_lines(in_the_log(rows))
    assert (line.state, line.due, line.number) == ("Transferred to Team ENF", None, case.number)
    assert not narrowed(rows, user=ours, progress="triaged").exists()
    assert desk_counts(a_team(), user=an_officer(Role.DESK_SERGEANT)).to_decide == 0
    assert not Referral.objects.visible_to(theirs).exists()
    assert not Notice.objects.filter(pk__in=notices_of(ours, now=clock.now())).exists()

    # An email goes on it where it is: to the mailbox of the team that has it.
    for words in (case.number, case.urn, name):
        assert [each.case for each in looked_for(words, a_message(team=a_team("ENF")), user=theirs)] == [case], words
        assert looked_for(words, a_message(team=a_team()), user=ours) == [], words
