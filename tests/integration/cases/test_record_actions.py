"""What is written on a record: by whom, with an entry of its own, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEvent
from cases import actions
from cases.enums import ActionState, Basis, Happened, Kind, Level, Part, Partner, State, Way
from cases.models import Action, Case, CasePerson, Entry, Shared
from deadlines import clock
from pages.words import day, moment
from people.births import Birth
from people.enums import Relation, Sex
from people.models import OtherName, Person, Relationship
from people.said import PersonSaid
from team.actions import close_account
from team.enums import Role
from team.history import ChangedMeanwhile, version_of
from team.models import User
from team.permissions import NotAllowed
from tests.factories.referrals import a_case, a_child
from tests.factories.team import a_team, a_user, an_officer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def a_constable(**other: Any) -> User:
    return an_officer(Role.INVESTIGATOR, **other)


def a_sergeant() -> User:
    return an_officer(Role.SUPERVISOR)


def by_cait() -> User:
    return User.objects.system()


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        act()
    return " ".join(refused.value.messages)


def beside(act: Callable[[], Any]) -> list[str]:
    """The fields beside which a refusal stands."""
    with pytest.raises(ValidationError) as refused:
        act()
    return sorted(refused.value.message_dict)


def newest(case: Case) -> Entry:
    return case.entries.latest("id")


def the_child(case: Case) -> Person:
    return Person.objects.get(parts__case=case, parts__part=Part.CHILD)


def the_part(case: Case) -> CasePerson:
    return CasePerson.objects.get(case=case, part=Part.CHILD)


def on_record(case: Case) -> list[tuple[str, str]]:
    parts = CasePerson.objects.filter(case=case, taken_off_at=None)
    return [(part.person.given_names, part.part) for part in parts]


def closed(case: Case) -> Case:
    """No action closes a record yet."""
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=clock.now())
    return Case.objects.get(pk=case.pk)


def entry_on(case: Case, *, by: User | None = None, **other: Any) -> Entry:
    said: dict[str, Any] = {
        "kind": Kind.CONTACT,
        "title": "Home visit",
        "text": "Nobody at home.",
        "happened_at": clock.now() - 10 * MINUTE,
        "by": by or by_cait(),
    }
    return actions.add_entry(case, **(said | other))


def correction_of(entry: Entry, *, by: User | None = None, **other: Any) -> Entry:
    said: dict[str, Any] = {
        "title": entry.title,
        "text": "The grandmother was at home.",
        "happened_at": entry.happened_at,
        "reason": "Read the notebook again",
        "by": by or by_cait(),
    }
    return actions.correct_entry(entry, **(said | other))


def an_action(case: Case, *, by: User | None = None, **other: Any) -> Action:
    said: dict[str, Any] = {"what": "Ring the school", "due_on": clock.today() + DAY, "by": by or by_cait()}
    if "owner" not in other:
        said["owner"] = a_constable()
    return actions.add_action(case, **(said | other))


def shared_from(case: Case, *, by: User | None = None, **other: Any) -> Shared:
    said: dict[str, Any] = {
        "partner": Partner.HEALTH,
        "to_whom": "Ms Orme, health visitor",
        "what": "The child was seen and is well.",
        "way": Way.TELEPHONE,
        "basis": Basis.SAFEGUARDING,
        "shared_at": clock.now() - 10 * MINUTE,
        "by": by or by_cait(),
    }
    return actions.share_information(case, **(said | other))


def added(case: Case, said: PersonSaid, part: Part = Part.OTHER_CHILD, *, by: User | None = None) -> Person:
    return actions.add_person(case, part=part, said=said, on=clock.today(), by=by or by_cait())


def put_right(
    case: Case, person: Person, *, by: User | None = None, version: int | None = None, **new: Any
) -> Person:
    """With what is known of the person but for what is given."""
    said: dict[str, Any] = {
        "given_names": person.given_names,
        "family_name": person.family_name,
        "birth": person.birth,
        "sex": person.sex,
    }
    return actions.change_person(
        person,
        case=case,
        said=PersonSaid(**(said | new)),
        reason="Birth certificate",
        on=clock.today(),
        version=version,
        by=by or by_cait(),
    )


def put_right_by(case: Case, by: User) -> Callable[[], Any]:
    person = the_child(case)
    return lambda: put_right(case, person, given_names="Reece", by=by)


def owner_of(action: Action) -> User:
    """Whom it is for, by name."""
    assert action.owner is not None
    return action.owner


def change_by(case: Case, by: User) -> Callable[[], Any]:
    action = an_action(case)
    later = action.due_on + DAY
    return lambda: actions.change_action(
        action, owner=owner_of(action), due_on=later, reason="School is closed", by=by
    )


def end_by(end: Callable[..., Action]) -> Callable[[Case, User], Callable[[], Any]]:
    def make(case: Case, by: User) -> Callable[[], Any]:
        action = an_action(case)
        return lambda: end(action, result="The head called back.", by=by)

    return make


def take_off_by(case: Case, by: User) -> Callable[[], Any]:
    added(case, a_child("Ann"))
    part = CasePerson.objects.get(case=case, part=Part.OTHER_CHILD)
    return lambda: actions.take_person_off(part, reason="Lives elsewhere", by=by)


def correct_by(case: Case, by: User) -> Callable[[], Any]:
    entry = entry_on(case)
    return lambda: correction_of(entry, by=by)


def assign_by(case: Case, by: User) -> Callable[[], Any]:
    officer = a_constable()
    return lambda: actions.assign_case(case, officer_in_case=officer, supervisor=None, by=by)


# How to do each thing once on a record: made ready first, so that the call alone is what is judged.
ACTS: dict[str, Callable[[Case, User], Callable[[], Any]]] = {
    "assign_case": assign_by,
    "add_entry": lambda case, by: lambda: entry_on(case, by=by),
    "correct_entry": correct_by,
    "add_action": lambda case, by: (lambda owner: lambda: an_action(case, owner=owner, by=by))(a_constable()),
    "change_action": change_by,
    "complete_action": end_by(actions.complete_action),
    "cancel_action": end_by(actions.cancel_action),
    "share_information": lambda case, by: lambda: shared_from(case, by=by),
    "add_person": lambda case, by: lambda: added(case, a_child("Ann"), by=by),
    "change_person": put_right_by,
    "take_person_off": take_off_by,
}
EVENTS = {
    "assign_case": "CASE_ASSIGNED",
    "add_entry": "ENTRY_ADDED",
    "correct_entry": "ENTRY_CORRECTED",
    "add_action": "ACTION_ADDED",
    "change_action": "ACTION_CHANGED",
    "complete_action": "ACTION_DONE",
    "cancel_action": "ACTION_CANCELLED",
    "share_information": "INFORMATION_SHARED",
    "add_person": "PERSON_ADDED",
    "change_person": "PERSON_CHANGED",
    "take_person_off": "PERSON_TAKEN_OFF",
}
# Those whose row can be edited, so that its history says in whose name.
TRACKED = sorted(set(ACTS) - {"add_entry", "correct_entry", "share_information"})


# --- what every action does ----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_action_makes_one_entry_in_the_name_of_who_acts(name: str, case: Case) -> None:
    by = a_sergeant()
    act = ACTS[name](case, by)
    before = case.entries.count()
    act()
    assert case.entries.count() == before + 1
    assert newest(case).recorded_by == by


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_action_is_one_event_on_its_record(name: str, case: Case) -> None:
    by = a_sergeant()
    act = ACTS[name](case, by)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    act()
    event = AuditEvent.objects.exclude(pk__in=before).get()
    assert (event.event, event.by_id, event.case_id, event.team_id) == (EVENTS[name], by.pk, case.pk, case.team_id)


@pytest.mark.parametrize("name", TRACKED)
def test_the_history_of_what_was_changed_is_in_the_name_of_who_acts(name: str, case: Case) -> None:
    by = a_sergeant()
    row = ACTS[name](case, by)()
    assert row.history.latest("history_id").history_user == by


@pytest.mark.parametrize("name", sorted(ACTS))
def test_nothing_is_written_on_a_closed_record(name: str, case: Case) -> None:
    by = a_sergeant()
    act = ACTS[name](case, by)
    closed(case)
    entries, events = case.entries.count(), AuditEvent.objects.count()
    assert refusal(act) == (
        f"Record {case} is closed, so nothing can be added to it. A sergeant or the inspector can open it again."
    )
    assert (case.entries.count(), AuditEvent.objects.count()) == (entries, events)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_sergeant_of_another_team_is_refused(name: str, case: Case) -> None:
    act = ACTS[name](case, an_officer(Role.SUPERVISOR, a_team("ENF")))
    with pytest.raises(NotAllowed, match=r"You cannot .* in Team HGY"):
        act()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_the_command_reads_and_does_not_write(name: str, case: Case) -> None:
    act = ACTS[name](case, an_officer(Role.COMMAND))
    with pytest.raises(NotAllowed, match="You cannot"):
        act()


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"assign_case"}))
def test_a_constable_of_the_team_may_write(name: str, case: Case) -> None:
    by = a_constable()
    ACTS[name](case, by)()
    assert newest(case).recorded_by == by


# --- who works on it -----------------------------------------------------------------------------


def test_the_officer_in_case_and_the_supervisor_are_named(case: Case) -> None:
    officer, sergeant = a_constable(), a_sergeant()
    case = actions.assign_case(case, officer_in_case=officer, supervisor=sergeant, reason="On call", by=sergeant)
    case.refresh_from_db()
    assert (case.officer_in_case, case.supervisor) == (officer, sergeant)
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.RECORD, f"Officer in case: {officer}; Supervisor: {sergeant}")
    assert (entry.text, entry.automatic) == ("On call", True)
    detail = AuditEvent.objects.latest("id").detail
    assert detail == {"officer_in_case": officer.pk, "supervisor": sergeant.pk}


def test_only_what_changed_is_told(case: Case) -> None:
    officer, sergeant = a_constable(), a_sergeant()
    actions.assign_case(case, officer_in_case=officer, supervisor=sergeant, by=sergeant)
    actions.assign_case(case, officer_in_case=None, supervisor=sergeant, by=sergeant)
    assert newest(case).title == "Officer in case: nobody"
    assert AuditEvent.objects.latest("id").detail == {"officer_in_case": "nobody"}


def test_the_same_officers_once_more_are_refused_as_no_change(case: Case) -> None:
    officer = a_constable()
    actions.assign_case(case, officer_in_case=officer, supervisor=None, by=by_cait())
    entries, lines = case.entries.count(), case.history.count()
    with pytest.raises(ValidationError, match="Nothing is changed yet"):
        actions.assign_case(case, officer_in_case=officer, supervisor=None, by=by_cait())
    assert (case.entries.count(), case.history.count()) == (entries, lines)


def test_a_constable_cannot_say_who_works_on_a_record(case: Case) -> None:
    act = assign_by(case, a_constable())
    with pytest.raises(NotAllowed, match="You cannot say who works on a record in Team HGY"):
        act()


def test_only_who_holds_a_role_in_the_team_can_work_on_its_record(case: Case) -> None:
    begun = clock.today() - 9 * DAY
    ended = an_officer(Role.INVESTIGATOR, from_on=begun, to_on=clock.today() - DAY)
    closed_account = a_constable()
    close_account(closed_account, by=by_cait())
    others = [a_user(), an_officer(Role.INVESTIGATOR, a_team("ENF")), an_officer(Role.REVIEWER)]
    for officer in (*others, ended, closed_account):
        sentence = f"{officer} holds no role in Team HGY today, so cannot work on this record"

        def assign(officer: User = officer) -> Case:
            return actions.assign_case(case, officer_in_case=officer, supervisor=None, by=by_cait())

        assert refusal(assign) == sentence
        assert beside(assign) == ["officer_in_case"]


def test_whoever_assigns_second_reads_who_was_first_and_whom_they_chose(case: Case) -> None:
    mine, theirs, other = a_constable(), a_constable(), a_sergeant()
    version = version_of(case)
    actions.assign_case(case, officer_in_case=theirs, supervisor=None, by=other)
    with pytest.raises(ChangedMeanwhile) as refused:
        actions.assign_case(case, officer_in_case=mine, supervisor=None, version=version, by=a_sergeant())
    said = str(refused.value.messages[0])
    assert f"{other} changed this while you had it open" in said
    assert f"nothing became {theirs}" in said
    case.refresh_from_db()
    assert case.officer_in_case == theirs


# --- the chronology ------------------------------------------------------------------------------


def test_an_entry_keeps_what_was_written(case: Case) -> None:
    by, happened_at = a_constable(), clock.now() - DAY
    child = the_child(case)
    entry = entry_on(
        case,
        kind=Kind.INFORMATION,
        happened_at=happened_at,
        happened=Happened.ABOUT,
        source="Neighbour",
        people=[child],
        significant=True,
        by=by,
    )
    entry.refresh_from_db()
    assert (entry.kind, entry.title, entry.text) == (Kind.INFORMATION, "Home visit", "Nobody at home.")
    assert (entry.happened_at, entry.happened, entry.source) == (happened_at, Happened.ABOUT, "Neighbour")
    assert (entry.automatic, entry.significant, list(entry.people.all())) == (False, True, [child])
    assert entry.recorded_at > happened_at


def test_what_has_not_happened_yet_is_refused(case: Case) -> None:
    now = clock.moment()

    def act() -> Entry:
        return entry_on(case, happened_at=now + MINUTE)

    said = refusal(act)
    assert said.startswith("This is in the future: it is ")
    assert said.endswith(" now. For what is still to be done add an action")
    assert beside(act) == ["happened_at"]
    assert entry_on(case, happened_at=now).happened_at == now


def test_somebody_who_is_not_on_the_record_is_not_named_on_it(case: Case) -> None:
    stranger = the_child(a_case())
    sentence = "Somebody you chose is not on this record, or was taken off it. Add them to the record first."
    assert refusal(lambda: entry_on(case, people=[the_child(case), stranger])) == sentence
    assert refusal(lambda: shared_from(case, people=[stranger])) == sentence
    assert refusal(lambda: put_right(case, stranger, given_names="Reece")) == sentence


def test_somebody_who_was_taken_off_the_record_is_not_named_with_what_is_new(case: Case) -> None:
    person = added(case, a_child("Ann"))
    part = CasePerson.objects.get(case=case, person=person)
    actions.take_person_off(part, reason="Somebody else", by=by_cait())
    sentence = "Somebody you chose is not on this record, or was taken off it. Add them to the record first."
    assert refusal(lambda: entry_on(case, people=[person])) == sentence
    assert refusal(lambda: shared_from(case, people=[person])) == sentence


def test_a_correction_stands_beside_and_the_entry_stays(case: Case) -> None:
    by = a_constable()
    entry = entry_on(case, source="Neighbour")
    correction = correction_of(entry, by=by)
    correction.refresh_from_db()
    entry.refresh_from_db()
    assert (correction.corrects, correction.kind, correction.source) == (entry, entry.kind, "Neighbour")
    assert (correction.title, correction.text) == ("Home visit", "The grandmother was at home.")
    assert (correction.reason, correction.recorded_by) == ("Read the notebook again", by)
    assert entry.text == "Nobody at home."


def test_a_correction_is_not_corrected_itself(case: Case) -> None:
    correction = correction_of(entry_on(case))
    assert refusal(lambda: correction_of(correction, text="Nobody.")) == (
        "Correct the entry itself: a new correction stands below the ones before it."
    )


def test_corrections_of_one_entry_stand_in_a_row(case: Case) -> None:
    entry = entry_on(case)
    first = correction_of(entry)
    second = correction_of(entry, text="The aunt was at home.", seen=first.pk)
    assert list(entry.corrections.order_by("id")) == [first, second]


def test_a_correction_that_changes_nothing_is_refused(case: Case) -> None:
    entry = entry_on(case)
    sentence = "Nothing is changed yet. Change what is wrong, then save."
    assert refusal(lambda: correction_of(entry, text=entry.text)) == sentence
    correction_of(entry)
    assert refusal(lambda: correction_of(entry)) == sentence


def test_back_to_what_the_entry_said_first_is_a_correction_of_the_last_one(case: Case) -> None:
    entry = entry_on(case)
    correction_of(entry)
    assert correction_of(entry, text=entry.text).text == "Nobody at home."


def test_how_exactly_it_is_known_when_something_happened_can_be_corrected(case: Case) -> None:
    entry = entry_on(case, happened=Happened.AT)
    correction = correction_of(entry, text=entry.text, happened=Happened.ABOUT)
    assert correction.happened == Happened.ABOUT


def test_a_correction_to_the_future_is_refused(case: Case) -> None:
    entry = entry_on(case)
    act = lambda: correction_of(entry, happened_at=clock.moment() + MINUTE)  # noqa: E731
    assert "This is in the future" in refusal(act)
    assert beside(act) == ["happened_at"]


@pytest.mark.parametrize("before", [0, 1])
def test_whoever_corrects_second_reads_the_first_correction(before: int, case: Case) -> None:
    entry, other = entry_on(case), a_constable()
    seen = correction_of(entry, text="The mother was at home.").pk if before else 0
    theirs = correction_of(entry, title="Visit", seen=seen, by=other)
    theirs.refresh_from_db()
    with pytest.raises(ChangedMeanwhile) as refused:
        correction_of(entry, text="The aunt was at home.", seen=seen)
    said = str(refused.value.messages[0])
    assert f"{other} corrected this entry on {moment(theirs.recorded_at)}, while you had it open." in said
    assert "“Visit. The grandmother was at home.”" in said
    assert entry.corrections.count() == before + 1


# --- actions -------------------------------------------------------------------------------------


def test_an_action_has_an_owner_and_a_date(case: Case) -> None:
    by, owner, due_on = a_constable(), a_constable(), clock.today() + 3 * DAY
    action = an_action(case, owner=owner, due_on=due_on, by=by)
    action.refresh_from_db()
    assert (action.what, action.owner, action.due_on) == ("Ring the school", owner, due_on)
    assert (action.state, action.added_by, action.result) == (ActionState.OPEN, by, "")
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.ACTION, "Action: Ring the school")
    assert entry.text == f"For {owner}, by {day(due_on)}."
    assert AuditEvent.objects.latest("id").detail == {"owner": owner.pk, "due_on": str(due_on)}


def test_an_action_may_be_due_today_and_not_before(case: Case) -> None:
    today = clock.today()
    assert an_action(case, due_on=today).due_on == today

    def act() -> Action:
        return an_action(case, due_on=today - DAY)

    assert refusal(act) == f"The due date must be today, {day(today)}, or later"
    assert beside(act) == ["due_on"]


def test_an_action_is_not_for_somebody_of_another_team(case: Case) -> None:
    stranger = an_officer(Role.INVESTIGATOR, a_team("ENF"))

    def act() -> Action:
        return an_action(case, owner=stranger)

    assert refusal(act) == f"{stranger} holds no role in Team HGY today, so cannot work on this record"
    assert beside(act) == ["owner"]
    assert not case.actions.exists()


def test_an_action_is_given_to_somebody_else_and_the_reason_is_told(case: Case) -> None:
    other = a_constable()
    action = an_action(case)
    later = action.due_on + DAY
    actions.change_action(action, owner=other, due_on=later, reason="On leave", by=a_sergeant())
    action.refresh_from_db()
    assert (action.owner, action.due_on) == (other, later)
    entry = newest(case)
    assert (entry.title, entry.text) == (
        "Action changed: Ring the school",
        f"Now for {other}, by {day(later)}. On leave",
    )


def test_an_action_changed_to_what_it_is_leaves_no_trace(case: Case) -> None:
    action = an_action(case)
    entries, events = case.entries.count(), AuditEvent.objects.count()
    actions.change_action(action, owner=owner_of(action), due_on=action.due_on, reason="None", by=by_cait())
    assert (case.entries.count(), AuditEvent.objects.count(), action.history.count()) == (entries, events, 1)


def test_an_action_is_not_changed_to_a_day_that_is_over_or_a_stranger(case: Case) -> None:
    action, yesterday = an_action(case), clock.today() - DAY
    stranger = an_officer(Role.INVESTIGATOR, a_team("ENF"))

    def change(owner: User, due_on: date) -> Callable[[], Action]:
        return lambda: actions.change_action(action, owner=owner, due_on=due_on, reason="Moved", by=by_cait())

    assert beside(change(owner_of(action), yesterday)) == ["due_on"]
    assert beside(change(stranger, action.due_on)) == ["owner"]


def test_whoever_changes_an_action_second_reads_what_the_first_made_of_it(case: Case) -> None:
    action, other, theirs = an_action(case), a_sergeant(), a_constable()
    version, first = version_of(action), owner_of(action)
    actions.change_action(action, owner=theirs, due_on=action.due_on, reason="On leave", by=other)
    with pytest.raises(ChangedMeanwhile) as refused:
        actions.change_action(
            action, owner=first, due_on=action.due_on + DAY, reason="Later", version=version, by=a_sergeant()
        )
    said = str(refused.value.messages[0])
    assert f"{other} changed this while you had it open" in said
    assert f"{first} became {theirs}" in said
    action.refresh_from_db()
    assert action.owner == theirs


def test_whoever_changes_the_date_second_reads_the_first_date_in_words(case: Case) -> None:
    action, other = an_action(case), a_sergeant()
    version, before = version_of(action), action.due_on
    actions.change_action(action, owner=owner_of(action), due_on=before + DAY, reason="Closed", by=other)
    with pytest.raises(ChangedMeanwhile) as refused:
        actions.change_action(
            action, owner=owner_of(action), due_on=before + 5 * DAY, reason="Later", version=version, by=a_sergeant()
        )
    assert f"due date: {day(before)} became {day(before + DAY)}" in str(refused.value.messages[0])


ENDS = [
    (actions.complete_action, ActionState.DONE, "Action done: Ring the school", "done"),
    (actions.cancel_action, ActionState.CANCELLED, "Action not needed: Ring the school", "not needed"),
]


@pytest.mark.parametrize(("end", "state", "title", "was"), ENDS)
def test_an_action_ends_with_what_came_of_it(
    end: Callable[..., Action], state: ActionState, title: str, was: str, case: Case
) -> None:
    by = a_constable()
    action = end(an_action(case), result="The head called back.", by=by)
    action.refresh_from_db()
    assert (action.state, action.result, action.ended_by) == (state, "The head called back.", by)
    assert action.ended_at is not None
    entry = newest(case)
    assert (entry.kind, entry.title, entry.text) == (Kind.ACTION, title, "The head called back.")


@pytest.mark.parametrize(("end", "state", "title", "was"), ENDS)
@pytest.mark.parametrize("then", ["complete", "cancel", "change"])
def test_an_action_that_has_ended_stays_as_it_ended(
    end: Callable[..., Action], state: ActionState, title: str, was: str, then: str, case: Case
) -> None:
    action, first = an_action(case), a_constable()
    ended = end(action, result="The head called back.", by=first)
    again: dict[str, Callable[[], Action]] = {
        "complete": lambda: actions.complete_action(action, result="Mine", by=by_cait()),
        "cancel": lambda: actions.cancel_action(action, result="Mine", by=by_cait()),
        "change": lambda: actions.change_action(
            action, owner=first, due_on=action.due_on, reason="Mine", by=by_cait()
        ),
    }
    assert ended.ended_at is not None
    assert refusal(again[then]) == (
        f"{first} recorded this action as {was} on {moment(ended.ended_at)}: “The head called back.”"
    )
    action.refresh_from_db()
    assert (action.state, action.result) == (state, "The head called back.")


# --- what is shared ------------------------------------------------------------------------------


def test_what_was_passed_on_is_kept_with_its_ground(case: Case) -> None:
    by, at = a_constable(), clock.now() - DAY
    child = the_child(case)
    shared = shared_from(case, shared_at=at, people=[child], by=by)
    shared.refresh_from_db()
    assert (shared.partner, shared.way, shared.basis) == (Partner.HEALTH, Way.TELEPHONE, Basis.SAFEGUARDING)
    assert (shared.to_whom, shared.what) == ("Ms Orme, health visitor", "The child was seen and is well.")
    assert (shared.shared_at, shared.recorded_by) == (at, by)
    assert list(shared.people.all()) == [child]
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.SHARED, "Shared with Health: Ms Orme, health visitor")
    assert entry.text == (
        "The child was seen and is well.\n\nBy telephone. To protect a child (Children Act 2004, section 11)."
    )
    assert (entry.happened_at, list(entry.people.all())) == (at, [child])
    assert AuditEvent.objects.latest("id").detail == {"partner": "health", "people": [child.pk]}


def test_nothing_is_passed_on_in_the_future(case: Case) -> None:
    now = clock.moment()

    def act() -> Shared:
        return shared_from(case, shared_at=now + MINUTE)

    assert "This is in the future: it is " in refusal(act)
    assert beside(act) == ["shared_at"]
    assert not case.shared.exists()


# --- people on the record ------------------------------------------------------------------------


def test_somebody_new_is_put_on_the_record_behind_those_who_are_there(case: Case) -> None:
    by = a_constable()
    person = added(case, a_child("Ann", "Orme"), by=by)
    assert on_record(case) == [("Rhys", "child"), ("Ann", "other_child")]
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.PEOPLE, "Ann Orme added to the record: Other child there")
    assert list(entry.people.all()) == [person]
    assert AuditEvent.objects.latest("id").detail == {"part": "other_child"}


def test_an_adult_is_related_to_every_child_the_record_is_about() -> None:
    case = a_case(children=[a_child("Rhys"), a_child("Ann")])
    added(case, a_child("Ben"), Part.OTHER_CHILD)
    mother = added(case, a_child("Shelley", relation=Relation.MOTHER), Part.ADULT)
    known = Relationship.objects.filter(person=mother)
    assert sorted((each.relation, each.to.given_names) for each in known) == [("mother", "Ann"), ("mother", "Rhys")]


def test_a_mother_may_be_a_suspect_too_and_is_one_person(case: Case) -> None:
    people = Person.objects.count()
    mother = added(case, a_child("Shelley", relation=Relation.MOTHER), Part.ADULT)
    added(case, PersonSaid(same_as=mother.pk, relation=Relation.MOTHER), Part.SUSPECT)
    assert on_record(case) == [("Rhys", "child"), ("Shelley", "adult"), ("Shelley", "suspect")]
    assert (Person.objects.count(), mother.relationships.count()) == (people + 1, 1)


def test_nobody_is_put_on_a_record_twice_in_one_part(case: Case) -> None:
    child, people = the_child(case), Person.objects.count()
    said = PersonSaid(given_names="Reece", family_name="Other", same_as=child.pk)
    with pytest.raises(ValidationError) as refused:
        added(case, said, Part.CHILD)
    assert refused.value.messages == [f"{child} is on this record already: Child it is about."]
    assert (Person.objects.count(), OtherName.objects.count()) == (people, 0)


def test_somebody_known_from_another_record_is_the_same_person_on_both(case: Case) -> None:
    second = a_case()
    person = the_child(case)
    assert added(second, PersonSaid(same_as=person.pk)) == person
    assert set(person.cases.all()) == {case, second}


def test_somebody_on_a_record_that_one_may_not_open_cannot_be_chosen(case: Case) -> None:
    hidden = the_child(a_case(a_team("ENF")))
    assert refusal(lambda: added(case, PersonSaid(same_as=hidden.pk), by=a_constable())) == (
        "One of the people you chose is not on a record that you may open. Check the matches."
    )
    assert on_record(case) == [("Rhys", "child")]


def test_somebody_on_no_record_at_all_cannot_be_chosen(case: Case) -> None:
    person = Person.objects.create(given_names="Nobody")
    assert "not on a record that you may open" in refusal(
        lambda: added(case, PersonSaid(same_as=person.pk), by=a_constable())
    )


def test_a_birth_that_cannot_be_puts_nobody_on_the_record(case: Case) -> None:
    tomorrow = clock.today() + DAY
    with pytest.raises(ValidationError, match="the day this was said"):
        added(case, a_child("Ann", birth=Birth.on(tomorrow)))
    assert on_record(case) == [("Rhys", "child")]


def test_what_is_put_right_says_how_it_was_and_why() -> None:
    case, by = a_case(children=[a_child("Rhys", "Calloway")]), a_constable()
    born = Birth.on(date(2009, 8, 1))
    put_right(case, the_child(case), given_names="Reece", birth=born, sex=Sex.MALE, by=by)
    person = the_child(case)
    assert (person.given_names, person.family_name) == ("Reece", "Calloway")
    assert (person.sex, person.birth) == (Sex.MALE, born)
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.PEOPLE, "Details of Rhys Calloway put right")
    assert entry.text == "Before: first names Rhys; sex not known; birth not known. Why: Birth certificate"
    assert AuditEvent.objects.latest("id").detail == {"fields": ["given_names", "sex", "birth"], "records": [case.pk]}
    assert [line.given_names for line in person.history.order_by("history_id")] == ["Rhys", "Reece"]


def test_an_unborn_child_becomes_the_same_person_at_birth() -> None:
    due = clock.today() + 20 * DAY
    case = a_case(children=[PersonSaid(family_name="Aldous", birth=Birth.due(due))])
    person = the_child(case)
    put_right(case, person, given_names="Mo", birth=Birth.on(clock.today()))
    assert the_child(case) == person
    assert str(the_child(case)) == "Mo Aldous"
    assert newest(case).title == "Details of Unborn baby Aldous put right"


def test_nothing_put_right_leaves_no_trace(case: Case) -> None:
    entries, events = case.entries.count(), AuditEvent.objects.count()
    put_right(case, the_child(case))
    assert (case.entries.count(), AuditEvent.objects.count()) == (entries, events)


def test_a_birth_that_cannot_be_is_not_put_right(case: Case) -> None:
    act = lambda: put_right(case, the_child(case), birth=Birth.on(clock.today() + DAY))  # noqa: E731
    assert "the day this was said" in refusal(act)


def test_whoever_puts_right_second_reads_what_the_first_made_of_it() -> None:
    case, other = a_case(children=[a_child("Rhys", "Calloway")]), a_constable()
    person = the_child(case)
    version = version_of(person)
    put_right(case, person, given_names="Reece", by=other)
    with pytest.raises(ChangedMeanwhile) as refused:
        put_right(case, person, given_names="Rees", version=version, by=a_constable())
    said = str(refused.value.messages[0])
    assert f"{other} changed this while you had it open (first names: Rhys became Reece)" in said
    assert the_child(case).given_names == "Reece"


def test_a_person_changed_on_another_record_is_noticed_on_this_one(case: Case) -> None:
    second, other = a_case(), a_constable()
    person = the_child(case)
    added(second, PersonSaid(same_as=person.pk))
    version = version_of(person)
    put_right(second, person, given_names="Reece", by=other)
    with pytest.raises(ChangedMeanwhile, match="changed this while you had it open"):
        put_right(case, person, given_names="Rees", version=version)


def test_somebody_taken_off_leaves_what_was_written_about_them(case: Case) -> None:
    by = a_constable()
    person = added(case, a_child("Ann", "Orme"))
    about = entry_on(case, people=[person])
    part = CasePerson.objects.get(case=case, person=person)
    actions.take_person_off(part, reason="Somebody else of that name", by=by)
    part.refresh_from_db()
    assert part.taken_off_at is not None
    assert on_record(case) == [("Rhys", "child")]
    entry = newest(case)
    assert (entry.kind, entry.title) == (Kind.PEOPLE, "Ann Orme taken off the record: Other child there")
    assert (entry.text, list(entry.people.all())) == ("Why: Somebody else of that name", [person])
    assert list(about.people.all()) == [person]


def test_the_only_child_stays(case: Case) -> None:
    added(case, a_child("Ann"), Part.OTHER_CHILD)
    assert refusal(lambda: actions.take_person_off(the_part(case), reason="Wrong", by=by_cait())) == (
        "This is the only child on the record. Add the right child first, then take this one off."
    )
    added(case, a_child("Ben"), Part.CHILD)
    first = CasePerson.objects.get(case=case, person__given_names="Rhys")
    actions.take_person_off(first, reason="Wrong", by=by_cait())
    assert on_record(case) == [("Ann", "other_child"), ("Ben", "child")]


def test_the_last_child_left_stays_where_another_was_taken_off() -> None:
    case = a_case(children=[a_child("Rhys"), a_child("Ann")])
    rhys, ann = CasePerson.objects.filter(case=case)
    actions.take_person_off(rhys, reason="Wrong", by=by_cait())
    assert "only child on the record" in refusal(lambda: actions.take_person_off(ann, reason="Wrong", by=by_cait()))


def test_somebody_is_taken_off_once(case: Case) -> None:
    person = added(case, a_child("Ann", "Orme"))
    part = CasePerson.objects.get(case=case, person=person)
    off = actions.take_person_off(part, reason="Wrong", by=by_cait())
    assert off.taken_off_at is not None
    assert refusal(lambda: actions.take_person_off(part, reason="Again", by=by_cait())) == (
        f"CAIT took Ann Orme off this record on {moment(off.taken_off_at)}."
    )


def test_somebody_taken_off_can_come_back_in_the_same_part(case: Case) -> None:
    person = added(case, a_child("Ann"))
    part = CasePerson.objects.get(case=case, person=person)
    actions.take_person_off(part, reason="Wrong", by=by_cait())
    by = a_constable()
    added(case, PersonSaid(same_as=person.pk), by=by)
    assert on_record(case) == [("Rhys", "child"), ("Ann", "other_child")]
    lines = part.history.order_by("history_id")
    assert [line.taken_off_at is None for line in lines] == [True, False, True]
    assert lines[2].history_user == by


# --- what the database refuses -------------------------------------------------------------------


def a_bare_entry(case: Case, **fields: Any) -> Entry:
    known = {"kind": Kind.NOTE, "title": "Note", "happened_at": clock.now(), "recorded_by": by_cait()}
    return Entry.objects.create(case=case, **(known | fields))


def a_bare_action(case: Case, **fields: Any) -> Action:
    known = {"what": "Ring", "owner": by_cait(), "added_by": by_cait(), "due_on": clock.today()}
    return Action.objects.create(case=case, **(known | fields))


def a_bare_sharing(case: Case, **fields: Any) -> Shared:
    known: dict[str, Any] = {"partner": Partner.HEALTH, "to_whom": "Ms Orme", "what": "All", "way": Way.EMAIL}
    known |= {"basis": Basis.CRIME, "shared_at": clock.now(), "recorded_by": by_cait()}
    return Shared.objects.create(case=case, **(known | fields))


def a_bare_case(case: Case, **fields: Any) -> Case:
    known: dict[str, Any] = {"number": "HGY-2009-9999", "urn": "9999/09", "team": case.team}
    return Case.objects.create(**(known | fields))


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("record_number_is_one", lambda case: a_bare_case(case, number="hgy-9-1")),
        ("case_state_is_known", lambda case: a_bare_case(case, state="lost")),
        ("case_level_is_known", lambda case: a_bare_case(case, level="grave")),
        ("closed_case_says_when", lambda case: a_bare_case(case, state=State.CLOSED)),
        ("closed_case_says_when", lambda case: a_bare_case(case, closed_at=clock.now())),
        ("cases_case_number", lambda case: a_bare_case(case, number=case.number)),
        ("entry_has_a_title", lambda case: a_bare_entry(case, title="")),
        ("entry_kind_is_known", lambda case: a_bare_entry(case, kind="rumour")),
        ("entry_happened_is_known", lambda case: a_bare_entry(case, happened="once")),
        ("correction_has_a_reason", lambda case: a_bare_entry(case, corrects=newest(case))),
        (
            "ended_action_says_when_and_what",
            lambda case: a_bare_action(
                case, state=ActionState.DONE, ended_at=clock.now(), ended_by=by_cait(), result=""
            ),
        ),
        (
            "ended_action_says_when_and_what",
            lambda case: a_bare_action(case, state=ActionState.DONE, ended_at=clock.now(), result="Rung"),
        ),
        ("ended_action_says_when_and_what", lambda case: a_bare_action(case, result="Rung")),
        ("shared_says_what_and_to_whom", lambda case: a_bare_sharing(case, what="")),
        ("shared_says_what_and_to_whom", lambda case: a_bare_sharing(case, to_whom="")),
        ("shared_basis_is_known", lambda case: a_bare_sharing(case, basis="curiosity")),
        (
            "part_once_on_a_case",
            lambda case: CasePerson.objects.create(case=case, person=the_child(case), part=Part.CHILD),
        ),
        (
            "part_is_known",
            lambda case: CasePerson.objects.create(case=case, person=the_child(case), part="dog"),
        ),
    ],
)
def test_the_database_refuses_what_cannot_be_true(constraint: str, make: Callable[[Case], Any], case: Case) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(case)


def test_the_levels_are_those_of_the_handbook(case: Case) -> None:
    assert a_bare_case(case, level=Level.HIGH).get_level_display() == "High"


@pytest.mark.parametrize(
    "table",
    [
        "cases_entry",
        "cases_entry_people",
        "cases_shared",
        "cases_shared_people",
        "cases_historicalcase",
        "cases_historicalcaseperson",
        "cases_historicalaction",
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_written_is_neither_changed_nor_deleted(table: str, statement: str, case: Case) -> None:
    child = the_child(case)
    shared_from(case, people=[child])
    entry_on(case, people=[child])
    connection.check_constraints()  # so that nothing else stands in the way of TRUNCATE
    column = "history_id" if "historical" in table else "id"
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


def test_an_entry_is_not_changed_through_its_model_either(case: Case) -> None:
    entry = entry_on(case)
    entry.text = "Somebody was at home."
    for change in (entry.save, entry.delete):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()


def test_when_it_happened_and_when_it_was_written_down_are_two_times(case: Case) -> None:
    happened_at = datetime(2009, 12, 2, 15, 20, tzinfo=clock.LONDON)
    entry = entry_on(case, happened_at=happened_at)
    entry.refresh_from_db()
    assert (entry.happened_at, clock.london_date(entry.recorded_at)) == (happened_at, clock.today())
