"""Shape and words of what the mailbox is narrowed by."""

from __future__ import annotations

from django import forms

from intake.enums import State
from team.forms import OfTeamForm


class EmailsForm(OfTeamForm):
    """Narrows the emails of the mailboxes that one handles."""

    state = forms.ChoiceField(
        label="How far the desk has come", choices=[("", "Any"), *State.choices], required=False
    )
    urgent = forms.BooleanField(label="Only what says it is urgent", required=False)
