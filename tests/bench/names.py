"""Names and places for the filled records (`workbench.bulk_names`)."""

from workbench.bulk_names import ENDS, GIVEN, STEMS, STREETS, TEAMS

__all__ = ["ENDS", "GIVEN", "STEMS", "STREETS", "TEAMS"]
