"""Monthly reports held against the figures as they come out later, and as PDF and Excel."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from audit.models import AccessLog
from cases.models import Case
from oversight import actions, report_comparing
from oversight.counting import bring_up_to_date, rebuild
from oversight.enums import Shape
from oversight.measures import BY_CODE, MEASURES
from oversight.models import Fact, MonthlyReport, Tally
from oversight.report_comparing import differences
from oversight.report_papers import context_of
from referrals.enums import Source
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.monthly import a_report_with_commentary, a_signed_report
from tests.factories.referrals import a_referral
from tests.factories.team import an_officer
from tests.integration.oversight.monthly import NOVEMBER, a_november, at, here, measured, page
from tests.papers import wrong_with
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


def test_figures_of_a_month_come_out_the_same_at_any_later_time(
    report: MonthlyReport, inspector: User, client: Client
) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    move_time_to(at(2010, 6, 1))
    a_referral(report.team, received_at=at(2010, 5, 31))
    rebuild()
    assert differences(signed, user=inspector) == []
    html = page(client, here(signed, "report_now"))
    assert '<h1 class="govuk-heading-l cait-h1">The figures come out the same today</h1>' in html


def test_a_record_that_was_put_right_explains_the_difference(
    report: MonthlyReport, inspector: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    move_time_to(at(2009, 12, 10))
    sergeant = an_officer(Role.DESK_SERGEANT, report.team, name="Nandra")
    late = a_referral(report.team, received_at=at(2009, 11, 20), by=sergeant)
    moved, other = Referral.objects.filter(team=report.team, source=Source.SCHOOL).order_by("received_at")[:2]
    Referral.objects.filter(pk=moved.pk).update(received_at=at(2009, 11, 2), source=Source.HEALTH)
    Referral.objects.filter(pk=other.pk).update(received_at=at(2009, 10, 4))
    bring_up_to_date()
    found = {each.frozen.measure.code: each for each in differences(signed, user=inspector)}
    received = found["referrals"]
    assert (received.frozen.figure.counted, received.now and received.now.counted) == (4, 4)
    explained = {each.case: each for each in received.records}
    school = Source.SCHOOL.label
    assert explained[late.case].how == [f"20 November 2009, {school}: now, and not in the report"]
    acts = explained[late.case].acts
    assert ("Logged a referral", sergeant) in [(each.what, each.who) for each in acts]
    assert explained[moved.case].how == [
        "3 November 2009 in the report, 2 November 2009 now",
        f"“{school}” in the report, “{Source.HEALTH.label}” now",
    ]
    assert explained[other.case].how == [f"10 November 2009, {school}: in the report, and not now"]
    # Of very many the first are named, and the others counted.
    with monkeypatch.context() as few:
        few.setattr(report_comparing, "MOST_RECORDS", 1)
        short = next(each for each in differences(signed, user=inspector) if each.frozen == received.frozen)
        assert (len(short.records), short.more) == (1, 2)
    html = page(client, here(signed, "report_now"))
    assert f"Logged a referral: {sergeant}, 10 December 2009, midday" in html
    assert f"{len(found)} figures come out otherwise today" in html
    looked = AccessLog.objects.filter(by_id=inspector.pk, object_type="oversight.monthlyreport").latest("pk")
    assert late.case.pk in looked.detail["records"]


def test_a_measure_that_is_defined_otherwise_is_told_as_that(
    report: MonthlyReport, inspector: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    otherwise = replace(BY_CODE["referrals"], sql=f"{BY_CODE['referrals'].sql} -- only schools", definition="Schools")
    monkeypatch.setitem(BY_CODE, "referrals", otherwise)
    monkeypatch.delitem(BY_CODE, "open_records")
    # It comes out the same, so nothing is to be explained; what is not counted any more is told.
    (gone,) = differences(report, user=inspector)
    assert (gone.frozen.measure.code, gone.now) == ("open_records", None)
    Fact.objects.filter(measure="referrals", part=Source.POLICE).delete()
    told, gone = differences(report, user=inspector)
    assert (told.frozen.figure.counted, told.now and told.now.counted, told.records) == (4, 3, [])
    assert told.otherwise == "CAIT counts this otherwise since: Schools"


def test_a_share_and_how_long_it_took(report: MonthlyReport, inspector: User, client: Client) -> None:
    measure = next(each for each in MEASURES if each.timed and each.shape == Shape.SHARE)
    case = Case.objects.filter(team=report.team).first()
    assert case
    about: dict[str, Any] = {"measure": measure.code, "case": case, "team": report.team, "part": "", "on": NOVEMBER}
    Fact.objects.filter(measure=measure.code, on__gte=NOVEMBER).delete()
    Fact.objects.bulk_create(
        Fact(**about, subject=number, counted=number > 3, minutes=10 * number) for number in range(1, 13)
    )
    Tally.objects.filter(measure=measure.code, team=report.team).delete()
    Tally.objects.create(measure=measure.code, team=report.team, part="", month=NOVEMBER, counted=9, of=12)
    actions.count_again(report, by=inspector)
    report.refresh_from_db()
    here_is = measured(report)[measure.code]
    assert (here_is.figure.counted, here_is.figure.of, here_is.median) == (9, 12, 90)
    html = page(client, here(report))
    assert "half took 90 minutes or less" in html
    assert re.search(r"75% .*>9<.* of .*>12<", html)
    answer = client.get(here(report, "report_workbook"))
    sheet = load_workbook(BytesIO(answer.content))["Figures"]
    (row,) = [row for row in sheet.iter_rows(min_row=4) if row[1].value == measure.name]
    assert [cell.value for cell in row[2:5]] == [9, 12, 0.75]
    assert row[4].number_format == "0%"
    assert row[12].value == 90
    Fact.objects.filter(measure=measure.code, subject=1).update(minutes=45, counted=True)
    (told,) = differences(report, user=inspector)
    assert told.half_now == "half took 80 minutes or less"
    was = f"“{measure.was}”"
    assert told.records[0].how == [f"not {was} in the report, and so now"]
    # What took longer than whatever was in time has no time of its own: it stays so when it is done at last.
    Fact.objects.filter(measure=measure.code).update(counted=False)
    Fact.objects.filter(measure=measure.code, subject=2).update(counted=True, minutes=70)
    Fact.objects.filter(measure=measure.code, subject=4).update(counted=True, minutes=30)
    (told,) = differences(report, user=inspector)
    assert told.half_now == "fewer than half were done in time"
    assert "40 minutes in the report, 30 minutes now" in told.records[0].how


# --- to keep -------------------------------------------------------------------------------------


def test_as_pdf(report: MonthlyReport, inspector: User, client: Client) -> None:
    context = {**context_of(report, printed_by=inspector), "marking": settings.PROTECTIVE_MARKING}
    draft = render_to_string("oversight/report_paper.html", context)
    assert "<b>Draft, not signed.</b>" in draft
    assert "Nobody has written yet" in draft
    # Few measures are soon drawn.
    few = [each for each in report.figures["measures"] if each["code"] in ("referrals", "open_records")]
    MonthlyReport.objects.filter(pk=report.pk).update(figures={**report.figures, "measures": few})
    signed = a_signed_report(report.team, month=NOVEMBER)
    answer = client.get(here(report, "report_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert wrong_with(answer.content) == []
    pages = PdfReader(BytesIO(answer.content)).pages
    sheets = [re.sub(r"\s+", " ", each.extract_text()) for each in pages]
    for number, each in enumerate(sheets, 1):
        assert each.count(settings.PROTECTIVE_MARKING) == 2
        assert f"Page {number} of {len(pages)}" in each
    words = " ".join(sheets)
    assert f"Monthly report, November 2009 {report.team} Signed by {signed.signed_by}, 1 December 2009, 7am" in words
    assert words.index("Two schools have a new policy.") < words.index("Referrals received")
    assert f"{BY_CODE['referrals'].name}, by source: " in words
    assert f"{Source.SCHOOL.label} 2" in words
    assert words.index("Referrals received") < words.index(BY_CODE["referrals"].question)
    assert words.index("Referrals received") < words.index("As at 1 December 2009") < words.index("What is counted")
    assert "Less than 6 weeks 5" in words[words.index("As at 1 December 2009") :]
    looks = AccessLog.objects.filter(by_id=inspector.pk, object_id=report.pk, how="print")
    assert {(each.object_type, each.team_id) for each in looks} == {("oversight.monthlyreport", report.team_id)}


def test_as_excel(report: MonthlyReport, inspector: User, client: Client) -> None:
    report.team.name = "=HYPERLINK(1)"
    report.team.save()
    a_report_with_commentary(report.team, month=NOVEMBER)
    answer = client.get(here(report, "report_workbook"))
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    assert "Monthly report 2009-11" in answer["Content-Disposition"]
    with ZipFile(BytesIO(answer.content)) as parts:
        assert parts.testzip() is None
        assert not [name for name in parts.namelist() if re.search(rb"<f[ >/]", parts.read(name))], "a formula"
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["Figures", "By part", "As at 1 December 2009", "Thirteen months", "Definitions"]
    for sheet in book:
        assert sheet["A1"].value == settings.PROTECTIVE_MARKING
        assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == settings.PROTECTIVE_MARKING
        assert "Draft, not signed" in sheet["A2"].value
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    figures = {row[1]: row for row in book["Figures"].iter_rows(min_row=4, values_only=True)}
    name = BY_CODE["referrals"].name
    assert [each.value for each in book["Figures"][3]][:3] == ["Group", "Measure", "November 2009"]
    assert figures[name][:3] == (BY_CODE["referrals"].group.label, name, 4)
    assert figures[name][5] == 1
    parts_of = {row[2]: row[3] for row in book["By part"].iter_rows(min_row=4, values_only=True) if row[0] == name}
    assert parts_of == {Source.SCHOOL.label: 2, Source.HEALTH.label: 1, Source.POLICE.label: 1}
    months = next(row for row in book["Thirteen months"].iter_rows(min_row=4, values_only=True) if row[0] == name)
    assert months == (name, "How many", *[0] * 11, 1, 4)
    definitions = {row[0]: row[2] for row in book["Definitions"].iter_rows(min_row=4, values_only=True)}
    assert definitions[name] == BY_CODE["referrals"].definition
    look = AccessLog.objects.filter(by_id=inspector.pk).latest("pk")
    assert (look.object_type, look.object_id, look.how) == ("oversight.monthlyreport", report.pk, "export")
