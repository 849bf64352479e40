from datetime import UTC, date, datetime

from django.db import migrations

NUMBER = "1.0"
FROM_ON = date(2004, 1, 1)
PUBLISHED_AT = datetime(2004, 1, 1, tzinfo=UTC)
ABOUT = (
    "An illustrative matrix. It was put together for CAIT from public sources: inspection reports, statutory "
    "guidance, legislation, public inquiries and what reviews of serious cases have taught. It is not the form of any "
    "police force. A force that uses CAIT puts its own matrix in its place by publishing a new version. Its first day "
    "lies early, so that a record of any age can be assessed on it; some of its sources are younger than that day."
)
# Code, definite, name; question; definition; evidence; source. In the order in which they are asked.
VICTIM = [
    (
        "on_plan", True, "Subject to a child protection plan",
        "Is this child subject to a child protection plan, here or in another area?",
        "A child protection conference has decided that the child is likely to suffer significant harm, and a plan is "
        "running. A plan that another area made counts. A plan that has ended is written in the evidence, answered no.",
        "A plan means that several agencies together found a continuing risk of significant harm. Inquiries into the "
        "deaths of children on plans found that being on one protects nobody by itself: what is done under it does.",
        "Working Together to Safeguard Children; HMIC 2010 (Haringey); Laming 2009",
    ),
    (
        "weapon_injury", True, "Injury caused by a weapon",
        "Has this child been injured with a weapon or with something used as one?",
        "Any injury from a knife, firearm, belt, stick, flex, hot iron, cigarette or another object used to hurt, "
        "whether or not the child was the one aimed at.",
        "Marks in the shape of an object are among the signs on which national clinical guidance says that "
        "maltreatment should be suspected. Using an object also shows readiness to cause more harm.",
        "NICE guideline CG89, When to suspect child maltreatment (2009)",
    ),
    (
        "infant_injury", True, "Any injury to an infant who cannot move about",
        "Has this child any bruise, mark or injury, and cannot yet crawl, cruise or walk?",
        "A bruise, burn, fracture, bleeding or another mark on a baby who cannot move about alone, or on an older "
        "child whose disability prevents it, however small and whatever the explanation.",
        "Babies who cannot move about seldom hurt themselves, so bruises on them are unusual. Reviews of serious "
        "cases found small injuries to babies that were explained away before a grave one followed.",
        "NICE guideline CG89 (2009); Child Safeguarding Practice Review Panel, Bruising in non-mobile infants (2022)",
    ),
    (
        "unexplained_injury", True, "Injury that does not fit the explanation",
        "Has this child an injury that does not fit the explanation given for it?",
        "There is no explanation; or it changes, differs from person to person, does not fit the child’s age and "
        "development, or a doctor says that it does not fit the injury. Late help for an injury counts too.",
        "An explanation that is missing, unlikely or changing is a main reason for which national clinical guidance "
        "says that maltreatment should be considered or suspected. Only a doctor can say whether it fits.",
        "NICE guideline CG89, When to suspect child maltreatment (2009)",
    ),
    (
        "repeated_injuries", True, "Repeated injuries",
        "Has this child been injured or taken to hospital with injuries more than once?",
        "Two or more injuries, or visits to a hospital or doctor with injuries, that might not be accidents. Ask more "
        "than one hospital: families also go to another one each time.",
        "Victoria Climbié was taken to two hospitals ten days apart, and Peter Connelly was seen with injuries again "
        "and again. Each injury was looked at by itself.",
        "Laming 2003 (Victoria Climbié inquiry); Haringey serious case reviews on Peter Connelly",
    ),
    (
        "sexualised_behaviour", True, "Sexualised behaviour",
        "Does this child behave or speak in a sexual way that does not fit their age?",
        "Sexual behaviour, drawings, words or knowledge beyond what is usual at the child’s age and development, or "
        "sexual behaviour towards others that is forced, secret or repeated.",
        "It can be a sign of sexual abuse, and national clinical guidance says so. It has other causes too, and is "
        "not proof. A child who harms others sexually may have been harmed.",
        "NICE guidelines CG89 (2009) and NG55, Harmful sexual behaviour (2016)",
    ),
    (
        "child_has_told", True, "The child has said or shown that they are being harmed",
        "Has this child said, or shown in another way, that somebody harms or frightens them?",
        "Anything the child has said, written, drawn or signed to anybody, also where it was taken back later. Fear "
        "of going home or of one person counts. Write the child’s own words.",
        "Reviews found that children were not asked, not heard, or not believed, and that adults spoke for them. "
        "Taking back what was said is common, and does not show that it was untrue.",
        "Ofsted 2011, The voice of the child: learning lessons from serious case reviews; College of Policing APP",
    ),
    (
        "kept_from_being_seen", True, "Kept from being seen, or access refused",
        "Is anybody keeping professionals from seeing this child, or from speaking with them alone?",
        "Visits are cancelled or refused, the child is “asleep” or “out”, somebody stays in the room and answers, or "
        "the family moves or changes doctor or school when questions are asked. So does cooperation for show "
        "(“disguised compliance”): much is agreed, and nothing changes.",
        "Reviews of serious cases name it again and again: parents prevented professionals from seeing and listening "
        "to the child. Peter Connelly’s injuries were hidden on visits.",
        "Ofsted 2011, The voice of the child; Laming 2003; Reder, Duncan and Gray 1993, Beyond Blame",
    ),
    (
        "missing", True, "Goes missing",
        "Has this child gone missing, from home, care or school?",
        "Reported missing to the police or known to have been away without leave, even for hours; or absent from "
        "school in a way that nobody can explain.",
        "A child who goes missing may be running from harm or towards it. Statutory guidance treats going missing as "
        "a possible sign of abuse, neglect or exploitation.",
        "Statutory guidance on children who run away or go missing (2014); College of Policing APP, Missing persons",
    ),
    (
        "exploited", True, "Signs of exploitation",
        "Are there signs that somebody is exploiting this child, sexually or for crime?",
        "Older or unknown associates, gifts or money that cannot be explained, grooming online, images, carrying "
        "drugs, weapons or money for others, debts, or being moved about the country.",
        "Inquiries found that exploited children were seen as making choices or as offenders, and were not protected. "
        "A child cannot consent to being abused or exploited.",
        "Working Together to Safeguard Children; Jay 2014 (Rotherham inquiry)",
    ),
    (
        "harmful_practice", True, "Honour, forced marriage, genital mutilation, or belief in spirits",
        "Is this child at risk of honour-based abuse, forced marriage, genital mutilation or abuse linked to belief?",
        "Threats in the name of honour, plans to take the child abroad to marry or be cut, female relatives who were "
        "cut, or a child who is called a witch or possessed.",
        "Each is harm in itself, the first signs may be the last chance to act, and relatives or the community may be "
        "part of it: take care whom you speak with. Victoria Climbié was said to be possessed.",
        "Female Genital Mutilation Act 2003; Forced Marriage (Civil Protection) Act 2007; Laming 2003",
    ),
    (
        "disability", False, "Disability",
        "Has this child a disability, or a need that makes it harder to tell or to get away?",
        "A physical, sensory, learning or communication difficulty, or a long illness, whether or not anybody has "
        "diagnosed it. Say how the child communicates.",
        "Research has found that disabled children are more likely to be abused than others, and less likely to be "
        "heard. Signs of abuse are put down to the disability. It is no risk by itself.",
        "Safeguarding disabled children: practice guidance (DCSF 2009)",
    ),
    (
        "private_fostering", False, "Private fostering",
        "Is this child cared for, for 28 days or more, by somebody who is no parent or close relative?",
        "A child under 16 (under 18 where disabled) who lives, for 28 days or more or so intended, with somebody who "
        "is no parent, has no parental responsibility and is no close relative. A great-aunt or a cousin is no close "
        "relative in this law. The local authority must be told.",
        "Many such arrangements are sound. But many are never notified, and then nobody checks them. Victoria Climbié "
        "lived with a great-aunt whom no authority had assessed as her carer.",
        "Children Act 1989, s66 (private fostering); Laming 2003",
    ),
    (
        "home_education", False, "Educated at home",
        "Is this child educated at home, or on no school’s roll?",
        "The parents educate the child themselves, or the child is on no school’s roll for another reason. Say since "
        "when, and whether the child was taken out of school after questions were asked.",
        "Home education is lawful, and by itself no sign of harm. But fewer adults see the child. Khyra Ishaq was "
        "taken out of school some months before she died.",
        "Education Act 1996, s7; Birmingham serious case review on Khyra Ishaq (2010)",
    ),
]  # fmt: skip
SUSPECT = [
    (
        "violent_or_sexual_history", True, "Violent or sexual offending",
        "Has this person a history of violent or sexual offending?",
        "A conviction, caution or charge for violence or a sexual offence against anybody, at any age, here or "
        "abroad; a duty to notify the police as a sexual offender; or management under MAPPA.",
        "Earlier violence or sexual offending is an important guide to what somebody may do again. Reviews found that "
        "a partner’s history was known to one agency and not to those who visited the child.",
        "Sexual Offences Act 2003, part 2; Criminal Justice Act 2003, s325 (MAPPA); College of Policing APP",
    ),
    (
        "earlier_allegations", True, "Earlier allegations of harming a child",
        "Has anybody alleged before that this person harmed a child?",
        "Any allegation, in any place, whether or not anybody was charged, also where the child took it back. Search "
        "all of London and other forces, and other names.",
        "The Bichard inquiry found that several earlier allegations against one man had each been looked at alone, "
        "and that what was known was not shared between forces.",
        "Bichard 2004 (Soham inquiry); Laming 2003",
    ),
    (
        "connected_to_plans", True, "Connected to other children on plans",
        "Is this person connected to other children who are or were subject to plans?",
        "Lives with, visits, looks after or is related to another child who is or was subject to a child protection "
        "plan or in care proceedings, anywhere.",
        "Somebody who moves between families takes the risk along. What is known of one family is not found from the "
        "other unless somebody looks for it.",
        "London practice, as public documents show it; Working Together to Safeguard Children",
    ),
    (
        "domestic_abuse", True, "Domestic abuse",
        "Has this person used violence, threats or control towards a partner or relative?",
        "Violence, threats, or controlling behaviour towards a partner, former partner or relative, reported or not, "
        "with or without children present.",
        "Harm in law includes what a child suffers from seeing or hearing somebody else being ill-treated. Studies of "
        "serious case reviews find domestic abuse in a large share of the families.",
        "Children Act 1989, s31 as amended in 2002; Domestic Abuse Act 2021, s3; Brandon and others 2009",
    ),
    (
        "breach", True, "Breach of bail or of an order",
        "Has this person broken bail conditions or a court order?",
        "Any breach, now or earlier, of bail, a non-molestation or occupation order, a restraining or sexual harm "
        "order, or a written agreement with Social Services about the child.",
        "A condition manages a risk only for as long as it is kept. Somebody who has broken one is likely to break "
        "the next: do not count a new condition as a control measure without a check.",
        "Bail Act 1976; Family Law Act 1996, part IV; College of Policing APP, Domestic abuse",
    ),
]  # fmt: skip
HOUSEHOLD = [
    (
        "new_partner", True, "A new partner or an adult nobody has checked",
        "Does an adult live in this household, or stay there, whom no agency has checked?",
        "A new partner, lodger, relative or frequent visitor of whom police or Social Services do not know who they "
        "are, or who was not said to be there. Ask who has a key, and who slept there last night.",
        "Reviews found men in the home whom nobody had asked about. In the cases of Peter Connelly and Star Hobson a "
        "parent’s partner was convicted over the child’s death.",
        "Haringey serious case reviews on Peter Connelly; Child Safeguarding Practice Review Panel 2021 and 2022",
    ),
    (
        "substance_misuse", True, "Substance misuse",
        "Does anybody who cares for children in this household misuse drugs, alcohol or medicines?",
        "Drinking or drug use, of whatever kind, that affects how somebody looks after a child: supervision, money, "
        "sleep, who comes to the home, where drugs and needles lie.",
        "A national study found that parents’ drug use can harm children at every age, and that they often go "
        "unnoticed. Studies of serious case reviews find it often together with violence and mental ill-health.",
        "Advisory Council on the Misuse of Drugs 2003, Hidden Harm; Brandon and others 2009",
    ),
    (
        "co_sleeping", True, "Sleeping in one bed or on a sofa with an infant",
        "Does an adult in this household sleep in one bed or on a sofa with an infant?",
        "A child under one shares a bed, sofa or chair with a sleeping adult, above all where the adult smokes, has "
        "drunk or taken drugs or medicines that make drowsy, or the baby was born early or small.",
        "Sharing a sofa, or a bed after drink or drugs, raises the risk of sudden death. A national review found this "
        "often among the deaths of infants who were already thought to be at risk.",
        "Child Safeguarding Practice Review Panel 2020, Out of routine (sudden death in infancy)",
    ),
    (
        "neglect", True, "Neglect or a chaotic way of life",
        "Are the children in this household neglected, or is its way of life chaotic?",
        "Lasting failure to feed, clothe, clean, warm, supervise or take children to the doctor or to school; or many "
        "moves, visitors and carers, with nobody clearly in charge. Say what you saw, room by room.",
        "Neglect seldom shows in one event: it is missed where each report is judged alone. A study of serious case "
        "reviews found neglect in the background of many deaths and injuries with another cause.",
        "Working Together to Safeguard Children; Brandon and others 2013, Neglect and serious case reviews",
    ),
    (
        "mental_ill_health", True, "Mental ill-health",
        "Has anybody who cares for children in this household a mental illness that affects their care?",
        "An illness, diagnosed or not, above all with thoughts of killing oneself, beliefs that include the child, "
        "self-harm, treatment that was stopped, or depression after a birth.",
        "Most parents with a mental illness never harm a child. But it has been found in many reviews of children’s "
        "deaths, and staff who treat adults may not ask about the children.",
        "Falkov 1996, Fatal child abuse and parental psychiatric disorder; SCIE guide 30 (2009)",
    ),
    (
        "poor_accommodation", True, "Poor accommodation",
        "Is this home unsafe, overcrowded, or only for the time being?",
        "Dangers in the home, no heating, water or safe place to sleep, overcrowding, frequent moves, temporary or "
        "shared housing, or about to be evicted. Look at where each child sleeps.",
        "Housing is one of the things that a statutory assessment looks at. Families in temporary homes move away "
        "from those who know them, and reviews found that word of them did not follow.",
        "Framework for the Assessment of Children in Need and their Families (2000); Laming 2003",
    ),
]  # fmt: skip
PARTS = [("victim", VICTIM), ("suspect", SUSPECT), ("household", HOUSEHOLD)]


def enter(apps, schema_editor):
    """Drafted first: the database refuses factors of a version that is published."""
    version = apps.get_model("cram", "Version").objects.create(
        number=NUMBER, about=ABOUT, reason="The first matrix.", drafted_at=PUBLISHED_AT
    )
    rows = [(category, *factor) for category, factors in PARTS for factor in factors]
    names = ("category", "code", "definite", "name", "question", "definition", "evidence", "source")
    factor = apps.get_model("cram", "Factor")
    factor.objects.bulk_create(
        factor(version=version, place=place * 10, **dict(zip(names, row, strict=True)))
        for place, row in enumerate(rows, start=1)
    )
    version.state, version.from_on, version.published_at = "published", FROM_ON, PUBLISHED_AT
    version.save()


# The tables' owner alone can step around what keeps a published version. Once a record was assessed on it, or another
# version rests on it, it stays nevertheless: foreign keys hold it.
TABLES = ("cram_factor", "cram_version")


def take_out(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER published_stays")
    apps.get_model("cram", "Factor").objects.filter(version__number=NUMBER).delete()
    apps.get_model("cram", "Version").objects.filter(number=NUMBER).delete()
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER published_stays")


class Migration(migrations.Migration):
    """The first version of the matrix, from public sources."""

    dependencies = [("cram", "0001_the_matrix_and_assessments")]

    operations = [migrations.RunPython(enter, take_out)]
