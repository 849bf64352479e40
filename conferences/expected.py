"""Which duties of conferences, plans and core groups should be open, worked out from the facts on a record alone
(`diary.expecting`).

Written apart from the actions that raise them, on purpose: two accounts of one thing, held against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime

from cases.enums import State
from cases.models import Case
from conferences import duties
from conferences.dates import ADJOURNED, about
from conferences.enums import Attending, ConferenceState, CoreGroupState, ReportState, StepKind
from conferences.models import Conference, ConferenceChild, CoreGroup, OutcomeFor, Plan, Report, StepDone
from conferences.queries import adjourned_on, booked_for, cram_since, last_conferences
from cram.duties import BEFORE_CONFERENCE
from cram.models import Assessment
from deadlines import clock, rules
from deadlines.rule import Rule
from diary.expecting import Expected
from diary.kinds import DutyKind


def expected(cases: Collection[int]) -> list[Expected]:
    """Every duty of conferences and plans that should be open on some records (ids)."""
    still = {case.pk: case for case in Case.objects.filter(pk__in=cases, state=State.OPEN)}
    rows = Conference.objects.filter(case__in=still).exclude(state=ConferenceState.CANCELLED).order_by("pk")
    conferences = list(rows)
    booked = [each for each in conferences if each.state == ConferenceState.BOOKED]
    held = [each for each in conferences if each.state == ConferenceState.HELD]
    return [*_before(booked), *_endorsements(booked), *_after(held), *_plans(set(still))]


def _before(conferences: list[Conference]) -> Iterator[Expected]:
    done: dict[int, set[str]] = defaultdict(set)
    for conference, kind in StepDone.objects.filter(conference__in=conferences).values_list("conference_id", "kind"):
        done[conference].add(kind)
    crams: dict[int, list[Assessment]] = defaultdict(list)
    of = {each.case_id for each in conferences}
    for cram in Assessment.objects.filter(case__in=of, submitted_at__isnull=False):
        crams[cram.case_id].append(cram)
    for each in conferences:
        initial, steps = each.is_initial, done[each.pk]
        if StepKind.RESEARCH not in steps:
            rule = rules.RESEARCH_BEFORE_INITIAL if initial else rules.RESEARCH_BEFORE_REVIEW
            yield _of(each, duties.RESEARCH, rule)
        # By the CRAMs themselves: whatever the step says, without one the conference is not prepared.
        sent = [cram.first_submitted_at for cram in crams[each.case_id] if cram.first_submitted_at]
        since = cram_since(each)
        if not any(at >= each.booked_at and clock.london_date(at) >= since for at in sent):
            yield _of(each, BEFORE_CONFERENCE, rules.CRAM_BEFORE_INITIAL if initial else rules.CRAM_BEFORE_REVIEW)
        if StepKind.REPORT not in steps:
            rule = rules.REPORT_BEFORE_INITIAL if initial else rules.REPORT_BEFORE_REVIEW
            yield _of(each, duties.REPORT, rule, known=max(each.dated_at, each.report_again_at or each.dated_at))
        if each.briefed_at is None and each.attending != Attending.REPORT_ONLY:
            yield _of(each, duties.BRIEFING, rules.BRIEFING)
        if each.attending == Attending.UNDECIDED:
            yield _of(each, duties.DECIDE, rules.ATTENDANCE_DECIDED)
        yield _of(each, duties.OUTCOME, rules.CONFERENCE_OUTCOME)


def _endorsements(conferences: list[Conference]) -> Iterator[Expected]:
    of = {each.pk: each for each in conferences}
    for report in Report.objects.filter(conference__in=of, state=ReportState.SUBMITTED):
        if report.submitted_at:
            conference = of[report.conference_id]
            yield Expected(
                case=conference.case_id,
                kind=duties.ENDORSE,
                rule=rules.ENDORSEMENT,
                start=report.submitted_at,
                subject=report.pk,
                about=about(conference),
            )


def _after(conferences: list[Conference]) -> Iterator[Expected]:
    children: dict[int, set[int]] = defaultdict(set)
    decided: dict[int, set[int]] = defaultdict(set)
    rows = ConferenceChild.objects.filter(conference__in=conferences)
    for conference, child in rows.values_list("conference_id", "child_id"):
        children[conference].add(child)
    outcomes = OutcomeFor.objects.filter(conference__in=conferences)
    for conference, child in outcomes.values_list("conference_id", "child_id"):
        decided[conference].add(child)
    for each in conferences:
        if children[each.pk] - decided[each.pk]:
            yield _of(each, duties.OUTCOME, rules.CONFERENCE_OUTCOME)
        if each.attended and each.debriefed_at is None:
            yield _of(each, duties.DEBRIEF, rules.DEBRIEF)
        if each.minutes_on is None:
            yield _of(each, duties.MINUTES, rules.MINUTES)


def _of(conference: Conference, kind: DutyKind, rule: Rule, *, known: datetime | None = None) -> Expected:
    return Expected(
        case=conference.case_id,
        kind=kind,
        rule=rule,
        start=conference.starts_at,
        known=known or conference.dated_at,
        subject=conference.pk,
        about=about(conference),
    )


def _plans(cases: set[int]) -> Iterator[Expected]:
    plans: dict[int, list[Plan]] = defaultdict(list)
    for plan in Plan.objects.running().filter(case__in=cases):
        plans[plan.case_id].append(plan)
    every = [plan for theirs in plans.values() for plan in theirs]
    booked, last = booked_for(plan.child_id for plan in every), last_conferences(every)
    groups: dict[int, date] = {}
    for group in CoreGroup.objects.filter(case__in=plans, state=CoreGroupState.HELD).order_by("starts_at"):
        groups[group.case_id] = clock.london_date(group.starts_at)
    put_off = adjourned_on(cases)
    for case in sorted({*plans, *put_off}):
        theirs = plans.get(case, [])
        waiting = {last[plan.pk] for plan in theirs if plan.child_id not in booked and plan.pk in last}
        nexts = [_next(each) for each in waiting]
        nexts += [(rules.INITIAL_CONFERENCE, on, ADJOURNED) for on in put_off.get(case, {}).values()]
        if nexts:
            first = min(nexts, key=lambda each: (each[0].due_or_at_once(each[1]).due_on, each[1], each[0].code))
            yield Expected(case=case, kind=duties.NEXT, rule=first[0], start=first[1], event=first[2])
        if not theirs:
            continue
        begun = min(plan.from_on for plan in theirs)
        from_here = [plan.from_on for plan in theirs if plan.begun_at_id]
        if case in groups and groups[case] >= begun:
            yield Expected(case=case, kind=duties.CORE_GROUP, rule=rules.CORE_GROUP_NEXT, start=groups[case])
        elif from_here:
            yield Expected(case=case, kind=duties.CORE_GROUP, rule=rules.CORE_GROUP_FIRST, start=min(from_here))
        else:
            since = min(clock.london_date(plan.recorded_at) for plan in theirs)
            yield Expected(case=case, kind=duties.CORE_GROUP, rule=rules.CORE_GROUP_NEXT, start=since)


def _next(last: tuple[date, bool]) -> tuple[Rule, date, str]:
    on, initial = last
    return (rules.REVIEW_CONFERENCE_FIRST if initial else rules.REVIEW_CONFERENCE_NEXT), on, ""
