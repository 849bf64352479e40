"""What the team that is asked to take a record over reads of it: enough to answer, and nothing of the chronology."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from cases.closure import InTheWay, before_transfer
from cases.enums import CHILDREN, TransferState
from cases.models import Action, Case, Transfer, TransferQuerySet, not_hidden_from
from cases.protection import on_plans_of
from cases.queries import people_on
from cases.restricting import hidden_in
from cases.transfer_policies import check_ready_to_transfer
from cases.transfers import actions_to_pass, stay_on
from conferences.models import Conference
from deadlines.ages import days_before
from deadlines.clock import london_date, london_midnight
from diary.duties import TRANSFER
from diary.queries import DueNext, due_next
from pages.acting import refusal
from team.models import Team, User
from team.once import put_together_once
from team.permissions import Permission, may

# About half a year: for so long it is listed what was answered.
DAYS_LISTED = 183
# How long it stands on Today that a record was not accepted (CAIT default).
DAYS_ON_TODAY = 7
# Rows of both kinds together; the whole lists are on a page of their own.
MOST_ON_TODAY = 20


@dataclass(frozen=True)
class Child:
    """A child on the record, with the age today; and on which plan, as "neglect since 3 December 2009"."""

    shown: str
    category: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Handover:
    """What comes with a record. `passed`: the actions that whoever accepts gets; `officer`, `supervisor`: who stays
    so."""

    children: list[Child]
    due: list[DueNext]
    conferences: list[Conference]
    passed: list[Action]
    officer: User | None
    supervisor: User | None
    unfinished: list[InTheWay]


def handover_of(transfer: Transfer, *, today: date) -> Handover:
    """What comes with a record, as it is now. A fixed number of queries."""
    case = transfer.case
    people = [each for each in people_on(case, today=today) if each.part.part in CHILDREN]
    plans = on_plans_of([each.person.pk for each in people])
    children = []
    for each in people:
        plan = plans.get(each.person.pk)
        said = (plan.category, plan.since) if plan else ("", None)
        children.append(Child(each.person.with_age(today), *said))
    officer, supervisor = stay_on(case, transfer.to_team)
    return Handover(
        children=children,
        # Without the sender's own duty to get this answer, which does not come with it.
        due=[each for each in due_next(case) if each.duty.kind != TRANSFER.code],
        conferences=list(Conference.objects.booked().filter(case=case).order_by("starts_at", "pk")),
        passed=actions_to_pass(case, transfer.to_team),
        officer=officer,
        supervisor=supervisor,
        unfinished=before_transfer(case),
    )


def with_all_of_it(rows: TransferQuerySet) -> TransferQuerySet:
    """Some transfers with what a page says of them."""
    related = ("case__officer_in_case", "case__supervisor", "case__team", "from_team", "to_team")
    return rows.select_related(*related, "asked_by", "answered_by")


def to_answer(user: User) -> TransferQuerySet:
    """What waits for an answer of a user's teams."""
    rows = Transfer.objects.visible_to(user).filter(state=TransferState.ASKED)
    teams = [each.team for each in user.roles_today]
    return rows.filter(to_team__in=[each for each in teams if may(user, Permission.ANSWER_TRANSFERS, team=each)])


def on_today(user: User, team: Team, *, now: datetime) -> list[Transfer]:
    """What a team has to know of: another's records that wait for its answer; and its own that were not accepted in
    the last week, and so are its own still. The first of them."""
    return _on_today(user, team, london_midnight(days_before(DAYS_ON_TODAY, london_date(now))))


@put_together_once
def _on_today(user: User, team: Team, since: datetime) -> TransferQuerySet:
    rows = Transfer.objects.visible_to(user)
    wanted = Q()
    if may(user, Permission.ANSWER_TRANSFERS, team=team):
        wanted |= Q(state=TransferState.ASKED, to_team=team)
    if may(user, Permission.TRANSFER_RECORDS, team=team):
        declined = Q(state=TransferState.DECLINED, from_team=team, case__team=team, answered_at__gte=since)
        wanted |= declined & not_hidden_from(user)
    found = rows.filter(wanted).order_by("asked_at", "pk") if wanted else rows.none()
    return with_all_of_it(found)[:MOST_ON_TODAY]


def asked_by_us(user: User) -> TransferQuerySet:
    """What a user's teams have asked others, and wait for."""
    rows = Transfer.objects.visible_to(user).filter(state=TransferState.ASKED)
    teams = [each.team for each in user.roles_today if may(user, Permission.TRANSFER_RECORDS, team=each.team)]
    return rows.filter(from_team__in=teams)


def answered_lately(user: User, *, today: date) -> TransferQuerySet:
    """What came to a user's teams or left them, or did not, and was asked in the last half year."""
    since = london_midnight(days_before(DAYS_LISTED, today))
    return Transfer.objects.visible_to(user).exclude(state=TransferState.ASKED).filter(asked_at__gte=since)


def is_kept_from(transfer: Transfer, user: User) -> bool:
    """Whether the record is a restricted one on which the user is not named. Asked of restricted ones alone."""
    return transfer.case.restricted and Case.objects.hidden_from(user).filter(pk=transfer.case_id).exists()


def answers(transfer: Transfer, user: User) -> bool:
    """While it waits for the answer of a team in which the user may give it."""
    return transfer.state == TransferState.ASKED and may(user, Permission.ANSWER_TRANSFERS, team=transfer.to_team)


def reads_the_handover(transfer: Transfer, user: User) -> bool:
    """Only whoever may answer; of a restricted record only whoever is named on it."""
    return answers(transfer, user) and not is_kept_from(transfer, user)


def reads_the_words(transfer: Transfer, user: User) -> bool:
    """Why it was asked and how it was answered: of a restricted record whoever is to answer reads it, and whoever is
    named."""
    return answers(transfer, user) or not is_kept_from(transfer, user)


def said_of_restricted(transfer: Transfer, user: User) -> str:
    """Whom to ring about a restricted record on which one is not named; empty for others."""
    if not is_kept_from(transfer, user):
        return ""
    before = "Before you answer ring" if answers(transfer, user) else "Ask"
    return f"This record is restricted. {before} {hidden_in([transfer.case])}."


def unfinished_on_restricted(transfer: Transfer, user: User) -> str:
    """That the sender must finish something on a restricted record on which one is not named: what it is, would tell
    of the record. Empty where nothing is in the way."""
    if is_kept_from(transfer, user) and refusal(check_ready_to_transfer, transfer.case):
        return f"{transfer.from_team} must finish something first."
    return ""


def may_open(transfer: Transfer, user: User) -> bool:
    """Whether the record itself can be opened."""
    return may(user, Permission.SEE_RECORDS, team=transfer.case.team) and not is_kept_from(transfer, user)
