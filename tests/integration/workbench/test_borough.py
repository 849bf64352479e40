"""The borough is filled in through the real actions, family by family: nothing twice, nothing lost, no duty wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from cases.enums import Series, State
from cases.models import Case, Numbering
from cases.restricting import named_on
from conferences.models import Conference, Plan
from deadlines import clock
from deadlines.clock import LONDON, london_date
from deadlines.periods import last_of_month
from diary.checking import findings
from diary.models import Mail, MailState, Notice
from oversight.actions import count_again
from oversight.counting import bring_up_to_date
from oversight.models import MonthlyReport
from oversight.report_making import make_due
from people.models import Person
from referrals.enums import DecisionKind
from referrals.models import Referral
from team.models import Team, User
from tests.factories.figures import figures_are_right
from tests.integration.oversight.monthly import measured
from tests.integration.workbench.demonstrating import the_clock
from tests.shared import Shared
from workbench import borough
from workbench.borough_filled import SCHEMA, Filled, filled
from workbench.borough_plan import Family, Record, families_of
from workbench.demonstration_referrals import Then
from workbench.loading import approve_addresses
from workbench.loading_people import load_people
from workbench.past import as_at, keep_free

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demonstration")]

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=LONDON)


def steps(record: Record) -> list[str]:
    return [each.what.does for each in record.does]


def chased(family: Family) -> bool:
    record = family.records[0]
    told = [each.at for each in record.does if each.what.does == "update"]
    return bool(told) and told[0] - record.received > timedelta(hours=24 * 22) and "close" in steps(record)


KINDS: list[Callable[[Family], bool]] = [
    lambda family: True,
    chased,
    lambda family: "check" in steps(family.records[0]) and "close" in steps(family.records[0]),
    lambda family: "plan" in steps(family.records[0]) and family.on_plan == 2,
    lambda family: "missed" in steps(family.records[0]) and bool(family.on_plan),
    lambda family: len(family.records) == 2,
    lambda family: family.team == "ENF",
    lambda family: "restrict" in steps(family.records[0]) and "close" in steps(family.records[0]),
]


@pytest.fixture(scope="module")
def plan() -> tuple[Family, ...]:
    return families_of(NOW)


@pytest.fixture(scope="module")
def few(plan: tuple[Family, ...]) -> tuple[Family, ...]:
    """One family of each kind, numbered anew."""
    chosen = [min((family for family in plan if fits(family)), key=size) for fits in KINDS[1:]]
    # One that was told about today may be logged only later today.
    latest = next(family for family in plan if family.records[-1].logged < NOW)
    return tuple(replace(family, number=number) for number, family in enumerate([latest, *chosen], 1))


def size(family: Family) -> int:
    return sum(len(record.does) for record in family.records)


@pytest.fixture(scope="module")
def begun(shared: Shared, few: tuple[Family, ...]) -> Iterator[borough.Begun]:
    """As on one afternoon; and while the tests look at it, it is that moment."""
    with pytest.MonkeyPatch.context() as patch, as_at(NOW):
        patch.setattr(settings, "DEMONSTRATION", True)
        patch.setattr(settings, "MAIL_FOLDER", None)
        patch.setattr(borough, "families_of", lambda now: few)
        yield shared(begin)


def begin() -> borough.Begun:
    load_people(clock.today())
    officers = {user.username: user for user in User.objects.people()}
    approve_addresses(officers, {team.code: team for team in Team.objects.all()})
    begun = borough.begin(clock.now(), [])
    keep_free(begun.last)
    return begun


@pytest.fixture(scope="module")
def whole(begun: borough.Begun, shared: Shared) -> borough.Begun:
    shared(borough.go_on, print)
    return begun


def left_out() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT left_out FROM {SCHEMA}.borough WHERE left_out IS NOT NULL")  # noqa: S608
        return [why for (why,) in cursor.fetchall()]


def test_every_family_is_there_once_with_the_numbers_of_the_plan(
    whole: borough.Begun, few: tuple[Family, ...]
) -> None:
    assert left_out() == []
    records = [record for family in few for record in family.records]
    assert Referral.objects.count() == Case.objects.count() == len(records)
    assert set(Referral.objects.values_list("received_at", flat=True)) == {record.received for record in records}
    for team in Team.objects.filter(code__in=("HGY", "ENF")):
        rows = Referral.objects.filter(team=team).order_by("logged_at")
        numbers = list(rows.values_list("urn_year", "urn_serial"))
        assert numbers == sorted(set(numbers))
        for year in {year for year, _ in numbers}:
            last = Numbering.objects.get(team=team, series=Series.URN, year=year).last
            assert last == whole.last[team.code, year], "whoever logs next has the number after it"
    assert filled() == Filled(len(records), len(records))
    # And again there is nothing to do.
    assert borough.go_on(print) == filled()
    assert Referral.objects.count() == len(records)


def test_no_duty_is_missing_or_too_many_and_each_was_seen_to_in_its_time(whole: borough.Begun) -> None:
    still = list(Case.objects.filter(state=State.OPEN).values_list("pk", flat=True))
    assert 0 < len(still) < Case.objects.count()
    assert [each.words for each in findings(still)] == []
    # Social Services were chased on the day on which each chase fell, and whoever had to was told on it.
    sent = Mail.objects.filter(state=MailState.SENT, step__number__gte=1).select_related("step")
    assert sent.exists()
    assert all(london_date(mail.sent_at) == mail.step.due_on for mail in sent if mail.sent_at)
    assert not Mail.objects.exclude(state=MailState.SENT).filter(state=MailState.QUEUED).exists()
    told = Notice.objects.filter(kind="late", number=1).select_related("duty")
    assert told.exists()
    assert all(notice.raised_at - notice.duty.late_from < timedelta(minutes=15) for notice in told if notice.duty)
    moments = AuditEvent.objects.exclude(by_id=User.objects.system().pk).values_list("at", flat=True)
    assert max(moments) < NOW + timedelta(minutes=5)


def test_it_is_about_people_and_plans_and_conferences_as_planned(
    whole: borough.Begun, few: tuple[Family, ...]
) -> None:
    assert Plan.objects.running().count() == sum(family.on_plan for family in few)
    assert Conference.objects.held().count() >= 1
    again = next(family for family in few if len(family.records) == 2)
    child = again.records[0].told.children[0]
    person = Person.objects.get(given_names=child.given, family_name=child.family)
    assert person.cases.count() == 2, "a child who is referred again is one person on two records"
    decided = set(Referral.objects.values_list("decision", flat=True))
    assert {DecisionKind.SOCIAL_SERVICES, DecisionKind.INFORMATION, DecisionKind.JOINT} <= decided


def test_some_records_are_restricted_to_those_who_work_on_them(whole: borough.Begun, client: Client) -> None:
    case = Case.objects.get(restricted=True)
    assert case.state == "closed"
    named = {each.officer.username for each in named_on(case)}
    assert "inspector" in named
    assert {"investigator", "desk_sergeant", "command"} - named
    for username in {"investigator", "desk_sergeant", "command"} - named:
        client.force_login(User.objects.get(username=username))
        assert client.get(reverse("workbench:case", args=[case.number])).status_code == 403


def test_when_all_is_there_the_last_months_are_reported_and_signed(whole: borough.Begun, client: Client) -> None:
    """Of each team three months that its inspector signed in the days after each, and last month as a draft."""
    inspectors = {"HGY": "inspector", "ENF": "nadia.forsyth"}
    reports = MonthlyReport.objects.select_related("team", "signed_by").order_by("team__code", "month")
    months = [date(2026, number, 1) for number in (7, 8, 9, 10)]
    assert [(each.team.code, each.month, each.is_signed) for each in reports] == [
        (team, month, month != months[-1]) for team in sorted(inspectors) for month in months
    ]
    for each in reports.filter(state="signed"):
        assert each.signed_by
        assert each.signed_by.username == inspectors[each.team.code]
        assert each.signed_at
        over = last_of_month(each.month)
        assert over < london_date(each.made_at) == london_date(each.counted_at) < london_date(each.signed_at)
        assert (london_date(each.signed_at) - over).days < 8
        assert f"{measured(each)['referrals'].figure.counted} referrals came in" in each.commentary
    received = Referral.objects.filter(team__code="HGY", received_at__month=9, received_at__year=2026).count()
    assert measured(reports.get(team__code="HGY", month=months[2]))["referrals"].figure.counted == received
    figures_are_right()
    client.force_login(User.objects.get(username="inspector"))
    html = client.get("/oversight/reports/").content.decode()
    assert [html.count(f"{month:%B} 2026") > 0 for month in months] == [True] * 4
    assert "Sign the monthly report of October 2026" in client.get("/").content.decode()


def test_every_page_of_its_records_can_be_read(whole: borough.Begun, client: Client) -> None:
    for case in Case.objects.order_by("pk"):
        # On a restricted one the inspector is named.
        client.force_login(User.objects.get(username="inspector" if case.restricted else "command"))
        for page in ("", "chronology/", "cram/"):
            answer = client.get(f"/cases/{case.number}/{page}")
            assert answer.status_code == 200, (case.number, page)


def test_the_clock_is_as_it_was_before(begun: borough.Begun, few: tuple[Family, ...]) -> None:
    before = the_clock()
    borough.fill(few[0], [901] * len(few[0].records), london_date(NOW))
    assert the_clock() == before


# --- broken off, and gone on with ------------------------------------------------------------------


def afresh(few: tuple[Family, ...], patch: pytest.MonkeyPatch) -> tuple[Family, ...]:
    """Three families of which none is filled in yet, with numbers that nobody has."""
    plain = [family for family in few if "book" not in steps(family.records[0])][:3]
    families = tuple(replace(family, number=number) for number, family in enumerate(plain, 1))
    patch.setattr(borough, "families_of", lambda now: families)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        borough.begin(NOW, [])
        more = "SELECT array_agg(n + 500 ORDER BY place) FROM unnest(numbers) WITH ORDINALITY AS each (n, place)"
        cursor.execute(f"UPDATE {SCHEMA}.borough SET numbers = ({more})")  # noqa: S608
    return families


def failing(wrong: Exception, at: int) -> Callable[..., None]:
    """In place of doing something: fails the so-manieth time."""
    real, count = borough.do, [0]

    def do(*args: Any) -> None:
        count[0] += 1
        if count[0] == at:
            raise wrong
        real(*args)

    return do


def test_broken_off_it_goes_on_with_the_family_that_it_was_at(
    whole: borough.Begun, few: tuple[Family, ...], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    families, before = afresh(few, monkeypatch), Referral.objects.count()
    first, total = len(families[0].records), sum(len(family.records) for family in families)
    client.force_login(User.objects.get(username="supervisor"))
    assert f"The demonstration is still being filled: 0 of {total} referrals." in client.get("/").content.decode()
    # Meanwhile nothing is said for good of the months that are over, whoever asks.
    report = MonthlyReport.objects.filter(state="draft").earliest("pk")
    with pytest.raises(ValidationError, match="still being brought in"):
        count_again(report, by=User.objects.system())
    MonthlyReport.objects.filter(state="draft").delete()
    bring_up_to_date()
    assert make_due() == []
    in_the_second = sum(isinstance(each.what, Then) for record in families[0].records for each in record.does) + 2
    with monkeypatch.context() as patch:
        patch.setattr(borough, "do", failing(OperationalError("the server is gone"), in_the_second))
        with pytest.raises(OperationalError):
            borough.go_on(print)
    assert Referral.objects.count() == before + first, "of the second family nothing is there"
    assert filled() == Filled(first, total)
    monkeypatch.setattr("os.nice", lambda by: 0)
    call_command("seed_demo", go_on=True)
    assert Referral.objects.count() == before + total
    assert left_out() == []
    assert "still being filled" not in client.get("/").content.decode()
    bring_up_to_date()
    assert len(make_due()) == 2
    with pytest.raises(CommandError, match="make reset"):
        call_command("seed_demo")


def test_a_family_that_cannot_be_filled_in_is_left_out_and_stops_no_other(
    whole: borough.Begun, few: tuple[Family, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    families, before = afresh(few, monkeypatch), Referral.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(borough, "do", failing(ValueError("nobody knows how"), 1))
        found = borough.go_on(print)
    assert found is not None
    assert found.is_whole
    assert left_out() == ["ValueError: nobody knows how"]
    assert Referral.objects.count() == before + found.all_of_them - len(families[0].records)


def test_where_the_borough_is_left_out_nobody_waits_for_it(
    whole: borough.Begun, few: tuple[Family, ...], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    """Today does not say for ever that it is being filled, and last month is reported."""
    afresh(few, monkeypatch)
    MonthlyReport.objects.filter(state="draft").delete()
    bring_up_to_date()
    client.force_login(User.objects.get(username="inspector"))
    assert "still being filled" in client.get("/").content.decode()
    assert make_due() == []
    monkeypatch.setattr(settings, "WITHOUT_BOROUGH", True)
    today = client.get("/").content.decode()
    assert "still being filled" not in today
    assert "monthly report" not in today
    assert [(each.team.code, each.month) for each in make_due()] == [
        ("ENF", date(2026, 10, 1)),
        ("HGY", date(2026, 10, 1)),
    ]
    assert "Sign the monthly report of October 2026" in client.get("/").content.decode()


def test_nothing_is_filled_in_where_there_is_no_demonstration(begun: borough.Begun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    assert filled() is None
    assert borough.go_on(print) is None
