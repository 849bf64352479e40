"""Shape and words of the desk's forms. The rules are in policies.py; what can be said early, the forms ask there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.enums import Part
from cases.policies import check_is_child
from deadlines import clock, rules
from deadlines.together import worked_out_together
from intake.models import Message
from pages.forms import DayField, LinesField, MomentField
from pages.validators import LONGEST_TEXT, one_line
from people.births import check_birth, read_birth
from people.enums import Relation, Sex
from people.said import PersonSaid
from referrals import policies
from referrals.enums import METHODS, Category, DecisionKind, Progress, Source
from referrals.known import Match
from referrals.restricting_policies import NOT_YOURS, check_reason_given
from team.forms import OfTeamForm
from team.models import Team


def line(label: str = "", *, most: int = 80, hint: str = "", kind: str = "text", **attrs: Any) -> forms.CharField:
    """One line that need not be filled."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs})
    widget.input_type = kind
    return forms.CharField(
        label=label or None, max_length=most, required=False, help_text=hint, widget=widget, validators=[one_line]
    )


def lines(label: str, *, rows: int = 2, hint: str = "", missing: str = "") -> forms.CharField:
    """Several lines; `missing` is what is said where they must be filled and are not."""
    return LinesField(
        label=label,
        max_length=LONGEST_TEXT,
        required=bool(missing),
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )


def urgency() -> list[tuple[str, str]]:
    """Yes and no, with how long there is for triage: the limits in force today."""
    today = clock.today()
    with worked_out_together():
        urgent, other = [
            rule.length(rule.limit_on(today).value) for rule in (rules.TRIAGE_URGENT, rules.TRIAGE_OTHER)
        ]
    return [("yes", f"Yes. Triage within {urgent} of receipt"), ("no", f"No. Triage within {other}")]


class FromEmail(forms.Form):
    """A form that an email is put into: which one, and how many uses of it whoever fills it has seen."""

    message = forms.ModelChoiceField(
        Message.objects.none(),
        widget=forms.HiddenInput,
        required=False,
        error_messages={
            "invalid_choice": "You can no longer read the email that this came with. Ask the desk sergeant."
        },
    )
    message_uses = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10_000)

    def __init__(self, *args: Any, messages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["message"]
        field.queryset = messages

    def email(self) -> Message | None:
        """The email that is put into it, also while the rest of the form is wrong."""
        field: Any = self.fields["message"]
        try:
            message: Message | None = field.clean(self["message"].value())
        except ValidationError:
            return None
        return message


class ReferralForm(FromEmail):
    """All of a referral but its people, in the order in which a caller speaks; the people have forms of their own."""

    all_optional = True  # "(optional)" behind almost every label would hide the few that must be filled

    team = forms.ModelChoiceField(Team.objects.none(), widget=forms.HiddenInput)
    # Asked only of an email that was logged before.
    another = forms.BooleanField(label="It tells of another child or family too", required=False)

    method = forms.ChoiceField(
        label="How it reached us",
        choices=[("", ""), *METHODS],
        error_messages={"required": "Select how it reached us"},
    )
    received_at = MomentField(label="When (date and time)")
    source = forms.ChoiceField(
        label="Where it comes from",
        choices=[("", ""), *Source.choices],
        error_messages={"required": "Select where it comes from"},
    )
    referrer_name = line("Name of the caller", most=120)
    referrer_job = line("Job and organisation", most=200)
    referrer_telephone = line("Telephone", most=60, kind="tel")
    referrer_email = forms.EmailField(label="Email", required=False, widget=forms.EmailInput({"autocomplete": "off"}))
    rang_back = forms.BooleanField(label="I rang back on a number I looked up myself", required=False)
    protected = forms.BooleanField(
        label="Protect who this is",
        help_text="Leaves the caller out of every page, print, email and download.",
        required=False,
    )

    no_child_because = line(
        "If no child can be named: why?",
        most=300,
        hint="Such as an adult who tells of their own childhood, or a worker who reaches many children.",
    )

    circumstances = lines("In the caller’s own words", rows=4, missing="Enter what the caller said happened")
    categories = forms.MultipleChoiceField(
        label="Kind of harm (all that apply)",
        choices=Category.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "cait-radios"}),
        error_messages={"required": "Select each kind of harm, or “Not clear yet”"},
    )
    will_be_lost = line(
        "What will be lost if we wait?", most=300, hint="Injuries, clothing, bedding, telephones, a scene."
    )
    urgent = forms.ChoiceField(
        label="Is urgent action needed?",
        choices=urgency,
        widget=forms.RadioSelect,
    )

    who_has_child = lines("Who has the child now, and tonight?")
    other_children = lines("Which other children are there?")
    whereabouts = lines("Where is whoever may have harmed the child, and when are they back?")
    done_so_far = lines("By the caller, and by you")

    restrict = forms.BooleanField(
        label="Restrict this record: a professional or police officer may have harmed the child",
        help_text="From the first moment only you and the inspectors of the team open it. You can name others then.",
        required=False,
    )
    restrict_reason = lines("Why is it restricted?", hint="Only those who may open it read this.")

    def __init__(self, *args: Any, teams: Any, messages: Any, may_restrict: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, messages=messages, **kwargs)
        self.may_restrict = may_restrict
        team: Any = self.fields["team"]
        team.queryset = teams
        team.error_messages["invalid_choice"] = (
            "You no longer log referrals for this team: your role in it has ended. Copy what you typed, or ask a "
            "colleague to take the draft over."
        )

    def clean_received_at(self) -> Any:
        received_at = self.cleaned_data["received_at"]
        try:
            policies.check_received(received_at, now=clock.moment())
        except ValidationError as refused:
            raise ValidationError(refused.messages) from refused
        return received_at

    @property
    def asks_whether_restricted(self) -> bool:
        """Whether the question stands on the page: for who may restrict records, and where it was answered."""
        return self.may_restrict or bool(self["restrict"].value() or self["restrict_reason"].value())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("restrict") and not self.may_restrict:
            self.add_error("restrict", NOT_YOURS)
        elif "restrict_reason" not in self.errors:
            try:
                check_reason_given(bool(data.get("restrict")), data.get("restrict_reason", ""))
            except ValidationError as refused:
                self.add_error(None, refused)
        return data

    def clean_urgent(self) -> bool:
        return bool(self.cleaned_data["urgent"] == "yes")

    def clean_categories(self) -> list[str]:
        categories: list[str] = self.cleaned_data["categories"]
        policies.check_categories(categories)
        return categories

    def received_on(self) -> Any:
        """The London date of receipt, also from a form that is otherwise wrong; today where it cannot be read."""
        try:
            received = MomentField().clean(self["received_at"].value())
        except ValidationError:
            received = None
        return clock.london_date(received) if received else clock.today()


SEXES = [(Sex.UNKNOWN, ""), (Sex.FEMALE, Sex.FEMALE.label), (Sex.MALE, Sex.MALE.label)]


class PersonForm(forms.Form):
    """One person as the caller describes them. A row in which nothing is typed is nobody."""

    all_optional = True

    given_names = line("First names")
    family_name = line("Family name")
    birth = line("Born, age, or expected date", most=40)
    sex = forms.ChoiceField(choices=SEXES, required=False)
    address = line("Home address", most=200)
    # Whom the desk says it is: the id of a known person, NEW for none of those shown, nothing where not asked.
    same_as = forms.CharField(label="Known already", required=False, max_length=20)

    TYPED = ("given_names", "family_name", "birth", "address")

    def __init__(self, *args: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.matches: list[Match] = []

    @property
    def chosen(self) -> str:
        """Whom the desk says it is: an id, NEW, or nothing yet."""
        return str(self["same_as"].value() or "")

    @property
    def called(self) -> str:
        """The name as typed so far."""
        names = (str(self[name].value() or "").strip() for name in ("given_names", "family_name"))
        return " ".join(filter(None, names)) or "this person"

    def is_nobody(self) -> bool:
        return not any(str(self[name].value() or "").strip() for name in self.TYPED)

    def clean_birth(self) -> Any:
        birth = read_birth(self.cleaned_data["birth"], on=self.on)
        check_birth(birth, on=self.on)
        return birth

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        names = {"given_names", "family_name"}
        if not self.is_nobody() and not any(data.get(name) for name in names) and not names & set(self.errors):
            self.add_error("given_names", self.no_name)
        return data

    no_name = "Enter a name, even one that may be wrong, or empty this person’s fields"
    kind = "Person"

    @property
    def who(self) -> str:
        """Which of several it is, above the form: "Child 2"."""
        return f"{self.kind} {int(str(self.prefix).rpartition('-')[2]) + 1}"

    def said(self) -> PersonSaid:
        """The person, of a valid form; of one that is not, as far as it can be read: for looking them up."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else self._readable()
        chosen = str(data.get("same_as") or "")
        return PersonSaid(
            given_names=data.get("given_names") or "",
            family_name=data.get("family_name") or "",
            birth=data.get("birth") or read_birth("", on=self.on),
            sex=data.get("sex") or Sex.UNKNOWN,
            address=data.get("address") or "",
            same_as=int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else None,
            relation=data.get("relation") or Relation.UNKNOWN,
            may_have_harmed=bool(data.get("may_have_harmed")),
        )

    def _readable(self) -> dict[str, Any]:
        # No longer than the field takes: what is longer is refused when it is sent, and not searched before.
        data = {
            name: str(self[name].value() or "").strip()[: getattr(self.fields[name], "max_length", None)]
            for name in (*self.TYPED, "same_as")
        }
        birth: Any = None
        try:
            birth = read_birth(data["birth"], on=self.on)
        except ValidationError:
            birth = None  # said beside the field when the form is sent
        return {**data, "birth": birth}


class ChildForm(PersonForm):
    no_name = "Enter a name, even one that may be wrong, or empty this child’s fields"
    kind = "Child"

    def clean_birth(self) -> Any:
        birth = super().clean_birth()
        check_is_child(birth, on=self.on)
        return birth


class AdultForm(PersonForm):
    relation = forms.ChoiceField(
        label="What they are to the child", choices=[(Relation.UNKNOWN, ""), *Relation.choices[:-1]], required=False
    )
    may_have_harmed = forms.BooleanField(label="May have harmed the child", required=False)
    birth = line("Born, or age", most=40)
    no_name = "Enter a name, even one that may be wrong, or empty this adult’s fields"
    kind = "Adult"


class AddPersonForm(AdultForm):
    """Somebody more on a record."""

    part = forms.ChoiceField(
        label="What they are to this record",
        choices=[("", ""), *Part.choices],
        error_messages={"required": "Select what they are to this record"},
    )
    birth = line("Born, age, or expected date", most=40)
    no_name = "Enter a name, even one that may be wrong"
    may_have_harmed = None  # type: ignore[assignment]

    field_order = ["part", "given_names", "family_name", "birth", "sex", "address", "relation", "same_as"]

    def is_nobody(self) -> bool:
        return False


class TriageForm(forms.Form):
    urgent = forms.ChoiceField(
        label="Is urgent action needed?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    reason = lines(
        "Why?",
        rows=3,
        missing="Say why urgent action is or is not needed",
        hint="What you know, and what you weighed.",
    )
    what_next = lines(
        "What is done next, by whom?", hint="Such as a strategy discussion with Social Services today at 3pm."
    )

    def clean_urgent(self) -> bool:
        return bool(self.cleaned_data["urgent"] == "yes")


class ConfirmForm(FromEmail):
    confirmed_at = MomentField(label="When the confirmation arrived", help_text="Like 14/1/2010 10:52.")
    confirmed_how = forms.CharField(
        label="What arrived, and where it is kept",
        max_length=300,
        error_messages={"required": "Say what arrived and where it is kept"},
        help_text="Such as “email from G Teasdale, filed in the team’s mailbox”.",
        validators=[one_line],
    )


class LogFilterForm(OfTeamForm):
    """Narrows the log. Every field may stay empty."""

    all_optional = True
    narrows = True

    q = line("Name, URN or record", most=100)
    progress = forms.ChoiceField(label="State", choices=[("", "Any"), *Progress.choices], required=False)
    source = forms.ChoiceField(choices=[("", "Any"), *Source.choices], required=False)
    category = forms.ChoiceField(label="Kind of harm", choices=[("", "Any"), *Category.choices], required=False)
    urgent = forms.ChoiceField(
        label="Urgent when logged", choices=[("", "Either"), ("yes", "Urgent"), ("no", "Not urgent")], required=False
    )
    decision = forms.ChoiceField(choices=[("", "Any"), *DecisionKind.choices], required=False)
    unconfirmed = forms.BooleanField(label="Written confirmation outstanding", required=False)
    from_on = DayField(label="Received from", required=False)
    to_on = DayField(label="Received until", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("from_on"), data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "The last day must not be before the first")
        return data


class DownloadForm(forms.Form):
    reason = forms.CharField(
        label="Why do you need the file?",
        max_length=300,
        help_text="It is kept with your name and the time, and read by the auditor.",
        validators=[one_line],
    )
