"""The invented conferences and plans of the demonstration: what was booked, prepared, decided. All of it made up.

Each step belongs to a family of `demonstration_families`, by the name of its first child, and happens so many days
before the day on which the demonstration is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.enums import Basis, Level, Way
from conferences.enums import (
    Attending,
    ConferenceKind,
    Missed,
    Outcome,
    PlanCategory,
    PlanEnd,
    PoliceView,
    Section,
)
from cram.enums import System

CENTRE = "Fernley Civic Centre, room 4"
CHAIR = "Ms G Teasdale, independent chair"


@dataclass(frozen=True)
class On:
    """Something done so many days before today, at a London time. `given`: what its action takes; days in it count
    from today too, ahead where they are below nought."""

    days: int
    at: tuple[int, int]
    by: str
    does: str
    given: dict[str, Any]


def _on(days: int, at: tuple[int, int], by: str, does: str, **given: Any) -> On:
    return On(days, at, by, does, given)


def _cram(days: int, rationale: str, *, level: Level = Level.MEDIUM, by: str = "investigator") -> tuple[On, ...]:
    """A CRAM, and its endorsement by a sergeant the next morning."""
    given = {"answers": (), "level": level, "rationale": rationale}
    return (
        On(days, (14, 20), by, "cram", given),
        On(days - 1, (9, 15), "supervisor", "endorse", {"words": ""}),
    )


def _searched(days: int) -> On:
    searches = (
        (System.PNC, False, ""),
        (System.CRIS, False, ""),
        (System.MERLIN, True, "Known through this record."),
    )
    return _on(days, (11, 5), "researcher", "search", searches=searches)


def _booked(days: int, kind: ConferenceKind, held: int, at: tuple[int, int], by: str = "pclo", **other: Any) -> On:
    """`held`: how many days before today it is held, on a weekday near; ahead of today where it is below nought.
    What is booked today was booked before it was loaded, however early that is."""
    given = {"kind": kind, "held": held, "starts": at, "place": CENTRE, "chair": CHAIR, "pclo": "pclo", **other}
    return On(days, (15, 30), by, "book", given)


def _plan(days: int, child: str, category: PlanCategory, since: int, conference: int, *, initial: bool) -> On:
    given = {"child": child, "category": category, "since": since, "conference": conference, "initial": initial}
    return On(days, (12, 10), "pclo", "plan", given)


AGREED = PoliceView.AGREED

# Under the first child's family name: what was done about the risk, the conferences and the plans of a family.
STEPS: dict[str, tuple[On, ...]] = {
    # A first conference next week: searched, assessed, the report being written.
    "Adeyemi": (
        *_cram(12, "Temi’s account is clear, and her brother sees it all. He has left, and may come back."),
        _booked(8, ConferenceKind.INITIAL, -7, (10, 0), by="office_manager", discussed=12),
        _searched(6),
        *_cram(4, "Nothing new since he left. Bola Adeyemi is not sure that it will stay so."),
        _on(2, (10, 15), "pclo", "start report"),
        _on(
            2,
            (10, 50),
            "pclo",
            "write",
            section=Section.ANALYSIS,
            text="Temi protects her brother from what she sees. The risk is lower while Marcus Dray is away.",
        ),
    ),
    # A first conference at short notice: nothing is done yet.
    "Wetherby": (
        *_cram(3, "Two bruises that a fall does not explain. She is with her aunt until the medical is in."),
        _booked(0, ConferenceKind.INITIAL, -2, (9, 30), by="office_manager", pclo=None, discussed=3),
    ),
    # A review in three weeks: whether police attend is not decided.
    "Tremlett": (
        *_cram(40, "Neglect that the plan deals with; he is seen each day at school.", level=Level.STANDARD),
        _plan(39, "Jonah", PlanCategory.NEGLECT, 75, 75, initial=True),
        _booked(9, ConferenceKind.REVIEW, -21, (14, 0)),
    ),
    # Held yesterday; nobody has recorded yet who was there.
    "Halberd": (
        *_cram(18, "A blow to the face of a small child, told by himself. His father is out of the home."),
        _booked(14, ConferenceKind.INITIAL, 1, (10, 0), discussed=18),
        _searched(9),
        *_cram(7, "The father keeps away. The mother says that she believes Leon."),
        _on(4, (16, 0), "supervisor", "brief", words="Ask who has a key, and what the mother does when he rings."),
    ),
    # Two on plans; the core group comes before the 42 days are over, and the review of the CRAM with it.
    "Fairclough": (
        *_cram(48, "Alone without food for days. The grandmother is there now.", level=Level.HIGH),
        _booked(44, ConferenceKind.INITIAL, 31, (13, 30)),
        _searched(40),
        *_cram(37, "The flat is clean and there is food while the grandmother stays."),
        _on(33, (11, 20), "supervisor", "brief", words="Ask how long the grandmother can stay."),
        _on(
            29, (16, 30), "pclo", "attended", note="All agreed on plans for both. The grandmother stays until spring."
        ),
        _on(
            29,
            (16, 45),
            "pclo",
            "decided",
            decided=(
                ("Molly", Outcome.PLAN, PlanCategory.NEGLECT, AGREED, ""),
                ("Dean", Outcome.PLAN, PlanCategory.NEGLECT, AGREED, ""),
            ),
        ),
        _on(
            28, (9, 40), "supervisor", "debrief", words="The chair asked for our log of the nights. DC Osei sends it."
        ),
        _on(28, (9, 50), "pclo", "core group", held=18, starts=(15, 0), place="Linnet House community room"),
        _on(
            16,
            (11, 30),
            "pclo",
            "core group held",
            note="The plan is kept to. The health visitor weighs both children each week.",
            told="That no call to the flat was logged since the conference.",
        ),
        _on(16, (11, 40), "pclo", "core group", held=-9, starts=(15, 0), place="Linnet House community room"),
        *_cram(6, "Both gain weight. The risk comes back if the grandmother leaves."),
    ),
    # A review without police: a report was sent, and we did not agree with one of the two decisions.
    "Ambrose": (
        *_cram(38, "Her mother’s friend was back once. Silas shows that he is afraid."),
        _plan(37, "Cleo", PlanCategory.EMOTIONAL, 200, 110, initial=False),
        _plan(37, "Silas", PlanCategory.EMOTIONAL, 200, 110, initial=False),
        _booked(33, ConferenceKind.REVIEW, 17, (11, 0)),
        _on(
            31,
            (10, 0),
            "supervisor",
            "decide attendance",
            attending=Attending.REPORT_ONLY,
            why="No police enquiry is open, and two first conferences are on that day.",
        ),
        _searched(29),
        *_cram(27, "Silas is as afraid as before. Nothing new is known of Cleo."),
        _on(26, (10, 0), "pclo", "start report"),
        _on(
            26,
            (10, 30),
            "pclo",
            "write",
            section=Section.VIEW,
            text="Both plans should go on: nobody knows for how long the friend stays away.",
        ),
        _on(26, (11, 0), "pclo", "submit report"),
        _on(25, (9, 30), "supervisor", "endorse report", words="Agreed."),
        _on(25, (11, 0), "pclo", "send report", way=Way.EMAIL, basis=Basis.SAFEGUARDING),
        _on(15, (10, 0), "pclo", "missed", missed=Missed.DECIDED),
        _on(
            15,
            (10, 20),
            "pclo",
            "decided",
            decided=(
                (
                    "Cleo",
                    Outcome.ENDS,
                    "",
                    PoliceView.DISSENTED,
                    "Our report asked that both go on: the friend was back six weeks ago.",
                ),
                ("Silas", Outcome.CONTINUES, PlanCategory.EMOTIONAL, AGREED, ""),
            ),
        ),
        _on(
            9,
            (15, 0),
            "pclo",
            "minutes",
            received=9,
            agree=False,
            differ="They do not say that police did not agree about Cleo. The chair was asked to put it right.",
        ),
    ),
    # Taken over from another borough, with the plan.
    "Quenby": (
        *_cram(34, "Moved with her mother, who left a violent man. He does not know the address."),
        _booked(31, ConferenceKind.TRANSFER_IN, 20, (10, 0)),
        _on(18, (12, 0), "pclo", "attended", note="The plan is taken over as it was. He must not learn the address."),
        _on(
            18,
            (12, 20),
            "pclo",
            "decided",
            decided=(("Ottilie", Outcome.PLAN, PlanCategory.EMOTIONAL, AGREED, ""),),
        ),
        _on(
            17,
            (9, 20),
            "supervisor",
            "debrief",
            words="Nothing to be done but the flag on the address, which is set.",
        ),
        _on(10, (14, 0), "pclo", "minutes", received=11, agree=True),
    ),
    # Before the birth.
    "Larch": (
        *_cram(10, "Nobody knows who will be in the home when the child is born."),
        _booked(6, ConferenceKind.PRE_BIRTH, -12, (11, 30)),
    ),
    # A review that nobody attended though somebody was to go, with the reason.
    "Ashdown": (
        *_cram(30, "Locked in for an hour each evening; the lock is to come off.", level=Level.STANDARD),
        _plan(29, "Robin", PlanCategory.EMOTIONAL, 100, 100, initial=True),
        _booked(26, ConferenceKind.REVIEW, 16, (10, 0)),
        _on(
            25,
            (10, 30),
            "supervisor",
            "decide attendance",
            attending=Attending.GOING,
            why="He told a teacher of the lock himself; we want to hear what is said of it.",
        ),
        _on(
            14,
            (9, 30),
            "pclo",
            "missed",
            missed=Missed.CLASH,
            why="A first conference was called for the same hour, and nobody else was free.",
        ),
        _on(
            14,
            (15, 0),
            "pclo",
            "decided",
            decided=(("Robin", Outcome.CONTINUES, PlanCategory.EMOTIONAL, PoliceView.NOT_GIVEN, ""),),
        ),
    ),
    # Attended; the debrief and the minutes are still to come.
    "Dunmore": (
        *_cram(27, "Her account is clear. She does not see him, and her mother believes her.", level=Level.HIGH),
        _booked(22, ConferenceKind.INITIAL, 8, (14, 0), discussed=27),
        _searched(17),
        *_cram(15, "He was told not to go near her, and keeps to it so far."),
        _on(
            11, (10, 0), "supervisor", "brief", words="Say what she said in her own words, and nothing of her friend."
        ),
        _on(5, (16, 0), "pclo", "attended", note="All agreed. Her school is told who may fetch her."),
        _on(
            5,
            (16, 10),
            "pclo",
            "decided",
            decided=(("Isla", Outcome.PLAN, PlanCategory.SEXUAL, AGREED, ""),),
        ),
        _on(
            5,
            (16, 20),
            "pclo",
            "police action",
            what="Tell the school who may fetch Isla",
            owner="kate.lindley",
            within=7,
        ),
    ),
    # Plans that were there before CAIT: of each category, one of more than two years, one for the second time.
    "Pellow": (
        *_cram(33, "The plan deals with what was known; all three are seen at school.", level=Level.STANDARD),
        _plan(32, "Gwen", PlanCategory.PHYSICAL, 420, 130, initial=False),
        _plan(32, "Idris", PlanCategory.PHYSICAL, 420, 130, initial=False),
        _plan(32, "Mabon", PlanCategory.PHYSICAL, 420, 130, initial=False),
        _on(
            13,
            (10, 0),
            "pclo",
            "end plan",
            child="Gwen",
            ended=14,
            end=PlanEnd.MOVED,
            note="Lives with her aunt in Kent, whose borough has taken it over (Selma Arikan by telephone).",
        ),
    ),
    "Rudge": (
        *_cram(28, "Their uncle may not come near them, and both know whom to tell."),
        _plan(27, "Nina", PlanCategory.SEXUAL, 260, 80, initial=False),
        _plan(27, "Theo", PlanCategory.SEXUAL, 260, 80, initial=False),
    ),
    "Tilney": (
        *_cram(26, "His mother asks for help by herself, and gets it.", level=Level.STANDARD),
        _plan(25, "Amos", PlanCategory.NEGLECT, 700, 540, initial=False),
        _on(
            25,
            (12, 20),
            "pclo",
            "end plan",
            child="Amos",
            ended=400,
            end=PlanEnd.MOVED,
            note="They lived in Kent for a year (Social Services’ list).",
        ),
        _on(
            25,
            (12, 30),
            "pclo",
            "plan",
            child="Amos",
            category=PlanCategory.EMOTIONAL,
            since=70,
            conference=70,
            initial=True,
        ),
    ),
    "Garrick": (
        *_cram(22, "Two years without change: the conference must hear that nobody was let in."),
        _plan(21, "Beatrice", PlanCategory.NEGLECT, 760, 100, initial=False),
        _plan(21, "Hal", PlanCategory.NEGLECT, 760, 100, initial=False),
    ),
}
