"""Conferences, plans and core groups over the API: what is theirs alone. Each act by itself: `api/test_acting`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AccessLog
from conferences.actions import add_police_action
from conferences.enums import Outcome, PlanCategory
from conferences.models import Conference, Plan
from deadlines import clock
from deadlines.clock import LONDON
from intake.actions import pass_to_conferences
from people.enums import Sex
from team.enums import Role
from team.models import User
from tests.factories.clock import move_time_to
from tests.factories.conferences import (
    a_conference,
    a_core_group,
    a_plan,
    a_review,
    children_on,
    decided,
    held,
    that_decided,
    that_was_held,
)
from tests.factories.mail import a_message
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import transferred
from tests.integration.api.asking import Program
from tests.integration.api.prepared import said_wrong

pytestmark = pytest.mark.django_db

NOW = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> None:
    move_time_to(NOW)


def a_pclo(team: str = "HGY") -> Program:
    return Program(an_officer(Role.PCLO, a_team(team)))


def two_children() -> Any:
    return a_case(children=[a_child("Rhys", sex=Sex.MALE), a_child("Reece")])


def as_booked(case: Any, **other: Any) -> dict[str, Any]:
    sent = {"kind": "initial", "children": [child.pk for child in children_on(case)], "place": "Fernley Civic Centre"}
    return {**sent, "starts_at": "2010-04-06T10:00:00+01:00", "chair": "Ms G Teasdale", **other}


def ids(program: Program, name: str, **asked: Any) -> list[int]:
    answer = program.get(name, **asked)
    assert answer.status_code == 200, answer.json()
    return [each["id"] for each in answer.json()["results"]]


# --- before --------------------------------------------------------------------------------------


def test_what_is_booked_is_given_with_its_preparation_and_its_dates() -> None:
    program, case, pclo = a_pclo(), two_children(), an_officer(Role.PCLO)
    made = program.post("book_conference", case.number, **as_booked(case, pclo=pclo.pk)).json()
    assert (made["case"], made["number"], made["state"], made["attending"]) == (case.number, 1, "booked", "going")
    assert (made["children"], made["pclo"]["id"], made["lasts"]) == ([c.pk for c in children_on(case)], pclo.pk, 120)
    due = {step["step"]: step["due_on"] for step in made["preparation"]}
    assert due == {
        "research": "2010-03-29",
        "cram": "2010-03-30",
        "report": "2010-03-31",
        "endorsement": "2010-03-31",
        "briefing": "2010-04-06",
    }
    assert program.get("conference", made["id"]).json() == made


def test_what_cannot_be_booked_is_told_by_field() -> None:
    program, case = a_pclo(), two_children()
    elsewhere, constable = children_on(a_case())[0], an_officer(Role.INVESTIGATOR)
    wrong: dict[str, Any]
    for wrong in (
        {"children": [elsewhere.pk]},
        {"children": []},
        {"pclo": constable.pk},
        {"lasts": 5},
        {"lasts": 601},
        {"starts_at": "2013-04-06T10:00:00+01:00"},
        {"starts_at": "2010-04-06T10:00:00"},
        {"kind": "review", "initiated_on": "2010-03-01"},
        {"message": 999_999},
    ):
        field = "initiated_on" if "initiated_on" in wrong else next(iter(wrong))
        said = said_wrong(program.post("book_conference", case.number, **as_booked(case, **wrong)))
        assert set(said) == {"detail", field}, wrong
    assert not Conference.objects.exists()


def test_a_conference_is_booked_from_the_email_of_its_invitation() -> None:
    program, case = a_pclo(), a_case()
    email = a_message()
    sent = as_booked(case, message=email.pk)
    assert set(said_wrong(program.post("book_conference", case.number, **sent))) == {"detail", "message"}
    pass_to_conferences(email, by=User.objects.system())
    looks = AccessLog.objects.count()
    assert program.post("book_conference", case.number, **sent).status_code == 201
    assert [row.object_type for row in AccessLog.objects.order_by("pk")[looks:]] == ["cases.case", "intake.message"]
    assert Conference.objects.get().message == email
    again = program.post("book_conference", case.number, **{**sent, "starts_at": "2010-04-07T10:00:00+01:00"})
    assert str(program.user) in said_wrong(again)["detail"]


def test_a_clash_of_the_conference_officer_is_refused_unless_it_is_meant() -> None:
    program, case, pclo = a_pclo(), two_children(), an_officer(Role.PCLO)
    sent = as_booked(case, pclo=pclo.pk)
    first = program.post("book_conference", case.number, **sent).json()
    sent |= {"kind": "review", "starts_at": "2010-04-06T12:15:00+01:00"}
    said = said_wrong(program.post("book_conference", case.number, **sent))
    assert set(said) == {"detail", "anyway"}
    assert f"{pclo} is booked already: an initial conference on {case.number}" in said["anyway"][0]
    made = program.post("book_conference", case.number, **sent, anyway=True).json()
    change = {"version": made["version"], "lasts": 90}
    assert set(said_wrong(program.patch("conference", made["id"], **change))) == {"detail", "anyway"}
    move = {"version": first["version"], "starts_at": "2010-04-06T11:00:00+01:00", "why": "A room"}
    assert set(said_wrong(program.post("move_conference", first["id"], **move))) == {"detail", "anyway"}
    assert program.patch("conference", made["id"], **change, pclo=None).json()["pclo"] is None
    assert program.post("move_conference", first["id"], **move).status_code == 200  # nobody has the other now


def test_a_change_leaves_what_it_does_not_name() -> None:
    program, pclo = a_pclo(), an_officer(Role.PCLO)
    conference = a_conference(pclo=pclo, initiated_on=clock.today(), agencies="School nurse")
    version = program.get("conference", conference.pk).json()["version"]
    made = program.patch("conference", conference.pk, chair="Mr D Amory", version=version).json()
    kept = (made["pclo"]["id"], made["initiated_on"], made["agencies"], made["children"])
    assert kept == (pclo.pk, "2010-03-10", "School nurse", [c.pk for c in children_on(conference.case)])
    made = program.patch("conference", conference.pk, pclo=None, version=made["version"]).json()
    assert (made["chair"], made["pclo"], made["initiated_on"]) == ("Mr D Amory", None, "2010-03-10")
    said = said_wrong(program.patch("conference", conference.pk, version=made["version"]))
    assert "Nothing has changed" in said["detail"]


def test_police_attend_every_initial_conference() -> None:
    program, conference = Program(an_officer(Role.SUPERVISOR)), a_conference()
    version = program.get("conference", conference.pk).json()["version"]
    sent = {"attending": "report_only", "why": "Nothing new", "version": version}
    said = said_wrong(program.post("decide_attendance", conference.pk, **sent))
    assert "Police attend every initial conference" in said["detail"]
    said = said_wrong(program.post("decide_attendance", conference.pk, **{**sent, "attending": "undecided"}))
    assert set(said) == {"detail", "attending"}


# --- after ---------------------------------------------------------------------------------------


def test_what_is_wrong_with_an_outcome_stands_with_the_child_it_is_about() -> None:
    program, case = a_pclo(), two_children()
    conference = that_was_held(case)
    first, second = children_on(case)
    right = {"child": first.pk, "outcome": "plan", "category": "neglect", "police_view": "agreed"}
    wrong = {"child": second.pk, "outcome": "plan", "police_view": "dissented"}
    said = said_wrong(program.post("record_outcomes", conference.pk, outcomes=[right, wrong]))
    assert set(said) == {"detail", "outcomes"}
    assert {place: set(fields) for place, fields in said["outcomes"].items()} == {"1": {"category", "dissent"}}
    stranger = {**right, "child": children_on(a_case())[0].pk}
    said = said_wrong(program.post("record_outcomes", conference.pk, outcomes=[right, stranger]))
    assert {place: set(fields) for place, fields in said["outcomes"].items()} == {"1": {"child"}}
    for few in ([right], [right, right]):
        said = said_wrong(program.post("record_outcomes", conference.pk, outcomes=few))
        assert (set(said), "each child" in said["detail"]) == ({"detail"}, True)
    assert not Plan.objects.exists()
    whole = [right, {**wrong, "outcome": "no_plan", "dissent": "She is not safe there"}]
    besides = "The school rings weekly."
    made = program.post("record_outcomes", conference.pk, outcomes=whole, also_decided=besides).json()
    assert made["also_decided"] == besides
    assert [(each["child"], each["outcome"], each["stands"]) for each in made["outcomes"]] == [
        (first.pk, "plan", True),
        (second.pk, "no_plan", True),
    ]
    # What is put right stays beside what stands.
    sent = {"outcome": "no_plan", "police_view": "agreed", "why": "The wrong child"}
    args = [conference.pk, made["outcomes"][0]["id"]]
    made = program.post("correct_outcome", *args, **sent).json()
    assert made["also_decided"] == besides
    about = [(each["outcome"], each["corrected_why"], each["stands"]) for each in made["outcomes"]]
    assert about == [("plan", "", False), ("no_plan", "", True), ("no_plan", "The wrong child", True)]
    assert ids(program, "plans") == []
    said_wrong(program.post("correct_outcome", a_conference().pk, args[1], **sent), 404)


def test_a_child_who_was_on_a_plan_then_is_not_put_on_another() -> None:
    """What was recorded late may lie within a plan that has ended since."""
    program, case = a_pclo(), a_case()
    conference = that_was_held(case)
    (child,) = children_on(case)
    plan = a_plan(case)
    version = program.get("plan", plan.pk).json()["version"]
    ended = {"to_on": clock.today().isoformat(), "end": "moved", "note": "S Arikan", "version": version}
    assert program.post("end_plan", plan.pk, **ended).status_code == 200
    about = {"child": child.pk, "outcome": "plan", "category": "neglect", "police_view": "agreed"}
    said = said_wrong(program.post("record_outcomes", conference.pk, outcomes=[about]))
    assert "A child is on one plan at a time" in said["outcomes"]["0"]["outcome"][0]


# --- lists ---------------------------------------------------------------------------------------


def test_the_list_of_conferences_is_narrowed_and_shows_no_other_teams() -> None:
    program, case = a_pclo(), a_case()
    theirs = a_conference(a_case(a_team("ENF")))
    earlier = that_decided(case)
    later = a_review(case, starts_at=NOW + 30 * DAY)
    other = a_conference(starts_at=NOW + 60 * DAY)
    assert ids(program, "conferences") == [other.pk, later.pk, earlier.pk]
    assert ids(program, "conferences", case=case.number) == [later.pk, earlier.pk]
    assert AccessLog.objects.latest("pk").case_id == case.pk
    assert ids(program, "conferences", state="held") == [earlier.pk]
    assert ids(program, "conferences", kind="review") == [later.pk]
    assert ids(program, "conferences", from_on="2010-04-09", to_on="2010-04-09") == [later.pk]
    assert AccessLog.objects.latest("pk").detail["filters"] == ["from_on", "to_on"]
    said = said_wrong(program.get("conferences", from_on="2010-04-09", to_on="2010-04-08"))
    assert set(said) == {"detail", "to_on"}
    said_wrong(program.get("conferences", case=theirs.case.number), 404)
    said_wrong(program.get("conference", theirs.pk), 404)


def test_the_list_of_plans_is_the_register_as_at_a_day() -> None:
    program, case = a_pclo(), two_children()
    first, second = children_on(case)
    that_decided(case)  # yesterday
    review = held(a_review(case, starts_at=NOW + DAY))
    decided(review, Outcome.CONTINUES, PlanCategory.SEXUAL)
    by_child = {plan.child_id: plan for plan in Plan.objects.all()}
    plan = by_child[first.pk]
    version = program.get("plan", plan.pk).json()["version"]
    to_on = clock.today().isoformat()
    sent = {"to_on": to_on, "end": "adult", "note": "She is 18", "version": version}
    made = program.post("end_plan", plan.pk, **sent).json()
    assert (made["to_on"], made["end"], made["child"], made["name"]) == (to_on, "adult", first.pk, str(first))
    both = {each.pk for each in by_child.values()}
    assert set(ids(program, "plans", on="2010-03-10")) == both
    assert ids(program, "plans", on="2010-03-08") == []
    assert ids(program, "plans", on="2010-03-11") == [by_child[second.pk].pk], "not on the day on which it ends"
    assert ids(program, "plans", running="true") == [by_child[second.pk].pk]
    assert ids(program, "plans", running="false") == [plan.pk]
    assert ids(program, "plans", child=str(first.pk)) == [plan.pk]
    assert set(ids(program, "plans", case=case.number)) == both
    was = {each["category"] for each in program.get("plans", on="2010-03-10").json()["results"]}
    now_is = {each["category"] for each in program.get("plans").json()["results"]}
    assert (was, now_is) == ({"neglect"}, {"sexual"})
    assert set(said_wrong(program.get("plans", running="1"))) == {"detail", "running"}
    assert ids(a_pclo("ENF"), "plans") == []
    said_wrong(a_pclo("ENF").get("plan", plan.pk), 404)
    # Whoever takes the record over has its plans from then on: on a day before they were another team's.
    transferred(case)
    theirs = a_pclo("ENF")
    assert plan.pk in ids(theirs, "plans", case=case.number, on="2010-03-10")
    assert ids(theirs, "plans", running="true") == [by_child[second.pk].pk]
    assert ids(theirs, "plans", on="2010-03-10") == []


def test_a_plan_that_was_a_mistake_is_read_by_itself_alone() -> None:
    program, plan = a_pclo(), a_plan()
    version = program.get("plan", plan.pk).json()["version"]
    made = program.post("withdraw_plan", plan.pk, why="It was their cousin", version=version).json()
    assert (made["withdrawn_why"], ids(program, "plans")) == ("It was their cousin", [])
    assert program.get("plan", plan.pk).json() == made


def test_a_core_group_that_is_moved_keeps_its_place() -> None:
    program = a_pclo()
    group = a_core_group(a_plan().case, place="The school")
    (read,) = program.get("core_groups", group.case.number).json()["results"]
    sent = {"starts_at": "2010-04-14T10:00:00+01:00", "why": "A room", "version": read["version"]}
    moved = program.post("move_core_group", group.case.number, group.pk, **sent).json()
    assert (moved["place"], moved["starts_at"]) == ("The school", "2010-04-14T09:00:00Z")


def test_what_police_passed_on_at_a_core_group_is_given_with_it() -> None:
    program = a_pclo()
    group = a_core_group(a_plan().case, NOW - DAY)
    version = program.get("core_groups", group.case.number).json()["results"][0]["version"]
    sent = {"attended_by": program.user.pk, "note": "The plan goes on", "shared_what": "Bail", "version": version}
    args = [group.case.number, group.pk]
    assert set(said_wrong(program.post("record_core_group", *args, **sent))) == {"detail", "shared_with"}
    made = program.post("record_core_group", *args, **sent, shared_with="S Arikan").json()
    assert (made["state"], made["shared"]["to_whom"], made["shared"]["way"]) == ("held", "S Arikan", "meeting")


def test_lists_and_a_whole_conference_are_read_with_as_many_statements_however_much_it_is() -> None:
    program, case = a_pclo(), two_children()
    conference = that_decided(case)

    def statements(name: str, *args: Any) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert program.get(name, *args).status_code == 200
        return len(asked)

    def an_action(what: str) -> None:
        officer = an_officer(Role.INVESTIGATOR)
        add_police_action(conference, what=what, owner=officer, due_on=clock.today(), by=User.objects.system())

    names: list[tuple[Any, ...]] = [("conferences",), ("plans",), ("conference", conference.pk)]
    names += [("core_groups", case.number)]
    a_core_group(case)
    an_action("Ring them")
    few = {each[0]: statements(*each) for each in names}
    for number in range(3):
        that_decided(two_children())
        an_action(f"Visit {number}")
        a_core_group(case, NOW + (20 + number) * DAY, by=an_officer(Role.PCLO))
    a_review(case, starts_at=NOW + 30 * DAY)
    assert {each[0]: statements(*each) for each in names} == few
    assert max(few.values()) <= 20, few


def test_a_plan_of_before_is_of_a_child_on_the_record() -> None:
    program, case = a_pclo(), a_case()
    sent = {"from_on": "2009-06-01", "category": "neglect", "conference_on": "2009-12-01"}
    sent |= {"conference_was_initial": False}  # type: ignore[dict-item]
    said = said_wrong(program.post("record_plan", case.number, child=children_on(a_case())[0].pk, **sent))
    assert set(said) == {"detail", "child"}
    (child,) = children_on(case)
    made = program.post("record_plan", case.number, child=child.pk, **sent).json()
    assert (made["category"], made["begun_at"], made["conference_on"]) == ("neglect", None, "2009-12-01")
    said = said_wrong(program.post("record_plan", case.number, child=child.pk, **sent))
    assert set(said) == {"detail", "from_on"}
