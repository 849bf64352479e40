"""A person as a caller described them, in words that are kept for ever, whatever is learned of the person later."""

from __future__ import annotations

from datetime import date
from typing import Any

from people.enums import Relation
from people.models import Person
from people.said import PersonSaid, with_age


def as_given(said: PersonSaid, *, child: bool, on: date, person: Person) -> dict[str, Any]:
    """One person as the caller described them: words only, and the id of whom they were taken to be."""
    return {
        "child": child,
        "shown": shown_as_given(said, on=on),
        "birth": said.birth.words(),
        "address": said.address,
        "sex": str(said.sex),
        "relation": "" if child or said.relation == Relation.UNKNOWN else Relation(said.relation).words,
        "may_have_harmed": said.may_have_harmed,
        "person": person.pk,
        "taken_to_be": person.full_name if said.same_as else "",
    }


def shown_as_given(said: PersonSaid, *, on: date) -> str:
    """Name and age as a caller gave them: "Rhys Calloway, 6"."""
    return with_age(said.full_name, said.birth, on)
