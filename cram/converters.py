"""Versions of the matrix in addresses, by their number: /cram/matrix/1.0/."""

from __future__ import annotations


class VersionNumber:
    """As the model has them: two numbers with a point between."""

    regex = r"\d{1,8}\.\d{1,8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
