"""Shape and words of the forms of restricted records. The rules are in restricting_policies.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from cases.forms import WIDE, OfficerField
from pages.forms import LinesField
from pages.validators import LONGEST_REASON, one_line
from team.enums import Role
from team.models import User

LONGEST_LINE = 500


class OfficersField(forms.ModelMultipleChoiceField):
    """Some of those whose role lets them see the records of a team."""

    def label_from_instance(self, officer: Any) -> str:
        roles = sorted({Role(m.role).short for m in getattr(officer, "here", [])})
        return ", ".join([str(officer), *roles])


class RestrictForm(forms.Form):
    """`officers`: who can be named besides whoever restricts the record."""

    reason = LinesField(
        label="Why is it restricted?",
        help_text="Such as a professional or police officer who may have harmed the child. Only those named read it.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it is restricted"},
    )
    officers = OfficersField(
        User.objects.none(),
        label="Who else may open it?",
        help_text="Whoever works on it, and the inspector or somebody of the command. Nobody who is on the record.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, officers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["officers"]
        field.queryset = officers


class NameOfficerForm(forms.Form):
    officer = OfficerField(
        label="Who may open it too?",
        empty_label="Choose somebody",
        error_messages={"required": "Choose who may open it"},
    )
    reason = forms.CharField(
        label="Why do they need to know?",
        max_length=LONGEST_LINE,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why they need to know"},
    )

    def __init__(self, *args: Any, officers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["officer"]
        field.queryset = officers


class WhyForm(forms.Form):
    """Why somebody is taken off, or a restriction ends."""

    reason = forms.CharField(max_length=LONGEST_LINE, widget=forms.TextInput(attrs=WIDE), validators=[one_line])

    def __init__(self, *args: Any, label: str, missing: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = missing
