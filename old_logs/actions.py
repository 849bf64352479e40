"""What a sergeant does with an old log: has it read, says what its columns are, has it brought in.

What follows a worker does: `old_logs.working`, woken when the transaction ends, and by beat every minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction

from audit.events import Event
from audit.recording import record
from deadlines import clock
from old_logs import policies
from old_logs.enums import RowState, Says, State
from old_logs.headings import Sheet, columns_of, heading_key, headings_in
from old_logs.models import Column, OldLog, OldRow
from old_logs.queries import remembered
from old_logs.waking import wake_a_worker
from team.history import save_as
from team.models import Team, User
from team.permissions import Permission, require


def add_old_log(team: Team, *, name: str, content: bytes, by: User) -> OldLog:
    """Take a file, to be read and checked; nothing of it is brought in yet. Raises ValidationError."""
    with transaction.atomic():
        require(by, Permission.BRING_IN_LOGS, team=team)
        policies.check_file(name, content)
        digest = hashlib.sha256(content).hexdigest()
        log = OldLog(team=team, name=name, content=content, size=len(content), sha256=digest, added_by=by)
        log.clean_fields(exclude=["content"])
        log.save()
        record(Event.OLD_LOG_ADDED, by=by, on=log, team_id=team.pk)
        transaction.on_commit(wake_a_worker)
        return log


def choose_columns(log: OldLog, *, columns: Mapping[str, Says], headings: Mapping[int, int], by: User) -> OldLog:
    """Say what the columns of an old log say, and have it read again so. `columns`: by their headings, as
    `headings.heading_key` writes them; the team's next logs are read so too. `headings`: the number of the row
    that is the heading of each sheet, by the sheet's number; 0 where the sheet is no part of the log.

    Raises ValidationError; ChangedMeanwhile where it was brought in meanwhile.
    """
    with transaction.atomic():
        log = _locked(log, by)
        policies.check_not_begun(log)
        policies.check_columns(columns, _headings(log, headings))
        before = remembered(log.team)
        for heading, says in sorted(columns.items()):
            guessed = columns_of([heading], {})[0]
            if before.get(heading, guessed) != says and heading:
                row = Column.objects.filter(team=log.team, heading=heading).first()
                row = row or Column(team=log.team, heading=heading[: policies.LONGEST_HEADING])
                row.says = says
                save_as(row, by)
        log.chosen = {heading_key(heading): str(says) for heading, says in columns.items()}
        log.chosen_headings = {str(sheet): number for sheet, number in headings.items()}
        log.state, log.refused_why, log.done, log.of = State.READING, "", 0, 0
        log.save()
        record(Event.OLD_LOG_COLUMNS_CHOSEN, by=by, on=log, team_id=log.team_id)
        transaction.on_commit(wake_a_worker)
        return log


def bring_in_old_log(log: OldLog, *, hold_why: str = "", by: User) -> OldLog:
    """Have every row brought in that can be. `hold_why`: why no email goes to Social Services about them, where none
    is to go. Raises ValidationError; ChangedMeanwhile where somebody else has done it."""
    with transaction.atomic():
        log = _locked(log, by)
        ready = OldRow.objects.filter(log=log, state=RowState.READY).count()
        policies.check_bring_in(log, ready=ready)
        log.state, log.asked_at, log.asked_by, log.hold_why = State.BRINGING_IN, clock.moment(), by, hold_why
        log.done, log.of = 0, ready
        log.clean_fields(exclude=["content"])
        log.save()
        detail = {"rows": ready, **({"held": "yes"} if hold_why else {})}
        record(Event.OLD_LOG_BROUGHT_IN, by=by, on=log, team_id=log.team_id, detail=detail)
        transaction.on_commit(wake_a_worker)
        return log


def discard_old_log(log: OldLog, *, by: User) -> None:
    """Throw away an old log of which nothing was brought in. Raises ChangedMeanwhile where something was."""
    with transaction.atomic():
        log = _locked(log, by)
        policies.check_not_begun(log)
        record(Event.OLD_LOG_DISCARDED, by=by, on=log, team_id=log.team_id)
        OldRow.objects.filter(log=log).delete()
        log.delete()


def _headings(log: OldLog, numbers: Mapping[int, int]) -> list[list[str]]:
    """How the columns of each sheet are called, by the rows that are its headings, as far as that is known yet."""
    sheets = [
        headings_in(Sheet(**sheet), numbers.get(at, sheet["heading"] or 0)) for at, sheet in enumerate(log.sheets)
    ]
    return [[heading_key(heading) for heading in sheet if heading] for sheet in sheets if sheet]


def _locked(log: OldLog, by: User) -> OldLog:
    rows = OldLog.objects.select_for_update(of=("self",)).select_related("team", "asked_by").filter(pk=log.pk)
    # Without the file, which may have 40 MB and would be written again too.
    found = policies.check_still_there(rows.defer("content").first())
    require(by, Permission.BRING_IN_LOGS, team=found.team)
    return found
