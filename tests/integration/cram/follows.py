"""What follows from an act about gaps, risks and control measures: duties, the chronology, what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cases.models import Case, Entry
from cram.models import Gap, Measure
from deadlines import clock
from deadlines.calendar import ONE_DAY
from diary.checking import findings_of
from diary.models import Duty, DutyState
from team.models import User
from tests.factories.clock import move_time_to


def system() -> User:
    return User.objects.system()


def days(number: int) -> date:
    return clock.today() + number * ONE_DAY


def later(number: int) -> None:
    move_time_to(clock.now() + number * ONE_DAY)


def duties_of(thing: Gap | Measure) -> list[Duty]:
    kind = "gap" if isinstance(thing, Gap) else "check_measure"
    return list(Duty.objects.filter(kind=kind, subject=thing.pk).order_by("cycle"))


def the_duty(thing: Gap | Measure) -> Duty:
    (duty,) = [each for each in duties_of(thing) if each.state == DutyState.OPEN]
    return duty


def owner_of(thing: Gap | Measure) -> User:
    """Who has it by name, as somebody does."""
    assert thing.owner is not None
    return thing.owner


def last_entry(case: Case) -> Entry:
    return Entry.objects.filter(case=case).latest("pk")


def wrong_with(case: Case) -> list[str]:
    """What the nightly check finds of the duties of gaps and measures."""
    return [f.words for f in findings_of(case) if f.kind in ("gap", "check_measure")]


def refused(field: str, act: Any, *args: Any, **said: Any) -> str:
    with pytest.raises(ValidationError) as wrong:
        act(*args, **said, by=system())
    return " ".join(wrong.value.message_dict[field])
