"""Figures count restricted records as any other; what their lists, the reports and the logs tell of one to whoever is
not named on it is that it is restricted and whom to ask (ADR 34)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.db.models import Count
from django.test import Client

from audit.models import AccessLog, AuditEvent
from cases.actions import end_restriction, name_officer, restrict_case, take_name_off
from cases.models import Case
from oversight.counting import bring_up_to_date
from oversight.models import Fact, MonthlyReport
from oversight.report_comparing import differences
from people.models import Person
from referrals.enums import Source
from referrals.models import Referral
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.monthly import a_signed_report
from tests.factories.referrals import a_case
from tests.factories.restricting import WHY_RESTRICTED, a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.integration.api.asking import Program
from tests.integration.oversight.dashboards import numbers, page
from tests.integration.oversight.four_months import World, four_months
from tests.integration.oversight.monthly import NOVEMBER, a_november, at, here
from tests.integration.oversight.reading import DAY, FIGURES, HERE, NOW, as_counted, figures
from tests.shared import Shared, own

pytestmark = pytest.mark.django_db

ASK = "DC Alex Castell or DC Alex Nandra"


@dataclass
class Restricted:
    """The record of the world that is counted in most measures, restricted since; and who is named on it."""

    world: World
    case: Case
    inspector: User


def counted() -> Restricted:
    world = four_months()
    bring_up_to_date()
    ours = Fact.objects.filter(team=world.teams[0], case__team=world.teams[0]).values("case")
    most = ours.annotate(measures=Count("measure", distinct=True)).order_by("-measures", "case")[0]
    case = Case.objects.select_related("team").get(pk=most["case"])
    sergeant, inspector = an_officer(Role.SUPERVISOR, name="Nandra"), an_officer(Role.INSPECTOR, name="Castell")
    works = [each for each in (case.officer_in_case, case.supervisor) if each]
    restrict_case(case, reason=WHY_RESTRICTED, officers=[inspector, *works], by=sergeant)
    bring_up_to_date()
    return Restricted(world, case, inspector)


@pytest.fixture(scope="module")
def built(shared: Shared) -> Restricted:
    return shared(counted)


@pytest.fixture
def it(built: Restricted) -> Restricted:
    return own(built)


def measures_of(case: Case) -> list[str]:
    codes = sorted(set(Fact.objects.filter(case=case, team=case.team).values_list("measure", flat=True)))
    assert len(codes) > 15
    return codes


def names_on(case: Case) -> set[str]:
    return {each.family_name for each in Person.objects.filter(parts__case=case)}


def nothing_of(case: Case, html: str) -> None:
    for each in (*names_on(case), case.number, WHY_RESTRICTED):
        assert each not in html, each


# --- the lists behind figures --------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.COMMAND])
def test_every_list_has_the_record_as_one_of_which_nothing_is_told(
    client: Client, it: Restricted, role: Role
) -> None:
    user = an_officer(role, it.case.team)
    client.force_login(user)
    program = Program(user)
    ask = page(client, "/oversight/measures/referrals/records/").partition("ask ")[2].partition("</span>")[0]
    assert "Castell" in ask
    for code in measures_of(it.case):
        html = page(client, f"/oversight/measures/{code}/records/?team={it.case.team.code}")
        nothing_of(it.case, html)
        row = html.partition("A restricted record</th>")[2].partition("</tr>")[0]
        if not row:  # it counted once, and does not any more
            assert not Fact.objects.filter(case=it.case, measure=code, until=None).exists(), code
            continue
        cells = [re.sub("<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.S)]
        assert set(cells[1:]) <= {"not shown"}, code
        assert cells[0] == f"ask {ask}"
        said = program.get("figure_records", code, team=it.case.team.code).json()["results"]
        (told,) = {tuple(sorted(each.items(), key=str)) for each in map(bare, said) if each["ask"]}
        assert dict(told) == {"may_open": False, "ask": ask}
        nothing_of(it.case, str(said))
    looks = AccessLog.objects.filter(by_id=user.pk)
    assert looks.exists()
    assert it.case.pk not in {pk for look in looks for pk in look.detail.get("records", ())}


def bare(fact: dict[str, object]) -> dict[str, object]:
    """What a program is told of it but for the number of the row and the team."""
    return {name: said for name, said in fact.items() if said is not None and name not in ("id", "team")}


def test_who_is_named_reads_it_as_any_other(client: Client, it: Restricted) -> None:
    client.force_login(it.inspector)
    html = page(client, "/oversight/measures/referrals/records/")
    assert it.case.number in html
    assert "A restricted record" not in html
    said = Program(it.inspector).get("figure_records", "referrals").json()["results"]
    (told,) = [each for each in said if each["case"] == it.case.number]
    assert (told["may_open"], told["ask"]) == (True, "")


@pytest.mark.parametrize("named", [True, False])
def test_every_number_is_as_long_as_its_list_whoever_reads_it(client: Client, it: Restricted, named: bool) -> None:
    user = it.inspector if named else an_officer(Role.INSPECTOR, it.case.team)
    client.force_login(user)
    program, walked = Program(user), 0
    before = dict(numbers(page(client, "/oversight/team/")))
    for address, number in before.items():
        if not number:
            continue
        parts = urlsplit(address)
        path = f"/api/v1{parts.path}?{parts.query}".replace("/oversight/measures/", "/figures/")
        assert len(program.client.get(path).json()["results"]) == number, address
        walked += 1
    assert walked > 20


# --- the figures of today ------------------------------------------------------------------------


def left_out(client: Client) -> str:
    found = re.search(r'id="left-out">(.*?)</p>', page(client, HERE), re.S)
    return re.sub("<[^>]+>", "", found[1]) if found else ""


def test_the_figures_of_today_are_as_long_as_their_lists_and_say_what_is_left_out(client: Client) -> None:
    move_time_to(NOW)
    a_case(received_at=NOW - 10 * DAY)
    case = a_restricted_case(case=a_case(received_at=NOW - 10 * DAY), by=an_officer(Role.SUPERVISOR, name="Nandra"))
    inspector = case.named.get(officer__family_name="Castell").officer
    client.force_login(inspector)
    named = as_counted(client, figures(client)["Team HGY"])
    assert left_out(client) == ""
    client.force_login(an_officer(Role.INSPECTOR))
    others = as_counted(client, figures(client)["Team HGY"])
    assert [named[each] for each in FIGURES[:4]] == [2, 2, 2, 2]
    assert [others[each] for each in FIGURES[:4]] == [1, 1, 1, 1]
    said = f"1 restricted record is left out of these figures and their lists: {case.urn}. Ask {ASK}."
    assert left_out(client) == said
    client.force_login(an_officer(Role.COMMAND))
    assert left_out(client) == f"{said} Restricted records."
    client.force_login(an_officer(Role.INSPECTOR, a_team("BRN")))
    assert left_out(client) == ""


# --- monthly reports -----------------------------------------------------------------------------


@pytest.fixture
def report() -> MonthlyReport:
    return a_november()


def test_the_list_of_a_report_tells_nothing_of_it(client: Client, report: MonthlyReport) -> None:
    case = Referral.objects.filter(team=report.team, source=Source.POLICE).get().case
    a_restricted_case(case=case, by=an_officer(Role.SUPERVISOR, name="Nandra"))
    user = an_officer(Role.INSPECTOR)
    client.force_login(user)
    html = page(client, here(report, "report_facts", "referrals"))
    assert "4 are listed" in html
    nothing_of(case, html)
    row = html.partition("A restricted record")[2].partition("</tr>")[0]
    assert f"ask {ASK}" in row
    assert row.count("not shown") == 2
    assert "30 November" not in html
    look = AccessLog.objects.filter(by_id=user.pk, object_type="oversight.monthlyreport").latest("pk")
    assert len(look.detail["records"]) == 3
    client.force_login(case.named.get(officer__family_name="Castell").officer)
    assert case.number in page(client, here(report, "report_facts", "referrals"))


def test_what_comes_out_otherwise_by_a_restricted_record_is_asked_of_those_named(
    client: Client, report: MonthlyReport
) -> None:
    signed = a_signed_report(report.team, month=NOVEMBER)
    move_time_to(at(2009, 12, 10))
    referral = Referral.objects.filter(team=report.team, source=Source.POLICE).get()
    case = referral.case
    Referral.objects.filter(pk=referral.pk).update(source=Source.HEALTH)
    a_restricted_case(case=case, by=an_officer(Role.SUPERVISOR, name="Nandra"))
    bring_up_to_date()
    user = an_officer(Role.INSPECTOR)
    (row,) = [
        each
        for found in differences(signed, user=user)
        for each in found.records
        if found.frozen.measure.code == "referrals"
    ]
    assert (row.how, row.acts, row.opens, row.ask) == ([], [], False, ASK)
    client.force_login(user)
    html = page(client, here(signed, "report_now"))
    nothing_of(case, html)
    assert f"Ask {ASK}." in html
    assert Source.HEALTH.label not in html.partition("<table")[2].partition("</table>")[0]
    looks = AccessLog.objects.filter(by_id=user.pk)
    assert case.pk not in {pk for look in looks for pk in look.detail.get("records", ())}
    client.force_login(case.named.get(officer__family_name="Castell").officer)
    html = page(client, here(signed, "report_now"))
    assert case.number in html
    assert Source.HEALTH.label in html


# --- the logs ------------------------------------------------------------------------------------


def test_the_auditor_reads_who_restricted_a_record_and_who_was_named(client: Client) -> None:
    case = a_restricted_case(taken_off := an_officer(Role.INVESTIGATOR), by=an_officer(Role.SUPERVISOR))
    inspector = case.named.get(officer__family_name="Castell").officer
    other = an_officer(Role.INVESTIGATOR)
    name_officer(case, officer=other, reason="He interviews her", by=inspector)
    take_name_off(case.named.get(officer=taken_off), reason="He moved to Enfield", by=inspector)
    command = an_officer(Role.COMMAND)
    client.force_login(command)
    page(client, "/cases/restricted/")
    end_restriction(case, reason="It was not he", by=inspector)
    client.force_login(an_officer(Role.AUDITOR))
    events = page(client, "/oversight/acts/")
    for said in (
        "Restricted a record to those named",
        "Named somebody who may open a restricted record",
        "Took somebody off those who may open a restricted record",
        "Ended the restriction of a record",
    ):
        assert said in events
    row = events.partition("Restricted a record to those named")[2].partition("</tr>")[0]
    detail = AuditEvent.objects.get(event="CASE_RESTRICTED").detail
    assert sorted(detail["people"]) == sorted(case.named.exclude(officer=other).values_list("officer", flat=True))
    assert all(str(pk) in row for pk in detail["people"])
    assert f"record {case.pk}" in row
    looks = page(client, "/oversight/access/")
    assert "restriction of a record" in looks
    for html in (events, looks):
        for words in (*names_on(case), WHY_RESTRICTED, "interviews", "Enfield", "It was not he"):
            assert words not in html, words


def test_the_auditor_opens_no_restricted_record(client: Client) -> None:
    case = a_restricted_case()
    client.force_login(an_officer(Role.AUDITOR))
    answer = client.get(f"/cases/{case.number}/")
    assert answer.status_code in (403, 404)
    nothing_of(case, answer.content.decode().replace(case.number, ""))
