"""Reads for the pages of the log."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from cases.discussions import Discussed
from cases.enums import State
from cases.learned import NAME, kept_from
from cases.models import NUMBER, Case, CasePerson
from deadlines import clock
from deadlines.clock import london_day_end, london_midnight
from diary.models import ChaseState, Duty, DutyState, Step
from diary.queries import chases_of, progress_of, steps_of
from intake.models import Message
from pages.addresses import record_address
from pages.words import moment
from people.models import OtherName, Person
from people.said import name_key
from referrals import duties
from referrals.enums import DecisionKind, Enquiry, Method, Progress
from referrals.models import (
    Answer,
    Decision,
    Draft,
    Referral,
    ReferralQuerySet,
    Strategy,
    categories_in_words,
    children_given,
    read_urn,
    source_in_words,
    urn_of,
)
from team.models import Team, User
from team.once import Asked as Statement
from team.once import counted, put_together_once
from team.permissions import Permission, teams_held

# How the log can be sorted: the field, and whether the greatest comes first. URNs are given in the order of logging.
ORDERS = {
    "received": ("received_at", True),
    "received-oldest": ("received_at", False),
    "urn": ("logged_at", True),
    "urn-oldest": ("logged_at", False),
}
# Of more records than these a name is no way to find one.
MOST_NAMED = 1000
# More are not listed: nobody leaves so many half typed.
MOST_DRAFTS = 50
MOST_DRAFTS_ON_TODAY = 10
# A shorter word could only be found by reading every name there is.
SHORTEST_WORD = 3


def cases_named(words: str, *, user: User) -> list[int]:
    """Ids of the records one may open with a person whose name holds each of the words.

    Searched first and by itself, so that the order of the log cannot lead the planner through every row. Raises
    ValidationError for a word too short to be looked up, and for a name that is on more than MOST_NAMED records.
    """
    if any(len(word) < SHORTEST_WORD for word in words.split()):
        raise ValidationError({"q": f"Enter at least {SHORTEST_WORD} letters of each name, or a URN like 0598/09"})
    people, others = Person.objects.all(), OtherName.objects.exclude(kept_from(user, NAME))
    for word in name_key(words).split():
        people, others = people.filter(name_key__contains=word), others.filter(name_key__contains=word)
    # Two searches put together, not one with an OR, which would read every person on every record.
    named = people.values("pk").union(others.values("person"))
    # Also who was taken off a record since: the log keeps what was logged.
    rows = CasePerson.objects.filter(person__in=named, case__in=Case.objects.visible_to(user))
    found = list(rows.order_by("-case_id").values_list("case_id", flat=True).distinct()[: MOST_NAMED + 1])
    if len(found) > MOST_NAMED:
        raise ValidationError({"q": f"More than {MOST_NAMED:,} records have this name. Add another of the names"})
    return found


def which_number(words: str) -> dict[str, Any]:
    """By what a referral is found that is asked for by its URN, the number of its record, or the serial of its URN;
    empty for other words."""
    plain = words.strip().upper()
    if urn := read_urn(words):
        return {"urn_year": urn[0], "urn_serial": urn[1]}
    if re.fullmatch(NUMBER, plain):
        return {"case__number": plain}
    return {"urn_serial": int(plain)} if re.fullmatch(r"\d{1,6}", plain, re.A) else {}


def narrowed(
    rows: ReferralQuerySet,
    *,
    user: User,
    team: Team | None = None,
    q: str = "",
    progress: str = "",
    source: str = "",
    category: str = "",
    urgent: str = "",
    decision: str = "",
    unconfirmed: bool = False,
    from_on: date | None = None,
    to_on: date | None = None,
) -> ReferralQuerySet:
    """The log narrowed by what was asked; both days included. What the desk has still to do, or has decided, is asked
    of those whose record is still there. Raises ValidationError as `cases_named`."""
    if progress or decision or unconfirmed:
        rows = rows.still_there()
    if q:
        if which := which_number(q):
            rows = rows.filter(**which)
        else:
            old = rows.filter(old_urn__in=[q.strip(), q.strip().upper()])
            rows = old if old.exists() else rows.filter(case_id__in=cases_named(q, user=user))
    if team:
        rows = rows.filter(team=team)
    if progress:
        rows = rows.filter(progress=progress)
    if source:
        # Where a protected caller comes from would say who they are.
        rows = rows.filter(source=source, protected=False)
    if category:
        rows = rows.filter(categories__contains=[category])
    if urgent:
        rows = rows.filter(urgent=urgent == "yes")
    if decision:
        rows = rows.filter(decision=decision, progress=Progress.DECIDED)
    if unconfirmed:
        rows = rows.filter(method=Method.TELEPHONE, confirmed_at=None, old_urn="", case__state=State.OPEN)
    if from_on:
        rows = rows.filter(received_at__gte=london_midnight(from_on))
    if to_on:
        rows = rows.filter(received_at__lt=london_day_end(to_on))
    return rows


# What the log shows of a referral; most of its columns, long texts among them, it does not.
IN_THE_LOG = (
    *("id", "case_id", "urn_year", "urn_serial", "received_at", "logged_at", "as_given", "categories", "source"),
    *("protected", "urgent", "progress", "decision", "case__number", "team__name", "team_id", "case__team_id"),
    "case__team__name",
)


def in_the_log(rows: QuerySet[Referral]) -> QuerySet[Any]:
    """Some referrals as the log shows them: named tuples, since to make fifty of three models takes longer than to
    read them."""
    return rows.values_list(*IN_THE_LOG, named=True)


@dataclass(slots=True)
class Line:
    """One line of the log as its page shows it, in words: fifty of them are drawn as quickly as a table of cells."""

    urn: str
    number: str
    url: str
    received: str
    children: str
    harm: str
    source: str
    team: str
    # Urgent, and not triaged yet.
    urgent: bool
    state: str
    # When it is to be triaged or decided, and by when Social Services are to answer.
    due: date | datetime | None = None
    update_due: date | None = None
    unconfirmed: bool = False
    # By when its written confirmation is to come.
    confirmation_due: date | datetime | None = None


def log_lines(rows: Iterable[Any]) -> list[Line]:
    """The lines for some rows of `in_the_log`, with what is due: one query however many there are."""
    rows = list(rows)
    lines = {row.case_id: _line(row) for row in rows}
    here = [row.case_id for row in rows if not is_gone(row)]
    open_duties = Duty.objects.filter(case__in=here, state=DutyState.OPEN).order_by("late_from", "id")
    for case, kind, due_on, due_at in open_duties.values_list("case_id", "kind", "due_on", "due_at"):
        if kind in (duties.TRIAGE.code, duties.DECISION.code):
            lines[case].due = due_at or due_on
        elif kind == duties.UPDATE.code:
            lines[case].update_due = due_on
        elif kind == duties.CONFIRMATION.code:
            lines[case].unconfirmed = True
            lines[case].confirmation_due = due_at or due_on
    return list(lines.values())


def is_gone(row: Any) -> bool:
    """Whether the record of a row of `in_the_log` is with another team than the one whose log it is."""
    return bool(row.case__team_id != row.team_id)


def _line(row: Any) -> Line:
    decided = row.progress == Progress.DECIDED
    state = str(DecisionKind(row.decision).label if decided else Progress(row.progress).label)
    return Line(
        urn=urn_of(row.urn_year, row.urn_serial),
        number=row.case__number,
        url=record_address("workbench:case", row.case__number),
        received=moment(row.received_at),
        children="; ".join(children_given(row.as_given)) or "No child named",
        harm=categories_in_words(row.categories),
        source=source_in_words(row.source, row.protected),
        team=row.team__name,
        urgent=row.urgent and row.progress == Progress.LOGGED and not is_gone(row),
        state=f"Transferred to {row.case__team__name}" if is_gone(row) else state,
    )


def drafts_for(user: User) -> QuerySet[Draft]:
    """Half-typed referrals of the teams for which the user logs, the longest waiting first. One that is to be
    restricted is for who types it alone, and for the inspectors: nothing is lost where somebody falls ill."""
    teams = teams_held(user, Permission.LOG_REFERRALS)
    rows = Draft.objects.all() if teams is None else Draft.objects.filter(team__in=teams)
    ends = teams_held(user, Permission.END_RESTRICTIONS)
    if ends is not None:
        rows = rows.filter(Q(owner=user) | Q(team__in=ends) | ~Q(typed__has_key="restrict"))
    return rows.select_related("owner", "team").order_by("begun_at")


@put_together_once
def first_drafts(user: User) -> QuerySet[Draft]:
    """The longest waiting of these, as many as Today shows."""
    return drafts_for(user)[:MOST_DRAFTS_ON_TODAY]


def drafts_of(message: Message) -> QuerySet[Draft]:
    """The half-typed referrals that were begun from an email."""
    rows = Draft.objects.filter(team=message.team_id, typed__message=[str(message.pk)])
    return rows.select_related("owner").order_by("begun_at")


def begun_from(messages: Iterable[Message]) -> dict[int, Draft]:
    """Of some emails those that somebody is logging just now, by the email's id. One query, however many."""
    wanted = {str(message.pk): message for message in messages}
    rows = Draft.objects.filter(typed__message__in=[[pk] for pk in wanted]).select_related("owner")
    begun = ((wanted[draft.typed["message"][0]], draft) for draft in rows.order_by("-begun_at"))
    return {message.pk: draft for message, draft in begun if draft.team_id == message.team_id}


def asked_for(filters: dict[str, Any]) -> list[str]:
    """By which fields the log was narrowed, for the access log: their names, and no word that was typed."""
    return sorted(name for name, value in filters.items() if value)


@dataclass(frozen=True)
class DeskCounts:
    """How much waits at a team's desk; each number stops at MOST_COUNTED, shown as "more than"."""

    to_triage: int
    unconfirmed: int
    to_decide: int


# Beyond it nobody reads a number of referrals that wait; and a whole table is never counted.
MOST_COUNTED = 1000


def desk_counts(team: Team, *, user: User) -> DeskCounts:
    """What waits at the desk of one team, as far as somebody may see. What came from another team stands in its
    queues, by its duties."""
    return DeskCounts(*counted(*(each.asked(user, team) for each in (_to_triage, _unconfirmed, _to_decide))))


def _at_desk(user: User, team: Team) -> ReferralQuerySet:
    return Referral.objects.visible_to(user).filter(team=team).still_there().order_by()


@put_together_once
def _to_triage(user: User, team: Team) -> QuerySet[Referral, Any]:
    return _at_desk(user, team).filter(progress=Progress.LOGGED).values_list("pk")[: MOST_COUNTED + 1]


@put_together_once
def _unconfirmed(user: User, team: Team) -> QuerySet[Referral, Any]:
    rows = _at_desk(user, team).filter(method=Method.TELEPHONE, confirmed_at=None, old_urn="")
    return rows.filter(case__state=State.OPEN).values_list("pk")[: MOST_COUNTED + 1]


@put_together_once
def _to_decide(user: User, team: Team) -> QuerySet[Referral, Any]:
    return _at_desk(user, team).filter(progress=Progress.TRIAGED).values_list("pk")[: MOST_COUNTED + 1]


def investigations_to_give(team: Team, *, user: User) -> Statement:
    """What counts how many investigations of a team need an officer; one more than MOST_COUNTED stands for "more"."""
    return _to_allocate.asked(user, team)


@put_together_once
def _to_allocate(user: User, team: Team) -> QuerySet[Duty, Any]:
    rows = Duty.objects.visible_to(user).filter(team=team, kind=duties.ALLOCATION.code, state=DutyState.OPEN)
    return rows.order_by().values_list("pk")[: MOST_COUNTED + 1]


# --- deciding, and what Social Services are asked ------------------------------------------------


def strategies_of(case: Case) -> QuerySet[Strategy]:
    """The strategy discussions of a record, the latest first."""
    return Strategy.objects.filter(case=case).select_related("supervisor", "recorded_by").order_by("-held_at", "-pk")


def last_decision(case: Case) -> Decision | None:
    """What is decided now; None before the first decision."""
    return next(iter(_last_decision(case)), None)


@put_together_once
def _last_decision(case: Case) -> QuerySet[Decision]:
    return Decision.objects.filter(case=case).select_related("decided_by").order_by("-number")[:1]


def answers_of(case: Case) -> QuerySet[Answer]:
    """The updates from Social Services, the latest first."""
    return Answer.objects.filter(case=case).select_related("recorded_by", "judged_by").order_by("-received_at", "-pk")


def last_answer(case: Case) -> Answer | None:
    """The update from Social Services that was recorded last."""
    return next(iter(_last_answer(case)), None)


@put_together_once
def _last_answer(case: Case) -> QuerySet[Answer]:
    return answers_of(case).order_by("-pk")[:1]


def open_update(case: Case) -> Duty | None:
    """The update that Social Services are asked for now."""
    rows = Duty.objects.filter(case=case, kind=duties.UPDATE.code, state=DutyState.OPEN)
    return rows.select_related("held_by").order_by("-cycle").first()


def held_update(case: Case) -> Duty | None:
    """The last request for an update, where emails were held back to its end: then the next one's are too."""
    rows = Duty.objects.filter(case=case, kind=duties.UPDATE.code).select_related("held_by").order_by("-cycle")
    last = rows.first()
    return last if last and last.held_at else None


@dataclass(frozen=True)
class Asked:
    """One request for an update: the duty, how far the chasing has come, and each email about it."""

    duty: Duty
    progress: str
    steps: list[Step]
    next_on: date | None
    paused: bool


def asked_of_social_services(case: Case) -> list[Asked]:
    """Every request for an update, the latest first. Few: one for each decision "Social Services only"."""
    rows = Duty.objects.filter(case=case, kind=duties.UPDATE.code).select_related("held_by", "ended_by")
    chases = {chase.duty_id: chase for chase in chases_of(rows.values("pk"))}
    found = []
    for duty in rows.order_by("-cycle"):
        steps, chase = steps_of(duty), chases[duty.pk]
        goes_on = chase.state == ChaseState.RUNNING and not duty.held_at
        found.append(
            Asked(
                duty, progress_of(chase), steps, chase.next_on if goes_on else None, chase.state == ChaseState.PAUSED
            )
        )
    return found


def received_at(cases: Collection[int]) -> dict[int, datetime]:
    """When the referral of each of some records (ids) was received; nothing of those that came with an old log."""
    return dict(Referral.objects.filter(case__in=cases, old_urn="").values_list("case_id", "received_at"))


def discussed(case: Case) -> Discussed:
    """When the strategy discussions about a record were held (`cases.discussions`): of those that began a section 47
    enquiry the first, and the last of all."""
    rows = list(Strategy.objects.filter(case=case).order_by("held_at", "pk").values_list("held_at", "enquiry"))
    initiating = [clock.london_date(at) for at, enquiry in rows if enquiry != Enquiry.NONE]
    last = clock.london_date(rows[-1][0]) if rows else None
    return Discussed(initiating[0], last) if initiating else Discussed(None, None)
