"""What is told and written in the borough's records, piece by piece. All of it made up.

`{child}` is the child, `{he}`, `{him}`, `{his}` follow the child's sex, `{mum}` is the mother's given name and
`{man}` that of the other adult at home.
"""

from __future__ import annotations

from referrals.enums import Category, DecisionKind, Source

# From and to which age in years, and what was told.
Said = tuple[int, int, str]

TOLD: dict[Category, tuple[Said, ...]] = {
    Category.PHYSICAL: (
        (3, 17, "{child} came in with a red mark across {his} cheek and said that {he} had walked into a door."),
        (4, 17, "{child} says that {mum} “loses it” and has hit {him} with a slipper."),
        (0, 1, "Two small bruises on {child}’s chest, seen when {he} was weighed. {He} does not crawl yet."),
        (0, 4, "{child} was brought in with a swollen arm. The account of a fall from the sofa changed twice."),
        (5, 17, "Bruises on both of {child}’s upper arms, seen when {he} changed for games."),
        (1, 12, "A smack was heard through the wall and a child crying, for the third evening this week."),
        (6, 17, "{child} says that {man} pushed {him} against the wall after a quarrel about a telephone."),
        (3, 10, "A mark like a hand on {child}’s thigh. {mum} says that {he} fell off a slide."),
        (8, 17, "{child} has a graze above the eye and says that it was done with a hairbrush."),
        (1, 7, "A scald on {child}’s foot, seen two days after it happened. Nobody had been asked for help."),
        (10, 17, "{child} would not go home and says that {man} is waiting with a belt."),
        (4, 15, "An aunt abroad was sent a picture of a bruise on {child}’s back, and rang."),
        (2, 9, "{child} flinches when a grown-up lifts a hand, and has a healing cut behind the ear."),
        (0, 3, "A small burn on {child}’s hand, round, and older than {mum} says."),
        (7, 17, "{child} and {mum} came to blows last night; {he} has scratches on the neck."),
        (3, 14, "{child} says that {he} is made to stand in the yard, and that {man} “gives him one” if he moves."),
    ),
    Category.EMOTIONAL: (
        (0, 17, "Police were called to a dispute between {mum} and {man}. {child} was in the next room."),
        (4, 17, "{child} lies awake listening for quarrels and falls asleep in lessons."),
        (0, 17, "{mum} rang for help when {man} would not leave. {child} was on her lap."),
        (6, 17, "{child} says that {he} is called stupid at home every day and that nobody talks to {him}."),
        (8, 17, "{child} has begun to hurt {himself} and says that it is because of what happens at home."),
        (0, 12, "Neighbours heard things broken and a woman scream. {child} was seen at the window."),
        (5, 16, "{child} is made to tell {man} where {mum} has been, and is frightened of getting it wrong."),
        (0, 10, "{mum} was taken to hospital after an overdose. {child} was there when the ambulance came."),
        (7, 17, "{child} looks after {mum}, who does not get up on most days, and misses school for it."),
        (3, 17, "{man} came to the gate drunk and shouted at {mum} in front of {child}."),
        (0, 17, "A neighbour reports a door kicked in by {man}, who is not to go there. {child} was at home."),
        (9, 17, "{child} wrote in an essay that {he} wishes {he} were somebody else’s."),
    ),
    Category.NEGLECT: (
        (2, 9, "{child} has come without a coat or breakfast all week, and takes food from the bins."),
        (0, 5, "The health visitor has not been let in for six weeks. {child}’s weight has dropped."),
        (1, 8, "{child} was found alone on the landing of the block after 10pm in a nappy."),
        (5, 16, "Attendance is below half this term, and letters home come back unopened."),
        (0, 12, "Officers who called about something else found no food, no light and {child} asleep on a coat."),
        (6, 15, "{child} says that {he} puts {himself} to bed because {mum} is out until late."),
        (2, 14, "{child}’s teeth are rotten, and three appointments were missed."),
        (0, 6, "{mum} was asleep on a bench and smelled of drink. {child} was in the pushchair beside her."),
        (3, 12, "{child} smells of urine and is teased for it. The home has had no washing machine since spring."),
        (1, 10, "{child} was locked in the flat while {mum} went to the shop. A neighbour smelled gas."),
        (0, 3, "{child} was left with a neighbour “for an hour” two days ago. {mum} does not answer."),
        (8, 17, "{child} sleeps at friends’ houses, and nobody at home has asked where {he} is."),
    ),
    Category.SEXUAL: (
        (6, 17, "{child} told a friend that {man} comes into {his} room at night. The friend’s mother rang."),
        (3, 9, "{child} acted out something in the home corner that a child of that age would not know."),
        (11, 17, "{child}, who is often missing, was seen getting out of a car with a man in his thirties."),
        (10, 17, "{child} was asked for pictures by somebody met on the internet, and sent two."),
        (5, 15, "{child} says that an uncle who stayed at Easter touched {him} and said that it was a game."),
        (2, 8, "{mum} found {child} sore and asks whether {man}’s brother, who sat in, can have hurt {him}."),
        (12, 17, "{child} asked for a test at the clinic and would not say who the father is. He is said to be 24."),
        (7, 16, "A coach gives {child} lifts and presents. Nothing is alleged, and two parents are uneasy."),
        (4, 13, "{man} has a conviction of 1998 that {mum} did not know of. He has moved in."),
    ),
    Category.UNCLEAR: (
        (0, 17, "{mum} has moved with {child} from another area, and the file there is said to hold concerns."),
        (5, 17, "{child} is said to have gone abroad to be married. Nobody has seen {him} since the break."),
        (4, 17, "An unsigned letter says that {child} is “not safe with that man” and nothing else."),
        (0, 9, "{mum} gives three different names for who looks after {child} in the day."),
        (2, 17, "{child} has not been seen at school since the family was rehoused; the new address is empty."),
        (3, 16, "A church elder is said to have told the family that {child} has a spirit in {him}."),
    ),
}
# What is told beside it.
BESIDE = (
    "Nothing like it was seen before.",
    "There was a worry of the same kind last year, which came to nothing.",
    "{mum} is on her own with the family and says that she cannot cope.",
    "{mum} was asked about it and became angry.",
    "{mum} was told that we would be rung, and did not object.",
    "{child} was calm and matter-of-fact.",
    "{child} cried and then would not say more.",
    "The family is known to housing for arrears.",
    "A grandmother lives near and helps.",
    "{child} has missed eleven days since September.",
    "The caller has known the family for three years.",
    "The caller asks that {child} is seen today.",
    "It was not said when it happened.",
    "A doctor has not seen {him} yet.",
    "{child} is said to be quieter than usual.",
    "The younger ones are at nursery until 3pm.",
    "{mum} is expecting another child in the spring.",
    "The father is not named and is said to live in another town.",
    "{child} goes home by {himself} at 3:30pm.",
    "An interpreter was not used.",
)
KNOWN_AGAIN = (
    "It is the second time that we hear of the family.",
    "We dealt with something like it before; see the earlier record.",
    "The family was known to us, and the record was closed.",
    "Again, and sooner after the last time than anybody hoped.",
)
ON_LIST = (
    "On Social Services’ list: {child} has been on a plan since {since}. Police are to keep it under review.",
    "{child} is on a child protection plan since {since}. The social worker sees {him} each week; nothing is new.",
    "{child} is on Social Services’ list of children on plans, since {since}. The last conference kept the plan.",
    "Social Services ask that {child}’s plan of {since} is kept under review by police. {He} is well at school.",
)

JOBS: dict[Source, tuple[str, ...]] = {
    Source.SOCIAL_SERVICES: ("Social worker, First Response", "Social worker, Safeguarding", "Duty social worker"),
    Source.HEALTH: ("Safeguarding nurse", "Health visitor", "Paediatric registrar", "Ward sister", "Practice nurse"),
    Source.SCHOOL: ("Designated teacher", "Deputy head", "Class teacher", "Learning mentor", "Head of year"),
    Source.PROBATION: ("Offender manager",),
    Source.FAMILY: ("grandmother", "aunt", "father, lives elsewhere", "grandfather", "older sister"),
    Source.PUBLIC: ("neighbour", "passer-by", "parent at the same school", "neighbour downstairs"),
    Source.VOLUNTARY: ("Support worker", "Youth worker", "Project manager"),
    Source.OTHER: ("Housing officer", "Childminder"),
}

TRIAGE_URGENT = (
    "Fresh injury, and the person named is at home tonight",
    "A young child and an injury that nobody explains",
    "{child} is afraid to go home today",
    "What can be seen now will be gone tomorrow",
    "{man} is expected back within hours",
)
TRIAGE_NOT = (
    "No injury, and {child} is safe tonight",
    "Nothing points to a crime so far; Social Services know the family",
    "{child} was seen this week and was well",
    "What is told is old, and {man} does not live there any more",
    "A worry about care and not about harm; no police power is needed tonight",
    "The grandmother has {child} until Monday",
    "Seen by officers last night, safe and well",
    "One call, second hand; the school sees {child} tomorrow",
)
NEXT = (
    "See {child} at school",
    "Ring the caller back",
    "Strategy discussion this afternoon",
    "Ask the hospital for the notes",
    "",
    "Find the address of {man}",
    "",
)

DECIDED: dict[DecisionKind, tuple[str, ...]] = {
    DecisionKind.JOINT: (
        "An injury that the account does not fit",
        "{child}’s own words, and somebody who can be asked",
        "Significant harm is likely if nothing is done this week",
        "A second report within months, and worse than the first",
        "Police and Social Services both have to see the home",
        "{child} must be spoken to by people trained for it",
    ),
    DecisionKind.POLICE: (
        "The person alleged to have done it has no part in {child}’s home",
        "A crime against {child} by somebody outside the family",
        "The family is protective; what is left is to find who did it",
    ),
    DecisionKind.SOCIAL_SERVICES: (
        "No crime alleged; Social Services assess the family",
        "A worry about care, which Social Services take up with {mum}",
        "Social Services visit this week and tell us what they find",
        "Nothing for the police to investigate; the family needs help",
        "The account is consistent and {child} is seen every day at school",
        "Social Services know the family and will see {child} alone",
        "Support is wanted by {mum} herself",
    ),
    DecisionKind.PASSED_ON: (
        "No child in our area; the family lives in another borough",
        "A dispute between adults with no child present",
        "A matter for the missing persons unit, which has it already",
        "Historic, and the man lives in another force’s area",
    ),
    DecisionKind.INFORMATION: (
        "Told to us for the record: nothing in it calls for action",
        "Looked into by the school, and explained",
        "Known already, and dealt with under the earlier record",
        "A doctor has seen {child} and holds it to be an accident",
        "Seen by officers at the time; no concern for {child}",
        "The caller was mistaken about the family",
    ),
}
PASSED_TO = (
    "Community safety unit",
    "Missing persons unit",
    "Public Protection Desk",
    "Enfield CAIT",
    "Essex Police, child abuse team",
    "Safer neighbourhood team",
)
NOT_CHOSEN = (
    "",
    "",
    "",
    "A joint enquiry: nothing is alleged that is a crime",
    "Information only: too many calls by now",
)

RATIONALE = {
    "standard": (
        "No injury and no person named. {child} is seen each day and would be missed at once.",
        "One report of a kind that has an ordinary explanation. {mum} asks for help by herself.",
        "Nothing was known of the family before, and the home was found to be warm and clean.",
        "The quarrels are between adults who have parted. {child} was asleep.",
        "What is told is two years old. {man} has not been seen there since.",
        "{child} is looked after by the grandmother for now, and wants to stay there.",
    ),
    "medium": (
        "{child} has told of it clearly. {man} is out of the home for now, and may come back.",
        "A second worry within a year. {mum} keeps appointments when she is reminded.",
        "An injury with two accounts. Until the doctor has reported it cannot be said to be an accident.",
        "{child} is young and cannot say what happens. The home has two other adults nobody has checked.",
        "Drink, and quarrels at weekends. {child} knows whom to ring.",
    ),
    "high": (
        "A young child, an injury that nobody explains, and {man} still at the address.",
        "{child} is frightened and has said why. {mum} does not believe {him}.",
        "Three reports in eight weeks, each worse. Whatever was agreed has not been kept.",
    ),
}
REVIEWED = (
    "Searched again: nothing new. {child} is seen at school each day.",
    "As before. {mum} keeps to what was agreed.",
    "Nothing new on police systems. The social worker visits every ten days.",
    "{man} has not been back. {child} sleeps better.",
    "Attendance is up. The home was clean at both visits.",
    "One call to the address, about noise. {child} was not there.",
    "The risk is as it was: it comes back if the grandmother leaves.",
    "Nothing was found since last time; the health visitor weighs {him} each week.",
)
CHALLENGED = (
    "Talked over with the supervisor: the next look is within days.",
    "One source, second hand. The school sees {child} tomorrow and rings.",
    "It is managed by where {child} lives now; looked at again when that changes.",
    "The answer is old. It is asked again when {mum} is seen.",
)
ENDORSED = (
    "Agreed.",
    "Agreed. Keep the school told.",
    "",
    "Agreed; look again when the doctor has written.",
    "",
    "Agreed.",
)

# Of a child on Social Services' list, who is on a plan already.
TRIAGE_ON_PLAN = (
    "On a plan already, and seen by the social worker this week",
    "Nothing new is told: the plan is known to everybody who has to know",
    "From the list; no incident since the last conference",
    "The plan has the visits that are needed; no police power tonight",
)
DECIDED_ON_PLAN = (
    "From the list: the plan goes on, and nothing in it is new to the police",
    "Police keep it under review; Social Services lead",
    "No crime is alleged. What we know goes to the next conference",
    "Nothing to investigate; new information is passed on as it comes",
)
RATIONALE_ON_PLAN = (
    "The plan deals with what was known. {child} is seen each week by the social worker.",
    "What led to the plan has not come back since {man} left. The school has seen nothing new.",
    "Half of the plan is done. It comes back if {mum} is on her own with it.",
    "{child} is settled at school. Nobody has checked who else lives in the home.",
    "The last conference kept the plan, by a narrow view. The next months will show.",
    "The visits are kept, announced ones and others. {mum} lets everybody in.",
)
CHALLENGED_ON_PLAN = (
    "The plan manages it, and we look again within six weeks.",
    "What led to the plan is managed by it; the conference looks again in the spring.",
    "No risk beside those that the plan names. Looked at again before the conference.",
)
