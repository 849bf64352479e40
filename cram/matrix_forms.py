"""Shape and words of the forms about the matrix; the rules are in matrix_policies.py."""

from __future__ import annotations

from typing import Any

from django import forms

from cram.enums import Category
from cram.matrix import kind_in_words
from pages.fields import line, lines
from pages.forms import DayField

WIDE = {"autocomplete": "off"}
NARROW = {"class": "govuk-input--width-4", "autocomplete": "off"}
OPEN_AGAIN = "This page was not sent whole. Open it again from the version."
KINDS = [("yes", kind_in_words(True)), ("no", kind_in_words(False))]


def _hidden() -> forms.IntegerField:
    """What the form was opened on, so that what somebody else does meanwhile is noticed."""
    said = dict.fromkeys(["required", "invalid", "min_value"], OPEN_AGAIN)
    return forms.IntegerField(widget=forms.HiddenInput, min_value=0, error_messages=said)


class DraftMatrixForm(forms.Form):
    number = forms.CharField(
        label="Number of the new version",
        max_length=10,
        help_text="After the last, such as 1.1.",
        widget=forms.TextInput(attrs=NARROW),
        error_messages={"required": "Enter the number of the new version"},
    )
    reason = lines(
        "Why is there a new version?",
        "Say why there is a new version",
        hint="Everybody who reads the matrix reads it. For example, which review or guidance calls for it.",
    )
    about = lines("What this matrix is, and whose", "Say what this matrix is, and whose", rows=6)


class FactorForm(forms.Form):
    """What a factor of a draft says. `category_stays`: about whom it is asked cannot be changed any more."""

    category = forms.ChoiceField(
        label="Asked about",
        choices=[(each.value, f"Each {each.label.lower()}") for each in Category],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], "Say about whom it is asked"),
    )
    definite = forms.TypedChoiceField(
        label="Kind",
        choices=KINDS,
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], "Say whether it is a definite risk factor or may indicate vulnerability"
        ),
    )
    name = line("Name", "Enter its name", hint="In few words, as it stands in lists.", longest=120)
    question = line(
        "Question", "Enter the question", hint="As the officer answers it: yes, no or not known. “Is this child …?”"
    )
    definition = lines("What it means", "Say what it means", hint="What counts, what does not, where to look.")
    evidence = lines("Evidence base", "Say what is known from research and reviews")
    source = line("Source", "Name the source", hint="The public document or law, with its year.")
    place = forms.IntegerField(
        label="Place",
        help_text="A number. Within its part of the matrix the factor with the lowest number is asked first.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )

    def __init__(self, *args: Any, category_stays: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if category_stays:
            del self.fields["category"]


class AddFactorForm(FactorForm):
    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Small letters and _, such as new_partner. It is the same in every version, so that answers can be "
        "compared, and never changes.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
        error_messages={"required": "Enter its code"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["code"])


class ChangeFactorForm(FactorForm):
    version = _hidden()


class TakeFactorOutForm(forms.Form):
    version = _hidden()


class DiscardMatrixForm(forms.Form):
    seen = _hidden()


class PublishMatrixForm(forms.Form):
    from_on = DayField(
        label="First day",
        help_text="Tomorrow or later: “tomorrow”, or a date such as 1/4/2027.",
        error_messages={"required": "Enter its first day"},
    )
    seen = _hidden()
