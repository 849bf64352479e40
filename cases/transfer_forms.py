"""Shape and words of the forms of a transfer. The rules are in transfer_policies.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from pages.forms import LinesField
from pages.validators import LONGEST_REASON
from team.models import Team


class AskTransferForm(forms.Form):
    to_team = forms.ModelChoiceField(
        Team.objects.none(),
        label="To which team?",
        empty_label="Choose a team",
        error_messages={"required": "Choose the team that is to take it over"},
    )
    reason = LinesField(
        label="Why is it theirs?",
        help_text="They read this, and not the record, before they answer.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why it is theirs"},
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to_team"]
        field.queryset = teams


class AcceptTransferForm(forms.Form):
    read = forms.BooleanField(
        label="I have read what is open on it: from now on it is ours",
        error_messages={"required": "Confirm that you have read what is open, or do not accept it and say why"},
    )
    answer = LinesField(
        label="Anything to add", max_length=LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        return {"answer": data.get("answer", "")}
