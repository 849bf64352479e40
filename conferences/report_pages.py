"""What the pages of a police report show: how far it is, what still stops it, and what one recipient will read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cases.queries import heading
from conferences.enums import Paper, ReportState, Section, Sharing
from conferences.models import Copy, Item, Recipient, Report
from conferences.queries import children_at
from conferences.report_papers import read_by
from conferences.report_policies import (
    NOT_CLEARED,
    check_another,
    check_being_written,
    check_ready_to_send,
    check_start,
    missing_for_endorsement,
)
from conferences.report_queries import Stale, counts, goes_to, recipients_of, reports_of, without_copy
from pages.acting import refusal
from team.models import User
from team.permissions import Permission, may

# Up to so many items stand on one page; a longer report is gone through part by part, a longer part page by page.
AT_ONCE = 60


def part_shown(items: Sequence[Item], asked: str) -> Section | None:
    """Which part of a long report the page shows; None for all of a short one."""
    if len(items) <= AT_ONCE:
        return None
    if asked in Section.values:
        return Section(asked)
    return Section(items[0].section)


@dataclass(frozen=True)
class Sheet:
    """One page of a long part: its items, and of each page its number with the first and the last item on it."""

    items: Sequence[Item]
    number: int
    pages: list[tuple[int, int, int]]


def sheet_of(items: Sequence[Item], asked: str, with_item: str) -> Sheet:
    """The page of a part that was asked for, by its number or by an item (id) that stands on it; else the first. A
    browser sends no more fields at once than the server takes."""
    pages = [
        (number, first + 1, min(first + AT_ONCE, len(items)))
        for number, first in enumerate(range(0, len(items), AT_ONCE), 1)
    ]
    at = [place // AT_ONCE + 1 for place, item in enumerate(items) if str(item.pk) == with_item]
    if asked.isdecimal() and len(asked) < 5:
        at = [int(asked)]
    number = min(max(at[0] if at else 1, 1), max(len(pages), 1))
    return Sheet(items[(number - 1) * AT_ONCE : number * AT_ONCE], number, pages)


def chosen_recipient(recipients: Sequence[Recipient], asked: str) -> Recipient | None:
    """For whom it is shown beforehand: whoever was asked for, else the first, who is the chair."""
    wanted = [each for each in recipients if str(each.pk) == asked]
    return next(iter([*wanted, *recipients]), None)


def of_report(
    report: Report, items: Sequence[Item], recipient: Recipient | None, *, old: Stale, user: User
) -> dict[str, Any]:
    """What stands on the page of a report, whatever its state."""
    conference = report.conference
    recipients = recipients_of(conference)
    goes = goes_to(list(items), [recipient])[0] if recipient else None
    children = children_at(conference) if goes else []
    last = reports_of(conference).first()
    is_newest = last is not None and last.pk == report.pk
    in_the_way = refusal(check_being_written, report)
    writes = is_newest and not in_the_way
    return {
        **heading(conference.case),
        "tab": "conferences",
        "conference": conference,
        "report": report,
        "tally": counts(items),
        "undecided": sum(_is_undecided(item) for item in items),
        "sections": [(each, sum(item.section == each for item in items)) for each in Section],
        "recipients": recipients,
        "recipient": recipient,
        "preview": read_by(report, goes, Paper.REPORT, children=children) if goes else None,
        "annex": read_by(report, goes, Paper.ANNEX, children=children) if goes and goes.annex else None,
        "goes": goes,
        "writes": writes,
        "is_newest": is_newest,
        "missing": missing_for_endorsement(report, items, recipients, old) if writes else [],
        "stops": stops(report, recipients) if is_newest else [],
        "may_endorse": report.state == ReportState.SUBMITTED
        and may(user, Permission.ENDORSE_REPORTS, team=conference.case.team)
        and not refusal(check_another, report, by=user),
        "may_start": is_newest and not refusal(check_start, conference, report),
        "versions": list(reports_of(conference)),
        "copies": copies_of(report),
        "without_copy": without_copy(conference) if is_newest else [],
        "endorsements": list(report.endorsements.select_related("given_by").order_by("pk")),
    }


def stops(report: Report, recipients: Sequence[Recipient]) -> str:
    """What stops an endorsed version from being sent; empty where nothing does, or it is not so far."""
    return refusal(check_ready_to_send, report, recipients) if report.state == ReportState.ENDORSED else ""


def copies_of(report: Report) -> list[Copy]:
    """The copies of a version that were sent, without their files."""
    rows = Copy.objects.filter(report=report).select_related("recipient", "sent_by").defer("pdf")
    return list(rows.order_by("number"))


def _is_undecided(item: Item) -> bool:
    """Whether nobody has said yet if an item that was taken from the record may be shared."""
    return not item.left_out and item.sharing == Sharing.WITHHELD and NOT_CLEARED.lower() in item.why.lower()
