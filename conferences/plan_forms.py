"""Shape and words of the forms about child protection plans and core groups; the rules are in policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.forms import OfficerField
from conferences.enums import PlanCategory, PlanEnd
from conferences.following_forms import LIKE
from pages.fields import line, lines, radios
from pages.forms import DayField, MomentField
from pages.validators import LONGEST_TEXT
from people.models import Person

INITIAL, REVIEW = "initial", "review"


class PlanForm(forms.Form):
    """A plan that was there before CAIT knew of it."""

    child = forms.ModelChoiceField(
        Person.objects.none(),
        label="Which child?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Select which child", "invalid_choice": "Select which child"},
    )
    from_on = DayField(
        label="On the plan since", help_text=LIKE, error_messages={"required": "Enter since when the child is on it"}
    )
    category = radios("Category of the plan now", PlanCategory.choices, "Select the category of the plan")
    conference_on = DayField(
        label="The last conference about the child",
        help_text="The next one is counted from it. Like 14/1/2010.",
        error_messages={"required": "Enter when the last conference about the child was"},
    )
    conference_was_initial = radios(
        "Which was it?",
        [
            (INITIAL, "The initial conference: the next is within 3 months"),
            (REVIEW, "A review conference: the next is within 6 months"),
        ],
        "Select which conference it was",
    )

    def __init__(self, *args: Any, children: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["child"]
        field.queryset = Person.objects.filter(pk__in=[child.pk for child in children])
        field.choices = [(child.pk, str(child)) for child in children]  # they are read already

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["conference_was_initial"] = data.get("conference_was_initial") == INITIAL
        return data


class EndPlanForm(forms.Form):
    end = radios(
        "Why did it end?",
        [(each.value, each.label) for each in PlanEnd if each != PlanEnd.CONFERENCE],
        "Select why it ended",
    )
    to_on = DayField(label="When did it end?", help_text=LIKE, error_messages={"required": "Enter when it ended"})
    note = line("From whom is it known?", "Say from whom it is known", hint="Name, job, and how they said it.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawPlanForm(forms.Form):
    why = line("Why was it a mistake?", "Say why it was a mistake")
    version = forms.IntegerField(widget=forms.HiddenInput)


class CoreGroupForm(forms.Form):
    starts_at = MomentField(
        label="Date and time",
        help_text="Like 14/1/2010 10:30. One that was held already may be entered too.",
        error_messages={"required": "Enter its date and time"},
    )
    place = line("Place", longest=200)


class MoveCoreGroupForm(forms.Form):
    starts_at = MomentField(
        label="New date and time",
        help_text="Like 14/1/2010 10:30.",
        error_messages={"required": "Enter its new date and time"},
    )
    place = line("Place", longest=200)
    why = line("Why is it moved?", "Say why")
    version = forms.IntegerField(widget=forms.HiddenInput)


class RecordCoreGroupForm(forms.Form):
    attended_by = OfficerField(
        label="Who attended for the police?", required=False, empty_label="Nobody from the police"
    )
    note = lines(
        "What was said and agreed?",
        "Say what was said and agreed",
        rows=5,
        hint="Where nobody attended: what Social Services told us of it, and who told it.",
        longest=LONGEST_TEXT,
    )
    shared_what = lines(
        "What did police pass on there?",
        rows=3,
        hint="It then also stands under Shared. Never the name of a caller whose identity is protected.",
        longest=LONGEST_TEXT,
    )
    shared_with = line("Name and job of who was told", longest=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["attended_by"]
        field.queryset = officers


class CancelCoreGroupForm(forms.Form):
    why = lines("Why is it not held?", "Say why", rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)
