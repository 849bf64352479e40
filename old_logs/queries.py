"""Reads of old logs that pages and actions share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import Count

from old_logs.enums import RowState
from old_logs.models import Column, OldLog, OldRow
from people.enums import BirthKnown
from people.said import PersonSaid, address_key, is_a_place
from referrals.models import Referral
from team.models import Team

# A referral of an old log has the token of its URN: it is there once, however often and by whomever it is brought in.
OF_OLD_LOGS = UUID("5b0f7a35-0c1e-4f0e-9d0e-0b6c2f6f3a10")


def token_of(team: Team, key: str) -> UUID:
    """The token of a referral with that URN (rows.urn_key) in the team's old logs."""
    return uuid5(OF_OLD_LOGS, f"{team.pk}:{key}")


def here_already(team: Team, keys: Iterable[str]) -> dict[str, int]:
    """The ids of the referrals that were brought in with those URNs."""
    tokens = {token_of(team, key): key for key in keys}
    with connection.cursor() as cursor:
        # As one array: a thousand parameters take longer to write down than to look up.
        table = Referral._meta.db_table
        cursor.execute(f"SELECT token, id FROM {table} WHERE token = ANY(%s)", [list(tokens)])  # noqa: S608
        return {tokens[token]: pk for token, pk in cursor.fetchall()}


def logged_in_cait(team: Team, numbers: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Referral]:
    """The referrals of the team that have those numbers as their own URN: logged in CAIT; or of an old log, where
    theirs was written in another way and CAIT gave them one."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT one.id FROM unnest(%s::int[], %s::int[]) AS wanted (year, serial) "  # noqa: S608
            f"JOIN {Referral._meta.db_table} one ON one.team_id = %s AND one.urn_year = wanted.year "
            "AND one.urn_serial = wanted.serial",
            [[year for year, _ in wanted], [serial for _, serial in wanted], team.pk],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = Referral.objects.filter(pk__in=ids).select_related("case", "logged_by") if ids else []
    return {(each.urn_year, each.urn_serial): each for each in rows}


def rows_of(referrals: Iterable[int]) -> dict[int, OldRow]:
    """The row with which each of some referrals was brought in, by the referral's id."""
    rows = OldRow.objects.filter(referral__in=list(referrals), state=RowState.BROUGHT_IN).select_related("log")
    return {row.referral_id: row for row in rows if row.referral_id}


def remembered(team: Team) -> dict[str, str]:
    """What the team said last of each heading of its logs."""
    return dict(Column.objects.filter(team=team).values_list("heading", "says"))


def counts(log: OldLog) -> dict[str, int]:
    """How many rows there are of each state."""
    found = dict(OldRow.objects.filter(log=log).order_by().values_list("state").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in RowState.values}


def counts_of(logs: Sequence[OldLog]) -> dict[int, dict[str, int]]:
    """As `counts`, of several logs, by their ids. One query however many."""
    found: dict[int, dict[str, int]] = {log.pk: dict.fromkeys(RowState.values, 0) for log in logs}
    rows = OldRow.objects.filter(log__in=[log.pk for log in logs]).order_by().values_list("log", "state")
    for log, state, number in rows.annotate(Count("pk")):
        found[log][state] = number
    return found


def to_be_asked_about(log: OldLog) -> int:
    """How many of the referrals that can be brought in are Social Services’ alone without an update of theirs: CAIT
    writes to them about each."""
    return OldRow.objects.filter(log=log, state=RowState.READY, owed=True).count()


# A name, a date of birth and an address: one of them alone, or two, are often those of somebody else.
Whole = tuple[str, date, str]


def whole(said: PersonSaid) -> Whole | None:
    """By what a child of an old log is taken to be one who is known: name, date of birth and address, all three."""
    if said.birth.known != BirthKnown.EXACT or said.birth.earliest is None or not is_a_place(said.address):
        return None
    if not (said.given_names and said.family_name):
        return None
    return said.name_key, said.birth.earliest, address_key(said.address)


SAME = """
SELECT DISTINCT ON (wanted.name, wanted.born, wanted.place) wanted.name, wanted.born, wanted.place, person.id
FROM unnest(%(names)s::text[], %(born)s::date[], %(places)s::text[]) AS wanted (name, born, place)
JOIN people_person person ON person.born_earliest = wanted.born AND person.born_latest = wanted.born
    AND person.name_key = wanted.name
JOIN people_residence home ON home.person_id = person.id
JOIN people_address address ON address.id = home.address_id AND address.key = wanted.place
WHERE EXISTS (
    SELECT 1 FROM cases_caseperson part JOIN cases_case ON cases_case.id = part.case_id
    WHERE part.person_id = person.id AND part.taken_off_at IS NULL AND cases_case.team_id = %(team)s
)
ORDER BY wanted.name, wanted.born, wanted.place, person.id
"""


def same_children(team: Team, wanted: Sequence[Whole]) -> Mapping[Whole, int]:
    """Who on the team's records has the same name, date of birth and address."""
    if not wanted:
        return {}
    names, born, places = (list(column) for column in zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(SAME, {"names": names, "born": born, "places": places, "team": team.pk})
        return {(name, on, place): pk for name, on, place, pk in cursor.fetchall()}
