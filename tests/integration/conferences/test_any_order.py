"""Whatever happens to conferences, plans and core groups in whatever order: every duty is there that should be, once.

Two accounts of one thing are held against each other after every step, as in `diary/test_any_order`: the actions, and
what the facts say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count

from cases.actions import agree_closure, ask_closure, assign_case, reopen_case
from cases.enums import Court
from cases.models import Case
from conferences import actions
from conferences.actions import Decided
from conferences.enums import (
    Attending,
    ConferenceKind,
    CoreGroupState,
    Missed,
    Outcome,
    PlanCategory,
    PlanEnd,
)
from conferences.models import Conference, CoreGroup, OutcomeFor, Plan
from conferences.queries import children_at
from conferences.report_states import OVER
from cram.models import Assessment
from deadlines import clock
from deadlines.clock import LONDON
from diary.checking import findings
from diary.models import Duty, DutyState
from oversight.counting import bring_up_to_date
from people.said import PersonSaid
from team.enums import Role
from tests.factories.assessing import assessed, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import as_booked, children_on
from tests.factories.deciding import a_ready_case
from tests.factories.figures import figures_are_right
from tests.factories.referrals import a_child
from tests.factories.reports import a_whole_report
from tests.factories.researching import searched
from tests.factories.team import a_team, an_officer

pytestmark = pytest.mark.django_db

# In the weeks before Easter and its bank holidays; the clock only goes on.
BEGINNING = datetime(2010, 3, 10, 10, 0, tzinfo=LONDON)
DAY = timedelta(days=1)
WHICH = range(6)
EITHER = (False, True)
# From when a conference or a core group was recorded: before it, at its time, afterwards, and nearly too far off.
AHEAD = [-3 * DAY, timedelta(hours=-1), 2 * DAY, 9 * DAY, 21 * DAY, 50 * DAY, 120 * DAY]
STEPS = [timedelta(hours=5), DAY, 7 * DAY, 15 * DAY, 44 * DAY]


# What can happen, each with what is drawn for it.
HAPPENS: dict[str, dict[str, Iterable[Any]]] = {}
Happening = Callable[..., None]


def happens(**drawn: Iterable[Any]) -> Callable[[Happening], Happening]:
    def noted(happening: Happening) -> Happening:
        HAPPENS[happening.__name__] = drawn
        return happening

    return noted


class Room:
    """A team at work on the two records of one family: each method that happens is something that somebody does."""

    def __init__(self, *, second: bool) -> None:
        move_time_to(BEGINNING)
        team = a_team()
        self.sergeant, self.inspector = an_officer(Role.SUPERVISOR, team), an_officer(Role.INSPECTOR, team)
        self.pclo = an_officer(Role.PCLO, team)
        case = a_ready_case(team=team, children=[a_child("Rhys"), a_child("Reece")])
        self.cases = [case.pk]
        if second:  # about the elder alone
            same = PersonSaid(given_names="Rhys", same_as=children_on(case)[0].pk)
            self.cases.append(a_ready_case(team=team, children=[same]).pk)

    def case(self, number: int) -> Case:
        return Case.objects.get(pk=self.cases[number % len(self.cases)])

    def tried(self, act: Callable[..., Any], *args: Any, **said: Any) -> None:
        """What the state does not allow is refused, and changes nothing."""
        try:
            with transaction.atomic():
                act(*args, **said)
        except ValidationError:
            pass

    def booked(self, number: int) -> Conference | None:
        """One that is to come, or whose outcome nobody knows: booked now where there is none, so that each rule has
        something to do."""
        if not Conference.objects.booked().exists():
            on_plan = Plan.objects.running().exists()
            kind = ConferenceKind.REVIEW if on_plan else ConferenceKind.INITIAL
            self.tried(actions.book_conference, self.case(number), **self.as_booked(number, kind), by=self.sergeant)
        return one_of(Conference.objects.booked().order_by("pk"), number)

    def as_booked(self, number: int, kind: ConferenceKind, ahead: timedelta = 21 * DAY, **said: Any) -> Any:
        return as_booked(self.case(number), kind=kind, starts_at=clock.moment() + ahead, **said)

    def held(self, number: int) -> Conference | None:
        """One that was held: now, where there is none."""
        if not Conference.objects.held().exists() and (it := self.booked(number)):
            move_time_to(max(clock.moment(), it.ends_at))
            self.tried(actions.record_attendance, it, attended_by=self.pclo, by=self.pclo)
        return one_of(Conference.objects.held().order_by("pk"), number)

    # --- what a preparation rests on -------------------------------------------------------------

    @happens(number=WHICH, endorsed=EITHER)
    def assess(self, number: int, endorsed: bool) -> None:
        act: Callable[..., Any] = assessed if endorsed else submitted
        if not Assessment.objects.filter(case=self.case(number), state="submitted").exists():
            self.tried(act, self.case(number))

    @happens(number=WHICH)
    def search(self, number: int) -> None:
        self.tried(searched, self.case(number))

    @happens(number=WHICH, given=EITHER)
    def supervise(self, number: int, given: bool) -> None:
        who = {"officer_in_case": None, "supervisor": self.sergeant if given else None, "reason": "Load"}
        self.tried(assign_case, self.case(number), **who, by=self.inspector)

    # --- before ----------------------------------------------------------------------------------

    @happens(number=WHICH, kind=ConferenceKind, ahead=AHEAD, few=EITHER, named=EITHER)
    def book(self, number: int, kind: ConferenceKind, ahead: timedelta, few: bool, named: bool) -> None:
        said = self.as_booked(number, kind, ahead, pclo=self.pclo if named else None)
        said["children"] = said["children"][: 1 if few else None]
        self.tried(actions.book_conference, self.case(number), **said, by=self.sergeant)

    @happens(number=WHICH, how=["move", "move", "change", "cancel"], ahead=AHEAD, few=EITHER)
    def change(self, number: int, how: str, ahead: timedelta, few: bool) -> None:
        it = self.booked(number)
        if it is None:
            return
        if how == "move":
            at = clock.moment() + ahead
            self.tried(actions.move_conference, it, starts_at=at, why="The chair is ill", by=self.sergeant)
        elif how == "change":
            said = {"children": children_on(it.case)[: 1 if few else None], "pclo": None if few else self.pclo}
            self.tried(actions.change_conference, it, **said, by=self.sergeant)
        else:
            self.tried(actions.cancel_conference, it, why="Social Services closed it", by=self.sergeant)

    @happens(number=WHICH, attending=[Attending.GOING, Attending.REPORT_ONLY], briefed=EITHER)
    def prepare(self, number: int, attending: Attending, briefed: bool) -> None:
        it = self.booked(number)
        if it is not None and briefed:
            self.tried(actions.brief_officer, it, words="Who has the child tonight?", by=self.sergeant)
        elif it is not None:
            self.tried(actions.decide_attendance, it, attending=attending, why="As it stands", by=self.sergeant)

    @happens(number=WHICH, how=["submit", "submit", "return", "endorse"])
    def report(self, number: int, how: str) -> None:
        """All but the sending, which draws the papers."""
        it = self.booked(number)
        if it is None:
            return
        last = it.reports.order_by("-number").first()
        if how == "submit":
            if last is None or last.state in OVER:
                self.tried(a_whole_report, it)
            elif last.is_being_written:
                self.tried(actions.submit_report, last, by=self.pclo)
        elif last is not None and how == "return":
            self.tried(actions.return_report, last, words="What of the father?", by=self.sergeant)
        elif last is not None:
            self.tried(actions.endorse_report, last, by=self.sergeant)

    # --- after -----------------------------------------------------------------------------------

    @happens(number=WHICH, went=EITHER, soon=EITHER)
    def hold(self, number: int, went: bool, soon: bool) -> None:
        if it := self.booked(number):
            if soon and it.ends_at > clock.moment():
                move_time_to(it.ends_at)
            how: dict[str, Any] = {"attended_by": self.pclo} if went else {}
            how |= {} if went else {"missed": Missed.COURT, "missed_why": "A trial"}
            self.tried(actions.record_attendance, it, **how, by=self.pclo)

    @happens(number=WHICH, plan=[True, True, False], any_of_it=[None, None, *Outcome])
    def decide(self, number: int, plan: bool, any_of_it: Outcome | None) -> None:
        """What is possible for each child; now and then what is not."""
        it = self.held(number)
        if it is None:
            return
        on = set(Plan.objects.running().values_list("child_id", flat=True))
        said = [decided(child, any_of_it or possible(it, plan, child.pk in on)) for child in children_at(it)]
        self.tried(actions.record_outcomes, it, decided=said, by=self.pclo)

    @happens(number=WHICH, outcome=Outcome)
    def correct(self, number: int, outcome: Outcome) -> None:
        rows = OutcomeFor.objects.order_by("pk")
        if rows:
            wrong = rows[number % len(rows)]
            right = decided(wrong.child, outcome)
            self.tried(actions.correct_outcome, wrong, decided=right, why="The wrong child", by=self.pclo)

    @happens(number=WHICH, debriefed=EITHER)
    def finish(self, number: int, debriefed: bool) -> None:
        if it := self.held(number):
            if debriefed:
                self.tried(actions.debrief_officer, it, words="A long meeting", by=self.sergeant)
            else:
                self.tried(actions.check_minutes, it, received_on=clock.today(), agree=True, by=self.pclo)

    # --- plans and core groups -------------------------------------------------------------------

    @happens(number=WHICH, ago=[0, 40, 200], was_initial=EITHER)
    def plan_of_before(self, number: int, ago: int, was_initial: bool) -> None:
        case = self.case(number)
        on, child = clock.today() - ago * DAY, children_on(case)[number % len(children_on(case))]
        said = {"child": child, "from_on": on, "conference_on": on, "conference_was_initial": was_initial}
        self.tried(actions.record_plan, case, **said, category=PlanCategory.NEGLECT, by=self.pclo)

    @happens(number=WHICH, withdrawn=EITHER)
    def end_plan(self, number: int, withdrawn: bool) -> None:
        rows = Plan.objects.order_by("pk")
        if not rows:
            return
        plan = rows[number % len(rows)]
        if withdrawn:
            self.tried(actions.withdraw_plan, plan, why="Their cousin", by=self.pclo)
        else:
            how = {"to_on": clock.today(), "end": PlanEnd.MOVED, "note": "By telephone"}
            self.tried(actions.end_plan, plan, **how, by=self.pclo)

    @happens(number=WHICH, ahead=AHEAD, how=["plan", "plan", "move", "hold", "cancel"])
    def core_group(self, number: int, ahead: timedelta, how: str) -> None:
        at, rows = clock.moment() + ahead, CoreGroup.objects.filter(state=CoreGroupState.PLANNED)
        if how == "plan" or not rows.exists():
            carried = Plan.objects.running().order_by("pk").first()
            case = carried.case if carried else self.case(number)
            self.tried(actions.plan_core_group, case, starts_at=at, by=self.pclo)
        elif (group := one_of(rows.order_by("pk"), number)) and how == "move":
            self.tried(actions.move_core_group, group, starts_at=at, why="A room", by=self.pclo)
        elif group and how == "hold":
            move_time_to(max(clock.moment(), group.starts_at))
            self.tried(actions.record_core_group, group, attended_by=None, note="It goes on", by=self.pclo)
        elif group:
            self.tried(actions.cancel_core_group, group, why="The school is closed", by=self.pclo)

    # --- the record ------------------------------------------------------------------------------

    @happens(number=WHICH)
    def close(self, number: int) -> None:
        case = self.case(number)
        try:
            with transaction.atomic():
                asked = ask_closure(case, outcome="Nobody was hurt", court=Court.NONE, by=self.sergeant)
                agree_closure(asked, answer="", by=self.inspector)
        except ValidationError:
            pass

    @happens(number=WHICH)
    def reopen(self, number: int) -> None:
        self.tried(reopen_case, self.case(number), reason="Another call", by=self.inspector)

    @happens(on=STEPS)
    def time_goes_by(self, on: timedelta) -> None:
        move_time_to(clock.moment() + on)


def findings_of(cases: list[int]) -> list[str]:
    return [each.words for each in findings(cases)]


def twice(cases: list[int]) -> list[Any]:
    """Open duties of one kind about one thing, of which there should be one."""
    open_ones = Duty.objects.filter(case__in=cases, state=DutyState.OPEN)
    return list(open_ones.values("case", "kind", "subject").annotate(times=Count("pk")).filter(times__gt=1))


def one_of(rows: Any, number: int) -> Any:
    found = list(rows)
    return found[number % len(found)] if found else None


def possible(conference: Conference, plan: bool, is_on_one: bool) -> Outcome:
    """What a conference can decide about a child who is on a plan, or is not."""
    if not is_on_one:
        return Outcome.PLAN if plan else Outcome.NO_PLAN
    if conference.is_initial:
        return Outcome.ADJOURNED
    return Outcome.CONTINUES if plan else Outcome.ENDS


def decided(child: Any, outcome: Outcome) -> Decided:
    category = PlanCategory.PHYSICAL if outcome in (Outcome.PLAN, Outcome.CONTINUES) else ""
    return Decided(child, outcome, category)


# Drawn from a seed, each step and all there is to it alike: a failure says what happened until then. The variable
# SEEDS asks for more of them than the suite waits for.
@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "4"))))
def test_in_whatever_order_every_duty_of_a_conference_is_there_once(seed: int) -> None:
    drawn = Random(seed)
    room = Room(second=seed % 2 == 1)
    story = []
    for _ in range(30):
        name = drawn.choice(list(HAPPENS))
        how = {each: drawn.choice(list(any_of)) for each, any_of in HAPPENS[name].items()}
        story.append((name, how))
        getattr(room, name)(**how)
        assert findings_of(room.cases) == [], story
        assert twice(room.cases) == [], story
    bring_up_to_date()
    figures_are_right()
