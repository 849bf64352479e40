"""Shape and words of the forms about gaps, risks and control measures; the rules are in managing_policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.enums import CHILDREN
from cases.forms import OfficerField
from cases.models import CasePerson
from cram.enums import Approach, Works
from pages.fields import line, lines
from pages.forms import DayField
from people.models import Person

LIKE = "Like 14/1/2010."
# What whoever looks at a control measure can say of it.
FOUND = [(value, label) for value, label in Works.choices if value != Works.UNCHECKED]


class WithOwner(forms.Form):
    """Who of the record's team sees to it."""

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = officers


class GapForm(WithOwner):
    question = line(
        "What do we need to know?",
        "Say what we need to know",
        hint="As a question that somebody can answer, such as “Which other children can he reach today?”",
    )
    owner = OfficerField(label="Who finds out", error_messages={"required": "Select who finds out"})
    due_on = DayField(label="By when", help_text=LIKE, error_messages={"required": "Enter by when"})


class ChangeGapForm(WithOwner):
    owner = OfficerField(label="Who finds out", error_messages={"required": "Select who finds out"})
    due_on = DayField(label="By when", help_text=LIKE, error_messages={"required": "Enter by when"})
    reason = line("Why", "Say why")
    version = forms.IntegerField(widget=forms.HiddenInput)


class ChangeMeasureForm(WithOwner):
    owner = OfficerField(
        label="Which officer checks that it works", error_messages={"required": "Select which officer checks it"}
    )
    until = DayField(label="Last day", help_text="Empty where it goes on.", required=False)
    check_on = DayField(
        label="To be checked by",
        help_text="On its last day at the latest.",
        error_messages={"required": "Enter by when it is to be checked"},
    )
    reason = line("Why", "Say why")
    version = forms.IntegerField(widget=forms.HiddenInput)


class AnswerGapForm(forms.Form):
    resolution = lines(
        "What was found out, and from where?",
        "Enter what was found out",
        hint="Never the name of a caller whose identity is protected.",
    )


class DropGapForm(forms.Form):
    reason = lines("Why does nobody need to know any more?", "Say why nobody needs to know any more")


class RiskForm(forms.Form):
    what = line(
        "What is the risk?",
        "Say what the risk is",
        hint="Of what, and from whom: “Kieran Stroud reaching the children”.",
    )
    children = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label="To which children",
        help_text="Tick none where it is a risk to every child of the record.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    person = forms.ModelChoiceField(
        Person.objects.none(), label="From whom", required=False, empty_label="Nobody, or not known"
    )

    def __init__(self, *args: Any, on_record: Sequence[CasePerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        named = {part.person_id: str(part.person) for part in on_record}
        field.queryset = Person.objects.filter(pk__in=named)
        field.choices = [("", field.empty_label), *named.items()]  # they are read already
        children: Any = self.fields["children"]
        young = {part.person_id: str(part.person) for part in on_record if part.part in CHILDREN}
        children.queryset, children.choices = Person.objects.filter(pk__in=young), list(young.items())


class WhyForm(forms.Form):
    """Why something has ended."""

    why = lines("")

    def __init__(self, *args: Any, label: str, missing: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label, self.fields["why"].required = label, True
        self.fields["why"].error_messages["required"] = missing


class MeasureForm(WithOwner):
    approach = forms.ChoiceField(
        label="What does it do with the risk?",
        choices=Approach.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it does with the risk"},
    )
    what = line(
        "What is the control measure?",
        "Say what the control measure is",
        hint="Such as a bail condition, an alarm, a placement, an exclusion.",
    )
    carried_out_by = line(
        "Who carries it out", hint="Where it is somebody else than the officer below: name and job.", longest=200
    )
    owner = OfficerField(
        label="Which officer checks that it works", error_messages={"required": "Select which officer checks it"}
    )
    from_on = DayField(label="First day", help_text=LIKE, error_messages={"required": "Enter its first day"})
    until = DayField(label="Last day", help_text="Empty where it goes on.", required=False)
    works = forms.ChoiceField(
        label="Does it work now?",
        choices=[*FOUND, (Works.UNCHECKED.value, Works.UNCHECKED.label)],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it works now"},
    )
    found = lines("How you know, or why the risk is accepted", rows=3, hint="Empty where nobody has checked it yet.")
    check_on = DayField(
        label="To be checked by",
        help_text="On its last day at the latest.",
        error_messages={"required": "Enter by when it is to be checked"},
    )

    field_order = [
        *("approach", "what", "carried_out_by", "from_on", "until"),
        *("works", "found", "owner", "check_on"),
    ]

    def __init__(self, *args: Any, may_accept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_accept:
            field: Any = self.fields["approach"]
            field.choices = [(value, label) for value, label in Approach.choices if value != Approach.ACCEPT]
            field.help_text = "Only a sergeant or the inspector can accept a risk."


class CheckForm(forms.Form):
    works = forms.ChoiceField(
        label="Does it still work?",
        choices=FOUND,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it still works"},
    )
    found = lines("What did you find, and how do you know?", "Say what you found")
    next_on = DayField(
        label="To be checked again by", error_messages={"required": "Enter by when it is checked again"}
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
