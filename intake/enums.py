"""How far the desk has come with an email, and what can be made of one."""

from django.db.models import TextChoices


class State(TextChoices):
    WAITING = "waiting", "Waiting"
    DEALT_WITH = "dealt_with", "Dealt with"
    # The same email, delivered a second time.
    COPY = "copy", "Second copy"


class UseKind(TextChoices):
    """What was made of an email; the label is how the desk's list tells it."""

    REFERRAL = "referral", "Logged as a referral"
    CONFIRMATION = "confirmation", "Written confirmation of a telephone referral"
    UPDATE = "update", "Update from Social Services"
    INFORMATION = "information", "Put on a record"
    CONFERENCE = "conference", "Passed to conferences"
    SET_ASIDE = "set_aside", "Not for a record"
    PUT_BACK = "put_back", "Put back to be dealt with"


# What is about one record, and what is not.
ON_A_RECORD = (UseKind.REFERRAL, UseKind.CONFIRMATION, UseKind.UPDATE, UseKind.INFORMATION)
WITH_A_REASON = (UseKind.SET_ASIDE, UseKind.PUT_BACK)


class FileState(TextChoices):
    """What has become of an attachment."""

    HELD = "held", "Held until it is checked"
    KEPT = "kept", "Can be opened"
    REFUSED = "refused", "Not opened in CAIT"


class Looks(TextChoices):
    """What an email looks like from its subject; the desk decides."""

    REFERRAL = "referral", "a referral"
    CONFIRMATION = "confirmation", "a written confirmation"
    UPDATE = "update", "an update"
    CONFERENCE = "conference", "an invitation to a conference"
    UNCLEAR = "", "not clear"
