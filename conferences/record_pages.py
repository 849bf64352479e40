"""What the pages of a record say of its conferences: reads alone, a fixed number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cases.models import Case
from cases.restricting import whom_to_ask
from conferences.clashes import clash_in_words, clashing
from conferences.enums import Attending, ConferenceState
from conferences.models import Conference, ConferenceChild, OutcomeFor
from conferences.preparing import Line, checklists
from conferences.queries import conferences_about, outcomes_of
from deadlines import schedules
from deadlines.calendar import BeyondCalendar
from deadlines.clock import london_date
from deadlines.due import Due
from deadlines.rule import NoLimit
from people.models import Person
from team.models import Team, User


@dataclass
class Shown:
    """A conference with whom it is about. `lines`: its preparation; `clashes`: what the conference officer has at the
    same time, in words; `decided`: what was decided about each child, as far as that is recorded."""

    conference: Conference
    children: list[Person]
    lines: list[Line] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    decided: list[OutcomeFor] = field(default_factory=list)

    @property
    def missing(self) -> list[Line]:
        return [line for line in self.lines if line.missing]

    @property
    def is_to_be_decided(self) -> bool:
        """Whether somebody has still to say if police attend."""
        conference = self.conference
        return conference.state == ConferenceState.BOOKED and conference.attending == Attending.UNDECIDED

    @property
    def not_decided(self) -> list[Person]:
        """About whom nobody has recorded yet what was decided."""
        told = {outcome.child_id for outcome in self.decided}
        return [child for child in self.children if child.pk not in told]


@dataclass
class OfRecord:
    """The conferences of a record: those booked, the next first; those that were held or cancelled, the latest
    first. `hidden`: which teams hold one about its children on a record that one may not open; `asks`: whom to ask
    about those on restricted records."""

    booked: list[Shown]
    over: list[Shown]
    hidden: list[Team]
    asks: list[str]


def conferences_shown(case: Case, *, user: User, now: datetime) -> OfRecord:
    """The conferences of a record and of its children, as far as one may open them."""
    about = conferences_about(case)
    # By the records themselves: a conference that was held stays with the team that had its record then.
    visible = about.filter(case__in=Case.objects.visible_to(user))
    mine = list(visible.select_related("case", "team", "pclo", "attended_by"))
    seen = {each.pk for each in mine}
    others = about.exclude(pk__in=seen).exclude(state=ConferenceState.CANCELLED)
    hidden = list(
        Case.objects.filter(pk__in=others.order_by().values("case"))
        .select_related("team")
        .order_by("team__name", "pk")
    )
    asks = whom_to_ask(each for each in hidden if each.restricted)
    them = shown(mine, user=user, now=now)
    booked = [each for each in reversed(them) if each.conference.state == ConferenceState.BOOKED]
    over = [each for each in them if each.conference.state != ConferenceState.BOOKED]
    teams = dict.fromkeys(each.team for each in hidden if not each.restricted)
    return OfRecord(booked, over, list(teams), list(dict.fromkeys(asks.values())))


def shown(conferences: Iterable[Conference], *, user: User, now: datetime) -> list[Shown]:
    """Some conferences with what their pages say, in their order. A fixed number of queries, however many."""
    conferences = list(conferences)
    children: dict[int, list[Person]] = defaultdict(list)
    rows = ConferenceChild.objects.filter(conference__in=conferences).select_related("child").order_by("pk")
    for each in rows:
        children[each.conference_id].append(each.child)
    lines = checklists(conferences, now=now)
    others = _clashes(conferences)
    decided = outcomes_of([each.pk for each in conferences if each.state == ConferenceState.HELD])
    return [
        Shown(
            conference=each,
            children=children[each.pk],
            lines=lines.get(each.pk, []),
            clashes=[clash_in_words(other, user=user) for other in others.get(each.pk, [])],
            decided=list(decided.get(each.pk, {}).values()),
        )
        for each in conferences
    ]


def _clashes(conferences: list[Conference]) -> dict[int, list[Conference]]:
    """What clashes with those of some conferences that are booked, on whatever record."""
    booked = [each for each in conferences if each.state == ConferenceState.BOOKED and each.pclo_id]
    if not booked:
        return {}
    rows = (
        Conference.objects.booked().filter(pclo__in={each.pclo_id for each in booked}).select_related("case", "team")
    )
    return clashing(rows)


@dataclass(frozen=True)
class Within:
    """The 15 working days from the strategy discussion to an initial conference (Working Together). `due`: None where
    it cannot be worked out, and then `why_not` says why."""

    due: Due | None = None
    is_within: bool = False
    why_not: str = ""


def within_fifteen_days(conference: Conference) -> Within | None:
    """Whether an initial conference is held within its time from the strategy discussion; None of a review."""
    if not conference.is_initial:
        return None
    if conference.initiated_on is None:
        return Within(why_not="No strategy discussion is entered")
    try:
        due = schedules.initial_conference_by(conference.initiated_on, latest=conference.discussed_on)
    except (BeyondCalendar, NoLimit) as unknown:
        return Within(why_not=str(unknown))
    return Within(due, london_date(conference.starts_at) <= due.due_on)
