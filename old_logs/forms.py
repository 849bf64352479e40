"""Shape and words of the forms with which an old log is chosen, understood and brought in. The rules are in
policies.py."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet

from old_logs.enums import Says
from old_logs.headings import Sheet, columns_of, heading_key, headings_in
from old_logs.models import OldLog
from old_logs.policies import MOST_BYTES
from old_logs.said import shown
from pages.validators import one_line
from team.models import Team

TOO_LARGE = (
    f"The file is larger than {MOST_BYTES // 1_000_000} MB, which is more than CAIT reads. Save its sheets as files "
    "of their own, and choose them one by one"
)
KINDS = ".xlsx,.xlsm,.xlsb,.xls,.ods,.csv"
# A log has 20 columns. More of them than this nobody chooses from.
MOST_COLUMNS, MOST_SAMPLES, LONGEST_SAMPLE = 200, 3, 40


class OldLogForm(forms.Form):
    """Which file, and whose log it is. The file comes last: what follows one that is too large is not read."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label="Choose a team")
    file = forms.FileField(
        label="The old log",
        help_text=f"An Excel workbook (.xlsx or .xls), an OpenDocument spreadsheet (.ods) or a .csv file, up to "
        f"{MOST_BYTES // 1_000_000} MB.",
        widget=forms.FileInput(attrs={"accept": KINDS}),
        error_messages={
            "required": "Choose the file that holds the old log",
            "missing": "Choose the file that holds the old log",
            "empty": "The file is empty. Choose the file again, or ask for another copy",
        },
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        team: Any = self.fields["team"]
        team.queryset = teams
        team.choices = [("", team.empty_label), *((each.pk, each.name) for each in teams)]
        if len(team.choices) == 2:
            team.widget = forms.HiddenInput()

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # not in the stubs
        if self.too_large:
            self.errors.pop("file", None)
            self.add_error("file", TOO_LARGE)

    def values(self) -> dict[str, Any]:
        """As the action takes them. Of the name Django has taken what cannot be seen, and what is too long."""
        return {"name": self.cleaned_data["file"].name, "content": self.cleaned_data["file"].read()}


class BringInForm(forms.Form):
    """Whether CAIT writes to Social Services about what is brought in, where there is something to write about."""

    emails = forms.ChoiceField(
        label="What about the emails to Social Services?",
        choices=[("write", "Write to Social Services about them"), ("hold", "Hold these emails back")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether CAIT writes to Social Services about them"},
    )
    hold_why = forms.CharField(
        label="If you hold them back: why?",
        max_length=300,
        required=False,
        help_text="It stands on each record, where a sergeant can have the emails sent later.",
        widget=forms.TextInput(attrs={"class": "cait-wide", "autocomplete": "off"}),
        validators=[one_line],
    )
    all_optional = True  # "(optional)" would not be true of the second

    def __init__(self, *args: Any, asked: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            self.fields.clear()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("emails") == "hold" and "hold_why" in data and not data["hold_why"]:
            self.add_error("hold_why", forms.ValidationError("Say why they are held back", code="required"))
        return data

    def values(self) -> dict[str, Any]:
        """As the action takes them."""
        held = self.cleaned_data.get("emails") == "hold"
        return {"hold_why": self.cleaned_data["hold_why"] if held else ""}


class DiscardForm(forms.Form):
    """Nothing to fill: the page says what follows, and its button does it."""


# --- columns -------------------------------------------------------------------------------------


@dataclass
class Heading:
    """One heading of a log, in whichever sheets it stands: what it was taken to say, and what stands below it."""

    words: str
    says: Says
    samples: list[str] = field(default_factory=list)


class ColumnsForm(forms.Form):
    """Which row of each sheet is its heading, and what each column says. The columns are those of the rows that are
    chosen as headings: when somebody chooses others, the form has other fields, and what was said of columns that
    are still there stays."""

    all_optional = True

    def __init__(self, data: Any = None, *args: Any, log: OldLog, known: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.sheets = [Sheet(**each) for each in log.sheets]
        for sheet in self.sheets:  # as a table shows them: each row as long as the longest
            width = max((len(cells) for _, cells in sheet.first), default=0)
            sheet.first = [[number, [*cells, *[""] * (width - len(cells))]] for number, cells in sheet.first]
        self.known = known
        for at, sheet in enumerate(self.sheets):
            self.fields[f"heading-{at}"] = forms.IntegerField(
                label="Number of the heading row",
                required=False,
                min_value=0,
                initial=sheet.heading,
                widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
                error_messages={
                    "invalid": "Enter the number of the heading row, such as 4, or 0",
                    "min_value": "Enter the number of the heading row, such as 4, or 0",
                },
            )
        self.columns: dict[str, Heading] = {}
        for at, sheet in enumerate(self.sheets):
            self._add_columns(sheet, self._typed(at))
        self.names = {column_name(key): key for key in self.columns}
        for name, key in self.names.items():
            heading = self.columns[key]
            self.fields[name] = forms.ChoiceField(
                label=heading.words, choices=Says.choices, initial=heading.says, required=False
            )
        # Of columns that were not on the form that was sent: what they were taken to say is shown, and asked about.
        self.are_new = [name for name in self.names if data is not None and name not in data]
        if self.are_new:
            self.data = data.copy()
            for name in self.are_new:
                self.data[name] = str(self.columns[self.names[name]].says)  # type: ignore[index]

    def _typed(self, at: int) -> int:
        """The row that is the heading of a sheet, as far as what was typed says one."""
        if not self.is_bound:
            return self.sheets[at].heading or 0
        text = str(self.data.get(f"heading-{at}", "")).strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0

    def _add_columns(self, sheet: Sheet, number: int) -> None:
        headings = headings_in(sheet, number)
        for place, (words, says) in enumerate(zip(headings, columns_of(headings, self.known), strict=True)):
            key = heading_key(words)
            if not key or (key not in self.columns and len(self.columns) >= MOST_COLUMNS):
                continue
            heading = self.columns.setdefault(key, Heading(words, says))
            for at, cells in sheet.first:
                text = shown(cells[place]) if at > number and place < len(cells) else ""
                text = text if len(text) <= LONGEST_SAMPLE else f"{text[: LONGEST_SAMPLE - 1]}…"
                if text and text not in heading.samples and len(heading.samples) < MOST_SAMPLES:
                    heading.samples.append(text)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for at, sheet in enumerate(self.sheets):
            number = data.get(f"heading-{at}") or 0
            if number and not headings_in(sheet, number):
                self.add_error(
                    f"heading-{at}", f"Row {number} is none of the first rows of this sheet. Enter one that is, or 0"
                )
        if not self.errors and not any(self.headings().values()):
            self.add_error(None, "Say of at least one sheet which row is its heading.")
        return data

    def headings(self) -> dict[int, int]:
        """As the action takes them: the heading row of each sheet, 0 where it is no part of the log."""
        return {at: self.cleaned_data.get(f"heading-{at}") or 0 for at in range(len(self.sheets))}

    def values(self) -> dict[str, Any]:
        """As the action takes them."""
        columns = {key: Says(self.cleaned_data[name] or Says.NOTE) for name, key in self.names.items()}
        return {"columns": columns, "headings": self.headings()}

    def of_sheets(self) -> list[tuple[Sheet, forms.BoundField]]:
        return [(sheet, self[f"heading-{at}"]) for at, sheet in enumerate(self.sheets)]

    def of_columns(self) -> list[tuple[Heading, forms.BoundField]]:
        return [(self.columns[key], self[name]) for name, key in self.names.items()]


def column_name(key: str) -> str:
    """The field of a column, the same wherever its heading stands."""
    return f"column-{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"
