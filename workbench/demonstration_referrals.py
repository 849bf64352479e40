"""The invented referrals of the demonstration: who rang, about whom, and what was done about it. All of it made up.

Each happened some days ago at a London time, so that the queues look alive whenever it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cases.enums import Basis, Kind, Partner, Way
from people.enums import Relation, Sex
from referrals.enums import Category, DecisionKind, Enquiry, Method, Source


@dataclass(frozen=True)
class Somebody:
    """A child or an adult. `months`: the age at the referral; `expected_in`: days to an expected birth.
    `born`: the day, where it is known."""

    given: str
    family: str
    months: int | None = None
    sex: Sex = Sex.UNKNOWN
    relation: Relation = Relation.UNKNOWN
    suspect: bool = False
    expected_in: int | None = None
    said_in_years: bool = False
    address: str | None = None
    born: date | None = None


@dataclass(frozen=True)
class Then:
    """Something done some hours after the referral was received, by somebody of the team."""

    hours: float
    by: str
    does: str
    words: tuple[str, ...] = ()
    kind: Kind = Kind.NOTE
    urgent: bool = False
    owner: str = ""
    in_days: int = 0
    partner: Partner = Partner.SOCIAL_SERVICES
    way: Way = Way.TELEPHONE
    basis: Basis = Basis.SAFEGUARDING
    happened: float | None = None
    decision: DecisionKind = DecisionKind.SOCIAL_SERVICES
    enquiry: Enquiry = Enquiry.NONE


@dataclass(frozen=True)
class Told:
    """One referral as it reached the team."""

    days: int
    at: tuple[int, int]
    children: tuple[Somebody, ...]
    circumstances: str
    categories: tuple[Category, ...]
    source: Source
    name: str = ""
    job: str = ""
    method: Method = Method.EMAIL
    urgent: bool = False
    address: str = ""
    adults: tuple[Somebody, ...] = ()
    team: str = "HGY"
    logged_after: int = 6  # minutes
    more: dict[str, str | bool] = field(default_factory=dict)
    then: tuple[Then, ...] = ()


F, M = Sex.FEMALE, Sex.MALE
PHYSICAL, EMOTIONAL, SEXUAL, NEGLECT, UNCLEAR = Category
# Of each team: which inspector approved the addresses, and who reads them.
LADDERS = {
    "HGY": (
        "inspector",
        (
            ("Duty desk, First Response", "duty.desk@social-services.example"),
            ("Team manager, First Response", "team.manager@social-services.example"),
            ("Head of Safeguarding", "head.of.safeguarding@social-services.example"),
        ),
    ),
    "ENF": ("nadia.forsyth", (("Duty team, Enfield", "duty.team@enfield-services.example"),)),
}

NO_POLICE = "No crime alleged; Social Services are with the family and will see the child"

REFERRALS = [
    Told(
        262,
        (15, 20),
        (Somebody("Rhys", "Calloway", 75, M),),
        "Left alone from about 7pm until after midnight. A neighbour heard him crying and let him in.",
        (NEGLECT,),
        Source.PUBLIC,
        address="22 Tidewell House, N17",
        method=Method.TELEPHONE,
        more={"protected": True, "referrer_name": "Mrs Olu Fadden", "referrer_job": "neighbour, 24 Tidewell House"},
        adults=(Somebody("Tanya", "Calloway", 312, F, Relation.MOTHER, said_in_years=True),),
        then=(
            Then(
                4,
                "desk_sergeant",
                "decide",
                ("First time, no injury; Social Services visit in the morning and know the mother",),
            ),
            Then(
                290,
                "office_manager",
                "update",
                (
                    "Selma Arikan, social worker",
                    "Visited twice. Rhys’s grandmother now stays when his mother works at night. We close our side.",
                ),
            ),
            Then(296, "desk_sergeant", "judge", ("A safe arrangement, seen twice; nothing for the police",)),
            Then(
                300,
                "desk_sergeant",
                "ask to close",
                ("Left alone once; his grandmother stays with him now. Social Services saw it twice.",),
            ),
            Then(322, "supervisor", "close", ("Read with the update. No child is left alone.",)),
            Then(3, "desk_sergeant", "triage", (NO_POLICE, "Social Services visit tomorrow morning")),
            Then(20, "desk_sergeant", "confirm", ("Email from Social Services’ duty desk, filed in the mailbox",)),
            Then(
                4,
                "desk_sergeant",
                "share",
                (
                    "Duty desk, First Response",
                    "The neighbour’s account, and that nothing was known of the family before.",
                ),
            ),
        ),
    ),
    Told(
        121,
        (10, 5),
        (Somebody("Rhys", "Calloway", 72, M, said_in_years=True),),
        "Bruise on the left upper arm, seen when he changed for PE. He said he fell against a door.",
        (PHYSICAL,),
        Source.SCHOOL,
        "Gillian Teasdale",
        "Deputy head, Fernley Primary School",
        address="22 Tidewell House, N17",
        adults=(Somebody("Tanya", "Calloway", 312, F, Relation.MOTHER, said_in_years=True),),
        then=(
            Then(
                3,
                "frances.quill",
                "decide",
                (
                    "One small bruise with an explanation that the school finds likely",
                    "Joint enquiry: nothing to look into",
                ),
                decision=DecisionKind.INFORMATION,
            ),
            Then(
                120 * 24 + 4,
                "investigator",
                "ask to close",
                ("No further marks in four months; the school is content.",),
            ),
            Then(
                2,
                "frances.quill",
                "triage",
                (
                    "One small bruise, explained, and the school is content with the explanation",
                    "School to watch and report",
                ),
            ),
            Then(
                26,
                "investigator",
                "entry",
                ("School rung back", "Ms Teasdale: no further marks; Rhys is settled and his attendance is good."),
                kind=Kind.CONTACT,
                happened=25,
            ),
        ),
    ),
    Told(
        34,
        (9, 12),
        (Somebody("Ellis", "Brannock", 54, M), Somebody("Tia", "Brannock", 7, F)),
        "Tia was brought to hospital with a broken left arm. The fall that her mother describes does not explain the "
        "break. Ellis lives in the same home.",
        (PHYSICAL,),
        Source.HEALTH,
        "Dr Amina Sule",
        "Paediatric registrar, Lea Valley Hospital",
        urgent=True,
        address="14 Marl Road, N17",
        method=Method.TELEPHONE,
        adults=(
            Somebody("Shelley", "Brannock", 312, F, Relation.MOTHER),
            Somebody("Kieran", "Stroud", 372, M, Relation.PARTNER, suspect=True, address="9 Fore Court, N9"),
        ),
        more={
            "who_has_child": "Tia stays on the ward tonight. Ellis is with his grandmother.",
            "whereabouts": "Kieran Stroud is thought to be at work until 6pm.",
            "will_be_lost": "The X-rays and the ward’s photographs; the home as it is now",
        },
        then=(
            Then(
                1.8,
                "desk_sergeant",
                "strategy",
                (
                    "DS Frayne, DC Osei",
                    "Selma Arikan, social worker; Joan Petty, team manager",
                    "Ellis to his grandmother tonight. DC Osei and Ms Arikan see both children today.",
                    "The account does not explain the break, and the man of the house is not spoken to",
                ),
                enquiry=Enquiry.JOINT,
            ),
            Then(
                2.2,
                "desk_sergeant",
                "decide",
                ("A baby with an unexplained fracture", "Social Services only: a crime may have been committed"),
                decision=DecisionKind.JOINT,
            ),
            Then(
                0.6,
                "desk_sergeant",
                "triage",
                (
                    "A baby with a fracture that the account does not explain; the man of "
                    "the house not yet spoken to",
                    "Strategy discussion with Social Services at 11am; DC Osei to the ward",
                ),
                urgent=True,
            ),
            Then(1, "supervisor", "assign", ("investigator", "supervisor", "Experience with injured infants")),
            Then(
                22,
                "supervisor",
                "supervise",
                (
                    "Both children seen. Kieran Stroud is not spoken to yet, and the hospital’s opinion on the fracture "
                    "is not in.",
                    "DC Osei: interview Kieran Stroud by Friday; ask the consultant in writing whether a fall from the "
                    "sofa explains it.",
                ),
            ),
            Then(
                188,
                "supervisor",
                "supervise",
                (
                    "Kieran Stroud interviewed; his account differs from the mother’s. The consultant holds a fall to be "
                    "unlikely.",
                    "DC Osei: the neighbour’s statement, then a file for advice within three weeks. Bail conditions to "
                    "be checked with the mother each week.",
                ),
            ),
            Then(
                6,
                "investigator",
                "entry",
                (
                    "Children seen",
                    "Tia seen on the ward with the nurse: plaster on the left "
                    "arm, no other marks. Ellis seen alone and spoken to at his grandmother’s. His words: “Tia cried when "
                    "Kieran was cross.”",
                ),
                kind=Kind.CONTACT,
                happened=4.5,
            ),
            Then(
                7,
                "investigator",
                "share",
                (
                    "Selma Arikan, social worker",
                    "What Ellis said, word for word, and that Kieran Stroud has not been spoken to yet.",
                ),
            ),
            Then(28, "desk_sergeant", "confirm", ("Letter of the registrar by secure email",)),
            Then(
                30,
                "supervisor",
                "action",
                ("Ask the hospital for the skeletal survey",),
                owner="investigator",
                in_days=5,
            ),
            Then(120, "investigator", "done", ("Survey received: one fracture, no older ones.",)),
            Then(
                394,
                "investigator",
                "entry",
                (
                    "Man outside 14 Marl Road",
                    "A man the caller believes is Kieran Stroud went into 14 Marl Road for about ten minutes.",
                ),
                kind=Kind.INFORMATION,
                happened=391,
            ),
            Then(
                409,
                "investigator",
                "correct",
                (
                    "Man outside 14 Marl Road",
                    "A man the caller believes is Kieran Stroud "
                    "stood outside 14 Marl Road for about ten minutes. The caller did not see him go in.",
                    "I read my note of the call again. It does not say he went in.",
                ),
            ),
            Then(
                700, "supervisor", "action", ("Find out where Kieran Stroud sleeps",), owner="investigator", in_days=6
            ),
        ),
    ),
    Told(
        13,
        (11, 32),
        (Somebody("Jakub", "Sobczak", 100, M), Somebody("Lena", "Sobczak", 27, F)),
        "Jakub told his teacher that his stepfather hits him with a belt when Lena cries.",
        (PHYSICAL, EMOTIONAL),
        Source.SCHOOL,
        "Martin Okell",
        "Head of year, Rowan Hill School",
        address="61B Culvert Street, N15",
        adults=(Somebody("Adam", "Wrona", 400, M, Relation.STEP_PARENT, suspect=True),),
        then=(
            Then(
                3.5,
                "supervisor",
                "strategy",
                (
                    "DS Nandra, DC Hallam",
                    "Joan Petty, team manager",
                    "Jakub is seen alone at school before his stepfather knows. Medical within two days.",
                    "He said what happened in his own words; the marks fade",
                ),
                enquiry=Enquiry.JOINT,
            ),
            Then(
                4,
                "supervisor",
                "decide",
                ("Assault with an implement, told by the child himself",),
                decision=DecisionKind.JOINT,
            ),
            Then(
                1.5,
                "desk_sergeant",
                "triage",
                (
                    "A clear account by a child of repeated assault with an implement",
                    "Strategy discussion today; both children to be seen",
                ),
                urgent=True,
            ),
            Then(3, "supervisor", "assign", ("ruth.hallam", "supervisor", "")),
            Then(
                24,
                "supervisor",
                "supervise",
                (
                    "Jakub is seen and keeps to what he told. The belt is not found.",
                    "DC Hallam: medical with the social worker; his sister’s account; search at the address.",
                ),
            ),
            Then(
                190,
                "supervisor",
                "supervise",
                (
                    "The medical supports what he told. The stepfather stays with a brother.",
                    "DC Hallam: interview under caution by the end of the month; tell the school who may collect him.",
                ),
            ),
            Then(
                8,
                "ruth.hallam",
                "entry",
                (
                    "Jakub seen alone at school",
                    "Two fading linear marks on the back of the "
                    "left thigh. He repeated what he told his teacher. Interpreter: Mrs D Kowal, not known to the family.",
                ),
                kind=Kind.CONTACT,
                happened=5,
            ),
            Then(
                50,
                "supervisor",
                "action",
                ("Medical for Jakub: attend with the social worker",),
                owner="ruth.hallam",
                in_days=1,
            ),
            Then(
                76, "ruth.hallam", "done", ("Attended. Marks photographed; the doctor’s view is that a belt fits.",)
            ),
            Then(
                100,
                "supervisor",
                "action",
                ("Ask the school for its log since September",),
                owner="ruth.hallam",
                in_days=12,
            ),
        ),
    ),
    Told(
        9,
        (15, 10),
        (Somebody("Nell", "Abara-Finch", 52, F),),
        "Missed three nursery days; her father says she is with an aunt whose name he does not give.",
        (NEGLECT,),
        Source.SOCIAL_SERVICES,
        "Paul Garrity",
        "Social worker, First Response",
        address="3 Wharf Terrace, N22",
        then=(
            Then(
                4.5,
                "desk_sergeant",
                "decide",
                (
                    "No crime alleged; her social worker finds out where she is",
                    "Police visit: she is said to be well",
                ),
            ),
            Then(4, "desk_sergeant", "triage", (NO_POLICE, "Social Services only")),
            Then(
                30,
                "desk_sergeant",
                "entry",
                ("Aunt named", "Mr Garrity rang: the aunt is Ruth Finch of Barnet; Nell was seen there, well."),
                kind=Kind.INFORMATION,
                happened=29.5,
            ),
        ),
    ),
    Told(
        5,
        (16, 45),
        (),
        "Tells of sexual abuse by a family friend between about 1994 and 1997, when she was 8 to 11. "
        "He coached a swimming club then and, she believes, still does.",
        (SEXUAL,),
        Source.OTHER,
        method=Method.IN_PERSON,
        more={
            "no_child_because": "An adult tells of her own childhood; the man may reach children today",
            "protected": True,
            "referrer_name": "Dawn Ellery",
            "referrer_telephone": "020 7946 0911",
        },
        adults=(Somebody("Gordon", "Pyke", 780, M, Relation.OTHER, suspect=True, said_in_years=True),),
        then=(
            Then(
                0.3,
                "frances.quill",
                "restrict",
                (
                    "He coaches children in this borough, and officers’ own children swim there.",
                    *("inspector", "supervisor", "graham.oduya", "kate.lindley"),
                ),
            ),
            Then(
                1.5,
                "frances.quill",
                "decide",
                ("A grave crime, told in detail; Social Services know of no child at risk from him yet",),
                decision=DecisionKind.POLICE,
            ),
            Then(
                1,
                "frances.quill",
                "triage",
                ("He may have access to children now", "Find out which children he can reach today"),
                urgent=True,
            ),
            Then(2, "supervisor", "assign", ("kate.lindley", "graham.oduya", "Trained for adult survivors")),
            Then(
                21,
                "graham.oduya",
                "supervise",
                (
                    "A clear first account. Gordon Pyke’s present household is not known.",
                    "DC Lindley: which children he can reach today, before anything else; then the full account.",
                ),
            ),
            Then(
                4,
                "graham.oduya",
                "action",
                ("Which children can Gordon Pyke reach today?",),
                owner="kate.lindley",
                in_days=3,
            ),
        ),
    ),
    Told(
        2,
        (16, 25),
        (Somebody("Corey", "Blunt", 101, M),),
        "Came to school hungry and in wet clothes for the third day. Mother did not answer the telephone.",
        (NEGLECT,),
        Source.SCHOOL,
        "Anita Rowe",
        "Welfare officer, Parkside School",
        method=Method.TELEPHONE,
        address="8 Lock Keeper’s Way, N17",
        adults=(Somebody("Dee", "Blunt", 340, F, Relation.MOTHER),),
        then=(
            Then(
                1,
                "desk_sergeant",
                "triage",
                ("No injury; the school keeps him until his uncle comes", "Social Services to visit this evening"),
            ),
        ),
    ),
    Told(
        1,
        (22, 40),
        (Somebody("Mina", "Halloran", 158, F),),
        "Ran from home after her father struck her in the face; at a friend’s house with the friend’s mother.",
        (PHYSICAL,),
        Source.FAMILY,
        "Carol Prior",
        "mother of a friend",
        method=Method.TELEPHONE,
        urgent=True,
        address="70 Sable Road, N8",
        adults=(Somebody("Declan", "Halloran", 505, M, Relation.FATHER, suspect=True),),
        more={
            "who_has_child": "Mrs Prior, 12 Sable Road. Mina may stay tonight.",
            "will_be_lost": "The mark on her cheek",
            "rang_back": True,
        },
        then=(
            Then(
                0.8,
                "frances.quill",
                "strategy",
                (
                    "DS Quill",
                    "Imran Sadiq, emergency duty team",
                    "Mina stays with Mrs Prior tonight. Both see her at 9am.",
                    "A fresh mark, and she will not go home",
                ),
                enquiry=Enquiry.JOINT,
            ),
            Then(
                0.9,
                "frances.quill",
                "decide",
                ("A blow to the face with a mark, and a brother at home",),
                decision=DecisionKind.JOINT,
            ),
            Then(
                0.4,
                "frances.quill",
                "triage",
                (
                    "Fresh injury, and a named suspect at home with a younger brother",
                    "Response team to Sable Road; see the brother tonight",
                ),
                urgent=True,
            ),
            Then(
                1,
                "frances.quill",
                "entry",
                (
                    "Brother seen",
                    "Response officers saw Finn Halloran, 9, at home: asleep, no marks, woke and said he was well.",
                ),
                kind=Kind.CONTACT,
                happened=0.9,
            ),
            Then(10, "inspector", "assign", ("yusuf.demirel", "supervisor", "")),
        ),
    ),
    Told(
        0,
        (7, 15),
        (Somebody("", "Aldous", expected_in=110),),
        "Midwife asks for a discussion before the birth. A sibling was removed by another borough in 2019.",
        (UNCLEAR,),
        Source.HEALTH,
        "Bridget Lowe",
        "Safeguarding midwife, Lea Valley Hospital",
        adults=(Somebody("Carly", "Aldous", 268, F, Relation.MOTHER),),
        address="Flat 6, 40 Ermine Road, N17",
    ),
    Told(
        0,
        (8, 10),
        (Somebody("Farah", "Noor", 112, F), Somebody("Bilal", "Noor", 75, M)),
        "Argument between the parents last night; both children upstairs. Officers saw both, safe and well.",
        (EMOTIONAL,),
        Source.POLICE,
        "",
        "Night duty, Tottenham",
        method=Method.POLICE_SYSTEM,
        address="105 Clarence Gardens, N15",
    ),
    Told(
        31,
        (10, 20),
        (Somebody("Kasia", "Borowska", 88, F),),
        "Told the school nurse that she puts her little brother to bed because nobody is home.",
        (NEGLECT,),
        Source.HEALTH,
        "Denise Abbot",
        "School nurse, Rowan Hill School",
        address="14 Fenwick House, N15",
        adults=(Somebody("Ewa", "Borowska", 380, F, Relation.MOTHER),),
        then=(
            Then(2, "desk_sergeant", "triage", (NO_POLICE, "Social Services to find out who is home")),
            Then(
                3, "desk_sergeant", "decide", ("No crime alleged; the mother works nights and a neighbour is near",)
            ),
        ),
    ),
    Told(
        16,
        (14, 5),
        (Somebody("Sana", "Chaudry-Poole", 122, F),),
        "Has stopped coming to the after-school club since her uncle moved in. Her teacher finds her withdrawn.",
        (EMOTIONAL,),
        Source.SCHOOL,
        "Ruth Anand",
        "Class teacher, Fernley Primary School",
        address="6 Orchard Mews, N22",
        then=(
            Then(1, "frances.quill", "triage", (NO_POLICE, "")),
            Then(2, "frances.quill", "decide", ("Nothing is alleged; Social Services speak to her and the school",)),
            Then(
                15.4 * 24,
                "office_manager",
                "update",
                (
                    "Imran Sadiq, social worker",
                    "Seen at school. She says her uncle shouts but does not hit. He is to leave at the end of the month.",
                ),
            ),
        ),
    ),
    Told(
        23,
        (17, 30),
        (Somebody("Milo", "Penrose", 66, M),),
        "His grandmother says that a social worker who visits the family takes Milo out alone, and that he cries after.",
        (UNCLEAR,),
        Source.FAMILY,
        "Jean Penrose",
        "grandmother",
        address="31 Lock Keeper’s Way, N17",
        then=(
            Then(1, "desk_sergeant", "triage", ("Nothing is alleged that is a crime", "")),
            Then(2, "desk_sergeant", "decide", ("Social Services must say who visits, when, and why alone",)),
            Then(3, "supervisor", "hold", ("The worker who is complained of reads the duty desk’s mail",)),
        ),
    ),
    Told(
        20,
        (12, 0),
        (Somebody("Otis", "Marlowe", 44, M),),
        "Found wandering in the high street in pyjamas. Returned to his father, who had been asleep.",
        (NEGLECT,),
        Source.POLICE,
        "",
        "Edmonton response",
        method=Method.POLICE_SYSTEM,
        team="ENF",
        address="2 Silver Close, N9",
        then=(
            Then(2, "outsider_sergeant", "triage", ("Once, explained, and no other concern", "")),
            Then(2.5, "outsider_sergeant", "decide", ("His father was asleep; Social Services call on him",)),
        ),
    ),
    Told(
        3,
        (9, 30),
        (Somebody("Rosa", "Delgado", 93, F),),
        "Says that she is afraid to go home on Fridays. Would not say why.",
        (UNCLEAR,),
        Source.SCHOOL,
        "Helen Byrd",
        "Class teacher, Oakfield Primary",
        team="ENF",
        address="18 Alma Mews, EN3",
        then=(
            Then(2, "outsider_sergeant", "triage", ("She is safe at school until Friday", "See her at school")),
            Then(
                53,
                "outsider_sergeant",
                "transfer",
                ("HGY", "She and her mother live with an aunt in Tottenham since Saturday, and stay there."),
            ),
        ),
    ),
]
