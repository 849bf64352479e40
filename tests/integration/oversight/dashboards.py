"""A small world of figures, and the pages of figures as one reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.db.models import Count, Q
from django.test import Client

from cases.models import Case
from deadlines.clock import LONDON
from deadlines.periods import last_of_month, months_until
from oversight.counting import bring_up_to_date
from oversight.measures import BY_CODE
from oversight.models import Fact, Tally
from tests.factories.clock import move_time_to
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team
from tests.factories.transferring import transferred

# A Thursday, at midday; the last full month is December 2009, the first of thirteen December 2008.
NOW = datetime(2010, 1, 14, 12, 0, tzinfo=LONDON)
MONTHS = months_until(date(2009, 12, 1), 13)

TEAM, ALL = "/oversight/team/", "/oversight/teams/"


def a_month_of_work(team: str, code: str, month: date, counted: int, of: int | None = None, **about: str) -> None:
    """That many facts of what happens in a month, and their tally, as counting would have written them."""
    case = Case.objects.filter(team__code=team).order_by("pk")[0]
    part, on = about.get("part", ""), month.replace(day=3)
    of = counted if of is None else of
    subject = Fact.objects.count() * 1000
    facts = [
        Fact(measure=code, case=case, team=case.team, subject=subject + n, part=part, on=on, counted=n < counted)
        for n in range(of)
    ]
    Fact.objects.bulk_create(facts)
    Tally.objects.create(measure=code, team=case.team, part=part, month=month, counted=counted, of=of)


def a_year_of_figures() -> Case:
    """Two teams with a record each, and one that went from one to the other; thirteen months of conferences, of which
    police missed more and more, and of referrals by the hour. Returns the record that went."""
    move_time_to(datetime(2009, 11, 30, 9, 30, tzinfo=LONDON))
    a_case(a_team("HGY"), children=[a_child("Rhys", "Calloway")])
    went = a_case(a_team("HGY"), children=[a_child("Nia", "Vellacott")])
    move_time_to(datetime(2010, 1, 4, 9, 30, tzinfo=LONDON))
    a_case(a_team("ENF"), children=[a_child("Tia", "Brannock")])
    went = transferred(went, a_team("ENF"))
    move_time_to(NOW)
    bring_up_to_date()
    for place, month in enumerate(MONTHS):
        a_month_of_work("HGY", "attendance", month, 20 if place < 12 else 11, 20, part="initial")
        a_month_of_work("ENF", "attendance", month, 3, 4, part="initial")
    for month, part in ((MONTHS[0], "1-09"), (MONTHS[12], "1-09"), (MONTHS[12], "5-17")):
        a_month_of_work("HGY", "referrals_by_hour", month, 2, part=part)
    return went


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def words(html: str) -> str:
    """As they are read, without what only some hear."""
    html = re.sub(r'<span class="govuk-visually-hidden">.*?</span>', "", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


LINK = re.compile(r'<a class="govuk-link" href="(/oversight/measures/[a-z_]+/records/[^"]*)"[^>]*>(.*?)</a>', re.S)


def numbers(html: str) -> Iterator[tuple[str, int]]:
    """Each link of a page to the list of a figure: its address, and the number that it says."""
    for url, said in LINK.findall(html.partition("<main")[2]):
        found = re.search(r"[\d,]+", words(said))
        if found:
            yield unescape(url), int(found[0].replace(",", ""))


def unlinked(html: str) -> list[str]:
    """What else is said in figures in the tables of numbers: nothing but percentages, targets and months."""
    cells = re.findall(r"<td [^>]*>(.*?)</td>", html.partition("<main")[2], re.S)
    plain = (words(re.sub(r"<svg.*?</svg>|<a .*?</a>", "", cell, flags=re.S)) for cell in cells)
    known = re.compile(r"\d+%|[A-Z][a-z]+ \d{4}|\d+ (minutes?|hours?|days?)")
    return [cell for cell in plain if re.search(r"\d", known.sub("", cell))]


def recount(url: str, facts: Sequence[Fact]) -> int:
    """How many facts a list has, from all there are and its address alone."""
    parts = urlsplit(url)
    measure = BY_CODE[parts.path.split("/")[3]]
    asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
    assert asked.keys() <= {"team", "month", "since", "part", "which"}
    first, last = (date.fromisoformat(f"{asked[name]}-01") if name in asked else None for name in ("since", "month"))

    def fits(fact: Fact) -> bool:
        if fact.measure != measure.code or fact.team.code != asked.get("team", fact.team.code):
            return False
        if fact.part != asked.get("part", fact.part):
            return False
        if "which" in asked and fact.counted != (asked["which"] == "counted"):
            return False
        if last is None:
            return fact.until is None
        end = last_of_month(last)
        if measure.lasts:
            return fact.on <= end and (fact.until is None or fact.until > end)
        return (first or last) <= fact.on <= end

    return sum(fits(fact) for fact in facts)


def counted_codes() -> list[str]:
    """The measures of which there is something."""
    rows = Fact.objects.values("measure").annotate(n=Count("pk", filter=Q(team__code="HGY"))).order_by("measure")
    return [row["measure"] for row in rows]


def listed(client: Client, url: str) -> tuple[int, list[str]]:
    """How many a list says it has, and its rows, read to its end as one follows its links."""
    where, said, rows = urlsplit(url).path, -1, []
    while url:
        html = page(client, url)
        found = re.search(r'<b id="listed">([\d,]+) ', html)
        assert found
        assert said in (-1, int(found[1].replace(",", "")))
        said = int(found[1].replace(",", ""))
        rows += re.findall(r'<tr role="row">\s*<th scope="row" role="rowheader">(.*?)</tr>', html, re.S)
        further = re.search(r'href="([^"]*)" rel="next"', html)
        url = where + unescape(further[1]) if further else ""
    return said, rows
