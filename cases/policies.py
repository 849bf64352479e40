"""Whether the state of a record allows an act; the message is the sentence the user reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError

from cases.closure import in_the_way
from cases.enums import BY_HAND, ActionState, ClosureState, Court, Kind, Part, State, Way
from cases.models import Action, Case, CasePerson, Closure, Entry, Lead
from cases.restricting_policies import check_may_open
from deadlines.ages import years_old
from pages.words import day, moment
from people.births import Birth
from people.models import Person
from team.history import ChangedMeanwhile, who_changed
from team.models import User
from team.permissions import Permission, may

ADULT = 18


def check_open(case: Case) -> None:
    """Nothing is written on a closed record."""
    if case.state == State.CLOSED:
        raise ValidationError(
            f"Record {case} is closed, so nothing can be added to it. A sergeant or the inspector can open it again."
        )


def can_write(case: Case, by: User) -> bool:
    """Whether the buttons that write on a record are shown."""
    return case.state == State.OPEN and may(by, Permission.WRITE_RECORDS, team=case.team)


def check_happened(happened_at: datetime, *, now: datetime, field: str = "happened_at") -> None:
    """Nothing is recorded that has not happened yet."""
    if happened_at > now:
        raise ValidationError(
            {field: f"This is in the future: it is {moment(now)} now. For what is still to be done add an action"}
        )


def check_written(text: str, *, field: str) -> None:
    """What must be said is said."""
    if not text.strip():
        raise ValidationError({field: "Say why, or what came of it"})


def check_way(way: Way) -> None:
    """Whoever records something knows how it came or went."""
    if way == Way.NOT_SAID:
        raise ValidationError({"way": ValidationError("Select how it came or went", code="whole")})


def check_by_hand(kind: Kind) -> None:
    """What CAIT writes with an act is not written by hand."""
    if kind not in BY_HAND:
        raise ValidationError({"kind": f"“{Kind(kind).label}” is written by CAIT alone. Choose another"})


def check_correct_entry(entry: Entry) -> None:
    """Corrections of one entry stand in a row below it; none is corrected itself."""
    if entry.corrects_id is not None:
        raise ValidationError("Correct the entry itself: a new correction stands below the ones before it.")


def check_correction_is_unread(entry: Entry, *, seen: int | None) -> None:
    """Two who correct one entry at once: the second reads the first's correction before theirs is taken."""
    last = entry.corrections.select_related("recorded_by").order_by("-id").first()
    if seen is not None and last is not None and last.pk != seen:
        raise ChangedMeanwhile(
            f"{last.recorded_by} corrected this entry on {moment(last.recorded_at)}, while you had it open. It "
            f"now says: “{last.title}. {last.text}”",
            "What you typed is still below. Check it against theirs, then save again.",
        )


def check_correction_is_news(now: Entry, correction: Entry, *, people: set[int]) -> None:
    """A correction says something else than what is believed now."""
    same = ("title", "text", "happened_at", "happened", "significant")
    about = set(now.people.values_list("pk", flat=True))
    if about == people and all(getattr(now, name) == getattr(correction, name) for name in same):
        raise ValidationError("Nothing is changed yet. Change what is wrong, then save.")


def check_on_record(people: Iterable[Person], *, case: Case) -> None:
    """Only people who are on the record are named with what is written on it."""
    ids = {person.pk for person in people}
    on_it = set(
        CasePerson.objects.filter(case=case, person__in=ids, taken_off_at=None).values_list("person", flat=True)
    )
    if ids - on_it:
        raise ValidationError(
            "Somebody you chose is not on this record, or was taken off it. Add them to the record first."
        )


def check_is_child(birth: Birth, *, on: date) -> None:
    """A child is under 18 (Children Act 1989, section 105). An adult who tells of their own childhood is none."""
    if birth.latest and years_old(birth.latest, on) >= ADULT:
        raise ValidationError(
            "This is an adult, not a child. If they tell of their own childhood, name them as an adult and say why "
            "no child can be named",
            code="whole",
        )


def check_not_on_record(person: Person, part: Part, *, case: Case) -> None:
    """Nobody is put on a record twice in the same part."""
    if CasePerson.objects.filter(case=case, person=person, part=part, taken_off_at=None).exists():
        raise ValidationError(f"{person} is on this record already: {Part(part).label}.")


def check_may_see(ids: Iterable[int | None], *, by: User) -> None:
    """Somebody can only be said to be a person whom one may know of: one on a record that one may open."""
    wanted = {each for each in ids if each is not None}
    if by.is_system or not wanted:
        return
    known = CasePerson.objects.filter(person__in=wanted, case__in=Case.objects.visible_to(by))
    if wanted - set(known.values_list("person", flat=True)):
        raise ValidationError("One of the people you chose is not on a record that you may open. Check the matches.")


def check_due(due_on: date, *, today: date) -> None:
    """A date that is set lies ahead."""
    if due_on < today:
        raise ValidationError({"due_on": f"The due date must be today, {day(today)}, or later"})


def check_can_work_on(officer: User, *, case: Case, field: str) -> None:
    """Somebody who holds a role in the record's team today, and an open account."""
    officer.forget_roles()
    if not may(officer, Permission.WRITE_RECORDS, team=case.team):
        raise ValidationError({field: f"{officer} holds no role in {case.team} today, so cannot work on this record"})
    check_may_open(officer, case=case, field=field)


def check_assigned(officer: User | None, supervisor: User | None, *, case: Case, changed: list[str]) -> None:
    """The officer works in the team; the supervisor is a sergeant or the inspector there, and another person."""
    if not changed:
        raise ValidationError("Nothing is changed yet. Choose an officer in case or a supervisor, then save.")
    if officer is not None and "officer_in_case" in changed:
        check_can_work_on(officer, case=case, field="officer_in_case")
    if supervisor is not None and "supervisor" in changed:
        check_can_work_on(supervisor, case=case, field="supervisor")
        if not may(supervisor, Permission.SUPERVISE_RECORDS, team=case.team):
            raise ValidationError({"supervisor": f"{supervisor} is no sergeant or inspector in {case.team} today"})
    if officer is not None and officer == supervisor:
        raise ValidationError({"supervisor": "Choose somebody else: nobody supervises their own work"})


def check_lead(case: Case, child: Person, linked: Collection[Case]) -> None:
    """A record leads for a child that it is about, of several open ones. `linked`: the child's other open records."""
    check_open(case)
    if not CasePerson.objects.filter(case=case, person=child, part=Part.CHILD, taken_off_at=None).exists():
        raise ValidationError({"case": f"Record {case} is not about {child}. Choose another record or another child"})
    if not linked:
        raise ValidationError(f"{child} is on no other open record, so reviews hang on {case} anyway.")


def check_may_choose(child: Person, ask_first: str) -> None:
    """Where one of a child's open records is restricted, whoever is not named on it does not choose which leads.
    `ask_first`: whom they ask (cases.leading.whom_to_ask_first)."""
    if ask_first:
        raise ValidationError(
            f"Another open record of {child} is restricted, so only somebody who is named on it chooses which leads. "
            f"Ask {ask_first}."
        )


def check_to_choose(case: Case, children: Collection[object]) -> None:
    """There is something to choose where a child of an open record is on another open one."""
    check_open(case)
    if not children:
        raise ValidationError("No child on this record is on another open record, so reviews hang on it anyway.")


def check_lead_is_unread(last: Lead | None, *, seen: int | None, by: User) -> None:
    """Two who choose at once: the second reads what the first chose before theirs is taken."""
    if seen is not None and last is not None and last.pk > seen:
        # Whoever may not open the record that was chosen does not read why.
        readable = by.is_system or Case.objects.visible_to(by).filter(pk=last.case_id).exists()
        why = f"because: “{last.reason}”" if readable else f"on a record of {last.case.team}: ask them why"
        raise ChangedMeanwhile(
            f"{last.chosen_by} chose a lead record for {last.child} on {moment(last.chosen_at)}, while you had this "
            f"open, {why}",
            "What you typed is still below. If yours is to take its place, send it again; otherwise cancel.",
        )


def check_end_action(action: Action) -> None:
    """An action ends once; the second who tries reads who ended it, and how."""
    if action.state != ActionState.OPEN:
        was = "done" if action.state == ActionState.DONE else "not needed"
        raise ValidationError(
            f"{action.ended_by} recorded this action as {was} on {moment(action.ended_at)}: “{action.result}”"  # type: ignore[arg-type]
        )


def check_take_off(part: CasePerson, *, others: int) -> None:
    """Somebody is taken off once, and the last child stays: a record is about somebody."""
    if part.taken_off_at is not None:
        by = part.history.order_by("-history_id").values_list("history_user", flat=True).first()
        who = User.objects.filter(pk=by).first() or "Somebody"
        raise ValidationError(f"{who} took {part.person} off this record on {moment(part.taken_off_at)}.")
    if not others:
        raise ValidationError(
            "This is the only child on the record. Add the right child first, then take this one off."
        )


def check_nothing_in_the_way(case: Case) -> None:
    """A record closes only when nothing stands in the way (HMIC 2010, AFI 2); each thing that does is named."""
    things = [each.what for each in in_the_way(case)]
    if things:
        raise ValidationError(["This record cannot be closed yet.", *(f"{each}." for each in things)])


def check_court(court: Court) -> None:
    """A record stays open until any court case is concluded (HMIC 2010, AFI 2)."""
    if court == Court.UNDER_WAY:
        raise ValidationError({"court": "The record stays open until the court case is concluded"})


def check_ask_closure(case: Case) -> None:
    """One request at a time; the second who asks reads who asked first."""
    asked = Closure.objects.filter(case=case, state=ClosureState.ASKED).select_related("asked_by").first()
    if asked is not None:
        raise ValidationError(
            f"{asked.asked_by} asked on {moment(asked.asked_at)} to close this record, because: “{asked.outcome}” "
            "Another sergeant or the inspector answers."
        )


def check_answer_closure(closure: Closure) -> None:
    """A request is answered once; the second who tries reads who answered, and how."""
    if closure.state != ClosureState.ASKED:
        did = {"agreed": "agreed to close", "refused": "did not agree to close"}
        words = did.get(closure.state, "withdrew the request to close")
        raise ValidationError(
            f"{closure.answered_by} {words} this record on {moment(closure.answered_at)}"  # type: ignore[arg-type]
            + (f": “{closure.answer}”" if closure.answer else ".")
        )


def check_agree_closure(closure: Closure, *, by: User) -> None:
    """Whoever asked for closure does not agree to it, nor whoever's own work it ends (handbook; CAIT default)."""
    if closure.asked_by == by:
        raise ValidationError(
            "You asked to close this record, so somebody else must agree. Ask another sergeant or the inspector."
        )
    # Also who was: nobody can take themselves off first.
    if closure.case.history.filter(officer_in_case=by.pk).exists():
        raise ValidationError(
            "You are or were officer in case, so somebody else must agree. Ask another sergeant or the inspector."
        )


def check_refuse_closure(closure: Closure, *, by: User) -> None:
    """Nobody answers their own request: they take it back."""
    if closure.asked_by == by:
        raise ValidationError("You asked to close this record. Withdraw the request instead.")


def check_withdraw_closure(closure: Closure, *, by: User) -> None:
    """Only whoever asked takes the request back; anybody else who may, refuses it."""
    if closure.asked_by != by:
        raise ValidationError(f"{closure.asked_by} asked to close this record. Only they can withdraw the request.")


def check_reopen(case: Case) -> None:
    """Only a closed record is opened again; the second who tries reads that it is open."""
    if case.state != State.CLOSED:
        who = who_changed(case, "state")
        raise ValidationError(
            f"{who[0]} opened record {case} again on {moment(who[1])}." if who else f"Record {case} is open."
        )
