"""Roles and ranks, in the handbook's words."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What somebody does in a team. The code is also the user name of the demonstration account."""

    DESK_SERGEANT = "desk_sergeant", "Referral Desk Detective Sergeant"
    SUPERVISOR = "supervisor", "Supervising Detective Sergeant"
    INVESTIGATOR = "investigator", "Detective Constable"
    PCLO = "pclo", "Police Conference Liaison Officer"
    RESEARCHER = "researcher", "Researcher"
    OFFICE_MANAGER = "office_manager", "Office Manager"
    INSPECTOR = "inspector", "Detective Inspector"
    COMMAND = "command", "Command manager"
    REVIEWER = "reviewer", "Continuous Improvement Team reviewer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"

    @property
    def short(self) -> str:
        """The role as it stands after a name: "DS Priya Nandra, supervisor"."""
        return SHORT[self]


SHORT = {
    Role.DESK_SERGEANT: "referral desk",
    Role.SUPERVISOR: "supervisor",
    Role.INVESTIGATOR: "investigator",
    Role.PCLO: "conference liaison",
    Role.RESEARCHER: "researcher",
    Role.OFFICE_MANAGER: "office manager",
    Role.INSPECTOR: "inspector",
    Role.COMMAND: "command",
    Role.REVIEWER: "reviewer",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}

# Roles of the command and not of one team: they are held in the command itself and reach every team.
COMMAND_ROLES = frozenset({Role.COMMAND, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR})


class Rank(TextChoices):
    """As written before a name. Police staff have none."""

    STAFF = "", "Police staff"
    DC = "DC", "Detective Constable"
    ACTING_DS = "A/DS", "Acting Detective Sergeant"
    DS = "DS", "Detective Sergeant"
    DI = "DI", "Detective Inspector"
    DCI = "DCI", "Detective Chief Inspector"
    DSUPT = "D/Supt", "Detective Superintendent"


class TeamKind(TextChoices):
    CAIT = "cait", "Child Abuse Investigation Team"
    COMMAND = "command", "Command"


class Posting(TextChoices):
    """How somebody comes to be in a team."""

    POSTED = "posted", "Posted here"
    LOAN = "loan", "On loan from another team"
