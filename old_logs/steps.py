"""Some rows of an old log become referrals, with their records, people and duties: set by set, not one by one.

What they become is what `log_referral` and the decision make of one, and the facts are those of the log: nothing is
made up for what it does not say. What is due is due from when it was received, and marked as from before CAIT.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from audit.events import Event
from audit.recording import record_many
from cases.enums import Happened, Kind, Part, Partner, Series, Way
from cases.steps import Told, enter_many, put_on_cases, raise_cases, take_numbers
from deadlines import clock, rules
from deadlines.due import Due
from deadlines.rule import Rule
from diary.steps import Raised, raise_many, start_chases
from old_logs.models import OldLog
from old_logs.queries import same_children, token_of, whole
from old_logs.said import OldReferral
from people.given import as_given
from people.said import PersonSaid
from people.steps import record_new
from referrals import duties
from referrals.enums import INVESTIGATED, Came, DecisionKind, Progress
from referrals.models import Answer, Decision, Referral, categories_in_words, source_in_words, urn_of
from team.history import add_many, keep_lines, new_ids
from team.models import User


class Made(NamedTuple):
    """A referral that was made of a row: its id and that of its record, and the row."""

    referral: int
    case: int
    number: tuple[int, int]
    old: OldReferral
    people: list[int]


def bring_in(log: OldLog, rows: Sequence[tuple[int, OldReferral]], *, dues: Dues, by: User) -> dict[int, int]:
    """Make referrals of some checked rows, none of which is here yet. `rows`: of each its number in the sheet and
    what it says. The id of the referral for each row, by its place in `rows`.

    The caller has taken the locks, and has seen to it that CAIT's own numbering begins after those of the log.
    """
    olds = [old for _, old in rows]
    # Numbers last of what others wait for, as wherever a referral is logged (ADR 9).
    said, ids = _people(log, olds, by)
    numbers = _numbers(log, olds)
    cases = raise_cases(
        log.team, [(urn_of(*number), old.received_on.year) for number, old in zip(numbers, olds, strict=True)], by=by
    )
    referrals = new_ids(Referral, len(olds))
    made, first = [], 0
    for place, old in enumerate(olds):
        people = ids[first : first + len(old.children)]
        first += len(old.children)
        made.append(Made(referrals[place], cases[place][0], numbers[place], old, people))
    parts = [(each.case, pk, Part.CHILD, place) for each in made for place, pk in enumerate(_once(each.people))]
    put_on_cases(parts, by=by)
    _refer(log, made, said, by)
    enter_many([_first_entry(each) for each in made], by=by)
    _decide(log, made, dues, by)
    record_many(
        Event.REFERRAL_BROUGHT_IN,
        by=by,
        about=Referral,
        team_id=log.team_id,
        rows=(
            (each.referral, each.case, {"urn": urn_of(*each.number), "old_log": log.pk, "row": number})
            for each, (number, _) in zip(made, rows, strict=True)
        ),
    )
    return {place: each.referral for place, each in enumerate(made)}


def _numbers(log: OldLog, olds: Sequence[OldReferral]) -> list[tuple[int, int]]:
    """The URN of each: its own of the old log, where that is one as CAIT gives them; otherwise the next of its
    year."""
    without: dict[int, list[int]] = defaultdict(list)
    for place, old in enumerate(olds):
        if old.number is None:
            without[old.received_on.year].append(place)
    numbers = [old.number or (0, 0) for old in olds]
    for year, places in sorted(without.items()):
        first = take_numbers(log.team, Series.URN, year, len(places))
        for serial, place in enumerate(places, first):
            numbers[place] = (year, serial)
    return numbers


def _people(log: OldLog, olds: Sequence[OldReferral], by: User) -> tuple[dict[int, list[PersonSaid]], list[int]]:
    """The children of each row, as they were said and taken to be; and their ids in a row.

    Whoever has the same name, date of birth and address as a child on the team's records is taken to be that child.
    """
    keys = [whole(child) for old in olds for child in old.children]
    known = dict(same_children(log.team, sorted({key for key in keys if key})))
    of_each: list[tuple[PersonSaid, date]] = [(child, old.received_on) for old in olds for child in old.children]
    # A child who stands in several of these rows is made once, and lives there since the first of them.
    first_with: dict[Any, int] = {}
    since: dict[Any, date] = {}
    for place, (key, (_, on)) in enumerate(zip(keys, of_each, strict=True)):
        if key:
            first_with.setdefault(key, place)
            since[key] = min(since.get(key, on), on)
    once = [place for place, key in enumerate(keys) if not key or first_with[key] == place]
    wanted = []
    for place in once:
        key, (child, on) = keys[place], of_each[place]
        wanted.append((_taken_to_be(child, known[key]) if key in known else child, since[key] if key else on))
    made = dict(zip(once, record_new(wanted, by=by), strict=True))
    ids = [made[first_with[key] if key else place] for place, key in enumerate(keys)]
    said: dict[int, list[PersonSaid]] = {}
    place = 0
    for number, old in enumerate(olds):
        said[number] = []
        for child in old.children:
            is_known = keys[place] in known or place not in made
            said[number].append(_taken_to_be(child, ids[place]) if is_known else child)
            place += 1
    return said, ids


def _taken_to_be(child: PersonSaid, pk: int) -> PersonSaid:
    return PersonSaid(child.given_names, child.family_name, child.birth, child.sex, child.address, same_as=pk)


_REFERRAL = (
    *("id", "case_id", "team_id", "urn_year", "urn_serial", "old_urn", "token", "logged_at", "logged_by_id"),
    *("received_at", "method", "source", "referrer_name", "referrer_job", "referrer_telephone", "referrer_email"),
    *("rang_back", "protected", "as_given", "no_child_because", "circumstances", "categories", "will_be_lost"),
    *("urgent", "who_has_child", "other_children", "whereabouts", "done_so_far", "confirmed_how", "progress"),
    *("triage_next", "triage_reason", "decision"),
)


def _refer(log: OldLog, made: Sequence[Made], said: dict[int, list[PersonSaid]], by: User) -> None:
    now = clock.moment()
    rows = []
    for place, (pk, case, (year, serial), old, people) in enumerate(made):
        given = [
            as_given(child, child=True, on=old.received_on, person=_Known(person, child.full_name))  # type: ignore[arg-type]
            for child, person in zip(said[place], people, strict=True)
        ]
        decided = Progress.DECIDED if old.decision else Progress.TRIAGED if old.to_decide else Progress.LOGGED
        rows.append(
            (
                pk,
                case,
                log.team_id,
                year,
                serial,
                old.urn,
                token_of(log.team, old.key),
                now,
                by.pk,
                old.received_at,
                old.method,
                old.source,
                old.referrer_name,
                old.referrer_job,
                old.telephone,
                old.email,
                False,
                old.protected,
                json.dumps(given),
                old.no_child_because,
                old.circumstances,
                "{" + ",".join(old.categories) + "}",
                "",
                False,
                "",
                "",
                "",
                "",
                "",
                decided,
                "",
                "",
                old.decision or "",
            )
        )
    add_many(Referral, _REFERRAL, rows)
    keep_lines(Referral, [each.referral for each in made], by)


@dataclass(frozen=True)
class _Known:
    """As much of a person as `as_given` asks for, without reading them from the database again."""

    pk: int
    full_name: str


def _first_entry(made: Made) -> Told:
    old = made.old
    return Told(
        made.case,
        Kind.REFERRAL,
        f"Referral {urn_of(*made.number)}: {categories_in_words(list(old.categories))}",
        f"Received {old.method.words}.\n\n{old.circumstances}\n\n{old.told}",
        old.received_at,
        Happened.ON if old.day_alone else Happened.AT,
        source_in_words(old.source, old.protected),
        _once(made.people),
    )


def _once(people: Sequence[int]) -> list[int]:
    """A row may name the same child twice."""
    return list(dict.fromkeys(people))


# --- what was decided, and what is due -----------------------------------------------------------


class Dues:
    """When what began on a day is due: worked out once for a day, however many rows have it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, date], Due] = {}

    def of(self, rule: Rule, on: date, event: str) -> Due:
        key = rule.code, on
        if key not in self._known:
            self._known[key] = rule.due_or_at_once(on, event=event)
        return self._known[key]


def _decide(log: OldLog, made: Sequence[Made], dues: Dues, by: User) -> None:
    """The decisions of the log, and the duties that follow from the facts: triage where nothing was decided, the
    decision where a strategy meeting was to be held, an officer for an investigation, the update that Social Services
    owe, or its judging."""
    now = clock.moment()
    decided = [each for each in made if each.old.decision]
    entries = enter_many([_decision_entry(each, log.hold_why) for each in decided], by=by)
    rows = [
        (
            each.case,
            1,
            entry,
            each.old.decision,
            _reason(each.old),
            "",
            each.old.passed_to,
            each.old.received_at,
            each.old.decided_by,
            now,
        )
        for each, entry in zip(decided, entries, strict=True)
    ]
    columns = ("case_id", "number", "entry_id", "kind", "reason", "not_chosen", "passed_to", "decided_at")
    add_many(Decision, (*columns, "decided_by_name", "recorded_at"), rows)
    raised, asked = [], []
    for each in made:
        old, on = each.old, each.old.received_on
        if old.decision == DecisionKind.SOCIAL_SERVICES:
            asked.append(each)
        elif old.decision in INVESTIGATED:
            raised.append(
                Raised(duties.ALLOCATION, each.case, dues.of(rules.ALLOCATION, on, "received, in the old log"))
            )
        elif old.to_decide:
            raised.append(Raised(duties.DECISION, each.case, dues.of(rules.DECISION, on, "received, in the old log")))
        elif old.decision is None:
            raised.append(
                Raised(duties.TRIAGE, each.case, dues.of(rules.TRIAGE_OTHER, on, "received, in the old log"))
            )
    raise_many(log.team, raised, from_before=True, by=by)
    _ask(log, asked, dues, now, by)


def _ask(log: OldLog, asked: Sequence[Made], dues: Dues, now: datetime, by: User) -> None:
    """The update that Social Services owe is chased; what they answered before is to be judged."""
    updates = raise_many(
        log.team,
        [
            Raised(
                duties.UPDATE, each.case, dues.of(rules.SS_UPDATE, each.old.received_on, "decision, in the old log")
            )
            for each in asked
        ],
        from_before=True,
        hold_why=log.hold_why,
        by=by,
    )
    on = [
        (duty, each.old.received_on, each.old.answered_at is not None)
        for duty, each in zip(updates, asked, strict=True)
    ]
    start_chases(Partner.SOCIAL_SERVICES, on)
    answered = [
        (duty, each, each.old.answered_at) for duty, each in zip(updates, asked, strict=True) if each.old.answered_at
    ]
    answers = new_ids(Answer, len(answered))
    text = "The old log has the date on which their update came, and not what it said."
    rows = [
        (pk, each.case, duty, at, Way.NOT_SAID, "Social Services", text, Came.NOT_SAID, 0, now, by.pk, "", "")
        for pk, (duty, each, at) in zip(answers, answered, strict=True)
    ]
    columns = ("id", "case_id", "duty_id", "received_at", "way", "from_whom", "text", "came", "after_chases")
    add_many(Answer, (*columns, "recorded_at", "recorded_by_id", "judgement", "reason"), rows)
    keep_lines(Answer, answers, by)
    enter_many(
        [
            Told(
                *(each.case, Kind.INFORMATION, "Update from Social Services, before CAIT", text, at, Happened.ON),
                *("Social Services", ()),
            )
            for _, each, at in answered
            if at
        ],
        by=by,
    )
    raise_many(
        log.team,
        [
            Raised(
                duties.JUDGE,
                each.case,
                dues.of(rules.UPDATE_JUDGED, clock.london_date(at), "update received"),
                answer,
            )
            for answer, (_, each, at) in zip(answers, answered, strict=True)
            if at
        ],
        from_before=True,
        by=by,
    )


def _reason(old: OldReferral) -> str:
    return f"The old log says “{old.decision_words}”, and gives no reason."


def _decision_entry(made: Made, hold_why: str) -> Told:
    old = made.old
    label = str(old.decision.label) if old.decision else ""
    title = label if old.decision == DecisionKind.SOCIAL_SERVICES else f"{label[:1].lower()}{label[1:]}"
    text = [f"Passed to: {old.passed_to}"] if old.passed_to else []
    text += [_reason(old), f"Decided by: {old.decided_by}."]
    if old.decision == DecisionKind.SOCIAL_SERVICES and old.answered_at is None:
        text += ["The log has no update from Social Services" + ("." if hold_why else ": CAIT asks for it.")]
    if old.decision == DecisionKind.SOCIAL_SERVICES and hold_why:
        text += [f"No email is sent to Social Services: {hold_why}"]
    when = Happened.ON if old.day_alone else Happened.AT
    return Told(
        made.case,
        Kind.DECISION,
        f"Decision in the old log: {title}",
        "\n\n".join(text),
        old.received_at,
        when,
        "",
        (),
    )
