"""Jinja2, for the rows of the longest tables alone: Django's own templates were most of what such a page took."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, StrictUndefined

from pages.templatetags import words


def environment(**options: Any) -> Environment:
    """The words of every page, as they are called in Django's templates. What is not there is an error."""
    made = Environment(**options | {"undefined": StrictUndefined})  # noqa: S701 - Django has it escape everything
    made.filters |= {"day": words.day, "level_tag": words.level_tag}
    made.globals |= {"due": words.due, "figure": words.figure, "record_url": words.record_url}
    return made
