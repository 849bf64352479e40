"""Writes that are part of another room's action: no audit event of their own. The permission they ask themselves,
because an email is its mailbox's, and not the record's."""

from __future__ import annotations

from cases.models import Case
from intake import policies
from intake.enums import State, UseKind
from intake.models import Message, Use
from team.models import User
from team.permissions import NotAllowed, Permission, require


def locked(message: Message, by: User) -> Message:
    """The email as it is now, locked: of two at the desk the second waits for the first.

    Raises NotAllowed, also for an email that one may not read.
    """
    message = Message.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=message.pk)
    require(by, Permission.HANDLE_MAIL, team=message.team)
    if not by.is_system and not Message.objects.handled_by(by).filter(pk=message.pk).exists():
        raise NotAllowed("You cannot read this email. Ask the desk sergeant.")
    return message


def use(
    message: Message, kind: UseKind, case: Case, *, seen: int | None = None, protected: bool = False, by: User
) -> Message:
    """Put an email on a record, as what it is. `seen`: how many uses of it whoever acts has seen.

    `protected`: the record's caller is protected, and the email tells who it is. Raises ValidationError;
    ChangedMeanwhile where a colleague has dealt with it since.
    """
    message = locked(message, by)
    policies.check_can_use(message)
    policies.check_same_team(message, case)
    policies.check_not_twice(message, kind, case)
    policies.check_seen(message, seen)
    Use.objects.create(message=message, kind=kind, case=case, used_by=by)
    message.state = State.DEALT_WITH
    message.protected = message.protected or protected
    message.save(update_fields=["state", "protected"])
    for copy in message.copies.filter(protected=False) if message.protected else ():
        copy.protected = True
        copy.save(update_fields=["protected"])
    return message


def pass_on(message: Message, *, by: User) -> None:
    """Pass an email to conferences with what is booked from it, unless it was passed on already: then whoever books
    need not handle the mailbox."""
    if message.uses.conferences().exists():
        return
    message = locked(message, by)
    policies.check_can_use(message)
    Use.objects.create(message=message, kind=UseKind.CONFERENCE, used_by=by)
    message.state = State.DEALT_WITH
    message.save(update_fields=["state"])
