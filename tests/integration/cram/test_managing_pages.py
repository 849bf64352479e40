"""The pages of gaps, risks and control measures, the overview of a record, and the queue of unmanaged risks."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessLog
from cases.actions import agree_closure
from cases.enums import Level
from cases.models import Case
from cram import actions, managing
from cram.enums import Said, Works
from cram.managing import longest_unmanaged, shown, with_measures
from cram.models import Gap, Measure, MeasureCheck, Risk
from deadlines import clock, rules
from pages.words import day
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.assessing import a_factor, an_assessment, answered, assessed
from tests.factories.deciding import a_decided_case, asked_to_close
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk, checked
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.integration.cram.follows import days, later, owner_of, system

pytestmark = pytest.mark.django_db
TYPED = "What I typed and must not lose"


@pytest.fixture
def sergeant(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.DESK_SERGEANT, name="Frayne")
    client.force_login(user)
    return user


def page_of(client: Client, name: str, *args: Any, **asked: Any) -> str:
    answer = client.get(reverse(name, args=args), asked)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client: Client, name: str, *args: Any, **typed: Any) -> str:
    answer = client.post(reverse(name, args=args), typed, follow=True)
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode())


def section(page: str, heading: str) -> str:
    """What stands below one heading, up to the end of its section."""
    return page.split(f">{heading}</h2>")[1].split("</section>")[0]


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- gaps ----------------------------------------------------------------------------------------


def test_open_gaps_stand_first_with_who_by_when_and_which_answer_raised_them(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    ended, later_on, sooner = (a_gap(case, question=q, due_on=days(n)) for q, n in (("A", 1), ("B", 9), ("C", 2)))
    actions.answer_gap(ended, resolution="Nobody else", by=sergeant)
    assessment = an_assessment(case)
    answered(assessment, Said.NOT_KNOWN, by=sergeant)
    page = page_of(client, "cram:gaps", case.number)
    raised = Gap.objects.exclude(factor="").get()
    places = [page.index(f'id="gap-{gap.pk}"') for gap in (sooner, raised, later_on, ended)]
    assert places == sorted(places)
    assert f"“{a_factor(assessment).name}” was answered “not known”: Rhys Calloway" in page
    assert str(sooner.owner) in page
    assert "Nobody else" in page


def test_a_gap_is_raised_on_its_page_with_a_date_that_is_offered(client: Client, sergeant: User, case: Case) -> None:
    form = page_of(client, "cram:raise_gap", case.number)
    offered = rules.GAP.offered(days(0))
    assert offered
    assert f'value="{day(offered)}"' in form
    page = send(
        client, "cram:raise_gap", case.number, question="Who has a key?", owner=sergeant.pk, due_on=day(offered)
    )
    assert f"The gap is raised. {sergeant} finds out." in page
    assert Gap.objects.get().due_on == offered
    again = send(client, "cram:raise_gap", case.number, question="Who has a key?", owner=sergeant.pk, due_on="today")
    assert "raised this gap on" in again
    assert Gap.objects.count() == 1


def test_a_gap_is_changed_answered_or_not_needed_on_pages_of_their_own(
    client: Client, sergeant: User, case: Case
) -> None:
    gap = a_gap(case)
    typed = {"owner": sergeant.pk, "due_on": day(days(3)), "reason": "On leave", "version": version_of(gap)}
    assert "It is changed who finds out" in send(client, "cram:change_gap", case.number, gap.pk, **typed)
    assert "What was found out is recorded" in send(
        client, "cram:answer_gap", case.number, gap.pk, resolution="A boy of 5"
    )
    other = a_gap(case, question="Who?")
    assert "no longer needed" in send(client, "cram:drop_gap", case.number, other.pk, reason="In custody")
    for name in ("cram:change_gap", "cram:answer_gap", "cram:drop_gap"):
        page = page_of(client, name, case.number, gap.pk)
        assert "This cannot be done." in page
        assert "answered this on" in page
    assert not Gap.objects.filter(state="open").exists()


def test_of_two_who_change_a_gap_the_second_loses_nothing_and_can_send_again(client: Client, sergeant: User) -> None:
    gap = a_gap()
    typed = {"owner": owner_of(gap).pk, "due_on": day(days(3)), "reason": TYPED, "version": version_of(gap)}
    other = an_officer(Role.SUPERVISOR, name="Nandra")
    actions.change_gap(gap, owner=owner_of(gap), due_on=days(4), reason="Shut", by=other)
    page = send(client, "cram:change_gap", gap.case.number, gap.pk, **typed)
    assert "Nandra changed this while you had it open" in page
    assert TYPED in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    send(client, "cram:change_gap", gap.case.number, gap.pk, **typed | {"version": version[1]})
    gap.refresh_from_db()
    assert gap.due_on == days(3)


def test_a_gap_of_another_record_is_not_found_below_this_one(client: Client, sergeant: User, case: Case) -> None:
    gap, measure = a_gap(), a_measure()
    for name, pk in (
        ("cram:answer_gap", gap.pk),
        ("cram:check_measure", measure.pk),
        ("cram:end_risk", measure.risk_id),
    ):
        assert client.get(reverse(name, args=[case.number, pk])).status_code == 404


# --- risks and control measures ------------------------------------------------------------------


def test_each_risk_stands_with_what_manages_it_and_unmanaged_ones_first_in_words(
    client: Client, sergeant: User, case: Case
) -> None:
    managed, bare, over = a_managed_risk(case, what="Managed one"), a_risk(case, "Bare one"), a_risk(case, "Old one")
    actions.end_risk(over, why="He has died", by=sergeant)
    measure = a_measure(bare, what="An alarm", carried_out_by="S Arikan, social worker")
    checked(measure, Works.NO, found="The battery is flat", by=sergeant)
    page = page_of(client, "cram:risks", case.number)
    assert page.index("Bare one") < page.index("Managed one") < page.index("Old one")
    first = section(page, "Bare one")
    assert ">Unmanaged</span> since" in first
    assert "To every child" in first
    for words in ("It does not work", "The battery is flat", str(sergeant), "Carried out by S Arikan", "Next check"):
        assert words in first
    assert "Unmanaged" not in section(page, "Managed one")
    assert "He has died" in page
    assert managed.measures.get().what in section(page, "Managed one")


def test_from_the_risk_to_its_measure_to_a_check_that_fails_to_the_next_measure(
    client: Client, sergeant: User, case: Case
) -> None:
    child = case.people.get()
    typed = {"what": "The uncle reaching the children", "children": child.pk}
    page = send(client, "cram:identify_risk", case.number, **typed)
    assert "It is unmanaged until a control measure works." in page
    assert "<h1" in page
    assert "Set a control measure</h1>" in page
    risk = Risk.objects.get()
    assert list(risk.children.all()) == [child]
    assert f"To {child}" in page_of(client, "cram:risks", case.number)
    typed = {
        "approach": "avoid",
        "what": "Bail: no contact",
        "owner": sergeant.pk,
        "from_on": "today",
        "until": day(days(20)),
        "works": "yes",
        "found": "He signed it",
        "check_on": day(days(9)),
    }
    page = send(client, "cram:set_measure", case.number, risk.pk, **typed)
    assert f"The control measure is set. {sergeant} checks it by {day(days(9))}." in page
    measure = Measure.objects.get()
    form = page_of(client, "cram:check_measure", case.number, measure.pk)
    assert f'value="{day(days(20))}"' in form  # 28 days would be after its last day
    seen = re.search(r'name="seen" value="(\d+)"', form)
    assert seen
    look = {"works": "no", "found": "He came back", "next_on": day(days(1)), "seen": seen[1]}
    page = send(client, "cram:check_measure", case.number, measure.pk, **look)
    assert "Nothing manages the risk “The uncle reaching the children” now." in page
    assert f'href="{reverse("cram:set_measure", args=[case.number, risk.pk])}"' in page
    page = send(client, "cram:set_measure", case.number, risk.pk, **typed | {"what": "An alarm"})
    assert "Nothing manages" not in page
    page = send(client, "cram:end_measure", case.number, measure.pk, why="He broke it")
    assert "The control measure has ended." in page
    page = send(client, "cram:end_risk", case.number, risk.pk, why="He is in prison")
    assert "What managed it has ended with it." in page
    assert not Measure.objects.filter(ended_at=None).exists()


def test_whoever_ends_something_reads_first_what_follows(client: Client, sergeant: User) -> None:
    risk = a_managed_risk()
    measure = risk.measures.get()
    assert "No other control measure works." in page_of(client, "cram:end_measure", risk.case.number, measure.pk)
    a_measure(risk, what="An alarm", works=Works.YES)
    assert "No other" not in page_of(client, "cram:end_measure", risk.case.number, measure.pk)
    page = page_of(client, "cram:end_risk", risk.case.number, risk.pk)
    assert "What manages it ends with it" in page
    assert "An alarm" in page


def test_a_check_that_another_made_meanwhile_stands_beside_what_was_typed(client: Client, sergeant: User) -> None:
    measure = a_measure()
    typed = {"works": "yes", "found": TYPED, "next_on": day(days(1)), "seen": 0}
    checked(measure, Works.NO, found="He came back", by=an_officer(Role.INVESTIGATOR, name="Osei"))
    page = send(client, "cram:check_measure", measure.case.number, measure.pk, **typed)
    assert "Osei checked this control measure on" in page
    assert TYPED in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    send(client, "cram:check_measure", measure.case.number, measure.pk, **typed | {"seen": seen[1]})
    assert MeasureCheck.objects.latest("pk").found == TYPED
    send(client, "cram:check_measure", measure.case.number, measure.pk, **typed | {"seen": seen[1]})
    assert MeasureCheck.objects.count() == 2


def test_a_risk_or_a_measure_sent_twice_is_there_once(client: Client, sergeant: User, case: Case) -> None:
    for _ in range(2):
        page = send(client, "cram:identify_risk", case.number, what="The door does not lock")
    assert "identified this risk on" in page
    measure = a_measure(Risk.objects.get())
    page = send(
        client,
        "cram:set_measure",
        case.number,
        measure.risk_id,
        approach="reduce",
        what=measure.what,
        owner=sergeant.pk,
        from_on="today",
        works="unchecked",
        check_on="today",
    )
    assert "set this control measure on" in page
    assert (Risk.objects.count(), Measure.objects.count()) == (1, 1)


def test_accepting_a_risk_is_offered_to_sergeants_alone(client: Client) -> None:
    risk = a_risk()
    for role, offered in ((Role.SUPERVISOR, True), (Role.INVESTIGATOR, False)):
        client.force_login(an_officer(role))
        page = page_of(client, "cram:set_measure", risk.case.number, risk.pk)
        assert ('value="accept"' in page) == offered
        assert ("Only a sergeant or the inspector can accept a risk." in page) != offered


def test_on_a_closed_record_all_of_it_is_read_and_nothing_offered(client: Client, sergeant: User) -> None:
    case = a_decided_case()
    assessed(case)
    risk = a_managed_risk(case)
    agree_closure(asked_to_close(case), by=an_officer(Role.SUPERVISOR))
    for name in ("cram:gaps", "cram:risks"):
        page = page_of(client, name, case.number)
        assert "/check/" not in page
        assert "Raise a gap" not in page
        assert "Set a control measure" not in page
    assert "is closed" in page_of(client, "cram:set_measure", case.number, risk.pk)


def test_many_risks_take_no_more_statements_than_one(client: Client, sergeant: User, case: Case) -> None:
    addresses = [reverse(name, args=[case.number]) for name in ("cram:risks", "cram:gaps", "workbench:case")]

    def some(number: int) -> None:
        for n in range(number):
            risk = a_risk(case, f"Risk {number} {n}", person=case.people.get())
            checked(a_measure(risk, what=f"First {number} {n}"), Works.NO, by=sergeant)
            a_gap(case, question=f"Gap {number} {n}")

    assessment = an_assessment(case)
    answered(assessment, Said.NOT_KNOWN, by=sergeant)
    some(1)
    before = [queries(client, address) for address in addresses]
    some(3)
    answered(assessment, Said.NOT_KNOWN, number=1, by=sergeant)
    assert [queries(client, address) for address in addresses] == before


# --- the overview --------------------------------------------------------------------------------


def test_the_overview_says_how_the_risk_was_assessed_and_what_is_definite(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    assert "The risk is not assessed yet." in page_of(client, "workbench:case", case.number)
    assessment = an_assessment(case, by=sergeant)
    answered(assessment, Said.YES, by=sergeant)
    name = a_factor(assessment).name
    said = f"Rhys Calloway: {name[:1].lower()}{name[1:]}"
    under_way = section(page_of(client, "workbench:case", case.number), "What is the risk?")
    assert "New, in the CRAM under way:" in under_way
    assert said in under_way
    risk = a_risk(case)
    actions.set_level(assessment, level=Level.HIGH, rationale="He is back tonight", by=sergeant)
    sent = actions.submit_assessment(assessment, by=sergeant)
    actions.endorse_assessment(sent, by=an_officer(Role.SUPERVISOR, name="Nandra"))
    page = page_of(client, "workbench:case", case.number)
    box = section(page, "What is the risk?")
    for words in (
        "High",
        str(sergeant),
        "endorsed by DC Alex Nandra",
        "He is back tonight",
        "Definite factors: 1",
        said,
    ):
        assert words in box
    assert risk.what in section(page, "What manages it?")


def test_an_unmanaged_risk_stands_on_the_overview_in_words_with_what_fails(client: Client, sergeant: User) -> None:
    risk = a_managed_risk()
    case = risk.case
    box = section(page_of(client, "workbench:case", case.number), "What manages it?")
    assert "unmanaged" not in box
    assert "It works" in box
    checked(risk.measures.get(), Works.DOUBT)
    page = page_of(client, "workbench:case", case.number)
    box = section(page, "What manages it?")
    assert "1 unmanaged risk" in box
    assert risk.what in box
    assert "In doubt" in box
    assert f'href="{reverse("cram:set_measure", args=[case.number, risk.pk])}"' in box
    assert f"A risk is unmanaged: {risk.what}" in page
    client.force_login(an_officer(Role.REVIEWER))
    read = section(page_of(client, "workbench:case", case.number), "What manages it?")
    assert "1 unmanaged risk" in read
    assert "Set a control measure" not in read


def test_open_gaps_stand_on_the_overview_with_who_and_by_when(client: Client, sergeant: User, case: Case) -> None:
    assert "No intelligence gap is open." in page_of(client, "workbench:case", case.number)
    gap = a_gap(case)
    a_measure(a_risk(case))
    box = section(page_of(client, "workbench:case", case.number), "What do we not know?")
    for words in (gap.question, str(gap.owner), day(gap.due_on), "in 5 days"):
        assert words in box


# --- the queue of unmanaged risks ----------------------------------------------------------------


def rows(page: str) -> list[str]:
    return re.findall(r'#risk-\d+">(.*?)<span', page)


def test_every_unmanaged_risk_of_my_teams_stands_in_the_queue(client: Client, sergeant: User) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway")])
    assert "No risk is unmanaged" in page_of(client, "cram:unmanaged")
    a_risk(case, "First")
    a_managed_risk(case, what="Managed")
    over = a_risk(case, "Over")
    actions.end_risk(over, why="He has died", by=system())
    failed = a_measure(a_risk(a_case(), "Second"), what="An alarm")
    checked(failed, Works.NO)
    a_risk(a_case(a_team("ENF")), "Of another team")
    Case.objects.filter(pk=(closed := a_risk(a_case(), "Of a closed record").case).pk).update(
        state="closed", closed_at=clock.now()
    )
    page = page_of(client, "cram:unmanaged")
    assert rows(page) == ["First", "Second"]
    assert "2 risks are unmanaged." in page
    for words in ("Rhys Calloway", case.number, case.urn, "no control measure is set", "An alarm: it does not work"):
        assert words in page
    assert closed.number not in page
    look = AccessLog.objects.latest("pk")
    assert (look.object_type, look.detail["page"]) == ("cram.risk", "cram:unmanaged")


def test_what_nothing_has_managed_for_longest_stands_first_and_says_how_long(
    client: Client, sergeant: User, case: Case
) -> None:
    """By the moment that the page gives, whatever ended what managed it."""
    what = ("Failed and found again", "Ran out", "Ended", "Found to work again", "Never", "Never worked")
    failed, ran_out, ended, again, _, never = (a_risk(case, each) for each in what)
    alarm: dict[str, Any] = {"what": "An alarm", "works": Works.YES, "check_on": days(2)}
    first, _, third, fourth = (
        a_measure(risk, **alarm | {"until": days(until)})
        for risk, until in ((failed, 30), (ran_out, 2), (ended, 30), (again, 30))
    )
    a_measure(never, what="A lock")
    later(1)
    checked(a_measure(never, what="A bolt"), Works.NO)
    checked(fourth, Works.NO)
    later(1)
    checked(first, Works.DOUBT)
    checked(fourth, Works.YES)
    later(2)
    checked(first, Works.NO)
    actions.end_measure(third, why="It is broken", by=system())
    later(1)
    checked(fourth, Works.DOUBT)
    later(3)
    in_order = ["Never", "Never worked", "Failed and found again", "Ran out", "Ended", "Found to work again"]
    page = page_of(client, "cram:unmanaged")
    assert rows(page) == in_order
    assert re.findall(r">for (.*?)<", page) == [f"{number} days" for number in (8, 8, 6, 5, 4, 3)]
    for risk in longest_unmanaged(with_measures(Risk.objects.unmanaged())):
        (line,) = shown([risk], today=clock.today())
        assert line.unmanaged_since == risk.since  # type: ignore[attr-defined]


def test_of_very_many_what_was_identified_first_comes_first(
    client: Client, sergeant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_risk(what="Identified first, unmanaged last")
    a_measure(first, what="Alarm", check_on=days(2), works=Works.YES)
    later(1)
    a_risk(what="Identified last, never managed")
    checked(first.measures.get(), Works.NO)
    assert rows(page_of(client, "cram:unmanaged"))[0] == "Identified last, never managed"
    monkeypatch.setattr(managing, "MOST_COUNTED", 1)
    monkeypatch.setattr(managing._unmanaged, "kept", {})  # put together with the other number
    page = page_of(client, "cram:unmanaged")
    assert rows(page) == ["Identified first, unmanaged last", "Identified last, never managed"]
    assert "Of so many, what was identified first comes first." in page


def test_a_measure_that_runs_out_brings_its_risk_into_the_queue(client: Client, sergeant: User) -> None:
    a_measure(a_risk(what="Runs out"), works=Works.YES, until=days(3), check_on=days(3))
    assert rows(page_of(client, "cram:unmanaged")) == []
    later(4)
    page = page_of(client, "cram:unmanaged")
    assert rows(page) == ["Runs out"]
    assert "ran out" in page


def test_whoever_sees_several_teams_reads_which_and_can_choose_one(client: Client, case: Case) -> None:
    client.force_login(an_officer(Role.COMMAND))
    a_risk(case, "Here")
    a_risk(a_case(a_team("ENF")), "There")
    page = page_of(client, "cram:unmanaged")
    assert rows(page) == ["Here", "There"]
    assert 'data-label="Team"' in page
    assert rows(page_of(client, "cram:unmanaged", team="ENF")) == ["There"]
    assert "Nothing is shown until" in page_of(client, "cram:unmanaged", team="XXX")


def test_a_long_queue_is_read_to_its_end_without_a_gap_or_a_repeat(
    client: Client, sergeant: User, case: Case
) -> None:
    for number in range(53):
        a_risk(case, f"Risk {number:02}")
    first = page_of(client, "cram:unmanaged")
    further = re.search(r'href="([^"]*)" rel="next"', first)
    assert further
    second = unescape(client.get(reverse("cram:unmanaged") + further[1]).content.decode())
    assert [len(rows(first)), len(rows(second))] == [50, 3]
    assert rows(first) + rows(second) == [f"Risk {number:02}" for number in range(53)]
    assert queries(client, reverse("cram:unmanaged")) < 25


def test_the_queue_and_today_lead_to_the_unmanaged_risks(client: Client, sergeant: User) -> None:
    a_risk()
    assert f'href="{reverse("cram:unmanaged")}"' in page_of(client, "diary:queues")
    today = page_of(client, "workbench:today")
    assert re.search(r'cait-counts__act"><span class="cait-counts__n">1</span> <a [^>]*>unmanaged risk</a>', today)
