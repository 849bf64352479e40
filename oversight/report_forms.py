"""Shape and words of the forms of monthly reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from oversight.dashboards import month_words
from oversight.figures_forms import MonthField
from pages.forms import LinesField
from pages.validators import LONGEST_TEXT
from team.forms import OfTeamForm


class SeenForm(forms.Form):
    """A page with nothing but a button, on the version of the report that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CommentaryForm(SeenForm):
    """What the inspector makes of the month."""

    commentary = LinesField(
        label="Commentary",
        help_text="What the figures mean, what is behind them and what is done about it. Leave a line free between "
        "paragraphs. Name no child and no family: the report goes to people who open no records.",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": "Enter what the figures say"},
    )


class MonthChoiceField(forms.TypedChoiceField):
    """One of some months, in words; the value is as in an address: 2009-11."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=lambda value: MonthField().to_python(value), **kwargs)

    def offer(self, months: Iterable[date]) -> None:
        self.choices = [("", "Select a month"), *((f"{month:%Y-%m}", month_words(month)) for month in months)]


class MakeReportForm(forms.Form):
    """For which month, of those that have none."""

    month = MonthChoiceField(label="Month", error_messages={"required": "Select a month"})

    def __init__(self, *args: Any, months: Iterable[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["month"]
        field.offer(months)


class ReportsForm(OfTeamForm):
    """Narrows the list of reports to one team."""


class ReportFactsForm(forms.Form):
    """The list of a figure in a report: of which part, and of a share what counted, what did not, or both."""

    part = forms.CharField(max_length=40, required=False)
    which = forms.ChoiceField(choices=[("", ""), ("counted", ""), ("not", "")], required=False)
