"""What is kept from those who are not named on a restricted record, and whom they ask (ADR 34): in the log, and where
somebody like one on it is looked for. Nothing else of the record is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Exists, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from cases.enums import Part
from cases.left_out import hidden_here, left_out
from cases.models import Case, CasePerson
from cases.restricting import hidden_in, whom_to_ask
from deadlines.clock import london_day_end, london_midnight
from pages.words import moment
from people.models import OtherName, Residence
from people.said import PersonSaid, address_key, address_numbers, is_a_place, name_key
from referrals.models import Referral
from referrals.queries import which_number
from team.enums import Role
from team.models import Membership, Team, User
from team.permissions import Permission, teams_held

# How alike a whole name or address must be (0 to 1, pg_trgm): what is typed letter by letter finds nothing out.
ALIKE, ALIKE_ADDRESS = 0.5, 0.55


# --- the log -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeptBack:
    """A referral of the log that is on a restricted record, and whom to ask about it."""

    referral: Referral
    ask: str


def kept_back(
    user: User,
    *,
    permission: Permission = Permission.SEE_RECORDS,
    team: Team | None = None,
    q: str = "",
    from_on: date | None = None,
    to_on: date | None = None,
    **others: Any,
) -> QuerySet[Referral]:
    """The referrals that the log leaves out for somebody, the latest received first. Narrowed as the log by team,
    days and number alone: what else it is narrowed by would tell something of them."""
    rows = Referral.objects.filter(case__in=Case.objects.hidden_from(user), **which_number(q))
    if (teams := teams_held(user, permission)) is not None:
        rows = rows.filter(team__in=teams)
    if team:
        rows = rows.filter(team=team)
    if from_on:
        rows = rows.filter(received_at__gte=london_midnight(from_on))
    if to_on:
        rows = rows.filter(received_at__lt=london_day_end(to_on))
    return rows.select_related("case", "team").order_by("-received_at", "-id")


def kept_among(referrals: Collection[int], *, user: User) -> QuerySet[Referral]:
    """Those of some referrals (ids) that are on restricted records on which the user is not named."""
    rows = Referral.objects.filter(pk__in=referrals, case__in=Case.objects.hidden_from(user))
    return rows.select_related("case", "team")


def kept_back_in_words(rows: Iterable[Referral]) -> str:
    """ "1 referral is left out, for its record is restricted: 0598/09. Ask DI Ruth Castell." One query for none."""
    one, several = "is left out, for its record is restricted", "are left out, for their records are restricted"
    return left_out([row.case for row in rows], f"referral {one}", f"referrals {several}")


def with_whom_to_ask(rows: Iterable[Referral]) -> list[KeptBack]:
    """Each of some referrals that are kept back, with whom to ask."""
    rows = list(rows)
    ask = whom_to_ask([row.case for row in rows])
    return [KeptBack(row, ask[row.case_id]) for row in rows]


def logged_meanwhile(referral: Referral, *, user: User) -> str:
    """What is told where a form was logged already: by whom, as what and when; of a restricted record only whom to
    ask."""
    if Case.objects.hidden_from(user).filter(pk=referral.case_id).exists():
        return f"This referral is logged already, and its record is restricted. Ask {hidden_in([referral.case])}."
    return f"{referral.logged_by} logged this referral as {referral.urn} on {moment(referral.logged_at)}."


# --- from the start ------------------------------------------------------------------------------


def who_opens(team: Team, *, people: Iterable[PersonSaid], by: User) -> list[User]:
    """Who is named where a referral is logged as a restricted one: whoever logs it, and the inspectors of the team
    today; but none who is called as somebody on it, for nobody who is a person on a record may open it."""
    called = {each.name_key for each in people}
    inspectors = Membership.objects.today().filter(team=team, role=Role.INSPECTOR)
    rows = User.objects.people().filter(is_active=True, pk__in=inspectors.values("user")).by_name()
    others = [each for each in rows if each != by and name_key(each.given_names, each.family_name) not in called]
    return others if by.is_system else [by, *others]


# --- somebody like it ----------------------------------------------------------------------------


def ring(cases: Collection[Case]) -> str:
    """What is told where somebody is like one on some restricted records: not who, and not why. Empty for none."""
    return f"Somebody like this is on a restricted record. Before you go on ring {hidden_in(cases)}." if cases else ""


def restricted_with(people: Collection[int], *, user: User) -> list[Case]:
    """The restricted records of one's teams, of those on which one is not named, with any of some people (ids)."""
    if not people:
        return []
    return list(hidden_here(user).filter(parts__person__in=people, parts__taken_off_at=None).distinct())


def restricted_by_number(words: str, *, user: User) -> list[Case]:
    """The restricted records of one's teams with a URN, a record number or the serial of a URN."""
    rows = Referral.objects.filter(**which_number(words), case__in=hidden_here(user)).select_related("case")
    return [row.case for row in rows.order_by("-logged_at", "-pk")]


def by_number_in_words(cases: Collection[Case]) -> str:
    """What is told where somebody asks for some restricted records by their number. Empty for none."""
    one, several = "record with this number is restricted", "records with this number are restricted"
    return left_out(cases, one, several)


def like_words(words: str, *, user: User) -> list[Case]:
    """The restricted records of one's teams with a child whose name or address is like what was asked: as a whole, so
    that nothing is found out letter by letter. By children alone: a colleague who is suspected and asks for himself
    is not warned. Whoever logs is told of everybody (`referrals.known`). One query."""
    children = (Part.CHILD, Part.OTHER_CHILD)
    parts = CasePerson.objects.filter(case__in=hidden_here(user), part__in=children, taken_off_at=None)
    key, place = name_key(words.replace(",", " ")), address_key(words)
    like = Q(likeness__gte=ALIKE) | Q(Exists(_alike(OtherName.objects.all(), "name_key", key, ALIKE)))
    if is_a_place(words):
        homes = _alike(Residence.objects.all(), "address__key", place, ALIKE_ADDRESS)
        if numbers := address_numbers(place):
            homes = homes.filter(address__numbers__overlap=numbers)
        like |= Q(Exists(homes))
    parts = parts.annotate(likeness=_similarity("person__name_key", key)).filter(like)
    return list(Case.objects.filter(pk__in=parts.values("case")).order_by("urn", "pk"))


def _alike(rows: QuerySet[Any], column: str, text: str, enough: float) -> QuerySet[Any]:
    """Those of somebody that are like a text."""
    alike = rows.filter(person=OuterRef("person")).alias(likeness=_similarity(column, text))
    return alike.filter(likeness__gte=enough)


def _similarity(column: str, text: str) -> Any:
    return Cast(TrigramSimilarity(column, text), FloatField())
