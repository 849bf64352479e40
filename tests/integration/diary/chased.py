"""What Social Services are asked for and chased about, as one reads it day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deadlines import clock
from deadlines.clock import LONDON
from diary.models import Duty, Mail, MailState, Step, Waker
from diary.sweep import sweep
from referrals.enums import DecisionKind
from team.models import Team
from tests.factories.clock import move_time_to
from tests.factories.deciding import a_decision, a_triaged_case, an_approved_address

# A Friday; day 14 is Christmas Day, which moves no chase.
DECIDED = datetime(2009, 12, 11, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SOCIAL_SERVICES = DecisionKind.SOCIAL_SERVICES
LADDER = ["step1@borough.example", "step2@borough.example", "step3@borough.example"]


def a_ladder(steps: int = 3, team: Team | None = None) -> None:
    for number in range(1, steps + 1):
        an_approved_address(team, number)


def an_update(at: datetime = DECIDED, **other: Any) -> Duty:
    """What Social Services are asked for since a decision at that moment, which is now."""
    move_time_to(at)
    case = a_triaged_case(received_at=at - HOUR, **other)
    a_decision(case, kind=SOCIAL_SERVICES, decided_at=at)
    return Duty.objects.get(case=case, kind="update")


def sweep_on(day: int, hours: int = 0) -> None:
    """One sweep, at 10 o'clock and some hours of that day from the decision."""
    move_time_to(DECIDED + day * DAY + hours * HOUR)
    sweep(woken_by=Waker.COMMAND)


def steps(duty: Duty) -> list[tuple[int, str]]:
    return list(Step.objects.filter(duty=duty).order_by("number").values_list("number", "state"))


def mails(duty: Duty) -> list[tuple[int, str, str]]:
    """Of each email the step, the address and what became of it."""
    rows = Mail.objects.filter(step__duty=duty).order_by("step__number")
    return list(rows.values_list("step__number", "address", "state"))


def sent(duty: Duty) -> None:
    """As if the mail server had taken whatever is written."""
    Mail.objects.filter(step__duty=duty, state=MailState.QUEUED).update(state=MailState.SENT, sent_at=clock.now())


def written(number: int, address: str = LADDER[0]) -> tuple[int, str, str]:
    return number, address, MailState.QUEUED
