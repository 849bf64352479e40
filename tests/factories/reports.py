"""Police reports to conferences, through the actions with which they are written, endorsed and sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cases.enums import Basis, Way
from cases.models import Case
from conferences.actions import (
    add_item,
    add_recipient,
    decide_attendance,
    endorse_report,
    send_report,
    start_report,
    submit_report,
)
from conferences.enums import Attending, RecipientKind, Section, Sharing
from conferences.models import Conference, Copy, Item, Recipient, Report
from conferences.report_queries import recipients_of
from deadlines import clock
from team.enums import Role
from team.models import User
from tests.factories.assessing import submitted
from tests.factories.clock import move_time_to
from tests.factories.conferences import a_conference, a_review
from tests.factories.referrals import a_case
from tests.factories.team import an_officer

FACT = "Officers were called to the flat by a neighbour."
ANALYSIS = "Nobody but the mother stands between him and the children."


def a_prepared_conference(case: Case | None = None, *, review: bool = False, **other: Any) -> Conference:
    """A conference whose CRAM is done: its report may go out. Police attend."""
    case = case or a_case()
    conference = (a_review if review else a_conference)(case, **other)
    if review:
        move_time_to(conference.starts_at - timedelta(days=14))
        by = User.objects.system()
        conference = decide_attendance(conference, attending=Attending.GOING, why="He is home again", by=by)
    submitted(case)
    return conference


def a_report(conference: Conference | None = None, *, by: User | None = None) -> Report:
    """A version that was begun just now, with nothing in it."""
    return start_report(conference or a_prepared_conference(), by=by or User.objects.system())


def an_item(
    report: Report | None = None,
    text: str = FACT,
    section: Section = Section.CHRONOLOGY,
    *,
    by: User | None = None,
    **other: Any,
) -> Item:
    """An item that was added just now; a fact of today unless something else is said."""
    said: dict[str, Any] = {}
    if section == Section.CHRONOLOGY:
        said = {"happened_on": clock.today(), "source": "CAD"}
    return add_item(report or a_report(), section=section, text=text, **said | other, by=by or User.objects.system())


def a_whole_report(conference: Conference | None = None, *, by: User | None = None) -> Report:
    """A version with a fact and what police make of it: it can be sent for endorsement."""
    report = a_report(conference, by=by)
    an_item(report, by=by)
    an_item(report, ANALYSIS, Section.ANALYSIS, by=by)
    return report


def a_report_for_several() -> Report:
    """A whole version for the chair and somebody of the family, with something for the chair alone."""
    report = a_whole_report()
    an_item(report, "She lives in a refuge.", Section.CHILDREN, sharing=Sharing.CHAIR_ONLY, why="He looks for her")
    a_recipient(report.conference)
    return report


def a_submitted_report(conference: Conference | None = None, *, by: User | None = None) -> Report:
    """A version that waits for endorsement, written and sent by CAIT itself unless somebody is named."""
    return submit_report(a_whole_report(conference, by=by), by=by or User.objects.system())


def endorsed(report: Report, *, by: User | None = None) -> Report:
    """A version that waits, endorsed by somebody else."""
    return endorse_report(report, by=by or an_officer(Role.SUPERVISOR, report.conference.team)).report


def an_endorsed_report(conference: Conference | None = None, *, by: User | None = None) -> Report:
    return endorsed(a_submitted_report(conference, by=by))


def as_sent(report: Report, **other: Any) -> dict[str, Any]:
    """How a report is sent, in the words of `send_report`: by email to each."""
    ways = {each.pk: Way.EMAIL for each in recipients_of(report.conference)}
    return {"ways": ways, "basis": Basis.SAFEGUARDING, **other}


def sent(report: Report, *, by: User | None = None) -> list[Copy]:
    """The copies of an endorsed version that was sent just now."""
    return send_report(report, **as_sent(report), by=by or User.objects.system())


def a_sent_copy() -> Copy:
    """The first copy of a report that was sent just now."""
    return sent(an_endorsed_report())[0]


def a_recipient(
    conference: Conference | None = None, name: str = "Mr K Stroud, father", *, by: User | None = None, **other: Any
) -> Recipient:
    """Somebody of the family who gets a copy, unless something else is said."""
    said = {"kind": RecipientKind.FAMILY, **other}
    return add_recipient(conference or a_conference(), name=name, **said, by=by or User.objects.system())
