"""A real worker, hit in the middle of its sweep over very many records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.faults.parts import SWEEP, Gate, Program, Programs, gate_before, heartbeat, number, set_clock, wake
from tests.faults.world import DAY, MADE

# Every step of lateness has fallen by then, and two chases.
THEN = MADE + 22 * DAY


def told() -> int:
    """How often somebody was told that a duty is late."""
    return number("SELECT count(*) FROM diary_notice WHERE kind = 'late'")


def some_but_not_all_are_told() -> bool:
    still_to_tell = number("SELECT count(*) FROM diary_watch WHERE tell_at <= cait_now()")
    return told() > 0 and still_to_tell > 0


def in_the_middle() -> int:
    """A duty in the middle, some batches on, of those that the next sweep tells of."""
    return number("SELECT duty_id FROM diary_watch ORDER BY tell_at, duty_id OFFSET 12500 LIMIT 1")


@contextlib.contextmanager
def hit_in_the_middle(programs: Programs) -> Iterator[tuple[Program, Gate]]:
    """Some of what has fallen is raised, and most is not."""
    set_clock(THEN)
    with gate_before(in_the_middle()) as gate:
        worker = programs.worker()
        wake(SWEEP)
        gate.wait()
        assert some_but_not_all_are_told()
        assert not has_swept()
        yield worker, gate


def has_swept() -> bool:
    return heartbeat() is not None
