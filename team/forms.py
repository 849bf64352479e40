"""Shape and words of the team's forms; one form for each action. The rules are in policies.py."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.forms import DayField
from team.enums import Posting, Rank, Role, TeamKind
from team.models import Team

WIDE = {"class": "govuk-input--width-20"}
STAFF = "staff"


class OfTeamForm(forms.Form):
    """Narrows a list to one team: only for whoever sees several; otherwise there is nothing to choose."""

    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="code", empty_label="All", required=False)

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        if teams is None:
            del self.fields["team"]
        else:
            field.queryset = teams
            # Read in one statement: left to itself, the field would open a cursor on the server for it.
            field.choices = [("", field.empty_label), *((team.code, team.name) for team in teams)]


class ChooseTeamForm(forms.Form):
    """For which team one is working just now."""

    team = forms.ModelChoiceField(Team.objects.none(), widget=forms.RadioSelect, empty_label=None)

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.filter(pk__in=[t.pk for t in teams])  # type: ignore[attr-defined]


class AddTeamForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        help_text="As it stands on every page, such as “Haringey CAIT”.",
        widget=forms.TextInput(attrs=WIDE),
    )
    code = forms.RegexField(
        r"^[A-Za-z]{3}$",
        help_text="Three letters, such as HGY for Haringey.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3"}),
        error_messages={"invalid": "The code must be three letters, such as HGY"},
    )
    kind = forms.ChoiceField(choices=TeamKind.choices, initial=TeamKind.CAIT, widget=forms.RadioSelect)


class NameFields(forms.Form):
    """How somebody is called. The rank is empty for police staff."""

    # The empty value of police staff would be chosen for whoever forgets to choose.
    rank = forms.ChoiceField(
        label="Rank, or police staff",
        choices=[("", "Choose"), *((value or STAFF, label) for value, label in Rank.choices)],
    )
    given_names = forms.CharField(max_length=80, required=False, widget=forms.TextInput(attrs=WIDE))
    family_name = forms.CharField(max_length=80, widget=forms.TextInput(attrs=WIDE))
    email = forms.EmailField(
        label="Email address", required=False, help_text="Reminders go there.", widget=forms.EmailInput(attrs=WIDE)
    )

    def clean_rank(self) -> str:
        rank: str = self.cleaned_data["rank"]
        return Rank.STAFF if rank == STAFF else rank


class AddAccountForm(NameFields):
    username = forms.CharField(
        label="User name",
        max_length=150,
        help_text="What they sign in with. It stays for ever and is never given to somebody else.",
        widget=forms.TextInput(attrs=WIDE | {"autocomplete": "off", "spellcheck": "false"}),
    )


class ChangeAccountForm(NameFields):
    # The version the form was opened on, so that a change made meanwhile is noticed.
    version = forms.IntegerField(widget=forms.HiddenInput)


class GiveRoleForm(forms.Form):
    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])
    team = forms.ModelChoiceField(Team.objects.all(), empty_label="Choose a team")
    posting = forms.ChoiceField(
        label="How they come to the team", choices=Posting.choices, initial=Posting.POSTED, widget=forms.RadioSelect
    )
    from_on = DayField(label="First day")
    to_on = DayField(label="Last day", required=False, help_text="A loan must have one.")
    reason = forms.CharField(
        max_length=200, required=False, help_text="For a loan, what it is for.", widget=forms.TextInput(attrs=WIDE)
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean_posting(self) -> Posting:
        return Posting(self.cleaned_data["posting"])


class EndRoleForm(forms.Form):
    last_day = DayField(label="Last day", help_text="Their access through this role ends at the end of that day.")
    reason = forms.CharField(label="Why?", max_length=200, widget=forms.TextInput(attrs=WIDE))


class WithdrawRoleForm(forms.Form):
    reason = forms.CharField(label="Why is it taken back?", max_length=200, widget=forms.TextInput(attrs=WIDE))


class FindAccountForm(forms.Form):
    all_optional = True

    q = forms.CharField(label="Name or user name", required=False, max_length=80, widget=forms.TextInput(attrs=WIDE))
