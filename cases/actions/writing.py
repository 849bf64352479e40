"""What is written on an open record: entries, actions, people, what was shared, who works on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from audit.events import Event
from audit.recording import record
from cases import policies
from cases.closure import Turn, tell
from cases.enums import CHILDREN, ActionState, Basis, Happened, Kind, Part, Partner, State, Way
from cases.models import Action, Case, CasePerson, Entry, Shared
from cases.steps import enter, lock_linked, locked, put_on_case, save_action, set_action, share, tell_linked, told_on
from deadlines import clock
from deadlines.clock import minute
from pages.words import day
from people.births import check_birth
from people.models import Person, Relationship
from people.said import PersonSaid
from people.steps import record_people, relate
from team.history import check_unchanged, save_as
from team.models import User
from team.permissions import Permission


def assign_case(
    case: Case,
    *,
    officer_in_case: User | None,
    supervisor: User | None,
    reason: str = "",
    version: int | None = None,
    by: User,
) -> Case:
    """Say who is officer in case and who supervises. Raises ChangedMeanwhile, ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.ASSIGN_RECORDS, by)
        policies.check_open(case)
        check_unchanged(case, version)
        new = {"officer_in_case": officer_in_case, "supervisor": supervisor}
        changed = [name for name, officer in new.items() if getattr(case, name) != officer]
        policies.check_assigned(officer_in_case, supervisor, case=case, changed=changed)
        for name in changed:
            setattr(case, name, new[name])
        save_as(case, by)
        words = {"officer_in_case": "Officer in case", "supervisor": "Supervisor"}
        title = "; ".join(f"{words[name]}: {new[name] or 'nobody'}" for name in changed)
        enter(case, Kind.RECORD, title, text=reason, by=by)
        if "officer_in_case" in changed:
            tell(case, Turn.ASSIGNED, by=by)
        if "supervisor" in changed:
            tell(case, Turn.SUPERVISOR, by=by)
        detail = {name: officer.pk if (officer := new[name]) else "nobody" for name in changed}
        record(Event.CASE_ASSIGNED, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return case


def add_entry(
    case: Case,
    *,
    kind: Kind,
    title: str,
    text: str,
    happened_at: datetime,
    happened: Happened = Happened.AT,
    source: str = "",
    people: Iterable[Person] = (),
    significant: bool = False,
    by: User,
) -> Entry:
    """Add to the chronology by hand. Raises ValidationError for what lies in the future."""
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        people = list(people)
        policies.check_by_hand(kind)
        policies.check_happened(happened_at, now=clock.moment())
        policies.check_on_record(people, case=case)
        entry = enter(
            case,
            kind,
            title,
            text=text,
            happened_at=happened_at,
            happened=happened,
            source=source,
            people=people,
            significant=significant,
            automatic=False,
            by=by,
        )
        record(Event.ENTRY_ADDED, by=by, on=entry, case_id=case.pk, team_id=case.team_id)
        return entry


def correct_entry(
    entry: Entry,
    *,
    title: str,
    text: str,
    happened_at: datetime,
    happened: Happened = Happened.AT,
    people: Iterable[Person] | None = None,
    significant: bool | None = None,
    reason: str,
    seen: int | None = None,
    by: User,
) -> Entry:
    """Put a correction beside an entry, which itself stays as it was.

    `people` and `significant`: None leaves them as they are. `seen`: the id of the last correction that whoever
    corrects has seen, 0 for none; another one since raises ChangedMeanwhile. A time that is the same to the minute is
    the same. Raises ValidationError.
    """
    with transaction.atomic():
        case = locked(entry.case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        policies.check_correct_entry(entry)
        policies.check_happened(happened_at, now=clock.moment())
        policies.check_correction_is_unread(entry, seen=seen)
        now = entry.corrections.order_by("-id").first() or entry
        about = list(now.people.all() if people is None else people)
        policies.check_on_record([each for each in about if people is not None], case=case)
        correction = Entry(
            case=case,
            kind=entry.kind,
            title=title,
            text=text,
            happened_at=now.happened_at if minute(now.happened_at) == minute(happened_at) else happened_at,
            happened=happened,
            recorded_by=by,
            source=entry.source,
            significant=now.significant if significant is None else significant,
            corrects=entry,
            reason=reason,
        )
        correction.clean_fields(exclude=["recorded_at"])
        policies.check_correction_is_news(now, correction, people={each.pk for each in about})
        correction.save()
        if about:
            correction.people.add(*about)
        record(Event.ENTRY_CORRECTED, by=by, on=entry, case_id=case.pk, team_id=case.team_id)
        return correction


def add_action(case: Case, *, what: str, owner: User, due_on: date, by: User) -> Action:
    """Add something to be done, with an owner and a date. Raises ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        policies.check_due(due_on, today=clock.today())
        policies.check_can_work_on(owner, case=case, field="owner")
        action = set_action(case, what=what, owner=owner, due_on=due_on, by=by)
        _record(Event.ACTION_ADDED, action, by, owner=owner.pk, due_on=str(due_on))
        return action


def change_action(
    action: Action, *, owner: User, due_on: date, reason: str, version: int | None = None, by: User
) -> Action:
    """Give an action to somebody else, or another date, and say why. Raises ChangedMeanwhile, ValidationError."""
    with transaction.atomic():
        case, action = _locked_action(action, by)
        check_unchanged(action, version)
        policies.check_written(reason, field="reason")
        if (action.owner, action.due_on) == (owner, due_on):
            return action
        # Only what is changed is asked about: an overdue action can be given to somebody else and stays overdue.
        if action.due_on != due_on:
            policies.check_due(due_on, today=clock.today())
        if action.owner != owner:
            policies.check_can_work_on(owner, case=case, field="owner")
        action.owner, action.due_on = owner, due_on
        save_action(action, by)
        text = f"Now for {owner}, by {day(due_on)}. {reason}"
        enter(case, Kind.ACTION, f"Action changed: {action.what}", text=text, by=by)
        _record(Event.ACTION_CHANGED, action, by, owner=owner.pk, due_on=str(due_on))
        return action


def complete_action(action: Action, *, result: str, by: User) -> Action:
    """Record that an action is done and what came of it. Raises ValidationError, also where it has ended already."""
    return _end(action, ActionState.DONE, Event.ACTION_DONE, "Action done", result, by)


def cancel_action(action: Action, *, result: str, by: User) -> Action:
    """Record that an action is not needed, and why. Raises ValidationError, also where it has ended already."""
    return _end(action, ActionState.CANCELLED, Event.ACTION_CANCELLED, "Action not needed", result, by)


def share_information(
    case: Case,
    *,
    partner: Partner,
    to_whom: str,
    what: str,
    way: Way,
    basis: Basis,
    shared_at: datetime,
    people: Iterable[Person] = (),
    by: User,
) -> Shared:
    """Record what was passed on, to whom, when, how and on what ground. Raises ValidationError."""
    with transaction.atomic():
        case = locked(case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        policies.check_way(way)
        people = list(people)
        policies.check_happened(shared_at, now=clock.moment(), field="shared_at")
        policies.check_on_record(people, case=case)
        shared = share(
            case,
            partner=partner,
            to_whom=to_whom,
            what=what,
            way=way,
            basis=basis,
            shared_at=shared_at,
            people=people,
            by=by,
        )
        _record(Event.INFORMATION_SHARED, shared, by, partner=str(partner), people=[p.pk for p in people])
        return shared


def add_person(case: Case, *, part: Part, said: PersonSaid, on: date, by: User) -> Person:
    """Put somebody on a record, known to CAIT or not, as they were said on a London date. Raises ValidationError."""
    with transaction.atomic():
        linked = lock_linked(case, [said.same_as] if said.same_as and part == Part.CHILD else [])
        case = locked(case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        policies.check_may_see([said.same_as], by=by)
        if part in CHILDREN:  # then: who was a child when the record was raised is one on it for ever
            policies.check_is_child(said.birth, on=clock.london_date(case.raised_at))
        recorded = record_people([said], on=on, by=by)
        (person,) = recorded.people
        policies.check_not_on_record(person, part, case=case)
        place = CasePerson.objects.filter(case=case).count()
        put_on_case(case, [(person, part)], place=place, by=by)
        relations: list[Relationship] = []
        if part in (Part.ADULT, Part.SUSPECT):
            children = Person.objects.filter(parts__case=case, parts__part=Part.CHILD, parts__taken_off_at=None)
            relations = relate(((person, said.relation, child) for child in children), by=by)
        told_on(case, homes=recorded.homes, names=recorded.names, relations=relations)
        title, text = f"{person} added to the record: {Part(part).label}", " ".join(recorded.learned)
        enter(case, Kind.PEOPLE, title, text=text, people=[person], by=by)
        tell(case, Turn.PEOPLE, by=by)
        tell_linked(linked, by=by)
        _record_person(Event.PERSON_ADDED, person, case, by, part=str(part))
        return person


def change_person(
    person: Person, *, case: Case, said: PersonSaid, reason: str, on: date, version: int | None = None, by: User
) -> Person:
    """Put right what is known of somebody on a record; how it was before stays in the history.

    A person is one on every record they are on, so every open one of these tells of it. Raises ChangedMeanwhile,
    ValidationError.
    """
    with transaction.atomic():
        others = _locked_others(person, case)
        case = locked(case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        policies.check_on_record([person], case=case)
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        check_unchanged(person, version)
        policies.check_written(reason, field="reason")
        check_birth(said.birth, on=on)
        new: dict[str, Any] = {
            "given_names": said.given_names,
            "family_name": said.family_name,
            "sex": said.sex,
            "birth": said.birth,
        }
        before = {name: getattr(person, name) for name in new}
        changed = [name for name in new if before[name] != new[name]]
        if not changed:
            return person
        was = person.full_name
        for name in changed:
            setattr(person, name, new[name])
        person.clean_fields(exclude=["name_key"])
        save_as(person, by)
        words = {"birth": before["birth"].words(), "sex": before["sex"] or "not known"}
        old = {"given_names": f"first names {before['given_names'] or 'not known'}"}
        old |= {"family_name": f"family name {before['family_name'] or 'not known'}"}
        old |= {"sex": f"sex {words['sex']}", "birth": f"birth {words['birth']}"}
        why = f" Why: {reason}"
        text = f"Before: {'; '.join(old[name] for name in changed)}.{why}"
        title = f"Details of {was} put right"
        enter(case, Kind.PEOPLE, title, text=text, people=[person], by=by)
        for other in others:
            # Why stands on the record alone, where not everybody who opens the other may read that.
            told = text.removesuffix(why) if case.restricted else text
            enter(other, Kind.PEOPLE, f"{title} on another record", text=told, people=[person], by=by)
        records = [case.pk, *(other.pk for other in others)]
        _record_person(Event.PERSON_CHANGED, person, case, by, fields=changed, records=records)
        return person


def take_person_off(part: CasePerson, *, reason: str, by: User) -> CasePerson:
    """Take somebody off a record, as when it was somebody else. What was written about them stays."""
    with transaction.atomic():
        linked = lock_linked(part.case, [part.person_id] if part.part == Part.CHILD else [])
        case = locked(part.case, Permission.WRITE_RECORDS, by)
        policies.check_open(case)
        part = CasePerson.objects.select_related("person").get(pk=part.pk)
        policies.check_take_off(part, others=_other_children(part))
        policies.check_written(reason, field="reason")
        part.taken_off_at = clock.moment()
        save_as(part, by)
        title = f"{part.person} taken off the record: {part.get_part_display()}"
        enter(case, Kind.PEOPLE, title, text=f"Why: {reason}", people=[part.person], by=by)
        tell(case, Turn.PEOPLE, by=by)
        tell_linked(linked, by=by)
        _record_person(Event.PERSON_TAKEN_OFF, part.person, case, by, part=part.part)
        return part


def _locked_others(person: Person, case: Case) -> list[Case]:
    """The other open records of a person, locked with this one in the order of their ids, whoever may open them."""
    rows = Case.objects.filter(parts__person=person, parts__taken_off_at=None, state=State.OPEN).values("pk")
    locked = Case.objects.select_for_update(of=("self",), no_key=True).filter(Q(pk__in=rows) | Q(pk=case.pk))
    return [each for each in locked.prefetch_related("team").order_by("pk") if each.pk != case.pk]


def _other_children(part: CasePerson) -> int:
    """How many children the record would still be about; where it was never about one, that does not count."""
    if part.part != Part.CHILD:
        return 1
    children = CasePerson.objects.filter(case_id=part.case_id, part=Part.CHILD, taken_off_at=None)
    return children.exclude(pk=part.pk).count()


def _locked_action(action: Action, by: User) -> tuple[Case, Action]:
    case = locked(action.case, Permission.WRITE_RECORDS, by)
    policies.check_open(case)
    action = Action.objects.select_related("ended_by", "owner").get(pk=action.pk)
    action.case = case
    policies.check_end_action(action)
    return case, action


def _end(action: Action, state: ActionState, event: Event, title: str, result: str, by: User) -> Action:
    with transaction.atomic():
        case, action = _locked_action(action, by)
        policies.check_written(result, field="result")
        action.state, action.result = state, result
        action.ended_at, action.ended_by = clock.moment(), by
        save_action(action, by)
        enter(case, Kind.ACTION, f"{title}: {action.what}", text=result, by=by)
        _record(event, action, by)
        return action


def _record(event: Event, on: Action | Shared, by: User, **detail: Any) -> None:
    record(event, by=by, on=on, case_id=on.case_id, team_id=on.case.team_id, detail=detail)


def _record_person(event: Event, person: Person, case: Case, by: User, **detail: Any) -> None:
    record(event, by=by, on=person, case_id=case.pk, team_id=case.team_id, detail=detail)
