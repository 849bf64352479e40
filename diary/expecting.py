"""Which duties there should be, worked out afresh from the records: each room says so of its own kinds.

A room registers once, in its AppConfig.ready(). What it says must come from the facts alone, never from a duty: it is
what `diary.checking` holds the duties against.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from cases.enums import ActionState, ClosureState, State, TransferState
from cases.models import Action, Case, Closure, Transfer
from deadlines import rules
from deadlines.rule import Rule
from diary import duties
from diary.kinds import DutyKind
from diary.models import Duty
from team.models import User


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A duty that should be open on a record now: of which kind, and by which rule from which event it is due.

    `begin`: what goes with it when it is raised because it was missing, such as the chasing of a partner. `perhaps`:
    it may be open, and need not be.
    """

    case: int
    kind: DutyKind
    rule: Rule
    start: date | datetime
    subject: int = 0
    about: str = ""
    # The day that somebody chose, where the rule only offered one.
    chosen: date | None = None
    # The chasing that goes with it: since which decision, and whether it stands still until an answer is judged.
    chased_from: date | datetime | None = None
    answered: bool = False
    begin: Callable[[Duty, User], object] | None = None
    # Of a rule that counts back: when its event became known. The earlier day to which it was brought forward.
    known: date | datetime | None = None
    brought_to: date | None = None
    # In words, where it is not what the rule starts with; and whose it is by name.
    event: str = ""
    owner_of: Callable[[Case], User | None] | None = None
    perhaps: bool = False


Expects = Callable[[Collection[int]], Iterable[Expected]]
_ROOMS: dict[str, tuple[Expects, tuple[DutyKind, ...]]] = {}


def register_expected(room: str, expects: Expects, of: Iterable[DutyKind]) -> None:
    """Say how a room works out which of its duties should be open on some records (ids), and of which kinds.

    Raises ValueError for a second that says otherwise.
    """
    said = (expects, tuple(of))
    if _ROOMS.setdefault(room, said) != said:
        raise ValueError(f"{room} has registered already.")


def answered_for() -> set[str]:
    """The codes of the kinds of which some room says when they should be open. Of no other is one too many."""
    return {kind.code for _, kinds in _ROOMS.values() for kind in kinds}


def expected(cases: Collection[int]) -> list[Expected]:
    """Every duty that should be open on some records."""
    return [each for expects, _ in _ROOMS.values() for each in expects(cases)]


def of_the_record(cases: Collection[int]) -> list[Expected]:
    """Every duty of the record itself that should be open on some records (ids)."""
    return [*actions_wanted(cases), *answers_wanted(cases)]


def actions_wanted(cases: Collection[int]) -> list[Expected]:
    """Whatever is to be done on an open record is a duty of who does it, by its date."""
    rows = Action.objects.filter(case__in=cases, case__state=State.OPEN, state=ActionState.OPEN)
    return [
        Expected(
            case=action.case_id,
            kind=duties.ACTION,
            rule=rules.ACTION,
            start=action.added_at,
            chosen=action.due_on,
            subject=action.pk,
            about=action.what,
            owner_of=owned_by(action.owner),
        )
        for action in rows.select_related("owner")
    ]


def owned_by(owner: User | None) -> Callable[[Case], User | None]:
    """What has an owner of its own: theirs the duty must be, or nobody's by name."""
    return lambda case: owner


def answers_wanted(cases: Collection[int]) -> list[Expected]:
    """A request to close a record is to be answered, and one that another team takes it over."""
    asked = {
        (duties.CLOSURE, rules.CLOSURE_ANSWER): Closure.objects.filter(state=ClosureState.ASKED),
        (duties.TRANSFER, rules.TRANSFER_ANSWER): Transfer.objects.filter(state=TransferState.ASKED),
    }
    return [
        Expected(case=case, kind=kind, rule=rule, start=at)
        for (kind, rule), rows in asked.items()
        for case, at in rows.filter(case__in=cases, case__state=State.OPEN).values_list("case_id", "asked_at")
    ]
