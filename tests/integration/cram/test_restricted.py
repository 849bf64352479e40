"""The CRAM of a restricted record: nothing of it reaches whoever is not named, nothing is hidden silently, and what
somebody had by name who may not open it any more is nobody's by name (ADR 34)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cases.actions import choose_lead, end_restriction, name_officer, restrict_case, take_name_off
from cases.enums import Level, State
from cases.models import Case
from cases.restricting import whom_to_ask
from cram import actions, urls
from cram.actions import endorse_assessment, return_assessment
from cram.api import urls as api_urls
from cram.enums import Works
from cram.managing import count_unmanaged
from cram.models import Assessment
from cram.quality import quality_of
from cram.steps import raise_check
from deadlines import clock
from diary.checking import findings
from diary.models import Duty, DutyState, Notice, NoticeKind
from team.enums import Role
from team.models import Team, User
from tests.factories.assessing import submitted
from tests.factories.managing import a_gap, a_measure, a_risk, checked
from tests.factories.referrals import a_case, a_child
from tests.factories.researching import as_asked
from tests.factories.restricting import WHY_RESTRICTED, a_restricted_case
from tests.factories.team import a_team, an_officer
from tests.factories.trying import Wrong, tried
from tests.integration.api.asking import Program
from tests.integration.cases.leads import another_of, by_cait, the_child
from tests.integration.cram.follows import the_duty, wrong_with

pytestmark = pytest.mark.django_db

TELLS = ("Quillon", "Abernethy", "Sandpiper", "Marlpit", WHY_RESTRICTED)


@dataclass
class Hidden:
    """A restricted record with a CRAM that waits for endorsement, an unmanaged risk and a gap; and a colleague who is
    not named on it."""

    case: Case
    cram: Assessment
    named: User
    colleague: User
    ask: str


@pytest.fixture
def hidden() -> Hidden:
    named, colleague = an_officer(Role.INVESTIGATOR, name="Farthing"), an_officer(Role.SUPERVISOR, name="Nandra")
    case = a_case(children=[a_child("Quillon", "Abernethy")])
    a_risk(case, "Sandpiper, who teaches her")
    a_gap(case, question="Who else is at Marlpit Hall?", owner=named)
    cram = submitted(case, Level.HIGH, named)
    a_restricted_case(named, case=case)
    return Hidden(case, cram, named, colleague, whom_to_ask([case])[case.pk])


def words_of(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode(errors="replace")).split())


def told(words: str) -> list[str]:
    return [each for each in TELLS if each in words]


def page(client: Client, user: User, view: str, *args: Any, **asked: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse(f"cram:{view}", args=args), asked)
    assert answer.status_code == 200
    return words_of(answer)


def addresses(hidden: Hidden) -> list[str]:
    """Every page and address of the restricted record in the room."""
    said = {"number": hidden.case.number, "assessed": hidden.cram.number, "section": "child-1", "pk": 1}
    found = []
    for each in urls.urlpatterns:
        wanted = each.pattern.converters
        if "number" in wanted and str(each.pattern).startswith("cases/"):
            found.append(reverse(f"cram:{each.name}", kwargs={name: said[name] for name in wanted}))
    for each in api_urls.urlpatterns:
        if wanted := each.pattern.converters:
            kwargs = {name: said[name] for name in wanted if name in said}
            if "number" not in wanted:
                kwargs = {"pk": hidden.cram.pk}
            found.append(reverse(f"api:{each.name}", kwargs=kwargs))
    return found


def test_nobody_who_is_not_named_gets_through_at_any_address_and_reads_whom_to_ask(
    client: Client, hidden: Hidden
) -> None:
    client.force_login(hidden.colleague)
    program, wrong, asked = Program(hidden.colleague), Wrong(), addresses(hidden)
    assert len(asked) > 40
    for address in asked:
        with tried(wrong, address):
            answer = (program.client if "/api/" in address else client).get(address)
            assert told(words_of(answer)) == []
            if hidden.case.number in address:
                assert answer.status_code == 403
                assert f"Ask {hidden.ask}" in words_of(answer)
            else:  # an id, which can be counted through, tells nothing that a number nobody has does not
                assert answer.status_code == 404
                other = address.replace(f"/{hidden.cram.pk}/", "/9999999/", 1)
                assert answer.content == program.client.get(other).content
    assert wrong == {}
    assert "Quillon Abernethy" in page(client, hidden.named, "assess", hidden.case.number)
    assert Program(hidden.named).get("assessment", hidden.cram.pk).status_code == 200


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.INSPECTOR, Role.COMMAND])
def test_no_list_tells_anything_of_it_to_whoever_is_not_named(client: Client, hidden: Hidden, role: Role) -> None:
    user = an_officer(role, name="Kestrel")
    for view in ("unmanaged", "quality", "quality_list"):
        html = page(client, user, view)
        assert told(html) == []
        assert "Farthing" not in html
    kept, shown = (Program(each).get("assessments").json() for each in (user, hidden.named))
    assert kept["results"] == shown["left_out"] == []
    assert kept["left_out"] == [{"urn": hidden.case.urn, "ask": hidden.ask}]
    assert len(shown["results"]) == 1


def test_unmanaged_risks_say_on_how_many_restricted_records_there_are_more(client: Client, hidden: Hidden) -> None:
    sentence = (
        f"1 restricted record has an unmanaged risk that is not shown here: {hidden.case.urn}. Ask {hidden.ask}."
    )
    assert sentence in page(client, hidden.colleague, "unmanaged")
    assert "Sandpiper" in page(client, hidden.named, "unmanaged")
    assert "restricted record has" not in page(client, hidden.named, "unmanaged")
    assert "restricted record has" not in page(client, an_officer(Role.SUPERVISOR, a_team("ENF")), "unmanaged")
    numbers = [count_unmanaged(user, today=clock.today()) for user in (hidden.colleague, hidden.named)]
    assert numbers == [0, 1]


def test_the_figures_of_quality_count_it_and_the_list_is_as_long(client: Client, hidden: Hidden) -> None:
    teams = Team.objects.filter(pk=hidden.case.team_id)
    inspector = hidden.case.named.get(officer__family_name="Castell").officer
    stranger = an_officer(Role.INSPECTOR, name="Kestrel")
    for user in (inspector, stranger):
        assert [each.sent for each in quality_of(teams, user=user, now=clock.now())] == [1]
    withheld, shown = (page(client, user, "quality_list") for user in (stranger, inspector))
    row = withheld[withheld.rindex("<tbody") : withheld.rindex("</tbody>")]
    said = " ".join(re.sub(r"<[^>]*>", " ", row).split())
    assert said == f"A restricted record ask {hidden.ask} {' '.join(['not shown'] * 4)}"
    assert hidden.case.urn not in withheld
    assert hidden.case.urn in shown
    assert "High" in shown


def test_what_somebody_owned_by_name_is_somebodys_who_is_named_once_they_may_not_open_it() -> None:
    """Nobody who is named is an investigator, so it is not left to that role."""
    case = a_case()
    owner, sergeant = an_officer(Role.INVESTIGATOR), an_officer(Role.SUPERVISOR)
    gap, measure = a_gap(case, owner=owner), a_measure(a_risk(case), owner=owner, works=Works.YES)
    a_restricted_case(case=case, by=sergeant)
    for thing in (gap, measure):
        thing.refresh_from_db()
        assert thing.owner == the_duty(thing).owner == sergeant
    assert wrong_with(case) == []
    # Named, it may be given to them; and goes back when their name is taken off.
    with pytest.raises(ValidationError, match="is not named on this restricted record"):
        actions.change_gap(gap, owner=owner, due_on=gap.due_on, reason="Theirs", by=sergeant)
    name_officer(case, officer=owner, reason="Knows the family", by=sergeant)
    actions.change_gap(gap, owner=owner, due_on=gap.due_on, reason="Theirs", by=sergeant)
    assert the_duty(gap).owner == owner
    take_name_off(case.named.get(officer=owner, ended_at=None), reason="On leave", by=sergeant)
    gap.refresh_from_db()
    assert (gap.owner, the_duty(gap).owner) == (sergeant, sergeant)
    assert wrong_with(case) == []


def test_what_a_closed_record_keeps_is_nobodys_either_when_it_is_opened_again() -> None:
    case, owner = a_case(), an_officer(Role.INVESTIGATOR)
    measure = a_measure(a_risk(case), owner=owner, works=Works.YES)
    Duty.objects.filter(case=case).update(
        state=DutyState.CANCELLED, ended_at=clock.moment(), ended_why="Closed", ended_by=User.objects.system()
    )
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=clock.moment())
    a_restricted_case(case=case)
    measure.refresh_from_db()
    assert measure.owner is None
    named = {each.officer for each in case.named.all()}
    assert raise_check(measure, by=User.objects.system()).owner in named


def test_who_did_a_cram_is_not_the_one_who_has_to_endorse_it() -> None:
    """Nobody else who is named supervises: the inspector does it."""
    for role in (Role.DESK_SERGEANT, Role.SUPERVISOR):
        wrote, inspector = an_officer(role), an_officer(Role.INSPECTOR)
        case = restrict_case(a_case(), reason="A constable is suspected", officers=[inspector], by=wrote)
        submitted(case, by=wrote)
        assert Duty.objects.get(case=case, kind="endorse_cram", state=DutyState.OPEN).owner == inspector, role
        # Sent before it was restricted.
        other = submitted(a_case(), by=wrote).case
        restrict_case(other, reason="The same", officers=[inspector], by=wrote)
        assert Duty.objects.get(case=other, kind="endorse_cram", state=DutyState.OPEN).owner == inspector, role


def test_that_nothing_manages_a_risk_is_told_somebody_who_is_named() -> None:
    """The record has no supervisor, and nobody who is named holds that role."""
    desk, inspector = an_officer(Role.DESK_SERGEANT), an_officer(Role.INSPECTOR)
    officer = an_officer(Role.INVESTIGATOR)
    case = restrict_case(a_case(), reason="A constable is suspected", officers=[inspector, officer], by=desk)
    measure = a_measure(a_risk(case), owner=officer, works=Works.YES)
    checked(measure, works=Works.NO, found="He was seen there", by=officer)
    assert Notice.objects.get(kind=NoticeKind.UNMANAGED).to_person == desk


def test_a_returned_cram_falls_to_nobody_by_name_who_may_not_open_the_record() -> None:
    case, wrote = a_case(), an_officer(Role.INVESTIGATOR)
    cram, sergeant = submitted(case, by=wrote), an_officer(Role.SUPERVISOR)
    restrict_case(case, reason="A constable is suspected", officers=[an_officer(Role.INSPECTOR)], by=sergeant)
    return_assessment(cram, words="Say why it is not high", by=sergeant)
    returned = Duty.objects.get(case=case, kind="cram_returned", state=DutyState.OPEN)
    assert returned.owner == sergeant
    # One that was returned before goes back with the name.
    other = submitted(a_case(), by=wrote)
    return_assessment(other, words="Say why", by=sergeant)
    assert Duty.objects.get(case=other.case, kind="cram_returned").owner == wrote
    restrict_case(other.case, reason="The same", officers=[an_officer(Role.INSPECTOR)], by=sergeant)
    assert Duty.objects.get(case=other.case, kind="cram_returned", state=DutyState.OPEN).owner == sergeant
    assert findings([case.pk, other.case_id]) == []


def test_whoever_is_offered_for_what_is_to_be_done_is_named(client: Client, hidden: Hidden) -> None:
    an_officer(Role.INVESTIGATOR, name="Kingsmere")
    (risk,) = hidden.case.risks.all()
    sergeant = hidden.case.named.exclude(officer=hidden.named).earliest("pk").officer
    for view, args in (("raise_gap", []), ("set_measure", [risk.pk]), ("endorse", [])):
        html = page(client, sergeant, view, hidden.case.number, *args)
        assert "Farthing" in html
        assert "Kingsmere" not in html


def test_who_asks_for_research_reads_that_no_researcher_is_named(client: Client, hidden: Hidden) -> None:
    said = as_asked(hidden.case)
    typed = {
        "systems": list(said["systems"]),
        "people": [person.pk for person in said["people"]],
        "why": said["why"],
        "due_on": clock.today().strftime("%d/%m/%Y"),
    }
    client.force_login(hidden.named)
    address = reverse("cram:ask_research", args=[hidden.case.number])
    assert "No researcher is named on this restricted record" in words_of(client.post(address, typed, follow=True))
    sergeant = hidden.case.named.exclude(officer=hidden.named).earliest("pk").officer
    name_officer(hidden.case, officer=an_officer(Role.RESEARCHER), reason="Searches", by=sergeant)
    answer = words_of(client.post(address, {**typed, "why": "Once more"}, follow=True))
    assert "It stands in the researcher’s queue" in answer


# --- another record of the child -----------------------------------------------------------------


def test_a_review_that_hangs_on_a_restricted_record_says_so_and_not_which(client: Client) -> None:
    first = a_case(children=[a_child("Quillon", "Abernethy")])
    child = the_child(first)
    second = another_of(child)
    for case in (first, second):
        endorse_assessment(submitted(case), by=an_officer(Role.SUPERVISOR))
    a_restricted_case(case=second)
    choose_lead(second, child=child, reason="Marlpit Hall is there", by=by_cait())
    ended = Duty.objects.filter(case=first, kind="cram_review").latest("pk")
    assert (ended.state, ended.ended_why) == (
        DutyState.CANCELLED,
        f"Reviewed on a restricted record of {second.team}, which leads",
    )
    told_there = first.entries.latest("pk")
    assert told_there.title == f"Reviews of {child} hang on a restricted record of {second.team}"
    assert "Marlpit" not in told_there.text
    assert f"ask {whom_to_ask([second])[second.pk]}" in told_there.text
    client.force_login(an_officer(Role.SUPERVISOR, name="Nandra"))
    html = words_of(client.get(reverse("workbench:case", args=[first.number])))
    ask = whom_to_ask([second])[second.pk]
    assert f"hang on a restricted record (the lead record): ask {ask}" in html
    assert second.number not in html
    assert "Marlpit" not in html


def test_another_open_record_that_is_restricted_is_not_named_on_the_one_that_leads(client: Client) -> None:
    first = a_case(children=[a_child("Quillon", "Abernethy")])
    second = another_of(the_child(first))
    a_restricted_case(case=second)
    client.force_login(an_officer(Role.SUPERVISOR, name="Nandra"))
    html = words_of(client.get(reverse("workbench:case", args=[first.number])))
    assert f"Another open record is restricted: ask {whom_to_ask([second])[second.pk]}" in html
    assert second.number not in html
    # Once the restriction has ended it is named again.
    inspector = second.named.get(officer__family_name="Castell").officer
    end_restriction(second, reason="It was not he", by=inspector)
    assert second.number in words_of(client.get(reverse("workbench:case", args=[first.number])))
