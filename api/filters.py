"""By what a list can be narrowed, told from the form that narrows its page."""

from __future__ import annotations

from typing import Any

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from pages.forms import DayField

AFTER = OpenApiParameter("after", OpenApiTypes.STR, description="From `next` of the page before.")


def narrowing(form: type[forms.Form]) -> list[OpenApiParameter]:
    """The parameters of a list's address."""
    declared: dict[str, forms.Field] = form.declared_fields
    shown = {name: field for name, field in declared.items() if not isinstance(field.widget, forms.HiddenInput)}
    return [*(_parameter(name, field) for name, field in shown.items()), AFTER]


def _parameter(name: str, field: forms.Field) -> OpenApiParameter:
    how: dict[str, Any] = {"type": OpenApiTypes.STR}
    if isinstance(field, forms.BooleanField):
        how["type"] = OpenApiTypes.BOOL
    elif isinstance(field, DayField):
        how["type"] = OpenApiTypes.DATE
    elif name == "team":
        how["description"] = "The team's code, where one sees several teams."
    elif isinstance(field, forms.ModelChoiceField):
        how["type"] = OpenApiTypes.INT
    elif isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        how["enum"] = [str(value) for value, _ in given if value] or None
    label = str(field.label or "")
    return OpenApiParameter(name, **{"description": label, **how})
