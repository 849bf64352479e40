"""What is known of a person, in the words of the desk."""

from django.db.models import TextChoices


class BirthKnown(TextChoices):
    """How well it is known when somebody was born."""

    EXACT = "exact", "date of birth"
    APPROXIMATE = "approximate", "only about when"
    UNBORN = "unborn", "not yet born"
    UNKNOWN = "unknown", "not known"


class Sex(TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    UNKNOWN = "", "Not known"


class Relation(TextChoices):
    """What one person is to another, read "Shelley Brannock is the mother of Ellis"."""

    MOTHER = "mother", "Mother"
    FATHER = "father", "Father"
    STEP_PARENT = "step_parent", "Step-parent"
    PARTNER = "parents_partner", "Parent’s partner"
    SIBLING = "sibling", "Brother or sister"
    HALF_SIBLING = "half_sibling", "Half-brother or half-sister"
    GRANDPARENT = "grandparent", "Grandparent"
    RELATIVE = "relative", "Other relative"
    FOSTER_CARER = "foster_carer", "Foster carer"
    CARER = "carer", "Other carer"
    PROFESSIONAL = "professional", "Works with the child"
    OTHER = "other", "Somebody else"
    UNKNOWN = "unknown", "Not known"

    @property
    def words(self) -> str:
        """As it stands before "of": "mother", "brother or sister"."""
        return self.label[:1].lower() + self.label[1:]
