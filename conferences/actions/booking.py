"""A conference is booked, changed, moved, cancelled; whether police attend is decided; its officer is briefed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.events import Event
from audit.recording import record
from cases.enums import Kind
from cases.models import Case
from cases.policies import check_open
from cases.steps import enter, locked
from conferences import duties, policies, report_policies
from conferences.dates import about, owner_of
from conferences.enums import Attending, ConferenceKind, ConferenceState, EmailUse, RecipientKind, StepKind
from conferences.invitations import read_update
from conferences.models import Conference, ConferenceChild, Copy, Recipient
from conferences.queries import children_at, counts_for, cram_for
from conferences.report_queries import newest, taken_off
from conferences.steps import (
    end_endorsement,
    end_preparation,
    lock_about,
    raise_preparation,
    step_done,
    take_report_back,
    tell_all,
    undo_report,
    undo_steps,
    use_email,
)
from cram.duties import BEFORE_CONFERENCE
from deadlines import clock
from diary.kinds import kind_of
from diary.models import Duty, DutyState
from diary.steps import cancel_duty, pass_to, satisfy_duty
from intake.models import Message
from intake.steps import pass_on
from pages.words import moment, uncapitalised
from people.models import Person
from team.history import check_unchanged, delete_as, save_as
from team.models import User
from team.permissions import Permission


def book_conference(
    case: Case,
    *,
    kind: ConferenceKind,
    children: Sequence[Person],
    starts_at: datetime,
    lasts: int = 120,
    place: str,
    chair: str,
    agencies: str = "",
    pclo: User | None = None,
    initiated_on: date | None = None,
    discussed_on: date | None = None,
    message: Message | None = None,
    by: User,
) -> Conference:
    """Book a conference on a record: every step of its preparation, and what follows it, is a duty from now on.

    `message`: the email of the invitation. `lasts`: minutes. `initiated_on`, `discussed_on`: London dates of the
    first and the last strategy discussion, of an initial one. Raises ValidationError, NotAllowed.
    """
    calendar_uid = _calendar_of(message)
    with transaction.atomic():
        linked = lock_about(case, children)
        case = locked(case, Permission.BOOK_CONFERENCES, by)
        check_open(case)
        now, children = clock.moment(), list(children)
        policies.check_when(starts_at, now=now)
        policies.check_children(case, children)
        policies.check_officer(pclo, case=case)
        policies.check_discussions(kind, initiated_on, discussed_on, on=clock.london_date(starts_at))
        policies.check_new(case, kind, starts_at)
        if message is not None:
            policies.check_invitation(message, case, by=by)
            pass_on(message, by=by)
        conference = Conference(
            case=case,
            team=case.team,
            number=_next_number(case),
            kind=kind,
            starts_at=starts_at,
            lasts=lasts,
            place=place,
            chair=chair,
            agencies=agencies,
            pclo=pclo,
            initiated_on=initiated_on,
            discussed_on=discussed_on,
            message=message,
            calendar_uid=calendar_uid,
            booked_at=now,
            booked_by=by,
            dated_at=now,
            # Police attend every initial conference (HMIC 2010, AFI 8).
            attending=Attending.UNDECIDED if kind == ConferenceKind.REVIEW else Attending.GOING,
        )
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        for child in children:
            save_as(ConferenceChild(conference=conference, child=child), by)
        save_as(Recipient(conference=conference, kind=RecipientKind.CHAIR, name=chair), by)
        raise_preparation(conference, by=by)
        title = f"{conference.get_kind_display()} booked for {moment(starts_at)}"
        text = f"At {place}. Chair: {chair}. About {_names(children)}."
        enter(case, Kind.RECORD, title, text=text, people=children, significant=True, by=by)
        tell_all(case, linked, by=by)
        _record(Event.CONFERENCE_BOOKED, conference, by, kind=str(kind), starts_at=starts_at.isoformat())
        return conference


def change_conference(
    conference: Conference,
    *,
    children: Sequence[Person] | None = None,
    lasts: int | None = None,
    place: str | None = None,
    chair: str | None = None,
    agencies: str | None = None,
    pclo: User | None = None,
    initiated_on: date | None = None,
    discussed_on: date | None = None,
    version: int | None = None,
    by: User,
) -> Conference:
    """Change what is known of a booked conference but for its time: `move_conference`. None of `pclo` and the
    discussions stands for nobody and none, of the others for what is there. Raises ValidationError; ChangedMeanwhile.
    """
    with transaction.atomic():
        linked = lock_about(conference.case, children or (), conference=conference)
        conference = _booked(conference, Permission.BOOK_CONFERENCES, by)
        check_unchanged(conference, version)
        case, on = conference.case, clock.london_date(conference.starts_at)
        policies.check_officer(pclo, case=case)
        policies.check_discussions(ConferenceKind(conference.kind), initiated_on, discussed_on, on=on)
        told: dict[str, Any] = {"lasts": lasts, "place": place, "chair": chair, "agencies": agencies}
        said = {name: value for name, value in told.items() if value is not None}
        said |= {"pclo": pclo, "initiated_on": initiated_on, "discussed_on": discussed_on}
        changed = [name for name, value in said.items() if getattr(conference, name) != value]
        before = children_at(conference)
        about = before if children is None else list(children)
        if {child.pk for child in about} != {child.pk for child in before}:
            policies.check_children(case, about)
            changed.append("children")
        policies.check_changed(changed)
        if {"chair", "children"} & set(changed):
            report_policies.check_recipients_may_change(conference, newest(conference))
        if "chair" in changed:
            report_policies.check_chair(conference, said["chair"])
        for name in changed:
            if name != "children":
                setattr(conference, name, said[name])
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        if "children" in changed:
            _set_children(conference, about, by)
            take_report_back(conference, why="It is about other children than when the report was sent", by=by)
        if "chair" in changed:
            _set_chair(conference, by)
        if "pclo" in changed:
            _pass_on(conference, by)
        words = [f"{_label(name)}: {_said(conference, about, name)}" for name in changed]
        title = f"{conference.get_kind_display()} on {moment(conference.starts_at)} changed"
        enter(case, Kind.RECORD, title, text="\n".join(words), by=by)
        tell_all(case, linked, by=by)
        _record(Event.CONFERENCE_CHANGED, conference, by, fields=changed)
        return conference


def move_conference(
    conference: Conference,
    *,
    starts_at: datetime,
    lasts: int | None = None,
    place: str | None = None,
    why: str,
    message: Message | None = None,
    version: int | None = None,
    by: User,
) -> Conference:
    """Move a conference to another time: every duty that hangs on it ends with the reason, and stands again with its
    new date. What was done for it counts still, unless it is too long before the new date: then the preparation
    begins again. `message`: the email that told it. Raises ValidationError, NotAllowed; ChangedMeanwhile."""
    calendar_uid = _calendar_of(message)
    with transaction.atomic():
        linked = lock_about(conference.case, conference=conference)
        conference = _booked(conference, Permission.BOOK_CONFERENCES, by)
        check_unchanged(conference, version)
        policies.check_why(why)
        policies.check_when(starts_at, now=clock.moment())
        policies.check_moved(conference, starts_at)
        told = use_email(message, conference, EmailUse.MOVED, by=by)
        # From now on an update of that calendar is about this conference.
        conference.calendar_uid = calendar_uid or conference.calendar_uid
        before = conference.starts_at
        conference.starts_at, conference.dated_at = starts_at, clock.moment()
        conference.lasts = conference.lasts if lasts is None else lasts
        conference.place = conference.place if place is None else place
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        said = f"Moved from {moment(before)} to {moment(starts_at)}: {why}"
        end_preparation(conference, why=said, by=by)
        _undo_what_is_too_old(conference, by)
        raise_preparation(conference, by=by)
        _say_anew_about(conference, by)
        title = f"{conference.get_kind_display()} moved from {moment(before)} to {moment(starts_at)}"
        enter(conference.case, Kind.RECORD, title, text=f"{why}{told}", significant=True, by=by)
        tell_all(conference.case, linked, by=by)
        detail = {"starts_at": starts_at.isoformat(), "why": why, **_told_by(message)}
        _record(Event.CONFERENCE_MOVED, conference, by, **detail)
        return conference


def cancel_conference(
    conference: Conference, *, why: str, message: Message | None = None, version: int | None = None, by: User
) -> Conference:
    """Record that a conference is not held: every duty that hangs on it falls away with the reason. `message`: the
    email that told it. Raises ValidationError, NotAllowed; ChangedMeanwhile."""
    with transaction.atomic():
        linked = lock_about(conference.case, conference=conference)
        conference = _booked(conference, Permission.BOOK_CONFERENCES, by)
        check_unchanged(conference, version)
        policies.check_why(why)
        told = use_email(message, conference, EmailUse.CANCELLED, by=by)
        conference.state = ConferenceState.CANCELLED
        conference.cancelled_at, conference.cancelled_why = clock.moment(), why
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        said = f"The conference was cancelled: {why}"
        end_preparation(conference, why=said, by=by)
        end_endorsement(conference, why=said, by=by)
        title = f"{conference.get_kind_display()} on {moment(conference.starts_at)} cancelled"
        enter(conference.case, Kind.RECORD, title, text=f"{why}{told}", significant=True, by=by)
        tell_all(conference.case, linked, by=by)
        _record(Event.CONFERENCE_CANCELLED, conference, by, why=why, **_told_by(message))
        return conference


def decide_attendance(
    conference: Conference, *, attending: Attending, why: str, version: int | None = None, by: User
) -> Conference:
    """Decide whether police attend a review conference, with the reason; where they do not, the endorsed report asks
    for any concern to be brought to the supervisor (HMIC 2010, AFI 8). Raises ValidationError; ChangedMeanwhile."""
    with transaction.atomic():
        conference = _booked(conference, Permission.SUPERVISE_CONFERENCES, by)
        check_unchanged(conference, version)
        policies.check_attending(conference, attending, why)
        report_policies.check_attending_may_change(newest(conference))
        is_other = Attending.REPORT_ONLY in {attending, conference.attending} and attending != conference.attending
        conference.attending, conference.attending_why = attending, why
        conference.attending_decided_by = by
        conference.clean_fields(exclude=["case", "team", "message"])
        save_as(conference, by)
        case, label = conference.case, Attending(attending).label
        satisfy_duty(duties.DECIDE, case, why=label, subject=conference.pk, by=by)
        if attending == Attending.REPORT_ONLY:
            cancel_duty(duties.BRIEFING, case, why=label, subject=conference.pk, by=by)
        elif conference.briefed_at is None and not _is_open(duties.BRIEFING.code, conference):
            end_preparation(conference, why="It was decided anew whether police attend", by=by)
            raise_preparation(conference, by=by)
        if is_other:
            take_report_back(conference, why="Whether police attend was decided anew since it was sent", by=by)
        title = f"{conference.get_kind_display()} on {moment(conference.starts_at)}: {uncapitalised(label)}"
        enter(case, Kind.DECISION, title, text=f"Why: {why}", significant=True, by=by)
        _record(Event.ATTENDANCE_DECIDED, conference, by, kind=str(attending))
        return conference


def brief_officer(conference: Conference, *, words: str, version: int | None = None, by: User) -> Conference:
    """Record the briefing of whoever goes, by their supervisor (HMIC 2010, AFI 8). Raises ValidationError;
    ChangedMeanwhile."""
    with transaction.atomic():
        conference = _booked(conference, Permission.SUPERVISE_CONFERENCES, by)
        check_unchanged(conference, version)
        policies.check_brief(conference, words)
        conference.briefing = words
        conference.briefed_at, conference.briefed_by = clock.moment(), by
        save_as(conference, by)
        step_done(conference, StepKind.BRIEFING, what="Briefed", by=by)
        title = f"Conference officer briefed for the {uncapitalised(conference.get_kind_display())}"
        enter(conference.case, Kind.RECORD, title, text=words, by=by)
        _record(Event.OFFICER_BRIEFED, conference, by)
        return conference


def _calendar_of(message: Message | None) -> str:
    """What the calendar of an email is called. Read before anything is locked: an email may be large."""
    return read_update(message).uid if message is not None else ""


def _say_anew_about(conference: Conference, by: User) -> None:
    """What waits for endorsement waits on: its date counts from when it was sent, its words name the new day."""
    reports = conference.reports.values("pk")
    rows = Duty.objects.filter(case=conference.case, kind=duties.ENDORSE.code, subject__in=reports)
    for duty in rows.filter(state=DutyState.OPEN):
        duty.about = about(conference)
        save_as(duty, by)


def _undo_what_is_too_old(conference: Conference, by: User) -> None:
    """A step that does not count for the new date is done again; without its CRAM nothing that rests on it stands."""
    stale = [
        step.kind
        for step in conference.steps.filter(kind=StepKind.RESEARCH)
        if not counts_for(conference, step.done_at)
    ]
    if cram_for(conference) is None:
        undo_report(conference, why="The conference was moved, so a new CRAM comes before it", by=by)
        stale += [StepKind.CRAM, StepKind.BRIEFING]
        if conference.briefed_at is not None:
            conference.briefing, conference.briefed_at, conference.briefed_by = "", None, None
            save_as(conference, by)
    undo_steps(conference, [StepKind(kind) for kind in stale], by=by)


def _set_children(conference: Conference, children: Sequence[Person], by: User) -> None:
    wanted = {child.pk for child in children}
    for row in conference.children.exclude(child__in=wanted):
        delete_as(row, by)
    there = set(conference.children.values_list("child_id", flat=True))
    for child in children:
        if child.pk not in there:
            save_as(ConferenceChild(conference=conference, child=child), by)


def _set_chair(conference: Conference, by: User) -> None:
    """The report goes to whoever chairs; whoever has got a copy already stays among those who did. Of somebody
    who was taken off before, it is remembered what is kept from them."""
    again = taken_off(conference, conference.chair)
    for chair in conference.recipients.filter(kind=RecipientKind.CHAIR, taken_off_at=None):
        if again is None and not Copy.objects.filter(conference=conference, recipient=chair).exists():
            chair.name = conference.chair
        else:
            chair.taken_off_at = clock.moment()
        save_as(chair, by)
    if not conference.recipients.filter(kind=RecipientKind.CHAIR, taken_off_at=None).exists():
        chair = again or Recipient(conference=conference)
        chair.kind, chair.name, chair.taken_off_at = RecipientKind.CHAIR, conference.chair, None
        save_as(chair, by)


def _pass_on(conference: Conference, by: User) -> None:
    """What the conference officer does falls to the new one, or to whoever holds the role."""
    kinds = [duties.REPORT.code, duties.OUTCOME.code, BEFORE_CONFERENCE.code, duties.MINUTES.code]
    rows = Duty.objects.filter(case=conference.case, kind__in=kinds, subject=conference.pk, state=DutyState.OPEN)
    for duty in rows.order_by("pk"):
        kind = kind_of(duty.kind)
        if kind is not None:
            duty.case = conference.case
            pass_to(duty, owner_of(kind, conference), by)


def _is_open(kind: str, conference: Conference) -> bool:
    rows = Duty.objects.filter(case=conference.case, kind=kind, subject=conference.pk, state=DutyState.OPEN)
    return rows.exists()


def _booked(conference: Conference, permission: Permission, by: User) -> Conference:
    case = locked(conference.case, permission, by)
    related = ("team", "pclo", "attendance_by", "briefed_by")
    conference = Conference.objects.select_related(*related).get(pk=conference.pk)
    conference.case = case
    policies.check_booked(conference)
    return conference


def _next_number(case: Case) -> int:
    return (Conference.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1


def _names(children: Sequence[Person]) -> str:
    return ", ".join(str(child) for child in children)


def _label(name: str) -> str:
    if name == "children":
        return "Children"
    label = str(getattr(Conference._meta.get_field(name), "verbose_name", name))
    return label[:1].upper() + label[1:]


def _said(conference: Conference, children: Sequence[Person], name: str) -> str:
    if name == "children":
        return _names(children)
    value = getattr(conference, name)
    return "none" if value in (None, "") else str(value)


def _told_by(message: Message | None) -> dict[str, int]:
    return {"message": message.pk} if message is not None else {}


def _record(event: Event, conference: Conference, by: User, **detail: Any) -> None:
    case = conference.case
    detail = {"conference": conference.number, **detail}
    record(event, by=by, on=conference, case_id=case.pk, team_id=case.team_id, detail=detail)
