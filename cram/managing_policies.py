"""Whether the state of a gap, a risk or a control measure allows an act; the message is what the user reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError

from cases.enums import CHILDREN
from cases.models import Case, CasePerson
from cram.enums import Approach, GapState, Works
from cram.models import Assessment, Gap, Measure, MeasureCheck, Risk
from deadlines import clock
from deadlines.calendar import add_months
from pages.words import day, moment
from people.models import Person
from team.history import ChangedMeanwhile

# A control measure is looked at once a year at the least (CAIT default).
MONTHS_APART = 12


def check_gap_is_new(case: Case, question: str) -> None:
    """The same is not asked twice while it is open: a form that was sent twice raises one gap."""
    rows = Gap.objects.filter(case=case, state=GapState.OPEN, question__iexact=question.strip())
    gap = rows.select_related("owner", "raised_by").first()
    if gap is not None:
        raise ValidationError(
            f"{gap.raised_by} raised this gap on {moment(gap.raised_at)}, and it is open: {gap.whose} finds out by "
            f"{day(gap.due_on)}."
        )


def check_gap_is_open(gap: Gap) -> None:
    """A gap ends once; the second who tries reads who ended it, and how."""
    if gap.ended_at is not None:
        did = "answered this" if gap.state == GapState.ANSWERED else "recorded this as no longer needed"
        raise ChangedMeanwhile(f"{gap.ended_by} {did} on {moment(gap.ended_at)}: “{gap.resolution}”")


def check_risk(case: Case, what: str, children: Sequence[Person]) -> None:
    """A risk says what it is, and is identified once to the same children while it is present."""
    if not what.strip():
        raise ValidationError({"what": "Say what the risk is"})
    there = Risk.objects.filter(case=case, what__iexact=what.strip()).present()
    for same in there.select_related("identified_by").prefetch_related("children").order_by("pk"):
        if set(same.children.all()) == set(children):
            raise ValidationError(
                f"{same.identified_by} identified this risk on {moment(same.identified_at)}, and it is still present."
            )


def check_are_children(people: Sequence[Person], *, case: Case) -> None:
    """A risk is one to children who are on the record."""
    rows = CasePerson.objects.filter(case=case, person__in=people, part__in=CHILDREN, taken_off_at=None)
    on_it = set(rows.values_list("person", flat=True))
    if {person.pk for person in people} - on_it:
        raise ValidationError({"children": "Select children who are on this record"})


def check_risk_is_present(risk: Risk) -> None:
    """A risk ends once, and nothing manages one that is no more; the second who tries reads who ended it, and why."""
    if risk.ended_at is not None:
        raise ChangedMeanwhile(
            f"{risk.ended_by} recorded on {moment(risk.ended_at)} that this risk is no longer present: "
            f"“{risk.ended_why}”"
        )


def check_measure_is_new(risk: Risk, what: str) -> None:
    """A control measure says what it is, and is set once for a risk while it runs: a form that was sent twice sets
    one."""
    if not what.strip():
        raise ValidationError({"what": "Say what the control measure is"})
    rows = Measure.objects.filter(risk=risk, ended_at__isnull=True, what__iexact=what.strip())
    same = rows.select_related("set_by").first()
    if same is not None:
        raise ValidationError(
            f"{same.set_by} set this control measure on {moment(same.set_at)}. Check that one, or end it first."
        )


def check_measure_dates(from_on: date, until: date | None, check_on: date) -> None:
    """A control measure begins before it ends, is not over yet, and is checked while it runs."""
    _check_last_day(from_on, until)
    if check_on < from_on:
        raise ValidationError({"check_on": f"It begins on {day(from_on)}: check it then or later"})
    check_next_check(check_on, until, field="check_on")


def check_other_days(measure: Measure, until: date | None, check_on: date) -> None:
    """As of a new one; but a check that is late stays late until somebody has looked. What has run out does not begin
    again: nobody knows whether it worked meanwhile."""
    _check_has_not_run_out(measure)
    if check_on != measure.check_on:
        if measure.check_on < clock.today():
            late = f"It should have been checked by {day(measure.check_on)}: check it first"
            raise ValidationError({"check_on": late})
        check_measure_dates(measure.from_on, until, check_on)
    else:
        _check_last_day(measure.from_on, until)
        _check_by_last_day(check_on, until, field="check_on")


def _check_last_day(from_on: date, until: date | None) -> None:
    today = clock.today()
    if until is not None and until < from_on:
        raise ValidationError({"until": "The last day must not be before the first"})
    if until is not None and until < today:
        raise ValidationError({"until": f"This day is over: it is {day(today)} today"})


def _check_by_last_day(on: date, until: date | None, *, field: str) -> None:
    if until is not None and on > until:
        raise ValidationError({field: f"It runs out on {day(until)}: check it by then at the latest"})


def _check_has_not_run_out(measure: Measure) -> None:
    if measure.until is not None and measure.until < clock.today():
        raise ValidationError(
            f"This control measure ran out on {day(measure.until)}. Record that it has ended; set another where the "
            "risk is still there."
        )


def check_next_check(on: date, until: date | None, *, field: str) -> None:
    """The next check lies ahead; one that runs out is checked by then at the latest (CAIT default)."""
    today = clock.today()
    if on < today:
        raise ValidationError({field: f"The next check must be today, {day(today)}, or later"})
    if on > (longest := add_months(today, MONTHS_APART)):
        raise ValidationError({field: f"Check it within a year: by {day(longest)} at the latest"})
    _check_by_last_day(on, until, field=field)


def check_first_look(approach: str, works: str, found: str, *, from_on: date) -> None:
    """Whether a new control measure works is said with what was found, or is left for the first check. Whoever
    accepts a risk says why (handbook section 3)."""
    if approach == Approach.ACCEPT:
        if not found.strip():
            raise ValidationError({"found": "Say why the risk is accepted"})
        if works != Works.YES:
            raise ValidationError({"works": "Select “It works” to accept the risk: there is nothing else to check"})
    if works == Works.UNCHECKED:
        if found.strip():
            raise ValidationError({"works": "Say whether it works, or leave empty what was found"})
        return
    if from_on > clock.today():
        raise ValidationError({"works": f"It begins on {day(from_on)}: whether it works is not known before"})
    check_found(works, found)


def check_found(works: str, found: str) -> None:
    """A look at a control measure says whether it works, and what was found."""
    if works == Works.UNCHECKED or not works:
        raise ValidationError({"works": "Say whether it works"})
    if not found.strip():
        raise ValidationError({"found": "Say what you found"})


def check_measure_runs(measure: Measure) -> None:
    """A control measure ends once; the second who tries reads who ended it, and why."""
    if measure.ended_at is not None:
        raise ChangedMeanwhile(
            f"{measure.ended_by} ended this control measure on {moment(measure.ended_at)}: “{measure.ended_why}”"
        )


def check_can_be_checked(measure: Measure) -> None:
    """What runs is checked: what has run out is ended, and what has not begun is left until it does."""
    check_measure_runs(measure)
    _check_has_not_run_out(measure)
    if measure.from_on > clock.today():
        raise ValidationError(f"This control measure begins on {day(measure.from_on)}. Check it then.")


def check_check_is_seen(last: MeasureCheck | None, *, seen: int | None) -> None:
    """Two who check at once: the second reads what the first found before theirs is taken."""
    if seen is not None and last is not None and last.pk != seen:
        raise ChangedMeanwhile(
            f"{last.checked_by} checked this control measure on {moment(last.checked_at)}, while you had this open: "
            f"{last.get_works_display()}. “{last.found}”",
            "What you typed is still below. If yours is another check, send it again; otherwise cancel.",
        )


def check_in_assessment(assessment: Assessment | None, now: Assessment | None) -> None:
    """What is recorded as part of an assessment belongs to the one that is being written."""
    if assessment is not None and (now is None or now.pk != assessment.pk):
        raise ChangedMeanwhile("This CRAM was sent meanwhile.", "Open the record again.")
