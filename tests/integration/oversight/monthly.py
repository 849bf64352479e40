"""A month of a team and its report, and how the pages of reports are read."""

from __future__ import annotations

from datetime import date, datetime
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from deadlines.clock import LONDON
from oversight.models import MonthlyReport
from oversight.report_frozen import frozen_in
from referrals.enums import Source
from tests.factories.clock import move_time_to
from tests.factories.monthly import a_monthly_report
from tests.factories.referrals import a_referral
from tests.factories.team import a_team

NOVEMBER = date(2009, 11, 1)


def at(year: int, month: int, on: int, hour: int = 12) -> datetime:
    return datetime(year, month, on, hour, tzinfo=LONDON)


def measured(report: MonthlyReport) -> dict[str, Any]:
    return {each.measure.code: each for each in frozen_in(report)}


def said(refused: Any) -> str:
    return " ".join(refused.value.messages)


RECEIVED = [
    (10, 31, Source.HEALTH),
    (11, 3, Source.SCHOOL),
    (11, 10, Source.SCHOOL),
    (11, 17, Source.HEALTH),
    (11, 30, Source.POLICE),
]


def a_november() -> MonthlyReport:
    """The report of a month with four referrals, each logged when it was received."""
    team = a_team()
    for month, on, source in RECEIVED:
        move_time_to(at(2009, month, on))
        a_referral(team, received_at=at(2009, month, on), source=source)
    a_referral(a_team("ENF"), received_at=at(2009, 11, 30))
    move_time_to(at(2009, 12, 1, 7))
    return a_monthly_report(team, month=NOVEMBER)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return unescape(answer.content.decode())


def here(report: MonthlyReport, which: str = "report", *more: Any) -> str:
    return reverse(f"oversight:{which}", args=[report.pk, *more])
