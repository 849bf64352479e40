"""Shape and words of the forms about a police report; the rules are in report_policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.enums import Basis, Way
from cases.forms import WIDE
from conferences.enums import FACTS, OPINIONS, RecipientKind, Sharing
from conferences.models import Item, KeptFrom, Recipient
from conferences.report_deciding import LEFT_OUT, READS, short
from conferences.report_policies import WAYS_TO_SEND
from pages.fields import line, lines
from pages.forms import DayField, LinesField
from pages.validators import LONGEST_TEXT

SECTIONS = [
    ("Facts", [(section.value, section.label) for section in FACTS]),
    ("Opinion", [(section.value, section.label) for section in OPINIONS]),
]


class Words(forms.Form):
    """What an item says, where it is known from, and who may read it."""

    text = LinesField(
        label="What the report says",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what the report says"},
    )
    source = line(
        "Where it is known from",
        hint="It stands in the report. Never the name of a caller whose identity is protected.",
        longest=200,
    )
    happened_on = DayField(label="When it happened", help_text="Like 14/1/2010.", required=False)
    reads = forms.ChoiceField(
        label="Who may read it",
        choices=READS,
        widget=forms.RadioSelect,
        error_messages={"required": "Select who may read it"},
    )
    why = line("Why not everybody", hint="Needed where it is for the chair only, or withheld.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        reads = data.pop("reads", "")
        data["left_out"] = reads == LEFT_OUT
        data["sharing"] = None if reads == LEFT_OUT else reads
        return data


class AddItemForm(Words):
    section = forms.ChoiceField(
        label="Part of the report", choices=SECTIONS, error_messages={"required": "Select the part of the report"}
    )

    field_order = ["section", "text", "happened_on", "source", "reads", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reads: Any = self.fields["reads"]
        reads.choices = Sharing.choices

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data.pop("left_out", None)
        return data


class ItemForm(Words):
    after = forms.TypedChoiceField(
        label="Where it stands",
        coerce=int,
        required=False,
        empty_value=None,
        help_text="Within its part of the report.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ["text", "happened_on", "source", "reads", "why", "after", "version"]

    def __init__(self, *args: Any, others: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not others:
            del self.fields["after"]
            return
        after: Any = self.fields["after"]
        after.choices = [
            ("", "Where it is now"),
            (0, "First"),
            *[(other.pk, f"After “{short(other)}”") for other in others],
        ]


def as_typed(item: Item, version: int) -> dict[str, Any]:
    """What a form shows of an item as it is."""
    return {
        "text": item.text,
        "source": item.source,
        "happened_on": item.happened_on,
        "reads": LEFT_OUT if item.left_out else item.sharing,
        "why": item.why,
        "version": version,
    }


class KeepForm(forms.Form):
    """From which recipients an item is kept, each with the reason."""

    all_optional = True
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, recipients: Sequence[Recipient], kept: Sequence[KeptFrom], seen: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen
        self.recipients = recipients
        there = {each.recipient_id: each.why for each in kept}
        for each in recipients:
            self.fields[f"kept-{each.pk}"] = forms.BooleanField(
                label=f"Not for {each} ({each.get_kind_display().lower()})",
                required=False,
                initial=each.pk in there,
            )
            why = line(f"Why not for {each}")
            why.initial = there.get(each.pk, "")
            self.fields[f"why-{each.pk}"] = why

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kept = {each.pk: data.get(f"why-{each.pk}", "") for each in self.recipients if data.get(f"kept-{each.pk}")}
        return {"kept": kept, "seen": data.get("seen", "")}


class RecipientForm(forms.Form):
    kind = forms.ChoiceField(
        label="Who they are",
        choices=[(kind.value, kind.label) for kind in RecipientKind if kind != RecipientKind.CHAIR],
        widget=forms.RadioSelect,
        error_messages={"required": "Select who they are"},
    )
    name = line(
        "Name and job",
        hint="Such as “Ms A Adeyemi, head teacher”. It stands on each page of their copy.",
        missing="Enter their name and job",
        longest=200,
    )
    email = forms.EmailField(
        label="Email address",
        required=False,
        help_text="To know where it goes. CAIT sends nothing by itself.",
        widget=forms.EmailInput(attrs=WIDE),
    )


class OnVersion(forms.Form):
    """A page with nothing but a button, on the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EndorseForm(OnVersion):
    words = lines("What you add", rows=3)


class ReturnForm(OnVersion):
    words = lines("What must be put right", "Say what must be put right", rows=3)


class SendForm(OnVersion):
    """How the report goes to each recipient, and on what ground."""

    basis = forms.ChoiceField(
        label="On what ground",
        choices=Basis.choices,
        initial=Basis.SAFEGUARDING.value,
        error_messages={"required": "Select the ground on which it is shared"},
    )

    def __init__(self, *args: Any, recipients: Sequence[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipients = recipients
        for each in recipients:
            self.fields[f"way-{each.pk}"] = forms.ChoiceField(
                label=f"How it goes to {each}",
                choices=[(way.value, way.label) for way in WAYS_TO_SEND],
                widget=forms.RadioSelect,
                initial=Way.EMAIL.value if each.email or each.kind == RecipientKind.CHAIR else None,
                error_messages={"required": f"Select how it goes to {each}"},
            )
        self.order_fields([*(f"way-{each.pk}" for each in recipients), "basis"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        ways = {each.pk: data[f"way-{each.pk}"] for each in self.recipients if data.get(f"way-{each.pk}")}
        return {"ways": ways, "basis": data.get("basis", ""), "version": data.get("version")}
