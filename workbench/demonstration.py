"""The invented people of the demonstration. Every name, place and number here is made up.

Plain data, so that the supervisor can print the accounts without starting Django.
"""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "demonstration only"  # noqa: S105  printed on the sign-in page, for this machine alone

TEAMS = {"HGY": "Haringey CAIT", "ENF": "Enfield CAIT"}
COMMAND_TEAM = {"CAC": "Child Abuse Investigation Command"}


class Account(NamedTuple):
    """One account: user name, rank, names, team, role and, in words, what can be tried with it."""

    username: str
    rank: str
    given_names: str
    family_name: str
    team: str
    role: str
    does: str

    @property
    def who(self) -> str:
        return " ".join(part for part in (self.rank, self.given_names, self.family_name) if part)


# The first twelve are the accounts that are printed; user name = the role's code.
ACCOUNTS = [
    Account("desk_sergeant", "DS", "Colin", "Frayne", "HGY", "desk_sergeant", "Takes and logs referrals"),
    Account("supervisor", "DS", "Priya", "Nandra", "HGY", "supervisor", "Supervises, endorses, closes"),
    Account("investigator", "DC", "Ben", "Osei", "HGY", "investigator", "Investigates; officer in case"),
    Account("pclo", "", "Dawn", "Whitlock", "HGY", "pclo", "Attends conferences, writes the police report"),
    Account("researcher", "", "Ines", "Duarte", "HGY", "researcher", "Checks police systems"),
    Account(
        "office_manager", "", "Margaret", "Sowerby", "HGY", "office_manager", "Diaries, invitations, the mailbox"
    ),
    Account("inspector", "DI", "Ruth", "Castell", "HGY", "inspector", "Runs the team"),
    Account("command", "D/Supt", "Howard", "Blyth", "CAC", "command", "Sees all teams"),
    Account("reviewer", "DS", "Anneka", "Holm", "CAC", "reviewer", "Reads and scores records of any team"),
    Account("auditor", "", "Gregory", "Pask", "CAC", "auditor", "Reads who looked at what"),
    Account("administrator", "", "Yvonne", "Tull", "CAC", "administrator", "Accounts, teams, roles"),
    Account("outsider_sergeant", "DS", "Owen", "Marchetti", "ENF", "desk_sergeant", "The desk of another borough"),
    Account("frances.quill", "DS", "Frances", "Quill", "HGY", "desk_sergeant", ""),
    Account("lorna.petrie", "DS", "Lorna", "Petrie", "HGY", "supervisor", ""),
    Account("ruth.hallam", "DC", "Ruth", "Hallam", "HGY", "investigator", ""),
    Account("yusuf.demirel", "DC", "Yusuf", "Demirel", "HGY", "investigator", ""),
    Account("kate.lindley", "DC", "Kate", "Lindley", "HGY", "investigator", ""),
    Account("amy.kestrel", "DC", "Amy", "Kestrel", "HGY", "investigator", ""),
    Account("graham.oduya", "DS", "Graham", "Oduya", "ENF", "supervisor", ""),
    Account("nadia.forsyth", "DI", "Nadia", "Forsyth", "ENF", "inspector", ""),
]
PRINTED = ACCOUNTS[:12]

# Who else works in the boroughs, as the inspectors found the team (HMIC 2010, AFI 5 and 8): six sergeants, of whom
# one is sick (DS Petrie, whom DS Oduya stands in for) and one lent to the MAT pilot, an acting one for half of his
# time, and two conference officers, of whom one has left.
ACCOUNTS += [
    Account("martin.sayle", "DS", "Martin", "Sayle", "HGY", "supervisor", ""),
    Account("helen.strand", "DS", "Helen", "Strand", "HGY", "supervisor", ""),
    Account("colm.farrant", "A/DS", "Colm", "Farrant", "HGY", "investigator", ""),
    Account("simon.tarrant", "", "Simon", "Tarrant", "HGY", "pclo", ""),
    Account("bernice.oyelaran", "", "Bernice", "Oyelaran", "HGY", "office_manager", ""),
    Account("tessa.rowland", "DC", "Tessa", "Rowland", "HGY", "investigator", ""),
    Account("marek.halas", "DC", "Marek", "Halas", "HGY", "investigator", ""),
    Account("joy.amankwah", "DC", "Joy", "Amankwah", "HGY", "investigator", ""),
    Account("david.pruett", "DC", "David", "Pruett", "HGY", "investigator", ""),
    Account("rowan.acheson", "DS", "Rowan", "Acheson", "ENF", "supervisor", ""),
    Account("hester.vane", "DC", "Hester", "Vane", "ENF", "investigator", ""),
    Account("tomas.ferreira", "DC", "Tomas", "Ferreira", "ENF", "investigator", ""),
]
# Since so many days before the demonstration is loaded they hold their roles, and until so many, with the reason.
DAYS_HELD = 735
UNTIL = {
    "helen.strand": (45, "Lent to the MAT pilot, almost full time"),
    "simon.tarrant": (25, "Has left; the post is being filled"),
}
# Other roles of the same people: which, since how many days before, why.
ALSO = (
    ("colm.farrant", "supervisor", 38, "Acting sergeant for half of his time"),
    ("bernice.oyelaran", "researcher", DAYS_HELD, "Stands in as researcher"),
)
# How many days before DS Petrie became sick, and DS Oduya came.
SICK, LENT = 24, 23

# The mailbox of each team, by its address: the name under which it lies on the demonstration's mail server.
MAILBOXES = {"cait.haringey@police.example": "haringey", "cait.enfield@police.example": "enfield"}
MAILBOX_ADDRESSES = dict(zip(TEAMS, MAILBOXES, strict=True))
