"""The record of a referral, and what stands on it."""

from cases.models.course import Closure, Lead, Transfer, TransferQuerySet
from cases.models.entries import Action, Entry, Shared
from cases.models.record import (
    NUMBER,
    Case,
    CasePerson,
    CaseQuerySet,
    NamedOfficer,
    Numbering,
    Restriction,
    not_hidden_from,
)

__all__ = [
    "NUMBER",
    "Action",
    "Case",
    "CasePerson",
    "CaseQuerySet",
    "Closure",
    "Entry",
    "Lead",
    "NamedOfficer",
    "Numbering",
    "Restriction",
    "Shared",
    "Transfer",
    "TransferQuerySet",
    "not_hidden_from",
]
