"""The referral log: sorted, paged and narrowed without a row lost, shown twice, or of another team."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases.models import CasePerson
from deadlines import clock
from people.births import Birth
from people.models import OtherName
from referrals.actions import confirm_referral, triage_referral
from referrals.enums import Category, Method, Source
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.referrals import a_child, a_referral, aged
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

HERE = "/referrals/"
START = datetime(2010, 1, 14, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in, in Haringey."""
    user = an_officer(Role.DESK_SERGEANT)
    client.force_login(user)
    return user


def rows(page: str) -> list[str]:
    """The records of a page of the log, in its order."""
    return re.findall(r'rowheader"><a class="govuk-link" href="/cases/([A-Z]{3}-\d{4}-\d+)/"', page)


def asked(client: Client, **asked: Any) -> list[str]:
    """The records that are shown for what was asked."""
    answer = client.get(HERE, asked)
    assert answer.status_code == 200
    return rows(answer.content.decode())


def read_to_the_end(client: Client, order: str, more: str = "") -> list[list[str]]:
    """Every page, as one follows its link to the next."""
    pages, url = [], f"{HERE}?order={order}{more}"
    while url:
        page = client.get(url).content.decode()
        pages.append(rows(page))
        further = re.search(r'href="([^"]*)" rel="next"', page)
        url = HERE + unescape(further[1]) if further else ""
    return pages


def number_of(referral: Referral) -> str:
    return referral.case.number


# --- order and pages -----------------------------------------------------------------------------


def test_a_hundred_and_twenty_are_each_shown_once_in_order(client: Client, sergeant: User) -> None:
    # Received in quite another order than logged, three at each moment.
    for number in range(120):
        a_referral(
            received_at=START + (number * 7 % 40) * HOUR,
            children=[a_child("Rhys", f"Nr{number}")],
            urgent=number == 3,
        )
    logged = list(Referral.objects.select_related("case"))
    for order, key, turned in (
        ("received", "received_at", True),
        ("received-oldest", "received_at", False),
        ("urn", "logged_at", True),
        ("urn-oldest", "logged_at", False),
    ):
        pages = read_to_the_end(client, order)
        by_hand = sorted(logged, key=attrgetter(key, "pk"), reverse=turned)
        assert [len(page) for page in pages] == [50, 50, 20], order
        assert [number for page in pages for number in page] == [number_of(each) for each in by_hand], order
    # The next page keeps what was asked.
    pages = read_to_the_end(client, "received-oldest", "&urgent=no")
    by_hand = sorted(logged, key=attrgetter("received_at", "pk"))
    assert [len(page) for page in pages] == [50, 50, 19]
    assert [number for page in pages for number in page] == [number_of(each) for each in by_hand if not each.urgent]
    # The cursor of one order is refused for another.
    cursor = re.search(r"after=([\w-]+)", client.get(HERE).content.decode())
    assert cursor
    assert client.get(HERE, {"after": cursor[1]}).status_code == 200
    assert client.get(HERE, {"after": cursor[1], "order": "urn"}).status_code == 400


def test_without_an_order_the_latest_received_comes_first(client: Client, sergeant: User) -> None:
    late, early = a_referral(received_at=START + HOUR), a_referral(received_at=START)
    assert asked(client) == [number_of(late), number_of(early)]
    assert asked(client, order="nonsense") == [number_of(late), number_of(early)]


@pytest.mark.parametrize("column", ["received", "urn"])
def test_the_heading_of_a_column_sorts_and_turns_the_order_round(client: Client, sergeant: User, column: str) -> None:
    late, early = a_referral(received_at=START + HOUR), a_referral(received_at=START)
    first = [number_of(late), number_of(early)] if column == "received" else [number_of(early), number_of(late)]
    page = client.get(HERE, {"order": column, "urgent": "no"}).content.decode()
    assert rows(page) == first
    heading = "URN" if column == "urn" else "Received"
    link = re.search(rf'aria-sort="descending"><a class="govuk-link cait-sort" href="([^"]*)">{heading}<', page)
    assert link
    turned = client.get(HERE + unescape(link[1])).content.decode()
    assert rows(turned) == first[::-1]
    assert "urgent=no" in link[1]
    assert 'aria-sort="ascending"' in turned


@pytest.mark.parametrize("after", ["nonsense", "%00", "🙂"])
def test_a_damaged_address_of_a_page_is_refused(client: Client, sergeant: User, after: str) -> None:
    assert client.get(HERE, {"after": after}).status_code == 400


# --- narrowed ------------------------------------------------------------------------------------


def test_each_filter_shows_what_fits_it_alone(client: Client, sergeant: User) -> None:
    plain = a_referral(received_at=START)
    urgent = a_referral(received_at=START + 48 * HOUR, urgent=True)
    health = a_referral(received_at=START + 96 * HOUR, source=Source.HEALTH)
    neglect = a_referral(received_at=START + 144 * HOUR, categories=[Category.SEXUAL, Category.NEGLECT])
    telephone = a_referral(received_at=START + 192 * HOUR, method=Method.TELEPHONE)
    triaged = a_referral(received_at=START + 240 * HOUR)
    triage_referral(triaged, urgent=False, what_next="", reason="Known to the school", by=sergeant)
    everything = [triaged, telephone, neglect, health, urgent, plain]

    def fits(*referrals: Referral, **filters: str) -> None:
        assert asked(client, **filters) == [number_of(each) for each in referrals], filters

    fits(*everything)
    fits(urgent, urgent="yes")
    fits(*[each for each in everything if each != urgent], urgent="no")
    fits(health, source="health")
    fits(neglect, category="neglect")
    fits(neglect, category="sexual")
    fits(triaged, progress="triaged")
    fits(*everything[1:], progress="logged")
    fits(telephone, unconfirmed="on")
    fits(*everything[:4], from_on="18/1/2010")
    fits(*everything[4:], to_on="16/1/2010")
    fits(urgent, from_on="16 January 2010", to_on="16/1/2010")
    fits(urgent="yes", source="health")


def test_a_confirmed_referral_is_not_outstanding(client: Client, sergeant: User) -> None:
    telephone = a_referral(received_at=START, method=Method.TELEPHONE)
    assert asked(client, unconfirmed="on") == [number_of(telephone)]
    confirm_referral(telephone, confirmed_at=START + HOUR, confirmed_how="Email from Gwen", by=sergeant)
    assert asked(client, unconfirmed="on") == []


def test_both_days_of_a_span_are_included_by_the_london_clock(client: Client, sergeant: User) -> None:
    summer = a_referral(received_at=datetime(2010, 7, 9, 23, 30, tzinfo=UTC))  # half past midnight on the 10th
    assert asked(client, from_on="10/7/2010", to_on="10/7/2010") == [number_of(summer)]
    assert asked(client, to_on="9/7/2010") == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"from_on": "31/2/2010"}, "There is no 31 February 2010"),
        ({"from_on": "2/2/2010", "to_on": "1/2/2010"}, "The last day must not be before the first"),
        ({"source": "the moon"}, "from the list"),
    ],
)
def test_a_wrong_filter_shows_nothing_and_says_why(
    client: Client, sergeant: User, wrong: dict[str, str], said: str
) -> None:
    a_referral()
    page = client.get(HERE, wrong).content.decode()
    assert rows(page) == []
    assert said in page
    assert "Nothing is shown until what is marked above is put right" in page


def test_names_are_found_by_their_parts_and_by_other_names(client: Client, sergeant: User) -> None:
    case = a_referral(children=[a_child("Rhys", "Calloway")], adults=[a_child("Shelley", "Brannock")]).case
    a_referral(children=[a_child("Ottoline", "Vane")])
    person = CasePerson.objects.get(case=case, part="child").person
    OtherName.objects.create(
        person=person, given_names="Reece", family_name="Aldous", recorded_by=User.objects.system()
    )
    for words in ("Rhys", "calloway", "CALLOWAY rhys", "callo", "Shelley", "brannock", "Reece Aldous", " Rhys "):
        assert asked(client, q=words) == [case.number], words
    for words in ("Rhys Vane", "Nobody", "%", "_", "Rhys'; --"):
        assert asked(client, q=words) == [], words


def test_whoever_was_taken_off_since_is_found_in_the_log_as_they_were_logged(client: Client, sergeant: User) -> None:
    referral = a_referral(children=[a_child("Rhys", "Calloway", birth=aged(6))])
    CasePerson.objects.filter(case=referral.case).update(taken_off_at=clock.now())
    assert asked(client, q="Calloway") == [number_of(referral)]
    assert "Rhys Calloway, 6" in client.get(reverse("referrals:log_page")).content.decode()


def test_a_record_is_found_by_its_number_and_a_urn_without_its_year(client: Client, sergeant: User) -> None:
    referrals = [a_referral() for _ in range(3)]
    number = referrals[1].case.number
    for words in (number, number.lower(), f" {number} ", "0002", "2"):
        assert asked(client, q=words) == [number_of(referrals[1])], words


def test_a_urn_is_found_however_it_is_typed(client: Client, sergeant: User) -> None:
    referrals = [a_referral() for _ in range(7)]
    year = referrals[6].urn_year
    short = year % 100
    for words in (f"0007/{short:02}", f"7/{short:02}", f"7/{year}", f" 7 / {short:02} ", f"00007/{year}"):
        assert asked(client, q=words) == [number_of(referrals[6])], words
    assert asked(client, q=f"8/{short:02}") == []
    assert asked(client, q=f"7/{year - 1}") == []


# --- of whom -------------------------------------------------------------------------------------


def test_nothing_of_another_team_is_shown_or_found(client: Client, sergeant: User) -> None:
    ours = a_referral(children=[a_child("Rhys", "Calloway")])
    theirs = a_referral(a_team("ENF"), children=[a_child("Rhys", "Callander")])
    assert theirs.urn == ours.urn
    for filters in ({}, {"q": "Rhys"}, {"q": ours.urn}, {"source": "school"}, {"order": "urn"}):
        assert asked(client, **filters) == [number_of(ours)]
    assert asked(client, q="Callander") == []
    page = client.get(HERE).content.decode()
    assert "Team ENF" not in page


def test_the_command_sees_every_team_and_which_it_is(client: Client) -> None:
    ours = a_referral(received_at=START)
    theirs = a_referral(a_team("ENF"), received_at=START + HOUR)
    client.force_login(an_officer(Role.COMMAND))
    page = client.get(HERE).content.decode()
    assert rows(page) == [number_of(theirs), number_of(ours)]
    assert "Team ENF" in page
    assert "Team HGY" in page


# --- the children --------------------------------------------------------------------------------


def test_children_stand_with_their_ages_then(client: Client, sergeant: User) -> None:
    born = Birth.on(date(2003, 6, 6))
    a_referral(received_at=START, children=[a_child("Rhys", "Calloway", birth=born), a_child("Tia", "Calloway")])
    a_referral(received_at=START + HOUR, children=[], no_child_because="Her own childhood")
    page = client.get(HERE).content.decode()
    assert "Rhys Calloway, 6; Tia Calloway</a>" in page
    assert "No child named</a>" in page


# --- what it costs, and what is logged -----------------------------------------------------------


def statements(client: Client, url: str, **asked: str) -> list[str]:
    """The SQL of one page, all of it but savepoints."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, asked).status_code == 200
    return [
        each["sql"]
        for each in captured.captured_queries
        if not each["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))
    ]


def test_fifty_rows_cost_no_more_statements_than_five(client: Client, sergeant: User) -> None:
    def some(number: int) -> None:
        for each in range(number):
            a_referral(
                received_at=START + each * HOUR,
                method=Method.TELEPHONE,
                children=[a_child("Rhys"), a_child("Rhys")],
                adults=[a_child("Shelley")],
            )

    asked: list[dict[str, str]] = [{}, {"q": "Rhys"}]
    some(5)
    few = [statements(client, HERE, **filters) for filters in asked]
    some(46)
    for filters, cost in zip(asked, few, strict=True):
        many = statements(client, HERE, **filters)
        assert len(rows(client.get(HERE, filters).content.decode())) == 50, filters
        assert len(many) == len(cost), "\n".join(many)
        assert len(many) <= 12, "\n".join(many)


def test_a_look_is_logged_with_the_names_of_the_filters_and_no_word_that_was_typed(
    client: Client, sergeant: User
) -> None:
    a_referral(children=[a_child("Rhys", "Calloway")])
    asked(client, q="Calloway", source="school", urgent="", from_on="1/1/2009")
    look = AccessLog.objects.get()
    assert (look.by_id, look.object_type, look.object_id) == (sergeant.pk, "referrals.referral", None)
    assert look.detail == {"filters": ["from_on", "q", "source"]}
    assert "alloway" not in str(vars(look))


def test_each_reading_is_one_look(client: Client, sergeant: User) -> None:
    asked(client)
    asked(client, q="7/26")
    assert AccessLog.objects.count() == 2


def test_an_empty_log_says_so(client: Client, sergeant: User) -> None:
    assert "No referral is logged yet" in client.get(reverse("referrals:log_page")).content.decode()
    a_referral()
    assert "No referral fits what you chose" in client.get(HERE, {"q": "Nobody"}).content.decode()
