"""Shape and words of a record's forms; one form for each action. The rules are in policies.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.enums import BY_HAND, WAYS, Basis, Court, Happened, Kind, Partner, State
from cases.models import CasePerson
from deadlines.clock import london_midnight
from pages import words
from pages.fields import WIDE
from pages.forms import DayField, LinesField, MomentField, read_day, read_moment
from pages.validators import LONGEST_REASON, LONGEST_TEXT, one_line
from people.births import LIKE, reread_birth
from people.enums import Sex
from people.models import Person
from people.said import PersonSaid
from team.enums import Role
from team.forms import OfTeamForm
from team.models import User


class HappenedField(MomentField):
    """When something happened: a moment, or a day alone where the time is not known. Gives the moment and how exactly
    it is known; a day alone is the moment at which it begins in London."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, tuple):
            return value or None
        try:
            return read_moment(str(value)), Happened.AT
        except ValidationError as wrong:
            try:
                return london_midnight(read_day(str(value))), Happened.ON
            except ValidationError:
                raise wrong from None

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            at, happened = value
            return words.day(at) if happened == Happened.ON else words.moment(at)
        return super().prepare_value(value)


class WithTime(forms.Form):
    """When it happened, as well as that is known."""

    happened_at = HappenedField(
        label="When it happened",
        help_text="Like 14/1/2010 10:52. A date alone where the time is not known.",
        error_messages={"required": "Enter when it happened"},
    )
    about = forms.BooleanField(label="The time is only about right", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        about = data.pop("about", False)
        if happened := data.get("happened_at"):
            at, exactly = happened
            data["happened_at"] = at
            data["happened"] = Happened.ABOUT if about and exactly == Happened.AT else exactly
        return data


class AboutPeople(forms.Form):
    """Whom it is about, of the people on the record."""

    def __init__(self, *args: Any, on_record: Sequence[CasePerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = {part.person_id for part in on_record}
        field: Any = self.fields["people"]
        field.queryset = Person.objects.filter(pk__in=ids).order_by("pk")
        if not ids:
            del self.fields["people"]


class EntryForm(WithTime, AboutPeople):
    kind = forms.ChoiceField(label="What it is", choices=[(k, k.label) for k in BY_HAND])
    title = forms.CharField(
        label="In one line",
        max_length=200,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say in one line what it is"},
    )
    text = LinesField(
        label="What happened",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what happened"},
    )
    source = forms.CharField(
        label="Where you know it from",
        max_length=200,
        required=False,
        help_text="Never the name of a caller whose identity is protected.",
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
    )
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="About", required=False, widget=forms.CheckboxSelectMultiple
    )
    significant = forms.BooleanField(label="Mark as significant", required=False)

    field_order = ["kind", "happened_at", "about", "title", "text", "people", "source", "significant"]


class CorrectEntryForm(WithTime, AboutPeople):
    title = forms.CharField(
        label="In one line",
        max_length=200,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say in one line what it is"},
    )
    text = LinesField(
        label="What happened", max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="About", required=False, widget=forms.CheckboxSelectMultiple
    )
    significant = forms.BooleanField(label="Significant", required=False)
    reason = forms.CharField(
        label="Why it is corrected",
        max_length=500,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why it is corrected"},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ["title", "text", "happened_at", "about", "people", "significant", "reason", "seen"]


class ChronologyFilterForm(forms.Form):
    """Narrows the chronology. Every field may stay empty."""

    all_optional = True

    kind = forms.ChoiceField(label="What", choices=[("", "Everything"), *Kind.choices], required=False)
    person = forms.ModelChoiceField(Person.objects.none(), label="About", empty_label="Anybody", required=False)
    from_on = DayField(label="From", required=False)
    to_on = DayField(label="Until", required=False)
    significant = forms.BooleanField(label="Significant only", required=False)

    def __init__(self, *args: Any, on_record: Sequence[CasePerson], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        named = {part.person_id: str(part.person) for part in on_record}
        field.queryset = Person.objects.filter(pk__in=named)
        field.choices = [("", field.empty_label), *named.items()]  # they are read already

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("from_on"), data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "The last day must not be before the first")
        return data


class OfficerField(forms.ModelChoiceField):
    """One of the officers who work in the record's team today."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), **kwargs)

    def label_from_instance(self, officer: Any) -> str:
        """With the roles, for a name alone does not say who investigates."""
        roles = sorted({Role(m.role).short for m in getattr(officer, "here", [])})
        return ", ".join([str(officer), *roles])


class ActionForm(forms.Form):
    what = forms.CharField(
        label="What is to be done",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Enter what is to be done"},
    )
    owner = OfficerField(label="Who does it", error_messages={"required": "Select who does it"})
    due_on = DayField(label="By when", help_text="Like 14/1/2010.", error_messages={"required": "Enter by when"})

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = officers


class ChangeActionForm(ActionForm):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    what = None  # type: ignore[assignment]


class EndActionForm(forms.Form):
    result = LinesField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].label = label
        self.fields["result"].error_messages["required"] = f"Enter {label[:1].lower()}{label[1:]}"


class ShareForm(AboutPeople):
    partner = forms.ChoiceField(
        label="With whom",
        choices=[("", ""), *Partner.choices],
        error_messages={"required": "Select with whom it was shared"},
    )
    to_whom = forms.CharField(
        label="Name and job of who was told",
        max_length=200,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
    )
    shared_at = MomentField(
        label="When", help_text="Like 14/1/2010 10:52.", error_messages={"required": "Enter when it was shared"}
    )
    way = forms.ChoiceField(
        label="How",
        choices=[("", ""), *WAYS],
        error_messages={"required": "Select how it was passed on"},
    )
    basis = forms.ChoiceField(
        label="On what ground",
        choices=[("", ""), *Basis.choices],
        error_messages={"required": "Select on what ground it was shared"},
    )
    what = LinesField(
        label="What was shared",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter what was shared"},
    )
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="About", required=False, widget=forms.CheckboxSelectMultiple
    )


class AssignForm(forms.Form):
    officer_in_case = OfficerField(label="Officer in case", required=False, empty_label="Nobody yet")
    supervisor = OfficerField(label="Supervisor", required=False, empty_label="Nobody yet")
    reason = forms.CharField(
        label="Why", max_length=300, required=False, widget=forms.TextInput(attrs=WIDE), validators=[one_line]
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    all_optional = True

    def __init__(self, *args: Any, officers: Any, supervisors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choice in (("officer_in_case", officers), ("supervisor", supervisors)):
            field: Any = self.fields[name]
            field.queryset = choice


class PersonDetailsForm(forms.Form):
    """What is known of one person, to be put right."""

    given_names = forms.CharField(label="First names", max_length=80, required=False, validators=[one_line])
    family_name = forms.CharField(label="Family name", max_length=80, required=False, validators=[one_line])
    birth = forms.CharField(
        label="Born, age, or expected date",
        max_length=60,
        required=False,
        help_text=f"Write it {LIKE}. Empty where it is not known.",
    )
    sex = forms.ChoiceField(choices=Sex.choices, required=False)
    reason = forms.CharField(
        label="Why it is put right",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why it is put right"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on, self.person = on, person

    def clean_birth(self) -> Any:
        return reread_birth(self.cleaned_data["birth"], known=self.person.birth, on=self.on)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not (data.get("given_names") or data.get("family_name")) and not self.errors:
            self.add_error("family_name", "Enter a first name or a family name")
        if self.errors:
            return data
        said = PersonSaid(
            given_names=data["given_names"], family_name=data["family_name"], birth=data["birth"], sex=data["sex"]
        )
        return {"said": said, "reason": data["reason"], "version": data["version"]}


class TakeOffForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": "Say why they are taken off"},
    )


class AskClosureForm(forms.Form):
    outcome = LinesField(
        label="What came of it, and why is no child left at a risk that nobody manages?",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what came of it, and why no child is left at risk"},
    )
    court = forms.ChoiceField(
        label="Is there a court case?",
        choices=Court.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what has become of a court case"},
    )


class AgreeClosureForm(forms.Form):
    read = forms.BooleanField(
        label="I have read the record: no child on it is left at a risk that nobody manages",
        error_messages={"required": "Confirm that no child is left at risk, or do not agree and say what is missing"},
    )
    answer = LinesField(
        label="Anything to add", max_length=LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        return {"answer": data.get("answer", "")}


class AnswerForm(forms.Form):
    """Why a request to close is not agreed, or taken back."""

    answer = LinesField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, missing: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = label
        self.fields["answer"].error_messages["required"] = missing


class ReopenForm(forms.Form):
    reason = LinesField(
        label="Why is it opened again?",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why it is opened again"},
    )


class RecordsFilterForm(OfTeamForm):
    """Narrows the list of records."""

    all_optional = True
    narrows = True

    state = forms.ChoiceField(choices=[("", "Open and closed"), *State.choices], required=False)
    officer = forms.ChoiceField(
        label="Whose", choices=[("", "Everybody’s"), ("me", "Mine"), ("nobody", "Nobody’s yet")], required=False
    )
