"""What the overview of a record says of the risk: how it was assessed, what manages it, and what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from cases.models import Case
from cram.enums import GapState
from cram.managing import answered_yes, gaps_of, risks_of
from cram.models import Assessment
from cram.queries import key_of
from cram.research import last_research
from team.once import put_together_once

# Gaps that stand on the overview; all of them are on a page of their own.
MOST_GAPS = 6


def risk_of(case: Case, *, today: date) -> dict[str, Any]:
    """For the first three of the questions that a stranger asks. Nine queries at most, however much there is."""
    assessments = _assessments(case)  # one query for what counts and what is being written
    last = next((each for each in reversed(assessments) if each.submitted_at), None)
    under_way = next((each for each in assessments if each.is_being_written), None)
    yes, now = answered_yes(last), answered_yes(under_way)
    before = {key_of(answer) for answer in yes}
    risks = risks_of(case, today=today, present=True)
    gaps = gaps_of(case, state=GapState.OPEN)
    return {
        "assessed": last,
        "under_way": under_way,
        "definite": [answer for answer in yes if answer.factor.definite],
        "may_indicate": [answer for answer in yes if not answer.factor.definite],
        "new_yes": [answer for answer in now if answer.factor.definite and key_of(answer) not in before],
        "risks": risks,
        "unmanaged": [each for each in risks if each.is_unmanaged],
        "managed": [each for each in risks if not each.is_unmanaged],
        "measures": [measure for each in risks for measure in each.measures],
        "gaps": gaps[:MOST_GAPS],
        "gaps_open": len(gaps),
        "last_research": last_research(case),
    }


@put_together_once
def _assessments(case: Case) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(case=case).select_related("submitted_by", "endorsed_by", "started_by")
    return rows.order_by("submitted_at", "pk")
