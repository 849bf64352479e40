"""What narrows the list of a figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from deadlines.periods import months_until
from team.models import Team

# Until the end of its months can be counted as well.
LAST_YEAR = 9998
A_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.A)


class MonthField(forms.Field):
    """A month as it stands in an address: 2009-11."""

    def to_python(self, value: Any) -> date | None:
        if not value:
            return None
        found = A_MONTH.fullmatch(str(value))
        if found is None or not 1 <= int(found["year"]) <= LAST_YEAR:
            raise forms.ValidationError("Enter a month like 2009-11.")
        return months_until(date(int(found["year"]), int(found["month"]), 1), 1)[0]


class FactsForm(forms.Form):
    """The list of a figure: of which team, month (or months) and part, and of a share what was counted, what was
    not, or both."""

    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="code", required=False)
    since = MonthField(required=False)
    month = MonthField(required=False)
    part = forms.CharField(max_length=40, required=False)
    which = forms.ChoiceField(choices=[("", ""), ("counted", ""), ("not", "")], required=False)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["team"]
        chosen.queryset = teams

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        since, month = asked.get("since"), asked.get("month")
        if since and (not month or since > month):
            raise forms.ValidationError({"since": "Enter the first of the months, and the last."})
        return asked


class WhichTeamForm(forms.Form):
    """Of which of several teams the figures are. `together`: what the choice of all of them is called."""

    team = forms.ChoiceField(label="Team", required=False)

    def __init__(self, *args: Any, teams: Sequence[Team], together: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["team"]
        chosen.choices = [("", together)] * bool(together) + [(team.code, team.name) for team in teams]
