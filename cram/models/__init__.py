"""The matrix, assessments on it, what manages the risks they find, and the research they rest on."""

from cram.models.assessing import (
    Answer,
    Assessment,
    Decided,
    Direction,
    Endorsement,
    NewInformation,
)
from cram.models.managing import Gap, Measure, MeasureCheck, Risk
from cram.models.matrix import Factor, Version
from cram.models.researching import ResearchRequest, Search

__all__ = [
    "Answer",
    "Assessment",
    "Decided",
    "Direction",
    "Endorsement",
    "Factor",
    "Gap",
    "Measure",
    "MeasureCheck",
    "NewInformation",
    "ResearchRequest",
    "Risk",
    "Search",
    "Version",
]
