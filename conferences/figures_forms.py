"""What narrows the register of plans, the figures and the lists behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conferences.figures import PARTS
from conferences.register import divisions
from conferences.timeliness import HOW, KINDS
from deadlines import clock
from pages.forms import DayField
from pages.words import day
from team.forms import OfTeamForm


class RegisterForm(OfTeamForm):
    """As at which day; and of the children on it that day all, or one group."""

    all_optional = True

    on = DayField(label="On the register on", required=False)
    group = forms.ChoiceField(label="Which children", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        # How the groups are called is the same on every day.
        ways = divisions(clock.today())
        fields["group"].choices = [
            ("", "All"),
            *((title, [(group.code, group.label) for group in groups]) for title, groups in ways.items()),
        ]

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on and on > (today := clock.today()):
            raise ValidationError(
                f"{day(on)} is still to come: nobody knows who will be on a plan then. Enter today, {day(today)}, or "
                "a day before it"
            )
        return on


class FiguresForm(OfTeamForm):
    """Of which team."""

    all_optional = True


class BetweenForm(FiguresForm):
    """The days of a period, both included."""

    from_on = DayField(label="From", required=False)
    to_on = DayField(label="Until", required=False)


class MovesForm(BetweenForm):
    """Whether plans began or ended in the period."""

    way = forms.ChoiceField(label="Which", choices=[("on", "Moved on"), ("off", "Moved off")], required=False)


class AttendanceForm(BetweenForm):
    """Which of the conferences that are counted."""

    figure = forms.ChoiceField(
        label="Which",
        choices=[("", "All"), *((code, part.label) for code, part in PARTS.items())],
        required=False,
    )


class TimelinessForm(BetweenForm):
    """Which of the conferences that are judged, and how they were."""

    figure = forms.ChoiceField(label="Which", choices=[("", "All"), *KINDS.items()], required=False)
    how = forms.ChoiceField(label="How", choices=[("", "Any"), *HOW.items()], required=False)
