"""Shape and words of oversight's forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from deadlines import rules
from deadlines.enums import Clock, CountedFrom, Direction
from deadlines.rule import Rule
from pages.forms import DayField, LinesField, MomentField
from pages.validators import LONGEST_REASON
from team.models import Team, User


class LogFilterForm(forms.Form):
    """Which part of a log to read."""

    all_optional = True

    person = forms.ModelChoiceField(
        User.objects.by_name(),
        required=False,
        empty_label="Anybody",
        label="Who",
        to_field_name="username",
        error_messages={"invalid_choice": "Select a person from the list"},
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


# --- changing them -------------------------------------------------------------------------------

# A year has eight; more that are proclaimed follow on another page.
ROWS = 8


class ReasonField(LinesField):
    """Why a limit or a bank holiday is changed; whoever reads the time limits reads it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Why?",
            max_length=LONGEST_REASON,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": "Say why"},
            **kwargs,
        )


class ChangeLimitForm(forms.Form):
    """Another value of a limit, for events from a date on."""

    value = forms.IntegerField(widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}))
    counted_from = forms.ChoiceField(
        label="Which discussion starts it",
        choices=[(each.value, each.label[:1].upper() + each.label[1:]) for each in CountedFrom],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], "Say which strategy discussion starts the limit"
        ),
    )
    effective_from = DayField(
        label="For events from",
        help_text="Tomorrow or later: “tomorrow”, or a date such as 1/4/2027.",
        error_messages={"required": "Enter the date from which it applies"},
    )
    reason = ReasonField(help_text="For example, which guidance says so.")

    # The greatest number of a value that was shown, so that a change made meanwhile is noticed.
    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        error_messages=dict.fromkeys(
            ["required", "invalid", "min_value"], "This page was not sent whole. Open it again from the time limits."
        ),
    )

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = rule.clock.label
        self.fields["value"].label = f"New limit, in {unit}"
        self.fields["value"].error_messages |= {
            "required": f"Enter the new limit, in {unit}",
            "invalid": "The limit must be a whole number, such as 12",
        }
        if rule is rules.BRIEFING:
            self.fields["value"].help_text = "0 for “by the start”."
        if rule.statutory_most is not None:
            self.fields["value"].help_text = f"{rule.statute()} Enter {rule.statutory_most} or fewer."
        if rule is not rules.INITIAL_CONFERENCE:
            del self.fields["counted_from"]


class WithdrawForm(forms.Form):
    reason = ReasonField()


class BankHolidaysForm(forms.Form):
    """Up to eight bank holidays, each a day and a name: `on_1` and `name_1`, and so on. Blank rows are left out.

    Rows that were left blank in between are drawn at the end, so that what the action says of the first day stands
    beside the first.
    """

    # Of a whole row; why is asked for.
    all_optional = True

    reason = ReasonField(help_text="For example, where they are published.")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(_closed_up(data) if data is not None else None, **kwargs)
        for number in range(1, ROWS + 1):
            self.fields[f"on_{number}"] = DayField(label=f"Date {number}", required=False)
            self.fields[f"name_{number}"] = forms.CharField(
                label=f"Name {number}",
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"on_{number}"], self[f"name_{number}"]) for number in range(1, ROWS + 1)]

    def clean(self) -> None:
        """A row is a day and a name."""
        for on, name in self.rows():
            typed = [bool((field.value() or "").strip()) for field in (on, name)]
            if typed == [False, True]:
                self.add_error(on.name, "Enter the date of this bank holiday")
            elif typed == [True, False]:
                self.add_error(name.name, "Enter the name of this bank holiday")

    def holidays(self) -> list[tuple[date, str]]:
        """Those that were typed, when all is well."""
        typed = [(self.cleaned_data[on.name], self.cleaned_data[name.name]) for on, name in self.rows()]
        return [(on, name) for on, name in typed if on]


def _closed_up(data: Any) -> Any:
    """What was typed, blank rows at the end."""
    pairs = [(data.get(f"on_{number}", ""), data.get(f"name_{number}", "")) for number in range(1, ROWS + 1)]
    pairs.sort(key=lambda pair: not any(each.strip() for each in pair))
    closed = data.copy()
    for number, (on, name) in enumerate(pairs, 1):
        closed[f"on_{number}"], closed[f"name_{number}"] = on, name
    return closed
