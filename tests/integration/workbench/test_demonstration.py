"""The demonstration is loaded through the real actions, on a clock of its own, with the emails that stand there from
the beginning. At other moments: `test_demonstration_at_any_moment.py`."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, TestCase

from audit.events import Event
from audit.models import AuditEvent
from cases.enums import State
from cases.models import Case
from conferences.enums import Attending, ConferenceKind, Missed, PlanCategory, PoliceView, ReportState
from conferences.models import CategoryFrom, Conference, OutcomeFor, Plan, Report
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings
from diary.models import Digest, Duty, DutyState, Mail, MailState, Notice, NoticeKind, Waker
from diary.sweep import sweep
from intake.enums import State as MessageState
from intake.enums import UseKind
from intake.models import Message, Use
from intake.places import read_place
from intake.queries import invitations
from intake.receiving import receive
from people.models import Person
from referrals.models import Referral
from team.models import Team, User
from tests.integration.intake.imap_server import running_imap_server
from tests.integration.workbench.demonstrating import everything, is_whole_and_over, lying, the_clock
from tests.shared import Shared
from workbench import post
from workbench.demonstration_mail import EMAILS
from workbench.loading import EVERY
from workbench.past import as_at
from workbench.post import OUTSIDE, mailbox_of

# To load it takes longer than all else here: once on one worker.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demonstration")]

LOADED = datetime(2026, 11, 24, 14, 0, tzinfo=LONDON)
HARINGEY, ENFIELD = "cait.haringey@police.example", "cait.enfield@police.example"


@dataclass(frozen=True)
class Loaded:
    """The demonstration as it was loaded, and what was so before it was committed."""

    mail: Path
    mail_before: dict[str, int]
    clock_before: tuple[str, object]
    clock_after: tuple[str, object]
    took: timedelta


@pytest.fixture(scope="module")
def loaded(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """As on one afternoon; and while the tests look at it, it is that moment."""
    mail = tmp_path_factory.mktemp("post") / "mail"
    post.prepare(mail)
    with pytest.MonkeyPatch.context() as patch, as_at(LOADED):
        patch.setattr(settings, "DEMONSTRATION", True)
        patch.setattr(settings, "MAIL_FOLDER", mail)
        before, began = the_clock(), time.monotonic()
        with TestCase.captureOnCommitCallbacks(execute=True):
            shared(call_command, "seed_demo", without_borough=True)
            mail_before = everything(mail)
        took = timedelta(seconds=time.monotonic() - began)
        yield Loaded(mail, mail_before, before, the_clock(), took)


def test_it_is_all_there_and_nothing_in_it_is_still_to_come(loaded: Loaded) -> None:
    is_whole_and_over()


def test_the_clock_is_as_it_was_before(loaded: Loaded) -> None:
    assert loaded.clock_after == loaded.clock_before


def test_everything_was_done_by_an_officer_and_is_in_the_audit_at_its_moment(loaded: Loaded) -> None:
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
    # As the inspectors found it: police were at every initial conference (HMIC 2010, AFI 8).
    assert [each for each in held.initial() if not each.attended] == []
    assert booked.filter(attending=Attending.UNDECIDED).count() == 1
    short = Duty.objects.get(kind="conference_cram", case__parts__person__given_names="Zoe")
    assert "short notice" in short.reckoned.why.sentence()
    brought = Duty.objects.get(kind="cram_review", state=DutyState.OPEN, case__parts__person__given_names="Molly")
    assert "brought forward to the core group" in brought.reckoned.why.sentence()
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.DRAFT, ReportState.SENT}
    assert OutcomeFor.objects.filter(police_view=PoliceView.DISSENTED).count() == 1
    running = Plan.objects.running()
    assert running.count() == 14
    assert set(CategoryFrom.objects.filter(plan__in=running).values_list("category", flat=True)) == set(PlanCategory)
    assert [plan.child.given_names for plan in Plan.objects.filter(child__given_names="Amos")] == ["Amos", "Amos"]


def test_those_who_work_in_it_were_told_what_was_late_at_its_time_and_get_the_daily_email_outside(
    loaded: Loaded,
) -> None:
    sweep(woken_by=Waker.COMMAND)
    conferences_are_as_far_as_their_families(LOADED)
    late = Notice.objects.filter(kind=NoticeKind.LATE).order_by("raised_at").values_list("raised_at", flat=True)
    assert len({clock.london_date(at) for at in late}) > 5
    digests = Digest.objects.filter(state=MailState.QUEUED)
    assert {"desk_sergeant", "supervisor"} <= set(digests.values_list("person__username", flat=True))
    assert {mailbox_of(digest.address) for digest in digests} == {OUTSIDE}


def test_it_is_loaded_into_an_empty_database_alone(loaded: Loaded) -> None:
    call_command("seed_demo", if_empty=True)
    assert Referral.objects.count() == len(EVERY)
    with pytest.raises(CommandError, match="make reset"):
        call_command("seed_demo", without_borough=True)


# --- its emails ----------------------------------------------------------------------------------


def waits(team: str) -> int:
    return sum(2 if each.twice else 1 for each in EMAILS if each.team == team and not each.then)


def test_the_emails_of_the_demonstration_lie_there_when_it_is_loaded(loaded: Loaded) -> None:
    assert loaded.mail_before == {"haringey": 0, "enfield": 0, "outside": 0}, "not before all is loaded"
    gone = Mail.objects.filter(state=MailState.SENT)
    assert everything(loaded.mail) == {"haringey": waits("HGY"), "enfield": waits("ENF"), "outside": gone.count()}
    assert (waits("HGY"), waits("ENF")) == (7, 1)
    assert gone.count() > 3
    ids = {message["Message-ID"] for _, message, _ in post.received_outside(loaded.mail, most=1000)}
    assert ids == set(gone.values_list("message_id", flat=True))


def test_older_emails_were_dealt_with_by_the_desk_each_at_its_time(client: Client, loaded: Loaded) -> None:
    dealt_with = [each for each in EMAILS if each.then]
    assert {message.subject for message in Message.objects.all()} == {each.subject for each in dealt_with}
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DEALT_WITH}
    for each in dealt_with:
        message = Message.objects.get(subject=each.subject)
        use = Use.objects.get(message=message)
        assert abs(LOADED - timedelta(minutes=each.minutes) - message.received_at) < timedelta(minutes=1)
        # The clock that is set back goes on with the transaction, however long the machine takes to load it all.
        late = use.used_at - message.received_at - timedelta(minutes=25)
        assert timedelta(0) <= late < loaded.took + timedelta(minutes=1)
        kind = UseKind.CONFERENCE if each.then == "conference" else UseKind.SET_ASIDE
        assert (use.kind, use.reason) == (kind, each.why)
        assert use.used_by.username == ("office_manager" if each.then == "conference" else "desk_sergeant")
    pclo = User.objects.get(username="pclo")
    assert invitations(pclo).count() == 2
    client.force_login(pclo)
    html = unescape(client.get("/conferences/invitations/").content.decode())
    listed = re.findall(r'rowheader"[^>]*><a [^>]*>(Invitation[^<]*)</a>', html)
    by_time = sorted((each for each in dealt_with if each.then == "conference"), key=lambda each: each.minutes)
    assert listed == [each.subject for each in by_time]


def test_in_each_email_every_word_that_stands_for_another_is_filled_in(loaded: Loaded) -> None:
    for user in ("haringey", "enfield"):
        for raw in lying(loaded.mail, user):
            message = message_from_bytes(raw, policy=default)
            body: Any = message.get_body(("plain", "html"))
            said = f"{message['Subject']} {body.get_content()}"
            assert not re.search(r"\{\w+(:\d+)?\}", said), said
            assert message["To"] == (HARINGEY if user == "haringey" else ENFIELD)


def test_cait_reads_them_by_imap_and_finds_what_answers_its_own(loaded: Loaded, tmp_path: Path) -> None:
    read = shutil.copytree(loaded.mail, tmp_path / "mail")  # which marks them as read
    with running_imap_server(read) as server:
        received = {
            code: receive(Team.objects.get(code=code), read_place(server.url(user)))
            for code, user in (("HGY", "haringey"), ("ENF", "enfield"))
        }
    assert (received["HGY"].new, received["HGY"].copies, received["HGY"].left) == (7, 1, 0)
    assert (received["ENF"].new, received["ENF"].copies, received["ENF"].left) == (1, 0, 0)
    answer = Message.objects.get(subject__contains="update overdue")
    assert Mail.objects.filter(message_id__in=answer.answers, case__parts__person__family_name="Borowska").exists()
    waiting = Message.objects.filter(state=MessageState.WAITING)
    for each in EMAILS:
        if not each.then and "{" not in each.subject:
            message = waiting.get(subject=each.subject)
            assert abs(LOADED - timedelta(minutes=each.minutes) - message.received_at) < timedelta(minutes=2)
    assert waiting.filter(urgent=True).count() == 1
