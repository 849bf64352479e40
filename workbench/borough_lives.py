"""The life of each record of the borough: what was done about a referral, by whom and when; some of it late."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from cases.enums import Level
from conferences.enums import PlanCategory
from cram.enums import Approach, System, Works
from deadlines.ages import days_before, years_old
from deadlines.clock import LONDON, london_date
from people.enums import Relation, Sex
from referrals.enums import INVESTIGATED, Category, DecisionKind, Enquiry, Method, Source
from workbench import borough_names as names
from workbench import borough_words as words
from workbench import borough_work as work
from workbench.borough_names import listed
from workbench.borough_people import Team, team_of
from workbench.borough_plan import (
    BECOMES,
    CATEGORIES,
    METHODS,
    SOURCES,
    Call,
    Decks,
    Does,
    Family,
    Household,
    Record,
    at_hour,
    weighted,
)
from workbench.demonstration_conferences import On
from workbench.demonstration_crams import Step
from workbench.demonstration_referrals import Somebody, Then, Told

# What was to be done within so many days may not have been done yet, with this chance.
LATELY, NOT_DONE_YET = 8, 0.07
# The desk leaves nothing for longer than a day.
OF_THE_DESK = ("triage", "strategy", "decide", "cram", "confirm")
# What is late is late by some days.
LATE = 0.05
SATURDAY = 5


Todo = list[tuple[datetime, Callable[[], None]]]


class Over(Exception):
    """The life of a record goes no further: what follows is still to come, or was left undone."""


@dataclass
class Life:
    """One record while its life is told. `at`: the moment that it has come to."""

    rng: Random
    decks: Decks
    now: datetime
    household: Household
    people: Team
    received: datetime
    at: datetime
    decision: DecisionKind
    category: Category
    urgent: bool
    does: list[Does] = field(default_factory=list)
    officer: str = ""
    supervisor: str = ""
    answers: tuple[tuple[str, str, str, str, str], ...] = ()
    # A CRAM of it is not endorsed: nothing that needs that follows.
    waits: bool = False
    endorsed_at: datetime | None = None
    on_plan_since: date | None = None

    @property
    def child(self) -> Somebody:
        return self.household.children[0]

    @property
    def man(self) -> Somebody | None:
        return next((each for each in self.household.adults if each.relation != Relation.MOTHER), None)

    # --- words -----------------------------------------------------------------------------------

    def say(self, text: str, **more: str) -> str:
        """A piece of text about this family."""
        boy = self.child.sex == Sex.MALE
        he, him, his = ("he", "him", "his") if boy else ("she", "her", "her")
        man = self.man
        put = {
            "child": self.child.given,
            "he": he,
            "He": he.title(),
            "him": him,
            "his": his,
            "himself": "himself" if boy else "herself",
            "mum": self.household.adults[0].given,
            "man": man.given if man else f"{his} father",
        }
        said = text.format_map(put | more)
        return re.sub(r"(^|[.?!] )([a-z])", lambda found: found[1] + found[2].upper(), said)

    def of(self, them: Sequence[str], **more: str) -> str:
        return self.say(self.decks.of(them), **more)

    # --- time ------------------------------------------------------------------------------------

    def later(self, low: float, high: float, *, weekends: bool = False) -> datetime:
        """Go on by some hours; what would be done out of hours is done the next morning."""
        return self.go_to(self.at + timedelta(hours=self.rng.uniform(low, high)), weekends=weekends)

    def days_on(self, low: float, high: float) -> datetime:
        """Go on by some days, to an hour at which people work."""
        day = london_date(self.at + timedelta(hours=24 * self.rng.uniform(low, high)))
        return self.go_to(max(at_hour(day, self.rng.uniform(9, 17)), self.at + timedelta(minutes=12)))

    def go_to(self, moment: datetime, *, weekends: bool = False) -> datetime:
        day, hour = london_date(moment), _hour(moment)
        if hour > 18.2:
            day, hour = days_before(-1, day), self.rng.uniform(8, 9.6)
        elif hour < 7.6:
            hour = self.rng.uniform(7.7, 9.2)
        if not weekends and day.weekday() >= SATURDAY:
            day, hour = weekday(day), self.rng.uniform(8.4, 10.5)
        self.at = max(at_hour(day, hour), self.at + timedelta(minutes=3))
        return self.at

    def late(self) -> bool:
        return self.rng.random() < LATE

    # --- what is done ----------------------------------------------------------------------------

    def add(self, what: Then | Step | On, at: datetime | None = None) -> None:
        at = self.at if at is None else at
        if at > self.now + timedelta(hours=72):
            raise Over
        days = 1 if what.does in OF_THE_DESK else LATELY
        # The plans of brothers and sisters are recorded in one go.
        lately = what.does != "plan" and self.now - at < timedelta(hours=24 * days)
        if lately and self.rng.random() < NOT_DONE_YET:
            raise Over
        self.does.append(Does(at, what))

    def then(self, by: str, does: str, *said: str, **more: Any) -> None:
        self.add(Then((self.at - self.received).total_seconds() / 3600, by, does, said, **more))

    def step(self, by: str, does: str, **given: Any) -> None:
        self.add(Step(0, by, does, given))

    def on(self, by: str, does: str, **given: Any) -> None:
        there = self.at.astimezone(LONDON)
        self.add(On(self.ago(self.at), (there.hour, there.minute), by, does, given))

    def ago(self, moment: datetime) -> int:
        """How many days before the moment of the plan."""
        return (london_date(self.now) - london_date(moment)).days

    def ago_of(self, day: date) -> int:
        return (london_date(self.now) - day).days

    def on_day(self, days: float) -> datetime:
        """So many days after the moment that it has come to, at an hour at which people work."""
        if days < 1:
            return self.at + timedelta(minutes=round(30 + days * 300))
        day = weekday(london_date(self.at + timedelta(hours=24 * days)))
        return at_hour(day, self.rng.uniform(9, 17))


def _hour(moment: datetime) -> float:
    there = moment.astimezone(LONDON)
    return there.hour + there.minute / 60


def weekday(day: date) -> date:
    while day.weekday() >= SATURDAY:
        day = days_before(-1, day)
    return day


class Lives:
    """Tells the lives of families, one after the other."""

    def __init__(self, rng: Random, now: datetime) -> None:
        self.rng, self.now, self.decks = rng, now, Decks(rng)
        self._households: dict[Somebody, Household] = {}

    def family(self, kind: str, household: Household, days: int) -> Family:
        record = self._record(kind, household, days)
        on_plan = len(household.children) if kind in ("list", "plan") else 0
        self._households[record.told.children[0]] = household
        return Family(0, (record,), on_plan)

    def told_again(self, family: Family, days: int) -> Family:
        """A family about whom something is told once more."""
        household = self._households[family.records[0].told.children[0]]
        return replace(family, records=(*family.records, self._record("plain", household, days, again=True)))

    def _record(self, kind: str, household: Household, days: int, *, again: bool = False) -> Record:
        from workbench.borough_conferences import CONFERRED

        rng, day = self.rng, days_before(days, london_date(self.now))
        age = years_old(household.children[0].born, day)  # type: ignore[arg-type]
        category, decision = self._category(kind, age)
        call = self._call(kind, category, household)
        received = min(at_hour(day, call.hour), self.now - timedelta(minutes=40 + 11 * (household.number % 9)))
        urgent = decision in INVESTIGATED and rng.random() < 0.45
        if urgent and call.method not in (Method.TELEPHONE, Method.IN_PERSON) and rng.random() < 0.6:
            call = replace(call, method=Method.TELEPHONE)
        logged = received + timedelta(minutes=rng.randint(5, 50))
        if not urgent and (_hour(received) > 19 or _hour(received) < 7):
            morning = days_before(-1, london_date(received)) if _hour(received) > 19 else london_date(received)
            logged = min(at_hour(morning, rng.uniform(7.3, 8.8)), self.now - timedelta(minutes=15))
        people = team_of(household.team, london_date(logged), self.now, rng)
        life = Life(
            rng, self.decks, self.now, household, people, received, logged, decision, category, urgent
        )  # fmt: skip
        told = self._told(life, kind, call, days, again=again)
        with suppress(Over):
            (LIVES | CONFERRED)[kind](life)
        if call.method == Method.TELEPHONE:
            life.at = logged
            _confirmed(life)
        does = tuple(sorted(life.does, key=lambda each: each.at))
        return Record(told, received, logged, people.desk, decision, does)

    def _category(self, kind: str, age: int) -> tuple[Category, DecisionKind]:
        weights = {each: much for each, much in CATEGORIES.items() if _fitting(Category(each), age)}
        weights |= {"unclear": 0} if kind != "plain" else {}
        category = Category(weighted(self.rng, **weights))
        if kind == "list":
            return category, DecisionKind.INFORMATION
        if kind != "plain":
            return category, DecisionKind.JOINT
        return category, DecisionKind(weighted(self.rng, **BECOMES[category]))

    def _call(self, kind: str, category: Category, household: Household) -> Call:
        rng, of = self.rng, self.decks.of
        source = Source.SOCIAL_SERVICES if kind == "list" else Source(weighted(rng, **SOURCES))
        age = years_old(household.children[0].born, london_date(self.now))  # type: ignore[arg-type]
        if source == Source.CHILD and age < 10:
            source = Source.FAMILY
        method = Method(weighted(rng, **METHODS.get(source, {"email": 75, "telephone": 25})))
        method = Method.EMAIL if kind == "list" else method
        hour = rng.uniform(8.2, 17.8)
        if source in (Source.PUBLIC, Source.FAMILY):
            hour = rng.uniform(9, 21.5)
        elif source == Source.POLICE:
            hour = rng.choice((rng.uniform(0.2, 7), rng.uniform(8, 18), rng.uniform(18, 23.8)))
        name = of(listed(names.CALLERS), "callers")
        job = of(words.JOBS[source], source) if source in words.JOBS else ""
        if source == Source.SOCIAL_SERVICES:
            name = of(listed(names.SOCIAL_WORKERS), "workers")
        elif source == Source.SCHOOL:
            nursery, primary, secondary = listed(names.NURSERIES), listed(names.PRIMARIES), listed(names.SECONDARIES)
            school = nursery if age < 4 else primary if age < 11 else secondary
            job = f"{'Manager' if age < 4 else job}, {of(school, school)}"
        elif source == Source.HEALTH:
            job = f"{job}, {of(listed(names.HEALTH, '; '), 'health')}"
        elif source == Source.POLICE:
            name, job = "", of(listed(names.POLICE, "; "), "police")
        elif source == Source.VOLUNTARY:
            job = f"{job}, {of(listed(names.VOLUNTARY, '; '), 'voluntary')}"
        elif source == Source.CHILD:
            name = household.children[0].given
        return Call(source, method, name, job, hour)

    def _told(self, life: Life, kind: str, call: Call, days: int, *, again: bool) -> Told:
        rng, household = self.rng, life.household
        age = years_old(life.child.born, london_date(life.received))  # type: ignore[arg-type]
        fits = _fitting(life.category, age)
        if kind == "list":
            since = days_before(rng.randint(60, 700), london_date(self.now))
            text = life.of(words.ON_LIST, since=f"{since:%B %Y}")
            life.on_plan_since = since
        else:
            _, _, text = self.decks.fitting(words.TOLD[life.category], lambda each: each[2] in fits)
            text = life.say(text)
            text += " " + (life.of(words.KNOWN_AGAIN) if again else life.of(words.BESIDE))
            if rng.random() < 0.45:
                text += " " + life.of(words.BESIDE)
        adults = list(household.adults)
        named = life.decision in INVESTIGATED or rng.random() < 0.2
        if named and life.man is not None and life.category != Category.NEGLECT:
            adults = [replace(each, suspect=True) if each is life.man else each for each in adults]
        telephone = call.method == Method.TELEPHONE
        more: dict[str, str | bool] = {}
        if telephone:
            more["rang_back"] = rng.random() < 0.7
        if life.urgent:
            more["who_has_child"] = life.say(
                "{mum} has {him} until tonight." if rng.random() < 0.5 else "At school until 3:15pm."
            )
        if call.source == Source.PUBLIC and rng.random() < 0.4:
            more["protected"] = True
        return Told(
            days,
            (0, 0),
            tuple(household.children),
            text,
            (life.category,),
            call.source,
            call.name,
            call.job,
            call.method,
            life.urgent,
            household.address,
            tuple(adults),
            household.team,
            more=more,
        )


def _fitting(category: Category, age: int) -> tuple[str, ...]:
    """What can be told about a child of that age."""
    return tuple(text for low, high, text in words.TOLD[category] if low <= age <= high)


# --- what every record begins with ---------------------------------------------------------------


def begin(life: Life) -> None:
    """Looked at, assessed, decided, confirmed and endorsed."""
    rng, people = life.rng, life.people
    if life.urgent:
        life.at += timedelta(minutes=rng.randint(6, 45))
        life.then(people.desk, "triage", life.of(words.TRIAGE_URGENT), life.of(words.NEXT), urgent=True)
        life.at += timedelta(minutes=rng.randint(10, 60))
    else:
        life.later(*((18, 40) if life.late() else (0.3, 3)), weekends=True)
        if life.on_plan_since:
            life.then(people.desk, "triage", life.of(words.TRIAGE_ON_PLAN), "")
        else:
            life.then(people.desk, "triage", life.of(words.TRIAGE_NOT), life.of(words.NEXT))
        life.later(0.3, 2, weekends=True)
    if life.decision == DecisionKind.JOINT:
        _discuss(life)
    if life.decision in INVESTIGATED and rng.random() < 0.55:
        searched(life, people.desk)
    life.answers = _answers(life)
    if life.late():
        life.later(22, 60)
    assess(life, people.desk)
    if life.urgent:
        life.at += timedelta(minutes=rng.randint(8, 40))
    else:
        life.later(0.1, 1.2, weekends=True)
    passed_to = life.decks.of(words.PASSED_TO) if life.decision == DecisionKind.PASSED_ON else ""
    why = life.of(words.DECIDED_ON_PLAN if life.on_plan_since else words.DECIDED[life.decision])
    life.then(people.desk, "decide", why, life.of(words.NOT_CHOSEN), passed_to, decision=life.decision)


def _confirmed(life: Life) -> None:
    """What was telephoned comes in writing by the next day, if it comes."""
    if life.rng.random() < 0.12:
        return
    life.later(3, 26, weekends=True)
    closed = [each.at for each in life.does if isinstance(each.what, Then) and each.what.does == "close"]
    with suppress(Over):
        if not closed or life.at < closed[0]:
            life.then(life.people.desk, "confirm", life.decks.of(work.CONFIRMED))


def _discuss(life: Life) -> None:
    decided, why = life.of(work.STRATEGY), life.of(words.DECIDED[DecisionKind.JOINT])
    life.then(
        life.people.desk,
        "strategy",
        life.people.desk_name,
        life.decks.of(work.MANAGERS),
        decided,
        why,
        enquiry=Enquiry.JOINT,
    )
    life.at += timedelta(minutes=life.rng.randint(8, 30))


def searched(life: Life, by: str) -> None:
    found = []
    for system, something, nothing in life.rng.sample(work.SEARCHES, life.rng.randint(2, 3)):
        hit = life.rng.random() < 0.25
        found.append((System(system), hit, something if hit else nothing))
    life.step(by, "search", searches=tuple(found))
    life.at += timedelta(minutes=life.rng.randint(6, 25))


def _answers(life: Life) -> tuple[tuple[str, str, str, str, str], ...]:
    """What is answered in the CRAM, and again in each review."""
    if life.on_plan_since:
        name = life.child.given
        return (("on_plan", name, "yes", f"Since {life.on_plan_since:%B %Y}.", "Social Services’ list"),)
    if life.rng.random() > (0.7 if life.decision in INVESTIGATED else 0.25):
        return ()
    suspect = life.man if life.decision in INVESTIGATED and life.category != Category.NEGLECT else None
    found = []
    for about, code, note, source in life.rng.sample(work.ANSWERS, 2):
        said = "yes" if life.rng.random() < 0.45 else "no"
        if about == "suspect" and suspect is None:
            continue
        name = {"victim": life.child.given, "suspect": suspect.given if suspect else "", "household": ""}[about]
        found.append((code, name, said, life.say(note) if said == "yes" else "", source if said == "yes" else ""))
    return tuple(found)


def assess(life: Life, by: str, *, again: bool = False) -> None:
    """A CRAM, or a review of it, and its endorsement within a working day."""
    after_endorsement(life)
    yes = any(each[2] == "yes" for each in life.answers)
    level = Level.STANDARD if not yes and life.decision not in INVESTIGATED else Level.MEDIUM
    if life.urgent and yes and life.rng.random() < 0.4 and not again:
        level = Level.HIGH
    first = words.RATIONALE_ON_PLAN if life.on_plan_since else words.RATIONALE[level]
    rationale = life.of(words.REVIEWED if again else first)
    challenge = life.of(words.CHALLENGED_ON_PLAN if life.on_plan_since else words.CHALLENGED)
    life.step(by, "cram", answers=life.answers, level=level, rationale=rationale, challenge=challenge)
    back = life.at
    life.days_on(*((3, 5) if life.late() else (1, 1)))
    try:
        life.step(life.people.endorser(life.at, but=by), "endorse", words=life.of(words.ENDORSED))
    except Over:
        life.waits = True
    finally:
        life.at, life.endorsed_at = back, life.at


def after_endorsement(life: Life) -> None:
    """What needs every CRAM to be endorsed comes after the last one is."""
    if life.waits:
        raise Over
    if life.endorsed_at is not None and life.at <= life.endorsed_at:
        life.at = life.endorsed_at
        life.later(0.2, 1.5)


# --- what became of them -------------------------------------------------------------------------


def plain(life: Life) -> None:
    """Most records: decided on the day and closed within weeks."""
    begin(life)
    if life.decision in INVESTIGATED:
        investigate(life)
    elif life.decision == DecisionKind.SOCIAL_SERVICES:
        answered(life)
    else:
        life.days_on(1.2, 6 if life.decision == DecisionKind.INFORMATION else 3)
        if life.rng.random() < 0.4:
            visit(life, life.people.officer)
            life.days_on(0.2, 2)
    close(life, life.officer or life.people.desk)


def answered(life: Life) -> None:
    """Social Services told us what they found: in time, or after one, two or three chases."""
    rng = life.rng
    if rng.random() < 0.25:
        life.later(0.3, 2)
        life.then(
            life.people.desk, "share", life.decks.of(listed(names.SOCIAL_WORKERS), "workers"), life.of(work.SHARED)
        )
    days = rng.choices(((5, 13.2), (14.6, 19), (21.6, 26), (28.6, 44)), (64, 20, 10, 6))[0]
    life.days_on(*days)
    worker = life.decks.of(listed(names.SOCIAL_WORKERS), "workers")
    life.then(life.people.manager, "update", f"{worker}, social worker", life.of(work.UPDATES))
    if life.late():
        life.days_on(2, 5)
    else:
        life.later(1, 20)
    life.then(life.people.desk_on(life.at), "judge", life.of(work.UNCHANGED))
    life.days_on(0.3, 3)


def visit(life: Life, by: str) -> None:
    kind, title, text = life.decks.of(work.VISITS)
    life.then(by, "entry", life.say(title), life.say(text), kind=kind)


def allocate(life: Life) -> None:
    """Given to an officer within a working day, and looked at by the supervisor within a day."""
    life.officer, life.supervisor = life.people.officer, life.people.supervisor
    if life.late():
        life.days_on(2, 3)
    else:
        life.later(0.5, 4)
    life.then(life.supervisor, "assign", life.officer, life.supervisor, "")


def looked_at(life: Life, until: datetime) -> Todo:
    """When the supervisor looks at an investigation: within a day, after a week, then every four weeks."""
    when, found = life.at + timedelta(hours=life.rng.uniform(3, 7)), Todo()
    for gap in (5, *([26] * 30)):
        if when > until:
            break
        found.append((when, partial(_supervised, life)))
        when += timedelta(hours=24 * (gap + life.rng.uniform(0, 1.6)))
        when = at_hour(_weekday_before(london_date(when)), life.rng.uniform(9, 16.5))
        if life.late():
            when = at_hour(weekday(days_before(-life.rng.randint(2, 6), london_date(when))), 11)
    return found


def _weekday_before(day: date) -> date:
    while day.weekday() >= SATURDAY:
        day = days_before(1, day)
    return day


def _supervised(life: Life) -> None:
    by = life.people.supervisor_on(life.at, life.supervisor, but=life.officer)
    life.then(by, "supervise", life.of(work.FOUND), life.of(work.DIRECTIONS))


def investigate(life: Life) -> None:
    """Visited, acted on, supervised, its risk managed and reviewed, until it can be closed."""
    rng = life.rng
    allocate(life)
    lasts = rng.uniform(16, 40) if rng.random() < 0.55 else rng.uniform(40, 110)
    ends = life.on_day(lasts)
    todo = looked_at(life, ends)
    todo += [
        (life.on_day(rng.uniform(0.2, lasts)), partial(visit, life, life.officer)) for _ in range(rng.randint(2, 5))
    ]
    what, result = life.decks.of(work.ACTIONS)
    set_on, runs = rng.uniform(0.1, lasts / 3), rng.randint(3, 10)
    done = min(set_on + rng.uniform(1, runs + (4 if life.late() else 0)), lasts)
    set_at = life.on_day(set_on)
    todo.append((set_at, partial(_set, life, what, runs)))
    done_at = max(life.on_day(done), set_at + timedelta(hours=3))
    todo.append((done_at, partial(life.then, life.officer, "done", life.say(result))))
    if life.man is not None and any(each[2] == "yes" for each in life.answers):
        todo += managed(life, lasts)
    for days in range(40, round(lasts), 40):
        todo.append((life.on_day(days - rng.uniform(0, 2)), partial(assess, life, life.officer, again=True)))
    if rng.random() < 0.5:
        worker = life.decks.of(listed(names.SOCIAL_WORKERS), "workers")
        todo.append(
            (
                life.on_day(rng.uniform(0.3, 4)),
                partial(life.then, life.officer, "share", worker, life.of(work.SHARED)),
            )
        )
    in_order(life, todo)
    life.at = max(life.at, ends)
    life.days_on(0.6, 1.5)


def _set(life: Life, what: str, runs: int) -> None:
    """An action for the officer, set by the supervisor."""
    by = life.people.supervisor_on(life.at, life.supervisor, but=life.officer)
    life.then(by, "action", life.say(what), owner=life.officer, in_days=runs)


def managed(life: Life, lasts: float) -> Todo:
    """A risk, what manages it, and each look whether it still does."""
    risk, measure, found = (life.say(each) for each in life.decks.of(work.RISKS))
    man = life.man
    first = partial(life.step, life.officer, "risk", what=risk, person=man.given if man else life.child.given)
    then = partial(
        life.step,
        life.officer,
        "measure",
        risk=risk,
        approach=Approach.AVOID,
        what=measure,
        owner=life.officer,
        carried_out_by="",
        runs=None,
        checked_in=21,
        works=Works.YES,
        found=found,
    )
    at = life.at + timedelta(minutes=20)
    todo: Todo = [(at, first), (at + timedelta(minutes=9), then)]
    days, on_days = 20.0, [0.0]
    while days < lasts - 1:
        on_days.append(days)
        days += life.rng.uniform(18, 21)
    # Nobody agrees to close a record on which a check is late.
    if lasts - on_days[-1] > CHECKED_BEFORE_CLOSURE:
        on_days.append(lasts - 0.4)
    for days in on_days[1:]:
        said = {"measure": measure, "works": Works.YES, "found": life.of(work.CHECKED), "checked_in": 21}
        todo.append((life.on_day(days), partial(life.step, life.officer, "check", **said)))
    return todo


# Days; until the record is closed as many may pass as are left of 21.
CHECKED_BEFORE_CLOSURE = 9


def in_order(life: Life, todo: Todo) -> None:
    """Do what has each its own time, the earliest first."""
    for at, does in sorted(todo, key=lambda each: each[0]):
        life.at = at
        does()


def close(life: Life, by: str) -> None:
    """Asked for by one and agreed by another."""
    after_endorsement(life)
    life.then(by, "ask to close", life.of(work.ASKED_TO_CLOSE))
    life.days_on(*((3, 6) if life.late() else (0.8, 1)))
    life.then(life.people.endorser(life.at, but=by), "close", life.of(work.AGREED))


def on_list(life: Life) -> None:
    """A child on a plan, from Social Services' list: assessed, and kept under review from now on."""
    begin(life)
    life.days_on(0.8, 1)
    rng, since = life.rng, life.on_plan_since or london_date(life.received)
    conference = since
    ago = (london_date(life.now) - since).days
    initial = ago < 86
    if not initial:  # since then there were reviews, the last within the half-year
        conference = days_before(
            rng.randint(8, min(ago - 10, 182 if rng.random() < 0.06 else 172)), london_date(life.now)
        )
    category = life.category if life.category != Category.UNCLEAR else Category.NEGLECT
    for child in life.household.children:
        # Nobody's plan began before they were there.
        begun = max(since, days_before(-12, child.born or since))
        held = min(max(conference, begun), london_date(life.at))
        life.on(
            life.people.pclo_on(life.at),
            "plan",
            child=child.given,
            category=PlanCategory(category.value),
            since=life.ago_of(min(begun, held)),
            conference=life.ago_of(held),
            initial=initial,
        )
        life.at += timedelta(minutes=rng.randint(3, 9))
    if rng.random() < 0.3:
        life.days_on(2, 12)
        visit(life, life.people.officer)


LIVES: dict[str, Callable[[Life], None]] = {"plain": plain, "list": on_list}
