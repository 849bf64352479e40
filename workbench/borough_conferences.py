"""The lives of those records of the borough about which conferences were held, with what was prepared for each, what
was decided, the core groups and the reviews in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from cases.enums import Basis, Way
from conferences.enums import Attending, ConferenceKind, Missed, Outcome, PlanCategory, PoliceView, Section
from deadlines.ages import days_before
from deadlines.clock import london_date
from referrals.enums import Category
from workbench import borough_names as names
from workbench import borough_work as work
from workbench.borough_lives import (
    Life,
    Over,
    Todo,
    allocate,
    assess,
    begin,
    close,
    in_order,
    looked_at,
    searched,
    visit,
    weekday,
)
from workbench.borough_names import listed
from workbench.borough_plan import at_hour

HOURS = ((9, 30), (10, 0), (11, 30), (13, 30), (14, 0), (15, 0))
APART = 40  # days between two core groups


def plan(life: Life) -> None:
    """On plans since a conference here, and still on them: reviewed again and again."""
    _conferred(life, Outcome.PLAN, ends=False)


def ended(life: Life) -> None:
    """On plans until a review conference ended them."""
    _conferred(life, Outcome.PLAN, ends=True)
    close(life, life.officer)


def no_plan(life: Life) -> None:
    _conferred(life, Outcome.NO_PLAN, ends=True)
    close(life, life.officer)


def _conferred(life: Life, outcome: Outcome, *, ends: bool) -> None:
    rng = life.rng
    begin(life)
    allocate(life)
    began = london_date(life.at)
    initial = _weekday_on(began, rng.randint(17, 19))
    review = _weekday_on(initial, rng.randint(83, 87))
    until = days_before(-3, review if outcome == Outcome.PLAN else initial) if ends else london_date(life.now)
    until = days_before(-rng.randint(4, 12), until) if ends else days_before(-10, until)
    todo = looked_at(life, at_hour(until, 9))
    todo += [
        (life.on_day(rng.uniform(0.5, 16)), partial(visit, life, life.officer)) for _ in range(rng.randint(2, 4))
    ]
    todo += _conference(life, ConferenceKind.INITIAL, began, initial, outcome)
    if outcome == Outcome.PLAN:
        last = review if ends else days_before(-60, london_date(life.now))
        held = _weekday_on(initial, rng.randint(8, 10))
        while held < last:
            todo += _core_group(life, held, after=initial)
            held = _weekday_on(held, APART - rng.randint(0, 3))
        decided = Outcome.ENDS if ends else Outcome.CONTINUES
        todo += _conference(life, ConferenceKind.REVIEW, days_before(30, review), review, decided)
        for _ in range(rng.randint(1, 5)):
            day = weekday(days_before(-rng.randint(20, 90), initial))
            todo.append((at_hour(day, rng.uniform(9, 17)), partial(visit, life, life.officer)))
    in_order(life, [each for each in todo if london_date(each[0]) <= until])
    life.at = at_hour(until, 10)
    life.days_on(0.8, 1.4)


def _weekday_on(day: date, days: int) -> date:
    """So many days later, or the weekday before."""
    there = days_before(-days, day)
    while there.weekday() > 4:
        there = days_before(1, there)
    return there


def _core_group(life: Life, held: date, *, after: date) -> Todo:
    """Planned once there is a plan, its review of the CRAM the day before, and what came of it."""
    rng, (hour, minute) = life.rng, life.rng.choice(HOURS)
    known = at_hour(_weekday_on(held, -rng.randint(6, 7)), rng.uniform(9, 16))
    known = max(known, at_hour(weekday(days_before(-1, after)), 9.6))
    by = life.people.pclo_on(at_hour(held, 12))

    def planned() -> None:
        life.on(by, "core group", held=life.ago_of(held), starts=(hour, minute), place=_place(life))

    def recorded() -> None:
        life.on(by, "core group told", note=life.of(work.AT_CORE_GROUP))

    before = at_hour(_weekday_on(held, -2), rng.uniform(9.5, 15))
    told = at_hour(weekday(days_before(-rng.choice((0, 1)), held)), 16.5)
    todo: Todo = [(known, planned), (told, recorded)]
    if held <= london_date(life.now):
        todo.append((before, partial(assess, life, life.officer, again=True)))
    return todo


def _place(life: Life) -> str:
    return life.decks.of(listed(names.PLACES, "; "), "places")


def _conference(life: Life, kind: ConferenceKind, known: date, held: date, outcome: Outcome) -> Todo:
    """From the invitation to the minutes, each step in the working days that the limits leave for it."""
    rng, starts = life.rng, life.rng.choice(HOURS)
    initial = kind == ConferenceKind.INITIAL
    pclo = life.people.pclo_on(at_hour(held, 12))
    going = initial or rng.random() < 0.5
    booked = at_hour(weekday(days_before(-2, known)) if initial else weekday(known), rng.uniform(9, 16))
    todo: Todo = []

    def at(days: int, hour: float, does: Callable[[], None]) -> None:
        """So many days before the conference, after it where they are below nought."""
        day = _weekday_on(held, -days) if days >= 0 else weekday(days_before(days, held))
        moment = at_hour(day, hour)
        todo.append((max(moment, booked), does))

    def book() -> None:
        discussed = {"discussed": life.ago_of(london_date(life.received))} if initial else {}
        life.on(
            life.people.manager,
            "book",
            kind=kind,
            held=life.ago_of(held),
            starts=starts,
            place=_place(life),
            chair=life.decks.of(listed(names.CHAIRS, "; "), "chairs"),
            pclo=pclo,
            **discussed,
        )

    todo.append((booked, book))
    # An initial conference leaves two weeks for all of it, a review four.
    lead = 0 if initial else 4
    if not initial:
        why = life.of(work.WHY_REPORT) if not going else ""
        attending = Attending.GOING if going else Attending.REPORT_ONLY
        decided = at_hour(weekday(days_before(-1, london_date(booked))), 10)
        by = life.people.supervisor_on(decided, life.supervisor, but="")
        decide = partial(life.on, by, "decide attendance", attending=attending, why=why or "Asked for by the chair.")
        todo.append((decided, decide))
    at(10 + lead, 8.4, lambda: searched(life, life.people.researcher))
    # In the morning: where a weekend lies between, the report is begun later on the same day.
    at(9 + lead, 9.1, partial(assess, life, life.officer, again=True))
    at(7 + lead, 10.3, lambda: life.on(pclo, "start report"))
    at(7 + lead, 10.6, lambda: life.on(pclo, "write", section=Section.ANALYSIS, text=life.of(work.ANALYSES)))
    at(7 + lead, 10.9, lambda: life.on(pclo, "write", section=Section.VIEW, text=life.of(work.VIEWS)))
    at(7 + lead, 11.2, lambda: life.on(pclo, "submit report"))
    at(6 + lead, 12, lambda: life.on(life.people.endorser(life.at, but=pclo), "endorse report", words="Agreed."))
    way = {"way": Way.EMAIL, "basis": Basis.SAFEGUARDING}
    at(5 + lead, 15, lambda: life.on(pclo, "send report", **way))
    if going:
        at(1, 15.5, lambda: life.on(life.people.endorser(life.at, but=pclo), "brief", words=life.of(work.BRIEFED)))
    after = starts[0] + 3.2
    if going:
        at(0, after, lambda: life.on(pclo, "attended", note=life.of(work.AT_CONFERENCE)))
    else:
        at(-1, 9.5, lambda: life.on(pclo, "missed", missed=Missed.DECIDED))
    at(0 if going else -1, after + 0.2 if going else 9.9, lambda: _decided(life, pclo, outcome, going=going))
    if going:
        at(
            -1,
            9.2,
            lambda: life.on(life.people.endorser(life.at, but=pclo), "debrief", words=life.of(work.DEBRIEFED)),
        )
    minutes = rng.randint(9, 18)
    if held <= _weekday_on(london_date(life.now), -minutes):
        agree = rng.random() < 0.9
        differ = "" if agree else "They leave out what police said about the visits. The chair was asked to add it."
        at(-minutes, 14, lambda: life.on(pclo, "minutes", received=life.ago(life.at), agree=agree, differ=differ))
    return todo


def _decided(life: Life, by: str, outcome: Outcome, *, going: bool) -> None:
    category = life.category if life.category != Category.UNCLEAR else Category.NEGLECT
    said = PlanCategory(category.value) if outcome in (Outcome.PLAN, Outcome.CONTINUES) else ""
    view = PoliceView.AGREED
    decided = []
    for place, child in enumerate(life.household.children):
        dissent = ""
        if going and place == 0 and outcome == Outcome.ENDS and life.rng.random() < 0.12:
            dissent = "Police asked for three months more: what was agreed has held for weeks only."
        seen = PoliceView.DISSENTED if dissent else view
        decided.append((child.given, outcome, said, seen, dissent))
    life.on(by, "decided", decided=tuple(decided))


def moment_of(day: date, at: tuple[int, int]) -> datetime:
    """When a meeting of a day begins."""
    return at_hour(day, at[0] + at[1] / 60)


CONFERRED: dict[str, Callable[[Life], None]] = {"plan": plan, "ended": ended, "no plan": no_plan}
__all__ = ["CONFERRED", "Over"]
