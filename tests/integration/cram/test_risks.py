"""Risks and control measures: what manages which, what follows, and nothing twice (HMIC 2010, AFI 1 and 2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from cases.actions import add_person, agree_closure, ask_closure, assign_case
from cases.closure import in_the_way
from cases.enums import Court, Part
from cases.models import Case
from cram import actions
from cram.enums import Approach, Works
from cram.managing import risks_of
from cram.models import Measure, MeasureCheck, Risk
from deadlines import clock
from diary.models import DutyState, Notice, NoticeKind
from people.said import PersonSaid
from team.enums import Role
from team.history import ChangedMeanwhile
from team.permissions import NotAllowed
from tests.factories.assessing import an_assessment, assessed
from tests.factories.deciding import a_decided_case, a_ready_case, asked_to_close
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk, as_set, checked
from tests.factories.referrals import a_case
from tests.factories.team import an_officer
from tests.integration.cram.follows import days, duties_of, last_entry, later, refused, system, the_duty, wrong_with

pytestmark = pytest.mark.django_db


# --- risks ---------------------------------------------------------------------------------------


def test_a_risk_is_unmanaged_until_a_measure_works() -> None:
    risk = a_risk()
    assert last_entry(risk.case).significant
    assert list(Risk.objects.unmanaged()) == [risk]
    a_measure(risk)
    assert list(Risk.objects.unmanaged()) == [risk]  # nobody has checked it
    a_measure(risk, what="An alarm", works=Works.YES)
    assert list(Risk.objects.unmanaged()) == []


def test_a_risk_is_identified_once_while_it_is_present() -> None:
    risk = a_risk()
    with pytest.raises(ValidationError, match="identified this risk on"):
        a_risk(risk.case, "the Uncle reaching the children")
    actions.end_risk(risk, why="He has died", by=system())
    a_risk(risk.case)
    assert "what the risk is" in refused("what", actions.identify_risk, risk.case, what=" ")


def test_a_risk_comes_from_somebody_on_the_record(case: Case) -> None:
    other = a_case()
    with pytest.raises(ValidationError, match="not on this record"):
        a_risk(case, person=other.people.get())
    risk = a_risk(case, person=case.people.get())
    assert list(last_entry(case).people.all()) == [risk.person]


def test_a_risk_is_to_some_children_or_to_every_child(family: Case) -> None:
    """Of siblings a stranger can tell whose risk it is."""
    ellis, tia = family.people.order_by("pk")
    every, hers = a_risk(family, "The door"), a_risk(family, children=[tia])
    assert (every.to_whom, hers.to_whom) == ("every child", str(tia))
    told = last_entry(family)
    assert told.text.startswith(f"To {tia}. ")
    assert list(told.people.all()) == [tia]
    with pytest.raises(ValidationError, match="identified this risk on"):
        a_risk(family, children=[tia])
    assert a_risk(family, children=[tia, ellis], person=ellis).to_whom == f"{ellis}; {tia}"
    assert last_entry(family).text.startswith(f"To {ellis}; {tia} from {ellis}. ")
    said = PersonSaid(given_names="Kieran", family_name="Stroud")
    suspect = add_person(family, part=Part.SUSPECT, said=said, on=clock.today(), by=system())
    for other in (suspect, a_case().people.get()):
        assert "children who are on this record" in refused(
            "children", actions.identify_risk, family, what="New", children=[other]
        )
    assert a_risk(family, person=suspect).person == suspect
    with pytest.raises(ProgrammingError, match="only ever added"), transaction.atomic():
        hers.children.clear()


def test_what_managed_a_risk_ends_with_it() -> None:
    risk = a_managed_risk()
    other = a_measure(a_risk(risk.case, "The door"), what="A lock")
    (measure,) = risk.measures.all()
    ended = actions.end_risk(risk, why="He has left the country", by=system())
    measure.refresh_from_db()
    assert ended.ended_why == "He has left the country"
    assert measure.ended_at is not None
    assert "no longer present" in measure.ended_why
    assert [each.state for each in duties_of(measure)] == [DutyState.CANCELLED]
    assert the_duty(other).state == DutyState.OPEN
    assert measure.what in last_entry(risk.case).text
    assert wrong_with(risk.case) == []


def test_a_risk_ends_once_and_nothing_is_set_for_one_that_has_ended() -> None:
    risk = a_risk()
    actions.end_risk(risk, why="He has died", by=system())
    with pytest.raises(ChangedMeanwhile, match="no longer present: “He has died”"):
        actions.end_risk(risk, why="Another", by=system())
    with pytest.raises(ChangedMeanwhile, match="no longer present"):
        a_measure(risk)


# --- control measures ----------------------------------------------------------------------------


def test_the_check_of_a_measure_is_a_duty_of_its_owner_by_the_day_that_was_chosen() -> None:
    officer = an_officer(Role.PCLO)
    measure = a_measure(owner=officer, check_on=days(10))
    duty = the_duty(measure)
    assert (duty.owner, duty.due_on, duty.cycle) == (officer, days(10), 0)
    assert wrong_with(measure.case) == []


def test_what_is_known_of_a_new_measure_is_its_first_check() -> None:
    measure = a_measure(works=Works.YES, check_on=days(10))
    (check,) = measure.checks.all()
    assert (check.works, check.found, check.next_on) == ("yes", "The custody officer says so", days(10))
    assert not a_measure(measure.risk, what="An alarm").checks.exists()


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("until", {"until": -1}),
        ("until", {"from_on": 5, "until": 4, "check_on": 5}),
        ("check_on", {"check_on": 61}),
        ("check_on", {"from_on": -3, "check_on": -1}),
        ("check_on", {"from_on": 5, "check_on": 4}),
    ],
)
def test_the_days_of_a_measure_fit_together(field: str, said: dict[str, int]) -> None:
    risk = a_risk()
    given = {name: days(number) for name, number in said.items()}
    if field == "until" and "from_on" not in said:
        given["from_on"] = days(-9)
    assert refused(field, actions.set_measure, risk, **as_set(risk, **given))
    assert not Measure.objects.exists()


def test_a_measure_is_checked_on_its_last_day_at_the_latest() -> None:
    measure = a_measure(until=days(20), check_on=days(20))
    assert "runs out" in refused(
        "next_on", actions.check_measure, measure, works="yes", found="Seen", next_on=days(21)
    )
    assert "today" in refused("next_on", actions.check_measure, measure, works="yes", found="Seen", next_on=days(-1))
    checked(measure, next_on=days(20))
    assert wrong_with(measure.case) == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("found", {"works": "yes", "found": " "}),
        ("works", {"works": "unchecked", "found": "Seen"}),
        ("works", {"works": "yes", "found": "Seen", "from_on": 3}),
        ("found", {"approach": Approach.ACCEPT, "works": "yes", "found": ""}),
        ("works", {"approach": Approach.ACCEPT, "works": "unchecked", "found": "She is 17"}),
        ("what", {"what": " "}),
    ],
)
def test_whether_a_new_measure_works_is_said_with_what_was_found(field: str, said: dict[str, Any]) -> None:
    risk = a_risk()
    if "from_on" in said:
        said = said | {"from_on": days(said["from_on"])}
    assert refused(field, actions.set_measure, risk, **as_set(risk, **said))


def test_only_a_sergeant_or_the_inspector_accepts_a_risk_and_says_why() -> None:
    risk = a_risk()
    said = as_set(
        risk, approach=Approach.ACCEPT, what="Accepted", works="yes", found="She is 17 and has her own flat"
    )
    with pytest.raises(NotAllowed, match="You cannot endorse assessments"):
        actions.set_measure(risk, **said, by=an_officer(Role.INVESTIGATOR))
    assert not Measure.objects.exists()
    actions.set_measure(risk, **said, by=an_officer(Role.SUPERVISOR))
    assert not Risk.objects.unmanaged().exists()
    assert last_entry(risk.case).significant


def test_a_measure_sent_twice_is_set_once() -> None:
    risk = a_risk()
    said = as_set(risk)
    measure = actions.set_measure(risk, **said, by=system())
    with pytest.raises(ValidationError, match="set this control measure on"):
        actions.set_measure(risk, **said, by=system())
    assert len(duties_of(measure)) == Measure.objects.count() == 1


def test_a_check_ends_the_duty_and_raises_the_next() -> None:
    measure = a_measure(check_on=days(3))
    officer = an_officer(Role.INVESTIGATOR)
    check = checked(measure, next_on=days(17), by=officer)
    measure.refresh_from_db()
    assert (measure.works, measure.check_on, check.checked_by) == ("yes", days(17), officer)
    first, second = duties_of(measure)
    assert (first.state, second.state, second.due_on, second.owner) == (
        DutyState.SATISFIED,
        DutyState.OPEN,
        days(17),
        measure.owner,
    )
    assert not last_entry(measure.case).significant
    assert wrong_with(measure.case) == []


@pytest.mark.parametrize("works", [Works.DOUBT, Works.NO])
def test_a_measure_that_fails_leaves_the_risk_unmanaged_and_the_chronology_says_so(works: Works) -> None:
    risk = a_managed_risk()
    (measure,) = risk.measures.all()
    checked(measure, works, found="He came back on Sunday")
    told = last_entry(risk.case)
    assert told.significant
    assert told.title.startswith(works.label)
    assert "The risk is unmanaged now" in told.text
    assert list(Risk.objects.unmanaged()) == [risk]
    notice = Notice.objects.get()
    assert (notice.to_person, notice.to_role, notice.duty) == (None, Role.SUPERVISOR, the_duty(measure))
    actions.end_measure(measure, why="He is in custody", by=system())  # it managed nothing any more
    assert Notice.objects.get() == notice


def test_its_supervisor_reads_that_a_risk_is_unmanaged_and_whoever_found_it_does_not(client: Client) -> None:
    risk = a_managed_risk()
    (measure,) = risk.measures.all()
    nandra, clark = an_officer(Role.SUPERVISOR, name="Nandra"), an_officer(Role.SUPERVISOR)
    assign_case(risk.case, officer_in_case=None, supervisor=nandra, by=clark)
    checked(measure, Works.NO, by=nandra)
    assert not Notice.objects.filter(kind=NoticeKind.UNMANAGED).exists()
    checked(measure, Works.NO, by=clark)
    assert Notice.objects.get(kind=NoticeKind.UNMANAGED).to_person == nandra
    client.force_login(nandra)

    def told(name: str) -> bool:
        page = client.get(reverse(name)).content.decode()
        said = "A control measure fails or has ended, and nothing manages its risk" in page
        assert measure.what in page or not said
        return said

    assert told("diary:notices")
    # What comes later of the same duty does not hide it.
    measure.refresh_from_db()
    given: dict[str, Any] = {
        "owner": nandra,
        "until": measure.until,
        "check_on": measure.check_on,
        "reason": "On leave",
    }
    actions.change_measure(measure, **given, by=clark)
    assert "Given to you" in client.get(reverse("workbench:today")).content.decode()
    assert told("workbench:today")
    checked(measure, Works.YES, by=clark)
    assert not told("workbench:today")
    # Whoever ends the only one that works leaves the risk unmanaged too.
    actions.end_measure(measure, why="The bail was not extended", by=clark)
    assert told("workbench:today")
    notice = Notice.objects.filter(kind=NoticeKind.UNMANAGED).latest("pk")
    assert (notice.to_person, notice.duty) == (nandra, duties_of(measure)[-1])


TOLD = "A control measure fails or has ended, and nothing manages its risk"
OVER = "No longer so: the risk is managed or over"


@pytest.mark.parametrize("again", [True, False], ids=["the risk is managed again", "the risk has ended"])
@pytest.mark.parametrize("ended", [True, False], ids=["the measure ended", "the measure fails"])
def test_of_a_risk_that_is_managed_again_or_over_today_tells_nobody_any_more(
    client: Client, again: bool, ended: bool
) -> None:
    risk = a_managed_risk()
    (measure,) = risk.measures.all()
    nandra, clark = an_officer(Role.SUPERVISOR, name="Nandra"), an_officer(Role.SUPERVISOR)
    assign_case(risk.case, officer_in_case=None, supervisor=nandra, by=clark)
    if ended:
        actions.end_measure(measure, why="The bail was not extended", by=clark)
    else:
        checked(measure, Works.NO, by=clark)
    client.force_login(nandra)

    def page(name: str) -> str:
        return client.get(reverse(name)).content.decode()

    assert TOLD in page("workbench:today")
    assert TOLD in page("diary:notices")
    assert OVER not in page("diary:notices")
    if again:
        a_measure(risk, what="An alarm", works=Works.YES)
    else:
        actions.end_risk(risk, why="He has died", by=clark)
    assert TOLD not in page("workbench:today")
    assert TOLD in page("diary:notices")
    assert page("diary:notices").count(OVER) == 1


@pytest.mark.parametrize("closed", [True, False])
def test_a_risk_that_is_unmanaged_once_more_is_told_while_its_record_is_open(client: Client, closed: bool) -> None:
    risk = a_managed_risk(a_ready_case())
    nandra = an_officer(Role.SUPERVISOR)
    actions.end_measure(risk.measures.get(), why="The bail was not extended", by=system())
    a_measure(risk, what="An alarm", works=Works.YES, until=days(5), check_on=days(5))
    if closed:
        agree_closure(asked_to_close(risk.case), by=nandra)
    client.force_login(nandra)
    assert TOLD not in client.get(reverse("workbench:today")).content.decode()
    later(6)
    assert (TOLD in client.get(reverse("workbench:today")).content.decode()) == (not closed)


def test_where_another_measure_works_the_risk_stays_managed() -> None:
    risk = a_managed_risk()
    second = a_measure(risk, what="An alarm", works=Works.YES)
    checked(second, Works.NO)
    told = last_entry(risk.case)
    assert told.significant
    assert "unmanaged" not in told.text
    assert not Notice.objects.exists()
    assert not Risk.objects.unmanaged().exists()


def test_of_two_who_check_at_once_the_second_reads_what_the_first_found() -> None:
    measure, first = a_measure(), an_officer(Role.INVESTIGATOR, name="Osei")
    checked(measure, Works.NO, found="He came back", seen=0, by=first)
    with pytest.raises(ChangedMeanwhile, match=r"Osei checked this .*: It does not work. “He came back”"):
        checked(measure, Works.YES, seen=0)
    assert MeasureCheck.objects.count() == 1
    assert len(duties_of(measure)) == 2
    checked(measure, Works.YES, seen=measure.checks.get().pk)
    assert MeasureCheck.objects.count() == 2


def test_a_check_says_whether_it_works_and_what_was_found() -> None:
    said = {"works": "yes", "found": "Seen", "next_on": days(5)}
    measure = a_measure()
    for works in ("unchecked", ""):
        assert "whether it works" in refused("works", actions.check_measure, measure, **said | {"works": works})
    assert "what you found" in refused("found", actions.check_measure, measure, **said | {"found": "\n"})


def test_a_measure_that_has_run_out_is_ended_not_checked() -> None:
    risk = a_risk()
    measure = a_measure(risk, works=Works.YES, until=days(3), check_on=days(3))
    later(4)
    assert list(Risk.objects.unmanaged()) == [risk]
    assert wrong_with(risk.case) == []  # its check is late
    with pytest.raises(ValidationError, match="ran out on"):
        checked(measure)
    actions.end_measure(measure, why="The bail has run out", by=system())
    assert [each.state for each in duties_of(measure)] == [DutyState.CANCELLED]
    assert wrong_with(risk.case) == []


def test_a_measure_that_has_not_begun_manages_nothing_and_is_not_checked_yet() -> None:
    risk = a_risk()
    measure = a_measure(risk, from_on=days(2))
    with pytest.raises(ValidationError, match="begins on"):
        checked(measure)
    assert list(Risk.objects.unmanaged()) == [risk]
    later(2)
    checked(measure)
    assert not Risk.objects.unmanaged().exists()


def test_a_measure_ends_once_with_its_check_and_the_chronology_says_what_follows() -> None:
    risk = a_managed_risk()
    (measure,) = risk.measures.all()
    actions.end_measure(measure, why="The bail was not extended", by=system())
    told = last_entry(risk.case)
    assert told.significant
    assert "The risk is unmanaged now" in told.text
    assert [each.state for each in duties_of(measure)] == [DutyState.CANCELLED]
    for again in (lambda: actions.end_measure(measure, why="x", by=system()), lambda: checked(measure)):
        with pytest.raises(ChangedMeanwhile, match=r"ended this control measure on .*: “The bail was not extended”"):
            again()


def test_what_is_done_while_a_cram_is_written_is_part_of_it() -> None:
    before = a_managed_risk()
    (measure,) = before.measures.all()
    case = before.case
    assessment = an_assessment(case)
    risk = a_risk(case, "The door")
    new = a_measure(risk, works=Works.YES, what="A lock")
    check = checked(measure)
    assert {risk.identified_in, new.set_in, check.assessment, new.checks.get().assessment} == {assessment}
    assert (before.identified_in, measure.set_in) == (None, None)


def test_what_belongs_to_a_cram_that_was_sent_is_not_put_into_another(case: Case) -> None:
    sent = assessed(case)
    with pytest.raises(ChangedMeanwhile, match="was sent meanwhile"):
        a_risk(case, assessment=sent)
    assert not Risk.objects.exists()


# --- since when, and closure ---------------------------------------------------------------------


def test_since_when_a_risk_is_unmanaged() -> None:
    risk = a_risk()

    def since() -> Any:
        (line,) = risks_of(risk.case, today=clock.today())
        assert line.is_unmanaged == Risk.objects.unmanaged().filter(pk=risk.pk).exists()
        return line.unmanaged_since

    assert since() == risk.identified_at
    never = a_measure(risk)
    checked(never, Works.NO)
    assert since() == risk.identified_at  # it never worked
    bail = a_measure(risk, what="Bail", works=Works.YES, until=days(30), check_on=days(28))
    assert since() is None
    failed = checked(bail, Works.DOUBT)
    assert since() == failed.checked_at
    checked(bail, Works.NO)
    assert since() == failed.checked_at
    checked(bail, Works.YES)
    assert since() is None
    runs_out = clock.london_day_end(days(30))
    later(31)
    assert since() == runs_out
    alarm = a_measure(risk, what="Alarm", works=Works.YES)
    ended = actions.end_measure(alarm, why="It is broken", by=system())
    assert since() == ended.ended_at


def test_closure_is_refused_by_the_name_of_each_unmanaged_risk_and_for_an_open_gap() -> None:
    case = a_decided_case()
    assessed(case)
    risk, gap = a_risk(case), a_gap(case)
    measure = a_measure(risk)
    assert {each.what: each.view for each in in_the_way(case)} == {
        "A risk is unmanaged: The uncle reaching the children": "cram:risks",
        "An intelligence gap is open": "cram:gaps",
    }
    with pytest.raises(ValidationError, match="A risk is unmanaged: The uncle reaching the children"):
        ask_closure(case, outcome="Nobody was hurt", court=Court.NONE, by=system())
    checked(measure)
    actions.answer_gap(gap, resolution="None", by=system())
    assert in_the_way(case) == []
    asked_to_close(case)


def test_a_record_that_is_opened_again_has_its_measures_checked_again() -> None:
    from cases.actions import agree_closure, reopen_case

    case = a_decided_case()
    assessed(case)
    risk = a_managed_risk(case)
    (measure,) = risk.measures.all()
    agree_closure(asked_to_close(case), by=an_officer(Role.SUPERVISOR))
    assert [each.state for each in duties_of(measure)] == [DutyState.CANCELLED]
    reopen_case(case, reason="A new referral", by=system())
    assert the_duty(measure).due_on == measure.check_on
    assert wrong_with(case) == []
