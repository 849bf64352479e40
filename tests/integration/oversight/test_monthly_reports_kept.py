"""What a monthly report keeps of itself, what it leaves to others to say, and who waits for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test import Client
from openpyxl import load_workbook
from psycopg.errors import LockNotAvailable

from audit.models import AccessLog, AuditEvent
from deadlines import clock
from oversight import actions, dashboards, report_frozen, report_workbook
from oversight.counting import bring_up_to_date
from oversight.enums import Shape
from oversight.measures import BY_CODE, MEASURES
from oversight.models import Fact, MonthlyReport, Upkeep
from oversight.report_comparing import differences
from oversight.report_making import make_due
from oversight.report_papers import context_of
from referrals.enums import Source
from referrals.models import Referral
from team.enums import Role
from team.models import Team, User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.monthly import a_monthly_report, a_signed_report
from tests.factories.referrals import a_referral
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.oversight.monthly import NOVEMBER, a_november, at, here, page, said
from tests.shared import Shared

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(shared: Shared) -> MonthlyReport:
    return shared(a_november)


@pytest.fixture
def report(built: MonthlyReport) -> MonthlyReport:
    return MonthlyReport.objects.select_related("team").get(pk=built.pk)


@pytest.fixture
def inspector(report: MonthlyReport, client: Client) -> User:
    user = an_officer(Role.INSPECTOR, report.team, name="Quill")
    client.force_login(user)
    return user


# --- then and now --------------------------------------------------------------------------------


def test_of_a_record_that_the_reader_may_not_open_no_act_is_told(
    report: MonthlyReport, inspector: User, client: Client
) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    move_time_to(at(2009, 12, 10))
    gone, stays = Referral.objects.filter(team=report.team, source=Source.SCHOOL).order_by("received_at")[:2]
    transferred(gone.case, a_team("ENF"))
    Referral.objects.filter(pk__in=[gone.pk, stays.pk]).update(source=Source.POLICE)
    bring_up_to_date()
    assert AuditEvent.objects.filter(case_id=gone.case_id, at__gt=signed.counted_at).exists()
    received = next(each for each in differences(signed, user=inspector) if each.frozen.measure.code == "referrals")
    told = {each.case: each for each in received.records}
    assert (told[gone.case].opens, told[gone.case].acts) == (False, [])
    assert (told[stays.case].opens, told[stays.case].acts) == (True, [])
    html = page(client, here(signed, "report_now"))
    assert f"It is now with {a_team('ENF')}, who know why." in html
    assert "Accepted a record" not in html
    assert "Nothing is logged on this record since." in html
    client.force_login(an_officer(Role.INSPECTOR, a_team("ENF")))
    assert client.get(here(signed, "report_now")).status_code == 404


def test_what_hangs_on_other_records_and_what_had_no_time(
    report: MonthlyReport, inspector: User, client: Client
) -> None:
    timed = next(each for each in MEASURES if each.timed and each.shape == Shape.SHARE)
    case = Referral.objects.filter(team=report.team, source=Source.SCHOOL)[0].case
    about: dict[str, Any] = {"case": case, "team": report.team, "part": "", "on": NOVEMBER, "subject": 1}
    Fact.objects.filter(measure__in=[timed.code, "re_referrals"]).delete()
    Fact.objects.create(measure=timed.code, counted=True, minutes=None, **about)
    Fact.objects.create(measure="re_referrals", counted=False, **about)
    actions.count_again(report, by=inspector)
    Fact.objects.filter(measure=timed.code).update(minutes=180)
    Fact.objects.filter(measure="re_referrals").update(counted=True)
    report.refresh_from_db()
    found = {each.frozen.measure.code: each for each in differences(report, user=inspector)}
    assert found[timed.code].records[0].how == ["no time in the report, 3 hours now"]
    rows = re.findall(r"<section.*?</section>", page(client, here(report, "report_now")), re.DOTALL)
    for row in rows:
        others = BY_CODE["re_referrals"].name in row
        assert ("A record of the same child may have changed." in row) == others
        assert ("Nothing is logged on this record since." in row) != others
    assert len(rows) == 2


# --- what is kept --------------------------------------------------------------------------------


def _faces(report: MonthlyReport, reader: User, client: Client) -> list[Any]:
    """The page, the paper and the workbook, as far as they are the report's."""
    found = client.get(here(report, "report_workbook"))
    sheets = [list(each.iter_rows(min_row=3, values_only=True)) for each in load_workbook(BytesIO(found.content))]
    paper = context_of(MonthlyReport.objects.get(pk=report.pk), printed_by=reader)
    lines = [
        (group, line.frozen.figure.words, line.frozen.short, line.frozen.period, line.spark, line.parts)
        for group, lines in paper["groups"]
        for line in lines
    ]
    html = page(client, here(report)).partition('<h1 class="govuk-heading-l')[2].partition("</main>")[0]
    return [html, paper["title"], paper["enough"], lines, sheets]


def test_what_was_signed_reads_as_it_did_whatever_is_called_otherwise(
    report: MonthlyReport, inspector: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    before = _faces(signed, inspector, client)
    Team.objects.filter(pk=report.team_id).update(name="Some other team")
    User.objects.filter(pk=signed.signed_by_id).update(family_name="Married-Since")
    monkeypatch.setattr(dashboards, "ENOUGH", 1)
    monkeypatch.setattr(report_frozen, "ENOUGH", 1)
    monkeypatch.setattr(report_frozen, "_label", lambda choices, value: "Otherwise")
    monkeypatch.setattr(dashboards, "limits_of", lambda values, most=None: None)
    after = _faces(signed, inspector, client)
    assert after == before
    for name in ("reports", "report_now"):
        address = here(signed, name) if name != "reports" else "/oversight/reports/"
        assert "Married-Since" not in page(client, address), name
    with pytest.raises(ValidationError) as refused:
        actions.count_again(signed, by=inspector)
    assert "Married-Since" not in said(refused)


@pytest.mark.parametrize(
    "older",
    [
        [],
        [{"code": "referrals"}],
        [
            {
                "code": "referrals",
                "shape": "number",
                "group": "demand",
                "months": [["2009-10", 1, 1], ["2009-11", 4, 4]],
            },
            {"code": "gone", "group": "of old", "period": "weekly", "shape": "ratio", "parts": [{"part": "x"}]},
            {"code": "share", "name": "A share", "shape": "share", "months": [["2009-11", 19, 20]], "median": 90},
        ],
    ],
)
def test_a_report_of_an_older_shape_is_read(
    report: MonthlyReport, inspector: User, client: Client, older: list[dict[str, Any]]
) -> None:
    MonthlyReport.objects.filter(pk=report.pk).update(figures=older)
    for name in ("report", "report_now", "report_commentary", "sign_report"):
        page(client, here(report, name))
    for name in ("report_pdf", "report_workbook"):
        assert client.get(here(report, name)).status_code == 200, name
    for each in older:
        page(client, here(report, "report_facts", each["code"]))
    if len(older) == 3:
        html = page(client, here(report))
        assert "What comes in" in html
        assert "of old" in html
        assert "95% " in html
        assert "half took 90 minutes or less" in html
    signed = a_signed_report(report.team, month=NOVEMBER)
    assert f"Signed by {signed.signed_by}" in page(client, here(signed))


# --- counted again -------------------------------------------------------------------------------


def test_counting_again_says_what_moved(report: MonthlyReport, inspector: User, client: Client) -> None:
    assert "First counted" not in page(client, here(report))
    move_time_to(at(2009, 12, 3, 9))
    a_referral(report.team, received_at=at(2009, 11, 20))
    bring_up_to_date()
    first = report.counted_at
    actions.count_again(report, by=inspector)
    event = AuditEvent.objects.filter(event="MONTHLY_REPORT_COUNTED").latest("pk")
    assert "referrals: was 4, now 5" in event.detail["moved"]
    assert not [each for each in event.detail["moved"] if each.startswith("conferences")]
    assert "figures that came out otherwise" in [words for words, _ in event.details()]
    told = "First counted on 1 December 2009, 7am; counted again on 3 December 2009, 9am by "
    assert f"{told}{inspector}." in page(client, here(report))
    actions.count_again(report, by=inspector)
    report.refresh_from_db()
    recount = report_frozen.recount_of(report)
    assert recount
    assert (recount.first, recount.by) == (first, str(inspector))
    assert "moved" not in AuditEvent.objects.filter(event="MONTHLY_REPORT_COUNTED").latest("pk").detail
    paper = context_of(report, printed_by=inspector)
    assert paper["recount"] == recount
    head = report_workbook.workbook(report, by=inspector, at=clock.now())
    assert f"Counted again by {inspector}" in load_workbook(BytesIO(head))["Figures"]["A2"].value


def test_a_damaged_version_is_answered(report: MonthlyReport, inspector: User, client: Client) -> None:
    answer = client.post(here(report, "count_report"), {"version": "x"}, follow=True)
    assert "Nothing was counted" in answer.content.decode()
    assert not AuditEvent.objects.filter(event="MONTHLY_REPORT_COUNTED").exists()


def test_who_may_not_waits_for_nobody_and_who_may_is_told(report: MonthlyReport, inspector: User) -> None:
    asked: list[str] = []

    def held(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"oversight_upkeep"' in sql and "FOR UPDATE" in sql:
            asked.append(sql)
            raise OperationalError("could not obtain lock") from LockNotAvailable()
        return execute(sql, params, many, context)

    october = date(2009, 10, 1)
    investigator = an_officer(Role.INVESTIGATOR, report.team)
    with connection.execute_wrapper(held):
        for by, refused in ((investigator, NotAllowed), (inspector, ValidationError)):
            with pytest.raises(refused) as made:
                actions.make_report(report.team, month=october, by=by)
            with pytest.raises(refused) as counted:
                actions.count_again(report, by=by)
            assert len(asked) == (0 if by == investigator else 2)
    assert said(made) == said(counted) == "The figures are just being counted. Try again in a minute."
    assert all("NOWAIT" in sql for sql in asked)


# --- caught up -----------------------------------------------------------------------------------


def test_every_month_that_was_missed_since_the_first_report_is_made(report: MonthlyReport) -> None:
    team, others = report.team, [a_team("ENF"), a_team("BRN")]
    # On a bank holiday after New Year December is not due.
    move_time_to(at(2010, 1, 2))
    bring_up_to_date()
    assert make_due() == []
    move_time_to(at(2010, 3, 17))
    bring_up_to_date()
    Upkeep.objects.update(digest="otherwise")
    assert make_due() == []
    bring_up_to_date()
    made = {(each.team, each.month) for each in make_due()}
    february = date(2010, 2, 1)
    missed = [date(2009, 12, 1), date(2010, 1, 1), february]
    # What was before a team had its first is not made by itself.
    assert made == {*((team, month) for month in missed), *((other, february) for other in others)}
    assert make_due() == []
    # A month beyond the thirteen is left.
    MonthlyReport.objects.filter(team=team).exclude(pk=report.pk).delete()
    move_time_to(at(2011, 1, 17))
    bring_up_to_date()
    assert min(each.month for each in make_due() if each.team == team) == date(2009, 12, 1)


def test_the_list_of_a_figure_is_logged_with_its_code(report: MonthlyReport, inspector: User, client: Client) -> None:
    page(client, f"{here(report, 'report_facts', 'referrals')}?part={Source.SCHOOL}")
    look = AccessLog.objects.filter(by_id=inspector.pk).latest("pk")
    assert (look.detail["code"], look.detail["part"]) == ("referrals", Source.SCHOOL)
    assert a_monthly_report(report.team, month=NOVEMBER) == report
