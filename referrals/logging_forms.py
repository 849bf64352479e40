"""The forms of one referral together: as they were sent and judged, or filled with what was kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import QueryDict

from people.said import PersonSaid
from referrals import policies
from referrals.forms import AdultForm, ChildForm, PersonForm, ReferralForm
from team.models import Team

# More are on no referral; a form with thousands of rows comes from no page of ours.
MOST_PEOPLE = 20


class PeopleFormSet(forms.BaseFormSet):
    """Children, or adults, one below the other."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "empty_permitted": False}

    def somebody(self) -> list[PersonForm]:
        """The rows in which something is typed."""
        return [form for form in self.forms if not form.is_nobody()]

    def said(self) -> list[PersonSaid]:
        return [form.said() for form in self.somebody()]


def _formset(form: type[PersonForm]) -> Any:
    return forms.formset_factory(form, formset=PeopleFormSet, extra=0, max_num=MOST_PEOPLE, absolute_max=MOST_PEOPLE)


Children, Adults = _formset(ChildForm), _formset(AdultForm)


class LoggingForms:
    """The forms of one referral, with the key of its draft and the version of it that they were opened on.

    `judged`: bound to `typed`, so that they show what is wrong. Otherwise filled with it, and nothing is judged.
    `add`: with one more empty row for "children" or "adults".
    """

    def __init__(
        self,
        typed: QueryDict,
        *,
        teams: Any,
        messages: Any,
        may_restrict: bool,
        key: UUID,
        version: int = 0,
        judged: bool = False,
        add: str = "",
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.typed, self.key, self.version = _without_nul(typed), key, version
        typed = self.typed
        bound = self.typed if judged else None
        names = ReferralForm.base_fields
        kept = {name: _kept(typed, name) for name in names} if typed else {}
        given = {"teams": teams, "messages": messages, "may_restrict": may_restrict}
        self.main = ReferralForm(bound, initial={**(initial or {}), **kept}, **given)
        self.on = self.main.received_on()
        # One more row was asked for than there can be.
        self.is_full = False
        self.too_many = False
        self.children = self._people(Children, "children", bound, add)
        self.adults = self._people(Adults, "adults", bound, add)

    def _people(self, formset: Any, prefix: str, bound: QueryDict | None, add: str) -> PeopleFormSet:
        names = formset.form.base_fields
        total = _whole(self.typed.get(f"{prefix}-TOTAL_FORMS"))
        sent = min(total, MOST_PEOPLE)
        self.too_many = self.too_many or total > MOST_PEOPLE
        self.typed[f"{prefix}-TOTAL_FORMS"] = str(sent)
        rows = [{name: _kept(self.typed, f"{prefix}-{row}-{name}") for name in names} for row in range(sent)]
        self.is_full = self.is_full or (add == prefix and len(rows) == MOST_PEOPLE)
        if (add == prefix or not rows) and len(rows) < MOST_PEOPLE:
            rows.append({})
        made: PeopleFormSet = formset(bound, prefix=prefix, initial=rows, form_kwargs={"on": self.on})
        return made

    @property
    def people(self) -> list[PersonForm]:
        """Everybody who is somebody, the children first."""
        return [*self.children.somebody(), *self.adults.somebody()]

    def team(self) -> Team:
        """The team for which it is logged. Raises ValidationError where one no longer logs for it."""
        field: Any = self.main.fields["team"]
        team: Team = field.clean(self.main["team"].value())
        return team

    def is_blank(self) -> bool:
        """Whether nothing is typed yet: the time of receipt is filled in by CAIT."""
        given = {"team", "received_at", "message", "message_uses", "another"}
        return not self.people and not any(
            self.main[name].value() for name in ReferralForm.base_fields if name not in given
        )

    def as_draft(self) -> dict[str, list[str]]:
        """What is kept of what was typed: the fields that the form has, and nothing else that was sent."""
        ours = set(ReferralForm.base_fields)
        for prefix, formset in (("children", self.children), ("adults", self.adults)):
            ours |= {f"{prefix}-TOTAL_FORMS"}
            ours |= {f"{prefix}-{row}-{name}" for row in range(len(formset)) for name in formset.form.base_fields}
        if self.main.email() is None:  # of another team, or nobody's: nothing to mark as being logged
            ours -= {"message", "message_uses"}
        return {name: self.typed.getlist(name) for name in self.typed if name in ours}

    def are_valid(self) -> bool:
        """Judges all of them, and what they say together, so that every mistake is shown at once."""
        valid = [self.main.is_valid(), self.children.is_valid(), self.adults.is_valid()]
        if self.too_many:
            self.main.add_error(None, f"A form holds {MOST_PEOPLE} children and {MOST_PEOPLE} adults at most")
            return False
        try:
            policies.check_people(
                self.children.said(), self.adults.said(), self.main.cleaned_data.get("no_child_because", "")
            )
        except ValidationError as refused:
            self.main.add_error(None, refused)
            return False
        return all(valid)


def _without_nul(typed: QueryDict) -> QueryDict:
    """PostgreSQL cannot hold a NUL character, and nobody can type or see one."""
    clean = QueryDict(mutable=True)
    for name, values in typed.lists():
        clean.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
    return clean


def read_key(text: str | None) -> UUID:
    """The key of the draft that a form belongs to. Raises SuspiciousOperation, a 400, for what is none of ours."""
    try:
        return UUID(text) if text else uuid4()
    except ValueError as wrong:
        raise SuspiciousOperation("The key of this form is damaged.") from wrong


def read_version(text: str | None) -> int:
    return _whole(text)


def _kept(typed: QueryDict, name: str) -> Any:
    """One kept value, or several for the kinds of harm; a tick that was not sent is none."""
    values = typed.getlist(name)
    if name == "categories":
        return values
    if name.endswith(("may_have_harmed", "rang_back", "protected", "another", "restrict")):
        return bool(values)
    return values[-1] if values else ""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0
