"""Conferences, the police reports to them, child protection plans and core groups."""

from conferences.models.emails import EmailUsed
from conferences.models.meeting import (
    Conference,
    ConferenceChild,
    OutcomeFor,
    PoliceAction,
    StepDone,
)
from conferences.models.plans import CategoryFrom, CoreGroup, Plan
from conferences.models.reports import (
    Copy,
    Item,
    KeptFrom,
    Recipient,
    Report,
    ReportEndorsement,
)

__all__ = [
    "CategoryFrom",
    "Conference",
    "ConferenceChild",
    "Copy",
    "CoreGroup",
    "EmailUsed",
    "Item",
    "KeptFrom",
    "OutcomeFor",
    "Plan",
    "PoliceAction",
    "Recipient",
    "Report",
    "ReportEndorsement",
    "StepDone",
]
