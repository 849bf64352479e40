"""Everything that is written on a record. Each ends with `by=`, writes one audit event and an entry of its own."""

from cases.actions.closing import agree_closure, ask_closure, refuse_closure, reopen_case, withdraw_closure
from cases.actions.leading import choose_lead
from cases.actions.restricting import end_restriction, name_officer, restrict_case, take_name_off
from cases.actions.transferring import accept_transfer, ask_transfer, decline_transfer, withdraw_transfer
from cases.actions.writing import (
    add_action,
    add_entry,
    add_person,
    assign_case,
    cancel_action,
    change_action,
    change_person,
    complete_action,
    correct_entry,
    share_information,
    take_person_off,
)

__all__ = [
    "accept_transfer",
    "add_action",
    "add_entry",
    "add_person",
    "agree_closure",
    "ask_closure",
    "ask_transfer",
    "assign_case",
    "cancel_action",
    "change_action",
    "change_person",
    "choose_lead",
    "complete_action",
    "correct_entry",
    "decline_transfer",
    "end_restriction",
    "name_officer",
    "refuse_closure",
    "reopen_case",
    "restrict_case",
    "share_information",
    "take_name_off",
    "take_person_off",
    "withdraw_closure",
    "withdraw_transfer",
]
