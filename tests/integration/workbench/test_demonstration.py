"""The demonstration is loaded through the real actions, on a clock of its own, and looks the same whenever it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import State
from cases.models import Case, Entry
from conferences.enums import Attending, ConferenceKind, Missed, PlanCategory, PoliceView, ReportState
from conferences.models import CategoryFrom, Conference, OutcomeFor, Plan, Report
from deadlines import clock
from deadlines.clock import LONDON, utc
from diary.checking import findings
from diary.models import Digest, Duty, DutyState, MailState, Notice, NoticeKind, Waker
from diary.sweep import sweep
from people.models import Person
from referrals.models import Draft, Referral
from team.models import User
from workbench.loading import EVERY
from workbench.past import as_at
from workbench.post import OUTSIDE, mailbox_of

pytestmark = pytest.mark.django_db

MOMENTS = [
    pytest.param(datetime(2026, 11, 24, 14, 0, tzinfo=LONDON), id="in the afternoon"),
    pytest.param(datetime(2027, 1, 1, 0, 5, tzinfo=LONDON), id="five minutes into a year"),
    pytest.param(datetime(2026, 3, 29, 2, 30, tzinfo=LONDON), id="as the clocks go forward"),
    pytest.param(datetime(2028, 12, 31, 23, 59, tzinfo=LONDON), id="at the end of the calendar"),
]


@pytest.fixture(autouse=True)
def demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)


@pytest.mark.parametrize("now", MOMENTS)
def test_it_can_be_loaded_at_any_moment_and_nothing_in_it_is_still_to_come(now: datetime) -> None:
    with as_at(now):
        call_command("seed_demo")
        moments = [
            *Referral.objects.values_list("received_at", "logged_at"),
            *Entry.objects.values_list("happened_at", "recorded_at"),
        ]
        late = [pair for pair in moments if pair[0] > utc(clock.moment())]
    assert late == []
    assert Referral.objects.count() == Case.objects.count() == len(EVERY)
    serials = Referral.objects.filter(team__code="HGY").order_by("logged_at").values_list("urn_year", "urn_serial")
    assert list(serials) == sorted(serials)
    assert not Draft.objects.exists()


def test_the_clock_is_as_it_was_before() -> None:
    def definition() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
            return str(cursor.fetchone()[0])

    before, now = definition(), clock.now()
    call_command("seed_demo")
    assert (definition(), clock.now()) == (before, now)


def test_everything_was_done_by_an_officer_and_is_in_the_audit_at_its_moment() -> None:
    call_command("seed_demo")
    logged = AuditEvent.objects.filter(event=Event.REFERRAL_LOGGED)
    assert logged.count() == len(EVERY)
    assert not logged.filter(by_id=User.objects.system().pk).exists()
    by_id = {event.object_id: event.at for event in logged}
    assert all(abs((by_id[r.pk] - r.logged_at).total_seconds()) < 60 for r in Referral.objects.all())
    # A child who was referred again is one person on two records.
    rhys = Person.objects.get(given_names="Rhys", family_name="Calloway")
    assert rhys.cases.count() == 2


def conferences_are_as_far_as_their_families(now: datetime) -> None:
    """Of everything that a week of the conference officer holds there is one, and no duty is missing or too many."""
    cases = list(Case.objects.filter(state=State.OPEN).values_list("pk", flat=True))
    assert [each.words for each in findings(cases)] == []
    booked = Conference.objects.booked().order_by("starts_at")
    held = Conference.objects.held()
    assert [each.starts_at < now for each in booked] == [True, False, False, False, False]
    assert {each.kind for each in (*booked, *held)} == set(ConferenceKind)
    assert set(held.values_list("missed", flat=True)) == {"", Missed.CLASH, Missed.DECIDED}
    assert booked.filter(attending=Attending.UNDECIDED).count() == 1
    short = Duty.objects.get(kind="conference_cram", case__parts__person__given_names="Zoe")
    assert "short notice" in short.reckoned.why.sentence()
    brought = Duty.objects.get(kind="cram_review", state=DutyState.OPEN, case__parts__person__given_names="Molly")
    assert "brought forward to the core group" in brought.reckoned.why.sentence()
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.DRAFT, ReportState.SENT}
    assert OutcomeFor.objects.filter(police_view=PoliceView.DISSENTED).count() == 1
    running = Plan.objects.running()
    assert running.count() == 13
    assert set(CategoryFrom.objects.filter(plan__in=running).values_list("category", flat=True)) == set(PlanCategory)
    assert [plan.child.given_names for plan in Plan.objects.filter(child__given_names="Amos")] == ["Amos", "Amos"]


def test_those_who_work_in_it_were_told_what_was_late_at_its_time_and_get_the_daily_email_outside() -> None:
    now = datetime(2026, 11, 24, 14, 0, tzinfo=LONDON)
    with as_at(now):
        call_command("seed_demo")
        sweep(woken_by=Waker.COMMAND)
        conferences_are_as_far_as_their_families(now)
    late = Notice.objects.filter(kind=NoticeKind.LATE).order_by("raised_at").values_list("raised_at", flat=True)
    assert len({clock.london_date(at) for at in late}) > 5
    digests = Digest.objects.filter(state=MailState.QUEUED)
    assert {"desk_sergeant", "supervisor"} <= set(digests.values_list("person__username", flat=True))
    assert {mailbox_of(digest.address) for digest in digests} == {OUTSIDE}


def test_it_is_loaded_into_an_empty_database_alone() -> None:
    call_command("seed_demo")
    call_command("seed_demo", if_empty=True)
    assert Referral.objects.count() == len(EVERY)
    with pytest.raises(CommandError, match="make reset"):
        call_command("seed_demo")


def test_a_real_installation_never_sets_its_clock_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    monkeypatch.setattr(settings, "EMBEDDED", False)
    with pytest.raises(RuntimeError, match="only for a demonstration"), as_at(clock.now()):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_clock_is_set_back_within_a_transaction_alone() -> None:
    with pytest.raises(RuntimeError, match="within a transaction"), as_at(clock.now()):
        pass


@pytest.mark.django_db(transaction=True)
def test_no_other_process_sees_the_clock_set_back_and_a_failure_leaves_it_alone() -> None:
    def fail() -> None:
        with transaction.atomic(), as_at(datetime(2010, 1, 1, tzinfo=LONDON)):
            assert clock.now().year == 2010
            raise ZeroDivisionError

    now = clock.now()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert clock.now() >= now
