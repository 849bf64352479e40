"""Emails that are about restricted records: how many are not shown, and whom to ask; nothing is hidden silently
(ADR 34). Nothing of the email is told, and nothing of the record."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.enums import TransferState
from cases.models import Case
from cases.restricting import hidden_in
from intake.enums import State
from intake.models import Message, kept_of
from pages.words import count
from team.models import Team, User

# More are not counted.
MOST = 1000


def hidden_from_desk(user: User, team: Team) -> QuerySet[Case]:
    """The restricted records on which somebody is not named and that a team has, or had until another took them over:
    an email to the team may be about one of them, whoever has it now."""
    gone = Case.objects.filter(transfers__state=TransferState.ACCEPTED, transfers__from_team=team)
    return Case.objects.hidden_from(user).filter(Q(team=team) | Q(pk__in=gone.values("pk")))


def kept_waiting(user: User, **which: Any) -> str:
    """ "1 email that waits is about a restricted record. Ask DI Ruth Castell." Of the mailboxes that somebody
    handles, or of `which` of their emails. Empty for none, and then it is one query."""
    rows = Message.objects.handled_by(user, kept_back=True).filter(state=State.WAITING, **which)
    one, several = "email that waits is about a restricted record", "emails that wait are about restricted records"
    return _said(rows, one, several, user=user)


def kept_off(case: Case, *, user: User) -> str:
    """ "1 email of this record is on a restricted one too, and is not shown. Ask DI Ruth Castell." """
    rows = Message.objects.filter(kept_of(Case.objects.hidden_from(user)), uses__case=case).distinct()
    return _said(
        rows,
        "email of this record is on a restricted one too, and is not shown",
        "emails of this record are on restricted ones too, and are not shown",
        user=user,
    )


def _said(rows: QuerySet[Message], one: str, several: str, *, user: User) -> str:
    emails = list(rows.order_by().values_list("pk", flat=True)[: MOST + 1])
    if not emails:
        return ""
    how_many = f"More than {count(MOST, one, several)}" if len(emails) > MOST else count(len(emails), one, several)
    return f"{how_many}. Ask {hidden_in(records_of(emails, Case.objects.hidden_from(user)))}."


def records_of(emails: Collection[int], among: QuerySet[Case]) -> list[Case]:
    """Those of some records that some emails (ids) are about."""
    this = Case.objects.filter(pk=OuterRef(OuterRef(OuterRef("pk"))))
    return list(among.filter(Exists(Message.objects.filter(kept_of(this), pk__in=emails))).order_by("urn", "pk"))


def what_follows(message: Message | None, case: Case | None, *, restricts: bool = False) -> str:
    """What whoever puts an email on a record, or logs it (`case` is None), has to know before they do: who reads it
    from then on, where it is about a restricted record or comes onto one. `restricts`: they may restrict what they
    log. Empty where nothing follows."""
    if message is None:
        return ""
    others = Case.objects.exclude(pk=case.pk) if case else Case.objects.all()
    is_restricted = case is not None and case.restricted
    said = []
    if records_of([message.pk], others.filter(restricted=True)):
        said.append(
            "This email is about another restricted record too: those alone read it who are named on both."
            if is_restricted
            else "This email is about a restricted record too: those alone read it who are named on that. Everybody "
            "else reads here that an email is not shown, and whom to ask."
        )
    if is_restricted or restricts:
        urns = others.filter(emails__message=message, restricted=False).order_by("urn").values_list("urn", flat=True)
        if open_ones := ", ".join(dict.fromkeys(urns)):
            then = "As this record is restricted" if is_restricted else "If you restrict what you log"
            said.append(f"This email is on {open_ones} too. {then}, those alone read it there who are named here.")
    return " ".join(said)
