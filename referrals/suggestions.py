"""To which record an email may belong: by the email of ours that it answers, the URN and the names in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from cases.enums import State, TransferState
from cases.models import NUMBER, Case, CasePerson, Transfer
from cases.restricting import hidden_in
from diary.models import Mail
from intake.enums import Looks
from intake.looks import names_in, numbers_in, urns_in
from intake.models import Message
from intake.naming import records_by_name
from intake.restricted import hidden_from_desk
from pages.words import day
from people.said import name_key
from referrals.models import Referral, read_urn
from referrals.queries import cases_named
from team.models import Team, User

MOST = 8
SURE = 20
# What an email is about stands in its first lines; further down are older ones.
READ = 2000


@dataclass
class Suggestion:
    """A referral to which an email may belong: why, and what speaks against it."""

    referral: Referral
    reasons: list[str] = field(default_factory=list)
    against: str = ""
    # The surer, the greater.
    weight: int = 0

    @property
    def case(self) -> Case:
        return self.referral.case

    @property
    def is_sure(self) -> bool:
        """Sure enough that the likeliest button leads to it: two names, or a number, and nothing against it."""
        return self.is_open and not self.against and self.weight >= SURE

    @property
    def is_open(self) -> bool:
        return self.case.state == State.OPEN


def suggested(message: Message, *, user: User) -> list[Suggestion]:
    """The likeliest referrals of the email's team, of those one may open, the surest first. Six queries at most."""
    found: dict[int, Suggestion] = {}
    mine = Case.objects.visible_to(user).filter(team=message.team)
    names = names_in(message.subject)

    def add(referral: Referral, reason: str, weight: int) -> None:
        one = found.setdefault(referral.case_id, Suggestion(referral))
        one.reasons.append(reason)
        one.weight += weight

    if message.answers:
        sent = Mail.objects.filter(message_id__in=message.answers, case__in=mine).select_related("case__referral")
        for mail in sent:
            when = f" of {day(mail.sent_at)}" if mail.sent_at else ""
            # Our email may have been sent on, and then anybody can answer it.
            known = mail.address.rpartition("@")[2].lower() == message.from_address.rpartition("@")[2].lower()
            other = "" if known else ", but comes from somewhere else than it went to"
            add(
                _of(mail.case),
                f"It answers our email{when}{other}",
                100 if known else 0 if mail.case_id in found else 15,
            )
    in_subject, in_text, numbers = _numbers_in(message)
    for referral in _by_number(user, message.team, [*in_subject, *in_text], numbers):
        in_head = (referral.urn_year, referral.urn_serial) in in_subject
        in_head = in_head or referral.case.number in message.subject.upper()
        where, weight = ("subject", 60) if in_head else ("text", 30)
        add(referral, f"The {where} names {referral.urn}", weight)
    for case, called in records_by_name(names, mine, related="case__referral"):
        add(_of(case), f"The subject names {' and '.join(called)}", 10 * len(called))
    if message.looks == Looks.CONFIRMATION:
        for one in found.values():
            if one.referral.needs_confirmation and one.is_open:
                one.reasons.append("telephoned, and not yet confirmed in writing")
                one.weight += 15
    surest = sorted(found.values(), key=lambda one: (-one.weight, not one.is_open, -one.case.pk))[:MOST]
    _say_against(surest, names)
    return surest


@dataclass(frozen=True)
class Elsewhere:
    """A referral of the log whose record is with another team by now, and since when. Nothing else of it is told."""

    urn: str
    team: Team
    since: datetime


def gone_from(message: Message, *, user: User) -> list[Elsewhere]:
    """The referrals of the log of the email's team that it answers or names by a number, and whose record is with
    another team by now: those have to be sent it (ADR 30). The latest received first. One query at most."""
    in_subject, in_text, numbers = _numbers_in(message)
    if not (message.answers or in_subject or in_text or numbers):
        return []
    which = _named([*in_subject, *in_text], numbers)
    if message.answers:
        which |= Q(case__in=Mail.objects.filter(message_id__in=message.answers).values("case"))
    accepted = Transfer.objects.filter(state=TransferState.ACCEPTED)
    # From the transfers, which are few: a log has a referral for each record.
    rows = Referral.objects.visible_to(user).filter(case__in=accepted.filter(from_team=message.team).values("case"))
    rows = rows.filter(which, team=message.team).exclude(case__team=message.team).select_related("case__team")
    last = accepted.filter(case=OuterRef("case")).order_by("-id").values("answered_at")[:1]
    rows = rows.annotate(gone_at=Subquery(last)).order_by("-received_at", "-pk")
    return [Elsewhere(each.urn, each.case.team, each.gone_at) for each in rows[:MOST]]


def restricted_for(message: Message, *, user: User) -> str:
    """Whom to ask where an email names by a number a referral on a restricted record of the email's team, or on one
    that is with another team by now; in the email's own numbers, for those of the record are not told. Empty where it
    does not. One query at most, where there is none. What answers our email about one is not shown at all."""
    in_subject, in_text, numbers = _numbers_in(message)
    if not (in_subject or in_text or numbers):
        return ""
    which = _named(urns := [*in_subject, *in_text], numbers)
    rows = Referral.objects.filter(which, case__in=hidden_from_desk(user, message.team)).select_related("case")
    found = rows.order_by("-received_at", "-pk")[:MOST]
    if not found:
        return ""
    of_both = [each.urn if (each.urn_year, each.urn_serial) in urns else each.case.number for each in found]
    return f"It names what is restricted: {', '.join(of_both)}. Ask {hidden_in([each.case for each in found])}."


def looked_for(words: str, message: Message, *, user: User) -> list[Suggestion]:
    """Referrals of the email's team by a URN, a record number or a name, the newest first. Raises ValidationError."""
    if urn := read_urn(words):
        which = Q(urn_year=urn[0], urn_serial=urn[1])
    elif re.fullmatch(NUMBER, words.strip().upper()):
        which = Q(case__number=words.strip().upper())
    else:
        which = Q(case_id__in=cases_named(words, user=user))
    found = _with(user, message.team, which, most=MOST)
    found.sort(key=lambda each: (each.received_at, each.pk), reverse=True)
    return [Suggestion(each) for each in found[:MOST]]


def _of(case: Case) -> Referral:
    referral = case.referral
    referral.case = case
    return referral


def _with(user: User, team: Team, which: Q, *, most: int) -> list[Referral]:
    """Some referrals whose record a team has now, of those one may open, the latest received first: of its own log,
    and of those whose record came from another team. Apart, so that each is found by an index."""
    mine = Case.objects.visible_to(user).filter(team=team)
    own = Referral.objects.visible_to(user).filter(team=team).still_there()
    came = Referral.objects.filter(case__in=mine.that_were_transferred()).exclude(team=team)
    return [
        referral
        for rows in (own, came)
        for referral in rows.filter(which).select_related("case").order_by("-received_at", "-pk")[:most]
    ]


def _by_number(user: User, team: Team, urns: list[tuple[int, int]], numbers: list[str]) -> list[Referral]:
    """The referrals that a URN or a record number names."""
    return _with(user, team, _named(urns, numbers), most=2 * MOST) if urns or numbers else []


def _named(urns: list[tuple[int, int]], numbers: list[str]) -> Q:
    named = Q(case__number__in=numbers[:MOST])
    for year, serial in urns[:MOST]:
        named |= Q(urn_year=year, urn_serial=serial)
    return named


def _numbers_in(message: Message) -> tuple[set[tuple[int, int]], set[tuple[int, int]], list[str]]:
    """The URNs in the subject of an email, those in its first lines, and the record numbers in both."""
    text = message.text[:READ]
    in_subject, in_text = (
        {urn for each in urns_in(words) if (urn := read_urn(each))} for words in (message.subject, text)
    )
    return in_subject, in_text, numbers_in(f"{message.subject} {text}")


def _say_against(suggestions: list[Suggestion], names: list[str]) -> None:
    """Where the subject names somebody who is not on the record: a URN is soon mistyped."""
    if not names or not suggestions:
        return
    on: dict[int, set[str]] = {one.case.pk: set() for one in suggestions}
    for row in CasePerson.objects.filter(case__in=on).select_related("person"):
        # Of a double-barrelled name either half will do.
        on[row.case_id].update(row.person.name_key.replace("-", " ").split(), row.person.name_key.split())
    for one in suggestions:
        if not any(name_key(name) in on[one.case.pk] for name in names):
            one.against = f"Nobody called {' or '.join(names)} is on it: read both before you go on."
