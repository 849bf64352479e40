"""What becomes of the rows of an old log: records like any that were logged, each once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from audit.events import Event
from audit.models import AuditEvent
from cases.actions import agree_closure, ask_closure, assign_case
from cases.enums import Court, Kind, Part, Series
from cases.models import Case, CasePerson, Entry, Numbering
from deadlines import clock, rules, schedules
from deadlines.clock import LONDON, london_date, london_midnight
from diary.actions import release_chases
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, MailState, Step, StepState, Waker
from diary.sweep import sweep
from old_logs import bringing, working
from old_logs.actions import add_old_log, bring_in_old_log
from old_logs.enums import RowState, State
from old_logs.models import OldLog, OldRow
from old_logs.queries import counts
from old_logs.working import work_on, work_on_all
from pages.words import day
from people.models import Address, Person, Residence
from referrals.actions import decide_referral, judge_update, record_update, triage_referral
from referrals.enums import Came, Category, DecisionKind, Judgement, Method, Progress, Source
from referrals.models import Answer, Decision, Referral
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_approved_address, as_decided, as_told
from tests.factories.old_logs import (
    a_row,
    an_old_log,
    an_old_referral,
    as_csv,
    brought_in,
    in_words,
    referral_of,
    states_of,
    worked_on,
    wrong_with,
)
from tests.factories.referrals import a_referral
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.old_logs.put_right import lines_equal_their_rows

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2009, 7, 2, 15, 20, tzinfo=LONDON)
DAY = timedelta(days=1)
SECONDS = 60
# What a program asks of one record.
OF_A_RECORD = (
    "case",
    "referral",
    "decisions",
    "strategies",
    "updates",
    "chronology",
    "actions",
    "officers",
    "closure",
)


def by_cait() -> User:
    return User.objects.system()


def duty_of(referral: Referral) -> Duty:
    """The one that is open."""
    return Duty.objects.get(case=referral.case, state=DutyState.OPEN)


# --- a record that was brought in ----------------------------------------------------------------

# The words of the log; what they mean; how far the referral has come; the duty, by which rule.
EACH: list[tuple[str, DecisionKind | None, Progress, str, Any]] = [
    ("Joint s47", DecisionKind.JOINT, Progress.DECIDED, "allocation", rules.ALLOCATION),
    ("Single agency - police", DecisionKind.POLICE, Progress.DECIDED, "allocation", rules.ALLOCATION),
    ("SS only", DecisionKind.SOCIAL_SERVICES, Progress.DECIDED, "update", rules.SS_UPDATE),
    ("Transfer to Enfield CAIT", DecisionKind.PASSED_ON, Progress.DECIDED, "", None),
    ("NFA police", DecisionKind.INFORMATION, Progress.DECIDED, "", None),
    ("Strat meeting", None, Progress.TRIAGED, "decision", rules.DECISION),
    ("", None, Progress.LOGGED, "triage", rules.TRIAGE_OTHER),
]


@pytest.mark.parametrize(("words", "kind", "progress", "duty", "rule"), EACH, ids=[each[0] or "-" for each in EACH])
def test_each_decision_of_a_log_becomes_what_it_means_and_what_is_due(
    words: str, kind: DecisionKind | None, progress: Progress, duty: str, rule: Any
) -> None:
    referral = an_old_referral(decision=words)
    assert (referral.progress, referral.decision) == (progress, kind or "")
    assert (referral.triaged_at, referral.triage_urgent) == (None, None)
    decisions = list(Decision.objects.filter(case=referral.case))
    assert [each.kind for each in decisions] == ([kind] if kind else [])
    for decision in decisions:
        assert (decision.by_whom, decision.number) == ("DS Roberts (in the old log)", 1)
        assert (decision.decided_at, decision.reason) == (
            RECEIVED,
            f"The old log says “{words}”, and gives no reason.",
        )
        assert decision.passed_to == ("Enfield CAIT" if kind == DecisionKind.PASSED_ON else "")
        assert (decision.entry.kind, decision.entry.happened_at) == (Kind.DECISION, RECEIVED)
    raised = list(Duty.objects.filter(case=referral.case))
    assert [each.kind for each in raised] == ([duty] if duty else [])
    for each in raised:
        due = rule.due_or_at_once(date(2009, 7, 2))
        assert (each.due_on, each.late_from, each.from_before) == (due.due_on, due.late_from, True)
        assert "in the old log" in each.reckoned.why.sentence()
        assert f"rule {rule.code}" in each.reckoned.why.sentence()
        assert (each.team, each.state, each.subject, each.cycle) == (referral.team, DutyState.OPEN, 0, 0)


def test_a_referral_of_a_log_has_the_facts_of_its_row_and_none_that_are_made_up() -> None:
    by = an_officer(Role.DESK_SERGEANT)
    referral = an_old_referral(
        urn="598/2009", given="Rhys / Ann", family="Calloway", born="06/06/2003; nk", note="See file", by=by
    )
    assert (referral.old_urn, referral.urn, referral.case.urn) == ("598/2009", "0598/09", "0598/09")
    assert (referral.received_at, referral.method, referral.source) == (RECEIVED, Method.NOT_SAID, Source.SCHOOL)
    assert (referral.referrer_name, referral.referrer_telephone) == ("Mrs Gillian Teasdale", "020 7946 0011")
    assert (referral.categories, referral.urgent, referral.logged_by) == ([Category.PHYSICAL], False, by)
    assert referral.children_as_given == ["Rhys Calloway, 6", "Ann Calloway"]
    assert referral.case.number == "HGY-2009-0001"
    assert referral.case.state == "open"
    assert list(referral.case.parts.order_by("place").values_list("part", "place", "person__given_names")) == [
        (Part.CHILD, 0, "Rhys"),
        (Part.CHILD, 1, "Ann"),
    ]
    assert [each["person"] for each in referral.as_given] == [
        each.person_id for each in referral.case.parts.order_by("place")
    ]
    homes = Residence.objects.all()
    assert {(home.address.text, home.from_on, home.recorded_by_id) for home in homes} == {
        ("22 Tidewell House, N17 0ZZ", date(2009, 7, 2), by.pk)
    }
    assert (homes.count(), Address.objects.count()) == (2, 1)
    first, second = referral.case.entries.order_by("pk")
    assert first.title == "Referral 0598/09: Physical"
    assert (first.happened_at, first.automatic, first.recorded_by) == (RECEIVED, True, by)
    assert first.people.count() == 2
    for words in ("red mark", "From the old log, row 2.", "Received by: DC Baker", "Notes: See file"):
        assert words in first.text
    assert "Teasdale" not in first.text + second.text
    event = AuditEvent.objects.get(event=Event.REFERRAL_BROUGHT_IN)
    log = OldLog.objects.get()
    assert event.detail == {"urn": "0598/09", "old_log": log.pk, "row": 2}
    assert (event.by_id, event.case_id, event.object_id, event.team_id) == (
        by.pk,
        referral.case_id,
        referral.pk,
        referral.team_id,
    )
    for model in (Referral, Case, CasePerson, Person, Duty):
        assert lines_equal_their_rows(model, by)


def test_where_the_log_gives_no_time_the_day_alone_is_told() -> None:
    referral = an_old_referral(time="", decision="Info only")
    assert (referral.received_at, referral.received_words) == (london_midnight(date(2009, 7, 2)), "2 July 2009")
    assert set(referral.case.entries.values_list("happened", flat=True)) == {"on"}


def test_a_protected_caller_stands_in_no_entry_of_the_chronology() -> None:
    referral = an_old_referral(referrer="Jane Poole - anon", source="Neighbour")
    assert referral.protected
    assert "protected" in referral.caller
    told = " ".join(f"{each.title} {each.text} {each.source}" for each in referral.case.entries.all())
    assert "Poole" not in told
    assert "Neighbour" not in told


PAGES_OF_A_RECORD = [
    *("workbench:case", "referrals:referral", "cases:chronology", "cases:print_chronology", "cases:people"),
    *("cases:closure", "referrals:social_services"),
]
LISTS = ["referrals:log_page", "referrals:download", "diary:queues", "workbench:today", "cases:records"]


def test_every_page_and_every_answer_of_the_api_shows_such_records(client: Client) -> None:
    sergeant = an_officer(Role.DESK_SERGEANT)
    brought_in(
        an_old_log(*(a_row(decision=each[0], answered="20/07/2009") for each in EACH), by=sergeant), by=sergeant
    )
    client.force_login(sergeant)
    program = Program(sergeant)
    for referral in Referral.objects.select_related("case"):
        number = referral.case.number
        for name in PAGES_OF_A_RECORD:
            assert client.get(reverse(name, args=[number])).status_code == 200, (name, referral.decision)
        for name in OF_A_RECORD:
            assert program.get(name, number).status_code == 200, (name, referral.decision)
        assert referral.urn in client.get(reverse("referrals:referral", args=[number])).content.decode()
    for name in LISTS:
        assert client.get(reverse(name)).status_code == 200, name
    for name in ("duties", "referrals", "cases"):
        assert len(program.get(name).json()["results"]) == {"duties": 6}.get(name, len(EACH))
    client.force_login(an_officer(Role.AUDITOR))
    assert client.get(reverse("oversight:audit_events"), {"case": number}).status_code == 200


def test_such_a_record_is_triaged_decided_and_closed_like_any_other() -> None:
    referral = an_old_referral(decision="")
    triage_referral(referral, urgent=False, what_next="", reason="No injury", by=by_cait())
    assert duty_of(referral).kind == "decision"
    decide_referral(referral.case, **as_decided(kind=DecisionKind.INFORMATION), by=by_cait())
    close(referral.case)


def test_what_waits_for_a_strategy_meeting_is_decided_and_closed() -> None:
    referral = an_old_referral(decision="Strat meeting")
    decide_referral(referral.case, **as_decided(kind=DecisionKind.PASSED_ON, passed_to="Sapphire"), by=by_cait())
    close(referral.case)


@pytest.mark.parametrize("words", ["Joint s47", "Single agency - police"])
def test_an_investigation_is_allocated_decided_again_and_closed(words: str) -> None:
    referral = an_old_referral(decision=words)
    officer = an_officer(Role.INVESTIGATOR)
    assign_case(referral.case, officer_in_case=officer, supervisor=None, by=by_cait())
    assert Duty.objects.get(case=referral.case, kind="allocation").state == DutyState.SATISFIED
    decide_referral(referral.case, **as_decided(kind=DecisionKind.INFORMATION, seen=1), by=by_cait())
    assert [each.number for each in Decision.objects.order_by("number")] == [1, 2]
    close(referral.case)


@pytest.mark.parametrize("words", ["Transfer to Enfield CAIT", "NFA police"])
def test_what_needs_nothing_more_can_be_closed_at_once(words: str) -> None:
    close(an_old_referral(decision=words).case)


def close(case: Case) -> None:
    case = Case.objects.get(pk=case.pk)
    closure = ask_closure(
        case, outcome="Nobody was hurt", court=Court.NONE, by=an_officer(Role.INVESTIGATOR, case.team)
    )
    agree_closure(closure, by=an_officer(Role.SUPERVISOR, case.team))
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert not Duty.objects.filter(case=case, state=DutyState.OPEN).exists()


# --- what Social Services owe --------------------------------------------------------------------


def all_mail() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("address", "state"))


def test_social_services_are_written_to_once_about_each_record_and_not_once_for_each_missed_week() -> None:
    team = a_team()
    log = brought_in(an_old_log(a_row(decision="SS only"), a_row(decision="SS only", on="02/11/2009"), team=team))
    for duty in Duty.objects.all():
        chase = Chase.objects.get(duty=duty)
        received = london_date(Referral.objects.get(case=duty.case).received_at)
        assert (chase.started_on, chase.state) == (received, ChaseState.RUNNING)
        assert duty.due_on == received + 14 * DAY
        assert duty.reckoned.why.sentence().startswith("14 days from ")
    assert Mail.objects.count() == 0
    sweep(woken_by=Waker.COMMAND)
    assert Mail.objects.count() == 0  # no address is approved: it waits where people see it
    for number in (1, 2):
        an_approved_address(team, number)
    for _ in range(3):
        sweep(woken_by=Waker.COMMAND)
    assert all_mail() == [("step2@borough.example", MailState.QUEUED)] * 2
    for number in (2, 3):
        assert Mail.objects.filter(case=referral_of(log, number).case).count() == 1
    for duty in Duty.objects.all():
        fallen = schedules.chases_fallen(Chase.objects.get(duty=duty).started_on, clock.today())
        assert sorted(Step.objects.filter(duty=duty).values_list("number", "state")) == [
            (0, StepState.OVERTAKEN),
            (fallen, StepState.WRITTEN),
        ]


def test_what_was_received_last_week_is_asked_for_and_chased_when_it_falls() -> None:
    move_time_to(datetime(2009, 7, 8, 9, 0, tzinfo=LONDON))
    an_approved_address()
    referral = an_old_referral(decision="SS only")
    sweep(woken_by=Waker.COMMAND)
    assert [mail.step.number for mail in Mail.objects.all()] == [0]
    move_time_to(datetime(2009, 7, 16, 9, 0, tzinfo=LONDON))
    sweep(woken_by=Waker.COMMAND)
    assert [mail.step.number for mail in Mail.objects.order_by("pk")] == [0, 1]
    assert Chase.objects.get(duty__case=referral.case).next_on == date(2009, 7, 23)


def test_where_it_is_said_why_none_goes_no_email_is_written_and_one_can_be_released() -> None:
    an_approved_address()
    by = an_officer(Role.DESK_SERGEANT)
    referral = an_old_referral(decision="SS only", hold_why="They were asked on paper", by=by)
    duty = duty_of(referral)
    assert (duty.held_why, duty.held_by, duty.held_at is not None) == ("They were asked on paper", by, True)
    sweep(woken_by=Waker.COMMAND)
    assert Mail.objects.count() == 0
    assert AuditEvent.objects.get(event=Event.OLD_LOG_BROUGHT_IN).detail == {"rows": 1, "held": "yes"}
    release_chases(duty, why="They have no paper", by=by_cait())
    sweep(woken_by=Waker.COMMAND)
    assert Mail.objects.count() == 1


def test_only_the_emails_to_social_services_are_held_back() -> None:
    log = brought_in(an_old_log(*(a_row(decision=each[0]) for each in EACH)), hold_why="Asked on paper")
    assert log.hold_why == "Asked on paper"
    assert list(Duty.objects.exclude(held_why="").values_list("kind", flat=True)) == ["update"]


def an_answered() -> tuple[Referral, Answer]:
    referral = an_old_referral(decision="SS only", due="16/07/2009", answered="20/07/2009")
    return referral, Answer.objects.get(case=referral.case)


def test_an_update_that_the_log_has_waits_to_be_judged_and_nobody_is_chased_meanwhile() -> None:
    an_approved_address()
    referral, answer = an_answered()
    update = Duty.objects.get(case=referral.case, kind="update")
    assert (answer.duty, answer.came, answer.came_words) == (update, Came.NOT_SAID, "before CAIT")
    assert (answer.received_at, answer.judgement) == (london_midnight(date(2009, 7, 20)), "")
    judge = Duty.objects.get(case=referral.case, kind="judge")
    due = rules.UPDATE_JUDGED.due_or_at_once(date(2009, 7, 20))
    assert (judge.subject, judge.due_on, judge.from_before) == (answer.pk, due.due_on, True)
    assert Chase.objects.get(duty=update).state == ChaseState.PAUSED
    assert Entry.objects.filter(case=referral.case, kind=Kind.INFORMATION).get().happened_at == answer.received_at
    sweep(woken_by=Waker.COMMAND)
    assert Mail.objects.count() == 0


def test_judged_no_answer_the_chase_goes_on_with_one_email() -> None:
    an_approved_address()
    referral, answer = an_answered()
    judge_update(answer, judgement=Judgement.NO_ANSWER, reason="It says nothing of the child", by=by_cait())
    assert Chase.objects.get(duty__case=referral.case).state == ChaseState.RUNNING
    sweep(woken_by=Waker.COMMAND)
    assert all_mail() == [("step1@borough.example", MailState.QUEUED)]
    assert duty_of(referral).kind == "update"


def test_judged_unchanged_the_record_can_be_closed() -> None:
    referral, answer = an_answered()
    judge_update(answer, judgement=Judgement.UNCHANGED, reason="Seen, well", by=by_cait())
    close(referral.case)


def test_judged_changed_it_is_decided_again() -> None:
    referral, answer = an_answered()
    judge_update(answer, judgement=Judgement.CHANGED, reason="A new injury", by=by_cait())
    assert duty_of(referral).kind == "decision"
    decide_referral(referral.case, **as_decided(kind=DecisionKind.POLICE), by=by_cait())
    assert duty_of(referral).kind == "allocation"


def test_an_update_that_comes_now_is_recorded_judged_and_counted_after_what_was_sent() -> None:
    an_approved_address()
    referral = an_old_referral(decision="SS only")
    sweep(woken_by=Waker.COMMAND)
    answer = record_update(referral.case, **as_told(), by=by_cait())
    assert answer.duty is not None
    judge_update(answer, judgement=Judgement.UNCHANGED, reason="Seen, well", by=by_cait())
    close(referral.case)


# --- URN -----------------------------------------------------------------------------------------


def test_a_urn_that_reads_like_none_gets_the_number_above_the_highest_of_the_log() -> None:
    log = brought_in(
        an_old_log(a_row(urn="0007/09"), a_row(urn="CAIT 17 b"), a_row(urn="0598/09"), a_row(urn="Ref 3, no. 2"))
    )
    assert list(Referral.objects.order_by("pk").values_list("old_urn", "urn_year", "urn_serial")) == [
        ("0007/09", 2009, 7),
        ("CAIT 17 b", 2009, 599),
        ("0598/09", 2009, 598),
        ("Ref 3, no. 2", 2009, 600),
    ]
    assert {each.case.urn for each in Referral.objects.all()} == {"0007/09", "0598/09", "0599/09", "0600/09"}
    assert counts(log)[RowState.BROUGHT_IN] == 4


def test_the_next_referral_that_is_logged_in_that_year_gets_the_number_after() -> None:
    move_time_to(datetime(2009, 12, 11, 15, 0, tzinfo=LONDON))
    brought_in(an_old_log(a_row(urn="0598/09"), a_row(urn="no number")))
    assert a_referral().urn == "0600/09"
    assert a_referral(a_team("ENF")).urn == "0001/09"


def test_the_number_of_a_row_that_goes_back_to_be_mended_is_given_to_nobody_else() -> None:
    log = an_old_log(a_row(urn="0598/09"), a_row(urn="0599/09", given="", family=""), a_row(urn="odd"))
    brought_in(log)
    assert Referral.objects.get(old_urn="odd").urn == "0600/09"
    mended = brought_in(an_old_log(a_row(urn="0599/09")))
    assert referral_of(mended).urn == "0599/09"


def test_a_number_that_cait_gave_to_another_referral_of_an_old_log_is_said_to_be_taken() -> None:
    brought_in(an_old_log(a_row(urn="0598/09"), a_row(urn="odd")))
    given = Referral.objects.get(old_urn="odd")
    assert given.urn == "0599/09"
    later = an_old_log(a_row(urn="0599/09"))
    (wrong,) = wrong_with(later)
    assert f"record {given.case.number}" in wrong
    assert "0599/09" in wrong


def test_what_is_logged_in_cait_between_the_check_and_the_bringing_in_is_noticed() -> None:
    move_time_to(datetime(2009, 12, 11, 15, 0, tzinfo=LONDON))
    log = an_old_log(a_row(urn="0001/09"), a_row(urn="0002/09"))
    live = a_referral()
    assert live.urn == "0001/09"
    brought_in(log)
    assert states_of(log)[1:] == [RowState.FLAWED, RowState.BROUGHT_IN]
    assert f"record {live.case.number}." in wrong_with(log)[0]


# --- the same child ------------------------------------------------------------------------------


def test_the_same_child_in_two_rows_and_in_two_logs_is_one_person_with_each_record() -> None:
    said = {"given": "Rhys", "family": "Calloway"}
    brought_in(an_old_log(a_row(**said), a_row(**{**said, "family": "CALLOWAY", "born": "2003-06-06"})))
    brought_in(an_old_log(a_row(**said)))
    rhys = Person.objects.get()
    assert (rhys.parts.count(), Residence.objects.count(), Address.objects.count()) == (3, 1, 1)
    taken = [each["taken_to_be"] for each in Referral.objects.order_by("-pk")[0].as_given]
    assert taken == ["Rhys Calloway"]


@pytest.mark.parametrize(
    "other", [{"address": "4 Quill Court"}, {"born": "7/6/2003"}, {"born": "nk"}, {"given": "Reece"}]
)
def test_a_child_of_whom_anything_differs_is_somebody_else(other: dict[str, str]) -> None:
    said = {"given": "Rhys", "family": "Calloway"}
    brought_in(an_old_log(a_row(**said), a_row(**{**said, **other})))
    brought_in(an_old_log(a_row(**{**said, **other})))
    assert Person.objects.count() == (3 if "nk" in other.values() else 2)


def test_a_child_is_never_taken_to_be_one_of_another_teams_records() -> None:
    for team in ("ENF", "HGY"):
        an_old_referral(a_team(team), given="Rhys", family="Calloway")
    assert Person.objects.count() == 2
    assert Address.objects.count() == 1


def test_a_child_who_stands_twice_in_one_row_is_on_the_record_once() -> None:
    referral = an_old_referral(given="Rhys / Rhys", family="Calloway", born="06/06/2003; 06/06/2003")
    assert referral.case.parts.count() == Person.objects.count() == 1


# --- what the database refuses -------------------------------------------------------------------


def test_a_row_that_the_database_refuses_goes_to_a_person_and_holds_up_no_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.circumstances = 'Refuse me' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse_one BEFORE INSERT ON referrals_referral FOR EACH ROW EXECUTE FUNCTION refuse_one()"
        )
    rows = [a_row(circs="Refuse me" if number == 5 else "A red mark") for number in range(11)]
    log = brought_in(an_old_log(*rows))
    assert (log.state, log.done, log.of) == (State.DONE, 11, 11)
    assert states_of(log)[1:] == [RowState.FLAWED if number == 5 else RowState.BROUGHT_IN for number in range(11)]
    assert wrong_with(log) == [
        "CAIT could not take this row in. Tell your CAIT administrator; the other rows are not held up by it."
    ]
    assert Referral.objects.count() == Case.objects.count() == Person.objects.count() == 10


def test_a_log_is_read_again_when_it_was_the_database_that_failed() -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=by_cait())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON old_logs_oldrow FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    with pytest.raises((DatabaseError, psycopg.Error), match="no room"):
        work_on(log.pk)
    assert OldLog.objects.get().state == State.READING
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER no_room ON old_logs_oldrow")
    assert worked_on(log).state == State.READ
    assert counts(log)[RowState.READY] == 1


# --- several at once, and whoever is killed ------------------------------------------------------


def many_rows(count: int, first: int = 1) -> list[dict[str, str]]:
    return [a_row(urn=f"{number:04}/09", decision="SS only") for number in range(first, first + count)]


def account_for(count: int) -> None:
    """Each row has become one referral with its record, child, duty and chase."""
    assert sorted(Referral.objects.values_list("urn_serial", flat=True)) == list(range(1, count + 1))
    for model in (Case, CasePerson, Duty, Chase, Decision):
        assert model._base_manager.count() == count, model
    assert Entry.objects.count() == 2 * count
    assert AuditEvent.objects.filter(event=Event.REFERRAL_BROUGHT_IN).count() == count
    assert Case.history.count() == Referral.history.count() == Duty.history.count() == count
    brought = OldRow.objects.filter(state=RowState.BROUGHT_IN)
    assert brought.count() == brought.values("referral").distinct().count() == count
    assert Numbering.objects.get(series=Series.RECORD, year=2009).last == count


def this_tests_database() -> str:
    """Its address, for another program: servers that are named are not started."""
    said = connection.settings_dict
    user, password, host = (quote(str(said[name]), safe="") for name in ("USER", "PASSWORD", "HOST"))
    port = f":{said['PORT']}" if said["PORT"] else ""
    return f"postgresql://{user}{':' if password else ''}{password}@{host}{port}/{said['NAME']}"


def a_worker(few: int) -> subprocess.Popen[bytes]:
    """A worker that does so few rows at a time, and pauses in between, so that it can be killed half way."""
    program = (
        "import django, time; django.setup()\n"
        "from old_logs import bringing, reading, working\n"
        f"reading.READ_AT_A_TIME = bringing.BROUGHT_AT_A_TIME = {few}\n"
        "for of, name in ((reading.Reading, '_keep'), (bringing.Bringing, '_piece')):\n"
        "    def slowly(self, *said, before=getattr(of, name)):\n"
        "        before(self, *said)\n"
        "        time.sleep(0.05)\n"
        "    setattr(of, name, slowly)\n"
        "working.work_on_all()\n"
    )
    named = {"DJANGO_SETTINGS_MODULE": "cait.settings.test", "DATABASE_URL": this_tests_database()}
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env={**os.environ, **named}, stderr=subprocess.DEVNULL
    )


def killed_when(worker: subprocess.Popen[bytes], done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end
        assert worker.poll() is None
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(20) == -signal.SIGKILL


def finished(log: OldLog, state: State) -> OldLog:
    """What the next worker makes of it, when the server has noticed that the last one is gone."""
    end = time.monotonic() + SECONDS
    while True:
        work_on_all()
        log = OldLog.objects.get(pk=log.pk)
        if log.state == state:
            return log
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_half_way_doubles_no_row_and_loses_none() -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(*many_rows(120)), by=by_cait())
    killed_when(a_worker(10), lambda: OldRow.objects.filter(log=log).count() >= 30)
    assert 30 <= OldRow.objects.filter(log=log).count() < 121
    log = finished(log, State.READ)
    assert Counter(states_of(log)) == {RowState.NO_REFERRAL: 1, RowState.READY: 120}, wrong_with(log)
    assert (log.done, log.of) == (121, 121)
    bring_in_old_log(log, by=by_cait())
    killed_when(a_worker(10), lambda: Referral.objects.count() >= 30)
    half = Referral.objects.count()
    assert 30 <= half < 120
    account_for(half)
    log = finished(log, State.DONE)
    assert (log.done, log.of) == (120, 120)
    account_for(120)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, each done by somebody with a connection of their own, at the same time."""
    start = threading.Barrier(len(acts))

    def act(of: Callable[[], Any]) -> Any:
        try:
            start.wait(30)
            return of()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_has_the_log_and_the_other_leaves_it() -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(*many_rows(40)), by=by_cait())
    assert at_once(*[lambda: work_on(log.pk)] * 3) == [True] * 3
    log = finished(log, State.READ)
    assert counts(log)[RowState.READY] == 40
    bring_in_old_log(log, by=by_cait())
    at_once(*[work_on_all] * 3)
    finished(log, State.DONE)
    account_for(40)


@pytest.mark.django_db(transaction=True)
def test_a_log_that_another_worker_has_is_left_alone() -> None:
    log = add_old_log(a_team(), name="log.csv", content=as_csv(), by=by_cait())

    def seen_by_another() -> tuple[bool, str]:
        return work_on(log.pk), OldLog.objects.get(pk=log.pk).state

    with working._alone(log.pk) as ours:
        assert ours
        assert at_once(seen_by_another) == [(True, State.READING)]
    assert worked_on(log).state == State.READ


@pytest.mark.django_db(transaction=True)
def test_two_logs_with_the_same_rows_at_the_same_time_bring_in_each_referral_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bringing, "BROUGHT_AT_A_TIME", 7)
    rows = many_rows(40)
    logs = [bring_in_old_log(an_old_log(*order), by=by_cait()) for order in (rows, rows[::-1])]
    at_once(*[lambda pk=log.pk: work_on(pk) for log in logs])
    found = Counter(state for log in logs for state in states_of(log))
    assert found == {RowState.NO_REFERRAL: 2, RowState.BROUGHT_IN: 40, RowState.HERE: 40}
    account_for(40)
    assert [OldLog.objects.get(pk=log.pk).state for log in logs] == [State.DONE] * 2


def test_a_worker_that_has_worked_long_enough_goes_on_at_its_next_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "BROUGHT_AT_A_TIME", 3)
    log = bring_in_old_log(an_old_log(*many_rows(8)), by=by_cait())
    assert work_on_all(seconds=0)
    assert (Referral.objects.count(), OldLog.objects.get().done) == (3, 3)
    assert work_on_all(seconds=0)
    while work_on_all(seconds=0):
        pass
    assert OldLog.objects.get(pk=log.pk).state == State.DONE
    account_for(8)


def test_what_is_received_is_shown_in_the_words_of_its_day() -> None:
    today = clock.today()
    referral = an_old_referral(urn="a", on=in_words(today), time="", born="nk", decision="Info only")
    assert referral.received_words == day(today)
