"""Shape and words of the diary's forms. The rules are in policies.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Self

from django import forms
from django.http import QueryDict

from cases.enums import Level
from cases.models import NUMBER
from diary.giving import WHOEVER, Colleague, colleagues, to_choices
from diary.models import Duty, plain_address
from diary.queries import NOT_ASSESSED, kind_choices
from pages.validators import one_line
from team.enums import TeamKind
from team.forms import OfTeamForm
from team.models import Team, User
from team.permissions import Permission, several_teams, teams_held

WIDE = {"class": "cait-wide", "autocomplete": "off"}


class SeveralField(forms.MultipleChoiceField):
    """Several of a list; an empty value in an address is none of them."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        return [each for each in super().to_python(value) if each]


class QueueFilterForm(OfTeamForm):
    """Narrows the queue. Every field may stay empty."""

    all_optional = True
    narrows = True

    whose = forms.ChoiceField(
        label="Whose",
        choices=[
            ("", "All that I see"),
            ("mine", "Mine"),
            ("my_team", "My team’s"),
            ("my_records", "On my records"),
            ("nobodys", "Nobody’s"),
        ],
        required=False,
        error_messages={"invalid_choice": "Choose whose duties from the list"},
        widget=forms.RadioSelect,
        help_text="“Nobody’s”: who had it has left the team, or nobody holds the role that it is for.",
    )
    by = forms.ChoiceField(
        label="Due",
        choices=[("", "Any time"), ("late", "Late"), ("today", "By today"), ("week", "Within a week")],
        required=False,
        error_messages={"invalid_choice": "Choose by when they are due from the list"},
        widget=forms.RadioSelect,
    )
    kind = SeveralField(
        label="What",
        required=False,
        error_messages=dict.fromkeys(["invalid_choice", "invalid_list"], "Choose what is to be done from the list"),
    )
    level = forms.ChoiceField(
        label="Level",
        choices=[("", "Any level"), *reversed(Level.choices), (NOT_ASSESSED, "Not assessed")],
        required=False,
    )
    officer = forms.TypedChoiceField(
        label="Officer",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Has it by name, or is officer in case.",
    )
    began = forms.ChoiceField(
        label="Old logs",
        choices=[("", "All"), ("cait", "Only what began in CAIT"), ("old_log", "Only from old logs")],
        required=False,
        error_messages={"invalid_choice": "Choose which old logs from the list"},
    )

    def __init__(
        self,
        *args: Any,
        teams: Iterable[Team] | None,
        people: Sequence[Colleague] = (),
        my_team: Team | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, teams=None, **kwargs)
        self.people = people
        if teams is not None:
            # The teams are known already: the field of a model would ask for the chosen one again.
            by_code = {team.code: team for team in teams}
            choices = [("", "All"), *((code, team.name) for code, team in by_code.items())]
            team = forms.TypedChoiceField(choices=choices, coerce=by_code.get, empty_value=None, required=False)
            self.fields = {"team": team, **self.fields}
        fields: Any = self.fields
        if teams is None or my_team is None or my_team.kind != TeamKind.CAIT:
            fields["whose"].choices = [each for each in fields["whose"].choices if each[0] != "my_team"]
        fields["kind"].choices = kind_choices()
        fields["officer"].choices = [("", "Anyone"), *((each.user.pk, str(each.user)) for each in people)]

    @classmethod
    def of(cls, asked: QueryDict, *, user: User, my_team: Team | None) -> Self:
        """The form for somebody, with the teams and people that they can choose: at most two queries.

        Who sees every team chooses one before an officer: the people of all of them are no list to choose from.
        """
        found = several_teams(user, Permission.SEE_RECORDS)
        teams = None if found is None else list(found)
        within = teams_held(user, Permission.SEE_RECORDS)
        if chosen := next((team for team in teams or () if team.code == asked.get("team")), None):
            within = {chosen.pk}
        people = colleagues(within) if within else []
        return cls(asked, teams=teams, people=people, my_team=my_team)


class DutiesForm(QueueFilterForm):
    """As the queue is narrowed, and to one record: for programs, which have no page of a record."""

    case = forms.RegexField(f"^{NUMBER}$", label="The record's number", required=False)


class GiveForm(forms.Form):
    """To whom several duties are given, and why."""

    to = forms.ChoiceField(
        label="Give them to",
        error_messages=dict.fromkeys(["required", "invalid_choice"], "Choose who to give them to"),
    )
    why = forms.CharField(
        label="Why?",
        max_length=300,
        help_text="It stands in the chronology of each record.",
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why"},
    )

    def __init__(self, *args: Any, people: Sequence[Colleague], duties: Collection[Duty] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = people
        self.people = {str(each.user.pk): each.user for each in people}
        self.offer_for(duties)

    def offer_for(self, duties: Collection[Duty]) -> None:
        """Offer whoever can do at least one of these duties."""
        to: Any = self.fields["to"]
        to.choices = to_choices(self.colleagues, duties)

    @property
    def chosen(self) -> str:
        """Who was chosen, by id, or WHOEVER; empty where nobody that works there. Whether they can do it is judged
        duty by duty."""
        said = str(self["to"].value() or "")
        return said if said == WHOEVER or said in self.people else ""

    @property
    def person(self) -> User | None:
        """Who was chosen; None for whoever holds the role."""
        return self.people.get(self.chosen)


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


class ReadForm(forms.Form):
    """Up to which notice somebody has read what they were told."""

    up_to = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
