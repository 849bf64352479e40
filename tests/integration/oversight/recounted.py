"""The measures of risk, conferences and records, recounted by hand from the records, as other pages count them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from cases.closure import in_the_way
from cases.enums import ClosureState
from cases.models import Case, Closure
from conferences.figures import counted, figures_of, missed
from conferences.models import Plan
from conferences.register import months_of, plans_moved, plans_on
from cram.turns import Risks
from deadlines import clock
from deadlines.clock import london_date, london_day_end
from deadlines.periods import last_of_month, months_until
from diary.models import Duty, DutyState
from oversight.enums import Period
from oversight.measures import MEASURES, closing, conferences
from oversight.models import Fact
from team.enums import Role, TeamKind
from team.models import Team
from tests.factories.team import an_officer
from tests.integration.oversight.four_months import NOW, World, facts, lasting


class Then:
    """The records as they were at the end of each day, by their history."""

    def __init__(self) -> None:
        self.lines: dict[int, list[Any]] = defaultdict(list)
        self.known: dict[tuple[int, date], Any] = {}
        for line in Case.history.order_by("history_id"):
            self.lines[line.id].append(line)

    def at(self, case: int, moment: datetime) -> Any:
        """The line of a record that held at a moment; None before it was raised."""
        before = [line for line in self.lines[case] if line.history_date < moment]
        return before[-1] if before else None

    def at_end(self, case: int, on: date) -> Any:
        if (case, on) not in self.known:
            self.known[case, on] = self.at(case, london_day_end(on))
        return self.known[case, on]

    def team(self, case: int, on: date) -> int:
        return int(self.at_end(case, on).team_id)

    def team_of(self, duty: Duty) -> int:
        """Whose a duty was when it was decided how it went."""
        late = max(duty.late_from, duty.raised_at)
        return int(self.at(duty.case_id, min(duty.ended_at or late, late)).team_id)

    def level_sent(self, first: Any) -> str:
        """Which level an assessment set when it was first sent."""
        return str(first.history.filter(first_submitted_at__isnull=False).earliest("history_id").level)


def of_months(last: date) -> set[tuple[Any, ...]]:
    """What every measure counted in the months until the end of one, and what lasted at the end of each."""
    ends = [last_of_month(first) for first in months_until(last, 6)]
    found: set[tuple[Any, ...]] = set()
    for measure in MEASURES:
        rows = facts(measure.code)
        if measure.period == Period.MONTH:
            found |= {
                (measure.code, each.subject, each.team_id, each.part, each.on, each.counted, each.minutes)
                for each in rows
                if each.on <= last
            }
        elif measure.period == Period.AT_END:
            found |= {(measure.code, end, *each) for end in ends for each in lasting(rows, end)}
    return found


def lasted(began: datetime, ended: datetime | None, on: date) -> bool:
    """Whether something was so at the end of a day."""
    return london_date(began) <= on and (ended is None or london_date(ended) > on)


def was_overdue(duty: Duty, on: date) -> bool:
    late = max(duty.late_from, duty.raised_at)
    return late <= NOW and lasted(late, duty.ended_at, on)


def unmanaged_then(then: Then, risks: dict[int, Risks], on: date) -> set[tuple[int, str, int, int]]:
    """As the timeline of each record (id) tells it."""
    found = set()
    at = london_day_end(on) - timedelta(seconds=1)
    for case, of_case in risks.items():
        line = then.at_end(case, on)
        if line is not None and line.state == "open":
            found |= {(case, "", pk, line.team_id) for pk in of_case.unmanaged(at)}
    return found


def in_month(rows: Iterable[Fact], team: int, first: date) -> list[Fact]:
    return [each for each in rows if each.team_id == team and each.on.replace(day=1) == first]


def said(code: str) -> list[tuple[Any, ...]]:
    """Every fact of a measure: record, team, part, day, whether it was so."""
    return sorted((f.case_id, f.team_id, f.part, f.on, f.counted) for f in facts(code))


def done_in_time(duty: Duty) -> tuple[date, bool] | None:
    """On which day a duty counts, and whether it was done in time; None: it counts nowhere."""
    if duty.from_before or duty.late_from < duty.raised_at:
        return None
    ended = duty.ended_at or clock.now()
    if duty.state == DutyState.SATISFIED and ended < duty.late_from:
        return min(london_date(ended), duty.due_on), True
    return (duty.due_on, False) if ended >= duty.late_from else None


# --- held against other pages ----------------------------------------------------------------------


def check_conferences(world: World) -> Counter[str]:
    """Month by month and team by team what their own page counts (`conferences.figures`); how many there are."""
    command, now = an_officer(Role.COMMAND), clock.now()
    rows = {each.code: facts(each.code) for each in conferences.MEASURES}
    found: Counter[str] = Counter()
    for team in world.teams:
        their = counted(command, now=now, team=team)
        for month in figures_of(their, [team], now=now).months:
            assert month.first
            numbers = month.numbers
            found.update(numbers)
            here = {code: in_month(each, team.pk, month.first) for code, each in rows.items()}
            for code, part, of in (
                ("attendance", "initial_attended", "initial"),
                ("reviews_attended", "review_attended", "review"),
                ("reports_on_time", "on_time", "held"),
            ):
                assert sum(each.counted for each in here[code]) == numbers[part]
                assert len(here[code]) == numbers[of]
            assert len(here["conferences_held"]) == numbers["held"]
            instead = [each.counted for each in here["report_instead"]]
            assert (instead.count(True), instead.count(False)) == (
                numbers["review_report"],
                numbers["review_neither"],
            )
            assert len(here["conferences_unrecorded"]) == numbers["unrecorded"]
    not_there = set(missed(counted(command, now=now)).values_list("pk", "missed"))
    assert {(each.subject, each.part) for each in rows["conferences_missed"]} == not_there
    return found


def check_plans() -> set[str]:
    """At the end of each month, by category; and who came on and off (`conferences.register`)."""
    command = an_officer(Role.COMMAND)
    rows = facts("on_plans")
    categories = set()
    for team in Team.objects.filter(kind=TeamKind.CAIT):
        for month in months_of(command, london_date(NOW), team=team):
            there = [each for each in lasting(rows, month.last) if each[3] == team.pk]
            assert len(there) == month.number
            on: Any = plans_on(command, month.last, team=team)
            assert {(subject, part) for _, part, subject, _ in there} == set(on.values_list("pk", "category"))
            categories |= {part for _, part, _, _ in there}
            moved = {
                way: plans_moved(command, way, month.first, last_of_month(month.first), team=team)
                for way in ("on", "off")
            }
            ended, began = (in_month(facts(code), team.pk, month.first) for code in ("plans_ended", "plans_begun"))
            assert {each.subject for each in began} == {plan.pk for plan in moved["on"]}
            assert {(each.subject, each.part) for each in ended} == {(plan.pk, plan.end) for plan in moved["off"]}
    now = plans_on(command, london_date(NOW))
    assert {each.subject for each in rows if each.until is None} == {plan.pk for plan in now}
    begun = {each.subject: each.part for each in facts("plans_begun")}
    that_count = Plan.objects.filter(withdrawn_at=None)
    assert begun == {
        each.pk: each.categories.filter(from_on=each.from_on).latest("pk").category for each in that_count
    }
    return categories


# What a room says of a record in words of its own, and as which part it is counted.
OF_ITS_OWN = {
    "A risk is unmanaged:": "unmanaged",
    "A check is overdue since ": "check_overdue",
    "A conference is booked:": "conference_booked",
    " is on a child protection plan": "on_a_plan",
    "A core group is planned, and not recorded:": "core_group_planned",
    "A core group is still planned for ": "core_group_planned",
    " still to do": "actions",
    "The transfer to ": "transfer_asked",
    "A duty that CAIT does not know": "unknown",
}


def part_of(what: str) -> str:
    own = [part for words, part in OF_ITS_OWN.items() if words in what]
    return own[0] if own else next(part for part, name in closing.IN_THE_WAY.names(set()).items() if name == what)


def check_in_the_way() -> dict[Case, set[str]]:
    """What stands in the way of each open record, as closing it would say."""
    open_now = Case.objects.filter(state="open")
    by_hand = {case: {part_of(each.what) for each in in_the_way(case)} for case in open_now}
    assert {(each.case_id, each.team_id, each.part) for each in facts("in_the_way")} == {
        (case.pk, case.team_id, part) for case, parts in by_hand.items() for part in parts
    }
    asked = set(Closure.objects.filter(state=ClosureState.ASKED).values_list("case_id", flat=True))
    assert {(each.case_id, each.part) for each in facts("can_be_closed")} == {
        (case.pk, "asked" if case.pk in asked else "not_asked") for case, parts in by_hand.items() if not parts
    }
    return by_hand
