"""What several files ask of the demonstration that was loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from cases.models import Case, Entry
from deadlines import clock
from deadlines.clock import utc
from referrals.models import Draft, Referral
from workbench.demonstration_referrals import Told
from workbench.loading import EVERY


def is_whole_and_over(of: Sequence[Told] = EVERY) -> None:
    """All of it is there, or all of a part, and nothing in it is still to come."""
    moments = [
        *Referral.objects.values_list("received_at", "logged_at"),
        *Entry.objects.values_list("happened_at", "recorded_at"),
    ]
    now = utc(clock.moment())
    assert [pair for pair in moments if pair[0] > now] == []
    assert Referral.objects.count() == Case.objects.count() == len(of)
    serials = Referral.objects.filter(team__code="HGY").order_by("logged_at").values_list("urn_year", "urn_serial")
    assert list(serials) == sorted(serials)
    assert not Draft.objects.exists()


def the_clock() -> tuple[str, object]:
    """How it is told, and what it says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('cait_now()'::regprocedure)")
        return str(cursor.fetchone()[0]), clock.now()


def lying(where: Path, user: str) -> list[bytes]:
    """What lies in a mailbox, byte for byte."""
    return sorted(file.read_bytes() for part in ("new", "cur") for file in (where / user / part).glob("*"))


def everything(where: Path) -> dict[str, int]:
    """How many emails lie in each mailbox."""
    return {user: len(lying(where, user)) for user in ("haringey", "enfield", "outside")}
