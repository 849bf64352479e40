"""Shape and words of the choice of a lead record. The rules are in policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from cases.leading import Shown
from cases.models import Case
from pages.forms import LinesField
from pages.validators import LONGEST_REASON
from pages.words import day
from people.models import Person


class RecordField(forms.ModelChoiceField):
    """An open record, with what tells it from the others."""

    # Of each record (id) the children that it could lead for.
    children: dict[int, list[Person]]

    def label_from_instance(self, case: Any) -> str:
        about = " and ".join(str(child) for child in self.children[case.pk])
        return f"{case}, raised on {day(case.raised_at)}, {case.team}: {about}"


class ChooseLeadForm(forms.Form):
    """`leads`: what whoever chooses may read about the children with several open records."""

    child = forms.ModelChoiceField(
        Person.objects.none(),
        label="Whose reviews?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Select the child"},
    )
    case = RecordField(
        Case.objects.none(),
        label="Which record leads?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Select the record that leads"},
    )
    reason = LinesField(
        label="Why this one?",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why this record leads"},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, leads: Sequence[Shown], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        child: Any = self.fields["child"]
        child.queryset = Person.objects.filter(pk__in=[each.child.pk for each in leads]).order_by("pk")
        if len(leads) == 1:
            child.widget = forms.HiddenInput()
        field: Any = self.fields["case"]
        field.children = {}
        for each in leads:
            for case in each.records:
                field.children.setdefault(case.pk, []).append(each.child)
        rows = Case.objects.filter(pk__in=field.children).select_related("team")
        field.queryset = rows.order_by("raised_at", "pk")
