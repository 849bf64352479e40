"""The pages of what follows a conference: attendance, what was decided, actions, debrief, minutes."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from cases.actions import complete_action
from cases.models import Action, Entry
from conferences.actions import change_conference, debrief_officer, decide_attendance
from conferences.enums import Attending, ConferenceKind, Outcome, PlanCategory
from conferences.models import Conference, OutcomeFor, Plan
from deadlines import clock
from pages.words import day
from team.enums import Role
from team.history import version_of
from team.models import User
from tests.factories.conferences import (
    a_conference,
    a_plan,
    children_on,
    decided,
    held,
    that_began,
    that_decided,
    that_was_held,
)
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db
TYPED = "What I typed and must not lose"


@pytest.fixture
def pclo(client: Client) -> User:
    """Who is signed in."""
    user = an_officer(Role.PCLO, name="Quill")
    client.force_login(user)
    return user


def url(name: str, conference: Conference, *args: Any) -> str:
    return reverse(f"conferences:{name}", args=[conference.case.number, conference.number, *args])


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client: Client, address: str, **typed: Any) -> str:
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def error_of(page: str, field: str) -> str:
    """What stands beside one field; empty where nothing does."""
    found = re.search(rf'id="id_{field}_error"><span[^>]*>Error:</span> (.*?)</p>', page)
    return found[1] if found else ""


def labels(page: str, field: str) -> list[str]:
    """The answers that one question offers, in their order."""
    return re.findall(rf'name="{field}"[^>]*><label[^>]*>(.*?)</label>', page)


def is_ticked(page: str, field: str, value: str) -> bool:
    boxes = re.findall(rf'<input[^>]*name="{field}"[^>]*>', page)
    return any(f'value="{value}"' in box and " checked" in box for box in boxes)


def three_children() -> Any:
    return a_case(children=[a_child(name, "Calloway") for name in ("Rhys", "Ellis", "Tia")])


# --- who attended --------------------------------------------------------------------------------


def test_from_the_tab_to_what_was_decided_on_the_way_out(client: Client, pclo: User, began: Conference) -> None:
    child = children_on(began.case)[0]
    tab = page_of(client, reverse("conferences:of_record", args=[began.case.number]))
    assert f'href="{url("attended", began)}"' in tab
    form = page_of(client, url("attended", began))
    assert labels(form, "who") == ["I attended", "Somebody else of the team", "Nobody from the police attended"]
    assert "A report was sent instead" not in form
    page = send(
        client,
        url("attended", began),
        who=pclo.pk,
        our_note="The father was calm",
        version=version_of(began),
    )
    began.refresh_from_db()
    assert (began.attended_by, began.our_note) == (pclo, "The father was calm")
    assert "It is recorded that you attended." in page
    assert "What was decided</h1>" in page
    assert "Was the same decided" not in page  # of one child
    typed = {f"outcome-{child.pk}": "plan", f"police_view-{child.pk}": "dissented"}
    page = send(client, url("outcome", began), **typed | {f"dissent-{child.pk}": TYPED})
    assert error_of(page, f"category-{child.pk}") == "Select the category of the plan"
    assert TYPED in page
    assert is_ticked(page, f"outcome-{child.pk}", "plan")
    assert not began.outcomes.exists()
    typed |= {f"category-{child.pk}": "neglect", f"dissent-{child.pk}": "No room for the father"}
    page = send(client, url("outcome", began), **typed)
    assert f'href="{url("add_police_action", began)}"' in page
    assert "A child protection plan begins: neglect" in page
    assert "Police did not agree" in page
    assert "No room for the father" in page
    assert Plan.objects.get(begun_at=began).child == child
    for name, said in (("attended", "recorded on"), ("outcome", "recorded on")):
        page = page_of(client, url(name, began))
        assert "This cannot be done." in page
        assert said in page
        assert f'href="{url("conference", began)}">The conference</a>' in page


def test_where_a_report_alone_was_decided_that_is_offered_first(client: Client, pclo: User) -> None:
    conference = that_began(kind=ConferenceKind.REVIEW)
    sergeant = an_officer(Role.SUPERVISOR)
    decide_attendance(conference, attending=Attending.REPORT_ONLY, why="Nothing new", by=sergeant)
    form = page_of(client, url("attended", conference))
    assert labels(form, "who")[:2] == ["A report was sent instead, as decided", "I attended"]
    page = send(client, url("attended", conference), who="decided", version=version_of(conference))
    conference.refresh_from_db()
    assert (conference.attended, conference.missed) == (False, "decided")
    assert "It is recorded why nobody attended." in page
    assert "Nobody from the police.</b> A report was sent instead, as decided" in page
    assert f'href="{url("outcome", conference)}"' in page
    assert "nobody is debriefed" in page


def test_why_nobody_went_is_said_and_what_was_typed_for_another_answer_is_told_of(client: Client, pclo: User) -> None:
    other = an_officer(Role.PCLO, name="Marlow")
    conference = that_began(pclo=other)
    address, version = url("attended", conference), version_of(conference)
    form = page_of(client, address)
    assert f"{other}, the conference officer" in labels(form, "who")
    assert "A report was sent instead" not in form
    page = send(client, address, version=version)
    assert error_of(page, "who") == "Select who attended"
    page = send(client, address, who="other", version=version)
    assert error_of(page, "attended_by") == "Select who attended"
    page = send(client, address, who="nobody", our_note=TYPED, version=version)
    assert error_of(page, "missed") == "Select why nobody attended"
    assert TYPED in page
    page = send(client, address, who="nobody", missed="sickness", version=version)
    assert error_of(page, "missed_why") == "Say what happened"
    page = send(client, address, who=pclo.pk, missed="sickness", missed_why=TYPED, version=version)
    assert "You wrote what happened." in error_of(page, "who")
    assert TYPED in page
    assert send(client, address, who="decided", missed_why="", version=version).count("Select") > 1
    page = send(client, address, who="nobody", missed="clash", missed_why="At Enfield", version=version)
    assert "Another conference was at the same time" in page
    assert "At Enfield" in page
    conference.refresh_from_db()
    assert (conference.attended, conference.missed) == (False, "clash")


def test_a_colleague_is_chosen_by_name_and_one_of_another_team_cannot_be(
    client: Client, pclo: User, began: Conference
) -> None:
    stranger, colleague = an_officer(Role.PCLO, a_team("ENF")), an_officer(Role.INVESTIGATOR)
    typed = {"who": "other", "version": version_of(began)}
    page = send(client, url("attended", began), **typed, attended_by=stranger.pk)
    assert "from the list" in error_of(page, "attended_by")
    page = send(client, url("attended", began), **typed, attended_by=colleague.pk)
    assert f"It is recorded that {colleague} attended." in page


def test_before_it_has_begun_nobody_has_attended(client: Client, pclo: User, conference: Conference) -> None:
    page = page_of(client, url("attended", conference))
    assert "This cannot be done." in page
    assert "Record who attended once it has begun" in page
    page = page_of(client, url("outcome", conference))
    assert "Record first who attended this conference." in page
    page = page_of(client, url("conference", conference))
    assert f'href="{url("attended", conference)}"' not in page


def test_of_two_at_once_the_second_is_told_loses_nothing_and_can_send_again(
    client: Client, pclo: User, began: Conference
) -> None:
    typed = {"who": pclo.pk, "our_note": TYPED, "version": version_of(began)}
    other = an_officer(Role.DESK_SERGEANT, name="Frayne")
    change_conference(began, place="The town hall", by=other)
    page = send(client, url("attended", began), **typed)
    assert "Frayne changed this while you had it open" in page
    assert TYPED in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    send(client, url("attended", began), **typed | {"version": version[1]})
    began.refresh_from_db()
    assert began.attended


# --- what was decided ----------------------------------------------------------------------------


def test_what_was_decided_about_all_of_them_is_said_once(client: Client, pclo: User) -> None:
    conference = that_was_held(three_children())
    address = url("outcome", conference)
    form = page_of(client, address)
    assert "All 3 children: Rhys Calloway, Ellis Calloway, Tia Calloway" in form
    assert labels(form, "outcome-all") == [
        "A child protection plan begins",
        "No plan",
        "Adjourned without a decision",
    ]
    typed = {"outcome-all": "plan", "category-all": "emotional", "police_view-all": "agreed"}
    page = send(client, address, **typed)
    assert error_of(page, "same") == "Say whether the same was decided about all of them"
    assert is_ticked(page, "category-all", "emotional")
    page = send(client, address, same="same")
    assert error_of(page, "outcome-all") == "Select what was decided"
    assert error_of(page, "police_view-all") == "Select whether police agreed"
    page = send(client, address, same="same", **typed | {"category-all": ""})
    assert error_of(page, "category-all") == "Select the category of the plan"
    assert page.count("Select the category of the plan") == 2  # there, and at the top
    besides = "The health visitor comes weekly.\nThe school rings if Rhys is away."
    assert besides in send(client, address, same="same", **typed | {"category-all": "", "also_decided": besides})
    page = send(client, address, same="same", **typed, also_decided=besides)
    assert set(conference.outcomes.values_list("outcome", "category")) == {("plan", "emotional")}
    assert f'What else was decided</h3><p class="cait-typed">{besides}' in page
    decision = Entry.objects.filter(case=conference.case, kind="decision").latest("pk")
    assert decision.text.endswith(f"Also decided: {besides}")
    assert besides in page_of(client, url("minutes", conference))
    assert Plan.objects.running().filter(case=conference.case).count() == 3


def test_child_by_child_each_has_its_own_errors_and_its_own_outcome(client: Client, pclo: User) -> None:
    conference = that_was_held(three_children())
    address = url("outcome", conference)
    one, two, three = (child.pk for child in children_on(conference.case))
    typed: dict[str, Any] = {
        "same": "each",
        f"outcome-{one}": "plan",
        f"category-{one}": "physical",
        f"police_view-{one}": "agreed",
        f"outcome-{two}": "no_plan",
        f"category-{two}": "neglect",  # cannot be unticked, and counts for nothing where there is no plan
        f"police_view-{two}": "dissented",
        f"police_view-{three}": "agreed",
        f"dissent-{three}": "",
    }
    page = send(client, address, **typed)
    assert error_of(page, f"dissent-{two}") == "Say why police did not agree"
    assert error_of(page, f"outcome-{three}") == "Select what was decided about Tia Calloway"
    assert not error_of(page, f"category-{two}")
    assert not error_of(page, f"outcome-{one}")
    assert is_ticked(page, f"category-{one}", "physical")
    typed |= {f"outcome-{three}": "adjourned", f"dissent-{three}": TYPED, f"dissent-{two}": "He is next"}
    page = send(client, address, **typed)
    assert "You wrote why police did not agree." in error_of(page, f"police_view-{three}")
    assert TYPED in page
    assert not conference.outcomes.exists()
    page = send(client, address, **typed | {f"dissent-{three}": ""})
    outcomes = dict(conference.outcomes.values_list("child_id", "outcome"))
    assert outcomes == {one: "plan", two: "no_plan", three: "adjourned"}
    assert "He is next" in page


def test_a_review_goes_on_with_a_plan_or_ends_it_and_asks_for_one_that_is_not_known(
    client: Client, pclo: User
) -> None:
    case = a_case(children=[a_child("Rhys", "Calloway"), a_child("Tia", "Calloway")])
    rhys, tia = children_on(case)
    a_plan(case, category=PlanCategory.SEXUAL)
    conference = that_was_held(case, kind=ConferenceKind.REVIEW)
    form = page_of(client, url("outcome", conference))
    assert "Was the same decided" not in form  # one has a plan to go on with, the other has none
    assert labels(form, f"outcome-{rhys.pk}")[:2] == ["The plan continues", "The plan ends"]
    assert is_ticked(form, f"category-{rhys.pk}", "sexual")
    assert labels(form, f"outcome-{tia.pk}")[:2] == ["A child protection plan begins", "No plan"]
    assert "CAIT knows of no plan of Tia Calloway" in form
    assert "no plan of Rhys" not in form
    typed = {f"outcome-{rhys.pk}": "ends", f"category-{rhys.pk}": "sexual", f"outcome-{tia.pk}": "no_plan"}
    typed |= {f"police_view-{each.pk}": "not_given" for each in (rhys, tia)}
    send(client, url("outcome", conference), **typed)
    assert Plan.objects.get(case=case).end == "conference"


def test_what_was_decided_is_put_right_beside_what_it_was(
    client: Client, pclo: User, has_decided: Conference
) -> None:
    wrong = OutcomeFor.objects.get(conference=has_decided)
    address = url("correct_outcome", has_decided, wrong.pk)
    assert f'href="{address}"' in page_of(client, url("conference", has_decided))
    form = page_of(client, address)
    assert "Where you say that no plan began, the plan that stands comes off the register." in form
    assert is_ticked(form, "category", "neglect")
    assert labels(form, "outcome") == ["A child protection plan begins", "No plan", "Adjourned without a decision"]
    typed = {"outcome": "no_plan", "category": "neglect", "police_view": "dissented"}
    typed |= {"version": str(version_of(has_decided))}
    page = send(client, address, **typed)
    assert error_of(page, "why") == "Say why"
    page = send(client, address, **typed, why=TYPED)
    assert error_of(page, "dissent") == "Say why police did not agree"
    assert TYPED in page
    said = {"dissent": "She is not safe", "why": "I ticked the wrong one", "also_decided": "A letter to the father"}
    page = send(client, address, **typed, **said)
    assert "It is put right" in page
    assert 'class="cait-typed">A letter to the father</p>' in page
    assert "Nothing else was recorded." in Entry.objects.filter(case=has_decided.case).latest("pk").text
    assert re.search(r"<del>\s*A child protection plan begins: neglect\. Police agreed\.\s*</del>", page)
    assert "Put right: I ticked the wrong one" in page
    assert "<b>No plan</b>" in page
    assert not Plan.objects.running().filter(case=has_decided.case).exists()
    page = page_of(client, address)
    assert "put this right on" in page
    address = url("correct_outcome", has_decided, has_decided.outcomes.latest("pk").pk)
    typed = {"outcome": "no_plan", "police_view": "agreed", "dissent": "She is not safe"}
    typed |= {"version": str(version_of(has_decided))}
    page = send(client, address, **typed | {"dissent": TYPED}, why="She agreed")
    assert "You wrote why police did not agree." in error_of(page, "police_view")
    assert TYPED in page
    # What is below an answer that was changed, and was not typed here, is in nobody's way.
    assert "It is put right" in send(client, address, **typed, why="She agreed")
    assert has_decided.outcomes.latest("pk").dissent == ""
    other = that_decided()
    answer = client.get(url("correct_outcome", other, wrong.pk))
    assert answer.status_code == 404


def test_what_else_was_decided_is_one_text_for_all_children_and_nobody_undoes_it_unseen(
    client: Client, pclo: User
) -> None:
    conference = decided(held(a_conference(a_case(children=[a_child("Rhys"), a_child("Tia")]))))
    rhys, tia = (url("correct_outcome", conference, each.pk) for each in conference.outcomes.order_by("pk"))
    opened = re.search(r'name="version" value="(\d+)"', page_of(client, tia))
    assert opened is not None
    typed = {"outcome": "plan", "category": "physical", "police_view": "agreed", "why": "As the minutes say"}
    assert "It is put right" in send(client, rhys, **typed, also_decided="A letter", version=opened[1])
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.detail["fields"]) == ("OUTCOME_CORRECTED", ["also_decided"])
    # Whoever had the other child's form open, and typed nothing there, leaves it; whoever did is told.
    assert "changed this while you had it open" in send(client, tia, **typed, also_decided=TYPED, version=opened[1])
    assert "It is put right" in send(client, tia, **typed, also_decided="", version=opened[1])
    conference.refresh_from_db()
    assert conference.also_decided == "A letter"
    assert "fields" not in AuditEvent.objects.latest("pk").detail


def test_what_a_later_conference_decided_comes_first(client: Client, pclo: User, has_decided: Conference) -> None:
    review = that_began(has_decided.case, kind=ConferenceKind.REVIEW, starts_at=clock.moment())
    decided(held(review), Outcome.CONTINUES, PlanCategory.NEGLECT)
    first = OutcomeFor.objects.get(conference=has_decided)
    page = page_of(client, url("correct_outcome", has_decided, first.pk))
    assert "This cannot be done." in page
    assert "A later conference has decided about" in page


# --- actions, debrief, minutes -------------------------------------------------------------------


def test_a_police_action_stands_with_the_conference_until_it_is_done(
    client: Client, pclo: User, has_decided: Conference
) -> None:
    typed = {"what": "See the aunt", "owner": pclo.pk, "due_on": "today"}
    page = send(client, url("add_police_action", has_decided), **typed | {"due_on": "1 January 2009"})
    assert error_of(page, "due_on")
    page = send(client, url("add_police_action", has_decided), **typed)
    assert f"The action is added for {pclo}." in page
    assert "See the aunt" in page
    assert "due today" in page
    assert "added this action on" in send(client, url("add_police_action", has_decided), **typed)
    complete_action(Action.objects.get(), result="She has a key", by=pclo)
    assert "She has a key" in page_of(client, url("conference", has_decided))


def test_a_sergeant_debriefs_whoever_went_with_what_they_wrote_in_sight(
    client: Client, pclo: User, began: Conference
) -> None:
    conference = held(began, attended_by=pclo, our_note="The father shouted")
    tab = reverse("conferences:of_record", args=[conference.case.number])
    assert "Record the debrief" not in page_of(client, url("conference", conference)) + page_of(client, tab)
    client.force_login(an_officer(Role.SUPERVISOR, name="Nandra"))
    assert f'href="{url("debrief", conference)}"' in page_of(client, tab)
    assert "Record the debrief" in page_of(client, url("conference", conference))
    assert "The father shouted" in page_of(client, url("debrief", conference))
    typed = {"words": TYPED, "version": version_of(conference)}
    decided(conference, Outcome.NO_PLAN)  # what was decided is no change of the conference itself
    page = send(client, url("debrief", conference), **typed)
    assert "The debrief is recorded." in page
    assert TYPED in page
    assert "gave the debrief on" in page_of(client, url("debrief", conference))
    assert url("debrief", conference) not in page_of(client, tab)
    missed = held(that_began(), missed="court", missed_why="At the Crown Court")
    assert "so nobody is debriefed" in page_of(client, url("debrief", missed))


def test_the_minutes_are_held_against_our_note(client: Client, pclo: User, began: Conference) -> None:
    conference = held(began, attended_by=pclo, our_note="The father shouted")
    address = url("minutes", conference)
    tab = reverse("conferences:of_record", args=[conference.case.number])
    assert f'href="{address}"' in page_of(client, tab)
    assert "The father shouted" in page_of(client, address)
    version = version_of(conference)
    typed: dict[str, Any] = {"received_on": day(clock.today()), "agree": "differ", "version": version}
    assert "Say in what the minutes differ" in error_of(send(client, address, **typed), "differ")
    page = send(client, address, **typed | {"agree": "agree", "differ": TYPED})
    assert "You wrote in what they differ." in error_of(page, "agree")
    assert TYPED in page
    debrief_officer(conference, words="Well done", by=an_officer(Role.SUPERVISOR, name="Nandra"))
    page = send(client, address, **typed | {"differ": TYPED})
    assert "Nandra changed this while you had it open" in page
    now = re.search(r'name="version" value="(\d+)"', page)
    assert now
    page = send(client, address, **typed | {"differ": TYPED, "version": now[1]})
    assert "They differ from our note:</b>" in page
    assert TYPED in page
    assert "checked the minutes" in page_of(client, address)
    assert address not in page_of(client, tab)


def test_the_page_asks_no_more_where_there_are_more_children(
    client: Client, pclo: User, has_decided: Conference
) -> None:
    many = that_decided(three_children())
    numbers = []
    for conference in (has_decided, many):
        for child in OutcomeFor.objects.filter(conference=conference):
            assert str(child.child) in page_of(client, url("conference", conference))
        with CaptureQueriesContext(connection) as captured:
            page_of(client, url("conference", conference))
        numbers.append(len(captured))
    assert numbers[0] == numbers[1]


def test_who_attended_is_put_right_on_its_page(client: Client, pclo: User, was_held: Conference) -> None:
    number = was_held.case.number
    here = f"/cases/{number}/conferences/{was_held.number}/attended/put-right/"
    page = client.get(here)
    assert "Put right who attended" in page.content.decode()
    said = {"who": "nobody", "missed": "sickness", "missed_why": "The officer was ill", "why": ""}
    version = page.context["form"]["version"].value()
    again = client.post(here, {**said, "version": version})
    assert "Say why it is put right" in again.content.decode()
    assert "The officer was ill" in again.content.decode()
    done = client.post(here, {**said, "why": "The wrong line", "version": version})
    assert done["Location"] == f"/cases/{number}/conferences/{was_held.number}/#after"
    was_held.refresh_from_db()
    assert (was_held.attended, was_held.missed) == (False, "sickness")
