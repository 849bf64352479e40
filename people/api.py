"""A child or an adult, as a program sends and gets them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import Day, Line, SentOfModel, Shown
from people.births import Birth, reread_birth
from people.enums import BirthKnown, Sex
from people.models import Person
from people.said import PersonSaid

BORN = (
    "A date (2003-06-06), an age (“6 years”, “9 months”), a year, or “due 2010-06-09”; empty where it is not known."
)
NO_NAME = "Send a first name or a family name, even one that may be wrong."


class BirthOut(serializers.Serializer[Any]):
    """When somebody was born, as well as it is known: a date (both days the same), a span, or when it is expected."""

    known = serializers.ChoiceField(BirthKnown.choices)
    earliest = Day(allow_null=True)
    latest = Day(allow_null=True)
    expected = Day(allow_null=True)
    words = serializers.CharField()


class PersonOut(Shown):
    """A child or an adult: one for one human being, on however many records."""

    name = serializers.CharField(source="full_name", read_only=True)
    birth = BirthOut(read_only=True)

    class Meta:
        model = Person
        fields = ["id", "name", "given_names", "family_name", "sex", "birth"]


class PersonIn(SentOfModel):
    """Names, birth and sex of a person, as they were said.

    In its context: `on`, the London date of that; and `known`, the birth of somebody who is on record.
    """

    birth = Line(most=60, allow_blank=True, default="", help_text=BORN)
    sex = serializers.ChoiceField(Sex.choices, default=Sex.UNKNOWN)

    class Meta:
        model = Person
        fields = ["given_names", "family_name", "birth", "sex"]

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if not (said.get("given_names") or said.get("family_name")):
            raise serializers.ValidationError({"given_names": [NO_NAME]})
        return said

    def validate_birth(self, typed: str) -> Any:
        return reread_birth(typed, known=self.context.get("known", Birth()), on=self.context["on"])


def said_of(sent: dict[str, Any], **more: Any) -> PersonSaid:
    """What was sent of a person."""
    names = ("given_names", "family_name", "birth", "sex")
    return PersonSaid(**{name: sent[name] for name in names if name in sent}, **more)
