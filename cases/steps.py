"""Writes that are part of another room's action: they ask no permission and write no audit event of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from cases.closure import Turn, tell
from cases.enums import ClosureState, Happened, Kind, Part, Series
from cases.models import Case, CasePerson, Closure, Entry, Numbering
from deadlines import clock
from deadlines.clock import minute
from people.models import Person
from team.history import save_as
from team.models import Team, User
from team.permissions import NotAllowed, Permission, require

LONGEST_TITLE = 200


def locked(case: Case, permission: Permission, by: User) -> Case:
    """The record's row as it is now, locked: every action on a record begins so, one after the other.

    Raises NotAllowed, also for a record outside `visible_to`: a page does not even find it.
    """
    case = Case.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=case.pk)
    require(by, permission, team=case.team)
    if not by.is_system and not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise NotAllowed("You cannot open this record. Ask its supervisor.")
    return case


def next_number(team: Team, series: Series, year: int) -> int:
    """The next number of a team's series in a year, from 1, without a gap or a repeat.

    Its row stays locked until the caller's transaction ends: a number that is not used after all is given again, and
    of two at once the second waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Numbering._meta.db_table} (team_id, series, year, last) VALUES (%s, %s, %s, 1) "  # noqa: S608
            "ON CONFLICT (team_id, series, year) DO UPDATE SET last = "
            f"{Numbering._meta.db_table}.last + 1 RETURNING last",
            [team.pk, series, year],
        )
        return int(cursor.fetchone()[0])


def raise_case(team: Team, *, urn: str, by: User) -> Case:
    """Raise the record of a referral, in the referral's own transaction (HMIC 2010, AFI 2)."""
    year = clock.today().year
    number = f"{team.code}-{year}-{next_number(team, Series.RECORD, year):04}"
    case = Case(number=number, urn=urn, team=team)
    save_as(case, by)
    return case


def put_on_case(case: Case, person: Person, part: Part, *, place: int, by: User) -> CasePerson:
    """Put a person on a record in one part. Whoever is there in that part already stays, or comes back."""
    row = CasePerson.objects.filter(case=case, person=person, part=part).first()
    if row is None:
        row = CasePerson(case=case, person=person, part=part, place=place)
        save_as(row, by)
    elif row.taken_off_at is not None:
        row.taken_off_at = None
        save_as(row, by)
    return row


def overtake_closure(case: Case, why: str, *, by: User) -> None:
    """A request to close a record ends when something new is decided: whoever asked did not know of it. The record is
    locked."""
    closure = Closure.objects.filter(case=case, state=ClosureState.ASKED).first()
    if closure is None:
        return
    closure.state, closure.answer = ClosureState.WITHDRAWN, why
    closure.answered_at, closure.answered_by = clock.moment(), by
    save_as(closure, by)
    tell(case, Turn.CLOSURE_ANSWERED, by=by)


def enter(
    case: Case,
    kind: Kind,
    title: str,
    *,
    text: str = "",
    happened_at: datetime | None = None,
    happened: Happened = Happened.AT,
    source: str = "",
    people: Iterable[Person] = (),
    significant: bool = False,
    automatic: bool = True,
    by: User,
) -> Entry:
    """Add an entry to a record's chronology; one that every action on a record makes for itself, or one by hand.

    Without `happened_at` it happened just now, with the act.
    """
    recorded_at = clock.moment()
    if automatic and len(title) > LONGEST_TITLE:  # with a long name in it: then all of it stands in the text
        title, text = f"{title[: LONGEST_TITLE - 1]}…", "\n\n".join(filter(None, [title, text]))
    # A form shows minutes: what happened in this minute is in its order with what CAIT writes by itself.
    if happened == Happened.AT and happened_at == minute(recorded_at):
        happened_at = recorded_at
    entry = Entry(
        case=case,
        kind=kind,
        title=title,
        text=text,
        happened_at=happened_at or recorded_at,
        happened=happened,
        recorded_at=recorded_at,
        recorded_by=by,
        source=source,
        automatic=automatic,
        significant=significant,
    )
    entry.clean_fields()
    entry.save()
    if people := list(people):
        entry.people.add(*people)
    return entry
