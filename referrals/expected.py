"""Which duties of a referral should be open, worked out from the facts on its record alone (`diary.expecting`).

Written apart from the actions that raise them, on purpose: two accounts of one thing, held against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.enums import Partner, State
from cases.models import Case
from deadlines import clock, rules
from deadlines.clock import minute
from deadlines.rule import Rule
from diary.expecting import Expected
from diary.models import Duty
from diary.steps import put_chase_right
from referrals import duties
from referrals.enums import INVESTIGATED, DecisionKind, Judgement, Progress
from referrals.models import Answer, Decision, Referral, Supervision
from referrals.steps import answers_to
from referrals.supervision import supervisor_of
from team.models import Membership, User
from team.permissions import HOLDERS, Permission

ANSWERS = (Judgement.UNCHANGED, Judgement.CHANGED)


@dataclass
class Facts:
    """What of one open record its duties follow from, each list in the order in which it was recorded."""

    referral: Referral
    decisions: list[Decision] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    # The record's own changes: when, whether it was open, its officer in case, its team.
    course: list[tuple[datetime, bool, int | None, int]] = field(default_factory=list)
    # The days on which each of its officers has worked, in whichever team.
    worked: list[Membership] = field(default_factory=list)
    # Those whose account was closed once: nobody knows here when they worked.
    closed: set[int] = field(default_factory=set)

    @property
    def last(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None

    @property
    def reopened_at(self) -> datetime | None:
        """When it was last opened again."""
        turns = zip(self.course, self.course[1:], strict=False)
        again = [now[0] for before, now in turns if now[1] and not before[1]]
        return again[-1] if again else None


def expected(cases: Collection[int]) -> list[Expected]:
    """Every duty of a referral that should be open on some records (ids). Seven queries at most."""
    rows = Referral.objects.filter(case__in=cases, case__state=State.OPEN).select_related("case")
    facts = {referral.case_id: Facts(referral) for referral in rows}
    for decision in Decision.objects.filter(case__in=facts).order_by("case_id", "number"):
        facts[decision.case_id].decisions.append(decision)
    for answer in Answer.objects.filter(case__in=facts).order_by("case_id", "recorded_at", "id"):
        facts[answer.case_id].answers.append(answer)
    # Only where something was decided can the course of the record matter.
    decided = [case for case, each in facts.items() if each.decisions]
    lines: Any = Case.history.filter(id__in=decided).order_by("history_id")
    of_each = ("id", "history_date", "state", "officer_in_case_id", "team_id")
    for case, at, state, officer, team in lines.values_list(*of_each):
        facts[case].course.append((at, state == State.OPEN, officer, team))
    for supervision in Supervision.objects.filter(case__in=decided).order_by("case_id", "id"):
        facts[supervision.case_id].supervisions.append(supervision)
    _add_who_worked_where(facts.values())
    return [each for one in facts.values() for each in _of(one)]


def _add_who_worked_where(every: Iterable[Facts]) -> None:
    """Whether an officer in case works in the record's team decides who supervises, and whether one is wanted."""
    officers = {officer for facts in every for _, _, officer, _ in facts.course if officer}
    if not officers:
        return
    roles = HOLDERS[Permission.WRITE_RECORDS]
    by_officer: dict[int, list[Membership]] = {}
    for membership in Membership.objects.filter(user__in=officers, role__in=roles):
        by_officer.setdefault(membership.user_id, []).append(membership)
    lines: Any = User.history.filter(id__in=officers, is_active=False)
    closed = set(lines.values_list("id", flat=True))
    for facts in every:
        of_it = {officer for _, _, officer, _ in facts.course if officer}
        facts.worked = [each for officer in of_it for each in by_officer.get(officer, [])]
        facts.closed = of_it & closed


def _worked(facts: Facts, officer: int | None, at: datetime) -> bool:
    """Whether an officer worked at a moment in the team that had the record then."""
    on = clock.london_date(at)
    team = next((team for since, _, _, team in reversed(facts.course) if since <= at), facts.referral.case.team_id)
    return any(
        each.user_id == officer
        and each.team_id == team
        and each.from_on <= on <= (each.to_on or on)
        and (each.withdrawn_at is None or each.withdrawn_at > at)
        for each in facts.worked
    )


def _of(facts: Facts) -> Iterator[Expected]:
    referral, case = facts.referral, facts.referral.case_id
    if referral.progress == Progress.LOGGED:
        rule = rules.TRIAGE_URGENT if referral.urgent else rules.TRIAGE_OTHER
        yield Expected(case=case, kind=duties.TRIAGE, rule=rule, start=referral.received_at)
    if referral.progress == Progress.TRIAGED:
        rule, start, event = _to_decide(facts)
        yield Expected(case=case, kind=duties.DECISION, rule=rule, start=start, event=event)
    if referral.needs_confirmation:
        yield Expected(
            case=case,
            kind=duties.CONFIRMATION,
            rule=rules.PHONE_CONFIRMATION,
            start=facts.reopened_at or referral.received_at,
            event="record opened again" if facts.reopened_at else "",
        )
    yield from _investigated(facts)
    yield from _to_answer(facts)
    for answer in facts.answers:
        if not answer.judgement:
            yield Expected(
                case=case, kind=duties.JUDGE, rule=rules.UPDATE_JUDGED, start=answer.received_at, subject=answer.pk
            )


def _to_decide(facts: Facts) -> tuple[Rule, datetime, str]:
    """From triage; or, where it was decided before, from the first event since that made it be decided again."""
    referral, last = facts.referral, facts.last
    if last is None:
        urgent = rules.DECISION_URGENT if referral.triage_urgent else rules.DECISION
        if referral.triaged_at is None:  # an old log does not say when it was triaged
            return urgent, referral.received_at, "received, in the old log"
        return urgent, referral.triaged_at, ""
    again = [
        (each.judged_at, "circumstances changed")
        for each in facts.answers
        if each.judgement == Judgement.CHANGED and each.judged_at
    ]
    again += [(facts.reopened_at, "record opened again")] if facts.reopened_at else []
    since = [each for each in again if each[0] >= last.recorded_at]
    return rules.DECISION, *min(since, default=(last.recorded_at, ""))


def _to_answer(facts: Facts) -> Iterator[Expected]:
    """Social Services alone deal with it, and nothing that they told since was judged to be an answer."""
    last = facts.last
    if last is None or last.kind != DecisionKind.SOCIAL_SERVICES:
        return
    since = [each for each in facts.answers if each.received_at >= minute(last.decided_at)]
    if any(each.judgement in ANSWERS and each.judged_at and each.judged_at >= last.recorded_at for each in since):
        return
    answered = any(not each.judgement for each in since)
    decided_at = last.decided_at
    yield Expected(
        case=facts.referral.case_id,
        kind=duties.UPDATE,
        rule=rules.SS_UPDATE,
        start=decided_at,
        chased_from=decided_at,
        answered=answered,
        begin=lambda duty, by: _ask_again(duty, decided_at, answered, by),
    )


def _ask_again(duty: Duty, decided_at: datetime, answered: bool, by: User) -> None:
    """What goes with a request that was missing: the update that waits to be judged, and the chasing."""
    answers_to(duty, decided_at=decided_at, by=by)
    put_chase_right(duty, partner=Partner.SOCIAL_SERVICES, decided_at=decided_at, answered=answered)


def _investigated(facts: Facts) -> Iterator[Expected]:
    """An investigation that no officer has is allocated; one that an officer has is supervised.

    One who has left the team no longer counts when it is decided anew. Where the officer's account is closed, nobody
    knows here since when: either may be open.
    """
    if not any(each.kind in INVESTIGATED for each in facts.decisions):
        return
    case, course = facts.referral.case_id, _Course(facts)
    for at, what in _happened(facts):
        course.follow(at, what)
    if course.unsure or course.wanted_since:
        yield Expected(
            case=case,
            kind=duties.ALLOCATION,
            rule=rules.ALLOCATION,
            start=course.wanted_since or facts.decisions[-1].decided_at,
            event=course.wanted_because,
            perhaps=course.unsure,
        )
    if course.run is None:
        return
    allocated, recorded_at = course.run
    reviews = [each.reviewed_at for each in facts.supervisions if each.recorded_at >= recorded_at]
    if not reviews:
        rule, start = rules.SUPERVISION_FIRST, allocated
    elif len(reviews) == 1:
        rule, start = rules.SUPERVISION_SECOND, reviews[0]
    else:
        rule, start = rules.SUPERVISION_NEXT, max(reviews)
    yield Expected(
        case=case,
        kind=duties.SUPERVISION,
        rule=rule,
        start=start,
        owner_of=supervisor_of,
        perhaps=course.unsure,
    )


@dataclass
class _Course:
    """A record's investigation, followed through everything that happened in the order in which it was recorded."""

    facts: Facts
    decided: bool = False
    investigated: bool = False
    officer: int | None = None
    officer_since: datetime | None = None
    was_open: bool = True
    # The event from which an officer has been wanted ever since, in words where it is not the decision.
    wanted_since: datetime | None = None
    wanted_because: str = ""
    # It was decided while somebody had it whose account was closed once, perhaps by then.
    unsure: bool = False
    # The allocation from which it has been supervised ever since, and when that was recorded.
    run: tuple[datetime, datetime] | None = None

    def follow(self, at: datetime, what: Any) -> None:
        if isinstance(what, Decision):
            self._decide(at, what)
        elif isinstance(what, Answer):
            self.decided = False  # circumstances have changed: it is decided anew
        else:
            self._turn(at, *what)

    def _decide(self, at: datetime, decision: Decision) -> None:
        self.decided, self.investigated = True, decision.kind in INVESTIGATED
        if not self.investigated:
            self.wanted_since = self.run = None
            self.unsure = False
        elif self.officer_since is None or not _worked(self.facts, self.officer, at):
            self._want(decision.decided_at, "")
        else:
            self.unsure = self.unsure or self.officer in self.facts.closed
            self.wanted_since = None
            self.run = self.run or (max(decision.decided_at, self.officer_since), at)

    def _want(self, since: datetime, because: str) -> None:
        if self.wanted_since is None:
            self.wanted_since, self.wanted_because = since, because

    def _turn(self, at: datetime, is_open: bool, officer: int | None) -> None:
        under_way = self.decided and self.investigated and is_open
        if officer is not None:
            self.officer_since = self.officer_since or at
            if officer != self.officer:
                self.wanted_since = None
                if under_way:
                    self.run = self.run or (at, at)
        elif self.officer_since is not None:
            self.officer_since = self.run = None
            self.unsure = False
            if under_way:
                self._want(at, "officer in case taken off")
        if not is_open:
            self.wanted_since = self.run = None
            self.unsure = False
        elif not self.was_open:
            self.decided = False
        self.officer, self.was_open = officer, is_open


def _happened(facts: Facts) -> Iterable[tuple[datetime, Any]]:
    """Decisions, judgements that circumstances have changed, and the record's own changes, as they were recorded."""
    what: list[tuple[datetime, Any]] = [(each.recorded_at, each) for each in facts.decisions]
    what += [
        (each.judged_at, each) for each in facts.answers if each.judgement == Judgement.CHANGED and each.judged_at
    ]
    what += [(at, (is_open, officer)) for at, is_open, officer, _ in facts.course]
    return sorted(what, key=lambda each: each[0])
