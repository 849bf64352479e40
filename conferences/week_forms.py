"""Which week of conferences is looked at, and whose."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.forms import DayField
from team.forms import OfTeamForm


class WeekForm(OfTeamForm):
    """Any day of the week, and whose conferences. Every field may stay empty."""

    all_optional = True

    whose = forms.ChoiceField(label="Whose", choices=[("mine", "Mine"), ("all", "Everybody’s")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A word of Python's own, and so no attribute.
        self.fields["from"] = DayField(label="Any day of the week", required=False)
