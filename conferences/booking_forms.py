"""Shape and words of the forms with which a conference is booked, changed, moved, cancelled and prepared; the rules
are in policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from cases.forms import OfficerField
from conferences.clashes import clash_sentence
from conferences.enums import INITIALS, Attending, ConferenceKind
from conferences.models import Conference
from pages.fields import line
from pages.forms import DayField, LinesField, MomentField
from pages.validators import LONGEST_REASON, LONGEST_TEXT, one_line
from people.models import Person
from team.models import User

LIKE = "Like 12/1/2010."
FIGURES = {"class": "govuk-input--width-4", "inputmode": "numeric", "autocomplete": "off"}
NOBODY = "Nobody by name: whoever is on duty"


def _starts_at(label: str) -> MomentField:
    return MomentField(
        label=label, help_text="Like 12/1/2010 14:30.", error_messages={"required": "Enter the date and time"}
    )


def _lasts() -> forms.IntegerField:
    return forms.IntegerField(
        label="How long, in minutes",
        min_value=15,
        max_value=600,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-4", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )


def _officer() -> OfficerField:
    return OfficerField(
        label="Conference officer",
        required=False,
        empty_label=NOBODY,
        help_text="Who writes the report and goes.",
    )


def _agencies() -> LinesField:
    return LinesField(
        label="Who else is invited",
        required=False,
        max_length=LONGEST_REASON,
        help_text="One on each line.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def _initiated_on() -> DayField:
    return DayField(
        label="Strategy discussion that began the enquiry",
        required=False,
        help_text=f"Before an initial conference: its 15 working days count from it. {LIKE}",
    )


def _discussed_on() -> DayField:
    return DayField(
        label="Last strategy discussion, if there were several",
        required=False,
        help_text=f"Before April 2010 the 15 working days count from the last one. {LIKE}",
    )


class ChildrenField(forms.ModelMultipleChoiceField):
    """The children of the record, with their ages today."""

    today: date

    def label_from_instance(self, child: Any) -> str:
        return str(child.with_age(self.today))


def _children() -> ChildrenField:
    return ChildrenField(
        Person.objects.none(),
        label="Which children is it about?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select the children it is about"},
    )


class WithChildren(forms.Form):
    """Whom it is about, of the children on the record."""

    def __init__(self, *args: Any, children: Sequence[Person], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["children"]
        field.today = today
        field.queryset = Person.objects.filter(pk__in=[child.pk for child in children]).order_by("pk")


class WithoutClash(forms.Form):
    """Says when the conference officer has another conference at that time; it is saved all the same where that is
    ticked (CAIT default: half an hour lies between two)."""

    anyway = forms.BooleanField(required=False)
    anyway_words = "Save it all the same"

    def __init__(self, *args: Any, user: User, besides: Conference | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.besides = user, besides
        self.fields["anyway"].label = self.anyway_words
        self.has_clash = False

    @property
    def asked(self) -> list[BoundField]:
        """The fields as they are drawn: the tick only where there is a clash."""
        return [each for each in self.visible_fields() if each.name != "anyway" or self.has_clash]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        anyway = data.pop("anyway", False)
        besides = self.besides
        pclo = data.get("pclo", besides.pclo if besides and "pclo" not in self.fields else None)
        starts_at = data.get("starts_at", besides.starts_at if besides and "starts_at" not in self.fields else None)
        lasts = data.get("lasts")
        if starts_at and lasts and (clash := clash_sentence(pclo, starts_at, lasts, besides=besides, user=self.user)):
            self.has_clash = True
            if not anyway:
                self.add_error("anyway", ValidationError(f"{clash}. Tick this if that can be done", code="whole"))
        return data


class BookForm(WithChildren, WithoutClash):
    """In the order of an invitation. `offered`: the discussions with which the form began."""

    kind = forms.ChoiceField(
        label="Type of conference",
        choices=ConferenceKind.choices,
        widget=forms.RadioSelect(attrs={"class": "cait-radios"}),
        error_messages={"required": "Select the type of conference"},
    )
    starts_at = _starts_at("Date and time")
    lasts = _lasts()
    place = line("Where", "Enter where it is held", longest=200)
    chair = line("Chair", "Enter who chairs it", hint="With the title, as the report is addressed.", longest=200)
    agencies = _agencies()
    children = _children()
    pclo = _officer()
    initiated_on = _initiated_on()
    discussed_on = _discussed_on()

    anyway_words = "Book it all the same"
    field_order = [
        "kind",
        "starts_at",
        "lasts",
        "place",
        "chair",
        "agencies",
        "children",
        "pclo",
        "initiated_on",
        "discussed_on",
        "anyway",
    ]

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pclo: Any = self.fields["pclo"]
        pclo.queryset = officers

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if kind := data.get("kind"):
            data["kind"] = ConferenceKind(kind)
        if kind not in (None, *INITIALS):
            # What was only offered is left out of a review; what somebody entered is refused.
            for name in ("initiated_on", "discussed_on"):
                if data.get(name) and data[name] == self.initial.get(name):
                    data[name] = None
        return data


class ChangeForm(WithChildren, WithoutClash):
    """Everything but the time: that is moved, with the reason."""

    lasts = _lasts()
    place = line("Where", "Enter where it is held", longest=200)
    chair = line("Chair", "Enter who chairs it", hint="With the title, as the report is addressed.", longest=200)
    agencies = _agencies()
    children = _children()
    pclo = _officer()
    initiated_on = _initiated_on()
    discussed_on = _discussed_on()
    version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = [
        "lasts",
        "place",
        "chair",
        "agencies",
        "children",
        "pclo",
        "initiated_on",
        "discussed_on",
        "anyway",
    ]

    def __init__(self, *args: Any, officers: Any, is_initial: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pclo: Any = self.fields["pclo"]
        pclo.queryset = officers
        if not is_initial:
            del self.fields["initiated_on"], self.fields["discussed_on"]


class MoveForm(WithoutClash):
    starts_at = _starts_at("New date and time")
    lasts = _lasts()
    place = line("Where", "Enter where it is held", longest=200)
    why = line("Why is it moved?", "Say why it is moved")
    version = forms.IntegerField(widget=forms.HiddenInput)

    anyway_words = "Move it all the same"
    field_order = ["starts_at", "lasts", "place", "why", "anyway"]


class CancelForm(forms.Form):
    why = line("Why is it not held?", "Say why it is not held")
    version = forms.IntegerField(widget=forms.HiddenInput)


class AttendanceForm(forms.Form):
    attending = forms.ChoiceField(
        label="Do police attend?",
        choices=[(each.value, each.label) for each in (Attending.GOING, Attending.REPORT_ONLY)],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether police attend"},
    )
    why = line("Why?", "Say why", longest=500)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if attending := data.get("attending"):
            data["attending"] = Attending(attending)
        return data


class BriefForm(forms.Form):
    words = LinesField(
        label="What was briefed",
        max_length=LONGEST_TEXT,
        help_text="What the officer is to say, ask and listen for, and what must not be said there.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say what was briefed"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class FindRecordForm(forms.Form):
    """Another record, by its number or URN."""

    all_optional = True

    q = forms.CharField(
        label="Another record",
        required=False,
        max_length=100,
        help_text="A record number, a URN or a name.",
        validators=[one_line],
    )


class SetAsideForm(forms.Form):
    """An email to conferences leaves nothing to do."""

    why = line("Why is there nothing to do?", "Say why there is nothing to do")
