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
from cases.models.told import HOME, NAME, RELATION, ToldOn

__all__ = [
    "HOME",
    "NAME",
    "NUMBER",
    "RELATION",
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
    "ToldOn",
    "Transfer",
    "TransferQuerySet",
    "not_hidden_from",
]
