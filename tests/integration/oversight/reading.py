"""The page of figures, and the lists that its figures lead to, as one reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client

from deadlines.clock import LONDON
from team.actions import give_role
from team.enums import Posting, Role
from team.models import Team, User
from tests.factories.clock import move_time_to
from tests.factories.team import an_officer

HERE = "/oversight/"
# A Thursday, at midday; the first of its last 28 days is Friday 18 December.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
FIRST_MOMENT = datetime(2009, 12, 18, 0, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

RECEIVED = "Referrals, last 28 days"
TO_TRIAGE = "To triage"
OPEN_RECORDS = "Open records"
NOBODYS = "Without officer in case"
OVERDUE = "Overdue duties"
WAITING = "Emails that wait"
FIGURES = [RECEIVED, TO_TRIAGE, OPEN_RECORDS, NOBODYS, OVERDUE, WAITING]


@dataclass(frozen=True)
class Figure:
    """One figure as it stands on the page, and where it leads; empty where it is no link."""

    shown: str
    url: str


def signed_in(client: Client, role: Role, team: Team | None = None) -> User:
    move_time_to(NOW)
    user = an_officer(role, team)
    client.force_login(user)
    return user


def page(client: Client, url: str = HERE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return unescape(answer.content.decode())


def figures(client: Client) -> dict[str, dict[str, Figure]]:
    """Of each team, by its name, each figure by its heading."""
    found = {}
    for row in re.findall(r'<tr role="row">(.*?)</tr>', page(client).partition("<tbody")[2], re.S):
        name = re.findall(r'<th scope="row" role="rowheader">(.*?)</th>', row)[0]
        cells = re.findall(r'<td role="cell" data-label="([^"]*)"[^>]*>(.*?)</td>', row, re.S)
        found[name] = {label: figure(cell) for label, cell in cells}
    return found


def figure(cell: str) -> Figure:
    link = re.search(r'<a class="govuk-link" href="([^"]*)">([\d,+]+)</a>', cell)
    if link:
        return Figure(link[2], link[1])
    return Figure(re.findall(r"^([\d,+]+|some|none)", cell)[0], "")


# How a row of each list begins.
ROWS = {
    "/referrals/": r'rowheader"><a class="govuk-link" href="/cases/([A-Z]{3}-\d{4}-\d+)/"',
    "/cases/": r'rowheader"><a class="govuk-link" href="/cases/([A-Z]{3}-\d{4}-\d+)/"',
    "/queues/": r'<tr role="row" id="duty-(\d+)"',
    "/referrals/mailbox/": r'rowheader"[^>]*>(?:<span[^>]*>[^<]*</span> )?<a [^>]*href="/referrals/mailbox/(\d+)/"',
}


def rows_of(client: Client, url: str) -> list[str]:
    """Every row of a list, read to its end as one follows its links."""
    where, found = url.partition("?")[0], []
    while url:
        html = page(client, url)
        found += re.findall(ROWS[where], html.partition("<table")[2])
        further = re.search(r'href="([^"]*)" rel="next"', html)
        url = where + further[1] if further else ""
    assert len(found) == len(set(found)), "a row was shown twice"
    return found


def as_counted(client: Client, of: dict[str, Figure]) -> dict[str, int | str]:
    """The figures of a team, once it is seen that each that is a link is as long as the list it leads to; words where
    there is none."""
    for label, each in of.items():
        if each.url:
            assert len(rows_of(client, each.url)) == int(each.shown), (label, each)
    return {label: int(each.shown) if each.url else each.shown for label, each in of.items()}


def lent(user: User, team: Team, role: Role) -> None:
    """The same person works for another team too."""
    on = NOW.date()
    by = User.objects.system()
    loan: dict[str, Any] = {"posting": Posting.LOAN, "from_on": on, "to_on": on + 7 * DAY, "reason": "Covers a leave"}
    give_role(user, team=team, role=role, **loan, by=by)
