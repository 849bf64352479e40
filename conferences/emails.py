"""The emails that were passed to conferences: which wait still, and what came of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.left_out import hidden_here, left_out
from cases.models import Case
from conferences.enums import ConferenceState, EmailUse
from conferences.models import Conference, EmailUsed
from conferences.models.meeting import ConferenceQuerySet
from intake.enums import UseKind
from intake.models import Message, Use
from team.models import Team, User


def waiting(user: User, team: Team | None = None) -> QuerySet[Use]:
    """The emails that were passed to conferences and that nobody has dealt with, of those somebody may read."""
    rows = not_dealt_with(Use.objects.passed_to_conferences(user)).order_by()
    return rows.filter(message__team=team) if team else rows


def not_dealt_with(passed_on: QuerySet[Use]) -> QuerySet[Use]:
    """Those from which no conference is booked, and of which nothing else came since they were passed on. What was
    booked before an email was put back says nothing of why it was passed on again."""
    back = Use.objects.filter(message=OuterRef("message"), kind=UseKind.PUT_BACK, used_at__gt=OuterRef("booked_at"))
    booked = _standing(Conference.objects.filter(~Exists(back), message=OuterRef("message")))
    used = EmailUsed.objects.filter(message=OuterRef("message"), used_at__gte=OuterRef("used_at"))
    return passed_on.filter(~Exists(booked), ~Exists(used))


def _standing(booked: ConferenceQuerySet) -> ConferenceQuerySet:
    """Without those that were cancelled here, as when it was the wrong record: their email is to be booked again. One
    that was cancelled by an email is dealt with."""
    by_email = EmailUsed.objects.filter(conference=OuterRef("pk"), use=EmailUse.CANCELLED)
    return booked.filter(~Q(state=ConferenceState.CANCELLED) | Exists(by_email))


@dataclass
class Came:
    """What came of one email: the conferences that were booked from it, and what else was done with it. `opens`: the
    records (ids) of these that somebody may open; of others it is only told who has them now."""

    booked: list[Conference] = field(default_factory=list)
    used: list[EmailUsed] = field(default_factory=list)
    opens: set[int] = field(default_factory=set)


def what_came_of(emails: Collection[int], *, user: User) -> dict[int, Came]:
    """What came of some emails (ids) that one may read, on records of the team that got them, which may be with
    another by now. Three queries."""
    found: dict[int, Came] = defaultdict(Came)
    rows = _standing(Conference.objects.filter(message__in=emails)).select_related("case__team")
    for conference in rows.order_by("starts_at", "pk"):
        found[conference.message_id or 0].booked.append(conference)
    rows_used = EmailUsed.objects.filter(message__in=emails).select_related("conference__case__team", "used_by")
    for used in (uses := list(rows_used.order_by("pk"))):
        found[used.message_id].used.append(used)
    conferences = [*(each for came in found.values() for each in came.booked), *(each.conference for each in uses)]
    cases = {each.case_id for each in conferences if each is not None}
    opens = set(Case.objects.visible_to(user).filter(pk__in=cases).values_list("pk", flat=True)) if cases else set()
    for came in found.values():
        came.opens = opens
    return dict(found)


def emails_about(conference: Conference, *, user: User) -> list[EmailUsed]:
    """What was done with a conference by an email, of the emails somebody may read."""
    readable = Message.objects.visible_to(user).filter(pk=OuterRef("message"))
    rows = EmailUsed.objects.filter(Exists(readable), conference=conference)
    return list(rows.select_related("message").order_by("pk"))


def made_on(email: OuterRef, cases: QuerySet[Case]) -> list[QuerySet[Any]]:
    """What was made of an email on some records: booked from it, also where that was cancelled since, or done
    because of it (`intake.models`)."""
    return [
        Conference.objects.filter(message=email, case__in=cases),
        EmailUsed.objects.filter(message=email, conference__case__in=cases),
    ]


def left_out_of_emails(user: User) -> str:
    """Of which restricted records, on which somebody is not named, emails to conferences would stand among those that
    were passed on. One query where there are none."""
    email = Conference.objects.filter(case=OuterRef("pk"), message__isnull=False)
    used = EmailUsed.objects.filter(conference__case=OuterRef("pk"))
    rows = hidden_here(user).filter(Exists(email) | Exists(used))
    return left_out(
        rows,
        "restricted record has emails that are not shown here",
        "restricted records have emails that are not shown here",
    )
