"""Shape and words of the forms about what follows a conference; the rules are in policies.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms import OfficerField
from conferences.actions import Decided
from conferences.enums import Attending, Missed, Outcome, PlanCategory, PoliceView
from conferences.models import Conference, Plan
from pages.fields import line, lines, radios
from pages.forms import DayField, LinesField
from pages.validators import LONGEST_TEXT
from pages.words import count
from people.models import Person
from team.models import User

LIKE = "Like 14/1/2010."
HAS_PLAN = (Outcome.PLAN, Outcome.CONTINUES)


# --- who attended --------------------------------------------------------------------------------

DECIDED, OTHER, NOBODY = "decided", "other", "nobody"


class AttendedForm(forms.Form):
    """Who attended, or why nobody did: the answers that are likely come first, and what one of them asks for besides
    stands below it alone."""

    all_optional = True

    who = radios("Who attended for the police?", [], "Select who attended")
    attended_by = OfficerField(label="Who", required=False, empty_label="")
    missed = radios("Why not?", [each for each in Missed.choices if each[0] != Missed.DECIDED])
    missed_why = line("What happened", longest=500)
    our_note = lines(
        "Our own note of what was said (optional)",
        rows=5,
        hint="Never the name of a caller whose identity is protected. It is held against the minutes.",
        longest=LONGEST_TEXT,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, conference: Conference, officers: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attended_by, who = self.fields["attended_by"], self.fields["who"]
        attended_by.queryset = officers  # type: ignore[attr-defined]
        self.by_name = {str(officer.pk): officer for officer in officers}
        choices = []
        if conference.attending == Attending.REPORT_ONLY:
            choices.append((DECIDED, Missed.DECIDED.label))
        if (me := str(user.pk)) in self.by_name:
            choices.append((me, "I attended"))
        if (pclo := str(conference.pclo_id)) in self.by_name and pclo != me:
            choices.append((pclo, f"{self.by_name[pclo]}, the conference officer"))
        choices += [(OTHER, "Somebody else of the team"), (NOBODY, "Nobody from the police attended")]
        who.choices = choices  # type: ignore[attr-defined]

    @property
    def reveals(self) -> dict[str, list[forms.BoundField]]:
        """What is asked besides, below the answer that asks for it."""
        return {OTHER: [self["attended_by"]], NOBODY: [self["missed"], self["missed_why"]]}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        who, officer = data.get("who", ""), data.get("attended_by")
        if who == OTHER and officer is None and "attended_by" not in self.errors:
            self.add_error("attended_by", ValidationError("Select who attended", code="whole"))
        if who and who != NOBODY and data.get("missed_why"):
            said = "You wrote what happened. Select “Nobody from the police attended”, or take the words out"
            self.add_error("who", ValidationError(said, code="whole"))
        officer = officer if who == OTHER else self.by_name.get(who)
        missed = {DECIDED: Missed.DECIDED, NOBODY: data.get("missed", "")}.get(who, "")
        return {
            "attended_by": officer,
            "missed": missed,
            "missed_why": data.get("missed_why", ""),
            "our_note": data.get("our_note", ""),
            "version": data.get("version"),
        }


class CorrectAttendanceForm(AttendedForm):
    """The same, as it is recorded, and why it is put right."""

    why = line("Why is it put right?", "Say why it is put right")

    def __init__(self, *args: Any, conference: Conference, version: int, **kwargs: Any) -> None:
        who = {True: OTHER, False: NOBODY}[bool(conference.attended)]
        if conference.missed == Missed.DECIDED and conference.attending == Attending.REPORT_ONLY:
            who = DECIDED
        there = {
            "who": who,
            "attended_by": conference.attended_by,
            "missed": conference.missed,
            "missed_why": conference.missed_why,
            "version": version,
        }
        super().__init__(*args, conference=conference, initial=there, **kwargs)
        del self.fields["our_note"]

    def clean(self) -> dict[str, Any]:
        why = self.cleaned_data.get("why", "")
        data = super().clean()
        data.pop("our_note")
        return {**data, "why": why}


# --- what was decided ----------------------------------------------------------------------------

ALL = "all"
SAME, EACH = "same", "each"


def outcomes_for(conference: Conference, *, on_plan: bool) -> list[tuple[str, str]]:
    """What a conference can decide about a child who is on a plan, or is not."""
    if on_plan:
        offered = (Outcome.CONTINUES, Outcome.ENDS, Outcome.ADJOURNED)
    else:
        offered = (Outcome.PLAN, Outcome.NO_PLAN, Outcome.ADJOURNED)
    return [(each.value, each.label) for each in offered]


@dataclass(frozen=True)
class Asked:
    """The questions about one child, or about all of them at once: what stands below which answer."""

    form: forms.Form
    key: str
    title: str
    # None: all of them.
    child: Person | None = None

    def __getitem__(self, name: str) -> forms.BoundField:
        return self.form[f"{name}-{self.key}"]

    @property
    def outcome_reveals(self) -> dict[str, list[forms.BoundField]]:
        return {each.value: [self["category"]] for each in HAS_PLAN}

    @property
    def view_reveals(self) -> dict[str, list[forms.BoundField]]:
        return {PoliceView.DISSENTED.value: [self["dissent"]]}


def _also_decided() -> LinesField:
    return lines(
        "What else was decided? (optional)",
        rows=4,
        hint="Who does what by when. What police do is added as a police action, on the next page.",
        longest=LONGEST_TEXT,
    )


class OutcomesForm(forms.Form):
    """What was decided about each child. Where it can be the same for all of them it may be said once."""

    all_optional = True

    also_decided = _also_decided()

    def __init__(
        self,
        *args: Any,
        conference: Conference,
        children: Sequence[Person],
        plans: Mapping[int, Plan],
        categories: Mapping[int, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.children = list(children)
        on_plan = {child.pk: child.pk in plans for child in children}
        self.asked: list[Asked] = []
        # "Each child by itself" is no question where one child has a plan to go on or to end, and another has none.
        self.may_be_same = len(self.children) > 1 and len(set(on_plan.values())) == 1
        if self.may_be_same:
            number = count(len(self.children), "child", "children")
            choices = [(SAME, f"Yes, the same for all {number}"), (EACH, "No, I say it child by child")]
            self.fields["same"] = radios(
                "Was the same decided about all of them?",
                choices,
                "Say whether the same was decided about all of them",
            )
            outcomes = outcomes_for(conference, on_plan=any(on_plan.values()))
            of_all = set(categories.values())
            category = of_all.pop() if len(of_all) == 1 and len(categories) == len(self.children) else ""
            self._ask(ALL, f"All {number}", outcomes, category)
        for child in self.children:
            outcomes = outcomes_for(conference, on_plan=on_plan[child.pk])
            self._ask(str(child.pk), str(child), outcomes, categories.get(child.pk, ""), child)

    def _ask(
        self, key: str, title: str, outcomes: list[tuple[str, str]], category: str, child: Person | None = None
    ) -> None:
        about = f" about {child}" if child and len(self.children) > 1 else ""
        whose = f" for {child}" if child and len(self.children) > 1 else ""
        self.fields[f"outcome-{key}"] = radios(f"What was decided{about}?", outcomes)
        self.fields[f"category-{key}"] = radios(f"Category of the plan{whose}", PlanCategory.choices)
        self.fields[f"category-{key}"].initial = category
        self.fields[f"police_view-{key}"] = radios(f"Did police agree{about}?", PoliceView.choices)
        self.fields[f"dissent-{key}"] = lines(f"Why police did not agree{about}", rows=3, longest=LONGEST_TEXT)
        self.asked.append(Asked(self, key, title, child))

    @property
    def for_all(self) -> Asked | None:
        return self.asked[0] if self.may_be_same else None

    @property
    def for_each(self) -> list[Asked]:
        return [each for each in self.asked if each.child is not None]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        same = data.get("same") == SAME
        for each in self.asked:
            if (each.child is None) == same:
                check_dissent(self, data, view=f"police_view-{each.key}", dissent=f"dissent-{each.key}")
        decided = [_decided(data, child, ALL if same else str(child.pk)) for child in self.children]
        return {"decided": decided, "also_decided": data.get("also_decided", "")}

    def beside(self, refused: ValidationError) -> ValidationError:
        """What an action refuses of each child, beside the question that was asked: where it was said once for all of
        them, what is wrong with the first child is wrong with all."""
        if not hasattr(refused, "error_dict") or self.data.get("same") != SAME or not self.may_be_same:
            return refused
        first = str(self.children[0].pk)
        wrong: dict[str, Any] = {}
        for field, errors in refused.error_dict.items():
            name, _, key = field.rpartition("-")
            if key == first:
                wrong[f"{name}-{ALL}"] = errors
        if "outcome-all" in wrong and not self.data.get("outcome-all"):
            wrong["outcome-all"] = "Select what was decided"
        return ValidationError(wrong) if wrong else refused


def _decided(data: Mapping[str, Any], child: Person, key: str) -> Decided:
    """A category that was ticked, but where there is no plan, is none: a radio button cannot be unticked."""
    outcome = data.get(f"outcome-{key}", "")
    category = data.get(f"category-{key}", "") if outcome in HAS_PLAN or not outcome else ""
    return Decided(child, outcome, category, data.get(f"police_view-{key}", ""), data.get(f"dissent-{key}", ""))


def check_dissent(form: forms.Form, data: Mapping[str, Any], *, view: str, dissent: str) -> None:
    """Words that would be lost, because the answer above them was changed, are told of where they can be seen."""
    if data.get(view) and data[view] != PoliceView.DISSENTED and data.get(dissent):
        said = f"You wrote why police did not agree. Select “{PoliceView.DISSENTED.label}”, or take the words out"
        form.add_error(view, ValidationError(said, code="whole"))


class CorrectOutcomeForm(forms.Form):
    """What a conference decided about one child, put right."""

    all_optional = True

    outcome = radios("What was decided?", [])
    category = radios("Category of the plan", PlanCategory.choices)
    police_view = radios("Did police agree?", PoliceView.choices)
    dissent = lines("Why police did not agree", rows=3, longest=LONGEST_TEXT)
    also_decided = _also_decided()
    why = line("Why it is put right", "Say why")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, outcomes: list[tuple[str, str]], child: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.child = child
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]

    @property
    def outcome_reveals(self) -> dict[str, list[forms.BoundField]]:
        return {each.value: [self["category"]] for each in HAS_PLAN}

    @property
    def view_reveals(self) -> dict[str, list[forms.BoundField]]:
        return {PoliceView.DISSENTED.value: [self["dissent"]]}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("police_view") != PoliceView.DISSENTED and data.get("dissent") == self.initial.get("dissent"):
            data["dissent"] = ""  # it stands with what is put right
        check_dissent(self, data, view="police_view", dissent="dissent")
        outcome = data.get("outcome", "")
        category = data.get("category", "") if outcome in HAS_PLAN or not outcome else ""
        said = Decided(self.child, outcome, category, data.get("police_view", ""), data.get("dissent", ""))
        return {"decided": said, **{name: data.get(name) for name in ("also_decided", "why", "version")}}


# --- debrief and minutes -------------------------------------------------------------------------


class DebriefForm(forms.Form):
    words = lines(
        "What came of the debrief?",
        "Say what came of the debrief",
        rows=5,
        hint="What went well, what did not, what has to be done about it, and how the officer is.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


AGREE, DIFFER = "agree", "differ"


class MinutesForm(forms.Form):
    all_optional = True

    received_on = DayField(
        label="When did they come?", help_text=LIKE, error_messages={"required": "Enter when the minutes came"}
    )
    agree = radios(
        "Do they agree with our note?",
        [(AGREE, "They agree with our note"), (DIFFER, "They differ from our note")],
        "Select whether the minutes agree with our note",
    )
    differ = lines("In what do they differ, and who was told?")
    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def reveals(self) -> dict[str, list[forms.BoundField]]:
        return {DIFFER: [self["differ"]]}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("agree") == AGREE and data.get("differ"):
            said = "You wrote in what they differ. Select “They differ from our note”, or take the words out"
            self.add_error("agree", ValidationError(said, code="whole"))
        data["agree"] = data.get("agree") == AGREE
        return data
