"""The invented families of the demonstration whose children are at conferences and on plans. All of it made up.

Each is a referral like those of `demonstration_referrals`, with what was done about it.
"""

from __future__ import annotations

from typing import Any

from people.enums import Relation, Sex
from referrals.enums import Category, DecisionKind, Enquiry, Source
from workbench.demonstration_referrals import NO_POLICE, Somebody, Then, Told

F, M = Sex.FEMALE, Sex.MALE
PHYSICAL, EMOTIONAL, SEXUAL, NEGLECT, _ = Category


def _joint(officer: str, decided: str, why: str, found: str) -> tuple[Then, ...]:
    """A joint enquiry, given to an officer and supervised after a day and after a week."""
    agreed = ("DS Frayne", "Joan Petty, team manager", decided, why)
    return (
        Then(1, "desk_sergeant", "triage", (why, "Strategy discussion today"), urgent=True),
        Then(2, "desk_sergeant", "strategy", agreed, enquiry=Enquiry.JOINT),
        Then(2.5, "desk_sergeant", "decide", (why,), decision=DecisionKind.JOINT),
        Then(3, "supervisor", "assign", (officer, "supervisor", "")),
        Then(22, "supervisor", "supervise", (found, "The conference officer is told what is found.")),
        Then(165, "supervisor", "supervise", (found, "As before; the conference decides on a plan.")),
    )


def _with_social_services(answer: str) -> tuple[Then, ...]:
    """Left to Social Services, who told us what they found; a sergeant has judged it."""
    return (
        Then(1, "desk_sergeant", "triage", (NO_POLICE, "Social Services only")),
        Then(2, "desk_sergeant", "decide", ("No crime alleged; Social Services call a conference",)),
        Then(190, "office_manager", "update", ("Selma Arikan, social worker", answer)),
        Then(214, "desk_sergeant", "judge", ("The conference deals with it; nothing new for the police",)),
    )


KNOWN = (
    Then(1, "desk_sergeant", "triage", ("On a plan already, and seen by the social worker today", "")),
    Then(
        2,
        "desk_sergeant",
        "decide",
        ("Told to us for the record: nothing in it is new to the police",),
        decision=DecisionKind.INFORMATION,
    ),
)


def _family(days: int, children: tuple[Somebody, ...], told: str, address: str, harm: Category, **other: Any) -> Told:
    said = {"source": Source.SOCIAL_SERVICES, "name": "Selma Arikan", "job": "Social worker", **other}
    return Told(days, (10, 40), children, told, (harm,), address=address, **said)


FAMILIES = (
    _family(
        12,
        (Somebody("Temi", "Adeyemi", 96, F), Somebody("Kayode", "Adeyemi", 30, M)),
        "Temi told her teacher that Marcus Dray throws things at her mother and that she hides with her brother.",
        "17 Cistern Row, N17",
        EMOTIONAL,
        adults=(
            Somebody("Bola", "Adeyemi", 390, F, Relation.MOTHER),
            Somebody("Marcus", "Dray", 410, M, Relation.PARTNER, suspect=True, address="2 Alma Yard, N9"),
        ),
        then=_joint(
            "investigator",
            "Both children are seen today; the mother is asked to keep him away.",
            "A clear account of violence in the home",
            "Both children seen. Temi keeps to what she told; Marcus Dray has left for now.",
        ),
    ),
    _family(
        3,
        (Somebody("Zoe", "Wetherby", 20, F),),
        "Two bruises on the upper arm, seen at the clinic. Her mother says that she fell in the bath.",
        "Flat 9, 3 Osier Court, N22",
        PHYSICAL,
        adults=(Somebody("Jade", "Wetherby", 250, F, Relation.MOTHER),),
        then=_joint(
            "yusuf.demirel",
            "A medical tomorrow; she stays with her aunt.",
            "Bruises where a fall does not put them",
            "The medical is booked. The aunt is seen and able.",
        ),
    ),
    _family(
        40,
        (Somebody("Jonah", "Tremlett", 140, M),),
        "On a plan since his father came out of prison. Has missed two weeks of school.",
        "88 Tanner’s Rise, N15",
        NEGLECT,
        then=_with_social_services("Jonah is back at school. His father keeps to the agreement so far."),
    ),
    _family(
        18,
        (Somebody("Leon", "Halberd", 50, M), Somebody("Ada", "Halberd", 15, F)),
        "Leon came to nursery with a swollen lip. He said “Daddy did it”. His father says that he ran into a door.",
        "31 Brewhouse Lane, N17",
        PHYSICAL,
        adults=(Somebody("Carl", "Halberd", 355, M, Relation.FATHER, suspect=True),),
        then=_joint(
            "ruth.hallam",
            "Both are seen by the doctor today; the father stays with his brother.",
            "A fresh injury and the child’s own words",
            "The doctor holds a blow to be likely. The father keeps away.",
        ),
    ),
    _family(
        48,
        (Somebody("Molly", "Fairclough", 62, F), Somebody("Dean", "Fairclough", 37, M)),
        "Both children alone with no food in the flat. The neighbour has fed them for three days.",
        "5 Linnet House, N15",
        NEGLECT,
        adults=(Somebody("Sharon", "Fairclough", 330, F, Relation.MOTHER),),
        then=_with_social_services("A conference is called. The grandmother has moved in for now."),
    ),
    _family(
        38,
        (Somebody("Cleo", "Ambrose", 130, F), Somebody("Silas", "Ambrose", 98, M)),
        "Both on plans. Cleo says that her mother’s friend who drinks is back in the flat.",
        "12 Pewter Street, N22",
        EMOTIONAL,
        then=_with_social_services("The friend was there once, and has gone. Silas is wetting the bed again."),
    ),
    _family(
        34,
        (Somebody("Ottilie", "Quenby", 80, F),),
        "Moved here from Enfield with her mother, on a plan there. The file is on its way.",
        "40 Ferry Mews, N15",
        EMOTIONAL,
        then=_with_social_services("She has a school place from Monday. Enfield’s file has come."),
    ),
    _family(
        10,
        (Somebody("", "Larch", expected_in=75),),
        "Her first child was adopted. She has booked late, and her partner is not named.",
        "2 Sorrel Close, N17",
        NEGLECT,
        source=Source.HEALTH,
        name="Bridget Lowe",
        job="Safeguarding midwife, Lea Valley Hospital",
        adults=(Somebody("Jodie", "Larch", 252, F, Relation.MOTHER),),
        then=_with_social_services("She sees the midwife now. The father of the child is said to be abroad."),
    ),
    _family(
        30,
        (Somebody("Robin", "Ashdown", 110, M),),
        "Says that he is locked in his room from tea time. His stepfather says that it is for an hour.",
        "19 Weaver’s Walk, N8",
        EMOTIONAL,
        then=_with_social_services("The lock is off the door. The school sees a change in him."),
    ),
    _family(
        27,
        (Somebody("Isla", "Dunmore", 125, F),),
        "Told a friend that her grandfather touches her. The friend’s mother rang us.",
        "6 Chantry Gardens, N22",
        SEXUAL,
        adults=(Somebody("Wilfred", "Dunmore", 830, M, Relation.OTHER, suspect=True, address="71 Rope Walk, N9"),),
        then=_joint(
            "kate.lindley",
            "She is seen at school by two who are trained for it; she does not go to him.",
            "A child’s own account of sexual abuse",
            "An interview was recorded. Her mother believes her and keeps him away.",
        ),
    ),
    _family(
        33,
        (Somebody("Gwen", "Pellow", 170, F), Somebody("Idris", "Pellow", 121, M), Somebody("Mabon", "Pellow", 44, M)),
        "Late from school again; the school tells us because all three are on plans.",
        "8 Kiln Terrace, N17",
        PHYSICAL,
        then=KNOWN,
    ),
    _family(
        28,
        (Somebody("Nina", "Rudge", 150, F), Somebody("Theo", "Rudge", 88, M)),
        "Their uncle was seen in the next street. Both children are on plans because of him.",
        "Flat 2, 14 Saddler Street, N15",
        SEXUAL,
        then=KNOWN,
    ),
    _family(
        26,
        (Somebody("Amos", "Tilney", 90, M),),
        "On a plan for the second time. His mother asked for help with him.",
        "57 Dial House, N22",
        EMOTIONAL,
        then=KNOWN,
    ),
    _family(
        22,
        (Somebody("Beatrice", "Garrick", 55, F), Somebody("Hal", "Garrick", 55, M)),
        "The health visitor was not let in. The twins have been on plans for two years.",
        "3 Gas Lane, N17",
        NEGLECT,
        then=KNOWN,
    ),
)
