"""Everything that is written about the risk on a record. The only writer of this room."""

from cram.actions.assessing import (
    Answered,
    Saved,
    add_assessment_action,
    add_decision,
    add_new_information,
    save_answers,
    set_level,
    start_assessment,
    submit_assessment,
)
from cram.actions.discarding import discard_assessment
from cram.actions.endorsing import Directed, endorse_assessment, return_assessment
from cram.actions.managing import (
    answer_gap,
    change_gap,
    change_measure,
    check_measure,
    drop_gap,
    end_measure,
    end_risk,
    identify_risk,
    raise_gap_on,
    set_measure,
)
from cram.actions.matrix import (
    add_factor,
    change_factor,
    discard_matrix,
    draft_matrix,
    publish_matrix,
    take_factor_out,
)
from cram.actions.researching import Recorded, Searched, ask_research, drop_research, record_searches

__all__ = [
    "Answered",
    "Directed",
    "Recorded",
    "Saved",
    "Searched",
    "add_assessment_action",
    "add_decision",
    "add_factor",
    "add_new_information",
    "answer_gap",
    "ask_research",
    "change_factor",
    "change_gap",
    "change_measure",
    "check_measure",
    "discard_assessment",
    "discard_matrix",
    "draft_matrix",
    "drop_gap",
    "drop_research",
    "end_measure",
    "end_risk",
    "endorse_assessment",
    "identify_risk",
    "publish_matrix",
    "raise_gap_on",
    "record_searches",
    "return_assessment",
    "save_answers",
    "set_level",
    "set_measure",
    "start_assessment",
    "submit_assessment",
    "take_factor_out",
]
