"""Shape and words of the forms by which a referral is decided. The rules are in policies.py."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.enums import WAYS
from cases.forms import WIDE, OfficerField
from pages.forms import LinesField, MomentField
from pages.validators import LONGEST_TEXT, one_line
from referrals.enums import Agency, DecisionKind, Enquiry, Held, Judgement
from referrals.forms import FromEmail

WHEN = "Like 14/1/2010 10:52."
NOBODY = "none"


def _lines(label: str, missing: str = "", *, rows: int = 3, hint: str = "") -> LinesField:
    return LinesField(
        label=label,
        max_length=LONGEST_TEXT,
        required=bool(missing),
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )


def _line(label: str, missing: str = "", *, most: int = 300, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(missing),
        help_text=hint,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": missing} if missing else {},
    )


def _choice(label: str, choices: Any, missing: str, *, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices.choices,
        help_text=hint,
        widget=forms.RadioSelect,
        error_messages={"required": missing},
    )


class SupervisorField(OfficerField):
    """A police supervisor, or nobody; which of the two must be said."""

    def clean(self, value: Any) -> Any:
        return None if value == NOBODY else super().clean(value)


class StrategyForm(forms.Form):
    how = _choice("How was it held?", Held, "Select how it was held")
    held_at = MomentField(label="When", help_text=WHEN, error_messages={"required": "Enter when it was held"})
    police = _line("Police", "Name who took part for the police", hint="Names and jobs of all who took part.")
    social_services = _line("Social Services", "Name who took part for Social Services")
    health = _line("Health")
    school = _line("School or nursery")
    other = _line("Others")
    supervisor = SupervisorField(
        label="Which police supervisor took part?",
        empty_label="",
        error_messages={"required": "Select which police supervisor took part, or that none did"},
    )
    decided = _lines("What was agreed, and who does it?", "Enter what was agreed", rows=4)
    enquiry = _choice(
        "Whose section 47 enquiry follows?", Enquiry, "Select whose enquiry follows, or that there is none"
    )
    reason = _lines("Why?", "Say why", hint="What was known, and what was weighed.")

    def __init__(self, *args: Any, supervisors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["supervisor"]
        field.queryset = supervisors
        named = [("", ""), (NOBODY, "No police supervisor took part")]
        field.widget.choices = [*named, *((each.pk, field.label_from_instance(each)) for each in supervisors)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        took_part = {str(each): data.pop(each, "") for each in Agency}
        return {**data, "took_part": took_part}


class DecideForm(forms.Form):
    kind = _choice(
        "What is done?",
        DecisionKind,
        "Select what is done",
        hint="A joint enquiry needs a recorded strategy discussion that agreed one.",
    )
    passed_to = _line("If it is passed on: to which unit or team?", most=200)
    reason = _lines("Why?", "Say why", hint="What you know, and what you weighed.")
    not_chosen = _lines("What else was weighed, and why was it not chosen?", rows=2)
    hold_why = _line(
        "If no email may be sent to Social Services: why?",
        hint="Such as a worker who is the subject and would read it. You get the update another way.",
    )
    decided_at = MomentField(
        label="When it was decided", help_text=WHEN, error_messages={"required": "Enter when it was decided"}
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class UpdateForm(FromEmail):
    received_at = MomentField(label="When it came", help_text=WHEN, error_messages={"required": "Enter when it came"})
    way = forms.ChoiceField(
        label="How it came", choices=[("", ""), *WAYS], error_messages={"required": "Select how it came"}
    )
    from_whom = _line("Name and job of who told us", "Enter who told us", most=200)
    text = _lines("What they told us", "Enter what they told us", rows=6)


class JudgeForm(forms.Form):
    judgement = _choice(
        "Have circumstances changed?",
        Judgement,
        "Select whether circumstances have changed",
        hint="Such as: the police are needed after all.",
    )
    reason = _lines("Why?", "Say why", hint="What the update says, and what you weighed.")

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            field: Any = self.fields["judgement"]
            field.choices = [each for each in Judgement.choices if each[0] != Judgement.NO_ANSWER]


class SuperviseForm(forms.Form):
    found = _lines(
        "What did you find?",
        "Enter what you found",
        rows=5,
        hint="How far it has come, what is missing, and what became of the last directions.",
    )
    directions = _lines(
        "What is to be done, by whom and by when?",
        "Enter what is to be done, by whom and by when, or that nothing is",
        rows=4,
        hint="These stand at the top of the next supervision. Where nothing is needed, write that.",
    )
    reviewed_at = MomentField(
        label="When you looked at it", help_text=WHEN, error_messages={"required": "Enter when you looked at it"}
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
