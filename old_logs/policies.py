"""Whether an old log may be added, read otherwise, brought in or thrown away; the message is what the user reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError

from old_logs.enums import NAMES, NEEDED, SEVERAL, Says, State
from old_logs.models import OldLog
from team.history import ChangedMeanwhile

MOST_BYTES = 40_000_000
LONGEST_HEADING = 200


def check_file(name: str, content: bytes) -> None:
    """A file can be taken at all; what is in it the worker sees. Raises ValidationError."""
    if not content:
        raise ValidationError({"file": "The file is empty. Choose the file again, or ask for another copy"})
    check_size(len(content))
    if len(name) > 255:
        raise ValidationError({"file": "The name of the file is longer than 255 characters. Give it a shorter one"})


def check_size(size: int) -> None:
    """A log is no film."""
    if size > MOST_BYTES:
        raise ValidationError(
            {
                "file": f"The file is larger than {MOST_BYTES // 1_000_000} MB, which is more than CAIT reads. "
                "Save its "
                "sheets as files of their own"
            }
        )


def check_columns(columns: Mapping[str, Says], sheets: Iterable[Sequence[str]] = ()) -> None:
    """What must be known of each row stands in a column, and no two columns of a sheet say the same. `columns`: what
    each heading says; `sheets`: the headings of each sheet, where that is known. Raises ValidationError."""
    said = list(columns.values())
    for needed in NEEDED:
        if needed not in said:
            raise ValidationError(
                f"Say which column has the {_in_words(needed)}: without it no row can be brought in."
            )
    if not set(NAMES) & set(said):
        raise ValidationError("Say which column has the child’s name.")
    for headings in list(sheets) or [list(columns)]:
        here = [columns[heading] for heading in dict.fromkeys(headings) if heading in columns]
        twice = {each for each in here if here.count(each) > 1 and each not in SEVERAL}
        if twice:
            raise ValidationError(
                f"Two columns of a sheet cannot both say “{sorted(each.label for each in twice)[0]}”. Keep one of "
                "them as a note."
            )


def _in_words(says: Says) -> str:
    return says.label if says.label[1:2].isupper() else f"{says.label[:1].lower()}{says.label[1:]}"


def check_still_there(log: OldLog | None) -> OldLog:
    """Of two who have one log before them, one may have thrown it away. Raises ChangedMeanwhile."""
    if log is None:
        raise ChangedMeanwhile("Somebody has thrown this log away meanwhile.", "Choose its file again.")
    return log


def check_not_begun(log: OldLog) -> None:
    """It is not brought in yet, and nobody reads it just now. Raises ChangedMeanwhile."""
    if log.state == State.READING:
        raise ChangedMeanwhile("CAIT is still reading this log.", "Wait until it is read.")
    if log.state in (State.BRINGING_IN, State.DONE):
        raise ChangedMeanwhile(f"{log.asked_by} has had this log brought in meanwhile.")


def check_bring_in(log: OldLog, *, ready: int) -> None:
    """There is something to bring in, and nobody did it before."""
    check_not_begun(log)
    if log.state == State.REFUSED or not ready:
        raise ValidationError("No row of this log can be brought in.")
