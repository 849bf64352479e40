"""Old logs as desks kept them, most of them small. Every name is invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from old_logs.actions import add_old_log, bring_in_old_log
from old_logs.enums import RowState
from old_logs.models import OldLog, OldRow
from old_logs.working import work_on
from referrals.models import Referral
from team.models import Team, User
from tests.factories.referrals import ENDS, SYLLABLES
from tests.factories.team import a_team

_DATA = Path(__file__).parents[1] / "data" / "old_logs"
WORKBOOK = _DATA / "referral-desk-log.xlsx"
# What is in it, row by row: {"sheet", "row", "urn", "children", "flaw"}.
EXPECTED: dict[str, Any] = json.loads((_DATA / "expected.json").read_text())

# As the desk of the workbook heads its columns.
HEADINGS = {
    "urn": "URN",
    "on": "Date rec'd",
    "time": "Time",
    "by": "Rec'd by",
    "source": "Source",
    "referrer": "Referrer",
    "contact": "Contact",
    "family": "Child surname",
    "given": "Child forename(s)",
    "born": "DOB",
    "sex": "M/F",
    "address": "Address",
    "postcode": "P/code",
    "allegation": "Allegation",
    "circs": "Brief circs",
    "strategy": "Strat disc?",
    "decision": "Decision",
    "decided_by": "DS",
    "due": "SS update due",
    "answered": "SS update rec'd",
    "note": "Notes",
}
_numbers, _families = count(1), count()


def a_family_name() -> str:
    """One that no other call gave, and without figures: a name with some is none."""
    turn, number = divmod(next(_families), len(SYLLABLES) * len(ENDS))
    names = [SYLLABLES[each % len(SYLLABLES)] + ENDS[each % len(ENDS)] for each in (number, turn)]
    return "-".join(names if turn else names[:1])


def a_row(**said: str) -> dict[str, str]:
    """One row of a log, by the names of HEADINGS: an investigation that was decided in July 2009."""
    return {
        "urn": f"{next(_numbers) % 9000 + 1:04}/09",
        "on": "02/07/2009",
        "time": "15:20",
        "by": "DC Baker",
        "source": "School",
        "referrer": "Mrs Gillian Teasdale",
        "contact": "020 7946 0011",
        "family": a_family_name(),
        "given": "Rhys",
        "born": "06/06/2003",
        "sex": "M",
        "address": "22 Tidewell House",
        "postcode": "N17 0ZZ",
        "allegation": "Physical",
        "circs": "Came in late with a red mark across the left cheek.",
        "decision": "Single agency - police",
        "decided_by": "DS Roberts",
        **said,
    }


def as_csv(*rows: dict[str, str], above: Sequence[Sequence[str]] = (), headings: Iterable[str] = ()) -> bytes:
    """The bytes of a CSV file with those rows, or with one. `above`: rows that stand above the heading."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows(above)
    writer.writerow(list(headings) or HEADINGS.values())
    writer.writerows([[row.get(name, "") for name in HEADINGS] for row in rows or (a_row(),)])
    return text.getvalue().encode()


def an_old_log(
    *rows: dict[str, str],
    team: Team | None = None,
    content: bytes = b"",
    name: str = "log.csv",
    by: User | None = None,
) -> OldLog:
    """An old log that was read just now: a file, or one with those rows."""
    by = by or User.objects.system()
    return worked_on(add_old_log(team or a_team(), name=name, content=content or as_csv(*rows), by=by))


def worked_on(log: OldLog) -> OldLog:
    """The log when a worker has done what was to be done."""
    assert work_on(log.pk)
    return OldLog.objects.select_related("team").get(pk=log.pk)


def brought_in(log: OldLog, *, hold_why: str = "", by: User | None = None) -> OldLog:
    """The same log, with all of its rows brought in that can be."""
    return worked_on(bring_in_old_log(log, hold_why=hold_why, by=by or User.objects.system()))


def an_old_referral(team: Team | None = None, *, hold_why: str = "", by: User | None = None, **said: str) -> Referral:
    """A referral of an old log, brought in just now; `said` as in `a_row`."""
    log = brought_in(an_old_log(a_row(**said), team=team, by=by), hold_why=hold_why, by=by)
    return referral_of(log)


def referral_of(log: OldLog, number: int = 2) -> Referral:
    """What became of one row of a log."""
    rows = OldRow.objects.filter(log=log, number=number, state=RowState.BROUGHT_IN)
    return Referral.objects.select_related("case", "team").get(pk__in=rows.values("referral"))


def states_of(log: OldLog) -> list[str]:
    """What became of each row, in their order."""
    return list(OldRow.objects.filter(log=log).order_by("sheet", "number").values_list("state", flat=True))


def wrong_with(log: OldLog) -> list[str]:
    """What is wrong, in sentences, with the rows that need a person."""
    flawed = OldRow.objects.filter(log=log, state=RowState.FLAWED).order_by("sheet", "number")
    return [each["wrong"] for row in flawed for each in row.wrong]


def in_words(on: date | datetime) -> str:
    """A date as a desk types it."""
    return f"{on:%d/%m/%Y}"
