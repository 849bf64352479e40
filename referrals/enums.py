"""How a referral reached the team, from whom, about what; and how far the desk has come with it."""

from django.db.models import TextChoices


class Method(TextChoices):
    EMAIL = "email", "Email"
    TELEPHONE = "telephone", "Telephone"
    IN_PERSON = "in_person", "In person"
    POLICE_SYSTEM = "police_system", "Police system, such as MERLIN"
    LETTER = "letter", "Letter or form"
    # Of a referral of an old log alone; never offered.
    NOT_SAID = "not_said", "Not said in the old log"

    @property
    def words(self) -> str:
        """As it stands after "received": "by telephone"."""
        if self == Method.IN_PERSON:
            return "in person"
        if self == Method.NOT_SAID:
            return "before CAIT; the old log does not say how"
        return f"by {self.label[:1].lower()}{self.label[1:]}"


# How what is logged in CAIT can have reached the team.
METHODS = [(value, label) for value, label in Method.choices if value != Method.NOT_SAID]


class Source(TextChoices):
    SOCIAL_SERVICES = "social_services", "Social Services"
    HEALTH = "health", "Health"
    SCHOOL = "school", "School or nursery"
    POLICE = "police", "Another police unit"
    PROBATION = "probation", "Probation"
    FAMILY = "family", "Family member"
    CHILD = "child", "The child"
    PUBLIC = "public", "Member of the public"
    VOLUNTARY = "voluntary", "Voluntary organisation"
    OTHER = "other", "Other"


class Category(TextChoices):
    """Kind of harm, as in a child protection plan (Working Together); more than one may apply."""

    PHYSICAL = "physical", "Physical"
    EMOTIONAL = "emotional", "Emotional"
    SEXUAL = "sexual", "Sexual"
    NEGLECT = "neglect", "Neglect"
    UNCLEAR = "unclear", "Not clear yet"


class Progress(TextChoices):
    LOGGED = "logged", "To triage"
    TRIAGED = "triaged", "To decide"
    DECIDED = "decided", "Decided"


class DecisionKind(TextChoices):
    """What is done about a referral (handbook, "The life of a referral")."""

    JOINT = "joint", "Joint section 47 enquiry"
    POLICE = "police", "Police single agency"
    SOCIAL_SERVICES = "social_services", "Social Services only"
    PASSED_ON = "passed_on", "Passed to another unit or team"
    INFORMATION = "information", "Information only"


# What the police investigate, so that somebody must be given it.
INVESTIGATED = (DecisionKind.JOINT, DecisionKind.POLICE)


class Agency(TextChoices):
    """Who takes part in a strategy discussion."""

    POLICE = "police", "Police"
    SOCIAL_SERVICES = "social_services", "Social Services"
    HEALTH = "health", "Health"
    SCHOOL = "school", "School or nursery"
    OTHER = "other", "Others"


class Held(TextChoices):
    """How a strategy discussion was held: a discussion over the telephone is not a later meeting."""

    TELEPHONE = "telephone", "Telephone discussion"
    MEETING = "meeting", "Meeting"


class Enquiry(TextChoices):
    """Whose section 47 enquiry a strategy discussion began: a social worker's never stands for the police's own
    (HMIC 2010, AFI 17)."""

    JOINT = "joint", "Police and Social Services together"
    POLICE = "police", "Police alone"
    SOCIAL_SERVICES = "social_services", "Social Services alone"
    NONE = "none", "No section 47 enquiry"


class Came(TextChoices):
    """What brought an update from Social Services about; counted for each partner (HMIC 2010, AFI 19)."""

    UNASKED = "unasked", "Unasked"
    ON_REQUEST = "on_request", "On request"
    CHASED = "chased", "After a chase"
    # Of an old log alone, which has its date and nothing else.
    NOT_SAID = "not_said", "Before CAIT"


class Judgement(TextChoices):
    """Whether circumstances have changed, so that the police are needed after all (HMIC 2010, AFI 2)."""

    UNCHANGED = "unchanged", "No: circumstances have not changed"
    CHANGED = "changed", "Yes: it must be decided again"
    NO_ANSWER = "no_answer", "It does not answer what we asked: go on chasing"
