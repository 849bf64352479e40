"""Shape and words of the mailbox's forms. The rules are in policies.py, of this room and of `intake`."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.validators import one_line
from referrals.forms import FromEmail, line, lines
from team.forms import OfTeamForm


class EmailOnRecordForm(FromEmail):
    """Information that came by email, for a record's chronology."""

    from_whom = line("Who told it", most=200, hint="Their name and job. Never a caller whose identity is protected.")
    text = lines("What they told", rows=8, missing="Enter what they told")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("message") and "message" not in self.errors:
            self.add_error(None, "This form has lost its email. Go back to the mailbox and open it again.")
        return data


class MailboxForm(OfTeamForm):
    """Narrows the mailbox to one team's, for whoever handles several."""

    show = forms.CharField(widget=forms.HiddenInput, required=False)


class SetAsideForm(forms.Form):
    reason = forms.CharField(
        label="Why is it not for a record?",
        max_length=300,
        help_text="Such as “training, nothing about a child”.",
        error_messages={"required": "Say why it is not for a record"},
        validators=[one_line],
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class PutBackForm(forms.Form):
    reason = forms.CharField(
        label="Why must it be dealt with again?",
        max_length=300,
        error_messages={"required": "Say why it must be dealt with again"},
        validators=[one_line],
    )


class FindRecordForm(forms.Form):
    """Looks for the record that an email belongs to."""

    all_optional = True

    q = line("Find a record: URN, record number or name", most=100)
