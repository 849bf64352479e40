"""Whether the state of a conference, a plan or a core group allows an act; the message is the sentence users read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError

from cases.enums import CHILDREN
from cases.left_out import called_elsewhere
from cases.models import Case, CasePerson
from cases.policies import check_can_work_on, check_open
from conferences.emails import not_dealt_with
from conferences.enums import (
    INITIALS,
    Attending,
    ConferenceKind,
    ConferenceState,
    Missed,
    Outcome,
    PlanCategory,
    PoliceView,
)
from conferences.models import Conference, OutcomeFor, Plan
from conferences.queries import outcomes_of
from deadlines import clock
from deadlines.calendar import add_months
from intake.models import Message
from pages.words import day, moment, uncapitalised
from people.models import Person
from team.history import ChangedMeanwhile
from team.models import User
from team.permissions import NotAllowed, Permission, may

# Further off, or longer ago, it is a slip of the keyboard.
MONTHS_AHEAD, MONTHS_BACK = 24, 12


# --- booking -------------------------------------------------------------------------------------


def check_when(starts_at: datetime, *, now: datetime) -> None:
    """A conference is within two years; one that was held already can be recorded for a year (CAIT default)."""
    on, today = clock.london_date(starts_at), clock.london_date(now)
    if on > add_months(today, MONTHS_AHEAD):
        raise ValidationError({"starts_at": "This is more than two years away. Check the year"})
    if on < add_months(today, -MONTHS_BACK):
        raise ValidationError({"starts_at": "This is more than a year ago. Check the year"})


def check_children(case: Case, children: Sequence[Person]) -> None:
    """A conference is about at least one child, and only about children who are on the record."""
    if not children:
        raise ValidationError({"children": "Select the children it is about"})
    rows = CasePerson.objects.filter(case=case, part__in=CHILDREN, taken_off_at=None)
    there = set(rows.values_list("person_id", flat=True))
    if strangers := [child for child in children if child.pk not in there]:
        raise ValidationError(
            {"children": f"{strangers[0]} is not a child on this record. Add them to the record first"}
        )


def check_officer(pclo: User | None, *, case: Case) -> None:
    """Whoever prepares a conference works on the records of its team, and may write its report."""
    if pclo is None:
        return
    check_can_work_on(pclo, case=case, field="pclo")
    if not may(pclo, Permission.WRITE_REPORTS, team=case.team):
        raise ValidationError({"pclo": f"{pclo} does not write reports to conferences in {case.team}"})


def check_discussions(
    kind: ConferenceKind, initiated_on: date | None, discussed_on: date | None, *, on: date
) -> None:
    """The strategy discussions come before the conference that they led to, and only an initial one follows them."""
    if kind not in INITIALS and (initiated_on or discussed_on):
        raise ValidationError({"initiated_on": "Only an initial conference follows a strategy discussion"})
    if initiated_on and initiated_on > on:
        raise ValidationError({"initiated_on": "This is after the conference. Check the date"})
    if discussed_on and initiated_on is None:
        raise ValidationError({"initiated_on": "Enter the first strategy discussion too"})
    if discussed_on and initiated_on and not initiated_on <= discussed_on <= on:
        raise ValidationError({"discussed_on": "This must be between the first discussion and the conference"})


def check_new(case: Case, kind: ConferenceKind, starts_at: datetime) -> None:
    """A form that is sent twice books one conference."""
    rows = Conference.objects.booked().filter(case=case, kind=kind, starts_at=starts_at)
    if (same := rows.select_related("booked_by").first()) is not None:
        raise ValidationError(f"{same.booked_by} booked this conference on {moment(same.booked_at)} already.")


def check_passed_on(message: Message, *, by: User) -> None:
    """The email is one that somebody may read, and that was passed to conferences or that they handle themselves."""
    passed = message.uses.conferences().exists()
    if not by.is_system and not Message.objects.visible_to(by).filter(pk=message.pk).exists():
        raise NotAllowed("You cannot read this email. Ask the desk sergeant.")
    if not passed and not may(by, Permission.HANDLE_MAIL, team=message.team):
        raise NotAllowed("This email was not passed to conferences. Ask the desk to pass it on.")


def check_email(message: Message, case: Case, *, by: User) -> None:
    """The email by which a conference is moved or cancelled, or with which its minutes came, is of the same team."""
    check_passed_on(message, by=by)
    if message.team_id != case.team_id:
        raise ValidationError("This email came to another team. Use it on a record of that team.")


def check_waits(message: Message) -> None:
    """Only of an email that nobody has dealt with it is said that it leaves nothing to do."""
    passed = message.uses.conferences()
    if passed.exists() and not not_dealt_with(passed).exists():
        raise ChangedMeanwhile("This email was dealt with already.", "What came of it stands on its page.")


def check_invitation(message: Message, case: Case, *, by: User) -> None:
    """The email of an invitation is one that was passed to conferences or that whoever books handles, of the same
    team, and no conference was booked from it already on this record."""
    check_passed_on(message, by=by)
    if message.team_id != case.team_id:
        raise ValidationError("This email came to another team. Book the conference on a record of that team.")
    rows = Conference.objects.filter(message=message, case=case).exclude(state=ConferenceState.CANCELLED)
    if (same := rows.select_related("booked_by").first()) is not None:
        raise ValidationError(
            f"{same.booked_by} booked a conference from this email on {moment(same.booked_at)}: "
            f"{uncapitalised(same.get_kind_display())}, {moment(same.starts_at)}. Move or change that one."
        )


def check_booked(conference: Conference) -> None:
    """Only what is still to come is changed, moved, cancelled or prepared."""
    check_open(conference.case)
    if conference.state == ConferenceState.CANCELLED:
        raise ChangedMeanwhile(
            f"This conference was cancelled on {moment(conference.cancelled_at)}: {conference.cancelled_why}",  # type: ignore[arg-type]
            "Book it again if it is held after all.",
        )
    if conference.state == ConferenceState.HELD:
        raise ChangedMeanwhile(
            f"{conference.attendance_by} recorded on {moment(conference.attendance_at)} who attended.",  # type: ignore[arg-type]
            "The conference is over.",
        )


def check_why(why: str) -> None:
    """Whoever moves or cancels a conference says why."""
    if not why.strip():
        raise ValidationError({"why": "Say why"})


def check_moved(conference: Conference, starts_at: datetime) -> None:
    """A conference is moved to another time; its place and chair are changed by themselves."""
    if conference.starts_at == starts_at:
        raise ValidationError({"starts_at": "This is when it is already. Enter the new date and time"})


def check_changed(changed: Collection[str]) -> None:
    """Something was changed."""
    if not changed:
        raise ValidationError("Nothing has changed. Change something, or go back to the conference.")


def check_attending(conference: Conference, attending: Attending, why: str) -> None:
    """Police attend every initial conference; a review case by case, with the reason (HMIC 2010, AFI 8)."""
    if attending not in (Attending.GOING, Attending.REPORT_ONLY):
        raise ValidationError({"attending": "Select whether police attend"})
    if conference.is_initial:
        raise ValidationError("Police attend every initial conference. If nobody can go, say why once it was held.")
    if not why.strip():
        raise ValidationError({"why": "Say why"})


def check_brief(conference: Conference, words: str) -> None:
    """Whoever goes is briefed, once; where a report is sent instead there is nobody to brief (HMIC 2010, AFI 8)."""
    if conference.attending == Attending.REPORT_ONLY:
        raise ValidationError("Police do not attend this conference, so nobody is briefed.")
    if conference.briefed_at is not None:
        raise ChangedMeanwhile(
            f"{conference.briefed_by} gave the briefing on {moment(conference.briefed_at)}.", "Nothing is left to do."
        )
    if not words.strip():
        raise ValidationError({"words": "Say what was briefed"})


# --- what follows --------------------------------------------------------------------------------


def check_attendance(
    conference: Conference, *, attended_by: User | None, missed: Missed | str, missed_why: str, now: datetime
) -> None:
    """Attendance is recorded once the conference has begun: somebody went, or why nobody did (HMIC 2010, AFI 8)."""
    if conference.starts_at > now:
        raise ValidationError(
            f"This conference begins at {moment(conference.starts_at)}. Record who attended once it has begun, or "
            "move it to the time at which it was held."
        )
    if attended_by is not None:
        if missed:
            raise ValidationError({"missed": "Either somebody attended, or nobody did for a reason"})
        return
    if missed not in Missed.values:
        raise ValidationError({"missed": "Select why nobody attended"})
    if missed == Missed.DECIDED and conference.attending != Attending.REPORT_ONLY:
        raise ValidationError({"missed": "It was not decided that a report is sent instead. Select what happened"})
    if missed != Missed.DECIDED and not missed_why.strip():
        raise ValidationError({"missed_why": "Say what happened"})


def check_attendance_is_news(
    conference: Conference, *, attended_by: User | None, missed: Missed | str, missed_why: str
) -> None:
    """Something is put right; and whoever was debriefed was there."""
    there = (conference.attended_by, conference.missed, conference.missed_why)
    if there == (attended_by, missed, missed_why):
        raise ValidationError("This is what is recorded already. Change what is not so, or go back.")
    if attended_by is None and conference.debriefed_at is not None:
        raise ValidationError(
            f"{conference.debriefed_by} has debriefed whoever attended, on {moment(conference.debriefed_at)}. "
            "Record who that was."
        )


def check_held(conference: Conference) -> None:
    """What was decided is recorded of a conference that was held."""
    check_open(conference.case)
    if conference.state == ConferenceState.CANCELLED:
        raise ValidationError(f"This conference was cancelled: {conference.cancelled_why}")
    if conference.state != ConferenceState.HELD:
        raise ValidationError("Record first who attended this conference.")


ON_A_PLAN = (Outcome.CONTINUES, Outcome.ENDS)
OFF_A_PLAN = (Outcome.PLAN, Outcome.NO_PLAN)


def check_outcome(
    conference: Conference,
    child: Person,
    outcome: Outcome | str,
    *,
    category: PlanCategory | str,
    police_view: PoliceView | str,
    dissent: str,
    plan: Plan | None,
) -> None:
    """What is decided about a child fits the plan they are on, has a category where there is a plan, and says why
    police did not agree. The errors are a list for the child, as a form shows them."""
    wrong = {}
    if outcome not in Outcome.values:
        wrong["outcome"] = f"Select what was decided about {child}"
    elif plan is None and outcome in ON_A_PLAN:
        wrong["outcome"] = f"CAIT knows of no plan of {child}. Record the plan they were on first"
    elif plan is not None and outcome in OFF_A_PLAN:
        wrong["outcome"] = f"{child} has been on a plan since {day(plan.from_on)}. It continues, or it ends"
    if outcome in (Outcome.PLAN, Outcome.CONTINUES) and category not in PlanCategory.values:
        wrong["category"] = "Select the category of the plan"
    if outcome not in (Outcome.PLAN, Outcome.CONTINUES) and category:
        wrong["category"] = "There is no category where there is no plan"
    if police_view not in PoliceView.values:
        wrong["police_view"] = "Select whether police agreed"
    if police_view == PoliceView.DISSENTED and not dissent.strip():
        wrong["dissent"] = "Say why police did not agree"
    if police_view != PoliceView.DISSENTED and dissent.strip():
        wrong["dissent"] = "Only where police did not agree there is a dissent to record"
    if wrong:
        raise ValidationError(wrong)


def check_first_outcome(conference: Conference) -> None:
    """What was decided is recorded once; afterwards it is put right, child by child."""
    if first := outcomes_of([conference.pk]).get(conference.pk):
        row = next(iter(first.values()))
        raise ChangedMeanwhile(
            f"{row.recorded_by} recorded on {moment(row.recorded_at)} what was decided.",
            "Put right what is not so, child by child.",
        )


def check_every_child(conference: Conference, children: Iterable[Person]) -> None:
    """Something was decided about each child of the conference, and about nobody else."""
    said = [child.pk for child in children]
    about = set(conference.children.values_list("child_id", flat=True))
    if set(said) != about or len(said) != len(about):
        raise ValidationError("Say of each child of the conference what was decided, once.")


def check_last_outcome(outcome: OutcomeFor) -> None:
    """Only what was recorded last about a child is put right, and only before another conference has decided."""
    rows = OutcomeFor.objects.filter(child=outcome.child, conference__starts_at__gt=outcome.conference.starts_at)
    last = {row.conference_id: row for row in rows.select_related("conference__case__team").order_by("pk")}
    if later := [row.conference for row in last.values() if row.outcome != Outcome.ADJOURNED]:
        case = later[0].case
        on = f"on {day(clock.london_date(later[0].starts_at))}"
        where = called_elsewhere(case) if case.restricted and case != outcome.conference.case else ""
        raise ValidationError(
            f"A later conference has decided about {outcome.child}, {f'on {where}' if where else on}. Put that one "
            "right, or the plan itself."
        )
    newer = OutcomeFor.objects.filter(conference=outcome.conference, child=outcome.child, pk__gt=outcome.pk)
    if (row := newer.select_related("recorded_by").first()) is not None:
        raise ChangedMeanwhile(
            f"{row.recorded_by} put this right on {moment(row.recorded_at)}: {row.get_outcome_display()}.",
            "Look at what stands now.",
        )


def check_debrief(conference: Conference, words: str) -> None:
    """Whoever went is debriefed, once (HMIC 2010, AFI 8)."""
    check_held(conference)
    if not conference.attended:
        raise ValidationError("Nobody from the police attended this conference, so nobody is debriefed.")
    if conference.debriefed_at is not None:
        raise ChangedMeanwhile(
            f"{conference.debriefed_by} gave the debrief on {moment(conference.debriefed_at)}.",
            "Nothing is left to do.",
        )
    if not words.strip():
        raise ValidationError({"words": "Say what came of the debrief"})


def check_minutes(conference: Conference, received_on: date, *, differ: str, agree: bool, today: date) -> None:
    """Minutes come after the conference, and are held against our own note of it."""
    check_held(conference)
    if conference.minutes_on is not None:
        raise ChangedMeanwhile(
            f"{conference.minutes_checked_by} checked the minutes that came on {day(conference.minutes_on)}.",
            "Nothing is left to do.",
        )
    if received_on > today:
        raise ValidationError({"received_on": f"This must be {day(today)} or before"})
    if received_on < clock.london_date(conference.starts_at):
        raise ValidationError({"received_on": "This is before the conference. Check the date"})
    if not agree and not differ.strip():
        raise ValidationError({"differ": "Say in what the minutes differ, and who was told"})
    if agree and differ.strip():
        raise ValidationError({"differ": "Either the minutes agree with our note, or they differ"})
