"""What officers and partners write while they work on the borough's records. All of it made up; see `borough_words`
for what the names in braces stand for."""

from __future__ import annotations

from cases.enums import Kind

STRATEGY = (
    "{child} is seen today, alone, by an officer and the social worker.",
    "A medical tomorrow at 10am; {mum} comes with {him}.",
    "{man} is asked to stay elsewhere until {child} has been seen.",
    "A joint visit this afternoon; nobody is rung before.",
    "{child} is spoken to at school by two who are trained for it.",
    "Social Services find somewhere for tonight; police see {man} first.",
)
MANAGERS = (
    "Joan Petty, team manager",
    "Neil Costello, duty manager",
    "Pauline Rae, team manager",
    "Lucy Dangerfield",
)

VISITS: tuple[tuple[Kind, str, str], ...] = (
    (
        Kind.CONTACT,
        "Home visit",
        "{child} was seen alone in {his} room and said that {he} is all right. Food in, home warm.",
    ),
    (
        Kind.CONTACT,
        "{child} spoken to at school",
        "{He} kept to what {he} had told. {He} asked what will happen to {mum}.",
    ),
    (Kind.CONTACT, "{mum} seen", "She says that {child} makes things up. She let us see the bedrooms."),
    (Kind.CONTACT, "Telephone: school", "Attendance this week is full. No marks were seen."),
    (Kind.INFORMATION, "From the health visitor", "Weight as it should be. {mum} came to both appointments."),
    (Kind.NOTE, "{man} not at home", "Called twice. A neighbour says that he works nights. A card was left."),
    (
        Kind.CONTACT,
        "Medical",
        "The doctor can neither say that it was an accident nor that it was not. The report follows.",
    ),
    (
        Kind.INFORMATION,
        "From housing",
        "The family is to be moved in the new year. The address is not to be given out.",
    ),
    (Kind.INCIDENT, "Call to the address", "A quarrel, no injury. {child} was with the grandmother."),
    (
        Kind.NOTE,
        "Account of the caller",
        "Rung back on the number of the office. She saw it herself and will put it in writing.",
    ),
    (
        Kind.CONTACT,
        "Interview recorded",
        "{child} gave a clear account in {his} own words. A copy is with the exhibits.",
    ),
    (Kind.NOTE, "Message left", "Nobody answers at either number. Tried again in the evening."),
    (
        Kind.INFORMATION,
        "From the father",
        "He has not seen {child} since summer and wants to. He was told whom to ask.",
    ),
    (Kind.CONTACT, "Visit with the social worker", "The grandmother has moved in. {child} showed us {his} drawings."),
)
ACTIONS: tuple[tuple[str, str], ...] = (
    ("Visit {child} at home with the social worker", "Visited. Seen alone; nothing new"),
    ("Get the medical report", "Received and filed"),
    ("Take a statement from the caller", "Taken"),
    ("Speak to the school about who may fetch {child}", "Done: {mum} and the grandmother alone"),
    ("Find where {man} is living", "With his brother in Edmonton"),
    ("Ask the hospital for earlier visits", "Two, both explained"),
    ("Seize the telephone", "Seized, and sent to be looked at"),
    ("Interview {man}", "Interviewed with a solicitor; denies it"),
)
SHARED = (
    "The caller’s account, and that nothing was known of the family before",
    "That {man} has a conviction for violence, and since when",
    "Two calls to the address last year, and what was found",
    "What {child} said at school, in {his} own words",
    "That {man} is on bail and may not go to the address",
)
FOUND = (
    "{child} seen and spoken to. {man} is still to be interviewed.",
    "Both accounts are in. The medical is awaited.",
    "The home was seen; nothing there needs us tonight.",
    "The officer has done what was asked. The file goes to the lawyer on Friday.",
    "No new report since the last look. The social worker is in each week.",
    "Slow: two people do not answer. The dates were set anew.",
    "The telephone shows nothing. {mum} works with us.",
)
DIRECTIONS = (
    "Interview {man} before the week is out.",
    "Chase the doctor for the report.",
    "See {child} once more, then say whether it can be closed.",
    "Tell the conference officer what was found.",
    "Ask Social Services for their assessment.",
    "As before.",
)
RISKS = (
    (
        "{man} hurting {child}",
        "He stays away from the home, by agreement with {mum}",
        "He was seen to leave with his things.",
    ),
    ("{child} being left alone", "The grandmother has {him} when {mum} works", "She was there at both visits."),
    (
        "{child} seeing violence at home",
        "Bail: {man} may not go to the address",
        "Explained to both; nothing was reported since.",
    ),
    (
        "Contact with {man} on the way home",
        "{child} is fetched by somebody from the school",
        "The school confirms it.",
    ),
)
CHECKED = (
    "It holds: nothing was reported, and {child} says so too.",
    "The school confirms that it is kept to.",
    "{mum} rang by herself to say that all is well.",
)
ANSWERS: tuple[tuple[str, str, str, str], ...] = (
    # Category, code of the factor, what was found, where it is known from.
    ("victim", "child_has_told", "Told of it in {his} own words.", "Caller"),
    ("victim", "unexplained_injury", "Two accounts of one injury.", "Caller"),
    ("household", "substance_misuse", "Smelled of drink when seen in the morning.", "Caller"),
    ("household", "poor_accommodation", "One room for the whole family, damp on two walls.", "Social worker"),
    ("household", "neglect", "No food in, and no beds made.", "Officers"),
    ("suspect", "domestic_abuse", "Three calls to the address within a year.", "CRIS"),
    ("suspect", "violent_or_sexual_history", "An assault, six years ago.", "PNC"),
)
SEARCHES = (
    ("pnc", "One caution for theft, ten years ago.", "Nothing on either adult."),
    ("cris", "A dispute at the address last year, no child present.", ""),
    ("merlin", "Came to notice once, missing for an evening.", ""),
    ("crimint", "The address was named once, about drugs.", ""),
)

UPDATES = (
    "Assessment done. {mum} takes up the help that was offered. We close our side.",
    "Visited twice, once without telling them. {child} was seen alone and is well.",
    "{child} has a place at the breakfast club. Nothing else is of concern.",
    "The family has agreed to a child in need plan. We visit every three weeks.",
    "{man} has left. {mum} has changed the locks.",
    "We have seen {child} at school and at home. What was told could not be confirmed.",
    "The grandmother is assessed as carer, and {child} is with her.",
    "The case goes to our long-term team; the new worker introduces herself next week.",
    "No further action on our side: {mum} explained it, and the school confirms it.",
)
UNCHANGED = (
    "Seen twice and well; nothing new for the police",
    "They do what they said. No crime has come up",
    "The arrangement is safe and was checked",
    "Nothing changes what was decided",
)
ASKED_TO_CLOSE = (
    "{child} is safe with {mum}. No risk is left that nobody manages.",
    "Nothing more for the police. Social Services stay with the family.",
    "The enquiry is done: no crime could be shown, and {child} is seen each day.",
    "Explained, and confirmed by two who know the family.",
    "Passed on, and taken up there.",
    "{man} was charged, and the court has dealt with it. {child} is well.",
    "Told to us for the record; nothing was left to do.",
)
AGREED = ("Agreed.", "Read with the update. Agreed.", "Agreed; the school knows whom to ring.", "Read and agreed.")
CONFIRMED = (
    "Email from the caller, filed",
    "Form from Social Services, the same afternoon",
    "Letter from the school",
    "Email from the ward",
)
BRIEFED = (
    "Ask who sees {child} between the visits, and how often.",
    "Say what {child} said, in {his} own words, and leave the caller out.",
    "Ask for a date by which {man} is assessed.",
    "Our view is that a plan is needed. Say why, and listen.",
)
AT_CONFERENCE = (
    "All agreed. The plan is for six months, with weekly visits.",
    "A long meeting. {mum} came with her sister and spoke for herself.",
    "The school’s report was late. The chair took our chronology as it was.",
    "{man} was asked to leave before our report was read.",
)
DEBRIEFED = (
    "Nothing for the officer. The chair wants our log of the nights.",
    "The date of the core group is in the diary.",
    "All of our points were taken.",
)
AT_CORE_GROUP = (
    "The plan is kept to. The health visitor weighs {child} each week.",
    "Two of the five tasks are late. The social worker takes them up.",
    "{mum} came. {child} has started at the club on Fridays.",
    "Fewer people than last time; what was agreed stands.",
)
VIEWS = (
    "The plan should go on: what was agreed has held for a few weeks only.",
    "Police see no reason against ending it, if the visits go on for three months.",
    "A plan is needed. {child} cannot be seen often enough without one.",
)
ANALYSES = (
    "The risk is lower while {man} is away, and nobody knows for how long that is.",
    "What protects {child} is the grandmother. Without her it is as it was.",
    "{mum} says the right things and has done about half of them.",
)
WHY_REPORT = (
    "No police enquiry is open, and two first conferences are on that day.",
    "Nothing new since the last conference; the report says all that we know.",
    "The conference officer is at a first conference at the same time.",
)
