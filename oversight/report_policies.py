"""Whether the state of a monthly report allows an act; the message is the sentence users read."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError

from cases.coming import still_coming
from deadlines.periods import last_of_month
from oversight.dashboards import month_words
from oversight.enums import ReportState
from oversight.models import MonthlyReport, Upkeep
from oversight.reporting import are_whole
from pages.validators import LONGEST_TEXT
from pages.words import moment
from team.enums import TeamKind
from team.history import ChangedMeanwhile, check_unchanged
from team.models import Team

BEING_COUNTED = "The figures are just being counted. Try again in a minute."
STILL_COMING = "Records of earlier months are still being brought in. Make the report when all of them are there."


def check_make(team: Team, month: date, *, there: MonthlyReport | None, upkeep: Upkeep | None, today: date) -> None:
    """One report of each month that is over, of each borough's team, as soon as its figures are whole."""
    if team.kind != TeamKind.CAIT:
        raise ValidationError(f"{team} works on no records, so there is nothing to report.")
    if month.day != 1:
        raise ValidationError({"month": "Select the month from the list"})
    if last_of_month(month) >= today:
        raise ValidationError({"month": f"{month_words(month)} is not over yet"})
    if there is not None:
        raise ValidationError(
            {"month": f"There is a report of {month_words(month)} already; it was made on {moment(there.made_at)}"}
        )
    check_whole(upkeep, month)


def check_whole(upkeep: Upkeep | None, month: date) -> None:
    if still_coming():
        raise ValidationError(STILL_COMING)
    if not are_whole(upkeep, month):
        raise ValidationError(BEING_COUNTED)


def check_not_signed(report: MonthlyReport) -> None:
    """What was signed stays as it is."""
    if report.state == ReportState.SIGNED:
        raise ChangedMeanwhile(
            f"{report.signer_words} signed this report on {moment(report.signed_at)}.",  # type: ignore[arg-type]
            "It stays as it is.",
        )


def check_commentary(report: MonthlyReport, commentary: str) -> None:
    if not commentary.strip():
        raise ValidationError({"commentary": "Enter what the figures say"})
    if len(commentary) > LONGEST_TEXT:
        raise ValidationError({"commentary": f"The commentary must be {LONGEST_TEXT:,} characters or fewer"})
    if commentary.strip() == report.commentary:
        raise ValidationError({"commentary": "Nothing is changed yet"})


def check_commentary_as_seen(report: MonthlyReport, version: int | None) -> None:
    """Of two who write at once, the second reads what the first wrote before theirs is taken. Figures that were
    counted again meanwhile are no hindrance."""
    if version is None:
        return
    lines = list(report.history.filter(history_id__gte=version).order_by("history_id").select_related("history_user"))
    if not lines or lines[0].history_id != version:
        check_unchanged(report, version)  # which says that nobody can tell
    others = [line for line in lines if line.commentary != lines[0].commentary]
    if others and report.commentary != lines[0].commentary:
        raise ChangedMeanwhile(
            f"{others[-1].history_user} changed the commentary on {moment(others[-1].history_date)}, while you had "
            "this open.",
            "What you typed is still below, and theirs beside it. Take over what has to stay, then save again.",
        )


def check_sign(report: MonthlyReport) -> None:
    """The figures alone say nothing: somebody says what they mean."""
    check_not_signed(report)
    if not report.commentary:
        raise ValidationError("Write the commentary first: it says what the figures mean.")


def check_as_seen(report: MonthlyReport, version: int | None) -> None:
    """What is signed is what was read."""
    if version is None:
        return
    lines = list(report.history.filter(history_id__gte=version).order_by("history_id").select_related("history_user"))
    if not lines or lines[0].history_id != version:
        check_unchanged(report, version)
    if len(lines) > 1:
        last = lines[-1]
        what = "changed the commentary" if last.commentary != lines[-2].commentary else "counted the figures again"
        raise ChangedMeanwhile(
            f"{last.history_user} {what} on {moment(last.history_date)}, while you had this open.",
            "Read the report again, then sign it.",
        )
