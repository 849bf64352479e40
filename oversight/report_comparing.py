"""Then and now: a monthly report beside the figures as they come out today, and what has been put right since.

Facts are worked out from the records alone, so a month that is over comes out as it did unless records were changed
afterwards, or a measure is defined otherwise by a later version of CAIT. Where it does not come out the same, each
record by which it differs is named, with what was done on it since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from audit.models import AuditEvent
from cases.models import Case
from cases.opening import opening
from oversight.dashboards import Figure
from oversight.measures import BY_CODE, Measure
from oversight.models import MonthlyReport
from oversight.report_frozen import Frozen, digest_of, frozen_in, half
from oversight.reporting import FACTS, Counted, about_facts, counted_now
from oversight.templatetags.figures import took
from pages.words import count, day
from team.models import User

# So many records of each measure are named, and so many acts on each of them: what came last.
MOST_RECORDS, MOST_ACTS = 50, 5

# What these count on a record hangs on the other records of its children as well.
BY_OTHER_RECORDS = ("re_referrals", "repeat_plans")


class Act(NamedTuple):
    """What was done on a record since the figures were counted."""

    what: str
    who: User | None
    at: datetime


@dataclass(frozen=True)
class Corrected:
    """A record by which a figure differs: how it counts otherwise, and what was done on it since: nothing is told of
    that where who asks may not open it. Of one that is restricted only whom to ask is told, in `ask`."""

    case: Case
    how: list[str]
    acts: list[Act]
    # Whether who asks may open it today.
    opens: bool
    # Whether it may count otherwise without any act on it, by one on another record of the same child.
    by_others: bool = False
    ask: str = ""


@dataclass(frozen=True)
class Difference:
    """One measure that comes out otherwise. `now`: None where it is not counted any more."""

    frozen: Frozen
    now: Figure | None
    half_now: str = ""
    # Why records cannot be held against each other; empty where they can.
    otherwise: str = ""
    records: list[Corrected] = field(default_factory=list)
    more: int = 0


class Fact(NamedTuple):
    """A fact that is in the report alone, or now alone. `records`: by how many the measure differs."""

    was: bool
    measure: str
    case: int
    subject: int
    part: str
    on: date
    counted: bool
    minutes: int | None
    records: int


_DIFFERS = f"""
    WITH now AS MATERIALIZED ({FACTS}),
    was AS MATERIALIZED (
        SELECT measure, case_id, subject, part, "on", counted, minutes FROM oversight_reportfact
        WHERE report_id = %(report)s
    ),
    differs AS (
        SELECT TRUE AS was, w.* FROM (SELECT * FROM was EXCEPT SELECT * FROM now) w
        UNION ALL SELECT FALSE, n.* FROM (SELECT * FROM now EXCEPT SELECT * FROM was) n
    ),
    placed AS (
        SELECT *, dense_rank() OVER (PARTITION BY measure ORDER BY case_id) AS place FROM differs
        WHERE measure = ANY(%(same)s)
    ),
    numbered AS (SELECT *, max(place) OVER (PARTITION BY measure) AS records FROM placed)
    SELECT was, measure, case_id, subject, part, "on", counted, minutes, records FROM numbered
    WHERE place <= %(most)s ORDER BY measure, case_id, subject, was DESC, "on", part
"""  # noqa: S608  # words of our own


def differences(report: MonthlyReport, *, user: User) -> list[Difference]:
    """What of a report comes out otherwise today, in its order; nothing where all is the same. As many queries,
    however much differs."""
    frozen = frozen_in(report)
    same = [each for each in frozen if _is_same(each)]
    facts = _facts(report, [each.measure.code for each in same])
    records = _corrected(facts, report, {each.measure.code: each for each in same}, user)
    now = counted_now(report.team_id, report.month)
    found = []
    for each in frozen:
        code = each.measure.code
        measure = BY_CODE.get(code)
        if measure is None:
            otherwise = "CAIT does not count this any more, so nothing can be said of now."
            found.append(Difference(each, None, otherwise=otherwise))
            continue
        here = now.get((code, None), Counted())
        figure = Figure(measure, here.counted, here.of, report.month, report.team)
        if code in facts:
            more = facts[code][0].records - len(records[code])
            found.append(Difference(each, figure, half(here.median), records=records[code], more=more))
        elif each not in same and (each.figure.counted, each.figure.of) != (figure.counted, figure.of):
            otherwise = f"CAIT counts this otherwise since: {measure.definition}"
            found.append(Difference(each, figure, half(here.median), otherwise=otherwise))
    return found


def _is_same(frozen: Frozen) -> bool:
    """Whether the measure is defined as it was: only then are facts held against facts."""
    measure = BY_CODE.get(frozen.measure.code)
    return measure is not None and digest_of(measure) == frozen.digest


def _facts(report: MonthlyReport, same: list[str]) -> dict[str, list[Fact]]:
    """The facts that are in the report alone or now alone, by measure. One query."""
    found: dict[str, list[Fact]] = defaultdict(list)
    given = {**about_facts(report.team_id, report.month), "report": report.pk, "same": same, "most": MOST_RECORDS}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERS, given)
        for row in cursor.fetchall():
            found[row[1]].append(Fact(*row))
    return found


def _corrected(
    facts: Mapping[str, Sequence[Fact]], report: MonthlyReport, frozen: Mapping[str, Frozen], user: User
) -> dict[str, list[Corrected]]:
    """By measure the records by which it differs. Four queries, and two more where one is withheld."""
    ids = {fact.case for of_measure in facts.values() for fact in of_measure}
    cases = Case.objects.select_related("team").in_bulk(ids)
    opened = opening(cases.values(), user=user)
    acts = _acts(opened.opens, report.counted_at)
    found: dict[str, list[Corrected]] = {}
    for code, of_measure in facts.items():
        of_record: dict[int, list[Fact]] = defaultdict(list)
        for fact in of_measure:
            of_record[fact.case].append(fact)
        names = _names(frozen[code], of_measure)
        found[code] = [
            Corrected(
                cases[pk],
                [] if pk in opened.asks else list(_how(rows, frozen[code].measure, names)),
                acts.get(pk, []),
                pk in opened.opens,
                code in BY_OTHER_RECORDS,
                opened.asks.get(pk, ""),
            )
            for pk, rows in of_record.items()
        ]
    return found


def _acts(cases: set[int], since: datetime) -> dict[int, list[Act]]:
    """What was done on some records since, the latest first. Two queries."""
    number = Window(RowNumber(), partition_by=F("case_id"), order_by=[F("at").desc(), F("pk").desc()])
    rows = AuditEvent.objects.filter(case_id__in=cases, at__gt=since).annotate(number=number)
    events = list(rows.filter(number__lte=MOST_ACTS).order_by("case_id", "-at", "-pk"))
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    found: dict[int, list[Act]] = defaultdict(list)
    for event in events:
        found[event.case_id or 0].append(Act(event.label(), people.get(event.by_id or 0), event.at))
    return found


def _names(frozen: Frozen, facts: Iterable[Fact]) -> dict[str, str]:
    """The names of the parts: as they are called now, or were in the report."""
    measure = BY_CODE[frozen.measure.code]
    if not measure.by:
        return {}
    return measure.names({fact.part for fact in facts}) | {each.part or "": name for name, each in frozen.parts}


def _how(rows: Iterable[Fact], measure: Measure, names: Mapping[str, str]) -> Iterable[str]:
    """How a record counts otherwise, thing by thing that is counted on it."""
    of_subject: dict[int, tuple[list[Fact], list[Fact]]] = defaultdict(lambda: ([], []))
    for fact in rows:
        of_subject[fact.subject][not fact.was].append(fact)
    for was, now in of_subject.values():
        if len(was) == len(now) == 1:
            yield from _changed(was[0], now[0], measure, names)
            continue
        for fact in was:
            yield f"{_said(fact, measure, names)}: in the report, and not now"
        for fact in now:
            yield f"{_said(fact, measure, names)}: now, and not in the report"


def _said(fact: Fact, measure: Measure, names: Mapping[str, str]) -> str:
    """ "3 November 2009, School"; of what lasts "Since 3 November 2009, High"."""
    since = "Since " if measure.lasts else ""
    name = names.get(fact.part, "")
    return f"{since}{day(fact.on)}{f', {name}' if name else ''}"


def _changed(was: Fact, now: Fact, measure: Measure, names: Mapping[str, str]) -> Iterable[str]:
    """In which of its sides; there is always one to be named."""
    if was.on != now.on:
        yield f"{day(was.on)} in the report, {day(now.on)} now"
    if was.part != now.part:
        yield f"“{names.get(was.part, was.part)}” in the report, “{names.get(now.part, now.part)}” now"
    if was.counted != now.counted:
        so = f"“{measure.was or 'so'}”"
        yield f"{so} in the report, and not now" if was.counted else f"not {so} in the report, and so now"
    elif was.minutes != now.minutes:
        yield f"{took(was.minutes) or 'no time'} in the report, {took(now.minutes) or 'no time'} now"


def records_in(found: Iterable[Difference]) -> list[int]:
    """The ids of the records that are named, for the log of who looked at what."""
    return sorted({each.case.pk for difference in found for each in difference.records if not each.ask})


def finding(found: Sequence[Difference]) -> str:
    """The heading."""
    if not found:
        return "The figures come out the same today"
    return f"{count(len(found), 'figure comes', 'figures come')} out otherwise today"
