"""What an audit event may be. One name for one act, in the past tense; the label is what the auditor reads."""

from django.db.models import TextChoices


class Event(TextChoices):
    # signing in
    SIGNED_IN = "SIGNED_IN", "Signed in"
    SIGN_IN_FAILED = "SIGN_IN_FAILED", "Failed to sign in"
    SIGNED_OUT = "SIGNED_OUT", "Signed out"
    PASSWORD_CHANGED = "PASSWORD_CHANGED", "Changed their password"
    # accounts and roles
    TEAM_ADDED = "TEAM_ADDED", "Added a team"
    ACCOUNT_ADDED = "ACCOUNT_ADDED", "Added an account"
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED", "Changed an account"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", "Closed an account"
    ACCOUNT_REOPENED = "ACCOUNT_REOPENED", "Opened an account again"
    PASSWORD_RESET = "PASSWORD_RESET", "Gave somebody a new password"
    ROLE_GIVEN = "ROLE_GIVEN", "Gave a role"
    ROLE_ENDED = "ROLE_ENDED", "Ended a role"


class Seen(TextChoices):
    """How something was looked at."""

    PAGE = "page", "Opened the page"
    EXPORT = "export", "Downloaded"
    PRINT = "print", "Printed"
    API = "api", "Read by a program"
