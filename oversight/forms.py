"""Shape and words of oversight's forms."""

from __future__ import annotations

from django import forms

from deadlines.enums import Clock, Direction
from deadlines.rule import Rule
from pages.forms import DayField, MomentField
from team.models import Team, User


class LogFilterForm(forms.Form):
    """Which part of a log to read."""

    all_optional = True

    person = forms.ModelChoiceField(
        User.objects.by_name(), required=False, empty_label="Anybody", label="Who", to_field_name="username"
    )
    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="Any team", to_field_name="code")
    from_on = DayField(label="From", required=False)
    to_on = DayField(label="To", required=False)

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from_on"), self.cleaned_data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "“To” must not be before “From”")


class WorkOutForm(forms.Form):
    """Try a time limit on an event."""

    def __init__(self, *args: object, rule: Rule, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        event = rule.starts_with[:1].upper() + rule.starts_with[1:]
        example = "26/3/2010 22:30" if rule.clock == Clock.HOURS else "2/12/2009"
        if rule.clock == Clock.HOURS:
            self.fields["start"] = MomentField(
                label="Date and time it starts from", help_text=f"{event}. For example, {example}."
            )
        else:
            self.fields["start"] = DayField(
                label="Date it starts from", help_text=f"{event}. For example, {example}."
            )
        if rule.direction == Direction.BEFORE:
            self.fields["start"].label = str(self.fields["start"].label).replace("starts", "counts back")
            learnt = MomentField if rule.clock == Clock.HOURS else DayField
            self.fields["known"] = learnt(label="When did we learn of it?", help_text=f"For example, {example}.")
