"""Restricted records: reads that their pages, lists and actions share (ADR 34)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Prefetch, Q, QuerySet

from cases.models import Case, CasePerson, NamedOfficer, Restriction
from deadlines.clock import CaitToday
from people.models import OtherName, Person
from people.said import name_key
from team.enums import COMMAND_ROLES
from team.models import Membership, Team, User
from team.permissions import HOLDERS, Permission

# Whom one asks where nobody who could answer is named any more.
NOBODY = "the command"
# As many as are said on one line.
MOST_SAID = 2

# Who is named on some records and could name somebody else today, those first who can end the restriction. By hand:
# every queue and Today of whoever is not named ask it, and the ORM takes longer to put it together than it takes.
_ABLE = f"""
    SELECT officer.id, officer.rank, officer.given_names, officer.family_name, named.case_id
    FROM cases_namedofficer AS named
    JOIN cases_case AS record ON record.id = named.case_id
    JOIN team_user AS officer ON officer.id = named.officer_id
    CROSS JOIN LATERAL (
        SELECT bool_or(held.role = ANY(%s)) AS ends
        FROM team_membership AS held
        WHERE held.user_id = officer.id AND held.withdrawn_at IS NULL
          AND held.from_on <= {CaitToday.template} AND (held.to_on IS NULL OR held.to_on >= {CaitToday.template})
          AND (held.team_id = record.team_id AND held.role = ANY(%s) OR held.role = ANY(%s))
    ) AS able
    WHERE named.case_id = ANY(%s) AND named.ended_at IS NULL AND officer.is_active AND able.ends IS NOT NULL
    ORDER BY named.case_id, NOT able.ends, named.id
"""  # noqa: S608  # words of our own


def restriction_of(case: Case) -> Restriction | None:
    """The restriction that runs."""
    return Restriction.objects.filter(case=case, ended_at=None).select_related("began_by").first()


def restrictions_of(case: Case) -> QuerySet[Restriction]:
    """The restrictions that a record had, the latest first."""
    rows = Restriction.objects.filter(case=case, ended_at__isnull=False).select_related("began_by", "ended_by")
    return rows.order_by("-id")


def named_on(case: Case) -> QuerySet[NamedOfficer]:
    """Who is named on a restricted record, by name."""
    rows = NamedOfficer.objects.filter(case=case, ended_at=None).select_related("officer", "named_by")
    return rows.order_by("officer__family_name", "officer__given_names", "officer")


def named_on_all(cases: Collection[int]) -> QuerySet[NamedOfficer]:
    """Who is named on some records (ids), in the order of their names."""
    rows = NamedOfficer.objects.filter(case__in=cases, ended_at=None).select_related("officer")
    return rows.order_by("officer__family_name", "officer__given_names", "officer")


def named_before(case: Case) -> QuerySet[NamedOfficer]:
    """Who was named on a record and is no more, the latest first."""
    rows = NamedOfficer.objects.filter(case=case, ended_at__isnull=False)
    return rows.select_related("officer", "named_by", "ended_by").order_by("-ended_at", "-id")


def can_be_named(case: Case) -> QuerySet[User]:
    """Who can be named on a record, by name; their roles as `here`: whose role lets them see the records of its team
    today, and who is not called as somebody on it (handbook, section 3: nobody who is a person on a record may see
    it)."""
    holding = Membership.objects.today().filter(_reaching([case.team_id], Permission.SEE_RECORDS))
    here = Prefetch("memberships", queryset=holding, to_attr="here")
    officers = User.objects.people().filter(is_active=True, pk__in=holding.values("user"))
    return officers.exclude(pk__in=called_as_on(case, officers)).by_name().prefetch_related(here)


def called_as_on(case: Case, officers: Iterable[User]) -> set[int]:
    """Which of some officers (ids) are called as somebody who is on a record, or was."""
    people = CasePerson.objects.filter(case=case).values("person")
    keys = set(Person.objects.filter(pk__in=people).values_list("name_key", flat=True))
    keys |= set(OtherName.objects.filter(person__in=people).values_list("name_key", flat=True))
    return {each.pk for each in officers if name_key(each.given_names, each.family_name) in keys}


def who_opens_in(team: Team) -> set[int]:
    """Whose role (ids) lets them see the records of a team today."""
    holding = Membership.objects.today().filter(_reaching([team.pk], Permission.SEE_RECORDS))
    return set(holding.filter(user__is_active=True).values_list("user", flat=True))


def who_can_end(team: Team) -> set[int]:
    """Who (ids) could end the restriction of a record of a team today, were they named on it."""
    holding = Membership.objects.today().filter(_reaching([team.pk], Permission.END_RESTRICTIONS))
    return set(holding.filter(user__is_active=True).values_list("user", flat=True))


def whom_to_ask(cases: Iterable[Case]) -> dict[int, str]:
    """Whom to ring about each of some restricted records, by its id, in words: who is named and could name somebody
    else today, inspectors first. It says nothing else of the record. One query, however many."""
    return {pk: " or ".join(names) for pk, names in _able(cases).items()}


def only_those_named(case: Case) -> str:
    """What whoever is not named reads who asks for a restricted record."""
    ask = whom_to_ask([case])[case.pk]
    return f"Record {case} is restricted: only those named on it can open it. Ask {ask}."


def hidden_in(cases: Collection[Case]) -> str:
    """Whom to ring about some restricted records, all together, each of them once."""
    return " or ".join(dict.fromkeys(name for names in _able(cases).values() for name in names))


def _able(cases: Iterable[Case]) -> dict[int, list[str]]:
    """By record (id) the first of those whom to ring."""
    asked = [case.pk for case in cases]
    if not asked:
        return {}
    roles = HOLDERS[Permission.RESTRICT_RECORDS]
    given = (
        [*HOLDERS[Permission.END_RESTRICTIONS]],
        [*(roles - COMMAND_ROLES)],
        [*(roles & COMMAND_ROLES)],
        asked,
    )
    able: dict[int, list[str]] = {}
    for officer in User.objects.raw(_ABLE, given):
        able.setdefault(officer.case_id, []).append(str(officer))
    return {pk: able.get(pk, [])[:MOST_SAID] or [NOBODY] for pk in asked}


def _reaching(teams: Iterable[int], permission: Permission) -> Q:
    """Which memberships carry a permission for some teams (ids)."""
    roles = HOLDERS[permission]
    return Q(team__in=set(teams), role__in=roles - COMMAND_ROLES) | Q(role__in=roles & COMMAND_ROLES)
