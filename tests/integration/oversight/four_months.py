"""What happened on a few records from January to May 2010, with each case that the measures of risk, conferences and
records tell apart; and the facts that they were counted as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cases.actions import (
    accept_transfer,
    add_action,
    agree_closure,
    ask_closure,
    complete_action,
    refuse_closure,
    reopen_case,
    withdraw_closure,
)
from cases.enums import Court, Level
from cases.models import Case
from conferences.actions import cancel_conference, decide_attendance, end_plan, withdraw_plan
from conferences.enums import Attending, ConferenceKind, Missed, Outcome, PlanCategory, PlanEnd
from conferences.models import Plan
from cram.actions import change_gap, drop_gap, end_measure, end_risk
from cram.duties import FIRST
from cram.enums import Said, Works
from deadlines.calendar import ONE_DAY
from deadlines.clock import LONDON, london_date
from diary.models import Duty
from diary.steps import end_open
from oversight.models import Fact
from people.said import PersonSaid
from referrals.enums import DecisionKind
from referrals.models import Referral
from team.enums import Role
from team.models import Team, User
from tests.factories.assessing import an_assessment, answered, submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_plan, a_review, children_on, decided, held
from tests.factories.deciding import a_decided_case, a_ready_case, an_investigation
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk, checked
from tests.factories.referrals import a_case, a_child
from tests.factories.reports import an_endorsed_report, sent
from tests.factories.team import a_team, an_officer
from tests.factories.transferring import a_transfer, transferred

# A Monday.
BEGINNING = datetime(2010, 1, 11, 10, 0, tzinfo=LONDON)
# A Wednesday: what follows the last thing that happened.
NOW = datetime(2010, 5, 5, 10, 0, tzinfo=LONDON)
DAYS = [london_date(BEGINNING) + number * ONE_DAY for number in range(115)]


def day(number: int) -> date:
    return london_date(BEGINNING) + number * ONE_DAY


@dataclass
class World:
    """The records by what they are for, and the two teams."""

    teams: list[Team] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)

    def case(self, name: str) -> Case:
        return Case.objects.get(pk=self.cases[name].pk)


def four_months() -> World:
    """The clock goes on from one to the next, and is at `NOW` at the end."""
    move_time_to(BEGINNING)
    world = World([a_team(), a_team("ENF", "Enfield")])
    by = User.objects.system()
    happenings = sorted([*_risk(world, by), *_conferences(world, by)], key=lambda each: each[0])
    for number, happening in happenings:
        move_time_to(BEGINNING + timedelta(days=number))
        happening()
    move_time_to(NOW)
    return world


Happenings = Iterator[tuple[int, Any]]


def _risk(world: World, by: User) -> Happenings:
    """Two records with risks and gaps, of which one goes to Enfield, and one is closed and opened again."""
    here, _ = world.teams
    cases, made = world.cases, dict[str, Any]()
    constable = an_officer(Role.INVESTIGATOR, here)

    def begin() -> None:
        cases["moved"], cases["closed"] = a_ready_case(), a_ready_case()
        made["one"] = a_risk(cases["moved"])
        made["gap"] = a_gap(cases["moved"], due_on=day(5))
        a_managed_risk(cases["closed"], what="Managed until 12 March, when the record is closed")
        made["checked"] = a_measure(a_risk(cases["closed"]))
        gone = a_risk(cases["closed"], what="Gone on the same day")
        end_risk(gone, why="A mistake", by=by)
        cases["investigation"] = an_investigation(constable)

    yield 0, begin
    # For a week: from then on nothing manages the risk.
    yield 2, lambda: a_measure(made["one"], works=Works.YES, until=day(9), check_on=day(9))
    yield 3, lambda: checked(made["checked"], Works.YES)
    yield 6, lambda: checked(made["checked"], Works.NO)
    # Late since the sixth day; another day, and late again.
    yield 8, lambda: change_gap(made["gap"], owner=made["gap"].owner, due_on=day(12), reason="He is away", by=by)
    yield 12, lambda: checked(made["checked"], Works.YES)
    yield 14, lambda: made.update(last=a_measure(made["one"], works=Works.YES, until=None, what="A refuge"))
    yield 15, lambda: drop_gap(made["gap"], reason="The family has moved", by=by)

    def close() -> None:
        end_risk(made["checked"].risk, why="He was sent to prison", by=by)
        asked = ask_closure(cases["closed"], outcome="All is well.", court=Court.NONE, by=by)
        refuse_closure(asked, answer="See the child first.", by=an_officer(Role.SUPERVISOR, here))
        asked = ask_closure(cases["closed"], outcome="All is well.", court=Court.NONE, by=by)
        agree_closure(asked, by=an_officer(Role.INSPECTOR, here))

    yield 18, close
    yield 20, lambda: end_measure(made["last"], why="They left the refuge", by=by)

    def move() -> None:
        made["second gap"] = a_gap(cases["moved"], question="Where does he live?", due_on=day(23))
        transfer = a_transfer(cases["moved"], world.teams[1], by=by)
        accept_transfer(transfer, by=an_officer(Role.SUPERVISOR, world.teams[1]))

    yield 21, move
    yield 30, lambda: a_risk(world.case("moved"), what="Unmanaged in Enfield alone")
    yield 33, lambda: end_risk(world.case("moved").risks.latest("pk"), why="They live elsewhere", by=by)
    yield 65, lambda: reopen_case(world.case("closed"), reason="A new injury", by=by)
    yield 66, lambda: submitted(world.case("closed"), Level.MEDIUM, challenge_answer="He is away")

    def assess() -> None:
        cases["assessed"] = a_case()
        answered(an_assessment(cases["assessed"]), Said.NOT_KNOWN)
        a_measure(a_risk(cases["assessed"]))
        submitted(cases["assessed"], Level.HIGH)
        cases["untouched"] = a_case(world.teams[1])
        a_transfer(cases["untouched"], here)
        # As an old log leaves them: with what was due long ago.
        cases["old"] = a_decided_case(DecisionKind.SOCIAL_SERVICES)
        Referral.objects.filter(case=cases["old"]).update(old_urn="12/03")
        Duty.objects.filter(case=cases["old"], kind="update").update(from_before=True)
        end_open(FIRST, cases["old"], done=False, why="It came with an old log", by=by)
        an_assessment(cases["old"])
        cases["ready"] = a_ready_case()
        end_risk(a_risk(cases["ready"]), why="He was sent to prison", by=by)
        seen = add_action(cases["ready"], what="See the aunt", owner=constable, due_on=day(90), by=by)
        complete_action(seen, result="Seen", by=by)
        asked = ask_closure(cases["ready"], outcome="All is well.", court=Court.NONE, by=by)
        withdraw_closure(asked, answer="Not yet", by=by)
        add_action(cases["investigation"], what="See the aunt", owner=constable, due_on=day(90), by=by)
        ask_closure(a_ready_case(), outcome="All is well.", court=Court.NONE, by=by)

    yield 80, assess


def _conferences(world: World, by: User) -> Happenings:
    """A family whose children come on a plan; and conferences that are missed, adjourned, cancelled and forgotten."""
    cases, made = world.cases, dict[str, Any]()

    def begin() -> None:
        cases["family"] = a_case(children=[a_child("Rhys"), a_child("Reece")])
        made["initial"] = a_conference(cases["family"])
        submitted(cases["family"])
        sent(an_endorsed_report(made["initial"]))
        missed = a_case()
        made["missed"] = a_conference(missed, kind=ConferenceKind.TRANSFER_IN)
        made["adjourned"] = a_conference(a_case())
        cases["adjourned"] = made["adjourned"].case
        cases["forgotten"] = a_conference(a_case(), starts_at=BEGINNING + timedelta(days=30)).case
        cancelled = a_conference(missed, starts_at=BEGINNING + timedelta(days=40))
        cancel_conference(cancelled, why="The family has moved", by=by)
        # Before CAIT: one that has ended, one by mistake, and one on which the child is still, never assessed.
        cases["before"] = a_case()
        made["plan"] = a_plan(cases["before"], from_on=date(2009, 6, 3), category=PlanCategory.SEXUAL)
        mistake = a_plan(missed, from_on=date(2009, 7, 1))
        withdraw_plan(mistake, why="Another child", by=by)
        a_plan(cases["forgotten"], from_on=date(2009, 8, 1))

    def hold() -> None:
        decided(held(made["initial"]))
        held(made["missed"], missed=Missed.SICKNESS, missed_why="As his sergeant says")
        decided(held(made["adjourned"]), Outcome.ADJOURNED)
        made["review"] = a_review(cases["family"])
        made["silent"] = a_review(world.case("before"))

    def begin_plans() -> None:
        """One that ends here, and one that goes with its record to Enfield."""
        cases["handed over"] = a_case(children=[a_child("Nia"), a_child("Tia")])
        nia, tia = children_on(cases["handed over"])
        made["ended"] = a_plan(cases["handed over"], child=nia, from_on=date(2009, 9, 1))
        a_plan(cases["handed over"], child=tia, from_on=date(2009, 9, 1))

    yield 1, begin
    yield 1, begin_plans
    yield 23, hold
    yield 28, lambda: end_plan(made["ended"], to_on=day(27), end=PlanEnd.MOVED, note="Told by telephone", by=by)
    yield 40, lambda: transferred(world.case("handed over"), world.teams[1])

    def again() -> None:
        end_plan(made["plan"], to_on=day(40), end=PlanEnd.MOVED, note="So their team says", by=by)
        same = PersonSaid(given_names="Rhys", same_as=children_on(cases["before"])[0].pk)
        cases["again"] = a_case(children=[same])
        a_plan(cases["again"], from_on=day(45), category=PlanCategory.PHYSICAL)
        made["attended"] = a_review(cases["again"], starts_at=BEGINNING + timedelta(days=70))

    yield 50, again

    def review() -> None:
        held(made["attended"])
        submitted(world.case("family"))
        # Too late for its date, and there when the conference begins.
        made["review"] = decide_attendance(made["review"], attending=Attending.GOING, why="He is home again", by=by)
        sent(an_endorsed_report(made["review"]))
        review = held(made["review"], missed=Missed.COURT, missed_why="In another case")
        decided(review, Outcome.CONTINUES, PlanCategory.EMOTIONAL)
        held(made["silent"], missed=Missed.CLASH, missed_why="Both at ten")
        plan = Plan.objects.filter(case=cases["family"]).latest("pk")
        end_plan(plan, to_on=plan.from_on, end=PlanEnd.MOVED, note="On the same day, we hear now", by=by)

    yield 77, review


# --- how it is counted ----------------------------------------------------------------------------


def facts(code: str) -> list[Fact]:
    return list(Fact.objects.filter(measure=code))


def lasting(rows: list[Fact], on: date) -> set[tuple[int, str, int, int]]:
    """Of what was counted, what lasted at the end of a day: record, part, subject, team."""
    there = [each for each in rows if each.on <= on and (each.until is None or each.until > on)]
    return {(each.case_id, each.part, each.subject, each.team_id) for each in there}
