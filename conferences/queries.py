"""Reads of conferences, plans and core groups that pages and actions share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cases.enums import Part, State
from cases.models import Case, CasePerson
from cases.protection import OnPlan, PlanKnown, Protection
from conferences.enums import ConferenceKind, ConferenceState, CoreGroupState, Outcome, PlanCategory, StepKind
from conferences.models import CategoryFrom, Conference, ConferenceChild, CoreGroup, OutcomeFor, Plan, StepDone
from cram.models import Assessment
from cram.queries import submitted
from deadlines import clock
from deadlines.schedules import cram_counts_from
from pages.words import uncapitalised
from people.models import Person
from team.models import User
from team.once import put_together_once


def conferences_of(case: Case) -> QuerySet[Conference]:
    """The conferences that are prepared on a record, the latest first."""
    return Conference.objects.filter(case=case).order_by("-starts_at", "-pk")


def conferences_about(case: Case) -> QuerySet[Conference]:
    """The conferences of a record, and those about one of its children that are prepared on another record: whoever
    may open these narrows it by `visible_to`."""
    children = children_of(case)
    about = ConferenceChild.objects.filter(child__in=children).values("conference")
    return Conference.objects.filter(Q(case=case) | Q(pk__in=about)).order_by("-starts_at", "-pk")


def children_of(case: Case) -> list[int]:
    """The children a record is about (ids)."""
    rows = CasePerson.objects.filter(case=case, part=Part.CHILD, taken_off_at=None).order_by("place", "pk")
    return list(rows.values_list("person_id", flat=True))


def children_at(conference: Conference) -> list[Person]:
    """Whom a conference is about, in the order in which they were said."""
    return [each.child for each in conference.children.select_related("child").order_by("pk")]


def cram_since(conference: Conference) -> date:
    """The first London day whose CRAM counts for a conference: it is no older than the time between two reviews
    (HMIC 2010, AFI 1; CAIT default)."""
    return cram_counts_from(conference.starts_at, known=conference.dated_at)


def cram_for(conference: Conference) -> Assessment | None:
    """The CRAM that a conference is prepared with: the last one of its record that was sent since the booking, and is
    no older than the time between two reviews. None: there is none yet."""
    last = submitted(conference.case).first()
    if last is None or last.first_submitted_at is None:  # one that was put right answers nothing new
        return None
    return last if counts_for(conference, last.first_submitted_at) else None


def counts_for(conference: Conference, at: datetime) -> bool:
    """Whether what was done on the record at a moment was done for a conference."""
    return at >= conference.booked_at and clock.london_date(at) >= cram_since(conference)


def had_cram(conference: Conference, *, by: datetime) -> bool:
    """Whether a CRAM that counts for a conference had been sent by a moment."""
    sent = submitted(conference.case).filter(first_submitted_at__lte=by)
    moments = sent.values_list("first_submitted_at", flat=True)
    return any(at is not None and counts_for(conference, at) for at in moments)


def steps_done(conference: Conference) -> dict[StepKind, StepDone]:
    """The steps of its preparation that are done."""
    return {StepKind(step.kind): step for step in conference.steps.select_related("done_by")}


def outcomes_of(conferences: Collection[int]) -> dict[int, dict[int, OutcomeFor]]:
    """What each of some conferences (ids) decided, by child (ids): the last that was recorded counts."""
    found: dict[int, dict[int, OutcomeFor]] = defaultdict(dict)
    rows = OutcomeFor.objects.filter(conference__in=conferences).select_related("child", "recorded_by")
    for each in rows.order_by("pk"):
        found[each.conference_id][each.child_id] = each
    return dict(found)


def running_plans(children: Iterable[int]) -> dict[int, Plan]:
    """The plan that each of some children (ids) is on: no end of it is recorded."""
    rows = Plan.objects.running().filter(child__in=list(children)).select_related("case__team", "child")
    return {plan.child_id: plan for plan in rows}


def plan_of(outcome: OutcomeFor, conference: Conference) -> Plan | None:
    """The plan that began, went on or ended with an outcome."""
    plans = Plan.objects.that_count().filter(child=outcome.child).select_related("case", "child")
    plans = plans.order_by("from_on", "pk")
    if outcome.outcome == Outcome.PLAN:
        return plans.filter(begun_at=conference).first()
    if outcome.outcome == Outcome.ENDS:
        return plans.filter(ended_at=conference).first()
    if outcome.outcome == Outcome.CONTINUES:
        on = clock.london_date(conference.starts_at)
        return plans.filter(Q(to_on__isnull=True) | Q(to_on__gte=on)).first()
    return None


def on_plans(children: Collection[int]) -> dict[int, OnPlan]:
    """Which of some children (ids) are on a plan, since when, and of which category it is now. One query."""
    return {
        child: OnPlan(since, uncapitalised(PlanCategory(category).label))
        for child, since, category in (_running_plans(sorted(children)) if children else ())
    }


@put_together_once
def _running_plans(children: list[int]) -> QuerySet[Plan, Any]:
    newest = CategoryFrom.objects.filter(plan=OuterRef("pk")).order_by("-from_on", "-pk").values("category")[:1]
    rows = Plan.objects.running().filter(child__one_of=children).annotate(category=Subquery(newest))
    return rows.values_list("child_id", "from_on", "category")


def protections(cases: Collection[int]) -> dict[int, Protection]:
    """What of conferences, plans and core groups bears on the reviews of some records (ids). Five queries."""
    parts = CasePerson.objects.filter(case__in=cases, part=Part.CHILD, taken_off_at=None)
    children: dict[int, set[int]] = defaultdict(set)
    came_on: dict[int, date] = {}
    for case, child, raised_at in parts.values_list("case_id", "person_id", "case__raised_at"):
        children[case].add(child)
        came_on[case] = clock.london_date(raised_at)
    everybody = {child for theirs in children.values() for child in theirs}
    every = list(Plan.objects.that_count().filter(child__in=everybody))
    plans = [plan for plan in every if plan.to_on is None]
    groups: dict[int, list[tuple[date, datetime]]] = defaultdict(list)
    # A core group is about the children whose plans are carried on its record.
    rows = CoreGroup.objects.filter(case__in={plan.case_id for plan in plans})
    for group in rows.exclude(state=CoreGroupState.CANCELLED).order_by("starts_at", "pk"):
        groups[group.case_id].append((clock.london_date(group.starts_at), group.dated_at))
    done = StepDone.objects.filter(kind=StepKind.CRAM).values("conference")
    coming = Conference.objects.booked().filter(case__in=cases).exclude(pk__in=done).order_by("-starts_at")
    booked = {conference.case_id: clock.london_date(conference.starts_at) for conference in coming}
    found = {}
    for case in cases:
        theirs = [plan for plan in plans if plan.child_id in children[case]]
        if theirs or case in booked:
            known = [plan for plan in every if plan.child_id in children[case]] if theirs else []
            found[case] = Protection(
                plans=tuple(
                    PlanKnown(plan.child_id, plan.recorded_at, _is_before(plan, came_on[case]), plan.to_on is None)
                    for plan in known
                ),
                core_groups=tuple(sorted({each for plan in theirs for each in groups[plan.case_id]})),
                conference_on=booked.get(case),
            )
    return found


def _is_before(plan: Plan, came_on: date) -> bool:
    """Whether a plan was there before the record came to CAIT, on a London date. One that was recorded by hand and
    began afterwards, as of a child who has moved here, is as new as one that was decided here."""
    return plan.begun_at_id is None and plan.from_on < came_on


def last_conferences(plans: Iterable[Plan]) -> dict[int, tuple[date, bool]]:
    """Of each of some plans (ids) the last conference about its child since it began: its London date, and whether it
    was the initial one."""
    plans = list(plans)
    held = held_about([plan.child_id for plan in plans])
    found = {plan.pk: since_it_began(plan, held[plan.child_id]) for plan in plans}
    return {pk: max(theirs) for pk, theirs in found.items() if theirs}


def held_about(children: Iterable[int]) -> dict[int, list[Conference]]:
    """The conferences that were held about some children (ids), the earliest first; none that decided nothing about
    the child. Two queries."""
    children = list(children)
    put_off = adjourned_about(children)
    rows = ConferenceChild.objects.filter(child__in=children, conference__state=ConferenceState.HELD)
    found: dict[int, list[Conference]] = defaultdict(list)
    for each in rows.select_related("conference").order_by("conference__starts_at", "conference_id"):
        if (each.conference_id, each.child_id) not in put_off:
            found[each.child_id].append(each.conference)
    return found


def since_it_began(plan: Plan, held: Iterable[Conference]) -> list[tuple[date, bool]]:
    """The conferences about a child since their plan began, of those that were held (`held_about`): the London date
    of each, and whether it was the initial one, after which the first review is due in 3 months (Working Together).

    It is the one that began the plan, or a transfer-in that is the first here: it is about a plan of another area.
    To an older brother or sister on a plan the initial one of a new baby is a review, also where their plan was there
    before CAIT. Of such a plan it is known besides what was said with it.
    """
    found = [(plan.conference_on, plan.conference_was_initial)] if plan.conference_on else []
    here = [(clock.london_date(each.starts_at), each) for each in held]
    since = [(on, each) for on, each in here if on >= plan.from_on]
    for number, (on, each) in enumerate(since):
        found.append((on, each.pk == plan.begun_at_id or (number == 0 and each.kind == ConferenceKind.TRANSFER_IN)))
    return found


def worked_on(user: User) -> QuerySet[Any, Any]:
    """The records whose conferences somebody prepares, or of which they are the officer or the supervisor (ids)."""
    prepared = Conference.objects.filter(pclo=user).exclude(state=ConferenceState.CANCELLED).values("case")
    return Case.objects.filter(Q(officer_in_case=user) | Q(supervisor=user) | Q(pk__in=prepared)).values("pk")


def adjourned_about(children: Iterable[int]) -> set[tuple[int, int]]:
    """Conference and child (ids) of each decision about some children (ids) that was put off, as it stands last."""
    rows = OutcomeFor.objects.filter(child__in=list(children)).order_by("pk")
    last = {
        (conference, child): outcome
        for conference, child, outcome in rows.values_list("conference_id", "child_id", "outcome")
    }
    return {key for key, outcome in last.items() if outcome == Outcome.ADJOURNED}


def adjourned_on(cases: Collection[int]) -> dict[int, dict[int, date]]:
    """Of each of some records (ids) its conferences that were adjourned about a child (ids) who is on no plan, and of
    whom no later conference is booked or was held: by child the London date of the conference."""
    rows = ConferenceChild.objects.filter(conference__case__in=cases, conference__state=ConferenceState.HELD)
    rows = rows.select_related("conference").order_by("conference__starts_at", "conference_id")
    off = adjourned_about({each.child_id for each in rows})
    waiting = [each for each in rows if (each.conference_id, each.child_id) in off]
    children = {each.child_id for each in waiting}
    if not children:
        return {}
    settled = booked_for(children) | set(running_plans(children))
    last: dict[int, Conference] = {}
    every = ConferenceChild.objects.filter(child__in=children, conference__state=ConferenceState.HELD)
    for each in every.select_related("conference").order_by("conference__starts_at", "conference_id"):
        last[each.child_id] = each.conference
    found: dict[int, dict[int, date]] = defaultdict(dict)
    for each in waiting:
        if each.child_id not in settled and last[each.child_id].pk == each.conference_id:
            found[each.conference.case_id][each.child_id] = clock.london_date(each.conference.starts_at)
    return dict(found)


def booked_for(children: Iterable[int]) -> set[int]:
    """Which of some children (ids) a conference is booked about."""
    rows = ConferenceChild.objects.filter(child__in=list(children), conference__state=ConferenceState.BOOKED)
    return set(rows.values_list("child_id", flat=True))


def open_records_about(children: Iterable[int]) -> QuerySet[Case]:
    """The open records that are about one of some children (ids)."""
    rows = CasePerson.objects.filter(person__in=list(children), part=Part.CHILD, taken_off_at=None)
    return Case.objects.filter(pk__in=rows.values("case"), state=State.OPEN)
