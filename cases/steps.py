"""Writes that are part of another room's action: they ask no permission and write no audit event of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction

from cases.closure import Turn, tell
from cases.enums import Basis, ClosureState, Happened, Kind, Part, Partner, Series, State, Way
from cases.models import (
    Action,
    Case,
    CasePerson,
    Closure,
    Entry,
    NamedOfficer,
    Numbering,
    Restriction,
    Shared,
    ToldOn,
)
from cases.restricting import only_those_named
from deadlines import clock
from deadlines.clock import minute
from pages.validators import check_fields
from pages.words import day
from people.models import OtherName, Person, Relationship, Residence
from team.history import add_many, keep_lines, new_ids, save_all_as, save_as
from team.models import Team, User
from team.permissions import NotAllowed, Permission, require

LONGEST_TITLE = 200


def lock(pk: int) -> Case:
    """The record's row as it is now, locked, with its team. The team is read after it and not joined to it: whoever
    waited while another team took the record over would find no row, since the one they waited for fits no more."""
    return Case.objects.select_for_update(of=("self",), no_key=True).prefetch_related("team").get(pk=pk)


def locked(case: Case, permission: Permission, by: User) -> Case:
    """The record's row as it is now, locked: every action on a record begins so, one after the other.

    Raises NotAllowed, also for a record outside `visible_to`: a page does not even find it.
    """
    case = lock(case.pk)
    require(by, permission, team=case.team)
    if not by.is_system and not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        if case.restricted:  # just now, as by the first of two who restrict it at once
            raise NotAllowed(only_those_named(case))
        raise NotAllowed("You cannot open this record. Ask its supervisor.")
    return case


def lock_linked(
    case: Case | None, children: Collection[int] | None = None, *, besides: Collection[int] = ()
) -> list[Case]:
    """Lock a record and every record that some children (ids) were ever on, in the order of their ids, before
    anything else is locked: which leads changes by one at a time. The other open ones that the children are on now.

    Without `children` those that the record is about, as they are once it is locked. `besides`: records (ids) that
    hang together with it for another reason, and are locked and given too. Where another record has come to
    them meanwhile, all are let go and locked anew in their order, so that nobody waits in a circle.
    """
    if children is not None and not children and not besides:
        return []
    while True:
        point = transaction.savepoint()
        ids = {*_linked(case, children), *besides, *([case.pk] if case else [])}
        # Their teams are read after them, as in `lock`.
        rows = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).prefetch_related("team")
        them = list(rows.order_by("pk"))
        linked = _linked(case, children)
        if ids.issuperset(linked):
            transaction.savepoint_commit(point)
            too = {pk for pk, still in linked.items() if still} | {*besides}
            return [each for each in them if each != case and each.pk in too and each.state == State.OPEN]
        transaction.savepoint_rollback(point)


def _linked(case: Case | None, children: Collection[int] | None) -> dict[int, bool]:
    """The records that some children, or those of a record, were ever on (ids); and whether one of them still is."""
    if children is None:
        about = CasePerson.objects.filter(case=case, part=Part.CHILD, taken_off_at=None)
        children = list(about.values_list("person_id", flat=True))
    rows = CasePerson.objects.filter(person__in=children, part=Part.CHILD)
    found: dict[int, bool] = {}
    for pk, taken_off_at in rows.values_list("case_id", "taken_off_at"):
        found[pk] = found.get(pk, False) or taken_off_at is None
    return found


def tell_linked(cases: Iterable[Case], *, by: User) -> None:
    """On which record reviews hang may have changed for these: each room puts its part right. They are locked."""
    for case in cases:
        tell(case, Turn.LEADS, by=by)


def restrict(case: Case, *, reason: str, officers: Sequence[User], by: User) -> None:
    """Restrict a record to some officers, `by` among them. The record is locked, or new."""
    save_as(Restriction(case=case, reason=reason, began_at=clock.moment(), began_by=by), by)
    for officer in officers:
        name_on(case, officer, reason="Named when the record was restricted", by=by)
    case.restricted = True
    save_as(case, by)
    names = "; ".join(str(officer) for officer in officers)
    text = f"{reason}\n\nThose who may open it: {names}."
    enter(case, Kind.RECORD, "Restricted to those named", text=text, significant=True, by=by)
    tell(case, Turn.RESTRICTED, by=by)


def name_on(case: Case, officer: User, *, reason: str, by: User) -> NamedOfficer:
    """Name somebody who may open a restricted record. The record is locked."""
    named = NamedOfficer(case=case, officer=officer, reason=reason, named_at=clock.moment(), named_by=by)
    named.clean_fields()
    save_as(named, by)
    return named


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


def raise_case(team: Team, *, urn: str, year: int, by: User) -> Case:
    """Raise the record of a referral, in the referral's own transaction (HMIC 2010, AFI 2)."""
    number = f"{team.code}-{year}-{next_number(team, Series.RECORD, year):04}"
    case = Case(number=number, urn=urn, team=team)
    save_all_as([case], by)
    return case


def take_numbers(team: Team, series: Series, year: int, count: int) -> int:
    """As `next_number`, of so many numbers in a row: the first of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Numbering._meta.db_table} (team_id, series, year, last) VALUES (%s, %s, %s, %s) "  # noqa: S608
            "ON CONFLICT (team_id, series, year) DO UPDATE SET last = "
            f"{Numbering._meta.db_table}.last + excluded.last RETURNING last",
            [team.pk, series, year, count],
        )
        return int(cursor.fetchone()[0]) - count + 1


def pass_over_numbers(team: Team, series: Series, year: int, last: int) -> None:
    """The numbers up to that one are given elsewhere, such as in a log that was kept before CAIT: none is given
    again.

    Its row stays locked until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Numbering._meta.db_table} (team_id, series, year, last) VALUES (%s, %s, %s, %s) "  # noqa: S608
            "ON CONFLICT (team_id, series, year) DO UPDATE SET last = "
            f"greatest({Numbering._meta.db_table}.last, excluded.last)",
            [team.pk, series, year, last],
        )


def raise_cases(team: Team, of: Sequence[tuple[str, int]], *, by: User) -> list[tuple[int, str]]:
    """As `raise_case`, of very many referrals of an old log: of each its URN and the year in which it was received.

    Id and number of each record, in their order. The records stand in the years of their referrals.
    """
    years = Counter(year for _, year in of)
    following = {year: take_numbers(team, Series.RECORD, year, count) for year, count in sorted(years.items())}
    now, ids, raised, rows = clock.moment(), new_ids(Case, len(of)), [], []
    for pk, (urn, year) in zip(ids, of, strict=True):
        number = f"{team.code}-{year}-{following[year]:04}"
        following[year] += 1
        raised.append((pk, number))
        rows.append((pk, number, urn, team.pk, State.OPEN, "", now))
    add_many(Case, ("id", "number", "urn", "team_id", "state", "level", "raised_at"), rows)
    keep_lines(Case, ids, by)
    return raised


def put_on_cases(of: Sequence[tuple[int, int, Part, int]], *, by: User) -> None:
    """As `put_on_case`, of very many new records: of each part the record's id, the person's, the part, the place."""
    now, ids = clock.moment(), new_ids(CasePerson, len(of))
    rows = [(pk, *part, now) for pk, part in zip(ids, of, strict=True)]
    add_many(CasePerson, ("id", "case_id", "person_id", "part", "place", "added_at"), rows)
    keep_lines(CasePerson, ids, by)


class Told(NamedTuple):
    """One entry of `enter_many`; fields as of `enter`, ids in place of rows."""

    case: int
    kind: Kind
    title: str
    text: str
    happened_at: datetime
    happened: Happened
    source: str
    people: Sequence[int]


def enter_many(told: Sequence[Told], *, by: User) -> list[int]:
    """As `enter`, of very many entries that CAIT writes by itself. The id of each, in their order."""
    now, ids = clock.moment(), new_ids(Entry, len(told))
    rows, about = [], []
    for pk, each in zip(ids, told, strict=True):
        title, text = each.title, each.text
        if len(title) > LONGEST_TITLE:
            title, text = f"{title[: LONGEST_TITLE - 1]}…", "\n\n".join(filter(None, [title, text]))
        rows.append(
            (
                pk,
                each.case,
                each.kind,
                title,
                text,
                each.happened_at,
                each.happened,
                each.source,
                by.pk,
                now,
                True,
                True,
                "",
            )
        )
        about += [(pk, person) for person in each.people]
    columns = ("id", "case_id", "kind", "title", "text", "happened_at", "happened", "source", "recorded_by_id")
    add_many(Entry, (*columns, "recorded_at", "automatic", "significant", "reason"), rows)
    add_many(Entry.people.through, ("entry_id", "person_id"), about)
    return ids


def put_on_case(
    case: Case, people: Sequence[tuple[Person, Part]], *, place: int = 0, is_new: bool = False, by: User
) -> None:
    """Put people on a record, each in one part, from a place on. Whoever is there in that part stays, or comes
    back. `is_new`: it has just been raised, and nobody is on it."""
    rows = CasePerson.objects.none() if is_new else CasePerson.objects.filter(case=case)
    rows = rows.filter(person__in=[person for person, _ in people])
    there = {(row.person_id, row.part): row for row in rows}
    new = []
    for where, (person, part) in enumerate(people, place):
        row = there.get((person.pk, part))
        if row is None:
            row = there[person.pk, part] = CasePerson(case=case, person=person, part=part, place=where)
            new.append(row)
        elif row.taken_off_at is not None:
            row.taken_off_at = None
            save_as(row, by)
    save_all_as(new, by)


def told_on(
    case: Case, *, homes: Iterable[Residence], names: Iterable[OtherName], relations: Iterable[Relationship]
) -> None:
    """Write down that these were told on a record, where that does not stand there yet."""
    rows = [ToldOn(case=case, residence=home) for home in homes]
    rows += [ToldOn(case=case, other_name=name) for name in names]
    rows += [ToldOn(case=case, relationship=relation) for relation in relations]
    ToldOn.objects.bulk_create(rows, ignore_conflicts=True)


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
    check_fields(entry)
    entry.save()
    if people := list(people):
        entry.people.add(*people)
    return entry


def set_action(case: Case, *, what: str, owner: User, due_on: date, by: User) -> Action:
    """Add something to be done to a record, with an owner and a date. The record is locked, and whatever refuses it
    has been asked."""
    action = Action(case=case, what=what, owner=owner, due_on=due_on, added_by=by)
    check_fields(action, leave_out=["added_at"])
    save_action(action, by)
    enter(case, Kind.ACTION, f"Action: {what}", text=f"For {owner}, by {day(due_on)}.", by=by)
    return action


def save_action(action: Action, by: User) -> None:
    """Save an action that was set, changed or ended: its duty follows. The record is locked."""
    save_as(action, by)
    tell(action.case, Turn.ACTIONS, by=by)


def share(
    case: Case,
    *,
    partner: Partner,
    to_whom: str,
    what: str,
    way: Way,
    basis: Basis,
    shared_at: datetime,
    people: Iterable[Person] = (),
    is_told: bool = True,
    by: User,
) -> Shared:
    """Record what was passed on, to whom, when, how and on what ground. The record is locked, and whatever refuses it
    has been asked. `is_told`: with an entry in the chronology; not where one tells of what went to several."""
    people = list(people)
    shared = Shared(
        case=case,
        partner=partner,
        to_whom=to_whom,
        what=what,
        way=way,
        basis=basis,
        shared_at=shared_at,
        recorded_by=by,
    )
    check_fields(shared, leave_out=["recorded_at"])
    shared.save()
    if people:
        shared.people.add(*people)
    if is_told:
        title = f"Shared with {Partner(partner).label}: {to_whom}"
        text = f"{what}\n\n{Way(way).label}. {Basis(basis).label}."
        enter(case, Kind.SHARED, title, text=text, happened_at=shared_at, people=people, by=by)
    return shared
