"""The queues page as one reads it, and what it shows: what is late, due, or asked for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client

from cases.models import Case
from deadlines import rules
from deadlines.clock import LONDON
from diary.models import Duty, DutyState
from diary.steps import raise_duty
from referrals import duties
from team.enums import Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.deciding import an_open_update
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.factories.telling import cram_set_aside

HERE = "/queues/"
ADDRESSES = "/queues/addresses/"
# A Thursday, at midday.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def page_of(client: Client, url: str = HERE, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def rows(page: str) -> list[int]:
    """The duties of a page, in its order."""
    return [int(pk) for pk in re.findall(r'<tr role="row" id="duty-(\d+)"', page)]


def row(page: str, duty: Duty) -> str:
    found = re.search(rf'<tr role="row" id="duty-{duty.pk}".*?</tr>', page, re.DOTALL)
    assert found is not None
    return found[0]


def groups(page: str) -> dict[str, list[int]]:
    parts = re.split(r'class="cait-table__group">([^<]+)</th>', page)[1:]
    return {name: rows(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def counts(page: str) -> list[str]:
    return re.findall(r'cait-counts__n">([^<]*)<', page)


def links(page: str) -> dict[str, str]:
    """Of each count the address of its list."""
    return {words: url for url, words in re.findall(r'cait-counts__n">.*?href="([^"]*)">([^<]*)<', page)}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def triage_of(case: Case) -> Duty:
    return Duty.objects.get(case=cram_set_aside(case), kind="triage")


def late(team: Team | None = None, days: int = 10, **other: Any) -> Duty:
    return triage_of(a_case(team, received_at=NOW - days * DAY, **other))


def due_today(**other: Any) -> Duty:
    return triage_of(a_case(received_at=NOW - DAY, **other))


def due_tomorrow(**other: Any) -> Duty:
    return triage_of(a_case(received_at=NOW - HOUR, **other))


def an_update(team: Team | None = None, **other: Any) -> Duty:
    duty = an_open_update(team, received_at=NOW - HOUR, **other)
    cram_set_aside(duty.case)
    return duty


def many(number: int) -> set[int]:
    """So many duties on one record, of which several run out in the same moment."""
    case = a_case(received_at=NOW - HOUR)
    ended = {"ended_at": NOW, "ended_by": User.objects.system(), "ended_why": "Triaged"}
    Duty.objects.filter(case=case).update(state=DutyState.SATISFIED, **ended)
    made = set()
    for subject in range(number):
        due = rules.PHONE_CONFIRMATION.due(NOW - (subject % 3) * DAY)
        made.add(raise_duty(duties.CONFIRMATION, case, due, subject=subject, by=User.objects.system()).pk)
    return made
