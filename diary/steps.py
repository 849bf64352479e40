"""How a duty is raised and ended, as part of the action that causes it and in its transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from cases.enums import Partner, TransferState
from cases.models import Case, Transfer
from deadlines import clock, schedules
from deadlines.due import Due
from diary.chasing import catch_up, drop_waiting, stop_sending, withdraw_unsent
from diary.kinds import DutyKind, follows_of, kind_of
from diary.models import Chase, ChaseState, Duty, DutyState, Mail, Step, StepState, Watch
from diary.pairs import check_answers_both
from diary.restricted import whose_there
from diary.telling import stop_watching, tell_given, watch
from team.history import add_many, keep_lines, new_ids, save_all_as, save_as
from team.models import Team, User
from team.permissions import Permission
from team.queries import who_may


def raise_duty(
    kind: DutyKind,
    case: Case,
    due: Due,
    *,
    owner: User | None = None,
    subject: int = 0,
    about: str = "",
    cycle: int = 0,
    by: User,
) -> Duty:
    """Write a duty with its date and the reason for it. The caller holds the record's lock or has just raised it.

    Raises IntegrityError where it is there already: a duty is raised once.
    """
    duty = Duty(
        case=case,
        team=case.team,
        kind=kind.code,
        subject=subject,
        about=about,
        cycle=cycle,
        owner=owner,
        owner_role=kind.owner_role,
        due_on=due.due_on,
        due_at=due.due_at,
        late_from=due.late_from,
        due=due.to_json(),
        from_before=kind.apart is not None and owner is None,
    )
    save_all_as([duty], by)
    if not duty.from_before:
        watch(duty)
    if case.restricted:
        pass_to(duty, owner, by)
    return duty


class Raised(NamedTuple):
    """One duty of `raise_many`: `case` and `subject` are ids."""

    kind: DutyKind
    case: int
    due: Due
    subject: int = 0


def raise_many(
    team: Team, raised: Sequence[Raised], *, from_before: bool = False, hold_why: str = "", by: User
) -> list[int]:
    """As `raise_duty`, of very many new records of a team. The id of each, in their order. `hold_why`: why no
    email is sent about those that a partner is chased for, where none is."""
    now, ids = clock.moment(), new_ids(Duty, len(raised))
    written: dict[int, str] = {}  # very many are due on the same few days, for the same reason
    rows = []
    for pk, each in zip(ids, raised, strict=True):
        due = written.get(id(each.due)) or written.setdefault(id(each.due), json.dumps(each.due.to_json()))
        held = (now, by.pk, hold_why) if hold_why and each.kind.partner else (None, None, "")
        rows.append(
            (
                pk,
                each.case,
                team.pk,
                each.kind.code,
                each.subject,
                0,
                DutyState.OPEN,
                each.kind.owner_role,
                each.due.due_on,
                each.due.due_at,
                each.due.late_from,
                due,
                from_before,
                now,
                "",
                *held,
            )
        )
    columns: tuple[str, ...] = ("id", "case_id", "team_id", "kind", "subject", "cycle", "state", "owner_role")
    columns += (
        "due_on",
        "due_at",
        "late_from",
        "due",
        "from_before",
        "raised_at",
        "ended_why",
        "held_at",
        "held_by_id",
        "held_why",
    )
    add_many(Duty, columns, rows)
    keep_lines(Duty, ids, by)
    if not from_before:
        add_many(
            Watch,
            ("duty_id", "told", "tell_at", "set_aside_why"),
            [(pk, 0, row[10], "") for pk, row in zip(ids, rows, strict=True)],
        )
    return ids


def start_chases(partner: Partner, of: Sequence[tuple[int, date, bool]]) -> None:
    """As `start_chase`, of very many decisions: of each the id of its duty, the London date, and whether an answer is
    in and waits to be judged. The sweep raises what has fallen, and writes it."""
    today, now = clock.today(), clock.moment()
    known: dict[date, tuple[Any, ...]] = {}
    chases, steps = [], []
    for duty, on, answered in of:
        if on not in known:
            limits, raised = schedules.chase_limits(on), max(0, schedules.chases_fallen(on, today) - 1)
            known[on] = (*limits, raised, schedules.chase(on, raised + 1).due_on)
        state = ChaseState.PAUSED if answered else ChaseState.RUNNING
        chases.append((duty, partner, on, *known[on], state, ""))
        steps.append((duty, 0, on, now))
    columns = ("duty_id", "partner", "started_on", "first_after", "apart", "raised", "next_on", "state")
    add_many(Chase, (*columns, "set_aside_why"), chases)
    add_many(Step, ("duty_id", "number", "due_on", "raised_at"), steps)


def satisfy_duty(kind: DutyKind, case: Case, *, why: str, subject: int = 0, by: User) -> Duty | None:
    """End a duty because what it asks for was done. None where there is no open one. The record is locked."""
    return _end(DutyState.SATISFIED, kind, case, why, subject, by)


def cancel_duty(kind: DutyKind, case: Case, *, why: str, subject: int = 0, by: User) -> Duty | None:
    """End a duty because its cause fell away. None where there is no open one. The record is locked."""
    return _end(DutyState.CANCELLED, kind, case, why, subject, by)


def raise_again(
    kind: DutyKind, case: Case, due: Due, *, owner: User | None = None, subject: int = 0, about: str = "", by: User
) -> Duty:
    """Raise a duty of a kind that comes again, as its next cycle. The record is locked."""
    cycle = Duty.objects.filter(case=case, kind=kind.code, subject=subject).count()
    return raise_duty(kind, case, due, owner=owner, subject=subject, about=about, cycle=cycle, by=by)


def is_open(kind: DutyKind, case: Case) -> bool:
    """Whether a duty of that kind is open on a record."""
    return Duty.objects.filter(case=case, kind=kind.code, state=DutyState.OPEN).exists()


def answer_with(duty: Duty, other: Duty, *, by: User) -> Duty:
    """End a review because another review of the record, which was done, answered it too: one review for two clocks.

    Raises ValidationError where the two were not offered as one. The record is locked, the other is open still.
    """
    check_answers_both(duty, other)
    duty.answered_with = other
    kind = kind_of(other.kind)
    return _close(duty, DutyState.SATISFIED, f"Answered with: {kind.label if kind else other.kind}", by)


def end_duty(duty: Duty, *, done: bool, why: str, by: User) -> Duty:
    """End one open duty: `done`, or because its cause fell away. The record is locked."""
    return _close(duty, DutyState.SATISFIED if done else DutyState.CANCELLED, why, by)


def pass_to(duty: Duty, owner: User | None, by: User) -> None:
    """Give an open duty to a person, or back to whoever holds its role, and with it what it is about. Its date stays.
    On a restricted record none goes to somebody who may not open it, or is left with nobody who may: it is somebody's
    who is named (`diary.restricted`). The record is locked."""
    if duty.case.restricted:
        owner = whose_there(duty, owner)
    if duty.owner == owner:
        return
    duty.owner = owner
    kind = kind_of(duty.kind)
    # What has a list of its own leaves it for whoever has it by name, and comes back to it.
    if kind and kind.apart and duty.from_before != (owner is None):
        duty.from_before = owner is None
        if duty.from_before:
            stop_watching(duty)
        else:
            watch(duty)
    save_as(duty, by)
    if follows := follows_of(duty.kind):
        follows(duty, by)
    if owner is not None and owner != by:
        tell_given(duty, owner)


def end_open(kind: DutyKind, case: Case, *, done: bool, why: str, by: User) -> None:
    """End whichever duties of a kind are open on a record, whatever their cycle. The record is locked."""
    for duty in Duty.objects.filter(case=case, kind=kind.code, state=DutyState.OPEN).order_by("pk"):
        end_duty(duty, done=done, why=why, by=by)


def start_chase(duty: Duty, *, partner: Partner, decided_at: date | datetime) -> Mail | None:
    """Ask the partner at once and let the sweep chase until they answer. None where no email could be written: no
    address is approved, and the request waits for one."""
    first_after, apart = schedules.chase_limits(decided_at)
    started_on = clock.london_date(decided_at)
    # Of a decision that is recorded late only the last chase that has fallen counts: nobody knew of the others.
    raised = max(0, schedules.chases_fallen(decided_at, clock.today()) - 1)
    Chase.objects.create(
        duty=duty,
        partner=partner,
        started_on=started_on,
        first_after=first_after,
        apart=apart,
        raised=raised,
        next_on=schedules.chase(decided_at, raised + 1).due_on,
    )
    Step.objects.get_or_create(duty=duty, number=0, defaults={"due_on": started_on})
    return catch_up(duty)


def take_over_chase(before: Duty, duty: Duty) -> None:
    """What a partner was asked about a duty stands with the one that takes its place: nothing is sent a second time,
    and each chase is counted. The record is locked."""
    chase = _lock_chase(before)
    if chase is None:
        return
    # Its duty is its key, so it is put there anew.
    chase.delete()
    chase.duty = duty
    chase.save(force_insert=True)
    for step in Step.objects.filter(duty=before).order_by("pk"):
        step.duty = duty
        step.save()


def put_chase_right(duty: Duty, *, partner: Partner, decided_at: date | datetime, answered: bool) -> None:
    """Begin the chasing that a duty should have, or set how far it has come anew from the steps that are there.

    `answered`: an answer waits to be judged, and nothing is sent meanwhile. The record is locked.
    """
    chase = _lock_chase(duty)
    if chase is None:
        start_chase(duty, partner=partner, decided_at=decided_at)
    else:
        chase.first_after, chase.apart = schedules.chase_limits(decided_at)
        chase.started_on = clock.london_date(decided_at)
        there = set(Step.objects.filter(duty=duty).values_list("number", flat=True)) | {0}
        chase.raised = max(there)
        chase.next_on = schedules.chase(decided_at, chase.raised + 1).due_on
        chase.state, chase.set_aside_at, chase.set_aside_why = ChaseState.RUNNING, None, ""
        chase.save()
        for number in range(min(there - {0}, default=1), chase.raised):
            due_on = schedules.chase(decided_at, number).due_on
            gone_by = {"due_on": due_on, "state": StepState.OVERTAKEN}
            Step.objects.get_or_create(duty=duty, number=number, defaults=gone_by)
        Step.objects.get_or_create(duty=duty, number=0, defaults={"due_on": chase.started_on})
    if answered:
        pause_chase(duty)
    else:
        catch_up(duty)


def hold(duty: Duty, why: str, by: User) -> None:
    """Hold back every email about a duty. When the caller's transaction ends, none goes any more. The record is
    locked."""
    _lock_chase(duty)
    stop_sending(duty)
    duty.held_at, duty.held_by, duty.held_why = clock.moment(), by, why
    duty.clean_fields()
    save_as(duty, by)


def keep_held(duty: Duty, before: Duty, by: User) -> None:
    """What was held back before a new decision stays so, by whom and why it was. Nothing is written about it yet."""
    duty.held_at, duty.held_by, duty.held_why = before.held_at, before.held_by, before.held_why
    save_as(duty, by)


def pause_chase(duty: Duty) -> None:
    """An answer is in: nothing more is sent until somebody has judged whether it is one. What is being sent just now
    is waited for, so that whoever counts afterwards counts it. The record is locked."""
    _set_chase(duty, ChaseState.PAUSED)
    stop_sending(duty)


def resume_chase(duty: Duty) -> None:
    """What came was no answer: the chasing goes on as it would have, counted from the decision."""
    _set_chase(duty, ChaseState.RUNNING)
    catch_up(duty)


def _lock_chase(duty: Duty) -> Chase | None:
    """The row that the sweep locks too: it neither raises nor writes anything about the duty meanwhile."""
    return Chase.objects.select_for_update().filter(duty=duty).first()


def _set_chase(duty: Duty, state: ChaseState) -> None:
    chase = _lock_chase(duty)
    if chase is not None and chase.state != ChaseState.ENDED:
        chase.state, chase.set_aside_at, chase.set_aside_why = state, None, ""
        chase.save()


def _end(state: DutyState, kind: DutyKind, case: Case, why: str, subject: int, by: User) -> Duty | None:
    """Whatever its cycle: one that was put right is raised as the next."""
    rows = Duty.objects.filter(case=case, kind=kind.code, subject=subject, state=DutyState.OPEN)
    duty = rows.order_by("pk").first()
    return _close(duty, state, why, by) if duty else None


def _close(duty: Duty, state: DutyState, why: str, by: User) -> Duty:
    # First what the sweep locks too: whatever it is just raising is waited for, and lies before the end.
    stop_watching(duty)
    _set_chase(duty, ChaseState.ENDED)
    duty.state, duty.ended_why = state, why
    duty.ended_at, duty.ended_by = clock.moment(), by
    save_as(duty, by)
    withdraw_unsent(duty)
    drop_waiting(duty)
    return duty


def hand_over(case: Case, by: User) -> None:
    """What is open on a record is the new team's; each date stays. Who has it by name and cannot do it there has it
    no more. Another borough's partner was asked, so emails wait until somebody there has looked whom to ask."""
    sender = Transfer.objects.filter(case=case, state=TransferState.ACCEPTED).latest("pk").from_team
    # What the sweep locks too: whatever it is just telling the sender of, it tells before. And each is put there
    # anew: a sweep that began to read before finds the old one gone, and does not tell the sender of it afterwards.
    watches = list(Watch.objects.select_for_update(of=("self",)).filter(duty__case=case).order_by("pk"))
    Watch.objects.filter(pk__in=[each.pk for each in watches]).delete()
    for each in watches:
        each.save(force_insert=True)
    running = Chase.objects.exclude(state=ChaseState.ENDED).filter(duty__case=case)
    chased = set(running.values_list("duty_id", flat=True))
    can: dict[Permission, set[int]] = {}
    for duty in Duty.objects.filter(case=case, state=DutyState.OPEN).select_related("owner").order_by("pk"):
        duty.case, duty.team = case, case.team
        kind = kind_of(duty.kind)
        if duty.owner is not None and kind is not None:
            if kind.permission not in can:
                can[kind.permission] = who_may(kind.permission, team=case.team)
            duty.owner = duty.owner if duty.owner.pk in can[kind.permission] else None
        if duty.pk in chased and duty.held_at is None:
            hold(duty, f"The record came from {sender}: see whom to ask, then let the emails go.", by)
        else:
            save_as(duty, by)
        if case.restricted:
            pass_to(duty, duty.owner, by)
