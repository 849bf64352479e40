"""Shape and words of the forms of an assessment; the rules are in policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.enums import Level
from cases.forms import OfficerField
from cases.models import Shared
from pages.forms import DayField, LinesField
from pages.validators import LONGEST_REASON, LONGEST_TEXT, one_line
from pages.words import day

WIDE = {"autocomplete": "off"}


def _lines(label: str, *, rows: int, hint: str = "", missing: str = "", most: int = LONGEST_TEXT) -> LinesField:
    return LinesField(
        label=label,
        max_length=most,
        required=bool(missing),
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )


def _assessed() -> forms.IntegerField:
    """The number of the CRAM that the page was opened on: meanwhile it may be sent, and another be written."""
    return forms.IntegerField(widget=forms.HiddenInput, required=False)


class LevelForm(forms.Form):
    """The level with its rationale. Both may be left until the assessment is sent."""

    level = forms.ChoiceField(
        label="Which level is right? You decide, not the software",
        choices=Level.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    rationale = _lines("Why this level", rows=4, hint="Whoever endorses it, and the next officer, read this first.")
    challenge_answer = _lines("Why the level is right all the same", rows=3, most=LONGEST_REASON)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The contradictions that stand on the page, one on a line: what is answered is what was read.
    read = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(self, *args: Any, against: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read"].initial = "\n".join(against)
        if not against:
            del self.fields["challenge_answer"]
            del self.fields["read"]

    def shows(self, against: Sequence[str]) -> None:
        """The page is drawn again, with these contradictions on it."""
        if self.is_bound and "read" in self.fields:
            data: Any = self.data
            data = data.copy()
            data["read"] = "\n".join(against)
            self.data = data

    def clean_read(self) -> list[str]:
        said: str = self.cleaned_data["read"]
        return said.replace("\r\n", "\n").split("\n")


class NewInformationForm(forms.Form):
    assessed = _assessed()
    what = _lines("What is new", rows=3, missing="Say what is new")
    shared = forms.ModelChoiceField(
        Shared.objects.none(),
        label="Who was told",
        required=False,
        empty_label="Nobody was told",
        help_text="Chosen from what is on the record under Shared. If it is not there, record it there first.",
    )
    why_not = _lines("Why nobody was told", rows=2, most=LONGEST_REASON)

    def __init__(self, *args: Any, shared: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["shared"]
        field.queryset = shared
        field.label_from_instance = lambda each: f"{each}, {day(each.shared_at)}"


class DecisionForm(forms.Form):
    assessed = _assessed()
    what = forms.CharField(
        label="What is decided",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say what is decided"},
    )
    why = _lines("Why", rows=3, missing="Say why")
    not_chosen = _lines("What was not chosen, and why not", rows=2)


class DirectionForm(forms.Form):
    """What somebody is directed to do; of several on one page each may be left empty, whatever date is offered."""

    what = forms.CharField(
        label="What is to be done",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Enter what is to be done"},
    )
    owner = OfficerField(label="Who does it", error_messages={"required": "Select who does it"})
    due_on = DayField(label="By when", help_text="Like 14/1/2010.", error_messages={"required": "Enter by when"})

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = officers

    def has_changed(self) -> bool:
        return bool({"what", "owner"} & set(self.changed_data))


class ActionForm(DirectionForm):
    """An action that a CRAM calls for."""

    assessed = _assessed()


class DiscardForm(forms.Form):
    """Why a CRAM is thrown away."""

    why = forms.CharField(
        label="Why is it thrown away",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        help_text="Such as: begun on the wrong record.",
        error_messages={"required": "Say why"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EndorseForm(forms.Form):
    words = _lines("What you add", rows=3, most=LONGEST_REASON)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReturnForm(forms.Form):
    words = _lines("What must be put right", rows=3, missing="Say what must be put right", most=LONGEST_REASON)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SendForm(forms.Form):
    """Why a review is sent although it lacks something, where it does (`missing`)."""

    sent_without = _lines(
        "Why it is sent all the same",
        rows=3,
        hint="Whoever endorses it reads this.",
        missing="Say why it is sent all the same",
        most=LONGEST_REASON,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, missing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not missing:
            del self.fields["sent_without"]


class VersionForm(forms.Form):
    """A page with nothing but a button, on the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
