"""`import_referral_log FILE --team HGY [--commit] [--report OUT.xlsx]`: as the page "Old logs", from the command
line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from old_logs.actions import add_old_log, bring_in_old_log, discard_old_log
from old_logs.enums import RowState, State
from old_logs.models import OldLog, OldRow
from old_logs.queries import counts
from old_logs.workbook import workbook_of
from old_logs.working import work_on_now
from pages.words import count
from team.models import Team, User

MOST_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Read a referral log that was kept in a spreadsheet (.xlsx, .xls, .csv) and say what becomes of each of "
        "its rows. "
        "With --commit the rows that can be are brought in; without, nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, help="the team's code, such as HGY")
        parser.add_argument("--commit", action="store_true", help="bring in the rows that can be")
        parser.add_argument("--report", type=Path, help="where to write the rows that need a person, as a workbook")
        parser.add_argument(
            "--hold", default="", metavar="WHY", help="send Social Services no email about these referrals, and why"
        )

    def handle(
        self, *args: Any, file: Path, team: str, commit: bool, report: Path | None, hold: str, **_: Any
    ) -> None:
        of = Team.objects.filter(code=team.upper()).first()
        if of is None:
            raise CommandError(f"There is no team {team}. Give its code, such as HGY.")
        try:
            content = file.read_bytes()
        except OSError as wrong:
            raise CommandError(f"{file} cannot be read: {wrong.strerror}.") from wrong
        by = User.objects.system()
        try:
            log = work_on_now(add_old_log(of, name=file.name, content=content, by=by))
            if log.state == State.REFUSED:
                why = log.refused_why
                discard_old_log(log, by=by)
                raise CommandError(why)
            self._tell(log)
            found = counts(log)
            if commit and found[RowState.READY]:
                log = work_on_now(bring_in_old_log(log, hold_why=hold, by=by))
                found = counts(log)
            if report is not None:
                report.write_bytes(workbook_of(log, by=by))
                self.stdout.write(f"The rows that need a person are in {report}.")
            if log.state != State.DONE:
                discard_old_log(log, by=by)
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        if log.state == State.DONE:
            self.stdout.write(f"{count(found[RowState.BROUGHT_IN], 'referral')} brought in.")
        else:
            self.stdout.write("Nothing was changed." if commit else "This was a rehearsal: nothing was changed.")

    def _tell(self, log: OldLog) -> None:
        found = counts(log)
        blank = sum(sheet["blank"] for sheet in log.sheets)
        self.stdout.write(
            f"{count(found[RowState.READY], 'row')} can be brought in, {found[RowState.HERE]:,} here already, "
            f"{found[RowState.FLAWED]:,} need a person; {found[RowState.NO_REFERRAL]:,} are no referral "
            f"(titles, headings, "
            f"totals), {blank:,} are blank."
        )
        flawed = OldRow.objects.filter(log=log, state=RowState.FLAWED).order_by("sheet", "number")
        for row in flawed[:MOST_SHOWN]:
            sheet = log.sheets[row.sheet]["name"]
            for wrong in row.wrong:
                value = f" “{wrong['value']}”." if wrong["value"] else ""
                self.stdout.write(f"  {sheet and sheet + ', '}row {row.number}:{value} {wrong['wrong']}")
        if found[RowState.FLAWED] > MOST_SHOWN:
            self.stdout.write(f"  … and {found[RowState.FLAWED] - MOST_SHOWN:,} more. --report writes all of them.")
