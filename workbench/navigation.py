"""The rooms as a person sees them: which entries stand in the navigation, for whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from diary.sweep import MOST_LATE
from team.models import User
from team.permissions import Permission, may


@dataclass(frozen=True)
class Entry:
    """One entry: shown to whoever holds `permission` (None: to everybody signed in)."""

    label: str
    view: str
    # URL names whose pages belong under this entry.
    pages: tuple[str, ...]
    permission: Permission | None = None
    # Whether it carries how many of one's duties are late.
    counts_late: bool = False


ENTRIES = [
    Entry("Today", "workbench:today", ("workbench:today",)),
    Entry(
        "Referrals",
        "referrals:log_page",
        (
            "referrals:log_page",
            "referrals:desk_page",
            "referrals:download",
            "referrals:log",
            "referrals:draft",
            "referrals:take_over_draft",
            "referrals:discard_draft",
            "old_logs:old_logs",
            "old_logs:old_log",
            "old_logs:choose_columns",
            "old_logs:download_rest",
            "old_logs:discard_old_log",
        ),
        Permission.SEE_RECORDS,
    ),
    Entry(
        "Mailbox",
        "referrals:mailbox",
        (
            "referrals:mailbox",
            "referrals:message",
            "referrals:message_source",
            "referrals:set_aside_message",
            "referrals:put_back_message",
        ),
        Permission.HANDLE_MAIL,
    ),
    Entry(
        "Queues",
        "diary:queues",
        (
            "diary:queues",
            "diary:give_duties",
            "diary:calendar",
            "diary:notices",
            "diary:addresses",
            "diary:end_address",
            "cram:unmanaged",
        ),
        Permission.SEE_RECORDS,
        counts_late=True,
    ),
    Entry(
        "Records",
        "cases:records",
        (
            "cases:records",
            "workbench:case",
            "cases:chronology",
            "diary:ended",
            "cases:print_chronology",
            "cases:add_entry",
            "cases:correct_entry",
            "cases:actions_page",
            "cases:add_action",
            "cases:change_action",
            "cases:complete_action",
            "cases:cancel_action",
            "cases:people",
            "cases:change_person",
            "cases:take_person_off",
            "cases:shared",
            "cases:share_information",
            "cases:assign_case",
            "cases:closure",
            "cases:agree_closure",
            "cases:refuse_closure",
            "cases:withdraw_closure",
            "cases:reopen_case",
            "cases:transfer",
            "cases:withdraw_transfer",
            "cases:restriction",
            "cases:take_name_off",
            "cases:end_restriction",
            "cases:restricted_records",
            "cases:name_on_restricted",
            "workbench:transfers",
            "workbench:transfer",
            "workbench:accept_transfer",
            "workbench:decline_transfer",
            "cram:assess",
            "cram:assessment",
            "cram:answer",
            "cram:level",
            "cram:new_information",
            "cram:decisions",
            "cram:send",
            "cram:discard",
            "cram:endorse",
            "cram:research",
            "cram:ask_research",
            "cram:record_searches",
            "cram:drop_research",
            "cram:gaps",
            "cram:raise_gap",
            "cram:change_gap",
            "cram:answer_gap",
            "cram:drop_gap",
            "cram:risks",
            "cram:identify_risk",
            "cram:end_risk",
            "cram:set_measure",
            "cram:check_measure",
            "cram:end_measure",
            "conferences:of_record",
            "conferences:conference",
            "conferences:book",
            "conferences:change",
            "conferences:move",
            "conferences:cancel",
            "conferences:decide_attendance",
            "conferences:brief",
            "conferences:report",
            "conferences:add_item",
            "conferences:item",
            "conferences:assemble",
            "conferences:recipients",
            "conferences:add_recipient",
            "conferences:take_off_recipient",
            "conferences:submit_report",
            "conferences:endorse_report",
            "conferences:send_report",
            "conferences:attended",
            "conferences:outcome",
            "conferences:correct_attendance",
            "conferences:correct_outcome",
            "conferences:add_police_action",
            "conferences:debrief",
            "conferences:minutes",
            "conferences:record_plan",
            "conferences:end_plan",
            "conferences:withdraw_plan",
            "conferences:plan_core_group",
            "conferences:move_core_group",
            "conferences:record_core_group",
            "conferences:cancel_core_group",
            "diary:put_right",
            "diary:hold_chases",
            "diary:release_chases",
            "referrals:record_strategy",
            "referrals:decide",
            "referrals:social_services",
            "referrals:record_update",
            "referrals:judge",
            "referrals:referral",
            "referrals:logged",
            "referrals:caller",
            "referrals:triage",
            "referrals:confirm",
            "referrals:add_person",
            "referrals:put_email_on_record",
        ),
        Permission.SEE_RECORDS,
    ),
    Entry(
        "Conferences",
        "conferences:conferences",
        (
            "conferences:conferences",
            "conferences:print_week",
            "conferences:invitations",
            "conferences:invitation",
            "conferences:register",
            "conferences:register_moves",
            "conferences:attendance",
            "conferences:attendance_list",
            "conferences:timeliness",
            "conferences:timeliness_list",
        ),
        Permission.SEE_RECORDS,
    ),
    Entry(
        "People",
        "workbench:people",
        ("workbench:people", "workbench:person", "workbench:search"),
        Permission.SEE_RECORDS,
    ),
    Entry(
        "Oversight",
        "oversight:figures",
        (
            "oversight:figures",
            "oversight:team_figures",
            "oversight:all_figures",
            "oversight:measure",
            "oversight:facts",
            "oversight:reports",
            "oversight:make_report",
            "oversight:report",
            "oversight:report_commentary",
            "oversight:sign_report",
            "oversight:report_now",
            "oversight:report_facts",
            "cram:quality",
            "cram:quality_list",
            "cram:matrix",
            "cram:matrix_version",
            "cram:compare_matrix",
            "cram:draft_matrix",
            "cram:add_factor",
            "cram:change_factor",
            "cram:take_factor_out",
            "cram:publish_matrix",
            "cram:discard_matrix",
        ),
        Permission.SEE_FIGURES,
    ),
    Entry("Team", "team:people", ("team:people", "team:change"), Permission.SEE_TEAM),
    Entry(
        "Accounts",
        "team:accounts",
        (
            "team:accounts",
            "team:account",
            "team:add_account",
            "team:change_account",
            "team:reset_password",
            "team:close_account",
            "team:reopen_account",
            "team:give_role",
            "team:end_role",
            "team:withdraw_role",
            "team:add_team",
        ),
        Permission.MANAGE_ACCOUNTS,
    ),
    Entry("Who did what", "oversight:audit_events", ("oversight:audit_events",), Permission.READ_ACCESS_LOG),
    Entry("Who looked at what", "oversight:access_log", ("oversight:access_log",), Permission.READ_ACCESS_LOG),
    Entry(
        "Time limits",
        "oversight:time_limits",
        (
            "oversight:time_limits",
            "oversight:time_limit",
            "oversight:withdraw_limit",
            "oversight:enter_bank_holidays",
            "oversight:withdraw_bank_holiday",
        ),
        Permission.SEE_TIME_LIMITS,
    ),
]


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool
    # How many of one's duties are late, in figures: "5", "99+"; empty for none.
    late: str = ""


def navigation(request: HttpRequest, *, late: int = 0) -> list[Link]:
    """The entries for who is signed in, with the one that the page belongs to marked. `late`: how many of their
    duties are."""
    if not isinstance(request.user, User):
        return []
    said = f"{MOST_LATE}+" if late > MOST_LATE else str(late or "")
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        Link(entry.label, reverse(entry.view), here in entry.pages, said if entry.counts_late else "")
        for entry in ENTRIES
        if entry.permission is None or may(request.user, entry.permission, team=None)
    ]
