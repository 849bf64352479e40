"""How a record comes to another borough's team: reads that its pages and actions share (ADR 30)."""

from __future__ import annotations

from django.db.models import QuerySet

from cases.closure import InTheWay
from cases.enums import ActionState, ClosureState, TransferState
from cases.models import Action, Case, Closure, Transfer
from team.enums import TeamKind
from team.models import Membership, Team, User
from team.permissions import HOLDERS, Permission, teams_held
from team.queries import who_may


def transfers_of(case: Case) -> QuerySet[Transfer]:
    """The transfers of a record, the latest first."""
    rows = Transfer.objects.filter(case=case).select_related("from_team", "to_team", "asked_by", "answered_by")
    return rows.order_by("-id")


def asked_transfer(case: Case) -> Transfer | None:
    """The one that waits for an answer."""
    return transfers_of(case).filter(state=TransferState.ASKED).first()


def teams_that_can_answer(case: Case) -> QuerySet[Team]:
    """The other boroughs' teams in which somebody can answer today."""
    answering = Membership.objects.today().filter(role__in=HOLDERS[Permission.ANSWER_TRANSFERS], user__is_active=True)
    teams = Team.objects.filter(kind=TeamKind.CAIT, pk__in=answering.values("team"))
    return teams.exclude(pk=case.team_id).order_by("name")


def in_the_way_of_transfer(case: Case) -> list[InTheWay]:
    """Whether a record is closed is answered by the team whose work it was."""
    if Closure.objects.filter(case=case, state=ClosureState.ASKED).exists():
        return [InTheWay("A request to close the record waits for an answer", "cases:closure")]
    return []


def actions_to_pass(case: Case, to_team: Team) -> list[Action]:
    """The open actions of whoever has them by name and cannot work on the record in another team: whoever accepts it
    gets them."""
    can = who_may(Permission.WRITE_RECORDS, team=to_team)
    rows = Action.objects.filter(case=case, state=ActionState.OPEN, owner__isnull=False).select_related("owner")
    return [action for action in rows.order_by("due_on", "id") if action.owner_id not in can]


def stay_on(case: Case, to_team: Team) -> tuple[User | None, User | None]:
    """Who stays officer in case and supervisor in another team: whoever works and supervises there as well."""
    officer, supervisor = case.officer_in_case, case.supervisor
    works = who_may(Permission.WRITE_RECORDS, team=to_team) if officer else set()
    supervises = who_may(Permission.SUPERVISE_RECORDS, team=to_team) if supervisor else set()
    return (
        officer if officer and officer.pk in works else None,
        supervisor if supervisor and supervisor.pk in supervises else None,
    )


def gone(number: str, *, user: User) -> Transfer | None:
    """The transfer by which a record left a team whose records the user may open today: the last of several. None
    where it never was one of theirs."""
    rows = Transfer.objects.filter(case__number=number, state=TransferState.ACCEPTED)
    teams = teams_held(user, Permission.SEE_RECORDS)
    rows = rows if teams is None else rows.filter(from_team__in=teams)
    return rows.select_related("case", "to_team").order_by("-id").first()
