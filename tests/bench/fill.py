"""Fills a database with very many records for the benchmarks (`workbench.bulk`), with the figures of them."""

from __future__ import annotations

from deadlines import clock
from diary.models import Heartbeat, Waker
from oversight.counting import rebuild
from workbench import bulk
from workbench.bulk import Filled, Say, still_filled

__all__ = ["Filled", "Say", "dates_are_checked", "fill", "still_filled"]


def fill(cases: int, say: Say) -> Filled:
    """As `workbench.bulk.fill`, and what the figures count."""
    return bulk.fill(cases, say, besides={"the figures": rebuild})


def dates_are_checked() -> None:
    """The sweep's heartbeat, so that the pages are drawn without the red strip."""
    Heartbeat.objects.update_or_create(waker=Waker.BEAT, defaults={"succeeded_at": clock.now()})
