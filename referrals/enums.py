"""How a referral reached the team, from whom, about what; and how far the desk has come with it."""

from django.db.models import TextChoices


class Method(TextChoices):
    EMAIL = "email", "Email"
    TELEPHONE = "telephone", "Telephone"
    IN_PERSON = "in_person", "In person"
    POLICE_SYSTEM = "police_system", "Police system, such as MERLIN"
    LETTER = "letter", "Letter or form"

    @property
    def words(self) -> str:
        """As it stands after "received": "by telephone"."""
        if self == Method.IN_PERSON:
            return "in person"
        return f"by {self.label[:1].lower()}{self.label[1:]}"


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
    TRIAGED = "triaged", "Triaged"
