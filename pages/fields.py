"""The fields that forms ask most often: a line of words, several lines, one of a few answers."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.forms import LinesField
from pages.validators import LONGEST_REASON, one_line

WIDE = {"class": "cait-wide", "autocomplete": "off"}


def line(label: str, missing: str = "", *, hint: str = "", longest: int = 300) -> forms.CharField:
    """One line of words. `missing`: what is said where it is left empty; without it, it may be."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=bool(missing),
        help_text=hint,
        widget=forms.TextInput(attrs=WIDE),
        validators=[one_line],
        error_messages={"required": missing} if missing else {},
    )


def lines(
    label: str, missing: str = "", *, rows: int = 4, hint: str = "", longest: int = LONGEST_REASON
) -> LinesField:
    """Several lines of words; `missing` as of one."""
    return LinesField(
        label=label,
        max_length=longest,
        required=bool(missing),
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )


def radios(label: str, choices: Any, missing: str = "") -> forms.ChoiceField:
    """One of a few answers, each to be read."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=bool(missing),
        widget=forms.RadioSelect,
        error_messages={"required": missing} if missing else {},
    )
