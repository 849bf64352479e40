"""A record with more than one child, for what is asked about each."""

from __future__ import annotations

from cases.models import Case
from tests.factories.referrals import a_case, a_child


def a_family() -> Case:
    """The record of two children."""
    return a_case(children=[a_child("Ellis", "Brannock"), a_child("Tia", "Brannock")])
