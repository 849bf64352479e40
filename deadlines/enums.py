"""The words in which a time limit is written down."""

from django.db import models


class Clock(models.TextChoices):
    """What is counted."""

    HOURS = "hours", "elapsed hours"
    DAYS = "days", "calendar days"
    WORKING_DAYS = "working_days", "working days"
    MONTHS = "months", "calendar months"

    def words(self, number: int) -> str:
        """The number with its unit: "1 working day", "14 days"."""
        unit = self.value.replace("_", " ")
        return f"{number} {unit[:-1] if number == 1 else unit}"


class Direction(models.TextChoices):
    """Whether the limit runs on from its event or back from it."""

    AFTER = "after"
    BEFORE = "before"


class CountedFrom(models.TextChoices):
    """Which of several strategy discussions starts the limit for the initial conference."""

    LAST_DISCUSSION = "last", "the last strategy discussion"
    INITIATING_DISCUSSION = "initiating", "the strategy discussion that initiated section 47 enquiries"
