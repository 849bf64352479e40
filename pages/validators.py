"""Checks of what is typed, for every field of that kind whoever fills it: a page, a command or a program."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models

# How many characters a text may have: what is told; and a reason, or what came of something.
LONGEST_TEXT, LONGEST_REASON = 20_000, 5_000


def check_fields(row: models.Model, *, leave_out: Collection[str] = ()) -> None:
    """Check a row field by field before it is saved. Raises ValidationError.

    Not whether the rows are there that it refers to: each is one that was just read, and the database asks anyway. It
    would be a question for each. `leave_out`: what is not set yet.
    """
    keys = {field.name for field in row._meta.fields if field.is_relation}
    row.clean_fields(exclude={*keys, *leave_out})


def one_line(text: str) -> None:
    """A name or a short reason: no line breaks, and nothing that is not seen but changes how the rest is shown.

    Such characters would add lines to an email's head or turn a name round on a page. Raises ValidationError.
    """
    if any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") for each in text):
        raise ValidationError("Take out line breaks and characters that cannot be seen: type it again by hand")
