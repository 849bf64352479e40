"""Checks of what is typed, for every field of that kind whoever fills it: a page, a command or a program."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

# How many characters a text may have: what is told; and a reason, or what came of something.
LONGEST_TEXT, LONGEST_REASON = 20_000, 5_000


def one_line(text: str) -> None:
    """A name or a short reason: no line breaks, and nothing that is not seen but changes how the rest is shown.

    Such characters would add lines to an email's head or turn a name round on a page. Raises ValidationError.
    """
    if any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp") for each in text):
        raise ValidationError("Take out line breaks and characters that cannot be seen: type it again by hand")
