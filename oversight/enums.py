"""What a measure counts, and how far a monthly report has come."""

from django.db.models import TextChoices


class Period(TextChoices):
    """When something counts."""

    # What happened in a month.
    MONTH = "month", "In the month"
    # What lasted at the end of a month, or lasts now; the past can be told from the records as well as today.
    AT_END = "at_end", "At the end of the month"
    # What is so now, of which nobody can say any more how it was.
    NOW = "now", "Now"


class Shape(TextChoices):
    """What the figure of a measure is."""

    NUMBER = "number", "How many"
    SHARE = "share", "How many of how many"


class Group(TextChoices):
    """Under which heading a measure stands."""

    DEMAND = "demand", "What comes in"
    DESK = "desk", "The referral desk"
    PARTNERS = "partners", "Social Services"
    RISK = "risk", "Risk and its reviews"
    CONFERENCES = "conferences", "Conferences and plans"
    RECORDS = "records", "Records and duties"
    QUALITY = "quality", "Quality"


class ReportState(TextChoices):
    DRAFT = "draft", "To be signed"
    SIGNED = "signed", "Signed"
