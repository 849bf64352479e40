"""Shape and words of the forms of research; the rules are in policies.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from cases.forms import AboutPeople
from cram.enums import System
from pages.forms import DayField, LinesField, MomentField
from pages.validators import LONGEST_REASON, LONGEST_TEXT
from people.models import Person

EVERYTHING = (
    "Leave it empty to search everything. The day offered is since when nothing was missed, for everybody on the "
    "record."
)
AS_ASKED = "Leave it empty to search everything. A day that is offered is the one that the request names."


def _about() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Person.objects.none(), label="About whom", required=False, widget=forms.CheckboxSelectMultiple
    )


class AskResearchForm(AboutPeople):
    systems = forms.MultipleChoiceField(
        label="Which systems",
        choices=System.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select which systems are to be searched"},
    )
    people = _about()
    why = LinesField(
        label="What is looked for, and why",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what is looked for, and why"},
    )
    since = DayField(label="Only what is new since", required=False, help_text=EVERYTHING)
    due_on = DayField(label="By when", help_text="Like 14/1/2010.", error_messages={"required": "Enter by when"})


class DropResearchForm(forms.Form):
    why = LinesField(
        label="Why it is not needed",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it is not needed"},
    )


NOT_SEARCHED, NOTHING, SOMETHING = "no", "nothing", "found"
CAME = [(NOT_SEARCHED, "Not searched"), (NOTHING, "Nothing found"), (SOMETHING, "Found")]


class RecordSearchesForm(AboutPeople):
    """Several systems at once: of each whether it was searched, and what was found."""

    searched_at = MomentField(
        label="When it was searched",
        help_text="Like 14/1/2010 10:52.",
        error_messages={"required": "Enter when it was searched"},
    )
    since = DayField(label="Only what is new since", required=False, help_text=EVERYTHING)
    people = _about()

    def __init__(self, *args: Any, for_request: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_request:
            self.fields["since"].help_text = AS_ASKED
        for system in System:
            self.fields[f"{system}_came"] = forms.ChoiceField(
                label=system.short,
                choices=CAME,
                initial=NOT_SEARCHED,
                widget=forms.RadioSelect(attrs={"class": "cait-radios"}),
                error_messages={"required": f"Say whether {system.short} was searched"},
            )
            self.fields[f"{system}_result"] = LinesField(
                label=f"What {system.short} holds",
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea(attrs={"rows": 1}),
            )

    def common(self) -> Sequence[BoundField]:
        """What all the searches have in common, in its order; without people where nobody is on the record."""
        return [self[name] for name in ("searched_at", "since", "people") if name in self.fields]

    def systems(self) -> Iterator[tuple[System, BoundField, BoundField]]:
        """Of each system its two fields: what came of the search, and what it holds."""
        for system in System:
            yield system, self[f"{system}_came"], self[f"{system}_result"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        searches = []
        for system in System:
            came, result = data.pop(f"{system}_came", NOT_SEARCHED), data.pop(f"{system}_result", "")
            if came == NOT_SEARCHED and result:
                sentence = f"You wrote what {system.short} holds. Say whether something was found there"
                self.add_error(f"{system}_came", ValidationError(sentence, code="whole"))
            elif came == SOMETHING and not result and f"{system}_result" not in self.errors:
                self.add_error(
                    f"{system}_result", ValidationError(f"Say what was found in {system.short}", code="whole")
                )
            elif came != NOT_SEARCHED:
                searches.append((system, came == SOMETHING, result))
        if not searches and not self.errors:
            self.add_error(
                f"{next(iter(System))}_came",
                ValidationError("Say of at least one system what the search found", code="whole"),
            )
        return {**data, "searches": searches}
