"""On which record the conference of an invitation may be booked: by the numbers and the names in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from cases.enums import State
from cases.models import NUMBER, Case
from cases.restricting import hidden_in
from conferences.enums import ConferenceState
from conferences.models import Conference
from intake.looks import names_in, numbers_in, urns_in
from intake.models import Message
from intake.naming import records_by_name
from intake.restricted import hidden_from_desk
from team.models import User

MOST = 8
# What an email is about stands in its first lines; further down are older ones.
READ = 2000
A_URN = re.compile(r"0*(\d{1,6})/(?:20)?(\d\d)", re.A)


@dataclass
class Likely:
    """A record on which it may be booked, and why. `booked`: the conferences that are booked on it already;
    `without_minutes`: those that were held, whose minutes have not come. `meant`: those of them (ids) that the
    calendar of the email is about."""

    case: Case
    reasons: list[str] = field(default_factory=list)
    weight: int = 0
    booked: list[Conference] = field(default_factory=list)
    without_minutes: list[Conference] = field(default_factory=list)
    meant: set[int] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.case.state == State.OPEN


def likely(message: Message, *, user: User, uids: Collection[str] = ()) -> list[Likely]:
    """The likeliest records of the email's team, of those one may open, the surest first. Four queries at most.
    `uids`: what its calendar calls its meetings; a conference that is called so is what it is about."""
    mine = _mine(message, user)
    found: dict[int, Likely] = {}
    for conference in _called_so(mine, uids):
        why = "Its conference is in the calendar of the email"
        one = found.setdefault(conference.case_id, Likely(conference.case, [why], 100))
        one.meant.add(conference.pk)
    head, text = message.subject, message.text[:READ]
    for case in _by_number(mine, urns_in(f"{head} {text}"), numbers_in(f"{head} {text}")):
        in_head = case.urn in map(_as_kept, urns_in(head)) or case.number in numbers_in(head)
        one = found.setdefault(case.pk, Likely(case))
        one.reasons.append(f"The {'subject' if in_head else 'text'} names {case.urn}")
        one.weight += 60 if in_head else 30
    for case, called in records_by_name(names_in(head), mine):
        one = found.setdefault(case.pk, Likely(case))
        one.reasons.append(f"The subject names {' and '.join(called)}")
        one.weight += 10 * len(called)
    return _with_booked(sorted(found.values(), key=lambda one: (-one.weight, not one.is_open, -one.case.pk))[:MOST])


def looked_for(words: str, message: Message, *, user: User) -> list[Likely]:
    """Records of the email's team by a record number, a URN or names, of those one may open, the newest first."""
    cases = _found_by(words.strip(), _mine(message, user))
    return _with_booked([Likely(case) for case in cases[:MOST]])


def _found_by(words: str, among: QuerySet[Case]) -> list[Case]:
    urn = re.sub(r"\s", "", words)
    if A_URN.fullmatch(urn) or re.fullmatch(NUMBER, words.upper()):
        return list(_by_number(among, [urn], [words.upper()]))
    named = records_by_name(words.split(), among)
    most = max((len(called) for _, called in named), default=0)
    return [case for case, called in named if len(called) == most]


def restricted_like(message: Message, words: str = "", *, user: User, uids: Collection[str] = ()) -> str:
    """Whom to ask, in a sentence, where restricted records of the email's team on which one is not named, or of those
    that went from it to another, would be among those that are suggested, or that are found by some words: nothing
    else of them. One query where there are none."""
    hidden = list(hidden_from_desk(user, message.team).values_list("pk", flat=True))
    if not hidden:
        return ""
    of_them, head = Case.objects.filter(pk__in=hidden), message.subject
    read = f"{head} {message.text[:READ]}"
    like = [conference.case for conference in _called_so(of_them, uids)]
    like += _by_number(of_them, urns_in(read), numbers_in(read))
    like += [case for case, _ in records_by_name(names_in(head), of_them)]
    like += _found_by(words.strip(), of_them) if words else []
    like = list(dict.fromkeys(like))
    return f"Something like this is on a restricted record. Before you book, ask {hidden_in(like)}." if like else ""


def _mine(message: Message, user: User) -> QuerySet[Case]:
    return Case.objects.visible_to(user).filter(team=message.team)


def _called_so(mine: QuerySet[Case], uids: Collection[str]) -> QuerySet[Conference]:
    rows = Conference.objects.booked().filter(calendar_uid__in=uids).exclude(calendar_uid="")
    return rows.filter(case__in=mine).select_related("case").order_by("starts_at", "pk")[:MOST]


def _by_number(mine: QuerySet[Case], urns: Iterable[str], numbers: Collection[str]) -> QuerySet[Case]:
    kept = [urn for each in urns if (urn := _as_kept(each))]
    if not kept and not numbers:
        return mine.none()
    return mine.filter(Q(urn__in=kept[:MOST]) | Q(number__in=list(numbers)[:MOST])).order_by("-pk")[: 2 * MOST]


def _as_kept(urn: str) -> str:
    """A URN as records have it, 0598/09, however it is written; empty for anything else."""
    found = A_URN.fullmatch(urn)
    return f"{int(found[1]):04}/{found[2]}" if found else ""


def _with_booked(them: list[Likely]) -> list[Likely]:
    by_case = {one.case.pk: one for one in them}
    shown = Q(state=ConferenceState.BOOKED) | Q(state=ConferenceState.HELD, minutes_on=None)
    for conference in Conference.objects.filter(shown, case__in=by_case).order_by("starts_at", "pk"):
        one = by_case[conference.case_id]
        (one.booked if conference.state == ConferenceState.BOOKED else one.without_minutes).append(conference)
    for one in them:
        one.booked.sort(key=lambda conference: conference.pk not in one.meant)
    return them
