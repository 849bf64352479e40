"""The pages of figures: who sees which, and that each number leads to a list that has as many."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format

from audit.models import AccessLog
from cases.models import Case
from oversight.cards import ABOUT
from oversight.counting import ALWAYS
from oversight.dashboards import part_of, parts_of, series_of
from oversight.measures import BESIDE, BY_CODE, IN_ROWS, MEASURES
from oversight.models import Fact, Tally, Upkeep
from pages.addresses import record_address
from team.enums import Role
from team.models import Team
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.oversight.dashboards import (
    ALL,
    MONTHS,
    NOW,
    TEAM,
    a_month_of_work,
    a_year_of_figures,
    counted_codes,
    listed,
    numbers,
    page,
    recount,
    unlinked,
    words,
)
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

ATTENDANCE = "/oversight/measures/attendance/"
CONTROL = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE)")


@pytest.fixture(scope="module")
def built(shared: Shared) -> Case:
    return shared(a_year_of_figures)


@pytest.fixture
def went(built: Case) -> Case:
    """The record that went from Haringey to Enfield."""
    return own(built)


def signed_in(client: Client, role: Role, team: Team | None = None) -> None:
    client.force_login(an_officer(role, team))


def test_every_number_leads_to_a_list_of_as_many(client: Client, went: Case) -> None:
    """On each page of figures, for an inspector and for the command; and no other number stands in their tables."""
    facts = list(Fact.objects.select_related("team"))
    codes = counted_codes()
    assert {"attendance", "referrals", "referrals_by_hour", "open_records", "overdue"} <= set(codes)
    wrong, seen = [], 0
    measures = [f"/oversight/measures/{code}/" for code in codes]
    for role, pages in {
        Role.INSPECTOR: [TEAM, ATTENDANCE],
        Role.COMMAND: [ALL, f"{TEAM}?team=ENF", *measures],
    }.items():
        signed_in(client, role)
        for url in pages:
            html = page(client, url)
            assert unlinked(html) == [], url
            for address, number in numbers(html):
                seen += 1
                if recount(address, facts) != number:
                    wrong.append((url, address, number))
    assert wrong == []
    assert seen > 1000


@pytest.mark.usefixtures("went")
def test_a_list_has_the_rows_that_it_says(client: Client) -> None:
    """Each that the team's page leads to and that is not empty, and what narrows it."""
    signed_in(client, Role.INSPECTOR)
    asked = {url: number for url, number in numbers(page(client, TEAM)) if number}
    asked |= {f"{ATTENDANCE}records/?month=2009-12&which=not": 9, f"{ATTENDANCE}records/": 260}
    hours = "/oversight/measures/referrals_by_hour/records/"
    asked |= {f"{hours}?since=2008-12&month=2009-12&part=1-09": 6, f"{hours}?month=2009-12&part=1-09": 2}
    for url, number in asked.items():
        said, rows = listed(client, url)
        assert (said, len(rows)) == (number, number), url


def test_a_list_says_what_it_lists(client: Client, went: Case) -> None:
    signed_in(client, Role.INSPECTOR)
    html = page(client, f"{ATTENDANCE}records/?month=2009-12&which=not&part=initial")
    said = words(html.partition("<main")[2])
    assert "9 are listed , of 20 initial conferences held: not attended, kind Initial conference, " in said
    assert "kind Initial conference, December 2009, Team HGY." in said
    assert "HGY-2009-0001 0001/09 Rhys Calloway 3 December 2009 Initial conference no" in said
    assert 'href="/cases/HGY-2009-0001/conferences/"' in html
    looked = AccessLog.objects.latest("pk")
    assert looked.team_id == a_team("HGY").pk
    assert looked.details() == [
        ("code", "attendance"),
        ("part", "initial"),
        ("records (numbers)", [Case.objects.get(number="HGY-2009-0001").pk]),
        ("month from", "2009-12-01"),
        ("which of them", "not"),
    ]
    # Of the team that is asked for; of a part that is none, which may be any words, nothing is kept.
    signed_in(client, Role.COMMAND)
    page(client, f"{ATTENDANCE}records/?since=2009-11&month=2009-12&part=Rhys&team=ENF")
    looked = AccessLog.objects.latest("pk")
    assert looked.team_id == a_team("ENF").pk
    assert looked.details() == [("code", "attendance"), ("months from", "2009-11-01"), ("month from", "2009-12-01")]


def test_of_a_record_that_went_to_another_team_it_says_where(client: Client, went: Case) -> None:
    """Without the children's names, and without a link that would not open."""
    signed_in(client, Role.INSPECTOR)
    html = page(client, "/oversight/measures/referrals/records/?month=2009-11")
    assert "now with Team ENF" in words(html)
    assert went.number in html
    assert f'/{went.number}/"' not in html
    assert "Vellacott" not in html
    signed_in(client, Role.COMMAND)
    html = page(client, "/oversight/measures/referrals/records/?month=2009-11&team=HGY")
    assert f'/{went.number}/"' in html
    assert "Vellacott" in html


@pytest.mark.usefixtures("went")
@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("attendance/records/?month=2031-01", 200, "January 2031 is still to come."),
        ("open_records/records/?month=2010-01", 200, "End of January 2010 is still to come."),
        ("open_by_age/records/?month=2009-12", 200, "CAIT knows this only as it is now."),
        ("attendance/records/?month=2009-12&part=gone", 200, "Nothing is counted here as at"),
        ("attendance/records/?month=1999-01", 200, "Nothing is counted here as at"),
        ("open_by_officer/records/?part=abc", 200, "a part that is not counted here, as it is now"),
        ("open_by_officer/records/?part=%C2%B2", 200, "a part that is not counted here, as it is now"),
        (f"open_by_officer/records/?part={2**63}", 200, "a part that is not counted here, as it is now"),
        ("records_taken_over/records/?part=abc", 200, "a part that is not counted here, in all the time"),
        ("records_handed_over/records/?part=x&month=2009-12", 200, "a part that is not counted here, December 2009"),
        ("open_records/records/?part=none", 200, "level No level set yet, as it is now"),
        ("overdue/records/?part=update&month=2009-01", 200, "Social Services"),
        ("attendance/records/?month=2009-13", 400, "CAIT could not read what was sent"),
        ("attendance/records/?month=9999-12", 400, "CAIT could not read what was sent"),
        ("attendance/records/?since=2009-12", 400, "CAIT could not read what was sent"),
        ("attendance/records/?since=2009-12&month=2009-01", 400, "CAIT could not read what was sent"),
        ("attendance/records/?which=some", 400, "CAIT could not read what was sent"),
        ("attendance/records/?after=x", 400, "CAIT could not read what was sent"),
        ("attendance/records/?team=ENF", 404, ""),
        ("attendance/?team=ENF", 404, ""),
        ("nothing_like_it/", 404, ""),
        ("nothing_like_it/records/", 404, ""),
    ],
)
def test_a_stale_or_a_broken_address_is_answered_honestly(client: Client, asked: str, status: int, said: str) -> None:
    signed_in(client, Role.INSPECTOR)
    html = page(client, f"/oversight/measures/{asked}", status)
    assert said in words(html)
    if status == 200 and "part=none" not in asked:
        assert '<b id="listed">0 are listed</b>' in html


@pytest.mark.usefixtures("went")
def test_whoever_is_officer_of_another_team_is_not_named(client: Client) -> None:
    """A part is named where it was counted in the teams that are shown, and nowhere else."""
    theirs = an_officer(Role.INVESTIGATOR, a_team("ENF"))
    Tally.objects.create(
        measure="open_by_officer", team=a_team("ENF"), part=str(theirs.pk), month=ALWAYS, counted=1, of=1
    )
    url = f"/oversight/measures/open_by_officer/records/?part={theirs.pk}"
    signed_in(client, Role.COMMAND)
    assert f"officer in case {theirs}, " in unescape(page(client, url))
    said = unescape(page(client, f"{url}&team=HGY"))
    assert theirs.family_name not in said
    assert "a part that is not counted here" in said
    signed_in(client, Role.INSPECTOR)
    assert theirs.family_name not in page(client, url)
    url = f"/oversight/measures/records_handed_over/records/?part={a_team('ISL').pk}"
    assert "Team ISL" not in page(client, url)


def test_a_program_reads_the_list_as_the_page_shows_it(went: Case) -> None:
    """The number of a record that another team has by now, and that it may not be opened."""
    program = Program(an_officer(Role.INSPECTOR, a_team("HGY")))
    rows = program.get("figure_records", "referrals", month="2009-11").json()["results"]
    said = {row["case"]: (row["urn"], row["may_open"]) for row in rows}
    assert said == {"HGY-2009-0001": ("0001/09", True), went.number: (went.urn, False)}
    everything = Program(an_officer(Role.COMMAND))
    rows = everything.get("figure_records", "referrals", month="2009-11", team="HGY").json()["results"]
    assert {row["may_open"] for row in rows} == {True}
    everything.get("figure_records", "attendance", month="2009-12", team="ENF", part="initial", which="not")
    looked = AccessLog.objects.latest("pk")
    assert looked.team_id == a_team("ENF").pk
    kept = {"code": "attendance", "part": "initial", "month": "2009-12-01", "which": "not"}
    assert {name: looked.detail[name] for name in kept} == kept


@pytest.mark.usefixtures("went")
@pytest.mark.parametrize(
    ("code", "asked", "field"),
    [
        ("attendance", {"month": "2010-02"}, "month"),
        ("open_records", {"month": "2010-01"}, "month"),
        ("open_by_age", {"month": "2009-12"}, "month"),
        ("open_records", {"since": "2009-11", "month": "2009-12"}, "since"),
        ("attendance", {"since": "2009-11"}, "since"),
        ("attendance", {"since": "2010-01", "month": "2010-02"}, "month"),
    ],
)
def test_a_program_is_told_which_month_cannot_be_told(code: str, asked: dict[str, str], field: str) -> None:
    """Where the page says why there is nothing."""
    answer = Program(an_officer(Role.INSPECTOR, a_team("HGY"))).get("figure_records", code, **asked)
    assert answer.status_code == 400
    assert {"since", "month"} & set(answer.json()) == {field}


def test_what_was_before_a_team_began_is_not_nought(client: Client, went: Case) -> None:
    """Otherwise everything would be higher than usual for a year."""
    today = NOW.date()
    began = a_team("ISL")
    Case.objects.filter(pk=went.pk).update(team=began)
    for month in MONTHS[5:]:
        a_month_of_work("ISL", "attendance", month, 1, part="initial")
    for month in MONTHS[9:]:
        a_month_of_work("ISL", "records_raised", month, 5, part="cait")
    raised = BY_CODE["records_raised"]
    with CaptureQueriesContext(connection) as captured:
        series = series_of([began], today=today, measures=[raised])["records_raised", None]
    assert len(captured.captured_queries) == 1
    # It had begun when nothing was raised yet: these months are noughts.
    assert series.values == (*[None] * 5, *[0.0] * 4, *[5.0] * 4)
    assert tuple(figure.value for figure in series.months) == series.values
    assert series.months[-13].known is False
    (_, part), *_ = parts_of(raised, [began], today=today)
    assert part.values == part_of(raised, [began], part="cait", today=today).values == series.values
    # Beside a team that was there before it all months are known of both together, and only of them.
    both = series_of([began, a_team("HGY")], today=today, measures=[raised])
    assert both["records_raised", began.pk].values == series.values
    assert None not in both["records_raised", None].values
    # Few months say nothing of chance, and the page has its number and its link all the same.
    Tally.objects.filter(team=began, measure="attendance").delete()
    signed_in(client, Role.INSPECTOR, began)
    html = page(client, "/oversight/measures/records_raised/")
    assert "Too few months to say" in words(html)
    assert "August 2009 0 not counted yet" in words(html)
    assert "/records/?team=ISL&month=2009-08" in unescape(html)
    assert "Line of Records raised from September 2009 to December 2009" in html
    # Nothing at all: no month is known.
    nothing = series_of([a_team("HCK")], today=today, measures=[raised])["records_raised", None]
    assert (nothing.values, nothing.finding) == ((None,) * 13, "Too few months to say")


@pytest.mark.usefixtures("went")
def test_what_takes_the_same_number_apart_otherwise_has_no_row_but_is_led_to(client: Client) -> None:
    """From the page of the one that has the row, and from each of them to the others, of the same team."""
    for role, url in {Role.INSPECTOR: TEAM, Role.COMMAND: ALL}.items():
        signed_in(client, role)
        rows = re.findall(r'<th scope="row" role="rowheader"><a [^>]*href="([^"?]*)', page(client, url))
        assert rows == [f"/oversight/measures/{each.code}/" for each in IN_ROWS], url
    also = re.compile(r"<p>(Also by): (.*?)</p>")
    said = {}
    for main, others in BESIDE.items():
        for each in [BY_CODE[main], *others] if others else ():
            ((how, links),) = also.findall(page(client, f"/oversight/measures/{each.code}/?team=HGY"))
            said[each.code] = f"{how}: {words(links)}"
            assert set(re.findall(r'href="([^"]*)"', links)) == {
                f"/oversight/measures/{code}/?team=HGY" for code in {main, *(it.code for it in others)} - {each.code}
            }
    assert said == {
        "referrals": "Also by: Kind of harm · Day and hour",
        "referrals_by_category": "Also by: Source · Day and hour",
        "referrals_by_hour": "Also by: Source · Kind of harm",
        "open_records": "Also by: Age · Officer in case",
        "open_by_age": "Also by: Level · Officer in case",
        "open_by_officer": "Also by: Level · Age",
        "updates": "Also by: Partner",
        "updates_by_partner": "Also by: What brought it about",
        "chases_sent": "Also by: Partner",
        "chases_by_partner": "Also by: To whom",
    }
    assert not also.search(page(client, ATTENDANCE))


@pytest.mark.usefixtures("went")
def test_each_role_has_its_tabs(client: Client) -> None:
    """A sergeant and an inspector their team's; the command all teams and each of them; nobody else has any."""
    tabs = {}
    for role in (Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND, Role.REVIEWER):
        signed_in(client, role)
        for url in ("/oversight/", TEAM, ALL):
            page(client, url)
        html = page(client, TEAM)
        tabs[role] = re.findall(r'moj-sub-navigation__link"(?: aria-current="page")? href="([^"]*)"', html)[:3]
    assert tabs[Role.SUPERVISOR][:2] == tabs[Role.INSPECTOR][:2] == ["/oversight/", TEAM]
    assert ALL not in tabs[Role.SUPERVISOR] + tabs[Role.INSPECTOR]
    assert tabs[Role.COMMAND] == tabs[Role.REVIEWER] == ["/oversight/", TEAM, ALL]
    signed_in(client, Role.INVESTIGATOR)
    assert {client.get(url).status_code for url in (TEAM, ALL, ATTENDANCE, f"{ATTENDANCE}records/")} == {403}


@pytest.mark.usefixtures("went")
def test_the_six_figures_say_on_what_somebody_has_to_act(client: Client) -> None:
    signed_in(client, Role.INSPECTOR)
    html = page(client, TEAM)
    cards = {
        re.findall(r"<h3[^>]*>(.*?)</h3>", card)[0]: (
            card.startswith(" cait-box--act"),
            words(card.partition("</h3>")[2]),
        )
        for card in re.split(r'<section class="cait-box cait-figure', html)[1:]
    }
    assert list(cards) == [about.name or BY_CODE[about.code].name for about in ABOUT]
    act, said = cards["Initial conferences attended"]
    assert act
    assert said.startswith("55% 11 of 20 in December 2009; the target is 95%. Lower than usual in December 2009")
    assert "See the 20 conferences" in said
    act, said = cards["Overdue duties"]
    assert act
    assert said.startswith("2 4 at the end of December 2009, 0 a year before.")
    assert "See the 2 duties" in said
    act, said = cards["Unmanaged risks"]
    assert (act, "See the" in said) == (False, False)
    assert said.startswith("0 0 at the end of December 2009")


@pytest.mark.usefixtures("went")
def test_a_measure_is_drawn_beside_its_table(client: Client) -> None:
    signed_in(client, Role.INSPECTOR)
    html = page(client, ATTENDANCE)
    assert "Lower than usual in December 2009, and below the target of 95%" in words(html)
    assert len(re.findall(r'class="c-dot"', html)) == 13
    (said,) = re.findall(r"<desc[^>]*>(.*?)</desc>", html)
    assert said == (
        "Line of Initial conferences attended from December 2008 to December 2009: between 55% and 100%, on average "
        "97%; the target is 95%. Lower than usual in December 2009. The table says the same."
    )
    rows = re.findall(r'<tr role="row">\s*<th scope="row" role="rowheader">(\w+ \d{4})</th>(.*?)</tr>', html, re.S)
    assert [name for name, _ in rows] == [date_format(month, "F Y") for month in reversed(MONTHS)]
    assert words(rows[0][1]) == "11 20 55% below the limits, below the target"
    assert words(rows[1][1]) == "20 20 100% in a row above the mean"
    # Of four nobody says per cent, and so nothing is drawn.
    signed_in(client, Role.INSPECTOR, a_team("ENF"))
    said = words(page(client, ATTENDANCE))
    assert "Too few months to say" in said
    assert "There is nothing to draw yet: in no month there were ten or more" in said
    assert "December 2009 3 4 too few" in said


@pytest.mark.usefixtures("went")
def test_of_what_takes_time_a_team_reads_how_long_half_of_it_took(client: Client) -> None:
    a_month_of_work("HGY", "triage_in_time", MONTHS[10], 3)
    took = zip(Fact.objects.filter(measure="triage_in_time", on__month=10), (45, 130, 4_000), strict=True)
    for fact, minutes in took:
        Fact.objects.filter(pk=fact.pk).update(minutes=minutes)
    url = "/oversight/measures/triage_in_time/"
    signed_in(client, Role.INSPECTOR)
    said = words(page(client, url))
    assert "Half took no longer than" in said
    assert "October 2009 3 3 too few 2 hours September 2009 0 0 August" in said
    _, rows = listed(client, f"{url}records/?month=2009-10")
    assert sorted(words(row).rpartition("yes ")[2] for row in rows) == ["2 days", "2 hours", "45 minutes"]
    # Of all teams together it would be a look at every fact; of each it is said for the last full month.
    a_month_of_work("HGY", "triage_in_time", MONTHS[12], 3)
    a_month_of_work("ENF", "triage_in_time", MONTHS[12], 1, 3)
    Fact.objects.filter(measure="triage_in_time", on__month=12).update(minutes=130)
    signed_in(client, Role.COMMAND)
    html = page(client, url)
    of_teams = re.findall(r'<td role="cell" data-label="Half took no longer than">(.*?)</td>', html)
    names = re.findall(r'rowheader"><a class="govuk-link" href="\?team=(\w+)"', html)
    assert dict(zip(names, of_teams, strict=True)) == {"HGY": "2 hours", "ENF": "most were late"}
    assert "Half took no longer than, December 2009" in words(html)
    assert "choose a team to see all its months" in words(html)
    assert "Half took no longer than" in words(page(client, f"{url}?team=HGY"))


@pytest.mark.usefixtures("went")
def test_a_week_is_a_grid_of_hours(client: Client) -> None:
    signed_in(client, Role.INSPECTOR)
    html = page(client, "/oversight/measures/referrals_by_hour/")
    assert "Most came on a Monday, and most between 9am and 10am" in words(html)
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', html)
    assert len(rows) == 24
    cells = {name: re.findall(r'<td class="cait-num cait-week__(\d)">(.*?)</td>', row) for name, row in rows}
    assert [(shade, words(cell)) for shade, cell in cells["9am"]] == [("4", "6"), *[("0", "0")] * 6]
    assert [(shade, words(cell)) for shade, cell in cells["5pm"]][4] == ("2", "2")
    assert "Referrals by day and hour, 9am to 10am, Monday, December 2008 to December 2009" in html


@pytest.mark.usefixtures("went")
def test_it_says_as_at_when_the_figures_are(client: Client) -> None:
    signed_in(client, Role.INSPECTOR)
    pages = (TEAM, ALL, ATTENDANCE, f"{ATTENDANCE}records/?month=2009-12")
    for url in pages:
        said = words(page(client, url))
        assert "Figures as at today at midday. They are brought up to date every minute." in said, url
    Upkeep.objects.update(whole_at=NOW - timedelta(minutes=11))
    for url in pages:
        said = words(page(client, url))
        assert "These figures are as at 14 January 2010, 11:49am. They should be brought up to date" in said, url
    Upkeep.objects.update(whole_at=None)
    for url in pages:
        assert "The figures are being counted for the first time." in words(page(client, url)), url


@pytest.mark.usefixtures("went")
def test_without_anything_counted_every_page_still_stands(client: Client) -> None:
    Fact.objects.all().delete()
    Tally.objects.all().delete()
    Upkeep.objects.all().delete()
    for role, pages in {Role.INSPECTOR: [TEAM], Role.COMMAND: [ALL]}.items():
        signed_in(client, role)
        for url in (*pages, ATTENDANCE, "/oversight/measures/open_by_age/", "/oversight/measures/referrals_by_hour/"):
            assert {number for _, number in numbers(page(client, url))} <= {0}, url
    assert "Nothing came in these months" in words(page(client, "/oversight/measures/referrals_by_hour/"))
    assert "There was nothing in all this time." in words(page(client, "/oversight/measures/open_by_officer/"))


@pytest.mark.usefixtures("went")
def test_the_pages_take_few_questions_and_no_more_with_more_teams(client: Client) -> None:
    def asked(url: str) -> int:
        page(client, url)
        with CaptureQueriesContext(connection) as captured:
            page(client, url)
        return sum(not CONTROL.match(each["sql"]) for each in captured.captured_queries)

    pages = (TEAM, ALL, ATTENDANCE, f"{ATTENDANCE}records/?month=2009-12")
    signed_in(client, Role.COMMAND)
    before = {url: asked(url) for url in pages}
    # The session and the account are looked up before any page begins.
    assert before[TEAM] - 2 <= 8
    assert before[ALL] - 2 <= 8
    for code in ("BRN", "ISL", "HCK"):
        a_team(code)
    assert {url: asked(url) for url in pages} == before


def test_every_card_is_of_a_measure_and_every_measure_leads_to_a_page_of_the_record() -> None:
    assert {about.code for about in ABOUT} <= {measure.code for measure in IN_ROWS}
    assert all(record_address(measure.page, "HGY-2009-0001") for measure in MEASURES)
