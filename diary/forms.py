"""Shape and words of the diary's forms. The rules are in policies.py."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.models import NUMBER
from diary.models import plain_address
from diary.queries import kind_choices
from pages.validators import one_line
from team.forms import OfTeamForm
from team.models import Team

WIDE = {"class": "cait-wide", "autocomplete": "off"}


class QueueFilterForm(OfTeamForm):
    """Narrows the queue. Every field may stay empty."""

    all_optional = True
    narrows = True

    whose = forms.ChoiceField(
        label="Whose",
        choices=[("", "All that I see"), ("mine", "Mine"), ("my_records", "On my records")],
        required=False,
    )
    by = forms.ChoiceField(
        label="Due",
        choices=[("", "Any time"), ("late", "Late"), ("today", "By today"), ("week", "Within a week")],
        required=False,
    )
    kind = forms.ChoiceField(label="What", required=False)
    began = forms.ChoiceField(
        label="Old logs",
        choices=[("", "All"), ("cait", "Only what began in CAIT"), ("old_log", "Only from old logs")],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [("", "Everything"), *kind_choices()]


class DutiesForm(QueueFilterForm):
    """As the queue is narrowed, and to one record: for programs, which have no page of a record."""

    case = forms.RegexField(f"^{NUMBER}$", label="The record's number", required=False)


class WhyForm(forms.Form):
    """Why emails are held back, or let go."""

    why = forms.CharField(
        label="Why?",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why"},
    )


class AddressForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.none(), widget=forms.HiddenInput)
    number = forms.IntegerField(
        label="Step",
        min_value=1,
        help_text="1 is written to first. The higher ones are written to when nobody answers.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
        error_messages={"required": "Enter the step"},
    )
    to_whom = forms.CharField(
        label="Who reads it",
        max_length=120,
        help_text="The job and the place, such as “Team manager, First Response”.",
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Enter who reads it"},
    )
    address = forms.CharField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs=WIDE),
        validators=[plain_address],
        error_messages={"required": "Enter the email address"},
    )

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team: Any = self.fields["team"]
        team.queryset = teams


class EndForm(forms.Form):
    """Nothing to fill: the page says what follows, and its button does it."""
