"""What people do about duties: hold emails back, give a duty to somebody, put right what the check found, approve
addresses, mark what they were told as read."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from audit.events import Event
from audit.recording import record
from cases.enums import Kind, Partner
from cases.models import Case
from cases.steps import enter, locked
from deadlines import clock
from diary import policies
from diary.chasing import catch_up, ladder
from diary.checking import Finding, findings_of
from diary.duties import FOUND
from diary.kinds import kind_of
from diary.mending import NOT_BY_ITSELF, put_right
from diary.models import Duty, Mail, MailState, Notice, NoticesRead, Rung
from diary.notices import GIVEN_BACK, GIVEN_TO, told_to
from diary.steps import end_open, hold, pass_to
from pages.words import uncapitalised
from team.enums import Role
from team.history import save_as
from team.models import Team, User
from team.permissions import Permission, require

# Whatever raises a notice has ended by then, and the notice is there for everybody.
SETTLED_AFTER = timedelta(seconds=10)


def hold_chases(duty: Duty, *, why: str, by: User) -> Duty:
    """Hold back every email about a duty, as when the worker who would read it is the subject (handbook).

    Duties go on, and so do their dates. When this returns, no email about it goes any more. Raises ValidationError.
    """
    with transaction.atomic():
        case, duty = _locked(duty, by)
        policies.check_hold(duty)
        policies.check_why(why)
        hold(duty, why, by)
        enter(case, Kind.DECISION, "Emails to Social Services held back", text=f"Why: {why}", by=by)
        _record(Event.CHASES_HELD, duty, by)
        return duty


def release_chases(duty: Duty, *, why: str, by: User) -> Duty:
    """Send emails about a duty again; of those that fell since then the last goes. Raises ValidationError."""
    with transaction.atomic():
        case, duty = _locked(duty, by)
        policies.check_release(duty)
        policies.check_why(why)
        duty.held_at, duty.held_by, duty.held_why = None, None, ""
        save_as(duty, by)
        catch_up(duty)
        enter(case, Kind.DECISION, "Emails to Social Services are sent again", text=f"Why: {why}", by=by)
        _record(Event.CHASES_RELEASED, duty, by)
        return duty


def give_duty(duty: Duty, *, to: User | None, why: str, seen: int | None = None, by: User) -> Duty:
    """Give an open duty to somebody by name, or with None back to whoever holds its role. Its date stays as it is.

    `seen`: the id of its owner when the page was opened, 0 for nobody by name. Raises ValidationError;
    ChangedMeanwhile where somebody has given it to another meanwhile.
    """
    with transaction.atomic():
        case = locked(duty.case, Permission.GIVE_DUTIES, by)
        duty = Duty.objects.select_related("case", "team", "owner", "ended_by").get(pk=duty.pk)
        policies.check_give(duty, to)
        policies.check_owner_is_seen(duty, seen=seen, whom=policies.to_whom(to))
        policies.check_why(why)
        pass_to(duty, to, by)
        given = f"{GIVEN_TO}{to}" if to else f"{GIVEN_BACK}{Role(duty.owner_role).label}"
        kind = kind_of(duty.kind)
        title = f"{given}: {uncapitalised(kind.label) if kind else duty.kind}"
        enter(case, Kind.RECORD, title, text=f"Why: {why}", by=by)
        detail = {"kind": duty.kind, **({"owner": to.pk} if to else {"role": duty.owner_role})}
        record(Event.DUTY_GIVEN, by=by, on=duty, case_id=duty.case_id, team_id=duty.team_id, detail=detail)
        return duty


def put_duties_right(case: Case, *, by: User) -> list[Finding]:
    """Put right what the check finds wrong with a record's duties: what is missing is raised with the date that its
    event gives, what is not to be done is cancelled. What was put right.

    Nothing is raised that the check does not find at this moment. Raises ValidationError where it finds nothing.
    """
    with transaction.atomic():
        case = locked(case, Permission.PUT_DUTIES_RIGHT, by)
        found = findings_of(case)
        can = [finding for finding in found if finding.wrong not in NOT_BY_ITSELF]
        policies.check_put_right(found, can)
        for finding in can:
            put_right(case, finding, by)
        if can == found:
            end_open(FOUND, case, done=True, why="Put right", by=by)
        found = can
        text = "\n".join(finding.words for finding in found)
        enter(case, Kind.RECORD, "Duties put right", text=text, by=by)
        detail = {"rows": len(found), "kinds": sorted({finding.kind for finding in found})}
        record(Event.DUTIES_PUT_RIGHT, by=by, on=case, case_id=case.pk, team_id=case.team_id, detail=detail)
        return found


def mark_notices_read(*, up_to: int, by: User) -> NoticesRead:
    """Mark what somebody was told as read, up to the notice with that id. An older page marks nothing as unread, and
    nothing is read before it was told.

    Notices have their ids before they can be seen. So one of the last moments stays new: another, with a smaller id,
    may only now become visible.
    """
    with transaction.atomic():
        read, _ = NoticesRead.objects.select_for_update().get_or_create(person=by, defaults={"up_to": 0})
        require(by, Permission.SEE_RECORDS, team=None)
        told = Notice.objects.filter(told_to(by), pk__lte=up_to)
        settled = told.filter(raised_at__lte=clock.moment() - SETTLED_AFTER)
        read.up_to = max(read.up_to, settled.order_by("-pk").values_list("pk", flat=True).first() or 0)
        read.save()
        record(Event.NOTICES_READ, by=by, on=NoticesRead)
        return read


def approve_address(
    team: Team,
    *,
    partner: Partner,
    number: int,
    to_whom: str,
    address: str,
    seen: int | None = None,
    by: User,
) -> Rung:
    """Approve an address on a step of a team's ladder; one that stood there before ends.

    `seen`: the greatest id on the ladder that whoever approves has seen, 0 for none. Raises ValidationError;
    ChangedMeanwhile where somebody has approved another address for that step since.
    """
    with transaction.atomic():
        require(by, Permission.APPROVE_ADDRESSES, team=team)
        rungs = _locked_ladder(team, partner)
        policies.check_approve(number, there=max(rungs, default=0))
        policies.check_rung_is_seen(rungs.get(number), seen=seen, address=address, to_whom=to_whom)
        policies.check_elsewhere(rungs.values(), number=number, address=address)
        if before := rungs.get(number):
            _end(before, by)
        rung = Rung(team=team, partner=partner, number=number, to_whom=to_whom, address=address, approved_by=by)
        rung.approved_at = clock.moment()
        rung.clean_fields()
        save_as(rung, by)
        record(Event.ADDRESS_APPROVED, by=by, on=rung, team_id=team.pk, detail={"step": number})
        return rung


def end_address(rung: Rung, *, by: User) -> Rung:
    """End the highest address of a ladder: nothing is written to it any more. Raises ValidationError."""
    with transaction.atomic():
        require(by, Permission.APPROVE_ADDRESSES, team=rung.team)
        rungs = _locked_ladder(rung.team, Partner(rung.partner))
        rung = Rung.objects.select_related("ended_by", "team").get(pk=rung.pk)
        policies.check_end_rung(rung, highest=max(rungs, default=0))
        _end(rung, by)
        record(Event.ADDRESS_ENDED, by=by, on=rung, team_id=rung.team_id, detail={"step": rung.number})
        return rung


def _locked(duty: Duty, by: User) -> tuple[Case, Duty]:
    case = locked(duty.case, Permission.HOLD_CHASES, by)
    return case, Duty.objects.select_related("case", "ended_by", "held_by").get(pk=duty.pk)


def _locked_ladder(team: Team, partner: Partner) -> dict[int, Rung]:
    """A team's ladder is changed by one person at a time, also where it has no row yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [team.pk, f"ladder {partner}"])
    return {rung.number: rung for rung in ladder(team, partner)}


def _end(rung: Rung, by: User) -> None:
    # What is being sent to it just now is waited for; what is not sent yet finds another address, or waits for one.
    list(Mail.objects.select_for_update(of=("self",)).filter(rung=rung, state=MailState.QUEUED).order_by("pk"))
    rung.ended_at, rung.ended_by = clock.moment(), by
    save_as(rung, by)


def _record(event: Event, duty: Duty, by: User) -> None:
    record(event, by=by, on=duty, case_id=duty.case_id, team_id=duty.team_id, detail={"kind": duty.kind})
