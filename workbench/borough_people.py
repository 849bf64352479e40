"""Who of the demonstration's officers did what on a day: who was there, and whose turn it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from deadlines.clock import london_date
from workbench.demonstration import ACCOUNTS, LENT, SICK, UNTIL

ACTING_SINCE = 36
DESKS = {"HGY": ("desk_sergeant", "frances.quill"), "ENF": ("outsider_sergeant",)}
OFFICERS = {
    team: tuple(each.username for each in ACCOUNTS if each.team == team and each.role == "investigator")
    for team in DESKS
}
MANAGERS = {"HGY": ("office_manager", "bernice.oyelaran"), "ENF": ("outsider_sergeant",)}


@dataclass(frozen=True)
class Team:
    """Those who have to do with one record. `day`: on which it was logged."""

    code: str
    day: date
    today: date
    rng: Random
    officer: str
    supervisor: str

    @property
    def desk(self) -> str:
        return self.desk_of(self.day)

    @property
    def desk_name(self) -> str:
        family_name = next(each.family_name for each in ACCOUNTS if each.username == self.desk)
        return f"DS {family_name}"

    def desk_of(self, day: date) -> str:
        desks = DESKS[self.code]
        return desks[(day.day // 2) % len(desks)]

    def desk_on(self, at: datetime) -> str:
        return self.desk_of(london_date(at))

    @property
    def manager(self) -> str:
        return self.rng.choice(MANAGERS[self.code])

    @property
    def researcher(self) -> str:
        return "bernice.oyelaran" if self.rng.random() < 0.25 else "researcher"

    def pclo_on(self, at: datetime) -> str:
        """The one who is there still has them all since the other has left."""
        left, _ = UNTIL["simon.tarrant"]
        return "simon.tarrant" if self._ago(at) > left + 60 and self.day.day % 2 else "pclo"

    def endorser(self, at: datetime, *, but: str) -> str:
        """Whoever endorses on that day, and is another than who wrote it."""
        return self._of(supervisors_on(self.code, self._ago(at)), but)

    def supervisor_on(self, at: datetime, supervisor: str, *, but: str) -> str:
        """The record's supervisor, or who stands in once they are away."""
        there = [name for name, _ in supervisors_on(self.code, self._ago(at))]
        return supervisor if supervisor in there else self.endorser(at, but=but)

    def _of(self, them: list[tuple[str, float]], but: str) -> str:
        them = [each for each in them if each[0] != but]
        return self.rng.choices([name for name, _ in them], [much for _, much in them])[0]

    def _ago(self, at: datetime) -> int:
        return (self.today - london_date(at)).days


def supervisors_on(team: str, ago: int) -> list[tuple[str, float]]:
    """Who supervised in a team so many days before the demonstration was loaded, and how much of it each did."""
    if team == "ENF":
        return [("graham.oduya", 3 if ago > LENT else 0.2), ("rowan.acheson", 3), ("nadia.forsyth", 1)]
    found = [("supervisor", 4.0), ("martin.sayle", 2.5), ("inspector", 0.3)]
    if ago > SICK:
        found.append(("lorna.petrie", 4))
    elif ago < LENT:
        found.append(("graham.oduya", 2.5))
    if ago > UNTIL["helen.strand"][0]:
        found.append(("helen.strand", 2.5))
    if ago < ACTING_SINCE:
        found.append(("colm.farrant", 1.2))
    return found


def team_of(code: str, day: date, now: datetime, rng: Random) -> Team:
    """Those who have to do with a record that was logged on a day."""
    today = london_date(now)
    ago = (today - day).days
    officers = [each for each in OFFICERS[code] if each != "colm.farrant" or ago > ACTING_SINCE + 90]
    supervisor = rng.choice(
        ("martin.sayle", "helen.strand" if ago > UNTIL["helen.strand"][0] + 10 else "martin.sayle")
    )
    if code == "ENF":
        supervisor = "rowan.acheson"
    return Team(code, day, today, rng, rng.choice(officers), supervisor)
