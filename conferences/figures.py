"""How many conferences police attended, month by month, with the reason for each that they missed (HMIC 2010, AFI 8).

What is counted in a figure and what its list shows are the same words (`PARTS`), so each figure is its list's length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import TruncMonth

from conferences.enums import INITIALS, ConferenceState, StepKind
from conferences.models import Conference, Report, StepDone
from conferences.models.meeting import ConferenceQuerySet
from deadlines.clock import LONDON, london_date, london_midnight
from deadlines.periods import last_of_month, months_until
from pages.words import MONTHS as MONTH_NAMES
from pages.words import count
from team.models import Team, User

# Per cent of the initial conferences that police attend: what the inspectors held the team to (HMIC 2010, AFI 8).
ATTENDANCE_TARGET = 95
# Of fewer, one conference moves the figure by more than ten per cent: they are told as they are (CAIT default).
ENOUGH = 10
MONTHS = 13

HELD = Q(state=ConferenceState.HELD)
INITIAL = HELD & Q(kind__in=INITIALS)
REVIEW = HELD & ~Q(kind__in=INITIALS)


class Part(NamedTuple):
    """One thing that is counted: its name, what it means, and which conferences it is."""

    label: str
    means: str
    fits: Q


PARTS: dict[str, Part] = {
    "initial": Part(
        "Initial conferences held",
        "Initial, pre-birth and transfer-in conferences that were held. Police attend every one.",
        INITIAL,
    ),
    "initial_attended": Part(
        "Initial conferences attended",
        "Somebody from the police was there.",
        INITIAL & Q(attended=True),
    ),
    "initial_missed": Part(
        "Initial conferences missed",
        "Nobody from the police was there, for whatever reason.",
        INITIAL & ~Q(attended=True),
    ),
    "review": Part(
        "Review conferences held", "Attended case by case; where nobody goes, a report is sent instead.", REVIEW
    ),
    "review_attended": Part(
        "Review conferences attended", "Somebody from the police was there.", REVIEW & Q(attended=True)
    ),
    "review_report": Part(
        "A report was there instead",
        "Nobody from the police was there, and a police report had been sent before it began.",
        REVIEW & ~Q(attended=True) & Q(report_was_there=True),
    ),
    "review_neither": Part(
        "Neither police nor a report",
        "Nobody from the police was at the review, and no police report had been sent before it began.",
        REVIEW & ~Q(attended=True) & Q(report_was_there=False),
    ),
    "held": Part("Conferences held", "Initial and review conferences that were held.", HELD),
    "on_time": Part(
        "Reports on time",
        "A police report was sent by its date: 2 working days before an initial conference, 5 before a review, as "
        "the limits were when it was booked.",
        HELD & Q(report_on_time=True),
    ),
    "not_on_time": Part(
        "Reports late or never sent",
        "No police report was sent by its date.",
        HELD & Q(report_on_time=False),
    ),
    "unrecorded": Part(
        "Not recorded yet",
        "The time of the conference is over, and nobody has said who attended. It counts nowhere else until then.",
        Q(state=ConferenceState.BOOKED),
    ),
}


@dataclass(frozen=True)
class Attendance:
    """The numbers of one month, of one team, or of both together, by the codes of `PARTS`."""

    numbers: Mapping[str, int]
    team: Team | None = None
    first: date | None = None

    @property
    def named(self) -> str:
        """The month in words: "March 2010"."""
        return f"{MONTH_NAMES[self.first.month - 1]} {self.first.year}" if self.first else ""

    @property
    def query(self) -> str:
        """What narrows a list to the month, as it stands in an address."""
        return f"&from_on={self.first}&to_on={last_of_month(self.first)}" if self.first else ""

    @property
    def share(self) -> str:
        """ "97%" where there are enough to say so, otherwise "4 of 5"; "none held"."""
        attended, held = self.numbers["initial_attended"], self.numbers["initial"]
        if not held:
            return "none held"
        return f"{_per_cent(attended, held)}%" if held >= ENOUGH else f"{attended} of {held}"

    @property
    def short(self) -> bool:
        """Whether it is below the target; of few it is not said."""
        attended, held = self.numbers["initial_attended"], self.numbers["initial"]
        return held >= ENOUGH and attended * 100 < ATTENDANCE_TARGET * held

    @property
    def anything(self) -> bool:
        return any(self.numbers.values())


def _per_cent(part: int, whole: int) -> int:
    """Rounded down: 94.9 per cent is not 95."""
    return part * 100 // whole


@dataclass(frozen=True)
class Figures:
    """All together, team by team, and month by month, the latest first."""

    whole: Attendance
    teams: list[Attendance] = field(default_factory=list)
    months: list[Attendance] = field(default_factory=list)

    @property
    def finding(self) -> str:
        """The heading: "Police attended 62 of 65 initial conferences: 95%, the target is 95%"."""
        attended, held = self.whole.numbers["initial_attended"], self.whole.numbers["initial"]
        if not held:
            return "No initial conference was held"
        words = f"Police attended {attended:,} of {count(held, 'initial conference')}"
        if held < ENOUGH:
            return f"{words}: too few for a percentage (the target is {ATTENDANCE_TARGET}%)"
        below = "below the target of" if self.whole.short else "the target is"
        return f"{words}: {_per_cent(attended, held)}%, {below} {ATTENDANCE_TARGET}%"


def since(now: datetime) -> date:
    """The first day of the months that are counted."""
    return months_until(london_date(now), MONTHS)[0]


def counted(
    user: User, *, now: datetime, team: Team | None = None, from_on: date | None = None, to_on: date | None = None
) -> ConferenceQuerySet:
    """The conferences that are counted in the figures for somebody: their time has come, and they were not cancelled.
    Narrowed to a team, and to the London days on which they were, both included."""
    rows = Conference.objects.counted_for(user).exclude(state=ConferenceState.CANCELLED)
    begins = max(from_on, since(now)) if from_on else since(now)
    rows = rows.filter(starts_at__gte=london_midnight(begins), starts_at__lt=now)
    if to_on:
        rows = rows.filter(starts_at__date__lte=to_on)
    if team:
        rows = rows.filter(team=team)
    # What was sent before the conference was moved by months, and its preparation begun again, is not counted.
    cram = StepDone.objects.filter(conference=OuterRef("conference"), kind=StepKind.CRAM).values("done_at")
    sent = Report.objects.filter(conference=OuterRef("pk"), sent_at__gte=Subquery(cram[:1]))
    return rows.annotate(
        report_was_there=Exists(sent.filter(sent_at__lt=OuterRef("starts_at"))),
        report_on_time=Exists(sent.filter(on_time=True)),
    )


def figures_of(rows: ConferenceQuerySet, teams: Iterable[Team], *, now: datetime) -> Figures:
    """The figures of some conferences (`counted`). One query, however many."""
    asked: dict[str, Any] = {code: Count("pk", filter=part.fits) for code, part in PARTS.items()}
    by: Any = rows.annotate(month=TruncMonth("starts_at", tzinfo=LONDON)).order_by().values("team", "month")
    of_team: dict[int, Counter[str]] = {team.pk: Counter() for team in teams}
    of_month: dict[date, Counter[str]] = {first: Counter() for first in months_until(london_date(now), MONTHS)}
    whole: Counter[str] = Counter()
    for row in by.annotate(**asked):
        numbers = {code: row[code] for code in PARTS}
        for into in (whole, of_team.setdefault(row["team"], Counter()), of_month[london_date(row["month"])]):
            into.update(numbers)
    return Figures(
        Attendance(whole),
        [Attendance(of_team[team.pk], team=team) for team in teams],
        [Attendance(numbers, first=first) for first, numbers in reversed(of_month.items())],
    )


def missed(rows: ConferenceQuerySet) -> ConferenceQuerySet:
    """The initial conferences that nobody attended, and the reviews that had neither police nor a report."""
    return rows.filter(PARTS["initial_missed"].fits | PARTS["review_neither"].fits)
