"""What a program sends and gets, field by field. Lengths, choices and what a line is are taken from the models."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db import models
from rest_framework import serializers

from pages.validators import LONGEST_TEXT, one_line
from team.models import Team, User

UNKNOWN = "There is no field of this name."
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Moment(serializers.DateTimeField):
    """A date and time with its offset from UTC: 2009-12-02T15:20:00Z. Which clock is meant is never guessed.

    CAIT gives every moment in UTC.
    """

    default_error_messages = {
        "no_offset": "Add the offset from UTC, as in 2009-12-02T15:20:00Z or 2009-12-02T15:20:00+00:00.",
        "year": "Check the year.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        at: datetime = super().to_internal_value(value)
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            self.fail("year")
        return at.astimezone(UTC)

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_offset")
        return value


class Day(serializers.DateField):
    """A London date: 2009-12-02."""

    default_error_messages = {"year": "Check the year."}

    def to_internal_value(self, value: Any) -> date:
        on: date = super().to_internal_value(value)
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            self.fail("year")
        return on


class Words(serializers.CharField):
    """Text, and nothing that could be made one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class YesNo(serializers.BooleanField):
    """True or false, and nothing that could be taken for one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Line(Words):
    """One line of text."""

    def __init__(self, *, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", most), **kwargs)
        self.validators.append(one_line)


class Text(Words):
    """Text of several lines, with line feeds alone."""

    def __init__(self, *, most: int = LONGEST_TEXT, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", None) or most, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        return text.replace("\r\n", "\n").replace("\r", "\n")


class Number(serializers.IntegerField):
    """A whole number that PostgreSQL can hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 2**31 - 1, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Id(Number):
    """The number by which CAIT knows a thing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 2**63 - 1, **kwargs})


class Sent(serializers.Serializer[Any]):
    """What a program sends. A field that there is not is refused: misspelt, it would be lost without a word."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (strange := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name: [UNKNOWN] for name in strange})
        return super().to_internal_value(data)


class Numbers(serializers.ListField):
    """The numbers of some things."""

    child = Id()

    def __init__(self, *, most: int = 100, **kwargs: Any) -> None:
        super().__init__(**{"max_length": most, **kwargs})


def several(shape: Any, *, most: int, **kwargs: Any) -> Any:
    """A list of what has a shape of its own: what is wrong stands with the one it is about."""
    return shape(many=True, max_length=most, **kwargs)


class SentOfModel(Sent, serializers.ModelSerializer[Any]):
    """As `Sent`, with the fields of a model as they are there."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: Moment,
        models.DateField: Day,
        models.CharField: Words,
        models.TextField: Text,
        models.BooleanField: YesNo,
    }


class Shown(serializers.ModelSerializer[Any]):
    """What a program gets of a row."""

    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, models.DateTimeField: Moment}


class TeamOut(Shown):
    class Meta:
        model = Team
        fields = ["code", "name"]


class OfficerOut(Shown):
    """Somebody who works here, as officers write it."""

    name = serializers.CharField(source="get_full_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "name"]
