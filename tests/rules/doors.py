"""Every address, and who may open it. An address that is not here fails the tests.

A later room adds its addresses with the same few words, and for records the teams from which they may be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from referrals.enums import Method
from team.enums import Role
from team.models import User
from team.permissions import HOLDERS, Permission
from tests.factories.assessing import an_assessment, submitted
from tests.factories.conferences import (
    a_conference,
    a_core_group_of_yesterday,
    a_plan,
    a_review,
    that_began,
    that_decided,
    that_was_held,
)
from tests.factories.deciding import (
    a_closed_case,
    a_wrong_case,
    an_answer,
    an_approved_address,
    an_investigation,
    an_open_update,
    asked_to_close,
)
from tests.factories.limits import a_bank_holiday_to_come, a_limit_to_come
from tests.factories.mail import a_kept_attachment, a_message
from tests.factories.managing import a_gap, a_managed_risk, a_measure, a_risk
from tests.factories.matrix import a_changed_matrix, a_drafted_matrix, a_version_to_come
from tests.factories.monthly import a_corrected_report, a_monthly_report
from tests.factories.old_logs import an_old_log
from tests.factories.referrals import a_case
from tests.factories.reports import (
    a_recipient,
    a_report,
    a_report_for_several,
    a_sent_copy,
    a_submitted_report,
    an_endorsed_report,
    an_item,
)
from tests.factories.researching import research_asked
from tests.factories.restricting import a_restricted_case, somebody_named_before
from tests.factories.team import a_team, a_user, an_officer
from tests.factories.transferring import a_transfer, a_transfer_to_us

EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})


@dataclass(frozen=True)
class Door:
    """One address: the roles it opens for (200), or `public`. `needs` makes what the address is about."""

    opens_for: frozenset[Role] = field(default_factory=frozenset)
    public: bool = False
    needs: Callable[[], dict[str, Any]] | None = None
    # About one record: whoever may not see it gets a 404, as for one that does not exist.
    record: bool = False
    # Whoever may not see the thing itself gets a 404 too, without a word about permissions.
    hidden: bool = False
    # What a signed-in person gets where it is not 200: sign-in sends them on to their first page.
    status: int = 200
    # For programs: without signing in it is refused, not led to the sign-in page.
    program: bool = False
    # What it gives is a file to keep, no page.
    file: bool = False


def an_account() -> dict[str, Any]:
    return {"pk": a_user().pk}


def an_account_of_a_program() -> dict[str, Any]:
    user = a_user()
    from team.actions import give_token

    give_token(user, by=User.objects.system())
    return {"pk": user.pk}


def a_closed_account() -> dict[str, Any]:
    user = a_user()
    from team.actions import close_account

    close_account(user, by=User.objects.system())
    return {"pk": user.pk}


def a_membership() -> dict[str, Any]:
    return {"pk": an_officer(Role.INVESTIGATOR).memberships.get().pk}


def a_month() -> dict[str, Any]:
    """A monthly report that waits to be signed."""
    return {"pk": a_monthly_report().pk}


def a_report_in_the_list() -> dict[str, Any]:
    a_monthly_report()
    return {}


def a_corrected_month() -> dict[str, Any]:
    """A signed report of a month in which something is counted otherwise by now."""
    return {"pk": a_corrected_report().pk}


def a_version_of_the_matrix() -> dict[str, Any]:
    """Published, and drafted from another one."""
    return {"number": a_version_to_come().number}


def a_draft_of_the_matrix() -> dict[str, Any]:
    return {"number": a_drafted_matrix().number}


def a_draft_that_differs() -> dict[str, Any]:
    return {"number": a_changed_matrix().number}


def a_factor_of_a_draft() -> dict[str, Any]:
    return {"number": a_drafted_matrix().number, "code": "neglect"}


def a_record() -> dict[str, Any]:
    return {"number": a_case().number}


def an_investigated_record() -> dict[str, Any]:
    return {"number": an_investigation().number}


def a_known_person() -> dict[str, Any]:
    return {"pk": a_case().people.get().pk}


def a_cram_under_way() -> dict[str, Any]:
    return {"number": an_assessment(a_case()).case.number}


def a_section_of_a_cram() -> dict[str, Any]:
    return {**a_cram_under_way(), "section": "all"}


def a_cram_to_read() -> dict[str, Any]:
    return {**a_cram_under_way(), "assessed": 1}


def a_cram_to_endorse() -> dict[str, Any]:
    return {"number": submitted(a_case()).case.number}


def a_cram_to_endorse_somewhere() -> dict[str, Any]:
    submitted(a_case())
    return {}


def a_request_for_research() -> dict[str, Any]:
    request = research_asked(a_case())
    return {"number": request.case.number, "pk": request.pk}


def an_entry() -> dict[str, Any]:
    case = a_case()
    return {"number": case.number, "pk": case.entries.get().pk}


def an_action() -> dict[str, Any]:
    from cases.actions import add_action
    from deadlines import clock

    case, owner = a_case(), an_officer(Role.INVESTIGATOR)
    action = add_action(case, what="Visit", owner=owner, due_on=clock.today(), by=User.objects.system())
    return {"number": case.number, "pk": action.pk}


def a_person_on_a_record() -> dict[str, Any]:
    case = a_case()
    return {"number": case.number, "pk": case.people.get().pk}


def a_part() -> dict[str, Any]:
    case = a_case()
    return {"number": case.number, "pk": case.parts.get().pk}


def a_record_with_a_wrong_duty() -> dict[str, Any]:
    return {"number": a_wrong_case().number}


def a_telephoned_record() -> dict[str, Any]:
    return {"number": a_case(method=Method.TELEPHONE).number}


def a_request_to_close() -> dict[str, Any]:
    closure = asked_to_close()
    return {"number": closure.case.number, "pk": closure.pk}


def a_transfer_of_ours() -> dict[str, Any]:
    transfer = a_transfer()
    return {"number": transfer.case.number, "pk": transfer.pk}


def a_restricted_record() -> dict[str, Any]:
    return {"number": a_restricted_case().number}


def a_name_to_take_off() -> dict[str, Any]:
    """Of somebody who could open the record before."""
    named = somebody_named_before()
    return {"number": named.case.number, "pk": named.pk}


def a_transfer_to_answer() -> dict[str, Any]:
    return {"pk": a_transfer_to_us().pk}


def a_closed_record() -> dict[str, Any]:
    return {"number": a_closed_case().number}


def an_update_asked_for() -> dict[str, Any]:
    duty = an_open_update()
    return {"number": duty.case.number, "pk": duty.pk}


def a_duty() -> dict[str, Any]:
    return {"pk": an_open_update().pk}


def something_told() -> dict[str, Any]:
    """To the desk: that something is late, that something was given that has ended since, and an outage."""
    from deadlines import clock
    from diary.models import Notice, NoticeKind

    duty, of_closed = an_open_update(), a_closed_case().duties.latest("pk")
    to = {"team": duty.team, "to_role": Role.DESK_SERGEANT}
    outage = {
        "kind": NoticeKind.OUTAGE,
        "since": clock.now(),
        "words": "1 duty became late: 1 to triage the referral.",
    }
    Notice.objects.create(kind=NoticeKind.LATE, duty=duty, number=1, **to)
    Notice.objects.create(kind=NoticeKind.GIVEN, duty=of_closed, **to)
    Notice.objects.create(**outage, **to)
    return {}


def an_answer_to_judge() -> dict[str, Any]:
    answer = an_answer(a_case())
    return {"number": answer.case.number, "pk": answer.pk}


def an_address() -> dict[str, Any]:
    return {"pk": an_approved_address().pk}


def an_email() -> dict[str, Any]:
    return {"pk": a_message().pk}


def an_attachment_of_an_email() -> dict[str, Any]:
    kept = a_kept_attachment()
    return {"pk": kept.message_id, "number": kept.number}


def an_email_and_a_record() -> dict[str, Any]:
    return {"number": a_case().number, "pk": a_message().pk}


def an_email_set_aside() -> dict[str, Any]:
    from intake.actions import set_aside_message

    message = set_aside_message(a_message(), reason="Training", by=User.objects.system())
    return {"pk": message.pk}


def an_old_log_read() -> dict[str, Any]:
    return {"pk": an_old_log().pk}


def a_calendar_address() -> dict[str, Any]:
    from team.actions import make_calendar_address

    return {"secret": make_calendar_address(by=an_officer(Role.DESK_SERGEANT))}


def a_value_to_come() -> dict[str, Any]:
    limit = a_limit_to_come()
    return {"code": limit.rule, "pk": limit.pk}


def a_day_to_come() -> dict[str, Any]:
    return {"pk": a_bank_holiday_to_come().pk}


def a_draft() -> dict[str, Any]:
    from referrals.actions import save_draft

    return {"key": save_draft(a_team(), key=uuid4(), typed={}, by=an_officer(Role.DESK_SERGEANT)).key}


def a_gap_on_a_record() -> dict[str, Any]:
    gap = a_gap()
    return {"number": gap.case.number, "pk": gap.pk}


def a_risk_on_a_record() -> dict[str, Any]:
    risk = a_managed_risk()
    return {"number": risk.case.number, "pk": risk.pk}


def a_measure_on_a_record() -> dict[str, Any]:
    measure = a_measure()
    return {"number": measure.case.number, "pk": measure.pk}


def a_gap_on_the_record() -> dict[str, Any]:
    return {"number": a_gap().case.number}


def a_record_with_risks() -> dict[str, Any]:
    case = a_managed_risk().case
    a_measure(a_risk(case, "The door does not lock"))
    return {"number": case.number}


def an_unmanaged_risk() -> dict[str, Any]:
    a_measure()
    return {}


def an_assessment_to_read() -> dict[str, Any]:
    return {"pk": submitted(a_case()).pk}


def a_conference_of_programs() -> dict[str, Any]:
    return {"pk": a_conference().pk}


def an_outcome_of_programs() -> dict[str, Any]:
    conference = that_decided()
    return {"pk": conference.pk, "outcome": conference.outcomes.get().pk}


def a_report_of_programs() -> dict[str, Any]:
    return {"pk": a_report(a_conference()).conference_id}


def an_item_of_programs() -> dict[str, Any]:
    item = an_item(a_report(a_conference()))
    return {"pk": item.report.conference_id, "item": item.pk}


def a_recipient_of_programs() -> dict[str, Any]:
    recipient = a_recipient()
    return {"pk": recipient.conference_id, "recipient": recipient.pk}


def a_plan_of_programs() -> dict[str, Any]:
    return {"pk": a_plan().pk}


def a_core_group_of_programs() -> dict[str, Any]:
    group = a_core_group_of_yesterday()
    return {"number": group.case.number, "pk": group.pk}


def a_sent_cram() -> dict[str, Any]:
    assessment = submitted(a_case())
    return {"number": assessment.case.number, "assessed": assessment.number}


def invitations_that_were_passed_on() -> dict[str, Any]:
    an_invitation()
    return {}


def a_booked_conference() -> dict[str, Any]:
    conference = a_conference()
    return {"number": conference.case.number, "nr": conference.number}


def a_booked_review() -> dict[str, Any]:
    conference = a_review()
    return {"number": conference.case.number, "nr": conference.number}


def a_record_with_a_conference() -> dict[str, Any]:
    return {"number": a_review().case.number}


def an_invitation() -> dict[str, Any]:
    from intake.actions import pass_to_conferences

    return {"pk": pass_to_conferences(a_message(), by=User.objects.system()).pk}


def a_conference_that_began() -> dict[str, Any]:
    conference = that_began()
    return {"number": conference.case.number, "nr": conference.number}


def a_conference_that_was_held() -> dict[str, Any]:
    conference = that_was_held()
    return {"number": conference.case.number, "nr": conference.number}


def conferences_and_a_plan() -> dict[str, Any]:
    that_began()
    that_was_held()
    a_plan()
    return {}


def a_conference_that_decided() -> dict[str, Any]:
    conference = that_decided()
    return {
        "number": conference.case.number,
        "nr": conference.number,
        "pk": conference.outcomes.get().pk,
    }


def a_report_that_is_written() -> dict[str, Any]:
    conference = a_report_for_several().conference
    return {"number": conference.case.number, "nr": conference.number}


def an_item_of_a_report() -> dict[str, Any]:
    report = a_report_for_several()
    conference = report.conference
    return {"number": conference.case.number, "nr": conference.number, "pk": report.items.earliest("pk").pk}


def a_recipient_of_a_report() -> dict[str, Any]:
    conference = a_report_for_several().conference
    recipient = conference.recipients.latest("pk")
    return {"number": conference.case.number, "nr": conference.number, "pk": recipient.pk}


def a_report_to_endorse() -> dict[str, Any]:
    conference = a_submitted_report().conference
    return {"number": conference.case.number, "nr": conference.number}


def a_report_to_send() -> dict[str, Any]:
    conference = an_endorsed_report().conference
    return {"number": conference.case.number, "nr": conference.number}


def a_copy_that_was_sent() -> dict[str, Any]:
    copy = a_sent_copy()
    return {"number": copy.conference.case.number, "nr": copy.conference.number, "copy": copy.number}


def a_plan_of_before() -> dict[str, Any]:
    plan = a_plan()
    return {"number": plan.case.number, "pk": plan.pk}


def a_record_with_a_plan() -> dict[str, Any]:
    return {"number": a_plan().case.number}


def a_core_group_on_a_record() -> dict[str, Any]:
    group = a_core_group_of_yesterday()
    return {"number": group.case.number, "nr": group.number}


SEES = HOLDERS[Permission.SEE_RECORDS]
REPORTS = HOLDERS[Permission.WRITE_REPORTS]
BOOKS = HOLDERS[Permission.BOOK_CONFERENCES]
RECORDS_OUTCOMES = HOLDERS[Permission.RECORD_OUTCOMES]
WRITES = HOLDERS[Permission.WRITE_RECORDS]
LOGS = HOLDERS[Permission.LOG_REFERRALS]
HANDLES = HOLDERS[Permission.HANDLE_MAIL]
ASSESSES = HOLDERS[Permission.ASSESS_RISK]
BRINGS_IN = HOLDERS[Permission.BRING_IN_LOGS]

DOORS: dict[str, Door] = {
    "health": Door(public=True, status=503),  # no worker runs beside these tests
    "calendar_feed": Door(public=True, needs=a_calendar_address, file=True),
    "account_login": Door(public=True, status=302),
    "account_logout": Door(EVERYBODY),
    "account_change_password": Door(EVERYBODY),
    "workbench:today": Door(EVERYBODY),
    "workbench:case": Door(SEES, needs=a_record, record=True),
    "referrals:log_page": Door(SEES),
    "referrals:download": Door(HOLDERS[Permission.DOWNLOAD_LOG]),
    "referrals:desk_page": Door(HANDLES),
    "referrals:log": Door(LOGS),
    "referrals:draft": Door(LOGS, needs=a_draft, status=302),  # begun by a colleague: on to taking it over
    "referrals:save_draft": Door(LOGS, needs=a_draft, status=405),
    "referrals:take_over_draft": Door(LOGS, needs=a_draft),
    "referrals:discard_draft": Door(LOGS, needs=a_draft),
    "referrals:referral": Door(SEES, needs=a_record, record=True),
    "referrals:logged": Door(SEES, needs=a_record, record=True),
    "referrals:caller": Door(HOLDERS[Permission.SEE_CALLERS], needs=a_record, record=True),
    "referrals:triage": Door(HOLDERS[Permission.TRIAGE_REFERRALS], needs=a_record, record=True),
    "referrals:confirm": Door(LOGS, needs=a_telephoned_record, record=True),
    "referrals:add_person": Door(WRITES, needs=a_record, record=True),
    "referrals:mailbox": Door(HANDLES),
    # An email that one may not read is not found, whoever asks.
    "referrals:message": Door(HANDLES, needs=an_email, hidden=True),
    "referrals:message_source": Door(HANDLES, needs=an_email, hidden=True),
    "referrals:attachment": Door(HANDLES, needs=an_attachment_of_an_email, hidden=True, file=True),
    "referrals:set_aside_message": Door(HANDLES, needs=an_email),
    "referrals:put_back_message": Door(HANDLES, needs=an_email_set_aside),
    "referrals:pass_to_conferences": Door(HANDLES, needs=an_email, status=405),
    "referrals:put_email_on_record": Door(HANDLES, needs=an_email_and_a_record, hidden=True),
    "old_logs:old_logs": Door(BRINGS_IN),
    "old_logs:old_log": Door(BRINGS_IN, needs=an_old_log_read),
    "old_logs:choose_columns": Door(BRINGS_IN, needs=an_old_log_read),
    "old_logs:download_rest": Door(BRINGS_IN, needs=an_old_log_read, file=True),
    "old_logs:discard_old_log": Door(BRINGS_IN, needs=an_old_log_read),
    "workbench:people": Door(SEES),
    "workbench:person": Door(SEES, needs=a_known_person),
    "workbench:search": Door(SEES),
    "workbench:shortcuts": Door(EVERYBODY),
    "workbench:post": Door(EVERYBODY, status=404),  # there is none but in the demonstration
    "workbench:write": Door(EVERYBODY, status=404),
    "conferences:conferences": Door(SEES, needs=conferences_and_a_plan),
    "conferences:print_week": Door(SEES, needs=conferences_and_a_plan),
    "conferences:register": Door(SEES, needs=conferences_and_a_plan),
    "conferences:register_moves": Door(SEES, needs=conferences_and_a_plan),
    "conferences:attendance": Door(SEES, needs=conferences_and_a_plan),
    "conferences:attendance_list": Door(SEES, needs=conferences_and_a_plan),
    "conferences:timeliness": Door(SEES, needs=conferences_and_a_plan),
    "conferences:timeliness_list": Door(SEES, needs=conferences_and_a_plan),
    "conferences:invitations": Door(SEES, needs=invitations_that_were_passed_on),
    "conferences:invitation": Door(BOOKS, needs=an_invitation),
    "conferences:of_record": Door(SEES, needs=a_record_with_a_conference, record=True),
    "conferences:conference": Door(SEES, needs=a_booked_conference, record=True),
    "conferences:book": Door(BOOKS, needs=a_record, record=True),
    "conferences:change": Door(BOOKS, needs=a_booked_conference, record=True),
    "conferences:move": Door(BOOKS, needs=a_booked_conference, record=True),
    "conferences:cancel": Door(BOOKS, needs=a_booked_conference, record=True),
    "conferences:decide_attendance": Door(
        HOLDERS[Permission.SUPERVISE_CONFERENCES], needs=a_booked_review, record=True
    ),
    "conferences:brief": Door(HOLDERS[Permission.SUPERVISE_CONFERENCES], needs=a_booked_conference, record=True),
    "conferences:report": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:assemble": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:add_item": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:item": Door(REPORTS, needs=an_item_of_a_report, record=True),
    "conferences:recipients": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:add_recipient": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:take_off_recipient": Door(REPORTS, needs=a_recipient_of_a_report, record=True),
    "conferences:submit_report": Door(REPORTS, needs=a_report_that_is_written, record=True),
    "conferences:endorse_report": Door(HOLDERS[Permission.ENDORSE_REPORTS], needs=a_report_to_endorse, record=True),
    "conferences:send_report": Door(REPORTS, needs=a_report_to_send, record=True),
    "conferences:preview": Door(REPORTS, needs=a_report_that_is_written, record=True, file=True),
    "conferences:annex": Door(REPORTS, needs=a_report_that_is_written, record=True, file=True),
    "conferences:speaking_note": Door(REPORTS, needs=a_report_that_is_written, record=True, file=True),
    "conferences:copy": Door(REPORTS, needs=a_copy_that_was_sent, record=True, file=True),
    "conferences:attended": Door(RECORDS_OUTCOMES, needs=a_conference_that_began, record=True),
    "conferences:correct_attendance": Door(RECORDS_OUTCOMES, needs=a_conference_that_was_held, record=True),
    "conferences:outcome": Door(RECORDS_OUTCOMES, needs=a_conference_that_was_held, record=True),
    "conferences:correct_outcome": Door(RECORDS_OUTCOMES, needs=a_conference_that_decided, record=True),
    "conferences:add_police_action": Door(RECORDS_OUTCOMES, needs=a_conference_that_was_held, record=True),
    "conferences:debrief": Door(
        HOLDERS[Permission.SUPERVISE_CONFERENCES], needs=a_conference_that_was_held, record=True
    ),
    "conferences:minutes": Door(RECORDS_OUTCOMES, needs=a_conference_that_was_held, record=True),
    "conferences:record_plan": Door(RECORDS_OUTCOMES, needs=a_record, record=True),
    "conferences:end_plan": Door(RECORDS_OUTCOMES, needs=a_plan_of_before, record=True),
    "conferences:withdraw_plan": Door(RECORDS_OUTCOMES, needs=a_plan_of_before, record=True),
    "conferences:plan_core_group": Door(RECORDS_OUTCOMES, needs=a_record_with_a_plan, record=True),
    "conferences:move_core_group": Door(RECORDS_OUTCOMES, needs=a_core_group_on_a_record, record=True),
    "conferences:record_core_group": Door(RECORDS_OUTCOMES, needs=a_core_group_on_a_record, record=True),
    "conferences:cancel_core_group": Door(RECORDS_OUTCOMES, needs=a_core_group_on_a_record, record=True),
    "cram:assessment_pdf": Door(SEES, needs=a_sent_cram, record=True, file=True),
    "cram:assess": Door(SEES, needs=a_cram_under_way, record=True),
    "cram:assessment": Door(SEES, needs=a_cram_to_read, record=True),
    "cram:answer": Door(ASSESSES, needs=a_section_of_a_cram, record=True),
    "cram:level": Door(ASSESSES, needs=a_cram_under_way, record=True),
    "cram:new_information": Door(ASSESSES, needs=a_cram_under_way, record=True),
    "cram:decisions": Door(ASSESSES, needs=a_cram_under_way, record=True),
    "cram:send": Door(ASSESSES, needs=a_cram_under_way, record=True),
    "cram:discard": Door(ASSESSES, needs=a_cram_under_way, record=True),
    "cram:endorse": Door(HOLDERS[Permission.ENDORSE_ASSESSMENTS], needs=a_cram_to_endorse, record=True),
    "cram:gaps": Door(SEES, needs=a_gap_on_the_record, record=True),
    "cram:raise_gap": Door(WRITES, needs=a_record, record=True),
    "cram:change_gap": Door(WRITES, needs=a_gap_on_a_record, record=True),
    "cram:answer_gap": Door(WRITES, needs=a_gap_on_a_record, record=True),
    "cram:drop_gap": Door(WRITES, needs=a_gap_on_a_record, record=True),
    "cram:risks": Door(SEES, needs=a_record_with_risks, record=True),
    "cram:identify_risk": Door(ASSESSES, needs=a_record, record=True),
    "cram:end_risk": Door(ASSESSES, needs=a_risk_on_a_record, record=True),
    "cram:set_measure": Door(WRITES, needs=a_risk_on_a_record, record=True),
    "cram:change_measure": Door(WRITES, needs=a_measure_on_a_record, record=True),
    "cram:check_measure": Door(WRITES, needs=a_measure_on_a_record, record=True),
    "cram:end_measure": Door(WRITES, needs=a_measure_on_a_record, record=True),
    "cram:quality": Door(HOLDERS[Permission.SEE_FIGURES]),
    "cram:quality_list": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_cram_to_endorse_somewhere),
    "cram:matrix": Door(SEES),
    "cram:matrix_version": Door(SEES, needs=a_draft_of_the_matrix),
    "cram:compare_matrix": Door(SEES, needs=a_version_of_the_matrix),
    "cram:draft_matrix": Door(HOLDERS[Permission.CHANGE_MATRIX]),
    "cram:add_factor": Door(HOLDERS[Permission.CHANGE_MATRIX], needs=a_draft_of_the_matrix),
    "cram:change_factor": Door(HOLDERS[Permission.CHANGE_MATRIX], needs=a_factor_of_a_draft),
    "cram:take_factor_out": Door(HOLDERS[Permission.CHANGE_MATRIX], needs=a_factor_of_a_draft),
    "cram:publish_matrix": Door(HOLDERS[Permission.CHANGE_MATRIX], needs=a_draft_that_differs),
    "cram:discard_matrix": Door(HOLDERS[Permission.CHANGE_MATRIX], needs=a_draft_that_differs),
    "cram:unmanaged": Door(SEES, needs=an_unmanaged_risk),
    "oversight:figures": Door(HOLDERS[Permission.SEE_FIGURES]),
    "oversight:team_figures": Door(HOLDERS[Permission.SEE_FIGURES]),
    "oversight:all_figures": Door(HOLDERS[Permission.SEE_FIGURES]),
    "oversight:measure": Door(HOLDERS[Permission.SEE_FIGURES], needs=lambda: {"code": "referrals"}),
    "oversight:facts": Door(HOLDERS[Permission.SEE_FIGURES], needs=lambda: {"code": "referrals"}),
    "oversight:reports": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_report_in_the_list),
    "oversight:make_report": Door(HOLDERS[Permission.SIGN_MONTHLY_REPORTS], needs=lambda: {"code": a_team().code}),
    "oversight:report": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_month),
    "oversight:report_commentary": Door(HOLDERS[Permission.SIGN_MONTHLY_REPORTS], needs=a_month),
    "oversight:count_report": Door(HOLDERS[Permission.SIGN_MONTHLY_REPORTS], needs=a_month, status=405),
    "oversight:sign_report": Door(HOLDERS[Permission.SIGN_MONTHLY_REPORTS], needs=a_month),
    "oversight:report_now": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_corrected_month),
    "oversight:report_facts": Door(
        HOLDERS[Permission.SEE_FIGURES], needs=lambda: {**a_month(), "code": "open_records"}
    ),
    "oversight:report_pdf": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_month, file=True),
    "oversight:report_workbook": Door(HOLDERS[Permission.SEE_FIGURES], needs=a_month, file=True),
    "cases:records": Door(SEES),
    "cases:chronology": Door(SEES, needs=a_record, record=True),
    "cases:print_chronology": Door(SEES, needs=a_record, record=True),
    "cases:add_entry": Door(WRITES, needs=a_record, record=True),
    "cases:correct_entry": Door(WRITES, needs=an_entry, record=True),
    "cases:actions_page": Door(SEES, needs=a_record, record=True),
    "cases:add_action": Door(WRITES, needs=a_record, record=True),
    "cases:change_action": Door(WRITES, needs=an_action, record=True),
    "cases:complete_action": Door(WRITES, needs=an_action, record=True),
    "cases:cancel_action": Door(WRITES, needs=an_action, record=True),
    "cases:people": Door(SEES, needs=a_record, record=True),
    "cases:change_person": Door(WRITES, needs=a_person_on_a_record, record=True),
    "cases:take_person_off": Door(WRITES, needs=a_part, record=True),
    "cases:shared": Door(SEES, needs=a_record, record=True),
    "cases:share_information": Door(WRITES, needs=a_record, record=True),
    "cases:closure": Door(SEES, needs=a_record, record=True),
    "cases:agree_closure": Door(HOLDERS[Permission.CLOSE_RECORDS], needs=a_request_to_close, record=True),
    "cases:refuse_closure": Door(HOLDERS[Permission.CLOSE_RECORDS], needs=a_request_to_close, record=True),
    "cases:withdraw_closure": Door(HOLDERS[Permission.ASK_CLOSURE], needs=a_request_to_close, record=True),
    "cases:reopen_case": Door(HOLDERS[Permission.REOPEN_RECORDS], needs=a_closed_record, record=True),
    "cases:transfer": Door(SEES, needs=a_record, record=True),
    "cases:withdraw_transfer": Door(HOLDERS[Permission.TRANSFER_RECORDS], needs=a_transfer_of_ours, record=True),
    "cases:restriction": Door(SEES, needs=a_record, record=True),
    "cases:take_name_off": Door(HOLDERS[Permission.RESTRICT_RECORDS], needs=a_name_to_take_off, record=True),
    "cases:end_restriction": Door(HOLDERS[Permission.END_RESTRICTIONS], needs=a_record, record=True),
    "cases:restricted_records": Door(HOLDERS[Permission.OVERSEE_RESTRICTIONS]),
    "cases:name_on_restricted": Door(HOLDERS[Permission.OVERSEE_RESTRICTIONS], needs=a_restricted_record),
    "workbench:transfers": Door(HOLDERS[Permission.ANSWER_TRANSFERS]),
    "workbench:transfer": Door(HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True),
    "workbench:accept_transfer": Door(HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True),
    "workbench:decline_transfer": Door(HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True),
    "referrals:record_strategy": Door(WRITES, needs=a_record, record=True),
    "referrals:decide": Door(HOLDERS[Permission.DECIDE_REFERRALS], needs=a_record, record=True),
    "referrals:supervise": Door(HOLDERS[Permission.SUPERVISE_RECORDS], needs=an_investigated_record, record=True),
    "referrals:social_services": Door(SEES, needs=a_record, record=True),
    "referrals:record_update": Door(HOLDERS[Permission.RECORD_UPDATES], needs=a_record, record=True),
    "referrals:judge": Door(HOLDERS[Permission.JUDGE_UPDATES], needs=a_record, record=True),
    "api-schema": Door(EVERYBODY, program=True),
    "api:way_in": Door(EVERYBODY, program=True),
    "api:referrals": Door(SEES, program=True),
    "api:referral": Door(SEES, needs=a_record, record=True, program=True),
    "api:triage": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:confirm": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:known_already": Door(EVERYBODY, program=True, status=405),
    "api:intake": Door(HANDLES, program=True),
    "api:message": Door(HANDLES, needs=an_email, hidden=True, program=True),
    "api:set_aside_message": Door(EVERYBODY, needs=an_email, program=True, status=405),
    "api:put_back_message": Door(EVERYBODY, needs=an_email, program=True, status=405),
    "api:pass_to_conferences": Door(EVERYBODY, needs=an_email, program=True, status=405),
    "api:set_aside_email": Door(EVERYBODY, needs=an_email, program=True, status=405),
    "api:cases": Door(SEES, program=True),
    "api:case": Door(SEES, needs=a_record, record=True, program=True),
    "api:officers": Door(SEES, needs=a_record, record=True, program=True),
    "api:chronology": Door(SEES, needs=a_record, record=True, program=True),
    "api:corrections": Door(SEES, needs=an_entry, record=True, program=True, status=405),
    "api:actions": Door(SEES, needs=a_record, record=True, program=True),
    "api:action": Door(SEES, needs=an_action, record=True, program=True, status=405),
    "api:complete_action": Door(SEES, needs=an_action, record=True, program=True, status=405),
    "api:cancel_action": Door(SEES, needs=an_action, record=True, program=True, status=405),
    "api:add_person": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:person_on_record": Door(SEES, needs=a_person_on_a_record, record=True, program=True, status=405),
    "api:take_person_off": Door(SEES, needs=a_part, record=True, program=True, status=405),
    "api:shared": Door(SEES, needs=a_record, record=True, program=True),
    "api:put_email_on_record": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:strategies": Door(SEES, needs=a_record, record=True, program=True),
    "api:decisions": Door(SEES, needs=a_record, record=True, program=True),
    "api:supervisions": Door(SEES, needs=a_record, record=True, program=True),
    "api:updates": Door(SEES, needs=a_record, record=True, program=True),
    "api:judge": Door(SEES, needs=an_answer_to_judge, record=True, program=True, status=405),
    "api:closure": Door(SEES, needs=a_record, record=True, program=True),
    "api:agree_closure": Door(SEES, needs=a_request_to_close, record=True, program=True, status=405),
    "api:refuse_closure": Door(SEES, needs=a_request_to_close, record=True, program=True, status=405),
    "api:withdraw_closure": Door(SEES, needs=a_request_to_close, record=True, program=True, status=405),
    "api:reopen_case": Door(SEES, needs=a_closed_record, record=True, program=True, status=405),
    "api:transfers_of_record": Door(SEES, needs=a_record, record=True, program=True),
    "api:withdraw_transfer": Door(SEES, needs=a_transfer_of_ours, record=True, program=True, status=405),
    "api:restriction": Door(SEES, needs=a_record, record=True, program=True),
    "api:end_restriction": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:name_officer": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:take_name_off": Door(SEES, needs=a_name_to_take_off, record=True, program=True, status=405),
    "api:transfers": Door(HOLDERS[Permission.ANSWER_TRANSFERS], program=True),
    "api:transfer": Door(HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True, program=True),
    "api:accept_transfer": Door(
        HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True, program=True, status=405
    ),
    "api:decline_transfer": Door(
        HOLDERS[Permission.ANSWER_TRANSFERS], needs=a_transfer_to_answer, hidden=True, program=True, status=405
    ),
    "api:assessments": Door(SEES, program=True),
    "api:assessment": Door(SEES, needs=an_assessment_to_read, record=True, program=True),
    "api:assessment_pdf": Door(SEES, needs=an_assessment_to_read, record=True, program=True, file=True),
    **{
        f"api:{name}": Door(SEES, needs=an_assessment_to_read, record=True, program=True, status=405)
        for name in (
            "answers",
            "level",
            "add_decision",
            "add_assessment_action",
            "new_information",
            "submit_assessment",
            "discard_assessment",
            "endorse_assessment",
            "return_assessment",
        )
    },
    "api:start_assessment": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:gaps": Door(SEES, needs=a_gap_on_the_record, record=True, program=True),
    "api:gap": Door(SEES, needs=a_gap_on_a_record, record=True, program=True, status=405),
    "api:answer_gap": Door(SEES, needs=a_gap_on_a_record, record=True, program=True, status=405),
    "api:drop_gap": Door(SEES, needs=a_gap_on_a_record, record=True, program=True, status=405),
    "api:risks": Door(SEES, needs=a_record_with_risks, record=True, program=True),
    "api:end_risk": Door(SEES, needs=a_risk_on_a_record, record=True, program=True, status=405),
    "api:set_measure": Door(SEES, needs=a_risk_on_a_record, record=True, program=True, status=405),
    "api:measure": Door(SEES, needs=a_measure_on_a_record, record=True, program=True, status=405),
    "api:check_measure": Door(SEES, needs=a_measure_on_a_record, record=True, program=True, status=405),
    "api:end_measure": Door(SEES, needs=a_measure_on_a_record, record=True, program=True, status=405),
    "api:research": Door(SEES, needs=a_record, record=True, program=True),
    "api:drop_research": Door(SEES, needs=a_request_for_research, record=True, program=True, status=405),
    "api:searches": Door(SEES, needs=a_record, record=True, program=True),
    "api:conferences": Door(SEES, program=True),
    "api:conference": Door(SEES, needs=a_conference_of_programs, record=True, program=True),
    **{
        f"api:{name}": Door(SEES, needs=a_conference_of_programs, record=True, program=True, status=405)
        for name in (
            "move_conference",
            "cancel_conference",
            "decide_attendance",
            "brief_officer",
            "record_attendance",
            "correct_attendance",
            "record_outcomes",
            "add_police_action",
            "debrief_officer",
            "check_minutes",
        )
    },
    "api:report": Door(HOLDERS[Permission.WRITE_REPORTS], needs=a_report_of_programs, record=True, program=True),
    **{
        f"api:{name}": Door(
            HOLDERS[Permission.WRITE_REPORTS], needs=a_report_of_programs, record=True, program=True, status=405
        )
        for name in (
            "assemble_report",
            "add_item",
            "decide_sharing",
            "add_recipient",
            "submit_report",
            "endorse_report",
            "return_report",
            "send_report",
        )
    },
    **{
        f"api:{name}": Door(
            HOLDERS[Permission.WRITE_REPORTS], needs=an_item_of_programs, record=True, program=True, status=405
        )
        for name in ("item", "keep_from")
    },
    "api:take_off_recipient": Door(
        HOLDERS[Permission.WRITE_REPORTS], needs=a_recipient_of_programs, record=True, program=True, status=405
    ),
    "api:correct_outcome": Door(SEES, needs=an_outcome_of_programs, record=True, program=True, status=405),
    "api:book_conference": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:plans": Door(SEES, program=True),
    "api:plan": Door(SEES, needs=a_plan_of_programs, record=True, program=True),
    "api:end_plan": Door(SEES, needs=a_plan_of_programs, record=True, program=True, status=405),
    "api:withdraw_plan": Door(SEES, needs=a_plan_of_programs, record=True, program=True, status=405),
    "api:record_plan": Door(SEES, needs=a_record, record=True, program=True, status=405),
    "api:core_groups": Door(SEES, needs=a_record, record=True, program=True),
    "api:move_core_group": Door(SEES, needs=a_core_group_of_programs, record=True, program=True, status=405),
    "api:record_core_group": Door(SEES, needs=a_core_group_of_programs, record=True, program=True, status=405),
    "api:cancel_core_group": Door(SEES, needs=a_core_group_of_programs, record=True, program=True, status=405),
    "api:duties": Door(SEES, program=True),
    "api:notices": Door(SEES, program=True),
    "api:figures": Door(HOLDERS[Permission.SEE_FIGURES], program=True),
    "api:figure": Door(HOLDERS[Permission.SEE_FIGURES], needs=lambda: {"code": "referrals"}, program=True),
    "api:figure_records": Door(HOLDERS[Permission.SEE_FIGURES], needs=lambda: {"code": "referrals"}, program=True),
    "api:read_notices": Door(EVERYBODY, program=True, status=405),
    "api:duty": Door(SEES, needs=a_duty, record=True, program=True),
    "api:ended_duties": Door(SEES, needs=a_record, record=True, program=True),
    "api:give_duty": Door(EVERYBODY, needs=a_duty, program=True, status=405),
    "api:hold_chases": Door(EVERYBODY, needs=a_duty, program=True, status=405),
    "api:release_chases": Door(EVERYBODY, needs=a_duty, program=True, status=405),
    "api:people": Door(SEES, program=True),
    "api:person": Door(SEES, needs=a_known_person, program=True),
    "diary:queues": Door(SEES),
    "diary:give_duties": Door(HOLDERS[Permission.GIVE_DUTIES]),
    "diary:notices": Door(SEES, needs=something_told),
    "diary:read_notices": Door(SEES, status=405),
    "diary:calendar": Door(SEES),
    "diary:end_calendar": Door(SEES, status=405),
    "diary:ended": Door(SEES, needs=a_record, record=True),
    "diary:put_right": Door(HOLDERS[Permission.PUT_DUTIES_RIGHT], needs=a_record_with_a_wrong_duty, record=True),
    "diary:hold_chases": Door(HOLDERS[Permission.HOLD_CHASES], needs=an_update_asked_for, record=True),
    "diary:release_chases": Door(HOLDERS[Permission.HOLD_CHASES], needs=an_update_asked_for, record=True),
    "diary:addresses": Door(SEES),
    "diary:end_address": Door(HOLDERS[Permission.APPROVE_ADDRESSES], needs=an_address),
    "cases:assign_case": Door(HOLDERS[Permission.ASSIGN_RECORDS], needs=a_record, record=True),
    "cases:choose_lead": Door(HOLDERS[Permission.ASSIGN_RECORDS], needs=a_record, record=True),
    "cram:research": Door(SEES, needs=a_record, record=True),
    "cram:ask_research": Door(WRITES, needs=a_record, record=True),
    "cram:record_searches": Door(HOLDERS[Permission.RECORD_RESEARCH], needs=a_record, record=True),
    "cram:drop_research": Door(WRITES, needs=a_request_for_research, record=True),
    "team:people": Door(EVERYBODY),
    "team:change": Door(EVERYBODY),
    "team:add_team": Door(ADMINISTRATOR),
    "team:accounts": Door(ADMINISTRATOR),
    "team:account": Door(ADMINISTRATOR, needs=an_account),
    "team:add_account": Door(ADMINISTRATOR),
    "team:change_account": Door(ADMINISTRATOR, needs=an_account),
    "team:reset_password": Door(ADMINISTRATOR, needs=an_account),
    "team:withdraw_tokens": Door(ADMINISTRATOR, needs=an_account_of_a_program),
    "team:close_account": Door(ADMINISTRATOR, needs=an_account),
    "team:reopen_account": Door(ADMINISTRATOR, needs=a_closed_account),
    "team:give_role": Door(ADMINISTRATOR, needs=an_account),
    "team:end_role": Door(ADMINISTRATOR, needs=a_membership),
    "team:withdraw_role": Door(ADMINISTRATOR, needs=a_membership),
    "oversight:audit_events": Door(AUDITOR),
    "oversight:access_log": Door(AUDITOR),
    "oversight:time_limits": Door(EVERYBODY),
    "oversight:time_limit": Door(EVERYBODY, needs=lambda: {"code": "SS-UPDATE"}),
    "oversight:withdraw_limit": Door(ADMINISTRATOR, needs=a_value_to_come),
    "oversight:enter_bank_holidays": Door(ADMINISTRATOR),
    "oversight:withdraw_bank_holiday": Door(ADMINISTRATOR, needs=a_day_to_come),
}
