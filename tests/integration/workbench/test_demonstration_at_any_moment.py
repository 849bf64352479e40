"""The demonstration looks the same whenever it is loaded, whatever becomes of its mail; and the clock, which is set
back for it, is set back for nobody else.

All of it is loaded in the last minute of the calendar, and in `test_demonstration.py` on an afternoon; in the nights
in which a year begins and the clocks go forward a half each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from deadlines import clock
from deadlines.clock import LONDON
from intake.models import Message
from tests.integration.workbench.demonstrating import everything, is_whole_and_over, the_clock
from workbench import loading, post
from workbench.demonstration_families import FAMILIES
from workbench.demonstration_mail import EMAILS
from workbench.demonstration_referrals import REFERRALS, Told
from workbench.loading import EVERY
from workbench.past import as_at

pytestmark = pytest.mark.django_db

Committed = Callable[..., Any]


@pytest.fixture(autouse=True)
def demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)


def load_at(now: datetime, of: Sequence[Told] = EVERY) -> None:
    """At any moment all of it is there, and nothing in it is still to come; and the clock is as it was before."""
    before = the_clock()
    with as_at(now), pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "EVERY", tuple(of))
        call_command("seed_demo", without_borough=True)
        is_whole_and_over(of)
    assert the_clock() == before


def named_in_emails(told: Told) -> bool:
    """Whether an email of the demonstration answers about a child of that name."""
    return any(child.family in {email.answers for email in EMAILS if email.answers} for child in told.children)


def test_it_can_be_loaded_five_minutes_into_a_year() -> None:
    """All but the families at conferences: with what came today, which is not yet, and the numbers of both years."""
    load_at(datetime(2027, 1, 1, 0, 5, tzinfo=LONDON), REFERRALS)


def test_it_can_be_loaded_as_the_clocks_go_forward_and_where_no_mail_is_kept(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committed
) -> None:
    """The families at conferences, on a Sunday, on which nobody meets."""
    monkeypatch.setattr(settings, "MAIL_FOLDER", None)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        load_at(datetime(2026, 3, 29, 2, 30, tzinfo=LONDON), [*filter(named_in_emails, REFERRALS), *FAMILIES])
    assert callbacks == []
    assert Message.objects.exists()


def test_it_can_be_loaded_at_the_end_of_the_calendar_and_what_was_never_committed_was_never_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committed
) -> None:
    mail = tmp_path / "mail"
    post.prepare(mail)
    monkeypatch.setattr(settings, "MAIL_FOLDER", mail)

    def fail() -> None:
        with transaction.atomic():
            load_at(datetime(2028, 12, 31, 23, 59, tzinfo=LONDON))
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(ZeroDivisionError):
        fail()
    assert callbacks == []
    assert everything(mail) == {"haringey": 0, "enfield": 0, "outside": 0}


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
