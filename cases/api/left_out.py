"""What a list leaves out because it is on restricted records, as a program reads it (ADR 34)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from cases.models import Case
from cases.restricting import whom_to_ask

MOST = 50


class LeftOutOut(serializers.Serializer[Any]):
    """A restricted record on which the account is not named, and whom to ask. Nothing of it is in the list."""

    urn = serializers.CharField()
    ask = serializers.CharField()


def listing_with_left_out(shape: Any, name: str) -> Any:
    """The shape of a list, as `api.schema.listing` has it, and in `left_out` what it leaves out."""
    following = serializers.URLField(allow_null=True, help_text="The address of what follows; null at the end.")
    fields = {"results": shape(many=True), "next": following, "left_out": LeftOutOut(many=True)}
    return inline_serializer(name, fields)


def left_out_of(rows: QuerySet[Case]) -> Any:
    """Of some restricted records (`cases.left_out.hidden_here`) what a list says of them, of MOST at the most. One
    query where there are none."""
    cases = list(rows[:MOST])
    asks = whom_to_ask(cases)
    return LeftOutOut([{"urn": case.urn, "ask": asks[case.pk]} for case in cases], many=True).data
