"""The invented CRAMs of the demonstration: what was answered, which risks there are, what manages them. All made up.

Each belongs to a family of `demonstration_referrals`, by the name of its first child, and happens so many hours after
its referral was received.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.enums import Level
from cram.enums import Approach, System, Works


@dataclass(frozen=True)
class Step:
    """Something done about the risk, some hours after the referral was received. `given`: what its action takes."""

    hours: float
    by: str
    does: str
    given: dict[str, Any]


def _step(hours: float, by: str, does: str, **given: Any) -> Step:
    return Step(hours, by, does, given)


def _plain(hours: float, by: str, rationale: str, endorsed: float, endorsed_by: str) -> tuple[Step, ...]:
    """A first CRAM when little is known, and its endorsement."""
    return (
        _step(hours, by, "cram", answers=(), level=Level.STANDARD, rationale=rationale),
        _step(endorsed, endorsed_by, "endorse", words=""),
    )


# Under the first child's family name and days of the referral. An answer: the factor's code, whom it is about (the
# first name; "" for the household), the answer, the evidence, where it is known from.
CRAMS: dict[tuple[str, int], tuple[Step, ...]] = {
    ("Calloway", 262): _plain(
        3.5,
        "desk_sergeant",
        "Left alone once, no injury, no earlier referral. Social Services know the mother and visit in the morning.",
        19,
        "supervisor",
    ),
    ("Calloway", 121): (
        *_plain(
            2.5, "frances.quill", "No harm alleged; the school only tells us of a change at home.", 21, "supervisor"
        ),
        *_plain(24 * 41, "investigator", "As before: seen at school each day.", 24 * 41 + 20, "supervisor"),
        *_plain(24 * 82, "investigator", "As before. His grandmother lives with them.", 24 * 82 + 5, "supervisor"),
    ),
    ("Brannock", 34): (
        _step(
            1.2,
            "desk_sergeant",
            "search",
            searches=(
                (System.PNC, True, "Kieran Stroud: assault on an earlier partner, 2006, convicted."),
                (System.CRIS, True, "Two calls for domestic abuse, 2006 and July last year, Stroud and others."),
                (System.MERLIN, False, "Nothing on Ellis or Tia."),
            ),
        ),
        _step(2.5, "desk_sergeant", "risk", what="Kieran Stroud hurting Tia or Ellis", person="Kieran"),
        _step(
            3,
            "desk_sergeant",
            "measure",
            risk="Kieran Stroud hurting Tia or Ellis",
            approach=Approach.AVOID,
            what="Bail: no contact with the children, not to go to 14 Marl Road",
            owner="investigator",
            carried_out_by="",
            runs=60,
            checked_in=21,
            works=Works.YES,
            found="Explained to him and to Shelley Brannock; he stays with a friend in Edmonton.",
        ),
        _step(
            3.2,
            "desk_sergeant",
            "measure",
            risk="Kieran Stroud hurting Tia or Ellis",
            approach=Approach.REDUCE,
            what="Shelley Brannock’s written agreement not to let him in",
            owner="investigator",
            carried_out_by="Selma Arikan, social worker",
            runs=None,
            checked_in=28,
            works=Works.YES,
            found="Signed with the social worker.",
        ),
        _step(
            3.6,
            "desk_sergeant",
            "cram",
            answers=(
                (
                    "unexplained_injury",
                    "Tia",
                    "yes",
                    "Broken left arm; the fall described does not explain it.",
                    "A&E",
                ),
                ("infant_injury", "Tia", "yes", "Seven months old, does not crawl yet.", "A&E"),
                ("repeated_injuries", "Tia", "not_known", "Other hospitals are not asked yet.", ""),
                ("unexplained_injury", "Ellis", "no", "No marks seen by the doctor.", "A&E"),
                ("child_has_told", "Ellis", "not_known", "Not spoken to alone yet.", ""),
                ("violent_or_sexual_history", "Kieran", "yes", "Assault on an earlier partner, 2006.", "PNC"),
                ("domestic_abuse", "Kieran", "yes", "2006 and July last year.", "CRIS"),
                ("substance_misuse", "", "no", "None seen or said.", "A&E, health visitor"),
            ),
            level=Level.HIGH,
            rationale="A baby with a broken arm that nobody explains, and a man in the home with a record of "
            "violence. Both children could be hurt tonight.",
        ),
        _step(20, "supervisor", "endorse", words="Agreed.", directions=(("Find where Kieran Stroud sleeps", 7),)),
        _step(50, "investigator", "answer", factor="child_has_told", words="Spoken to alone: says Kieran shouts."),
        _step(170, "investigator", "direction", words="A flat in Edmonton, with a friend."),
        _step(
            410,
            "investigator",
            "check",
            measure="Bail: no contact with the children, not to go to 14 Marl Road",
            works=Works.DOUBT,
            found="A caller believes he stood outside 14 Marl Road. Not confirmed.",
            checked_in=7,
        ),
    ),
    ("Sobczak", 13): (
        _step(3, "supervisor", "risk", what="Adam Wrona beating the children", person="Adam"),
        _step(
            4.5,
            "supervisor",
            "measure",
            risk="Adam Wrona beating the children",
            approach=Approach.AVOID,
            what="He has left the home; the mother rings if he comes back",
            owner="ruth.hallam",
            carried_out_by="",
            runs=None,
            checked_in=14,
            works=Works.YES,
            found="He was seen to leave with his things.",
        ),
        _step(
            5,
            "desk_sergeant",
            "cram",
            answers=(
                ("weapon_injury", "Jakub", "yes", "Marks of a belt on both legs.", "School nurse"),
                ("child_has_told", "Jakub", "yes", "“Adam does it when Mum is at work.”", "School"),
                ("child_has_told", "Lena", "not_known", "Not spoken to yet.", ""),
                ("violent_or_sexual_history", "Adam", "not_known", "The check abroad is asked for.", ""),
            ),
            level=Level.MEDIUM,
            rationale="An injury with a belt and a clear account. The mother keeps him out of the home for now.",
        ),
        _step(20, "graham.oduya", "endorse", words="", directions=()),
    ),
    ("Abara-Finch", 9): _plain(
        4.2,
        "desk_sergeant",
        "No crime alleged, no injury. The school and Social Services see the child tomorrow.",
        22,
        "supervisor",
    ),
    ("", 5): (
        _step(
            1.2,
            "frances.quill",
            "cram",
            answers=(
                ("earlier_allegations", "Gordon", "not_known", "Other forces are not asked yet.", ""),
                (
                    "connected_to_plans",
                    "Gordon",
                    "not_known",
                    "He helped at a youth club until 2001.",
                    "",
                ),
            ),
            level=Level.MEDIUM,
            rationale="An adult tells of abuse in childhood. Which children he can reach today is not known.",
            challenge="No child is named yet; the two gaps are answered this week.",
        ),
        _step(19, "supervisor", "endorse", words=""),
        _step(
            20,
            "supervisor",
            "ask research",
            systems=(System.PND, System.VISOR, System.CRIMINT),
            why="Earlier allegations against Gordon Pyke in any force, and children he can reach today.",
            in_days=2,
        ),
    ),
    ("Blunt", 2): (
        _step(
            1.5,
            "desk_sergeant",
            "cram",
            answers=(("substance_misuse", "", "yes", "Said to smoke cannabis in the flat.", "Caller"),),
            level=Level.STANDARD,
            rationale="Nothing points to harm to Corey; the school sees him each day.",
            challenge="One caller, who was not there. The school nurse sees Corey tomorrow.",
        ),
    ),
    ("Borowska", 31): _plain(
        2.5, "desk_sergeant", "Social Services are with the family; no injury, no suspect.", 23, "supervisor"
    ),
    ("Chaudry-Poole", 16): _plain(
        1.5,
        "frances.quill",
        "Nothing alleged against anybody; the worry is about absence from school.",
        20,
        "supervisor",
    ),
    ("Penrose", 23): _plain(
        1.6, "desk_sergeant", "No injury, and the worker has seen the child this week.", 16, "supervisor"
    ),
}
