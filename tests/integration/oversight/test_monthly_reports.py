"""Monthly reports: made once on the right day, commented on and signed; what was signed stays, and is explained."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import AccessLog, AuditEvent
from cait.celery import app
from cases.actions import assign_case
from cases.models import Case
from deadlines import clock
from deadlines.models import BankHoliday
from oversight import actions
from oversight.counting import bring_up_to_date
from oversight.enums import Period
from oversight.measures import MEASURES
from oversight.models import Fact, MonthlyReport, ReportFact, Uncounted, Upkeep
from oversight.report_comparing import differences
from oversight.report_frozen import frozen_of_now, now_on
from oversight.report_making import make_due
from oversight.report_papers import context_of
from oversight.report_states import diagram
from oversight.reporting import month_to_report
from oversight.tasks import make_reports
from referrals.enums import Source
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.clock import move_time_to
from tests.factories.monthly import COMMENTARY, a_monthly_report, a_signed_report
from tests.factories.referrals import a_case
from tests.factories.team import a_team, an_officer
from tests.integration.oversight.monthly import NOVEMBER, a_november, at, here, measured, page, said
from tests.shared import Shared

pytestmark = pytest.mark.django_db

# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "due"),
    [
        # 1 December 2009 is a Tuesday.
        (date(2009, 11, 30), date(2009, 10, 1)),
        (date(2009, 12, 1), NOVEMBER),
        # 1 January 2010 is a Friday and a bank holiday: the first working day is Monday 4.
        (date(2010, 1, 1), None),
        (date(2010, 1, 3), None),
        (date(2010, 1, 4), date(2009, 12, 1)),
        # 1 May 2010 is a Saturday, and Monday 3 the early May bank holiday.
        (date(2010, 5, 3), None),
        (date(2010, 5, 4), date(2010, 4, 1)),
        # After Good Friday and Easter Monday 2 and 5 April 2010: 1 April was a Thursday.
        (date(2010, 4, 1), date(2010, 3, 1)),
    ],
)
def test_a_report_is_due_on_the_first_working_day_after_the_month(today: date, due: date | None) -> None:
    assert month_to_report(today) == due


def test_it_is_made_once_of_each_team_when_its_figures_are_whole() -> None:
    haringey, enfield = a_team(), a_team("ENF")
    a_team("CAC")
    move_time_to(at(2009, 12, 31))
    a_case(received_at=at(2009, 12, 30))
    bring_up_to_date()
    move_time_to(at(2010, 1, 3))
    bring_up_to_date()
    assert make_due() == []
    move_time_to(at(2010, 1, 4, 8))
    Upkeep.objects.update(whole_at=at(2009, 12, 31))
    assert make_due() == []
    Upkeep.objects.update(whole_at=at(2010, 1, 3), until=at(2010, 1, 4))
    assert make_due() == [], "the counting is under way"
    bring_up_to_date()
    make_reports()
    assert set(MonthlyReport.objects.values_list("team", "month", "state")) == {
        (haringey.pk, date(2009, 12, 1), "draft"),
        (enfield.pk, date(2009, 12, 1), "draft"),
    }
    assert make_due() == []
    events = AuditEvent.objects.filter(event="MONTHLY_REPORT_MADE")
    assert {(each.by_id, each.team_id) for each in events} == {
        (User.objects.system().pk, haringey.pk),
        (User.objects.system().pk, enfield.pk),
    }
    assert len(events) == 2
    theirs = MonthlyReport.objects.get(team=haringey)
    assert measured(theirs)["referrals"].figure.counted == 1
    assert theirs.counted_at == Upkeep.objects.get().whole_at


def test_after_an_outage_last_month_is_caught_up_and_others_by_hand() -> None:
    team = a_team()
    move_time_to(at(2010, 3, 17))
    inspector = an_officer(Role.INSPECTOR)
    bring_up_to_date()
    (made,) = make_due()
    assert (made.team, made.month) == (team, date(2010, 2, 1))
    by_hand = actions.make_report(team, month=date(2010, 1, 1), by=inspector)
    assert by_hand.month == date(2010, 1, 1)
    for month, why in [
        (date(2010, 2, 1), "There is a report of February 2010 already"),
        (date(2010, 3, 1), "March 2010 is not over yet"),
        (date(2010, 1, 2), "Select the month"),
    ]:
        with pytest.raises(ValidationError) as refused:
            actions.make_report(team, month=month, by=inspector)
        assert why in said(refused)
    with pytest.raises(ValidationError, match="works on no records"):
        actions.make_report(a_team("CAC"), month=date(2010, 1, 1), by=User.objects.system())
    with pytest.raises(NotAllowed):
        actions.make_report(a_team("ENF"), month=date(2010, 1, 1), by=inspector)
    BankHoliday.objects.filter(on__year=2010).delete()
    move_time_to(at(2010, 4, 20))
    bring_up_to_date()
    assert make_due() == [], "no day is guessed at where nobody has entered the bank holidays"


def test_beat_wakes_it() -> None:
    assert make_reports.name in {each["task"] for each in app.conf.beat_schedule.values()}


# --- what is in it -------------------------------------------------------------------------------


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


def test_the_figures_are_frozen_with_what_they_count(report: MonthlyReport) -> None:
    figures = measured(report)
    received = figures["referrals"]
    assert (received.figure.counted, received.before.counted, received.year_before.counted) == (4, 1, 0)
    assert received.figure.month == NOVEMBER
    assert len(received.series.months) == 13
    assert {name: figure.counted for name, figure in received.parts} == {
        Source.SCHOOL.label: 2,
        Source.HEALTH.label: 1,
        Source.POLICE.label: 1,
    }
    assert figures["open_records"].figure.counted == 5
    for code, each in figures.items():
        facts = ReportFact.objects.filter(report=report, measure=code)
        assert facts.count() == each.figure.of, code
        assert facts.filter(counted=True).count() == each.figure.counted, code
        assert sum(figure.of for _, figure in each.parts) in (0, each.figure.of), code
    assert all(each.period != Period.NOW for each in MEASURES if each.code in figures)
    assert set(figures) == {each.code for each in MEASURES if each.period != Period.NOW}


def test_every_number_on_its_page_leads_to_as_many(report: MonthlyReport, inspector: User, client: Client) -> None:
    html = page(client, here(report))
    assert "Draft, not signed" in html
    every = re.findall(r'href="(/oversight/reports/\d+/records/[^"]*)">([\d,]+)<', html)
    assert len(every) > 10
    # Of what was never counted one alone is followed: that the others are as long is said of the facts above.
    nothing = next(each for each in every if each[1] == "0")
    for address, number in {*(each for each in every if each[1] != "0"), nothing}:
        assert re.findall(r'<b id="listed">([\d,]+) ', page(client, address)) == [number], address
    numbers = re.findall(r"[A-Z]{3}-2009-\d+", page(client, here(report, "report_facts", "referrals")))
    assert set(numbers) == set(
        Case.objects.filter(pk__in=report.facts.filter(measure="referrals").values("case")).values_list(
            "number", flat=True
        )
    )
    looked = AccessLog.objects.filter(by_id=inspector.pk, object_type="oversight.monthlyreport")
    assert looked.latest("pk").detail["records"]
    assert client.get(here(report, "report_facts", "nothing")).status_code == 404
    assert client.get(here(report, "report_facts", "referrals") + "?which=some").status_code == 400


def of_now(report: MonthlyReport) -> dict[str, tuple[int, int, dict[str | None, int]]]:
    return {
        each.measure.code: (
            each.figure.counted,
            each.figure.of,
            {figure.part: figure.of for _, figure in each.parts},
        )
        for each in frozen_of_now(report)
    }


def test_what_is_known_only_as_it_is_now_is_frozen_with_its_day(
    report: MonthlyReport, inspector: User, client: Client
) -> None:
    """And neither compared with later days, nor asked for of a month that has long been over."""
    frozen = of_now(report)
    assert set(frozen) == {each.code for each in MEASURES if each.period == Period.NOW}
    assert now_on(report) == date(2009, 12, 1)
    for code, (counted, of, parts) in frozen.items():
        there = Fact.objects.filter(measure=code, team=report.team, until=None)
        assert (counted, of) == (there.filter(counted=True).count(), there.count()), code
        assert {part for part in parts if parts[part]} == {each.part for each in there} - {""}, code
        assert sum(parts.values()) in (0, of), code
        assert report.facts.filter(measure=code).count() == of, code
    assert frozen["open_by_age"] == (5, 5, {"0": 5})
    assert frozen["open_by_officer"][2] == {"nobody": 5}
    html = page(client, here(report))
    assert "As at 1 December 2009, when the figures were counted" in html
    assert "as at 1 December 2009" in page(client, here(report, "report_facts", "open_by_age") + "?part=0")

    assign_case(Case.objects.filter(team=report.team)[0], officer_in_case=inspector, supervisor=None, by=inspector)
    move_time_to(at(2009, 12, 30))
    bring_up_to_date()
    assert of_now(report) == frozen
    assert "open_by" not in {each.frozen.measure.code for each in differences(report, user=inspector)}
    # Until the next month is over it is asked for again.
    again = actions.count_again(report, by=inspector)
    assert now_on(again) == date(2009, 12, 30)
    assert of_now(again)["open_by_officer"][2] == {"nobody": 4, str(inspector.pk): 1}
    (event,) = AuditEvent.objects.filter(event="MONTHLY_REPORT_COUNTED")
    assert "open_by_age" not in str(event.detail)
    move_time_to(at(2010, 1, 5))
    bring_up_to_date()
    late = actions.count_again(again, by=inspector)
    assert (now_on(late), of_now(late)) == (date(2009, 12, 30), of_now(again))
    assert late.facts.filter(measure="open_by_officer").count() == 5
    by_hand = actions.make_report(report.team, month=date(2009, 9, 1), by=inspector)
    assert (now_on(by_hand), of_now(by_hand)) == (None, {})
    assert "when the figures were counted" not in page(client, here(by_hand))
    assert not by_hand.facts.filter(measure="open_by_age").exists()


def test_a_report_says_how_many_records_could_not_be_counted(
    report: MonthlyReport, inspector: User, client: Client
) -> None:
    words = "1 record could not be counted: it stands as it was last, or not at all."
    assert words not in page(client, here(report))
    row = Uncounted.objects.create(case=Case.objects.all()[0], at=clock.now(), why="DataError 22003")
    Uncounted.objects.create(case=a_case(a_team("ENF")), at=clock.now(), why="DataError 22003")
    actions.count_again(report, by=inspector)
    row.delete()
    report.refresh_from_db()
    assert words in page(client, here(report)), "it says so for good"
    assert words in str(context_of(report, printed_by=inspector)["left_out"])
    file = load_workbook(BytesIO(client.get(here(report, "report_workbook")).content))
    assert words in str(file["Figures"]["A2"].value)
    assert "As at 1 December 2009" in file.sheetnames
    rows = [[cell.value for cell in row] for row in file["As at 1 December 2009"].iter_rows(min_row=4)]
    assert ["Open records by age", None, "All", 5, None, None] in rows
    assert ["Open records by age", "Age", "Less than 6 weeks", 5, None, None] in rows


# --- commentary and signature --------------------------------------------------------------------


def test_the_inspector_says_what_it_means_and_signs(report: MonthlyReport, inspector: User, client: Client) -> None:
    today = page(client, "/")
    assert "Sign the monthly report of November 2009" in today
    assert "To be signed" in page(client, reverse("oversight:reports"))
    assert "Write the commentary first" in page(client, here(report, "sign_report"))
    empty = client.post(here(report, "report_commentary"), {"commentary": " ", "version": version_of(report)})
    assert "Enter what the figures say" in empty.content.decode()
    sent = {"commentary": f"{COMMENTARY}\r\n", "version": version_of(report)}
    assert client.post(here(report, "report_commentary"), sent).status_code == 302
    report.refresh_from_db()
    assert report.commentary == COMMENTARY
    again = client.post(here(report, "report_commentary"), {**sent, "version": version_of(report)})
    assert "Nothing is changed yet" in again.content.decode()
    assert "stay as they are for good" in page(client, here(report, "sign_report"))
    assert client.get(here(report, "count_report")).status_code == 405
    assert client.post(here(report, "count_report")).status_code == 302
    report.refresh_from_db()
    assert report.commentary == COMMENTARY
    assert client.post(here(report, "sign_report"), {"version": version_of(report)}).status_code == 302
    html = page(client, here(report))
    assert f"Signed by {inspector}" in html
    assert "Count again" not in html
    assert "Sign the monthly report" not in page(client, "/")
    events = AuditEvent.objects.filter(object_type="oversight.monthlyreport", object_id=report.pk).order_by("pk")
    assert [(each.event, each.team_id, each.detail) for each in events] == [
        (f"MONTHLY_REPORT_{what}", report.team_id, {"month": "2009-11-01"})
        for what in ("MADE", "COMMENTED", "COUNTED", "SIGNED")
    ]


def test_what_was_signed_stays_whoever_asks(report: MonthlyReport, inspector: User, client: Client) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    for act in (
        lambda: actions.count_again(signed, by=inspector),
        lambda: actions.write_commentary(signed, commentary="Otherwise", by=inspector),
        lambda: actions.sign_report(signed, by=inspector),
    ):
        with pytest.raises(ChangedMeanwhile, match="signed this report on 1 December 2009, 7am"):
            act()
    assert "This cannot be done" in page(client, here(report, "report_commentary"))
    fact = signed.facts.filter(measure="referrals").first()
    other = a_monthly_report(report.team, month=date(2009, 10, 1))
    assert fact
    connection.check_constraints()  # so that nothing waits to be checked when a table is to be emptied
    given = {"report": signed.pk, "fact": fact.pk, "other": other.pk}
    for statement in (
        "UPDATE oversight_monthlyreport SET commentary = 'x' WHERE id = %(report)s",
        "UPDATE oversight_monthlyreport SET state = 'draft', signed_at = NULL, signed_by_id = NULL "
        "WHERE id = %(report)s",
        "DELETE FROM oversight_monthlyreport WHERE id = %(report)s",
        "UPDATE oversight_reportfact SET counted = FALSE WHERE id = %(fact)s",
        "UPDATE oversight_reportfact SET report_id = %(other)s WHERE id = %(fact)s",
        "UPDATE oversight_reportfact SET report_id = %(report)s, part = 'other' WHERE report_id = %(other)s",
        "DELETE FROM oversight_reportfact WHERE id = %(fact)s",
        'INSERT INTO oversight_reportfact (report_id, measure, case_id, subject, part, "on", counted) '
        "SELECT report_id, measure, case_id, subject, 'other', \"on\", counted FROM oversight_reportfact "
        "WHERE id = %(fact)s",
        "TRUNCATE oversight_reportfact",
        "TRUNCATE oversight_monthlyreport CASCADE",
        "UPDATE oversight_historicalmonthlyreport SET commentary = 'x'",
    ):
        with pytest.raises(DatabaseError, match=r"signed|only ever added"), transaction.atomic():
            connection.cursor().execute(statement, given)
    # One that is not signed is counted anew.
    assert actions.count_again(other, by=inspector).facts.filter(measure="referrals").count() == 1


def test_two_inspectors_lose_neither_their_words(report: MonthlyReport, inspector: User, client: Client) -> None:
    other = an_officer(Role.INSPECTOR, report.team, name="Tranter")
    opened = version_of(report)
    theirs = actions.write_commentary(report, commentary="What Tranter wrote.", version=opened, by=other)
    sent = {"commentary": "What Quill wrote.", "version": opened}
    answer = unescape(client.post(here(report, "report_commentary"), sent).content.decode())
    assert f"{other} changed the commentary on 1 December 2009, 7am, while you had this open" in answer
    assert "What Tranter wrote." in answer
    assert "What Quill wrote." in answer
    version = re.findall(r'name="version" value="(\d+)"', answer)
    assert version == [str(version_of(theirs))]
    both = {"commentary": "What Tranter wrote.\n\nWhat Quill wrote.", "version": version[0]}
    assert client.post(here(report, "report_commentary"), both).status_code == 302
    # Figures that were counted again meanwhile do not hinder who writes, but who signs reads them first.
    opened = version_of(report)
    actions.count_again(report, by=other)
    actions.write_commentary(report, commentary="All of it.", version=opened, by=inspector)
    with pytest.raises(ChangedMeanwhile, match=f"{inspector} changed the commentary on .*Read the report again"):
        actions.sign_report(report, version=opened, by=other)
    opened = version_of(report)
    actions.count_again(report, by=inspector)
    answer = unescape(client.post(here(report, "sign_report"), {"version": opened}).content.decode())
    assert f"{inspector} counted the figures again" in answer
    with pytest.raises(ChangedMeanwhile, match="cannot tell what changed"):
        actions.write_commentary(report, commentary="Old", version=2**31, by=other)
    (last,) = re.findall(r'name="version" value="(\d+)"', answer)
    assert client.post(here(report, "sign_report"), {"version": last}).status_code == 302


def test_who_reads_and_who_signs(report: MonthlyReport, client: Client) -> None:
    a_monthly_report(a_team("ENF"), month=NOVEMBER)
    client.force_login(an_officer(Role.INSPECTOR, a_team("ENF")))
    for name in ("report", "report_commentary", "sign_report", "count_report", "report_now", "report_pdf"):
        assert client.get(here(report, name)).status_code == 404, name
    assert client.get(reverse("oversight:make_report", args=[report.team.code])).status_code == 404
    client.force_login(an_officer(Role.COMMAND))
    html = page(client, reverse("oversight:reports"))
    assert str(report.team) in html
    assert str(a_team("ENF")) in html
    narrowed = page(client, f"{reverse('oversight:reports')}?team=ENF").partition("<tbody")[2]
    assert str(report.team) not in narrowed
    assert "Count again" not in page(client, here(report))
    assert "Sign the monthly report" not in page(client, "/")
    client.force_login(an_officer(Role.SUPERVISOR, report.team))
    assert "Sign the report" not in page(client, here(report))


def test_one_is_made_by_hand_on_the_page(report: MonthlyReport, inspector: User, client: Client) -> None:
    address = reverse("oversight:make_report", args=[report.team.code])
    html = page(client, address)
    assert "October 2009" in html
    assert '"2009-11"' not in html, "there is one of November"
    assert client.post(address, {"month": "2009-11"}).status_code == 200
    assert "Select a month" in client.post(address, {"month": ""}).content.decode()
    answer = client.post(address, {"month": "2009-10"})
    made = MonthlyReport.objects.get(month=date(2009, 10, 1))
    assert answer["Location"] == here(made)
    assert measured(made)["referrals"].figure.counted == 1


def test_the_picture_in_the_documents_is_the_table() -> None:
    text = Path("docs/states.md").read_text(encoding="utf-8")
    (picture,) = [each for each in text.split("```mermaid\n") if "count_again" in each]
    assert picture.split("```")[0] == diagram()
