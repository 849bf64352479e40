"""What the room does when a record's course turns, and what of it stands in the way of closure."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.closure import InTheWay, Turn
from cases.models import Case
from cases.restricting import named_on
from conferences import duties
from conferences.dates import about, owner_of
from conferences.enums import BEING_WRITTEN, ConferenceState, CoreGroupState, ReportState
from conferences.models import Conference, CoreGroup, Plan, Report
from conferences.queries import adjourned_on, outcomes_of
from conferences.report_queries import endorser_of, waiting_for_endorsement
from conferences.steps import (
    booked_on,
    raise_what_follows,
    settle_core_groups,
    settle_plans,
    take_up_what_was_done,
)
from cram.duties import BEFORE_CONFERENCE
from deadlines import clock
from diary.kinds import kind_of
from diary.models import Duty, DutyState
from diary.steps import pass_to
from pages.words import day
from team.history import save_as
from team.models import User
from team.once import put_together_once
from team.permissions import Permission
from team.queries import who_may

CANCELLED = ConferenceState.CANCELLED


def hear(case: Case, turn: Turn, by: User) -> None:
    """Searches and CRAMs are steps of a preparation; a record that is opened again has its duties again."""
    if turn in (Turn.ASSESSED, Turn.SEARCHED):
        for conference in booked_on(case):
            take_up_what_was_done(conference, by=by)
    elif turn == Turn.SUPERVISOR:
        _pass_on(case, by=by)
    elif turn == Turn.TRANSFERRED:
        _hand_over(case, by=by)
    elif turn == Turn.RESTRICTED:
        _take_from_those_not_named(case, by=by)
    elif turn == Turn.REOPENED:
        settle_core_groups(case, by=by)
        settle_plans(case, by=by)
        for conference in Conference.objects.filter(case=case, state=ConferenceState.HELD).order_by("pk"):
            conference.case = case
            raise_what_follows(conference, by=by)


def _pass_on(case: Case, *, by: User) -> None:
    """What the record's supervisor does for a conference falls to the new one."""
    kinds = [kind.code for kind in (BEFORE_CONFERENCE, duties.DECIDE, duties.BRIEFING, duties.DEBRIEF)]
    conferences = {conference.pk: conference for conference in Conference.objects.filter(case=case)}
    for duty in Duty.objects.filter(case=case, kind__in=kinds, state=DutyState.OPEN).order_by("pk"):
        kind, conference = kind_of(duty.kind), conferences[duty.subject]
        conference.case = case
        if kind is not None:
            pass_to(duty, owner_of(kind, conference), by)
    for report in waiting_for_endorsement(case.pk):
        report.conference.case = case
        for duty in Duty.objects.filter(case=case, kind=duties.ENDORSE.code, subject=report.pk, state=DutyState.OPEN):
            pass_to(duty, endorser_of(report), by)


def _hand_over(case: Case, *, by: User) -> None:
    """What is still to come is the new team's: the conferences that are booked, and the plans that run. What was held
    or has ended stays with the team whose work it was, so no figure moves."""
    writes = who_may(Permission.WRITE_REPORTS, team=case.team)
    for conference in booked_on(case):
        conference.team = case.team
        conference.pclo = conference.pclo if conference.pclo_id in writes else None
        save_as(conference, by)
    for plan in Plan.objects.running().filter(case=case).order_by("pk"):
        plan.team = case.team
        save_as(plan, by)


def _take_from_those_not_named(case: Case, *, by: User) -> None:
    """Whoever prepares a conference to come can open its record; of one that was held it stays who went. Their duties
    go back to whoever holds the role by themselves."""
    named = set(named_on(case).values_list("officer", flat=True))
    for conference in booked_on(case):
        if conference.pclo_id is not None and conference.pclo_id not in named:
            conference.pclo = None
            save_as(conference, by)


def _of_a_core_group(group: CoreGroup) -> str:
    on = day(clock.london_date(group.starts_at))
    if group.starts_at > clock.now():
        return f"A core group is still planned for {on}: cancel it, or record it when it was held"
    return f"A core group is planned, and not recorded: {on}"


def half_done(case: Case) -> list[InTheWay]:
    """What of a police report has to be finished before another team takes the record over: it is written and
    endorsed by those who know what is in it (CAIT default)."""
    said = dict.fromkeys(BEING_WRITTEN, "A police report to a conference is being written")
    said[ReportState.SUBMITTED] = "A police report to a conference is not endorsed"
    rows = Report.objects.filter(conference__case=case, conference__state=ConferenceState.BOOKED, state__in=said)
    there = {said[ReportState(state)] for state in rows.values_list("state", flat=True)}
    # Whether police attended is told by the team whose conference it was, and counts in its figures.
    if any(each.starts_at < clock.now() for each in booked_on(case)):
        there.add("Who attended a conference is not recorded")
    return [InTheWay(what, "conferences:of_record") for what in sorted(there)]


@put_together_once
def _there(case: Case) -> QuerySet[Case, Any]:
    """Whether there are conferences, plans, core groups."""
    return Case.objects.filter(pk=case.pk).values_list(
        Exists(Conference.objects.filter(case=OuterRef("pk")).exclude(state=CANCELLED)),
        Exists(Plan.objects.running().filter(case=OuterRef("pk"))),
        Exists(CoreGroup.objects.filter(case=OuterRef("pk"), state=CoreGroupState.PLANNED)),
    )


def unfinished(case: Case) -> list[InTheWay]:
    """What stands in the way of closing a record, by the facts: a conference that is booked or whose outcome is not
    known, a child on a plan, and a core group of which nothing is recorded. One query where there is none: every page
    of a record's overview asks."""
    if not any(_there(case)[0]):
        return []
    view = "conferences:of_record"
    standing = Conference.objects.filter(case=case).exclude(state=CANCELLED)
    rows = list(standing.prefetch_related("children").order_by("pk"))
    found = [
        InTheWay(f"A conference is booked: {about(each)}", view)
        for each in rows
        if each.state == ConferenceState.BOOKED
    ]
    held = [each for each in rows if each.state == ConferenceState.HELD]
    if held:
        outcomes = outcomes_of([each.pk for each in held])
        children = {each.pk: {child.child_id for child in each.children.all()} for each in held}
        if any(children[each.pk] - set(outcomes.get(each.pk, {})) for each in held):
            found.append(InTheWay(duties.OUTCOME.in_the_way, view))
        if any(each.attended and each.debriefed_at is None for each in held):
            found.append(InTheWay(duties.DEBRIEF.in_the_way, view))
        if adjourned_on([case.pk]):
            found.append(InTheWay("A conference was adjourned, and none is booked since", view))
    plans = Plan.objects.running().filter(case=case).select_related("child").order_by("pk")
    found += [InTheWay(f"{plan.child} is on a child protection plan", view) for plan in plans]
    groups = CoreGroup.objects.filter(case=case, state=CoreGroupState.PLANNED).order_by("starts_at", "pk")
    found += [InTheWay(_of_a_core_group(group), view) for group in groups]
    return found
